/* The server over real connections: routes, forms, uploads, limits, headers, slow work, stopping.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "http/http.h"

static struct arena *arena;
static struct http_server *server;
static char spool[] = "/tmp/tanshu-http-XX"
                      "XX"
                      "XX";
static char last_upload[512];
static atomic_bool slow_began, slow_ended;

static void answer_echo(const struct http_request *request, struct http_reply *reply)
{
    struct buf *out = buf_new(request->arena);
    buf_printf(out, "method=%s path=%.*s\n", request->method, STR_ARG(request->path));
    buf_printf(out, "client=%s\n", request->client);
    for (size_t i = 0; i < request->param_count; i++)
        buf_printf(out, "param %.*s=%.*s\n", STR_ARG(request->params[i].name),
                   STR_ARG(request->params[i].value));
    for (size_t i = 0; i < request->query_count; i++)
        buf_printf(out, "query %.*s=%.*s\n", STR_ARG(request->query[i].name),
                   STR_ARG(request->query[i].value));
    for (size_t i = 0; i < request->form_count; i++)
        buf_printf(out, "form %.*s=%.*s\n", STR_ARG(request->form[i].name),
                   STR_ARG(request->form[i].value));
    for (size_t i = 0; i < request->upload_count; i++) {
        const struct http_upload *upload = &request->uploads[i];
        str content;
        struct error err;
        assert_true(file_read(request->arena, upload->path, 1 << 20, &content, &err));
        buf_printf(out, "upload %.*s %.*s %lld %.*s\n", STR_ARG(upload->field),
                   STR_ARG(upload->filename), (long long)upload->bytes,
                   STR_ARG(str_slice(content, 0, 40)));
        snprintf(last_upload, sizeof last_upload, "%s", upload->path);
    }
    if (request->body.len != 0) buf_printf(out, "body %.*s\n", STR_ARG(request->body));
    str cookie = http_cookie(request, "c");
    if (cookie.len != 0) buf_printf(out, "cookie %.*s\n", STR_ARG(cookie));
    http_reply_bytes(reply, 200, "text/plain", buf_str(out));
}

static void handle(void *context, const struct http_route *route,
                   const struct http_request *request, struct http_reply *reply,
                   const struct error *refused)
{
    (void)context;
    if (refused->code != ERROR_NONE) {
        http_reply_bytes(reply, error_http_status(refused->code), "text/plain",
                         str_from(error_name(refused->code)));
        return;
    }
    if (route == NULL) {
        http_reply_bytes(reply, 404, "text/plain", STR("none"));
        return;
    }
    if (str_is(request->path, "/slow")) {
        slow_began = true;
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
        slow_ended = true;
    }
    if (str_is(request->path, "/go")) {
        http_reply_redirect(reply, str_dup(request->arena, http_query(request, "to")));
        http_reply_cookie(reply, "c", "v", 60);
        return;
    }
    if (str_is(request->path, "/file")) {
        http_reply_download(reply, "application/pdf", "碳 \"r\".pdf", STR("%PDF"));
        return;
    }
    answer_echo(request, reply);
}

static const struct http_route routes[] = {
    {"GET", "/", false, NULL},          {"GET", "/echo", false, NULL},
    {"POST", "/echo", false, NULL},     {"GET", "/org/{org}/x", false, NULL},
    {"GET", "/org/new/x", false, NULL}, {"GET", "/slow", true, NULL},
    {"GET", "/go", false, NULL},        {"GET", "/file", false, NULL},
};

static int connect_to(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static char *read_answer(int fd)
{
    struct buf *out = buf_new(arena);
    char piece[4096];
    for (ssize_t n; (n = recv(fd, piece, sizeof piece, 0)) > 0;) buf_put(out, piece, (size_t)n);
    close(fd);
    return out->ptr != NULL ? out->ptr : "";
}

/* Sends the bytes and reads until the server closes. */
static char *talk_bytes(const char *bytes, size_t count)
{
    int fd = connect_to(http_port(server));
    for (size_t done = 0; done < count;) {
        ssize_t n = send(fd, bytes + done, count - done, MSG_NOSIGNAL);
        if (n <= 0) break;
        done += (size_t)n;
    }
    return read_answer(fd);
}

static char *get(const char *path, const char *more)
{
    const char *text = arena_printf(
        arena, "GET %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n%s\r\n", path, more);
    return talk_bytes(text, strlen(text));
}

