#include "web/enterprise/judged.h"

#include <math.h>
#include <string.h>

#include "app/app.h"
#include "base/map.h"
#include "base/num.h"
#include "enterprise_judged_gaps_html.h"
#include "enterprise_judged_grade_html.h"
#include "enterprise_judged_html.h"
#include "web/enterprise/kit.h"

const struct credit_reason *judged_reason(const struct credit_rating *rating, const char *output)
{
    for (size_t i = 0; i < rating->reason_count; i++)
        if (strcmp(rating->reasons[i].output, output) == 0 && rating->reasons[i].known)
            return &rating->reasons[i];
    return NULL;
}

/* The same output name stands in several judging models ("reason", "confidence"). */
static const struct credit_reason *reason_in(const struct web *web,
                                             const struct credit_rating *rating, const char *kind,
                                             const char *output)
{
    for (size_t i = 0; i < rating->reason_count; i++) {
        const struct credit_reason *r = &rating->reasons[i];
        if (strcmp(r->output, output) != 0 || !r->known) continue;
        const struct model_library *library = web->app->library;
        for (size_t k = 0; k < model_library_count(library); k++) {
            const struct model_info *info = model_info(model_library_at(library, k));
            if (strcmp(info->name, r->model) == 0 && strcmp(info->kind, kind) == 0) return r;
        }
    }
    return NULL;
}

const char *judged_url(struct web *web, const struct credit_rating *rating, const char *model,
                       const char *output)
{
    struct buf *url = buf_new(web->arena);
    buf_printf(url, "/enterprise/report/explain/%s/", kit_id(web, rating->rating_id));
    html_put_url_part(url, str_from(model));
    buf_putc(url, '/');
    html_put_url_part(url, str_from(output));
    return str_dup(web->arena, buf_str(url));
}

/* ---- label ---- */

static const struct {
    const char *code, *sentence;
} reasons[] = {
    {"no_benchmark_or_data", TR_KEY("Not yet judgeable: nothing that has a benchmark was given. "
                                    "Below stands exactly what is missing.")},
    {"confidence_unknown", TR_KEY("Not yet judgeable: the confidence of the data is not known "
                                  "before the account is posted.")},
    {"confidence_d", TR_KEY("Not yet judgeable: the confidence of the data is D, the lowest.")},
    {"not_checked", TR_KEY("Not yet judgeable: the checks have not run.")},
    {"blocking_finding", TR_KEY("Not yet judgeable: an open finding blocks the label.")},
    {"veto", TR_KEY("Red by veto: falsified data or allowances not surrendered.")},
    {"trend_up", TR_KEY("One colour up, because the intensity fell markedly on the year before.")},
    {"trend_down",
     TR_KEY("One colour down, because the intensity rose markedly on the year before.")},
    {"intensity", TR_KEY("The worst of the intensities that could be judged decides.")},
    {"too_little_known", TR_KEY("No grade: too little of the weight is known.")},
    {"capped_by_label", TR_KEY("The label's colour caps the grade.")},
    {"score", TR_KEY("The score decides the grade.")},
};

static const char *sentence_of(struct web *web, const char *code)
{
    for (size_t i = 0; code != NULL && i < ARRAY_LEN(reasons); i++)
        if (strcmp(reasons[i].code, code) == 0) return tr(web->lang, reasons[i].sentence);
    return explain_word(web, code);
}

static const char *number(struct web *web, double value)
{
    return num_format_significant(web->arena, value, 4);
}

static void fill_distance(struct web *web, const struct credit_rating *rating,
                          const struct benchmark *benchmarks, size_t count,
                          struct html_enterprise_judged *page)
{
    const struct credit_reason *base = judged_reason(rating, "base_label");
    for (size_t i = 0; base != NULL && i < count; i++) {
        const struct benchmark *b = &benchmarks[i];
        if (b->colour == NULL || strcmp(b->colour, base->text) != 0) continue;
        bool any = isfinite(b->limit) || isfinite(b->baseline) || isfinite(b->advanced);
        page->basis = str_from(tr_fill(web->arena, web->lang, TR_KEY("{0}: {1} {2}"), b->name,
                                       number(web, b->value), b->unit, NULL));
        if (any)
            page->benchmark = str_from(tr_fill(
                web->arena, web->lang,
                isfinite(b->limit) ? TR_KEY("limit {0}, baseline level {1}, advanced level {2} {3}")
                                   : TR_KEY("baseline level {1}, advanced level {2} {3}"),
                isfinite(b->limit) ? number(web, b->limit) : "–",
                isfinite(b->baseline) ? number(web, b->baseline) : "–",
                isfinite(b->advanced) ? number(web, b->advanced) : "–", b->unit, NULL));
        if (isfinite(b->over) && b->over > 0)
            page->distance = str_from(tr_fill(web->arena, web->lang, TR_KEY("{0} {1} less"),
                                              number(web, b->over), b->unit, NULL));
        return;
    }
}

