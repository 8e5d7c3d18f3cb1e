/* What changed between two versions of a table. */
#include <string.h>

#include "factor/internal.h"

struct differ {
    struct arena *arena;
    const char *table;
    struct factor_change *list;
    size_t count, capacity;
};

static void put(struct differ *differ, const struct factor_row *row, const char *column,
                const char *before, const char *after)
{
    *ARENA_PUSH(differ->arena, differ->list, differ->count, differ->capacity) =
        (struct factor_change){row, differ->table, row->id, row->classes, column, before, after};
}

static bool same_row(const struct factor_row *a, const struct factor_row *b)
{
    return strcmp(a->id, b->id) == 0 && strcmp(a->classes, b->classes) == 0 &&
           strcmp(a->scheme, b->scheme) == 0 && a->has_from == b->has_from &&
           (!a->has_from || a->valid_from.day == b->valid_from.day);
}

/* Of several rows that are told apart by nothing (an old value switched off beside its successor)
 * the n-th then is the n-th now. */
static const struct factor_row *find_same(const struct factor_library *library,
                                          const struct factor_library *of, size_t at)
{
    size_t before = 0;
    for (size_t i = 0; i < at; i++) before += same_row(&of->rows[i], &of->rows[at]);
    for (size_t i = 0; i < library->count; i++)
        if (same_row(&library->rows[i], &of->rows[at]) && before-- == 0) return &library->rows[i];
    return NULL;
}

static const char *state(const struct factor_row *row)
{
    return row == NULL ? "" : row->enabled ? "on" : "off";
}

static const char *text_of(const struct factor_row *row, const char *column)
{
    for (size_t i = 0; i < row->value_count; i++)
        if (strcmp(row->values[i].name, column) == 0) return row->values[i].text;
    return "";
}

static void compare(struct differ *differ, const struct factor_row *before,
                    const struct factor_row *after)
{
    if (before->enabled != after->enabled) put(differ, after, "", state(before), state(after));
    for (size_t i = 0; i < after->value_count; i++) {
        const char *then = text_of(before, after->values[i].name), *now = after->values[i].text;
        if (strcmp(then, now) != 0) put(differ, after, after->values[i].name, then, now);
    }
}

bool factor_diff(struct arena *arena, const char *table, str before, str after,
                 const struct factor_change **list, size_t *count, struct error *err)
{
    struct differ differ = {.arena = arena, .table = table};
    struct factor_library old = {.arena = arena}, new = {.arena = arena};
    size_t old_capacity = 0, new_capacity = 0;
    if (!factor_read_table(&old, &old_capacity, table, before, err) ||
        !factor_read_table(&new, &new_capacity, table, after, err))
        return false;
    for (size_t i = 0; i < new.count; i++) {
        const struct factor_row *then = find_same(&old, &new, i);
        if (then == NULL)
            put(&differ, &new.rows[i], "", "", state(&new.rows[i]));
        else
            compare(&differ, then, &new.rows[i]);
    }
    for (size_t i = 0; i < old.count; i++)
        if (find_same(&new, &old, i) == NULL)
            put(&differ, &old.rows[i], "", state(&old.rows[i]), "");
    *list = differ.list;
    *count = differ.count;
    return true;
}
