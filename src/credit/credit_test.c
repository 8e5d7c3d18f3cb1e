/* Confidence, label and grade of an invented cement works, computed by hand from the published
 * scoring functions. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "credit/credit.h"
#include "mill.h"

#define YEAR 2025

static struct credit_rating rating;

static bool rate(struct db *db, struct mill *m, struct error *err)
{
    return credit_rate(db, m->arena, &m->manager, &m->credit, m->org_id, YEAR, MILL_TODAY, MILL_NOW,
                       &rating, err);
}

static const struct credit_reason *reason(const char *model, const char *output)
{
    for (size_t i = 0; i < rating.reason_count; i++)
        if (strcmp(rating.reasons[i].model, model) == 0 &&
            strcmp(rating.reasons[i].output, output) == 0)
            return &rating.reasons[i];
    return NULL;
}

static bool number(const char *model, const char *output, double *value, struct error *err)
{
    const struct credit_reason *found = reason(model, output);
    if (found == NULL || !found->known)
        return want_differs(err, __LINE__, "the reason", output, "known");
    *value = found->value;
    return true;
}

#define WANT_REASON(model, output, wanted, tolerance) \
    do {                                              \
        double value_;                                \
        TRY(number(model, output, &value_, err));     \
        WANT_NEAR(value_, wanted, tolerance);         \
    } while (0)

/* ---- a year of the works ---- */

/* Direct emission a month: oxides 100000 x (0.65 x 44/56 + 0.015 x 44/40) = 52721.4286; raw meal
 * 155000 x 0.001 x 44/12 = 568.3333; coal 13000 x 0.60 x 0.98 x 44/12 = 28028: together 81317.7619
 * t, 0.813178 t per tonne of clinker. Average of the benchmark 0.8135: light green, ratio 0.999604.
 * Energy 105 kgce/t lies between grade 1 (100) and 2 (107): light green too. */
#define SCOPE1_T                                                              \
    (100000 * (0.65 * 44 / 56 + 0.015 * 44 / 40) + 155000 * 0.001 * 44 / 12 + \
     13000 * 0.60 * 0.98 * 44 / 12)
#define CARBON_RATIO (SCOPE1_T / 100000 / 0.8135)

/* Completeness 1; every value came 15 days after its period: 1 - 15/60 = 0.75; accuracy 1; ledgers
 * 0.6: 0.30 + 0.25 x 0.75 + 0.25 + 0.20 x 0.6 = 0.8575: B from 0.75. */
#define Q 0.8575

static bool put_flag(struct db *db, struct mill *m, const char *input, const char *value,
                     struct error *err)
{
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    mill_put_text(rows, account_year(YEAR), input, value);
    return mill_submit(db, m, rows, (int64_t)(account_year(YEAR).last.day + 15) * 86400000, true,
                       err);
}

static bool put_year(struct db *db, struct mill *m, const char *input, double value,
                     const char *unit, struct error *err)
{
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    mill_put(rows, account_year(YEAR), input, "", value, unit, ACCOUNT_TIER_INVOICE);
    return mill_submit(db, m, rows, (int64_t)(account_year(YEAR).last.day + 15) * 86400000, true,
                       err);
}

static bool drafts_count_nowhere(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    TRY(mill_submit_year(db, m, YEAR, err));
    TRY(credit_refresh(db, m->arena, &m->manager, &m->credit, m->org_id, YEAR, MILL_TODAY, MILL_NOW,
                       err));
    TRY(rate(db, m, err));
    WANT(rating.repeated); /* credit_refresh judged these very data */
    double value;
    struct error unknown;
    WANT(!number("credit.label", "clinker_carbon", &value, &unknown)); /* nothing is posted yet */
    WANT_TEXT(rating.confidence, "B");
    return true;
}

