/* Hiding small cells. The sums that are shown are rows of ones over the cells (industry ×
 * division); the sum over a set of cells is derivable exactly when the set's row lies in their row
 * space. Enterprises of one cell can't be told apart by any of the sums, so nothing smaller than a
 * cell ever is. Arithmetic modulo a prime is exact. */
#include <stdlib.h>

#include "web/authority/authority.h"

#define PRIME ((int64_t)2147483647)
#define SET_CELLS 3 /* complete for a least number of up to four enterprises */

struct space { /* rows in echelon form */
    int64_t **rows;
    size_t *lead;
    size_t count, width;
};

static int64_t inverse(int64_t a)
{
    int64_t result = 1;
    for (int64_t e = PRIME - 2; e > 0; e >>= 1) { /* Fermat */
        if ((e & 1) != 0) result = result * a % PRIME;
        a = a * a % PRIME;
    }
    return result;
}

/* Takes the space out of a row; false when nothing is left. */
static bool reduce(const struct space *space, int64_t *row, size_t *lead)
{
    for (size_t k = 0; k < space->count; k++) {
        int64_t times = row[space->lead[k]];
        if (times == 0) continue;
        for (size_t c = 0; c < space->width; c++)
            row[c] = (row[c] + (PRIME - times) * space->rows[k][c]) % PRIME;
    }
    for (*lead = 0; *lead < space->width; ++*lead)
        if (row[*lead] != 0) return true;
    return false;
}

static void add_row(struct space *space, int64_t *row)
{
    size_t lead;
    if (!reduce(space, row, &lead)) return;
    int64_t factor = inverse(row[lead]);
    for (size_t c = 0; c < space->width; c++) row[c] = row[c] * factor % PRIME;
    space->lead[space->count] = lead;
    space->rows[space->count++] = row;
}

struct audit {
    struct arena *arena;
    const struct suppress_cell *cells;
    size_t count;
    int64_t least;
    struct suppress_plan *plan;
    int64_t *industry_sizes, *division_sizes;
};

static struct space space_of(const struct audit *audit)
{
    const struct suppress_plan *plan = audit->plan;
    size_t most = plan->industry_count + plan->division_count + 1;
    struct space space = {.rows = ARENA_NEW_ARRAY(audit->arena, int64_t *, most),
                          .lead = ARENA_NEW_ARRAY(audit->arena, size_t, most),
                          .width = audit->count};
    for (size_t g = 0; g < most; g++) {
        bool industry = g < plan->industry_count, total = g + 1 == most;
        size_t d = g - plan->industry_count;
        if (total ? plan->hide_total : industry ? plan->hide_industry[g] : plan->hide_division[d])
            continue;
        int64_t *row = ARENA_NEW_ARRAY(audit->arena, int64_t, audit->count + 1);
        for (size_t c = 0; c < audit->count; c++)
            row[c] =
                total || (industry ? audit->cells[c].industry == g : audit->cells[c].division == d);
        add_row(&space, row);
    }
    return space;
}

/* A vector that every row of the space is orthogonal to, random but for that: a set of cells is
 * derivable exactly when its numbers add up to nothing (a set that is not derivable does so with a
 * chance of one in two thousand million, and then more is hidden than need be). */
static int64_t *null_vector(const struct audit *audit, const struct space *space)
{
    int64_t *x = ARENA_NEW_ARRAY(audit->arena, int64_t, space->width + 1);
    uint64_t seed = 0x9e3779b97f4a7c15U;
    for (size_t c = 0; c < space->width; c++) { /* the same figures always give the same plan */
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        x[c] = (int64_t)((seed >> 33) % (uint64_t)PRIME);
    }
    for (size_t k = space->count;
         k-- > 0;) { /* a row has nothing at the leads of the rows before it */
        int64_t rest = 0;
        for (size_t c = 0; c < space->width; c++)
            if (c != space->lead[k]) rest = (rest + space->rows[k][c] * x[c]) % PRIME;
        x[space->lead[k]] = (PRIME - rest) % PRIME;
    }
    return x;
}

/* Sets of at most SET_CELLS cells from `from` on that hold fewer than `room` enterprises and add up
 * to -sum. */
