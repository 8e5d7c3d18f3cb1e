/* The same bits everywhere: the outputs of one model that uses every operation, for ten thousand
 * generated entities on one thread and on eight, against the reference evaluator and against
 * digests kept in tests/golden/golden.txt.
 * Every build runs it (gcc, clang, sanitizers, AVX2). With `--print` it prints digests of every
 * shipped model over its examples and generated entities instead, so that two builds can be
 * compared. When bits change on purpose, MODEL_SEMANTICS_VERSION and golden.txt change with them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "model/reference.h"

static uint64_t state;

static uint64_t random_bits(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

/* A number that a factory might give: 0, whole, or with decimals, over six powers of ten. */
static double any_number(double least, double most)
{
    static const double scales[] = {0.001, 0.01, 0.1, 1, 10, 100, 1000};
    uint64_t kind = random_bits() % 12;
    double number = kind == 0 ? 0 : kind == 1 ? 1 : (double)(random_bits() % 1000000) / 77;
    number *= scales[random_bits() % 7];
    if (least > -1e300 && most < 1e300)
        number = least + (most - least) * ((double)(random_bits() % 10007) / 10007);
    return number < least ? least : number > most ? most : number;
}

static void set_one(struct model_data *data, size_t entity, const struct model_input *input,
                    const char *key)
{
    static const char *const texts[] = {"31", "30", "north", "south", "elsewhere"};
    struct error err = {0};
    str name = str_from(input->name), at = str_from(key);
    char day[DATE_TEXT_MAX];
    bool fine = true;
    uint64_t what = random_bits() % 16;
    if (what < 2) return;
    if (what == 2) {
        fine = model_data_set_missing(data, entity, name, at, 0, &err);
    } else if (input->type == MODEL_NUMBER) {
        double least = input->has_min ? input->min : -1e308,
               most = input->has_max ? input->max : 1e308;
        fine =
            model_data_set(data, entity, name, at, any_number(least, most), (str){"", 0}, 0, &err);
    } else {
        const char *text = texts[random_bits() % 5];
        date_format((date){14000 + (int32_t)(random_bits() % 6000)}, day);
        if (input->type == MODEL_DATE) text = day;
        if (input->type == MODEL_FLAG) text = random_bits() % 2 == 0 ? "true" : "false";
        if (input->type == MODEL_CHOICE)
            text = input->choices[random_bits() % input->choice_count].id;
        fine = model_data_set_text(data, entity, name, at, str_from(text), 0, &err);
    }
    CHECK(fine || err.code == ERROR_MODEL_KEY_DISABLED);
}

static struct model_data *generate(struct arena *arena, const struct model *model, size_t entities)
{
    const struct model_info *info = model_info(model);
    struct model_data *data = model_data_new(arena, model, entities);
    state = 20250331;
    for (size_t e = 0; e < entities; e++)
        for (size_t i = 0; i < info->input_count; i++) {
            const struct model_input *input = &info->inputs[i];
            for (size_t k = 0; k < (input->index == NULL ? 1 : input->key_count); k++)
                set_one(data, e, input, input->index == NULL ? "" : input->keys[k].id);
        }
    return data;
}

/* Status, and the bits of the number or the bytes of the text, entity after entity. */
static digest output_digest(const struct model_run *run, size_t output, size_t entities)
{
    const struct model_output *o = &model_info(run->model)->outputs[output];
    struct digest_state *sum = digest_begin();
    for (size_t e = 0; e < entities; e++)
        for (size_t k = 0; k < (o->index == NULL ? 1 : o->key_count); k++) {
            bool present;
            struct model_value value = model_run_value(
                run, e, o->name, o->index == NULL ? (str){"", 0} : str_from(o->keys[k].id),
                &present);
            uint64_t bits;
            memcpy(&bits, &value.number, sizeof bits);
            unsigned char bytes[10] = {present, (unsigned char)value.status};
            for (int i = 0; i < 8; i++) bytes[2 + i] = (unsigned char)(bits >> (8 * i));
            digest_add(sum, bytes, value.text != NULL ? 2 : sizeof bytes);
            if (value.text != NULL) digest_add(sum, value.text, strlen(value.text) + 1);
        }
    return digest_end(sum);
}

