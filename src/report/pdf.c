#include <cairo-pdf.h>
#include <math.h>

#include "base/buf.h"
#include "base/date.h"
#include "report/paint.h"
#include "report/pdf_parts.h"
#include "report/type.h"

static const struct {
    double size, leading;
    bool bold;
    enum ink ink;
} styles[] = {
    [PDF_BODY] = {9, 14, false, INK_TEXT},
    [PDF_SMALL] = {8, 12.2, false, INK_TEXT},
    [PDF_NOTE] = {7.5, 11.2, false, INK_MUTED},
    [PDF_STRONG] = {9, 14, true, INK_TEXT},
};

struct pdf *pdf_open(struct arena *arena, const struct pdf_options *options)
{
    struct pdf *pdf = ARENA_NEW(arena, struct pdf);
    pdf->arena = arena;
    pdf->options = *options;
    pdf->failed = !type_ready(&pdf->error);
    pdf_break(pdf);
    return pdf;
}

void pdf_break(struct pdf *pdf)
{
    if (pdf->count >= PDF_PAGES_MAX) {
        pdf->too_long = true; /* what follows is painted over the last page, which is dropped */
        pdf->y = PDF_TOP;
        return;
    }
    pdf->page = drawing_new(pdf->arena, PDF_WIDTH, PDF_HEIGHT);
    *ARENA_PUSH(pdf->arena, pdf->pages, pdf->count, pdf->capacity) = pdf->page;
    pdf->y = PDF_TOP;
}

double pdf_left(const struct pdf *pdf)
{
    return PDF_BOTTOM - pdf->y;
}

double pdf_y(const struct pdf *pdf)
{
    return pdf->y;
}

void pdf_need(struct pdf *pdf, double height)
{
    if (pdf->y > PDF_TOP && pdf_left(pdf) < height) pdf_break(pdf);
}

void pdf_space(struct pdf *pdf, double height)
{
    if (pdf->y > PDF_TOP) pdf->y = fmin(pdf->y + height, PDF_BOTTOM);
}

void pdf_put_lines(struct pdf *pdf, enum ink ink, const str *lines, size_t count, double x,
                   double *y, double size, double leading, bool bold)
{
    for (size_t i = 0; i < count; i++) {
        draw_text(pdf->page, ink, size, x, *y + pdf_baseline(size, leading), ANCHOR_START, lines[i])
            ->bold = bold;
        *y += leading;
    }
}

str pdf_fit(struct pdf *pdf, str text, double size, bool bold, double width)
{
    if (pdf->failed || type_width(text, size, bold) <= width) return text;
    size_t end = 0;
    for (size_t at = 0; at < text.len;) {
        utf8_next(text, &at);
        if (type_width((str){text.ptr, at}, size, bold) > width - size) break;
        end = at;
    }
    return str_from(arena_printf(pdf->arena, "%.*s…", (int)end, text.ptr));
}

double pdf_put_mark(struct pdf *pdf, str word, double x, double baseline, double size)
{
    double type = size * 0.78, width = type_width(word, type, false) + type * 0.8;
    struct draw_item *box =
        draw_rect(pdf->page, INK_WARN, x, baseline - size * 0.82, width, size * 1.02);
    box->hollow = true;
    box->size = 0.5;
    draw_text(pdf->page, INK_WARN, type, x + type * 0.4, baseline - size * 0.05, ANCHOR_START,
              word);
    return width;
}

void pdf_title(struct pdf *pdf, str title, str subtitle)
{
    if (pdf->failed) return;
    str *lines;
    double width = PDF_CONTENT_WIDTH - 96; /* a QR code may stand at the right */
    size_t count = type_break(pdf->arena, title, 21, true, width, &lines);
    pdf_put_lines(pdf, INK_TEXT, lines, count, PDF_MARGIN, &pdf->y, 21, 28, true);
    if (subtitle.len) {
        count = type_break(pdf->arena, subtitle, 10.5, false, width, &lines);
        pdf_put_lines(pdf, INK_MUTED, lines, count, PDF_MARGIN, &pdf->y, 10.5, 16, false);
    }
    pdf->y += 8;
}

void pdf_heading(struct pdf *pdf, int level, str text, double follow)
{
    if (pdf->failed) return;
    double size = level == 1 ? 12.5 : 9.5, leading = level == 1 ? 19 : 15;
    pdf_space(pdf, level == 1 ? 15 : 8);
    pdf_need(pdf, leading + (follow > 0 ? follow : 60));
    if (level == 1)
        *ARENA_PUSH(pdf->arena, pdf->outline, pdf->outline_count, pdf->outline_capacity) =
            (struct pdf_entry){pdf->count, pdf->y, text};
    str *lines;
    size_t count = type_break(pdf->arena, text, size, true, PDF_CONTENT_WIDTH, &lines);
    pdf_put_lines(pdf, INK_TEXT, lines, count, PDF_MARGIN, &pdf->y, size, leading, true);
    if (level == 1) {
        draw_rect(pdf->page, INK_GRID, PDF_MARGIN, pdf->y + 1.5, PDF_CONTENT_WIDTH, 0.6);
        draw_rect(pdf->page, INK_ACCENT, PDF_MARGIN, pdf->y + 0.8, 36, 1.4);
        pdf->y += 8;
    } else {
        pdf->y += 2;
    }
}

