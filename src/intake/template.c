/* The spreadsheet that asks for a method's inputs: rows are items, columns are months, so that a
 * person types down a bill or across a year; units may be changed; a third sheet explains. */
#include "intake/read.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <xlsxwriter.h>

#include "base/file.h"

#define FIRST_PERIOD_COLUMN 3
#define HEADER_ROW 2

struct writer {
    struct arena *arena;
    const struct model_info *model;
    int year;
    bool zh;
    const struct intake_template_value *values;
    size_t value_count;
    lxw_workbook *book;
    lxw_format *title, *header, *item, *code, *value, *text, *wrap;
};

static const char *pick(const struct writer *w, const struct model_text *text)
{
    const char *chosen = w->zh ? text->zh : text->en;
    return chosen != NULL ? chosen : "";
}

static const char *word(const struct writer *w, const char *en)
{
    return tr(w->zh ? LANG_ZH : LANG_EN, en);
}

/* 1e4 is written 万 in Chinese sheets; the reader takes both. */
static const char *unit_text(const struct writer *w, const char *unit)
{
    if (unit == NULL) return "";
    return w->zh && strncmp(unit, "1e4 ", 4) == 0 ? arena_printf(w->arena, "万%s", unit + 4) : unit;
}

static void make_formats(struct writer *w)
{
    w->title = workbook_add_format(w->book);
    format_set_bold(w->title);
    format_set_font_size(w->title, 14);
    w->header = workbook_add_format(w->book);
    format_set_bold(w->header);
    format_set_bg_color(w->header, 0xE8F1EC);
    format_set_border(w->header, LXW_BORDER_THIN);
    w->item = workbook_add_format(w->book);
    format_set_border(w->item, LXW_BORDER_HAIR);
    w->code = workbook_add_format(w->book);
    format_set_font_color(w->code, 0x6B7280);
    format_set_border(w->code, LXW_BORDER_HAIR);
    w->value = workbook_add_format(w->book);
    format_set_border(w->value, LXW_BORDER_THIN);
    format_set_bg_color(w->value, 0xFFFDF2);
    format_set_num_format(w->value, "#,##0.####");
    w->text = workbook_add_format(w->book);
    format_set_border(w->text, LXW_BORDER_THIN);
    format_set_bg_color(w->text, 0xFFFDF2);
    format_set_num_format(w->text, "@");
    w->wrap = workbook_add_format(w->book);
    format_set_text_wrap(w->wrap);
    format_set_align(w->wrap, LXW_ALIGN_VERTICAL_TOP);
}

static void add_validation(struct writer *w, lxw_worksheet *sheet, const struct model_input *input,
                           lxw_row_t row, lxw_col_t first, lxw_col_t last)
{
    lxw_data_validation rule = {.ignore_blank = LXW_VALIDATION_ON,
                                .error_type = LXW_VALIDATION_ERROR_TYPE_STOP};
    rule.error_title = (char *)word(w, "This cell takes a number");
    rule.error_message =
        (char *)word(w, "Digits only; leave it empty when the value is not known.");
    if (input->type == MODEL_NUMBER) {
        rule.validate = LXW_VALIDATION_TYPE_DECIMAL;
        /* The sheet's unit may be changed, so only the sign can be checked here. */
        bool signed_value = !(input->has_min && input->min >= 0);
        rule.criteria = signed_value ? LXW_VALIDATION_CRITERIA_BETWEEN
                                     : LXW_VALIDATION_CRITERIA_GREATER_THAN_OR_EQUAL_TO;
        rule.value_number = 0;
        rule.minimum_number = -1e15;
        rule.maximum_number = 1e15;
    } else if (input->type == MODEL_CHOICE || input->type == MODEL_FLAG) {
        char **list = ARENA_NEW_ARRAY(w->arena, char *, input->choice_count + 3);
        size_t length = 0;
        for (size_t i = 0; i < input->choice_count; i++) {
            const char *label = pick(w, &input->choices[i].label);
            list[i] = arena_strdup(w->arena, label[0] != '\0' ? label : input->choices[i].id);
            length += utf8_count(str_from(list[i])) + 1;
        }
        if (input->type == MODEL_FLAG) {
            list[0] = arena_strdup(w->arena, w->zh ? "是" : "yes");
            list[1] = arena_strdup(w->arena, w->zh ? "否" : "no");
        }
        if (length > 250) return; /* Excel's limit of a list's text */
        rule.validate = LXW_VALIDATION_TYPE_LIST;
        rule.value_list = list;
        rule.error_title = (char *)word(w, "This cell takes one of a list");
        rule.error_message = (char *)word(w, "Choose one of the values of the list.");
    } else {
        return;
    }
    worksheet_data_validation_range(sheet, row, first, row, last, &rule);
}

