/* Pairs, tables, callouts, key figures and the label box of a document. */
#include <math.h>

#include "report/pdf_parts.h"
#include "report/type.h"

#define CELL_SIZE 8.0
#define CELL_LEADING 11.4
#define CELL_PAD_X 4.0
#define CELL_PAD_Y 2.6
#define COLUMNS_MAX 12

static void rule(struct pdf *pdf, enum ink ink, double y, double height)
{
    draw_rect(pdf->page, ink, PDF_MARGIN, y, PDF_CONTENT_WIDTH, height);
}

struct cell_lines {
    str *lines;
    size_t count;
};

/* A left-aligned cell after a right-aligned one needs air between them. */
static double cell_indent(const struct pdf_table *table, size_t c, double ring)
{
    if (!c) return ring;
    return table->columns[c - 1].right && !table->columns[c].right ? 9 : 0;
}

/* Breaks the cells of one row; returns the row's height. */
static double row_break(struct pdf *pdf, const struct pdf_table *table, const str *cells, bool bold,
                        double ring, struct cell_lines *out)
{
    size_t most = 1;
    for (size_t c = 0; c < table->columns_count; c++) {
        double width = table->columns[c].share * PDF_CONTENT_WIDTH - 2 * CELL_PAD_X;
        width -= cell_indent(table, c, ring);
        out[c].count = type_break(pdf->arena, cells[c], CELL_SIZE, bold, width, &out[c].lines);
        most = size_max(most, out[c].count);
    }
    return (double)most * CELL_LEADING + 2 * CELL_PAD_Y;
}

static void row_put(struct pdf *pdf, const struct pdf_table *table, const struct cell_lines *cells,
                    enum ink ink, bool bold, double height, double ring, bool sink)
{
    double left = PDF_MARGIN;
    for (size_t c = 0; c < table->columns_count; c++) {
        double width = table->columns[c].share * PDF_CONTENT_WIDTH;
        double y = pdf->y + CELL_PAD_Y;
        if (sink) y += height - 2 * CELL_PAD_Y - (double)cells[c].count * CELL_LEADING;
        for (size_t i = 0; i < cells[c].count; i++, y += CELL_LEADING) {
            bool right = table->columns[c].right;
            draw_text(pdf->page, ink, CELL_SIZE,
                      right ? left + width - CELL_PAD_X
                            : left + CELL_PAD_X + cell_indent(table, c, ring),
                      y + pdf_baseline(CELL_SIZE, CELL_LEADING), right ? ANCHOR_END : ANCHOR_START,
                      cells[c].lines[i])
                ->bold = bold;
        }
        left += width;
    }
}

static void header_put(struct pdf *pdf, const struct pdf_table *table,
                       const struct cell_lines *header, double height)
{
    rule(pdf, INK_SHADE, pdf->y, height);
    row_put(pdf, table, header, INK_MUTED, true, height, 0, true);
    pdf->y += height;
    rule(pdf, INK_ZERO, pdf->y, 0.7);
    pdf->y += 0.7;
}

void pdf_table(struct pdf *pdf, const struct pdf_table *table)
{
    CHECK(table->columns_count <= COLUMNS_MAX);
    if (pdf->failed) return;
    struct cell_lines header[COLUMNS_MAX], cells[COLUMNS_MAX];
    str names[COLUMNS_MAX];
    for (size_t c = 0; c < table->columns_count; c++) names[c] = table->columns[c].name;
    double head = row_break(pdf, table, names, true, 0, header);
    double ring = table->row_colours ? 13 : 0;
    for (size_t r = 0; r < table->rows_count; r++) {
        bool bold = table->bold_last && r + 1 == table->rows_count;
        double height =
            row_break(pdf, table, table->cells + r * table->columns_count, bold, ring, cells);
        /* the header never stands alone, nor does the last row on a new page */
        bool fresh = r == 0;
        double want = height + (r + 2 == table->rows_count ? CELL_LEADING + 2 * CELL_PAD_Y : 0);
        if (pdf->y > PDF_TOP && pdf_left(pdf) < want + (fresh ? head : 0)) {
            pdf_break(pdf);
            fresh = true;
        }
        if (fresh) header_put(pdf, table, header, head);
        if (bold) rule(pdf, INK_ZERO, pdf->y - 0.5, 0.6);
        if (table->row_colours && table->row_colours[r] >= 0)
            draw_label(pdf->page, (enum report_colour)table->row_colours[r],
                       PDF_MARGIN + CELL_PAD_X + 4.5, pdf->y + height / 2, 4.6);
        row_put(pdf, table, cells, INK_TEXT, bold, height, ring, false);
        pdf->y += height;
        rule(pdf, INK_GRID, pdf->y - 0.5, 0.5);
    }
    pdf_space(pdf, 8);
}

