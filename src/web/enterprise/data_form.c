/* Data by hand: the form of a month, or of a year's facts. What was typed stays in its field until
 * every value can be taken; then all are kept as one submission of kind "form". */
#include "enterprise_data_form_html.h"
#include "web/enterprise/data_kit.h"

#include <string.h>

#include "base/csv.h"
#include "base/num.h"

struct field { /* one place of the form */
    const struct account_input *asked;
    const struct model_key *key; /* NULL for a scalar */
    const struct account_datum *known;
    const char *name, *unit_name, *known_text, *own_unit;
    str typed, typed_unit; /* of a form that was sent */
    const char *wrong;     /* finished sentence */
    bool ever;             /* given for some period, so likely to be given again */
};

struct form_work {
    struct web *web;
    struct account_period period;
    int year;
    bool whole_year, sent;
    const struct account_input *asked;
    size_t asked_count;
    struct model_info form;
    struct account_datum *data;
    size_t data_count;
    struct field *fields;
    size_t field_count, field_capacity;
    struct account_row *rows;
    size_t row_count;
    size_t wrong_count;
    struct account_submission submission;
};

/* ---- reading ---- */

static bool wanted(const struct form_work *work, const struct model_input *input)
{
    return work->whole_year ? input->period != MODEL_PER_MONTH : input->period == MODEL_PER_MONTH;
}

static bool is_of(const struct form_work *work, const struct account_datum *datum)
{
    return account_period_equal(datum->period, work->period) ||
           (work->whole_year && account_period_equal(datum->period, account_once()));
}

static bool ever_given(const struct form_work *work, const struct model_input *input,
                       const struct model_key *key)
{
    for (size_t i = 0; i < work->data_count; i++)
        if (strcmp(work->data[i].input, input->name) == 0 &&
            strcmp(work->data[i].key, key != NULL ? key->id : "") == 0)
            return true;
    return false;
}

static void add_field(struct form_work *work, const struct account_input *asked,
                      const struct model_key *key)
{
    struct web *web = work->web;
    struct field *field =
        ARENA_PUSH(web->arena, work->fields, work->field_count, work->field_capacity);
    const char *id = key != NULL ? key->id : "";
    *field =
        (struct field){.asked = asked,
                       .key = key,
                       .name = arena_printf(web->arena, "v:%s:%s", asked->input->name, id),
                       .unit_name = arena_printf(web->arena, "u:%s:%s", asked->input->name, id),
                       .known_text = "",
                       .ever = ever_given(work, asked->input, key),
                       .own_unit = data_own_unit(asked->input, key)};
    for (size_t i = 0; i < work->data_count; i++) {
        const struct account_datum *datum = &work->data[i];
        if (!is_of(work, datum) || strcmp(datum->input, asked->input->name) != 0 ||
            strcmp(datum->key, id) != 0)
            continue;
        char number[NUM_TEXT_MAX];
        field->known = datum;
        num_format(datum->has_number ? datum->value : 0, number);
        field->known_text = datum->has_number ? arena_strdup(web->arena, number) : datum->text;
    }
    field->typed = work->sent ? web_form(web, field->name) : str_from(field->known_text);
    str unit = work->sent ? web_form(web, field->unit_name) : STR("");
    const char *usual = field->known != NULL ? field->known->unit : field->own_unit;
    field->typed_unit = unit.len != 0 ? unit : str_from(usual);
}

static bool read_fields(struct db *db, void *arg, struct error *err)
{
    struct form_work *work = arg;
    struct web *web = work->web;
    id64 org_id = web->viewer->org_id;
    struct account_data_filter filter = {.as_known = ACCOUNT_NOW};
    if (!account_list_inputs(db, web->arena, &web->app->rules, org_id, work->year, &work->asked,
                             &work->asked_count, err) ||
        !app_form(web->app, db, web->arena, org_id, work->year, &work->form, err) ||
        !account_list_data(db, web->arena, web->viewer, org_id, &filter, &work->data,
                           &work->data_count, err))
        return false;
    for (size_t i = 0; i < work->asked_count; i++) {
        const struct model_input *input = work->asked[i].input;
        if (!wanted(work, input)) continue;
        if (input->index == NULL) add_field(work, &work->asked[i], NULL);
        if (input->index == NULL) continue;
        /* Kinds in use come first, the others behind them. */
        for (int used = 1; used >= 0; used--)
            for (size_t k = 0; k < input->key_count; k++)
                if (input->keys[k].enabled && (int)ever_given(work, input, &input->keys[k]) == used)
                    add_field(work, &work->asked[i], &input->keys[k]);
    }
    return true;
}

