/* What a model asks of a person, how much each input is worth to its main result, and what happens
 * without it. Computed from the model's own examples and formulas: nothing is stated twice. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/program.h"

#define EXAMPLES_TRIED_MAX 24

static const char *value_of(struct arena *arena, const struct example_line *line)
{
    char day[DATE_TEXT_MAX];
    if (line->kind != EXAMPLE_DATE) return str_dup(arena, line->text);
    date_format((date){(int32_t)line->number}, day);
    return arena_strdup(arena, day);
}

size_t model_examples(struct arena *arena, const struct model *model,
                      const struct model_example **list)
{
    struct model_example *all =
        ARENA_NEW_ARRAY(arena, struct model_example, model->example_count + 1);
    for (size_t i = 0; i < model->example_count; i++) {
        const struct example *example = model->examples[i];
        struct model_given *given = ARENA_NEW_ARRAY(arena, struct model_given, example->count + 1);
        all[i] = (struct model_example){.name = str_dup(arena, example->name), .given = given};
        for (size_t k = 0; k < example->count; k++) {
            const struct example_line *line = &example->lines[k];
            if (line->expect) continue;
            given[all[i].given_count++] = (struct model_given){
                .input = str_dup(arena, line->name),
                .key = str_dup(arena, line->key),
                .type = model_find(model, line->name)->type,
                .missing = line->kind == EXAMPLE_MISSING,
                .value = line->number,
                .unit = str_dup(arena, line->unit_text),
                .text = line->kind == EXAMPLE_NUMBER ? "" : value_of(arena, line)};
        }
    }
    *list = all;
    return model->example_count;
}

/* ---- the main output ---------------------------------------------------------------------- */

static bool is_plain_number(const struct model_output *output)
{
    return output->type == MODEL_NUMBER && output->index == NULL;
}

static const struct model_output *main_output(const struct model_info *info)
{
    static const char *const names[] = {"total",    "total_full", "total_location", "footprint",
                                        "financed", "equivalent", "amount",         "loan_need",
                                        "score",    "q",          "emission"};
    for (size_t n = 0; n < ARRAY_LEN(names); n++)
        for (size_t i = 0; i < info->output_count; i++)
            if (strcmp(info->outputs[i].name, names[n]) == 0 && is_plain_number(&info->outputs[i]))
                return &info->outputs[i];
    for (size_t i = 0; i < info->output_count; i++) /* scope 3 of a portfolio ends otherwise */
        if (str_ends(str_from(info->outputs[i].name), "_financed") &&
            is_plain_number(&info->outputs[i]))
            return &info->outputs[i];
    for (int posted = 1; posted >= 0; posted--)
        for (size_t i = 0; i < info->output_count; i++)
            if (is_plain_number(&info->outputs[i]) &&
                (posted == 0 ||
                 (info->outputs[i].post != NULL && strcmp(info->outputs[i].post, "emission") == 0)))
                return &info->outputs[i];
    return NULL;
}

/* ---- running an example ------------------------------------------------------------------- */

/* The example without the lines of one input; NULL leaves none out. */
static struct model_run *run_without(struct arena *arena, const struct model *model, size_t number,
                                     const char *without)
{
    struct example example = *model->examples[number];
    const char *wrong;
    struct error err = {0};
    size_t kept = 0;
    struct example_line *lines = ARENA_NEW_ARRAY(arena, struct example_line, example.count + 1);
    for (size_t i = 0; i < example.count; i++)
        if (without == NULL || !str_is(example.lines[i].name, without))
            lines[kept++] = example.lines[i];
    example.lines = lines;
    example.count = kept;
    struct model_data *data = example_data(arena, model, &example, &wrong);
    return data == NULL ? NULL : model_run(arena, model, data, NULL, &err);
}

static bool is_given(const struct model *model, size_t number, const char *input)
{
    const struct example *example = model->examples[number];
    for (size_t i = 0; i < example->count; i++)
        if (!example->lines[i].expect && example->lines[i].kind != EXAMPLE_MISSING &&
            str_is(example->lines[i].name, input))
            return true;
    return false;
}

static bool number_of(const struct model_run *run, const struct model_output *output, double *value)
{
    if (run == NULL || output == NULL) return false;
    struct model_value found = model_run_value(run, 0, output->name, (str){"", 0}, NULL);
    *value = found.number;
    return found.status == MODEL_OK;
}

/* ---- effects ------------------------------------------------------------------------------ */

static void add_effects(struct arena *arena, struct model_asked *asked, size_t count,
                        const struct model_run *run, const struct model_output *output,
                        size_t example, double total)
{
    struct model_gradient gradient = model_gradient(arena, run, 0, output->name, (str){"", 0});
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        bool any = false;
        if (asked[i].has_effect || asked[i].input->type != MODEL_NUMBER) continue;
        for (size_t k = 0; k < gradient.count; k++) {
            const struct model_partial *partial = &gradient.partials[k];
            if (partial->input == NULL || strcmp(partial->input, asked[i].input->name) != 0)
                continue;
            sum += partial->derivative * partial->value / total;
            any = true;
        }
        if (!any || !isfinite(sum)) continue;
        asked[i].has_effect = true;
        asked[i].effect = sum;
        asked[i].example = example;
    }
}

/* ---- absences ----------------------------------------------------------------------------- */

