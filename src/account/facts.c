/* The fact sheet: what is known of an organisation and year, each fact with where it comes from. */
#include "account/internal.h"

#include <stdlib.h>
#include <string.h>

#include "account_sql.h"

#define LAG_DAYS_MAX 60 /* credit report rules, section 6: timeliness is 1 - lag / 60 days */

const struct account_fact *account_find_fact(const struct account_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->count; i++)
        if (strcmp(facts->list[i].name, name) == 0) return &facts->list[i];
    return NULL;
}

static void put(struct account_facts *facts, struct account_fact fact)
{
    for (size_t i = 0; i < facts->count; i++)
        if (strcmp(facts->list[i].name, fact.name) == 0) {
            facts->list[i] = fact;
            return;
        }
    *ARENA_PUSH(facts->arena, facts->list, facts->count, facts->capacity) = fact;
}

static const char *copy(struct account_facts *facts, const char *text)
{
    return str_dup(facts->arena, account_str(text));
}

void account_put_number(struct account_facts *facts, const char *name, double value,
                        const char *unit, const char *provenance, int64_t origin)
{
    put(facts, (struct account_fact){.name = copy(facts, name),
                                     .type = MODEL_NUMBER,
                                     .value = value,
                                     .unit = copy(facts, unit),
                                     .text = "",
                                     .provenance = copy(facts, provenance),
                                     .origin = origin});
}

void account_put_text(struct account_facts *facts, const char *name, enum model_type type,
                      const char *text, const char *provenance, int64_t origin)
{
    put(facts, (struct account_fact){.name = copy(facts, name),
                                     .type = type,
                                     .unit = "",
                                     .text = copy(facts, text),
                                     .provenance = copy(facts, provenance),
                                     .origin = origin});
}

/* ---- from postings ----------------------------------------------------------------------- */

struct source_sum {
    const char *source;
    int64_t grams;
};

static void put_sources(struct account_facts *facts, const struct account_statement *statement,
                        const char *provenance)
{
    struct source_sum *sums =
        ARENA_NEW_ARRAY(facts->arena, struct source_sum, statement->line_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < statement->line_count; i++) {
        const struct account_line *line = &statement->lines[i];
        if (line->kind != ACCOUNT_EMISSION || strcmp(line->basis, "compliance") == 0) continue;
        size_t at = 0;
        while (at < count && strcmp(sums[at].source, line->source) != 0) at++;
        if (at == count) sums[count++] = (struct source_sum){line->source, 0};
        sums[at].grams += line->amount;
    }
    for (size_t i = 0; i < count; i++)
        account_put_number(facts, arena_printf(facts->arena, "emission.source.%s", sums[i].source),
                           account_tonnes(sums[i].grams), "t CO2e", provenance, 0);
}

static void put_products(struct account_facts *facts, const struct account_statement *statement,
                         const char *provenance)
{
    struct arena *arena = facts->arena;
    for (size_t i = 0; i < statement->product_count; i++) {
        const struct account_product *product = &statement->products[i];
        double amount = (double)product->amount / 1000;
        account_put_number(facts, arena_printf(arena, "production.%s", product->product), amount,
                           product->unit, provenance, 0);
        if (!product->has_intensity) continue;
        const char *unit = arena_printf(arena, "(t CO2e)/%s", product->unit);
        account_put_number(facts, arena_printf(arena, "intensity.carbon.%s", product->product),
                           product->intensity_t_per_unit, unit, provenance, 0);
    }
}

static bool has_scope(const struct account_statement *statement, int scope)
{
    for (size_t i = 0; i < statement->line_count; i++)
        if (statement->lines[i].kind == ACCOUNT_EMISSION && statement->lines[i].scope == scope)
            return true;
    return false;
}

static bool has_compliance(const struct account_statement *statement)
{
    for (size_t i = 0; i < statement->line_count; i++)
        if (statement->lines[i].kind == ACCOUNT_EMISSION &&
            strcmp(statement->lines[i].basis, "full") != 0)
            return true;
    return false;
}

