/* Expected values are counted by hand from the table that the test writes; and the shipped tables
 * must hold every rule. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "factor/factor.h"
#include "shipped.h"

#define HEAD                                                                                \
    "id,name_en,name_zh,area,level,kind,data_year,factor : (t CO2)/MWh,publisher,document," \
    "clause,published_on : date,valid_from : date,valid_to : date,scheme,report_year,"      \
    "uncertainty : 1,tier,confidence,enabled : flag,note\n"

#define TIERS                                               \
    "id,name_en,name_zh,usual : 1,document,confidence\n"    \
    "official,Official,官方统计值,0.05,a proposal,P\n" \
    "regional,Regional,区域缺省值,0.10,a proposal,P\n" \
    "national,National default,国家缺省值,0.15,a proposal,P\n"

static struct arena *arena;
static char root[64];

/* A root with a table of these rows beside the tiers. */
static void open_rows(const char *rows, struct factor_library *library)
{
    struct error err = {0};
    static const char name[] = "/tmp/tanshu-factor-XX"
                               "XX"
                               "XX";
    memcpy(root, name, sizeof name);
    assert_non_null(mkdtemp(root));
    const char *folder = arena_printf(arena, "%s/tables/factors", root);
    const char *file = arena_printf(arena, "%s/grid.csv", folder);
    const char *tiers = arena_printf(arena, "%s/tables/credit", root);
    const char *roots[] = {root};
    assert_true(file_make_directory(tiers, &err));
    assert_true(file_write(arena_printf(arena, "%s/tiers.csv", tiers), STR(TIERS), &err));
    assert_true(file_make_directory(folder, &err));
    assert_true(file_write(file, str_from(arena_printf(arena, HEAD "%s", rows)), &err));
    assert_true(factor_open(arena, roots, 1, library, &err));
    assert_true(file_remove_tree(root));
}

static void open_shipped(struct factor_library *library)
{
    const char *roots[] = {shipped_path(arena, ".")};
    struct error err = {0};
    if (!factor_open(arena, roots, 1, library, &err))
        fail_msg("%s", error_render(arena, &err, error_sentence(err.code)));
}

static const struct factor_row *row_of(const struct factor_library *library, const char *id)
{
    const struct factor_row **rows;
    assert_true(factor_rows_of(arena, library, str_from(id), &rows) > 0);
    return rows[0];
}

static size_t count_rule(const struct factor_library *library, enum factor_rule rule)
{
    const struct factor_breach *list;
    size_t count = factor_check(arena, library, &list), n = 0;
    for (size_t i = 0; i < count; i++) n += list[i].rule == rule;
    return n;
}

static void test_check_finds_each_breach_once(void **state)
{
    struct factor_library library;
    (void)state;
    open_rows(
        /* 2021 and 2022 share December 2021; nothing holds between 2022 and 2024 */
        "n_2021,N,全国,national,national,average,2021,0.5,MEE,a,,,2021-01-01,2021-12-31,ets,,,"
        "official,K,"
        "true,\n"
        "n_2022,N,全国,national,national,average,2022,0.6,MEE,a,,,2021-12-01,2022-12-31,ets,,,"
        "official,K,"
        "true,\n"
        "n_2024,N,全国,national,national,average,2024,0.3,MEE,a,,,2024-01-01,2024-12-31,ets,,,"
        "official,K,"
        "true,\n"
        /* another scheme overlaps with nobody */
        "n_2021_b,N,全国,national,national,average,2021,0.5,MEE,a,,,2021-01-01,2021-12-31,own,,,"
        "official,K,"
        "true,\n"
        "no_doc,X,某省,x,province,average,,0.5,MEE,,,,,,,,,national,K,true,\n"
        "no_tag,Y,某省,y,province,average,,0.5,MEE,a,,,,,,,,national,,true,\n"
        "off,Z,某省,z,province,average,,0.5,MEE,a,,,,,,,,regional,?,false,seen once\n"
        "off_good,Z,某省,z,province,average,,0.5,MEE,a,,,,,,,,regional,?,false,wanted: the printed "
        "text\n"
        "backwards,W,某省,w,province,average,,0.5,MEE,a,,,2024-02-01,2024-01-01,,,,regional,K,true,"
        "\n"
        "no_tier,V,某省,v,province,average,,0.5,MEE,a,,,,,,,,sure,K,true,\n"
        "no_value,U,某省,u,province,average,,,MEE,a,,,,,,,,,K,true,\n",
        &library);
    assert_int_equal(library.count, 11 + 3);
    for (int rule = 0; rule < FACTOR_RULES; rule++)
        if (count_rule(&library, (enum factor_rule)rule) != 1)
            fail_msg("%s: %zu", factor_rule_name((enum factor_rule)rule),
                     count_rule(&library, (enum factor_rule)rule));
}

