/* Which models apply to an organisation, and which inputs they ask for. */
#include "account/internal.h"

#include <stdlib.h>
#include <string.h>

#include "account_sql.h"

static bool valid_in(const struct model_info *info, int year)
{
    date day = account_year_end(year);
    return info->valid_from.day <= day.day && day.day <= info->valid_to.day;
}

const char *account_matched_prefix(const struct model_info *info, const char *industry)
{
    const char *best = info->industry_count == 0 ? "" : NULL;
    for (size_t i = 0; i < info->industry_count; i++) {
        const char *prefix = info->industries[i];
        if (!str_starts(str_from(industry), prefix)) continue;
        if (best == NULL || strlen(prefix) > strlen(best)) best = prefix;
    }
    return best;
}

/* `meta chosen_for "org.ets"`: nobody but key emitters of the carbon market is given it unasked. */
bool account_chosen_for(const struct model *model, const struct registry_org *org)
{
    const char *fact = model_meta(model, "chosen_for", false);
    return fact == NULL || strcmp(fact, "org.ets") != 0 || org->ets;
}

static bool better(const struct model_info *a, const char *a_prefix, const struct model_info *b,
                   const char *b_prefix)
{
    if (strlen(a_prefix) != strlen(b_prefix)) return strlen(a_prefix) > strlen(b_prefix);
    int versions = strverscmp(a->version, b->version);
    return versions != 0 ? versions > 0 : strcmp(a->name, b->name) < 0;
}

static bool find_override(struct db *db, struct arena *arena, const struct account_rules *rules,
                          id64 org_id, int year, struct account_method *method, struct error *err)
{
    struct sql_account_select_override_row row;
    bool found;
    if (!sql_account_select_override(db, arena, org_id, year, &row, &found, err)) return false;
    if (!found || row.model.len == 0) return true;
    const struct model *model =
        model_library_find(rules->library, str_dup(arena, row.model), account_year_end(year));
    if (model == NULL) return true;
    *method = (struct account_method){
        .model = model, .prefix = "", .overridden = true, .reason = str_dup(arena, row.reason)};
    return true;
}

const struct model *account_unasked_method(const struct account_rules *rules,
                                           const struct registry_org *org, int year,
                                           const char *kind)
{
    const struct model *best = NULL;
    const char *best_prefix = "";
    for (size_t i = 0; i < model_library_count(rules->library); i++) {
        const struct model *model = model_library_at(rules->library, i);
        const struct model_info *info = model_info(model);
        if (strcmp(account_text(info->kind), kind) != 0 || !valid_in(info, year)) continue;
        const char *prefix = account_matched_prefix(info, org->industry);
        if (prefix == NULL || !account_chosen_for(model, org)) continue;
        if (best != NULL && !better(info, prefix, model_info(best), best_prefix)) continue;
        best = model;
        best_prefix = prefix;
    }
    return best;
}

bool account_choose_method(struct db *db, struct arena *arena, const struct account_rules *rules,
                           id64 org_id, int year, const char *kind, struct account_method *method,
                           struct error *err)
{
    struct registry_org org;
    struct account_method best = {.prefix = "", .reason = ""};
    if (!registry_get_org(db, arena, org_id, &org, err)) return false;
    best.model = account_unasked_method(rules, &org, year, kind);
    if (best.model != NULL)
        best.prefix = account_matched_prefix(model_info(best.model), org.industry);
    if (strcmp(kind, "method") == 0 && !find_override(db, arena, rules, org_id, year, &best, err))
        return false;
    *method = best;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct model_info *x = model_info(*(const struct model *const *)a);
    const struct model_info *y = model_info(*(const struct model *const *)b);
    int names = strcmp(x->name, y->name);
    return names != 0 ? names : strverscmp(y->version, x->version);
}

bool account_list_models(struct db *db, struct arena *arena, const struct account_rules *rules,
                         id64 org_id, int year, const char *kind, const struct model ***list,
                         size_t *count, struct error *err)
{
    struct registry_org org;
    if (!registry_get_org(db, arena, org_id, &org, err)) return false;
    size_t all = model_library_count(rules->library), n = 0, kept = 0;
    const struct model **models = ARENA_NEW_ARRAY(arena, const struct model *, all + 1);
    for (size_t i = 0; i < all; i++) {
        const struct model *model = model_library_at(rules->library, i);
        const struct model_info *info = model_info(model);
        if (strcmp(account_text(info->kind), kind) != 0 || !valid_in(info, year)) continue;
        if (account_matched_prefix(info, org.industry) != NULL) models[n++] = model;
    }
    qsort(models, n, sizeof *models, by_name);
    for (size_t i = 0; i < n; i++) /* the newest version of each name comes first */
        if (kept == 0 ||
            strcmp(model_info(models[i])->name, model_info(models[kept - 1])->name) != 0)
            models[kept++] = models[i];
    *list = models;
    *count = kept;
    return true;
}

