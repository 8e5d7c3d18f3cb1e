/* Reading the tables: which columns are values, which tell rows apart, which are remarks. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/num.h"
#include "factor/internal.h"

#define TABLE_BYTES_MAX ((size_t)8 << 20)
#define COLUMNS_MAX 64

enum role { ROLE_VALUE, ROLE_CLASS, ROLE_REMARK };

struct head {
    str name, unit;
    enum role role;
};

struct source {
    struct arena *arena;
    struct csv_table csv;
    const char *path;
    struct head heads[COLUMNS_MAX];
    size_t head_count;
};

static bool is_one_of(str text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(text, list[i])) return true;
    return false;
}

/* "ncv : GJ/unit": a number unless the unit is a date, a flag, or the row's unit itself. */
static struct head read_head(str text)
{
    static const char *const remarks[] = {"id",           "name_en",  "name_zh",      "publisher",
                                          "document",     "clause",   "published_on", "valid_from",
                                          "valid_to",     "scheme",   "report_year",  "data_year",
                                          "confidence",   "enabled",  "note",         "area",
                                          "ref_standard", "deadline", "tier"};
    struct head head = {.name = str_trim(text), .role = ROLE_CLASS};
    size_t colon;
    if (str_find(text, STR(":"), &colon)) {
        head.name = str_trim(str_slice(text, 0, colon));
        head.unit = str_trim(str_slice(text, colon + 1, text.len));
        head.role = ROLE_VALUE;
    }
    if (is_one_of(head.name, remarks, ARRAY_LEN(remarks)) || str_starts(head.name, "uncertainty") ||
        str_is(head.unit, "date"))
        head.role = str_is(head.name, "uncertainty_of") ? ROLE_VALUE : ROLE_REMARK;
    if (str_is(head.unit, "flag") && head.role == ROLE_VALUE) head.role = ROLE_CLASS;
    if (str_is(head.name, "unit") || str_is(head.name, "distribution")) head.role = ROLE_REMARK;
    if (str_is(head.name, "level")) head.role = ROLE_CLASS; /* of a code or an area */
    return head;
}

static const char *cell(const struct source *source, size_t row, const char *name)
{
    for (size_t i = 0; i < source->head_count; i++)
        if (str_is(source->heads[i].name, name))
            return str_dup(source->arena, str_trim(source->csv.rows[row][i]));
    return "";
}

static bool has_column(const struct source *source, const char *name)
{
    for (size_t i = 0; i < source->head_count; i++)
        if (str_is(source->heads[i].name, name)) return true;
    return false;
}

/* The word `unit` of a column's unit is the row's own. */
static const char *unit_of(struct arena *arena, str unit, const char *row_unit)
{
    size_t at;
    if (row_unit[0] == '\0' || !str_find(unit, STR("unit"), &at)) return str_dup(arena, unit);
    bool brackets = unit.len != 4 && strpbrk(row_unit, " */") != NULL;
    return arena_printf(arena, brackets ? "%.*s(%s)%.*s" : "%.*s%s%.*s", (int)at, unit.ptr,
                        row_unit, STR_ARG(str_slice(unit, at + 4, unit.len)));
}

static void read_values(const struct source *source, size_t at, const char *row_unit,
                        struct factor_row *row)
{
    struct arena *arena = source->arena;
    struct factor_value *values = ARENA_NEW_ARRAY(arena, struct factor_value, source->head_count);
    struct factor_cell *list = ARENA_NEW_ARRAY(arena, struct factor_cell, source->head_count),
                       *spreads = ARENA_NEW_ARRAY(arena, struct factor_cell, source->head_count);
    const char *classes = "";
    for (size_t i = 0; i < source->head_count; i++) {
        const struct head *head = &source->heads[i];
        str text = str_trim(source->csv.rows[at][i]);
        if (head->role == ROLE_VALUE) {
            struct factor_value *value = &values[row->value_count++];
            *value = (struct factor_value){.name = str_dup(arena, head->name),
                                           .unit = unit_of(arena, head->unit, row_unit),
                                           .text = str_dup(arena, text)};
            value->has_number = num_parse(text, &value->number);
        } else if (head->role == ROLE_CLASS && text.len != 0) {
            classes = arena_printf(arena, "%s%s%.*s=%.*s", classes, classes[0] == '\0' ? "" : ", ",
                                   STR_ARG(head->name), STR_ARG(text));
            list[row->class_count++] =
                (struct factor_cell){str_dup(arena, head->name), str_dup(arena, text)};
        } else if (str_starts(head->name, "uncertainty_") && text.len != 0) {
            str of = str_slice(head->name, sizeof "uncertainty_" - 1, head->name.len);
            spreads[row->uncertainty_count++] =
                (struct factor_cell){str_dup(arena, of), str_dup(arena, text)};
        }
    }
    row->class_list = list;
    row->uncertainty_list = spreads;
    row->classes = classes;
    row->values = values;
    row->unit = row->value_count == 0 ? "" : values[0].unit;
}

/* power_i_2021 and power_i_2022, lpr_2024_10_21 and lpr_2024_11_20 are rows of one series. */
static const char *series_of(struct arena *arena, const char *id)
{
    size_t length = strlen(id);
    for (size_t i = 1; i + 5 <= length; i++)
        if (id[i] == '_' &&
            (strncmp(id + i + 1, "19", 2) == 0 || strncmp(id + i + 1, "20", 2) == 0) &&
            strspn(id + i + 1, "0123456789") == 4)
            return str_dup(arena, (str){id, i});
    return id;
}

