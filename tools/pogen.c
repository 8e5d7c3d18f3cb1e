/* pogen OUT.c FILE.po …: compiles the translations into one table sorted by the English message.
 * pogen --missing ROOT: lists each message of ROOT/src (tr, tr_fill, TR_KEY, {{t:…}}, error.def,
 * and in src/cli the commands' summaries, texts and options) that ROOT/locale/zh doesn't
 * translate; exit 1 when there is one. A translation must have exactly
 * the placeholders {0} … of its message. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#define FILE_BYTES_MAX (4 << 20)
#define PATH_MAX_BYTES 512

struct message {
    const char *key;
    const char *translation; /* NULL in a list of uses */
    const char *file;
    size_t line;
};

struct messages {
    struct message *items;
    size_t count, capacity;
};

static struct arena *arena;
static int problems;
static bool lint; /* --missing: two translations of one message count as a problem */

static void problem(const char *file, size_t line, const char *text, const char *key)
{
    fprintf(stderr, "%s:%zu: %s: \"%s\"\n", file, line, text, key);
    problems++;
}

static str read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = file == NULL ? NULL : malloc(FILE_BYTES_MAX);
    size_t count = bytes == NULL ? 0 : fread(bytes, 1, FILE_BYTES_MAX, file);
    if (bytes == NULL || ferror(file) || count == FILE_BYTES_MAX) {
        fprintf(stderr, "pogen: can't read %s, or it is larger than %d bytes\n", path,
                FILE_BYTES_MAX);
        exit(1);
    }
    fclose(file);
    str content = str_copy(arena, (str){bytes, count});
    free(bytes);
    return content;
}

static size_t line_of(str text, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at && i < text.len; i++) line += text.ptr[i] == '\n';
    return line;
}

static size_t skip_space(str text, size_t at)
{
    for (; at < text.len; at++) {
        bool continued = text.ptr[at] == '\\' && at + 1 < text.len && text.ptr[at + 1] == '\n';
        if (!continued && strchr(" \t\r\n", text.ptr[at]) == NULL) break;
    }
    return at;
}

/* Reads the string literals at *at, joined as C and gettext join them; false when there is none. */
static bool read_literals(str text, size_t *at, char **value)
{
    struct buf *out = buf_new(arena);
    bool any = false;
    for (;;) {
        size_t i = skip_space(text, *at);
        if (i >= text.len || text.ptr[i] != '"') break;
        any = true;
        for (i++; i < text.len && text.ptr[i] != '"'; i++) {
            char ch = text.ptr[i];
            if (ch == '\\' && i + 1 < text.len) {
                ch = text.ptr[++i];
                ch = ch == 'n' ? '\n' : ch == 't' ? '\t' : ch;
            }
            buf_putc(out, ch);
        }
        *at = i + 1;
    }
    if (any) *value = str_dup(arena, buf_str(out));
    return any;
}

static void add(struct messages *list, const char *key, const char *translation, const char *file,
                size_t line)
{
    *ARENA_PUSH(arena, list->items, list->count, list->capacity) =
        (struct message){.key = key, .translation = translation, .file = file, .line = line};
}

/* ---- .po files ---- */

static unsigned placeholders(const char *text)
{
    unsigned seen = 0;
    for (; *text != '\0'; text++)
        if (text[0] == '{' && text[1] >= '0' && text[1] <= '9' && text[2] == '}')
            seen |= 1u << (text[1] - '0');
    return seen;
}

static void read_po(struct messages *list, const char *path)
{
    str text = read_whole(path);
    char *key = NULL;
    for (size_t at = 0; (at = skip_space(text, at)) < text.len;) {
        str rest = str_slice(text, at, text.len);
        size_t line = line_of(text, at);
        char *value;
        if (rest.ptr[0] == '#') {
            if (str_starts(rest, "#,") &&
                memmem(rest.ptr, strcspn(rest.ptr, "\n"), "fuzzy", 5) != NULL)
                problem(path, line, "a fuzzy entry is no translation", "#, fuzzy");
            while (at < text.len && text.ptr[at] != '\n') at++;
            continue;
        }
        bool id = str_starts(rest, "msgid "), translation = str_starts(rest, "msgstr ");
        at += id ? 6 : 7;
        if ((!id && !translation) || !read_literals(text, &at, &value)) {
            problem(path, line, "expected msgid or msgstr with a text in quotes",
                    str_dup(arena, str_slice(rest, 0, 30)));
            return;
        }
        if (id) {
            key = value;
            continue;
        }
        if (key == NULL) {
            problem(path, line, "msgstr without msgid", value);
            return;
        }
        if (key[0] != '\0' && value[0] == '\0')
            problem(path, line, "an empty translation", key);
        else if (key[0] != '\0' && placeholders(key) != placeholders(value))
            problem(path, line, "the placeholders of message and translation differ", key);
        if (key[0] != '\0') add(list, key, value, path, line);
        key = NULL;
    }
}

