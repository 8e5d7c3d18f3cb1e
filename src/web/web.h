/* What a page knows: `struct web` is one person's request inside the frame (session, language,
 * viewer), and these functions read its input and give its answer. A page is a .c file with
 * handlers and its route table, and a .html template beside it; its name stands in pages.list. "How
 * to add a page" in doc/ARCHITECTURE.md. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/arena.h"
#include "base/error.h"
#include "base/id.h"
#include "base/str.h"
#include "http/html.h"
#include "http/http.h"
#include "locale/locale.h"

struct app; /* app/app.h: store, models, log, settings */
struct store;
struct db;
struct registry_codes;
struct viewer; /* registry/registry.h: who, for whom, in which role */

/* Who may use a route: a mask. The page still passes web->viewer to the domain rooms, which decide
 * about rows. */
enum web_access {
    WEB_PUBLIC = 1 << 0,     /* anybody, signed in or not */
    WEB_ENTERPRISE = 1 << 1, /* acting for an enterprise */
    WEB_BANK = 1 << 2,       /* for a financial institution */
    WEB_AUTHORITY = 1 << 3,
    WEB_VERIFIER = 1 << 4, /* verifier or expert */
    WEB_OPERATOR = 1 << 5, /* runs this installation */
    WEB_ANY_ROLE = WEB_ENTERPRISE | WEB_BANK | WEB_AUTHORITY | WEB_VERIFIER | WEB_OPERATOR,
    WEB_WITHOUT_ROLE = 1 << 6,
    WEB_SIGNED_IN = WEB_ANY_ROLE | WEB_WITHOUT_ROLE, /* any person with a session */
    /* Beside WEB_PUBLIC: for programs; changes nothing and reads no session; no token, no cookie. */
    WEB_STATELESS = 1 << 7,
};

struct web {
    const struct http_request *request;
    struct http_reply *reply;
    struct arena *arena;
    struct app *app;
    struct store *store;
    const struct registry_codes *codes;
    const struct viewer *viewer; /* NULL when nobody is signed in */
    unsigned access;        /* the one access bit of the acting role; 0 when nobody is signed in */
    int utc_offset_minutes; /* of the viewer's organisation; China's 480 for a visitor */
    enum lang lang;
    struct html_context html; /* language and CSRF token for the templates */
    struct web_frame *frame;  /* the frame's own: crumbs, notice, status */
};

/* Answers the request with web_page, web_redirect or one of http_reply_*. A false with `err` set
 * becomes an error page in the reader's language with the code's HTTP status. */
typedef bool web_handler(struct web *web, struct error *err);

struct web_route {
    const char *method;  /* "GET" or "POST" */
    const char *pattern; /* "/enterprise/account/{month}" */
    web_handler *handler;
    unsigned access;
    const char *title; /* TR_KEY("Monthly account"); also the page's <title> */
    bool slow;         /* runs on a worker thread: imports, PDF, password hashing */
};

/* All routes of all pages, in the order of pages.list. */
const struct web_route *web_routes(size_t *count);

/* What the frame needs of an open data directory; everything must live longer than the server. */
struct web_options {
    struct app *app; /* for the pages */
    struct store *store;
    const struct registry_codes *codes;
    const char *address, *spool; /* spool: a folder for uploads, emptied at start */
    uint16_t port;               /* 0: the system chooses, http_port tells */
    const char *demo_password;   /* not NULL: the sign-in page lists the people, who all have it */
    bool https_in_front;
    bool quiet;    /* no access log */
    bool log_json; /* the access log as a JSON object a line */
};
/* Serves the portals; web_stop ends it. */
struct web_server;
struct web_server *web_start(const struct web_options *options, struct error *err) NODISCARD;
uint16_t web_port(const struct web_server *server);
void web_stop(struct web_server *server);

/* ---- input ---- */

/* {name} of the pattern, ?name=, and a field of the posted form; trimmed, empty when absent. */
str web_param(const struct web *web, const char *name);
str web_query(const struct web *web, const char *name);
str web_form(const struct web *web, const char *name);
/* An identifier in the path or form; false sets ERROR_WEB_NO_SUCH_PAGE. */
bool web_param_id(const struct web *web, const char *name, id64 *id, struct error *err) NODISCARD;
bool web_form_id(const struct web *web, const char *name, id64 *id, struct error *err) NODISCARD;
/* A file's field; false sets ERROR_WEB_NO_FILE when none was chosen. */
bool web_upload(const struct web *web, const char *field, const struct http_upload **upload,
                struct error *err) NODISCARD;

/* A page that shows another organisation's data calls this first: one audit row per request, which
 * the data subject can read. `scope` is registry_scope's. Nothing is written for the viewer's own
 * organisation. */
bool web_look(struct web *web, id64 subject_org, int scope, struct error *err) NODISCARD;

/* The same for a page about several: all rows in one write. Each as the viewer that the rows are
 * read by (its purpose and letter). */
