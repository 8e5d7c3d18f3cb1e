/* Sign-in, sign-out and the sign-up of a new enterprise. */
#include <string.h>

#include "frame_sign_in_html.h"
#include "frame_sign_up_html.h"
#include "registry/registry.h"
#include "store/store.h"
#include "web/frame/frame.h"

static const char *role_word(enum lang lang, enum registry_role role)
{
    switch (role) {
    case REGISTRY_ENTERPRISE_MANAGER: return tr(lang, TR_KEY("Energy manager"));
    case REGISTRY_ENTERPRISE_APPROVER: return tr(lang, TR_KEY("Approver"));
    case REGISTRY_BANK_OFFICER: return tr(lang, TR_KEY("Loan officer"));
    case REGISTRY_BANK_REVIEWER: return tr(lang, TR_KEY("Loan reviewer"));
    case REGISTRY_BANK_APPROVER: return tr(lang, TR_KEY("Loan approver"));
    case REGISTRY_AUTHORITY_OFFICER: return tr(lang, TR_KEY("Officer"));
    case REGISTRY_VERIFIER_EXPERT: return tr(lang, TR_KEY("Verifier"));
    case REGISTRY_PLATFORM_OPERATOR: return tr(lang, TR_KEY("Operator"));
    default: return "";
    }
}

/* ---- the demonstration's people ---- */

#define DEMO_PEOPLE_MAX 60

struct people_work {
    struct web *web;
    struct html_sign_in *page;
};

static bool list_org_people(struct db *db, struct people_work *work, const struct registry_org *org,
                            struct error *err)
{
    static const char *const icons[] = {"building", "bank", "shield-check", "clipboard-check",
                                        "gear"};
    struct web *web = work->web;
    struct registry_person *people;
    size_t count;
    if (!registry_list_people(db, web->arena, org->org_id, &people, &count, err)) return false;
    bool english = web->lang == LANG_EN && org->name_en != NULL && org->name_en[0] != '\0';
    for (size_t i = 0; i < count && work->page->people_count < DEMO_PEOPLE_MAX; i++) {
        if (!people[i].active) continue;
        work->page->people[work->page->people_count++] =
            (struct html_sign_in_people){.name = str_from(people[i].name),
                                         .org = str_from(english ? org->name_en : org->name),
                                         .role = str_from(role_word(web->lang, people[i].role)),
                                         .login = str_from(people[i].login),
                                         .icon = web_icon(web, icons[org->kind])};
    }
    return true;
}

static bool list_people(struct db *db, void *arg, struct error *err)
{
    struct people_work *work = arg;
    work->page->people =
        ARENA_NEW_ARRAY(work->web->arena, struct html_sign_in_people, DEMO_PEOPLE_MAX);
    for (int kind = 0; kind < REGISTRY_ORG_KINDS; kind++) {
        struct registry_org_filter filter = {.kind = (enum registry_org_kind)kind,
                                             .division_prefix = "",
                                             .industry_prefix = "",
                                             .rows_max = 20};
        struct registry_org *orgs;
        size_t count;
        if (!registry_list_orgs(db, work->web->arena, &filter, &orgs, &count, err)) return false;
        for (size_t i = 0; i < count; i++)
            if (!list_org_people(db, work, &orgs[i], err)) return false;
    }
    return true;
}

/* ---- sign-in and sign-out ---- */

static bool show_sign_in(struct web *web, const struct error *problem, struct error *err)
{
    bool again = problem->code != ERROR_NONE;
    struct html_sign_in page = {.login = again ? web_form(web, "login") : STR(""),
                                .back = again ? web_form(web, "back") : web_query(web, "back"),
                                .error = web_error_box(web, problem),
                                .demo = web->frame->demo_password != NULL,
                                .demo_password = str_from(web->frame->demo_password)};
    struct people_work work = {web, &page};
    if (page.demo && !store_read(web->store, list_people, &work, err)) return false;
    return web_page_status(web, again ? error_http_status(problem->code) : 200,
                           tr(web->lang, TR_KEY("Tanshu: carbon accounts that banks can trust")),
                           HTML_RENDER(web->arena, &web->html, html_sign_in, &page), NULL);
}

