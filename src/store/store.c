/* Opens a store, hands out connections, and keeps the doors: store_read, store_write.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "store/driver.h"

#define READERS_DEFAULT 8
/* Tries of a write that others were in the way of (PostgreSQL's serialization failures). */
#define TRIES_MAX 24

struct store {
    const struct driver *driver;
    const struct schema_history *history;
    char *place;
    bool memory;         /* one connection does everything */
    struct queue *queue; /* SQLite's writer; NULL on PostgreSQL */
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    struct db *free;
    int open, open_max;
    int64_t slow_ms;
    store_slow_watch *slow;
    void *slow_arg;
};

static _Thread_local bool inside; /* a work of this thread is running */

const char *store_place(const struct store *store)
{
    return store->driver == &sqlite_driver ? store->place : "PostgreSQL";
}

const char *const *store_append_only(const struct store *store)
{
    return store->history->append_only;
}

const struct schema_history *store_history_of(const struct store *store)
{
    return store->history;
}

struct db *store_connect(const struct store *store, struct error *err)
{
    return store->driver->open(store, store->place, DB_WRITER, err);
}

int store_schema_version(void)
{
    return store_history.migrations[store_history.count - 1].version;
}

/* --- connections --- */

static struct db *take_db(struct store *store, const struct asker *asker, struct error *err)
{
    bool in_time = true;
    pthread_mutex_lock(&store->mutex);
    while (in_time && store->free == NULL && store->open >= store->open_max)
        in_time = condition_wait(&store->freed, &store->mutex, asker->deadline_ms);
    struct db *db = store->free;
    if (db != NULL)
        store->free = db->next;
    else if (in_time)
        store->open++;
    pthread_mutex_unlock(&store->mutex);
    if (db != NULL) return db;
    if (!in_time) {
        db_timed_out(&(struct db){.allowed_ms = asker->allowed_ms}, "connect", err);
        return NULL;
    }
    db = store->driver->open(store, store->place, DB_READER, err);
    if (db != NULL) return db;
    pthread_mutex_lock(&store->mutex);
    store->open--;
    pthread_cond_signal(&store->freed);
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}

static void give_db(struct store *store, struct db *db, bool broken)
{
    if (broken) store->driver->close(db);
    pthread_mutex_lock(&store->mutex);
    if (broken) {
        store->open--;
    } else {
        db->next = store->free;
        store->free = db;
    }
    pthread_cond_signal(&store->freed);
    pthread_mutex_unlock(&store->mutex);
}

/* --- open and close --- */

/* SQLite would make the file readable by everybody. */
static bool make_file(const char *path, bool create, struct error *err)
{
    SCOPED(file_close_scoped) int fd = -1;
    if (file_exists(path)) return true;
    if (!create) return error_set(err, ERROR_STORE_MISSING, "s", path);
    fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    return fd >= 0 || error_set(err, ERROR_STORE_IO, "ss", path, error_reason(errno));
}

void store_close(struct store *store)
{
    if (store == NULL) return;
    struct db *next;
    for (struct db *db = store->free; db != NULL; db = next) {
        next = db->next;
        store->driver->close(db);
    }
    if (store->queue != NULL) store->driver->close(queue_close(store->queue));
    pthread_cond_destroy(&store->freed);
    pthread_mutex_destroy(&store->mutex);
    free(store->place);
    free(store);
}

/* The store without a connection. */
static struct store *make_store(const struct store_options *options,
                                const struct schema_history *history, struct error *err)
{
    str rest = str_from(options->where), kind;
    const struct driver *driver = NULL;
    if (str_cut(&rest, ':', &kind) && str_is(kind, "sqlite")) driver = &sqlite_driver;
    if (str_is(kind, "postgres")) driver = &postgres_driver;
    if (driver == NULL || rest.len == 0) {
        error_set(err, ERROR_STORE_WHERE, "s", options->where);
        return NULL;
    }
    struct store *store = calloc(1, sizeof *store);
    CHECK(store != NULL);
    store->driver = driver;
    store->history = history;
    bool uri = driver == &postgres_driver && str_starts(rest, "//"); /* postgres://… goes whole */
    store->place = strdup(uri ? options->where : rest.ptr);
    CHECK(store->place != NULL);
    store->slow_ms = options->slow == NULL ? 0 : options->slow_ms;
    store->slow = options->slow;
    store->slow_arg = options->slow_arg;
    store->open_max = options->readers_max > 0 ? options->readers_max : READERS_DEFAULT;
    store->memory = driver == &sqlite_driver && strcmp(store->place, ":memory:") == 0;
    pthread_mutex_init(&store->mutex, NULL);
    condition_init(&store->freed);
    if (driver != &sqlite_driver || store->memory || make_file(store->place, options->create, err))
        return store;
    store_close(store);
    return NULL;
}

