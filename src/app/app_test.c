/* A data directory from its making to an issued report, through the doors that pages and commands
 * use. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/settings.h"
#include "base/buf.h"
#include "base/file.h"
#include "mill.h"
#include "shipped.h"

#define YEAR 2018

static struct arena *arena;
static struct error err;
static char directory[64];
static struct app *app;
static id64 org_id, bank_id, other_bank_id, meter_id;
static struct viewer manager, officer, other_officer, stranger;

static void fail_now(int line)
{
    fail_msg("line %d: %s", line, error_render(arena, &err, error_sentence(err.code)));
}
#define MUST(call)                       \
    do {                                 \
        if (!(call)) fail_now(__LINE__); \
    } while (0)
#define MUST_REFUSE(call, wanted)                     \
    do {                                              \
        err = (struct error){0};                      \
        assert_false(call);                           \
        if (err.code != (wanted)) fail_now(__LINE__); \
    } while (0)

static const char *in_data(const char *name)
{
    return arena_printf(arena, "%s/%s", directory, name);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_open(INTAKE_ARENA_BYTES);
    setenv("TANSHU_SHARE", shipped_path(arena, "."), 1);
    snprintf(directory, sizeof directory, "/tmp/tanshu-app-XXXXXX");
    return mkdtemp(directory) != NULL &&
                   app_init(directory, "carbon.example/test", NULL, NULL, &err)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    app_close(app);
    app = NULL;
    assert_true(file_remove_tree(directory));
    arena_close(arena);
    return 0;
}

/* ---- the directory and its settings ---- */

static void write_settings(const char *text)
{
    MUST(file_write(in_data("tanshu.conf"), str_from(text), &err));
}

static void test_directory(void **state)
{
    (void)state;
    struct app *second;
    MUST_REFUSE(app_open("/nonexistent/tanshu", APP_WORK, &app, &err), ERROR_APP_NOT_READY);
    MUST_REFUSE(app_init(directory, "carbon.example/other", NULL, NULL, &err), ERROR_APP_EXISTS);
    MUST(app_open(directory, APP_SERVE, &app, &err));
    assert_string_equal(app->config.public_url, "http://127.0.0.1:8080");
    assert_int_equal(app->config.report_validity_months, 12);
    assert_int_equal(app->model_problems.count, 0);
    /* One server; commands work beside it; when it is gone another may serve. */
    MUST_REFUSE(app_open(directory, APP_SERVE, &second, &err), ERROR_APP_SERVED);
    MUST(app_open(directory, APP_WORK, &second, &err));
    app_close(second);
    app_close(app);
    app = NULL;
    MUST(app_open(directory, APP_SERVE, &app, &err));
}

static void test_settings(void **state)
{
    (void)state;
    struct app_config config;
    const struct app_setting *list;
    const char *path = in_data("tanshu.conf");
    assert_true(app_settings(&list) >= 10);
    MUST(app_set(directory, STR("report_validity_months"), STR("6"), &err));
    MUST(app_set(directory, STR("issuer_zh"), STR("示例征信 = 有限公司"), &err));
    MUST(app_set(directory, STR("report_validity_months"), STR("7"), &err));
    MUST(app_settings_read(arena, path, &config, &err));
    assert_int_equal(config.report_validity_months, 7);
    assert_string_equal(config.issuer_zh, "示例征信 = 有限公司");
    assert_int_equal(config.filing_due_day, 15); /* what is not set has its default */
    str text;
    MUST(file_read(arena, path, 65536, &text, &err));
    const char *set = str_dup(arena, text), *first = strstr(set, "\nreport_validity_months =");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\nreport_validity_months =")); /* changed, not added */
    MUST_REFUSE(app_set(directory, STR("report_validity_months"), STR("25"), &err),
                ERROR_APP_SETTING_VALUE);
    MUST_REFUSE(app_set(directory, STR("report_validity_months"), STR("6 months"), &err),
                ERROR_APP_SETTING_VALUE);
    MUST_REFUSE(app_set(directory, STR("https_in_front"), STR("true"), &err),
                ERROR_APP_SETTING_VALUE);
    MUST_REFUSE(app_set(directory, STR("issuer_en"), STR("a\nstore = x"), &err),
                ERROR_APP_SETTING_VALUE);
    MUST_REFUSE(app_set(directory, STR("issuer_en"), STR("\xff\xfe"), &err),
                ERROR_APP_SETTING_VALUE);
    MUST_REFUSE(app_set(directory, STR("no_such"), STR("1"), &err), ERROR_APP_SETTING_UNKNOWN);
    MUST(app_settings_read(arena, path, &config,
                           &err)); /* refused settings leave the file as it was */
    assert_int_equal(config.report_validity_months, 7);
    static const struct {
        const char *text;
        enum error_code code;
    } wrong[] = {{"publik_url = http://x\n", ERROR_APP_SETTING_UNKNOWN},
                 {"filing_due_day = 29\n", ERROR_APP_SETTING_VALUE},
                 {"# fine\n\nstore\n", ERROR_APP_SETTING_VALUE},
                 {"cell_enterprises_min = \n", ERROR_APP_SETTING_VALUE}};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        write_settings(wrong[i].text);
        MUST_REFUSE(app_open(directory, APP_WORK, &app, &err), wrong[i].code);
    }
    /* The sentence says what, where, expected and found. */
    write_settings("filing_due_day = 29\n");
    MUST_REFUSE(app_open(directory, APP_WORK, &app, &err), ERROR_APP_SETTING_VALUE);
    const char *said = error_render(arena, &err, error_sentence(err.code));
    assert_non_null(strstr(said, "filing_due_day"));
    assert_non_null(strstr(said, "1..28"));
    assert_non_null(strstr(said, "29"));
}

