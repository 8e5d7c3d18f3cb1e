#include "base/csv.h"

#include <string.h>

void csv_init(struct csv *csv, str text, char separator)
{
    if (str_starts(text, "\xEF\xBB\xBF")) text = str_slice(text, 3, text.len);
    *csv = (struct csv){.text = text, .separator = separator, .next_line = 1};
}

char csv_guess_separator(str text)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t counts[3] = {0};
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (c == '\n' || c == '\r') break;
        for (size_t k = 0; k < 3; k++) counts[k] += c == candidates[k];
    }
    size_t best = 0;
    for (size_t k = 1; k < 3; k++)
        if (counts[k] > counts[best]) best = k;
    return candidates[best];
}

static bool at_line_end(const struct csv *csv)
{
    return csv->at == csv->text.len || csv->text.ptr[csv->at] == '\n' ||
           csv->text.ptr[csv->at] == '\r';
}

static bool read_quoted(struct csv *csv, struct arena *arena, str *field, struct error *err)
{
    size_t start = ++csv->at, quotes = 0;
    for (;; csv->at++) {
        if (csv->at == csv->text.len) return error_set(err, ERROR_CSV_QUOTE, "i", csv->line);
        char c = csv->text.ptr[csv->at];
        if (c == '\n') csv->next_line++;
        if (c != '"') continue;
        if (csv->at + 1 < csv->text.len && csv->text.ptr[csv->at + 1] == '"') {
            quotes++;
            csv->at++;
            continue;
        }
        break;
    }
    str raw = str_slice(csv->text, start, csv->at);
    csv->at++;
    if (!at_line_end(csv) && csv->text.ptr[csv->at] != csv->separator)
        return error_set(err, ERROR_CSV_QUOTE, "i", csv->line);
    if (quotes != 0) {
        char *plain = arena_alloc(arena, raw.len + 1);
        size_t length = 0;
        for (size_t i = 0; i < raw.len; i++) {
            plain[length++] = raw.ptr[i];
            if (raw.ptr[i] == '"') i++;
        }
        raw = (str){plain, length};
    }
    *field = raw;
    return true;
}

bool csv_next(struct csv *csv, struct arena *arena, str **fields, size_t *count, struct error *err)
{
    *fields = NULL;
    *count = 0;
    if (csv->at >= csv->text.len) return true;
    csv->line = csv->next_line;
    str *list = NULL;
    size_t used = 0, capacity = 0;
    for (;;) {
        str field;
        if (csv->at < csv->text.len && csv->text.ptr[csv->at] == '"') {
            if (!read_quoted(csv, arena, &field, err)) return false;
        } else {
            size_t start = csv->at;
            while (!at_line_end(csv) && csv->text.ptr[csv->at] != csv->separator) csv->at++;
            field = str_slice(csv->text, start, csv->at);
        }
        if (field.len > CSV_FIELD_BYTES_MAX)
            return error_set(err, ERROR_CSV_FIELD_TOO_LONG, "ii", csv->line,
                             (int64_t)CSV_FIELD_BYTES_MAX);
        if (used == CSV_FIELDS_MAX)
            return error_set(err, ERROR_CSV_TOO_MANY_FIELDS, "ii", csv->line,
                             (int64_t)CSV_FIELDS_MAX);
        *ARENA_PUSH(arena, list, used, capacity) = field;
        if (at_line_end(csv)) break;
        csv->at++; /* the separator */
    }
    if (csv->at < csv->text.len) {
        bool cr = csv->text.ptr[csv->at++] == '\r';
        if (cr && csv->at < csv->text.len && csv->text.ptr[csv->at] == '\n') csv->at++;
        csv->next_line++;
    }
    *fields = list;
    *count = used;
    return true;
}

void csv_put(struct buf *buf, str field, bool first)
{
    if (!first) buf_putc(buf, ',');
    bool quote = false;
    for (size_t i = 0; i < field.len && !quote; i++)
        quote = strchr(",\"\r\n;\t", field.ptr[i]) != NULL || field.ptr[i] == '\0';
    if (field.len > 0 && (field.ptr[0] == ' ' || field.ptr[field.len - 1] == ' ')) quote = true;
    if (!quote) {
        buf_put_str(buf, field);
        return;
    }
    buf_putc(buf, '"');
    for (size_t i = 0; i < field.len; i++) {
        if (field.ptr[i] == '"') buf_putc(buf, '"');
        buf_putc(buf, field.ptr[i]);
    }
    buf_putc(buf, '"');
}

/* A sign and digits: what a spreadsheet reads as a number and not as a formula. */
static bool is_signed_number(str field)
{
    if (field.len < 2 || (field.ptr[0] != '+' && field.ptr[0] != '-')) return false;
    for (size_t i = 1; i < field.len; i++)
        if (field.ptr[i] == '\0' || strchr("0123456789.,eE%", field.ptr[i]) == NULL) return false;
    return true;
}

void csv_put_safe(struct buf *buf, str field, bool first)
{
    bool formula =
        field.len > 0 && field.ptr[0] != '\0' && strchr("=+-@\t\r", field.ptr[0]) != NULL;
    if (!formula || is_signed_number(field)) {
        csv_put(buf, field, first);
        return;
    }
    if (!first) buf_putc(buf, ',');
    buf_puts(buf, "\"'");
    for (size_t i = 0; i < field.len; i++) {
        if (field.ptr[i] == '"') buf_putc(buf, '"');
        buf_putc(buf, field.ptr[i]);
    }
    buf_putc(buf, '"');
}

void csv_end_row(struct buf *buf)
{
    buf_puts(buf, "\r\n");
}

bool csv_read_table(struct arena *arena, str text, struct csv_table *table, struct error *err)
{
    struct csv csv;
    *table = (struct csv_table){0};
    csv_init(&csv, text, csv_guess_separator(text));
    size_t row_capacity = 0, line_capacity = 0, line_count = 0;
    for (;;) {
        str *fields;
        size_t count;
        if (!csv_next(&csv, arena, &fields, &count, err)) return false;
        if (fields == NULL) return true;
        if (table->names == NULL) {
            for (size_t i = 0; i < count; i++) fields[i] = str_trim(fields[i]);
            table->names = fields;
            table->columns = count;
            continue;
        }
        if (count == 1 && str_trim(fields[0]).len == 0) continue;
        str *row = ARENA_NEW_ARRAY(arena, str, table->columns);
        for (size_t i = 0; i < table->columns; i++) row[i] = i < count ? fields[i] : STR("");
        *ARENA_PUSH(arena, table->rows, table->count, row_capacity) = row;
        *ARENA_PUSH(arena, table->lines, line_count, line_capacity) = csv.line;
    }
}

int csv_column(const struct csv_table *table, const char *name)
{
    for (size_t i = 0; i < table->columns; i++)
        if (str_is(table->names[i], name)) return (int)i;
    return -1;
}
