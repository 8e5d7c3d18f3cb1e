#include "model/random.h"

#include <math.h>
#include <string.h>

#include "model/program.h"
#include "model/wide.h"

enum { ROUNDS = 10, GROUPS = 64 };
#define MULTIPLY_0 UINT32_C(0xD2511F53)
#define MULTIPLY_1 UINT32_C(0xCD9E8D57)
#define WEYL_0 UINT32_C(0x9E3779B9)
#define WEYL_1 UINT32_C(0xBB67AE85)

void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]}, k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)MULTIPLY_0 * c[0], p1 = (uint64_t)MULTIPLY_1 * c[2];
        c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
        c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
        c[1] = (uint32_t)p1;
        c[3] = (uint32_t)p0;
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
    for (int i = 0; i < 4; i++) out[i] = c[i];
}

/* The same for GROUPS counters that follow one another. */
WIDE static void philox_groups(uint64_t seed, uint64_t stream, uint32_t first,
                               uint32_t *restrict words)
{
    uint32_t c0[GROUPS], c1[GROUPS], c2[GROUPS], c3[GROUPS], k0 = (uint32_t)seed,
                                                             k1 = (uint32_t)(seed >> 32);
    for (int i = 0; i < GROUPS; i++) {
        c0[i] = first + (uint32_t)i;
        c1[i] = (uint32_t)stream;
        c2[i] = (uint32_t)(stream >> 32);
        c3[i] = 0;
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < GROUPS; i++) {
            uint64_t p0 = (uint64_t)MULTIPLY_0 * c0[i], p1 = (uint64_t)MULTIPLY_1 * c2[i];
            c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
            c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
            c1[i] = (uint32_t)p1;
            c3[i] = (uint32_t)p0;
        }
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
    for (int i = 0; i < GROUPS; i++) {
        words[4 * i] = c0[i];
        words[4 * i + 1] = c1[i];
        words[4 * i + 2] = c2[i];
        words[4 * i + 3] = c3[i];
    }
}

void random_words(uint64_t seed, uint64_t stream, size_t first, uint32_t *words, size_t count)
{
    size_t done = 0;
    for (; done + 4 * GROUPS <= count; done += 4 * GROUPS)
        philox_groups(seed, stream, (uint32_t)((first + done) / 4), words + done);
    for (; done < count; done += 4) {
        const uint32_t counter[4] = {(uint32_t)((first + done) / 4), (uint32_t)stream,
                                     (uint32_t)(stream >> 32), 0},
                       key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
        philox4x32(counter, key, words + done);
    }
}

/* ---- the normal quantile ------------------------------------------------------------------ */

#define CENTRE 0.425 /* |p - 1/2| up to which the first ratio holds */

INLINE double central(double q)
{
    double r = 0.180625 - q * q;
    double above = ((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r +
                        6.7265770927008700853e4) *
                           r +
                       4.5921953931549871457e4) *
                          r +
                      1.3731693765509461125e4) *
                         r +
                     1.9715909503065514427e3) *
                        r +
                    1.3314166789178437745e2) *
                       r +
                   3.3871328727963666080e0;
    double below = ((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r +
                        3.9307895800092710610e4) *
                           r +
                       2.1213794301586595867e4) *
                          r +
                      5.3941960214247511077e3) *
                         r +
                     6.8718700749205790830e2) *
                        r +
                    4.2313330701600911252e1) *
                       r +
                   1.0;
    return q * above / below;
}

/* Of r = sqrt(-ln p) <= 5, p the smaller tail. */
INLINE double tail_near(double r)
{
    r -= 1.6;
    double above = ((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r +
                        2.41780725177450611770e-1) *
                           r +
                       1.27045825245236838258e0) *
                          r +
                      3.64784832476320460504e0) *
                         r +
                     5.76949722146069140550e0) *
                        r +
                    4.63033784615654529590e0) *
                       r +
                   1.42343711074968357734e0;
    double below = ((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r +
                        1.51986665636164571966e-2) *
                           r +
                       1.48103976427480074590e-1) *
                          r +
                      6.89767334985100004550e-1) *
                         r +
                     1.67638483018380384940e0) *
                        r +
                    2.05319162663775882187e0) *
                       r +
                   1.0;
    return above / below;
}

/* Beyond, which 32 bits do not reach. */
static double tail_far(double r)
{
    r -= 5;
    double above = ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r +
                        1.24266094738807843860e-3) *
                           r +
                       2.65321895265761230930e-2) *
                          r +
                      2.96560571828504891230e-1) *
                         r +
                     1.78482653991729133580e0) *
                        r +
                    5.46378491116411436990e0) *
                       r +
                   6.65790464350110377720e0;
    double below = ((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r +
                        1.84631831751005468180e-5) *
                           r +
                       7.86869131145613259100e-4) *
                          r +
                      1.48753612908506148525e-2) *
                         r +
                     1.36929880922735805310e-1) *
                        r +
                    5.99832206555887937690e-1) *
                       r +
                   1.0;
    return above / below;
}

