/* Columns on a value axis: stacked by month, and the waterfall. */
#include <math.h>

#include "report/chart_parts.h"

static bool month_missing(const struct chart_stack *chart, size_t i)
{
    for (size_t s = 0; s < chart->series_count; s++)
        if (isfinite(chart->series[s].values[i])) return false;
    return true;
}

static void draw_column(struct drawing *d, const struct plot *plot, const struct chart_stack *chart,
                        size_t i, struct place *ends)
{
    double slot = plot->width / (double)chart->count, width = slot * 0.72;
    double x = plot->x + slot * (double)i + (slot - width) / 2, up = 0, down = 0;
    for (size_t s = 0; s < chart->series_count; s++) {
        double value = chart->series[s].values[i];
        if (!isfinite(value) || value == 0) continue;
        double *base = value > 0 ? &up : &down;
        double top = plot_y(plot, fmax(*base, *base + value));
        double height = fabs(plot_y(plot, *base) - plot_y(plot, *base + value));
        struct draw_item *bar = draw_rect(d, series_fill_ink(s), x, top, width, height);
        bar->name = str_from(arena_printf(d->arena, "%.*s %.*s", STR_ARG(chart->labels[i]),
                                          STR_ARG(chart->series[s].name)));
        bar->value = chart_value_unit(d->arena, value, chart->decimals, chart->unit);
        if (*base != 0) /* a white seam keeps neighbours apart in black and white */
            draw_segment(d, INK_PAPER, plot->font * 0.08, x, plot_y(plot, *base), x + width,
                         plot_y(plot, *base));
        *base += value;
        ends[s].y = top + height / 2;
    }
}

/* A month without data: a dashed empty outline, so that it does not read as zero. */
static void draw_gap(struct drawing *d, const struct plot *plot, size_t count, size_t i,
                     enum lang lang)
{
    double slot = plot->width / (double)count, width = slot * 0.72, font = plot->font;
    double x = plot->x + slot * (double)i + (slot - width) / 2, y = plot_y(plot, 0);
    double height = fmin(plot->height * 0.5, font * 3);
    struct draw_item *box = draw_rect(d, INK_AXIS, x, y - height, width, height);
    box->hollow = true;
    box->dashed = true;
    box->size = font * 0.07;
    box->value = str_from(tr(lang, "No data"));
    if (width > draw_text_width(box->value, font * 0.9, false))
        draw_text(d, INK_MUTED, font * 0.9, x + width / 2, y - height / 2 + font * 0.3,
                  ANCHOR_MIDDLE, box->value);
}

static void stack_range(const struct chart_stack *chart, double *low, double *high)
{
    for (size_t i = 0; i < chart->count; i++) {
        double up = 0, down = 0;
        for (size_t s = 0; s < chart->series_count; s++) {
            double value = chart->series[s].values[i];
            if (!isfinite(value)) continue;
            if (value > 0)
                up += value;
            else
                down += value;
        }
        *low = fmin(*low, down);
        *high = fmax(*high, up);
    }
}

/* ---- more series than colours ---- */

static double weight_of(const struct chart_stack *chart, size_t series)
{
    double weight = 0;
    for (size_t i = 0; i < chart->count; i++)
        if (isfinite(chart->series[series].values[i]))
            weight += fabs(chart->series[series].values[i]);
    return weight;
}

/* Whether a series keeps a colour of its own: fewer than CHART_STACK_SERIES - 1 weigh more. */
static bool stands_alone(const double *weights, size_t count, size_t series)
{
    size_t heavier = 0;
    for (size_t s = 0; s < count; s++)
        heavier += weights[s] > weights[series] || (weights[s] == weights[series] && s < series);
    return heavier < CHART_STACK_SERIES - 1;
}

/* The largest in the order given, and the sum of the others: a column is as high as all together.
 */
