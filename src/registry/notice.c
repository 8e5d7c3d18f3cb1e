/* An organisation's inbox. A notice is a sentence's key and its arguments, so that each reader gets
 * it in his own language. */
#include "registry/internal.h"

#include "registry_sql.h"

#define NOTICES_MAX 500

bool registry_send_notice(struct db *db, id64 org_id, const char *kind, const char *text,
                          const char *const *args, const char *link, int64_t now_ms,
                          struct error *err)
{
    const char *filled[4] = {"", "", "", ""};
    for (size_t i = 0; args != NULL && i < ARRAY_LEN(filled) && args[i] != NULL; i++)
        filled[i] = args[i];
    return sql_registry_insert_notice(db, org_id, id_new(), registry_str(kind), registry_str(text),
                                      str_from(filled[0]), str_from(filled[1]), str_from(filled[2]),
                                      str_from(filled[3]), registry_str(link), now_ms, NULL, err);
}

bool registry_list_notices(struct db *db, struct arena *arena, const struct viewer *viewer,
                           int64_t skip, int64_t rows_max, struct registry_notice **list,
                           size_t *count, struct error *err)
{
    struct sql_registry_select_notices_row *rows;
    size_t n;
    if (viewer->role == REGISTRY_NOBODY)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "read notices");
    if (rows_max <= 0 || rows_max > NOTICES_MAX) rows_max = NOTICES_MAX;
    if (!sql_registry_select_notices(db, arena, viewer->org_id, skip, rows_max, &rows, &n, err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct registry_notice, n + 1);
    for (size_t i = 0; i < n; i++)
        (*list)[i] = (struct registry_notice){
            .notice_id = rows[i].notice_id,
            .kind = str_dup(arena, rows[i].kind),
            .text = str_dup(arena, rows[i].message),
            .args = {str_dup(arena, rows[i].arg0), str_dup(arena, rows[i].arg1),
                     str_dup(arena, rows[i].arg2), str_dup(arena, rows[i].arg3)},
            .link = str_dup(arena, rows[i].link),
            .at = rows[i].at,
            .is_read = rows[i].has_read_at,
        };
    *count = n;
    return true;
}

bool registry_count_unread(struct db *db, const struct viewer *viewer, int64_t *count,
                           struct error *err)
{
    struct sql_registry_count_unread_notices_row row;
    bool found;
    if (!sql_registry_count_unread_notices(db, NULL, viewer->org_id, &row, &found, err))
        return false;
    *count = row.unread;
    return true;
}

bool registry_count_notices(struct db *db, const struct viewer *viewer, int64_t *count,
                            struct error *err)
{
    struct sql_registry_count_notices_row row;
    bool found;
    if (!sql_registry_count_notices(db, NULL, viewer->org_id, &row, &found, err)) return false;
    *count = row.notices;
    return true;
}

bool registry_mark_all_read(struct db *db, const struct viewer *viewer, int64_t now_ms,
                            struct error *err)
{
    return sql_registry_read_notices(db, viewer->org_id, now_ms, NULL, err);
}

bool registry_mark_read(struct db *db, const struct viewer *viewer, id64 notice_id, int64_t now_ms,
                        struct error *err)
{
    return sql_registry_read_notice(db, viewer->org_id, notice_id, now_ms, NULL, err);
}

const char *registry_notice_arg(struct arena *arena, const char *en, const char *zh)
{
    return arena_printf(arena, "%s%c%s", en, REGISTRY_NOTICE_SEPARATOR, zh);
}

const char *registry_notice_org(struct arena *arena, const struct registry_org *org)
{
    return registry_text(org->name_en)[0] == '\0'
               ? org->name
               : registry_notice_arg(arena, org->name_en, org->name);
}
