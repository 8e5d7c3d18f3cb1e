/* The methods library: every model and table as it is run. */
#include <math.h>
#include <string.h>

#include "app/app.h"
#include "base/csv.h"
#include "base/num.h"
#include "intake/intake.h"
#include "public_method_html.h"
#include "public_methods_html.h"
#include "public_table_html.h"
#include "web/public/public.h"
#include "web/shared/explain.h"

#define ROWS_SHOWN 400
#define TABLES_MAX 512
#define LONG_CELL_BYTES 60

static const struct {
    const char *kind, *word;
} kinds[] = {{"method", TR_KEY("Emission methods")},
             {"energy", TR_KEY("Energy consumption")},
             {"label", TR_KEY("Four-colour label")},
             {"grade", TR_KEY("Carbon grade")},
             {"confidence", TR_KEY("Confidence of data")},
             {"check", TR_KEY("Cross-validation")},
             {"product", TR_KEY("Financial products")},
             {"sizing", TR_KEY("Need of financing")},
             {"process", TR_KEY("Processes of a plant")},
             {"inventory", TR_KEY("Inventories of an organisation")},
             {"portfolio", TR_KEY("Financed emissions")},
             {"footprint", TR_KEY("Product carbon footprint")},
             {"indicator", TR_KEY("Indicators")},
             {"", TR_KEY("Other rules")}};

static size_t kind_place(const char *kind)
{
    size_t at = 0;
    while (at + 1 < ARRAY_LEN(kinds) && strcmp(kinds[at].kind, kind) != 0) at++;
    return at;
}

const char *public_kind_word(const struct web *web, const char *kind)
{
    return tr(web->lang, kinds[kind_place(kind)].word);
}

/* tables/words/columns.csv says what a table is called; one that it does not know,
 * "factors/alternative-fuels.csv", is called "Factors: alternative fuels"; the words of a new table
 * are those of its file until somebody translates them. */
static const char *table_word(const struct web *web, str part)
{
    char *word = str_dup(web->arena, part);
    for (char *p = word; *p != '\0'; p++)
        if (*p == '-' || *p == '_') *p = ' ';
    if (word[0] >= 'a' && word[0] <= 'z') word[0] = (char)(word[0] - 'a' + 'A');
    return tr(web->lang, word);
}

static const char *table_title(const struct web *web, const char *path)
{
    str rest = str_from(path), folder;
    const char *known = factor_column_word(&web->app->factors, path, "", web->lang);
    if (known[0] != '\0') return known;
    if (!str_cut(&rest, '/', &folder)) return path;
    if (str_ends(rest, ".csv")) rest.len -= 4;
    return arena_printf(web->arena, "%s%s%s", table_word(web, folder),
                        web->lang == LANG_ZH ? "：" : ": ", table_word(web, rest));
}

static const char *table_url(struct web *web, const char *path)
{
    return arena_printf(web->arena, "/tables/%s", path);
}

/* A model that uses another rests on its file too: "use/ghg.inventory_scope1/1.model". */
static const struct model *used_model(struct web *web, const char *path)
{
    str rest = str_from(path), part, name;
    if (!str_cut(&rest, '/', &part) || !str_is(part, "use") || !str_cut(&rest, '/', &name) ||
        !str_ends(rest, ".model"))
        return NULL;
    return model_library_find_version(
        web->app->library, str_dup(web->arena, name),
        str_dup(web->arena, str_slice(rest, 0, rest.len - (sizeof ".model" - 1))));
}

bool public_is_table(const char *path)
{
    return !str_starts(str_from(path), "use/");
}

static void fill_tables(struct web *web, struct html_public_methods *page)
{
    const struct model_library *library = web->app->library;
    page->tables = ARENA_NEW_ARRAY(web->arena, struct html_public_methods_tables, TABLES_MAX);
    for (size_t i = 0; i < model_library_count(library); i++) {
        const struct model_table_file *files;
        size_t used = model_table_files(model_library_at(library, i), &files);
        for (size_t k = 0; k < used; k++) {
            size_t at = 0;
            if (!public_is_table(files[k].path)) continue;
            while (at < page->tables_count && !str_is(page->tables[at].name, files[k].path)) at++;
            if (at == page->tables_count && at < TABLES_MAX)
                page->tables[page->tables_count++] = (struct html_public_methods_tables){
                    .name = str_from(files[k].path),
                    .title = str_from(table_title(web, files[k].path)),
                    .url = str_from(table_url(web, files[k].path))};
        }
    }
}

