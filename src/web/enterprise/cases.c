/* The enterprise's own loan cases: state, steps, and the transitions that are its own. */
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_case_html.h"
#include "enterprise_cases_html.h"
#include "finance/finance.h"
#include "web/enterprise/kit.h"
#include "web/enterprise/tabs.h"
#include "web/shared/standing.h"

struct work {
    struct web *web;
    struct finance_case *list, found;
    size_t count;
    id64 bank_id, case_id;
    struct finance_choice *choices;
    size_t choice_count;
    struct finance_step *steps;
    size_t step_count;
    const char *transition, *note;
    int64_t step;
};

static bool read_cases(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    return finance_list_cases(db, w->web->arena, w->web->viewer, &w->web->app->credit,
                              instant_now_ms(), &w->list, &w->count, err);
}

static html state_chip(struct web *web, const struct finance_case *c)
{
    return standing_chip(web, c->flow_state, false);
}

static const char *case_url(struct web *web, id64 bank_id, id64 case_id)
{
    return arena_printf(web->arena, "/enterprise/cases/%s/%s", kit_id(web, bank_id),
                        kit_id(web, case_id));
}

static bool get_cases(struct web *web, struct error *err)
{
    struct work w = {.web = web};
    if (!store_read(web->store, read_cases, &w, err)) return false;
    struct html_enterprise_cases page = {
        .tabs = tabs_finance(web, "cases"),
        .icon_empty = web_icon(web, "clipboard-data"),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_cases_rows, w.count),
        .rows_count = w.count};
    for (size_t i = 0; i < w.count; i++) {
        const struct finance_case *c = &w.list[i];
        page.rows[i] = (struct html_enterprise_cases_rows){
            .product = str_from(explain_text(web, c->product_title)),
            .url = str_from(case_url(web, c->bank_org_id, c->case_id)),
            .bank = str_from(c->bank_name),
            .amount = web_figure(web, c->amount_asked_cny, 12, "CNY", 0, NULL),
            .state = state_chip(web, c),
            .at = str_from(kit_when(web, c->state_at))};
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_enterprise_cases, &page),
                    "finance");
}

/* ---- one case ---- */

static bool read_case(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    int64_t now = instant_now_ms();
    return finance_get_case(db, web->arena, web->viewer, &web->app->credit, w->bank_id, w->case_id,
                            now, &w->found, err) &&
           finance_list_choices(db, web->arena, web->viewer, web->app->flows, w->bank_id,
                                w->case_id, now, &w->choices, &w->choice_count, err) &&
           finance_list_steps(db, web->arena, web->viewer, web->app->flows, w->bank_id, w->case_id,
                              &w->steps, &w->step_count, err);
}

static html offered(struct web *web, double value, double factor, const char *unit)
{
    return value > 0 ? web_figure(web, value * factor, 9, unit, 0, NULL)
                     : web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
}

static void fill_lists(struct work *w, struct html_enterprise_case *page)
{
    struct web *web = w->web;
    const struct finance_case *c = &w->found;
    page->parts = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_case_parts, c->offer_count);
    page->parts_count = c->offer_count;
    for (size_t i = 0; i < c->offer_count; i++) {
        const struct finance_part *p = &c->offer[i];
        bool rate = strncmp(p->output, "rate", 4) == 0;
        page->parts[i].label = str_from(explain_text(web, p->label));
        page->parts[i].value = p->known
                                   ? web_figure(web, rate ? p->value * 100 : p->value, 6,
                                                rate ? "%" : kit_unit(p->unit), 0, NULL)
                                   : web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    }
    page->choices =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_case_choices, w->choice_count);
    page->choices_count = w->choice_count;
    for (size_t i = 0; i < w->choice_count; i++)
        page->choices[i] = (struct html_enterprise_case_choices){
            .name = str_from(w->choices[i].transition),
            .note = str_is(web_form(web, "transition"), w->choices[i].transition)
                        ? web_form(web, "note")
                        : STR(""),
            .title = str_from(explain_text(web, w->choices[i].title)),
            .needs_note = w->choices[i].needs_note,
            .class = standing_button(w->choices[i].tone),
            .same_person = w->choices[i].same_person,
            .no_letter = w->choices[i].no_letter,
            .due = str_from(w->choices[i].has_due ? kit_day(web, w->choices[i].due) : "")};
    page->steps = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_case_steps, w->step_count);
    page->steps_count = w->step_count;
    for (size_t i = 0; i < w->step_count; i++)
        page->steps[i] = (struct html_enterprise_case_steps){
            .title = str_from(explain_text(web, w->steps[i].title)),
            .who = str_from(w->steps[i].person_name),
            .at = str_from(kit_when(web, w->steps[i].at)),
            .note = str_from(w->steps[i].note)};
}

