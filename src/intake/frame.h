/* Inside intake: what the jailed child says to its parent, as length-prefixed frames
 * (u32 length of what follows, u8 kind, payload; little endian). The parent trusts none of it. */
#ifndef INTAKE_FRAME_H
#define INTAKE_FRAME_H

#include "base/buf.h"
#include "intake/intake.h"
#include "intake/limits.h"

#define FRAME_VERSION 1
#define FRAME_BYTES_MAX ((size_t)INTAKE_MAX_row_bytes * 2)

enum frame_kind {
    FRAME_HELLO = 'H',  /* u8 version: the jail is closed, reading begins */
    FRAME_BEGIN = 'B',  /* u8 format, u8 encoding, u8 separator */
    FRAME_SHEET = 'S',  /* u8 hidden, text name */
    FRAME_ROW = 'R',    /* u32 number, u16 count, cells */
    FRAME_MERGED = 'M', /* u32 first row, u32 last row, u16 first column, u16 last column */
    FRAME_ERROR = 'E',  /* u16 code, u8 count, texts */
    FRAME_END = 'Z',    /* u64 rows */
};

/* Writing. A frame is begun, filled and ended; its length is set at the end. */
size_t frame_begin(struct buf *out, enum frame_kind kind);
void frame_end(struct buf *out, size_t begun);
void frame_put_u8(struct buf *out, unsigned value);
void frame_put_u16(struct buf *out, unsigned value);
void frame_put_u32(struct buf *out, uint32_t value);
void frame_put_u64(struct buf *out, uint64_t value);
void frame_put_text(struct buf *out, str text);
void frame_put_row(struct buf *out, const struct intake_row *row);
void frame_put_error(struct buf *out, const struct error *err);

/* Reading: a state machine that checks every frame and calls the sink. */
struct frame_reader {
    const struct intake_sink *sink;
    struct intake_cell *cells; /* room for the columns' limit */
    bool greeted, begun, in_sheet, ended, failed;
    int64_t sheets, merged, cell_count, text_bytes, rows;
    uint32_t last_row;
};
/* One frame's kind and payload. False with INTAKE_JAIL_PROTOCOL for what may not be, with the
 * child's own error for FRAME_ERROR, or with the sink's. */
bool frame_take(struct frame_reader *reader, unsigned char kind, str payload,
                struct error *err) NODISCARD;

#endif
