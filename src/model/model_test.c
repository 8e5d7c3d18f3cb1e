/* The engine's tests are data: each src/model/tests/NAME.txt holds cases of program, tables, input
 * and what is expected of them. Each `model` code block of the manual is one more case: it must
 * load. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "model/command_csv.h"
#include "model/reference.h"
#include "shipped.h"

struct test_case {
    struct arena *arena;
    const char *file;
    str name, program, input, expected, errors, steps;
    str table_names[8], tables[8];
    size_t table_count;
    int failures;
};

static char folder[64];

static void fail_case(struct test_case *c, const char *what, str line)
{
    fprintf(stderr, "%s, case \"%.*s\": %s: %.*s\n", c->file, STR_ARG(c->name), what,
            STR_ARG(line));
    c->failures++;
}

static void write_text(struct arena *arena, const char *path, str text)
{
    struct error err = {0};
    char *full = arena_printf(arena, "%s/%s", folder, path), *slash = strrchr(full, '/');
    *slash = '\0';
    assert_true(file_make_directory(full, &err));
    *slash = '/';
    assert_true(file_write(full, text, &err));
}

static char *value_text(struct arena *arena, struct model_value value, bool present)
{
    char text[NUM_TEXT_MAX];
    if (!present) return "absent";
    if (value.status != MODEL_OK) return arena_strdup(arena, model_status_name(value.status));
    if (value.text != NULL) return arena_printf(arena, "\"%s\"", value.text);
    if (value.type == MODEL_FLAG) return value.number != 0 ? "true" : "false";
    if (value.type == MODEL_DATE)
        date_format((date){(int32_t)value.number}, text);
    else
        num_format(value.number, text);
    return arena_strdup(arena, text);
}

static bool same_value(const char *found, str wanted)
{
    double a, b;
    if (num_parse(str_from(found), &a) && num_parse(wanted, &b))
        return fabs(a - b) <= 1e-12 * fabs(b);
    return str_is(wanted, found);
}

static char *notes_text(struct arena *arena, const struct model_run *run, size_t entity)
{
    const struct model_note *notes;
    size_t count = model_run_notes(arena, run, entity, &notes);
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s%s %s", i == 0 ? "" : "; ",
                   notes[i].kind == MODEL_NOTE_DEFAULT ? "default" : "missing", notes[i].input);
        if (notes[i].key != NULL) buf_printf(out, "[%s]", notes[i].key);
        if (notes[i].reason != NULL) buf_printf(out, " (%s)", notes[i].reason);
        buf_printf(out, " for %s", notes[i].affects);
    }
    return str_dup(arena, buf_str(out));
}

static char *requirement_text(struct arena *arena, const struct model_run *run, size_t entity,
                              str name)
{
    const struct model_requirement_result *results;
    size_t count = model_run_requirements(arena, run, entity, &results);
    for (size_t i = 0; i < count; i++) {
        const struct model_requirement_result *r = &results[i];
        if (!str_is(name, r->requirement->name)) continue;
        const char *state = r->status != MODEL_OK ? model_status_name(r->status)
                            : r->met              ? "met"
                                                  : "not met";
        if (!r->compared) return arena_strdup(arena, state);
        return arena_printf(arena, "%s: %s %s %s %s", state, value_text(arena, r->found, true),
                            r->comparison, value_text(arena, r->wanted, true),
                            r->unit == NULL ? "" : r->unit);
    }
    return "unknown";
}

static char *effects_text(struct arena *arena, const struct model_run *run, size_t entity,
                          str output)
{
    const struct model_effect *effects;
    size_t count = model_effects(arena, run, entity, str_dup(arena, output), 0.01, &effects);
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s%s%s%s%s ", i == 0 ? "" : "; ", effects[i].input,
                   effects[i].key[0] == '\0' ? "" : "[", effects[i].key,
                   effects[i].key[0] == '\0' ? "" : "]");
        buf_printf(out, "%.6g", effects[i].effect);
    }
    return str_dup(arena, buf_str(out));
}

/* "A total[coal] = 12.5", "A notes = …", "A require age = …", "A explain total = part of the text".
 */
