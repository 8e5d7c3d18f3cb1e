#include "report/chart_parts.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"

struct drawing *chart_begin(struct arena *arena, str title, struct chart_look look)
{
    struct drawing *d = drawing_new(arena, look.width, look.height);
    d->title = title;
    chart_title(d, title, look.font);
    return d;
}

void chart_title(struct drawing *d, str title, double font)
{
    if (!title.len) return;
    draw_text(d, INK_TEXT, font * 1.08, 0, font * 1.15, ANCHOR_START,
              chart_fit(d->arena, title, font * 1.08, d->width))
        ->bold = true;
}

double chart_head_height(str title, str unit, double font)
{
    return (title.len ? font * 2.0 : 0) + (unit.len ? font * 1.9 : font * 0.6);
}

double plot_y(const struct plot *plot, double value)
{
    return plot->y + plot->height * (plot->scale.to - value) / (plot->scale.to - plot->scale.from);
}

double plot_axis_width(struct arena *arena, const struct plot *plot)
{
    double width = 0;
    for (int i = 0; i <= plot->scale.ticks; i++)
        width = fmax(width, draw_text_width(str_from(chart_tick_label(arena, &plot->scale, i)),
                                            plot->font, false));
    return width + plot->font * 0.7;
}

void plot_value_axis(struct drawing *d, const struct plot *plot, str unit)
{
    double font = plot->font;
    for (int i = 0; i <= plot->scale.ticks; i++) {
        double value = plot->scale.from + i * plot->scale.step, y = plot_y(plot, value);
        bool zero = fabs(value) < plot->scale.step * 1e-9;
        draw_segment(d, zero ? INK_ZERO : INK_GRID, zero ? font * 0.08 : font * 0.06, plot->x, y,
                     plot->x + plot->width, y);
        draw_text(d, INK_MUTED, font, plot->x - font * 0.5, y + font * 0.35, ANCHOR_END,
                  str_from(chart_tick_label(d->arena, &plot->scale, i)));
    }
    if (unit.len) draw_text(d, INK_MUTED, font, 0, plot->y - font * 1.05, ANCHOR_START, unit);
}

void plot_categories(struct drawing *d, const struct plot *plot, const str *labels, size_t count,
                     size_t every, bool slots)
{
    if (!count) return;
    double widest = 0, font = plot->font;
    for (size_t i = 0; i < count; i++)
        widest = fmax(widest, draw_text_width(labels[i], font, false));
    double step =
        slots ? plot->width / (double)count : plot->width / (double)(count > 1 ? count - 1 : 1);
    size_t fitting = (size_t)ceil((widest + font * 0.6) / step);
    if (every < 1)
        every = fitting ? fitting : 1;
    else if (every < fitting)
        every *= (fitting + every - 1) / every;
    double base = plot->y + plot->height;
    for (size_t i = 0; i < count; i += every) {
        double x = plot->x + step * ((double)i + (slots ? 0.5 : 0));
        if (!slots) draw_segment(d, INK_AXIS, font * 0.06, x, base, x, base + font * 0.3);
        draw_text(d, INK_MUTED, font, x, base + font * 1.5, ANCHOR_MIDDLE, labels[i]);
    }
}

enum ink mark_ink(enum chart_mark_kind kind)
{
    return kind == MARK_ADVANCED   ? INK_DEEP_GREEN
           : kind == MARK_BASELINE ? INK_ZERO
           : kind == MARK_LIMIT    ? INK_RED
                                   : INK_AXIS;
}

void plot_marks(struct drawing *d, const struct plot *plot, const struct chart_mark *marks,
                size_t count, int decimals)
{
    for (size_t i = 0; i < count; i++) {
        if (!(marks[i].value >= plot->scale.from && marks[i].value <= plot->scale.to)) continue;
        double y = plot_y(plot, marks[i].value);
        draw_segment(d, mark_ink(marks[i].kind), plot->font * 0.1, plot->x, y,
                     plot->x + plot->width, y)
            ->dashed = marks[i].kind != MARK_LIMIT;
        str value = chart_value_text(d->arena, marks[i].value, decimals);
        str text =
            str_from(arena_printf(d->arena, "%.*s %.*s", STR_ARG(marks[i].name), STR_ARG(value)));
        draw_text(d, mark_ink(marks[i].kind), plot->font, plot->x + plot->width,
                  y - plot->font * 0.3, ANCHOR_END, text);
    }
}

