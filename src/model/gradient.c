/* The derivatives of one result by everything it rests on. */
#include <string.h>

#include "model/tape.h"

static bool take_all(void *thing, struct tape_variable *variable)
{
    (void)thing;
    (void)variable;
    return true;
}

const struct tape_chooser tape_everything = {take_all, take_all, NULL};

static void name_factor(struct arena *arena, const struct tape_variable *variable,
                        struct model_partial *partial)
{
    const struct table *table = variable->table;
    const struct column *column = &table->columns[variable->column];
    const char *file = strrchr(table->path, '/');
    partial->table = table->path;
    partial->row = table->id >= 0
                       ? str_dup(arena, table->cells[variable->row][table->id])
                       : arena_printf(arena, "line %lld", (long long)table->lines[variable->row]);
    partial->column = str_dup(arena, column->name);
    partial->name = arena_printf(arena, "%s %s[%s]", file == NULL ? table->path : file + 1,
                                 partial->column, partial->row);
    partial->unit = row_unit_text(arena, table, column, (long)variable->row);
}

struct model_partial tape_name(struct arena *arena, const struct model *model,
                               const struct tape_variable *variable)
{
    struct model_partial partial = {.value = variable->base};
    if (variable->input == NULL) {
        name_factor(arena, variable, &partial);
        return partial;
    }
    const struct definition *d = variable->input;
    const struct model_input *input = &model->info.inputs[d->number];
    partial.input = input->name;
    partial.key = d->index == NULL ? "" : d->index->keys[variable->key].id;
    partial.name =
        d->index == NULL ? input->name : arena_printf(arena, "%s[%s]", input->name, partial.key);
    partial.unit = d->per_row && d->index != NULL ? input->keys[variable->key].unit : input->unit;
    return partial;
}

bool tape_find_root(const struct model_run *run, const char *output, str key,
                    struct tape_root *root)
{
    *root = (struct tape_root){.definition = run_find(run, output)};
    if (root->definition == NULL || root->definition->kind != DEFINE_OUT ||
        (root->definition->index == NULL) != (key.len == 0))
        return false;
    if (root->definition->index == NULL) return true;
    uintptr_t known = (uintptr_t)map_get(&root->definition->index->numbers, key);
    root->key = known - 1;
    return known != 0;
}

enum model_smoothness tape_smoothness(enum tape_kink kink)
{
    return kink == TAPE_AT_KINK     ? MODEL_AT_KINK
           : kink == TAPE_PIECEWISE ? MODEL_PIECEWISE
                                    : MODEL_SMOOTH;
}

struct model_gradient model_gradient(struct arena *arena, const struct model_run *run,
                                     size_t entity, const char *output, str key)
{
    struct model_gradient gradient = {.value = {.status = MODEL_DOMAIN}};
    struct tape_root root;
    enum tape_kink kink;
    double value;
    if (entity >= run->data->entity_count || !tape_find_root(run, output, key, &root))
        return gradient;
    const struct frame *frame = run_one(arena, run, entity);
    const struct definition *d = root.definition;
    gradient.value = value_make(run->data, d->type, frame->values[d->reg][root.key],
                                frame->status[d->reg][root.key]);
    gradient.unit = run->model->info.outputs[d->number].unit;
    if (d->type != MODEL_NUMBER || gradient.value.status != MODEL_OK) return gradient;
    const struct tape *tape =
        tape_make(arena, tape_space_new(arena, run->model), frame, 0, &root, 1, &tape_everything);
    double *derivatives = ARENA_NEW_ARRAY(arena, double, tape->variable_count + 1);
    if (!tape_gradient(arena, tape, tape->roots[0], &value, derivatives, &kink)) return gradient;
    gradient.smoothness = tape_smoothness(kink);
    struct model_partial *partials =
        ARENA_NEW_ARRAY(arena, struct model_partial, tape->variable_count + 1);
    for (size_t i = 0; i < tape->variable_count; i++) {
        partials[i] = tape_name(arena, run->model, &tape->variables[i]);
        partials[i].derivative = derivatives[i];
    }
    gradient.partials = partials;
    gradient.count = tape->variable_count;
    return gradient;
}
