/* A drawing is a neutral list of shapes with coordinates, laid out once and painted either as SVG
 * for pages (drawing_svg) or on cairo for PDF (paint.h). It lives in the arena it was made with.
 * Coordinates: x to the right, y down, in points on paper and CSS pixels on pages. Colours are
 * named by ink, so that a page's stylesheet can change them: every shape carries the class
 * `ink-NAME` and paints with currentColor; the presentation attribute `color` is the default. */
#ifndef REPORT_DRAWING_H
#define REPORT_DRAWING_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "locale/locale.h"

/* X(name, CSS class suffix, default 0xRRGGBB). Series inks alternate in lightness, so that
 * neighbours differ in black and white too. */
#define REPORT_INKS(X)                      \
    X(TEXT, "text", 0x1f272c)               \
    X(MUTED, "muted", 0x64707a)             \
    X(AXIS, "axis", 0x8a949c)               \
    X(GRID, "grid", 0xe2e6e9)               \
    X(ZERO, "zero", 0x4b555c)               \
    X(PAPER, "paper", 0xffffff)             \
    X(SHADE, "shade", 0xf3f6f6)             \
    X(ACCENT, "accent", 0x17595c)           \
    X(SELF, "self", 0x0f6b63)               \
    X(PEER, "peer", 0xb3bcc2)               \
    X(BAND, "band", 0xcfe0de)               \
    X(SERIES_1, "s1", 0x1d4e5f)             \
    X(SERIES_2, "s2", 0x8dbab3)             \
    X(SERIES_3, "s3", 0xb9783a)             \
    X(SERIES_4, "s4", 0xdccba4)             \
    X(SERIES_5, "s5", 0x566a88)             \
    X(SERIES_6, "s6", 0xb9a2b5)             \
    X(RISE, "rise", 0xb5523b)               \
    X(FALL, "fall", 0x3f8f74)               \
    X(HEAT_1, "h1", 0xeef4f2)               \
    X(HEAT_2, "h2", 0xd3e5e1)               \
    X(HEAT_3, "h3", 0xaccfca)               \
    X(HEAT_4, "h4", 0x7db2af)               \
    X(HEAT_5, "h5", 0x4d9093)               \
    X(HEAT_6, "h6", 0x2a6c74)               \
    X(HEAT_7, "h7", 0x123f4a)               \
    X(DEEP_GREEN, "deep-green", 0x14713f)   \
    X(LIGHT_GREEN, "light-green", 0x76bb7f) \
    X(YELLOW, "yellow", 0xdba91c)           \
    X(RED, "red", 0xbd3527)                 \
    X(GREY, "grey", 0x8b9298)               \
    X(WARN, "warn", 0x9a5b00)               \
    X(MARK, "mark", 0xf6f0ee)

enum ink {
#define X(name, css, rgb) INK_##name,
    REPORT_INKS(X)
#undef X
        INK_COUNT
};

const char *ink_css(enum ink ink);
uint32_t ink_rgb(enum ink ink);

enum draw_shape {
    DRAW_RECT,   /* x, y, width, height; filled */
    DRAW_LINE,   /* points; stroked with `width` */
    DRAW_AREA,   /* points; filled, closed */
    DRAW_CIRCLE, /* x, y, radius in width; filled */
    DRAW_CELLS,  /* points are x, y, width, height by fours; filled as one path */
    DRAW_TEXT,   /* baseline at x, y; `size` */
    DRAW_GROUP   /* another drawing, its origin at x, y */
};

enum draw_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

struct draw_item {
    enum draw_shape shape;
    enum ink ink;
    enum draw_anchor anchor;
    bool bold;
    bool dashed;
    bool hollow;       /* a circle, rectangle or area that is outlined instead of filled */
    double rotate_deg; /* text only, clockwise */
    double opacity;    /* 0 means 1 */
    double x, y, width, height;
    double size;          /* of text; line width of a hollow shape */
    const double *points; /* x, y by twos */
    size_t points_count;  /* doubles */
    str text;
    str name, value; /* what data-name and data-value say on pages */
    const struct drawing *group;
};

/* The data of a chart as rows: first column the category, then one per series. */
struct drawing_table {
    str *header;
    size_t columns;
    str **rows;
    size_t rows_count;
};

struct drawing {
    struct arena *arena;
    double width, height;
    str title; /* read aloud by screen readers */
    struct draw_item *items;
    size_t count, capacity;
    struct drawing_table table;
};

struct drawing *drawing_new(struct arena *arena, double width, double height);

/* Each returns the item, so that a caller may set what is not an argument. */
struct draw_item *draw_rect(struct drawing *d, enum ink ink, double x, double y, double width,
                            double height);
struct draw_item *draw_segment(struct drawing *d, enum ink ink, double line_width, double x1,
                               double y1, double x2, double y2);
struct draw_item *draw_line(struct drawing *d, enum ink ink, double line_width,
                            const double *points, size_t points_count);
struct draw_item *draw_area(struct drawing *d, enum ink ink, const double *points,
                            size_t points_count);
struct draw_item *draw_circle(struct drawing *d, enum ink ink, double x, double y, double radius);
struct draw_item *draw_text(struct drawing *d, enum ink ink, double size, double x, double y,
                            enum draw_anchor anchor, str text);
struct draw_item *draw_group(struct drawing *d, const struct drawing *group, double x, double y);
/* Part of a ring, from angle a to b in degrees, 0 at the top, clockwise. */
struct draw_item *draw_ring(struct drawing *d, enum ink ink, double x, double y, double inner,
                            double outer, double a_deg, double b_deg);

/* The width that `text` takes at `size`, estimated without fonts: enough to place labels. */
double draw_text_width(str text, double size, bool bold);

/* The whole <svg> element: no style attributes, no scripts, role="img", title; data-name and
 * data-value on the shapes that carry a figure. Well-formed whatever the texts contain. */
void drawing_svg(struct buf *out, const struct drawing *d);
/* <details class="chart-data"> with the chart's rows as a table. */
void drawing_table_html(struct buf *out, const struct drawing *d, enum lang lang);
/* Rules `.ink-NAME{color:var(--ink-NAME,#rrggbb)}` for a page's stylesheet. */
void drawing_css(struct buf *out);

/* The four-colour label (四色贴标): a word and a leaf in a ring that is filled by quarters, so that
 * it reads in black and white. Grey is not yet judgeable: an empty ring. */
enum report_colour {
    COLOUR_GREY,
    COLOUR_RED,
    COLOUR_YELLOW,
    COLOUR_LIGHT_GREEN,
    COLOUR_DEEP_GREEN
};
enum ink colour_ink(enum report_colour colour);
const char *colour_word(enum report_colour colour, enum lang lang);
/* "grey", "red", "yellow", "light_green", "deep_green"; anything else is grey. */
enum report_colour colour_parse(str word);
void draw_label(struct drawing *d, enum report_colour colour, double x, double y, double radius);
/* The label alone as a drawing: ring, and the word when `with_word`. */
struct drawing *drawing_label(struct arena *arena, enum report_colour colour, enum lang lang,
                              double size, bool with_word);

#endif