/* ---- people, a real meter, a template ---- */

static bool settle_in(struct db *db, void *arg, struct error *e)
{
    id64 other;
    (void)arg;
    if (!mill_add_org(db, app->codes, REGISTRY_ENTERPRISE, "W1", "W1", &org_id, e) ||
        !mill_add_org(db, app->codes, REGISTRY_ENTERPRISE, "W2", "W2", &other, e) ||
        !mill_add_org(db, app->codes, REGISTRY_BANK, "B1", "B1", &bank_id, e) ||
        !mill_add_org(db, app->codes, REGISTRY_BANK, "B2", "B2", &other_bank_id, e))
        return false;
    struct registry_asset meter = mill_meter(org_id, "M1", 0);
    meter.reading_day = 15;
    return registry_add_asset(db, &meter, MILL_NOW, &meter_id, e) &&
           mill_add_person(db, org_id, "manager", REGISTRY_ENTERPRISE_MANAGER, &manager, e) &&
           mill_add_person(db, other, "stranger", REGISTRY_ENTERPRISE_MANAGER, &stranger, e) &&
           mill_add_person(db, bank_id, "officer", REGISTRY_BANK_OFFICER, &officer, e) &&
           mill_add_person(db, other_bank_id, "other", REGISTRY_BANK_OFFICER, &other_officer, e);
}

static void open_with_people(void)
{
    MUST(app_open(directory, APP_WORK, &app, &err));
    MUST(store_write(app->store, settle_in, NULL, &err));
}

struct counted {
    int64_t submissions, data;
};

static bool count_all(struct db *db, void *arg, struct error *e)
{
    struct counted *counted = arg;
    struct account_submission *submissions;
    struct account_datum *data;
    struct account_data_filter filter = {.as_known = ACCOUNT_NOW};
    size_t a, b;
    if (!account_list_submissions(db, arena, &manager, org_id, 0, &submissions, &a, e) ||
        !account_list_data(db, arena, &manager, org_id, &filter, &data, &b, e))
        return false;
    *counted = (struct counted){(int64_t)a, (int64_t)b};
    return true;
}

static struct counted count_now(void)
{
    struct counted counted;
    MUST(store_read(app->store, count_all, &counted, &err));
    return counted;
}

static bool read_form(struct db *db, void *arg, struct error *e)
{
    return app_form(app, db, arena, org_id, YEAR, arg, e);
}

static struct app_file file_of(str bytes)
{
    return (struct app_file){.org_id = org_id,
                             .name = "x.xlsx",
                             .bytes = bytes,
                             .year = YEAR,
                             .tier = ACCOUNT_TIER_INVOICE};
}

