/* From an HTTP request to a page: session, language, CSRF, access, then the page's handler. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "app/app.h"
#include "registry/registry.h"
#include "store/store.h"
#include "web/frame/frame.h"

/* What lives as long as the server. */
struct web_server {
    struct web_options options;
    struct http_server *http;
    struct http_route *routes;
    size_t route_count;
};

static unsigned access_of(enum registry_org_kind kind)
{
    switch (kind) {
    case REGISTRY_ENTERPRISE: return WEB_ENTERPRISE;
    case REGISTRY_BANK: return WEB_BANK;
    case REGISTRY_AUTHORITY: return WEB_AUTHORITY;
    case REGISTRY_VERIFIER: return WEB_VERIFIER;
    case REGISTRY_OPERATOR: return WEB_OPERATOR;
    default: return 0;
    }
}

/* ---- session ---- */

struct session_work {
    struct web *web;
    str token;
    struct registry_session session;
    struct registry_org org;
    bool found;
    int64_t unread;
};

static bool find_session(struct db *db, void *arg, struct error *err)
{
    struct session_work *work = arg;
    if (!registry_find_session(db, work->web->arena, work->token, instant_now_ms(), &work->session,
                               &work->found, err))
        return false;
    if (!work->found) return true;
    return registry_get_org(db, work->web->arena, work->session.viewer.org_id, &work->org, err) &&
           registry_count_unread(db, &work->session.viewer, &work->unread, err);
}

static bool touch_session(struct db *db, void *arg, struct error *err)
{
    struct session_work *work = arg;
    return registry_touch_session(db, work->token, instant_now_ms(), err);
}

static bool begin_session(struct web *web, struct error *err)
{
    struct session_work *work = ARENA_NEW(web->arena, struct session_work);
    work->web = web;
    work->token = http_cookie(web->request, WEB_COOKIE_SESSION);
    if (work->token.len != REGISTRY_TOKEN_CHARS) return true;
    if (!store_read(web->store, find_session, work, err)) return false;
    if (!work->found) return true;
    if (work->session.touch_due && !store_write(web->store, touch_session, work, err)) return false;
    struct viewer *viewer = ARENA_NEW(web->arena, struct viewer);
    *viewer = work->session.viewer;
    viewer->purpose = "";
    if (!id_parse(str_from(web->request->id), &viewer->request_id)) viewer->request_id = id_new();
    web->viewer = viewer;
    web->access = access_of(viewer->org_kind);
    web->frame->session_token = str_dup(web->arena, work->token);
    web->frame->person = work->session.person_name;
    web->frame->login = work->session.login;
    bool english =
        web->lang == LANG_EN && work->org.name_en != NULL && work->org.name_en[0] != '\0';
    web->frame->org = english ? work->org.name_en : work->org.name;
    web->frame->invented = work->session.invented;
    web->frame->unread = work->unread;
    web->utc_offset_minutes = work->session.utc_offset_minutes;
    return true;
}

