/* Hostile models: whatever a stranger writes is refused with a clear limit error, or runs, and in
 * either case ends soon and in bounded memory. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "model/program.h"
#include "shipped.h"

enum { SECONDS_MAX = 20 }; /* generous: sanitizers on a busy machine; usually hundredths */

static char folder[64];

static void write_text(struct arena *arena, const char *path, str text)
{
    struct error err = {0};
    assert_true(file_write(arena_printf(arena, "%s/%s", folder, path), text, &err));
}

static void repeat(struct buf *out, const char *text, int times)
{
    for (int i = 0; i < times; i++) buf_puts(out, text);
}

static void deep_brackets(struct buf *out)
{
    buf_puts(out, "out a : 1 = ");
    repeat(out, "(", 20000);
    buf_puts(out, "1");
    repeat(out, ")", 20000);
}

static void deep_minus(struct buf *out)
{
    buf_puts(out, "out a : 1 = ");
    repeat(out, "-", 20000);
    buf_puts(out, "1");
}

static void long_sum(struct buf *out)
{
    buf_puts(out, "out a : 1 = 1");
    repeat(out, " + x", 20000);
}

static void many_definitions(struct buf *out)
{
    for (int i = 0; i < 6000; i++) buf_printf(out, "let y%d : 1 = x\n", i);
}

static void many_sets(struct buf *out)
{
    for (int i = 0; i < 20000; i++) buf_printf(out, "set s%d = a, b\n", i);
}

static void many_measures(struct buf *out)
{
    for (int i = 0; i < 6000; i++) buf_printf(out, "measure m%d : x = 1\n", i);
}

static void nested_functions(struct buf *out)
{
    buf_puts(out, "function f0(a: 1) : 1 = a + a + 1\n");
    for (int i = 1; i < 60; i++)
        buf_printf(out, "function f%d(a: 1) : 1 = f%d(a) + f%d(a + 1)\n", i, i - 1, i - 1);
    buf_puts(out, "out y : 1 = f59(x)\n");
}

static void self_function(struct buf *out)
{
    buf_puts(out, "function f(a: 1) : 1 = f(a) + 1\nout y : 1 = f(x)\n");
}

static void wide_index(struct buf *out)
{
    buf_puts(out, "set wide = k0");
    for (int i = 1; i < 20000; i++) buf_printf(out, ", k%d", i);
    buf_puts(out, "\ninput z[wide] : 1\n");
    for (int i = 0; i < 300; i++) buf_printf(out, "let z%d[wide] : 1 = z * %d + x\n", i, i + 2);
}

static void unknown_names(struct buf *out)
{
    for (int i = 0; i < 3000; i++) buf_printf(out, "let known_name_%d : 1 = x\n", i);
    for (int i = 0; i < 900; i++) {
        buf_printf(out, "let wrong_%d : 1 = unknown_name_%d", i, i);
        for (int k = 0; k < 40; k++) buf_printf(out, " + unknown_name_%d", k);
        buf_puts(out, "\n");
    }
}

static void out_of_the_tables(struct buf *out)
{
    buf_puts(out, "table t from \"../../../../etc/passwd\"\n");
}

static void from_the_top(struct buf *out)
{
    buf_puts(out, "table t from \"/etc/passwd\"\n");
}

static void through_a_link(struct buf *out)
{
    buf_puts(out, "table t from \"link.csv\"\n");
}

static void endless_lookup(struct buf *out)
{
    buf_puts(out, "table big from \"big.csv\"\nout y : 1 = lookup(big.value, low <= x)\n");
}

static void one_key_for_all(struct buf *out)
{
    buf_puts(out, "table big from \"big.csv\"\ninput w : text\n"
                  "out y : 1 = lookup(big.value, same = w, low <= x)\n");
}

static void large_file(struct buf *out)
{
    repeat(out, "# a comment of no use to anybody, again and again and again\n", 20000);
}

static void many_tokens(struct buf *out)
{
    repeat(out, "a b c d e f g h i j k l m n o p q r s t u v w x y z\n", 10000);
}

static void zero_byte(struct buf *out)
{
    buf_putc(out, '\0');
}

static void not_utf8(struct buf *out)
{
    buf_puts(out, "title \"\xff\xfe\"\n");
}

static void large_unit(struct buf *out)
{
    buf_puts(out, "out y : t^30 = (x * 1 t)^30 * (x * 1 t)^30 / (x * 1 t)^29\n");
}

