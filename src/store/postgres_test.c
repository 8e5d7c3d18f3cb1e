/* Run by test/postgres.sh, with TANSHU_TEST_POSTGRES naming a server with two empty databases.
 * Migrates `rooms` and prepares every statement of every room there; runs the common cases on
 * `cases`. */
#include "unit.h"

#include <libpq-fe.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "store/store_cases.h"

/* All rooms' schemas in one step. */
extern const struct schema_history store_rooms_today;

static const char *rooms_where, *today_where, *cases_where, *copy_where[3], *migrate_where[3];

/* Each statement in a transaction of its own: after a failure the server refuses the rest. */
struct one {
    const struct sql_statement *statement;
};

static bool prepare_one(struct db *db, void *arg, struct error *err)
{
    return sql_prepare(db, ((struct one *)arg)->statement, err);
}

static struct store *open_store(const char *where, const struct schema_history *history)
{
    struct error err;
    struct store *store =
        store_open_history(&(struct store_options){.where = where, .create = true}, history, &err);
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    if (store == NULL) fprintf(stderr, "%s\n", error_render(arena, &err, error_sentence(err.code)));
    assert_non_null(store);
    return store;
}

static void test_statements(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct store *store = open_store(rooms_where, &store_history);
    int failed = 0;
    for (const struct sql_room *const *room = sql_rooms; *room != NULL; room++)
        for (size_t i = 0; i < (*room)->count; i++) {
            struct one one = {(*room)->statements[i]};
            struct error err;
            if (store_write(store, prepare_one, &one, &err)) continue;
            fprintf(stderr, "%s: error: %s\n", one.statement->place,
                    error_render(arena, &err, error_sentence(err.code)));
            failed++;
        }
    store_close(store);
    assert_int_equal(failed, 0);
}

/* What PostgreSQL's catalogue says of tables: columns with type, order of text, default; indexes;
 * constraints. */
static const char *catalogue(struct arena *arena, const char *where)
{
    static const char query[] =
        "select concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),"
        " l.collname, a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) from pg_class c"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " left join pg_collation l on l.oid = a.attcollation"
        " left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum"
        " where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace"
        " union all select indexdef from pg_indexes where schemaname = 'public'"
        " union all select concat_ws(' ', conrelid::regclass, pg_get_constraintdef(oid))"
        " from pg_constraint where connamespace = 'public'::regnamespace order by 1";
    PGconn *connection = PQconnectdb(where + strlen("postgres:"));
    PGresult *result = PQexec(connection, query);
    struct buf *out = buf_new(arena);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    for (int i = 0; i < PQntuples(result); i++) buf_printf(out, "%s\n", PQgetvalue(result, i, 0));
    assert_true(PQntuples(result) > 500);
    PQclear(result);
    PQfinish(connection);
    return str_dup(arena, buf_str(out));
}

/* The numbered steps, one after another, leave what the rooms' schemas say today. */
static void test_steps_make_the_rooms_tables(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    store_close(open_store(today_where, &store_rooms_today));
    assert_string_equal(catalogue(arena, rooms_where), catalogue(arena, today_where));
}

static void test_cases(void **state)
{
    static void (*const cases[])(struct store *) = {
        store_case_values, store_case_nulls, store_case_rollback,   store_case_errors,
        store_case_queue,  store_case_order, store_case_append_only};
    (void)state;
    struct store *store = open_store(cases_where, &store_test_history);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) cases[i](store);
    struct store *other = open_store(cases_where, &store_test_history);
    store_case_changes(store, other);
    store_close(other);
    store_close(store);
}

static void test_time(void **state)
{
    (void)state;
    store_case_time(cases_where, &store_test_history);
}

/* A server that calls itself by another name: a function before PostgreSQL's own says so. */
static void test_other_server(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error err;
    PGconn *connection = PQconnectdb(today_where + strlen("postgres:"));
    PQclear(PQexec(connection, "create schema other; create function other.version() returns text"
                               " return '(openGauss 5.0.0 build a07d57c3)'"));
    PQfinish(connection);
    const char *where =
        arena_printf(arena, "%s options='-c search_path=other,pg_catalog,public'", today_where);
    assert_null(store_open(&(struct store_options){.where = where, .create = true}, &err));
    assert_string_equal(error_name(err.code), "STORE_SERVER");
}

static void test_refusals(void **state)
{
    (void)state;
    struct error err;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    char *report;
    /* The store of the cases has other tables than the rooms'. */
    assert_null(store_open(&(struct store_options){.where = cases_where, .migrate = true}, &err));
    assert_int_equal(err.code, ERROR_STORE_CHANGED);
    assert_null(
        store_open(&(struct store_options){.where = "postgres:host=/nowhere dbname=x"}, &err));
    assert_int_equal(err.code, ERROR_STORE_CONNECT);
    struct store *store = open_store(cases_where, &store_test_history);
    assert_true(store_check(store, arena, &report, &err));
    assert_string_equal(report, "");
    /* Somebody gave more than the role may have; `tanshu migrate` takes it back. */
    struct store_migrated migrated;
    PGconn *connection = PQconnectdb(cases_where + strlen("postgres:"));
    PQclear(PQexec(connection, "grant delete on entry to cases_writer"));
    PQfinish(connection);
    assert_true(store_check(store, arena, &report, &err));
    assert_string_equal(
        report,
        "rights: cases_writer may change rows of entry, which only grows; run 'tanshu migrate'\n");
    assert_true(store_migrate_history(cases_where, &store_test_history, false, NULL, NULL,
                                      &migrated, &err));
    assert_true(store_check(store, arena, &report, &err));
    assert_string_equal(report, "");
    store_close(store);
}

/* Both directions. */
static void test_copies(void **state)
{
    (void)state;
    char place[] = "/tmp/store_copy_XXXXXX";
    assert_non_null(mkdtemp(place));
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *file = arena_printf(arena, "sqlite:%s/a.db", place);
    store_case_copy(file, copy_where[0], arena_printf(arena, "sqlite:%s/b.db", place));
    store_case_copy_changed(copy_where[1], arena_printf(arena, "sqlite:%s/c.db", place));
    store_case_copy_changed(arena_printf(arena, "sqlite:%s/d.db", place), copy_where[2]);
    assert_true(file_remove_tree(place));
}

static void test_migrations(void **state)
{
    (void)state;
    char folder[] = "/tmp/store_steps_XXXXXX";
    assert_non_null(mkdtemp(folder));
    store_case_migrate(migrate_where, folder);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements), cmocka_unit_test(test_steps_make_the_rooms_tables),
        cmocka_unit_test(test_cases),      cmocka_unit_test(test_time),
        cmocka_unit_test(test_refusals),   cmocka_unit_test(test_other_server),
        cmocka_unit_test(test_copies),     cmocka_unit_test(test_migrations),
    };
    const char *server = getenv("TANSHU_TEST_POSTGRES");
    if (server == NULL) {
        fprintf(stderr, "usage: test/postgres.sh postgres_test\n");
        return 2;
    }
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    rooms_where = arena_printf(arena, "postgres:%s dbname=rooms", server);
    today_where = arena_printf(arena, "postgres:%s dbname=today", server);
    cases_where = arena_printf(arena, "postgres:%s dbname=cases", server);
    for (size_t i = 0; i < ARRAY_LEN(copy_where); i++)
        copy_where[i] = arena_printf(arena, "postgres:%s dbname=copy_%zu", server, i);
    for (size_t i = 0; i < ARRAY_LEN(migrate_where); i++)
        migrate_where[i] = arena_printf(arena, "postgres:%s dbname=migrate_%zu", server, i);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
