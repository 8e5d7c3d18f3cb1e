/* Readings of a meter: how a file is read is proposed with its reasons, shown with what it would
 * mean, confirmed by a person, imported and kept for the meter's next file. */
#include "enterprise_meter_upload_html.h"
#include "web/enterprise/data_kit.h"

#include <string.h>

#include "base/num.h"

#define REFUSALS_SHOWN 50

struct upload_work {
    struct web *web;
    id64 meter_id;
    struct registry_asset meter;
    struct meter_mapping mapping, saved;
    bool has_saved, as_saved, confirming, previewed;
    const struct meter_evidence *evidence;
    size_t evidence_count;
    struct meter_file file;
    const char *name, *draft;
    str bytes;
    bool sent; /* the mapping came with the form */
};

static bool read_meter(struct db *db, void *arg, struct error *err)
{
    struct upload_work *work = arg;
    struct web *web = work->web;
    id64 org_id = web->viewer->org_id;
    struct meter_mapping saved;
    if (!registry_get_asset(db, web->arena, org_id, work->meter_id, &work->meter, err) ||
        !meter_load_mapping(db, org_id, work->meter_id, &saved, &work->has_saved, err))
        return false;
    /* Its texts live as long as the transaction only. */
    struct error why;
    return !work->has_saved ||
           meter_mapping_parse(web->arena, str_from(meter_mapping_format(web->arena, &saved)),
                               &work->saved, &why);
}

static bool begin_upload(struct upload_work *work, struct error *err)
{
    if (!web_param_id(work->web, "meter", &work->meter_id, err) ||
        !store_read(work->web->store, read_meter, work, err))
        return false;
    return work->meter.kind == REGISTRY_METER || error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
}

/* ---- the page ---- */

static str column_letter(struct web *web, uint16_t column)
{
    char ref[INTAKE_REF_MAX];
    intake_ref(1, column, ref);
    ref[strlen(ref) - 1] = '\0';
    return str_from(arena_strdup(web->arena, ref));
}

static str number_text(struct web *web, double value)
{
    char text[NUM_TEXT_MAX];
    num_format(value, text);
    return str_from(arena_strdup(web->arena, text));
}

static str count_text(struct web *web, int64_t count)
{
    return str_from(num_format_grouped(web->arena, (double)count, 0));
}

static void fill_mapping(struct upload_work *work, struct html_enterprise_meter_upload *page)
{
    struct web *web = work->web;
    const struct meter_mapping *mapping = &work->mapping;
    page->sheet = mapping->sheet;
    page->header_row = number_text(web, mapping->header_row);
    page->time_column = column_letter(web, mapping->time_column);
    page->clock_column =
        mapping->has_clock_column ? column_letter(web, mapping->clock_column) : STR("");
    page->value_column = column_letter(web, mapping->value_column);
    page->time_format = mapping->time_format;
    page->unit = mapping->unit;
    page->interval = number_text(web, mapping->interval_minutes);
    page->multiplier = number_text(web, mapping->multiplier);
    page->register_max = number_text(web, mapping->register_max);
    page->energy = mapping->value == METER_VALUE_ENERGY;
    page->power = mapping->value == METER_VALUE_POWER;
    page->count = mapping->value == METER_VALUE_REGISTER;
    if (work->sent) { /* as it was typed, also what can't be read */
        page->header_row = web_form(web, "header_row");
        page->time_column = web_form(web, "time_column");
        page->clock_column = web_form(web, "clock_column");
        page->value_column = web_form(web, "value_column");
        page->interval = web_form(web, "interval");
        page->multiplier = web_form(web, "multiplier");
        page->register_max = web_form(web, "register_max");
    }
    page->label_end = mapping->label == METER_LABEL_END;
    page->label_start = mapping->label == METER_LABEL_START;
    page->as_written = mapping->midnight == METER_MIDNIGHT_AS_WRITTEN;
    page->same_day = mapping->midnight == METER_MIDNIGHT_SAME_DAY_LABEL;
}

