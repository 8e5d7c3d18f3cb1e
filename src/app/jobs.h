/* The work beside the requests: what each kind of job does, and the threads that do it. Kinds and
 * schedule are tables/jobs/; the queue is the room job. Any number of processes share it. */
#ifndef APP_JOBS_H
#define APP_JOBS_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "job/job.h"

struct app;

struct app_jobs { /* what the jobs of a process share; never changed once open */
    struct app *app;
    struct job_queue queue; /* its context is this */
    digest rules;           /* of all models, tables and flows, as they were when it was opened */
};
/* Reads the rules' files for their digest. `jobs` lives at least as long as its queue is used. */
bool app_jobs_open(struct app *app, struct app_jobs *jobs, struct error *err) NODISCARD;

/* Threads that work until they are stopped; the first of them watches the schedule too. `say` is
 * told of each attempt that failed and of a queue that can't be reached (job NULL), by any of them,
 * one at a time. */
struct app_workers;
typedef void app_jobs_say(const struct job *job, const struct error *err, void *arg);
struct app_workers *app_workers_start(struct app *app, int threads, app_jobs_say *say, void *arg,
                                      struct error *err) NODISCARD;
/* Waits for the jobs that run. NULL is allowed. */
void app_workers_stop(struct app_workers *workers);

/* A kind's or a line's title; its name when this program's tables have none. */
const char *app_job_title(const struct app *app, bool zh, const char *kind);

/* The mark of a kind of job that says from what an enterprise's account was computed last, and the
 * rules that this program would compute it with today: those of `jobs`, and the month. */
#define APP_ACCOUNT_MARK "account"
digest app_job_account_rules(const struct app_jobs *jobs);

/* Inside app: what the kinds do; each is given a struct job_run. */
bool app_job_find_accounts(struct db *db, void *run, struct error *err) NODISCARD;
bool app_job_add_accounts(struct db *db, void *run, struct error *err) NODISCARD;
bool app_job_look_account(struct db *db, void *run, struct error *err) NODISCARD;
bool app_job_account(struct db *db, void *run, struct error *err) NODISCARD;
bool app_job_find_deadlines(struct db *db, void *run, struct error *err) NODISCARD;
bool app_job_add_deadlines(struct db *db, void *run, struct error *err) NODISCARD;
bool app_job_deadline(struct db *db, void *run, struct error *err) NODISCARD;
bool app_job_find_reminders(struct db *db, void *run, struct error *err) NODISCARD;
bool app_job_add_reminders(struct db *db, void *run, struct error *err) NODISCARD;
bool app_job_reminder(struct db *db, void *run, struct error *err) NODISCARD;
bool app_job_sweep(struct db *db, void *run, struct error *err) NODISCARD;
/* One job of `kind` for each organisation, of the same key. */
bool app_job_add_each(struct db *db, const struct job_run *run, const char *kind, const char *key,
                      const id64 *orgs, size_t count, struct error *err) NODISCARD;
struct app_job_orgs { /* what a finding job hands to its adding one */
    id64 *list;
    size_t count, capacity;
};

#endif
