/* The analyst's tools, run as commands. src/model/tests/tools/NAME.txt holds cases: `-- file PATH`
 * writes a file into a fresh folder, `-- run ARGUMENTS` runs `model ARGUMENTS` there and states
 * what it prints on both outputs (a line … stands for any lines), `-- exit N` its exit code when
 * that is not 0, `-- after PATH` what a file holds then, `-- shipped` that the shipped models and
 * tables are seen too. Below them are properties of the formatter over every model there is. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "model/command.h"
#include "model/diff.h"
#include "model/fmt.h"
#include "model/graph.h"
#include "shipped.h"

struct tool_case {
    struct arena *arena;
    const char *file;
    str name;
    bool shipped;
    int code; /* of the last run, -1 once it was stated */
    int failures;
};

static char folder[64];
static const char *source_folder;

static str read_text(struct arena *arena, const char *path)
{
    struct error err = {0};
    str text;
    if (!file_read(arena, path, 1 << 24, &text, &err)) fail_msg("can't read %s", path);
    return text;
}

static void write_text(struct arena *arena, const char *path, str text)
{
    struct error err = {0};
    char *full = arena_strdup(arena, path), *slash = strrchr(full, '/');
    if (slash != NULL) {
        *slash = '\0';
        assert_true(file_make_directory(full, &err));
    }
    assert_true(file_write(path, text, &err));
}

static void fail_case(struct tool_case *c, const char *what, str expected, str found)
{
    fprintf(stderr, "%s, case \"%.*s\": %s\n--- expected\n%.*s--- found\n%.*s---\n", c->file,
            STR_ARG(c->name), what, STR_ARG(expected), STR_ARG(found));
    c->failures++;
}

/* Whether the lines are the same; … stands for any number of them. */
static bool same_lines(str wanted, str found)
{
    str line, other;
    while (str_cut(&wanted, '\n', &line)) {
        if (str_is(line, "…")) {
            for (;;) {
                if (same_lines(wanted, found)) return true;
                if (!str_cut(&found, '\n', &other)) return false;
            }
        }
        bool has = str_cut(&found, '\n', &other);
        if (!has) return line.len == 0 && wanted.len == 0;
        if (!str_equal(line, other)) return false;
    }
    return found.len == 0;
}

static int split_words(struct arena *arena, str line, char **words, int most)
{
    int count = 0;
    size_t i = 0;
    while (i < line.len && count < most) {
        while (i < line.len && line.ptr[i] == ' ') i++;
        if (i == line.len) break;
        char until = line.ptr[i] == '\'' ? '\'' : ' ';
        size_t from = until == '\'' ? ++i : i;
        while (i < line.len && line.ptr[i] != until) i++;
        words[count++] = str_dup(arena, str_slice(line, from, i++));
    }
    return count;
}

/* CSV ends its lines with CR LF. */
static char *without_returns(struct arena *arena, const char *a, const char *b)
{
    char *text = arena_printf(arena, "%s%s", a, b), *to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (*from != '\r') *to++ = *from;
    *to = '\0';
    return text;
}

static void run_command(struct tool_case *c, str line, str wanted)
{
    char *words[64], *out_text = NULL, *err_text = NULL;
    size_t out_size = 0, err_size = 0;
    int count = split_words(c->arena, line, words, 64);
    const char *roots[] = {c->shipped ? source_folder : folder, folder};
    FILE *out = open_memstream(&out_text, &out_size), *err = open_memstream(&err_text, &err_size);
    assert_non_null(out);
    assert_non_null(err);
    c->code = model_command(count, words, roots, c->shipped ? 2 : 1, NULL, out, err);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(fclose(err), 0);
    str both = str_from(without_returns(c->arena, out_text, err_text));
    free(out_text);
    free(err_text);
    if (!same_lines(wanted, both))
        fail_case(c, arena_printf(c->arena, "model %.*s", STR_ARG(line)), wanted, both);
}

static void begin_case(struct tool_case *c, str name)
{
    struct error err = {0};
    assert_true(file_remove_tree(folder));
    assert_true(file_make_directory(folder, &err));
    assert_int_equal(chdir(folder), 0);
    str atoms = shipped_read(c->arena, "tables/units/atoms.csv");
    write_text(c->arena, "tables/units/atoms.csv", atoms);
    c->name = name;
    c->shipped = false;
    c->code = 0;
}

