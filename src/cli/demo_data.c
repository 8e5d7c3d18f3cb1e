/* The demo's data: each enterprise's file is cut into the parts that it would have sent (a year at
 * once before 2025, then month by month), and each part goes through app_import_file at its time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "cli/demo.h"

#define MONTHLY_FROM 2025
#define SENT_ON_DAY 8
#define MORNING_MS        \
    ((int64_t)10 * 3600 * \
     1000) /* ten in the morning in China is two UTC; the part's hour matters to nobody */

struct part {
    struct demo_org *org;
    int year;
    int32_t month; /* 0: the whole year, or its yearly values */
    int64_t sent_ms;
    const char *name;
    struct buf *csv;
};

struct history {
    struct demo *demo;
    struct part *parts;
    size_t count, capacity;
};

static struct part *find_part(struct history *history, struct demo_org *org, int year,
                              int32_t month)
{
    for (size_t i = 0; i < history->count; i++)
        if (history->parts[i].org == org && history->parts[i].year == year &&
            history->parts[i].month == month)
            return &history->parts[i];
    struct part *part =
        ARENA_PUSH(history->demo->arena, history->parts, history->count, history->capacity);
    /* A month is sent on the 8th of the next one; a year, and a year's values, in the January after
     * it. */
    date sent = month_first_day(month != 0 ? month + 1 : month_make(year + 1, 1));
    sent.day += month != 0 ? SENT_ON_DAY - 1 : SENT_ON_DAY + 3;
    char label[DATE_TEXT_MAX];
    if (month != 0)
        month_format(month, label);
    else
        memcpy(label, arena_printf(history->demo->arena, "%04d", year), 5);
    *part = (struct part){
        .org = org,
        .year = year,
        .month = month,
        .csv = buf_new(history->demo->arena),
        .sent_ms = sent.day * DAY_MS + MORNING_MS,
        .name = arena_printf(history->demo->arena, "%s %s.csv", org->org.name, label)};
    buf_puts(part->csv, "period,input,key,value,unit\r\n");
    return part;
}

static bool cut_file(struct history *history, struct demo_org *org, struct error *err)
{
    struct csv_table table;
    if (!demo_table(history->demo, org->data, &table, err)) return false;
    for (size_t i = 0; i < table.count; i++) {
        int64_t year;
        int32_t month = 0;
        str period = demo_cell(&table, i, "period");
        if (!num_parse_int(str_slice(period, 0, 4), &year))
            return error_set(err, ERROR_CLI_DEMO_ROW, "si", org->data, table.lines[i]);
        if (year >= MONTHLY_FROM && period.len > 4 &&
            !month_parse_human(history->demo->arena, period, &month))
            return error_set(err, ERROR_CLI_DEMO_ROW, "si", org->data, table.lines[i]);
        struct part *part = find_part(history, org, (int)year, month);
        for (size_t c = 0; c < table.columns; c++) csv_put(part->csv, table.rows[i][c], c == 0);
        csv_end_row(part->csv);
    }
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct part *left = a, *right = b;
    if (left->sent_ms != right->sent_ms) return left->sent_ms < right->sent_ms ? -1 : 1;
    return left->org < right->org ? -1 : left->org > right->org;
}

static bool cut_all(struct history *history, struct error *err)
{
    for (size_t i = 0; i < history->demo->org_count; i++)
        if (history->demo->orgs[i].data[0] != '\0' &&
            !cut_file(history, &history->demo->orgs[i], err))
            return false;
    if (history->count > 1) qsort(history->parts, history->count, sizeof *history->parts, by_time);
    return true;
}

size_t demo_count_history(struct demo *demo, struct error *err)
{
    struct history history = {.demo = demo};
    return cut_all(&history, err) ? history.count + 1 : 0;
}

/* ---- what follows an import ---- */

struct follow {
    struct demo *demo;
    struct arena *arena;
    const struct demo_org *org;
    int year;
};

static bool refresh(struct db *db, void *arg, struct error *err)
{
    struct follow *f = arg;
    int64_t now = instant_now_ms();
    return credit_refresh(db, f->arena, &f->org->manager, &f->demo->app->credit, f->org->org.org_id,
                          f->year, instant_day(now, 480), now, err);
}

