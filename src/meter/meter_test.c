/* What a user relies on: the real meter's months, its trap, gaps that stay gaps, corrections kept.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "intake/intake.h"
#include "workbook.h"
#include "meter/chunk.h"
#include "meter/meter.h"
#include "registry/registry.h"
#include "store/store.h"

static struct arena *arena;
static struct error err;
static const date today = {20777}; /* 2026-11-20 */

static int set_up(void **state)
{
    (void)state;
    arena = arena_open(INTAKE_ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static void show_error(void)
{
    fail_msg("%s", error_render(arena, &err, error_sentence(err.code)));
}

static str real_file(void)
{
    str bytes;
    const char *source = getenv("TANSHU_SOURCE");
    assert_non_null(source);
    if (!file_read(
            arena,
            arena_printf(arena, "%s/examples/uci-steel-meter/steel_meter_2018_feb_dec.csv", source),
            (size_t)1 << 24, &bytes, &err))
        show_error();
    return bytes;
}

static void read_good(str bytes, const char *mapping_json, struct meter_file *file)
{
    struct meter_mapping mapping;
    if (!meter_mapping_parse(arena, str_from(mapping_json), &mapping, &err) ||
        !meter_read_file(arena, bytes, &mapping, today, file, &err))
        show_error();
}

#define SIMPLE                                                                                \
    "{\"header_row\":1,\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":\"Y-m-d " \
    "H:M\","                                                                                  \
    "\"unit\":\"kWh\",\"interval_minutes\":15,\"label\":\"end\"}"

/* ---- the real file ------------------------------------------------------------------------- */

static void test_detects_the_trap(void **state)
{
    (void)state;
    struct meter_mapping mapping;
    struct meter_evidence *evidence;
    size_t count;
    if (!meter_mapping_detect(arena, real_file(), &mapping, &evidence, &count, &err)) show_error();
    assert_string_equal(
        meter_mapping_format(arena, &mapping),
        "{\"header_row\":1,\"sheet\":\"\",\"time_column\":\"A\",\"value_column\":\"B\","
        "\"time_format\":\"d/m/Y H:M\",\"unit\":\"kWh\",\"value\":\"energy\","
        "\"interval_minutes\":15,\"label\":\"end\",\"midnight\":\"same_day_label\","
        "\"multiplier\":1,\"register_max\":0}");
    assert_true(count >= 5);
}

struct stored {
    id64 org_id, meter_id, other_id;
    struct meter_mapping mapping;
    struct meter_file *file;
    struct meter_import_result result;
};

/* Work may run on the store's own thread, where cmocka can't fail: it reports by its error. */
#define WANT(condition) \
    if (!(condition)) return error_set(e, ERROR_INTERNAL, "s", #condition)

static bool do_import(struct db *db, void *arg, struct error *e)
{
    struct stored *stored = arg;
    return meter_import(db, stored->org_id, stored->meter_id, 7, 8, &stored->mapping, stored->file,
                        &stored->result, e);
}

static bool add_orgs(struct db *db, void *arg, struct error *e)
{
    struct stored *stored = arg;
    struct registry_org bank = {.kind = REGISTRY_BANK,
                                .name = "甲银行",
                                .name_en = "",
                                .scheme = "test",
                                .identifier = "1",
                                .industry = "",
                                .division = "",
                                .scale = "",
                                .utc_offset_minutes = 480};
    struct registry_codes *codes = registry_codes_open(
        db_arena(db), arena_printf(db_arena(db), "%s/tables", getenv("TANSHU_SOURCE")), e);
    if (codes == NULL || !registry_add_org(db, codes, &bank, 0, &stored->org_id, e)) return false;
    bank.identifier = "2";
    return registry_add_org(db, codes, &bank, 0, &stored->other_id, e);
}

static bool check_months(struct db *db, void *arg, struct error *e)
{
    /* SOURCE.md, monthly kWh by label date. */
    static const int64_t kwh[] = {91497, 80230, 78770, 79059, 65405, 81674,
                                  68559, 57883, 84666, 86218, 59437};
    const struct stored *stored = arg;
    struct viewer viewer = registry_viewer_own(stored->org_id, 8);
    struct meter_month *months, *years;
    struct meter_span span;
    struct meter_heat heat;
    size_t count, year_count;
    bool found;
    date first, last;
    WANT(date_make(2018, 1, 1, &first) && date_make(2018, 12, 31, &last));
    if (!meter_read_months(db, &viewer, stored->org_id, stored->meter_id, first, last, 0, &months,
                           &count, e) ||
        !meter_read_years(db, &viewer, stored->org_id, stored->meter_id, 0, &years, &year_count,
                          e) ||
        !meter_read_span(db, &viewer, stored->org_id, stored->meter_id, &span, &found, e) ||
        !meter_read_heat(db, &viewer, stored->org_id, stored->meter_id, first, last, 0, &heat, e))
        return false;
    WANT(count == 11);
    int64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        WANT(months[i].month == month_make(2018, 2 + (int)i));
        WANT((months[i].sum_wh + 500) / 1000 == kwh[i]);
        WANT(months[i].completeness == 1.0);
        total += months[i].sum_wh;
    }
    WANT(year_count == 1);
    WANT(years[0].sum_wh == total);
    WANT(years[0].count == 32064);
    WANT(years[0].expected == 365 * 96);
    WANT(found);
    WANT(span.days == 334);
    /* Every cell of the week has readings, and the mean of the cells is near the mean load of the
     * year. */
    double sum = 0;
    for (int w = 0; w < 7; w++)
        for (int h = 0; h < 24; h++) {
            WANT(heat.present[w][h]);
            sum += heat.kw[w][h];
        }
    double mean_kw = (double)total / 1000 / (334 * 24);
    WANT(sum / 168 > mean_kw * 0.99 && sum / 168 < mean_kw * 1.01);
    return true;
}

static bool check_refused(struct db *db, void *arg, struct error *e)
{
    const struct stored *stored = arg;
    struct viewer stranger = registry_viewer_own(stored->other_id, 9);
    struct meter_span span;
    bool found;
    WANT(!meter_read_span(db, &stranger, stored->org_id, stored->meter_id, &span, &found, e));
    WANT(e->code == ERROR_REGISTRY_NOT_ALLOWED);
    return true;
}

static struct store *open_store(void)
{
    struct store *store =
        store_open(&(struct store_options){.where = "sqlite::memory:", .create = true}, &err);
    if (store == NULL) show_error();
    return store;
}

static void test_real_months(void **state)
{
    (void)state;
    struct meter_file file;
    struct stored stored = {.org_id = 1, .meter_id = 2, .file = &file};
    str bytes = real_file();
    struct meter_evidence *evidence;
    size_t count;
    if (!meter_mapping_detect(arena, bytes, &stored.mapping, &evidence, &count, &err) ||
        !meter_read_file(arena, bytes, &stored.mapping, today, &file, &err))
        show_error();
    assert_int_equal(file.rows, 32064);
    assert_int_equal(file.accepted, 32064);
    assert_int_equal(file.refused, 0);
    assert_int_equal(file.day_count, 334);
    for (size_t i = 0; i < file.day_count; i++) assert_int_equal(file.days[i].count, 96);
    struct store *store = open_store();
    if (!store_write(store, add_orgs, &stored, &err)) show_error();
    if (!store_write(store, do_import, &stored, &err)) show_error();
    assert_int_equal(stored.result.days_new, 334);
    if (!store_read(store, check_months, &stored, &err)) show_error();
    if (!store_read(store, check_refused, &stored, &err)) show_error();
    /* The same file again changes nothing. */
    if (!store_write(store, do_import, &stored, &err)) show_error();
    assert_int_equal(stored.result.days_same, 334);
    assert_int_equal(stored.result.days_new + stored.result.days_corrected, 0);
    store_close(store);
}

/* Read as its labels say, the file loses the right day: January appears and 31 December is short.
 */
static void test_trap_unfixed(void **state)
{
    (void)state;
    struct meter_file file;
    date january;
    read_good(
        real_file(),
        "{\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":\"d/m/Y H:M\","
        "\"unit\":\"kWh\",\"interval_minutes\":15,\"label\":\"end\",\"midnight\":\"as_written\"}",
        &file);
    assert_true(date_make(2018, 1, 31, &january));
    assert_int_equal(file.days[0].day.day, january.day);
    assert_int_equal(file.days[0].count, 1);
}

/* ---- bad rows -----------------------------------------------------------------------------------
 */

static void assert_refused(const struct meter_file *file, size_t i, uint32_t row,
                           enum error_code code)
{
    assert_true(i < file->refusal_count);
    if (file->refusals[i].error.code != code || file->refusals[i].row != row)
        fail_msg("%zu: row %u %s", i, file->refusals[i].row,
                 error_name(file->refusals[i].error.code));
}

static void test_bad_rows(void **state)
{
    (void)state;
    struct meter_file file;
    read_good(STR("time,kWh\n"
                  "2026-01-01 00:15,1.5\n" /* 2 */
                  "2026-01-01 00:30,-2\n"  /* 3 negative */
                  "2026-01-01 00:45,n/a\n" /* 4 no number */
                  "2026-01-01 00:50,1\n"   /* 5 off the grid */
                  "2026-13-01 01:00,1\n"   /* 6 no such month */
                  "2026-01-01 01:15,\n"    /* 7 empty */
                  "2026-01-01 00:15,1.5\n" /* 8 identical */
                  "2026-01-01 02:00,4\n"   /* 9, 10 differ */
                  "2026-01-01 02:00,5\n"
                  "2027-01-01 01:00,1\n"         /* 11 future */
                  "2026-01-01 03:00,=1+2\n"      /* 12 formula */
                  "2026-01-02 00:00,\"1,000\"\n" /* 13: the last interval of 1 January */
                  "2026-01-01 04:00,1e99\n"),    /* 14 */
              SIMPLE, &file);
    assert_int_equal(file.rows, 13);
    assert_int_equal(file.accepted, 2);
    assert_int_equal(file.repeated, 1);
    assert_int_equal(file.refused, 10);
    assert_int_equal(file.day_count, 1);
    assert_int_equal(file.days[0].count, 2);
    assert_int_equal(file.days[0].wh[0], 1500);
    assert_int_equal(file.days[0].wh[95], 1000000);
    assert_true(file.days[0].wh[7] == METER_GAP);
    assert_int_equal(file.days[0].flags & (METER_FLAG_GAP | METER_FLAG_REFUSED),
                     METER_FLAG_GAP | METER_FLAG_REFUSED);
    assert_refused(&file, 0, 3, ERROR_METER_NEGATIVE);
    assert_refused(&file, 1, 4, ERROR_METER_NUMBER);
    assert_refused(&file, 2, 5, ERROR_METER_GRID);
    assert_refused(&file, 3, 6, ERROR_METER_TIME);
    assert_refused(&file, 4, 7, ERROR_METER_NUMBER);
    assert_refused(&file, 5, 9, ERROR_METER_DUPLICATE);
    assert_refused(&file, 6, 10, ERROR_METER_DUPLICATE);
    assert_refused(&file, 7, 11, ERROR_METER_FUTURE);
    assert_refused(&file, 8, 12, ERROR_METER_NUMBER);
    assert_refused(&file, 9, 14, ERROR_METER_RANGE);
}

static void test_power_multiplier_register(void **state)
{
    (void)state;
    struct meter_file file;
    /* 2 kW over 30 minutes is 1 kWh; a ratio of 200 makes it 200. */
    read_good(STR("a,b\n2026/1/1 0:00,2\n2026/1/1 0:30,4\n"),
              "{\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":\"Y/m/d "
              "H:M\",\"unit\":\"kW\","
              "\"value\":\"power\",\"interval_minutes\":30,\"label\":\"start\",\"multiplier\":200}",
              &file);
    assert_int_equal(file.days[0].wh[0], 200000);
    assert_int_equal(file.days[0].wh[1], 400000);
    /* A register of six digits that rolls over: 999990 → 5 is 15; a gap of an hour gives no
     * interval. */
    read_good(
        STR("d,t,r\n2026-01-01,00:00,999980\n2026-01-01,01:00,999990\n2026-01-01,02:00,5\n"
            "2026-01-01,04:00,10\n2026-01-01,05:00,12\n"),
        "{\"time_column\":\"A\",\"clock_column\":\"B\",\"value_column\":\"C\",\"time_format\":\"Y-"
        "m-d H:M\","
        "\"unit\":\"度\",\"value\":\"register\",\"interval_minutes\":60,\"register_max\":1000000}",
        &file);
    assert_int_equal(file.days[0].wh[0], 10000);
    assert_int_equal(file.days[0].wh[1], 15000);
    assert_true(file.days[0].wh[2] == METER_GAP && file.days[0].wh[3] == METER_GAP);
    assert_int_equal(file.days[0].wh[4], 2000);
    assert_int_equal(file.refused, 0);
    read_good(STR("d,r\n2026-01-01 00:00,50\n2026-01-01 01:00,40\n2026-01-01 02:00,41\n"),
              "{\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":\"Y-m-d H:M\","
              "\"unit\":\"kWh\",\"value\":\"register\",\"interval_minutes\":60}",
              &file);
    assert_refused(&file, 0, 3, ERROR_METER_REGISTER_BACK);
    assert_int_equal(file.days[0].wh[1], 1000);
}

/* A workbook whose times are date cells: no form of text is needed. */
static void test_workbook_of_dates(void **state)
{
    (void)state;
    struct buf *rows = buf_new(arena);
    /* 46023 is 2026-01-01: 43101 (2018-01-01) and 2922 days (eight years, two of them leap). */
    for (int i = 0; i < 48; i++) {
        char serial[NUM_TEXT_MAX];
        num_format(46023 + i / 48.0, serial);
        buf_printf(rows, "<row><c s=\"1\"><v>%s</v></c><c><v>2.5</v></c></row>", serial);
    }
    str bytes = test_workbook(
        arena, &(struct test_workbook){
                   .styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs>",
                   .sheet = arena_printf(arena, "<sheetData>%s</sheetData>",
                                         str_dup(arena, buf_str(rows)))});
    struct meter_mapping mapping;
    struct meter_evidence *evidence;
    struct meter_file file;
    size_t count;
    date day;
    if (!meter_mapping_detect(arena, bytes, &mapping, &evidence, &count, &err) ||
        !meter_read_file(arena, bytes, &mapping, today, &file, &err))
        show_error();
    assert_int_equal(mapping.interval_minutes, 30);
    assert_int_equal(mapping.label, METER_LABEL_START);
    assert_int_equal(mapping.header_row, 0);
    assert_true(date_make(2026, 1, 1, &day));
    assert_int_equal(file.day_count, 1);
    assert_int_equal(file.days[0].day.day, day.day);
    assert_int_equal(file.days[0].count, 48);
    assert_int_equal(file.sum_wh, 48 * 2500);
    assert_true((file.days[0].flags & METER_FLAG_CONSTANT) != 0);
}

static void test_bad_mapping(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{",
        "[]",
        "{\"time_column\":\"A\",\"value_column\":\"B\",\"unit\":\"t\"}",
        "{\"time_column\":\"1\",\"value_column\":\"B\",\"unit\":\"kWh\"}",
        "{\"time_column\":\"A\",\"value_column\":\"B\",\"unit\":\"kWh\",\"interval_minutes\":7}",
        "{\"time_column\":\"A\",\"value_column\":\"B\",\"unit\":\"kWh\",\"midnight\":\"noon\"}",
        "{\"time_column\":\"A\",\"value_column\":\"B\",\"unit\":\"kW\"}",
        "{\"time_column\":\"A\",\"value_column\":\"B\",\"unit\":\"kWh\",\"multiplier\":0}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct meter_mapping mapping;
        assert_false(meter_mapping_parse(arena, str_from(bad[i]), &mapping, &err));
        assert_int_equal(err.code, ERROR_METER_MAPPING);
    }
    struct meter_file file;
    struct meter_mapping mapping;
    assert_true(meter_mapping_parse(arena, STR(SIMPLE), &mapping, &err));
    assert_false(meter_read_file(arena, STR("time,kWh\nx,1\n"), &mapping, today, &file, &err));
    assert_int_equal(err.code, ERROR_METER_NOTHING);
}

/* ---- corrections --------------------------------------------------------------------------- */

static bool check_versions(struct db *db, void *arg, struct error *e)
{
    const struct stored *stored = arg;
    struct viewer viewer = registry_viewer_own(stored->org_id, 8);
    struct meter_day *versions, *days;
    size_t count, day_count;
    date day;
    struct meter_mapping mapping;
    bool found;
    WANT(date_make(2026, 1, 1, &day));
    if (!meter_read_versions(db, &viewer, stored->org_id, stored->meter_id, day, &versions, &count,
                             e) ||
        !meter_read_days(db, &viewer, stored->org_id, stored->meter_id, day, day, 0, &days,
                         &day_count, e) ||
        !meter_load_mapping(db, stored->org_id, stored->meter_id, &mapping, &found, e))
        return false;
    WANT(count == 2);
    WANT(versions[0].sum_wh == 3000);
    WANT(versions[1].sum_wh == 1000 + 2500 + 4000);
    WANT((versions[1].flags & METER_FLAG_CORRECTED) != 0);
    WANT(day_count == 1);
    WANT(days[0].version == 2);
    WANT(found);
    WANT(mapping.interval_minutes == 15);
    return true;
}

static void test_correction(void **state)
{
    (void)state;
    struct meter_file file;
    struct stored stored = {.org_id = 1, .meter_id = 2, .file = &file};
    struct store *store = open_store();
    assert_true(meter_mapping_parse(arena, STR(SIMPLE), &stored.mapping, &err));
    read_good(STR("t,v\n2026-01-01 00:15,1\n2026-01-01 00:30,2\n"), SIMPLE, &file);
    if (!store_write(store, do_import, &stored, &err)) show_error();
    read_good(STR("t,v\n2026-01-01 00:30,2.5\n2026-01-01 00:45,4\n"), SIMPLE, &file);
    if (!store_write(store, do_import, &stored, &err)) show_error();
    assert_int_equal(stored.result.days_corrected, 1);
    if (!store_read(store, check_versions, &stored, &err)) show_error();
    /* Another interval length on the same day is refused, and nothing of the file stays. */
    read_good(STR("t,v\n2026-01-01 01:00,1\n"),
              "{\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":\"Y-m-d "
              "H:M\",\"unit\":\"kWh\","
              "\"interval_minutes\":60}",
              &file);
    assert_false(store_write(store, do_import, &stored, &err));
    assert_int_equal(err.code, ERROR_METER_INTERVAL_CHANGED);
    store_close(store);
}

/* ---- withdrawal ---------------------------------------------------------------------------- */

static bool withdraw_first(struct db *db, void *arg, struct error *e)
{
    struct stored *stored = arg;
    struct meter_batch batch;
    struct meter_withdrawal done;
    bool found;
    WANT(meter_find_batch(db, stored->org_id, 71, &batch, &found, e) && found);
    WANT(batch.meter_id == stored->meter_id && batch.derived_id == 0 && !batch.withdrawn);
    WANT(meter_note_derived(db, stored->org_id, batch.batch_id, 99, e));
    if (!meter_withdraw(db, stored->org_id, &batch, 500, 8, &done, e)) return false;
    WANT(done.days == 2 && done.days_changed == 2 && done.days_emptied == 1);
    struct error refused = {0};
    WANT(!meter_withdraw(db, stored->org_id, &batch, 501, 8, &done, &refused));
    WANT(refused.code == ERROR_METER_WITHDRAWN);
    WANT(meter_find_batch(db, stored->org_id, 71, &batch, &found, e) && found);
    WANT(batch.withdrawn && batch.derived_id == 99);
    WANT(meter_find_batch(db, stored->org_id, 4711, &batch, &found, e) && !found);
    return true;
}

static bool import_as(struct db *db, void *arg, struct error *e)
{
    struct stored *stored = arg;
    return meter_import(db, stored->org_id, stored->meter_id, stored->other_id, 8, &stored->mapping,
                        stored->file, &stored->result, e);
}

/* File 71 says 1, 2 kWh on 1 January and 7 on the 2nd; file 72 says 2 again, and 3. Without 71 the
 * first day is - 2 3 and the second day has nothing: that 72 repeated the 2 must not be lost. */
static bool check_withdrawn(struct db *db, void *arg, struct error *e)
{
    const struct stored *stored = arg;
    struct viewer viewer = registry_viewer_own(stored->org_id, 8);
    struct meter_day *days, *versions;
    struct meter_month *months;
    struct meter_span span;
    size_t count, version_count, month_count;
    bool found;
    date first, last;
    WANT(date_make(2026, 1, 1, &first) && date_make(2026, 1, 31, &last));
    if (!meter_read_days(db, &viewer, stored->org_id, stored->meter_id, first, last, 0, &days,
                         &count, e) ||
        !meter_read_versions(db, &viewer, stored->org_id, stored->meter_id, first, &versions,
                             &version_count, e) ||
        !meter_read_months(db, &viewer, stored->org_id, stored->meter_id, first, last, 0, &months,
                           &month_count, e) ||
        !meter_read_span(db, &viewer, stored->org_id, stored->meter_id, &span, &found, e))
        return false;
    WANT(count == 1 && days[0].day.day == first.day);
    WANT(days[0].wh[0] == METER_GAP && days[0].wh[1] == 2000 && days[0].wh[2] == 3000);
    WANT((days[0].flags & METER_FLAG_WITHDRAWN) != 0);
    WANT(version_count == 3 && versions[0].sum_wh == 3000 && versions[1].sum_wh == 6000);
    WANT(month_count == 1 && months[0].sum_wh == 5000 && months[0].days == 1);
    WANT(found && span.days == 1 && span.sum_wh == 5000);
    return true;
}

/* From 2 January on a reading an hour instead of a quarter: 96 intervals of the first day, 24 of
 * each of the other 30. */
static bool check_new_interval(struct db *db, void *arg, struct error *e)
{
    const struct stored *stored = arg;
    struct viewer viewer = registry_viewer_own(stored->org_id, 8);
    struct meter_month *months;
    size_t count;
    date first, last;
    WANT(date_make(2026, 1, 1, &first) && date_make(2026, 1, 31, &last));
    if (!meter_read_months(db, &viewer, stored->org_id, stored->meter_id, first, last, 0, &months,
                           &count, e))
        return false;
    WANT(count == 1 && months[0].days == 2 && months[0].count == 3);
    WANT(months[0].expected == 96 + 30 * 24);
    return true;
}

static void test_withdrawal(void **state)
{
    (void)state;
    struct meter_file file;
    struct stored stored = {.org_id = 1, .meter_id = 2, .file = &file};
    struct store *store = open_store();
    assert_true(meter_mapping_parse(arena, STR(SIMPLE), &stored.mapping, &err));
    read_good(STR("t,v\n2026-01-01 00:15,1\n2026-01-01 00:30,2\n2026-01-02 00:15,7\n"), SIMPLE,
              &file);
    stored.other_id = 71;
    if (!store_write(store, import_as, &stored, &err)) show_error();
    read_good(STR("t,v\n2026-01-01 00:30,2\n2026-01-01 00:45,3\n"), SIMPLE, &file);
    stored.other_id = 72;
    if (!store_write(store, import_as, &stored, &err)) show_error();
    if (!store_write(store, withdraw_first, &stored, &err)) show_error();
    if (!store_read(store, check_withdrawn, &stored, &err)) show_error();
    /* The emptied day takes readings again, of another interval too. */
    read_good(STR("t,v\n2026-01-02 01:00,9\n"),
              "{\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":\"Y-m-d H:M\","
              "\"unit\":\"kWh\",\"interval_minutes\":60}",
              &file);
    stored.other_id = 73;
    if (!store_write(store, import_as, &stored, &err)) show_error();
    assert_int_equal(stored.result.days_new, 1);
    if (!store_read(store, check_new_interval, &stored, &err)) show_error();
    store_close(store);
}

static void test_chunk(void **state)
{
    (void)state;
    /* By hand: bits 0 and 2 of 3 intervals; 300 is zigzag 600 = D8 04, then 299-300 = -1 is 01. */
    int64_t wh[] = {300, METER_GAP, 299}, back[3];
    str bytes = chunk_encode(arena, wh, 3);
    assert_int_equal(bytes.len, 4);
    assert_memory_equal(bytes.ptr, "\x05\xD8\x04\x01", 4);
    assert_true(chunk_decode(bytes, back, 3));
    assert_memory_equal(back, wh, sizeof wh);
    int64_t edges[] = {INT64_MAX, -INT64_MAX, 0, METER_GAP}, again[4];
    assert_true(chunk_decode(chunk_encode(arena, edges, 4), again, 4));
    assert_memory_equal(again, edges, sizeof edges);
    assert_false(chunk_decode(STR("\x05\xD8"), back, 3));
    assert_false(chunk_decode(STR("\x01\x02\x03"), back, 3));
}

/* ---- what the second reader found ----------------------------------------------------------- */

#define REGISTER                                                                   \
    "{\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":\"Y-m-d H:M\"," \
    "\"unit\":\"kWh\",\"value\":\"register\",\"interval_minutes\":60}"

/* Two counts at one time contradict each other: neither can be the end of one interval or the
 * beginning of the next. */
static void test_register_given_twice(void **state)
{
    (void)state;
    struct meter_file file;
    read_good(STR("d,r\n2026-01-01 00:00,100\n2026-01-01 01:00,101\n2026-01-01 01:00,201\n"
                  "2026-01-01 02:00,202\n2026-01-01 03:00,203\n2026-01-01 04:00,205\n"),
              REGISTER, &file);
    assert_int_equal(file.refused, 2);
    assert_refused(&file, 0, 3, ERROR_METER_DUPLICATE);
    assert_refused(&file, 1, 4, ERROR_METER_DUPLICATE);
    assert_true(file.days[0].wh[0] == METER_GAP); /* 00:00 to 01:00: 1 or 101? */
    assert_true(file.days[0].wh[1] == METER_GAP); /* 01:00 to 02:00: 101 or 1? */
    assert_int_equal(file.days[0].wh[2], 1000);
    assert_int_equal(file.days[0].wh[3], 2000);
}

/* More than 100 GW of mean power is no meter's; sums of what is accepted stay far from 2^63. */
static void test_reading_beyond_any_meter(void **state)
{
    (void)state;
    struct meter_file file;
    struct buf *rows = buf_new(arena);
    /* 100 GW over a quarter of an hour are 25,000,000 kWh. */
    buf_puts(rows, "t,v\n2026-01-01 00:15,25000000\n2026-01-01 00:30,25000001\n");
    read_good(buf_str(rows), SIMPLE, &file);
    assert_int_equal(file.accepted, 1);
    assert_refused(&file, 0, 3, ERROR_METER_RANGE);
    /* 1e12 kWh each minute of ten days would be 1.44e19 Wh: over 2^63 = 9.22e18. */
    rows = buf_new(arena);
    buf_puts(rows, "t,v\n2026-01-01 00:01,1\n");
    for (int i = 1; i < 14400; i++)
        buf_printf(rows, "2026-01-%02d %02d:%02d,1000000000000\n", 2 + i / 1440, i / 60 % 24,
                   i % 60);
    read_good(buf_str(rows),
              "{\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":\"Y-m-d H:M\","
              "\"unit\":\"kWh\",\"interval_minutes\":1}",
              &file);
    assert_int_equal(file.accepted, 1);
    assert_int_equal(file.sum_wh, 1000);
}

/* A refused row marks the day that its interval lies in, also when it is the day's first row. */
static void test_refused_row_marks_its_day(void **state)
{
    (void)state;
    struct meter_file file;
    read_good(STR("t,v\n2026-01-01 23:45,1\n2026-01-02 00:15,-1\n2026-01-02 00:30,2\n"), SIMPLE,
              &file);
    assert_int_equal(file.day_count, 2);
    assert_int_equal(file.days[0].flags & METER_FLAG_REFUSED, 0);
    assert_true((file.days[1].flags & METER_FLAG_REFUSED) != 0);
    /* Labels at the start: 00:00 of 2 January is of 2 January. */
    read_good(STR("t,v\n2026-01-01 23:45,1\n2026-01-02 00:15,2\n2026-01-02 00:00,-1\n"),
              "{\"time_column\":\"A\",\"value_column\":\"B\",\"time_format\":\"Y-m-d H:M\","
              "\"unit\":\"kWh\",\"interval_minutes\":15,\"label\":\"start\"}",
              &file);
    assert_int_equal(file.days[0].flags & METER_FLAG_REFUSED, 0);
    assert_true((file.days[1].flags & METER_FLAG_REFUSED) != 0);
}

/* mW and MW differ by 10^9: only the megawatt is a unit of meters, and only as it is written. */
static void test_mega_is_not_milli(void **state)
{
    (void)state;
    struct meter_mapping mapping;
    struct meter_evidence *evidence;
    size_t count;
    assert_false(meter_mapping_parse(
        arena,
        STR("{\"time_column\":\"A\",\"value_column\":\"B\",\"unit\":\"mW\",\"value\":\"power\"}"),
        &mapping, &err));
    assert_int_equal(err.code, ERROR_METER_MAPPING);
    assert_true(meter_mapping_parse(
        arena,
        STR("{\"time_column\":\"A\",\"value_column\":\"B\",\"unit\":\"KW\",\"value\":\"power\"}"),
        &mapping, &err));
    static const struct {
        const char *header, *unit;
    } heads[] = {{"有功功率(MW)", "MW"},
                 {"有功功率(kW)", "kW"},
                 {"电量(MWh)", "MWh"},
                 {"电量(万kWh)", "万kWh"}};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        const char *text = arena_printf(
            arena, "时间,%s\n2026-01-01 00:15,1\n2026-01-01 00:30,2\n2026-01-01 00:45,3\n",
            heads[i].header);
        if (!meter_mapping_detect(arena, str_from(text), &mapping, &evidence, &count, &err))
            show_error();
        assert_string_equal(str_dup(arena, mapping.unit), heads[i].unit);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], INTAKE_JAIL_FLAG) == 0) return intake_jail_main();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_detects_the_trap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_real_months, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_trap_unfixed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_power_multiplier_register, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_workbook_of_dates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_mapping, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_correction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_register_given_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reading_beyond_any_meter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_row_marks_its_day, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mega_is_not_milli, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_withdrawal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_chunk, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