/* ---- the page ---- */

static const char *const unit_choices[] = {"kWh",     "MWh", "1e4 kWh", "GJ",     "t",       "kg",
                                           "1e4 t",   "m3",  "1e4 m3",  "Nm3",    "1e4 Nm3", "CNY",
                                           "1e4 CNY", "tce", "m2",      "1e4 m2", "1",       "%"};

static void fill_units(struct form_work *work, const struct field *field,
                       struct html_enterprise_data_form_groups_rows *row)
{
    struct web *web = work->web;
    row->units = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_form_groups_rows_units,
                                 ARRAY_LEN(unit_choices) + 2);
    const char *first[] = {field->own_unit,
                           field->known != NULL ? field->known->unit : field->own_unit};
    for (size_t i = 0; i < ARRAY_LEN(unit_choices) + 2; i++) {
        const char *unit = i < 2 ? first[i] : unit_choices[i - 2];
        struct error why;
        double value;
        bool seen = false;
        for (size_t k = 0; k < row->units_count; k++)
            seen = seen || str_is(row->units[k].value, unit);
        if (seen || (i >= 2 && !model_unit_convert(web->app->library, 1, str_from(unit),
                                                   str_from(field->own_unit), &value, &why)))
            continue;
        const char *word =
            strcmp(unit, "1") == 0 ? tr(web->lang, TR_KEY("plain number")) : data_unit(web, unit);
        row->units[row->units_count++] = (struct html_enterprise_data_form_groups_rows_units){
            .value = str_from(unit),
            .word = str_from(word),
            .picked = str_is(field->typed_unit, unit)};
    }
    row->one_unit = row->units_count < 2;
    row->unit =
        row->units_count > 0 && strcmp(field->own_unit, "1") != 0 ? row->units[0].word : STR("");
}

static void add_option(struct html_enterprise_data_form_groups_rows *row, const struct field *field,
                       const char *value, const char *word)
{
    row->options[row->options_count++] = (struct html_enterprise_data_form_groups_rows_options){
        .value = str_from(value), .word = str_from(word), .picked = str_is(field->typed, value)};
}

static void fill_options(struct form_work *work, const struct field *field,
                         struct html_enterprise_data_form_groups_rows *row)
{
    struct web *web = work->web;
    const struct model_input *input = field->asked->input;
    row->choice = true;
    row->options = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_form_groups_rows_options,
                                   input->choice_count + 3);
    add_option(row, field, "", tr(web->lang, TR_KEY("Not stated")));
    if (input->type == MODEL_FLAG) {
        add_option(row, field, "true", tr(web->lang, TR_KEY("Yes")));
        add_option(row, field, "false", tr(web->lang, TR_KEY("No")));
    }
    for (size_t i = 0; i < input->choice_count; i++)
        add_option(row, field, input->choices[i].id, data_text(web, input->choices[i].label));
}

static void put_part(struct buf *out, const char *text)
{
    if (out->len != 0) buf_puts(out, " · ");
    buf_puts(out, text);
}

