/* Key figures of three years, emission by month and source, and the methods. */
#include <math.h>
#include <string.h>

#include "bank_account_html.h"
#include "report/report.h"
#include "web/bank/enterprise.h"
#include "web/shared/explain.h"

#define YEARS 3
#define YEARS_BACK 6 /* how far the newest posted year is looked for */
#define MONTHS 12
#define GRAMS_PER_TONNE 1e6

struct account_work {
    struct web *web;
    const struct bank_subject *subject;
    struct account_statement statements[YEARS]; /* oldest first */
    int year;                                   /* of the newest */
    bool found;
    struct account_run *runs;
    size_t run_count;
};

static bool read_year(struct db *db, struct account_work *work, int year,
                      struct account_statement *statement, struct error *err)
{
    struct account_statement_query query = {.org_id = work->subject->org.org_id,
                                            .first = account_year(year).first,
                                            .last = account_year(year).last,
                                            .as_known = ACCOUNT_NOW};
    return account_read_statement(db, work->web->arena, work->web->viewer, &query, statement, err);
}

static bool read_account(struct db *db, void *arg, struct error *err)
{
    struct account_work *work = arg;
    int this_year = month_year(month_of(work->subject->today));
    work->found = false;
    for (int back = 0; back < YEARS_BACK && !work->found; back++) {
        work->year = this_year - back;
        if (!read_year(db, work, work->year, &work->statements[YEARS - 1], err)) return false;
        work->found = work->statements[YEARS - 1].total.has_emission;
    }
    if (!work->found) return true;
    for (int i = 0; i < YEARS - 1; i++)
        if (!read_year(db, work, work->year - (YEARS - 1) + i, &work->statements[i], err))
            return false;
    struct account_run_filter filter = {.first = account_year(work->year).first,
                                        .last = account_year(work->year).last,
                                        .has_state = true,
                                        .state = ACCOUNT_POSTED};
    return account_list_runs(db, work->web->arena, work->web->viewer, work->subject->org.org_id,
                             &filter, &work->runs, &work->run_count, err);
}

/* ---- the table ---- */

enum figure { FULL, COMPLIANCE, SCOPE_1, SCOPE_2, CALORIFIC, EQUIVALENT, FIGURES };

static const char *const figure_names[FIGURES] = {
    TR_KEY("Emission, full basis"),    TR_KEY("Emission, compliance basis"),
    TR_KEY("Scope 1, direct"),         TR_KEY("Scope 2, electricity and heat"),
    TR_KEY("Energy, calorific value"), TR_KEY("Energy, primary-equivalent value")};

static html cell_of(struct web *web, const struct account_sum *sum, enum figure figure)
{
    const int64_t amounts[FIGURES] = {
        sum->full,        sum->compliance,       sum->scope1_full,
        sum->scope2_full, sum->energy_calorific, sum->energy_equivalent};
    bool energy = figure == CALORIFIC || figure == EQUIVALENT;
    if (energy ? !sum->has_energy : !sum->has_emission)
        return web_figure_missing(web, tr(web->lang, "Not posted"));
    double value = energy ? account_tce(amounts[figure]) : account_tonnes(amounts[figure]);
    return web_figure(web, value, 6, energy ? "tce" : "t CO2e", 0, NULL);
}

static const struct account_product *find_product(const struct account_statement *statement,
                                                  const char *product)
{
    for (size_t i = 0; i < statement->product_count; i++)
        if (strcmp(statement->products[i].product, product) == 0) return &statement->products[i];
    return NULL;
}

static html intensity_of(struct web *web, const struct account_product *product)
{
    if (product == NULL || !product->has_intensity)
        return web_figure_missing(web, tr(web->lang, "Not posted"));
    return web_figure(web, product->intensity_t_per_unit, 4,
                      arena_printf(web->arena, "t CO2e/%s", product->unit), 0, NULL);
}

static void fill_rows(struct account_work *work, struct html_bank_account *page)
{
    struct web *web = work->web;
    const struct account_statement *newest = &work->statements[YEARS - 1];
    page->rows =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_account_rows, FIGURES + newest->product_count);
    page->rows_count = FIGURES + newest->product_count;
    for (size_t r = 0; r < page->rows_count; r++) {
        struct html_bank_account_rows *row = &page->rows[r];
        const char *product = r < FIGURES ? NULL : newest->products[r - FIGURES].product;
        row->name = str_from(
            product == NULL
                ? tr(web->lang, figure_names[r])
                : tr_fill(web->arena, web->lang, "Emission intensity: {0}",
                          account_product_name(web->arena, web->app->library, web->lang, product),
                          NULL));
        row->cells = ARENA_NEW_ARRAY(web->arena, struct html_bank_account_rows_cells, YEARS);
        row->cells_count = YEARS;
        for (int y = 0; y < YEARS; y++) {
            const struct account_statement *s = &work->statements[y];
            row->cells[y] = (struct html_bank_account_rows_cells){
                .label = str_from(arena_printf(web->arena, "%d", work->year - (YEARS - 1) + y)),
                .value = product == NULL ? cell_of(web, &s->total, (enum figure)r)
                                         : intensity_of(web, find_product(s, product))};
        }
    }
}

