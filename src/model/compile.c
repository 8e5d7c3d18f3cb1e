/* From checked trees to a flat program. Products are taken apart: what is the same for every entity
 * (factors, constants, conversions) is multiplied once, first, in the order written; then the parts
 * that vary. Nothing else is rearranged here; what can be left out is the optimiser's affair. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/program.h"

struct factors {
    double constant;
    struct {
        struct expr *expr;
        bool below;
    } parts[FACTORS_MAX];
    size_t count, all;
    bool full;
};

static int compile(struct model *model, struct expr *expr);

static int new_reg(struct model *model, const struct index *index, bool uniform)
{
    struct program *program = model->program;
    *ARENA_PUSH(model->arena, program->regs, program->reg_count,
                program->reg_capacity) = (struct reg){
        .index = index, .width = index == NULL ? 1 : size_max(index->count, 1), .uniform = uniform};
    return (int)program->reg_count - 1;
}

static struct step *new_step(struct model *model, enum op op, const struct index *index,
                             bool uniform)
{
    struct program *program = model->program;
    int to = new_reg(model, index, uniform);
    struct step *step =
        ARENA_PUSH(model->arena, program->steps, program->step_count, program->step_capacity);
    *step = (struct step){.op = op,
                          .to = to,
                          .a = -1,
                          .b = -1,
                          .c = -1,
                          .expr = program->current,
                          .uniform = uniform};
    return step;
}

static int constant(struct model *model, double number)
{
    struct step *step = new_step(model, OP_CONST, NULL, true);
    step->number = number;
    return step->to;
}

/* The register in the shape of `index`. */
static int shaped(struct model *model, int reg, const struct index *index)
{
    struct program *program = model->program;
    if (index == NULL || program->regs[reg].index != NULL) return reg;
    char name[64]; /* by address: names of indexes may be long and begin alike */
    snprintf(name, sizeof name, "%d %p", reg, (const void *)index);
    uintptr_t known = (uintptr_t)map_get(&program->broadcasts, str_from(name));
    if (known != 0) return (int)known - 1;
    struct step *step = new_step(model, OP_BROADCAST, index, program->regs[reg].uniform);
    step->a = reg;
    map_put(&program->broadcasts, str_from(arena_strdup(model->arena, name)),
            (void *)(uintptr_t)(step->to + 1));
    return step->to;
}

static int binary(struct model *model, enum op op, int a, int b)
{
    const struct reg *regs = model->program->regs;
    const struct index *index = regs[a].index != NULL ? regs[a].index : regs[b].index;
    bool uniform = regs[a].uniform && regs[b].uniform;
    a = shaped(model, a, index);
    b = shaped(model, b, index);
    struct step *step = new_step(model, op, index, uniform);
    step->a = a;
    step->b = b;
    return step->to;
}

static bool is_product(const struct expr *expr)
{
    return expr->kind == EXPR_CONVERT
               ? expr->type == MODEL_NUMBER
               : expr->kind == EXPR_BINARY && (expr->op == OP_MULTIPLY || expr->op == OP_DIVIDE);
}

/* Factors in the order written, a conversion before what it converts. Numbers and conversions go
 * into the constant; every factor counts towards FACTORS_MAX. */
static void take_apart(struct expr *expr, bool below, struct factors *factors)
{
    bool converts = expr->kind == EXPR_CONVERT && expr->type == MODEL_NUMBER;
    if (!converts && is_product(expr)) {
        take_apart(expr->args[0], below, factors);
        if (!factors->full)
            take_apart(expr->args[1], expr->op == OP_DIVIDE ? !below : below, factors);
        return;
    }
    if (++factors->all > FACTORS_MAX) {
        factors->full = true;
    } else if (converts || (expr->kind == EXPR_NUMBER && expr->number != 0)) {
        if (below)
            factors->constant /= expr->number;
        else
            factors->constant *= expr->number;
        if (converts) take_apart(expr->args[0], below, factors);
    } else {
        factors->parts[factors->count].expr = expr;
        factors->parts[factors->count++].below = below;
    }
}

