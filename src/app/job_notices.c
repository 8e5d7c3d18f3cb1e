/* Notices that time brings: deadlines of cases, and data that did not arrive; and tidying. */
#include "app/app.h"

#include <string.h>

#define CHINA_MINUTES 480
#define ORGS_PAGE 1000
#define DONE_KEPT_DAYS 14
#define SOON TR_KEY("{0}: '{1}' is due on {2}.")
#define LATE TR_KEY("{0}: '{1}' was due on {2} and is overdue.")
#define REMINDER TR_KEY("The data of {0} were due on {1} and have not arrived.")

static struct app *app_of(const struct job_run *run)
{
    const struct app_jobs *jobs = run->context;
    return jobs->app;
}

static date today(void)
{
    return instant_day(instant_now_ms(), CHINA_MINUTES);
}

static const char *day_text(struct arena *arena, date day)
{
    char text[DATE_TEXT_MAX];
    date_format(day, text);
    return arena_strdup(arena, text);
}

/* ---- deadlines ---- */

bool app_job_find_deadlines(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    struct app_job_orgs *found = ARENA_NEW(run->arena, struct app_job_orgs);
    run->seen = found;
    return flow_busy_orgs(db, run->arena, app_of(run)->flows, &found->list, &found->count, err);
}

bool app_job_add_deadlines(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    const struct app_job_orgs *found = run->seen;
    return app_job_add_each(db, run, "deadline", run->job->key, found->list, found->count, err);
}

struct deadline_work {
    struct job_run *run;
    struct db *db;
    struct arena *arena;
    int64_t now_ms;
};

static bool is_for(const struct flow_transition *transition, enum registry_org_kind kind)
{
    for (size_t i = 0; i < transition->roles_count; i++) {
        enum registry_role role;
        if (registry_role_parse(str_from(transition->roles[i]), &role) && role != REGISTRY_NOBODY &&
            registry_role_org_kind(role) == kind)
            return true;
    }
    return false;
}

/* Tells an organisation of the first of its steps to become due: on the working day before, and
 * when the day is over, once each. A case that moves on has other deadlines. */