html judged_label(struct web *web, const struct credit_rating *rating,
                  const struct benchmark *benchmarks, size_t count)
{
    struct html_enterprise_judged page = {
        .label = web_label(web, str_from(rating != NULL ? rating->label : ""), true)};
    if (rating == NULL) {
        page.reason = str_from(tr(web->lang, TR_KEY("Nothing was judged for this year yet.")));
        return HTML_RENDER(web->arena, &web->html, html_enterprise_judged, &page);
    }
    const struct credit_reason *reason = reason_in(web, rating, "label", "reason"),
                               *label = reason_in(web, rating, "label", "label"),
                               *confidence = reason_in(web, rating, "confidence", "q"),
                               *basis = judged_reason(rating, "basis");
    if (reason != NULL) page.reason = str_from(sentence_of(web, reason->text));
    if (basis != NULL && strcmp(basis->text, "nothing") != 0)
        page.basis = str_from(explain_word(web, basis->text));
    fill_distance(web, rating, benchmarks, count, &page);
    page.judged = label != NULL;
    if (label != NULL) page.url = str_from(judged_url(web, rating, label->model, "label"));
    page.confidence = str_from(rating->confidence);
    if (confidence != NULL) {
        page.confidence_url = str_from(judged_url(web, rating, confidence->model, "q"));
        page.confidence_words =
            str_from(tr_fill(web->arena, web->lang, TR_KEY("(quality {0} of 1)"),
                             number(web, confidence->value), NULL));
    }
    return HTML_RENDER(web->arena, &web->html, html_enterprise_judged, &page);
}

/* ---- grade ---- */

bool judged_has_grade(const struct credit_rating *rating)
{
    return rating->grade != NULL && rating->grade[0] != '\0' && strcmp(rating->grade, "none") != 0;
}

html judged_grade(struct web *web, const struct credit_rating *rating)
{
    struct html_enterprise_judged_grade page = {0};
    if (rating == NULL) {
        page.reason = str_from(tr(web->lang, TR_KEY("Nothing was judged for this year yet.")));
        return HTML_RENDER(web->arena, &web->html, html_enterprise_judged_grade, &page);
    }
    const struct credit_reason *reason = reason_in(web, rating, "grade", "reason"),
                               *score = reason_in(web, rating, "grade", "score"),
                               *known = judged_reason(rating, "known_weight"),
                               *missing = judged_reason(rating, "missing_count");
    if (judged_has_grade(rating)) page.grade = str_from(rating->grade);
    if (reason != NULL) page.reason = str_from(sentence_of(web, reason->text));
    page.stage = str_from(explain_word(web, rating->stage));
    page.judged = score != NULL;
    page.score = web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    page.known = page.score;
    if (score != NULL) page.url = str_from(judged_url(web, rating, score->model, "grade"));
    if (score != NULL && judged_has_grade(rating))
        page.score = web_figure(web, score->value, 3, tr(web->lang, TR_KEY("of 100")), 0,
                                judged_url(web, rating, score->model, "score"));
    if (known != NULL) page.known = web_figure(web, known->value * 100, 3, "%", 0, NULL);
    if (missing != NULL) page.missing = (int64_t)missing->value;
    return HTML_RENDER(web->arena, &web->html, html_enterprise_judged_grade, &page);
}

/* ---- what has not been given ---- */

/* Kinds of model of which the year's runs and rating tell what they lacked. */
static bool is_judged(const char *kind)
{
    static const char *const kinds[] = {"method",     "energy", "label",
                                        "confidence", "grade",  "indicator"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kind, kinds[i]) == 0) return true;
    return false;
}

static const char *period_word(struct web *web, enum model_period period)
{
    return period == MODEL_PER_MONTH  ? tr(web->lang, TR_KEY("for each month"))
           : period == MODEL_PER_YEAR ? tr(web->lang, TR_KEY("for the year"))
                                      : tr(web->lang, TR_KEY("once"));
}

static bool note_data(struct db *db, struct web *web, date first, date last, struct map *given,
                      struct error *err)
{
    struct account_data_filter filter = {.first = first, .last = last, .as_known = ACCOUNT_NOW};
    struct account_datum *data;
    size_t count;
    if (!account_list_data(db, web->arena, web->viewer, web->viewer->org_id, &filter, &data, &count,
                           err))
        return false;
    for (size_t i = 0; i < count; i++) map_put(given, str_from(data[i].input), web);
    return true;
}

/* The inputs for want of which a result of the year's runs or of its rating is not known; false in
 * *judged when nothing was computed yet, so that nothing can be called optional. */