double normal_quantile(double p)
{
    double q = p - 0.5;
    if (fabs(q) <= CENTRE) return central(q);
    double r = sqrt(-number_ln(q < 0 ? p : 1 - p)), z = r <= 5 ? tail_near(r) : tail_far(r);
    return q < 0 ? -z : z;
}

/* AS 241's other routine, PPND7: exact to 1 in 10^7, far finer than draws can tell, and cheaper. */
INLINE double central_7(double q)
{
    double r = 0.180625 - q * q;
    return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
           (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
}

INLINE double tail_7(double r)
{
    r -= 1.6;
    return (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
           ((0.12021132975 * r + 0.73700164250) * r + 1);
}

WIDE static void central_all(const uint32_t *restrict words, double *restrict normals, size_t count)
{
    for (size_t i = 0; i < count; i++) normals[i] = central_7(random_uniform(words[i]) - 0.5);
}

enum { TAIL_AT_ONCE = 256 };

/* Of the smaller tail's words; ln by the series of number_ln as far as 1e-9, its divisions made
 * ahead. */
WIDE static void tail_all(const uint32_t *restrict near, double *restrict z, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double p = random_uniform(near[i]), m;
        uint64_t bits;
        memcpy(&bits, &p, sizeof bits);
        uint64_t exponent = (bits >> 52) | UINT64_C(0x4330000000000000); /* as 2^52 + it */
        double power;
        memcpy(&power, &exponent, sizeof power);
        power -= 4503599627370496.0 + 1022;
        bits = (bits & UINT64_C(0xFFFFFFFFFFFFF)) | UINT64_C(0x3FE0000000000000);
        memcpy(&m, &bits, sizeof m);
        bool low = m < 0.70710678118654752;
        m = low ? m * 2 : m;
        power = low ? power - 1 : power;
        double s = (m - 1) / (m + 1), square = s * s;
        double sum =
            ((((1.0 / 11 * square + 1.0 / 9) * square + 1.0 / 7) * square + 1.0 / 5) * square +
             1.0 / 3) *
                square +
            1;
        z[i] = tail_7(sqrt(-(power * 0.693147180559945309 + 2 * s * sum)));
    }
}

void random_normals(const uint32_t *words, double *normals, size_t count)
{
    central_all(words, normals, count);
    uint32_t near[TAIL_AT_ONCE];
    uint16_t place[TAIL_AT_ONCE];
    double z[TAIL_AT_ONCE];
    for (size_t first = 0; first < count; first += TAIL_AT_ONCE) {
        size_t end = size_min(TAIL_AT_ONCE, count - first), found = 0;
        for (size_t i = 0; i < end; i++) { /* the two tails of 0.075 each */
            uint32_t word = words[first + i], mirrored = word >> 31 == 0 ? word : ~word;
            near[found] = mirrored;
            place[found] = (uint16_t)i;
            found += mirrored < UINT32_C(322122547);
        }
        tail_all(near, z, found);
        for (size_t i = 0; i < found; i++) {
            size_t at = first + place[i];
            normals[at] = words[at] >> 31 == 0 ? -z[i] : z[i];
        }
    }
}

INLINE double exponential(double x)
{
    x = x > 700 ? 700 : x < -700 ? -700 : x;
    double shifted = x * 1.4426950408889634 + 6755399441055744.0; /* rounds to a whole number */
    double n = shifted - 6755399441055744.0;
    double r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
    double sum = 1.0 / 6227020800;
    static const double terms[] = {1.0 / 479001600,
                                   1.0 / 39916800,
                                   1.0 / 3628800,
                                   1.0 / 362880,
                                   1.0 / 40320,
                                   1.0 / 5040,
                                   1.0 / 720,
                                   1.0 / 120,
                                   1.0 / 24,
                                   1.0 / 6,
                                   0.5,
                                   1.0,
                                   1.0};
#pragma GCC unroll 16
    for (size_t i = 0; i < ARRAY_LEN(terms); i++) sum = sum * r + terms[i];
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52; /* the low bits of the shifted number are the exponent */
    double power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

WIDE void random_exps(const double *exponents, double scale, double *results, size_t count)
{
    for (size_t i = 0; i < count; i++) results[i] = exponential(exponents[i] * scale);
}

uint64_t random_stream(const char *name, size_t length, uint64_t number)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325); /* FNV-1a, then mixed with the number */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * UINT64_C(0x100000001B3);
    hash ^= (number + 1) * UINT64_C(0x9E3779B97F4A7C15);
    hash = (hash ^ (hash >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    hash = (hash ^ (hash >> 27)) * UINT64_C(0x94D049BB133111EB);
    return hash ^ (hash >> 31);
}
