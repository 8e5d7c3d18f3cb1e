/* Whole methods: the iron-and-steel model and the credit score over many enterprises, a single one
 * that changed, draws, and the time to load every model. Each prints `name value unit`; the inputs
 * are left in a folder for the rivals. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/model_bench.h"
#include "model/tanshu_model.h"

enum { FUELS_EACH = 3, DRAWN_ENTITIES = 500, DRAWS = 2000 };

static const char *const fuels[] = {
    "anthracite",    "bituminous",  "lignite", "washed_coal", "coke",
    "coke_oven_gas", "natural_gas", "diesel",  "fuel_oil",    "lpg"};
static const char *const regions[] = {"north", "northeast", "east", "south"};

static void make_row(uint64_t *random, struct bench_steel_row *row)
{
    for (int k = 0; k < FUELS_EACH; k++) {
        row->fuel_number[k] = (double)(3 * k + (int)(bench_random(random) % 3)); /* 0 .. 8 */
        row->burnt[k] = 1000 + (double)(bench_random(random) % 100000) / 7;
    }
    row->ncv = bench_random(random) % 10 == 0 ? 18 + (double)(bench_random(random) % 100) / 50 : 0;
    row->limestone = (double)(bench_random(random) % 10000);
    row->electrode = (double)(bench_random(random) % 800);
    row->pig_iron = (double)(bench_random(random) % 5000);
    row->power = (double)(bench_random(random) % 300000);
    row->heat = (double)(bench_random(random) % 50000);
    row->crude = 1 + (double)(bench_random(random) % 1000000);
    row->region = (double)(bench_random(random) % 4);
}

static bool put(struct model_data *data, size_t entity, const char *input, const char *key,
                double value)
{
    struct error err = {0};
    if (model_data_set(data, entity, str_from(input), str_from(key), value, STR(""), 0, &err))
        return true;
    fprintf(stderr, "%s[%s]: %s\n", input, key, error_sentence(err.code));
    return false;
}

static bool put_row(struct model_data *data, size_t e, const struct bench_steel_row *row)
{
    struct error err = {0};
    bool fine =
        model_data_set_text(data, e, STR("region"), STR(""), str_from(regions[(int)row->region]), 0,
                            &err) &&
        model_data_set_text(data, e, STR("period_end"), STR(""), STR("2014-12-31"), 0, &err);
    for (int k = 0; k < FUELS_EACH; k++)
        fine = fine && put(data, e, "burnt", fuels[(int)row->fuel_number[k]], row->burnt[k]);
    if (row->ncv > 0)
        fine = fine && put(data, e, "ncv_measured", fuels[(int)row->fuel_number[0]], row->ncv);
    return fine && put(data, e, "flux_used", "limestone", row->limestone) &&
           put(data, e, "electrode_used", "electrode", row->electrode) &&
           put(data, e, "raw_bought", "pig_iron", row->pig_iron) &&
           put(data, e, "electricity_purchased", "", row->power) &&
           put(data, e, "heat_purchased", "", row->heat) &&
           put(data, e, "fixed_output", "crude_steel", row->crude) &&
           put(data, e, "crude_steel", "", row->crude) &&
           put(data, e, "steel_products", "", row->crude);
}

/* What one unit of an input comes to, asked of the model; `measured`: its heat is 1 GJ. */
static double ask(const struct model *model, const char *region, const char *input, const char *key,
                  bool measured)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_data *data = model_data_new(arena, model, 1);
    struct error err = {0};
    if (!model_data_set_text(data, 0, STR("region"), STR(""), str_from(region), 0, &err) ||
        !model_data_set_text(data, 0, STR("period_end"), STR(""), STR("2014-12-31"), 0, &err) ||
        !put(data, 0, "electricity_purchased", "", 0) || !put(data, 0, input, key, 1) ||
        (measured && !put(data, 0, "ncv_measured", key, 1)))
        return NAN;
    const struct model_run *run = model_run(arena, model, data, NULL, &err);
    return run == NULL ? NAN : model_run_value(run, 0, "total", STR(""), NULL).number;
}

static struct bench_steel_factors ask_factors(const struct model *model)
{
    struct bench_steel_factors k = {
        .limestone = ask(model, "north", "flux_used", "limestone", false),
        .electrode = ask(model, "north", "electrode_used", "electrode", false),
        .pig_iron = ask(model, "north", "raw_bought", "pig_iron", false),
        .crude = -ask(model, "north", "fixed_output", "crude_steel", false),
        .heat = ask(model, "north", "heat_purchased", "", false)};
    for (int i = 0; i < 10; i++) {
        k.fuel[i] = ask(model, "north", "burnt", fuels[i], true);
        k.ncv[i] = ask(model, "north", "burnt", fuels[i], false) / k.fuel[i];
    }
    for (int i = 0; i < 4; i++)
        k.grid[i] = ask(model, regions[i], "electricity_purchased", "", false);
    return k;
}