static void end_run(struct tool_case *c)
{
    if (c->code > 0) fail_case(c, "exit code", STR("0\n"), STR("another\n"));
    c->code = 0;
}

static void do_section(struct tool_case *c, str head, str body)
{
    int64_t code;
    if (str_starts(head, "file ")) {
        write_text(c->arena, str_dup(c->arena, str_slice(head, 5, head.len)), body);
    } else if (str_starts(head, "run ")) {
        end_run(c);
        run_command(c, str_slice(head, 4, head.len), body);
    } else if (str_starts(head, "exit ")) {
        assert_true(num_parse_int(str_slice(head, 5, head.len), &code));
        if (c->code != code)
            fail_case(c, "exit code", str_slice(head, 5, head.len),
                      str_from(arena_printf(c->arena, "%d", c->code)));
        c->code = 0;
    } else if (str_starts(head, "after ")) {
        str found = read_text(c->arena, str_dup(c->arena, str_slice(head, 6, head.len)));
        if (!same_lines(body, found)) fail_case(c, str_dup(c->arena, head), body, found);
    } else if (str_starts(head, "atoms ")) {
        write_text(c->arena, str_dup(c->arena, str_slice(head, 6, head.len)),
                   shipped_read(c->arena, "tables/units/atoms.csv"));
    } else if (str_is(head, "shipped")) {
        c->shipped = true;
    } else {
        fail_msg("%s: unknown section %.*s", c->file, STR_ARG(head));
    }
}

static int run_file(const char *path)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct tool_case c = {.arena = arena, .file = path};
    str text = shipped_read(arena, path), rest = text, line, head = {"", 0}, body = {"", 0};
    int cases = 0;
    for (bool more = true; more;) {
        more = str_cut(&rest, '\n', &line);
        bool mark = !more || str_starts(line, "=== ") || str_starts(line, "-- ");
        if (!mark) {
            body.len = size_min((size_t)(line.ptr + line.len + 1 - body.ptr),
                                (size_t)(text.ptr + text.len - body.ptr));
            continue;
        }
        if (head.len != 0) do_section(&c, head, body);
        head = (str){"", 0};
        if (!more || line.ptr[0] == '=') end_run(&c);
        if (!more) break;
        body = (str){rest.ptr, 0};
        if (line.ptr[0] == '-') {
            head = str_slice(line, 3, line.len);
        } else {
            begin_case(&c, str_slice(line, 4, line.len));
            cases++;
        }
    }
    assert_true(cases > 0);
    return c.failures;
}

static void test_cases(void **state)
{
    (void)state;
    shipped_run_cases("src/model/tests/tools", run_file);
}

/* ---- properties of the formatter ---------------------------------------------------------- */

struct corpus {
    struct arena *arena;
    str texts[4000];
    const char *names[4000];
    size_t count;
};

static void add_text(struct corpus *all, const char *name, str text)
{
    assert_true(all->count < ARRAY_LEN(all->texts));
    all->names[all->count] = name;
    all->texts[all->count++] = text;
}

static void add_folder(struct corpus *all, const char *path)
{
    char **names;
    size_t count;
    struct error err = {0};
    if (!file_list(all->arena, path, &names, &count, &err)) {
        add_text(all, path, read_text(all->arena, path));
        return;
    }
    for (size_t i = 0; i < count; i++)
        add_folder(all, arena_printf(all->arena, "%s/%s", path, names[i]));
}

/* The programs within a file of cases, or the blocks of the manual. */
static void add_parts(struct corpus *all, const char *path, const char *begin, const char *end)
{
    str rest = shipped_read(all->arena, path), line;
    const char *from = NULL;
    while (str_cut(&rest, '\n', &line)) {
        if (from != NULL && str_starts(line, end)) {
            add_text(all, path, (str){from, (size_t)(line.ptr - from)});
            from = NULL;
        }
        if (from == NULL && str_is(line, begin)) from = rest.ptr;
    }
}

