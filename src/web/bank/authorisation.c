/* Asking an enterprise for a letter of authorisation. The letter's text follows from purpose,
 * scopes and term; it is shown before it is sent, and what is sent is made anew from the same
 * fields, so that text and scopes agree. */
#include "bank_authorisation_html.h"
#include "web/bank/bank.h"

#include "base/num.h"

#define TERM_DAYS_DEFAULT 365

struct request {
    const char *purpose;
    int scopes;
    date first, last;
};

struct ask_work {
    struct web *web;
    const struct bank_subject *subject;
    const struct request *request;
    const char *text;
    struct registry_org bank;
};

static const struct {
    const char *name, *help;
} purposes[] = {
    {"before", TR_KEY("Investigation, review and approval of a new loan")},
    {"during", TR_KEY("Drawing the loan, use of funds, targets that the price hangs on")},
    {"after", TR_KEY("Watching a loan that has been paid out")},
};

static bool read_bank(struct db *db, void *arg, struct error *err)
{
    struct ask_work *work = arg;
    return registry_get_org(db, work->web->arena, work->web->viewer->org_id, &work->bank, err);
}

/* Both sides may read in another language than the officer's: the letter is in both. */
static const char *letter_in(const struct ask_work *work, enum lang lang)
{
    struct web in = *work->web;
    in.lang = lang;
    const struct request *r = work->request;
    return tr_fill(in.arena, lang,
                   "{0} authorises {1} to read on this platform, for the purpose '{2}', the "
                   "following of its carbon information: {3}. The authorisation holds from {4}.",
                   bank_org_name(&in, &work->subject->org), bank_org_name(&in, &work->bank),
                   letters_purpose(&in, r->purpose), letters_scopes(&in, r->scopes),
                   tr_fill(in.arena, lang, "{0} to {1}, both days included",
                           bank_day(&in, r->first), bank_day(&in, r->last), NULL),
                   NULL);
}

static const char *letter_text(const struct ask_work *work)
{
    struct arena *arena = work->web->arena;
    return arena_printf(
        arena, "%s%s %s%s", letter_in(work, LANG_ZH),
        tr(LANG_ZH, "It can be withdrawn at any time; every look is recorded and shown to the "
                    "enterprise."),
        letter_in(work, LANG_EN),
        " It can be withdrawn at any time; every look is recorded and shown to the enterprise.");
}

static void default_request(const struct bank_subject *subject, struct request *request)
{
    *request = (struct request){.purpose = "before",
                                .scopes = REGISTRY_SCOPE_LABEL | REGISTRY_SCOPE_REPORT |
                                          REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_ACTIVITY |
                                          REGISTRY_SCOPE_FINANCE,
                                .first = subject->today,
                                .last = {subject->today.day + TERM_DAYS_DEFAULT - 1}};
}

static bool read_day(struct web *web, const char *field, date *day, struct error *err)
{
    str text = web_form(web, field);
    return date_parse_human(web->arena, text, day) || error_set(err, ERROR_WEB_DATE, "S", text);
}

static bool read_request(struct web *web, struct request *request, struct error *err)
{
    request->scopes = 0;
    for (size_t i = 0; i < LETTERS_SCOPES; i++) {
        const char *field =
            arena_printf(web->arena, "scope-%s", registry_scope_name(letters_scope(i)));
        if (web_form(web, field).len != 0) request->scopes |= (int)letters_scope(i);
    }
    request->purpose = str_dup(web->arena, web_form(web, "purpose"));
    if (!read_day(web, "first", &request->first, err) ||
        !read_day(web, "last", &request->last, err))
        return false;
    return request->scopes != 0 || error_set(err, ERROR_REGISTRY_SCOPES, "");
}

