/* Counters that any thread may add to; a reader sees each of them whole. */
#include "http/counts.h"

#include <stdatomic.h>
#include <stdlib.h>

const double http_bucket_seconds[HTTP_BUCKETS] = {0.001, 0.0025, 0.005, 0.01, 0.025,
                                                  0.1,   0.5,    2,     10};

struct counter {
    atomic_ullong answers[6], buckets[HTTP_BUCKETS], us;
};

struct http_counters {
    size_t route_count;
    struct counter routes[]; /* and one more, for what no route matched */
};

struct http_counters *http_counters_new(size_t route_count)
{
    struct http_counters *counters =
        calloc(1, sizeof *counters + (route_count + 1) * sizeof counters->routes[0]);
    CHECK(counters != NULL);
    counters->route_count = route_count;
    return counters;
}

void http_counters_free(struct http_counters *counters)
{
    free(counters);
}

void http_counters_add(struct http_counters *counters, size_t route, int status, int64_t us)
{
    struct counter *counter = &counters->routes[size_min(route, counters->route_count)];
    atomic_fetch_add_explicit(&counter->answers[status >= 100 && status < 600 ? status / 100 : 0],
                              1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counter->us, (unsigned long long)us, memory_order_relaxed);
    for (size_t i = 0; i < HTTP_BUCKETS; i++)
        if ((double)us <= http_bucket_seconds[i] * 1e6)
            atomic_fetch_add_explicit(&counter->buckets[i], 1, memory_order_relaxed);
}

size_t http_counters_read(const struct http_counters *counters, const struct http_route *routes,
                          struct arena *arena, struct http_route_counts **list)
{
    size_t count = counters->route_count + 1;
    *list = ARENA_NEW_ARRAY(arena, struct http_route_counts, count);
    for (size_t i = 0; i < count; i++) {
        const struct counter *counter = &counters->routes[i];
        struct http_route_counts *out = &(*list)[i];
        out->route = i < counters->route_count ? &routes[i] : NULL;
        for (size_t k = 0; k < ARRAY_LEN(out->answers); k++)
            out->answers[k] = atomic_load(&counter->answers[k]);
        for (size_t k = 0; k < HTTP_BUCKETS; k++)
            out->buckets[k] = atomic_load(&counter->buckets[k]);
        out->seconds = (double)atomic_load(&counter->us) / 1e6;
    }
    return count;
}
