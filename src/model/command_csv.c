#include "model/command_csv.h"

#include <string.h>

#include "base/csv.h"
#include "base/num.h"
#include "model/engine.h"

struct reader {
    struct arena *arena;
    const struct model *model, *other; /* what only the other one knows is passed over */
    struct model_data *data;
    struct csv_table table;
    struct command_row *rows;
    size_t count, capacity;
    struct map numbers, seen; /* entity and period → number + 1; cell → given */
    int entity, period;
};

static str cell(const struct reader *r, size_t row, int column)
{
    return column < 0 ? (str){"", 0} : str_trim(r->table.rows[row][column]);
}

static str joined(struct reader *r, str a, str b)
{
    return str_from(arena_printf(r->arena, "%.*s\n%.*s", STR_ARG(a), STR_ARG(b)));
}

static size_t entity_of(struct reader *r, size_t row)
{
    str entity = cell(r, row, r->entity), period = cell(r, row, r->period),
        name = joined(r, entity, period);
    uintptr_t known = (uintptr_t)map_get(&r->numbers, name);
    if (known != 0) return known - 1;
    *ARENA_PUSH(r->arena, r->rows, r->count, r->capacity) = (struct command_row){entity, period};
    map_put(&r->numbers, name, (void *)(uintptr_t)r->count);
    return r->count - 1;
}

/* "burnt[coke]" → "burnt", "coke". */
static void split(str name, str *input, str *key)
{
    size_t open;
    *input = str_trim(name);
    *key = (str){"", 0};
    if (!str_find(*input, STR("["), &open) || !str_ends(*input, "]")) return;
    *key = str_trim(str_slice(*input, open + 1, input->len - 1));
    *input = str_trim(str_slice(*input, 0, open));
}

static bool at_cell(const struct reader *r, size_t row, str column, struct error *err,
                    const struct error *inner)
{
    return error_set(err, ERROR_MODEL_DATA_CELL, "iSs", r->table.lines[row], column,
                     error_render(r->arena, inner, error_sentence(inner->code)));
}

static bool is_input(const struct model *model, str name)
{
    const struct definition *d = model == NULL ? NULL : model_find(model, name);
    return d != NULL && d->kind == DEFINE_INPUT;
}

static bool set_cell(struct reader *r, size_t row, size_t entity, str column, str input, str key,
                     str value, str unit, struct error *err)
{
    struct error inner = {0};
    const struct definition *d = model_find(r->model, input);
    if (!is_input(r->model, input) && is_input(r->other, input)) return true;
    str place =
        joined(r, str_from(arena_printf(r->arena, "%zu %.*s", entity, STR_ARG(input))), key);
    if (map_has(&r->seen, place)) {
        error_set(&inner, ERROR_MODEL_TYPE, "Sss", input, "one value",
                  "a second one for the same entity and period");
        return at_cell(r, row, column, err, &inner);
    }
    map_put(&r->seen, place, r);
    bool fine;
    double number;
    if (value.len == 0) {
        fine = model_data_set_missing(r->data, entity, input, key, 0, &inner);
    } else if (d == NULL || d->kind != DEFINE_INPUT || d->type != MODEL_NUMBER) {
        fine = model_data_set_text(r->data, entity, input, key, value, 0, &inner);
    } else if (!num_parse_human(r->arena, value, &number)) {
        fine = error_set(&inner, ERROR_MODEL_NUMBER, "SS", input, value);
    } else {
        fine =
            model_data_set(r->data, entity, input, key, number, unit, r->table.lines[row], &inner);
    }
    return fine || at_cell(r, row, column, err, &inner);
}

/* What a cell says of how far a value may be off; an empty one says nothing. */
static bool set_spread(struct reader *r, size_t row, size_t entity, str column, str input, str key,
                       str text, struct error *err)
{
    struct model_spread spread;
    struct error inner = {0};
    if (text.len == 0) return true;
    return (model_spread_parse(r->model->library, text, &spread, &inner) &&
            model_data_set_spread(r->data, entity, input, key, spread, &inner)) ||
           at_cell(r, row, column, err, &inner);
}

static bool read_long(struct reader *r, struct error *err)
{
    int spread = csv_column(&r->table, "uncertainty");
    int input = csv_column(&r->table, "input"), key = csv_column(&r->table, "key");
    int value = csv_column(&r->table, "value"), unit = csv_column(&r->table, "unit");
    for (size_t i = 0; i < r->table.count; i++) {
        if (cell(r, i, r->entity).len == 0 && cell(r, i, input).len == 0) continue;
        str name, inner_key;
        split(cell(r, i, input), &name, &inner_key);
        if (inner_key.len == 0) inner_key = cell(r, i, key);
        if (!set_cell(r, i, entity_of(r, i), STR("value"), name, inner_key, cell(r, i, value),
                      cell(r, i, unit), err) ||
            !set_spread(r, i, entity_of(r, i), STR("uncertainty"), name, inner_key,
                        cell(r, i, spread), err))
            return false;
    }
    return true;
}

static bool check_columns(const struct reader *r, struct error *err)
{
    for (size_t c = 0; c < r->table.columns; c++) {
        str input, key;
        split(r->table.names[c], &input, &key);
        if ((int)c == r->entity || (int)c == r->period || is_input(r->model, input) ||
            is_input(r->other, input))
            continue;
        str best = {"", 0};
        size_t least = 60;
        for (size_t i = 0; i < r->model->input_count; i++) {
            size_t distance = text_distance(input, r->model->inputs[i]->name, least);
            if (distance >= least) continue;
            least = distance;
            best = r->model->inputs[i]->name;
        }
        return error_set(err, ERROR_MODEL_COLUMN, "iSSS", (int64_t)c + 1, r->table.names[c],
                         r->model->name, best);
    }
    return true;
}

