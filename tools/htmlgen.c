/* htmlgen TEMPLATE OUT.h OUT.c: compiles one HTML template into a struct of its fields and a
 * function that writes the page. It walks the HTML as a browser would, so that every value is
 * escaped for the place where it stands, and refuses what can't be made safe: script, style, on…
 * attributes, values outside quotes. It adds the CSRF field to each form that posts. The form of a
 * template is in doc/ARCHITECTURE.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#define FILE_BYTES_MAX (1 << 20)
#define NAME_BYTES_MAX 60
#define DEPTH_MAX 8
#define ARGS_MAX 8
#define LITERAL_LINE 90

enum kind { KIND_TEXT, KIND_URL, KIND_HTML, KIND_INT, KIND_FLAG, KIND_LIST, KINDS };
static const char *const kind_names[KINDS] = {"text", "url", "html", "int", "flag", "list"};
static const char *const kind_types[KINDS] = {"str ", "str ", "html ", "int64_t ", "bool ", ""};

struct field {
    str name;
    enum kind kind;
    struct scope *list; /* of KIND_LIST */
    size_t at;          /* where declared */
    bool used;
};

struct scope {
    struct scope *parent;
    const char *type; /* C name of the struct */
    struct field *fields;
    size_t count, capacity;
};

/* Where in the HTML the next character stands. */
enum place {
    IN_TEXT,
    IN_TAG_NAME,
    IN_TAG,
    IN_ATTRIBUTE_NAME,
    AFTER_ATTRIBUTE_NAME,
    BEFORE_VALUE,
    IN_VALUE
};
struct state {
    enum place place;
    char tag[NAME_BYTES_MAX + 1];
    char attribute[NAME_BYTES_MAX + 1];
    char value[NAME_BYTES_MAX + 1]; /* beginning of the attribute's fixed text */
    char quote;
    bool value_filled; /* a field was written into this value */
    bool method_post, method_known;
    bool blank_needed; /* a name was ended by {{ and must not go on behind }} */
};

struct compiler {
    struct arena *arena;
    const char *file;
    str source;
    size_t at;
    const char *page;
    struct scope *root;
    struct scope *scopes[DEPTH_MAX]; /* open {{#each}}, outermost first; [0] is the root */
    size_t depth;
    size_t blocks; /* open {{#if}} and {{#each}} */
    struct state state;
    struct buf *literal;
    struct buf *code;
};

_Noreturn static void fail(const struct compiler *c, size_t at, const char *message, str what)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < at && i < c->source.len; i++) {
        column = c->source.ptr[i] == '\n' ? 1 : column + 1;
        line += c->source.ptr[i] == '\n';
    }
    fprintf(stderr, "%s:%zu:%zu: error: ", c->file, line, column);
    fprintf(stderr, "%s%s%.*s%s\n", message, what.len != 0 ? " '" : "", STR_ARG(what),
            what.len != 0 ? "'" : "");
    exit(1);
}

static bool is_space(char ch)
{
    return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}
static bool is_letter(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}
static bool is_name(char ch)
{
    return is_letter(ch) || (ch >= '0' && ch <= '9') || ch == '-' || ch == ':' || ch == '_';
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0) return true;
    return false;
}

/* ---- declarations ---- */

static void check_name(const struct compiler *c, size_t at, str name)
{
    static const char *const reserved[] = {
        "auto",     "break",   "case",   "char",     "const",    "continue", "default",  "do",
        "double",   "else",    "enum",   "extern",   "float",    "for",      "goto",     "if",
        "inline",   "int",     "long",   "register", "restrict", "return",   "short",    "signed",
        "sizeof",   "static",  "struct", "switch",   "typedef",  "union",    "unsigned", "void",
        "volatile", "while",   "not",    "bool",     "html",     "str",      "true",     "false",
        "out",      "context", NULL};
    bool good =
        name.len != 0 && name.len <= NAME_BYTES_MAX && name.ptr[0] >= 'a' && name.ptr[0] <= 'z';
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.ptr[i];
        good = good && ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_');
    }
    if (!good) fail(c, at, "a name is a-z, 0-9 and _ and begins with a letter, found", name);
    if (is_one_of(str_dup(c->arena, name), reserved))
        fail(c, at, "a word of C can't be a field:", name);
}

