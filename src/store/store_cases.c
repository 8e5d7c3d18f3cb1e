#include "unit.h"

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "store/store_cases.h"
#include "store_test_sql.h"

struct thing {
    id64 org, id;
    int64_t whole;
    double ratio;
    str text;
    struct sql_store_test_find_thing_row row;
    bool found;
    struct arena *arena;
};

static bool add_thing(struct db *db, void *arg, struct error *err)
{
    const struct thing *t = arg;
    return sql_store_test_add_thing(db, t->org, t->id, t->whole, t->whole, t->whole, t->ratio,
                                    t->text, t->text, (date){-719162}, t->whole, t->whole > 0, NULL,
                                    err);
}

static bool find_thing(struct db *db, void *arg, struct error *err)
{
    struct thing *t = arg;
    return sql_store_test_find_thing(db, t->arena, t->org, t->id, &t->row, &t->found, err);
}

void store_case_values(struct store *store)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error err;
    static const double ratios[] = {0.1, -1.5, DBL_MAX, DBL_MIN, DBL_TRUE_MIN, 1.0 / 3};
    for (size_t i = 0; i < ARRAY_LEN(ratios); i++) {
        /* Bytes that no text encoding would leave alone, but as UTF-8 text for PostgreSQL. */
        struct thing t = {.org = 7,
                          .id = (id64)i,
                          .whole = i % 2 == 0 ? INT64_MAX : INT64_MIN,
                          .ratio = ratios[i],
                          .text = STR("炼钢 '\"\\ %s \n\x01 ☃"),
                          .arena = arena};
        assert_true(store_write(store, add_thing, &t, &err));
        assert_true(store_read(store, find_thing, &t, &err));
        assert_true(t.found);
        assert_int_equal(t.row.count_made, t.whole);
        assert_int_equal(t.row.mass, t.whole);
        assert_int_equal(t.row.price, t.whole);
        assert_memory_equal(&t.row.ratio, &ratios[i], sizeof(double));
        assert_true(str_equal(t.row.name, t.text));
        assert_true(str_equal(t.row.body, t.text));
        assert_int_equal(t.row.since.day, -719162); /* 0001-01-01 */
        assert_int_equal(t.row.seen, t.whole);
        assert_int_equal(t.row.active, t.whole > 0);
    }
    struct thing none = {.org = 7, .id = 99, .arena = arena, .found = true};
    assert_true(store_read(store, find_thing, &none, &err));
    assert_false(none.found);
}

struct maybes {
    struct arena *arena;
    const bool *only_active;
    struct sql_store_test_maybes_row *rows;
    size_t count;
};

static bool add_maybes(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    int64_t mass = -5;
    double ratio = 2.5;
    date since = {20000};
    bool active = true;
    unsigned char raw[] = {0, 255, 0, 92, 120};
    str body = {(const char *)raw, sizeof raw};
    return sql_store_test_add_maybe(db, 7, 1, NULL, NULL, (str){0}, (str){0}, NULL, NULL, NULL,
                                    err) &&
           sql_store_test_add_maybe(db, 7, 2, &mass, &ratio, STR("x"), body, &since, &active, NULL,
                                    err) &&
           sql_store_test_add_maybe(db, 7, 3, NULL, NULL, STR(""), STR(""), NULL, NULL, NULL, err);
}

static bool list_maybes(struct db *db, void *arg, struct error *err)
{
    struct maybes *m = arg;
    return sql_store_test_maybes(db, m->arena, 7, m->only_active, &m->rows, &m->count, err);
}

void store_case_nulls(struct store *store)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct maybes m = {.arena = arena};
    struct error err;
    assert_true(store_write(store, add_maybes, NULL, &err));
    assert_true(store_read(store, list_maybes, &m, &err));
    assert_int_equal(m.count, 3);
    assert_false(m.rows[0].has_mass || m.rows[0].has_ratio || m.rows[0].has_name ||
                 m.rows[0].has_body || m.rows[0].has_since || m.rows[0].has_active);
    assert_true(m.rows[1].has_mass && m.rows[1].has_ratio && m.rows[1].has_since &&
                m.rows[1].has_active);
    assert_int_equal(m.rows[1].mass, -5);
    assert_true(m.rows[1].ratio == 2.5);
    assert_int_equal(m.rows[1].since.day, 20000);
    assert_int_equal(m.rows[1].body.len, 5);
    assert_memory_equal(m.rows[1].body.ptr, "\0\xff\0\\x", 5);
    /* Empty is not NULL. */
    assert_true(m.rows[2].has_name && m.rows[2].has_body);
    assert_int_equal(m.rows[2].name.len + m.rows[2].body.len, 0);
    m.only_active = &(bool){true};
    assert_true(store_read(store, list_maybes, &m, &err));
    assert_int_equal(m.count, 1);
}

