/* The machine: each step is a loop over a block. Values and statuses are computed side by side;
 * where all of a register's statuses are the same, as they mostly are, that is known and theirs is
 * one operation. */
#include "model/loops.h"
#include "model/program.h"
#include "model/sparse.h"

#include <float.h>
#include <math.h>
#include <string.h>

uint8_t status_join(uint8_t a, uint8_t b)
{
    uint8_t x = a & STATUS_CODE, y = b & STATUS_CODE;
    if (x == STATUS_ABSENT || y == STATUS_ABSENT) {
        uint8_t other = x == STATUS_ABSENT ? b : a;
        /* Only one side was given for this key: the other is wanted. */
        return other & STATUS_DRIVEN ? STATUS_DRIVEN | MODEL_MISSING : STATUS_ABSENT;
    }
    return (uint8_t)(((a | b) & STATUS_DRIVEN) | (x != 0 ? x : y));
}

/* The statuses of a and b together; the one that all have, or STATUS_MIXED. */
static uint8_t join_registers(struct frame *f, uint8_t *to, int a, int b, size_t count)
{
    if (f->same[a] == STATUS_MIXED || f->same[b] == STATUS_MIXED) {
        loop_join(to, f->status[a], f->status[b], count);
        return STATUS_MIXED;
    }
    uint8_t status = status_join(f->same[a], f->same[b]);
    memset(to, status, count);
    return status;
}

/* A result beyond a double becomes an overflow, not a number. */
void check_finite(double *values, uint8_t *status, size_t count)
{
    if (loop_finite(values, count)) return;
    for (size_t i = 0; i < count; i++) {
        if (fabs(values[i]) <= DBL_MAX) continue;
        values[i] = 0;
        if ((status[i] & STATUS_CODE) == 0) status[i] |= MODEL_OVERFLOW;
    }
}

static void fail(double *value, uint8_t *status, enum model_status code)
{
    *value = 0;
    if ((*status & STATUS_CODE) == 0) *status |= (uint8_t)code;
}

static void step_logic(struct frame *f, const struct step *step, size_t count)
{
    double *to = f->values[step->to];
    uint8_t *ts = f->status[step->to];
    const double *a = f->values[step->a], *b = f->values[step->b];
    const uint8_t *as = f->status[step->a], *bs = f->status[step->b];
    bool and = step->op == OP_AND;
    for (size_t i = 0; i < count; i++) {
        bool known_a = (as[i] & STATUS_CODE) == 0, known_b = (bs[i] & STATUS_CODE) == 0;
        /* One false side decides an `and`, one true side an `or`, whatever the other is. */
        bool decided = (known_a && (a[i] != 0) != and) || (known_b && (b[i] != 0) != and);
        to[i] = decided ? !and : and;
        ts[i] = decided ? (uint8_t)((as[i] | bs[i]) & STATUS_DRIVEN) : status_join(as[i], bs[i]);
    }
}

static void step_pair(struct frame *f, const struct step *step, size_t count)
{
    double *restrict to = f->values[step->to];
    uint8_t *ts = f->status[step->to];
    const double *a = f->values[step->a], *b = f->values[step->b];
    uint8_t same = join_registers(f, ts, step->a, step->b, count);
    f->same[step->to] = same;
    if (same != STATUS_MIXED && (same & STATUS_CODE) != 0) {
        memset(to, 0, count * sizeof *to);
        return;
    }
    if (loop_pair(step->op, to, a, b, count)) return;
    f->same[step->to] = STATUS_MIXED;
    for (size_t i = 0; step->op == OP_DIVIDE && i < count; i++)
        if (b[i] == 0) fail(&to[i], &ts[i], MODEL_DIVIDE_BY_ZERO);
    check_finite(to, ts, count);
}

#define LOOP(expression)                                     \
    for (size_t i = 0; i < count; i++) to[i] = (expression); \
    break