static bool in_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static const char *skip_blanks(const char *p)
{
    while (isspace((unsigned char)*p)) p++;
    return p;
}

/* What stands behind the comma of coalesce(NAME, …) in the formulas; NULL when it stands in none.
 */
static const char *instead_of(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *p = text; (p = strstr(p, "coalesce(")) != NULL;) {
        p += sizeof "coalesce(" - 1;
        const char *end = p + len;
        if (strncmp(p, name, len) != 0 || in_name(*end)) continue;
        if (*end == '[') end = strchr(end, ']') != NULL ? strchr(end, ']') + 1 : end;
        end = skip_blanks(end);
        if (*end == ',') return skip_blanks(end + 1);
    }
    return NULL;
}

static bool is_zero(const char *text)
{
    return text[0] == '0' && !in_name(text[1]) && text[1] != '.' && text[1] != '/';
}

/* `meta needed_for_total "burnt"`: without any key of it that output is not known. */
static const struct model_output *needed_for(const struct model_info *info, const char *input)
{
    static const char prefix[] = "needed_for_";
    for (size_t i = 0; i < info->meta_count; i++) {
        if (strncmp(info->metas[i].key, prefix, sizeof prefix - 1) != 0) continue;
        str rest = str_from(info->metas[i].value.en), word;
        while (str_cut(&rest, ' ', &word))
            for (size_t k = 0; str_is(str_trim(word), input) && k < info->output_count; k++)
                if (strcmp(info->outputs[k].name, info->metas[i].key + sizeof prefix - 1) == 0)
                    return &info->outputs[k];
    }
    return NULL;
}

/* The first output that a number of the example's run turns from known to missing without it. */
static const struct model_output *lost_without(struct arena *arena, const struct model *model,
                                               const struct model_output *first, const char *input)
{
    const struct model_info *info = model_info(model);
    for (size_t e = 0; e < model->example_count && e < EXAMPLES_TRIED_MAX; e++) {
        if (!is_given(model, e, input)) continue;
        struct model_run *with = run_without(arena, model, e, NULL),
                         *without = run_without(arena, model, e, input);
        double value;
        if (number_of(with, first, &value) && !number_of(without, first, &value)) return first;
        for (size_t i = 0; i < info->output_count; i++)
            if (info->outputs[i].index == NULL && number_of(with, &info->outputs[i], &value) &&
                !number_of(without, &info->outputs[i], &value))
                return &info->outputs[i];
    }
    return NULL;
}

static void tell_absence(struct arena *arena, const struct model *model,
                         const struct model_output *first, struct model_asked *asked)
{
    const struct model_input *input = asked->input;
    const struct model_info *info = model_info(model);
    const char *instead = instead_of(info->text, input->name);
    asked->absence = MODEL_ABSENCE_UNKNOWN;
    asked->unknown = needed_for(info, input->name);
    if (input->from != NULL)
        asked->absence = MODEL_ABSENCE_PLATFORM;
    else if (input->has_default || (input->default_text != NULL && input->default_text[0] != '\0'))
        asked->absence = MODEL_ABSENCE_DEFAULT;
    else if (asked->unknown != NULL)
        return;
    const struct model_output *lost = asked->absence == MODEL_ABSENCE_UNKNOWN
                                          ? lost_without(arena, model, first, input->name)
                                          : NULL;
    asked->unknown = lost;
    if (asked->absence != MODEL_ABSENCE_UNKNOWN ||
        (lost != NULL && (lost == first || input->index == NULL)))
        return;
    if (instead != NULL)
        asked->absence = is_zero(instead) ? MODEL_ABSENCE_ZERO : MODEL_ABSENCE_OTHER;
    else if (input->index != NULL)
        asked->absence = MODEL_ABSENCE_UNUSED;
}

/* ---- all of it ---------------------------------------------------------------------------- */

static int by_effect(const void *a, const void *b)
{
    const struct model_asked *x = a, *y = b;
    double left = x->has_effect ? fabs(x->effect) : -1,
           right = y->has_effect ? fabs(y->effect) : -1;
    if (left != right) return left > right ? -1 : 1;
    return (x->input > y->input) - (x->input < y->input); /* as the file has them */
}

void model_worth(struct arena *arena, const struct model *model, struct model_worth *worth)
{
    const struct model_info *info = model_info(model);
    struct model_asked *asked = ARENA_NEW_ARRAY(arena, struct model_asked, info->input_count + 1);
    bool found = false;
    *worth = (struct model_worth){.main = main_output(info), .count = info->input_count};
    for (size_t i = 0; i < info->input_count; i++) asked[i].input = &info->inputs[i];
    for (size_t e = 0; e < model->example_count && e < EXAMPLES_TRIED_MAX; e++) {
        double value;
        const struct model_run *run =
            worth->main != NULL ? run_without(arena, model, e, NULL) : NULL;
        if (run == NULL || !number_of(run, worth->main, &value) || value == 0) continue;
        if (!found) {
            worth->example = e;
            worth->value = value;
        }
        found = true;
        add_effects(arena, asked, info->input_count, run, worth->main, e, value);
    }
    if (!found) worth->main = NULL;
    for (size_t i = 0; i < info->input_count; i++)
        tell_absence(arena, model, worth->main, &asked[i]);
    if (info->input_count > 1) qsort(asked, info->input_count, sizeof *asked, by_effect);
    worth->list = asked;
}
