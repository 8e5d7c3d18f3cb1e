/* Running a tape: each node is a loop over lanes. A lane that has no number carries a NaN that says
 * why, so that no status has to be carried beside the values. */
#include <math.h>
#include <string.h>

#include "model/tape.h"
#include "model/wide.h"

#define NAN_BITS UINT64_C(0x7FF8000000000000)

double tape_nan(uint8_t status)
{
    uint64_t bits = NAN_BITS | status;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint8_t tape_status(double value)
{
    uint64_t bits;
    if (isfinite(value)) return MODEL_OK;
    if (isinf(value)) return MODEL_OVERFLOW;
    memcpy(&bits, &value, sizeof bits);
    return bits & STATUS_CODE;
}

static bool is_unknown(double value)
{
    uint8_t status = isnan(value) ? tape_status(value) : MODEL_OK;
    return status == MODEL_MISSING || status == STATUS_ABSENT;
}

void tape_fill(const struct tape *tape, double *lanes, size_t stride)
{
    for (size_t n = 0; n < tape->count; n++) {
        const struct tape_node *node = &tape->nodes[n];
        if (node->op != OP_CONST) continue;
        double value = node->status == MODEL_OK ? node->number : tape_nan(node->status);
        for (size_t i = 0; i < (node->once ? 1 : stride); i++) lanes[n * stride + i] = value;
    }
}

/* A pair of which one side may be a constant: only its first lane is there. */
#define PAIR(expression)                     \
    if (one_a) {                             \
        const double x = a[0];               \
        for (size_t i = 0; i < count; i++) { \
            const double y = b[i];           \
            to[i] = (expression);            \
        }                                    \
    } else if (one_b) {                      \
        const double y = b[0];               \
        for (size_t i = 0; i < count; i++) { \
            const double x = a[i];           \
            to[i] = (expression);            \
        }                                    \
    } else {                                 \
        for (size_t i = 0; i < count; i++) { \
            const double x = a[i], y = b[i]; \
            to[i] = (expression);            \
        }                                    \
    }                                        \
    break
/* A comparison of what is not known is not known. */
#define COMPARE(mark) PAIR(x == x && y == y ? (double)(x mark y) : x + y)

WIDE static void run_pair(enum op op, double *restrict to, const double *restrict a,
                          const double *restrict b, bool one_a, bool one_b, size_t count)
{
    const double by_zero = tape_nan(MODEL_DIVIDE_BY_ZERO);
    switch (op) {
    case OP_ADD: PAIR(x + y);
    case OP_SUBTRACT: PAIR(x - y);
    case OP_MULTIPLY: PAIR(x * y);
    case OP_DIVIDE: PAIR(y == 0 ? (x == x ? by_zero : x) : x / y);
    case OP_EQUAL: COMPARE(==);
    case OP_NOT_EQUAL: COMPARE(!=);
    case OP_LESS: COMPARE(<);
    case OP_LESS_EQUAL: COMPARE(<=);
    case OP_MORE: COMPARE(>);
    case OP_MORE_EQUAL: COMPARE(>=);
    case OP_MIN: PAIR(x != x ? x : y != y ? y : y < x ? y : x);
    case OP_MAX: PAIR(x != x ? x : y != y ? y : y > x ? y : x);
    case OP_ROUND: PAIR(x != x ? x : y != y ? y : number_round(x, y));
    case OP_COALESCE: PAIR(is_unknown(x) ? y : x);
    default: { /* and, or: one known side may decide */
        bool and = op == OP_AND;
        for (size_t i = 0; i < count; i++) {
            double x = a[one_a ? 0 : i], y = b[one_b ? 0 : i];
            bool decided = (x == x && (x != 0) != and) || (y == y && (y != 0) != and);
            to[i] = decided ? !and : x != x ? x : y != y ? y : and;
        }
    }
    }
}

#define LOOP(expression)                                     \
    for (size_t i = 0; i < count; i++) to[i] = (expression); \
    break

WIDE static void run_single(const struct tape_node *node, double *restrict to,
                            const double *restrict a, size_t count)
{
    const double wrong = tape_nan(MODEL_DOMAIN), by_zero = tape_nan(MODEL_DIVIDE_BY_ZERO);
    switch (node->op) {
    case OP_NEGATE: LOOP(-a[i]);
    case OP_NOT: LOOP(a[i] == a[i] ? (double)(a[i] == 0) : a[i]);
    case OP_ABS: LOOP(a[i] < 0 ? -a[i] : a[i]);
    case OP_SQRT: LOOP(a[i] < 0 ? wrong : sqrt(a[i]));
    case OP_EXP: LOOP(number_exp(a[i]));
    case OP_LN: LOOP(a[i] <= 0 ? wrong : a[i] == a[i] ? number_ln(a[i]) : a[i]);
    case OP_POWER:
        LOOP(a[i] == 0 && node->number < 0 ? by_zero : number_power(a[i], (int)node->number));
    case OP_MISSING: LOOP(is_unknown(a[i]) ? 1 : a[i] == a[i] ? 0 : a[i]);
    default: break;
    }
}

WIDE static void run_select(double *restrict to, const double *restrict a, const double *restrict b,
                            const double *restrict c, size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] = a[i] != a[i] ? a[i] : a[i] != 0 ? b[i] : c[i];
}

