/* Letters of authorisation: what banks ask, the letter's text, the decision, and who looked. */
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_authorisation_html.h"
#include "enterprise_authorisations_html.h"
#include "enterprise_looks_html.h"
#include "web/enterprise/kit.h"
#include "web/enterprise/tabs.h"
#include "web/shared/letters.h"
#include "web/shared/standing.h"

#define LOOKS_PAGE_ROWS 50

/* What the enterprise opens by each scope. */
static const char *opened_by(const struct web *web, enum registry_scope scope)
{
    static const struct {
        enum registry_scope scope;
        const char *what;
    } known[LETTERS_SCOPES] = {
        {REGISTRY_SCOPE_LABEL, TR_KEY("colour, grade, score and the reason of each point")},
        {REGISTRY_SCOPE_REPORT, TR_KEY("the signed report as a document")},
        {REGISTRY_SCOPE_ACCOUNT,
         TR_KEY("statements of emission and energy, and their explanations")},
        {REGISTRY_SCOPE_ACTIVITY,
         TR_KEY("fuels, electricity, output as submitted; meters; attachments")},
        {REGISTRY_SCOPE_FINANCE, TR_KEY("revenue, debts, loans and matched offers")},
        {REGISTRY_SCOPE_FILING, TR_KEY("what was filed when, and how many findings there are")},
    };
    for (size_t i = 0; i < LETTERS_SCOPES; i++)
        if (known[i].scope == scope) return tr(web->lang, known[i].what);
    return "";
}

static html letter_state(struct web *web, enum registry_authorisation_state state)
{
    const char *name = registry_authorisation_state_name(state);
    const struct flow *flow = flow_find(web->app->flows, STR("authorisation"));
    const struct flow_state *known = flow != NULL ? flow_find_state(flow, str_from(name)) : NULL;
    return known != NULL ? standing_chip(web, known, false)
                         : web_chip(web, WEB_NEUTRAL, explain_word(web, name));
}

static const char *term_of(struct web *web, const struct registry_authorisation *letter)
{
    return tr_fill(web->arena, web->lang, TR_KEY("{0} to {1}"), kit_day(web, letter->first_day),
                   kit_day(web, letter->last_day), NULL);
}

struct work {
    struct web *web;
    id64 letter_id;
    enum registry_authorisation_state to;
    const char *note;
    struct registry_authorisation letter;
    struct registry_authorisation_step *steps;
    size_t step_count;
    struct registry_look *looks;
    size_t look_count;
    int64_t looks_under_it; /* the letter */
    struct registry_authorisation *letters;
    size_t letter_count;
    struct web_paging paging;
};

static const char *letter_url(struct web *web, id64 letter_id)
{
    return kit_join(web, "/enterprise/authorisations/", kit_id(web, letter_id));
}

static bool get_letters(struct web *web, struct error *err)
{
    struct letters w = {.web = web, .today = kit_today(web)};
    if (!store_read(web->store, letters_read, &w, err)) return false;
    struct html_enterprise_authorisations page = {
        .tabs = tabs_authorisations(web, "letters"),
        .icon_empty = web_icon(web, "shield-check"),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_authorisations_rows, w.count),
        .rows_count = w.count};
    for (size_t i = 0; i < w.count; i++) {
        const struct registry_authorisation *l = &w.list[i];
        page.rows[i] = (struct html_enterprise_authorisations_rows){
            .bank = str_from(l->bank_name),
            .url = str_from(letter_url(web, l->authorisation_id)),
            .purpose = str_from(letters_purpose(web, l->purpose)),
            .scopes = str_from(letters_scopes(web, l->scopes)),
            .term = str_from(term_of(web, l)),
            .state = letter_state(web, l->state),
            .at = str_from(kit_when(web, l->state_at)),
            .waits = l->state == REGISTRY_REQUESTED};
    }
    return web_page(web, NULL,
                    HTML_RENDER(web->arena, &web->html, html_enterprise_authorisations, &page),
                    "authorisations");
}

/* ---- one letter ---- */

static bool read_letter(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    return registry_get_authorisation(db, w->web->arena, w->web->viewer, w->web->viewer->org_id,
                                      w->letter_id, kit_today(w->web), &w->letter, err) &&
           registry_list_authorisation_steps(db, w->web->arena, w->web->viewer,
                                             w->web->viewer->org_id, w->letter_id, &w->steps,
                                             &w->step_count, err) &&
           registry_count_looks(db, w->web->viewer, w->letter_id, &w->looks_under_it, err) &&
           registry_list_authorisations(db, w->web->arena, w->web->viewer, kit_today(w->web),
                                        &w->letters, &w->letter_count, err);
}