/* The second person posts what the checks let through; then the year is judged anew. */
static bool approve(struct db *db, void *arg, struct error *err)
{
    struct follow *f = arg;
    struct account_run_filter filter = {.has_state = true, .state = ACCOUNT_DRAFT};
    struct account_run *runs;
    struct credit_rating rating;
    size_t count;
    int64_t now = instant_now_ms();
    if (!account_list_runs(db, f->arena, &f->org->approver, f->org->org.org_id, &filter, &runs,
                           &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (runs[i].gate == ACCOUNT_GATE_OPEN &&
            !account_approve(db, &f->org->approver, f->org->org.org_id, runs[i].run_id, now, err))
            return false;
    return credit_rate(db, f->arena, &f->org->manager, &f->demo->app->credit, f->org->org.org_id,
                       f->year, instant_day(now, 480), now, &rating, err);
}

static bool follow_up(struct demo *demo, const struct demo_org *org, int year, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct follow f = {.demo = demo, .arena = arena, .org = org, .year = year};
    return store_write(demo->app->store, refresh, &f, err) &&
           store_write(demo->app->store, approve, &f, err);
}

static bool send_part(struct demo *demo, const struct part *part, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(INTAKE_ARENA_BYTES);
    struct app_imported imported;
    struct app_file file = {.org_id = part->org->org.org_id,
                            .name = part->name,
                            .bytes = buf_str(part->csv),
                            .year = part->year,
                            .tier = part->org->tier};
    instant_fix(part->sent_ms);
    if (!app_import_file(demo->app, arena, &part->org->manager, &file, &imported, err))
        return false;
    /* A refused row means that the example and the models no longer fit: the demo must not hide it.
     */
    if (imported.submission.rows_refused > 0)
        return error_set(err, ERROR_CLI_DEMO_REFUSED, "si", part->name,
                         imported.submission.rows_refused);
    return follow_up(demo, part->org, part->year, err);
}

bool demo_load_history(struct demo *demo, struct error *err)
{
    struct history history = {.demo = demo};
    if (!cut_all(&history, err)) return false;
    for (size_t i = 0; i < history.count; i++) {
        demo_progress(demo, history.parts[i].name);
        if (!send_part(demo, &history.parts[i], err)) return false;
        /* A checkpoint a day, as a running server would have signed at least. */
        bool last_of_day =
            i + 1 == history.count || history.parts[i + 1].sent_ms != history.parts[i].sent_ms;
        if (last_of_day && !app_sequence(demo->app, err)) return false;
    }
    instant_fix(0);
    return true;
}

/* ---- the real meter ---- */

struct plant {
    struct demo *demo;
    struct demo_org *org;
    id64 meter_id;
};

static bool add_meter(struct db *db, void *arg, struct error *err)
{
    struct plant *plant = arg;
    int64_t now = instant_now_ms();
    id64 org_id = plant->org->org.org_id, site;
    struct registry_asset place = {.org_id = org_id,
                                   .kind = REGISTRY_SITE,
                                   .code = "S1",
                                   .name = "光阳厂区",
                                   .name_en = "Gwangyang site",
                                   .medium = "",
                                   .unit = "",
                                   .ratio = 1};
    if (!registry_add_asset(db, &place, now, &site, err)) return false;
    struct registry_asset meter = {.org_id = org_id,
                                   .parent_id = site,
                                   .kind = REGISTRY_METER,
                                   .code = "M1",
                                   .name = "总进线电表",
                                   .name_en = "Main incoming meter",
                                   .medium = "electricity",
                                   .unit = "kWh",
                                   .ratio = 1,
                                   .settlement = true,
                                   .calibrated = true};
    return registry_add_asset(db, &meter, now, &plant->meter_id, err) &&
           account_override_method(
               db, &plant->org->manager, &plant->demo->app->rules, org_id, 2018, "ghg.electricity",
               "Only the electricity meter is known; fuels, materials and output are not.", now,
               err);
}

bool demo_load_meter(struct demo *demo, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(INTAKE_ARENA_BYTES);
    struct plant plant = {.demo = demo};
    for (size_t i = 0; i < demo->org_count; i++)
        if (strcmp(demo->orgs[i].note, "real") == 0) plant.org = &demo->orgs[i];
    if (plant.org == NULL) return true;
    demo_progress(demo, "the real 15-minute meter");
    const char *name = "steel_meter_2018_feb_dec.csv";
    str bytes;
    struct meter_mapping mapping;
    struct meter_evidence *evidence;
    size_t count;
    struct app_metered metered;
    const char *path = arena_printf(arena, "%s/../uci-steel-meter/%s", demo->folder, name);
    if (!file_read(arena, path, (size_t)64 << 20, &bytes, err) ||
        !store_write(demo->app->store, add_meter, &plant, err) ||
        !meter_mapping_detect(arena, bytes, &mapping, &evidence, &count, err))
        return false;
    struct app_readings readings = {.org_id = plant.org->org.org_id,
                                    .meter_id = plant.meter_id,
                                    .name = name,
                                    .bytes = bytes,
                                    .mapping = &mapping};
    return app_import_meter(demo->app, arena, &plant.org->manager, &readings, &metered, err) &&
           follow_up(demo, plant.org, 2018, err);
}
