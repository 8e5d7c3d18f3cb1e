/* A small rule book of the test's own, changed between runs: what is restated, how sure a year is,
 * and growth on one set of factors, against figures computed by hand. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "mill.h"
#include "shipped.h"

static struct arena *arena;
static struct account_rules rules;
static struct model_library *library;
static struct factor_library factors;
static const char *root;
static struct mill *mill;

#define TABLE_HEAD                                                                                 \
    "id,name_en,name_zh,family,unit : unit,ncv : GJ/unit,carbon : (t CO2e)/GJ,publisher,document," \
    "clause,valid_from : date,valid_to : date,scheme,uncertainty : 1,tier,confidence,enabled : "   \
    "flag,note\n"

static const char plant[] =
    "model test.plant 1\n  kind method\n  title \"Plant\" zh \"工厂\"\n  source \"test\"\n"
    "  entity enterprise\n  valid 2020-01-01 ..\n  applies industry \"312\"\n"
    "  meta fuel_family \"A of the test\" zh \"A组\"\n\n"
    "table fuel from \"factors/fuels.csv\" where family = \"A\"\n\n"
    "input burnt[fuel] : fuel.unit \"Burnt\" zh \"消耗\" >= 0 per month\n"
    "input made : t \"Steel\" zh \"钢\" >= 0 per month\n\n"
    "out fuel_emission : t CO2e = sum(burnt * fuel.ncv * fuel.carbon)\n"
    "  \"Fuel\" zh \"燃料\" post emission scope 1 source fuel basis both\n"
    "out steel : t = made \"Steel\" zh \"钢\" post production product steel\n";

/* The same class, but for others, for other years, or less closely. */
static const char *variant(const char *name, const char *valid, const char *industry,
                           const char *meta)
{
    return arena_printf(arena,
                        "model test.%s 1\n  kind method\n  title \"V\"\n  source \"test\"\n"
                        "  entity enterprise\n  valid %s\n  applies industry \"%s\"\n%s\n"
                        "input made : t \"Steel\" >= 0 per month\n"
                        "out steel : t = made \"Steel\" post production product steel\n",
                        name, valid, industry, meta);
}

static void write_text(const char *path, const char *text)
{
    struct error err = {0};
    if (!file_write(arena_printf(arena, "%s/%s", root, path), str_from(text), &err))
        mill_fail(mill, &err);
}

static void copy_shipped(const char *path)
{
    write_text(path, shipped_read(arena, path).ptr);
}

static void write_factors(const char *carbon)
{
    write_text("tables/factors/fuels.csv",
               arena_printf(arena,
                            TABLE_HEAD
                            "coal,Coal,煤,B,t,25,0.3,NDRC,rule,,,,,0.7,regional,K,true,\n"
                            "coal,Coal,煤,A,t,19,0.2,NDRC,draft,,,,,0.1,regional,?,false,wanted: a "
                            "text\n"
                            "coal,Coal,煤,A,t,20,%s,NDRC,rule,,,,,0.1,national,K,true,\n",
                            carbon));
}

static void open_rules(void)
{
    struct error err = {0};
    struct model_diagnostics diagnostics = {.arena = arena};
    const char *roots[] = {root};
    model_library_close(library);
    library = model_library_open(roots, 1, &diagnostics, &err);
    if (library == NULL) mill_fail(mill, &err);
    rules.library = library;
    if (diagnostics.count != 0) fail_msg("%s", diagnostics.list[0].message);
    if (!factor_open(arena, roots, 1, &factors, &err)) mill_fail(mill, &err);
    rules.factors = &factors;
}

static void work(bool write, store_work *what, void *arg)
{
    struct error err = {0};
    if (!(write ? store_write(mill->store, what, arg, &err)
                : store_read(mill->store, what, arg, &err)))
        mill_fail(mill, &err);
}

struct year_data {
    int year;
    double burnt, made; /* of January, and again of February */
};

