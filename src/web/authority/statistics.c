/* Emissions, energy and labels by industry and division: page, chart, XLSX and CSV, all from one
 * roll-up. */
#include <math.h>
#include <string.h>

#include "authority_statistics_html.h"
#include "base/num.h"
#include "web/authority/roll_up.h"

#define COLUMNS 12

static bool asked_year(const struct web *web, int64_t *year)
{
    return num_parse_int(web_query(web, "year"), year) && *year >= 2000 && *year <= 2200;
}

static struct roll_up roll_of(struct web *web)
{
    int64_t year;
    if (!asked_year(web, &year)) year = month_year(authority_last_due(web));
    return (struct roll_up){
        .web = web, .year = (int)year, .invented = str_is(web_query(web, "set"), "examples")};
}

/* The sums of the year that is asked for; without one of the newest year or, before its first
 * account is posted, of the year before. */
static bool read_roll(struct db *db, void *arg, struct error *err)
{
    struct roll_up *roll = arg;
    int64_t year;
    if (!roll_up_read(db, roll, err)) return false;
    if (asked_year(roll->web, &year) || roll->total.counts[ROLL_EMISSION] != 0) return true;
    *roll = roll_of(roll->web);
    roll->year--;
    return roll_up_read(db, roll, err);
}

static bool by_division(const struct web *web)
{
    return str_is(web_query(web, "by"), "division");
}

static const char *page_url(const struct roll_up *roll, const char *path, bool division,
                            bool examples, const char *more)
{
    return arena_printf(roll->web->arena, "%s?year=%d&by=%s&set=%s%s", path, roll->year,
                        division ? "division" : "industry", examples ? "examples" : "real", more);
}

static const char *group_name(struct web *web, const struct roll_sum *sum, bool division)
{
    return division ? bank_division(web, arena_printf(web->arena, "%s00", sum->code))
                    : bank_industry(web, sum->code);
}

/* The value of a sum's measure, NAN when it is hidden or nobody has one. */
static double shown(const struct roll_sum *sum, enum roll_measure measure, double value)
{
    return sum->hide[measure] || sum->counts[measure] == 0 ? (double)NAN : value;
}

static html cell(struct web *web, const struct roll_sum *sum, enum roll_measure measure,
                 double value)
{
    if (sum->hide[measure]) return web_figure_missing(web, tr(web->lang, "hidden"));
    if (sum->counts[measure] == 0) return web_figure_missing(web, tr(web->lang, "No figure"));
    return web_figure(web, value, 7, "", 0, NULL);
}

static html label_cell(const struct roll_up *roll, const struct roll_sum *sum)
{
    struct web *web = roll->web;
    static const char *const words[] = {TR_KEY("Deep green"), TR_KEY("Light green"),
                                        TR_KEY("Yellow"), TR_KEY("Red"), TR_KEY("Grey")};
    if (sum->hide[ROLL_LABEL]) return web_figure_missing(web, tr(web->lang, "hidden"));
    if (sum->counts[ROLL_LABEL] == 0) return web_figure_missing(web, tr(web->lang, "No figure"));
    struct buf *out = buf_new(web->arena);
    buf_puts(out, "<span>");
    for (size_t l = 0, said = 0; l < ROLL_LABELS; l++) {
        int64_t count = roll_label_shown(roll, sum->labels[l]);
        if (count == 0) continue;
        if (said++ != 0) buf_puts(out, " · ");
        html_put_text(out, str_from(tr(web->lang, words[l])));
        buf_printf(out, " ≈ %lld", (long long)count);
    }
    buf_puts(out, "</span>");
    return html_from(out);
}

static bool hides(const struct roll_sum *sum)
{
    return sum->hide[ROLL_EMISSION] || sum->hide[ROLL_ENERGY] || sum->hide[ROLL_LABEL];
}

static void fill_rows(struct roll_up *roll, const struct roll_sum *sums, size_t count,
                      bool division, struct html_authority_statistics *page)
{
    struct web *web = roll->web;
    page->rows = ARENA_NEW_ARRAY(web->arena, struct html_authority_statistics_rows, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct roll_sum *s = &sums[i];
        page->hidden = page->hidden || hides(s);
        page->rows[page->rows_count++] = (struct html_authority_statistics_rows){
            .name = str_from(group_name(web, s, division)),
            .listed = s->listed,
            .counted = s->counts[ROLL_EMISSION],
            .full = cell(web, s, ROLL_EMISSION, account_tonnes(s->full)),
            .compliance = cell(web, s, ROLL_EMISSION, account_tonnes(s->compliance)),
            .calorific = cell(web, s, ROLL_ENERGY, account_tce(s->calorific)),
            .equivalent = cell(web, s, ROLL_ENERGY, account_tce(s->equivalent)),
            .labels = label_cell(roll, s)};
    }
    const struct roll_sum *t = &roll->total;
    page->hidden = page->hidden || hides(t);
    page->total_listed = t->listed;
    page->total_counted = t->counts[ROLL_EMISSION];
    page->total_full = cell(web, t, ROLL_EMISSION, account_tonnes(t->full));
    page->total_compliance = cell(web, t, ROLL_EMISSION, account_tonnes(t->compliance));
    page->total_calorific = cell(web, t, ROLL_ENERGY, account_tce(t->calorific));
    page->total_equivalent = cell(web, t, ROLL_ENERGY, account_tce(t->equivalent));
    page->total_labels = label_cell(roll, t);
}

