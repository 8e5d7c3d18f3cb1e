/* Who may what: every route of every page as nobody and as each role, over real connections; and
 * the guards of forms, sessions and the sign-up. */
#include "unit.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/app.h"
#include "base/date.h"
#include "base/num.h"
#include "registry/registry.h"
#include "store/store.h"
#include "web/web.h"

#define PASSWORD "correct horse"

static struct arena *arena;
static struct store *store;
static struct registry_codes *codes;
static struct web_server *server;
static char folder[] = "/tmp/tanshu-web-XX"
                       "XX"
                       "XX";

static const struct {
    enum registry_org_kind kind;
    enum registry_role role;
    unsigned access;
    const char *login, *name, *code16, *industry;
} people[] = {
    {REGISTRY_ENTERPRISE, REGISTRY_ENTERPRISE_MANAGER, WEB_ENTERPRISE, "enterprise", "甲厂",
     "91370700MA3C1X2A", "3120"},
    {REGISTRY_BANK, REGISTRY_BANK_OFFICER, WEB_BANK, "bank", "乙银行", "91370700MA3C1X2B", ""},
    {REGISTRY_AUTHORITY, REGISTRY_AUTHORITY_OFFICER, WEB_AUTHORITY, "authority", "丙局",
     "11370700MA3C1X2C", ""},
    {REGISTRY_VERIFIER, REGISTRY_VERIFIER_EXPERT, WEB_VERIFIER, "verifier", "丁核查",
     "91370700MA3C1X2D", ""},
    {REGISTRY_OPERATOR, REGISTRY_PLATFORM_OPERATOR, WEB_OPERATOR, "operator", "戊运营",
     "91370700MA3C1X2E", ""},
};
static char *cookies[ARRAY_LEN(people)]; /* session cookie of each */
static id64 orgs[ARRAY_LEN(people)];

/* ---- a small browser ---- */

static char *talk(const char *text)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(web_port(server))};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (int)strlen(text));
    struct buf *out = buf_new(arena);
    char piece[8192];
    for (ssize_t n; (n = recv(fd, piece, sizeof piece, 0)) > 0;) buf_put(out, piece, (size_t)n);
    close(fd);
    return out->ptr != NULL ? out->ptr : "";
}

static char *request(const char *method, const char *path, const char *cookie, const char *form)
{
    return talk(
        arena_printf(arena,
                     "%s %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n%s%s%s%s"
                     "Content-Length: %zu\r\n\r\n%s",
                     method, path, cookie != NULL ? "Cookie: " : "", cookie != NULL ? cookie : "",
                     cookie != NULL ? "\r\n" : "",
                     form[0] != '\0' ? "Content-Type: application/x-www-form-urlencoded\r\n" : "",
                     strlen(form), form));
}

static int status_of(const char *answer)
{
    int64_t status = 0;
    if (strlen(answer) > 12) (void)!num_parse_int((str){answer + 9, 3}, &status);
    return (int)status;
}

/* The value between `before` and the next `end`; NULL when there is none. */
static char *between(const char *text, const char *before, char end)
{
    const char *at = strstr(text, before);
    if (at == NULL) return NULL;
    at += strlen(before);
    const char *stop = strchr(at, end);
    return stop == NULL ? NULL : str_dup(arena, (str){at, (size_t)(stop - at)});
}

static char *sign_in(const char *login, const char *password, char **answer)
{
    char *page = request("GET", "/sign-in", NULL, "");
    char *visit = between(page, "Set-Cookie: tanshu_visit=", ';'),
         *csrf = between(page, "name=\"csrf\" value=\"", '"');
    assert_non_null(visit);
    assert_non_null(csrf);
    *answer = request("POST", "/sign-in", arena_printf(arena, "tanshu_visit=%s", visit),
                      arena_printf(arena, "csrf=%s&login=%s&password=%s", csrf, login, password));
    char *token = between(*answer, "Set-Cookie: tanshu_session=", ';');
    return token == NULL ? NULL : arena_printf(arena, "tanshu_session=%s", token);
}

/* ---- tests ---- */