/* The product of the parts that do (or do not) vary, on top of `reg` (-1: nothing yet). */
static int multiply(struct model *model, const struct factors *factors, bool uniform, int reg)
{
    for (size_t i = 0; i < factors->count; i++) {
        if (factors->parts[i].expr->uniform != uniform) continue;
        int part = compile(model, factors->parts[i].expr);
        bool below = factors->parts[i].below;
        if (reg < 0 && !below) {
            reg = part;
            continue;
        }
        if (reg < 0) reg = constant(model, 1);
        reg = binary(model, below ? OP_DIVIDE : OP_MULTIPLY, reg, part);
    }
    return reg;
}

static int compile_product(struct model *model, struct expr *expr)
{
    struct factors factors = {.constant = 1};
    take_apart(expr, false, &factors);
    if (factors.full || !isfinite(factors.constant) || factors.constant == 0) {
        /* Too long to take apart, or out of a double's range: one operation after another. */
        int left = compile(model, expr->args[0]);
        if (expr->kind == EXPR_CONVERT)
            return binary(model, OP_MULTIPLY, left, constant(model, expr->number));
        return binary(model, expr->op, left, compile(model, expr->args[1]));
    }
    int reg = factors.constant == 1 ? -1 : constant(model, factors.constant);
    reg = multiply(model, &factors, true, reg);
    reg = multiply(model, &factors, false, reg);
    if (reg < 0) reg = constant(model, factors.constant);
    return shaped(model, reg, expr->index);
}

static int *compile_list(struct model *model, struct expr *expr, const struct index *index)
{
    int *list = ARENA_NEW_ARRAY(model->arena, int, expr->count + 1);
    for (size_t i = 0; i < expr->count; i++)
        list[i] = shaped(model, compile(model, expr->args[i]), index);
    return list;
}

static int compile_listed(struct model *model, struct expr *expr, enum op op)
{
    const int *list = compile_list(model, expr, expr->index);
    struct step *step = new_step(model, op, expr->index, expr->uniform);
    step->list = list;
    step->count = expr->count;
    step->expr = expr;
    step->table = expr->table;
    step->column = expr->column;
    if (op != OP_BAND) return step->to;
    double *labels = ARENA_NEW_ARRAY(model->arena, double, expr->label_count);
    for (size_t i = 0; i < expr->label_count; i++)
        labels[i] = intern_text(model->texts, expr->labels[i]);
    step->labels = labels;
    return step->to;
}

/* Which key's rows are looked at: the one that leaves the fewest. A search that would still go
 * through very many rows, for every entity and key, is refused. */
static void choose_order(struct model *model, struct step *step, const struct expr *expr)
{
    struct table *table = (struct table *)expr->table; /* of this library, still loading */
    size_t rows = table->row_count, keys = expr->index == NULL ? 1 : expr->index->count;
    for (size_t i = 0; i < expr->count; i++) {
        int column = str_is(expr->labels[i], "on") ? -1 : table_column(table, expr->labels[i]);
        if (column < 0 || expr->compares[i] != OP_EQUAL) continue;
        const struct column_order *order = table_order(model->arena, table, column);
        if (step->order != NULL && order->largest >= rows) continue;
        step->order = order;
        step->key = (int)i;
        rows = order->largest;
    }
    if (rows <= LOOKUP_ROWS_MAX && rows * keys <= LOOKUP_CELLS_MAX) return;
    model_report(model, expr->token, "lookup-size", "look up by a key that tells rows apart",
                 "This lookup searches %zu rows of %s for each of %zu keys; at most %d rows and "
                 "%zu in all are searched.",
                 rows, table->path, keys, LOOKUP_ROWS_MAX, LOOKUP_CELLS_MAX);
}

