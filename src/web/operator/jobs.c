/* The work beside the requests: what waits, runs, was done, and failed for good. */
#include "app/app.h"
#include "operator_jobs_html.h"
#include "web/web.h"

#define BATCH_ROWS 20
#define RUNNING_ROWS 50
#define PAGE_ROWS 50

struct jobs_work {
    struct web *web;
    int64_t counts[JOB_STATES];
    struct job_batch *batches;
    struct job *running, *dead;
    size_t batch_count, running_count, dead_count;
    const char **running_orgs, **dead_orgs;
    struct web_paging paging;
};

/* The names of the jobs' organisations; of the house "". */
static bool read_names(struct db *db, struct web *web, const struct job *jobs, size_t count,
                       const char ***names, struct error *err)
{
    *names = ARENA_NEW_ARRAY(web->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct registry_org org;
        (*names)[i] = "";
        if (jobs[i].org_id == 0) continue;
        if (!registry_get_org(db, web->arena, jobs[i].org_id, &org, err)) return false;
        (*names)[i] = web->lang == LANG_EN && org.name_en[0] != '\0' ? org.name_en : org.name;
    }
    return true;
}

static bool read_jobs(struct db *db, void *arg, struct error *err)
{
    struct jobs_work *work = arg;
    struct arena *arena = work->web->arena;
    struct job_count *counts;
    size_t count;
    for (int state = 0; state < JOB_STATES; state++) work->counts[state] = 0;
    if (!job_count_all(db, arena, &counts, &count, err)) return false;
    for (size_t i = 0; i < count; i++) work->counts[counts[i].state] += counts[i].jobs;
    work->paging = web_paging(work->web, work->counts[JOB_DEAD], PAGE_ROWS);
    return job_list_batches(db, arena, BATCH_ROWS, &work->batches, &work->batch_count, err) &&
           job_list(db, arena, JOB_RUNNING, NULL, 0, RUNNING_ROWS, &work->running,
                    &work->running_count, err) &&
           job_list(db, arena, JOB_DEAD, NULL, work->paging.skip, PAGE_ROWS, &work->dead,
                    &work->dead_count, err) &&
           read_names(db, work->web, work->running, work->running_count, &work->running_orgs,
                      err) &&
           read_names(db, work->web, work->dead, work->dead_count, &work->dead_orgs, err);
}

static html state_of(struct web *web, const struct job *job)
{
    switch (job->state) {
    case JOB_WAITING:
        return job->failed
                   ? web_chip(web, WEB_WARN, tr(web->lang, "Failed, waits for its next attempt"))
                   : web_chip(web, WEB_NEUTRAL, tr(web->lang, "Queued"));
    case JOB_RUNNING: return web_chip(web, WEB_NOTE, tr(web->lang, "Running"));
    case JOB_DONE: return web_chip(web, WEB_GOOD, tr(web->lang, "Done"));
    default: return web_chip(web, WEB_BAD, tr(web->lang, "Dead"));
    }
}

static str instant_of(struct web *web, int64_t at_ms)
{
    return str_from(at_ms == 0 ? "" : instant_format(web->arena, at_ms, web->utc_offset_minutes));
}

static str title_of(struct web *web, const char *kind)
{
    return str_from(app_job_title(web->app, web->lang == LANG_ZH, kind));
}

static void fill_batches(struct jobs_work *work, struct html_operator_jobs *page)
{
    struct web *web = work->web;
    page->batches =
        ARENA_NEW_ARRAY(web->arena, struct html_operator_jobs_batches, work->batch_count + 1);
    for (size_t i = 0; i < work->batch_count; i++) {
        const struct job_batch *batch = &work->batches[i];
        int64_t all = 0;
        for (int state = 0; state < JOB_STATES; state++) all += batch->jobs[state];
        page->batches[page->batches_count++] =
            (struct html_operator_jobs_batches){.title = title_of(web, batch->job.kind),
                                                .key = str_from(batch->job.key),
                                                .added = instant_of(web, batch->job.added_ms),
                                                .state = state_of(web, &batch->job),
                                                .jobs = all,
                                                .done = batch->jobs[JOB_DONE],
                                                .dead = batch->jobs[JOB_DEAD],
                                                .any = all != 0};
    }
}

