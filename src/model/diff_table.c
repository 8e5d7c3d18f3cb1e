/* Two tables compared row by row. A row is known by its id, else by its texts and dates; what the
 * models read (or the engine: units, validity, publication) is meaning, the rest documents. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "model/diff.h"
#include "model/tree.h"

struct table_diff {
    struct changes *changes;
    struct arena *arena;
    const struct table *a, *b;
    struct map used; /* columns that either model reads */
    struct map keys; /* columns that a lookup finds a row by */
};

static bool is_used(const struct table_diff *f, str column)
{
    static const char *const engine[] = {"id",         "unit",     "enabled",    "published_on",
                                         "valid_from", "valid_to", "uncertainty"};
    for (size_t i = 0; i < ARRAY_LEN(engine); i++)
        if (str_is(column, engine[i])) return true;
    return map_has(&f->used, column);
}

/* What tells a row apart: its id, or what a lookup finds it by, every text and date that is not
 * about its source. */
static char *row_key(const struct table_diff *f, const struct table *table, size_t row, bool by_id)
{
    static const char *const about[] = {"name_en", "name_zh", "publisher",  "document", "clause",
                                        "note",    "scheme",  "confidence", "url"};
    struct arena *arena = f->arena;
    if (by_id) return str_dup(arena, table->cells[row][table->id]);
    struct buf *out = buf_new(arena);
    for (int c = 0; c < table->column_count; c++) {
        const struct column *column = &table->columns[c];
        bool skip = column->type == MODEL_NUMBER || column->type == MODEL_FLAG;
        for (size_t i = 0; i < ARRAY_LEN(about) && !str_is(column->name, "scheme"); i++)
            skip = skip || str_is(column->name, about[i]);
        if ((!skip || map_has(&f->keys, column->name)) && table->cells[row][c].len != 0)
            buf_printf(out, "%s%.*s", out->len == 0 ? "" : " ", STR_ARG(table->cells[row][c]));
    }
    return out->len == 0 ? arena_strdup(arena, "") : str_dup(arena, buf_str(out));
}

static bool unique_ids(struct arena *arena, const struct table *table)
{
    struct map seen;
    map_init(&seen, arena);
    if (table->id < 0) return false;
    for (size_t i = 0; i < table->row_count; i++) {
        if (map_has(&seen, table->cells[i][table->id])) return false;
        map_put(&seen, table->cells[i][table->id], &seen);
    }
    return true;
}

/* key → row + 1; rows of one key are numbered. */
static struct map *rows_by_key(const struct table_diff *f, const struct table *table, bool by_id)
{
    struct arena *arena = f->arena;
    struct map *rows = ARENA_NEW(arena, struct map);
    map_init(rows, arena);
    for (size_t i = 0; i < table->row_count; i++) {
        char *key = row_key(f, table, i, by_id);
        for (int again = 2; map_has(rows, str_from(key)); again++)
            key = arena_printf(arena, "%s #%d", row_key(f, table, i, by_id), again);
        map_put(rows, str_from(key), (void *)(uintptr_t)(i + 1));
    }
    return rows;
}

static bool same_cell(const struct table *a, size_t i, int x, const struct table *b, size_t k,
                      int y)
{
    double left, right;
    str before = a->cells[i][x], after = b->cells[k][y];
    if (str_equal(before, after)) return true;
    if (a->columns[x].type != MODEL_NUMBER || !num_parse(before, &left) ||
        !num_parse(after, &right))
        return false;
    return left == right;
}

static const char *cell_text(struct table_diff *f, const struct table *table, size_t row,
                             int column)
{
    str text = table->cells[row][column], unit = table->columns[column].unit_text;
    if (text.len == 0) return NULL;
    if (table->columns[column].type != MODEL_NUMBER || unit.len == 0 || str_is(unit, "1"))
        return str_dup(f->arena, text);
    return arena_printf(f->arena, "%.*s %.*s", STR_ARG(text), STR_ARG(unit));
}

static void compare_rows(struct table_diff *f, const char *key, size_t i, size_t k)
{
    for (int x = 0; x < f->a->column_count; x++) {
        int y = table_column(f->b, f->a->columns[x].name);
        if (y < 0 || same_cell(f->a, i, x, f->b, k, y)) continue;
        diff_add(f->changes, CHANGE_CHANGED,
                 is_used(f, f->a->columns[x].name) ? CHANGE_MEANING : CHANGE_DOCUMENTS, "table",
                 f->a->name,
                 arena_printf(f->arena, "row %s, column %.*s", key, STR_ARG(f->a->columns[x].name)),
                 cell_text(f, f->a, i, x), cell_text(f, f->b, k, y));
    }
}

