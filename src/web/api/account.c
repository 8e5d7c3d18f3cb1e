/* The part of the JSON API that needs a session: the own organisation's statement and facts. */
#include "base/num.h"
#include "web/api/api.h"

struct own_work {
    struct web *web;
    int year;
    struct account_statement statement;
    struct account_facts facts;
};

static int asked_year(struct web *web)
{
    int64_t year;
    if (num_parse_int(web_query(web, "year"), &year) && year >= 2000 && year <= 2200)
        return (int)year;
    return month_year(month_of(instant_day(instant_now_ms(), web->utc_offset_minutes)));
}

static bool read_statement(struct db *db, void *arg, struct error *err)
{
    struct own_work *work = arg;
    struct account_period year = account_year(work->year);
    struct account_statement_query query = {.org_id = work->web->viewer->org_id,
                                            .first = year.first,
                                            .last = year.last,
                                            .as_known = ACCOUNT_NOW};
    return account_read_statement(db, work->web->arena, work->web->viewer, &query, &work->statement,
                                  err);
}

static void put_sum(struct buf *out, struct web *web, const struct account_sum *sum,
                    bool with_period)
{
    buf_putc(out, '{');
    if (with_period)
        api_text(out, "period", str_from(account_period_text(web->arena, sum->period)), true);
    buf_puts(out, with_period ? ",\"emission_known\":" : "\"emission_known\":");
    buf_puts(out, sum->has_emission ? "true" : "false");
    api_number(out, "full_tco2e", account_tonnes(sum->full), false);
    api_number(out, "compliance_tco2e", account_tonnes(sum->compliance), false);
    api_number(out, "scope1_full_tco2e", account_tonnes(sum->scope1_full), false);
    api_number(out, "scope2_full_tco2e", account_tonnes(sum->scope2_full), false);
    buf_puts(out, ",\"energy_known\":");
    buf_puts(out, sum->has_energy ? "true" : "false");
    api_number(out, "energy_calorific_tce", account_tce(sum->energy_calorific), false);
    api_number(out, "energy_equivalent_tce", account_tce(sum->energy_equivalent), false);
    buf_putc(out, '}');
}

static bool get_account(struct web *web, struct error *err)
{
    if (api_nobody(web)) return true;
    struct own_work work = {.web = web, .year = asked_year(web)};
    if (!store_read(web->store, read_statement, &work, err)) return api_error(web, err);
    const struct account_statement *s = &work.statement;
    struct buf *out = buf_new(web->arena);
    buf_putc(out, '{');
    api_number(out, "year", work.year, true);
    buf_puts(out, ",\"total\":");
    put_sum(out, web, &s->total, false);
    buf_puts(out, ",\"periods\":[");
    for (size_t i = 0; i < s->period_count; i++) {
        if (i != 0) buf_putc(out, ',');
        put_sum(out, web, &s->periods[i], true);
    }
    buf_puts(out, "],\"lines\":[");
    static const char *const kinds[] = {"emission", "energy", "production"};
    for (size_t i = 0; i < s->line_count; i++) {
        const struct account_line *line = &s->lines[i];
        buf_puts(out, i != 0 ? ",{" : "{");
        api_text(out, "period", str_from(account_period_text(web->arena, line->period)), true);
        api_text(out, "kind", str_from(kinds[line->kind]), false);
        api_number(out, "scope", line->scope, false);
        api_text(out, "source", str_from(line->source), false);
        api_text(out, "basis", str_from(line->basis), false);
        /* Exact: grams, kilojoules, thousandths of the product's unit. */
        api_text(out, "amount", str_from(arena_printf(web->arena, "%lld", (long long)line->amount)),
                 false);
        api_text(out, "unit", str_from(line->unit), false);
        buf_putc(out, '}');
    }
    buf_puts(out, "]}");
    return api_reply(web, 200, out);
}

static bool read_facts(struct db *db, void *arg, struct error *err)
{
    struct own_work *work = arg;
    struct web *web = work->web;
    struct account_facts_query query = {.org_id = web->viewer->org_id,
                                        .year = work->year,
                                        .as_known = ACCOUNT_NOW,
                                        .today =
                                            instant_day(instant_now_ms(), web->utc_offset_minutes)};
    return account_read_facts(db, web->arena, web->viewer, &web->app->rules, &query, &work->facts,
                              err);
}

static bool get_facts(struct web *web, struct error *err)
{
    if (api_nobody(web)) return true;
    struct own_work work = {.web = web, .year = asked_year(web)};
    if (!store_read(web->store, read_facts, &work, err)) return api_error(web, err);
    struct buf *out = buf_new(web->arena);
    buf_putc(out, '{');
    api_number(out, "year", work.year, true);
    buf_puts(out, ",\"facts\":[");
    for (size_t i = 0; i < work.facts.count; i++) {
        const struct account_fact *fact = &work.facts.list[i];
        buf_puts(out, i != 0 ? ",{" : "{");
        api_text(out, "name", str_from(fact->name), true);
        if (fact->type == MODEL_NUMBER)
            api_number(out, "value", fact->value, false);
        else
            api_text(out, "text", str_from(fact->text), false);
        api_text(out, "unit", str_from(fact->unit), false);
        api_text(out, "provenance", str_from(fact->provenance), false);
        buf_putc(out, '}');
    }
    buf_puts(out, "]}");
    return api_reply(web, 200, out);
}

const struct web_route web_routes_api_account[] = {
    {"GET", "/api/v1/account", get_account, WEB_PUBLIC, TR_KEY("Carbon account")},
    {"GET", "/api/v1/facts", get_facts, WEB_PUBLIC, TR_KEY("Facts")},
    {0},
};
