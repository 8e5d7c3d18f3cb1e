/* Findings of cross-validation: the list, one with its evidence, the answer, and what every rule
 * said of the year. */
#include <math.h>
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_finding_html.h"
#include "enterprise_findings_html.h"
#include "web/enterprise/kit.h"
#include "web/shared/finding.h"
#include "web/shared/standing.h"

struct work {
    struct web *web;
    bool all;
    struct kit_years years;
    struct check_finding *list;
    size_t count;
    struct check_outcome *outcomes;
    size_t outcome_count;
    const struct account_input *inputs;
    size_t input_count;
};

static bool read_findings(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    id64 org = web->viewer->org_id;
    return kit_read_years(db, web, &w->years, err) &&
           check_list_findings(db, web->arena, web->viewer, web->app->flows, org, !w->all, &w->list,
                               &w->count, err) &&
           check_list_outcomes(db, web->arena, web->viewer, org, w->years.chosen, &w->outcomes,
                               &w->outcome_count, err) &&
           account_list_inputs(db, web->arena, &web->app->rules, org, w->years.chosen, &w->inputs,
                               &w->input_count, err);
}

static html severity(struct web *web, const struct check_finding *f)
{
    if (f->blocks) return web_chip(web, WEB_BAD, tr(web->lang, TR_KEY("Blocks label and posting")));
    return f->result == CHECK_FAIL ? web_chip(web, WEB_BAD, tr(web->lang, TR_KEY("Failed")))
                                   : web_chip(web, WEB_WARN, tr(web->lang, TR_KEY("Warning")));
}

static html state_chip(struct web *web, const struct check_finding *f)
{
    return standing_chip(web, f->state, f->standing == CHECK_WAITS_ANSWER);
}

static html filter(struct web *web, bool all)
{
    struct buf *out = buf_new(web->arena);
    buf_printf(out, "<ul class=\"tabs\"><li><a href=\"/enterprise/findings\"%s>",
               all ? "" : " aria-current=\"page\"");
    html_put_text(out, str_from(tr(web->lang, TR_KEY("Open findings"))));
    buf_printf(out, "</a></li><li><a href=\"/enterprise/findings?all=1\"%s>",
               all ? " aria-current=\"page\"" : "");
    html_put_text(out, str_from(tr(web->lang, TR_KEY("All findings"))));
    buf_puts(out, "</a></li></ul>");
    return html_from(out);
}

/* ---- what each rule said: one row per rule, its worst result ---- */

static int badness(enum check_result result)
{
    static const int rank[] = {1, 2, 3, 0}; /* pass, warn, fail, not possible */
    return rank[result];
}

static html result_chip(struct web *web, enum check_result result)
{
    static const enum web_tone tones[] = {WEB_GOOD, WEB_WARN, WEB_BAD, WEB_NEUTRAL};
    static const char *const words[] = {TR_KEY("Passed"), TR_KEY("Warning"), TR_KEY("Failed"),
                                        TR_KEY("Not possible")};
    return web_chip(web, tones[result], tr(web->lang, words[result]));
}

static void fill_outcomes(struct work *w, struct html_enterprise_findings *page)
{
    struct web *web = w->web;
    page->outcomes =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_findings_outcomes, w->outcome_count);
    for (size_t i = 0; i < w->outcome_count; i++) {
        const struct check_outcome *worst = &w->outcomes[i];
        int64_t passed = 0, other = 0;
        bool told = false;
        for (size_t k = 0; k < page->outcomes_count; k++)
            told = told || str_is(page->outcomes[k].rule, worst->rule);
        if (told) continue;
        for (size_t k = i; k < w->outcome_count; k++) {
            if (strcmp(w->outcomes[k].rule, worst->rule) != 0) continue;
            if (badness(w->outcomes[k].result) > badness(worst->result)) worst = &w->outcomes[k];
            if (w->outcomes[k].result == CHECK_PASS)
                passed++;
            else
                other++;
        }
        page->outcomes[page->outcomes_count++] = (struct html_enterprise_findings_outcomes){
            .rule = str_from(worst->rule),
            .title = str_from(explain_text(web, worst->title)),
            .result = result_chip(web, worst->result),
            .periods = str_from(tr_fill(web->arena, web->lang, TR_KEY("{0} passed, {1} not"),
                                        kit_count(web, passed), kit_count(web, other), NULL)),
            .reason = str_from(worst->reason[0] != '\0' ? tr(web->lang, worst->reason) : "")};
    }
}

