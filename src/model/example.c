/* Example blocks: the model's own tests. Lines set inputs; `expect` states an output's value. */
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "model/program.h"

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
    *ARENA_PUSH(model->arena, model->examples, model->example_count, model->example_capacity) =
        example;
}

static bool take_value(struct parser *p, struct example_line *line)
{
    bool negative = parser_take(p, "-");
    const struct token *token = here(p);
    p->at++;
    if (token->kind == TOKEN_NUMBER) {
        line->kind = EXAMPLE_NUMBER;
        line->number = negative ? -token->number : token->number;
        if (here(p)->kind == TOKEN_END || token_is(here(p), ";") || token_is(here(p), "within"))
            return true;
        struct unit unit;
        line->has_unit = true;
        return parser_unit(p, UNIT_DECLARED, &unit, &line->unit_text);
    }
    line->text = token->text;
    line->number = token->day;
    if (token->kind == TOKEN_TEXT)
        line->kind = EXAMPLE_TEXT;
    else if (token->kind == TOKEN_DATE)
        line->kind = EXAMPLE_DATE;
    else if (token_is(token, "true") || token_is(token, "false"))
        line->kind = EXAMPLE_FLAG;
    else if (token_is(token, "missing"))
        line->kind = EXAMPLE_MISSING;
    else if (token_is(token, "error"))
        line->kind = EXAMPLE_ERROR;
    else if (token->kind == TOKEN_NAME)
        line->kind = EXAMPLE_TEXT; /* a choice without quotes */
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
    while (parser_take(p, ".")) { /* prev.x, prev.alias.x */
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
        line.has_within_unit = !line.within_percent && unit_starts(model->units, here(p));
        if (line.has_within_unit && !parser_unit(p, UNIT_DECLARED, &line.within_unit, NULL)) return;
    }
    *ARENA_PUSH(model->arena, example->lines, example->count, example->capacity) = line;
}

static void check_line(struct model *model, const struct example_line *line)
{
    const struct definition *d = model_find(model, line->name);
    bool fits = d != NULL && (line->expect ? d->kind != DEFINE_INPUT : d->kind == DEFINE_INPUT);
    if (!fits) {
        model_report(model, line->token, "unknown-name", model_nearest(model, line->name),
                     "There is no %s %.*s.", line->expect ? "output" : "input",
                     STR_ARG(line->name));
        return;
    }
    if (d->wrong) return;
    if ((line->key.len != 0) != (d->index != NULL)) {
        model_report(model, line->token, "index", NULL,
                     d->index != NULL ? "%.*s goes by an index: write %.*s[key]."
                                      : "%.*s does not go by an index, %.*s stands alone.",
                     STR_ARG(d->name), STR_ARG(d->name));
        return;
    }
    if (line->key.len != 0 && !map_has(&d->index->numbers, line->key))
        model_report(model, line->token, "unknown-key", NULL, "%.*s has no member \"%.*s\".",
                     STR_ARG(d->index->name), STR_ARG(line->key));
    bool number = line->kind == EXAMPLE_NUMBER,
         any = line->kind == EXAMPLE_MISSING || line->kind == EXAMPLE_ERROR;
    if (!any && number != (d->type == MODEL_NUMBER)) {
        model_report(model, line->token, "type-mismatch", NULL, "The value does not fit %.*s.",
                     STR_ARG(d->name));
        return;
    }
    struct unit unit;
    if (line->has_within_unit && !unit_same_dimension(&line->within_unit, &d->unit))
        model_report(model, line->token, "unit-mismatch",
                     unit_hint(model->arena, model->units, &line->within_unit, &d->unit),
                     "%.*s is in %.*s, its tolerance is in %s.", STR_ARG(d->name),
                     STR_ARG(d->unit_text),
                     unit_format(model->arena, model->units, &line->within_unit));
    if (!line->has_unit || d->per_row ||
        !unit_parse_text(model->units, model->arena, line->unit_text, true, (str){"", 0}, &unit))
        return;
    if (!unit_same_dimension(&unit, &d->unit))
        model_report(model, line->token, "unit-mismatch", NULL, "%.*s is in %s, found %.*s.",
                     STR_ARG(d->name), unit_format(model->arena, model->units, &d->unit),
                     STR_ARG(line->unit_text));
}

void example_check(struct model *model)
{
    for (size_t i = 0; i < model->example_count; i++)
        for (size_t k = 0; k < model->examples[i]->count; k++)
            check_line(model, &model->examples[i]->lines[k]);
}

/* ---- running them ------------------------------------------------------------------------- */

static const char *set_line(struct arena *arena, struct model_data *data,
                            const struct example_line *line)
{
    struct error err = {0};
    bool fine = true;
    char day[DATE_TEXT_MAX];
    if (line->kind == EXAMPLE_NUMBER)
        fine =
            model_data_set(data, 0, line->name, line->key, line->number, line->unit_text, 0, &err);
    else if (line->kind == EXAMPLE_MISSING)
        fine = model_data_set_missing(data, 0, line->name, line->key, 0, &err);
    else if (line->kind == EXAMPLE_DATE) {
        date_format((date){(int32_t)line->number}, day);
        fine = model_data_set_text(data, 0, line->name, line->key, str_from(day), 0, &err);
    } else
        fine = model_data_set_text(data, 0, line->name, line->key, line->text, 0, &err);
    return fine ? NULL
                : arena_printf(arena, "line %d: %s", line->token->line,
                               error_render(arena, &err, error_sentence(err.code)));
}

