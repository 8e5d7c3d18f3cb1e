#include <pthread.h>
#include <stdlib.h>

#include "web/frame/frame.h"

#define X(page) extern const struct web_route web_routes_##page[];
#include "pages.def"
#undef X

static const struct web_route *const tables[] = {
#define X(page) web_routes_##page,
#include "pages.def"
#undef X
};

static struct web_route *all;
static size_t all_count;

static void gather(void)
{
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (const struct web_route *route = tables[i]; route->method != NULL; route++) count++;
    all = calloc(count, sizeof *all);
    CHECK(all != NULL);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (const struct web_route *route = tables[i]; route->method != NULL; route++)
            all[all_count++] = *route;
}

const struct web_route *web_routes(size_t *count)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, gather);
    *count = all_count;
    return all;
}
