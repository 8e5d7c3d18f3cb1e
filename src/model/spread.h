/* Spreads inside the engine: who states one, and what its shape means. The stated value is the mean
 * of a normal, the middle of a triangular and a uniform, the median of a lognormal. */
#ifndef MODEL_SPREAD_H
#define MODEL_SPREAD_H

#include "model/program.h"

#define NORMAL_95 1.959963984540054 /* 95 % of a normal lies within so many standard deviations */

/* What the data state of one value. */
bool spread_find(const struct model_data *data, const struct definition *d, size_t entity,
                 size_t key, struct model_spread *spread);
/* What a row says of one of its cells: the column uncertainty_NAME, or `uncertainty` for the row's
 * first column of numbers; the shape is in `distribution`, normal when that is not said. */
bool spread_of_factor(const struct table *table, size_t row, int column,
                      struct model_spread *spread);
/* Mean less base, and variance. */
void spread_moments(const struct model_spread *spread, double base, double *shift,
                    double *variance);
/* Values by the inverse of the distribution: the same words, the same values. */
void spread_draw(const struct model_spread *spread, double base, const uint32_t *words,
                 double *values, size_t count);

#endif
