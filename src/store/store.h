/* The face of SQL: one store, in a SQLite file (data directory) or on PostgreSQL. Statements live
 * in the rooms' .sql files; tools/sqlgen turns each into a typed function `sql_<statement>()` that
 * takes the `struct db` of a read or a write. Nothing else runs SQL. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/date.h"
#include "base/error.h"
#include "base/id.h"
#include "base/str.h"

struct store;
struct db; /* a connection inside one transaction; belongs to the calling thread for the call */

/* A statement that took long. Values of parameters are never told: they are people's data. */
struct store_slow {
    const char *statement; /* its name in the rooms' .sql */
    const char *request;   /* store_request.id of who asked; NULL: nobody */
    int64_t ms;
    bool failed; /* it was stopped, or failed by itself */
};
/* Called from any thread, several at once. */
typedef void store_slow_watch(const struct store_slow *slow, void *arg);

struct store_options {
    /* "sqlite:PATH/tanshu.db", "sqlite::memory:" (tests), "postgres:CONNINFO", "postgres://…" */
    const char *where;
    bool create;     /* make what is empty a store */
    bool migrate;    /* bring an older schema up to date; otherwise STORE_OLDER */
    bool older;      /* open an older SQLite file as it is: for store_backup and nothing else */
    int readers_max; /* 0: default of 8 */
    int64_t slow_ms; /* statements that take as long are told to `slow`; 0: none */
    store_slow_watch *slow;
    void *slow_arg;
};
/* Errors STORE_MISSING, STORE_FOREIGN, STORE_NEWER, STORE_OLDER, STORE_CHANGED (a step's digest
 * is not the program's), STORE_CORRUPT, STORE_IO, STORE_CONNECT, STORE_WHERE. With `create`, a
 * store that exists is opened.
 *
 * On PostgreSQL the work is done in the role <database>_writer, which may not update or delete rows
 * of append-only tables; create and migrate make it and give it its rights, as the owner of the
 * tables. Errors: STORE_ROLE, STORE_ROLE_MAKE. */
struct store *store_open(const struct store_options *options, struct error *err) NODISCARD;
void store_close(struct store *store);

/* Runs `work` in a read transaction (one snapshot); a statement that changes rows is refused. */
typedef bool store_work(struct db *db, void *arg, struct error *err);
bool store_read(struct store *store, store_work *work, void *arg, struct error *err) NODISCARD;

/* The one door for writes. `work` runs on the writer's connection inside a savepoint of its own;
 * false rolls it back, and so does a statement that failed, whatever `work` returns. Returns after
 * the commit is durable. Works queued by several threads share one fsync.
 *
 * `work` may run on the writer's thread while the caller waits, so it may use what the caller owns
 * (his arena too). It must not call store_read or store_write (STORE_NESTED). On PostgreSQL it runs
 * again when others were in the way: it sets its results from the start each time, and does nothing
 * outside the store.
 *
 * Errors of a refused write: STORE_DUPLICATE, STORE_CONSTRAINT; of the machine: STORE_FULL,
 * STORE_IO, STORE_BUSY (another program writes for 15 s), STORE_CORRUPT, STORE_CONNECT. */
bool store_write(struct store *store, store_work *work, void *arg, struct error *err) NODISCARD;

/* For whom the reads and writes of this thread are done from now on, until it is called again; NULL
 * (as at first): for nobody in particular. After timeout_ms in the works of one request (0: no
 * limit) they end with STORE_TIMEOUT, in the middle of a statement if need be, and so does waiting
 * for a connection or for the writer. `id` must live as long. */
struct store_request {
    const char *id;
    int64_t timeout_ms;
};
void store_set_request(const struct store_request *request);

/* How many works have changed rows of an organisation, and with org_id 0 rows of nobody or of the
 * shared tables (names of organisations and people). What was derived from rows of one organisation
 * and of shared tables, in the same read, still holds while both numbers are the same: whoever
 * wrote meanwhile, in this program or another. Sessions, audit and log are not counted (`--
 * uncounted` in the schema). In a read only. */
bool store_changes(struct db *db, id64 org_id, int64_t *changes, struct error *err) NODISCARD;
/* The same of everything that is counted: grows with every work that changes any of it. */
bool store_all_changes(struct db *db, int64_t *changes, struct error *err) NODISCARD;

/* The arena of the running read or write: what generated functions allocate in when given NULL. */
struct arena *db_arena(struct db *db);
/* A place for one pointer for as long as the read or write runs, NULL at its start: the data that
 * the account room holds (account_hold_data). */
void **db_held(struct db *db);

/* A consistent copy while others write, as a SQLite file (SQLite's backup; of PostgreSQL, its rows
 * as of one moment); `path` must not exist. */
bool store_backup(struct store *store, const char *path, struct error *err) NODISCARD;
/* Integrity, foreign keys, schema checksum, on PostgreSQL rights; each problem is one line in
 * *report. */
bool store_check(struct store *store, struct arena *arena, char **report,
                 struct error *err) NODISCARD;

/* All rows of one moment of a store into an empty one, between the two databases in either
 * direction; then both are read again and compared by the number and digest of their rows. What is
 * written is kept at every pause: a copy that was stopped goes on when it is called again, and a
 * store is refused by store_open (STORE_UNFINISHED) until it is whole. `from` and `to` as in
 * store_options.where. `watch` may be NULL; when it returns false the copy stops.
 * Errors: those of store_open; STORE_COPY_TARGET, STORE_COPY_STOPPED, STORE_COPY_DIFFERS. */
struct store_copying {
    const char *table;
    size_t table_place, table_count; /* from 1 */
    int64_t rows;                    /* of this table, so far */
    bool comparing;                  /* the second half */
};
typedef bool store_watch(const struct store_copying *copying, void *arg);
struct store_copied {
    size_t tables;
    int64_t rows;
    char digest[65]; /* of all rows, whatever their order: equal on both sides */
};
bool store_copy(const char *from, const char *to, store_watch *watch, void *arg,
                struct store_copied *copied, struct error *err) NODISCARD;

/* The number of the newest migration that the program knows. */
int store_schema_version(void);

/* Takes the steps that the store lacks, each in a transaction of its own in which other migrators
 * wait, so that a stopped migration goes on when it is called again; then, on PostgreSQL, gives the
 * everyday role its rights. `where` names a connection that owns the tables. With `dry` nothing is
 * changed: every statement is only told, of an empty PostgreSQL database all that make a store.
 * `watch` is called before each statement, and with NULL for `statement` after a step's commit.
 * Errors: those of store_open; STORE_BUSY when others keep a table for 15 s. */
struct store_migrating {
    enum { STORE_ON_SQLITE, STORE_ON_POSTGRES } kind;
    const char *place;         /* the file; on PostgreSQL the database's name */
    int64_t step, step_newest; /* step 0: the rights of the everyday role */
    const char *name;          /* of the step: "0002-what-it-does" */
    const char *statement;
    size_t at, count; /* the statement's place in its step, from 1 */
};
typedef void store_migrate_watch(const struct store_migrating *at, void *arg);
struct store_migrated {
    int64_t from, to;
};
bool store_migrate(const char *where, bool dry, store_migrate_watch *watch, void *arg,
                   struct store_migrated *migrated, struct error *err) NODISCARD;

#endif