static int place_by_y(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->y != y->y) return x->y < y->y ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

void labels_place(struct place *places, size_t count, double gap, double low, double high)
{
    qsort(places, count, sizeof *places, place_by_y);
    for (size_t i = 0; i < count; i++) {
        places[i].y = fmax(places[i].y, low);
        if (i) places[i].y = fmax(places[i].y, places[i - 1].y + gap);
    }
    for (size_t i = count; i-- > 0;) {
        double limit = i + 1 < count ? places[i + 1].y - gap : high;
        places[i].y = fmin(places[i].y, limit);
    }
}

void values_range(const double *values, size_t count, double *low, double *high, bool *any)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i])) continue;
        *low = *any ? fmin(*low, values[i]) : values[i];
        *high = *any ? fmax(*high, values[i]) : values[i];
        *any = true;
    }
}

enum ink series_fill_ink(size_t index)
{
    return (enum ink)(INK_SERIES_1 + (int)(index % 6));
}

/* Lines are thin: only the dark inks have enough contrast on paper. */
enum ink series_line_ink(size_t index)
{
    static const enum ink order[] = {INK_SELF,     INK_SERIES_3, INK_SERIES_5,
                                     INK_SERIES_1, INK_RISE,     INK_ZERO};
    return order[index % ARRAY_LEN(order)];
}

str chart_value_text(struct arena *arena, double value, int decimals)
{
    if (!isfinite(value)) return STR("–");
    return str_from(num_format_grouped(arena, value, decimals));
}

str chart_signed_text(struct arena *arena, double value, int decimals)
{
    str text = chart_value_text(arena, value, decimals);
    if (value > 0) return str_from(arena_printf(arena, "+%.*s", STR_ARG(text)));
    if (str_starts(text, "-")) /* a true minus sign is as wide as the plus */
        return str_from(arena_printf(arena, "−%.*s", (int)text.len - 1, text.ptr + 1));
    return text;
}

str chart_value_unit(struct arena *arena, double value, int decimals, str unit)
{
    str text = chart_value_text(arena, value, decimals);
    if (!unit.len || !isfinite(value)) return text;
    return str_from(arena_printf(arena, "%.*s %.*s", STR_ARG(text), STR_ARG(unit)));
}

str chart_with_unit(struct arena *arena, str name, str unit)
{
    if (!unit.len) return name;
    return str_from(arena_printf(arena, "%.*s (%.*s)", STR_ARG(name), STR_ARG(unit)));
}

void chart_table_begin(struct drawing *d, size_t columns, size_t rows)
{
    d->table.columns = columns;
    d->table.rows_count = rows;
    d->table.header = ARENA_NEW_ARRAY(d->arena, str, columns);
    d->table.rows = ARENA_NEW_ARRAY(d->arena, str *, rows);
    str *cells = ARENA_NEW_ARRAY(d->arena, str, rows * columns);
    for (size_t i = 0; i < rows; i++) d->table.rows[i] = cells + i * columns;
}

void chart_table_series(struct drawing *d, str first, const str *labels, size_t count,
                        const struct chart_series *series, size_t series_count, int decimals,
                        str unit)
{
    chart_table_begin(d, series_count + 1, count);
    d->table.header[0] = first;
    for (size_t s = 0; s < series_count; s++)
        d->table.header[s + 1] = chart_with_unit(d->arena, series[s].name, unit);
    for (size_t i = 0; i < count; i++) {
        d->table.rows[i][0] = labels[i];
        for (size_t s = 0; s < series_count; s++)
            d->table.rows[i][s + 1] = chart_value_text(d->arena, series[s].values[i], decimals);
    }
}

str chart_fit(struct arena *arena, str text, double size, double width)
{
    if (draw_text_width(text, size, false) <= width) return text;
    double room = width - draw_text_width(STR("…"), size, false);
    size_t end = 0;
    for (size_t at = 0; at < text.len;) {
        utf8_next(text, &at);
        if (draw_text_width((str){text.ptr, at}, size, false) > room) break;
        end = at;
    }
    return str_from(arena_printf(arena, "%.*s…", (int)end, text.ptr));
}
