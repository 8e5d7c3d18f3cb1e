/* The life of a finding: raised once for its values, answered, judged by somebody else, corrected;
 * who sees what of it; the gate of postings and the facts that follow. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "mill.h"

#define YEAR 2025

static struct check_summary summary;
static struct check_finding *findings;
static size_t finding_count;

static bool run_checks(struct db *db, struct mill *m, struct error *err)
{
    return check_run(db, m->arena, &m->manager, &m->rules, m->checks, m->flows, m->org_id, YEAR,
                     MILL_TODAY, MILL_NOW, &summary, err) &&
           check_list_findings(db, m->arena, &m->manager, m->flows, m->org_id, false, &findings,
                               &finding_count, err);
}

static bool move(struct db *db, struct mill *m, const struct viewer *viewer,
                 const struct check_finding *finding, const char *transition, const char *note,
                 struct error *err)
{
    struct check_finding now;
    return check_get_finding(db, m->arena, viewer, m->flows, m->org_id, finding->finding_id, &now,
                             err) &&
           check_move_finding(db, viewer, m->flows, m->org_id, finding->finding_id, transition,
                              now.step, note, 0, MILL_NOW, err);
}

static bool state_of(struct db *db, struct mill *m, id64 finding_id, const char **state,
                     struct error *err)
{
    struct check_finding finding;
    if (!check_get_finding(db, m->arena, &m->manager, m->flows, m->org_id, finding_id, &finding,
                           err))
        return false;
    *state = finding.state->name;
    return true;
}

/* January's balance: available 17000 t, burnt and left `burnt` + 5000 t. */
static bool submit_coal(struct db *db, struct mill *m, double burnt, struct error *err)
{
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    struct account_period january = account_month(month_make(YEAR, 1));
    mill_put(rows, january, "coal_opening", "bituminous", 5000, "t", ACCOUNT_TIER_INVOICE);
    mill_put(rows, january, "coal_bought", "bituminous", 12000, "t", ACCOUNT_TIER_INVOICE);
    mill_put(rows, january, "coal_closing", "bituminous", 5000, "t", ACCOUNT_TIER_INVOICE);
    mill_put(rows, january, "burnt", "bituminous", burnt, "t", ACCOUNT_TIER_INVOICE);
    return mill_submit(db, m, rows, MILL_NOW, true, err);
}

static bool gate_of(struct db *db, struct mill *m, id64 *run_id, enum account_gate *gate,
                    const char **reason, struct error *err)
{
    struct account_run_filter filter = {.has_state = true, .state = ACCOUNT_DRAFT};
    struct account_run *runs;
    size_t count;
    TRY(account_list_runs(db, m->arena, &m->manager, m->org_id, &filter, &runs, &count, err));
    WANT(count > 0);
    *run_id = runs[0].run_id;
    *gate = runs[0].gate;
    *reason = runs[0].gate_reason;
    return true;
}

static bool fact(struct db *db, struct mill *m, const char *name, double *value, struct error *err)
{
    struct account_facts facts = {
        .arena = m->arena, .org_id = m->org_id, .year = YEAR, .library = m->library};
    TRY(check_put_facts(db, &m->manager, m->checks, m->flows, &facts, err));
    const struct account_fact *found = account_find_fact(&facts, name);
    WANT(found != NULL);
    *value = found->value;
    return true;
}

