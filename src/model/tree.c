#include "model/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

const char *tree_operator(enum op op)
{
    static const char *const names[] = {[OP_ADD] = "+",           [OP_SUBTRACT] = "-",
                                        [OP_MULTIPLY] = "*",      [OP_DIVIDE] = "/",
                                        [OP_POWER] = "^",         [OP_EQUAL] = "=",
                                        [OP_NOT_EQUAL] = "!=",    [OP_LESS] = "<",
                                        [OP_LESS_EQUAL] = "<=",   [OP_MORE] = ">",
                                        [OP_MORE_EQUAL] = ">=",   [OP_AND] = "and",
                                        [OP_OR] = "or",           [OP_SUM] = "sum",
                                        [OP_MEAN] = "mean",       [OP_COUNT] = "count",
                                        [OP_LEAST] = "min",       [OP_MOST] = "max",
                                        [OP_MIN] = "min",         [OP_MAX] = "max",
                                        [OP_ABS] = "abs",         [OP_SQRT] = "sqrt",
                                        [OP_EXP] = "exp",         [OP_LN] = "ln",
                                        [OP_ROUND] = "round",     [OP_COALESCE] = "coalesce",
                                        [OP_MISSING] = "missing", [OP_CLAMP] = "clamp"};
    return (size_t)op < ARRAY_LEN(names) && names[op] != NULL ? names[op] : "";
}

int tree_level(const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_NEGATE: return 7;
    case EXPR_NOT: return 3;
    case EXPR_IF:
    case EXPR_CASE:
    case EXPR_BAND: return 0;
    case EXPR_BINARY:
        switch (expr->op) {
        case OP_OR: return 1;
        case OP_AND: return 2;
        case OP_ADD:
        case OP_SUBTRACT: return 5;
        case OP_MULTIPLY:
        case OP_DIVIDE: return 6;
        case OP_POWER: return 8;
        default: return 4;
        }
    default: return 9;
    }
}

/* Words with one blank between them, comments left out. */
static void put_words(struct buf *out, str text)
{
    bool blank = false, any = false, quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (quoted && c == '\\' && i + 1 < text.len) {
            buf_putc(out, c);
            buf_putc(out, text.ptr[++i]);
            continue;
        }
        if (c == '"') quoted = !quoted;
        if (!quoted && c == '#') {
            while (i < text.len && text.ptr[i] != '\n') i++;
            c = ' ';
        }
        if (!quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
            blank = any;
            continue;
        }
        if (blank) buf_putc(out, ' ');
        blank = false;
        any = true;
        buf_putc(out, c);
    }
}

static void put_number(struct buf *out, const struct model *model, const struct expr *expr)
{
    size_t end = expr->to;
    if (expr->unit_text.len != 0) end = (size_t)(expr->unit_text.ptr - model->text.ptr);
    str written = str_slice(model->text, expr->from, end);
    for (size_t i = 0; i < written.len && written.ptr[i] != '#'; i++) /* 44 / 12 as 44/12 */
        if (strchr(" \t\r\n", written.ptr[i]) == NULL) buf_putc(out, written.ptr[i]);
    if (expr->unit_text.len == 0) return;
    buf_putc(out, ' ');
    put_words(out, expr->unit_text);
}

static void put(struct buf *out, const struct model *model, const struct expr *expr, int level);

static void put_list(struct buf *out, const struct model *model, const struct expr *expr,
                     size_t from)
{
    for (size_t i = from; i < expr->count; i++) {
        if (i > from) buf_puts(out, ", ");
        put(out, model, expr->args[i], 1);
    }
}

static void put_case(struct buf *out, const struct model *model, const struct expr *expr)
{
    buf_puts(out, "case ");
    put(out, model, expr->args[0], 1);
    for (size_t i = 1; i + 1 < expr->count; i += 2) {
        buf_puts(out, " when ");
        put(out, model, expr->args[i], 1);
        buf_puts(out, " then ");
        put(out, model, expr->args[i + 1], 1);
    }
    buf_puts(out, " else ");
    put(out, model, expr->args[expr->count - 1], 1);
}

