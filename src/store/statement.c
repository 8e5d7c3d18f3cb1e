/* Runs a described statement on either driver and lays its rows out as C structs. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "store/driver.h"
#include "store_sql.h"

static bool keep_failure(struct db *db, struct error *err, struct error *caught)
{
    if (!db->failed) db->failure = *caught;
    db->failed = true;
    if (err != NULL) *err = *caught;
    return false;
}

static bool unexpected(const struct sql_statement *statement, const char *what, const char *column,
                       struct error *err)
{
    return error_set(err, ERROR_STORE_ANSWER, "sss", statement->name, what, column);
}

static bool put_column(struct db *db, const struct sql_statement *statement, size_t at,
                       struct arena *arena, char *row, struct error *err)
{
    const struct sql_column *column = &statement->columns[at];
    struct sql_value value;
    if (!db->driver->column(db, statement, at, &value, err)) return false;
    if (value.null && !column->nullable)
        return unexpected(statement, "NULL in a column that is never NULL", column->name, err);
    if (column->nullable) *(bool *)(row + column->has_at) = !value.null;
    void *place = row + column->at;
    if (value.null) return true; /* the row is zeroed */
    switch (column->type) {
    case SQL_INT: *(int64_t *)place = value.integer; break;
    case SQL_DAY:
        if (value.integer < INT32_MIN || value.integer > INT32_MAX)
            return unexpected(statement, "a day outside of all calendars", column->name, err);
        ((date *)place)->day = (int32_t)value.integer;
        break;
    case SQL_FLAG: *(bool *)place = value.integer != 0; break;
    case SQL_REAL: *(double *)place = value.real; break;
    case SQL_TEXT:
    case SQL_BYTES: {
        char *copy = arena_try_alloc(arena, value.text.len + 1);
        if (copy == NULL) return error_set(err, ERROR_STORE_MEMORY, "s", statement->name);
        if (value.text.len != 0) memcpy(copy, value.text.ptr, value.text.len);
        *(str *)place = (str){copy, value.text.len};
        break;
    }
    }
    return true;
}

static bool put_row(struct db *db, const struct sql_statement *statement, struct arena *arena,
                    void *row, struct error *err)
{
    memset(row, 0, statement->row_bytes);
    for (size_t i = 0; i < statement->columns_count; i++)
        if (!put_column(db, statement, i, arena, row, err)) return false;
    return true;
}

static void add_changed(struct db *db, id64 org_id)
{
    for (size_t i = db->changed_count; i > 0; i--)
        if (db->changed[i - 1] == org_id) return;
    *ARENA_PUSH(db->arena, db->changed, db->changed_count, db->changed_capacity) = org_id;
}

/* A statement changed rows: db_run_work counts it when the work is good. */
static void note_change(struct db *db, const struct sql_statement *statement,
                        const struct sql_value *values)
{
    if (!statement->counted || db->arena == NULL) return;
    if (statement->org_at >= 0) add_changed(db, values[statement->org_at].integer);
    if (statement->org_at < 0 || statement->shared) add_changed(db, 0);
}

static bool count_changes(struct db *db, struct error *err)
{
    for (size_t i = 0; i < db->changed_count; i++)
        if (!sql_store_count_change(db, db->changed[i], NULL, err)) return false;
    return true;
}

bool store_changes(struct db *db, id64 org_id, int64_t *changes, struct error *err)
{
    struct sql_store_changes_of_row row;
    bool found;
    if (!sql_store_changes_of(db, NULL, org_id, &row, &found, err)) return false;
    *changes = found ? row.changes : 0;
    return true;
}

bool store_all_changes(struct db *db, int64_t *changes, struct error *err)
{
    struct sql_store_changes_of_all_row row;
    bool found;
    if (!sql_store_changes_of_all(db, NULL, &row, &found, err)) return false;
    *changes = found && row.has_changes ? row.changes : 0;
    return true;
}

static bool start(struct db *db, const struct sql_statement *statement,
                  const struct sql_value *values, struct error *err)
{
    for (size_t i = 0; i < statement->params_count; i++)
        if (statement->params[i] == SQL_REAL && !values[i].null && !isfinite(values[i].real))
            return error_set(err, ERROR_STORE_NUMBER, "s", statement->name);
    return db_in_time(db, statement->name, err) && db->driver->start(db, statement, values, err);
}

static void tell_slow(const struct db *db, const struct sql_statement *statement, int64_t began_ms,
                      bool good)
{
    store_tell_slow(db->store, &(struct store_slow){.statement = statement->name,
                                                    .request = db->request,
                                                    .ms = clock_ms() - began_ms,
                                                    .failed = !good});
}

