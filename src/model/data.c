/* Inputs of a run: scalars by entity, indexed ones as sparse cells by entity and key. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "model/program.h"

struct model_data *model_data_new(struct arena *arena, const struct model *model,
                                  size_t entity_count)
{
    struct model_data *data = ARENA_NEW(arena, struct model_data);
    *data = (struct model_data){.arena = arena, .model = model, .entity_count = entity_count};
    data->columns = ARENA_NEW_ARRAY(arena, struct data_column, model->input_count + 1);
    intern_init(&data->texts, arena, model->texts);
    return data;
}

static str nearest_input(const struct model *model, str name)
{
    str best = model->input_count == 0 ? (str){"", 0} : model->inputs[0]->name;
    size_t least = 60;
    for (size_t i = 0; i < model->input_count; i++) {
        size_t distance = text_distance(name, model->inputs[i]->name, least);
        if (distance >= least) continue;
        least = distance;
        best = model->inputs[i]->name;
    }
    return best;
}

static str nearest_key(const struct index *index, str key)
{
    str best = index->count == 0 ? (str){"", 0} : str_from(index->keys[0].id);
    size_t least = 60;
    for (size_t i = 0; i < index->count; i++) {
        size_t distance = text_distance(key, str_from(index->keys[i].id), least);
        if (distance >= least) continue;
        least = distance;
        best = str_from(index->keys[i].id);
    }
    return best;
}

static bool find_input(const struct model_data *data, str name, const struct definition **found,
                       struct error *err)
{
    const struct definition *d = model_find(data->model, name);
    if (d != NULL && d->kind == DEFINE_INPUT) {
        *found = d;
        return true;
    }
    return error_set(err, ERROR_MODEL_INPUT_UNKNOWN, "SSS", data->model->name, name,
                     nearest_input(data->model, name));
}

static bool find_key(const struct definition *d, str key, size_t *number, struct error *err)
{
    *number = 0;
    if (d->index == NULL) {
        if (key.len == 0) return true;
        return error_set(err, ERROR_MODEL_KEY_UNKNOWN, "SSSs", d->name, key,
                         STR("the single value it has"), "");
    }
    if (key.len == 0) return error_set(err, ERROR_MODEL_KEY_NEEDED, "SS", d->name, d->index->name);
    uintptr_t known = (uintptr_t)map_get(&d->index->numbers, key);
    if (known == 0)
        return error_set(err, ERROR_MODEL_KEY_UNKNOWN, "SSSS", d->name, key, d->index->name,
                         nearest_key(d->index, key));
    *number = known - 1;
    const struct table *table = d->index->table;
    if (d->index->keys[*number].enabled || table == NULL) return true;
    str note = {"", 0};
    for (size_t row = 0; row < table->row_count; row++)
        if (table->note >= 0 && str_equal(table->cells[row][table->id], key))
            note = table->cells[row][table->note];
    return error_set(err, ERROR_MODEL_KEY_DISABLED, "SSsS", d->name, key, table->path, note);
}

static bool put(struct model_data *data, const struct definition *d, size_t entity, size_t key,
                double value, uint8_t state, int64_t origin)
{
    struct data_column *column = &data->columns[d->number];
    if (d->index != NULL) {
        cell_put(data, column, entity,
                 (struct cell){.value = value, .key = (uint32_t)key, .state = state}, origin);
        return true;
    }
    if (column->values == NULL) {
        column->values = ARENA_NEW_ARRAY(data->arena, double, data->entity_count + 1);
        column->states = ARENA_NEW_ARRAY(data->arena, uint8_t, data->entity_count + 1);
    }
    if (column->origins == NULL && origin != 0)
        column->origins = ARENA_NEW_ARRAY(data->arena, int64_t, data->entity_count + 1);
    column->values[entity] = value;
    column->states[entity] = state;
    if (column->origins != NULL) column->origins[entity] = origin;
    return true;
}

static bool check_entity(const struct model_data *data, size_t entity, struct error *err)
{
    return entity < data->entity_count || error_set(err, ERROR_MODEL_ENTITY, "i", (int64_t)entity);
}

/* The unit that a value of this key is kept in. */
static struct unit kept_unit(const struct model *model, const struct definition *d, size_t key)
{
    struct unit unit = d->unit;
    const struct table *table = d->index == NULL ? NULL : d->index->table;
    if (!d->per_row || table == NULL) return unit;
    long row = table_id_row(table, str_from(d->index->keys[key].id));
    if (row >= 0 && table->has_unit[row])
        (void)unit_replace_row(&unit, table->row_base, &table->row_units[row]);
    (void)model;
    return unit;
}

