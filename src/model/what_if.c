/* What would be, if inputs were other than given: one entity computed again, and the ways in which
 * a result could be reached. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "model/tape.h"

/* ---- changed by hand ---------------------------------------------------------------------- */

static struct model_run *run_alone(struct arena *arena, const struct model_run *run,
                                   const struct model_data *data, struct error *err)
{
    struct model_run_options options = {.as_known = {run->as_known}};
    return model_run(arena, run->model, data, &options, err);
}

/* "name[key]" */
static void split_name(str text, str *name, str *key)
{
    size_t open;
    *name = str_trim(text);
    *key = (str){"", 0};
    if (!str_find(*name, STR("["), &open) || !str_ends(*name, "]")) return;
    *key = str_trim(str_slice(*name, open + 1, name->len - 1));
    *name = str_trim(str_slice(*name, 0, open));
}

/* The number at the start of a text; the rest is its unit. */
static bool split_number(struct arena *arena, str text, double *number, str *unit)
{
    size_t end = 0;
    while (end < text.len && strchr("0123456789.,+-eE", text.ptr[end]) != NULL) end++;
    /* "5 e…" is no number, "5 eur" is five of a unit */
    for (; end > 0; end--)
        if (num_parse_human(arena, str_slice(text, 0, end), number)) break;
    if (end == 0) return false;
    *unit = str_trim(str_slice(text, end, text.len));
    return true;
}

static bool current_number(const struct model_run *run, const struct frame *frame, str name,
                           str key, double *value, struct error *err)
{
    const struct definition *d;
    size_t at;
    if (!data_find(run->data, name, key, &d, &at, err)) return false;
    if (d->type == MODEL_NUMBER && (frame->status[d->reg][at] & STATUS_CODE) == MODEL_OK) {
        *value = frame->values[d->reg][at];
        return true;
    }
    return error_set(err, ERROR_MODEL_TYPE, "Sss", name, "a number given to change", "nothing");
}

/* One of `name = value unit`, `name *= 0.9`, `name += 10 t`, `name -= 10 t`. */
static bool apply(struct arena *arena, const struct model_run *run, const struct frame *frame,
                  struct model_data *data, str text, struct error *err)
{
    size_t equals;
    str name, key, unit = {"", 0};
    if (!str_find(text, STR("="), &equals) || equals == 0)
        return error_set(err, ERROR_MODEL_CHANGE, "S", text);
    char mark = text.ptr[equals - 1];
    bool relative = mark == '*' || mark == '+' || mark == '-';
    str value = str_trim(str_slice(text, equals + 1, text.len));
    split_name(str_slice(text, 0, relative ? equals - 1 : equals), &name, &key);
    const struct definition *d;
    size_t at;
    double number, now = 0;
    if (!data_find(data, name, key, &d, &at, err)) return false;
    if (str_is(value, "missing")) return model_data_set_missing(data, 0, name, key, 0, err);
    if (d->type != MODEL_NUMBER && !relative)
        return model_data_set_text(data, 0, name, key, value, 0, err);
    if (!split_number(arena, value, &number, &unit))
        return error_set(err, ERROR_MODEL_CHANGE, "S", text);
    if (!relative) return model_data_set(data, 0, name, key, number, unit, 0, err);
    if (d->type == MODEL_NUMBER && data_is_set(data, d, 0, at))
        now = data_number(data, d, 0, at); /* as given, or as changed before */
    else if (!current_number(run, frame, name, key, &now, err))
        return false;
    if (mark == '*') {
        double part = str_is(unit, "%") ? number / 100 : number;
        return model_data_set(data, 0, name, key, now * part, (str){"", 0}, 0, err);
    }
    /* The step in the input's unit; a range is one of the value, not of a step. */
    if (unit.len != 0 && !data_convert(data, d, at, unit, &number, err)) return false;
    return model_data_set(data, 0, name, key, mark == '+' ? now + number : now - number,
                          (str){"", 0}, 0, err);
}

struct model_run *model_what_if(struct arena *arena, const struct model_run *run, size_t entity,
                                str changes, struct error *err)
{
    if (entity >= run->data->entity_count) {
        error_set(err, ERROR_MODEL_ENTITY, "i", (int64_t)entity);
        return NULL;
    }
    const struct frame *frame = run_one(arena, run, entity);
    struct model_data *data = model_data_copy(arena, run->data, entity);
    str part;
    while (str_cut(&changes, ';', &part)) {
        part = str_trim(part);
        if (part.len != 0 && !apply(arena, run, frame, data, part, err)) return NULL;
    }
    return run_alone(arena, run, data, err);
}

