/* The enterprise's people: managers submit, approvers confirm; nobody is erased. */
#include "enterprise_people_list_html.h"
#include "web/enterprise/data_kit.h"

#include <string.h>

#define PEOPLE_ROLES (1u << REGISTRY_ENTERPRISE_MANAGER | 1u << REGISTRY_ENTERPRISE_APPROVER)

struct people_work {
    struct web *web;
    struct registry_person *list;
    size_t count;
    struct registry_password_step *steps;
    size_t step_count;
    id64 person_id;
    str login, name;
    enum registry_role role;
    bool active;
    char hash[REGISTRY_HASH_BYTES];
};

static bool read_people(struct db *db, void *arg, struct error *err)
{
    struct people_work *work = arg;
    struct web *web = work->web;
    return registry_list_people(db, web->arena, web->viewer->org_id, &work->list, &work->count,
                                err) &&
           registry_list_password_steps(db, web->arena, web->viewer->org_id, &work->steps,
                                        &work->step_count, err);
}

/* Who can sign in as this person beside himself; empty when nobody can. */
static const char *known_to(const struct people_work *work, id64 person_id)
{
    for (size_t i = 0; i < work->step_count; i++)
        if (work->steps[i].person_id == person_id) return work->steps[i].by_name;
    return "";
}

static void fill_steps(struct people_work *work, struct html_enterprise_people_list *page)
{
    struct web *web = work->web;
    page->steps =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_people_list_steps, work->step_count + 1);
    for (size_t i = 0; i < work->step_count; i++) {
        const struct registry_password_step *step = &work->steps[i];
        page->steps[page->steps_count++] = (struct html_enterprise_people_list_steps){
            .when = str_from(instant_format(web->arena, step->at, web->utc_offset_minutes)),
            .name = str_from(step->name),
            .by = str_from(step->by_person_id == REGISTRY_BY_OPERATOR
                               ? tr(web->lang, TR_KEY("Operator of the platform"))
                               : step->by_name)};
    }
}

static const char *role_word(struct web *web, enum registry_role role)
{
    return role == REGISTRY_ENTERPRISE_APPROVER ? tr(web->lang, TR_KEY("Approver"))
                                                : tr(web->lang, TR_KEY("Energy manager"));
}

static void fill_rows(struct people_work *work, struct html_enterprise_people_list *page)
{
    struct web *web = work->web;
    page->rows =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_people_list_rows, work->count + 1);
    page->need_approver = true;
    for (size_t i = 0; i < work->count; i++) {
        const struct registry_person *one = &work->list[i];
        const char *path =
            arena_printf(web->arena, "/enterprise/people/%s", data_id(web, one->person_id));
        if (one->active && one->role == REGISTRY_ENTERPRISE_APPROVER) page->need_approver = false;
        page->rows[page->rows_count++] = (struct html_enterprise_people_list_rows){
            .name = str_from(one->name),
            .login = str_from(one->login),
            .role = str_from(role_word(web, one->role)),
            .state = one->active
                         ? web_chip(web, WEB_GOOD, tr(web->lang, TR_KEY("Active")))
                         : web_chip(web, WEB_NEUTRAL, tr(web->lang, TR_KEY("Can't sign in"))),
            .known_to = str_from(known_to(work, one->person_id)),
            .self = one->person_id == web->viewer->person_id,
            .active = one->active,
            .active_url = str_from(arena_printf(web->arena, "%s/active", path)),
            .password_url = str_from(arena_printf(web->arena, "%s/password", path)),
            .id = str_from(data_id(web, one->person_id))};
    }
}

static bool show_people(struct web *web, const struct error *problem, struct error *err)
{
    struct people_work work = {.web = web};
    if (!store_read(web->store, read_people, &work, err)) return false;
    str picked = web_form(web, "role");
    struct html_enterprise_people_list page = {
        .error = web_error_box(web, problem),
        .name = web_form(web, "name"),
        .login = web_form(web, "login"),
        .can_change = web->viewer->role == REGISTRY_ENTERPRISE_MANAGER,
        .roles = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_people_list_roles, 2)};
    fill_rows(&work, &page);
    fill_steps(&work, &page);
    for (int i = 0; i < 2; i++) {
        enum registry_role role =
            i == 0 ? REGISTRY_ENTERPRISE_APPROVER : REGISTRY_ENTERPRISE_MANAGER;
        const char *value = registry_role_name(role);
        page.roles[page.roles_count++] =
            (struct html_enterprise_people_list_roles){.value = str_from(value),
                                                       .word = str_from(role_word(web, role)),
                                                       .picked = str_is(picked, value)};
    }
    return web_page_status(
        web, problem->code != ERROR_NONE ? error_http_status(problem->code) : 200, NULL,
        HTML_RENDER(web->arena, &web->html, html_enterprise_people_list, &page), "people");
}