static void fill_chart(struct roll_up *roll, const struct roll_sum *sums, size_t count,
                       bool division, struct html_authority_statistics *page)
{
    struct web *web = roll->web;
    struct chart_bar *bars = ARENA_NEW_ARRAY(web->arena, struct chart_bar, count + 1);
    char year[HTML_INT_BYTES];
    html_int(year, roll->year);
    page->chart_title =
        str_from(tr_fill(web->arena, web->lang, "Emission, full basis, {0}", year, NULL));
    struct chart_bars chart = {.title = page->chart_title, .unit = STR("tCO2e"), .bars = bars};
    for (size_t i = 0; i < count; i++) {
        double value = shown(&sums[i], ROLL_EMISSION, account_tonnes(sums[i].full));
        if (isfinite(value))
            bars[chart.count++] = (struct chart_bar){
                .name = str_from(group_name(web, &sums[i], division)), .value = value};
    }
    if (chart.count == 0) return;
    struct chart_look look = CHART_PAGE;
    look.height = 60 + 30 * (double)chart.count;
    struct drawing *drawing = chart_bars(web->arena, &chart, look, web->lang);
    struct buf *svg = buf_new(web->arena), *table = buf_new(web->arena);
    drawing_svg(svg, drawing);
    drawing_table_html(table, drawing, web->lang);
    page->has_chart = true;
    page->chart = html_from(svg);
    page->chart_table = html_from(table);
}

static html make_body(void *arg)
{
    struct roll_up *roll = arg;
    struct web *web = roll->web;
    bool division = by_division(web);
    const struct roll_sum *sums = division ? roll->divisions : roll->industries;
    size_t count = division ? roll->division_count : roll->industry_count;
    struct html_authority_statistics page = {
        .year = roll->year,
        .by_division = division,
        .examples = roll->invented,
        .least = web->app->config.cell_enterprises_min,
        .most = web->app->config.dominance_percent,
        .any = count != 0,
        .icon = web_icon(web, "info-circle"),
        .chart = HTML_EMPTY,
        .chart_table = HTML_EMPTY,
        .examples_url = str_from(page_url(roll, "/authority/statistics", division, true, "")),
        .xlsx_url = str_from(page_url(roll, "/authority/statistics/export", division,
                                      roll->invented, "&format=xlsx")),
        .csv_url = str_from(page_url(roll, "/authority/statistics/export", division, roll->invented,
                                     "&format=csv"))};
    fill_rows(roll, sums, count, division, &page);
    fill_chart(roll, sums, count, division, &page);
    return HTML_RENDER(web->arena, &web->html, html_authority_statistics, &page);
}

static bool get_statistics(struct web *web, struct error *err)
{
    struct roll_up roll = roll_of(web);
    int64_t year;
    const char *asked = page_url(&roll, "", by_division(web), roll.invented,
                                 asked_year(web, &year) ? "" : "&newest");
    struct web_body wanted = {KEPT_OF_ALL, 0, asked, read_roll, make_body, &roll};
    html body;
    if (!web_kept(web, &wanted, &body, err)) return false;
    if (roll.invented) web_invented(web);
    return web_page(web, NULL, body, "statistics");
}

/* ---- export ---- */

static struct sheet_cell number(double value)
{
    return (struct sheet_cell){.empty = !isfinite(value), .number = value};
}

static void put_row(const struct roll_up *roll, const struct roll_sum *s, const char *name,
                    struct sheet_cell *cells)
{
    cells[0] = (struct sheet_cell){.text = str_from(name)};
    cells[1] = number((double)s->listed);
    cells[2] = number((double)s->counts[ROLL_EMISSION]);
    cells[3] = number(shown(s, ROLL_EMISSION, account_tonnes(s->full)));
    cells[4] = number(shown(s, ROLL_EMISSION, account_tonnes(s->compliance)));
    cells[5] = number(shown(s, ROLL_ENERGY, account_tce(s->calorific)));
    cells[6] = number(shown(s, ROLL_ENERGY, account_tce(s->equivalent)));
    for (size_t l = 0; l < ROLL_LABELS; l++)
        cells[7 + l] = number(shown(s, ROLL_LABEL, (double)roll_label_shown(roll, s->labels[l])));
}

