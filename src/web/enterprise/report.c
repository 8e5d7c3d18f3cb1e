/* Label and grade: each point's reason, what would improve it most, what is missing, the history.
 */
#include <math.h>
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_report_html.h"
#include "web/enterprise/judged.h"
#include "web/enterprise/kit.h"
#include "web/enterprise/tabs.h"

#define DIMENSIONS_MAX 12
#define GAPS_SHOWN_MAX 30
#define HISTORY_ROWS 40

struct work {
    struct web *web;
    struct kit_years years;
    struct credit_rating rating, *history;
    bool found;
    size_t history_count;
    struct benchmark *benchmarks;
    size_t benchmark_count;
    struct judged_gap *gaps;
    size_t gap_count;
};

static bool read_rating(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    id64 org = web->viewer->org_id;
    return kit_read_years(db, web, &w->years, err) &&
           credit_read_rating(db, web->arena, web->viewer, org, w->years.chosen, &w->rating,
                              &w->found, err) &&
           credit_list_ratings(db, web->arena, web->viewer, org, &w->history, &w->history_count,
                               err) &&
           benchmark_read(db, web, org, w->years.chosen, &w->benchmarks, &w->benchmark_count,
                          err) &&
           judged_read_gaps(db, web, w->years.chosen, &w->gaps, &w->gap_count, err);
}

static const char *number(struct web *web, double value)
{
    return isfinite(value) ? num_format_significant(web->arena, value, 4) : "–";
}

static void fill_intensities(struct work *w, struct html_enterprise_report *page)
{
    struct web *web = w->web;
    page->intensities =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_report_intensities, w->benchmark_count);
    page->intensities_count = w->benchmark_count;
    for (size_t i = 0; i < w->benchmark_count; i++) {
        const struct benchmark *b = &w->benchmarks[i];
        page->intensities[i] = (struct html_enterprise_report_intensities){
            .name = str_from(b->name),
            .value = web_figure(web, b->value, 5, b->unit, 0, b->url),
            .advanced = str_from(number(web, b->advanced)),
            .baseline = str_from(number(web, b->baseline)),
            .limit = str_from(number(web, b->limit)),
            .colour = web_label(web, str_from(b->colour), false),
            .distance = str_from(b->over > 0 ? number(web, b->over) : "–")};
    }
    page->benchmarks = benchmark_charts(web, w->benchmarks, w->benchmark_count);
}

static void fill_dimensions(struct work *w, struct html_enterprise_report *page)
{
    struct web *web = w->web;
    struct chart_bar bars[DIMENSIONS_MAX];
    page->dimensions =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_report_dimensions, DIMENSIONS_MAX);
    for (int d = 1; d <= DIMENSIONS_MAX; d++) {
        const struct credit_reason *score = judged_reason(&w->rating,
                                                          arena_printf(web->arena, "d%d", d)),
                                   *share = judged_reason(&w->rating,
                                                          arena_printf(web->arena, "d%d_share", d));
        if (score == NULL || share == NULL) continue;
        html none = web_figure_missing(web, tr(web->lang, TR_KEY("none known")));
        bool counts = share->value > 0;
        size_t at = page->dimensions_count++;
        page->dimensions[at] = (struct html_enterprise_report_dimensions){
            .name = str_from(explain_text(web, score->label)),
            .weight = web_figure(web, share->value * 100, 3, "%", 0,
                                 judged_url(web, &w->rating, share->model, share->output)),
            .score = counts ? web_figure(web, score->value, 3, "", 0,
                                         judged_url(web, &w->rating, score->model, score->output))
                            : none,
            .contribution = web_figure(web, share->value * score->value, 3, "", 0, NULL)};
        bars[at] = (struct chart_bar){
            .name = page->dimensions[at].name,
            .value = score->value,
            .note = str_from(tr_fill(web->arena, web->lang, TR_KEY("weight {0} %"),
                                     number(web, share->value * 100), NULL))};
    }
    struct chart_bars chart = {.title = str_from(tr(web->lang, TR_KEY("Score by dimension"))),
                               .bars = bars,
                               .count = page->dimensions_count,
                               .value_max = 100,
                               .decimals = 1};
    struct chart_look look = {760, 60 + 30 * (double)page->dimensions_count, 12};
    if (page->dimensions_count != 0)
        page->score_chart = kit_chart(web, chart_bars(web->arena, &chart, look, web->lang));
}

