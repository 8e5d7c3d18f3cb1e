/* Conditions that a method states of its own result: a run that does not meet one raises a finding
 * in the method's words, a later run that does closes it. The shipped methods, and one that this
 * test brings along as a file. */
#include "unit.h"

#include <string.h>

#include "base/file.h"
#include "check/check.h"
#include "mill.h"
#include "shipped.h"

#define YEAR 2025

static struct check_summary summary;
static struct check_finding *findings;
static size_t finding_count;
static struct account_run *runs;
static size_t run_count;

static struct account_period january(void)
{
    return account_month(month_make(YEAR, 1));
}

static bool choose(struct db *db, struct mill *m, const char *method, struct error *err)
{
    return account_override_method(db, &m->manager, &m->rules, m->org_id, YEAR, method,
                                   "what the works makes", MILL_NOW, err);
}

static bool run_and_check(struct db *db, struct mill *m, struct error *err)
{
    return account_run_month(db, m->arena, &m->manager, &m->rules, m->org_id, month_make(YEAR, 1),
                             MILL_NOW, &runs, &run_count, err) &&
           check_run(db, m->arena, &m->manager, &m->rules, m->checks, m->flows, m->org_id, YEAR,
                     MILL_TODAY, MILL_NOW, &summary, err) &&
           check_list_findings(db, m->arena, &m->manager, m->flows, m->org_id, true, &findings,
                               &finding_count, err);
}

struct value {
    const char *input, *key;
    double value;
    const char *unit;
};

static bool submit(struct db *db, struct mill *m, const struct value *values, size_t count,
                   struct error *err)
{
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    for (size_t i = 0; i < count; i++)
        mill_put(rows, january(), values[i].input, values[i].key, values[i].value, values[i].unit,
                 ACCOUNT_TIER_INVOICE);
    return mill_submit(db, m, rows, MILL_NOW, true, err);
}
#define SUBMIT(...)                                    \
    submit(db, m, (const struct value[]){__VA_ARGS__}, \
           ARRAY_LEN(((const struct value[]){__VA_ARGS__})), err)

static bool gate_is(struct db *db, struct mill *m, enum account_gate wanted, const char *reason,
                    struct error *err)
{
    struct account_run run;
    TRY(account_get_run(db, m->arena, &m->manager, m->org_id, runs[0].run_id, &run, err));
    WANT(run.gate == wanted);
    WANT_TEXT(run.gate_reason, reason);
    return true;
}

static const struct check_evidence *evidence(const struct check_finding *f, const char *name)
{
    for (size_t i = 0; i < f->evidence_count; i++)
        if (strcmp(f->evidence[i].name.en, name) == 0) return &f->evidence[i];
    return NULL;
}

/* ---- a paper mill: more methane recovered than formed ---- */

/* 2000 m3 x (5 - 1) kg COD/m3 = 8 t COD, x 0.25 x 0.5 (guideline) = 1 t of methane formed; 3 t are
 * entered as recovered: -2 t x 21 (SAR) = -42 t CO2e. */