static struct field *scope_find(struct scope *scope, str name)
{
    for (size_t i = 0; i < scope->count; i++)
        if (str_equal(scope->fields[i].name, name)) return &scope->fields[i];
    return NULL;
}

static struct field *scope_add(struct compiler *c, struct scope *scope, size_t at, str name,
                               enum kind kind)
{
    check_name(c, at, name);
    if (scope_find(scope, name) != NULL) fail(c, at, "declared twice:", name);
    struct field *field = ARENA_PUSH(c->arena, scope->fields, scope->count, scope->capacity);
    *field = (struct field){.name = name, .kind = kind, .at = at};
    return field;
}

static enum kind kind_of(const struct compiler *c, size_t at, str word)
{
    for (int kind = 0; kind < KIND_LIST; kind++)
        if (str_is(word, kind_names[kind])) return (enum kind)kind;
    fail(c, at, "a field is text, url, html, int or flag, found", word);
}

/* The lines that begin with @, before the HTML. */
static void parse_declarations(struct compiler *c)
{
    struct scope *scope = NULL;
    while (c->at < c->source.len) {
        str rest = str_slice(c->source, c->at, c->source.len), line = {0};
        size_t at = c->at;
        (void)str_cut(&rest, '\n', &line);
        str text = str_trim(line);
        if (text.len != 0 && text.ptr[0] != '@') break;
        c->at = size_min(c->source.len, c->at + line.len + 1);
        if (text.len == 0) continue;
        at += (size_t)(text.ptr - line.ptr);
        str word = {0}, second = {0}, third = {0};
        (void)str_cut(&text, ' ', &word);
        text = str_trim(text);
        (void)str_cut(&text, ' ', &second);
        third = str_trim(text);
        if (str_is(word, "@page")) {
            if (scope != NULL) fail(c, at, "@page stands once, first", second);
            check_name(c, at, second);
            c->page = str_dup(c->arena, second);
            scope = c->root = ARENA_NEW(c->arena, struct scope);
            scope->type = arena_printf(c->arena, "html_%s", c->page);
        } else if (scope == NULL) {
            fail(c, at, "expected @page first, found", word);
        } else if (str_is(word, "@field")) {
            (void)scope_add(c, scope, at, third, kind_of(c, at, second));
        } else if (str_is(word, "@list")) {
            struct field *field = scope_add(c, scope, at, second, KIND_LIST);
            struct scope *inner = ARENA_NEW(c->arena, struct scope);
            inner->parent = scope;
            inner->type = arena_printf(c->arena, "%s_%.*s", scope->type, STR_ARG(second));
            field->list = inner;
            scope = inner;
        } else if (str_is(word, "@end")) {
            if (scope->parent == NULL) fail(c, at, "@end without @list", STR(""));
            if (scope->count == 0) fail(c, at, "a @list needs fields", STR(""));
            scope = scope->parent;
        } else {
            fail(c, at, "expected @page, @field, @list or @end, found", word);
        }
    }
    if (c->root == NULL) fail(c, 0, "the file must begin with @page name", STR(""));
    if (scope != c->root) fail(c, c->at, "a @list is not closed by @end", STR(""));
}

/* ---- emitting ---- */

static void put_c_string(struct buf *out, str text)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char ch = (unsigned char)text.ptr[i];
        if (ch == '"' || ch == '\\')
            buf_printf(out, "\\%c", ch);
        else if (ch == '\n')
            buf_puts(out, "\\n");
        else if (ch < 0x20 || ch == 0x7f || ch == '?')
            buf_printf(out, "\\%03o", ch);
        else
            buf_putc(out, (char)ch);
    }
    buf_putc(out, '"');
}

static void indent(struct compiler *c)
{
    for (size_t i = 0; i <= c->blocks; i++) buf_puts(c->code, "    ");
}

