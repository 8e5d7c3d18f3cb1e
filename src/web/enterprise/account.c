/* The carbon account: the year's statement by month, scope and source on both bases, energy, output
 * and intensity, as known at a date; the method and its override. */
#include <math.h>
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_account_html.h"
#include "web/enterprise/benchmark.h"
#include "web/enterprise/kit.h"
#include "web/enterprise/known.h"
#include "web/enterprise/tabs.h"

#define PERIODS_MAX 64
#define SOURCES_MAX 24
#define PRODUCTS_MAX 8

struct work {
    struct web *web;
    struct kit_years years;
    struct known known;
    const struct error *problem; /* of a choice of method; NULL */
    bool with_drafts;
    struct kit_postings postings;
    struct account_statement statement;
    struct account_method method;
    struct account_restatement restatement;
    const struct model **methods;
    size_t method_count;
    struct registry_org org;
    struct benchmark *benchmarks;
    size_t benchmark_count;
    struct account_period periods[PERIODS_MAX];
    bool draft[PERIODS_MAX];
    size_t period_count;
    struct {
        const char *word;
        int scope;
    } sources[SOURCES_MAX];
    size_t source_count;
    const char *products[PRODUCTS_MAX], *units[PRODUCTS_MAX];
    size_t product_count;
};

static bool read_all(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    id64 org = web->viewer->org_id;
    if (!kit_read_years(db, web, &w->years, err) || !known_read(db, web, &w->known, err))
        return false;
    int year = w->years.chosen;
    struct account_period whole = account_year(year);
    struct kit_postings_query query = {whole.first, whole.last, w->known.seq, w->with_drafts};
    struct account_statement_query statement = {.org_id = org,
                                                .first = whole.first,
                                                .last = whole.last,
                                                .as_known = w->known.seq,
                                                .with_drafts = w->with_drafts};
    return kit_read_postings(db, web, &query, &w->postings, err) &&
           account_read_statement(db, web->arena, web->viewer, &statement, &w->statement, err) &&
           account_choose_method(db, web->arena, &web->app->rules, org, year, "method", &w->method,
                                 err) &&
           account_list_models(db, web->arena, &web->app->rules, org, year, "method", &w->methods,
                               &w->method_count, err) &&
           account_restate(db, web->arena, web->viewer, &web->app->rules, org, year,
                           &w->restatement, err) &&
           registry_get_org(db, web->arena, org, &w->org, err) &&
           benchmark_read(db, web, org, year, &w->benchmarks, &w->benchmark_count, err);
}

/* ---- what there is: periods, sources, products, each once in the order of appearance ---- */

static void find_period(struct work *w, const struct kit_posting *p)
{
    size_t at = 0;
    while (at < w->period_count && !account_period_equal(w->periods[at], p->posting.period)) at++;
    if (at == PERIODS_MAX) return;
    if (at == w->period_count) w->periods[w->period_count++] = p->posting.period;
    if (p->is_draft) w->draft[at] = true;
}

static void find_source(struct work *w, const struct account_posting *p)
{
    size_t at = 0;
    while (at < w->source_count &&
           (strcmp(w->sources[at].word, p->source) != 0 || w->sources[at].scope != p->scope))
        at++;
    if (at < w->source_count || at == SOURCES_MAX) return;
    w->sources[at].word = p->source;
    w->sources[at].scope = p->scope;
    w->source_count++;
}

static void find_product(struct work *w, const struct account_posting *p)
{
    size_t at = 0;
    while (at < w->product_count && strcmp(w->products[at], p->source) != 0) at++;
    if (at < w->product_count || at == PRODUCTS_MAX) return;
    w->products[at] = p->source;
    w->units[at] = p->unit;
    w->product_count++;
}

static void find_all(struct work *w)
{
    for (size_t i = 0; i < w->postings.count; i++) {
        const struct account_posting *p = &w->postings.list[i].posting;
        find_period(w, &w->postings.list[i]);
        if (p->kind == ACCOUNT_EMISSION) find_source(w, p);
        if (p->kind == ACCOUNT_PRODUCTION) find_product(w, p);
    }
}

