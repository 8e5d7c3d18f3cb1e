/* Export: an organisation's account as files that a stranger can check without Tanshu; the format
 * is doc/formats.md. */
#include "account/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account_sql.h"
#include "base/file.h"
#include "trust/trust.h"

struct leaf {
    int64_t index;
    str line;
};

struct export
{
    struct db *db;
    struct arena *arena;
    const struct viewer *viewer;
    id64 org_id;
    const char *directory;
    struct account_file *files; /* written so far, for the manifest */
    size_t count, capacity;
    struct leaf *leaves;
    size_t leaf_count, leaf_capacity;
    str checkpoint;
};

static bool put_file(struct export *export, const char *path, str bytes, struct error *err)
{
    struct arena *arena = export->arena;
    for (size_t i = 0; i < export->count; i++)
        if (strcmp(export->files[i].path, path) == 0) return true; /* named by its digest */
    char *full = arena_printf(arena, "%s/%s", export->directory, path);
    char *folder = arena_strdup(arena, full);
    *strrchr(folder, '/') = '\0';
    if (!file_make_directory(folder, err) || !file_write(full, bytes, err)) return false;
    *ARENA_PUSH(arena, export->files, export->count, export->capacity) =
        (struct account_file){arena_strdup(arena, path), bytes};
    return true;
}

static void put_line(struct buf *out, str line)
{
    buf_put_str(out, line);
    buf_putc(out, '\n');
}

/* ---- leaves ------------------------------------------------------------------------------ */

static bool add_leaf(struct export *export, const char *kind, id64 object, struct error *err)
{
    struct arena *arena = export->arena;
    struct log_receipt receipt;
    const char *id = account_id_text(arena, object);
    if (!log_receipt_of(export->db, arena, export->org_id, kind, object, &receipt, err))
        return false;
    if (receipt.state != LOG_SIGNED)
        return error_set(err, ERROR_ACCOUNT_EXPORT_UNSIGNED, "ss", kind, id);
    struct buf *line = buf_new(arena);
    buf_printf(line, "{\"object\":\"%s\",\"receipt\":", id);
    buf_put_str(line, trust_receipt_json(arena, &receipt, STR(""), NULL));
    buf_putc(line, '}');
    export->checkpoint = receipt.checkpoint.note;
    *ARENA_PUSH(arena, export->leaves, export->leaf_count, export->leaf_capacity) =
        (struct leaf){(int64_t)receipt.index, buf_str(line)};
    return true;
}

static int by_index(const void *a, const void *b)
{
    const struct leaf *x = a, *y = b;
    return x->index < y->index ? -1 : x->index > y->index;
}

static bool put_leaves(struct export *export, struct error *err)
{
    struct buf *out = buf_new(export->arena);
    if (export->leaf_count > 0)
        qsort(export->leaves, export->leaf_count, sizeof *export->leaves, by_index);
    for (size_t i = 0; i < export->leaf_count; i++) put_line(out, export->leaves[i].line);
    return put_file(export, "leaves.jsonl", buf_str(out), err) &&
           put_file(export, "checkpoint", export->checkpoint, err);
}

/* ---- submissions and data ----------------------------------------------------------------- */

static bool put_submissions(struct export *export, struct error *err)
{
    struct arena *arena = export->arena;
    struct account_submission *list;
    struct buf *out = buf_new(arena);
    size_t count;
    if (!account_load_submissions(export->db, arena, export->org_id, 0, INT64_MAX, &list, &count,
                                  err))
        return false;
    for (size_t i = count; i-- > 0;) { /* the list is newest first */
        str bytes;
        const char *id = account_id_text(arena, list[i].submission_id);
        if (!account_read_submission_bytes(export->db, arena, export->viewer, export->org_id,
                                           list[i].submission_id, &bytes, err) ||
            !put_file(export, arena_printf(arena, "submissions/%s", id), bytes, err) ||
            !add_leaf(export, "submission", list[i].submission_id, err))
            return false;
        buf_printf(out, "{\"at\":\"%s\",\"bytes\":\"%s\",\"kind\":",
                   instant_format_utc(arena, list[i].at), digest_hex(arena, list[i].bytes_digest));
        buf_json_string(out, str_from(list[i].kind));
        buf_puts(out, ",\"name\":");
        buf_json_string(out, str_from(list[i].name));
        buf_printf(out, ",\"organisation\":\"%s\",\"submission\":\"%s\"}\n",
                   account_id_text(arena, export->org_id), id);
    }
    return put_file(export, "submissions.jsonl", buf_str(out), err);
}

static int by_datum(const void *a, const void *b)
{
    const struct account_datum *x = a, *y = b;
    return x->datum_id < y->datum_id ? -1 : x->datum_id > y->datum_id;
}

