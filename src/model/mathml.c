#include "model/mathml.h"

#include <string.h>

#include "model/tree.h"

#define LINE_LETTERS_MAX 90

struct math {
    struct buf *out;
    const struct model *model;
    bool zh;
};

static void put(const struct math *m, const struct expr *expr, int level);

static void tag(const struct math *m, const char *name, str text)
{
    buf_printf(m->out, "<%s>", name);
    buf_html(m->out, text);
    buf_printf(m->out, "</%s>", name);
}

static void tags(const struct math *m, const char *name, const char *text)
{
    tag(m, name, str_from(text));
}

static void op(const struct math *m, const char *text)
{
    tags(m, "mo", text);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void mathml_unit(struct buf *out, str unit)
{
    static const char *const low[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
    static const char *const high[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    bool letters = false, raised = false;
    size_t word = 0;
    for (size_t i = 0; i < unit.len; i++) {
        char c = unit.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '^' && i + 1 < unit.len && is_digit(unit.ptr[i + 1])) {
            raised = true;
            continue;
        }
        if (is_digit(c) && (letters || raised)) {
            /* m3, Nm3 and km2 are powers; in CO2 and CH4 the digit counts atoms. */
            bool power = raised || unit.ptr[i - 1] == 'm';
            buf_puts(out, power ? high[c - '0'] : low[c - '0']);
            continue;
        }
        if (letter && !letters && i > 0 && is_digit(unit.ptr[i - 1])) letter = false; /* 1e4 */
        if (letter && !letters) word = i;
        letters = letter || (letters && is_digit(c) && word < i);
        raised = raised && is_digit(c);
        if (c == '*')
            buf_puts(out, "·");
        else
            buf_html(out, str_slice(unit, i, i + 1));
    }
}

/* A name with what it goes by below it. */
static void put_symbol(const struct math *m, str name, str below)
{
    if (below.len == 0) {
        tag(m, "mi", name);
        return;
    }
    buf_puts(m->out, "<msub>");
    tag(m, "mi", name);
    tag(m, "mi", below);
    buf_puts(m->out, "</msub>");
}

static void put_name(const struct math *m, const struct expr *expr)
{
    const struct definition *d = model_find(m->model, expr->name);
    if (expr->field.len != 0) {
        char *below = expr->key.len == 0 ? NULL
                                         : arena_printf(m->model->arena, "%.*s, %.*s",
                                                        STR_ARG(expr->name), STR_ARG(expr->key));
        put_symbol(m, expr->field, below == NULL ? expr->name : str_from(below));
    } else if (expr->kind == EXPR_KEYED) {
        put_symbol(m, expr->name, expr->key);
    } else {
        put_symbol(m, expr->name, d == NULL ? (str){"", 0} : d->index_name);
    }
}

/* 44/12 (t CO2)/(t C) */
static void put_number(const struct math *m, const struct expr *expr)
{
    str text = str_from(tree_formula(m->model->arena, m->model, expr)), number = text;
    size_t slash, blank;
    if (str_find(text, STR(" "), &blank)) number = str_slice(text, 0, blank);
    buf_puts(m->out, "<mrow>");
    if (str_find(number, STR("/"), &slash)) {
        buf_puts(m->out, "<mfrac>");
        tag(m, "mn", str_slice(number, 0, slash));
        tag(m, "mn", str_slice(number, slash + 1, number.len));
        buf_puts(m->out, "</mfrac>");
    } else {
        tag(m, "mn", number);
    }
    if (number.len < text.len) {
        buf_puts(m->out, "<mspace width=\"0.25em\"/><mtext class=\"u\">");
        mathml_unit(m->out, str_slice(text, number.len + 1, text.len));
        buf_puts(m->out, "</mtext>");
    }
    buf_puts(m->out, "</mrow>");
}

static const char *operator_mark(enum op kind)
{
    switch (kind) {
    case OP_SUBTRACT: return "−";
    case OP_MULTIPLY: return "×";
    case OP_NOT_EQUAL: return "≠";
    case OP_LESS_EQUAL: return "≤";
    case OP_MORE_EQUAL: return "≥";
    default: return tree_operator(kind);
    }
}

static void put_operator(const struct math *m, enum op kind)
{
    if (kind != OP_AND && kind != OP_OR) {
        op(m, operator_mark(kind));
        return;
    }
    buf_puts(m->out, "<mtext>&#160;");
    buf_puts(m->out, kind == OP_AND ? (m->zh ? "且" : "and") : m->zh ? "或" : "or");
    buf_puts(m->out, "&#160;</mtext>");
}

/* A line has no room for a long chain of terms: each gets its own. */
static bool is_long_chain(const struct math *m, const struct expr *expr)
{
    bool chain = expr->op == OP_AND || expr->op == OP_OR || expr->op == OP_ADD ||
                 expr->op == OP_SUBTRACT || expr->op == OP_MULTIPLY;
    size_t letters = chain ? strlen(tree_formula(m->model->arena, m->model, expr)) : 0;
    bool several = expr->args[0]->kind == EXPR_BINARY && expr->args[0]->op != OP_DIVIDE &&
                   tree_level(expr->args[0]) == tree_level(expr);
    return letters > (several ? LINE_LETTERS_MAX : LINE_LETTERS_MAX + 20);
}

static void put_terms(const struct math *m, const struct expr *expr, int level)
{
    const struct expr *left = expr->args[0];
    bool more = left->kind == EXPR_BINARY && tree_level(left) == level && left->op != OP_DIVIDE;
    if (more) {
        put_terms(m, left, level);
    } else {
        buf_puts(m->out, "<mtr><mtd>");
        put(m, left, level);
        buf_puts(m->out, "</mtd></mtr>");
    }
    buf_puts(m->out, "<mtr><mtd>");
    put_operator(m, expr->op);
    put(m, expr->args[1], level + 1);
    buf_puts(m->out, "</mtd></mtr>");
}

static void put_binary(const struct math *m, const struct expr *expr)
{
    int level = tree_level(expr);
    if (is_long_chain(m, expr)) {
        buf_puts(m->out, "<mtable class=\"chain\">");
        put_terms(m, expr, level);
        buf_puts(m->out, "</mtable>");
        return;
    }
    if (expr->op == OP_DIVIDE || expr->op == OP_POWER) {
        const char *name = expr->op == OP_DIVIDE ? "mfrac" : "msup";
        buf_printf(m->out, "<%s>", name);
        put(m, expr->args[0], expr->op == OP_DIVIDE ? 1 : 9);
        put(m, expr->args[1], 1);
        buf_printf(m->out, "</%s>", name);
        return;
    }
    put(m, expr->args[0], level);
    put_operator(m, expr->op);
    put(m, expr->args[1], level + 1);
}

static void cell_begin(const struct math *m)
{
    buf_puts(m->out, "<mtr><mtd>");
}

static void cell_when(const struct math *m)
{
    buf_printf(m->out, "</mtd><mtd><mtext>%s&#160;</mtext>", m->zh ? "若" : "if");
}

static void cell_else(const struct math *m)
{
    buf_printf(m->out, "</mtd><mtd><mtext>%s</mtext></mtd></mtr>", m->zh ? "其他" : "otherwise");
}

static void cell_end(const struct math *m)
{
    buf_puts(m->out, "</mtd></mtr>");
}

/* A brace over the cases; a chain of if … else if is one. */
static void put_if(const struct math *m, const struct expr *expr)
{
    for (; expr->kind == EXPR_IF; expr = expr->args[2]) {
        cell_begin(m);
        put(m, expr->args[1], 1);
        cell_when(m);
        put(m, expr->args[0], 1);
        cell_end(m);
    }
    cell_begin(m);
    put(m, expr, 1);
    cell_else(m);
}

static void put_case(const struct math *m, const struct expr *expr)
{
    for (size_t i = 1; i + 1 < expr->count; i += 2) {
        cell_begin(m);
        put(m, expr->args[i + 1], 1);
        cell_when(m);
        put(m, expr->args[0], 5);
        op(m, "=");
        put(m, expr->args[i], 5);
        cell_end(m);
    }
    cell_begin(m);
    put(m, expr->args[expr->count - 1], 1);
    cell_else(m);
}

static void put_band(const struct math *m, const struct expr *expr)
{
    for (size_t i = 0; i < expr->label_count; i++) {
        cell_begin(m);
        tag(m, "mtext", expr->labels[i]);
        if (expr->compares[i] == OP_NONE) {
            cell_else(m);
            continue;
        }
        cell_when(m);
        put(m, expr->args[0], 5);
        op(m, operator_mark(expr->compares[i]));
        put(m, expr->args[i + 1], 5);
        cell_end(m);
    }
}

/* The points of a piecewise linear function, x above y. */
static void put_points(const struct math *m, const struct expr *expr)
{
    tags(m, "mi", "points");
    op(m, "(");
    put(m, expr->args[0], 1);
    op(m, ";");
    buf_puts(m->out, "<mtable class=\"points\">");
    for (size_t row = 1; row <= 2; row++) {
        buf_puts(m->out, "<mtr>");
        for (size_t i = row; i < expr->count; i += 2) {
            buf_puts(m->out, "<mtd>");
            put(m, expr->args[i], 1);
            buf_puts(m->out, "</mtd>");
        }
        buf_puts(m->out, "</mtr>");
    }
    buf_puts(m->out, "</mtable>");
    op(m, ")");
}

static str index_of(const struct math *m, const struct expr *expr)
{
    if (expr->over_name.len != 0) return expr->over_name;
    const struct definition *d = expr->kind == EXPR_NAME ? model_find(m->model, expr->name) : NULL;
    if (d != NULL && d->index_name.len != 0) return d->index_name;
    if (expr->kind == EXPR_COLUMN) return expr->name;
    if (expr->kind == EXPR_NAME && model_find_index(m->model, expr->name) != NULL)
        return expr->name;
    for (size_t i = 0; i < expr->count && expr->kind != EXPR_SUM; i++) {
        str found = index_of(m, expr->args[i]);
        if (found.len != 0) return found;
    }
    return (str){"", 0};
}

static void put_sum(const struct math *m, const struct expr *expr)
{
    bool sum = expr->op == OP_SUM;
    str index = expr->over_name.len != 0 ? expr->over_name : index_of(m, expr->args[0]);
    buf_puts(m->out, "<munder>");
    if (sum)
        buf_puts(m->out, "<mo movablelimits=\"false\">∑</mo>");
    else
        tags(m, "mi", tree_operator(expr->op));
    buf_puts(m->out, "<mrow>");
    tag(m, "mi", index);
    if (expr->count > 1) {
        op(m, ":");
        put(m, expr->args[1], 1);
    }
    buf_puts(m->out, "</mrow></munder>");
    if (!sum) op(m, "(");
    put(m, expr->args[0], sum ? 6 : 1);
    if (!sum) op(m, ")");
}

static void put_arguments(const struct math *m, const struct expr *expr)
{
    op(m, "(");
    for (size_t i = 0; i < expr->count; i++) {
        if (i > 0) op(m, ",");
        put(m, expr->args[i], 1);
    }
    op(m, ")");
}

static void put_lookup(const struct math *m, const struct expr *expr)
{
    put_symbol(m, expr->field, expr->name);
    op(m, "(");
    for (size_t i = 0; i < expr->label_count; i++) {
        if (i > 0) op(m, ",");
        tag(m, "mi", expr->labels[i]);
        op(m, operator_mark(expr->compares[i]));
        put(m, expr->args[i], 5);
    }
    op(m, ")");
}

static void put_call(const struct math *m, const struct expr *expr)
{
    if (expr->op == OP_SQRT) {
        buf_puts(m->out, "<msqrt>");
        put(m, expr->args[0], 1);
        buf_puts(m->out, "</msqrt>");
    } else if (expr->op == OP_ABS) {
        op(m, "|");
        put(m, expr->args[0], 1);
        op(m, "|");
    } else if (expr->op == OP_EXP) {
        buf_puts(m->out, "<msup><mi>e</mi>");
        put(m, expr->args[0], 1);
        buf_puts(m->out, "</msup>");
    } else if (str_is(expr->name, "gwp") && expr->count == 1) {
        buf_puts(m->out, "<msub><mi>GWP</mi><mtext>");
        mathml_unit(m->out, expr->args[0]->token->text);
        buf_puts(m->out, "</mtext></msub>");
    } else if (str_is(expr->name, "prev") && expr->count == 1 && expr->number == 12) {
        buf_puts(m->out, "<msup>");
        put(m, expr->args[0], 9);
        tags(m, "mtext", m->zh ? "上年" : "year before");
        buf_puts(m->out, "</msup>");
    } else {
        tag(m, "mi", expr->name);
        put_arguments(m, expr);
    }
}

static void put_bare(const struct math *m, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_NUMBER: put_number(m, expr); break;
    case EXPR_TEXT:
    case EXPR_DATE:
    case EXPR_FLAG:
        tag(m, "mtext", str_slice(m->model->text, expr->token->from, expr->token->to));
        break;
    case EXPR_NAME:
    case EXPR_COLUMN:
    case EXPR_KEYED: put_name(m, expr); break;
    case EXPR_NEGATE:
        op(m, "−");
        put(m, expr->args[0], 7);
        break;
    case EXPR_NOT:
        op(m, "¬");
        put(m, expr->args[0], 3);
        break;
    case EXPR_BINARY: put_binary(m, expr); break;
    case EXPR_IF:
    case EXPR_CASE:
    case EXPR_BAND:
        op(m, "{");
        buf_puts(m->out, "<mtable class=\"cases\">");
        if (expr->kind == EXPR_IF)
            put_if(m, expr);
        else if (expr->kind == EXPR_CASE)
            put_case(m, expr);
        else
            put_band(m, expr);
        buf_puts(m->out, "</mtable>");
        break;
    case EXPR_SUM: put_sum(m, expr); break;
    case EXPR_POINTS: put_points(m, expr); break;
    case EXPR_LOOKUP: put_lookup(m, expr); break;
    case EXPR_CALL: put_call(m, expr); break;
    default: tags(m, "mtext", tree_formula(m->model->arena, m->model, expr)); break;
    }
}

static void put(const struct math *m, const struct expr *expr, int level)
{
    bool fraction = expr->kind == EXPR_BINARY && (expr->op == OP_DIVIDE);
    bool brackets = tree_level(expr) < level && !fraction && tree_level(expr) != 0;
    /* A fraction shows its own extent, but not under a power. */
    if (fraction && level == 9) brackets = true;
    buf_puts(m->out, "<mrow>");
    if (brackets) op(m, "(");
    put_bare(m, expr);
    if (brackets) op(m, ")");
    buf_puts(m->out, "</mrow>");
}

void mathml_expression(struct buf *out, const struct model *model, const struct expr *expr, bool zh)
{
    struct math m = {out, model, zh};
    put(&m, expr, 0);
}

void mathml_definition(struct buf *out, const struct model *model, const struct definition *d,
                       bool zh)
{
    struct math m = {out, model, zh};
    buf_puts(out, "<math display=\"block\"><mrow>");
    put_symbol(&m, d->name, d->index_name);
    op(&m, "=");
    put(&m, d->expr, 0);
    buf_puts(out, "</mrow></math>");
}