static int compile_lookup(struct model *model, struct expr *expr)
{
    int row = compile_listed(model, expr, OP_LOOKUP);
    choose_order(model, &model->program->steps[row], expr);
    struct step *step = new_step(model, OP_CELL, expr->index, expr->uniform);
    step->a = row;
    step->table = expr->table;
    step->column = expr->column;
    return step->to;
}

static int select_one(struct model *model, int condition, int yes, int no, const struct expr *expr)
{
    condition = shaped(model, condition, expr->index);
    yes = shaped(model, yes, expr->index);
    no = shaped(model, no, expr->index);
    struct step *step = new_step(model, OP_SELECT, expr->index, expr->uniform);
    step->a = condition;
    step->b = yes;
    step->c = no;
    return step->to;
}

static int compile_case(struct model *model, struct expr *expr)
{
    int subject = compile(model, expr->args[0]);
    int result = compile(model, expr->args[expr->count - 1]);
    for (size_t i = expr->count - 3; i >= 1; i -= 2) {
        int same = binary(model, OP_EQUAL, subject, compile(model, expr->args[i]));
        result = select_one(model, same, compile(model, expr->args[i + 1]), result, expr);
        if (i == 1) break;
    }
    return result;
}

static int compile_sum(struct model *model, struct expr *expr)
{
    const struct index *index = expr->args[0]->index;
    int what = compile(model, expr->args[0]);
    int where = expr->count > 1 ? shaped(model, compile(model, expr->args[1]), index) : -1;
    struct step *step = new_step(model, expr->op, NULL, expr->uniform);
    step->a = what;
    step->b = where;
    return step->to;
}

static int compile_column(struct model *model, struct expr *expr, const struct index *index)
{
    struct step *step = new_step(model, expr->table == NULL ? OP_KEY : OP_COLUMN, index, true);
    step->table = expr->table;
    step->column = expr->column;
    return step->to;
}

static int compile_unary(struct model *model, struct expr *expr, enum op op)
{
    int part = shaped(model, compile(model, expr->args[0]), expr->index);
    struct step *step = new_step(model, op, expr->index, expr->uniform);
    step->a = part;
    step->number = expr->number;
    return step->to;
}

static int compile_new(struct model *model, struct expr *expr)
{
    struct step *step;
    switch (expr->kind) {
    case EXPR_NUMBER:
    case EXPR_TEXT:
    case EXPR_FLAG:
    case EXPR_DATE: return constant(model, expr->number);
    case EXPR_NAME: return expr->definition->reg;
    case EXPR_COLUMN: return compile_column(model, expr, expr->index);
    case EXPR_KEYED: {
        int whole = expr->definition != NULL ? expr->definition->reg
                                             : compile_column(model, expr, expr->over);
        step = new_step(model, OP_PICK, NULL, expr->uniform);
        step->a = whole;
        step->key = expr->key_number;
        return step->to;
    }
    case EXPR_NEGATE: return compile_unary(model, expr, OP_NEGATE);
    case EXPR_NOT: return compile_unary(model, expr, OP_NOT);
    case EXPR_BINARY:
        if (is_product(expr)) return compile_product(model, expr);
        if (expr->op == OP_POWER) return compile_unary(model, expr, OP_POWER);
        return shaped(
            model,
            binary(model, expr->op, compile(model, expr->args[0]), compile(model, expr->args[1])),
            expr->index);
    case EXPR_CONVERT:
        if (expr->type == MODEL_NUMBER) return compile_product(model, expr);
        return compile(model, expr->args[0]);
    case EXPR_IF:
        return select_one(model, compile(model, expr->args[0]), compile(model, expr->args[1]),
                          compile(model, expr->args[2]), expr);
    case EXPR_CASE: return compile_case(model, expr);
    case EXPR_SUM: return compile_sum(model, expr);
    case EXPR_POINTS: return compile_listed(model, expr, OP_POINTS);
    case EXPR_BAND: return compile_listed(model, expr, OP_BAND);
    case EXPR_LOOKUP: return compile_lookup(model, expr);
    case EXPR_PEERS: return compile_listed(model, expr, expr->op);
    case EXPR_CALL:
        if (op_info(expr->op)->operands < 0) return compile_listed(model, expr, expr->op);
        if (expr->op != OP_ROUND) return compile_unary(model, expr, expr->op);
        return shaped(model,
                      binary(model, OP_ROUND, compile(model, expr->args[0]),
                             expr->count > 1 ? compile(model, expr->args[1]) : constant(model, 0)),
                      expr->index);
    }
    return -1;
}

