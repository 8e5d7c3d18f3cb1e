/* Runs: blocks of entities that stay in the first-level cache, in parallel over blocks. A value
 * does not depend on the blocks or the number of threads. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/program.h"

#define BLOCK_BYTES_WANTED ((size_t)384 * 1024)
#define BLOCK_BYTES_MAX ((size_t)16 << 20)
#define BLOCK_ENTITIES_MAX 512
#define SPARSE_KEYS_WANTED 4
#define THREADS_MAX 64
#define REGISTER_BYTES_MAX ((size_t)512 << 20) /* of all threads */
#define RESULT_BYTES_MAX ((size_t)8 << 30)

const char *model_status_name(enum model_status status)
{
    static const char *const names[] = {"ok",     "missing", "divide_by_zero", "overflow",
                                        "domain", "no_row",  "several_rows"};
    return (size_t)status < ARRAY_LEN(names) ? names[status] : "domain";
}

struct worker {
    pthread_t thread;
    const struct model_run *run;
    size_t block, number, step;
    bool started;
};

/* Bytes of the registers for one entity: values and statuses. */
static size_t entity_bytes(const struct program *program)
{
    size_t width = 1;
    for (size_t i = 0; i < program->reg_count; i++) width += program->regs[i].width;
    return width * (sizeof(double) + 1);
}

/* Of an index of which only the used keys are computed a few count. */
static size_t block_size(const struct model_run *run)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)4 << 30);
    const struct program *program = run->model->fast;
    const struct frame *frame = frame_new(arena, run->model, program, run->data, run->as_known, 1);
    size_t width = 1;
    for (size_t i = 0; i < program->reg_count; i++) {
        size_t keys = program->regs[i].width;
        width += frame_sparse(frame, (int)i) == NULL ? keys : size_min(keys, SPARSE_KEYS_WANTED);
    }
    size_t block = size_min(BLOCK_BYTES_WANTED / (width * (sizeof(double) + 1)),
                            BLOCK_BYTES_MAX / entity_bytes(program));
    size_t entities = run->data->entity_count;
    return size_max(1, size_min(size_min(size_max(block, 4), BLOCK_ENTITIES_MAX), entities));
}

/* The outputs whose registers can lie in the result itself. */
static bool *find_direct(struct arena *arena, const struct frame *frame, const struct model *model)
{
    const struct program *program = frame->program;
    bool *direct = ARENA_NEW_ARRAY(arena, bool, model->output_count + 1);
    for (size_t i = 0; i < model->output_count; i++) {
        int reg = program->outputs[i];
        direct[i] = !program->regs[reg].uniform && frame_sparse(frame, reg) == NULL;
        for (size_t k = 0; k < i; k++)
            if (program->outputs[k] == reg) direct[i] = false; /* two names of one value */
    }
    return direct;
}

static void place_outputs(struct frame *frame, const struct model_run *run, const bool *direct,
                          size_t first)
{
    for (size_t i = 0; i < run->model->output_count; i++) {
        const struct run_output *output = &run->outputs[i];
        if (!direct[i]) continue;
        frame->placed[frame->program->outputs[i]] = true;
        frame->values[frame->program->outputs[i]] = output->values + first * output->width;
        frame->status[frame->program->outputs[i]] = output->status + first * output->width;
    }
}

static void *work(void *thing)
{
    const struct worker *worker = thing;
    const struct model_run *run = worker->run;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)4 << 30);
    struct frame *frame =
        frame_new(arena, run->model, run->model->fast, run->data, run->as_known, worker->block);
    frame_start(frame);
    bool *direct = find_direct(arena, frame, run->model);
    size_t entities = run->data->entity_count;
    for (size_t first = worker->number * worker->block; first < entities;
         first += worker->step * worker->block) {
        size_t count = size_min(worker->block, entities - first);
        place_outputs(frame, run, direct, first);
        frame_run(frame, first, count);
        for (size_t i = 0; i < run->model->output_count; i++) {
            const struct run_output *output = &run->outputs[i];
            if (direct[i]) continue;
            frame_output(frame, frame->program->outputs[i], output->values + first * output->width,
                         output->status + first * output->width);
        }
    }
    return NULL;
}

/* All results in one piece of memory, not zeroed: every value is written. */
static bool make_room(struct arena *arena, struct model_run *run, struct error *err)
{
    const struct model *model = run->model;
    size_t entities = run->data->entity_count, cells = 0;
    run->outputs = ARENA_NEW_ARRAY(arena, struct run_output, model->output_count + 1);
    for (size_t i = 0; i < model->output_count; i++) {
        size_t width = run->outputs[i].width = model->program->regs[model->outputs[i]->reg].width;
        if (entities > (RESULT_BYTES_MAX / (sizeof(double) + 1) - cells) / width)
            return error_set(err, ERROR_MODEL_LARGE, "s", "8 GiB");
        cells += width * entities;
    }
    double *values = arena_try_alloc_bare(arena, (cells + 1) * (sizeof(double) + 1));
    if (values == NULL) return error_set(err, ERROR_MODEL_LARGE, "s", "the memory allowed");
    uint8_t *status = (uint8_t *)(values + cells);
    for (size_t i = 0; i < model->output_count; i++) {
        run->outputs[i].values = values;
        run->outputs[i].status = status;
        values += run->outputs[i].width * entities;
        status += run->outputs[i].width * entities;
    }
    return true;
}

