/* Conditions that a method states of its own result (`require`): of every run that counts, the
 * draft before the posted one. One that does not hold is a finding in the method's own words; one
 * that is not known is none. A finding carries the condition's name as its key. */
#include <string.h>

#include "check/rules.h"

#define RULE "x32"
#define COMPUTED_MAX 8

/* Steps right below the condition: "recovered" and "formed" say more than forty leaves. */
static void add_steps(struct checking *checking, struct outcome *outcome,
                      const struct model_node *node, int depth)
{
    for (size_t i = 0; i < node->child_count; i++) {
        const struct model_node *child = node->children[i];
        if (outcome->evidence_count >= COMPUTED_MAX) return;
        if (child->kind == MODEL_NODE_FORMULA && child->value.status == MODEL_OK &&
            child->value.type == MODEL_NUMBER)
            outcome_evidence(checking, outcome, child->label, child->value.number,
                             child->unit != NULL ? child->unit : "", "computed", 0);
        else if (depth < 2)
            add_steps(checking, outcome, child, depth + 1);
    }
}

static void judge(struct checking *checking, const struct check_rule *rule,
                  const struct account_run *run, const struct account_condition *condition)
{
    enum check_result result = !condition->known       ? CHECK_NOT_POSSIBLE
                               : condition->met        ? CHECK_PASS
                               : condition->only_warns ? CHECK_WARN
                                                       : CHECK_FAIL;
    struct outcome *outcome = checking_add(checking, rule, result, run->period);
    outcome->title.en =
        tr_fill(checking->arena, LANG_EN, TR_KEY("Not met: {0}"), condition->label.en, NULL);
    outcome->title.zh =
        tr_fill(checking->arena, LANG_ZH, TR_KEY("Not met: {0}"), condition->label.zh, NULL);
    outcome->key = condition->name;
    if (result == CHECK_NOT_POSSIBLE)
        outcome->reason = "A value that the condition needs is not known.";
    if (result == CHECK_NOT_POSSIBLE || result == CHECK_PASS) return;
    bool told = condition->help.en[0] != '\0';
    outcome->message =
        told ? condition->help.en
             : "What the method says must hold does not. Check the values below against their "
               "slips, bills and laboratory sheets.";
    if (condition->tree == NULL) return;
    add_steps(checking, outcome, condition->tree, 0);
    outcome_leaves(checking, outcome, condition->tree, "factor");
}

static bool counts(const struct account_run *run)
{
    return run->state == ACCOUNT_DRAFT || run->state == ACCOUNT_POSTED;
}

static bool overlaps(const struct account_run *a, const struct account_run *b)
{
    return strcmp(a->kind, b->kind) == 0 && a->period.first.day <= b->period.last.day &&
           a->period.last.day >= b->period.first.day;
}

/* A posted run whose successor waits as a draft is judged no more: the draft has newer data. */
static bool has_draft(const struct account_run *runs, size_t count, const struct account_run *run)
{
    for (size_t i = 0; i < count; i++)
        if (runs[i].state == ACCOUNT_DRAFT && runs[i].run_id != run->run_id &&
            overlaps(&runs[i], run))
            return true;
    return false;
}

bool checking_run_conditions(struct checking *checking, struct error *err)
{
    const struct check_rule *rule = check_find_rule(checking->checks, RULE);
    struct account_period year = account_year(checking->year);
    struct account_run_filter filter = {.first = year.first, .last = year.last};
    struct account_run *runs;
    size_t count;
    if (rule == NULL) return true;
    if (!account_list_runs(checking->db, checking->arena, checking->viewer, checking->org_id,
                           &filter, &runs, &count, err))
        return false;
    for (size_t r = 0; r < count; r++) {
        struct account_condition *list;
        size_t conditions;
        if (!counts(&runs[r]) || has_draft(runs, count, &runs[r])) continue;
        if (!account_list_conditions(checking->db, checking->arena, checking->viewer,
                                     checking->rules, &runs[r], &list, &conditions, err))
            return false;
        for (size_t i = 0; i < conditions; i++) judge(checking, rule, &runs[r], &list[i]);
    }
    return true;
}

bool check_is_condition(const struct check_finding *finding)
{
    return strcmp(finding->rule, RULE) == 0;
}

bool check_explain_finding(struct db *db, struct arena *arena, const struct viewer *viewer,
                           const struct account_rules *rules, const struct check_finding *finding,
                           struct account_explanation *explanation, struct error *err)
{
    struct account_run_filter filter = {.first = finding->period.first,
                                        .last = finding->period.last};
    struct account_run *runs;
    size_t count;
    *explanation = (struct account_explanation){0};
    if (!check_is_condition(finding))
        return error_set(err, ERROR_ACCOUNT_UNKNOWN, "ss", "condition", finding->rule);
    if (!account_list_runs(db, arena, viewer, finding->org_id, &filter, &runs, &count, err))
        return false;
    /* The last run before the finding that states the condition: the one that raised it. */
    for (size_t r = count; r-- > 0;) {
        struct error none = {0};
        if (runs[r].at > finding->at || runs[r].known_seq > finding->known_seq ||
            !account_period_equal(runs[r].period, finding->period))
            continue;
        if (account_explain_condition(db, arena, viewer, rules, finding->org_id, runs[r].run_id,
                                      finding->key, explanation, &none))
            return true;
        if (none.code != ERROR_ACCOUNT_UNKNOWN) {
            *err = none;
            return false;
        }
    }
    return error_set(err, ERROR_ACCOUNT_UNKNOWN, "ss", "condition", finding->key);
}