static bool paper_recovers_too_much(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_explanation explanation;
    TRY(choose(db, m, "ghg.paper", err));
    TRY(SUBMIT({"waste_water", "line1", 2000, "m3"}, {"cod_in", "line1", 5, "kg COD/m3"},
               {"cod_out", "line1", 1, "kg COD/m3"}, {"ch4_recovered", "", 3, "t CH4"}));
    TRY(run_and_check(db, m, err));
    WANT(finding_count == 1 && summary.opened == 1 && summary.failed == 1);
    const struct check_finding *f = &findings[0];
    WANT_TEXT(f->rule, "x32");
    WANT(f->result == CHECK_FAIL && f->blocks && account_period_equal(f->period, january()));
    WANT_TEXT(f->title.en, "Not met: No more methane recovered than formed");
    WANT_TEXT(f->title.zh, "不满足：甲烷回收量不大于产生量");
    WANT(strstr(f->text, "biogas meter") != NULL);
    WANT(strstr(check_sentence(LANG_ZH, m->library, f->text), "沼气流量计") != NULL);
    WANT_TEXT(check_sentence(LANG_EN, m->library, f->text), f->text);
    const struct check_evidence *recovered = evidence(f, "Methane recovered");
    WANT(recovered != NULL && recovered->has_value && recovered->value == 3);
    WANT(recovered->datum_id != 0);
    TRY(gate_is(db, m, ACCOUNT_GATE_BLOCKED, "x32", err));
    WANT_REFUSED(account_approve(db, &m->approver, m->org_id, runs[0].run_id, MILL_NOW, REFUSED),
                 ERROR_ACCOUNT_GATE);
    /* It rests on the very data: the tree of the run that raised it. */
    WANT(check_is_condition(f));
    TRY(check_explain_finding(db, m->arena, &m->manager, &m->rules, f, &explanation, err));
    WANT(explanation.tree->value.type == MODEL_FLAG && explanation.tree->value.number == 0);
    WANT(explanation.run.run_id == runs[0].run_id && explanation.origin_count == 4);
    WANT(strstr(model_explain_text(m->arena, explanation.tree, true), "甲烷回收量") != NULL);
    /* The same data raise nothing new. */
    TRY(run_and_check(db, m, err));
    WANT(finding_count == 1 && summary.opened == 0);
    return true;
}

/* 0.3 t recovered of 1 t formed. */
static bool paper_corrected(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct check_finding closed;
    id64 id = findings[0].finding_id;
    TRY(SUBMIT({"ch4_recovered", "", 0.3, "t CH4"}));
    /* Until the account is computed anew, what it says stands. */
    TRY(check_run(db, m->arena, &m->manager, &m->rules, m->checks, m->flows, m->org_id, YEAR,
                  MILL_TODAY, MILL_NOW, &summary, err));
    WANT(summary.failed == 1 && summary.closed == 0);
    TRY(run_and_check(db, m, err));
    WANT(finding_count == 0 && summary.closed == 1 && summary.failed == 0);
    TRY(check_get_finding(db, m->arena, &m->manager, m->flows, m->org_id, id, &closed, err));
    WANT_TEXT(closed.state->name, "corrected");
    TRY(gate_is(db, m, ACCOUNT_GATE_OPEN, "", err));
    return true;
}

/* Posted, then spoilt by new data, then put right again: the draft of the spoilt data is gone, and
 * so is its finding. */
static bool paper_put_right_after_posting(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    for (size_t i = 0; i < run_count; i++)
        if (strcmp(runs[i].kind, "method") == 0)
            TRY(account_approve(db, &m->approver, m->org_id, runs[i].run_id, MILL_NOW, err));
    TRY(SUBMIT({"ch4_recovered", "", 4, "t CH4"}));
    TRY(run_and_check(db, m, err));
    WANT(finding_count == 1);
    TRY(SUBMIT({"ch4_recovered", "", 0.3, "t CH4"}));
    TRY(run_and_check(db, m, err));
    WANT(runs[0].state == ACCOUNT_POSTED && finding_count == 0);
    return true;
}

/* ---- a grid company: 20000 + 0 - 0 - 21000 = -1000 MWh lost ---- */

static bool grid_sells_too_much(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    TRY(choose(db, m, "ghg.grid", err));
    TRY(SUBMIT({"feed_in", "", 20000, "MWh"}, {"imported", "", 0, "MWh"},
               {"exported", "", 0, "MWh"}, {"sold", "", 21000, "MWh"}));
    TRY(run_and_check(db, m, err));
    WANT(finding_count == 1);
    WANT_TEXT(findings[0].title.zh, "不满足：售电量不大于供电量");
    const struct check_evidence *lost = evidence(&findings[0], "Electricity lost");
    WANT(lost != NULL && lost->value == -1000);
    WANT_TEXT(lost->source, "computed");
    TRY(SUBMIT({"sold", "", 19000, "MWh"}));
    TRY(run_and_check(db, m, err));
    WANT(finding_count == 0 && summary.closed == 1);
    return true;
}

/* ---- a method of this test, in a folder of its own ---- */

