/* Reads a room's statements: a head of comment lines, then the text of one or two dialects. */
#include "sqlgen.h"

static const char *const kind_names[KINDS] = {"one", "many", "exec"};

struct reader {
    struct statements *all;
    const char *room;
    const char *file;
    str rest;
    int line; /* of the line at the front of rest */
};

/* The next line without its end; *line is its number. False at the end. */
static bool next_line(struct reader *reader, str *text, int *line)
{
    if (reader->rest.len == 0) return false;
    *line = reader->line++;
    size_t at;
    if (!str_find(reader->rest, STR("\n"), &at)) at = reader->rest.len;
    *text = str_slice(reader->rest, 0, at);
    reader->rest = str_slice(reader->rest, at + 1, reader->rest.len);
    return true;
}

/* "-- word rest": the comment's first word and what follows. */
static bool comment_parts(str line, str *word, str *rest)
{
    line = str_trim(line);
    if (!str_starts(line, "--")) return false;
    *rest = str_trim(str_slice(line, 2, line.len));
    size_t at = 0;
    while (at < rest->len && rest->ptr[at] != ' ' && rest->ptr[at] != '\t') at++;
    *word = str_slice(*rest, 0, at);
    *rest = str_trim(str_slice(*rest, at, rest->len));
    return true;
}

static bool next_word(str *rest, str *word)
{
    *rest = str_trim(*rest);
    size_t at = 0;
    while (at < rest->len && rest->ptr[at] != ' ' && rest->ptr[at] != '\t') at++;
    *word = str_slice(*rest, 0, at);
    *rest = str_trim(str_slice(*rest, at, rest->len));
    return word->len > 0;
}