/* ---- the chart ---- */

struct source {
    const char *source;
    int scope;
    double grams;
    double months[MONTHS];
};

static bool counts(const struct account_line *line)
{
    return line->kind == ACCOUNT_EMISSION && strcmp(line->basis, "compliance") != 0;
}

static size_t gather_sources(struct account_work *work, struct source **list)
{
    const struct account_statement *s = &work->statements[YEARS - 1];
    struct source *sources = ARENA_NEW_ARRAY(work->web->arena, struct source, s->line_count + 1);
    size_t used = 0;
    for (size_t i = 0; i < s->line_count; i++) {
        const struct account_line *line = &s->lines[i];
        int32_t month = month_of(line->period.first);
        if (!counts(line) || !account_period_equal(line->period, account_month(month))) continue;
        size_t at = 0;
        while (at < used &&
               (sources[at].scope != line->scope || strcmp(sources[at].source, line->source) != 0))
            at++;
        if (at == used) {
            sources[used] = (struct source){.source = line->source, .scope = line->scope};
            for (int m = 0; m < MONTHS; m++) sources[used].months[m] = NAN;
            used++;
        }
        double *value = &sources[at].months[month % MONTHS];
        *value = (isnan(*value) ? 0 : *value) + (double)line->amount / GRAMS_PER_TONNE;
        sources[at].grams += (double)line->amount;
    }
    *list = sources;
    return used;
}

static void fill_chart(struct account_work *work, struct html_bank_account *page)
{
    struct web *web = work->web;
    struct source *sources;
    size_t count = gather_sources(work, &sources);
    struct chart_series *series = ARENA_NEW_ARRAY(web->arena, struct chart_series, count + 1);
    str labels[MONTHS];
    struct buf *svg = buf_new(web->arena), *table = buf_new(web->arena);
    str title = str_from(tr_fill(web->arena, web->lang, "Emission by month and source, {0}",
                                 arena_printf(web->arena, "%d", work->year), NULL));
    for (int m = 0; m < MONTHS; m++) labels[m] = str_from(arena_printf(web->arena, "%d", m + 1));
    for (size_t i = 0; i < count; i++)
        series[i] =
            (struct chart_series){.name = str_from(account_source_name(
                                      web->arena, web->app->library, web->lang, sources[i].source)),
                                  .values = sources[i].months};
    struct chart_stack chart = {.title = title,
                                .unit = STR("t CO2e"),
                                .labels = labels,
                                .count = MONTHS,
                                .series = series,
                                .series_count = count};
    struct drawing *drawing = chart_stack(web->arena, &chart, CHART_PAGE, web->lang);
    drawing_svg(svg, drawing);
    drawing_table_html(table, drawing, web->lang);
    page->chart = html_from(svg);
    page->chart_table = html_from(table);
}

static void fill_methods(struct account_work *work, struct html_bank_account *page)
{
    struct web *web = work->web;
    const struct model_library *library = web->app->library;
    page->methods =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_account_methods, work->run_count + 1);
    for (size_t i = 0; i < work->run_count; i++) {
        const struct account_run *run = &work->runs[i];
        bool told = false;
        for (size_t k = 0; k < i; k++)
            told = told || digest_equal(work->runs[k].model_digest, run->model_digest);
        if (told) continue;
        const struct model *model = model_library_find_version(library, run->model, run->version);
        page->methods[page->methods_count++] = (struct html_bank_account_methods){
            .name =
                str_from(model != NULL ? explain_text(web, model_info(model)->title) : run->model),
            .version = str_from(arena_printf(web->arena, "%s %s", run->model, run->version)),
            .source = str_from(model != NULL ? model_info(model)->source : ""),
            .digest = str_from(
                arena_printf(web->arena, "%.16s…", digest_hex(web->arena, run->model_digest)))};
    }
}

bool bank_account_box(struct web *web, const struct bank_subject *subject, html *box,
                      struct error *err)
{
    struct account_work work = {.web = web, .subject = subject};
    if (!store_read(web->store, read_account, &work, err)) return false;
    struct html_bank_account page = {.known = work.found,
                                     .empty_icon = web_icon(web, "journal-text"),
                                     .chart = HTML_EMPTY,
                                     .chart_table = HTML_EMPTY};
    if (work.found) {
        page.years = ARENA_NEW_ARRAY(web->arena, struct html_bank_account_years, YEARS);
        page.years_count = YEARS;
        for (int i = 0; i < YEARS; i++) page.years[i].year = work.year - (YEARS - 1) + i;
        if (bank_may(subject, BANK_SCOPES_MATCH))
            page.postings_url = str_from(
                bank_org_url(web, subject->org.org_id,
                             arena_printf(web->arena, "/postings?year=%d&letter=%s", work.year,
                                          bank_id(web, subject->letter->authorisation_id))));
        fill_rows(&work, &page);
        fill_chart(&work, &page);
        fill_methods(&work, &page);
    }
    *box = HTML_RENDER(web->arena, &web->html, html_bank_account, &page);
    return true;
}
