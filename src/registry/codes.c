/* Industry classes and administrative divisions, read once from tables/codes. */
#include "registry/internal.h"

#include "base/csv.h"
#include "base/file.h"
#include "base/map.h"
#include "base/num.h"

#include <string.h>

#define CODES_FILE_BYTES_MAX ((size_t)4 << 20)

struct code_list {
    struct registry_code *rows;
    size_t count;
    struct map by_code;
};

struct grid_row {
    str division; /* leading digits that it covers */
    const char *region;
    date from, to;
};

struct registry_codes {
    struct code_list industries, divisions;
    struct grid_row *grids;
    size_t grid_count;
    struct csv_table classes; /* evidence tiers and their weight */
    int class_id, class_weight;
};

static const char *cell(struct arena *arena, const struct csv_table *table, size_t row, int column)
{
    return column < 0 ? "" : str_dup(arena, str_trim(table->rows[row][column]));
}

/* Columns code and name_zh (or name) are needed; name_en and parent are not. */
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
        row->province = "";
        map_put(&list->by_code, str_from(row->code), row);
        list->count++;
    }
    return true;
}

/* 330800 covers 3308..: pairs of zeros at the end stand for everything below. */
static str covered(str division)
{
    while (division.len >= 2 && str_ends(division, "00")) division.len -= 2;
    return division;
}

static bool read_grids(struct arena *arena, const char *path, struct registry_codes *codes,
                       struct error *err)
{
    str text;
    struct csv_table table;
    if (!file_read(arena, path, CODES_FILE_BYTES_MAX, &text, err)) return false;
    if (!csv_read_table(arena, text, &table, err)) return false;
    int division = csv_column(&table, "division"), region = csv_column(&table, "region");
    int from = csv_column(&table, "valid_from : date"), to = csv_column(&table, "valid_to : date");
    if (division < 0) return error_set(err, ERROR_REGISTRY_CODES_COLUMN, "ss", path, "division");
    if (region < 0) return error_set(err, ERROR_REGISTRY_CODES_COLUMN, "ss", path, "region");
    codes->grids = ARENA_NEW_ARRAY(arena, struct grid_row, table.count + 1);
    for (size_t i = 0; i < table.count; i++) {
        struct grid_row *row = &codes->grids[codes->grid_count++];
        *row = (struct grid_row){.division = covered(str_trim(table.rows[i][division])),
                                 .region = cell(arena, &table, i, region),
                                 .from = {INT32_MIN},
                                 .to = {INT32_MAX}};
        str first = str_from(cell(arena, &table, i, from));
        str last = str_from(cell(arena, &table, i, to));
        if (first.len > 0 && !date_parse_iso(first, &row->from)) row->from.day = INT32_MAX;
        if (last.len > 0 && !date_parse_iso(last, &row->to)) row->to.day = INT32_MIN;
    }
    return true;
}

static bool read_classes(struct arena *arena, const char *path, struct registry_codes *codes,
                         struct error *err)
{
    str text;
    if (!file_read(arena, path, CODES_FILE_BYTES_MAX, &text, err)) return false;
    if (!csv_read_table(arena, text, &codes->classes, err)) return false;
    codes->class_id = csv_column(&codes->classes, "id");
    codes->class_weight = csv_column(&codes->classes, "class : 1");
    if (codes->class_id < 0) return error_set(err, ERROR_REGISTRY_CODES_COLUMN, "ss", path, "id");
    if (codes->class_weight < 0)
        return error_set(err, ERROR_REGISTRY_CODES_COLUMN, "ss", path, "class : 1");
    return true;
}

bool registry_source_class(const struct registry_codes *codes, str tier, double *weight)
{
    for (size_t i = 0; i < codes->classes.count; i++)
        if (str_equal(codes->classes.rows[i][codes->class_id], tier))
            return num_parse(str_trim(codes->classes.rows[i][codes->class_weight]), weight);
    return false;
}

/* "Inner Mongolia" is inner_mongolia in the factor tables. */
static const char *area_name(struct arena *arena, const char *name_en)
{
    char *area = str_dup(arena, str_fold(arena, str_from(name_en)));
    for (char *c = area; *c != '\0'; c++)
        if (*c == ' ')
            *c = '_';
        else if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return area;
}

static void fill_provinces(struct arena *arena, struct code_list *divisions)
{
    for (size_t i = 0; i < divisions->count; i++) {
        struct registry_code *row = &divisions->rows[i];
        if (strlen(row->code) != 6) continue;
        const char *top = arena_printf(arena, "%.2s0000", row->code);
        const struct registry_code *province = map_get(&divisions->by_code, str_from(top));
        if (province != NULL) row->province = area_name(arena, province->name_en);
    }
}

struct registry_codes *registry_codes_open(struct arena *arena, const char *tables_directory,
                                           struct error *err)
{
    struct registry_codes *codes = ARENA_NEW(arena, struct registry_codes);
    const char *industries = arena_printf(arena, "%s/codes/gbt4754.csv", tables_directory);
    const char *divisions = arena_printf(arena, "%s/codes/divisions.csv", tables_directory);
    if (!read_list(arena, industries, &codes->industries, err)) return NULL;
    if (!read_list(arena, divisions, &codes->divisions, err)) return NULL;
    const char *grids = arena_printf(arena, "%s/codes/grid-regions.csv", tables_directory);
    if (!read_grids(arena, grids, codes, err)) return NULL;
    const char *classes = arena_printf(arena, "%s/credit/source-classes.csv", tables_directory);
    if (!read_classes(arena, classes, codes, err)) return NULL;
    fill_provinces(arena, &codes->divisions);
    return codes;
}

const char *registry_grid_region(const struct registry_codes *codes, str division, date on)
{
    const char *region = "";
    size_t best = 0;
    for (size_t i = 0; i < codes->grid_count; i++) {
        const struct grid_row *row = &codes->grids[i];
        if (row->division.len < best || on.day < row->from.day || on.day > row->to.day) continue;
        if (!str_equal(row->division, str_slice(division, 0, row->division.len))) continue;
        best = row->division.len;
        region = row->region;
    }
    return region;
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

const char *registry_division_label(struct arena *arena, const struct registry_codes *codes,
                                    str code, bool zh)
{
    const struct registry_code *own = registry_find_division(codes, code);
    if (own == NULL) return str_dup(arena, code);
    const char *top = arena_printf(arena, "%.2s0000", own->code);
    const struct registry_code *province = registry_find_division(codes, str_from(top));
    const char *name = zh ? own->name_zh : own->name_en;
    if (province == NULL || province == own) return name;
    return arena_printf(arena, zh ? "%s %s" : "%s, %s", zh ? province->name_zh : province->name_en,
                        name);
}
