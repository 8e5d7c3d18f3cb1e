/* The label's part of the report: what decided the colour, how far the next one is, and the
 * intensities beside the standards and benchmarks that they were held against. Names of outputs are
 * those of models/credit/label.model. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "report/collect.h"

#define CARBON_ROWS 2

str collect_text(const struct collecting *c, const struct model_text *text)
{
    return str_from(c->request->lang == LANG_ZH ? text->zh : text->en);
}

str collect_word(const struct collecting *c, const char *code)
{
    const char *translated = tr(c->request->lang, code);
    if (translated != code || code == NULL) return str_from(translated);
    char *plain = arena_strdup(c->arena, code);
    for (char *p = plain; *p != '\0'; p++)
        if (*p == '_') *p = ' ';
    return str_from(plain);
}

static const struct credit_reason *find_in(const struct credit_rating *rating, const char *output)
{
    for (size_t i = 0; i < rating->reason_count; i++)
        if (strcmp(rating->reasons[i].output, output) == 0 && rating->reasons[i].known)
            return &rating->reasons[i];
    return NULL;
}

const struct credit_reason *collect_find_reason(const struct collecting *c, const char *output)
{
    return find_in(&c->rating, output);
}

str collect_key_name(const struct collecting *c, const struct credit_reason *reason)
{
    str name = collect_text(c, &reason->label),
        mark = c->request->lang == LANG_ZH ? STR("：") : STR(": ");
    size_t at;
    return str_find(name, mark, &at) ? str_slice(name, at + mark.len, name.len) : name;
}

struct report_number collect_significant(double value, int digits)
{
    int before = value == 0 || !isfinite(value) ? 1 : (int)floor(log10(fabs(value))) + 1;
    int decimals = digits - before;
    return report_number(value, decimals < 0 ? 0 : decimals > 6 ? 6 : decimals);
}

struct report_number collect_amount(double value)
{
    struct report_number number = collect_significant(value, 4);
    if (number.decimals > 2) number.decimals = 2;
    return number;
}

str collect_unit(const struct collecting *c, const char *unit)
{
    struct buf *out = buf_new(c->arena);
    str text = str_from(unit);
    size_t close;
    /* Brackets around the whole numerator are for the engine only. */
    if (str_starts(text, "(") && str_find(text, STR(")/"), &close)) {
        buf_put(out, text.ptr + 1, close - 1);
        text = str_slice(text, close + 1, text.len);
    }
    buf_put_str(out, text);
    str whole = buf_str(out);
    out = buf_new(c->arena);
    for (size_t at; str_find(whole, STR("CO2"), &at); whole = str_slice(whole, at + 3, whole.len)) {
        buf_put(out, whole.ptr, at);
        buf_puts(out, "CO₂");
    }
    buf_put_str(out, whole);
    return str_is(buf_str(out), "1") ? STR("") : buf_str(out);
}

str collect_figure(const struct collecting *c, double value, int digits, const char *unit)
{
    const char *number = num_format_significant(c->arena, fabs(value), digits);
    str printed = strcmp(unit, "%") == 0 ? STR("%") : collect_unit(c, unit);
    return str_from(arena_printf(c->arena, "%s%s%s%.*s", value < 0 ? "−" : "", number,
                                 printed.len > 0 ? " " : "", STR_ARG(printed)));
}

static const char *quantity(const struct collecting *c, double value, const char *unit)
{
    return str_dup(c->arena, collect_figure(c, value, 4, unit));
}

/* The output of the same key: "energy_value[clinker]" from "energy_over[clinker]". */
static const struct credit_reason *beside(const struct collecting *c,
                                          const struct credit_reason *reason, const char *name)
{
    const char *key = strchr(reason->output, '[');
    return key == NULL ? NULL : collect_find_reason(c, arena_printf(c->arena, "%s%s", name, key));
}

static bool is_energy(const struct credit_reason *reason)
{
    return reason->known && str_starts(str_from(reason->output), "energy_value[");
}

/* ---- the distance to the next colour ---- */

