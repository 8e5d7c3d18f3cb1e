#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "mill.h"
#include "shipped.h"

void mill_fail(const struct mill *mill, const struct error *err)
{
    fail_msg("%s", error_render(mill->arena, err, error_sentence(err->code)));
}

/* ---- the house ---- */

bool mill_add_person(struct db *db, id64 org_id, const char *login, enum registry_role role,
                     struct viewer *viewer, struct error *err)
{
    *viewer = (struct viewer){.org_id = org_id,
                              .org_kind = registry_role_org_kind(role),
                              .role = role,
                              .purpose = "before",
                              .request_id = id_new()};
    return registry_add_person(db, org_id, str_from(login), str_from(login), role, "", MILL_NOW,
                               &viewer->person_id, err);
}

bool mill_add_org(struct db *db, const struct registry_codes *codes, enum registry_org_kind kind,
                  const char *name, const char *code, id64 *org_id, struct error *err)
{
    /* 140400 is Changzhi in Shanxi; it lies in the North China grid. */
    struct registry_org org = {.kind = kind,
                               .name = name,
                               .name_en = "",
                               .scheme = "test",
                               .identifier = code,
                               .industry = kind == REGISTRY_ENTERPRISE ? "3011" : "",
                               .division = "140400",
                               .scale = "",
                               .invented = true,
                               .on_register = kind == REGISTRY_ENTERPRISE,
                               .utc_offset_minutes = 480,
                               .has_founded = kind == REGISTRY_ENTERPRISE};
    if (!date_make(2010, 1, 1, &org.founded)) return false;
    return registry_add_org(db, codes, &org, MILL_NOW, org_id, err);
}

static bool settle_in(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    TRY(mill_add_org(db, m->rules.codes, REGISTRY_ENTERPRISE, "示例水泥厂", "W1", &m->org_id, err));
    TRY(mill_add_org(db, m->rules.codes, REGISTRY_ENTERPRISE, "示例邻厂", "W2", &m->other_org_id,
                     err));
    TRY(mill_add_org(db, m->rules.codes, REGISTRY_BANK, "示例甲银行", "B1", &m->bank_id, err));
    TRY(mill_add_org(db, m->rules.codes, REGISTRY_BANK, "示例乙银行", "B2", &m->other_bank_id,
                     err));
    TRY(mill_add_org(db, m->rules.codes, REGISTRY_AUTHORITY, "示例主管部门", "A1", &m->authority_id,
                     err));
    TRY(mill_add_person(db, m->org_id, "manager", REGISTRY_ENTERPRISE_MANAGER, &m->manager, err));
    TRY(mill_add_person(db, m->org_id, "approver", REGISTRY_ENTERPRISE_APPROVER, &m->approver,
                        err));
    TRY(mill_add_person(db, m->other_org_id, "neighbour", REGISTRY_ENTERPRISE_MANAGER,
                        &m->neighbour, err));
    TRY(mill_add_person(db, m->bank_id, "officer", REGISTRY_BANK_OFFICER, &m->officer, err));
    TRY(mill_add_person(db, m->bank_id, "reviewer", REGISTRY_BANK_REVIEWER, &m->reviewer, err));
    TRY(mill_add_person(db, m->bank_id, "approver1", REGISTRY_BANK_APPROVER, &m->bank_approver,
                        err));
    TRY(mill_add_person(db, m->bank_id, "approver2", REGISTRY_BANK_APPROVER, &m->second_approver,
                        err));
    TRY(mill_add_person(db, m->other_bank_id, "other", REGISTRY_BANK_OFFICER, &m->other_officer,
                        err));
    TRY(mill_add_person(db, m->authority_id, "authority", REGISTRY_AUTHORITY_OFFICER, &m->authority,
                        err));
    return true;
}

static void open_rules(struct mill *m)
{
    static const unsigned char seed[32] = {1};
    struct error err = {0};
    const char *const roots[] = {shipped_path(m->arena, ".")};
    m->rules.codes = registry_codes_open(m->arena, shipped_path(m->arena, "tables"), &err);
    if (m->rules.codes == NULL) mill_fail(m, &err);
    m->library = shipped_models(NULL);
    m->rules.library = m->library;
    m->checks = check_rules_open(m->arena, roots, 1, &err);
    if (m->checks == NULL) mill_fail(m, &err);
    m->flows = flow_library_new(m->arena);
    if (!flow_library_add_folder(m->flows, shipped_path(m->arena, "flows"), &err))
        mill_fail(m, &err);
    m->credit = (struct credit_rules){.account = &m->rules, .checks = m->checks, .flows = m->flows};
    trust_key_from_seed(&m->key, STR("carbon.example/log"), seed);
}

void mill_open(struct mill *m)
{
    struct error err = {0};
    *m =
        (struct mill){.arena = arena_open((size_t)1 << 30), .directory = "/tmp/tanshu-mill-XXXXXX"};
    assert_non_null(mkdtemp(m->directory));
    open_rules(m);
    m->where = arena_printf(m->arena, "sqlite:%s/tanshu.db", m->directory);
    m->store = store_open(
        &(struct store_options){.where = m->where, .create = true, .migrate = true}, &err);
    if (m->store == NULL) mill_fail(m, &err);
    m->log = (struct log_config){.store = m->store, .data_dir = m->directory};
    mill_write(m, settle_in);
}

