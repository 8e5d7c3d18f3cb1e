/* Monthly electricity data from the readings of the main meters. */
#include <string.h>

#include "account/internal.h"
#include "base/buf.h"
#include "meter/meter.h"

enum { DAY_MINUTES = 1440 };

struct month_sum {
    int32_t month;
    int64_t sum_wh, count, expected;
    int64_t meters;  /* that have any reading of the month */
    int64_t missing; /* intervals of the meters that have none */
};

struct reader { /* a main meter and how often it reads */
    const struct registry_asset *meter;
    struct meter_month *months;
    size_t month_count;
    int interval_minutes; /* 0: it has no reading at all */
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

static bool read_meter(struct gathering *g, const struct registry_asset *meter,
                       struct reader *reader, struct error *err)
{
    struct meter_span span;
    bool found;
    /* The rows go into the organisation's own submission, which asks who submits. */
    struct viewer own = registry_viewer_own(meter->org_id, 0);
    *reader = (struct reader){.meter = meter};
    if (!meter_read_span(g->db, &own, meter->org_id, meter->asset_id, &span, &found, err))
        return false;
    if (found) reader->interval_minutes = span.interval_minutes;
    return meter_read_months(g->db, &own, meter->org_id, meter->asset_id, g->first, g->last, 0,
                             &reader->months, &reader->month_count, err);
}

static void add_months(struct gathering *g, const struct reader *reader)
{
    for (size_t i = 0; i < reader->month_count; i++) {
        struct month_sum *to = find_month(g, reader->months[i].month);
        to->sum_wh += reader->months[i].sum_wh;
        to->count += reader->months[i].count;
        to->expected += reader->months[i].expected;
        to->meters++;
    }
    buf_printf(g->names, "%s%s", g->meters++ == 0 ? "" : ", ",
               reader->meter->code[0] != '\0' ? reader->meter->code : reader->meter->name);
}

/* A meter without any reading of a month is missing from it with all its intervals: as many as it
 * has otherwise, or as many as the others have where nothing of it ever came. */
static void add_absence(struct gathering *g, const struct reader *reader)
{
    size_t next = 0;
    for (size_t i = 0; i < g->month_count; i++) {
        struct month_sum *to = &g->months[i];
        if (next < reader->month_count && reader->months[next].month == to->month) {
            next++;
            continue;
        }
        if (to->meters == 0) continue;
        int64_t days = month_last_day(to->month).day - month_first_day(to->month).day + 1;
        to->missing += reader->interval_minutes != 0
                           ? days * (DAY_MINUTES / reader->interval_minutes)
                           : to->expected / to->meters;
    }
}

static bool gather(struct gathering *g, struct error *err)
{
    struct registry_asset *list;
    size_t count, n = 0;
    if (!registry_list_assets(g->db, g->arena, g->meter->org_id, &list, &count, err)) return false;
    if (!registry_is_main_meter(list, count, g->meter)) return true;
    struct reader *readers = ARENA_NEW_ARRAY(g->arena, struct reader, count + 1);
    for (size_t i = 0; i < count; i++)
        if (list[i].settlement == g->meter->settlement &&
            registry_is_main_meter(list, count, &list[i]) &&
            !read_meter(g, &list[i], &readers[n++], err))
            return false;
    for (size_t i = 0; i < n; i++) add_months(g, &readers[i]);
    for (size_t i = 0; i < n; i++) add_absence(g, &readers[i]);
    return true;
}

/* How complete a month is, in words. */
static const char *month_text(const struct gathering *g, const struct month_sum *month)
{
    const char *text =
        arena_printf(g->arena, "%lld Wh, %lld of %lld intervals", (long long)month->sum_wh,
                     (long long)month->count, (long long)(month->expected + month->missing));
    if (month->meters == g->meters) return text;
    return arena_printf(g->arena, "%s, %lld of %lld meters", text, (long long)month->meters,
                        (long long)g->meters);
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
            .raw = month_text(&g, month),
            .row_ref = arena_printf(arena, "meter %.*s", STR_ARG(buf_str(g.names))),
            .tier = tier,
            .asset_id = meter->asset_id,
        };
    }
    *count = n;
    return true;
}