static void put_band(struct buf *out, const struct model *model, const struct expr *expr)
{
    buf_puts(out, "band(");
    put(out, model, expr->args[0], 0);
    buf_putc(out, ')');
    for (size_t i = 0; i < expr->label_count; i++) {
        buf_printf(out, "%s %.*s", i == 0 ? "" : ",", STR_ARG(expr->labels[i]));
        if (expr->compares[i] == OP_NONE) {
            buf_puts(out, " otherwise");
            continue;
        }
        buf_printf(out, " %s ", tree_operator(expr->compares[i]));
        put(out, model, expr->args[i + 1], 5);
    }
}

/* percentile(x in table.column by key = value, …) */
static void put_peers(struct buf *out, const struct model *model, const struct expr *expr)
{
    size_t first = expr->count - expr->label_count;
    buf_printf(out, "%s(", expr->op == OP_PEER_MEAN ? "mean" : op_info(expr->op)->text);
    if (first != 0) put(out, model, expr->args[0], 1);
    buf_printf(out, "%s%.*s.%.*s by ", first != 0 ? " in " : "", STR_ARG(expr->name),
               STR_ARG(expr->field));
    for (size_t i = 0; i < expr->label_count; i++) {
        buf_printf(out, "%s%.*s = ", i == 0 ? "" : ", ", STR_ARG(expr->labels[i]));
        put(out, model, expr->args[first + i], 5);
    }
    buf_putc(out, ')');
}

static void put_call(struct buf *out, const struct model *model, const struct expr *expr)
{
    if (expr->kind == EXPR_LOOKUP) {
        buf_printf(out, "lookup(%.*s.%.*s", STR_ARG(expr->name), STR_ARG(expr->field));
        for (size_t i = 0; i < expr->label_count; i++) {
            buf_printf(out, ", %.*s %s ", STR_ARG(expr->labels[i]),
                       tree_operator(expr->compares[i]));
            put(out, model, expr->args[i], 5);
        }
        buf_putc(out, ')');
        return;
    }
    if (expr->kind == EXPR_PEERS) {
        put_peers(out, model, expr);
        return;
    }
    if (expr->kind == EXPR_SUM) /* a weighted mean is two sums */
        buf_printf(out, "%s(", tree_operator(expr->op));
    else
        buf_printf(out, "%.*s(", STR_ARG(expr->name));
    if (expr->kind == EXPR_POINTS) {
        put(out, model, expr->args[0], 0);
        for (size_t i = 1; i + 1 < expr->count; i += 2) {
            buf_puts(out, ", (");
            put(out, model, expr->args[i], 0);
            buf_puts(out, ", ");
            put(out, model, expr->args[i + 1], 0);
            buf_putc(out, ')');
        }
    } else if (expr->kind == EXPR_SUM) {
        put(out, model, expr->args[0], 0);
        if (expr->over_name.len != 0) buf_printf(out, " over %.*s", STR_ARG(expr->over_name));
        if (expr->count > 1) buf_puts(out, " where ");
        if (expr->count > 1) put(out, model, expr->args[1], 0);
    } else {
        put_list(out, model, expr, 0);
        if (expr->number != 0 && expr->number != 12)
            buf_printf(out, ", %d months", (int)expr->number); /* prev, growth */
    }
    buf_putc(out, ')');
}

static void put_name(struct buf *out, const struct expr *expr)
{
    buf_put_str(out, expr->name);
    if (expr->kind == EXPR_KEYED) buf_printf(out, "[%.*s]", STR_ARG(expr->key));
    if (expr->field.len != 0) buf_printf(out, ".%.*s", STR_ARG(expr->field));
}

