/* What the offer pages and the case pages share: the year that is matched, and one offer of it. */
#ifndef WEB_BANK_OFFERS_H
#define WEB_BANK_OFFERS_H

#include "web/bank/bank.h"

struct bank_match {
    struct web *web;
    const struct bank_subject *subject;
    int year; /* the newest rated one */
    struct finance_offer *offers;
    size_t count;
};
/* Matches every product under the letter. Needs BANK_SCOPES_MATCH. Error REPORT_NO_RATING. */
bool bank_match(struct bank_match *match, struct error *err) NODISCARD;
/* The offer of ?product=; NULL when there is none or the enterprise is not eligible. */
const struct finance_offer *bank_find_offer(const struct bank_match *match, str product);
/* "3 years", "18 months", or that it is not stated. */
const char *bank_term(const struct web *web, int months);
const char *bank_green_item(const struct web *web, const struct finance_product *product);

#endif
