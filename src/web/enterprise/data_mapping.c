/* A stranger's table: which column is what. A mapping is proposed, a person corrects and confirms
 * it, the file is imported by it, and it is kept for the next file of the organisation. */
#include "enterprise_data_mapping_html.h"
#include "web/enterprise/data_kit.h"

#include <string.h>

#include "base/num.h"

#define SETTING "intake.mapping"
#define COLUMNS_MAX 60
#define SAMPLE_ROWS 3

struct item { /* what the person may choose for a column */
    const char *label, *unit;
    const struct model_input *input;
    const struct model_key *key;
};

struct mapping_work {
    struct web *web;
    int year;
    struct model_info form;
    struct item *items;
    size_t item_count;
    struct intake_book book;
    struct intake_mapping mapping;
    str saved;
    bool has_saved;
    const char *save; /* what is to be kept */
};

/* ---- the saved one ---- */

static bool read_saved(struct db *db, void *arg, struct error *err)
{
    struct mapping_work *work = arg;
    struct web *web = work->web;
    return registry_get_setting(db, web->arena, web->viewer->org_id, STR(SETTING), &work->saved,
                                &work->has_saved, err);
}

static bool write_saved(struct db *db, void *arg, struct error *err)
{
    struct mapping_work *work = arg;
    return registry_require_own(
               work->web->viewer, work->web->viewer->org_id,
               1u << REGISTRY_ENTERPRISE_MANAGER | 1u << REGISTRY_ENTERPRISE_APPROVER, err) &&
           registry_set_setting(db, work->web->viewer->org_id, STR(SETTING), str_from(work->save),
                                err);
}

bool data_saved_mapping(struct web *web, struct intake_mapping *mapping)
{
    struct mapping_work work = {.web = web};
    struct error why;
    return store_read(web->store, read_saved, &work, &why) && work.has_saved &&
           intake_mapping_parse(web->arena, work.saved, mapping, &why);
}

/* ---- items ---- */

static void add_item(struct mapping_work *work, size_t *capacity, const struct model_input *input,
                     const struct model_key *key)
{
    struct web *web = work->web;
    const char *label = data_item(web, &work->form, input->name, key != NULL ? key->id : "");
    for (size_t i = 0; i < work->item_count; i++)
        if (strcmp(work->items[i].label, label) == 0)
            label = arena_printf(web->arena, "%s (%s)", label, input->name);
    struct item *item = ARENA_PUSH(web->arena, work->items, work->item_count, *capacity);
    *item = (struct item){label, data_own_unit(input, key), input, key};
}

static bool read_items(struct mapping_work *work, struct error *err)
{
    size_t capacity = 0;
    if (!data_read_form(work->web, work->year, &work->form, err)) return false;
    for (size_t i = 0; i < work->form.input_count; i++) {
        const struct model_input *input = &work->form.inputs[i];
        if (input->period != MODEL_PER_MONTH) continue;
        if (input->index == NULL) add_item(work, &capacity, input, NULL);
        for (size_t k = 0; k < input->key_count; k++)
            if (input->index != NULL && input->keys[k].enabled)
                add_item(work, &capacity, input, &input->keys[k]);
    }
    return true;
}

static const struct item *find_item(const struct mapping_work *work, str label)
{
    for (size_t i = 0; i < work->item_count; i++)
        if (str_is(label, work->items[i].label)) return &work->items[i];
    return NULL;
}

/* ---- the form as it was sent ---- */

static const char *letters(struct web *web, uint16_t column)
{
    char ref[INTAKE_REF_MAX];
    intake_ref(1, column, ref);
    ref[strlen(ref) - 1] = '\0';
    return arena_strdup(web->arena, ref);
}

static str field(struct web *web, const char *kind, const char *letter)
{
    return web_form(web, arena_printf(web->arena, "%s:%s", kind, letter));
}

