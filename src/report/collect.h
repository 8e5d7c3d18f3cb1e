/* Inside report: gathering a report's content from account, checks and rating. */
#ifndef REPORT_COLLECT_H
#define REPORT_COLLECT_H

#include "report/issue.h"

#define COLLECT_YEARS 3

struct collecting {
    struct db *db;
    struct arena *arena;
    const struct viewer *viewer;
    const struct credit_rules *rules;
    const struct report_request *request;
    date today;
    struct registry_org org;
    struct credit_rating rating;
    struct account_facts facts;
    struct account_statement statements[COLLECT_YEARS]; /* oldest first */
    struct creditworthiness_report *report;
};

/* In the reader's language. */
str collect_text(const struct collecting *c, const struct model_text *text);
/* A code word of a model ("energy_per_product") as people read it. */
str collect_word(const struct collecting *c, const char *code);
/* A known output of the rating's models ("score", "energy_over[clinker]"), or NULL. */
const struct credit_reason *collect_find_reason(const struct collecting *c, const char *output);
/* A unit as it is printed: "(t CO2e)/MWh" → "t CO₂e/MWh"; NULL gives none. */
str collect_unit(const struct collecting *c, const char *unit);
/* A figure as text with its unit, at most `digits` significant digits, "−" as its sign. */
str collect_figure(const struct collecting *c, double value, int digits, const char *unit);
/* Of an output by key, what the key is called: "Points: Clinker" → "Clinker". */
str collect_key_name(const struct collecting *c, const struct credit_reason *reason);
/* An amount: four significant digits, or whole units when there are more; never more than two
 * decimals. */
struct report_number collect_amount(double value);
/* The same with `digits` significant digits, for intensities and indicators. */
struct report_number collect_significant(double value, int digits);

void collect_label(struct collecting *c);
/* Intensities of the account, then those that the label held against standards and benchmarks. */
bool collect_intensities(struct collecting *c, struct error *err) NODISCARD;

#endif
