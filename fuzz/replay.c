/* Runs a fuzz target over files and folders given as arguments: how its corpus is tested without
 * libFuzzer. */
#include "base/file.h"

#include <stdio.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int files;

static bool replay(struct arena *arena, const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        char **names;
        size_t count;
        if (!file_list(arena, path, &names, &count, NULL)) return false;
        for (size_t i = 0; i < count; i++)
            if (!replay(arena, arena_printf(arena, "%s/%s", path, names[i]))) return false;
        return true;
    }
    str content;
    if (!file_read(arena, path, (size_t)64 << 20, &content, NULL)) return false;
    files++;
    return LLVMFuzzerTestOneInput((const uint8_t *)content.ptr, content.len) == 0;
}

int main(int argc, char **argv)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    for (int i = 1; i < argc; i++) {
        if (replay(arena, argv[i])) continue;
        fprintf(stderr, "can't replay %s\n", argv[i]);
        return 1;
    }
    printf("%d inputs\n", files);
    return files > 0 ? 0 : 1;
}