static bool put_data(struct export *export, struct error *err)
{
    struct account_datum *data;
    struct buf *out = buf_new(export->arena);
    size_t count;
    if (!account_load_data(export->db, export->arena, export->org_id, (date){INT32_MIN + 1},
                           (date){INT32_MAX - 1}, true, ACCOUNT_NOW, &data, &count, err))
        return false;
    qsort(data, count, sizeof *data, by_datum);
    for (size_t i = 0; i < count; i++) put_line(out, account_datum_line(export->arena, &data[i]));
    return put_file(export, "data.jsonl", buf_str(out), err);
}

/* ---- runs and postings --------------------------------------------------------------------- */

static bool put_kept(struct export *export, const char *folder, const char *ending, digest d,
                     struct error *err)
{
    str bytes;
    bool found;
    if (!account_read_model_file(export->db, export->arena, d, &bytes, &found, err)) return false;
    if (!found) return error_set(err, ERROR_INTERNAL, "s", "a model file of a run is not kept");
    return put_file(
        export,
        arena_printf(export->arena, "%s/%s.%s", folder, digest_hex(export->arena, d), ending),
        bytes, err);
}

static bool put_run(struct export *export, const struct account_run *run, struct buf *out,
                    struct error *err)
{
    struct account_bindings inputs;
    struct account_table *tables;
    size_t count;
    if (!account_load_run_inputs(export->db, export->arena, run->org_id, run->run_id, &inputs,
                                 err) ||
        !account_load_run_tables(export->db, export->arena, run->org_id, run->run_id, &tables,
                                 &count, err) ||
        !put_kept(export, "models", "model", run->model_digest, err) ||
        !add_leaf(export, "run", run->run_id, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!put_kept(export, "tables", "csv", tables[i].digest, err)) return false;
    put_line(out, account_run_line(export->arena, run, &inputs, tables, count));
    return run->state != ACCOUNT_REVERSED || add_leaf(export, "reversal", run->run_id, err);
}

static int by_run(const void *a, const void *b)
{
    const struct account_run *x = a, *y = b;
    return x->run_id < y->run_id ? -1 : x->run_id > y->run_id;
}

static int by_posting(const void *a, const void *b)
{
    const struct account_posting *x = a, *y = b;
    return x->posting_id < y->posting_id ? -1 : x->posting_id > y->posting_id;
}

static bool put_runs(struct export *export, struct error *err)
{
    struct account_run *runs;
    struct account_posting *all = NULL, *some;
    struct buf *run_lines = buf_new(export->arena), *posting_lines = buf_new(export->arena);
    size_t count, some_count, n = 0, capacity = 0;
    if (!account_load_runs(export->db, export->arena, export->org_id, (date){INT32_MIN},
                           (date){INT32_MAX}, "", &runs, &count, err))
        return false;
    qsort(runs, count, sizeof *runs, by_run);
    for (size_t i = 0; i < count; i++) {
        if (!put_run(export, &runs[i], run_lines, err)) return false;
        if (!account_load_postings(export->db, export->arena, export->org_id, runs[i].run_id, &some,
                                   &some_count, err))
            return false;
        for (size_t j = 0; j < some_count; j++)
            *ARENA_PUSH(export->arena, all, n, capacity) = some[j];
    }
    if (n > 0) qsort(all, n, sizeof *all, by_posting);
    for (size_t i = 0; i < n; i++)
        put_line(posting_lines, account_posting_bytes(export->arena, &all[i]));
    return put_file(export, "runs.jsonl", buf_str(run_lines), err) &&
           put_file(export, "postings.jsonl", buf_str(posting_lines), err);
}

static bool put_states(struct export *export, struct error *err)
{
    struct sql_account_select_steps_row *rows;
    struct buf *out = buf_new(export->arena);
    size_t count;
    if (!sql_account_select_steps(export->db, export->arena, export->org_id, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "{\"at\":\"%s\",\"run\":\"%s\",\"state\":\"%.*s\"}\n",
                   instant_format_utc(export->arena, rows[i].at),
                   account_id_text(export->arena, rows[i].run_id), STR_ARG(rows[i].state));
    return put_file(export, "states.jsonl", buf_str(out), err);
}

/* ---- figures -------------------------------------------------------------------------------- */

static int by_fact_name(const void *a, const void *b)
{
    return strcmp(((const struct account_fact *)a)->name, ((const struct account_fact *)b)->name);
}

str account_figures_json(struct arena *arena, const struct account_statement *statement)
{
    struct account_facts facts = {.arena = arena};
    struct buf *out = buf_new(arena);
    account_put_figures(&facts, statement, "");
    if (facts.count > 0) qsort(facts.list, facts.count, sizeof *facts.list, by_fact_name);
    buf_putc(out, '[');
    for (size_t i = 0; i < facts.count; i++) {
        buf_puts(out, i == 0 ? "{\"name\":" : ",{\"name\":");
        buf_json_string(out, str_from(facts.list[i].name));
        buf_puts(out, ",\"unit\":");
        buf_json_string(out, str_from(facts.list[i].unit));
        buf_puts(out, ",\"value\":");
        buf_json_number(out, facts.list[i].value);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
    return buf_str(out);
}

bool account_report_json(struct db *db, struct arena *arena, const struct viewer *viewer,
                         id64 org_id, date first_day, date last_day, str *json, struct error *err)
{
    char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
    struct account_statement_query asked = {
        .org_id = org_id, .first = first_day, .last = last_day, .as_known = ACCOUNT_NOW};
    struct account_statement statement;
    struct buf *out = buf_new(arena);
    if (!account_read_statement(db, arena, viewer, &asked, &statement, err)) return false;
    date_format(first_day, first);
    date_format(last_day, last);
    buf_puts(out, "{\"figures\":");
    buf_put_str(out, account_figures_json(arena, &statement));
    buf_printf(out, ",\"first_day\":\"%s\",\"last_day\":\"%s\",\"organisation\":\"%s\"}", first,
               last, account_id_text(arena, org_id));
    *json = buf_str(out);
    return true;
}

static bool put_report(struct export *export, const struct account_export_query *query,
                       struct error *err)
{
    str json;
    return account_report_json(export->db, export->arena, export->viewer, query->org_id,
                               query->first, query->last, &json, err) &&
           put_file(export, "report.json", json, err);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct account_file *)a)->path, ((const struct account_file *)b)->path);
}

