/* The frame around every page: head, top bar, navigation, title, and the error page. */
#include <string.h>

#include "base/base.h"
#include "frame_chrome_html.h"
#include "frame_problem_html.h"
#include "web/frame/frame.h"

void web_crumb(struct web *web, const char *text, const char *url)
{
    CHECK(web->frame->crumb_count < WEB_CRUMBS_MAX);
    web->frame->crumbs[web->frame->crumb_count].text = text;
    web->frame->crumbs[web->frame->crumb_count++].url = url;
}

void web_status(struct web *web, html chip)
{
    web->frame->status = chip;
}

void web_action(struct web *web, const char *text, const char *url)
{
    web->frame->action_text = text;
    web->frame->action_url = url;
}

void web_invented(struct web *web)
{
    web->frame->invented = true;
}

static bool is_served(const char *url)
{
    size_t count;
    const struct web_route *routes = web_routes(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(routes[i].pattern, url) == 0 && strcmp(routes[i].method, "GET") == 0)
            return true;
    return false;
}

/* Appends ?back= with the page that is shown, so that switching language or theme stays on it. A
 * form that is shown again after a POST is opened anew. */
static str link_back(struct web *web, const char *path)
{
    const struct web_route *route = web->frame->route;
    struct buf *out = buf_new(web->arena);
    bool get = strcmp(web->request->method, "GET") == 0;
    bool again = get || (route != NULL && is_served(route->pattern));
    buf_puts(out, path);
    buf_puts(out, "?back=");
    html_put_url_part(out, again ? web->request->url : STR("/"));
    return buf_str(out);
}

static void fill_places(struct web *web, struct html_chrome *page, const char *nav)
{
    page->places = ARENA_NEW_ARRAY(web->arena, struct html_chrome_places, web_nav_count);
    page->public_places =
        ARENA_NEW_ARRAY(web->arena, struct html_chrome_public_places, web_nav_count);
    for (size_t i = 0; i < web_nav_count; i++) {
        const struct web_nav *place = &web_nav[i];
        bool public = place->access == WEB_PUBLIC;
        if ((!public && (place->access & web->access) == 0) || !is_served(place->url)) continue;
        str title = str_from(tr(web->lang, place->title)), url = str_from(place->url);
        html icon = web_icon(web, place->icon);
        bool here = nav != NULL && strcmp(nav, place->key) == 0;
        if (public)
            page->public_places[page->public_places_count++] = (struct html_chrome_public_places){
                .title = title, .url = url, .icon = icon, .here = here};
        else
            page->places[page->places_count++] =
                (struct html_chrome_places){.title = title, .url = url, .icon = icon, .here = here};
    }
}

static const char *role_word(const struct web *web)
{
    switch (web->access) {
    case WEB_ENTERPRISE: return tr(web->lang, TR_KEY("Enterprise"));
    case WEB_BANK: return tr(web->lang, TR_KEY("Financial institution"));
    case WEB_AUTHORITY: return tr(web->lang, TR_KEY("Authority"));
    case WEB_VERIFIER: return tr(web->lang, TR_KEY("Verifier"));
    case WEB_OPERATOR: return tr(web->lang, TR_KEY("Operator"));
    default: return "";
    }
}

