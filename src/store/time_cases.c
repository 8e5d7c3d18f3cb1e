/* Statements that take long are told, and stopped when their request has no more time. */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/driver.h"
#include "store/store_cases.h"
#include "store_test_sql.h"

/* Counts to a number that no machine reaches within the test. */
#define ENDLESS \
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 900000000)"
#define COUNT ENDLESS " select count(*) from n"
#define FILL "insert into entry (org_id, entry_id, amount) " ENDLESS " select 31, i, 1 from n"

static const struct sql_column count_columns[] = {{"count", SQL_INT, false, 0, 0}};
static const struct sql_statement count_endless = {.name = "count_endless",
                                                   .kind = SQL_ONE,
                                                   .text = {COUNT, COUNT},
                                                   .columns = count_columns,
                                                   .columns_count = 1,
                                                   .row_bytes = sizeof(int64_t)};
static const struct sql_statement fill_endless = {
    .name = "fill_endless", .kind = SQL_EXEC, .text = {FILL, FILL}};

#define LIMIT_MS 400

struct seen {
    atomic_int count;
    char statement[40], request[40];
    int64_t ms;
    bool failed;
};

static void see(const struct store_slow *slow, void *arg)
{
    struct seen *seen = arg;
    if (atomic_fetch_add(&seen->count, 1) > 0) return;
    snprintf(seen->statement, sizeof seen->statement, "%s", slow->statement);
    snprintf(seen->request, sizeof seen->request, "%s",
             slow->request == NULL ? "-" : slow->request);
    seen->ms = slow->ms;
    seen->failed = slow->failed;
}

static bool count_work(struct db *db, void *arg, struct error *err)
{
    int64_t count;
    bool found;
    (void)arg;
    return sql_run_one(db, &count_endless, NULL, NULL, &count, &found, err);
}

static bool fill_work(struct db *db, void *arg, struct error *err)
{
    (void)arg;
    return sql_run_exec(db, &fill_endless, NULL, NULL, err);
}

/* Slow enough that a work which is stopped comes into the same batch behind it. */
static bool add_work(struct db *db, void *arg, struct error *err)
{
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    return sql_store_test_add_entry(db, 30, *(const id64 *)arg, 1, NULL, err);
}

static bool total_work(struct db *db, void *arg, struct error *err)
{
    bool found;
    return sql_store_test_total(db, NULL, 30, arg, &found, err);
}

static bool nothing(struct db *db, void *arg, struct error *err)
{
    (void)db;
    (void)arg;
    (void)err;
    return true;
}

/* Runs the endless work as a request, which must be stopped in its time. */
static void stop_it(struct store *store, bool write)
{
    struct error err;
    int64_t began = clock_ms();
    store_set_request(&(struct store_request){"request-7", LIMIT_MS});
    assert_false(write ? store_write(store, fill_work, NULL, &err)
                       : store_read(store, count_work, NULL, &err));
    assert_string_equal(error_name(err.code), "STORE_TIMEOUT");
    int64_t took = clock_ms() - began;
    assert_true(took >= LIMIT_MS - 20);
    assert_true(took < LIMIT_MS + 10000);
    /* The time is the request's, not each work's. */
    assert_false(store_read(store, count_work, NULL, &err));
    assert_string_equal(error_name(err.code), "STORE_TIMEOUT");
    assert_true(clock_ms() - began < took + 2000);
    store_set_request(NULL);
}

/* --- others work on meanwhile --- */

struct other {
    struct store *store;
    atomic_bool stop;
    int added;
    bool refused;
};

static void *add_on(void *arg)
{
    struct other *other = arg;
    while (!other->stop) {
        id64 id = ++other->added;
        struct error err;
        if (store_write(other->store, add_work, &id, &err)) continue;
        print_error("%s\n", error_name(err.code));
        other->refused = true;
    }
    return NULL;
}

static void run_beside(struct store *store)
{
    struct other other = {.store = store};
    struct sql_store_test_total_row total;
    struct error err;
    pthread_t adding;
    assert_int_equal(pthread_create(&adding, NULL, add_on, &other), 0);
    for (int i = 0; i < 3; i++) stop_it(store, true);
    other.stop = true;
    pthread_join(adding, NULL);
    assert_false(other.refused);
    assert_true(store_read(store, total_work, &total, &err));
    assert_int_equal(total.entries, other.added); /* all once, also those that ran again */
}

/* --- no connection is free --- */

static void *read_endless(void *arg)
{
    struct error err;
    store_set_request(&(struct store_request){"keeper", 4 * LIMIT_MS});
    assert_false(store_read(arg, count_work, NULL, &err));
    return NULL;
}

static void wait_in_vain(const char *where, const struct schema_history *history)
{
    struct error err;
    struct store_options options = {.where = where, .readers_max = 1};
    struct store *store = store_open_history(&options, history, &err);
    pthread_t keeper;
    assert_non_null(store);
    assert_int_equal(pthread_create(&keeper, NULL, read_endless, store), 0);
    nanosleep(&(struct timespec){.tv_nsec = LIMIT_MS * 500000}, NULL);
    store_set_request(&(struct store_request){"waiter", LIMIT_MS / 4});
    assert_false(store_read(store, nothing, NULL, &err));
    assert_string_equal(error_name(err.code), "STORE_TIMEOUT");
    store_set_request(NULL);
    pthread_join(keeper, NULL);
    assert_true(store_read(store, nothing, NULL, &err));
    store_close(store);
}

void store_case_time(const char *where, const struct schema_history *history)
{
    struct error err;
    struct seen seen = {0};
    struct store_options options = {
        .where = where, .create = true, .slow_ms = LIMIT_MS / 2, .slow = see, .slow_arg = &seen};
    struct store *store = store_open_history(&options, history, &err);
    assert_non_null(store);
    assert_true(store_read(store, nothing, NULL, &err));
    assert_int_equal(seen.count, 0);
    stop_it(store, false);
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.statement, "count_endless");
    assert_string_equal(seen.request, "request-7");
    assert_true(seen.failed);
    assert_true(seen.ms >= LIMIT_MS / 2 && seen.ms < LIMIT_MS + 10000);
    run_beside(store);
    store_close(store);
    wait_in_vain(where, history);
}
