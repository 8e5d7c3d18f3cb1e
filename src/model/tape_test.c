/* Tapes and derivatives on every example of every shipped model: a tape gives the bits of the
 * machine at the values of the run and anywhere else, and the walk back agrees with differences of
 * whole runs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/tape.h"
#include "shipped.h"
#include "unit.h"

static struct model_library *library;

static int open_library(void **state)
{
    (void)state;
    library = shipped_models(NULL);
    return 0;
}

static int close_library(void **state)
{
    (void)state;
    model_library_close(library);
    return 0;
}

struct visit {
    struct arena *arena;
    const struct model *model;
    const struct model_data *data;
    const struct model_run *run;
    const char *name;
};

static void each_example(void (*look)(struct visit *visit, size_t *seen), size_t *seen)
{
    for (size_t i = 0; i < model_library_count(library); i++) {
        const struct model *model = model_library_at(library, i);
        for (size_t e = 0; e < model->example_count; e++) {
            SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
            struct error err = {0};
            const char *failure;
            struct model_data *data = example_data(arena, model, model->examples[e], &failure);
            assert_non_null(data);
            struct visit visit = {arena, model, data, model_run(arena, model, data, NULL, &err),
                                  arena_printf(arena, "%s: %.*s", model->info.name,
                                               STR_ARG(model->examples[e]->name))};
            assert_non_null(visit.run);
            look(&visit, seen);
        }
    }
}

/* Every number of every output. */
static size_t all_roots(const struct visit *visit, struct tape_root **roots)
{
    size_t count = 0, capacity = 0;
    *roots = NULL;
    for (size_t i = 0; i < visit->model->output_count; i++) {
        const struct definition *d = visit->model->outputs[i];
        size_t width = d->index == NULL ? 1 : d->index->count;
        for (size_t k = 0; k < width; k++)
            *ARENA_PUSH(visit->arena, *roots, count, capacity) = (struct tape_root){d, k};
    }
    return count;
}

static bool same_bits(double a, double b)
{
    return a == b || memcmp(&a, &b, sizeof a) == 0;
}

static void compare_lane(const struct visit *visit, const struct tape *tape,
                         const struct tape_root *roots, const double *lanes, size_t stride,
                         size_t lane, const struct frame *frame, size_t *seen)
{
    for (size_t r = 0; r < tape->root_count; r++) {
        const struct definition *d = roots[r].definition;
        uint8_t status = frame->status[d->reg][roots[r].key] & STATUS_CODE;
        double found = lanes[(size_t)tape->roots[r] * stride + lane],
               wanted = frame->values[d->reg][roots[r].key];
        /* Of two reasons the tape may name the other one. */
        bool same = status == MODEL_OK ? same_bits(found, wanted) : !isfinite(found);
        if (!same)
            fail_msg("%s: %.*s[%zu], lane %zu: tape %.17g (status %d), machine %.17g (status %d)",
                     visit->name, STR_ARG(d->name), roots[r].key, lane, found, tape_status(found),
                     wanted, status);
        ++*seen;
    }
}

static uint64_t random_state;
static double random_number(void) /* 0 .. 1 */
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(random_state >> 11) / 9007199254740992.0;
}

static bool vary_inputs(void *thing, struct tape_variable *variable)
{
    (void)thing;
    (void)variable;
    return true;
}
static bool keep_factors(void *thing, struct tape_variable *variable)
{
    (void)thing;
    (void)variable;
    return false;
}

/* The same numbers through the machine: the data with this lane's values of the variables. */
static struct frame *run_lane(const struct visit *visit, const struct tape *tape,
                              const double *lanes, size_t stride, size_t lane)
{
    struct model_data *data = model_data_copy(visit->arena, visit->data, 0);
    for (size_t i = 0; i < tape->variable_count; i++) {
        const struct tape_variable *v = &tape->variables[i];
        data_put(data, v->input, 0, v->key, lanes[(size_t)v->node * stride + lane]);
    }
    struct model_run *run = ARENA_NEW(visit->arena, struct model_run);
    *run = *visit->run;
    run->data = data;
    return run_one(visit->arena, run, 0);
}

enum { LANES = 24 };

