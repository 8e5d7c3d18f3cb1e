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
        cmocka_unit_test(test_refused), cmocka_unit_test(test_shared_arguments),
        cmocka_unit_test(test_lookup_by_key), cmocka_unit_test(test_large_run)};
    snprintf(folder, sizeof folder, "%s", "/tmp/tanshu-limits-XXXXXX");
    if (mkdtemp(folder) == NULL) return 1;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    write_tables(arena);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return !file_remove_tree(folder) || failed != 0;
}
