/* Label and grade with their reasons, the checks, and what is missing. */
#include <math.h>
#include <string.h>

#include "bank_label_html.h"
#include "base/num.h"
#include "web/bank/enterprise.h"
#include "web/shared/explain.h"

#define CHECK_RESULTS 4

struct label_work {
    struct web *web;
    const struct bank_subject *subject;
    struct credit_rating rating;
    bool found;
    struct credit_rating *ratings;
    size_t rating_count;
    struct check_outcome *outcomes;
    size_t outcome_count;
};

static bool read_label(struct db *db, void *arg, struct error *err)
{
    struct label_work *work = arg;
    struct web *web = work->web;
    id64 org_id = work->subject->org.org_id;
    if (!credit_read_rating(db, web->arena, web->viewer, org_id, 0, &work->rating, &work->found,
                            err) ||
        !credit_list_ratings(db, web->arena, web->viewer, org_id, &work->ratings,
                             &work->rating_count, err))
        return false;
    return !work->found ||
           check_list_outcomes(db, web->arena, web->viewer, org_id, work->rating.year,
                               &work->outcomes, &work->outcome_count, err);
}

static const struct credit_reason *find_reason(const struct credit_rating *rating,
                                               const char *model_part, const char *output)
{
    for (size_t i = 0; i < rating->reason_count; i++) {
        const struct credit_reason *reason = &rating->reasons[i];
        if (reason->known && strstr(reason->model, model_part) != NULL &&
            strcmp(reason->output, output) == 0)
            return reason;
    }
    return NULL;
}

/* A figure of the label that tells how far it is from the next colour. */
static bool tells(const struct credit_reason *reason)
{
    static const char *const outputs[] = {"energy_over[",   "energy_ratio",    "carbon_ratio",
                                          "trend",          "power_intensity", "power_over",
                                          "clinker_carbon", "clinker_over"};
    if (!reason->known || strstr(reason->model, "label") == NULL) return false;
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++) {
        if (!str_starts(str_from(reason->output), outputs[i])) continue;
        bool distance = strstr(reason->output, "_over") != NULL;
        return reason->type == MODEL_NUMBER && (!distance || reason->value != 0);
    }
    return false;
}

static const char *explain_url(struct label_work *work, const char *model, const char *output)
{
    struct web *web = work->web;
    return bank_org_url(web, work->subject->org.org_id,
                        arena_printf(web->arena, "/explain?rating=%s&model=%s&output=%s&letter=%s",
                                     bank_id(web, work->rating.rating_id), model, output,
                                     bank_id(web, work->subject->letter->authorisation_id)));
}

static void fill_reasons(struct label_work *work, struct html_bank_label *page)
{
    struct web *web = work->web;
    const struct credit_rating *rating = &work->rating;
    page->reasons =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_label_reasons, rating->reason_count + 1);
    for (size_t i = 0; i < rating->reason_count; i++) {
        const struct credit_reason *reason = &rating->reasons[i];
        if (!tells(reason)) continue;
        struct html_bank_label_reasons *row = &page->reasons[page->reasons_count++];
        row->name = str_from(explain_text(web, reason->label));
        const char *url = explain_url(work, reason->model, reason->output);
        bool share =
            strcmp(reason->output, "trend") == 0 || strstr(reason->output, "_ratio") != NULL;
        row->value = share ? bank_percent(web, true, reason->value, url)
                           : web_figure(web, reason->value, 4, reason->unit, 0, url);
    }
    const struct credit_reason *basis = find_reason(rating, "label", "basis");
    const struct credit_reason *why = find_reason(rating, "label", "reason");
    struct buf *text = buf_new(web->arena);
    if (basis != NULL) html_put_text(text, str_from(explain_word(web, basis->text)));
    page->basis = html_from(text);
    if (why != NULL)
        page->reason = str_from(
            tr_fill(web->arena, web->lang, "Decided by: {0}", explain_word(web, why->text), NULL));
}