/* ---- a measure of the model --------------------------------------------------------------- */

static void put_measure(struct model_data *data, const struct frame *frame,
                        const struct measure_change *change)
{
    const struct model *model = frame->model;
    const struct definition *d = change->definition;
    bool every = d->index != NULL && change->key_number < 0;
    size_t first = change->key_number < 0 ? 0 : (size_t)change->key_number,
           end = every ? d->index->count : first + 1;
    int reg = change->expr->reg;
    for (size_t k = first; k < end; k++) {
        size_t at = model->program->regs[reg].index == NULL ? 0 : k;
        if (every && (frame->status[d->reg][k] & STATUS_CODE) != MODEL_OK) continue; /* not used */
        if ((frame->status[reg][at] & STATUS_CODE) == MODEL_OK)
            data_put(data, d, 0, k, frame->values[reg][at]);
        else
            data_put_missing(data, d, 0, k);
    }
}

struct model_run *model_what_if_measure(struct arena *arena, const struct model_run *run,
                                        size_t entity, size_t measure, struct model_value *cost,
                                        struct error *err)
{
    if (entity >= run->data->entity_count || measure >= run->model->measure_count) {
        error_set(err, ERROR_MODEL_ENTITY, "i", (int64_t)entity);
        return NULL;
    }
    const struct measure *m = run->model->measures[measure];
    const struct frame *frame = run_one(arena, run, entity);
    struct model_data *data = model_data_copy(arena, run->data, entity);
    for (size_t i = 0; i < m->count; i++) put_measure(data, frame, &m->changes[i]);
    if (cost != NULL)
        *cost = m->cost == NULL
                    ? (struct model_value){.status = MODEL_MISSING}
                    : value_make(run->data, MODEL_NUMBER, frame->values[m->cost->reg][0],
                                 frame->status[m->cost->reg][0]);
    return run_alone(arena, run, data, err);
}

/* ---- effects ------------------------------------------------------------------------------ */

static bool only_inputs(void *thing, struct tape_variable *variable)
{
    const struct definition *wanted = thing;
    return wanted == NULL || variable->input == wanted;
}

static bool no_factor(void *thing, struct tape_variable *variable)
{
    (void)thing;
    (void)variable;
    return false;
}

static int compare_effects(const void *a, const void *b)
{
    const struct model_effect *x = a, *y = b;
    double left = fabs(x->effect), right = fabs(y->effect);
    if (left != right) return left > right ? -1 : 1;
    int order = strcmp(x->input, y->input);
    return order != 0 ? order : strcmp(x->key, y->key);
}

enum { STEPS_AT_ONCE = 32 };

/* Effects of the variables from `first`, STEPS_AT_ONCE of them: each has two lanes of its own, a
 * step down and a step up. */
static void run_steps(const struct tape *tape, double *lanes, size_t first, double step,
                      double *effects)
{
    enum { STRIDE = 2 * STEPS_AT_ONCE };
    for (size_t i = 0; i < tape->variable_count; i++) {
        const struct tape_variable *v = &tape->variables[i];
        double *to = lanes + (size_t)v->node * STRIDE;
        for (size_t k = 0; k < STRIDE; k++) to[k] = v->base;
        if (i < first || i >= first + STEPS_AT_ONCE) continue;
        to[2 * (i - first)] = v->base * (1 - step);
        to[2 * (i - first) + 1] = v->base * (1 + step);
    }
    tape_run(tape, lanes, STRIDE, STRIDE);
    const double *found = lanes + (size_t)tape->roots[0] * STRIDE;
    for (size_t i = first; i < tape->variable_count && i < first + STEPS_AT_ONCE; i++)
        effects[i] = (found[2 * (i - first) + 1] - found[2 * (i - first)]) / 2;
}

