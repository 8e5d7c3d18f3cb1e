/* The enterprise's home: label and grade, the year's key figures, what waits, what is missing. */
#include <math.h>
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_overview_html.h"
#include "web/enterprise/judged.h"
#include "web/enterprise/kit.h"

#define WORK_MAX 24
#define NOTICES_SHOWN_MAX 5
#define GAPS_SHOWN_MAX 14
#define TILES 4

struct work {
    struct web *web;
    struct kit_years years;
    bool fresh, preview;
    struct kit_postings postings; /* of the year and the one before */
    struct credit_rating rating;
    bool rated;
    struct benchmark *benchmarks;
    size_t benchmark_count;
    struct judged_gap *gaps;
    size_t gap_count;
    struct account_run *drafts;
    size_t draft_count;
    struct check_finding *findings;
    size_t finding_count;
    struct registry_authorisation *letters;
    size_t letter_count;
    struct registry_notice *notices;
    size_t notice_count;
};

static bool posted_in(const struct kit_postings *postings, int year)
{
    for (size_t i = 0; i < postings->count; i++)
        if (month_year(month_of(postings->list[i].posting.period.last)) == year) return true;
    return false;
}

static bool read_figures(struct db *db, struct work *w, struct error *err)
{
    int year = w->years.chosen;
    struct kit_postings_query query = {account_year(year - 1).first, account_year(year).last,
                                       ACCOUNT_NOW, false};
    if (!kit_read_postings(db, w->web, &query, &w->postings, err)) return false;
    if (posted_in(&w->postings, year) || w->draft_count == 0) return true;
    /* Nothing counts yet this year: the drafts are shown, and said to be drafts. */
    query.with_drafts = true;
    if (!kit_read_postings(db, w->web, &query, &w->postings, err)) return false;
    w->preview = posted_in(&w->postings, year);
    return true;
}

static bool read_waiting(struct db *db, struct work *w, struct error *err)
{
    struct web *web = w->web;
    id64 org = web->viewer->org_id;
    struct account_run_filter filter = {.has_state = true, .state = ACCOUNT_DRAFT};
    return account_list_runs(db, web->arena, web->viewer, org, &filter, &w->drafts, &w->draft_count,
                             err) &&
           check_list_findings(db, web->arena, web->viewer, web->app->flows, org, true,
                               &w->findings, &w->finding_count, err) &&
           registry_list_authorisations(db, web->arena, web->viewer, kit_today(web), &w->letters,
                                        &w->letter_count, err) &&
           registry_list_notices(db, web->arena, web->viewer, 0, NOTICES_SHOWN_MAX, &w->notices,
                                 &w->notice_count, err);
}

static bool read_all(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    struct account_submission *submissions;
    size_t count;
    id64 org = web->viewer->org_id;
    if (!kit_read_years(db, web, &w->years, err) || !read_waiting(db, w, err) ||
        !account_list_submissions(db, web->arena, web->viewer, org, 1, &submissions, &count, err))
        return false;
    w->fresh = count == 0 && w->years.count == 0;
    return read_figures(db, w, err) &&
           credit_read_rating(db, web->arena, web->viewer, org, w->years.chosen, &w->rating,
                              &w->rated, err) &&
           benchmark_read(db, web, org, w->years.chosen, &w->benchmarks, &w->benchmark_count,
                          err) &&
           judged_read_gaps(db, web, w->years.chosen, &w->gaps, &w->gap_count, err);
}

/* ---- key figures ---- */

static struct kit_select of_year(int year, enum account_posting_kind kind, const char *source,
                                 const char *basis)
{
    struct account_period whole = account_year(year);
    return (struct kit_select){kind, 0, source, basis, whole.first, whole.last};
}

static html figure(struct work *w, enum account_posting_kind kind, const char *source,
                   const char *basis)
{
    struct kit_select select = of_year(w->years.chosen, kind, source, basis);
    return kit_sum_figure(w->web, &w->postings, &select, w->preview ? "&drafts=1" : "");
}

static double sum_of(struct work *w, int year, enum account_posting_kind kind, const char *source,
                     const char *basis)
{
    struct kit_select select = of_year(year, kind, source, basis);
    double sum;
    const char *unit;
    return kit_sum(&w->postings, &select, &sum, &unit) ? sum : NAN;
}

