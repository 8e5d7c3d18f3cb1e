/* What store.c asks of a database. Two drivers: sqlite.c and postgres.c. Inside store/ only. */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include <pthread.h>

#include "base/buf.h"
#include "store/migration.h"
#include "store/sql.h"

struct driver;

/* A connection. Drivers put theirs behind it. */
struct db {
    const struct driver *driver;
    const struct store *store;
    struct arena *arena;  /* of the running work */
    bool read_only;       /* the running work may not change anything */
    bool failed;          /* a statement of the running work failed */
    bool retry;           /* … because others were in the way; the work may run again */
    struct error failure; /* and how */
    const char *request;  /* for whom the work runs, or NULL */
    int64_t deadline_ms;  /* by clock_ms, when the work is stopped; 0: never */
    int64_t allowed_ms;   /* how long it may take in all, for messages */
    void *held;           /* what a room keeps for the running work; db_held */
    id64 *changed;        /* whose rows the running work changed, in its arena */
    size_t changed_count, changed_capacity;
    struct db *next; /* in the pool */
};

enum db_role { DB_READER, DB_WRITER, DB_MIGRATION };

struct driver {
    enum sql_dialect dialect;
    /* `place` is what stands after the colon of `where`. */
    struct db *(*open)(const struct store *store, const char *place, enum db_role role,
                       struct error *err);
    void (*close)(struct db *db);
    /* A transaction for the role; DB_MIGRATION also keeps other migrations out. */
    bool (*begin)(struct db *db, enum db_role role, struct error *err);
    bool (*commit)(struct db *db, struct error *err);
    void (*rollback)(struct db *db);
    /* False when the database gave up the whole transaction by itself. */
    bool (*in_transaction)(struct db *db);
    /* Only where one writer takes a queue of works (SQLite). */
    bool (*savepoint)(struct db *db, struct error *err);
    bool (*release)(struct db *db, bool keep,
                    struct error *err); /* keep or undo to the savepoint */
    bool (*run_text)(struct db *db, const char *text, struct error *err);
    /* Names the database for a person: the file, or the database's name on its server. */
    const char *(*name)(struct db *db);
    bool (*has_schema)(struct db *db, bool *has, struct error *err);
    /* Statements that make the everyday role and give it its rights; none on SQLite, whose
     * authorizer does the same. */
    bool (*rights)(struct db *db, struct arena *arena, const char ***texts, size_t *count,
                   struct error *err);
    /* Adds a line for each table that only grows and that the everyday role may change all the
     * same; NULL on SQLite. */
    bool (*check_rights)(struct db *db, struct buf *report, struct error *err);
    /* From now on the connection, opened for DB_MIGRATION, works in the everyday role. */
    bool (*narrow)(struct db *db, struct error *err);
    /* Statements: start (which prepares), then step until no row, reading columns; finish always.
     */
    bool (*prepare)(struct db *db, const struct sql_statement *statement, struct error *err);
    bool (*start)(struct db *db, const struct sql_statement *statement,
                  const struct sql_value *values, struct error *err);
    bool (*step)(struct db *db, bool *row, struct error *err);
    /* The value lives until the next column or step. A wrong type is an error. */
    bool (*column)(struct db *db, const struct sql_statement *statement, size_t at,
                   struct sql_value *value, struct error *err);
    int64_t (*finish)(struct db *db); /* rows changed */
    /* Runs the statement for each of `rows` × params_count values, sent together where the database
     * can take them so; for copies. */
    bool (*insert_rows)(struct db *db, const struct sql_statement *statement,
                        const struct sql_value *values, size_t rows, struct error *err);
};

/* A clock that only goes on, in milliseconds. */
int64_t clock_ms(void);
/* Who asks on this thread, and until when; the time of its works is counted by request_spend. */
struct asker {
    const char *request;
    int64_t deadline_ms, allowed_ms;
};
struct asker request_asker(void);
void request_spend(int64_t ms);
/* Waits until signalled or, with a deadline, until then; false: it has passed. The condition was
 * made by condition_init. */
bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline_ms);
void condition_init(pthread_cond_t *condition);
/* False, with STORE_TIMEOUT, when the deadline of the running work has passed. */
bool db_in_time(const struct db *db, const char *what, struct error *err);
bool db_timed_out(const struct db *db, const char *what, struct error *err);
/* Tells a statement that took long to who wants to know. */
void store_tell_slow(const struct store *store, const struct store_slow *slow);

extern const struct driver sqlite_driver, postgres_driver;

/* The file, or the word PostgreSQL (its connection text may hold a password), for messages. */
const char *store_place(const struct store *store);
/* Tables that are never updated or deleted. */
const char *const *store_append_only(const struct store *store);

const struct schema_history *store_history_of(const struct store *store);
/* A connection of its own, not of the pool; the caller closes it. */
struct db *store_connect(const struct store *store, struct error *err);
/* Opens a store although a copy into it was not finished. */
struct store *store_open_unfinished(const struct store_options *options,
                                    const struct schema_history *history,
                                    struct error *err) NODISCARD;
bool store_copy_between(struct store *from, struct store *to, store_watch *watch, void *arg,
                        struct store_copied *copied, struct error *err) NODISCARD;

/* SQLite only; see store_backup and store_check. `source` is a connection in no transaction. */
bool sqlite_backup(struct db *source, const char *path, struct error *err) NODISCARD;
bool sqlite_check(struct db *db, const struct schema_history *history, struct buf *report,
                  struct error *err) NODISCARD;

/* The queue of the one writer. */
struct queue;
struct queue *queue_open(struct db *writer);
/* Ends the thread after what is queued; gives the connection back. */
struct db *queue_close(struct queue *queue);
/* Runs the work on the writer; returns after the commit. A read is undone. A work that is stopped
 * in a statement that writes takes the whole batch back; the others of the batch run again. */
bool queue_run(struct queue *queue, bool read, store_work *work, void *arg,
               struct error *err) NODISCARD;
/* Runs a function between transactions, on the writer's thread. */
bool queue_run_alone(struct queue *queue, store_work *work, void *arg, struct error *err) NODISCARD;

/* --- the schema (migrate.c) --- */

/* Checks the steps that the store took, and takes what is missing where the options say so. */
bool schema_open(struct db *db, const struct store_options *options, bool unfinished,
                 struct error *err) NODISCARD;
bool schema_migrate(struct db *db, bool dry, store_migrate_watch *watch, void *arg,
                    struct store_migrated *migrated, struct error *err) NODISCARD;
/* A work of store_read: adds a line to the struct buf when the steps are not the program's, or the
 * role's rights not those that it should have. */
bool schema_report(struct db *db, void *report, struct error *err) NODISCARD;

/* Runs the work with an arena of its own; a failed statement makes it false. */
bool db_run_work(struct db *db, bool read_only, store_work *work, void *arg,
                 struct error *err) NODISCARD;

#endif
