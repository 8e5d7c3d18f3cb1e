/* Monthly electricity data from a meter's readings. */
#include "account/internal.h"
#include "meter/meter.h"

bool account_meter_rows(struct db *db, struct arena *arena, const struct registry_asset *meter,
                        const char *input, const char *key, date first, date last,
                        struct account_row **rows, size_t *count, struct error *err)
{
    struct meter_month *months;
    size_t n;
    enum account_tier tier = meter->settlement   ? ACCOUNT_TIER_SETTLEMENT
                             : meter->calibrated ? ACCOUNT_TIER_METER
                                                 : ACCOUNT_TIER_DECLARED;
    /* The rows go into the organisation's own submission, which asks who submits. */
    struct viewer own = registry_viewer_own(meter->org_id, 0);
    if (!meter_read_months(db, &own, meter->org_id, meter->asset_id, first, last, 0, &months, &n,
                           err))
        return false;
    *rows = ARENA_NEW_ARRAY(arena, struct account_row, n + 1);
    for (size_t i = 0; i < n; i++)
        (*rows)[i] = (struct account_row){
            .period = account_month(months[i].month),
            .input = input,
            .key = key,
            .has_number = true,
            .value = (double)months[i].sum_wh / 1000,
            .unit = "kWh",
            .text = "",
            .raw =
                arena_printf(arena, "%lld Wh, %lld of %lld intervals", (long long)months[i].sum_wh,
                             (long long)months[i].count, (long long)months[i].expected),
            .row_ref = arena_printf(arena, "meter %s", meter->code[0] ? meter->code : meter->name),
            .tier = tier,
            .asset_id = meter->asset_id,
        };
    *count = n;
    return true;
}
