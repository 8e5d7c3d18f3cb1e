/* The cells of one worksheet, row by row (ECMA-376 part 1, 18.3). */
#include "intake/xlsx.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

enum sheet_place { PLACE_NONE, PLACE_VALUE, PLACE_FORMULA, PLACE_INLINE };

struct sheet_state {
    struct parse_row row;
    uint32_t row_number;
    int64_t column; /* of the cell being read, from 0 */
    int64_t column_last;
    char type[12];
    bool in_row, in_cell, has_formula;
    enum xlsx_format format;
    enum sheet_place place;
    int phonetic;
    struct buf *text, *formula;
    size_t merged;
};

static void sheet_error(struct xlsx_part *part, const char *what)
{
    error_set(&part->error, ERROR_INTAKE_XML, "sis", part->name,
              (int64_t)XML_GetCurrentLineNumber(part->parser), what);
    xlsx_fail(part);
}

/* "B7" → row 7, column 1; either half may be what the caller wants. False when malformed. */
static bool parse_ref(const char *text, uint32_t *row, int64_t *column)
{
    int64_t c = 0, r = 0;
    const char *at = text;
    for (; *at >= 'A' && *at <= 'Z' && c < 100000; at++) c = c * 26 + (*at - 'A' + 1);
    if (c == 0 || at - text > 4) return false;
    if (!num_parse_int(str_from(at), &r) || r < 1 || r > UINT32_MAX) return false;
    *row = (uint32_t)r;
    *column = c - 1;
    return true;
}

static void begin_row(struct xlsx_part *part, const char **attributes)
{
    struct sheet_state *state = part->state;
    const char *number = xlsx_attribute(attributes, "r");
    int64_t value = (int64_t)state->row_number + 1;
    if (number != NULL && !num_parse_int(str_from(number), &value)) value = -1;
    if (value > INTAKE_MAX_rows) {
        parse_over_limit(part->name, "rows", &part->error);
        xlsx_fail(part);
        return;
    }
    if (state->in_row || value <= (int64_t)state->row_number) {
        sheet_error(part, "rows out of order");
        return;
    }
    state->in_row = true;
    state->row_number = (uint32_t)value;
    state->column_last = -1;
}

static void begin_cell(struct xlsx_part *part, const char **attributes)
{
    struct sheet_state *state = part->state;
    const char *ref = xlsx_attribute(attributes, "r"), *type = xlsx_attribute(attributes, "t");
    const char *style = xlsx_attribute(attributes, "s");
    uint32_t row = state->row_number;
    int64_t column = state->column_last + 1, format = 0;
    if (!state->in_row || state->in_cell) {
        sheet_error(part, "a cell outside a row");
        return;
    }
    if (ref != NULL && (!parse_ref(ref, &row, &column) || row != state->row_number)) {
        sheet_error(part, "a cell's reference does not fit its row");
        return;
    }
    if (column <= state->column_last) {
        sheet_error(part, "cells out of order");
        return;
    }
    state->in_cell = true;
    state->column = state->column_last = column;
    state->format = XLSX_PLAIN;
    if (style != NULL && num_parse_int(str_from(style), &format) && format >= 0 &&
        (size_t)format < part->xlsx->format_count)
        state->format = (enum xlsx_format)part->xlsx->formats[format];
    state->type[0] = '\0';
    if (type != NULL && strlen(type) < sizeof state->type)
        memcpy(state->type, type, strlen(type) + 1);
    state->has_formula = false;
    state->text->len = state->formula->len = 0;
}

