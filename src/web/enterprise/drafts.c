/* Drafts and their approval by a second person; one run with its figures beside those it replaces,
 * its notes, and the decision. */
#include <math.h>
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_drafts_html.h"
#include "enterprise_run_html.h"
#include "web/enterprise/kit.h"
#include "web/enterprise/tabs.h"

#define PAGE_ROWS 60

struct work {
    struct web *web;
    struct account_run *runs;
    size_t run_count;
    struct registry_person *people;
    size_t people_count;
    struct html_enterprise_drafts *page;
    int64_t draft_count;
    /* approval */
    int year;
    id64 run_id;
    const char *reason;
    int64_t approved;
};

static const char *person_of(const struct work *w, id64 person_id)
{
    for (size_t i = 0; i < w->people_count; i++)
        if (w->people[i].person_id == person_id) return w->people[i].name;
    return "";
}

static const char *model_title(struct web *web, const struct account_run *run)
{
    const struct model *model =
        model_library_find_version(web->app->library, run->model, run->version);
    return arena_printf(web->arena, "%s %s",
                        model != NULL ? explain_text(web, model_info(model)->title) : run->model,
                        run->version);
}

static const char *run_url(struct web *web, id64 run_id)
{
    return kit_join(web, "/enterprise/account/run/", kit_id(web, run_id));
}

/* Emission on the full basis, else energy, of one run. */
static bool run_total(struct db *db, struct web *web, id64 run_id, double *total, const char **unit,
                      struct error *err)
{
    struct account_posting *list, sum = {0};
    size_t count;
    *total = NAN;
    *unit = "";
    if (!account_list_postings(db, web->arena, web->viewer, web->viewer->org_id, run_id, &list,
                               &count, err))
        return false;
    bool emission = false;
    for (size_t i = 0; i < count; i++) emission = emission || list[i].kind == ACCOUNT_EMISSION;
    for (size_t i = 0; i < count; i++) {
        bool counts =
            emission ? list[i].kind == ACCOUNT_EMISSION && strcmp(list[i].basis, "compliance") != 0
                     : list[i].kind == ACCOUNT_ENERGY && strcmp(list[i].source, "calorific") == 0;
        if (!counts || list[i].reverses != 0) continue;
        sum.kind = list[i].kind;
        sum.amount += list[i].amount;
        *total = explain_amount(&sum, unit);
    }
    return true;
}

static const char *change_words(struct web *web, double now, double before)
{
    if (!isfinite(now) || !isfinite(before) || before == 0) return "";
    double change = (now - before) / fabs(before) * 100;
    return arena_printf(web->arena, "%s%s %%", change > 0 ? "+" : "",
                        num_format_significant(web->arena, change, 3));
}

static const char *note_words(struct db *db, struct web *web, id64 run_id, bool *good,
                              struct error *err)
{
    struct account_note *notes;
    size_t count, defaults = 0;
    *good = account_list_notes(db, web->arena, web->viewer, web->viewer->org_id, run_id, &notes,
                               &count, err);
    if (!*good) return "";
    for (size_t i = 0; i < count; i++) defaults += notes[i].is_default;
    if (count == 0) return tr(web->lang, TR_KEY("nothing to note"));
    return tr_fill(web->arena, web->lang, TR_KEY("{0} defaults, {1} missing"),
                   kit_count(web, (int64_t)defaults), kit_count(web, (int64_t)(count - defaults)),
                   NULL);
}

static struct html_enterprise_drafts_years *year_of(struct work *w, int year)
{
    struct html_enterprise_drafts *page = w->page;
    const char *text = kit_count(w->web, year);
    for (size_t i = 0; i < page->years_count; i++)
        if (str_is(page->years[i].year, text)) return &page->years[i];
    struct html_enterprise_drafts_years *added = &page->years[page->years_count++];
    added->year = str_from(text);
    added->rows =
        ARENA_NEW_ARRAY(w->web->arena, struct html_enterprise_drafts_years_rows, w->run_count);
    return added;
}

