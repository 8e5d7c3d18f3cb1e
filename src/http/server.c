/* The daemon: connections, the pool, slow work on worker threads, stopping. A request becomes an
 * exchange when its request line is read and ends in on_completed, whatever happens between. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/id.h"
#include "http/counts.h"
#include "http/exchange.h"

#define THREADS_MAX 16

struct http_server {
    struct MHD_Daemon *daemon;
    struct http_options options;
    char *spool;
    struct http_counters *counters;
    atomic_int active; /* exchanges between request line and completion */
    _Atomic int64_t spooled_bytes;
    pthread_mutex_t lock; /* of the queue */
    pthread_cond_t wake;
    struct http_exchange *first, *last;
    size_t queued;
    bool stopping;
    pthread_t *workers;
    size_t worker_count;
};

static int64_t clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool http_spool_take(struct http_server *server, int64_t bytes)
{
    if (atomic_fetch_add(&server->spooled_bytes, bytes) + bytes <=
        http_limit(HTTP_LIMIT_SPOOL_BYTES))
        return true;
    atomic_fetch_sub(&server->spooled_bytes, bytes);
    return false;
}

void http_spool_give(struct http_server *server, int64_t bytes)
{
    atomic_fetch_sub(&server->spooled_bytes, bytes);
}

const char *http_spool_folder(const struct http_server *server)
{
    return server->spool;
}

/* ---- answering ---- */

static const struct http_header security_headers[] = {
    {"Content-Security-Policy",
     "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
     "form-action 'self'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"},
};

static enum MHD_Result send_reply(struct http_exchange *x)
{
    struct http_reply *reply = &x->reply;
    if (reply->status == 0)
        http_reply_bytes(reply, 500, "text/plain; charset=utf-8", STR("No answer.\n"));
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->body.len, (void *)(uintptr_t)reply->body.ptr, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) return MHD_NO;
    for (size_t i = 0; i < ARRAY_LEN(security_headers); i++)
        MHD_add_response_header(response, security_headers[i].name, security_headers[i].value);
    if (!reply->cacheable) MHD_add_response_header(response, "Cache-Control", "no-store");
    if (reply->content_type != NULL)
        MHD_add_response_header(response, "Content-Type", reply->content_type);
    for (size_t i = 0; i < reply->header_count; i++)
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    MHD_add_response_header(response, "X-Request-Id", x->request.id);
    if (x->last_of_connection) MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    x->state = EXCHANGE_ANSWERED;
    return result;
}

static void run_handler(struct http_exchange *x)
{
    struct http_server *server = x->server;
    server->options.handler(server->options.context, x->route, &x->request, &x->reply, &x->refused);
}

/* Lets the connection rest and gives the exchange to a worker. */
static bool hand_over(struct http_exchange *x)
{
    struct http_server *server = x->server;
    pthread_mutex_lock(&server->lock);
    bool room = server->queued < (size_t)http_limit(HTTP_LIMIT_SLOW_QUEUE) && !server->stopping;
    if (room) {
        x->state = EXCHANGE_WAITING;
        MHD_suspend_connection(x->connection); /* before a worker can resume it */
        if (server->last != NULL)
            server->last->next = x;
        else
            server->first = x;
        server->last = x;
        server->queued++;
        pthread_cond_signal(&server->wake);
    }
    pthread_mutex_unlock(&server->lock);
    return room;
}

static void *work(void *context)
{
    struct http_server *server = context;
    for (;;) {
        pthread_mutex_lock(&server->lock);
        while (server->first == NULL && !server->stopping)
            pthread_cond_wait(&server->wake, &server->lock);
        struct http_exchange *x = server->first;
        if (x != NULL) {
            server->first = x->next;
            if (server->first == NULL) server->last = NULL;
            server->queued--;
        }
        pthread_mutex_unlock(&server->lock);
        if (x == NULL) return NULL; /* stopping, and nothing is left */
        run_handler(x);
        MHD_resume_connection(x->connection);
    }
}