/* A path that the pattern matches, with identifiers that nothing has. */
static char *path_of(const char *pattern)
{
    struct buf *out = buf_new(arena);
    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p != '{') {
            buf_putc(out, *p);
            continue;
        }
        buf_puts(out, "0000000000001");
        p = strchr(p, '}');
    }
    return str_dup(arena, buf_str(out));
}

static void test_nobody(void **state)
{
    (void)state;
    size_t count;
    const struct web_route *routes = web_routes(&count);
    assert_true(count > 5);
    for (size_t i = 0; i < count; i++) {
        if ((routes[i].access & WEB_PUBLIC) != 0) continue;
        char *answer = request(routes[i].method, path_of(routes[i].pattern), NULL, "");
        assert_int_equal(status_of(answer), 303);
        assert_non_null(strstr(answer, "Location: /sign-in?back="));
    }
}

static void test_each_role(void **state)
{
    (void)state;
    size_t count;
    const struct web_route *routes = web_routes(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t who = 0; who < ARRAY_LEN(people); who++) {
            bool may = (routes[i].access & (WEB_PUBLIC | people[who].access)) != 0;
            bool post =
                strcmp(routes[i].method, "POST") == 0 && (routes[i].access & WEB_STATELESS) == 0;
            char *answer = request(routes[i].method, path_of(routes[i].pattern), cookies[who], "");
            int status = status_of(answer);
            if (!may || post) { /* a form without its token is refused to everybody */
                if (status != 403)
                    fail_msg("%s %s as %s gives %d", routes[i].method, routes[i].pattern,
                             people[who].login, status);
                continue;
            }
            if (status == 403 || status == 0)
                fail_msg("%s as %s gives %d", routes[i].pattern, people[who].login, status);
            assert_null(strstr(answer, "Location: /sign-in"));
        }
}

static void test_each_route_is_declared_well(void **state)
{
    (void)state;
    size_t count;
    const struct web_route *routes = web_routes(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(strcmp(routes[i].method, "GET") == 0 || strcmp(routes[i].method, "POST") == 0);
        assert_true(routes[i].pattern[0] == '/' && routes[i].access != 0 &&
                    routes[i].handler != NULL);
        assert_non_null(routes[i].title);
        for (size_t k = 0; k < i; k++)
            if (strcmp(routes[i].pattern, routes[k].pattern) == 0 &&
                strcmp(routes[i].method, routes[k].method) == 0)
                fail_msg("%s %s is declared twice", routes[i].method, routes[i].pattern);
    }
}

static void test_csrf(void **state)
{
    (void)state;
    char *answer;
    char *cookie = sign_in("bank", PASSWORD, &answer);
    char *csrf = between(request("GET", "/notices", cookie, ""), "name=\"csrf\" value=\"", '"');
    char *other =
        between(request("GET", "/notices", cookies[0], ""), "name=\"csrf\" value=\"", '"');
    assert_string_not_equal(csrf, other);
    assert_int_equal(status_of(request("POST", "/sign-out", cookie, "")), 403);
    assert_int_equal(
        status_of(request("POST", "/sign-out", cookie, arena_printf(arena, "csrf=%s", other))),
        403);
    assert_int_equal(
        status_of(request("POST", arena_printf(arena, "/sign-out?csrf=%s", csrf), cookie, "")),
        403);
    assert_int_equal(status_of(request("GET", "/notices", cookie, "")), 200);
    assert_int_equal(
        status_of(request("POST", "/sign-out", cookie, arena_printf(arena, "csrf=%s", csrf))), 303);
    assert_int_equal(status_of(request("GET", "/notices", cookie, "")), 303); /* signed out */
}

static void test_session_cookie(void **state)
{
    (void)state;
    char *answer;
    assert_non_null(sign_in("bank", PASSWORD, &answer));
    assert_non_null(strstr(answer, "; Path=/; HttpOnly; SameSite=Lax; Max-Age="));
    assert_null(sign_in("bank", "wrong password", &answer));
    assert_int_equal(status_of(answer), error_http_status(ERROR_REGISTRY_SIGN_IN));
    char *forged = arena_strdup(arena, cookies[0]);
    forged[strlen(forged) - 1] = forged[strlen(forged) - 1] == '0' ? '1' : '0';
    assert_int_equal(status_of(request("GET", "/notices", forged, "")), 303);
}

