/* What is in the queue, for people; marks, and care. */
#include "job/job.h"

#include "base/buf.h"
#include "job/internal.h"
#include "job_sql.h"

#define ARG_SEPARATOR '\x1f'

const char *job_error_args(struct arena *arena, const struct error *err)
{
    struct buf *out = buf_new(arena);
    buf_puts(out, "");
    for (size_t i = 0; i < err->count; i++) {
        if (i > 0) buf_putc(out, ARG_SEPARATOR);
        buf_put_str(out, error_arg(err, i));
    }
    return str_dup(arena, buf_str(out));
}

void job_error_read(str name, str joined, struct error *err)
{
    enum error_code code = ERROR_INTERNAL;
    str args[ERROR_ARGS_MAX] = {{0}};
    char kinds[ERROR_ARGS_MAX + 1] = {0};
    for (int i = 0; i < ERROR_CODES; i++)
        if (str_is(name, error_name((enum error_code)i))) code = (enum error_code)i;
    for (size_t i = 0; i < ERROR_ARGS_MAX && str_cut(&joined, ARG_SEPARATOR, &args[i]); i++)
        kinds[i] = 'S';
    /* The error of a newer program: its name at least. */
    if (code == ERROR_INTERNAL && !str_is(name, error_name(ERROR_INTERNAL)))
        error_set(err, code, "S", name);
    else
        error_set(err, code, kinds, args[0], args[1], args[2], args[3], args[4], args[5]);
}

/* The rows of the three statements have the same columns. */
#define FROM_ROW(arena, row)                                                                       \
    from_row(arena, (row).org_id, (row).job_id, (row).kind, (row).job_key, (row).parent_id,        \
             (row).state, (row).attempts, (row).epoch, (row).due_at, (row).added_at,               \
             (row).has_started_at ? (row).started_at : 0, (row).has_ended_at ? (row).ended_at : 0, \
             (row).error_code, (row).error_args)

static struct job from_row(struct arena *arena, id64 org_id, id64 job_id, str kind, str key,
                           id64 parent_id, str state, int64_t attempts, int64_t epoch,
                           int64_t due_ms, int64_t added_ms, int64_t started_ms, int64_t ended_ms,
                           str code, str args)
{
    struct job job = {.org_id = org_id,
                      .job_id = job_id,
                      .kind = str_dup(arena, kind),
                      .key = str_dup(arena, key),
                      .parent_id = parent_id,
                      .attempts = attempts,
                      .epoch = epoch,
                      .due_ms = due_ms,
                      .added_ms = added_ms,
                      .started_ms = started_ms,
                      .ended_ms = ended_ms,
                      .failed = code.len != 0};
    if (!job_state_parse(state, &job.state)) job.state = JOB_DEAD;
    if (job.failed) job_error_read(code, args, &job.error);
    return job;
}

bool job_list(struct db *db, struct arena *arena, enum job_state state, const char *kind,
              int64_t skip, int64_t rows_max, struct job **list, size_t *count, struct error *err)
{
    struct sql_job_of_state_row *rows;
    size_t found;
    if (!sql_job_of_state(db, arena, str_from(job_state_name(state)), str_from(kind), kind == NULL,
                          skip, rows_max, &rows, &found, err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct job, found + 1);
    for (size_t i = 0; i < found; i++) (*list)[i] = FROM_ROW(arena, rows[i]);
    *count = found;
    return true;
}

bool job_get(struct db *db, struct arena *arena, id64 job_id, struct job *job, struct error *err)
{
    struct sql_job_by_id_row row;
    char id[ID_TEXT_MAX];
    bool found;
    if (!sql_job_by_id(db, arena, job_id, &row, &found, err)) return false;
    id_format(job_id, id);
    if (!found) return error_set(err, ERROR_JOB_UNKNOWN, "s", id);
    *job = FROM_ROW(arena, row);
    return true;
}

bool job_count_all(struct db *db, struct arena *arena, struct job_count **list, size_t *count,
                   struct error *err)
{
    struct sql_job_counts_row *rows;
    size_t found;
    *count = 0;
    if (!sql_job_counts(db, arena, &rows, &found, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct job_count, found + 1);
    for (size_t i = 0; i < found; i++) {
        struct job_count one = {.kind = str_dup(arena, rows[i].kind),
                                .jobs = rows[i].jobs,
                                .added_ms = rows[i].has_added_at ? rows[i].added_at : 0};
        if (job_state_parse(rows[i].state, &one.state)) (*list)[(*count)++] = one;
    }
    return true;
}

bool job_list_batches(struct db *db, struct arena *arena, int64_t rows_max, struct job_batch **list,
                      size_t *count, struct error *err)
{
    struct sql_job_planned_row *rows;
    struct sql_job_children_row *children;
    size_t found, kinds;
    if (!sql_job_planned(db, arena, rows_max, &rows, &found, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct job_batch, found + 1);
    for (size_t i = 0; i < found; i++) {
        struct job_batch *batch = &(*list)[i];
        batch->job = FROM_ROW(arena, rows[i]);
        if (!sql_job_children(db, arena, batch->job.job_id, &children, &kinds, err)) return false;
        for (size_t k = 0; k < kinds; k++) {
            enum job_state state;
            if (job_state_parse(children[k].state, &state)) batch->jobs[state] = children[k].jobs;
        }
    }
    *count = found;
    return true;
}

bool job_retry(struct db *db, id64 job_id, struct error *err)
{
    struct job job;
    int64_t changed;
    char id[ID_TEXT_MAX];
    if (!job_get(db, db_arena(db), job_id, &job, err) ||
        !sql_job_retry(db, job.org_id, job_id, &changed, err))
        return false;
    id_format(job_id, id);
    return changed == 1 || error_set(err, ERROR_JOB_NOT_DEAD, "ss", id, job_state_name(job.state));
}

bool job_sweep(struct db *db, int64_t before_ms, int64_t *removed, struct error *err)
{
    return sql_job_sweep(db, before_ms, removed, err);
}

bool job_once(struct db *db, id64 org_id, const char *name, int64_t now_ms, bool *first,
              struct error *err)
{
    int64_t changed;
    if (!sql_job_add_effect(db, org_id, str_from(name), now_ms, &changed, err)) return false;
    *first = changed == 1;
    return true;
}

bool job_changed(struct db *db, id64 org_id, const char *kind, digest rules, bool *changed,
                 int64_t *changes, struct error *err)
{
    struct sql_job_mark_of_row row;
    bool found;
    if (!store_changes(db, org_id, changes, err) ||
        !sql_job_mark_of(db, NULL, org_id, str_from(kind), &row, &found, err))
        return false;
    str bytes = {(const char *)rules.bytes, DIGEST_BYTES};
    *changed = !found || row.changes != *changes || !str_equal(row.rules, bytes);
    return true;
}

bool job_set_mark(struct db *db, id64 org_id, const char *kind, int64_t changes, digest rules,
                  int64_t now_ms, struct error *err)
{
    str bytes = {(const char *)rules.bytes, DIGEST_BYTES};
    return sql_job_set_mark(db, org_id, str_from(kind), changes + 1, bytes, now_ms, NULL, err);
}