static bool tell(struct deadline_work *work, const struct flow_case *the_case, id64 org_id,
                 enum registry_org_kind kind, const char *link, struct error *err)
{
    const struct flow_option *first = NULL;
    struct flow_option *options;
    size_t count;
    bool fresh;
    if (!flow_options(work->db, work->arena, the_case, NULL, work->now_ms, &options, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (options[i].has_due && is_for(options[i].transition, kind) &&
            (first == NULL || options[i].due.day < first->due.day))
            first = &options[i];
    if (first == NULL || flow_due(work->now_ms, 1).day < first->due.day) return true;
    char id[ID_TEXT_MAX];
    id_format(the_case->case_id, id);
    const char *once =
        arena_printf(work->arena, "deadline %s %lld %s", id, (long long)the_case->entered_ms,
                     first->overdue ? "late" : "soon");
    if (!job_once(work->db, org_id, once, work->now_ms, &fresh, err)) return false;
    const struct flow_label *title = &the_case->flow->title, *step = &first->transition->label;
    const char *args[] = {registry_notice_arg(work->arena, title->en, title->zh),
                          registry_notice_arg(work->arena, step->en, step->zh),
                          day_text(work->arena, first->due), NULL};
    return !fresh ||
           registry_send_notice(work->db, org_id, "deadline", first->overdue ? LATE : SOON, args,
                                link, work->now_ms, err);
}

static bool tell_of_findings(struct deadline_work *work, id64 org_id, struct error *err)
{
    struct viewer own = registry_viewer_own(org_id, 0);
    struct check_finding *list;
    size_t count;
    if (!check_list_findings(work->db, work->arena, &own, app_of(work->run)->flows, org_id, true,
                             &list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct flow_case the_case;
        if (!flow_read_case(work->db, work->arena, app_of(work->run)->flows, org_id,
                            list[i].case_id, &the_case, err) ||
            !tell(work, &the_case, org_id, REGISTRY_ENTERPRISE, "/enterprise/findings", err))
            return false;
    }
    return true;
}

/* A case belongs to its bank; the enterprise has steps in it too. */
static bool tell_of_loans(struct deadline_work *work, id64 bank_org_id, struct error *err)
{
    struct viewer bank = registry_viewer_own(bank_org_id, 0);
    struct finance_case *list;
    size_t count;
    bank.org_kind = REGISTRY_BANK;
    if (!finance_list_cases(work->db, work->arena, &bank, &app_of(work->run)->credit, work->now_ms,
                            &list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct flow_case *cases;
        size_t case_count;
        if (list[i].closed) continue;
        if (!flow_cases_of(work->db, work->arena, app_of(work->run)->flows, bank_org_id,
                           str_from(list[i].flow->name), list[i].case_id, &cases, &case_count, err))
            return false;
        for (size_t k = 0; k < case_count; k++)
            if (!tell(work, &cases[k], bank_org_id, REGISTRY_BANK, "/bank/cases", err) ||
                !tell(work, &cases[k], list[i].enterprise_org_id, REGISTRY_ENTERPRISE,
                      "/enterprise/cases", err))
                return false;
    }
    return true;
}

bool app_job_deadline(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    struct deadline_work work = {
        .run = run, .db = db, .arena = db_arena(db), .now_ms = instant_now_ms()};
    struct registry_org org;
    if (!registry_get_org(db, work.arena, run->job->org_id, &org, err)) return false;
    return org.kind == REGISTRY_BANK ? tell_of_loans(&work, org.org_id, err)
                                     : tell_of_findings(&work, org.org_id, err);
}

/* ---- reminders ---- */

bool app_job_find_reminders(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    struct app_job_orgs *found = ARENA_NEW(run->arena, struct app_job_orgs);
    struct registry_org_filter filter = {.kind = REGISTRY_ENTERPRISE,
                                         .division_prefix = "",
                                         .industry_prefix = "",
                                         .on_register_only = true};
    struct registry_org *list;
    size_t count;
    run->seen = found;
    do {
        if (!registry_list_orgs(db, run->arena, &filter, &list, &count, err)) return false;
        for (size_t i = 0; i < count; i++)
            *ARENA_PUSH(run->arena, found->list, found->count, found->capacity) = list[i].org_id;
        filter.skip += (int64_t)count;
    } while (count == ORGS_PAGE);
    return true;
}

/* The key is the month: each enterprise is looked at once for it, whenever that is. */
bool app_job_add_reminders(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    const struct app_job_orgs *found = run->seen;
    char month[DATE_TEXT_MAX];
    month_format(app_filing_last_due(&app_of(run)->config, today()), month);
    return app_job_add_each(db, run, "reminder", month, found->list, found->count, err);
}

bool app_job_reminder(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    struct arena *arena = db_arena(db);
    id64 org_id = run->job->org_id;
    struct viewer own = registry_viewer_own(org_id, 0);
    struct app_filing filing;
    int64_t now_ms = instant_now_ms();
    int32_t month;
    if (!month_parse_human(arena, str_from(run->job->key), &month))
        return error_set(err, ERROR_WEB_FORM_MONTH, "s", run->job->key);
    if (!app_read_filing(db, arena, &own, org_id, month, &filing, err)) return false;
    /* An authority may have reminded it already. */
    if (filing.filed || filing.reminded_at != 0) return true;
    const char *args[] = {run->job->key,
                          day_text(arena, app_filing_due(&app_of(run)->config, month)), NULL};
    return registry_send_notice(db, org_id, "reminder", REMINDER, args, "/enterprise/data", now_ms,
                                err) &&
           registry_set_setting(db, org_id, str_from(app_filing_reminder_name(arena, month)),
                                str_from(arena_printf(arena, "%lld", (long long)now_ms)), err);
}

/* ---- tidying ---- */

bool app_job_sweep(struct db *db, void *arg, struct error *err)
{
    struct job_run *run = arg;
    int64_t removed;
    /* Jobs end by the wall clock, which the one that started this one is. */
    return registry_sweep_sessions(db, instant_now_ms(), err) &&
           job_sweep(db, run->job->started_ms - DONE_KEPT_DAYS * DAY_MS, &removed, err);
}
