/* The optimiser: a copy of the plain program that computes the outputs to the same bits with less.
 * Going forward, each step is replaced by something shorter when that is exact: a value known
 * already (the same operation on the same operands), a number (all operands are numbers; the
 * machine itself computes it), an operand (times 1, a choice already made), one operation before
 * instead of after a broadcast, a sum of products by one input as one step. Then what no output
 * needs goes. */
#include <stdio.h>
#include <string.h>

#include "model/program.h"

struct optimiser {
    struct model *model;
    struct arena *arena;
    const struct program *plain;
    struct program *program;
    int *now;         /* register of the plain program → of the new one */
    struct map known; /* what a step says → its register + 1 */
    struct arena *scratch;
};

static int optimise_step(struct optimiser *o, struct step step, const struct index *index);

static const struct step *maker(const struct optimiser *o, int reg)
{
    return &o->program->steps[reg];
}

static bool is_number(const struct optimiser *o, int reg)
{
    return maker(o, reg)->op == OP_CONST;
}

/* ---- the same step once ------------------------------------------------------------------- */

/* Everything that the result rests on, as bytes. */
static str step_key(const struct optimiser *o, const struct step *step, const struct index *index)
{
    struct buf *out = buf_new(o->scratch);
    unsigned char number[8];
    memcpy(number, &step->number, 8);
    buf_printf(out, "%d %d %d %d %d %p %p %d %p ", step->op, step->a, step->b, step->c, step->key,
               (const void *)index, (const void *)step->table, step->column,
               (const void *)step->definition);
    for (int i = 0; i < 8; i++) buf_printf(out, "%02x", number[i]);
    for (size_t i = 0; i < step->count; i++) buf_printf(out, " %d", step->list[i]);
    if (step->op == OP_POINTS || op_info(step->op)->kind != OP_SEARCH || step->count == 0)
        return buf_str(out);
    for (size_t i = 0; i < step->expr->label_count; i++)
        buf_printf(out, " %d %.*s", step->expr->compares[i], STR_ARG(step->expr->labels[i]));
    return buf_str(out);
}

static int add_step(struct optimiser *o, struct step step, const struct index *index)
{
    str key = step_key(o, &step, index);
    uintptr_t known = (uintptr_t)map_get(&o->known, key);
    if (known != 0) return (int)known - 1;
    struct program *program = o->program;
    step.to = (int)program->reg_count;
    *ARENA_PUSH(o->arena, program->steps, program->step_count, program->step_capacity) = step;
    *ARENA_PUSH(o->arena, program->regs, program->reg_count, program->reg_capacity) =
        (struct reg){.index = index,
                     .width = index == NULL ? 1 : size_max(index->count, 1),
                     .uniform = step.uniform};
    map_put(&o->known, str_copy(o->scratch, key), (void *)(uintptr_t)program->reg_count);
    return step.to;
}

/* ---- numbers ------------------------------------------------------------------------------ */

static bool can_fold(enum op op)
{
    enum op_kind kind = op_info(op)->kind;
    return kind == OP_PAIR || kind == OP_LOGIC || kind == OP_SINGLE || kind == OP_FOLD ||
           kind == OP_FALLBACK || kind == OP_QUESTION || kind == OP_CHOICE || op == OP_POINTS ||
           op == OP_BAND;
}

static bool all_operands(const struct optimiser *o, const struct step *step,
                         bool (*holds)(const struct optimiser *o, int reg))
{
    const int parts[] = {step->a, step->b, step->c};
    size_t found = 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i] < 0) continue;
        if (!holds(o, parts[i])) return false;
        found++;
    }
    for (size_t i = 0; i < step->count; i++, found++)
        if (!holds(o, step->list[i])) return false;
    return found != 0;
}

