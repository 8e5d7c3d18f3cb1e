/* How a stranger's table is to be read: kept as JSON, proposed from headers, confirmed by a person.
 */
#include "intake/read.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"

#define HEADER_ROWS 30
#define MAPPING_BYTES_MAX 65536

static bool bad(const char *where, const char *what, struct error *err)
{
    return error_set(err, ERROR_INTAKE_MAPPING, "ss", where, what);
}

static bool read_column(struct arena *arena, const json_t *entry, size_t index,
                        struct intake_mapping_column *column, struct error *err)
{
    const char *where = arena_printf(arena, "columns[%zu]", index);
    const json_t *factor = json_object_get(entry, "factor");
    if (!json_is_object(entry)) return bad(where, "not an object", err);
    if (!intake_json_column(entry, "column", &column->column))
        return bad(where, "\"column\" must be a column's letters such as \"B\"", err);
    column->input = intake_json_text(arena, entry, "input");
    column->key = intake_json_text(arena, entry, "key");
    column->unit = intake_json_text(arena, entry, "unit");
    column->factor = factor != NULL ? json_number_value(factor) : 1;
    if (column->input.len == 0) return bad(where, "\"input\" is missing", err);
    if (factor != NULL && !json_is_number(factor))
        return bad(where, "\"factor\" must be a number", err);
    if (!(isfinite(column->factor) && column->factor != 0))
        return bad(where, "\"factor\" must not be 0", err);
    return true;
}

static bool read_mapping(struct arena *arena, const json_t *root, struct intake_mapping *mapping,
                         struct error *err)
{
    struct intake_mapping read = {.sheet = intake_json_text(arena, root, "sheet")};
    const json_t *columns = json_object_get(root, "columns"),
                 *header = json_object_get(root, "header_row");
    if (!json_is_object(root)) return bad("$", "not an object", err);
    if (!json_is_integer(header) || json_integer_value(header) < 0 ||
        json_integer_value(header) > INTAKE_MAX_rows)
        return bad("header_row", "a row number from 0 is expected", err);
    read.header_row = (uint32_t)json_integer_value(header);
    if (!intake_json_column(root, "month_column", &read.month_column))
        return bad("month_column", "a column's letters such as \"A\" are expected", err);
    str same_month = intake_json_text(arena, root, "same_month");
    read.sum_rows = str_is(same_month, "sum");
    if (json_object_get(root, "same_month") != NULL && !read.sum_rows &&
        !str_is(same_month, "refuse"))
        return bad("same_month", "\"refuse\" or \"sum\" is expected", err);
    if (!json_is_array(columns) || json_array_size(columns) == 0 ||
        (int64_t)json_array_size(columns) > INTAKE_MAX_columns)
        return bad("columns", "a list of columns is expected", err);
    read.column_count = json_array_size(columns);
    read.columns = ARENA_NEW_ARRAY(arena, struct intake_mapping_column, read.column_count);
    for (size_t i = 0; i < read.column_count; i++)
        if (!read_column(arena, json_array_get(columns, i), i, &read.columns[i], err)) return false;
    *mapping = read;
    return true;
}

bool intake_mapping_parse(struct arena *arena, str json, struct intake_mapping *mapping,
                          struct error *err)
{
    json_t *root;
    if (!intake_json_load(arena, json, MAPPING_BYTES_MAX, ERROR_INTAKE_MAPPING, &root, err))
        return false;
    bool good = read_mapping(arena, root, mapping, err);
    json_decref(root);
    return good;
}

char *intake_mapping_format(struct arena *arena, const struct intake_mapping *mapping)
{
    struct buf *out = buf_new(arena);
    buf_printf(out, "{\"header_row\":%u", mapping->header_row);
    intake_json_put_text(out, "sheet", mapping->sheet);
    intake_json_put_column(out, "month_column", mapping->month_column);
    intake_json_put_text(out, "same_month", mapping->sum_rows ? STR("sum") : STR("refuse"));
    buf_puts(out, ",\"columns\":[");
    for (size_t i = 0; i < mapping->column_count; i++) {
        const struct intake_mapping_column *column = &mapping->columns[i];
        buf_puts(out, i == 0 ? "{" : ",{");
        intake_json_put_column(out, "column", column->column);
        intake_json_put_text(out, "input", column->input);
        intake_json_put_text(out, "key", column->key);
        intake_json_put_text(out, "unit", column->unit);
        buf_puts(out, ",\"factor\":");
        buf_json_number(out, column->factor);
        buf_putc(out, '}');
    }
    buf_puts(out, "]}");
    return str_dup(arena, buf_str(out));
}

/* ---- proposing ----------------------------------------------------------------------------- */

