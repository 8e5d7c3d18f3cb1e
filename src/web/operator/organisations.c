/* Organisations and their people; banks, authorities and verifiers are added here, enterprises sign
 * themselves up. */
#include "operator_organisations_html.h"
#include "web/bank/bank.h"

#define PAGE_ROWS 50

struct orgs_work {
    struct web *web;
    struct web_paging paging;
    struct registry_org *list;
    const char **people;
    size_t count, capacity;
};

static const char *const kind_words[REGISTRY_ORG_KINDS] = {
    [REGISTRY_ENTERPRISE] = TR_KEY("Enterprise"),
    [REGISTRY_BANK] = TR_KEY("Financial institution"),
    [REGISTRY_AUTHORITY] = TR_KEY("Authority"),
    [REGISTRY_VERIFIER] = TR_KEY("Verifier"),
    [REGISTRY_OPERATOR] = TR_KEY("Operator")};

static const struct {
    enum registry_role role;
    const char *word;
} roles[] = {{REGISTRY_BANK_OFFICER, TR_KEY("Loan officer")},
             {REGISTRY_BANK_REVIEWER, TR_KEY("Loan reviewer")},
             {REGISTRY_BANK_APPROVER, TR_KEY("Loan approver")},
             {REGISTRY_AUTHORITY_OFFICER, TR_KEY("Authority")},
             {REGISTRY_VERIFIER_EXPERT, TR_KEY("Verifier")},
             {REGISTRY_PLATFORM_OPERATOR, TR_KEY("Operator")}};

static bool read_orgs(struct db *db, void *arg, struct error *err)
{
    struct orgs_work *work = arg;
    struct arena *arena = work->web->arena;
    for (int kind = REGISTRY_ORG_KINDS - 1; kind >= 0;
         kind--) { /* the few first, enterprises last */
        struct registry_org_filter filter = {
            .kind = (enum registry_org_kind)kind, .division_prefix = "", .industry_prefix = ""};
        struct registry_org *list;
        size_t count;
        do { /* a page of the registry's at a time */
            if (!registry_list_orgs(db, arena, &filter, &list, &count, err)) return false;
            for (size_t i = 0; i < count; i++)
                *ARENA_PUSH(arena, work->list, work->count, work->capacity) = list[i];
            filter.skip += (int64_t)count;
        } while (count != 0);
    }
    work->paging = web_paging(work->web, (int64_t)work->count, PAGE_ROWS);
    work->list += work->paging.skip;
    work->count -= (size_t)work->paging.skip;
    if (work->count > PAGE_ROWS) work->count = PAGE_ROWS;
    work->people = ARENA_NEW_ARRAY(arena, const char *, work->count + 1);
    for (size_t i = 0; i < work->count; i++) {
        struct registry_person *people;
        size_t count;
        if (!registry_list_people(db, arena, work->list[i].org_id, &people, &count, err))
            return false;
        work->people[i] = "";
        for (size_t k = 0; k < count; k++)
            work->people[i] = arena_printf(arena, "%s%s%s (%s)", work->people[i],
                                           k == 0 ? "" : ", ", people[k].name, people[k].login);
    }
    return true;
}

static bool show(struct web *web, int status, html error, struct error *err)
{
    struct orgs_work work = {.web = web};
    if (!store_read(web->store, read_orgs, &work, err)) return false;
    struct html_operator_organisations page = {
        .error = error,
        .pages = web_pages(web, &work.paging, "/operator/organisations"),
        .name = web_form(web, "name"),
        .name_en = web_form(web, "name_en"),
        .code = web_form(web, "code"),
        .division = web_form(web, "division"),
        .person = web_form(web, "person"),
        .login = web_form(web, "login"),
        .kinds =
            ARENA_NEW_ARRAY(web->arena, struct html_operator_organisations_kinds, ARRAY_LEN(roles)),
        .rows =
            ARENA_NEW_ARRAY(web->arena, struct html_operator_organisations_rows, work.count + 1)};
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        page.kinds[page.kinds_count++] = (struct html_operator_organisations_kinds){
            .value = str_from(registry_role_name(roles[i].role)),
            .word = str_from(tr(web->lang, roles[i].word)),
            .picked = str_is(web_form(web, "kind"), registry_role_name(roles[i].role))};
    for (size_t i = 0; i < work.count; i++)
        page.rows[page.rows_count++] = (struct html_operator_organisations_rows){
            .name = str_from(bank_org_name(web, &work.list[i])),
            .marks = work.list[i].invented ? web_marks(web, WEB_MARK_INVENTED) : HTML_EMPTY,
            .code = str_from(work.list[i].identifier),
            .kind = str_from(tr(web->lang, kind_words[work.list[i].kind])),
            .people = str_from(work.people[i])};
    return web_page_status(web, status, NULL,
                           HTML_RENDER(web->arena, &web->html, html_operator_organisations, &page),
                           "organisations");
}

static bool get_organisations(struct web *web, struct error *err)
{
    return show(web, 200, HTML_EMPTY, err);
}

struct add_work {
    struct web *web;
    enum registry_role role;
    char hash[REGISTRY_HASH_BYTES];
};

static bool add(struct db *db, void *arg, struct error *err)
{
    struct add_work *work = arg;
    struct web *web = work->web;
    struct registry_org org;
    bool found;
    id64 person;
    int64_t now = instant_now_ms();
    str code = web_form(web, "code");
    if (!registry_find_org(db, web->arena, STR(REGISTRY_SCHEME_CREDIT_CODE), code, &org, &found,
                           err))
        return false;
    if (!found) {
        org = (struct registry_org){.kind = registry_role_org_kind(work->role),
                                    .name = str_dup(web->arena, web_form(web, "name")),
                                    .name_en = str_dup(web->arena, web_form(web, "name_en")),
                                    .scheme = REGISTRY_SCHEME_CREDIT_CODE,
                                    .identifier = str_dup(web->arena, code),
                                    .industry = "",
                                    .division = str_dup(web->arena, web_form(web, "division")),
                                    .province = "",
                                    .grid_region = "",
                                    .scale = "",
                                    .utc_offset_minutes = 480};
        if (!registry_add_org(db, web->codes, &org, now, &org.org_id, err)) return false;
    }
    return registry_add_person(db, org.org_id, web_form(web, "login"), web_form(web, "person"),
                               work->role, work->hash, now, &person, err);
}

static bool post_organisations(struct web *web, struct error *err)
{
    struct add_work work = {.web = web, .role = REGISTRY_BANK_OFFICER};
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(roles) && !known; i++)
        if (str_is(web_form(web, "kind"), registry_role_name(roles[i].role))) {
            work.role = roles[i].role;
            known = true;
        }
    if (!known) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    if (!registry_hash_password(http_form(web->request, "password"), work.hash, err) ||
        !store_write(web->store, add, &work, err)) {
        struct error refused = *err;
        *err = (struct error){0};
        return show(web, error_http_status(refused.code), web_error_box(web, &refused), err);
    }
    return web_redirect(web, "/operator/organisations",
                        TR_KEY("Added. Give the person the first password in private."));
}

const struct web_route web_routes_operator_organisations[] = {
    {"GET", "/operator/organisations", get_organisations, WEB_OPERATOR,
     TR_KEY("Organisations and people")},
    {"POST", "/operator/organisations", post_organisations, WEB_OPERATOR,
     TR_KEY("Organisations and people"), .slow = true},
    {0},
};
