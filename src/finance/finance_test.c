/* Offers sized by hand, what stands in their way, and a loan case through all its steps with the
 * four eyes of each. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "finance/finance.h"
#include "mill.h"

#define YEAR 2025
#define PRODUCT "product.working_capital"

static struct finance_offer *offers;
static size_t offer_count;

static bool match_as(struct db *db, struct mill *m, const struct viewer *viewer, struct error *err)
{
    return finance_match(db, m->arena, viewer, &m->credit, m->org_id, YEAR, MILL_TODAY, &offers,
                         &offer_count, err);
}

static const struct finance_offer *offer_of(const char *product)
{
    for (size_t i = 0; i < offer_count; i++)
        if (strcmp(offers[i].product.name, product) == 0) return &offers[i];
    return NULL;
}

static double part(const struct finance_offer *offer, const char *output)
{
    for (size_t i = 0; i < offer->part_count; i++)
        if (strcmp(offer->parts[i].output, output) == 0 && offer->parts[i].known)
            return offer->parts[i].value;
    return NAN;
}

static const struct finance_filter *filter(const struct finance_offer *offer, const char *label)
{
    for (size_t i = 0; i < offer->filter_count; i++)
        if (strcmp(offer->filters[i].label.en, label) == 0) return &offer->filters[i];
    return NULL;
}

/* The books of rules §11.1 in units of ten thousand yuan, and the indicators that make the
 * works an A (the computation stands in credit_test.c). */
static bool put_books(struct db *db, struct mill *m, struct error *err)
{
    static const struct {
        const char *input;
        double value;
        const char *unit;
    } books[] = {{"revenue", 1e8, "CNY"},
                 {"cost_of_sales", 8e7, "CNY"},
                 {"profit_total", 8e6, "CNY"},
                 {"sales_growth", 0.10, "1"},
                 {"inventory_open", 1.4e7, "CNY"},
                 {"inventory_close", 1.6e7, "CNY"},
                 {"receivables_open", 2e7, "CNY"},
                 {"receivables_close", 2e7, "CNY"},
                 {"payables_open", 1.2e7, "CNY"},
                 {"payables_close", 1.2e7, "CNY"},
                 {"prepaid_open", 3e6, "CNY"},
                 {"prepaid_close", 3e6, "CNY"},
                 {"advances_open", 2e6, "CNY"},
                 {"advances_close", 2e6, "CNY"},
                 {"own_funds", 8e6, "CNY"},
                 {"working_loans", 1e7, "CNY"},
                 {"target_completion", 1, "1"},
                 {"reduction_spending", 2e6, "CNY"},
                 {"plan_progress", 0.8, "1"},
                 {"plan_planned", 0.8, "1"},
                 {"penalties", 0, "1"},
                 {"disclosure", 1, "1"},
                 {"complaints", 0, "1"}};
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    for (size_t i = 0; i < ARRAY_LEN(books); i++)
        mill_put(rows, account_year(YEAR), books[i].input, "", books[i].value, books[i].unit,
                 ACCOUNT_TIER_INVOICE);
    mill_put_text(rows, account_year(YEAR), "outdated", "false");
    return mill_submit(db, m, rows, (int64_t)(account_year(YEAR).last.day + 15) * 86400000, false,
                       err);
}

static bool make_borrower(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    return mill_submit_year(db, m, YEAR, err) && mill_post_year(db, m, YEAR, err) &&
           put_books(db, m, err);
}

/* Days 67.5 + 72 - 54 + 13.5 - 7.2 = 91.8, 3.92157 turns; 10000 x 0.92 x 1.1 / 3.92157 = 2580.6;
 * less 800 of its own and 1000 of loans: 780.6. Grade A x 1.05 = 819.63. Turnover limit 0.2 x 10000
 * = 2000. Price on 2026-01-20: LPR 3.00 %, A +0.80 % - 0.20 %, light green -0.10 %: 3.50 %. Ranking
 * 60 + 40 x (0.10 - 0.035) / 0.10 = 86. */
