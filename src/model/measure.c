/* What a model says about change: measures (what-if: inputs set to formulas of the values given)
 * and the spread of an input. They are parsed, checked and compiled with the rest; runs that
 * compute effects and uncertainty read them. */
#include "model/engine.h"

static const struct token *here(const struct parser *p)
{
    return &p->tokens[p->at];
}

/* uncertainty [normal|lognormal|triangular|uniform] EXPRESSION */
bool measure_parse_spread(struct parser *p, struct definition *d)
{
    static const struct {
        const char *word;
        enum model_spread_shape shape;
    } shapes[] = {{"normal", MODEL_SPREAD_NORMAL},
                  {"lognormal", MODEL_SPREAD_LOGNORMAL},
                  {"triangular", MODEL_SPREAD_TRIANGULAR},
                  {"uniform", MODEL_SPREAD_UNIFORM}};
    size_t from = here(p)->from;
    if (d->spread != NULL)
        return parser_fail(p, "duplicate-name", "The uncertainty is stated twice") != NULL;
    d->spread_shape = MODEL_SPREAD_NORMAL;
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        if (parser_take(p, shapes[i].word)) {
            d->spread_shape = shapes[i].shape;
            break;
        }
    d->spread = expression_parse_value(p);
    if (d->spread == NULL) return false;
    d->spread_text = str_slice(p->model->text, from, p->tokens[p->at - 1].to);
    if (d->type == MODEL_NUMBER) return true;
    p->failed = true;
    model_report(p->model, d->token, "type-mismatch", NULL,
                 "Only a number can be uncertain; %.*s is not one.", STR_ARG(d->name));
    return false;
}

static struct expr *plain_number(struct model *model, const struct token *at, struct expr *expr,
                                 const char *what)
{
    struct unit one = unit_one();
    if (!check_expression(model, expr)) return NULL;
    if (expr->type == MODEL_NUMBER && unit_is_one(&expr->unit))
        return expression_convert(model, expr, &one);
    model_report(model, at, "unit-mismatch", "write it as a share, such as 5 %",
                 "%s is a plain number, this is in %s.", what,
                 expr->type != MODEL_NUMBER ? "something else"
                                            : unit_format(model->arena, model->units, &expr->unit));
    return NULL;
}

bool measure_check_spread(struct model *model, struct definition *d)
{
    if (d->spread == NULL) return true;
    const struct token *at = d->spread->token;
    d->spread = plain_number(model, at, d->spread, "The uncertainty, relative to the value,");
    if (d->spread == NULL) return false;
    const struct expr *written = d->spread;
    bool negative = false;
    for (; written->kind == EXPR_CONVERT || written->kind == EXPR_NEGATE;
         written = written->args[0])
        negative = negative != (written->kind == EXPR_NEGATE);
    if (negative && written->kind == EXPR_NUMBER && written->number != 0) {
        model_report(model, at, "range", NULL, "An uncertainty is not negative.");
        return false;
    }
    if (d->spread->index == NULL || d->spread->index == d->index) return true;
    model_report(model, at, "index", NULL, "%.*s does not go by %.*s, its uncertainty does.",
                 STR_ARG(d->name), STR_ARG(d->spread->index->name));
    return false;
}

static bool parse_change(struct parser *p, struct measure *measure)
{
    const struct token *name = parser_name(p, "Expected the name of an input");
    struct measure_change change = {.token = name, .key_number = -1};
    if (name == NULL || (parser_take(p, "[") && !parser_key(p, &change.key)) ||
        !parser_want(p, "="))
        return false;
    change.expr = expression_parse(p);
    if (change.expr == NULL) return false;
    *ARENA_PUSH(p->model->arena, measure->changes, measure->count, measure->capacity) = change;
    return true;
}

/* measure NAME ["label" [zh "标签"]] [cost EXPRESSION] : input = expression, … */
void measure_parse(struct parser *p)
{
    struct model *model = p->model;
    const struct token *name = parser_name(p, "Expected the name of the measure");
    if (name == NULL) return;
    for (size_t i = 0; i < model->measure_count; i++)
        if (str_equal(model->measures[i]->name, name->text)) {
            p->failed = true;
            model_report(model, name, "duplicate-name", NULL, "The measure %.*s stands twice.",
                         STR_ARG(name->text));
            return;
        }
    if (model->measure_count == MEASURES_MAX) {
        parser_fail(p, "size", "Too many measures");
        return;
    }
    struct measure *measure = ARENA_NEW(model->arena, struct measure);
    measure->token = name;
    measure->name = name->text;
    if (here(p)->kind == TOKEN_TEXT) {
        measure->label = here(p)->text;
        p->at++;
        if (parser_take(p, "zh")) {
            measure->label_zh = here(p)->text;
            if (here(p)->kind != TOKEN_TEXT) {
                parser_fail(p, "syntax", "Expected a text in quotes");
                return;
            }
            p->at++;
        }
    }
    if (parser_take(p, "cost") && (measure->cost = expression_parse(p)) == NULL) return;
    if (!parser_want(p, ":")) return;
    do {
        if (!parse_change(p, measure)) return;
    } while (parser_take(p, ","));
    *ARENA_PUSH(model->arena, model->measures, model->measure_count, model->measure_capacity) =
        measure;
}

static void check_change(struct model *model, struct measure_change *change)
{
    struct definition *d = model_find(model, change->token->text);
    if (d == NULL || d->kind != DEFINE_INPUT) {
        model_report(
            model, change->token, "unknown-name", model_nearest(model, change->token->text),
            "A measure changes inputs; there is no input %.*s.", STR_ARG(change->token->text));
        return;
    }
    if (d->wrong || !check_expression(model, change->expr)) return;
    change->definition = d;
    if (change->key.len != 0) {
        uintptr_t known =
            d->index == NULL ? 0 : (uintptr_t)map_get(&d->index->numbers, change->key);
        if (known == 0) {
            model_report(model, change->token, "unknown-key", NULL, "%.*s has no member \"%.*s\".",
                         STR_ARG(d->name), STR_ARG(change->key));
            return;
        }
        change->key_number = (int)known - 1;
    }
    struct expr *expr = change->expr;
    const struct index *by = change->key.len != 0 ? NULL : d->index;
    if (expr->index != NULL && expr->index != by) {
        model_report(model, change->token, "index", NULL,
                     "The new value of %.*s goes by %.*s; name a key.", STR_ARG(d->name),
                     STR_ARG(expr->index->name));
        return;
    }
    if (d->type != MODEL_NUMBER) {
        bool fits = expr->type == d->type || (d->type == MODEL_CHOICE && expr->type == MODEL_TEXT);
        if (!fits)
            model_report(model, change->token, "type-mismatch", NULL,
                         "The new value does not fit %.*s.", STR_ARG(d->name));
        return;
    }
    struct unit unit = d->unit;
    if (change->key_number >= 0) expression_key_unit(model, d->index, change->key_number, &unit);
    change->expr = expression_fit(model, expr, expr, MODEL_NUMBER, &unit, d->name);
}

void measure_check(struct model *model)
{
    for (size_t i = 0; i < model->measure_count; i++) {
        struct measure *measure = model->measures[i];
        for (size_t k = 0; k < measure->count; k++) check_change(model, &measure->changes[k]);
        if (measure->cost == NULL || !check_expression(model, measure->cost)) continue;
        if (measure->cost->type == MODEL_NUMBER && measure->cost->index == NULL) continue;
        model_report(model, measure->cost->token, "type-mismatch", NULL,
                     "The cost of a measure is one number.");
    }
}
