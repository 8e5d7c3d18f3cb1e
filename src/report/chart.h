/* Charts: plain structs in, a drawing with its data table out. The caller gives texts in the
 * reader's language and values in the unit named; NAN is a missing value and stays a gap.
 * Everything lives in the arena. Counts are limited to CHART_POINTS_MAX points in all;
 * more are drawn as the first CHART_POINTS_MAX. */
#ifndef REPORT_CHART_H
#define REPORT_CHART_H

#include "report/drawing.h"

#define CHART_POINTS_MAX 40000

/* Size and type of a chart. CHART_PAGE for pages (pixels), CHART_PAPER for A4 (points). */
struct chart_look {
    double width, height, font;
};
#define CHART_PAGE ((struct chart_look){760, 280, 12})
#define CHART_PAPER ((struct chart_look){499, 165, 7.5})
#define CHART_PAPER_HALF ((struct chart_look){242, 160, 7.5})

struct chart_series {
    str name;
    const double *values;     /* one per label */
    const double *low, *high; /* uncertainty band, or NULL */
    bool muted;               /* a comparison in grey, e.g. the year before */
};

/* A reference value drawn across a chart. */
enum chart_mark_kind { MARK_PLAIN, MARK_ADVANCED, MARK_BASELINE, MARK_LIMIT };
struct chart_mark {
    str name;
    double value;
    enum chart_mark_kind kind;
};

/* Lines over equally spaced points: load curves, trends. */
struct chart_line {
    str title, unit;
    const str *labels; /* of the points */
    size_t count;
    size_t label_every; /* 0: as many as fit */
    const struct chart_series *series;
    size_t series_count;
    const struct chart_mark *marks;
    size_t marks_count;
    bool from_zero; /* the value axis includes zero */
    int decimals;   /* of the table */
};
struct drawing *chart_line(struct arena *arena, const struct chart_line *chart,
                           struct chart_look look, enum lang lang);

/* Day × time: one row per day, one column per interval. */
struct chart_heat {
    str title, unit;
    const str *rows, *columns;
    size_t rows_count, columns_count;
    const double *values; /* row-major */
    size_t column_every;  /* label each n-th column; 0: as many as fit */
    int decimals;
};
struct drawing *chart_heat(struct arena *arena, const struct chart_heat *chart,
                           struct chart_look look, enum lang lang);

/* Stacked columns by month; a month without any value is a marked gap. Negative parts (sold
 * power, sinks) stack downward from zero. There are CHART_STACK_SERIES colours: of more series
 * the smallest are drawn as one, their sum; the table names each. */
#define CHART_STACK_SERIES 6
struct chart_stack {
    str title, unit;
    const str *labels;
    size_t count;
    const struct chart_series *series;
    size_t series_count;
    int decimals;
};
struct drawing *chart_stack(struct arena *arena, const struct chart_stack *chart,
                            struct chart_look look, enum lang lang);

/* Horizontal bars, one per item, in the order given. */
struct chart_bar {
    str name;
    double value;
    str note; /* beside the value; may be empty */
    bool self;
};
struct chart_bars {
    str title, unit;
    const struct chart_bar *bars;
    size_t count;
    const struct chart_mark *marks;
    size_t marks_count;
    double value_max; /* end of the axis, e.g. 100 for percent; 0: from the data */
    int decimals;
};
struct drawing *chart_bars(struct arena *arena, const struct chart_bars *chart,
                           struct chart_look look, enum lang lang);

/* One row of dots per item: peers grey, self in colour, reference marks as lines. */
struct chart_strip_row {
    str name;
    const double *peers;
    size_t peers_count;
    double self; /* NAN: not known */
    struct chart_mark marks[4];
    size_t marks_count;
};
struct chart_strip {
    str title, unit;
    str self_name;
    const struct chart_strip_row *rows;
    size_t rows_count;
    int decimals;
};
struct drawing *chart_strip(struct arena *arena, const struct chart_strip *chart,
                            struct chart_look look, enum lang lang);

/* What changed: totals stand on zero, steps hang between them. */
struct chart_step {
    str name;
    double value; /* the total, or the change */
    bool total;
};
struct chart_waterfall {
    str title, unit;
    const struct chart_step *steps;
    size_t count;
    int decimals;
};
struct drawing *chart_waterfall(struct arena *arena, const struct chart_waterfall *chart,
                                struct chart_look look, enum lang lang);

/* A value on a bar of named bands: the score among its grades, or a price among its parts. */
struct chart_score_band {
    str name;
    double to; /* upper end; bands follow each other from `from` */
};
struct chart_score {
    str title, unit;
    double from;
    const struct chart_score_band *bands;
    size_t bands_count;
    double value;
    str value_name;
    int decimals;
};
struct drawing *chart_score(struct arena *arena, const struct chart_score *chart,
                            struct chart_look look, enum lang lang);

/* A scale with round ticks covering low..high: steps of 1, 2, 2.5 or 5 times a power of ten, at
 * most ticks_max intervals. `decimals` is what the labels need. */
struct chart_scale {
    double from, to, step;
    int ticks; /* intervals: from + ticks * step = to */
    int decimals;
};
struct chart_scale chart_scale_make(double low, double high, int ticks_max);
/* The tick's label, grouped: "-1,200", "0.25". */
char *chart_tick_label(struct arena *arena, const struct chart_scale *scale, int tick);

#endif
