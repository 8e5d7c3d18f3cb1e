/* The report's figures: emission and energy, intensity, reduction. */
#include <math.h>

#include "report/chart_parts.h"
#include "report/creditworthiness_parts.h"

typedef struct report_number (*year_field)(const struct report_emission_year *year);

#define YEAR_FIELD(name)                                                             \
    static struct report_number year_##name(const struct report_emission_year *year) \
    {                                                                                \
        return year->name;                                                           \
    }
YEAR_FIELD(scope1)
YEAR_FIELD(scope2_location)
YEAR_FIELD(scope2_market)
YEAR_FIELD(scope3)
YEAR_FIELD(full)
YEAR_FIELD(compliance)
YEAR_FIELD(calorific_tce)
YEAR_FIELD(equivalent_tce)
YEAR_FIELD(electricity_mwh)
YEAR_FIELD(green_power_mwh)

struct year_row {
    const char *name;
    const char *unit;
    year_field field;
};

/* Lines without any known figure are left out; the last column is the change on the year before. */
static void put_years(struct writer *w, const struct year_row *lines, size_t lines_count)
{
    const struct creditworthiness_report *r = w->report;
    size_t years = size_min(r->years_count, 3), first = r->years_count - years;
    struct pdf_column columns[6] = {{say(w, TR_KEY("Item")), 0.36, false},
                                    {say(w, TR_KEY("Unit")), 0.12, false}};
    for (size_t y = 0; y < years; y++)
        columns[2 + y] =
            (struct pdf_column){str_from(arena_printf(w->arena, "%d", r->years[first + y].year)),
                                0.40 / (double)years, true};
    columns[2 + years] = (struct pdf_column){say(w, TR_KEY("Change")), 0.12, true};
    struct rows rows = rows_begin(w->arena, years + 3);
    for (size_t i = 0; i < lines_count; i++) {
        bool any = false;
        for (size_t y = 0; y < years; y++) any = any || lines[i].field(&r->years[first + y]).known;
        if (!any) continue;
        rows_add(&rows, say(w, lines[i].name));
        rows_add(&rows, str_from(lines[i].unit));
        for (size_t y = 0; y < years; y++)
            rows_add(&rows, number_text(w, lines[i].field(&r->years[first + y]), true));
        str change = STR("–");
        if (years > 1) {
            struct report_number now = lines[i].field(&r->years[r->years_count - 1]);
            struct report_number before = lines[i].field(&r->years[r->years_count - 2]);
            if (now.known && before.known && before.value > 0) {
                double percent = (now.value / before.value - 1) * 100;
                change = str_from(arena_printf(w->arena, "%.*s%%",
                                               STR_ARG(chart_signed_text(w->arena, percent, 1))));
            }
        }
        rows_add(&rows, change);
    }
    rows_table(w, &rows, columns);
}

static void put_sources(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    double total = 0;
    for (size_t i = 0; i < r->sources_count; i++)
        if (r->sources[i].amount.known && r->sources[i].amount.value > 0)
            total += r->sources[i].amount.value;
    struct rows rows = rows_begin(w->arena, 5);
    for (size_t i = 0; i < r->sources_count; i++) {
        const struct report_source *s = &r->sources[i];
        rows_add(&rows, s->name);
        rows_add(&rows, str_from(tr_fill(w->arena, w->lang, "scope {0}",
                                         arena_printf(w->arena, "%d", s->scope), NULL)));
        rows_add(&rows, number_text(w, s->amount, true));
        rows_add(&rows, s->amount.known && total > 0
                            ? percent_text(w, report_number(100 * s->amount.value / total, 1))
                            : STR("–"));
        rows_add(&rows, s->method);
    }
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Source")), 0.24, false},
                                     {say(w, TR_KEY("Scope")), 0.10, false},
                                     {say(w, TR_KEY("Emission, t CO₂e")), 0.18, true},
                                     {say(w, TR_KEY("Share of gross")), 0.10, true},
                                     {say(w, TR_KEY("Method")), 0.38, false}});
}

static void put_changes(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    struct chart_step *steps = ARENA_NEW_ARRAY(w->arena, struct chart_step, r->changes_count);
    for (size_t i = 0; i < r->changes_count; i++)
        steps[i] =
            (struct chart_step){r->changes[i].name, r->changes[i].value, r->changes[i].total};
    struct chart_waterfall chart = {.title = say(w, TR_KEY("What changed, like for like")),
                                    .unit = STR("t CO₂e"),
                                    .steps = steps,
                                    .count = r->changes_count};
    struct chart_look look = CHART_PAPER;
    look.height = 158;
    pdf_chart(w->pdf, chart_waterfall(w->arena, &chart, look, w->lang));
}

