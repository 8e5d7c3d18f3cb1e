/* Charts along a horizontal value axis: bars, the dot strip against benchmarks, the score bar. */
#include <math.h>

#include "report/chart_parts.h"

static double plot_x(const struct plot *plot, double value)
{
    return plot->x + plot->width * (value - plot->scale.from) / (plot->scale.to - plot->scale.from);
}

/* Value axis along the bottom with the unit at its right end. */
static void horizontal_axis(struct drawing *d, const struct plot *plot, str unit)
{
    double font = plot->font, base = plot->y + plot->height;
    for (int i = 0; i <= plot->scale.ticks; i++) {
        double value = plot->scale.from + i * plot->scale.step, x = plot_x(plot, value);
        bool zero = fabs(value) < plot->scale.step * 1e-9;
        draw_segment(d, zero ? INK_ZERO : INK_GRID, font * (zero ? 0.08 : 0.06), x, plot->y, x,
                     base);
        draw_text(d, INK_MUTED, font, x, base + font * 1.35, ANCHOR_MIDDLE,
                  str_from(chart_tick_label(d->arena, &plot->scale, i)));
    }
    draw_text(d, INK_MUTED, font, plot->x + plot->width, base + font * 2.7, ANCHOR_END, unit);
}

static double names_width(const struct chart_bars *chart, double font, double width)
{
    double names = 0;
    for (size_t i = 0; i < chart->count; i++)
        names = fmax(names, draw_text_width(chart->bars[i].name, font, chart->bars[i].self));
    return fmin(names, width * 0.4);
}

static void draw_bar(struct drawing *d, const struct plot *plot, const struct chart_bars *chart,
                     size_t i, enum lang lang)
{
    const struct chart_bar *bar = &chart->bars[i];
    double slot = plot->height / (double)chart->count, font = plot->font;
    double height = fmin(slot * 0.68, font * 1.6), y = plot->y + slot * ((double)i + 0.5);
    draw_text(d, INK_TEXT, font, plot->x - font * 0.6, y + font * 0.35, ANCHOR_END,
              chart_fit(d->arena, bar->name, font, plot->x - font * 0.6))
        ->bold = bar->self;
    if (!isfinite(bar->value)) {
        draw_text(d, INK_MUTED, font, plot_x(plot, fmax(0, plot->scale.from)) + font * 0.4,
                  y + font * 0.35, ANCHOR_START, str_from(tr(lang, "No data")));
        return;
    }
    double zero = plot_x(plot, 0), end = plot_x(plot, bar->value);
    struct draw_item *item = draw_rect(d, bar->self ? INK_SELF : INK_SERIES_2, fmin(zero, end),
                                       y - height / 2, fabs(end - zero), height);
    str text = chart_value_text(d->arena, bar->value, chart->decimals);
    item->name = bar->name;
    item->value = chart_value_unit(d->arena, bar->value, chart->decimals, chart->unit);
    if (bar->note.len)
        text = str_from(arena_printf(d->arena, "%.*s  %.*s", STR_ARG(text), STR_ARG(bar->note)));
    bool left = bar->value < 0;
    draw_text(d, INK_TEXT, font, end + (left ? -0.4 : 0.4) * font, y + font * 0.35,
              left ? ANCHOR_END : ANCHOR_START, text);
}

