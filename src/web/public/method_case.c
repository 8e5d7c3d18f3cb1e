/* The worked case of a method, opened and changed: a form filled with an example's inputs, run by
 * the model on the server, with the explanation of its figures. Open to anybody and without
 * scripts; one entity is computed, nothing is kept. */
#include "public_method_case_html.h"
#include "web/public/public.h"
#include "web/shared/explain.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

#define CASES_SHOWN 20
#define RESULTS_SHOWN 200
#define NOTES_SHOWN 40
#define TYPED_BYTES_MAX 200

struct place { /* one value of the form */
    const struct model_input *input;
    const struct model_key *key; /* NULL of a scalar */
    const char *name;            /* of its field: "v:3:17" */
    const char *unit;
    str typed;
    const char *wrong; /* finished sentence, or NULL */
};

struct case_work {
    struct web *web;
    const struct model *model;
    const struct model_info *info;
    const struct model_example *examples;
    size_t example_count, number; /* number: the case that is open */
    struct model_worth worth;
    struct place *places;
    size_t place_count, place_capacity;
    bool sent;
    size_t wrong_count;
    struct model_run *run, *before;
};

/* ---- the places ---- */

static const struct model_given *given_for(const struct case_work *work, const char *input,
                                           const char *key)
{
    const struct model_example *open = &work->examples[work->number];
    for (size_t i = 0; work->example_count > 0 && i < open->given_count; i++)
        if (strcmp(open->given[i].input, input) == 0 && strcmp(open->given[i].key, key) == 0)
            return &open->given[i];
    return NULL;
}

static const char *own_unit(const struct model_input *input, const struct model_key *key)
{
    if (input->type != MODEL_NUMBER) return "";
    if (input->unit != NULL) return input->unit;
    return key != NULL && key->unit != NULL ? key->unit : "";
}

static const char *field_name(struct web *web, char what, size_t input, size_t key)
{
    return arena_printf(web->arena, "%c:%zu:%zu", what, input, key);
}

static str given_text(struct web *web, const struct model_given *given)
{
    char number[NUM_TEXT_MAX];
    if (given == NULL || given->missing) return STR("");
    if (given->type != MODEL_NUMBER) return str_from(given->text);
    num_format(given->value, number);
    return str_from(arena_strdup(web->arena, number));
}

/* What is typed for a key: in its own field, or in the row for another kind. */
static bool find_typed(struct case_work *work, size_t i, size_t k, str *typed)
{
    struct web *web = work->web;
    const char *name = field_name(web, 'v', i, k);
    if (http_form_has(web->request, name)) {
        *typed = str_slice(web_form(web, name), 0, TYPED_BYTES_MAX);
        return true;
    }
    if (k == 0) return false;
    const char *picked = arena_printf(web->arena, "%zu", k);
    str value = web_form(web, field_name(web, 'n', i, 0));
    if (value.len == 0 || !str_is(web_form(web, field_name(web, 'k', i, 0)), picked)) return false;
    *typed = str_slice(value, 0, TYPED_BYTES_MAX);
    return true;
}

/* A scalar always has its place, a key when the case or the form gives it. */
static void add_place(struct case_work *work, size_t i, size_t k)
{
    struct web *web = work->web;
    const struct model_input *input = &work->info->inputs[i];
    const struct model_key *key = k == 0 ? NULL : &input->keys[k - 1];
    const struct model_given *given = given_for(work, input->name, key != NULL ? key->id : "");
    str typed = STR("");
    bool has = work->sent ? find_typed(work, i, k, &typed) : given != NULL;
    if (!work->sent) typed = given_text(web, given);
    if (key != NULL && !has) return;
    *ARENA_PUSH(web->arena, work->places, work->place_count, work->place_capacity) = (struct place){
        .input = input,
        .key = key,
        .name = field_name(web, 'v', i, k),
        .unit = given != NULL && given->unit[0] != '\0' ? given->unit : own_unit(input, key),
        .typed = typed};
}

static void add_places(struct case_work *work)
{
    for (size_t i = 0; i < work->info->input_count; i++) {
        const struct model_input *input = &work->info->inputs[i];
        if (input->index == NULL) add_place(work, i, 0);
        for (size_t k = 1; input->index != NULL && k <= input->key_count; k++)
            if (input->keys[k - 1].enabled) add_place(work, i, k);
    }
}

/* ---- computing ---- */