static bool form_asks(const struct model_info *form, const char *name)
{
    for (size_t i = 0; i < form->input_count; i++)
        if (strcmp(form->inputs[i].name, name) == 0) return true;
    return false;
}

static bool check_form(struct db *db, void *arg, struct error *e)
{
    static const char *const kinds[] = {"energy", "indicator", "confidence", "label",
                                        "grade",  "check",     "product",    "sizing"};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        const struct model **models;
        size_t count;
        if (!account_list_models(db, arena, &app->rules, org_id, YEAR, kinds[k], &models, &count,
                                 e))
            return false;
        for (size_t i = 0; i < count; i++) {
            const struct model_info *info = model_info(models[i]);
            /* What only stands there where the method asks for it, too. */
            const char *with_method = model_meta(models[i], "with_method", false);
            for (size_t n = 0; n < info->input_count; n++)
                if (info->inputs[n].from == NULL && !form_asks(arg, info->inputs[n].name) &&
                    (with_method == NULL || strstr(with_method, info->inputs[n].name) == NULL))
                    return error_set(e, ERROR_INTERNAL, "s", info->inputs[n].name);
        }
    }
    return true;
}

static void test_template(void **state)
{
    (void)state;
    struct model_info form;
    struct app_imported imported;
    str bytes;
    open_with_people();
    MUST(store_read(app->store, read_form, &form, &err));
    assert_true(form.input_count > 20);
    for (size_t i = 0; i < form.input_count; i++)
        assert_null(form.inputs[i].from); /* only what a user knows */
    /* Whatever a model in force asks of a user stands in the form and the template. */
    assert_true(form_asks(&form, "share"));
    MUST(store_read(app->store, check_form, &form, &err));
    const struct intake_template_value values[] = {
        {"clinker", "", month_make(YEAR, 3), 100000, "t"},
        {"clinker", "", month_make(YEAR, 4), 90000, "t"},
        {"burnt", "bituminous", month_make(YEAR, 4), 13000, "t"},
        {"revenue", "", -1, 1e8, "CNY"}};
    MUST(intake_write_template(arena, &form, YEAR, LANG_ZH, values, ARRAY_LEN(values), &bytes,
                               &err));
    struct app_file file = file_of(bytes);
    MUST_REFUSE(app_import_file(app, arena, &stranger, &file, &imported, &err),
                ERROR_REGISTRY_NOT_ALLOWED);
    MUST_REFUSE(app_import_file(app, arena, &officer, &file, &imported, &err),
                ERROR_REGISTRY_NOT_ALLOWED);
    assert_int_equal(count_now().submissions, 0);
    MUST(app_import_file(app, arena, &manager, &file, &imported, &err));
    assert_int_equal(imported.submission.rows_accepted, 4);
    assert_int_equal(imported.submission.rows_refused, 0);
    assert_int_equal(imported.first_month, month_make(YEAR, 3));
    assert_int_equal(imported.last_month, month_make(YEAR, 4));
    assert_int_equal(count_now().data, 4);
    /* Said again it adds nothing; what can't be read is not kept. */
    MUST(app_import_file(app, arena, &manager, &file, &imported, &err));
    assert_int_equal(count_now().data, 4);
    struct counted before = count_now();
    file = file_of(STR("PK\x03\x04 no workbook"));
    err = (struct error){0};
    assert_false(app_import_file(app, arena, &manager, &file, &imported, &err));
    assert_int_equal(count_now().submissions, before.submissions);
    /* A row in the wrong unit is refused with its place, the others are taken. */
    file = file_of(STR("period,input,key,value,unit\r\n2018-05,clinker,,95000,t\r\n2018-05,raw_"
                       "meal,,150000,MWh\r\n"));
    MUST(app_import_file(app, arena, &manager, &file, &imported, &err));
    assert_int_equal(imported.submission.rows_accepted, 1);
    assert_int_equal(imported.submission.rows_refused, 1);
    /* Refusals are told up to a limit, but all are counted. */
    struct buf *many = buf_new(arena);
    buf_puts(many, "period,input,key,value,unit\r\n");
    for (int i = 0; i < 700; i++) buf_puts(many, "2018-06,clinker,,x,t\r\n");
    file = file_of(buf_str(many));
    MUST(app_import_file(app, arena, &manager, &file, &imported, &err));
    assert_int_equal(imported.submission.rows_refused, 700);
}

