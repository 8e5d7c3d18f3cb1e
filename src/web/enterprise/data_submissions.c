/* What was submitted, newest first. */
#include "enterprise_data_submissions_html.h"
#include "web/enterprise/data_kit.h"

#include <string.h>

#define PAGE_ROWS 100

struct submissions_work {
    struct web *web;
    struct account_submission *list;
    size_t count;
};

static bool read_submissions(struct db *db, void *arg, struct error *err)
{
    struct submissions_work *work = arg;
    struct web *web = work->web;
    return account_list_submissions(db, web->arena, web->viewer, web->viewer->org_id, 0,
                                    &work->list, &work->count, err);
}

static const char *kind_word(struct web *web, const char *kind)
{
    if (strcmp(kind, "file") == 0) return tr(web->lang, TR_KEY("File"));
    if (strcmp(kind, "form") == 0) return tr(web->lang, TR_KEY("Form"));
    if (strcmp(kind, "meter") == 0) return tr(web->lang, TR_KEY("Meter"));
    if (strcmp(kind, "withdrawal") == 0) return tr(web->lang, TR_KEY("Withdrawal"));
    return kind;
}

static html state_chip(struct web *web, const struct account_submission *one)
{
    if (one->withdrawn) return web_chip(web, WEB_NEUTRAL, tr(web->lang, TR_KEY("Withdrawn")));
    if (one->withdraws != 0) return web_chip(web, WEB_NEUTRAL, tr(web->lang, TR_KEY("Withdrawal")));
    if (one->rows_refused > 0 && one->rows_accepted == 0)
        return web_chip(web, WEB_BAD, tr(web->lang, TR_KEY("Refused")));
    if (one->rows_refused > 0)
        return web_chip(web, WEB_WARN, tr(web->lang, TR_KEY("Partly accepted")));
    return web_chip(web, WEB_GOOD, tr(web->lang, TR_KEY("Accepted")));
}

static bool get_submissions(struct web *web, struct error *err)
{
    struct submissions_work work = {.web = web};
    if (!store_read(web->store, read_submissions, &work, err)) return false;
    str kind = web_query(web, "kind");
    size_t kept = 0;
    for (size_t i = 0; i < work.count; i++)
        if (kind.len == 0 || str_is(kind, work.list[i].kind)) work.list[kept++] = work.list[i];
    struct web_paging paging = web_paging(web, (int64_t)kept, PAGE_ROWS);
    struct buf *url = buf_new(web->arena);
    buf_puts(url, "/enterprise/data/submissions?kind=");
    html_put_url_part(url, kind);
    struct html_enterprise_data_submissions page = {
        .tabs = data_tabs(web, "submissions", data_year(web)),
        .empty_icon = web_icon(web, "cloud-upload"),
        .kind = kind,
        .all = kind.len == 0,
        .files = str_is(kind, "file"),
        .forms = str_is(kind, "form"),
        .meters = str_is(kind, "meter"),
        .pages = web_pages(web, &paging, str_dup(web->arena, buf_str(url))),
        .rows =
            ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_submissions_rows, PAGE_ROWS)};
    for (size_t i = (size_t)paging.skip; i < kept && page.rows_count < PAGE_ROWS; i++) {
        const struct account_submission *one = &work.list[i];
        page.rows[page.rows_count++] = (struct html_enterprise_data_submissions_rows){
            .when = str_from(data_when(web, one->at)),
            .name = str_from(data_submission_name(web, one)),
            .url = str_from(arena_printf(web->arena, "/enterprise/data/submissions/%s",
                                         data_id(web, one->submission_id))),
            .kind = str_from(kind_word(web, one->kind)),
            .person = str_from(one->person_name),
            .accepted = one->rows_accepted,
            .refused = one->rows_refused,
            .replaced = one->rows_replaced,
            .state = state_chip(web, one)};
    }
    web_action(web, tr(web->lang, TR_KEY("Submit data")), "/enterprise/data");
    return web_page(web, NULL,
                    HTML_RENDER(web->arena, &web->html, html_enterprise_data_submissions, &page),
                    "data");
}

const struct web_route web_routes_enterprise_data_submissions[] = {
    {"GET", "/enterprise/data/submissions", get_submissions, WEB_ENTERPRISE, TR_KEY("Submissions")},
    {0},
};
