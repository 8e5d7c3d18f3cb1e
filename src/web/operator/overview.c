/* The operator's first page. */
#include "base/num.h"
#include "operator_overview_html.h"
#include "web/public/public.h"

struct counts_work {
    struct public_log log;
    int64_t organisations;
};

static bool read_counts(struct db *db, void *arg, struct error *err)
{
    struct counts_work *work = arg;
    work->organisations = 0;
    for (int kind = 0; kind < REGISTRY_ORG_KINDS; kind++) {
        struct registry_org_filter filter = {
            .kind = (enum registry_org_kind)kind, .division_prefix = "", .industry_prefix = ""};
        struct registry_org *list;
        size_t count;
        do {
            if (!registry_list_orgs(db, work->log.arena, &filter, &list, &count, err)) return false;
            work->organisations += (int64_t)count;
            filter.skip += (int64_t)count;
        } while (count == 1000);
    }
    return public_read_log(db, &work->log, err);
}

static bool get_overview(struct web *web, struct error *err)
{
    struct counts_work work = {.log = {.arena = web->arena}};
    if (!store_read(web->store, read_counts, &work, err)) return false;
    const struct flow_problem *flows;
    const struct check_problem *checks;
    size_t left_out = web->app->model_problems.count +
                      flow_library_problems(web->app->flows, &flows) +
                      check_rules_problems(web->app->checks, &checks);
    struct html_operator_overview page = {
        .organisations = work.organisations,
        .models = (int64_t)model_library_count(web->app->library),
        .problems = (int64_t)left_out,
        .data = str_from(web->app->data),
        .log_size = str_from(num_format_grouped(web->arena, (double)work.log.checkpoint.size, 0)),
        .signed_at =
            str_from(work.log.found ? instant_format(web->arena, work.log.checkpoint.signed_ms,
                                                     web->utc_offset_minutes)
                                    : "")};
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_operator_overview, &page),
                    "overview");
}

const struct web_route web_routes_operator_overview[] = {
    {"GET", "/operator", get_overview, WEB_OPERATOR, TR_KEY("Overview")},
    {0},
};
