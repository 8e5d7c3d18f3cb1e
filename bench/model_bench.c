/* Model runs beside hand-written C loops over the same arrays, in one process: emissions of many
 * enterprises with twenty fuels each, and with four of forty; then whole methods. Prints a line
 * `name value unit` for each; bench/model_rivals.py sets others beside them.
 * usage: model_bench SOURCE [ENTERPRISES [FOLDER for the rivals' data]] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "bench/model_bench.h"
#include "model/tanshu_model.h"

enum { FUELS = 20, FUELS_ALL = 40, FUELS_USED = 4, ROUNDS = 7 };

double bench_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static const char text[] = "model bench.fuels 1\n"
                           "  table fuel from \"fuels.csv\"\n"
                           "  input burnt[fuel] : fuel.unit\n"
                           "  let combustion[fuel] : t CO2 = burnt * fuel.ncv * fuel.carbon * "
                           "fuel.oxidation * 44/12 (t CO2)/(t C)\n"
                           "  out total : t CO2 = sum(combustion)\n";

uint64_t bench_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

void bench_print(const char *name, double value, const char *unit)
{
    printf("%s %.17g %s\n", name, value, unit);
}

static double ncv[FUELS_ALL], carbon[FUELS_ALL], oxidation[FUELS_ALL];

/* A root of its own: the units of the sources, a table of twenty fuels. */
static const struct model *load(struct arena *arena, const char *units, int fuel_count,
                                struct model_library **library)
{
    struct error err = {0};
    struct model_diagnostics found = {.arena = arena};
    char folder[] = "/tmp/tanshu-bench-XXXXXX";
    if (mkdtemp(folder) == NULL) return NULL;
    struct buf *table = buf_new(arena);
    str atoms;
    buf_puts(table, "id,unit : unit,ncv : GJ/unit,carbon : (t C)/GJ,oxidation : 1\n");
    for (int k = 0; k < fuel_count; k++) {
        char number[NUM_TEXT_MAX];
        ncv[k] = 10 + 1.75 * k;
        carbon[k] = 0.0153 + 0.0007 * k;
        oxidation[k] = 0.90 + 0.005 * k;
        buf_printf(table, "f%d,t,", k);
        num_format(ncv[k], number);
        buf_printf(table, "%s,", number);
        num_format(carbon[k], number);
        buf_printf(table, "%s,", number);
        num_format(oxidation[k], number);
        buf_printf(table, "%s\n", number);
    }
    const struct model *model = NULL;
    char *tables = arena_printf(arena, "%s/tables/units", folder),
         *file = arena_printf(arena, "%s/bench.model", folder);
    bool fine =
        file_make_directory(tables, &err) && file_read(arena, units, 1 << 20, &atoms, &err) &&
        file_write(arena_printf(arena, "%s/atoms.csv", tables), atoms, &err) &&
        file_write(arena_printf(arena, "%s/tables/fuels.csv", folder), buf_str(table), &err) &&
        file_write(file, str_from(text), &err);
    const char *roots[] = {folder};
    if (fine && (*library = model_library_open(roots, 1, &found, &err)) != NULL)
        (void)model_library_add_file(*library, file, &model, &found);
    for (size_t i = 0; i < found.count; i++) fprintf(stderr, "%s\n", found.list[i].message);
    static const char *const made[] = {"tables/units/atoms.csv", "tables/fuels.csv", "bench.model"};
    for (size_t i = 0; i < ARRAY_LEN(made); i++)
        unlink(arena_printf(arena, "%s/%s", folder, made[i]));
    rmdir(tables);
    rmdir(arena_printf(arena, "%s/tables", folder));
    rmdir(folder);
    return model;
}

__attribute__((noinline)) static void by_hand(const double *restrict burnt,
                                              const double *restrict factor, double *restrict total,
                                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t k = 0; k < FUELS; k++) sum += burnt[i * FUELS + k] * factor[k];
        total[i] = sum;
    }
}

/* The loop as the engine is measured: it makes its own result, which is then kept as `wanted`. */
static double time_by_hand(const double *burnt, const double *factor, double *wanted, size_t count)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    double start = bench_now_ns();
    double *total = arena_try_alloc_bare(arena, count * sizeof *total);
    if (total == NULL) return INFINITY;
    by_hand(burnt, factor, total, count);
    double spent = bench_now_ns() - start;
    memcpy(wanted, total, count * sizeof *total);
    return spent;
}

