/* The three layouts: our template (rows are inputs, columns are periods) in any edited state, the
 * long form (a row per value), and a stranger's table read by a mapping. */
#include "intake/read.h"

#include <string.h>

#include "base/buf.h"

#define HEADER_ROWS 30

struct header {
    uint32_t row;
    int columns[NAME_NOTE + 1]; /* by enum name; -1 when absent */
};

static void find_names(struct reader *reader, const struct intake_row *row, struct header *header)
{
    header->row = row->number;
    for (size_t i = 0; i <= NAME_NOTE; i++) header->columns[i] = -1;
    for (uint32_t i = 0; i < row->count; i++) {
        enum name name = row->cells[i].kind == INTAKE_TEXT
                             ? name_of_header(reader->arena, row->cells[i].text)
                             : NAME_NONE;
        if (header->columns[name] < 0) header->columns[name] = row->cells[i].column;
    }
}

static str text_at(const struct intake_row *row, int column)
{
    const struct intake_cell *cell = column >= 0 ? intake_cell_at(row, (uint16_t)column) : NULL;
    return cell != NULL ? str_trim(cell->text) : STR("");
}

static uint16_t column_or_first(int column)
{
    return column >= 0 ? (uint16_t)column : 0;
}

/* ---- the template -------------------------------------------------------------------------- */

struct period_column {
    uint16_t column;
    enum span span;
    date first, last;
    const struct intake_cell *cell;
};

static size_t find_periods(struct reader *reader, const struct intake_row *row,
                           struct period_column **list)
{
    size_t count = 0, capacity = 0;
    *list = NULL;
    for (uint32_t i = 0; i < row->count; i++) {
        struct period_column period = {.column = row->cells[i].column, .cell = &row->cells[i]};
        period.span = period_parse(reader, &row->cells[i], &period.first, &period.last);
        if (period.span == SPAN_NONE) continue;
        *ARENA_PUSH(reader->arena, *list, count, capacity) = period;
    }
    return count;
}

/* A row of the template by its code "burnt[coke]", or by its item text when the code was deleted.
 */
static bool find_by_item(struct reader *reader, str text, struct item *item)
{
    const struct model_info *model = reader->request->model;
    for (size_t i = 0; i < model->input_count; i++) {
        const struct model_input *input = &model->inputs[i];
        size_t keys = input->index != NULL ? input->key_count : 1;
        if (!name_is_asked(input)) continue;
        for (size_t k = 0; k < keys; k++) {
            const struct model_key *key = input->index != NULL ? &input->keys[k] : NULL;
            if (key != NULL && !key->enabled) continue;
            if (!name_equal(reader->arena, text, name_item(reader->arena, input, key, true)) &&
                !name_equal(reader->arena, text, name_item(reader->arena, input, key, false)))
                continue;
            item->input = input;
            item->key = key != NULL ? str_from(key->id) : STR("");
            return true;
        }
    }
    return false;
}

static bool find_template_row(struct reader *reader, const struct header *header,
                              const struct intake_row *row, struct item *item)
{
    str code = text_at(row, header->columns[NAME_CODE]);
    str name = text_at(row, header->columns[NAME_ITEM]);
    if (code.len == 0 && find_by_item(reader, name, item)) return true;
    str key = text_at(row, header->columns[NAME_KEY]), input = code.len != 0 ? code : name;
    int column = header->columns[code.len != 0 ? NAME_CODE : NAME_ITEM];
    size_t open;
    if (str_find(input, STR("["), &open) && str_ends(input, "]")) {
        key = str_slice(input, open + 1, input.len - 1);
        input = str_slice(input, 0, open);
    }
    return reader_find(reader, row->number, column_or_first(column), input, column_or_first(column),
                       key, item);
}

static void read_template_row(struct reader *reader, const struct header *header,
                              const struct period_column *periods, size_t period_count,
                              const struct intake_row *row)
{
    bool any = false;
    for (size_t i = 0; i < period_count; i++) any |= intake_cell_at(row, periods[i].column) != NULL;
    if (!any) return;
    struct item item = {.factor = 1};
    if (!find_template_row(reader, header, row, &item)) return;
    item.unit = text_at(row, header->columns[NAME_UNIT]);
    item.note = text_at(row, header->columns[NAME_NOTE]);
    for (size_t i = 0; i < period_count; i++) {
        item.span = periods[i].span;
        item.first = periods[i].first;
        item.last = periods[i].last;
        item.period_cell = periods[i].cell;
        intake_ref(header->row, periods[i].column, item.period_ref);
        reader_take(reader, row, periods[i].column, &item);
    }
}

/* A column of values whose head was meant as a period and is none ("2025-13", a formula): its
 * values must not vanish without a word. A column with a head of words is the author's own. */
static void refuse_headless(struct reader *reader, const struct intake_sheet *sheet, size_t r,
                            const struct period_column *periods, size_t period_count)
{
    const struct intake_row *row = &sheet->rows[r];
    for (uint32_t i = 0; i < row->count; i++) {
        const struct intake_cell *cell = &row->cells[i];
        bool words = cell->kind == INTAKE_TEXT &&
                     !(cell->text.len > 0 && cell->text.ptr[0] >= '0' && cell->text.ptr[0] <= '9');
        bool read = words, filled = false;
        for (size_t p = 0; p < period_count && !read; p++) read = periods[p].column == cell->column;
        for (size_t k = r + 1; k < sheet->row_count && !read && !filled; k++)
            filled = intake_cell_at(&sheet->rows[k], cell->column) != NULL;
        if (read || !filled) continue;
        char ref[INTAKE_REF_MAX];
        struct error err;
        intake_ref(row->number, cell->column, ref);
        error_set(&err, ERROR_INTAKE_PERIOD, "sS", ref, cell->text);
        reader_refuse(reader, row->number, ref, &err);
    }
}

