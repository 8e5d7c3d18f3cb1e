/* The rules of a value: every proposed datum and every refusal of a file is made here. */
#include "intake/read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"

#define SUM_PARTS_SHOWN 6

struct place {    /* where a value was first given */
    size_t datum; /* SIZE_MAX: no row of it could be taken yet */
    bool refused;
    /* of a sum */
    int64_t rows;
    struct buf *parts; /* the first of them as written */
    bool told;
    char spoiled_by[INTAKE_REF_MAX];
};

void reader_refuse(struct reader *reader, uint32_t row, const char *ref, const struct error *error)
{
    struct intake_data *data = reader->data;
    data->refused++;
    if ((int64_t)data->refusal_count >= INTAKE_MAX_refusals) return;
    struct intake_refusal *refusal =
        ARENA_PUSH(reader->arena, data->refusals, data->refusal_count, reader->refusal_capacity);
    *refusal = (struct intake_refusal){.sheet = reader->sheet->name, .row = row, .error = *error};
    snprintf(refusal->ref, sizeof refusal->ref, "%s", ref);
}

void reader_begin_sheet(struct reader *reader, const struct intake_sheet *sheet,
                        uint32_t header_row)
{
    reader->sheet = sheet;
    reader->header_row = header_row;
    reader->merged_told = ARENA_NEW_ARRAY(reader->arena, bool, sheet->merged_count + 1);
}

bool reader_merged(struct reader *reader, uint32_t row, uint16_t column)
{
    for (size_t i = 0; i < reader->sheet->merged_count; i++) {
        const struct intake_range *range = &reader->sheet->merged[i];
        if (range->last_row < reader->header_row || row < range->first_row ||
            row > range->last_row || column < range->first_column || column > range->last_column)
            continue;
        if (!reader->merged_told[i]) {
            char from[INTAKE_REF_MAX], to[INTAKE_REF_MAX], both[INTAKE_REF_MAX * 2];
            intake_ref(range->first_row, range->first_column, from);
            intake_ref(range->last_row, range->last_column, to);
            snprintf(both, sizeof both, "%s:%s", from, to);
            struct error err;
            error_set(&err, ERROR_INTAKE_CELL_MERGED, "s", both);
            reader_refuse(reader, range->first_row, both, &err);
            reader->merged_told[i] = true;
        }
        return true;
    }
    return false;
}

bool reader_find(struct reader *reader, uint32_t row, uint16_t input_column, str input,
                 uint16_t key_column, str key, struct item *item)
{
    const struct model_info *model = reader->request->model;
    char ref[INTAKE_REF_MAX];
    struct error err;
    item->input = name_find_input(reader->arena, model, input);
    intake_ref(row, input_column, ref);
    if (item->input == NULL || !name_is_asked(item->input)) {
        error_set(&err, ERROR_INTAKE_INPUT_UNKNOWN, "ssSs", ref, model->name, input,
                  name_nearest_input(reader->arena, model, input));
        reader_refuse(reader, row, ref, &err);
        return false;
    }
    item->key = STR("");
    key = str_trim(key);
    intake_ref(row, key_column, ref);
    if (item->input->index == NULL && key.len == 0) return true;
    const char *nearest = name_nearest_key(reader->arena, item->input, key);
    const struct model_key *found =
        name_find_key(reader->arena, item->input->keys, item->input->key_count, key);
    if (item->input->index != NULL && found != NULL && found->enabled) {
        item->key = str_from(found->id);
        return true;
    }
    if (key.len == 0)
        error_set(&err, ERROR_INTAKE_KEY_MISSING, "sss", ref, item->input->name, nearest);
    else
        error_set(&err, found != NULL ? ERROR_INTAKE_KEY_DISABLED : ERROR_INTAKE_KEY_UNKNOWN,
                  "ssSs", ref, item->input->name, key, nearest);
    reader_refuse(reader, row, ref, &err);
    return false;
}

/* ---- one rule each; false with the error --------------------------------------------------------
 */

