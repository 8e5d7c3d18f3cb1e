/* The queue with a clock of the test's own: leases and epochs, waits, dead letters, the schedule;
 * and a worker that is killed in the middle of a job. */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "job/job.h"

/* 2026-03-01 is day 20513; the instants are counted by hand from its first moment in UTC. */
#define START ((int64_t)20513 * DAY_MS)
#define MINUTE ((int64_t)60000)
#define HOUR ((int64_t)3600000)

static char directory[64];
static int64_t now_ms;
static struct arena *arena;
static struct job_rules rules;
static struct store *store;
static int acted, failures_left;
static void (*strike)(void); /* called inside a job's write */

static int64_t clock_ms(void)
{
    return now_ms;
}

/* The effect: one more, for the organisation of the job. */
static bool add_one(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    bool first;
    acted++;
    if (!job_once(db, run->job->org_id, arena_printf(run->arena, "%s done", run->job->key), now_ms,
                  &first, err))
        return false;
    if (strike != NULL) strike();
    return first || error_set(err, ERROR_INTERNAL, "s", "done twice");
}

/* Changes a row, then fails as long as it is told to. */
static bool fail_some(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    bool first;
    acted++;
    if (!job_once(db, run->job->org_id, "failing", now_ms, &first, err)) return false;
    return failures_left-- <= 0 || error_set(err, ERROR_LIMIT, "iis", (int64_t)7, (int64_t)5, "x");
}

static const struct job_kind kinds[] = {{"one", NULL, add_one}, {"failing", NULL, fail_some}};

static struct job_queue queue_of(void)
{
    return (struct job_queue){.store = store,
                              .rules = &rules,
                              .kinds = kinds,
                              .kind_count = ARRAY_LEN(kinds),
                              .clock_ms = clock_ms};
}

static const char *where(void)
{
    return arena_printf(arena, "sqlite:%s/tanshu.db", directory);
}

static int set_up(void **state)
{
    (void)state;
    struct error err = {0};
    snprintf(directory, sizeof directory, "/tmp/tanshu-job-XXXXXX");
    assert_non_null(mkdtemp(directory));
    arena = arena_open(0);
    const char *roots[] = {directory};
    const char *folder = arena_printf(arena, "%s/tables/jobs", directory);
    assert_true(file_make_directory(folder, &err));
    assert_true(file_write(arena_printf(arena, "%s/kinds.csv", folder),
                           STR("kind,title_en,title_zh,lease_s,attempts_max,wait_s,wait_s_max\n"
                               "one,One,一,60,3,10,25\nfailing,Failing,败,60,4,10,25\n"),
                           &err));
    assert_true(file_write(arena_printf(arena, "%s/schedule.csv", folder),
                           STR("name,kind,at,title_en,title_zh\nnightly,one,02:30,Nightly,夜间\n"),
                           &err));
    assert_true(job_rules_open(arena, roots, 1, &rules, &err));
    store = store_open(&(struct store_options){.where = where(), .create = true}, &err);
    assert_non_null(store);
    now_ms = START;
    acted = failures_left = 0;
    strike = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(store);
    arena_close(arena);
    assert_true(file_remove_tree(directory));
    return 0;
}

static bool add(struct db *db, void *arg, struct error *err)
{
    return job_add(db, arg, now_ms, NULL, err);
}

static void add_job(id64 org_id, const char *kind, const char *key)
{
    struct job_new new_job = {.org_id = org_id, .kind = kind, .key = key};
    struct error err = {0};
    assert_true(store_write(store, add, &new_job, &err));
}

static struct job_outcome work(void)
{
    struct job_queue queue = queue_of();
    struct job_outcome outcome;
    struct error err = {0};
    assert_true(job_work(&queue, arena, &outcome, &err));
    return outcome;
}

struct listing {
    enum job_state state;
    struct job *list;
    size_t count;
};

static bool list(struct db *db, void *arg, struct error *err)
{
    struct listing *listing = arg;
    return job_list(db, arena, listing->state, NULL, 0, 1000, &listing->list, &listing->count, err);
}

static struct listing jobs(enum job_state state)
{
    struct listing listing = {.state = state};
    struct error err = {0};
    assert_true(store_read(store, list, &listing, &err));
    return listing;
}

/* ---- cases ---- */

