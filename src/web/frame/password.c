/* A person's own password, whatever the role: it is asked for before a new one is taken. */
#include "frame_password_html.h"
#include "registry/registry.h"
#include "store/store.h"
#include "web/frame/frame.h"

static bool show_password(struct web *web, const struct error *problem)
{
    struct html_password page = {.login = str_from(web->frame->login),
                                 .error = web_error_box(web, problem)};
    return web_page_status(web,
                           problem->code == ERROR_NONE ? 200 : error_http_status(problem->code),
                           NULL, HTML_RENDER(web->arena, &web->html, html_password, &page), NULL);
}

static bool get_password(struct web *web, struct error *err)
{
    (void)err;
    return show_password(web, &(struct error){0});
}

struct password_work {
    const struct viewer *viewer;
    char hash[REGISTRY_HASH_BYTES];
};

static bool write_password(struct db *db, void *arg, struct error *err)
{
    struct password_work *work = arg;
    return registry_set_password(db, work->viewer->org_id, work->viewer->person_id, work->hash,
                                 work->viewer->person_id, instant_now_ms(), err);
}

/* The old password is checked by signing in with it, so that guesses meet the same lock. */
static bool change_password(struct web *web, char token[REGISTRY_TOKEN_CHARS + 1],
                            struct error *err)
{
    struct password_work work = {.viewer = web->viewer};
    str login = str_from(web->frame->login), password = http_form(web->request, "password");
    if (!str_equal(password, http_form(web->request, "again")))
        return error_set(err, ERROR_WEB_PASSWORDS, "");
    return registry_hash_password(password, work.hash, err) &&
           registry_sign_in(web->store, login, http_form(web->request, "now"), instant_now_ms(),
                            token, err) &&
           store_write(web->store, write_password, &work, err) &&
           registry_sign_in(web->store, login, password, instant_now_ms(), token, err);
}

static bool post_password(struct web *web, struct error *err)
{
    char token[REGISTRY_TOKEN_CHARS + 1];
    struct error problem = {0};
    (void)err;
    if (!change_password(web, token, &problem)) {
        if (problem.code == ERROR_REGISTRY_SIGN_IN)
            problem = (struct error){.code = ERROR_WEB_PASSWORD_NOW};
        return show_password(web, &problem);
    }
    http_reply_cookie(web->reply, WEB_COOKIE_SESSION, token, REGISTRY_SESSION_MS_MAX / 1000);
    return web_redirect(web, "/", TR_KEY("The password is changed."));
}

const struct web_route web_routes_frame_password[] = {
    {"GET", "/password", get_password, WEB_SIGNED_IN, TR_KEY("Change the password")},
    {"POST", "/password", post_password, WEB_SIGNED_IN, TR_KEY("Change the password"),
     .slow = true},
    {0},
};
