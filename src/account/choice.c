/* Why this method and no other: every method of the class with what speaks for or against it. */
#include "account/internal.h"

#include <stdlib.h>
#include <string.h>

const char *account_verdict_label(enum account_verdict verdict)
{
    static const char *const labels[ACCOUNT_VERDICTS] = {
        TR_KEY("in force: it names the class most closely, and of equals it is the newest"),
        TR_KEY("in force: a person chose it"),
        TR_KEY("would be in force, but a person chose another"),
        TR_KEY("not valid on the last day of the year"),
        TR_KEY("binds key emitters of the carbon market only; others may choose it"),
        TR_KEY("another method names the class more closely"),
        TR_KEY("a newer version or another method of the same class goes first")};
    CHECK(verdict >= 0 && verdict < ACCOUNT_VERDICTS);
    return labels[verdict];
}

static void put_family(struct arena *arena, struct account_candidate *candidate)
{
    const struct factor_use *uses;
    size_t count = factor_uses_of(arena, candidate->model, &uses);
    const char *en = model_meta(candidate->model, "fuel_family", false),
               *zh = model_meta(candidate->model, "fuel_family", true);
    candidate->fuel_family.en = account_text(en);
    candidate->fuel_family.zh = zh != NULL ? zh : candidate->fuel_family.en;
    candidate->fuel_filter = "";
    for (size_t i = 0; i < count; i++)
        if (strcmp(uses[i].table, "factors/fuels.csv") == 0)
            candidate->fuel_filter = uses[i].filter;
}

static enum account_verdict judge(const struct account_candidate *candidate,
                                  const struct account_method *method, const char *best_prefix,
                                  const struct model *unasked, const struct registry_org *org,
                                  date day)
{
    const struct model_info *info = model_info(candidate->model);
    if (candidate->model == method->model)
        return method->overridden ? ACCOUNT_CHOSEN_BY_PERSON : ACCOUNT_CHOSEN;
    if (info->valid_from.day > day.day || day.day > info->valid_to.day) return ACCOUNT_NOT_VALID;
    if (candidate->model == unasked) return ACCOUNT_WOULD_BE_CHOSEN;
    if (!account_chosen_for(candidate->model, org)) return ACCOUNT_ETS_ONLY;
    return strlen(candidate->prefix) < strlen(best_prefix) ? ACCOUNT_SHORTER_PREFIX
                                                           : ACCOUNT_OLDER_VERSION;
}

static int by_verdict(const void *a, const void *b)
{
    const struct account_candidate *x = a, *y = b;
    if ((x->verdict <= ACCOUNT_CHOSEN_BY_PERSON) != (y->verdict <= ACCOUNT_CHOSEN_BY_PERSON))
        return x->verdict <= ACCOUNT_CHOSEN_BY_PERSON ? -1 : 1;
    if (strlen(x->prefix) != strlen(y->prefix))
        return strlen(x->prefix) > strlen(y->prefix) ? -1 : 1;
    int names = strcmp(model_info(x->model)->name, model_info(y->model)->name);
    return names != 0 ? names
                      : strverscmp(model_info(y->model)->version, model_info(x->model)->version);
}

bool account_tell_choice(struct db *db, struct arena *arena, const struct account_rules *rules,
                         id64 org_id, int year, struct account_choice *choice, struct error *err)
{
    struct registry_org org;
    struct account_method method;
    const struct model *unasked;
    size_t all = model_library_count(rules->library), n = 0;
    struct account_candidate *list = ARENA_NEW_ARRAY(arena, struct account_candidate, all + 1);
    if (!registry_get_org(db, arena, org_id, &org, err) ||
        !account_choose_method(db, arena, rules, org_id, year, "method", &method, err))
        return false;
    unasked = account_unasked_method(rules, &org, year, "method");
    const char *best =
        unasked == NULL ? "" : account_matched_prefix(model_info(unasked), org.industry);
    for (size_t i = 0; i < all; i++) {
        const struct model *model = model_library_at(rules->library, i);
        const char *prefix = account_matched_prefix(model_info(model), org.industry);
        if (strcmp(account_text(model_info(model)->kind), "method") != 0 || prefix == NULL)
            continue;
        struct account_candidate *candidate = &list[n++];
        *candidate = (struct account_candidate){.model = model, .prefix = prefix};
        candidate->verdict = judge(candidate, &method, best, unasked, &org, account_year_end(year));
        put_family(arena, candidate);
    }
    if (n > 1) qsort(list, n, sizeof *list, by_verdict);
    *choice = (struct account_choice){.industry = arena_strdup(arena, org.industry),
                                      .ets = org.ets,
                                      .reason = account_text(method.reason),
                                      .list = list,
                                      .count = n};
    return true;
}

static void add_postings(struct account_year_sums *sums, const struct account_posting *postings,
                         size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const struct account_posting *p = &postings[i];
        if (p->kind != ACCOUNT_EMISSION) continue;
        bool full = strcmp(p->basis, "compliance") != 0;
        any = true;
        if (full) sums->full += p->amount;
        if (strcmp(p->basis, "full") != 0) sums->compliance += p->amount;
        if (full && p->scope == 1) sums->scope1 += p->amount;
        if (full && p->scope == 2) sums->scope2 += p->amount;
    }
    sums->periods += any;
}

bool account_compute_year(struct db *db, struct arena *arena, const struct viewer *viewer,
                          const struct account_rules *rules, id64 org_id, const struct model *model,
                          int year, int factor_year, struct account_year_sums *sums,
                          struct error *err)
{
    struct account_year_sums found = {0};
    struct registry_org org;
    bool by_month = account_model_by_month(model);
    int scope = REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_ACTIVITY;
    if (!registry_require_read(db, viewer, org_id, scope, err) ||
        !registry_get_org(db, arena, org_id, &org, err))
        return false;
    for (int month = 1; month <= (by_month ? 12 : 1); month++) {
        struct account_bindings bindings = {.arena = arena};
        struct account_period facts = account_year(factor_year);
        struct account_run run = {.org_id = org_id, .period = account_year(year)};
        struct account_posting *postings;
        struct model_run *result;
        size_t count;
        if (by_month) {
            run.period = account_month(month_make(year, month));
            facts = account_month(month_make(factor_year, month));
        }
        if (!account_bind_as(db, rules, model, &org, run.period, facts, ACCOUNT_NOW, &bindings,
                             err))
            return false;
        if (bindings.data == 0) continue;
        account_sort_bindings(&bindings);
        if (!account_compute(arena, rules, model, &bindings, &run, &result, &postings, &count, err))
            return false;
        add_postings(&found, postings, count);
    }
    *sums = found;
    return true;
}