static bool get_sign_in(struct web *web, struct error *err)
{
    if (web->viewer != NULL) return web_redirect(web, web_home(web->access), NULL);
    return show_sign_in(web, &(struct error){0}, err);
}

static void keep_session(struct web *web, const char *token)
{
    http_reply_cookie(web->reply, WEB_COOKIE_SESSION, token, REGISTRY_SESSION_MS_MAX / 1000);
    http_reply_cookie(web->reply, WEB_COOKIE_VISIT, "", -1);
}

static bool post_sign_in(struct web *web, struct error *err)
{
    char token[REGISTRY_TOKEN_CHARS + 1];
    struct error problem = {0};
    if (!registry_sign_in(web->store, web_form(web, "login"), http_form(web->request, "password"),
                          instant_now_ms(), token, &problem))
        return show_sign_in(web, &problem, err);
    keep_session(web, token);
    str back = web_form(web, "back");
    bool useful = back.len > 1 && !str_starts(back, "/sign-");
    return web_redirect(web, useful ? str_dup(web->arena, back) : "/", NULL);
}

static bool end_session(struct db *db, void *arg, struct error *err)
{
    return registry_end_session(db, str_from(arg), err);
}

static bool post_sign_out(struct web *web, struct error *err)
{
    char *token = arena_strdup(web->arena, web->frame->session_token);
    if (!store_write(web->store, end_session, token, err)) return false;
    http_reply_cookie(web->reply, WEB_COOKIE_SESSION, "", -1);
    return web_redirect(web, "/sign-in", TR_KEY("You are signed out."));
}

/* ---- sign-up ---- */

/* Lists of codes as the browser searches them: "3110 炼铁". */
static void fill_codes(struct web *web, struct html_sign_up *page)
{
    const struct registry_code *rows;
    size_t count = registry_list_industries(web->codes, &rows);
    page->industries = ARENA_NEW_ARRAY(web->arena, struct html_sign_up_industries, count);
    for (size_t i = 0; i < count; i++)
        if (strlen(rows[i].code) == 4)
            page->industries[page->industries_count++].value =
                str_from(arena_printf(web->arena, "%s %s", rows[i].code,
                                      web->lang == LANG_ZH ? rows[i].name_zh : rows[i].name_en));
    count = registry_list_divisions(web->codes, &rows);
    page->divisions = ARENA_NEW_ARRAY(web->arena, struct html_sign_up_divisions, count);
    for (size_t i = 0; i < count; i++) {
        const char *name = web->lang == LANG_ZH ? rows[i].name_zh : rows[i].name_en;
        bool repeats = strcmp(rows[i].province, rows[i].name_zh) == 0;
        page->divisions[page->divisions_count++].value =
            str_from(arena_printf(web->arena, "%s %s%s%s", rows[i].code,
                                  repeats ? "" : rows[i].province, repeats ? "" : " ", name));
    }
}

static void fill_scales(struct web *web, struct html_sign_up *page, str picked)
{
    static const char *const values[] = {"", "large", "medium", "small", "micro"};
    static const char *const words[] = {TR_KEY("Not stated"), TR_KEY("Large"), TR_KEY("Medium"),
                                        TR_KEY("Small"), TR_KEY("Micro")};
    page->scales_count = ARRAY_LEN(values);
    page->scales = ARENA_NEW_ARRAY(web->arena, struct html_sign_up_scales, page->scales_count);
    for (size_t i = 0; i < page->scales_count; i++)
        page->scales[i] = (struct html_sign_up_scales){.value = str_from(values[i]),
                                                       .word = str_from(tr(web->lang, words[i])),
                                                       .picked = str_is(picked, values[i])};
}