static struct chart_stack fold_series(struct arena *arena, const struct chart_stack *given,
                                      enum lang lang)
{
    struct chart_stack folded = *given;
    if (given->series_count <= CHART_STACK_SERIES) return folded;
    struct chart_series *series = ARENA_NEW_ARRAY(arena, struct chart_series, CHART_STACK_SERIES);
    double *rest = ARENA_NEW_ARRAY(arena, double, given->count + 1);
    double *weights = ARENA_NEW_ARRAY(arena, double, given->series_count);
    for (size_t i = 0; i < given->count; i++) rest[i] = NAN;
    for (size_t s = 0; s < given->series_count; s++) weights[s] = weight_of(given, s);
    folded.series_count = 0;
    for (size_t s = 0; s < given->series_count; s++) {
        const double *values = given->series[s].values;
        if (stands_alone(weights, given->series_count, s)) {
            series[folded.series_count++] = given->series[s];
            continue;
        }
        for (size_t i = 0; i < given->count; i++)
            if (isfinite(values[i])) rest[i] = (isnan(rest[i]) ? 0 : rest[i]) + values[i];
    }
    series[folded.series_count++] =
        (struct chart_series){.name = str_from(tr(lang, "Others")), .values = rest};
    folded.series = series;
    return folded;
}

struct drawing *chart_stack(struct arena *arena, const struct chart_stack *given,
                            struct chart_look look, enum lang lang)
{
    struct chart_stack whole = *given;
    if (whole.series_count && whole.count > CHART_POINTS_MAX / whole.series_count)
        whole.count = CHART_POINTS_MAX / whole.series_count;
    struct chart_stack chart = fold_series(arena, &whole, lang);
    struct drawing *d = chart_begin(arena, chart.title, look);
    double low = 0, high = 0, font = look.font, names = 0;
    stack_range(&chart, &low, &high);
    for (size_t s = 0; s < chart.series_count; s++)
        names = fmax(names, draw_text_width(chart.series[s].name, font, false));
    names = fmin(names, look.width * NAMES_SHARE_MAX);
    double head = chart_head_height(chart.title, chart.unit, font);
    struct plot plot = {0,    head,
                        0,    look.height - head - font * 2.2,
                        font, chart_scale_make(low, high, look.height > font * 20 ? 5 : 4)};
    plot.x = plot_axis_width(arena, &plot);
    plot.width = look.width - plot.x - names - font * 2;
    plot_value_axis(d, &plot, chart.unit);
    plot_categories(d, &plot, chart.labels, chart.count, 0, true);
    struct place *ends = ARENA_NEW_ARRAY(arena, struct place, chart.series_count);
    for (size_t s = 0; s < chart.series_count; s++) ends[s] = (struct place){plot_y(&plot, 0), s};
    for (size_t i = 0; i < chart.count; i++) {
        if (month_missing(&chart, i))
            draw_gap(d, &plot, chart.count, i, lang);
        else
            draw_column(d, &plot, &chart, i, ends);
    }
    if (low < 0) /* the zero line again, over the bars */
        draw_segment(d, INK_ZERO, font * 0.08, plot.x, plot_y(&plot, 0), plot.x + plot.width,
                     plot_y(&plot, 0));
    labels_place(ends, chart.series_count, font * 1.3, plot.y, plot.y + plot.height);
    for (size_t i = 0; i < chart.series_count; i++) {
        double x = plot.x + plot.width + font * 0.3, y = ends[i].y;
        draw_rect(d, series_fill_ink(ends[i].index), x, y - font * 0.4, font * 0.8, font * 0.8);
        draw_text(d, INK_TEXT, font, x + font * 1.2, y + font * 0.35, ANCHOR_START,
                  chart_fit(arena, chart.series[ends[i].index].name, font, names));
    }
    chart_table_series(d, str_from(tr(lang, "Month")), whole.labels, whole.count, whole.series,
                       whole.series_count, whole.decimals, whole.unit);
    return d;
}

/* Names under the columns in at most two lines. */
static void draw_step_name(struct drawing *d, str name, double x, double y, double width,
                           double font)
{
    if (draw_text_width(name, font, false) <= width) {
        draw_text(d, INK_MUTED, font, x, y, ANCHOR_MIDDLE, name);
        return;
    }
    size_t cut = 0;
    for (size_t at = 0; at < name.len;) {
        size_t before = at;
        uint32_t c = utf8_next(name, &at);
        if (draw_text_width((str){name.ptr, at}, font, false) > width) break;
        bool breakable = c == ' ' || c >= 0x2e80;
        if (breakable) cut = c == ' ' ? before : at;
    }
    if (!cut) cut = name.len;
    str rest = str_trim(str_slice(name, cut, name.len));
    draw_text(d, INK_MUTED, font, x, y, ANCHOR_MIDDLE,
              chart_fit(d->arena, str_slice(name, 0, cut), font, width));
    if (rest.len)
        draw_text(d, INK_MUTED, font, x, y + font * 1.2, ANCHOR_MIDDLE,
                  chart_fit(d->arena, rest, font, width));
}

