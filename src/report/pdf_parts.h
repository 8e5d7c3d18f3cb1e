/* What the files of the document writer share. Internal to report/. */
#ifndef REPORT_PDF_PARTS_H
#define REPORT_PDF_PARTS_H

#include "report/pdf.h"

struct pdf_entry {
    size_t page;
    double y;
    str text;
};

struct pdf {
    struct arena *arena;
    struct pdf_options options;
    struct drawing **pages;
    size_t count, capacity;
    struct drawing *page; /* the current one */
    double y;             /* top of what comes next */
    struct pdf_entry *outline;
    size_t outline_count, outline_capacity;
    bool too_long;
    struct error error; /* the first, reported by pdf_finish */
    bool failed;
};

#define PDF_TOP 62.0
#define PDF_BOTTOM (PDF_HEIGHT - 52.0)

/* Where the first baseline of a line box of `leading` stands for type of `size`. */
static inline double pdf_baseline(double size, double leading)
{
    return (leading - size) / 2 + size * 0.86;
}

/* Lines of text in a column at x, from *y down; moves *y below the last. No page break. */
void pdf_put_lines(struct pdf *pdf, enum ink ink, const str *lines, size_t count, double x,
                   double *y, double size, double leading, bool bold);
/* A text of one line, cut with an ellipsis where it is wider than `width`. */
str pdf_fit(struct pdf *pdf, str text, double size, bool bold, double width);
/* A small word in a frame after a figure; returns the width taken. */
double pdf_put_mark(struct pdf *pdf, str word, double x, double baseline, double size);

#endif