static void step_single(struct frame *f, const struct step *step, size_t count)
{
    double *to = f->values[step->to];
    uint8_t *ts = f->status[step->to];
    const double *a = f->values[step->a];
    memcpy(ts, f->status[step->a], count);
    if (step->op == OP_NEGATE) {
        loop_negate(to, a, count);
        f->same[step->to] = f->same[step->a];
        return;
    }
    switch (step->op) {
    case OP_NOT: LOOP(a[i] == 0);
    case OP_ABS: LOOP(fabs(a[i]));
    case OP_EXP: LOOP(number_exp(a[i]));
    case OP_POWER:
        for (size_t i = 0; i < count; i++) {
            if (a[i] == 0 && step->number < 0)
                fail(&to[i], &ts[i], MODEL_DIVIDE_BY_ZERO);
            else
                to[i] = number_power(a[i], (int)step->number);
        }
        break;
    case OP_SQRT:
        for (size_t i = 0; i < count; i++) {
            if (a[i] < 0)
                fail(&to[i], &ts[i], MODEL_DOMAIN);
            else
                to[i] = sqrt(a[i]);
        }
        break;
    default: /* OP_LN */
        for (size_t i = 0; i < count; i++) {
            if (a[i] <= 0)
                fail(&to[i], &ts[i], MODEL_DOMAIN);
            else
                to[i] = number_ln(a[i]);
        }
    }
    check_finite(to, ts, count);
}

static bool is_unknown(uint8_t status)
{
    uint8_t code = status & STATUS_CODE;
    return code == MODEL_MISSING || code == STATUS_ABSENT;
}

/* ts = status_join(ts, ns), in parts that are copied first: a loop must not read what it writes. */
static void join_more(uint8_t *ts, const uint8_t *ns, size_t count)
{
    uint8_t before[256];
    for (size_t i = 0; i < count; i += sizeof before) {
        size_t part = size_min(sizeof before, count - i);
        memcpy(before, ts + i, part);
        loop_join(ts + i, before, ns + i, part);
    }
}

static void step_fold(struct frame *f, const struct step *step, size_t count)
{
    uint8_t same = f->same[step->list[0]];
    double *to = f->values[step->to];
    uint8_t *ts = f->status[step->to];
    memcpy(to, f->values[step->list[0]], count * sizeof *to);
    memcpy(ts, f->status[step->list[0]], count);
    for (size_t k = 1; k < step->count; k++) {
        const double *next = f->values[step->list[k]];
        const uint8_t *ns = f->status[step->list[k]];
        /* clamp(x, lo, hi): first the larger of x and lo, then the smaller of that and hi. */
        bool larger = step->op == OP_MAX || (step->op == OP_CLAMP && k == 1);
        uint8_t also = f->same[step->list[k]];
        same =
            same == STATUS_MIXED || also == STATUS_MIXED ? STATUS_MIXED : status_join(same, also);
        if (same != STATUS_MIXED)
            memset(ts, same, count);
        else
            join_more(ts, ns, count);
        if (larger)
            for (size_t i = 0; i < count; i++) to[i] = next[i] > to[i] ? next[i] : to[i];
        else
            for (size_t i = 0; i < count; i++) to[i] = next[i] < to[i] ? next[i] : to[i];
    }
    f->same[step->to] = same;
}

static void step_coalesce(struct frame *f, const struct step *step, size_t count)
{
    double *to = f->values[step->to];
    uint8_t *ts = f->status[step->to];
    size_t k = 0;
    /* What is not known for any is passed over as a whole. */
    while (k + 1 < step->count && f->same[step->list[k]] != STATUS_MIXED &&
           is_unknown(f->same[step->list[k]]))
        k++;
    uint8_t same = f->same[step->list[k]];
    bool last = k + 1 == step->count;
    if (last || same != STATUS_MIXED) { /* one of them, for all */
        frame_borrow(f, step->to, f->values[step->list[k]], count);
        memcpy(ts, f->status[step->list[k]], count);
        if (!last && (same & STATUS_CODE) == MODEL_OK) memset(ts, same = MODEL_OK, count);
        f->same[step->to] = same;
        return;
    }
    memcpy(to, f->values[step->list[k]], count * sizeof *to);
    memcpy(ts, f->status[step->list[k]], count);
    for (k++; k < step->count; k++) {
        int next = step->list[k];
        uint8_t all = loop_coalesce(to, ts, f->values[next], f->status[next], count);
        same = all == 0 ? MODEL_OK : STATUS_MIXED;
    }
    f->same[step->to] = same;
}

static void step_missing(struct frame *f, const struct step *step, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t status = f->status[step->a][i];
        f->values[step->to][i] = is_unknown(status);
        f->status[step->to][i] = is_unknown(status) ? 0 : status;
    }
}

