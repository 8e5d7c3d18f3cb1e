/* sqlgen statements ROOM OUT.c OUT.h ROOM.sql SCHEMA...   typed functions, proven against the
 * schemas sqlgen migration SYMBOL OUT.c SCHEMA...                 the migration in both dialects
 * sqlgen index OUT.c ROOM...                              a table of all rooms' statements
 * Faults are told as file:line: error: … and end with status 1. */
#include "sqlgen.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define SOURCE_BYTES_MAX ((size_t)4 << 20)

static str read_source(struct arena *arena, const char *path)
{
    struct error err;
    str text;
    if (!file_read(arena, path, SOURCE_BYTES_MAX, &text, &err))
        fail_at(path, 0, "%s", error_render(arena, &err, error_sentence(err.code)));
    if (!utf8_valid(text)) fail_at(path, 0, "the file is not UTF-8");
    return text;
}

static void write_output(struct arena *arena, const char *path, const struct buf *buf)
{
    struct error err;
    if (!file_write(path, buf_str(buf), &err))
        fail_at(path, 0, "%s", error_render(arena, &err, error_sentence(err.code)));
}

static void read_schemas(struct schema *schema, char **paths, int count)
{
    for (int i = 0; i < count; i++)
        schema_read(schema, paths[i], read_source(schema->arena, paths[i]));
}

int main(int argc, char **argv)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct schema schema = {.arena = arena};
    struct statements statements = {.arena = arena};
    struct buf *out = buf_new(arena);
    if (argc >= 6 && strcmp(argv[1], "statements") == 0) {
        struct buf *header = buf_new(arena);
        read_schemas(&schema, argv + 6, argc - 6);
        statements_read(&statements, argv[2], argv[5], read_source(arena, argv[5]));
        check_all(&schema, &statements);
        emit_statements(out, header, argv[2], &statements);
        write_output(arena, argv[3], out);
        write_output(arena, argv[4], header);
    } else if (argc >= 4 && strcmp(argv[1], "migration") == 0) {
        read_schemas(&schema, argv + 4, argc - 4);
        check_all(&schema, &statements);
        emit_migration(out, &schema, argv[2]);
        write_output(arena, argv[3], out);
    } else if (argc >= 3 && strcmp(argv[1], "index") == 0) {
        emit_index(out, (const char *const *)argv + 3, (size_t)argc - 3);
        write_output(arena, argv[2], out);
    } else {
        fprintf(stderr,
                "usage: sqlgen statements|migration|index … (see the head of tools/sqlgen.c)\n");
        return 2;
    }
    return 0;
}