static void fill_jobs(struct jobs_work *work, struct html_operator_jobs *page)
{
    struct web *web = work->web;
    page->runnings =
        ARENA_NEW_ARRAY(web->arena, struct html_operator_jobs_runnings, work->running_count + 1);
    for (size_t i = 0; i < work->running_count; i++) {
        const struct job *job = &work->running[i];
        page->runnings[page->runnings_count++] =
            (struct html_operator_jobs_runnings){.title = title_of(web, job->kind),
                                                 .org = str_from(work->running_orgs[i]),
                                                 .since = instant_of(web, job->started_ms),
                                                 .until = instant_of(web, job->due_ms),
                                                 .attempts = job->attempts};
    }
    page->deads =
        ARENA_NEW_ARRAY(web->arena, struct html_operator_jobs_deads, work->dead_count + 1);
    for (size_t i = 0; i < work->dead_count; i++) {
        const struct job *job = &work->dead[i];
        char id[ID_TEXT_MAX];
        id_format(job->job_id, id);
        page->deads[page->deads_count++] = (struct html_operator_jobs_deads){
            .title = title_of(web, job->kind),
            .id = str_from(arena_strdup(web->arena, id)),
            .org = str_from(work->dead_orgs[i]),
            .key = str_from(job->key),
            .ended = instant_of(web, job->ended_ms),
            .error = str_from(error_text(web->arena, web->lang, &job->error)),
            .attempts = job->attempts};
    }
}

static void fill_schedule(struct web *web, struct html_operator_jobs *page)
{
    const struct job_rules *rules = &web->app->jobs;
    page->lines =
        ARENA_NEW_ARRAY(web->arena, struct html_operator_jobs_lines, rules->schedule_count + 1);
    for (size_t i = 0; i < rules->schedule_count; i++) {
        const struct job_line *line = &rules->schedule[i];
        page->lines[page->lines_count++] = (struct html_operator_jobs_lines){
            .name = str_from(line->name),
            .at = str_from(line->at),
            .title = str_from(web->lang == LANG_ZH ? line->title_zh : line->title_en)};
    }
}

static bool get_jobs(struct web *web, struct error *err)
{
    struct jobs_work work = {.web = web};
    if (!store_read(web->store, read_jobs, &work, err)) return false;
    struct html_operator_jobs page = {.waiting = work.counts[JOB_WAITING],
                                      .running = work.counts[JOB_RUNNING],
                                      .done = work.counts[JOB_DONE],
                                      .dead = work.counts[JOB_DEAD],
                                      .icon = web_icon(web, "clock"),
                                      .pages = web_pages(web, &work.paging, "/operator/jobs")};
    fill_batches(&work, &page);
    fill_jobs(&work, &page);
    fill_schedule(web, &page);
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_operator_jobs, &page),
                    "jobs");
}

static bool retry(struct db *db, void *arg, struct error *err)
{
    return job_retry(db, *(const id64 *)arg, err);
}

static bool post_jobs(struct web *web, struct error *err)
{
    id64 job_id;
    return web_form_id(web, "job", &job_id, err) && store_write(web->store, retry, &job_id, err) &&
           web_redirect(web, "/operator/jobs", TR_KEY("The job waits again and is tried at once."));
}

const struct web_route web_routes_operator_jobs[] = {
    {"GET", "/operator/jobs", get_jobs, WEB_OPERATOR, TR_KEY("Jobs")},
    {"POST", "/operator/jobs", post_jobs, WEB_OPERATOR, TR_KEY("Jobs")},
    {0},
};