static enum MHD_Result answer(struct http_exchange *x, const char *method)
{
    struct http_server *server = x->server;
    bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    bool path_known;
    str file = str_slice(x->request.path, 8, x->request.path.len);
    http_end_body(x);
    x->request.method = get ? "GET" : strcmp(method, "POST") == 0 ? "POST" : "";
    if (get && x->refused.code == ERROR_NONE && str_starts(x->request.path, "/assets/") &&
        http_reply_asset(&x->request, &x->reply, file))
        return send_reply(x);
    str rest = x->request.url, path = {0};
    (void)str_cut(&rest, '?', &path); /* still encoded: %2F does not part a segment */
    x->route = http_route_find(server->options.routes, server->options.route_count,
                               x->request.method, path, x->request.arena, &x->request.params,
                               &x->request.param_count, &path_known);
    if (x->refused.code == ERROR_NONE &&
        (x->request.method[0] == '\0' || (x->route == NULL && path_known)))
        error_set(&x->refused, ERROR_HTTP_METHOD, "S", str_slice(str_from(method), 0, 20));
    if (x->route != NULL && x->route->slow && x->refused.code == ERROR_NONE) {
        if (hand_over(x)) return MHD_YES;
        error_set(&x->refused, ERROR_HTTP_BUSY, "");
    }
    run_handler(x);
    return send_reply(x);
}

static enum MHD_Result keep_last_forwarded(void *context, enum MHD_ValueKind kind, const char *name,
                                           const char *value)
{
    (void)kind;
    if (strcasecmp(name, "X-Forwarded-For") == 0) *(const char **)context = value;
    return MHD_YES;
}

static const char *client_address(struct http_exchange *x)
{
    /* The last line of that name: the first may be the client's invention. */
    const char *last = NULL;
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, keep_last_forwarded, &last);
    str forwarded = str_from(last), part = {0};
    if (x->server->options.https_in_front && forwarded.len != 0 && utf8_valid(forwarded)) {
        while (str_cut(&forwarded, ',', &part)) continue;
        return str_dup(x->request.arena, str_slice(str_trim(part), 0, 45));
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[INET6_ADDRSTRLEN] = "?";
    if (info != NULL && info->client_addr->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr,
                  text, sizeof text);
    else if (info != NULL && info->client_addr->sa_family == AF_INET6)
        inet_ntop(AF_INET6,
                  &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr, text,
                  sizeof text);
    return arena_strdup(x->request.arena, text);
}

static enum MHD_Result count_lengths(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    (void)kind;
    (void)value;
    *(int *)context += strcasecmp(name, "Content-Length") == 0;
    *(int *)context += strcasecmp(name, "Transfer-Encoding") == 0;
    return MHD_YES;
}

/* ---- what MHD calls ---- */

static void *on_request_line(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http_server *server = context;
    struct arena *arena = arena_open((size_t)http_limit(HTTP_LIMIT_ARENA_BYTES));
    struct http_exchange *x = ARENA_NEW(arena, struct http_exchange);
    char id[ID_TEXT_MAX];
    id_format(id_new(), id);
    *x = (struct http_exchange){
        .server = server,
        .connection = connection,
        .upload_fd = -1,
        .started_us = clock_us(),
        .request = {.arena = arena,
                    .server = server,
                    .id = arena_strdup(arena, id),
                    .method = "",
                    .connection = connection},
        .reply = {.arena = arena, .secure_cookies = server->options.https_in_front}};
    atomic_fetch_add(&server->active, 1);
    http_read_target(x, target);
    return x;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_bytes, void **slot)
{
    struct http_exchange *x = *slot;
    (void)context;
    (void)url;
    (void)version;
    if (x == NULL) return MHD_NO;
    if (x->state == EXCHANGE_NEW) {
        x->state = EXCHANGE_READING;
        x->request.client = client_address(x);
        /* Two statements of the body's length: a proxy may believe the other one and take what we
         * read as the body for a second request (RFC 9112, section 6.1). */
        int lengths = 0;
        MHD_get_connection_values(connection, MHD_HEADER_KIND, count_lengths, &lengths);
        x->last_of_connection = lengths > 1;
        if (x->last_of_connection && x->refused.code == ERROR_NONE)
            error_set(&x->refused, ERROR_HTTP_MALFORMED, "");
        if (strcmp(method, "POST") == 0) http_begin_body(x);
        return MHD_YES;
    }
    if (x->state == EXCHANGE_WAITING) return send_reply(x); /* a worker has filled the reply */
    if (x->state == EXCHANGE_ANSWERED) return MHD_YES;
    if (*data_bytes == 0) return answer(x, method);
    /* What is refused is still read to its end, so that the browser shows the answer; but not for
     * ever. */
    int64_t most = 2 * http_limit(HTTP_LIMIT_UPLOAD_BYTES) + 2 * http_limit(HTTP_LIMIT_FORM_BYTES);
    if (strcmp(method, "POST") == 0)
        http_add_body(x, data, *data_bytes);
    else
        x->received_bytes += (int64_t)*data_bytes;
    *data_bytes = 0;
    bool late = clock_us() - x->started_us > http_limit(HTTP_LIMIT_REQUEST_SECONDS) * 1000000;
    return x->received_bytes > most || late ? MHD_NO : MHD_YES;
}

