/* Sums over draws, always taken in the same order: eight by eight, then the eight. */
#ifndef MODEL_MOMENTS_H
#define MODEL_MOMENTS_H

#include <stddef.h>

enum { MOMENT_LANES = 8 };
struct moments { /* of x and y about fixed points */
    double x[MOMENT_LANES], xx[MOMENT_LANES], xy[MOMENT_LANES];
};
/* count is a multiple of MOMENT_LANES. */
void moments_add(struct moments *moments, const double *x, double x0, const double *y, double y0,
                 size_t count);
/* The same of values alone: lanes += values - origin. */
void moments_add_values(double *lanes, const double *values, double origin, size_t count);
double moments_sum(const double *lanes);
void values_copy(double *restrict to, const double *restrict values, size_t count);
void values_add(double *to, const double *values, size_t count);
/* How many are no finite number. */
size_t values_failed(const double *values, size_t count);
/* Each value where what was tested is a finite number, else the other one. */
void values_keep(double *to, const double *values, const double *tested, double other,
                 size_t count);

#endif