static bool get_methods(struct web *web, struct error *err)
{
    (void)err;
    const struct model_library *library = web->app->library;
    size_t count = model_library_count(library);
    struct html_public_methods page = {
        .kinds = ARENA_NEW_ARRAY(web->arena, struct html_public_methods_kinds, ARRAY_LEN(kinds))};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        struct html_public_methods_kinds group = {
            .word = str_from(tr(web->lang, kinds[k].word)),
            .models =
                ARENA_NEW_ARRAY(web->arena, struct html_public_methods_kinds_models, count + 1)};
        for (size_t i = 0; i < count; i++) {
            const struct model_info *info = model_info(model_library_at(library, i));
            if (kind_place(info->kind) != k) continue;
            group.models[group.models_count++] = (struct html_public_methods_kinds_models){
                .url = str_from(
                    arena_printf(web->arena, "/methods/%s?version=%s", info->name, info->version)),
                .title = str_from(explain_text(web, info->title)),
                .name = str_from(info->name),
                .version = str_from(info->version),
                .source = str_from(
                    factor_say(web->arena, &web->app->factors, info->source, web->lang).text)};
        }
        if (group.models_count != 0) page.kinds[page.kinds_count++] = group;
    }
    fill_tables(web, &page);
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_public_methods, &page),
                    "methods");
}

/* ---- one model ---- */

const struct model *public_find_model(struct web *web, struct error *err)
{
    const struct model_library *library = web->app->library;
    const char *name = str_dup(web->arena, web_param(web, "name"));
    str version =
        web_query(web, "version").len != 0 ? web_query(web, "version") : web_form(web, "version");
    date today = instant_day(instant_now_ms(), web->utc_offset_minutes);
    const struct model *found =
        version.len != 0 ? model_library_find_version(library, name, str_dup(web->arena, version))
                         : model_library_find(library, name, today);
    for (size_t i = 0; version.len == 0 && found == NULL && i < model_library_count(library); i++)
        if (strcmp(model_info(model_library_at(library, i))->name, name) == 0)
            found = model_library_at(library, i);
    if (found == NULL) error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    return found;
}

static void fill_formulas(struct web *web, const struct model *model,
                          struct html_public_method *page)
{
    const struct model_formula *formulas;
    size_t count = model_formulas(web->arena, model, web->lang == LANG_ZH, &formulas);
    page->formulas = ARENA_NEW_ARRAY(web->arena, struct html_public_method_formulas, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct buf *math = buf_new(web->arena);
        buf_puts(math, formulas[i].mathml);
        page->formulas[page->formulas_count++] = (struct html_public_method_formulas){
            .name = str_from(formulas[i].name),
            .label = str_from(explain_text(web, formulas[i].label)),
            .unit = str_from(formulas[i].unit == NULL || strcmp(formulas[i].unit, "1") == 0
                                 ? ""
                                 : formulas[i].unit),
            .math = html_from(math),
            .expression = str_from(formulas[i].expression),
            .clause =
                str_from(formulas[i].clause == NULL ? ""
                                                    : factor_say(web->arena, &web->app->factors,
                                                                 formulas[i].clause, web->lang)
                                                          .text)};
    }
}

static const char *default_text(struct web *web, const struct model_input *input)
{
    char number[NUM_TEXT_MAX];
    if (input->type != MODEL_NUMBER)
        return explain_word(web, input->default_text != NULL ? input->default_text : "");
    num_format(input->default_value, number);
    const char *unit = input->unit == NULL ? ""
                                           : factor_unit_text(web->arena, &web->app->factors,
                                                              input->unit, web->lang);
    return unit[0] == '\0' ? arena_strdup(web->arena, number)
                           : arena_printf(web->arena, "%s %s", number, unit);
}

static const char *absence_text(struct web *web, const struct model_asked *asked)
{
    switch (asked->absence) {
    case MODEL_ABSENCE_PLATFORM: return tr(web->lang, "The platform fills it.");
    case MODEL_ABSENCE_DEFAULT:
        return tr_fill(web->arena, web->lang, "{0} counts.", default_text(web, asked->input), NULL);
    case MODEL_ABSENCE_ZERO: return tr(web->lang, "It counts as 0.");
    case MODEL_ABSENCE_OTHER:
        return tr(web->lang, "The value of a table, or another rule of the formulas, counts.");
    case MODEL_ABSENCE_UNUSED:
        return asked->unknown == NULL
                   ? tr(web->lang, "A kind that is left out counts as not used.")
                   : tr_fill(web->arena, web->lang,
                             "A kind that is left out counts as not used; with none at all '{0}' "
                             "stays unknown.",
                             explain_text(web, asked->unknown->label), NULL);
    case MODEL_ABSENCE_UNKNOWN:
    default: break;
    }
    return asked->unknown != NULL ? tr_fill(web->arena, web->lang, "'{0}' stays unknown.",
                                            explain_text(web, asked->unknown->label), NULL)
                                  : tr(web->lang, "What rests on it stays unknown.");
}