static void test_history_tells_the_change(void **state)
{
    struct factor_library library;
    const struct factor_step *steps;
    (void)state;
    open_rows("n_2022,N,全国,national,national,average,2022,0.6,MEE,a,,,2022-01-01,2022-12-31,ets,,"
              ",official,K,true,\n"
              "n_2021,N,全国,national,national,average,2021,0.5,MEE,a,,,2021-01-01,2021-12-31,ets,,"
              ",official,K,true,\n"
              "n_2023,N,全国,national,national,average,2023,0.57,MEE,a,,,2023-01-01,2023-12-31,ets,"
              ",,official,K,true,\n"
              "f_2023,N,全国,national,national,fossil,2023,0.8,MEE,a,,,2023-01-01,2023-12-31,ets,,,"
              "official,K,true,\n",
              &library);
    assert_int_equal(factor_history(arena, &library, STR("n_2023"), &steps), 3);
    assert_string_equal(steps[0].row->id, "n_2021");
    assert_false(steps[0].has_change);
    /* 0.6 / 0.5 - 1 = 20 %; 0.57 / 0.6 - 1 = -5 % */
    assert_true(fabs(steps[1].change - (0.2)) <= 1e-12);
    assert_true(fabs(steps[2].change - (-0.05)) <= 1e-12);
}

static void test_how_far_a_value_is_off(void **state)
{
    struct factor_library library;
    const struct factor_row **rows;
    bool assumed;
    (void)state;
    open_rows("a,A,甲,x,region,average,,0.5,MEE,a,,,,,,,0.02,national,K,true,\n"
              "b,B,乙,y,region,average,,0.5,MEE,a,,,,,,,,national,K,true,\n"
              "c,C,丙,z,region,average,,0.5,MEE,a,,,,,,,,,K,true,\n",
              &library);
    /* What the row states; else what its tier is usually off by; else nothing is known. */
    const double expected[] = {0.02, 0.15, 0};
    const char *const texts[] = {"±2 %", "±15 % (usual for its tier)", ""};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(factor_rows_of(arena, &library, (str){&"abc"[i], 1}, &rows), 1);
        assert_true(fabs(factor_half_width(rows[0], "factor", &assumed) - expected[i]) < 1e-15);
        assert_int_equal(assumed, i == 1);
        assert_string_equal(factor_uncertainty_text(arena, &library, rows[0], LANG_EN), texts[i]);
    }
    /* The carbon of a fuel states none: 15 % as a national default, more than the 10 % of its
     * calorific value; its oxidation is a share. N2O of a stove has a column of its own; the
     * nitrous oxide of a car is off by 100 %, so its methane too. */
    open_shipped(&library);
    const struct factor_row *coal = row_of(&library, "fuels:bituminous"),
                            *stove = row_of(&library, "combustion-gases:solid"),
                            *car = row_of(&library, "vehicles:car_gasoline_1");
    assert_true(fabs(factor_half_width(coal, "ncv", &assumed) - 0.1) < 1e-15 && !assumed);
    assert_true(fabs(factor_half_width(coal, "carbon", &assumed) - 0.15) < 1e-15 && assumed);
    assert_true(factor_half_width(coal, "oxidation", &assumed) == 0 && !assumed);
    assert_true(factor_half_width(stove, "n2o", &assumed) == 1 && !assumed);
    assert_true(factor_half_width(car, "ch4", &assumed) == 1 && assumed);
}

static void test_find_in_both_languages(void **state)
{
    struct factor_library library;
    const struct factor_row **rows;
    (void)state;
    open_rows(
        "a_2021,North China,华北区域,north,region,average,2021,0.8843,MEE,notice 9,,,2021-01-01,"
        "2021-12-31,ets,,,official,K,true,\n"
        "b_2022,North China,华北区域,north,region,average,2022,0.7,MEE,notice 9,,,2022-01-01,"
        "2022-12-31,ets,,,official,K,true,\n"
        "c,East China,华东区域,east,region,average,,0.7,MEE,notice 9,,,,,ets,,,official,K,true,\n",
        &library);
    struct factor_query query = {.words = STR("华北")};
    assert_int_equal(factor_find(arena, &library, &query, &rows), 2);
    query = (struct factor_query){.words = STR("north CHINA"), .year = 2022};
    assert_int_equal(factor_find(arena, &library, &query, &rows), 1);
    assert_string_equal(rows[0]->id, "b_2022");
    query = (struct factor_query){
        .words = STR("notice"), .unit = STR("tCO2/MWh"), .region = STR("华东")};
    assert_int_equal(factor_find(arena, &library, &query, &rows), 1);
    assert_string_equal(rows[0]->id, "c");
    /* No validity stated: it holds in any year. */
    query = (struct factor_query){.words = STR("china"), .year = 1999};
    assert_int_equal(factor_find(arena, &library, &query, &rows), 1);
    query = (struct factor_query){.words = STR("china"), .unit = STR("GJ")};
    assert_int_equal(factor_find(arena, &library, &query, &rows), 0);
}