static double folded(int k)
{
    return ncv[k] * carbon[k] * oxidation[k] * 44 / 12;
}

static bool write_numbers(struct arena *arena, const char *folder, const char *name,
                          const double *values, size_t count)
{
    if (folder == NULL) return true;
    FILE *file = fopen(arena_printf(arena, "%s/%s", folder, name), "wb");
    bool fine = file != NULL && fwrite(values, sizeof *values, count, file) == count;
    return file != NULL && fclose(file) == 0 && fine;
}

static double largest_difference(const struct model_run *run, const double *total, size_t count)
{
    double difference = 0;
    for (size_t i = 0; i < count; i += count / 1000 + 1) {
        struct model_value value = model_run_value(run, i, "total", (str){"", 0}, NULL);
        difference = fmax(difference, fabs(value.number - total[i]) / total[i]);
    }
    return difference;
}

/* On all processors, on the wall. */
static double time_all(const struct model *model, const struct model_data *data)
{
    struct model_run_options all = {.threads = bench_processors()};
    double best = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
        struct error err = {0};
        double start = bench_wall_ns();
        if (model_run(arena, model, data, &all, &err) == NULL) return NAN;
        best = fmin(best, bench_wall_ns() - start);
    }
    return best;
}

/* Reading the inputs alone, once: nobody is faster. */
static void print_bounds(const double *burnt, size_t count)
{
    int all = bench_processors();
    bench_print("processors", all, "");
    bench_print("dense_bytes", FUELS * sizeof *burnt, "bytes/entity");
    bench_print("dense_read", bench_read_ns(burnt, count * FUELS, 1) / (double)count, "ns/entity");
    bench_print("dense_read_all", bench_read_ns(burnt, count * FUELS, all) / (double)count,
                "ns/entity");
}

static bool bench_dense(const char *atoms, size_t count, const char *folder)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)8 << 30);
    struct model_library *library = NULL;
    const struct model *model = load(arena, atoms, FUELS, &library);
    if (model == NULL) return false;
    double *burnt = ARENA_NEW_ARRAY(arena, double, count *FUELS);
    uint64_t random = 88172645463325252u;
    for (size_t i = 0; i < count * FUELS; i++)
        burnt[i] = (double)(bench_random(&random) % 1000000) / 7;
    double *wanted = ARENA_NEW_ARRAY(arena, double, count);
    double factor[FUELS], best_hand = INFINITY, best_model = INFINITY, best_one = INFINITY;
    double difference = 0, sum = 0;
    for (int k = 0; k < FUELS; k++) factor[k] = folded(k);
    for (int round = 0; round < ROUNDS; round++) {
        SCOPED(arena_close_scoped) struct arena *inner = arena_open((size_t)1 << 30);
        struct error err = {0};
        best_hand = fmin(best_hand, time_by_hand(burnt, factor, wanted, count));
        struct model_data *data = model_data_new(inner, model, count);
        if (!model_data_set_dense(data, STR("burnt"), burnt, &err)) return false;
        double start = bench_now_ns();
        struct model_run *run = model_run(inner, model, data, NULL, &err);
        best_model = fmin(best_model, bench_now_ns() - start);
        if (run == NULL) return false;
        difference = fmax(difference, largest_difference(run, wanted, count));
        for (size_t i = 0; round == 0 && i < count; i++) sum += wanted[i];
        size_t changed = count / 3 + (size_t)round;
        start = bench_now_ns();
        if (!model_rerun(run, &changed, 1, &err)) return false;
        best_one = fmin(best_one, bench_now_ns() - start);
    }
    struct model_data *data = model_data_new(arena, model, count);
    struct error err = {0};
    if (!model_data_set_dense(data, STR("burnt"), burnt, &err)) return false;
    print_bounds(burnt, count);
    bench_print("dense", best_model / (double)count, "ns/entity");
    bench_print("dense_all", time_all(model, data) / (double)count, "ns/entity");
    bench_print("dense_by_hand", best_hand / (double)count, "ns/entity");
    bench_print("dense_ratio", best_model / best_hand, "");
    bench_print("dense_difference", difference, "");
    bench_print("dense_total", sum, "tCO2");
    bench_print("dense_one_changed", best_one / 1000, "us");
    bool fine = difference < 1e-12 &&
                write_numbers(arena, folder, "dense.f64", burnt, count * FUELS) &&
                write_numbers(arena, folder, "factor.f64", factor, FUELS);
    model_library_close(library);
    return fine;
}

