/* All values of a year, item by month, and their export. */
#include "enterprise_data_values_html.h"
#include "web/enterprise/data_kit.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

struct place { /* a row of the table */
    const struct model_input *input;
    const struct model_key *key;
    const struct account_datum *by_month[12];
};

struct values_work {
    struct web *web;
    int year;
    bool all; /* items without a value too */
    struct model_info form;
    const struct account_input *asked;
    size_t asked_count;
    struct account_datum *data;
    size_t data_count;
    struct place *places;
    size_t place_count, place_capacity;
};

static int newest_year(const struct values_work *work)
{
    int newest = 0, year, month, day;
    for (size_t i = 0; i < work->data_count; i++) {
        if (account_period_equal(work->data[i].period, account_once())) continue;
        date_split(work->data[i].period.first, &year, &month, &day);
        if (year > newest) newest = year;
    }
    return newest != 0 ? newest : data_year(work->web);
}

static bool read_values(struct db *db, void *arg, struct error *err)
{
    struct values_work *work = arg;
    struct web *web = work->web;
    id64 org_id = web->viewer->org_id;
    struct account_data_filter filter = {.as_known = ACCOUNT_NOW};
    if (!account_list_data(db, web->arena, web->viewer, org_id, &filter, &work->data,
                           &work->data_count, err))
        return false;
    work->year = web_query(web, "year").len != 0 ? data_year(web) : newest_year(work);
    return app_form(web->app, db, web->arena, org_id, work->year, &work->form, err) &&
           account_list_inputs(db, web->arena, &web->app->rules, org_id, work->year, &work->asked,
                               &work->asked_count, err);
}

static void add_place(struct values_work *work, const struct model_input *input,
                      const struct model_key *key)
{
    struct place place = {.input = input, .key = key};
    bool any = false;
    for (size_t i = 0; i < work->data_count; i++) {
        const struct account_datum *datum = &work->data[i];
        if (strcmp(datum->input, input->name) != 0 ||
            strcmp(datum->key, key != NULL ? key->id : "") != 0)
            continue;
        for (int m = 0; m < 12; m++)
            if (account_period_equal(datum->period, account_month(month_make(work->year, m + 1)))) {
                place.by_month[m] = datum;
                any = true;
            }
    }
    if (!any && !(work->all && key == NULL)) return;
    *ARENA_PUSH(work->web->arena, work->places, work->place_count, work->place_capacity) = place;
}

static bool begin_values(struct values_work *work, struct error *err)
{
    work->all = str_is(web_query(work->web, "show"), "all");
    if (!store_read(work->web->store, read_values, work, err)) return false;
    for (size_t i = 0; i < work->form.input_count; i++) {
        const struct model_input *input = &work->form.inputs[i];
        if (input->period != MODEL_PER_MONTH) continue;
        if (input->index == NULL) add_place(work, input, NULL);
        for (size_t k = 0; input->index != NULL && k < input->key_count; k++)
            add_place(work, input, &input->keys[k]);
    }
    return true;
}

static double in_own_unit(const struct values_work *work, const struct place *place,
                          const struct account_datum *datum)
{
    struct error why;
    double value;
    const char *own = data_own_unit(place->input, place->key);
    return own[0] != '\0' && model_unit_convert(work->web->app->library, datum->value,
                                                str_from(datum->unit), str_from(own), &value, &why)
               ? value
               : datum->value;
}

static const char *value_url(struct web *web, const struct account_datum *datum)
{
    return arena_printf(web->arena, "/enterprise/data/values/%s", data_id(web, datum->datum_id));
}

static html linked_text(struct web *web, const char *url, const char *text)
{
    struct buf *out = buf_new(web->arena);
    buf_printf(out, "<a href=\"%s\">", url);
    html_put_text(out, str_from(text));
    buf_puts(out, "</a>");
    return html_from(out);
}

static html cell_of(struct values_work *work, const struct place *place,
                    const struct account_datum *datum)
{
    struct web *web = work->web;
    struct buf *out = buf_new(web->arena);
    const char *url = value_url(web, datum);
    if (datum->has_number)
        html_put_html(out, web_figure(web, in_own_unit(work, place, datum), 5, "", 0, url));
    else
        html_put_html(out, linked_text(web, url, data_value_text(web, place->input, datum->text)));
    buf_printf(out, "<span class=\"tier tier-%d\" title=\"", (int)datum->tier);
    html_put_text(out, str_from(tr(web->lang, account_tier_label(datum->tier))));
    buf_puts(out, "\"></span>");
    return html_from(out);
}

