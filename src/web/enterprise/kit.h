/* What the account's pages of the enterprise portal share: the years there are, names of sources
 * and products, the postings behind a sum, charts as figures. */
#ifndef WEB_ENTERPRISE_KIT_H
#define WEB_ENTERPRISE_KIT_H

#include "account/account.h"
#include "report/report.h"
#include "web/shared/explain.h"
#include "web/web.h"

date kit_today(const struct web *web); /* at the viewer's organisation */

/* ---- years ---- */

#define KIT_YEARS_MAX 40
struct kit_years {
    int list[KIT_YEARS_MAX]; /* newest first */
    size_t count;            /* 0: nothing was computed yet */
    int chosen;              /* of ?year=, else the newest; this year when there is none */
};
/* The years with runs of the viewer's own organisation. */
bool kit_read_years(struct db *db, struct web *web, struct kit_years *years,
                    struct error *err) NODISCARD;
/* Links to the same page for each year, the chosen one marked. `rest` ("&drafts=1") or "". */
html kit_year_picker(struct web *web, const struct kit_years *years, const char *path,
                     const char *rest);

/* For web_kept: the year asked for, and what else is. */
const char *kit_asked(const struct web *web, const char *more);
/* The path with the year that was asked for; without one the page there begins where this did. */
const char *kit_with_year(const struct web *web, const char *path);

/* ---- names ---- */

/* A unit as people read it: "" for "1". */
const char *kit_unit(const char *unit);
html kit_run_state(struct web *web, enum account_state state);
html kit_gate(struct web *web, const struct account_run *run);
/* A rule's name in the reader's language; "" when it is no longer in force. */
const char *kit_rule_title(const struct web *web, const char *rule);
/* What holds a draft back, "x04 Coal balance", or "". */
const char *kit_gate_reason(const struct web *web, const struct account_run *run);
const char *kit_when(const struct web *web, int64_t instant_ms);
const char *kit_day(const struct web *web, date day);
const char *kit_count(const struct web *web, int64_t number);
const char *kit_id(const struct web *web, id64 id);
const char *kit_join(const struct web *web, const char *a, const char *b); /* a + b */

/* ---- postings behind the figures ---- */

struct kit_posting {
    struct account_posting posting;
    const char *name;          /* what its model calls the output, in the reader's language */
    bool is_draft, is_default; /* default: its run took a default value for it */
};
struct kit_postings {
    struct kit_posting *list; /* in order of period */
    size_t count, capacity;
};
struct kit_postings_query {
    date first, last;
    int64_t as_known; /* ACCOUNT_NOW, or a size of the log */
    bool with_drafts;
};
bool kit_read_postings(struct db *db, struct web *web, const struct kit_postings_query *query,
                       struct kit_postings *postings, struct error *err) NODISCARD;

/* Name of an emission source, energy kind or product: as the model that posted it says, else as the
 * library does. */
const char *kit_source(const struct web *web, const struct kit_postings *postings,
                       enum account_posting_kind kind, const char *word);

/* Which postings a figure sums. */
struct kit_select {
    enum account_posting_kind kind;
    int scope;          /* 0: all */
    const char *source; /* "": all */
    const char *basis;  /* "full", "compliance", or "": all */
    date first, last;
};
bool kit_selected(const struct kit_posting *posting, const struct kit_select *select);
/* The figure: the sum in t CO2e, tce or the product's unit, with marks; linked to its posting, or
 * to the page of the sum when there are several. A dash when there is none. */
html kit_sum_figure(struct web *web, const struct kit_postings *postings,
                    const struct kit_select *select, const char *rest);
/* The same in a column: without the unit, which stands at its head, and with fixed decimals. */
html kit_sum_cell(struct web *web, const struct kit_postings *postings,
                  const struct kit_select *select, const char *rest, int decimals);
bool kit_sum(const struct kit_postings *postings, const struct kit_select *select, double *sum,
             const char **unit);

/* ---- charts ---- */

/* Chart in a figure with its table one click away. */
html kit_chart(struct web *web, const struct drawing *drawing);
/* Emission by month and source, full basis; HTML_EMPTY when there is none. */
html kit_emission_chart(struct web *web, const struct kit_postings *postings, int year);

/* ---- explanations ---- */

struct explain_place kit_place(struct web *web); /* the enterprise's own */

#endif
