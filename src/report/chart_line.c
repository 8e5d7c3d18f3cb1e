#include <math.h>

#include "report/chart_parts.h"

#define HOVER_SLOTS_MAX 800
#define DOTS_MAX 40

static double point_x(const struct plot *plot, size_t count, size_t i)
{
    return count > 1 ? plot->x + plot->width * (double)i / (double)(count - 1)
                     : plot->x + plot->width / 2;
}

static void draw_band(struct drawing *d, const struct plot *plot, const struct chart_series *s,
                      size_t count)
{
    double *points = ARENA_NEW_ARRAY(d->arena, double, count * 4);
    for (size_t from = 0; from < count;) {
        size_t to = from;
        while (to < count && isfinite(s->low[to]) && isfinite(s->high[to])) to++;
        size_t n = 0;
        for (size_t i = from; i < to; i++) {
            points[n++] = point_x(plot, count, i);
            points[n++] = plot_y(plot, s->high[i]);
        }
        for (size_t i = to; i-- > from;) {
            points[n++] = point_x(plot, count, i);
            points[n++] = plot_y(plot, s->low[i]);
        }
        if (to > from + 1) draw_area(d, INK_BAND, points, n);
        from = to + 1;
    }
}

static void draw_series(struct drawing *d, const struct plot *plot, const struct chart_series *s,
                        size_t index, size_t count)
{
    enum ink ink = s->muted ? INK_PEER : series_line_ink(index);
    double *points = ARENA_NEW_ARRAY(d->arena, double, count * 2);
    for (size_t from = 0; from < count;) {
        size_t to = from, n = 0;
        for (; to < count && isfinite(s->values[to]); to++) {
            points[n++] = point_x(plot, count, to);
            points[n++] = plot_y(plot, s->values[to]);
        }
        if (n > 2) {
            struct draw_item *line =
                draw_line(d, ink, plot->font * (s->muted ? 0.1 : 0.14), points, n);
            line->dashed = !s->muted && index % 2 == 1;
            line->name = s->name;
        }
        /* A value between two gaps is no line: a dot keeps it visible. */
        for (size_t i = from; i < to; i++)
            if (n == 2 || count <= DOTS_MAX)
                draw_circle(d, ink, point_x(plot, count, i), plot_y(plot, s->values[i]),
                            plot->font * (s->muted ? 0.12 : 0.2));
        from = to + 1;
    }
}

static void draw_end_labels(struct drawing *d, const struct plot *plot,
                            const struct chart_line *chart)
{
    struct place *places = ARENA_NEW_ARRAY(d->arena, struct place, chart->series_count);
    size_t n = 0;
    for (size_t s = 0; s < chart->series_count; s++)
        for (size_t i = chart->count; i-- > 0;)
            if (isfinite(chart->series[s].values[i])) {
                places[n++] = (struct place){plot_y(plot, chart->series[s].values[i]), s};
                break;
            }
    labels_place(places, n, plot->font * 1.25, plot->y, plot->y + plot->height);
    for (size_t i = 0; i < n; i++) {
        const struct chart_series *s = &chart->series[places[i].index];
        double x = plot->x + plot->width + plot->font * 0.7;
        draw_text(d, s->muted ? INK_MUTED : series_line_ink(places[i].index), plot->font, x,
                  places[i].y + plot->font * 0.35, ANCHOR_START,
                  chart_fit(d->arena, s->name, plot->font, d->width - x));
    }
}

static void draw_hover(struct drawing *d, const struct plot *plot, const struct chart_line *chart)
{
    double slot = plot->width / (double)(chart->count > 1 ? chart->count - 1 : 1);
    for (size_t i = 0; i < chart->count && chart->count <= HOVER_SLOTS_MAX; i++) {
        struct buf *value = buf_new(d->arena);
        for (size_t s = 0; s < chart->series_count; s++) {
            if (s) buf_puts(value, "; ");
            if (chart->series_count > 1) {
                buf_put_str(value, chart->series[s].name);
                buf_putc(value, ' ');
            }
            buf_put_str(value, chart_value_unit(d->arena, chart->series[s].values[i],
                                                chart->decimals, chart->unit));
        }
        double x = fmax(plot->x, point_x(plot, chart->count, i) - slot / 2);
        struct draw_item *item = draw_rect(
            d, INK_PAPER, x, plot->y, fmin(slot, plot->x + plot->width - x + 0.01), plot->height);
        item->opacity = 0.001; /* there for the pointer, not for the eye */
        item->name = chart->labels[i];
        item->value = buf_str(value);
    }
}

struct drawing *chart_line(struct arena *arena, const struct chart_line *given,
                           struct chart_look look, enum lang lang)
{
    struct chart_line chart = *given;
    if (chart.series_count && chart.count > CHART_POINTS_MAX / chart.series_count)
        chart.count = CHART_POINTS_MAX / chart.series_count;
    struct drawing *d = chart_begin(arena, chart.title, look);
    double low = 0, high = 0, font = look.font, names = 0;
    bool any = false;
    for (size_t s = 0; s < chart.series_count; s++) {
        values_range(chart.series[s].values, chart.count, &low, &high, &any);
        if (chart.series[s].low) values_range(chart.series[s].low, chart.count, &low, &high, &any);
        if (chart.series[s].high)
            values_range(chart.series[s].high, chart.count, &low, &high, &any);
        if (chart.series_count > 1)
            names = fmax(names, draw_text_width(chart.series[s].name, font, false));
    }
    names = fmin(names, look.width * NAMES_SHARE_MAX);
    for (size_t i = 0; i < chart.marks_count; i++)
        values_range(&chart.marks[i].value, 1, &low, &high, &any);
    if (chart.from_zero) low = fmin(low, 0), high = fmax(high, 0);
    double head = chart_head_height(chart.title, chart.unit, font);
    struct plot plot = {0,    head,
                        0,    look.height - head - font * 2.2,
                        font, chart_scale_make(low, high, look.height > font * 20 ? 5 : 4)};
    plot.x = plot_axis_width(arena, &plot);
    plot.width = look.width - plot.x - (names > 0 ? names + font : font * 1.2);
    for (size_t s = 0; s < chart.series_count; s++)
        if (chart.series[s].low && chart.series[s].high)
            draw_band(d, &plot, &chart.series[s], chart.count);
    plot_value_axis(d, &plot, chart.unit);
    plot_categories(d, &plot, chart.labels, chart.count, chart.label_every, false);
    plot_marks(d, &plot, chart.marks, chart.marks_count, chart.decimals);
    for (int muted = 1; muted >= 0; muted--)
        for (size_t s = 0; s < chart.series_count; s++)
            if (chart.series[s].muted == (muted == 1))
                draw_series(d, &plot, &chart.series[s], s, chart.count);
    if (chart.series_count > 1) draw_end_labels(d, &plot, &chart);
    if (!any)
        draw_text(d, INK_MUTED, font, plot.x + plot.width / 2, plot.y + plot.height / 2,
                  ANCHOR_MIDDLE, str_from(tr(lang, "No data")));
    draw_hover(d, &plot, &chart);
    chart_table_series(d, str_from(tr(lang, "Time")), chart.labels, chart.count, chart.series,
                       chart.series_count, chart.decimals, chart.unit);
    return d;
}
