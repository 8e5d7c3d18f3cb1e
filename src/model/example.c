/* Example blocks: the model's own tests. Lines set inputs; `expect` states an output's value. */
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "model/engine.h"

static const struct token *here(const struct parser *p)
{
    return &p->tokens[p->at];
}

void example_parse(struct parser *p)
{
    struct model *model = p->model;
    if (here(p)->kind != TOKEN_TEXT) {
        parser_fail(p, "syntax", "Expected the title of the example in quotes");
        return;
    }
    struct example *example = ARENA_NEW(model->arena, struct example);
    example->token = here(p);
    example->name = here(p)->text;
    p->at++;
    *ARENA_PUSH(model->arena, model->examples, model->example_count, model->example_capacity) = example;
}

static bool take_value(struct parser *p, struct example_line *line)
{
    bool negative = parser_take(p, "-");
    const struct token *token = here(p);
    p->at++;
    if (token->kind == TOKEN_NUMBER) {
        line->kind = EXAMPLE_NUMBER;
        line->number = negative ? -token->number : token->number;
        if (here(p)->kind == TOKEN_END || token_is(here(p), ";") || token_is(here(p), "within")) return true;
        struct unit unit;
        line->has_unit = true;
        return parser_unit(p, UNIT_DECLARED, &unit, &line->unit_text);
    }
    line->text = token->text;
    line->number = token->day;
    if (token->kind == TOKEN_TEXT) line->kind = EXAMPLE_TEXT;
    else if (token->kind == TOKEN_DATE) line->kind = EXAMPLE_DATE;
    else if (token_is(token, "true") || token_is(token, "false")) line->kind = EXAMPLE_FLAG;
    else if (token_is(token, "missing")) line->kind = EXAMPLE_MISSING;
    else if (token_is(token, "error")) line->kind = EXAMPLE_ERROR;
    else if (token->kind == TOKEN_NAME) line->kind = EXAMPLE_TEXT; /* a choice without quotes */
    else {
        p->at--;
        parser_fail(p, "syntax", "Expected a value");
        return false;
    }
    return true;
}

/* name[key] = value [within number [% or unit]] */
void example_parse_line(struct parser *p, bool expect)
{
    struct model *model = p->model;
    struct example *example = model->examples[model->example_count - 1];
    const struct token *name = parser_name(p, "Expected the name of an input");
    struct example_line line = {.token = name, .expect = expect};
    if (name == NULL) return;
    line.name = name->text;
    if (parser_take(p, ".")) { /* prev.x */
        const struct token *field = parser_name(p, "Expected a name");
        if (field == NULL) return;
        line.name = str_slice(model->text, name->from, field->to);
    }
    if (parser_take(p, "[") && !parser_key(p, &line.key)) return;
    if (!parser_want(p, "=") || !take_value(p, &line)) return;
    if (expect && parser_take(p, "within")) {
        line.has_within = true;
        if (here(p)->kind != TOKEN_NUMBER) {
            parser_fail(p, "syntax", "Expected a number");
            return;
        }
        line.within = here(p)->number;
        p->at++;
        line.within_percent = parser_take(p, "%");
        struct unit unit;
        if (!line.within_percent && unit_starts(model->units, here(p)) &&
            !parser_unit(p, UNIT_DECLARED, &unit, NULL))
            return;
    }
    *ARENA_PUSH(model->arena, example->lines, example->count, example->capacity) = line;
}

static void check_line(struct model *model, const struct example_line *line)
{
    const struct definition *d = model_find(model, line->name);
    bool fits = d != NULL && (line->expect ? d->kind != DEFINE_INPUT : d->kind == DEFINE_INPUT);
    if (!fits) {
        model_report(model, line->token, "unknown-name", model_nearest(model, line->name), "There is no %s %.*s.",
                     line->expect ? "output" : "input", STR_ARG(line->name));
        return;
    }
    if (d->wrong) return;
    if ((line->key.len != 0) != (d->index != NULL)) {
        model_report(model, line->token, "index", NULL, d->index != NULL ? "%.*s goes by an index: write %.*s[key]."
                     : "%.*s does not go by an index, %.*s stands alone.", STR_ARG(d->name), STR_ARG(d->name));
        return;
    }
    if (line->key.len != 0 && !map_has(&d->index->numbers, line->key))
        model_report(model, line->token, "unknown-key", NULL, "%.*s has no member \"%.*s\".", STR_ARG(d->index->name),
                     STR_ARG(line->key));
    bool number = line->kind == EXAMPLE_NUMBER, any = line->kind == EXAMPLE_MISSING || line->kind == EXAMPLE_ERROR;
    if (!any && number != (d->type == MODEL_NUMBER)) {
        model_report(model, line->token, "type-mismatch", NULL, "The value does not fit %.*s.", STR_ARG(d->name));
        return;
    }
    struct unit unit;
    if (!line->has_unit || d->per_row ||
        !unit_parse_text(model->units, model->arena, line->unit_text, true, (str){"", 0}, &unit))
        return;
    if (!unit_same_dimension(&unit, &d->unit))
        model_report(model, line->token, "unit-mismatch", NULL, "%.*s is in %s, found %.*s.", STR_ARG(d->name),
                     unit_format(model->arena, model->units, &d->unit), STR_ARG(line->unit_text));
}

void example_check(struct model *model)
{
    for (size_t i = 0; i < model->example_count; i++)
        for (size_t k = 0; k < model->examples[i]->count; k++) check_line(model, &model->examples[i]->lines[k]);
}
