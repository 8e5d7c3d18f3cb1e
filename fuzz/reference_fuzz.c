/* Random models over random data: the machine, plain and optimised, on one thread and on three,
 * against the reference evaluator, bit for bit. With clang's libFuzzer the input's bytes make the
 * choices; built plain, TANSHU_FUZZ_ROUNDS models are made from a fixed seed, or one from each seed
 * named on the command line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "model/reference.h"
#include "model_library.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ENTITIES = 9, DEPTH = 4, NAMES_MAX = 40 };
enum unit_kind { PLAIN, TONNES, UNIT_KINDS };
static const char *const unit_names[] = {"1", "t"};
static const char *const index_names[] = {"", "s", "alternative"};
enum { NO_INDEX, SET_INDEX, TABLE_INDEX, INDEXES };

struct name {
    char text[16];
    enum unit_kind unit;
    int index;
};
struct maker {
    const uint8_t *bytes; /* choices; from `state` once they are used up */
    size_t size;
    uint64_t state;
    struct buf *out;
    struct name names[NAMES_MAX];
    size_t count;
};

static size_t choose(struct maker *m, size_t below)
{
    if (m->size != 0) {
        m->size--;
        return *m->bytes++ % below;
    }
    m->state = m->state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(m->state >> 33) % below;
}

static double any_number(struct maker *m)
{
    static const double numbers[] = {0,   1,     -1,   0.1,    3,      1e-7, 44.0 / 12,
                                     1e9, 1e300, -7.5, 1e-300, 0.3333, 2,    12.25};
    double number = numbers[choose(m, ARRAY_LEN(numbers))];
    return choose(m, 3) == 0 ? number : number * (double)choose(m, 1000) / 7;
}

static void literal(struct maker *m, enum unit_kind unit)
{
    static const char *const suffixes[][3] = {{"", "", " %"}, {" t", " kg", " t"}};
    char text[NUM_TEXT_MAX];
    double number = any_number(m);
    num_format(number < 0 ? -number : number, text);
    buf_printf(m->out, number < 0 ? "(-%s%s)" : "%s%s", text, suffixes[unit][choose(m, 3)]);
}

static void number_expr(struct maker *m, enum unit_kind unit, int index, int depth);

/* A name of the unit that may stand in a formula by `index`; a literal when there is none. */
static void name_expr(struct maker *m, enum unit_kind unit, int index)
{
    for (int tries = 0; tries < 8 && m->count != 0; tries++) {
        const struct name *name = &m->names[choose(m, m->count)];
        if (name->unit != unit) continue;
        if (name->index == NO_INDEX || name->index == index) {
            buf_puts(m->out, name->text);
            return;
        }
        if (name->index == SET_INDEX) {
            buf_printf(m->out, "%s[%c]", name->text, (char)('a' + choose(m, 4)));
            return;
        }
    }
    literal(m, unit);
}

static void two(struct maker *m, const char *mark, enum unit_kind left, enum unit_kind right,
                int index, int depth)
{
    buf_putc(m->out, '(');
    number_expr(m, left, index, depth);
    buf_puts(m->out, mark);
    number_expr(m, right, index, depth);
    buf_putc(m->out, ')');
}

static void flag_expr(struct maker *m, int index, int depth)
{
    static const char *const compares[] = {" < ", " <= ", " > ", " >= ", " = ", " != "};
    static const char *const logic[] = {" and ", " or "};
    enum unit_kind unit = (enum unit_kind)choose(m, UNIT_KINDS);
    switch (depth <= 0 ? 0 : choose(m, 6)) {
    case 1:
        buf_puts(m->out, "missing(");
        number_expr(m, unit, index, depth - 1);
        buf_putc(m->out, ')');
        break;
    case 2:
        buf_puts(m->out, "(not ");
        flag_expr(m, index, depth - 1);
        buf_putc(m->out, ')');
        break;
    case 3:
        buf_putc(m->out, '(');
        flag_expr(m, index, depth - 1);
        buf_puts(m->out, logic[choose(m, 2)]);
        flag_expr(m, index, depth - 1);
        buf_putc(m->out, ')');
        break;
    case 4:
        if (index == SET_INDEX)
            buf_puts(m->out, choose(m, 2) == 0 ? "s = \"b\"" : "s != word");
        else
            buf_puts(m->out, choose(m, 2) == 0 ? "word = \"b\"" : "on");
        break;
    default: two(m, compares[choose(m, 6)], unit, unit, index, depth - 1);
    }
}

static void call(struct maker *m, const char *head, enum unit_kind unit, int index, int depth,
                 size_t count, const char *tail)
{
    buf_puts(m->out, head);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) buf_puts(m->out, ", ");
        number_expr(m, unit, index, depth);
    }
    buf_puts(m->out, tail);
}

