#include "report/creditworthiness_parts.h"

#include <math.h>

#include "base/num.h"
#include "report/chart_parts.h"

str say(const struct writer *w, const char *message)
{
    return str_from(tr(w->lang, message));
}

void section_begin(struct writer *w, const char *message, double follow)
{
    w->section++;
    pdf_heading(w->pdf, 1,
                str_from(arena_printf(w->arena, "%d  %s", w->section, tr(w->lang, message))),
                follow);
}

str mark_word(const struct writer *w, enum report_mark mark)
{
    switch (mark) {
    case REPORT_MARK_ESTIMATED: return say(w, TR_KEY("estimated"));
    case REPORT_MARK_DEFAULT: return say(w, TR_KEY("default"));
    case REPORT_MARK_DISPUTED: return say(w, TR_KEY("disputed"));
    case REPORT_MARK_UNVERIFIED: return say(w, TR_KEY("unverified"));
    case REPORT_MARK_NONE: break;
    }
    return STR("");
}

/* "−1,234.5" with a true minus, as wide as the digits' plus. */
static const char *figure(const struct writer *w, double value, int decimals)
{
    const char *text = num_format_grouped(w->arena, value, decimals);
    return text[0] == '-' ? arena_printf(w->arena, "−%s", text + 1) : text;
}

str number_text(const struct writer *w, struct report_number number, bool with_mark)
{
    if (!number.known) return STR("–");
    const char *text = figure(w, number.value, number.decimals);
    str mark = mark_word(w, number.mark);
    if (!with_mark || !mark.len) return str_from(text);
    return str_from(arena_printf(w->arena, w->lang == LANG_ZH ? "%s（%.*s）" : "%s (%.*s)", text,
                                 STR_ARG(mark)));
}

str number_unit(const struct writer *w, struct report_number number, str unit)
{
    if (!number.known || !unit.len) return number_text(w, number, true);
    str mark = mark_word(w, number.mark);
    const char *text = figure(w, number.value, number.decimals);
    if (!mark.len) return str_from(arena_printf(w->arena, "%s %.*s", text, STR_ARG(unit)));
    return str_from(arena_printf(w->arena,
                                 w->lang == LANG_ZH ? "%s %.*s（%.*s）" : "%s %.*s (%.*s)", text,
                                 STR_ARG(unit), STR_ARG(mark)));
}

str percent_text(const struct writer *w, struct report_number number)
{
    if (!number.known) return STR("–");
    return str_from(arena_printf(w->arena, "%s%%", figure(w, number.value, number.decimals)));
}

str money_text(const struct writer *w, struct report_number cny)
{
    if (!cny.known) return STR("–");
    if (w->lang == LANG_ZH)
        return str_from(
            arena_printf(w->arena, "%s 万元", figure(w, cny.value / 1e4, cny.decimals)));
    return str_from(arena_printf(w->arena, "CNY %s m",
                                 figure(w, cny.value / 1e6, fabs(cny.value) < 1e7 ? 2 : 1)));
}

str date_text(const struct writer *w, date day)
{
    char text[DATE_TEXT_MAX];
    date_format(day, text);
    return str_from(arena_strdup(w->arena, text));
}

str period_text(const struct writer *w, date from, date to)
{
    return str_from(tr_fill(w->arena, w->lang, "{0} to {1}", date_text(w, from).ptr,
                            date_text(w, to).ptr, NULL));
}

double number_or_gap(struct report_number number)
{
    return number.known ? number.value : NAN;
}

str colour_text(const struct writer *w, enum report_colour colour)
{
    return str_from(colour_word(colour, w->lang));
}

str intensity_mark_name(const struct writer *w, enum chart_mark_kind kind)
{
    return kind == MARK_ADVANCED   ? say(w, TR_KEY("Advanced level"))
           : kind == MARK_BASELINE ? say(w, TR_KEY("Baseline level"))
                                   : say(w, TR_KEY("Mandatory limit"));
}

struct rows rows_begin(struct arena *arena, size_t columns)
{
    return (struct rows){.arena = arena, .columns = columns};
}

void rows_add(struct rows *rows, str text)
{
    *ARENA_PUSH(rows->arena, rows->cells, rows->count, rows->capacity) = text;
}

void rows_table(struct writer *w, const struct rows *rows, const struct pdf_column *columns)
{
    CHECK(rows->count % rows->columns == 0);
    if (!rows->count) return;
    pdf_table(w->pdf, &(struct pdf_table){.columns = columns,
                                          .columns_count = rows->columns,
                                          .cells = rows->cells,
                                          .rows_count = rows->count / rows->columns});
}

struct drawing *intensity_strip(struct writer *w, const struct report_intensity *intensity,
                                struct chart_look look)
{
    struct chart_strip_row row = {.name = intensity->product,
                                  .peers = intensity->peers,
                                  .peers_count = intensity->peers_count,
                                  .self = number_or_gap(intensity->value)};
    const struct {
        struct report_number number;
        enum chart_mark_kind kind;
    } marks[] = {
        {intensity->advanced, MARK_ADVANCED},
        {intensity->baseline, MARK_BASELINE},
        {intensity->limit, MARK_LIMIT},
    };
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (marks[i].number.known)
            row.marks[row.marks_count++] = (struct chart_mark){
                intensity_mark_name(w, marks[i].kind), marks[i].number.value, marks[i].kind};
    struct chart_strip strip = {
        .title = str_from(tr_fill(w->arena, w->lang, "{0} against benchmarks and peers",
                                  str_dup(w->arena, intensity->product), NULL)),
        .unit = intensity->unit,
        .self_name = say(w, TR_KEY("This enterprise")),
        .rows = &row,
        .rows_count = 1,
        .decimals = intensity->value.decimals};
    row.name = STR("");
    return chart_strip(w->arena, &strip, look, w->lang);
}

