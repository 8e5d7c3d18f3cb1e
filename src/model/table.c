#include "model/table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "model/engine.h"

void intern_init(struct intern *intern, struct arena *arena, const struct intern *below)
{
    *intern = (struct intern){
        .arena = arena, .below = below, .first = below == NULL ? 0 : below->first + below->count};
    map_init(&intern->numbers, arena);
}

double intern_find(const struct intern *intern, str text)
{
    if (intern->below != NULL) {
        double found = intern_find(intern->below, text);
        if (found >= 0) return found;
    }
    uintptr_t known = (uintptr_t)map_get(&intern->numbers, text);
    return known == 0 ? -1 : (double)(intern->first + known - 1);
}

double intern_text(struct intern *intern, str text)
{
    double found = intern_find(intern, text);
    if (found >= 0) return found;
    const char *copy = str_dup(intern->arena, text);
    *ARENA_PUSH(intern->arena, intern->texts, intern->count, intern->capacity) = copy;
    map_put(&intern->numbers, str_from(copy), (void *)(uintptr_t)intern->count);
    return (double)(intern->first + intern->count - 1);
}

const char *intern_at(const struct intern *intern, double number)
{
    size_t at = (size_t)number;
    if (at < intern->first) return intern_at(intern->below, number);
    CHECK(at - intern->first < intern->count);
    return intern->texts[at - intern->first];
}

int table_column(const struct table *table, str name)
{
    for (int i = 0; i < table->column_count; i++)
        if (str_equal(table->columns[i].name, name)) return i;
    return -1;
}

bool table_row_visible(const struct table *table, size_t row, int32_t as_known)
{
    return table->enabled[row] && (as_known == 0 || table->published[row] <= as_known);
}

/* A path under a root's tables/ that no link leads out of. */
static char *path_inside(struct arena *arena, const char *root, str path)
{
    char *folder = arena_printf(arena, "%s/tables", root);
    char *wanted = arena_printf(arena, "%s/%.*s", folder, STR_ARG(path));
    char *real_folder = realpath(folder, NULL), *real = realpath(wanted, NULL);
    char *result = NULL;
    if (real_folder != NULL && real != NULL) {
        size_t length = strlen(real_folder);
        if (strncmp(real, real_folder, length) == 0 && real[length] == '/')
            result = arena_strdup(arena, real);
    }
    free(real_folder);
    free(real);
    return result;
}

/* A file of a table, read and cut into cells once for all models that name it. */
struct table_file {
    struct model_table_file file; /* the first member: what others see of it */
    struct csv_table csv;
    bool cut;
};

static struct table_file *find_file(struct model *model, const struct token *at, str path)
{
    struct model_library *library = model->library;
    str rest = path, part;
    bool escapes = path.len == 0 || path.ptr[0] == '/' || path.len > 200;
    while (str_cut(&rest, '/', &part)) escapes = escapes || str_is(part, "..");
    if (escapes) {
        model_report(model, at, "table-path",
                     "name a file under tables/, such as \"factors/fuels.csv\"",
                     "The path \"%.*s\" leads out of the tables.", STR_ARG(path));
        return NULL;
    }
    struct table_file *found = map_get(&library->file_cache, path);
    if (found != NULL) return found;
    for (size_t i = library->root_count; i-- > 0;) {
        char *full = path_inside(library->arena, library->roots[i], path);
        if (full == NULL) continue;
        struct error err = {0};
        str bytes;
        if (!file_read(library->arena, full, TABLE_BYTES_MAX, &bytes, &err)) {
            model_report(model, at, "table-file", NULL, "%s",
                         error_render(library->arena, &err, error_sentence(err.code)));
            return NULL;
        }
        found = ARENA_NEW(library->arena, struct table_file);
        found->file = (struct model_table_file){
            .path = str_dup(library->arena, path), .bytes = bytes, .digest = digest_of(bytes)};
        map_put(&library->file_cache, str_from(found->file.path), found);
        return found;
    }
    model_report(model, at, "table-file", NULL, "There is no table \"%.*s\".", STR_ARG(path));
    return NULL;
}

static bool is_one_of(str text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(text, list[i])) return true;
    return false;
}

/* "ncv : GJ/unit" → name, type, unit. */
static bool read_header(struct model *model, struct table *table, const struct token *at,
                        str header, struct column *column)
{
    static const char *const dates[] = {"published_on", "valid_from", "valid_to"};
    size_t colon;
    *column = (struct column){.type = MODEL_TEXT, .name = str_trim(header)};
    if (str_find(header, STR(":"), &colon)) {
        column->name = str_trim(str_slice(header, 0, colon));
        column->unit_text = str_trim(str_slice(header, colon + 1, header.len));
    } else if (is_one_of(column->name, dates, ARRAY_LEN(dates))) {
        column->unit_text = STR("date");
    } else if (str_is(column->name, "enabled")) {
        column->unit_text = STR("flag");
    } else if (str_is(column->name, "report_year")) {
        column->unit_text = STR("year");
    } else {
        column->unit_text = STR("text");
    }
    column->name = str_copy(model->arena, column->name);
    column->unit_text = str_copy(model->arena, column->unit_text);
    column->unit = unit_one();
    if (str_is(column->unit_text, "text")) return true;
    if (str_is(column->unit_text, "unit") && str_is(column->name, "unit")) return true;
    if (str_is(column->unit_text, "date"))
        column->type = MODEL_DATE;
    else if (str_is(column->unit_text, "flag"))
        column->type = MODEL_FLAG;
    else
        column->type = MODEL_NUMBER;
    if (column->type != MODEL_NUMBER) return true;
    if (unit_parse_text(model->units, model->arena, column->unit_text, true, table->name,
                        &column->unit))
        return true;
    model_report(model, at, "table-unit", NULL,
                 "%s: the unit \"%.*s\" of column %.*s is not known.", table->path,
                 STR_ARG(column->unit_text), STR_ARG(column->name));
    return false;
}

