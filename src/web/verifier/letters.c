/* A verifier's letters of authorisation: asked here, granted by the enterprise. */
#include "verifier_letters_html.h"
#include "web/verifier/verifier.h"

#define SCOPES (REGISTRY_SCOPE_FILING | REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_ACTIVITY)

static bool show(struct web *web, int status, html error, struct error *err)
{
    struct letters work = {.web = web, .today = bank_today(web)};
    date year_on = {work.today.day + 364};
    str first = web_form(web, "first_day"), last = web_form(web, "last_day");
    if (!store_read(web->store, letters_read, &work, err)) return false;
    struct html_verifier_letters page = {
        .error = error,
        .code = web_form(web, "code"),
        .icon = web_icon(web, "shield-check"),
        .first_day = first.len != 0 ? first : str_from(bank_day(web, work.today)),
        .last_day = last.len != 0 ? last : str_from(bank_day(web, year_on)),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_verifier_letters_rows, work.count + 1)};
    for (size_t i = 0; i < work.count; i++)
        page.rows[page.rows_count++] = (struct html_verifier_letters_rows){
            .name = str_from(work.list[i].org_name),
            .term =
                str_from(arena_printf(web->arena, "%s – %s", bank_day(web, work.list[i].first_day),
                                      bank_day(web, work.list[i].last_day))),
            .state = bank_letter_chip(web, &work.list[i], work.today)};
    return web_page_status(web, status, NULL,
                           HTML_RENDER(web->arena, &web->html, html_verifier_letters, &page),
                           "letters");
}

static bool get_letters(struct web *web, struct error *err)
{
    return show(web, 200, HTML_EMPTY, err);
}

static bool ask(struct db *db, void *arg, struct error *err)
{
    struct web *web = arg;
    struct registry_org org, own;
    date first, last;
    id64 id;
    if (!date_parse_human(web->arena, web_form(web, "first_day"), &first))
        return error_set(err, ERROR_WEB_DATE, "S", web_form(web, "first_day"));
    if (!date_parse_human(web->arena, web_form(web, "last_day"), &last))
        return error_set(err, ERROR_WEB_DATE, "S", web_form(web, "last_day"));
    if (!registry_resolve_org(db, web->arena, web_form(web, "code"), &org, err) ||
        !registry_get_org(db, web->arena, web->viewer->org_id, &own, err))
        return false;
    const char *text = tr_fill(
        web->arena, LANG_ZH,
        "{0} authorises {1} to read, from {2} to {3}, what it filed and when, the findings of "
        "cross-validation with their evidence, its carbon account and its activity data, in "
        "order to judge those findings, and for nothing else.",
        org.name, own.name, bank_day(web, first), bank_day(web, last), NULL);
    return registry_request_authorisation(db, web->viewer, org.org_id, "verification", SCOPES,
                                          first, last, text, instant_now_ms(), &id, err);
}

static bool post_letters(struct web *web, struct error *err)
{
    if (!store_write(web->store, ask, web, err)) {
        struct error refused = *err;
        *err = (struct error){0};
        return show(web, error_http_status(refused.code), web_error_box(web, &refused), err);
    }
    return web_redirect(web, "/expert/authorisations", TR_KEY("The request is sent."));
}

const struct web_route web_routes_verifier_letters[] = {
    {"GET", "/expert/authorisations", get_letters, WEB_VERIFIER, TR_KEY("Authorisations")},
    {"POST", "/expert/authorisations", post_letters, WEB_VERIFIER, TR_KEY("Authorisations")},
    {0},
};