static const char *colour_after(double rank)
{
    static const char *const next[] = {"", "yellow", "light_green", "deep_green"};
    int at = (int)lround(rank);
    return at >= 1 && at <= 3 ? next[at] : "";
}

static void add_distance(struct collecting *c, struct buf *out, str name, double value,
                         const char *unit)
{
    if (!(value > 0)) return;
    if (out->len > 0) buf_puts(out, c->request->lang == LANG_ZH ? "；" : "; ");
    buf_puts(out, tr_fill(c->arena, c->request->lang, "{0}: {1} less", str_dup(c->arena, name),
                          quantity(c, value, unit), NULL));
}

/* Only what has the deciding colour stands between the enterprise and the next one. */
static void add_energy_distances(struct collecting *c, struct buf *out, double base)
{
    for (size_t i = 0; i < c->rating.reason_count; i++) {
        const struct credit_reason *r = &c->rating.reasons[i];
        if (!is_energy(r)) continue;
        const struct credit_reason *over = beside(c, r, "energy_over"),
                                   *colour = beside(c, r, "energy_colour");
        if (over != NULL && colour != NULL && colour->value <= base)
            add_distance(c, out, collect_key_name(c, r), over->value, over->unit);
    }
}

static void add_carbon_distance(struct collecting *c, struct buf *out, const char *over_name,
                                const char *value_name, const char *label_name, const char *base)
{
    const struct credit_reason *over = collect_find_reason(c, over_name),
                               *value = collect_find_reason(c, value_name);
    const struct credit_reason *label = collect_find_reason(c, label_name);
    if (over == NULL || value == NULL || label == NULL || strcmp(label->text, base) != 0) return;
    add_distance(c, out, collect_text(c, &value->label), over->value, over->unit);
}

static double rank_of(const char *colour)
{
    static const char *const colours[] = {"grey", "red", "yellow", "light_green", "deep_green"};
    for (size_t i = 0; i < ARRAY_LEN(colours); i++)
        if (strcmp(colours[i], colour) == 0) return (double)i;
    return 0;
}

static str distance_text(struct collecting *c)
{
    const struct credit_reason *base = collect_find_reason(c, "base_label"),
                               *reason = collect_find_reason(c, "reason");
    enum lang lang = c->request->lang;
    struct buf *out = buf_new(c->arena);
    if (strcmp(c->rating.label, "grey") == 0)
        return reason != NULL ? collect_word(c, reason->text) : STR("");
    if (strcmp(c->rating.label, "deep_green") == 0)
        return str_from(tr(lang, "The best colour is reached."));
    if (base == NULL) return STR("");
    add_energy_distances(c, out, rank_of(base->text));
    add_carbon_distance(c, out, "power_over", "power_intensity", "power_label", base->text);
    add_carbon_distance(c, out, "clinker_over", "clinker_carbon", "clinker_label", base->text);
    if (out->len == 0) return reason != NULL ? collect_word(c, reason->text) : STR("");
    const char *next = colour_after(rank_of(base->text));
    return str_from(tr_fill(c->arena, lang, "{0} for {1}", out->ptr,
                            str_dup(c->arena, collect_word(c, next)), NULL));
}

/* ---- the label ---- */

static void add_reason(struct collecting *c, struct report_reason *list, str name,
                       const char *value, const char *colour)
{
    const char *text = value == NULL ? arena_printf(c->arena, "%.*s — %.*s", STR_ARG(name),
                                                    STR_ARG(collect_word(c, colour)))
                                     : arena_printf(c->arena, "%.*s %s — %.*s", STR_ARG(name),
                                                    value, STR_ARG(collect_word(c, colour)));
    list[c->report->label.reasons_count++] = (struct report_reason){.text = str_from(text)};
}

static void add_carbon_reason(struct collecting *c, struct report_reason *list,
                              const char *label_name, const char *value_name)
{
    const struct credit_reason *label = collect_find_reason(c, label_name),
                               *value = collect_find_reason(c, value_name);
    if (label == NULL || value == NULL || strcmp(label->text, "grey") == 0) return;
    add_reason(c, list, collect_text(c, &value->label), quantity(c, value->value, value->unit),
               label->text);
}