static void deep_units(struct buf *out)
{
    buf_puts(out, "input y : ");
    repeat(out, "(", 5000);
    buf_puts(out, "t");
    repeat(out, ")", 5000);
}

/* 400 factors, ninety times: 36,000 products one in the other. */
static void nested_arguments(struct buf *out)
{
    buf_puts(out, "function f(a: 1) : 1 = a");
    repeat(out, " * x", 400);
    buf_puts(out, "\nout y : 1 = ");
    repeat(out, "f(", 90);
    buf_puts(out, "x");
    repeat(out, ")", 90);
}

static void chain_backwards(struct buf *out)
{
    for (int i = 0; i < 3990; i++) {
        buf_printf(out, "let y%d : 1 = y%d", i, i + 1);
        repeat(out, " + x", 11);
        buf_puts(out, "\n");
    }
    buf_puts(out, "let y3990 : 1 = x\n");
}

/* In the order of computing the check goes step by step; what explains the result goes all the way.
 */
static void chain_forwards(struct buf *out)
{
    buf_puts(out, "let y0 : 1 = x\n");
    for (int i = 1; i < 49; i++) {
        buf_printf(out, "let y%d : 1 = y%d", i, i - 1);
        repeat(out, " + x", 990);
        buf_puts(out, "\n");
    }
}

/* Each weight stands in two sums: 2 to the 45 parts. */
static void nested_weights(struct buf *out)
{
    buf_puts(out, "set s = a, b\ninput w[s] : 1\nout y[s] : 1 = w");
    repeat(out, " * mean(w weight w", 45);
    repeat(out, ")", 45);
}

static void wide_measures(struct buf *out)
{
    buf_puts(out, "set wide = k0");
    for (int i = 1; i < 20000; i++) buf_printf(out, ", k%d", i);
    buf_puts(out, "\ninput z[wide] : 1\n");
    for (int i = 0; i < 150; i++) buf_printf(out, "measure m%d : z = z * %d + x\n", i, i + 2);
}

static void many_multiples(struct buf *out)
{
    buf_puts(out, "input y : ");
    repeat(out, "万", 300000);
    buf_puts(out, "kWh\n");
}

static void endless_unit(struct buf *out)
{
    buf_puts(out, "input y : 1e200 t\nout z : 3e-200 t = y\n");
}

static void endless_quotient(struct buf *out)
{
    buf_puts(out, "out y : t = 1e308/1e-308 t\n");
}

static void endless_default(struct buf *out)
{
    buf_puts(out, "input y : t = 1e308 Mt\n");
}

static const struct {
    const char *name, *rule; /* NULL: it is no more than much, and runs */
    void (*write)(struct buf *out);
} cases[] = {
    {"deep brackets", "depth", deep_brackets},
    {"deep minus", "depth", deep_minus},
    {"long sum", "depth", long_sum},
    {"many definitions", "size", many_definitions},
    {"many sets", "size", many_sets},
    {"many measures", "size", many_measures},
    {"nested functions", "recursion", nested_functions},
    {"a function that calls itself", "recursion", self_function},
    {"wide index", "size", wide_index},
    {"unknown names", "unknown-name", unknown_names},
    {"a path that leads out", "table-path", out_of_the_tables},
    {"a path from the top", "table-path", from_the_top},
    {"a link that leads out", "table-file", through_a_link},
    {"a lookup without a key", "lookup-size", endless_lookup},
    {"a key that all rows share", "lookup-size", one_key_for_all},
    {"large file", "size", large_file},
    {"many tokens", "size", many_tokens},
    {"zero byte", "encoding", zero_byte},
    {"not UTF-8", "encoding", not_utf8},
    {"large unit", "unit", large_unit},
    {"deep units", "unit", deep_units},
    {"nested arguments", "depth", nested_arguments},
    {"a chain written backwards", "depth", chain_backwards},
    {"a chain of chains", "depth", chain_forwards},
    {"weights of weights", "size", nested_weights},
    {"wide measures", "size", wide_measures},
    {"many multiples", "unknown-unit", many_multiples},
    {"an endless unit", "unit", endless_unit},
    {"an endless quotient", "token", endless_quotient},
    {"an endless default", "token", endless_default},
};

static bool has_rule(const struct model_diagnostics *found, const char *rule)
{
    for (size_t i = 0; i < found->count; i++)
        if (strcmp(found->list[i].rule, rule) == 0) return true;
    return false;
}

