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
static digest rules_of(const struct job_run *run)
{
    char month[DATE_TEXT_MAX];
    month_format(month_of(instant_day(instant_now_ms(), CHINA_MINUTES)), month);
    const digest *rules = &jobs_of(run)->rules;
    str parts[] = {{(const char *)rules->bytes, DIGEST_BYTES}, str_from(month)};
    return digest_of_parts(parts, ARRAY_LEN(parts));
}

bool app_job_find_accounts(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    struct app_job_orgs *found = ARENA_NEW(run->arena, struct app_job_orgs);
    struct registry_org_filter filter = {
        .kind = REGISTRY_ENTERPRISE, .division_prefix = "", .industry_prefix = ""};
    digest rules = rules_of(run);
    struct registry_org *list;
    size_t count;
    run->seen = found;
    do {
        if (!registry_list_orgs(db, run->arena, &filter, &list, &count, err)) return false;
        for (size_t i = 0; i < count; i++) {
            int64_t changes;
            bool changed;
            if (!job_changed(db, list[i].org_id, "account", rules, &changed, &changes, err))
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
    return app_job_add_each(db, run, "account", run->job->key, found->list, found->count, err);
}

/* ---- one enterprise ---- */

#define YEARS_MAX 64

struct account_work {
    bool changed;
    int64_t changes;
    digest rules;
    int years[YEARS_MAX];
    size_t year_count;
};

static void note_year(struct account_work *work, struct account_period period)
{
    int year = month_year(month_of(period.last));
    if (account_period_equal(period, account_once()) || work->year_count == YEARS_MAX) return;
    for (size_t i = 0; i < work->year_count; i++)
        if (work->years[i] == year) return;
    work->years[work->year_count++] = year;
}

/* Years with data, and with runs whose data may have been withdrawn. */
static bool read_years(struct db *db, const struct job_run *run, const struct viewer *viewer,
                       struct account_work *work, struct error *err)
{
    struct account_data_filter data_filter = {.as_known = ACCOUNT_NOW};
    struct account_run_filter run_filter = {.has_state = true, .state = ACCOUNT_POSTED};
    struct account_datum *data;
    struct account_run *runs;
    size_t data_count, run_count;
    if (!account_list_data(db, run->arena, viewer, viewer->org_id, &data_filter, &data, &data_count,
                           err) ||
        !account_list_runs(db, run->arena, viewer, viewer->org_id, &run_filter, &runs, &run_count,
                           err))
        return false;
    for (size_t i = 0; i < data_count; i++) note_year(work, data[i].period);
    for (size_t i = 0; i < run_count; i++) note_year(work, runs[i].period);
    return true;
}

bool app_job_look_account(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    struct account_work *work = ARENA_NEW(run->arena, struct account_work);
    struct viewer viewer = registry_viewer_own(run->job->org_id, 0);
    work->rules = rules_of(run);
    run->seen = work;
    return job_changed(db, run->job->org_id, "account", work->rules, &work->changed, &work->changes,
                       err) &&
           (!work->changed || read_years(db, run, &viewer, work, err));
}

bool app_job_account(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    const struct account_work *work = run->seen;
    const struct credit_rules *rules = &jobs_of(run)->app->credit;
    struct viewer viewer = registry_viewer_own(run->job->org_id, 0);
    int64_t now_ms = instant_now_ms();
    if (!work->changed) return true; /* somebody did it since the job was added */
    for (size_t i = 0; i < work->year_count; i++)
        if (!credit_refresh(db, db_arena(db), &viewer, rules, run->job->org_id, work->years[i],
                            instant_day(now_ms, CHINA_MINUTES), now_ms, err))
            return false;
    return job_set_mark(db, run->job->org_id, "account", work->changes, work->rules, now_ms, err);
}