bool data_convert(const struct model_data *data, const struct definition *d, size_t key, str text,
                  double *value, struct error *err)
{
    struct unit_system *units = data->model->units; /* parsed without growing */
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(1 << 20);
    struct unit given, kept = kept_unit(data->model, d, key);
    if (!unit_parse_text(units, arena, text, false, (str){"", 0}, &given))
        return error_set(err, ERROR_MODEL_UNIT_UNKNOWN, "SS", text, unit_nearest(units, text));
    if (!unit_same_dimension(&given, &kept)) {
        /* "t" for an input in t CO2: the input's name has said the substance. */
        struct unit plain = unit_without_substances(units, &kept);
        if (!unit_same_dimension(&given, &plain))
            return error_set(err, ERROR_MODEL_UNIT_DIMENSION, "SsSs", d->name,
                             unit_describe(arena, units, &kept), text,
                             unit_describe(arena, units, &given));
        kept = plain;
    }
    *value *= unit_ratio(&given, &kept);
    return true;
}

bool model_data_set(struct model_data *data, size_t entity, str input, str key, double value,
                    str unit, int64_t origin, struct error *err)
{
    const struct definition *d;
    size_t number;
    if (!check_entity(data, entity, err) || !find_input(data, input, &d, err) ||
        !find_key(d, key, &number, err))
        return false;
    char text[NUM_TEXT_MAX];
    if (!isfinite(value)) return error_set(err, ERROR_MODEL_NUMBER, "SS", input, STR("not finite"));
    if (d->type != MODEL_NUMBER) {
        num_format(value, text);
        return error_set(err, ERROR_MODEL_TYPE, "Sss", input,
                         d->type == MODEL_DATE   ? "a date"
                         : d->type == MODEL_FLAG ? "true or false"
                                                 : "a text",
                         text);
    }
    if (unit.len != 0 && !data_convert(data, d, number, unit, &value, err)) return false;
    if (!isfinite(value)) return error_set(err, ERROR_MODEL_NUMBER, "SS", input, STR("too large"));
    if ((d->has_min && value < d->min) || (d->has_max && value > d->max)) {
        char low[NUM_TEXT_MAX] = "…", high[NUM_TEXT_MAX] = "…", range[3 * NUM_TEXT_MAX];
        if (d->has_min) num_format(d->min, low);
        if (d->has_min && d->min > 0 && d->min < 1e-300) snprintf(low, sizeof low, "above 0");
        if (d->has_max) num_format(d->max, high);
        snprintf(range, sizeof range, "%s .. %s %.*s", low, high,
                 STR_ARG(str_slice(d->unit_text, 0, 30)));
        num_format(value, text);
        return error_set(err, ERROR_MODEL_RANGE, "Sss", input, text, range);
    }
    return put(data, d, entity, number, value, CELL_SET, origin);
}