/* Help, range and default: what a person needs to know to fill the field. */
static const char *hint_of(struct form_work *work, const struct field *field)
{
    struct web *web = work->web;
    const struct model_input *input = field->asked->input;
    struct buf *out = buf_new(web->arena);
    char low[NUM_TEXT_MAX] = "", high[NUM_TEXT_MAX] = "";
    const char *help = data_text(web, input->help);
    if (field->key == NULL && help != NULL && help[0] != '\0') put_part(out, help);
    if (input->has_min) num_format(input->min, low);
    if (input->has_max) num_format(input->max, high);
    if (input->has_max && input->has_min)
        put_part(out, tr_fill(web->arena, web->lang, TR_KEY("from {0} to {1}"), low, high, NULL));
    if (input->has_default && input->type == MODEL_NUMBER) {
        num_format(input->default_value, low);
        put_part(out,
                 tr_fill(web->arena, web->lang, TR_KEY("{0} is used when empty"),
                         arena_printf(web->arena, "%s %s", low, data_unit(web, field->own_unit)),
                         NULL));
    }
    if (work->whole_year && input->period == MODEL_ONCE)
        put_part(out, tr(web->lang, TR_KEY("holds for all years until changed")));
    return str_dup(web->arena, buf_str(out));
}

static void fill_row(struct form_work *work, const struct field *field, size_t number,
                     struct html_enterprise_data_form_groups_rows *row)
{
    struct web *web = work->web;
    const struct model_input *input = field->asked->input;
    *row = (struct html_enterprise_data_form_groups_rows){
        .id = str_from(arena_printf(web->arena, "f%zu", number)),
        .name = str_from(field->name),
        .unit_name = str_from(field->unit_name),
        .label = str_from(data_text(web, field->key != NULL ? field->key->label : input->label)),
        .hint = str_from(hint_of(work, field)),
        .value = field->typed,
        .one_unit = true,
        .input_type = input->type == MODEL_DATE ? STR("date") : STR("text"),
        .wrong = str_from(field->wrong),
        .look = field->wrong != NULL ? STR("refused") : STR("")};
    if (input->type == MODEL_NUMBER) {
        row->number = true;
        fill_units(work, field, row);
    } else if (input->type == MODEL_FLAG || input->type == MODEL_CHOICE) {
        fill_options(work, field, row);
    } else {
        row->words = true;
    }
}

/* Scalars stand under the model that asks, an indexed input under its own name; once some of its
 * kinds are in use, the others step back into a group of their own. */
static const char *group_title(struct form_work *work, const struct field *field)
{
    struct web *web = work->web;
    const struct model_input *input = field->asked->input;
    if (field->key == NULL) return data_text(web, model_info(field->asked->model)->title);
    bool used = false;
    for (size_t i = 0; i < work->field_count; i++)
        used = used || (work->fields[i].asked->input == input && work->fields[i].ever);
    const char *label = data_text(web, input->label);
    return used && !field->ever
               ? tr_fill(web->arena, web->lang, TR_KEY("{0}: further kinds"), label, NULL)
               : label;
}

static void fill_groups(struct form_work *work, struct html_enterprise_data_form *page)
{
    struct web *web = work->web;
    page->groups =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_form_groups, work->field_count + 1);
    for (size_t i = 0; i < work->field_count; i++) {
        const struct field *field = &work->fields[i];
        const char *title = group_title(work, field);
        struct html_enterprise_data_form_groups *group = NULL;
        for (size_t k = 0; k < page->groups_count; k++)
            if (str_is(page->groups[k].title, title)) group = &page->groups[k];
        if (group == NULL) {
            group = &page->groups[page->groups_count++];
            const char *help = field->key != NULL ? data_text(web, field->asked->input->help) : "";
            bool main = strcmp(field->asked->kind, "method") == 0 ||
                        strcmp(field->asked->kind, "grade") == 0;
            *group = (struct html_enterprise_data_form_groups){
                .title = str_from(title),
                .help = str_from(help),
                .open = field->key == NULL && main,
                .rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_form_groups_rows,
                                        work->field_count)};
        }
        fill_row(work, field, i, &group->rows[group->rows_count++]);
        if (field->known != NULL) group->given++;
        if (field->typed.len != 0 || field->wrong != NULL) group->open = true;
    }
    /* The method's own single items come first: they are asked of everybody. */
    for (size_t i = 1; i < page->groups_count; i++) {
        struct html_enterprise_data_form_groups one = page->groups[i];
        if (!str_is(one.title, data_text(web, work->form.title))) continue;
        memmove(&page->groups[1], &page->groups[0], i * sizeof *page->groups);
        page->groups[0] = one;
    }
}