static void expect_line(struct test_case *c, const struct model_run *run,
                        const struct command_row *rows, size_t count, str line)
{
    str left, rest = line, entity;
    size_t equal, e = 0;
    if (!str_find(line, STR(" = "), &equal)) {
        fail_case(c, "a line without =", line);
        return;
    }
    left = str_slice(line, 0, equal);
    str wanted = str_trim(str_slice(line, equal + 3, line.len));
    rest = left;
    str_cut(&rest, ' ', &entity);
    while (e < count && !str_equal(rows[e].entity, entity)) e++;
    if (e == count) {
        fail_case(c, "no such entity", line);
        return;
    }
    char *found;
    if (str_is(rest, "notes")) {
        found = notes_text(c->arena, run, e);
    } else if (str_starts(rest, "require ")) {
        found = requirement_text(c->arena, run, e, str_slice(rest, 8, rest.len));
    } else if (str_starts(rest, "effects ")) {
        found = effects_text(c->arena, run, e, str_slice(rest, 8, rest.len));
    } else if (str_is(rest, "trace")) {
        struct buf *out = buf_new(c->arena);
        size_t at;
        program_print_trace(out, run, e);
        found = str_dup(c->arena, buf_str(out));
        if (str_find(str_from(found), wanted, &at)) return;
    } else if (str_starts(rest, "explain ") || str_starts(rest, "json ")) {
        bool json = rest.ptr[0] == 'j';
        str name = str_slice(rest, json ? 5 : 8, rest.len);
        const struct model_node *node =
            model_explain(c->arena, run, e, str_dup(c->arena, name), (str){"", 0});
        found = node == NULL ? "nothing"
                : json       ? model_explain_json(c->arena, node)
                             : model_explain_text(c->arena, node, false);
        size_t at;
        if (str_find(str_from(found), wanted, &at)) return;
    } else {
        str name = rest, key = {"", 0};
        size_t open;
        bool present;
        if (str_find(rest, STR("["), &open)) {
            key = str_slice(rest, open + 1, rest.len - 1);
            name = str_slice(rest, 0, open);
        }
        struct model_value value = model_run_value(run, e, str_dup(c->arena, name), key, &present);
        found = value_text(c->arena, value, present);
    }
    if (!same_value(found, wanted))
        fail_case(c, arena_printf(c->arena, "found %s, expected", found), line);
}

/* "3:7 unit-mismatch part of the message or hint". */
static void expect_error(struct test_case *c, const struct model_diagnostics *found, str line)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct model_diagnostic *d = &found->list[i];
        char *head = arena_printf(c->arena, "%d:%d %s", d->line, d->column, d->rule);
        if (!str_starts(line, head)) continue;
        str part = str_trim(str_slice(line, strlen(head), line.len));
        size_t at;
        if (str_find(str_from(d->message), part, &at) ||
            (d->hint != NULL && str_find(str_from(d->hint), part, &at)))
            return;
    }
    fail_case(c, "this error did not come", line);
    for (size_t i = 0; i < found->count; i++)
        fprintf(stderr, "    found %d:%d %s %s (%s)\n", found->list[i].line, found->list[i].column,
                found->list[i].rule, found->list[i].message,
                found->list[i].hint == NULL ? "" : found->list[i].hint);
}

static void run_input(struct test_case *c, const struct model *model)
{
    struct error err = {0};
    struct model_data *data;
    struct command_row *rows;
    size_t count;
    str line, rest = c->expected;
    if (!command_read_csv(c->arena, model, c->input, &data, &rows, &count, &err)) {
        char *said = error_render(c->arena, &err, error_sentence(err.code));
        size_t at;
        str wanted = str_trim(c->expected);
        if (!str_starts(wanted, "refused ") ||
            !str_find(str_from(said), str_slice(wanted, 8, wanted.len), &at))
            fail_case(c, "input refused", str_from(said));
        return;
    }
    struct model_run *one = model_run(c->arena, model, data, NULL, &err);
    struct model_run *run =
        model_run(c->arena, model, data, &(struct model_run_options){.threads = 3}, &err);
    assert_non_null(one);
    assert_non_null(run);
    char *different = reference_compare(c->arena, model, data, 0, 1);
    if (different != NULL) fail_case(c, "not as the reference", str_from(different));
    while (str_cut(&rest, '\n', &line)) {
        if (str_trim(line).len == 0) continue;
        expect_line(c, run, rows, count, str_trim(line));
        expect_line(c, one, rows, count, str_trim(line));
    }
}

