/* Inside meter: the time that stands beside a reading. */
#ifndef METER_LABEL_H
#define METER_LABEL_H

#include "intake/intake.h"
#include "meter/meter.h"

/* Minutes since 1970-01-01T00:00 local. Text by the format, or a cell that is a date itself. 24:00
 * is the end of its day. False when it does not fit. `*midnight`: the clock reads 00:00. */
bool label_parse(str text, str format, int64_t *minutes, bool *midnight);
bool label_of_row(const struct intake_row *row, const struct meter_mapping *mapping,
                  int64_t *minutes, bool *midnight);
/* The texts of a row's label for messages. */
str label_text(struct arena *arena, const struct intake_row *row,
               const struct meter_mapping *mapping);
/* "2018-02-01 00:15" */
char *label_format(struct arena *arena, int64_t minutes);
bool label_number(str text, double *value);

/* Wh per number of the mapping's unit; power needs the interval. False for an unknown unit. */
bool unit_wh(str unit, enum meter_value value, int interval_minutes, double *wh);

#endif