static void flush_literal(struct compiler *c)
{
    str text = buf_str(c->literal);
    if (text.len == 0) return;
    indent(c);
    buf_puts(c->code, "buf_put(out, ");
    for (size_t from = 0; from < text.len;) {
        size_t to = from;
        while (to < text.len && text.ptr[to] != '\n' && to - from < LITERAL_LINE) to++;
        if (to < text.len && text.ptr[to] == '\n') to++;
        while (to < text.len && ((unsigned char)text.ptr[to] & 0xC0) == 0x80) to++;
        buf_puts(c->code, from == 0 ? "" : "\n        ");
        put_c_string(c->code, str_slice(text, from, to));
        from = to;
    }
    buf_printf(c->code, ", %zu);\n", text.len);
    c->literal->len = 0;
}

/* The field and the C expression that reads it: the innermost list first, then outward. */
static struct field *resolve(struct compiler *c, size_t at, str name, char **expression)
{
    for (size_t level = c->depth + 1; level-- > 0;) {
        struct field *field = scope_find(c->scopes[level], name);
        if (field == NULL) continue;
        field->used = true;
        if (level == 0)
            *expression = arena_printf(c->arena, "page->%.*s", STR_ARG(name));
        else
            *expression = arena_printf(c->arena, "row%zu->%.*s", level, STR_ARG(name));
        return field;
    }
    fail(c, at, "no such field here:", name);
}

/* ---- the HTML machine ---- */

static bool is_url_attribute(const char *name)
{
    static const char *const names[] = {"href",     "src",  "action",     "formaction", "cite",
                                        "poster",   "data", "xlink:href", "background", "manifest",
                                        "longdesc", "ping", NULL};
    return is_one_of(name, names);
}

static void check_tag(const struct compiler *c, size_t at)
{
    static const char *const refused[] = {
        "script", "style",    "iframe",   "frame",         "object",  "embed", "base", "link",
        "meta",   "template", "noscript", "foreignobject", "animate", "set",   NULL};
    if (is_one_of(c->state.tag, refused))
        fail(c, at, "not allowed in a template: element", str_from(c->state.tag));
}

static void check_attribute(const struct compiler *c, size_t at)
{
    const char *name = c->state.attribute;
    static const char *const refused[] = {"style", "srcdoc", "srcset", "http-equiv", NULL};
    if (strncmp(name, "on", 2) == 0 || is_one_of(name, refused))
        fail(c, at, "not allowed in a template: attribute", str_from(name));
}

static void check_value(struct compiler *c, size_t at)
{
    struct state *s = &c->state;
    if (is_url_attribute(s->attribute)) {
        size_t colon = strcspn(s->value, ":/?#");
        bool scheme = s->value[colon] == ':';
        if (scheme && strncasecmp(s->value, "http:", 5) != 0 &&
            strncasecmp(s->value, "https:", 6) != 0 && strncasecmp(s->value, "mailto:", 7) != 0 &&
            strncasecmp(s->value, "tel:", 4) != 0)
            fail(c, at, "a URL is relative or begins with http:, https:, mailto: or tel:, found",
                 str_from(s->value));
    }
    if (strcmp(s->tag, "form") == 0 && strcmp(s->attribute, "method") == 0) {
        if (s->value_filled) fail(c, at, "the method of a form must be fixed text", STR(""));
        s->method_post = strcasecmp(s->value, "post") == 0;
        if (!s->method_post && strcasecmp(s->value, "get") != 0)
            fail(c, at, "the method of a form is get or post, found", str_from(s->value));
        s->method_known = true;
    }
}

static void append(const struct compiler *c, size_t at, char *word, char ch)
{
    size_t length = strlen(word);
    if (length == NAME_BYTES_MAX) fail(c, at, "a name is too long:", str_from(word));
    word[length] = (char)(ch >= 'A' && ch <= 'Z' ? ch + 32 : ch);
    word[length + 1] = '\0';
}

static void end_tag(struct compiler *c)
{
    struct state *s = &c->state;
    bool form = strcmp(s->tag, "form") == 0;
    if (form && !s->method_known)
        fail(c, c->at, "a form must say method=\"get\" or method=\"post\"", STR(""));
    buf_putc(c->literal, '>');
    if (form && s->method_post) {
        flush_literal(c);
        indent(c);
        buf_puts(c->code, "html_put_csrf(out, context);\n");
    }
    *s = (struct state){.place = IN_TEXT};
}