/* The segment that x lies in: `after` points are at or below it. */
static size_t points_after(const double *list, size_t points)
{
    size_t after = 0;
    while (after < points && list[0] >= list[1 + 2 * after]) after++;
    return after;
}

static double points_value(const double *list, size_t points)
{
    for (size_t k = 0; k < 1 + 2 * points; k++)
        if (list[k] != list[k]) return list[k];
    size_t after = points_after(list, points);
    if (after == 0) return list[2];
    if (after == points) return list[2 * points];
    const double *at = list + 2 * after - 1; /* x0, y0, x1, y1 */
    if (!(at[2] > at[0])) return tape_nan(MODEL_DOMAIN);
    return at[1] + (at[3] - at[1]) * ((list[0] - at[0]) / (at[2] - at[0]));
}

size_t tape_lanes(const struct tape *tape, size_t stride)
{
    return tape->count * stride + tape->list_max + 1;
}

static void run_listed(const struct tape *tape, const struct tape_node *node, double *to,
                       double *lanes, size_t stride, size_t count)
{
    double *list = lanes + tape->count * stride; /* room behind the lanes */
    size_t parts = node->count;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < parts; k++) list[k] = lanes[(size_t)node->list[k] * stride + i];
        if (node->op == OP_POINTS) {
            to[i] = points_value(list, (parts - 1) / 2);
            continue;
        }
        to[i] = tape_nan(MODEL_DOMAIN);
        bool known = true;
        for (size_t k = 0; k < parts && known; k++) {
            known = list[k] == list[k];
            if (!known) to[i] = list[k];
        }
        double row = known ? lookup_row(tape->frame, node->step, list) : -1;
        if (row >= 0) to[i] = row;
    }
}

static void run_cell(const struct tape_node *node, double *to, const double *a, size_t count)
{
    const struct column *column = &node->step->table->columns[node->step->column];
    for (size_t i = 0; i < count; i++)
        to[i] = a[i] != a[i]                  ? a[i]
                : column->empty[(size_t)a[i]] ? tape_nan(MODEL_MISSING)
                                              : column->values[(size_t)a[i]];
}

void tape_run(const struct tape *tape, double *lanes, size_t stride, size_t count)
{
    for (size_t n = 0; n < tape->count; n++) {
        const struct tape_node *node = &tape->nodes[n];
        double *to = lanes + n * stride;
        const double *a = lanes + (node->a < 0 ? 0 : (size_t)node->a * stride),
                     *b = lanes + (node->b < 0 ? 0 : (size_t)node->b * stride);
        switch (node->op) {
        case OP_CONST:
        case OP_INPUT: break;
        case OP_NEGATE:
        case OP_NOT:
        case OP_ABS:
        case OP_SQRT:
        case OP_EXP:
        case OP_LN:
        case OP_POWER:
        case OP_MISSING: run_single(node, to, a, count); break;
        case OP_SELECT: run_select(to, a, b, lanes + (size_t)node->c * stride, count); break;
        case OP_POINTS:
        case OP_LOOKUP: run_listed(tape, node, to, lanes, stride, count); break;
        case OP_CELL: run_cell(node, to, a, count); break;
        default:
            run_pair(node->op, to, a, b, node->a >= 0 && tape->nodes[node->a].once,
                     node->b >= 0 && tape->nodes[node->b].once, count);
            break;
        }
    }
}

/* ---- the walk back ------------------------------------------------------------------------ */

struct back {
    const struct tape *tape;
    const double *values;
    double *adjoints;
    enum tape_kink kink;
};

static void meet_kink(struct back *back, bool here)
{
    if (here)
        back->kink = TAPE_AT_KINK;
    else if (back->kink == TAPE_SMOOTH)
        back->kink = TAPE_PIECEWISE;
}

/* The branch whose derivative counts. `if x = 0 then 0 else …`, x a value given, holds in a single
 * point: where both branches agree there, the other one tells how the result goes on. */
static int branch(const struct back *back, const struct tape_node *node)
{
    const double *v = back->values;
    if (v[node->a] == 0) return node->c;
    const struct tape_node *nodes = back->tape->nodes, *test = &nodes[node->a];
    bool point =
        test->op == OP_EQUAL && ((nodes[test->a].op == OP_INPUT && nodes[test->b].op == OP_CONST) ||
                                 (nodes[test->a].op == OP_CONST && nodes[test->b].op == OP_INPUT));
    return point && v[node->b] == v[node->c] ? node->c : node->b;
}

static void give(struct back *back, int node, double amount)
{
    if (node >= 0) back->adjoints[node] += amount;
}

