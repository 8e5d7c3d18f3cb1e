/* The model engine in a program of one's own: four threads share one library, each computes an
 * enterprise, its gradient and its uncertainty.
 *
 *     cc embed.c $(pkg-config --cflags --libs tanshu_model) -lpthread -o embed
 *     ./embed ROOT         (ROOT holds models/ and tables/)
 *
 * A library is open for all threads and is never changed; data, runs and results belong to an
 * arena, and an arena to one thread. */
#include <pthread.h>
#include <stdio.h>

#include <tanshu_model.h>

enum { THREADS = 4 };

struct job {
    pthread_t thread;
    const struct model *model;
    double coal_t, total, deviation, per_coal_t;
    char failure[256];
};

/* Keeps what went wrong for the thread that waits. */
static void *fail(struct job *job, struct arena *arena, const struct error *err)
{
    snprintf(job->failure, sizeof job->failure, "%s",
             error_render(arena, err, error_sentence(err->code)));
    return NULL;
}

static void *compute(void *thing)
{
    struct job *job = thing;
    struct error err = {0};
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_data *data = model_data_new(arena, job->model, 1);
    str coal = STR("bituminous"), none = STR("");
    struct model_spread spread = {MODEL_SPREAD_NORMAL, 0.05};
    if (!model_data_set(data, 0, STR("burnt"), coal, job->coal_t, STR("t"), 0, &err) ||
        !model_data_set_spread(data, 0, STR("burnt"), coal, spread, &err))
        return fail(job, arena, &err);

    struct model_run *run = model_run(arena, job->model, data, NULL, &err);
    if (run == NULL) return fail(job, arena, &err);
    job->total = model_run_value(run, 0, "scope1_fuel", none, NULL).number;

    struct model_gradient gradient = model_gradient(arena, run, 0, "scope1_fuel", none);
    for (size_t i = 0; i < gradient.count; i++)
        if (gradient.partials[i].input != NULL) job->per_coal_t = gradient.partials[i].derivative;

    struct model_uncertainty u;
    struct model_uncertainty_options options = {.draws = 2000, .seed = 1};
    if (!model_uncertainty(arena, run, "scope1_fuel", none, &options, &u, &err))
        return fail(job, arena, &err);
    job->deviation = u.deviation;
    return NULL;
}

int main(int argc, char **argv)
{
    const char *roots[] = {argc > 1 ? argv[1] : "."};
    struct error err = {0};
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_diagnostics found = {.arena = arena};
    struct model_library *library = model_library_open(roots, 1, &found, &err);
    for (size_t i = 0; i < found.count; i++)
        fprintf(stderr, "%s:%d: %s\n", found.list[i].file, found.list[i].line,
                found.list[i].message);
    if (library == NULL) {
        fprintf(stderr, "%s\n", error_render(arena, &err, error_sentence(err.code)));
        return 1;
    }
    date day;
    const struct model *model = NULL;
    if (date_parse_iso(STR("2014-12-31"), &day))
        model = model_library_find(library, "ghg.steel", day);
    if (model == NULL) {
        fprintf(stderr, "No model ghg.steel below %s\n", roots[0]);
        model_library_close(library);
        return 1;
    }
    struct job jobs[THREADS];
    int failed = 0;
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (struct job){.model = model, .coal_t = 1000.0 * (i + 1)};
        if (pthread_create(&jobs[i].thread, NULL, compute, &jobs[i]) != 0) return 1;
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(jobs[i].thread, NULL);
        if (jobs[i].failure[0] != '\0') {
            fprintf(stderr, "%s\n", jobs[i].failure);
            failed = 1;
            continue;
        }
        printf("%.0f t coal: %.3f t CO2e, standard deviation %.3f, %.4f t CO2e for each t\n",
               jobs[i].coal_t, jobs[i].total, jobs[i].deviation, jobs[i].per_coal_t);
    }
    model_library_close(library);
    return failed;
}