/* ---- a real meter against its bill ---- */

static struct check_outcome *outcomes;
static size_t outcome_count;

static bool refresh(struct db *db, void *arg, struct error *e)
{
    (void)arg;
    return credit_refresh(db, arena, &manager, &app->credit, org_id, YEAR, MILL_TODAY, MILL_NOW,
                          e) &&
           check_list_outcomes(db, arena, &manager, org_id, YEAR, &outcomes, &outcome_count, e);
}

static void import_meter(void)
{
    struct meter_mapping mapping;
    struct meter_evidence *evidence;
    struct app_metered metered;
    size_t count;
    str bytes = shipped_read(arena, "examples/uci-steel-meter/steel_meter_2018_feb_dec.csv");
    MUST(meter_mapping_detect(arena, bytes, &mapping, &evidence, &count, &err));
    struct app_readings readings = {.org_id = org_id,
                                    .meter_id = meter_id,
                                    .name = "meter.csv",
                                    .bytes = bytes,
                                    .mapping = &mapping};
    MUST_REFUSE(app_import_meter(app, arena, &stranger, &readings, &metered, &err),
                ERROR_REGISTRY_NOT_ALLOWED);
    MUST(app_import_meter(app, arena, &manager, &readings, &metered, &err));
    assert_int_equal(metered.accepted, 32064); /* 334 days x 96 */
    assert_true(metered.has_months);
    assert_int_equal(metered.months.rows_accepted, 11);
}

static void import_bills(const char *september)
{
    struct app_imported imported;
    struct app_file file = file_of(str_from(
        arena_printf(arena, "period,input,key,value,unit\r\n2018-09,electricity_billed,,%s,kWh\r\n",
                     september)));
    file.replace = true;
    MUST(app_import_file(app, arena, &manager, &file, &imported, &err));
    assert_int_equal(imported.submission.rows_refused, 0);
    MUST(store_write(app->store, refresh, NULL, &err));
}

/* Summed from the file by another program: 15 August to 14 September 74,159.32 kWh, the reading day
 * being the 15th; September by the calendar 57,883.07 kWh, 22 % less. */
static void test_bill_of_a_real_meter(void **state)
{
    (void)state;
    struct account_period september = account_month(month_make(YEAR, 9));
    open_with_people();
    import_meter();
    import_bills("74159.32");
    const struct check_outcome *outcome = mill_outcome(outcomes, outcome_count, "x01", september);
    assert_non_null(outcome);
    assert_int_equal(outcome->result, CHECK_PASS);
    assert_true(fabs(outcome->delta) < 1e-9);
    import_bills("57883.07");
    outcome = mill_outcome(outcomes, outcome_count, "x01", september);
    assert_int_equal(outcome->result, CHECK_FAIL);
    assert_true(fabs(outcome->delta - (74159.32 / 57883.07 - 1)) < 1e-9);
}

/* ---- several meters, several files, withdrawal ---- */

static bool put_asset(struct db *db, void *arg, struct error *e)
{
    struct registry_asset *asset = arg;
    return registry_add_asset(db, asset, MILL_NOW, &asset->asset_id, e);
}

static id64 add_place(const char *code)
{
    struct registry_asset place = mill_workshop(org_id, code);
    MUST(store_write(app->store, put_asset, &place, &err));
    return place.asset_id;
}

static id64 add_meter(const char *code, id64 parent_id)
{
    struct registry_asset meter = mill_meter(org_id, code, parent_id);
    MUST(store_write(app->store, put_asset, &meter, &err));
    return meter.asset_id;
}

static struct app_metered send_text(id64 meter, const char *text)
{
    struct meter_mapping mapping;
    struct app_metered metered;
    MUST(meter_mapping_parse(
        arena,
        STR("{\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":\"Y-m-d H:M\","
            "\"unit\":\"kWh\",\"interval_minutes\":60}"),
        &mapping, &err));
    struct app_readings readings = {.org_id = org_id,
                                    .meter_id = meter,
                                    .name = "day.csv",
                                    .bytes = str_from(text),
                                    .mapping = &mapping};
    MUST(app_import_meter(app, arena, &manager, &readings, &metered, &err));
    return metered;
}

