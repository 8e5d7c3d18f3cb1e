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

/* Draws need no more than 1 in 10^6, which single precision gives, and cheaply: for the middle of
 * the distribution Giles' polynomial of -ln(1 - x^2), x = 2p - 1; without a division, and without a
 * branch. Its sums are taken in pairs, so that few of them wait for another. */
#define MIDDLE_FROM UINT32_C(7246096) /* the smaller tail's word there: -ln(1 - x^2) < 5 */

/* ln(1 + f) / f, 1/sqrt 2 <= 1 + f < sqrt 2, to 6e-8: fitted at Chebyshev points. */
INLINE float ln_ratio(float f)
{
    float f2 = f * f;
    float low = (0.99999994254f - 0.50000363093f * f) + (0.33335114140f - 0.24970071683f * f) * f2;
    float high = (0.19898565052f - 0.17247013343f * f) + (0.16234189771f - 0.10134056566f * f) * f2;
    return low + high * (f2 * f2);
}

INLINE float middle_normal(uint32_t word)
{
    float x = ((float)(int32_t)(word ^ UINT32_C(0x80000000)) + 0.5f) * 0x1p-31f;
    float y = (1 - x) * (1 + x), part;
    uint32_t bits;
    memcpy(&bits, &y, sizeof bits);
    int32_t exponent = (int32_t)(bits - UINT32_C(0x3F3504F3)) >> 23; /* of y / sqrt(1/2), down */
    bits -= (uint32_t)exponent << 23;
    memcpy(&part, &bits, sizeof part);
    float f = part - 1;
    float w = (float)exponent * -0.693147181f - ln_ratio(f) * f - 2.5f;
    float w2 = w * w, w4 = w2 * w2;
    float low = (1.50140941f + 0.246640727f * w) + (-0.00417768164f - 0.00125372503f * w) * w2;
    float high =
        (0.00021858087f - 4.39150654e-06f * w) + (-3.5233877e-06f + 3.43273939e-07f * w) * w2;
    return x * 1.41421356f * (low + (high + 2.81022636e-08f * w4) * w4);
}

WIDE static void middle_all(const uint32_t *restrict words, double base, double deviation,
                            double *restrict values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = base + deviation * (double)middle_normal(words[i]);
}

/* AS 241's PPND7 beyond the middle, of the smaller tail's word; ln by the series of number_ln as
 * far as 1e-9, its divisions made ahead. */
static double tail_normal(uint32_t word)
{
    double p = random_uniform(word), m;
    uint64_t bits;
    memcpy(&bits, &p, sizeof bits);
    int exponent = (int)(bits >> 52) - 1022;
    bits = (bits & UINT64_C(0xFFFFFFFFFFFFF)) | UINT64_C(0x3FE0000000000000);
    memcpy(&m, &bits, sizeof m);
    bool low = m < 0.70710678118654752;
    m = low ? m * 2 : m;
    double power = low ? exponent - 1 : exponent, s = (m - 1) / (m + 1), square = s * s;
    double sum = ((((1.0 / 11 * square + 1.0 / 9) * square + 1.0 / 7) * square + 1.0 / 5) * square +
                  1.0 / 3) *
                     square +
                 1;
    double r = sqrt(-(power * 0.693147180559945309 + 2 * s * sum)) - 1.6;
    return (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
           ((0.12021132975 * r + 0.73700164250) * r + 1);
}

enum { LOOKED_AT_ONCE = 64 }; /* one in five of such parts has a word of the tails */

WIDE static uint32_t any_in_tails(const uint32_t *words, size_t count)
{
    uint32_t any = 0;
    for (size_t i = 0; i < count; i++) any |= words[i] + MIDDLE_FROM < 2 * MIDDLE_FROM;
    return any;
}

void random_normals(const uint32_t *words, double base, double deviation, double *values,
                    size_t count)
{
    middle_all(words, base, deviation, values, count);
    for (size_t first = 0; first < count; first += LOOKED_AT_ONCE) {
        size_t end = size_min(first + LOOKED_AT_ONCE, count);
        if (any_in_tails(words + first, end - first) == 0) continue;
        for (size_t i = first; i < end; i++) {
            bool lower = words[i] >> 31 == 0;
            uint32_t word = lower ? words[i] : ~words[i];
            if (word >= MIDDLE_FROM) continue;
            double z = tail_normal(word);
            values[i] = base + deviation * (lower ? -z : z);
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