static void read_row(const struct source *source, size_t at, struct factor_row *row)
{
    struct arena *arena = source->arena;
    date published;
    const char *enabled = cell(source, at, "enabled"), *kind = cell(source, at, "kind");
    *row = (struct factor_row){.table = source->path,
                               .line = source->csv.lines[at],
                               .id = cell(source, at, "id"),
                               .name_en = cell(source, at, "name_en"),
                               .name_zh = cell(source, at, "name_zh"),
                               .scheme = cell(source, at, "scheme"),
                               .area = cell(source, at, "area"),
                               .level = cell(source, at, "level"),
                               .year = cell(source, at, "data_year"),
                               .publisher = cell(source, at, "publisher"),
                               .document = cell(source, at, "document"),
                               .clause = cell(source, at, "clause"),
                               .confidence = cell(source, at, "confidence"),
                               .note = cell(source, at, "note"),
                               .uncertainty = cell(source, at, "uncertainty"),
                               .distribution = cell(source, at, "distribution"),
                               .published = INT32_MIN};
    if (row->year[0] == '\0') row->year = cell(source, at, "report_year");
    row->enabled =
        strcmp(enabled, "false") != 0 && strcmp(enabled, "0") != 0 && strcmp(enabled, "no") != 0;
    row->has_from = date_parse_iso(str_from(cell(source, at, "valid_from")), &row->valid_from);
    row->has_to = date_parse_iso(str_from(cell(source, at, "valid_to")), &row->valid_to);
    if (date_parse_iso(str_from(cell(source, at, "published_on")), &published))
        row->published = published.day;
    row->series = row->area[0] != '\0' ? arena_printf(arena, "%s %s", row->area, kind)
                                       : series_of(arena, row->id);
    read_values(source, at, cell(source, at, "unit"), row);
    row->tier_id = has_column(source, "tier") ? cell(source, at, "tier") : NULL;
}

struct found_file {
    const char *path, *full;
};

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct found_file *)a)->path, ((const struct found_file *)b)->path);
}

struct found_files {
    struct found_file *list;
    size_t count, capacity;
};

static void add_file(struct arena *arena, struct found_files *files, const char *path,
                     const char *full)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->list[i].path, path) == 0) {
            files->list[i].full = full;
            return;
        }
    *ARENA_PUSH(arena, files->list, files->count, files->capacity) =
        (struct found_file){path, full};
}

/* tables/FOLDER/FILE.csv of one root; one without tables has none. */
static void list_files(struct arena *arena, const char *root, struct found_files *files)
{
    struct error ignored;
    char **folders, **names;
    size_t folder_count, count;
    const char *tables = arena_printf(arena, "%s/tables", root);
    if (!file_list(arena, tables, &folders, &folder_count, &ignored)) return;
    for (size_t f = 0; f < folder_count; f++) {
        const char *folder = arena_printf(arena, "%s/%s", tables, folders[f]);
        if (!file_list(arena, folder, &names, &count, &ignored)) continue;
        for (size_t i = 0; i < count; i++)
            if (str_ends(str_from(names[i]), ".csv"))
                add_file(arena, files, arena_printf(arena, "%s/%s", folders[f], names[i]),
                         arena_printf(arena, "%s/%s", folder, names[i]));
    }
}

bool factor_read_table(struct factor_library *library, size_t *capacity, const char *path,
                       str bytes, struct error *err)
{
    struct source source = {.arena = library->arena, .path = path};
    if (!csv_read_table(library->arena, bytes, &source.csv, err)) return false;
    if (csv_column(&source.csv, "id") < 0 || source.csv.columns > COLUMNS_MAX) return true;
    for (size_t i = 0; i < source.csv.columns; i++)
        source.heads[source.head_count++] = read_head(source.csv.names[i]);
    library->table_count++;
    for (size_t i = 0; i < source.csv.count; i++)
        if (str_trim(source.csv.rows[i][csv_column(&source.csv, "id")]).len != 0)
            read_row(&source, i,
                     ARENA_PUSH(library->arena, library->rows, library->count, *capacity));
    return true;
}

/* Rows stay where they are from here on. */
static void link_tiers(struct factor_library *library)
{
    for (size_t i = 0; i < library->count; i++) {
        struct factor_row *row = &library->rows[i];
        if (row->tier_id != NULL && row->tier_id[0] != '\0')
            row->tier = factor_row_at(library, "credit/tiers.csv", row->tier_id);
    }
}

static bool read_words(struct factor_library *library, const char *root, struct error *err)
{
    static const char *const names[] = {"columns.csv", "texts.csv"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *path = arena_printf(library->arena, "%s/tables/words/%s", root, names[i]);
        str bytes;
        if (file_exists(path) && (!file_read(library->arena, path, TABLE_BYTES_MAX, &bytes, err) ||
                                  !factor_read_words(library, names[i], bytes, err)))
            return false;
    }
    return true;
}

bool factor_open(struct arena *arena, const char *const *roots, size_t root_count,
                 struct factor_library *library, struct error *err)
{
    struct factor_library read = {.arena = arena};
    struct found_files files = {0};
    size_t capacity = 0;
    map_init(&read.words, arena);
    for (size_t i = 0; i < root_count; i++) {
        list_files(arena, roots[i], &files);
        if (!read_words(&read, roots[i], err)) return false;
    }
    if (files.count > 0) qsort(files.list, files.count, sizeof *files.list, by_path);
    for (size_t i = 0; i < files.count; i++) {
        str bytes;
        if (!file_read(arena, files.list[i].full, TABLE_BYTES_MAX, &bytes, err) ||
            !factor_read_table(&read, &capacity, files.list[i].path, bytes, err))
            return false;
    }
    if (read.count == 0)
        return error_set(err, ERROR_FACTOR_NONE, "s", root_count > 0 ? roots[0] : "");
    link_tiers(&read);
    *library = read;
    return true;
}