static bool submit_year(struct db *db, void *arg, struct error *err)
{
    const struct year_data *given = arg;
    struct account_row rows[4];
    struct account_submission submission;
    struct account_submission_new new = {
        .org_id = mill->org_id, .kind = "file", .name = "y.csv", .bytes = STR("bytes")};
    for (int i = 0; i < 4; i++)
        rows[i] = mill_row(account_month(month_make(given->year, 1 + i / 2)),
                           i % 2 == 0 ? "burnt" : "made", i % 2 == 0 ? "coal" : "",
                           i % 2 == 0 ? given->burnt : given->made, "t", ACCOUNT_TIER_INVOICE);
    TRY(account_submit(db, &mill->manager, &rules, &new, rows, 4, MILL_TODAY, MILL_NOW, &submission,
                       err));
    WANT(submission.rows_accepted == 4);
    return true;
}

static bool post_year(struct db *db, void *arg, struct error *err)
{
    int year = *(int *)arg;
    for (int month = 1; month <= 2; month++) {
        struct account_run *runs;
        size_t count;
        TRY(account_run_month(db, arena, &mill->manager, &rules, mill->org_id,
                              month_make(year, month), MILL_NOW, &runs, &count, err));
        WANT(count == 1);
        TRY(account_set_gate(db, mill->org_id, runs[0].run_id, ACCOUNT_GATE_OPEN, "", err));
        TRY(account_approve(db, &mill->approver, mill->org_id, runs[0].run_id, MILL_NOW, err));
    }
    return true;
}

static struct account_restatement restated;
static bool restate(struct db *db, void *arg, struct error *err)
{
    return account_restate(db, arena, &mill->manager, &rules, mill->org_id, *(int *)arg, &restated,
                           err);
}

static struct account_certainty certainty;
static bool read_certainty(struct db *db, void *arg, struct error *err)
{
    return account_read_certainty(db, arena, &mill->manager, &rules, mill->org_id, *(int *)arg,
                                  &certainty, err);
}

static struct account_trend trend;
static bool read_trend(struct db *db, void *arg, struct error *err)
{
    return account_read_trend(db, arena, &mill->manager, &rules, mill->org_id, *(int *)arg, &trend,
                              err);
}

static struct account_choice choice;
static bool tell_choice(struct db *db, void *arg, struct error *err)
{
    return account_tell_choice(db, arena, &rules, mill->org_id, *(int *)arg, &choice, err);
}

static bool choose_other(struct db *db, void *arg, struct error *err)
{
    return account_override_method(db, &mill->manager, &rules, mill->org_id, *(int *)arg,
                                   "test.ets", "asked by the bank", MILL_NOW, err);
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(1, fabs(b));
}

static enum account_verdict verdict_of(const char *name)
{
    for (size_t i = 0; i < choice.count; i++)
        if (strcmp(model_info(choice.list[i].model)->name, name) == 0)
            return choice.list[i].verdict;
    fail_msg("%s is not told of", name);
    return ACCOUNT_VERDICTS;
}

/* 100 t x 20 GJ/t x 0.1 t/GJ = 200 t a month, 400 t for the two months of 2024. */
static void test_certainty(void **state)
{
    int year = 2024;
    (void)state;
    work(false, read_certainty, &year);
    assert_true(near(certainty.total_t, 400));
    /* Half widths: calorific value 10 % of 400 t = 40 t; carbon, assumed as of a national default,
     * 15 % = 60 t; two bills of 200 t, 3 % each = 6 t and 6 t. 40^2 + 60^2 + 6^2 + 6^2 = 5272. */
    assert_true(near(certainty.half_width, sqrt(5272) / 400));
    assert_true(near(certainty.deviation_t, sqrt(5272) / 1.959963984540054));
    assert_int_equal(certainty.count, 3);
    assert_string_equal(certainty.list[0].column, "carbon");
    assert_true(certainty.list[0].assumed);
    assert_string_equal(account_doubt_tier(&certainty.list[0], LANG_ZH), "国家缺省值");
    assert_true(near(certainty.list[0].share, 3600.0 / 5272));
    assert_string_equal(certainty.list[1].column, "ncv");
    assert_false(certainty.list[1].assumed);
    assert_true(near(certainty.list[1].share, 1600.0 / 5272));
    assert_string_equal(certainty.list[2].input, "burnt");
    assert_true(near(certainty.list[2].share, 72.0 / 5272));
    /* A meter is off by 2 %: 60 t become 8 t, 6 t become 4 t. */
    assert_true(near(certainty.list[0].total_if_metered, sqrt(5272 - 3600 + 64) / 400));
    assert_true(near(certainty.list[2].total_if_metered, sqrt(5272 - 72 + 32) / 400));
}

