/* The kinds of jobs, and the threads that work. */
#include "app/app.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"

#define RULE_FILE_BYTES_MAX ((size_t)64 << 20)
#define IDLE_MS 1000 /* between two looks at an empty queue */
#define TICK_MS 5000 /* between two looks at the schedule */

static const struct job_kind kinds[] = {
    {"accounts", app_job_find_accounts, app_job_add_accounts},
    {"account", app_job_look_account, app_job_account},
    {"deadlines", app_job_find_deadlines, app_job_add_deadlines},
    {"deadline", NULL, app_job_deadline},
    {"reminders", app_job_find_reminders, app_job_add_reminders},
    {"reminder", NULL, app_job_reminder},
    {"sweep", NULL, app_job_sweep},
};

bool app_job_add_each(struct db *db, const struct job_run *run, const char *kind, const char *key,
                      const id64 *orgs, size_t count, struct error *err)
{
    int64_t now_ms = instant_now_ms();
    for (size_t i = 0; i < count; i++) {
        struct job_new new_job = {
            .org_id = orgs[i], .kind = kind, .key = key, .parent_id = run->job->job_id};
        if (!job_add(db, &new_job, now_ms, NULL, err)) return false;
    }
    return true;
}

const char *app_job_title(const struct app *app, bool zh, const char *kind)
{
    const struct job_limits *limits = job_limits_of(&app->jobs, kind);
    return limits == NULL ? kind : zh ? limits->title_zh : limits->title_en;
}

/* ---- the rules' digest ---- */

static bool add_file(struct digest_state *state, const char *path, const char *name,
                     struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    str bytes;
    if (!file_read(arena, path, RULE_FILE_BYTES_MAX, &bytes, err)) return false;
    const char *head = arena_printf(arena, "%s %zu\n", name, bytes.len);
    digest_add(state, head, strlen(head));
    digest_add(state, bytes.ptr, bytes.len);
    return true;
}

static bool is_rule(str name)
{
    return str_ends(name, ".model") || str_ends(name, ".csv") || str_ends(name, ".flow");
}

/* Every file of rules below a folder, in order of name; when work is done is no rule of what it
 * gives. */
static bool add_tree(struct digest_state *state, struct arena *arena, const char *root,
                     const char *name, struct error *err)
{
    const char *path = arena_printf(arena, "%s/%s", root, name);
    struct stat status;
    char **names;
    size_t count;
    if (stat(path, &status) != 0 || strcmp(name, "tables/jobs") == 0) return true;
    if (!S_ISDIR(status.st_mode))
        return !is_rule(str_from(name)) || add_file(state, path, name, err);
    if (!file_list(arena, path, &names, &count, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (!add_tree(state, arena, root, arena_printf(arena, "%s/%s", name, names[i]), err))
            return false;
    return true;
}

static bool digest_rules(const struct app *app, digest *rules, struct error *err)
{
    static const char *const folders[] = {"models", "tables", "flows"};
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *roots[] = {app->share, app->data};
    const char *head = arena_printf(arena, "engine %d\n", MODEL_SEMANTICS_VERSION);
    struct digest_state *state = digest_begin();
    bool good = true;
    digest_add(state, head, strlen(head));
    for (size_t r = 0; r < ARRAY_LEN(roots) && good; r++)
        for (size_t f = 0; f < ARRAY_LEN(folders) && good; f++)
            good = add_tree(state, arena, roots[r], folders[f], err);
    *rules = digest_end(state);
    return good;
}

bool app_jobs_open(struct app *app, struct app_jobs *jobs, struct error *err)
{
    *jobs = (struct app_jobs){.app = app,
                              .queue = {.store = app->store,
                                        .rules = &app->jobs,
                                        .kinds = kinds,
                                        .kind_count = ARRAY_LEN(kinds),
                                        .context = jobs}};
    return digest_rules(app, &jobs->rules, err);
}

/* ---- threads ---- */

struct app_workers {
    struct app_jobs jobs;
    app_jobs_say *say;
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    size_t count;
    int64_t *seen_ms;
    struct worker {
        struct app_workers *all;
        pthread_t thread;
        bool first;
    } list[];
};

/* False when the server stops. */
static bool wait_for(struct app_workers *all, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&all->lock);
    while (!all->stop && ms > 0 && pthread_cond_timedwait(&all->wake, &all->lock, &until) == 0) {
    }
    bool goes_on = !all->stop;
    pthread_mutex_unlock(&all->lock);
    return goes_on;
}

static void say(struct app_workers *all, const struct job *job, const struct error *err)
{
    pthread_mutex_lock(&all->lock);
    all->say(job, err, all->arg);
    pthread_mutex_unlock(&all->lock);
}

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *work(void *arg)
{
    struct worker *worker = arg;
    struct app_workers *all = worker->all;
    struct job_clock clock = {.seen_ms = all->seen_ms};
    enum error_code said = ERROR_NONE;
    int64_t ticked_ms = 0, idle_ms = 0;
    while (wait_for(all, idle_ms)) {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
        struct job_outcome outcome = {.end = JOB_IDLE};
        struct error err = {0};
        bool due = worker->first && (ticked_ms == 0 || monotonic_ms() - ticked_ms >= TICK_MS);
        bool good = !due || job_tick(&all->jobs.queue, arena, &clock, instant_now_ms(), &err);
        if (due) ticked_ms = monotonic_ms();
        good = good && job_work(&all->jobs.queue, arena, &outcome, &err);
        /* A database that is away is said once, not every second. */
        if (!good && err.code != said) say(all, NULL, &err);
        said = good ? ERROR_NONE : err.code;
        if (outcome.end != JOB_IDLE && outcome.end != JOB_WENT_WELL)
            say(all, &outcome.job, &outcome.job.error);
        idle_ms = outcome.end == JOB_IDLE ? IDLE_MS : 0;
    }
    return NULL;
}

struct app_workers *app_workers_start(struct app *app, int threads, app_jobs_say *told, void *arg,
                                      struct error *err)
{
    struct app_workers *all = calloc(1, sizeof *all + (size_t)threads * sizeof(struct worker));
    CHECK(all != NULL);
    if (!app_jobs_open(app, &all->jobs, err)) {
        free(all);
        return NULL;
    }
    all->say = told;
    all->arg = arg;
    all->seen_ms = calloc(app->jobs.schedule_count + 1, sizeof *all->seen_ms);
    CHECK(all->seen_ms != NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&all->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&all->lock, NULL);
    sigset_t every, before; /* signals are for the main thread */
    sigfillset(&every);
    pthread_sigmask(SIG_BLOCK, &every, &before);
    for (int i = 0; i < threads; i++) {
        struct worker *worker = &all->list[i];
        *worker = (struct worker){.all = all, .first = i == 0};
        CHECK(pthread_create(&worker->thread, NULL, work, worker) == 0);
        all->count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return all;
}

void app_workers_stop(struct app_workers *all)
{
    if (all == NULL) return;
    pthread_mutex_lock(&all->lock);
    all->stop = true;
    pthread_cond_broadcast(&all->wake);
    pthread_mutex_unlock(&all->lock);
    for (size_t i = 0; i < all->count; i++) pthread_join(all->list[i].thread, NULL);
    pthread_cond_destroy(&all->wake);
    pthread_mutex_destroy(&all->lock);
    free(all->seen_ms);
    free(all);
}