/* sum(…), mean(…) … over an index that the whole does not go by. */
static void over_expr(struct maker *m, enum unit_kind unit, int depth)
{
    static const char *const heads[] = {"sum(", "sum(", "mean(", "min(", "max("};
    int inner = 1 + (int)choose(m, INDEXES - 1);
    bool found = false;
    size_t from = m->out->len, head = choose(m, ARRAY_LEN(heads));
    buf_puts(m->out, heads[head]);
    for (size_t i = 0; i < m->count && !found; i++) {
        const struct name *name = &m->names[(i + head) % m->count];
        found = name->index == inner && name->unit == unit;
        if (found) buf_puts(m->out, name->text);
    }
    if (!found) {
        m->out->len = from;
        name_expr(m, unit, NO_INDEX);
        return;
    }
    buf_puts(m->out, " * ");
    number_expr(m, PLAIN, inner, depth);
    if (choose(m, 3) == 0) {
        buf_puts(m->out, " where ");
        flag_expr(m, inner, depth - 1);
    }
    buf_putc(m->out, ')');
}

static void plain_only(struct maker *m, int index, int depth)
{
    switch (choose(m, 9)) {
    case 0: two(m, " / ", TONNES, TONNES, index, depth); break;
    case 1: call(m, "exp(0.01 * ", PLAIN, index, depth, 1, ")"); break;
    case 2: call(m, "ln(", PLAIN, index, depth, 1, ")"); break;
    case 3: call(m, "sqrt(", PLAIN, index, depth, 1, ")"); break;
    case 4:
        call(m, "(", PLAIN, index, depth, 1, ")");
        buf_printf(m->out, "^%zu", choose(m, 4));
        break;
    case 5:
        call(m, "points(", TONNES, index, depth, 1, ", (0 t, 1), (10 t, 3), (1e4 t, 2))");
        break;
    case 6:
        buf_puts(m->out, index == TABLE_INDEX ? "alternative.fossil_share"
                                              : "lookup(alternative.fossil_share, id = word)");
        break;
    case 7: call(m, "twice(", PLAIN, index, depth, 2, ")"); break;
    default: two(m, " / ", PLAIN, PLAIN, index, depth); break;
    }
}

static void number_expr(struct maker *m, enum unit_kind unit, int index, int depth)
{
    if (depth <= 0) {
        name_expr(m, unit, index);
        return;
    }
    depth--;
    switch (choose(m, 14)) {
    case 0: two(m, " + ", unit, unit, index, depth); break;
    case 1: two(m, " - ", unit, unit, index, depth); break;
    case 2: two(m, " * ", unit, PLAIN, index, depth); break;
    case 3: two(m, " / ", unit, PLAIN, index, depth); break;
    case 4: two(m, " * ", PLAIN, unit, index, depth); break;
    case 5:
        call(m, choose(m, 2) == 0 ? "min(" : "max(", unit, index, depth, 2 + choose(m, 2), ")");
        break;
    case 6: call(m, "coalesce(", unit, index, depth, 2 + choose(m, 2), ")"); break;
    case 7: call(m, "clamp(", unit, index, depth, 3, ")"); break;
    case 8: call(m, "round(", unit, index, depth, 1, choose(m, 2) == 0 ? ")" : ", 2)"); break;
    case 9:
        buf_puts(m->out, "(if ");
        flag_expr(m, index, depth);
        buf_puts(m->out, " then ");
        number_expr(m, unit, index, depth);
        buf_puts(m->out, " else ");
        number_expr(m, unit, index, depth);
        buf_putc(m->out, ')');
        break;
    case 10:
        if (index == NO_INDEX)
            over_expr(m, unit, depth);
        else
            call(m, "(-", unit, index, depth, 1, ")");
        break;
    case 11:
        if (unit == PLAIN)
            plain_only(m, index, depth);
        else
            call(m, "abs(", unit, index, depth, 1, ")");
        break;
    case 12:
        buf_puts(m->out, "(case word when \"b\" then ");
        number_expr(m, unit, index, depth);
        buf_puts(m->out, " when \"c\" then ");
        number_expr(m, unit, index, depth);
        buf_puts(m->out, " else ");
        number_expr(m, unit, index, depth);
        buf_putc(m->out, ')');
        break;
    default: name_expr(m, unit, index);
    }
}

static void define(struct maker *m, const char *word, size_t number)
{
    struct name *name = &m->names[m->count];
    *name = (struct name){.unit = (enum unit_kind)choose(m, UNIT_KINDS),
                          .index = (int)choose(m, INDEXES)};
    snprintf(name->text, sizeof name->text, "%c%zu", word[0], number);
    const char *index = index_names[name->index];
    buf_printf(m->out, "  %s %s%s%s%s : %s", word, name->text, name->index == NO_INDEX ? "" : "[",
               index, name->index == NO_INDEX ? "" : "]", unit_names[name->unit]);
    if (word[0] == 'i') {
        if (choose(m, 4) == 0) buf_puts(m->out, " = 2");
    } else {
        buf_puts(m->out, " = ");
        number_expr(m, name->unit, name->index, DEPTH);
    }
    buf_putc(m->out, '\n');
    m->count++;
}