static bool name_valid(str name)
{
    if (name.len == 0 || name.ptr[0] < 'a' || name.ptr[0] > 'z') return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

static const struct field *find_field(const struct fields *fields, str name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (str_equal(fields->items[i].name, name)) return &fields->items[i];
    return NULL;
}

/* Words that the written C could not use as a name. */
static bool name_taken(str name)
{
    static const char *const taken[] = {
        "db",       "arena",    "row",     "rows",    "found",  "count",    "changed", "err",
        "values",   "all",      "auto",    "bool",    "break",  "case",     "char",    "const",
        "continue", "date",     "default", "do",      "double", "else",     "enum",    "extern",
        "false",    "float",    "for",     "goto",    "if",     "inline",   "int",     "long",
        "register", "restrict", "return",  "short",   "signed", "sizeof",   "static",  "str",
        "struct",   "switch",   "true",    "typedef", "union",  "unsigned", "void",    "volatile",
        "while",    "id64",
    };
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        if (str_is(name, taken[i])) return true;
    return false;
}

static void read_fields(struct reader *reader, struct fields *fields, str list, int line)
{
    str part;
    while (str_cut(&list, ',', &part)) {
        struct field field = {.line = line};
        str word;
        if (str_trim(part).len == 0)
            continue; /* a comma at the end of a line goes on in the next */
        if (!next_word(&part, &field.name) || !next_word(&part, &word) || str_trim(part).len != 0)
            fail_at(reader->file, line, "expected 'name type' between commas in -- in and -- out");
        if (str_ends(word, "?")) {
            field.nullable = true;
            word.len--;
        }
        if (!name_valid(field.name))
            fail_at(reader->file, line, "'%.*s' is not a name in lower case", STR_ARG(field.name));
        if (name_taken(field.name))
            fail_at(reader->file, line,
                    "the written C can't call anything '%.*s'; choose another name",
                    STR_ARG(field.name));
        if (!type_find(word, &field.type))
            fail_at(reader->file, line,
                    "'%.*s' is not a type (a comment must not start with the word "
                    "in or out)",
                    STR_ARG(word));
        if (find_field(fields, field.name) != NULL)
            fail_at(reader->file, line, "%.*s is declared twice", STR_ARG(field.name));
        *ARENA_PUSH(reader->all->arena, fields->items, fields->count, fields->capacity) = field;
    }
}

static void read_head(struct reader *reader, struct statement *statement, str rest)
{
    str kind;
    if (!next_word(&rest, &statement->name) || !next_word(&rest, &kind) || rest.len != 0)
        fail_at(reader->file, statement->line, "expected '-- statement name one|many|exec'");
    int found = -1;
    for (int i = 0; i < KINDS; i++)
        if (str_is(kind, kind_names[i])) found = i;
    if (found < 0)
        fail_at(reader->file, statement->line, "'%.*s' is not one, many or exec", STR_ARG(kind));
    statement->kind = (enum kind)found;
    const char *prefix = arena_printf(reader->all->arena, "%s_", reader->room);
    if (!name_valid(statement->name) || !str_starts(statement->name, prefix))
        fail_at(reader->file, statement->line,
                "the name '%.*s' must be in lower case and start with %s", STR_ARG(statement->name),
                prefix);
    for (size_t i = 0; i < reader->all->count; i++)
        if (str_equal(reader->all->items[i].name, statement->name))
            fail_at(reader->file, statement->line, "statement %.*s exists already (line %d)",
                    STR_ARG(statement->name), reader->all->items[i].line);
}

/* Reads up to the semicolon; the parameters become ?N and $N. */
static void read_text(struct reader *reader, struct statement *statement, bool sqlite,
                      bool postgres)
{
    struct arena *arena = reader->all->arena;
    struct lexer lexer = {.file = reader->file, .text = reader->rest, .line = reader->line};
    struct buf *out[DIALECTS] = {buf_new(arena), buf_new(arena)};
    struct variant *variants = statement->variants;
    bool *used = ARENA_NEW_ARRAY(arena, bool, statement->in.count + 1);
    int first_line = 0;
    for (;;) {
        struct token token = lexer_next(&lexer);
        if (first_line == 0) first_line = token.line;
        if (token.kind == TOKEN_END)
            fail_at(reader->file, first_line, "the text of %.*s does not end in ;",
                    STR_ARG(statement->name));
        if (token_is(token, ";")) break;
        const struct field *field =
            token.kind == TOKEN_PARAM ? find_field(&statement->in, token.text) : NULL;
        if (token.kind == TOKEN_PARAM && field == NULL)
            fail_at(reader->file, token.line, "parameter :%.*s is not in the list -- in",
                    STR_ARG(token.text));
        for (int d = 0; d < DIALECTS; d++) {
            if (d == SQLITE ? !sqlite : !postgres) continue;
            if (token.spaced && out[d]->len > 0) buf_putc(out[d], ' ');
            *ARENA_PUSH(arena, variants[d].marks, variants[d].count, variants[d].capacity) =
                (struct text_mark){out[d]->len, token.line};
            if (field == NULL)
                buf_put_str(out[d], token.text);
            else
                buf_printf(out[d], "%c%d", d == SQLITE ? '?' : '$',
                           (int)(field - statement->in.items) + 1);
        }
        if (field != NULL) used[field - statement->in.items] = true;
    }
    for (size_t i = 0; i < statement->in.count; i++)
        if (!used[i])
            fail_at(reader->file, statement->in.items[i].line, "parameter %.*s of %.*s is not used",
                    STR_ARG(statement->in.items[i].name), STR_ARG(statement->name));
    for (int d = 0; d < DIALECTS; d++) {
        if (d == SQLITE ? !sqlite : !postgres) continue;
        variants[d].text = buf_str(out[d]);
        variants[d].line = first_line;
        variants[d].source = str_slice(lexer.text, 0, lexer.at);
    }
    reader->rest = str_slice(lexer.text, lexer.at, lexer.text.len);
    reader->line = lexer.line;
}

static void read_statement(struct reader *reader, struct statement *statement)
{
    struct buf *doc = buf_new(reader->all->arena);
    bool named = false; /* a dialect line was seen */
    for (;;) {
        struct reader before = *reader;
        str line, word, rest;
        int number;
        if (!next_line(reader, &line, &number)) break;
        if (str_trim(line).len == 0) continue;
        bool comment = comment_parts(line, &word, &rest);
        bool complete =
            statement->variants[SQLITE].text.len > 0 && statement->variants[POSTGRES].text.len > 0;
        if (comment && str_is(word, "statement")) {
            *reader = before;
            break;
        }
        bool sqlite = comment && rest.len == 0 && str_is(word, "sqlite");
        bool postgres = comment && rest.len == 0 && str_is(word, "postgres");
        if (sqlite || postgres) {
            if (statement->variants[sqlite ? SQLITE : POSTGRES].text.len > 0)
                fail_at(reader->file, number, "this variant of %.*s exists already",
                        STR_ARG(statement->name));
            named = true;
            read_text(reader, statement, sqlite, postgres);
        } else if (!comment && !complete && !named) {
            *reader = before;
            read_text(reader, statement, true, true);
        } else if (!comment) {
            fail_at(reader->file, number, "text after the end of %.*s; expected -- statement",
                    STR_ARG(statement->name));
        } else if (complete || named) {
            continue; /* a comment between statements */
        } else if (str_is(word, "in")) {
            read_fields(reader, &statement->in, rest, number);
        } else if (str_is(word, "out")) {
            read_fields(reader, &statement->out, rest, number);
        } else {
            line = str_trim(str_slice(str_trim(line), 2, str_trim(line).len));
            buf_put_str(doc, line);
            buf_putc(doc, '\n');
        }
    }
    statement->doc = buf_str(doc);
    size_t at;
    if (str_find(statement->doc, STR("*/"), &at))
        fail_at(reader->file, statement->line, "the comment must not hold */");
    if (statement->in.count > PARAMS_MAX)
        fail_at(reader->file, statement->line, "%.*s has more than %d parameters",
                STR_ARG(statement->name), PARAMS_MAX);
    static const char *const names[DIALECTS] = {"sqlite", "postgres"};
    for (int d = 0; d < DIALECTS; d++)
        if (statement->variants[d].text.len == 0)
            fail_at(reader->file, statement->line, "%.*s has no text for %s",
                    STR_ARG(statement->name), names[d]);
    if (statement->kind == KIND_EXEC ? statement->out.count > 0 : statement->out.count == 0)
        fail_at(reader->file, statement->line,
                statement->kind == KIND_EXEC
                    ? "exec gives no rows: remove -- out, or make it one or many"
                    : "one and many need a list -- out");
}

void statements_read(struct statements *statements, const char *room, const char *file, str text)
{
    struct reader reader = {statements, room, file, text, 1};
    str line, word, rest;
    int number;
    while (next_line(&reader, &line, &number)) {
        if (str_trim(line).len == 0) continue;
        if (!comment_parts(line, &word, &rest))
            fail_at(file, number, "expected '-- statement name one|many|exec' before any text");
        if (!str_is(word, "statement")) continue;
        struct statement statement = {.file = file, .line = number};
        read_head(&reader, &statement, rest);
        read_statement(&reader, &statement);
        *ARENA_PUSH(statements->arena, statements->items, statements->count, statements->capacity) =
            statement;
    }
}