/* "dot = 1", "all = 4": how many steps of this name the optimised program has. */
static void count_steps(struct test_case *c, const struct model *model)
{
    str line, rest = c->steps;
    while (str_cut(&rest, '\n', &line)) {
        size_t equal, found = 0;
        if (str_trim(line).len == 0) continue;
        assert_true(str_find(line, STR(" = "), &equal));
        str name = str_slice(line, 0, equal), wanted = str_slice(line, equal + 3, line.len);
        for (size_t i = 0; i < model->fast->step_count; i++)
            found += str_is(name, "all") || str_is(name, op_info(model->fast->steps[i].op)->text);
        char text[32];
        snprintf(text, sizeof text, "%zu", found);
        if (!str_is(str_trim(wanted), text))
            fail_case(c, arena_printf(c->arena, "found %s, expected", text), line);
    }
}

/* "table x.csv" lies under tables/, "model x.model" under models/. */
static char *file_of(struct test_case *c, size_t i)
{
    str name = c->table_names[i];
    return arena_printf(c->arena, str_ends(name, ".model") ? "models/%.*s" : "tables/%.*s",
                        STR_ARG(name));
}

static void run_case(struct test_case *c)
{
    struct error err = {0};
    struct model_diagnostics found = {.arena = c->arena}, none = {.arena = c->arena};
    write_text(c->arena, "tables/units/atoms.csv",
               shipped_read(c->arena, "tables/units/atoms.csv"));
    for (size_t i = 0; i < c->table_count; i++) write_text(c->arena, file_of(c, i), c->tables[i]);
    write_text(c->arena, "case.model", c->program);
    const char *roots[] = {folder};
    struct model_library *library = model_library_open(roots, 1, &none, &err);
    assert_non_null(library);
    for (size_t i = 0; i < none.count; i++)
        *ARENA_PUSH(c->arena, found.list, found.count, found.capacity) = none.list[i];
    const struct model *model;
    bool loaded = model_library_add_file(library, arena_printf(c->arena, "%s/case.model", folder),
                                         &model, &found);
    str line, rest = c->errors;
    while (str_cut(&rest, '\n', &line))
        if (str_trim(line).len != 0) expect_error(c, &found, str_trim(line));
    if (!loaded && c->errors.len == 0)
        for (size_t i = 0; i < found.count; i++)
            fail_case(c,
                      arena_printf(c->arena, "line %d, %s", found.list[i].line, found.list[i].rule),
                      str_from(found.list[i].message));
    if (loaded && c->errors.len != 0) fail_case(c, "loaded without an error", (str){"", 0});
    if (loaded) {
        const struct model_example_result *results;
        size_t count = model_test(c->arena, model, &results);
        for (size_t i = 0; i < count; i++)
            if (!results[i].passed) fail_case(c, results[i].name, str_from(results[i].detail));
        if (c->input.len != 0) run_input(c, model);
        count_steps(c, model);
    }
    model_library_close(library);
    for (size_t i = 0; i < c->table_count; i++)
        assert_int_equal(unlink(arena_printf(c->arena, "%s/%s", folder, file_of(c, i))), 0);
}

static str *section(struct test_case *c, str head)
{
    if (str_is(head, "program")) return &c->program;
    if (str_is(head, "input")) return &c->input;
    if (str_is(head, "expected")) return &c->expected;
    if (str_is(head, "errors")) return &c->errors;
    if (str_is(head, "steps")) return &c->steps;
    if ((!str_starts(head, "table ") && !str_starts(head, "model ")) ||
        c->table_count == ARRAY_LEN(c->tables))
        return NULL;
    c->table_names[c->table_count] = str_slice(head, 6, head.len);
    return &c->tables[c->table_count++];
}

static int run_file(const char *path)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    str text = shipped_read(arena, path), rest = text, line;
    struct test_case c = {.arena = arena, .file = path};
    str *now = NULL;
    int cases = 0;
    while (str_cut(&rest, '\n', &line)) {
        bool next = str_starts(line, "=== ");
        if (next && cases++ > 0) run_case(&c);
        if (next) {
            c = (struct test_case){.arena = arena,
                                   .file = path,
                                   .name = str_slice(line, 4, line.len),
                                   .failures = c.failures};
            now = NULL;
        } else if (str_starts(line, "-- ")) {
            now = section(&c, str_slice(line, 3, line.len));
            if (now == NULL) fail_msg("%s: unknown section %.*s", path, STR_ARG(line));
            *now = (str){rest.ptr, 0};
        } else if (now != NULL) {
            now->len = (size_t)(line.ptr + line.len - now->ptr);
            if (line.ptr + line.len < text.ptr + text.len) now->len++;
        }
    }
    assert_true(cases > 0);
    run_case(&c);
    return c.failures;
}