static bool get_people(struct web *web, struct error *err)
{
    return show_people(web, &(struct error){0}, err);
}

/* ---- changes: by the manager only ---- */

static bool may_change(const struct people_work *work, struct error *err)
{
    const struct viewer *viewer = work->web->viewer;
    return registry_require_own(viewer, viewer->org_id, 1u << REGISTRY_ENTERPRISE_MANAGER, err);
}

static bool write_person(struct db *db, void *arg, struct error *err)
{
    struct people_work *work = arg;
    return may_change(work, err) &&
           registry_add_person(db, work->web->viewer->org_id, work->login, work->name, work->role,
                               work->hash, instant_now_ms(), &work->person_id, err) &&
           registry_note_password(db, work->web->viewer->org_id, work->person_id,
                                  work->web->viewer->person_id, instant_now_ms(), err);
}

static bool post_people(struct web *web, struct error *err)
{
    struct people_work work = {
        .web = web, .login = web_form(web, "login"), .name = web_form(web, "name")};
    struct error problem = {0};
    if (!registry_role_parse(web_form(web, "role"), &work.role) ||
        (1u << work.role & PEOPLE_ROLES) == 0)
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    if (!may_change(&work, &problem) ||
        !registry_hash_password(http_form(web->request, "password"), work.hash, &problem) ||
        !store_write(web->store, write_person, &work, &problem))
        return show_people(web, &problem, err);
    return web_redirect(web, "/enterprise/people", TR_KEY("The colleague can sign in now."));
}

static bool write_password(struct db *db, void *arg, struct error *err)
{
    struct people_work *work = arg;
    return may_change(work, err) &&
           registry_set_password(db, work->web->viewer->org_id, work->person_id, work->hash,
                                 work->web->viewer->person_id, instant_now_ms(), err);
}

static bool post_password(struct web *web, struct error *err)
{
    struct people_work work = {.web = web};
    struct error problem = {0};
    if (!web_param_id(web, "person", &work.person_id, err)) return false;
    /* One's own is changed where the present one is asked for. */
    if (work.person_id == web->viewer->person_id) return web_redirect(web, "/password", NULL);
    if (!may_change(&work, &problem) ||
        !registry_hash_password(http_form(web->request, "password"), work.hash, &problem) ||
        !store_write(web->store, write_password, &work, &problem))
        return show_people(web, &problem, err);
    return web_redirect(web, "/enterprise/people", TR_KEY("The password is set."));
}

static bool write_active(struct db *db, void *arg, struct error *err)
{
    struct people_work *work = arg;
    return may_change(work, err) &&
           registry_set_active(db, work->web->viewer->org_id, work->person_id, work->active, err);
}

static bool post_active(struct web *web, struct error *err)
{
    struct people_work work = {.web = web, .active = str_is(web_form(web, "active"), "yes")};
    struct error problem = {0};
    if (!web_param_id(web, "person", &work.person_id, err)) return false;
    /* Nobody locks himself out: another manager must do it. */
    if (work.person_id == web->viewer->person_id)
        return error_set(err, ERROR_ACCOUNT_FOUR_EYES, "s",
                         tr(web->lang, TR_KEY("deactivating your own account")));
    if (!store_write(web->store, write_active, &work, &problem))
        return show_people(web, &problem, err);
    return web_redirect(web, "/enterprise/people",
                        work.active ? TR_KEY("The colleague can sign in again.")
                                    : TR_KEY("The colleague can no longer sign in."));
}

const struct web_route web_routes_enterprise_people_list[] = {
    {"GET", "/enterprise/people", get_people, WEB_ENTERPRISE, TR_KEY("People")},
    {"POST", "/enterprise/people", post_people, WEB_ENTERPRISE, TR_KEY("People"), .slow = true},
    {"POST", "/enterprise/people/{person}/password", post_password, WEB_ENTERPRISE,
     TR_KEY("People"), .slow = true},
    {"POST", "/enterprise/people/{person}/active", post_active, WEB_ENTERPRISE, TR_KEY("People")},
    {0},
};