bool model_data_set_text(struct model_data *data, size_t entity, str input, str key, str value,
                         int64_t origin, struct error *err)
{
    const struct definition *d;
    size_t number;
    date day;
    if (!check_entity(data, entity, err) || !find_input(data, input, &d, err) ||
        !find_key(d, key, &number, err))
        return false;
    double kept = 0;
    switch (d->type) {
    case MODEL_FLAG:
        if (str_is(value, "true") || str_is(value, "1") || str_is(value, "yes") ||
            str_is(value, "是"))
            kept = 1;
        else if (!str_is(value, "false") && !str_is(value, "0") && !str_is(value, "no") &&
                 !str_is(value, "否"))
            return error_set(err, ERROR_MODEL_TYPE, "SsS", input, "true or false", value);
        break;
    case MODEL_DATE: {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open(1 << 16);
        if (!date_parse_human(arena, value, &day))
            return error_set(err, ERROR_MODEL_TYPE, "SsS", input, "a date", value);
        kept = day.day;
        break;
    }
    case MODEL_CHOICE: {
        const char *chosen = NULL;
        SCOPED(arena_close_scoped) struct arena *arena = arena_open(1 << 20);
        struct buf *choices = buf_new(arena);
        for (size_t i = 0; i < d->choice_count; i++) {
            const struct model_key *choice = &d->choices[i];
            buf_printf(choices, "%s%s", i == 0 ? "" : ", ", choice->id);
            if (str_is(value, choice->id) || str_is(value, choice->label.en) ||
                str_is(value, choice->label.zh))
                chosen = choice->id;
        }
        if (chosen == NULL)
            return error_set(err, ERROR_MODEL_CHOICE, "SSS", input, value, buf_str(choices));
        kept = intern_find(data->model->texts, str_from(chosen));
        break;
    }
    case MODEL_TEXT: kept = intern_text(&data->texts, value); break;
    case MODEL_NUMBER: return error_set(err, ERROR_MODEL_TYPE, "SsS", input, "a number", value);
    }
    return put(data, d, entity, number, kept, CELL_SET, origin);
}

bool model_data_set_missing(struct model_data *data, size_t entity, str input, str key,
                            int64_t origin, struct error *err)
{
    const struct definition *d;
    size_t number;
    return check_entity(data, entity, err) && find_input(data, input, &d, err) &&
           find_key(d, key, &number, err) && put(data, d, entity, number, 0, CELL_MISSING, origin);
}

bool model_data_set_dense(struct model_data *data, str input, const double *values,
                          struct error *err)
{
    const struct definition *d;
    if (!find_input(data, input, &d, err)) return false;
    if (d->index == NULL || d->type != MODEL_NUMBER)
        return error_set(err, ERROR_MODEL_TYPE, "Sss", input, "single values", "a whole column");
    data->columns[d->number].dense = values;
    return true;
}

/* ---- one entity apart ---------------------------------------------------------------------- */

bool data_find(const struct model_data *data, str input, str key, const struct definition **d,
               size_t *number, struct error *err)
{
    return find_input(data, input, d, err) && find_key(*d, key, number, err);
}

void data_put(struct model_data *data, const struct definition *d, size_t entity, size_t key,
              double value)
{
    (void)put(data, d, entity, key, value, CELL_SET, 0);
}

void data_put_missing(struct model_data *data, const struct definition *d, size_t entity,
                      size_t key)
{
    (void)put(data, d, entity, key, 0, CELL_MISSING, 0);
}

double data_number(const struct model_data *data, const struct definition *d, size_t entity,
                   size_t key)
{
    const struct data_column *column = &data->columns[d->number];
    if (d->index == NULL) return column->values == NULL ? 0 : column->values[entity];
    if (column->dense != NULL) return column->dense[entity * d->index->count + key];
    for (uint32_t c = 0; column->rows != NULL && c < column->rows[entity].count; c++)
        if (column->rows[entity].cells[c].key == key) return column->rows[entity].cells[c].value;
    return 0;
}