size_t model_effects(struct arena *arena, const struct model_run *run, size_t entity,
                     const char *output, double step, const struct model_effect **effects)
{
    static const struct tape_chooser inputs = {only_inputs, no_factor, NULL};
    struct tape_root root;
    size_t count = 0;
    *effects = NULL;
    if (!tape_find_root(run, output, (str){"", 0}, &root) ||
        root.definition->type != MODEL_NUMBER || entity >= run->data->entity_count)
        return 0;
    const struct tape *tape = tape_make(arena, tape_space_new(arena, run->model),
                                        run_one(arena, run, entity), 0, &root, 1, &inputs);
    if (tape->variable_count == 0) return 0;
    double *found = ARENA_NEW_ARRAY(arena, double, tape->variable_count);
    double *lanes = ARENA_NEW_ARRAY(arena, double, tape_lanes(tape, 2 * STEPS_AT_ONCE));
    tape_fill(tape, lanes, 2 * STEPS_AT_ONCE);
    for (size_t first = 0; first < tape->variable_count; first += STEPS_AT_ONCE)
        run_steps(tape, lanes, first, step, found);
    struct model_effect *all =
        ARENA_NEW_ARRAY(arena, struct model_effect, tape->variable_count + 1);
    for (size_t i = 0; i < tape->variable_count; i++) {
        const struct tape_variable *v = &tape->variables[i];
        double effect = found[i];
        if (!isfinite(effect) || effect == 0 || v->base == 0) continue;
        struct model_partial named = tape_name(arena, run->model, v);
        all[count++] = (struct model_effect){
            .input = named.input, .key = named.key, .input_value = v->base, .effect = effect};
    }
    if (count != 0) qsort(all, count, sizeof *all, compare_effects);
    *effects = all;
    return count;
}

/* ---- ways to a result --------------------------------------------------------------------- */

enum { GRID = 64, REFINEMENTS = 3 };

struct goal {
    enum op compare; /* OP_EQUAL of a text */
    double number;
};

static bool reached(const struct goal *goal, double value)
{
    switch (goal->compare) {
    case OP_LESS_EQUAL: return value <= goal->number;
    case OP_MORE_EQUAL: return value >= goal->number;
    case OP_LESS: return value < goal->number;
    case OP_MORE: return value > goal->number;
    default: return value == goal->number;
    }
}

static bool read_goal(const struct model_run *run, const struct definition *d, str wanted,
                      struct goal *goal, struct error *err)
{
    static const struct {
        const char *mark;
        enum op op;
    } marks[] = {{">=", OP_MORE_EQUAL}, {"<=", OP_LESS_EQUAL}, {">", OP_MORE}, {"<", OP_LESS}};
    *goal = (struct goal){.compare = OP_EQUAL};
    wanted = str_trim(wanted);
    if (d->type == MODEL_TEXT || d->type == MODEL_CHOICE) {
        goal->number = intern_find(&run->data->texts, wanted);
        return true; /* a text that nobody knows is reached by nothing */
    }
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_starts(wanted, marks[i].mark)) {
            goal->compare = marks[i].op;
            wanted = str_trim(str_slice(wanted, strlen(marks[i].mark), wanted.len));
            break;
        }
    if (d->type == MODEL_FLAG) {
        goal->number = str_is(wanted, "true");
        return true;
    }
    return num_parse(wanted, &goal->number) || error_set(err, ERROR_MODEL_CHANGE, "S", wanted);
}

static bool in_range(const struct definition *d, double value)
{
    return (!d->has_min || value >= d->min) && (!d->has_max || value <= d->max);
}

/* The change nearest to none with which the goal is reached, going `side` (-1, 1) from the value as
 * far as to nothing, or to twice it; a grid, then finer grids between the last two. */
static bool nearest_change(const struct tape *tape, const struct goal *goal, double *lanes,
                           double side, double *change)
{
    const struct tape_variable *v = &tape->variables[0];
    double low = 0, high = 1;
    bool found = false;
    for (int level = 0; level < REFINEMENTS; level++) {
        double *x = lanes + (size_t)v->node * GRID, part = (high - low) / GRID;
        for (size_t i = 0; i < GRID; i++)
            x[i] = v->base + v->base * side * (low + part * (double)(i + 1));
        tape_run(tape, lanes, GRID, GRID);
        const double *result = lanes + (size_t)tape->roots[0] * GRID;
        size_t at = 0;
        while (at < GRID &&
               !(in_range(v->input, x[at]) && isfinite(result[at]) && reached(goal, result[at])))
            at++;
        if (at == GRID) break;
        found = true;
        *change = side * (low + part * (double)(at + 1));
        high = low + part * (double)(at + 1);
        low += part * (double)at;
    }
    return found;
}

struct way_list {
    struct model_way *list;
    size_t count, capacity;
};

struct only {
    const struct definition *input;
    size_t key;
};

static bool only_this(void *thing, struct tape_variable *variable)
{
    const struct only *only = thing;
    return variable->input == only->input && variable->key == only->key;
}

