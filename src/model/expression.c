/* Expressions: precedence climbing over the tokens of a statement. */
#include <math.h>
#include <string.h>

#include "model/engine.h"

static const struct token *here(const struct parser *p)
{
    return &p->tokens[p->at];
}

void *parser_fail(struct parser *p, const char *rule, const char *message)
{
    if (p->failed) return NULL;
    p->failed = true;
    const struct token *token = here(p);
    if (token->kind == TOKEN_WRONG)
        model_report(p->model, token, "token", NULL, "%.*s", STR_ARG(token->text));
    else if (token->kind == TOKEN_END || token->kind == TOKEN_EOF)
        model_report(p->model, token, rule, NULL, "%s, the statement ends here.", message);
    else
        model_report(p->model, token, rule, NULL, "%s, found \"%.*s\".", message,
                     STR_ARG(token->text));
    return NULL;
}

bool parser_take(struct parser *p, const char *mark)
{
    if (!token_is(here(p), mark)) return false;
    p->at++;
    return true;
}

bool parser_want(struct parser *p, const char *mark)
{
    if (parser_take(p, mark)) return true;
    char message[64];
    message[0] = '\0';
    strncat(message, "Expected \"", sizeof message - 1);
    strncat(message, mark, 30);
    strncat(message, "\"", 2);
    parser_fail(p, "syntax", message);
    return false;
}

