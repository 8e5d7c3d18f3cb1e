/* How sure a year's emission is, and on what its doubt rests: derivatives of each posted run by
 * its inputs and the cells of its tables, times how far each may be off. */
#include "account/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NORMAL_95 1.959963984540054

struct term { /* a row of a table, or one value given, in the whole year */
    struct account_doubt doubt;
    double slope; /* t CO2e per unit of the value */
    double value;
};

struct reader {
    struct db *db;
    struct arena *arena;
    const struct account_rules *rules;
    struct account_datum *data;
    size_t data_count;
    struct map terms; /* place -> struct term */
    double total_t;
};

/* ---- how far a value may be off ---- */

/* Own figures that nobody measured or billed count as estimates. */
static const char *const evidence[ACCOUNT_TIERS] = {"tier estimate", "tier meter", "tier meter",
                                                    "tier meter",    "tier bill",  "tier estimate",
                                                    "tier estimate"};

static bool spread_of(const struct reader *r, const char *text, double *half_width,
                      struct error *err)
{
    struct model_spread spread;
    if (!model_spread_parse(r->rules->library, str_from(text), &spread, err)) return false;
    *half_width = spread.half_width;
    return true;
}

static const struct account_datum *datum_at(const struct reader *r, id64 datum_id)
{
    for (size_t i = 0; i < r->data_count; i++)
        if (r->data[i].datum_id == datum_id) return &r->data[i];
    return NULL;
}

/* The datum that a run was given for an input and key; 0 of a default or a fact. */
static id64 given_datum(const struct account_bindings *inputs, const char *input, const char *key)
{
    for (size_t i = 0; i < inputs->count; i++) {
        const struct account_binding *b = &inputs->list[i];
        if (strcmp(b->input, input) == 0 && strcmp(b->key, key) == 0) return b->datum_id;
    }
    return 0;
}

static bool doubt_input(const struct reader *r, const struct account_bindings *inputs,
                        struct account_doubt *doubt, struct error *err)
{
    const struct account_datum *datum = datum_at(r, given_datum(inputs, doubt->input, doubt->key));
    /* Else a default of the model itself, or a fact of the register. */
    enum account_tier tier = datum != NULL ? datum->tier : ACCOUNT_TIER_DEFAULT;
    doubt->tier = account_tier_label(tier);
    return spread_of(r, evidence[tier], &doubt->half_width, err);
}

/* Several rows may bear one id: the one that the model's tables let in and that holds the value. */
static const struct factor_row *find_row(const struct reader *r, const struct model *model,
                                         double value, const struct account_doubt *doubt)
{
    const struct factor_library *factors = r->rules->factors;
    const struct factor_row *found = NULL;
    for (size_t i = 0; factors != NULL && i < factors->count; i++) {
        const struct factor_row *row = &factors->rows[i];
        if (strcmp(row->id, doubt->row) != 0 || strcmp(row->table, doubt->table) != 0) continue;
        if (!factor_is_used_by(r->arena, model, row)) continue;
        if (found == NULL) found = row;
        for (size_t k = 0; k < row->value_count; k++)
            if (strcmp(row->values[k].name, doubt->column) == 0 && row->values[k].has_number &&
                row->values[k].number == value)
                return row;
    }
    return found;
}

static void doubt_factor(const struct reader *r, const struct model *model, double value,
                         struct account_doubt *doubt)
{
    doubt->factor = find_row(r, model, value, doubt);
    if (doubt->factor == NULL) return;
    doubt->half_width = factor_half_width(doubt->factor, doubt->column, &doubt->assumed);
    if (!doubt->assumed)
        doubt->shape = model_spread_shape_of(str_from(doubt->factor->distribution));
}

/* The standard deviation over the value. */
static double deviation_of(enum model_spread_shape shape, double half_width)
{
    return model_spread_deviation(&(struct model_spread){shape, half_width});
}

const char *account_doubt_tier(const struct account_doubt *doubt, enum lang lang)
{
    if (doubt->factor != NULL) return factor_tier_text(doubt->factor, lang);
    return doubt->tier[0] != '\0' ? tr(lang, doubt->tier) : "";
}

/* ---- terms ---- */

/* One datum, or one default, is one variable however many months it serves. */
static bool add_partial(struct reader *r, const struct model *model,
                        const struct account_bindings *inputs, const struct model_partial *p,
                        double unit_t, struct error *err)
{
    const char *place =
        p->input != NULL
            ? arena_printf(r->arena, "i|%s|%s|%lld", p->input, p->key,
                           (long long)given_datum(inputs, p->input, p->key))
            : arena_printf(r->arena, "f|%s|%s|%s|%.17g", p->table, p->row, p->column, p->value);
    struct term *term = map_get(&r->terms, str_from(place));
    if (p->derivative == 0 || p->value == 0) return true;
    if (term == NULL) {
        term = ARENA_NEW(r->arena, struct term);
        *term = (struct term){.value = p->value,
                              .doubt = {.name = arena_strdup(r->arena, p->name),
                                        .table = p->table,
                                        .row = p->row,
                                        .column = p->column,
                                        .input = p->input,
                                        .key = p->key,
                                        .shape = MODEL_SPREAD_NORMAL,
                                        .tier = ""}};
        map_put(&r->terms, str_from(place), term);
        if (p->input == NULL)
            doubt_factor(r, model, p->value, &term->doubt);
        else if (!doubt_input(r, inputs, &term->doubt, err))
            return false;
    }
    term->slope += p->derivative * unit_t;
    return true;
}

