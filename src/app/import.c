#include "app/import.h"

#include <string.h>

#include "app/app.h"
#include "app/recompute.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/num.h"

bool app_form(struct app *app, struct db *db, struct arena *arena, id64 org_id, int year,
              struct model_info *form, struct error *err)
{
    struct account_method method;
    const struct account_input *list;
    size_t count;
    if (!account_choose_method(db, arena, &app->rules, org_id, year, "method", &method, err) ||
        !account_list_inputs(db, arena, &app->rules, org_id, year, &list, &count, err))
        return false;
    *form = (struct model_info){.name = "form",
                                .version = "1",
                                .kind = "form",
                                .source = "",
                                .entity = "enterprise",
                                .path = "",
                                .title = {"Data of the year", "年度数据"}};
    if (method.model != NULL) form->title = model_info(method.model)->title;
    struct model_input *inputs = ARENA_NEW_ARRAY(arena, struct model_input, count + 1);
    for (size_t i = 0; i < count; i++) inputs[i] = *list[i].input;
    form->inputs = inputs;
    form->input_count = count;
    return true;
}

/* ---- tables of activity data ---- */

struct file_work {
    struct app *app;
    struct arena *arena;
    const struct viewer *viewer;
    const struct app_file *file;
    const struct intake_book *book;
    struct app_imported *imported;
    struct model_info form;
    date today;
};

static bool read_form(struct db *db, void *arg, struct error *err)
{
    struct file_work *work = arg;
    return app_form(work->app, db, work->arena, work->file->org_id, work->file->year, &work->form,
                    err);
}

static void note_month(struct app_imported *imported, date first)
{
    int32_t month = month_of(first);
    if (imported->first_month == 0 || month < imported->first_month) imported->first_month = month;
    if (month > imported->last_month) imported->last_month = month;
}

static struct account_row row_of_datum(struct arena *arena, const struct app_file *file,
                                       const struct intake_datum *datum)
{
    bool text = datum->input->type != MODEL_NUMBER;
    return (struct account_row){
        .period = {datum->first, datum->last},
        .input = datum->input->name,
        .key = str_dup(arena, datum->key),
        .has_number = !text,
        .value = datum->value,
        .unit = str_dup(arena, datum->unit),
        .text = text ? str_dup(arena, datum->text) : "",
        .raw = str_dup(arena, datum->raw),
        .row_ref = datum->sheet.len == 0
                       ? datum->ref
                       : arena_printf(arena, "%.*s!%s", STR_ARG(datum->sheet), datum->ref),
        .tier = file->tier,
    };
}

static struct account_row row_of_refusal(struct arena *arena, const struct app_file *file,
                                         const struct intake_refusal *refusal)
{
    return (struct account_row){
        .period = account_once(),
        .input = "",
        .key = "",
        .unit = "",
        .text = "",
        .raw = "",
        .row_ref = refusal->sheet.len == 0
                       ? refusal->ref
                       : arena_printf(arena, "%.*s!%s", STR_ARG(refusal->sheet), refusal->ref),
        .tier = file->tier,
        .refused = &refusal->error,
    };
}

static bool submit_file(struct db *db, void *arg, struct error *err)
{
    struct file_work *work = arg;
    struct intake_request request = {.library = work->app->library,
                                     .model = &work->form,
                                     .first = {0},
                                     .last = work->today,
                                     .today = work->today,
                                     .mapping = work->file->mapping};
    if (!date_make(2000, 1, 1, &request.first)) return false;
    struct intake_data data;
    if (!intake_read_data(work->arena, work->book, &request, &data, err)) return false;
    struct account_row *rows =
        ARENA_NEW_ARRAY(work->arena, struct account_row, data.count + data.refusal_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < data.count; i++) {
        rows[count++] = row_of_datum(work->arena, work->file, &data.data[i]);
        if (data.data[i].input->period == MODEL_PER_MONTH)
            note_month(work->imported, data.data[i].first);
    }
    for (size_t i = 0; i < data.refusal_count; i++)
        rows[count++] = row_of_refusal(work->arena, work->file, &data.refusals[i]);
    work->imported->layout = data.layout;
    struct account_submission_new submission = {.org_id = work->file->org_id,
                                                .kind = "file",
                                                .name = work->file->name,
                                                .bytes = work->file->bytes,
                                                .replace = work->file->replace,
                                                .refused_more =
                                                    (int64_t)(data.refused - data.refusal_count)};
    return account_submit(db, work->viewer, &work->app->rules, &submission, rows, count,
                          work->today, instant_now_ms(), &work->imported->submission, err) &&
           (!work->file->recompute ||
            app_recompute(work->app, db, work->viewer, work->file->org_id,
                          work->imported->submission.submission_id, work->file->year, err));
}

