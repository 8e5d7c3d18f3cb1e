/* Copies all rows of one store into another, table by table in the order of the primary key, from
 * one snapshot of the source; each page is kept by a commit of its own. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "store/driver.h"
#include "store_sql.h"

/* Rows between two commits; PostgreSQL gets them in one pipeline, whose answers must fit the
 * socket's buffer (libpq, "Pipeline Mode"). */
#define PAGE_ROWS 500

#define COPY_MARK STR("copy")

struct copy {
    struct db *from, *to;
    const char *source;
    store_watch *watch;
    void *arg;
    struct store_copying at;
    struct store_copied *copied;
};

/* --- pages of rows --- */

/* A page of a table, row after row, its text in the arena. */
struct page {
    struct arena *arena;
    struct sql_value *values;
    size_t rows;
};

static bool keep_value(struct arena *arena, enum sql_type type, struct sql_value *value)
{
    if (value->null || type < SQL_TEXT) return true;
    char *copy = arena_try_alloc(arena, value->text.len + 1);
    if (copy == NULL) return false;
    if (value->text.len != 0) memcpy(copy, value->text.ptr, value->text.len);
    value->text.ptr = copy;
    return true;
}

static bool read_row(struct db *db, const struct sql_statement *statement, struct page *page,
                     struct error *err)
{
    struct sql_value *row = page->values + page->rows * statement->columns_count;
    for (size_t i = 0; i < statement->columns_count; i++) {
        if (!db->driver->column(db, statement, i, &row[i], err)) return false;
        if (!keep_value(page->arena, statement->columns[i].type, &row[i]))
            return error_set(err, ERROR_STORE_MEMORY, "s", statement->name);
    }
    page->rows++;
    return true;
}

static bool read_rows(struct db *db, const struct sql_statement *statement,
                      const struct sql_value *params, size_t rows_max, struct page *page,
                      struct error *err)
{
    bool row = true;
    page->rows = 0;
    page->values =
        ARENA_NEW_ARRAY(page->arena, struct sql_value, rows_max * statement->columns_count);
    bool good = db->driver->start(db, statement, params, err);
    while (good && page->rows < rows_max && (good = db->driver->step(db, &row, err)) && row)
        good = read_row(db, statement, page, err);
    db->driver->finish(db);
    return good;
}

/* The page that follows `key` (NULL: the first). */
static bool read_page(struct db *db, const struct schema_table *table, const struct sql_value *key,
                      struct page *page, struct error *err)
{
    struct sql_value params[SQL_PARAMS_MAX];
    size_t count = key == NULL ? 0 : table->key_count;
    for (size_t i = 0; i < count; i++) params[i] = key[i];
    params[count] = sql_value_int(PAGE_ROWS);
    return read_rows(db, key == NULL ? &table->first : &table->next, params, PAGE_ROWS, page, err);
}

/* The key of a row, which lives longer than the row's page. */
static struct sql_value *take_key(struct arena *arena, const struct schema_table *table,
                                  const struct sql_value *row)
{
    struct sql_value *key = ARENA_NEW_ARRAY(arena, struct sql_value, table->key_count);
    for (size_t i = 0; i < table->key_count; i++) {
        key[i] = row[table->key[i]];
        CHECK(keep_value(arena, table->first.columns[table->key[i]].type, &key[i]));
    }
    return key;
}

static const struct sql_value *last_row(const struct schema_table *table, const struct page *page)
{
    return page->values + (page->rows - 1) * table->columns_count;
}

/* --- walking a table --- */

typedef bool page_work(struct copy *copy, const struct schema_table *table, const struct page *page,
                       void *arg, struct error *err);

static bool tell(struct copy *copy, const struct schema_table *table, int64_t rows,
                 struct error *err)
{
    copy->at.table = table->name;
    copy->at.rows = rows;
    return copy->watch == NULL || copy->watch(&copy->at, copy->arg) ||
           error_set(err, ERROR_STORE_COPY_STOPPED, "s", table->name);
}

