/* The search over the rows of all tables. */
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "public_factors_html.h"
#include "web/public/public.h"

#define ROWS_SHOWN 100
#define QUERY_BYTES_MAX 200

static const char *valid_of(struct web *web, const struct factor_row *row)
{
    char from[DATE_TEXT_MAX] = "", to[DATE_TEXT_MAX] = "";
    if (row->has_from) date_format(row->valid_from, from);
    if (row->has_to) date_format(row->valid_to, to);
    if (row->has_from && row->has_to) return arena_printf(web->arena, "%s – %s", from, to);
    if (row->has_from) return tr_fill(web->arena, web->lang, "from {0}", from, NULL);
    return row->has_to ? tr_fill(web->arena, web->lang, "until {0}", to, NULL) : "";
}

/* "zh-CN" or "en" of a text that is in another language than the page. */
static str lang_of(const struct factor_phrase *phrase)
{
    return str_from(lang_code(phrase->lang));
}

static void fill_row(struct web *web, const struct factor_row *row,
                     struct html_public_factors_rows *out)
{
    const struct factor_library *factors = &web->app->factors;
    struct factor_phrase note = factor_say(web->arena, factors, row->note, web->lang),
                         publisher = factor_say(web->arena, factors, row->publisher, web->lang),
                         document = factor_say(web->arena, factors, row->document, web->lang),
                         clause = factor_say(web->arena, factors, row->clause, web->lang);
    bool chinese = web->lang == LANG_ZH && row->name_zh[0] != '\0';
    *out = (struct html_public_factors_rows){
        .name = str_from(chinese ? row->name_zh : row->name_en),
        .id = str_from(row->id),
        .class = str_from(factor_classes_text(web->arena, factors, row, web->lang)),
        .values = str_from(factor_values_text(web->arena, factors, row, web->lang)),
        .valid = str_from(valid_of(web, row)),
        .uncertainty = str_from(factor_uncertainty_text(web->arena, factors, row, web->lang)),
        .tier = str_from(factor_tier_text(row, web->lang)),
        .publisher = str_from(publisher.text),
        .publisher_lang = lang_of(&publisher),
        .document = str_from(document.text),
        .document_lang = lang_of(&document),
        .clause = str_from(clause.text),
        .clause_lang = lang_of(&clause),
        .confidence =
            str_from(factor_confidence_text(web->arena, factors, row->confidence, web->lang)),
        .disabled = !row->enabled,
        .note = str_from(note.text),
        .note_lang = lang_of(&note),
        .url = str_from(arena_printf(web->arena, "/tables/%s", row->table)),
        .table = str_from(row->table)};
}

static str asked_for(struct web *web, const char *name)
{
    str text = str_trim(web_query(web, name));
    return str_slice(text, 0, QUERY_BYTES_MAX);
}

static bool get_factors(struct web *web, struct error *err)
{
    int64_t year = 0;
    struct factor_query query = {.words = asked_for(web, "q"),
                                 .unit = asked_for(web, "unit"),
                                 .region = asked_for(web, "area")};
    str year_text = asked_for(web, "year");
    if (year_text.len != 0 && (!num_parse_int(year_text, &year) || year < 1900 || year > 2200))
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    query.year = (int)year;
    struct html_public_factors page = {
        .words = query.words,
        .unit = query.unit,
        .year = year_text,
        .area = query.region,
        .asked = query.words.len + query.unit.len + query.region.len + year_text.len != 0,
        .icon = web_icon(web, "diagram-3"),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_public_factors_rows, ROWS_SHOWN)};
    const struct factor_row **rows;
    size_t count = page.asked ? factor_find(web->arena, &web->app->factors, &query, &rows) : 0;
    for (size_t i = 0; i < count && i < ROWS_SHOWN; i++)
        fill_row(web, rows[i], &page.rows[page.rows_count++]);
    page.count = (int64_t)count;
    page.shown = (int64_t)page.rows_count;
    page.cut = count > page.rows_count;
    web_crumb(web, tr(web->lang, "Methods"), "/methods");
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_public_factors, &page),
                    "methods");
}

const struct web_route web_routes_public_factors[] = {
    {"GET", "/factors", get_factors, WEB_PUBLIC, TR_KEY("Search the factors")},
    {0},
};