/* Two hourly readings of one day, in kWh. */
static struct app_metered send_day(id64 meter, int month, int day, double first, double second)
{
    return send_text(meter,
                     arena_printf(arena, "t,v\n%d-%02d-%02d 01:00,%g\n%d-%02d-%02d 02:00,%g\n",
                                  YEAR, month, day, first, YEAR, month, day, second));
}

struct month_value {
    int month;
    double kwh;      /* -1: no datum counts */
    const char *raw; /* how complete it is */
};

static bool read_month(struct db *db, void *arg, struct error *e)
{
    struct month_value *value = arg;
    struct account_period period = account_month(month_make(YEAR, value->month));
    struct account_data_filter filter = {.first = period.first,
                                         .last = period.last,
                                         .input = "electricity_purchased",
                                         .as_known = ACCOUNT_NOW};
    struct account_datum *data;
    size_t count;
    value->kwh = -1;
    if (!account_list_data(db, arena, &manager, org_id, &filter, &data, &count, e)) return false;
    assert_true(count <= 1);
    if (count == 1) value->kwh = data[0].value, value->raw = arena_strdup(arena, data[0].raw);
    return true;
}

static struct month_value value_of(int month)
{
    struct month_value value = {.month = month};
    MUST(store_read(app->store, read_month, &value, &err));
    return value;
}

static double kwh_of(int month)
{
    return value_of(month).kwh;
}

static void withdraw(const struct viewer *viewer, id64 submission_id)
{
    struct app_withdrawn withdrawn;
    MUST(app_withdraw(app, arena, viewer, submission_id, "a test of the meter", &withdrawn, &err));
    assert_int_equal(withdrawn.year_first, YEAR);
    assert_int_equal(withdrawn.year_last, YEAR);
}

/* A month is the sum of all its days, whatever file they came in, and of all main meters; what a
 * sub-meter counts the main meter counted. */
static void test_months_of_meters(void **state)
{
    (void)state;
    open_with_people();
    (void)send_day(meter_id, 3, 1, 10, 20);
    assert_float_equal(kwh_of(3), 30, 1e-9);
    struct app_metered second = send_day(meter_id, 3, 2, 5, 6);
    assert_float_equal(kwh_of(3), 41, 1e-9);
    id64 other = add_meter("M2", 0);
    struct app_metered third = send_day(other, 3, 1, 100, 200);
    assert_float_equal(kwh_of(3), 341, 1e-9);
    id64 hall = add_place("H1");
    struct app_metered below = send_day(add_meter("M3", hall), 3, 1, 7, 7);
    assert_false(below.has_months);
    assert_float_equal(kwh_of(3), 341, 1e-9);
    /* A file withdrawn takes its readings out of the month; the rest stays. */
    withdraw(&manager, second.submission.submission_id);
    assert_float_equal(kwh_of(3), 330, 1e-9);
    withdraw(&manager, third.submission.submission_id);
    assert_float_equal(kwh_of(3), 30, 1e-9);
    struct app_withdrawn withdrawn;
    MUST_REFUSE(app_withdraw(app, arena, &manager, third.submission.submission_id, "again",
                             &withdrawn, &err),
                ERROR_ACCOUNT_WITHDRAWN);
    MUST_REFUSE(app_withdraw(app, arena, &stranger, below.submission.submission_id, "mine",
                             &withdrawn, &err),
                ERROR_ACCOUNT_UNKNOWN);
    MUST_REFUSE(
        app_withdraw(app, arena, &manager, below.submission.submission_id, " ", &withdrawn, &err),
        ERROR_ACCOUNT_REASON_EMPTY);
}

/* A month of one meter of two is half a month however whole that meter's own readings are. By hand:
 * March has 31 days of 24 hourly intervals, 744 for each meter. */