static bool add_run(struct reader *r, const struct account_run *run, struct error *err)
{
    const struct model_library *library = r->rules->library;
    struct account_posting *postings;
    struct account_bindings inputs;
    struct account_table *tables;
    const struct model *model;
    size_t count, table_count;
    if (!account_load_run_inputs(r->db, r->arena, run->org_id, run->run_id, &inputs, err) ||
        !account_load_run_tables(r->db, r->arena, run->org_id, run->run_id, &tables, &table_count,
                                 err) ||
        !account_find_kept(r->db, r->arena, &library, run->model_digest, tables, table_count,
                           run->semantics, &model, err) ||
        !account_load_postings(r->db, r->arena, run->org_id, run->run_id, &postings, &count, err))
        return false;
    struct model_data *data = model_data_new(r->arena, model, 1);
    struct model_run_options options = {.threads = 0};
    if (!account_bind_apply(&inputs, model, data, 0, err)) return false;
    struct model_run *again = model_run(r->arena, model, data, &options, err);
    if (again == NULL) return false;
    for (size_t i = 0; i < count; i++) {
        const struct account_posting *p = &postings[i];
        double unit_t;
        if (p->kind != ACCOUNT_EMISSION || strcmp(p->basis, "compliance") == 0) continue;
        struct model_gradient gradient =
            model_gradient(r->arena, again, 0, p->output, str_from(p->key));
        if (!model_unit_convert(r->rules->library, 1, account_str(gradient.unit), STR("t CO2e"),
                                &unit_t, err))
            return false;
        r->total_t += account_tonnes(p->amount);
        for (size_t k = 0; k < gradient.count; k++)
            if (!add_partial(r, model, &inputs, &gradient.partials[k], unit_t, err)) return false;
    }
    return true;
}

/* ---- the whole ---- */

static struct account_doubt *same_input(struct account_doubt *list, size_t count,
                                        const struct account_doubt *doubt)
{
    for (size_t i = 0; i < count && doubt->input != NULL; i++)
        if (list[i].input != NULL && strcmp(list[i].input, doubt->input) == 0 &&
            strcmp(list[i].key, doubt->key) == 0)
            return &list[i];
    return NULL;
}

static int by_share(const void *a, const void *b)
{
    const struct account_doubt *x = a, *y = b;
    if (x->deviation_t != y->deviation_t) return x->deviation_t > y->deviation_t ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* The enterprise's own value may stand for a default, but not for a statistic of the grid. */
static bool can_be_metered(const struct account_doubt *doubt)
{
    const struct factor_row *row = doubt->factor;
    return row == NULL || row->tier_id == NULL || strcmp(row->tier_id, "official") != 0;
}

/* Variances add; the months of one input are told together. */
static void add_up(struct reader *r, double metered, struct account_certainty *out)
{
    struct account_doubt *list =
        ARENA_NEW_ARRAY(r->arena, struct account_doubt, r->terms.count + 1);
    double variance = 0;
    size_t n = 0;
    for (size_t i = 0; i < r->terms.count; i++) {
        const struct term *term = r->terms.entries[i].value;
        double deviation = fabs(term->slope * term->value) *
                           deviation_of(term->doubt.shape, term->doubt.half_width);
        if (deviation == 0) {
            out->exact++;
            continue;
        }
        struct account_doubt *doubt = same_input(list, n, &term->doubt);
        if (doubt == NULL) {
            doubt = &list[n++];
            *doubt = term->doubt;
        }
        if (term->doubt.half_width > doubt->half_width) {
            doubt->half_width = term->doubt.half_width;
            doubt->tier = term->doubt.tier;
        }
        doubt->deviation_t = hypot(doubt->deviation_t, deviation);
        variance += deviation * deviation;
    }
    if (n > 1) qsort(list, n, sizeof *list, by_share);
    out->total_t = r->total_t;
    out->deviation_t = sqrt(variance);
    out->half_width = r->total_t != 0 ? NORMAL_95 * out->deviation_t / fabs(r->total_t) : 0;
    for (size_t i = 0; i < n; i++) {
        double own = list[i].deviation_t * list[i].deviation_t, better = own;
        if (list[i].half_width > metered && can_be_metered(&list[i]))
            better *= pow(deviation_of(MODEL_SPREAD_NORMAL, metered) /
                              deviation_of(list[i].shape, list[i].half_width),
                          2);
        list[i].share = own / variance;
        list[i].total_if_metered =
            r->total_t != 0 ? NORMAL_95 * sqrt(variance - own + better) / fabs(r->total_t) : 0;
    }
    out->list = list;
    out->count = n;
}

bool account_read_certainty(struct db *db, struct arena *arena, const struct viewer *viewer,
                            const struct account_rules *rules, id64 org_id, int year,
                            struct account_certainty *certainty, struct error *err)
{
    struct reader r = {.db = db, .arena = arena, .rules = rules};
    struct account_period whole = account_year(year);
    struct account_certainty found = {0};
    struct account_run *runs;
    double metered;
    size_t count;
    int scope = REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_ACTIVITY;
    map_init(&r.terms, arena);
    if (!registry_require_read(db, viewer, org_id, scope, err) ||
        !spread_of(&r, "tier meter", &metered, err) ||
        !account_load_data(db, arena, org_id, whole.first, whole.last, true, ACCOUNT_NOW, &r.data,
                           &r.data_count, err) ||
        !account_load_runs(db, arena, org_id, whole.first, whole.last, "posted", &runs, &count,
                           err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(runs[i].kind, "method") == 0 && !add_run(&r, &runs[i], err)) return false;
    add_up(&r, metered, &found);
    *certainty = found;
    return true;
}
