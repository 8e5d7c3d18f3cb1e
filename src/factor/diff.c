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

static const char *uncertainty_of(const struct factor_row *row, const char *column)
{
    for (size_t i = 0; i < row->uncertainty_count; i++)
        if (strcmp(row->uncertainty_list[i].name, column) == 0)
            return row->uncertainty_list[i].text;
    return "";
}

static void compare_text(struct differ *differ, const struct factor_row *row, const char *column,
                         const char *then, const char *now)
{
    if (strcmp(then, now) != 0) put(differ, row, column, then, now);
}

/* Of the row's first value, of its other values, and of which shape. */
static void compare_uncertainty(struct differ *differ, const struct factor_row *before,
                                const struct factor_row *after)
{
    compare_text(differ, after, "uncertainty", before->uncertainty, after->uncertainty);
    compare_text(differ, after, "distribution", before->distribution, after->distribution);
    for (size_t i = 0; i < after->uncertainty_count; i++) {
        const char *column = after->uncertainty_list[i].name;
        compare_text(differ, after, arena_printf(differ->arena, "uncertainty_%s", column),
                     uncertainty_of(before, column), after->uncertainty_list[i].text);
    }
    for (size_t i = 0; i < before->uncertainty_count; i++) {
        const char *column = before->uncertainty_list[i].name;
        if (uncertainty_of(after, column)[0] == '\0')
            compare_text(differ, after, arena_printf(differ->arena, "uncertainty_%s", column),
                         before->uncertainty_list[i].text, "");
    }
}

static bool has_column(const struct factor_row *row, const char *column)
{
    for (size_t i = 0; i < row->value_count; i++)
        if (strcmp(row->values[i].name, column) == 0) return true;
    return false;
}

static void compare(struct differ *differ, const struct factor_row *before,
                    const struct factor_row *after)
{
    if (before->enabled != after->enabled) put(differ, after, "", state(before), state(after));
    for (size_t i = 0; i < after->value_count; i++) {
        const char *then = text_of(before, after->values[i].name), *now = after->values[i].text;
        compare_text(differ, after, after->values[i].name, then, now);
    }
    for (size_t i = 0; i < before->value_count; i++) /* of a column that is gone */
        if (!has_column(after, before->values[i].name))
            compare_text(differ, after, before->values[i].name, before->values[i].text, "");
    compare_uncertainty(differ, before, after);
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
