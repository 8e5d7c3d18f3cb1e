/* What the charts share: title, value axis, category labels, direct labels, the data table.
 * Internal to report/. */
#ifndef REPORT_CHART_PARTS_H
#define REPORT_CHART_PARTS_H

#include "report/chart.h"

/* The plotting area and its value scale; values run upward from y + height to y. */
struct plot {
    double x, y, width, height, font;
    struct chart_scale scale;
};

/* Names beside a plot take at most this share of its width; longer ones are cut. */
#define NAMES_SHARE_MAX 0.4

struct drawing *chart_begin(struct arena *arena, str title, struct chart_look look);
/* Height that the title and the unit above the axis take. */
double chart_head_height(str title, str unit, double font);
void chart_title(struct drawing *d, str title, double font);

double plot_y(const struct plot *plot, double value);
/* Width of the tick labels, with a gap. */
double plot_axis_width(struct arena *arena, const struct plot *plot);
/* Grid lines, tick labels left of the plot, the unit above them, the zero line. */
void plot_value_axis(struct drawing *d, const struct plot *plot, str unit);
/* Labels under the plot: at the centre of each of `count` equal slots, or at points that span the
 * whole width. every 0 shows as many as fit. */
void plot_categories(struct drawing *d, const struct plot *plot, const str *labels, size_t count,
                     size_t every, bool slots);
/* Reference lines across the plot with their names at the right end. */
void plot_marks(struct drawing *d, const struct plot *plot, const struct chart_mark *marks,
                size_t count, int decimals);
enum ink mark_ink(enum chart_mark_kind kind);

/* A direct label wants to stand at y; labels_place moves them apart by `gap` inside low..high. */
struct place {
    double y;
    size_t index;
};
void labels_place(struct place *places, size_t count, double gap, double low, double high);

/* Lowest and highest finite value; *any false when there is none. */
void values_range(const double *values, size_t count, double *low, double *high, bool *any);

enum ink series_fill_ink(size_t index);
enum ink series_line_ink(size_t index);

/* "12,345.6", or "–" when missing. */
str chart_value_text(struct arena *arena, double value, int decimals);
str chart_signed_text(struct arena *arena, double value, int decimals);
str chart_value_unit(struct arena *arena, double value, int decimals, str unit);
/* "Name (unit)" for the header of a table. */
str chart_with_unit(struct arena *arena, str name, str unit);
void chart_table_begin(struct drawing *d, size_t columns, size_t rows);
/* Rows that give each label its value of every series. */
void chart_table_series(struct drawing *d, str first, const str *labels, size_t count,
                        const struct chart_series *series, size_t series_count, int decimals,
                        str unit);
/* Cuts a text with an ellipsis so that it takes at most `width`. */
str chart_fit(struct arena *arena, str text, double size, double width);

#endif