/* The machine runs the step on numbers; an error stays a step. */
static bool fold(struct optimiser *o, const struct step *step, double *number)
{
    if (!can_fold(step->op) || !all_operands(o, step, is_number)) return false;
    size_t slots = step->count + 4;
    struct frame frame = {.model = o->model, .program = o->program, .count = 1, .block = 1};
    frame.values = ARENA_NEW_ARRAY(o->scratch, double *, slots);
    frame.status = ARENA_NEW_ARRAY(o->scratch, uint8_t *, slots);
    double *values = ARENA_NEW_ARRAY(o->scratch, double, slots);
    uint8_t *status = ARENA_NEW_ARRAY(o->scratch, uint8_t, slots);
    frame.own = frame.values;
    frame.placed = ARENA_NEW_ARRAY(o->scratch, bool, slots);
    frame.same = ARENA_NEW_ARRAY(o->scratch, uint8_t, slots); /* numbers: all known */
    struct reg *regs = ARENA_NEW_ARRAY(o->scratch, struct reg, slots);
    struct program small = {.regs = regs, .reg_count = slots};
    struct step copy = *step;
    int *list = ARENA_NEW_ARRAY(o->scratch, int, slots), used = 1;
    for (size_t i = 0; i < slots; i++) {
        frame.values[i] = &values[i];
        frame.status[i] = &status[i];
        regs[i].width = 1;
    }
    frame.program = &small;
    int *parts[] = {&copy.a, &copy.b, &copy.c};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (*parts[i] < 0) continue;
        values[used] = maker(o, *parts[i])->number;
        *parts[i] = used++;
    }
    for (size_t i = 0; i < step->count; i++) {
        values[used] = maker(o, step->list[i])->number;
        list[i] = used++;
    }
    copy.list = list;
    copy.to = 0;
    frame_step(&frame, &copy);
    *number = values[0];
    return status[0] == MODEL_OK;
}

/* ---- operands in the place of steps ------------------------------------------------------- */

static bool is_one(const struct optimiser *o, int reg)
{
    const struct step *step = maker(o, reg);
    if (step->op == OP_BROADCAST) step = maker(o, step->a);
    return step->op == OP_CONST && step->number == 1;
}

/* x * 1, 1 * x, x / 1, x ^ 1, a choice by a number: the operand itself, else -1. */
static int operand_instead(const struct optimiser *o, const struct step *step)
{
    switch (step->op) {
    case OP_MULTIPLY:
        if (is_one(o, step->b)) return step->a;
        return is_one(o, step->a) ? step->b : -1;
    case OP_DIVIDE: return is_one(o, step->b) ? step->a : -1;
    case OP_POWER: return step->number == 1 ? step->a : -1;
    case OP_SELECT: {
        const struct step *by = maker(o, step->a);
        if (by->op == OP_BROADCAST) by = maker(o, by->a);
        if (by->op != OP_CONST) return -1;
        return by->number != 0 ? step->b : step->c;
    }
    default: return -1;
    }
}

static bool is_broadcast(const struct optimiser *o, int reg)
{
    return maker(o, reg)->op == OP_BROADCAST;
}

static int *copy_list(struct optimiser *o, const struct step *step)
{
    int *list = ARENA_NEW_ARRAY(o->arena, int, step->count + 1);
    for (size_t i = 0; i < step->count; i++) list[i] = step->list[i];
    return list;
}

/* The same for every key: computed once, then broadcast. */
static int before_broadcast(struct optimiser *o, const struct step *step, const struct index *index)
{
    if (!can_fold(step->op) || !all_operands(o, step, is_broadcast)) return -1;
    struct step one = *step;
    if (one.a >= 0) one.a = maker(o, one.a)->a;
    if (one.b >= 0) one.b = maker(o, one.b)->a;
    if (one.c >= 0) one.c = maker(o, one.c)->a;
    int *list = copy_list(o, step);
    for (size_t i = 0; i < step->count; i++) list[i] = maker(o, list[i])->a;
    one.list = step->count == 0 ? NULL : list;
    int reg = optimise_step(o, one, NULL);
    struct step broadcast = {.op = OP_BROADCAST,
                             .a = reg,
                             .b = -1,
                             .c = -1,
                             .expr = step->expr,
                             .uniform = step->uniform};
    return add_step(o, broadcast, index);
}

/* sum(weight * input): the term of an absent key is absent in both. An input with a default has no
 * absent keys, so its sum stays as it is. */