static void log_line(const struct http_exchange *x, int64_t us)
{
    struct arena *arena = x->request.arena;
    str path = x->request.url;
    char *shown =
        str_dup(arena, str_slice(path, 0, size_min(strcspn(path.len ? path.ptr : "", "?"), 300)));
    for (char *p = shown; *p != '\0'; p++)
        if ((unsigned char)*p <= 0x20 || *p == 0x7f) *p = '?';
    const char *at = instant_format_utc(arena, instant_now_ms());
    const char *client = x->request.client != NULL ? x->request.client : "-";
    const char *method = x->request.method[0] ? x->request.method : "-";
    if (!x->server->options.log_json) {
        fprintf(stderr, "%s %s %s %s %s %d %zu %.1fms\n", at, x->request.id, client, method, shown,
                x->reply.status, x->reply.body.len, (double)us / 1000);
        return;
    }
    struct buf *out = buf_new(arena);
    const char *const texts[][2] = {{"time", at},
                                    {"request_id", x->request.id},
                                    {"client", client},
                                    {"method", method},
                                    {"path", shown}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        buf_printf(out, "%s\"%s\":", i == 0 ? "{" : ",", texts[i][0]);
        buf_json_string(out, str_from(texts[i][1]));
    }
    fprintf(stderr, "%s,\"status\":%d,\"bytes\":%zu,\"ms\":%.1f}\n", str_dup(arena, buf_str(out)),
            x->reply.status, x->reply.body.len, (double)us / 1000);
}

static void count_answer(const struct http_exchange *x, int64_t us)
{
    const struct http_server *server = x->server;
    size_t route = x->route != NULL ? (size_t)(x->route - server->options.routes)
                                    : server->options.route_count;
    http_counters_add(server->counters, route, x->state == EXCHANGE_ANSWERED ? x->reply.status : 0,
                      us);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **slot,
                         enum MHD_RequestTerminationCode code)
{
    struct http_server *server = context;
    struct http_exchange *x = *slot;
    (void)connection;
    (void)code;
    if (x == NULL) return;
    *slot = NULL;
    if (x->post != NULL) MHD_destroy_post_processor(x->post);
    if (x->upload_fd >= 0) close(x->upload_fd);
    int64_t us = clock_us() - x->started_us;
    count_answer(x, us);
    if (!server->options.quiet) log_line(x, us);
    http_spool_give(server, x->spooled_bytes);
    arena_close(x->request.arena);
    atomic_fetch_sub(&server->active, 1);
}

/* ---- start and stop ---- */

static bool empty_spool(struct http_server *server, struct error *err)
{
    struct arena *arena = arena_open(0);
    char **names;
    size_t count;
    bool good = file_make_directory(server->spool, err) &&
                file_list(arena, server->spool, &names, &count, err);
    for (size_t i = 0; good && i < count; i++)
        (void)unlink(arena_printf(arena, "%s/%s", server->spool, names[i]));
    arena_close(arena);
    return good;
}

