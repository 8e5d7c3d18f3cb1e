/* Calls: lookups, other times, the model's functions put in place where they are called. */
#include <string.h>

#include "model/check.h"

#define CALL_DEPTH_MAX 30

bool check_lookup(struct model *model, struct expr *expr)
{
    if (!check_find_column(model, expr)) return false;
    for (size_t i = 0; i < expr->count; i++) {
        struct expr *value = expr->args[i];
        if (str_is(expr->labels[i], "on")) {
            if (!check_want_type(model, expr, value, MODEL_DATE)) return false;
            if (expr->table->valid_from < 0 && expr->table->valid_to < 0)
                return check_wrong(
                    model, expr, "unknown-column", NULL,
                    SAY("%s has neither valid_from nor valid_to.", expr->table->path));
            continue;
        }
        int column = table_column(expr->table, expr->labels[i]);
        if (column < 0)
            return check_wrong(
                model, expr, "unknown-column", NULL,
                SAY("%s has no column %.*s.", expr->table->path, STR_ARG(expr->labels[i])));
        const struct column *key = &expr->table->columns[column];
        if (!check_want_type(model, expr, value, key->type)) return false;
        if (expr->compares[i] != OP_EQUAL && key->type == MODEL_TEXT)
            return check_wrong(model, expr, "type-mismatch", NULL,
                               SAY("Texts have no order; %.*s is a text.", STR_ARG(key->name)));
        if (key->type != MODEL_NUMBER || expression_is_zero(value)) continue;
        if (!unit_same_dimension(&value->unit, &key->unit))
            return check_wrong(model, expr, "unit-mismatch", NULL,
                               SAY("Column %.*s is in %s, %s is in %s.", STR_ARG(key->name),
                                   unit_format(model->arena, model->units, &key->unit),
                                   expression_text(model->arena, model, value),
                                   check_unit_text(model, value)));
        expr->args[i] = expression_convert(model, value, &key->unit);
    }
    return true;
}

/* A value's place among dated peers, or their middle: the column's unit, the keys' types. */
bool check_peers(struct model *model, struct expr *expr)
{
    size_t placed = expr->op == OP_PERCENTILE || expr->op == OP_RANK;
    if (!check_find_column(model, expr)) return false;
    if (!expr->table->peers)
        return check_wrong(
            model, expr, "peers", SAY("write: peers %.*s from …", STR_ARG(expr->name)),
            SAY("%.*s is a table, not a dated snapshot of peers.", STR_ARG(expr->name)));
    struct unit unit = expr->unit;
    if (expr->type != MODEL_NUMBER || unit_has_row(model->units, &unit, NULL))
        return check_wrong(model, expr, "type-mismatch", NULL,
                           SAY("Column %.*s is not a number in one unit.", STR_ARG(expr->field)));
    for (size_t i = 0; i < expr->label_count; i++) {
        int column = table_column(expr->table, expr->labels[i]);
        if (column < 0)
            return check_wrong(
                model, expr, "unknown-column", NULL,
                SAY("%s has no column %.*s.", expr->table->path, STR_ARG(expr->labels[i])));
        const struct column *key = &expr->table->columns[column];
        struct expr **value = &expr->args[placed + i];
        *value = expression_fit(model, expr, *value, key->type, &key->unit, key->name);
        if (*value == NULL) return false;
    }
    if (placed) {
        expr->args[0] =
            expression_fit(model, expr, expr->args[0], MODEL_NUMBER, &unit, expr->field);
        if (expr->args[0] == NULL) return false;
        expr->unit = unit_one();
    }
    return true;
}

/* gwp("CH4"): the row of the model's table gwp whose column gas (or id) is CH4, in (t CO2e)/(t
 * CH4). */