/* What was judged, with its value and colour; what could not be judged is under "missing". */
static void collect_reasons(struct collecting *c)
{
    static const char *const colours[] = {"grey", "red", "yellow", "light_green", "deep_green"};
    struct report_reason *list =
        ARENA_NEW_ARRAY(c->arena, struct report_reason, c->rating.reason_count + 4);
    const struct credit_reason *reason = collect_find_reason(c, "reason");
    for (size_t i = 0; i < c->rating.reason_count; i++) {
        const struct credit_reason *r = &c->rating.reasons[i];
        const struct credit_reason *colour = is_energy(r) ? beside(c, r, "energy_colour") : NULL;
        int rank = colour != NULL ? (int)lround(colour->value) : 0;
        if (rank >= 1 && rank <= 4)
            add_reason(c, list, collect_key_name(c, r), quantity(c, r->value, r->unit),
                       colours[rank]);
    }
    add_carbon_reason(c, list, "power_label", "power_intensity");
    add_carbon_reason(c, list, "clinker_label", "clinker_carbon");
    if (reason != NULL && strcmp(reason->text, "intensity") != 0 &&
        strcmp(c->rating.label, "grey") != 0)
        list[c->report->label.reasons_count++] =
            (struct report_reason){.text = collect_word(c, reason->text)};
    c->report->label.reasons = list;
}

void collect_label(struct collecting *c)
{
    struct report_label *label = &c->report->label;
    const struct credit_reason *basis = collect_find_reason(c, "basis");
    label->colour = colour_parse(str_from(c->rating.label));
    label->confidence = str_from(c->rating.confidence);
    label->basis = basis != NULL ? collect_word(c, basis->text) : STR("");
    label->distance = distance_text(c);
    collect_reasons(c);
}

/* ---- intensities ---- */

static void add_products(struct collecting *c, struct report_intensity *list)
{
    const struct account_statement *s = &c->statements[COLLECT_YEARS - 1];
    for (size_t i = 0; i < s->product_count; i++) {
        const struct account_product *p = &s->products[i];
        if (!p->has_intensity) continue;
        struct report_intensity *intensity = &list[c->report->intensities_count++];
        intensity->product = str_from(account_product_name(c->arena, c->rules->account->library,
                                                           c->request->lang, p->product));
        intensity->unit = str_from(arena_printf(c->arena, "t CO₂e/%s", p->unit));
        intensity->value = collect_significant(p->intensity_t_per_unit, 4);
        for (int y = 0; y < COLLECT_YEARS; y++)
            for (size_t k = 0; k < c->statements[y].product_count; k++) {
                const struct account_product *other = &c->statements[y].products[k];
                if (other->has_intensity && strcmp(other->product, p->product) == 0)
                    intensity->years[y] = collect_significant(other->intensity_t_per_unit, 4);
            }
    }
}

static struct report_number number_of(const struct credit_reason *reason)
{
    return reason == NULL || !reason->known ? (struct report_number){0}
                                            : collect_significant(reason->value, 4);
}

/* The years before, from their own ratings. */
static void put_years(const struct credit_rating *before, const bool *found,
                      const struct credit_reason *reason, struct report_intensity *intensity)
{
    for (int y = 0; y < COLLECT_YEARS - 1; y++)
        if (found[y]) intensity->years[y] = number_of(find_in(&before[y], reason->output));
    intensity->value = intensity->years[COLLECT_YEARS - 1] = number_of(reason);
}

static str standard_text(struct collecting *c, const struct credit_reason *r)
{
    const struct credit_reason *standard = beside(c, r, "energy_standard"),
                               *force = beside(c, r, "energy_in_force");
    const struct credit_reason *grade1 = beside(c, r, "energy_grade1"),
                               *grade2 = beside(c, r, "energy_grade2");
    const struct credit_reason *limit = beside(c, r, "energy_limit");
    struct buf *out = buf_new(c->arena);
    enum lang lang = c->request->lang;
    if (standard != NULL) buf_puts(out, standard->text);
    if (grade1 != NULL && grade2 != NULL && limit != NULL)
        buf_printf(out, " %s",
                   tr_fill(c->arena, lang, "grade 1: {0}, grade 2: {1}, limit: {2}.",
                           quantity(c, grade1->value, r->unit), quantity(c, grade2->value, r->unit),
                           quantity(c, limit->value, r->unit), NULL));
    if (force != NULL && force->value == 0)
        buf_printf(
            out, " %s",
            tr(lang, "The standard is not in force in this period; the levels of 2023 judge."));
    return buf_str(out);
}

