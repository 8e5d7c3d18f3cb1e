/* Products and matching: every product model on one enterprise's fact sheet. */
#include "finance/finance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

/* A limit missed by at most this share of itself is a near miss: a row of the lender's parameters.
 */
#define PARAMETERS "finance/parameters.csv"
#define NEAR_SHARE "near_share"

static struct model_text meta_text(const struct model *model, const char *key)
{
    const char *en = model_meta(model, key, false), *zh = model_meta(model, key, true);
    return (struct model_text){en != NULL ? en : "", zh != NULL ? zh : ""};
}

static struct finance_product product_of(const struct model *model)
{
    const struct model_info *info = model_info(model);
    const char *term = model_meta(model, "term_months", false),
               *item = model_meta(model, "green_item", false);
    int64_t months = 0;
    if (term == NULL || !num_parse_int(str_from(term), &months)) months = 0;
    return (struct finance_product){.model = model,
                                    .name = info->name,
                                    .version = info->version,
                                    .title = info->title,
                                    .lender = meta_text(model, "lender"),
                                    .use_of_funds = meta_text(model, "use_of_funds"),
                                    .category = meta_text(model, "category"),
                                    .green_item = item != NULL ? item : "",
                                    .green_item_name = meta_text(model, "green_item_name"),
                                    .term_months = (int)months,
                                    .enabled = true};
}

size_t finance_list_products(struct arena *arena, const struct account_rules *rules, date on,
                             const struct finance_product **list)
{
    size_t count = model_library_count(rules->library), used = 0;
    struct finance_product *products = ARENA_NEW_ARRAY(arena, struct finance_product, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct model *model = model_library_at(rules->library, i);
        const struct model_info *info = model_info(model);
        if (strcmp(info->kind, "product") != 0) continue;
        /* Of several versions the one valid on the day. */
        if (model_library_find(rules->library, info->name, on) == model)
            products[used++] = product_of(model);
    }
    *list = products;
    return used;
}

static bool near(const struct finance_filter *filter, double share)
{
    if (!filter->compared || filter->found.type != MODEL_NUMBER ||
        filter->wanted.type != MODEL_NUMBER)
        return false;
    if (filter->found.status != MODEL_OK || filter->wanted.status != MODEL_OK) return false;
    return fabs(filter->found.number - filter->wanted.number) <=
           share * fabs(filter->wanted.number);
}

static void read_filters(struct arena *arena, const struct model_run *run,
                         struct finance_offer *offer)
{
    const struct model_requirement_result *results;
    size_t count = model_run_requirements(arena, run, 0, &results), unmet = 0;
    struct finance_filter *filters = ARENA_NEW_ARRAY(arena, struct finance_filter, count + 1);
    double share = 0; /* where the product's tables say nothing, none is near but a last one */
    (void)model_table_number(offer->product.model, PARAMETERS, NEAR_SHARE, "value", &share);
    for (size_t i = 0; i < count; i++) {
        filters[i] =
            (struct finance_filter){.label = results[i].requirement->label,
                                    .known = results[i].status == MODEL_OK,
                                    .met = results[i].status == MODEL_OK && results[i].met,
                                    .compared = results[i].compared,
                                    .comparison = results[i].comparison,
                                    .found = results[i].found,
                                    .wanted = results[i].wanted,
                                    .unit = results[i].unit != NULL ? results[i].unit : ""};
        unmet += !filters[i].met;
    }
    for (size_t i = 0; i < count; i++)
        filters[i].near_miss =
            filters[i].known && !filters[i].met && (unmet == 1 || near(&filters[i], share));
    offer->filters = filters;
    offer->filter_count = count;
    offer->eligible = unmet == 0;
}

static bool number_output(const struct model_info *info, const struct model_run *run,
                          const char *name, double *value)
{
    for (size_t i = 0; i < info->output_count; i++) {
        bool present = false;
        if (strcmp(info->outputs[i].name, name) != 0 || info->outputs[i].index != NULL) continue;
        struct model_value v = model_run_value(run, 0, name, STR(""), &present);
        if (v.status != MODEL_OK || !present || v.type != MODEL_NUMBER || !isfinite(v.number))
            return false;
        *value = v.number;
        return true;
    }
    return false;
}

static void read_parts(struct arena *arena, const struct model_run *run,
                       struct finance_offer *offer)
{
    static const char *const own[] = {"amount", "rate", "score"};
    const struct model_info *info = model_info(offer->product.model);
    struct finance_part *parts =
        ARENA_NEW_ARRAY(arena, struct finance_part, info->output_count + 1);
    offer->has_amount = number_output(info, run, "amount", &offer->amount_cny);
    offer->has_rate = number_output(info, run, "rate", &offer->rate);
    (void)number_output(info, run, "score", &offer->score);
    for (size_t i = 0; i < info->output_count; i++) {
        const struct model_output *output = &info->outputs[i];
        bool shown = output->index == NULL && output->type == MODEL_NUMBER;
        for (size_t k = 0; k < ARRAY_LEN(own); k++)
            shown = shown && strcmp(output->name, own[k]) != 0;
        if (!shown) continue;
        struct finance_part part = {
            .output = output->name, .label = output->label, .unit = output->unit};
        part.known = number_output(info, run, output->name, &part.value);
        parts[offer->part_count++] = part;
    }
    offer->parts = parts;
}

