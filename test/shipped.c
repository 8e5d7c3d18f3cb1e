#include "unit.h"

#include <stdlib.h>

#include "base/file.h"
#include "shipped.h"

char *shipped_path(struct arena *arena, const char *path)
{
    const char *source = getenv("TANSHU_SOURCE");
    assert_non_null(source);
    return arena_printf(arena, "%s/%s", source, path);
}

str shipped_read(struct arena *arena, const char *path)
{
    struct error err = {0};
    str text = {"", 0};
    if (!file_read(arena, shipped_path(arena, path), (size_t)1 << 24, &text, &err))
        fail_msg("%s", error_render(arena, &err, error_sentence(err.code)));
    return text;
}

struct model_library *shipped_models(const char *also)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_diagnostics found = {.arena = arena};
    const char *const roots[] = {shipped_path(arena, "."), also};
    struct error err = {0};
    struct model_library *library = model_library_open(roots, also == NULL ? 1 : 2, &found, &err);
    if (library == NULL) fail_msg("%s", error_render(arena, &err, error_sentence(err.code)));
    if (found.count != 0)
        fail_msg("%s:%d: %s", found.list[0].file, found.list[0].line, found.list[0].message);
    return library;
}

void shipped_run_cases(const char *folder, int (*failures_of)(const char *path))
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error err = {0};
    char **names;
    size_t count, files = 0;
    int failures = 0;
    assert_true(file_list(arena, shipped_path(arena, folder), &names, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (!str_ends(str_from(names[i]), ".txt")) continue;
        failures += failures_of(arena_printf(arena, "%s/%s", folder, names[i]));
        files++;
    }
    assert_true(files > 0);
    assert_int_equal(failures, 0);
}