bool app_import_file(struct app *app, struct arena *arena, const struct viewer *viewer,
                     const struct app_file *file, struct app_imported *imported, struct error *err)
{
    struct intake_book book;
    *imported = (struct app_imported){0};
    if (!intake_open_book(arena, file->bytes, &book, err)) return false;
    struct file_work work = {.app = app,
                             .arena = arena,
                             .viewer = viewer,
                             .file = file,
                             .book = &book,
                             .imported = imported,
                             .today = instant_day(instant_now_ms(), 480)};
    return store_read(app->store, read_form, &work, err) &&
           store_write(app->store, submit_file, &work, err);
}

/* ---- meters ---- */

struct meter_work {
    struct app *app;
    struct arena *arena;
    const struct viewer *viewer;
    const struct app_readings *readings;
    struct meter_file file;
    struct app_metered *metered;
    date today;
};

/* The canonical text of the months derived from a meter: what the second submission consists of. */
static str months_text(struct arena *arena, const struct account_row *rows, size_t count)
{
    struct buf *out = buf_new(arena);
    buf_puts(out, "period,input,key,value,unit,basis\r\n");
    for (size_t i = 0; i < count; i++) {
        char number[NUM_TEXT_MAX];
        num_format(rows[i].value, number);
        csv_put(out, str_from(account_period_text(arena, rows[i].period)), true);
        csv_put(out, str_from(rows[i].input), false);
        csv_put(out, str_from(rows[i].key), false);
        csv_put(out, str_from(number), false);
        csv_put(out, str_from(rows[i].unit), false);
        csv_put(out, str_from(rows[i].raw), false);
        csv_end_row(out);
    }
    return buf_str(out);
}

/* Names the input for purchased electricity of each month: that of the method of its own year.
 * Months whose method asks for none are left out. */
static bool name_inputs(struct db *db, struct meter_work *work, id64 org_id,
                        struct account_row *rows, size_t *count, struct error *err)
{
    const struct model_input *input = NULL;
    int year_of_input = 0;
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        int year = month_year(month_of(rows[i].period.first));
        if (year != year_of_input) {
            struct account_method method;
            if (!account_choose_method(db, work->arena, &work->app->rules, org_id, year, "method",
                                       &method, err))
                return false;
            input = method.model == NULL ? NULL : account_electricity_input(method.model);
            year_of_input = year;
        }
        if (input == NULL) continue;
        rows[kept] = rows[i];
        rows[kept].input = input->name;
        rows[kept++].key = input->index == NULL || input->key_count == 0 ? "" : input->keys[0].id;
    }
    *count = kept;
    return true;
}

/* Submits the months that share a day with first..last; *made is false when no method asks for them
 * or nothing of them is measured by a main meter. */
static bool submit_months(struct db *db, struct meter_work *work,
                          const struct registry_asset *meter, date first, date last, bool *made,
                          struct account_submission *result, struct error *err)
{
    struct account_row *rows;
    size_t count;
    *made = false;
    if (!account_meter_rows(db, work->arena, meter, "", "", first, last, &rows, &count, err) ||
        !name_inputs(db, work, meter->org_id, rows, &count, err))
        return false;
    if (count == 0) return true;
    struct account_submission_new months = {
        .org_id = meter->org_id,
        .kind = "meter",
        .name = arena_printf(work->arena, "%s: electricity by month", meter->name),
        .bytes = months_text(work->arena, rows, count),
        .replace = true};
    *made = true;
    return account_submit(db, work->viewer, &work->app->rules, &months, rows, count, work->today,
                          instant_now_ms(), result, err);
}

static bool submit_readings(struct db *db, void *arg, struct error *err)
{
    struct meter_work *work = arg;
    const struct app_readings *readings = work->readings;
    struct registry_asset meter;
    if (!registry_get_asset(db, work->arena, readings->org_id, readings->meter_id, &meter, err))
        return false;
    struct account_submission_new submission = {.org_id = readings->org_id,
                                                .kind = "meter",
                                                .name = readings->name,
                                                .bytes = readings->bytes};
    if (!account_submit(db, work->viewer, &work->app->rules, &submission, NULL, 0, work->today,
                        instant_now_ms(), &work->metered->submission, err) ||
        !meter_import(db, readings->org_id, readings->meter_id,
                      work->metered->submission.submission_id, work->viewer->person_id,
                      readings->mapping, &work->file, &work->metered->days, err) ||
        !submit_months(db, work, &meter, work->metered->first, work->metered->last,
                       &work->metered->has_months, &work->metered->months, err))
        return false;
    if (!work->metered->has_months) return true;
    return meter_note_derived(db, readings->org_id, work->metered->days.batch_id,
                              work->metered->months.submission_id, err) &&
           (!readings->recompute || app_recompute(work->app, db, work->viewer, readings->org_id,
                                                  work->metered->months.submission_id, 0, err));
}

