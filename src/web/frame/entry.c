/* Language and theme: public switches that come back to the page they were used on. */
#include <string.h>

#include "web/frame/frame.h"

static bool go_back(struct web *web)
{
    str back = web_query(web, "back");
    return web_redirect(web, back.len != 0 ? str_dup(web->arena, back) : "/", NULL);
}

static bool get_language(struct web *web, struct error *err)
{
    str code = web_param(web, "code");
    if (!str_is(code, "zh") && !str_is(code, "en"))
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    http_reply_cookie(web->reply, WEB_COOKIE_LANGUAGE, str_dup(web->arena, code), WEB_YEAR_SECONDS);
    return go_back(web);
}

static bool get_theme(struct web *web, struct error *err)
{
    str name = web_param(web, "name");
    if (!str_is(name, "light") && !str_is(name, "dark"))
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    http_reply_cookie(web->reply, WEB_COOKIE_THEME, str_dup(web->arena, name), WEB_YEAR_SECONDS);
    return go_back(web);
}

const struct web_route web_routes_frame_entry[] = {
    {"GET", "/language/{code}", get_language, WEB_PUBLIC, TR_KEY("Language")},
    {"GET", "/theme/{name}", get_theme, WEB_PUBLIC, TR_KEY("Light or dark")},
    {0},
};