static bool has_energy(const struct account_statement *statement, const char *kind)
{
    for (size_t i = 0; i < statement->line_count; i++)
        if (statement->lines[i].kind == ACCOUNT_ENERGY &&
            strcmp(statement->lines[i].source, kind) == 0)
            return true;
    return false;
}

void account_put_figures(struct account_facts *facts, const struct account_statement *s,
                         const char *from)
{
    if (s->total.has_emission) {
        account_put_number(facts, "emission.full", account_tonnes(s->total.full), "t CO2e", from,
                           0);
        if (has_compliance(s))
            account_put_number(facts, "emission.compliance", account_tonnes(s->total.compliance),
                               "t CO2e", from, 0);
        if (has_scope(s, 1))
            account_put_number(facts, "emission.scope1", account_tonnes(s->total.scope1_full),
                               "t CO2e", from, 0);
        if (has_scope(s, 2))
            account_put_number(facts, "emission.scope2", account_tonnes(s->total.scope2_full),
                               "t CO2e", from, 0);
        put_sources(facts, s, from);
    }
    if (has_energy(s, "calorific"))
        account_put_number(facts, "energy.calorific", account_tce(s->total.energy_calorific), "tce",
                           from, 0);
    if (has_energy(s, "equivalent"))
        account_put_number(facts, "energy.equivalent", account_tce(s->total.energy_equivalent),
                           "tce", from, 0);
    put_products(facts, s, from);
}

static bool put_postings(struct db *db, const struct viewer *viewer,
                         const struct account_facts_query *query, struct account_facts *facts,
                         struct error *err)
{
    struct account_period year = account_year(query->year);
    struct account_statement_query asked = {.org_id = query->org_id,
                                            .first = year.first,
                                            .last = year.last,
                                            .as_known = query->as_known,
                                            .with_drafts = query->with_drafts};
    struct account_statement statement;
    const char *drafts = query->with_drafts ? ", drafts included" : "";
    if (!account_read_statement(db, facts->arena, viewer, &asked, &statement, err)) return false;
    account_put_figures(facts, &statement,
                        arena_printf(facts->arena, "postings of %d%s", query->year, drafts));
    struct account_product *products = statement.products;
    if (statement.product_count == 0) return true;
    /* The main product is the one whose output the method posts first. Its amount is a plain number
     * of the product's own unit, so that models compare years whatever the product is. */
    account_put_number(facts, "production.main", (double)products[0].amount / 1000, "1",
                       products[0].product, 0);
    return true;
}

/* ---- from data --------------------------------------------------------------------------- */

static void put_electricity(struct account_facts *facts, const struct model *method,
                            const struct account_datum *data, size_t count)
{
    const struct model_input *input = method == NULL ? NULL : account_electricity_input(method);
    double sum_mwh = 0;
    int months = 0;
    if (input == NULL) return;
    for (size_t i = 0; i < count; i++) {
        double mwh;
        struct error why;
        if (data[i].superseded || !data[i].has_number || strcmp(data[i].input, input->name) != 0)
            continue;
        const char *unit = data[i].unit[0] != '\0' ? data[i].unit : account_text(input->unit);
        if (!model_unit_convert(facts->library, data[i].value, str_from(unit), STR("MWh"), &mwh,
                                &why))
            continue;
        sum_mwh += mwh;
        months++;
    }
    if (months > 0)
        account_put_number(
            facts, "electricity", sum_mwh, "MWh",
            arena_printf(facts->arena, "data '%s' of %d periods", input->name, months), 0);
}

struct quality {
    int months_ended, months_given;
    double lag_sum, class_sum;
    int64_t values, classed;
};

/* A submission's day of arrival, for the lag behind the month it reports. */
static void judge_datum(const struct account_rules *rules, const struct account_datum *datum,
                        int offset_minutes, struct quality *quality)
{
    double weight;
    const char *tier =
        datum->tier == ACCOUNT_TIER_INVOICE ? "ledger" : account_tier_name(datum->tier);
    date arrived = instant_day(datum->at, offset_minutes);
    double lag = (double)(arrived.day - datum->period.last.day);
    if (lag < 0) lag = 0;
    quality->lag_sum += lag > LAG_DAYS_MAX ? LAG_DAYS_MAX : lag;
    if (registry_source_class(rules->codes, str_from(tier), &weight)) {
        quality->class_sum += weight;
        quality->classed++;
    }
    quality->values++;
}

