/* The authority's first page: coverage, filing, findings. */
#include "authority_overview_html.h"
#include "web/authority/authority.h"

struct overview_work {
    struct web *web;
    struct authority_filings filings;
    size_t findings;
};

static bool read_overview(struct db *db, void *arg, struct error *err)
{
    struct overview_work *work = arg;
    struct web *web = work->web;
    if (!authority_read_filings(db, &work->filings, err)) return false;
    work->findings = 0;
    for (size_t i = 0; i < work->filings.count; i++) {
        struct check_finding *list;
        size_t count;
        if (!check_list_findings(db, web->arena, web->viewer, web->app->flows,
                                 work->filings.list[i].org.org_id, true, &list, &count, err))
            return false;
        work->findings += count;
    }
    return true;
}

/* Counts over fewer enterprises than a cell of the statistics needs are figures of single ones. */
static bool look(const struct overview_work *work, struct error *err)
{
    struct web *web = work->web;
    size_t count = work->filings.count;
    struct web_looked *looks = ARENA_NEW_ARRAY(web->arena, struct web_looked, count + 1);
    if (count >= (size_t)web->app->config.cell_enterprises_min) return true;
    for (size_t i = 0; i < count; i++)
        looks[i] = (struct web_looked){web->viewer, work->filings.list[i].org.org_id,
                                       REGISTRY_SCOPE_FILING};
    return web_look_each(web, looks, count, err);
}

static bool get_overview(struct web *web, struct error *err)
{
    int32_t month = authority_last_due(web);
    struct overview_work work = {
        .web = web,
        .filings = {.arena = web->arena, .viewer = web->viewer, .month = month, .due_ms = 0}};
    if (!store_read(web->store, read_overview, &work, err) || !look(&work, err)) return false;
    struct html_authority_overview page = {
        .month = str_from(authority_month(web, month)),
        .due = str_from(bank_day(web, authority_due(web, month))),
        .on_register = (int64_t)work.filings.count,
        .filed = (int64_t)work.filings.filed,
        .missing = (int64_t)(work.filings.count - work.filings.filed),
        .findings = (int64_t)work.findings,
        .filing_url = str_from(
            arena_printf(web->arena, "/authority/filing?month=%s", authority_month(web, month)))};
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_authority_overview, &page),
                    "overview");
}

const struct web_route web_routes_authority_overview[] = {
    {"GET", "/authority", get_overview, WEB_AUTHORITY, TR_KEY("Overview")},
    {0},
};