static struct sheet sheet_of(struct roll_up *roll, bool division)
{
    struct web *web = roll->web;
    static const struct {
        const char *name, *unit;
        int decimals;
    } columns[COLUMNS - 1] = {{TR_KEY("On the register"), "", 0},
                              {TR_KEY("With figures"), "", 0},
                              {TR_KEY("Emission, full basis"), "tCO2e", 3},
                              {TR_KEY("Emission, compliance basis"), "tCO2e", 3},
                              {TR_KEY("Energy, calorific"), "tce", 3},
                              {TR_KEY("Energy, equivalent"), "tce", 3},
                              {TR_KEY("Deep green"), "", 0},
                              {TR_KEY("Light green"), "", 0},
                              {TR_KEY("Yellow"), "", 0},
                              {TR_KEY("Red"), "", 0},
                              {TR_KEY("Grey"), "", 0}};
    const struct roll_sum *sums = division ? roll->divisions : roll->industries;
    size_t count = division ? roll->division_count : roll->industry_count;
    struct sheet_column *heads = ARENA_NEW_ARRAY(web->arena, struct sheet_column, COLUMNS);
    struct sheet_cell *cells =
        ARENA_NEW_ARRAY(web->arena, struct sheet_cell, COLUMNS * (count + 1));
    char least[HTML_INT_BYTES], most[HTML_INT_BYTES];
    html_int(least, web->app->config.cell_enterprises_min);
    html_int(most, web->app->config.dominance_percent);
    heads[0] =
        (struct sheet_column){.name = str_from(tr(web->lang, division ? "Division" : "Industry")),
                              .type = SHEET_TEXT,
                              .width_chars = 32};
    for (size_t i = 1; i < COLUMNS; i++)
        heads[i] = (struct sheet_column){.name = str_from(tr(web->lang, columns[i - 1].name)),
                                         .unit = str_from(columns[i - 1].unit),
                                         .type = SHEET_NUMBER,
                                         .decimals = columns[i - 1].decimals};
    for (size_t i = 0; i < count; i++)
        put_row(roll, &sums[i], group_name(web, &sums[i], division), cells + i * COLUMNS);
    put_row(roll, &roll->total, tr(web->lang, "Total"), cells + count * COLUMNS);
    return (struct sheet){
        .name = heads[0].name,
        .title =
            str_from(arena_printf(web->arena, "%s %d %s", tr(web->lang, "Statistics"), roll->year,
                                  roll->invented ? tr(web->lang, "Examples (invented)") : "")),
        .columns = heads,
        .columns_count = COLUMNS,
        .cells = cells,
        .rows_count = count + 1,
        .source_note = str_from(
            tr_fill(web->arena, web->lang,
                    "Posted accounts of enterprises on the register. Empty: no figure, or hidden "
                    "because fewer than {0} enterprises could be recognised or one makes up "
                    "more than {1}% of it. Counts of labels are rounded to multiples of {0}.",
                    least, most, NULL))};
}

static bool get_export(struct web *web, struct error *err)
{
    struct roll_up roll = roll_of(web);
    bool csv = str_is(web_query(web, "format"), "csv");
    str bytes;
    if (!store_read(web->store, read_roll, &roll, err)) return false;
    struct sheet sheet = sheet_of(&roll, by_division(web));
    const char *name = arena_printf(web->arena, "tanshu-statistics-%d-%s%s.%s", roll.year,
                                    by_division(web) ? "division" : "industry",
                                    roll.invented ? "-examples" : "", csv ? "csv" : "xlsx");
    if (csv)
        sheet_write_csv(web->arena, &sheet, &bytes);
    else if (!xlsx_write(web->arena, &sheet, 1, sheet.title, instant_now_ms(), &bytes, err))
        return false;
    http_reply_download(web->reply,
                        csv ? "text/csv; charset=utf-8"
                            : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                        name, bytes);
    return true;
}

const struct web_route web_routes_authority_statistics[] = {
    {"GET", "/authority/statistics", get_statistics, WEB_AUTHORITY, TR_KEY("Statistics"),
     .slow = true},
    {"GET", "/authority/statistics/export", get_export, WEB_AUTHORITY, TR_KEY("Statistics"),
     .slow = true},
    {0},
};