const struct token *parser_name(struct parser *p, const char *what)
{
    const struct token *token = here(p);
    bool lower =
        token->kind == TOKEN_NAME && token->text.ptr[0] >= 'a' && token->text.ptr[0] <= 'z';
    for (size_t i = 0; lower && i < token->text.len; i++) {
        char c = token->text.ptr[i];
        lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    if (!lower) return parser_fail(p, "name", what);
    p->at++;
    return token;
}

void parser_mark(const struct parser *p, size_t first, enum token_mark mark)
{
    if (p->model->marks == NULL) return;
    for (size_t i = first; i < p->at; i++)
        p->model->marks[i] = (uint8_t)(i == first ? mark : mark + 1);
}

bool parser_key(struct parser *p, str *key)
{
    size_t start = p->at;
    const struct token *first = here(p);
    if (first->kind == TOKEN_TEXT) {
        *key = first->text;
        p->at++;
        return parser_want(p, "]");
    }
    size_t from = first->from, to = from;
    while (here(p)->kind == TOKEN_NAME || here(p)->kind == TOKEN_NUMBER || token_is(here(p), "-") ||
           token_is(here(p), ".") || here(p)->kind == TOKEN_DATE) {
        to = here(p)->to;
        p->at++;
    }
    if (to == from) {
        parser_fail(p, "key", "Expected a key");
        return false;
    }
    *key = str_slice(p->model->text, from, to);
    parser_mark(p, start, MARK_WORD_FIRST);
    return parser_want(p, "]");
}

bool parser_unit(struct parser *p, enum unit_place place, struct unit *unit, str *text)
{
    struct unit_fault fault;
    size_t from = here(p)->from, first = p->at;
    if (!unit_parse_tokens(p->model->units, p->tokens, &p->at, place, true, (str){"", 0}, unit,
                           &fault)) {
        if (p->failed) return false;
        p->failed = true;
        str name = fault.token.text, near = unit_nearest(p->model->units, name);
        const struct token *at = &p->tokens[p->at];
        while (at->from < fault.token.from && at->kind != TOKEN_EOF) at++;
        char *hint = near.len == 0
                         ? NULL
                         : arena_printf(p->model->arena, "did you mean \"%.*s\"?", STR_ARG(near));
        if (fault.problem == UNIT_UNKNOWN)
            model_report(p->model, at, "unknown-unit", hint, "The unit \"%.*s\" is not known.",
                         STR_ARG(name));
        else
            model_report(p->model, at, "unit", NULL, "Expected a unit such as t CO2 or (t C)/GJ.");
        return false;
    }
    parser_mark(p, first, MARK_UNIT_FIRST);
    if (text != NULL)
        *text = str_slice(p->model->text, from, p->tokens[size_max(p->at, first + 1) - 1].to);
    return true;
}

static struct expr *node(struct parser *p, enum expr_kind kind, const struct token *token)
{
    if (++p->model->nodes > EXPRESSION_NODES_MAX)
        return parser_fail(p, "size", "The model has too many expressions");
    struct expr *expr = ARENA_NEW(p->model->arena, struct expr);
    expr->kind = kind;
    expr->token = token;
    expr->text = p->model->text.ptr;
    expr->from = token->from;
    expr->to = token->to;
    expr->unit = unit_one();
    expr->column = expr->key_number = expr->reg = -1;
    return expr;
}

static bool add_arg(struct parser *p, struct expr *expr, struct expr *arg, size_t *capacity)
{
    if (expr == NULL || arg == NULL) return false;
    *ARENA_PUSH(p->model->arena, expr->args, expr->count, *capacity) = arg;
    expr->to = arg->to;
    if (arg->height >= expr->height) expr->height = arg->height + 1;
    if (expr->height > EXPRESSION_HEIGHT_MAX) {
        parser_fail(p, "depth", "The expression is too long");
        return false;
    }
    return true;
}

static struct expr *finish(struct parser *p, struct expr *expr)
{
    if (p->failed) return NULL;
    expr->to = p->tokens[p->at - 1].to;
    return expr;
}

/* number [/ number] [unit] */
static struct expr *parse_number(struct parser *p)
{
    struct expr *expr = node(p, EXPR_NUMBER, here(p));
    if (expr == NULL) return NULL;
    expr->number = here(p)->number;
    p->at++;
    /* 44/12 (t CO2)/(t C): the unit belongs to the quotient. */
    if (token_is(here(p), "/") && p->tokens[p->at + 1].kind == TOKEN_NUMBER &&
        unit_starts(p->model->units, &p->tokens[p->at + 2]) && p->tokens[p->at + 1].number != 0 &&
        model_find(p->model, p->tokens[p->at + 2].text) == NULL) {
        expr->number /= p->tokens[p->at + 1].number;
        if (!isfinite(expr->number)) return parser_fail(p, "token", "The quotient is too large");
        p->at += 2;
    }
    bool scaled = here(p)->kind == TOKEN_NUMBER && p->tokens[p->at + 1].kind == TOKEN_NAME &&
                  unit_starts(p->model->units, &p->tokens[p->at + 1]);
    if (scaled || unit_starts(p->model->units, here(p))) {
        expr->has_unit = true;
        if (!parser_unit(p, UNIT_LITERAL, &expr->unit, &expr->unit_text)) return NULL;
    } else if (here(p)->kind == TOKEN_NAME && here(p)->text.ptr[0] >= 'A' &&
               here(p)->text.ptr[0] <= 'Z') {
        parser_unit(p, UNIT_LITERAL, &expr->unit, NULL);
        return NULL;
    }
    return finish(p, expr);
}

static struct expr *parse_if(struct parser *p, const struct token *token)
{
    struct expr *expr = node(p, EXPR_IF, token);
    size_t capacity = 0;
    if (!add_arg(p, expr, expression_parse(p), &capacity) || !parser_want(p, "then") ||
        !add_arg(p, expr, expression_parse(p), &capacity) || !parser_want(p, "else") ||
        !add_arg(p, expr, expression_parse(p), &capacity))
        return NULL;
    return expr;
}

static struct expr *parse_case(struct parser *p, const struct token *token)
{
    struct expr *expr = node(p, EXPR_CASE, token);
    size_t capacity = 0;
    if (!add_arg(p, expr, expression_parse(p), &capacity)) return NULL;
    while (parser_take(p, "when"))
        if (!add_arg(p, expr, expression_parse(p), &capacity) || !parser_want(p, "then") ||
            !add_arg(p, expr, expression_parse(p), &capacity))
            return NULL;
    if (expr->count < 3) return parser_fail(p, "syntax", "Expected \"when\"");
    if (!parser_want(p, "else") || !add_arg(p, expr, expression_parse(p), &capacity)) return NULL;
    return expr;
}

static enum op take_compare(struct parser *p)
{
    static const struct {
        const char *mark;
        enum op op;
    } marks[] = {{"=", OP_EQUAL},       {"!=", OP_NOT_EQUAL}, {"<", OP_LESS},
                 {"<=", OP_LESS_EQUAL}, {">", OP_MORE},       {">=", OP_MORE_EQUAL}};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (parser_take(p, marks[i].mark)) return marks[i].op;
    return OP_NONE;
}

static void add_label(struct parser *p, struct expr *expr, str label, enum op op, size_t *capacity)
{
    size_t before = *capacity;
    *ARENA_PUSH(p->model->arena, expr->labels, expr->label_count, *capacity) = label;
    if (*capacity != before) {
        enum op *bigger = ARENA_NEW_ARRAY(p->model->arena, enum op, *capacity);
        if (expr->label_count > 1)
            memcpy(bigger, expr->compares, (expr->label_count - 1) * sizeof *bigger);
        expr->compares = bigger;
    }
    expr->compares[expr->label_count - 1] = op;
}

/* band(x) a >= 85, b >= 70, c otherwise */
static struct expr *parse_band(struct parser *p, struct expr *expr)
{
    size_t capacity = 0, labels = 0;
    if (!add_arg(p, expr, expression_parse(p), &capacity) || !parser_want(p, ")")) return NULL;
    do {
        const struct token *label = here(p);
        if (label->kind != TOKEN_NAME && label->kind != TOKEN_TEXT)
            return parser_fail(p, "syntax", "Expected a label of the band");
        p->at++;
        if (parser_take(p, "otherwise")) {
            add_label(p, expr, label->text, OP_NONE, &labels);
            return finish(p, expr);
        }
        enum op op = take_compare(p);
        if (op == OP_NONE)
            return parser_fail(p, "syntax", "Expected a comparison or \"otherwise\"");
        add_label(p, expr, label->text, op, &labels);
        if (!add_arg(p, expr, expression_parse(p), &capacity)) return NULL;
    } while (parser_take(p, ","));
    return parser_fail(p, "syntax", "A band ends with \", label otherwise\"");
}

/* lookup(table.column, key = value, low <= value, on = date) */
static struct expr *parse_lookup(struct parser *p, struct expr *expr)
{
    size_t capacity = 0, labels = 0;
    const struct token *table = parser_name(p, "Expected the name of a table");
    if (table == NULL || !parser_want(p, ".")) return NULL;
    const struct token *column = parser_name(p, "Expected the name of a column");
    if (column == NULL) return NULL;
    expr->name = table->text;
    expr->field = column->text;
    while (parser_take(p, ",")) {
        if (expr->label_count == LOOKUP_CONDITIONS_MAX)
            return parser_fail(p, "size", "Too many keys");
        const struct token *key = parser_name(p, "Expected the name of a key column");
        if (key == NULL) return NULL;
        enum op op = take_compare(p);
        if (op == OP_NONE || op == OP_NOT_EQUAL)
            return parser_fail(p, "syntax", "Expected = or a comparison");
        add_label(p, expr, key->text, op, &labels);
        if (!add_arg(p, expr, expression_parse(p), &capacity)) return NULL;
    }
    return parser_want(p, ")") ? finish(p, expr) : NULL;
}

static struct expr *parse_points(struct parser *p, struct expr *expr)
{
    size_t capacity = 0;
    if (!add_arg(p, expr, expression_parse(p), &capacity)) return NULL;
    while (parser_take(p, ","))
        if (!parser_want(p, "(") || !add_arg(p, expr, expression_parse(p), &capacity) ||
            !parser_want(p, ",") || !add_arg(p, expr, expression_parse(p), &capacity) ||
            !parser_want(p, ")"))
            return NULL;
    return parser_want(p, ")") ? finish(p, expr) : NULL;
}

static const struct {
    const char *name;
    enum op op;
    size_t least, most;
} calls[] = {
    {"sum", OP_SUM, 1, 1},
    {"mean", OP_MEAN, 1, 1},
    {"count", OP_COUNT, 1, 1},
    {"min", OP_MIN, 1, 50},
    {"max", OP_MAX, 1, 50},
    {"abs", OP_ABS, 1, 1},
    {"sqrt", OP_SQRT, 1, 1},
    {"exp", OP_EXP, 1, 1},
    {"ln", OP_LN, 1, 1},
    {"round", OP_ROUND, 1, 2},
    {"coalesce", OP_COALESCE, 2, 20},
    {"missing", OP_MISSING, 1, 1},
    {"clamp", OP_CLAMP, 3, 3},
    {"percentile", OP_PERCENTILE, 1, 1},
    {"rank", OP_RANK, 1, 1},
    {"median", OP_MEDIAN, 1, 1},
    {"prev", OP_NONE, 1, 1},
    {"growth", OP_NONE, 1, 1},
    {"gwp", OP_NONE, 1, 1},
};

/* … in table.column by key [= value], …) and, of what is parsed already, table.column by …) */
static struct expr *parse_peers(struct parser *p, struct expr *expr, struct expr *column)
{
    size_t capacity = 0, labels = 0;
    struct expr *peers = node(p, EXPR_PEERS, expr->token);
    if (peers == NULL) return NULL;
    peers->op = expr->op == OP_MEAN ? OP_PEER_MEAN : expr->op;
    peers->name = column->name;
    peers->field = column->field;
    bool placed = peers->op == OP_PERCENTILE || peers->op == OP_RANK;
    if (placed && !add_arg(p, peers, expr->args[0], &capacity)) return NULL;
    do {
        const struct token *key = parser_name(p, "Expected the name of a column");
        if (key == NULL) return NULL;
        if (peers->label_count == LOOKUP_CONDITIONS_MAX)
            return parser_fail(p, "size", "Too many keys");
        struct expr *value = NULL;
        if (parser_take(p, "=")) {
            value = expression_parse(p);
        } else if ((value = node(p, EXPR_NAME, key)) != NULL) {
            value->name = key->text; /* the model's own name for it */
        }
        add_label(p, peers, key->text, OP_EQUAL, &labels);
        if (!add_arg(p, peers, value, &capacity)) return NULL;
    } while (parser_take(p, ","));
    return parser_want(p, ")") ? finish(p, peers) : NULL;
}

/* percentile(x in table.column by …), rank(…) */
static struct expr *parse_placed(struct parser *p, struct expr *expr)
{
    if (!parser_want(p, "in")) return NULL;
    struct expr *column = node(p, EXPR_COLUMN, here(p));
    const struct token *name = parser_name(p, "Expected the name of peers");
    if (column == NULL || name == NULL || !parser_want(p, ".")) return NULL;
    const struct token *field = parser_name(p, "Expected the name of a column");
    if (field == NULL || !parser_want(p, "by")) return NULL;
    column->name = name->text;
    column->field = field->text;
    return parse_peers(p, expr, column);
}

/* , N year(s) | N month(s): the months between now and then, in expr->number. */
static bool take_period(struct parser *p, struct expr *expr)
{
    expr->number = 12;
    if (!parser_take(p, ",")) return true;
    double count = here(p)->number;
    if (here(p)->kind != TOKEN_NUMBER || count < 1 || count > 100 || count != (int)count)
        return parser_fail(p, "period", "Expected a period, such as 1 year or 6 months") != NULL;
    p->at++;
    bool years = parser_take(p, "year") || parser_take(p, "years");
    if (!years && !parser_take(p, "month") && !parser_take(p, "months"))
        return parser_fail(p, "period", "Expected year(s) or month(s)") != NULL;
    expr->number = years ? count * 12 : count;
    return true;
}

static struct expr *two(struct parser *p, enum op op, struct expr *left, struct expr *right)
{
    struct expr *expr = node(p, EXPR_BINARY, left->token);
    size_t capacity = 0;
    if (!add_arg(p, expr, left, &capacity) || !add_arg(p, expr, right, &capacity)) return NULL;
    expr->op = op;
    expr->from = left->from;
    return expr;
}

static struct expr *sum_of(struct parser *p, const struct expr *like, struct expr *what,
                           struct expr *where)
{
    struct expr *expr = node(p, EXPR_SUM, like->token);
    size_t capacity = 0;
    if (!add_arg(p, expr, what, &capacity)) return NULL;
    expr->op = OP_SUM;
    expr->name = STR("sum");
    expr->over_name = like->over_name;
    return where == NULL || add_arg(p, expr, where, &capacity) ? expr : NULL;
}

/* How many parts a walk over the tree meets, what is shared counted each time; more than `most` is
 * as good as endless. */
static size_t walked(const struct expr *expr, size_t most)
{
    size_t parts = 1;
    for (size_t i = 0; expr != NULL && i < expr->count && parts <= most; i++)
        parts += walked(expr->args[i], most - parts);
    return parts;
}

/* sum(what [over index] [where condition]), and mean(what weight w …): a quotient of two sums. */
static struct expr *parse_over(struct parser *p, struct expr *expr, size_t *capacity)
{
    struct expr *weight = NULL, *where = NULL;
    expr->kind = EXPR_SUM;
    if (expr->op == OP_MEAN && parser_take(p, "weight") && (weight = expression_parse(p)) == NULL)
        return NULL;
    if (parser_take(p, "over")) {
        const struct token *index = parser_name(p, "Expected the name of an index");
        if (index == NULL) return NULL;
        expr->over_name = index->text;
    }
    if (parser_take(p, "where") &&
        ((where = expression_parse(p)) == NULL || !add_arg(p, expr, where, capacity)))
        return NULL;
    if (!parser_want(p, ")")) return NULL;
    if (weight == NULL) return finish(p, expr);
    /* Weight and condition stand in both sums: a tree of such trees doubles with each. */
    size_t left = EXPRESSION_NODES_MAX - size_min(p->model->nodes, EXPRESSION_NODES_MAX);
    p->model->nodes += walked(weight, left) + (where == NULL ? 0 : walked(where, left));
    struct expr *product = two(p, OP_MULTIPLY, expr->args[0], weight), *above, *below, *mean;
    if (product == NULL || (above = sum_of(p, expr, product, where)) == NULL ||
        (below = sum_of(p, expr, weight, where)) == NULL ||
        (mean = two(p, OP_DIVIDE, above, below)) == NULL)
        return NULL;
    mean->from = above->from = expr->from;
    above->to = p->tokens[p->at - 1].to;
    return finish(p, mean);
}

/* After "name(". Functions of the model keep op OP_NONE and are resolved by the checker. */
static struct expr *parse_call(struct parser *p, const struct token *token, str name)
{
    struct expr *expr = node(p, EXPR_CALL, token);
    if (expr == NULL) return NULL;
    expr->name = name;
    if (str_is(name, "band")) expr->kind = EXPR_BAND;
    if (str_is(name, "points")) expr->kind = EXPR_POINTS;
    if (str_is(name, "lookup")) expr->kind = EXPR_LOOKUP;
    if (expr->kind == EXPR_BAND) return parse_band(p, expr);
    if (expr->kind == EXPR_POINTS) return parse_points(p, expr);
    if (expr->kind == EXPR_LOOKUP) return parse_lookup(p, expr);
    size_t capacity = 0, least = 0, most = 50;
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        if (!str_is(name, calls[i].name)) continue;
        expr->op = calls[i].op;
        least = calls[i].least;
        most = calls[i].most;
    }
    bool timed = str_is(name, "prev") || str_is(name, "growth");
    if (!token_is(here(p), ")")) {
        do {
            if (!add_arg(p, expr, expression_parse(p), &capacity)) return NULL;
        } while (!timed && parser_take(p, ","));
    }
    if (timed && !take_period(p, expr)) return NULL;
    if (expr->count < least || expr->count > most) {
        p->failed = true;
        model_report(p->model, token, "arguments", NULL,
                     "%.*s takes %zu to %zu arguments, found %zu.", STR_ARG(name), least, most,
                     expr->count);
        return NULL;
    }
    bool over = expr->op >= OP_SUM && expr->op <= OP_MOST;
    if ((expr->op == OP_MIN || expr->op == OP_MAX) && expr->count == 1) {
        expr->op = expr->op == OP_MIN ? OP_LEAST : OP_MOST;
        over = true;
    }
    if (expr->op == OP_PERCENTILE || expr->op == OP_RANK) return parse_placed(p, expr);
    bool by = (expr->op == OP_MEAN || expr->op == OP_MEDIAN) && parser_take(p, "by");
    if (by && expr->args[0]->kind == EXPR_COLUMN) return parse_peers(p, expr, expr->args[0]);
    if (by || expr->op == OP_MEDIAN)
        return parser_fail(p, "syntax", "Expected peers.column by a key");
    if (over) return parse_over(p, expr, &capacity);
    return parser_want(p, ")") ? finish(p, expr) : NULL;
}

