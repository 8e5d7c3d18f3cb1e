/* The canonical layout of a model file. Only blanks change: the author's line breaks, comments and
 * words stay. A line is indented by what it begins (2 for the head of the model and the lines of an
 * example, 2 more for a part such as a label or clause, 4 more and 2 for each open bracket within a
 * formula); one blank stands between words; units, keys and versions are written without any. */
#include "model/fmt.h"

#include <string.h>

#include "base/buf.h"

struct layout {
    struct model *model;
    const struct token *tokens;
    const uint8_t *marks;
    struct buf *out;
    bool in_head, in_example;
    int indent; /* of the statement */
    int depth;  /* open brackets */
};

enum word_group {
    GROUP_NONE,
    GROUP_STATEMENT,
    GROUP_PART,
    GROUP_TYPE,
    GROUP_PERIOD,
    GROUP_OPERATOR,
    GROUP_FUNCTION,
    GROUP_VALUE
};

static enum word_group group_of(const struct token *token)
{
    static const struct {
        const char *word;
        enum word_group group;
    } words[] = {
#define KEYWORD(word, group, reserved) {#word, GROUP_##group},
#include "model/keyword.def"
#undef KEYWORD
    };
    for (size_t i = 0; token->kind == TOKEN_NAME && i < ARRAY_LEN(words); i++)
        if (str_is(token->text, words[i].word)) return words[i].group;
    return GROUP_NONE;
}

static bool is_any(const struct token *token, const char *const *words)
{
    for (; *words != NULL; words++)
        if (token_is(token, *words)) return true;
    return false;
}

/* Whether a value may end with it, so that a - behind it subtracts. */
static bool ends_value(const struct layout *f, size_t i)
{
    const struct token *token = &f->tokens[i];
    if (f->marks[i] != MARK_NONE || token->kind == TOKEN_NUMBER || token->kind == TOKEN_TEXT ||
        token->kind == TOKEN_DATE || token_is(token, ")") || token_is(token, "]"))
        return true;
    enum word_group group = group_of(token);
    return token->kind == TOKEN_NAME && group != GROUP_OPERATOR && group != GROUP_PART;
}

static bool number_at(const struct layout *f, size_t i)
{
    return f->tokens[i].kind == TOKEN_NUMBER && f->marks[i] == MARK_NONE;
}

/* Whether a blank stands between tokens[i - 1] and tokens[i], which share a statement. */
static bool blank_before(const struct layout *f, size_t i)
{
    static const char *const tight[] = {"*", "/", "^", NULL};
    static const char *const closing[] = {",", ")", "]", NULL};
    const struct token *last = &f->tokens[i - 1], *token = &f->tokens[i];
    if (f->marks[i] == MARK_UNIT) {
        if ((token_is(last, ".") && token->kind == TOKEN_NAME) ||
            (token_is(token, ".") && last->kind == TOKEN_NAME))
            return false;
        if (is_any(last, tight) || is_any(token, tight) || token_is(last, "(") ||
            token_is(token, ")"))
            return false;
        return token->spaced;
    }
    if (token_is(last, "(") || token_is(last, "[")) return false;
    if (f->marks[i] == MARK_UNIT_FIRST || f->marks[i] == MARK_WORD_FIRST) return true;
    if (is_any(token, closing) || token_is(token, "[")) return false;
    if (token_is(token, "(")) {
        enum word_group group = group_of(last);
        return last->kind != TOKEN_NAME || f->marks[i - 1] != MARK_NONE ||
               group == GROUP_OPERATOR || group == GROUP_PART;
    }
    if (token_is(token, ".") || token_is(last, ".") || token_is(token, "^") || token_is(last, "^"))
        return false;
    if (token_is(token, ":")) return f->depth == 0;
    if (token_is(last, "-") && (i < 2 || !ends_value(f, i - 2))) return false;
    if (token_is(token, "/") && number_at(f, i - 1) && number_at(f, i + 1)) return false;
    if (token_is(last, "/") && i >= 2 && number_at(f, i - 2) && number_at(f, i)) return false;
    return true;
}

static void newline(struct layout *f, int indent)
{
    if (f->out->len != 0) buf_putc(f->out, '\n');
    buf_printf(f->out, "%*s", indent, "");
}

/* What stands between two tokens: a comment behind the first, lines of comments, blank lines.
 * True when a line ended there. */
