/* The work list: what happened that concerns the viewer's organisation. */
#include "frame_notices_html.h"
#include "registry/registry.h"
#include "store/store.h"
#include "web/frame/frame.h"

#define PAGE_ROWS 50

struct notices {
    struct web *web;
    struct web_paging paging;
    struct registry_notice *list;
    size_t count;
};

const char *web_notice_text(struct web *web, const struct registry_notice *notice)
{
    const char *args[4];
    for (size_t k = 0; k < 4; k++) {
        str en, zh = str_from(notice->args[k]);
        bool both = str_cut(&zh, REGISTRY_NOTICE_SEPARATOR, &en) && zh.ptr != NULL;
        if (both)
            args[k] = str_dup(web->arena, web->lang == LANG_ZH ? zh : en);
        else
            args[k] = tr(web->lang, notice->args[k] != NULL ? notice->args[k] : "");
    }
    return tr_fill(web->arena, web->lang, notice->text, args[0], args[1], args[2], args[3], NULL);
}

static bool read_notices(struct db *db, void *arg, struct error *err)
{
    struct notices *work = arg;
    struct web *web = work->web;
    int64_t all;
    if (!registry_count_notices(db, web->viewer, &all, err)) return false;
    work->paging = web_paging(web, all, PAGE_ROWS);
    return registry_list_notices(db, web->arena, web->viewer, work->paging.skip, PAGE_ROWS,
                                 &work->list, &work->count, err);
}

static bool get_notices(struct web *web, struct error *err)
{
    struct notices work = {.web = web};
    if (!store_read(web->store, read_notices, &work, err)) return false;
    struct html_notices page = {
        .empty_icon = web_icon(web, "check-circle"),
        .pages = web_pages(web, &work.paging, "/notices"),
        .rows_count = work.count,
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_notices_rows, work.count)};
    for (size_t i = 0; i < work.count; i++) {
        const struct registry_notice *notice = &work.list[i];
        page.rows[i] = (struct html_notices_rows){
            .when = str_from(instant_format(web->arena, notice->at, web->utc_offset_minutes)),
            .text = str_from(web_notice_text(web, notice)),
            .url = str_from(notice->link),
            .linked = notice->link != NULL && notice->link[0] != '\0',
            .unread = !notice->is_read};
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_notices, &page), NULL);
}

static bool mark_all(struct db *db, void *arg, struct error *err)
{
    const struct notices *work = arg;
    return registry_mark_all_read(db, work->web->viewer, instant_now_ms(), err);
}

static bool post_notices(struct web *web, struct error *err)
{
    struct notices work = {.web = web};
    if (!store_write(web->store, mark_all, &work, err)) return false;
    return web_redirect(web, "/notices", TR_KEY("Everything is marked as read."));
}

const struct web_route web_routes_frame_notices[] = {
    {"GET", "/notices", get_notices, WEB_SIGNED_IN, TR_KEY("Work list")},
    {"POST", "/notices", post_notices, WEB_SIGNED_IN, TR_KEY("Work list")},
    {0},
};