static void put_head(struct buf *out, struct web *web, const char *title)
{
    buf_printf(out, "<!doctype html>\n<html lang=\"%s\"", lang_code(web->lang));
    if (web->frame->theme[0] != '\0') buf_printf(out, " data-theme=\"%s\"", web->frame->theme);
    buf_puts(out,
             ">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    html_put_text(out, str_from(title));
    buf_puts(out, " – ");
    html_put_text(out, str_from(tr(web->lang, TR_KEY("Tanshu"))));
    buf_printf(
        out,
        "</title>\n<link rel=\"stylesheet\" href=\"%s\">\n<link rel=\"stylesheet\" href=\"%s\">\n"
        "<link rel=\"icon\" type=\"image/svg+xml\" href=\"%s\">\n<script src=\"%s\" "
        "defer></script>\n"
        "</head>\n<body>\n",
        http_asset_url("bootstrap.css"), http_asset_url("tanshu.css"),
        http_asset_url("favicon.svg"), http_asset_url("tanshu.js"));
}

bool web_page_status(struct web *web, int status, const char *title, html body, const char *nav)
{
    struct web_frame *frame = web->frame;
    const char *other = web->lang == LANG_ZH ? "en" : "zh-CN";
    const char *theme = strcmp(frame->theme, "dark") == 0 ? "/theme/light" : "/theme/dark";
    if (title == NULL) title = tr(web->lang, frame->route->title);
    struct html_chrome page = {
        .home_url = str_from(web->access != 0 ? web_home(web->access) : "/"),
        .org = str_from(frame->org),
        .person = str_from(frame->person),
        .signed_in = web->viewer != NULL,
        .role = str_from(role_word(web)),
        .unread = frame->unread,
        .notices_url = STR("/notices"),
        .language_code = str_from(other),
        .language_name = web->lang == LANG_ZH ? STR("English") : STR("中文"),
        .language_url = link_back(web, web->lang == LANG_ZH ? "/language/en" : "/language/zh"),
        .theme_url = link_back(web, theme),
        .menu_icon = web_icon(web, "list"),
        .language_icon = web_icon(web, "translate"),
        .theme_icon = web_icon(web, "circle-half"),
        .person_icon = web_icon(web, "person-circle"),
        .bell_icon = web_icon(web, "bell"),
        .sign_in_url = STR("/sign-in"),
        .warn_icon = web_icon(web, "info-circle"),
        .info_icon = web_icon(web, "check-circle"),
        .invented = frame->invented,
        .notice = str_from(frame->notice != NULL ? tr(web->lang, frame->notice) : NULL),
        .title = str_from(title),
        .status = frame->status,
        .action_text = str_from(frame->action_text),
        .action_url = str_from(frame->action_url),
        .body = body,
        .version = STR(TANSHU_VERSION)};
    fill_places(web, &page, nav);
    page.bare = page.places_count + page.public_places_count == 0;
    page.has_notices = web->viewer != NULL && is_served("/notices");
    page.crumbs = ARENA_NEW_ARRAY(web->arena, struct html_chrome_crumbs, WEB_CRUMBS_MAX);
    for (; page.crumbs_count < frame->crumb_count; page.crumbs_count++)
        page.crumbs[page.crumbs_count] =
            (struct html_chrome_crumbs){.text = str_from(frame->crumbs[page.crumbs_count].text),
                                        .url = str_from(frame->crumbs[page.crumbs_count].url),
                                        .linked = frame->crumbs[page.crumbs_count].url != NULL};

    struct buf *out = buf_new(web->arena);
    put_head(out, web, title);
    html_chrome(out, &web->html, &page);
    buf_puts(out, "</body>\n</html>\n");
    if (frame->notice != NULL) http_reply_cookie(web->reply, WEB_COOKIE_NOTICE, "", -1);
    http_reply_bytes(web->reply, status, "text/html; charset=utf-8", buf_str(out));
    return true;
}

bool web_page(struct web *web, const char *title, html body, const char *nav)
{
    return web_page_status(web, 200, title, body, nav);
}

static html problem(struct web *web, const struct error *err, bool whole_page)
{
    int status = error_http_status(err->code);
    struct html_problem page = {
        .icon = web_icon(web, status >= 500 ? "exclamation-octagon" : "exclamation-triangle"),
        .sentence = str_from(error_text(web->arena, web->lang, err)),
        .request_id = str_from(web->request->id),
        .whole_page = whole_page,
        .back_url = str_from(web->access != 0 ? web_home(web->access) : "/")};
    return HTML_RENDER(web->arena, &web->html, html_problem, &page);
}

html web_error_box(struct web *web, const struct error *err)
{
    return err->code == ERROR_NONE ? HTML_EMPTY : problem(web, err, false);
}

bool web_error(struct web *web, const struct error *err)
{
    int status = error_http_status(err->code);
    const char *title = status == 404   ? TR_KEY("Not found")
                        : status == 403 ? TR_KEY("Not allowed")
                        : status >= 500 ? TR_KEY("Something failed")
                                        : TR_KEY("This did not work");
    web->frame->crumb_count = 0;
    web->frame->status = HTML_EMPTY;
    web->frame->action_text = NULL;
    return web_page_status(web, status, tr(web->lang, title), problem(web, err, true), NULL);
}

void web_keep_notice(struct web *web, const char *notice)
{
    size_t count = strlen(notice);
    char *hex = hex_encode(web->arena, notice, count);
    http_reply_cookie(web->reply, WEB_COOKIE_NOTICE, hex, 60);
}

bool web_redirect(struct web *web, const char *path, const char *notice)
{
    http_reply_redirect(web->reply, path);
    if (notice != NULL) web_keep_notice(web, notice);
    return true;
}
