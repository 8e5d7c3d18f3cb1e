/* Setting text with Noto Sans CJK SC in two weights: measuring, breaking into lines, painting on
 * cairo. Texts whose characters the font has are set directly from its own advance widths, which
 * is four times as fast as a layout of Pango's (measured: 11 against 38 ms for 1,200 strings);
 * all other texts (characters the font lacks, scripts that need shaping) go through Pango.
 * A document embeds only the characters it uses: they are collected first, subset by HarfBuzz, and
 * painted from the subset. Safe for several threads, a set belongs to one. Internal to report/. */
#ifndef REPORT_TYPE_H
#define REPORT_TYPE_H

#include "base/error.h"
#include "base/str.h"

/* As cairo.h has it: this header compiles alone, without cairo's include path. */
typedef struct _cairo cairo_t;

/* Loads the fonts once. Fails with REPORT_FONT when the family is not installed. */
bool type_ready(struct error *err) NODISCARD;

/* Advance width in points. */
double type_width(str text, double size, bool bold);
/* The characters of one document, per weight. Add all texts, open, then paint. */
struct type_set;
struct type_set *type_set_new(struct arena *arena);
void type_set_add(struct type_set *set, str text, bool bold);
bool type_set_open(struct type_set *set, struct error *err) NODISCARD;
/* Paints with the current source, baseline at x, y. */
void type_paint(const struct type_set *set, cairo_t *cairo, str text, double x, double y,
                double size, bool bold);

/* Breaks `text` into lines of at most `width`: between ideographs (never before closing or after
 * opening punctuation), at spaces, after - / _ . inside long Latin runs, at line ends, and anywhere
 * when nothing else fits. Lines are slices of `text`. */
size_t type_break(struct arena *arena, str text, double size, bool bold, double width, str **lines);

#endif