struct total {
    id64 org;
    struct sql_store_test_total_row row;
};

static bool read_total(struct db *db, void *arg, struct error *err)
{
    struct total *total = arg;
    bool found;
    return sql_store_test_total(db, NULL, total->org, &total->row, &found, err);
}

static bool add_two_then_refuse(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    return sql_store_test_add_entry(db, 8, 1, 10, NULL, err) &&
           sql_store_test_add_entry(db, 8, 2, 10, NULL, err) &&
           error_set(err, ERROR_LIMIT, "sss", "x", "1", "rows");
}

static bool ignore_a_failure(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    struct error mine;
    if (!sql_store_test_add_entry(db, 8, 3, 10, NULL, err)) return false;
    assert_false(sql_store_test_add_entry(db, 8, 3, 11, NULL, &mine));
    return true; /* must be refused all the same */
}

static bool add_entry(struct db *db, void *arg, struct error *err)
{
    return sql_store_test_add_entry(db, 8, *(const id64 *)arg, 32, NULL, err);
}

void store_case_rollback(struct store *store)
{
    struct error err;
    struct total total = {.org = 8};
    id64 id = 4;
    assert_false(store_write(store, add_two_then_refuse, NULL, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_true(store_read(store, read_total, &total, &err));
    assert_int_equal(total.row.entries, 0);
    assert_false(total.row.has_total || total.row.has_mean || total.row.has_newest);
    assert_false(store_write(store, ignore_a_failure, NULL, &err));
    assert_int_equal(err.code, ERROR_STORE_DUPLICATE);
    assert_true(store_write(store, add_entry, &id, &err));
    assert_true(store_read(store, read_total, &total, &err));
    assert_int_equal(total.row.entries, 1);
    assert_int_equal(total.row.total, 32);
    assert_int_equal(total.row.newest, 4);
    assert_true(total.row.mean == 32.0);
}

static bool add_orphan(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    return sql_store_test_add_part(db, 9, 1, 12345, NULL, err);
}

static bool any_thing(struct db *db, void *arg, struct error *err)
{
    struct sql_store_test_any_thing_row row;
    return sql_store_test_any_thing(db, NULL, *(const id64 *)arg, &row, &(bool){false}, err);
}

static bool null_total(struct db *db, void *arg, struct error *err)
{
    struct sql_store_test_null_total_row row;
    return sql_store_test_null_total(db, NULL, *(const id64 *)arg, &row, &(bool){false}, err);
}

static bool write_in_read(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    return sql_store_test_add_entry(db, 9, 1, 10, NULL, err);
}

static bool nested(struct db *db, void *arg, struct error *err)
{
    (void)db;
    return store_read(arg, write_in_read, NULL, err);
}

static bool reprice(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    struct sql_store_test_set_price_row row;
    bool found;
    int64_t changed;
    if (!sql_store_test_set_price(db, NULL, 9, 1, 5, &row, &found, err)) return false;
    assert_true(found);
    assert_int_equal(row.price, 6);
    if (!sql_store_test_set_price(db, NULL, 9, 77, 5, &row, &found, err)) return false;
    assert_false(found);
    if (!sql_store_test_remove_thing(db, 9, 1, &changed, err)) return false;
    assert_int_equal(changed, 1);
    if (!sql_store_test_remove_thing(db, 9, 1, &changed, err)) return false;
    assert_int_equal(changed, 0);
    return true;
}

static bool list_names(struct db *db, void *arg, struct error *err)
{
    struct sql_store_test_names_row *rows;
    size_t count;
    (void)arg;
    if (!sql_store_test_names(db, NULL, 9, &rows, &count, err)) return false;
    assert_int_equal(count, 3);
    assert_true(str_is(rows[0].name, "B")); /* bytes: capital before small before Chinese */
    assert_true(str_is(rows[1].name, "a"));
    assert_true(str_is(rows[2].name, "钢"));
    return true;
}

void store_case_errors(struct store *store)
{
    struct error err;
    id64 org = 9;
    struct thing t = {.org = 9, .id = 1, .whole = 1, .ratio = 1, .text = STR("a")};
    assert_true(store_write(store, add_thing, &t, &err));
    assert_false(store_write(store, add_thing, &t, &err));
    assert_int_equal(err.code, ERROR_STORE_DUPLICATE);
    t.id = 2;
    t.ratio = (double)INFINITY;
    assert_false(store_write(store, add_thing, &t, &err));
    assert_int_equal(err.code, ERROR_STORE_NUMBER);
    t.ratio = 1;
    t.text = STR("钢");
    assert_true(store_write(store, add_thing, &t, &err));
    t.id = 3;
    t.text = STR("B");
    assert_true(store_write(store, add_thing, &t, &err));
    assert_true(store_read(store, list_names, NULL, &err));
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0), *small = arena_open(4096);
    char *long_text = arena_alloc(arena, 10000);
    memset(long_text, 'x', 9999);
    struct thing large = {.org = 8, .id = 1, .text = str_from(long_text), .arena = small};
    assert_true(store_write(store, add_thing, &large, &err));
    assert_false(store_read(store, find_thing, &large, &err));
    assert_int_equal(err.code, ERROR_STORE_MEMORY);
    assert_false(store_read(store, any_thing, &org, &err));
    assert_int_equal(err.code, ERROR_STORE_ANSWER);
    assert_false(store_read(store, null_total, &org, &err));
    assert_int_equal(err.code, ERROR_STORE_ANSWER);
    assert_false(store_write(store, add_orphan, NULL, &err));
    assert_int_equal(err.code, ERROR_STORE_CONSTRAINT);
    assert_false(store_read(store, write_in_read, NULL, &err));
    assert_int_equal(err.code, ERROR_STORE_READ_ONLY);
    assert_false(store_write(store, nested, store, &err));
    assert_int_equal(err.code, ERROR_STORE_NESTED);
    assert_true(store_write(store, reprice, NULL, &err));
}

/* Eight threads, each with its own range of ids; every tenth work is refused and must leave
 * nothing. */
#define THREADS 8
#define WORKS 100

struct worker {
    struct store *store;
    int number;
    int failed;
};

static bool add_pair(struct db *db, void *arg, struct error *err)
{
    id64 id = *(const id64 *)arg;
    if (!sql_store_test_add_entry(db, 10, id * 2, 1, NULL, err)) return false;
    if (id % 10 == 0) return error_set(err, ERROR_LIMIT, "sss", "x", "1", "works");
    return sql_store_test_add_entry(db, 10, id * 2 + 1, 1, NULL, err);
}

static void *write_many(void *arg)
{
    struct worker *worker = arg;
    struct error err;
    for (int i = 0; i < WORKS; i++) {
        id64 id = worker->number * 1000 + i;
        struct total total = {.org = 10};
        bool good = store_write(worker->store, add_pair, &id, &err);
        if (good != (id % 10 != 0)) worker->failed++;
        if (!store_read(worker->store, read_total, &total, &err)) worker->failed++;
        if (total.row.entries % 2 != 0) worker->failed++; /* pairs appear together or not at all */
    }
    return NULL;
}

void store_case_queue(struct store *store)
{
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    struct error err;
    struct total total = {.org = 10};
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.store = store, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].failed, 0);
    }
    assert_true(store_read(store, read_total, &total, &err));
    assert_int_equal(total.row.entries, THREADS * WORKS * 9 / 10 * 2);
}

