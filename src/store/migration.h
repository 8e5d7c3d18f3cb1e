/* The steps that bring a store's schema up to date, made by tools/sqlgen. Inside store/ and its
 * tests. */
#ifndef STORE_MIGRATION_H
#define STORE_MIGRATION_H

#include "store/sql.h"

struct migration {
    int version;                           /* from 1, without gaps */
    const char *digest;                    /* SHA-256 of the texts, in hexadecimal */
    const char *const *text[SQL_DIALECTS]; /* statements, ended by NULL */
    const char *name;                      /* of its file: "0002-what-it-does" */
};

/* A table as the newest step leaves it, and what copies it row by row in the order of its key. */
struct schema_table {
    const char *name;
    size_t columns_count;
    const size_t *key; /* places of the primary key's columns */
    size_t key_count;
    struct sql_statement first, next; /* rows from the start, or after a key; `limit` comes last */
    struct sql_statement last;        /* the row of the highest key */
    struct sql_statement insert;      /* every column in order */
};

struct schema_history {
    const struct migration *migrations;
    size_t count;
    const char *const *append_only;           /* tables, ended by NULL */
    const struct schema_table *const *tables; /* all, in the order of making, ended by NULL */
};

/* What the program knows. Tests open stores with histories of their own. */
extern const struct schema_history store_history;
struct store *store_open_history(const struct store_options *options,
                                 const struct schema_history *history, struct error *err) NODISCARD;
bool store_migrate_history(const char *where, const struct schema_history *history, bool dry,
                           store_migrate_watch *watch, void *arg, struct store_migrated *migrated,
                           struct error *err) NODISCARD;

/* Asks the database whether it understands the statement. For tests. */
bool sql_prepare(struct db *db, const struct sql_statement *statement, struct error *err) NODISCARD;

/* All rooms' statements, ended by NULL; only in programs that link sqlgen's index. */
extern const struct sql_room *const sql_rooms[];

#endif
