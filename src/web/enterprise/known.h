/* "As known on": a date or a size of the log in ?known=, mapped to the log's size then. */
#ifndef WEB_ENTERPRISE_KNOWN_H
#define WEB_ENTERPRISE_KNOWN_H

#include "web/web.h"

struct store;
struct db;

struct known {
    int64_t seq;       /* ACCOUNT_NOW when nothing was asked */
    const char *text;  /* as asked: "2026-03-01", "12" or "" */
    const char *words; /* a sentence in the reader's language, or "" */
};
bool known_read(struct db *db, struct web *web, struct known *known, struct error *err) NODISCARD;

#endif