static void test_month_counts_the_absent_meter(void **state)
{
    (void)state;
    open_with_people();
    (void)send_day(meter_id, 3, 1, 10, 20);
    assert_string_equal(value_of(3).raw, "30000 Wh, 2 of 744 intervals");
    id64 other = add_meter("M2", 0); /* no reading of it anywhere: as long as the other's */
    (void)send_day(meter_id, 3, 2, 5, 6);
    assert_string_equal(value_of(3).raw, "41000 Wh, 4 of 1488 intervals, 1 of 2 meters");
    (void)send_day(other, 4, 1, 7, 8); /* April has 720 intervals a meter */
    assert_string_equal(value_of(4).raw, "15000 Wh, 2 of 1440 intervals, 1 of 2 meters");
    assert_float_equal(kwh_of(4), 15, 1e-9);
    (void)send_day(other, 3, 2, 1, 1);
    assert_string_equal(value_of(3).raw, "43000 Wh, 6 of 1488 intervals");
}

/* The only file of a month: without it the month has no electricity, not the old one and not 0. */
static void test_withdraw_the_only_file(void **state)
{
    (void)state;
    open_with_people();
    struct app_metered only = send_day(meter_id, 5, 1, 10, 20);
    assert_float_equal(kwh_of(5), 30, 1e-9);
    withdraw(&manager, only.submission.submission_id);
    assert_float_equal(kwh_of(5), -1, 0);
}

/* ---- a method that asks for something else from 2019 on ---- */

static void open_with_own_method(void)
{
    static const char text[] =
        "# The cement works' electricity under another name, and a factor that holds until it is\n"
        "# changed.\n"
        "model test.cement 2099\n"
        "  kind    method\n"
        "  title   \"Electricity\" zh \"电力\"\n"
        "  source  \"app_test.c\"\n"
        "  entity  enterprise\n"
        "  valid   2019-01-01 ..\n"
        "  applies industry \"3011\"\n"
        "  meta    electricity_input bought\n\n"
        "input bought : MWh \"Electricity bought\" zh \"外购电量\" >= 0 per month\n"
        "  help \"Meter.\" zh \"电表。\"\n"
        "input factor : (t CO2e)/MWh \"Factor\" zh \"因子\" >= 0 per once\n"
        "  help \"Contract.\" zh \"合同。\"\n"
        "out scope2 : t CO2e = bought * factor\n"
        "  \"Electricity\" zh \"电力排放\" post emission scope 2 source electricity basis full\n";
    MUST(file_write(in_data("models/own.model"), str_from(text), &err));
    open_with_people();
    assert_int_equal(app->model_problems.count, 0);
}

struct named_data {
    const char *input;
    int year;
    size_t count;
};

static bool count_named(struct db *db, void *arg, struct error *e)
{
    struct named_data *named = arg;
    struct account_data_filter filter = {.first = account_year(named->year).first,
                                         .last = account_year(named->year).last,
                                         .input = named->input,
                                         .as_known = ACCOUNT_NOW};
    struct account_datum *data;
    return account_list_data(db, arena, &manager, org_id, &filter, &data, &named->count, e);
}

static size_t count_of(const char *input, int year)
{
    struct named_data named = {.input = input, .year = year};
    MUST(store_read(app->store, count_named, &named, &err));
    return named.count;
}

/* Each month of a file is what its own year's method calls it, whatever day the file ends on. */
static void test_readings_of_two_years(void **state)
{
    (void)state;
    open_with_own_method();
    (void)send_text(meter_id, "t,v\n2018-12-31 01:00,10\n2018-12-31 02:00,20\n"
                              "2019-01-01 01:00,30\n2019-01-01 02:00,40\n");
    assert_int_equal(count_of("electricity_purchased", 2018), 1);
    assert_int_equal(count_of("bought", 2018), 0);
    assert_int_equal(count_of("electricity_purchased", 2019), 0);
    assert_int_equal(count_of("bought", 2019), 1);
}

struct year_postings {
    int year;
    size_t count; /* of its drafts, emission only */
};

static bool count_postings(struct db *db, void *arg, struct error *e)
{
    struct year_postings *result = arg;
    struct account_run_filter filter = {.first = account_year(result->year).first,
                                        .last = account_year(result->year).last,
                                        .has_state = true,
                                        .state = ACCOUNT_DRAFT};
    struct account_run *runs;
    struct account_posting *list;
    size_t run_count, count;
    result->count = 0;
    if (!account_list_runs(db, arena, &manager, org_id, &filter, &runs, &run_count, e))
        return false;
    for (size_t i = 0; i < run_count; i++) {
        if (!account_list_postings(db, arena, &manager, org_id, runs[i].run_id, &list, &count, e))
            return false;
        for (size_t k = 0; k < count; k++) result->count += list[k].kind == ACCOUNT_EMISSION;
    }
    return true;
}

