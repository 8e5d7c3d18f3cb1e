/* Organisations: added, changed, found; their identifiers and settings. */
#include "registry/internal.h"

#include "registry_sql.h"

static const char *const scales[] = {"", "large", "medium", "small", "micro"};

bool registry_check_org(const struct registry_codes *codes, struct registry_org *org, date on,
                        struct error *err)
{
    if (!registry_check_name(org->name, "name of the organisation", err)) return false;
    str industry = registry_str(org->industry), division = registry_str(org->division);
    bool needs = org->kind == REGISTRY_ENTERPRISE;
    if ((needs || industry.len > 0) &&
        (industry.len < 2 || registry_find_industry(codes, industry) == NULL))
        return error_set(err, ERROR_REGISTRY_INDUSTRY_UNKNOWN, "S", industry);
    const struct registry_code *place = registry_find_division(codes, division);
    bool foreign = registry_text(org->scheme)[0] != '\0' &&
                   !str_is(str_from(org->scheme), REGISTRY_SCHEME_CREDIT_CODE);
    if (((needs && !foreign) || division.len > 0) && place == NULL)
        return error_set(err, ERROR_REGISTRY_DIVISION_UNKNOWN, "S", division);
    if (registry_find_name(scales, ARRAY_LEN(scales), registry_str(org->scale)) < 0)
        return error_set(err, ERROR_REGISTRY_SCALE, "s", org->scale);
    if (place != NULL) {
        org->province = place->province;
        org->grid_region = registry_grid_region(codes, division, on);
    }
    return true;
}

static const date *founded_of(const struct registry_org *org)
{
    return org->has_founded ? &org->founded : NULL;
}

bool registry_add_identifier(struct db *db, id64 org_id, str scheme, str value, struct error *err)
{
    if (str_is(scheme, REGISTRY_SCHEME_CREDIT_CODE) && !registry_check_credit_code(value, err))
        return false;
    if (scheme.len == 0 || value.len == 0)
        return error_set(err, ERROR_REGISTRY_NAME_EMPTY, "s", "identifier");
    struct sql_registry_count_identifiers_row places;
    bool found;
    int64_t changed = 0;
    if (!sql_registry_count_identifiers(db, NULL, org_id, &places, &found, err)) return false;
    if (!sql_registry_insert_directory_identifier(db, scheme, value, org_id, &changed, err))
        return false;
    if (changed == 0) return error_set(err, ERROR_REGISTRY_IDENTIFIER_TAKEN, "SS", scheme, value);
    return sql_registry_insert_identifier(db, org_id, scheme, value, places.places + 1, NULL, err);
}

bool registry_add_org(struct db *db, const struct registry_codes *codes,
                      const struct registry_org *new_org, int64_t now_ms, id64 *org_id,
                      struct error *err)
{
    struct registry_org org = *new_org;
    date today = instant_day(now_ms, org.utc_offset_minutes);
    if (!registry_check_org(codes, &org, today, err)) return false;
    id64 id = id_new();
    if (!sql_registry_insert_org(db, id, str_from(registry_org_kind_name(org.kind)),
                                 str_trim(registry_str(org.name)), registry_str(org.name_en),
                                 registry_str(org.industry), registry_str(org.division),
                                 registry_str(org.province), registry_str(org.grid_region),
                                 registry_str(org.scale), founded_of(&org), org.on_register,
                                 org.ets, org.invented, org.utc_offset_minutes, now_ms, NULL, err))
        return false;
    if (registry_text(org.identifier)[0] != '\0' &&
        !registry_add_identifier(db, id, registry_str(org.scheme), registry_str(org.identifier),
                                 err))
        return false;
    *org_id = id;
    return true;
}

bool registry_change_org(struct db *db, const struct registry_codes *codes,
                         const struct registry_org *changed_org, struct error *err)
{
    struct registry_org org = *changed_org, before;
    if (!registry_get_org(db, db_arena(db), org.org_id, &before, err)) return false;
    org.kind = before.kind;
    org.scheme = before.scheme;
    date today = instant_day(instant_now_ms(), org.utc_offset_minutes);
    if (!registry_check_org(codes, &org, today, err)) return false;
    return sql_registry_update_org(
        db, org.org_id, str_trim(registry_str(org.name)), registry_str(org.name_en),
        registry_str(org.industry), registry_str(org.division), registry_str(org.province),
        registry_str(org.grid_region), registry_str(org.scale), founded_of(&org), org.on_register,
        org.ets, org.invented, org.utc_offset_minutes, NULL, err);
}

bool registry_set_on_register(struct db *db, const struct viewer *viewer,
                              const struct registry_codes *codes, id64 org_id, bool on,
                              bool *changed, struct error *err)
{
    struct registry_org org, own;
    if (viewer->role != REGISTRY_AUTHORITY_OFFICER)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "change the monitoring register");
    if (!registry_get_org(db, db_arena(db), org_id, &org, err) ||
        !registry_get_org(db, db_arena(db), viewer->org_id, &own, err))
        return false;
    if (own.kind != REGISTRY_AUTHORITY || org.kind != REGISTRY_ENTERPRISE ||
        !registry_in_division(&own, &org))
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s",
                         "supervise an enterprise of another division");
    *changed = org.on_register != on;
    org.on_register = on;
    return !*changed || registry_change_org(db, codes, &org, err);
}