static bool sized(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    const struct model_node *tree;
    TRY(match_as(db, m, &m->manager, err));
    const struct finance_offer *offer = offer_of(PRODUCT);
    WANT(offer != NULL && offer->eligible && offer->has_amount && offer->has_rate);
    WANT(offer == &offers[0]); /* what can be had comes first */
    WANT_NEAR(part(offer, "need_by_method"), 7806000, 0.01);
    WANT_NEAR(part(offer, "limit_by_turnover"), 20000000, 1e-6);
    WANT_NEAR(offer->amount_cny, 8196300, 0.01);
    WANT_NEAR(part(offer, "rate_lpr"), 0.03, 1e-12);
    WANT_NEAR(part(offer, "rate_risk"), 0.008, 1e-12);
    WANT_NEAR(part(offer, "rate_grade"), -0.002, 1e-12);
    WANT_NEAR(part(offer, "rate_green"), -0.001, 1e-12);
    WANT_NEAR(offer->rate, 0.035, 1e-12);
    WANT_NEAR(offer->score, 86, 1e-6);
    WANT(offer->product.term_months == 12);
    TRY(finance_explain(db, m->arena, &m->manager, &m->credit, m->org_id, YEAR, MILL_TODAY, PRODUCT,
                        "amount", &tree, err));
    WANT_NEAR(tree->value.number, offer->amount_cny, 1e-6);
    WANT_REFUSED(finance_explain(db, m->arena, &m->manager, &m->credit, m->org_id, YEAR, MILL_TODAY,
                                 "product.none", "amount", &tree, REFUSED),
                 ERROR_FINANCE_NO_PRODUCT);
    WANT_REFUSED(finance_explain(db, m->arena, &m->manager, &m->credit, m->org_id, YEAR, MILL_TODAY,
                                 PRODUCT, "none", &tree, REFUSED),
                 ERROR_CREDIT_NO_OUTPUT);
    return true;
}

static bool wish(struct db *db, struct mill *m, double amount, struct error *err)
{
    struct mill_rows *rows = ARENA_NEW(m->arena, struct mill_rows);
    mill_put(rows, account_year(YEAR), "amount_wanted", "", amount, "CNY", ACCOUNT_TIER_DECLARED);
    return mill_submit(db, m, rows, MILL_NOW, true, err);
}

/* The smallest loan is 100,000 yuan. */
static bool in_the_way(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    TRY(wish(db, m, 95000, err));
    TRY(match_as(db, m, &m->manager, err));
    const struct finance_offer *offer = offer_of(PRODUCT);
    const struct finance_filter *enough = filter(offer, "At least the smallest loan");
    WANT(!offer->eligible && enough != NULL && enough->known && !enough->met && enough->near_miss);
    WANT(enough->compared);
    WANT_TEXT(enough->comparison, ">=");
    WANT_NEAR(enough->found.number, 95000, 1e-6);
    WANT_NEAR(enough->wanted.number, 100000, 1e-6);
    /* What is not known is no near miss, and what is met is none. */
    const struct finance_offer *equipment = offer_of("product.equipment");
    WANT(equipment != NULL && !equipment->eligible && equipment->missing_count > 0);
    for (size_t i = 0; i < equipment->filter_count; i++)
        WANT(!equipment->filters[i].near_miss ||
             (equipment->filters[i].known && !equipment->filters[i].met));
    /* How near a miss is, the lender's table says. */
    double share = 0;
    WANT(model_table_number(offer->product.model, "finance/parameters.csv", "near_share", "value",
                            &share));
    WANT_NEAR(share, 0.1, 1e-12);
    WANT(!model_table_number(offer->product.model, "finance/parameters.csv", "no_such", "value",
                             &share));
    const struct finance_filter *age = filter(equipment, "At least one year old");
    WANT(age != NULL && age->met && !age->near_miss);
    for (size_t i = 1; i < offer_count; i++) WANT(!offers[i].eligible || offers[i - 1].eligible);
    id64 case_id;
    WANT_REFUSED(finance_apply(db, m->arena, &m->manager, &m->credit, m->bank_id, m->org_id, YEAR,
                               PRODUCT, 90000, "x", MILL_TODAY, MILL_NOW, &case_id, REFUSED),
                 ERROR_FINANCE_NOT_ELIGIBLE);
    return wish(db, m, 8000000, err);
}

/* ---- the case ---- */

static id64 case_id;

static bool apply(struct db *db, struct mill *m, const struct viewer *viewer, id64 bank_id,
                  double amount, struct error *err)
{
    return finance_apply(db, m->arena, viewer, &m->credit, bank_id, m->org_id, YEAR, PRODUCT,
                         amount, "购煤", MILL_TODAY, MILL_NOW, &case_id, err);
}

static bool read_as(struct db *db, struct mill *m, const struct viewer *viewer,
                    struct finance_case *found, struct error *err)
{
    return finance_get_case(db, m->arena, viewer, &m->credit, m->bank_id, case_id, instant_now_ms(),
                            found, err);
}

static bool move(struct db *db, struct mill *m, const struct viewer *viewer, const char *transition,
                 const char *note, struct error *err)
{
    struct finance_case now;
    return read_as(db, m, viewer, &now, err) &&
           finance_move_case(db, viewer, m->flows, m->bank_id, case_id, transition, now.step, note,
                             MILL_NOW, err);
}