static const struct model_run *run_on(struct arena *arena, const struct model *model,
                                      const struct model_data *data, int threads)
{
    struct error err = {0};
    const struct model_run *run =
        model_run(arena, model, data, &(struct model_run_options){.threads = threads}, &err);
    CHECK(run != NULL);
    return run;
}

static struct model_library *open_root(struct arena *arena, const char *const *roots, size_t count)
{
    struct error err = {0};
    struct model_diagnostics found = {.arena = arena};
    struct model_library *library = model_library_open(roots, count, &found, &err);
    for (size_t i = 0; i < found.count; i++)
        fprintf(stderr, "%s:%d: %s\n", found.list[i].file, found.list[i].line,
                found.list[i].message);
    CHECK(library != NULL && found.count == 0);
    return library;
}

static int check_golden(struct arena *arena, const char *source)
{
    enum { ENTITIES = 10000 };
    const char *root = arena_printf(arena, "%s/src/model/tests/golden", source);
    struct error err = {0};
    str wanted, line;
    char *path = arena_printf(arena, "%s/golden.txt", root);
    if (!file_read(arena, path, 1 << 20, &wanted, &err)) return 1;
    const char *roots[] = {source, root}; /* the units of the one, models and tables of the other */
    struct model_library *library = open_root(arena, roots, 2);
    const struct model *model = model_library_find_version(library, "golden.all", "1");
    const struct model_info *info = model_info(model);
    const struct model_data *data = generate(arena, model, ENTITIES);
    const struct model_run *one = run_on(arena, model, data, 1),
                           *eight = run_on(arena, model, data, 8);
    struct buf *found = buf_new(arena);
    int failures = 0;
    const char *different = reference_compare(arena, model, data, 0, 100);
    if (different != NULL) fprintf(stderr, "%s\n", different);
    failures += different != NULL;
    buf_printf(found, "semantics %d\n", MODEL_SEMANTICS_VERSION);
    for (size_t i = 0; i < info->output_count; i++) {
        digest here = output_digest(one, i, ENTITIES);
        buf_printf(found, "%s %s\n", info->outputs[i].name, digest_hex(arena, here));
        if (digest_equal(here, output_digest(eight, i, ENTITIES))) continue;
        fprintf(stderr, "%s: eight threads give other bits than one\n", info->outputs[i].name);
        failures++;
    }
    str rest = buf_str(found), expected = wanted, other;
    while (str_cut(&rest, '\n', &line)) {
        bool more = str_cut(&expected, '\n', &other);
        if (more && str_equal(line, other)) continue;
        fprintf(stderr, "found    %.*s\nexpected %.*s\n", STR_ARG(line),
                STR_ARG(more ? other : STR("nothing")));
        failures++;
    }
    if (str_trim(expected).len != 0) failures++;
    model_library_close(library);
    return failures != 0;
}

static void print_shipped(struct arena *arena, const char *source)
{
    struct model_library *library = open_root(arena, &source, 1);
    for (size_t m = 0; m < model_library_count(library); m++) {
        const struct model *model = model_library_at(library, m);
        const struct model_info *info = model_info(model);
        for (size_t x = 0; x <= model->example_count; x++) {
            SCOPED(arena_close_scoped) struct arena *inner = arena_open((size_t)1 << 30);
            const char *wrong;
            size_t entities = x == model->example_count ? 60 : 1;
            const struct model_data *data =
                entities == 1 ? example_data(inner, model, model->examples[x], &wrong)
                              : generate(inner, model, entities);
            const struct model_run *run = run_on(inner, model, data, 2);
            for (size_t i = 0; i < info->output_count; i++)
                printf("%s@%s %zu %s %s\n", info->name, info->version, x, info->outputs[i].name,
                       digest_hex(inner, output_digest(run, i, entities)));
        }
    }
    model_library_close(library);
}

int main(int argc, char **argv)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    const char *source = getenv("TANSHU_SOURCE");
#ifdef __AVX2__
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
        printf("this processor has no AVX2\n");
        return 77;
    }
#endif
    if (source == NULL) return 2;
    if (argc < 2 || strcmp(argv[1], "--print") != 0) return check_golden(arena, source);
    print_shipped(arena, source);
    return 0;
}