/* name, name[key], table.column, table[key].column, prev.name */
static struct expr *parse_name(struct parser *p)
{
    const struct token *token = here(p);
    if (token_is(token, "if") || token_is(token, "case")) {
        p->at++;
        return token_is(token, "if") ? parse_if(p, token) : parse_case(p, token);
    }
    if (token_is(token, "true") || token_is(token, "false")) {
        struct expr *flag = node(p, EXPR_FLAG, token);
        if (flag != NULL) flag->number = token_is(token, "true");
        p->at++;
        return flag;
    }
    if (parser_name(p, "Expected a value") == NULL) return NULL;
    if (parser_take(p, "(")) return parse_call(p, token, token->text);
    struct expr *expr = node(p, EXPR_NAME, token);
    if (expr == NULL) return NULL;
    expr->name = token->text;
    if (parser_take(p, "[")) {
        expr->kind = EXPR_KEYED;
        if (!parser_key(p, &expr->key)) return NULL;
    }
    if (!parser_take(p, ".")) return finish(p, expr);
    const struct token *field = parser_name(p, "Expected the name of a column");
    if (field == NULL) return NULL;
    expr->field = field->text;
    if (expr->kind == EXPR_KEYED) return finish(p, expr);
    expr->kind = EXPR_COLUMN;
    /* alias.function(…), alias.output[key] */
    str whole = str_slice(p->model->text, token->from, field->to);
    if (parser_take(p, "(")) return parse_call(p, token, whole);
    if (parser_take(p, "[")) {
        expr->kind = EXPR_KEYED;
        expr->name = whole;
        expr->field = (str){"", 0};
        if (!parser_key(p, &expr->key)) return NULL;
    }
    return finish(p, expr);
}

