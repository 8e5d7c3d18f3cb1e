/* exp and ln of our own: the C library's differ between machines in the last bit. Both reduce the
 * argument and sum a series in double, well below 1e-15 relative error. */
#include <math.h>

#include "model/program.h"

static const double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;

double number_exp(double x)
{
    if (x != x) return x;
    if (x > 709.782712893384) return INFINITY;
    if (x < -745.2) return 0;
    double n = floor(x * 1.4426950408889634 + 0.5);
    double r = (x - n * ln2_high) - n * ln2_low; /* |r| <= ln 2 / 2 */
    double term = 1, sum = 0;
    double terms[18];
    for (int i = 0; i < 18; i++) {
        terms[i] = term;
        term = term * r / (i + 1);
    }
    for (int i = 17; i >= 0; i--) sum += terms[i]; /* small ones first */
    int power = (int)n;
    return ldexp(ldexp(sum, power / 2), power - power / 2);
}

double number_ln(double x)
{
    if (x != x || x < 0) return NAN;
    if (x == 0) return -INFINITY;
    if (x > 1.7976931348623157e308) return INFINITY;
    int power;
    double m = frexp(x, &power);
    if (m < 0.70710678118654752) {
        m *= 2;
        power--;
    }
    double s = (m - 1) / (m + 1), square = s * s, sum = 0; /* ln m = 2 artanh s */
    for (int i = 25; i >= 1; i -= 2) sum = sum * square + 1.0 / i;
    return power * ln2_high + (2 * s * sum + power * ln2_low);
}

double number_power(double x, int power)
{
    double result = 1;
    int times = power < 0 ? -power : power;
    for (int i = 0; i < times; i++) result *= x;
    return power < 0 ? 1 / result : result;
}

double number_round(double x, double digits)
{
    double scale = number_power(10, (int)fmin(fmax(digits, -15), 15));
    double scaled = x * scale;
    if (fabs(scaled) >= 4503599627370496.0) return x;
    return round(scaled) / scale;
}
