/* The SQLite driver: WAL, every commit synced, one connection per thread at a time. */
#include <sqlite3.h>

#include <stdlib.h>
#include <string.h>

#include "store/driver.h"
#include "store/sqlite.h"

/* How long a writer waits for another program, in milliseconds. */
#define BUSY_MS 15000
/* "TANS" in the file's header tells ours from other SQLite files. */
#define APPLICATION_ID 0x54414e53
#define CACHE_KIB 16384

struct cached {
    const struct sql_statement *statement;
    sqlite3_stmt *prepared;
};

struct sqlite_db {
    struct db base;
    sqlite3 *handle;
    struct cached *cache; /* open addressing, a power of two */
    size_t cached, cache_size;
    sqlite3_stmt *running;
    const char *name; /* of the running statement */
    bool memory;
    bool guarded; /* the authorizer watches; setting it again would drop all prepared statements */
};

static struct sqlite_db *of(struct db *db)
{
    return (struct sqlite_db *)db;
}

bool sqlite_failed(sqlite3 *handle, int code, const char *what, const char *place,
                   struct error *err)
{
    const char *text = handle != NULL ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    int extended = handle != NULL ? sqlite3_extended_errcode(handle) : code;
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, ERROR_STORE_BUSY, "si", place, (int64_t)(BUSY_MS / 1000));
    case SQLITE_FULL: return error_set(err, ERROR_STORE_FULL, "s", place);
    case SQLITE_NOMEM: return error_set(err, ERROR_STORE_MEMORY, "s", what);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return error_set(err, ERROR_STORE_CORRUPT, "ss", place, text);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM: return error_set(err, ERROR_STORE_IO, "ss", place, text);
    case SQLITE_CONSTRAINT:
        if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
            extended == SQLITE_CONSTRAINT_ROWID)
            return error_set(err, ERROR_STORE_DUPLICATE, "ss", what, text);
        return error_set(err, ERROR_STORE_CONSTRAINT, "ss", what, text);
    default: return error_set(err, ERROR_STORE_STATEMENT, "ss", what, text);
    }
}

static bool failed(struct db *db, int code, const char *what, struct error *err)
{
    if ((code & 0xff) == SQLITE_INTERRUPT) return db_timed_out(db, what, err);
    return sqlite_failed(of(db)->handle, code, what, store_place(db->store), err);
}

/* The second wall behind sqlgen: statements keep to rows, and leave append-only tables alone. */
static int authorize(void *arg, int action, const char *first, const char *second,
                     const char *database, const char *trigger)
{
    struct db *db = arg;
    (void)second;
    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
    case SQLITE_INSERT:
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT: return SQLITE_OK;
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
        for (const char *const *table = store_append_only(db->store); *table != NULL; table++)
            if (strcmp(*table, first) == 0) return SQLITE_DENY;
        return SQLITE_OK;
    default: return SQLITE_DENY;
    }
}

static bool run_text(struct db *db, const char *text, struct error *err)
{
    int code = sqlite3_exec(of(db)->handle, text, NULL, NULL, NULL);
    return code == SQLITE_OK || failed(db, code, text, err);
}

static int64_t pragma_int(sqlite3 *handle, const char *pragma)
{
    sqlite3_stmt *prepared;
    int64_t value = -1;
    if (sqlite3_prepare_v2(handle, pragma, -1, &prepared, NULL) != SQLITE_OK) return -1;
    if (sqlite3_step(prepared) == SQLITE_ROW) value = sqlite3_column_int64(prepared, 0);
    sqlite3_finalize(prepared);
    return value;
}

/* Asked after each so many instructions of a running statement: 1 stops it. */
#define INSTRUCTIONS 20000
static int is_late(void *arg)
{
    const struct db *db = arg;
    return db->deadline_ms != 0 && clock_ms() >= db->deadline_ms;
}

static bool set_up(struct sqlite_db *self, enum db_role role, struct error *err)
{
    struct db *db = &self->base;
    sqlite3 *handle = self->handle;
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, BUSY_MS);
    sqlite3_progress_handler(handle, INSTRUCTIONS, is_late, db);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    char cache[64];
    sqlite3_snprintf(sizeof cache, cache, "pragma cache_size = -%d", CACHE_KIB);
    if (!run_text(db, "pragma foreign_keys = on", err) ||
        !run_text(db, "pragma synchronous = full", err) ||
        !run_text(db, "pragma temp_store = memory", err) || !run_text(db, cache, err))
        return false;
    if (role == DB_READER) return true;
    int64_t application = pragma_int(handle, "pragma application_id");
    int64_t tables = pragma_int(handle, "select count(*) from sqlite_schema");
    if (tables < 0) return failed(db, sqlite3_errcode(handle), "open", err);
    if (tables > 0 && application != APPLICATION_ID)
        return error_set(err, ERROR_STORE_FOREIGN, "s", store_place(db->store));
    if (self->memory) return true;
    return run_text(db, "pragma journal_mode = wal; pragma journal_size_limit = 67108864", err);
}

