/* Inside meter: a day's intervals as bytes: a bit per interval (present, lowest bit first), then
 * for each present value the difference to the one before as zigzag varint. */
#ifndef METER_CHUNK_H
#define METER_CHUNK_H

#include "base/arena.h"
#include "base/str.h"
#include "meter/meter.h"

#define METER_DAY_MINUTES 1440

str chunk_encode(struct arena *arena, const int64_t *wh, size_t expected);
/* False when the bytes are not a chunk of `expected` intervals. */
bool chunk_decode(str bytes, int64_t *wh, size_t expected) NODISCARD;

/* Inside meter as well: sums up count, sum and flags from the intervals. */
void day_summarise(struct meter_day *day);
int64_t day_peak_wh(const struct meter_day *day);

#endif
