/* What a run must say openly: which inputs are missing for whom, and every default used. */
#include <stdio.h>

#include "model/program.h"

struct blame {
    struct arena *arena;
    const struct model_run *run;
    struct frame *frame;
    const char *output;
    struct map seen; /* expression and key; input and key */
    struct model_note *notes;
    size_t count, capacity;
};

static uint8_t status_at(const struct blame *b, int reg, size_t key)
{
    const struct model *model = b->run->model;
    return b->frame->status[reg][model->program->regs[reg].index == NULL ? 0 : key] & STATUS_CODE;
}

static bool is_unknown(const struct blame *b, int reg, size_t key)
{
    uint8_t code = status_at(b, reg, key);
    return code == MODEL_MISSING || code == STATUS_ABSENT;
}

static bool first_visit(struct blame *b, const void *thing, size_t key)
{
    char name[64];
    snprintf(name, sizeof name, "%p %zu", thing, key);
    if (map_has(&b->seen, str_from(name))) return false;
    map_put(&b->seen, str_from(arena_strdup(b->arena, name)), b);
    return true;
}

static void note(struct blame *b, const struct definition *d, size_t key, bool by_default)
{
    const struct model_input *input = &b->run->model->info.inputs[d->number];
    *ARENA_PUSH(b->arena, b->notes, b->count, b->capacity) =
        (struct model_note){.kind = by_default ? MODEL_NOTE_DEFAULT : MODEL_NOTE_MISSING,
                            .input = input->name,
                            .key = d->index == NULL ? NULL : d->index->keys[key].id,
                            .value = d->default_value,
                            .unit = input->unit,
                            .affects = b->output};
}

static void blame_expr(struct blame *b, const struct expr *expr, size_t key);

/* All that is asked of the peers is known, but they are too few. */
static bool note_peers(struct blame *b, const struct expr *expr, size_t key)
{
    for (size_t i = 0; i < expr->count; i++)
        if (status_at(b, expr->args[i]->reg, key) != MODEL_OK) return false;
    *ARENA_PUSH(b->arena, b->notes, b->count, b->capacity) = (struct model_note){
        .kind = MODEL_NOTE_MISSING,
        .input = arena_printf(b->arena, "%.*s.%.*s", STR_ARG(expr->name), STR_ARG(expr->field)),
        .reason = arena_printf(b->arena, "%zu members, at least %d are wanted",
                               peers_count(b->frame, expr, key), PEERS_LEAST),
        .affects = b->output};
    return true;
}

static void blame_definition(struct blame *b, const struct definition *d, size_t key)
{
    if (d->index == NULL) key = 0;
    if (!is_unknown(b, d->reg, key) || !first_visit(b, d, key)) return;
    if (d->expr == NULL)
        note(b, d, key, false);
    else
        blame_expr(b, d->expr, key);
}

/* Follows what is unknown down to inputs. Parts of a product have no register of their own and are
 * always followed; a coalesce that found something is not. */
static void blame_expr(struct blame *b, const struct expr *expr, size_t key)
{
    if (expr->kind == EXPR_NAME) {
        blame_definition(b, expr->definition, key);
        return;
    }
    if (expr->kind == EXPR_KEYED) {
        if (expr->definition != NULL)
            blame_definition(b, expr->definition, (size_t)expr->key_number);
        return;
    }
    if ((expr->reg >= 0 && !is_unknown(b, expr->reg, key)) || !first_visit(b, expr, key)) return;
    if (expr->kind == EXPR_IF && expr->args[0]->reg >= 0 &&
        status_at(b, expr->args[0]->reg, key) == MODEL_OK) {
        int reg = expr->args[0]->reg;
        size_t at = b->run->model->program->regs[reg].index == NULL ? 0 : key;
        blame_expr(b, expr->args[b->frame->values[reg][at] != 0 ? 1 : 2], key);
        return;
    }
    if (expr->kind == EXPR_PEERS && note_peers(b, expr, key)) return;
    if (expr->kind == EXPR_SUM) {
        const struct expr *what = expr->args[0];
        for (size_t k = 0; k < what->index->count; k++) {
            if (expr->count > 1 && is_unknown(b, expr->args[1]->reg, k))
                blame_expr(b, expr->args[1], k);
            if (status_at(b, what->reg, k) == MODEL_MISSING) blame_expr(b, what, k);
        }
        return;
    }
    for (size_t i = 0; i < expr->count; i++) blame_expr(b, expr->args[i], key);
}

static void blame_output(struct blame *b, const struct definition *d)
{
    size_t width = b->run->model->program->regs[d->reg].width;
    for (size_t k = 0; k < width; k++)
        if (status_at(b, d->reg, k) == MODEL_MISSING) blame_definition(b, d, k);
}

static bool took_default(const struct blame *b, const struct definition *d, size_t entity)
{
    const struct data_column *column = &b->run->data->columns[d->number];
    return d->has_default && d->index == NULL &&
           (column->states == NULL || column->states[entity] != CELL_SET);
}

size_t model_run_notes(struct arena *arena, const struct model_run *run, size_t entity,
                       const struct model_note **notes)
{
    const struct model *model = run->model;
    *notes = NULL;
    if (entity >= run->data->entity_count) return 0;
    struct blame b = {.arena = arena, .run = run, .frame = run_one(arena, run, entity)};
    map_init(&b.seen, arena);
    for (size_t o = 0; o < model->output_count; o++) {
        b.output = model->info.outputs[o].name;
        blame_output(&b, model->outputs[o]);
        for (size_t i = 0; i < model->input_count; i++) {
            const struct definition *d = model->inputs[i];
            if (took_default(&b, d, entity) && definition_depends(model, model->outputs[o], d) &&
                first_visit(&b, d, 0))
                note(&b, d, 0, true);
        }
    }
    *notes = b.notes;
    return b.count;
}
