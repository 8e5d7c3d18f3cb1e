/* The settings in force. Secrets, such as the store's connection and the demo's password, are not
 * shown. */
#include <string.h>

#include "app/app.h"
#include "operator_settings_html.h"
#include "web/web.h"

static const char *value_of(struct web *web, const char *name)
{
    const struct app_config *c = &web->app->config;
    const struct {
        const char *name, *text;
        const int64_t *number;
        const bool *flag;
    } values[] = {{"public_url", c->public_url, NULL, NULL},
                  {"issuer_zh", c->issuer_zh, NULL, NULL},
                  {"issuer_en", c->issuer_en, NULL, NULL},
                  {"issuer_filing", c->issuer_filing, NULL, NULL},
                  {"checkpoint_file", c->checkpoint_file, NULL, NULL},
                  {"https_in_front", NULL, NULL, &c->https_in_front},
                  {"report_validity_months", NULL, &c->report_validity_months, NULL},
                  {"cell_enterprises_min", NULL, &c->cell_enterprises_min, NULL},
                  {"dominance_percent", NULL, &c->dominance_percent, NULL},
                  {"filing_due_day", NULL, &c->filing_due_day, NULL}};
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        if (strcmp(values[i].name, name) != 0) continue;
        if (values[i].text != NULL) return values[i].text;
        if (values[i].flag != NULL)
            return tr(web->lang, *values[i].flag ? TR_KEY("yes") : TR_KEY("no"));
        return arena_printf(web->arena, "%lld", (long long)*values[i].number);
    }
    return tr(web->lang, "not shown here");
}

static bool get_settings(struct web *web, struct error *err)
{
    (void)err;
    const struct app_setting *list;
    size_t count = app_settings(&list);
    struct html_operator_settings page = {
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_operator_settings_rows, count + 1)};
    for (size_t i = 0; i < count; i++) {
        bool number = list[i].min != 0 || list[i].max != 0;
        page.rows[page.rows_count++] = (struct html_operator_settings_rows){
            .name = str_from(list[i].name),
            .value = str_from(value_of(web, list[i].name)),
            .standard =
                str_from(strcmp(list[i].unit, "yes/no") == 0 ? tr(web->lang, list[i].value_default)
                                                             : list[i].value_default),
            .range =
                str_from(number ? arena_printf(web->arena, "%lld – %lld %s", (long long)list[i].min,
                                               (long long)list[i].max, tr(web->lang, list[i].unit))
                                : ""),
            .reason = str_from(tr(web->lang, list[i].reason))};
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_operator_settings, &page),
                    "settings");
}

const struct web_route web_routes_operator_settings[] = {
    {"GET", "/operator/settings", get_settings, WEB_OPERATOR, TR_KEY("Settings")},
    {0},
};