static struct corpus *every_model(struct arena *arena)
{
    struct corpus *all = ARENA_NEW(arena, struct corpus);
    char **names;
    size_t count;
    struct error err = {0};
    all->arena = arena;
    add_folder(all, shipped_path(arena, "models"));
    add_folder(all, shipped_path(arena, "fuzz/corpus/model"));
    add_parts(all, "doc/model-language.md", "```model", "```");
    assert_true(file_list(arena, shipped_path(arena, "src/model/tests"), &names, &count, &err));
    for (size_t i = 0; i < count; i++)
        if (str_ends(str_from(names[i]), ".txt"))
            add_parts(all, arena_printf(arena, "src/model/tests/%s", names[i]), "-- program",
                      "-- ");
    return all;
}

/* Blanks outside quotes and comments doubled within a line, a blank put behind each line. */
static str loosen(struct arena *arena, str text)
{
    struct buf *out = buf_new(arena);
    bool quoted = false, comment = false, key = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\n') {
            buf_puts(out, " \t\r\n");
            quoted = comment = false;
            continue;
        }
        if (c == '"' && !comment && (i == 0 || text.ptr[i - 1] != '\\')) quoted = !quoted;
        if (c == '#' && !quoted) comment = true;
        if (c == '[' && !quoted) key = true;
        if (c == ']' && !quoted) key = false;
        buf_putc(out, c);
        if (c == ' ' && !quoted && !comment && !key) buf_putc(out, c);
    }
    return buf_str(out);
}

static struct model_library *open_library(struct arena *arena)
{
    const char *roots[] = {source_folder};
    struct error err = {0};
    (void)arena;
    struct model_library *library = library_open_bare(roots, 1, &err);
    assert_non_null(library);
    return library;
}

/* Formatting twice is formatting once; layout does not change the result; the model still checks as
 * it did. (That the tree is the same fmt_model itself compares.) */
static void test_fmt_properties(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)2 << 30);
    const struct corpus *all = every_model(arena);
    size_t formatted = 0;
    (void)state;
    for (size_t i = 0; i < all->count; i++) {
        struct model_library *library = open_library(arena);
        struct model_diagnostics found = {.arena = arena}, before = {.arena = arena},
                                 after = {.arena = arena};
        str once, twice, loose;
        if (fmt_model(arena, library, STR("a.model"), all->texts[i], &found, &once)) {
            formatted++;
            if (!fmt_model(arena, library, STR("a.model"), once, &found, &twice) ||
                !str_equal(once, twice))
                fail_msg("%s: formatted twice it is\n%.*s", all->names[i], STR_ARG(twice));
            if (!fmt_model(arena, library, STR("a.model"), loosen(arena, all->texts[i]), &found,
                           &loose) ||
                !str_equal(once, loose))
                fail_msg("%s: with other blanks it is\n%.*s", all->names[i], STR_ARG(loose));
            struct model *a = library_load_text(library, STR("a.model"), all->texts[i], &before);
            struct model *b = library_load_text(library, STR("a.model"), once, &after);
            assert_true((a == NULL) == (b == NULL));
            assert_int_equal(before.count, after.count);
        }
        for (size_t k = 0; k < found.count; k++)
            if (strcmp(found.list[k].rule, "format") == 0)
                fail_msg("%s: %s", all->names[i], found.list[k].message);
        model_library_close(library);
    }
    if (formatted < 40) fail_msg("only %zu of %zu were formatted", formatted, all->count);
}

/* Every shipped model is in canonical layout. */
static void test_fmt_shipped(void **state)
{
    char *words[] = {"fmt", "--check", NULL};
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *roots[] = {source_folder};
    (void)state;
    words[2] = shipped_path(arena, "models");
    assert_int_equal(model_command(3, words, roots, 1, NULL, stderr, stderr), 0);
}

/* Every shipped model: what is used lies to the left of its user, the picture repeats, and each
 * formula is set. */
static void test_graphs(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)2 << 30);
    struct model_library *library = shipped_models(NULL);
    (void)state;
    assert_true(model_library_count(library) >= 19);
    for (size_t i = 0; i < model_library_count(library); i++) {
        const struct model *model = model_library_at(library, i);
        struct graph graph, again;
        assert_true(graph_make(arena, model, NULL, &graph));
        assert_true(graph_make(arena, model, NULL, &again));
        for (size_t k = 0; k < graph.count; k++)
            for (size_t u = 0; u < graph.nodes[k].use_count; u++)
                assert_true(graph.nodes[graph.nodes[k].uses[u]].layer < graph.nodes[k].layer);
        assert_string_equal(graph_svg(arena, model, &graph, true),
                            graph_svg(arena, model, &again, true));
        const struct model_formula *formulas;
        size_t count = model_formulas(arena, model, true, &formulas);
        assert_true(count >= model_info(model)->output_count);
        for (size_t k = 0; k < count; k++) {
            assert_true(str_starts(str_from(formulas[k].mathml), "<math display=\"block\">"));
            assert_true(str_ends(str_from(formulas[k].mathml), "</math>"));
        }
    }
    model_library_close(library);
}

