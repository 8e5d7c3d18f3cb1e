/* Machine against reference evaluator, bit for bit. */
#include <stdio.h>
#include <string.h>

#include "model/reference.h"

bool reference_agrees(const struct quantity *q, double value, uint8_t status)
{
    if ((status & STATUS_CODE) != q->code) return false;
    return q->code != MODEL_OK || memcmp(&value, &q->value, sizeof value) == 0;
}

struct comparison {
    struct arena *arena;
    const struct model *model;
    const char *what;
    size_t entity;
};

static char *difference(const struct comparison *c, const struct definition *d, size_t key,
                        const struct quantity *q, double value, uint8_t status)
{
    return arena_printf(c->arena,
                        "%s: %.*s%s%s of entity %zu is %.17g (status %u), the reference says %.17g "
                        "(status %u)",
                        c->what, STR_ARG(d->name), d->index == NULL ? "" : " at ",
                        d->index == NULL ? "" : d->index->keys[key].id, c->entity, value,
                        status & STATUS_CODE, q->value, q->code);
}

static size_t width_of(const struct definition *d)
{
    return d->index == NULL ? 1 : d->index->count;
}

static char *compare_run(struct comparison *c, const struct model_run *run, struct reference *r)
{
    for (size_t i = 0; i < c->model->output_count; i++) {
        const struct definition *d = c->model->outputs[i];
        const struct run_output *column = &run->outputs[i];
        for (size_t k = 0; k < width_of(d); k++) {
            struct quantity q = reference_definition(r, d, k);
            size_t at = c->entity * column->width + k;
            if (!reference_agrees(&q, column->values[at], column->status[at]))
                return difference(c, d, k, &q, column->values[at], column->status[at]);
        }
    }
    return NULL;
}

static char *compare_frame(struct comparison *c, const struct frame *frame, struct reference *r)
{
    for (size_t i = 0; i < c->model->order_count; i++) {
        const struct definition *d = c->model->order[i];
        for (size_t k = 0; k < width_of(d); k++) {
            struct quantity q = reference_definition(r, d, k);
            if (!reference_agrees(&q, frame->values[d->reg][k], frame->status[d->reg][k]))
                return difference(c, d, k, &q, frame->values[d->reg][k], frame->status[d->reg][k]);
        }
    }
    return NULL;
}

char *reference_compare(struct arena *arena, const struct model *model,
                        const struct model_data *data, int32_t as_known, size_t each)
{
    struct error err = {0};
    char *found = NULL;
    SCOPED(arena_close_scoped) struct arena *runs = arena_open((size_t)1 << 30);
    const struct model_run *run[2];
    for (int i = 0; i < 2; i++) {
        struct model_run_options options = {.threads = i == 0 ? 1 : 3, .as_known = {as_known}};
        run[i] = model_run(runs, model, data, &options, &err);
        if (run[i] == NULL) return arena_strdup(arena, "the run is refused");
    }
    for (size_t e = 0; e < data->entity_count && found == NULL; e++) {
        SCOPED(arena_close_scoped) struct arena *scratch = arena_open((size_t)1 << 30);
        struct reference *r = reference_new(scratch, model, data, as_known, e);
        struct comparison c = {arena, model, "one thread", e};
        found = compare_run(&c, run[0], r);
        c.what = "three threads";
        if (found == NULL) found = compare_run(&c, run[1], r);
        if (found != NULL || e % each != 0) continue;
        c.what = "the plain program";
        found = compare_frame(&c, run_one(scratch, run[0], e), r);
    }
    return found;
}