/* The same, the calorific value anywhere within its 10 %: of a uniform the deviation is half the
 * width over the root of 3. What is assumed for the carbon stays normal. */
static void test_certainty_of_a_shape(void **state)
{
    int year = 2024;
    (void)state;
    for (size_t i = 0; i < factors.count; i++)
        if (strcmp(factors.rows[i].id, "coal") == 0) factors.rows[i].distribution = "uniform";
    work(false, read_certainty, &year);
    for (size_t i = 0; i < factors.count; i++)
        if (strcmp(factors.rows[i].id, "coal") == 0) factors.rows[i].distribution = "";
    double z = 1.959963984540054;
    assert_true(near(certainty.deviation_t, sqrt(1600.0 / 3 + (3600 + 36 + 36) / (z * z))));
    /* Metered to 2 %, normally: 8 t half width in the place of 40/sqrt(3). */
    for (size_t i = 0; i < certainty.count; i++)
        if (certainty.list[i].table != NULL && strcmp(certainty.list[i].column, "ncv") == 0)
            assert_true(near(certainty.list[i].total_if_metered, sqrt(3600 + 36 + 36 + 64) / 400));
}

static void test_restatement(void **state)
{
    int year = 2024;
    (void)state;
    work(false, restate, &year);
    assert_int_equal(restated.count, 0);
    write_factors("0.12");
    open_rules();
    work(false, restate, &year);
    assert_int_equal(restated.count, 2);
    assert_int_equal(restated.periods, 2);
    const struct account_restated *january = &restated.list[0];
    assert_true(january->tables_differ && !january->model_differs && !january->data_differ);
    assert_int_equal(january->count, 1); /* the steel is the same */
    assert_string_equal(january->list[0].source, "fuel");
    assert_int_equal(january->list[0].before, 200000000);
    assert_int_equal(january->list[0].after, 240000000); /* 100 x 20 x 0.12 t */
    assert_int_equal(january->row_count, 1);
    assert_string_equal(january->rows[0].id, "coal");
    assert_string_equal(january->rows[0].column, "carbon");
    assert_string_equal(january->rows[0].before, "0.1");
    assert_string_equal(january->rows[0].after, "0.12");
}

/* 2025: 90 t a month at 0.12: 432 t and 120 t steel, against 400 t posted and 100 t steel. */
static void test_like_for_like(void **state)
{
    int year = 2025;
    (void)state;
    work(true, submit_year, &(struct year_data){2025, 90, 60});
    work(true, post_year, &year);
    work(false, read_trend, &year);
    assert_true(trend.known && trend.has_output);
    assert_true(near(trend.reported_base_t, 400) && near(trend.reported_year_t, 432));
    assert_true(near(trend.base_t, 480) && near(trend.year_t, 432)); /* 480: 2024 at 0.12 */
    assert_true(near(trend.base_output, 100) && near(trend.year_output, 120));
    /* 480 x 1.2 = 576 were to be expected: 96 for output, 432 - 576 = -144 own, 80 by rules. */
    assert_true(near(trend.output_t, 96) && near(trend.own_t, -144) && near(trend.rules_t, 80));
}

static void test_posting_ends_it(void **state)
{
    int year = 2024;
    (void)state;
    work(true, post_year, &year);
    work(false, restate, &year);
    assert_int_equal(restated.count, 0);
    work(false, read_certainty, &year);
    assert_true(near(certainty.total_t, 480));
}