/* growth(x) is x / prev(x) - 1: both are drawn. */
static void test_graph_of_growth(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_diagnostics none = {.arena = arena};
    struct model_library *library = shipped_models(NULL);
    const struct model *model;
    struct graph graph;
    struct error err = {0};
    char place[] = "/tmp/tanshu-graph-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(place));
    const char *path = arena_printf(arena, "%s/g.model", place);
    assert_true(file_write(
        path, STR("model g 1\n  input power : MWh\n  out faster : % = growth(power)\n"), &err));
    assert_true(model_library_add_file(library, path, &model, &none));
    assert_true(graph_make(arena, model, NULL, &graph));
    assert_int_equal(graph.count, 3);
    for (size_t i = 0; i < graph.count; i++) {
        const struct graph_node *node = &graph.nodes[i];
        if (strcmp(node->name, "faster") != 0) continue;
        assert_int_equal(node->use_count, 2);
        assert_string_equal(graph.nodes[node->uses[0]].name, "power");
        assert_string_equal(graph.nodes[node->uses[1]].name, "prev.power");
    }
    assert_true(file_remove_tree(place));
    model_library_close(library);
}

/* A shipped model in which one number of a formula, a default or a bound is another: diff says that
 * the meaning changed; and that it did not between the model and its own copy. */
static void test_diff_sees_numbers(void **state)
{
    (void)state;
    static const char *const files[] = {
        "models/ghg/cement-2013.model", "models/ghg/steel-2013.model", "models/credit/label.model",
        "models/credit/grade.model", "models/finance/product-transition.model"};
    size_t changed = 0;
    for (size_t f = 0; f < ARRAY_LEN(files); f++) {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)4 << 30);
        struct model_diagnostics none = {.arena = arena};
        struct model_library *library = shipped_models(NULL);
        str text = shipped_read(arena, files[f]);
        const struct model *model = library_load_text(library, STR("a.model"), text, &none);
        struct changes same = {.arena = arena};
        assert_non_null(model);
        diff_models(&same, model, library_load_text(library, STR("b.model"), text, &none));
        assert_int_equal(same.count, 0);
        for (size_t i = 0; i < model->token_count; i++) {
            const struct token *token = &model->tokens[i];
            if (token_is(token, "example")) break;
            if (token->kind != TOKEN_NUMBER || token->line < 10 || !token->spaced ||
                token[1].kind == TOKEN_NUMBER)
                continue;
            struct changes found = {.arena = arena};
            char *other = arena_printf(arena, "%.*s%.*s1%.*s", (int)token->from, text.ptr,
                                       (int)(token->to - token->from), text.ptr + token->from,
                                       (int)(text.len - token->to), text.ptr + token->to);
            const struct model *b =
                library_load_text(library, STR("b.model"), str_from(other), NULL);
            if (b == NULL) continue; /* a bound that its default no longer keeps, a power */
            diff_models(&found, model, b);
            if (diff_same_meaning(&found))
                fail_msg("%s:%d: %.*s with a 1 behind it is no change in meaning", files[f],
                         token->line, STR_ARG(token->text));
            changed++;
        }
        model_library_close(library);
    }
    assert_true(changed >= 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),           cmocka_unit_test(test_fmt_properties),
        cmocka_unit_test(test_fmt_shipped),     cmocka_unit_test(test_graphs),
        cmocka_unit_test(test_graph_of_growth), cmocka_unit_test(test_diff_sees_numbers)};
    source_folder = getenv("TANSHU_SOURCE");
    if (source_folder == NULL) return 1;
    snprintf(folder, sizeof folder, "%s", "/tmp/tanshu-tools-XXXXXX");
    if (mkdtemp(folder) == NULL) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return !file_remove_tree(folder) || failed != 0;
}