static bool add_draft(struct db *db, struct work *w, const struct account_run *run,
                      struct error *err)
{
    struct web *web = w->web;
    double now, before = NAN;
    const char *unit, *unit_before;
    bool good;
    struct html_enterprise_drafts_years *year = year_of(w, month_year(month_of(run->period.last)));
    if (!run_total(db, web, run->run_id, &now, &unit, err)) return false;
    if (run->replaces != 0 && !run_total(db, web, run->replaces, &before, &unit_before, err))
        return false;
    const char *notes = note_words(db, web, run->run_id, &good, err);
    if (!good) return false;
    if (run->gate == ACCOUNT_GATE_OPEN)
        year->ready++;
    else
        year->waiting++;
    year->rows[year->rows_count++] = (struct html_enterprise_drafts_years_rows){
        .period = str_from(explain_period(web, run->period)),
        .url = str_from(run_url(web, run->run_id)),
        .model = str_from(model_title(web, run)),
        .gate = kit_gate(web, run),
        .reason = str_from(kit_gate_reason(web, run)),
        .full = web_figure(web, now, 7, unit, 0, NULL),
        .before = str_from(isfinite(before) ? num_format_significant(web->arena, before, 7)
                                            : tr(web->lang, TR_KEY("nothing"))),
        .change = str_from(change_words(web, now, before)),
        .notes = str_from(notes),
        .who = str_from(person_of(w, run->person_id))};
    return true;
}

static void add_posted(struct work *w, const struct account_run *run)
{
    struct web *web = w->web;
    w->page->posted[w->page->posted_count++] =
        (struct html_enterprise_drafts_posted){.period = str_from(explain_period(web, run->period)),
                                               .url = str_from(run_url(web, run->run_id)),
                                               .model = str_from(model_title(web, run)),
                                               .state = kit_run_state(web, run->state),
                                               .by = str_from(person_of(w, run->approver_id)),
                                               .when = str_from(kit_when(web, run->at))};
}

static bool was_posted(const struct account_run *run)
{
    return run->state == ACCOUNT_POSTED || run->state == ACCOUNT_REVERSED;
}

/* The newest first. */
static void add_posted_page(struct work *w)
{
    int64_t all = 0, place = 0;
    for (size_t i = 0; i < w->run_count; i++) all += was_posted(&w->runs[i]);
    struct web_paging paging = web_paging(w->web, all, PAGE_ROWS);
    for (size_t i = w->run_count; i > 0 && w->page->posted_count < PAGE_ROWS; i--)
        if (was_posted(&w->runs[i - 1]) && place++ >= paging.skip) add_posted(w, &w->runs[i - 1]);
    w->page->posted_pages = web_pages(w->web, &paging, "/enterprise/account/drafts");
}

static bool read_drafts(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    struct account_run_filter filter = {0};
    if (!account_list_runs(db, web->arena, web->viewer, web->viewer->org_id, &filter, &w->runs,
                           &w->run_count, err) ||
        !registry_list_people(db, web->arena, web->viewer->org_id, &w->people, &w->people_count,
                              err))
        return false;
    w->page->years = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_drafts_years, w->run_count);
    w->page->posted =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_drafts_posted, w->run_count);
    for (size_t i = 0; i < w->run_count; i++) {
        if (w->runs[i].state == ACCOUNT_DRAFT && !add_draft(db, w, &w->runs[i], err)) return false;
        w->draft_count += w->runs[i].state == ACCOUNT_DRAFT;
    }
    add_posted_page(w);
    return true;
}

static bool show_drafts(struct web *web, const struct error *problem, struct error *err)
{
    struct html_enterprise_drafts page = {.icon_empty = web_icon(web, "check-circle"),
                                          .problem = problem != NULL ? web_error_box(web, problem)
                                                                     : HTML_EMPTY};
    struct work w = {.web = web, .page = &page};
    page.approver = web->viewer->role == REGISTRY_ENTERPRISE_APPROVER;
    page.viewer_words = str_from(
        page.approver
            ? tr(web->lang,
                 TR_KEY(
                     "You approve as the second person: not what you computed or sent yourself."))
            : tr(web->lang, TR_KEY("Somebody with the role of approver decides on these drafts.")));
    if (!store_read(web->store, read_drafts, &w, err)) return false;
    page.tabs = tabs_account(web, "drafts", w.draft_count);
    return web_page_status(web, problem != NULL ? error_http_status(problem->code) : 200, NULL,
                           HTML_RENDER(web->arena, &web->html, html_enterprise_drafts, &page),
                           "account");
}

static bool get_drafts(struct web *web, struct error *err)
{
    return show_drafts(web, NULL, err);
}

/* ---- decisions ---- */

static bool rate_again(struct db *db, struct web *web, int year, struct error *err)
{
    struct credit_rating rating;
    return credit_rate(db, web->arena, web->viewer, &web->app->credit, web->viewer->org_id, year,
                       kit_today(web), instant_now_ms(), &rating, err);
}