/* Every page after `key`. A page's arena holds its rows and the key that led to them. */
static bool walk(struct copy *copy, struct db *db, const struct schema_table *table,
                 const struct sql_value *key, page_work *work, void *arg, struct error *err)
{
    struct arena *arena = arena_open((size_t)1 << 30);
    int64_t rows = 0;
    bool good = true;
    for (bool more = true; good && more;) {
        struct page page = {.arena = arena};
        good = read_page(db, table, key, &page, err);
        more = page.rows == PAGE_ROWS;
        if (good && page.rows > 0) {
            good = work(copy, table, &page, arg, err);
            rows += (int64_t)page.rows;
        }
        if (good) good = tell(copy, table, rows, err);
        if (!good || !more) break;
        struct arena *next = arena_open((size_t)1 << 30);
        key = take_key(next, table, last_row(table, &page));
        arena_close(arena);
        arena = next;
    }
    arena_close(arena);
    return good;
}

/* --- first half: rows over --- */

static bool begin_page(struct copy *copy, struct error *err)
{
    return copy->to->driver->begin(copy->to, DB_WRITER, err);
}

static bool end_page(struct copy *copy, bool good, struct error *err)
{
    good = good && copy->to->driver->commit(copy->to, err);
    if (!good) copy->to->driver->rollback(copy->to);
    return good;
}

static bool put_page(struct copy *copy, const struct schema_table *table, const struct page *page,
                     void *arg, struct error *err)
{
    (void)arg;
    return begin_page(copy, err) &&
           end_page(copy,
                    copy->to->driver->insert_rows(copy->to, &table->insert, page->values,
                                                  page->rows, err),
                    err);
}

static bool copy_table(struct copy *copy, const struct schema_table *table, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct page last = {.arena = arena};
    if (!read_rows(copy->to, &table->last, NULL, 1, &last, err)) return false;
    const struct sql_value *key =
        last.rows == 0 ? NULL : take_key(arena, table, last_row(table, &last));
    return walk(copy, copy->from, table, key, put_page, NULL, err);
}

/* --- second half: both sides compared --- */

/* The sum of the rows' digests, so that it does not depend on their order. */
struct total {
    int64_t rows;
    uint64_t parts[4];
};

static void put_number(struct buf *out, uint64_t bits)
{
    for (int i = 0; i < 8; i++) buf_putc(out, (char)(bits >> (8 * i)));
}

static void put_value(struct buf *out, enum sql_type type, const struct sql_value *value)
{
    uint64_t bits = (uint64_t)value->integer;
    buf_putc(out, (char)(value->null ? 0 : 1 + (int)type));
    if (value->null) return;
    if (type >= SQL_TEXT) {
        put_number(out, value->text.len);
        buf_put_str(out, value->text);
        return;
    }
    /* SQLite keeps no sign of zero. */
    if (type == SQL_REAL && value->real == 0)
        bits = 0;
    else if (type == SQL_REAL)
        memcpy(&bits, &value->real, sizeof bits);
    put_number(out, bits);
}

static void add_digest(struct total *total, digest row)
{
    unsigned char carry = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t part;
        memcpy(&part, row.bytes + 8 * i, sizeof part);
        uint64_t sum = total->parts[i] + part, whole = sum + carry;
        carry = sum < part || whole < sum;
        total->parts[i] = whole;
    }
}

static bool sum_page(struct copy *copy, const struct schema_table *table, const struct page *page,
                     void *arg, struct error *err)
{
    struct total *total = arg;
    (void)copy;
    (void)err;
    for (size_t i = 0; i < page->rows; i++) {
        struct buf *out = buf_new(page->arena);
        buf_puts(out, table->name);
        buf_putc(out, 0);
        for (size_t c = 0; c < table->columns_count; c++)
            put_value(out, table->first.columns[c].type,
                      &page->values[i * table->columns_count + c]);
        add_digest(total, digest_of(buf_str(out)));
    }
    total->rows += (int64_t)page->rows;
    return true;
}

static bool compare_table(struct copy *copy, const struct schema_table *table, struct total *all,
                          struct error *err)
{
    struct total from = {0}, to = {0};
    if (!walk(copy, copy->from, table, NULL, sum_page, &from, err) ||
        !walk(copy, copy->to, table, NULL, sum_page, &to, err))
        return false;
    if (memcmp(&from, &to, sizeof from) != 0)
        return error_set(err, ERROR_STORE_COPY_DIFFERS, "sii", table->name, from.rows, to.rows);
    digest parts;
    memcpy(parts.bytes, to.parts, sizeof parts.bytes);
    add_digest(all, parts);
    all->rows += to.rows;
    return true;
}