static void test_refused(void **state)
{
    int failures = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
        const char *roots[] = {folder};
        struct error err = {0};
        struct model_diagnostics found = {.arena = arena};
        struct model_library *library = library_open_bare(roots, 1, &err);
        assert_non_null(library);
        struct buf *out = buf_new(arena);
        buf_puts(out, "model hostile 1\ninput x : 1\n");
        cases[i].write(out);
        clock_t start = clock();
        const struct model *model =
            library_load_text(library, STR("hostile.model"), buf_str(out), &found);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (model != NULL || !has_rule(&found, cases[i].rule) || seconds > SECONDS_MAX ||
            found.count > DIAGNOSTICS_MAX) {
            fprintf(stderr, "%s: %s, %zu errors, %.1f s\n", cases[i].name,
                    model != NULL      ? "loaded"
                    : found.count == 0 ? "nothing said"
                                       : found.list[0].message,
                    found.count, seconds);
            failures++;
        }
        model_library_close(library);
    }
    assert_int_equal(failures, 0);
}

static const struct model *load(struct arena *arena, struct model_library **library, str text)
{
    const char *roots[] = {folder};
    struct error err = {0};
    struct model_diagnostics found = {.arena = arena};
    *library = library_open_bare(roots, 1, &err);
    assert_non_null(*library);
    const struct model *model = library_load_text(*library, STR("much.model"), text, &found);
    for (size_t i = 0; i < found.count; i++) fprintf(stderr, "%s\n", found.list[i].message);
    assert_non_null(model);
    return model;
}

/* x to the 2^25 by functions of functions: neither the compiler nor the machine unfolds it. */
static void test_shared_arguments(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_library *library;
    struct buf *out = buf_new(arena);
    (void)state;
    buf_puts(out, "model much 1\ninput x : 1\nfunction f(a: 1) : 1 = a * a\nout y : 1 = ");
    repeat(out, "f(", 25);
    buf_puts(out, "x");
    repeat(out, ")", 25);
    const struct model *model = load(arena, &library, buf_str(out));
    assert_true(model->fast->step_count < 60);
    model_library_close(library);
}

/* Two sets whose names begin alike, further than any buffer: each keeps its own width. */
static void test_long_names(void **state)
{
    enum { LONG = 170, KEYS = 2000 };
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct model_library *library;
    struct error err = {0};
    (void)state;
    struct buf *out = buf_new(arena), *name = buf_new(arena);
    repeat(name, "a", LONG);
    const char *a = str_dup(arena, buf_str(name));
    buf_printf(out, "model much 1\ninput x : 1\nset %s1 = one, two\nset %s2 = k0", a, a);
    for (int i = 1; i < KEYS; i++) buf_printf(out, ", k%d", i);
    buf_printf(out, "\nout few[%s1] : 1 = x\nout many[%s2] : 1 = x\n", a, a);
    const struct model *model = load(arena, &library, buf_str(out));
    struct model_data *data = model_data_new(arena, model, 1);
    assert_true(model_data_set(data, 0, STR("x"), STR(""), 5, STR(""), 0, &err));
    const struct model_run *run = model_run(arena, model, data, NULL, &err);
    assert_non_null(run);
    assert_true(model_run_value(run, 0, "few", STR("two"), NULL).number == 5);
    for (int i = 0; i < KEYS; i++) {
        str key = str_from(arena_printf(arena, "k%d", i));
        assert_true(model_run_value(run, 0, "many", key, NULL).number == 5);
    }
    model_library_close(library);
}

/* 2 to the 40 ways through sums within sums: the explanation goes each step once. */
static void test_sums_in_sums(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_library *library;
    struct error err = {0};
    (void)state;
    struct buf *out = buf_new(arena);
    buf_puts(out, "model much 1\nset s = a, b\ninput q[s] : 1\nout y : 1 = ");
    repeat(out, "sum(q * ", 40);
    buf_puts(out, "sum(q)");
    repeat(out, ")", 40);
    const struct model *model = load(arena, &library, buf_str(out));
    struct model_data *data = model_data_new(arena, model, 1);
    assert_true(model_data_set(data, 0, STR("q"), STR("a"), 1, STR(""), 0, &err));
    assert_true(model_data_set(data, 0, STR("q"), STR("b"), 1, STR(""), 0, &err));
    const struct model_run *run = model_run(arena, model, data, NULL, &err);
    assert_non_null(run);
    assert_true(model_run_value(run, 0, "y", STR(""), NULL).number == 0x1p41);
    clock_t start = clock();
    const struct model_node *node = model_explain(arena, run, 0, "y", STR(""));
    assert_non_null(node);
    assert_int_equal(node->child_count, 2);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < SECONDS_MAX);
    model_library_close(library);
}

