/* How far a result may be off: first order by derivatives, and by drawing. The work is cut into
 * items by entities and by draws; how it is cut depends on the question, never on the threads, and
 * items are added up in their order: so the numbers are the same on any number of threads. */
#include "model/tanshu_model.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/moments.h"
#include "model/random.h"
#include "model/spread.h"
#include "model/tape.h"

enum {
    CHUNK = 256, /* draws at once; a result depends on it */
    SLOTS = 16,
    BATCH = 32, /* entities whose tapes are kept at once */
    THREADS_MAX = 64
};
#define ARENA_BYTES_MAX ((size_t)4 << 30)

struct group { /* one row of a table, or the values of one input and key of all entities */
    struct tape_variable variable; /* the first one met */
    double slope;                  /* of a row: summed over the entities */
    double variance, shift;        /* of an input: summed over the entities */
    double cov, var;               /* of an input: of draws */
};
struct groups {
    struct arena *arena;
    struct group *list;
    size_t count, capacity;
    int **of_input;   /* by input and key: number + 1 */
    struct map cells; /* of tables: place -> number + 1 */
};

struct task {
    const struct model_run *run;
    struct tape_root root;
    const struct model_uncertainty_options *options;
    size_t first, end, draws;
};
struct workspace { /* of a worker, for one item after another */
    struct arena *arena;
    struct frame *frame;
    struct tape_space *tapes;
    double *lanes;
    size_t numbers;
};
struct item {
    const struct task *task;
    size_t first, end; /* entities */
    size_t draw, draw_end;
    bool leads; /* of the items with these entities: it adds up what has nothing to do with draws */
    struct arena *arena;
    struct groups groups;
    double *drawn; /* by draw; several items fill different parts */
    size_t entities, left_out;
    double value;
    enum tape_kink kink;
    /* while running */
    struct workspace *space;
    const struct frame *frame;
    size_t lane, entity;
    double *factors; /* group × CHUNK */
    size_t *factor_chunk;
    size_t factor_capacity;
};

/* ---- groups ------------------------------------------------------------------------------- */

static void groups_init(struct groups *groups, struct arena *arena, const struct model *model)
{
    *groups = (struct groups){.arena = arena};
    groups->of_input = ARENA_NEW_ARRAY(arena, int *, model->input_count + 1);
    map_init(&groups->cells, arena);
}

/* The number of the group of a row's cell + 1; 0 when it was not met before. */
static size_t cell_group(const struct groups *groups, const struct tape_variable *variable)
{
    struct tape_place place = tape_place_of(variable);
    const size_t *number = map_get(&groups->cells, tape_place_str(&place));
    return number == NULL ? 0 : *number;
}

static void note_cell(struct groups *groups, const struct tape_variable *variable)
{
    struct {
        struct tape_place place;
        size_t number;
    } *noted = arena_alloc(groups->arena, sizeof *noted);
    noted->place = tape_place_of(variable);
    noted->number = groups->count;
    map_put(&groups->cells, tape_place_str(&noted->place), &noted->number);
}

static size_t group_of(struct groups *groups, const struct tape_variable *variable)
{
    int *place = NULL;
    if (variable->input != NULL) {
        const struct definition *d = variable->input;
        int **keys = &groups->of_input[d->number];
        if (*keys == NULL)
            *keys = ARENA_NEW_ARRAY(groups->arena, int, d->index == NULL ? 1 : d->index->count);
        place = &(*keys)[variable->key];
        if (*place != 0) return (size_t)*place - 1;
    } else {
        size_t known = cell_group(groups, variable);
        if (known != 0) return known - 1;
    }
    *ARENA_PUSH(groups->arena, groups->list, groups->count, groups->capacity) =
        (struct group){.variable = *variable};
    if (place != NULL)
        *place = (int)groups->count;
    else
        note_cell(groups, variable);
    return groups->count - 1;
}

/* ---- what varies -------------------------------------------------------------------------- */

