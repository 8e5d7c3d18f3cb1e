#include "model/moments.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "model/wide.h"

typedef double lanes_of __attribute__((vector_size(MOMENT_LANES * sizeof(double)), aligned(8)));
#define LANES(values) (*(const lanes_of *)(values))
#define EVERY(number) ((lanes_of){0} + (number))

WIDE void moments_add(struct moments *moments, const double *x, double x0, const double *y,
                      double y0, size_t count)
{
    lanes_of sum_x = LANES(moments->x), sum_xx = LANES(moments->xx), sum_xy = LANES(moments->xy);
    for (size_t i = 0; i < count; i += MOMENT_LANES) {
        lanes_of dx = LANES(x + i) - EVERY(x0), dy = LANES(y + i) - EVERY(y0);
        sum_x += dx;
        sum_xx += dx * dx;
        sum_xy += dx * dy;
    }
    memcpy(moments->x, &sum_x, sizeof sum_x);
    memcpy(moments->xx, &sum_xx, sizeof sum_xx);
    memcpy(moments->xy, &sum_xy, sizeof sum_xy);
}

WIDE void moments_add_values(double *lanes, const double *values, double origin, size_t count)
{
    lanes_of sums = LANES(lanes);
    for (size_t i = 0; i < count; i += MOMENT_LANES) sums += LANES(values + i) - EVERY(origin);
    memcpy(lanes, &sums, sizeof sums);
}

double moments_sum(const double *lanes)
{
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

WIDE void values_add(double *to, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] += values[i];
}

WIDE size_t values_failed(const double *values, size_t count)
{
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) failed += !(fabs(values[i]) <= DBL_MAX);
    return failed;
}

WIDE void values_keep(double *to, const double *values, const double *tested, double other,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] = fabs(tested[i]) <= DBL_MAX ? values[i] : other;
}

WIDE void values_copy(double *restrict to, const double *restrict values, size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] = values[i];
}