bool check_gwp(struct model *model, struct expr *expr)
{
    static const char *const columns[] = {"value", "gwp", "gwp100", "factor"};
    struct expr *substance = expr->args[0];
    const struct table *table = model_find_table(model, STR("gwp"));
    if (table == NULL || table->id < 0)
        return check_wrong(model, expr, "gwp", "add: table gwp from \"factors/gwp.csv\"",
                           SAY("gwp(…) reads the model's table gwp, and there is none."));
    if (substance->kind != EXPR_TEXT)
        return check_wrong(model, expr, "gwp", NULL,
                           SAY("gwp takes a substance in quotes, such as gwp(\"CH4\")."));
    str id = substance->token->text, field = {"", 0};
    int key = table_column(table, STR("gas"));
    if (key < 0) key = table->id;
    for (size_t i = ARRAY_LEN(columns); i-- > 0;)
        if (table_column(table, str_from(columns[i])) >= 0) field = str_from(columns[i]);
    if (field.len == 0)
        return check_wrong(model, expr, "gwp", NULL, SAY("%s has no column value.", table->path));
    const struct token *token = expr->token;
    *expr = (struct expr){.kind = EXPR_LOOKUP,
                          .token = token,
                          .text = expr->text,
                          .from = expr->from,
                          .to = expr->to,
                          .name = STR("gwp"),
                          .field = field,
                          .args = expr->args,
                          .count = 1,
                          .reg = -1,
                          .height = expr->height,
                          .unit = unit_one(),
                          .label_count = 1,
                          .key_number = -1};
    expr->labels = ARENA_NEW(model->arena, str);
    expr->labels[0] = table->columns[key].name;
    expr->compares = ARENA_NEW(model->arena, enum op);
    expr->compares[0] = OP_EQUAL;
    if (!check_lookup(model, expr)) return false;
    bool known = false;
    double text = intern_find(model->texts, id);
    const struct column_order *order = table_order(model->arena, (struct table *)table, key);
    size_t at = column_order_find(order, text);
    known = text >= 0 && at < order->count && order->rows[at].value == text;
    if (!known)
        return check_wrong(model, expr, "unknown-key", NULL,
                           SAY("%s has no row for %.*s.", table->path, STR_ARG(id)));
    struct unit unit;
    if (!unit_parse_text(model->units, model->arena,
                         str_from(SAY("(t CO2e)/(t %.*s)", STR_ARG(id))), true, (str){"", 0},
                         &unit))
        return check_wrong(model, expr, "gwp", NULL,
                           SAY("\"%.*s\" can't be a substance.", STR_ARG(id)));
    expr->unit = unit;
    return true;
}

/* The input that holds the value of `months` before: prev.x of one year, prev2.x of two, prev6m.x
 * of six months. Its fact has the same word before it. */
static struct definition *earlier(struct model *model, const struct definition *d, int months)
{
    int years = months / 12;
    const char *word = months == 12       ? "prev"
                       : months % 12 == 0 ? SAY("prev%d", years)
                                          : SAY("prev%dm", months);
    str name = str_from(SAY("%s.%.*s", word, STR_ARG(d->name)));
    struct definition *before = model_find(model, name);
    if (before != NULL) return before;
    before = ARENA_NEW(model->arena, struct definition);
    *before = *d;
    before->kind = DEFINE_INPUT;
    before->name = name;
    before->expr = before->spread = NULL;
    before->spread_text = (str){"", 0};
    before->has_default = false;
    before->from = str_from(SAY("%s.%.*s", word, STR_ARG(d->from.len != 0 ? d->from : d->name)));
    str label = d->label.len != 0 ? d->label : d->name,
        zh = d->label_zh.len != 0 ? d->label_zh : d->name;
    if (months == 12) {
        before->label = str_from(SAY("%.*s, one year before", STR_ARG(label)));
        before->label_zh = str_from(SAY("上年%.*s", STR_ARG(zh)));
    } else {
        bool whole = months % 12 == 0;
        int count = whole ? years : months;
        before->label = str_from(SAY("%.*s, %d %s before", STR_ARG(label), count,
                                     whole        ? "years"
                                     : count == 1 ? "month"
                                                  : "months"));
        before->label_zh = str_from(SAY("%d%s前%.*s", count, whole ? "年" : "个月", STR_ARG(zh)));
    }
    before->post = (str){"", 0};
    before->state = 2;
    before->reg = -1;
    *ARENA_PUSH(model->arena, model->definitions, model->definition_count,
                model->definition_capacity) = before;
    map_put(&model->names, name, before);
    *ARENA_PUSH(model->arena, model->order, model->order_count, model->order_capacity) = before;
    return before;
}

bool check_prev(struct model *model, struct expr *expr)
{
    struct expr *what = expr->args[0];
    if (what->kind != EXPR_NAME)
        return check_wrong(model, expr, "prev", NULL,
                           SAY("%.*s takes a name, such as %.*s(clinker).", STR_ARG(expr->name),
                               STR_ARG(expr->name)));
    struct definition *before = earlier(model, what->definition, (int)expr->number);
    expr->kind = EXPR_NAME;
    expr->name = before->name;
    expr->count = 0;
    return check_use_definition(model, expr, before);
}

/* growth(x, period) is x / prev(x, period) - 1. */
bool check_growth(struct model *model, struct expr *expr)
{
    struct expr *now = expr->args[0], *before = check_make(model, EXPR_CALL, expr);
    if (now->type != MODEL_NUMBER) return check_want_type(model, expr, now, MODEL_NUMBER);
    before->args = expr->args;
    before->count = 1;
    before->number = expr->number;
    before->name = expr->name;
    if (!check_prev(model, before)) {
        expr->broken = true;
        return false;
    }
    before->checked = true;
    struct expr *quotient = check_make(model, EXPR_BINARY, expr),
                *one = check_make(model, EXPR_NUMBER, expr);
    quotient->op = OP_DIVIDE;
    quotient->args = ARENA_NEW_ARRAY(model->arena, struct expr *, 2);
    quotient->args[0] = now;
    quotient->args[1] = before;
    quotient->count = 2;
    one->number = 1;
    expr->kind = EXPR_BINARY;
    expr->op = OP_SUBTRACT;
    expr->args = ARENA_NEW_ARRAY(model->arena, struct expr *, 2);
    expr->args[0] = quotient;
    expr->args[1] = one;
    expr->count = 2;
    expr->checked = false;
    return check_expression(model, expr);
}

