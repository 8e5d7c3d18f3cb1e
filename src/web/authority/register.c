/* The monitoring register (名录库) of the authority's division. */
#include "authority_register_html.h"
#include "web/authority/authority.h"

struct register_work {
    struct web *web;
    struct registry_org *list;
    size_t count;
};

static bool read_register(struct db *db, void *arg, struct error *err)
{
    struct register_work *work = arg;
    return authority_list(db, work->web->arena, work->web->viewer, false, &work->list, &work->count,
                          err);
}

static bool holds(struct web *web, const char *text, str part)
{
    size_t at;
    return str_find(str_fold(web->arena, str_from(text)), part, &at);
}

static bool get_register(struct web *web, struct error *err)
{
    struct register_work work = {.web = web};
    str text = str_fold(web->arena, web_query(web, "q"));
    if (!store_read(web->store, read_register, &work, err)) return false;
    struct html_authority_register page = {
        .text = web_query(web, "q"),
        .others = str_is(web_query(web, "show"), "others"),
        .icon = web_icon(web, "building"),
        .filtered = text.len != 0,
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_authority_register_rows, work.count + 1)};
    for (size_t i = 0; i < work.count; i++) {
        const struct registry_org *org = &work.list[i];
        page.listed += org->on_register;
        page.waiting += !org->on_register;
        if (org->on_register == page.others) continue;
        if (text.len != 0 && !holds(web, org->name, text) && !holds(web, org->name_en, text) &&
            !holds(web, org->identifier, text))
            continue;
        page.rows[page.rows_count++] = (struct html_authority_register_rows){
            .url = str_from(
                arena_printf(web->arena, "/authority/enterprises/%s", bank_id(web, org->org_id))),
            .name = str_from(bank_org_name(web, org)),
            .marks = org->invented ? web_marks(web, WEB_MARK_INVENTED) : HTML_EMPTY,
            .code = str_from(org->identifier),
            .industry = str_from(bank_industry(web, org->industry)),
            .division = str_from(bank_division(web, org->division)),
            .scale = str_from(bank_scale(web, org->scale)),
            .flags = org->ets ? web_chip(web, WEB_NOTE, tr(web->lang, "Key emitter")) : HTML_EMPTY};
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_authority_register, &page),
                    "register");
}

const struct web_route web_routes_authority_register[] = {
    {"GET", "/authority/register", get_register, WEB_AUTHORITY, TR_KEY("Monitoring register")},
    {0},
};