static bool choose_input(void *thing, struct tape_variable *variable)
{
    const struct item *item = thing;
    const struct definition *d = variable->input;
    const struct model *model = item->task->run->model;
    if (!spread_find(item->task->run->data, d, item->entity, variable->key, &variable->spread)) {
        if (d->spread == NULL || d->spread->reg < 0) return false;
        const struct reg *reg = &model->program->regs[d->spread->reg];
        size_t at = item->lane * reg->width + (reg->index == NULL ? 0 : variable->key);
        if ((item->frame->status[d->spread->reg][at] & STATUS_CODE) != MODEL_OK) return false;
        variable->spread =
            (struct model_spread){d->spread_shape, item->frame->values[d->spread->reg][at]};
    }
    if (variable->spread.shape == MODEL_SPREAD_NONE || !(variable->spread.half_width > 0) ||
        variable->base == 0)
        return false;
    uint64_t key = random_stream(d->name.ptr, d->name.len, variable->key);
    variable->stream = random_stream((const char *)&key, sizeof key, item->entity);
    return true;
}

static bool choose_factor(void *thing, struct tape_variable *variable)
{
    struct item *item = thing;
    struct groups *groups = &item->groups;
    size_t number = cell_group(groups, variable);
    if (number != 0) { /* known already, or known to be exact */
        const struct tape_variable *known = &groups->list[number - 1].variable;
        variable->spread = known->spread;
        variable->stream = known->stream;
        return known->spread.shape != MODEL_SPREAD_NONE;
    }
    bool varies =
        spread_of_factor(variable->table, variable->row, variable->column, &variable->spread) &&
        variable->base != 0;
    if (!varies) variable->spread.shape = MODEL_SPREAD_NONE;
    str column = variable->table->columns[variable->column].name;
    const char *path = variable->table->path;
    uint64_t file =
        random_stream(path, strlen(path), (uint64_t)variable->table->lines[variable->row]);
    variable->stream = random_stream(column.ptr, column.len, file);
    group_of(groups, variable);
    return varies;
}

/* ---- one item ----------------------------------------------------------------------------- */

struct member { /* an entity of a batch */
    const struct tape *tape;
    double value;
    double *slopes;
    size_t *groups; /* of each variable */
    struct moments *moments;
    double sums[MOMENT_LANES]; /* of the result, less its value */
    size_t numbers;            /* draws that have one */
};

/* Its tape and first-order part; false when it has no number. */
static bool open_member(struct item *item, struct arena *arena, struct tape_space *space,
                        struct member *member)
{
    const struct tape_chooser chooser = {choose_input, choose_factor, item};
    const struct task *task = item->task;
    const struct definition *d = task->root.definition;
    size_t at = item->lane * task->run->model->program->regs[d->reg].width + task->root.key;
    enum tape_kink kink;
    if ((item->frame->status[d->reg][at] & STATUS_CODE) != MODEL_OK) return false;
    const struct tape *tape =
        tape_make(arena, space, item->frame, item->lane, &task->root, 1, &chooser);
    *member = (struct member){.tape = tape};
    member->slopes = ARENA_NEW_ARRAY(arena, double, tape->variable_count + 1);
    member->groups = ARENA_NEW_ARRAY(arena, size_t, tape->variable_count + 1);
    member->moments = ARENA_NEW_ARRAY(arena, struct moments, tape->variable_count + 1);
    if (!tape_gradient(arena, tape, tape->roots[0], &member->value, member->slopes, &kink))
        return false;
    if (kink > item->kink) item->kink = kink;
    for (size_t i = 0; i < tape->variable_count; i++) {
        const struct tape_variable *v = &tape->variables[i];
        member->groups[i] = group_of(&item->groups, v);
        struct group *group = &item->groups.list[member->groups[i]];
        if (!item->leads) continue;
        double shift, variance, slope = member->slopes[i];
        spread_moments(&v->spread, v->base, &shift, &variance);
        group->slope += slope;
        if (v->input == NULL) continue;
        group->variance += slope * slope * variance;
        group->shift += slope * shift;
    }
    return true;
}