static bool read_cell(struct model *model, struct table *table, const struct token *at,
                      struct column *column, size_t row, str cell)
{
    const char *wanted = NULL;
    date day;
    column->empty[row] = cell.len == 0;
    if (cell.len == 0) return true;
    switch (column->type) {
    case MODEL_NUMBER:
        if (!num_parse(cell, &column->values[row])) wanted = "a number";
        break;
    case MODEL_DATE:
        if (!date_parse_iso(cell, &day))
            wanted = "a date such as 2024-01-31";
        else
            column->values[row] = day.day;
        break;
    case MODEL_FLAG:
        column->values[row] = str_is(cell, "true") || str_is(cell, "1") || str_is(cell, "yes");
        if (column->values[row] == 0 && !str_is(cell, "false") && !str_is(cell, "0") &&
            !str_is(cell, "no"))
            wanted = "true or false";
        break;
    default: column->values[row] = intern_text(model->texts, cell);
    }
    if (wanted == NULL) return true;
    model_report(model, at, "table-cell", NULL, "%s line %lld, column %.*s: \"%.*s\" is not %s.",
                 table->path, (long long)table->lines[row], STR_ARG(column->name), STR_ARG(cell),
                 wanted);
    return false;
}

static bool keep_row(const struct csv_table *csv, const int *columns,
                     const struct table_filter *filters, size_t count, size_t row)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(str_trim(csv->rows[row][columns[i]]), filters[i].text) != filters[i].equal)
            return false;
    return true;
}

static void read_row_facts(struct model *model, struct table *table, const struct token *at,
                           size_t row)
{
    int enabled = table_column(table, STR("enabled")),
        published = table_column(table, STR("published_on"));
    table->enabled[row] = enabled < 0 || table->columns[enabled].empty[row] ||
                          table->columns[enabled].values[row] != 0;
    table->published[row] = published < 0 || table->columns[published].type != MODEL_DATE ||
                                    table->columns[published].empty[row]
                                ? INT32_MIN
                                : (int32_t)table->columns[published].values[row];
    table->row_units[row] = unit_one();
    if (table->unit < 0 || table->cells[row][table->unit].len == 0) return;
    str text = table->cells[row][table->unit];
    table->has_unit[row] = unit_parse_text(model->units, model->arena, text, true, (str){"", 0},
                                           &table->row_units[row]);
    if (!table->has_unit[row])
        model_report(model, at, "table-unit", NULL, "%s line %lld: the unit \"%.*s\" is not known.",
                     table->path, (long long)table->lines[row], STR_ARG(text));
}

static int compare_ids(const void *a, const void *b)
{
    const struct table_id *left = a, *right = b;
    int order = str_compare(left->id, right->id);
    return order != 0 ? order : left->row < right->row ? -1 : left->row > right->row;
}

/* Keys are looked up for each row of an index in each run: a search by halves, not row by row. */
static void order_by_id(struct model *model, struct table *table)
{
    if (table->id < 0) return;
    table->by_id = ARENA_NEW_ARRAY(model->arena, struct table_id, table->row_count + 1);
    for (size_t i = 0; i < table->row_count; i++)
        table->by_id[i] = (struct table_id){table->cells[i][table->id], (uint32_t)i};
    if (table->row_count > 1)
        qsort(table->by_id, table->row_count, sizeof *table->by_id, compare_ids);
}

static int compare_values(const void *a, const void *b)
{
    const struct {
        double value;
        uint32_t row;
    } *left = a, *right = b;
    if (left->value != right->value) return left->value < right->value ? -1 : 1;
    return left->row < right->row ? -1 : left->row > right->row;
}

const struct column_order *table_order(struct arena *arena, struct table *table, int column)
{
    if (table->orders == NULL)
        table->orders =
            ARENA_NEW_ARRAY(arena, struct column_order *, (size_t)table->column_count + 1);
    struct column_order *order = table->orders[column];
    if (order != NULL) return order;
    order = table->orders[column] = ARENA_NEW(arena, struct column_order);
    order->rows = arena_array(arena, table->row_count + 1, sizeof *order->rows);
    const struct column *c = &table->columns[column];
    for (size_t row = 0; row < table->row_count; row++) {
        if (c->empty[row]) continue;
        order->rows[order->count].value = c->values[row];
        order->rows[order->count++].row = (uint32_t)row;
    }
    if (order->count > 1) qsort(order->rows, order->count, sizeof *order->rows, compare_values);
    for (size_t i = 0, same = 0; i < order->count; i++) {
        same = i > 0 && order->rows[i].value == order->rows[i - 1].value ? same + 1 : 1;
        order->largest = size_max(order->largest, same);
    }
    return order;
}

