/* What the authority's pages share: the enterprises of its division, who has filed, and the plan by
 * which small cells of statistics are hidden. */
#ifndef WEB_AUTHORITY_AUTHORITY_H
#define WEB_AUTHORITY_AUTHORITY_H

#include "app/app.h"
#include "web/bank/bank.h"
#include "web/web.h"

/* The part of a division's code that everything below it begins with: "140000" gives "14". False
 * when the authority has no division: then it supervises nobody. */
bool authority_prefix(struct db *db, struct arena *arena, const struct viewer *viewer,
                      const char **prefix, bool *any, struct error *err) NODISCARD;
/* Enterprises of the authority's division in order of name, all or those on its register. */
bool authority_list(struct db *db, struct arena *arena, const struct viewer *viewer,
                    bool on_register_only, struct registry_org **list, size_t *count,
                    struct error *err) NODISCARD;
/* An enterprise of the authority's division. Error REGISTRY_NOT_ALLOWED when it is another's. */
bool authority_get(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                   struct registry_org *org, struct error *err) NODISCARD;

/* ---- filing ---- */

struct authority_filing {
    struct registry_org org;
    bool filed;          /* an account of the month stands, checked or not */
    bool posted;         /* and it counts */
    int64_t filed_at;    /* of the first */
    int64_t reminded_at; /* 0: never for this month */
};
/* The register and how each enterprise stands for a month. */
struct authority_filings {
    struct arena *arena;
    const struct viewer *viewer;
    int32_t month;
    struct authority_filing *list;
    size_t count, filed, on_time;
    int64_t due_ms; /* the end of the due day, in China */
};
bool authority_read_filings(struct db *db, void *filings, struct error *err) NODISCARD;
/* Of the filing due day of the settings: the day of the following month. */
date authority_due(const struct web *web, int32_t month);
/* The newest month whose due day is over. */
int32_t authority_last_due(const struct web *web);
const char *authority_month(const struct web *web, int32_t month);

/* ---- suppression ---- */

/* How many enterprises with figures share an industry and a division. */
struct suppress_cell {
    size_t industry, division;
    int64_t count;
    bool guarded; /* one enterprise makes up most of it */
};
/* Which sums of the table by industry, the table by division and their common total must not be
 * shown. First those of fewer than `enterprises_min` enterprises; then, as long as the sums that
 * are left determine (by any linear combination, across both tables) a hidden sum or one over a few
 * cells with fewer than `enterprises_min` enterprises together, the smallest further sum. What is
 * guarded for another reason is treated as a sum over too few. Sums over
 * nobody say nothing and are not hidden. */
struct suppress_plan {
    size_t industry_count, division_count;
    const bool *guard_industry, *guard_division; /* given */
    bool guard_total;
    bool *hide_industry, *hide_division; /* found */
    bool hide_total;
};
void suppress_make(struct arena *arena, const struct suppress_cell *cells, size_t count,
                   int64_t enterprises_min, struct suppress_plan *plan);

#endif
