/* sqlgen statements ROOM OUT.c OUT.h ROOM.sql SCHEMA...
 *     typed functions, proven against the schemas
 * sqlgen migration SYMBOL OUT.c SCHEMA...
 *     all schemas as one step, in both dialects
 * sqlgen history SYMBOL OUT.c LIST MIGRATION... [-- SCHEMA...]
 *     numbered steps, each with the digest that LIST says; with schemas: that they make the same
 * sqlgen index OUT.c ROOM...
 *     a table of all rooms' statements
 * Faults are told as file:line: error: … and end with status 1. */
#include "sqlgen.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define SOURCE_BYTES_MAX ((size_t)4 << 20)

str source_read(struct arena *arena, const char *path)
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
        schema_read(schema, 1, paths[i], source_read(schema->arena, paths[i]));
}

/* argv: SYMBOL OUT.c LIST MIGRATION... [-- SCHEMA...] */
static void write_history(struct arena *arena, int argc, char **argv)
{
    struct schema steps = {.arena = arena}, rooms = {.arena = arena};
    struct statements none = {.arena = arena};
    struct buf *out = buf_new(arena);
    int count = 0;
    while (3 + count < argc && strcmp(argv[3 + count], "--") != 0) count++;
    str *names = ARENA_NEW_ARRAY(arena, str, (size_t)count + 1);
    history_read(&steps, argv[2], argv + 3, count, names);
    check_all(&steps, &none);
    bool by_rooms = 4 + count < argc;
    if (by_rooms) {
        read_schemas(&rooms, argv + 4 + count, argc - 4 - count);
        history_check(&steps, &rooms, argv[2], count);
    }
    emit_migration(out, &steps, names, count, by_rooms ? &rooms : &steps, argv[0]);
    write_output(arena, argv[1], out);
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
        statements_read(&statements, argv[2], argv[5], source_read(arena, argv[5]));
        check_all(&schema, &statements);
        emit_statements(out, header, argv[2], &statements);
        write_output(arena, argv[3], out);
        write_output(arena, argv[4], header);
    } else if (argc >= 4 && strcmp(argv[1], "migration") == 0) {
        read_schemas(&schema, argv + 4, argc - 4);
        check_all(&schema, &statements);
        emit_migration(out, &schema, &STR("schema"), 1, &schema, argv[2]);
        write_output(arena, argv[3], out);
    } else if (argc >= 6 && strcmp(argv[1], "history") == 0) {
        write_history(arena, argc - 2, argv + 2);
    } else if (argc >= 3 && strcmp(argv[1], "index") == 0) {
        emit_index(out, (const char *const *)argv + 3, (size_t)argc - 3);
        write_output(arena, argv[2], out);
    } else {
        fprintf(stderr, "usage: sqlgen statements|migration|history|index … (see the head of "
                        "tools/sqlgen.c)\n");
        return 2;
    }
    return 0;
}