/* All indicators of the grade's model in force at the year's end, known or not. */
static const struct model_output *indicators_of(struct work *w)
{
    const struct credit_reason *grade = judged_reason(&w->rating, "known_weight");
    if (grade == NULL) return NULL;
    const struct model *model =
        model_library_find(w->web->app->library, grade->model, account_year(w->rating.year).last);
    const struct model_info *info = model != NULL ? model_info(model) : NULL;
    for (size_t i = 0; info != NULL && i < info->output_count; i++)
        if (strcmp(info->outputs[i].name, "value") == 0) return &info->outputs[i];
    return NULL;
}

static void fill_indicators(struct work *w, struct html_enterprise_report *page)
{
    struct web *web = w->web;
    const struct model_output *all = indicators_of(w);
    html missing = web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    if (all == NULL) return;
    page->indicators =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_report_indicators, all->key_count);
    page->indicators_count = all->key_count;
    for (size_t i = 0; i < all->key_count; i++) {
        const char *id = all->keys[i].id;
        const struct credit_reason *value = judged_reason(
                                       &w->rating, arena_printf(web->arena, "value[%s]", id)),
                                   *points = judged_reason(
                                       &w->rating, arena_printf(web->arena, "score_of[%s]", id));
        page->indicators[i] = (struct html_enterprise_report_indicators){
            .id = str_from(id),
            .name = str_from(explain_text(web, all->keys[i].label)),
            .missing = value == NULL,
            .value = value != NULL
                         ? web_figure(web, value->value, 4, kit_unit(value->unit), 0,
                                      judged_url(web, &w->rating, value->model, value->output))
                         : missing,
            .points = points != NULL
                          ? web_figure(web, points->value, 3, "", 0,
                                       judged_url(web, &w->rating, points->model, points->output))
                          : missing};
    }
}

static void fill_improvements(struct work *w, struct html_enterprise_report *page)
{
    struct web *web = w->web;
    page->improvements = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_report_improvements,
                                         w->rating.improvement_count);
    page->improvements_count = w->rating.improvement_count;
    for (size_t i = 0; i < w->rating.improvement_count; i++) {
        const struct credit_improvement *m = &w->rating.improvements[i];
        page->improvements[i] = (struct html_enterprise_report_improvements){
            .label = str_from(explain_text(web, m->label)),
            .value = web_figure(web, m->value, 4, kit_unit(m->unit), 0, NULL),
            .change = str_from(arena_printf(web->arena, "%s%s %%", m->change > 0 ? "+" : "",
                                            number(web, m->change * 100))),
            .points = web_figure(web, m->points, 2, "", 0, NULL)};
    }
}

static void fill_follows(struct work *w, struct html_enterprise_report *page)
{
    struct web *web = w->web;
    page->follows =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_report_follows, w->rating.missing_count);
    for (size_t i = 0; i < w->rating.missing_count; i++) {
        const struct credit_missing *m = &w->rating.missing[i];
        if (m->from_user) continue;
        const char *affects = explain_word(web, m->affects);
        for (size_t k = 0; k < w->rating.reason_count; k++)
            if (strcmp(w->rating.reasons[k].output, m->affects) == 0)
                affects = explain_text(web, w->rating.reasons[k].label);
        if (strcmp(m->affects, "value") == 0)
            affects = tr(web->lang, TR_KEY("Indicators of the grade"));
        page->follows[page->follows_count++] = (struct html_enterprise_report_follows){
            .label = str_from(explain_text(web, m->label)), .affects = str_from(affects)};
    }
}