static void write_known(struct writer *w, lxw_worksheet *sheet, const struct model_input *input,
                        const struct model_key *key, lxw_row_t row, bool monthly)
{
    for (size_t i = 0; i < w->value_count; i++) {
        const struct intake_template_value *value = &w->values[i];
        if (strcmp(value->input, input->name) != 0 ||
            strcmp(value->key != NULL ? value->key : "", key != NULL ? key->id : "") != 0 ||
            monthly != (value->month >= 0))
            continue;
        int month = monthly ? value->month - month_make(w->year, 1) : 0;
        if (month < 0 || month > 11) continue;
        worksheet_write_number(sheet, row, (lxw_col_t)(FIRST_PERIOD_COLUMN + month), value->value,
                               w->value);
        if (value->unit != NULL && value->unit[0] != '\0')
            worksheet_write_string(sheet, row, 2, value->unit, w->item);
    }
}

static void write_row(struct writer *w, lxw_worksheet *sheet, const struct model_input *input,
                      const struct model_key *key, lxw_row_t row, bool monthly)
{
    const char *unit = input->unit != NULL ? input->unit : key != NULL ? key->unit : NULL;
    const char *code =
        key != NULL ? arena_printf(w->arena, "%s[%s]", input->name, key->id) : input->name;
    lxw_col_t last = (lxw_col_t)(FIRST_PERIOD_COLUMN + (monthly ? 11 : 0));
    worksheet_write_string(sheet, row, 0, name_item(w->arena, input, key, w->zh), w->item);
    worksheet_write_string(sheet, row, 1, code, w->code);
    worksheet_write_string(sheet, row, 2, input->type == MODEL_NUMBER ? unit_text(w, unit) : "",
                           w->item);
    lxw_format *format = input->type == MODEL_NUMBER ? w->value : w->text;
    for (lxw_col_t c = FIRST_PERIOD_COLUMN; c <= last; c++)
        worksheet_write_blank(sheet, row, c, format);
    add_validation(w, sheet, input, row, FIRST_PERIOD_COLUMN, last);
    write_known(w, sheet, input, key, row, monthly);
}

static void write_sheet(struct writer *w, bool monthly)
{
    lxw_worksheet *sheet = workbook_add_worksheet(w->book, word(w, monthly ? "Monthly" : "Annual"));
    const struct model_info *model = w->model;
    lxw_row_t row = HEADER_ROW + 1;
    worksheet_write_string(sheet, 0, 0,
                           arena_printf(w->arena, "%s · %s %s · %d", pick(w, &model->title),
                                        model->name, model->version, w->year),
                           w->title);
    worksheet_write_string(sheet, 1, 0,
                           word(w, "Fill the yellow cells. Units may be changed; an empty cell "
                                   "means not known, 0 means none."),
                           NULL);
    worksheet_write_string(sheet, HEADER_ROW, 0, word(w, "Item"), w->header);
    worksheet_write_string(sheet, HEADER_ROW, 1, word(w, "Code"), w->header);
    worksheet_write_string(sheet, HEADER_ROW, 2, word(w, "Unit"), w->header);
    for (int m = 0; m < (monthly ? 12 : 1); m++) {
        char name[DATE_TEXT_MAX];
        month_format(month_make(w->year, 1 + m), name);
        if (!monthly) name[4] = '\0';
        worksheet_write_string(sheet, HEADER_ROW, (lxw_col_t)(FIRST_PERIOD_COLUMN + m), name,
                               w->header);
    }
    for (size_t i = 0; i < model->input_count; i++) {
        const struct model_input *input = &model->inputs[i];
        if (!name_is_asked(input) || monthly != (input->period == MODEL_PER_MONTH)) continue;
        if (input->index == NULL)
            write_row(w, sheet, input, NULL, row++, monthly);
        else
            for (size_t k = 0; k < input->key_count; k++)
                if (input->keys[k].enabled)
                    write_row(w, sheet, input, &input->keys[k], row++, monthly);
    }
    worksheet_set_column(sheet, 0, 0, 38, NULL);
    worksheet_set_column(sheet, 1, 1, 24, NULL);
    worksheet_set_column(sheet, 2, 2, 10, NULL);
    worksheet_set_column(sheet, FIRST_PERIOD_COLUMN, FIRST_PERIOD_COLUMN + 11, 12, NULL);
    worksheet_freeze_panes(sheet, HEADER_ROW + 1, FIRST_PERIOD_COLUMN);
    worksheet_set_landscape(sheet);
    worksheet_fit_to_pages(sheet, 1, 0);
}

