/* Data for `tanshu model run`: wide CSV (a column per input, `name` or `name[key]`, an optional row
 * of units whose entity is "unit") and long CSV (entity,period,input,key,value,unit). */
#ifndef MODEL_COMMAND_CSV_H
#define MODEL_COMMAND_CSV_H

#include "model/tanshu_model.h"

struct command_row {
    str entity, period;
};
/* Errors name row and column. A cell given twice is refused. `rows` are the run's entities in
 * order. */
bool command_read_csv(struct arena *arena, const struct model *model, str text,
                      struct model_data **data, struct command_row **rows, size_t *count,
                      struct error *err) NODISCARD;
/* For one of two models that get the same file: inputs that only `other` has are passed over, so
 * that each takes what it knows; what neither knows is refused. */
bool command_read_csv_of_two(struct arena *arena, const struct model *model,
                             const struct model *other, str text, struct model_data **data,
                             struct command_row **rows, size_t *count, struct error *err) NODISCARD;

#endif
