/* The web server: routes, forms, uploads, cookies, replies. The only room that knows libmicrohttpd.
 * A handler gets a parsed request and fills a reply; both live in the request's arena. It runs on a
 * pool thread that also serves others, so it must answer at once; a route marked `slow` runs on a
 * worker thread instead while its connection rests. Every size a stranger controls is limited by
 * limits.def. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/str.h"

struct http_server;

/* The limits of limits.def: enum HTTP_LIMIT_<NAME>. */
enum http_limit {
#define X(name, value, unit, reason) HTTP_LIMIT_##name,
#include "http/limits.def"
#undef X
    HTTP_LIMITS
};
int64_t http_limit(enum http_limit limit);

/* A name and a value that came from a query, a path or a form. */
struct http_pair {
    str name;
    str value;
};

/* A file that came in a multipart form, spooled to disk; removed when the request ends. */
struct http_upload {
    str field;        /* name of the form's field */
    str filename;     /* as the browser said, without any folder; may be empty */
    str content_type; /* as the browser said; never trusted */
    const char *path; /* where the bytes are */
    int64_t bytes;
};

struct http_request {
    struct arena *arena;
    const char *id;     /* of this request: in the log line and in the X-Request-Id header */
    const char *method; /* GET or POST (HEAD arrives as GET) */
    str path;           /* decoded, starts with / */
    str url;            /* path and query as sent, for links that come back to this page */
    const char *client; /* address, or X-Forwarded-For's last entry behind a trusted proxy */
    struct http_pair *params, *query, *form;
    struct http_upload *uploads;
    size_t param_count, query_count, form_count, upload_count;
    str body;         /* of a request that is no form, at most BODY_BYTES */
    str content_type; /* of the body */
    void *connection; /* the server's own */
    const struct http_server *server;
};

/* Value of a path parameter, a query or form field (its first), empty when absent. */
str http_param(const struct http_request *request, const char *name);
str http_query(const struct http_request *request, const char *name);
str http_form(const struct http_request *request, const char *name);
bool http_form_has(const struct http_request *request, const char *name);
/* The upload of a field, NULL when no file was chosen. */
const struct http_upload *http_upload(const struct http_request *request, const char *field);
str http_cookie(const struct http_request *request, const char *name);
str http_header(const struct http_request *request, const char *name);

struct http_header {
    const char *name;
    const char *value;
};

/* What goes out. Zeroed at first; status 0 means that the handler gave no answer (500). */
struct http_reply {
    struct arena *arena;
    int status;
    const char *content_type;
    str body;            /* must live as long as the request's arena, or for ever */
    bool cacheable;      /* otherwise Cache-Control: no-store */
    bool secure_cookies; /* set by the server */
    struct http_header *headers;
    size_t header_count, header_capacity;
};

void http_reply_bytes(struct http_reply *reply, int status, const char *content_type, str body);
/* 303 See Other to a path of this server (must start with one /; anything else goes to /). */
void http_reply_redirect(struct http_reply *reply, const char *path);
/* A file to save, with its name in UTF-8 (RFC 6266). */
void http_reply_download(struct http_reply *reply, const char *content_type, const char *filename,
                         str body);
void http_reply_header(struct http_reply *reply, const char *name, const char *value);
/* Path=/, SameSite=Lax, HttpOnly, and Secure when the server says https is in front. seconds < 0
 * removes it, 0 keeps it until the browser closes. */
void http_reply_cookie(struct http_reply *reply, const char *name, const char *value,
                       int64_t seconds);

/* GET or POST; pattern "/enterprise/{org}/account": a {name} takes one non-empty segment. A fixed
 * segment wins over a parameter. */
struct http_route {
    const char *method;
    const char *pattern;
    bool slow;
    const void *data; /* the owner's */
};

/* Called for each request that is whole and within limits. `route` is NULL when none matches;
 * `refused` says why the server itself can't take the request (too large, malformed, method), else
 * its code is ERROR_NONE. */
typedef void http_handler(void *context, const struct http_route *route,
                          const struct http_request *request, struct http_reply *reply,
                          const struct error *refused);

struct http_options {
    const char *address; /* "127.0.0.1" */
    uint16_t port;       /* 0: the system chooses; http_port tells */
    const char *spool;   /* folder for uploads; made, and emptied at start */
    const struct http_route *routes;
    size_t route_count;
    http_handler *handler;
    void *context;
    unsigned threads;    /* 0: one per processor, at most 16 */
    bool https_in_front; /* a proxy that ends TLS: cookies get Secure, its X-Forwarded-For is
                            believed */
    bool quiet;          /* no access log */
    bool log_json;       /* the access log as a JSON object a line */
};
struct http_server *http_start(const struct http_options *options, struct error *err) NODISCARD;
uint16_t http_port(const struct http_server *server);
/* What the server has answered since it started, by route; for its operator's metrics. */
#define HTTP_BUCKETS 9
extern const double http_bucket_seconds[HTTP_BUCKETS];
struct http_route_counts {
    const struct http_route *route; /* NULL: files, and what no route matched */
    uint64_t answers[6];            /* by the first digit of the status; 0: lost before an answer */
    uint64_t buckets[HTTP_BUCKETS]; /* that took at most http_bucket_seconds[i]: cumulative */
    double seconds;                 /* of all together */
};
size_t http_counts(const struct http_server *server, struct arena *arena,
                   struct http_route_counts **list);
/* Requests that are being received or answered now. */
int http_active(const struct http_server *server);
/* Takes no new connections, lets running requests end (at most STOP_SECONDS), then frees
 * everything. */
void http_stop(struct http_server *server);
/* Blocks until SIGTERM or SIGINT, which must be blocked (http_signals_block) before threads start.
 */
void http_signals_block(void);
void http_signals_wait(void);

/* Finds the route of method and path (still percent-encoded); fills params, decoded, in the arena.
 * *path_known says whether another method would match. For the server and its tests. */
const struct http_route *http_route_find(const struct http_route *routes, size_t count,
                                         const char *method, str path, struct arena *arena,
                                         struct http_pair **params, size_t *param_count,
                                         bool *path_known);

/* An embedded file of assets/, as tools/embed made it. */
struct http_asset {
    const char *name; /* "tanshu.css" */
    const char *url;  /* "/assets/tanshu.<hash>.css" */
    const char *content_type;
    const unsigned char *bytes;
    size_t count;
    const char *etag;
};
/* The asset's address with its hash in it; CHECKs that it exists. */
const char *http_asset_url(const char *name);
/* Answers /assets/<file>: immutable for the hashed name, revalidated for the plain one; false if
 * unknown. */
bool http_reply_asset(const struct http_request *request, struct http_reply *reply, str file);

#endif