static void fill_preview(struct upload_work *work, struct html_enterprise_meter_upload *page)
{
    struct web *web = work->web;
    const struct meter_file *file = &work->file;
    char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
    date_format(file->days[0].day, first);
    date_format(file->days[file->day_count - 1].day, last);
    page->rows = count_text(web, file->rows);
    page->accepted = count_text(web, file->accepted);
    page->refused = count_text(web, file->refused);
    page->repeated = file->repeated > 0 ? count_text(web, file->repeated) : STR("");
    page->first = str_from(arena_strdup(web->arena, first));
    page->last = str_from(arena_strdup(web->arena, last));
    page->sum = web_figure(web, (double)file->sum_wh / 1e6, 7, "MWh", 0, NULL);
    page->refusals =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_meter_upload_refusals, REFUSALS_SHOWN);
    for (size_t i = 0; i < file->refusal_count && i < REFUSALS_SHOWN; i++)
        page->refusals[page->refusals_count++] = (struct html_enterprise_meter_upload_refusals){
            .row = file->refusals[i].row,
            .text = str_from(error_text(web->arena, web->lang, &file->refusals[i].error))};
}

static const char *field_word(struct web *web, const char *field)
{
    static const struct {
        const char *field, *word;
    } words[] = {{"time_column", TR_KEY("Column of the time")},
                 {"clock_column", TR_KEY("Column of the time of day, if apart")},
                 {"value_column", TR_KEY("Column of the reading")},
                 {"header_row", TR_KEY("Row of the column names")},
                 {"time_format", TR_KEY("Form of the time")},
                 {"interval_minutes", TR_KEY("Minutes between readings")},
                 {"value", TR_KEY("The reading is")},
                 {"unit", TR_KEY("Unit")},
                 {"multiplier", TR_KEY("Ratio applied to this file")},
                 {"label", TR_KEY("The time written stands at")},
                 {"register_max", TR_KEY("Count at which the register rolls over")},
                 {"midnight", TR_KEY("00:00 of a day means")}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i].field, field) == 0) return tr(web->lang, words[i].word);
    return field;
}

static bool show_upload(struct upload_work *work, const struct error *problem)
{
    struct web *web = work->web;
    const char *path =
        arena_printf(web->arena, "/enterprise/meters/%s", data_id(web, work->meter_id));
    struct html_enterprise_meter_upload page = {
        .error = web_error_box(web, problem),
        .action = str_from(
            arena_printf(web->arena, "%s/%s", path, work->confirming ? "import" : "upload")),
        .upload_icon = web_icon(web, "cloud-upload"),
        .confirming = work->confirming,
        .name = str_from(work->name),
        .draft = str_from(work->draft),
        .has_saved = work->as_saved,
        .back_url = str_from(path),
        .previewed = work->previewed,
        .reasons = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_meter_upload_reasons,
                                   work->evidence_count + 1)};
    for (size_t i = 0; i < work->evidence_count; i++)
        page.reasons[page.reasons_count++] = (struct html_enterprise_meter_upload_reasons){
            .field = str_from(field_word(web, work->evidence[i].field)),
            .reason = str_from(tr(web->lang, work->evidence[i].reason))};
    if (work->confirming) fill_mapping(work, &page);
    if (work->previewed) fill_preview(work, &page);
    web_crumb(web, tr(web->lang, TR_KEY("Meters and load")), "/enterprise/meters");
    web_crumb(web, asset_name(web, &work->meter), path);
    return web_page_status(
        web, problem->code != ERROR_NONE ? error_http_status(problem->code) : 200,
        tr(web->lang, TR_KEY("Upload readings")),
        HTML_RENDER(web->arena, &web->html, html_enterprise_meter_upload, &page), "meters");
}

static bool get_upload(struct web *web, struct error *err)
{
    struct upload_work work = {.web = web};
    return begin_upload(&work, err) && show_upload(&work, &(struct error){0});
}

/* ---- the file ---- */

