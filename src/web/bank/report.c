/* The carbon creditworthiness report under a letter: issuing one for the bank, opening and saving.
 */
#include <string.h>

#include "bank_report_html.h"
#include "base/num.h"
#include "report/report.h"
#include "web/bank/bank.h"

#define YEARS_MAX 10

struct report_work {
    struct web *web;
    const struct bank_subject *subject;
    struct report_document *documents;
    size_t count;
    struct credit_rating *ratings;
    size_t rating_count;
    id64 report_id;
    struct report_document document;
    str pdf;
};

static bool read_documents(struct db *db, void *arg, struct error *err)
{
    struct report_work *work = arg;
    struct web *web = work->web;
    id64 org_id = work->subject->org.org_id;
    if (!report_list_documents(db, web->arena, web->viewer, org_id, &work->documents, &work->count,
                               err))
        return false;
    return !bank_may(work->subject, REGISTRY_SCOPE_LABEL) ||
           credit_list_ratings(db, web->arena, web->viewer, org_id, &work->ratings,
                               &work->rating_count, err);
}

static void fill_years(struct report_work *work, struct html_bank_report *page)
{
    struct web *web = work->web;
    page->years = ARENA_NEW_ARRAY(web->arena, struct html_bank_report_years, YEARS_MAX);
    int last = 0;
    for (int pass = 0; pass < YEARS_MAX; pass++) { /* newest first, each once */
        int best = 0;
        for (size_t i = 0; i < work->rating_count; i++) {
            int year = work->ratings[i].year;
            if ((last == 0 || year < last) && year > best) best = year;
        }
        if (best == 0) return;
        page->years[page->years_count++].value = str_from(arena_printf(web->arena, "%d", best));
        last = best;
    }
}

static void fill_rows(struct report_work *work, struct html_bank_report *page)
{
    struct web *web = work->web;
    page->rows = ARENA_NEW_ARRAY(web->arena, struct html_bank_report_rows, work->count + 1);
    for (size_t i = 0; i < work->count; i++) {
        const struct report_document *d = &work->documents[i];
        if (!d->ready) continue;
        const char *rest = arena_printf(web->arena, "/report/%s", bank_id(web, d->report_id));
        const char *url = bank_org_url(web, d->org_id, rest);
        bool mine = d->recipient_org_id != 0;
        bool over = d->valid_to.day < work->subject->today.day;
        page->rows[page->rows_count++] = (struct html_bank_report_rows){
            .number = str_from(d->number),
            .year = d->year,
            .lang = str_from(d->lang == LANG_ZH ? "中文" : "English"),
            .label = web_label(web, str_from(d->label), false),
            .grade = str_from(d->grade),
            .issued = str_from(instant_format(web->arena, d->issued_at, web->utc_offset_minutes)),
            .valid = str_from(bank_day(web, d->valid_to)),
            .for_whom = str_from(tr(web->lang, mine ? "Your bank" : "Anybody")),
            .state = over ? web_chip(web, WEB_NEUTRAL, tr(web->lang, "Expired"))
                     : strcmp(d->kind, "summary") == 0
                         ? web_chip(web, WEB_NOTE, tr(web->lang, "Summary for the file"))
                         : HTML_EMPTY,
            .open_url = str_from(url),
            .save_url = str_from(
                arena_printf(web->arena, "%s%ssave=1", url, strchr(url, '?') != NULL ? "&" : "?")),
            .verify_url = str_from(arena_printf(web->arena, "/verify/%s", d->number))};
    }
}

static bool show(struct web *web, const struct bank_subject *subject, const struct error *problem,
                 struct error *err)
{
    struct report_work work = {.web = web, .subject = subject};
    if (!report_complete(web->store, &web->app->key, web->arena, web->viewer, subject->org.org_id,
                         err) ||
        !store_read(web->store, read_documents, &work, err))
        return false;
    bool may_issue = bank_may(subject, BANK_SCOPES_ISSUE);
    struct html_bank_report page = {
        .tabs = bank_tabs(web, subject, "report"),
        .error = web_error_box(web, problem),
        .notes = may_issue ? HTML_EMPTY : bank_refusal(web, subject, BANK_SCOPES_ISSUE),
        .issue_url = str_from(bank_org_url(web, subject->org.org_id, "/report")),
        .purpose = str_from(letters_purpose(web, subject->letter->purpose)),
        .letter = str_from(bank_id(web, subject->letter->authorisation_id)),
        .icon = web_icon(web, "file-earmark-text")};
    fill_years(&work, &page);
    fill_rows(&work, &page);
    page.may_issue = may_issue && page.years_count != 0;
    int status = problem->code != ERROR_NONE ? error_http_status(problem->code) : 200;
    return web_page_status(web, status, tr(web->lang, "Creditworthiness report"),
                           HTML_RENDER(web->arena, &web->html, html_bank_report, &page),
                           "enterprises");
}

