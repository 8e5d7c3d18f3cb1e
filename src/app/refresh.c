#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"

#define CHINA_MINUTES 480
#define YEARS_MAX 64
#define BATCH 8 /* enterprises in one read, and those of them that need it in one write */
#define THREADS_MAX 16
#define PAGE 1000
#define ARENA_BYTES ((size_t)1 << 30)

/* ---- one enterprise ---- */

struct years {
    int list[YEARS_MAX];
    size_t count;
};

static void note_year(struct years *years, struct account_period period)
{
    int year = month_year(month_of(period.last));
    if (account_period_equal(period, account_once()) || years->count == YEARS_MAX) return;
    size_t at = years->count;
    for (size_t i = 0; i < years->count; i++)
        if (years->list[i] == year) return;
    for (; at > 0 && years->list[at - 1] > year; at--) years->list[at] = years->list[at - 1];
    years->list[at] = year;
    years->count++;
}

/* In order, as a year reads what the two before it posted. */
static bool read_years(struct db *db, struct arena *arena, const struct viewer *viewer,
                       struct years *years, struct error *err)
{
    struct account_data_filter data_filter = {.as_known = ACCOUNT_NOW};
    struct account_run_filter run_filter = {.has_state = true, .state = ACCOUNT_POSTED};
    struct account_datum *data;
    struct account_run *runs;
    size_t data_count, run_count;
    *years = (struct years){0};
    if (!account_list_data(db, arena, viewer, viewer->org_id, &data_filter, &data, &data_count,
                           err) ||
        !account_list_runs(db, arena, viewer, viewer->org_id, &run_filter, &runs, &run_count, err))
        return false;
    for (size_t i = 0; i < data_count; i++) note_year(years, data[i].period);
    for (size_t i = 0; i < run_count; i++) note_year(years, runs[i].period);
    return true;
}

static bool refresh_years(struct db *db, struct arena *arena, const struct app *app,
                          const struct viewer *viewer, int64_t now_ms, struct years *years,
                          struct error *err)
{
    date today = instant_day(now_ms, CHINA_MINUTES);
    if (!read_years(db, arena, viewer, years, err)) return false;
    for (size_t i = 0; i < years->count; i++)
        if (!credit_refresh(db, arena, viewer, &app->credit, viewer->org_id, years->list[i], today,
                            now_ms, err))
            return false;
    return true;
}

bool app_refresh_org(struct db *db, const struct app *app, id64 org_id, int64_t now_ms,
                     struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(ARENA_BYTES);
    struct viewer viewer = registry_viewer_own(org_id, 0);
    struct years years;
    (void)account_hold_data(db, arena, org_id);
    bool good = refresh_years(db, arena, app, &viewer, now_ms, &years, err);
    account_release_data(db);
    return good;
}

/* ---- all of them ---- */

struct refreshing { /* shared by the threads */
    struct app *app;
    const struct app_refresh *how;
    struct arena *arena;
    digest rules;
    id64 *orgs;
    size_t count, capacity;
    _Atomic size_t next;
    pthread_mutex_t lock; /* of what follows */
    int64_t done;
    struct app_refreshed result;
    bool broken;
    struct error error;
};

struct turn { /* a thread's batch */
    struct refreshing *all;
    const id64 *orgs;
    size_t count;
    struct visit {
        bool changed, stale;
        int64_t changes;
        struct error failure;
    } visits[BATCH];
};

static bool list_all(struct db *db, void *arg, struct error *err)
{
    struct refreshing *all = arg;
    struct registry_org_filter filter = {
        .kind = REGISTRY_ENTERPRISE, .division_prefix = "", .industry_prefix = ""};
    struct registry_org *list;
    size_t count;
    all->count = 0;
    do {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
        if (!registry_list_orgs(db, arena, &filter, &list, &count, err)) return false;
        for (size_t i = 0; i < count; i++)
            *ARENA_PUSH(all->arena, all->orgs, all->count, all->capacity) = list[i].org_id;
        filter.skip += (int64_t)count;
    } while (count == PAGE);
    return true;
}