static bool take_column(struct mapping_work *work, uint16_t column, struct error *err)
{
    struct web *web = work->web;
    const char *letter = letters(web, column);
    str label = field(web, "item", letter), factor = field(web, "factor", letter);
    if (label.len == 0) return true;
    const struct item *item = find_item(work, label);
    if (item == NULL) return error_set(err, ERROR_WEB_MAPPING_COLUMN, "Ss", label, letter);
    double number = 1;
    if (factor.len != 0 && !num_parse_human(web->arena, factor, &number))
        return error_set(err, ERROR_INTAKE_NUMBER, "sS", letter, factor);
    work->mapping.columns[work->mapping.column_count++] =
        (struct intake_mapping_column){.column = column,
                                       .input = str_from(item->input->name),
                                       .key = str_from(item->key != NULL ? item->key->id : ""),
                                       .unit = field(web, "unit", letter),
                                       .factor = number};
    return true;
}

static bool take_form(struct mapping_work *work, struct error *err)
{
    struct web *web = work->web;
    int64_t row = 1;
    str month = web_form(web, "month");
    if (!num_parse_int(web_form(web, "header_row"), &row) || row < 1 || row > 1000000) row = 1;
    work->mapping = (struct intake_mapping){
        .sheet = web_form(web, "sheet"),
        .header_row = (uint32_t)row,
        .sum_rows = str_is(web_form(web, "same_month"), "sum"),
        .columns = ARENA_NEW_ARRAY(web->arena, struct intake_mapping_column, COLUMNS_MAX)};
    for (uint16_t column = 0; column < COLUMNS_MAX; column++)
        if (str_is(month, letters(web, column))) work->mapping.month_column = column;
    for (uint16_t column = 0; column < COLUMNS_MAX; column++)
        if (!take_column(work, column, err)) return false;
    return work->mapping.column_count != 0 || error_set(err, ERROR_WEB_MAPPING_EMPTY, "");
}

/* ---- the page ---- */

static const struct intake_sheet *chosen_sheet(const struct mapping_work *work)
{
    const struct intake_sheet *first = NULL;
    for (size_t i = 0; i < work->book.sheet_count; i++) {
        const struct intake_sheet *sheet = &work->book.sheets[i];
        if (str_equal(sheet->name, work->mapping.sheet)) return sheet;
        if (first == NULL && !sheet->hidden) first = sheet;
    }
    return first;
}

static const char *sample_of(struct web *web, const struct intake_sheet *sheet, uint32_t after,
                             uint16_t column)
{
    struct buf *out = buf_new(web->arena);
    int taken = 0;
    for (size_t i = 0; i < sheet->row_count && taken < SAMPLE_ROWS; i++) {
        if (sheet->rows[i].number <= after) continue;
        const struct intake_cell *cell = intake_cell_at(&sheet->rows[i], column);
        taken++;
        if (cell == NULL) continue;
        str text = cell->kind == INTAKE_FORMULA ? STR("=…") : str_slice(cell->text, 0, 40);
        char day[DATE_TEXT_MAX];
        if (cell->kind == INTAKE_DATE) {
            date_format(cell->day, day);
            text = str_from(day);
        }
        if (out->len != 0) buf_puts(out, " · ");
        if (utf8_valid(text)) buf_put_str(out, text);
    }
    return str_dup(web->arena, buf_str(out));
}

/* "Coal (t)" and "烟煤（吨）" name their unit. */
static str unit_in_brackets(struct web *web, str header)
{
    str folded = str_fold(web->arena, header);
    size_t open, close;
    if (!str_find(folded, STR("("), &open) || !str_find(folded, STR(")"), &close) || close < open)
        return STR("");
    return str_trim(str_slice(folded, open + 1, close));
}

