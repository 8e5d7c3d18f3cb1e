/* Random numbers by counter: the n-th number of a stream is a function of seed, stream and n, so
 * that a draw is the same on any number of threads and in any order.
 * Source: Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011),
 * Philox 4x32 with 10 rounds. Normal quantile: Wichura, AS 241 (1988), routines PPND16
 * and PPND7; Giles: Approximating the erfinv function (GPU Computing Gems, Jade edition, 2011),
 * single precision. */
#ifndef MODEL_RANDOM_H
#define MODEL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Numbers `first` .. `first + count - 1` of a stream as 32 random bits each; both multiples of 4.
 */
void random_words(uint64_t seed, uint64_t stream, size_t first, uint32_t *words, size_t count);

/* The middle of the 2^32 equal parts of (0, 1) that a word stands for. */
static inline double random_uniform(uint32_t word)
{
    return ((double)word + 0.5) * 0x1p-32;
}

/* base + deviation * the normal quantile of each word's uniform, that to 1 in 10^6. */
void random_normals(const uint32_t *words, double base, double deviation, double *values,
                    size_t count);
double normal_quantile(double p); /* 0 < p < 1; full double precision */

/* e to the (exponent * scale), within +-700. */
void random_exps(const double *exponents, double scale, double *results, size_t count);

/* A stream's number from a name. */
uint64_t random_stream(const char *name, size_t length, uint64_t number);

#endif
