#include <string.h>

#include "http/exchange.h"

/* 0 no match; otherwise higher is better: each segment counts, a fixed one more than a parameter.
 */
static unsigned match(const char *pattern, str path, struct arena *arena, struct http_pair **params,
                      size_t *count)
{
    str wanted = str_from(pattern), part, segment;
    size_t capacity = 0;
    unsigned score = 1;
    *params = NULL;
    *count = 0;
    if (str_equal(wanted, path)) return UINT32_MAX;
    if (wanted.len < 2 || path.len < 2) return 0; /* "/" matches only itself */
    wanted = str_slice(wanted, 1, wanted.len);
    path = str_slice(path, 1, path.len);
    for (;;) {
        bool more_wanted = str_cut(&wanted, '/', &part), more_path = str_cut(&path, '/', &segment);
        if (more_wanted != more_path) return 0;
        if (!more_wanted) return score;
        score <<= 1;
        if (part.len > 2 && part.ptr[0] == '{') {
            if (segment.len == 0) return 0;
            if (!http_decode(arena, segment, false, &segment)) return 0;
            *ARENA_PUSH(arena, *params, *count, capacity) =
                (struct http_pair){.name = str_slice(part, 1, part.len - 1), .value = segment};
        } else if (str_equal(part, segment)) {
            score |= 1;
        } else {
            return 0;
        }
    }
}

const struct http_route *http_route_find(const struct http_route *routes, size_t count,
                                         const char *method, str path, struct arena *arena,
                                         struct http_pair **params, size_t *param_count,
                                         bool *path_known)
{
    const struct http_route *best = NULL;
    unsigned best_score = 0;
    *params = NULL;
    *param_count = 0;
    *path_known = false;
    for (size_t i = 0; i < count; i++) {
        struct http_pair *found;
        size_t found_count;
        unsigned score = match(routes[i].pattern, path, arena, &found, &found_count);
        if (score == 0) continue;
        *path_known = true;
        if (score <= best_score || strcmp(routes[i].method, method) != 0) continue;
        best = &routes[i];
        best_score = score;
        *params = found;
        *param_count = found_count;
    }
    return best;
}