/* Each model uses the one before nineteen times: 19 to the 8 ways back to the first. */
static void test_models_on_models(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *roots[] = {folder};
    struct error err = {0};
    struct model_diagnostics found = {.arena = arena};
    (void)state;
    assert_true(file_make_directory(arena_printf(arena, "%s/models", folder), &err));
    for (int i = 0; i < 9; i++) {
        struct buf *out = buf_new(arena);
        buf_printf(out, "model m%d 1\n", i);
        for (int k = 0; i > 0 && k < 19; k++) buf_printf(out, "use m%d 1 as a%d\n", i - 1, k);
        write_text(arena, arena_printf(arena, "models/m%d.model", i), buf_str(out));
    }
    clock_t start = clock();
    struct model_library *library = model_library_open(roots, 1, &found, &err);
    assert_non_null(library);
    assert_int_equal(model_library_count(library), 9);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < SECONDS_MAX);
    model_library_close(library);
}

/* A key that tells rows apart makes a large table cheap: 30,000 entities in 30,000 rows. */
static void test_lookup_by_key(void **state)
{
    enum { ENTITIES = 30000 };
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct model_library *library;
    struct error err = {0};
    (void)state;
    const struct model *model =
        load(arena, &library,
             STR("model much 1\ntable big from \"big.csv\"\ninput w : text\n"
                 "out y : 1 = lookup(big.value, same = \"all\", key = w)\n"));
    struct model_data *data = model_data_new(arena, model, ENTITIES);
    for (size_t e = 0; e < ENTITIES; e++)
        assert_true(model_data_set_text(data, e, STR("w"), (str){"", 0},
                                        str_from(arena_printf(arena, "k%zu", e)), 0, &err));
    clock_t start = clock();
    const struct model_run *run = model_run(arena, model, data, NULL, &err);
    assert_non_null(run);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < SECONDS_MAX);
    for (size_t e = 0; e < ENTITIES; e += 997)
        assert_true(model_run_value(run, e, "y", (str){"", 0}, NULL).number == (double)e + 0.5);
    model_library_close(library);
}

/* A run whose results do not fit is refused before anything is computed. */
static void test_large_run(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)64 << 30);
    struct model_library *library;
    struct error err = {0};
    (void)state;
    const struct model *model = load(arena, &library, STR("model much 1\nout y : 1 = 1\n"));
    const struct model_data *data = model_data_new(arena, model, (size_t)1 << 40);
    assert_null(model_run(arena, model, data, NULL, &err));
    assert_int_equal(err.code, ERROR_MODEL_LARGE);
    data = model_data_new(arena, model, SIZE_MAX);
    assert_null(model_run(arena, model, data, NULL, &err));
    model_library_close(library);
}

static void write_tables(struct arena *arena)
{
    struct error err = {0};
    struct buf *out = buf_new(arena);
    char *tables = arena_printf(arena, "%s/tables/units", folder);
    assert_true(file_make_directory(tables, &err));
    write_text(arena, "tables/units/atoms.csv", shipped_read(arena, "tables/units/atoms.csv"));
    write_text(arena, "secret.csv", STR("id,value : 1\na,1\n"));
    assert_int_equal(symlink("../secret.csv", arena_printf(arena, "%s/tables/link.csv", folder)),
                     0);
    buf_puts(out, "same,key,low : 1,value : 1\n");
    for (int i = 0; i < 30000; i++) buf_printf(out, "all,k%d,%d,%d.5\n", i, i, i);
    write_text(arena, "tables/big.csv", buf_str(out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),         cmocka_unit_test(test_shared_arguments),
        cmocka_unit_test(test_lookup_by_key),   cmocka_unit_test(test_large_run),
        cmocka_unit_test(test_long_names),      cmocka_unit_test(test_sums_in_sums),
        cmocka_unit_test(test_models_on_models)};
    snprintf(folder, sizeof folder, "%s", "/tmp/tanshu-limits-XXXXXX");
    if (mkdtemp(folder) == NULL) return 1;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    write_tables(arena);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return !file_remove_tree(folder) || failed != 0;
}