bool app_import_meter(struct app *app, struct arena *arena, const struct viewer *viewer,
                      const struct app_readings *readings, struct app_metered *metered,
                      struct error *err)
{
    struct meter_work work = {.app = app,
                              .arena = arena,
                              .viewer = viewer,
                              .readings = readings,
                              .metered = metered,
                              .today = instant_day(instant_now_ms(), 480)};
    *metered = (struct app_metered){0};
    if (!meter_read_file(arena, readings->bytes, readings->mapping, work.today, &work.file, err))
        return false;
    metered->rows = work.file.rows;
    metered->accepted = work.file.accepted;
    metered->refused = work.file.refused;
    metered->repeated = work.file.repeated;
    metered->refusals = work.file.refusals;
    metered->refusal_count = work.file.refusal_count;
    metered->first = work.file.days[0].day;
    metered->last = work.file.days[work.file.day_count - 1].day;
    return store_write(app->store, submit_readings, &work, err);
}

/* ---- withdrawal ---- */

struct withdraw_work {
    struct meter_work meter; /* app, arena, viewer, today */
    id64 submission_id;
    const char *reason;
    struct app_withdrawn *withdrawn;
    struct app_years years; /* whose accounts it changes */
};

/* The readings of a file, and the months that were derived when it came. */
static bool withdraw_readings(struct db *db, struct withdraw_work *work,
                              const struct meter_batch *batch, struct error *err)
{
    const struct viewer *viewer = work->meter.viewer;
    struct app_withdrawn *done = work->withdrawn;
    struct account_submission months;
    struct registry_asset meter;
    id64 ignored;
    bool made;
    if (!meter_withdraw(db, viewer->org_id, batch, done->withdrawal_id, viewer->person_id,
                        &done->readings, err))
        return false;
    if (done->readings.days == 0) return true;
    app_years_note(&work->years, done->readings.first);
    app_years_note(&work->years, done->readings.last);
    if (batch->derived_id != 0) {
        if (!account_get_submission(db, work->meter.arena, viewer, viewer->org_id,
                                    batch->derived_id, &months, err))
            return false;
        if (!months.withdrawn && !account_withdraw(db, viewer, batch->derived_id, work->reason,
                                                   instant_now_ms(), &ignored, err))
            return false;
    }
    return registry_get_asset(db, work->meter.arena, viewer->org_id, batch->meter_id, &meter,
                              err) &&
           submit_months(db, &work->meter, &meter, done->readings.first, done->readings.last, &made,
                         &months, err);
}

static void tell_years(const struct app_years *years, struct app_withdrawn *withdrawn)
{
    for (int i = 0; i < APP_YEARS_MAX; i++) {
        if (!years->due[i]) continue;
        if (withdrawn->year_first == 0) withdrawn->year_first = APP_YEAR_FIRST + i;
        withdrawn->year_last = APP_YEAR_FIRST + i;
    }
}

static bool withdraw_all(struct db *db, void *arg, struct error *err)
{
    struct withdraw_work *work = arg;
    const struct viewer *viewer = work->meter.viewer;
    struct meter_batch batch;
    bool found;
    *work->withdrawn = (struct app_withdrawn){0};
    work->years = (struct app_years){0};
    if (!account_withdraw(db, viewer, work->submission_id, work->reason, instant_now_ms(),
                          &work->withdrawn->withdrawal_id, err) ||
        !app_years_of(db, work->meter.arena, viewer, viewer->org_id, work->submission_id,
                      month_year(month_of(work->meter.today)), &work->years, err) ||
        !meter_find_batch(db, viewer->org_id, work->submission_id, &batch, &found, err) ||
        (found && !withdraw_readings(db, work, &batch, err)))
        return false;
    tell_years(&work->years, work->withdrawn);
    return app_recompute_years(work->meter.app, db, viewer, viewer->org_id, &work->years,
                               work->meter.today, err);
}

bool app_withdraw(struct app *app, struct arena *arena, const struct viewer *viewer,
                  id64 submission_id, const char *reason, struct app_withdrawn *withdrawn,
                  struct error *err)
{
    struct withdraw_work work = {.meter = {.app = app,
                                           .arena = arena,
                                           .viewer = viewer,
                                           .today = instant_day(instant_now_ms(), 480)},
                                 .submission_id = submission_id,
                                 .reason = reason,
                                 .withdrawn = withdrawn};
    return store_write(app->store, withdraw_all, &work, err);
}