static bool applied(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct finance_case found, *list;
    size_t count;
    WANT_REFUSED(apply(db, m, &m->manager, m->bank_id, 8196301, REFUSED), ERROR_FINANCE_AMOUNT);
    WANT_REFUSED(apply(db, m, &m->manager, m->bank_id, 0, REFUSED), ERROR_FINANCE_AMOUNT);
    WANT_REFUSED(apply(db, m, &m->manager, m->bank_id, NAN, REFUSED), ERROR_FINANCE_AMOUNT);
    WANT_REFUSED(apply(db, m, &m->manager, m->other_org_id, 6000000, REFUSED),
                 ERROR_FINANCE_NO_BANK);
    WANT_REFUSED(apply(db, m, &m->neighbour, m->bank_id, 6000000, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    WANT_REFUSED(apply(db, m, &m->reviewer, m->bank_id, 6000000, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    TRY(apply(db, m, &m->manager, m->bank_id, 6000000.01, err));
    TRY(read_as(db, m, &m->officer, &found, err));
    WANT_NEAR(found.amount_asked_cny, 6000000.01, 1e-9); /* to the cent */
    WANT_NEAR(found.amount_offered_cny, 8196300, 0.005);
    WANT_NEAR(found.rate_offered, 0.035, 1e-12);
    WANT_TEXT(found.state, "applied");
    WANT(found.offer_count > 4 && found.step == 0 && !found.closed && !found.overdue);
    /* It is the two parties' affair. */
    WANT_REFUSED(read_as(db, m, &m->other_officer, &found, REFUSED), ERROR_FINANCE_NO_CASE);
    WANT_REFUSED(read_as(db, m, &m->neighbour, &found, REFUSED), ERROR_FINANCE_NO_CASE);
    WANT_REFUSED(read_as(db, m, &m->authority, &found, REFUSED), ERROR_FINANCE_NO_CASE);
    TRY(finance_list_cases(db, m->arena, &m->officer, &m->credit, MILL_NOW, &list, &count, err));
    WANT(count == 1 && list[0].case_id == case_id);
    TRY(finance_list_cases(db, m->arena, &m->manager, &m->credit, MILL_NOW, &list, &count, err));
    WANT(count == 1 && list[0].case_id == case_id);
    TRY(finance_list_cases(db, m->arena, &m->other_officer, &m->credit, MILL_NOW, &list, &count,
                           err));
    WANT(count == 0);
    return true;
}

static bool decided(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct finance_case found;
    struct finance_choice *choices;
    struct finance_step *steps;
    size_t count;
    /* Nobody of the enterprise moves the bank's steps, and nobody skips one. */
    WANT_REFUSED(move(db, m, &m->manager, "accept", "x", REFUSED), ERROR_FLOW_ROLE);
    TRY(read_as(db, m, &m->officer, &found, err));
    /* Without consent the bank does not even begin. */
    id64 letter;
    WANT_REFUSED(move(db, m, &m->officer, "accept", "", REFUSED), ERROR_FLOW_LETTER);
    TRY(mill_grant(db, m, REGISTRY_SCOPE_ALL, &letter, err));
    WANT_REFUSED(move(db, m, &m->bank_approver, "approve_first", "x", REFUSED), ERROR_FLOW_STATE);
    TRY(read_as(db, m, &m->officer, &found, err));
    TRY(move(db, m, &m->officer, "accept", "", err));
    WANT_REFUSED(finance_move_case(db, &m->officer, m->flows, m->bank_id, case_id, "submit_review",
                                   found.step, "x", MILL_NOW, REFUSED),
                 ERROR_FLOW_STALE);
    WANT_REFUSED(move(db, m, &m->officer, "submit_review", "", REFUSED), ERROR_FLOW_NOTE);
    TRY(move(db, m, &m->officer, "submit_review", "现场核实", err));
    /* Who investigated does not review, also with another badge on. */
    struct viewer badge = m->reviewer;
    badge.person_id = m->officer.person_id;
    WANT_REFUSED(move(db, m, &badge, "pass_review", "x", REFUSED), ERROR_FLOW_SAME_PERSON);
    TRY(move(db, m, &m->reviewer, "pass_review", "同意", err));
    TRY(move(db, m, &m->bank_approver, "approve_first", "同意", err));
    WANT_REFUSED(move(db, m, &m->bank_approver, "approve_second", "x", REFUSED),
                 ERROR_FLOW_SAME_PERSON);
    TRY(finance_list_choices(db, m->arena, &m->bank_approver, m->flows, m->bank_id, case_id,
                             MILL_NOW, &choices, &count, err));
    bool barred = false;
    for (size_t i = 0; i < count; i++)
        barred = barred ||
                 (strcmp(choices[i].transition, "approve_second") == 0 && choices[i].same_person);
    WANT(barred);
    TRY(move(db, m, &m->second_approver, "approve_second", "同意", err));
    TRY(read_as(db, m, &m->manager, &found, err));
    WANT_TEXT(found.state, "approved");
    WANT(found.closed);
    WANT_REFUSED(move(db, m, &m->manager, "withdraw", "x", REFUSED), ERROR_FLOW_STATE);
    TRY(finance_list_steps(db, m->arena, &m->officer, m->flows, m->bank_id, case_id, &steps, &count,
                           err));
    static const char *const wanted[] = {"accept", "submit_review", "pass_review", "approve_first",
                                         "approve_second"};
    WANT(count == ARRAY_LEN(wanted));
    for (size_t i = 0; i < count; i++) WANT_TEXT(steps[i].transition, wanted[i]);
    WANT_TEXT(steps[1].person_name, "officer");
    WANT_TEXT(steps[1].note, "现场核实");
    return true;
}

static bool has_choice(const struct finance_choice *choices, size_t count, const char *transition,
                       bool no_letter, enum flow_tone tone)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(choices[i].transition, transition) == 0)
            return choices[i].no_letter == no_letter && choices[i].tone == tone;
    return false;
}

/* The letter ends while a case is open: the bank goes no further, but may decline; and says so
 * beforehand. The rule is the flow's, whoever calls. */
static bool without_letter(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct finance_case found;
    struct finance_choice *choices;
    size_t count;
    id64 letter;
    TRY(mill_grant(db, m, REGISTRY_SCOPE_ALL, &letter, err));
    TRY(apply(db, m, &m->manager, m->bank_id, 1000000, err));
    TRY(move(db, m, &m->officer, "accept", "", err));
    TRY(move(db, m, &m->officer, "submit_review", "x", err));
    TRY(finance_list_choices(db, m->arena, &m->reviewer, m->flows, m->bank_id, case_id, MILL_NOW,
                             &choices, &count, err));
    WANT(has_choice(choices, count, "pass_review", false, FLOW_FORWARD));
    TRY(registry_answer_authorisation(db, &m->manager, letter, REGISTRY_WITHDRAWN, "another bank",
                                      MILL_NOW, err));
    TRY(finance_list_choices(db, m->arena, &m->reviewer, m->flows, m->bank_id, case_id, MILL_NOW,
                             &choices, &count, err));
    WANT(count == 4);
    WANT(has_choice(choices, count, "pass_review", true, FLOW_FORWARD));
    WANT(has_choice(choices, count, "send_back", true, FLOW_BACK));
    WANT(has_choice(choices, count, "return_to_applicant", false, FLOW_BACK));
    WANT(has_choice(choices, count, "decline", false, FLOW_REFUSE));
    WANT_REFUSED(move(db, m, &m->reviewer, "pass_review", "x", REFUSED), ERROR_FLOW_LETTER);
    WANT_REFUSED(move(db, m, &m->reviewer, "send_back", "x", REFUSED), ERROR_FLOW_LETTER);
    TRY(read_as(db, m, &m->reviewer, &found, err));
    WANT_TEXT(found.state, "review");
    TRY(move(db, m, &m->reviewer, "decline", "授权已撤回", err));
    TRY(read_as(db, m, &m->reviewer, &found, err));
    WANT_TEXT(found.state, "declined");
    WANT(found.flow_state->look == FLOW_BAD);
    return true;
}

/* A bank's own way, with other names: the rules of the case are those of its file, also when a
 * newer one is there. */
static bool own_way(struct db *db, void *arg, struct error *err)
{
    static const char text[] =
        "flow loan_application 2\n"
        "  title \"Own\" zh \"自定\"\n"
        "  subject loan_case\n"
        "state desk \"Desk\" zh \"柜台\" start path\n"
        "state gone \"Gone\" zh \"终止\" final\n"
        "state paid \"Paid\" zh \"放款\" final path tone good means granted\n"
        "transition pay \"Pay\" zh \"放款\"\n"
        "  from desk\n"
        "  to   paid\n"
        "  role bank_officer\n"
        "  needs letter\n"
        "transition lost \"Lost\" zh \"失效\"\n"
        "  from desk\n"
        "  to   gone\n"
        "  role system\n"
        "  means consent_ended\n";
    struct mill *m = arg;
    struct finance_case found;
    id64 letter, old;
    size_t ended;
    TRY(apply(db, m, &m->manager, m->bank_id, 1000000, err));
    old = case_id;
    const struct flow *flow = flow_parse(m->arena, "own.flow", str_from(text), err);
    TRY(flow != NULL && flow_library_add(m->flows, flow, err));
    TRY(apply(db, m, &m->manager, m->bank_id, 1000000, err));
    TRY(read_as(db, m, &m->officer, &found, err));
    WANT(found.flow == flow && found.flow->path_count == 2);
    WANT_TEXT(found.flow_state->name, "desk");
    WANT_REFUSED(move(db, m, &m->officer, "pay", "", REFUSED), ERROR_FLOW_LETTER);
    TRY(mill_grant(db, m, REGISTRY_SCOPE_ALL, &letter, err));
    TRY(move(db, m, &m->officer, "pay", "", err));
    TRY(apply(db, m, &m->manager, m->bank_id, 1000000, err));
    TRY(registry_answer_authorisation(db, &m->manager, letter, REGISTRY_WITHDRAWN, "x", MILL_NOW,
                                      err));
    TRY(finance_end_cases(db, m->arena, &m->credit, m->bank_id, m->org_id, MILL_NOW, &ended, err));
    WANT(ended == 2); /* the one at the desk and the old one */
    TRY(read_as(db, m, &m->officer, &found, err));
    WANT_TEXT(found.state, "gone");
    case_id = old;
    TRY(read_as(db, m, &m->officer, &found, err));
    WANT(found.flow->version == 1 && found.flow->path_count == 6);
    WANT_TEXT(found.state, "withdrawn");
    return true;
}

/* Returned to the applicant, sent again, withdrawn: the enterprise's own steps. */
static bool withdrawn(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    struct finance_case found;
    TRY(apply(db, m, &m->manager, m->bank_id, 1000000, err));
    TRY(move(db, m, &m->officer, "return_to_applicant", "请补合同", err));
    WANT_REFUSED(move(db, m, &m->officer, "resubmit", "x", REFUSED), ERROR_FLOW_ROLE);
    TRY(move(db, m, &m->approver, "resubmit", "已补", err));
    TRY(move(db, m, &m->manager, "withdraw", "不再需要", err));
    TRY(read_as(db, m, &m->officer, &found, err));
    WANT_TEXT(found.state, "withdrawn");
    WANT(found.closed);
    return true;
}

/* ---- letters ---- */

static bool letters(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    const struct model_node *tree;
    const int most = REGISTRY_SCOPE_ALL & ~REGISTRY_SCOPE_FINANCE;
    id64 letter;
    WANT_REFUSED(match_as(db, m, &m->officer, REFUSED), ERROR_REGISTRY_NOT_ALLOWED);
    WANT_REFUSED(apply(db, m, &m->officer, m->bank_id, 1000000, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    /* An amount tells revenue and debts: without the scope finance there is none. */
    TRY(mill_grant(db, m, most, &letter, err));
    WANT_REFUSED(match_as(db, m, &m->officer, REFUSED), ERROR_REGISTRY_NOT_ALLOWED);
    WANT_REFUSED(finance_explain(db, m->arena, &m->officer, &m->credit, m->org_id, YEAR, MILL_TODAY,
                                 PRODUCT, "amount", &tree, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    WANT_REFUSED(apply(db, m, &m->officer, m->bank_id, 1000000, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    TRY(mill_grant(db, m, REGISTRY_SCOPE_ALL, &letter, err));
    TRY(match_as(db, m, &m->officer, err));
    WANT_NEAR(offer_of(PRODUCT)->amount_cny, 8196300, 0.01); /* the bank reads the very figure */
    WANT_REFUSED(match_as(db, m, &m->other_officer, REFUSED), ERROR_REGISTRY_NOT_ALLOWED);
    struct viewer after = m->officer;
    after.purpose = "after";
    WANT_REFUSED(match_as(db, m, &after, REFUSED), ERROR_REGISTRY_NOT_ALLOWED);
    TRY(apply(db, m, &m->officer, m->bank_id, 1000000, err));
    /* The letter is withdrawn: no more looks. */
    TRY(registry_answer_authorisation(db, &m->manager, letter, REGISTRY_WITHDRAWN, "another bank",
                                      MILL_NOW, err));
    WANT_REFUSED(match_as(db, m, &m->officer, REFUSED), ERROR_REGISTRY_NOT_ALLOWED);
    return true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {MILL_CASE(make_borrower, sized, in_the_way),
                                       MILL_CASE(make_borrower, applied, decided, withdrawn),
                                       MILL_CASE(make_borrower, letters),
                                       MILL_CASE(make_borrower, without_letter, own_way)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