bool layout_template(struct reader *reader, const struct intake_sheet *sheet)
{
    for (size_t r = 0; r < sheet->row_count && sheet->rows[r].number <= HEADER_ROWS; r++) {
        struct header header;
        struct period_column *periods;
        find_names(reader, &sheet->rows[r], &header);
        bool named = header.columns[NAME_CODE] >= 0 || header.columns[NAME_ITEM] >= 0;
        /* A column named "value" makes it the long form, where the first row may hold a month. */
        if (!named || header.columns[NAME_VALUE] >= 0) continue;
        size_t count = find_periods(reader, &sheet->rows[r], &periods);
        if (count == 0) continue;
        reader_begin_sheet(reader, sheet, header.row);
        refuse_headless(reader, sheet, r, periods, count);
        for (size_t i = r + 1; i < sheet->row_count; i++)
            read_template_row(reader, &header, periods, count, &sheet->rows[i]);
        return true;
    }
    return false;
}

/* ---- the long form ------------------------------------------------------------------------- */

static void read_long_row(struct reader *reader, const struct header *header,
                          const struct intake_row *row)
{
    const int *columns = header->columns;
    uint16_t value = (uint16_t)columns[NAME_VALUE];
    int input_column = columns[NAME_CODE] >= 0 ? columns[NAME_CODE] : columns[NAME_ITEM];
    if (intake_cell_at(row, value) == NULL) return;
    struct item item = {.factor = 1};
    str input = text_at(row, input_column), key = text_at(row, columns[NAME_KEY]);
    int key_column = columns[NAME_KEY];
    size_t open;
    if (key.len == 0 && str_find(input, STR("["), &open) && str_ends(input, "]")) {
        key = str_slice(input, open + 1, input.len - 1);
        input = str_slice(input, 0, open);
        key_column = input_column;
    }
    if (reader_merged(reader, row->number, value)) return;
    if (!reader_find(reader, row->number, column_or_first(input_column), input,
                     column_or_first(key_column), key, &item))
        return;
    item.unit = text_at(row, columns[NAME_UNIT]);
    item.note = text_at(row, columns[NAME_NOTE]);
    item.period_cell = intake_cell_at(row, (uint16_t)columns[NAME_PERIOD]);
    item.span = period_parse(reader, item.period_cell, &item.first, &item.last);
    intake_ref(row->number, (uint16_t)columns[NAME_PERIOD], item.period_ref);
    reader_take(reader, row, value, &item);
}

bool layout_long(struct reader *reader, const struct intake_sheet *sheet)
{
    for (size_t r = 0; r < sheet->row_count && sheet->rows[r].number <= HEADER_ROWS; r++) {
        struct header header;
        find_names(reader, &sheet->rows[r], &header);
        if (header.columns[NAME_PERIOD] < 0 || header.columns[NAME_VALUE] < 0 ||
            (header.columns[NAME_ITEM] < 0 && header.columns[NAME_CODE] < 0))
            continue;
        reader_begin_sheet(reader, sheet, header.row);
        for (size_t i = r + 1; i < sheet->row_count; i++)
            read_long_row(reader, &header, &sheet->rows[i]);
        return true;
    }
    return false;
}

/* ---- a stranger's table -------------------------------------------------------------------- */

static bool find_sheet(struct reader *reader, str name, const struct intake_sheet **sheet,
                       struct error *err)
{
    const struct intake_book *book = reader->book;
    struct buf *names = buf_new(reader->arena);
    for (size_t i = 0; i < book->sheet_count; i++) {
        bool wanted =
            name.len == 0 ? !book->sheets[i].hidden : str_equal(name, book->sheets[i].name);
        if (wanted) {
            *sheet = &book->sheets[i];
            return true;
        }
        if (names->len < 200)
            buf_printf(names, "%s%.*s", i == 0 ? "" : ", ", STR_ARG(book->sheets[i].name));
    }
    return error_set(err, ERROR_INTAKE_SHEET_UNKNOWN, "SS", name, buf_str(names));
}

bool layout_mapped(struct reader *reader, struct error *err)
{
    const struct intake_mapping *mapping = reader->request->mapping;
    const struct intake_sheet *sheet = NULL;
    if (!find_sheet(reader, mapping->sheet, &sheet, err)) return false;
    reader_begin_sheet(reader, sheet, mapping->header_row);
    reader->sums = mapping->sum_rows;
    struct item *items = ARENA_NEW_ARRAY(reader->arena, struct item, mapping->column_count + 1);
    bool *known = ARENA_NEW_ARRAY(reader->arena, bool, mapping->column_count + 1);
    for (size_t i = 0; i < mapping->column_count; i++) {
        const struct intake_mapping_column *column = &mapping->columns[i];
        uint32_t row = mapping->header_row > 0 ? mapping->header_row : 1;
        items[i] = (struct item){0};
        known[i] = reader_find(reader, row, column->column, column->input, column->column,
                               column->key, &items[i]);
        items[i].unit = column->unit;
        items[i].factor = column->factor;
    }
    for (size_t r = 0; r < sheet->row_count; r++) {
        const struct intake_row *row = &sheet->rows[r];
        if (row->number <= mapping->header_row) continue;
        const struct intake_cell *period = intake_cell_at(row, mapping->month_column);
        for (size_t i = 0; i < mapping->column_count; i++) {
            if (!known[i]) continue;
            items[i].period_cell = period;
            items[i].span = period_parse(reader, period, &items[i].first, &items[i].last);
            intake_ref(row->number, mapping->month_column, items[i].period_ref);
            reader_take(reader, row, mapping->columns[i].column, &items[i]);
        }
    }
    return true;
}