#define PAIR_SIZE 8.5
#define PAIR_LEADING 12.4
#define PAIR_PAD 2.4
#define PAIR_GAP 18.0

/* Puts (or, with put false, only measures) one pair in a column; returns its height. */
static double pair_put(struct pdf *pdf, const struct pdf_pair *pair, double x, double y,
                       double width, double name_width, bool put)
{
    str *names, *values;
    double mark = pair->mark.len ? type_width(pair->mark, 7, false) + 12 : 0;
    size_t name_lines =
        type_break(pdf->arena, pair->name, PAIR_SIZE - 0.5, false, name_width - 8, &names);
    size_t value_lines =
        type_break(pdf->arena, pair->value, PAIR_SIZE, false, width - name_width - mark, &values);
    double height = (double)size_max(name_lines, value_lines) * PAIR_LEADING + 2 * PAIR_PAD;
    if (!put) return height;
    double name_y = y + PAIR_PAD, value_y = y + PAIR_PAD;
    pdf_put_lines(pdf, INK_MUTED, names, name_lines, x, &name_y, PAIR_SIZE - 0.5, PAIR_LEADING,
                  false);
    pdf_put_lines(pdf, INK_TEXT, values, value_lines, x + name_width, &value_y, PAIR_SIZE,
                  PAIR_LEADING, false);
    if (pair->mark.len && value_lines) {
        double end = type_width(values[value_lines - 1], PAIR_SIZE, false);
        pdf_put_mark(pdf, pair->mark, x + name_width + end + 5,
                     value_y - PAIR_LEADING + pdf_baseline(PAIR_SIZE, PAIR_LEADING), 8);
    }
    return height;
}

static double pair_name_width(const struct pdf_pair *pairs, size_t count, double width)
{
    double widest = 0;
    for (size_t i = 0; i < count; i++)
        if (pairs[i].value.len)
            widest = fmax(widest, type_width(pairs[i].name, PAIR_SIZE - 0.5, false));
    return fmin(widest + 14, width * 0.42);
}

void pdf_pairs(struct pdf *pdf, const struct pdf_pair *pairs, size_t count, int columns)
{
    CHECK(columns == 1 || columns == 2);
    if (pdf->failed) return;
    double width = columns == 1 ? PDF_CONTENT_WIDTH : (PDF_CONTENT_WIDTH - PAIR_GAP) / 2;
    double name_width = pair_name_width(pairs, count, width);
    for (size_t i = 0; i < count;) {
        const struct pdf_pair *row[2] = {NULL, NULL};
        double height = 0;
        int n = 0;
        for (; i < count && n < columns; i++) {
            if (!pairs[i].value.len) continue;
            row[n++] = &pairs[i];
            height = fmax(height, pair_put(pdf, &pairs[i], 0, 0, width, name_width, false));
        }
        if (!n) break;
        pdf_need(pdf, height);
        for (int k = 0; k < n; k++) {
            double x = PDF_MARGIN + (width + PAIR_GAP) * k;
            pair_put(pdf, row[k], x, pdf->y, width, name_width, true);
            draw_rect(pdf->page, INK_GRID, x, pdf->y + height - 0.5, width, 0.5);
        }
        pdf->y += height;
    }
    pdf_space(pdf, 8);
}

