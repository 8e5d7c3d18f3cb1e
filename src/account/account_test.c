/* An account from its data to what is posted, against the worked case of the guideline: corrected,
 * withdrawn, refused, explained, exported; and which rule binds whom. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "mill.h"
#include "shipped.h"

/* ---- the worked case of the guideline (reference: iron and steel, worked example A)
 * ---------------- */

static struct account_row row(int year, int month, const char *input, const char *input_key,
                              double value, const char *unit)
{
    return mill_row(account_month(month_make(year, month)), input, input_key, value, unit,
                    ACCOUNT_TIER_INVOICE);
}

static size_t worked_case(int year, int month, struct account_row rows[16])
{
    const struct account_row all[] = {
        row(year, month, "burnt", "washed_coal", 800000, "t"),
        row(year, month, "burnt", "bituminous", 200000, "t"),
        row(year, month, "burnt", "natural_gas", 500, "1e4 Nm3"),
        row(year, month, "flux_used", "limestone", 90000, "t"),
        row(year, month, "flux_used", "dolomite", 30000, "t"),
        row(year, month, "electrode_used", "electrode", 800, "t"),
        row(year, month, "raw_bought", "pig_iron", 20000, "t"),
        row(year, month, "raw_bought", "ferrochrome", 5000, "t"),
        row(year, month, "electricity_purchased", "", 300000, "MWh"),
        row(year, month, "heat_purchased", "", 50000, "GJ"),
        row(year, month, "fixed_output", "crude_steel", 1000000, "t"),
        row(year, month, "fixed_output", "methanol", 10000, "t"),
        row(year, month, "crude_steel", "", 1000000, "t"),
    };
    memcpy(rows, all, sizeof all);
    return ARRAY_LEN(all);
}

/* Grams by hand: fuel 1766523.264 + 349417.6532 + 10810.944045 t; process 53730 + 2930.4 + 4815 t;
 * fixed 29150 t; electricity 300000 x 0.8843 = 265290 t; heat 5500 t. */
#define FUEL_G 2126751861245
#define PROCESS_G 61475400000
#define FIXED_G (-29150000000)
#define POWER_G 265290000000
#define HEAT_G 5500000000
#define FULL_G 2429867261245
#define COMPLIANCE_G 2159077261245
#define ENERGY_POSTINGS 1 /* calorific: no equivalent coefficient is published before 2015 */

static bool submit_rows(struct db *db, struct mill *m, const struct account_row *rows, size_t count,
                        bool replace, struct account_submission *result, struct error *err)
{
    struct account_submission_new given = {.org_id = m->org_id,
                                           .kind = "file",
                                           .name = "december.csv",
                                           .bytes = STR("the file as it came"),
                                           .replace = replace};
    return account_submit(db, &m->manager, &m->rules, &given, rows, count, MILL_TODAY, MILL_NOW,
                          result, err);
}

static bool submit_case(struct db *db, struct mill *m, struct error *err)
{
    struct account_row rows[16];
    struct account_submission submission;
    size_t count = worked_case(2014, 12, rows);
    TRY(submit_rows(db, m, rows, count, false, &submission, err));
    WANT(submission.rows_accepted == 13);
    WANT(submission.rows_refused == 0);
    return true;
}

static bool run_december(struct db *db, struct mill *m, struct account_run *run, struct error *err)
{
    struct account_run *runs;
    size_t count;
    TRY(account_run_month(db, m->arena, &m->manager, &m->rules, m->org_id, month_make(2014, 12),
                          MILL_NOW, &runs, &count, err));
    WANT(count >= 1);
    WANT_TEXT(runs[0].kind, "method");
    *run = runs[0];
    return true;
}

static bool statement_of(struct db *db, const struct mill *m, const struct viewer *viewer,
                         int64_t as_known, bool with_drafts, struct account_statement *s,
                         struct error *err)
{
    struct account_period year = account_year(2014);
    struct account_statement_query query = {.org_id = m->org_id,
                                            .first = year.first,
                                            .last = year.last,
                                            .as_known = as_known,
                                            .with_drafts = with_drafts};
    return account_read_statement(db, m->arena, viewer, &query, s, err);
}

static int64_t amount_of(const struct account_posting *postings, size_t count, const char *output)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(postings[i].output, output) == 0) return postings[i].amount;
    return 0;
}