static void test_once(void **state)
{
    (void)state;
    add_job(1, "one", "a");
    add_job(1, "one", "a");
    add_job(2, "one", "a");
    add_job(1, "one", "b");
    assert_int_equal(jobs(JOB_WAITING).count, 3);
    for (int i = 0; i < 3; i++) assert_int_equal(work().end, JOB_WENT_WELL);
    assert_int_equal(work().end, JOB_IDLE);
    assert_int_equal(acted, 3);
    assert_int_equal(jobs(JOB_DONE).count, 3);
    add_job(1, "one", "a"); /* known, though it is done */
    assert_int_equal(work().end, JOB_IDLE);
}

static void test_not_before(void **state)
{
    (void)state;
    struct job_new later = {.org_id = 1, .kind = "one", .key = "a", .due_ms = START + HOUR};
    struct error err = {0};
    assert_true(store_write(store, add, &later, &err));
    now_ms = START + HOUR - 1;
    assert_int_equal(work().end, JOB_IDLE);
    now_ms = START + HOUR;
    assert_int_equal(work().end, JOB_WENT_WELL);
}

/* 10 s, then 20 s, then 25 s, which is the most; the fourth failure is the last. */
static void test_waits_and_death(void **state)
{
    (void)state;
    static const int64_t waits_ms[] = {10000, 20000, 25000};
    failures_left = 4;
    add_job(5, "failing", "a");
    for (size_t i = 0; i < ARRAY_LEN(waits_ms); i++) {
        struct job_outcome outcome = work();
        assert_int_equal(outcome.end, JOB_FAILED);
        assert_int_equal(outcome.job.due_ms, now_ms + waits_ms[i]);
        now_ms += waits_ms[i] - 1;
        assert_int_equal(work().end, JOB_IDLE);
        now_ms++;
    }
    struct job_outcome last = work();
    assert_int_equal(last.end, JOB_DIED);
    struct listing dead = jobs(JOB_DEAD);
    assert_int_equal(dead.count, 1);
    assert_int_equal(dead.list[0].attempts, 4);
    assert_true(dead.list[0].failed);
    assert_int_equal(dead.list[0].error.code, ERROR_LIMIT);
    assert_true(str_is(error_arg(&dead.list[0].error, 0), "7"));
    assert_true(str_is(error_arg(&dead.list[0].error, 2), "x"));
    now_ms += 30 * DAY_MS;
    assert_int_equal(work().end, JOB_IDLE);
}

static bool retry(struct db *db, void *arg, struct error *err)
{
    return job_retry(db, *(id64 *)arg, err);
}

static void test_retry(void **state)
{
    (void)state;
    struct error err = {0};
    failures_left = 5;
    add_job(5, "failing", "a");
    for (int i = 0; i < 4; i++, now_ms += HOUR) (void)work();
    id64 id = jobs(JOB_DEAD).list[0].job_id;
    assert_true(store_write(store, retry, &id, &err));
    assert_int_equal(jobs(JOB_DEAD).count, 0);
    assert_int_equal(work().end, JOB_FAILED); /* its attempts are counted anew */
    now_ms += HOUR;
    assert_int_equal(work().end, JOB_WENT_WELL);
    assert_false(store_write(store, retry, &id, &err));
    assert_int_equal(err.code, ERROR_JOB_NOT_DEAD);
    id = 99;
    assert_false(store_write(store, retry, &id, &err));
    assert_int_equal(err.code, ERROR_JOB_UNKNOWN);
}

/* Another process that sees the same file: its own connection, an hour later. */
static pid_t fork_worker(void (*in_the_middle)(void))
{
    store_close(store);
    pid_t child = fork();
    assert_true(child >= 0);
    struct error err = {0};
    if (child != 0) return child;
    store = store_open(&(struct store_options){.where = where()}, &err);
    struct job_queue queue = queue_of();
    struct job_outcome outcome;
    strike = in_the_middle;
    bool good = store != NULL && job_work(&queue, arena, &outcome, &err);
    _exit(good && outcome.end == JOB_WENT_WELL ? 0 : 1);
}

static void kill_myself(void)
{
    kill(getpid(), SIGKILL);
}

static void reopen(void)
{
    struct error err = {0};
    store = store_open(&(struct store_options){.where = where()}, &err);
    assert_non_null(store);
}

