/* Inputs of a model from data and facts, for a run and for later judgements. */
#include "account/internal.h"

#include <stdlib.h>
#include <string.h>

void account_put_basics(struct account_facts *facts, const struct account_rules *rules,
                        const struct registry_org *org, struct account_period period)
{
    char day[DATE_TEXT_MAX];
    int year = month_year(month_of(period.last)), month = month_of(period.last) % 12 + 1;
    const char *of_period = "the period", *of_org = "the registry";
    account_put_number(facts, "period.year", year, "year", of_period, 0);
    account_put_number(facts, "period.month", month, "1", of_period, 0);
    date_format(period.last, day);
    account_put_text(facts, "period.end", MODEL_DATE, day, of_period, 0);
    account_put_text(facts, "org.industry", MODEL_TEXT, org->industry, of_org, 0);
    account_put_text(facts, "org.division", MODEL_TEXT, org->division, of_org, 0);
    account_put_text(facts, "org.province", MODEL_TEXT, org->province, of_org, 0);
    const char *grid = org->grid_region;
    if (org->division[0] != '\0' && rules->codes != NULL)
        grid = registry_grid_region(rules->codes, str_from(org->division), period.last);
    account_put_text(facts, "org.grid_region", MODEL_TEXT, grid, of_org, 0);
    account_put_text(facts, "org.scale", MODEL_TEXT, org->scale, of_org, 0);
    account_put_text(facts, "org.ets", MODEL_FLAG, org->ets ? "true" : "false", of_org, 0);
    account_put_text(facts, "org.invented", MODEL_FLAG, org->invented ? "true" : "false", of_org,
                     0);
    if (org->has_founded && org->founded.day <= period.last.day)
        account_put_number(facts, "org.age_years",
                           (double)(period.last.day - org->founded.day) / 365.2425, "year", of_org,
                           0);
}

static struct account_binding *push(struct account_bindings *bindings)
{
    return ARENA_PUSH(bindings->arena, bindings->list, bindings->count, bindings->capacity);
}

static void bind_fact(struct account_bindings *bindings, const struct model_input *input,
                      const struct account_fact *fact)
{
    bool number = fact->type == MODEL_NUMBER;
    if (number != (input->type == MODEL_NUMBER)) return; /* an unlike kind stays unset */
    if (!number && fact->text[0] == '\0') return;
    *push(bindings) = (struct account_binding){.input = input->name,
                                               .key = "",
                                               .has_number = number,
                                               .value = fact->value,
                                               .unit = fact->unit,
                                               .text = fact->text};
}

static void bind_datum(struct account_bindings *bindings, const struct account_datum *datum)
{
    *push(bindings) = (struct account_binding){.input = datum->input,
                                               .key = datum->key,
                                               .datum_id = datum->datum_id,
                                               .has_number = datum->has_number,
                                               .value = datum->value,
                                               .unit = datum->unit,
                                               .text = datum->text};
}

bool account_bind(struct db *db, const struct account_rules *rules, const struct model *model,
                  const struct registry_org *org, struct account_period period, int64_t as_known,
                  struct account_bindings *bindings, struct error *err)
{
    return account_bind_as(db, rules, model, org, period, period, as_known, bindings, err);
}

bool account_bind_as(struct db *db, const struct account_rules *rules, const struct model *model,
                     const struct registry_org *org, struct account_period period,
                     struct account_period facts, int64_t as_known,
                     struct account_bindings *bindings, struct error *err)
{
    struct arena *arena = bindings->arena;
    const struct model_info *info = model_info(model);
    struct account_facts basics = {.arena = arena, .org_id = org->org_id};
    struct account_period year = account_year(month_year(month_of(period.first)));
    struct account_datum *data;
    size_t count;
    account_put_basics(&basics, rules, org, facts);
    if (!account_load_data(db, arena, org->org_id, year.first, year.last, true, as_known, &data,
                           &count, err))
        return false;
    for (size_t i = 0; i < info->input_count; i++) {
        const struct model_input *input = &info->inputs[i];
        if (input->from != NULL) {
            const struct account_fact *fact = account_find_fact(&basics, input->from);
            if (fact != NULL) bind_fact(bindings, input, fact);
            continue;
        }
        struct account_period wanted = account_once();
        if (input->period == MODEL_PER_MONTH) wanted = period;
        if (input->period == MODEL_PER_YEAR) wanted = year;
        for (size_t j = 0; j < count; j++)
            if (!data[j].superseded && account_period_equal(data[j].period, wanted) &&
                strcmp(data[j].input, input->name) == 0) {
                bind_datum(bindings, &data[j]);
                if (account_period_equal(wanted, period)) bindings->data++;
            }
    }
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct account_binding *x = a, *y = b;
    int inputs = strcmp(x->input, y->input);
    return inputs != 0 ? inputs : strcmp(x->key, y->key);
}

