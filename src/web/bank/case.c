/* One loan case: where it stands, who may do what next, what was done, and the summary for the
 * file. */
#include "bank_case_html.h"
#include "base/num.h"
#include "report/report.h"
#include "web/bank/cases.h"
#include "web/shared/explain.h"
#include "web/shared/standing.h"

struct case_work {
    struct web *web;
    id64 case_id;
    struct finance_case found;
    struct finance_choice *choices;
    size_t choice_count;
    struct finance_step *steps;
    size_t step_count;
    const char *transition, *note;
    int64_t step_seen;
};

static bool read_case(struct db *db, void *arg, struct error *err)
{
    struct case_work *work = arg;
    struct web *web = work->web;
    id64 bank = web->viewer->org_id;
    int64_t now = instant_now_ms();
    return finance_get_case(db, web->arena, web->viewer, &web->app->credit, bank, work->case_id,
                            now, &work->found, err) &&
           finance_list_choices(db, web->arena, web->viewer, web->app->flows, bank, work->case_id,
                                now, &work->choices, &work->choice_count, err) &&
           finance_list_steps(db, web->arena, web->viewer, web->app->flows, bank, work->case_id,
                              &work->steps, &work->step_count, err);
}

/* The way of the case's own flow; a state that is none of it stands beside it. */
static void fill_path(struct case_work *work, struct html_bank_case *page)
{
    struct web *web = work->web;
    const struct finance_case *c = &work->found;
    size_t count = c->flow->path_count, now = 0;
    while (now < count && c->flow->path[now] != c->flow_state) now++;
    page->path = ARENA_NEW_ARRAY(web->arena, struct html_bank_case_path, count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *class = i < now && now < count ? "done" : i == now ? "now" : "";
        if (i == now && c->closed) class = "done";
        page->path[page->path_count++] = (struct html_bank_case_path){
            .word = str_from(standing_text(web, c->flow->path[i]->label)),
            .class = str_from(class)};
    }
    if (now == count)
        page->path[page->path_count++] = (struct html_bank_case_path){
            .word = str_from(standing_text(web, c->flow_state->label)), .class = STR("failed")};
}

static void fill_choices(struct case_work *work, struct html_bank_case *page)
{
    struct web *web = work->web;
    page->choices =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_case_choices, work->choice_count + 1);
    page->barred =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_case_barred, work->choice_count + 1);
    for (size_t i = 0; i < work->choice_count; i++) {
        const struct finance_choice *choice = &work->choices[i];
        str title = str_from(explain_text(web, choice->title));
        if (choice->same_person || choice->no_letter)
            page->barred[page->barred_count++] =
                (struct html_bank_case_barred){.title = title, .same_person = choice->same_person};
        else
            page->choices[page->choices_count++] =
                (struct html_bank_case_choices){.transition = str_from(choice->transition),
                                                .title = title,
                                                .class = standing_button(choice->tone)};
    }
    page->may_act = page->choices_count != 0;
    page->actors = str_from(bank_case_actors(web, &work->found));
}

static void fill_steps(struct case_work *work, struct html_bank_case *page)
{
    struct web *web = work->web;
    page->steps = ARENA_NEW_ARRAY(web->arena, struct html_bank_case_steps, work->step_count + 1);
    page->steps_count = work->step_count;
    for (size_t i = 0; i < work->step_count; i++) {
        const struct finance_step *step = &work->steps[work->step_count - 1 - i];
        const char *who =
            step->person_name[0] != '\0' ? step->person_name : tr(web->lang, "The platform");
        page->steps[i] = (struct html_bank_case_steps){
            .when = str_from(instant_format(web->arena, step->at, web->utc_offset_minutes)),
            .title = str_from(explain_text(web, step->title)),
            .who = str_from(who),
            .note = str_from(step->note)};
    }
}

/* The offer came from the enterprise's data: it is shown under a letter only, and that is a look.
 */
static bool fill_offer(struct case_work *work, const struct bank_subject *subject,
                       struct html_bank_case *page, struct error *err)
{
    struct web *web = work->web;
    const struct finance_case *c = &work->found;
    page->offered = bank_may(subject, REGISTRY_SCOPE_LABEL);
    if (!page->offered) {
        page->refusal = bank_refusal(web, subject, REGISTRY_SCOPE_LABEL);
        return true;
    }
    if (!web_look(web, c->enterprise_org_id, REGISTRY_SCOPE_LABEL, err)) return false;
    page->offer_amount = bank_money(web, true, c->amount_offered_cny, NULL);
    page->offer_rate = bank_percent(web, true, c->rate_offered, NULL);
    page->parts = ARENA_NEW_ARRAY(web->arena, struct html_bank_case_parts, c->offer_count + 1);
    page->parts_count = c->offer_count;
    for (size_t i = 0; i < c->offer_count; i++)
        page->parts[i] =
            (struct html_bank_case_parts){.name = str_from(explain_text(web, c->offer[i].label)),
                                          .value = bank_part(web, &c->offer[i], NULL)};
    page->may_summarise = bank_may(subject, BANK_SCOPES_ISSUE);
    page->summary_url = str_from(bank_case_url(web, c->case_id, "/summary"));
    return true;
}

