/* Several threads share one library: each fills data, runs, explains, converts and digests, and all
 * get what one alone gets. Built with -Db_sanitize=thread it shows that nothing is shared that
 * changes. */
#include "unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/tanshu_model.h"
#include "shipped.h"

enum { THREADS = 6, ROUNDS = 2 };

struct job {
    const struct model_library *library;
    digest result;
};

static void add(struct digest_state *sum, const char *text)
{
    if (text != NULL) digest_add(sum, text, strlen(text) + 1);
}

static void fill(struct model_data *data, const struct model_info *info)
{
    for (size_t i = 0; i < info->input_count; i++) {
        const struct model_input *in = &info->inputs[i];
        struct error err = {0};
        str key = in->index == NULL ? (str){"", 0} : str_from(in->keys[0].id);
        double value = in->has_min ? in->min + (in->has_max ? (in->max - in->min) / 3 : 7) : 12.5;
        bool fine =
            in->type == MODEL_NUMBER   ? model_data_set(data, 0, str_from(in->name), key, value,
                                                        (str){"", 0}, (int64_t)i, &err)
            : in->type == MODEL_CHOICE ? model_data_set_text(data, 0, str_from(in->name), key,
                                                             str_from(in->choices[0].id), 1, &err)
            : in->type == MODEL_DATE
                ? model_data_set_text(data, 0, str_from(in->name), key, STR("2024-12-31"), 1, &err)
                : model_data_set_text(data, 0, str_from(in->name), key, STR("true"), 1, &err);
        (void)fine; /* a row that ships disabled stays unset, in every thread */
    }
}

static void use_model(struct digest_state *sum, const struct model_library *library,
                      const struct model *model)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    const struct model_info *info = model_info(model);
    struct model_data *data = model_data_new(arena, model, 3);
    struct error err = {0};
    fill(data, info);
    digest inputs = model_data_digest(data);
    digest_add(sum, inputs.bytes, DIGEST_BYTES);
    const struct model_run *run =
        model_run(arena, model, data, &(struct model_run_options){.threads = 2}, &err);
    CHECK(run != NULL);
    for (size_t i = 0; i < info->output_count; i++) {
        const struct model_output *o = &info->outputs[i];
        str key = o->index == NULL ? (str){"", 0} : str_from(o->keys[0].id);
        struct model_value value = model_run_value(run, 0, o->name, key, NULL);
        digest_add(sum, &value.number, sizeof value.number);
        add(sum, value.text);
        if (i < 3)
            add(sum, model_explain_text(arena, model_explain(arena, run, 0, o->name, key), false));
    }
    const struct model_note *notes;
    size_t count = model_run_notes(arena, run, 0, &notes);
    for (size_t i = 0; i < count; i++) add(sum, notes[i].input);
    double converted;
    CHECK(model_unit_convert(library, 3, STR("万kWh"), STR("GJ"), &converted, &err));
    digest_add(sum, &converted, sizeof converted);
    const struct model_example_result *results;
    count = model_test(arena, model, &results);
    for (size_t i = 0; i < count; i++) digest_add(sum, &results[i].passed, sizeof(bool));
}

static void *work(void *thing)
{
    struct job *job = thing;
    struct digest_state *sum = digest_begin();
    for (size_t i = 0; i < model_library_count(job->library); i++)
        use_model(sum, job->library, model_library_at(job->library, i));
    job->result = digest_end(sum);
    return NULL;
}

static void test_shared(void **state)
{
    (void)state;
    struct model_library *library = shipped_models(NULL);
    struct job alone = {.library = library}, jobs[THREADS];
    pthread_t threads[THREADS];
    work(&alone);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < THREADS; i++) {
            jobs[i] = (struct job){.library = library};
            assert_int_equal(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
        }
        for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
        for (int i = 0; i < THREADS; i++) assert_true(digest_equal(alone.result, jobs[i].result));
    }
    model_library_close(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
