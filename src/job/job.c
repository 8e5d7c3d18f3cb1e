/* Adding jobs, taking them, running them; the schedule. */
#include "job/job.h"

#include <string.h>
#include <time.h>

#include "job/internal.h"
#include "job_sql.h"

#define BUCKETS 256
#define LOOK_ROWS 16

static const char *const state_names[] = {"waiting", "running", "done", "dead"};

const char *job_state_name(enum job_state state)
{
    return state_names[state];
}

bool job_state_parse(str text, enum job_state *state)
{
    for (size_t i = 0; i < ARRAY_LEN(state_names); i++)
        if (str_is(text, state_names[i])) {
            *state = (enum job_state)i;
            return true;
        }
    return false;
}

/* Neighbouring numbers must not stand together: the finaliser of SplitMix64. */
int job_bucket(id64 org_id)
{
    uint64_t x = (uint64_t)org_id;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return (int)((x ^ (x >> 31)) % BUCKETS);
}

bool job_add(struct db *db, const struct job_new *new_job, int64_t now_ms, bool *added,
             struct error *err)
{
    int64_t changed;
    if (!sql_job_insert(db, new_job->org_id, id_new(), job_bucket(new_job->org_id),
                        str_from(new_job->kind), str_from(new_job->key), new_job->parent_id,
                        new_job->due_ms, now_ms, &changed, err))
        return false;
    if (added != NULL) *added = changed == 1;
    return true;
}

/* ---- taking ---- */

static int64_t wall_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t clock_of(const struct job_queue *queue)
{
    return queue->clock_ms != NULL ? queue->clock_ms() : wall_clock_ms();
}

static const struct job_kind *kind_of(const struct job_queue *queue, str name)
{
    for (size_t i = 0; i < queue->kind_count; i++)
        if (str_is(name, queue->kinds[i].name) &&
            job_limits_of(queue->rules, queue->kinds[i].name) != NULL)
            return &queue->kinds[i];
    return NULL;
}

struct attempt {
    const struct job_queue *queue;
    struct arena *arena;
    const struct job_kind *kind;
    const struct job_limits *limits;
    struct sql_job_due_row *candidates;
    size_t candidate_count, place;
    int64_t now_ms;
    id64 holder;
    int bucket; /* where to begin to look */
    bool taken, lost;
    struct job job;
    struct job_run run;
};