static bool look_one(struct db *db, struct turn *turn, size_t i, struct error *err)
{
    struct visit *visit = &turn->visits[i];
    *visit = (struct visit){0};
    if (!job_changed(db, turn->orgs[i], APP_ACCOUNT_MARK, turn->all->rules, &visit->changed,
                     &visit->changes, err))
        return false;
    visit->changed = visit->changed || turn->all->how->all;
    visit->stale = visit->changed;
    return true;
}

static bool look(struct db *db, void *arg, struct error *err)
{
    struct turn *turn = arg;
    for (size_t i = 0; i < turn->count; i++)
        if (!look_one(db, turn, i, err)) return false;
    return true;
}

static bool act_one(struct db *db, struct turn *turn, size_t i, struct error *err)
{
    const struct refreshing *all = turn->all;
    return app_refresh_org(db, all->app, turn->orgs[i], all->how->now_ms, err) &&
           job_set_mark(db, turn->orgs[i], APP_ACCOUNT_MARK, turn->visits[i].changes, all->rules,
                        all->how->now_ms, err);
}

static bool act(struct db *db, void *arg, struct error *err)
{
    struct turn *turn = arg;
    for (size_t i = 0; i < turn->count; i++)
        if (turn->visits[i].stale && !act_one(db, turn, i, err)) return false;
    return true;
}

/* One that fails takes its batch with it: then each is tried by itself. */
static bool act_each(struct turn *turn, struct error *err)
{
    struct store *store = turn->all->app->store;
    bool any = false;
    for (size_t i = 0; i < turn->count; i++) any = any || turn->visits[i].stale;
    if (!any || store_write(store, act, turn, err)) return true;
    for (size_t i = 0; i < turn->count; i++) {
        struct turn one = {.all = turn->all, .orgs = &turn->orgs[i], .count = 1};
        one.visits[0] = turn->visits[i];
        if (!one.visits[0].stale || store_write(store, act, &one, err)) continue;
        turn->visits[i].failure = *err;
        turn->visits[i].stale = false;
    }
    return true;
}

static void add_up(struct turn *turn)
{
    struct refreshing *all = turn->all;
    struct app_refreshed *r = &all->result;
    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < turn->count; i++) {
        const struct visit *v = &turn->visits[i];
        r->changed += v->changed;
        r->written += v->stale;
        if (v->failure.code == ERROR_NONE) continue;
        if (r->failed++ == 0) {
            r->error = v->failure;
            r->failed_org = turn->orgs[i];
        }
    }
    all->done += (int64_t)turn->count;
    if (all->how->progress != NULL)
        all->how->progress(all->done, (int64_t)all->count, all->how->arg);
    pthread_mutex_unlock(&all->lock);
}

static void *work(void *arg)
{
    struct refreshing *all = arg;
    for (;;) {
        size_t from = atomic_fetch_add(&all->next, BATCH);
        struct turn turn = {.all = all};
        struct error err = {0};
        if (from >= all->count) return NULL;
        turn.orgs = &all->orgs[from];
        turn.count = size_min(BATCH, all->count - from);
        if (!store_read(all->app->store, look, &turn, &err) || !act_each(&turn, &err)) {
            pthread_mutex_lock(&all->lock);
            all->broken = true;
            all->error = err;
            pthread_mutex_unlock(&all->lock);
            atomic_store(&all->next, all->count);
            return NULL;
        }
        add_up(&turn);
    }
}

static int count_threads(int wanted)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int count = wanted > 0 ? wanted : processors > 4 ? 4 : (int)processors;
    return count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : count;
}

bool app_refresh(struct app *app, const struct app_refresh *how, struct app_refreshed *result,
                 struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct refreshing all = {
        .app = app, .how = how, .arena = arena, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[THREADS_MAX];
    struct app_jobs jobs;
    int wanted = count_threads(how->threads), begun = 0;
    *result = (struct app_refreshed){0};
    if (!app_jobs_open(app, &jobs, err)) return false;
    all.rules = app_job_account_rules(&jobs);
    if (!store_read(app->store, list_all, &all, err)) return false;
    while (begun + 1 < wanted && pthread_create(&threads[begun], NULL, work, &all) == 0) begun++;
    (void)work(&all); /* this thread is one of them */
    for (int i = 0; i < begun; i++) pthread_join(threads[i], NULL);
    all.result.enterprises = (int64_t)all.count;
    *result = all.result;
    if (all.broken) *err = all.error;
    return !all.broken;
}