static bool set_place(struct case_work *work, struct model_data *data, const struct place *place,
                      struct error *err)
{
    struct web *web = work->web;
    const struct model_input *input = place->input;
    str key = place->key != NULL ? str_from(place->key->id) : STR("");
    const char *label = explain_text(web, input->label);
    double value;
    date day;
    if (place->typed.len == 0) return true; /* not known, or its default */
    if (input->type == MODEL_DATE && !date_parse_iso(place->typed, &day))
        return error_set(err, ERROR_INTAKE_DATE, "sS", label, place->typed);
    if (input->type != MODEL_NUMBER)
        return model_data_set_text(data, 0, str_from(input->name), key, place->typed, 0, err);
    if (!num_parse_human(web->arena, place->typed, &value))
        return error_set(err, ERROR_INTAKE_NUMBER, "sS", label, place->typed);
    return model_data_set(data, 0, str_from(input->name), key, value, str_from(place->unit), 0,
                          err);
}

static bool compute(struct case_work *work, struct error *err)
{
    struct web *web = work->web;
    struct model_data *data = model_data_new(web->arena, work->model, 1);
    for (size_t i = 0; i < work->place_count; i++) {
        struct error why = {0};
        if (set_place(work, data, &work->places[i], &why)) continue;
        work->places[i].wrong = error_text(web->arena, web->lang, &why);
        work->wrong_count++;
    }
    if (work->wrong_count != 0)
        return error_set(err, ERROR_WEB_FORM_REFUSED, "i", (int64_t)work->wrong_count);
    work->run = model_run(web->arena, work->model, data, NULL, err);
    return work->run != NULL;
}

/* The case as its file has it, to compare with. */
static bool compute_before(struct case_work *work, struct error *err)
{
    struct web *web = work->web;
    struct model_data *data = model_data_new(web->arena, work->model, 1);
    const struct model_example *open = &work->examples[work->number];
    for (size_t i = 0; work->example_count > 0 && i < open->given_count; i++) {
        const struct model_given *given = &open->given[i];
        str input = str_from(given->input), key = str_from(given->key);
        bool good =
            given->missing ? model_data_set_missing(data, 0, input, key, 0, err)
            : given->type == MODEL_NUMBER
                ? model_data_set(data, 0, input, key, given->value, str_from(given->unit), 0, err)
                : model_data_set_text(data, 0, input, key, str_from(given->text), 0, err);
        if (!good) return false;
    }
    work->before = model_run(web->arena, work->model, data, NULL, err);
    return work->before != NULL;
}

/* ---- results ---- */

static const char *unit_text(const struct case_work *work, const char *unit)
{
    struct web *web = work->web;
    return unit == NULL ? "" : factor_unit_text(web->arena, &web->app->factors, unit, web->lang);
}

static html value_html(struct case_work *work, const struct model_output *output,
                       const struct model_value *value)
{
    struct web *web = work->web;
    char day[DATE_TEXT_MAX];
    struct buf *out = buf_new(web->arena);
    const char *text = value->text;
    if (value->status == MODEL_MISSING)
        return web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    if (value->status != MODEL_OK)
        return web_figure_missing(web, explain_word(web, model_status_name(value->status)));
    if (value->type == MODEL_NUMBER)
        return web_figure(web, value->number, 8, unit_text(work, output->unit), 0, NULL);
    if (value->type == MODEL_FLAG) {
        text = tr(web->lang, value->number != 0 ? TR_KEY("yes") : TR_KEY("no"));
    } else if (value->type == MODEL_DATE) {
        date_format((date){(int32_t)value->number}, day);
        text = day;
    } else {
        text = explain_word(web, text);
    }
    html_put_text(out, str_from(text));
    return html_from(out);
}

static const char *change_text(struct web *web, const struct model_value *now,
                               const struct model_value *before)
{
    if (now->status != MODEL_OK || before->status != MODEL_OK || now->type != MODEL_NUMBER ||
        before->number == 0)
        return "";
    double percent = 100 * (now->number - before->number) / fabs(before->number);
    if (fabs(percent) < 5e-7) return tr(web->lang, TR_KEY("the same"));
    return arena_printf(web->arena, "%s%s %%", percent > 0 ? "+" : "−",
                        num_format_significant(web->arena, fabs(percent), 4));
}