static bool show_sign_up(struct web *web, const struct error *problem)
{
    struct html_sign_up page = {.error = web_error_box(web, problem),
                                .name = web_form(web, "name"),
                                .name_en = web_form(web, "name_en"),
                                .credit_code = web_form(web, "credit_code"),
                                .industry = web_form(web, "industry"),
                                .division = web_form(web, "division"),
                                .founded = web_form(web, "founded"),
                                .person = web_form(web, "person"),
                                .login = web_form(web, "login")};
    fill_codes(web, &page);
    fill_scales(web, &page, web_form(web, "scale"));
    int status = problem->code != ERROR_NONE ? error_http_status(problem->code) : 200;
    web_crumb(web, tr(web->lang, TR_KEY("Sign in")), "/sign-in");
    return web_page_status(web, status, NULL,
                           HTML_RENDER(web->arena, &web->html, html_sign_up, &page), NULL);
}

static bool get_sign_up(struct web *web, struct error *err)
{
    (void)err;
    if (web->viewer != NULL) return web_redirect(web, web_home(web->access), NULL);
    return show_sign_up(web, &(struct error){0});
}

/* The code that begins "3110 炼铁". */
static const char *leading_code(struct web *web, const char *field)
{
    str text = str_fold(web->arena, web_form(web, field)), code = {0};
    (void)str_cut(&text, ' ', &code);
    return str_dup(web->arena, code);
}

/* The credit code as printed: half-width capitals, whatever the keyboard gave. */
static const char *typed_credit_code(struct web *web)
{
    char *code = str_dup(web->arena, str_fold(web->arena, web_form(web, "credit_code")));
    for (char *p = code; *p != '\0'; p++)
        if (*p >= 'a' && *p <= 'z') *p = (char)(*p - 32);
    return code;
}

static bool sign_up(struct web *web, char *token, struct error *err)
{
    str password = http_form(web->request, "password"), founded = web_form(web, "founded");
    struct registry_sign_up facts = {
        .login = web_form(web, "login"),
        .person_name = web_form(web, "person"),
        .password = password,
        .org = {.kind = REGISTRY_ENTERPRISE,
                .scheme = REGISTRY_SCHEME_CREDIT_CODE,
                .name = str_dup(web->arena, web_form(web, "name")),
                .name_en = str_dup(web->arena, web_form(web, "name_en")),
                .identifier = typed_credit_code(web),
                .industry = leading_code(web, "industry"),
                .division = leading_code(web, "division"),
                .province = "",
                .grid_region = "",
                .scale = str_dup(web->arena, web_form(web, "scale")),
                .utc_offset_minutes = 480}};
    id64 org_id, person_id;
    if (!str_equal(password, http_form(web->request, "again")))
        return error_set(err, ERROR_WEB_PASSWORDS, "");
    if (founded.len != 0) {
        if (!date_parse_human(web->arena, founded, &facts.org.founded))
            return error_set(err, ERROR_WEB_DATE, "S", founded);
        facts.org.has_founded = true;
    }
    return registry_sign_up(web->store, web->codes, &facts, instant_now_ms(), &org_id, &person_id,
                            err) &&
           registry_sign_in(web->store, facts.login, password, instant_now_ms(), token, err);
}

static bool post_sign_up(struct web *web, struct error *err)
{
    char token[REGISTRY_TOKEN_CHARS + 1];
    struct error problem = {0};
    (void)err;
    if (!sign_up(web, token, &problem)) return show_sign_up(web, &problem);
    keep_session(web, token);
    return web_redirect(web, "/", TR_KEY("Your enterprise is signed up. Begin with its data."));
}

const struct web_route web_routes_frame_people[] = {
    {"GET", "/sign-in", get_sign_in, WEB_PUBLIC, TR_KEY("Sign in")},
    {"POST", "/sign-in", post_sign_in, WEB_PUBLIC, TR_KEY("Sign in"), .slow = true},
    {"POST", "/sign-out", post_sign_out, WEB_SIGNED_IN, TR_KEY("Sign out")},
    {"GET", "/sign-up", get_sign_up, WEB_PUBLIC, TR_KEY("Sign up an enterprise")},
    {"POST", "/sign-up", post_sign_up, WEB_PUBLIC, TR_KEY("Sign up an enterprise"), .slow = true},
    {0},
};