static bool detect(struct upload_work *work, struct error *problem)
{
    struct web *web = work->web;
    struct meter_evidence *evidence;
    work->mapping = (struct meter_mapping){.header_row = 1,
                                           .value_column = 1,
                                           .time_format = STR("Y-m-d H:M"),
                                           .unit = STR("kWh"),
                                           .interval_minutes = 15,
                                           .multiplier = 1};
    if (!meter_mapping_detect(data_book_arena(web), work->bytes, &work->mapping, &evidence,
                              &work->evidence_count, problem))
        return false;
    work->evidence = evidence;
    /* The file does not tell the transformers' ratio; the meter does. */
    if (work->mapping.value == METER_VALUE_REGISTER) work->mapping.multiplier = work->meter.ratio;
    *problem = (struct error){0};
    return true;
}

/* What the file itself says, beside a mapping that a person chose. */
static void find_reasons(struct upload_work *work)
{
    struct meter_mapping ignored;
    struct meter_evidence *evidence;
    struct error why;
    if (meter_mapping_detect(data_book_arena(work->web), work->bytes, &ignored, &evidence,
                             &work->evidence_count, &why))
        work->evidence = evidence;
}

static bool preview(struct upload_work *work, struct error *problem)
{
    work->previewed = meter_read_file(data_book_arena(work->web), work->bytes, &work->mapping,
                                      data_today(work->web), &work->file, problem);
    return work->previewed;
}

static bool post_upload(struct web *web, struct error *err)
{
    struct upload_work work = {.web = web};
    const struct http_upload *upload;
    struct error problem = {0}, why;
    if (!begin_upload(&work, err)) return false;
    if (!data_read_upload(web, "file", &upload, &work.bytes, &problem))
        return show_upload(&work, &problem);
    work.name = str_dup(web->arena, upload->filename);
    if (!data_keep_draft(web, "meter", work.bytes, &work.draft, err)) return false;
    if (work.has_saved) { /* read as last time, unless the file no longer fits */
        work.mapping = work.saved;
        if (preview(&work, &why) && work.file.refused * 10 <= work.file.rows) {
            work.confirming = work.as_saved = true;
            find_reasons(&work);
            return show_upload(&work, &problem);
        }
        work.previewed = false;
    }
    bool detected = detect(&work, &problem);
    if (!detected && problem.code != ERROR_INTAKE_MAPPING_NONE) return show_upload(&work, &problem);
    work.confirming = true;
    if (detected) (void)preview(&work, &problem);
    return show_upload(&work, &problem);
}

/* ---- confirmation ---- */

static bool take_column(struct web *web, const char *field, uint16_t *column, struct error *err)
{
    str text = web_form(web, field);
    unsigned number = 0;
    bool good = text.len >= 1 && text.len <= 3;
    for (size_t i = 0; good && i < text.len; i++) {
        char c = text.ptr[i];
        if (c >= 'a' && c <= 'z') c = (char)(c - 32);
        good = c >= 'A' && c <= 'Z';
        number = number * 26 + (unsigned)(c - 'A') + 1;
    }
    if (!good || number > 16384)
        return error_set(err, ERROR_METER_MAPPING, "ss", field_word(web, field),
                         tr(web->lang, TR_KEY("write the letter of a column, such as A")));
    *column = (uint16_t)(number - 1);
    return true;
}

static bool take_count(struct web *web, const char *field, int64_t low, int64_t high,
                       int64_t *value, struct error *err)
{
    if (num_parse_int(web_form(web, field), value) && *value >= low && *value <= high) return true;
    return error_set(err, ERROR_METER_MAPPING, "ss", field_word(web, field),
                     tr_fill(web->arena, web->lang, TR_KEY("write a whole number from {0} to {1}"),
                             arena_printf(web->arena, "%d", (int)low),
                             arena_printf(web->arena, "%d", (int)high), NULL));
}