/* Most rows fit; a work that finds a million of them must not fill its arena with rows to throw
 * away. */
#define ROW_BYTES_LOCAL 1024

bool sql_run_one(struct db *db, const struct sql_statement *statement,
                 const struct sql_value *values, struct arena *arena, void *row, bool *found,
                 struct error *err)
{
    struct error caught;
    int64_t began_ms = clock_ms();
    bool here = false, more = false;
    bool good = start(db, statement, values, &caught) && db->driver->step(db, &here, &caught);
    _Alignas(max_align_t) char local[ROW_BYTES_LOCAL];
    void *fresh = local;
    if (statement->row_bytes > sizeof local)
        fresh = arena_try_alloc(db->arena, statement->row_bytes);
    if (good && here && fresh == NULL)
        good = error_set(&caught, ERROR_STORE_MEMORY, "s", statement->name);
    if (good && here)
        good = put_row(db, statement, arena == NULL ? db->arena : arena, fresh, &caught) &&
               db->driver->step(db, &more, &caught);
    if (good && more)
        good =
            error_set(&caught, ERROR_STORE_ANSWER, "sss", statement->name, "more than one row", "");
    db->driver->finish(db);
    tell_slow(db, statement, began_ms, good);
    if (!good) return keep_failure(db, err, &caught);
    if (here) {
        memcpy(row, fresh, statement->row_bytes);
        note_change(db, statement, values);
    }
    *found = here;
    return true;
}

/* Room for twice the rows; NULL when the arena's limit is reached. */
static char *grow(struct arena *arena, char *rows, size_t count, size_t *capacity, size_t bytes)
{
    size_t next = *capacity == 0 ? 16 : *capacity * 2;
    char *wider = arena_try_alloc(arena, next * bytes);
    if (wider == NULL) return NULL;
    if (count != 0) memcpy(wider, rows, count * bytes);
    *capacity = next;
    return wider;
}

bool sql_run_many(struct db *db, const struct sql_statement *statement,
                  const struct sql_value *values, struct arena *arena, void **rows, size_t *count,
                  struct error *err)
{
    struct error caught;
    int64_t began_ms = clock_ms();
    char *all = NULL;
    size_t used = 0, capacity = 0, bytes = statement->row_bytes;
    if (arena == NULL) arena = db->arena;
    bool row = true, good = start(db, statement, values, &caught);
    while (good && (good = db->driver->step(db, &row, &caught)) && row) {
        char *room = used < capacity ? all : grow(arena, all, used, &capacity, bytes);
        good = room != NULL ? put_row(db, statement, arena, room + used * bytes, &caught)
                            : error_set(&caught, ERROR_STORE_MEMORY, "s", statement->name);
        all = room;
        used++;
    }
    db->driver->finish(db);
    tell_slow(db, statement, began_ms, good);
    if (!good) return keep_failure(db, err, &caught);
    if (used != 0) note_change(db, statement, values);
    *rows = all;
    *count = used;
    return true;
}

bool sql_run_exec(struct db *db, const struct sql_statement *statement,
                  const struct sql_value *values, int64_t *changed, struct error *err)
{
    struct error caught;
    int64_t began_ms = clock_ms();
    bool row;
    bool good = start(db, statement, values, &caught) && db->driver->step(db, &row, &caught);
    int64_t rows_changed = db->driver->finish(db);
    tell_slow(db, statement, began_ms, good);
    if (!good) return keep_failure(db, err, &caught);
    if (rows_changed != 0) note_change(db, statement, values);
    if (changed != NULL) *changed = rows_changed;
    return true;
}

bool sql_prepare(struct db *db, const struct sql_statement *statement, struct error *err)
{
    struct error caught;
    return db->driver->prepare(db, statement, &caught) || keep_failure(db, err, &caught);
}

struct arena *db_arena(struct db *db)
{
    return db->arena;
}

void **db_held(struct db *db)
{
    return &db->held;
}

bool db_run_work(struct db *db, bool read_only, store_work *work, void *arg, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error caught = {.code = ERROR_NONE};
    db->arena = arena;
    db->read_only = read_only;
    db->failed = db->retry = false;
    db->held = NULL;
    db->changed = NULL;
    db->changed_count = db->changed_capacity = 0;
    bool good = work(db, arg, &caught);
    if (good && !db->failed && !read_only) good = count_changes(db, &caught);
    /* After a failed statement PostgreSQL refuses the rest; so that both behave alike, nobody may
     * go on. */
    if (good && db->failed) {
        caught = db->failure;
        good = false;
    }
    db->arena = NULL;
    if (!good && err != NULL) *err = caught;
    return good;
}
