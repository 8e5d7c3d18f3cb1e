/* What sqlite.c shares with backup and check. Inside store/ only. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "store/driver.h"

/* The bare connection, without the authorizer until the next transaction. */
sqlite3 *sqlite_handle(struct db *db);
/* Records what SQLite's result code means to a person; false always. `handle` may be NULL. */
bool sqlite_failed(sqlite3 *handle, int code, const char *what, const char *place,
                   struct error *err);

#endif