static bool add_due(struct db *db, struct attempt *a, enum job_state state, int bucket,
                    struct error *err)
{
    struct sql_job_due_row *rows;
    size_t count;
    if (!sql_job_due(db, a->arena, str_from(job_state_name(state)), bucket, a->now_ms, LOOK_ROWS,
                     &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (kind_of(a->queue, rows[i].kind) != NULL) a->candidates[a->candidate_count++] = rows[i];
    return true;
}

/* What a worker may take: from a bucket of its own on, then from the first; leases that ended too.
 */
static bool find_due(struct db *db, void *arg, struct error *err)
{
    struct attempt *a = arg;
    a->candidates = ARENA_NEW_ARRAY(a->arena, struct sql_job_due_row, 3 * LOOK_ROWS);
    a->candidate_count = 0;
    return add_due(db, a, JOB_WAITING, a->bucket, err) &&
           (a->candidate_count != 0 || a->bucket == 0 || add_due(db, a, JOB_WAITING, 0, err)) &&
           add_due(db, a, JOB_RUNNING, 0, err);
}

static bool take(struct db *db, void *arg, struct error *err)
{
    struct attempt *a = arg;
    const struct sql_job_due_row *seen = &a->candidates[a->place];
    struct sql_job_take_row row;
    a->kind = kind_of(a->queue, seen->kind);
    a->limits = job_limits_of(a->queue->rules, a->kind->name);
    if (!sql_job_take(db, a->arena, seen->org_id, seen->job_id, seen->epoch, a->holder, a->now_ms,
                      a->now_ms + a->limits->lease_ms, &row, &a->taken, err))
        return false;
    if (!a->taken) return true;
    a->job = (struct job){.org_id = seen->org_id,
                          .job_id = seen->job_id,
                          .kind = a->kind->name,
                          .key = str_dup(a->arena, row.job_key),
                          .parent_id = row.parent_id,
                          .state = JOB_RUNNING,
                          .attempts = row.attempts,
                          .epoch = row.epoch,
                          .due_ms = a->now_ms + a->limits->lease_ms,
                          .added_ms = row.added_at,
                          .started_ms = a->now_ms};
    return true;
}

/* ---- ending ---- */

/* The effect and the end are one transaction: both are kept, or neither. */
static bool act(struct db *db, void *arg, struct error *err)
{
    struct attempt *a = arg;
    int64_t changed;
    a->lost = false;
    if (!a->kind->act(db, &a->run, err)) return false;
    if (a->queue->watch != NULL) a->queue->watch(JOB_ACTED, a->queue->context);
    if (!sql_job_finish(db, a->job.org_id, a->job.job_id, a->job.epoch, clock_of(a->queue),
                        &changed, err))
        return false;
    a->lost = changed != 1;
    return !a->lost || error_set(err, ERROR_JOB_LEASE_LOST, "s", a->job.kind);
}

static bool fail(struct db *db, void *arg, struct error *err)
{
    struct attempt *a = arg;
    int64_t changed, now_ms = clock_of(a->queue);
    bool last = a->job.attempts >= a->limits->attempts_max;
    a->job.state = last ? JOB_DEAD : JOB_WAITING;
    a->job.due_ms = last ? now_ms : now_ms + job_wait_ms(a->limits, a->job.attempts);
    a->job.ended_ms = now_ms;
    if (!sql_job_fail(db, a->job.org_id, a->job.job_id, a->job.epoch,
                      str_from(job_state_name(a->job.state)), a->job.due_ms, now_ms,
                      str_from(error_name(a->job.error.code)),
                      str_from(job_error_args(a->arena, &a->job.error)), &changed, err))
        return false;
    a->lost = changed != 1;
    return true;
}

static bool run(struct attempt *a, struct job_outcome *outcome, struct error *err)
{
    struct store *store = a->queue->store;
    struct error *why = &a->job.error;
    *why = (struct error){0};
    a->run = (struct job_run){.job = &a->job, .arena = a->arena, .context = a->queue->context};
    /* Begun once too often: whoever ran it before went down with it. */
    bool good = a->job.attempts <= a->limits->attempts_max ||
                error_set(why, ERROR_JOB_LOST, "i", a->limits->attempts_max);
    good = good && (a->kind->look == NULL || store_read(store, a->kind->look, &a->run, why)) &&
           store_write(store, act, a, why);
    if (good) {
        a->job.state = JOB_DONE;
        a->job.ended_ms = clock_of(a->queue);
        outcome->end = JOB_WENT_WELL;
    } else {
        a->job.failed = true;
        if (!a->lost && !store_write(store, fail, a, err)) return false;
        outcome->end = a->lost ? JOB_LOST : a->job.state == JOB_DEAD ? JOB_DIED : JOB_FAILED;
    }
    outcome->job = a->job;
    if (a->queue->watch != NULL) a->queue->watch(JOB_ENDED, a->queue->context);
    return true;
}

bool job_work(const struct job_queue *queue, struct arena *arena, struct job_outcome *outcome,
              struct error *err)
{
    struct attempt a = {.queue = queue, .arena = arena, .holder = id_new()};
    *outcome = (struct job_outcome){.end = JOB_IDLE};
    a.now_ms = clock_of(queue);
    a.bucket = job_bucket(a.holder);
    if (!store_read(queue->store, find_due, &a, err)) return false;
    for (a.place = 0; a.place < a.candidate_count && !a.taken; a.place++)
        if (!store_write(queue->store, take, &a, err)) return false;
    if (!a.taken) return true;
    if (queue->watch != NULL) queue->watch(JOB_TAKEN, queue->context);
    return run(&a, outcome, err);
}

/* ---- the schedule ---- */

static const char *key_of(struct arena *arena, const struct job_line *line, int64_t at_ms)
{
    return arena_printf(arena, "%s %s", line->name, instant_format(arena, at_ms, 480));
}

struct tick {
    struct arena *arena;
    const struct job_line *line;
    int64_t at_ms, now_ms;
};

static bool move_schedule(struct db *db, void *arg, struct error *err)
{
    struct tick *tick = arg;
    str name = str_from(tick->line->name);
    int64_t changed;
    if (!sql_job_begin_schedule(db, name, tick->at_ms, &changed, err)) return false;
    if (changed == 1) return true; /* never seen before: it begins with its next time */
    if (!sql_job_move_schedule(db, name, tick->at_ms, &changed, err)) return false;
    struct job_new new_job = {.kind = tick->line->kind,
                              .key = key_of(tick->arena, tick->line, tick->at_ms)};
    return changed != 1 || job_add(db, &new_job, tick->now_ms, NULL, err);
}

bool job_tick(const struct job_queue *queue, struct arena *arena, struct job_clock *clock,
              int64_t now_ms, struct error *err)
{
    const struct job_rules *rules = queue->rules;
    for (size_t i = 0; i < rules->schedule_count; i++) {
        struct tick tick = {.arena = arena, .line = &rules->schedule[i], .now_ms = now_ms};
        tick.at_ms = job_last_time(tick.line, now_ms);
        if (tick.at_ms == 0 || tick.at_ms <= clock->seen_ms[i]) continue;
        if (!store_write(queue->store, move_schedule, &tick, err)) return false;
        clock->seen_ms[i] = tick.at_ms;
    }
    return true;
}

bool job_add_line(struct db *db, const struct job_line *line, int64_t now_ms, struct error *err)
{
    struct arena *arena = db_arena(db);
    char id[ID_TEXT_MAX];
    id_format(id_new(), id);
    struct job_new new_job = {.kind = line->kind,
                              .key = arena_printf(arena, "%s %s", key_of(arena, line, now_ms), id)};
    return job_add(db, &new_job, now_ms, NULL, err);
}