struct web_looked {
    const struct viewer *viewer;
    id64 subject_org;
    int scope;
};
bool web_look_each(struct web *web, const struct web_looked *list, size_t count,
                   struct error *err) NODISCARD;

/* ---- the frame ---- */

/* Call before web_page, in the order from outside to inside; `text` is already in the reader's
 * language. */
void web_crumb(struct web *web, const char *text, const char *url);
/* A chip behind the title, and the page's one primary action (a link). */
void web_status(struct web *web, html chip);
void web_action(struct web *web, const char *text, const char *url);
/* Marks the page as showing invented (示例) data; the frame does it itself when the acting
 * organisation is. */
void web_invented(struct web *web);

/* Answers 200 with the frame around `body`. `title` is in the reader's language (NULL: tr of the
 * route's); `nav` is the key of the active place in the left navigation (frame/nav.c), or NULL.
 * Returns true. */
bool web_page(struct web *web, const char *title, html body, const char *nav);
/* The same with another status, such as 422 for a form with errors. */
bool web_page_status(struct web *web, int status, const char *title, html body, const char *nav);
/* 303 to a path of Tanshu; `notice` (TR_KEY, or NULL) is shown once on the next page. Returns true.
 */
bool web_redirect(struct web *web, const char *path, const char *notice);
/* The error page: what failed, where, what was expected, what to do; the code's status. Returns
 * true. */
bool web_error(struct web *web, const struct error *err);
/* The same as a box inside a page, for a form that is shown again. HTML_EMPTY for ERROR_NONE. */
html web_error_box(struct web *web, const struct error *err);

/* A page's body that is kept (app/kept.h) and shown again in the same session while nothing it
 * rests on has changed. `asked` names all of the request that the body depends on beside the
 * viewer, his language and today: the query's values. NULL: this once it is made anew, because it
 * rests on what the store does not count (the log). `read` and `make` do nothing but make the body:
 * crumbs, status and action are set outside. */
struct web_body {
    id64 org_id; /* as in struct kept_value: whose rows, and the scope the viewer needs */
    int scope;
    const char *asked;
    bool (*read)(struct db *db, void *arg, struct error *err);
    html (*make)(void *arg);
    void *arg;
};
bool web_kept(struct web *web, const struct web_body *wanted, html *body,
              struct error *err) NODISCARD;

/* ---- pieces that look the same everywhere (frame/pieces.c) ---- */

enum web_mark { /* why a figure deserves a second look; each is a word and a colour */
                WEB_MARK_NONE = 0,
                WEB_MARK_INVENTED = 1 << 0,
                WEB_MARK_ESTIMATED = 1 << 1,
                WEB_MARK_DEFAULT = 1 << 2,
                WEB_MARK_DISPUTED = 1 << 3,
                WEB_MARK_UNVERIFIED = 1 << 4,
};
/* "12,345.6 tCO2e" with marks; links to its explanation when `url` is given. At most `digits`
 * significant digits are shown, or exactly the decimals of WEB_DECIMALS, for columns; the full
 * value is in the title. */
#define WEB_DECIMALS(decimals) (-1 - (decimals))
html web_figure(struct web *web, double value, int digits, const char *unit, unsigned marks,
                const char *url);
/* The same for a value that is not known: a dash and the word. */
html web_figure_missing(struct web *web, const char *why);
html web_marks(struct web *web, unsigned marks);

enum web_tone { WEB_NEUTRAL, WEB_GOOD, WEB_NOTE, WEB_WARN, WEB_BAD };
/* A notice's sentence. Its arguments are translated when they are phrases of ours; one that knows
 * both languages itself ("English" US "中文", as registry_notice_arg makes it) is taken in the
 * reader's. */
struct registry_notice;
const char *web_notice_text(struct web *web, const struct registry_notice *notice);
/* A status chip; `text` in the reader's language. */
html web_chip(struct web *web, enum web_tone tone, const char *text);
/* The four-colour label: "deep_green", "light_green", "yellow", "red", anything else is grey. Word,
 * colour and leaf-ring. `large` for the head of a page. */
html web_label(struct web *web, str label, bool large);
/* Which rows of a long list this request asks for (?page=, from 1; past the end: the last). */
struct web_paging {
    const char *name; /* of the query's field */
    int64_t rows, number, pages;
    int64_t skip, page_rows;
};
struct web_paging web_paging(const struct web *web, int64_t rows, int64_t page_rows);
/* The same by another field, for a second list on one page. */
struct web_paging web_paging_by(const struct web *web, const char *name, int64_t rows,
                                int64_t page_rows);
/* "Previous · 51 to 100 of 230 · Next"; `url` is the list's path and query without page. HTML_EMPTY
 * when one page holds all. */
html web_pages(struct web *web, const struct web_paging *paging, const char *url);
/* A Debian bootstrap-icon of assets/icons.list, drawn in the text's colour; hidden from readers'
 * ears. */
html web_icon(struct web *web, const char *name);

#endif
