/* QR codes (ISO/IEC 18004, by libqrencode) as SVG path and as a shape of a drawing. */
#ifndef REPORT_QR_H
#define REPORT_QR_H

#include "base/error.h"
#include "report/drawing.h"

#define QR_QUIET_MODULES 4
#define QR_TEXT_BYTES_MAX 1200

struct qr {
    int width;                 /* modules, without the quiet zone */
    const unsigned char *dark; /* width * width, row by row; 1 is dark */
};

/* Error correction M. Fails with REPORT_QR when the text is empty or longer than
 * QR_TEXT_BYTES_MAX bytes. */
bool qr_make(struct arena *arena, str text, struct qr *qr, struct error *err) NODISCARD;
/* <svg class="qr"> with one path, quiet zone included. `label` is its accessible name. */
void qr_svg(struct buf *out, const struct qr *qr, str label);
/* Paints the code, quiet zone included, into a square of `size`. */
void draw_qr(struct drawing *d, const struct qr *qr, double x, double y, double size);

#endif