/* A letter that keeps its bank's loan cases going today. */
static bool keeps_cases(const struct registry_authorisation *letter, date today)
{
    return strcmp(letter->purpose, "verification") != 0 && letter->state == REGISTRY_GRANTED &&
           (letter->scopes & FINANCE_LETTER_SCOPE) != 0 && letter->first_day.day <= today.day &&
           letter->last_day.day >= today.day;
}

/* What a withdrawal does to the cases, as finance_end_cases will do it. */
static void tell_cases(struct work *w, struct html_enterprise_authorisation *page)
{
    date today = kit_today(w->web);
    if (!page->may_withdraw || !keeps_cases(&w->letter, today)) return;
    page->cases_end = true;
    for (size_t i = 0; i < w->letter_count; i++)
        if (w->letters[i].bank_org_id == w->letter.bank_org_id &&
            w->letters[i].authorisation_id != w->letter_id && keeps_cases(&w->letters[i], today))
            page->cases_end = false;
    page->cases_stay = !page->cases_end;
}

static bool show_letter(struct web *web, const struct error *problem, struct error *err)
{
    struct work w = {.web = web};
    if (!web_param_id(web, "letter", &w.letter_id, err) ||
        !store_read(web->store, read_letter, &w, err))
        return false;
    const struct registry_authorisation *l = &w.letter;
    bool manager = web->viewer->role == REGISTRY_ENTERPRISE_MANAGER;
    bool open = l->state == REGISTRY_REQUESTED || l->state == REGISTRY_GRANTED;
    struct html_enterprise_authorisation page = {
        .problem = problem != NULL ? web_error_box(web, problem) : HTML_EMPTY,
        .bank = str_from(l->bank_name),
        .purpose = str_from(letters_purpose(web, l->purpose)),
        .term = str_from(term_of(web, l)),
        .state = letter_state(web, l->state),
        .asked = str_from(kit_when(web, l->requested_at)),
        .since = str_from(kit_when(web, l->state_at)),
        .digest = str_from(digest_hex(web->arena, l->text_digest)),
        .text = str_from(l->text),
        .may_decide = manager && l->state == REGISTRY_REQUESTED,
        .may_withdraw = manager && l->state == REGISTRY_GRANTED,
        .not_manager = !manager && open,
        .post_url = str_from(letter_url(web, l->authorisation_id)),
        .scopes = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_authorisation_scopes,
                                  LETTERS_SCOPES),
        .scopes_count = LETTERS_SCOPES};
    for (size_t i = 0; i < LETTERS_SCOPES; i++)
        page.scopes[i] = (struct html_enterprise_authorisation_scopes){
            .name = str_from(letters_scope_word(web, letters_scope(i))),
            .what = str_from(opened_by(web, letters_scope(i))),
            .given = (l->scopes & (int)letters_scope(i)) != 0};
    page.steps =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_authorisation_steps, w.step_count + 1);
    page.steps_count = w.step_count;
    for (size_t i = 0; i < w.step_count; i++)
        page.steps[i] = (struct html_enterprise_authorisation_steps){
            .state = letter_state(web, w.steps[i].state),
            .at = str_from(kit_when(web, w.steps[i].at)),
            .person = str_from(w.steps[i].person_name),
            .org = str_from(w.steps[i].by_org_name),
            .note = str_from(w.steps[i].note)};
    page.looks = w.looks_under_it;
    tell_cases(&w, &page);
    web_crumb(web, tr(web->lang, TR_KEY("Authorisations")), "/enterprise/authorisations");
    web_crumb(web, l->bank_name, NULL);
    web_status(web, letter_state(web, l->state));
    return web_page_status(
        web, problem != NULL ? error_http_status(problem->code) : 200,
        tr_fill(web->arena, web->lang, TR_KEY("Letter of authorisation for {0}"), l->bank_name,
                NULL),
        HTML_RENDER(web->arena, &web->html, html_enterprise_authorisation, &page),
        "authorisations");
}

static bool get_letter(struct web *web, struct error *err)
{
    return show_letter(web, NULL, err);
}