static bool approve_year(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    struct account_period whole = account_year(w->year);
    struct account_run_filter filter = {whole.first, whole.last, true, ACCOUNT_DRAFT};
    w->approved = 0;
    if (!account_list_runs(db, web->arena, web->viewer, web->viewer->org_id, &filter, &w->runs,
                           &w->run_count, err))
        return false;
    for (size_t i = 0; i < w->run_count; i++) {
        if (w->runs[i].gate != ACCOUNT_GATE_OPEN) continue;
        if (!account_approve(db, web->viewer, web->viewer->org_id, w->runs[i].run_id,
                             instant_now_ms(), err))
            return false;
        w->approved++;
    }
    return rate_again(db, web, w->year, err);
}

static bool post_approve(struct web *web, struct error *err)
{
    struct work w = {.web = web};
    struct error refused = {0};
    int64_t year;
    if (!num_parse_int(web_form(web, "year"), &year) || year < 1990 || year > 2100)
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    w.year = (int)year;
    if (!store_write(web->store, approve_year, &w, &refused))
        return show_drafts(web, &refused, err);
    return web_redirect(web, arena_printf(web->arena, "/enterprise/account?year=%d", w.year),
                        w.approved != 0
                            ? TR_KEY("Approved. The drafts of the year that were ready count now.")
                            : TR_KEY("No draft of the year was ready: nothing was approved."));
}

static bool get_run_page(struct web *web, const struct error *problem, struct error *err);

static bool decide(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    struct account_run run;
    id64 org = web->viewer->org_id;
    int64_t now = instant_now_ms();
    if (!account_get_run(db, web->arena, web->viewer, org, w->run_id, &run, err)) return false;
    if (w->reason == NULL ? !account_approve(db, web->viewer, org, w->run_id, now, err)
                          : !account_reverse(db, web->viewer, org, w->run_id, w->reason, now, err))
        return false;
    return rate_again(db, web, month_year(month_of(run.period.last)), err);
}

static bool post_decision(struct web *web, const char *reason, const char *notice,
                          struct error *err)
{
    struct work w = {.web = web, .reason = reason};
    struct error refused = {0};
    if (!web_param_id(web, "run", &w.run_id, err)) return false;
    if (!store_write(web->store, decide, &w, &refused)) return get_run_page(web, &refused, err);
    return web_redirect(web, run_url(web, w.run_id), notice);
}

static bool post_approve_run(struct web *web, struct error *err)
{
    return post_decision(web, NULL, TR_KEY("Approved. The figures count now."), err);
}

static bool post_reverse(struct web *web, struct error *err)
{
    return post_decision(
        web, str_dup(web->arena, web_form(web, "reason")),
        TR_KEY("Reversed. The figures no longer count; both postings stay readable."), err);
}

/* ---- one run ---- */

struct run_work {
    struct web *web;
    id64 run_id;
    struct work people;
    struct account_run run;
    struct account_posting *postings, *before;
    size_t count, before_count;
    struct account_note *notes;
    struct account_step *steps;
    struct account_condition *conditions; /* of a draft, for who approves it */
    size_t note_count, step_count, condition_count;
};

static bool read_run(struct db *db, void *arg, struct error *err)
{
    struct run_work *r = arg;
    struct web *web = r->web;
    id64 org = web->viewer->org_id;
    return account_get_run(db, web->arena, web->viewer, org, r->run_id, &r->run, err) &&
           account_list_postings(db, web->arena, web->viewer, org, r->run_id, &r->postings,
                                 &r->count, err) &&
           (r->run.replaces == 0 ||
            account_list_postings(db, web->arena, web->viewer, org, r->run.replaces, &r->before,
                                  &r->before_count, err)) &&
           account_list_notes(db, web->arena, web->viewer, org, r->run_id, &r->notes,
                              &r->note_count, err) &&
           account_list_steps(db, web->arena, web->viewer, org, r->run_id, &r->steps,
                              &r->step_count, err) &&
           (r->run.state != ACCOUNT_DRAFT ||
            account_list_conditions(db, web->arena, web->viewer, &web->app->rules, &r->run,
                                    &r->conditions, &r->condition_count, err)) &&
           registry_list_people(db, web->arena, org, &r->people.people, &r->people.people_count,
                                err);
}