static bool put_gap(struct layout *f, str gap, bool between, bool last, int indent)
{
    bool broken = false, blank = false;
    while (gap.len != 0) {
        size_t at;
        bool ended = str_find(gap, STR("\n"), &at);
        str line = str_trim(str_slice(gap, 0, ended ? at : gap.len));
        gap = str_slice(gap, ended ? at + 1 : gap.len, gap.len);
        if (line.len != 0) {
            if (!broken && f->out->len != 0) {
                buf_puts(f->out, "  ");
            } else {
                if (blank && between && f->out->len != 0) buf_putc(f->out, '\n');
                newline(f, indent);
            }
            buf_put_str(f->out, line);
            blank = false;
        } else if (broken && ended) {
            blank = true;
        }
        broken = broken || ended || line.len != 0;
    }
    if (blank && between && !last && f->out->len != 0) buf_putc(f->out, '\n');
    return broken;
}

static int statement_indent(struct layout *f, const struct token *token)
{
    static const char *const head[] = {"kind",  "title",   "source", "entity",
                                       "valid", "applies", "meta",   NULL};
    if (token_is(token, "model")) {
        f->in_head = true;
        return 0;
    }
    if (f->in_head && is_any(token, head)) return 2;
    f->in_head = false;
    if (f->in_example && (group_of(token) != GROUP_STATEMENT || token_is(token, "expect")))
        return 2;
    f->in_example = token_is(token, "example");
    return 0;
}

/* The indent of a line that goes on with a statement. */
static int line_indent(const struct layout *f, size_t i)
{
    static const char *const parts[] = {"clause", "source", "help",        "post", "from",
                                        "per",    "zh",     "uncertainty", NULL};
    const struct token *token = &f->tokens[i];
    bool part = f->depth == 0 && (token->kind == TOKEN_TEXT || is_any(token, parts));
    int depth = f->depth - (token_is(token, ")") ? 1 : 0);
    return f->indent + (part ? 2 : 4 + 2 * (depth > 10 ? 10 : depth));
}

static void put_token(struct layout *f, size_t i, size_t behind, bool first)
{
    const struct token *token = &f->tokens[i];
    str gap = str_slice(f->model->text, behind, token->from);
    if (!first && f->marks[i] == MARK_WORD) {
        buf_put_str(f->out, gap);
    } else if (first) {
        f->depth = 0;
        f->indent = statement_indent(f, token);
        put_gap(f, gap, true, false, f->indent);
        newline(f, f->indent);
    } else if (memchr(gap.ptr, '\n', gap.len) != NULL) {
        put_gap(f, gap, false, false, line_indent(f, i));
        newline(f, line_indent(f, i));
    } else if (f->indent == 2 && f->in_head && f->tokens[i - 1].text.len < 8 &&
               (i < 2 || f->tokens[i - 2].kind == TOKEN_END)) {
        buf_printf(f->out, "%*s", 8 - (int)f->tokens[i - 1].text.len, "");
    } else if (blank_before(f, i)) {
        buf_putc(f->out, ' ');
    }
    buf_put_str(f->out, str_slice(f->model->text, token->from, token->to));
    if (token_is(token, "(")) f->depth++;
    if (token_is(token, ")")) f->depth--;
}

static str lay_out(struct arena *arena, struct model *model)
{
    struct layout f = {
        .model = model, .tokens = model->tokens, .marks = model->marks, .out = buf_new(arena)};
    size_t behind = str_starts(model->text, "\xEF\xBB\xBF") ? 3 : 0, last = behind;
    bool first = true;
    for (size_t i = 0; i < model->token_count; i++) {
        const struct token *token = &model->tokens[i];
        if (token->kind == TOKEN_END) {
            first = true;
            continue;
        }
        if (token->kind == TOKEN_EOF) break;
        put_token(&f, i, last, first);
        last = token->to;
        first = false;
    }
    put_gap(&f, str_slice(model->text, last, model->text.len), true, true, 0);
    buf_putc(f.out, '\n');
    return buf_str(f.out);
}

bool fmt_model(struct arena *arena, struct model_library *library, str path, str text,
               struct model_diagnostics *diagnostics, str *formatted)
{
    struct model *model = library_parse_text(library, path, text, true, diagnostics);
    if (model == NULL || model->errors != 0) return false;
    str laid = lay_out(arena, model);
    struct model *again = library_parse_text(library, path, laid, true, diagnostics);
    if (again == NULL || again->errors != 0 ||
        !digest_equal(tree_digest(arena, model), tree_digest(arena, again))) {
        model_report(model, NULL, "format", NULL,
                     "The formatted text would mean something else, so the file is left as it is.");
        return false;
    }
    *formatted = laid;
    return true;
}