/* The cells of a row that the models read, "ncv 28.4 GJ/t, carbon 0.03 (t C)/GJ". */
static char *row_text(struct table_diff *f, const struct table *table, size_t row)
{
    struct buf *out = buf_new(f->arena);
    for (int c = 0; c < table->column_count; c++) {
        const char *text = cell_text(f, table, row, c);
        if (text == NULL || c == table->id || !is_used(f, table->columns[c].name)) continue;
        buf_printf(out, "%s%.*s %s", out->len == 0 ? "" : ", ", STR_ARG(table->columns[c].name),
                   text);
    }
    return out->len == 0 ? arena_strdup(f->arena, "") : str_dup(f->arena, buf_str(out));
}

static void compare_columns(struct table_diff *f)
{
    for (int x = 0; x < f->a->column_count; x++) {
        const struct column *before = &f->a->columns[x];
        int y = table_column(f->b, before->name);
        enum change_class class = is_used(f, before->name) ? CHANGE_MEANING : CHANGE_DOCUMENTS;
        char *aspect = arena_printf(f->arena, "column %.*s", STR_ARG(before->name));
        const char *unit = str_dup(f->arena, before->unit_text);
        if (y < 0)
            diff_add(f->changes, CHANGE_REMOVED, class, "table", f->a->name, aspect, unit, NULL);
        else if (!str_equal(before->unit_text, f->b->columns[y].unit_text))
            diff_add(f->changes, CHANGE_CHANGED, class, "table", f->a->name, aspect, unit,
                     str_dup(f->arena, f->b->columns[y].unit_text));
    }
    for (int y = 0; y < f->b->column_count; y++) {
        const struct column *after = &f->b->columns[y];
        if (table_column(f->a, after->name) < 0)
            diff_add(f->changes, CHANGE_ADDED,
                     is_used(f, after->name) ? CHANGE_MEANING : CHANGE_DOCUMENTS, "table",
                     f->a->name, arena_printf(f->arena, "column %.*s", STR_ARG(after->name)), NULL,
                     str_dup(f->arena, after->unit_text));
    }
}

void diff_tables(struct changes *changes, const struct model *a, const struct model *b,
                 const struct table *before, const struct table *after)
{
    struct table_diff f = {.changes = changes, .arena = changes->arena, .a = before, .b = after};
    map_init(&f.used, f.arena);
    map_init(&f.keys, f.arena);
    tree_used_columns(a, before->name, &f.used, &f.keys);
    tree_used_columns(b, before->name, &f.used, &f.keys);
    const char *from = tree_statement(f.arena, a, "table", before->name);
    const char *to = tree_statement(f.arena, b, "table", before->name);
    if (strcmp(from, to) != 0)
        diff_add(changes, CHANGE_CHANGED, CHANGE_MEANING, "table", before->name, "statement", from,
                 to);
    else if (digest_equal(before->file->digest, after->file->digest))
        return;
    bool by_id = unique_ids(f.arena, before) && unique_ids(f.arena, after);
    struct map *old = rows_by_key(&f, before, by_id), *new = rows_by_key(&f, after, by_id);
    compare_columns(&f);
    for (size_t i = 0; i < old->count; i++) {
        str key = old->entries[i].key;
        size_t row = (size_t)(uintptr_t)old->entries[i].value - 1;
        size_t other = (size_t)(uintptr_t)map_get(new, key);
        if (other != 0)
            compare_rows(&f, str_dup(f.arena, key), row, other - 1);
        else
            diff_add(changes, CHANGE_REMOVED, CHANGE_MEANING, "table", before->name,
                     arena_printf(f.arena, "row %.*s", STR_ARG(key)), row_text(&f, before, row),
                     NULL);
    }
    for (size_t i = 0; i < new->count; i++) {
        str key = new->entries[i].key;
        if (!map_has(old, key))
            diff_add(changes, CHANGE_ADDED, CHANGE_MEANING, "table", before->name,
                     arena_printf(f.arena, "row %.*s", STR_ARG(key)), NULL,
                     row_text(&f, after, (size_t)(uintptr_t) new->entries[i].value - 1));
    }
}