/* The rows of registry_select_org and registry_select_orgs have the same columns. */
#define ORG_FROM_ROW(arena, row, org)                                                     \
    do {                                                                                  \
        enum registry_org_kind kind_ = REGISTRY_ENTERPRISE;                               \
        CHECK(registry_org_kind_parse((row)->kind, &kind_));                              \
        *(org) = (struct registry_org){                                                   \
            .org_id = (row)->org_id,                                                      \
            .kind = kind_,                                                                \
            .name = str_dup(arena, (row)->name),                                          \
            .name_en = str_dup(arena, (row)->name_en),                                    \
            .scheme = (row)->has_scheme ? str_dup(arena, (row)->scheme) : "",             \
            .identifier = (row)->has_identifier ? str_dup(arena, (row)->identifier) : "", \
            .industry = str_dup(arena, (row)->industry),                                  \
            .division = str_dup(arena, (row)->division),                                  \
            .province = str_dup(arena, (row)->province),                                  \
            .grid_region = str_dup(arena, (row)->grid_region),                            \
            .scale = str_dup(arena, (row)->scale),                                        \
            .has_founded = (row)->has_founded,                                            \
            .founded = (row)->founded,                                                    \
            .on_register = (row)->on_register,                                            \
            .ets = (row)->ets,                                                            \
            .invented = (row)->invented,                                                  \
            .utc_offset_minutes = (int)(row)->utc_offset_minutes,                         \
            .created_at = (row)->created_at,                                              \
        };                                                                                \
    } while (0)

bool registry_get_org(struct db *db, struct arena *arena, id64 org_id, struct registry_org *org,
                      struct error *err)
{
    struct sql_registry_select_org_row row;
    bool found;
    if (!sql_registry_select_org(db, arena, org_id, &row, &found, err)) return false;
    if (!found) {
        char text[ID_TEXT_MAX];
        id_format(org_id, text);
        return error_set(err, ERROR_REGISTRY_ORG_UNKNOWN, "s", text);
    }
    ORG_FROM_ROW(arena, &row, org);
    return true;
}

bool registry_find_org(struct db *db, struct arena *arena, str scheme, str value,
                       struct registry_org *org, bool *found, struct error *err)
{
    struct sql_registry_find_identifier_row row;
    if (!sql_registry_find_identifier(db, arena, scheme, value, &row, found, err)) return false;
    return !*found || registry_get_org(db, arena, row.org_id, org, err);
}

bool registry_resolve_org(struct db *db, struct arena *arena, str text, struct registry_org *org,
                          struct error *err)
{
    bool found = false;
    size_t colon;
    str scheme = STR(REGISTRY_SCHEME_CREDIT_CODE), value = str_trim(text);
    if (str_find(value, STR(":"), &colon)) {
        scheme = str_slice(value, 0, colon);
        value = str_slice(value, colon + 1, value.len);
    }
    if (!registry_find_org(db, arena, scheme, value, org, &found, err)) return false;
    if (found) return true;
    id64 id;
    struct sql_registry_select_org_row row;
    if (id_parse(str_trim(text), &id)) {
        if (!sql_registry_select_org(db, arena, id, &row, &found, err)) return false;
        if (found) ORG_FROM_ROW(arena, &row, org);
    }
    return found || error_set(err, ERROR_REGISTRY_ORG_UNKNOWN, "S", text);
}

/* The least text after every text with the prefix: digits and letters sort below '~'. */
static str after_prefix(struct arena *arena, const char *prefix)
{
    return str_from(arena_printf(arena, "%s~", registry_text(prefix)));
}

bool registry_list_orgs(struct db *db, struct arena *arena,
                        const struct registry_org_filter *filter, struct registry_org **list,
                        size_t *count, struct error *err)
{
    struct sql_registry_select_orgs_row *rows;
    size_t n;
    int64_t rows_max = filter->rows_max <= 0 || filter->rows_max > 1000 ? 1000 : filter->rows_max;
    if (!sql_registry_select_orgs(
            db, arena, str_from(registry_org_kind_name(filter->kind)),
            registry_str(filter->division_prefix), after_prefix(arena, filter->division_prefix),
            registry_str(filter->industry_prefix), after_prefix(arena, filter->industry_prefix),
            filter->on_register_only, rows_max, filter->skip, &rows, &n, err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct registry_org, n + 1);
    for (size_t i = 0; i < n; i++) ORG_FROM_ROW(arena, &rows[i], &(*list)[i]);
    *count = n;
    return true;
}

bool registry_set_setting(struct db *db, id64 org_id, str name, str value, struct error *err)
{
    if (value.len > REGISTRY_TEXT_BYTES_MAX)
        return error_set(err, ERROR_LIMIT, "iis", (int64_t)value.len,
                         (int64_t)REGISTRY_TEXT_BYTES_MAX, "bytes of a setting");
    return sql_registry_upsert_setting(db, org_id, name, value, NULL, err);
}

bool registry_get_setting(struct db *db, struct arena *arena, id64 org_id, str name, str *value,
                          bool *found, struct error *err)
{
    struct sql_registry_select_setting_row row;
    if (!sql_registry_select_setting(db, arena, org_id, name, &row, found, err)) return false;
    if (*found) *value = row.value;
    return true;
}
