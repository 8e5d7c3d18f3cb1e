/* Rows per second through the store's doors. usage: store_bench [WHERE]
 * WHERE is a store as store_open names it; without it, a SQLite file in a fresh directory under
 * TMPDIR. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/store_cases.h"
#include "store_test_sql.h"

struct job {
    struct store *store;
    id64 org;
    int works, rows; /* rows per work */
    bool read;
};

struct batch {
    id64 org, from;
    int rows;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool add(struct db *db, void *arg, struct error *err)
{
    const struct batch *batch = arg;
    for (int i = 0; i < batch->rows; i++)
        if (!sql_store_test_add_entry(db, batch->org, batch->from + i, i, NULL, err)) return false;
    return true;
}

static bool read_one(struct db *db, void *arg, struct error *err)
{
    struct batch *batch = arg;
    struct sql_store_test_find_entry_row row;
    bool found;
    for (int i = 0; i < batch->rows; i++)
        if (!sql_store_test_find_entry(db, NULL, batch->org, batch->from + i, &row, &found, err))
            return false;
    return true;
}

static void *run(void *arg)
{
    const struct job *job = arg;
    for (int i = 0; i < job->works; i++) {
        struct batch batch = {job->org, (id64)i * job->rows, job->rows};
        struct error err;
        bool good = job->read ? store_read(job->store, read_one, &batch, &err)
                              : store_write(job->store, add, &batch, &err);
        if (good) continue;
        SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
        fprintf(stderr, "store_bench: %s\n", error_render(arena, &err, error_sentence(err.code)));
        exit(1);
    }
    return NULL;
}

static void measure(const char *name, struct job job, int threads)
{
    pthread_t ids[64];
    struct job jobs[64];
    double start = now_s();
    for (int i = 0; i < threads; i++) {
        jobs[i] = job;
        jobs[i].org = job.org + i;
        if (pthread_create(&ids[i], NULL, run, &jobs[i]) != 0) exit(1);
    }
    for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);
    double seconds = now_s() - start;
    double works = (double)job.works * threads;
    printf("%-44s %10.0f rows/s %9.0f works/s\n", name, works * job.rows / seconds,
           works / seconds);
}

int main(int argc, char **argv)
{
    char directory[] = "/tmp/tanshu-bench-XX"
                       "XXXX",
         where[128];
    if (argc < 2 && mkdtemp(directory) == NULL) return 1;
    snprintf(where, sizeof where, "sqlite:%s/store.db", directory);
    struct error err;
    struct store *store = store_open_history(
        &(struct store_options){.where = argc < 2 ? where : argv[1], .create = true},
        &store_test_history, &err);
    if (store == NULL) {
        fprintf(stderr, "store_bench: %s %s\n", error_name(err.code), err.text);
        return 1;
    }
    measure("write, 10,000 rows a work, 1 thread", (struct job){store, 1, 50, 10000, false}, 1);
    measure("write, 1 row a work, 1 thread", (struct job){store, 100, 500, 1, false}, 1);
    measure("write, 1 row a work, 8 threads", (struct job){store, 200, 500, 1, false}, 8);
    measure("write, 1 row a work, 64 threads", (struct job){store, 300, 200, 1, false}, 64);
    measure("read, 1 row a work, 1 thread", (struct job){store, 1, 50000, 1, true}, 1);
    measure("read, 1 row a work, 8 threads", (struct job){store, 1, 20000, 1, true}, 8);
    measure("read, 1,000 rows a work, 1 thread", (struct job){store, 1, 500, 1000, true}, 1);
    store_close(store);
    if (argc >= 2) return 0;
    unlink(where + strlen("sqlite:")); /* SQLite took its other files away when it closed */
    return rmdir(directory) != 0;
}