static int compile(struct model *model, struct expr *expr)
{
    if (expr->reg >= 0) return expr->reg;
    const struct expr *asking = model->program->current;
    model->program->current = expr;
    expr->reg = compile_new(model, expr);
    model->program->current = asking;
    return expr->reg;
}

static void find_inputs(struct model *model)
{
    struct program *program = model->program;
    size_t words = model->input_count / 64 + 1;
    for (size_t i = 0; i < program->step_count; i++) {
        const struct step *step = &program->steps[i];
        uint64_t *inputs = program->regs[i].inputs = ARENA_NEW_ARRAY(model->arena, uint64_t, words);
        const int parts[] = {step->a, step->b, step->c};
        if (step->definition != NULL)
            inputs[step->definition->number / 64] |= (uint64_t)1 << (step->definition->number % 64);
        for (size_t w = 0; w < words; w++) {
            for (size_t k = 0; k < ARRAY_LEN(parts); k++)
                if (parts[k] >= 0) inputs[w] |= program->regs[parts[k]].inputs[w];
            for (size_t k = 0; k < step->count; k++)
                inputs[w] |= program->regs[step->list[k]].inputs[w];
        }
    }
}

struct room {
    size_t cells, counted;
};

/* Counts the registers that came since; false when one entity would need too many values. */
static bool check_room(struct model *model, struct room *room, const struct token *at)
{
    const struct program *program = model->program;
    for (; room->counted < program->reg_count; room->counted++)
        room->cells += program->regs[room->counted].width;
    if (room->cells <= CELLS_MAX) return true;
    model_report(model, at, "size", NULL, "The model needs more than %zu values for one entity.",
                 CELLS_MAX);
    return false;
}

/* What measures set inputs to: kept for runs that ask, no output needs it. */
static bool compile_measures(struct model *model, struct room *room)
{
    for (size_t i = 0; i < model->measure_count; i++) {
        struct measure *measure = model->measures[i];
        for (size_t k = 0; k < measure->count; k++) compile(model, measure->changes[k].expr);
        if (measure->cost != NULL) compile(model, measure->cost);
        if (!check_room(model, room, measure->token)) return false;
    }
    return true;
}

void model_compile(struct model *model)
{
    struct program *program = ARENA_NEW(model->arena, struct program);
    model->program = program;
    map_init(&program->broadcasts, model->arena);
    struct room room = {0};
    for (size_t i = 0; i < model->order_count; i++) {
        struct definition *d = model->order[i];
        if (d->expr == NULL) {
            struct step *step = new_step(model, OP_INPUT, d->index, false);
            step->definition = d;
            d->reg = step->to;
        } else {
            d->reg = shaped(model, compile(model, d->expr), d->index);
        }
        if (d->spread != NULL) shaped(model, compile(model, d->spread), NULL);
        if (!check_room(model, &room, d->token)) return;
    }
    if (!compile_measures(model, &room)) return;
    find_inputs(model);
    program->outputs = ARENA_NEW_ARRAY(model->arena, int, model->output_count + 1);
    for (size_t i = 0; i < model->output_count; i++) program->outputs[i] = model->outputs[i]->reg;
    model->fast = program_optimise(model, program);
}