/* A visitor's random cookie, so that forms before sign-in have a CSRF token too. */
static const char *visit_secret(struct web *web)
{
    str visit = http_cookie(web->request, WEB_COOKIE_VISIT);
    unsigned char bytes[16];
    if (visit.len == 2 * sizeof bytes && hex_decode(visit, bytes, sizeof bytes))
        return str_dup(web->arena, visit);
    CHECK(getrandom(bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes);
    const char *secret = hex_encode(web->arena, bytes, sizeof bytes);
    http_reply_cookie(web->reply, WEB_COOKIE_VISIT, secret, 0);
    return secret;
}

#define NOTICE_BYTES_MAX 200

static void read_cookies(struct web *web)
{
    str theme = http_cookie(web->request, WEB_COOKIE_THEME),
        notice = http_cookie(web->request, WEB_COOKIE_NOTICE);
    web->lang = lang_parse(http_cookie(web->request, WEB_COOKIE_LANGUAGE), LANG_ZH);
    web->html.lang = web->lang;
    web->frame->theme = str_is(theme, "dark") ? "dark" : str_is(theme, "light") ? "light" : "";
    if (notice.len == 0 || notice.len > 2 * NOTICE_BYTES_MAX || notice.len % 2 != 0) return;
    char *text = arena_alloc(web->arena, notice.len / 2 + 1);
    if (hex_decode(notice, text, notice.len / 2) && utf8_valid(str_from(text)))
        web->frame->notice = text;
}

/* ---- access ---- */

static bool to_sign_in(struct web *web)
{
    struct buf *path = buf_new(web->arena);
    buf_puts(path, "/sign-in?back=");
    html_put_url_part(path,
                      strcmp(web->request->method, "GET") == 0 ? web->request->url : STR("/"));
    return web_redirect(web, str_dup(web->arena, buf_str(path)), NULL);
}

static bool run_route(struct web *web, const struct web_route *route, struct error *err)
{
    bool public = (route->access & WEB_PUBLIC) != 0;
    if (!public && web->viewer == NULL) return to_sign_in(web);
    if (!public && (route->access & (web->access | WEB_WITHOUT_ROLE)) == 0)
        return error_set(err, ERROR_WEB_NOT_ALLOWED, "");
    bool stateless = (route->access & WEB_STATELESS) != 0;
    if (strcmp(route->method, "POST") == 0 && !stateless && !web_csrf_good(web))
        return error_set(err, ERROR_WEB_CSRF, "");
    return route->handler(web, err);
}

/* What is marked slow may keep the database longer: whole files, a year's reports, a check of all.
 */
#define SLOW_TIMES 10

static int64_t database_ms(const struct web_server *server, const struct web_route *route)
{
    const struct app *app = server->options.app;
    if (app == NULL) return 0;
    return app->config.database_seconds_max * 1000 *
           (route != NULL && route->slow ? SLOW_TIMES : 1);
}

static void handle(void *context, const struct http_route *found,
                   const struct http_request *request, struct http_reply *reply,
                   const struct error *refused)
{
    const struct web_server *server = context;
    struct arena *arena = request->arena;
    struct web_frame *frame = ARENA_NEW(arena, struct web_frame);
    struct web *web = ARENA_NEW(arena, struct web);
    const struct web_route *route = found != NULL ? found->data : NULL;
    struct error err = {0};
    *frame = (struct web_frame){.route = route,
                                .person = "",
                                .org = "",
                                .theme = "",
                                .demo_password = server->options.demo_password};
    *web = (struct web){.request = request,
                        .reply = reply,
                        .arena = arena,
                        .app = server->options.app,
                        .store = server->options.store,
                        .codes = server->options.codes,
                        .utc_offset_minutes = 480,
                        .frame = frame};
    read_cookies(web);
    store_set_request(&(struct store_request){request->id, database_ms(server, route)});
    bool good = begin_session(web, &err);
    /* Programs that ask without a session get no cookie. */
    bool program = route != NULL && (route->access & WEB_STATELESS) != 0;
    web->html.csrf = program ? ""
                             : web_csrf_token(arena, web->viewer != NULL ? frame->session_token
                                                                         : visit_secret(web));
    if (good && refused->code != ERROR_NONE) {
        err = *refused;
        good = false;
    }
    if (good && route == NULL) good = error_set(&err, ERROR_WEB_NO_SUCH_PAGE, "");
    if (good) good = run_route(web, route, &err);
    if (!good) web_error(web, &err);
    store_set_request(NULL);
}

/* ---- audit ---- */

struct look_work {
    struct web *web;
    const struct web_looked *list;
    size_t count;
};

static bool write_looks(struct db *db, void *arg, struct error *err)
{
    const struct look_work *work = arg;
    const char *path = str_dup(work->web->arena, work->web->request->path);
    for (size_t i = 0; i < work->count; i++)
        if (!registry_audit_look(db, work->list[i].viewer, work->list[i].subject_org,
                                 work->list[i].scope, path, instant_now_ms(), err))
            return false;
    return true;
}

bool web_look_each(struct web *web, const struct web_looked *list, size_t count, struct error *err)
{
    struct look_work work = {web, list, count};
    return count == 0 || store_write(web->store, write_looks, &work, err);
}

bool web_look(struct web *web, id64 subject_org, int scope, struct error *err)
{
    CHECK(web->viewer != NULL);
    if (web->viewer->org_id == subject_org) return true;
    return web_look_each(web, &(struct web_looked){web->viewer, subject_org, scope}, 1, err);
}

/* ---- start ---- */

struct web_server *web_start(const struct web_options *options, struct error *err)
{
    struct web_server *server = calloc(1, sizeof *server);
    CHECK(server != NULL);
    const struct web_route *routes = web_routes(&server->route_count);
    server->options = *options;
    server->routes = calloc(server->route_count, sizeof server->routes[0]);
    CHECK(server->routes != NULL);
    for (size_t i = 0; i < server->route_count; i++)
        server->routes[i] = (struct http_route){.method = routes[i].method,
                                                .pattern = routes[i].pattern,
                                                .slow = routes[i].slow,
                                                .data = &routes[i]};
    struct http_options http = {.address = options->address,
                                .port = options->port,
                                .spool = options->spool,
                                .routes = server->routes,
                                .route_count = server->route_count,
                                .handler = handle,
                                .context = server,
                                .https_in_front = options->https_in_front,
                                .quiet = options->quiet,
                                .log_json = options->log_json};
    server->http = http_start(&http, err);
    if (server->http != NULL) return server;
    web_stop(server);
    return NULL;
}

uint16_t web_port(const struct web_server *server)
{
    return http_port(server->http);
}

void web_stop(struct web_server *server)
{
    if (server == NULL) return;
    http_stop(server->http);
    free(server->routes);
    free(server);
}