static bool take_mapping(struct upload_work *work, struct error *err)
{
    struct web *web = work->web;
    struct meter_mapping *mapping = &work->mapping;
    int64_t header = 0, minutes = 15;
    str value = web_form(web, "value"), count = web_form(web, "register_max");
    *mapping = (struct meter_mapping){
        .sheet = web_form(web, "sheet"),
        .time_format = web_form(web, "time_format"),
        .unit = web_form(web, "unit"),
        .value = str_is(value, "power")      ? METER_VALUE_POWER
                 : str_is(value, "register") ? METER_VALUE_REGISTER
                                             : METER_VALUE_ENERGY,
        .label = str_is(web_form(web, "label"), "start") ? METER_LABEL_START : METER_LABEL_END,
        .midnight = str_is(web_form(web, "midnight"), "same_day_label")
                        ? METER_MIDNIGHT_SAME_DAY_LABEL
                        : METER_MIDNIGHT_AS_WRITTEN,
        .multiplier = 1,
        .interval_minutes = 15,
        .has_clock_column = web_form(web, "clock_column").len != 0};
    if (!take_column(web, "time_column", &mapping->time_column, err) ||
        !take_column(web, "value_column", &mapping->value_column, err) ||
        (mapping->has_clock_column &&
         !take_column(web, "clock_column", &mapping->clock_column, err)) ||
        !take_count(web, "header_row", 0, 1000000, &header, err) ||
        !take_count(web, "interval", 1, 1440, &minutes, err))
        return false;
    mapping->header_row = (uint32_t)header;
    mapping->interval_minutes = (int)minutes;
    str ratio = web_form(web, "multiplier");
    if (!num_parse_human(web->arena, ratio, &mapping->multiplier))
        return error_set(err, ERROR_INTAKE_NUMBER, "sS", field_word(web, "multiplier"), ratio);
    if (count.len != 0 && !num_parse_human(web->arena, count, &mapping->register_max))
        return error_set(err, ERROR_INTAKE_NUMBER, "sS", field_word(web, "register_max"), count);
    return true;
}

static bool post_import(struct web *web, struct error *err)
{
    struct upload_work work = {.web = web, .confirming = true, .sent = true};
    struct error problem = {0};
    struct app_metered metered;
    work.name = str_dup(web->arena, web_form(web, "name"));
    work.draft = str_dup(web->arena, web_form(web, "draft"));
    if (!begin_upload(&work, err) ||
        !data_read_draft(web, "meter", str_from(work.draft), &work.bytes, err))
        return false;
    if (!take_mapping(&work, &problem)) {
        find_reasons(&work);
        return show_upload(&work, &problem);
    }
    if (!str_is(web_form(web, "action"), "import")) {
        find_reasons(&work);
        (void)preview(&work, &problem);
        return show_upload(&work, &problem);
    }
    struct app_readings readings = {.org_id = web->viewer->org_id,
                                    .meter_id = work.meter_id,
                                    .name = work.name,
                                    .bytes = work.bytes,
                                    .mapping = &work.mapping,
                                    .recompute = true};
    if (!app_import_meter(web->app, data_book_arena(web), web->viewer, &readings, &metered,
                          &problem))
        return show_upload(&work, &problem);
    data_drop_draft(web, "meter");
    int year, month, day;
    date_split(metered.last, &year, &month, &day);
    return web_redirect(web,
                        arena_printf(web->arena, "/enterprise/meters/%s?view=year&at=%d",
                                     data_id(web, work.meter_id), year),
                        metered.has_months
                            ? TR_KEY("The readings are kept; the monthly electricity is in the "
                                     "account.")
                            : TR_KEY("The readings are kept."));
}

const struct web_route web_routes_enterprise_meter_upload[] = {
    {"GET", "/enterprise/meters/{meter}/upload", get_upload, WEB_ENTERPRISE,
     TR_KEY("Upload readings")},
    {"POST", "/enterprise/meters/{meter}/upload", post_upload, WEB_ENTERPRISE,
     TR_KEY("Upload readings"), .slow = true},
    {"POST", "/enterprise/meters/{meter}/import", post_import, WEB_ENTERPRISE,
     TR_KEY("Upload readings"), .slow = true},
    {0},
};
