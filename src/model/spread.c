/* How far values may be off: as a person states it, as the data or the model say, and as the row of
 * a table says of its factor. */
#include "model/spread.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "model/random.h"

#define TIERS_FILE "tables/credit/uncertainty.csv"

static const struct {
    const char *word, *zh;
    enum model_spread_shape shape;
} shapes[] = {
    {"normal", "正态", MODEL_SPREAD_NORMAL},
    {"lognormal", "对数正态", MODEL_SPREAD_LOGNORMAL},
    {"triangular", "三角", MODEL_SPREAD_TRIANGULAR},
    {"uniform", "均匀", MODEL_SPREAD_UNIFORM},
};

static bool read_tiers(const struct model_library *library, struct arena *arena,
                       struct csv_table *tiers)
{
    struct error err;
    str text;
    for (size_t i = library->root_count; i-- > 0;)
        if (file_read(arena, arena_printf(arena, "%s/%s", library->roots[i], TIERS_FILE),
                      TABLE_BYTES_MAX, &text, &err))
            return csv_read_table(arena, text, tiers, &err);
    return false;
}

/* A column by its name, which stands before the unit in the header. */
static int headed(const struct csv_table *table, const char *name)
{
    for (size_t i = 0; i < table->columns; i++) {
        size_t end = table->names[i].len;
        (void)str_find(table->names[i], STR(":"), &end);
        if (str_is(str_trim(str_slice(table->names[i], 0, end)), name)) return (int)i;
    }
    return -1;
}

/* The half width of a tier of data quality; the names known are put into `known`. */
static bool find_tier(const struct model_library *library, struct arena *arena, str name,
                      double *half_width, struct buf *known)
{
    struct csv_table tiers;
    if (!read_tiers(library, arena, &tiers)) return false;
    int id = csv_column(&tiers, "id"), en = csv_column(&tiers, "name_en"),
        zh = csv_column(&tiers, "name_zh"), value = headed(&tiers, "uncertainty_of");
    bool found = false;
    for (size_t i = 0; id >= 0 && value >= 0 && i < tiers.count; i++) {
        buf_printf(known, "%s%.*s", i == 0 ? "" : ", ", STR_ARG(tiers.rows[i][id]));
        if (str_equal(tiers.rows[i][id], name) || (en >= 0 && str_equal(tiers.rows[i][en], name)) ||
            (zh >= 0 && str_equal(tiers.rows[i][zh], name)))
            found = num_parse(tiers.rows[i][value], half_width) && *half_width >= 0;
    }
    return found;
}

static bool read_share(struct arena *arena, str text, double *share)
{
    return num_parse_human(arena, text, share) && *share >= 0 && *share < 1e6;
}

static bool read_spread(const struct model_library *library, struct arena *arena, str text,
                        struct model_spread *spread, struct buf *known)
{
    text = str_trim(text);
    *spread = (struct model_spread){.shape = MODEL_SPREAD_NONE};
    if (text.len == 0 || str_is(text, "exact") || str_is(text, "精确")) return true;
    str rest = text;
    spread->shape = MODEL_SPREAD_NORMAL;
    size_t blank;
    if (str_find(text, STR(" "), &blank)) {
        str word = str_slice(text, 0, blank);
        str after = str_trim(str_slice(text, blank, text.len));
        if (str_is(word, "tier") || str_is(word, "等级"))
            return find_tier(library, arena, after, &spread->half_width, known);
        for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
            if (!str_is(word, shapes[i].word) && !str_is(word, shapes[i].zh)) continue;
            spread->shape = shapes[i].shape;
            rest = after;
        }
    }
    return read_share(arena, rest, &spread->half_width);
}

enum model_spread_shape model_spread_shape_of(str word)
{
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        if (str_is(word, shapes[i].word) || str_is(word, shapes[i].zh)) return shapes[i].shape;
    return MODEL_SPREAD_NORMAL;
}

double model_spread_deviation(const struct model_spread *spread)
{
    double shift, variance;
    spread_moments(spread, 1, &shift, &variance);
    return sqrt(variance);
}

bool model_spread_parse(const struct model_library *library, str text, struct model_spread *spread,
                        struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)64 << 20);
    struct buf *known = buf_new(arena);
    struct model_spread found;
    if (!read_spread(library, arena, text, &found, known)) {
        double none;
        if (known->len == 0) (void)find_tier(library, arena, (str){"", 0}, &none, known);
        return error_set(err, ERROR_MODEL_SPREAD, "SS", text, buf_str(known));
    }
    *spread = found;
    return true;
}