/* The draws of a row of a table, made once for all entities of a batch. */
static const double *factor_draws(struct item *item, const struct tape_variable *v, size_t group,
                                  size_t chunk)
{
    if (group >= item->factor_capacity) {
        size_t capacity = size_max(2 * item->factor_capacity, size_max(group + 1, 64));
        item->factors = ARENA_NEW_ARRAY(item->arena, double, capacity *CHUNK);
        item->factor_chunk = ARENA_NEW_ARRAY(item->arena, size_t, capacity);
        item->factor_capacity = capacity; /* what was drawn is drawn again */
    }
    double *values = item->factors + group * CHUNK;
    if (item->factor_chunk[group] != chunk + 1) {
        uint32_t words[CHUNK];
        random_words(item->task->options->seed, v->stream, chunk * CHUNK, words, CHUNK);
        spread_draw(&v->spread, v->base, words, values, CHUNK);
        item->factor_chunk[group] = chunk + 1;
    }
    return values;
}

static void add_moments(struct member *member, double *lanes, double *drawn)
{
    const struct tape *tape = member->tape;
    size_t failed = values_failed(drawn, CHUNK);
    const double *counted = drawn;
    double kept[CHUNK];
    member->numbers += CHUNK - failed;
    if (failed != 0) { /* a draw without a number counts nowhere */
        values_keep(kept, drawn, drawn, member->value, CHUNK);
        counted = kept;
    }
    moments_add_values(member->sums, counted, member->value, CHUNK);
    for (size_t v = 0; v < tape->variable_count; v++) {
        if (tape->variables[v].input == NULL) continue; /* of rows, once for all: factor_share */
        double *x = lanes + (size_t)tape->variables[v].node * CHUNK, base = tape->variables[v].base;
        if (failed != 0) values_keep(x, x, drawn, base, CHUNK);
        moments_add(&member->moments[v], x, base, counted, member->value, CHUNK);
    }
}

static void draw_member(struct item *item, struct member *member, double *lanes, size_t chunk)
{
    const struct tape *tape = member->tape;
    double *drawn = lanes + (size_t)tape->roots[0] * CHUNK;
    uint32_t words[CHUNK];
    for (size_t i = 0; i < tape->variable_count; i++) {
        const struct tape_variable *v = &tape->variables[i];
        double *to = lanes + (size_t)v->node * CHUNK;
        if (v->input == NULL) {
            values_copy(to, factor_draws(item, v, member->groups[i], chunk), CHUNK);
            continue;
        }
        random_words(item->task->options->seed, v->stream, chunk * CHUNK, words, CHUNK);
        spread_draw(&v->spread, v->base, words, to, CHUNK);
    }
    tape_run(tape, lanes, CHUNK, CHUNK);
    size_t first = chunk * CHUNK, count = size_min(CHUNK, item->task->draws - first);
    values_add(item->drawn + first, drawn, count);
    for (size_t i = count; i < CHUNK; i++) drawn[i] = NAN; /* drawn, not asked for */
    add_moments(member, lanes, drawn);
}

static void close_member(struct item *item, const struct member *member)
{
    double n = (double)member->numbers, y = moments_sum(member->sums);
    for (size_t i = 0; i < member->tape->variable_count && member->numbers > 1; i++) {
        struct group *group = &item->groups.list[member->groups[i]];
        const struct moments *m = &member->moments[i];
        double x = moments_sum(m->x), slope = member->slopes[i];
        if (group->variable.input == NULL) continue;
        group->cov += slope * (moments_sum(m->xy) - x * y / n);
        group->var += slope * slope * (moments_sum(m->xx) - x * x / n);
    }
}

static double *take_lanes(struct workspace *space, size_t numbers)
{
    if (space->numbers < numbers) {
        space->lanes = ARENA_NEW_ARRAY(space->arena, double, 2 * numbers);
        space->numbers = 2 * numbers;
    }
    return space->lanes;
}

static void run_batch(struct item *item)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(ARENA_BYTES_MAX);
    const struct frame *frame = item->space->frame;
    struct member *members = ARENA_NEW_ARRAY(arena, struct member, frame->count);
    size_t count = 0, numbers = 0;
    item->frame = frame;
    for (size_t i = 0; i < frame->count; i++) {
        item->lane = i;
        item->entity = frame->first + i;
        if (open_member(item, arena, item->space->tapes, &members[count])) {
            if (item->leads) item->value += members[count].value;
            numbers = size_max(numbers, tape_lanes(members[count++].tape, CHUNK));
        } else if (item->leads) {
            item->left_out++;
        }
    }
    if (item->leads) item->entities += count;
    if (count == 0 || item->draw == item->draw_end) return;
    double *lanes = take_lanes(item->space, numbers);
    for (size_t chunk = item->draw / CHUNK; chunk * CHUNK < item->draw_end; chunk++)
        for (size_t i = 0; i < count; i++) {
            tape_fill(members[i].tape, lanes, CHUNK);
            draw_member(item, &members[i], lanes, chunk);
        }
    for (size_t i = 0; i < count; i++) close_member(item, &members[i]);
}

