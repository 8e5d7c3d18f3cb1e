/* Reports: issue, list, download, and the public address where anybody verifies them. */
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_documents_html.h"
#include "web/enterprise/judged.h"
#include "web/enterprise/kit.h"
#include "web/enterprise/tabs.h"

struct work {
    struct web *web;
    struct kit_years years;
    struct report_document *list;
    size_t count;
};

static bool read_documents(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    return kit_read_years(db, w->web, &w->years, err) &&
           report_list_documents(db, w->web->arena, w->web->viewer, w->web->viewer->org_id,
                                 &w->list, &w->count, err);
}

static void fill_rows(struct work *w, struct html_enterprise_documents *page)
{
    struct web *web = w->web;
    page->rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_documents_rows, w->count);
    page->rows_count = w->count;
    for (size_t i = 0; i < w->count; i++) {
        const struct report_document *d = &w->list[i];
        const char *purpose = explain_word(web, d->purpose);
        page->rows[i] = (struct html_enterprise_documents_rows){
            .number = str_from(d->number),
            .pdf_url = str_from(arena_printf(web->arena, "/enterprise/report/documents/%s",
                                             kit_id(web, d->report_id))),
            .verify_url = str_from(kit_join(web, "/verify/", d->number)),
            .kind = str_from(strcmp(d->kind, "summary") == 0
                                 ? tr(web->lang, TR_KEY("Two-page summary"))
                                 : tr(web->lang, TR_KEY("Carbon creditworthiness report"))),
            .year = str_from(kit_count(web, d->year)),
            .language = str_from(d->lang == LANG_ZH ? "中文" : "English"),
            .label = web_label(web, str_from(d->label), false),
            .grade = str_from(
                d->grade != NULL && d->grade[0] != '\0' && strcmp(d->grade, "none") != 0 ? d->grade
                                                                                         : "–"),
            .purpose = str_from(purpose),
            .at = str_from(kit_when(web, d->issued_at)),
            .valid = str_from(kit_day(web, d->valid_to)),
            .state = d->ready ? web_chip(web, WEB_GOOD, tr(web->lang, TR_KEY("Signed")))
                              : web_chip(web, WEB_NOTE,
                                         tr(web->lang, TR_KEY("Waits for the checkpoint")))};
    }
}

static bool show_documents(struct web *web, const struct error *problem, struct error *err)
{
    struct work w = {.web = web};
    if (!report_complete(web->store, &web->app->key, web->arena, web->viewer, web->viewer->org_id,
                         err) ||
        !store_read(web->store, read_documents, &w, err))
        return false;
    struct html_enterprise_documents page = {
        .tabs = tabs_report(web, "documents"),
        .problem = problem != NULL ? web_error_box(web, problem) : HTML_EMPTY,
        .chinese = web->lang == LANG_ZH,
        .can_issue = w.years.count != 0,
        .years = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_documents_years, w.years.count),
        .years_count = w.years.count,
        .icon_download = web_icon(web, "file-earmark-arrow-down"),
        .icon_empty = web_icon(web, "file-earmark-text")};
    for (size_t i = 0; i < w.years.count; i++)
        page.years[i] = (struct html_enterprise_documents_years){
            .year = str_from(kit_count(web, w.years.list[i])),
            .picked = w.years.list[i] == w.years.chosen};
    fill_rows(&w, &page);
    return web_page_status(web, problem != NULL ? error_http_status(problem->code) : 200, NULL,
                           HTML_RENDER(web->arena, &web->html, html_enterprise_documents, &page),
                           "report");
}

static bool get_documents(struct web *web, struct error *err)
{
    return show_documents(web, NULL, err);
}

static bool post_documents(struct web *web, struct error *err)
{
    int64_t year;
    struct report_document document;
    struct error refused = {0};
    if (!num_parse_int(web_form(web, "year"), &year) || year < 1990 || year > 2100)
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    struct report_request request = {.org_id = web->viewer->org_id,
                                     .year = (int)year,
                                     .lang = lang_parse(web_form(web, "language"), LANG_ZH),
                                     .purpose = "own"};
    struct report_settings settings = app_report_settings(web->app);
    struct viewer viewer = *web->viewer;
    viewer.purpose = "own";
    if (!report_issue(web->store, &web->app->log, &web->app->key, web->arena, &viewer,
                      &web->app->credit, &settings, &request, &document, &refused))
        return show_documents(web, &refused, err);
    return web_redirect(web, "/enterprise/report/documents",
                        TR_KEY("The report is issued and signed."));
}

static bool get_pdf(struct web *web, struct error *err)
{
    struct app_report_bytes bytes = {
        .viewer = web->viewer, .arena = web->arena, .org_id = web->viewer->org_id};
    if (!web_param_id(web, "report", &bytes.report_id, err) ||
        !store_read(web->store, app_read_report, &bytes, err))
        return false;
    http_reply_download(web->reply, "application/pdf", kit_join(web, bytes.document.number, ".pdf"),
                        bytes.pdf);
    return true;
}

const struct web_route web_routes_enterprise_documents[] = {
    {"GET", "/enterprise/report/documents", get_documents, WEB_ENTERPRISE, TR_KEY("Reports")},
    {"POST", "/enterprise/report/documents", post_documents, WEB_ENTERPRISE, TR_KEY("Reports"),
     .slow = true},
    {"GET", "/enterprise/report/documents/{report}", get_pdf, WEB_ENTERPRISE, TR_KEY("Reports"),
     .slow = true},
    {0},
};