void account_sort_bindings(struct account_bindings *bindings)
{
    if (bindings->count > 0)
        qsort(bindings->list, bindings->count, sizeof *bindings->list, by_place);
}

static bool set_binding(const struct account_binding *binding, struct model_data *data,
                        size_t entity, struct error *err)
{
    str input = str_from(binding->input), key = str_from(binding->key);
    if (binding->has_number)
        return model_data_set(data, entity, input, key, binding->value, account_str(binding->unit),
                              binding->datum_id, err);
    return model_data_set_text(data, entity, input, key, account_str(binding->text),
                               binding->datum_id, err);
}

bool account_bind_apply(const struct account_bindings *bindings, const struct model *model,
                        struct model_data *data, size_t entity, struct error *err)
{
    const struct model_info *info = model_info(model);
    for (size_t i = 0; i < bindings->count; i++) {
        if (account_find_input(info, bindings->list[i].input) == NULL) continue;
        if (!set_binding(&bindings->list[i], data, entity, err)) return false;
    }
    return true;
}

/* Twelve months' values of one input and key added up; nothing is bound when a month is absent. */
static void bind_months(struct account_bindings *bindings, const struct account_facts *facts,
                        const struct model_input *input, const char *key,
                        const struct account_datum *data, size_t count)
{
    double sum = 0;
    int months = 0;
    const char *unit = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct account_datum *datum = &data[i];
        bool ours =
            !datum->superseded && datum->has_number && strcmp(datum->input, input->name) == 0 &&
            strcmp(datum->key, key) == 0 &&
            account_period_equal(datum->period, account_month(month_of(datum->period.first)));
        if (!ours) continue;
        double value = datum->value;
        if (unit == NULL) unit = datum->unit;
        if (strcmp(unit, datum->unit) != 0) {
            struct error why;
            if (facts->library == NULL ||
                !model_unit_convert(facts->library, datum->value, str_from(datum->unit),
                                    str_from(unit), &value, &why))
                return;
        }
        sum += value;
        months++;
    }
    if (months == 12)
        *push(bindings) = (struct account_binding){
            .input = input->name, .key = key, .has_number = true, .value = sum, .unit = unit};
}

static void bind_year(struct account_bindings *bindings, const struct account_facts *facts,
                      const struct model_input *input, const struct account_datum *data,
                      size_t count)
{
    struct account_period wanted =
        input->period == MODEL_PER_YEAR ? account_year(facts->year) : account_once();
    if (input->period == MODEL_PER_MONTH) {
        if (input->index == NULL) bind_months(bindings, facts, input, "", data, count);
        for (size_t i = 0; i < input->key_count && input->index != NULL; i++)
            bind_months(bindings, facts, input, input->keys[i].id, data, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!data[i].superseded && account_period_equal(data[i].period, wanted) &&
            strcmp(data[i].input, input->name) == 0)
            bind_datum(bindings, &data[i]);
}

bool account_bind_facts(struct db *db, const struct viewer *viewer, const struct model *model,
                        const struct account_facts *facts, struct account_bindings *bindings,
                        struct error *err)
{
    const struct model_info *info = model_info(model);
    struct account_period year = account_year(facts->year);
    struct account_datum *known;
    size_t count;
    *bindings = (struct account_bindings){.arena = facts->arena};
    if (!registry_require_read(db, viewer, facts->org_id, REGISTRY_SCOPE_ACTIVITY, err))
        return false;
    if (!account_load_data(db, facts->arena, facts->org_id, year.first, year.last, true,
                           facts->as_known, &known, &count, err))
        return false;
    for (size_t i = 0; i < info->input_count; i++) {
        const struct model_input *input = &info->inputs[i];
        if (input->from == NULL) {
            bind_year(bindings, facts, input, known, count);
            continue;
        }
        const struct account_fact *fact = account_find_fact(facts, input->from);
        if (fact != NULL) bind_fact(bindings, input, fact);
    }
    account_sort_bindings(bindings);
    return true;
}

bool account_fill_from_facts(struct db *db, const struct viewer *viewer, const struct model *model,
                             const struct account_facts *facts, struct model_data *data,
                             size_t entity, struct error *err)
{
    struct account_bindings bindings;
    return account_bind_facts(db, viewer, model, facts, &bindings, err) &&
           account_bind_apply(&bindings, model, data, entity, err);
}
