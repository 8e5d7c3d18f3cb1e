#include "intake/frame.h"

#include <math.h>
#include <string.h>

/* ---- writing ------------------------------------------------------------------------------- */

void frame_put_u8(struct buf *out, unsigned value)
{
    buf_putc(out, (char)value);
}

static void put_little(struct buf *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) buf_putc(out, (char)(value >> (8 * i) & 0xFF));
}

void frame_put_u16(struct buf *out, unsigned value)
{
    put_little(out, value, 2);
}

void frame_put_u32(struct buf *out, uint32_t value)
{
    put_little(out, value, 4);
}

void frame_put_u64(struct buf *out, uint64_t value)
{
    put_little(out, value, 8);
}

void frame_put_text(struct buf *out, str text)
{
    frame_put_u32(out, (uint32_t)text.len);
    buf_put_str(out, text);
}

size_t frame_begin(struct buf *out, enum frame_kind kind)
{
    size_t begun = out->len;
    frame_put_u32(out, 0);
    frame_put_u8(out, kind);
    return begun;
}

void frame_end(struct buf *out, size_t begun)
{
    size_t length = out->len - begun - 4;
    for (int i = 0; i < 4; i++) out->ptr[begun + (size_t)i] = (char)(length >> (8 * i) & 0xFF);
}

void frame_put_row(struct buf *out, const struct intake_row *row)
{
    size_t begun = frame_begin(out, FRAME_ROW);
    frame_put_u32(out, row->number);
    frame_put_u16(out, row->count);
    for (uint32_t i = 0; i < row->count; i++) {
        const struct intake_cell *cell = &row->cells[i];
        uint64_t bits = 0;
        frame_put_u16(out, cell->column);
        frame_put_u8(out, cell->kind);
        frame_put_text(out, cell->text);
        if (cell->kind == INTAKE_NUMBER) {
            memcpy(&bits, &cell->number, sizeof bits);
            frame_put_u64(out, bits);
        } else if (cell->kind == INTAKE_DATE) {
            frame_put_u32(out, (uint32_t)cell->day.day);
            frame_put_u32(out, (uint32_t)cell->seconds);
        }
    }
    frame_end(out, begun);
}

void frame_put_error(struct buf *out, const struct error *err)
{
    size_t begun = frame_begin(out, FRAME_ERROR);
    frame_put_u16(out, err->code);
    frame_put_u8(out, err->count);
    for (size_t i = 0; i < err->count; i++) frame_put_text(out, error_arg(err, i));
    frame_end(out, begun);
}

/* ---- reading ------------------------------------------------------------------------------- */

struct take {
    str rest;
    bool bad;
};

static uint64_t take_little(struct take *take, size_t bytes)
{
    uint64_t value = 0;
    if (take->rest.len < bytes) {
        take->bad = true;
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)(unsigned char)take->rest.ptr[i] << (8 * i);
    take->rest = str_slice(take->rest, bytes, take->rest.len);
    return value;
}

static str take_text(struct take *take)
{
    size_t length = (size_t)take_little(take, 4);
    if (take->bad || length > take->rest.len) {
        take->bad = true;
        return STR("");
    }
    str text = str_slice(take->rest, 0, length);
    take->rest = str_slice(take->rest, length, take->rest.len);
    if (!utf8_valid(text)) take->bad = true;
    return text;
}

static bool protocol(const char *what, struct error *err)
{
    return error_set(err, ERROR_INTAKE_JAIL_PROTOCOL, "s", what);
}

/* The errors that a parser may report; anything else would be the child speaking for others. */
static bool may_report(unsigned code)
{
    static const enum error_code codes[] = {
        ERROR_CSV_FIELD_TOO_LONG, ERROR_CSV_QUOTE,       ERROR_CSV_TOO_MANY_FIELDS,
        ERROR_INTAKE_BINARY,      ERROR_INTAKE_DOCTYPE,  ERROR_INTAKE_EMPTY_FILE,
        ERROR_INTAKE_ENCODING,    ERROR_INTAKE_JAIL,     ERROR_INTAKE_LIMIT,
        ERROR_INTAKE_OLD_EXCEL,   ERROR_INTAKE_PASSWORD, ERROR_INTAKE_TRUNCATED,
        ERROR_INTAKE_XML,         ERROR_INTAKE_ZIP_BOMB,
    };
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (codes[i] == code) return true;
    return false;
}

static bool take_error(struct take *take, struct error *err)
{
    unsigned code = (unsigned)take_little(take, 2), count = (unsigned)take_little(take, 1);
    str args[ERROR_ARGS_MAX] = {0};
    if (take->bad || !may_report(code) || count > ERROR_ARGS_MAX) return protocol("error", err);
    for (unsigned i = 0; i < count; i++) args[i] = take_text(take);
    if (take->bad || take->rest.len != 0) return protocol("error", err);
    static const char kinds[] = "SSSSSS";
    return error_set(err, code, kinds + (ERROR_ARGS_MAX - count), args[0], args[1], args[2],
                     args[3], args[4], args[5]);
}