static void add_result(struct case_work *work, struct html_public_method_case *page, size_t output,
                       const struct model_key *key)
{
    struct web *web = work->web;
    const struct model_output *o = &work->info->outputs[output];
    str id = key != NULL ? str_from(key->id) : STR("");
    bool present = true, was_present = true;
    struct model_value now = model_run_value(work->run, 0, o->name, id, &present),
                       before = model_run_value(work->before, 0, o->name, id, &was_present);
    if (key != NULL && !present && !was_present) return;
    if (page->results_count == RESULTS_SHOWN) return;
    const char *label = explain_text(web, o->label);
    page->results[page->results_count++] = (struct html_public_method_case_results){
        .label = str_from(key == NULL ? label
                                      : arena_printf(web->arena, "%s · %s", label,
                                                     explain_text(web, key->label))),
        .value = value_html(work, o, &now),
        .before = value_html(work, o, &before),
        .change = str_from(change_text(web, &now, &before)),
        .explain = str_from(key == NULL ? arena_printf(web->arena, "%zu:0", output)
                                        : arena_printf(web->arena, "%zu:%zu", output,
                                                       (size_t)(key - o->keys) + 1))};
    struct html_public_method_case_results *row = &page->results[page->results_count - 1];
    row->explained = str_equal(row->explain, web_form(web, "explain"));
    if (web_form(web, "explain").len == 0)
        row->explained =
            work->worth.main != NULL ? work->worth.main == o : page->results_count == 1;
    if (row->explained && page->tree_title.len == 0) {
        const struct model_node *tree = model_explain(web->arena, work->run, 0, o->name, id);
        page->tree_title = row->label;
        if (tree != NULL) page->tree = explain_tree(web, tree, NULL, NULL);
    }
    if (work->worth.main != o) return;
    page->main_label = row->label;
    page->main_value = row->value;
    page->main_before = row->before;
    page->main_change = row->change;
}

static const char *input_label(const struct case_work *work, const char *name, const char *key)
{
    struct web *web = work->web;
    for (size_t i = 0; i < work->info->input_count; i++) {
        const struct model_input *input = &work->info->inputs[i];
        if (strcmp(input->name, name) != 0) continue;
        const char *label = explain_text(web, input->label);
        for (size_t k = 0; key != NULL && k < input->key_count; k++)
            if (strcmp(input->keys[k].id, key) == 0)
                return arena_printf(web->arena, "%s · %s", label,
                                    explain_text(web, input->keys[k].label));
        return label;
    }
    return name;
}

static void fill_notes(struct case_work *work, struct html_public_method_case *page)
{
    struct web *web = work->web;
    const struct model_note *notes;
    size_t count = model_run_notes(web->arena, work->run, 0, &notes);
    page->notes = ARENA_NEW_ARRAY(web->arena, struct html_public_method_case_notes, NOTES_SHOWN);
    for (size_t i = 0; i < count && page->notes_count < NOTES_SHOWN; i++) {
        char number[NUM_TEXT_MAX] = "";
        const char *label = input_label(work, notes[i].input, notes[i].key), *text;
        bool counts = notes[i].kind == MODEL_NOTE_DEFAULT && isfinite(notes[i].value);
        if (counts) num_format(notes[i].value, number);
        text = counts ? tr_fill(web->arena, web->lang, TR_KEY("{0}: the default {1} {2} was used."),
                                label, number, unit_text(work, notes[i].unit), NULL)
                      : tr_fill(web->arena, web->lang,
                                TR_KEY("{0}: not known, so what rests on it is not known."), label,
                                NULL);
        page->notes[page->notes_count++].text = str_from(text);
    }
}

static void fill_results(struct case_work *work, struct html_public_method_case *page)
{
    page->computed = true;
    page->results =
        ARENA_NEW_ARRAY(work->web->arena, struct html_public_method_case_results, RESULTS_SHOWN);
    for (size_t i = 0; i < work->info->output_count; i++) {
        const struct model_output *output = &work->info->outputs[i];
        if (output->index == NULL) add_result(work, page, i, NULL);
        for (size_t k = 0; output->index != NULL && k < output->key_count; k++)
            add_result(work, page, i, &output->keys[k]);
    }
    fill_notes(work, page);
}

/* ---- the form ---- */

static void add_option(struct html_public_method_case_groups_rows *row, const struct place *place,
                       const char *value, const char *word)
{
    row->options[row->options_count++] = (struct html_public_method_case_groups_rows_options){
        .value = str_from(value), .word = str_from(word), .picked = str_is(place->typed, value)};
}

static void fill_choice(struct web *web, const struct place *place,
                        struct html_public_method_case_groups_rows *row)
{
    const struct model_input *input = place->input;
    row->choice = true;
    row->options = ARENA_NEW_ARRAY(web->arena, struct html_public_method_case_groups_rows_options,
                                   input->choice_count + 3);
    add_option(row, place, "", tr(web->lang, TR_KEY("Not stated")));
    if (input->type == MODEL_FLAG) {
        add_option(row, place, "true", tr(web->lang, TR_KEY("Yes")));
        add_option(row, place, "false", tr(web->lang, TR_KEY("No")));
    }
    for (size_t i = 0; i < input->choice_count; i++)
        add_option(row, place, input->choices[i].id, explain_text(web, input->choices[i].label));
}