static void make_dot(const struct optimiser *o, struct step *step)
{
    if (step->op != OP_SUM || step->b >= 0) return;
    const struct step *product = maker(o, step->a);
    if (product->op != OP_MULTIPLY || !maker(o, product->a)->uniform) return;
    const struct step *input = maker(o, product->b);
    if (input->op != OP_INPUT || input->definition->index == NULL || input->definition->has_default)
        return;
    step->op = OP_DOT;
    step->a = product->a;
    step->definition = input->definition;
}

/* ---- the passes --------------------------------------------------------------------------- */

static int optimise_step(struct optimiser *o, struct step step, const struct index *index)
{
    double number;
    if (index == NULL && fold(o, &step, &number)) {
        step = (struct step){.op = OP_CONST,
                             .a = -1,
                             .b = -1,
                             .c = -1,
                             .number = number,
                             .expr = step.expr,
                             .uniform = true};
        return add_step(o, step, NULL);
    }
    int reg = operand_instead(o, &step);
    if (reg >= 0) return reg;
    if (index != NULL && (reg = before_broadcast(o, &step, index)) >= 0) return reg;
    make_dot(o, &step);
    return add_step(o, step, index);
}

static void forward(struct optimiser *o)
{
    for (size_t i = 0; i < o->plain->step_count; i++) {
        struct step step = o->plain->steps[i];
        if (step.a >= 0) step.a = o->now[step.a];
        if (step.b >= 0) step.b = o->now[step.b];
        if (step.c >= 0) step.c = o->now[step.c];
        if (step.count != 0) {
            int *list = copy_list(o, &step);
            for (size_t k = 0; k < step.count; k++) list[k] = o->now[list[k]];
            step.list = list;
        }
        o->now[i] = optimise_step(o, step, o->plain->regs[i].index);
    }
}

static void mark(const struct step *step, bool *needed)
{
    const int parts[] = {step->a, step->b, step->c};
    for (size_t k = 0; k < ARRAY_LEN(parts); k++)
        if (parts[k] >= 0) needed[parts[k]] = true;
    for (size_t k = 0; k < step->count; k++) needed[step->list[k]] = true;
}

/* Leaves only what an output needs, in the same order, with new numbers. */
static struct program *keep_needed(struct optimiser *o)
{
    const struct program *all = o->program;
    struct program *kept = ARENA_NEW(o->arena, struct program);
    bool *needed = ARENA_NEW_ARRAY(o->scratch, bool, all->reg_count + 1);
    int *moved = ARENA_NEW_ARRAY(o->scratch, int, all->reg_count + 1);
    for (size_t i = 0; i < o->model->output_count; i++) needed[o->now[o->plain->outputs[i]]] = true;
    for (size_t i = all->step_count; i-- > 0;)
        if (needed[i]) mark(&all->steps[i], needed);
    for (size_t i = 0; i < all->step_count; i++) {
        if (!needed[i]) continue;
        struct step step = all->steps[i];
        moved[i] = (int)kept->step_count;
        if (step.a >= 0) step.a = moved[step.a];
        if (step.b >= 0) step.b = moved[step.b];
        if (step.c >= 0) step.c = moved[step.c];
        int *list = step.count == 0 ? NULL : copy_list(o, &step);
        for (size_t k = 0; k < step.count; k++) list[k] = moved[list[k]];
        step.list = list;
        step.to = moved[i];
        *ARENA_PUSH(o->arena, kept->steps, kept->step_count, kept->step_capacity) = step;
        *ARENA_PUSH(o->arena, kept->regs, kept->reg_count, kept->reg_capacity) = all->regs[i];
    }
    kept->outputs = ARENA_NEW_ARRAY(o->arena, int, o->model->output_count + 1);
    for (size_t i = 0; i < o->model->output_count; i++)
        kept->outputs[i] = moved[o->now[o->plain->outputs[i]]];
    return kept;
}

struct program *program_optimise(struct model *model, const struct program *plain)
{
    SCOPED(arena_close_scoped) struct arena *scratch = arena_open((size_t)1 << 30);
    struct program wide = {0};
    struct optimiser o = {
        .model = model, .arena = scratch, .plain = plain, .program = &wide, .scratch = scratch};
    map_init(&o.known, scratch);
    o.now = ARENA_NEW_ARRAY(scratch, int, plain->reg_count + 1);
    forward(&o);
    o.arena = model->arena;
    return keep_needed(&o);
}