static void put_bare(struct buf *out, const struct model *model, const struct expr *expr)
{
    int level = tree_level(expr);
    switch (expr->kind) {
    case EXPR_NUMBER: put_number(out, model, expr); break;
    case EXPR_TEXT:
    case EXPR_DATE:
    case EXPR_FLAG:
        buf_put_str(out, str_slice(model->text, expr->token->from, expr->token->to));
        break;
    case EXPR_NAME:
    case EXPR_COLUMN:
    case EXPR_KEYED: put_name(out, expr); break;
    case EXPR_NEGATE:
    case EXPR_NOT:
        buf_puts(out, expr->kind == EXPR_NOT ? "not " : "-");
        put(out, model, expr->args[0], level);
        break;
    case EXPR_BINARY:
        put(out, model, expr->args[0], level);
        buf_printf(out, expr->op == OP_POWER ? "%s" : " %s ", tree_operator(expr->op));
        put(out, model, expr->args[1], level + 1);
        break;
    case EXPR_IF:
        buf_puts(out, "if ");
        put(out, model, expr->args[0], 1);
        buf_puts(out, " then ");
        put(out, model, expr->args[1], 1);
        buf_puts(out, " else ");
        put(out, model, expr->args[2], expr->args[2]->kind == EXPR_IF ? 0 : 1);
        break;
    case EXPR_CASE: put_case(out, model, expr); break;
    case EXPR_BAND: put_band(out, model, expr); break;
    default: put_call(out, model, expr); break;
    }
}

/* In brackets when it binds less tightly than its place asks for. */
static void put(struct buf *out, const struct model *model, const struct expr *expr, int level)
{
    bool brackets = tree_level(expr) < level;
    if (brackets) buf_putc(out, '(');
    put_bare(out, model, expr);
    if (brackets) buf_putc(out, ')');
}

char *tree_formula(struct arena *arena, const struct model *model, const struct expr *expr)
{
    struct buf *out = buf_new(arena);
    put(out, model, expr, 0);
    return str_dup(arena, buf_str(out));
}

static int compare_terms(const void *a, const void *b)
{
    return str_compare(*(const str *)a, *(const str *)b);
}

void tree_put_unit(struct buf *out, const struct model *model, const struct unit *unit)
{
    char text[NUM_TEXT_MAX];
    str terms[UNIT_TERMS_MAX];
    num_format(unit->num / unit->den, text);
    buf_printf(out, "{%s", text);
    for (size_t i = 0; i < unit->count; i++)
        terms[i] = str_from(arena_printf(model->arena, " %.*s^%d",
                                         STR_ARG(model->units->bases[unit->terms[i].base].name),
                                         unit->terms[i].power));
    qsort(terms, unit->count, sizeof *terms, compare_terms); /* libraries number bases their way */
    for (size_t i = 0; i < unit->count; i++) buf_put_str(out, terms[i]);
    buf_putc(out, '}');
}

static void put_exact(struct buf *out, const struct model *model, const struct expr *expr)
{
    char text[NUM_TEXT_MAX];
    buf_printf(out, "(%d %d", (int)expr->kind, (int)expr->op);
    switch (expr->kind) {
    case EXPR_NUMBER:
    case EXPR_DATE:
    case EXPR_FLAG:
        num_format(expr->number, text);
        buf_printf(out, " %s", text);
        if (expr->has_unit) tree_put_unit(out, model, &expr->unit);
        break;
    case EXPR_TEXT: buf_json_string(out, expr->token->text); break;
    default: break;
    }
    if (expr->name.len != 0) buf_printf(out, " %.*s", STR_ARG(expr->name));
    if (expr->field.len != 0) buf_printf(out, " .%.*s", STR_ARG(expr->field));
    if (expr->key.len != 0) buf_json_string(out, expr->key);
    if (expr->over_name.len != 0) buf_printf(out, " over %.*s", STR_ARG(expr->over_name));
    if (expr->kind == EXPR_CALL) buf_printf(out, " %d", (int)expr->number); /* months */
    for (size_t i = 0; i < expr->label_count; i++) {
        buf_json_string(out, expr->labels[i]);
        buf_printf(out, "%d", (int)expr->compares[i]);
    }
    for (size_t i = 0; i < expr->count; i++) put_exact(out, model, expr->args[i]);
    buf_putc(out, ')');
}