void section_emission(struct writer *w)
{
    static const struct year_row emission[] = {
        {TR_KEY("Scope 1, direct"), "t CO₂e", year_scope1},
        {TR_KEY("Scope 2, location-based"), "t CO₂e", year_scope2_location},
        {TR_KEY("Scope 2, market-based"), "t CO₂e", year_scope2_market},
        {TR_KEY("Scope 3, as far as reported"), "t CO₂e", year_scope3},
        {TR_KEY("Total, full basis"), "t CO₂e", year_full},
        {TR_KEY("Total, compliance basis"), "t CO₂e", year_compliance},
    };
    static const struct year_row energy[] = {
        {TR_KEY("Total energy, calorific value"), "tce", year_calorific_tce},
        {TR_KEY("Total energy, primary-equivalent value"), "tce", year_equivalent_tce},
        {TR_KEY("Electricity used"), "MWh", year_electricity_mwh},
        {TR_KEY("of it green power"), "MWh", year_green_power_mwh},
    };
    const struct creditworthiness_report *r = w->report;
    section_begin(w, TR_KEY("Emission and energy"), 110);
    if (!r->years_count && !r->sources_count && !r->monthly.months) {
        pdf_paragraph(w->pdf, PDF_BODY, say(w, TR_KEY("No emission has been posted yet.")));
        return;
    }
    if (r->years_count) put_years(w, emission, ARRAY_LEN(emission));
    if (r->quality.uncertainty_percent.known)
        pdf_paragraph(w->pdf, PDF_NOTE,
                      str_from(tr_fill(w->arena, w->lang,
                                       "Uncertainty of the total: ±{0} (root of the sum of "
                                       "squared shares times uncertainties).",
                                       percent_text(w, r->quality.uncertainty_percent).ptr, NULL)));
    if (r->monthly.months && r->monthly.series_count)
        pdf_chart(w->pdf, monthly_chart(w, CHART_PAPER));
    if (r->sources_count) put_sources(w);
    if (r->changes_count) put_changes(w);
    if (r->years_count) {
        pdf_heading(w->pdf, 2, say(w, TR_KEY("Energy")), 95);
        put_years(w, energy, ARRAY_LEN(energy));
    }
}

static void put_intensities(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    struct rows rows = rows_begin(w->arena, 8);
    for (size_t i = 0; i < r->intensities_count; i++) {
        const struct report_intensity *x = &r->intensities[i];
        rows_add(&rows, x->product);
        rows_add(&rows, x->unit);
        rows_add(&rows, number_text(w, x->years[0], false));
        rows_add(&rows, number_text(w, x->years[1], false));
        rows_add(&rows, number_text(w, x->value, true));
        rows_add(&rows, number_text(w, x->advanced, false));
        rows_add(&rows, number_text(w, x->baseline, false));
        rows_add(&rows, number_text(w, x->limit, false));
    }
    int year = r->years_count ? r->years[r->years_count - 1].year : 0;
    str before2 = year ? str_from(arena_printf(w->arena, "%d", year - 2))
                       : say(w, TR_KEY("Two years before"));
    str before =
        year ? str_from(arena_printf(w->arena, "%d", year - 1)) : say(w, TR_KEY("Year before"));
    str now = year ? str_from(arena_printf(w->arena, "%d", year)) : say(w, TR_KEY("Period"));
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Product")), 0.20, false},
                                     {say(w, TR_KEY("Unit")), 0.14, false},
                                     {before2, 0.10, true},
                                     {before, 0.10, true},
                                     {now, 0.13, true},
                                     {say(w, TR_KEY("Advanced level")), 0.11, true},
                                     {say(w, TR_KEY("Baseline level")), 0.11, true},
                                     {say(w, TR_KEY("Mandatory limit")), 0.11, true}});
}

void section_intensity(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    section_begin(w, TR_KEY("Intensity"), 100);
    if (!r->intensities_count) {
        pdf_paragraph(w->pdf, PDF_BODY,
                      say(w, TR_KEY("No intensity: output or value added is missing.")));
        return;
    }
    put_intensities(w);
    struct chart_look look = CHART_PAPER;
    look.height = 92;
    for (size_t i = 0; i < r->intensities_count; i++) {
        const struct report_intensity *x = &r->intensities[i];
        if (!x->value.known && !x->peers_count) continue;
        if (!x->advanced.known && !x->baseline.known && !x->limit.known && !x->peers_count)
            continue;
        pdf_need(w->pdf, look.height + 24);
        pdf_chart(w->pdf, intensity_strip(w, x, look));
        str text = x->source;
        if (x->percentile.known)
            text = str_from(tr_fill(
                w->arena, w->lang, "{0} Better than {1}% of {2} peers in the dated snapshot.",
                str_dup(w->arena, x->source), number_text(w, x->percentile, false).ptr,
                arena_printf(w->arena, "%zu", x->peers_count), NULL));
        pdf_paragraph(w->pdf, PDF_NOTE, text);
    }
}

static void put_measures(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    struct rows rows = rows_begin(w->arena, 5);
    for (size_t i = 0; i < r->measures_count; i++) {
        const struct report_measure *m = &r->measures[i];
        rows_add(&rows, m->name);
        rows_add(&rows, m->state);
        rows_add(&rows, m->year);
        rows_add(&rows, number_text(w, m->reduction_t, true));
        rows_add(&rows, money_text(w, m->cost_cny));
    }
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Measure")), 0.36, false},
                                     {say(w, TR_KEY("State")), 0.16, false},
                                     {say(w, TR_KEY("Year")), 0.10, false},
                                     {say(w, TR_KEY("Reduction, t CO₂e per year")), 0.20, true},
                                     {say(w, TR_KEY("Investment")), 0.18, true}});
}

void section_reduction(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    if (!r->measures_count && !r->reduction_count) return;
    section_begin(w, TR_KEY("Reduction"), 70);
    if (r->reduction_count) {
        struct pdf_pair *pairs = ARENA_NEW_ARRAY(w->arena, struct pdf_pair, r->reduction_count);
        for (size_t i = 0; i < r->reduction_count; i++)
            pairs[i] = (struct pdf_pair){r->reduction[i].name, r->reduction[i].value,
                                         r->reduction[i].note};
        pdf_pairs(w->pdf, pairs, r->reduction_count, 2);
    }
    if (r->measures_count) put_measures(w);
}