static bool put_manifest(struct export *export, struct error *err)
{
    struct arena *arena = export->arena;
    struct buf *out = buf_new(arena);
    qsort(export->files, export->count, sizeof *export->files, by_path);
    buf_puts(out, "{\"files\":{");
    for (size_t i = 0; i < export->count; i++) {
        if (i > 0) buf_putc(out, ',');
        buf_json_string(out, str_from(export->files[i].path));
        buf_printf(out, ":\"%s\"", digest_hex(arena, digest_of(export->files[i].bytes)));
    }
    buf_printf(out, "},\"format\":\"tanshu export v1\",\"organisation\":\"%s\"}",
               account_id_text(arena, export->org_id));
    return put_file(export, "manifest.json", buf_str(out), err);
}

static bool put_all(struct export *export, const struct account_export_query *query,
                    struct error *err)
{
    for (size_t i = 0; i < query->extra_count; i++)
        if (!put_file(export, query->extra[i].path, query->extra[i].bytes, err)) return false;
    return put_submissions(export, err) && put_data(export, err) && put_runs(export, err) &&
           put_states(export, err) && put_leaves(export, err) && put_report(export, query, err) &&
           put_file(export, "judgements.jsonl", STR(""), err) && put_manifest(export, err);
}

bool account_export_with(struct db *db, const struct viewer *viewer,
                         const struct account_export_query *query, const char *directory,
                         struct error *err)
{
    struct arena *arena = db_arena(db);
    const char *part = arena_printf(arena, "%s.part", directory);
    struct export export = {
        .db = db, .arena = arena, .viewer = viewer, .org_id = query->org_id, .directory = part};
    if (!registry_require_own(viewer, query->org_id, ACCOUNT_ROLES_ENTERPRISE, err)) return false;
    if (access(directory, F_OK) == 0 || access(part, F_OK) == 0)
        return error_set(err, ERROR_ACCOUNT_EXPORT_EXISTS, "s",
                         access(part, F_OK) == 0 ? part : directory);
    /* Complete or not there at all. */
    bool done = put_all(&export, query, err);
    if (done && rename(part, directory) != 0)
        done = error_set(err, ERROR_FILE_WRITE, "ss", directory, error_reason(errno));
    if (!done) (void)file_remove_tree(part);
    return done;
}

bool account_export(struct db *db, const struct viewer *viewer, const struct account_rules *rules,
                    id64 org_id, const char *directory, struct error *err)
{
    struct account_run *runs;
    size_t count;
    int year = 1970;
    (void)rules;
    if (!account_load_runs(db, db_arena(db), org_id, (date){INT32_MIN}, (date){INT32_MAX},
                           account_state_name(ACCOUNT_POSTED), &runs, &count, err))
        return false;
    if (count > 0) year = month_year(month_of(runs[count - 1].period.last));
    struct account_period period = account_year(year);
    struct account_export_query query = {
        .org_id = org_id, .first = period.first, .last = period.last};
    return account_export_with(db, viewer, &query, directory, err);
}
