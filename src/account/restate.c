/* What posted runs would become by the rules and data of today. */
#include "account/internal.h"

#include <string.h>

#include "trust/trust.h"

struct restater {
    struct db *db;
    struct arena *arena;
    const struct account_rules *rules;
    struct registry_org org;
    int year;
    struct account_restated *list;
    size_t count, capacity;
    size_t unchanged;
};

struct differences {
    struct arena *arena;
    struct account_difference *list;
    size_t count, capacity;
};

static struct account_difference *difference_of(struct differences *all,
                                                const struct account_posting *p)
{
    for (size_t i = 0; i < all->count; i++) {
        struct account_difference *d = &all->list[i];
        if (d->kind == p->kind && d->scope == p->scope && strcmp(d->source, p->source) == 0 &&
            strcmp(d->basis, p->basis) == 0 && strcmp(d->unit, p->unit) == 0)
            return d;
    }
    struct account_difference *d = ARENA_PUSH(all->arena, all->list, all->count, all->capacity);
    *d = (struct account_difference){p->kind, p->scope, p->source, p->basis, p->unit, 0, 0};
    return d;
}

/* Only what differs is kept. */
static void compare(struct restater *r, const struct account_posting *before, size_t before_count,
                    const struct account_posting *after, size_t after_count,
                    struct account_restated *out)
{
    struct differences all = {.arena = r->arena};
    size_t kept = 0;
    for (size_t i = 0; i < before_count; i++)
        difference_of(&all, &before[i])->before += before[i].amount;
    for (size_t i = 0; i < after_count; i++)
        difference_of(&all, &after[i])->after += after[i].amount;
    for (size_t i = 0; i < all.count; i++)
        if (all.list[i].before != all.list[i].after) all.list[kept++] = all.list[i];
    out->list = all.list;
    out->count = kept;
}

/* The rows that the model of today would take and that differ from those kept with the run. */
static bool find_rows(struct restater *r, const struct model *model, struct account_restated *out,
                      struct error *err)
{
    const struct model_table_file *files;
    struct account_table *tables;
    struct factor_change *rows = NULL;
    size_t file_count = model_table_files(model, &files), count, n = 0, capacity = 0;
    if (!account_load_run_tables(r->db, r->arena, r->org.org_id, out->run.run_id, &tables, &count,
                                 err))
        return false;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < file_count; k++) {
            const struct factor_change *changes;
            size_t change_count = 0;
            str bytes;
            bool found;
            if (strcmp(tables[i].path, files[k].path) != 0 ||
                digest_equal(tables[i].digest, files[k].digest) ||
                !str_ends(str_from(files[k].path), ".csv"))
                continue;
            if (!account_read_model_file(r->db, r->arena, tables[i].digest, &bytes, &found, err) ||
                (found && !factor_diff(r->arena, files[k].path, bytes, files[k].bytes, &changes,
                                       &change_count, err)))
                return false;
            for (size_t c = 0; c < change_count; c++)
                if (factor_is_used_by(r->arena, model, changes[c].row))
                    *ARENA_PUSH(r->arena, rows, n, capacity) = changes[c];
        }
    out->rows = rows;
    out->row_count = n;
    return true;
}

static bool restate_run(struct restater *r, const struct account_run *posted, struct error *err)
{
    struct account_method method;
    struct account_bindings bindings = {.arena = r->arena};
    struct account_run now = {.org_id = posted->org_id, .period = posted->period};
    struct account_posting *before, *after = NULL;
    struct model_run *result;
    size_t before_count, after_count = 0;
    if (!account_choose_method(r->db, r->arena, r->rules, posted->org_id, r->year, posted->kind,
                               &method, err))
        return false;
    if (method.model == NULL) return true;
    bool by_month = account_model_by_month(method.model);
    int32_t month = month_of(posted->period.first);
    struct account_period wanted = by_month ? account_month(month) : account_year(r->year);
    if (!account_load_postings(r->db, r->arena, posted->org_id, posted->run_id, &before,
                               &before_count, err))
        return false;
    /* A method of other periods has nothing to say of this one: what is posted would be emptied. */
    if (account_period_equal(wanted, posted->period) &&
        (!account_bind(r->db, r->rules, method.model, &r->org, posted->period, ACCOUNT_NOW,
                       &bindings, err)))
        return false;
    account_sort_bindings(&bindings);
    if (!account_compute(r->arena, r->rules, method.model, &bindings, &now, &result, &after,
                         &after_count, err))
        return false;
    if (digest_equal(now.run_digest, posted->run_digest)) return true;
    struct account_restated out = {.run = *posted, .model = now.model, .version = now.version};
    out.model_differs = !digest_equal(now.model_digest, posted->model_digest);
    out.tables_differ = !digest_equal(now.tables_digest, posted->tables_digest);
    out.engine_differs = now.semantics != posted->semantics;
    out.data_differ = strcmp(now.model, posted->model) == 0 &&
                      !digest_equal(now.inputs_digest, posted->inputs_digest);
    compare(r, before, before_count, after, after_count, &out);
    if (out.count == 0) {
        r->unchanged++;
        return true;
    }
    if (out.tables_differ && !find_rows(r, method.model, &out, err)) return false;
    *ARENA_PUSH(r->arena, r->list, r->count, r->capacity) = out;
    return true;
}

static size_t count_periods(const struct restater *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++) {
        bool known = false;
        for (size_t k = 0; k < i && !known; k++)
            known = account_period_equal(r->list[i].run.period, r->list[k].run.period);
        n += !known;
    }
    return n;
}

bool account_restate(struct db *db, struct arena *arena, const struct viewer *viewer,
                     const struct account_rules *rules, id64 org_id, int year,
                     struct account_restatement *restatement, struct error *err)
{
    struct restater r = {.db = db, .arena = arena, .rules = rules, .year = year};
    struct account_period whole = account_year(year);
    struct account_run *runs;
    size_t count;
    int scope = REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_ACTIVITY;
    if (!registry_require_read(db, viewer, org_id, scope, err) ||
        !registry_get_org(db, arena, org_id, &r.org, err) ||
        !account_load_runs(db, arena, org_id, whole.first, whole.last, "posted", &runs, &count,
                           err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!restate_run(&r, &runs[i], err)) return false;
    *restatement = (struct account_restatement){
        .list = r.list, .count = r.count, .periods = count_periods(&r), .unchanged = r.unchanged};
    return true;
}