/* The body with arguments in the place of parameters; `prefix` goes before the names of a used
 * model's function ("ghg."). */
static struct expr *copy_body(struct model *model, const struct expr *from,
                              const struct function *function, str prefix)
{
    if (from->kind == EXPR_NAME)
        for (size_t i = 0; i < function->count; i++)
            if (str_equal(from->name, function->parameters[i]->name))
                return function->parameters[i]->argument;
    struct expr *expr = ARENA_NEW(model->arena, struct expr);
    *expr = *from;
    model->nodes++;
    if (model->nodes > EXPRESSION_NODES_MAX) return expr;
    bool named = from->kind == EXPR_NAME || from->kind == EXPR_COLUMN || from->kind == EXPR_KEYED ||
                 from->kind == EXPR_LOOKUP || from->kind == EXPR_PEERS ||
                 (from->kind == EXPR_CALL && from->op == OP_NONE && !str_is(from->name, "prev") &&
                  !str_is(from->name, "growth") && !str_is(from->name, "gwp"));
    if (named && prefix.len != 0)
        expr->name = str_from(SAY("%.*s%.*s", STR_ARG(prefix), STR_ARG(from->name)));
    expr->args = ARENA_NEW_ARRAY(model->arena, struct expr *, from->count + 1);
    for (size_t i = 0; i < from->count; i++)
        expr->args[i] = copy_body(model, from->args[i], function, prefix);
    return expr;
}

bool check_put_function(struct model *model, struct expr *expr)
{
    struct function *f = model_find_function(model, expr->name);
    if (f == NULL)
        return check_wrong(model, expr, "unknown-function", model_nearest(model, expr->name),
                           SAY("There is no function %.*s.", STR_ARG(expr->name)));
    if (expr->count != f->count)
        return check_wrong(
            model, expr, "arguments", NULL,
            SAY("%.*s takes %zu arguments, found %zu.", STR_ARG(f->name), f->count, expr->count));
    if (model->calls >= CALL_DEPTH_MAX || model->nodes > EXPRESSION_NODES_MAX)
        return check_wrong(model, expr, "recursion", NULL,
                           SAY("Functions call each other too deeply."));
    for (size_t i = 0; i < f->count; i++) {
        const struct definition *p = f->parameters[i];
        expr->args[i] = expression_fit(model, expr, expr->args[i], p->type, &p->unit, p->name);
        if (expr->args[i] == NULL) return false;
    }
    for (size_t i = 0; i < f->count; i++) f->parameters[i]->argument = expr->args[i];
    size_t last = expr->name.len;
    while (last > 0 && expr->name.ptr[last - 1] != '.') last--;
    struct expr *body = copy_body(model, f->expr, f, str_slice(expr->name, 0, last));
    if (model->nodes > EXPRESSION_NODES_MAX) /* the copy is not whole */
        return check_wrong(model, expr, "size", NULL,
                           SAY("With functions put in place the model has too many expressions."));
    model->calls++;
    bool fine = check_expression(model, body);
    model->calls--;
    if (fine && f->has_type) body = expression_fit(model, expr, body, f->type, &f->unit, f->name);
    if (!fine || body == NULL) {
        expr->broken = true;
        return false;
    }
    expr->kind = EXPR_CONVERT;
    expr->number = 1;
    expr->args = ARENA_NEW(model->arena, struct expr *);
    expr->args[0] = body;
    expr->count = 1;
    expr->type = body->type;
    expr->unit = expression_is_zero(body) ? f->unit : body->unit;
    expr->index = body->index;
    expr->uniform = body->uniform;
    return true;
}

/* A function's body is checked even when nobody calls it, with its parameters standing for
 * themselves. */
void check_function(struct model *model, struct function *f)
{
    for (size_t i = 0; i < f->count; i++) {
        struct expr *self = check_make(model, EXPR_NAME, f->expr);
        self->checked = true;
        self->definition = f->parameters[i];
        self->name = f->parameters[i]->name;
        self->type = f->parameters[i]->type;
        self->unit = f->parameters[i]->unit;
        f->parameters[i]->argument = self;
    }
    struct expr *body = copy_body(model, f->expr, f, (str){"", 0});
    if (check_expression(model, body) && f->has_type)
        expression_fit(model, body, body, f->type, &f->unit, f->name);
}