static struct expr *parse_primary(struct parser *p)
{
    const struct token *token = here(p);
    struct expr *expr = NULL;
    switch (token->kind) {
    case TOKEN_NUMBER: return parse_number(p);
    case TOKEN_NAME: return parse_name(p);
    case TOKEN_TEXT:
        expr = node(p, EXPR_TEXT, token);
        if (expr != NULL) expr->number = intern_text(p->model->texts, token->text);
        p->at++;
        return expr;
    case TOKEN_DATE:
        expr = node(p, EXPR_DATE, token);
        if (expr != NULL) expr->number = token->day;
        p->at++;
        return expr;
    default: break;
    }
    if (parser_take(p, "(")) {
        size_t from = token->from;
        expr = expression_parse(p);
        if (expr == NULL || !parser_want(p, ")")) return NULL;
        expr->from = from;
        expr->to = p->tokens[p->at - 1].to;
        /* A bracketed number may have a unit: (44/12) (t CO2)/(t C). */
        if (!unit_starts(p->model->units, here(p)) || model_find(p->model, here(p)->text) != NULL)
            return expr;
        struct expr *one = node(p, EXPR_NUMBER, here(p)), *product = node(p, EXPR_BINARY, token);
        if (product == NULL) return NULL;
        one->number = 1;
        one->has_unit = true;
        if (!parser_unit(p, UNIT_LITERAL, &one->unit, &one->unit_text)) return NULL;
        size_t capacity = 0;
        product->op = OP_MULTIPLY;
        if (!add_arg(p, product, expr, &capacity) || !add_arg(p, product, one, &capacity))
            return NULL;
        product->from = from;
        return finish(p, product);
    }
    return parser_fail(p, "syntax", "Expected a value");
}

