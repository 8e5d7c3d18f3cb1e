/* Intensities against their benchmarks, read from the label's own reasoning: what was judged, and
 * the advanced level, baseline and limit it was held against. */
#ifndef WEB_ENTERPRISE_BENCHMARK_H
#define WEB_ENTERPRISE_BENCHMARK_H

#include "credit/credit.h"
#include "web/web.h"

struct benchmark {
    const char *name, *unit;
    double value, advanced, baseline, limit; /* NAN: not known */
    const char *colour;                      /* "deep_green" … of this intensity alone, or "" */
    double over;                             /* to save for the next colour; NAN: not known */
    const char *url;                         /* of its explanation */
};
/* Those of the year's newest rating; none when there is no rating. */
bool benchmark_read(struct db *db, struct web *web, id64 org_id, int year, struct benchmark **list,
                    size_t *count, struct error *err) NODISCARD;
/* A dot strip for each. */
html benchmark_charts(struct web *web, const struct benchmark *list, size_t count);

#endif