/* "+0.875 %"; below a millionth nothing worth reading. */
static const char *effect_text(struct web *web, const struct model_asked *asked)
{
    if (!asked->has_effect || fabs(asked->effect) < 1e-6) return "–";
    return arena_printf(web->arena, "%s%s %%", asked->effect > 0 ? "+" : "−",
                        num_format_significant(web->arena, fabs(asked->effect), 3));
}

static void fill_inputs(struct web *web, const struct model *model, struct html_public_method *page)
{
    static const char *const periods[] = {TR_KEY("per month"), TR_KEY("per year"), TR_KEY("once")};
    struct model_worth worth;
    model_worth(web->arena, model, &worth);
    page->inputs = ARENA_NEW_ARRAY(web->arena, struct html_public_method_inputs, worth.count + 1);
    if (worth.main != NULL)
        page->effect_note = str_from(tr_fill(
            web->arena, web->lang,
            "What weighs most stands first. The last column is computed from the worked case: by "
            "how much '{0}' changes when this input is 1 % larger.",
            explain_text(web, worth.main->label), NULL));
    for (size_t i = 0; i < worth.count; i++) {
        const struct model_asked *asked = &worth.list[i];
        const struct model_input *input = asked->input;
        const char *help = explain_text(web, input->help);
        const char *number = arena_printf(web->arena, "%zu", asked->example + 1);
        if (input->from != NULL)
            help = tr_fill(web->arena, web->lang, "filled by the platform from {0}", input->from,
                           NULL);
        bool elsewhere =
            asked->has_effect && asked->example != worth.example && fabs(asked->effect) >= 1e-6;
        page->inputs[page->inputs_count++] = (struct html_public_method_inputs){
            .label = str_from(explain_text(web, input->label)),
            .name = str_from(input->name),
            .unit = str_from(input->unit != NULL ? factor_unit_text(web->arena, &web->app->factors,
                                                                    input->unit, web->lang)
                             : input->index != NULL ? tr(web->lang, "by row")
                                                    : ""),
            .period = str_from(input->from != NULL ? "" : tr(web->lang, periods[input->period])),
            .help = str_from(help),
            .absence = str_from(absence_text(web, asked)),
            .effect = str_from(effect_text(web, asked)),
            .effect_case = str_from(
                elsewhere ? tr_fill(web->arena, web->lang, "in case {0}", number, NULL) : "")};
    }
}

/* Only what a person types can be filled in: a rule that is fed by facts alone has no template. */
static bool has_template(const struct model_info *info)
{
    for (size_t i = 0; i < info->input_count; i++)
        if (info->inputs[i].from == NULL) return true;
    return false;
}

static void fill_ways(struct web *web, const struct model_info *info,
                      struct html_public_method *page)
{
    const char *form = "/methods/%s/%s?version=%s";
    if (info->example_count > 0)
        page->case_url =
            str_from(arena_printf(web->arena, form, info->name, "case", info->version));
    if (has_template(info))
        page->template_url =
            str_from(arena_printf(web->arena, form, info->name, "template", info->version));
}

static bool get_method(struct web *web, struct error *err)
{
    const struct model *model = public_find_model(web, err);
    if (model == NULL) return false;
    const struct model_info *info = model_info(model);
    const struct model_example_result *results;
    const struct model_table_file *files;
    size_t example_count = model_test(web->arena, model, &results), at,
           table_count = model_table_files(model, &files);
    str text = str_from(info->text);
    struct html_public_method page = {
        .name = str_from(info->name),
        .version = str_from(info->version),
        .source =
            str_from(factor_say(web->arena, &web->app->factors, info->source, web->lang).text),
        .digest = str_from(digest_hex(web->arena, info->model_digest)),
        .file_url = str_from(
            arena_printf(web->arena, "/methods/%s/file?version=%s", info->name, info->version)),
        .examples = (int64_t)example_count,
        .tables = ARENA_NEW_ARRAY(web->arena, struct html_public_method_tables, table_count + 1)};
    for (size_t i = 0; i < example_count; i++) page.passed += results[i].passed;
    page.all_passed = page.passed == page.examples;
    if (str_find(text, STR("\nexample "), &at))
        page.example = str_trim(str_slice(text, at, text.len));
    for (size_t i = 0; i < table_count; i++) {
        const struct model *used = used_model(web, files[i].path);
        const struct model_info *of = used != NULL ? model_info(used) : NULL;
        if (of == NULL && !public_is_table(files[i].path)) continue;
        page.tables[page.tables_count++] = (struct html_public_method_tables){
            .url = str_from(of == NULL ? table_url(web, files[i].path)
                                       : arena_printf(web->arena, "/methods/%s?version=%s",
                                                      of->name, of->version)),
            .title =
                str_from(of == NULL ? table_title(web, files[i].path) : explain_text(web, of->title)),
            .name = str_from(of == NULL ? files[i].path : of->name)};
    }
    fill_inputs(web, model, &page);
    fill_ways(web, info, &page);
    fill_formulas(web, model, &page);
    web_crumb(web, tr(web->lang, "Methods"), "/methods");
    return web_page(web, explain_text(web, info->title),
                    HTML_RENDER(web->arena, &web->html, html_public_method, &page), "methods");
}