static bool get_report(struct web *web, struct error *err)
{
    struct bank_subject subject;
    if (!bank_open_subject(web, &subject, err)) return false;
    bank_frame(web, &subject, true);
    if (!bank_may(&subject, REGISTRY_SCOPE_REPORT))
        return bank_refuse(web, &subject, REGISTRY_SCOPE_REPORT);
    return web_look(web, subject.org.org_id, REGISTRY_SCOPE_REPORT, err) &&
           show(web, &subject, &(struct error){0}, err);
}

static bool post_report(struct web *web, struct error *err)
{
    struct bank_subject subject;
    struct report_document document;
    struct error problem = {0};
    int64_t year;
    if (!bank_open_subject(web, &subject, err)) return false;
    bank_frame(web, &subject, true);
    if (!bank_may(&subject, BANK_SCOPES_ISSUE))
        return bank_refuse(web, &subject, BANK_SCOPES_ISSUE);
    if (!num_parse_int(web_form(web, "year"), &year) || year < 1900 || year > 3000)
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    struct report_settings settings = app_report_settings(web->app);
    struct report_request request = {.org_id = subject.org.org_id,
                                     .year = (int)year,
                                     .lang = lang_parse(web_form(web, "lang"), LANG_ZH),
                                     .purpose = subject.letter->purpose,
                                     .authorisation_id = subject.letter->authorisation_id};
    if (!web_look(web, subject.org.org_id, BANK_SCOPES_ISSUE, err)) return false;
    if (!report_issue(web->store, &web->app->log, &web->app->key, web->arena, web->viewer,
                      &web->app->credit, &settings, &request, &document, &problem))
        return show(web, &subject, &problem, err);
    return web_redirect(web, bank_org_url(web, subject.org.org_id, "/report"),
                        TR_KEY("The report is issued and signed. It stands first in the list."));
}

static bool read_document(struct db *db, void *arg, struct error *err)
{
    struct report_work *work = arg;
    return report_read_document(db, work->web->arena, work->web->viewer, work->subject->org.org_id,
                                work->report_id, &work->document, &work->pdf, err);
}

static bool get_pdf(struct web *web, struct error *err)
{
    struct bank_subject subject;
    struct report_work work = {.web = web, .subject = &subject};
    if (!bank_open_subject(web, &subject, err) ||
        !web_param_id(web, "report", &work.report_id, err))
        return false;
    bank_frame(web, &subject, true);
    if (!bank_may(&subject, REGISTRY_SCOPE_REPORT))
        return bank_refuse(web, &subject, REGISTRY_SCOPE_REPORT);
    if (!web_look(web, subject.org.org_id, REGISTRY_SCOPE_REPORT, err) ||
        !store_read(web->store, read_document, &work, err))
        return false;
    if (web_query(web, "save").len == 0)
        http_reply_bytes(web->reply, 200, "application/pdf", work.pdf);
    else
        http_reply_download(web->reply, "application/pdf",
                            arena_printf(web->arena, "%s.pdf", work.document.number), work.pdf);
    return true;
}

const struct web_route web_routes_bank_report[] = {
    {"GET", "/bank/enterprises/{org}/report", get_report, WEB_BANK,
     TR_KEY("Creditworthiness report")},
    {"POST", "/bank/enterprises/{org}/report", post_report, WEB_BANK,
     TR_KEY("Creditworthiness report"), .slow = true},
    {"GET", "/bank/enterprises/{org}/report/{report}", get_pdf, WEB_BANK,
     TR_KEY("Creditworthiness report")},
    {0},
};
