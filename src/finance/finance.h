/* Products, matching, sizing and loan cases. A product is a model of kind `product`; a case follows
 * flows/loan-application.flow. A bank sees an enterprise's figures only under a letter of
 * authorisation. */
#ifndef FINANCE_FINANCE_H
#define FINANCE_FINANCE_H

#include "credit/credit.h"

struct finance_product {
    const struct model *model;
    const char *name, *version;
    struct model_text title, lender, use_of_funds, category;
    const char *green_item; /* code of the catalogue item, or "" */
    struct model_text green_item_name;
    int term_months; /* 0: not stated */
    bool enabled;
};
size_t finance_list_products(struct arena *arena, const struct account_rules *rules, date on,
                             const struct finance_product **list);

struct finance_filter { /* one hard filter of a product */
    struct model_text label;
    bool known, met, near_miss; /* near miss: the only unmet one, or within a tenth of the limit */
    bool compared;
    const char *comparison;
    struct model_value found, wanted;
    const char *unit;
};
struct finance_part { /* a part of the price or a limit of the amount */
    const char *output;
    struct model_text label;
    bool known;
    double value;
    const char *unit;
};
struct finance_offer {
    struct finance_product product;
    bool eligible;
    const struct finance_filter *filters;
    size_t filter_count;
    bool has_amount, has_rate;
    double amount_cny, rate; /* rate per year as a share: 0.0345 */
    double score;            /* ranking 0..100 */
    const struct finance_part
        *parts; /* rate_lpr, rate_risk, rate_green, rate_grade; limits of the amount */
    size_t part_count;
    const struct credit_missing *missing;
    size_t missing_count;
    digest digest; /* of model, tables and facts */
};
/* Every product on the enterprise's facts: eligible ones first by score, then near misses, then the
 * rest. */
bool finance_match(struct db *db, struct arena *arena, const struct viewer *viewer,
                   const struct credit_rules *rules, id64 org_id, int year, date today,
                   struct finance_offer **offers, size_t *count, struct error *err) NODISCARD;
/* The tree behind one figure of an offer: "amount", "rate", "rate_green" … */
bool finance_explain(struct db *db, struct arena *arena, const struct viewer *viewer,
                     const struct credit_rules *rules, id64 org_id, int year, date today,
                     const char *product, const char *output, const struct model_node **tree,
                     struct error *err) NODISCARD;

/* ---- loan cases: at home with the bank, mirrored for the enterprise ---- */

struct finance_case {
    id64 bank_org_id, case_id, enterprise_org_id;
    const char *enterprise_name, *bank_name, *product;
    struct model_text product_title;
    int year;
    double amount_asked_cny, amount_offered_cny, rate_offered;
    const char *purpose, *state; /* state of the flow */
    const struct flow *flow;     /* that the case follows, in its version */
    const struct flow_state *flow_state;
    struct model_text state_title;
    bool closed, overdue;
    bool granted; /* its state means so */
    int64_t at, state_at;
    int64_t step; /* number of the last step: what finance_move_case must have seen */
    const struct finance_part *offer; /* the offer's parts as kept when the case was opened */
    size_t offer_count;
};
/* What the viewer may do next. Two reasons bar a step of his: he took an earlier one (four eyes),
 * or the bank has no letter of authorisation from the enterprise in force. */
struct finance_choice {
    const char *transition;
    struct model_text title;
    enum flow_tone tone;
    bool needs_note, same_person, no_letter, has_due, overdue;
    date due;
};
/* The enterprise applies for a product at a bank (or a bank officer opens a case under a granted
 * letter). The offer of that moment is kept with the case. Errors: FINANCE_NOT_ELIGIBLE,
 * REGISTRY_NOT_ALLOWED. */
bool finance_apply(struct db *db, struct arena *arena, const struct viewer *viewer,
                   const struct credit_rules *rules, id64 bank_org_id, id64 enterprise_org_id,
                   int year, const char *product, double amount_cny, const char *purpose,
                   date today, int64_t now_ms, id64 *case_id, struct error *err) NODISCARD;
/* The viewer's own cases: the bank's, or those about the enterprise. */
bool finance_list_cases(struct db *db, struct arena *arena, const struct viewer *viewer,
                        const struct credit_rules *rules, int64_t now_ms,
                        struct finance_case **list, size_t *count, struct error *err) NODISCARD;
bool finance_get_case(struct db *db, struct arena *arena, const struct viewer *viewer,
                      const struct credit_rules *rules, id64 bank_org_id, id64 case_id,
                      int64_t now_ms, struct finance_case *found, struct error *err) NODISCARD;
/* Takes a transition of the case's flow; the viewer's role, four eyes, needed notes and whether a
 * letter of authorisation must be in force are the flow's rules. Errors: those of flow_take. */
bool finance_move_case(struct db *db, const struct viewer *viewer, const struct flow_library *flows,
                       id64 bank_org_id, id64 case_id, const char *transition, int64_t step_seen,
                       const char *note, int64_t now_ms, struct error *err) NODISCARD;
/* A letter that opens this keeps a bank's cases going. */
#define FINANCE_LETTER_SCOPE REGISTRY_SCOPE_LABEL
/* After a letter was withdrawn: ends the bank's open cases about the enterprise when no other
 * letter with FINANCE_LETTER_SCOPE stands, by the transition that means consent_ended. A case that
 * has none in its state stays there. */
bool finance_end_cases(struct db *db, struct arena *arena, const struct credit_rules *rules,
                       id64 bank_org_id, id64 enterprise_org_id, int64_t now_ms, size_t *ended,
                       struct error *err) NODISCARD;
bool finance_list_choices(struct db *db, struct arena *arena, const struct viewer *viewer,
                          const struct flow_library *flows, id64 bank_org_id, id64 case_id,
                          int64_t now_ms, struct finance_choice **list, size_t *count,
                          struct error *err) NODISCARD;
struct finance_step {
    const char *transition, *from, *to, *person_name, *note;
    struct model_text title;
    int64_t at;
};
bool finance_list_steps(struct db *db, struct arena *arena, const struct viewer *viewer,
                        const struct flow_library *flows, id64 bank_org_id, id64 case_id,
                        struct finance_step **list, size_t *count, struct error *err) NODISCARD;

#endif
