/* Inside intake: from cells to proposed data. A reader walks the sheets in one of three layouts and
 * hands every cell to reader_take, where all rules of a value live. */
#ifndef INTAKE_READ_H
#define INTAKE_READ_H

#include "base/map.h"
#include "intake/intake.h"
#include "intake/limits.h"

struct reader {
    struct arena *arena;
    const struct intake_request *request;
    const struct intake_book *book;
    const struct intake_sheet *sheet;
    struct intake_data *data;
    size_t data_capacity, refusal_capacity;
    struct map places; /* input, key and period → struct place */
    bool *merged_told; /* per merged range of the sheet */
    bool sums;         /* rows of one month are added up */
    uint32_t header_row;
};

/* Which header a cell is; NAME_NONE for another text. */
enum name {
    NAME_NONE,
    NAME_ITEM,
    NAME_CODE,
    NAME_UNIT,
    NAME_PERIOD,
    NAME_KEY,
    NAME_VALUE,
    NAME_NOTE
};
/* By Chinese or English name; the whole text or one of its words ("项目 Item"). */
enum name name_of_header(struct arena *arena, str text);
/* Full-width forms made half-width; unlike str_fold it keeps the case, which units need. */
str name_half_width(struct arena *arena, str text);
bool name_equal(struct arena *arena, str a, const char *b); /* trimmed, folded, case apart */
const struct model_input *name_find_input(struct arena *arena, const struct model_info *model,
                                          str text);
const struct model_key *name_find_key(struct arena *arena, const struct model_key *keys,
                                      size_t count, str text);
/* The candidate with the smallest edit distance; "-" when there is none. */
const char *name_nearest_input(struct arena *arena, const struct model_info *model, str text);
const char *name_nearest_key(struct arena *arena, const struct model_input *input, str text);
/* "Fuel burnt · Coke" as templates write it. */
char *name_item(struct arena *arena, const struct model_input *input, const struct model_key *key,
                bool zh);
/* Inputs that a person fills, in the order of the model; `from` ones are the platform's. */
bool name_is_asked(const struct model_input *input);

/* A cell's number with the unit that may follow it ("12.5 万kWh", "1,200", "８５％"). */
bool quantity_parse(struct arena *arena, const struct intake_cell *cell, double *number, str *unit);
/* A written unit as the model knows it: 度 → kWh, 万m³ → 1e4 and m3. */
str quantity_unit(struct arena *arena, str written, double *factor);
/* number in `written` units → *value in *unit (the model's word), *model_value in `wanted`. False
 * when they do not fit. */
bool quantity_convert(struct reader *reader, double number, str written, const char *wanted,
                      double *value, str *unit, double *model_value);

/* A period as written: a month, a year. Kinds of cell: date, 202601, "2026年1月", "1月" (of the
 * request's year). */
enum span { SPAN_NONE, SPAN_MONTH, SPAN_YEAR };
enum span period_parse(struct reader *reader, const struct intake_cell *cell, date *first,
                       date *last);

struct item { /* what a value is of */
    const struct model_input *input;
    str key, unit, note;
    double factor;
    enum span span;
    date first, last;
    const struct intake_cell *period_cell;
    char period_ref[INTAKE_REF_MAX];
};
void reader_take(struct reader *reader, const struct intake_row *row, uint16_t column,
                 const struct item *item);
/* Finds input and key by texts; refuses with the cell when there is none. `key` may be empty. */
bool reader_find(struct reader *reader, uint32_t row, uint16_t input_column, str input,
                 uint16_t key_column, str key, struct item *item);
void reader_refuse(struct reader *reader, uint32_t row, const char *ref, const struct error *error);
/* True (and refused once) when the cell lies in a merged range at or below the header. */
bool reader_merged(struct reader *reader, uint32_t row, uint16_t column);
void reader_begin_sheet(struct reader *reader, const struct intake_sheet *sheet,
                        uint32_t header_row);

/* The layouts. False when the sheet is not of that layout. */
bool layout_template(struct reader *reader, const struct intake_sheet *sheet);
bool layout_long(struct reader *reader, const struct intake_sheet *sheet);
bool layout_mapped(struct reader *reader, struct error *err);

#endif