static void test_lockout(void **state)
{
    (void)state;
    char *answer;
    for (int i = 0; i < REGISTRY_FAILURES_FREE; i++)
        assert_null(sign_in("operator", "wrong password", &answer));
    assert_null(
        sign_in("operator", PASSWORD, &answer)); /* the right one too, until the time is over */
    assert_int_equal(status_of(answer), error_http_status(ERROR_REGISTRY_LOCKED));
}

static void test_language(void **state)
{
    (void)state;
    assert_non_null(strstr(request("GET", "/sign-in", NULL, ""), "<html lang=\"zh-CN\">"));
    assert_non_null(strstr(request("GET", "/sign-in", NULL, ""), ">登录</h2>"));
    char *answer = request("GET", "/language/en?back=%2Fsign-up%3Fa%3D1", NULL, "");
    assert_non_null(strstr(answer, "Location: /sign-up?a=1\r\n"));
    assert_non_null(strstr(answer, "Set-Cookie: tanshu_language=en;"));
    assert_non_null(strstr(request("GET", "/sign-in", "tanshu_language=en", ""), ">Sign in</h2>"));
    assert_non_null(
        strstr(request("GET", "/language/en?back=//evil.example", NULL, ""), "Location: /\r\n"));
}

static char *sign_up(const char *code, const char *login)
{
    char *page = request("GET", "/sign-up", NULL, "");
    char *visit = between(page, "Set-Cookie: tanshu_visit=", ';'),
         *csrf = between(page, "name=\"csrf\" value=\"", '"');
    return request("POST", "/sign-up", arena_printf(arena, "tanshu_visit=%s", visit),
                   arena_printf(arena,
                                "csrf=%s&name=%%E6%%96%%B0%%E5%%8E%%82&credit_code=%s&industry="
                                "3120+%%E7%%82%%BC%%E9%%92%%A2"
                                "&division=370700&scale=small&person=A&login=%s&password=long+"
                                "enough+1&again=long+enough+1",
                                csrf, code, login));
}

static void test_sign_up(void **state)
{
    (void)state;
    char code[REGISTRY_CREDIT_CODE_CHARS + 1];
    assert_true(registry_complete_credit_code(STR("91370700MA3C1X2F"), code));
    char *wrong = arena_strdup(arena, code);
    wrong[17] = wrong[17] == '0' ? '1' : '0';
    char *answer = sign_up(wrong, "newcomer");
    assert_int_equal(status_of(answer), error_http_status(ERROR_REGISTRY_CREDIT_CODE_CHECK));
    assert_non_null(strstr(answer, "18"));             /* the place of the check digit */
    assert_non_null(strstr(answer, "value=\"新厂\"")); /* what was typed is kept */
    answer = sign_up(code, "newcomer");
    if (status_of(answer) != 303) fail_msg("%s", between(answer, "role=\"alert\">", '\0'));
    char *cookie =
        arena_printf(arena, "tanshu_session=%s", between(answer, "tanshu_session=", ';'));
    assert_non_null(strstr(request("GET", "/notices", cookie, ""), "新厂"));
    assert_int_equal(status_of(sign_up(code, "another")),
                     error_http_status(ERROR_REGISTRY_IDENTIFIER_TAKEN));
}

struct looks {
    const struct viewer *viewer;
    struct registry_look *list;
    size_t count;
};

static bool list_looks(struct db *db, void *arg, struct error *err)
{
    struct looks *looks = arg;
    return registry_list_looks(db, arena, looks->viewer, 0, 100, &looks->list, &looks->count, err);
}