static void fill_dimensions(struct label_work *work, struct html_bank_label *page)
{
    struct web *web = work->web;
    page->dimensions = ARENA_NEW_ARRAY(web->arena, struct html_bank_label_dimensions, 10);
    for (int d = 1; d <= 9; d++) {
        const char *output = arena_printf(web->arena, "d%d", d);
        const struct credit_reason *score = find_reason(&work->rating, "grade", output);
        const struct credit_reason *share =
            find_reason(&work->rating, "grade", arena_printf(web->arena, "d%d_share", d));
        if (score == NULL) continue;
        page->dimensions[page->dimensions_count++] = (struct html_bank_label_dimensions){
            .name = str_from(explain_text(web, score->label)),
            .weight = bank_percent(web, share != NULL, share != NULL ? share->value : 0, NULL),
            .score =
                web_figure(web, score->value, 3, "", 0, explain_url(work, score->model, output))};
    }
}

static void fill_needs(struct label_work *work, struct html_bank_label *page)
{
    struct web *web = work->web;
    const struct credit_rating *rating = &work->rating;
    page->improvements = ARENA_NEW_ARRAY(web->arena, struct html_bank_label_improvements,
                                         rating->improvement_count + 1);
    for (size_t i = 0; i < rating->improvement_count; i++) {
        const struct credit_improvement *m = &rating->improvements[i];
        page->improvements[page->improvements_count++] = (struct html_bank_label_improvements){
            .name = str_from(explain_text(web, m->label)),
            .change = str_from(tr(web->lang, m->change > 0 ? "a tenth more" : "a tenth less")),
            .points = web_figure(web, m->points, 2, tr(web->lang, "points"), 0, NULL)};
    }
    page->missing =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_label_missing, rating->missing_count + 1);
    for (size_t i = 0; i < rating->missing_count; i++) {
        const struct credit_missing *m = &rating->missing[i];
        page->missing[page->missing_count++] = (struct html_bank_label_missing){
            .name = str_from(explain_text(web, m->label)),
            .remedy = str_from(tr(web->lang, m->from_user ? "The enterprise can state it"
                                                          : "Follows from other data"))};
    }
}

/* The newest rating of each year, newest year first. */
static void fill_years(struct label_work *work, struct html_bank_label *page)
{
    struct web *web = work->web;
    page->years = ARENA_NEW_ARRAY(web->arena, struct html_bank_label_years, work->rating_count + 1);
    for (size_t i = 0; i < work->rating_count; i++) {
        const struct credit_rating *rating = &work->ratings[i];
        bool newest = true;
        for (size_t k = 0; k < work->rating_count; k++)
            if (work->ratings[k].year == rating->year &&
                work->ratings[k].rating_id > rating->rating_id)
                newest = false;
        if (!newest) continue;
        size_t at = page->years_count++;
        while (at > 0 && page->years[at - 1].year < rating->year) {
            page->years[at] = page->years[at - 1];
            at--;
        }
        page->years[at] = (struct html_bank_label_years){
            .year = rating->year,
            .label = web_label(web, str_from(rating->label), false),
            .grade = str_from(rating->grade),
            .score = rating->has_score ? web_figure(web, rating->score, 3, "", 0, NULL)
                                       : web_figure_missing(web, tr(web->lang, "Not known"))};
    }
}

/* ---- checks: one row per rule, with its worst outcome ---- */

static const struct {
    enum check_result result;
    enum web_tone tone;
    int rank;
    const char *word;
} results[CHECK_RESULTS] = {{CHECK_PASS, WEB_GOOD, 1, TR_KEY("Passed")},
                            {CHECK_WARN, WEB_WARN, 2, TR_KEY("Remark")},
                            {CHECK_FAIL, WEB_BAD, 3, TR_KEY("Failed")},
                            {CHECK_NOT_POSSIBLE, WEB_NEUTRAL, 0, TR_KEY("Not possible")}};

