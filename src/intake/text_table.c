/* CSV from anywhere: UTF-8 with or without a byte order mark, or GB 18030 when the bytes are not
 * valid UTF-8. All cells are text; a cell that starts with = is a formula to whoever opens it. */
#include <errno.h>
#include <string.h>

#include "base/csv.h"
#include "base/num.h"
#include "intake/parse.h"

/* The rows that a text can have at most: refuses 10 million rows before reading one. */
static bool too_many_lines(str text)
{
    int64_t lines = 0;
    for (const char *at = text.ptr, *end = at + text.len; at < end; at++, lines++) {
        at = memchr(at, '\n', (size_t)(end - at));
        if (at == NULL) break;
        /* Blank lines and line breaks inside quotes are forgiven up to twice the limit. */
        if (lines > INTAKE_MAX_rows * 2) return true;
    }
    return false;
}

static bool encoding_error(str bytes, size_t at, struct error *err)
{
    int64_t line = 1;
    for (size_t i = 0; i < at && i < bytes.len; i++) line += bytes.ptr[i] == '\n';
    char byte[8] = "end";
    if (at < bytes.len) {
        static const char hex[] = "0123456789ABCDEF";
        unsigned char c = (unsigned char)bytes.ptr[at];
        byte[0] = '0';
        byte[1] = 'x';
        byte[2] = hex[c >> 4];
        byte[3] = hex[c & 15];
        byte[4] = '\0';
    }
    return error_set(err, ERROR_INTAKE_ENCODING, "is", line, byte);
}

static size_t first_malformed(str text)
{
    for (size_t at = 0, start; at < text.len;) {
        start = at;
        if (utf8_next(text, &at) == 0xFFFD &&
            !str_starts(str_slice(text, start, at), "\xEF\xBF\xBD"))
            return start;
    }
    return text.len;
}

static bool from_gb18030(struct parse *parse, str bytes, str *text, struct error *err)
{
    /* Two bytes of GB 18030 make at most three of UTF-8, one makes one. */
    size_t room = bytes.len + bytes.len / 2 + 16;
    char *out = arena_try_alloc(parse->arena, room);
    if (out == NULL) return parse_over_limit("CSV", "memory_bytes", err);
    char *from = (char *)bytes.ptr, *to = out;
    size_t from_left = bytes.len, to_left = room;
    iconv(parse->gb18030, NULL, NULL, NULL, NULL);
    if (iconv(parse->gb18030, &from, &from_left, &to, &to_left) == (size_t)-1)
        return encoding_error(bytes, bytes.len - from_left, err);
    *text = (str){out, room - to_left};
    return true;
}

static bool decode(struct parse *parse, str bytes, struct intake_book *book, str *text,
                   struct error *err)
{
    book->encoding = INTAKE_UTF8;
    *text = bytes;
    if (str_starts(bytes, "\xEF\xBB\xBF")) {
        book->encoding = INTAKE_UTF8_BOM;
        *text = str_slice(bytes, 3, bytes.len);
    } else if (!utf8_valid(bytes)) {
        book->encoding = INTAKE_GB18030;
        if (!from_gb18030(parse, bytes, text, err)) return false;
    }
    const char *zero = memchr(text->ptr, '\0', text->len);
    if (zero != NULL) return error_set(err, ERROR_INTAKE_BINARY, "s", "zero bytes");
    if (!utf8_valid(*text)) {
        return encoding_error(*text, first_malformed(*text), err);
    }
    return true;
}

static bool is_formula(str text)
{
    double number;
    return text.len > 1 && text.ptr[0] == '=' && !num_parse(str_slice(text, 1, text.len), &number);
}

static bool read_row(struct parse *parse, struct parse_row *row, uint32_t number, const str *fields,
                     size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        str text = str_trim(fields[i]);
        if (text.len == 0) continue;
        struct intake_cell *cell = parse_row_add(parse, row, number, (int64_t)i, text, err);
        if (cell == NULL) return false;
        cell->kind = is_formula(text) ? INTAKE_FORMULA : INTAKE_TEXT;
    }
    return parse_row_send(parse, row, err);
}

bool parse_csv(struct parse *parse, str bytes, struct error *err)
{
    struct intake_book book = {.format = INTAKE_CSV};
    str text;
    if (!decode(parse, bytes, &book, &text, err)) return false;
    if (too_many_lines(text)) return parse_over_limit("CSV", "rows", err);
    book.separator = csv_guess_separator(text);
    if (!parse->sink->begin(parse->sink->arg, &book, err) ||
        !parse->sink->sheet(parse->sink->arg, STR(""), false, err))
        return false;
    struct csv csv;
    csv_init(&csv, text, book.separator);
    struct parse_row row;
    parse_row_init(&row);
    bool good = true;
    for (uint32_t number = 1; good; number++) {
        str *fields;
        size_t count;
        good = csv_next(&csv, row.arena, &fields, &count, err);
        if (!good || fields == NULL) break;
        if (number > INTAKE_MAX_rows)
            good = parse_over_limit("CSV", "rows", err);
        else
            good = read_row(parse, &row, number, fields, count, err);
    }
    parse_row_clear(&row);
    return good;
}