static void run_item(struct item *item, struct workspace *space)
{
    const struct model_run *run = item->task->run;
    item->arena = arena_open(ARENA_BYTES_MAX);
    item->space = space;
    groups_init(&item->groups, item->arena, run->model);
    for (size_t first = item->first; first < item->end; first += BATCH) {
        frame_run(space->frame, first, size_min(BATCH, item->end - first));
        run_batch(item);
    }
    item->space = NULL;
}

static void open_workspace(struct workspace *space, const struct task *task)
{
    const struct model_run *run = task->run;
    *space = (struct workspace){.arena = arena_open(ARENA_BYTES_MAX)};
    space->tapes = tape_space_new(space->arena, run->model);
    space->frame = frame_new(space->arena, run->model, run->model->program, run->data,
                             run->as_known, size_min(BATCH, task->end - task->first));
    frame_start(space->frame);
}

/* ---- all items ---------------------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    struct item *items;
    size_t count, first, step;
    bool started;
};

static void *work(void *thing)
{
    const struct worker *worker = thing;
    struct workspace space;
    if (worker->first >= worker->count) return NULL;
    open_workspace(&space, worker->items[worker->first].task);
    for (size_t i = worker->first; i < worker->count; i += worker->step)
        run_item(&worker->items[i], &space);
    arena_close(space.arena);
    return NULL;
}

static void run_items(struct item *items, size_t count, int threads_asked)
{
    struct worker workers[THREADS_MAX];
    size_t threads = threads_asked < 1 ? 1 : size_min((size_t)threads_asked, THREADS_MAX);
    threads = size_min(threads, count);
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (struct worker){.items = items, .count = count, .first = i, .step = threads};
        workers[i].started =
            i > 0 && pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
        if (i > 0 && !workers[i].started) work(&workers[i]);
    }
    if (threads > 0) work(&workers[0]);
    for (size_t i = 1; i < threads; i++)
        if (workers[i].started) pthread_join(workers[i].thread, NULL);
}

static size_t cut_items(struct arena *arena, const struct task *task, struct item **items,
                        double ***drawn, size_t *slots)
{
    size_t entities = task->end - task->first, chunks = (task->draws + CHUNK - 1) / CHUNK;
    size_t by_entity = size_min(SLOTS, entities),
           by_draw = size_max(1, size_min(SLOTS / size_max(by_entity, 1), chunks));
    struct item *all = ARENA_NEW_ARRAY(arena, struct item, by_entity * by_draw + 1);
    *drawn = ARENA_NEW_ARRAY(arena, double *, by_entity + 1);
    for (size_t e = 0; e < by_entity; e++) {
        (*drawn)[e] = arena_try_alloc(arena, (chunks * CHUNK + 1) * sizeof(double));
        if ((*drawn)[e] == NULL) return 0;
        for (size_t k = 0; k < by_draw; k++)
            all[e * by_draw + k] =
                (struct item){.task = task,
                              .first = task->first + entities * e / by_entity,
                              .end = task->first + entities * (e + 1) / by_entity,
                              .draw = chunks * k / by_draw * CHUNK,
                              .draw_end = chunks * (k + 1) / by_draw * CHUNK,
                              .leads = k == 0,
                              .drawn = (*drawn)[e]};
    }
    *items = all;
    *slots = by_entity;
    return by_entity * by_draw;
}

/* ---- results ------------------------------------------------------------------------------ */

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

