/* The meters with what is known of their readings. */
#include "enterprise_meter_list_html.h"
#include "web/enterprise/data_kit.h"

struct meters_work {
    struct web *web;
    struct registry_asset *assets;
    size_t count;
    struct meter_span *spans; /* by asset */
    bool *found;
};

static bool read_meters(struct db *db, void *arg, struct error *err)
{
    struct meters_work *work = arg;
    struct web *web = work->web;
    if (!registry_list_assets(db, web->arena, web->viewer->org_id, &work->assets, &work->count,
                              err))
        return false;
    work->spans = ARENA_NEW_ARRAY(web->arena, struct meter_span, work->count + 1);
    work->found = ARENA_NEW_ARRAY(web->arena, bool, work->count + 1);
    for (size_t i = 0; i < work->count; i++)
        if (work->assets[i].kind == REGISTRY_METER &&
            !meter_read_span(db, web->viewer, web->viewer->org_id, work->assets[i].asset_id,
                             &work->spans[i], &work->found[i], err))
            return false;
    return true;
}

static void fill_row(struct meters_work *work, size_t i,
                     struct html_enterprise_meter_list_rows *row)
{
    struct web *web = work->web;
    const struct registry_asset *meter = &work->assets[i];
    const struct meter_span *span = &work->spans[i];
    const char *url =
        arena_printf(web->arena, "/enterprise/meters/%s", data_id(web, meter->asset_id));
    *row = (struct html_enterprise_meter_list_rows){
        .name = str_from(asset_name(web, meter)),
        .url = str_from(url),
        .medium = str_from(asset_medium_word(web, meter->medium)),
        .marks = asset_meter_chips(web, meter),
        .span = str_from(tr(web->lang, TR_KEY("none yet"))),
        .energy = HTML_EMPTY,
        .upload_url = str_from(arena_printf(web->arena, "%s/upload", url))};
    if (!work->found[i]) return;
    char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
    date_format(span->first, first);
    date_format(span->last, last);
    row->span =
        str_from(tr_fill(web->arena, web->lang, TR_KEY("{0} to {1}, every {2} min"), first, last,
                         arena_printf(web->arena, "%d", span->interval_minutes), NULL));
    row->days = str_from(arena_printf(web->arena, "%d", (int)span->days));
    int all = span->last.day - span->first.day + 1;
    if (span->days < all)
        row->complete = str_from(tr_fill(web->arena, web->lang, TR_KEY("of {0}"),
                                         arena_printf(web->arena, "%d", all), NULL));
    row->energy = web_figure(web, (double)span->sum_wh / 1e6, 6, "MWh", 0, url);
}

static bool get_meters(struct web *web, struct error *err)
{
    struct meters_work work = {.web = web};
    if (!store_read(web->store, read_meters, &work, err)) return false;
    struct html_enterprise_meter_list page = {
        .tabs = meter_tabs(web, "meters"),
        .empty_icon = web_icon(web, "lightning-charge"),
        .rows =
            ARENA_NEW_ARRAY(web->arena, struct html_enterprise_meter_list_rows, work.count + 1)};
    for (size_t i = 0; i < work.count; i++)
        if (work.assets[i].kind == REGISTRY_METER)
            fill_row(&work, i, &page.rows[page.rows_count++]);
    if (page.rows_count > 0)
        web_action(web, tr(web->lang, TR_KEY("Add a meter")), "/enterprise/assets/new?kind=meter");
    return web_page(web, NULL,
                    HTML_RENDER(web->arena, &web->html, html_enterprise_meter_list, &page),
                    "meters");
}

const struct web_route web_routes_enterprise_meter_list[] = {
    {"GET", "/enterprise/meters", get_meters, WEB_ENTERPRISE, TR_KEY("Meters and load")},
    {0},
};