char *tree_exact(struct arena *arena, const struct model *model, const struct expr *expr)
{
    struct buf *out = buf_new(arena);
    if (expr != NULL) put_exact(out, model, expr);
    return str_dup(arena, buf_str(out));
}

str tree_statement_name(const struct token *begin)
{
    if (!token_is(begin, "use")) return begin[1].text;
    for (const struct token *token = begin; token->kind != TOKEN_END && token->kind != TOKEN_EOF;
         token++)
        if (token_is(token, "as")) return token[1].text;
    return begin[1].text;
}

char *tree_statement(struct arena *arena, const struct model *model, const char *keyword, str name)
{
    for (size_t i = 0; i + 1 < model->token_count; i++) {
        const struct token *token = &model->tokens[i];
        bool begins = i == 0 || token[-1].kind == TOKEN_END || token_is(&token[-1], ";");
        if (!begins || !token_is(token, keyword) || !str_equal(tree_statement_name(token), name))
            continue;
        size_t end = i;
        while (model->tokens[end].kind != TOKEN_END && model->tokens[end].kind != TOKEN_EOF &&
               !token_is(&model->tokens[end], ";"))
            end++;
        struct buf *out = buf_new(arena);
        put_words(out, str_slice(model->text, token->from, model->tokens[end - 1].to));
        return str_dup(arena, buf_str(out));
    }
    return "";
}

digest tree_digest(struct arena *arena, const struct model *model)
{
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < model->token_count; i++) {
        buf_printf(out, "%d", (int)model->tokens[i].kind);
        buf_json_string(out, model->tokens[i].text);
    }
    buf_printf(out, "\n%.*s\n%.*s\n%zu\n", STR_ARG(model->name), STR_ARG(model->version),
               model->example_count);
    for (size_t i = 0; i < model->definition_count; i++) {
        const struct definition *d = model->definitions[i];
        buf_printf(out, "%d %.*s[%.*s]", (int)d->kind, STR_ARG(d->name), STR_ARG(d->index_name));
        tree_put_unit(out, model, &d->unit);
        if (d->expr != NULL) put_exact(out, model, d->expr);
        for (size_t k = 0; k < d->choice_count; k++) buf_printf(out, " %s", d->choices[k].id);
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < model->function_count; i++) {
        buf_printf(out, "%.*s", STR_ARG(model->functions[i]->name));
        put_exact(out, model, model->functions[i]->expr);
    }
    for (size_t i = 0; i < model->example_count; i++)
        for (size_t k = 0; k < model->examples[i]->count; k++) {
            const struct example_line *line = &model->examples[i]->lines[k];
            buf_printf(out, "%.*s[%.*s]", STR_ARG(line->name), STR_ARG(line->key));
        }
    return digest_of(buf_str(out));
}

static void use_columns(const struct expr *expr, str table, struct map *used, struct map *keys)
{
    static const char *const of_gwp[] = {"gas", "id", "value", "gwp", "gwp100", "factor"};
    bool here = str_equal(expr->name, table);
    if (here && expr->field.len != 0) map_put(used, expr->field, used);
    for (size_t i = 0; here && expr->kind != EXPR_BAND && i < expr->label_count; i++) {
        map_put(used, expr->labels[i], used);
        if (keys != NULL && expr->compares[i] == OP_EQUAL) map_put(keys, expr->labels[i], used);
    }
    for (size_t i = 0; here && expr->kind == EXPR_CALL && i < ARRAY_LEN(of_gwp); i++)
        map_put(used, str_from(of_gwp[i]), used); /* gwp("CH4") finds its columns itself */
    for (size_t i = 0; i < expr->count; i++) use_columns(expr->args[i], table, used, keys);
}

void tree_used_columns(const struct model *model, str table, struct map *used, struct map *keys)
{
    for (size_t i = 0; i < model->definition_count; i++) {
        const struct definition *d = model->definitions[i];
        if (d->expr != NULL) use_columns(d->expr, table, used, keys);
        if (d->spread != NULL) use_columns(d->spread, table, used, keys);
    }
    for (size_t i = 0; i < model->function_count; i++)
        use_columns(model->functions[i]->expr, table, used, keys);
}