/* The first cell whose key is `key` or above. */
static size_t first_from(const struct spread_row *row, size_t key)
{
    size_t low = 0, high = row->count;
    if (high > 0 && row->cells[high - 1].key < key) return high; /* set in the order of the keys */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (row->cells[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct model_spread *place_of(struct arena *arena, struct spread_row *row, uint32_t key)
{
    size_t at = first_from(row, key);
    if (at < row->count && row->cells[at].key == key) return &row->cells[at].spread;
    if (row->count == row->capacity) {
        uint32_t capacity = row->capacity == 0 ? 2 : row->capacity * 2;
        struct spread_cell *cells = ARENA_NEW_ARRAY(arena, struct spread_cell, capacity);
        if (row->count != 0) memcpy(cells, row->cells, row->count * sizeof *cells);
        row->cells = cells;
        row->capacity = capacity;
    }
    memmove(row->cells + at + 1, row->cells + at, (row->count - at) * sizeof *row->cells);
    row->count++;
    row->cells[at].key = key;
    return &row->cells[at].spread;
}

bool model_data_set_spread(struct model_data *data, size_t entity, str input, str key,
                           struct model_spread spread, struct error *err)
{
    const struct definition *d;
    size_t number;
    if (entity >= data->entity_count)
        return error_set(err, ERROR_MODEL_ENTITY, "i", (int64_t)entity);
    if (!data_find(data, input, key, &d, &number, err)) return false;
    if (d->type != MODEL_NUMBER)
        return error_set(err, ERROR_MODEL_TYPE, "Sss", input, "no uncertainty", "one");
    if (!(spread.half_width >= 0 && spread.half_width < 1e6))
        return error_set(err, ERROR_MODEL_NUMBER, "SS", input, STR("not a share"));
    struct data_column *column = &data->columns[d->number];
    if (column->spreads == NULL)
        column->spreads = ARENA_NEW_ARRAY(data->arena, struct spread_row, data->entity_count + 1);
    *place_of(data->arena, &column->spreads[entity], (uint32_t)number) = spread;
    return true;
}

bool spread_find(const struct model_data *data, const struct definition *d, size_t entity,
                 size_t key, struct model_spread *spread)
{
    const struct spread_row *rows = data->columns[d->number].spreads;
    if (rows == NULL) return false;
    size_t at = first_from(&rows[entity], key);
    if (at == rows[entity].count || rows[entity].cells[at].key != key) return false;
    *spread = rows[entity].cells[at].spread;
    return true;
}

/* ---- factors ------------------------------------------------------------------------------ */

/* The column that a row's `uncertainty` speaks of: its first number that is no remark. */
static int leading_column(const struct table *table)
{
    static const char *const remarks[] = {"uncertainty", "report_year", "data_year"};
    for (int c = 0; c < table->column_count; c++) {
        const struct column *column = &table->columns[c];
        bool remark = str_starts(column->name, "uncertainty");
        for (size_t i = 0; i < ARRAY_LEN(remarks); i++)
            remark = remark || str_is(column->name, remarks[i]);
        if (!remark && column->type == MODEL_NUMBER) return c;
    }
    return -1;
}

static bool read_cell(const struct table *table, const char *name, size_t row, double *value)
{
    int c = table_column(table, str_from(name));
    if (c < 0 || table->columns[c].type != MODEL_NUMBER || table->columns[c].empty[row])
        return false;
    *value = table->columns[c].values[row];
    return *value > 0;
}

bool spread_of_factor(const struct table *table, size_t row, int column,
                      struct model_spread *spread)
{
    char name[128];
    snprintf(name, sizeof name, "uncertainty_%.*s",
             STR_ARG(str_slice(table->columns[column].name, 0, 100)));
    spread->shape = MODEL_SPREAD_NORMAL;
    bool leading = column == leading_column(table);
    if (!read_cell(table, name, row, &spread->half_width) &&
        !(leading && read_cell(table, "uncertainty", row, &spread->half_width)))
        return false;
    int shape = table_column(table, STR("distribution"));
    if (shape >= 0) spread->shape = model_spread_shape_of(table->cells[row][shape]);
    return true;
}

/* ---- what a shape means ------------------------------------------------------------------- */

static double log_deviation(const struct model_spread *spread)
{
    return number_ln(1 + spread->half_width) / NORMAL_95;
}

void spread_moments(const struct model_spread *spread, double base, double *shift, double *variance)
{
    double h = spread->half_width, size = base * base;
    *shift = 0;
    *variance = 0;
    switch (spread->shape) {
    case MODEL_SPREAD_NONE: return;
    case MODEL_SPREAD_NORMAL: *variance = size * (h / NORMAL_95) * (h / NORMAL_95); return;
    case MODEL_SPREAD_TRIANGULAR: *variance = size * h * h / 6; return;
    case MODEL_SPREAD_UNIFORM: *variance = size * h * h / 3; return;
    case MODEL_SPREAD_LOGNORMAL: {
        double s = log_deviation(spread), grown = number_exp(s * s);
        *shift = base * (number_exp(s * s / 2) - 1);
        *variance = size * grown * (grown - 1);
    }
    }
}

void spread_draw(const struct model_spread *spread, double base, const uint32_t *words,
                 double *values, size_t count)
{
    double h = spread->half_width;
    switch (spread->shape) {
    case MODEL_SPREAD_NONE:
        for (size_t i = 0; i < count; i++) values[i] = base;
        return;
    case MODEL_SPREAD_NORMAL:
        random_normals(words, base, base * (h / NORMAL_95), values, count);
        return;
    case MODEL_SPREAD_LOGNORMAL:
        random_normals(words, 0, 1, values, count);
        random_exps(values, log_deviation(spread), values, count);
        for (size_t i = 0; i < count; i++) values[i] *= base;
        return;
    case MODEL_SPREAD_UNIFORM:
        for (size_t i = 0; i < count; i++)
            values[i] = base * (1 + h * (2 * random_uniform(words[i]) - 1));
        return;
    case MODEL_SPREAD_TRIANGULAR:
        for (size_t i = 0; i < count; i++) {
            double u = random_uniform(words[i]), side = u < 0.5 ? u : 1 - u,
                   from_end = sqrt(2 * side);
            values[i] = base * (1 + (u < 0.5 ? h * (from_end - 1) : h * (1 - from_end)));
        }
    }
}