/* ---- emission table ---- */

static const char *rest_of(struct work *w)
{
    return arena_printf(w->web->arena, "%s%s%s", w->known.text[0] != '\0' ? "&known=" : "",
                        w->known.text, w->with_drafts ? "&drafts=1" : "");
}

/* One number of decimals for a column, by its yearly sum: digits stand under digits. */
static int decimals_of(double sum)
{
    return fabs(sum) >= 10000 ? 1 : fabs(sum) >= 100 ? 2 : 3;
}

static html figure(struct work *w, enum account_posting_kind kind, int scope, const char *source,
                   const char *basis, struct account_period period)
{
    struct kit_select select = {kind, scope, source, basis, period.first, period.last};
    struct account_period year = account_year(w->years.chosen);
    struct kit_select whole = {kind, scope, source, basis, year.first, year.last};
    const char *unit;
    double sum = 0;
    if (!kit_sum(&w->postings, &whole, &sum, &unit)) sum = 0;
    return kit_sum_cell(w->web, &w->postings, &select, rest_of(w), decimals_of(sum));
}

static void fill_emission(struct work *w, struct html_enterprise_account *page)
{
    struct web *web = w->web;
    struct account_period whole = account_year(w->years.chosen);
    page->sources =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_account_sources, w->source_count);
    page->totals =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_account_totals, w->source_count);
    page->rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_account_rows, w->period_count);
    page->sources_count = page->totals_count = w->source_count;
    page->rows_count = w->period_count;
    for (size_t k = 0; k < w->source_count; k++) {
        const char *name = kit_source(web, &w->postings, ACCOUNT_EMISSION, w->sources[k].word);
        page->sources[k].name = page->totals[k].head = str_from(name);
        page->sources[k].scope = str_from(tr_fill(web->arena, web->lang, TR_KEY("scope {0}"),
                                                  w->sources[k].scope == 1 ? "1" : "2", NULL));
        page->totals[k].value =
            figure(w, ACCOUNT_EMISSION, w->sources[k].scope, w->sources[k].word, "", whole);
    }
    for (size_t i = 0; i < w->period_count; i++) {
        struct html_enterprise_account_rows *row = &page->rows[i];
        row->period = str_from(explain_period(web, w->periods[i]));
        row->state = w->draft[i] ? kit_run_state(web, ACCOUNT_DRAFT) : HTML_EMPTY;
        row->cells =
            ARENA_NEW_ARRAY(web->arena, struct html_enterprise_account_rows_cells, w->source_count);
        row->cells_count = w->source_count;
        for (size_t k = 0; k < w->source_count; k++) {
            row->cells[k].head = page->sources[k].name;
            row->cells[k].value = figure(w, ACCOUNT_EMISSION, w->sources[k].scope,
                                         w->sources[k].word, "", w->periods[i]);
        }
        row->full = figure(w, ACCOUNT_EMISSION, 0, "", "full", w->periods[i]);
        row->compliance = figure(w, ACCOUNT_EMISSION, 0, "", "compliance", w->periods[i]);
    }
    page->total_full = figure(w, ACCOUNT_EMISSION, 0, "", "full", whole);
    page->total_compliance = figure(w, ACCOUNT_EMISSION, 0, "", "compliance", whole);
}

/* ---- energy, output, intensity ---- */

static bool intensity_of(struct work *w, const char *product, struct account_period period,
                         double *value)
{
    struct kit_select emission = {ACCOUNT_EMISSION, 0, "", "full", period.first, period.last},
                      output = {ACCOUNT_PRODUCTION, 0, product, "", period.first, period.last};
    double tonnes, amount;
    const char *unit;
    if (!kit_sum(&w->postings, &emission, &tonnes, &unit) ||
        !kit_sum(&w->postings, &output, &amount, &unit) || amount <= 0)
        return false;
    *value = tonnes / amount;
    return true;
}

