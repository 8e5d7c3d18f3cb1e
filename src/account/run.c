/* Model runs: data in, a draft with postings out, everything needed to repeat it kept. */
#include "account/internal.h"

#include <stdlib.h>
#include <string.h>

#include "account_sql.h"
#include "trust/trust.h"

static const char *const gate_names[ACCOUNT_GATES] = {"waiting", "open", "blocked"};

/* The name of a run: model, tables, inputs and semantics, one after another. */
static digest run_name(const struct account_run *run)
{
    unsigned char semantics[8];
    for (int i = 0; i < 8; i++) semantics[i] = (unsigned char)(run->semantics >> (56 - 8 * i));
    const str parts[] = {account_digest_str(&run->model_digest),
                         account_digest_str(&run->tables_digest),
                         account_digest_str(&run->inputs_digest),
                         {(const char *)semantics, sizeof semantics}};
    return digest_of_parts(parts, ARRAY_LEN(parts));
}

bool account_keep_model(struct db *db, const struct model *model, struct error *err)
{
    const struct model_info *info = model_info(model);
    const struct model_table_file *files;
    size_t count = model_table_files(model, &files);
    if (!sql_account_insert_model_file(db, account_digest_str(&info->model_digest),
                                       str_from(info->name), str_from(info->text), NULL, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!sql_account_insert_model_file(db, account_digest_str(&files[i].digest),
                                           str_from(files[i].path), files[i].bytes, NULL, err))
            return false;
    return true;
}

static bool keep_model(struct db *db, const struct account_run *run, const struct model *model,
                       struct error *err)
{
    const struct model_table_file *files;
    size_t count = model_table_files(model, &files);
    if (!account_keep_model(db, model, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (!sql_account_insert_run_table(db, run->org_id, run->run_id, (int64_t)i,
                                          str_from(files[i].path),
                                          account_digest_str(&files[i].digest), NULL, err))
            return false;
    return true;
}

static bool keep_inputs(struct db *db, const struct account_run *run,
                        const struct account_bindings *bindings, struct error *err)
{
    for (size_t i = 0; i < bindings->count; i++) {
        const struct account_binding *b = &bindings->list[i];
        if (!sql_account_insert_run_input(db, run->org_id, run->run_id, (int64_t)i,
                                          str_from(b->input), str_from(b->key), b->datum_id,
                                          b->has_number ? &b->value : NULL, account_str(b->unit),
                                          account_str(b->text), NULL, err))
            return false;
    }
    return true;
}

/* A result that can't be computed (a division by zero, no row of a table) is not posted: that it is
 * lacking is noted under its own name. What lacks an input has its note already. */
static bool keep_failures(struct db *db, const struct account_run *run, const struct model *model,
                          const struct model_run *result, int64_t place, struct error *err)
{
    const struct model_info *info = model_info(model);
    for (size_t i = 0; i < info->output_count; i++) {
        const struct model_output *o = &info->outputs[i];
        for (size_t k = 0; o->post != NULL && k < (o->index == NULL ? 1 : o->key_count); k++) {
            str key = o->index == NULL ? (str){"", 0} : str_from(o->keys[k].id);
            enum model_status status = model_run_value(result, 0, o->name, key, NULL).status;
            if (status == MODEL_OK || status == MODEL_MISSING) continue;
            if (!sql_account_insert_note(db, run->org_id, run->run_id, place++, false,
                                         str_from(o->name), key, NULL, (str){"", 0},
                                         str_from(o->name), NULL, err))
                return false;
        }
    }
    return true;
}

static bool keep_notes(struct db *db, const struct account_run *run, const struct model *model,
                       const struct model_run *result, struct error *err)
{
    const struct model_note *notes;
    size_t count = model_run_notes(db_arena(db), result, 0, &notes);
    for (size_t i = 0; i < count; i++) {
        bool is_default = notes[i].kind == MODEL_NOTE_DEFAULT;
        if (!sql_account_insert_note(
                db, run->org_id, run->run_id, (int64_t)i, is_default, account_str(notes[i].input),
                account_str(notes[i].key), is_default ? &notes[i].value : NULL,
                account_str(notes[i].unit), account_str(notes[i].affects), NULL, err))
            return false;
    }
    return keep_failures(db, run, model, result, (int64_t)count, err);
}

static bool drop_drafts(struct db *db, const struct viewer *viewer, const struct account_run *run,
                        const char *reason, int64_t known_seq, int64_t now_ms, struct error *err)
{
    struct sql_account_select_overlapping_row *rows;
    size_t count;
    if (!sql_account_select_overlapping(db, NULL, run->org_id, str_from(run->kind),
                                        run->period.first, run->period.last, STR("draft"), &rows,
                                        &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!account_drop_draft(db, viewer, run->org_id, rows[i].run_id, reason, known_seq, now_ms,
                                err))
            return false;
    return true;
}

/* Older drafts of the same account give way; a posted run stands until the new one is approved. */
static bool find_place(struct db *db, const struct viewer *viewer, struct account_run *run,
                       int64_t now_ms, struct error *err)
{
    struct sql_account_select_overlapping_row *rows;
    size_t count;
    if (!drop_drafts(db, viewer, run, "replaced by a newer draft", run->known_seq, now_ms, err))
        return false;
    if (!sql_account_select_overlapping(db, NULL, run->org_id, str_from(run->kind),
                                        run->period.first, run->period.last, STR("posted"), &rows,
                                        &count, err))
        return false;
    if (count > 0) run->replaces = rows[count - 1].run_id;
    return true;
}

/* The data are again those of the posted run: a draft of other data must not be approved. */
static bool drop_overtaken(struct db *db, const struct viewer *viewer,
                           const struct account_run *run, int64_t now_ms, struct error *err)
{
    int64_t known_seq;
    return account_known_seq(db, &known_seq, err) &&
           drop_drafts(db, viewer, run, "the data are those of the posted run again", known_seq,
                       now_ms, err);
}

static bool keep_run(struct db *db, const struct viewer *viewer, const struct account_run *r,
                     struct account_posting *postings, size_t count, int64_t as_known,
                     struct error *err)
{
    if (!log_add_pending(db, r->org_id, "run", r->run_id, r->root, NULL, err)) return false;
    if (!sql_account_insert_run(
            db, r->org_id, r->run_id, r->period.first, r->period.last, str_from(r->model),
            str_from(r->version), str_from(r->kind), account_digest_str(&r->model_digest),
            account_digest_str(&r->tables_digest), account_digest_str(&r->inputs_digest),
            r->semantics, account_digest_str(&r->run_digest), account_digest_str(&r->root),
            str_from(account_state_name(r->state)), str_from(gate_names[r->gate]), r->known_seq,
            as_known, r->at, r->person_id, r->replaces, NULL, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!account_insert_posting(db, &postings[i], err)) return false;
    return account_add_step(db, viewer, r->org_id, r->run_id, account_state_name(r->state), "",
                            r->known_seq, r->at, err);
}

static bool check_period(struct arena *arena, const struct model *model,
                         struct account_period period, struct error *err)
{
    bool by_month = account_model_by_month(model);
    int32_t month = month_of(period.first);
    struct account_period expected =
        by_month ? account_month(month) : account_year(month_year(month));
    return account_period_equal(period, expected) ||
           error_set(err, ERROR_ACCOUNT_PERIOD, "ssss", "run", account_period_text(arena, period),
                     model_info(model)->name,
                     by_month ? "per calendar month" : "per calendar year");
}

bool account_compute(struct arena *arena, const struct account_rules *rules,
                     const struct model *model, const struct account_bindings *bindings,
                     struct account_run *run, struct model_run **result,
                     struct account_posting **postings, size_t *count, struct error *err)
{
    const struct model_info *info = model_info(model);
    struct model_data *data = model_data_new(arena, model, 1);
    struct model_run_options options = {.threads = 0};
    if (!account_bind_apply(bindings, model, data, 0, err)) return false;
    *result = model_run(arena, model, data, &options, err);
    if (*result == NULL) return false;
    run->model = info->name;
    run->version = account_text(info->version);
    run->kind = account_text(info->kind);
    run->model_digest = info->model_digest;
    run->tables_digest = info->tables_digest;
    run->inputs_digest = model_data_digest(data);
    run->semantics = MODEL_SEMANTICS_VERSION;
    run->run_digest = run_name(run);
    return account_make_postings(arena, rules->library, model, *result, run->period, postings,
                                 count, err);
}

static bool find_repeated(struct db *db, struct arena *arena, struct account_run *run,
                          struct error *err)
{
    struct sql_account_find_run_row row;
    bool found;
    if (!sql_account_find_run(db, NULL, run->org_id, run->period.first, run->period.last,
                              str_from(run->model), account_digest_str(&run->run_digest), &row,
                              &found, err))
        return false;
    if (!found) return true;
    if (!account_load_run(db, arena, run->org_id, row.run_id, run, err)) return false;
    run->repeated = true;
    return true;
}

static size_t table_list(struct arena *arena, const struct model *model,
                         struct account_table **tables)
{
    const struct model_table_file *files;
    size_t count = model_table_files(model, &files);
    *tables = ARENA_NEW_ARRAY(arena, struct account_table, count + 1);
    for (size_t i = 0; i < count; i++)
        (*tables)[i] = (struct account_table){files[i].path, files[i].digest};
    return count;
}

static bool run_bound(struct db *db, const struct viewer *viewer, const struct account_rules *rules,
                      const struct model *model, struct account_bindings *bindings,
                      int64_t as_known, int64_t now_ms, struct account_run *run, struct error *err)
{
    struct arena *arena = bindings->arena;
    struct account_posting *postings;
    struct model_run *result;
    size_t count;
    account_sort_bindings(bindings);
    if (!account_compute(arena, rules, model, bindings, run, &result, &postings, &count, err))
        return false;
    if (!find_repeated(db, arena, run, err)) return false;
    if (run->repeated) account_hold_result(db, run->org_id, run->run_id, result);
    if (run->repeated && run->state == ACCOUNT_POSTED)
        return drop_overtaken(db, viewer, run, now_ms, err);
    if (run->repeated) return true;
    run->run_id = id_new();
    account_hold_result(db, run->org_id, run->run_id, result);
    run->state = ACCOUNT_DRAFT;
    run->gate = ACCOUNT_GATE_WAITING;
    run->gate_reason = "";
    run->posted_seq = run->reversed_seq = -1;
    run->at = now_ms;
    run->person_id = viewer->person_id;
    if (!account_known_seq(db, &run->known_seq, err)) return false;
    if (!find_place(db, viewer, run, now_ms, err)) return false;
    for (size_t i = 0; i < count; i++) {
        postings[i].org_id = run->org_id;
        postings[i].run_id = run->run_id;
        postings[i].posting_id = id_new();
        postings[i].known_seq = run->known_seq;
    }
    struct account_table *tables;
    size_t table_count = table_list(arena, model, &tables);
    str *lines = ARENA_NEW_ARRAY(arena, str, count + 2);
    lines[0] = account_run_line(arena, run, bindings, tables, table_count);
    for (size_t i = 0; i < count; i++) lines[i + 1] = account_posting_bytes(arena, &postings[i]);
    run->root = account_lines_root(arena, lines, count + 1);
    return keep_run(db, viewer, run, postings, count, as_known, err) &&
           keep_model(db, run, model, err) && keep_inputs(db, run, bindings, err) &&
           keep_notes(db, run, model, result, err);
}

bool account_run_model(struct db *db, const struct viewer *viewer,
                       const struct account_rules *rules, const struct model *model, id64 org_id,
                       struct account_period period, int64_t as_known, int64_t now_ms,
                       struct account_run *run, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct registry_org org;
    struct account_bindings bindings = {.arena = arena};
    struct account_run made = {.org_id = org_id, .period = period};
    if (!registry_require_own(viewer, org_id, ACCOUNT_ROLES_ENTERPRISE, err)) return false;
    if (!check_period(arena, model, period, err)) return false;
    if (!registry_get_org(db, arena, org_id, &org, err)) return false;
    if (!account_bind(db, rules, model, &org, period, as_known, &bindings, err)) return false;
    if (!run_bound(db, viewer, rules, model, &bindings, as_known, now_ms, &made, err)) return false;
    *run = made;
    return true;
}

/* Whether an account of the kind and period is posted: then even a period without any datum is run,
 * so that two people can empty what was posted from data that are withdrawn. */
static bool is_posted(struct db *db, const struct account_run *run, const char *kind, bool *posted,
                      struct error *err)
{
    struct sql_account_select_overlapping_row *rows;
    size_t count;
    if (!sql_account_select_overlapping(db, NULL, run->org_id, str_from(kind), run->period.first,
                                        run->period.last, STR("posted"), &rows, &count, err))
        return false;
    *posted = count != 0;
    return true;
}

bool account_run_month(struct db *db, struct arena *arena, const struct viewer *viewer,
                       const struct account_rules *rules, id64 org_id, int32_t month,
                       int64_t now_ms, struct account_run **runs, size_t *count, struct error *err)
{
    static const char *const kinds[] = {"method", "energy"};
    struct registry_org org;
    size_t n = 0;
    *runs = ARENA_NEW_ARRAY(arena, struct account_run, ARRAY_LEN(kinds));
    if (!registry_require_own(viewer, org_id, ACCOUNT_ROLES_ENTERPRISE, err)) return false;
    if (!registry_get_org(db, arena, org_id, &org, err)) return false;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct account_method method;
        struct account_bindings bindings = {.arena = arena};
        if (!account_choose_method(db, arena, rules, org_id, month_year(month), kinds[i], &method,
                                   err))
            return false;
        if (method.model == NULL && i == 0)
            return error_set(err, ERROR_ACCOUNT_METHOD_NONE, "ssi", kinds[i], org.industry,
                             (int64_t)month_year(month));
        if (method.model == NULL) continue;
        struct account_run made = {.org_id = org_id, .period = account_month(month)};
        if (!account_model_by_month(method.model)) made.period = account_year(month_year(month));
        if (!account_bind(db, rules, method.model, &org, made.period, ACCOUNT_NOW, &bindings, err))
            return false;
        bool stands = bindings.data != 0;
        if (!stands && !is_posted(db, &made, kinds[i], &stands, err)) return false;
        if (!stands) continue;
        if (!run_bound(db, viewer, rules, method.model, &bindings, ACCOUNT_NOW, now_ms, &made, err))
            return false;
        (*runs)[n++] = made;
    }
    *count = n;
    return true;
}

/* ---- reading ----------------------------------------------------------------------------- */

static int find_word(const char *const *names, size_t count, str text)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(text, names[i])) return (int)i;
    return 0;
}

/* The rows of both selects have the same columns. */
#define RUN_FROM_ROW(arena, org, row, run)                                                \
    do {                                                                                  \
        *(run) = (struct account_run){                                                    \
            .org_id = (org),                                                              \
            .run_id = (row)->run_id,                                                      \
            .period = {(row)->first_day, (row)->last_day},                                \
            .model = str_dup(arena, (row)->model),                                        \
            .version = str_dup(arena, (row)->version),                                    \
            .kind = str_dup(arena, (row)->kind),                                          \
            .model_digest = account_digest_from((row)->model_digest),                     \
            .tables_digest = account_digest_from((row)->tables_digest),                   \
            .inputs_digest = account_digest_from((row)->inputs_digest),                   \
            .semantics = (row)->semantics,                                                \
            .run_digest = account_digest_from((row)->run_digest),                         \
            .root = account_digest_from((row)->root),                                     \
            .gate = (enum account_gate)find_word(gate_names, ACCOUNT_GATES, (row)->gate), \
            .gate_reason = str_dup(arena, (row)->gate_reason),                            \
            .known_seq = (row)->known_seq,                                                \
            .posted_seq = (row)->posted_seq,                                              \
            .reversed_seq = (row)->reversed_seq,                                          \
            .at = (row)->at,                                                              \
            .person_id = (row)->person_id,                                                \
            .approver_id = (row)->approver_id,                                            \
            .replaces = (row)->replaces,                                                  \
        };                                                                                \
        for (int s_ = 0; s_ < ACCOUNT_STATES; s_++)                                       \
            if (str_is((row)->state, account_state_name((enum account_state)s_)))         \
                (run)->state = (enum account_state)s_;                                    \
    } while (0)

bool account_load_runs(struct db *db, struct arena *arena, id64 org_id, date first, date last,
                       const char *state, struct account_run **list, size_t *count,
                       struct error *err)
{
    struct sql_account_select_runs_row *rows;
    size_t n;
    if (!sql_account_select_runs(db, arena, org_id, first, last, str_from(state), &rows, &n, err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct account_run, n + 1);
    for (size_t i = 0; i < n; i++) RUN_FROM_ROW(arena, org_id, &rows[i], &(*list)[i]);
    *count = n;
    return true;
}

bool account_load_run_inputs(struct db *db, struct arena *arena, id64 org_id, id64 run_id,
                             struct account_bindings *inputs, struct error *err)
{
    struct sql_account_select_run_inputs_row *rows;
    size_t n;
    if (!sql_account_select_run_inputs(db, arena, org_id, run_id, &rows, &n, err)) return false;
    *inputs = (struct account_bindings){.arena = arena, .count = n, .capacity = n + 1};
    inputs->list = ARENA_NEW_ARRAY(arena, struct account_binding, n + 1);
    for (size_t i = 0; i < n; i++)
        inputs->list[i] = (struct account_binding){
            .input = str_dup(arena, rows[i].input),
            .key = str_dup(arena, rows[i].input_key),
            .datum_id = rows[i].datum_id,
            .has_number = rows[i].has_value,
            .value = rows[i].value,
            .unit = str_dup(arena, rows[i].unit),
            .text = str_dup(arena, rows[i].value_text),
        };
    return true;
}

bool account_load_run_tables(struct db *db, struct arena *arena, id64 org_id, id64 run_id,
                             struct account_table **tables, size_t *count, struct error *err)
{
    struct sql_account_select_run_tables_row *rows;
    size_t n;
    if (!sql_account_select_run_tables(db, arena, org_id, run_id, &rows, &n, err)) return false;
    *tables = ARENA_NEW_ARRAY(arena, struct account_table, n + 1);
    for (size_t i = 0; i < n; i++)
        (*tables)[i] = (struct account_table){str_dup(arena, rows[i].path),
                                              account_digest_from(rows[i].file_digest)};
    *count = n;
    return true;
}

bool account_load_run(struct db *db, struct arena *arena, id64 org_id, id64 run_id,
                      struct account_run *run, struct error *err)
{
    struct sql_account_select_run_row row;
    bool found = false;
    if (run_id != 0 && !sql_account_select_run(db, arena, org_id, run_id, &row, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_ACCOUNT_UNKNOWN, "ss", "run", account_id_text(arena, run_id));
    RUN_FROM_ROW(arena, org_id, &row, run);
    return true;
}

bool account_list_runs(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                       const struct account_run_filter *filter, struct account_run **list,
                       size_t *count, struct error *err)
{
    bool all = filter->first.day == 0 && filter->last.day == 0;
    date first = all ? (date){INT32_MIN} : filter->first;
    date last = all ? (date){INT32_MAX} : filter->last;
    const char *state = filter->has_state ? account_state_name(filter->state) : "";
    return registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACCOUNT, err) &&
           account_load_runs(db, arena, org_id, first, last, state, list, count, err);
}

bool account_get_run(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                     id64 run_id, struct account_run *run, struct error *err)
{
    return registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACCOUNT, err) &&
           account_load_run(db, arena, org_id, run_id, run, err);
}

bool account_list_notes(struct db *db, struct arena *arena, const struct viewer *viewer,
                        id64 org_id, id64 run_id, struct account_note **list, size_t *count,
                        struct error *err)
{
    struct sql_account_select_notes_row *rows;
    size_t n;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACCOUNT, err)) return false;
    if (!sql_account_select_notes(db, arena, org_id, run_id, &rows, &n, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct account_note, n + 1);
    for (size_t i = 0; i < n; i++)
        (*list)[i] = (struct account_note){
            .is_default = rows[i].is_default,
            .input = str_dup(arena, rows[i].input),
            .key = str_dup(arena, rows[i].input_key),
            .unit = str_dup(arena, rows[i].unit),
            .affects = str_dup(arena, rows[i].affects),
            .value = rows[i].value,
        };
    *count = n;
    return true;
}

bool account_list_steps(struct db *db, struct arena *arena, const struct viewer *viewer,
                        id64 org_id, id64 run_id, struct account_step **list, size_t *count,
                        struct error *err)
{
    struct sql_account_select_run_steps_row *rows;
    size_t n;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACCOUNT, err)) return false;
    if (!sql_account_select_run_steps(db, arena, org_id, run_id, &rows, &n, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct account_step, n + 1);
    for (size_t i = 0; i < n; i++) {
        enum account_state state = ACCOUNT_DRAFT;
        while (state + 1 < ACCOUNT_STATES && !str_is(rows[i].state, account_state_name(state)))
            state++;
        (*list)[i] = (struct account_step){.state = state,
                                           .person_id = rows[i].person_id,
                                           .reason = str_dup(arena, rows[i].reason),
                                           .at = rows[i].at};
    }
    *count = n;
    return true;
}