static void test_choice_is_told(void **state)
{
    int year = 2024;
    (void)state;
    work(false, tell_choice, &year);
    assert_int_equal(choice.count, 4);
    assert_string_equal(model_info(choice.list[0].model)->name, "test.plant");
    assert_string_equal(choice.list[0].prefix, "312");
    assert_string_equal(choice.list[0].fuel_filter, "family = A");
    assert_string_equal(choice.list[0].fuel_family.en, "A of the test");
    assert_int_equal(verdict_of("test.plant"), ACCOUNT_CHOSEN);
    assert_int_equal(verdict_of("test.ets"), ACCOUNT_ETS_ONLY);
    assert_int_equal(verdict_of("test.old"), ACCOUNT_NOT_VALID);
    assert_int_equal(verdict_of("test.wide"), ACCOUNT_SHORTER_PREFIX);
    work(true, choose_other, &year);
    work(false, tell_choice, &year);
    assert_int_equal(verdict_of("test.ets"), ACCOUNT_CHOSEN_BY_PERSON);
    assert_int_equal(verdict_of("test.plant"), ACCOUNT_WOULD_BE_CHOSEN);
    assert_string_equal(choice.reason, "asked by the bank");
}

/* A year's value serves every month: it is one variable, whose error the months share. */
static const char shared[] =
    "model test.shared 1\n  kind method\n  title \"S\"\n  source \"test\"\n"
    "  entity enterprise\n  valid 2020-01-01 ..\n  applies industry \"312\"\n"
    "input made : t \"Steel\" >= 0 per month\n"
    "input factor : (t CO2e)/t \"Factor\" >= 0 per year\n"
    "out e : t CO2e = made * factor \"E\" post emission scope 1 source process basis both\n"
    "out lost : t CO2e = factor * made * made / (made - made) \"L\"\n"
    "  post emission scope 1 source other basis both\n";

/* By the year, in the place of what is posted by month. */
static const char yearly[] =
    "model test.yearly 1\n  kind method\n  title \"Y\"\n  source \"test\"\n"
    "  entity enterprise\n  valid 2020-01-01 ..\n  applies industry \"312\"\n"
    "input factor : (t CO2e)/t \"Factor\" >= 0 per year\n"
    "out e : t CO2e = factor * 600 t \"E\" post emission scope 1 source process basis both\n";

struct chosen {
    const char *model;
    int year;
    struct account_note *notes;
    size_t note_count;
    int64_t grams, with_drafts;
};

/* The method is another from the year on, which has a factor of 0.5 t/t. */
static bool choose_with_factor(struct db *db, void *arg, struct error *err)
{
    const struct chosen *chosen = arg;
    struct account_submission submission;
    struct account_submission_new new = {
        .org_id = mill->org_id, .kind = "file", .name = "f.csv", .bytes = STR("bytes")};
    struct account_row row =
        mill_row(account_year(chosen->year), "factor", "", 0.5, "t CO2e/t", ACCOUNT_TIER_INVOICE);
    TRY(account_override_method(db, &mill->manager, &rules, mill->org_id, chosen->year,
                                chosen->model, "for the test", MILL_NOW, err));
    TRY(account_submit(db, &mill->manager, &rules, &new, &row, 1, MILL_TODAY, MILL_NOW, &submission,
                       err));
    WANT(submission.rows_accepted == 1);
    return true;
}

static bool run_draft(struct db *db, void *arg, struct error *err)
{
    struct chosen *chosen = arg;
    struct account_run *runs;
    size_t count;
    TRY(account_run_month(db, arena, &mill->manager, &rules, mill->org_id,
                          month_make(chosen->year, 1), MILL_NOW, &runs, &count, err));
    WANT(count == 1);
    return account_list_notes(db, arena, &mill->manager, mill->org_id, runs[0].run_id,
                              &chosen->notes, &chosen->note_count, err);
}