static void free_server(struct http_server *server)
{
    pthread_mutex_destroy(&server->lock);
    pthread_cond_destroy(&server->wake);
    http_counters_free(server->counters);
    free(server->workers);
    free(server->spool);
    free(server);
}

static void start_workers(struct http_server *server)
{
    size_t wanted = (size_t)http_limit(HTTP_LIMIT_SLOW_WORKERS);
    server->workers = calloc(wanted, sizeof server->workers[0]);
    CHECK(server->workers != NULL);
    while (server->worker_count < wanted) {
        CHECK(pthread_create(&server->workers[server->worker_count], NULL, work, server) == 0);
        server->worker_count++;
    }
}

static void join_workers(struct http_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    pthread_cond_broadcast(&server->wake);
    pthread_mutex_unlock(&server->lock);
    for (size_t i = 0; i < server->worker_count; i++) pthread_join(server->workers[i], NULL);
}

struct http_server *http_start(const struct http_options *options, struct error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    if (inet_pton(AF_INET, options->address, &address.sin_addr) != 1) {
        error_set(err, ERROR_HTTP_ADDRESS, "sis", options->address, (int64_t)options->port,
                  "not an IPv4 address");
        return NULL;
    }
    struct http_server *server = calloc(1, sizeof *server);
    CHECK(server != NULL);
    server->options = *options;
    server->counters = http_counters_new(options->route_count);
    server->spool = strdup(options->spool);
    CHECK(server->spool != NULL);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->wake, NULL);
    if (!empty_spool(server, err)) {
        free_server(server);
        return NULL;
    }
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = options->threads != 0 ? options->threads
                       : processors > 1      ? (unsigned)processors
                                             : 2;
    start_workers(server);
    errno = 0;
    server->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC,
        options->port, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE,
        threads < THREADS_MAX ? threads : THREADS_MAX, MHD_OPTION_URI_LOG_CALLBACK, on_request_line,
        server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)http_limit(HTTP_LIMIT_CONNECTIONS), MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        options->https_in_front ? 0U : (unsigned)http_limit(HTTP_LIMIT_CONNECTIONS_PER_CLIENT),
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)http_limit(HTTP_LIMIT_IDLE_SECONDS),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(2 * http_limit(HTTP_LIMIT_HEADER_BYTES)),
        MHD_OPTION_END);
    if (server->daemon == NULL) {
        error_set(err, ERROR_HTTP_ADDRESS, "sis", options->address, (int64_t)options->port,
                  errno != 0 ? error_reason(errno) : "the server did not start");
        join_workers(server);
        free_server(server);
        return NULL;
    }
    return server;
}

uint16_t http_port(const struct http_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info != NULL ? info->port : 0;
}

size_t http_counts(const struct http_server *server, struct arena *arena,
                   struct http_route_counts **list)
{
    return http_counters_read(server->counters, server->options.routes, arena, list);
}

int http_active(const struct http_server *server)
{
    return atomic_load(&server->active);
}

void http_stop(struct http_server *server)
{
    if (server == NULL) return;
    MHD_socket listener = MHD_quiesce_daemon(server->daemon);
    if (listener != MHD_INVALID_SOCKET) close(listener);
    int64_t until = clock_us() + http_limit(HTTP_LIMIT_STOP_SECONDS) * 1000000;
    while (atomic_load(&server->active) > 0 && clock_us() < until)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    /* Workers end what they began and resume every connection: stopping MHD with one suspended
     * aborts. */
    join_workers(server);
    MHD_stop_daemon(server->daemon);
    free_server(server);
}

static void stop_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
}

void http_signals_block(void)
{
    sigset_t set;
    stop_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void http_signals_wait(void)
{
    sigset_t set;
    int number;
    stop_signals(&set);
    while (sigwait(&set, &number) != 0) continue;
}
