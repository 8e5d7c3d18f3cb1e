#include "report/drawing.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *css;
    uint32_t rgb;
} inks[INK_COUNT] = {
#define X(name, css, rgb) [INK_##name] = {css, rgb},
    REPORT_INKS(X)
#undef X
};

const char *ink_css(enum ink ink)
{
    CHECK(ink < INK_COUNT);
    return inks[ink].css;
}

uint32_t ink_rgb(enum ink ink)
{
    CHECK(ink < INK_COUNT);
    return inks[ink].rgb;
}

struct drawing *drawing_new(struct arena *arena, double width, double height)
{
    struct drawing *d = ARENA_NEW(arena, struct drawing);
    d->arena = arena;
    d->width = width;
    d->height = height;
    return d;
}

static struct draw_item *item_push(struct drawing *d, enum draw_shape shape, enum ink ink)
{
    struct draw_item *item = ARENA_PUSH(d->arena, d->items, d->count, d->capacity);
    memset(item, 0, sizeof *item);
    item->shape = shape;
    item->ink = ink;
    return item;
}

struct draw_item *draw_rect(struct drawing *d, enum ink ink, double x, double y, double width,
                            double height)
{
    struct draw_item *item = item_push(d, DRAW_RECT, ink);
    item->x = x;
    item->y = y;
    item->width = width;
    item->height = height;
    return item;
}

struct draw_item *draw_line(struct drawing *d, enum ink ink, double line_width,
                            const double *points, size_t points_count)
{
    struct draw_item *item = item_push(d, DRAW_LINE, ink);
    item->width = line_width;
    item->points = arena_copy(d->arena, points, points_count * sizeof *points);
    item->points_count = points_count;
    return item;
}

struct draw_item *draw_segment(struct drawing *d, enum ink ink, double line_width, double x1,
                               double y1, double x2, double y2)
{
    return draw_line(d, ink, line_width, (double[]){x1, y1, x2, y2}, 4);
}

struct draw_item *draw_area(struct drawing *d, enum ink ink, const double *points,
                            size_t points_count)
{
    struct draw_item *item = draw_line(d, ink, 0, points, points_count);
    item->shape = DRAW_AREA;
    return item;
}

struct draw_item *draw_circle(struct drawing *d, enum ink ink, double x, double y, double radius)
{
    struct draw_item *item = item_push(d, DRAW_CIRCLE, ink);
    item->x = x;
    item->y = y;
    item->width = radius;
    return item;
}

struct draw_item *draw_text(struct drawing *d, enum ink ink, double size, double x, double y,
                            enum draw_anchor anchor, str text)
{
    struct draw_item *item = item_push(d, DRAW_TEXT, ink);
    item->size = size;
    item->x = x;
    item->y = y;
    item->anchor = anchor;
    item->text = text;
    return item;
}

struct draw_item *draw_group(struct drawing *d, const struct drawing *group, double x, double y)
{
    struct draw_item *item = item_push(d, DRAW_GROUP, INK_TEXT);
    item->group = group;
    item->x = x;
    item->y = y;
    return item;
}

#define RING_STEPS 24

struct draw_item *draw_ring(struct drawing *d, enum ink ink, double x, double y, double inner,
                            double outer, double a_deg, double b_deg)
{
    double points[(RING_STEPS + 1) * 4];
    for (int side = 0; side < 2; side++)
        for (int i = 0; i <= RING_STEPS; i++) {
            int step = side ? RING_STEPS - i : i;
            double angle = (a_deg + (b_deg - a_deg) * step / RING_STEPS) * M_PI / 180;
            double radius = side ? inner : outer;
            double *at = points + (side * (RING_STEPS + 1) + i) * 2;
            at[0] = x + radius * sin(angle);
            at[1] = y - radius * cos(angle);
        }
    return draw_area(d, ink, points, ARRAY_LEN(points));
}

/* Advance widths of Noto Sans CJK's Latin in thousandths of the size, rounded, U+0020..U+007E. */
static const uint16_t latin_widths[95] = {
    224, 323, 474, 555, 555, 921, 679, 278, 338, 338, 467, 555, 278, 347, 278, 392, 555, 555, 555,
    555, 555, 555, 555, 555, 555, 555, 278, 278, 555, 555, 555, 474, 946, 608, 657, 638, 688, 589,
    552, 689, 728, 293, 535, 646, 543, 812, 723, 742, 633, 742, 635, 596, 599, 721, 575, 878, 573,
    531, 591, 338, 392, 338, 555, 559, 606, 563, 618, 510, 620, 554, 325, 564, 607, 275, 275, 552,
    284, 926, 610, 606, 620, 620, 388, 468, 377, 607, 521, 802, 498, 521, 475, 338, 270, 338, 555};

