/* Peers: a value's place among the members of its group in a dated snapshot, their middle, their
 * mean. A group is made of the rows of the latest day that is known, with the same keys; with fewer
 * than PEERS_LEAST members the result is missing, because it would tell too much of each. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/program.h"

struct group {
    double *values; /* in file order, then sorted */
    size_t count, capacity;
    double sum;
};

int32_t peers_day(const struct table *table, int32_t as_known)
{
    int32_t latest = INT32_MIN;
    for (size_t row = 0; row < table->row_count; row++)
        if (table_row_visible(table, row, as_known) && table->published[row] > latest)
            latest = table->published[row];
    return latest;
}

static str key_of(const double *keys, size_t count)
{
    return (str){(const char *)keys, count * sizeof *keys};
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* -0 and 0 are the same key and the same value. */
static double plain(double x)
{
    return x == 0 ? 0 : x;
}

static struct map *make_groups(struct frame *f, const struct table *table, int column,
                               const struct expr *expr)
{
    struct map *groups = ARENA_NEW(f->arena, struct map);
    int32_t day = peers_day(table, f->as_known);
    map_init(groups, f->arena);
    for (size_t row = 0; row < table->row_count; row++) {
        double keys[LOOKUP_CONDITIONS_MAX];
        bool whole = table_row_visible(table, row, f->as_known) && table->published[row] == day &&
                     !table->columns[column].empty[row];
        for (size_t i = 0; i < expr->label_count; i++) {
            const struct column *key = &table->columns[table_column(table, expr->labels[i])];
            whole = whole && !key->empty[row];
            keys[i] = plain(key->values[row]);
        }
        if (!whole) continue;
        struct group *group = map_get(groups, key_of(keys, expr->label_count));
        if (group == NULL) {
            group = ARENA_NEW(f->arena, struct group);
            map_put(groups, str_copy(f->arena, key_of(keys, expr->label_count)), group);
        }
        double value = plain(table->columns[column].values[row]);
        *ARENA_PUSH(f->arena, group->values, group->count, group->capacity) = value;
        group->sum += value;
    }
    for (size_t i = 0; i < groups->count; i++) {
        struct group *group = groups->entries[i].value;
        qsort(group->values, group->count, sizeof *group->values, compare_numbers);
    }
    return groups;
}

static const struct map *find_groups(struct frame *f, const struct expr *expr)
{
    str name = {(const char *)&expr, sizeof expr};
    struct map *groups = map_get(&f->peers, name);
    if (groups != NULL) return groups;
    groups = make_groups(f, expr->table, expr->column, expr);
    map_put(&f->peers, str_copy(f->arena, name), groups);
    return groups;
}

/* How many of the sorted values are less than x, or not more than it. */
static size_t count_below(const struct group *group, double x, bool or_equal)
{
    size_t first = 0, end = group->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        bool below = or_equal ? group->values[middle] <= x : group->values[middle] < x;
        if (below)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

static double place(const struct group *group, enum op op, double x)
{
    size_t below, n = group->count;
    switch (op) {
    case OP_RANK: return (double)count_below(group, x, false) + 1;
    case OP_PERCENTILE:
        below = count_below(group, x, false);
        return ((double)below + 0.5 * (double)(count_below(group, x, true) - below)) / (double)n;
    case OP_MEDIAN: return (group->values[(n - 1) / 2] + group->values[n / 2]) / 2;
    default: return group->sum / (double)n;
    }
}

void step_peers(struct frame *f, const struct step *step, size_t count)
{
    const struct expr *expr = step->expr;
    const struct map *groups = find_groups(f, expr);
    size_t first = expr->count - expr->label_count;
    for (size_t i = 0; i < count; i++) {
        double keys[LOOKUP_CONDITIONS_MAX], value = 0;
        uint8_t status = f->status[step->list[0]][i];
        for (size_t k = 1; k < step->count; k++)
            status = status_join(status, f->status[step->list[k]][i]);
        for (size_t k = 0; k < expr->label_count; k++)
            keys[k] = plain(f->values[step->list[first + k]][i]);
        if ((status & STATUS_CODE) == MODEL_OK) {
            const struct group *group = map_get(groups, key_of(keys, expr->label_count));
            if (group == NULL || group->count < PEERS_LEAST)
                status |= MODEL_MISSING;
            else
                value = place(group, step->op, f->values[step->list[0]][i]);
        }
        f->values[step->to][i] = value;
        f->status[step->to][i] = status;
    }
    check_finite(f->values[step->to], f->status[step->to], count);
}

size_t peers_count(struct frame *f, const struct expr *expr, size_t key)
{
    double keys[LOOKUP_CONDITIONS_MAX];
    size_t first = expr->count - expr->label_count;
    for (size_t k = 0; k < expr->label_count; k++) {
        int reg = expr->args[first + k]->reg;
        keys[k] = plain(f->values[reg][f->program->regs[reg].index == NULL ? 0 : key]);
    }
    const struct group *group = map_get(find_groups(f, expr), key_of(keys, expr->label_count));
    return group == NULL ? 0 : group->count;
}
