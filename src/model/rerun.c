/* A run brought up to date after some of its entities' inputs changed. */
#include <string.h>

#include "model/program.h"

#define RERUN_BLOCK 64

static void keep(struct model_run *run, const struct frame *frame)
{
    for (size_t i = 0; i < run->model->output_count; i++) {
        struct run_output *output = &run->outputs[i];
        frame_output(frame, frame->program->outputs[i],
                     output->values + frame->first * output->width,
                     output->status + frame->first * output->width);
    }
}

bool model_rerun(struct model_run *run, const size_t *entities, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (entities[i] >= run->data->entity_count)
            return error_set(err, ERROR_MODEL_ENTITY, "i", (int64_t)entities[i]);
    if (count == 0) return true;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)4 << 30);
    size_t block = size_min(count, RERUN_BLOCK);
    struct frame *frame =
        frame_new(arena, run->model, run->model->fast, run->data, run->as_known, block);
    frame_start(frame);
    for (size_t i = 0; i < count;) {
        size_t together = 1; /* neighbours */
        while (i + together < count && together < block &&
               entities[i + together] == entities[i] + together)
            together++;
        frame_run(frame, entities[i], together);
        keep(run, frame);
        i += together;
    }
    return true;
}
