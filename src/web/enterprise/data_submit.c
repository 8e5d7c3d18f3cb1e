/* Submitting data: the template of a year, the upload of a filled-in one, and the way to the form.
 */
#include "enterprise_data_submit_html.h"
#include "web/enterprise/data_kit.h"

#include <string.h>

#define LATEST_MAX 5

struct submit_work {
    struct web *web;
    int year;
    struct model_info form;
    bool has_method;
    struct account_datum *data; /* of the year, and what holds once */
    size_t data_count;
    struct account_submission *latest;
    size_t latest_count;
};

static bool read_submit(struct db *db, void *arg, struct error *err)
{
    struct submit_work *work = arg;
    struct web *web = work->web;
    id64 org_id = web->viewer->org_id;
    struct account_method method;
    struct account_data_filter filter = {.as_known = ACCOUNT_NOW};
    if (!account_choose_method(db, web->arena, &web->app->rules, org_id, work->year, "method",
                               &method, err) ||
        !app_form(web->app, db, web->arena, org_id, work->year, &work->form, err) ||
        !account_list_data(db, web->arena, web->viewer, org_id, &filter, &work->data,
                           &work->data_count, err))
        return false;
    work->has_method = method.model != NULL;
    return account_list_submissions(db, web->arena, web->viewer, org_id, LATEST_MAX, &work->latest,
                                    &work->latest_count, err);
}

static void fill_months(struct submit_work *work, struct html_enterprise_data_submit *page)
{
    struct web *web = work->web;
    date today = data_today(web);
    page->months_count = 12;
    page->months = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_submit_months, 12);
    for (int m = 0; m < 12; m++) {
        struct account_period period = account_month(month_make(work->year, m + 1));
        int64_t given = 0;
        for (size_t i = 0; i < work->data_count; i++)
            given += account_period_equal(work->data[i].period, period);
        const char *text = account_period_text(web->arena, period);
        page->months[m] = (struct html_enterprise_data_submit_months){
            .month = str_from(text),
            .url = str_from(arena_printf(web->arena, "/enterprise/data/form?period=%s", text)),
            .given = given,
            .future = period.first.day > today.day};
    }
    struct account_period whole = account_year(work->year), once = account_once();
    for (size_t i = 0; i < work->data_count; i++)
        page->fact_count += account_period_equal(work->data[i].period, whole) ||
                            account_period_equal(work->data[i].period, once);
}

static bool show_submit(struct web *web, const struct error *problem, struct error *err)
{
    struct submit_work work = {.web = web, .year = data_year(web)};
    if (!store_read(web->store, read_submit, &work, err)) return false;
    bool again = problem->code != ERROR_NONE;
    struct html_enterprise_data_submit page = {
        .tabs = data_tabs(web, "submit", work.year),
        .years = data_year_picker(web, "/enterprise/data", work.year, NULL),
        .error = web_error_box(web, problem),
        .year = work.year,
        .method = str_from(data_text(web, work.form.title)),
        .tiers = data_tier_select(web, data_tier_of_form(web)),
        .upload_icon = web_icon(web, "cloud-upload"),
        .template_url =
            str_from(arena_printf(web->arena, "/enterprise/data/template?year=%d", work.year)),
        .facts_url =
            str_from(arena_printf(web->arena, "/enterprise/data/form?period=%d", work.year)),
        .has_method = work.has_method,
        .replace = again && web_form(web, "replace").len != 0,
        .all_url = STR("/enterprise/data/submissions"),
        .latest_count = work.latest_count,
        .latest = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_submit_latest,
                                  work.latest_count + 1)};
    fill_months(&work, &page);
    for (size_t i = 0; i < work.latest_count; i++) {
        const struct account_submission *one = &work.latest[i];
        page.latest[i] = (struct html_enterprise_data_submit_latest){
            .when = str_from(data_when(web, one->at)),
            .name = str_from(data_submission_name(web, one)),
            .url = str_from(arena_printf(web->arena, "/enterprise/data/submissions/%s",
                                         data_id(web, one->submission_id))),
            .accepted = one->rows_accepted,
            .refused = one->rows_refused};
    }
    return web_page_status(web, again ? error_http_status(problem->code) : 200, NULL,
                           HTML_RENDER(web->arena, &web->html, html_enterprise_data_submit, &page),
                           "data");
}

static bool get_submit(struct web *web, struct error *err)
{
    return show_submit(web, &(struct error){0}, err);
}

/* ---- template ---- */

static bool get_template(struct web *web, struct error *err)
{
    struct submit_work work = {.web = web, .year = data_year(web)};
    if (!store_read(web->store, read_submit, &work, err)) return false;
    struct intake_template_value *values =
        ARENA_NEW_ARRAY(web->arena, struct intake_template_value, work.data_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < work.data_count; i++) {
        const struct account_datum *datum = &work.data[i];
        int year, month, day;
        if (!datum->has_number) continue;
        bool once = account_period_equal(datum->period, account_once());
        if (!once) date_split(datum->period.first, &year, &month, &day);
        if (!once && year != work.year) continue;
        bool whole = once || account_period_equal(datum->period, account_year(work.year));
        values[count++] =
            (struct intake_template_value){.input = datum->input,
                                           .key = datum->key,
                                           .month = whole ? -1 : month_of(datum->period.first),
                                           .value = datum->value,
                                           .unit = datum->unit};
    }
    str bytes;
    if (!intake_write_template(web->arena, &work.form, work.year, web->lang, values, count, &bytes,
                               err))
        return false;
    http_reply_download(web->reply,
                        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                        tr_fill(web->arena, web->lang, TR_KEY("Tanshu template {0}.xlsx"),
                                arena_printf(web->arena, "%d", work.year), NULL),
                        bytes);
    return true;
}

/* ---- upload ---- */

static bool post_upload(struct web *web, struct error *err)
{
    const struct http_upload *upload;
    struct error problem = {0};
    struct app_imported imported;
    struct app_file file = {.org_id = web->viewer->org_id,
                            .year = data_year(web),
                            .tier = data_tier_of_form(web),
                            .replace = web_form(web, "replace").len != 0,
                            .recompute = true};
    if (!data_read_upload(web, "file", &upload, &file.bytes, &problem))
        return show_submit(web, &problem, err);
    file.name = str_dup(web->arena, upload->filename);
    if (app_import_file(web->app, data_book_arena(web), web->viewer, &file, &imported, &problem))
        return data_answer_submission(web, imported.submission.submission_id, NULL);
    if (problem.code == ERROR_INTAKE_LAYOUT_UNKNOWN)
        return data_ask_mapping(web, file.name, file.bytes, err);
    return show_submit(web, &problem, err);
}

const struct web_route web_routes_enterprise_data_submit[] = {
    {"GET", "/enterprise/data", get_submit, WEB_ENTERPRISE, TR_KEY("Submit data")},
    {"GET", "/enterprise/data/template", get_template, WEB_ENTERPRISE, TR_KEY("Template"),
     .slow = true},
    {"POST", "/enterprise/data/upload", post_upload, WEB_ENTERPRISE, TR_KEY("Submit data"),
     .slow = true},
    {0},
};
