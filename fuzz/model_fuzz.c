/* Arbitrary bytes as a model: they are parsed, checked, compiled, their examples run, and laid out.
 * With clang's libFuzzer it is a fuzz target; built plain, it replays the files named on its
 * command line and then as many mutations of them as TANSHU_FUZZ_ROUNDS says, from a fixed seed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "model/diff.h"
#include "model/fmt.h"
#include "model/graph.h"
#include "model/show.h"
#include "model_library.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct model_diagnostics found = {.arena = arena};
    struct model_library *library = fuzz_open_library();
    const struct model *model =
        library_load_text(library, STR("fuzz.model"), (str){(const char *)bytes, size}, &found);
    CHECK((model == NULL) == (found.count != 0)); /* refused with a reason, or not at all */
    const struct model_example_result *results;
    if (model != NULL) model_test(arena, model, &results);
    if (model != NULL) { /* what is shown of it; nothing differs from itself */
        struct changes changes = {.arena = arena};
        struct graph graph;
        diff_models(&changes, model, model);
        CHECK(changes.count == 0);
        CHECK(graph_make(arena, model, NULL, &graph));
        CHECK(graph_svg(arena, model, &graph, true)[0] == '<');
        CHECK(show_html(arena, model, true)[0] == '<');
    }
    /* Layout: what parses is laid out with the same meaning, and once is enough. */
    struct model_diagnostics layout = {.arena = arena};
    str once, twice;
    if (fmt_model(arena, library, STR("fuzz.model"), (str){(const char *)bytes, size}, &layout,
                  &once)) {
        CHECK(fmt_model(arena, library, STR("fuzz.model"), once, &layout, &twice));
        CHECK(str_equal(once, twice));
    }
    for (size_t i = 0; i < layout.count; i++) CHECK(strcmp(layout.list[i].rule, "format") != 0);
    model_library_close(library);
    return 0;
}

#ifndef TANSHU_LIBFUZZER
static uint64_t seed = 20250101;

static size_t next(size_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return below == 0 ? 0 : (size_t)(seed >> 33) % below;
}

/* A byte changed, a run cut out, a run doubled, or a token of the language put in. */
static size_t mutate(char *text, size_t size, size_t capacity)
{
    static const char *const words[] = {"(",
                                        ")",
                                        "[fuel]",
                                        " / 0",
                                        " t CO2",
                                        "sum(",
                                        "\n  let ",
                                        "\"",
                                        "^9",
                                        "if ",
                                        " then ",
                                        "lookup(",
                                        "prev(",
                                        "1e308",
                                        "-",
                                        "../",
                                        "\xe4\xb8\x87",
                                        "fuel.unit",
                                        " by ",
                                        " over ",
                                        " weight ",
                                        "\n  use a 1 as b\n",
                                        "growth(",
                                        "rank(",
                                        " in ",
                                        " uncertainty ",
                                        "other.",
                                        "\n  measure m : "};
    for (size_t times = 1 + next(4); times > 0 && size > 4; times--) {
        size_t at = next(size), length = next(size_min(40, size - at));
        switch (next(4)) {
        case 0: text[at] = (char)next(256); break;
        case 1:
            memmove(text + at, text + at + length, size - at - length);
            size -= length;
            break;
        case 2:
            if (size + length > capacity) break;
            memmove(text + at + length, text + at, size - at);
            size += length;
            break;
        default: {
            const char *word = words[next(ARRAY_LEN(words))];
            length = strlen(word);
            if (size + length > capacity) break;
            memmove(text + at + length, text + at, size - at);
            memcpy(text + at, word, length);
            size += length;
        }
        }
    }
    return size;
}

int main(int argc, char **argv)
{
    const char *asked = getenv("TANSHU_FUZZ_ROUNDS");
    int64_t rounds = 0;
    if (asked != NULL && !num_parse_int(str_from(asked), &rounds)) return 2;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    for (int i = 1; i < argc; i++) {
        struct error err = {0};
        str text;
        if (!file_read(arena, argv[i], 1 << 24, &text, &err)) {
            fprintf(stderr, "%s\n", error_render(arena, &err, error_sentence(err.code)));
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)text.ptr, text.len);
        size_t capacity = text.len * 2 + 4096;
        for (int64_t round = 0; round < rounds; round++) {
            char *copy =
                malloc(capacity); /* of the exact size, so that a sanitizer sees one byte too far */
            if (copy == NULL) return 3;
            memcpy(copy, text.ptr, text.len);
            size_t size = mutate(copy, text.len, capacity);
            char *exact = realloc(copy, size_max(size, 1));
            if (exact == NULL) return 3;
            LLVMFuzzerTestOneInput((const uint8_t *)exact, size);
            free(exact);
        }
    }
    return 0;
}
#endif