static void paragraph(struct pdf *pdf, enum pdf_style style, str text, double indent)
{
    if (pdf->failed || !text.len) return;
    double size = styles[style].size, leading = styles[style].leading;
    str *lines;
    size_t count =
        type_break(pdf->arena, text, size, styles[style].bold, PDF_CONTENT_WIDTH - indent, &lines);
    for (size_t i = 0; i < count; i++) {
        /* no single line at the foot or the head of a page */
        bool first_of_two = i == 0 && count > 1;
        pdf_need(pdf, first_of_two || i + 2 == count ? leading * 2 : leading);
        if (i == 0 && indent > 0)
            draw_circle(pdf->page, INK_ACCENT, PDF_MARGIN + 3.5,
                        pdf->y + pdf_baseline(size, leading) - size * 0.34, 1.4);
        pdf_put_lines(pdf, styles[style].ink, lines + i, 1, PDF_MARGIN + indent, &pdf->y, size,
                      leading, styles[style].bold);
    }
}

void pdf_paragraph(struct pdf *pdf, enum pdf_style style, str text)
{
    paragraph(pdf, style, text, 0);
    pdf_space(pdf, 4);
}

void pdf_bullet(struct pdf *pdf, str text)
{
    paragraph(pdf, PDF_BODY, text, 11);
    pdf_space(pdf, 1.5);
}

void pdf_chart(struct pdf *pdf, const struct drawing *chart)
{
    if (pdf->failed) return;
    pdf_need(pdf, chart->height);
    draw_group(pdf->page, chart, PDF_MARGIN, pdf->y);
    pdf->y += chart->height + 8;
}

void pdf_charts(struct pdf *pdf, const struct drawing *left, const struct drawing *right)
{
    if (pdf->failed) return;
    double height = fmax(left->height, right->height);
    pdf_need(pdf, height);
    draw_group(pdf->page, left, PDF_MARGIN, pdf->y);
    draw_group(pdf->page, right, PDF_MARGIN + PDF_CONTENT_WIDTH - right->width, pdf->y);
    pdf->y += height + 8;
}

void pdf_place_qr(struct pdf *pdf, const struct qr *qr, double x, double y, double size)
{
    if (!pdf->failed) draw_qr(pdf->page, qr, x, y, size);
}

void pdf_qr(struct pdf *pdf, const struct qr *qr, double size, str title, str text)
{
    if (pdf->failed) return;
    str *lines;
    size_t count = type_break(pdf->arena, text, 8, false, PDF_CONTENT_WIDTH - size - 12, &lines);
    double height = fmax(size, 24 + (double)count * 12.2);
    pdf_need(pdf, height);
    draw_qr(pdf->page, qr, PDF_MARGIN - 4, pdf->y, size);
    double y = pdf->y + 6, x = PDF_MARGIN + size + 8;
    pdf_put_lines(pdf, INK_TEXT, &title, 1, x, &y, 9, 14, true);
    pdf_put_lines(pdf, INK_MUTED, lines, count, x, &y, 8, 12.2, false);
    pdf->y += height + 6;
}

