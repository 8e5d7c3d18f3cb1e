/* One finding: what was compared, what the enterprise said, and the judgement. */
#include <math.h>

#include "base/num.h"
#include "verifier_finding_html.h"
#include "web/shared/explain.h"
#include "web/shared/finding.h"
#include "web/shared/standing.h"
#include "web/verifier/verifier.h"

struct finding_work {
    struct web *web;
    id64 org_id, finding_id;
    struct judge_subject subject;
    struct check_finding finding;
    struct check_step *steps;
    size_t step_count;
    struct check_documents documents;
    const struct account_input *inputs;
    size_t input_count;
    /* of one of them */
    id64 document_id;
    struct registry_attachment document;
    str bytes;
    struct flow_option *options;
    size_t option_count;
};

static bool read_finding(struct db *db, void *arg, struct error *err)
{
    struct finding_work *work = arg;
    struct web *web = work->web;
    const struct flow_library *flows = web->app->flows;
    return judge_get_subject(db, web, work->org_id, &work->subject, err) &&
           check_get_finding(db, web->arena, &work->subject.viewer, flows, work->org_id,
                             work->finding_id, &work->finding, err) &&
           check_list_steps(db, web->arena, &work->subject.viewer, flows, &work->finding,
                            &work->steps, &work->step_count, err) &&
           check_list_documents(db, web->arena, &work->subject.viewer, &work->finding,
                                &work->documents, err) &&
           check_list_options(db, web->arena, &work->subject.viewer, flows, &work->finding,
                              &work->options, &work->option_count, err) &&
           finding_read_inputs(db, web, &work->finding, &work->inputs, &work->input_count, err);
}

static void fill_lists(struct finding_work *work, struct html_verifier_finding *page)
{
    struct web *web = work->web;
    const struct check_finding *f = &work->finding;
    page->evidence =
        ARENA_NEW_ARRAY(web->arena, struct html_verifier_finding_evidence, f->evidence_count + 1);
    for (size_t i = 0; i < f->evidence_count; i++)
        page->evidence[page->evidence_count++] = (struct html_verifier_finding_evidence){
            .name =
                str_from(finding_evidence(web, &f->evidence[i], work->inputs, work->input_count)),
            .value = f->evidence[i].has_value
                         ? web_figure(web, f->evidence[i].value, 7, f->evidence[i].unit, 0, NULL)
                         : web_figure_missing(web, tr(web->lang, "Not known")),
            .source = str_from(explain_word(web, f->evidence[i].source))};
    page->documents = ARENA_NEW_ARRAY(web->arena, struct html_verifier_finding_documents,
                                      work->documents.count + 1);
    for (size_t i = 0; i < work->documents.count; i++) {
        const struct registry_attachment *one = &work->documents.list[i];
        page->documents[page->documents_count++] = (struct html_verifier_finding_documents){
            .url = str_from(arena_printf(web->arena, "%s/document/%s", judge_path(web, f),
                                         bank_id(web, one->attachment_id))),
            .name = str_from(one->name)};
    }
    page->documents_closed = (int64_t)(work->documents.all - work->documents.count);
    page->steps =
        ARENA_NEW_ARRAY(web->arena, struct html_verifier_finding_steps, work->step_count + 1);
    for (size_t i = 0; i < work->step_count; i++) {
        const struct check_step *step = &work->steps[i];
        page->steps[page->steps_count++] = (struct html_verifier_finding_steps){
            .title = str_from(explain_text(web, step->title)),
            .state = str_from(explain_text(web, step->state)),
            .note = str_from(step->note),
            .at = str_from(instant_format(web->arena, step->at, web->utc_offset_minutes)),
            .person = str_from(step->person_id == 0 ? tr(web->lang, "by the program")
                               : step->person_id == web->viewer->person_id ? tr(web->lang, "by you")
                                                                           : "")};
    }
}

static void fill_choices(struct finding_work *work, struct html_verifier_finding *page)
{
    struct web *web = work->web;
    page->choices =
        ARENA_NEW_ARRAY(web->arena, struct html_verifier_finding_choices, work->option_count + 1);
    page->barred =
        ARENA_NEW_ARRAY(web->arena, struct html_verifier_finding_barred, work->option_count + 1);
    for (size_t i = 0; i < work->option_count; i++) {
        const struct flow_option *option = &work->options[i];
        str title = str_from(standing_text(web, option->transition->label));
        if (option->same_person)
            page->barred[page->barred_count++].title = title;
        else if (!option->no_letter)
            page->choices[page->choices_count++] = (struct html_verifier_finding_choices){
                .transition = str_from(option->transition->name),
                .title = title,
                .class = standing_button(option->transition->tone)};
    }
}

