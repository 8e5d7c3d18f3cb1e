/* embed OUT.c NAME=FILE …: turns files into the table of assets (http/http.h), each with an address
 * that holds the beginning of its SHA-256, so that a browser may keep it for ever. embed --sprite
 * OUT.svg NAME=FILE.svg …: gathers icons into one SVG whose symbols a page uses by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/str.h"

#define FILE_BYTES_MAX (8 << 20)
#define HASH_DIGITS 16

static _Noreturn void fail(const char *message, const char *what)
{
    fprintf(stderr, "embed: %s %s\n", message, what);
    exit(1);
}

static str read_whole(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = file == NULL ? NULL : malloc(FILE_BYTES_MAX);
    size_t count = bytes == NULL ? 0 : fread(bytes, 1, FILE_BYTES_MAX, file);
    if (bytes == NULL || ferror(file) || count == FILE_BYTES_MAX)
        fail("can't read, or too large:", path);
    fclose(file);
    str content = str_copy(arena, (str){bytes, count});
    free(bytes);
    return content;
}

static void write_whole(const char *path, str text)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(text.ptr, 1, text.len, file) != text.len || fclose(file) != 0)
        fail("can't write", path);
}

static const char *type_of(str name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {{".css", "text/css; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".png", "image/png"},
                 {".ico", "image/x-icon"},
                 {".txt", "text/plain; charset=utf-8"}};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_ends(name, types[i].ending)) return types[i].type;
    fail("no content type known for", name.ptr);
}

/* NAME=FILE */
static str split(const char *argument, const char **path)
{
    const char *equals = strchr(argument, '=');
    if (equals == NULL || equals == argument) fail("expected NAME=FILE, found", argument);
    *path = equals + 1;
    return (str){argument, (size_t)(equals - argument)};
}

static void put_bytes(struct buf *out, str bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(out, "%u,%s", (unsigned char)bytes.ptr[i], i % 24 == 23 ? "\n" : "");
}

static void embed(struct arena *arena, const char *out_path, char **arguments, int count)
{
    struct buf *arrays = buf_new(arena), *table = buf_new(arena);
    for (int i = 0; i < count; i++) {
        const char *path;
        str name = split(arguments[i], &path);
        str bytes = read_whole(arena, path);
        const char *hash =
            arena_printf(arena, "%.*s", HASH_DIGITS, digest_hex(arena, digest_of(bytes)));
        size_t dot = name.len;
        while (dot > 0 && name.ptr[dot - 1] != '.') dot--;
        if (dot == 0) fail("a name needs an ending:", arguments[i]);
        buf_printf(arrays, "static const unsigned char bytes_%d[] = {\n", i);
        put_bytes(arrays, bytes);
        buf_puts(arrays, "0};\n");
        buf_printf(table,
                   "    {\"%.*s\", \"/assets/%.*s.%s.%.*s\",\n     \"%s\", bytes_%d, %zu, "
                   "\"\\\"%s\\\"\"},\n",
                   STR_ARG(name), (int)dot - 1, name.ptr, hash, (int)(name.len - dot),
                   name.ptr + dot, type_of(name), i, bytes.len, hash);
    }
    struct buf *out = buf_new(arena);
    buf_puts(out, "/* Made by embed from assets; do not edit. */\n#include \"http/assets.h\"\n\n");
    buf_put_str(out, buf_str(arrays));
    buf_puts(out, "\nconst struct http_asset http_assets[] = {\n");
    buf_put_str(out, buf_str(table));
    buf_printf(out, "};\nconst size_t http_asset_count = %d;\n", count);
    write_whole(out_path, buf_str(out));
}

/* The text between <svg …> and </svg>; the Debian icons are one element with a 16 × 16 view box. */
static void sprite(struct arena *arena, const char *out_path, char **arguments, int count)
{
    struct buf *out = buf_new(arena);
    buf_puts(out, "<svg xmlns=\"http://www.w3.org/2000/svg\">");
    for (int i = 0; i < count; i++) {
        const char *path;
        str name = split(arguments[i], &path);
        str svg = read_whole(arena, path);
        size_t from, to, open;
        if (!str_find(svg, STR("<svg"), &open) ||
            !str_find(str_slice(svg, open, svg.len), STR(">"), &from) ||
            !str_find(svg, STR("</svg>"), &to) ||
            !str_find(svg, STR("viewBox=\"0 0 16 16\""), &(size_t){0}))
            fail("not an icon of 16 by 16:", path);
        str inside = str_trim(str_slice(svg, open + from + 1, to));
        buf_printf(out, "<symbol id=\"%.*s\" viewBox=\"0 0 16 16\">%.*s</symbol>", STR_ARG(name),
                   STR_ARG(inside));
    }
    buf_puts(out, "</svg>");
    write_whole(out_path, buf_str(out));
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_open(0);
    if (argc >= 4 && strcmp(argv[1], "--sprite") == 0)
        sprite(arena, argv[2], argv + 3, argc - 3);
    else if (argc >= 3)
        embed(arena, argv[1], argv + 2, argc - 2);
    else
        fail("usage: embed OUT.c NAME=FILE ... | embed --sprite OUT.svg NAME=FILE.svg", "...");
    arena_close(arena);
    return 0;
}