/* The same mills in C alone; false when it comes to another total. */
static bool bench_steel_rows(const struct model *model, const struct bench_steel_row *rows,
                             size_t count, double wanted)
{
    struct bench_steel_factors factors = ask_factors(model);
    double best = INFINITY, total = 0;
    for (int i = 0; i < 7; i++) {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)4 << 30);
        double start = bench_now_ns();
        struct bench_steel_result *results = arena_try_alloc_bare(arena, count * sizeof *results);
        if (results == NULL) return false;
        bench_steel_by_hand(rows, &factors, results, count);
        best = fmin(best, bench_now_ns() - start);
        total = 0;
        for (size_t e = 0; e < count; e++) total += results[e].total;
    }
    bench_print("steel_by_hand", best / (double)count, "ns/entity");
    return fabs(total / wanted - 1) < 1e-12;
}

static struct model_data *steel_data(struct arena *arena, const struct model *model, size_t count,
                                     const char *folder, struct bench_steel_row *rows)
{
    struct model_data *data = model_data_new(arena, model, count);
    uint64_t random = 88172645463325252u;
    FILE *file = folder == NULL ? NULL : fopen(arena_printf(arena, "%s/steel.f64", folder), "wb");
    for (size_t e = 0; e < count; e++) {
        make_row(&random, &rows[e]);
        if (!put_row(data, e, &rows[e])) return NULL;
    }
    if (file != NULL && fwrite(rows, sizeof *rows, count, file) != count) return NULL;
    if (file != NULL) fclose(file);
    return data;
}

/* Time of the processor on one thread, on the wall on several. */
static double best_run(const struct model *model, const struct model_data *data, size_t times,
                       int threads)
{
    struct model_run_options options = {.threads = threads};
    double best = INFINITY;
    for (size_t i = 0; i < times; i++) {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)4 << 30);
        struct error err = {0};
        double start = threads > 1 ? bench_wall_ns() : bench_now_ns();
        if (model_run(arena, model, data, &options, &err) == NULL) return NAN;
        best = fmin(best, (threads > 1 ? bench_wall_ns() : bench_now_ns()) - start);
    }
    return best;
}

static bool bench_steel(const struct model *model, size_t count, const char *folder)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)16 << 30);
    struct error err = {0};
    struct bench_steel_row *rows = ARENA_NEW_ARRAY(arena, struct bench_steel_row, count);
    struct model_data *data = steel_data(arena, model, count, folder, rows);
    if (data == NULL) return false;
    bench_print("steel", best_run(model, data, 7, 1) / (double)count, "ns/entity");
    bench_print("steel_all", best_run(model, data, 7, bench_processors()) / (double)count,
                "ns/entity");
    struct model_run *run = model_run(arena, model, data, NULL, &err);
    double total = 0, best = INFINITY;
    for (size_t e = 0; e < count; e++)
        total += model_run_value(run, e, "total", STR(""), NULL).number;
    bench_print("steel_total", total, "tCO2e");
    if (!bench_steel_rows(model, rows, count, total)) return false;
    for (int i = 0; i < 50; i++) {
        size_t changed = count / 2 + (size_t)i;
        double start = bench_now_ns();
        if (!put(data, changed, "burnt", "coke", 1000 + i) || !model_rerun(run, &changed, 1, &err))
            return false;
        best = fmin(best, bench_now_ns() - start);
    }
    bench_print("steel_one_changed", best / 1000, "us");
    return true;
}

static bool bench_grade(const struct model *model, size_t count)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)16 << 30);
    static const char *const inputs[] = {"carbon_ratio",
                                         "energy_ratio",
                                         "trend",
                                         "emission_full",
                                         "output_main",
                                         "electricity",
                                         "revenue",
                                         "plan_progress",
                                         "prev_emission_full",
                                         "prev_output_main",
                                         "prev2_emission_full",
                                         "prev2_output_main",
                                         "q",
                                         "penalties",
                                         "disclosure"};
    static const double sizes[] = {1.5, 1.2, 0.1, 1e6, 1e6, 1e5, 1e9, 1,
                                   1e6, 1e6, 1e6, 1e6, 1,   2,   1};
    struct model_data *data = model_data_new(arena, model, count);
    uint64_t random = 88172645463325252u;
    struct error err = {0};
    for (size_t e = 0; e < count; e++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            if (!put(data, e, inputs[i], "",
                     sizes[i] * (double)(1 + bench_random(&random) % 1000) / 1000))
                return false;
        if (!model_data_set_text(data, e, STR("label"), STR(""), STR("yellow"), 0, &err) ||
            !model_data_set_text(data, e, STR("confidence_of_data"), STR(""), STR("B"), 0, &err))
            return false;
    }
    bench_print("grade", best_run(model, data, 5, 1) / (double)count, "ns/entity");
    return true;
}