static html intensity_figure(struct work *w, size_t product, struct account_period period)
{
    struct web *web = w->web;
    double value;
    if (!intensity_of(w, w->products[product], period, &value))
        return web_figure_missing(web, tr(web->lang, TR_KEY("no posting")));
    return web_figure(
        web, value, WEB_DECIMALS(3), "", 0,
        arena_printf(web->arena,
                     "/enterprise/account/sum?kind=intensity&source=%s&first=%s&last=%s%s",
                     w->products[product], kit_day(web, period.first), kit_day(web, period.last),
                     rest_of(w)));
}

static html measure(struct work *w, size_t column, struct account_period period)
{
    if (column == 0) return figure(w, ACCOUNT_ENERGY, 0, "calorific", "", period);
    if (column == 1) return figure(w, ACCOUNT_ENERGY, 0, "equivalent", "", period);
    if (column < 2 + w->product_count)
        return figure(w, ACCOUNT_PRODUCTION, 0, w->products[column - 2], "", period);
    return intensity_figure(w, column - 2 - w->product_count, period);
}

static void fill_measures(struct work *w, struct html_enterprise_account *page, size_t columns)
{
    struct web *web = w->web;
    page->measures = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_account_measures, columns);
    page->measures_count = columns;
    page->measures[0].name = str_from(tr(web->lang, TR_KEY("Energy, calorific")));
    page->measures[1].name = str_from(tr(web->lang, TR_KEY("Energy, primary-equivalent")));
    page->measures[0].unit = page->measures[1].unit = STR("tce");
    for (size_t k = 0; k < w->product_count; k++) {
        const char *name = kit_source(web, &w->postings, ACCOUNT_PRODUCTION, w->products[k]);
        size_t at = 2 + k, intensity = 2 + w->product_count + k;
        page->measures[at].name = str_from(name);
        page->measures[at].unit = str_from(w->units[k]);
        page->measures[intensity].name =
            str_from(tr_fill(web->arena, web->lang, TR_KEY("Intensity by {0}"), name, NULL));
        page->measures[intensity].unit = str_from(kit_join(web, "t CO2e/", w->units[k]));
    }
}

static void fill_energy(struct work *w, struct html_enterprise_account *page)
{
    struct web *web = w->web;
    size_t columns = 2 + 2 * w->product_count;
    fill_measures(w, page, columns);
    page->energy =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_account_energy, w->period_count);
    page->energy_count = w->period_count;
    page->energy_totals =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_account_energy_totals, columns);
    page->energy_totals_count = columns;
    for (size_t i = 0; i < w->period_count; i++) {
        struct html_enterprise_account_energy *row = &page->energy[i];
        row->period = str_from(explain_period(web, w->periods[i]));
        row->values =
            ARENA_NEW_ARRAY(web->arena, struct html_enterprise_account_energy_values, columns);
        row->values_count = columns;
        for (size_t k = 0; k < columns; k++) {
            row->values[k].head = page->measures[k].name;
            row->values[k].value = measure(w, k, w->periods[i]);
        }
    }
    for (size_t k = 0; k < columns; k++) {
        page->energy_totals[k].head = page->measures[k].name;
        page->energy_totals[k].value = measure(w, k, account_year(w->years.chosen));
    }
}

/* ---- charts ---- */

static html line_chart(struct work *w, const char *title, const char *unit,
                       const struct chart_series *series, size_t count, bool from_zero)
{
    struct web *web = w->web;
    str labels[12];
    for (int m = 0; m < 12; m++) labels[m] = str_from(kit_count(web, m + 1));
    struct chart_line chart = {.title = str_from(title),
                               .unit = str_from(unit),
                               .labels = labels,
                               .count = 12,
                               .series = series,
                               .series_count = count,
                               .from_zero = from_zero,
                               .decimals = 3};
    struct chart_look look = {520, 240, 12};
    return kit_chart(web, chart_line(web->arena, &chart, look, web->lang));
}

