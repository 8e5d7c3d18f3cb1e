/* Inside check: one run of all rules over one organisation's year. */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include "check/check.h"

struct check_rules {
    struct check_rule *list;
    size_t count;
    struct {
        const char *id;
        double value;
    } * thresholds;
    size_t threshold_count;
    double weight_fail, weight_warn;
    struct check_problem *problems;
    size_t problem_count, problem_capacity;
};
/* The rule in force; NULL when the table doesn't have it. */
const struct check_rule *check_find_rule(const struct check_rules *rules, const char *id);
/* False when the table has no such threshold or ships it disabled: the rule is then not possible.
 */
bool check_threshold(const struct check_rules *rules, const char *rule, const char *name,
                     double *value);

/* What one rule found for one period (and one input). */
struct outcome {
    const struct check_rule *rule;
    struct model_text title; /* of its finding: the rule's, or a condition's own */
    enum check_result result;
    struct account_period period;
    const char *input, *key;
    const char *message; /* English sentence with {0}… */
    const char *args[6];
    size_t arg_count;
    double delta;       /* NAN: none */
    const char *reason; /* of CHECK_NOT_POSSIBLE */
    struct check_evidence *evidence;
    size_t evidence_count, evidence_capacity;
};

struct checking {
    struct db *db;
    struct arena *arena;
    const struct viewer *viewer;
    const struct account_rules *rules;
    const struct check_rules *checks;
    id64 org_id;
    int year;
    date today;
    struct account_datum
        *data; /* that count, of this year and the two before, numbers by first day */
    size_t data_count;
    struct outcome *outcomes;
    size_t count, capacity;
};
struct outcome *checking_add(struct checking *checking, const struct check_rule *rule,
                             enum check_result result, struct account_period period);
void outcome_evidence(struct checking *checking, struct outcome *outcome, struct model_text name,
                      double value, const char *unit, const char *source, id64 datum_id);
/* A number as a person reads it in a finding: four significant digits. */
const char *checking_number(struct checking *checking, double value);
const char *checking_percent(struct checking *checking, double share);
/* The values at the leaves of an explanation, each once; `factor` says what a table's row is here.
 */
void outcome_leaves(struct checking *checking, struct outcome *outcome,
                    const struct model_node *node, const char *factor);
/* Conditions that methods state of their own runs (condition.c). */
bool checking_run_conditions(struct checking *checking, struct error *err) NODISCARD;
/* Rules that are models of kind `check` (formula.c), and those that look at a series (series.c,
 * readings.c). */
bool checking_run_models(struct checking *checking, struct error *err) NODISCARD;
bool checking_run_series(struct checking *checking, struct error *err) NODISCARD;
bool checking_run_readings(struct checking *checking, struct error *err) NODISCARD;

#endif