static bool is_activity(const struct values_work *work, const struct model_input *input)
{
    for (size_t i = 0; i < work->asked_count; i++)
        if (strcmp(work->asked[i].input->name, input->name) == 0)
            return strcmp(work->asked[i].kind, "method") == 0 ||
                   strcmp(work->asked[i].kind, "energy") == 0;
    return false;
}

/* Quantities of the account add up over months; contents, rates, prices and the stocks that checks
 * ask for do not. */
static bool adds_up(const struct values_work *work, const struct place *place)
{
    static const char *const quantities[] = {"t",   "kWh", "GJ", "m3",   "Nm3",
                                             "Sm3", "CNY", "m2", "piece"};
    struct error why;
    double value;
    const char *own = data_own_unit(place->input, place->key);
    if (place->input->type != MODEL_NUMBER || !is_activity(work, place->input)) return false;
    for (size_t i = 0; i < ARRAY_LEN(quantities); i++)
        if (model_unit_convert(work->web->app->library, 1, str_from(quantities[i]), str_from(own),
                               &value, &why))
            return true;
    return false;
}

static void fill_rows(struct values_work *work, struct html_enterprise_data_values *page)
{
    struct web *web = work->web;
    page->rows_count = work->place_count;
    page->rows =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_values_rows, work->place_count + 1);
    for (size_t i = 0; i < work->place_count; i++) {
        const struct place *place = &work->places[i];
        struct html_enterprise_data_values_rows *row = &page->rows[i];
        double sum = 0;
        bool any = false;
        row->item = str_from(data_item(web, &work->form, place->input->name,
                                       place->key != NULL ? place->key->id : ""));
        row->unit = str_from(data_unit(web, data_own_unit(place->input, place->key)));
        row->cells_count = 12;
        row->cells = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_values_rows_cells, 12);
        for (int m = 0; m < 12; m++) {
            const struct account_datum *datum = place->by_month[m];
            if (datum == NULL) continue;
            row->cells[m].value = cell_of(work, place, datum);
            if (datum->has_number) sum += in_own_unit(work, place, datum);
            any = true;
        }
        for (int m = 0; m < 12; m++)
            if (place->by_month[m] == NULL) row->cells[m].value = HTML_EMPTY;
        row->total =
            any && adds_up(work, place) ? web_figure(web, sum, 7, "", 0, NULL) : HTML_EMPTY;
    }
}

static void add_fact(struct values_work *work, const struct model_input *input,
                     const struct account_datum *datum, struct html_enterprise_data_values *page)
{
    struct web *web = work->web;
    const char *url = value_url(web, datum);
    page->facts[page->facts_count++] = (struct html_enterprise_data_values_facts){
        .item = str_from(data_item(web, &work->form, datum->input, datum->key)),
        .value = datum->has_number
                     ? web_figure(web, datum->value, 9, data_unit(web, datum->unit), 0, url)
                     : linked_text(web, url, data_value_text(web, input, datum->text)),
        .tier = data_tier_chip(web, datum->tier),
        .period = str_from(data_period(web, datum->period))};
}

/* In the order of the form; what no model asks for any longer stands last. */
static void fill_facts(struct values_work *work, struct html_enterprise_data_values *page)
{
    page->facts = ARENA_NEW_ARRAY(work->web->arena, struct html_enterprise_data_values_facts,
                                  work->data_count + 1);
    for (size_t k = 0; k <= work->form.input_count; k++) {
        const struct model_input *input = k < work->form.input_count ? &work->form.inputs[k] : NULL;
        for (size_t i = 0; i < work->data_count; i++) {
            const struct account_datum *datum = &work->data[i];
            bool fact = account_period_equal(datum->period, account_year(work->year)) ||
                        account_period_equal(datum->period, account_once());
            bool here = input != NULL
                            ? strcmp(datum->input, input->name) == 0
                            : data_find_input(&work->form, str_from(datum->input)) == NULL;
            if (fact && here) add_fact(work, input, datum, page);
        }
    }
}

static void fill_months(struct values_work *work, struct html_enterprise_data_values *page)
{
    struct web *web = work->web;
    page->months_count = 12;
    page->months = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_values_months, 12);
    for (int m = 0; m < 12; m++) {
        const char *text =
            account_period_text(web->arena, account_month(month_make(work->year, m + 1)));
        page->months[m] = (struct html_enterprise_data_values_months){
            .month = str_from(text + 2),
            .url = str_from(arena_printf(web->arena, "/enterprise/data/form?period=%s", text))};
    }
}