static void add_merged(struct xlsx_part *part, const char *text)
{
    struct sheet_state *state = part->state;
    const struct intake_sink *sink = part->xlsx->parse->sink;
    str rest = str_from(text), from, to;
    struct intake_range range;
    int64_t first, last;
    char copy[2][INTAKE_REF_MAX];
    if (++state->merged > INTAKE_MAX_merged) {
        parse_over_limit(part->name, "merged", &part->error);
        xlsx_fail(part);
        return;
    }
    bool good = str_cut(&rest, ':', &from) && str_cut(&rest, ':', &to) &&
                from.len < INTAKE_REF_MAX && to.len < INTAKE_REF_MAX;
    if (good) {
        memcpy(copy[0], from.ptr, from.len);
        copy[0][from.len] = '\0';
        memcpy(copy[1], to.ptr, to.len);
        copy[1][to.len] = '\0';
        good = parse_ref(copy[0], &range.first_row, &first) &&
               parse_ref(copy[1], &range.last_row, &last) && first <= last && last < UINT16_MAX &&
               range.first_row <= range.last_row;
    }
    if (!good) {
        sheet_error(part, "a merged range that is none");
        return;
    }
    range.first_column = (uint16_t)first;
    range.last_column = (uint16_t)last;
    if (!sink->merged(sink->arg, &range, &part->error)) xlsx_fail(part);
}

static void sheet_start(struct xlsx_part *part, const char *name, const char **attributes)
{
    struct sheet_state *state = part->state;
    if (strcmp(name, "row") == 0) {
        begin_row(part, attributes);
    } else if (strcmp(name, "c") == 0) {
        begin_cell(part, attributes);
    } else if (strcmp(name, "v") == 0) {
        state->place = PLACE_VALUE;
    } else if (strcmp(name, "f") == 0) {
        state->place = PLACE_FORMULA;
        state->has_formula = true;
    } else if (strcmp(name, "rPh") == 0) {
        state->phonetic++;
    } else if (strcmp(name, "t") == 0 && state->phonetic == 0) {
        state->place = PLACE_INLINE;
    } else if (strcmp(name, "mergeCell") == 0) {
        const char *ref = xlsx_attribute(attributes, "ref");
        if (ref != NULL) add_merged(part, ref);
    } else if (strcmp(name, "dimension") == 0) {
        /* A sheet that says at once that it is too long need not be read to its end. */
        const char *ref = xlsx_attribute(attributes, "ref");
        const char *colon = ref != NULL ? strchr(ref, ':') : NULL;
        uint32_t row;
        int64_t column;
        if (colon != NULL && parse_ref(colon + 1, &row, &column) && row > INTAKE_MAX_rows) {
            parse_over_limit(part->name, "rows", &part->error);
            xlsx_fail(part);
        }
    }
}

static void sheet_text(struct xlsx_part *part, str text)
{
    struct sheet_state *state = part->state;
    if (state->place == PLACE_NONE) return;
    struct buf *to = state->place == PLACE_FORMULA ? state->formula : state->text;
    if ((int64_t)(to->len + text.len) > INTAKE_MAX_cell_bytes) {
        parse_over_limit(part->name, "cell_bytes", &part->error);
        xlsx_fail(part);
        return;
    }
    buf_put_str(to, text);
}

/* A serial number: days since 1899-12-30 (with the false 29 February 1900 before day 61), or since
 * 1904-01-01. ECMA-376 part 1, 18.17.4.1. */
static bool set_date(struct intake_cell *cell, double serial, bool since_1904)
{
    if (!(serial >= 0 && serial < 2958466)) return false;
    double whole = floor(serial);
    int64_t seconds = (int64_t)((serial - whole) * 86400 + 0.5);
    int32_t day = (int32_t)whole;
    if (seconds == 86400) {
        day++;
        seconds = 0;
    }
    cell->kind = INTAKE_DATE;
    cell->seconds = (int32_t)seconds;
    if (since_1904)
        cell->day.day = day - 24107;
    else
        cell->day.day = day - (day < 61 && day > 0 ? 25568 : 25569);
    return true;
}

static bool cell_value(struct xlsx_part *part, str *text, struct error *err)
{
    struct sheet_state *state = part->state;
    struct xlsx *xlsx = part->xlsx;
    *text = buf_str(state->text);
    if (strcmp(state->type, "s") == 0 && text->len > 0) {
        int64_t index;
        if (!num_parse_int(str_trim(*text), &index) || index < 0 ||
            (size_t)index >= xlsx->string_count)
            return error_set(err, ERROR_INTAKE_XML, "sis", part->name,
                             (int64_t)XML_GetCurrentLineNumber(part->parser),
                             "a shared text that does not exist");
        *text = xlsx->strings[index];
    } else if (strcmp(state->type, "b") == 0) {
        *text = str_is(*text, "1") ? STR("TRUE") : STR("FALSE");
    }
    return true;
}

