/* What every file of Tanshu may rely on: attributes, array length, checks that
 * stay on in release builds, and scope-bound cleanup. Knows nothing of carbon. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define UNUSED __attribute__((unused))
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Runs `function(&variable)` when the variable goes out of scope:
 *     SCOPED(file_close) struct file *f = ...; */
#define SCOPED(function) __attribute__((cleanup(function)))

/* A check of the program itself, never of a stranger's input. Stays on always. */
#define CHECK(condition) ((condition) ? (void)0 : base_check_failed(#condition, __FILE__, __LINE__))

_Noreturn void base_check_failed(const char *condition, const char *file, int line);

static inline size_t size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}
static inline size_t size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

#endif