static bool rule_period(struct reader *reader, const struct item *item, struct intake_datum *datum,
                        struct error *err)
{
    const struct intake_request *request = reader->request;
    enum model_period period = item->input->period;
    if (period == MODEL_ONCE) {
        datum->first = (date){INT32_MIN};
        datum->last = (date){INT32_MAX};
        return true;
    }
    if (item->span != (period == MODEL_PER_MONTH ? SPAN_MONTH : SPAN_YEAR)) {
        str found = item->period_cell != NULL ? item->period_cell->text : STR("");
        const char *ref = item->period_ref[0] != '\0' ? item->period_ref : datum->ref;
        return error_set(err,
                         period == MODEL_PER_MONTH ? ERROR_INTAKE_PERIOD : ERROR_INTAKE_PERIOD_YEAR,
                         "sS", ref, found);
    }
    char name[DATE_TEXT_MAX], first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
    month_format(month_of(item->first), name);
    if (period == MODEL_PER_YEAR) name[4] = '\0';
    date_format(request->first, first);
    date_format(request->last, last);
    datum->first = item->first;
    datum->last = item->last;
    if (item->first.day > request->today.day)
        return error_set(err, ERROR_INTAKE_FUTURE, "ssm", datum->ref, name, request->today);
    if (item->first.day < request->first.day || item->last.day > request->last.day)
        return error_set(err, ERROR_INTAKE_PERIOD_OUTSIDE, "ssss", datum->ref, name, first, last);
    return true;
}

/* What the model measures an input and key in. */
static str unit_of(const struct model_input *input, str key)
{
    if (input->unit != NULL) return str_from(input->unit);
    for (size_t i = 0; i < input->key_count; i++)
        if (str_is(key, input->keys[i].id) && input->keys[i].unit != NULL)
            return str_from(input->keys[i].unit);
    return STR("1");
}

/* A gas bill's m³ has no state; a method may list a kind that is billed so. */
static bool wrong_unit(struct reader *reader, const struct item *item,
                       const struct intake_datum *datum, const char *wanted, str written,
                       struct error *err)
{
    const struct model_library *library = reader->request->library;
    double ignored;
    struct error why;
    if (str_is(datum->unit, "m3") &&
        model_unit_convert(library, 1, STR("Nm3"), str_from(wanted), &ignored, &why)) {
        const char *billed = "-";
        for (size_t i = 0; i < item->input->key_count; i++) {
            const struct model_key *key = &item->input->keys[i];
            if (key->enabled && key->unit != NULL &&
                model_unit_convert(library, 1, STR("m3"), str_from(key->unit), &ignored, &why))
                billed = key->id;
        }
        return error_set(err, ERROR_INTAKE_UNIT_GAS, "ssss", datum->ref, item->input->name, wanted,
                         billed);
    }
    return error_set(err, ERROR_INTAKE_UNIT, "sssS", datum->ref, item->input->name, wanted,
                     written);
}

static bool rule_number(struct reader *reader, const struct item *item,
                        const struct intake_cell *cell, struct intake_datum *datum,
                        struct error *err)
{
    const struct model_input *input = item->input;
    const char *wanted = unit_of(input, item->key).ptr;
    double number;
    str suffix;
    if (!quantity_parse(reader->arena, cell, &number, &suffix))
        return error_set(err, ERROR_INTAKE_NUMBER, "sS", datum->ref, cell->text);
    str written = suffix.len != 0 ? suffix : item->unit;
    if (!quantity_convert(reader, number * item->factor, written, wanted, &datum->value,
                          &datum->unit, &datum->model_value))
        return wrong_unit(reader, item, datum, wanted, written, err);
    if (input->has_min && datum->model_value < input->min)
        return error_set(err, ERROR_INTAKE_MIN, "ssdsS", datum->ref, input->name, input->min,
                         wanted, cell->text);
    if (input->has_max && datum->model_value > input->max)
        return error_set(err, ERROR_INTAKE_MAX, "ssdsS", datum->ref, input->name, input->max,
                         wanted, cell->text);
    return true;
}

static bool rule_choice(struct reader *reader, const struct item *item,
                        const struct intake_cell *cell, struct intake_datum *datum,
                        struct error *err)
{
    const struct model_input *input = item->input;
    const struct model_key *found =
        name_find_key(reader->arena, input->choices, input->choice_count, cell->text);
    if (found != NULL) {
        datum->text = str_from(found->id);
        return true;
    }
    struct buf *list = buf_new(reader->arena);
    for (size_t i = 0; i < input->choice_count; i++)
        buf_printf(list, "%s%s", i == 0 ? "" : ", ", input->choices[i].id);
    return error_set(err, ERROR_INTAKE_CHOICE, "ssSS", datum->ref, input->name, buf_str(list),
                     cell->text);
}