static bool label_and_grade(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    TRY(mill_post_year(db, m, YEAR, err));
    TRY(put_year(db, m, "target_completion", 1, "1", err));
    TRY(put_year(db, m, "revenue", 100000000, "CNY", err));
    TRY(put_year(db, m, "reduction_spending", 2000000, "CNY", err));
    TRY(put_year(db, m, "plan_progress", 0.8, "1", err));
    TRY(put_year(db, m, "plan_planned", 0.8, "1", err));
    TRY(put_year(db, m, "penalties", 0, "1", err));
    TRY(put_year(db, m, "disclosure", 1, "1", err));
    TRY(put_year(db, m, "complaints", 0, "1", err));
    TRY(put_flag(db, m, "outdated", "false", err));
    TRY(rate(db, m, err));
    WANT(!rating.repeated);
    /* Confidence */
    WANT_REASON("credit.confidence", "q", Q, 1e-12);
    WANT_TEXT(rating.confidence, "B");
    /* Label */
    WANT_REASON("credit.label", "clinker_carbon", SCOPE1_T / 100000, 1e-9);
    WANT_REASON("credit.label", "carbon_ratio", CARBON_RATIO, 1e-9);
    WANT_TEXT(reason("credit.label", "clinker_label")->text, "light_green");
    WANT_TEXT(reason("credit.label", "energy_label")->text, "light_green");
    WANT_TEXT(rating.label, "light_green");
    /* Grade. D1: c01 100 - 40 x (ratio - 0.8) / 0.2; c03 105/117 -> 100 - 40 x (0.897436 - 0.85) /
     * 0.15 = 87.35; c02 unknown: one of three. D2: the target met, 100, but one of four known: at
     * most 60. D3: spending 2 % -> 80, plan 100; two of four known: at most 60. D4: nothing. D5:
     * 100 and 100. D6: Q -> 100 - 40 x (0.9 - 0.8575) / 0.2 = 91.5, disclosure 100, complaints 100;
     * three of four. */
    double c01 = 100 - 40 * (CARBON_RATIO - 0.8) / 0.2,
           c03 = 100 - 40 * (105.0 / 117 - 0.85) / 0.15;
    double d1 = (c01 + c03) / 2, d6 = (91.5 + 100 + 100) / 3;
    WANT_REASON("credit.grade", "d1", d1, 1e-9);
    WANT_REASON("credit.grade", "d2", 60, 1e-9);
    WANT_REASON("credit.grade", "d3", 60, 1e-9);
    WANT_REASON("credit.grade", "d5", 100, 1e-9);
    WANT_REASON("credit.grade", "d6", d6, 1e-9);
    WANT_TEXT(rating.stage, "middle"); /* 0.25 0.25 0.20 0.05 0.15 0.10, without D4's */
    double score = (0.25 * d1 + 0.25 * 60 + 0.20 * 60 + 0.15 * 100 + 0.10 * d6) / 0.95;
    WANT(rating.has_score);
    WANT_NEAR(rating.score, score, 1e-9);
    WANT_NEAR(rating.score, 73.84, 0.01);
    WANT_TEXT(rating.grade, "A");
    /* What is missing and whose it is to give. */
    bool past = false, own = false;
    for (size_t i = 0; i < rating.missing_count; i++) {
        const struct credit_missing *missing = &rating.missing[i];
        if (strcmp(missing->name, "prev.emission.full") == 0) past = !missing->from_user;
        if (strcmp(missing->name, "technology_count") == 0) own = missing->from_user;
    }
    WANT(past && own);
    WANT(rating.improvement_count > 0 && rating.improvement_count <= 5);
    for (size_t i = 1; i < rating.improvement_count; i++)
        WANT(rating.improvements[i - 1].points >= rating.improvements[i].points);
    return true;
}

static id64 old_rating;

static bool explain_it(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    const struct model_node *tree;
    struct credit_rating read;
    bool found;
    TRY(credit_read_rating(db, m->arena, &m->manager, m->org_id, 0, &read, &found, err));
    WANT(found && read.rating_id == rating.rating_id && read.reason_count == rating.reason_count);
    WANT(read.missing_count == rating.missing_count &&
         read.improvement_count == rating.improvement_count);
    TRY(credit_explain(db, m->arena, &m->manager, &m->credit, m->org_id, rating.rating_id,
                       "credit.grade", "score", &tree, err));
    WANT(tree->value.status == MODEL_OK);
    WANT_NEAR(tree->value.number, rating.score, 1e-12);
    TRY(credit_explain(db, m->arena, &m->manager, &m->credit, m->org_id, rating.rating_id,
                       "credit.label", "label", &tree, err));
    WANT_TEXT(tree->value.text, "light_green");
    WANT_REFUSED(credit_explain(db, m->arena, &m->manager, &m->credit, m->org_id, rating.rating_id,
                                "credit.label", "nothing", &tree, REFUSED),
                 ERROR_CREDIT_NO_OUTPUT);
    WANT_REFUSED(credit_explain(db, m->arena, &m->manager, &m->credit, m->org_id, 1, "credit.label",
                                "label", &tree, REFUSED),
                 ERROR_CREDIT_NO_RATING);
    TRY(rate(db, m, err));
    WANT(rating.repeated); /* the same data give the same rating, and no second one */
    old_rating = rating.rating_id;
    return true;
}

/* Complaints upheld: c24 100 -> 60 at one. Veto: a year of red. The older rating is explained as it
 * was. */