static void fill_neighbours(struct form_work *work, struct html_enterprise_data_form *page)
{
    struct web *web = work->web;
    int32_t month = month_of(work->period.first);
    struct account_period before = work->whole_year ? account_year(work->year - 1)
                                                    : account_month(month - 1),
                          after = work->whole_year ? account_year(work->year + 1)
                                                   : account_month(month + 1);
    const char *before_text = account_period_text(web->arena, before),
               *after_text = account_period_text(web->arena, after);
    const char *form = "/enterprise/data/form?period=";
    page->before = str_from(before_text);
    page->after = str_from(after_text);
    page->has_after = after.first.day <= data_today(web).day;
    page->before_url = str_from(arena_printf(web->arena, "%s%s", form, before_text));
    page->after_url = str_from(arena_printf(web->arena, "%s%s", form, after_text));
    page->year_url = str_from(arena_printf(web->arena, "%s%d", form, work->year));
}

static bool show_form(struct form_work *work, const struct error *problem)
{
    struct web *web = work->web;
    const char *period = account_period_text(web->arena, work->period);
    struct html_enterprise_data_form page = {.error = web_error_box(web, problem),
                                             .period = str_from(period),
                                             .year = work->year,
                                             .whole_year = work->whole_year,
                                             .tiers = data_tier_select(web, data_tier_of_form(web)),
                                             .wrong_count = (int64_t)work->wrong_count};
    fill_groups(work, &page);
    fill_neighbours(work, &page);
    web_crumb(web, tr(web->lang, TR_KEY("Submit data")),
              arena_printf(web->arena, "/enterprise/data?year=%d", work->year));
    return web_page_status(
        web, problem->code != ERROR_NONE ? error_http_status(problem->code) : 200,
        tr_fill(web->arena, web->lang, TR_KEY("Data of {0}"), period, NULL),
        HTML_RENDER(web->arena, &web->html, html_enterprise_data_form, &page), "data");
}

static bool begin_form(struct form_work *work, str period, struct error *err)
{
    int month, day;
    if (!data_period_parse(work->web, period, &work->period))
        return error_set(err, ERROR_WEB_FORM_MONTH, "S", period);
    date_split(work->period.first, &work->year, &month, &day);
    work->whole_year = account_period_equal(work->period, account_year(work->year));
    return store_read(work->web->store, read_fields, work, err);
}

static bool get_form(struct web *web, struct error *err)
{
    struct form_work work = {.web = web};
    return begin_form(&work, web_query(web, "period"), err) && show_form(&work, &(struct error){0});
}

/* ---- taking what was sent ---- */

static void mark_wrong(struct form_work *work, struct field *field, const struct error *why)
{
    field->wrong = error_text(work->web->arena, work->web->lang, why);
    work->wrong_count++;
}

static void take_field(struct form_work *work, struct field *field)
{
    struct web *web = work->web;
    const struct model_input *input = field->asked->input;
    struct error why;
    const char *label =
        data_item(web, &work->form, input->name, field->key != NULL ? field->key->id : "");
    const char *known_unit = field->known != NULL ? field->known->unit : "";
    bool number = input->type == MODEL_NUMBER;
    bool same = str_is(field->typed, field->known_text) &&
                (!number || field->known == NULL || str_is(field->typed_unit, known_unit));
    if (same) return;
    if (field->typed.len == 0) {
        error_set(&why, ERROR_WEB_FORM_CLEARED, "s", label);
        mark_wrong(work, field, &why);
        return;
    }
    str digits = field->typed;
    if (str_is(field->typed_unit, "%") && str_ends(digits, "%")) digits.len--;
    struct account_row *row = &work->rows[work->row_count];
    *row =
        (struct account_row){.period = input->period == MODEL_ONCE ? account_once() : work->period,
                             .input = input->name,
                             .key = field->key != NULL ? field->key->id : "",
                             .has_number = number,
                             .unit = number ? str_dup(web->arena, field->typed_unit) : "",
                             .text = number ? "" : str_dup(web->arena, field->typed),
                             .raw = str_dup(web->arena, field->typed),
                             .row_ref = label,
                             .tier = data_tier_of_form(web)};
    if (number && !num_parse_human(web->arena, digits, &row->value)) {
        error_set(&why, ERROR_INTAKE_NUMBER, "sS", label, field->typed);
        mark_wrong(work, field, &why);
        return;
    }
    /* "1,300" says nothing new about 1300. */
    if (number && field->known != NULL && row->value == field->known->value &&
        str_is(field->typed_unit, known_unit))
        return;
    work->row_count++;
}