static bool get_values(struct web *web, struct error *err)
{
    struct values_work work = {.web = web};
    if (!begin_values(&work, err)) return false;
    const char *path = "/enterprise/data/values";
    struct html_enterprise_data_values page = {
        .tabs = data_tabs(web, "values", work.year),
        .years = data_year_picker(web, path, work.year, work.all ? "all" : NULL),
        .empty_icon = web_icon(web, "table"),
        .year = work.year,
        .showing_all = work.all,
        .all_url = str_from(arena_printf(web->arena, "%s?year=%d&show=all", path, work.year)),
        .given_url = str_from(arena_printf(web->arena, "%s?year=%d", path, work.year)),
        .csv_url = str_from(
            arena_printf(web->arena, "/enterprise/data/export?year=%d&format=csv", work.year)),
        .xlsx_url = str_from(
            arena_printf(web->arena, "/enterprise/data/export?year=%d&format=xlsx", work.year)),
        .form_url =
            str_from(arena_printf(web->arena, "/enterprise/data/form?period=%d", work.year))};
    fill_months(&work, &page);
    fill_rows(&work, &page);
    fill_facts(&work, &page);
    page.any = page.rows_count > 0 || page.facts_count > 0;
    return web_page(web, tr(web->lang, TR_KEY("Values")),
                    HTML_RENDER(web->arena, &web->html, html_enterprise_data_values, &page),
                    "data");
}

/* ---- export ---- */

static bool of_year(const struct values_work *work, const struct account_datum *datum)
{
    int year, month, day;
    if (account_period_equal(datum->period, account_once())) return true;
    date_split(datum->period.first, &year, &month, &day);
    return year == work->year;
}

static struct sheet export_sheet(struct values_work *work, struct sheet_column columns[9])
{
    struct web *web = work->web;
    static const char *const names[] = {
        TR_KEY("Month or year"), TR_KEY("Item"), "input",        "key",
        TR_KEY("Value"),         TR_KEY("Text"), TR_KEY("Unit"), TR_KEY("Rests on"),
        TR_KEY("Submission")};
    for (size_t i = 0; i < 9; i++)
        columns[i] = (struct sheet_column){.name = str_from(tr(web->lang, names[i])),
                                           .type = i == 4 ? SHEET_NUMBER : SHEET_TEXT,
                                           .decimals = 6,
                                           .width_chars = i == 1 ? 36 : 14};
    struct sheet_cell *cells =
        ARENA_NEW_ARRAY(web->arena, struct sheet_cell, 9 * (work->data_count + 1));
    size_t rows = 0;
    for (size_t i = 0; i < work->data_count; i++) {
        const struct account_datum *datum = &work->data[i];
        if (!of_year(work, datum)) continue;
        struct sheet_cell *row = &cells[9 * rows++];
        row[0].text = str_from(data_period(web, datum->period));
        row[1].text = str_from(data_item(web, &work->form, datum->input, datum->key));
        row[2].text = str_from(datum->input);
        row[3].text = str_from(datum->key);
        row[4] = (struct sheet_cell){.empty = !datum->has_number, .number = datum->value};
        row[5].text = str_from(datum->has_number ? "" : datum->text);
        row[6].text = str_from(datum->unit);
        row[7].text = str_from(tr(web->lang, account_tier_label(datum->tier)));
        row[8].text = str_from(data_id(web, datum->submission_id));
    }
    return (struct sheet){.name = str_from(tr(web->lang, TR_KEY("Values"))),
                          .columns = columns,
                          .columns_count = 9,
                          .cells = cells,
                          .rows_count = rows};
}

static bool get_export(struct web *web, struct error *err)
{
    struct values_work work = {.web = web};
    struct sheet_column columns[9];
    str bytes;
    if (!begin_values(&work, err)) return false;
    struct sheet sheet = export_sheet(&work, columns);
    bool csv = str_is(web_query(web, "format"), "csv");
    const char *name = tr_fill(web->arena, web->lang, TR_KEY("Values {0}"),
                               arena_printf(web->arena, "%d", work.year), NULL);
    if (csv)
        sheet_write_csv(web->arena, &sheet, &bytes);
    else if (!xlsx_write(web->arena, &sheet, 1, str_from(name), instant_now_ms(), &bytes, err))
        return false;
    http_reply_download(web->reply,
                        csv ? "text/csv; charset=utf-8"
                            : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                        arena_printf(web->arena, "%s.%s", name, csv ? "csv" : "xlsx"), bytes);
    return true;
}

const struct web_route web_routes_enterprise_data_values[] = {
    {"GET", "/enterprise/data/values", get_values, WEB_ENTERPRISE, TR_KEY("Values")},
    {"GET", "/enterprise/data/export", get_export, WEB_ENTERPRISE, TR_KEY("Values"), .slow = true},
    {0},
};
