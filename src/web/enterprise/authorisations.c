/* Letters of authorisation: what banks ask, the letter's text, the decision, and who looked. */
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_authorisation_html.h"
#include "enterprise_authorisations_html.h"
#include "enterprise_looks_html.h"
#include "web/enterprise/kit.h"
#include "web/enterprise/tabs.h"

#define LOOKS_PAGE_ROWS 50

static const struct {
    int scope;
    const char *name, *what;
} scopes[] = {
    {REGISTRY_SCOPE_ACTIVITY, TR_KEY("Activity data"),
     TR_KEY("fuels, electricity, output as submitted; meters; attachments")},
    {REGISTRY_SCOPE_ACCOUNT, TR_KEY("Carbon account"),
     TR_KEY("statements of emission and energy, and their explanations")},
    {REGISTRY_SCOPE_LABEL, TR_KEY("Label and grade"),
     TR_KEY("colour, grade, score and the reason of each point")},
    {REGISTRY_SCOPE_REPORT, TR_KEY("Carbon creditworthiness report"),
     TR_KEY("the signed report as a document")},
    {REGISTRY_SCOPE_FINANCE, TR_KEY("Finance"), TR_KEY("revenue, debts, loans and matched offers")},
    {REGISTRY_SCOPE_FILING, TR_KEY("Filing"),
     TR_KEY("what was filed when, and how many findings there are")},
};

static const char *scope_words(struct web *web, int mask)
{
    struct buf *out = buf_new(web->arena);
    for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
        if ((mask & scopes[i].scope) == 0) continue;
        if (out->len != 0) buf_puts(out, web->lang == LANG_ZH ? "、" : ", ");
        buf_puts(out, tr(web->lang, scopes[i].name));
    }
    return str_dup(web->arena, buf_str(out));
}

static const char *purpose_word(const struct web *web, const char *purpose)
{
    if (strcmp(purpose, "before") == 0) return tr(web->lang, TR_KEY("Before the loan"));
    if (strcmp(purpose, "during") == 0) return tr(web->lang, TR_KEY("During the loan"));
    if (strcmp(purpose, "after") == 0) return tr(web->lang, TR_KEY("After the loan"));
    return explain_word(web, purpose);
}

static html letter_state(struct web *web, enum registry_authorisation_state state)
{
    const char *name = registry_authorisation_state_name(state);
    enum web_tone tone = state == REGISTRY_REQUESTED ? WEB_NOTE
                         : state == REGISTRY_GRANTED ? WEB_GOOD
                                                     : WEB_NEUTRAL;
    const struct flow *flow = flow_find(web->app->flows, STR("authorisation"));
    const struct flow_state *known = flow != NULL ? flow_find_state(flow, str_from(name)) : NULL;
    const char *word = known == NULL          ? explain_word(web, name)
                       : web->lang == LANG_ZH ? known->label.zh
                                              : known->label.en;
    return web_chip(web, tone, word);
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
    struct registry_authorisation letter, *letters;
    struct registry_authorisation_step *steps;
    size_t step_count;
    size_t letter_count;
    struct registry_look *looks;
    size_t look_count;
    int64_t looks_under_it; /* the letter */
    struct web_paging paging;
};

static bool read_letters(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    return registry_list_authorisations(db, w->web->arena, w->web->viewer, kit_today(w->web),
                                        &w->letters, &w->letter_count, err);
}

static const char *letter_url(struct web *web, id64 letter_id)
{
    return kit_join(web, "/enterprise/authorisations/", kit_id(web, letter_id));
}

static bool get_letters(struct web *web, struct error *err)
{
    struct work w = {.web = web};
    if (!store_read(web->store, read_letters, &w, err)) return false;
    struct html_enterprise_authorisations page = {
        .tabs = tabs_authorisations(web, "letters"),
        .icon_empty = web_icon(web, "shield-check"),
        .rows =
            ARENA_NEW_ARRAY(web->arena, struct html_enterprise_authorisations_rows, w.letter_count),
        .rows_count = w.letter_count};
    for (size_t i = 0; i < w.letter_count; i++) {
        const struct registry_authorisation *l = &w.letters[i];
        page.rows[i] = (struct html_enterprise_authorisations_rows){
            .bank = str_from(l->bank_name),
            .url = str_from(letter_url(web, l->authorisation_id)),
            .purpose = str_from(purpose_word(web, l->purpose)),
            .scopes = str_from(scope_words(web, l->scopes)),
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
           registry_count_looks(db, w->web->viewer, w->letter_id, &w->looks_under_it, err);
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
        .purpose = str_from(purpose_word(web, l->purpose)),
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
                                  ARRAY_LEN(scopes)),
        .scopes_count = ARRAY_LEN(scopes)};
    for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
        page.scopes[i] = (struct html_enterprise_authorisation_scopes){
            .name = str_from(tr(web->lang, scopes[i].name)),
            .what = str_from(tr(web->lang, scopes[i].what)),
            .given = (l->scopes & scopes[i].scope) != 0};
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
         TR_KEY("Signed. The bank may look now; every look is noted for you.")},
        {"refused", REGISTRY_REFUSED,
         TR_KEY("Refused. The bank sees nothing but the public facts.")},
        {"withdrawn", REGISTRY_WITHDRAWN,
         TR_KEY("Withdrawn. The bank can no longer open your figures.")},
    };
    struct work w = {.web = web, .note = str_dup(web->arena, web_form(web, "note"))};
    struct error refused = {0};
    str to = web_form(web, "to");
    size_t at = 0;
    if (!web_param_id(web, "letter", &w.letter_id, err)) return false;
    while (at < ARRAY_LEN(answers) && !str_is(to, answers[at].name)) at++;
    if (at == ARRAY_LEN(answers)) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    w.to = answers[at].to;
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
        page.rows[i] =
            (struct html_enterprise_looks_rows){.at = str_from(kit_when(web, l->at)),
                                                .org = str_from(l->viewer_org_name),
                                                .person = str_from(l->person_name),
                                                .purpose = str_from(purpose_word(web, l->purpose)),
                                                .scope = str_from(scope_words(web, l->scope)),
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
