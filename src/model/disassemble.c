/* The compiled program as text, for people who look after the engine or a model's speed. */
#include <stdio.h>

#include "base/num.h"
#include "model/program.h"

char *program_register_name(struct arena *arena, const struct model *model, int reg)
{
    for (size_t i = 0; i < model->order_count; i++)
        if (model->order[i]->reg == reg) return str_dup(arena, model->order[i]->name);
    return arena_printf(arena, "r%d", reg);
}

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