static void close_db(struct db *db)
{
    struct sqlite_db *self = of(db);
    for (size_t i = 0; i < self->cache_size; i++) sqlite3_finalize(self->cache[i].prepared);
    sqlite3_close(self->handle);
    free(self->cache);
    free(self);
}

static struct db *open_db(const struct store *store, const char *place, enum db_role role,
                          struct error *err)
{
    struct sqlite_db *self = calloc(1, sizeof *self);
    CHECK(self != NULL);
    self->base = (struct db){.driver = &sqlite_driver, .store = store};
    self->memory = strcmp(place, ":memory:") == 0;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (self->memory) flags |= SQLITE_OPEN_CREATE;
    int code = sqlite3_open_v2(place, &self->handle, flags, NULL);
    if (code != SQLITE_OK)
        sqlite_failed(self->handle, code, "open", place, err);
    else if (set_up(self, role, err))
        return &self->base;
    close_db(&self->base);
    return NULL;
}

static void guard(struct db *db, bool on)
{
    if (of(db)->guarded != on) sqlite3_set_authorizer(of(db)->handle, on ? authorize : NULL, db);
    of(db)->guarded = on;
}

sqlite3 *sqlite_handle(struct db *db)
{
    guard(db, false);
    return of(db)->handle;
}

static bool begin(struct db *db, enum db_role role, struct error *err)
{
    guard(db, role != DB_MIGRATION);
    return run_text(db, role == DB_READER ? "begin" : "begin immediate", err);
}

static bool commit(struct db *db, struct error *err)
{
    return run_text(db, "commit", err);
}

static bool in_transaction(struct db *db)
{
    return sqlite3_get_autocommit(of(db)->handle) == 0;
}

static void rollback(struct db *db)
{
    if (in_transaction(db)) sqlite3_exec(of(db)->handle, "rollback", NULL, NULL, NULL);
}

static bool savepoint(struct db *db, struct error *err)
{
    return run_text(db, "savepoint work", err);
}

static bool release(struct db *db, bool keep, struct error *err)
{
    return (keep || run_text(db, "rollback to work", err)) && run_text(db, "release work", err);
}

static bool has_schema(struct db *db, bool *has, struct error *err)
{
    sqlite3 *handle = of(db)->handle;
    int64_t count =
        pragma_int(handle, "select count(*) from sqlite_schema where name = 'store_migration'");
    if (count < 0) return failed(db, sqlite3_errcode(handle), "open", err);
    *has = count > 0;
    /* The mark goes into the file with the first step. */
    char mark[64];
    sqlite3_snprintf(sizeof mark, mark, "pragma application_id = %d", APPLICATION_ID);
    return *has || !in_transaction(db) || run_text(db, mark, err);
}

static const char *name(struct db *db)
{
    return store_place(db->store);
}

static bool rights(struct db *db, struct arena *arena, const char ***texts, size_t *count,
                   struct error *err)
{
    (void)db;
    (void)arena;
    (void)err;
    *texts = NULL;
    *count = 0;
    return true;
}

static bool narrow(struct db *db, struct error *err)
{
    (void)db;
    (void)err;
    return true;
}

static size_t slot_of(const struct sqlite_db *self, const struct sql_statement *statement)
{
    size_t at = ((uintptr_t)statement >> 4) * (size_t)0x9E3779B97F4A7C15u >> 20;
    while (self->cache[at &= self->cache_size - 1].statement != NULL &&
           self->cache[at].statement != statement)
        at++;
    return at;
}

static void grow_cache(struct sqlite_db *self)
{
    struct cached *old = self->cache;
    size_t old_size = self->cache_size;
    self->cache_size = old_size == 0 ? 64 : old_size * 2;
    self->cache = calloc(self->cache_size, sizeof *self->cache);
    CHECK(self->cache != NULL);
    for (size_t i = 0; i < old_size; i++)
        if (old[i].statement != NULL) self->cache[slot_of(self, old[i].statement)] = old[i];
    free(old);
}

