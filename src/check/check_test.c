/* Each rule passing, warning, failing and not possible, by figures computed by hand; and what
 * becomes of a finding. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "mill.h"

#define YEAR 2025
#define DAY(y, m, d) day_of(y, m, d)

static struct check_summary summary;
static struct check_outcome *outcomes;
static size_t outcome_count;

static date day_of(int year, int month, int day)
{
    date result = {0};
    return date_make(year, month, day, &result) ? result : (date){0};
}

static struct account_period month_of_year(int month)
{
    return account_month(month_make(YEAR, month));
}

static bool run_checks(struct db *db, struct mill *m, int year, struct error *err)
{
    return check_run(db, m->arena, &m->manager, &m->rules, m->checks, m->flows, m->org_id, year,
                     MILL_TODAY, MILL_NOW, &summary, err) &&
           check_list_outcomes(db, m->arena, &m->manager, m->org_id, year, &outcomes,
                               &outcome_count, err);
}

static const struct check_outcome *outcome(const char *rule, struct account_period period)
{
    return mill_outcome(outcomes, outcome_count, rule, period);
}

static bool submit_one(struct db *db, struct mill *m, int month, const char *input, const char *key,
                       double value, const char *unit, enum account_tier tier, struct error *err)
{
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    mill_put(rows, month_of_year(month), input, key, value, unit, tier);
    return mill_submit(db, m, rows, MILL_NOW, true, err);
}

#define WANT_OUTCOME(rule_id, of_period, wanted)                             \
    do {                                                                     \
        const struct check_outcome *o_ = outcome(rule_id, of_period);        \
        WANT(o_ != NULL);                                                    \
        WANT_TEXT(check_result_name(o_->result), check_result_name(wanted)); \
    } while (0)

/* ---- x01: the bill runs from reading day to reading day ---- */

/* 1 MWh a quarter hour, 96 MWh a day, until 19 February; half of it afterwards. Read on the 20th:
 * February's bill: 20 January to 19 February, 31 days x 96 = 2976 MWh.
 * March's bill: 20 February to 19 March, 28 days x 48 = 1344 MWh.
 * By the calendar February would be 19 x 96 + 9 x 48 = 2256 MWh, 24 % less than its bill. */