struct used {
    double value;
    uint32_t fuel;
};

__attribute__((noinline)) static void sparse_by_hand(const struct used *restrict used,
                                                     const double *restrict factor,
                                                     double *restrict total, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t k = 0; k < FUELS_USED; k++)
            sum += used[i * FUELS_USED + k].value * factor[used[i * FUELS_USED + k].fuel];
        total[i] = sum;
    }
}

static double time_sparse_by_hand(const struct used *used, const double *factor, double *wanted,
                                  size_t count)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    double start = bench_now_ns();
    double *total = arena_try_alloc_bare(arena, count * sizeof *total);
    if (total == NULL) return INFINITY;
    sparse_by_hand(used, factor, total, count);
    double spent = bench_now_ns() - start;
    memcpy(wanted, total, count * sizeof *total);
    return spent;
}

static bool bench_sparse(const char *atoms, size_t count)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)8 << 30);
    struct model_library *library = NULL;
    const struct model *model = load(arena, atoms, FUELS_ALL, &library);
    if (model == NULL) return false;
    struct model_data *data = model_data_new(arena, model, count);
    struct used *used = ARENA_NEW_ARRAY(arena, struct used, count * FUELS_USED);
    double *wanted = ARENA_NEW_ARRAY(arena, double, count);
    double factor[FUELS_ALL], best_hand = INFINITY, best_model = INFINITY, difference = 0;
    char names[FUELS_ALL][8];
    struct error err = {0};
    uint64_t random = 88172645463325252u;
    for (int k = 0; k < FUELS_ALL; k++) {
        factor[k] = folded(k);
        snprintf(names[k], sizeof names[k], "f%d", k);
    }
    for (size_t i = 0; i < count * FUELS_USED; i++) {
        uint32_t part = FUELS_ALL / FUELS_USED, at = (uint32_t)(i % FUELS_USED);
        used[i].fuel = at * part + (uint32_t)(bench_random(&random) % part);
        used[i].value = 1 + (double)(bench_random(&random) % 1000000) / 7;
        if (!model_data_set(data, i / FUELS_USED, STR("burnt"), str_from(names[used[i].fuel]),
                            used[i].value, (str){"", 0}, 0, &err))
            return false;
    }
    for (int round = 0; round < ROUNDS; round++) {
        SCOPED(arena_close_scoped) struct arena *inner = arena_open((size_t)1 << 30);
        best_hand = fmin(best_hand, time_sparse_by_hand(used, factor, wanted, count));
        double start = bench_now_ns();
        struct model_run *run = model_run(inner, model, data, NULL, &err);
        best_model = fmin(best_model, bench_now_ns() - start);
        if (run == NULL) return false;
        difference = fmax(difference, largest_difference(run, wanted, count));
    }
    bench_print("sparse", best_model / (double)count, "ns/entity");
    bench_print("sparse_all", time_all(model, data) / (double)count, "ns/entity");
    bench_print("sparse_by_hand", best_hand / (double)count, "ns/entity");
    bench_print("sparse_ratio", best_model / best_hand, "");
    model_library_close(library);
    return difference < 1e-12;
}

int main(int argc, char **argv)
{
    int64_t count = 1000000;
    if (argc < 2 || (argc > 2 && (!num_parse_int(str_from(argv[2]), &count) || count < 1000))) {
        fputs("usage: model_bench SOURCE [ENTERPRISES [FOLDER]]\n", stderr);
        return 2;
    }
    const char *folder = argc > 3 ? argv[3] : NULL;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *atoms = arena_printf(arena, "%s/tables/units/atoms.csv", argv[1]);
    return bench_dense(atoms, (size_t)count, folder) && bench_sparse(atoms, (size_t)count) &&
                   bench_methods(argv[1], (size_t)count / 5, folder)
               ? 0
               : 1;
}