static int compare(const void *a, const void *b)
{
    const struct message *left = a, *right = b;
    int order = strcmp(left->key, right->key);
    if (order == 0) order = strcmp(left->file, right->file);
    return order != 0 ? order : (left->line > right->line) - (left->line < right->line);
}

/* Sorts by key; the same message in two files should have the same translation, else the first
 * counts. */
static void sort_unique(struct messages *list)
{
    if (list->count != 0) qsort(list->items, list->count, sizeof list->items[0], compare);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct message *m = &list->items[i];
        if (kept != 0 && strcmp(list->items[kept - 1].key, m->key) == 0) {
            if (lint && m->translation != NULL &&
                strcmp(list->items[kept - 1].translation, m->translation) != 0)
                problem(m->file, m->line,
                        arena_printf(arena, "translated differently in %s:%zu",
                                     list->items[kept - 1].file, list->items[kept - 1].line),
                        m->key);
            continue;
        }
        list->items[kept++] = *m;
    }
    list->count = kept;
}

static void put_literal(struct buf *out, const char *text)
{
    buf_putc(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') buf_putc(out, '\\');
        if (*text == '\n')
            buf_puts(out, "\\n");
        else if (*text == '?')
            buf_puts(out, "\\?");
        else
            buf_putc(out, *text);
    }
    buf_putc(out, '"');
}

static int compile(const char *out_path, char **paths, int count)
{
    struct messages list = {0};
    for (int i = 0; i < count; i++) read_po(&list, paths[i]);
    sort_unique(&list);
    struct buf *out = buf_new(arena);
    buf_puts(out,
             "/* Made by pogen from locale/zh; do not edit. */\n#include \"locale/table.h\"\n\n"
             "const struct locale_entry locale_zh[] = {\n");
    for (size_t i = 0; i < list.count; i++) {
        buf_puts(out, "    {");
        put_literal(out, list.items[i].key);
        buf_puts(out, ",\n     ");
        put_literal(out, list.items[i].translation);
        buf_puts(out, "},\n");
    }
    buf_printf(out, "    {\"\", \"\"},\n};\nconst size_t locale_zh_count = %zu;\n", list.count);
    if (problems != 0) return 1;
    FILE *file = fopen(out_path, "wb");
    if (file == NULL || fwrite(out->ptr, 1, out->len, file) != out->len || fclose(file) != 0) {
        fprintf(stderr, "pogen: can't write %s\n", out_path);
        return 1;
    }
    return 0;
}

/* ---- uses in the sources ---- */

static bool is_word(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           ch == '_';
}

/* Moves *at behind the n-th comma of a call's arguments; false when the call ends first. */
static bool skip_arguments(str text, size_t *at, int commas)
{
    int depth = 0;
    for (; *at < text.len && commas > 0; (*at)++) {
        char ch = text.ptr[*at];
        if (ch == '(')
            depth++;
        else if (ch == ')' && depth-- == 0)
            return false;
        else if (ch == ',' && depth == 0)
            commas--;
    }
    return commas == 0;
}

/* The literals of an argument that chooses between some: tr(lang, good ? "Done." : "Refused."). */
static void scan_choice(struct messages *uses, const char *path, str text, size_t at)
{
    char *key;
    for (int depth = 0; at < text.len;) {
        char ch = text.ptr[at];
        if (ch == '"') {
            size_t line = line_of(text, at);
            if (read_literals(text, &at, &key) && depth == 0 && key[0] != '\0')
                add(uses, key, NULL, path, line);
            continue;
        }
        if ((ch == ',' || ch == ')' || ch == ';') && depth == 0) return;
        depth += (ch == '(') - (ch == ')');
        at++;
    }
}

static void scan_c(struct messages *uses, const char *path, str text)
{
    static const struct {
        const char *name;
        int commas;
    } calls[] = {{"tr", 1}, {"tr_fill", 2}, {"TR_KEY", 0}};
    for (size_t at = 0; at < text.len; at++) {
        if (!is_word(text.ptr[at]) || (at > 0 && is_word(text.ptr[at - 1]))) continue;
        size_t end = at;
        while (end < text.len && is_word(text.ptr[end])) end++;
        for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
            size_t inside = end + 1;
            char *key;
            if (end >= text.len || text.ptr[end] != '(' ||
                !str_is(str_slice(text, at, end), calls[i].name))
                continue;
            if (!skip_arguments(text, &inside, calls[i].commas)) continue;
            if (read_literals(text, &inside, &key))
                add(uses, key, NULL, path, line_of(text, at));
            else
                scan_choice(uses, path, text, inside);
        }
        at = end - 1;
    }
}

/* `.summary = "…"`, `.text = "…"`: what help prints of a command. */
static void scan_designator(struct messages *uses, const char *path, str text, size_t at)
{
    static const char *const names[] = {".summary", ".text"};
    char *key;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!str_starts(str_slice(text, at, text.len), names[i])) continue;
        size_t inside = skip_space(text, at + strlen(names[i]));
        if (inside >= text.len || text.ptr[inside++] != '=') continue;
        if (read_literals(text, &inside, &key)) add(uses, key, NULL, path, line_of(text, at));
    }
}

