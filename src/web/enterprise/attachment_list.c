/* Bills, weighbridge slips and laboratory sheets: adding, listing, opening. */
#include "enterprise_attachment_list_html.h"
#include "web/enterprise/data_kit.h"

#include <string.h>

#include "base/file.h"

struct attachment_work {
    struct web *web;
    struct model_info form;
    struct registry_attachment *list;
    size_t count;
    struct registry_person *people;
    size_t person_count;
    struct registry_attachment one;
    str bytes;
};

static bool read_attachments(struct db *db, void *arg, struct error *err)
{
    struct attachment_work *work = arg;
    struct web *web = work->web;
    id64 org_id = web->viewer->org_id;
    return registry_list_attachments(db, web->arena, web->viewer, org_id, &work->list, &work->count,
                                     err) &&
           registry_list_people(db, web->arena, org_id, &work->people, &work->person_count, err) &&
           app_form(web->app, db, web->arena, org_id, data_year(web), &work->form, err);
}

static const char *person_name(const struct attachment_work *work, id64 person_id)
{
    for (size_t i = 0; i < work->person_count; i++)
        if (work->people[i].person_id == person_id) return work->people[i].name;
    return "";
}

static void fill_choices(struct attachment_work *work, struct html_enterprise_attachment_list *page)
{
    struct web *web = work->web;
    static const char *const kinds[] = {"bill", "weighbridge", "laboratory", "other"};
    str picked = web_form(web, "kind");
    page->kinds = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_attachment_list_kinds, 4);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        page->kinds[page->kinds_count++] = (struct html_enterprise_attachment_list_kinds){
            .value = str_from(kinds[i]),
            .word = str_from(attachment_kind_word(web, kinds[i])),
            .picked = str_is(picked, kinds[i])};
    page->inputs = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_attachment_list_inputs,
                                   work->form.input_count + 1);
    str asked = web_query(web, "input");
    for (size_t i = 0; i < work->form.input_count; i++) {
        str label = str_from(data_text(web, work->form.inputs[i].label));
        page->inputs[page->inputs_count++] =
            (struct html_enterprise_attachment_list_inputs){.label = label};
        if (str_is(asked, work->form.inputs[i].name)) page->note_item = label;
    }
    if (web_form(web, "item").len != 0) page->note_item = web_form(web, "item");
    page->period =
        web_form(web, "period").len != 0 ? web_form(web, "period") : web_query(web, "period");
}

static bool show_attachments(struct web *web, const struct error *problem, struct error *err)
{
    struct attachment_work work = {.web = web};
    if (!store_read(web->store, read_attachments, &work, err)) return false;
    struct html_enterprise_attachment_list page = {
        .tabs = data_tabs(web, "attachments", data_year(web)),
        .error = web_error_box(web, problem),
        .empty_icon = web_icon(web, "file-earmark-text"),
        .upload_icon = web_icon(web, "cloud-upload"),
        .quota = str_from(data_bytes(web, REGISTRY_ATTACHMENTS_BYTES_MAX)),
        .one_max = str_from(data_bytes(web, (int64_t)REGISTRY_ATTACHMENT_BYTES_MAX)),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_attachment_list_rows,
                                work.count + 1)};
    int64_t used = 0;
    fill_choices(&work, &page);
    for (size_t i = 0; i < work.count; i++) {
        const struct registry_attachment *one = &work.list[i];
        struct account_period period = {one->first_day, one->last_day};
        used += one->size_bytes;
        page.rows[page.rows_count++] = (struct html_enterprise_attachment_list_rows){
            .name = str_from(one->name),
            .url = str_from(arena_printf(web->arena, "/enterprise/attachments/%s",
                                         data_id(web, one->attachment_id))),
            .kind = str_from(attachment_kind_word(web, one->kind)),
            .period = str_from(one->has_period ? data_period(web, period) : "–"),
            .item = one->input[0] != '\0'
                        ? str_from(data_item(web, &work.form, one->input, one->key))
                        : STR("–"),
            .size = str_from(data_bytes(web, one->size_bytes)),
            .when = str_from(data_when(web, one->at)),
            .person = str_from(person_name(&work, one->person_id)),
            .digest = str_from(
                arena_printf(web->arena, "%.12s…", digest_hex(web->arena, one->bytes_digest)))};
    }
    page.used = str_from(data_bytes(web, used));
    page.used_percent = used * 100 / REGISTRY_ATTACHMENTS_BYTES_MAX;
    return web_page_status(
        web, problem->code != ERROR_NONE ? error_http_status(problem->code) : 200, NULL,
        HTML_RENDER(web->arena, &web->html, html_enterprise_attachment_list, &page), "data");
}