static bool set_leaks(const struct audit *audit, const int64_t *x, size_t from, int64_t room,
                      int64_t sum, int depth)
{
    for (size_t c = from; c < audit->count; c++) {
        if (audit->cells[c].count >= room) continue;
        int64_t now = (sum + x[c]) % PRIME;
        if (now == 0) return true;
        if (depth > 1 && set_leaks(audit, x, c + 1, room - audit->cells[c].count, now, depth - 1))
            return true;
    }
    return false;
}

/* Whether what is shown determines the sum over fewer enterprises than allowed: of any few cells,
 * or of a group. */
static bool leaks(const struct audit *audit)
{
    const struct suppress_plan *plan = audit->plan;
    struct space space = space_of(audit);
    int64_t *x = null_vector(audit, &space);
    if (set_leaks(audit, x, 0, audit->least, 0, SET_CELLS)) return true;
    int64_t all = 0;
    for (size_t c = 0; c < audit->count; c++) {
        if (audit->cells[c].guarded && x[c] == 0) return true;
        all = (all + x[c]) % PRIME;
    }
    if (plan->guard_total && audit->count != 0 && all == 0) return true;
    for (size_t g = 0; g < plan->industry_count + plan->division_count; g++) {
        bool industry = g < plan->industry_count;
        size_t d = g - plan->industry_count;
        int64_t sum = 0, size = industry ? audit->industry_sizes[g] : audit->division_sizes[d];
        bool guarded = industry ? plan->guard_industry[g] : plan->guard_division[d];
        if (size == 0 || (size >= audit->least && !guarded)) continue;
        for (size_t c = 0; c < audit->count; c++)
            if (industry ? audit->cells[c].industry == g : audit->cells[c].division == d)
                sum = (sum + x[c]) % PRIME;
        if (sum == 0) return true;
    }
    return false;
}

/* Hides the smallest sum that is still shown: groups first, the total last. */
static void hide_next(const struct audit *audit)
{
    struct suppress_plan *plan = audit->plan;
    bool *next = &plan->hide_total;
    int64_t smallest = INT64_MAX;
    for (size_t g = 0; g < plan->industry_count; g++)
        if (!plan->hide_industry[g] && audit->industry_sizes[g] > 0 &&
            audit->industry_sizes[g] < smallest) {
            smallest = audit->industry_sizes[g];
            next = &plan->hide_industry[g];
        }
    for (size_t g = 0; g < plan->division_count; g++)
        if (!plan->hide_division[g] && audit->division_sizes[g] > 0 &&
            audit->division_sizes[g] < smallest) {
            smallest = audit->division_sizes[g];
            next = &plan->hide_division[g];
        }
    *next = true;
}

void suppress_make(struct arena *arena, const struct suppress_cell *cells, size_t count,
                   int64_t enterprises_min, struct suppress_plan *plan)
{
    struct audit audit = {arena,
                          cells,
                          count,
                          enterprises_min,
                          plan,
                          ARENA_NEW_ARRAY(arena, int64_t, plan->industry_count + 1),
                          ARENA_NEW_ARRAY(arena, int64_t, plan->division_count + 1)};
    int64_t total = 0;
    plan->hide_industry = ARENA_NEW_ARRAY(arena, bool, plan->industry_count + 1);
    plan->hide_division = ARENA_NEW_ARRAY(arena, bool, plan->division_count + 1);
    for (size_t c = 0; c < count; c++) {
        audit.industry_sizes[cells[c].industry] += cells[c].count;
        audit.division_sizes[cells[c].division] += cells[c].count;
        total += cells[c].count;
    }
    for (size_t g = 0; g < plan->industry_count; g++)
        plan->hide_industry[g] =
            audit.industry_sizes[g] > 0 &&
            (audit.industry_sizes[g] < enterprises_min || plan->guard_industry[g]);
    for (size_t g = 0; g < plan->division_count; g++)
        plan->hide_division[g] =
            audit.division_sizes[g] > 0 &&
            (audit.division_sizes[g] < enterprises_min || plan->guard_division[g]);
    plan->hide_total = total > 0 && (total < enterprises_min || plan->guard_total);
    while (leaks(&audit)) hide_next(&audit);
}