struct model_run *model_run(struct arena *arena, const struct model *model,
                            const struct model_data *data, const struct model_run_options *options,
                            struct error *err)
{
    struct model_run *run = ARENA_NEW(arena, struct model_run);
    *run = (struct model_run){.arena = arena,
                              .model = model,
                              .data = data,
                              .as_known = options == NULL ? 0 : options->as_known.day};
    if (!make_room(arena, run, err)) return NULL;
    size_t block = block_size(run);
    size_t blocks = data->entity_count / block + 1;
    size_t threads = options == NULL || options->threads < 1 ? 1 : (size_t)options->threads;
    size_t fitting = REGISTER_BYTES_MAX / (block * entity_bytes(model->fast));
    threads = size_min(size_min(threads, size_max(fitting, 1)), size_min(blocks, THREADS_MAX));
    struct worker workers[THREADS_MAX];
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (struct worker){.run = run, .block = block, .number = i, .step = threads};
        workers[i].started =
            i > 0 && pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
        if (i > 0 && !workers[i].started) work(&workers[i]); /* no thread to be had: do it here */
    }
    work(&workers[0]);
    for (size_t i = 1; i < threads; i++)
        if (workers[i].started) pthread_join(workers[i].thread, NULL);
    return run;
}

struct frame *run_one(struct arena *arena, const struct model_run *run, size_t entity)
{
    struct frame *frame =
        frame_new(arena, run->model, run->model->program, run->data, run->as_known, 1);
    frame_start(frame);
    frame_run(frame, entity, 1);
    return frame;
}

struct model_value value_make(const struct model_data *data, enum model_type type, double number,
                              uint8_t status)
{
    uint8_t code = status & STATUS_CODE;
    struct model_value value = {
        .status = code == STATUS_ABSENT ? MODEL_OK : (enum model_status)code, .type = type};
    if (code != MODEL_OK) return value;
    value.number = number;
    if (type == MODEL_TEXT || type == MODEL_CHOICE) {
        value.text = intern_at(&data->texts, number);
        value.number = 0;
    }
    return value;
}

const struct definition *run_find(const struct model_run *run, const char *name)
{
    return model_find(run->model, str_from(name));
}

struct model_value model_run_value(const struct model_run *run, size_t entity, const char *output,
                                   str key, bool *present)
{
    const struct definition *d = run_find(run, output);
    size_t at = 0;
    if (present != NULL) *present = false;
    struct model_value nothing = {.status = MODEL_DOMAIN};
    if (d == NULL || d->kind != DEFINE_OUT || entity >= run->data->entity_count) return nothing;
    if (d->index != NULL) {
        uintptr_t known = (uintptr_t)map_get(&d->index->numbers, key);
        if (known == 0) return nothing;
        at = known - 1;
    }
    const struct run_output *column = &run->outputs[d->number];
    uint8_t status = column->status[entity * column->width + at];
    if (present != NULL) *present = (status & STATUS_CODE) != STATUS_ABSENT;
    return value_make(run->data, d->type, column->values[entity * column->width + at], status);
}

/* ---- requirements, notes  --------------------------------------------------------- */

size_t model_run_requirements(struct arena *arena, const struct model_run *run, size_t entity,
                              const struct model_requirement_result **results)
{
    static const char *const marks[] = {
        [OP_EQUAL] = "=",       [OP_NOT_EQUAL] = "!=", [OP_LESS] = "<",
        [OP_LESS_EQUAL] = "<=", [OP_MORE] = ">",       [OP_MORE_EQUAL] = ">="};
    const struct model *model = run->model;
    struct model_requirement_result *all =
        ARENA_NEW_ARRAY(arena, struct model_requirement_result, model->requirement_count + 1);
    *results = all;
    if (entity >= run->data->entity_count) return 0;
    const struct frame *frame = run_one(arena, run, entity);
    for (size_t i = 0; i < model->requirement_count; i++) {
        const struct definition *d = model->requirements[i];
        struct model_value value =
            value_make(run->data, MODEL_FLAG, frame->values[d->reg][0], frame->status[d->reg][0]);
        all[i].requirement = &model->info.requirements[i];
        all[i].status = value.status;
        all[i].met = value.status == MODEL_OK && value.number != 0;
        const struct expr *expr = d->expr;
        if (expr->kind != EXPR_BINARY || expr->op < OP_EQUAL || expr->op > OP_MORE_EQUAL) continue;
        const struct expr *left = expr->args[0], *right = expr->args[1];
        all[i].compared = true;
        all[i].comparison = marks[expr->op];
        all[i].found = value_make(run->data, left->type, frame->values[left->reg][0],
                                  frame->status[left->reg][0]);
        all[i].wanted = value_make(run->data, right->type, frame->values[right->reg][0],
                                   frame->status[right->reg][0]);
        if (left->type != MODEL_NUMBER) continue;
        const struct definition *named = left->definition;
        all[i].unit = named != NULL && left->kind == EXPR_NAME
                          ? str_dup(arena, named->unit_text)
                          : unit_format(arena, model->units, &left->unit);
    }
    return model->requirement_count;
}

bool definition_depends(const struct model *model, const struct definition *user,
                        const struct definition *used)
{
    const uint64_t *inputs = model->program->regs[user->reg].inputs;
    return used->kind == DEFINE_INPUT &&
           (inputs[used->number / 64] >> (used->number % 64) & 1) != 0;
}