static void fill_column(struct mapping_work *work, const struct intake_sheet *sheet,
                        const struct intake_row *header, uint16_t column, bool sent,
                        struct html_enterprise_data_mapping *page)
{
    struct web *web = work->web;
    const char *letter = letters(web, column);
    const struct intake_cell *cell = header != NULL ? intake_cell_at(header, column) : NULL;
    str name = cell != NULL ? cell->text : STR("");
    page->months[page->months_count++] = (struct html_enterprise_data_mapping_months){
        .letter = str_from(letter), .header = name, .picked = column == work->mapping.month_column};
    struct html_enterprise_data_mapping_columns *row = &page->columns[page->columns_count++];
    *row = (struct html_enterprise_data_mapping_columns){
        .letter = str_from(letter),
        .header = name,
        .sample = str_from(sample_of(web, sheet, work->mapping.header_row, column)),
        .factor = STR("1")};
    if (sent) {
        row->input = field(web, "item", letter);
        row->unit = field(web, "unit", letter);
        if (field(web, "factor", letter).len != 0) row->factor = field(web, "factor", letter);
        if (row->input.len != 0 && find_item(work, row->input) == NULL) row->look = STR("refused");
        return;
    }
    if (column != work->mapping.month_column) row->unit = unit_in_brackets(web, name);
    for (size_t i = 0; i < work->mapping.column_count; i++) {
        const struct intake_mapping_column *known = &work->mapping.columns[i];
        if (known->column != column) continue;
        for (size_t k = 0; k < work->item_count; k++)
            if (str_is(known->input, work->items[k].input->name) &&
                str_is(known->key, work->items[k].key != NULL ? work->items[k].key->id : ""))
                row->input = str_from(work->items[k].label);
        row->unit = known->unit;
        char number[NUM_TEXT_MAX];
        num_format(known->factor, number);
        row->factor = str_from(arena_strdup(web->arena, number));
    }
}

static void fill_lists(struct mapping_work *work, struct html_enterprise_data_mapping *page)
{
    struct web *web = work->web;
    page->sheets = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_mapping_sheets,
                                   work->book.sheet_count + 1);
    const struct intake_sheet *chosen = chosen_sheet(work);
    for (size_t i = 0; i < work->book.sheet_count; i++)
        if (!work->book.sheets[i].hidden)
            page->sheets[page->sheets_count++] = (struct html_enterprise_data_mapping_sheets){
                .name = work->book.sheets[i].name, .picked = &work->book.sheets[i] == chosen};
    page->many_sheets = page->sheets_count > 1;
    page->inputs_count = work->item_count;
    page->inputs = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_mapping_inputs,
                                   work->item_count + 1);
    for (size_t i = 0; i < work->item_count; i++)
        page->inputs[i] = (struct html_enterprise_data_mapping_inputs){
            .label = str_from(work->items[i].label),
            .unit = str_from(data_unit(web, work->items[i].unit))};
}

static bool show_mapping(struct mapping_work *work, const char *name, const char *draft, bool sent,
                         const struct error *problem)
{
    struct web *web = work->web;
    struct html_enterprise_data_mapping page = {
        .error = web_error_box(web, problem),
        .name = str_from(name),
        .draft = str_from(draft),
        .year = work->year,
        .tier = str_from(account_tier_name(data_tier_of_form(web))),
        .replace = web_form(web, "replace"),
        .header_row = work->mapping.header_row,
        .from_saved = !sent && work->has_saved,
        .sums = work->mapping.sum_rows,
        .months =
            ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_mapping_months, COLUMNS_MAX),
        .columns =
            ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_mapping_columns, COLUMNS_MAX)};
    const struct intake_sheet *sheet = chosen_sheet(work);
    uint16_t width = 0;
    for (size_t i = 0; sheet != NULL && i < sheet->row_count; i++)
        for (uint32_t k = 0; k < sheet->rows[i].count; k++)
            if (sheet->rows[i].cells[k].column >= width)
                width = (uint16_t)(sheet->rows[i].cells[k].column + 1);
    const struct intake_row *header =
        sheet != NULL ? intake_row_at(sheet, work->mapping.header_row) : NULL;
    for (uint16_t column = 0; column < width && column < COLUMNS_MAX; column++)
        fill_column(work, sheet, header, column, sent, &page);
    page.columns_all = width;
    page.columns_left = width > COLUMNS_MAX;
    fill_lists(work, &page);
    web_crumb(web, tr(web->lang, TR_KEY("Submit data")), "/enterprise/data");
    return web_page_status(
        web, problem->code != ERROR_NONE ? error_http_status(problem->code) : 200,
        tr(web->lang, TR_KEY("What the columns mean")),
        HTML_RENDER(web->arena, &web->html, html_enterprise_data_mapping, &page), "data");
}