static bool rule_flag(struct reader *reader, const struct item *item,
                      const struct intake_cell *cell, struct intake_datum *datum, struct error *err)
{
    static const char *const words[][2] = {{"true", "false"}, {"是", "否"}, {"yes", "no"},
                                           {"1", "0"},        {"有", "无"}, {"Y", "N"}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        for (size_t k = 0; k < 2; k++)
            if (name_equal(reader->arena, cell->text, words[i][k])) {
                datum->text = k == 0 ? STR("true") : STR("false");
                return true;
            }
    return error_set(err, ERROR_INTAKE_CHOICE, "sssS", datum->ref, item->input->name,
                     "true 是, false 否", cell->text);
}

static bool rule_value(struct reader *reader, const struct item *item,
                       const struct intake_cell *cell, struct intake_datum *datum,
                       struct error *err)
{
    date day;
    char text[DATE_TEXT_MAX];
    if (cell->kind == INTAKE_FORMULA)
        return error_set(err, ERROR_INTAKE_CELL_FORMULA, "sS", datum->ref, cell->text);
    switch (item->input->type) {
    case MODEL_NUMBER: return rule_number(reader, item, cell, datum, err);
    case MODEL_CHOICE: return rule_choice(reader, item, cell, datum, err);
    case MODEL_FLAG: return rule_flag(reader, item, cell, datum, err);
    case MODEL_DATE:
        if (cell->kind == INTAKE_DATE)
            day = cell->day;
        else if (!date_parse_human(reader->arena, cell->text, &day))
            return error_set(err, ERROR_INTAKE_DATE, "sS", datum->ref, cell->text);
        date_format(day, text);
        datum->text = str_from(arena_strdup(reader->arena, text));
        return true;
    case MODEL_TEXT: datum->text = str_trim(cell->text); return true;
    }
    return true;
}

/* ---- one place, one value ------------------------------------------------------------------ */

static bool same_value(const struct intake_datum *a, const struct intake_datum *b)
{
    /* 9 kWh and 0.009 MWh are the same although their conversions differ in the last bit. */
    double difference = fabs(a->model_value - b->model_value);
    return difference <= fabs(a->model_value) * 1e-12 && str_equal(a->text, b->text);
}

/* The same place twice: identical counts once; different values refuse both. */
static void take_again(struct reader *reader, struct place *place, const struct intake_datum *datum)
{
    struct intake_datum *before = &reader->data->data[place->datum];
    if (!place->refused && same_value(before, datum)) {
        reader->data->repeated++;
        return;
    }
    char period[DATE_TEXT_MAX] = "-";
    if (datum->first.day != INT32_MIN) month_format(month_of(datum->first), period);
    str name = datum->key.len == 0
                   ? str_from(datum->input->name)
                   : str_from(arena_printf(reader->arena, "%s[%.*s]", datum->input->name,
                                           STR_ARG(datum->key)));
    struct error err;
    if (!place->refused) {
        error_set(&err, ERROR_INTAKE_DUPLICATE, "sSsSSs", before->ref, name, period, before->raw,
                  datum->raw, datum->ref);
        reader_refuse(reader, before->row, before->ref, &err);
        place->refused = true;
    }
    error_set(&err, ERROR_INTAKE_DUPLICATE, "sSsSSs", datum->ref, name, period, datum->raw,
              before->raw, before->ref);
    reader_refuse(reader, datum->row, datum->ref, &err);
}

/* ---- rows of one month added up ------------------------------------------------------------ */

static str place_name(struct reader *reader, const struct item *item, date first)
{
    return str_from(arena_printf(reader->arena, "%s[%.*s]%d", item->input->name, STR_ARG(item->key),
                                 first.day));
}

static void tell_spoiled(struct reader *reader, struct place *place,
                         const struct intake_datum *datum)
{
    char period[DATE_TEXT_MAX];
    struct error err;
    if (place->told) return;
    place->told = true;
    month_format(month_of(datum->first), period);
    error_set(&err, ERROR_INTAKE_SUM_PART, "ssss", datum->ref, datum->input->name, period,
              place->spoiled_by);
    reader_refuse(reader, datum->row, datum->ref, &err);
}

/* A sum without one of its rows would be too small: the month is not taken. */
static void spoil_sum(struct reader *reader, const struct item *item,
                      const struct intake_datum *bad)
{
    if (item->span != SPAN_MONTH || item->input->type != MODEL_NUMBER) return;
    str name = place_name(reader, item, item->first);
    struct place *place = map_get(&reader->places, name);
    if (place == NULL) {
        place = ARENA_NEW(reader->arena, struct place);
        place->datum = SIZE_MAX;
        map_put(&reader->places, name, place);
    }
    if (place->refused) return;
    place->refused = true;
    snprintf(place->spoiled_by, sizeof place->spoiled_by, "%s", bad->ref);
    if (place->datum != SIZE_MAX) tell_spoiled(reader, place, &reader->data->data[place->datum]);
}

static void add_to_sum(struct reader *reader, struct place *place, const struct intake_datum *datum)
{
    if (place->refused) {
        tell_spoiled(reader, place, datum);
        return;
    }
    struct intake_datum *sum = &reader->data->data[place->datum];
    if (!str_equal(sum->unit, datum->unit)) { /* different units meet in the input's own */
        sum->value = sum->model_value;
        sum->unit = unit_of(datum->input, datum->key);
    }
    sum->model_value += datum->model_value;
    sum->value = str_equal(sum->unit, datum->unit) ? sum->value + datum->value : sum->model_value;
    if (place->rows == 0) {
        place->rows = 1;
        place->parts = buf_new(reader->arena);
        buf_put_str(place->parts, sum->raw);
    }
    if (place->rows++ < SUM_PARTS_SHOWN) buf_printf(place->parts, " + %.*s", STR_ARG(datum->raw));
}

void reader_take(struct reader *reader, const struct intake_row *row, uint16_t column,
                 const struct item *item)
{
    const struct intake_cell *cell = intake_cell_at(row, column);
    if (cell == NULL || reader_merged(reader, row->number, column)) return;
    struct error err = {0};
    struct intake_datum datum = {.sheet = reader->sheet->name,
                                 .row = row->number,
                                 .column = column,
                                 .input = item->input,
                                 .key = item->key,
                                 .raw = cell->text,
                                 .note = item->note};
    intake_ref(row->number, column, datum.ref);
    if (!rule_value(reader, item, cell, &datum, &err) || !rule_period(reader, item, &datum, &err)) {
        reader_refuse(reader, row->number, datum.ref, &err);
        if (reader->sums) spoil_sum(reader, item, &datum);
        return;
    }
    str name = place_name(reader, item, datum.first);
    struct place *place = map_get(&reader->places, name);
    if (place != NULL && reader->sums && item->input->type == MODEL_NUMBER) {
        add_to_sum(reader, place, &datum);
        return;
    }
    if (place != NULL) {
        take_again(reader, place, &datum);
        return;
    }
    place = ARENA_NEW(reader->arena, struct place);
    place->datum = reader->data->count;
    map_put(&reader->places, name, place);
    *ARENA_PUSH(reader->arena, reader->data->data, reader->data->count, reader->data_capacity) =
        datum;
}

/* Takes out the data that a later duplicate refused. */
static void drop_refused(struct reader *reader)
{
    size_t kept = 0;
    bool *drop = ARENA_NEW_ARRAY(reader->arena, bool, reader->data->count + 1);
    for (size_t i = 0; i < reader->places.count; i++) {
        const struct place *place = reader->places.entries[i].value;
        if (place->datum == SIZE_MAX) continue;
        drop[place->datum] = place->refused;
        if (place->rows == 0) continue;
        if (place->rows > SUM_PARTS_SHOWN)
            buf_printf(place->parts, " + … (%lld rows)", (long long)place->rows);
        reader->data->data[place->datum].raw = buf_str(place->parts);
    }
    for (size_t i = 0; i < reader->data->count; i++)
        if (!drop[i]) reader->data->data[kept++] = reader->data->data[i];
    reader->data->count = kept;
}

static void first_row_text(struct arena *arena, const struct intake_book *book, str *text)
{
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < book->sheet_count && out->len == 0; i++) {
        if (book->sheets[i].row_count == 0) continue;
        const struct intake_row *row = &book->sheets[i].rows[0];
        for (uint32_t c = 0; c < row->count && out->len < 200; c++)
            buf_printf(out, "%s%.*s", c == 0 ? "" : " | ",
                       (int)size_min(row->cells[c].text.len, 60), row->cells[c].text.ptr);
    }
    *text = buf_str(out);
}

bool intake_read_data(struct arena *arena, const struct intake_book *book,
                      const struct intake_request *request, struct intake_data *data,
                      struct error *err)
{
    struct intake_data found = {0};
    struct reader reader = {.arena = arena, .request = request, .book = book, .data = &found};
    map_init(&reader.places, arena);
    if (request->mapping != NULL) {
        found.layout = INTAKE_LAYOUT_MAPPED;
        if (!layout_mapped(&reader, err)) return false;
    } else {
        for (size_t i = 0; i < book->sheet_count; i++) {
            if (book->sheets[i].hidden) continue;
            bool template = layout_template(&reader, &book->sheets[i]);
            if (!template && !layout_long(&reader, &book->sheets[i])) continue;
            if (found.layout == 0)
                found.layout = template ? INTAKE_LAYOUT_TEMPLATE : INTAKE_LAYOUT_LONG;
        }
        if (found.layout == 0) {
            str text;
            first_row_text(arena, book, &text);
            return error_set(err, ERROR_INTAKE_LAYOUT_UNKNOWN, "S", text);
        }
    }
    drop_refused(&reader);
    *data = found;
    return true;
}