static bool bill_by_reading_day(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    id64 meter, sub, site;
    struct registry_asset place = mill_workshop(m->org_id, "S1");
    struct meter_day *days = ARENA_NEW_ARRAY(m->arena, struct meter_day, 28);
    TRY(mill_add_meter(db, m, "main", 0, 20, DAY(YEAR, 1, 20), DAY(YEAR, 2, 19), 1000000, &meter,
                       err));
    for (int i = 0; i < 28; i++)
        mill_fill_day(m, &days[i], (date){DAY(YEAR, 2, 20).day + i}, 500000);
    TRY(mill_store_days(db, m, meter, days, 28, err));
    /* A meter below the main one counts what that counted already. */
    TRY(registry_add_asset(db, &place, MILL_NOW, &site, err));
    TRY(mill_add_meter(db, m, "sub", site, 20, DAY(YEAR, 1, 20), DAY(YEAR, 3, 19), 100000, &sub,
                       err));
    TRY(submit_one(db, m, 2, "electricity_billed", "", 2976, "MWh", ACCOUNT_TIER_INVOICE, err));
    TRY(submit_one(db, m, 3, "electricity_billed", "", 1400, "MWh", ACCOUNT_TIER_INVOICE, err));
    TRY(submit_one(db, m, 4, "electricity_billed", "", 1400, "MWh", ACCOUNT_TIER_INVOICE, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x01", month_of_year(2), CHECK_PASS);
    WANT_NEAR(outcome("x01", month_of_year(2))->delta, 0, 1e-12);
    /* |1400 - 1344| / 1400 = 4 %: over 2 %, up to 5 %. */
    WANT_OUTCOME("x01", month_of_year(3), CHECK_WARN);
    WANT_NEAR(outcome("x01", month_of_year(3))->delta, 0.04, 1e-12);
    WANT_OUTCOME("x01", month_of_year(4), CHECK_NOT_POSSIBLE); /* no readings */
    WANT(outcome("x01", month_of_year(1)) == NULL); /* nothing billed, nothing compared */
    /* |1500 - 1344| / 1500 = 10.4 % */
    TRY(submit_one(db, m, 3, "electricity_billed", "", 1500, "MWh", ACCOUNT_TIER_INVOICE, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x01", month_of_year(3), CHECK_FAIL);
    WANT_NEAR(outcome("x01", month_of_year(3))->delta, 0.104, 1e-12);
    return true;
}

/* Two main meters, one of which has no readings of the period: a comparison would accuse the plant
 * of half its bill. */
static bool meters_left_out(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    id64 first, second;
    TRY(mill_add_meter(db, m, "east", 0, 1, DAY(YEAR, 2, 1), DAY(YEAR, 2, 28), 500000, &first,
                       err));
    TRY(mill_add_meter(db, m, "west", 0, 0, DAY(YEAR, 3, 1), DAY(YEAR, 3, 31), 500000, &second,
                       err));
    TRY(submit_one(db, m, 2, "electricity_billed", "", 2688, "MWh", ACCOUNT_TIER_INVOICE, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x01", month_of_year(2), CHECK_NOT_POSSIBLE);
    /* With both: 2 x 28 x 48 = 2688 MWh. A meter read on the 1st is billed by calendar month. */
    struct meter_day *days = ARENA_NEW_ARRAY(m->arena, struct meter_day, 28);
    for (int i = 0; i < 28; i++)
        mill_fill_day(m, &days[i], (date){DAY(YEAR, 2, 1).day + i}, 500000);
    TRY(mill_store_days(db, m, second, days, 28, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x01", month_of_year(2), CHECK_PASS);
    return true;
}

/* ---- the month before ---- */

static const struct check_outcome *second_outcome(const char *rule, struct account_period period)
{
    const struct check_outcome *first = outcome(rule, period);
    for (size_t i = 0; first != NULL && i < outcome_count; i++)
        if (&outcomes[i] != first && strcmp(outcomes[i].rule, rule) == 0 &&
            account_period_equal(outcomes[i].period, period))
            return &outcomes[i];
    return NULL;
}

/* 23 to 19.5 GJ/t is a fall of 3.5 / 23 = 15.2 %, though both lie in the range of coal. */
static bool heat_that_jumps(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    static const double ncv[] = {23, 19.5, 20};
    struct check_finding *findings;
    size_t count;
    for (int i = 0; i < 3; i++)
        mill_put(rows, month_of_year(5 + i), "ncv_measured", "bituminous", ncv[i], "GJ/t",
                 ACCOUNT_TIER_INVOICE);
    TRY(mill_submit(db, m, rows, MILL_NOW, false, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x21", month_of_year(6), CHECK_PASS);
    WANT(second_outcome("x21", month_of_year(5))->result == CHECK_NOT_POSSIBLE);
    WANT(second_outcome("x21", month_of_year(6))->result == CHECK_WARN);
    WANT_NEAR(second_outcome("x21", month_of_year(6))->delta, 3.5 / 23, 1e-12);
    WANT(second_outcome("x21", month_of_year(7))->result == CHECK_PASS);
    TRY(check_list_findings(db, m->arena, &m->manager, m->flows, m->org_id, false, &findings,
                            &count, err));
    WANT(count == 1 && strcmp(findings[0].rule, "x21") == 0);
    const char *zh = check_sentence(LANG_ZH, m->library, findings[0].text);
    WANT(strstr(findings[0].text, "month before") != NULL && strstr(zh, "较上月变化") != NULL);
    WANT_TEXT(findings[0].args[0], "15.2 %");
    return true;
}

/* ---- the rules that are formulas ---- */

static void put_coal(struct mill_rows *rows, int month, double burnt)
{
    enum account_tier tier = ACCOUNT_TIER_INVOICE;
    mill_put(rows, month_of_year(month), "coal_opening", "bituminous", 5000, "t", tier);
    mill_put(rows, month_of_year(month), "coal_bought", "bituminous", 12000, "t", tier);
    mill_put(rows, month_of_year(month), "coal_closing", "bituminous", 5000, "t", tier);
    mill_put(rows, month_of_year(month), "burnt", "bituminous", burnt, "t", tier);
}

/* Available 5000 + 12000 = 17000 t; left 5000 t. Burnt 11900: 100 / 17000 = 0.588 %. 11750: 250 /
 * 17000 = 1.471 %. 11500: 500 / 17000 = 2.941 %. */
static bool coal_balance(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    put_coal(rows, 1, 11900);
    put_coal(rows, 2, 11750);
    put_coal(rows, 3, 11500);
    mill_put(rows, month_of_year(4), "burnt", "bituminous", 11500, "t", ACCOUNT_TIER_INVOICE);
    TRY(mill_submit(db, m, rows, MILL_NOW, false, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x04", month_of_year(1), CHECK_PASS);
    WANT_OUTCOME("x04", month_of_year(2), CHECK_WARN);
    WANT_NEAR(outcome("x04", month_of_year(2))->delta, 250.0 / 17000, 1e-12);
    WANT_OUTCOME("x04", month_of_year(3), CHECK_FAIL);
    WANT_NEAR(outcome("x04", month_of_year(3))->delta, 500.0 / 17000, 1e-12);
    WANT_OUTCOME("x04", month_of_year(4), CHECK_NOT_POSSIBLE); /* no stocks are known */
    return true;
}

/* Least: 0.62 x 44/56 = 0.487143. CaO 0.655: 0.514643, inside. 0.616: 0.484, 0.645 % below. 0.56:
 * 0.44, 9.677 % below. */
static bool clinker_oxides(struct db *db, void *arg, struct error *err)
{
    static const double cao[] = {0.655, 0.616, 0.56};
    struct mill *m = arg;
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    for (int i = 0; i < 3; i++) {
        mill_put(rows, month_of_year(i + 1), "clinker_cao", "", cao[i], "1", ACCOUNT_TIER_INVOICE);
        mill_put(rows, month_of_year(i + 1), "clinker_mgo", "", 0, "1", ACCOUNT_TIER_INVOICE);
    }
    mill_put(rows, month_of_year(4), "clinker_cao", "", 0.655, "1", ACCOUNT_TIER_INVOICE);
    TRY(mill_submit(db, m, rows, MILL_NOW, false, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x08", month_of_year(1), CHECK_PASS);
    WANT_OUTCOME("x08", month_of_year(2), CHECK_WARN);
    WANT_NEAR(outcome("x08", month_of_year(2))->delta, (0.62 * 44 / 56 - 0.484) / (0.62 * 44 / 56),
              1e-12);
    WANT_OUTCOME("x08", month_of_year(3), CHECK_FAIL);
    WANT_NEAR(outcome("x08", month_of_year(3))->delta, 0.0967741935483871, 1e-12);
    WANT_OUTCOME("x08", month_of_year(4), CHECK_NOT_POSSIBLE);
    WANT_TEXT(outcome("x08", month_of_year(4))->reason, "clinker_mgo");
    return true;
}

/* 0.6026 / 23 = 26.2 tC/TJ is coal; 33 GJ/t is none. A default of 33 says nothing of anybody's
 * laboratory. */
static bool coal_analysis(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    const double ncv[] = {23, 33, 33};
    for (int i = 0; i < 3; i++) {
        enum account_tier tier = i == 2 ? ACCOUNT_TIER_DEFAULT : ACCOUNT_TIER_METER;
        mill_put(rows, month_of_year(i + 1), "ncv_measured", "bituminous", ncv[i], "GJ/t", tier);
        mill_put(rows, month_of_year(i + 1), "carbon_measured", "bituminous", 0.6026, "(t C)/t",
                 tier);
    }
    mill_put(rows, month_of_year(4), "carbon_measured", "bituminous", 0.6026, "(t C)/t",
             ACCOUNT_TIER_METER);
    TRY(mill_submit(db, m, rows, MILL_NOW, false, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x21", month_of_year(1), CHECK_PASS);
    WANT_OUTCOME("x21", month_of_year(2), CHECK_WARN);
    /* (33 - 29) / 33 + (0.024 - 0.6026 / 33) / (0.6026 / 33) */
    WANT_NEAR(outcome("x21", month_of_year(2))->delta, 4.0 / 33 + (0.024 * 33 - 0.6026) / 0.6026,
              1e-12);
    WANT(outcome("x21", month_of_year(3)) == NULL);
    WANT_OUTCOME("x21", month_of_year(4), CHECK_NOT_POSSIBLE);
    return true;
}

/* ---- x02: electricity per output ---- */

static void put_power(struct mill_rows *rows, int year, int month, double mwh)
{
    struct account_period period = account_month(month_make(year, month));
    mill_put(rows, period, "clinker", "", 100000, "t", ACCOUNT_TIER_INVOICE);
    mill_put(rows, period, "electricity_purchased", "", mwh, "MWh", ACCOUNT_TIER_INVOICE);
}

static bool run_months(struct db *db, struct mill *m, int year, int months, struct error *err)
{
    for (int month = 1; month <= months; month++) TRY(mill_run_month(db, m, year, month, err));
    return true;
}

/* 5900 and 6100 MWh in turn, November 7000, of 100000 t each. November's eleven others: mean (5 x
 * 5900 + 6 x 6100) / 11 = 6009.09, standard deviation sqrt((5 x 109.09^2 + 6 x 90.91^2) / 10) =
 * 104.45: z = 9.49, 16.49 % more. Were November among its own judges, z would be 908.33 / 302.9
 * = 2.999 and it would pass. */
static bool intensity(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    for (int month = 1; month <= 12; month++)
        put_power(rows, YEAR, month, month == 11 ? 7000 : month % 2 == 1 ? 5900 : 6100);
    for (int month = 1; month <= 3; month++) put_power(rows, 2022, month, 6000);
    for (int month = 1; month <= 8; month++) put_power(rows, 2019, month, month == 8 ? 6300 : 6000);
    TRY(mill_submit(db, m, rows, MILL_NOW, false, err));
    TRY(run_months(db, m, YEAR, 12, err));
    TRY(run_months(db, m, 2022, 3, err));
    TRY(run_months(db, m, 2019, 8, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x02", month_of_year(11), CHECK_FAIL);
    WANT_NEAR(outcome("x02", month_of_year(11))->delta, 7000 / (66100.0 / 11) - 1, 1e-12);
    for (int month = 1; month <= 12; month++)
        if (month != 11) WANT_OUTCOME("x02", month_of_year(month), CHECK_PASS);
    /* Three months can't judge each other. */
    TRY(run_checks(db, m, 2022, err));
    WANT_OUTCOME("x02", account_month(month_make(2022, 2)), CHECK_NOT_POSSIBLE);
    /* Seven equal months have no deviation at all; five percent more is still nobody's fault. */
    TRY(run_checks(db, m, 2019, err));
    WANT_OUTCOME("x02", account_month(month_make(2019, 8)), CHECK_PASS);
    return true;
}

static bool no_output(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    TRY(submit_one(db, m, 1, "electricity_purchased", "", 6000, "MWh", ACCOUNT_TIER_INVOICE, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x02", account_year(YEAR), CHECK_NOT_POSSIBLE);
    /* What this program can compute and found no data for is told, not left out. */
    static const char *const silent[] = {"x01", "x04", "x08", "x21", "x26"};
    for (size_t i = 0; i < ARRAY_LEN(silent); i++)
        WANT_OUTCOME(silent[i], account_year(YEAR), CHECK_NOT_POSSIBLE);
    return true;
}

/* ---- x23, x24: how values look ---- */

static bool unit_slips(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    const double clinker[] = {100, 4900, 245001, 4900}; /* ratios 49, 50.0002, 0.01999992 */
    for (int i = 0; i < 4; i++)
        mill_put(rows, month_of_year(i + 1), "clinker", "", clinker[i], "t", ACCOUNT_TIER_DECLARED);
    mill_put(rows, account_month(month_make(YEAR - 1, 12)), "raw_meal", "", 0, "t",
             ACCOUNT_TIER_DECLARED);
    mill_put(rows, month_of_year(1), "raw_meal", "", 100000, "t", ACCOUNT_TIER_DECLARED);
    TRY(mill_submit(db, m, rows, MILL_NOW, false, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT(outcome("x23", month_of_year(1)) ==
         NULL); /* nothing before it; after zero there is no ratio */
    WANT_OUTCOME("x23", month_of_year(2), CHECK_PASS);
    WANT_OUTCOME("x23", month_of_year(3), CHECK_FAIL);
    WANT_OUTCOME("x23", month_of_year(4), CHECK_FAIL);
    WANT_NEAR(outcome("x23", month_of_year(3))->delta, 245001.0 / 4900 - 1, 1e-9);
    return true;
}

static size_t count_findings(const struct check_finding *list, size_t count, const char *rule,
                             const char *input)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += strcmp(list[i].rule, rule) == 0 && strcmp(list[i].input, input) == 0;
    return found;
}

static bool repeats(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    struct check_finding *list;
    size_t count;
    for (int month = 1; month <= 12; month++) {
        struct account_period p = month_of_year(month);
        /* Twelve equal readings; six equal ones; a share that one analysis gives for the year;
         * defaults; bills. */
        mill_put(rows, p, "clinker", "", 100000, "t", ACCOUNT_TIER_METER);
        mill_put(rows, p, "raw_meal", "", month <= 6 ? 155000 : 155000 + month, "t",
                 ACCOUNT_TIER_METER);
        mill_put(rows, p, "clinker_cao", "", 0.65, "1", ACCOUNT_TIER_METER);
        mill_put(rows, p, "burnt", "bituminous", 13000, "t", ACCOUNT_TIER_DEFAULT);
        mill_put(rows, p, "electricity_purchased", "", 6000, "MWh", ACCOUNT_TIER_INVOICE);
    }
    TRY(mill_submit(db, m, rows, MILL_NOW, false, err));
    TRY(run_checks(db, m, YEAR, err));
    TRY(check_list_findings(db, m->arena, &m->manager, m->flows, m->org_id, true, &list, &count,
                            err));
    WANT(count_findings(list, count, "x24", "clinker") ==
         1); /* one finding says it, not one a month */
    WANT(count_findings(list, count, "x24", "raw_meal") == 0);
    WANT(count_findings(list, count, "x24", "clinker_cao") == 0);
    WANT(count_findings(list, count, "x24", "burnt") == 0);
    WANT(count_findings(list, count, "x24", "electricity_purchased") == 0);
    for (size_t i = 0; i < count; i++) /* the seventh equal value is the first too many */
        if (strcmp(list[i].rule, "x24") == 0)
            WANT(account_period_equal(list[i].period, month_of_year(7)));
    /* The digit test has 24 measured quantities here and wants 300. */
    size_t impossible = 0;
    for (size_t i = 0; i < outcome_count; i++)
        impossible +=
            strcmp(outcomes[i].rule, "x24") == 0 && outcomes[i].result == CHECK_NOT_POSSIBLE;
    WANT(impossible == 1);
    return true;
}

static const char *const fuels[] = {"anthracite", "bituminous", "lignite",  "washed_coal",
                                    "coke",       "crude_oil",  "fuel_oil", "gasoline",
                                    "diesel",     "kerosene"};

/* 360 measured values. `spread`: over three decades, evenly by their logarithm, which is Benford's
 * law itself; else all between 500 and 599. */
static bool put_digits(struct db *db, struct mill *m, bool spread, struct error *err)
{
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    for (int i = 0; i < 360; i++) {
        double value = spread ? pow(10, 3 * fmod(i * 0.6180339887498949, 1)) : 500 + i * 0.27;
        mill_put(rows, account_month(month_make(YEAR - 2, 1) + i / 10), "burnt", fuels[i % 10],
                 value, "t", ACCOUNT_TIER_METER);
    }
    return mill_submit(db, m, rows, MILL_NOW, true, err);
}

static enum check_result digits_result(void)
{
    enum check_result worst = CHECK_PASS;
    for (size_t i = 0; i < outcome_count; i++)
        if (strcmp(outcomes[i].rule, "x24") == 0 && outcomes[i].result > worst)
            worst = outcomes[i].result;
    return worst;
}

static bool digits(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    TRY(put_digits(db, m, true, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT(digits_result() == CHECK_PASS);
    TRY(put_digits(db, m, false, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT(digits_result() == CHECK_WARN);
    return true;
}

/* ---- x26: gaps ---- */

static void cut(struct meter_day *meter_day, int from, int to)
{
    for (int i = from; i < to; i++) {
        meter_day->sum_wh -= meter_day->wh[i];
        meter_day->wh[i] = METER_GAP;
        meter_day->count--;
    }
}

static bool gaps(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    id64 whole, holed, meters[3];
    struct meter_day days[4];
    struct check_finding *list;
    size_t count, found = 0;
    TRY(mill_add_meter(db, m, "whole", 0, 0, DAY(YEAR, 1, 31), DAY(YEAR, 2, 5), 1000, &whole, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x26", account_year(YEAR), CHECK_PASS);
    static const char *const codes[] = {"two_hours", "longer", "midnight"};
    for (int i = 0; i < 3; i++) {
        for (int d = 0; d < 3; d++)
            mill_fill_day(m, &days[d], (date){DAY(YEAR, 2, 1).day + d}, 1000);
        if (i == 0) cut(&days[1], 40, 48); /* eight quarter hours are two hours, not more */
        if (i == 1) cut(&days[1], 40, 49); /* 2:15 */
        if (i == 2)
            cut(&days[0], 91, 96), cut(&days[1], 0, 5); /* 1:15 before midnight, 1:15 after it */
        TRY(mill_add_meter(db, m, codes[i], 0, 0, DAY(YEAR, 1, 31), DAY(YEAR, 1, 31), 1000,
                           &meters[i], err));
        TRY(mill_store_days(db, m, meters[i], days, 3, err));
    }
    TRY(mill_add_meter(db, m, "day", 0, 0, DAY(YEAR, 1, 31), DAY(YEAR, 2, 1), 1000, &holed, err));
    mill_fill_day(m, &days[0], DAY(YEAR, 2, 3), 1000);
    TRY(mill_store_days(db, m, holed, days, 1, err));
    TRY(run_checks(db, m, YEAR, err));
    TRY(check_list_findings(db, m->arena, &m->manager, m->flows, m->org_id, true, &list, &count,
                            err));
    WANT(count_findings(list, count, "x26", "whole") == 0);
    WANT(count_findings(list, count, "x26", "two_hours") == 0);
    WANT(count_findings(list, count, "x26", "longer") == 1);
    WANT(count_findings(list, count, "x26", "midnight") == 1);
    WANT(count_findings(list, count, "x26", "day") == 1);
    /* The missing day arrives: the finding is void, it is not deleted. */
    mill_fill_day(m, &days[0], DAY(YEAR, 2, 2), 1000);
    TRY(mill_store_days(db, m, holed, days, 1, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT(summary.closed == 1);
    TRY(check_list_findings(db, m->arena, &m->manager, m->flows, m->org_id, false, &list, &count,
                            err));
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].input, "day") == 0) {
            WANT_TEXT(list[i].state->name, "void");
            found++;
        }
    WANT(found == 1);
    return true;
}

/* Two main meters, one of which has readings in March only: in February the month is the sum of one
 * of two. A settlement meter is another sum, and a meter alone is whole. */
static bool absent_meter(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    id64 steady, late;
    struct meter_day day;
    struct check_finding *list;
    size_t count;
    TRY(mill_add_meter(db, m, "steady", 0, 0, DAY(YEAR, 2, 1), DAY(YEAR, 3, 31), 1000, &steady,
                       err));
    TRY(run_checks(db, m, YEAR, err));
    WANT_OUTCOME("x26", account_year(YEAR), CHECK_PASS);
    TRY(mill_add_meter(db, m, "late", 0, 0, DAY(YEAR, 3, 1), DAY(YEAR, 3, 31), 1000, &late, err));
    TRY(run_checks(db, m, YEAR, err));
    TRY(check_list_findings(db, m->arena, &m->manager, m->flows, m->org_id, true, &list, &count,
                            err));
    WANT(count_findings(list, count, "x26", "steady") == 0);
    WANT(count_findings(list, count, "x26", "late") == 1);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].rule, "x26") != 0) continue;
        static const char *const said[] = {"late", "1", "2025-02", "1", "2"};
        for (size_t k = 0; k < ARRAY_LEN(said); k++) WANT_TEXT(list[i].args[k], said[k]);
    }
    /* One day of February: no absence any more, but days without a reading. */
    mill_fill_day(m, &day, DAY(YEAR, 2, 28), 1000);
    TRY(mill_store_days(db, m, late, &day, 1, err));
    TRY(run_checks(db, m, YEAR, err));
    WANT(summary.closed == 1);
    WANT_OUTCOME("x26", account_year(YEAR), CHECK_PASS);
    return true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MILL_CASE(bill_by_reading_day),
        MILL_CASE(meters_left_out),
        MILL_CASE(heat_that_jumps),
        MILL_CASE(coal_balance),
        MILL_CASE(clinker_oxides),
        MILL_CASE(coal_analysis),
        MILL_CASE(intensity),
        MILL_CASE(no_output),
        MILL_CASE(unit_slips),
        MILL_CASE(repeats),
        MILL_CASE(digits),
        MILL_CASE(gaps),
        MILL_CASE(absent_meter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
