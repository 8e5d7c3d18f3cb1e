/* Rows over time: their history, and what every row must say. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "factor/internal.h"

const char *factor_rule_name(enum factor_rule rule)
{
    static const char *const names[FACTOR_RULES] = {"overlap",  "gap",   "source", "tag",
                                                    "disabled", "valid", "tier"};
    CHECK(rule >= 0 && rule < FACTOR_RULES);
    return names[rule];
}

int factor_compare_time(const struct factor_row *a, const struct factor_row *b)
{
    int tables = strcmp(a->table, b->table);
    int32_t from_a = a->has_from ? a->valid_from.day : INT32_MIN,
            from_b = b->has_from ? b->valid_from.day : INT32_MIN;
    if (tables != 0) return tables;
    if (from_a != from_b) return from_a < from_b ? -1 : 1;
    if (a->published != b->published) return a->published < b->published ? -1 : 1;
    int years = strcmp(a->year, b->year);
    return years != 0 ? years : (a->line > b->line) - (a->line < b->line);
}

static int by_time(const void *a, const void *b)
{
    return factor_compare_time(*(const struct factor_row *const *)a,
                               *(const struct factor_row *const *)b);
}

/* ---- history ---- */

static bool comparable(const struct factor_row *a, const struct factor_row *b)
{
    return strcmp(a->table, b->table) == 0 && strcmp(a->series, b->series) == 0 &&
           a->value_count > 0 && b->value_count > 0 && a->values[0].has_number &&
           b->values[0].has_number && a->values[0].number != 0 && strcmp(a->unit, b->unit) == 0;
}

/* The last earlier row of the same class and scheme; of none, the row before. */
static const struct factor_row *row_before(const struct factor_row *const *rows, size_t at)
{
    for (size_t i = at; i-- > 0;)
        if (comparable(rows[i], rows[at]) && strcmp(rows[i]->classes, rows[at]->classes) == 0 &&
            strcmp(rows[i]->scheme, rows[at]->scheme) == 0)
            return rows[i];
    return at > 0 && comparable(rows[at - 1], rows[at]) ? rows[at - 1] : NULL;
}

size_t factor_history(struct arena *arena, const struct factor_library *library, str id,
                      const struct factor_step **list)
{
    const struct factor_row **seeds, **rows;
    size_t seed_count = factor_rows_of(arena, library, id, &seeds), n = 0;
    rows = ARENA_NEW_ARRAY(arena, const struct factor_row *, library->count + 1);
    for (size_t i = 0; i < library->count; i++) {
        bool ours = false;
        for (size_t s = 0; s < seed_count && !ours; s++)
            ours = strcmp(seeds[s]->table, library->rows[i].table) == 0 &&
                   strcmp(seeds[s]->series, library->rows[i].series) == 0;
        if (ours) rows[n++] = &library->rows[i];
    }
    if (n > 1) qsort(rows, n, sizeof *rows, by_time);
    struct factor_step *steps = ARENA_NEW_ARRAY(arena, struct factor_step, n + 1);
    for (size_t i = 0; i < n; i++) {
        steps[i].row = rows[i];
        const struct factor_row *before = row_before(rows, i);
        if (before == NULL) continue;
        steps[i].has_change = true;
        steps[i].change = rows[i]->values[0].number / before->values[0].number - 1;
    }
    *list = steps;
    return n;
}

/* ---- check ---- */

struct checker {
    struct arena *arena;
    struct factor_breach *list;
    size_t count, capacity;
};

static void breach(struct checker *checker, enum factor_rule rule, const struct factor_row *row,
                   const struct factor_row *other)
{
    *ARENA_PUSH(checker->arena, checker->list, checker->count, checker->capacity) =
        (struct factor_breach){rule, row, other};
}

/* S: a source was read; K: known, from memory; P: this project's proposal; T: found in code that
 * cites the table; derived: computed from other rows; ?: unsure; or a probability. */