static struct store *open_store(const struct store_options *options,
                                const struct schema_history *history, bool unfinished,
                                struct error *err)
{
    struct store *store = make_store(options, history, err);
    if (store == NULL) return NULL;
    const struct driver *driver = store->driver;
    struct db *writer = driver->open(store, store->place, DB_MIGRATION, err);
    if (writer != NULL && schema_open(writer, options, unfinished, err) &&
        driver->narrow(writer, err)) {
        if (driver == &sqlite_driver) {
            store->queue = queue_open(writer);
        } else {
            store->open++;
            give_db(store, writer, false);
        }
        return store;
    }
    if (writer != NULL) driver->close(writer);
    store_close(store);
    return NULL;
}

bool store_migrate_history(const char *where, const struct schema_history *history, bool dry,
                           store_migrate_watch *watch, void *arg, struct store_migrated *migrated,
                           struct error *err)
{
    struct store_options options = {.where = where};
    struct store *store = make_store(&options, history, err);
    if (store == NULL) return false;
    struct db *db = store->driver->open(store, store->place, DB_MIGRATION, err);
    bool good = db != NULL && schema_migrate(db, dry, watch, arg, migrated, err);
    if (db != NULL) store->driver->close(db);
    store_close(store);
    return good;
}

bool store_migrate(const char *where, bool dry, store_migrate_watch *watch, void *arg,
                   struct store_migrated *migrated, struct error *err)
{
    return store_migrate_history(where, &store_history, dry, watch, arg, migrated, err);
}

struct store *store_open_history(const struct store_options *options,
                                 const struct schema_history *history, struct error *err)
{
    return open_store(options, history, false, err);
}

struct store *store_open_unfinished(const struct store_options *options,
                                    const struct schema_history *history, struct error *err)
{
    return open_store(options, history, true, err);
}

struct store *store_open(const struct store_options *options, struct error *err)
{
    return store_open_history(options, &store_history, err);
}

/* --- the doors --- */

/* The work in a transaction of its own on a connection of the pool. */
static bool run_pooled(struct store *store, bool read, store_work *work, void *arg, bool *retry,
                       struct error *err)
{
    struct asker asker = request_asker();
    struct db *db = take_db(store, &asker, err);
    if (db == NULL) return false;
    db->failed = db->retry = false;
    db->request = asker.request;
    db->deadline_ms = asker.deadline_ms;
    db->allowed_ms = asker.allowed_ms;
    bool good = db->driver->begin(db, read ? DB_READER : DB_WRITER, err);
    bool broken = !good;
    if (good) {
        good = db_run_work(db, read, work, arg, err);
        if (good && !read) good = db->driver->commit(db, err);
        if (!good || read) db->driver->rollback(db);
        broken = db->driver->in_transaction(db);
    }
    *retry = db->retry;
    db->request = NULL;
    db->deadline_ms = 0;
    give_db(store, db, broken);
    return good;
}

static void pause_before(int attempt)
{
    /* Grows to 64 ms, and differs between threads by their stack's address. */
    int64_t most = (int64_t)1000000 << (attempt < 6 ? attempt : 6);
    int64_t part = (int64_t)(((uintptr_t)&most >> 4) * 2654435761u % 1000);
    nanosleep(&(struct timespec){0, most / 2 + most / 2 * part / 1000}, NULL);
}