struct drawing *chart_bars(struct arena *arena, const struct chart_bars *given,
                           struct chart_look look, enum lang lang)
{
    struct chart_bars chart = *given;
    if (chart.count > CHART_POINTS_MAX) chart.count = CHART_POINTS_MAX;
    struct drawing *d = chart_begin(arena, chart.title, look);
    double low = 0, high = chart.value_max, font = look.font, notes = 0;
    bool any = true;
    for (size_t i = 0; i < chart.count; i++) {
        values_range(&chart.bars[i].value, 1, &low, &high, &any);
        str text = chart_value_text(arena, chart.bars[i].value, chart.decimals);
        notes = fmax(notes, draw_text_width(text, font, false) +
                                (chart.bars[i].note.len
                                     ? font + draw_text_width(chart.bars[i].note, font, false)
                                     : 0));
    }
    for (size_t i = 0; i < chart.marks_count; i++)
        values_range(&chart.marks[i].value, 1, &low, &high, &any);
    double head = (chart.title.len ? font * 2 : 0) + (chart.marks_count ? font * 1.4 : 0);
    struct plot plot = {names_width(&chart, font, look.width) + font * 0.9,
                        head,
                        0,
                        look.height - head - font * (chart.unit.len ? 3 : 1.8),
                        font,
                        chart_scale_make(low, high, 5)};
    plot.width = look.width - plot.x - fmin(notes + font, look.width * 0.3);
    horizontal_axis(d, &plot, chart.unit);
    for (size_t i = 0; i < chart.count; i++) draw_bar(d, &plot, &chart, i, lang);
    for (size_t i = 0; i < chart.marks_count; i++) {
        double x = plot_x(&plot, chart.marks[i].value);
        draw_segment(d, mark_ink(chart.marks[i].kind), font * 0.12, x, plot.y - font * 0.2, x,
                     plot.y + plot.height)
            ->dashed = chart.marks[i].kind != MARK_LIMIT;
        draw_text(d, mark_ink(chart.marks[i].kind), font, x, plot.y - font * 0.5, ANCHOR_MIDDLE,
                  chart.marks[i].name);
    }
    chart_table_begin(d, 3, chart.count);
    d->table.header[0] = str_from(tr(lang, "Item"));
    d->table.header[1] = chart_with_unit(arena, str_from(tr(lang, "Value")), chart.unit);
    d->table.header[2] = str_from(tr(lang, "Note"));
    for (size_t i = 0; i < chart.count; i++) {
        d->table.rows[i][0] = chart.bars[i].name;
        d->table.rows[i][1] = chart_value_text(arena, chart.bars[i].value, chart.decimals);
        d->table.rows[i][2] = chart.bars[i].note;
    }
    return d;
}

/* Marks are labelled above the row, moved apart where they would touch. */
static void draw_strip_marks(struct drawing *d, const struct plot *plot,
                             const struct chart_strip_row *row, double y, double reach,
                             int decimals)
{
    double font = plot->font;
    struct place places[ARRAY_LEN(row->marks)];
    str texts[ARRAY_LEN(row->marks)];
    size_t count = 0;
    for (size_t i = 0; i < size_min(row->marks_count, ARRAY_LEN(row->marks)); i++) {
        const struct chart_mark *mark = &row->marks[i];
        if (!isfinite(mark->value)) continue;
        double x = plot_x(plot, mark->value);
        bool solid = mark->kind == MARK_LIMIT;
        struct draw_item *line = draw_segment(d, mark_ink(mark->kind), font * (solid ? 0.22 : 0.16),
                                              x, y - reach, x, y + reach);
        line->dashed = mark->kind == MARK_BASELINE;
        str value = chart_value_text(d->arena, mark->value, decimals);
        line->name = mark->name;
        line->value = value;
        texts[i] =
            str_from(arena_printf(d->arena, "%.*s %.*s", STR_ARG(mark->name), STR_ARG(value)));
        places[count++] = (struct place){x, i};
    }
    double widest = 0;
    for (size_t i = 0; i < count; i++)
        widest = fmax(widest, draw_text_width(texts[places[i].index], font, false));
    labels_place(places, count, widest + font * 0.8, plot->x + widest / 2,
                 plot->x + plot->width - widest / 2);
    for (size_t i = 0; i < count; i++)
        draw_text(d, mark_ink(row->marks[places[i].index].kind), font, places[i].y,
                  y - reach - font * 0.4, ANCHOR_MIDDLE, texts[places[i].index]);
}

