/* The compiled program as text, for people who look after the engine or a model's speed. */
#include <stdio.h>

#include "base/num.h"
#include "model/program.h"

static void print_operands(struct buf *out, const struct step *step)
{
    const int parts[] = {step->a, step->b, step->c};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (parts[i] >= 0) buf_printf(out, " r%d", parts[i]);
    for (size_t i = 0; i < step->count; i++) {
        if (step->op == OP_LOOKUP) buf_printf(out, " %.*s", STR_ARG(step->expr->labels[i]));
        buf_printf(out, " r%d", step->list[i]);
    }
}

static void print_step(struct buf *out, const struct program *program, const struct step *step)
{
    const struct index *index = program->regs[step->to].index;
    char number[NUM_TEXT_MAX], place[300] = "";
    if (index != NULL) snprintf(place, sizeof place, "[%.*s]", STR_ARG(index->name));
    char reg[16];
    snprintf(reg, sizeof reg, "r%d", step->to);
    buf_printf(out, "%5s%-12s %-4s %s", reg, place, step->uniform ? "once" : "each",
               op_info(step->op)->text);
    print_operands(out, step);
    if (step->op == OP_CONST || step->op == OP_POWER) {
        num_format(step->number, number);
        buf_printf(out, " %s", number);
    }
    if (step->definition != NULL) buf_printf(out, " %.*s", STR_ARG(step->definition->name));
    if (step->table != NULL && step->op != OP_LOOKUP)
        buf_printf(out, " %.*s.%.*s", STR_ARG(step->table->name),
                   STR_ARG(step->table->columns[step->column].name));
    if (step->op == OP_LOOKUP) buf_printf(out, " in %.*s", STR_ARG(step->table->name));
    if (step->op == OP_PICK) {
        const struct index *whole = program->regs[step->a].index;
        buf_printf(out, " at %s", whole->keys[step->key].id);
    }
    if (step->expr != NULL) buf_printf(out, "  # line %d", step->expr->token->line);
    buf_putc(out, '\n');
}

void program_print(struct buf *out, const struct model *model, const struct program *program)
{
    for (size_t i = 0; i < program->step_count; i++) print_step(out, program, &program->steps[i]);
    for (size_t i = 0; i < model->output_count; i++)
        buf_printf(out, "out %.*s = r%d\n", STR_ARG(model->outputs[i]->name), program->outputs[i]);
}

/* ---- one entity, step by step ------------------------------------------------------------- */

struct tracing {
    struct arena *arena;
    const struct model_run *run;
    const struct frame *frame;
    const char **names; /* of registers */
    const struct expr **exprs;
};

static const char *value_text(const struct tracing *t, int reg, size_t key)
{
    const struct reg *r = &t->frame->program->regs[reg];
    size_t at = r->index == NULL ? 0 : key;
    uint8_t code = t->frame->status[reg][at] & STATUS_CODE;
    char text[NUM_TEXT_MAX];
    if (code == STATUS_ABSENT) return "absent";
    if (code != MODEL_OK) return model_status_name((enum model_status)code);
    double value = t->frame->values[reg][at];
    const struct expr *expr = t->exprs[reg];
    enum model_type type = expr == NULL ? MODEL_NUMBER : expr->type;
    const struct step *step = &t->frame->program->steps[reg];
    if (step->op == OP_INPUT) type = step->definition->type;
    if (type == MODEL_TEXT || type == MODEL_CHOICE)
        return arena_printf(t->arena, "\"%s\"", intern_at(&t->run->data->texts, value));
    if (type == MODEL_FLAG) return value != 0 ? "true" : "false";
    if (type == MODEL_DATE)
        date_format((date){(int32_t)value}, text);
    else
        num_format(value, text);
    return arena_strdup(t->arena, text);
}

static void print_operand(const struct tracing *t, struct buf *out, int reg, size_t key)
{
    if (reg >= 0) buf_printf(out, " %s=%s", t->names[reg], value_text(t, reg, key));
}