void mill_close(struct mill *m)
{
    store_close(m->store);
    assert_true(file_remove_tree(m->directory));
    model_library_close(m->library);
    arena_close(m->arena);
}

static struct mill case_mill;

int mill_set_up(void **state)
{
    (void)state;
    mill_open(&case_mill);
    return 0;
}

int mill_tear_down(void **state)
{
    (void)state;
    mill_close(&case_mill);
    return 0;
}

void mill_run_case(void **state)
{
    for (store_work **works = *state; *works != NULL; works++) mill_write(&case_mill, *works);
}

struct mill *mill_of_case(void)
{
    return &case_mill;
}

void mill_write(struct mill *m, store_work *work)
{
    struct error err = {0};
    if (!store_write(m->store, work, m, &err)) mill_fail(m, &err);
}

void mill_sequence(struct mill *m)
{
    struct log_progress progress;
    struct error err = {0};
    if (!log_sequence(&m->log, &m->key, &progress, &err)) mill_fail(m, &err);
    assert_false(progress.busy);
}

bool mill_turn_to_steel(struct db *db, void *mill, struct error *err)
{
    struct mill *m = mill;
    struct registry_org org;
    TRY(registry_get_org(db, m->arena, m->org_id, &org, err));
    org.industry = "3120";
    return registry_change_org(db, m->rules.codes, &org, err);
}

/* ---- data ---- */

struct account_row mill_row(struct account_period period, const char *input, const char *key,
                            double value, const char *unit, enum account_tier tier)
{
    return (struct account_row){.period = period,
                                .input = input,
                                .key = key,
                                .has_number = true,
                                .value = value,
                                .unit = unit,
                                .text = "",
                                .raw = "",
                                .row_ref = "row",
                                .tier = tier};
}

static void put_row(struct mill_rows *rows, struct account_row row)
{
    assert_true(rows->count < ARRAY_LEN(rows->list));
    rows->list[rows->count++] = row;
}

void mill_put(struct mill_rows *rows, struct account_period period, const char *input,
              const char *key, double value, const char *unit, enum account_tier tier)
{
    put_row(rows, mill_row(period, input, key, value, unit, tier));
}

void mill_put_text(struct mill_rows *rows, struct account_period period, const char *input,
                   const char *text)
{
    struct account_row row = mill_row(period, input, "", 0, "", ACCOUNT_TIER_INVOICE);
    row.has_number = false;
    row.text = row.raw = text;
    put_row(rows, row);
}

bool mill_submit(struct db *db, struct mill *m, const struct mill_rows *rows, int64_t now_ms,
                 bool replace, struct error *err)
{
    struct account_submission_new given = {.org_id = m->org_id,
                                           .kind = "file",
                                           .name = "data.csv",
                                           .bytes = STR("as it came"),
                                           .replace = replace};
    struct account_submission submission;
    struct account_refusal *refusals;
    size_t count;
    TRY(account_submit(db, &m->manager, &m->rules, &given, rows->list, rows->count, MILL_TODAY,
                       now_ms, &submission, err));
    if (submission.rows_refused == 0) return true;
    TRY(account_list_refusals(db, m->arena, &m->manager, m->org_id, submission.submission_id,
                              &refusals, &count, err));
    WANT_SAY(err, "%s refused: %s", refusals[0].input,
             error_render(m->arena, &refusals[0].error, error_sentence(refusals[0].error.code)));
}

void mill_put_month(struct mill_rows *rows, int32_t month)
{
    struct account_period p = account_month(month);
    enum account_tier tier = ACCOUNT_TIER_INVOICE;
    mill_put(rows, p, "clinker", "", 100000, "t", tier);
    mill_put(rows, p, "clinker_cao", "", 0.65, "1", tier);
    mill_put(rows, p, "clinker_mgo", "", 0.015, "1", tier);
    mill_put(rows, p, "burnt", "bituminous", 13000, "t", tier);
    mill_put(rows, p, "ncv_measured", "bituminous", 23, "GJ/t", tier);
    mill_put(rows, p, "carbon_measured", "bituminous", 0.60, "(t C)/t", tier);
    mill_put(rows, p, "oxidation_measured", "bituminous", 0.98, "1", tier);
    mill_put(rows, p, "electricity_purchased", "", 6000, "MWh", tier);
    mill_put(rows, p, "raw_meal", "", 155000, "t", tier);
}

bool mill_submit_year(struct db *db, struct mill *m, int year, struct error *err)
{
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    for (int month = 1; month <= 12; month++) {
        struct account_period period = account_month(month_make(year, month));
        rows->count = 0;
        mill_put_month(rows, month_make(year, month));
        TRY(mill_submit(db, m, rows, (int64_t)(period.last.day + 15) * 86400000, false, err));
    }
    rows->count = 0;
    mill_put(rows, account_year(year), "unit_energy", "clinker", 105, "kgce/t",
             ACCOUNT_TIER_INVOICE);
    return mill_submit(db, m, rows, (int64_t)(account_year(year).last.day + 15) * 86400000, false,
                       err);
}