/* Puts the k-th smallest in its place, smaller ones before it, larger ones behind. */
static double select_smallest(double *values, size_t count, size_t k)
{
    size_t low = 0, high = count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2, i = low, j = high;
        if (values[middle] < values[low]) swap(&values[middle], &values[low]);
        if (values[high] < values[low]) swap(&values[high], &values[low]);
        if (values[high] < values[middle]) swap(&values[high], &values[middle]);
        double pivot = values[middle];
        for (;;) {
            while (values[i] < pivot) i++;
            while (pivot < values[j]) j--;
            if (i >= j) break;
            swap(&values[i++], &values[j--]);
        }
        if (k <= j)
            high = j;
        else
            low = j + 1;
    }
    return values[k];
}

/* Between the two neighbours, in proportion (type 7 of Hyndman and Fan, as R and NumPy do). */
static double percentile(double *values, size_t count, double share)
{
    double place = share * (double)(count - 1);
    size_t below = (size_t)place;
    double low = select_smallest(values, count, below);
    if (below + 1 >= count) return low;
    double high = values[below + 1];
    for (size_t i = below + 2; i < count; i++) high = values[i] < high ? values[i] : high;
    return low + (high - low) * (place - (double)below);
}

/* The squared correlation of a row's draws with the result. */
static double factor_share(const struct task *task, const struct tape_variable *v,
                           const double *total, double mean, double variance)
{
    struct moments moments = {0};
    double x[CHUNK], y[CHUNK], sums[MOMENT_LANES] = {0}, n = 0;
    uint32_t words[CHUNK];
    for (size_t first = 0; first < task->draws; first += CHUNK) {
        random_words(task->options->seed, v->stream, first, words, CHUNK);
        spread_draw(&v->spread, v->base, words, x, CHUNK);
        for (size_t i = 0; i < CHUNK; i++) {
            bool counts = first + i < task->draws && isfinite(total[first + i]);
            y[i] = counts ? total[first + i] : mean;
            x[i] = counts ? x[i] : v->base;
            n += counts;
        }
        moments_add(&moments, x, v->base, y, mean, CHUNK);
        moments_add_values(sums, y, mean, CHUNK);
    }
    double sx = moments_sum(moments.x), sy = moments_sum(sums);
    double cov = (moments_sum(moments.xy) - sx * sy / n) / n,
           var = (moments_sum(moments.xx) - sx * sx / n) / n;
    return var > 0 && variance > 0 ? cov * cov / (var * variance) : 0;
}

static void sum_draws(const struct task *task, double **drawn, size_t slots,
                      struct model_uncertainty *result)
{
    double *total = drawn[0], sum = 0, squares = 0;
    for (size_t s = 1; s < slots; s++) values_add(total, drawn[s], task->draws);
    size_t count = 0;
    result->draws = task->draws;
    result->failed = values_failed(total, task->draws);
    for (size_t i = 0; i < task->draws; i++)
        if (isfinite(total[i])) {
            sum += total[i] - result->value;
            count++;
        }
    if (count < 2) return;
    double mean = sum / (double)count;
    for (size_t i = 0; i < task->draws; i++)
        if (isfinite(total[i])) {
            double off = total[i] - result->value - mean;
            squares += off * off;
        }
    result->drawn_mean = result->value + mean;
    result->drawn_deviation = sqrt(squares / (double)(count - 1));
}

static void find_percentiles(const struct task *task, const double *total, double *space,
                             struct model_uncertainty *result)
{
    size_t count = 0;
    for (size_t i = 0; i < task->draws; i++)
        if (isfinite(total[i])) space[count++] = total[i];
    if (count == 0) return;
    result->median = percentile(space, count, 0.5);
    result->low = percentile(space, count, 0.025);
    result->high = percentile(space, count, 0.975);
}

static int compare_contributions(const void *a, const void *b)
{
    const struct model_contribution *x = a, *y = b;
    if (x->deviation != y->deviation) return x->deviation > y->deviation ? -1 : 1;
    return strcmp(x->of.name, y->of.name);
}

static void add_groups(struct groups *all, const struct item *items, size_t count,
                       const struct model *model, struct arena *arena)
{
    groups_init(all, arena, model);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < items[i].groups.count; k++) {
            const struct group *from = &items[i].groups.list[k];
            if (from->variable.spread.shape == MODEL_SPREAD_NONE) continue;
            size_t at = group_of(all, &from->variable); /* may move the list */
            struct group *to = &all->list[at];
            to->slope += from->slope;
            to->variance += from->variance;
            to->shift += from->shift;
            to->cov += from->cov;
            to->var += from->var;
        }
}

