#include "intake/intake.h"

#include <stdio.h>
#include <string.h>

#include "intake/limits.h"
#include "intake/parse.h"

struct builder {
    struct arena *arena;
    struct intake_book *book;
    size_t sheet_capacity, row_capacity, merged_capacity;
    int64_t cells;
};

static bool add_begin(void *arg, const struct intake_book *book, struct error *err)
{
    struct builder *builder = arg;
    (void)err;
    *builder->book = *book;
    return true;
}

static bool add_sheet(void *arg, str name, bool hidden, struct error *err)
{
    struct builder *b = arg;
    (void)err;
    *ARENA_PUSH(b->arena, b->book->sheets, b->book->sheet_count, b->sheet_capacity) =
        (struct intake_sheet){.name = str_copy(b->arena, name), .hidden = hidden};
    b->row_capacity = b->merged_capacity = 0;
    return true;
}

static bool add_row(void *arg, const struct intake_row *row, struct error *err)
{
    struct builder *b = arg;
    struct intake_sheet *sheet = &b->book->sheets[b->book->sheet_count - 1];
    size_t text_bytes = 0;
    b->cells += row->count;
    char where[INTAKE_REF_MAX];
    intake_ref(row->number, 0, where);
    if (b->cells > INTAKE_MAX_book_cells) return parse_over_limit(where, "book_cells", err);
    for (uint32_t i = 0; i < row->count; i++) text_bytes += row->cells[i].text.len;
    struct intake_row copy = *row;
    copy.cells = arena_try_alloc(b->arena, row->count * sizeof *copy.cells);
    char *text = arena_try_alloc(b->arena, text_bytes);
    if (copy.cells == NULL || text == NULL) return parse_over_limit(where, "memory_bytes", err);
    for (uint32_t i = 0; i < row->count; i++) {
        copy.cells[i] = row->cells[i];
        memcpy(text, row->cells[i].text.ptr, row->cells[i].text.len);
        copy.cells[i].text.ptr = text;
        text += row->cells[i].text.len;
    }
    *ARENA_PUSH(b->arena, sheet->rows, sheet->row_count, b->row_capacity) = copy;
    return true;
}

static bool add_merged(void *arg, const struct intake_range *range, struct error *err)
{
    struct builder *b = arg;
    struct intake_sheet *sheet = &b->book->sheets[b->book->sheet_count - 1];
    (void)err;
    *ARENA_PUSH(b->arena, sheet->merged, sheet->merged_count, b->merged_capacity) = *range;
    return true;
}

bool intake_open_book(struct arena *arena, str bytes, struct intake_book *book, struct error *err)
{
    struct intake_book built = {0};
    struct builder builder = {.arena = arena, .book = &built};
    struct intake_sink sink = {&builder, add_begin, add_sheet, add_row, add_merged};
    if (!intake_stream(bytes, &sink, err)) return false;
    size_t rows = 0;
    for (size_t i = 0; i < built.sheet_count; i++) rows += built.sheets[i].row_count;
    if (rows == 0) return error_set(err, ERROR_INTAKE_EMPTY_FILE, "");
    *book = built;
    return true;
}

const struct intake_cell *intake_cell_at(const struct intake_row *row, uint16_t column)
{
    size_t low = 0, high = row != NULL ? row->count : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (row->cells[middle].column < column)
            low = middle + 1;
        else
            high = middle;
    }
    return row != NULL && low < row->count && row->cells[low].column == column ? &row->cells[low]
                                                                               : NULL;
}

const struct intake_row *intake_row_at(const struct intake_sheet *sheet, uint32_t number)
{
    size_t low = 0, high = sheet->row_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sheet->rows[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sheet->row_count && sheet->rows[low].number == number ? &sheet->rows[low] : NULL;
}

void intake_ref(uint32_t row, uint16_t column, char out[INTAKE_REF_MAX])
{
    char letters[8];
    size_t at = sizeof letters - 1;
    letters[at] = '\0';
    for (uint32_t c = (uint32_t)column + 1; c > 0; c = (c - 1) / 26)
        letters[--at] = (char)('A' + (c - 1) % 26);
    snprintf(out, INTAKE_REF_MAX, "%s%u", letters + at, row);
}
