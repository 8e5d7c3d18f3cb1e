/* Paints a drawing on cairo with the default colours of its inks. Internal to report/. */
#ifndef REPORT_PAINT_H
#define REPORT_PAINT_H

#include "report/drawing.h"
#include "report/type.h"

/* Adds the texts of a drawing to the set; then, when the set is open, paints it. */
void paint_collect(struct type_set *set, const struct drawing *d);
void paint_drawing(cairo_t *cairo, const struct type_set *set, const struct drawing *d, double x,
                   double y);

#endif