static const char *value_text(struct arena *arena, const struct model_value *value,
                              const char *unit)
{
    char text[NUM_TEXT_MAX];
    if (value->status != MODEL_OK) return model_status_name(value->status);
    if (value->text != NULL) return value->text;
    if (value->type == MODEL_FLAG) return value->number != 0 ? "true" : "false";
    if (value->type == MODEL_DATE)
        date_format((date){(int32_t)value->number}, text);
    else
        num_format(value->number, text);
    return unit == NULL ? arena_strdup(arena, text) : arena_printf(arena, "%s %s", text, unit);
}

/* An expected number in the output's unit. */
static double wanted_number(const struct model *model, struct arena *arena,
                            const struct definition *d, const struct example_line *line)
{
    struct unit unit;
    if (!line->has_unit ||
        !unit_parse_text(model->units, arena, line->unit_text, false, (str){"", 0}, &unit) ||
        !unit_same_dimension(&unit, &d->unit))
        return line->number;
    return line->number * unit_ratio(&unit, &d->unit);
}

static const char *expect_line(struct arena *arena, const struct model_run *run,
                               const struct frame *frame, const struct example_line *line)
{
    const struct model *model = run->model;
    const struct definition *d = model_find(model, line->name);
    size_t at =
        d->index == NULL ? 0 : (size_t)(uintptr_t)map_get(&d->index->numbers, line->key) - 1;
    uint8_t status = frame->status[d->reg][at];
    struct model_value found = value_make(run->data, d->type, frame->values[d->reg][at], status);
    bool passed = false;
    struct model_value wanted = {.type = d->type, .number = line->number};
    const char *shown = NULL;
    switch (line->kind) {
    case EXAMPLE_NUMBER: {
        wanted.number = wanted_number(model, arena, d, line);
        struct example_line one = *line;
        one.number = 1;
        double scale = wanted_number(model, arena, d, &one);
        double within = !line->has_within      ? fabs(wanted.number) * 1e-9
                        : line->within_percent ? fabs(wanted.number) * line->within / 100
                        : line->has_within_unit
                            ? line->within * unit_ratio(&line->within_unit, &d->unit)
                            : line->within * fabs(scale);
        passed = found.status == MODEL_OK && fabs(found.number - wanted.number) <= within;
        break;
    }
    case EXAMPLE_DATE: passed = found.status == MODEL_OK && found.number == line->number; break;
    case EXAMPLE_FLAG:
        wanted.number = str_is(line->text, "true");
        passed = found.status == MODEL_OK && found.number == wanted.number;
        break;
    case EXAMPLE_TEXT:
        shown = str_dup(arena, line->text);
        passed = found.status == MODEL_OK && found.text != NULL && str_is(line->text, found.text);
        break;
    case EXAMPLE_MISSING:
        shown = "missing";
        passed = found.status == MODEL_MISSING || (status & STATUS_CODE) == STATUS_ABSENT;
        break;
    case EXAMPLE_ERROR:
        shown = "an error";
        passed = found.status > MODEL_MISSING;
        break;
    }
    if (passed) return NULL;
    const char *unit = d->type == MODEL_NUMBER ? str_dup(arena, d->unit_text) : NULL;
    if (shown == NULL) shown = value_text(arena, &wanted, unit);
    return arena_printf(arena, "line %d: %.*s is %s, expected %s", line->token->line,
                        STR_ARG(line->name), value_text(arena, &found, unit), shown);
}

struct model_data *example_data(struct arena *arena, const struct model *model,
                                const struct example *example, const char **failure)
{
    struct model_data *data = model_data_new(arena, model, 1);
    *failure = NULL;
    for (size_t i = 0; i < example->count && *failure == NULL; i++)
        if (!example->lines[i].expect) *failure = set_line(arena, data, &example->lines[i]);
    return *failure == NULL ? data : NULL;
}

static const char *run_example(struct arena *arena, const struct model *model,
                               const struct example *example)
{
    const char *wrong;
    struct model_data *data = example_data(arena, model, example, &wrong);
    if (data == NULL) return wrong;
    struct error err = {0};
    struct model_run *run = model_run(arena, model, data, NULL, &err);
    if (run == NULL) return error_render(arena, &err, error_sentence(err.code));
    const struct frame *frame = run_one(arena, run, 0);
    for (size_t i = 0; i < example->count; i++) {
        const char *failure =
            example->lines[i].expect ? expect_line(arena, run, frame, &example->lines[i]) : NULL;
        if (failure != NULL) return failure;
    }
    return NULL;
}

size_t model_test(struct arena *arena, const struct model *model,
                  const struct model_example_result **results)
{
    struct model_example_result *all =
        ARENA_NEW_ARRAY(arena, struct model_example_result, model->example_count + 1);
    for (size_t i = 0; i < model->example_count; i++) {
        all[i].name = str_dup(arena, model->examples[i]->name);
        all[i].detail = run_example(arena, model, model->examples[i]);
        all[i].passed = all[i].detail == NULL;
    }
    *results = all;
    return model->example_count;
}