static void step_select(struct frame *f, const struct step *step, size_t count)
{
    double *restrict to = f->values[step->to];
    uint8_t *restrict ts = f->status[step->to];
    const double *a = f->values[step->a];
    const uint8_t *as = f->status[step->a], *ys = f->status[step->b], *ns = f->status[step->c];
    uint8_t same = f->same[step->a], any = 0;
    loop_select(to, a, f->values[step->b], f->values[step->c], count);
    if (same != STATUS_MIXED && (same & STATUS_CODE) == 0) {
        if (same == 0 && f->same[step->b] == f->same[step->c] && f->same[step->b] != STATUS_MIXED) {
            f->same[step->to] = f->same[step->b];
            memset(ts, f->same[step->b], count);
        } else {
            loop_select_status(ts, a, ys, ns, same, count);
        }
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t chosen = a[i] != 0 ? ys[i] : ns[i], given = as[i] & STATUS_DRIVEN;
        ts[i] = chosen | (chosen == STATUS_ABSENT ? 0 : given);
        any |= as[i];
    }
    if ((any & STATUS_CODE) == 0) return;
    for (size_t i = 0; i < count; i++) {
        if ((as[i] & STATUS_CODE) == 0) continue;
        to[i] = 0;
        ts[i] = as[i];
    }
}

struct total {
    double value;
    size_t count;
    uint8_t status;
};

static void add_term(struct total *total, enum op op, double value, uint8_t status)
{
    uint8_t code = status & STATUS_CODE;
    if (op == OP_COUNT) code = 0;
    if (code != 0) {
        if (total->status == 0) total->status = code;
        return;
    }
    bool first = total->count++ == 0;
    if (op == OP_COUNT) return;
    if (op == OP_SUM || op == OP_MEAN)
        total->value += value;
    else if (first || (op == OP_LEAST ? value < total->value : value > total->value))
        total->value = value;
}

/* A sum of which every term is known, or none is there. */
static void sum_known(struct frame *f, const struct step *step, const struct sparse *sparse,
                      size_t every, size_t entities)
{
    double *to = f->values[step->to];
    const double *a = f->values[step->a];
    bool none = f->same[step->a] == STATUS_ABSENT;
    for (size_t e = 0; e < entities; e++) {
        size_t first = sparse == NULL ? e * every : sparse->start[e],
               end = none             ? first
                     : sparse == NULL ? first + every
                                      : sparse->start[e + 1];
        double sum = 0;
        for (size_t k = first; k < end; k++) sum += a[k];
        to[e] = sum;
    }
    memset(f->status[step->to], 0, entities);
}

static void step_aggregate(struct frame *f, const struct step *step, size_t entities)
{
    size_t every = f->program->regs[step->a].width;
    if (f->program->regs[step->a].index->count == 0) every = 0;
    const struct sparse *sparse = step->uniform ? NULL : frame_sparse(f, step->a);
    uint8_t same = f->same[step->a];
    if (step->op == OP_SUM && step->b < 0 && same != STATUS_MIXED &&
        ((same & STATUS_CODE) == MODEL_OK || same == STATUS_ABSENT)) {
        sum_known(f, step, sparse, every, entities);
        return;
    }
    for (size_t e = 0; e < entities; e++) {
        size_t first = sparse == NULL ? e * every : sparse->start[e],
               width = sparse == NULL ? every : sparse->start[e + 1] - first;
        const double *a = f->values[step->a] + first;
        const uint8_t *as = f->status[step->a] + first;
        struct total total = {0};
        for (size_t k = 0; k < width; k++) {
            if ((as[k] & STATUS_CODE) == STATUS_ABSENT) continue;
            if (step->b >= 0) {
                uint8_t where = f->status[step->b][first + k] & STATUS_CODE;
                if (where == STATUS_ABSENT) continue;
                if (where != 0) {
                    if (total.status == 0) total.status = where;
                    continue;
                }
                if (f->values[step->b][first + k] == 0) continue;
            }
            add_term(&total, step->op, a[k], as[k]);
        }
        bool needs_one = step->op == OP_MEAN || step->op == OP_LEAST || step->op == OP_MOST;
        if (needs_one && total.count == 0 && total.status == 0) total.status = MODEL_MISSING;
        if (step->op == OP_MEAN && total.count != 0) total.value /= (double)total.count;
        if (step->op == OP_COUNT) total.value = (double)total.count;
        f->values[step->to][e] = total.status == 0 ? total.value : 0;
        f->status[step->to][e] = total.status;
    }
}