static bool known_tag(const char *tag)
{
    static const char *const tags[] = {"S", "K", "P", "T", "?", "derived"};
    double share;
    for (size_t i = 0; i < ARRAY_LEN(tags); i++)
        if (strcmp(tag, tags[i]) == 0) return true;
    return num_parse(str_from(tag), &share) && share >= 0 && share <= 1;
}

static bool has_value(const struct factor_row *row)
{
    for (size_t i = 0; i < row->value_count; i++)
        if (row->values[i].text[0] != '\0') return true;
    return row->value_count == 0; /* codes and the like are themselves what is stated */
}

static bool has_number(const struct factor_row *row)
{
    for (size_t i = 0; i < row->value_count; i++)
        if (row->values[i].has_number) return true;
    return false;
}

static bool has_source(const struct factor_row *row)
{
    bool own = strcmp(row->confidence, "P") == 0 || strcmp(row->confidence, "derived") == 0;
    return row->document[0] != '\0' && (row->publisher[0] != '\0' || own);
}

/* By which words a note names what is waited for. */
static bool says_what_is_wanted(struct arena *arena, const char *note)
{
    static const char *const words[] = {"wanted", "confirm", "待", "需", "核实"};
    size_t at;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(str_fold(arena, str_from(note)), str_from(words[i]), &at)) return true;
    return false;
}

static void check_row(struct checker *checker, const struct factor_row *row)
{
    if (row->enabled && has_value(row) && !has_source(row))
        breach(checker, FACTOR_RULE_SOURCE, row, NULL);
    if (!known_tag(row->confidence)) breach(checker, FACTOR_RULE_TAG, row, NULL);
    if (!row->enabled && !says_what_is_wanted(checker->arena, row->note))
        breach(checker, FACTOR_RULE_DISABLED, row, NULL);
    if (row->has_from && row->has_to && row->valid_to.day < row->valid_from.day)
        breach(checker, FACTOR_RULE_VALID, row, NULL);
    if (row->tier_id != NULL && row->tier == NULL && (has_number(row) || row->tier_id[0] != '\0'))
        breach(checker, FACTOR_RULE_TIER, row, NULL);
}

static int compare_group(const struct factor_row *a, const struct factor_row *b)
{
    int order = strcmp(a->table, b->table);
    if (order == 0) order = strcmp(a->series, b->series);
    if (order == 0) order = strcmp(a->classes, b->classes);
    return order != 0 ? order : strcmp(a->scheme, b->scheme);
}

static int by_group(const void *a, const void *b)
{
    const struct factor_row *x = *(const struct factor_row *const *)a,
                            *y = *(const struct factor_row *const *)b;
    int order = compare_group(x, y);
    return order != 0 ? order : factor_compare_time(x, y);
}

static void check_neighbours(struct checker *checker, const struct factor_row *before,
                             const struct factor_row *row)
{
    if (!before->has_to || !row->has_from || row->valid_from.day <= before->valid_to.day)
        breach(checker, FACTOR_RULE_OVERLAP, row, before);
    else if (row->valid_from.day > before->valid_to.day + 1)
        breach(checker, FACTOR_RULE_GAP, row, before);
}

size_t factor_check(struct arena *arena, const struct factor_library *library,
                    const struct factor_breach **list)
{
    struct checker checker = {.arena = arena};
    const struct factor_row **rows =
        ARENA_NEW_ARRAY(arena, const struct factor_row *, library->count + 1);
    size_t n = 0;
    for (size_t i = 0; i < library->count; i++) {
        check_row(&checker, &library->rows[i]);
        if (library->rows[i].enabled && library->rows[i].value_count > 0)
            rows[n++] = &library->rows[i];
    }
    if (n > 1) qsort(rows, n, sizeof *rows, by_group);
    for (size_t i = 1; i < n; i++)
        if (compare_group(rows[i - 1], rows[i]) == 0)
            check_neighbours(&checker, rows[i - 1], rows[i]);
    *list = checker.list;
    return checker.count;
}
