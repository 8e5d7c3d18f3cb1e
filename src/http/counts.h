/* Counters of a server's answers; own to the room. */
#ifndef HTTP_COUNTS_H
#define HTTP_COUNTS_H

#include "http/http.h"

struct http_counters;
struct http_counters *http_counters_new(size_t route_count);
void http_counters_free(struct http_counters *counters);
/* One answer of a route (route_count: of none); status 0 when it was lost. */
void http_counters_add(struct http_counters *counters, size_t route, int status, int64_t us);
size_t http_counters_read(const struct http_counters *counters, const struct http_route *routes,
                          struct arena *arena, struct http_route_counts **list);

#endif