static void test_killed_in_the_middle(void **state)
{
    (void)state;
    int status;
    add_job(3, "one", "a");
    pid_t child = fork_worker(kill_myself);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    reopen();
    struct listing running = jobs(JOB_RUNNING);
    assert_int_equal(running.count, 1);
    assert_int_equal(running.list[0].due_ms, START + MINUTE); /* a lease of 60 s */
    now_ms = START + MINUTE - 1;
    assert_int_equal(work().end, JOB_IDLE);
    now_ms = START + MINUTE;
    struct job_outcome outcome = work(); /* its effect would refuse to be done twice */
    assert_int_equal(outcome.end, JOB_WENT_WELL);
    assert_int_equal(outcome.job.attempts, 2);
    assert_int_equal(outcome.job.epoch, running.list[0].epoch + 1);
    assert_int_equal(acted, 1);
}

/* What kills its process each time is not begun for ever. */
static void test_poison(void **state)
{
    (void)state;
    int status;
    add_job(3, "one", "a");
    for (int i = 0; i < 3; i++, now_ms += MINUTE) {
        pid_t child = fork_worker(kill_myself);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        reopen();
    }
    struct job_outcome outcome = work();
    assert_int_equal(outcome.end, JOB_DIED);
    assert_int_equal(outcome.job.error.code, ERROR_JOB_LOST);
    assert_int_equal(acted, 0);
}

/* A worker that is slower than its lease: another does the job meanwhile, and it keeps nothing. */
static void overtake(enum job_moment moment, void *context)
{
    (void)context;
    if (moment != JOB_TAKEN || acted != 0) return;
    now_ms += MINUTE;
    struct job_outcome other = work();
    assert_int_equal(other.end, JOB_WENT_WELL);
}

static bool act_anyway(struct db *db, void *arg, struct error *err)
{
    (void)db;
    (void)arg;
    (void)err;
    acted++;
    return true;
}

static void test_overtaken(void **state)
{
    (void)state;
    static const struct job_kind other[] = {{"one", NULL, act_anyway}};
    struct job_queue queue = queue_of();
    struct job_outcome outcome;
    struct error err = {0};
    add_job(4, "one", "a");
    queue.kinds = other;
    queue.kind_count = 1;
    queue.watch = overtake;
    assert_true(job_work(&queue, arena, &outcome, &err));
    assert_int_equal(outcome.end, JOB_LOST);
    assert_int_equal(outcome.job.error.code, ERROR_JOB_LEASE_LOST);
    assert_int_equal(acted, 2);
    struct listing done = jobs(JOB_DONE);
    assert_int_equal(done.count, 1);
    assert_int_equal(done.list[0].epoch, 2);
}

static void test_kinds_of_newer_programs(void **state)
{
    (void)state;
    add_job(4, "from-the-future", "a");
    assert_int_equal(work().end, JOB_IDLE);
    assert_int_equal(jobs(JOB_WAITING).count, 1);
}

/* ---- the schedule ---- */

static void tick(struct job_clock *clock)
{
    struct job_queue queue = queue_of();
    struct error err = {0};
    assert_true(job_tick(&queue, arena, clock, now_ms, &err));
}

/* 02:30 in China is 18:30 UTC of the day before. */
static void test_schedule(void **state)
{
    (void)state;
    struct job_clock one = {.seen_ms = (int64_t[1]){0}}, other = {.seen_ms = (int64_t[1]){0}};
    tick(&one);
    tick(&other);
    assert_int_equal(jobs(JOB_WAITING).count, 0); /* a new installation does not begin at once */
    now_ms = START + 18 * HOUR + 30 * MINUTE - 1;
    tick(&one);
    assert_int_equal(jobs(JOB_WAITING).count, 0);
    now_ms++;
    tick(&one);
    tick(&other);
    tick(&one);
    struct listing waiting = jobs(JOB_WAITING);
    assert_int_equal(waiting.count, 1);
    assert_string_equal(waiting.list[0].key, "nightly 2026-03-02 02:30");
    assert_int_equal(work().end, JOB_WENT_WELL);
    now_ms += 5 * DAY_MS; /* nobody was there for five nights */
    struct job_clock new_process = {.seen_ms = (int64_t[1]){0}};
    tick(&new_process);
    assert_int_equal(jobs(JOB_WAITING).count, 1);
}

static struct job_line line(enum job_rhythm rhythm, int day, int minute)
{
    return (struct job_line){.rhythm = rhythm, .day = day, .minute = minute};
}

