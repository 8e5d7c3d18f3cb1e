/* Judgements as an export holds them: each model of each rating with what it was given and what it
 * said. */
#include "credit/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "credit_sql.h"

struct exporting {
    struct db *db;
    struct arena *arena;
    id64 org_id;
    struct account_file *files;
    size_t count, capacity;
    struct map put; /* paths of files */
    struct buf *lines;
};

static digest digest_of_row(str bytes)
{
    digest d = {{0}};
    if (bytes.len == DIGEST_BYTES) memcpy(d.bytes, bytes.ptr, DIGEST_BYTES);
    return d;
}

static bool put_file(struct exporting *e, const char *folder, const char *ending,
                     digest file_digest, struct error *err)
{
    const char *path =
        arena_printf(e->arena, "%s/%s.%s", folder, digest_hex(e->arena, file_digest), ending);
    bool found;
    str bytes;
    if (map_has(&e->put, str_from(path))) return true;
    map_put(&e->put, str_from(path), e);
    if (!account_read_model_file(e->db, e->arena, file_digest, &bytes, &found, err)) return false;
    if (!found) return error_set(err, ERROR_INTERNAL, "s", "a model file of a rating is not kept");
    *ARENA_PUSH(e->arena, e->files, e->count, e->capacity) = (struct account_file){path, bytes};
    return true;
}

static bool read_tables(struct db *db, struct arena *arena, id64 org_id,
                        const struct sql_credit_list_models_row *row,
                        struct account_judgement *judgement, struct error *err)
{
    struct sql_credit_list_tables_row *rows;
    size_t count;
    if (!sql_credit_list_tables(db, arena, org_id, row->rating_id, row->step, &rows, &count, err))
        return false;
    struct account_table *tables = ARENA_NEW_ARRAY(arena, struct account_table, count + 1);
    for (size_t i = 0; i < count; i++)
        tables[i] = (struct account_table){rows[i].path.ptr, digest_of_row(rows[i].file_digest)};
    judgement->tables = tables;
    judgement->table_count = count;
    return true;
}

static bool read_inputs(struct db *db, struct arena *arena, id64 org_id,
                        const struct sql_credit_list_models_row *row,
                        struct account_judgement *judgement, struct error *err)
{
    struct sql_credit_list_inputs_row *rows;
    size_t count;
    if (!sql_credit_list_inputs(db, arena, org_id, row->rating_id, row->step, &rows, &count, err))
        return false;
    struct account_bindings *given = ARENA_NEW(arena, struct account_bindings);
    *given = (struct account_bindings){
        .arena = arena,
        .count = count,
        .list = ARENA_NEW_ARRAY(arena, struct account_binding, count + 1)};
    for (size_t i = 0; i < count; i++)
        given->list[i] = (struct account_binding){.input = rows[i].input.ptr,
                                                  .key = rows[i].input_key.ptr,
                                                  .datum_id = rows[i].datum_id,
                                                  .has_number = rows[i].has_value,
                                                  .value = rows[i].value,
                                                  .unit = rows[i].unit.ptr,
                                                  .text = rows[i].value_text.ptr};
    judgement->inputs = given;
    return true;
}

/* A model of a rating with what it was given; its outputs are left out. */
static bool read_judgement(struct db *db, struct arena *arena, id64 org_id,
                           const struct sql_credit_list_models_row *row,
                           struct account_judgement *judgement, struct error *err)
{
    char rating[ID_TEXT_MAX];
    id_format(row->rating_id, rating);
    *judgement = (struct account_judgement){
        .org_id = org_id,
        .year = (int)row->year,
        .judgement = arena_printf(arena, "%s/%02d", rating, (int)row->step),
        .model = row->name.ptr,
        .version = row->version.ptr,
        .model_digest = digest_of_row(row->model_digest),
        .semantics = row->semantics};
    return read_tables(db, arena, org_id, row, judgement, err) &&
           read_inputs(db, arena, org_id, row, judgement, err);
}