static void fill_choices(struct web *web, const struct request *request,
                         struct html_bank_authorisation *page)
{
    page->purposes =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_authorisation_purposes, ARRAY_LEN(purposes));
    page->purposes_count = ARRAY_LEN(purposes);
    for (size_t i = 0; i < ARRAY_LEN(purposes); i++)
        page->purposes[i] = (struct html_bank_authorisation_purposes){
            .value = str_from(purposes[i].name),
            .word = str_from(letters_purpose(web, purposes[i].name)),
            .help = str_from(tr(web->lang, purposes[i].help)),
            .picked = str_is(str_from(request->purpose), purposes[i].name)};
    page->scopes =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_authorisation_scopes, LETTERS_SCOPES);
    page->scopes_count = LETTERS_SCOPES;
    for (size_t i = 0; i < LETTERS_SCOPES; i++)
        page->scopes[i] = (struct html_bank_authorisation_scopes){
            .value = str_from(registry_scope_name(letters_scope(i))),
            .word = str_from(letters_scope_word(web, letters_scope(i))),
            .help = str_from(bank_scope_help(web, letters_scope(i))),
            .picked = (request->scopes & (int)letters_scope(i)) != 0};
}

static bool show_form(struct web *web, const struct bank_subject *subject,
                      const struct request *request, const char *letter,
                      const struct error *problem)
{
    struct html_bank_authorisation page = {
        .error = web_error_box(web, problem),
        .action = str_from(bank_org_url(web, subject->org.org_id, "/authorisation")),
        .back = str_from(bank_org_url(web, subject->org.org_id, "")),
        .first = web_form(web, "first"),
        .last = web_form(web, "last"),
        .has_preview = letter != NULL,
        .letter = str_from(letter)};
    if (page.first.len == 0) page.first = str_from(bank_day(web, request->first));
    if (page.last.len == 0) page.last = str_from(bank_day(web, request->last));
    fill_choices(web, request, &page);
    bank_frame(web, subject, true);
    const char *title = tr_fill(web->arena, web->lang, "Ask {0} for authorisation",
                                bank_org_name(web, &subject->org), NULL);
    int status = problem->code != ERROR_NONE ? error_http_status(problem->code) : 200;
    return web_page_status(web, status, title,
                           HTML_RENDER(web->arena, &web->html, html_bank_authorisation, &page),
                           "authorisations");
}

static bool get_authorisation(struct web *web, struct error *err)
{
    struct bank_subject subject;
    struct request request;
    if (!bank_open_subject(web, &subject, err)) return false;
    default_request(&subject, &request);
    return show_form(web, &subject, &request, NULL, &(struct error){0});
}

static bool send_request(struct db *db, void *arg, struct error *err)
{
    struct ask_work *work = arg;
    const struct request *r = work->request;
    id64 id;
    return registry_request_authorisation(db, work->web->viewer, work->subject->org.org_id,
                                          r->purpose, r->scopes, r->first, r->last, work->text,
                                          instant_now_ms(), &id, err);
}

static bool post_authorisation(struct web *web, struct error *err)
{
    struct bank_subject subject;
    struct request request;
    struct error problem = {0};
    if (!bank_open_subject(web, &subject, err)) return false;
    default_request(&subject, &request);
    struct ask_work work = {.web = web, .subject = &subject, .request = &request};
    if (!read_request(web, &request, &problem))
        return show_form(web, &subject, &request, NULL, &problem);
    if (!store_read(web->store, read_bank, &work, err)) return false;
    work.text = letter_text(&work);
    if (!str_is(web_form(web, "step"), "send"))
        return show_form(web, &subject, &request, work.text, &problem);
    if (!store_write(web->store, send_request, &work, &problem))
        return show_form(web, &subject, &request, NULL, &problem);
    return web_redirect(web, "/bank/authorisations",
                        TR_KEY("The request is sent. The enterprise answers it in its portal."));
}

const struct web_route web_routes_bank_authorisation[] = {
    {"GET", "/bank/enterprises/{org}/authorisation", get_authorisation, WEB_BANK,
     TR_KEY("Ask for authorisation")},
    {"POST", "/bank/enterprises/{org}/authorisation", post_authorisation, WEB_BANK,
     TR_KEY("Ask for authorisation")},
    {0},
};