/* ---- the shipped tables and models ---- */

static void test_shipped_tables_hold_every_rule(void **state)
{
    struct factor_library library;
    const struct factor_breach *list;
    (void)state;
    open_shipped(&library);
    assert_true(library.table_count > 30 && library.count > 5000);
    size_t count = factor_check(arena, &library, &list);
    for (size_t i = 0; i < count; i++)
        print_error("%s:%lld %s: %s\n", list[i].row->table, (long long)list[i].row->line,
                    list[i].row->id, factor_rule_name(list[i].rule));
    assert_int_equal(count, 0);
}

static void test_row_with_units_tier_and_models(void **state)
{
    struct factor_library library;
    const struct factor_row **rows;
    const struct model **models;
    (void)state;
    open_shipped(&library);
    /* Family A of the guidelines of 2013: 19.570 GJ/t and 0.02618 tC/GJ for bituminous coal. */
    const struct factor_row *coal = factor_row_at(&library, "factors/fuels.csv", "bituminous");
    assert_non_null(coal);
    assert_string_equal(coal->classes, "family=A, state=solid, coal=true");
    assert_string_equal(coal->values[0].unit, "GJ/t");
    assert_true(fabs(coal->values[0].number - (19.57)) <= 1e-12);
    assert_true(fabs(coal->values[1].number - (0.02618)) <= 1e-12);
    assert_string_equal(coal->tier_id, "national");
    assert_string_equal(factor_tier_text(coal, LANG_ZH), "国家缺省值");
    const struct factor_row *grid =
        factor_row_at(&library, "factors/grid.csv", "national_2015_account");
    assert_non_null(grid);
    /* 2015's average serves until 2020: no statistic of those years. */
    assert_string_equal(grid->tier_id, "national");
    assert_string_equal(row_of(&library, "grid:national_2022")->tier_id, "official");
    assert_true(factor_rows_of(arena, &library, STR("fuels:bituminous"), &rows) >= 2);
    struct model_library *library_models = shipped_models(NULL);
    size_t count = factor_models_of(arena, library_models, coal, &models), steel = 0, aluminium = 0;
    for (size_t i = 0; i < count; i++) {
        /* The 2013 steel guideline takes family A; aluminium of 2024 takes family E. */
        steel += strcmp(model_info(models[i])->name, "ghg.steel") == 0;
        aluminium += strcmp(model_info(models[i])->name, "ghg.aluminium_ets") == 0;
    }
    assert_int_equal(steel, 1);
    assert_int_equal(aluminium, 0);
    /* where confidence != "?" leaves drafts out; a class may hold a comma. */
    struct factor_row gas = *factor_row_at(&library, "factors/refrigerants.csv", "r22");
    count = factor_models_of(arena, library_models, &gas, &models);
    assert_true(count > 0);
    gas.confidence = "?";
    assert_int_equal(factor_models_of(arena, library_models, &gas, &models), 0);
    struct factor_cell family = {"family", "A, later B"};
    struct factor_row mixed = *coal;
    mixed.classes = "family=A, later B";
    mixed.class_list = &family;
    mixed.class_count = 1;
    assert_int_equal(factor_models_of(arena, library_models, &mixed, &models), 0);
    model_library_close(library_models);
}

static void test_a_row_reads_in_both_languages(void **state)
{
    struct factor_library all;
    (void)state;
    open_shipped(&all);
    const struct factor_row *coal = row_of(&all, "fuels:bituminous"),
                            *gas = row_of(&all, "fuels:natural_gas"),
                            *stove = row_of(&all, "combustion-gases:solid");
    assert_string_equal(factor_values_text(arena, &all, coal, LANG_ZH),
                        "低位发热量 19.570 GJ/t；单位热值含碳量 0.02618 (t C)/GJ；碳氧化率 0.93");
    assert_string_equal(factor_values_text(arena, &all, coal, LANG_EN),
                        "net calorific value 19.570 GJ/t; carbon per heat 0.02618 (t C)/GJ; "
                        "oxidation rate 0.93");
    assert_string_equal(factor_classes_text(arena, &all, coal, LANG_ZH),
                        "族：A，状态：固体，煤类：是");
    assert_string_equal(factor_unit_text(arena, &all, gas->unit, LANG_ZH), "GJ/万Nm3");
    assert_string_equal(factor_unit_text(arena, &all, gas->unit, LANG_EN), "GJ/(1e4 Nm3)");
    assert_string_equal(factor_unit_text(arena, &all, "1", LANG_EN), "");
    /* A tenth, and the whole of the value itself: of the first number, and of the one named. */
    assert_string_equal(factor_uncertainty_text(arena, &all, coal, LANG_EN),
                        "±10 % (net calorific value)");
    assert_string_equal(factor_uncertainty_text(arena, &all, stove, LANG_ZH),
                        "±100%（CH4）；±100%（N2O）");
    assert_string_equal(factor_confidence_text(arena, &all, "K", LANG_ZH), "凭记忆（K）");
    assert_string_equal(factor_confidence_text(arena, &all, "0.95", LANG_EN), "95 %");
}