static const char *hint_of(struct case_work *work, const struct place *place)
{
    struct web *web = work->web;
    const struct model_input *input = place->input;
    char number[NUM_TEXT_MAX];
    const char *help = place->key != NULL ? "" : explain_text(web, input->help), *counts = "";
    if (input->from != NULL)
        help = tr_fill(web->arena, web->lang, TR_KEY("filled by the platform from {0}"),
                       input->from, NULL);
    if (input->has_default && input->type == MODEL_NUMBER) {
        num_format(input->default_value, number);
        counts =
            tr_fill(web->arena, web->lang, TR_KEY("{0} is used when empty"),
                    arena_printf(web->arena, "%s %s", number, unit_text(work, input->unit)), NULL);
    }
    return arena_printf(web->arena, "%s%s%s", help,
                        help[0] != '\0' && counts[0] != '\0' ? " · " : "", counts);
}

static void fill_row(struct case_work *work, const struct place *place,
                     struct html_public_method_case_groups_rows *row)
{
    struct web *web = work->web;
    const struct model_input *input = place->input;
    char *id = arena_strdup(web->arena, place->name);
    for (char *p = id; *p != '\0'; p++)
        if (*p == ':') *p = '-';
    *row = (struct html_public_method_case_groups_rows){
        .id = str_from(id),
        .name = str_from(place->name),
        .label = str_from(explain_text(web, place->key != NULL ? place->key->label : input->label)),
        .hint = str_from(hint_of(work, place)),
        .value = place->typed,
        .unit = str_from(unit_text(work, place->unit)),
        .number = input->type == MODEL_NUMBER,
        .words = input->type == MODEL_TEXT || input->type == MODEL_DATE,
        .input_type = input->type == MODEL_DATE ? STR("date") : STR("text"),
        .wrong = str_from(place->wrong),
        .look = place->wrong != NULL ? STR("refused") : STR("")};
    if (input->type == MODEL_FLAG || input->type == MODEL_CHOICE) fill_choice(web, place, row);
}

static void fill_keys(struct case_work *work, size_t i,
                      struct html_public_method_case_groups *group)
{
    struct web *web = work->web;
    const struct model_input *input = &work->info->inputs[i];
    group->keys = ARENA_NEW_ARRAY(web->arena, struct html_public_method_case_groups_keys,
                                  input->key_count + 1);
    for (size_t k = 0; k < input->key_count; k++) {
        bool here = !input->keys[k].enabled;
        for (size_t p = 0; p < work->place_count && !here; p++)
            here = work->places[p].input == input && work->places[p].key == &input->keys[k];
        if (here) continue;
        const char *unit = unit_text(work, own_unit(input, &input->keys[k]));
        const char *label = explain_text(web, input->keys[k].label);
        group->keys[group->keys_count++] = (struct html_public_method_case_groups_keys){
            .value = str_from(arena_printf(web->arena, "%zu", k + 1)),
            .word = str_from(unit[0] == '\0'
                                 ? label
                                 : arena_printf(web->arena,
                                                web->lang == LANG_ZH ? "%s（%s）" : "%s (%s)",
                                                label, unit))};
    }
    group->more = group->keys_count != 0 && input->type == MODEL_NUMBER;
    group->pick_id = str_from(arena_printf(web->arena, "k-%zu", i));
    group->pick_name = str_from(field_name(web, 'k', i, 0));
    group->new_id = str_from(arena_printf(web->arena, "n-%zu", i));
    group->new_name = str_from(field_name(web, 'n', i, 0));
}

static void fill_group(struct case_work *work, size_t i, bool scalars,
                       struct html_public_method_case_groups *group)
{
    struct web *web = work->web;
    const struct model_input *input = &work->info->inputs[i];
    *group = (struct html_public_method_case_groups){
        .title = str_from(scalars ? tr(web->lang, TR_KEY("Single values"))
                                  : explain_text(web, input->label)),
        .help = str_from(scalars ? "" : explain_text(web, input->help)),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_public_method_case_groups_rows,
                                work->place_count + 1)};
    for (size_t p = 0; p < work->place_count; p++) {
        const struct place *place = &work->places[p];
        if (scalars ? place->key != NULL : place->key == NULL || place->input != input) continue;
        fill_row(work, place, &group->rows[group->rows_count++]);
        group->given += place->typed.len != 0;
    }
    group->open = scalars || group->rows_count != 0;
    if (!scalars) fill_keys(work, i, group);
}