static void put_outcome(struct label_work *work, const struct check_outcome *outcome,
                        struct html_bank_label *page)
{
    struct web *web = work->web;
    html chip =
        web_chip(web, results[outcome->result].tone, tr(web->lang, results[outcome->result].word));
    str rule = str_from(outcome->rule), name = str_from(explain_text(web, outcome->title));
    if (outcome->result == CHECK_PASS || outcome->result == CHECK_NOT_POSSIBLE) {
        page->passed[page->passed_count++] = (struct html_bank_label_passed){
            .rule = rule,
            .name = name,
            .result = chip,
            .note = str_from(outcome->reason != NULL && outcome->reason[0] != '\0'
                                 ? tr(web->lang, outcome->reason)
                                 : "")};
        return;
    }
    bool has = isfinite(outcome->delta);
    page->findings[page->findings_count++] = (struct html_bank_label_findings){
        .rule = rule,
        .name = name,
        .result = chip,
        .when = str_from(account_period_text(web->arena, outcome->period)),
        .delta =
            str_from(has ? arena_printf(web->arena, "%s %%",
                                        num_format_significant(web->arena, outcome->delta * 100, 3))
                         : "–")};
}

static void fill_checks(struct label_work *work, struct html_bank_label *page)
{
    struct web *web = work->web;
    size_t counts[CHECK_RESULTS] = {0};
    page->findings =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_label_findings, work->outcome_count + 1);
    page->passed =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_label_passed, work->outcome_count + 1);
    for (size_t i = 0; i < work->outcome_count; i++) {
        const struct check_outcome *worst = &work->outcomes[i];
        bool first = true;
        for (size_t k = 0; k < work->outcome_count; k++) {
            const struct check_outcome *other = &work->outcomes[k];
            if (strcmp(other->rule, worst->rule) != 0) continue;
            if (k < i) first = false;
            if (results[other->result].rank > results[worst->result].rank) worst = other;
        }
        if (!first) continue;
        counts[worst->result]++;
        put_outcome(work, worst, page);
    }
    page->checks = str_from(tr_fill(
        web->arena, web->lang, "Checks: {0} passed, {1} with remarks, {2} failed, {3} not possible",
        arena_printf(web->arena, "%zu", counts[CHECK_PASS]),
        arena_printf(web->arena, "%zu", counts[CHECK_WARN]),
        arena_printf(web->arena, "%zu", counts[CHECK_FAIL]),
        arena_printf(web->arena, "%zu", counts[CHECK_NOT_POSSIBLE]), NULL));
}

bool bank_label_box(struct web *web, const struct bank_subject *subject, html *box,
                    struct error *err)
{
    struct label_work work = {.web = web, .subject = subject};
    if (!store_read(web->store, read_label, &work, err)) return false;
    const struct credit_rating *rating = &work.rating;
    struct html_bank_label page = {.known = work.found,
                                   .empty_icon = web_icon(web, "patch-check"),
                                   .label = HTML_EMPTY,
                                   .basis = HTML_EMPTY,
                                   .score = HTML_EMPTY};
    if (work.found) {
        bool graded = rating->grade[0] != '\0' && strcmp(rating->grade, "none") != 0;
        page.year = rating->year;
        page.label = web_label(web, str_from(rating->label), true);
        page.grade = str_from(graded ? rating->grade : "–");
        page.score = rating->has_score ? web_figure(web, rating->score, 3, "", 0,
                                                    explain_url(&work, "credit.grade", "score"))
                                       : web_figure_missing(web, tr(web->lang, "Not known"));
        page.stage = str_from(explain_word(web, rating->stage));
        page.confidence = str_from(rating->confidence[0] != '\0' ? rating->confidence : "–");
        page.explain_label = str_from(explain_url(&work, "credit.label", "label"));
        page.explain_grade = str_from(explain_url(&work, "credit.grade", "grade"));
        fill_reasons(&work, &page);
        fill_dimensions(&work, &page);
        fill_needs(&work, &page);
        fill_years(&work, &page);
        fill_checks(&work, &page);
    }
    *box = HTML_RENDER(web->arena, &web->html, html_bank_label, &page);
    return true;
}