static bool step_text(struct compiler *c, char ch)
{
    str rest = str_slice(c->source, c->at, c->source.len);
    if (ch != '<') return true;
    if (str_starts(rest, "<!--")) {
        size_t length;
        if (!str_find(rest, STR("-->"), &length))
            fail(c, c->at, "a comment is not closed", STR(""));
        c->at += length + 2; /* the caller steps over the last character */
        return false;
    }
    if (str_starts(rest, "<!")) fail(c, c->at, "not allowed in a template: <!", STR(""));
    if (rest.len > 1 && (is_letter(rest.ptr[1]) || rest.ptr[1] == '/'))
        c->state.place = IN_TAG_NAME;
    else
        fail(c, c->at, "write &lt; for a less-than sign", STR(""));
    return true;
}

/* One character of fixed HTML; false when it must not be written. */
static bool step(struct compiler *c, char ch)
{
    struct state *s = &c->state;
    switch (s->place) {
    case IN_TEXT: return step_text(c, ch);
    case IN_TAG_NAME:
        if (is_name(ch) || (ch == '/' && s->tag[0] == '\0')) {
            append(c, c->at, s->tag, ch);
            return true;
        }
        check_tag(c, c->at);
        s->place = IN_TAG;
        return step(c, ch);
    case IN_TAG:
        if (ch == '>') {
            end_tag(c);
            return false;
        }
        if (is_space(ch)) s->blank_needed = false;
        if (is_space(ch) || ch == '/') return true;
        if (s->blank_needed) fail(c, c->at, "a blank must stand before an attribute", STR(""));
        if (!is_name(ch)) fail(c, c->at, "expected an attribute or >", STR(""));
        s->attribute[0] = '\0';
        s->place = IN_ATTRIBUTE_NAME;
        return step(c, ch);
    case IN_ATTRIBUTE_NAME:
        if (is_name(ch)) {
            append(c, c->at, s->attribute, ch);
            return true;
        }
        check_attribute(c, c->at);
        s->place = AFTER_ATTRIBUTE_NAME;
        return step(c, ch);
    case AFTER_ATTRIBUTE_NAME:
        s->place = ch == '=' ? BEFORE_VALUE : IN_TAG;
        return ch == '=' ? true : step(c, ch);
    case BEFORE_VALUE:
        if (ch != '"' && ch != '\'')
            fail(c, c->at,
                 "the value of an attribute must stand in quotes:", str_from(s->attribute));
        s->quote = ch;
        s->value[0] = '\0';
        s->value_filled = false;
        s->place = IN_VALUE;
        return true;
    case IN_VALUE:
        if (ch == s->quote) {
            check_value(c, c->at);
            s->place = IN_TAG;
        } else if (strlen(s->value) < NAME_BYTES_MAX && !s->value_filled) {
            append(c, c->at, s->value, ch);
        }
        return true;
    }
    return true;
}

/* ---- what stands in {{ }} ---- */

/* A name ends where {{ begins. */
static void end_name(struct compiler *c)
{
    struct state *s = &c->state;
    if (s->place != IN_TAG_NAME && s->place != IN_ATTRIBUTE_NAME) return;
    if (s->place == IN_TAG_NAME)
        check_tag(c, c->at);
    else
        check_attribute(c, c->at);
    s->place = IN_TAG;
    s->blank_needed = true;
}

/* Called when a place takes a value; says whether it is inside an attribute. */
static bool value_place(struct compiler *c, size_t at)
{
    if (c->state.place == IN_TEXT) return false;
    if (c->state.place != IN_VALUE)
        fail(c, at, "a value stands in text or inside quotes of an attribute", STR(""));
    return true;
}