bool judge_read_kept(struct db *db, struct arena *arena, id64 org_id, id64 rating_id,
                     const char *model, struct account_judgement *judgement, bool *found,
                     struct error *err)
{
    struct sql_credit_list_models_row *rows;
    size_t count;
    *found = false;
    if (!sql_credit_list_models(db, arena, org_id, rating_id, &rows, &count, err)) return false;
    for (size_t i = 0; i < count && !*found; i++) {
        if (!str_is(rows[i].name, model)) continue;
        if (!read_judgement(db, arena, org_id, &rows[i], judgement, err)) return false;
        *found = true;
    }
    return true;
}

static int by_output(const void *a, const void *b)
{
    const struct account_judged *x = a, *y = b;
    int outputs = strcmp(x->output, y->output);
    return outputs != 0 ? outputs : strcmp(x->key, y->key);
}

/* The known outputs are the rating's reasons; `output[key]` is taken apart. */
static bool read_outputs(struct exporting *e, const struct sql_credit_list_models_row *row,
                         struct account_judgement *judgement, struct error *err)
{
    struct sql_credit_list_lines_row *rows;
    size_t count, used = 0;
    if (!sql_credit_list_lines(e->db, e->arena, e->org_id, row->rating_id, &rows, &count, err))
        return false;
    struct account_judged *outputs = ARENA_NEW_ARRAY(e->arena, struct account_judged, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (!str_is(rows[i].part, "reason") || !rows[i].known ||
            !str_equal(rows[i].model, row->name))
            continue;
        if (rows[i].type == MODEL_NUMBER && !rows[i].has_value) continue;
        str rest = rows[i].name, name, key = STR("");
        if (str_cut(&rest, '[', &name) && rest.ptr != NULL) (void)str_cut(&rest, ']', &key);
        outputs[used++] = (struct account_judged){.output = str_dup(e->arena, name),
                                                  .key = str_dup(e->arena, key),
                                                  .has_number = rows[i].type == MODEL_NUMBER,
                                                  .value = rows[i].value,
                                                  .unit = rows[i].unit.ptr,
                                                  .text = rows[i].value_text.ptr};
    }
    if (used > 1) qsort(outputs, used, sizeof *outputs, by_output);
    judgement->outputs = outputs;
    judgement->output_count = used;
    return true;
}

static bool put_judgement(struct exporting *e, const struct sql_credit_list_models_row *row,
                          struct error *err)
{
    struct account_judgement judgement;
    if (!read_judgement(e->db, e->arena, e->org_id, row, &judgement, err) ||
        !put_file(e, "models", "model", judgement.model_digest, err) ||
        !read_outputs(e, row, &judgement, err))
        return false;
    for (size_t i = 0; i < judgement.table_count; i++)
        if (!put_file(e, "tables", "csv", judgement.tables[i].digest, err)) return false;
    buf_put_str(e->lines, account_judgement_line(e->arena, &judgement));
    buf_putc(e->lines, '\n');
    return true;
}

bool credit_export_files(struct db *db, struct arena *arena, const struct viewer *viewer,
                         id64 org_id, const struct account_file **files, size_t *count,
                         struct error *err)
{
    struct exporting e = {.db = db, .arena = arena, .org_id = org_id, .lines = buf_new(arena)};
    struct sql_credit_list_models_row *rows;
    size_t row_count;
    map_init(&e.put, arena);
    if (viewer->org_id != org_id)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "export another organisation");
    if (!sql_credit_list_models(db, arena, org_id, 0, &rows, &row_count, err)) return false;
    for (size_t i = 0; i < row_count; i++)
        if (!put_judgement(&e, &rows[i], err)) return false;
    *ARENA_PUSH(arena, e.files, e.count, e.capacity) =
        (struct account_file){"judgements.jsonl", buf_str(e.lines)};
    *files = e.files;
    *count = e.count;
    return true;
}
