/* Keeping readings and giving them out. */
#include "meter/meter.h"

#include <string.h>

#include "meter/chunk.h"
#include "meter_sql.h"
#include "registry/registry.h"

#define DAY_FIRST ((date){-719162}) /* 0001-01-01 */
#define DAY_LAST ((date){2932896})  /* 9999-12-31 */

static bool damaged(date day, struct error *err)
{
    char name[DATE_TEXT_MAX];
    date_format(day, name);
    return error_set(err, ERROR_INTERNAL, "s", name);
}

static bool open_day(struct arena *arena, date day, int64_t version, int64_t interval,
                     int64_t flags, str chunk, struct meter_day *out, struct error *err)
{
    if (interval < 1 || interval > METER_DAY_MINUTES || METER_DAY_MINUTES % interval != 0)
        return damaged(day, err);
    *out = (struct meter_day){.day = day,
                              .interval_minutes = (int)interval,
                              .expected = METER_DAY_MINUTES / (int)interval,
                              .version = (int32_t)version,
                              .flags = (uint32_t)flags};
    out->wh = ARENA_NEW_ARRAY(arena, int64_t, (size_t)out->expected);
    if (!chunk_decode(chunk, out->wh, (size_t)out->expected)) return damaged(day, err);
    day_summarise(out);
    return true;
}

/* ---- storing ------------------------------------------------------------------------------------
 */

struct import {
    struct db *db;
    id64 org_id, meter_id, batch_id;
    int64_t now_ms;
    struct meter_import_result *result;
};

static bool insert_given(const struct import *import, const struct meter_day *day,
                         struct error *err)
{
    str chunk = chunk_encode(db_arena(import->db), day->wh, (size_t)day->expected);
    return sql_meter_insert_given(import->db, import->org_id, import->meter_id, day->day,
                                  import->batch_id, day->interval_minutes, (int64_t)day->flags,
                                  chunk, NULL, err);
}

static bool insert_day(const struct import *import, const struct meter_day *day, int64_t version,
                       struct error *err)
{
    str chunk = chunk_encode(db_arena(import->db), day->wh, (size_t)day->expected);
    return sql_meter_insert_day(import->db, import->org_id, import->meter_id, day->day, version,
                                import->batch_id, import->now_ms, day->interval_minutes, day->count,
                                day->sum_wh, day_peak_wh(day), (int64_t)day->flags, chunk, NULL,
                                err);
}

/* Merges a day with what is stored: given intervals replace, others stay. */
static bool import_day(struct import *import, const struct meter_day *given, struct error *err)
{
    struct arena *arena = db_arena(import->db);
    struct sql_meter_select_newest_row row;
    struct meter_day stored, merged = *given;
    bool found, same = true, replaced = false;
    if (!sql_meter_select_newest(import->db, arena, import->org_id, import->meter_id, given->day,
                                 &row, &found, err) ||
        !insert_given(import, given, err))
        return false;
    if (!found || row.interval_count == 0) { /* never known, or all withdrawn */
        import->result->days_new++;
        return insert_day(import, given, found ? row.version + 1 : 1, err);
    }
    if (row.interval_minutes != given->interval_minutes)
        return error_set(err, ERROR_METER_INTERVAL_CHANGED, "mii", given->day, row.interval_minutes,
                         (int64_t)given->interval_minutes);
    if (!open_day(arena, given->day, row.version, row.interval_minutes, row.flags, row.chunk,
                  &stored, err))
        return false;
    merged.wh = ARENA_NEW_ARRAY(arena, int64_t, (size_t)given->expected);
    for (int i = 0; i < given->expected; i++) {
        merged.wh[i] = given->wh[i] != METER_GAP ? given->wh[i] : stored.wh[i];
        same = same && merged.wh[i] == stored.wh[i];
        replaced |= stored.wh[i] != METER_GAP && merged.wh[i] != stored.wh[i];
    }
    if (same) {
        import->result->days_same++;
        return true;
    }
    if (replaced) merged.flags |= METER_FLAG_CORRECTED;
    day_summarise(&merged);
    import->result->days_corrected++;
    return insert_day(import, &merged, row.version + 1, err);
}