static void list_contributions(struct arena *arena, const struct task *task, struct groups *all,
                               const double *total, struct model_uncertainty *result)
{
    struct model_contribution *list =
        ARENA_NEW_ARRAY(arena, struct model_contribution, all->count + 1);
    double sum = 0, n = (double)(result->draws - result->failed),
           drawn = result->drawn_deviation * result->drawn_deviation * (n - 1) / n;
    result->mean = result->value;
    for (size_t i = 0; i < all->count; i++) {
        struct group *group = &all->list[i];
        const struct tape_variable *v = &group->variable;
        double shift = group->shift, variance = group->variance;
        if (v->input == NULL) {
            spread_moments(&v->spread, v->base, &shift, &variance);
            shift *= group->slope;
            variance *= group->slope * group->slope;
        }
        list[i].of = tape_name(arena, task->run->model, v);
        list[i].of.derivative = group->slope;
        list[i].deviation = sqrt(variance);
        list[i].share_first_order = variance;
        result->mean += shift;
        sum += variance;
        if (n < 2) continue;
        if (v->input == NULL)
            list[i].share = factor_share(task, v, total, result->drawn_mean, drawn);
        else if (group->var > 0 && drawn > 0)
            list[i].share = group->cov / group->var * group->cov / n / drawn;
    }
    for (size_t i = 0; i < all->count; i++)
        list[i].share_first_order = sum > 0 ? list[i].share_first_order / sum : 0;
    if (all->count != 0) qsort(list, all->count, sizeof *list, compare_contributions);
    result->deviation = sqrt(sum);
    result->contributions = list;
    result->count = all->count;
}

static void finish(struct arena *arena, const struct task *task, const struct item *items,
                   size_t count, double **drawn, size_t slots, struct model_uncertainty *result)
{
    enum tape_kink kink = TAPE_SMOOTH;
    for (size_t i = 0; i < count; i++) {
        result->entities += items[i].entities;
        result->left_out += items[i].left_out;
        result->value += items[i].value;
        if (items[i].kink > kink) kink = items[i].kink;
    }
    result->smoothness = tape_smoothness(kink);
    if (task->draws != 0 && result->entities != 0) sum_draws(task, drawn, slots, result);
    struct groups all;
    add_groups(&all, items, count, task->run->model, arena);
    list_contributions(arena, task, &all, drawn[0], result);
    if (result->draws == 0) return;
    double *space = ARENA_NEW_ARRAY(arena, double, task->draws + 1);
    find_percentiles(task, drawn[0], space, result);
}

bool model_uncertainty(struct arena *arena, const struct model_run *run, const char *output,
                       str key, const struct model_uncertainty_options *options,
                       struct model_uncertainty *result, struct error *err)
{
    struct task task = {.run = run, .options = options, .draws = options->draws};
    size_t entities = run->data->entity_count, slots = 0;
    struct item *items = NULL;
    double **drawn;
    if (!tape_find_root(run, output, key, &task.root) || task.root.definition->type != MODEL_NUMBER)
        return error_set(err, ERROR_MODEL_OUTPUT, "sS", output, str_from(run->model->info.name));
    if (options->first >= entities)
        return error_set(err, ERROR_MODEL_ENTITY, "i", (int64_t)options->first);
    if (options->draws > MODEL_DRAWS_MAX)
        return error_set(err, ERROR_MODEL_LARGE, "s", "4,000,000 draws");
    task.first = options->first;
    task.end = options->count == 0 ? entities : size_min(entities, task.first + options->count);
    size_t count = cut_items(arena, &task, &items, &drawn, &slots);
    if (count == 0) return error_set(err, ERROR_MODEL_LARGE, "s", "the memory allowed");
    run_items(items, count, options->threads);
    *result = (struct model_uncertainty){
        .unit = run->model->info.outputs[task.root.definition->number].unit};
    finish(arena, &task, items, count, drawn, slots, result);
    for (size_t i = 0; i < count; i++) arena_close(items[i].arena);
    return true;
}
