/* Names and definitions: what each name means, in which order formulas are computed. */
#include "model/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void model_report(struct model *model, const struct token *at, const char *rule, const char *hint,
                  const char *format, ...)
{
    struct model_diagnostics *all = model->diagnostics;
    model->errors++;
    if (all == NULL || model->errors > DIAGNOSTICS_MAX) return;
    char message[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    if (!utf8_valid(str_from(message))) /* a stranger's bytes, or one cut in the middle */
        for (char *c = message; *c != '\0'; c++)
            if ((unsigned char)*c >= 0x80) *c = '?';
    *ARENA_PUSH(all->arena, all->list, all->count, all->capacity) = (struct model_diagnostic){
        .file = str_dup(all->arena, model->path),
        .line = at == NULL ? 1 : at->line,
        .column = at == NULL ? 1 : at->column,
        .end_column = at == NULL ? 1 : at->column + (int)(at->to - at->from),
        .rule = rule,
        .message = arena_strdup(all->arena, message),
        .hint = hint == NULL ? NULL : arena_strdup(all->arena, hint)};
}

struct definition *model_find(const struct model *model, str name)
{
    return map_get(&model->names, name);
}

struct function *model_find_function(const struct model *model, str name)
{
    model = model_of_name(model, &name);
    if (model == NULL) return NULL;
    return map_get(&model->function_names, name);
}

struct table *model_find_table(const struct model *model, str name)
{
    model = model_of_name(model, &name);
    if (model == NULL) return NULL;
    for (size_t i = 0; i < model->table_count; i++)
        if (str_equal(model->tables[i]->name, name)) return model->tables[i];
    return NULL;
}

struct index *model_find_index(const struct model *model, str name)
{
    model = model_of_name(model, &name);
    if (model == NULL) return NULL;
    for (size_t i = 0; i < model->index_count; i++)
        if (str_equal(model->indexes[i]->name, name)) return model->indexes[i];
    return NULL;
}

static void consider(str name, str candidate, size_t *least, str *best)
{
    size_t distance = text_distance(name, candidate, *least);
    if (distance >= *least) return;
    *least = distance;
    *best = candidate;
}

const char *model_nearest(const struct model *model, str name)
{
    if (model->errors >= DIAGNOSTICS_MAX) return NULL; /* nobody will read it */
    size_t least = size_max(name.len / 2, 2) + 1;
    str best = {"", 0};
    for (size_t i = 0; i < model->definition_count; i++)
        consider(name, model->definitions[i]->name, &least, &best);
    for (size_t i = 0; i < model->function_count; i++)
        consider(name, model->functions[i]->name, &least, &best);
    for (size_t i = 0; i < model->index_count; i++)
        consider(name, model->indexes[i]->name, &least, &best);
    return best.len == 0 ? NULL : arena_printf(model->arena, "did you mean %.*s?", STR_ARG(best));
}

/* A row's unit belongs to a table that the model names, and only something indexed by it may have
 * it. */
static bool check_row_unit(struct model *model, struct definition *d)
{
    for (size_t i = 0; i < d->unit.count; i++) {
        uint16_t base = d->unit.terms[i].base;
        if (base == UNIT_BASE_UNKNOWN || !model->units->bases[base].row) continue;
        bool fits =
            d->index != NULL && d->index->table != NULL && d->index->table->row_base == base;
        if (!fits) {
            str name = model->units->bases[base].name;
            model_report(model, d->token, "row-unit", NULL,
                         "%.*s is in %.*s, so it must go by that table: write %.*s[%.*s].",
                         STR_ARG(d->name), STR_ARG(name), STR_ARG(d->name),
                         STR_ARG(str_slice(name, 0, name.len - 5)));
            return false;
        }
        if (d->index->table->unit < 0) {
            model_report(model, d->token, "row-unit", NULL, "%s has no column unit.",
                         d->index->table->path);
            return false;
        }
        d->per_row = true;
    }
    return true;
}

static bool resolve_index(struct model *model, struct definition *d)
{
    if (d->index_name.len == 0) return true;
    d->index = model_find_index(model, d->index_name);
    if (d->index == NULL) {
        model_report(model, d->token, "unknown-index", model_nearest(model, d->index_name),
                     "There is no table or set named %.*s.", STR_ARG(d->index_name));
        return false;
    }
    if (d->index->table != NULL && d->index->table->id < 0) {
        model_report(model, d->token, "unknown-index", NULL,
                     "%s has no column id, so nothing goes by it.", d->index->table->path);
        return false;
    }
    return true;
}

static void check_out(struct model *model, struct definition *d)
{
    if (d->kind == DEFINE_OUT && d->type == MODEL_NUMBER && !d->has_type) {
        d->wrong = true;
        model_report(model, d->token, "unit-needed", NULL,
                     "Output %.*s needs its unit: out %.*s : %s = …", STR_ARG(d->name),
                     STR_ARG(d->name), unit_format(model->arena, model->units, &d->unit));
    }
    if (d->kind == DEFINE_REQUIRE && d->type != MODEL_FLAG) {
        d->wrong = true;
        model_report(model, d->token, "type-mismatch", NULL,
                     "A requirement is true or false; %.*s is not.", STR_ARG(d->name));
    }
}

static bool fit_type(struct model *model, struct definition *d)
{
    struct expr *expr = d->expr;
    if (!d->has_type) {
        d->type = expr->type;
        d->unit = expr->unit;
        if (d->type == MODEL_NUMBER)
            d->unit_text = str_from(unit_format(model->arena, model->units, &d->unit));
        d->unit.num = d->unit.den = 1;
        if (d->type == MODEL_NUMBER) {
            /* A result without a stated unit is kept in the atoms that its unit is shown with. */
            struct unit shown;
            if (unit_parse_text(model->units, model->arena, d->unit_text, true, (str){"", 0},
                                &shown) &&
                unit_same_dimension(&shown, &d->unit))
                d->unit = shown;
        }
    } else if (d->type != expr->type && !(d->type == MODEL_TEXT && expr->type == MODEL_CHOICE)) {
        static const char *const names[] = {"a number", "a flag", "a text", "a date", "a choice"};
        model_report(model, d->token, "type-mismatch", NULL,
                     "%.*s is declared as %s, its formula gives %s.", STR_ARG(d->name),
                     names[d->type], names[expr->type]);
        return false;
    }
    if (d->type == MODEL_CHOICE) d->type = MODEL_TEXT;
    if (d->type != MODEL_NUMBER) return true;
    if (!unit_same_dimension(&expr->unit, &d->unit) &&
        !(expr->kind == EXPR_NUMBER && expr->number == 0 && !expr->has_unit)) {
        model_report(model, d->token, "unit-mismatch",
                     unit_hint(model->arena, model->units, &expr->unit, &d->unit),
                     "%.*s is declared in %s (%s), its formula gives %s (%s).", STR_ARG(d->name),
                     str_dup(model->arena, d->unit_text),
                     unit_describe(model->arena, model->units, &d->unit),
                     unit_format(model->arena, model->units, &expr->unit),
                     unit_describe(model->arena, model->units, &expr->unit));
        return false;
    }
    d->expr = expression_convert(model, expr, &d->unit);
    return true;
}

bool check_definition(struct model *model, struct definition *d)
{
    if (d->state == 2) return !d->wrong;
    if (d->state == 1) {
        if (!d->wrong)
            model_report(model, d->token, "cycle", NULL, "%.*s depends on itself.",
                         STR_ARG(d->name));
        d->wrong = true;
        return false;
    }
    d->state = 1;
    bool wrong =
        d->wrong || (!d->copied && (!resolve_index(model, d) || !check_row_unit(model, d) ||
                                    !measure_check_spread(model, d)));
    if (!wrong && d->copied) wrong = !use_check_copy(model, d);
    if (!wrong && d->expr != NULL) wrong = !check_expression(model, d->expr);
    if (!wrong && d->expr != NULL && !d->wrong && !d->copied) {
        if (d->expr->index != NULL && d->index == NULL) {
            str by = d->expr->index->name;
            model_report(model, d->token, "index", NULL,
                         "The formula of %.*s goes by %.*s: write %.*s[%.*s], or sum(…).",
                         STR_ARG(d->name), STR_ARG(by), STR_ARG(d->name), STR_ARG(by));
            wrong = true;
        } else if (d->expr->index != NULL && d->expr->index != d->index) {
            model_report(model, d->token, "index", NULL, "%.*s goes by %.*s, its formula by %.*s.",
                         STR_ARG(d->name), STR_ARG(d->index->name), STR_ARG(d->expr->index->name));
            wrong = true;
        }
        if (!wrong) wrong = !fit_type(model, d) || !check_row_unit(model, d);
    }
    d->wrong = d->wrong || wrong;
    if (!wrong && d->expr != NULL) d->depth = d->expr->depth;
    if (!d->wrong) check_out(model, d);
    d->state = 2;
    if (!d->wrong)
        *ARENA_PUSH(model->arena, model->order, model->order_count, model->order_capacity) = d;
    return !d->wrong;
}

static void count_kinds(struct model *model)
{
    size_t count = model->definition_count + 1;
    model->inputs = ARENA_NEW_ARRAY(model->arena, struct definition *, count);
    model->outputs = ARENA_NEW_ARRAY(model->arena, struct definition *, count);
    model->requirements = ARENA_NEW_ARRAY(model->arena, struct definition *, count);
    for (size_t i = 0; i < model->definition_count; i++) {
        struct definition *d = model->definitions[i];
        if (d->kind == DEFINE_INPUT) {
            d->number = model->input_count;
            model->inputs[model->input_count++] = d;
        } else if (d->kind == DEFINE_OUT) {
            d->number = model->output_count;
            model->outputs[model->output_count++] = d;
        } else if (d->kind == DEFINE_REQUIRE) {
            model->requirements[model->requirement_count++] = d;
        }
    }
}

void model_check_names(struct model *model)
{
    if (model->name.len == 0) return;
    use_import(model);
    size_t written = model->definition_count;
    for (size_t i = 0; i < written; i++) check_definition(model, model->definitions[i]);
    for (size_t i = 0; i < model->function_count; i++) {
        struct function *f = model->functions[i];
        check_function(model, f);
    }
    measure_check(model);
    count_kinds(model);
    example_check(model);
}
