/* Statements: sums of integer postings by period, scope, source and basis, as known at any time. */
#include "account/internal.h"

#include <string.h>

#include "account_sql.h"

static enum account_posting_kind kind_of(str text)
{
    for (int i = 0; i < ACCOUNT_POSTING_KINDS; i++)
        if (str_is(text, account_kind_name((enum account_posting_kind)i)))
            return (enum account_posting_kind)i;
    return ACCOUNT_POSTING_KINDS;
}

static void add_line(struct account_sum *sum, const struct account_line *line)
{
    if (line->kind == ACCOUNT_ENERGY) {
        sum->has_energy = true;
        if (strcmp(line->source, "equivalent") == 0) sum->energy_equivalent += line->amount;
        if (strcmp(line->source, "calorific") == 0) sum->energy_calorific += line->amount;
        return;
    }
    if (line->kind != ACCOUNT_EMISSION) return;
    sum->has_emission = true;
    bool full = strcmp(line->basis, "compliance") != 0,
         compliance = strcmp(line->basis, "full") != 0;
    if (full) sum->full += line->amount;
    if (compliance) sum->compliance += line->amount;
    if (line->scope == 1 && full) sum->scope1_full += line->amount;
    if (line->scope == 2 && full) sum->scope2_full += line->amount;
    if (line->scope == 1 && compliance) sum->scope1_compliance += line->amount;
    if (line->scope == 2 && compliance) sum->scope2_compliance += line->amount;
}

static void add_product(struct arena *arena, struct account_statement *statement, size_t *capacity,
                        const struct account_line *line)
{
    struct account_product *product = NULL;
    for (size_t i = 0; i < statement->product_count; i++)
        if (strcmp(statement->products[i].product, line->source) == 0 &&
            strcmp(statement->products[i].unit, line->unit) == 0)
            product = &statement->products[i];
    if (product == NULL) {
        product = ARENA_PUSH(arena, statement->products, statement->product_count, *capacity);
        *product = (struct account_product){.product = line->source, .unit = line->unit};
    }
    product->amount += line->amount;
}

static void add_up(struct arena *arena, struct account_statement *statement)
{
    size_t product_capacity = 0, period_capacity = 0;
    for (size_t i = 0; i < statement->line_count; i++) {
        const struct account_line *line = &statement->lines[i];
        size_t n = statement->period_count;
        if (n == 0 || !account_period_equal(statement->periods[n - 1].period, line->period))
            *ARENA_PUSH(arena, statement->periods, statement->period_count, period_capacity) =
                (struct account_sum){.period = line->period};
        add_line(&statement->periods[statement->period_count - 1], line);
        add_line(&statement->total, line);
        if (line->kind == ACCOUNT_PRODUCTION)
            add_product(arena, statement, &product_capacity, line);
    }
    for (size_t i = 0; i < statement->product_count; i++) {
        struct account_product *product = &statement->products[i];
        product->has_intensity = statement->total.has_emission && product->amount > 0;
        if (product->has_intensity)
            product->intensity_t_per_unit =
                account_tonnes(statement->total.full) / ((double)product->amount / 1000);
    }
}

static bool sum_postings(struct db *db, struct arena *arena,
                         const struct account_statement_query *query, bool with_drafts,
                         struct account_line **lines, size_t *count, struct error *err)
{
    struct sql_account_sum_postings_row *rows;
    size_t n;
    if (!sql_account_sum_postings(db, arena, query->org_id, query->first, query->last,
                                  query->as_known, with_drafts, &rows, &n, err))
        return false;
    *lines = ARENA_NEW_ARRAY(arena, struct account_line, n + 1);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].amount == 0) continue; /* reversed to the last gram */
        (*lines)[(*count)++] = (struct account_line){
            .period = {rows[i].first_day, rows[i].last_day},
            .kind = kind_of(rows[i].kind),
            .scope = (int)rows[i].scope,
            .source = rows[i].source.ptr,
            .basis = rows[i].basis.ptr,
            .unit = rows[i].unit.ptr,
            .amount = rows[i].amount,
        };
    }
    return true;
}

/* From what is held, when it is what is asked for. */
static bool read_lines(struct db *db, struct arena *arena,
                       const struct account_statement_query *query, bool with_drafts,
                       struct account_line **lines, size_t *count, struct error *err)
{
    struct account_held *held = account_held(db, query->org_id);
    struct account_statement_query whole = *query;
    if (held == NULL || with_drafts || query->as_known != ACCOUNT_NOW)
        return sum_postings(db, arena, query, with_drafts, lines, count, err);
    whole.first = (date){INT32_MIN + 1};
    whole.last = (date){INT32_MAX - 1};
    if (!held->summed &&
        !sum_postings(db, held->arena, &whole, false, &held->lines, &held->line_count, err))
        return false;
    held->summed = true;
    *lines = ARENA_NEW_ARRAY(arena, struct account_line, held->line_count + 1);
    *count = 0;
    for (size_t i = 0; i < held->line_count; i++)
        if (held->lines[i].period.first.day >= query->first.day &&
            held->lines[i].period.last.day <= query->last.day)
            (*lines)[(*count)++] = held->lines[i];
    return true;
}

bool account_read_statement(struct db *db, struct arena *arena, const struct viewer *viewer,
                            const struct account_statement_query *query,
                            struct account_statement *statement, struct error *err)
{
    struct sql_account_count_drafts_row drafts;
    size_t n;
    bool found;
    if (!registry_require_read(db, viewer, query->org_id, REGISTRY_SCOPE_ACCOUNT, err))
        return false;
    if (query->with_drafts && viewer->org_id != query->org_id)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s",
                         "see drafts of another organisation");
    if (!sql_account_count_drafts(db, NULL, query->org_id, query->first, query->last, &drafts,
                                  &found, err))
        return false;
    struct account_line *lines;
    /* What drafts would replace is looked up for each posting: spared when there is none. */
    if (!read_lines(db, arena, query, query->with_drafts && drafts.drafts > 0, &lines, &n, err))
        return false;
    *statement = (struct account_statement){.as_known = query->as_known,
                                            .total.period = {query->first, query->last}};
    if (viewer->org_id == query->org_id) statement->drafts = drafts.drafts;
    statement->lines = lines;
    statement->line_count = n;
    add_up(arena, statement);
    return true;
}
