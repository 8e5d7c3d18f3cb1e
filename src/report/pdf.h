/* Documents on A4: a flow of headings, paragraphs, tables and charts, laid out page by page and
 * painted at the end, when the number of pages is known. Same input, same bytes: the only clock is
 * `created_ms`. Fonts (Noto Sans CJK SC) are embedded as subsets. Lengths are points (1/72 inch).
 * A document belongs to its arena and to one thread; several threads may write documents at once.
 */
#ifndef REPORT_PDF_H
#define REPORT_PDF_H

#include "base/error.h"
#include "report/drawing.h"
#include "report/qr.h"

#define PDF_WIDTH 595.28
#define PDF_HEIGHT 841.89
#define PDF_MARGIN 48.0
#define PDF_CONTENT_WIDTH (PDF_WIDTH - 2 * PDF_MARGIN)
#define PDF_PAGES_MAX 400

struct pdf_options {
    enum lang lang;
    str title, author, subject, keywords; /* document metadata */
    int64_t created_ms;
    str header_left;  /* on each page, e.g. the document's name */
    str header_right; /* e.g. the report's number */
    str footer_left;
    str mark; /* a word across every page (示例), or empty */
};

struct pdf;
struct pdf *pdf_open(struct arena *arena, const struct pdf_options *options);

/* What is left on the page; a break when less than `height` is left. */
double pdf_left(const struct pdf *pdf);
void pdf_need(struct pdf *pdf, double height);
void pdf_break(struct pdf *pdf);
void pdf_space(struct pdf *pdf, double height);

enum pdf_style { PDF_BODY, PDF_SMALL, PDF_NOTE, PDF_STRONG };

void pdf_title(struct pdf *pdf, str title, str subtitle);
/* Level 1 has a rule, and an entry in the outline; level 2 is smaller. A heading keeps with at
 * least `follow` points of what comes after it (0: 60). */
void pdf_heading(struct pdf *pdf, int level, str text, double follow);
void pdf_paragraph(struct pdf *pdf, enum pdf_style style, str text);
void pdf_bullet(struct pdf *pdf, str text);

struct pdf_pair {
    str name, value;
    str mark; /* a small word after the value (估算), or empty */
};
/* Names and values in 1 or 2 columns, with hairlines. Pairs with an empty value are left out. */
void pdf_pairs(struct pdf *pdf, const struct pdf_pair *pairs, size_t count, int columns);

struct pdf_column {
    str name;
    double share; /* of the width */
    bool right;   /* right-aligned figures */
};
/* Rows of `columns_count` texts, row-major. The header repeats on every page; a row never breaks
 * over pages. `bold_last` sets the last row as a total. */
struct pdf_table {
    const struct pdf_column *columns;
    size_t columns_count;
    const str *cells;
    size_t rows_count;
    bool bold_last;
    /* Optional, one per row: a small ring of this colour before the first cell, -1 none. */
    const int *row_colours;
};
void pdf_table(struct pdf *pdf, const struct pdf_table *table);

enum pdf_callout_kind { PDF_NOTICE, PDF_WARNING };
void pdf_callout(struct pdf *pdf, enum pdf_callout_kind kind, str title, str text);

/* A row of key figures: large number, unit, what it is, and a note. */
struct pdf_figure {
    str name, value, unit, note;
};
void pdf_figures(struct pdf *pdf, const struct pdf_figure *figures, size_t count);

/* The label in a box: ring, word, and lines of text beside it (basis, benchmark, distance …). */
void pdf_label(struct pdf *pdf, enum report_colour colour, const struct pdf_pair *facts,
               size_t count);

/* A chart at its own size, with its title above; two charts beside each other. */
void pdf_chart(struct pdf *pdf, const struct drawing *chart);
void pdf_charts(struct pdf *pdf, const struct drawing *left, const struct drawing *right);

/* A QR code with lines of text beside it. */
void pdf_qr(struct pdf *pdf, const struct qr *qr, double size, str title, str text);
/* The same, placed on the current page without moving the flow. */
void pdf_place_qr(struct pdf *pdf, const struct qr *qr, double x, double y, double size);
/* Where the flow stands on the page. */
double pdf_y(const struct pdf *pdf);

/* Paints everything. Fails with REPORT_FONT, REPORT_PAGES (more than PDF_PAGES_MAX) or
 * REPORT_PDF. */
bool pdf_finish(struct pdf *pdf, str *bytes, size_t *pages, struct error *err) NODISCARD;

#endif