/* ---- meters ---- */

void mill_fill_day(struct mill *m, struct meter_day *meter_day, date day, int64_t wh)
{
    *meter_day = (struct meter_day){.day = day,
                                    .interval_minutes = 15,
                                    .expected = 96,
                                    .count = 96,
                                    .sum_wh = 96 * wh,
                                    .wh = ARENA_NEW_ARRAY(m->arena, int64_t, 96)};
    for (int i = 0; i < 96; i++) meter_day->wh[i] = wh;
}

bool mill_store_days(struct db *db, struct mill *m, id64 meter_id, struct meter_day *days,
                     size_t count, struct error *err)
{
    struct meter_mapping mapping;
    struct meter_file file = {.interval_minutes = 15, .days = days, .day_count = count};
    struct meter_import_result result;
    for (size_t i = 0; i < count; i++) file.rows += days[i].count, file.accepted += days[i].count;
    TRY(meter_mapping_parse(
        m->arena,
        STR("{\"header_row\":1,\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":"
            "\"Y-m-d H:M\",\"unit\":\"kWh\",\"interval_minutes\":15,\"label\":\"end\"}"),
        &mapping, err));
    return meter_import(db, m->org_id, meter_id, 1, m->manager.person_id, &mapping, &file, &result,
                        err);
}

struct registry_asset mill_meter(id64 org_id, const char *code, id64 parent_id)
{
    return (struct registry_asset){.org_id = org_id,
                                   .parent_id = parent_id,
                                   .kind = REGISTRY_METER,
                                   .code = code,
                                   .name = code,
                                   .name_en = "",
                                   .medium = "electricity",
                                   .unit = "kWh",
                                   .ratio = 1,
                                   .calibrated = true};
}

struct registry_asset mill_workshop(id64 org_id, const char *code)
{
    return (struct registry_asset){.org_id = org_id,
                                   .kind = REGISTRY_WORKSHOP,
                                   .code = code,
                                   .name = code,
                                   .name_en = "",
                                   .medium = "",
                                   .unit = "",
                                   .ratio = 1};
}

bool mill_add_meter(struct db *db, struct mill *m, const char *code, id64 parent_id,
                    int reading_day, date first, date last, int64_t wh, id64 *meter_id,
                    struct error *err)
{
    struct registry_asset meter = mill_meter(m->org_id, code, parent_id);
    meter.reading_day = reading_day;
    size_t count = (size_t)(last.day - first.day + 1);
    struct meter_day *days = ARENA_NEW_ARRAY(m->arena, struct meter_day, count);
    for (size_t i = 0; i < count; i++)
        mill_fill_day(m, &days[i], (date){first.day + (int32_t)i}, wh);
    TRY(registry_add_asset(db, &meter, MILL_NOW, meter_id, err));
    return mill_store_days(db, m, *meter_id, days, count, err);
}

/* ---- what follows ---- */

bool mill_run_month(struct db *db, struct mill *m, int year, int month, struct error *err)
{
    struct account_run *runs;
    size_t count;
    return account_run_month(db, m->arena, &m->manager, &m->rules, m->org_id,
                             month_make(year, month), MILL_NOW, &runs, &count, err);
}

bool mill_post_year(struct db *db, struct mill *m, int year, struct error *err)
{
    struct account_run_filter filter = {.has_state = true, .state = ACCOUNT_DRAFT};
    struct account_run *runs;
    size_t count;
    TRY(credit_refresh(db, m->arena, &m->manager, &m->credit, m->org_id, year, MILL_TODAY, MILL_NOW,
                       err));
    TRY(account_list_runs(db, m->arena, &m->approver, m->org_id, &filter, &runs, &count, err));
    for (size_t i = 0; i < count; i++)
        if (runs[i].gate == ACCOUNT_GATE_OPEN)
            TRY(account_approve(db, &m->approver, m->org_id, runs[i].run_id, MILL_NOW, err));
    return true;
}

bool mill_grant_to(struct db *db, const struct viewer *bank, const struct viewer *enterprise,
                   int scopes, id64 *letter_id, struct error *err)
{
    date today = instant_day(instant_now_ms(), 480);
    date first = {today.day - 1}, last = {today.day + 300};
    TRY(registry_request_authorisation(db, bank, enterprise->org_id, "before", scopes, first, last,
                                       "授权书", MILL_NOW, letter_id, err));
    return registry_answer_authorisation(db, enterprise, *letter_id, REGISTRY_GRANTED, "", MILL_NOW,
                                         err);
}

bool mill_grant(struct db *db, struct mill *m, int scopes, id64 *letter_id, struct error *err)
{
    return mill_grant_to(db, &m->officer, &m->manager, scopes, letter_id, err);
}

const struct check_outcome *mill_outcome(const struct check_outcome *list, size_t count,
                                         const char *rule, struct account_period period)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].rule, rule) == 0 && account_period_equal(list[i].period, period))
            return &list[i];
    return NULL;
}
