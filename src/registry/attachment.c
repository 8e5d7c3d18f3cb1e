/* Bills, weighbridge slips and laboratory sheets that prove a figure. Equal bytes are kept once. */
#include "registry/internal.h"

#include "registry_sql.h"

static const char *const kinds[] = {"bill", "weighbridge", "laboratory", "other"};

bool registry_add_attachment(struct db *db, const struct viewer *viewer,
                             const struct registry_attachment *attachment, str bytes,
                             int64_t now_ms, id64 *attachment_id, struct error *err)
{
    struct sql_registry_sum_attachments_row sum;
    bool found;
    unsigned roles = 1U << REGISTRY_ENTERPRISE_MANAGER | 1U << REGISTRY_ENTERPRISE_APPROVER;
    if (!registry_require_own(viewer, attachment->org_id, roles, err)) return false;
    if (registry_find_name(kinds, ARRAY_LEN(kinds), registry_str(attachment->kind)) < 0)
        return error_set(err, ERROR_REGISTRY_ATTACHMENT_KIND, "s", attachment->kind);
    if (!registry_check_name(attachment->name, "name of the attachment", err)) return false;
    if (bytes.len == 0)
        return error_set(err, ERROR_REGISTRY_ATTACHMENT_EMPTY, "s", attachment->name);
    if (bytes.len > REGISTRY_ATTACHMENT_BYTES_MAX)
        return error_set(err, ERROR_FILE_LARGE, "si", attachment->name,
                         (int64_t)REGISTRY_ATTACHMENT_BYTES_MAX);
    if (!sql_registry_sum_attachments(db, NULL, attachment->org_id, &sum, &found, err))
        return false;
    int64_t total = sum.total_bytes + (int64_t)bytes.len;
    if (total > REGISTRY_ATTACHMENTS_BYTES_MAX)
        return error_set(err, ERROR_REGISTRY_QUOTA, "ii", total, REGISTRY_ATTACHMENTS_BYTES_MAX);
    id64 id = id_new();
    digest d = digest_of(bytes);
    const date *first = attachment->has_period ? &attachment->first_day : NULL;
    const date *last = attachment->has_period ? &attachment->last_day : NULL;
    if (!sql_registry_insert_attachment_bytes(db, attachment->org_id, registry_digest_str(&d),
                                              bytes, NULL, err))
        return false;
    if (!sql_registry_insert_attachment(
            db, attachment->org_id, id, str_from(attachment->kind), str_from(attachment->name),
            registry_str(attachment->media_type), (int64_t)bytes.len, registry_digest_str(&d),
            attachment->submission_id, first, last, registry_str(attachment->input),
            registry_str(attachment->key), viewer->person_id, now_ms, NULL, err))
        return false;
    *attachment_id = id;
    return true;
}

/* The rows of the two selects have the same columns. */
#define ATTACHMENT_FROM_ROW(arena, org, row, attachment)               \
    do {                                                               \
        *(attachment) = (struct registry_attachment){                  \
            .org_id = (org),                                           \
            .attachment_id = (row)->attachment_id,                     \
            .kind = str_dup(arena, (row)->kind),                       \
            .name = str_dup(arena, (row)->name),                       \
            .media_type = str_dup(arena, (row)->media_type),           \
            .size_bytes = (row)->size_bytes,                           \
            .bytes_digest = registry_digest_from((row)->bytes_digest), \
            .submission_id = (row)->submission_id,                     \
            .has_period = (row)->has_first_day && (row)->has_last_day, \
            .first_day = (row)->first_day,                             \
            .last_day = (row)->last_day,                               \
            .input = str_dup(arena, (row)->input),                     \
            .key = str_dup(arena, (row)->input_key),                   \
            .person_id = (row)->person_id,                             \
            .at = (row)->at,                                           \
        };                                                             \
    } while (0)

bool registry_list_attachments(struct db *db, struct arena *arena, const struct viewer *viewer,
                               id64 org_id, struct registry_attachment **list, size_t *count,
                               struct error *err)
{
    struct sql_registry_select_attachments_row *rows;
    size_t n;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACTIVITY, err)) return false;
    if (!sql_registry_select_attachments(db, arena, org_id, &rows, &n, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct registry_attachment, n + 1);
    for (size_t i = 0; i < n; i++) ATTACHMENT_FROM_ROW(arena, org_id, &rows[i], &(*list)[i]);
    *count = n;
    return true;
}

bool registry_read_attachment(struct db *db, struct arena *arena, const struct viewer *viewer,
                              id64 org_id, id64 attachment_id,
                              struct registry_attachment *attachment, str *bytes, struct error *err)
{
    struct sql_registry_select_attachment_row row;
    struct sql_registry_select_attachment_bytes_row content;
    bool found;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACTIVITY, err)) return false;
    if (!sql_registry_select_attachment(db, arena, org_id, attachment_id, &row, &found, err))
        return false;
    if (found && !sql_registry_select_attachment_bytes(db, arena, org_id, row.bytes_digest,
                                                       &content, &found, err))
        return false;
    if (!found) {
        char text[ID_TEXT_MAX];
        id_format(attachment_id, text);
        return error_set(err, ERROR_REGISTRY_ATTACHMENT_UNKNOWN, "s", text);
    }
    ATTACHMENT_FROM_ROW(arena, org_id, &row, attachment);
    *bytes = content.content;
    return true;
}