static const char method[] =
    "model test.dyeing 1\n"
    "  kind    method\n"
    "  title   \"Dye house\" zh \"染整车间\"\n"
    "  source  \"condition_test.c\"\n"
    "  entity  enterprise\n"
    "  valid   2020-01-01 ..\n"
    "  applies industry \"3011\"\n"
    "  meta    only_warns \"dyed_by_night\"\n"
    "input in_vat : t \"Dye put in\" zh \"投入染料\" >= 0 per month\n"
    "input out_of_vat : t \"Dye drained\" zh \"排出染料\" >= 0 per month\n"
    "input night : 1 = 0 \"Share dyed by night\" zh \"夜间比例\" in 0 .. 1 per month\n"
    "out scope1_dye : t CO2e = (in_vat - out_of_vat) * 2 (t CO2e)/t\n"
    "  \"Dye\" zh \"染料\" post emission scope 1 source process basis both\n"
    "require drained_within_input = out_of_vat <= in_vat \"No more drained than put in\" "
    "zh \"排出不大于投入\"\n"
    "  help \"Weigh the vat again.\" zh \"请重新称量染缸。\"\n"
    "require dyed_by_night = night <= 0.5 \"Mostly by day\" zh \"以白天为主\"\n"
    "example \"by hand\"\n"
    "  in_vat = 3 t ; out_of_vat = 1 t\n"
    "  expect scope1_dye = 4 t CO2e\n"
    "  expect drained_within_input = true\n";

static bool own_method(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct check_outcome *outcomes;
    size_t count;
    TRY(choose(db, m, "test.dyeing", err));
    /* One value is not known: no finding, and it is said that it could not be judged. */
    TRY(SUBMIT({"in_vat", "", 3, "t"}));
    TRY(run_and_check(db, m, err));
    WANT_TEXT(runs[0].model, "test.dyeing");
    WANT(finding_count == 0 && summary.failed == 0);
    TRY(check_list_outcomes(db, m->arena, &m->manager, m->org_id, YEAR, &outcomes, &count, err));
    const struct check_outcome *first = mill_outcome(outcomes, count, "x32", january());
    WANT(first != NULL && first->result == CHECK_NOT_POSSIBLE && first->reason[0] != '\0');
    /* 5 t out of 3 t in: a failure that blocks. */
    TRY(SUBMIT({"out_of_vat", "", 5, "t"}));
    TRY(run_and_check(db, m, err));
    WANT(finding_count == 1 && findings[0].blocks);
    WANT_TEXT(findings[0].title.zh, "不满足：排出不大于投入");
    WANT_TEXT(findings[0].text, "Weigh the vat again.");
    WANT_TEXT(check_sentence(LANG_ZH, m->library, findings[0].text), "请重新称量染缸。");
    /* The other condition only warns, and the first is put right. */
    TRY(SUBMIT({"out_of_vat", "", 1, "t"}, {"night", "", 0.9, "1"}));
    TRY(run_and_check(db, m, err));
    WANT(finding_count == 1 && summary.closed == 1 && summary.opened == 1);
    WANT(findings[0].result == CHECK_WARN && !findings[0].blocks);
    WANT_TEXT(findings[0].title.en, "Not met: Mostly by day");
    TRY(gate_is(db, m, ACCOUNT_GATE_OPEN, "", err));
    return true;
}

static void test_own_method(void **state)
{
    (void)state;
    struct mill *m = mill_of_case();
    struct error err = {0};
    const char *own = arena_printf(m->arena, "%s/own", m->directory);
    const char *path = arena_printf(m->arena, "%s/models/dyeing.model", own);
    assert_true(file_make_directory(arena_printf(m->arena, "%s/models", own), &err));
    assert_true(file_write(path, str_from(method), &err));
    model_library_close(m->library);
    m->library = shipped_models(own);
    m->rules.library = m->library;
    mill_write(m, own_method);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MILL_CASE(paper_recovers_too_much, paper_corrected, paper_put_right_after_posting),
        MILL_CASE(grid_sells_too_much),
        MILL_TEST(test_own_method),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
