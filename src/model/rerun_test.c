/* A run brought up to date is a run made anew, to the bit: on every shipped model, with entities
 * that are its examples, changed at random. */
#include <stdlib.h>
#include <string.h>

#include "model/program.h"
#include "shipped.h"
#include "unit.h"

enum { ENTITIES = 70, ROUNDS = 12 };

static uint64_t state = 1;
static size_t pick(size_t count)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(state >> 33) % count;
}

/* Puts an input of an example, or a part of it, or nothing, into an entity. */
static void change(struct arena *arena, const struct model *model, struct model_data *data,
                   size_t entity, const struct model_data *from)
{
    (void)arena;
    for (size_t i = 0; i < model->input_count; i++) {
        const struct definition *d = model->inputs[i];
        size_t width = d->index == NULL ? 1 : d->index->count;
        if (d->type == MODEL_TEXT || pick(3) == 0) continue;
        for (size_t k = 0; k < width; k++) {
            if (!data_is_set(from, d, 0, k)) continue;
            if (pick(9) == 0)
                data_put_missing(data, d, entity, k);
            else if (d->type == MODEL_NUMBER)
                data_put(data, d, entity, k, data_number(from, d, 0, k) * (double)pick(5) / 2);
            else
                data_put(data, d, entity, k, data_number(from, d, 0, k));
        }
    }
}

static void assert_same_run(const struct model *model, const struct model_run *a,
                            const struct model_run *b)
{
    for (size_t i = 0; i < model->output_count; i++) {
        size_t cells = a->outputs[i].width * ENTITIES;
        if (memcmp(a->outputs[i].values, b->outputs[i].values, cells * sizeof(double)) != 0 ||
            memcmp(a->outputs[i].status, b->outputs[i].status, cells) != 0)
            fail_msg("%s: %.*s differs", model->info.name, STR_ARG(model->outputs[i]->name));
    }
}

/* Blocks compute only the keys that are used; one entity alone computes every key. */
static void assert_same_alone(const struct model *model, const struct model_run *run, size_t entity)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    const struct frame *frame = run_one(arena, run, entity);
    for (size_t i = 0; i < model->output_count; i++) {
        const struct definition *d = model->outputs[i];
        const struct run_output *output = &run->outputs[i];
        for (size_t k = 0; k < (d->index == NULL ? 1 : d->index->count); k++) {
            size_t at = entity * output->width + k;
            uint8_t found = output->status[at] & STATUS_CODE,
                    alone = frame->status[d->reg][k] & STATUS_CODE;
            if (found != alone ||
                (found == 0 &&
                 memcmp(&output->values[at], &frame->values[d->reg][k], sizeof(double)) != 0))
                fail_msg("%s: %.*s[%zu] of %zu: %.17g (%d), alone %.17g (%d)", model->info.name,
                         STR_ARG(d->name), k, entity, output->values[at], found,
                         frame->values[d->reg][k], alone);
        }
    }
}

static size_t check_model(const struct model *model)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct error err = {0};
    struct model_data *data = model_data_new(arena, model, ENTITIES);
    for (size_t e = 0; e < ENTITIES && model->example_count != 0; e++) {
        const char *failure;
        struct model_data *from =
            example_data(arena, model, model->examples[e % model->example_count], &failure);
        assert_non_null(from);
        change(arena, model, data, e, from);
    }
    struct model_run *run = model_run(arena, model, data, NULL, &err);
    for (int round = 0; round < ROUNDS && model->example_count != 0; round++) {
        size_t changed[2 * ENTITIES], count = 0, wanted = 1 + pick(round == 0 ? ENTITIES : 6);
        const char *failure;
        for (size_t i = 0; i < wanted; i++) {
            size_t entity = pick(ENTITIES);
            change(
                arena, model, data, entity,
                example_data(arena, model, model->examples[pick(model->example_count)], &failure));
            changed[count++] = entity; /* some twice, some neighbours, in no order */
        }
        assert_true(model_rerun(run, changed, count, &err));
        assert_same_run(model, run, model_run(arena, model, data, NULL, &err));
        for (size_t i = 0; i < count; i++) assert_same_alone(model, run, changed[i]);
    }
    return 1;
}

static void brought_up_to_date_is_made_anew(void **test)
{
    (void)test;
    struct model_library *library = shipped_models(NULL);
    size_t seen = 0;
    for (size_t i = 0; i < model_library_count(library); i++)
        seen += check_model(model_library_at(library, i));
    assert_true(seen >= 18);
    model_library_close(library);
}

/* Only what was named is computed again, and what is not there is refused. */
static void only_the_named_are_computed(void **test)
{
    (void)test;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error err = {0};
    struct model_library *library = shipped_models(NULL);
    const struct model *model = model_library_find(library, "ghg.steel", (date){16000});
    struct model_data *data = model_data_new(arena, model, 3);
    for (size_t e = 0; e < 3; e++)
        assert_true(model_data_set(data, e, STR("crude_steel"), STR(""), 10, STR("t"), 0, &err));
    struct model_run *run = model_run(arena, model, data, NULL, &err);
    for (size_t e = 0; e < 3; e++)
        assert_true(model_data_set(data, e, STR("crude_steel"), STR(""), 20, STR("t"), 0, &err));
    const size_t one[] = {1}, none[] = {3};
    assert_true(model_rerun(run, one, 1, &err));
    static const double wanted[] = {10, 20, 10};
    for (size_t e = 0; e < 3; e++)
        assert_true(model_run_value(run, e, "production_crude_steel", STR(""), NULL).number ==
                    wanted[e]);
    assert_false(model_rerun(run, none, 1, &err));
    assert_int_equal(err.code, ERROR_MODEL_ENTITY);
    model_library_close(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brought_up_to_date_is_made_anew),
        cmocka_unit_test(only_the_named_are_computed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
