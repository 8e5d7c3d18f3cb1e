/* Monthly electricity data from the readings of the main meters. */
#include <string.h>

#include "account/internal.h"
#include "base/buf.h"
#include "meter/meter.h"

struct month_sum {
    int32_t month;
    int64_t sum_wh, count, expected;
};

struct gathering {
    struct db *db;
    struct arena *arena;
    const struct registry_asset *meter; /* the one whose file came */
    date first, last;
    struct month_sum *months; /* in order */
    size_t month_count;
    struct buf *names;
    int64_t meters;
};

static struct month_sum *find_month(struct gathering *g, int32_t month)
{
    int32_t at = month - month_of(g->first);
    return &g->months[at];
}

static bool add_meter(struct gathering *g, const struct registry_asset *meter, struct error *err)
{
    struct meter_month *months;
    size_t count;
    /* The rows go into the organisation's own submission, which asks who submits. */
    struct viewer own = registry_viewer_own(meter->org_id, 0);
    if (!meter_read_months(g->db, &own, meter->org_id, meter->asset_id, g->first, g->last, 0,
                           &months, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct month_sum *to = find_month(g, months[i].month);
        to->sum_wh += months[i].sum_wh;
        to->count += months[i].count;
        to->expected += months[i].expected;
    }
    buf_printf(g->names, "%s%s", g->meters++ == 0 ? "" : ", ",
               meter->code[0] != '\0' ? meter->code : meter->name);
    return true;
}

static bool gather(struct gathering *g, struct error *err)
{
    struct registry_asset *list;
    size_t count;
    if (!registry_list_assets(g->db, g->arena, g->meter->org_id, &list, &count, err)) return false;
    if (!registry_is_main_meter(list, count, g->meter)) return true;
    for (size_t i = 0; i < count; i++)
        if (list[i].settlement == g->meter->settlement &&
            registry_is_main_meter(list, count, &list[i]) && !add_meter(g, &list[i], err))
            return false;
    return true;
}

bool account_meter_rows(struct db *db, struct arena *arena, const struct registry_asset *meter,
                        const char *input, const char *key, date first, date last,
                        struct account_row **rows, size_t *count, struct error *err)
{
    enum account_tier tier = meter->settlement   ? ACCOUNT_TIER_SETTLEMENT
                             : meter->calibrated ? ACCOUNT_TIER_METER
                                                 : ACCOUNT_TIER_DECLARED;
    int32_t from = month_of(first), to = month_of(last);
    struct gathering g = {.db = db,
                          .arena = arena,
                          .meter = meter,
                          .first = month_first_day(from),
                          .last = month_last_day(to),
                          .month_count = (size_t)(to - from + 1),
                          .names = buf_new(arena)};
    CHECK(from <= to);
    g.months = ARENA_NEW_ARRAY(arena, struct month_sum, g.month_count);
    for (size_t i = 0; i < g.month_count; i++) g.months[i].month = from + (int32_t)i;
    if (!gather(&g, err)) return false;
    size_t n = 0;
    *rows = ARENA_NEW_ARRAY(arena, struct account_row, g.month_count + 1);
    for (size_t i = 0; i < g.month_count; i++) {
        const struct month_sum *month = &g.months[i];
        if (month->count == 0) continue;
        (*rows)[n++] = (struct account_row){
            .period = account_month(month->month),
            .input = input,
            .key = key,
            .has_number = true,
            .value = (double)month->sum_wh / 1000,
            .unit = "kWh",
            .text = "",
            .raw = arena_printf(arena, "%lld Wh, %lld of %lld intervals", (long long)month->sum_wh,
                                (long long)month->count, (long long)month->expected),
            .row_ref = arena_printf(arena, "meter %.*s", STR_ARG(buf_str(g.names))),
            .tier = tier,
            .asset_id = meter->asset_id,
        };
    }
    *count = n;
    return true;
}
