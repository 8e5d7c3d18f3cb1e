/* From a posting back to everything it rests on: the model is run again from the bytes and inputs
 * kept with its run. */
#include "account/internal.h"

#include <stdlib.h>
#include <string.h>

#include "account_sql.h"
#include "base/file.h"
#include "trust/trust.h"

bool account_read_model_file(struct db *db, struct arena *arena, digest file_digest, str *bytes,
                             bool *found, struct error *err)
{
    struct sql_account_select_model_file_row row;
    if (!sql_account_select_model_file(db, arena, account_digest_str(&file_digest), &row, found,
                                       err))
        return false;
    if (*found) *bytes = row.content;
    return true;
}

static bool same_tables(const struct model *model, const struct account_table *tables, size_t count)
{
    const struct model_table_file *files;
    if (model_table_files(model, &files) != count) return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].path, tables[i].path) != 0 ||
            !digest_equal(files[i].digest, tables[i].digest))
            return false;
    return true;
}

static const struct model *find_same(const struct model_library *library, digest model_digest,
                                     const struct account_table *tables, size_t count)
{
    for (size_t i = 0; i < model_library_count(library); i++) {
        const struct model *model = model_library_at(library, i);
        if (digest_equal(model_info(model)->model_digest, model_digest) &&
            same_tables(model, tables, count))
            return model;
    }
    return NULL;
}

/* ---- models kept in the store -------------------------------------------------------------- */

static void close_library(void *library)
{
    model_library_close(library);
}

static bool write_kept(struct db *db, struct arena *arena, digest d, const char *path,
                       struct error *err)
{
    str bytes;
    bool found;
    if (!account_read_model_file(db, arena, d, &bytes, &found, err)) return false;
    if (!found) return error_set(err, ERROR_INTERNAL, "s", "a model file of a run is not kept");
    char *folder = arena_strdup(arena, path);
    *strrchr(folder, '/') = '\0';
    return file_make_directory(folder, err) && file_write(path, bytes, err);
}

/* Paths are those that the model names; one that leaves the folder is refused. A model that it uses
 * stands among them as use/NAME/VERSION.model. */
static bool safe_path(const char *path)
{
    return path[0] != '/' && strstr(path, "..") == NULL;
}

static bool write_library(struct db *db, struct arena *arena, digest model_digest,
                          const struct account_table *tables, size_t count, const char *root,
                          struct error *err)
{
    const char *model = arena_printf(arena, "%s/models/kept.model", root);
    if (!write_kept(db, arena, model_digest, model, err)) return false;
    for (size_t i = 0; i < count; i++) {
        const char *path = tables[i].path;
        bool used = str_starts(str_from(path), "use/") && str_ends(str_from(path), ".model");
        if (safe_path(path) &&
            !write_kept(db, arena, tables[i].digest,
                        arena_printf(arena, "%s/%s/%s", root, used ? "models" : "tables", path),
                        err))
            return false;
    }
    return true;
}

/* A library of one model from the kept bytes; it lives as long as the arena. */
static bool compile_kept(struct db *db, struct arena *arena, digest model_digest,
                         const struct account_table *tables, size_t count,
                         const struct model_library **library, struct error *err)
{
    const char *tmp = getenv("TMPDIR");
    char *root = arena_printf(arena,
                              "%s/tanshu-replay-XX"
                              "XX"
                              "XX",
                              tmp == NULL ? "/tmp" : tmp);
    struct model_diagnostics diagnostics = {.arena = arena};
    struct model_library *kept = NULL;
    if (mkdtemp(root) == NULL) return error_set(err, ERROR_FILE_WRITE, "ss", root, "mkdtemp");
    const char *const roots[] = {root};
    if (write_library(db, arena, model_digest, tables, count, root, err))
        kept = model_library_open(roots, 1, &diagnostics, err);
    (void)file_remove_tree(root);
    if (kept == NULL) return false;
    arena_on_close(arena, close_library, kept);
    *library = kept;
    return true;
}

bool account_find_kept(struct db *db, struct arena *arena, const struct model_library **library,
                       digest model_digest, const struct account_table *tables, size_t count,
                       int64_t semantics, const struct model **model, struct error *err)
{
    if (semantics == MODEL_SEMANTICS_VERSION) {
        *model = find_same(*library, model_digest, tables, count);
        if (*model != NULL) return true;
        if (!compile_kept(db, arena, model_digest, tables, count, library, err)) return false;
        *model = find_same(*library, model_digest, tables, count);
        if (*model != NULL) return true;
        return error_set(err, ERROR_INTERNAL, "s", "the files kept of a run give another model");
    }
    return error_set(err, ERROR_ACCOUNT_REPLAY, "ii", semantics, (int64_t)MODEL_SEMANTICS_VERSION);
}

/* ---- origins ------------------------------------------------------------------------------ */

