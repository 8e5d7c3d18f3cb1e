/* Shared by the parts of the model bench. */
#ifndef BENCH_MODEL_BENCH_H
#define BENCH_MODEL_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Time of the processor, so that neighbours on the machine do not count. */
double bench_now_ns(void);
/* Time on the wall, for what runs on several processors. */
double bench_wall_ns(void);
/* How many processors this process may use. */
int bench_processors(void);
/* xorshift64 */
uint64_t bench_random(uint64_t *state);
/* One measured number as a line `name value unit`. */
void bench_print(const char *name, double value, const char *unit);

/* model_bench_bounds.c: what no program can beat here. Nanoseconds for reading the values
 * once, the best of several goes: of the processor on one thread, on the wall on several. */
double bench_read_ns(const double *values, size_t count, int threads);
/* The steel method by hand in C: from rows of 14 numbers (see bench_steel_row) to six results. */
struct bench_steel_row {
    double fuel_number[3], burnt[3], ncv, limestone, electrode, pig_iron, power, heat, crude,
        region;
};
struct bench_steel_result {
    double fuel, process, held, electricity, heat, total;
};
struct bench_steel_factors { /* folded: t CO2 for each unit; of fuels for each GJ, and GJ a unit */
    double fuel[10], ncv[10], limestone, electrode, pig_iron, crude, grid[4], heat;
};
void bench_steel_by_hand(const struct bench_steel_row *rows, const struct bench_steel_factors *k,
                         struct bench_steel_result *results, size_t count);

/* model_bench_methods.c: whole methods, with the models and tables below `source`. */
bool bench_methods(const char *source, size_t count, const char *folder);

#endif