static bool is_unit_row(const struct reader *r, size_t row)
{
    str first = cell(r, row, r->entity);
    return str_is(first, "unit") || str_is(first, "units") || str_is(first, "单位");
}

static bool is_spread_row(const struct reader *r, size_t row)
{
    str first = cell(r, row, r->entity);
    return str_is(first, "uncertainty") || str_is(first, "不确定度");
}

/* The first rows may speak of the columns: their units, how far their values may be off. */
static bool is_head_row(const struct reader *r, size_t row)
{
    return (row == 0 && (is_unit_row(r, row) || is_spread_row(r, row))) ||
           (row == 1 && is_spread_row(r, 1) && is_unit_row(r, 0)) ||
           (row == 1 && is_unit_row(r, 1) && is_spread_row(r, 0));
}

static bool read_wide(struct reader *r, struct error *err)
{
    str *units = NULL;
    size_t spreads = SIZE_MAX;
    for (size_t i = 0; i < r->table.count; i++) {
        if (is_head_row(r, i)) {
            if (is_unit_row(r, i))
                units = r->table.rows[i];
            else
                spreads = i;
            continue;
        }
        if (cell(r, i, r->entity).len == 0) continue;
        size_t entity = entity_of(r, i);
        for (size_t c = 0; c < r->table.columns; c++) {
            str input, key, value = cell(r, i, (int)c);
            if ((int)c == r->entity || (int)c == r->period) continue;
            split(r->table.names[c], &input, &key);
            if (value.len == 0 && key.len != 0) continue; /* an empty cell of a key: not used */
            if (!set_cell(r, i, entity, r->table.names[c], input, key, value,
                          units == NULL ? (str){"", 0} : str_trim(units[c]), err) ||
                (spreads != SIZE_MAX && value.len != 0 &&
                 !set_spread(r, spreads, entity, r->table.names[c], input, key,
                             cell(r, spreads, (int)c), err)))
                return false;
        }
    }
    return true;
}

/* Inputs that the platform takes from the period are taken from the column of that name. */
static bool fill_period(struct reader *r, struct error *err)
{
    for (size_t i = 0; i < r->model->input_count; i++) {
        const struct definition *d = r->model->inputs[i];
        bool year = str_is(d->from, "period.year"), month = str_is(d->from, "period.month");
        for (size_t e = 0; e < r->count && (year || month || str_is(d->from, "period.end")); e++) {
            str place = joined(r, str_from(arena_printf(r->arena, "%zu %.*s", e, STR_ARG(d->name))),
                               (str){"", 0});
            double number;
            int32_t at;
            str period = r->rows[e].period;
            if (map_has(&r->seen, place) || period.len < 4 ||
                !num_parse(str_slice(period, 0, 4), &number))
                continue;
            bool has_month = month_parse_human(r->arena, period, &at);
            if (year &&
                !model_data_set(r->data, e, d->name, (str){"", 0}, number, (str){"", 0}, 0, err))
                return false;
            if (month && has_month &&
                !model_data_set(r->data, e, d->name, (str){"", 0}, at % 12 + 1, (str){"", 0}, 0,
                                err))
                return false;
            if (year || month) continue;
            char day[DATE_TEXT_MAX];
            date_format(month_last_day(has_month ? at : month_make((int)number, 12)), day);
            if (!model_data_set_text(r->data, e, d->name, (str){"", 0}, str_from(day), 0, err))
                return false;
        }
    }
    return true;
}

bool command_read_csv(struct arena *arena, const struct model *model, str text,
                      struct model_data **data, struct command_row **rows, size_t *count,
                      struct error *err)
{
    return command_read_csv_of_two(arena, model, NULL, text, data, rows, count, err);
}

bool command_read_csv_of_two(struct arena *arena, const struct model *model,
                             const struct model *other, str text, struct model_data **data,
                             struct command_row **rows, size_t *count, struct error *err)
{
    struct reader r = {.arena = arena, .model = model, .other = other};
    map_init(&r.numbers, arena);
    map_init(&r.seen, arena);
    if (!csv_read_table(arena, text, &r.table, err)) return false;
    r.entity = csv_column(&r.table, "entity");
    r.period = csv_column(&r.table, "period");
    if (r.entity < 0)
        return error_set(err, ERROR_MODEL_COLUMN, "iSSS", (int64_t)1,
                         r.table.columns == 0 ? STR("") : r.table.names[0], model->name,
                         STR("entity"));
    bool wide = csv_column(&r.table, "input") < 0 || csv_column(&r.table, "value") < 0;
    if (wide && !check_columns(&r, err)) return false;
    for (size_t i = 0; i < r.table.count; i++)
        if (cell(&r, i, r.entity).len != 0 && !(wide && is_head_row(&r, i))) entity_of(&r, i);
    r.data = model_data_new(arena, model, r.count);
    if (!(wide ? read_wide(&r, err) : read_long(&r, err)) || !fill_period(&r, err)) return false;
    *data = r.data;
    *rows = r.rows;
    *count = r.count;
    return true;
}