/* The saved mapping serves when its header row holds the columns it names. */
static bool saved_fits(const struct mapping_work *work)
{
    const struct intake_sheet *sheet = chosen_sheet(work);
    const struct intake_row *header =
        sheet != NULL ? intake_row_at(sheet, work->mapping.header_row) : NULL;
    if (header == NULL) return false;
    for (size_t i = 0; i < work->mapping.column_count; i++)
        if (intake_cell_at(header, work->mapping.columns[i].column) == NULL) return false;
    return true;
}

bool data_ask_mapping(struct web *web, const char *name, str bytes, struct error *err)
{
    struct mapping_work work = {.web = web, .year = data_year(web)};
    struct error problem = {0};
    const char *draft;
    if (!read_items(&work, err) ||
        !intake_open_book(data_book_arena(web), bytes, &work.book, err) ||
        !data_keep_draft(web, "data", bytes, &draft, err))
        return false;
    work.has_saved = data_saved_mapping(web, &work.mapping) && saved_fits(&work);
    if (!work.has_saved &&
        !intake_mapping_propose(web->arena, &work.book, &work.form, &work.mapping, &problem))
        work.mapping = (struct intake_mapping){.header_row = 1};
    return show_mapping(&work, name, draft, false, &problem);
}

static bool import_mapped(struct mapping_work *work, const char *name, str bytes,
                          struct error *problem)
{
    struct web *web = work->web;
    struct app_imported imported;
    struct app_file file = {.org_id = web->viewer->org_id,
                            .name = name,
                            .bytes = bytes,
                            .year = work->year,
                            .tier = data_tier_of_form(web),
                            .mapping = &work->mapping,
                            .replace = web_form(web, "replace").len != 0,
                            .recompute = true};
    if (!app_import_file(web->app, data_book_arena(web), web->viewer, &file, &imported, problem))
        return false;
    work->save = intake_mapping_format(web->arena, &work->mapping);
    if (web_form(web, "save").len != 0 && !store_write(web->store, write_saved, work, problem))
        return false;
    data_drop_draft(web, "data");
    return data_answer_submission(web, imported.submission.submission_id, NULL);
}

static bool post_mapping(struct web *web, struct error *err)
{
    struct mapping_work work = {.web = web, .year = data_year(web)};
    struct error problem = {0};
    str bytes;
    const char *draft = str_dup(web->arena, web_form(web, "draft"));
    const char *name = str_dup(web->arena, web_form(web, "name"));
    if (!data_read_draft(web, "data", str_from(draft), &bytes, err) || !read_items(&work, err) ||
        !intake_open_book(data_book_arena(web), bytes, &work.book, err))
        return false;
    bool again = str_is(web_form(web, "action"), "again");
    if (!take_form(&work, &problem) || again)
        return show_mapping(&work, name, draft, true, again ? &(struct error){0} : &problem);
    if (import_mapped(&work, name, bytes, &problem)) return true;
    return show_mapping(&work, name, draft, true, &problem);
}

const struct web_route web_routes_enterprise_data_mapping[] = {
    {"POST", "/enterprise/data/mapping", post_mapping, WEB_ENTERPRISE,
     TR_KEY("What the columns mean"), .slow = true},
    {0},
};