static str percent_text(struct arena *arena, double fraction)
{
    char text[NUM_TEXT_MAX];
    double percent = fraction * 100;
    /* 0.07 * 100 is 7.000000000000001 in binary; thirteen digits are more than anybody types. */
    double scale = pow(10, 12 - floor(log10(fmax(fabs(percent), 1e-300))));
    if (isfinite(scale) && scale > 0 && isfinite(percent * scale))
        percent = round(percent * scale) / scale;
    num_format(isfinite(percent) ? percent : fraction, text);
    return str_from(arena_printf(arena, "%s%%", text));
}

static void end_cell(struct xlsx_part *part)
{
    struct sheet_state *state = part->state;
    struct parse *parse = part->xlsx->parse;
    str text;
    if (state->has_formula) {
        str formula = buf_str(state->formula);
        text = str_from(arena_printf(state->row.arena, "=%.*s", STR_ARG(formula)));
    } else if (!cell_value(part, &text, &part->error)) {
        xlsx_fail(part);
        return;
    }
    if (str_trim(text).len == 0) return;
    /* Shared texts outlive the row; the rest is in a buffer that the next cell overwrites. */
    if (strcmp(state->type, "s") != 0 || state->has_formula)
        text = str_copy(state->row.arena, text);
    struct intake_cell *cell =
        parse_row_add(parse, &state->row, state->row_number, state->column, text, &part->error);
    if (cell == NULL) {
        xlsx_fail(part);
        return;
    }
    double number;
    cell->kind = INTAKE_TEXT;
    if (state->has_formula) {
        cell->kind = INTAKE_FORMULA;
    } else if (strcmp(state->type, "d") == 0) {
        if (date_parse_iso(str_slice(text, 0, 10), &cell->day)) cell->kind = INTAKE_DATE;
    } else if ((state->type[0] == '\0' || strcmp(state->type, "n") == 0) &&
               num_parse(str_trim(text), &number)) {
        if (state->format == XLSX_PERCENT) {
            /* What the person sees: 85 % is stored as 0.85, and beside a unit "%" would read as
             * 0.85 %. */
            cell->text = percent_text(state->row.arena, number);
        } else if (state->format != XLSX_DATE || !set_date(cell, number, part->xlsx->since_1904)) {
            cell->kind = INTAKE_NUMBER;
            cell->number = number;
        }
    }
}

static void sheet_end(struct xlsx_part *part, const char *name)
{
    struct sheet_state *state = part->state;
    if (strcmp(name, "v") == 0 || strcmp(name, "f") == 0 || strcmp(name, "t") == 0) {
        state->place = PLACE_NONE;
    } else if (strcmp(name, "rPh") == 0) {
        state->phonetic -= state->phonetic > 0;
    } else if (strcmp(name, "c") == 0) {
        state->in_cell = false;
        end_cell(part);
    } else if (strcmp(name, "row") == 0) {
        state->in_row = false;
        if (!parse_row_send(part->xlsx->parse, &state->row, &part->error)) xlsx_fail(part);
    }
}

bool xlsx_read_sheet(struct xlsx *xlsx, const char *part_name, struct error *err)
{
    bool found;
    struct sheet_state state = {.text = buf_new(xlsx->arena),
                                .formula = buf_new(xlsx->arena),
                                .column = -1,
                                .column_last = -1};
    struct xlsx_part part = {.xlsx = xlsx,
                             .name = part_name,
                             .state = &state,
                             .start = sheet_start,
                             .end = sheet_end,
                             .text = sheet_text};
    parse_row_init(&state.row);
    bool good = xlsx_read_part(&part, &found, err);
    if (good && !found) good = error_set(err, ERROR_INTAKE_TRUNCATED, "s", part_name);
    parse_row_clear(&state.row);
    return good;
}