size_t column_order_find(const struct column_order *order, double value)
{
    size_t first = 0, end = order->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (order->rows[middle].value < value)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

long table_id_row(const struct table *table, str id)
{
    size_t first = 0, end = table->by_id == NULL ? 0 : table->row_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (str_compare(table->by_id[middle].id, id) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    bool found =
        table->by_id != NULL && first < table->row_count && str_equal(table->by_id[first].id, id);
    return found ? (long)table->by_id[first].row : -1;
}

static bool fill(struct model *model, struct table *table, const struct token *at,
                 struct csv_table *csv, const struct table_filter *filters, size_t filter_count)
{
    int *filter_columns = ARENA_NEW_ARRAY(model->arena, int, filter_count + 1);
    for (size_t i = 0; i < filter_count; i++) {
        filter_columns[i] = table_column(table, filters[i].column);
        if (filter_columns[i] >= 0) continue;
        model_report(model, at, "unknown-column", NULL, "%s has no column %.*s.", table->path,
                     STR_ARG(filters[i].column));
        return false;
    }
    table->cells = ARENA_NEW_ARRAY(model->arena, str *, csv->count + 1);
    table->lines = ARENA_NEW_ARRAY(model->arena, int64_t, csv->count + 1);
    for (size_t i = 0; i < csv->count; i++) {
        if (csv->columns != 1 && csv->rows[i][0].len == 0 && csv->rows[i][1].len == 0) continue;
        if (!keep_row(csv, filter_columns, filters, filter_count, i)) continue;
        str *cells = ARENA_NEW_ARRAY(model->arena, str, csv->columns);
        for (size_t c = 0; c < csv->columns; c++)
            cells[c] = str_copy(model->arena, str_trim(csv->rows[i][c]));
        table->lines[table->row_count] = csv->lines[i];
        table->cells[table->row_count++] = cells;
    }
    size_t rows = table->row_count + 1;
    bool fine = true;
    for (int c = 0; c < table->column_count; c++) {
        struct column *column = &table->columns[c];
        column->values = ARENA_NEW_ARRAY(model->arena, double, rows);
        column->empty = ARENA_NEW_ARRAY(model->arena, bool, rows);
        for (size_t i = 0; i < table->row_count; i++)
            fine = read_cell(model, table, at, column, i, table->cells[i][c]) && fine;
    }
    table->enabled = ARENA_NEW_ARRAY(model->arena, bool, rows);
    table->published = ARENA_NEW_ARRAY(model->arena, int32_t, rows);
    table->row_units = ARENA_NEW_ARRAY(model->arena, struct unit, rows);
    table->has_unit = ARENA_NEW_ARRAY(model->arena, bool, rows);
    for (size_t i = 0; i < table->row_count; i++) read_row_facts(model, table, at, i);
    order_by_id(model, table);
    return fine;
}

struct table *table_load(struct model *model, const struct token *at, str name, str path,
                         const struct table_filter *filters, size_t filter_count)
{
    struct table_file *source = find_file(model, at, path);
    if (source == NULL) return NULL;
    struct model_table_file *file = &source->file;
    struct error err = {0};
    if (!source->cut)
        source->cut = csv_read_table(model->library->arena, file->bytes, &source->csv, &err);
    if (!source->cut) {
        model_report(model, at, "table-file", NULL, "%s: %s", file->path,
                     error_render(model->arena, &err, error_sentence(err.code)));
        return NULL;
    }
    if (source->csv.count > TABLE_ROWS_MAX || source->csv.columns == 0) {
        model_report(model, at, "table-size", NULL, "%s has %zu rows; at most %d are read.",
                     file->path, source->csv.count, TABLE_ROWS_MAX);
        return NULL;
    }
    struct table *table = ARENA_NEW(model->arena, struct table);
    table->name = name;
    table->path = file->path;
    table->file = file;
    table->row_base = unit_row_base(model->units, name);
    table->columns = ARENA_NEW_ARRAY(model->arena, struct column, source->csv.columns);
    for (size_t i = 0; i < source->csv.columns; i++)
        if (!read_header(model, table, at, source->csv.names[i],
                         &table->columns[table->column_count++]))
            return NULL;
    table->id = table_column(table, STR("id"));
    table->unit = table_column(table, STR("unit"));
    table->name_en = table_column(table, STR("name_en"));
    table->name_zh = table_column(table, STR("name_zh"));
    table->valid_from = table_column(table, STR("valid_from"));
    table->valid_to = table_column(table, STR("valid_to"));
    table->note = table_column(table, STR("note"));
    return fill(model, table, at, &source->csv, filters, filter_count) ? table : NULL;
}
