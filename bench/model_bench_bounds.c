/* Bounds beside the model bench: how fast this machine reads memory in this run, and the whole
 * steel method as a C program for just these columns. */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "base/base.h"
#include "bench/model_bench.h"

double bench_wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int bench_processors(void)
{
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

/* ---- memory ------------------------------------------------------------------------------- */

enum { READERS_MAX = 64, GOES = 5, AHEAD = 1024 };
typedef uint64_t line __attribute__((vector_size(64), aligned(8)));
struct reader {
    pthread_t thread;
    const double *values;
    size_t count;
    uint64_t found;
};

/* Every line of memory, four at a time, fetched ahead as the engine does. */
static void *read_all(void *thing)
{
    struct reader *r = thing;
    line a = {0}, b = {0}, c = {0}, d = {0};
    for (size_t i = 0; i + 32 <= r->count; i += 32) {
        const double *at = r->values + i;
        for (size_t k = 0; k < 32; k += 8) __builtin_prefetch(at + k + AHEAD);
        a |= *(const line *)at;
        b |= *(const line *)(at + 8);
        c |= *(const line *)(at + 16);
        d |= *(const line *)(at + 24);
    }
    a |= b | c | d;
    for (int i = 0; i < 8; i++) r->found |= a[i];
    return NULL;
}

double bench_read_ns(const double *values, size_t count, int threads)
{
    struct reader readers[READERS_MAX];
    size_t parts = threads < 1 ? 1 : size_min((size_t)threads, READERS_MAX), some = 0;
    double best = INFINITY;
    for (int go = 0; go < GOES; go++) {
        double start = parts > 1 ? bench_wall_ns() : bench_now_ns();
        for (size_t i = 0; i < parts; i++) {
            size_t first = count * i / parts, end = count * (i + 1) / parts;
            readers[i] = (struct reader){.values = values + first, .count = end - first};
            if (i > 0 && pthread_create(&readers[i].thread, NULL, read_all, &readers[i]) != 0)
                return NAN;
        }
        read_all(&readers[0]);
        for (size_t i = 1; i < parts; i++) pthread_join(readers[i].thread, NULL);
        best = fmin(best, (parts > 1 ? bench_wall_ns() : bench_now_ns()) - start);
        for (size_t i = 0; i < parts; i++) some += readers[i].found != 0;
    }
    return some == 0 ? NAN : best; /* nothing but zeros: not what was to be read */
}

/* ---- the steel method --------------------------------------------------------------------- */

__attribute__((noinline)) void bench_steel_by_hand(const struct bench_steel_row *rows,
                                                   const struct bench_steel_factors *k,
                                                   struct bench_steel_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct bench_steel_row *r = &rows[i];
        double fuel = 0;
        for (int j = 0; j < 3; j++) {
            int at = (int)r->fuel_number[j];
            double ncv = j == 0 && r->ncv > 0 ? r->ncv : k->ncv[at];
            fuel += r->burnt[j] * ncv * k->fuel[at];
        }
        double process =
            r->limestone * k->limestone + r->electrode * k->electrode + r->pig_iron * k->pig_iron;
        double held = -(r->crude * k->crude), electricity = r->power * k->grid[(int)r->region],
               heat = r->heat * k->heat;
        results[i] = (struct bench_steel_result){
            fuel, process, held, electricity, heat, fuel + process + held + electricity + heat};
    }
}
