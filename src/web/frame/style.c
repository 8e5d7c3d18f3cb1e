/* The pieces of the look on one page, for those who write pages; served by a demonstration only. */
#include "frame_style_html.h"
#include "web/frame/frame.h"

static html row(struct web *web, const html *items, size_t count)
{
    struct buf *out = buf_new(web->arena);
    for (size_t i = 0; i < count; i++) {
        html_put_html(out, items[i]);
        buf_puts(out, " &nbsp; ");
    }
    return html_from(out);
}

static html labels(struct web *web, bool large)
{
    html all[] = {web_label(web, STR("deep_green"), large),
                  web_label(web, STR("light_green"), large), web_label(web, STR("yellow"), large),
                  web_label(web, STR("red"), large), web_label(web, STR(""), large)};
    return row(web, all, ARRAY_LEN(all));
}

static bool get_style(struct web *web, struct error *err)
{
    if (web->frame->demo_password == NULL) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    html figures[] = {web_figure(web, 12345.678, 6, "tCO2e", WEB_MARK_INVENTED, "/style"),
                      web_figure(web, 0.5703, 4, "tCO2/MWh", WEB_MARK_DEFAULT, NULL),
                      web_figure_missing(web, tr(web->lang, TR_KEY("Not known")))};
    html chips[] = {web_chip(web, WEB_GOOD, tr(web->lang, TR_KEY("Accepted"))),
                    web_chip(web, WEB_NOTE, tr(web->lang, TR_KEY("In review"))),
                    web_chip(web, WEB_WARN, tr(web->lang, TR_KEY("Question"))),
                    web_chip(web, WEB_BAD, tr(web->lang, TR_KEY("Refused"))),
                    web_chip(web, WEB_NEUTRAL, tr(web->lang, TR_KEY("Draft")))};
    struct error problem;
    error_set(&problem, ERROR_WEB_DATE, "s", "2026-13-01");
    struct html_style page = {
        .figures = row(web, figures, ARRAY_LEN(figures)),
        .labels = labels(web, false),
        .labels_large = labels(web, true),
        .chips = row(web, chips, ARRAY_LEN(chips)),
        .marks = web_marks(web, 31),
        .problem = web_error_box(web, &problem),
        .icon_upload = web_icon(web, "cloud-upload"),
        .icon_empty = web_icon(web, "clipboard-data"),
        .tile_1 = web_figure(web, 1234567.8, 6, "tCO2e", WEB_MARK_ESTIMATED, "/style"),
        .tile_2 = web_figure(web, 456789, 6, "tce", 0, NULL),
        .tile_3 = web_figure(web, 1.8342, 4, "tCO2e/t", 0, NULL),
        .tile_4 = web_label(web, STR("light_green"), true),
        .cell_1 = web_figure(web, 10234.5, 6, "tCO2e", 0, "/style"),
        .cell_2 = web_figure(web, 4321.1, 5, "tce", WEB_MARK_DEFAULT, NULL),
        .cell_3 = chips[0]};
    web_crumb(web, tr(web->lang, TR_KEY("Overview")), "/");
    web_crumb(web, tr(web->lang, TR_KEY("Pieces of a page")), NULL);
    web_status(web, chips[1]);
    web_action(web, tr(web->lang, TR_KEY("Upload data")), "/style");
    web_invented(web);
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_style, &page), "overview");
}

const struct web_route web_routes_frame_style[] = {
    {"GET", "/style", get_style, WEB_PUBLIC, TR_KEY("Pieces of a page")},
    {0},
};