/* "用电量（万kWh）" → 用电量 and 万kWh. */
static void split_header(struct arena *arena, str text, str *name, str *unit)
{
    str folded = str_trim(name_half_width(arena, text));
    size_t open;
    *name = folded;
    *unit = STR("");
    if (!str_ends(folded, ")") || !str_find(folded, STR("("), &open)) return;
    *name = str_trim(str_slice(folded, 0, open));
    *unit = str_trim(str_slice(folded, open + 1, folded.len - 1));
}

static bool resembles(struct arena *arena, str header, const char *name)
{
    size_t at;
    if (name == NULL || name[0] == '\0' || header.len == 0) return false;
    str folded = str_fold(arena, str_from(name));
    header = str_fold(arena, header);
    return str_equal(header, folded) || (header.len >= 6 && str_find(folded, header, &at)) ||
           (folded.len >= 6 && str_find(header, folded, &at));
}

static bool propose_column(struct arena *arena, const struct model_info *model, str header,
                           struct intake_mapping_column *column)
{
    str name;
    split_header(arena, header, &name, &column->unit);
    column->factor = 1;
    column->key = STR("");
    for (size_t i = 0; i < model->input_count; i++) { /* a fuel's or product's own name */
        const struct model_input *input = &model->inputs[i];
        if (!name_is_asked(input) || input->index == NULL || input->type != MODEL_NUMBER ||
            input->period == MODEL_ONCE)
            continue;
        const struct model_key *key = name_find_key(arena, input->keys, input->key_count, name);
        for (size_t k = 0; key == NULL && k < input->key_count; k++)
            if (resembles(arena, name, input->keys[k].label.zh)) key = &input->keys[k];
        if (key == NULL || !key->enabled) continue;
        column->input = str_from(input->name);
        column->key = str_from(key->id);
        return true;
    }
    for (size_t i = 0; i < model->input_count; i++) {
        const struct model_input *input = &model->inputs[i];
        if (!name_is_asked(input) || input->index != NULL || input->type != MODEL_NUMBER) continue;
        if (!resembles(arena, name, input->label.zh) && !resembles(arena, name, input->label.en) &&
            !resembles(arena, name, input->name))
            continue;
        column->input = str_from(input->name);
        return true;
    }
    return false;
}

/* Rows below that hold a month in that column. */
static size_t count_months(struct reader *reader, const struct intake_sheet *sheet, size_t from,
                           uint16_t column)
{
    size_t months = 0;
    for (size_t r = from; r < sheet->row_count && r < from + 24; r++) {
        date first, last;
        const struct intake_cell *cell = intake_cell_at(&sheet->rows[r], column);
        months += cell != NULL && period_parse(reader, cell, &first, &last) == SPAN_MONTH;
    }
    return months;
}

static bool propose_row(struct reader *reader, const struct intake_sheet *sheet, size_t r,
                        struct intake_mapping *mapping)
{
    const struct intake_row *row = &sheet->rows[r];
    size_t capacity = 0, best = 0;
    for (uint32_t i = 0; i < row->count; i++) {
        size_t months = count_months(reader, sheet, r + 1, row->cells[i].column);
        if (months <= best) continue;
        best = months;
        mapping->month_column = row->cells[i].column;
    }
    if (best == 0) return false;
    mapping->header_row = row->number;
    mapping->sheet = sheet->name;
    for (uint32_t i = 0; i < row->count; i++) {
        struct intake_mapping_column column = {.column = row->cells[i].column};
        if (column.column == mapping->month_column || row->cells[i].kind != INTAKE_TEXT ||
            !propose_column(reader->arena, reader->request->model, row->cells[i].text, &column))
            continue;
        *ARENA_PUSH(reader->arena, mapping->columns, mapping->column_count, capacity) = column;
    }
    return mapping->column_count > 0;
}

bool intake_mapping_propose(struct arena *arena, const struct intake_book *book,
                            const struct model_info *model, struct intake_mapping *mapping,
                            struct error *err)
{
    struct intake_request request = {.model = model, .first = {0}, .last = {0}};
    struct reader reader = {.arena = arena, .request = &request, .book = book};
    for (size_t s = 0; s < book->sheet_count; s++) {
        const struct intake_sheet *sheet = &book->sheets[s];
        if (sheet->hidden) continue;
        for (size_t r = 0; r < sheet->row_count && sheet->rows[r].number <= HEADER_ROWS; r++) {
            struct intake_mapping proposal = {0};
            if (!propose_row(&reader, sheet, r, &proposal)) continue;
            *mapping = proposal;
            return true;
        }
    }
    return error_set(err, ERROR_INTAKE_MAPPING_NONE, "i", (int64_t)HEADER_ROWS);
}
