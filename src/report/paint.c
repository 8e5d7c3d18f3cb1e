#include "report/paint.h"

#include <cairo.h>
#include <math.h>

#define INVISIBLE 0.01

static void set_ink(cairo_t *cairo, const struct draw_item *item)
{
    uint32_t rgb = ink_rgb(item->ink);
    double alpha = item->opacity > 0 ? item->opacity : 1;
    double r = (rgb >> 16 & 255) / 255.0, g = (rgb >> 8 & 255) / 255.0, b = (rgb & 255) / 255.0;
    if (alpha < 1)
        cairo_set_source_rgba(cairo, r, g, b, alpha);
    else
        cairo_set_source_rgb(cairo, r, g, b);
}

static void stroke(cairo_t *cairo, const struct draw_item *item, double width)
{
    static const double dash[] = {3, 2};
    cairo_set_line_width(cairo, width);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    if (item->dashed) cairo_set_dash(cairo, dash, 2, 0);
    cairo_stroke(cairo);
    if (item->dashed) cairo_set_dash(cairo, NULL, 0, 0);
}

static void paint_path(cairo_t *cairo, const struct draw_item *item, double ox, double oy)
{
    for (size_t i = 0; i + 1 < item->points_count; i += 2)
        cairo_line_to(cairo, ox + item->points[i], oy + item->points[i + 1]);
}

static void paint_text(cairo_t *cairo, const struct type_set *set, const struct draw_item *item,
                       double x, double y)
{
    double shift = 0;
    if (item->anchor != ANCHOR_START) {
        double width = type_width(item->text, item->size, item->bold);
        shift = item->anchor == ANCHOR_END ? -width : -width / 2;
    }
    if (item->rotate_deg == 0) {
        type_paint(set, cairo, item->text, x + shift, y, item->size, item->bold);
        return;
    }
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_rotate(cairo, item->rotate_deg * M_PI / 180);
    type_paint(set, cairo, item->text, shift, 0, item->size, item->bold);
    cairo_restore(cairo);
}

static void paint_shape(cairo_t *cairo, const struct type_set *set, const struct draw_item *item,
                        double ox, double oy)
{
    cairo_new_path(cairo);
    switch (item->shape) {
    case DRAW_RECT:
        cairo_rectangle(cairo, ox + item->x, oy + item->y, item->width, item->height);
        break;
    case DRAW_LINE:
        paint_path(cairo, item, ox, oy);
        stroke(cairo, item, item->width);
        return;
    case DRAW_AREA:
        paint_path(cairo, item, ox, oy);
        cairo_close_path(cairo);
        break;
    case DRAW_CIRCLE: cairo_arc(cairo, ox + item->x, oy + item->y, item->width, 0, 2 * M_PI); break;
    case DRAW_CELLS:
        for (size_t i = 0; i + 3 < item->points_count; i += 4)
            cairo_rectangle(cairo, ox + item->points[i], oy + item->points[i + 1],
                            item->points[i + 2], item->points[i + 3]);
        break;
    case DRAW_TEXT: paint_text(cairo, set, item, ox + item->x, oy + item->y); return;
    case DRAW_GROUP: return;
    }
    if (item->hollow)
        stroke(cairo, item, item->size);
    else
        cairo_fill(cairo);
}

void paint_drawing(cairo_t *cairo, const struct type_set *set, const struct drawing *d, double x,
                   double y)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct draw_item *item = &d->items[i];
        if (item->shape == DRAW_GROUP) {
            paint_drawing(cairo, set, item->group, x + item->x, y + item->y);
            continue;
        }
        if (item->opacity > 0 && item->opacity < INVISIBLE) continue;
        set_ink(cairo, item);
        paint_shape(cairo, set, item, x, y);
    }
}

void paint_collect(struct type_set *set, const struct drawing *d)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct draw_item *item = &d->items[i];
        if (item->shape == DRAW_GROUP)
            paint_collect(set, item->group);
        else if (item->shape == DRAW_TEXT)
            type_set_add(set, item->text, item->bold);
    }
}
