/* The machine's loops over numbers and statuses: see wide.h. */
#ifndef MODEL_LOOPS_H
#define MODEL_LOOPS_H

#include "model/program.h"

/* a op b of a pair's arithmetic and comparisons. False when a result is no finite number, or a
 * divisor is 0: then the values are to be looked at one by one. */
bool loop_pair(enum op op, double *restrict to, const double *a, const double *b, size_t count);
/* status_join of each. */
void loop_join(uint8_t *restrict to, const uint8_t *a, const uint8_t *b, size_t count);
/* a where it is known, else b; the statuses likewise. Returns all bits of the new statuses. */
uint8_t loop_coalesce(double *restrict to, uint8_t *restrict ts, const double *next,
                      const uint8_t *ns, size_t count);
/* yes where a is not 0, else no. */
void loop_select(double *restrict to, const double *a, const double *yes, const double *no,
                 size_t count);
void loop_select_status(uint8_t *restrict ts, const double *a, const uint8_t *ys, const uint8_t *ns,
                        uint8_t given, size_t count);
void loop_gather(double *restrict to, const double *from, const uint32_t *at, size_t count);
void loop_negate(double *restrict to, const double *a, size_t count);
/* Whether each is a finite number. */
bool loop_finite(const double *values, size_t count);
/* Whether each byte is that one. */
bool loop_all(const uint8_t *bytes, uint8_t wanted, size_t count);

#endif
