/* Numbers as text. Reading accepts only a whole, finite, decimal number; both
 * directions are independent of the locale and exact to the last bit. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"

#define NUM_TEXT_MAX 40

/* Decimal, optionally signed, with point and exponent; no blanks, no grouping,
 * no hexadecimal, no inf or nan. False leaves *value alone. */
bool num_parse(str text, double *value) NODISCARD;
/* As people write it: blanks around, full-width digits, grouping by commas in
 * threes (1,234,567.8), a trailing % (divides by 100). */
bool num_parse_human(struct arena *arena, str text, double *value) NODISCARD;
bool num_parse_int(str text, int64_t *value) NODISCARD;

/* The shortest decimal that reads back as the same double, in the form of
 * ECMAScript's Number::toString (RFC 8785). `value` must be finite. */
void num_format(double value, char out[NUM_TEXT_MAX]);
/* Fixed decimals (0..9) with commas in threes: 1,234.50. */
char *num_format_grouped(struct arena *arena, double value, int decimals);
/* At most `digits` significant digits, grouped, no trailing zeros. */
char *num_format_significant(struct arena *arena, double value, int digits);

/* a * b / c rounded half away from zero in 128 bits; false on overflow. */
bool int_mul_div(int64_t a, int64_t b, int64_t c, int64_t *result) NODISCARD;
/* The nearest 64-bit integer, half away from zero; false outside the range. */
bool num_to_int(double value, int64_t *result) NODISCARD;

#endif