static bool prepare(struct db *db, const struct sql_statement *statement, sqlite3_stmt **prepared,
                    struct error *err)
{
    struct sqlite_db *self = of(db);
    if (self->cached * 2 >= self->cache_size) grow_cache(self);
    struct cached *cached = &self->cache[slot_of(self, statement)];
    if (cached->statement == NULL) {
        int code = sqlite3_prepare_v3(self->handle, statement->text[SQL_SQLITE], -1,
                                      SQLITE_PREPARE_PERSISTENT, &cached->prepared, NULL);
        if ((code & 0xff) == SQLITE_AUTH)
            return error_set(err, ERROR_STORE_APPEND_ONLY, "s", statement->name);
        if (code != SQLITE_OK) return failed(db, code, statement->name, err);
        cached->statement = statement;
        self->cached++;
    }
    *prepared = cached->prepared;
    return true;
}

static bool prepare_only(struct db *db, const struct sql_statement *statement, struct error *err)
{
    sqlite3_stmt *prepared;
    return prepare(db, statement, &prepared, err);
}

static int bind(sqlite3_stmt *prepared, int at, enum sql_type type, const struct sql_value *value)
{
    if (value->null) return sqlite3_bind_null(prepared, at);
    switch (type) {
    case SQL_INT:
    case SQL_DAY:
    case SQL_FLAG: return sqlite3_bind_int64(prepared, at, value->integer);
    case SQL_REAL: return sqlite3_bind_double(prepared, at, value->real);
    case SQL_TEXT:
        return sqlite3_bind_text64(prepared, at, value->text.ptr, value->text.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case SQL_BYTES:
        return sqlite3_bind_blob64(prepared, at, value->text.ptr, value->text.len, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static bool start(struct db *db, const struct sql_statement *statement,
                  const struct sql_value *values, struct error *err)
{
    sqlite3_stmt *prepared = NULL;
    if (!prepare(db, statement, &prepared, err)) return false;
    if (db->read_only && !sqlite3_stmt_readonly(prepared))
        return error_set(err, ERROR_STORE_READ_ONLY, "s", statement->name);
    for (size_t i = 0; i < statement->params_count; i++) {
        int code = bind(prepared, (int)i + 1, statement->params[i], &values[i]);
        if (code != SQLITE_OK) return failed(db, code, statement->name, err);
    }
    of(db)->running = prepared;
    of(db)->name = statement->name;
    return true;
}

static bool step(struct db *db, bool *row, struct error *err)
{
    int code = sqlite3_step(of(db)->running);
    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE || failed(db, code, of(db)->name, err);
}

static bool column(struct db *db, const struct sql_statement *statement, size_t at,
                   struct sql_value *value, struct error *err)
{
    sqlite3_stmt *prepared = of(db)->running;
    int i = (int)at, found = sqlite3_column_type(prepared, i);
    enum sql_type type = statement->columns[at].type;
    *value = (struct sql_value){.null = found == SQLITE_NULL};
    if (value->null) return true;
    if (type == SQL_TEXT && found == SQLITE_TEXT)
        value->text = (str){(const char *)sqlite3_column_text(prepared, i),
                            (size_t)sqlite3_column_bytes(prepared, i)};
    else if (type == SQL_BYTES && found == SQLITE_BLOB)
        value->text =
            (str){sqlite3_column_blob(prepared, i), (size_t)sqlite3_column_bytes(prepared, i)};
    else if (type == SQL_REAL && (found == SQLITE_FLOAT || found == SQLITE_INTEGER))
        value->real = sqlite3_column_double(prepared, i);
    else if (type <= SQL_FLAG && found == SQLITE_INTEGER)
        value->integer = sqlite3_column_int64(prepared, i);
    else
        return error_set(err, ERROR_STORE_ANSWER, "sss", statement->name, "a value of another type",
                         statement->columns[at].name);
    return true;
}

static int64_t finish(struct db *db)
{
    struct sqlite_db *self = of(db);
    if (self->running == NULL) return 0;
    int64_t changed = sqlite3_stmt_readonly(self->running) ? 0 : sqlite3_changes64(self->handle);
    sqlite3_reset(self->running);
    sqlite3_clear_bindings(self->running); /* they point into the caller's memory */
    self->running = NULL;
    return changed;
}

static bool insert_rows(struct db *db, const struct sql_statement *statement,
                        const struct sql_value *values, size_t rows, struct error *err)
{
    bool row, good = true;
    for (size_t i = 0; good && i < rows; i++) {
        good =
            start(db, statement, values + i * statement->params_count, err) && step(db, &row, err);
        finish(db);
    }
    return good;
}

const struct driver sqlite_driver = {
    .dialect = SQL_SQLITE,
    .open = open_db,
    .close = close_db,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .in_transaction = in_transaction,
    .savepoint = savepoint,
    .release = release,
    .run_text = run_text,
    .name = name,
    .has_schema = has_schema,
    .rights = rights,
    .narrow = narrow,
    .prepare = prepare_only,
    .start = start,
    .step = step,
    .column = column,
    .finish = finish,
    .insert_rows = insert_rows,
};