static void test_cases(void **state)
{
    (void)state;
    shipped_run_cases("src/model/tests", run_file);
}

/* Every code block of the manual that begins with ```model is a whole model and loads. */
static void test_manual(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    str rest = shipped_read(arena, "doc/model-language.md"), line, block = {NULL, 0};
    int blocks = 0, failures = 0;
    (void)state;
    while (str_cut(&rest, '\n', &line)) {
        if (block.ptr == NULL) {
            if (str_is(line, "```model")) block = (str){rest.ptr, 0};
            continue;
        }
        if (!str_is(line, "```")) continue;
        block.len = (size_t)(line.ptr - block.ptr);
        write_text(arena, "manual.model", block);
        struct model_diagnostics found = {.arena = arena};
        struct model_library *library = shipped_models(NULL);
        const struct model *model;
        const struct model_example_result *results;
        blocks++;
        if (model_library_add_file(library, arena_printf(arena, "%s/manual.model", folder), &model,
                                   &found)) {
            size_t count = model_test(arena, model, &results);
            for (size_t i = 0; i < count; i++) {
                if (results[i].passed) continue;
                fprintf(stderr, "manual, block %d: %s: %s\n", blocks, results[i].name,
                        results[i].detail);
                failures++;
            }
        }
        for (size_t i = 0; i < found.count; i++) {
            fprintf(stderr, "manual, block %d, line %d: %s\n", blocks, found.list[i].line,
                    found.list[i].message);
            failures++;
        }
        model_library_close(library);
        block = (str){NULL, 0};
    }
    assert_true(blocks > 0);
    assert_int_equal(failures, 0);
}

/* Every example of every shipped model, on the machine and on the reference evaluator. */
static void test_reference(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_library *library = shipped_models(NULL);
    size_t examples = 0, failures = 0;
    (void)state;
    for (size_t i = 0; i < model_library_count(library); i++) {
        const struct model *model = model_library_at(library, i);
        for (size_t k = 0; k < model->example_count; k++, examples++) {
            const char *wrong;
            const struct model_data *data = example_data(arena, model, model->examples[k], &wrong);
            assert_non_null(data);
            char *different = reference_compare(arena, model, data, 0, 1);
            if (different == NULL) continue;
            fprintf(stderr, "%s, example %zu: %s\n", model_info(model)->name, k + 1, different);
            failures++;
        }
    }
    assert_true(examples > 40);
    assert_int_equal(failures, 0);
    model_library_close(library);
}

/* The same values in another order have the same digest; another value has another. */
static void test_digest(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_diagnostics none = {.arena = arena};
    struct error err = {0};
    (void)state;
    write_text(arena, "digest.model",
               STR("model d 1\n set s = a, b\n input x[s] : t\n input y : t\n input n : text\n"));
    struct model_library *library = shipped_models(NULL);
    const struct model *model;
    assert_true(model_library_add_file(library, arena_printf(arena, "%s/digest.model", folder),
                                       &model, &none));
    struct model_data *data[3];
    for (int i = 0; i < 3; i++) {
        data[i] = model_data_new(arena, model, 2);
        str first = i == 1 ? STR("b") : STR("a"), second = i == 1 ? STR("a") : STR("b");
        double change = i == 2 ? 0.5 : 0;
        if (i == 1)
            assert_true(
                model_data_set_text(data[i], 1, STR("n"), (str){"", 0}, STR("other"), 0, &err));
        assert_true(model_data_set_text(data[i], 0, STR("n"), (str){"", 0}, STR("one"), 0, &err));
        assert_true(model_data_set(data[i], 0, STR("x"), first, i == 1 ? 2 : 1, STR("t"), 5, &err));
        assert_true(model_data_set(data[i], 0, STR("x"), second, i == 1 ? 1000 : 2,
                                   i == 1 ? STR("kg") : STR(""), 6, &err));
        assert_true(
            model_data_set(data[i], 1, STR("y"), (str){"", 0}, 3 + change, (str){"", 0}, 7, &err));
        if (i != 1)
            assert_true(
                model_data_set_text(data[i], 1, STR("n"), (str){"", 0}, STR("other"), 0, &err));
    }
    assert_true(digest_equal(model_data_digest(data[0]), model_data_digest(data[1])));
    assert_false(digest_equal(model_data_digest(data[0]), model_data_digest(data[2])));
    model_library_close(library);
}