static size_t emissions_of(int year)
{
    struct year_postings result = {.year = year};
    MUST(store_read(app->store, count_postings, &result, &err));
    return result.count;
}

/* What holds once holds in every year: with it the emissions of 2019 and 2020 come, without it they
 * go, though nothing of those years was touched. */
static void test_fact_of_all_years(void **state)
{
    (void)state;
    struct app_imported imported;
    struct app_withdrawn withdrawn;
    open_with_own_method();
    struct app_file file = file_of(STR("period,input,key,value,unit\r\n2019-03,bought,,100,MWh\r\n"
                                       "2020-03,bought,,100,MWh\r\n"));
    file.recompute = true;
    file.year = 2019; /* the method that asks for it */
    MUST(app_import_file(app, arena, &manager, &file, &imported, &err));
    assert_int_equal(imported.submission.rows_refused, 0);
    assert_int_equal(emissions_of(2019), 0);
    file.bytes = STR("period,input,key,value,unit\r\nonce,factor,,0.5,\r\n");
    MUST(app_import_file(app, arena, &manager, &file, &imported, &err));
    assert_int_equal(imported.submission.rows_refused, 0);
    assert_int_equal(emissions_of(2019), 1);
    assert_int_equal(emissions_of(2020), 1);
    MUST(app_withdraw(app, arena, &manager, imported.submission.submission_id, "typed wrongly",
                      &withdrawn, &err));
    assert_int_equal(withdrawn.year_first, 2019);
    assert_int_equal(emissions_of(2019), 0);
    assert_int_equal(emissions_of(2020), 0);
}

/* ---- reports ---- */

static bool grant(struct db *db, void *arg, struct error *e)
{
    id64 letter;
    return mill_grant_to(db, arg, &manager, REGISTRY_SCOPE_ALL, &letter, e);
}

static bool issue(const struct viewer *viewer, struct report_document *document)
{
    struct report_settings settings = app_report_settings(app);
    /* A letter that the caller made up must not get into the document. */
    struct report_request request = {.org_id = org_id,
                                     .year = YEAR,
                                     .lang = LANG_EN,
                                     .purpose = "own",
                                     .authorisation_id = 4711};
    if (viewer == &manager) request.authorisation_id = 0;
    return report_issue(app->store, &app->log, &app->key, arena, viewer, &app->credit, &settings,
                        &request, document, &err);
}

static bool read_bytes(const struct viewer *viewer, id64 report_id, str *pdf)
{
    struct app_report_bytes bytes = {
        .viewer = viewer, .arena = arena, .org_id = org_id, .report_id = report_id};
    if (!store_read(app->store, app_read_report, &bytes, &err)) return false;
    *pdf = bytes.pdf;
    return true;
}

struct listed {
    const struct viewer *viewer;
    struct report_document *list;
    size_t count;
};

static bool list_reports(struct db *db, void *arg, struct error *e)
{
    struct listed *listed = arg;
    return report_list_documents(db, arena, listed->viewer, org_id, &listed->list, &listed->count,
                                 e);
}

static enum trust_answer verify(str pdf)
{
    struct trust_verdict verdict;
    trust_verify_report(arena, pdf, &app->roots, &verdict);
    return verdict.answer;
}