static bool read_both(struct db *db, void *arg, struct error *err)
{
    struct chosen *chosen = arg;
    struct account_period year = account_year(chosen->year);
    struct account_statement_query query = {
        .org_id = mill->org_id, .first = year.first, .last = year.last, .as_known = ACCOUNT_NOW};
    struct account_statement statement;
    TRY(account_read_statement(db, arena, &mill->manager, &query, &statement, err));
    chosen->grams = statement.total.full;
    query.with_drafts = true;
    TRY(account_read_statement(db, arena, &mill->manager, &query, &statement, err));
    chosen->with_drafts = statement.total.full;
    return true;
}

/* 2025: 60 t a month x 0.5 = 30 t, twice. Both bills are good to 3 %: of 60 t by the factor 1.8 t,
 * of each month's steel 0.9 t. 1.8^2 + 2 x 0.9^2 = 4.86. */
static void test_year_value_is_one(void **state)
{
    struct chosen chosen = {.model = "test.shared", .year = 2025};
    int year = 2025;
    (void)state;
    write_text("models/shared.model", shared);
    open_rules();
    work(true, choose_with_factor, &chosen);
    work(true, post_year, &year);
    work(false, read_certainty, &year);
    assert_true(near(certainty.total_t, 60));
    assert_true(near(certainty.half_width, sqrt(4.86) / 60));
    assert_string_equal(certainty.list[0].input, "factor");
}

/* What can't be computed is not posted, and the run says so. */
static void test_failed_output_is_noted(void **state)
{
    struct chosen chosen = {.model = "test.shared", .year = 2025};
    size_t lost = 0;
    (void)state;
    work(true, run_draft, &chosen); /* the same as what is posted: its notes */
    for (size_t i = 0; i < chosen.note_count; i++)
        lost += !chosen.notes[i].is_default && strcmp(chosen.notes[i].affects, "lost") == 0;
    assert_int_equal(lost, 1);
}

/* 600 t x 0.5 = 300 t by the year take the place of two months of 240 t each. */
static void test_yearly_draft_replaces_months(void **state)
{
    struct chosen chosen = {.model = "test.yearly", .year = 2024};
    (void)state;
    write_text("models/yearly.model", yearly);
    open_rules();
    work(true, choose_with_factor, &chosen);
    work(true, run_draft, &chosen);
    work(false, read_both, &chosen);
    assert_int_equal(chosen.grams, 480000000);
    assert_int_equal(chosen.with_drafts, 300000000);
}

static int set_up(void **state)
{
    static const char *const folders[] = {"models", "tables/factors", "tables/units",
                                          "tables/credit"};
    struct error err = {0};
    int year = 2024;
    mill_set_up(state);
    mill = mill_of_case();
    arena = mill->arena;
    root = arena_printf(arena, "%s/rules", mill->directory);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        if (!file_make_directory(arena_printf(arena, "%s/%s", root, folders[i]), &err)) return 1;
    copy_shipped("tables/units/atoms.csv");
    copy_shipped("tables/credit/uncertainty.csv");
    copy_shipped("tables/credit/tiers.csv");
    write_text("models/plant.model", plant);
    write_text("models/ets.model",
               variant("ets", "2020-01-01 ..", "312", "  meta chosen_for \"org.ets\"\n"));
    write_text("models/old.model", variant("old", "2010-01-01 .. 2019-12-31", "3120", ""));
    write_text("models/wide.model", variant("wide", "2020-01-01 ..", "31", ""));
    write_factors("0.1");
    rules.codes = mill->rules.codes;
    open_rules();
    mill_write(mill, mill_turn_to_steel);
    work(true, submit_year, &(struct year_data){2024, 100, 50});
    work(true, post_year, &year);
    return 0;
}

static int tear_down(void **state)
{
    model_library_close(library);
    return mill_tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certainty),
        cmocka_unit_test(test_certainty_of_a_shape),
        cmocka_unit_test(test_restatement),
        cmocka_unit_test(test_like_for_like),
        cmocka_unit_test(test_posting_ends_it),
        cmocka_unit_test(test_choice_is_told),
        cmocka_unit_test(test_year_value_is_one),
        cmocka_unit_test(test_failed_output_is_noted),
        cmocka_unit_test(test_yearly_draft_replaces_months),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