static void read_missing(struct arena *arena, const struct model_run *run,
                         struct finance_offer *offer)
{
    const struct model_info *info = model_info(offer->product.model);
    const struct model_note *notes;
    size_t count = model_run_notes(arena, run, 0, &notes);
    struct credit_missing *missing = ARENA_NEW_ARRAY(arena, struct credit_missing, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct model_input *input = NULL;
        for (size_t k = 0; k < info->input_count; k++)
            if (strcmp(info->inputs[k].name, notes[i].input) == 0) input = &info->inputs[k];
        if (notes[i].kind != MODEL_NOTE_MISSING || input == NULL) continue;
        const char *name = input->from != NULL ? input->from : input->name;
        bool told = false;
        for (size_t k = 0; k < offer->missing_count; k++)
            told = told || strcmp(missing[k].name, name) == 0;
        if (told) continue;
        missing[offer->missing_count++] =
            (struct credit_missing){.name = name,
                                    .label = input->label,
                                    .affects = notes[i].affects != NULL ? notes[i].affects : "",
                                    .from_user = input->from == NULL};
    }
    offer->missing = missing;
}

static const struct model_run *run_product(struct db *db, struct arena *arena,
                                           const struct viewer *viewer, const struct model *model,
                                           const struct account_facts *facts, digest *run_digest,
                                           struct error *err)
{
    static const struct model_run_options options = {.threads = 1};
    const struct model_info *info = model_info(model);
    struct model_data *data = model_data_new(arena, model, 1);
    if (!account_fill_from_facts(db, viewer, model, facts, data, 0, err)) return NULL;
    digest inputs = model_data_digest(data);
    const str parts[] = {{(const char *)info->model_digest.bytes, DIGEST_BYTES},
                         {(const char *)info->tables_digest.bytes, DIGEST_BYTES},
                         {(const char *)inputs.bytes, DIGEST_BYTES}};
    if (run_digest != NULL) *run_digest = digest_of_parts(parts, ARRAY_LEN(parts));
    return model_run(arena, model, data, &options, err);
}

static int rank_of(const struct finance_offer *offer)
{
    if (offer->eligible) return 0;
    for (size_t i = 0; i < offer->filter_count; i++)
        if (offer->filters[i].near_miss) return 1;
    return 2;
}

static int compare_offers(const void *left, const void *right)
{
    const struct finance_offer *a = left, *b = right;
    if (rank_of(a) != rank_of(b)) return rank_of(a) - rank_of(b);
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return strcmp(a->product.name, b->product.name);
}

/* The facts, and the day whose prices count. Amounts and limits tell revenue, debts and loans, so
 * that another organisation needs their scope beside those that the facts ask for. */
static bool read_facts(struct db *db, struct arena *arena, const struct viewer *viewer,
                       const struct credit_rules *rules, id64 org_id, int year, date today,
                       struct account_facts *facts, struct error *err)
{
    struct account_facts_query query = {
        .org_id = org_id, .year = year, .as_known = ACCOUNT_NOW, .today = today};
    char day[DATE_TEXT_MAX];
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_FINANCE, err)) return false;
    if (!credit_read_facts(db, arena, viewer, rules, &query, facts, err)) return false;
    date_format(today, day);
    account_put_text(facts, "pricing.date", MODEL_DATE, day, "the day of matching", 0);
    return true;
}

bool finance_match(struct db *db, struct arena *arena, const struct viewer *viewer,
                   const struct credit_rules *rules, id64 org_id, int year, date today,
                   struct finance_offer **offers, size_t *count, struct error *err)
{
    struct account_facts facts;
    const struct finance_product *products;
    if (!read_facts(db, arena, viewer, rules, org_id, year, today, &facts, err)) return false;
    size_t used = finance_list_products(arena, rules->account, today, &products);
    struct finance_offer *list = ARENA_NEW_ARRAY(arena, struct finance_offer, used + 1);
    for (size_t i = 0; i < used; i++) {
        list[i].product = products[i];
        const struct model_run *run =
            run_product(db, arena, viewer, products[i].model, &facts, &list[i].digest, err);
        if (run == NULL) return false;
        read_filters(arena, run, &list[i]);
        read_parts(arena, run, &list[i]);
        read_missing(arena, run, &list[i]);
    }
    if (used > 1) qsort(list, used, sizeof *list, compare_offers);
    *offers = list;
    *count = used;
    return true;
}

bool finance_explain(struct db *db, struct arena *arena, const struct viewer *viewer,
                     const struct credit_rules *rules, id64 org_id, int year, date today,
                     const char *product, const char *output, const struct model_node **tree,
                     struct error *err)
{
    struct account_facts facts;
    const struct model *model = model_library_find(rules->account->library, product, today);
    if (model == NULL || strcmp(model_info(model)->kind, "product") != 0)
        return error_set(err, ERROR_FINANCE_NO_PRODUCT, "s", product);
    if (!read_facts(db, arena, viewer, rules, org_id, year, today, &facts, err)) return false;
    const struct model_run *run = run_product(db, arena, viewer, model, &facts, NULL, err);
    if (run == NULL) return false;
    *tree = model_explain(arena, run, 0, output, STR(""));
    return *tree != NULL || error_set(err, ERROR_CREDIT_NO_OUTPUT, "ss", product, output);
}