static bool note_needed(struct db *db, struct web *web, int year, struct map *needed, bool *judged,
                        struct error *err)
{
    struct account_run_filter filter = {.first = account_year(year).first,
                                        .last = account_year(year).last};
    struct credit_rating rating;
    struct account_run *runs;
    size_t count;
    id64 org_id = web->viewer->org_id;
    if (!credit_read_rating(db, web->arena, web->viewer, org_id, year, &rating, judged, err) ||
        !account_list_runs(db, web->arena, web->viewer, org_id, &filter, &runs, &count, err))
        return false;
    for (size_t i = 0; *judged && i < rating.missing_count; i++)
        map_put(needed, str_from(rating.missing[i].name), web);
    for (size_t r = 0; r < count; r++) {
        struct account_note *notes;
        size_t note_count;
        if (runs[r].state != ACCOUNT_DRAFT && runs[r].state != ACCOUNT_POSTED) continue;
        if (!account_list_notes(db, web->arena, web->viewer, org_id, runs[r].run_id, &notes,
                                &note_count, err))
            return false;
        for (size_t i = 0; i < note_count; i++)
            if (!notes[i].is_default) map_put(needed, str_from(notes[i].input), web);
    }
    *judged = *judged && count != 0;
    return true;
}

bool judged_read_gaps(struct db *db, struct web *web, int year, struct judged_gap **list,
                      size_t *count, struct error *err)
{
    const struct account_input *inputs;
    size_t input_count;
    struct map given, needed;
    bool judged;
    map_init(&given, web->arena);
    map_init(&needed, web->arena);
    if (!note_needed(db, web, year, &needed, &judged, err) ||
        !note_data(db, web, account_year(year).first, account_year(year).last, &given, err) ||
        !note_data(db, web, account_once().first, account_once().last, &given, err) ||
        !account_list_inputs(db, web->arena, &web->app->rules, web->viewer->org_id, year, &inputs,
                             &input_count, err))
        return false;
    *list = ARENA_NEW_ARRAY(web->arena, struct judged_gap, input_count);
    *count = 0;
    for (size_t i = 0; i < input_count; i++) {
        const struct model_input *input = inputs[i].input;
        if (map_has(&given, str_from(input->name)) || input->has_default ||
            input->default_text != NULL)
            continue;
        (*list)[(*count)++] =
            (struct judged_gap){.kind = inputs[i].kind,
                                .name = input->name,
                                .label = explain_text(web, input->label),
                                .help = explain_text(web, input->help),
                                .optional = judged && is_judged(inputs[i].kind) &&
                                            !map_has(&needed, str_from(input->name)),
                                .period = period_word(web, input->period)};
    }
    return true;
}

static void add_gap(struct html_enterprise_judged_gaps_groups *group, const struct judged_gap *gap,
                    str url, bool with_help)
{
    group->rows[group->rows_count++] = (struct html_enterprise_judged_gaps_groups_rows){
        .label = str_from(gap->label),
        .help = str_from(with_help ? gap->help : ""),
        .period = str_from(gap->period),
        .url = url};
}

static const struct {
    const char *kinds[2], *title;
} groups[] = {
    {{"method", "energy"}, TR_KEY("For the carbon account: fuels, electricity, output")},
    {{"label", "confidence"}, TR_KEY("For the label: intensities that have a benchmark")},
    {{"grade", "indicator"}, TR_KEY("For the grade: indicators")},
    {{"product", "product"}, TR_KEY("For offers of finance")},
};

html judged_gaps(struct web *web, int year, const struct judged_gap *list, size_t count,
                 size_t shown_max, bool with_help)
{
    const char *year_text = kit_count(web, year);
    struct html_enterprise_judged_gaps page = {
        .year = str_from(year_text),
        .enter_url = str_from(kit_join(web, "/enterprise/data?year=", year_text)),
        .groups = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_judged_gaps_groups,
                                  ARRAY_LEN(groups) + 1)};
    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        struct html_enterprise_judged_gaps_groups group = {
            .title = str_from(tr(web->lang, groups[g].title)),
            .rows =
                ARENA_NEW_ARRAY(web->arena, struct html_enterprise_judged_gaps_groups_rows, count)};
        for (size_t i = 0; i < count; i++) {
            if (strcmp(list[i].kind, groups[g].kinds[0]) != 0 &&
                strcmp(list[i].kind, groups[g].kinds[1]) != 0)
                continue;
            if (list[i].optional) continue;
            if (group.rows_count == shown_max)
                group.more++;
            else
                add_gap(&group, &list[i], page.enter_url, with_help);
        }
        if (group.rows_count != 0) page.groups[page.groups_count++] = group;
    }
    struct html_enterprise_judged_gaps_groups optional = {
        .title = str_from(tr(web->lang, TR_KEY("Optional: the results would be more exact"))),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_judged_gaps_groups_rows, count)};
    for (size_t i = 0; i < count; i++)
        if (list[i].optional && optional.rows_count == shown_max)
            optional.more++;
        else if (list[i].optional)
            add_gap(&optional, &list[i], page.enter_url, with_help);
    if (optional.rows_count != 0) page.groups[page.groups_count++] = optional;
    return page.groups_count == 0
               ? HTML_EMPTY
               : HTML_RENDER(web->arena, &web->html, html_enterprise_judged_gaps, &page);
}
