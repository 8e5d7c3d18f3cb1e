#include "model/command.h"

#include <string.h>

#include "model/tanshu_model.h"

static size_t print_diagnostics(const struct model_diagnostics *all, FILE *err)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct model_diagnostic *d = &all->list[i];
        fprintf(err, "%s:%d:%d: %s: %s\n", d->file, d->line, d->column, d->rule, d->message);
        if (d->hint != NULL) fprintf(err, "    hint: %s\n", d->hint);
    }
    return all->count;
}

int model_command(int argc, char **argv, const char *const *roots, size_t root_count, FILE *out, FILE *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_diagnostics diagnostics = {.arena = arena};
    struct error error = {0};
    (void)out;
    if (argc < 2 || strcmp(argv[0], "check") != 0) return 2;
    const char *none[1] = {NULL};
    (void)none;
    struct model_library *library = model_library_open(roots, root_count, &(struct model_diagnostics){.arena = arena}, &error);
    if (library == NULL) {
        fprintf(err, "%s\n", error_render(arena, &error, error_sentence(error.code)));
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        const struct model *model;
        (void)model_library_add_file(library, argv[i], &model, &diagnostics);
    }
    size_t count = print_diagnostics(&diagnostics, err);
    model_library_close(library);
    return count != 0;
}