/* A look at another organisation leaves one row per request, which that organisation reads. */
static void test_look_is_audited(void **state)
{
    (void)state;
    struct error err = {0};
    struct http_request at = {.arena = arena, .path = STR("/bank/enterprises/x")};
    struct viewer bank = {.org_id = orgs[1],
                          .org_kind = REGISTRY_BANK,
                          .role = REGISTRY_BANK_OFFICER,
                          .purpose = "before",
                          .request_id = id_new()};
    struct viewer own = registry_viewer_own(orgs[0], 0);
    struct web web = {.request = &at, .arena = arena, .store = store, .viewer = &bank};
    assert_true(web_look(&web, orgs[0], REGISTRY_SCOPE_LABEL, &err));
    assert_true(web_look(&web, orgs[0], REGISTRY_SCOPE_LABEL, &err));
    web.viewer = &own;
    assert_true(web_look(&web, orgs[0], REGISTRY_SCOPE_LABEL, &err));
    struct looks looks = {.viewer = &own};
    assert_true(store_read(store, list_looks, &looks, &err));
    assert_int_equal(looks.count, 1);
    assert_string_equal(looks.list[0].viewer_org_name, "乙银行");
    assert_string_equal(looks.list[0].purpose, "before");
    assert_non_null(strstr(looks.list[0].what, "/bank/enterprises/x"));
}

/* ---- set-up ---- */

static char hash[REGISTRY_HASH_BYTES];

static bool fill(struct db *db, void *unused, struct error *err)
{
    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(people); i++) {
        char code[REGISTRY_CREDIT_CODE_CHARS + 1];
        id64 person;
        assert_true(registry_complete_credit_code(str_from(people[i].code16), code));
        struct registry_org org = {.kind = people[i].kind,
                                   .name = people[i].name,
                                   .name_en = "",
                                   .scheme = "uscc",
                                   .identifier = code,
                                   .industry = people[i].industry,
                                   .division = "370700",
                                   .scale = "",
                                   .province = "",
                                   .grid_region = "",
                                   .utc_offset_minutes = 480};
        if (!registry_add_org(db, codes, &org, instant_now_ms(), &orgs[i], err) ||
            !registry_add_person(db, orgs[i], str_from(people[i].login), STR("Person"),
                                 people[i].role, hash, instant_now_ms(), &person, err))
            return false;
    }
    return true;
}

/* A fresh data directory with one organisation and person of each kind. */
static void open_data(struct web_options *with)
{
    struct error err = {0};
    char *data = arena_printf(arena, "%s/data", folder);
    if (!app_init(data, "test.example/log", NULL, NULL, &err) ||
        !app_open(data, APP_WORK, &with->app, &err))
        fail_msg("%s", error_text(arena, LANG_EN, &err));
    store = with->app->store;
    codes = with->app->codes;
    assert_true(registry_hash_password(STR(PASSWORD), hash, &err));
    if (!store_write(store, fill, NULL, &err)) fail_msg("%s", error_text(arena, LANG_EN, &err));
    with->store = store;
    with->codes = codes;
}

static struct web_options options = {.address = "127.0.0.1", .quiet = true};

