/* The models in force and the files that were left out. */
#include "app/app.h"
#include "operator_models_html.h"
#include "web/bank/bank.h"
#include "web/shared/explain.h"
#include "web/public/public.h"

static bool get_models(struct web *web, struct error *err)
{
    (void)err;
    const struct app *app = web->app;
    const struct flow_problem *flows;
    const struct check_problem *checks;
    size_t check_count = check_rules_problems(app->checks, &checks);
    size_t count = model_library_count(app->library);
    size_t flow_count = flow_library_problems(app->flows, &flows);
    struct html_operator_models page = {
        .icon = web_icon(web, "check-circle"),
        .problems = ARENA_NEW_ARRAY(web->arena, struct html_operator_models_problems,
                                    app->model_problems.count + flow_count + check_count + 1),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_operator_models_rows, count + 1)};
    for (size_t i = 0; i < app->model_problems.count; i++) {
        const struct model_diagnostic *d = &app->model_problems.list[i];
        page.problems[page.problems_count++] = (struct html_operator_models_problems){
            .where = str_from(arena_printf(web->arena, "%s:%d:%d", d->file, d->line, d->column)),
            .rule = str_from(d->rule),
            .message = str_from(d->message),
            .hint = str_from(d->hint)};
    }
    for (size_t i = 0; i < flow_count; i++)
        page.problems[page.problems_count++] = (struct html_operator_models_problems){
            .where = str_from(flows[i].file),
            .rule = STR("flow"),
            .message = str_from(error_text(web->arena, web->lang, &flows[i].reason))};
    for (size_t i = 0; i < check_count; i++)
        page.problems[page.problems_count++] = (struct html_operator_models_problems){
            .where = str_from(checks[i].file),
            .rule = STR("check"),
            .message = str_from(error_text(web->arena, web->lang, &checks[i].reason))};
    for (size_t i = 0; i < count; i++) {
        const struct model_info *info = model_info(model_library_at(app->library, i));
        page.rows[page.rows_count++] = (struct html_operator_models_rows){
            .url = str_from(arena_printf(web->arena, "/methods/%s", info->name)),
            .title = str_from(explain_text(web, info->title)),
            .name = str_from(info->name),
            .version = str_from(info->version),
            .kind = str_from(public_kind_word(web, info->kind)),
            .path = str_from(info->path)};
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_operator_models, &page),
                    "models");
}

const struct web_route web_routes_operator_models[] = {
    {"GET", "/operator/models", get_models, WEB_OPERATOR, TR_KEY("Models and tables")},
    {0},
};
