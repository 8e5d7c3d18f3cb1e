#include <math.h>

#include "report/chart_parts.h"

#define HEAT_CLASSES 7
#define SINGLE_CELLS_MAX 2000

/* Seven classes of equal width on a round scale; a value belongs to the class it lies in. */
static int heat_class(const struct chart_scale *scale, double value)
{
    double share = (value - scale->from) / (scale->to - scale->from);
    int class = (int)floor(share * HEAT_CLASSES);
    return class < 0 ? 0 : class >= HEAT_CLASSES ? HEAT_CLASSES - 1 : class;
}

static void draw_legend(struct drawing *d, const struct chart_heat *chart,
                        const struct chart_scale *scale, double y, double font, enum lang lang)
{
    str gap = str_from(tr(lang, "No data"));
    double box = font * 1.7, x = d->width - draw_text_width(gap, font, false);
    draw_text(d, INK_MUTED, font, x, y, ANCHOR_START, gap);
    x -= font * 1.5;
    struct draw_item *empty = draw_rect(d, INK_AXIS, x, y - font * 0.85, font, font);
    empty->hollow = true;
    empty->size = font * 0.06;
    draw_segment(d, INK_AXIS, font * 0.06, x, y + font * 0.15, x + font, y - font * 0.85);
    str high = chart_value_text(d->arena, scale->to, scale->decimals);
    x -= font * 1.2;
    draw_text(d, INK_MUTED, font, x, y, ANCHOR_END, high);
    x -= draw_text_width(high, font, false) + font * 0.4 + box * HEAT_CLASSES;
    for (int i = 0; i < HEAT_CLASSES; i++)
        draw_rect(d, (enum ink)(INK_HEAT_1 + i), x + box * i, y - font * 0.85, box, font);
    str low = chart_value_text(d->arena, scale->from, scale->decimals);
    x -= font * 0.4;
    draw_text(d, INK_MUTED, font, x, y, ANCHOR_END, low);
    draw_text(d, INK_MUTED, font, 0, y, ANCHOR_START, chart->unit);
}

static void draw_single(struct drawing *d, const struct chart_heat *chart, const struct plot *plot,
                        size_t r, size_t c)
{
    double width = plot->width / (double)chart->columns_count;
    double height = plot->height / (double)chart->rows_count;
    double x = plot->x + width * (double)c, y = plot->y + height * (double)r;
    double value = chart->values[r * chart->columns_count + c], gap = fmin(0.6, width * 0.08);
    struct draw_item *item;
    if (isfinite(value)) {
        int class = heat_class(&plot->scale, value);
        item = draw_rect(d, (enum ink)(INK_HEAT_1 + class), x, y, width - gap, height - gap);
    } else {
        item =
            draw_segment(d, INK_AXIS, plot->font * 0.05, x, y + height - gap, x + width - gap, y);
    }
    item->name = str_from(
        arena_printf(d->arena, "%.*s %.*s", STR_ARG(chart->rows[r]), STR_ARG(chart->columns[c])));
    item->value = chart_value_unit(d->arena, value, chart->decimals, chart->unit);
}

/* Thousands of cells become one path per class, so that a year stays a small page. */
static void draw_many(struct drawing *d, const struct chart_heat *chart, const struct plot *plot)
{
    size_t total = chart->rows_count * chart->columns_count;
    double width = plot->width / (double)chart->columns_count;
    double height = plot->height / (double)chart->rows_count;
    double *cells = ARENA_NEW_ARRAY(d->arena, double, total * 4);
    for (int class = 0; class < HEAT_CLASSES; class ++) {
        size_t n = 0;
        for (size_t r = 0; r < chart->rows_count; r++)
            for (size_t c = 0; c < chart->columns_count; c++) {
                double value = chart->values[r * chart->columns_count + c];
                if (!isfinite(value) || heat_class(&plot->scale, value) != class) continue;
                double x = plot->x + width * (double)c, y = plot->y + height * (double)r;
                bool joins = n && cells[n - 3] == y && cells[n - 4] + cells[n - 2] > x - 1e-6;
                if (joins) {
                    cells[n - 2] += width;
                    continue;
                }
                cells[n++] = x;
                cells[n++] = y;
                cells[n++] = width;
                cells[n++] = height;
            }
        if (n) draw_area(d, (enum ink)(INK_HEAT_1 + class), cells, n)->shape = DRAW_CELLS;
    }
}

static void heat_table(struct drawing *d, const struct chart_heat *chart, enum lang lang)
{
    chart_table_begin(d, chart->columns_count + 1, chart->rows_count);
    d->table.header[0] = chart_with_unit(d->arena, str_from(tr(lang, "Day")), chart->unit);
    for (size_t c = 0; c < chart->columns_count; c++) d->table.header[c + 1] = chart->columns[c];
    for (size_t r = 0; r < chart->rows_count; r++) {
        d->table.rows[r][0] = chart->rows[r];
        for (size_t c = 0; c < chart->columns_count; c++)
            d->table.rows[r][c + 1] = chart_value_text(
                d->arena, chart->values[r * chart->columns_count + c], chart->decimals);
    }
}

struct drawing *chart_heat(struct arena *arena, const struct chart_heat *given,
                           struct chart_look look, enum lang lang)
{
    struct chart_heat chart = *given;
    if (chart.columns_count && chart.rows_count > CHART_POINTS_MAX / chart.columns_count)
        chart.rows_count = CHART_POINTS_MAX / chart.columns_count;
    struct drawing *d = chart_begin(arena, chart.title, look);
    double low = 0, high = 0, font = look.font, names = 0;
    bool any = false;
    values_range(chart.values, chart.rows_count * chart.columns_count, &low, &high, &any);
    if (low > 0 && low < high * 0.6) low = 0;
    for (size_t r = 0; r < chart.rows_count; r++)
        names = fmax(names, draw_text_width(chart.rows[r], font, false));
    names = fmin(names, look.width * NAMES_SHARE_MAX);
    double head = chart.title.len ? font * 2.0 : 0;
    struct plot plot = {names + font * 0.6,
                        head + font * 1.8,
                        0,
                        0,
                        font,
                        chart_scale_make(low, high, HEAT_CLASSES)};
    plot.width = look.width - plot.x;
    plot.height = look.height - plot.y - font * 2;
    draw_legend(d, &chart, &plot.scale, head + font, font, lang);
    if (chart.rows_count && chart.columns_count) {
        if (chart.rows_count * chart.columns_count <= SINGLE_CELLS_MAX) {
            for (size_t r = 0; r < chart.rows_count; r++)
                for (size_t c = 0; c < chart.columns_count; c++)
                    draw_single(d, &chart, &plot, r, c);
        } else {
            draw_many(d, &chart, &plot);
        }
        double row_height = plot.height / (double)chart.rows_count;
        size_t every = (size_t)ceil(font * 1.15 / row_height);
        for (size_t r = 0; r < chart.rows_count; r += every)
            draw_text(d, INK_MUTED, font, plot.x - font * 0.5,
                      plot.y + row_height * ((double)r + 0.5) + font * 0.35, ANCHOR_END,
                      chart_fit(arena, chart.rows[r], font, names));
    }
    plot_categories(d, &plot, chart.columns, chart.columns_count, chart.column_every, true);
    heat_table(d, &chart, lang);
    return d;
}