static void write_help(struct writer *w)
{
    lxw_worksheet *sheet = workbook_add_worksheet(w->book, word(w, "How to fill in"));
    static const char *const heads[] = {"Field", "Name in files", "Measured in", "What to enter"};
    worksheet_write_string(sheet, 0, 0,
                           arena_printf(w->arena, "%s: %s", word(w, "Source of the method"),
                                        w->model->source != NULL ? w->model->source : ""),
                           NULL);
    for (lxw_col_t c = 0; c < 4; c++)
        worksheet_write_string(sheet, 1, c, word(w, heads[c]), w->header);
    lxw_row_t row = 2;
    for (size_t i = 0; i < w->model->input_count; i++) {
        const struct model_input *input = &w->model->inputs[i];
        if (!name_is_asked(input)) continue;
        worksheet_write_string(sheet, row, 0, pick(w, &input->label), w->wrap);
        worksheet_write_string(sheet, row, 1, input->name, w->wrap);
        worksheet_write_string(sheet, row, 2, unit_text(w, input->unit), w->wrap);
        worksheet_write_string(sheet, row++, 3, pick(w, &input->help), w->wrap);
    }
    worksheet_set_column(sheet, 0, 1, 28, NULL);
    worksheet_set_column(sheet, 3, 3, 80, NULL);
}

static bool has_period(const struct model_info *model, bool monthly)
{
    for (size_t i = 0; i < model->input_count; i++)
        if (name_is_asked(&model->inputs[i]) &&
            monthly == (model->inputs[i].period == MODEL_PER_MONTH))
            return true;
    return false;
}

bool intake_write_template(struct arena *arena, const struct model_info *model, int year,
                           enum lang lang, const struct intake_template_value *values,
                           size_t value_count, str *bytes, struct error *err)
{
    /* The library writes to a name; this one is memory, so that no copy stays on a disk. */
    SCOPED(file_close_scoped) int fd = memfd_create("template", MFD_CLOEXEC);
    if (fd < 0) return error_set(err, ERROR_FILE_WRITE, "ss", "memfd", error_reason(errno));
    const char *path = arena_printf(arena, "/proc/self/fd/%d", fd);
    struct writer w = {.arena = arena,
                       .model = model,
                       .year = year,
                       .zh = lang == LANG_ZH,
                       .values = values,
                       .value_count = value_count,
                       .book = workbook_new(path)};
    CHECK(w.book != NULL);
    /* A fixed date, so that the same method gives the same bytes. */
    lxw_doc_properties properties = {.title = (char *)pick(&w, &model->title),
                                     .created = 1704067200};
    workbook_set_properties(w.book, &properties);
    make_formats(&w);
    if (has_period(model, true)) write_sheet(&w, true);
    if (has_period(model, false)) write_sheet(&w, false);
    write_help(&w);
    lxw_error failure = workbook_close(w.book);
    if (failure != LXW_NO_ERROR)
        return error_set(err, ERROR_FILE_WRITE, "ss", path, lxw_strerror(failure));
    return file_read(arena, path, (size_t)INTAKE_MAX_file_bytes, bytes, err);
}