/* Header, footer and mark, when the number of pages is known. */
static struct drawing *page_frame(struct pdf *pdf, size_t index)
{
    const struct pdf_options *o = &pdf->options;
    struct drawing *d = drawing_new(pdf->arena, PDF_WIDTH, PDF_HEIGHT);
    double right = PDF_WIDTH - PDF_MARGIN, head = 36, foot = PDF_HEIGHT - 30;
    if (o->mark.len) {
        double size = fmin(150, 420 / fmax(1, type_width(o->mark, 1, true)));
        for (int i = 0; i < 2; i++)
            draw_text(d, INK_MARK, size, PDF_WIDTH / 2 + size * 0.15,
                      PDF_HEIGHT * (0.36 + 0.38 * i), ANCHOR_MIDDLE, o->mark)
                ->rotate_deg = -28;
    }
    draw_text(d, INK_MUTED, 7.5, PDF_MARGIN, head, ANCHOR_START, o->header_left);
    draw_text(d, INK_MUTED, 7.5, right, head, ANCHOR_END, o->header_right);
    if (o->mark.len) {
        double x = right - type_width(o->header_right, 7.5, false) - 10;
        double width = type_width(o->mark, 7.5, true) + 8;
        draw_rect(d, INK_WARN, x - width, head - 8.4, width, 11);
        draw_text(d, INK_PAPER, 7.5, x - width / 2, head, ANCHOR_MIDDLE, o->mark)->bold = true;
    }
    draw_rect(d, INK_GRID, PDF_MARGIN, head + 6, PDF_CONTENT_WIDTH, 0.6);
    draw_rect(d, INK_GRID, PDF_MARGIN, foot - 11, PDF_CONTENT_WIDTH, 0.6);
    char *pages =
        tr_fill(pdf->arena, o->lang, "Page {0} of {1}", arena_printf(pdf->arena, "%zu", index + 1),
                arena_printf(pdf->arena, "%zu", pdf->count), NULL);
    draw_text(d, INK_MUTED, 7.5, right, foot, ANCHOR_END, str_from(pages));
    draw_text(d, INK_MUTED, 7.5, PDF_MARGIN, foot, ANCHOR_START,
              pdf_fit(pdf, o->footer_left, 7.5, false, PDF_CONTENT_WIDTH - 90));
    return d;
}

static cairo_status_t write_bytes(void *to, const unsigned char *bytes, unsigned int count)
{
    buf_put(to, bytes, count);
    return CAIRO_STATUS_SUCCESS;
}

static void set_metadata(struct pdf *pdf, cairo_surface_t *surface)
{
    const struct pdf_options *o = &pdf->options;
    struct arena *arena = pdf->arena;
    char *created = instant_format_utc(arena, o->created_ms);
    const struct {
        cairo_pdf_metadata_t key;
        const char *value;
    } values[] = {
        {CAIRO_PDF_METADATA_TITLE, str_dup(arena, o->title)},
        {CAIRO_PDF_METADATA_AUTHOR, str_dup(arena, o->author)},
        {CAIRO_PDF_METADATA_SUBJECT, str_dup(arena, o->subject)},
        {CAIRO_PDF_METADATA_KEYWORDS, str_dup(arena, o->keywords)},
        {CAIRO_PDF_METADATA_CREATOR, "Tanshu"},
        {CAIRO_PDF_METADATA_CREATE_DATE, created},
        {CAIRO_PDF_METADATA_MOD_DATE, created},
    };
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (values[i].value[0])
            cairo_pdf_surface_set_metadata(surface, values[i].key, values[i].value);
}

static void paint_pages(struct pdf *pdf, const struct type_set *set, struct drawing **frames,
                        cairo_surface_t *surface, cairo_t *cairo)
{
    size_t entry = 0;
    for (size_t i = 0; i < pdf->count; i++) {
        for (; entry < pdf->outline_count && pdf->outline[entry].page == i + 1; entry++) {
            char *link = arena_printf(pdf->arena, "page=%zu pos=[%d %d]", i + 1, (int)PDF_MARGIN,
                                      (int)pdf->outline[entry].y);
            cairo_pdf_surface_add_outline(surface, CAIRO_PDF_OUTLINE_ROOT,
                                          str_dup(pdf->arena, pdf->outline[entry].text), link,
                                          CAIRO_PDF_OUTLINE_FLAG_OPEN);
        }
        paint_drawing(cairo, set, frames[i], 0, 0);
        paint_drawing(cairo, set, pdf->pages[i], 0, 0);
        cairo_show_page(cairo);
    }
}

bool pdf_finish(struct pdf *pdf, str *bytes, size_t *pages, struct error *err)
{
    if (pdf->failed) {
        if (err) *err = pdf->error;
        return false;
    }
    if (pdf->too_long) return error_set(err, ERROR_REPORT_PAGES, "i", (int64_t)PDF_PAGES_MAX);
    struct type_set *set = type_set_new(pdf->arena);
    struct drawing **frames = ARENA_NEW_ARRAY(pdf->arena, struct drawing *, pdf->count);
    for (size_t i = 0; i < pdf->count; i++) {
        frames[i] = page_frame(pdf, i);
        paint_collect(set, frames[i]);
        paint_collect(set, pdf->pages[i]);
    }
    if (!type_set_open(set, err)) return false;
    struct buf *out = buf_new(pdf->arena);
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(write_bytes, out, PDF_WIDTH, PDF_HEIGHT);
    cairo_t *cairo = cairo_create(surface);
    set_metadata(pdf, surface);
    paint_pages(pdf, set, frames, surface, cairo);
    cairo_status_t status = cairo_status(cairo);
    cairo_destroy(cairo);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS)
        return error_set(err, ERROR_REPORT_PDF, "s", cairo_status_to_string(status));
    *bytes = buf_str(out);
    if (pages) *pages = pdf->count;
    return true;
}