/* 12000 + 5000 - 11500 - 5000 = 500 t of 17000 t: 2.94 %, a failure that blocks. */
static bool answered_and_explained(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    size_t count;
    id64 run_id;
    enum account_gate gate = ACCOUNT_GATES;
    const char *reason, *state;
    double value;
    TRY(submit_coal(db, m, 11500, err));
    TRY(mill_run_month(db, m, YEAR, 1, err));
    TRY(run_checks(db, m, err));
    WANT(summary.failed == 1 && summary.opened == 1 && finding_count == 1);
    struct check_finding f = findings[0];
    WANT_TEXT(f.rule, "x04");
    WANT_TEXT(f.state->name, "open");
    WANT(f.blocks && f.result == CHECK_FAIL && !f.closed);
    WANT_TEXT(f.args[0], "2.94 %");
    TRY(gate_of(db, m, &run_id, &gate, &reason, err));
    WANT(gate == ACCOUNT_GATE_BLOCKED);
    WANT_TEXT(reason, "x04");
    WANT_REFUSED(account_approve(db, &m->approver, m->org_id, run_id, MILL_NOW, REFUSED),
                 ERROR_ACCOUNT_GATE);
    /* 1 - 0.10 for one failure; it counts as blocking until it is closed. */
    TRY(fact(db, m, "data.accuracy", &value, err));
    WANT_NEAR(value, 0.90, 1e-12);
    TRY(fact(db, m, "check.blocking", &value, err));
    WANT_NEAR(value, 1, 0);
    /* The same values raise nothing new. */
    TRY(run_checks(db, m, err));
    WANT(summary.opened == 0 && summary.closed == 0 && finding_count == 1);
    /* An answer wants words, its own people, and a reader who saw the last step. */
    WANT_REFUSED(move(db, m, &m->manager, &f, "answer", " ", REFUSED), ERROR_FLOW_NOTE);
    WANT_REFUSED(move(db, m, &m->neighbour, &f, "answer", "x", REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    WANT_REFUSED(move(db, m, &m->manager, &f, "data_corrected", "x", REFUSED), ERROR_FLOW_ROLE);
    WANT_REFUSED(check_move_finding(db, &m->manager, m->flows, m->org_id, f.finding_id, "answer",
                                    f.step, "x", 4711, MILL_NOW, REFUSED),
                 ERROR_REGISTRY_ATTACHMENT_UNKNOWN);
    TRY(state_of(db, m, f.finding_id, &state,
                 err)); /* a document that is not there answers nothing */
    WANT_TEXT(state, "open");
    TRY(move(db, m, &m->manager, &f, "answer", "盘点时遗漏500吨", err));
    WANT_REFUSED(check_move_finding(db, &m->authority, m->flows, m->org_id, f.finding_id,
                                    "accept_explanation", f.step, "x", 0, MILL_NOW, REFUSED),
                 ERROR_FLOW_STALE);
    WANT_REFUSED(move(db, m, &m->approver, &f, "accept_explanation", "x", REFUSED),
                 ERROR_FLOW_ROLE);
    TRY(gate_of(db, m, &run_id, &gate, &reason, err));
    WANT(gate == ACCOUNT_GATE_OPEN); /* it was answered; the label waits for the judgement */
    TRY(fact(db, m, "check.blocking", &value, err));
    WANT_NEAR(value, 1, 0);
    TRY(move(db, m, &m->authority, &f, "accept_explanation", "盘点表属实", err));
    TRY(state_of(db, m, f.finding_id, &state, err));
    WANT_TEXT(state, "explained");
    TRY(fact(db, m, "check.blocking", &value, err));
    WANT_NEAR(value, 0, 0);
    TRY(fact(db, m, "data.accuracy", &value, err));
    WANT_NEAR(value, 1, 1e-12);
    /* Explained is explained, for these values. */
    TRY(run_checks(db, m, err));
    WANT(summary.failed == 1 && summary.opened == 0 && finding_count == 1);
    struct check_step *steps;
    TRY(check_list_steps(db, m->arena, &m->manager, m->flows, &f, &steps, &count, err));
    WANT(count == 2 && steps[0].person_id == m->manager.person_id &&
         steps[1].person_id == m->authority.person_id);
    WANT_TEXT(steps[0].note, "盘点时遗漏500吨");
    return true;
}

/* 11501 t: 499 / 17000 = 2.94 % again to three digits, but not the values that were explained. */
static bool other_values_same_percentage(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    TRY(submit_coal(db, m, 11501, err));
    TRY(run_checks(db, m, err));
    WANT(summary.opened == 1 && finding_count == 2);
    WANT_TEXT(findings[0].state->name, "open");
    WANT_TEXT(findings[0].args[0], "2.94 %");
    return true;
}

/* 11950 t: 50 / 17000 = 0.29 %. The open finding's value was replaced; the explained one stays what
 * it was. */
static bool corrected(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    const char *state;
    id64 open = findings[0].finding_id, explained = findings[1].finding_id, run_id;
    enum account_gate gate = ACCOUNT_GATES;
    const char *reason;
    TRY(submit_coal(db, m, 11950, err));
    TRY(run_checks(db, m, err));
    WANT(summary.passed >= 1 && summary.closed == 1 && summary.opened == 0);
    TRY(state_of(db, m, open, &state, err));
    WANT_TEXT(state, "corrected");
    TRY(state_of(db, m, explained, &state, err));
    WANT_TEXT(state, "explained");
    TRY(mill_run_month(db, m, YEAR, 1, err));
    TRY(run_checks(db, m, err));
    TRY(gate_of(db, m, &run_id, &gate, &reason, err));
    WANT(gate == ACCOUNT_GATE_OPEN);
    return true;
}

/* A finding that an authority confirmed holds label and posting as long as the values stand, no
 * longer. */
static bool confirmed(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    id64 run_id;
    enum account_gate gate = ACCOUNT_GATES;
    const char *reason;
    double value;
    TRY(submit_coal(db, m, 11000, err));
    TRY(mill_run_month(db, m, YEAR, 1, err));
    TRY(run_checks(db, m, err));
    struct check_finding f = findings[0];
    TRY(move(db, m, &m->manager, &f, "answer", "无法说明", err));
    TRY(move(db, m, &m->authority, &f, "return_answer", "请附盘点表", err));
    TRY(gate_of(db, m, &run_id, &gate, &reason, err));
    WANT(gate == ACCOUNT_GATE_BLOCKED); /* a returned answer is none */
    TRY(move(db, m, &m->manager, &f, "answer", "没有盘点表", err));
    TRY(move(db, m, &m->authority, &f, "confirm", "账实不符", err));
    TRY(gate_of(db, m, &run_id, &gate, &reason, err));
    WANT(gate == ACCOUNT_GATE_BLOCKED);
    TRY(run_checks(db, m, err));
    WANT(summary.opened == 0);
    TRY(fact(db, m, "check.blocking", &value, err));
    WANT_NEAR(value, 1, 0);
    TRY(submit_coal(db, m, 12000, err));
    TRY(mill_run_month(db, m, YEAR, 1, err));
    TRY(run_checks(db, m, err));
    TRY(fact(db, m, "check.blocking", &value, err));
    WANT_NEAR(value, 0, 0);
    TRY(gate_of(db, m, &run_id, &gate, &reason, err));
    WANT(gate == ACCOUNT_GATE_OPEN);
    /* It happened, and it stays readable. */
    TRY(check_list_findings(db, m->arena, &m->manager, m->flows, m->org_id, false, &findings,
                            &finding_count, err));
    WANT(finding_count == 1);
    WANT_TEXT(findings[0].state->name, "confirmed");
    TRY(check_list_findings(db, m->arena, &m->manager, m->flows, m->org_id, true, &findings,
                            &finding_count, err));
    WANT(finding_count == 0);
    return true;
}

static const char own_flow[] = "flow finding 2\n"
                               "  title \"Own\" zh \"自定\"\n"
                               "  subject finding\n"
                               "state fresh \"New\"      zh \"新\" start\n"
                               "state told  \"Told\"     zh \"已说明\" means waits_judgement\n"
                               "state kept  \"Kept\"     zh \"成立\" final tone bad means stands\n"
                               "state fixed \"Fixed\"    zh \"已改\" final means corrected\n"
                               "transition tell \"Tell\" zh \"说明\"\n"
                               "  from fresh\n"
                               "  to   told\n"
                               "  role enterprise_manager\n"
                               "transition keep \"Keep\" zh \"成立\"\n"
                               "  from told\n"
                               "  to   kept\n"
                               "  role authority_officer\n"
                               "  different_person_than tell\n"
                               "  tone refuse\n"
                               "transition fix \"Fix\" zh \"更正\"\n"
                               "  from fresh, told\n"
                               "  to   fixed\n"
                               "  role system\n"
                               "  means corrected\n";

/* A flow with names of its own: gate, judgement and facts follow what its states mean. */
static bool own_way(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct account_run *runs;
    struct check_finding f;
    struct flow_option *options;
    size_t count;
    id64 run_id, first;
    enum account_gate gate = ACCOUNT_GATES;
    const char *reason;
    double value;
    const struct flow *flow = flow_parse(m->arena, "own.flow", str_from(own_flow), err);
    TRY(flow != NULL && flow_library_add(m->flows, flow, err));
    TRY(submit_coal(db, m, 11000, err));
    TRY(account_run_month(db, m->arena, &m->manager, &m->rules, m->org_id, month_make(YEAR, 1),
                          MILL_NOW, &runs, &count, err));
    TRY(run_checks(db, m, err));
    f = findings[0];
    WANT_TEXT(f.state->name, "fresh");
    WANT(f.standing == CHECK_WAITS_ANSWER);
    TRY(gate_of(db, m, &run_id, &gate, &reason, err));
    WANT(gate == ACCOUNT_GATE_BLOCKED);
    /* Replaced values close it, and others open a new one. */
    TRY(submit_coal(db, m, 11100, err));
    TRY(run_checks(db, m, err));
    WANT(summary.closed == 1 && summary.opened == 1 && finding_count == 2);
    first = f.finding_id;
    f = findings[findings[0].finding_id == first];
    TRY(check_get_finding(db, m->arena, &m->manager, m->flows, m->org_id, first, &findings[0],
                          err));
    WANT(findings[0].standing == CHECK_CORRECTED && findings[0].closed);
    TRY(check_list_options(db, m->arena, &m->authority, m->flows, &f, &options, &count, err));
    WANT(count == 0);
    TRY(move(db, m, &m->manager, &f, "tell", "", err));
    TRY(check_list_options(db, m->arena, &m->authority, m->flows, &f, &options, &count, err));
    WANT(count == 1);
    WANT_TEXT(options[0].transition->name, "keep");
    TRY(check_list_options(db, m->arena, &m->manager, m->flows, &f, &options, &count, err));
    WANT(count == 0);
    TRY(account_run_month(db, m->arena, &m->manager, &m->rules, m->org_id, month_make(YEAR, 1),
                          MILL_NOW, &runs, &count, err));
    TRY(run_checks(db, m, err));
    TRY(gate_of(db, m, &run_id, &gate, &reason, err));
    WANT(gate == ACCOUNT_GATE_OPEN);
    TRY(move(db, m, &m->authority, &f, "keep", "", err));
    TRY(check_get_finding(db, m->arena, &m->manager, m->flows, m->org_id, f.finding_id, &f, err));
    WANT(f.standing == CHECK_STANDS && f.closed);
    TRY(gate_of(db, m, &run_id, &gate, &reason, err));
    WANT(gate == ACCOUNT_GATE_BLOCKED);
    TRY(fact(db, m, "check.blocking", &value, err));
    WANT_NEAR(value, 1, 0);
    return true;
}

/* x02 compares with other months. That these change must not raise an explained month again. */
static bool other_months_arrive(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    for (int month = 1; month <= 8; month++) {
        struct account_period p = account_month(month_make(YEAR, month));
        mill_put(rows, p, "clinker", "", 100000, "t", ACCOUNT_TIER_INVOICE);
        mill_put(rows, p, "electricity_purchased", "", month == 8 ? 9000 : 6000 + month, "MWh",
                 ACCOUNT_TIER_INVOICE);
    }
    TRY(mill_submit(db, m, rows, MILL_NOW, false, err));
    for (int month = 1; month <= 8; month++) TRY(mill_run_month(db, m, YEAR, month, err));
    TRY(run_checks(db, m, err));
    WANT(finding_count == 1);
    struct check_finding f = findings[0];
    WANT_TEXT(f.rule, "x02");
    WANT(!f.blocks);
    WANT(f.evidence_count == 2 && f.evidence[0].datum_id != 0 && f.evidence[0].value == 9000);
    TRY(move(db, m, &m->approver, &f, "answer", "窑系统检修后试车", err));
    TRY(move(db, m, &m->authority, &f, "accept_explanation", "属实", err));
    rows->count = 0;
    mill_put(rows, account_month(month_make(YEAR, 9)), "clinker", "", 100000, "t",
             ACCOUNT_TIER_INVOICE);
    mill_put(rows, account_month(month_make(YEAR, 9)), "electricity_purchased", "", 6100, "MWh",
             ACCOUNT_TIER_INVOICE);
    TRY(mill_submit(db, m, rows, MILL_NOW, false, err));
    TRY(mill_run_month(db, m, YEAR, 9, err));
    TRY(run_checks(db, m, err));
    WANT(summary.opened == 0 && finding_count == 1);
    return true;
}

static bool seen_by_others(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct check_finding finding;
    struct check_outcome *outcomes;
    id64 letter;
    TRY(submit_coal(db, m, 11500, err));
    TRY(run_checks(db, m, err));
    id64 id = findings[0].finding_id;
    /* Without a letter a bank learns nothing, not even that there is a finding. */
    WANT_REFUSED(check_list_findings(db, m->arena, &m->officer, m->flows, m->org_id, false,
                                     &findings, &finding_count, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    WANT_REFUSED(check_list_outcomes(db, m->arena, &m->officer, m->org_id, YEAR, &outcomes,
                                     &finding_count, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    TRY(mill_grant(db, m, REGISTRY_SCOPE_FILING, &letter, err));
    WANT_REFUSED(check_list_outcomes(db, m->arena, &m->officer, m->org_id, YEAR, &outcomes,
                                     &finding_count, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    /* With the scope filing: that it is there and where it stands; no tonne of coal. */
    TRY(check_get_finding(db, m->arena, &m->officer, m->flows, m->org_id, id, &finding, err));
    WANT_TEXT(finding.state->name, "open");
    WANT(finding.evidence_count == 0 && finding.args[0] == NULL && isnan(finding.delta));
    WANT(strstr(finding.text, "not within your letter") != NULL);
    WANT_REFUSED(move(db, m, &m->officer, &finding, "answer", "x", REFUSED), ERROR_FLOW_ROLE);
    TRY(mill_grant(db, m, REGISTRY_SCOPE_FILING | REGISTRY_SCOPE_ACTIVITY, &letter, err));
    TRY(check_get_finding(db, m->arena, &m->officer, m->flows, m->org_id, id, &finding, err));
    WANT(finding.evidence_count > 0 && finding.args[0] != NULL);
    /* The letter is the first bank's. And nobody has another's house checked. */
    WANT_REFUSED(check_get_finding(db, m->arena, &m->other_officer, m->flows, m->org_id, id,
                                   &finding, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    WANT_REFUSED(check_run(db, m->arena, &m->officer, &m->rules, m->checks, m->flows, m->org_id,
                           YEAR, MILL_TODAY, MILL_NOW, &summary, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    /* The authority judges findings, so that it sees what was compared. */
    TRY(check_get_finding(db, m->arena, &m->authority, m->flows, m->org_id, id, &finding, err));
    WANT(finding.evidence_count > 0);
    WANT_REFUSED(check_get_finding(db, m->arena, &m->manager, m->flows, m->org_id, id + 1, &finding,
                                   REFUSED),
                 ERROR_CHECK_NO_FINDING);
    return true;
}

/* Who judges an answer sees the documents that came with it, as far as activity data are open to
 * him; of the others he learns that they are there. */
static bool documents_of_answers(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct registry_attachment slip = {.org_id = m->org_id, .kind = "weighbridge", .name = "磅单"};
    struct check_documents documents;
    id64 slip_id, other_id, letter;
    str bytes;
    TRY(submit_coal(db, m, 11500, err));
    TRY(run_checks(db, m, err));
    WANT(finding_count == 1);
    struct check_finding f = findings[0];
    TRY(registry_add_attachment(db, &m->manager, &slip, STR("500 t"), MILL_NOW, &slip_id, err));
    slip.name = "与此无关";
    TRY(registry_add_attachment(db, &m->manager, &slip, STR("x"), MILL_NOW, &other_id, err));
    /* A verifier with two letters is told once, one whose letter was not granted not at all. */
    const char *const logins[] = {"judge", "stranger"};
    struct viewer judges[2];
    struct registry_notice *notices;
    size_t count;
    date day = instant_day(MILL_NOW, 480);
    for (size_t i = 0; i < ARRAY_LEN(judges); i++) {
        id64 judge_id;
        TRY(mill_add_org(db, m->rules.codes, REGISTRY_VERIFIER, logins[i], logins[i], &judge_id,
                         err));
        TRY(mill_add_person(db, judge_id, logins[i], REGISTRY_VERIFIER_EXPERT, &judges[i], err));
        for (int k = 0; k < 2; k++) {
            TRY(registry_request_authorisation(db, &judges[i], m->org_id, "verification",
                                               REGISTRY_SCOPE_FILING, day, day, "x", MILL_NOW,
                                               &letter, err));
            if (i == 0)
                TRY(registry_answer_authorisation(db, &m->manager, letter, REGISTRY_GRANTED, "",
                                                  MILL_NOW, err));
        }
        TRY(registry_mark_all_read(db, &judges[i], MILL_NOW, err));
    }
    TRY(check_move_finding(db, &m->manager, m->flows, m->org_id, f.finding_id, "answer", f.step,
                           "见磅单", slip_id, MILL_NOW, err));
    for (size_t i = 0; i < ARRAY_LEN(judges); i++) {
        int64_t unread;
        TRY(registry_count_unread(db, &judges[i], &unread, err));
        WANT(unread == (i == 0));
    }
    TRY(registry_list_notices(db, m->arena, &judges[0], 0, 1, &notices, &count, err));
    WANT_TEXT(notices[0].text, "{0} has answered a finding: {1}.");
    TRY(check_list_documents(db, m->arena, &m->authority, &f, &documents, err));
    WANT(documents.all == 1 && documents.count == 0);
    WANT_REFUSED(check_list_documents(db, m->arena, &m->officer, &f, &documents, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    TRY(mill_grant(db, m, REGISTRY_SCOPE_FILING | REGISTRY_SCOPE_ACTIVITY, &letter, err));
    TRY(check_list_documents(db, m->arena, &m->officer, &f, &documents, err));
    WANT(documents.all == 1 && documents.count == 1);
    WANT(documents.list[0].attachment_id == slip_id);
    WANT_TEXT(documents.list[0].name, "磅单");
    TRY(check_read_document(db, m->arena, &m->officer, &f, slip_id, &slip, &bytes, err));
    WANT(str_is(bytes, "500 t"));
    WANT_REFUSED(
        check_read_document(db, m->arena, &m->officer, &f, other_id, &slip, &bytes, REFUSED),
        ERROR_REGISTRY_ATTACHMENT_UNKNOWN);
    WANT_REFUSED(
        check_read_document(db, m->arena, &m->authority, &f, slip_id, &slip, &bytes, REFUSED),
        ERROR_REGISTRY_NOT_ALLOWED);
    return true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MILL_CASE(answered_and_explained, other_values_same_percentage, corrected),
        MILL_CASE(confirmed),
        MILL_CASE(own_way),
        MILL_CASE(other_months_arrive),
        MILL_CASE(seen_by_others),
        MILL_CASE(documents_of_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