void pdf_callout(struct pdf *pdf, enum pdf_callout_kind kind, str title, str text)
{
    if (pdf->failed) return;
    const double pad = 8, bar = 3, size = 8.5, leading = 13;
    double width = PDF_CONTENT_WIDTH - 2 * pad - bar;
    str *titles = NULL, *lines = NULL;
    size_t title_lines =
        title.len ? type_break(pdf->arena, title, size + 0.5, true, width, &titles) : 0;
    size_t text_lines = text.len ? type_break(pdf->arena, text, size, false, width, &lines) : 0;
    double height = (double)(title_lines + text_lines) * leading + 2 * pad - 3;
    pdf_need(pdf, height);
    enum ink ink = kind == PDF_WARNING ? INK_WARN : INK_ACCENT;
    draw_rect(pdf->page, INK_SHADE, PDF_MARGIN, pdf->y, PDF_CONTENT_WIDTH, height);
    draw_rect(pdf->page, ink, PDF_MARGIN, pdf->y, bar, height);
    double y = pdf->y + pad - 1.5, x = PDF_MARGIN + bar + pad;
    pdf_put_lines(pdf, ink, titles, title_lines, x, &y, size + 0.5, leading, true);
    pdf_put_lines(pdf, INK_TEXT, lines, text_lines, x, &y, size, leading, false);
    pdf->y += height + 8;
}

void pdf_figures(struct pdf *pdf, const struct pdf_figure *figures, size_t count)
{
    if (pdf->failed || !count) return;
    double height = 54, slot = PDF_CONTENT_WIDTH / (double)count;
    pdf_need(pdf, height);
    for (size_t i = 0; i < count; i++) {
        double x = PDF_MARGIN + slot * (double)i + (i ? 12 : 0), width = slot - (i ? 16 : 4);
        if (i) draw_rect(pdf->page, INK_GRID, x - 12, pdf->y + 3, 0.6, height - 8);
        draw_text(pdf->page, INK_MUTED, 8, x, pdf->y + 10, ANCHOR_START,
                  pdf_fit(pdf, figures[i].name, 8, false, width));
        double unit = type_width(figures[i].unit, 8, false) + 4, size = 17;
        while (size > 9 && type_width(figures[i].value, size, true) + unit > width) size -= 0.5;
        draw_text(pdf->page, INK_TEXT, size, x, pdf->y + 30, ANCHOR_START, figures[i].value)->bold =
            true;
        draw_text(pdf->page, INK_MUTED, 8, x + type_width(figures[i].value, size, true) + 4,
                  pdf->y + 30, ANCHOR_START, figures[i].unit);
        draw_text(pdf->page, INK_MUTED, 7.5, x, pdf->y + 43, ANCHOR_START,
                  pdf_fit(pdf, figures[i].note, 7.5, false, width));
    }
    pdf->y += height + 4;
}

void pdf_label(struct pdf *pdf, enum report_colour colour, const struct pdf_pair *facts,
               size_t count)
{
    if (pdf->failed) return;
    const double ring = 27, pad = 12, side = 118;
    double x = PDF_MARGIN + side, width = PDF_CONTENT_WIDTH - side - pad, height = 0;
    double name_width = pair_name_width(facts, count, width);
    for (size_t i = 0; i < count; i++)
        if (facts[i].value.len) height += pair_put(pdf, &facts[i], 0, 0, width, name_width, false);
    str word = str_from(colour_word(colour, pdf->options.lang)), *words;
    double size = type_width(word, 12, true) > side - 34 ? 10 : 12;
    size_t lines = type_break(pdf->arena, word, size, true, side - 24, &words);
    double left = 2 * ring + 6 + (double)lines * 15, box = fmax(height, left) + 2 * pad;
    pdf_need(pdf, box);
    struct draw_item *frame =
        draw_rect(pdf->page, INK_GRID, PDF_MARGIN, pdf->y, PDF_CONTENT_WIDTH, box);
    frame->hollow = true;
    frame->size = 0.8;
    draw_rect(pdf->page, colour_ink(colour), PDF_MARGIN, pdf->y, 3.5, box);
    double y = pdf->y + (box - left) / 2, centre = PDF_MARGIN + side / 2 - 4;
    draw_label(pdf->page, colour, centre, y + ring, ring);
    y += 2 * ring + 6;
    for (size_t i = 0; i < lines; i++, y += 15)
        draw_text(pdf->page, INK_TEXT, size, centre, y + pdf_baseline(size, 15), ANCHOR_MIDDLE,
                  words[i])
            ->bold = true;
    y = pdf->y + (box - height) / 2;
    for (size_t i = 0, last = count; i < count; i++) {
        if (!facts[i].value.len) continue;
        if (last < count) draw_rect(pdf->page, INK_GRID, x, y - 0.3, width, 0.5);
        last = i;
        y += pair_put(pdf, &facts[i], x, y, width, name_width, true);
    }
    pdf->y += box + 8;
}