static int start(void **state)
{
    (void)state;
    struct error err = {0};
    arena = arena_open(0);
    assert_non_null(mkdtemp(folder));
    options.spool = arena_printf(arena, "%s/spool", folder);
    open_data(&options);
    server = web_start(&options, &err);
    assert_non_null(server);
    for (size_t i = 0; i < ARRAY_LEN(people); i++) {
        char *answer;
        cookies[i] = sign_in(people[i].login, PASSWORD, &answer);
        assert_non_null(cookies[i]);
    }
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static int stop(void **state)
{
    (void)state;
    web_stop(server);
    app_close(options.app);
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_close(arena);
    return 0;
}

/* ---- long lists ---- */

#define MANY 203

static bool send_many(struct db *db, void *arg, struct error *err)
{
    struct viewer bank = {.org_id = orgs[1],
                          .org_kind = REGISTRY_BANK,
                          .role = REGISTRY_BANK_OFFICER,
                          .purpose = "before"};
    (void)arg;
    for (int i = 1; i <= MANY; i++) {
        const char *args[] = {arena_printf(arena, "message-%03d", i), NULL};
        bank.request_id = id_new();
        if (!registry_send_notice(db, orgs[0], "test", "{0}", args, "", i, err) ||
            !registry_audit_look(db, &bank, orgs[0], REGISTRY_SCOPE_LABEL,
                                 arena_printf(arena, "/look-%03d", i), i, err))
            return false;
    }
    return true;
}

/* Whatever was told or looked at can be reached, and "all" means all. */
static void test_long_lists(void **state)
{
    (void)state;
    struct error err = {0};
    assert_true(store_write(store, send_many, NULL, &err));
    char *page = request("GET", "/notices", cookies[0], "");
    assert_non_null(strstr(page, "message-203"));
    assert_null(strstr(page, "message-001"));
    assert_non_null(strstr(page, "href=\"/notices?page=2\""));
    assert_non_null(strstr(request("GET", "/notices?page=99", cookies[0], ""), "message-001"));
    assert_null(strstr(request("GET", "/notices?page=-1", cookies[0], ""), "message-001"));
    assert_non_null(strstr(request("GET", "/enterprise/looks", cookies[0], ""), "/look-203"));
    assert_non_null(
        strstr(request("GET", "/enterprise/looks?page=99", cookies[0], ""), "/look-001"));
    char *csrf = between(page, "name=\"csrf\" value=\"", '"');
    assert_int_equal(
        status_of(request("POST", "/notices", cookies[0], arena_printf(arena, "csrf=%s", csrf))),
        303);
    assert_null(strstr(request("GET", "/notices?page=99", cookies[0], ""), "chip-note"));
}

#define MEMBERS 203

static id64 members[MEMBERS];

static bool add_members(struct db *db, void *arg, struct error *err)
{
    date today = instant_day(instant_now_ms(), 480);
    struct viewer bank = {.org_id = orgs[1],
                          .org_kind = REGISTRY_BANK,
                          .role = REGISTRY_BANK_OFFICER,
                          .purpose = "after"};
    (void)arg;
    for (int i = 0; i < MEMBERS; i++) {
        id64 letter;
        struct registry_org org = {.kind = REGISTRY_ENTERPRISE,
                                   .name = arena_printf(arena, "member-%03d", i),
                                   .name_en = "",
                                   .scheme = "test",
                                   .identifier = arena_printf(arena, "M%03d", i),
                                   .industry = "3120",
                                   .division = "370700",
                                   .scale = "",
                                   .utc_offset_minutes = 480};
        if (!registry_add_org(db, codes, &org, instant_now_ms(), &members[i], err)) return false;
        struct viewer own = {.org_id = members[i],
                             .org_kind = REGISTRY_ENTERPRISE,
                             .role = REGISTRY_ENTERPRISE_MANAGER,
                             .purpose = "own"};
        if (!registry_request_authorisation(db, &bank, members[i], "after", REGISTRY_SCOPE_LABEL,
                                            today, (date){today.day + 30}, "text", instant_now_ms(),
                                            &letter, err) ||
            !registry_answer_authorisation(db, &own, letter, REGISTRY_GRANTED, "", instant_now_ms(),
                                           err))
            return false;
    }
    return true;
}

static bool count_member_looks(struct db *db, void *arg, struct error *err)
{
    int64_t *sum = arg, one;
    *sum = 0;
    for (int i = 0; i < MEMBERS; i++) {
        struct viewer own = registry_viewer_own(members[i], 0);
        if (!registry_count_looks(db, &own, 0, &one, err)) return false;
        *sum += one;
    }
    return true;
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (; (text = strstr(text, word)) != NULL; text += strlen(word)) count++;
    return count;
}

/* Every enterprise that let the bank look is somewhere in its portfolio, and who is shown is looked
 * at, nobody else. */
static void test_portfolio(void **state)
{
    (void)state;
    struct error err = {0};
    int64_t looks;
    size_t shown = 0;
    if (!store_write(store, add_members, NULL, &err))
        fail_msg("%s", error_text(arena, LANG_EN, &err));
    for (int page = 1; page <= 5; page++) {
        const char *path = arena_printf(arena, "/bank/portfolio?page=%d", page);
        shown += count_of(request("GET", path, cookies[1], ""), ">member-");
        assert_true(store_read(store, count_member_looks, &looks, &err));
        assert_int_equal(looks, shown);
    }
    assert_int_equal(shown, MEMBERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_route_is_declared_well),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_each_role),
        cmocka_unit_test(test_csrf),
        cmocka_unit_test(test_session_cookie),
        cmocka_unit_test(test_lockout),
        cmocka_unit_test(test_language),
        cmocka_unit_test(test_sign_up),
        cmocka_unit_test(test_look_is_audited),
        cmocka_unit_test(test_long_lists),
        cmocka_unit_test(test_portfolio),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
