/* tidy ROOT: holds the rules of the house that a program can hold. It reads the table of rooms in
 * doc/ARCHITECTURE.md and reports, one line per breach: an include against the arrows, a room
 * entered other than by its face, a banned call, a file or line too long, a stray marker, a header
 * that does not compile alone. Exit 1 when there is any. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"

#define LINES_MAX 800
#define COLUMNS_MAX 120
#define FILE_BYTES_MAX ((size_t)8 << 20)

struct room {
    str name;
    bool everything; /* may include every room */
    struct map allowed;
};

struct tidy {
    struct arena *arena;
    const char *root;
    struct map rooms; /* name -> struct room */
    int breaches;
};

static void breach(struct tidy *tidy, const char *path, int64_t line, const char *what, str which)
{
    printf("%s:%lld: %s%s%.*s\n", path, (long long)line, what, which.len != 0 ? ": " : "",
           STR_ARG(which));
    tidy->breaches++;
}

static struct room *room_of(const struct tidy *tidy, str name)
{
    return map_get(&tidy->rooms, name);
}

/* "what x may" takes over the list of room x; "all of the above" is the rooms read so far. */
static void read_allowed(struct tidy *tidy, struct room *room, str text)
{
    for (str word, rest = text; str_cut(&rest, ' ', &word);) {
        word = str_trim(word);
        if (str_is(word, "everything")) room->everything = true;
        for (size_t i = 0; str_is(word, "all") && i < tidy->rooms.count; i++)
            map_put(&room->allowed, tidy->rooms.entries[i].key, tidy->rooms.entries[i].value);
        struct room *other = room_of(tidy, word);
        if (other == NULL || other == room) continue;
        map_put(&room->allowed, other->name, other);
        size_t at;
        if (!str_find(text, STR(" may"), &at)) continue;
        for (size_t i = 0; i < other->allowed.count; i++)
            map_put(&room->allowed, other->allowed.entries[i].key, other->allowed.entries[i].value);
    }
}

static bool read_rooms(struct tidy *tidy)
{
    struct error err;
    str text;
    const char *path = arena_printf(tidy->arena, "%s/doc/ARCHITECTURE.md", tidy->root);
    if (!file_read(tidy->arena, path, FILE_BYTES_MAX, &text, &err)) return false;
    bool in_table = false;
    for (str line, rest = text; str_cut(&rest, '\n', &line);) {
        if (str_starts(line, "| room |"))
            in_table = true;
        else if (in_table && !str_starts(line, "|"))
            break;
        if (!in_table || str_starts(line, "| room") || str_starts(line, "|---")) continue;
        str cells = str_slice(line, 1, line.len), name, what, allowed;
        if (!str_cut(&cells, '|', &name) || !str_cut(&cells, '|', &what) ||
            !str_cut(&cells, '|', &allowed))
            continue;
        struct room *room = ARENA_NEW(tidy->arena, struct room);
        room->name = str_trim(name);
        map_init(&room->allowed, tidy->arena);
        map_put(&tidy->rooms, room->name, room);
        read_allowed(tidy, room, str_trim(allowed));
    }
    return tidy->rooms.count > 0;
}

