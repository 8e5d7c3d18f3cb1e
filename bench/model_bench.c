/* A model run beside a hand-written C loop over the same arrays, in one process: emissions of many
 * enterprises with twenty fuels each. Prints ns per enterprise of both and their ratio. */
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
#include "model/tanshu_model.h"

enum { FUELS = 20, ROUNDS = 7 };

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static const char text[] = "model bench.fuels 1\n"
                           "  table fuel from \"fuels.csv\"\n"
                           "  input burnt[fuel] : fuel.unit\n"
                           "  let combustion[fuel] : t CO2 = burnt * fuel.ncv * fuel.carbon * "
                           "fuel.oxidation * 44/12 (t CO2)/(t C)\n"
                           "  out total : t CO2 = sum(combustion)\n";

static double ncv[FUELS], carbon[FUELS], oxidation[FUELS];

/* A root of its own: the units of the sources, a table of twenty fuels. */
static const struct model *load(struct arena *arena, const char *units,
                                struct model_library **library)
{
    struct error err = {0};
    struct model_diagnostics found = {.arena = arena};
    char folder[] = "/tmp/tanshu-bench-XXXXXX";
    if (mkdtemp(folder) == NULL) return NULL;
    struct buf *table = buf_new(arena);
    str atoms;
    buf_puts(table, "id,unit : unit,ncv : GJ/unit,carbon : (t C)/GJ,oxidation : 1\n");
    for (int k = 0; k < FUELS; k++) {
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

int main(int argc, char **argv)
{
    size_t count = 1000000;
    int64_t asked;
    if (argc > 1 && num_parse_int(str_from(argv[1]), &asked) && asked > 0) count = (size_t)asked;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)4 << 30);
    struct model_library *library = NULL;
    const struct model *model = load(arena, argc > 2 ? argv[2] : TANSHU_ATOMS, &library);
    if (model == NULL) return 1;
    double *burnt = ARENA_NEW_ARRAY(arena, double, count *FUELS);
    uint64_t random = 88172645463325252u;
    for (size_t i = 0; i < count * FUELS; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        burnt[i] = (double)(random % 1000000) / 7;
    }
    double factor[FUELS], best_hand = INFINITY, best_model = INFINITY, difference = 0;
    for (int k = 0; k < FUELS; k++) factor[k] = ncv[k] * carbon[k] * oxidation[k] * 44 / 12;
    for (int round = 0; round < ROUNDS; round++) {
        SCOPED(arena_close_scoped) struct arena *inner = arena_open((size_t)1 << 30);
        struct error err = {0};
        double start = now_ns();
        double *total = ARENA_NEW_ARRAY(inner, double, count); /* both make their own result */
        by_hand(burnt, factor, total, count);
        best_hand = fmin(best_hand, now_ns() - start);
        struct model_data *data = model_data_new(inner, model, count);
        if (!model_data_set_dense(data, STR("burnt"), burnt, &err)) return 1;
        start = now_ns();
        struct model_run *run = model_run(inner, model, data, NULL, &err);
        best_model = fmin(best_model, now_ns() - start);
        if (run == NULL) return 1;
        for (size_t i = 0; i < count; i += count / 1000 + 1) {
            struct model_value value = model_run_value(run, i, "total", (str){"", 0}, NULL);
            difference = fmax(difference, fabs(value.number - total[i]) / total[i]);
        }
    }
    printf("model run, %zu enterprises x %d fuels: %.2f ns per enterprise; by hand %.2f ns; ratio "
           "%.2f; "
           "largest relative difference %.1e\n",
           count, FUELS, best_model / (double)count, best_hand / (double)count,
           best_model / best_hand, difference);
    model_library_close(library);
    return difference < 1e-12 ? 0 : 1;
}
