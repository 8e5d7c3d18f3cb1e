/* The conditions that a method states of its own result (`require`): whether a kept run meets them,
 * and what each rests on. The model is run again from the bytes and inputs kept with the run. */
#include "account/internal.h"

#include <string.h>

static bool keeps_conditions(const struct account_rules *rules, const struct account_run *run)
{
    const struct model *model =
        model_library_find_version(rules->library, run->model, run->version);
    return model == NULL || !digest_equal(model_info(model)->model_digest, run->model_digest) ||
           model_info(model)->requirement_count > 0;
}

static bool run_kept(struct db *db, struct arena *arena, const struct account_rules *rules,
                     const struct account_run *run, struct account_bindings *inputs,
                     const struct model **model, struct model_run **result, struct error *err)
{
    static const struct model_run_options options = {.threads = 1};
    const struct model_library *library = rules->library;
    struct account_table *tables;
    size_t count;
    if (!account_load_run_inputs(db, arena, run->org_id, run->run_id, inputs, err) ||
        !account_load_run_tables(db, arena, run->org_id, run->run_id, &tables, &count, err) ||
        !account_find_kept(db, arena, &library, run->model_digest, tables, count, run->semantics,
                           model, err))
        return false;
    struct model_data *data = model_data_new(arena, *model, 1);
    if (!account_bind_apply(inputs, *model, data, 0, err)) return false;
    *result = model_run(arena, *model, data, &options, err);
    return *result != NULL;
}

static bool any_unmet(const struct model_requirement_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (results[i].status != MODEL_OK || !results[i].met) return true;
    return false;
}

/* The tree of a condition that is met is made only for who asks for it by name (`explained`). */
static bool list_conditions(struct db *db, struct arena *arena, const struct viewer *viewer,
                            const struct account_rules *rules, const struct account_run *run,
                            const char *explained, struct account_condition **list, size_t *count,
                            struct error *err)
{
    struct account_bindings inputs;
    const struct model_requirement_result *results = NULL;
    const struct model *model;
    struct model_run *result = NULL;
    int scope = REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_ACTIVITY;
    *count = 0;
    *list = NULL;
    if (!registry_require_read(db, viewer, run->org_id, scope, err)) return false;
    /* Semantics of another engine can't be run here: what such a run meets is not known. */
    if (run->semantics != MODEL_SEMANTICS_VERSION || !keeps_conditions(rules, run)) return true;
    /* A run just computed need not be run again, as long as nothing has to be told of it. */
    const struct model_run *held = account_held_result(db, run->org_id, run->run_id);
    *count = held == NULL ? 0 : model_run_requirements(arena, held, 0, &results);
    const char *warnings = "";
    if (held == NULL || explained != NULL || any_unmet(results, *count)) {
        if (!run_kept(db, arena, rules, run, &inputs, &model, &result, err)) return false;
        warnings = model_meta(model, "only_warns", false);
        *count = model_run_requirements(arena, result, 0, &results);
    }
    *list = ARENA_NEW_ARRAY(arena, struct account_condition, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        const struct model_requirement *stated = results[i].requirement;
        bool known = results[i].status == MODEL_OK, met = results[i].met;
        bool tells = (known && !met) || (explained != NULL && strcmp(explained, stated->name) == 0);
        (*list)[i] = (struct account_condition){
            .name = stated->name,
            .label = stated->label,
            .help = stated->help,
            .only_warns = account_names_word(warnings, stated->name),
            .known = known,
            .met = met,
            .tree = tells ? model_explain(arena, result, 0, stated->name, STR("")) : NULL};
    }
    return true;
}

bool account_list_conditions(struct db *db, struct arena *arena, const struct viewer *viewer,
                             const struct account_rules *rules, const struct account_run *run,
                             struct account_condition **list, size_t *count, struct error *err)
{
    return list_conditions(db, arena, viewer, rules, run, NULL, list, count, err);
}

bool account_explain_condition(struct db *db, struct arena *arena, const struct viewer *viewer,
                               const struct account_rules *rules, id64 org_id, id64 run_id,
                               const char *name, struct account_explanation *explanation,
                               struct error *err)
{
    struct account_explanation out = {0};
    struct account_condition *list;
    struct account_bindings inputs;
    size_t count;
    if (!account_get_run(db, arena, viewer, org_id, run_id, &out.run, err) ||
        !list_conditions(db, arena, viewer, rules, &out.run, name, &list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0) out.tree = list[i].tree;
    if (out.tree == NULL) return error_set(err, ERROR_ACCOUNT_UNKNOWN, "ss", "condition", name);
    if (!account_load_run_inputs(db, arena, org_id, run_id, &inputs, err) ||
        !account_find_origins(db, arena, viewer, org_id, &inputs, &out, err))
        return false;
    *explanation = out;
    return true;
}