static void step_column(struct frame *f, const struct step *step, size_t entities)
{
    const struct index *index = f->program->regs[step->to].index;
    double *to = f->values[step->to];
    uint8_t *ts = f->status[step->to];
    for (size_t k = 0; k < index->count; k++) {
        if (step->op == OP_KEY) {
            to[k] = intern_find(f->model->texts, str_from(index->keys[k].id));
            ts[k] = 0;
            continue;
        }
        long row = table_key_row(step->table, index->keys[k].id, f->as_known);
        const struct column *column = &step->table->columns[step->column];
        ts[k] = row < 0 ? MODEL_NO_ROW : column->empty[row] ? MODEL_MISSING : MODEL_OK;
        to[k] = ts[k] == 0 ? column->values[row] : 0;
    }
    for (size_t e = 1; e < entities; e++) {
        memcpy(to + e * index->count, to, index->count * sizeof *to);
        memcpy(ts + e * index->count, ts, index->count);
    }
}

static void step_cell(struct frame *f, const struct step *step, size_t count)
{
    const struct column *column = &step->table->columns[step->column];
    bool known = f->same[step->a] == MODEL_OK;
    uint8_t all = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t status = known ? MODEL_OK : f->status[step->a][i];
        double value = 0;
        if ((status & STATUS_CODE) == 0) {
            size_t row = (size_t)f->values[step->a][i];
            if (column->empty[row])
                status |= MODEL_MISSING;
            else
                value = column->values[row];
        }
        f->values[step->to][i] = value;
        f->status[step->to][i] = status;
        all |= status;
    }
    if (all == 0) f->same[step->to] = MODEL_OK;
}

static void step_shape(struct frame *f, const struct step *step, size_t entities)
{
    const struct reg *regs = f->program->regs;
    double *to = f->values[step->to];
    uint8_t *ts = f->status[step->to];
    const struct sparse *sparse =
        step->uniform ? NULL : frame_sparse(f, step->op == OP_BROADCAST ? step->to : step->a);
    if (step->op == OP_BROADCAST) f->same[step->to] = f->same[step->a];
    if (sparse != NULL) {
        if (step->op == OP_BROADCAST)
            sparse_broadcast(f, sparse, step);
        else
            sparse_pick(f, sparse, step);
        return;
    }
    if (step->op == OP_BROADCAST) {
        size_t width = regs[step->to].width;
        for (size_t e = 0; e < entities; e++) {
            for (size_t k = 0; k < width; k++) to[e * width + k] = f->values[step->a][e];
            memset(ts + e * width, f->status[step->a][e], width);
        }
        return;
    }
    size_t width = regs[step->a].width;
    for (size_t e = 0; e < entities; e++) { /* OP_PICK */
        uint8_t status = f->status[step->a][e * width + (size_t)step->key] & STATUS_CODE;
        to[e] = f->values[step->a][e * width + (size_t)step->key];
        ts[e] = status == STATUS_ABSENT ? MODEL_MISSING : status;
    }
}

static void step_source(struct frame *f, const struct step *step, size_t entities)
{
    size_t count = entities * f->program->regs[step->to].width;
    if (step->op == OP_INPUT && frame_sparse(f, step->to) != NULL) {
        sparse_input(f, frame_sparse(f, step->to), step);
    } else if (step->op == OP_INPUT) {
        step_input(f, step);
    } else if (step->op == OP_CONST) {
        for (size_t i = 0; i < count; i++) f->values[step->to][i] = step->number;
        memset(f->status[step->to], 0, count);
        f->same[step->to] = MODEL_OK;
    } else {
        step_column(f, step, entities);
    }
}

static void step_over(struct frame *f, const struct step *step, size_t entities)
{
    if (step->op == OP_DOT)
        step_dot(f, step);
    else
        step_aggregate(f, step, entities);
    check_finite(f->values[step->to], f->status[step->to], entities);
    if (loop_all(f->status[step->to], MODEL_OK, entities)) f->same[step->to] = MODEL_OK;
}

static void step_search(struct frame *f, const struct step *step, size_t count)
{
    switch (step->op) {
    case OP_POINTS:
        step_points(f, step, count);
        check_finite(f->values[step->to], f->status[step->to], count);
        break;
    case OP_BAND: step_band(f, step, count); break;
    case OP_LOOKUP: step_lookup(f, step, count); break;
    case OP_PERCENTILE:
    case OP_RANK:
    case OP_MEDIAN:
    case OP_PEER_MEAN: step_peers(f, step, count); break;
    default: step_cell(f, step, count); break;
    }
}