static bool run_nested(const char *door, struct error *err)
{
    return error_set(err, ERROR_STORE_NESTED, "s", door);
}

void store_tell_slow(const struct store *store, const struct store_slow *slow)
{
    if (store->slow_ms > 0 && slow->ms >= store->slow_ms) store->slow(slow, store->slow_arg);
}

struct call {
    store_work *work;
    void *arg;
};

/* On whichever thread the work runs, the doors are closed for it. */
static bool guarded(struct db *db, void *arg, struct error *err)
{
    const struct call *call = arg;
    inside = true;
    bool good = call->work(db, call->arg, err);
    inside = false;
    return good;
}

bool store_read(struct store *store, store_work *work, void *arg, struct error *err)
{
    struct call call = {work, arg};
    bool retry;
    if (inside) return run_nested("store_read", err);
    int64_t began = clock_ms();
    bool good = store->memory ? queue_run(store->queue, true, guarded, &call, err)
                              : run_pooled(store, true, guarded, &call, &retry, err);
    request_spend(clock_ms() - began);
    return good;
}

static bool write_pooled(struct store *store, struct call *call, struct error *err)
{
    for (int attempt = 0;; attempt++) {
        bool retry = false;
        if (run_pooled(store, false, guarded, call, &retry, err)) return true;
        if (!retry || attempt == TRIES_MAX) return false;
        pause_before(attempt);
    }
}

bool store_write(struct store *store, store_work *work, void *arg, struct error *err)
{
    struct call call = {work, arg};
    if (inside) return run_nested("store_write", err);
    int64_t began = clock_ms();
    bool good = store->queue != NULL ? queue_run(store->queue, false, guarded, &call, err)
                                     : write_pooled(store, &call, err);
    request_spend(clock_ms() - began);
    return good;
}

/* --- care --- */

static bool back_up(struct db *db, void *arg, struct error *err)
{
    return sqlite_backup(db, arg, err);
}

/* Rows into a file of another name, which becomes `path` when it is whole. */
static bool back_up_rows(struct store *store, const char *path, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *partial = arena_printf(arena, "%s.partial", path);
    if (file_exists(path)) return error_set(err, ERROR_STORE_EXISTS, "s", path);
    struct store_options options = {.where = arena_printf(arena, "sqlite:%s", partial),
                                    .create = true};
    unlink(partial); /* of a backup that was stopped */
    struct store *file = store_open_unfinished(&options, store->history, err);
    if (file == NULL) return false;
    struct store_copied copied;
    bool good = store_copy_between(store, file, NULL, NULL, &copied, err);
    store_close(file); /* the last connection puts the journal into the file */
    if (good && rename(partial, path) != 0)
        good = error_set(err, ERROR_STORE_IO, "ss", path, strerror(errno));
    if (!good) unlink(partial);
    return good;
}

bool store_backup(struct store *store, const char *path, struct error *err)
{
    if (inside) return run_nested("store_backup", err);
    if (store->driver != &sqlite_driver) return back_up_rows(store, path, err);
    if (store->memory) return queue_run_alone(store->queue, back_up, (void *)(uintptr_t)path, err);
    struct db *db = take_db(store, &(struct asker){0}, err);
    if (db == NULL) return false;
    bool good = sqlite_backup(db, path, err);
    give_db(store, db, false);
    return good;
}

static bool check_sqlite(struct db *db, void *arg, struct error *err)
{
    return sqlite_check(db, db->store->history, arg, err);
}

bool store_check(struct store *store, struct arena *arena, char **report, struct error *err)
{
    struct buf *lines = buf_new(arena);
    if (inside) return run_nested("store_check", err);
    if (!store_read(store, schema_report, lines, err)) return false;
    if (store->memory && !queue_run_alone(store->queue, check_sqlite, lines, err)) return false;
    if (!store->memory && store->driver == &sqlite_driver) {
        struct db *db = take_db(store, &(struct asker){0}, err);
        if (db == NULL) return false;
        bool good = sqlite_check(db, store->history, lines, err);
        give_db(store, db, false);
        if (!good) return false;
    }
    *report = str_dup(arena, buf_str(lines));
    return true;
}