static void emit_field(struct compiler *c, size_t at, str name)
{
    char *expression;
    struct field *field = resolve(c, at, name, &expression);
    bool attribute = value_place(c, at);
    bool url = attribute && is_url_attribute(c->state.attribute);
    bool url_start = url && c->state.value[0] == '\0' && !c->state.value_filled;
    const char *function = "html_put_text";
    if (field->kind == KIND_LIST || field->kind == KIND_FLAG)
        fail(c, at, "a list or flag has no text:", name);
    if (field->kind == KIND_HTML) {
        if (attribute) fail(c, at, "html can't stand in an attribute:", name);
        function = "html_put_html";
    } else if (url_start && field->kind != KIND_URL) {
        fail(c, at, "a URL attribute that begins with a field needs a field of type url:", name);
    } else if (field->kind == KIND_INT) {
        function = "html_put_int";
    } else if (url) {
        function = url_start ? "html_put_url" : "html_put_url_part";
    }
    if (attribute) c->state.value_filled = true;
    flush_literal(c);
    indent(c);
    buf_printf(c->code, "%s(out, %s);\n", function, expression);
}

/* The placeholders {0} … of the sentence must be exactly the arguments. */
static void check_placeholders(const struct compiler *c, size_t at, str sentence, size_t count)
{
    unsigned seen = 0;
    for (size_t i = 0; i + 2 < sentence.len; i++) {
        if (sentence.ptr[i] != '{' || sentence.ptr[i + 2] != '}') continue;
        unsigned index = (unsigned)(sentence.ptr[i + 1] - '0');
        if (index >= count) fail(c, at, "no argument for a placeholder of", sentence);
        seen |= 1u << index;
    }
    if (seen != (1u << count) - 1) fail(c, at, "an argument has no placeholder in", sentence);
}

static void emit_message(struct compiler *c, size_t at, str text)
{
    (void)value_place(c, at);
    if (c->state.place == IN_VALUE) {
        if (is_url_attribute(c->state.attribute))
            fail(c, at, "a message can't stand in a URL", STR(""));
        c->state.value_filled = true;
    }
    str sentence = {0}, name;
    char *args[ARGS_MAX];
    size_t count = 0;
    (void)str_cut(&text, '|', &sentence);
    if (sentence.len == 0) fail(c, at, "an empty message", STR(""));
    struct buf *list = buf_new(c->arena);
    struct buf *integers = buf_new(c->arena);
    while (text.len != 0) {
        (void)str_cut(&text, '|', &name);
        if (count == ARGS_MAX) fail(c, at, "too many arguments of", sentence);
        struct field *field = resolve(c, at, str_trim(name), &args[count]);
        if (field->kind == KIND_INT)
            buf_printf(integers, "char integer%zu[HTML_INT_BYTES]; ", count);
        else if (field->kind != KIND_TEXT && field->kind != KIND_URL)
            fail(c, at, "an argument of a message is text or int:", name);
        buf_puts(list, count != 0 ? ", " : "");
        if (field->kind == KIND_INT)
            buf_printf(list, "html_int(integer%zu, %s)", count, args[count]);
        else
            buf_puts(list, args[count]);
        count++;
    }
    check_placeholders(c, at, sentence, count);
    flush_literal(c);
    indent(c);
    if (count != 0) buf_printf(c->code, "{ %s", integers->len != 0 ? integers->ptr : "");
    buf_puts(c->code, "html_put_message(out, context, ");
    put_c_string(c->code, sentence);
    if (count == 0)
        buf_puts(c->code, ", NULL, 0);\n");
    else
        buf_printf(c->code, ", (str[]){%s}, %zu); }\n", list->ptr, count);
}

enum end { END_FILE, END_ELSE, END_IF, END_EACH };
static enum end compile_block(struct compiler *c);

static void check_same(const struct compiler *c, size_t at, const struct state *a,
                       const struct state *b)
{
    if (a->place != b->place || strcmp(a->tag, b->tag) != 0 || a->quote != b->quote ||
        a->method_post != b->method_post || a->method_known != b->method_known ||
        (a->place == IN_VALUE && strcmp(a->attribute, b->attribute) != 0))
        fail(c, at, "the branches of a block end in different places of the HTML", STR(""));
}

static void merge_state(struct state *into, const struct state *other)
{
    into->blank_needed = into->blank_needed || other->blank_needed;
    into->value_filled = into->value_filled || other->value_filled;
    if (other->value[0] == '\0')
        into->value[0] = '\0'; /* perhaps still at the start of a URL: be strict */
}

