/* What the bank's pages share: the enterprise that a page is about, the letter of authorisation
 * that opens it, and words and figures that look the same on all of them.
 *
 * A page about an enterprise calls bank_open_subject first. It changes web->viewer to one that
 * relies on the letter, so that every read below it is decided, and every look is noted, under that
 * letter's purpose. Without a letter in force only public facts can be read. */
#ifndef WEB_BANK_BANK_H
#define WEB_BANK_BANK_H

#include "app/app.h"
#include "finance/finance.h"
#include "web/shared/letters.h"
#include "web/web.h"

#define BANK_EXPIRING_DAYS 30 /* a letter that ends within them is told beforehand */

/* What a product's match, and a report that is issued anew, read. */
#define BANK_SCOPES_MATCH (REGISTRY_SCOPE_ACTIVITY | REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_LABEL)
#define BANK_SCOPES_ISSUE (BANK_SCOPES_MATCH | REGISTRY_SCOPE_REPORT)

struct bank_subject {
    struct registry_org org;
    struct registry_authorisation *letters; /* asked by this bank about it, newest first */
    size_t letter_count;
    const struct registry_authorisation *letter; /* in force and relied on; NULL: none */
    int scopes;                                  /* the letter's; 0 without one */
    const struct viewer *viewer;                 /* who reads it, relying on that letter */
    date today;
};

date bank_today(const struct web *web);
/* Reads the enterprise {org}. ?letter= picks one of several letters in force; otherwise it is the
 * one that opens most. Errors: WEB_NO_SUCH_PAGE, REGISTRY_ORG_UNKNOWN. */
bool bank_open_subject(struct web *web, struct bank_subject *subject, struct error *err) NODISCARD;
bool bank_open_org(struct web *web, id64 org_id, struct bank_subject *subject,
                   struct error *err) NODISCARD;
/* The same in a read, from all letters of the bank, for a page about several enterprises:
 * web->viewer stays. */
bool bank_read_subject(struct db *db, struct web *web, id64 org_id,
                       const struct registry_authorisation *all, size_t count,
                       struct bank_subject *subject, struct error *err) NODISCARD;
bool bank_may(const struct bank_subject *subject, int scopes);
/* A letter that is granted, begun and not over. */
bool bank_in_force(const struct registry_authorisation *letter, date today);
/* The box that says which parts are not granted, how the letters stand, and how to ask. */
html bank_refusal(struct web *web, const struct bank_subject *subject, int scopes);
/* Answers 403 with it: which parts are not granted, how the letters stand, and how to ask. */
bool bank_refuse(struct web *web, const struct bank_subject *subject, int scopes);
/* Crumbs, invented mark, and chip of the letter for a page below the enterprise. */
void bank_frame(struct web *web, const struct bank_subject *subject, bool below);
/* The tabs of an enterprise: "overview", "report", "offers". */
html bank_tabs(struct web *web, const struct bank_subject *subject, const char *active);

/* The organisation's name in the reader's language. */
const char *bank_org_name(const struct web *web, const struct registry_org *org);
const char *bank_industry(const struct web *web, const char *code);
const char *bank_division(const struct web *web, const char *code);
const char *bank_scale(const struct web *web, const char *scale);
const char *bank_day(const struct web *web, date day);
const char *bank_id(const struct web *web, id64 id);
const char *bank_scope_help(const struct web *web, enum registry_scope scope);
html bank_letter_chip(struct web *web, const struct registry_authorisation *letter, date today);
html bank_case_chip(struct web *web, const struct finance_case *the_case);
/* "/bank/enterprises/<id><rest>", with the letter relied on when it was picked. */
const char *bank_org_url(const struct web *web, id64 org_id, const char *rest);
const char *bank_case_url(const struct web *web, id64 case_id, const char *rest);

/* Yuan, in ten thousands where Chinese readers expect them; a share as percent per year. */
html bank_money(struct web *web, bool known, double cny, const char *url);
html bank_percent(struct web *web, bool known, double share, const char *url);
/* An output's value in its unit; a price part ("1" and a name rate…) as percent. */
html bank_part(struct web *web, const struct finance_part *part, const char *url);
html bank_value(struct web *web, const struct model_value *value, const char *unit);

#endif
