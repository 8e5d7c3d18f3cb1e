/* Who looked at what: one row per request, kept under the organisation looked at. */
#include "registry/internal.h"

#include "registry_sql.h"

#define LOOKS_MAX 1000

bool registry_audit_look(struct db *db, const struct viewer *viewer, id64 subject_org, int scope,
                         const char *what, int64_t now_ms, struct error *err)
{
    if (viewer->org_id == subject_org) return true;
    return sql_registry_insert_audit(db, subject_org, viewer->request_id, viewer->org_id,
                                     viewer->person_id, viewer->authorisation_id,
                                     registry_str(viewer->purpose), scope, registry_str(what),
                                     now_ms, NULL, err);
}

bool registry_list_looks(struct db *db, struct arena *arena, const struct viewer *viewer,
                         int64_t skip, int64_t rows_max, struct registry_look **list, size_t *count,
                         struct error *err)
{
    struct sql_registry_select_audit_row *rows;
    size_t n;
    if (viewer->role == REGISTRY_NOBODY)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "list who looked");
    if (rows_max <= 0 || rows_max > LOOKS_MAX) rows_max = LOOKS_MAX;
    if (!sql_registry_select_audit(db, arena, viewer->org_id, skip, rows_max, &rows, &n, err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct registry_look, n + 1);
    for (size_t i = 0; i < n; i++)
        (*list)[i] = (struct registry_look){
            .request_id = rows[i].request_id,
            .at = rows[i].at,
            .viewer_org_id = rows[i].viewer_org_id,
            .viewer_org_name =
                rows[i].has_viewer_org_name ? str_dup(arena, rows[i].viewer_org_name) : "",
            .person_name = rows[i].has_person_name ? str_dup(arena, rows[i].person_name) : "",
            .purpose = str_dup(arena, rows[i].purpose),
            .what = str_dup(arena, rows[i].what),
            .scope = (int)rows[i].scope,
            .authorisation_id = rows[i].authorisation_id,
        };
    *count = n;
    return true;
}

bool registry_count_looks(struct db *db, const struct viewer *viewer, id64 authorisation_id,
                          int64_t *count, struct error *err)
{
    struct sql_registry_count_audit_row row;
    bool found;
    if (!sql_registry_count_audit(db, NULL, viewer->org_id, authorisation_id, &row, &found, err))
        return false;
    *count = row.looks;
    return true;
}