static void set_change(struct work *w, struct html_enterprise_overview_tiles *tile, double now,
                       double before)
{
    if (!isfinite(now) || !isfinite(before) || before <= 0) return;
    double change = (now / before - 1) * 100;
    tile->rises = change > 0;
    tile->change = str_from(arena_printf(w->web->arena, "%s%s %%", change > 0 ? "+" : "",
                                         num_format_significant(w->web->arena, change, 3)));
}

/* The product that the enterprise's method posts first. */
static const struct account_posting *main_product(const struct work *w)
{
    const struct account_posting *found = NULL;
    for (size_t i = 0; i < w->postings.count; i++) {
        const struct account_posting *p = &w->postings.list[i].posting;
        if (p->kind == ACCOUNT_PRODUCTION && (found == NULL || p->posting_id < found->posting_id))
            found = p;
    }
    return found;
}

static html intensity_figure(struct work *w, const struct account_posting *product, double now)
{
    struct web *web = w->web;
    struct account_period whole = account_year(w->years.chosen);
    if (!isfinite(now)) return web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    return web_figure(
        web, now, 4, kit_join(web, "t CO2e/", product->unit), 0,
        arena_printf(web->arena,
                     "/enterprise/account/sum?kind=intensity&source=%s&first=%s&last=%s%s",
                     product->source, kit_day(web, whole.first), kit_day(web, whole.last),
                     w->preview ? "&drafts=1" : ""));
}

static void fill_output(struct work *w, struct html_enterprise_overview_tiles *output,
                        struct html_enterprise_overview_tiles *intensity)
{
    struct web *web = w->web;
    const struct account_posting *product = main_product(w);
    int year = w->years.chosen;
    html unknown = web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    output->title = str_from(tr(web->lang, TR_KEY("Output of the main product")));
    intensity->title = str_from(tr(web->lang, TR_KEY("Emission per output")));
    output->value = intensity->value = unknown;
    output->note_value = intensity->note_value = HTML_EMPTY;
    if (product == NULL) return;
    double now = sum_of(w, year, ACCOUNT_PRODUCTION, product->source, ""),
           before = sum_of(w, year - 1, ACCOUNT_PRODUCTION, product->source, ""),
           emission = sum_of(w, year, ACCOUNT_EMISSION, "", "full"),
           emission_before = sum_of(w, year - 1, ACCOUNT_EMISSION, "", "full");
    output->value = figure(w, ACCOUNT_PRODUCTION, product->source, "");
    output->note_name =
        str_from(kit_source(web, &w->postings, ACCOUNT_PRODUCTION, product->source));
    intensity->note_name = str_from(tr(web->lang, TR_KEY("full basis")));
    intensity->value = intensity_figure(w, product, now > 0 ? emission / now : NAN);
    if (isfinite(now) && isfinite(before) && before > 0)
        output->note_value = web_figure(
            web, before, 6, kit_join(web, product->unit, tr(web->lang, TR_KEY(" the year before"))),
            0, NULL);
    set_change(w, intensity, emission / now, emission_before / before);
}

static void fill_tiles(struct work *w, struct html_enterprise_overview *page)
{
    struct web *web = w->web;
    int year = w->years.chosen;
    struct html_enterprise_overview_tiles *t =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_overview_tiles, TILES);
    t[0].title = str_from(tr(web->lang, TR_KEY("Emission, full basis")));
    t[0].value = figure(w, ACCOUNT_EMISSION, "", "full");
    t[0].note_name = str_from(tr(web->lang, TR_KEY("compliance basis")));
    t[0].note_value = figure(w, ACCOUNT_EMISSION, "", "compliance");
    set_change(w, &t[0], sum_of(w, year, ACCOUNT_EMISSION, "", "full"),
               sum_of(w, year - 1, ACCOUNT_EMISSION, "", "full"));
    t[1].title = str_from(tr(web->lang, TR_KEY("Energy, calorific")));
    t[1].value = figure(w, ACCOUNT_ENERGY, "calorific", "");
    t[1].note_name = str_from(tr(web->lang, TR_KEY("primary-equivalent")));
    t[1].note_value = figure(w, ACCOUNT_ENERGY, "equivalent", "");
    set_change(w, &t[1], sum_of(w, year, ACCOUNT_ENERGY, "calorific", ""),
               sum_of(w, year - 1, ACCOUNT_ENERGY, "calorific", ""));
    fill_output(w, &t[2], &t[3]);
    page->tiles = t;
    page->tiles_count = TILES;
}

/* ---- what waits ---- */

