/* What the public pages and the API share: the state of the log, and the check of a report. */
#ifndef WEB_PUBLIC_PUBLIC_H
#define WEB_PUBLIC_PUBLIC_H

#include "app/app.h"
#include "web/bank/bank.h"
#include "web/web.h"

struct public_log {
    struct arena *arena;
    struct log_checkpoint checkpoint; /* the newest, when found */
    bool found;
    uint64_t ordered; /* entries that have their place, signed or not */
};
/* Work for store_read. */
bool public_read_log(struct db *db, void *log, struct error *err) NODISCARD;

/* The model of {name} and `version` of query or form; without a version the one that is valid
 * today, else the first. NULL with WEB_NO_SUCH_PAGE. */
const struct model *public_find_model(struct web *web, struct error *err);

/* What a model's kind is called: "Emission methods", "Financial products". */
const char *public_kind_word(const struct web *web, const char *kind);

/* Whether a file that a model rests on is a table, not the file of a model that it uses. */
bool public_is_table(const char *path);
/* Different tables that the library's models use. */
size_t public_count_tables(const struct model_library *library);

/* The report of this request, a file of the form or the body, judged by this server's trust root
 * and, when `key` is not empty, by that one too. The file is not kept. Errors: WEB_NO_FILE,
 * TRUST_VKEY, LIMIT. */
bool public_verify(struct web *web, str key, struct trust_verdict *verdict,
                   struct error *err) NODISCARD;
/* "yes", "no", "unknown_signer". */
const char *public_answer_name(enum trust_answer answer);

#endif