static void look_at_lanes(struct visit *visit, size_t *seen)
{
    static const struct tape_chooser inputs = {vary_inputs, keep_factors, NULL};
    struct tape_root *roots;
    size_t count = all_roots(visit, &roots);
    const struct frame *frame = run_one(visit->arena, visit->run, 0);
    const struct tape *tape = tape_make(visit->arena, tape_space_new(visit->arena, visit->model),
                                        frame, 0, roots, count, &inputs);
    double *lanes = ARENA_NEW_ARRAY(visit->arena, double, tape_lanes(tape, LANES));
    static const double factors[] = {1, 0, 0.5, 2, -1, 1000};
    random_state = 20260101;
    tape_fill(tape, lanes, LANES);
    for (size_t i = 0; i < tape->variable_count; i++)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[(size_t)tape->variables[i].node * LANES + lane] =
                tape->variables[i].base * (lane < 6 ? factors[lane] : 2.5 * random_number());
    tape_run(tape, lanes, LANES, LANES);
    for (size_t lane = 0; lane < LANES; lane++)
        compare_lane(visit, tape, roots, lanes, LANES, lane,
                     run_lane(visit, tape, lanes, LANES, lane), seen);
}

static void tape_gives_the_bits_of_the_machine(void **state)
{
    (void)state;
    size_t seen = 0;
    each_example(look_at_lanes, &seen);
    assert_true(seen > 20000);
}

static double output_at(struct visit *visit, const struct tape_variable *v, double value,
                        const struct definition *output, size_t key)
{
    struct model_data *data = model_data_copy(visit->arena, visit->data, 0);
    data_put(data, v->input, 0, v->key, value);
    struct model_run *run = ARENA_NEW(visit->arena, struct model_run);
    *run = *visit->run;
    run->data = data;
    const struct frame *frame = run_one(visit->arena, run, 0);
    if ((frame->status[output->reg][key] & STATUS_CODE) != MODEL_OK) return NAN;
    return frame->values[output->reg][key];
}

/* Central differences of whole runs, where both halves agree (no edge of a choice between). */
static void look_at_gradient(struct visit *visit, size_t *seen)
{
    struct tape_root *roots;
    size_t count = all_roots(visit, &roots);
    const struct frame *frame = run_one(visit->arena, visit->run, 0);
    struct tape_space *space = tape_space_new(visit->arena, visit->model);
    for (size_t r = 0; r < count; r++) {
        const struct definition *d = roots[r].definition;
        double value;
        enum tape_kink kink;
        if (d->type != MODEL_NUMBER ||
            (frame->status[d->reg][roots[r].key] & STATUS_CODE) != MODEL_OK)
            continue;
        const struct tape *tape =
            tape_make(visit->arena, space, frame, 0, &roots[r], 1, &tape_everything);
        double *slopes = ARENA_NEW_ARRAY(visit->arena, double, tape->variable_count + 1);
        assert_true(tape_gradient(visit->arena, tape, tape->roots[0], &value, slopes, &kink));
        assert_true(same_bits(value, frame->values[d->reg][roots[r].key]));
        for (size_t i = 0; i < tape->variable_count; i++) {
            const struct tape_variable *v = &tape->variables[i];
            double step = fmax(fabs(v->base), 1e-3) * 1e-5;
            if (v->input == NULL) continue;
            double low = output_at(visit, v, v->base - step, d, roots[r].key),
                   high = output_at(visit, v, v->base + step, d, roots[r].key);
            double left = (value - low) / step, right = (high - value) / step;
            double noise = 1e-14 * fabs(value) / step + 1e-300,
                   tolerance = 2e-4 * fmax(fabs(left), fabs(right)) + 100 * noise;
            if (!(fabs(right - left) <= tolerance)) continue; /* an edge: checked by hand below */
            bool agrees = fabs(slopes[i] - (left + right) / 2) <= tolerance;
            if (!agrees && kink == TAPE_AT_KINK) continue; /* of the side that the run takes */
            if (!agrees)
                fail_msg("%s: d %.*s[%zu] / d %.*s[%zu] is %.12g, by differences %.12g",
                         visit->name, STR_ARG(d->name), roots[r].key, STR_ARG(v->input->name),
                         v->key, slopes[i], (left + right) / 2);
            ++*seen;
        }
    }
}

static void gradient_agrees_with_differences(void **state)
{
    (void)state;
    size_t seen = 0;
    each_example(look_at_gradient, &seen);
    assert_true(seen > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tape_gives_the_bits_of_the_machine),
        cmocka_unit_test(gradient_agrees_with_differences),
    };
    return cmocka_run_group_tests(tests, open_library, close_library);
}
