/* Shared by the parts of the model bench. */
#ifndef BENCH_MODEL_BENCH_H
#define BENCH_MODEL_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Time of the processor, so that neighbours on the machine do not count. */
double bench_now_ns(void);
/* xorshift64 */
uint64_t bench_random(uint64_t *state);
/* One measured number as a line `name value unit`. */
void bench_print(const char *name, double value, const char *unit);

/* model_bench_methods.c: whole methods, with the models and tables below `source`. */
bool bench_methods(const char *source, size_t count, const char *folder);

#endif