static void draw_strip_row(struct drawing *d, const struct plot *plot,
                           const struct chart_strip *chart, size_t r, enum lang lang)
{
    const struct chart_strip_row *row = &chart->rows[r];
    double slot = plot->height / (double)chart->rows_count, font = plot->font;
    double y = plot->y + slot * ((double)r + 0.52), reach = fmin(slot * 0.24, font * 1.1);
    draw_segment(d, INK_AXIS, font * 0.06, plot->x, y, plot->x + plot->width, y);
    draw_text(d, INK_TEXT, font, plot->x - font * 0.6, y + font * 0.35, ANCHOR_END,
              chart_fit(d->arena, row->name, font, plot->x - font * 0.6));
    for (size_t i = 0; i < row->peers_count; i++)
        if (isfinite(row->peers[i])) {
            struct draw_item *dot =
                draw_circle(d, INK_PEER, plot_x(plot, row->peers[i]), y, font * 0.32);
            dot->opacity = 0.8;
            dot->name = str_from(tr(lang, "Peer"));
            dot->value = chart_value_unit(d->arena, row->peers[i], chart->decimals, chart->unit);
        }
    draw_strip_marks(d, plot, row, y, reach, chart->decimals);
    if (!isfinite(row->self)) return;
    double x = plot_x(plot, row->self);
    draw_circle(d, INK_PAPER, x, y, font * 0.62);
    struct draw_item *self = draw_circle(d, INK_SELF, x, y, font * 0.5);
    self->name = chart->self_name;
    self->value = chart_value_unit(d->arena, row->self, chart->decimals, chart->unit);
    str value = chart_value_text(d->arena, row->self, chart->decimals);
    str text =
        str_from(arena_printf(d->arena, "%.*s %.*s", STR_ARG(chart->self_name), STR_ARG(value)));
    double half = draw_text_width(text, font, true) / 2;
    x = fmin(fmax(x, plot->x + half), plot->x + plot->width - half);
    draw_text(d, INK_SELF, font, x, y + reach + font * 1.1, ANCHOR_MIDDLE, text)->bold = true;
}

static void strip_table(struct drawing *d, const struct chart_strip *chart, enum lang lang)
{
    size_t rows = 0, at = 0;
    for (size_t r = 0; r < chart->rows_count; r++)
        rows += 1 + chart->rows[r].marks_count + chart->rows[r].peers_count;
    chart_table_begin(d, 3, rows);
    d->table.header[0] = str_from(tr(lang, "Item"));
    d->table.header[1] = str_from(tr(lang, "What"));
    d->table.header[2] = chart_with_unit(d->arena, str_from(tr(lang, "Value")), chart->unit);
    for (size_t r = 0; r < chart->rows_count; r++) {
        const struct chart_strip_row *row = &chart->rows[r];
        for (size_t i = 0; i < 1 + row->marks_count + row->peers_count; i++) {
            bool mark = i && i <= row->marks_count;
            double value = !i     ? row->self
                           : mark ? row->marks[i - 1].value
                                  : row->peers[i - 1 - row->marks_count];
            str *cells = d->table.rows[at++];
            cells[0] = row->name;
            cells[1] = !i     ? chart->self_name
                       : mark ? row->marks[i - 1].name
                              : str_from(tr(lang, "Peer"));
            cells[2] = chart_value_text(d->arena, value, chart->decimals);
        }
    }
}

struct drawing *chart_strip(struct arena *arena, const struct chart_strip *given,
                            struct chart_look look, enum lang lang)
{
    struct chart_strip chart = *given;
    struct drawing *d = chart_begin(arena, chart.title, look);
    double low = 0, high = 0, font = look.font, names = 0;
    bool any = false;
    for (size_t r = 0; r < chart.rows_count; r++) {
        const struct chart_strip_row *row = &chart.rows[r];
        values_range(row->peers, row->peers_count, &low, &high, &any);
        values_range(&row->self, 1, &low, &high, &any);
        CHECK(row->marks_count <= ARRAY_LEN(row->marks));
        for (size_t i = 0; i < row->marks_count; i++)
            values_range(&row->marks[i].value, 1, &low, &high, &any);
        names = fmax(names, draw_text_width(row->name, font, false));
    }
    double head = chart.title.len ? font * 2.2 : 0;
    names = fmin(names, look.width * 0.3);
    struct plot plot = {names + font * 1.6,
                        head,
                        0,
                        look.height - head - font * 3,
                        font,
                        chart_scale_make(low, high, 6)};
    plot.width = look.width - plot.x - font * 1.6;
    for (int i = 0; i <= plot.scale.ticks; i++)
        draw_text(d, INK_MUTED, font, plot_x(&plot, plot.scale.from + i * plot.scale.step),
                  plot.y + plot.height + font * 1.35, ANCHOR_MIDDLE,
                  str_from(chart_tick_label(arena, &plot.scale, i)));
    draw_segment(d, INK_AXIS, font * 0.06, plot.x, plot.y + plot.height, plot.x + plot.width,
                 plot.y + plot.height);
    for (int i = 0; i <= plot.scale.ticks; i++) {
        double x = plot_x(&plot, plot.scale.from + i * plot.scale.step);
        draw_segment(d, INK_AXIS, font * 0.06, x, plot.y + plot.height, x,
                     plot.y + plot.height + font * 0.3);
    }
    draw_text(d, INK_MUTED, font, plot.x + plot.width, plot.y + plot.height + font * 2.7,
              ANCHOR_END, chart.unit);
    for (size_t r = 0; r < chart.rows_count; r++) draw_strip_row(d, &plot, &chart, r, lang);
    strip_table(d, &chart, lang);
    return d;
}