static void check_include(struct tidy *tidy, const char *path, int64_t line,
                          const struct room *room, str target)
{
    size_t slash;
    if (!str_find(target, STR("/"), &slash)) return;
    str other_name = str_slice(target, 0, slash), file = str_slice(target, slash + 1, target.len);
    struct room *other = room_of(tidy, other_name);
    if (other == NULL || other == room || str_is(other_name, "base")) return;
    if (room->everything == false && !map_has(&room->allowed, other_name))
        breach(tidy, path, line, "includes a room against the arrows", target);
    const char *face = str_is(other_name, "model")
                           ? "tanshu_model.h"
                           : arena_printf(tidy->arena, "%.*s.h", STR_ARG(other_name));
    /* Templates stand on html.h; the model commands are a second, small face beside the library's.
     */
    bool page_support =
        (str_is(other_name, "http") && str_is(file, "html.h")) || str_is(target, "model/command.h");
    if (!str_is(file, face) && !page_support)
        breach(tidy, path, line, "enters a room other than by its face", target);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The word stands alone: the template of mkstemp is no marker. */
static bool has_word(str line, const char *word)
{
    size_t length = strlen(word);
    for (size_t at = 0; at + length <= line.len; at++) {
        if (memcmp(line.ptr + at, word, length) != 0) continue;
        bool starts = at == 0 || !is_word(line.ptr[at - 1]);
        if (starts && (at + length == line.len || !is_word(line.ptr[at + length]))) return true;
    }
    return false;
}

static bool calls(str line, const char *name)
{
    str rest = line;
    size_t at;
    while (str_find(rest, str_from(name), &at)) {
        size_t end = at + strlen(name);
        bool starts = at == 0 || !is_word(rest.ptr[at - 1]);
        if (starts && end < rest.len && rest.ptr[end] == '(') return true;
        rest = str_slice(rest, end, rest.len);
    }
    return false;
}

static void check_line(struct tidy *tidy, const char *path, str room_name, int64_t number, str line)
{
    static const char *const banned[] = {"strcpy", "strcat", "sprintf", "vsprintf", "gets",
                                         "atoi",   "atol",   "atof",    "strtok",   "strtod",
                                         "system", "popen",  "tmpnam"};
    static const char *const memory[] = {"malloc", "realloc"};
    static const char *const markers[] = {"TO"
                                          "DO",
                                          "FIX"
                                          "ME",
                                          "XX"
                                          "X",
                                          "HA"
                                          "CK",
                                          "not impl"
                                          "emented"};
    for (size_t i = 0; i < ARRAY_LEN(banned); i++)
        if (calls(line, banned[i])) breach(tidy, path, number, "banned call", str_from(banned[i]));
    for (size_t i = 0; i < ARRAY_LEN(memory); i++)
        if (!str_is(room_name, "base") && !str_is(room_name, "tools") && calls(line, memory[i]))
            breach(tidy, path, number, "memory outside base", str_from(memory[i]));
    for (size_t i = 0; i < ARRAY_LEN(markers); i++) {
        if (has_word(line, markers[i]))
            breach(tidy, path, number, "stray marker", str_from(markers[i]));
    }
    if (utf8_count(line) > COLUMNS_MAX) breach(tidy, path, number, "line too long", STR(""));
}

static void check_source(struct tidy *tidy, const char *path, str room_name)
{
    struct error err;
    str text;
    if (!file_read(tidy->arena, path, FILE_BYTES_MAX, &text, &err)) {
        breach(tidy, path, 0, "can't be read", STR(""));
        return;
    }
    const struct room *room = room_of(tidy, room_name);
    int64_t number = 0;
    for (str line, rest = text; str_cut(&rest, '\n', &line);) {
        if (rest.ptr == NULL && line.len == 0) break;
        check_line(tidy, path, room_name, ++number, line);
        str part = line, quoted;
        if (room != NULL && str_starts(line, "#include \"") && str_cut(&part, '"', &quoted) &&
            str_cut(&part, '"', &quoted))
            check_include(tidy, path, number, room, quoted);
    }
    if (number > LINES_MAX) breach(tidy, path, number, "file too long", STR(""));
}

/* A face must compile alone: nobody should need to know what to include before it. */
static void check_header_alone(struct tidy *tidy, const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        const char *include = arena_printf(tidy->arena, "-I%s/src", tidy->root);
        execlp("cc", "cc", "-std=gnu17", "-D_GNU_SOURCE", "-fsyntax-only", "-x", "c", include, path,
               (char *)NULL);
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        breach(tidy, path, 1, "header does not compile alone", STR(""));
}

static void check_folder(struct tidy *tidy, const char *folder, str room_name, bool headers)
{
    struct error err;
    char **names;
    size_t count;
    if (!file_list(tidy->arena, folder, &names, &count, &err)) return;
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(tidy->arena, "%s/%s", folder, names[i]);
        str name = str_from(names[i]);
        if (str_ends(name, ".c") || str_ends(name, ".h")) check_source(tidy, path, room_name);
        if (headers && str_ends(name, ".h")) check_header_alone(tidy, path);
        struct error none;
        char **inner;
        size_t inner_count;
        if (!str_ends(name, ".c") && !str_ends(name, ".h") && strchr(names[i], '.') == NULL &&
            file_list(tidy->arena, path, &inner, &inner_count, &none))
            check_folder(tidy, path, room_name, headers);
    }
}

int main(int argc, char **argv)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct tidy tidy = {.arena = arena, .root = argc > 1 ? argv[1] : "."};
    map_init(&tidy.rooms, arena);
    if (!read_rooms(&tidy)) {
        fprintf(stderr, "tidy: no table of rooms in %s/doc/ARCHITECTURE.md\n", tidy.root);
        return 2;
    }
    struct error err;
    char **names;
    size_t count;
    const char *src = arena_printf(arena, "%s/src", tidy.root);
    if (!file_list(arena, src, &names, &count, &err)) return 2;
    for (size_t i = 0; i < count; i++) {
        if (room_of(&tidy, str_from(names[i])) == NULL)
            breach(&tidy, arena_printf(arena, "%s/%s", src, names[i]), 0,
                   "a room missing in the table", STR(""));
        /* Generated headers exist only in the build folder, so rooms' faces are compiled there by
         * the build. */
        bool pure = strcmp(names[i], "web") != 0 && strcmp(names[i], "cli") != 0;
        check_folder(&tidy, arena_printf(arena, "%s/%s", src, names[i]), str_from(names[i]), pure);
    }
    check_folder(&tidy, arena_printf(arena, "%s/tools", tidy.root), STR("tools"), false);
    printf("tidy: %d breach%s\n", tidy.breaches, tidy.breaches == 1 ? "" : "es");
    return tidy.breaches == 0 ? 0 : 1;
}
