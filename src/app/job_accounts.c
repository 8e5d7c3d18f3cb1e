/* Nightly accounts: what changed since is computed and judged anew. */
#include "app/app.h"

#include <string.h>

#define CHINA_MINUTES 480
#define ORGS_PAGE 1000

static const struct app_jobs *jobs_of(const struct job_run *run)
{
    return run->context;
}

/* Some judgements look at the calendar: how complete the data are that should be there. So each
 * month makes the rules other ones. */
digest app_job_account_rules(const struct app_jobs *jobs)
{
    char month[DATE_TEXT_MAX];
    month_format(month_of(instant_day(instant_now_ms(), CHINA_MINUTES)), month);
    const digest *rules = &jobs->rules;
    str parts[] = {{(const char *)rules->bytes, DIGEST_BYTES}, str_from(month)};
    return digest_of_parts(parts, ARRAY_LEN(parts));
}

bool app_job_find_accounts(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    struct app_job_orgs *found = ARENA_NEW(run->arena, struct app_job_orgs);
    struct registry_org_filter filter = {
        .kind = REGISTRY_ENTERPRISE, .division_prefix = "", .industry_prefix = ""};
    digest rules = app_job_account_rules(jobs_of(run));
    struct registry_org *list;
    size_t count;
    run->seen = found;
    do {
        if (!registry_list_orgs(db, run->arena, &filter, &list, &count, err)) return false;
        for (size_t i = 0; i < count; i++) {
            int64_t changes;
            bool changed;
            if (!job_changed(db, list[i].org_id, APP_ACCOUNT_MARK, rules, &changed, &changes, err))
                return false;
            if (changed)
                *ARENA_PUSH(run->arena, found->list, found->count, found->capacity) =
                    list[i].org_id;
        }
        filter.skip += (int64_t)count;
    } while (count == ORGS_PAGE);
    return true;
}

bool app_job_add_accounts(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    const struct app_job_orgs *found = run->seen;
    return app_job_add_each(db, run, APP_ACCOUNT_MARK, run->job->key, found->list, found->count,
                            err);
}

/* ---- one enterprise ---- */

struct account_work {
    bool changed;
    int64_t changes;
    digest rules;
};

bool app_job_look_account(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    struct account_work *work = ARENA_NEW(run->arena, struct account_work);
    work->rules = app_job_account_rules(jobs_of(run));
    run->seen = work;
    return job_changed(db, run->job->org_id, APP_ACCOUNT_MARK, work->rules, &work->changed,
                       &work->changes, err);
}

bool app_job_account(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    const struct account_work *work = run->seen;
    int64_t now_ms = instant_now_ms();
    if (!work->changed) return true; /* somebody did it since the job was added */
    return app_refresh_org(db, jobs_of(run)->app, run->job->org_id, now_ms, err) &&
           job_set_mark(db, run->job->org_id, APP_ACCOUNT_MARK, work->changes, work->rules, now_ms,
                        err);
}