static void test_times(void **state)
{
    (void)state;
    struct job_line off = line(JOB_OFF, 0, 0), hourly = line(JOB_HOURLY, 0, 17),
                    daily = line(JOB_DAILY, 0, 8 * 60), monthly = line(JOB_MONTHLY, 16, 9 * 60);
    assert_int_equal(job_last_time(&off, START), 0);
    assert_int_equal(job_last_time(&hourly, START + 16 * MINUTE), START - 43 * MINUTE);
    assert_int_equal(job_last_time(&hourly, START + 17 * MINUTE), START + 17 * MINUTE);
    assert_int_equal(job_last_time(&daily, START), START); /* 08:00 in China is 00:00 UTC */
    assert_int_equal(job_last_time(&daily, START - 1), START - DAY_MS);
    /* 2026-03-16 09:00 in China is 01:00 UTC; the one before is 28 days earlier, in February. */
    assert_int_equal(job_last_time(&monthly, START + 15 * DAY_MS + HOUR),
                     START + 15 * DAY_MS + HOUR);
    assert_int_equal(job_last_time(&monthly, START + 15 * DAY_MS + HOUR - 1),
                     START - 13 * DAY_MS + HOUR);
}

/* An installation's own rows take the place of the shipped ones; a bad file stops nobody. */
static void test_own_rules(void **state)
{
    (void)state;
    struct error err = {0};
    const char *own = arena_printf(arena, "%s/own", directory);
    const char *folder = arena_printf(arena, "%s/tables/jobs", own);
    const char *file = arena_printf(arena, "%s/schedule.csv", folder);
    const char *roots[] = {directory, own};
    struct job_rules read;
    assert_true(file_make_directory(folder, &err));
    assert_true(file_write(file,
                           STR("name,kind,at,title_en,title_zh\nnightly,one,off,Nightly,夜间\n"
                               "noon,one,day 3 12:00,Noon,正午\n"),
                           &err));
    assert_true(job_rules_open(arena, roots, 2, &read, &err));
    assert_int_equal(read.schedule_count, 2);
    assert_int_equal(read.schedule[0].rhythm, JOB_OFF);
    assert_int_equal(read.schedule[1].day, 3);
    assert_int_equal(read.schedule[1].minute, 720);
    assert_true(file_write(file,
                           STR("name,kind,at,title_en,title_zh\nnightly,one,off,N,夜\n"
                               "noon,one,25:00,Noon,正午\n"),
                           &err));
    assert_true(job_rules_open(arena, roots, 2, &read, &err));
    assert_int_equal(read.problem_count, 1);
    assert_int_equal(read.problems[0].reason.code, ERROR_JOB_TABLE);
    assert_true(str_is(error_arg(&read.problems[0].reason, 1), "3"));
    assert_int_equal(read.schedule_count, 1);
    assert_int_equal(read.schedule[0].rhythm, JOB_DAILY);
    const char *shipped[] = {getenv("TANSHU_SOURCE")};
    assert_true(job_rules_open(arena, shipped, 1, &read, &err));
    assert_true(read.schedule_count >= 4);
}

/* ---- what changed since ---- */

struct change {
    bool changed;
    int64_t changes;
    digest rules;
};

static bool look(struct db *db, void *arg, struct error *err)
{
    struct change *change = arg;
    return job_changed(db, 8, "one", change->rules, &change->changed, &change->changes, err);
}

static bool mark(struct db *db, void *arg, struct error *err)
{
    struct change *change = arg;
    return job_set_mark(db, 8, "one", change->changes, change->rules, now_ms, err);
}

static void test_mark(void **state)
{
    (void)state;
    struct error err = {0};
    struct change seen = {.rules = digest_of(STR("rules"))};
    struct change other = {.rules = digest_of(STR("other rules"))};
    assert_true(store_read(store, look, &seen, &err));
    assert_true(seen.changed); /* never done */
    assert_true(store_write(store, mark, &seen, &err));
    assert_true(store_read(store, look, &seen, &err));
    assert_false(seen.changed);
    assert_true(store_read(store, look, &other, &err));
    assert_true(other.changed);
    /* Somebody changes a row between the look and the write: it is not hidden by the mark. */
    struct change between = seen;
    assert_true(store_write(store, mark, &between, &err));
    assert_true(store_write(store, mark, &seen, &err));
    assert_true(store_read(store, look, &seen, &err));
    assert_true(seen.changed);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {CASE(test_once),
                                       CASE(test_not_before),
                                       CASE(test_waits_and_death),
                                       CASE(test_retry),
                                       CASE(test_killed_in_the_middle),
                                       CASE(test_poison),
                                       CASE(test_overtaken),
                                       CASE(test_kinds_of_newer_programs),
                                       CASE(test_schedule),
                                       CASE(test_times),
                                       CASE(test_own_rules),
                                       CASE(test_mark)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
