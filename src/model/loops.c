#include "model/loops.h"

#include <float.h>
#include <math.h>

#include "model/wide.h"

#define CHECKED(expression)                      \
    for (size_t i = 0; i < count; i++) {         \
        double value = (expression);             \
        to[i] = value;                           \
        wrong |= fabs(value) <= DBL_MAX ? 0 : 1; \
    }                                            \
    break
#define PLAIN(expression)                                    \
    for (size_t i = 0; i < count; i++) to[i] = (expression); \
    break

WIDE bool loop_pair(enum op op, double *restrict to, const double *a, const double *b, size_t count)
{
    int64_t wrong = 0;
    switch (op) {
    case OP_ADD: CHECKED(a[i] + b[i]);
    case OP_SUBTRACT: CHECKED(a[i] - b[i]);
    case OP_MULTIPLY: CHECKED(a[i] * b[i]);
    case OP_EQUAL: PLAIN(a[i] == b[i] ? 1.0 : 0.0);
    case OP_NOT_EQUAL: PLAIN(a[i] != b[i] ? 1.0 : 0.0);
    case OP_LESS: PLAIN(a[i] < b[i] ? 1.0 : 0.0);
    case OP_LESS_EQUAL: PLAIN(a[i] <= b[i] ? 1.0 : 0.0);
    case OP_MORE: PLAIN(a[i] > b[i] ? 1.0 : 0.0);
    case OP_MORE_EQUAL: PLAIN(a[i] >= b[i] ? 1.0 : 0.0);
    case OP_ROUND: CHECKED(number_round(a[i], b[i]));
    default: CHECKED(a[i] / b[i]); /* by 0: not finite */
    }
    return wrong == 0;
}

WIDE void loop_join(uint8_t *restrict to, const uint8_t *a, const uint8_t *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t x = a[i] & STATUS_CODE, y = b[i] & STATUS_CODE;
        uint8_t other = x == STATUS_ABSENT ? b[i] : a[i];
        uint8_t lone = other & STATUS_DRIVEN ? STATUS_DRIVEN | MODEL_MISSING : STATUS_ABSENT;
        uint8_t both = (uint8_t)(((a[i] | b[i]) & STATUS_DRIVEN) | (x != 0 ? x : y));
        to[i] = ((x == STATUS_ABSENT) | (y == STATUS_ABSENT)) != 0 ? lone : both;
    }
}

INLINE bool unknown(uint8_t status)
{
    uint8_t code = status & STATUS_CODE;
    return (code == MODEL_MISSING) | (code == STATUS_ABSENT);
}

WIDE uint8_t loop_coalesce(double *restrict to, uint8_t *restrict ts, const double *next,
                           const uint8_t *ns, size_t count)
{
    uint8_t all = 0;
    for (size_t i = 0; i < count; i++) to[i] = unknown(ts[i]) ? next[i] : to[i];
    for (size_t i = 0; i < count; i++) {
        /* With something to fall back on it is a property of the key, not a use of it. */
        uint8_t known = (ts[i] & STATUS_CODE) == MODEL_OK ? MODEL_OK : ts[i];
        ts[i] = unknown(ts[i]) ? ns[i] : known;
        all |= ts[i];
    }
    return all;
}

WIDE void loop_select(double *restrict to, const double *a, const double *yes, const double *no,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] = a[i] != 0 ? yes[i] : no[i];
}

WIDE void loop_select_status(uint8_t *restrict ts, const double *a, const uint8_t *ys,
                             const uint8_t *ns, uint8_t given, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t chosen = a[i] != 0 ? ys[i] : ns[i];
        ts[i] = chosen | (chosen == STATUS_ABSENT ? 0 : given);
    }
}

WIDE void loop_gather(double *restrict to, const double *from, const uint32_t *at, size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] = from[at[i]];
}

WIDE void loop_negate(double *restrict to, const double *a, size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] = -a[i];
}

WIDE bool loop_finite(const double *values, size_t count)
{
    int64_t wrong = 0;
    for (size_t i = 0; i < count; i++) wrong |= fabs(values[i]) <= DBL_MAX ? 0 : 1;
    return wrong == 0;
}

WIDE bool loop_all(const uint8_t *bytes, uint8_t wanted, size_t count)
{
    uint8_t other = 0;
    for (size_t i = 0; i < count; i++) other |= bytes[i] ^ wanted;
    return other == 0;
}
