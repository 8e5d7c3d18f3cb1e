/* What the files of this room share; no other room includes it. */
#ifndef ACCOUNT_INTERNAL_H
#define ACCOUNT_INTERNAL_H

#include "account/account.h"
#include "base/map.h"
#include "base/num.h"

#define ACCOUNT_ROWS_MAX 200000
#define ACCOUNT_BYTES_MAX ((size_t)64 << 20)
#define ACCOUNT_PIECE_BYTES ((size_t)1 << 20)
#define ACCOUNT_TEXT_BYTES_MAX 512

#define ACCOUNT_ROLES_ENTERPRISE \
    (1U << REGISTRY_ENTERPRISE_MANAGER | 1U << REGISTRY_ENTERPRISE_APPROVER)

/* Whether a value in the unit is money, which needs the scope finance to be read. */
bool account_is_money(const char *unit);
static inline const char *account_text(const char *text)
{
    return text == NULL ? "" : text;
}
static inline str account_str(const char *text)
{
    return str_from(account_text(text));
}
static inline str account_digest_str(const digest *d)
{
    return (str){(const char *)d->bytes, DIGEST_BYTES};
}
digest account_digest_from(str bytes);
/* The known_seq of what is accepted now. */
bool account_known_seq(struct db *db, int64_t *known_seq, struct error *err) NODISCARD;
char *account_id_text(struct arena *arena, id64 id);
/* The last day of a year: the day that models of the year must be valid on. */
date account_year_end(int year);

/* All data of a span (and those that hold once) as known, in order of place; superseded ones are
 * marked. No viewer: for use behind a check. */
bool account_load_data(struct db *db, struct arena *arena, id64 org_id, date first, date last,
                       bool with_once, int64_t as_known, struct account_datum **list, size_t *count,
                       struct error *err) NODISCARD;
/* What account_hold_data holds of one organisation; its parts are filled when they are first asked
 * for. */
struct account_held {
    struct arena *arena;
    id64 org_id;
    bool loaded, summed;
    struct account_datum *data; /* all, as known now */
    size_t count;
    struct account_line *lines; /* all that is posted, as known now, without drafts */
    size_t line_count;
    struct account_held_result {
        id64 run_id;
        const struct model_run *result;
    } * results;
    size_t result_count, result_capacity;
};
/* NULL: not held. */
struct account_held *account_held(struct db *db, id64 org_id);
/* A posting or a run's state changed. */
void account_forget_sums(struct db *db, id64 org_id);
/* A run that was computed from the data as they are; the result of a model's run whose arena lives
 * as long as what is held. */
void account_hold_result(struct db *db, id64 org_id, id64 run_id, const struct model_run *result);
const struct model_run *account_held_result(struct db *db, id64 org_id, id64 run_id);
/* Period, input and key as one text, for maps. */
str account_place(struct arena *arena, struct account_period period, const char *input,
                  const char *key);

/* What a run of the model over the period takes: facts period.* and org.*, and data as known. */
bool account_bind(struct db *db, const struct account_rules *rules, const struct model *model,
                  const struct registry_org *org, struct account_period period, int64_t as_known,
                  struct account_bindings *bindings, struct error *err) NODISCARD;
/* The same with the facts of another period (its factors) over the data of this one. */
bool account_bind_as(struct db *db, const struct account_rules *rules, const struct model *model,
                     const struct registry_org *org, struct account_period period,
                     struct account_period facts, int64_t as_known,
                     struct account_bindings *bindings, struct error *err) NODISCARD;
/* Runs a model over what is bound, without keeping anything; `run` (org, period) gets its digests.
 */
bool account_compute(struct arena *arena, const struct account_rules *rules,
                     const struct model *model, const struct account_bindings *bindings,
                     struct account_run *run, struct model_run **result,
                     struct account_posting **postings, size_t *count, struct error *err) NODISCARD;