static bool show_case(struct web *web, const struct error *problem, struct error *err)
{
    struct work w = {.web = web};
    if (!web_param_id(web, "bank", &w.bank_id, err) ||
        !web_param_id(web, "case", &w.case_id, err) || !store_read(web->store, read_case, &w, err))
        return false;
    const struct finance_case *c = &w.found;
    struct html_enterprise_case page = {
        .problem = problem != NULL ? web_error_box(web, problem) : HTML_EMPTY,
        .bank = str_from(c->bank_name),
        .product = str_from(explain_text(web, c->product_title)),
        .amount = web_figure(web, c->amount_asked_cny, 12, "CNY", 0, NULL),
        .offered = offered(web, c->amount_offered_cny, 1, "CNY"),
        .rate = offered(web, c->rate_offered, 100, "%"),
        .purpose = str_from(c->purpose),
        .year = str_from(kit_count(web, c->year)),
        .state = state_chip(web, c),
        .step = c->step,
        .closed = c->closed,
        .post_url = str_from(case_url(web, w.bank_id, w.case_id))};
    fill_lists(&w, &page);
    web_crumb(web, tr(web->lang, TR_KEY("My cases")), "/enterprise/cases");
    web_crumb(web, c->bank_name, NULL);
    web_status(web, state_chip(web, c));
    return web_page_status(web, problem != NULL ? error_http_status(problem->code) : 200,
                           explain_text(web, c->product_title),
                           HTML_RENDER(web->arena, &web->html, html_enterprise_case, &page),
                           "finance");
}

static bool get_case(struct web *web, struct error *err)
{
    return show_case(web, NULL, err);
}

static bool move(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    return finance_move_case(db, w->web->viewer, w->web->app->flows, w->bank_id, w->case_id,
                             w->transition, w->step, w->note, instant_now_ms(), err);
}

static bool post_case(struct web *web, struct error *err)
{
    struct work w = {.web = web,
                     .transition = str_dup(web->arena, web_form(web, "transition")),
                     .note = str_dup(web->arena, web_form(web, "note"))};
    struct error refused = {0};
    if (!web_param_id(web, "bank", &w.bank_id, err) || !web_param_id(web, "case", &w.case_id, err))
        return false;
    if (!num_parse_int(web_form(web, "step"), &w.step))
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    if (!store_write(web->store, move, &w, &refused)) return show_case(web, &refused, err);
    return web_redirect(web, case_url(web, w.bank_id, w.case_id),
                        TR_KEY("Done. The bank is told."));
}

const struct web_route web_routes_enterprise_cases[] = {
    {"GET", "/enterprise/cases", get_cases, WEB_ENTERPRISE, TR_KEY("My cases")},
    {"GET", "/enterprise/cases/{bank}/{case}", get_case, WEB_ENTERPRISE, TR_KEY("My cases")},
    {"POST", "/enterprise/cases/{bank}/{case}", post_case, WEB_ENTERPRISE, TR_KEY("My cases")},
    {0},
};
