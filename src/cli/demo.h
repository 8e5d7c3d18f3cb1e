/* Inside cli: the demo as read from examples/demo. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "base/csv.h"
#include "cli/cli.h"

#define DEMO_PASSWORD "tanshu-demo"

struct demo_org {
    struct registry_org org;
    const char *code;        /* as people.csv and letters.csv name it */
    const char *data, *note; /* file of activity data, or "" */
    enum account_tier tier;
    struct viewer manager, approver; /* their people, once added */
};

struct demo {
    struct cli *cli;
    struct app *app;
    struct arena *arena;
    const char *folder;
    struct demo_org *orgs;
    size_t org_count;
    char hash[REGISTRY_HASH_BYTES]; /* of the password that all have */
    size_t done, steps;             /* for the progress bar */
};

/* A table of examples/demo; NULL with err. */
bool demo_table(struct demo *demo, const char *name, struct csv_table *table,
                struct error *err) NODISCARD;
str demo_cell(const struct csv_table *table, size_t row, const char *column);
struct demo_org *demo_find(struct demo *demo, str code);
void demo_progress(struct demo *demo, const char *what);

/* demo_data.c: the enterprises' history, month by month at the time when each would have sent it,
 * and the real meter. */
bool demo_load_history(struct demo *demo, struct error *err) NODISCARD;
size_t demo_count_history(struct demo *demo, struct error *err);
bool demo_load_meter(struct demo *demo, struct error *err) NODISCARD;

#endif