/* `{"--option", "ARGUMENT" or NULL, "its text"}` of a command. */
static void scan_option(struct messages *uses, const char *path, str text, size_t at)
{
    size_t inside = skip_space(text, at + 1);
    char *key;
    if (!str_starts(str_slice(text, inside, text.len), "\"--") ||
        !read_literals(text, &inside, &key))
        return;
    for (int commas = 0; commas < 2; commas++) {
        inside = skip_space(text, inside);
        if (inside >= text.len || text.ptr[inside++] != ',') return;
        inside = skip_space(text, inside);
        bool none = str_starts(str_slice(text, inside, text.len), "NULL");
        if (none) inside += 4;
        if (!none && !read_literals(text, &inside, &key)) return;
    }
    add(uses, key, NULL, path, line_of(text, at));
}

/* What the command line declares once, and help and the manual print. */
static void scan_commands(struct messages *uses, const char *path, str text)
{
    for (size_t at = 0; at < text.len; at++) {
        if (text.ptr[at] == '.') scan_designator(uses, path, text, at);
        if (text.ptr[at] == '{') scan_option(uses, path, text, at);
    }
}

static void scan_errors(struct messages *uses, const char *path, str text)
{
    for (size_t at = 0; at < text.len; at++) {
        if (at > 0 && text.ptr[at - 1] != '\n') continue;
        str rest = str_slice(text, at, text.len);
        size_t inside = at + 2;
        char *key;
        if (str_starts(rest, "X(") && skip_arguments(text, &inside, 3) &&
            read_literals(text, &inside, &key))
            add(uses, key, NULL, path, line_of(text, at));
    }
}

static void scan_html(struct messages *uses, const char *path, str text)
{
    for (size_t at = 0; at < text.len; at++) {
        str rest = str_slice(text, at, text.len);
        size_t length;
        if (!str_starts(rest, "{{t:") || !str_find(rest, STR("}}"), &length)) continue;
        str key = str_slice(rest, 4, length), sentence = {0};
        (void)str_cut(&key, '|', &sentence);
        add(uses, str_dup(arena, str_trim(sentence)), NULL, path, line_of(text, at));
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Visits each file below `folder` in the order of names. */
static void walk(const char *folder, void (*visit)(void *list, const char *path), void *list)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) return;
    char **names = NULL;
    size_t count = 0, capacity = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.')
            *ARENA_PUSH(arena, names, count, capacity) = arena_strdup(arena, entry->d_name);
    closedir(dir);
    if (count != 0) qsort(names, count, sizeof names[0], by_name);
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(arena, "%s/%s", folder, names[i]);
        DIR *inner = opendir(path);
        if (inner != NULL) closedir(inner);
        if (inner != NULL)
            walk(path, visit, list);
        else
            visit(list, path);
    }
}

static void visit_source(void *list, const char *path)
{
    str name = str_from(path);
    bool test = str_ends(name, "_test.c");
    size_t at;
    if (str_find(name, STR("/src/cli/"), &at)) scan_commands(list, path, read_whole(path));
    if (str_ends(name, "error.def"))
        scan_errors(list, path, read_whole(path));
    else if (str_ends(name, ".html"))
        scan_html(list, path, read_whole(path));
    else if ((str_ends(name, ".c") || str_ends(name, ".def")) && !test)
        scan_c(list, path, read_whole(path));
}

static void visit_po(void *list, const char *path)
{
    if (str_ends(str_from(path), ".po")) read_po(list, path);
}

static int missing(const char *root)
{
    struct messages uses = {0}, known = {0};
    lint = true;
    walk(arena_printf(arena, "%s/src", root), visit_source, &uses);
    walk(arena_printf(arena, "%s/locale/zh", root), visit_po, &known);
    sort_unique(&uses);
    sort_unique(&known);
    size_t untranslated = 0;
    for (size_t i = 0, k = 0; i < uses.count; i++) {
        while (k < known.count && strcmp(known.items[k].key, uses.items[i].key) < 0) k++;
        if (k < known.count && strcmp(known.items[k].key, uses.items[i].key) == 0) continue;
        const struct message *m = &uses.items[i];
        printf("%s:%zu: no Chinese for \"%s\"\n", m->file + strlen(root) + 1, m->line, m->key);
        untranslated++;
    }
    printf("%zu messages, %zu without Chinese, %zu translations\n", uses.count, untranslated,
           known.count);
    return untranslated != 0 || problems != 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    arena = arena_open(0);
    int result = 2;
    if (argc == 3 && strcmp(argv[1], "--missing") == 0)
        result = missing(argv[2]);
    else if (argc >= 2 && argv[1][0] != '-')
        result = compile(argv[1], argv + 2, argc - 2);
    else
        fprintf(stderr, "usage: pogen OUT.c FILE.po ... | pogen --missing ROOT\n");
    arena_close(arena);
    return result;
}