void frame_borrow(struct frame *f, int reg, const double *values, size_t count)
{
    bool shown = f->program != f->model->fast; /* read later, perhaps after its data changed */
    if (shown || f->placed[reg] || f->program->regs[reg].uniform)
        memcpy(f->values[reg], values, count * sizeof *values);
    else
        f->values[reg] = (double *)values; /* a register is written by its own step alone */
}

void frame_step(struct frame *f, const struct step *step)
{
    size_t entities = f->count, count = entities * f->program->regs[step->to].width;
    if (!step->uniform && frame_sparse(f, step->to) != NULL)
        count = frame_sparse(f, step->to)->pairs;
    f->same[step->to] = STATUS_MIXED;
    if (!step->uniform && !f->placed[step->to]) f->values[step->to] = f->own[step->to];
    switch (op_info(step->op)->kind) {
    case OP_SOURCE: step_source(f, step, entities); break;
    case OP_SHAPE: step_shape(f, step, entities); break;
    case OP_PAIR: step_pair(f, step, count); break;
    case OP_LOGIC: step_logic(f, step, count); break;
    case OP_SINGLE: step_single(f, step, count); break;
    case OP_FOLD: step_fold(f, step, count); break;
    case OP_FALLBACK: step_coalesce(f, step, count); break;
    case OP_QUESTION: step_missing(f, step, count); break;
    case OP_CHOICE: step_select(f, step, count); break;
    case OP_OVER: step_over(f, step, entities); break;
    case OP_SEARCH: step_search(f, step, count); break;
    }
}

struct frame *frame_new(struct arena *arena, const struct model *model,
                        const struct program *program, const struct model_data *data,
                        int32_t as_known, size_t block)
{
    struct frame *f = ARENA_NEW(arena, struct frame);
    *f = (struct frame){.arena = arena,
                        .model = model,
                        .program = program,
                        .data = data,
                        .as_known = as_known,
                        .block = block};
    map_init(&f->peers, arena);
    f->values = ARENA_NEW_ARRAY(arena, double *, program->reg_count + 1);
    f->own = ARENA_NEW_ARRAY(arena, double *, program->reg_count + 1);
    f->placed = ARENA_NEW_ARRAY(arena, bool, program->reg_count + 1);
    f->status = ARENA_NEW_ARRAY(arena, uint8_t *, program->reg_count + 1);
    f->same = ARENA_NEW_ARRAY(arena, uint8_t, program->reg_count + 1);
    for (size_t i = 0; i < program->reg_count; i++) {
        f->own[i] = f->values[i] = ARENA_NEW_ARRAY(arena, double, program->regs[i].width *block);
        f->status[i] = ARENA_NEW_ARRAY(arena, uint8_t, program->regs[i].width * block);
    }
    f->sparse_of = ARENA_NEW_ARRAY(arena, struct sparse *, program->reg_count + 1);
    f->memos = ARENA_NEW_ARRAY(arena, struct lookup_memo *, program->reg_count + 1);
    if (program == model->fast && data != NULL) sparse_plan(f); /* explanations need every key */
    return f;
}

static void run_steps(struct frame *f, bool uniform)
{
    const struct program *program = f->program;
    for (size_t i = 0; i < program->step_count; i++)
        if (program->steps[i].uniform == uniform) frame_step(f, &program->steps[i]);
}

/* Of what is the same for every entity: looked at once. */
static void find_same(struct frame *f)
{
    const struct program *program = f->program;
    for (size_t i = 0; i < program->step_count; i++) {
        const struct step *step = &program->steps[i];
        const uint8_t *status = f->status[step->to];
        if (step->uniform && loop_all(status, *status, program->regs[step->to].width))
            f->same[step->to] = *status;
    }
}

void frame_start(struct frame *f)
{
    f->first = 0;
    f->count = f->block;
    run_steps(f, true);
    find_same(f);
}

void frame_run(struct frame *f, size_t first, size_t count)
{
    f->first = first;
    f->count = count;
    if (f->sparse_count != 0) sparse_start(f);
    run_steps(f, false);
}

void frame_output(const struct frame *f, int reg, double *values, uint8_t *status)
{
    size_t cells = f->count * f->program->regs[reg].width;
    const struct sparse *sparse = frame_sparse(f, reg);
    if (sparse != NULL && !f->program->regs[reg].uniform) {
        sparse_expand(f, sparse, reg, values, status);
        return;
    }
    memcpy(values, sparse == NULL ? f->values[reg] : f->whole[reg], cells * sizeof *values);
    memcpy(status, sparse == NULL ? f->status[reg] : f->whole_status[reg], cells);
}
