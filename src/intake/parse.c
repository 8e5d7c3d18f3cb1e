#include "intake/parse.h"

#include <string.h>

#define ROW_ARENA_BYTES ((size_t)256 << 20)
#define ROW_ARENA_RENEW ((size_t)2 << 20)

size_t intake_limits(const struct intake_limit **limits)
{
    static const struct intake_limit table[] = {
#define X(name, value, unit, reason) {#name, unit, reason, value},
#include "intake/limits.def"
#undef X
    };
    *limits = table;
    return ARRAY_LEN(table);
}

bool parse_over_limit(const char *where, const char *name, struct error *err)
{
    const struct intake_limit *limits;
    size_t count = intake_limits(&limits);
    for (size_t i = 0; i < count; i++)
        if (strcmp(limits[i].name, name) == 0)
            return error_set(err, ERROR_INTAKE_LIMIT, "siss", where, limits[i].value,
                             limits[i].unit, limits[i].reason);
    base_check_failed("the name of a limit", __FILE__, __LINE__);
}

void parse_row_init(struct parse_row *row)
{
    *row = (struct parse_row){.arena = arena_open(ROW_ARENA_BYTES)};
    row->cells = ARENA_NEW_ARRAY(row->arena, struct intake_cell, INTAKE_MAX_columns);
    row->row.cells = row->cells;
}

void parse_row_clear(struct parse_row *row)
{
    arena_close(row->arena);
    row->arena = NULL;
}

struct intake_cell *parse_row_add(struct parse *parse, struct parse_row *row, uint32_t number,
                                  int64_t column, str text, struct error *err)
{
    char where[INTAKE_REF_MAX];
    intake_ref(number, (uint16_t)size_min((size_t)column, UINT16_MAX), where);
    if (number > INTAKE_MAX_rows) return parse_over_limit(where, "rows", err), NULL;
    if (column >= INTAKE_MAX_columns) return parse_over_limit(where, "columns", err), NULL;
    if ((int64_t)text.len > INTAKE_MAX_cell_bytes)
        return parse_over_limit(where, "cell_bytes", err), NULL;
    if (++parse->cells > INTAKE_MAX_cells) return parse_over_limit(where, "cells", err), NULL;
    parse->text_bytes += (int64_t)text.len;
    if (parse->text_bytes > INTAKE_MAX_text_bytes)
        return parse_over_limit(where, "text_bytes", err), NULL;
    row->bytes += text.len + 32;
    if ((int64_t)row->bytes > INTAKE_MAX_row_bytes)
        return parse_over_limit(where, "row_bytes", err), NULL;
    CHECK(row->row.count < INTAKE_MAX_columns);
    row->row.number = number;
    struct intake_cell *cell = &row->cells[row->row.count++];
    *cell = (struct intake_cell){.column = (uint16_t)column, .text = text};
    return cell;
}

bool parse_row_send(struct parse *parse, struct parse_row *row, struct error *err)
{
    bool sent = row->row.count == 0 || parse->sink->row(parse->sink->arg, &row->row, err);
    row->row.count = 0;
    row->bytes = 0;
    if (sent && arena_bytes_used(row->arena) > ROW_ARENA_RENEW) {
        parse_row_clear(row);
        parse_row_init(row);
    }
    return sent;
}

bool parse_file(struct parse *parse, str bytes, struct error *err)
{
    static const struct {
        const char *start, *what;
    } others[] = {
        {"%PDF", "PDF"},        {"\x89PNG", "PNG"},      {"\xFF\xD8\xFF", "JPEG"},
        {"Rar!", "RAR"},        {"7z\xBC\xAF", "7-Zip"}, {"\x1F\x8B", "gzip"},
        {"\xFF\xFE", "UTF-16"}, {"\xFE\xFF", "UTF-16"},  {"SQLite format 3", "SQLite"},
    };
    if (str_trim(bytes).len == 0) return error_set(err, ERROR_INTAKE_EMPTY_FILE, "");
    if (str_starts(bytes, "PK\x03\x04")) return parse_xlsx(parse, bytes, err);
    if (str_starts(bytes, "\xD0\xCF\x11\xE0")) {
        /* A protected .xlsx hides in the container of the old format under this UTF-16 name. */
        static const char name[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
        size_t at;
        bool locked = str_find(bytes, (str){name, sizeof name}, &at);
        return error_set(err, locked ? ERROR_INTAKE_PASSWORD : ERROR_INTAKE_OLD_EXCEL, "");
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (str_starts(bytes, others[i].start))
            return error_set(err, ERROR_INTAKE_BINARY, "s", others[i].what);
    return parse_csv(parse, bytes, err);
}
