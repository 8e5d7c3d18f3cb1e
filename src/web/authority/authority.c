/* The enterprises of an authority's division and how each has filed. */
#include "web/authority/authority.h"

#define PAGE_ROWS 1000
#define CHINA_MINUTES 480

bool authority_prefix(struct db *db, struct arena *arena, const struct viewer *viewer,
                      const char **prefix, bool *any, struct error *err)
{
    struct registry_org own;
    if (!registry_get_org(db, arena, viewer->org_id, &own, err)) return false;
    str code = str_from(own.division);
    *any = code.len != 0;
    while (code.len >= 2 && str_ends(code, "00")) code.len -= 2;
    *prefix = str_dup(arena, code);
    return true;
}

bool authority_list(struct db *db, struct arena *arena, const struct viewer *viewer,
                    bool on_register_only, struct registry_org **list, size_t *count,
                    struct error *err)
{
    struct registry_org_filter filter = {.kind = REGISTRY_ENTERPRISE,
                                         .industry_prefix = "",
                                         .on_register_only = on_register_only,
                                         .rows_max = PAGE_ROWS};
    size_t used, capacity = 0;
    bool any;
    *list = NULL;
    *count = 0;
    if (!authority_prefix(db, arena, viewer, &filter.division_prefix, &any, err)) return false;
    if (!any) return true;
    do {
        struct registry_org *page;
        if (!registry_list_orgs(db, arena, &filter, &page, &used, err)) return false;
        for (size_t i = 0; i < used; i++) *ARENA_PUSH(arena, *list, *count, capacity) = page[i];
        filter.skip += (int64_t)used;
    } while (used == PAGE_ROWS);
    return true;
}

bool authority_get(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                   struct registry_org *org, struct error *err)
{
    const char *prefix;
    bool any;
    if (!authority_prefix(db, arena, viewer, &prefix, &any, err) ||
        !registry_get_org(db, arena, org_id, org, err))
        return false;
    if (any && viewer->org_kind == REGISTRY_AUTHORITY && org->kind == REGISTRY_ENTERPRISE &&
        str_starts(str_from(org->division), prefix))
        return true;
    return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s",
                     "supervise an enterprise of another division");
}

/* ---- filing ---- */

bool authority_read_filings(struct db *db, void *filings, struct error *err)
{
    struct authority_filings *work = filings;
    struct registry_org *orgs;
    if (!authority_list(db, work->arena, work->viewer, true, &orgs, &work->count, err))
        return false;
    work->list = ARENA_NEW_ARRAY(work->arena, struct authority_filing, work->count + 1);
    work->filed = work->on_time = 0;
    for (size_t i = 0; i < work->count; i++) {
        struct app_filing filing;
        if (!app_read_filing(db, work->arena, work->viewer, orgs[i].org_id, work->month, &filing,
                             err))
            return false;
        work->list[i] = (struct authority_filing){.org = orgs[i],
                                                  .filed = filing.filed,
                                                  .posted = filing.posted,
                                                  .filed_at = filing.filed_at,
                                                  .reminded_at = filing.reminded_at};
        work->filed += filing.filed;
        work->on_time += filing.filed && filing.filed_at < work->due_ms;
    }
    return true;
}

date authority_due(const struct web *web, int32_t month)
{
    return app_filing_due(&web->app->config, month);
}

int32_t authority_last_due(const struct web *web)
{
    return app_filing_last_due(&web->app->config, instant_day(instant_now_ms(), CHINA_MINUTES));
}

const char *authority_month(const struct web *web, int32_t month)
{
    char text[DATE_TEXT_MAX];
    month_format(month, text);
    return arena_strdup(web->arena, text);
}
