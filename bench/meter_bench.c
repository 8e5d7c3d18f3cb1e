/* Rows per second of a meter's file: read in the jail, stored, and read back as months.
 * usage: meter_bench FILE.csv */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "intake/intake.h"
#include "meter/meter.h"
#include "registry/registry.h"
#include "store/store.h"

struct work {
    struct meter_mapping mapping;
    struct meter_file file;
    id64 meter_id;
    size_t months;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool import(struct db *db, void *arg, struct error *err)
{
    struct work *work = arg;
    struct meter_import_result result;
    return meter_import(db, 1, work->meter_id, 1, 1, &work->mapping, &work->file, &result, err);
}

static bool months(struct db *db, void *arg, struct error *err)
{
    struct work *work = arg;
    struct viewer viewer = registry_viewer_own(1, 1);
    struct meter_month *list;
    return meter_read_months(db, &viewer, 1, work->meter_id, (date){0}, (date){40000}, 0, &list,
                             &work->months, err);
}

static int failed(struct arena *arena, const struct error *err)
{
    fprintf(stderr, "meter_bench: %s\n", error_render(arena, err, error_sentence(err->code)));
    return 1;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], INTAKE_JAIL_FLAG) == 0) return intake_jail_main();
    if (argc != 2) return 2;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(INTAKE_ARENA_BYTES);
    struct error err;
    struct work work = {.meter_id = 0};
    struct meter_evidence *evidence;
    size_t count;
    str bytes;
    struct store *store =
        store_open(&(struct store_options){.where = "sqlite::memory:", .create = true}, &err);
    if (store == NULL || !file_read(arena, argv[1], (size_t)64 << 20, &bytes, &err) ||
        !meter_mapping_detect(arena, bytes, &work.mapping, &evidence, &count, &err))
        return failed(arena, &err);
    double read_s = 0, store_s = 0, months_s = 0;
    enum { ROUNDS = 10 };
    for (int i = 0; i < ROUNDS; i++) {
        work.meter_id++;
        double start = now_s();
        if (!meter_read_file(arena, bytes, &work.mapping, (date){40000}, &work.file, &err))
            return failed(arena, &err);
        double read = now_s();
        if (!store_write(store, import, &work, &err)) return failed(arena, &err);
        double stored = now_s();
        if (!store_read(store, months, &work, &err)) return failed(arena, &err);
        read_s += read - start;
        store_s += stored - read;
        months_s += now_s() - stored;
    }
    double rows = (double)work.file.rows * ROUNDS;
    printf("meter file: %lld rows, %zu days, %zu months\n", (long long)work.file.rows,
           work.file.day_count, work.months);
    printf("read in the jail:  %10.0f rows/s\n", rows / read_s);
    printf("store (SQLite):    %10.0f rows/s\n", rows / store_s);
    printf("both:              %10.0f rows/s\n", rows / (read_s + store_s));
    printf("months of a meter: %10.3f ms\n", months_s / ROUNDS * 1000);
    store_close(store);
    return 0;
}