static bool take_cell(struct frame_reader *reader, struct take *take, int32_t *last_column,
                      struct intake_cell *cell)
{
    *cell = (struct intake_cell){.column = (uint16_t)take_little(take, 2)};
    cell->kind = (uint8_t)take_little(take, 1);
    cell->text = take_text(take);
    reader->text_bytes += (int64_t)cell->text.len;
    if (take->bad || cell->column >= INTAKE_MAX_columns || (int32_t)cell->column <= *last_column ||
        cell->text.len == 0 || reader->text_bytes > INTAKE_MAX_text_bytes)
        return false;
    *last_column = cell->column;
    if (cell->kind == INTAKE_NUMBER) {
        uint64_t bits = take_little(take, 8);
        memcpy(&cell->number, &bits, sizeof bits);
        return !take->bad && isfinite(cell->number);
    }
    if (cell->kind == INTAKE_DATE) {
        cell->day.day = (int32_t)(uint32_t)take_little(take, 4);
        cell->seconds = (int32_t)(uint32_t)take_little(take, 4);
        /* The years 0001 to 9999, so that later arithmetic on days can't overflow. */
        return !take->bad && cell->day.day >= -719162 && cell->day.day <= 2932896 &&
               cell->seconds >= 0 && cell->seconds < 86400;
    }
    return cell->kind == INTAKE_TEXT || cell->kind == INTAKE_FORMULA;
}

static bool take_row(struct frame_reader *reader, struct take *take, struct error *err)
{
    struct intake_row row = {.number = (uint32_t)take_little(take, 4), .cells = reader->cells};
    row.count = (uint32_t)take_little(take, 2);
    if (take->bad || !reader->in_sheet || row.number <= reader->last_row ||
        row.number > INTAKE_MAX_rows || row.count == 0 || row.count > INTAKE_MAX_columns)
        return protocol("row", err);
    reader->last_row = row.number;
    reader->rows++;
    reader->cell_count += row.count;
    if (reader->cell_count > INTAKE_MAX_cells) return protocol("cells", err);
    int32_t last_column = -1;
    for (uint32_t i = 0; i < row.count; i++)
        if (!take_cell(reader, take, &last_column, &reader->cells[i])) return protocol("cell", err);
    if (take->rest.len != 0) return protocol("row", err);
    return reader->sink->row(reader->sink->arg, &row, err);
}

static bool take_sheet(struct frame_reader *reader, struct take *take, struct error *err)
{
    unsigned hidden = (unsigned)take_little(take, 1);
    str name = take_text(take);
    if (take->bad || take->rest.len != 0 || hidden > 1 || name.len > 1024 || !reader->begun ||
        ++reader->sheets > INTAKE_MAX_sheets)
        return protocol("sheet", err);
    reader->in_sheet = true;
    reader->last_row = 0;
    return reader->sink->sheet(reader->sink->arg, name, hidden == 1, err);
}

static bool take_begin(struct frame_reader *reader, struct take *take, struct error *err)
{
    struct intake_book book = {.format = (enum intake_format)take_little(take, 1)};
    book.encoding = (enum intake_encoding)take_little(take, 1);
    book.separator = (char)take_little(take, 1);
    bool csv = book.format == INTAKE_CSV && book.encoding >= INTAKE_UTF8 &&
               book.encoding <= INTAKE_GB18030 && strchr(",;\t", book.separator) != NULL;
    bool xlsx = book.format == INTAKE_XLSX && book.encoding == 0 && book.separator == '\0';
    if (take->bad || take->rest.len != 0 || !reader->greeted || reader->begun || (!csv && !xlsx))
        return protocol("begin", err);
    reader->begun = true;
    return reader->sink->begin(reader->sink->arg, &book, err);
}

static bool take_merged(struct frame_reader *reader, struct take *take, struct error *err)
{
    struct intake_range range = {.first_row = (uint32_t)take_little(take, 4)};
    range.last_row = (uint32_t)take_little(take, 4);
    range.first_column = (uint16_t)take_little(take, 2);
    range.last_column = (uint16_t)take_little(take, 2);
    if (take->bad || take->rest.len != 0 || !reader->in_sheet || range.first_row < 1 ||
        range.first_row > range.last_row || range.first_column > range.last_column ||
        ++reader->merged > INTAKE_MAX_merged * INTAKE_MAX_sheets)
        return protocol("merged", err);
    return reader->sink->merged(reader->sink->arg, &range, err);
}

bool frame_take(struct frame_reader *reader, unsigned char kind, str payload, struct error *err)
{
    struct take take = {.rest = payload};
    if (reader->ended) return protocol("after the end", err);
    switch (kind) {
    case FRAME_HELLO:
        if (reader->greeted || take_little(&take, 1) != FRAME_VERSION || take.bad ||
            take.rest.len != 0)
            return protocol("hello", err);
        reader->greeted = true;
        return true;
    case FRAME_BEGIN: return take_begin(reader, &take, err);
    case FRAME_SHEET: return take_sheet(reader, &take, err);
    case FRAME_ROW: return take_row(reader, &take, err);
    case FRAME_MERGED: return take_merged(reader, &take, err);
    case FRAME_ERROR: return take_error(&take, err);
    case FRAME_END:
        if (!reader->begun || (int64_t)take_little(&take, 8) != reader->rows || take.bad ||
            take.rest.len != 0)
            return protocol("end", err);
        reader->ended = true;
        return true;
    default: return protocol("kind", err);
    }
}
