/* What the pages of loan cases share. */
#ifndef WEB_BANK_CASES_H
#define WEB_BANK_CASES_H

#include "web/bank/bank.h"

struct bank_cases {
    struct web *web;
    struct finance_case *list;
    size_t count;
};
/* The bank's cases, newest first. */
bool bank_read_cases(struct db *db, void *cases, struct error *err) NODISCARD;
/* The states that a case may be in, for filters and counts. */
void bank_case_states(const struct bank_cases *cases, const struct flow_state ***states,
                      size_t *count);
/* The day by which the bank's next step is due; false when none is. */
bool bank_case_due(const struct finance_case *the_case, date *due);
/* "Loan officer": who may lead the case on from its state, besides the program. */
const char *bank_case_actors(const struct web *web, const struct finance_case *the_case);
/* "2026-11-24", with a chip when it is over. */
html bank_due(struct web *web, const struct finance_case *the_case);

#endif