static const char *output_label(struct web *web, const struct model_info *info, const char *name)
{
    for (size_t i = 0; info != NULL && i < info->output_count; i++)
        if (strcmp(info->outputs[i].name, name) == 0)
            return explain_text(web, info->outputs[i].label);
    return explain_word(web, name);
}

static const char *input_label(struct web *web, const struct model_info *info, const char *name,
                               const char *key)
{
    for (size_t i = 0; info != NULL && i < info->input_count; i++) {
        const struct model_input *input = &info->inputs[i];
        if (strcmp(input->name, name) != 0) continue;
        for (size_t k = 0; key[0] != '\0' && k < input->key_count; k++)
            if (strcmp(input->keys[k].id, key) == 0)
                return arena_printf(web->arena, "%s · %s", explain_text(web, input->label),
                                    explain_text(web, input->keys[k].label));
        return explain_text(web, input->label);
    }
    return explain_word(web, name);
}

static void fill_figures(struct run_work *r, const struct model_info *info,
                         struct html_enterprise_run *page)
{
    struct web *web = r->web;
    page->rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_run_rows, r->count);
    for (size_t i = 0; i < r->count; i++) {
        const struct account_posting *p = &r->postings[i];
        const char *unit;
        double amount = explain_amount(p, &unit), before = NAN;
        if (p->reverses != 0) continue;
        struct html_enterprise_run_rows *row = &page->rows[page->rows_count++];
        for (size_t k = 0; k < r->before_count; k++)
            if (r->before[k].reverses == 0 && strcmp(r->before[k].output, p->output) == 0 &&
                strcmp(r->before[k].key, p->key) == 0)
                before = explain_amount(&r->before[k], &unit);
        row->name = str_from(output_label(web, info, p->output));
        row->value = web_figure(web, amount, 8, unit, 0,
                                kit_join(web, "/enterprise/explain/", kit_id(web, p->posting_id)));
        row->before = isfinite(before)
                          ? web_figure(web, before, 8, unit, 0, NULL)
                          : web_figure_missing(web, tr(web->lang, TR_KEY("no posting")));
        row->change = str_from(change_words(web, amount, before));
    }
}

static void fill_notes(struct run_work *r, const struct model_info *info,
                       struct html_enterprise_run *page)
{
    struct web *web = r->web;
    page->notes = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_run_notes, r->note_count);
    page->notes_count = r->note_count;
    for (size_t i = 0; i < r->note_count; i++) {
        const struct account_note *n = &r->notes[i];
        page->notes[i] = (struct html_enterprise_run_notes){
            .word = str_from(n->is_default ? tr(web->lang, TR_KEY("Default used"))
                                           : tr(web->lang, TR_KEY("Missing"))),
            .name = str_from(input_label(web, info, n->input, n->key)),
            .value = n->is_default
                         ? web_figure(web, n->value, 6, kit_unit(n->unit), WEB_MARK_DEFAULT, NULL)
                         : web_figure_missing(web, tr(web->lang, TR_KEY("Not known"))),
            .affects = str_from(output_label(web, info, n->affects))};
    }
}

static void fill_steps(struct run_work *r, struct html_enterprise_run *page)
{
    struct web *web = r->web;
    page->steps = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_run_steps, r->step_count + 1);
    for (size_t i = 0; i < r->step_count; i++)
        page->steps[page->steps_count++] = (struct html_enterprise_run_steps){
            .state = kit_run_state(web, r->steps[i].state),
            .at = str_from(kit_when(web, r->steps[i].at)),
            .who = str_from(person_of(&r->people, r->steps[i].person_id)),
            .reason = str_from(tr(web->lang, r->steps[i].reason))};
}

static html condition_chip(struct web *web, const struct account_condition *c)
{
    if (!c->known) return web_chip(web, WEB_NEUTRAL, tr(web->lang, TR_KEY("Not known")));
    if (c->met) return web_chip(web, WEB_GOOD, tr(web->lang, TR_KEY("Condition met")));
    return web_chip(web, c->only_warns ? WEB_WARN : WEB_BAD,
                    tr(web->lang, TR_KEY("Condition not met")));
}

static void fill_conditions(struct run_work *r, struct html_enterprise_run *page)
{
    struct web *web = r->web;
    page->conditions =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_run_conditions, r->condition_count + 1);
    page->conditions_count = r->condition_count;
    for (size_t i = 0; i < r->condition_count; i++) {
        const struct account_condition *c = &r->conditions[i];
        page->conditions[i] = (struct html_enterprise_run_conditions){
            .name = str_from(explain_text(web, c->label)),
            .state = condition_chip(web, c),
            .help = str_from(c->known && !c->met ? explain_text(web, c->help) : "")};
    }
}