/* Works that read before they write: each numbers its row by what it found, so that any two that
 * ran as if the other were not there would collide. */
static bool add_next(struct db *db, void *arg, struct error *err)
{
    struct sql_store_test_total_row row;
    bool found;
    (void)arg;
    return sql_store_test_total(db, NULL, 11, &row, &found, err) &&
           sql_store_test_add_entry(db, 11, row.entries + 1, row.entries, NULL, err);
}

static void *number_many(void *arg)
{
    struct worker *worker = arg;
    struct error err;
    for (int i = 0; i < 25; i++)
        if (!store_write(worker->store, add_next, NULL, &err)) {
            fprintf(stderr, "%s %s\n", error_name(err.code), err.text);
            worker->failed++;
        }
    return NULL;
}

void store_case_order(struct store *store)
{
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    struct error err;
    struct total total = {.org = 11};
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.store = store, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, number_many, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].failed, 0);
    }
    assert_true(store_read(store, read_total, &total, &err));
    assert_int_equal(total.row.entries, THREADS * 25);
    assert_int_equal(total.row.newest, THREADS * 25);
}

/* ---- tables that only grow ---- */

static bool change_entry(struct db *db, void *arg, struct error *err)
{
    static const struct sql_statement change = {
        .name = "change",
        .kind = SQL_EXEC,
        .text = {"update entry set amount = 2", "update entry set amount = 2"}};
    static const struct sql_statement drop = {
        .name = "drop", .kind = SQL_EXEC, .text = {"delete from entry", "delete from entry"}};
    static const struct sql_statement alter = {
        .name = "alter", .kind = SQL_EXEC, .text = {"drop table entry", "drop table entry"}};
    static const struct sql_statement *const all[] = {&change, &drop, &alter};
    return sql_run_exec(db, all[*(const int *)arg], NULL, NULL, err);
}