static str make_model(struct maker *m)
{
    buf_puts(m->out, "model fuzz 1\n"
                     "  table alternative from \"factors/alternative-fuels.csv\"\n"
                     "  set s = a, b, c, d\n"
                     "  input word : text = \"b\"\n"
                     "  input on : flag\n"
                     "  function twice(x: 1, y: 1) : 1 = x * y * x\n");
    for (size_t i = 0; i < 8; i++) define(m, "input", i);
    for (size_t i = 0; i < 8; i++) define(m, "let", i);
    for (size_t i = 0; i < 5; i++) define(m, "out", i);
    buf_puts(m->out, "  out label = band(");
    number_expr(m, PLAIN, NO_INDEX, 2);
    buf_puts(m->out, ") high >= 3, middle > 1, low otherwise\n");
    return buf_str(m->out);
}

static void set_one(struct maker *m, struct model_data *data, size_t entity,
                    const struct model_input *input, const char *key)
{
    struct error err = {0};
    bool fine = true;
    size_t what = choose(m, 8);
    if (what < 2) return;
    if (what == 2)
        fine = model_data_set_missing(data, entity, str_from(input->name), str_from(key), 0, &err);
    else
        fine = model_data_set(data, entity, str_from(input->name), str_from(key), any_number(m),
                              (str){"", 0}, 0, &err);
    CHECK(fine || err.code == ERROR_MODEL_KEY_DISABLED);
}

static void set_text(struct maker *m, struct model_data *data, size_t entity, const char *name)
{
    static const char *const words[] = {"a", "b", "c", "waste_tyres", "true", "false"};
    bool flag = strcmp(name, "on") == 0;
    const char *word = words[flag ? 4 + choose(m, 2) : choose(m, 4)];
    struct error err = {0};
    if (choose(m, 4) == 0) return;
    CHECK(model_data_set_text(data, entity, str_from(name), (str){"", 0}, str_from(word), 0, &err));
}

static struct model_data *make_data(struct maker *m, struct arena *arena, const struct model *model)
{
    const struct model_info *info = model_info(model);
    struct model_data *data = model_data_new(arena, model, ENTITIES);
    for (size_t i = 0; i < info->input_count; i++) {
        const struct model_input *input = &info->inputs[i];
        size_t keys = size_max(input->key_count, 1);
        if (input->type == MODEL_NUMBER && input->index != NULL && choose(m, 4) == 0) {
            double *values = ARENA_NEW_ARRAY(arena, double, ENTITIES *keys + 1);
            struct error err = {0};
            for (size_t k = 0; k < ENTITIES * keys; k++) values[k] = any_number(m);
            CHECK(model_data_set_dense(data, str_from(input->name), values, &err));
            continue;
        }
        for (size_t e = 0; e < ENTITIES; e++)
            for (size_t k = 0; k < keys; k++)
                if (input->type != MODEL_NUMBER)
                    set_text(m, data, e, input->name);
                else
                    set_one(m, data, e, input, input->index == NULL ? "" : input->keys[k].id);
    }
    return data;
}

static size_t loaded;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct model_diagnostics found = {.arena = arena};
    struct model_library *library = fuzz_open_library();
    struct maker m = {.bytes = bytes, .size = size, .state = 1, .out = buf_new(arena)};
    for (size_t i = 0; i < size; i++) m.state = m.state * 1099511628211u + bytes[i];
    str text = make_model(&m);
    const struct model *model = library_load_text(library, STR("fuzz.model"), text, &found);
    if (model != NULL) {
        loaded++;
        const struct model_data *data = make_data(&m, arena, model);
        const char *different = reference_compare(arena, model, data, 0, 2);
        if (different != NULL) {
            fprintf(stderr, "%.*s\n%s\n", STR_ARG(text), different);
            abort();
        }
        CHECK(model->fast->step_count <= model->program->step_count);
    } else if (getenv("TANSHU_FUZZ_SHOW") != NULL) {
        fprintf(stderr, "%.*s\n%d %s\n", STR_ARG(text), found.list[0].line, found.list[0].message);
    }
    model_library_close(library);
    return 0;
}

#ifndef TANSHU_LIBFUZZER
int main(int argc, char **argv)
{
    const char *asked = getenv("TANSHU_FUZZ_ROUNDS");
    int64_t rounds = 100;
    if (asked != NULL && !num_parse_int(str_from(asked), &rounds)) return 2;
    for (int i = 1; i < argc; i++)
        LLVMFuzzerTestOneInput((const uint8_t *)argv[i], strlen(argv[i]));
    for (int64_t round = 0; argc < 2 && round < rounds; round++) {
        char seed[32];
        int length = snprintf(seed, sizeof seed, "seed %lld", (long long)round);
        LLVMFuzzerTestOneInput((const uint8_t *)seed, (size_t)length);
    }
    printf("%zu of %lld models were whole and agreed\n", loaded, (long long)rounds);
    return argc < 2 && loaded * 2 < (size_t)rounds; /* a maker of broken models tests nothing */
}
#endif