static char *post(const char *path, const char *type, str body)
{
    struct buf *out = buf_new(arena);
    buf_printf(out,
               "POST %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Type: "
               "%s\r\nContent-Length: %zu\r\n\r\n",
               path, type, body.len);
    buf_put(out, body.ptr, body.len);
    return talk_bytes(out->ptr, out->len);
}

#define assert_has(text, part)                                                                \
    do {                                                                                      \
        if (strstr((text), (part)) == NULL) fail_msg("no '%s' in:\n%.2000s", (part), (text)); \
    } while (0)
#define assert_has_not(text, part) assert_null(strstr((text), (part)))

static void test_routes(void **state)
{
    (void)state;
    assert_has(get("/echo?a=1&b=%E7%A2%B3+x&c", ""), "query a=1\nquery b=碳 x\nquery c=\n");
    assert_has(get("/org/12%2F3/x", ""),
               "param org=12/3\n"); /* an encoded slash parts no segment */
    assert_has(get("/org/abc/x", ""), "path=/org/abc/x\nclient=127.0.0.1\nparam org=abc\n");
    assert_has_not(get("/org/new/x", ""), "param");
    assert_has(get("/org//x", ""), "404");
    assert_has(get("/nothing", ""), "404");
    assert_has(get("/echo/", ""), "404");
    assert_has(get("/echo", "Cookie: a=b; c=hello\r\n"), "cookie hello");
    assert_has(post("/org/abc/x", "application/x-www-form-urlencoded", STR("a=1")), "HTTP_METHOD");
}

static void test_malformed(void **state)
{
    (void)state;
    assert_has(get("/echo?a=%zz", ""), " 400 ");
    assert_has(get("/echo?a=%00", ""), "HTTP_MALFORMED");
    assert_has(get("/%ff", ""), "HTTP_MALFORMED");
    assert_has(get("/echo?a=%c3%28", ""), "HTTP_MALFORMED");
    assert_has(get("/echo%2", ""), "HTTP_MALFORMED");
    char *text = "DELETE /echo HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
    assert_has(talk_bytes(text, strlen(text)), "HTTP_METHOD");
    text = "GET /echo HTTP/1.1\r\nbad header\r\n\r\n";
    (void)talk_bytes(text, strlen(text)); /* must not leak: the sanitizer's part of this test */
    char *longest = arena_alloc(arena, 6002);
    memset(longest, 'a', 6000);
    longest[0] = '/';
    assert_has(get(longest, ""), "HTTP_URL_LONG");
}

static void test_security_headers(void **state)
{
    (void)state;
    static const char *const wanted[] = {"Content-Security-Policy: default-src 'self'; object-src "
                                         "'none'; frame-ancestors 'none'; base-uri 'none'; "
                                         "form-action 'self'\r\n",
                                         "X-Content-Type-Options: nosniff\r\n",
                                         "Referrer-Policy: same-origin\r\n",
                                         "Cache-Control: no-store\r\n",
                                         "X-Frame-Options: DENY\r\n",
                                         "X-Request-Id: "};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        assert_has(get("/echo", ""), wanted[i]);
        assert_has(get("/nothing", ""), wanted[i]);
    }
}

static void test_redirect_and_cookie(void **state)
{
    (void)state;
    char *answer = get("/go?to=/org/1/x%3Fa=b", "");
    assert_has(answer, " 303 ");
    assert_has(answer, "Location: /org/1/x?a=b\r\n");
    assert_has(answer, "Set-Cookie: c=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60\r\n");
    static const char *const elsewhere[] = {"//evil.example", "https://evil.example", "/%5Cevil",
                                            "javascript:x",   "/a%0D%0ASet-Cookie:x", ""};
    for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
        assert_has(get(arena_printf(arena, "/go?to=%s", elsewhere[i]), ""), "Location: /\r\n");
    assert_has(get("/file", ""),
               "filename=\"_ _r_.pdf\"; filename*=UTF-8''%E7%A2%B3%20%22r%22.pdf\r\n");
}

static void test_forms(void **state)
{
    (void)state;
    char *answer = post("/echo", "application/x-www-form-urlencoded; charset=UTF-8",
                        STR("name=%E7%A2%B3%E6%9E%A2&a=1+2&empty=&a=3"));
    assert_has(answer, "form name=碳枢\nform a=1 2\n");
    assert_has(answer, "form a=3\n");
    assert_has(post("/echo", "application/x-www-form-urlencoded", STR("a=%ff")), "HTTP_MALFORMED");
    assert_has(post("/echo", "application/json", STR("{\"a\":1}")), "body {\"a\":1}");
    size_t large = (size_t)http_limit(HTTP_LIMIT_FIELD_BYTES) + 100;
    char *field = arena_alloc(arena, large + 3);
    memset(field, 'x', large);
    memcpy(field, "a=", 2);
    assert_has(post("/echo", "application/x-www-form-urlencoded", str_from(field)),
               "HTTP_FORM_LARGE");
}