static bool show_case(struct web *web, const struct error *problem, struct error *err)
{
    struct case_work work = {.web = web};
    struct bank_subject subject;
    if (!web_param_id(web, "case", &work.case_id, err) ||
        !store_read(web->store, read_case, &work, err) ||
        !bank_open_org(web, work.found.enterprise_org_id, &subject, err))
        return false;
    const struct finance_case *c = &work.found;
    struct html_bank_case page = {
        .error = web_error_box(web, problem),
        .refusal = HTML_EMPTY,
        .offer_amount = HTML_EMPTY,
        .offer_rate = HTML_EMPTY,
        .closed = c->closed,
        .enterprise = str_from(bank_org_name(web, &subject.org)),
        .enterprise_url = str_from(bank_org_url(web, c->enterprise_org_id, "")),
        .product = str_from(explain_text(web, c->product_title)),
        .amount = bank_money(web, true, c->amount_asked_cny, NULL),
        .purpose = str_from(c->purpose),
        .year = c->year,
        .opened = str_from(instant_format(web->arena, c->at, web->utc_offset_minutes)),
        .due = bank_due(web, c),
        .has_due = !c->closed,
        .action = str_from(bank_case_url(web, c->case_id, "")),
        .step = c->step,
        .note = web_form(web, "note")};
    fill_path(&work, &page);
    fill_choices(&work, &page);
    fill_steps(&work, &page);
    if (!fill_offer(&work, &subject, &page, err)) return false;
    web_crumb(web, tr(web->lang, "Loan cases"), "/bank/cases");
    web_status(web, bank_case_chip(web, c));
    if (subject.org.invented) web_invented(web);
    int status = problem->code != ERROR_NONE ? error_http_status(problem->code) : 200;
    const char *title = arena_printf(web->arena, "%s · %s", bank_org_name(web, &subject.org),
                                     explain_text(web, c->product_title));
    return web_page_status(web, status, title,
                           HTML_RENDER(web->arena, &web->html, html_bank_case, &page), "cases");
}

static bool get_case(struct web *web, struct error *err)
{
    return show_case(web, &(struct error){0}, err);
}

/* ---- acting ---- */

static bool move_case(struct db *db, void *arg, struct error *err)
{
    struct case_work *work = arg;
    struct web *web = work->web;
    return finance_move_case(db, web->viewer, web->app->flows, web->viewer->org_id, work->case_id,
                             work->transition, work->step_seen, work->note, instant_now_ms(), err);
}

static bool post_case(struct web *web, struct error *err)
{
    struct case_work work = {.web = web};
    struct error problem = {0};
    if (!web_param_id(web, "case", &work.case_id, err)) return false;
    work.transition = str_dup(web->arena, web_form(web, "transition"));
    work.note = str_dup(web->arena, web_form(web, "note"));
    if (!num_parse_int(web_form(web, "step"), &work.step_seen))
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    if (!store_write(web->store, move_case, &work, &problem)) return show_case(web, &problem, err);
    return web_redirect(web, bank_case_url(web, work.case_id, ""), TR_KEY("The step is taken."));
}

static bool post_summary(struct web *web, struct error *err)
{
    struct case_work work = {.web = web};
    struct bank_subject subject;
    struct report_document document;
    struct error problem = {0};
    str pdf;
    if (!web_param_id(web, "case", &work.case_id, err) ||
        !store_read(web->store, read_case, &work, err) ||
        !bank_open_org(web, work.found.enterprise_org_id, &subject, err))
        return false;
    if (!bank_may(&subject, BANK_SCOPES_ISSUE))
        return bank_refuse(web, &subject, BANK_SCOPES_ISSUE);
    if (!web_look(web, subject.org.org_id, BANK_SCOPES_ISSUE, err)) return false;
    struct report_settings settings = app_report_settings(web->app);
    if (!report_issue_summary(web->store, &web->app->log, &web->app->key, web->arena, web->viewer,
                              &web->app->credit, &settings, web->viewer->org_id, work.case_id,
                              lang_parse(web_form(web, "lang"), web->lang), &document, &pdf,
                              &problem))
        return show_case(web, &problem, err);
    http_reply_download(web->reply, "application/pdf",
                        arena_printf(web->arena, "%s.pdf", document.number), pdf);
    return true;
}

const struct web_route web_routes_bank_case[] = {
    {"GET", "/bank/cases/{case}", get_case, WEB_BANK, TR_KEY("Loan case")},
    {"POST", "/bank/cases/{case}", post_case, WEB_BANK, TR_KEY("Loan case")},
    {"POST", "/bank/cases/{case}/summary", post_summary, WEB_BANK, TR_KEY("Summary for the file"),
     .slow = true},
    {0},
};