static void put_quality(struct account_facts *facts, const struct account_rules *rules,
                        const struct registry_org *org, const struct account_datum *data,
                        size_t count, date today)
{
    struct quality q = {0};
    bool given[12] = {false};
    struct account_period year = account_year(facts->year);
    for (size_t i = 0; i < count; i++) {
        if (data[i].superseded || account_period_equal(data[i].period, account_once())) continue;
        judge_datum(rules, &data[i], org->utc_offset_minutes, &q);
        int32_t month = month_of(data[i].period.first);
        if (account_period_equal(data[i].period, account_month(month))) given[month % 12] = true;
    }
    for (int m = 0; m < 12; m++) {
        if (month_last_day(month_of(year.first) + m).day >= today.day) continue;
        q.months_ended++;
        if (given[m]) q.months_given++;
    }
    if (q.values == 0 || q.months_ended == 0) return;
    account_put_number(facts, "data.completeness", (double)q.months_given / q.months_ended, "1",
                       arena_printf(facts->arena, "%d of %d ended months have data", q.months_given,
                                    q.months_ended),
                       0);
    double values = (double)q.values;
    account_put_number(facts, "data.timeliness", 1 - q.lag_sum / values / LAG_DAYS_MAX, "1",
                       "mean days between the period's end and arrival", 0);
    if (q.classed > 0)
        account_put_number(facts, "data.source_class", q.class_sum / (double)q.classed, "1",
                           "mean weight of the data's evidence tiers", 0);
}

/* ---- the sheet --------------------------------------------------------------------------- */

static bool read_year(struct db *db, const struct viewer *viewer, const struct account_rules *rules,
                      const struct registry_org *org, const struct account_facts_query *query,
                      struct account_facts *facts, struct error *err)
{
    struct account_period year = account_year(query->year);
    struct account_method method;
    struct account_datum *data;
    size_t count;
    account_put_basics(facts, rules, org, year);
    if (!put_postings(db, viewer, query, facts, err)) return false;
    if (!account_load_data(db, facts->arena, query->org_id, year.first, year.last, false,
                           query->as_known, &data, &count, err))
        return false;
    if (!account_choose_method(db, facts->arena, rules, query->org_id, query->year, "method",
                               &method, err))
        return false;
    put_electricity(facts, method.model, data, count);
    put_quality(facts, rules, org, data, count, query->today);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct account_fact *)a)->name, ((const struct account_fact *)b)->name);
}

bool account_read_facts(struct db *db, struct arena *arena, const struct viewer *viewer,
                        const struct account_rules *rules, const struct account_facts_query *query,
                        struct account_facts *facts, struct error *err)
{
    static const char *const prefixes[] = {"prev", "prev2"};
    struct registry_org org;
    *facts = (struct account_facts){.arena = arena,
                                    .org_id = query->org_id,
                                    .year = query->year,
                                    .as_known = query->as_known,
                                    .library = rules->library};
    if (!registry_require_read(db, viewer, query->org_id,
                               REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_ACTIVITY, err))
        return false;
    if (!registry_get_org(db, arena, query->org_id, &org, err)) return false;
    if (!read_year(db, viewer, rules, &org, query, facts, err)) return false;
    for (int back = 1; back <= 2; back++) {
        struct account_facts before = *facts;
        struct account_facts_query earlier = *query;
        earlier.year = before.year = query->year - back;
        before.list = NULL;
        before.count = before.capacity = 0;
        if (!read_year(db, viewer, rules, &org, &earlier, &before, err)) return false;
        for (size_t i = 0; i < before.count; i++) {
            struct account_fact fact = before.list[i];
            if (strncmp(fact.name, "org.", 4) == 0 || strncmp(fact.name, "period.", 7) == 0)
                continue;
            fact.name = arena_printf(arena, "%s.%s", prefixes[back - 1], fact.name);
            put(facts, fact);
        }
    }
    qsort(facts->list, facts->count, sizeof *facts->list, by_name);
    return true;
}