static void compile_if(struct compiler *c, size_t at, str name)
{
    bool negated = str_starts(name, "not ");
    if (negated) name = str_trim(str_slice(name, 4, name.len));
    char *expression;
    struct field *field = resolve(c, at, name, &expression);
    flush_literal(c);
    indent(c);
    buf_puts(c->code, negated ? "if (!(" : "if (");
    if (field->kind == KIND_LIST)
        buf_printf(c->code, "%s_count != 0", expression);
    else if (field->kind == KIND_FLAG)
        buf_puts(c->code, expression);
    else if (field->kind == KIND_INT)
        buf_printf(c->code, "%s != 0", expression);
    else
        buf_printf(c->code, "%s.len != 0", expression);
    buf_puts(c->code, negated ? ")) {\n" : ") {\n");
    struct state before = c->state;
    c->blocks++;
    enum end end = compile_block(c);
    struct state after_then = c->state;
    if (end == END_ELSE) {
        c->state = before;
        c->blocks--;
        indent(c);
        c->blocks++;
        buf_puts(c->code, "} else {\n");
        end = compile_block(c);
        check_same(c, at, &after_then, &c->state);
        merge_state(&c->state, &after_then);
    } else {
        check_same(c, at, &before, &c->state);
        merge_state(&c->state, &before);
    }
    if (end != END_IF) fail(c, at, "{{#if}} is not closed by {{/if}}", STR(""));
    c->blocks--;
    indent(c);
    buf_puts(c->code, "}\n");
}

static void compile_each(struct compiler *c, size_t at, str name)
{
    char *expression;
    struct field *field = resolve(c, at, name, &expression);
    if (field->kind != KIND_LIST) fail(c, at, "not a list:", name);
    if (c->depth + 1 == DEPTH_MAX) fail(c, at, "lists are nested too deep", STR(""));
    flush_literal(c);
    size_t level = c->depth + 1;
    indent(c);
    buf_printf(c->code, "for (size_t i%zu = 0; i%zu < %s_count; i%zu++) {\n", level, level,
               expression, level);
    c->depth = level;
    c->scopes[level] = field->list;
    c->blocks++;
    indent(c);
    buf_printf(c->code, "const struct %s *row%zu UNUSED = &%s[i%zu];\n", field->list->type, level,
               expression, level);
    struct state before = c->state;
    if (compile_block(c) != END_EACH) fail(c, at, "{{#each}} is not closed by {{/each}}", STR(""));
    check_same(c, at, &before, &c->state);
    merge_state(&c->state, &before);
    c->depth--;
    c->blocks--;
    indent(c);
    buf_puts(c->code, "}\n");
}

/* Reads from c->at until the end of the block it is in. */
static enum end compile_block(struct compiler *c)
{
    for (; c->at < c->source.len; c->at++) {
        str rest = str_slice(c->source, c->at, c->source.len);
        size_t length, at = c->at;
        if (!str_starts(rest, "{{")) {
            if (step(c, rest.ptr[0])) buf_putc(c->literal, rest.ptr[0]);
            continue;
        }
        if (!str_find(rest, STR("}}"), &length)) fail(c, at, "{{ is not closed by }}", STR(""));
        str inside = str_trim(str_slice(rest, 2, length));
        end_name(c);
        c->at += length + 1;
        bool closes = str_is(inside, "else") || str_is(inside, "/if") || str_is(inside, "/each");
        if (closes) {
            if (c->blocks == 0) fail(c, at, "nothing is open here for", inside);
            flush_literal(c);
            c->at++;
            return str_is(inside, "else") ? END_ELSE : str_is(inside, "/if") ? END_IF : END_EACH;
        }
        bool opens_if = str_starts(inside, "#if "), opens_each = str_starts(inside, "#each ");
        if (opens_if || opens_each) {
            c->at++;
            if (opens_if)
                compile_if(c, at, str_trim(str_slice(inside, 4, inside.len)));
            else
                compile_each(c, at, str_trim(str_slice(inside, 6, inside.len)));
            c->at--; /* the loop steps over one character */
        } else if (str_starts(inside, "t:")) {
            emit_message(c, at, str_slice(inside, 2, inside.len));
        } else {
            emit_field(c, at, inside);
        }
    }
    flush_literal(c);
    return END_FILE;
}

