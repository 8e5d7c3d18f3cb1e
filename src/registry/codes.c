/* Industry classes and administrative divisions, read once from tables/codes. */
#include "registry/internal.h"

#include "base/csv.h"
#include "base/file.h"
#include "base/map.h"

#define CODES_FILE_BYTES_MAX ((size_t)4 << 20)

struct code_list {
    struct registry_code *rows;
    size_t count;
    struct map by_code;
};

struct registry_codes {
    struct code_list industries, divisions;
};

static const char *cell(struct arena *arena, const struct csv_table *table, size_t row, int column)
{
    return column < 0 ? "" : str_dup(arena, str_trim(table->rows[row][column]));
}

/* Columns code and name_zh (or name) are needed; name_en, parent, province, grid_region are not. */
static bool read_list(struct arena *arena, const char *path, struct code_list *list,
                      struct error *err)
{
    str text;
    struct csv_table table;
    if (!file_read(arena, path, CODES_FILE_BYTES_MAX, &text, err)) return false;
    if (!csv_read_table(arena, text, &table, err)) return false;
    int code = csv_column(&table, "code"), name_zh = csv_column(&table, "name_zh");
    if (name_zh < 0) name_zh = csv_column(&table, "name");
    int name_en = csv_column(&table, "name_en"), parent = csv_column(&table, "parent");
    int province = csv_column(&table, "province"), grid = csv_column(&table, "grid_region");
    if (code < 0) return error_set(err, ERROR_REGISTRY_CODES_COLUMN, "ss", path, "code");
    if (name_zh < 0) return error_set(err, ERROR_REGISTRY_CODES_COLUMN, "ss", path, "name_zh");
    list->rows = ARENA_NEW_ARRAY(arena, struct registry_code, table.count + 1);
    map_init(&list->by_code, arena);
    for (size_t i = 0; i < table.count; i++) {
        struct registry_code *row = &list->rows[list->count];
        row->code = cell(arena, &table, i, code);
        if (row->code[0] == '\0') continue;
        row->name_zh = cell(arena, &table, i, name_zh);
        row->name_en = cell(arena, &table, i, name_en);
        if (row->name_en[0] == '\0') row->name_en = row->name_zh;
        row->parent = cell(arena, &table, i, parent);
        row->province = cell(arena, &table, i, province);
        row->grid_region = cell(arena, &table, i, grid);
        map_put(&list->by_code, str_from(row->code), row);
        list->count++;
    }
    return true;
}

struct registry_codes *registry_codes_open(struct arena *arena, const char *tables_directory,
                                           struct error *err)
{
    struct registry_codes *codes = ARENA_NEW(arena, struct registry_codes);
    const char *industries = arena_printf(arena, "%s/codes/gbt4754.csv", tables_directory);
    const char *divisions = arena_printf(arena, "%s/codes/divisions.csv", tables_directory);
    if (!read_list(arena, industries, &codes->industries, err)) return NULL;
    if (!read_list(arena, divisions, &codes->divisions, err)) return NULL;
    return codes;
}

const struct registry_code *registry_find_industry(const struct registry_codes *codes, str code)
{
    return map_get(&codes->industries.by_code, code);
}

const struct registry_code *registry_find_division(const struct registry_codes *codes, str code)
{
    return code.len == 6 ? map_get(&codes->divisions.by_code, code) : NULL;
}

size_t registry_list_industries(const struct registry_codes *codes,
                                const struct registry_code **list)
{
    *list = codes->industries.rows;
    return codes->industries.count;
}

size_t registry_list_divisions(const struct registry_codes *codes,
                               const struct registry_code **list)
{
    *list = codes->divisions.rows;
    return codes->divisions.count;
}
