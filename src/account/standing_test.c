/* What stands of an account when data are withdrawn, and what a bank may not read of them. */
#include "unit.h"

#include <string.h>

#include "mill.h"

#define MONTH account_month(month_make(2024, 3))

static bool submit(struct db *db, struct mill *m, const struct account_row *row, const char *bytes,
                   struct account_submission *result, struct error *err)
{
    struct account_submission_new given = {.org_id = m->org_id,
                                           .kind = "file",
                                           .name = "data.csv",
                                           .bytes = str_from(bytes),
                                           .replace = true};
    TRY(account_submit(db, &m->manager, &m->rules, &given, row, 1, MILL_TODAY, MILL_NOW, result,
                       err));
    WANT(result->rows_accepted == 1);
    return true;
}

static struct account_row power_row(double mwh)
{
    return mill_row(MONTH, "electricity_purchased", "", mwh, "MWh", ACCOUNT_TIER_INVOICE);
}

static bool draft_of(struct db *db, struct mill *m, struct account_run *run, size_t *count,
                     struct error *err)
{
    struct account_run_filter filter = {.has_state = true, .state = ACCOUNT_DRAFT};
    struct account_run *runs;
    TRY(account_list_runs(db, m->arena, &m->manager, m->org_id, &filter, &runs, count, err));
    for (size_t i = 0; i < *count; i++)
        if (strcmp(runs[i].kind, "method") == 0) *run = runs[i];
    return true;
}

static bool refresh(struct db *db, struct mill *m, struct error *err)
{
    return credit_refresh(db, m->arena, &m->manager, &m->credit, m->org_id, 2024, MILL_TODAY,
                          MILL_NOW, err);
}

static bool total_of(struct db *db, struct mill *m, int64_t *grams, size_t *lines,
                     struct error *err)
{
    struct account_statement_query query = {
        .org_id = m->org_id, .first = MONTH.first, .last = MONTH.last, .as_known = ACCOUNT_NOW};
    struct account_statement s;
    TRY(account_read_statement(db, m->arena, &m->manager, &query, &s, err));
    *grams = s.total.full;
    *lines = s.line_count;
    return true;
}

/* A draft whose data are withdrawn can't be posted; a posted month whose data are withdrawn is
 * emptied, by two people like every other change. */
static bool withdrawn_month(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_row row = power_row(1000);
    struct account_submission submission, again;
    struct account_run run = {0}, empty = {0};
    struct error refused = {0};
    size_t count, lines;
    int64_t grams;
    id64 withdrawal, ignored;
    TRY(submit(db, m, &row, "a", &submission, err));
    TRY(refresh(db, m, err));
    TRY(draft_of(db, m, &run, &count, err));
    WANT(run.gate == ACCOUNT_GATE_OPEN);
    TRY(account_withdraw(db, &m->manager, submission.submission_id, "typed wrongly", MILL_NOW,
                         &withdrawal, err));
    WANT(!account_approve(db, &m->approver, m->org_id, run.run_id, MILL_NOW, &refused));
    WANT(refused.code == ERROR_ACCOUNT_STATE);
    WANT(!account_withdraw(db, &m->manager, withdrawal, "not so", MILL_NOW, &ignored, &refused));
    WANT(refused.code == ERROR_ACCOUNT_WITHDRAWAL);
    TRY(submit(db, m, &row, "b", &again, err));
    TRY(mill_post_year(db, m, 2024, err));
    TRY(total_of(db, m, &grams, &lines, err));
    WANT(grams > 0 && lines > 0);
    TRY(account_withdraw(db, &m->manager, again.submission_id, "typed wrongly", MILL_NOW,
                         &withdrawal, err));
    TRY(refresh(db, m, err));
    TRY(draft_of(db, m, &empty, &count, err));
    WANT(empty.replaces != 0);
    TRY(total_of(db, m, &grams, &lines, err));
    WANT(grams > 0); /* what is posted stands until a second person has agreed */
    TRY(mill_post_year(db, m, 2024, err));
    TRY(total_of(db, m, &grams, &lines, err));
    WANT(grams == 0 && lines == 0);
    TRY(refresh(db, m, err)); /* and stays so */
    TRY(draft_of(db, m, &empty, &count, err));
    WANT(count == 0);
    return true;
}

/* Revenue in its own unit, which the row does not name, in a file with other data. */
static bool money(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_row row = power_row(123456);
    struct account_submission submission;
    struct account_datum *data;
    struct account_refusal *refusals;
    struct account_facts facts;
    struct account_data_filter filter = {.as_known = ACCOUNT_NOW};
    struct account_facts_query query = {
        .org_id = m->org_id, .year = 2024, .as_known = ACCOUNT_NOW, .today = MILL_TODAY};
    struct error refused = {0};
    size_t count;
    id64 letter;
    str bytes;
    row.input = "revenue";
    row.period = account_year(2024);
    row.unit = "";
    TRY(submit(db, m, &row, "revenue,123456", &submission, err));
    TRY(account_list_data(db, m->arena, &m->manager, m->org_id, &filter, &data, &count, err));
    WANT(count == 1 && strcmp(data[0].unit, "CNY") == 0);
    /* However it is written, it is kept as what it is. */
    static const char *const written[] = {"万元", "yuan", "人民币"};
    for (size_t i = 0; i < ARRAY_LEN(written); i++) {
        row.unit = written[i];
        row.value = i == 0 ? 20 : 300000 + (double)i;
        TRY(submit(db, m, &row, written[i], &submission, err));
        TRY(account_list_data(db, m->arena, &m->manager, m->org_id, &filter, &data, &count, err));
        WANT(count == 1 && strcmp(data[0].unit, "CNY") == 0);
        WANT(data[0].value == (i == 0 ? 200000 : 300000 + (double)i));
    }
    TRY(mill_grant(db, m, REGISTRY_SCOPE_ACTIVITY | REGISTRY_SCOPE_LABEL, &letter, err));
    TRY(account_list_data(db, m->arena, &m->officer, m->org_id, &filter, &data, &count, err));
    WANT(count == 0);
    WANT(!account_read_submission_bytes(db, m->arena, &m->officer, m->org_id,
                                        submission.submission_id, &bytes, &refused));
    WANT(refused.code == ERROR_REGISTRY_NOT_ALLOWED);
    WANT(!account_list_refusals(db, m->arena, &m->officer, m->org_id, submission.submission_id,
                                &refusals, &count, &refused));
    /* The fact sheet tells activity data too (electricity, completeness). */
    TRY(mill_grant(db, m, REGISTRY_SCOPE_ACCOUNT, &letter, err));
    struct viewer officer = m->officer;
    officer.authorisation_id = letter;
    WANT(!account_read_facts(db, m->arena, &officer, &m->rules, &query, &facts, &refused));
    WANT(refused.code == ERROR_REGISTRY_NOT_ALLOWED);
    return true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MILL_CASE(withdrawn_month),
        MILL_CASE(money),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