/* --- the whole --- */

/* The store's own tables (its steps, marks and counters) say what it is, and stay. */
static bool is_own(const struct schema_table *table)
{
    return strncmp(table->name, "store_", 6) == 0;
}

static bool has_rows(struct copy *copy, const struct schema_table *table, bool *has,
                     struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct page last = {.arena = arena};
    if (!read_rows(copy->to, &table->last, NULL, 1, &last, err)) return false;
    *has = last.rows > 0;
    return true;
}

/* Marks an empty target; goes on with one that has the mark of this source. */
static bool mark_target(struct copy *copy, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const struct schema_history *history = store_history_of(copy->to->store);
    struct sql_store_mark_row mark;
    bool found, has;
    if (!sql_store_mark(copy->to, arena, COPY_MARK, &mark, &found, err)) return false;
    if (found && str_is(mark.value, copy->source)) return true;
    if (found)
        return error_set(err, ERROR_STORE_UNFINISHED, "sS", store_place(copy->to->store),
                         mark.value);
    for (const struct schema_table *const *table = history->tables; *table != NULL; table++) {
        if (is_own(*table)) continue;
        if (!has_rows(copy, *table, &has, err)) return false;
        if (has)
            return error_set(err, ERROR_STORE_COPY_TARGET, "ss", store_place(copy->to->store),
                             (*table)->name);
    }
    return begin_page(copy, err) &&
           end_page(copy,
                    sql_store_set_mark(copy->to, COPY_MARK, str_from(copy->source), NULL, err),
                    err);
}

static bool each_table(struct copy *copy, bool compare, struct total *all, struct error *err)
{
    const struct schema_table *const *tables = store_history_of(copy->from->store)->tables;
    copy->at.comparing = compare;
    copy->at.table_count = copy->at.table_place = 0;
    for (size_t i = 0; tables[i] != NULL; i++) copy->at.table_count += !is_own(tables[i]);
    for (size_t i = 0; tables[i] != NULL; i++) {
        if (is_own(tables[i])) continue;
        copy->at.table_place++;
        if (!(compare ? compare_table(copy, tables[i], all, err)
                      : copy_table(copy, tables[i], err)))
            return false;
    }
    return true;
}

/* Work of a read of the source: all of it sees one moment. */
static bool copy_all(struct db *db, void *arg, struct error *err)
{
    struct copy *copy = arg;
    struct total all = {0};
    copy->from = db;
    if (!mark_target(copy, err) || !each_table(copy, false, NULL, err) ||
        !each_table(copy, true, &all, err))
        return false;
    digest parts;
    memcpy(parts.bytes, all.parts, sizeof parts.bytes);
    memcpy(copy->copied->digest, digest_hex(db_arena(db), parts), sizeof copy->copied->digest);
    copy->copied->rows = all.rows;
    copy->copied->tables = copy->at.table_count;
    return begin_page(copy, err) &&
           end_page(copy, sql_store_clear_mark(copy->to, COPY_MARK, NULL, err), err);
}

bool store_copy_between(struct store *from, struct store *to, store_watch *watch, void *arg,
                        struct store_copied *copied, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct copy copy = {.source = store_place(from), .watch = watch, .arg = arg, .copied = copied};
    copy.to = store_connect(to, err);
    if (copy.to == NULL) return false;
    copy.to->arena = arena;
    bool good = store_read(from, copy_all, &copy, err);
    copy.to->driver->close(copy.to);
    return good;
}

bool store_copy(const char *from, const char *to, store_watch *watch, void *arg,
                struct store_copied *copied, struct error *err)
{
    struct store *source = store_open(&(struct store_options){.where = from}, err);
    if (source == NULL) return false;
    struct store *target = store_open_unfinished(
        &(struct store_options){.where = to, .create = true}, store_history_of(source), err);
    bool good = target != NULL && store_copy_between(source, target, watch, arg, copied, err);
    store_close(target);
    store_close(source);
    return good;
}