static bool show(struct web *web, int status, html error, struct error *err)
{
    struct finding_work work = {.web = web};
    if (!web_param_id(web, "org", &work.org_id, err) ||
        !web_param_id(web, "finding", &work.finding_id, err) ||
        !store_read(web->store, read_finding, &work, err))
        return false;
    web->viewer = &work.subject.viewer;
    int scopes = REGISTRY_SCOPE_FILING | (work.documents.count != 0 ? REGISTRY_SCOPE_ACTIVITY : 0);
    if (!web_look(web, work.org_id, scopes, err)) return false;
    const struct check_finding *f = &work.finding;
    char step[HTML_INT_BYTES];
    html_int(step, f->step);
    struct html_verifier_finding page = {
        .error = error,
        .enterprise = str_from(work.subject.name),
        .marks = work.subject.invented ? web_marks(web, WEB_MARK_INVENTED) : HTML_EMPTY,
        .rule = str_from(f->rule),
        .period = str_from(account_period_text(web->arena, f->period)),
        .item = str_from(finding_item(web, f, work.inputs, work.input_count)),
        .delta = isfinite(f->delta) ? web_figure(web, f->delta * 100, 3, "%", 0, NULL)
                                    : web_figure_missing(web, tr(web->lang, "Not known")),
        .sentence = str_from(finding_sentence(web, f, work.inputs, work.input_count)),
        .note = web_form(web, "note"),
        .action = str_from(judge_path(web, f)),
        .step = str_from(step),
        .closed = f->closed,
        .answered = f->standing == CHECK_WAITS_JUDGEMENT};
    fill_lists(&work, &page);
    fill_choices(&work, &page);
    if (work.subject.invented) web_invented(web);
    web_crumb(web, tr(web->lang, "Findings"),
              web->access == WEB_AUTHORITY ? "/expert/findings" : "/expert");
    web_status(web, judge_state_chip(web, f));
    return web_page_status(web, status, explain_text(web, f->title),
                           HTML_RENDER(web->arena, &web->html, html_verifier_finding, &page),
                           "findings");
}

static bool get_finding(struct web *web, struct error *err)
{
    return show(web, 200, HTML_EMPTY, err);
}

/* ---- a document ---- */

static bool read_document(struct db *db, void *arg, struct error *err)
{
    struct finding_work *work = arg;
    return read_finding(db, work, err) &&
           check_read_document(db, work->web->arena, &work->subject.viewer, &work->finding,
                               work->document_id, &work->document, &work->bytes, err);
}

/* Always a file to save, whatever type the sender claimed. */
static bool get_document(struct web *web, struct error *err)
{
    struct finding_work work = {.web = web};
    if (!web_param_id(web, "org", &work.org_id, err) ||
        !web_param_id(web, "finding", &work.finding_id, err) ||
        !web_param_id(web, "document", &work.document_id, err) ||
        !store_read(web->store, read_document, &work, err))
        return false;
    web->viewer = &work.subject.viewer;
    if (!web_look(web, work.org_id, REGISTRY_SCOPE_ACTIVITY, err)) return false;
    http_reply_download(web->reply, "application/octet-stream", work.document.name, work.bytes);
    return true;
}

/* ---- judging ---- */

/* What the enterprise is told; a flow's own states have their own words. */
static const char *told(const struct check_finding *f)
{
    switch (f->standing) {
    case CHECK_WAITS_ANSWER:
        return TR_KEY("Your answer to a finding was returned: {0}. Read why and answer again.");
    case CHECK_STANDS: return TR_KEY("A finding was confirmed: {0}. It stands against the data.");
    case CHECK_SETTLED: return TR_KEY("Your answer to a finding was accepted: {0}. It is closed.");
    case CHECK_WAITS_JUDGEMENT:
    case CHECK_CORRECTED:
    case CHECK_LAPSED: break;
    }
    return TR_KEY("A finding is now at '{1}': {0}.");
}

struct move_work {
    struct web *web;
    id64 org_id, finding_id;
    const char *transition, *note;
    int64_t step;
};

static bool move(struct db *db, void *arg, struct error *err)
{
    const struct move_work *work = arg;
    struct web *web = work->web;
    struct judge_subject subject;
    struct check_finding f;
    int64_t now_ms = instant_now_ms();
    if (!judge_get_subject(db, web, work->org_id, &subject, err) ||
        !check_move_finding(db, &subject.viewer, web->app->flows, work->org_id, work->finding_id,
                            work->transition, work->step, work->note, 0, now_ms, err) ||
        !check_get_finding(db, web->arena, &subject.viewer, web->app->flows, work->org_id,
                           work->finding_id, &f, err))
        return false;
    const char *args[] = {registry_notice_arg(web->arena, f.title.en, f.title.zh),
                          registry_notice_arg(web->arena, f.state->label.en, f.state->label.zh),
                          NULL};
    return registry_send_notice(
        db, work->org_id, "finding", told(&f), args,
        arena_printf(web->arena, "/enterprise/findings/%s", bank_id(web, work->finding_id)), now_ms,
        err);
}

static bool post_finding(struct web *web, struct error *err)
{
    struct move_work work = {.web = web,
                             .transition = str_dup(web->arena, web_form(web, "transition")),
                             .note = str_dup(web->arena, web_form(web, "note"))};
    if (!web_param_id(web, "org", &work.org_id, err) ||
        !web_param_id(web, "finding", &work.finding_id, err))
        return false;
    if (!num_parse_int(web_form(web, "step"), &work.step)) work.step = -1;
    if (!store_write(web->store, move, &work, err)) {
        struct error refused = *err;
        *err = (struct error){0};
        return show(web, error_http_status(refused.code), web_error_box(web, &refused), err);
    }
    return web_redirect(web,
                        arena_printf(web->arena, "/expert/findings/%s/%s",
                                     bank_id(web, work.org_id), bank_id(web, work.finding_id)),
                        TR_KEY("Your judgement is on record."));
}

const struct web_route web_routes_verifier_finding[] = {
    {"GET", "/expert/findings/{org}/{finding}", get_finding, WEB_VERIFIER | WEB_AUTHORITY,
     TR_KEY("Finding")},
    {"GET", "/expert/findings/{org}/{finding}/document/{document}", get_document,
     WEB_VERIFIER | WEB_AUTHORITY, TR_KEY("Document")},
    {"POST", "/expert/findings/{org}/{finding}", post_finding, WEB_VERIFIER | WEB_AUTHORITY,
     TR_KEY("Finding")},
    {0},
};