static html reason_value(struct work *w, const struct credit_reason *r)
{
    struct web *web = w->web;
    const char *url = judged_url(web, &w->rating, r->model, r->output);
    if (!r->known) return web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    if (r->type == MODEL_NUMBER) return web_figure(web, r->value, 6, kit_unit(r->unit), 0, url);
    struct buf *out = buf_new(web->arena);
    buf_puts(out, "<a class=\"figure-number\" href=\"");
    html_put_url(out, str_from(url));
    buf_puts(out, "\">");
    html_put_text(out, str_from(explain_word(web, r->text)));
    buf_puts(out, "</a>");
    return html_from(out);
}

static void fill_reasons(struct work *w, struct html_enterprise_report *page)
{
    page->reasons = ARENA_NEW_ARRAY(w->web->arena, struct html_enterprise_report_reasons,
                                    w->rating.reason_count);
    for (size_t i = 0; i < w->rating.reason_count; i++) {
        const struct credit_reason *r = &w->rating.reasons[i];
        if (!r->known) continue;
        page->reasons[page->reasons_count++] = (struct html_enterprise_report_reasons){
            .model = str_from(r->model),
            .label = str_from(explain_text(w->web, r->label)),
            .value = reason_value(w, r)};
    }
}

static void fill_history(struct work *w, struct html_enterprise_report *page)
{
    struct web *web = w->web;
    struct web_paging paging = web_paging(web, (int64_t)w->history_count, HISTORY_ROWS);
    page->history =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_report_history, HISTORY_ROWS);
    page->history_pages = web_pages(web, &paging, kit_with_year(web, "/enterprise/report"));
    for (size_t i = (size_t)paging.skip; i < w->history_count && page->history_count < HISTORY_ROWS;
         i++) {
        const struct credit_rating *r = &w->history[i];
        page->history[page->history_count++] = (struct html_enterprise_report_history){
            .when = str_from(kit_when(web, r->at)),
            .year = str_from(kit_count(web, r->year)),
            .label = web_label(web, str_from(r->label), false),
            .grade = str_from(judged_has_grade(r) ? r->grade : "–"),
            .score = str_from(r->has_score ? number(web, r->score) : "–"),
            .confidence = str_from(r->confidence)};
    }
}

static html make_body(void *arg)
{
    struct work *w = arg;
    struct web *web = w->web;
    struct html_enterprise_report page = {
        .tabs = tabs_report(web, "rating"),
        .years = kit_year_picker(web, &w->years, "/enterprise/report", ""),
        .rated = w->found,
        .icon_empty = web_icon(web, "patch-check"),
        .gaps = judged_gaps(web, w->years.chosen, w->gaps, w->gap_count, GAPS_SHOWN_MAX, true)};
    if (w->found) {
        page.label = judged_label(web, &w->rating, w->benchmarks, w->benchmark_count);
        page.grade = judged_grade(web, &w->rating);
        page.judged_words =
            str_from(tr_fill(web->arena, web->lang,
                             TR_KEY("Judged at {0} on the facts known at log size {1}; digest of "
                                    "models, tables and facts {2}."),
                             kit_when(web, w->rating.at), kit_count(web, w->rating.known_seq),
                             digest_hex(web->arena, w->rating.digest), NULL));
        fill_intensities(w, &page);
        fill_dimensions(w, &page);
        fill_indicators(w, &page);
        fill_improvements(w, &page);
        fill_follows(w, &page);
        fill_reasons(w, &page);
        fill_history(w, &page);
    }
    return HTML_RENDER(web->arena, &web->html, html_enterprise_report, &page);
}

static bool get_report(struct web *web, struct error *err)
{
    struct work *w = ARENA_NEW(web->arena, struct work);
    struct web_body wanted = {web->viewer->org_id,
                              REGISTRY_SCOPE_ALL,
                              kit_asked(web, str_dup(web->arena, web_query(web, "page"))),
                              read_rating,
                              make_body,
                              w};
    html body;
    w->web = web;
    if (!web_kept(web, &wanted, &body, err)) return false;
    web_action(web, tr(web->lang, TR_KEY("Issue a report")),
               kit_with_year(web, "/enterprise/report/documents"));
    return web_page(web, NULL, body, "report");
}

const struct web_route web_routes_enterprise_report[] = {
    {"GET", "/enterprise/report", get_report, WEB_ENTERPRISE, TR_KEY("Label and grade")},
    {0},
};
