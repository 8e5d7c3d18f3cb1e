/* The frame's own view of a request; pages use web.h. */
#ifndef WEB_FRAME_FRAME_H
#define WEB_FRAME_FRAME_H

#include "web/web.h"

#define WEB_COOKIE_SESSION "tanshu_session"
#define WEB_COOKIE_VISIT "tanshu_visit" /* random; what the CSRF token of a visitor is made of */
#define WEB_COOKIE_LANGUAGE "tanshu_language"
#define WEB_COOKIE_THEME "tanshu_theme"
#define WEB_COOKIE_NOTICE "tanshu_notice"
#define WEB_YEAR_SECONDS (365 * 24 * 3600)

#define WEB_CRUMBS_MAX 6

struct web_frame {
    const struct web_route *route;
    const char *session_token; /* NULL when nobody is signed in */
    const char *person, *org;  /* names shown in the top bar */
    const char *login;         /* NULL when nobody is signed in */
    const char *theme;         /* "light", "dark" or "" (as the system says) */
    const char *notice;        /* key of the message to show once, or NULL */
    bool invented;
    const char *demo_password; /* of web_options */
    int64_t unread;
    struct {
        const char *text, *url;
    } crumbs[WEB_CRUMBS_MAX];
    size_t crumb_count;
    html status;
    const char *action_text, *action_url;
};

/* A place of the left navigation. */
struct web_nav {
    unsigned access;
    const char *key, *icon, *title, *url;
};
extern const struct web_nav web_nav[];
extern const size_t web_nav_count;

/* The path a person comes to after signing in. */
const char *web_home(unsigned access);

/* SHA-256 of purpose and secret, 32 hexadecimal digits: the CSRF token of a session or visit. */
const char *web_csrf_token(struct arena *arena, const char *secret);
bool web_csrf_good(const struct web *web);
/* Sets the cookie that carries a notice to the next page. */
void web_keep_notice(struct web *web, const char *notice);

#endif
