#include "sqlgen.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

const struct type_info type_infos[TYPES] = {
    [TYPE_ID] = {"id", "INTEGER", "bigint", "id64", "int", "SQL_INT"},
    [TYPE_INT] = {"int", "INTEGER", "bigint", "int64_t", "int", "SQL_INT"},
    [TYPE_GRAMS] = {"grams", "INTEGER", "bigint", "int64_t", "int", "SQL_INT"},
    [TYPE_CENTS] = {"cents", "INTEGER", "bigint", "int64_t", "int", "SQL_INT"},
    [TYPE_DAY] = {"day", "INTEGER", "bigint", "date", "day", "SQL_DAY"},
    [TYPE_INSTANT] = {"instant", "INTEGER", "bigint", "int64_t", "int", "SQL_INT"},
    [TYPE_FLAG] = {"flag", "INTEGER", "boolean", "bool", "flag", "SQL_FLAG"},
    [TYPE_REAL64] = {"real64", "REAL", "double precision", "double", "real", "SQL_REAL"},
    [TYPE_TEXT] = {"text", "TEXT", "text COLLATE \"C\"", "str", "text", "SQL_TEXT"},
    [TYPE_BYTES] = {"bytes", "BLOB", "bytea", "str", "text", "SQL_BYTES"},
};

bool type_find(str name, enum type *type)
{
    for (int i = 0; i < TYPES; i++) {
        if (!str_is(name, type_infos[i].name)) continue;
        *type = (enum type)i;
        return true;
    }
    return false;
}

void fail_at(const char *file, int line, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "%s:%d: error: ", file, line);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(1);
}

bool token_is(struct token token, const char *word)
{
    return (token.kind == TOKEN_WORD || token.kind == TOKEN_MARK) &&
           str_equal_fold(token.text, str_from(word));
}

static char peek(const struct lexer *lexer, size_t ahead)
{
    size_t at = lexer->at + ahead;
    return at < lexer->text.len ? lexer->text.ptr[at] : '\0';
}

static char take(struct lexer *lexer)
{
    char c = peek(lexer, 0);
    lexer->at++;
    if (c == '\n') lexer->line++;
    return c;
}

static bool skip_blank(struct lexer *lexer)
{
    size_t start = lexer->at;
    for (;;) {
        if (isspace((unsigned char)peek(lexer, 0))) {
            take(lexer);
        } else if (peek(lexer, 0) == '-' && peek(lexer, 1) == '-') {
            size_t from = lexer->at;
            while (lexer->at < lexer->text.len && peek(lexer, 0) != '\n') take(lexer);
            str comment = str_slice(lexer->text, from + 2, lexer->at);
            if (str_is(str_trim(comment), "append-only")) lexer->saw_append_only = true;
            if (str_is(str_trim(comment), "uncounted")) lexer->saw_uncounted = true;
            if (str_is(str_trim(comment), "shared")) lexer->saw_shared = true;
        } else if (peek(lexer, 0) == '/' && peek(lexer, 1) == '*') {
            fail_at(lexer->file, lexer->line, "write comments as -- lines");
        } else {
            return lexer->at != start;
        }
    }
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* A quoted piece; its quote is doubled inside. */
static void take_quoted(struct lexer *lexer)
{
    int line = lexer->line;
    char quote = take(lexer);
    for (;;) {
        if (lexer->at >= lexer->text.len)
            fail_at(lexer->file, line, "the quote %c is not closed", quote);
        if (take(lexer) != quote) continue;
        if (peek(lexer, 0) != quote) return;
        take(lexer);
    }
}

struct token lexer_next(struct lexer *lexer)
{
    struct token token = {.spaced = skip_blank(lexer)};
    token.line = lexer->line;
    size_t from = lexer->at;
    char c = peek(lexer, 0);
    if (from >= lexer->text.len) {
        token.kind = TOKEN_END;
        return token;
    }
    if (c == '\'' || c == '"') {
        take_quoted(lexer);
        token.kind = c == '"' ? TOKEN_QUOTED : TOKEN_STRING;
    } else if (isdigit((unsigned char)c)) {
        while (word_char(peek(lexer, 0)) || peek(lexer, 0) == '.') take(lexer);
        token.kind = TOKEN_NUMBER;
    } else if (word_char(c)) {
        while (word_char(peek(lexer, 0))) take(lexer);
        token.kind = TOKEN_WORD;
    } else if (c == ':' && word_char(peek(lexer, 1))) {
        take(lexer);
        from = lexer->at;
        while (word_char(peek(lexer, 0))) take(lexer);
        token.kind = TOKEN_PARAM;
    } else if (c == ':' && peek(lexer, 1) == ':') {
        fail_at(lexer->file, lexer->line, ":: is PostgreSQL's own; write cast(x as type)");
    } else if (c == '?' || c == '$' || c == '`' || c == '[' || c == '@') {
        fail_at(lexer->file, lexer->line, "unexpected '%c'; parameters are written :name", c);
    } else {
        take(lexer);
        token.kind = TOKEN_MARK;
    }
    token.text = str_slice(lexer->text, from, lexer->at);
    return token;
}