static void test_a_remark_is_translated_whole_or_not_at_all(void **state)
{
    struct factor_library all;
    (void)state;
    open_shipped(&all);
    struct factor_phrase known =
        factor_say(arena, &all, "pure dolomite; purity default 0.98", LANG_ZH);
    assert_string_equal(known.text, "纯白云石；纯度缺省0.98");
    assert_int_equal(known.lang, LANG_ZH);
    /* A semicolon in brackets parts nothing. */
    assert_string_equal(factor_say(arena, &all, "table B (S2 98; S5 99). one source", LANG_ZH).text,
                        "B族表（S2为98；S5为99）。单一来源");
    struct factor_phrase unknown =
        factor_say(arena, &all, "pure dolomite; by our own laboratory", LANG_ZH);
    assert_string_equal(unknown.text, "pure dolomite; by our own laboratory");
    assert_int_equal(unknown.lang, LANG_EN);
    struct factor_phrase print = factor_say(arena, &all, "发改办气候〔2013〕2526号 水泥", LANG_EN);
    assert_string_equal(print.text, "发改办气候〔2013〕2526号 水泥");
    assert_int_equal(print.lang, LANG_ZH);
    assert_int_equal(factor_say(arena, &all, "GB 16780-2021", LANG_ZH).lang, LANG_ZH);
    assert_string_equal(factor_say(arena, &all, "", LANG_ZH).text, "");
}

/* A column that is gone, and how far a value may be off, are changes as a new value is. */
static void test_diff_tells_columns_and_uncertainty(void **state)
{
    static const char head[] = "id,ncv : GJ/t,carbon : 1,uncertainty : 1,uncertainty_carbon : 1,"
                               "distribution,enabled : flag\n";
    static const char *const wanted[][3] = {{"uncertainty", "0.05", "0.1"},
                                            {"uncertainty_carbon", "", "0.02"},
                                            {"distribution", "normal", "uniform"}};
    const struct factor_change *list;
    struct error err = {0};
    size_t count;
    (void)state;
    str before = str_from(arena_printf(arena, "%scoal,20,0.9,0.05,,normal,true\n", head)),
        after = str_from(arena_printf(arena, "%scoal,20,0.9,0.1,0.02,uniform,true\n", head)),
        fewer = STR("id,ncv : GJ/t,uncertainty : 1,distribution,enabled : flag\n"
                    "coal,20,0.05,normal,true\n");
    assert_true(factor_diff(arena, "factors/f.csv", before, before, &list, &count, &err));
    assert_int_equal(count, 0);
    assert_true(factor_diff(arena, "factors/f.csv", before, after, &list, &count, &err));
    assert_int_equal(count, ARRAY_LEN(wanted));
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t k = 0; k < count; k++)
            found = found || (strcmp(list[k].column, wanted[i][0]) == 0 &&
                              strcmp(list[k].before, wanted[i][1]) == 0 &&
                              strcmp(list[k].after, wanted[i][2]) == 0);
        if (!found) fail_msg("%s", wanted[i][0]);
    }
    assert_true(factor_diff(arena, "factors/f.csv", before, fewer, &list, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(list[0].column, "carbon");
    assert_string_equal(list[0].before, "0.9");
    assert_string_equal(list[0].after, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_finds_each_breach_once),
        cmocka_unit_test(test_history_tells_the_change),
        cmocka_unit_test(test_diff_tells_columns_and_uncertainty),
        cmocka_unit_test(test_find_in_both_languages),
        cmocka_unit_test(test_how_far_a_value_is_off),
        cmocka_unit_test(test_shipped_tables_hold_every_rule),
        cmocka_unit_test(test_row_with_units_tier_and_models),
        cmocka_unit_test(test_a_row_reads_in_both_languages),
        cmocka_unit_test(test_a_remark_is_translated_whole_or_not_at_all),
    };
    arena = arena_open((size_t)1 << 30);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_close(arena);
    return failed;
}