static bool leaf_of(struct db *db, struct arena *arena, id64 org_id, const char *kind, id64 object,
                    bool *has_leaf, int64_t *index, struct error *err)
{
    struct log_receipt receipt;
    if (!log_receipt_of(db, arena, org_id, kind, object, &receipt, err)) return false;
    *has_leaf = receipt.state == LOG_ORDERED || receipt.state == LOG_SIGNED;
    *index = *has_leaf ? (int64_t)receipt.index : -1;
    return true;
}

bool account_find_origins(struct db *db, struct arena *arena, const struct viewer *viewer,
                          id64 org_id, const struct account_bindings *inputs,
                          struct account_explanation *out, struct error *err)
{
    out->origins = ARENA_NEW_ARRAY(arena, struct account_origin, inputs->count + 1);
    for (size_t i = 0; i < inputs->count; i++) {
        struct account_origin *origin = &out->origins[out->origin_count];
        if (inputs->list[i].datum_id == 0) continue;
        if (!account_get_datum(db, arena, viewer, org_id, inputs->list[i].datum_id, &origin->datum,
                               err) ||
            !account_get_submission(db, arena, viewer, org_id, origin->datum.submission_id,
                                    &origin->submission, err) ||
            !leaf_of(db, arena, org_id, "submission", origin->datum.submission_id,
                     &origin->has_leaf, &origin->leaf_index, err))
            return false;
        out->origin_count++;
    }
    return true;
}

static bool run_again(struct arena *arena, const struct model_library *library,
                      const struct model *model, const struct account_bindings *inputs,
                      struct account_explanation *out, struct error *err)
{
    struct model_data *data = model_data_new(arena, model, 1);
    struct model_run_options options = {.threads = 0};
    struct account_posting *postings;
    size_t count;
    if (!account_bind_apply(inputs, model, data, 0, err)) return false;
    struct model_run *run = model_run(arena, model, data, &options, err);
    if (run == NULL) return false;
    if (!account_make_postings(arena, library, model, run, out->posting.period, &postings, &count,
                               err))
        return false;
    int64_t amount = out->posting.reverses == 0 ? out->posting.amount : -out->posting.amount;
    for (size_t i = 0; i < count; i++)
        if (strcmp(postings[i].output, out->posting.output) == 0 &&
            strcmp(postings[i].key, out->posting.key) == 0)
            out->same = postings[i].amount == amount &&
                        digest_equal(model_data_digest(data), out->run.inputs_digest);
    out->model_text = model_info(model)->text;
    out->tree = model_explain(arena, run, 0, out->posting.output, str_from(out->posting.key));
    return true;
}

static bool find_posting(struct db *db, struct arena *arena, id64 org_id, id64 posting_id,
                         struct account_posting *posting, struct error *err)
{
    struct sql_account_select_posting_row row;
    struct account_posting *list;
    size_t count;
    bool found;
    if (!sql_account_select_posting(db, NULL, org_id, posting_id, &row, &found, err)) return false;
    if (!found)
        return error_set(err, ERROR_ACCOUNT_UNKNOWN, "ss", "posting",
                         account_id_text(arena, posting_id));
    if (!account_load_postings(db, arena, org_id, row.run_id, &list, &count, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (list[i].posting_id == posting_id) *posting = list[i];
    return true;
}

bool account_explain(struct db *db, struct arena *arena, const struct viewer *viewer,
                     const struct account_rules *rules, id64 org_id, id64 posting_id,
                     struct account_explanation *explanation, struct error *err)
{
    struct account_explanation out = {0};
    struct account_bindings inputs;
    const struct model_library *library = rules->library;
    int scope = REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_ACTIVITY;
    if (!registry_require_read(db, viewer, org_id, scope, err)) return false;
    if (!find_posting(db, arena, org_id, posting_id, &out.posting, err)) return false;
    if (!account_load_run(db, arena, org_id, out.posting.run_id, &out.run, err)) return false;
    struct account_table *tables;
    const struct model *model;
    size_t count;
    if (!account_load_run_inputs(db, arena, org_id, out.run.run_id, &inputs, err) ||
        !account_load_run_tables(db, arena, org_id, out.run.run_id, &tables, &count, err) ||
        !account_find_kept(db, arena, &library, out.run.model_digest, tables, count,
                           out.run.semantics, &model, err))
        return false;
    if (!run_again(arena, library, model, &inputs, &out, err)) return false;
    if (!account_find_origins(db, arena, viewer, org_id, &inputs, &out, err)) return false;
    if (!leaf_of(db, arena, org_id, "run", out.run.run_id, &out.run_has_leaf, &out.run_leaf_index,
                 err))
        return false;
    *explanation = out;
    return true;
}

const struct account_origin *account_find_origin(const struct account_explanation *explanation,
                                                 id64 datum_id)
{
    for (size_t i = 0; i < explanation->origin_count; i++)
        if (explanation->origins[i].datum.datum_id == datum_id) return &explanation->origins[i];
    return NULL;
}