/* For the year that the data are collected of: the one before this. */
static bool get_template(struct web *web, struct error *err)
{
    const struct model *model = public_find_model(web, err);
    int year, month, day;
    str bytes;
    if (model == NULL) return false;
    const struct model_info *info = model_info(model);
    if (!has_template(info)) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    date_split(instant_day(instant_now_ms(), web->utc_offset_minutes), &year, &month, &day);
    if (!intake_write_template(web->arena, info, year - 1, web->lang, NULL, 0, &bytes, err))
        return false;
    http_reply_download(
        web->reply, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        arena_printf(web->arena, "%s-%s-%d.xlsx", info->name, info->version, year - 1), bytes);
    return true;
}

static bool get_file(struct web *web, struct error *err)
{
    const struct model *model = public_find_model(web, err);
    if (model == NULL) return false;
    http_reply_bytes(web->reply, 200, "text/plain; charset=utf-8",
                     str_from(model_info(model)->text));
    return true;
}

/* ---- one table ---- */

static const struct model_table_file *find_table(struct web *web)
{
    str path = str_from(arena_printf(web->arena, "%.*s/%.*s", STR_ARG(web_param(web, "folder")),
                                     STR_ARG(web_param(web, "file"))));
    for (size_t i = 0; i < model_library_count(web->app->library); i++) {
        const struct model_table_file *files;
        size_t used = model_table_files(model_library_at(web->app->library, i), &files);
        for (size_t k = 0; k < used; k++)
            if (str_is(path, files[k].path)) return &files[k];
    }
    return NULL;
}

/* "ncv : GJ/unit" is the net calorific value; "" of a column whose name says it all. */
static str column_word(struct web *web, const char *path, str head)
{
    str rest = head, name;
    if (!str_cut(&rest, ':', &name)) name = head;
    const char *column = str_dup(web->arena, str_trim(name));
    const char *word = factor_column_word(&web->app->factors, path, column, web->lang);
    return word == column ? (str){"", 0} : str_from(word);
}

static bool get_table(struct web *web, struct error *err)
{
    const struct model_table_file *file = find_table(web);
    struct csv_table table;
    if (file == NULL) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    if (str_is(web_query(web, "format"), "csv")) {
        http_reply_download(web->reply, "text/csv; charset=utf-8",
                            str_dup(web->arena, web_param(web, "file")), file->bytes);
        return true;
    }
    if (!csv_read_table(web->arena, file->bytes, &table, err)) return false;
    struct html_public_table page = {
        .path = str_from(file->path),
        .file_url = str_from(arena_printf(web->arena, "/tables/%s?format=csv", file->path)),
        .count = (int64_t)table.count,
        .cut = table.count > ROWS_SHOWN,
        .heads = ARENA_NEW_ARRAY(web->arena, struct html_public_table_heads, table.columns + 1),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_public_table_rows, ROWS_SHOWN)};
    for (size_t c = 0; c < table.columns; c++)
        page.heads[page.heads_count++] = (struct html_public_table_heads){
            .name = table.names[c], .word = column_word(web, file->path, table.names[c])};
    for (size_t r = 0; r < table.count && r < ROWS_SHOWN; r++) {
        struct html_public_table_rows *row = &page.rows[page.rows_count++];
        row->cells =
            ARENA_NEW_ARRAY(web->arena, struct html_public_table_rows_cells, table.columns + 1);
        for (size_t c = 0; c < table.columns; c++)
            row->cells[row->cells_count++] = (struct html_public_table_rows_cells){
                .text = table.rows[r][c],
                .look = table.rows[r][c].len > LONG_CELL_BYTES ? STR("long") : STR("")};
    }
    web_crumb(web, tr(web->lang, "Methods"), "/methods");
    return web_page(web, table_title(web, file->path),
                    HTML_RENDER(web->arena, &web->html, html_public_table, &page), "methods");
}

const struct web_route web_routes_public_methods[] = {
    {"GET", "/methods", get_methods, WEB_PUBLIC, TR_KEY("Methods")},
    {"GET", "/methods/{name}", get_method, WEB_PUBLIC, TR_KEY("Method"), .slow = true},
    {"GET", "/methods/{name}/template", get_template, WEB_PUBLIC, TR_KEY("Template"), .slow = true},
    {"GET", "/methods/{name}/file", get_file, WEB_PUBLIC, TR_KEY("Method")},
    {"GET", "/tables/{folder}/{file}", get_table, WEB_PUBLIC, TR_KEY("Table")},
    {0},
};