void store_case_append_only(struct store *store)
{
    struct error err;
    id64 id = 77;
    assert_true(store_write(store, add_entry, &id, &err));
    for (int i = 0; i < 3; i++) {
        assert_false(store_write(store, change_entry, &i, &err));
        assert_string_equal(error_name(err.code), "STORE_APPEND_ONLY");
    }
}

/* ---- counting changes ---- */

struct changes {
    id64 org;
    int64_t own, shared, all;
};

static bool read_changes(struct db *db, void *arg, struct error *err)
{
    struct changes *changes = arg;
    return store_changes(db, changes->org, &changes->own, err) &&
           store_changes(db, 0, &changes->shared, err) && store_all_changes(db, &changes->all, err);
}

static struct changes changes_of(struct store *store, id64 org)
{
    struct changes changes = {.org = org};
    struct error err;
    assert_true(store_read(store, read_changes, &changes, &err));
    return changes;
}

static bool add_three(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    return sql_store_test_add_entry(db, 21, 1, 1, NULL, err) &&
           sql_store_test_add_entry(db, 21, 2, 1, NULL, err) &&
           sql_store_test_add_entry(db, 22, 3, 1, NULL, err);
}

static bool add_then_refuse(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    return sql_store_test_add_entry(db, 21, 4, 1, NULL, err) &&
           error_set(err, ERROR_LIMIT, "sss", "x", "1", "rows");
}

static bool change_nothing(struct db *db, void *arg, struct error *err)
{
    struct sql_store_test_set_price_row row;
    bool found;
    (void)arg;
    return sql_store_test_remove_thing(db, 21, 99, NULL, err) &&
           sql_store_test_set_price(db, NULL, 21, 99, 1, &row, &found, err) &&
           sql_store_test_add_maybe(db, 21, 1, NULL, NULL, (str){0}, (str){0}, NULL, NULL, NULL,
                                    err);
}

static bool raise_price(struct db *db, void *arg, struct error *err)
{
    struct sql_store_test_set_price_row row;
    bool found;
    (void)arg;
    return sql_store_test_set_price(db, NULL, 21, 5, 1, &row, &found, err);
}

static bool add_part(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    return sql_store_test_add_part(db, 21, 1, 5, NULL, err);
}

void store_case_changes(struct store *store, struct store *other)
{
    struct error err;
    struct thing thing = {.org = 21, .id = 5, .whole = 1, .ratio = 1, .text = STR("a")};
    struct changes before = changes_of(store, 21), neighbour = changes_of(store, 22), now;
    /* A work counts once for each organisation that it touched, however many rows. */
    assert_true(store_write(store, add_three, NULL, &err));
    now = changes_of(other, 21);
    assert_int_equal(now.own, before.own + 1);
    assert_int_equal(now.shared, before.shared);
    assert_int_equal(now.all, before.all + 2);
    assert_int_equal(changes_of(other, 22).own, neighbour.own + 1);
    /* What was undone, changed no row or is not counted leaves the numbers alone. */
    assert_false(store_write(store, add_then_refuse, NULL, &err));
    assert_true(store_write(store, change_nothing, NULL, &err));
    assert_memory_equal(&(struct changes[]){changes_of(store, 21)}, &now, sizeof now);
    /* The other program's writes are seen; a row that `returning` tells of counts too. */
    assert_true(store_write(other, add_thing, &thing, &err));
    assert_true(store_write(other, raise_price, NULL, &err));
    assert_int_equal(changes_of(store, 21).own, now.own + 2);
    /* What pages of others show counts for everybody. */
    assert_true(store_write(other, add_part, NULL, &err));
    assert_int_equal(changes_of(store, 21).own, now.own + 3);
    assert_int_equal(changes_of(store, 21).shared, now.shared + 1);
}