static const char *input_unit(const struct tracing *t, const struct definition *d, size_t key)
{
    const struct model_input *input = &t->run->model->info.inputs[d->number];
    if (d->per_row) return input->keys[key].unit == NULL ? "" : input->keys[key].unit;
    return input->unit == NULL ? "" : input->unit;
}

/* A key that no input of this entity has is not worth its lines of factors. */
static bool is_used(const struct tracing *t, const struct index *index, size_t key)
{
    bool varies = false;
    for (size_t i = 0; index != NULL && i < t->frame->program->reg_count; i++) {
        const struct reg *reg = &t->frame->program->regs[i];
        if (reg->index != index || reg->uniform) continue;
        if ((t->frame->status[i][key] & STATUS_CODE) != STATUS_ABSENT) return true;
        varies = true;
    }
    return !varies;
}

static void print_at(const struct tracing *t, struct buf *out, const struct step *step, size_t key)
{
    const struct reg *r = &t->frame->program->regs[step->to];
    bool over = op_info(step->op)->kind == OP_OVER;
    buf_printf(out, "%s%s%s%s = %s", t->names[step->to], r->index == NULL ? "" : "[",
               r->index == NULL ? "" : r->index->keys[key].id, r->index == NULL ? "" : "]",
               op_info(step->op)->text);
    if (step->op == OP_PICK) key = (size_t)step->key;
    if (over)
        buf_printf(out, " %s over %.*s", t->names[step->a],
                   STR_ARG(t->frame->program->regs[step->a].index->name));
    if (!over) print_operand(t, out, step->a, key);
    if (!over) print_operand(t, out, step->b, key);
    print_operand(t, out, step->c, key);
    for (size_t i = 0; i < step->count; i++) print_operand(t, out, step->list[i], key);
    if (step->table != NULL && step->op != OP_LOOKUP)
        buf_printf(out, " %.*s.%.*s", STR_ARG(step->table->name),
                   STR_ARG(step->table->columns[step->column].name));
    if (step->op == OP_PICK)
        buf_printf(out, " at %s", t->frame->program->regs[step->a].index->keys[step->key].id);
    buf_printf(out, " -> %s", value_text(t, step->to, r->index == NULL ? 0 : key));
    const struct expr *expr = t->exprs[step->to];
    if (step->op == OP_INPUT)
        buf_printf(out, " %s  # line %d", input_unit(t, step->definition, key),
                   step->definition->token->line);
    else if (expr != NULL && expr->type == MODEL_NUMBER && !unit_is_one(&expr->unit))
        buf_printf(out, " %s", unit_format(t->arena, t->run->model->units, &expr->unit));
    if (step->expr != NULL) buf_printf(out, "  # line %d", step->expr->token->line);
    buf_putc(out, '\n');
}

void program_print_trace(struct buf *out, const struct model_run *run, size_t entity)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    const struct program *program = run->model->program;
    struct tracing t = {arena, run, run_one(arena, run, entity), NULL, NULL};
    t.names = ARENA_NEW_ARRAY(arena, const char *, program->reg_count + 1);
    t.exprs = ARENA_NEW_ARRAY(arena, const struct expr *, program->reg_count + 1);
    for (size_t i = 0; i < program->reg_count; i++) {
        const struct expr *expr = program->steps[i].expr;
        t.names[i] = arena_printf(arena, "r%zu", i);
        t.exprs[i] = expr != NULL && expr->reg == (int)i ? expr : NULL;
    }
    for (size_t i = 0; i < run->model->order_count; i++)
        t.names[run->model->order[i]->reg] = str_dup(arena, run->model->order[i]->name);
    for (size_t i = 0; i < program->step_count; i++) {
        const struct step *step = &program->steps[i];
        const struct index *index = program->regs[i].index;
        for (size_t k = 0; k < (index == NULL ? 1 : index->count); k++)
            if (is_used(&t, index, k) && (t.frame->status[i][k] & STATUS_CODE) != STATUS_ABSENT)
                print_at(&t, out, step, k);
    }
}
