/* The rules and thresholds in force, from tables/check/. */
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/num.h"
#include "check/rules.h"

#define TABLE_BYTES_MAX ((size_t)1 << 20)

const char *check_result_name(enum check_result result)
{
    static const char *const names[] = {"pass", "warn", "fail", "not_possible"};
    return names[result];
}

const struct check_rule *check_find_rule(const struct check_rules *rules, const char *id)
{
    for (size_t i = 0; i < rules->count; i++)
        if (strcmp(rules->list[i].id, id) == 0) return &rules->list[i];
    return NULL;
}

bool check_threshold(const struct check_rules *rules, const char *rule, const char *name,
                     double *value)
{
    size_t length = strlen(rule);
    for (size_t i = 0; i < rules->threshold_count; i++) {
        const char *id = rules->thresholds[i].id; /* x01_pass: the rule, _, the name */
        if (strncmp(id, rule, length) != 0 || id[length] != '_' ||
            strcmp(id + length + 1, name) != 0)
            continue;
        *value = rules->thresholds[i].value;
        return true;
    }
    return false;
}

/* The column whose header is `name`, or `name : type`. */
static int column_of(const struct csv_table *table, const char *name)
{
    for (size_t i = 0; i < table->columns; i++) {
        str head = table->names[i], word;
        if (str_cut(&head, ':', &word) && str_is(str_trim(word), name)) return (int)i;
    }
    return -1;
}

static bool add_rule(struct arena *arena, struct check_rules *rules, const struct csv_table *table,
                     str *row, size_t *capacity, struct error *err)
{
    static const char *const names[] = {"id",           "rule",    "name_en", "name_zh",   "value",
                                        "blocks_label", "enabled", "note",    "confidence"};
    str cell[ARRAY_LEN(names)];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        int column = column_of(table, names[i]);
        if (column < 0) return error_set(err, ERROR_CHECK_COLUMN, "ss", "thresholds.csv", names[i]);
        cell[i] = str_trim(row[column]);
    }
    double value;
    if (!num_parse(cell[4], &value))
        return error_set(err, ERROR_CHECK_THRESHOLD, "SS", cell[0], cell[4]);
    if (!str_is(cell[6], "true")) return true;
    rules->thresholds[rules->threshold_count].id = str_dup(arena, cell[0]);
    rules->thresholds[rules->threshold_count++].value = value;
    const char *id = str_dup(arena, cell[1]);
    if (check_find_rule(rules, id) != NULL) return true;
    *ARENA_PUSH(arena, rules->list, rules->count, *capacity) =
        (struct check_rule){.id = id,
                            .title = {str_dup(arena, cell[2]), str_dup(arena, cell[3])},
                            .what = {str_dup(arena, cell[7]), str_dup(arena, cell[7])},
                            .blocks = str_is(cell[5], "true"),
                            .weight = rules->weight_fail,
                            .confidence = str_dup(arena, cell[8])};
    return true;
}

static bool take_thresholds(struct arena *arena, struct check_rules *rules,
                            const struct csv_table *table, struct error *err)
{
    size_t capacity = 0;
    rules->list = NULL;
    rules->count = rules->threshold_count = 0;
    rules->thresholds = arena_array(arena, table->count + 1, sizeof *rules->thresholds);
    for (size_t i = 0; i < table->count; i++)
        if (!add_rule(arena, rules, table, table->rows[i], &capacity, err)) return false;
    return true;
}

static bool take_weights(struct arena *arena, struct check_rules *rules,
                         const struct csv_table *table, struct error *err)
{
    int id = column_of(table, "id"), weight = column_of(table, "weight");
    (void)arena;
    rules->weight_fail = rules->weight_warn = 0;
    if (id < 0 || weight < 0)
        return error_set(err, ERROR_CHECK_COLUMN, "ss", "weights.csv", id < 0 ? "id" : "weight");
    for (size_t i = 0; i < table->count; i++) {
        str name = table->rows[i][id], value = str_trim(table->rows[i][weight]);
        double *place = str_is(name, "fail")   ? &rules->weight_fail
                        : str_is(name, "warn") ? &rules->weight_warn
                                               : NULL;
        if (place != NULL && !num_parse(value, place))
            return error_set(err, ERROR_CHECK_THRESHOLD, "SS", name, value);
    }
    return true;
}

/* The last root that has the file wins: an installation may replace the shipped one. One that can't
 * be used is noted and the one before it taken; the first, which is shipped, must be good. */
static bool read_table(struct arena *arena, struct check_rules *rules, const char *const *roots,
                       size_t root_count, const char *name,
                       bool (*take)(struct arena *, struct check_rules *, const struct csv_table *,
                                    struct error *),
                       struct error *err)
{
    for (size_t i = root_count; i-- > 0;) {
        const char *path = arena_printf(arena, "%s/tables/check/%s", roots[i], name);
        struct csv_table table;
        str text;
        if (i > 0 && !file_exists(path)) continue;
        if (file_read(arena, path, TABLE_BYTES_MAX, &text, err) &&
            csv_read_table(arena, text, &table, err) && take(arena, rules, &table, err))
            return true;
        if (i == 0) return false;
        *ARENA_PUSH(arena, rules->problems, rules->problem_count, rules->problem_capacity) =
            (struct check_problem){.file = path, .reason = *err};
        *err = (struct error){0};
    }
    return error_set(err, ERROR_FILE_OPEN, "ss", name, "no folder given");
}

struct check_rules *check_rules_open(struct arena *arena, const char *const *roots,
                                     size_t root_count, struct error *err)
{
    struct check_rules *rules = ARENA_NEW(arena, struct check_rules);
    /* The weights first: each rule takes its own from them. */
    return read_table(arena, rules, roots, root_count, "weights.csv", take_weights, err) &&
                   read_table(arena, rules, roots, root_count, "thresholds.csv", take_thresholds,
                              err)
               ? rules
               : NULL;
}

size_t check_rules_problems(const struct check_rules *rules, const struct check_problem **list)
{
    *list = rules->problems;
    return rules->problem_count;
}

size_t check_rules_list(const struct check_rules *rules, const struct check_rule **list)
{
    *list = rules->list;
    return rules->count;
}