static void draw_step(struct drawing *d, const struct plot *plot,
                      const struct chart_waterfall *chart, size_t i, double before, double after,
                      bool cut)
{
    const struct chart_step *step = &chart->steps[i];
    double slot = plot->width / (double)chart->count, width = slot * 0.62, font = plot->font;
    double x = plot->x + slot * (double)i + (slot - width) / 2;
    double from = step->total ? plot_y(plot, cut ? plot->scale.from : 0) : plot_y(plot, before);
    double to = plot_y(plot, after), top = fmin(from, to);
    enum ink ink = step->total ? INK_SERIES_1 : step->value > 0 ? INK_RISE : INK_FALL;
    struct draw_item *bar = draw_rect(d, ink, x, top, width, fmax(fabs(from - to), font * 0.08));
    bar->name = step->name;
    bar->value = chart_value_unit(d->arena, step->value, chart->decimals, chart->unit);
    if (step->total && cut) /* the column is broken: its foot is not zero */
        for (int k = 0; k < 2; k++) {
            double y = from - font * (0.8 + 0.5 * k);
            draw_segment(d, INK_PAPER, font * 0.16, x - font * 0.2, y + font * 0.25,
                         x + width + font * 0.2, y - font * 0.25);
        }
    str label = step->total ? chart_value_text(d->arena, step->value, chart->decimals)
                            : chart_signed_text(d->arena, step->value, chart->decimals);
    draw_text(d, INK_TEXT, font, x + width / 2, top - font * 0.4, ANCHOR_MIDDLE, label)->bold =
        step->total;
    if (i + 1 < chart->count) draw_segment(d, INK_AXIS, font * 0.06, x + width, to, x + slot, to);
    draw_step_name(d, step->name, x + width / 2, plot->y + plot->height + font * 1.4,
                   slot - font * 0.4, font);
}

struct drawing *chart_waterfall(struct arena *arena, const struct chart_waterfall *given,
                                struct chart_look look, enum lang lang)
{
    struct chart_waterfall chart = *given;
    if (chart.count > CHART_POINTS_MAX) chart.count = CHART_POINTS_MAX;
    struct drawing *d = chart_begin(arena, chart.title, look);
    double low = 0, high = 0, level = 0, font = look.font;
    bool any = false;
    double *levels = ARENA_NEW_ARRAY(arena, double, chart.count + 1);
    for (size_t i = 0; i < chart.count; i++) {
        level = chart.steps[i].total ? chart.steps[i].value : level + chart.steps[i].value;
        levels[i + 1] = level;
        values_range(&level, 1, &low, &high, &any);
    }
    /* Changes of a few percent vanish on an axis from zero: then it starts higher, the totals are
     * drawn broken and a note says so. */
    bool cut = any && low > 0 && high > 0 && (high - low) < 0.35 * high;
    if (cut)
        low -= (high - low) * 0.6;
    else
        low = fmin(low, 0), high = fmax(high, 0);
    if (cut && low < 0) low = 0, cut = false;
    double head = chart_head_height(chart.title, chart.unit, font) + font * 0.8;
    struct plot plot = {
        0, head, 0, look.height - head - font * 3.4, font, chart_scale_make(low, high, 4)};
    if (plot.scale.from <= 0) cut = false;
    plot.x = plot_axis_width(arena, &plot);
    plot.width = look.width - plot.x;
    str unit = chart.unit;
    if (cut)
        unit = str_from(arena_printf(arena, "%.*s (%s)", STR_ARG(unit),
                                     tr(lang, "axis does not start at zero")));
    plot_value_axis(d, &plot, unit);
    for (size_t i = 0; i < chart.count; i++)
        draw_step(d, &plot, &chart, i, levels[i], levels[i + 1], cut);
    chart_table_begin(d, 2, chart.count);
    d->table.header[0] = str_from(tr(lang, "Step"));
    d->table.header[1] = chart.unit;
    for (size_t i = 0; i < chart.count; i++) {
        d->table.rows[i][0] = chart.steps[i].name;
        d->table.rows[i][1] = chart.steps[i].total
                                  ? chart_value_text(arena, chart.steps[i].value, chart.decimals)
                                  : chart_signed_text(arena, chart.steps[i].value, chart.decimals);
    }
    return d;
}