/* A portfolio of mills: own errors of six inputs each, and rows of tables shared by all. */
static bool bench_draws(const struct model *model)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)4 << 30);
    struct model_data *data = model_data_new(arena, model, DRAWN_ENTITIES);
    struct model_spread five = {MODEL_SPREAD_NORMAL, 0.05};
    struct error err = {0};
    static const char *const three[] = {"bituminous", "coke", "natural_gas"};
    for (size_t e = 0; e < DRAWN_ENTITIES; e++) {
        bool fine =
            model_data_set_text(data, e, STR("region"), STR(""), STR("north"), 0, &err) &&
            model_data_set_text(data, e, STR("period_end"), STR(""), STR("2014-12-31"), 0, &err) &&
            put(data, e, "electricity_purchased", "", 1000 + (double)e) &&
            put(data, e, "flux_used", "limestone", 500) &&
            put(data, e, "fixed_output", "crude_steel", 1000);
        for (int k = 0; k < 3; k++)
            fine = fine && put(data, e, "burnt", three[k], 1000 + (double)e) &&
                   model_data_set_spread(data, e, STR("burnt"), str_from(three[k]), five, &err);
        if (!fine ||
            !model_data_set_spread(data, e, STR("electricity_purchased"), STR(""), five, &err) ||
            !model_data_set_spread(data, e, STR("flux_used"), STR("limestone"), five, &err) ||
            !model_data_set_spread(data, e, STR("fixed_output"), STR("crude_steel"), five, &err))
            return false;
    }
    const struct model_run *run = model_run(arena, model, data, NULL, &err);
    double best = INFINITY, best_all = INFINITY;
    struct model_uncertainty u;
    for (int i = 0; i < 14; i++) {
        SCOPED(arena_close_scoped) struct arena *inner = arena_open((size_t)1 << 30);
        bool all = i % 2 != 0;
        struct model_uncertainty_options options = {
            .draws = DRAWS, .seed = 1, .threads = all ? bench_processors() : 1};
        double start = all ? bench_wall_ns() : bench_now_ns();
        if (!model_uncertainty(inner, run, "total", STR(""), &options, &u, &err)) return false;
        if (all)
            best_all = fmin(best_all, bench_wall_ns() - start);
        else
            best = fmin(best, bench_now_ns() - start);
    }
    bench_print("draws", best / ((double)DRAWN_ENTITIES * DRAWS), "ns/draw/entity");
    bench_print("draws_all", best_all / ((double)DRAWN_ENTITIES * DRAWS), "ns/draw/entity");
    bench_print("draws_deviation", u.drawn_deviation / u.value * 100, "%");
    return true;
}

static bool bench_load(const char *source)
{
    double best = INFINITY;
    size_t models = 0;
    for (int i = 0; i < 5; i++) {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
        struct model_diagnostics found = {.arena = arena};
        struct error err = {0};
        const char *roots[] = {source};
        double start = bench_now_ns();
        struct model_library *library = model_library_open(roots, 1, &found, &err);
        best = fmin(best, bench_now_ns() - start);
        if (library == NULL) return false;
        models = model_library_count(library);
        model_library_close(library);
    }
    bench_print("load", best / 1e6, "ms");
    bench_print("models", (double)models, "");
    return true;
}

bool bench_methods(const char *source, size_t count, const char *folder)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct model_diagnostics found = {.arena = arena};
    struct error err = {0};
    const char *roots[] = {source};
    struct model_library *library = model_library_open(roots, 1, &found, &err);
    if (library == NULL) return false;
    const struct model *steel = model_library_find_version(library, "ghg.steel", "2013.1"),
                       *grade = model_library_find_version(library, "credit.grade", "1.1");
    bool fine = steel != NULL && grade != NULL && bench_load(source) &&
                bench_steel(steel, count, folder) && bench_grade(grade, count / 2) &&
                bench_draws(steel);
    model_library_close(library);
    return fine;
}