/* Tighter operators have higher numbers. */
static int precedence(const struct token *token, enum op *op)
{
    static const struct {
        const char *mark;
        enum op op;
        int level;
    } operators[] = {
        {"or", OP_OR, 1},        {"and", OP_AND, 2},       {"=", OP_EQUAL, 4},
        {"!=", OP_NOT_EQUAL, 4}, {"<", OP_LESS, 4},        {"<=", OP_LESS_EQUAL, 4},
        {">", OP_MORE, 4},       {">=", OP_MORE_EQUAL, 4}, {"+", OP_ADD, 5},
        {"-", OP_SUBTRACT, 5},   {"*", OP_MULTIPLY, 6},    {"/", OP_DIVIDE, 6},
        {"^", OP_POWER, 8},
    };
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        if (token_is(token, operators[i].mark)) {
            *op = operators[i].op;
            return operators[i].level;
        }
    return 0;
}

static struct expr *parse_level(struct parser *p, int level);

static struct expr *parse_unary(struct parser *p)
{
    const struct token *token = here(p);
    bool negate = token_is(token, "-"), not = token_is(token, "not");
    if (!negate && !not ) return parse_primary(p);
    p->at++;
    struct expr *expr = node(p, negate ? EXPR_NEGATE : EXPR_NOT, token);
    size_t capacity = 0;
    return add_arg(p, expr, parse_level(p, negate ? 7 : 3), &capacity) ? expr : NULL;
}

static struct expr *parse_level(struct parser *p, int level)
{
    if (++p->depth > EXPRESSION_DEPTH_MAX)
        return parser_fail(p, "depth", "The expression is too deep");
    struct expr *left = parse_unary(p);
    enum op op;
    int found;
    while (left != NULL && (found = precedence(here(p), &op)) >= level && found > 0) {
        struct expr *binary = node(p, EXPR_BINARY, here(p));
        p->at++;
        size_t capacity = 0;
        if (binary == NULL) return NULL;
        binary->op = op;
        if (!add_arg(p, binary, left, &capacity) ||
            !add_arg(p, binary, parse_level(p, found + 1), &capacity))
            return NULL;
        binary->from = left->from;
        left = binary;
    }
    p->depth--;
    return left;
}

struct expr *expression_parse(struct parser *p)
{
    return parse_level(p, 1);
}

struct expr *expression_parse_value(struct parser *p)
{
    return parse_level(p, 5);
}