static void try_input(struct arena *arena, const struct model_run *run, struct tape_space *space,
                      const struct frame *frame, const struct tape_root *root,
                      const struct goal *goal, struct only only, struct way_list *ways)
{
    const struct tape_chooser chooser = {only_this, no_factor, &only};
    SCOPED(arena_close_scoped) struct arena *scratch = arena_open(0); /* a tape for each input */
    const struct tape *tape = tape_make(scratch, space, frame, 0, root, 1, &chooser);
    double best = INFINITY;
    if (tape->variable_count == 0 || tape->variables[0].base == 0) return;
    double *lanes = ARENA_NEW_ARRAY(scratch, double, tape_lanes(tape, GRID));
    tape_fill(tape, lanes, GRID);
    for (int side = -1; side <= 1; side += 2) {
        double change = 0;
        if (nearest_change(tape, goal, lanes, side, &change) && fabs(change) < fabs(best))
            best = change;
    }
    if (!isfinite(best)) return;
    struct model_partial named = tape_name(arena, run->model, &tape->variables[0]);
    *ARENA_PUSH(arena, ways->list, ways->count, ways->capacity) =
        (struct model_way){.name = named.name,
                           .from = named.value,
                           .to = named.value + named.value * best,
                           .unit = named.unit,
                           .change = best};
}

static void try_measures(struct arena *arena, const struct model_run *run, size_t entity,
                         const struct tape_root *root, const struct goal *goal,
                         struct way_list *ways)
{
    for (size_t i = 0; i < run->model->measure_count; i++) {
        struct error err = {0};
        struct model_value cost;
        struct model_run *after = model_what_if_measure(arena, run, entity, i, &cost, &err);
        if (after == NULL) continue;
        const struct frame *frame = run_one(arena, after, 0);
        int reg = root->definition->reg;
        if ((frame->status[reg][root->key] & STATUS_CODE) != MODEL_OK ||
            !reached(goal, frame->values[reg][root->key]))
            continue;
        const struct model_measure *measure = &run->model->info.measures[i];
        *ARENA_PUSH(arena, ways->list, ways->count, ways->capacity) =
            (struct model_way){.measure = measure,
                               .name = measure->name,
                               .has_cost = cost.status == MODEL_OK,
                               .cost = cost.number,
                               .unit = measure->cost_unit};
    }
}

/* What states its cost first, the cheapest before; then by how little has to change. */
static int compare_ways(const void *a, const void *b)
{
    const struct model_way *x = a, *y = b;
    if (x->has_cost != y->has_cost) return x->has_cost ? -1 : 1;
    if ((x->measure == NULL) != (y->measure == NULL)) return x->measure != NULL ? -1 : 1;
    double left = x->has_cost ? x->cost : fabs(x->change),
           right = y->has_cost ? y->cost : fabs(y->change);
    if (left != right) return left < right ? -1 : 1;
    return strcmp(x->name, y->name);
}

bool model_ways(struct arena *arena, const struct model_run *run, size_t entity, const char *output,
                str wanted, struct model_ways *ways, struct error *err)
{
    static const struct tape_chooser inputs = {only_inputs, no_factor, NULL};
    struct tape_root root;
    struct goal goal;
    if (entity >= run->data->entity_count)
        return error_set(err, ERROR_MODEL_ENTITY, "i", (int64_t)entity);
    if (!tape_find_root(run, output, (str){"", 0}, &root))
        return error_set(err, ERROR_MODEL_OUTPUT, "sS", output, str_from(run->model->info.name));
    if (!read_goal(run, root.definition, wanted, &goal, err)) return false;
    struct way_list found = {0};
    struct tape_space *space = tape_space_new(arena, run->model);
    const struct frame *frame = run_one(arena, run, entity);
    int reg = root.definition->reg;
    if ((frame->status[reg][0] & STATUS_CODE) == MODEL_OK &&
        reached(&goal, frame->values[reg][0])) {
        *ways = (struct model_ways){.already = true};
        return true;
    }
    const struct tape *tape = tape_make(arena, space, frame, 0, &root, 1, &inputs);
    for (size_t i = 0; i < tape->variable_count; i++)
        try_input(arena, run, space, frame, &root, &goal,
                  (struct only){tape->variables[i].input, tape->variables[i].key}, &found);
    try_measures(arena, run, entity, &root, &goal, &found);
    if (found.count != 0) qsort(found.list, found.count, sizeof *found.list, compare_ways);
    *ways = (struct model_ways){.list = found.list, .count = found.count};
    return true;
}