struct drawing *score_bar(struct writer *w, struct chart_look look)
{
    static const struct {
        const char *name;
        double to;
    } grades[] = {{"C", 40}, {"B", 50},  {"BB", 60},  {"BBB", 70},
                  {"A", 80}, {"AA", 90}, {"AAA", 100}};
    struct chart_score_band bands[ARRAY_LEN(grades)];
    for (size_t i = 0; i < ARRAY_LEN(grades); i++)
        bands[i] = (struct chart_score_band){str_from(grades[i].name), grades[i].to};
    const struct report_grade *grade = &w->report->grade;
    struct chart_score chart = {.title = say(w, TR_KEY("Score among the grades")),
                                .unit = say(w, TR_KEY("points")),
                                .from = 0,
                                .bands = bands,
                                .bands_count = ARRAY_LEN(bands),
                                .value = number_or_gap(grade->score),
                                .value_name = grade->grade,
                                .decimals = grade->score.decimals};
    return chart_score(w->arena, &chart, look, w->lang);
}

struct drawing *monthly_chart(struct writer *w, struct chart_look look)
{
    const struct report_monthly *monthly = &w->report->monthly;
    str *labels = ARENA_NEW_ARRAY(w->arena, str, monthly->months);
    struct chart_series *series =
        ARENA_NEW_ARRAY(w->arena, struct chart_series, monthly->series_count);
    for (size_t i = 0; i < monthly->months; i++) {
        char text[DATE_TEXT_MAX];
        month_format(monthly->first_month + (int32_t)i, text);
        bool year = i == 0 || (monthly->first_month + (int32_t)i) % 12 == 0;
        labels[i] = str_from(arena_strdup(w->arena, text + (year ? 2 : 5)));
    }
    for (size_t s = 0; s < monthly->series_count; s++)
        series[s] = (struct chart_series){monthly->names[s], monthly->values[s], NULL, NULL, false};
    struct chart_stack chart = {.title = say(w, TR_KEY("Emission by month and source")),
                                .unit = STR("t CO₂e"),
                                .labels = labels,
                                .count = monthly->months,
                                .series = series,
                                .series_count = monthly->series_count,
                                .decimals = 0};
    return chart_stack(w->arena, &chart, look, w->lang);
}

/* The change of the full basis on the year before, or empty. */
static str change_note(struct writer *w, const struct creditworthiness_report *r)
{
    if (r->years_count < 2) return STR("");
    struct report_number now = r->years[r->years_count - 1].full;
    struct report_number before = r->years[r->years_count - 2].full;
    if (!now.known || !before.known || before.value <= 0) return STR("");
    str change = chart_signed_text(w->arena, (now.value / before.value - 1) * 100, 1);
    return str_from(
        tr_fill(w->arena, w->lang, "{0}% on the year before", str_dup(w->arena, change), NULL));
}

/* Figures that are not known are left out. */
void key_figures(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    struct pdf_figure figures[4];
    size_t count = 0;
    const struct report_emission_year none = {0};
    const struct report_emission_year *year =
        r->years_count ? &r->years[r->years_count - 1] : &none;
    if (year->full.known)
        figures[count++] = (struct pdf_figure){say(w, TR_KEY("Emission, full basis")),
                                               number_text(w, year->full, false), STR("t CO₂e"),
                                               change_note(w, r)};
    if (year->equivalent_tce.known)
        figures[count++] = (struct pdf_figure){
            say(w, TR_KEY("Energy (primary equivalent)")),
            number_text(w, year->equivalent_tce, false), STR("tce"),
            str_from(tr_fill(w->arena, w->lang, "calorific value {0} tce",
                             number_text(w, year->calorific_tce, false).ptr, NULL))};
    if (r->intensities_count && r->intensities[0].value.known) {
        const struct report_intensity *intensity = &r->intensities[0];
        figures[count++] = (struct pdf_figure){
            str_from(tr_fill(w->arena, w->lang, "Intensity of {0}",
                             str_dup(w->arena, intensity->product), NULL)),
            number_text(w, intensity->value, false), intensity->unit,
            intensity->baseline.known
                ? str_from(tr_fill(w->arena, w->lang, "baseline level {0}",
                                   number_text(w, intensity->baseline, false).ptr, NULL))
                : STR("")};
    }
    if (r->grade.has)
        figures[count++] =
            (struct pdf_figure){say(w, TR_KEY("Carbon grade")), r->grade.grade,
                                str_from(tr_fill(w->arena, w->lang, "{0} points",
                                                 number_text(w, r->grade.score, false).ptr, NULL)),
                                r->grade.stage};
    pdf_figures(w->pdf, figures, count);
}

void label_box(struct writer *w)
{
    const struct report_label *label = &w->report->label;
    str previous = STR("");
    if (label->has_previous)
        previous = str_from(arena_printf(
            w->arena, w->lang == LANG_ZH ? "%.*s（%.*s）" : "%.*s (%.*s)",
            STR_ARG(colour_text(w, label->previous)), STR_ARG(label->previous_period)));
    struct pdf_pair facts[] = {
        {say(w, TR_KEY("Basis")), label->basis, {0}},
        {say(w, TR_KEY("Benchmark")), label->benchmark, {0}},
        {say(w, TR_KEY("Distance to the next colour")), label->distance, {0}},
        {say(w, TR_KEY("Confidence")), label->confidence, {0}},
        {say(w, TR_KEY("Last label")), previous, {0}},
        {say(w, TR_KEY("Carbon-efficiency code")), label->carbon_code, {0}},
    };
    pdf_label(w->pdf, label->colour, facts, ARRAY_LEN(facts));
}
