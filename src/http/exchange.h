/* One request on its way through the server; own to the room. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "http/http.h"

struct http_exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct http_request request;
    struct http_reply reply;
    const struct http_route *route;
    struct MHD_PostProcessor *post;
    struct error refused; /* the first reason to refuse the request; code ERROR_NONE: none */
    struct buf *body;     /* as it comes, but for multipart forms */
    bool body_is_form;    /* it is percent-encoded fields */
    struct buf *field;    /* value of the multipart field being received */
    size_t field_bytes_all;
    int upload_fd;         /* of the upload being received, or -1 */
    int64_t spooled_bytes; /* counted in the server's quota */
    int64_t received_bytes;
    int64_t started_us;
    bool last_of_connection;               /* the connection is closed after the answer */
    size_t form_capacity, upload_capacity; /* of a multipart form */
    enum { EXCHANGE_NEW, EXCHANGE_READING, EXCHANGE_WAITING, EXCHANGE_ANSWERED } state;
    struct http_exchange *next; /* in the queue of slow work */
};

/* Decodes path and query of the request target; sets `refused` for a malformed one. */
void http_read_target(struct http_exchange *exchange, const char *target);
/* Prepares for the body by its content type and declared length. */
void http_begin_body(struct http_exchange *exchange);
/* A piece of the body. */
void http_add_body(struct http_exchange *exchange, const char *bytes, size_t count);
/* After the last piece: closes the spooled file, finishes the fields. */
void http_end_body(struct http_exchange *exchange);
/* The quota of the server's spool: false when `bytes` more do not fit. */
bool http_spool_take(struct http_server *server, int64_t bytes);
void http_spool_give(struct http_server *server, int64_t bytes);
const char *http_spool_folder(const struct http_server *server);
/* Percent-decodes; false for a malformed escape, a zero byte or bytes that are not UTF-8. */
bool http_decode(struct arena *arena, str text, bool plus_is_space, str *out);

#endif