static void add_energy(struct collecting *c, const struct credit_rating *before, const bool *found,
                       struct report_intensity *list)
{
    for (size_t i = 0; i < c->rating.reason_count; i++) {
        const struct credit_reason *r = &c->rating.reasons[i];
        if (!is_energy(r)) continue;
        struct report_intensity *intensity = &list[c->report->intensities_count++];
        const struct credit_reason *force = beside(c, r, "energy_in_force");
        *intensity =
            (struct report_intensity){.product = collect_key_name(c, r),
                                      .unit = collect_unit(c, r->unit),
                                      .advanced = number_of(beside(c, r, "energy_advanced")),
                                      .baseline = number_of(beside(c, r, "energy_baseline")),
                                      .source = standard_text(c, r)};
        if (force != NULL && force->value != 0)
            intensity->limit = number_of(beside(c, r, "energy_limit"));
        put_years(before, found, r, intensity);
    }
}

/* A benchmark of the carbon market is not a level of the energy standards: it is told in words. */
static void add_carbon(struct collecting *c, const struct credit_rating *before, const bool *found,
                       struct report_intensity *list)
{
    static const struct {
        const char *value, *label, *benchmark, *advanced, *limit;
    } rows[CARBON_ROWS] = {{"power_intensity", "power_label", "power_benchmark", "", ""},
                           {"clinker_carbon", "clinker_label", "clinker_benchmark",
                            "clinker_advanced", "clinker_limit"}};
    for (size_t i = 0; i < CARBON_ROWS; i++) {
        const struct credit_reason *value = collect_find_reason(c, rows[i].value),
                                   *label = collect_find_reason(c, rows[i].label);
        const struct credit_reason *benchmark = collect_find_reason(c, rows[i].benchmark);
        if (value == NULL || label == NULL || benchmark == NULL || strcmp(label->text, "grey") == 0)
            continue;
        str told =
            str_from(arena_printf(c->arena, "%.*s %s", STR_ARG(collect_text(c, &benchmark->label)),
                                  quantity(c, benchmark->value, benchmark->unit)));
        struct report_intensity *intensity = &list[c->report->intensities_count++];
        *intensity = (struct report_intensity){
            .product = collect_text(c, &value->label),
            .unit = collect_unit(c, value->unit),
            .advanced = number_of(collect_find_reason(c, rows[i].advanced)),
            .limit = number_of(collect_find_reason(c, rows[i].limit)),
            .source = told};
        put_years(before, found, value, intensity);
        struct report_label *judged = &c->report->label;
        judged->benchmark = judged->benchmark.len == 0
                                ? told
                                : str_from(arena_printf(c->arena, "%.*s; %.*s",
                                                        STR_ARG(judged->benchmark), STR_ARG(told)));
    }
}

bool collect_intensities(struct collecting *c, struct error *err)
{
    struct credit_rating before[COLLECT_YEARS - 1] = {{0}};
    bool found[COLLECT_YEARS - 1] = {false};
    const struct account_statement *s = &c->statements[COLLECT_YEARS - 1];
    for (int y = 0; y < COLLECT_YEARS - 1; y++)
        if (!credit_read_rating(c->db, c->arena, c->viewer, c->org.org_id,
                                c->request->year - (COLLECT_YEARS - 1) + y, &before[y], &found[y],
                                err))
            return false;
    struct report_intensity *list = ARENA_NEW_ARRAY(
        c->arena, struct report_intensity, s->product_count + c->rating.reason_count + CARBON_ROWS);
    add_products(c, list);
    add_energy(c, before, found, list);
    add_carbon(c, before, found, list);
    c->report->intensities = list;
    return true;
}