static void add_work(struct work *w, struct html_enterprise_overview *page, enum web_tone tone,
                     const char *chip, const char *text, const char *url)
{
    if (page->work_count == WORK_MAX) return;
    page->work[page->work_count++] = (struct html_enterprise_overview_work){
        .text = str_from(text),
        .url = str_from(url),
        .chip = web_chip(w->web, tone, tr(w->web->lang, chip))};
}

static void fill_work(struct work *w, struct html_enterprise_overview *page)
{
    struct web *web = w->web;
    size_t ready = 0;
    page->work = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_overview_work, WORK_MAX);
    for (size_t i = 0; i < w->draft_count; i++) ready += w->drafts[i].gate == ACCOUNT_GATE_OPEN;
    if (w->draft_count != 0)
        add_work(w, page, ready == w->draft_count ? WEB_NOTE : WEB_WARN, TR_KEY("Approval"),
                 tr_fill(web->arena, web->lang,
                         TR_KEY("{0} drafts wait for approval, {1} of them are ready"),
                         kit_count(web, (int64_t)w->draft_count), kit_count(web, (int64_t)ready),
                         NULL),
                 "/enterprise/account/drafts");
    for (size_t i = 0; i < w->finding_count && i < 6; i++)
        add_work(w, page, w->findings[i].blocks ? WEB_BAD : WEB_WARN, TR_KEY("Open finding"),
                 arena_printf(web->arena, "%s · %s", explain_text(web, w->findings[i].title),
                              explain_period(web, w->findings[i].period)),
                 kit_join(web, "/enterprise/findings/", kit_id(web, w->findings[i].finding_id)));
    for (size_t i = 0; i < w->letter_count; i++)
        if (w->letters[i].state == REGISTRY_REQUESTED)
            add_work(w, page, WEB_NOTE, TR_KEY("Authorisation"),
                     tr_fill(web->arena, web->lang, TR_KEY("{0} asks to see your data"),
                             w->letters[i].bank_name, NULL),
                     kit_join(web, "/enterprise/authorisations/",
                              kit_id(web, w->letters[i].authorisation_id)));
    for (size_t i = 0; i < w->notice_count; i++) {
        const struct registry_notice *n = &w->notices[i];
        if (n->is_read) continue;
        add_work(w, page, WEB_NEUTRAL, TR_KEY("Notice"), web_notice_text(web, n),
                 n->link != NULL && n->link[0] != '\0' ? n->link : "/notices");
    }
}

static html make_body(void *arg)
{
    struct work *w = arg;
    struct web *web = w->web;
    struct html_enterprise_overview page = {
        .fresh = w->fresh,
        .icon_empty = web_icon(web, "check-circle"),
        .year = str_from(kit_count(web, w->years.chosen)),
        .years = kit_year_picker(web, &w->years, "/enterprise", ""),
        .gaps = judged_gaps(web, w->years.chosen, w->gaps, w->gap_count, GAPS_SHOWN_MAX, false)};
    fill_work(w, &page);
    if (!w->fresh) {
        const struct credit_rating *rating = w->rated ? &w->rating : NULL;
        if (w->preview)
            page.preview = str_from(
                tr(web->lang,
                   TR_KEY("Nothing of this year is posted yet: the figures come from drafts.")));
        page.grey = rating == NULL || strcmp(rating->label, "grey") == 0;
        page.label = judged_label(web, rating, w->benchmarks, w->benchmark_count);
        page.grade = judged_grade(web, rating);
        page.chart = kit_emission_chart(web, &w->postings, w->years.chosen);
        fill_tiles(w, &page);
    }
    return HTML_RENDER(web->arena, &web->html, html_enterprise_overview, &page);
}

static bool get_overview(struct web *web, struct error *err)
{
    struct work *w = ARENA_NEW(web->arena, struct work);
    struct web_body wanted = {.org_id = web->viewer->org_id,
                              .scope = REGISTRY_SCOPE_ALL,
                              .asked = kit_asked(web, ""),
                              .read = read_all,
                              .make = make_body,
                              .arg = w};
    html body;
    w->web = web;
    if (!web_kept(web, &wanted, &body, err)) return false;
    web_action(web, tr(web->lang, TR_KEY("Submit data")), "/enterprise/data");
    return web_page(web, NULL, body, "overview");
}

const struct web_route web_routes_enterprise_overview[] = {
    {"GET", "/enterprise", get_overview, WEB_ENTERPRISE, TR_KEY("Overview")},
    {0},
};