static void back_points(struct back *back, const struct tape_node *node, double adjoint)
{
    const int *list = node->list;
    const double *v = back->values;
    size_t points = (node->count - 1) / 2, after = 0;
    double x = v[list[0]];
    bool here = false;
    while (after < points && x >= v[list[1 + 2 * after]]) after++;
    for (size_t k = 0; k < points; k++) here = here || x == v[list[1 + 2 * k]];
    meet_kink(back, here);
    if (after == 0 || after == points) {
        give(back, list[after == 0 ? 2 : 2 * points], adjoint);
        return;
    }
    const int *at = list + 2 * after - 1;
    double x0 = v[at[0]], y0 = v[at[1]], width = v[at[2]] - x0, rise = v[at[3]] - y0,
           t = (x - x0) / width;
    give(back, list[0], adjoint * rise / width);
    give(back, at[0], adjoint * rise / width * (t - 1));
    give(back, at[2], -adjoint * rise / width * t);
    give(back, at[1], adjoint * (1 - t));
    give(back, at[3], adjoint * t);
}

static void back_node(struct back *back, const struct tape_node *node, size_t n)
{
    const double *v = back->values, adjoint = back->adjoints[n];
    double a = node->a < 0 ? 0 : v[node->a], b = node->b < 0 ? 0 : v[node->b];
    switch (node->op) {
    case OP_ADD:
    case OP_SUBTRACT:
        give(back, node->a, adjoint);
        give(back, node->b, node->op == OP_ADD ? adjoint : -adjoint);
        break;
    case OP_MULTIPLY:
        give(back, node->a, adjoint * b);
        give(back, node->b, adjoint * a);
        break;
    case OP_DIVIDE:
        give(back, node->a, adjoint / b);
        give(back, node->b, -adjoint * v[n] / b);
        break;
    case OP_NEGATE: give(back, node->a, -adjoint); break;
    case OP_ABS:
        meet_kink(back, a == 0);
        give(back, node->a, a < 0 ? -adjoint : adjoint);
        break;
    case OP_SQRT: give(back, node->a, v[n] == 0 ? INFINITY : adjoint / (2 * v[n])); break;
    case OP_EXP: give(back, node->a, adjoint * v[n]); break;
    case OP_LN: give(back, node->a, adjoint / a); break;
    case OP_POWER:
        if (node->number != 0)
            give(back, node->a, adjoint * node->number * number_power(a, (int)node->number - 1));
        break;
    case OP_MIN:
    case OP_MAX:
        meet_kink(back, a == b);
        give(back, (node->op == OP_MAX ? b > a : b < a) ? node->b : node->a, adjoint);
        break;
    case OP_SELECT: give(back, branch(back, node), adjoint); break;
    case OP_COALESCE: give(back, is_unknown(a) ? node->b : node->a, adjoint); break;
    case OP_POINTS: back_points(back, node, adjoint); break;
    default: break; /* steps: comparisons, rounding, rows; their derivative is nothing */
    }
}

/* A choice by comparison: its edge is where both sides are equal. */
static void note_choices(const struct tape *tape, struct back *back, const bool *used)
{
    for (size_t n = 0; n < tape->count; n++) {
        const struct tape_node *node = &tape->nodes[n];
        if (!used[n]) continue;
        if (node->op >= OP_EQUAL && node->op <= OP_MORE_EQUAL)
            meet_kink(back, back->values[node->a] == back->values[node->b]);
        else if (node->op == OP_ROUND || node->op == OP_LOOKUP)
            meet_kink(back, false);
    }
}

bool tape_gradient(struct arena *arena, const struct tape *tape, int root, double *value,
                   double *derivatives, enum tape_kink *kink)
{
    double *values = ARENA_NEW_ARRAY(arena, double, tape_lanes(tape, 1));
    struct back back = {.tape = tape,
                        .values = values,
                        .adjoints = ARENA_NEW_ARRAY(arena, double, tape->count + 1)};
    bool *used = ARENA_NEW_ARRAY(arena, bool, tape->count + 1);
    tape_fill(tape, values, 1);
    for (size_t i = 0; i < tape->variable_count; i++)
        values[tape->variables[i].node] = tape->variables[i].base;
    tape_run(tape, values, 1, 1);
    *value = values[root];
    for (size_t i = 0; i < tape->variable_count; i++) derivatives[i] = 0;
    *kink = TAPE_SMOOTH;
    if (!isfinite(*value)) return false;
    back.adjoints[root] = 1;
    used[root] = true;
    for (size_t n = tape->count; n-- > 0;) {
        const struct tape_node *node = &tape->nodes[n];
        if (!used[n]) continue;
        /* A branch not taken has no share, and may have no value. */
        bool choice = node->op == OP_SELECT;
        if (node->op == OP_INPUT || node->op == OP_CONST) continue;
        if (node->a >= 0) used[node->a] = true;
        if (choice) used[branch(&back, node)] = true;
        if (node->b >= 0 && !choice) used[node->b] = true;
        for (size_t k = 0; k < node->count; k++) used[node->list[k]] = true;
        if (back.adjoints[n] != 0) back_node(&back, node, n);
    }
    note_choices(tape, &back, used);
    *kink = back.kink;
    for (size_t i = 0; i < tape->variable_count; i++)
        derivatives[i] = back.adjoints[tape->variables[i].node];
    return true;
}