bool data_is_set(const struct model_data *data, const struct definition *d, size_t entity,
                 size_t key)
{
    const struct data_column *column = &data->columns[d->number];
    if (d->index == NULL) return column->states != NULL && column->states[entity] == CELL_SET;
    if (column->dense != NULL) return true;
    for (uint32_t c = 0; column->rows != NULL && c < column->rows[entity].count; c++)
        if (column->rows[entity].cells[c].key == key)
            return column->rows[entity].cells[c].state == CELL_SET;
    return false;
}

struct model_data *model_data_copy(struct arena *arena, const struct model_data *data,
                                   size_t entity)
{
    struct model_data *copy = model_data_new(arena, data->model, 1);
    intern_init(&copy->texts, arena, &data->texts);
    for (size_t i = 0; i < data->model->input_count; i++) {
        const struct definition *d = data->model->inputs[i];
        const struct data_column *column = &data->columns[i];
        if (column->values != NULL && column->states[entity] != CELL_UNSET)
            (void)put(copy, d, 0, 0, column->values[entity], column->states[entity],
                      column->origins == NULL ? 0 : column->origins[entity]);
        for (size_t k = 0; column->dense != NULL && k < d->index->count; k++)
            (void)put(copy, d, 0, k, column->dense[entity * d->index->count + k], CELL_SET, 0);
        for (uint32_t c = 0;
             column->rows != NULL && column->dense == NULL && c < column->rows[entity].count; c++) {
            const struct cell *cell = &column->rows[entity].cells[c];
            (void)put(copy, d, 0, cell->key, cell->value, cell->state,
                      cell_origin(column, entity, c));
        }
        if (column->spreads == NULL) continue;
        copy->columns[i].spreads = ARENA_NEW_ARRAY(arena, struct spread_row, 1);
        copy->columns[i].spreads[0] = column->spreads[entity];
        copy->columns[i].spreads[0].capacity = column->spreads[entity].count; /* never grown */
    }
    return copy;
}

static void add_number(struct digest_state *state, double value)
{
    double plain = value == 0 ? 0 : value; /* -0 is 0 */
    unsigned char bytes[8];
    uint64_t bits;
    memcpy(&bits, &plain, 8);
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(bits >> (56 - 8 * i));
    digest_add(state, bytes, 8);
}

static void add_value(struct digest_state *state, const struct model_data *data,
                      const struct definition *d, double value, uint8_t cell_state)
{
    digest_add(state, &cell_state, 1);
    if (cell_state != CELL_SET) return;
    if (d->type == MODEL_TEXT || d->type == MODEL_CHOICE) {
        const char *text = intern_at(&data->texts, value);
        digest_add(state, text, strlen(text) + 1);
        return;
    }
    add_number(state, value);
}

/* A tier of quality counts with the half width that its table gave it: another table, another
 * digest. */
static void add_spreads(struct digest_state *state, const struct model_data *data,
                        const struct definition *d)
{
    const struct spread_row *rows = data->columns[d->number].spreads;
    if (rows == NULL) return;
    digest_add(state, d->name.ptr, d->name.len);
    digest_add(state, "\n", 1);
    for (size_t e = 0; e < data->entity_count; e++) {
        for (uint32_t k = 0; k < rows[e].count; k++) {
            const struct spread_cell *cell = &rows[e].cells[k];
            const char *key = d->index == NULL ? "" : d->index->keys[cell->key].id;
            uint8_t shape = (uint8_t)cell->spread.shape;
            digest_add(state, key, strlen(key) + 1);
            digest_add(state, &shape, 1);
            add_number(state, shape == MODEL_SPREAD_NONE ? 0 : cell->spread.half_width);
        }
        digest_add(state, "\n", 1);
    }
}