static bool get_findings(struct web *web, struct error *err)
{
    struct work w = {.web = web, .all = str_is(web_query(web, "all"), "1")};
    if (!store_read(web->store, read_findings, &w, err)) return false;
    struct html_enterprise_findings page = {
        .filter = filter(web, w.all),
        .icon_empty = web_icon(web, "clipboard-check"),
        .years = kit_year_picker(web, &w.years, "/enterprise/findings", w.all ? "&all=1" : ""),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_findings_rows, w.count),
        .rows_count = w.count};
    for (size_t i = 0; i < w.count; i++) {
        const struct check_finding *f = &w.list[i];
        page.rows[i] = (struct html_enterprise_findings_rows){
            .title = str_from(explain_text(web, f->title)),
            .url = str_from(kit_join(web, "/enterprise/findings/", kit_id(web, f->finding_id))),
            .rule = str_from(f->rule),
            .period = str_from(explain_period(web, f->period)),
            .severity = severity(web, f),
            .state = state_chip(web, f),
            .text = str_from(finding_sentence(web, f, w.inputs, w.input_count)),
            .at = str_from(kit_when(web, f->at))};
    }
    fill_outcomes(&w, &page);
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_enterprise_findings, &page),
                    "findings");
}

/* ---- one finding ---- */

struct finding_work {
    struct web *web;
    id64 finding_id, attachment_id;
    struct check_finding finding;
    struct check_step *steps;
    size_t step_count;
    struct registry_attachment *attachments;
    size_t attachment_count;
    struct registry_person *people;
    size_t people_count;
    const struct account_input *inputs;
    size_t input_count;
    const struct flow_transition *answer; /* the reader's step; NULL: none waits for him */
    const char *transition, *note;
    int64_t step;
};

static bool find_answer(struct db *db, struct finding_work *w, struct error *err)
{
    struct web *web = w->web;
    struct flow_option *options;
    size_t count;
    if (!check_list_options(db, web->arena, web->viewer, web->app->flows, &w->finding, &options,
                            &count, err))
        return false;
    for (size_t i = 0; i < count && w->answer == NULL; i++)
        if (!options[i].same_person && !options[i].no_letter) w->answer = options[i].transition;
    return true;
}

static bool read_finding(struct db *db, void *arg, struct error *err)
{
    struct finding_work *w = arg;
    struct web *web = w->web;
    id64 org = web->viewer->org_id;
    return check_get_finding(db, web->arena, web->viewer, web->app->flows, org, w->finding_id,
                             &w->finding, err) &&
           check_list_steps(db, web->arena, web->viewer, web->app->flows, &w->finding, &w->steps,
                            &w->step_count, err) &&
           find_answer(db, w, err) &&
           registry_list_attachments(db, web->arena, web->viewer, org, &w->attachments,
                                     &w->attachment_count, err) &&
           registry_list_people(db, web->arena, org, &w->people, &w->people_count, err) &&
           account_list_inputs(db, web->arena, &web->app->rules, org,
                               month_year(month_of(w->finding.period.last)), &w->inputs,
                               &w->input_count, err);
}

static void fill_lists(struct finding_work *w, struct html_enterprise_finding *page)
{
    struct web *web = w->web;
    const struct check_finding *f = &w->finding;
    page->evidence =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_finding_evidence, f->evidence_count);
    page->evidence_count = f->evidence_count;
    for (size_t i = 0; i < f->evidence_count; i++)
        page->evidence[i] = (struct html_enterprise_finding_evidence){
            .name = str_from(finding_evidence(web, &f->evidence[i], w->inputs, w->input_count)),
            .value = f->evidence[i].has_value
                         ? web_figure(web, f->evidence[i].value, 8, kit_unit(f->evidence[i].unit),
                                      0, NULL)
                         : web_figure_missing(web, tr(web->lang, TR_KEY("Not known"))),
            .source = str_from(tr(web->lang, f->evidence[i].source))};
    page->attachments = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_finding_attachments,
                                        w->attachment_count);
    page->attachments_count = w->attachment_count;
    for (size_t i = 0; i < w->attachment_count; i++)
        page->attachments[i] = (struct html_enterprise_finding_attachments){
            .id = str_from(kit_id(web, w->attachments[i].attachment_id)),
            .name = str_from(w->attachments[i].name)};
    page->steps = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_finding_steps, w->step_count);
    page->steps_count = w->step_count;
    for (size_t i = 0; i < w->step_count; i++) {
        const char *who =
            tr(web->lang,
               w->steps[i].person_id == 0 ? TR_KEY("the program") : TR_KEY("another organisation"));
        for (size_t k = 0; k < w->people_count; k++)
            if (w->people[k].person_id == w->steps[i].person_id) who = w->people[k].name;
        page->steps[i] = (struct html_enterprise_finding_steps){
            .title = str_from(explain_text(web, w->steps[i].title)),
            .state = str_from(explain_text(web, w->steps[i].state)),
            .who = str_from(who),
            .at = str_from(kit_when(web, w->steps[i].at)),
            .note = str_from(w->steps[i].note)};
    }
}

