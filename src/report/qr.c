#include "report/qr.h"

#include <qrencode.h>
#include <string.h>

static void code_free(QRcode **code)
{
    if (*code) QRcode_free(*code);
}

bool qr_make(struct arena *arena, str text, struct qr *qr, struct error *err)
{
    if (!text.len || text.len > QR_TEXT_BYTES_MAX || memchr(text.ptr, 0, text.len))
        return error_set(err, ERROR_REPORT_QR, "ii", (int64_t)QR_TEXT_BYTES_MAX, (int64_t)text.len);
    SCOPED(code_free) QRcode *code = QRcode_encodeString8bit(str_dup(arena, text), 0, QR_ECLEVEL_M);
    if (!code) return error_set(err, ERROR_INTERNAL, "s", "QRcode_encodeString8bit");
    size_t count = (size_t)code->width * (size_t)code->width;
    unsigned char *dark = arena_alloc(arena, count);
    for (size_t i = 0; i < count; i++) dark[i] = code->data[i] & 1;
    *qr = (struct qr){code->width, dark};
    return true;
}

/* The next run of dark modules of a row, from *at on. */
static bool next_run(const struct qr *qr, int row, int *at, int *length)
{
    const unsigned char *dark = qr->dark + (size_t)row * (size_t)qr->width;
    int i = *at;
    while (i < qr->width && !dark[i]) i++;
    if (i == qr->width) return false;
    *at = i;
    while (i < qr->width && dark[i]) i++;
    *length = i - *at;
    return true;
}

void qr_svg(struct buf *out, const struct qr *qr, str label)
{
    int side = qr->width + 2 * QR_QUIET_MODULES;
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"qr\" role=\"img\" "
               "viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\"><title>",
               side, side);
    buf_html(out, label);
    buf_printf(out, "</title><path fill=\"#fff\" d=\"M0 0h%dv%dh-%dz\"/><path fill=\"#000\" d=\"",
               side, side, side);
    for (int row = 0; row < qr->width; row++)
        for (int at = 0, length = 0; next_run(qr, row, &at, &length); at += length)
            buf_printf(out, "M%d %dh%dv1h-%dz", at + QR_QUIET_MODULES, row + QR_QUIET_MODULES,
                       length, length);
    buf_puts(out, "\"/></svg>");
}

void draw_qr(struct drawing *d, const struct qr *qr, double x, double y, double size)
{
    double module = size / (qr->width + 2 * QR_QUIET_MODULES);
    double *cells = ARENA_NEW_ARRAY(d->arena, double, (size_t)qr->width *(size_t)qr->width * 2 + 4);
    size_t n = 0;
    for (int row = 0; row < qr->width; row++)
        for (int at = 0, length = 0; next_run(qr, row, &at, &length); at += length) {
            cells[n++] = x + module * (at + QR_QUIET_MODULES);
            cells[n++] = y + module * (row + QR_QUIET_MODULES);
            cells[n++] = module * length;
            cells[n++] = module * 1.01; /* rows overlap a hair, so that no viewer shows seams */
        }
    draw_rect(d, INK_PAPER, x, y, size, size);
    draw_area(d, INK_TEXT, cells, n)->shape = DRAW_CELLS;
}