/* ---- output ---- */

static void put_struct(struct buf *out, const struct scope *scope)
{
    for (size_t i = 0; i < scope->count; i++)
        if (scope->fields[i].kind == KIND_LIST) put_struct(out, scope->fields[i].list);
    buf_printf(out, "struct %s {\n", scope->type);
    for (size_t i = 0; i < scope->count; i++) {
        const struct field *field = &scope->fields[i];
        if (field->kind == KIND_LIST)
            buf_printf(out, "    struct %s *%.*s;\n    size_t %.*s_count;\n", field->list->type,
                       STR_ARG(field->name), STR_ARG(field->name));
        else
            buf_printf(out, "    %s%.*s;\n", kind_types[field->kind], STR_ARG(field->name));
    }
    if (scope->count == 0) buf_puts(out, "    char nothing; /* the page has no fields */\n");
    buf_puts(out, "};\n\n");
}

static void check_used(const struct compiler *c, const struct scope *scope)
{
    for (size_t i = 0; i < scope->count; i++) {
        const struct field *field = &scope->fields[i];
        if (!field->used) fail(c, field->at, "declared but never used:", field->name);
        if (field->kind == KIND_LIST) check_used(c, field->list);
    }
}

static void write_file(const char *path, str text)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(text.ptr, 1, text.len, file) != text.len || fclose(file) != 0) {
        fprintf(stderr, "htmlgen: can't write %s\n", path);
        exit(1);
    }
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void write_output(struct compiler *c, const char *header_path, const char *code_path)
{
    const char *prototype = arena_printf(c->arena,
                                         "void html_%s(struct buf *out, const struct html_context "
                                         "*context,\n    const struct html_%s *page)",
                                         c->page, c->page);
    struct buf *header = buf_new(c->arena);
    buf_printf(header,
               "/* Made by htmlgen from %s; do not edit. */\n#ifndef HTML_PAGE_%s\n#define "
               "HTML_PAGE_%s\n\n"
               "#include \"http/html.h\"\n\n",
               base_name(c->file), c->page, c->page);
    put_struct(header, c->root);
    buf_printf(header, "%s;\n\n#endif\n", prototype);
    write_file(header_path, buf_str(header));

    struct buf *code = buf_new(c->arena);
    buf_printf(code, "/* Made by htmlgen from %s; do not edit. */\n#include \"%s\"\n\n%s\n{\n",
               base_name(c->file), base_name(header_path), prototype);
    buf_puts(code, "    (void)context;\n    (void)page;\n");
    buf_put_str(code, buf_str(c->code));
    buf_puts(code, "}\n");
    write_file(code_path, buf_str(code));
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: htmlgen TEMPLATE OUT.h OUT.c\n");
        return 2;
    }
    struct arena *arena = arena_open(0);
    struct compiler c = {
        .arena = arena, .file = argv[1], .literal = buf_new(arena), .code = buf_new(arena)};
    FILE *file = fopen(argv[1], "rb");
    char *bytes = arena_alloc(arena, FILE_BYTES_MAX);
    size_t count = file == NULL ? 0 : fread(bytes, 1, FILE_BYTES_MAX, file);
    if (file == NULL || ferror(file) || count == FILE_BYTES_MAX) {
        fprintf(stderr, "htmlgen: can't read %s, or it is larger than %d bytes\n", argv[1],
                FILE_BYTES_MAX);
        return 1;
    }
    fclose(file);
    c.source = (str){bytes, count};
    if (!utf8_valid(c.source)) fail(&c, 0, "not UTF-8", STR(""));
    parse_declarations(&c);
    c.scopes[0] = c.root;
    enum end end = compile_block(&c);
    if (end != END_FILE) fail(&c, c.at, "a block is closed that was never opened", STR(""));
    if (c.state.place != IN_TEXT) fail(&c, c.source.len, "the file ends inside a tag", STR(""));
    check_used(&c, c.root);
    write_output(&c, argv[2], argv[3]);
    arena_close(arena);
    return 0;
}
