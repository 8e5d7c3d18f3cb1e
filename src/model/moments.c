#include "model/moments.h"

#include <float.h>
#include <math.h>

#include "model/wide.h"

WIDE void moments_add(struct moments *moments, const double *x, double x0, const double *y,
                      double y0, size_t count)
{
    struct moments m = *moments;
    for (size_t i = 0; i < count; i += MOMENT_LANES)
        for (size_t k = 0; k < MOMENT_LANES; k++) {
            double dx = x[i + k] - x0, dy = y[i + k] - y0;
            m.x[k] += dx;
            m.xx[k] += dx * dx;
            m.xy[k] += dx * dy;
        }
    *moments = m;
}

WIDE void moments_add_values(double *lanes, const double *values, double origin, size_t count)
{
    double sums[MOMENT_LANES];
    for (size_t k = 0; k < MOMENT_LANES; k++) sums[k] = lanes[k];
    for (size_t i = 0; i < count; i += MOMENT_LANES)
        for (size_t k = 0; k < MOMENT_LANES; k++) sums[k] += values[i + k] - origin;
    for (size_t k = 0; k < MOMENT_LANES; k++) lanes[k] = sums[k];
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