/* The canonical text of what was typed: what the submission consists of. */
static str form_text(struct form_work *work)
{
    struct buf *out = buf_new(work->web->arena);
    buf_puts(out, "period,input,key,value,unit\r\n");
    for (size_t i = 0; i < work->row_count; i++) {
        const struct account_row *row = &work->rows[i];
        csv_put(out, str_from(account_period_text(work->web->arena, row->period)), true);
        csv_put(out, str_from(row->input), false);
        csv_put(out, str_from(row->key), false);
        csv_put(out, str_from(row->raw), false);
        csv_put(out, str_from(row->unit), false);
        csv_end_row(out);
    }
    return buf_str(out);
}

static void mark_refused(struct form_work *work, const struct account_refusal *refusal)
{
    for (size_t i = 0; i < work->field_count; i++) {
        struct field *field = &work->fields[i];
        if (strcmp(field->asked->input->name, refusal->input) == 0 &&
            strcmp(field->key != NULL ? field->key->id : "", refusal->key) == 0)
            mark_wrong(work, field, &refusal->error);
    }
}

/* All or nothing: with one refused value the transaction is undone and the fields say why. */
static bool submit_form(struct db *db, void *arg, struct error *err)
{
    struct form_work *work = arg;
    struct web *web = work->web;
    id64 org_id = web->viewer->org_id;
    struct account_submission_new submission = {.org_id = org_id,
                                                .kind = "form",
                                                .name =
                                                    account_period_text(web->arena, work->period),
                                                .bytes = form_text(work),
                                                .replace = true};
    if (!account_submit(db, web->viewer, &web->app->rules, &submission, work->rows, work->row_count,
                        data_today(web), instant_now_ms(), &work->submission, err))
        return false;
    if (work->submission.rows_refused == 0)
        return app_recompute(web->app, db, web->viewer, org_id, work->submission.submission_id,
                             work->year, err);
    struct account_refusal *refusals;
    size_t count;
    if (!account_list_refusals(db, web->arena, web->viewer, org_id, work->submission.submission_id,
                               &refusals, &count, err))
        return false;
    work->wrong_count = 0;
    for (size_t i = 0; i < count; i++) mark_refused(work, &refusals[i]);
    return error_set(err, ERROR_WEB_FORM_REFUSED, "i", (int64_t)count);
}

static bool post_form(struct web *web, struct error *err)
{
    struct form_work work = {.web = web, .sent = true};
    struct error problem = {0};
    if (!begin_form(&work, web_form(web, "period"), err)) return false;
    work.rows = ARENA_NEW_ARRAY(web->arena, struct account_row, work.field_count + 1);
    for (size_t i = 0; i < work.field_count; i++) take_field(&work, &work.fields[i]);
    if (work.wrong_count > 0)
        error_set(&problem, ERROR_WEB_FORM_REFUSED, "i", (int64_t)work.wrong_count);
    else if (work.row_count == 0)
        error_set(&problem, ERROR_WEB_FORM_EMPTY, "");
    if (problem.code != ERROR_NONE || !store_write(web->store, submit_form, &work, &problem))
        return show_form(&work, &problem);
    return data_answer_submission(web, work.submission.submission_id,
                                  TR_KEY("The values are saved and the account is computed."));
}

const struct web_route web_routes_enterprise_data_form[] = {
    {"GET", "/enterprise/data/form", get_form, WEB_ENTERPRISE, TR_KEY("Data by hand")},
    {"POST", "/enterprise/data/form", post_form, WEB_ENTERPRISE, TR_KEY("Data by hand"),
     .slow = true},
    {0},
};