static html energy_chart(struct work *w)
{
    static const char *const kinds[] = {"calorific", "equivalent"};
    static const char *const names[] = {TR_KEY("Calorific value"),
                                        TR_KEY("Primary-equivalent value")};
    double values[2][12];
    struct chart_series series[2];
    bool any = false;
    for (int k = 0; k < 2; k++) {
        for (int m = 0; m < 12; m++) {
            struct account_period month = account_month(month_make(w->years.chosen, m + 1));
            struct kit_select select = {ACCOUNT_ENERGY, 0, kinds[k], "", month.first, month.last};
            const char *unit;
            bool known = kit_sum(&w->postings, &select, &values[k][m], &unit);
            if (!known) values[k][m] = NAN;
            any = any || known;
        }
        series[k] = (struct chart_series){
            .name = str_from(tr(w->web->lang, names[k])), .values = values[k], .muted = k == 1};
    }
    if (!any) return HTML_EMPTY;
    return line_chart(w, tr(w->web->lang, TR_KEY("Energy by month")), "tce", series, 2, true);
}

static html intensity_chart(struct work *w)
{
    double values[12];
    bool any = false;
    if (w->product_count == 0) return HTML_EMPTY;
    for (int m = 0; m < 12; m++) {
        bool known = intensity_of(w, w->products[0],
                                  account_month(month_make(w->years.chosen, m + 1)), &values[m]);
        if (!known) values[m] = NAN;
        any = any || known;
    }
    const char *name = kit_source(w->web, &w->postings, ACCOUNT_PRODUCTION, w->products[0]);
    struct chart_series series = {.name = str_from(name), .values = values};
    if (!any) return HTML_EMPTY;
    return line_chart(w,
                      tr_fill(w->web->arena, w->web->lang, TR_KEY("Intensity by {0}"), name, NULL),
                      kit_join(w->web, "t CO2e/", w->units[0]), &series, 1, false);
}

/* ---- method ---- */

static const char *method_why(struct work *w)
{
    struct web *web = w->web;
    if (w->method.overridden)
        return tr_fill(web->arena, web->lang, TR_KEY("Chosen by a person: {0}"), w->method.reason,
                       NULL);
    if (w->method.prefix[0] == '\0')
        return tr(web->lang,
                  TR_KEY("It applies to all industries, and none is made for this one."));
    const char *why =
        tr_fill(web->arena, web->lang,
                TR_KEY("It names industry {0} of GB/T 4754, which the class {1} belongs to, and "
                       "is valid at the year's end."),
                w->method.prefix, w->org.industry, NULL);
    if (model_meta(w->method.model, "chosen_for", false) == NULL) return why;
    return kit_join(web, why,
                    tr(web->lang, TR_KEY(" It is the rule of the carbon market, which binds the "
                                         "enterprise as a key emitter.")));
}

static void fill_method(struct work *w, struct html_enterprise_account *page)
{
    struct web *web = w->web;
    page->has_method = w->method.model != NULL;
    page->may_override = web->viewer->role == REGISTRY_ENTERPRISE_MANAGER && w->method_count > 1;
    if (page->has_method) {
        const struct model_info *info = model_info(w->method.model);
        page->method_title = str_from(
            arena_printf(web->arena, "%s %s", explain_text(web, info->title), info->version));
        page->method_source = str_from(info->source);
        page->method_why = str_from(method_why(w));
        page->method_url = str_from(
            kit_join(web, "/enterprise/model/", digest_hex(web->arena, info->model_digest)));
    }
    page->methods =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_account_methods, w->method_count);
    page->methods_count = w->method_count;
    for (size_t i = 0; i < w->method_count; i++) {
        const struct model_info *info = model_info(w->methods[i]);
        page->methods[i] = (struct html_enterprise_account_methods){
            .name = str_from(info->name),
            .title = str_from(
                arena_printf(web->arena, "%s %s", explain_text(web, info->title), info->version)),
            .picked = w->problem != NULL ? str_is(web_form(web, "model"), info->name)
                                         : w->methods[i] == w->method.model};
    }
}