static bool show_finding(struct web *web, const struct error *problem, struct error *err)
{
    struct finding_work w = {.web = web};
    if (!web_param_id(web, "finding", &w.finding_id, err) ||
        !store_read(web->store, read_finding, &w, err))
        return false;
    const struct check_finding *f = &w.finding;
    const char *id = kit_id(web, f->finding_id);
    struct html_enterprise_finding page = {
        .problem = problem != NULL ? web_error_box(web, problem) : HTML_EMPTY,
        .text = str_from(finding_sentence(web, f, w.inputs, w.input_count)),
        .what = str_from(arena_printf(web->arena, "%s %s", f->rule, kit_rule_title(web, f->rule))),
        .period = str_from(explain_period(web, f->period)),
        .about = str_from(finding_item(web, &w.finding, w.inputs, w.input_count)),
        .severity = severity(web, f),
        .state = state_chip(web, f),
        .blocks = f->blocks && !f->closed,
        .can_answer = w.answer != NULL,
        .transition = str_from(w.answer != NULL ? w.answer->name : ""),
        .step = f->step,
        .note = web_form(web, "note"),
        .answer_url = str_from(kit_join(web, "/enterprise/findings/", id)),
        .data_url = str_from(arena_printf(web->arena, "/enterprise/data?year=%d",
                                          month_year(month_of(f->period.last))))};
    if (check_is_condition(f))
        page.explain_url =
            str_from(arena_printf(web->arena, "/enterprise/findings/%s/explain", id));
    if (isfinite(f->delta))
        page.delta = str_from(arena_printf(web->arena, "%s %%",
                                           num_format_significant(web->arena, f->delta * 100, 4)));
    fill_lists(&w, &page);
    web_crumb(web, tr(web->lang, TR_KEY("Findings")), "/enterprise/findings");
    web_crumb(web, explain_period(web, f->period), NULL);
    web_status(web, state_chip(web, f));
    return web_page_status(
        web, problem != NULL ? error_http_status(problem->code) : 200, explain_text(web, f->title),
        HTML_RENDER(web->arena, &web->html, html_enterprise_finding, &page), "findings");
}

static bool get_finding(struct web *web, struct error *err)
{
    return show_finding(web, NULL, err);
}

/* ---- what a condition of the method rests on ---- */

struct explain_work {
    struct web *web;
    id64 finding_id;
    struct check_finding finding;
    struct account_explanation explanation;
};

static bool read_explanation(struct db *db, void *arg, struct error *err)
{
    struct explain_work *w = arg;
    struct web *web = w->web;
    return check_get_finding(db, web->arena, web->viewer, web->app->flows, web->viewer->org_id,
                             w->finding_id, &w->finding, err) &&
           check_explain_finding(db, web->arena, web->viewer, &web->app->rules, &w->finding,
                                 &w->explanation, err);
}

static bool get_explanation(struct web *web, struct error *err)
{
    struct explain_work w = {.web = web};
    struct explain_place place = kit_place(web);
    if (!web_param_id(web, "finding", &w.finding_id, err) ||
        !store_read(web->store, read_explanation, &w, err))
        return false;
    const char *url = kit_join(web, "/enterprise/findings/", kit_id(web, w.finding_id));
    struct explain_judgement judgement = {
        .title = explain_text(web, w.finding.title),
        .tree = w.explanation.tree,
        .explanation = &w.explanation,
        .note = tr(web->lang, TR_KEY("Computed again from what was kept with the run that raised "
                                     "the finding."))};
    place.crumb_text = tr(web->lang, TR_KEY("Findings"));
    place.crumb_url = url;
    place.nav = "findings";
    return explain_judgement(web, &judgement, &place);
}

static bool answer(struct db *db, void *arg, struct error *err)
{
    struct finding_work *w = arg;
    return check_move_finding(db, w->web->viewer, w->web->app->flows, w->web->viewer->org_id,
                              w->finding_id, w->transition, w->step, w->note, w->attachment_id,
                              instant_now_ms(), err);
}

static bool post_finding(struct web *web, struct error *err)
{
    struct finding_work w = {.web = web,
                             .transition = str_dup(web->arena, web_form(web, "transition")),
                             .note = str_dup(web->arena, web_form(web, "note"))};
    struct error refused = {0};
    if (!web_param_id(web, "finding", &w.finding_id, err)) return false;
    if (!num_parse_int(web_form(web, "step"), &w.step))
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    if (web_form(web, "attachment").len != 0 &&
        !web_form_id(web, "attachment", &w.attachment_id, err))
        return false;
    if (!store_write(web->store, answer, &w, &refused)) return show_finding(web, &refused, err);
    return web_redirect(web, kit_join(web, "/enterprise/findings/", kit_id(web, w.finding_id)),
                        TR_KEY("The answer is sent; somebody else judges it."));
}

const struct web_route web_routes_enterprise_findings[] = {
    {"GET", "/enterprise/findings", get_findings, WEB_ENTERPRISE, TR_KEY("Findings")},
    {"GET", "/enterprise/findings/{finding}", get_finding, WEB_ENTERPRISE, TR_KEY("Findings")},
    {"GET", "/enterprise/findings/{finding}/explain", get_explanation, WEB_ENTERPRISE,
     TR_KEY("Explanation")},
    {"POST", "/enterprise/findings/{finding}", post_finding, WEB_ENTERPRISE, TR_KEY("Findings")},
    {0},
};