/* The origin of each cell, set in any order, some without one, some set twice. */
static void test_origins(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_diagnostics none = {.arena = arena};
    struct error err = {0};
    (void)state;
    write_text(arena, "origins.model",
               STR("model o 1\n set s = k0, k1, k2, k3, k4, k5, k6, k7\n input x[s] : t\n"
                   " out y[s] : t = x\n"));
    struct model_library *library = shipped_models(NULL);
    const struct model *model;
    assert_true(model_library_add_file(library, arena_printf(arena, "%s/origins.model", folder),
                                       &model, &none));
    enum { ENTITIES = 40, KEYS = 8 };
    struct model_data *data = model_data_new(arena, model, ENTITIES);
    int64_t wanted[ENTITIES][KEYS] = {{0}};
    uint64_t bits = 7;
    for (int i = 0; i < 2000; i++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        size_t entity = (bits >> 33) % ENTITIES, key = (bits >> 45) % KEYS;
        int64_t origin = (bits >> 52) % 3 == 0 || entity % 4 == 0 ? 0 : i + 1;
        wanted[entity][key] = origin;
        assert_true(model_data_set(data, entity, STR("x"),
                                   str_from(arena_printf(arena, "k%zu", key)), i, (str){"", 0},
                                   origin, &err));
    }
    const struct model_run *run = model_run(arena, model, data, NULL, &err);
    for (size_t e = 0; e < ENTITIES; e++)
        for (size_t k = 0; k < KEYS; k++) {
            str key = str_from(arena_printf(arena, "k%zu", k));
            const struct model_node *node = model_explain(arena, run, e, "y", key);
            while (node->child_count != 0) node = node->children[0];
            assert_int_equal(node->origin, wanted[e][k]);
        }
    model_library_close(library);
}

/* Sixteen times two parts of the two before: 2^16 leaves, of which 20,000 nodes are
 * written; the rest is said to be left out. */
static void test_long_explanation(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_diagnostics none = {.arena = arena};
    struct error err = {0};
    const struct model *model;
    (void)state;
    struct buf *text = buf_new(arena);
    buf_puts(text, "model long 1\n input x : t\n let y0 = x\n let w0 = 3 * x\n");
    for (int i = 1; i <= 16; i++)
        buf_printf(text, " let y%d = y%d + w%d\n let w%d = 2 * w%d + y%d\n", i, i - 1, i - 1, i,
                   i - 1, i - 1);
    buf_puts(text, " out z : t = y16\n out short : t = y3\n");
    write_text(arena, "long.model", buf_str(text));
    struct model_library *library = shipped_models(NULL);
    assert_true(model_library_add_file(library, arena_printf(arena, "%s/long.model", folder),
                                       &model, &none));
    struct model_data *data = model_data_new(arena, model, 1);
    assert_true(model_data_set(data, 0, STR("x"), (str){"", 0}, 1, STR("t"), 0, &err));
    const struct model_run *run = model_run(arena, model, data, NULL, &err);
    const struct model_node *z = model_explain(arena, run, 0, "z", (str){"", 0}),
                            *brief = model_explain(arena, run, 0, "short", (str){"", 0});
    assert_non_null(strstr(model_explain_text(arena, z, false), "more parts left out"));
    assert_non_null(strstr(model_explain_text(arena, z, true), "项未列出"));
    assert_non_null(strstr(model_explain_json(arena, z), "\"left_out\":"));
    assert_null(strstr(model_explain_text(arena, brief, false), "left out"));
    assert_null(strstr(model_explain_json(arena, brief), "left_out"));
    model_library_close(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases),
                                       cmocka_unit_test(test_manual),
                                       cmocka_unit_test(test_digest),
                                       cmocka_unit_test(test_origins),
                                       cmocka_unit_test(test_long_explanation),
                                       cmocka_unit_test(test_reference)};
    snprintf(folder, sizeof folder, "%s", "/tmp/tanshu-model-XXXXXX");
    if (mkdtemp(folder) == NULL) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return !file_remove_tree(folder) || failed != 0;
}