static void fill_form(struct case_work *work, struct html_public_method_case *page)
{
    struct web *web = work->web;
    page->groups = ARENA_NEW_ARRAY(web->arena, struct html_public_method_case_groups,
                                   work->info->input_count + 1);
    for (int used = 1; used >= 0; used--) /* what the case gives stands first */
        for (size_t i = 0; i < work->info->input_count; i++) {
            struct html_public_method_case_groups group;
            if (work->info->inputs[i].index == NULL) continue;
            fill_group(work, i, false, &group);
            if ((group.rows_count != 0) == (used == 1)) page->groups[page->groups_count++] = group;
        }
    struct html_public_method_case_groups single;
    fill_group(work, 0, true, &single);
    if (single.rows_count == 0) return;
    memmove(page->groups + 1, page->groups, page->groups_count++ * sizeof *page->groups);
    page->groups[0] = single;
}

static void fill_cases(struct case_work *work, struct html_public_method_case *page)
{
    struct web *web = work->web;
    size_t shown = work->example_count < CASES_SHOWN ? work->example_count : CASES_SHOWN;
    page->cases = ARENA_NEW_ARRAY(web->arena, struct html_public_method_case_cases, shown + 1);
    for (size_t i = 0; i < shown && work->example_count > 1; i++) {
        const char *number = arena_printf(web->arena, "%zu", i + 1);
        page->cases[page->cases_count++] = (struct html_public_method_case_cases){
            .url = str_from(arena_printf(web->arena, "/methods/%s/case?version=%s&case=%s",
                                         work->info->name, work->info->version, number)),
            .name = str_from(tr_fill(web->arena, web->lang, TR_KEY("Case {0}"), number, NULL)),
            .here = i == work->number};
    }
    if (work->example_count > 0) page->case_name = str_from(work->examples[work->number].name);
}

static bool open_case(struct case_work *work, struct error *err)
{
    struct web *web = work->web;
    int64_t number = 0;
    str text = work->sent ? web_form(web, "case") : web_query(web, "case");
    work->model = public_find_model(web, err);
    if (work->model == NULL) return false;
    work->info = model_info(work->model);
    work->example_count = model_examples(web->arena, work->model, &work->examples);
    model_worth(web->arena, work->model, &work->worth);
    work->number = work->worth.example;
    if (text.len == 0) return true;
    if (!num_parse_int(text, &number) || number < 1 || (size_t)number > work->example_count)
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    work->number = (size_t)number - 1;
    return true;
}

static bool show_case(struct case_work *work, struct error *err)
{
    struct web *web = work->web;
    struct error problem = {0};
    add_places(work);
    bool good = compute(work, &problem);
    if (good && !compute_before(work, err)) return false;
    const char *path = arena_printf(web->arena, "/methods/%s", work->info->name);
    const char *back = arena_printf(web->arena, "%s?version=%s", path, work->info->version);
    struct html_public_method_case page = {.error = web_error_box(web, &problem),
                                           .action =
                                               str_from(arena_printf(web->arena, "%s/case", path)),
                                           .version = str_from(work->info->version),
                                           .number = (int64_t)work->number + 1,
                                           .sent = work->sent,
                                           .method_url = str_from(back),
                                           .main_value = HTML_EMPTY,
                                           .main_before = HTML_EMPTY,
                                           .tree = HTML_EMPTY};
    fill_cases(work, &page);
    fill_form(work, &page);
    if (good) fill_results(work, &page);
    web_crumb(web, tr(web->lang, "Methods"), "/methods");
    web_crumb(web, explain_text(web, work->info->title), back);
    return web_page_status(web, good ? 200 : error_http_status(problem.code), NULL,
                           HTML_RENDER(web->arena, &web->html, html_public_method_case, &page),
                           "methods");
}

static bool get_case(struct web *web, struct error *err)
{
    struct case_work work = {.web = web};
    return open_case(&work, err) && show_case(&work, err);
}

static bool post_case(struct web *web, struct error *err)
{
    struct case_work work = {.web = web, .sent = true};
    return open_case(&work, err) && show_case(&work, err);
}

const struct web_route web_routes_public_method_case[] = {
    {"GET", "/methods/{name}/case", get_case, WEB_PUBLIC, TR_KEY("Worked case"), .slow = true},
    {"POST", "/methods/{name}/case", post_case, WEB_PUBLIC, TR_KEY("Worked case"), .slow = true},
    {0},
};