bool meter_import(struct db *db, id64 org_id, id64 meter_id, id64 submission_id, id64 person_id,
                  const struct meter_mapping *mapping, const struct meter_file *file,
                  struct meter_import_result *result, struct error *err)
{
    struct meter_import_result made = {.batch_id = id_new()};
    struct import import = {.db = db,
                            .org_id = org_id,
                            .meter_id = meter_id,
                            .batch_id = made.batch_id,
                            .now_ms = instant_now_ms(),
                            .result = &made};
    char *text = meter_mapping_format(db_arena(db), mapping);
    if (!sql_meter_insert_batch(db, org_id, made.batch_id, meter_id, submission_id, person_id,
                                import.now_ms, str_from(text), file->rows, file->accepted,
                                file->repeated, file->refused, file->sum_wh, NULL, err))
        return false;
    for (size_t i = 0; i < file->day_count; i++)
        if (!import_day(&import, &file->days[i], err)) return false;
    if (!meter_save_mapping(db, org_id, meter_id, mapping, err)) return false;
    *result = made;
    return true;
}

/* ---- withdrawing ---------------------------------------------------------------------------- */

bool meter_find_batch(struct db *db, id64 org_id, id64 submission_id, struct meter_batch *batch,
                      bool *found, struct error *err)
{
    struct sql_meter_find_batch_row row;
    if (!sql_meter_find_batch(db, NULL, org_id, submission_id, &row, found, err)) return false;
    if (*found)
        *batch = (struct meter_batch){.batch_id = row.batch_id,
                                      .meter_id = row.meter_id,
                                      .derived_id = row.has_derived_id ? row.derived_id : 0,
                                      .withdrawn = row.has_withdrawal_id};
    return true;
}

bool meter_note_derived(struct db *db, id64 org_id, id64 batch_id, id64 submission_id,
                        struct error *err)
{
    return sql_meter_insert_derived(db, org_id, batch_id, submission_id, NULL, err);
}

/* A day as the files that stand have it, in the order in which they came. */
static bool remake_day(const struct import *import, date day, int interval_minutes,
                       struct meter_day *made, struct error *err)
{
    struct arena *arena = db_arena(import->db);
    struct sql_meter_select_given_row *rows;
    size_t count;
    if (!sql_meter_select_given(import->db, arena, import->org_id, import->meter_id, day, &rows,
                                &count, err))
        return false;
    if (count > 0) interval_minutes = (int)rows[0].interval_minutes;
    *made = (struct meter_day){.day = day,
                               .interval_minutes = interval_minutes,
                               .expected = METER_DAY_MINUTES / interval_minutes,
                               .flags = METER_FLAG_WITHDRAWN};
    made->wh = ARENA_NEW_ARRAY(arena, int64_t, (size_t)made->expected);
    for (int i = 0; i < made->expected; i++) made->wh[i] = METER_GAP;
    for (size_t f = 0; f < count; f++) {
        struct meter_day given;
        if (!open_day(arena, day, 0, rows[f].interval_minutes, rows[f].flags, rows[f].chunk, &given,
                      err))
            return false;
        if (given.interval_minutes != interval_minutes) return damaged(day, err);
        made->flags |= given.flags;
        for (int i = 0; i < made->expected; i++) {
            if (given.wh[i] == METER_GAP || given.wh[i] == made->wh[i]) continue;
            if (made->wh[i] != METER_GAP) made->flags |= METER_FLAG_CORRECTED;
            made->wh[i] = given.wh[i];
        }
    }
    day_summarise(made);
    return true;
}

static bool withdraw_day(const struct import *import, date day, struct meter_withdrawal *result,
                         struct error *err)
{
    struct arena *arena = db_arena(import->db);
    struct sql_meter_select_newest_row row;
    struct meter_day stored, made;
    bool found;
    if (!sql_meter_select_newest(import->db, arena, import->org_id, import->meter_id, day, &row,
                                 &found, err))
        return false;
    if (!found) return damaged(day, err);
    if (!open_day(arena, day, row.version, row.interval_minutes, row.flags, row.chunk, &stored,
                  err) ||
        !remake_day(import, day, stored.interval_minutes, &made, err))
        return false;
    bool same = made.expected == stored.expected &&
                memcmp(made.wh, stored.wh, (size_t)made.expected * sizeof *made.wh) == 0;
    result->days++;
    if (same) return true;
    result->days_changed++;
    if (made.count == 0) result->days_emptied++;
    return insert_day(import, &made, row.version + 1, err);
}

