/* The asset tree of an organisation: site, workshop, process, equipment, meter. */
#include "registry/internal.h"

#include <string.h>

#include "registry_sql.h"

static bool get_asset_row(struct db *db, struct arena *arena, id64 org_id, id64 asset_id,
                          struct sql_registry_select_asset_row *row, struct error *err)
{
    bool found;
    if (!sql_registry_select_asset(db, arena, org_id, asset_id, row, &found, err)) return false;
    if (found) return true;
    char text[ID_TEXT_MAX];
    id_format(asset_id, text);
    return error_set(err, ERROR_REGISTRY_ASSET_UNKNOWN, "s", text);
}

static bool check_asset(struct db *db, const struct registry_asset *asset, struct error *err)
{
    if (!registry_check_name(asset->name, "name of the asset", err)) return false;
    if (asset->parent_id != 0) {
        struct sql_registry_select_asset_row parent;
        enum registry_asset_kind kind = REGISTRY_SITE;
        if (!get_asset_row(db, NULL, asset->org_id, asset->parent_id, &parent, err)) return false;
        CHECK(registry_asset_kind_parse(parent.kind, &kind));
        if (kind >= asset->kind)
            return error_set(err, ERROR_REGISTRY_ASSET_PARENT, "sss", asset->name,
                             registry_asset_kind_name(asset->kind), registry_asset_kind_name(kind));
    }
    if (asset->kind == REGISTRY_METER) {
        if (!(asset->ratio > 0 && asset->ratio <= 1e6))
            return error_set(err, ERROR_REGISTRY_ASSET_RATIO, "sd", asset->name, asset->ratio);
        if (asset->reading_day < 0 || asset->reading_day > 28)
            return error_set(err, ERROR_REGISTRY_ASSET_READING_DAY, "si", asset->name,
                             (int64_t)asset->reading_day);
    }
    struct sql_registry_find_asset_code_row other;
    bool found = false;
    if (registry_text(asset->code)[0] != '\0' &&
        !sql_registry_find_asset_code(db, NULL, asset->org_id, str_from(asset->code), &other,
                                      &found, err))
        return false;
    if (found && other.asset_id != asset->asset_id)
        return error_set(err, ERROR_REGISTRY_ASSET_TAKEN, "s", asset->code);
    return true;
}

bool registry_add_asset(struct db *db, const struct registry_asset *asset, int64_t now_ms,
                        id64 *asset_id, struct error *err)
{
    struct registry_asset added = *asset;
    added.asset_id = id_new();
    if (added.kind != REGISTRY_METER) added.ratio = 1, added.reading_day = 0;
    if (!check_asset(db, &added, err)) return false;
    if (!sql_registry_insert_asset(db, added.org_id, added.asset_id, added.parent_id,
                                   str_from(registry_asset_kind_name(added.kind)),
                                   registry_str(added.code), str_trim(registry_str(added.name)),
                                   registry_str(added.name_en), registry_str(added.medium),
                                   registry_str(added.unit), added.ratio, added.reading_day,
                                   added.settlement, added.calibrated, now_ms, NULL, err))
        return false;
    *asset_id = added.asset_id;
    return true;
}

bool registry_change_asset(struct db *db, const struct registry_asset *asset, struct error *err)
{
    struct sql_registry_select_asset_row before;
    struct registry_asset changed = *asset;
    if (!get_asset_row(db, NULL, asset->org_id, asset->asset_id, &before, err)) return false;
    CHECK(registry_asset_kind_parse(before.kind, &changed.kind));
    if (!check_asset(db, &changed, err)) return false;
    return sql_registry_update_asset(
        db, changed.org_id, changed.asset_id, changed.parent_id, registry_str(changed.code),
        str_trim(registry_str(changed.name)), registry_str(changed.name_en),
        registry_str(changed.medium), registry_str(changed.unit), changed.ratio,
        changed.reading_day, changed.settlement, changed.calibrated, NULL, err);
}

/* The rows of both selects have the same columns. */
#define ASSET_FROM_ROW(arena, org, row, asset)                 \
    do {                                                       \
        enum registry_asset_kind kind_ = REGISTRY_SITE;        \
        CHECK(registry_asset_kind_parse((row)->kind, &kind_)); \
        *(asset) = (struct registry_asset){                    \
            .org_id = (org),                                   \
            .asset_id = (row)->asset_id,                       \
            .parent_id = (row)->parent_id,                     \
            .kind = kind_,                                     \
            .code = str_dup(arena, (row)->code),               \
            .name = str_dup(arena, (row)->name),               \
            .name_en = str_dup(arena, (row)->name_en),         \
            .medium = str_dup(arena, (row)->medium),           \
            .unit = str_dup(arena, (row)->unit),               \
            .ratio = (row)->ratio,                             \
            .reading_day = (int)(row)->reading_day,            \
            .settlement = (row)->settlement,                   \
            .calibrated = (row)->calibrated,                   \
        };                                                     \
    } while (0)

bool registry_list_assets(struct db *db, struct arena *arena, id64 org_id,
                          struct registry_asset **list, size_t *count, struct error *err)
{
    struct sql_registry_select_assets_row *rows;
    size_t n;
    if (!sql_registry_select_assets(db, arena, org_id, &rows, &n, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct registry_asset, n + 1);
    for (size_t i = 0; i < n; i++) ASSET_FROM_ROW(arena, org_id, &rows[i], &(*list)[i]);
    *count = n;
    return true;
}

bool registry_get_asset(struct db *db, struct arena *arena, id64 org_id, id64 asset_id,
                        struct registry_asset *asset, struct error *err)
{
    struct sql_registry_select_asset_row row;
    if (!get_asset_row(db, arena, org_id, asset_id, &row, err)) return false;
    ASSET_FROM_ROW(arena, org_id, &row, asset);
    return true;
}

bool registry_find_asset(struct db *db, struct arena *arena, id64 org_id, str code,
                         struct registry_asset *asset, bool *found, struct error *err)
{
    struct sql_registry_find_asset_code_row row;
    if (!sql_registry_find_asset_code(db, arena, org_id, code, &row, found, err)) return false;
    return !*found || registry_get_asset(db, arena, org_id, row.asset_id, asset, err);
}

static bool measures_electricity(const struct registry_asset *asset)
{
    return asset->kind == REGISTRY_METER && strcmp(asset->medium, "electricity") == 0;
}

bool registry_is_main_meter(const struct registry_asset *list, size_t count,
                            const struct registry_asset *meter)
{
    if (!measures_electricity(meter)) return false;
    for (size_t i = 0; i < count; i++) {
        if (!measures_electricity(&list[i]) || list[i].settlement != meter->settlement ||
            list[i].parent_id == meter->parent_id)
            continue;
        if (list[i].parent_id == 0) return false;
        /* Parents stand before their children: one pass backwards climbs to the top. */
        id64 place = meter->parent_id;
        for (size_t k = count; k-- > 0 && place != list[i].parent_id;)
            if (list[k].asset_id == place) place = list[k].parent_id;
        if (place == list[i].parent_id) return false;
    }
    return true;
}