static bool decide(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct registry_authorisation letter;
    int64_t now_ms = instant_now_ms();
    size_t ended;
    id64 org_id = w->web->viewer->org_id;
    if (!registry_answer_authorisation(db, w->web->viewer, w->letter_id, w->to, w->note, now_ms,
                                       err))
        return false;
    if (w->to != REGISTRY_WITHDRAWN) return true;
    /* A bank without consent goes no further: its open cases about us end with the letter. */
    return registry_get_authorisation(db, db_arena(db), w->web->viewer, org_id, w->letter_id,
                                      instant_day(now_ms, 480), &letter, err) &&
           finance_end_cases(db, db_arena(db), &w->web->app->credit, letter.bank_org_id, org_id,
                             now_ms, &ended, err);
}

static bool post_letter(struct web *web, struct error *err)
{
    static const struct {
        const char *name;
        enum registry_authorisation_state to;
        const char *notice;
    } answers[] = {
        {"granted", REGISTRY_GRANTED,
         TR_KEY("Signed. Who asked may look now; every look is noted for you.")},
        {"refused", REGISTRY_REFUSED,
         TR_KEY("Refused. Who asked sees nothing but the public facts.")},
        {"withdrawn", REGISTRY_WITHDRAWN,
         TR_KEY("Withdrawn. Nobody can open your figures under this letter any more.")},
    };
    struct work w = {.web = web, .note = str_dup(web->arena, web_form(web, "note"))};
    struct error refused = {0};
    str to = web_form(web, "to");
    size_t at = 0;
    if (!web_param_id(web, "letter", &w.letter_id, err)) return false;
    while (at < ARRAY_LEN(answers) && !str_is(to, answers[at].name)) at++;
    if (at == ARRAY_LEN(answers)) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    w.to = answers[at].to;
    if (w.to == REGISTRY_GRANTED && !str_is(web_form(web, "read"), "1")) {
        error_set(&refused, ERROR_WEB_LETTER_UNREAD, "");
        return show_letter(web, &refused, err);
    }
    if (!store_write(web->store, decide, &w, &refused)) return show_letter(web, &refused, err);
    return web_redirect(web, letter_url(web, w.letter_id), answers[at].notice);
}

/* ---- who looked ---- */

static bool read_looks(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    int64_t all;
    if (!registry_count_looks(db, web->viewer, 0, &all, err)) return false;
    w->paging = web_paging(web, all, LOOKS_PAGE_ROWS);
    return registry_list_looks(db, web->arena, web->viewer, w->paging.skip, LOOKS_PAGE_ROWS,
                               &w->looks, &w->look_count, err);
}

static bool get_looks(struct web *web, struct error *err)
{
    struct work w = {.web = web};
    if (!store_read(web->store, read_looks, &w, err)) return false;
    struct html_enterprise_looks page = {
        .tabs = tabs_authorisations(web, "looks"),
        .pages = web_pages(web, &w.paging, "/enterprise/looks"),
        .icon_empty = web_icon(web, "eye"),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_looks_rows, w.look_count),
        .rows_count = w.look_count};
    for (size_t i = 0; i < w.look_count; i++) {
        const struct registry_look *l = &w.looks[i];
        page.rows[i] = (struct html_enterprise_looks_rows){
            .at = str_from(kit_when(web, l->at)),
            .org = str_from(l->viewer_org_name),
            .person = str_from(l->person_name),
            .purpose = str_from(letters_purpose(web, l->purpose)),
            .scope = str_from(letters_scopes(web, l->scope)),
            .what = str_from(l->what)};
        if (l->authorisation_id == 0) continue;
        page.rows[i].letter = str_from(tr(web->lang, TR_KEY("Letter of authorisation")));
        page.rows[i].letter_url = str_from(letter_url(web, l->authorisation_id));
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_enterprise_looks, &page),
                    "authorisations");
}

const struct web_route web_routes_enterprise_authorisations[] = {
    {"GET", "/enterprise/authorisations", get_letters, WEB_ENTERPRISE, TR_KEY("Authorisations")},
    {"GET", "/enterprise/authorisations/{letter}", get_letter, WEB_ENTERPRISE,
     TR_KEY("Letter of authorisation")},
    {"POST", "/enterprise/authorisations/{letter}", post_letter, WEB_ENTERPRISE,
     TR_KEY("Letter of authorisation")},
    {"GET", "/enterprise/looks", get_looks, WEB_ENTERPRISE, TR_KEY("Who looked")},
    {0},
};