bool meter_withdraw(struct db *db, id64 org_id, const struct meter_batch *batch, id64 withdrawal_id,
                    id64 person_id, struct meter_withdrawal *result, struct error *err)
{
    struct import import = {.db = db,
                            .org_id = org_id,
                            .meter_id = batch->meter_id,
                            .batch_id = withdrawal_id,
                            .now_ms = instant_now_ms()};
    struct sql_meter_select_given_days_row *rows;
    struct meter_withdrawal done = {0};
    size_t count;
    int64_t changed;
    if (!sql_meter_insert_withdrawn(db, org_id, batch->batch_id, withdrawal_id, person_id,
                                    import.now_ms, &changed, err))
        return false;
    if (changed == 0) return error_set(err, ERROR_METER_WITHDRAWN, "");
    if (!sql_meter_select_given_days(db, NULL, org_id, batch->batch_id, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!withdraw_day(&import, rows[i].day, &done, err)) return false;
    if (count > 0) {
        done.first = rows[0].day;
        done.last = rows[count - 1].day;
    }
    *result = done;
    return true;
}

bool meter_save_mapping(struct db *db, id64 org_id, id64 meter_id,
                        const struct meter_mapping *mapping, struct error *err)
{
    char *text = meter_mapping_format(db_arena(db), mapping);
    return sql_meter_save_mapping(db, org_id, meter_id, instant_now_ms(), str_from(text), NULL,
                                  err);
}

bool meter_load_mapping(struct db *db, id64 org_id, id64 meter_id, struct meter_mapping *mapping,
                        bool *found, struct error *err)
{
    struct sql_meter_load_mapping_row row;
    return sql_meter_load_mapping(db, db_arena(db), org_id, meter_id, &row, found, err) &&
           (!*found || meter_mapping_parse(db_arena(db), row.mapping, mapping, err));
}

/* ---- reading out --------------------------------------------------------------------------- */

static bool may_read(struct db *db, const struct viewer *viewer, id64 org_id, struct error *err)
{
    return registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACTIVITY, err);
}

static int64_t as_of(int64_t as_of_ms)
{
    return as_of_ms != 0 ? as_of_ms : INT64_MAX;
}

bool meter_read_days(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                     date first, date last, int64_t as_of_ms, struct meter_day **days,
                     size_t *count, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct sql_meter_select_days_row *rows;
    size_t found;
    if (!may_read(db, viewer, org_id, err) ||
        !sql_meter_select_days(db, arena, org_id, meter_id, first, last, as_of(as_of_ms), &rows,
                               &found, err))
        return false;
    struct meter_day *list = ARENA_NEW_ARRAY(arena, struct meter_day, found + 1);
    for (size_t i = 0; i < found; i++)
        if (!open_day(arena, rows[i].day, rows[i].version, rows[i].interval_minutes, rows[i].flags,
                      rows[i].chunk, &list[i], err))
            return false;
    *days = list;
    *count = found;
    return true;
}

bool meter_read_versions(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                         date day, struct meter_day **versions, size_t *count, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct sql_meter_select_versions_row *rows;
    size_t found;
    if (!may_read(db, viewer, org_id, err) ||
        !sql_meter_select_versions(db, arena, org_id, meter_id, day, &rows, &found, err))
        return false;
    struct meter_day *list = ARENA_NEW_ARRAY(arena, struct meter_day, found + 1);
    for (size_t i = 0; i < found; i++)
        if (!open_day(arena, rows[i].day, rows[i].version, rows[i].interval_minutes, rows[i].flags,
                      rows[i].chunk, &list[i], err))
            return false;
    *versions = list;
    *count = found;
    return true;
}

/* Adds days up into months, or years. A period's expected intervals are all of its days'; where
 * their length changes, from that day on. */