static void test_uploads(void **state)
{
    (void)state;
    char *answer = post(
        "/echo", "multipart/form-data; boundary=XX",
        STR("--XX\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n"
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; "
            "filename=\"C:\\dir\\月报.csv\"\r\n"
            "Content-Type: text/csv\r\n\r\na,b\r\n1,2\r\n\r\n"
            "--XX\r\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n"
            "--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n说明\r\n--XX--\r\n"));
    assert_has(answer, "form csrf=token\n");
    assert_has(answer, "form note=说明\n");
    assert_has(answer, "月报.csv 10 a,b\r\n1,2");
    assert_has_not(answer, "upload none");
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    assert_false(file_exists(last_upload)); /* gone with its request */
    assert_has(post("/echo", "multipart/form-data", STR("no boundary")), "HTTP_MALFORMED");

    struct buf *many = buf_new(arena);
    for (int i = 0; i <= http_limit(HTTP_LIMIT_UPLOADS); i++)
        buf_printf(
            many,
            "--XX\r\nContent-Disposition: form-data; name=\"f%d\"; filename=\"a\"\r\n\r\nx\r\n", i);
    buf_puts(many, "--XX--\r\n");
    assert_has(post("/echo", "multipart/form-data; boundary=XX", buf_str(many)), "HTTP_UPLOADS");
}

/* The same form, byte by byte as a slow line would bring it: nothing is split or doubled. */
static void test_uploads_in_pieces(void **state)
{
    (void)state;
    static const char body[] =
        "--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nfirst\r\nsecond\r\n"
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
        "a,b\r\n1,2\r\n\r\n--XX--\r\n";
    static const char form[] = "a=1%2B2&b=%E7%A2%B3&c=";
    const char *heads[] = {"multipart/form-data; boundary=XX", "application/x-www-form-urlencoded"};
    const char *bodies[] = {body, form};
    char *answers[2];
    for (int i = 0; i < 2; i++) {
        int fd = connect_to(http_port(server));
        char *head = arena_printf(arena,
                                  "POST /echo HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
                                  "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                                  heads[i], strlen(bodies[i]));
        assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)), 0);
        assert_int_equal(send(fd, head, strlen(head), 0), (ssize_t)strlen(head));
        for (const char *p = bodies[i]; *p != '\0'; p++) {
            assert_int_equal(send(fd, p, 1, 0), 1);
            nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
        }
        answers[i] = read_answer(fd);
    }
    assert_has(answers[1], "form a=1+2\nform b=碳\nform c=\n");
    assert_has(answers[0], "form note=first\r\nsecond\nupload file a.csv 10 a,b\r\n1,2\r\n");
    assert_has_not(strstr(answers[0], "form note=") + 1, "form note=");
    assert_has_not(strstr(answers[0], "upload file") + 1, "upload file");
    assert_has(answers[1], "form a=1+2\nform b=碳\nform c=\n");
}

/* Two lengths in one request are how a second one is smuggled past a proxy: what follows must not
 * be taken for another request (RFC 9112, section 6.1). */
static void test_two_lengths(void **state)
{
    (void)state;
    static const char text[] =
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\nGET /echo?smuggled HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
    assert_has_not(talk_bytes(text, sizeof text - 1), "query smuggled");
    static const char twice[] =
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n"
        "Content-Length: 0\r\n\r\nGET /echo?smuggled HTTP/1.1\r\nHost: t\r\n"
        "Connection: close\r\n\r\n";
    assert_has_not(talk_bytes(twice, sizeof twice - 1), "query smuggled");
}

/* Behind a proxy the address is what the proxy added last: in the same line, or in one of its own
 * behind what the client made up (RFC 9110, section 5.3: lines of one name are one list). */