/* The longest prefix of the class that the model names; "" when it names none; NULL: not for it. */
/* Whether a list of words, "a b c" or NULL, holds the word. */
bool account_names_word(const char *list, const char *word);
const char *account_matched_prefix(const struct model_info *info, const char *industry);
/* False for a model kept for key emitters of the carbon market, and the organisation is none. */
bool account_chosen_for(const struct model *model, const struct registry_org *org);
/* The method that nobody has to ask for. NULL: none applies. */
const struct model *account_unasked_method(const struct account_rules *rules,
                                           const struct registry_org *org, int year,
                                           const char *kind);
/* The facts that need no account: period.* and org.*. */
void account_put_basics(struct account_facts *facts, const struct account_rules *rules,
                        const struct registry_org *org, struct account_period period);
/* The figures of a statement (doc/formats.md, report.json) as facts. */
void account_put_figures(struct account_facts *facts, const struct account_statement *statement,
                         const char *provenance);
const struct model_input *account_find_input(const struct model_info *info, const char *name);

/* Runs of the table by span, or one by its id. */
bool account_load_runs(struct db *db, struct arena *arena, id64 org_id, date first, date last,
                       const char *state, struct account_run **list, size_t *count,
                       struct error *err) NODISCARD;
bool account_load_run(struct db *db, struct arena *arena, id64 org_id, id64 run_id,
                      struct account_run *run, struct error *err) NODISCARD;
bool account_load_postings(struct db *db, struct arena *arena, id64 org_id, id64 run_id,
                           struct account_posting **list, size_t *count,
                           struct error *err) NODISCARD;
bool account_insert_posting(struct db *db, const struct account_posting *posting,
                            struct error *err) NODISCARD;
/* The data and submissions that a run was given, into the explanation. */
bool account_find_origins(struct db *db, struct arena *arena, const struct viewer *viewer,
                          id64 org_id, const struct account_bindings *inputs,
                          struct account_explanation *out, struct error *err) NODISCARD;
/* Takes a draft out of the way, with the reason as its last step. */
bool account_drop_draft(struct db *db, const struct viewer *viewer, id64 org_id, id64 run_id,
                        const char *reason, int64_t known_seq, int64_t now_ms,
                        struct error *err) NODISCARD;
/* The submission one_id, or (0) the newest rows_max. No viewer: for use behind a check. */
bool account_load_submissions(struct db *db, struct arena *arena, id64 org_id, id64 one_id,
                              int64_t rows_max, struct account_submission **list, size_t *count,
                              struct error *err) NODISCARD;
bool account_add_step(struct db *db, const struct viewer *viewer, id64 org_id, id64 run_id,
                      const char *state, const char *reason, int64_t known_seq, int64_t now_ms,
                      struct error *err) NODISCARD;
const char *account_kind_name(enum account_posting_kind kind);
void account_sort_bindings(struct account_bindings *bindings); /* by input and key */
/* Canonical lines after doc/formats.md, without line feed, and their root. */
str account_datum_line(struct arena *arena, const struct account_datum *datum);
str account_run_line(struct arena *arena, const struct account_run *run,
                     const struct account_bindings *inputs, const struct account_table *tables,
                     size_t table_count);
digest account_lines_root(struct arena *arena, const str *lines, size_t count);
/* The content of a submission's leaf: its bytes and its data lines in order of datum. */
digest account_submission_content(struct arena *arena, digest bytes, const str *lines,
                                  size_t count);
/* What a run was given, as kept: inputs in order of input and key, tables in order of path. */
bool account_load_run_inputs(struct db *db, struct arena *arena, id64 org_id, id64 run_id,
                             struct account_bindings *inputs, struct error *err) NODISCARD;
bool account_load_run_tables(struct db *db, struct arena *arena, id64 org_id, id64 run_id,
                             struct account_table **tables, size_t *count,
                             struct error *err) NODISCARD;
/* The postings that a run's outputs make: ids, run and known_seq are the caller's to fill. */
bool account_make_postings(struct arena *arena, const struct model_library *library,
                           const struct model *model, const struct model_run *run,
                           struct account_period period, struct account_posting **list,
                           size_t *count, struct error *err) NODISCARD;

#endif