static bool read_periods(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                         date first, date last, int64_t as_of_ms, bool by_year,
                         struct meter_month **list, size_t *count, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct sql_meter_select_sums_row *rows;
    size_t found, capacity = 0;
    struct meter_month *months = NULL;
    int64_t per_day = 0;
    *count = 0;
    if (!may_read(db, viewer, org_id, err) ||
        !sql_meter_select_sums(db, arena, org_id, meter_id, first, last, as_of(as_of_ms), &rows,
                               &found, err))
        return false;
    for (size_t i = 0; i < found; i++) {
        int32_t month = month_of(rows[i].day);
        if (by_year) month = month_year(month) * 12;
        struct meter_month *to = *count > 0 ? &months[*count - 1] : NULL;
        int64_t end = month_last_day(by_year ? month + 11 : month).day,
                now = METER_DAY_MINUTES / rows[i].interval_minutes;
        if (to == NULL || to->month != month) {
            to = ARENA_PUSH(arena, months, *count, capacity);
            *to = (struct meter_month){.month = month,
                                       .expected = (end - month_first_day(month).day + 1) * now};
        } else {
            to->expected += (end - rows[i].day.day + 1) * (now - per_day);
        }
        per_day = now;
        to->sum_wh += rows[i].sum_wh;
        to->count += rows[i].interval_count;
        to->days++;
        if (rows[i].peak_wh > to->peak_wh) to->peak_wh = rows[i].peak_wh;
        to->completeness = (double)to->count / (double)to->expected;
    }
    *list = months;
    return true;
}

bool meter_read_months(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                       date first, date last, int64_t as_of_ms, struct meter_month **months,
                       size_t *count, struct error *err)
{
    return read_periods(db, viewer, org_id, meter_id, first, last, as_of_ms, false, months, count,
                        err);
}

bool meter_read_years(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                      int64_t as_of_ms, struct meter_month **years, size_t *count,
                      struct error *err)
{
    return read_periods(db, viewer, org_id, meter_id, DAY_FIRST, DAY_LAST, as_of_ms, true, years,
                        count, err);
}

bool meter_read_span(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                     struct meter_span *span, bool *found, struct error *err)
{
    struct sql_meter_select_sums_row *rows;
    size_t count;
    if (!may_read(db, viewer, org_id, err) ||
        !sql_meter_select_sums(db, db_arena(db), org_id, meter_id, DAY_FIRST, DAY_LAST, INT64_MAX,
                               &rows, &count, err))
        return false;
    *found = count > 0;
    if (count == 0) return true;
    *span = (struct meter_span){.first = rows[0].day,
                                .last = rows[count - 1].day,
                                .days = (int64_t)count,
                                .interval_minutes = (int)rows[count - 1].interval_minutes};
    for (size_t i = 0; i < count; i++) span->sum_wh += rows[i].sum_wh;
    return true;
}

bool meter_read_heat(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                     date first, date last, int64_t as_of_ms, struct meter_heat *heat,
                     struct error *err)
{
    struct meter_day *days;
    size_t count;
    int64_t minutes[7][24] = {0};
    double wh[7][24] = {0};
    if (!meter_read_days(db, viewer, org_id, meter_id, first, last, as_of_ms, &days, &count, err))
        return false;
    for (size_t d = 0; d < count; d++) {
        int w = weekday(days[d].day) - 1;
        for (int i = 0; i < days[d].expected; i++) {
            if (days[d].wh[i] == METER_GAP) continue;
            /* An interval longer than an hour, or across its end, belongs to each by its minutes.
             */
            int from = i * days[d].interval_minutes, end = from + days[d].interval_minutes;
            for (int hour = from / 60; hour * 60 < end; hour++) {
                int begin = from > hour * 60 ? from : hour * 60,
                    stop = end < (hour + 1) * 60 ? end : (hour + 1) * 60;
                wh[w][hour] += (double)days[d].wh[i] * (stop - begin) / days[d].interval_minutes;
                minutes[w][hour] += stop - begin;
            }
        }
    }
    *heat = (struct meter_heat){0};
    for (int w = 0; w < 7; w++)
        for (int h = 0; h < 24; h++) {
            if (minutes[w][h] == 0) continue;
            heat->present[w][h] = true;
            heat->kw[w][h] = wh[w][h] / 1000 / ((double)minutes[w][h] / 60);
            if (heat->kw[w][h] > heat->scale_max_kw) heat->scale_max_kw = heat->kw[w][h];
        }
    return true;
}