double draw_text_width(str text, double size, bool bold)
{
    double width = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t c = utf8_next(text, &at);
        if (c >= 0x20 && c <= 0x7e)
            width += latin_widths[c - 0x20];
        else if (c < 0x1100 || (c >= 0x2010 && c < 0x2e80))
            width += 560;
        else
            width += 1000;
    }
    return width * size / 1000 * (bold ? 1.04 : 1.0);
}

enum ink colour_ink(enum report_colour colour)
{
    switch (colour) {
    case COLOUR_RED: return INK_RED;
    case COLOUR_YELLOW: return INK_YELLOW;
    case COLOUR_LIGHT_GREEN: return INK_LIGHT_GREEN;
    case COLOUR_DEEP_GREEN: return INK_DEEP_GREEN;
    default: return INK_GREY;
    }
}

const char *colour_word(enum report_colour colour, enum lang lang)
{
    switch (colour) {
    case COLOUR_RED: return tr(lang, "Red");
    case COLOUR_YELLOW: return tr(lang, "Yellow");
    case COLOUR_LIGHT_GREEN: return tr(lang, "Light green");
    case COLOUR_DEEP_GREEN: return tr(lang, "Deep green");
    default: return tr(lang, "Grey (not yet judgeable)");
    }
}

enum report_colour colour_parse(str word)
{
    if (str_is(word, "deep_green")) return COLOUR_DEEP_GREEN;
    if (str_is(word, "light_green")) return COLOUR_LIGHT_GREEN;
    if (str_is(word, "yellow")) return COLOUR_YELLOW;
    if (str_is(word, "red")) return COLOUR_RED;
    return COLOUR_GREY;
}

/* A leaf on its stem, leaning right; both edges are arcs sampled along the midrib. */
static void draw_leaf(struct drawing *d, enum ink ink, double x, double y, double radius,
                      bool hollow)
{
    enum { STEPS = 14 };
    double points[STEPS * 4];
    const double lean = 0.62, bulge = 0.42 * radius;
    double ux = sin(lean), uy = -cos(lean), length = 1.5 * radius;
    double from_x = x - ux * length / 2, from_y = y - uy * length / 2;
    for (int i = 0; i < 2 * STEPS; i++) {
        double t = i < STEPS ? (double)i / STEPS : 2.0 - (double)i / STEPS;
        double side = (i < STEPS ? 1 : -1) * bulge * sin(M_PI * pow(t, 0.85));
        points[2 * i] = from_x + ux * length * t - uy * side;
        points[2 * i + 1] = from_y + uy * length * t + ux * side;
    }
    struct draw_item *leaf = draw_area(d, ink, points, ARRAY_LEN(points));
    leaf->hollow = hollow;
    leaf->size = radius * 0.12;
    draw_segment(d, hollow ? ink : INK_PAPER, radius * 0.1, from_x, from_y,
                 from_x + ux * length * 0.72, from_y + uy * length * 0.72);
    draw_segment(d, ink, radius * 0.14, from_x, from_y, from_x - ux * radius * 0.22,
                 from_y - uy * radius * 0.22);
}

void draw_label(struct drawing *d, enum report_colour colour, double x, double y, double radius)
{
    enum ink ink = colour_ink(colour);
    int quarters = (int)colour; /* red 1 … deep green 4, grey 0 */
    double inner = radius * 0.76;
    draw_ring(d, INK_GRID, x, y, inner, radius, 0, 360);
    for (int i = 0; i < quarters; i++)
        draw_ring(d, ink, x, y, inner, radius, i * 90 + 3.0, (i + 1) * 90 - 3.0);
    for (int i = 0; colour == COLOUR_GREY && i < 12; i++)
        draw_ring(d, ink, x, y, inner, radius, i * 30, i * 30 + 14);
    draw_leaf(d, ink, x, y, radius * 0.52, colour == COLOUR_GREY);
}

struct drawing *drawing_label(struct arena *arena, enum report_colour colour, enum lang lang,
                              double size, bool with_word)
{
    str word = str_from(colour_word(colour, lang));
    double text_width = with_word ? size * 0.25 + draw_text_width(word, size * 0.5, true) : 0;
    struct drawing *d = drawing_new(arena, size + text_width, size);
    d->title = word;
    draw_label(d, colour, size / 2, size / 2, size / 2);
    if (with_word)
        draw_text(d, INK_TEXT, size * 0.5, size * 1.22, size * 0.68, ANCHOR_START, word)->bold =
            true;
    return d;
}
