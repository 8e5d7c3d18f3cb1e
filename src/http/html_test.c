/* The template compiler and its escapes: a page of every construct against its expected HTML, and
 * each refusal of test/htmlgen/refused against its expected message. argv: htmlgen, folder
 * test/htmlgen. */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/html.h"
#include "sample_html.h"

static const char *htmlgen, *folder;

static void assert_html(void (*put)(struct buf *out, str s), const char *in, const char *expected)
{
    struct arena *arena = arena_open(0);
    struct buf *out = buf_new(arena);
    put(out, str_from(in));
    assert_string_equal(str_dup(arena, buf_str(out)), expected);
    arena_close(arena);
}

static void test_text(void **state)
{
    (void)state;
    assert_html(html_put_text, "<b a=\"1\" c='2'>&\x01碳\n",
                "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;碳\n");
    assert_html(html_put_text, "", "");
}

static void test_url(void **state)
{
    (void)state;
    static const char *const safe[] = {"/a/b",        "a?b=c:d",     "#x", "?q=1",
                                       "http://a.b/", "HTTPS://a.b", "",   "a/b:c"};
    static const char *const unsafe[] = {
        "javascript:alert(1)", "JaVaScript:x",  "data:text/html,x", "//evil.example",
        "java\tscript:x",      " javascript:x", "\\\\evil",         "/\\evil",
        "vbscript:x",          "a:b",           "\x01javascript:x"};
    for (size_t i = 0; i < ARRAY_LEN(safe); i++) assert_html(html_put_url, safe[i], safe[i]);
    for (size_t i = 0; i < ARRAY_LEN(unsafe); i++) assert_html(html_put_url, unsafe[i], "#");
    assert_html(html_put_url, "/a?b=1&c=\"", "/a?b=1&amp;c=&quot;");
    assert_html(html_put_url_part, "a/b?c=d&碳\"", "a%2Fb%3Fc%3Dd%26%E7%A2%B3%22");
}

static void test_page(void **state)
{
    (void)state;
    struct arena *arena = arena_open(0);
    struct html_sample_rows_cells cells[] = {{.value = STR("\"1\""), .picked = true},
                                             {.value = STR("2")}};
    struct html_sample_rows rows[] = {{.month = STR("2025-01"), .cells = cells, .cells_count = 2},
                                      {.month = STR("<2>")}};
    struct html_sample page = {.name = STR("A&B"),
                               .link = STR("javascript:x"),
                               .chart = {"<svg/>", 6},
                               .count = -3,
                               .rows = rows,
                               .rows_count = 2};
    struct html_context context = {.lang = LANG_ZH, .csrf = "to\"ken"};
    html got = HTML_RENDER(arena, &context, html_sample, &page);
    assert_string_equal(
        str_dup(arena, (str){got.ptr, got.len}),
        "<h1 class=\"x A&amp;B\">Hello A&amp;B, -3 times</h1>\n\n"
        "<a href=\"#\" title='没有错误。'>A&amp;B</a><a "
        "href=\"/org/A%26B/x?n=-3#javascript%3Ax\">b</a>\n"
        "<svg/>no\n"
        "<p>2025-01 of A&amp;B<option value=\"&quot;1&quot;\" selected>2025-01</option>"
        "<option value=\"2\">2025-01</option></p>\n<p>&lt;2&gt; of A&amp;B</p>\n"
        "<form method=\"POST\" action=\"#\"><input type=\"hidden\" name=\"csrf\" "
        "value=\"to&quot;ken\">"
        "<button>ok?</button></form><form method=\"get\" action=\"/\"></form>\n");
    arena_close(arena);
}

/* Runs the compiler on one template; its exit code and what it says. */
static int compile(char *file, char *said, size_t said_bytes)
{
    int pipe_ends[2], status;
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipe_ends[1], STDERR_FILENO);
        execl(htmlgen, htmlgen, file, "/dev/null", "/dev/null", (char *)NULL);
        _exit(99);
    }
    close(pipe_ends[1]);
    size_t count = 0;
    for (ssize_t n; (n = read(pipe_ends[0], said + count, said_bytes - 1 - count)) > 0;)
        count += (size_t)n;
    said[count] = '\0';
    close(pipe_ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_refusals(void **state)
{
    (void)state;
    struct arena *arena = arena_open(0);
    assert_int_equal(chdir(arena_printf(arena, "%s/refused", folder)), 0);
    FILE *expected = fopen("expected", "r");
    assert_non_null(expected);
    char line[512];
    int count = 0;
    while (fgets(line, sizeof line, expected) != NULL) {
        char *file = str_dup(arena, str_slice(str_from(line), 0, strcspn(line, ":")));
        char got[512];
        assert_int_equal(compile(file, got, sizeof got), 1);
        assert_string_equal(got, line);
        count++;
    }
    fclose(expected);
    assert_int_equal(count, 24);
    arena_close(arena);
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    htmlgen = argv[1];
    folder = argv[2];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_url),
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
