#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/driver.h"
#include "store/store_cases.h"
#include "store_test_sql.h"

#define THINGS 1203 /* two full pages and a part of a third */

static struct store *open_at(const char *where, bool create)
{
    struct error err;
    struct store_options options = {.where = where, .create = create};
    struct store *store = store_open_history(&options, &store_test_history, &err);
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    if (store == NULL)
        fprintf(stderr, "%s: %s\n", where, error_render(arena, &err, error_sentence(err.code)));
    assert_non_null(store);
    return store;
}

static bool fill(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    int64_t mass = INT64_MIN;
    double ratio = -0.0;
    date day = {-719162};
    bool flag = false;
    for (int i = 0; i < THINGS; i++) {
        char name[64];
        snprintf(name, sizeof name, "第 %d 号 '\"\\\n%s", i, i % 2 == 0 ? "ä" : "a");
        if (!sql_store_test_add_thing(db, 7, i, INT64_MAX - i, -i, i, 0.1 * i, str_from(name),
                                      (str){"\0\xff\0", 3}, day, i, i % 3 == 0, NULL, err))
            return false;
    }
    return sql_store_test_add_maybe(db, 7, 1, NULL, NULL, (str){0}, (str){0}, NULL, NULL, NULL,
                                    err) &&
           sql_store_test_add_maybe(db, 7, 2, &mass, &ratio, STR(""), STR(""), &day, &flag, NULL,
                                    err) &&
           sql_store_test_add_entry(db, 7, 1, 5, NULL, err) &&
           sql_store_test_add_entry(db, 8, 1, 6, NULL, err) &&
           sql_store_test_add_part(db, 7, 1, THINGS - 1, NULL, err);
}

static bool stop_in_second_page(const struct store_copying *at, void *arg)
{
    (void)arg;
    return strcmp(at->table, "thing") != 0 || at->comparing || at->rows < 1000;
}

static bool note_every_step(const struct store_copying *at, void *arg)
{
    struct buf *out = arg;
    if (at->rows == 0 || strcmp(at->table, "thing") == 0)
        buf_printf(out, "%s %zu/%zu %lld%s\n", at->table, at->table_place, at->table_count,
                   (long long)at->rows, at->comparing ? " =" : "");
    return true;
}

static bool raise_price(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    struct sql_store_test_set_price_row row;
    bool found;
    return sql_store_test_set_price(db, NULL, 7, 0, 1, &row, &found, err);
}

static bool copy(const char *from, const char *to, store_watch *watch, void *arg,
                 struct store_copied *copied, struct error *err)
{
    struct store *source = open_at(from, false);
    struct store *target = store_open_unfinished(
        &(struct store_options){.where = to, .create = true}, &store_test_history, err);
    bool good = target != NULL && store_copy_between(source, target, watch, arg, copied, err);
    store_close(target);
    store_close(source);
    return good;
}

static bool read_last(struct db *db, void *arg, struct error *err)
{
    struct sql_store_test_find_thing_row row;
    bool found;
    (void)arg;
    if (!sql_store_test_find_thing(db, NULL, 7, THINGS - 1, &row, &found, err)) return false;
    assert_true(found);
    assert_int_equal(row.count_made, INT64_MAX - (THINGS - 1));
    assert_true(str_equal(row.name, STR("第 1202 号 '\"\\\nä")));
    assert_int_equal(row.body.len, 3);
    assert_memory_equal(row.body.ptr, "\0\xff\0", 3);
    double ratio = 0.1 * (THINGS - 1);
    assert_memory_equal(&row.ratio, &ratio, sizeof ratio);
    return true;
}

void store_case_copy(const char *from, const char *to, const char *back)
{
    struct error err;
    struct store_copied first, second;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct store *source = open_at(from, true);
    assert_true(store_write(source, fill, NULL, &err));
    store_close(source);

    /* Stopped after a thousand rows: kept, and no store yet. */
    assert_false(copy(from, to, stop_in_second_page, NULL, &first, &err));
    assert_int_equal(err.code, ERROR_STORE_COPY_STOPPED);
    assert_null(
        store_open_history(&(struct store_options){.where = to}, &store_test_history, &err));
    assert_int_equal(err.code, ERROR_STORE_UNFINISHED);

    /* Going on brings the 203 that lack, then compares all 1203 twice. */
    struct buf *steps = buf_new(arena);
    assert_true(copy(from, to, note_every_step, steps, &first, &err));
    assert_string_equal(str_dup(arena, buf_str(steps)),
                        "thing 1/4 203\n"
                        "thing 1/4 500 =\nthing 1/4 1000 =\nthing 1/4 1203 =\n"
                        "thing 1/4 500 =\nthing 1/4 1000 =\nthing 1/4 1203 =\n");
    assert_int_equal(first.tables, 4);
    assert_int_equal(first.rows, THINGS + 2 + 2 + 1);
    struct store *target = open_at(to, false);
    assert_true(store_read(target, read_last, NULL, &err));
    store_close(target);

    /* There and back is the same; nothing is mixed into what is there. */
    assert_true(copy(to, back, NULL, NULL, &second, &err));
    assert_string_equal(first.digest, second.digest);
    assert_false(copy(from, back, NULL, NULL, &second, &err));
    assert_int_equal(err.code, ERROR_STORE_COPY_TARGET);
}

void store_case_copy_changed(const char *from, const char *to)
{
    struct error err;
    struct store_copied copied;
    struct store *source = open_at(from, true);
    assert_true(store_write(source, fill, NULL, &err));
    store_close(source);
    assert_false(copy(from, to, stop_in_second_page, NULL, &copied, &err));
    source = open_at(from, false);
    assert_true(store_write(source, raise_price, NULL, &err));
    store_close(source);
    /* A row that was there already is another one now. */
    assert_false(copy(from, to, NULL, NULL, &copied, &err));
    assert_int_equal(err.code, ERROR_STORE_COPY_DIFFERS);
    assert_null(
        store_open_history(&(struct store_options){.where = to}, &store_test_history, &err));
    assert_int_equal(err.code, ERROR_STORE_UNFINISHED);
}