static void test_client_behind_proxy(void **state)
{
    (void)state;
    struct error err = {0};
    struct http_server *direct = server;
    struct http_options options = {.address = "127.0.0.1",
                                   .spool = arena_printf(arena, "%s/proxied", spool),
                                   .routes = routes,
                                   .route_count = ARRAY_LEN(routes),
                                   .handler = handle,
                                   .quiet = true,
                                   .https_in_front = true,
                                   .threads = 2};
    assert_has(get("/echo", "X-Forwarded-For: 10.0.0.1\r\n"), "client=127.0.0.1\n");
    server = http_start(&options, &err);
    assert_non_null(server);
    assert_has(get("/echo", "X-Forwarded-For: 10.0.0.1, 203.0.113.7\r\n"), "client=203.0.113.7\n");
    assert_has(get("/echo", "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 203.0.113.7\r\n"),
               "client=203.0.113.7\n");
    http_stop(server);
    server = direct;
    (void)rmdir(options.spool);
}

static void test_upload_too_large(void **state)
{
    (void)state;
    size_t count = (size_t)http_limit(HTTP_LIMIT_UPLOAD_BYTES) + 10;
    char *body = calloc(1, count + 200);
    int head = snprintf(
        body, 200, "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"big\"\r\n\r\n");
    memset(body + head, 'x', count);
    memcpy(body + (size_t)head + count, "\r\n--XX--\r\n", 10);
    assert_has(
        post("/echo", "multipart/form-data; boundary=XX", (str){body, (size_t)head + count + 10}),
        "HTTP_UPLOAD_LARGE");
    free(body);
}

static void test_assets(void **state)
{
    (void)state;
    const char *url = http_asset_url("tanshu.css");
    char *answer = get(url, "");
    assert_has(answer, "Cache-Control: public, max-age=31536000, immutable\r\n");
    assert_has(answer, "Content-Type: text/css; charset=utf-8\r\n");
    assert_has(get("/assets/tanshu.css", ""), "Cache-Control: no-cache\r\n");
    char *tag = str_dup(arena, str_slice(str_from(strstr(answer, "ETag: ")), 6, 24));
    answer = get("/assets/tanshu.css", arena_printf(arena, "If-None-Match: %s\r\n", tag));
    assert_has(answer, " 304 ");
    assert_has(get("/assets/../error.def", ""), " 404 ");
}

static void *slow_client(void *unused)
{
    (void)unused;
    static char text[] = "GET /slow HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
    int fd = connect_to(http_port(server));
    assert_int_equal(send(fd, text, sizeof text - 1, 0), sizeof text - 1);
    static char answer[4096];
    size_t count = 0;
    for (ssize_t n; (n = recv(fd, answer + count, sizeof answer - 1 - count, 0)) > 0;)
        count += (size_t)n;
    answer[count] = '\0';
    close(fd);
    return answer;
}

/* Stopping while slow work runs: it is finished and answered. */
static void test_stop_finishes(void **state)
{
    (void)state;
    pthread_t client;
    assert_int_equal(pthread_create(&client, NULL, slow_client, NULL), 0);
    while (!slow_began) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_has(get("/echo", ""), " 200 "); /* others are served meanwhile */
    assert_false(slow_ended);
    uint16_t port = http_port(server);
    http_stop(server);
    server = NULL;
    assert_true(slow_ended);
    void *answer;
    pthread_join(client, &answer);
    assert_has((char *)answer, "path=/slow");
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    assert_int_not_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    close(fd);
}

static int start(void **state)
{
    (void)state;
    arena = arena_open(0);
    assert_non_null(mkdtemp(spool));
    struct http_options options = {.address = "127.0.0.1",
                                   .spool = arena_printf(arena, "%s/spool", spool),
                                   .routes = routes,
                                   .route_count = ARRAY_LEN(routes),
                                   .handler = handle,
                                   .quiet = true,
                                   .threads = 2};
    struct error err = {0};
    server = http_start(&options, &err);
    assert_non_null(server);
    options.port = http_port(server);
    assert_null(http_start(&options, &err)); /* the port is taken */
    assert_int_equal(err.code, ERROR_HTTP_ADDRESS);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_stop(server);
    (void)rmdir(arena_printf(arena, "%s/spool", spool));
    (void)rmdir(spool);
    arena_close(arena);
    return 0;
}

int main(void)
{
    http_signals_block();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_security_headers),
        cmocka_unit_test(test_redirect_and_cookie),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_uploads),
        cmocka_unit_test(test_uploads_in_pieces),
        cmocka_unit_test(test_two_lengths),
        cmocka_unit_test(test_client_behind_proxy),
        cmocka_unit_test(test_upload_too_large),
        cmocka_unit_test(test_assets),
        cmocka_unit_test(test_stop_finishes),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