static bool worked(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_run run, again;
    struct account_posting *postings;
    struct account_statement s;
    size_t count;
    TRY(submit_case(db, m, err));
    TRY(run_december(db, m, &run, err));
    WANT_TEXT(run.model, "ghg.steel");
    TRY(account_list_postings(db, m->arena, &m->manager, m->org_id, run.run_id, &postings, &count,
                              err));
    WANT(amount_of(postings, count, "scope1_fuel") == FUEL_G);
    WANT(amount_of(postings, count, "scope1_process") == PROCESS_G);
    WANT(amount_of(postings, count, "scope1_fixed") == FIXED_G);
    WANT(amount_of(postings, count, "scope2_electricity") == POWER_G);
    WANT(amount_of(postings, count, "scope2_heat") == HEAT_G);
    WANT(amount_of(postings, count, "production_crude_steel") == 1000000000);
    /* A draft counts nowhere but in the mill's own preview. Energy by hand, GB/T 2589: 800000 x 0.9
     * + 200000 x 0.7143 + 500 x 12.143 + 300000 x 0.1229 + 50000 x 0.03412 = 907507.5 tce. */
    TRY(statement_of(db, m, &m->manager, ACCOUNT_NOW, false, &s, err));
    WANT(s.line_count == 0);
    WANT(s.drafts == 2); /* the method's run and the energy model's */
    TRY(statement_of(db, m, &m->manager, ACCOUNT_NOW, true, &s, err));
    WANT(s.total.full == FULL_G);
    WANT_NEAR(account_tce(s.total.energy_calorific), 907507.5, 1e-6);
    /* The same data give the same run, and no second one. */
    TRY(run_december(db, m, &again, err));
    WANT(again.repeated);
    WANT(again.run_id == run.run_id);
    /* Four eyes: not before the checks, not by who ran it, not by a mere manager. */
    WANT_REFUSED(account_approve(db, &m->approver, m->org_id, run.run_id, MILL_NOW, REFUSED),
                 ERROR_ACCOUNT_GATE);
    TRY(account_set_gate(db, m->org_id, run.run_id, ACCOUNT_GATE_BLOCKED, "x01 is open", err));
    WANT_REFUSED(account_approve(db, &m->approver, m->org_id, run.run_id, MILL_NOW, REFUSED),
                 ERROR_ACCOUNT_GATE);
    TRY(account_set_gate(db, m->org_id, run.run_id, ACCOUNT_GATE_OPEN, "", err));
    WANT_REFUSED(account_approve(db, &m->manager, m->org_id, run.run_id, MILL_NOW, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    struct viewer same = m->approver;
    same.person_id = m->manager.person_id;
    WANT_REFUSED(account_approve(db, &same, m->org_id, run.run_id, MILL_NOW, REFUSED),
                 ERROR_ACCOUNT_FOUR_EYES);
    TRY(account_approve(db, &m->approver, m->org_id, run.run_id, MILL_NOW, err));
    WANT_REFUSED(account_approve(db, &m->approver, m->org_id, run.run_id, MILL_NOW, REFUSED),
                 ERROR_ACCOUNT_STATE);
    TRY(statement_of(db, m, &m->manager, ACCOUNT_NOW, false, &s, err));
    WANT(s.total.full == FULL_G);
    WANT(s.total.compliance == COMPLIANCE_G);
    WANT(s.total.scope1_full == COMPLIANCE_G);
    WANT(s.total.scope2_full == POWER_G + HEAT_G);
    WANT(s.period_count == 1);
    WANT(s.product_count == 1);
    WANT_NEAR(s.products[0].intensity_t_per_unit, 2.429867261245, 1e-12);
    WANT_REFUSED(statement_of(db, m, &m->neighbour, ACCOUNT_NOW, false, &s, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    return true;
}

/* Who submitted the data can't approve what is computed from them either. */
static bool own_data(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_row power = row(2015, 1, "electricity_purchased", "", 10, "MWh");
    struct account_submission_new given = {.org_id = m->org_id, .kind = "form", .name = "x"};
    struct account_submission submission;
    struct account_run *runs;
    size_t count;
    TRY(account_submit(db, &m->approver, &m->rules, &given, &power, 1, MILL_TODAY, MILL_NOW,
                       &submission, err));
    TRY(account_run_month(db, m->arena, &m->manager, &m->rules, m->org_id, month_make(2015, 1),
                          MILL_NOW, &runs, &count, err));
    TRY(account_set_gate(db, m->org_id, runs[0].run_id, ACCOUNT_GATE_OPEN, "", err));
    WANT_REFUSED(account_approve(db, &m->approver, m->org_id, runs[0].run_id, MILL_NOW, REFUSED),
                 ERROR_ACCOUNT_FOUR_EYES);
    /* A month without data gives no run at all. */
    TRY(account_run_month(db, m->arena, &m->manager, &m->rules, m->org_id, month_make(2015, 2),
                          MILL_NOW, &runs, &count, err));
    WANT(count == 0);
    return true;
}

/* Who set a password can sign in with it (registry_test has whose hands are one). */
static bool one_hand(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_run run;
    TRY(submit_case(db, m, err));
    TRY(run_december(db, m, &run, err));
    TRY(account_set_gate(db, m->org_id, run.run_id, ACCOUNT_GATE_OPEN, "", err));
    TRY(registry_set_password(db, m->org_id, m->approver.person_id, "x", m->manager.person_id,
                              MILL_NOW, err));
    WANT_REFUSED(account_approve(db, &m->approver, m->org_id, run.run_id, MILL_NOW, REFUSED),
                 ERROR_ACCOUNT_ONE_HAND);
    return registry_set_password(db, m->org_id, m->approver.person_id, "z", 0, MILL_NOW + 1, err) &&
           account_approve(db, &m->approver, m->org_id, run.run_id, MILL_NOW, err);
}

/* ---- corrections
 * ---------------------------------------------------------------------------------- */

static bool post_december(struct db *db, struct mill *m, id64 *run_id, struct error *err)
{
    struct account_run run;
    TRY(run_december(db, m, &run, err));
    *run_id = run.run_id;
    return account_set_gate(db, m->org_id, run.run_id, ACCOUNT_GATE_OPEN, "", err) &&
           account_approve(db, &m->approver, m->org_id, run.run_id, MILL_NOW, err);
}

static id64 first_run, second_run;

static bool post_first(struct db *db, void *arg, struct error *err)
{
    return submit_case(db, arg, err) && post_december(db, arg, &first_run, err);
}

/* 310000 MWh instead of 300000: 10000 x 0.8843 = 8843 t more. */
static bool correct(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_row power = row(2014, 12, "electricity_purchased", "", 310000, "MWh");
    struct account_submission submission;
    struct account_refusal *refusals;
    size_t count;
    TRY(submit_rows(db, m, &power, 1, false, &submission, err));
    WANT(submission.rows_refused == 1);
    TRY(account_list_refusals(db, m->arena, &m->manager, m->org_id, submission.submission_id,
                              &refusals, &count, err));
    WANT(count == 1);
    WANT(refusals[0].error.code == ERROR_ACCOUNT_DUPLICATE);
    const char *said =
        error_render(m->arena, &refusals[0].error, error_sentence(refusals[0].error.code));
    WANT(strstr(said, "300000 MWh") != NULL);
    power.value = 300000; /* what is known already, said again, is no duplicate */
    TRY(submit_rows(db, m, &power, 1, false, &submission, err));
    WANT(submission.rows_accepted == 1);
    power.value = 310000;
    TRY(submit_rows(db, m, &power, 1, true, &submission, err));
    WANT(submission.rows_replaced == 1);
    struct account_data_filter filter = {
        .input = "electricity_purchased", .as_known = ACCOUNT_NOW, .with_superseded = true};
    struct account_datum *data;
    TRY(account_list_data(db, m->arena, &m->manager, m->org_id, &filter, &data, &count, err));
    WANT(count == 2); /* the earlier one stays readable */
    WANT(data[0].superseded && data[0].value == 300000);
    WANT(!data[1].superseded && data[1].value == 310000);
    return post_december(db, m, &second_run, err);
}

static int64_t log_entries;

static bool read_size(struct db *db, void *arg, struct error *err)
{
    uint64_t size;
    (void)arg;
    TRY(log_size(db, &size, err));
    log_entries = (int64_t)size;
    return true;
}

static bool check_corrected(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_statement s;
    struct account_run run;
    TRY(statement_of(db, m, &m->manager, ACCOUNT_NOW, false, &s, err));
    WANT(s.total.full == FULL_G + 8843000000);
    WANT(s.total.compliance == COMPLIANCE_G);
    /* As known when the log had the entries of the first posting: the old figure, to the gram. */
    TRY(statement_of(db, m, &m->manager, log_entries, false, &s, err));
    WANT(s.total.full == FULL_G);
    TRY(statement_of(db, m, &m->manager, 0, false, &s, err));
    WANT(s.line_count == 0);
    TRY(account_get_run(db, m->arena, &m->manager, m->org_id, first_run, &run, err));
    WANT(run.state == ACCOUNT_REVERSED);
    TRY(account_reverse(db, &m->approver, m->org_id, second_run, "counted twice", MILL_NOW, err));
    TRY(statement_of(db, m, &m->manager, ACCOUNT_NOW, false, &s, err));
    WANT(s.line_count == 0);
    WANT(s.total.full == 0);
    return true;
}

static bool check_withdrawal(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_submission *list;
    size_t count;
    id64 withdrawal;
    TRY(account_list_submissions(db, m->arena, &m->manager, m->org_id, 0, &list, &count, err));
    WANT(count == 4);
    WANT(list[0].rows_replaced == 1);
    id64 replaced = list[0].submission_id;
    TRY(account_withdraw(db, &m->manager, replaced, "wrong bill", MILL_NOW, &withdrawal, err));
    WANT_REFUSED(
        account_withdraw(db, &m->manager, replaced, "again", MILL_NOW, &withdrawal, REFUSED),
        ERROR_ACCOUNT_WITHDRAWN);
    struct account_data_filter filter = {.input = "electricity_purchased", .as_known = ACCOUNT_NOW};
    struct account_datum *data;
    TRY(account_list_data(db, m->arena, &m->manager, m->org_id, &filter, &data, &count, err));
    WANT(count == 1);
    WANT(data[0].value == 300000); /* what it had replaced counts again */
    return true;
}

static void test_corrections(void **state)
{
    struct mill *m = mill_of_case();
    struct error err = {0};
    (void)state;
    mill_write(m, mill_turn_to_steel);
    mill_write(m, post_first);
    mill_sequence(m);
    if (!store_read(m->store, read_size, NULL, &err)) mill_fail(m, &err);
    assert_int_equal(log_entries, 3); /* the submission and the two runs */
    mill_write(m, correct);
    mill_sequence(m);
    mill_write(m, check_corrected);
    mill_write(m, check_withdrawal);
}

/* ---- rows that are refused
 * -------------------------------------------------------------------------- */

static bool refuse_rows(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_row rows[] = {
        row(2014, 12, "electricity_purchased", "", 12, "t"),
        row(2014, 12, "electricty", "", 12, "MWh"),
        row(2014, 12, "burnt", "moon_rock", 12, "t"),
        row(2014, 12, "burnt", "bituminous", -1, "t"),
        row(2026, 4, "electricity_purchased", "", 12, "MWh"),
        row(2014, 11, "crude_steel", "", 5, "t"),
        row(2014, 11, "crude_steel", "", 6, "t"),
        row(2014, 10, "crude_steel", "", 7, "t"),
        row(2014, 10, "crude_steel", "", 7, "t"),
        row(2014, 9, "electricity_purchased", "", 12000, "kWh"),
    };
    static const enum error_code expected[] = {
        ERROR_ACCOUNT_UNIT,          ERROR_ACCOUNT_INPUT_UNKNOWN, ERROR_ACCOUNT_KEY_UNKNOWN,
        ERROR_ACCOUNT_RANGE,         ERROR_ACCOUNT_FUTURE,        ERROR_ACCOUNT_DUPLICATE_ROW,
        ERROR_ACCOUNT_DUPLICATE_ROW, ERROR_ACCOUNT_PERIOD};
    struct account_row week = row(2014, 8, "crude_steel", "", 7, "t");
    struct account_row all[ARRAY_LEN(rows) + 1];
    struct account_submission submission;
    struct account_refusal *refusals;
    size_t count;
    week.period.last.day = week.period.first.day + 6;
    memcpy(all, rows, sizeof rows);
    all[ARRAY_LEN(rows)] = week;
    TRY(submit_rows(db, m, all, ARRAY_LEN(all), false, &submission, err));
    WANT(submission.rows_accepted == 3);
    WANT(submission.rows_refused == 8);
    TRY(account_list_refusals(db, m->arena, &m->manager, m->org_id, submission.submission_id,
                              &refusals, &count, err));
    WANT(count == ARRAY_LEN(expected));
    for (size_t i = 0; i < count; i++)
        WANT_TEXT(error_name(refusals[i].error.code), error_name(expected[i]));
    struct account_submission_new theirs = {.org_id = m->org_id, .kind = "form", .name = "x"};
    WANT_REFUSED(account_submit(db, &m->neighbour, &m->rules, &theirs, all, 1, MILL_TODAY, MILL_NOW,
                                &submission, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    str bytes;
    TRY(account_read_submission_bytes(db, m->arena, &m->manager, m->org_id,
                                      submission.submission_id, &bytes, err));
    WANT(str_is(bytes, "the file as it came"));
    return true;
}

/* ---- explanation, facts, export
 * ----------------------------------------------------------------------- */

static bool explain_with(struct db *db, struct mill *m, const struct account_rules *with,
                         struct error *err)
{
    struct account_posting *postings;
    struct account_explanation e;
    size_t count;
    TRY(account_list_postings(db, m->arena, &m->manager, m->org_id, first_run, &postings, &count,
                              err));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(postings[i].output, "scope2_electricity") != 0) continue;
        TRY(account_explain(db, m->arena, &m->manager, with, m->org_id, postings[i].posting_id, &e,
                            err));
        WANT(e.same);
        WANT_NEAR(e.tree->value.number, 265290, 1e-6);
        WANT(e.run_has_leaf);
        WANT(e.run_leaf_index == 1);
        WANT(e.origin_count == 13);
        WANT(e.origins[0].has_leaf);
        WANT(e.origins[0].leaf_index == 0);
        WANT_TEXT(e.origins[0].submission.name, "december.csv");
        return true;
    }
    return error_set(err, ERROR_INTERNAL, "s", "no posting of scope2_electricity");
}

static bool explain_both(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    TRY(explain_with(db, m, &m->rules, err));
    /* A program without the model explains from the bytes that were kept. */
    char *empty = arena_printf(m->arena, "%s/empty", m->directory);
    char *units = arena_printf(m->arena, "%s/tables/units", empty);
    char *models = arena_printf(m->arena, "%s/models", empty);
    str atoms = shipped_read(m->arena, "tables/units/atoms.csv");
    TRY(file_make_directory(units, err));
    TRY(file_make_directory(models, err));
    TRY(file_write(arena_printf(m->arena, "%s/atoms.csv", units), atoms, err));
    const char *const roots[] = {empty};
    struct model_diagnostics diagnostics = {.arena = m->arena};
    struct account_rules bare = m->rules;
    struct model_library *none = model_library_open(roots, 1, &diagnostics, err);
    if (none == NULL) return false;
    bare.library = none;
    bool done = explain_with(db, m, &bare, err);
    model_library_close(none);
    return done;
}

/* NaN when it is not there or in another unit. */
static double fact(const struct account_facts *facts, const char *name, const char *unit)
{
    const struct account_fact *found = account_find_fact(facts, name);
    return found != NULL && strcmp(found->unit, unit) == 0 ? found->value : NAN;
}

static bool read_facts(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_facts_query query = {
        .org_id = m->org_id, .year = 2014, .as_known = ACCOUNT_NOW, .today = MILL_TODAY};
    struct account_facts facts;
    TRY(account_read_facts(db, m->arena, &m->manager, &m->rules, &query, &facts, err));
    WANT_NEAR(fact(&facts, "period.year", "year"), 2014, 0);
    WANT_NEAR(fact(&facts, "emission.full", "t CO2e"), 2429867.261245, 1e-6);
    WANT_NEAR(fact(&facts, "emission.compliance", "t CO2e"), 2159077.261245, 1e-6);
    WANT_NEAR(fact(&facts, "emission.source.electricity", "t CO2e"), 265290, 1e-6);
    WANT_NEAR(fact(&facts, "electricity", "MWh"), 300000, 0);
    WANT_NEAR(fact(&facts, "production.crude_steel", "t"), 1e6, 0);
    WANT_NEAR(fact(&facts, "intensity.carbon.crude_steel", "(t CO2e)/t"), 2.429867261245, 1e-12);
    WANT_NEAR(fact(&facts, "data.completeness", "1"), 1.0 / 12, 1e-12);
    /* Eleven years late: nothing is left of timeliness after 60 days. */
    WANT_NEAR(fact(&facts, "data.timeliness", "1"), 0, 0);
    /* All of it from invoices: 0.6 in credit report rules, section 6. */
    WANT_NEAR(fact(&facts, "data.source_class", "1"), 0.6, 1e-12);
    WANT_TEXT(account_find_fact(&facts, "org.grid_region")->text, "north");
    WANT(account_find_fact(&facts, "prev.emission.full") == NULL); /* not known: absent */
    query.year = 2016;
    TRY(account_read_facts(db, m->arena, &m->manager, &m->rules, &query, &facts, err));
    WANT(account_find_fact(&facts, "emission.full") == NULL);
    WANT_NEAR(fact(&facts, "prev2.emission.full", "t CO2e"), 2429867.261245, 1e-6);
    return true;
}

/* Every model that judges takes what the sheet knows: names, kinds and units fit. */
static bool fill_all(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_facts_query query = {
        .org_id = m->org_id, .year = 2014, .as_known = ACCOUNT_NOW, .today = MILL_TODAY};
    struct account_facts facts;
    size_t filled = 0;
    TRY(account_read_facts(db, m->arena, &m->manager, &m->rules, &query, &facts, err));
    for (size_t i = 0; i < model_library_count(m->library); i++) {
        const struct model *model = model_library_at(m->library, i);
        struct model_data *data = model_data_new(m->arena, model, 1);
        digest empty = model_data_digest(data);
        if (!account_fill_from_facts(db, &m->manager, model, &facts, data, 0, err)) {
            print_message("%s\n", model_info(model)->name);
            return false;
        }
        if (!digest_equal(empty, model_data_digest(data))) filled++;
    }
    WANT(filled > 3);
    return true;
}

static bool export_mill(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    return account_export(db, &m->manager, &m->rules, m->org_id,
                          arena_printf(m->arena, "%s/export", m->directory), err);
}

static str exported(const struct mill *m, const char *name)
{
    struct error err = {0};
    str bytes = {"", 0};
    if (!file_read(m->arena, arena_printf(m->arena, "%s/export/%s", m->directory, name), 1 << 24,
                   &bytes, &err))
        mill_fail(m, &err);
    return bytes;
}

static const char *id_text(struct arena *arena, id64 id)
{
    char *text = arena_alloc(arena, ID_TEXT_MAX);
    id_format(id, text);
    return text;
}

/* Every line is canonical, and the run's leaf commits to its line and its postings. */
static void check_lines(const struct mill *m, const char *name, size_t wanted)
{
    str text = exported(m, name), line;
    size_t count = 0;
    while (str_cut(&text, '\n', &line)) {
        json_t *value = NULL;
        struct error err = {0};
        if (line.len == 0) continue;
        if (!canonical_read_exact(line, &value, &err)) mill_fail(m, &err);
        json_decref(value);
        count++;
    }
    assert_int_equal(count, wanted);
}

static void check_root(const struct mill *m)
{
    digest leaves[32];
    size_t count = 0, at;
    str runs = exported(m, "runs.jsonl"), postings = exported(m, "postings.jsonl"), line;
    assert_true(str_cut(&runs, '\n', &line));
    leaves[count++] = merkle_leaf(line);
    const char *run = arena_printf(m->arena, "\"run\":\"%s\"", id_text(m->arena, first_run));
    while (str_cut(&postings, '\n', &line))
        if (str_find(line, str_from(run), &at)) leaves[count++] = merkle_leaf(line);
    assert_int_equal(count, 7);
    const char *root = digest_hex(m->arena, merkle_root_of(leaves, count));
    assert_true(str_find(exported(m, "leaves.jsonl"),
                         str_from(arena_printf(m->arena, "\"content\":\"%s\"", root)), &at));
}

static void test_explain_facts_export(void **state)
{
    struct mill *m = mill_of_case();
    struct error err = {0};
    (void)state;
    mill_write(m, mill_turn_to_steel);
    mill_write(m, post_first);
    assert_false(store_write(m->store, export_mill, m, &err));
    assert_int_equal(err.code, ERROR_ACCOUNT_EXPORT_UNSIGNED);
    assert_false(file_exists(arena_printf(m->arena, "%s/export", m->directory)));
    assert_false(file_exists(arena_printf(m->arena, "%s/export.part", m->directory)));
    mill_sequence(m);
    mill_write(m, explain_both);
    mill_write(m, read_facts);
    mill_write(m, fill_all);
    mill_write(m, export_mill);
    check_lines(m, "submissions.jsonl", 1);
    check_lines(m, "data.jsonl", 13);
    check_lines(m, "runs.jsonl", 2);
    check_lines(m, "postings.jsonl", 6 + ENERGY_POSTINGS);
    check_lines(m, "leaves.jsonl", 3);
    check_lines(m, "states.jsonl", 3);
    check_lines(m, "manifest.json", 1);
    check_lines(m, "report.json", 1);
    check_root(m);
}

/* ---- which rule binds whom: the class of GB/T 4754, the carbon market, the year ---- */

static bool choose_all(struct db *db, void *arg, struct error *err)
{
    static const struct {
        const char *industry;
        bool ets;
        int year;
        const char *method;
    } cases[] = {
        {"3120", false, 2025, "ghg.steel"},          {"3120", true, 2023, "ghg.steel"},
        {"3120", true, 2024, "ghg.steel_ets"},       {"3011", true, 2024, "ghg.cement_ets"},
        {"3011", false, 2024, "ghg.cement"},         {"3216", true, 2025, "ghg.aluminium_ets"},
        {"3216", true, 2023, "ghg.aluminium"},       {"3216", false, 2025, "ghg.aluminium"},
        {"3217", false, 2025, "ghg.magnesium"},      {"2612", false, 2025, "ghg.chemicals"},
        {"2614", true, 2025, "ghg.chemicals"},       {"2522", false, 2025, "ghg.chemicals"},
        {"2511", false, 2025, "ghg.petrochemicals"}, {"2521", false, 2025, "ghg.coking"},
        {"3041", false, 2025, "ghg.flat_glass"},     {"3042", false, 2025, "ghg.other_industry"},
        {"3071", false, 2025, "ghg.ceramics"},       {"2524", false, 2025, "ghg.other_industry"},
        {"0610", false, 2025, "ghg.coal"},           {"0711", false, 2025, "ghg.oil_gas"},
        {"2221", false, 2025, "ghg.paper"},          {"3211", false, 2025, "ghg.nonferrous"},
        {"3252", false, 2025, "ghg.nonferrous"},     {"3973", false, 2025, "ghg.electronics"},
        {"3825", false, 2025, "ghg.electronics"},    {"3441", false, 2025, "ghg.machinery"},
        {"3391", false, 2025, "ghg.machinery"},      {"0810", false, 2025, "ghg.mining"},
        {"1512", false, 2025, "ghg.food"},           {"8341", false, 2025, "ghg.public_buildings"},
        {"5431", false, 2025, "ghg.land_transport"}, {"4620", false, 2025, "ghg.waste"},
        {"4420", false, 2025, "ghg.grid"},           {"5611", false, 2025, "ghg.civil_aviation"},
    };
    struct mill *m = arg;
    struct registry_org org;
    TRY(registry_get_org(db, m->arena, m->org_id, &org, err));
    /* Energy takes the fuel of boilers where the method asks for it, and asks nobody itself. */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct account_method method;
        org.industry = cases[i].industry;
        org.ets = cases[i].ets;
        TRY(registry_change_org(db, m->rules.codes, &org, err));
        TRY(account_choose_method(db, m->arena, &m->rules, m->org_id, cases[i].year, "method",
                                  &method, err));
        WANT_TEXT(model_info(method.model)->name, cases[i].method);
        size_t boilers = 0, count;
        const struct account_input *asked;
        TRY(account_list_inputs(db, m->arena, &m->rules, m->org_id, cases[i].year, &asked, &count,
                                err));
        for (size_t k = 0; k < count; k++)
            boilers += strcmp(asked[k].input->name, "burnt_boiler") == 0;
        WANT(boilers == (strcmp(cases[i].method, "ghg.cement_ets") == 0 ? 1 : 0));
    }
    return true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MILL_CASE(mill_turn_to_steel, worked, own_data),
        MILL_CASE(mill_turn_to_steel, one_hand),
        MILL_TEST(test_corrections),
        MILL_CASE(mill_turn_to_steel, refuse_rows),
        MILL_TEST(test_explain_facts_export),
        MILL_CASE(choose_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
