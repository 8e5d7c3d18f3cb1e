/* Laws that hold for every model: units form a group with sizes that convert both ways, the order
 * of definitions means nothing, and an explanation's terms add up to the figure they explain. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "model/program.h"
#include "shipped.h"

static uint64_t seed = 7;

static size_t choose(size_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % below;
}

static struct model_library *open_library(struct arena *arena, bool golden)
{
    return shipped_models(golden ? shipped_path(arena, "src/model/tests/golden") : NULL);
}

/* ---- units -------------------------------------------------------------------------------- */

static struct unit any_unit(struct model_library *library, struct arena *arena)
{
    static const char *const texts[] = {"t",   "kg CO2", "MWh", "GJ",    "1e4 Nm3",    "%",
                                        "CNY", "year",   "t C", "km",    "kWh",        "t CO2e",
                                        "tce", "day",    "1",   "MJ/kg", "(t CO2)/MWh"};
    struct unit unit = unit_one();
    for (size_t i = 1 + choose(3); i > 0; i--) {
        struct unit atom;
        const char *text = texts[choose(ARRAY_LEN(texts))];
        assert_true(
            unit_parse_text(&library->units, arena, str_from(text), true, (str){"", 0}, &atom));
        assert_true(unit_multiply(&unit, &atom, choose(2) == 0 ? 1 : -1));
    }
    return unit;
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(fabs(a), fabs(b));
}

static void test_units(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_library *library = open_library(arena, false);
    (void)state;
    for (int i = 0; i < 2000; i++) {
        struct unit a = any_unit(library, arena), b = any_unit(library, arena), one = unit_one();
        struct unit ab = a, ba = b, back, square = a, twice = a, inverse = one;
        assert_true(unit_multiply(&ab, &b, 1) && unit_multiply(&ba, &a, 1));
        assert_true(unit_same_dimension(&ab, &ba)); /* a b = b a */
        assert_true(near(unit_ratio(&ab, &ba), 1));
        back = ab;
        assert_true(unit_multiply(&back, &b, -1)); /* a b / b = a */
        assert_true(unit_same_dimension(&back, &a) && near(unit_ratio(&back, &a), 1));
        assert_true(unit_power(&square, 2) && unit_multiply(&twice, &a, 1)); /* a^2 = a a */
        assert_true(unit_same_dimension(&square, &twice) && near(unit_ratio(&square, &twice), 1));
        assert_true(unit_multiply(&inverse, &a, -1) && unit_multiply(&inverse, &a, 1));
        assert_true(unit_is_one(&inverse)); /* a / a has no dimension and no size */
        assert_true(near(unit_ratio(&inverse, &one), 1));
        if (unit_same_dimension(&a, &b)) /* there and back */
            assert_true(near(unit_ratio(&a, &b) * unit_ratio(&b, &a), 1));
        char *shown = unit_format(arena, &library->units, &a); /* what is shown is read again */
        struct unit again;
        assert_true(
            unit_parse_text(&library->units, arena, str_from(shown), true, (str){"", 0}, &again));
        assert_true(unit_same_dimension(&again, &a));
    }
    model_library_close(library);
}

/* ---- order -------------------------------------------------------------------------------- */

static const struct model_run *run_example(struct arena *arena, const struct model *model)
{
    struct model_data *data = model_data_new(arena, model, 1);
    struct error err = {0};
    const struct model_info *info = model_info(model);
    for (size_t i = 0; i < info->input_count; i++) {
        const struct model_input *in = &info->inputs[i];
        for (size_t k = 0; k < (in->index == NULL ? 1 : in->key_count); k++) {
            str key = in->index == NULL ? (str){"", 0} : str_from(in->keys[k].id);
            double number = 0.7 + (double)((strlen(in->name) * 13 + k * 7) % 29) / 3;
            if (in->type == MODEL_NUMBER)
                assert_true(model_data_set(data, 0, str_from(in->name), key, number, (str){"", 0},
                                           0, &err));
            else
                assert_true(model_data_set_text(data, 0, str_from(in->name), key,
                                                in->type == MODEL_DATE     ? STR("2013-05-05")
                                                : in->type == MODEL_FLAG   ? STR("true")
                                                : in->type == MODEL_CHOICE ? STR("large")
                                                : strcmp(in->name, "industry") == 0 ? STR("31")
                                                                                    : STR("north"),
                                                0, &err));
        }
    }
    const struct model_run *run = model_run(arena, model, data, NULL, &err);
    assert_non_null(run);
    return run;
}