static void test_report(void **state)
{
    (void)state;
    struct report_document own, bank;
    struct listed listed;
    id64 org, report;
    str pdf;
    open_with_people();
    MUST_REFUSE(issue(&manager, &own), ERROR_REPORT_NO_RATING);
    import_meter();
    MUST(store_write(app->store, refresh, NULL, &err));
    MUST_REFUSE(issue(&officer, &bank), ERROR_REGISTRY_NOT_ALLOWED);
    MUST_REFUSE(issue(&stranger, &bank), ERROR_REGISTRY_NOT_ALLOWED);
    MUST(issue(&manager, &own));
    assert_true(own.ready && own.invented);
    assert_true(report_number_parse(str_from(own.number), &org, &report));
    assert_int_equal(org, org_id);
    assert_int_equal(report, own.report_id);
    static const char *const wrong[] = {"", "TR", "TR-20260101-x-y",
                                        "XX-20260101-0000000000001-0000000000001"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(report_number_parse(str_from(wrong[i]), &org, &report));
    assert_false(
        report_number_parse(str_from(arena_printf(arena, "%s-1", own.number)), &org, &report));
    MUST(read_bytes(&manager, own.report_id, &pdf));
    assert_int_equal(verify(pdf), TRUST_YES);
    char *changed = arena_copy(arena, pdf.ptr, pdf.len);
    changed[pdf.len / 2] ^= 1;
    assert_int_equal(verify((str){changed, pdf.len}), TRUST_NO);
    /* A bank's own report: under its letter, and not another bank's. */
    MUST(store_write(app->store, grant, &officer, &err));
    MUST(store_write(app->store, grant, &other_officer, &err));
    MUST(issue(&officer, &bank));
    assert_int_equal(bank.recipient_org_id, bank_id);
    assert_true(bank.authorisation_id != 0 && bank.authorisation_id != 4711);
    assert_string_equal(bank.purpose, "before");
    MUST(read_bytes(&officer, bank.report_id, &pdf));
    assert_int_equal(verify(pdf), TRUST_YES);
    MUST_REFUSE(read_bytes(&other_officer, bank.report_id, &pdf), ERROR_REPORT_NO_DOCUMENT);
    MUST(read_bytes(&other_officer, own.report_id,
                    &pdf)); /* what the enterprise issued for itself, its letters show */
    listed = (struct listed){.viewer = &other_officer};
    MUST(store_read(app->store, list_reports, &listed, &err));
    assert_int_equal(listed.count, 1);
    listed.viewer = &manager;
    MUST(store_read(app->store, list_reports, &listed, &err));
    assert_int_equal(listed.count, 2); /* the data subject sees all that was issued about it */
    listed.viewer = &stranger;
    MUST_REFUSE(store_read(app->store, list_reports, &listed, &err), ERROR_REGISTRY_NOT_ALLOWED);
}

static bool complete(const struct viewer *viewer)
{
    return report_complete(app->store, &app->key, arena, viewer, org_id, &err);
}

/* The program dies, or the log fails, between keeping a report and its signature: the report is
 * completed when its list is opened after the leaf was signed, and once. */
static void test_report_completed_later(void **state)
{
    (void)state;
    struct report_document own;
    struct listed listed = {.viewer = &manager};
    str pdf;
    open_with_people();
    import_meter();
    MUST(store_write(app->store, refresh, NULL, &err));
    const char *data_dir = app->log.data_dir;
    app->log.data_dir = "/dev/null"; /* no folder: nothing can be signed there */
    app->log.lease_ms = 1;
    assert_false(issue(&manager, &own));
    app->log.data_dir = data_dir;
    MUST(complete(&manager)); /* not signed yet: nothing can be done */
    MUST(store_read(app->store, list_reports, &listed, &err));
    assert_int_equal(listed.count, 1);
    assert_false(listed.list[0].ready);
    MUST(app_sequence(app, &err));
    MUST_REFUSE(complete(&stranger), ERROR_REGISTRY_NOT_ALLOWED);
    for (int i = 0; i < 2; i++) MUST(complete(&manager));
    MUST(store_read(app->store, list_reports, &listed, &err));
    assert_true(listed.list[0].ready);
    MUST(read_bytes(&manager, listed.list[0].report_id, &pdf));
    assert_int_equal(verify(pdf), TRUST_YES);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], INTAKE_JAIL_FLAG) == 0) return intake_jail_main();
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_directory),
        IN_DIRECTORY(test_settings),
        IN_DIRECTORY(test_template),
        IN_DIRECTORY(test_bill_of_a_real_meter),
        IN_DIRECTORY(test_report),
        IN_DIRECTORY(test_report_completed_later),
        IN_DIRECTORY(test_months_of_meters),
        IN_DIRECTORY(test_month_counts_the_absent_meter),
        IN_DIRECTORY(test_withdraw_the_only_file),
        IN_DIRECTORY(test_readings_of_two_years),
        IN_DIRECTORY(test_fact_of_all_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