static bool get_attachments(struct web *web, struct error *err)
{
    return show_attachments(web, &(struct error){0}, err);
}

/* ---- adding ---- */

static bool write_attachment(struct db *db, void *arg, struct error *err)
{
    struct attachment_work *work = arg;
    id64 attachment_id;
    return registry_add_attachment(db, work->web->viewer, &work->one, work->bytes, instant_now_ms(),
                                   &attachment_id, err);
}

static bool take_attachment(struct attachment_work *work, struct error *err)
{
    struct web *web = work->web;
    const struct http_upload *upload;
    struct account_period period;
    str item = web_form(web, "item"), when = web_form(web, "period");
    if (!web_upload(web, "file", &upload, err)) return false;
    if (upload->bytes > (int64_t)REGISTRY_ATTACHMENT_BYTES_MAX)
        return error_set(err, ERROR_FILE_LARGE, "Si", upload->filename,
                         (int64_t)REGISTRY_ATTACHMENT_BYTES_MAX);
    if (!file_read(web->arena, upload->path, REGISTRY_ATTACHMENT_BYTES_MAX, &work->bytes, err))
        return false;
    if (!data_period_parse(web, when, &period))
        return error_set(err, ERROR_WEB_FORM_MONTH, "S", when);
    work->one =
        (struct registry_attachment){.org_id = web->viewer->org_id,
                                     .kind = str_dup(web->arena, web_form(web, "kind")),
                                     .name = str_dup(web->arena, upload->filename),
                                     .media_type = str_dup(web->arena, upload->content_type),
                                     .has_period = true,
                                     .first_day = period.first,
                                     .last_day = period.last,
                                     .input = "",
                                     .key = "",
                                     .person_id = web->viewer->person_id};
    if (item.len == 0) return true;
    for (size_t i = 0; i < work->form.input_count; i++)
        if (str_is(item, data_text(web, work->form.inputs[i].label)) ||
            str_is(item, work->form.inputs[i].name))
            work->one.input = work->form.inputs[i].name;
    return work->one.input[0] != '\0' || error_set(err, ERROR_WEB_ITEM_UNKNOWN, "S", item);
}

static bool post_attachment(struct web *web, struct error *err)
{
    struct attachment_work work = {.web = web};
    struct error problem = {0};
    if (!store_read(web->store, read_attachments, &work, err)) return false;
    if (!take_attachment(&work, &problem) ||
        !store_write(web->store, write_attachment, &work, &problem))
        return show_attachments(web, &problem, err);
    return web_redirect(web, "/enterprise/attachments", TR_KEY("The attachment is kept."));
}

/* ---- opening ---- */

static bool read_bytes(struct db *db, void *arg, struct error *err)
{
    struct attachment_work *work = arg;
    struct web *web = work->web;
    return registry_read_attachment(db, web->arena, web->viewer, web->viewer->org_id,
                                    work->one.attachment_id, &work->one, &work->bytes, err);
}

/* Always a file to save, whatever type the sender claimed: a stranger's HTML must not run here. */
static bool get_attachment(struct web *web, struct error *err)
{
    struct attachment_work work = {.web = web};
    if (!web_param_id(web, "attachment", &work.one.attachment_id, err) ||
        !store_read(web->store, read_bytes, &work, err))
        return false;
    http_reply_download(web->reply, "application/octet-stream", work.one.name, work.bytes);
    return true;
}

const struct web_route web_routes_enterprise_attachment_list[] = {
    {"GET", "/enterprise/attachments", get_attachments, WEB_ENTERPRISE, TR_KEY("Attachments")},
    {"POST", "/enterprise/attachments", post_attachment, WEB_ENTERPRISE, TR_KEY("Attachments"),
     .slow = true},
    {"GET", "/enterprise/attachments/{attachment}", get_attachment, WEB_ENTERPRISE,
     TR_KEY("Attachments"), .slow = true},
    {0},
};