bool account_override_method(struct db *db, const struct viewer *viewer,
                             const struct account_rules *rules, id64 org_id, int year,
                             const char *model_name, const char *reason, int64_t now_ms,
                             struct error *err)
{
    if (!registry_require_own(viewer, org_id, ACCOUNT_ROLES_ENTERPRISE, err)) return false;
    const struct model *model =
        model_library_find(rules->library, model_name, account_year_end(year));
    if (model == NULL || strcmp(account_text(model_info(model)->kind), "method") != 0)
        return error_set(err, ERROR_ACCOUNT_METHOD_UNKNOWN, "ssi", "method", model_name,
                         (int64_t)year);
    if (str_trim(account_str(reason)).len == 0)
        return error_set(err, ERROR_ACCOUNT_REASON_EMPTY, "");
    return sql_account_insert_override(db, org_id, id_new(), year, str_from(model_name),
                                       str_trim(str_from(reason)), viewer->person_id, now_ms, NULL,
                                       err);
}

struct input_list {
    struct arena *arena;
    struct account_input *list;
    size_t count, capacity;
    struct map names;
};

bool account_names_word(const char *list, const char *word)
{
    str rest = str_from(account_text(list)), part;
    while (str_cut(&rest, ' ', &part))
        if (str_is(part, word)) return true;
    return false;
}

/* `meta with_method "a b"` of an energy model: its inputs a and b are taken where the method asks
 * for them, and asked of nobody else. The method's inputs come first. */
static void add_inputs(struct input_list *inputs, const struct model *model)
{
    const struct model_info *info = model_info(model);
    const char *with_method = model_meta(model, "with_method", false);
    for (size_t i = 0; i < info->input_count; i++) {
        const struct model_input *input = &info->inputs[i];
        str name = str_from(input->name);
        if (input->from != NULL || map_has(&inputs->names, name)) continue;
        if (account_names_word(with_method, input->name)) continue;
        map_put(&inputs->names, name, inputs);
        *ARENA_PUSH(inputs->arena, inputs->list, inputs->count, inputs->capacity) =
            (struct account_input){model, input, account_text(info->kind)};
    }
}

bool account_list_inputs(struct db *db, struct arena *arena, const struct account_rules *rules,
                         id64 org_id, int year, const struct account_input **list, size_t *count,
                         struct error *err)
{
    static const char *const single[] = {"method", "energy"};
    static const char *const several[] = {"indicator", "confidence", "label", "grade",
                                          "check",     "product",    "sizing"};
    struct input_list inputs = {.arena = arena};
    map_init(&inputs.names, arena);
    for (size_t i = 0; i < ARRAY_LEN(single); i++) {
        struct account_method method;
        if (!account_choose_method(db, arena, rules, org_id, year, single[i], &method, err))
            return false;
        if (method.model != NULL) add_inputs(&inputs, method.model);
    }
    for (size_t i = 0; i < ARRAY_LEN(several); i++) {
        const struct model **models;
        size_t n;
        if (!account_list_models(db, arena, rules, org_id, year, several[i], &models, &n, err))
            return false;
        for (size_t j = 0; j < n; j++) add_inputs(&inputs, models[j]);
    }
    *list = inputs.list;
    *count = inputs.count;
    return true;
}

const struct model_input *account_find_input(const struct model_info *info, const char *name)
{
    for (size_t i = 0; i < info->input_count; i++)
        if (strcmp(info->inputs[i].name, name) == 0) return &info->inputs[i];
    return NULL;
}

bool account_model_by_month(const struct model *model)
{
    const struct model_info *info = model_info(model);
    for (size_t i = 0; i < info->input_count; i++)
        if (info->inputs[i].from == NULL && info->inputs[i].period == MODEL_PER_MONTH) return true;
    return false;
}

const struct model_input *account_electricity_input(const struct model *model)
{
    static const char *const names[] = {"electricity",           "power",
                                        "purchased_electricity", "electricity_purchased",
                                        "net_electricity",       "power_purchased"};
    const struct model_info *info = model_info(model);
    const char *named = model_meta(model, "electricity_input", false);
    if (named != NULL) return account_find_input(info, named);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct model_input *input = account_find_input(info, names[i]);
        if (input != NULL && input->type == MODEL_NUMBER && input->from == NULL) return input;
    }
    return NULL;
}