digest model_data_digest(const struct model_data *data)
{
    struct digest_state *state = digest_begin();
    char head[64];
    bool spreads = false;
    for (size_t i = 0; i < data->model->input_count; i++)
        spreads = spreads || data->columns[i].spreads != NULL;
    /* Runs of before are kept by their digests: data that state no spread have them still. */
    snprintf(head, sizeof head, "tanshu inputs %d %zu\n", spreads ? 2 : 1, data->entity_count);
    digest_add(state, head, strlen(head));
    for (size_t i = 0; i < data->model->input_count; i++) {
        const struct definition *d = data->model->inputs[i];
        const struct data_column *column = &data->columns[i];
        bool empty = column->values == NULL && column->rows == NULL && column->dense == NULL;
        if (empty) continue;
        digest_add(state, d->name.ptr, d->name.len);
        digest_add(state, "\n", 1);
        for (size_t e = 0; e < data->entity_count; e++) {
            if (d->index == NULL) {
                add_value(state, data, d, column->values[e], column->states[e]);
                continue;
            }
            size_t count = column->dense != NULL ? d->index->count : column->rows[e].count;
            for (size_t k = 0; k < count; k++) {
                struct cell cell = {.state = CELL_SET, .key = (uint32_t)k};
                if (column->dense != NULL)
                    cell.value = column->dense[e * count + k];
                else
                    cell = column->rows[e].cells[k];
                const char *key = d->index->keys[cell.key].id;
                digest_add(state, key, strlen(key) + 1);
                add_value(state, data, d, cell.value, cell.state);
            }
            digest_add(state, "\n", 1);
        }
    }
    for (size_t i = 0; i < data->model->input_count; i++)
        add_spreads(state, data, data->model->inputs[i]);
    return digest_end(state);
}

/* ---- reading it in a run ------------------------------------------------------------------ */

static bool all_set(const struct data_column *column, size_t first, size_t count)
{
    if (column->states == NULL) return false;
    uint8_t other = 0;
    for (size_t i = 0; i < count; i++) other |= column->states[first + i] ^ CELL_SET;
    return other == 0;
}

void step_input(struct frame *f, const struct step *step)
{
    const struct definition *d = step->definition;
    const struct data_column *column = &f->data->columns[d->number];
    double *to = f->values[step->to];
    uint8_t *ts = f->status[step->to];
    if (d->index == NULL && all_set(column, f->first, f->count)) {
        frame_borrow(f, step->to, column->values + f->first, f->count);
        memset(ts, MODEL_OK, f->count);
        f->same[step->to] = MODEL_OK;
        return;
    }
    if (d->index == NULL) {
        for (size_t i = 0; i < f->count; i++) {
            size_t e = f->first + i;
            uint8_t state = column->states == NULL ? CELL_UNSET : column->states[e];
            bool by_default = state != CELL_SET && d->has_default;
            ts[i] = state == CELL_SET || by_default ? MODEL_OK : MODEL_MISSING;
            to[i] = state == CELL_SET ? column->values[e] : by_default ? d->default_value : 0;
        }
        if (column->states == NULL || d->has_default) f->same[step->to] = ts[0];
        return;
    }
    size_t width = d->index->count;
    double empty = d->has_default ? d->default_value : 0;
    for (size_t i = 0; i < f->count; i++, to += width, ts += width) {
        size_t e = f->first + i;
        for (size_t k = 0; k < width; k++) to[k] = empty;
        memset(ts, d->has_default ? MODEL_OK : STATUS_ABSENT, width);
        if (column->dense != NULL) {
            memcpy(to, column->dense + e * width, width * sizeof *to);
            memset(ts, STATUS_DRIVEN, width);
            check_finite(to, ts, width); /* the caller's numbers were not looked at */
        } else if (column->rows != NULL) {
            for (uint32_t c = 0; c < column->rows[e].count; c++) {
                const struct cell *cell = &column->rows[e].cells[c];
                bool set = cell->state == CELL_SET;
                if (!set && d->has_default) continue;
                to[cell->key] = set ? cell->value : 0;
                ts[cell->key] = set ? STATUS_DRIVEN : STATUS_DRIVEN | MODEL_MISSING;
            }
        }
    }
}