static bool later_data(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    const struct model_node *tree;
    struct credit_rating *list;
    double before = rating.score;
    size_t count;
    TRY(put_year(db, m, "complaints", 1, "1", err));
    TRY(rate(db, m, err));
    /* D6 falls by 40 / 3, its weight is 0.10 of 0.95. */
    WANT_NEAR(before - rating.score, 40.0 / 3 * 0.10 / 0.95, 1e-9);
    TRY(put_flag(db, m, "falsification", "true", err));
    TRY(rate(db, m, err));
    WANT_TEXT(rating.label, "red");
    WANT_TEXT(rating.grade, "BB"); /* 72.4 points are an A, red caps at BB */
    TRY(credit_explain(db, m->arena, &m->manager, &m->credit, m->org_id, old_rating, "credit.grade",
                       "score", &tree, err));
    WANT_NEAR(tree->value.number, before, 1e-12);
    TRY(credit_list_ratings(db, m->arena, &m->manager, m->org_id, &list, &count, err));
    WANT(count >= 3 && list[0].rating_id == rating.rating_id); /* newest first, none is gone */
    return true;
}

static bool seen_by_others(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct credit_rating read, *list;
    struct account_facts facts;
    struct account_facts_query query = {
        .org_id = m->org_id, .year = YEAR, .as_known = ACCOUNT_NOW, .today = MILL_TODAY};
    const struct model_node *tree;
    size_t count;
    id64 letter;
    bool found;
    const struct viewer *strangers[] = {&m->officer, &m->other_officer, &m->neighbour};
    for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
        WANT_REFUSED(
            credit_read_rating(db, m->arena, strangers[i], m->org_id, YEAR, &read, &found, REFUSED),
            ERROR_REGISTRY_NOT_ALLOWED);
        WANT_REFUSED(
            credit_list_ratings(db, m->arena, strangers[i], m->org_id, &list, &count, REFUSED),
            ERROR_REGISTRY_NOT_ALLOWED);
        WANT_REFUSED(
            credit_read_facts(db, m->arena, strangers[i], &m->credit, &query, &facts, REFUSED),
            ERROR_REGISTRY_NOT_ALLOWED);
        WANT_REFUSED(credit_rate(db, m->arena, strangers[i], &m->credit, m->org_id, YEAR,
                                 MILL_TODAY, MILL_NOW, &read, REFUSED),
                     ERROR_REGISTRY_NOT_ALLOWED);
    }
    TRY(mill_grant(db, m, REGISTRY_SCOPE_LABEL, &letter, err));
    TRY(credit_read_rating(db, m->arena, &m->officer, m->org_id, YEAR, &read, &found, err));
    WANT(found);
    /* A letter for the label shows the judgement, not the data behind it; a bank does not judge. */
    WANT_REFUSED(credit_explain(db, m->arena, &m->officer, &m->credit, m->org_id, read.rating_id,
                                "credit.label", "label", &tree, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    WANT_REFUSED(credit_read_facts(db, m->arena, &m->officer, &m->credit, &query, &facts, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    WANT_REFUSED(credit_refresh(db, m->arena, &m->officer, &m->credit, m->org_id, YEAR, MILL_TODAY,
                                MILL_NOW, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    return true;
}

static void test_label_grade_confidence(void **state)
{
    (void)state;
    mill_write(mill_of_case(), drafts_count_nowhere);
    mill_write(mill_of_case(), label_and_grade);
    mill_write(mill_of_case(), explain_it);
    mill_sequence(mill_of_case());
    mill_write(mill_of_case(), later_data);
    mill_write(mill_of_case(), seen_by_others);
}

/* Nothing known: grey, no grade, and it says why. */
static bool nothing_known(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    TRY(rate(db, m, err));
    WANT_TEXT(rating.label, "grey");
    WANT_TEXT(rating.confidence, "");
    WANT(rating.grade[0] == '\0' || strcmp(rating.grade, "none") == 0);
    return true;
}

/* A blocking finding makes the label grey, whatever the intensity; one failure costs a tenth of the
 * accuracy. */
static bool blocked(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    struct account_period p = account_month(month_make(YEAR, 12));
    TRY(mill_submit_year(db, m, YEAR, err));
    TRY(mill_post_year(db, m, YEAR, err));
    TRY(rate(db, m, err));
    WANT_TEXT(rating.label, "light_green");
    /* 20000 t there, 13000 t burnt, nothing left: 35 % are gone. */
    mill_put(rows, p, "coal_opening", "bituminous", 20000, "t", ACCOUNT_TIER_INVOICE);
    TRY(mill_submit(db, m, rows, (int64_t)(p.last.day + 15) * 86400000, false, err));
    TRY(credit_refresh(db, m->arena, &m->manager, &m->credit, m->org_id, YEAR, MILL_TODAY, MILL_NOW,
                       err));
    TRY(rate(db, m, err));
    WANT_TEXT(rating.label, "grey");
    WANT_TEXT(reason("credit.label", "reason")->text, "blocking_finding");
    WANT_TEXT(reason("credit.label", "base_label")->text, "light_green");
    WANT_REASON("credit.confidence", "q", Q - 0.25 * 0.10, 1e-12);
    return true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MILL_TEST(test_label_grade_confidence),
        MILL_CASE(nothing_known),
        MILL_CASE(blocked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
