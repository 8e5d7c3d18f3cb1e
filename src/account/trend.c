/* Growth on one set of factors: both years by the rules of the later one, and per output. */
#include "account/internal.h"

#include <string.h>

static bool read_year(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                      int year, struct account_statement *statement, struct error *err)
{
    struct account_statement_query query = {.org_id = org_id,
                                            .first = account_year(year).first,
                                            .last = account_year(year).last,
                                            .as_known = ACCOUNT_NOW};
    return account_read_statement(db, arena, viewer, &query, statement, err);
}

/* The first product that is posted in both years, in the same unit. */
static void find_product(const struct account_statement *base, const struct account_statement *year,
                         struct account_trend *trend)
{
    for (size_t i = 0; i < year->product_count; i++)
        for (size_t k = 0; k < base->product_count; k++) {
            const struct account_product *now = &year->products[i], *then = &base->products[k];
            if (strcmp(now->product, then->product) != 0 || strcmp(now->unit, then->unit) != 0 ||
                now->amount <= 0 || then->amount <= 0)
                continue;
            trend->has_output = true;
            trend->product = now->product;
            trend->unit = now->unit;
            trend->base_output = (double)then->amount / 1000;
            trend->year_output = (double)now->amount / 1000;
            return;
        }
}

bool account_read_trend(struct db *db, struct arena *arena, const struct viewer *viewer,
                        const struct account_rules *rules, id64 org_id, int year,
                        struct account_trend *trend, struct error *err)
{
    struct account_trend found = {.year = year, .base = year - 1, .product = "", .unit = ""};
    struct account_statement base, now;
    struct account_method method;
    struct account_year_sums base_sums, year_sums;
    if (!read_year(db, arena, viewer, org_id, found.base, &base, err) ||
        !read_year(db, arena, viewer, org_id, year, &now, err) ||
        !account_choose_method(db, arena, rules, org_id, year, "method", &method, err))
        return false;
    found.reported_base_t = account_tonnes(base.total.full);
    found.reported_year_t = account_tonnes(now.total.full);
    if (base.total.has_emission && now.total.has_emission && method.model != NULL) {
        if (!account_compute_year(db, arena, viewer, rules, org_id, method.model, found.base, year,
                                  &base_sums, err) ||
            !account_compute_year(db, arena, viewer, rules, org_id, method.model, year, year,
                                  &year_sums, err))
            return false;
        /* A method whose inputs were not asked for in the year before would make it look clean. */
        found.known = base_sums.periods > 0 && base_sums.periods == year_sums.periods;
        found.base_t = account_tonnes(base_sums.full);
        found.year_t = account_tonnes(year_sums.full);
    }
    if (found.known) {
        find_product(&base, &now, &found);
        double grown = found.has_output ? found.year_output / found.base_output : 1;
        found.output_t = found.base_t * grown - found.base_t;
        found.own_t = found.year_t - found.base_t * grown;
        found.rules_t =
            (found.reported_year_t - found.reported_base_t) - found.output_t - found.own_t;
    }
    *trend = found;
    return true;
}