static void fill_run(struct run_work *r, struct html_enterprise_run *page)
{
    struct web *web = r->web;
    const struct account_run *run = &r->run;
    const struct model *model =
        model_library_find_version(web->app->library, run->model, run->version);
    const struct model_info *info = model != NULL ? model_info(model) : NULL;
    bool approver = web->viewer->role == REGISTRY_ENTERPRISE_APPROVER;
    bool draft = run->state == ACCOUNT_DRAFT;
    int year, month, day;
    page->state = kit_run_state(web, run->state);
    page->gate = kit_gate(web, run);
    page->gate_reason = str_from(kit_gate_reason(web, run));
    page->findings_url = STR("/enterprise/findings");
    page->period = str_from(explain_period(web, run->period));
    page->model = str_from(model_title(web, run));
    page->model_url =
        str_from(kit_join(web, "/enterprise/model/", digest_hex(web->arena, run->model_digest)));
    page->computed = str_from(kit_when(web, run->at));
    page->person = str_from(person_of(&r->people, run->person_id));
    page->approver = str_from(person_of(&r->people, run->approver_id));
    page->known = str_from(kit_count(web, run->known_seq));
    page->digest = str_from(digest_hex(web->arena, run->run_digest));
    page->compares = r->before_count != 0;
    page->before_url = str_from(run_url(web, run->replaces));
    page->blocked = draft && run->gate == ACCOUNT_GATE_BLOCKED;
    page->can_approve = draft && approver && run->gate == ACCOUNT_GATE_OPEN;
    page->needs_other = draft && !approver;
    page->reversed = run->state == ACCOUNT_REVERSED;
    page->stands = run->state == ACCOUNT_POSTED && !approver;
    date_split(run->period.first, &year, &month, &day);
    page->data_url = str_from(kit_join(web, "/enterprise/data?year=", kit_count(web, year)));
    page->can_reverse = run->state == ACCOUNT_POSTED && approver;
    page->approve_url = str_from(kit_join(web, run_url(web, run->run_id), "/approve"));
    page->reverse_url = str_from(kit_join(web, run_url(web, run->run_id), "/reverse"));
    fill_figures(r, info, page);
    fill_notes(r, info, page);
    fill_conditions(r, page);
    fill_steps(r, page);
}

static bool get_run_page(struct web *web, const struct error *problem, struct error *err)
{
    struct run_work r = {.web = web};
    struct html_enterprise_run page = {0};
    if (!web_param_id(web, "run", &r.run_id, err) || !store_read(web->store, read_run, &r, err))
        return false;
    fill_run(&r, &page);
    page.problem = problem != NULL ? web_error_box(web, problem) : HTML_EMPTY;
    page.reason = web_form(web, "reason");
    web_crumb(web, tr(web->lang, TR_KEY("Drafts and approval")), "/enterprise/account/drafts");
    web_crumb(web, explain_period(web, r.run.period), NULL);
    web_status(web, kit_run_state(web, r.run.state));
    const char *title = arena_printf(web->arena, "%s · %s", model_title(web, &r.run),
                                     explain_period(web, r.run.period));
    return web_page_status(web, problem != NULL ? error_http_status(problem->code) : 200, title,
                           HTML_RENDER(web->arena, &web->html, html_enterprise_run, &page),
                           "account");
}

static bool get_run(struct web *web, struct error *err)
{
    return get_run_page(web, NULL, err);
}

const struct web_route web_routes_enterprise_drafts[] = {
    {"GET", "/enterprise/account/drafts", get_drafts, WEB_ENTERPRISE,
     TR_KEY("Drafts and approval")},
    {"POST", "/enterprise/account/approve", post_approve, WEB_ENTERPRISE,
     TR_KEY("Drafts and approval"), .slow = true},
    {"GET", "/enterprise/account/run/{run}", get_run, WEB_ENTERPRISE, TR_KEY("Run")},
    {"POST", "/enterprise/account/run/{run}/approve", post_approve_run, WEB_ENTERPRISE,
     TR_KEY("Run"), .slow = true},
    {"POST", "/enterprise/account/run/{run}/reverse", post_reverse, WEB_ENTERPRISE, TR_KEY("Run"),
     .slow = true},
    {0},
};