/* The lines of let, const and out change places; everything else stays. */
static str shuffled(struct arena *arena, str text)
{
    str lines[200], line, *movable[200];
    size_t count = 0, moving = 0;
    while (str_cut(&text, '\n', &line)) {
        assert_true(count < ARRAY_LEN(lines));
        lines[count] = line;
        bool moves =
            str_starts(line, "let ") || str_starts(line, "const ") || str_starts(line, "out ");
        if (moves) movable[moving++] = &lines[count];
        count++;
    }
    for (size_t i = moving; i > 1; i--) {
        str *other = movable[choose(i)], kept = *other;
        *other = *movable[i - 1];
        *movable[i - 1] = kept;
    }
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < count; i++) buf_printf(out, "%.*s\n", STR_ARG(lines[i]));
    return buf_str(out);
}

static void test_order(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct model_library *library = open_library(arena, true);
    const struct model *model = model_library_find_version(library, "golden.all", "1");
    const struct model_run *run = run_example(arena, model);
    const struct model_info *info = model_info(model);
    size_t known = 0;
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct model_diagnostics found = {.arena = arena};
        const struct model *other =
            library_load_text(library, STR("shuffled.model"), shuffled(arena, model->text), &found);
        assert_non_null(other);
        const struct model_run *again = run_example(arena, other);
        for (size_t i = 0; i < info->output_count; i++) {
            const char *name = info->outputs[i].name;
            str key = info->outputs[i].index == NULL ? (str){"", 0}
                                                     : str_from(info->outputs[i].keys[0].id);
            struct model_value a = model_run_value(run, 0, name, key, NULL),
                               b = model_run_value(again, 0, name, key, NULL);
            assert_int_equal(a.status, b.status);
            assert_memory_equal(&a.number, &b.number, sizeof a.number);
            known += a.status == MODEL_OK;
        }
    }
    assert_true(known > 50 * info->output_count * 2 / 3); /* it computed something */
    model_library_close(library);
}

/* ---- explanations ------------------------------------------------------------------------- */

/* "sum(…)" and nothing behind its bracket. */
static bool is_plain_sum(const char *text)
{
    if (text == NULL || strncmp(text, "sum(", 4) != 0 || strstr(text, " where ") != NULL)
        return false;
    int depth = 0;
    for (const char *c = text; *c != '\0'; c++) {
        depth += (*c == '(') - (*c == ')');
        if (depth == 0 && *c == ')') return c[1] == '\0';
    }
    return false;
}

static size_t check_sums(const struct model_node *node)
{
    size_t checked = 0;
    double sum = 0;
    bool whole = is_plain_sum(node->expression) && node->value.status == MODEL_OK;
    for (size_t i = 0; i < node->child_count; i++) {
        const struct model_node *child = node->children[i];
        checked += check_sums(child);
        whole = whole && child->value.status == MODEL_OK && child->unit != NULL &&
                node->unit != NULL && strcmp(child->unit, node->unit) == 0;
        sum += child->value.number;
    }
    if (!whole || node->child_count == 0) return checked;
    assert_true(near(sum, node->value.number));
    return checked + 1;
}

static void test_explanations(void **state)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct model_library *library = open_library(arena, false);
    size_t checked = 0;
    (void)state;
    for (size_t m = 0; m < model_library_count(library); m++) {
        const struct model *model = model_library_at(library, m);
        const struct model_info *info = model_info(model);
        for (size_t x = 0; x < model->example_count; x++) {
            const char *wrong;
            struct error err = {0};
            const struct model_data *data = example_data(arena, model, model->examples[x], &wrong);
            const struct model_run *run = model_run(arena, model, data, NULL, &err);
            for (size_t i = 0; i < info->output_count; i++) {
                if (info->outputs[i].index != NULL) continue;
                const struct model_node *node =
                    model_explain(arena, run, 0, info->outputs[i].name, (str){"", 0});
                struct model_value value =
                    model_run_value(run, 0, info->outputs[i].name, (str){"", 0}, NULL);
                assert_memory_equal(&value.number, &node->value.number, sizeof value.number);
                checked += check_sums(node);
            }
        }
    }
    assert_true(checked > 30);
    model_library_close(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_units), cmocka_unit_test(test_order),
                                       cmocka_unit_test(test_explanations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