static html make_body(void *arg)
{
    struct work *w = arg;
    struct web *web = w->web;
    find_all(w);
    struct html_enterprise_account page = {
        .problem = w->problem != NULL ? web_error_box(web, w->problem) : HTML_EMPTY,
        .reason = web_form(web, "reason"),
        .tabs = tabs_account(web, "statement", w->statement.drafts),
        .years = kit_year_picker(web, &w->years, "/enterprise/account", rest_of(w)),
        .year = str_from(kit_count(web, w->years.chosen)),
        .known = str_from(w->known.text),
        .known_words = str_from(w->known.words),
        .drafts_shown = w->with_drafts,
        .drafts = w->with_drafts ? 0 : w->statement.drafts,
        .restated = (int64_t)w->restatement.periods,
        .any = w->postings.count != 0,
        .icon_download = web_icon(web, "download"),
        .icon_empty = web_icon(web, "journal-text")};
    if (page.any) {
        page.chart = kit_emission_chart(web, &w->postings, w->years.chosen);
        page.energy_chart = energy_chart(w);
        page.intensity_chart = intensity_chart(w);
        page.benchmarks = benchmark_charts(web, w->benchmarks, w->benchmark_count);
        fill_emission(w, &page);
        fill_energy(w, &page);
    }
    fill_method(w, &page);
    return HTML_RENDER(web->arena, &web->html, html_enterprise_account, &page);
}

static bool show_account(struct web *web, const struct error *problem, struct error *err)
{
    struct work *w = ARENA_NEW(web->arena, struct work);
    html body;
    w->web = web;
    w->problem = problem;
    w->with_drafts = str_is(web_query(web, "drafts"), "1");
    /* Which day knew what, the log says. */
    const char *asked = problem == NULL && web_query(web, "known").len == 0
                            ? kit_asked(web, w->with_drafts ? "drafts" : "")
                            : NULL;
    struct web_body wanted = {
        web->viewer->org_id, REGISTRY_SCOPE_ALL, asked, read_all, make_body, w};
    return web_kept(web, &wanted, &body, err) &&
           web_page_status(web, problem != NULL ? error_http_status(problem->code) : 200, NULL,
                           body, "account");
}

static bool get_account(struct web *web, struct error *err)
{
    return show_account(web, NULL, err);
}

/* ---- override ---- */

struct override_work {
    struct web *web;
    int year;
    const char *model, *reason;
};

static bool override(struct db *db, void *arg, struct error *err)
{
    struct override_work *o = arg;
    struct web *web = o->web;
    id64 org = web->viewer->org_id;
    int64_t now = instant_now_ms();
    return account_override_method(db, web->viewer, &web->app->rules, org, o->year, o->model,
                                   o->reason, now, err) &&
           credit_refresh(db, web->arena, web->viewer, &web->app->credit, org, o->year,
                          kit_today(web), now, err);
}

static bool post_method(struct web *web, struct error *err)
{
    int64_t year;
    struct error refused = {0};
    struct override_work work = {.web = web,
                                 .model = str_dup(web->arena, web_form(web, "model")),
                                 .reason = str_dup(web->arena, web_form(web, "reason"))};
    if (!num_parse_int(web_form(web, "year"), &year) || year < 1990 || year > 2100)
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    work.year = (int)year;
    if (!store_write(web->store, override, &work, &refused))
        return show_account(web, &refused, err);
    return web_redirect(web, arena_printf(web->arena, "/enterprise/account?year=%d", work.year),
                        TR_KEY("The method is set; its results wait as drafts."));
}

const struct web_route web_routes_enterprise_account[] = {
    {"GET", "/enterprise/account", get_account, WEB_ENTERPRISE, TR_KEY("Carbon account")},
    {"POST", "/enterprise/account/method", post_method, WEB_ENTERPRISE, TR_KEY("Carbon account"),
     .slow = true},
    {0},
};
