#include "model/token.h"

#include <string.h>

#include "base/date.h"
#include "base/num.h"

struct reader {
    struct arena *arena;
    str source;
    size_t at, line_start;
    int line;
    struct token *tokens;
    size_t count, capacity;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           (unsigned char)c >= 0x80;
}

static char peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->source.len ? r->source.ptr[r->at + ahead] : '\0';
}

static struct token *push(struct reader *r, enum token_kind kind, size_t from)
{
    struct token *token = ARENA_PUSH(r->arena, r->tokens, r->count, r->capacity);
    bool spaced = from == 0 || r->source.ptr[from - 1] == ' ' || r->source.ptr[from - 1] == '\t' ||
                  from == r->line_start;
    *token = (struct token){.kind = kind,
                            .spaced = spaced,
                            .text = str_slice(r->source, from, r->at),
                            .line = r->line,
                            .column = (int)(from - r->line_start) + 1,
                            .from = from,
                            .to = r->at};
    return token;
}

static void read_number(struct reader *r)
{
    size_t from = r->at;
    str rest = str_slice(r->source, from, r->source.len);
    date day;
    if (rest.len >= 10 && rest.ptr[4] == '-' && date_parse_iso(str_slice(rest, 0, 10), &day) &&
        (rest.len == 10 || !is_digit(rest.ptr[10]))) {
        r->at += 10;
        push(r, TOKEN_DATE, from)->day = day.day;
        return;
    }
    while (is_digit(peek(r, 0))) r->at++;
    if (peek(r, 0) == '.' && is_digit(peek(r, 1))) {
        r->at++;
        while (is_digit(peek(r, 0))) r->at++;
    }
    if (peek(r, 0) == 'e' || peek(r, 0) == 'E') {
        size_t sign = peek(r, 1) == '-' || peek(r, 1) == '+' ? 2 : 1;
        if (is_digit(peek(r, sign))) {
            r->at += sign;
            while (is_digit(peek(r, 0))) r->at++;
        }
    }
    struct token *token = push(r, TOKEN_NUMBER, from);
    if (!num_parse(token->text, &token->number)) {
        token->kind = TOKEN_WRONG;
        token->text = STR("This number is too large or has too many digits.");
    }
}

static void read_text(struct reader *r)
{
    size_t from = r->at++;
    bool escaped = false;
    while (r->at < r->source.len && peek(r, 0) != '"' && peek(r, 0) != '\n') {
        if (peek(r, 0) == '\\' && (peek(r, 1) == '"' || peek(r, 1) == '\\')) {
            escaped = true;
            r->at++;
        }
        r->at++;
    }
    if (peek(r, 0) != '"') {
        push(r, TOKEN_WRONG, from)->text = STR("A text is not closed on its line; end it with \".");
        return;
    }
    r->at++;
    struct token *token = push(r, TOKEN_TEXT, from);
    token->text = str_slice(r->source, from + 1, r->at - 1);
    if (!escaped) return;
    char *plain = arena_alloc(r->arena, token->text.len + 1);
    size_t length = 0;
    for (size_t i = 0; i < token->text.len; i++) {
        bool escapes = token->text.ptr[i] == '\\' &&
                       (token->text.ptr[i + 1] == '"' || token->text.ptr[i + 1] == '\\');
        if (escapes) i++;
        plain[length++] = token->text.ptr[i];
    }
    token->text = (str){plain, length};
}

static void read_mark(struct reader *r)
{
    static const char *const pairs[] = {"..", "!=", "<=", ">="};
    size_t from = r->at;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (peek(r, 0) == pairs[i][0] && peek(r, 1) == pairs[i][1]) {
            r->at += 2;
            push(r, TOKEN_MARK, from);
            return;
        }
    char c = r->source.ptr[r->at++];
    if (c != '\0' && strchr("+-*/^()[],:;=<>.%", c) != NULL)
        push(r, TOKEN_MARK, from);
    else
        push(r, TOKEN_WRONG, from)->text = STR("This character has no meaning here.");
}

/* Ends a statement, right behind its last token. */
static void push_end(struct reader *r)
{
    const struct token last = r->tokens[r->count - 1];
    struct token *end = push(r, TOKEN_END, r->at);
    end->line = last.line;
    end->column = last.column + (int)(last.to - last.from);
    end->from = end->to = last.to;
}

/* The blanks at the start of a line, or -1 when nothing but a comment follows. */
static int line_indent(struct reader *r)
{
    int indent = 0;
    for (; peek(r, 0) == ' ' || peek(r, 0) == '\t'; r->at++) indent += peek(r, 0) == '\t' ? 4 : 1;
    char c = peek(r, 0);
    bool empty =
        r->at >= r->source.len || c == '\n' || c == '#' || (c == '\r' && peek(r, 1) == '\n');
    return empty ? -1 : indent;
}

struct token *token_read(struct arena *arena, str source, size_t *count)
{
    struct reader r = {.arena = arena, .source = source, .line = 1};
    if (str_starts(source, "\xEF\xBB\xBF")) r.at = r.line_start = 3;
    int open = -1; /* indent of the statement begun, -1: none */
    bool head = false;
    while (r.at < source.len) {
        int indent = line_indent(&r);
        if (indent >= 0) {
            bool goes_on = open >= 0 && indent > open;
            if (goes_on && head && peek(&r, 0) != '"') goes_on = false;
            if (!goes_on) {
                if (open >= 0) push_end(&r);
                open = indent;
                str rest = str_slice(source, r.at, source.len);
                head = str_starts(rest, "model ") || str_starts(rest, "example ");
            }
        }
        while (r.at < source.len && peek(&r, 0) != '\n') {
            char c = peek(&r, 0);
            size_t from = r.at;
            if (r.count > TOKENS_MAX) return NULL;
            if (c == '#') {
                while (r.at < source.len && peek(&r, 0) != '\n') r.at++;
            } else if (c == ' ' || c == '\t' || c == '\r') {
                r.at++;
            } else if (is_digit(c)) {
                read_number(&r);
            } else if (is_name_byte(c)) {
                while (is_name_byte(peek(&r, 0))) r.at++;
                push(&r, TOKEN_NAME, from);
            } else if (c == '"') {
                read_text(&r);
            } else {
                read_mark(&r);
            }
        }
        if (r.at < source.len) r.at++;
        r.line++;
        r.line_start = r.at;
    }
    if (open >= 0) push_end(&r);
    push(&r, TOKEN_EOF, r.at);
    *count = r.count;
    return r.tokens;
}

bool token_is(const struct token *token, const char *mark_or_word)
{
    return (token->kind == TOKEN_MARK || token->kind == TOKEN_NAME) &&
           str_is(token->text, mark_or_word);
}

size_t text_distance(str a, str b, size_t limit)
{
    enum { LENGTH_MAX = 64 };
    size_t row[LENGTH_MAX + 1];
    if (a.len > LENGTH_MAX || b.len > LENGTH_MAX) return limit;
    for (size_t j = 0; j <= b.len; j++) row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = corner + (a.ptr[i - 1] != b.ptr[j - 1]);
            corner = row[j];
            row[j] = size_min(change, size_min(row[j], row[j - 1]) + 1);
        }
    }
    return size_min(row[b.len], limit);
}
