/* State of log and store, and a check of both on demand. */
#include "base/num.h"
#include "operator_state_html.h"
#include "web/public/public.h"

static bool show(struct web *web, struct html_operator_state *page, struct error *err)
{
    struct public_log log = {.arena = web->arena};
    if (!store_read(web->store, public_read_log, &log, err)) return false;
    page->has_log = log.found;
    page->origin = web->app->key.verifier.name;
    page->size = str_from(num_format_grouped(web->arena, (double)log.checkpoint.size, 0));
    page->signed_at = str_from(
        log.found ? instant_format(web->arena, log.checkpoint.signed_ms, web->utc_offset_minutes)
                  : "");
    page->waiting =
        str_from(num_format_grouped(web->arena, (double)(log.ordered - log.checkpoint.size), 0));
    page->outside = str_from(web->app->config.checkpoint_file);
    page->schema = store_schema_version();
    page->icon_good = web_icon(web, "check-circle");
    page->icon_bad = web_icon(web, "x-circle");
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_operator_state, page),
                    "state");
}

static bool get_state(struct web *web, struct error *err)
{
    struct html_operator_state page = {0};
    return show(web, &page, err);
}

static bool post_state(struct web *web, struct error *err)
{
    struct html_operator_state page = {.checked = true};
    char *report = NULL, *problem = NULL;
    uint64_t size;
    if (!store_check(web->store, web->arena, &report, err) ||
        !log_verify_all(&web->app->log, &web->app->roots, web->arena, &problem, &size, err))
        return false;
    page.store_good = report == NULL || report[0] == '\0';
    page.store_report =
        str_from(page.store_good ? tr(web->lang, "Intact: integrity, keys and schema.") : report);
    page.log_good = problem == NULL;
    page.log_report = str_from(
        page.log_good ? tr(web->lang, "Intact: every node, tile and checkpoint was recomputed.")
                      : problem);
    return show(web, &page, err);
}

const struct web_route web_routes_operator_state[] = {
    {"GET", "/operator/state", get_state, WEB_OPERATOR, TR_KEY("Log and store")},
    {"POST", "/operator/state", post_state, WEB_OPERATOR, TR_KEY("Log and store"), .slow = true},
    {0},
};