/* Bands darken toward the better end, so the bar reads without colour. */
static enum ink band_ink(size_t index, size_t count)
{
    int step = count > 1 ? (int)(index * 5 / (count - 1)) : 2;
    return (enum ink)(INK_HEAT_1 + step);
}

struct drawing *chart_score(struct arena *arena, const struct chart_score *chart,
                            struct chart_look look, enum lang lang)
{
    struct drawing *d = chart_begin(arena, chart->title, look);
    double font = look.font, head = chart->title.len ? font * 2.2 : 0;
    double to = chart->bands_count ? chart->bands[chart->bands_count - 1].to : chart->from + 1;
    struct plot plot = {font,
                        head + font * 2.6,
                        look.width - font * 2,
                        font * 1.9,
                        font,
                        {chart->from, to, to - chart->from, 1, chart->decimals}};
    double from = chart->from;
    chart_table_begin(d, 3, chart->bands_count + 1);
    d->table.header[0] = str_from(tr(lang, "Item"));
    d->table.header[1] = chart_with_unit(arena, str_from(tr(lang, "From")), chart->unit);
    d->table.header[2] = chart_with_unit(arena, str_from(tr(lang, "To")), chart->unit);
    for (size_t i = 0; i < chart->bands_count; i++) {
        const struct chart_score_band *band = &chart->bands[i];
        double left = plot_x(&plot, from), right = plot_x(&plot, band->to);
        struct draw_item *item = draw_rect(d, band_ink(i, chart->bands_count), left, plot.y,
                                           right - left - font * 0.12, plot.height);
        str low = chart_value_text(arena, from, 0), high = chart_value_text(arena, band->to, 0);
        item->name = band->name;
        item->value = str_from(arena_printf(arena, "%.*s–%.*s", STR_ARG(low), STR_ARG(high)));
        bool dark = band_ink(i, chart->bands_count) >= INK_HEAT_5;
        draw_text(d, dark ? INK_PAPER : INK_TEXT, font, (left + right) / 2, plot.y + font * 1.3,
                  ANCHOR_MIDDLE, chart_fit(arena, band->name, font, right - left));
        draw_text(d, INK_MUTED, font * 0.92, left, plot.y + plot.height + font * 1.2, ANCHOR_MIDDLE,
                  low);
        if (i + 1 == chart->bands_count)
            draw_text(d, INK_MUTED, font * 0.92, right, plot.y + plot.height + font * 1.2,
                      ANCHOR_MIDDLE, high);
        str *cells = d->table.rows[i];
        cells[0] = band->name;
        cells[1] = low;
        cells[2] = high;
        from = band->to;
    }
    str *cells = d->table.rows[chart->bands_count];
    cells[0] = chart->value_name;
    cells[1] = cells[2] = chart_value_text(arena, chart->value, chart->decimals);
    if (isfinite(chart->value)) {
        double x = plot_x(&plot, fmin(fmax(chart->value, chart->from), to)), y = plot.y;
        draw_area(d, INK_TEXT,
                  (double[]){x, y - font * 0.1, x - font * 0.45, y - font * 0.8, x + font * 0.45,
                             y - font * 0.8},
                  6);
        str text = str_from(
            arena_printf(arena, "%.*s %.*s", STR_ARG(chart->value_name), STR_ARG(cells[1])));
        double half = draw_text_width(text, font, true) / 2;
        double at = fmin(fmax(x, plot.x + half), plot.x + plot.width - half);
        struct draw_item *label =
            draw_text(d, INK_TEXT, font, at, y - font * 1.1, ANCHOR_MIDDLE, text);
        label->bold = true;
        label->name = chart->value_name;
        label->value = cells[1];
    }
    return d;
}
