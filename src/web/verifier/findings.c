/* Findings of all enterprises in the judge's scope: those that wait for judgement first; closed
 * ones are the record. */
#include "verifier_findings_html.h"
#include "web/verifier/verifier.h"
#include "web/shared/explain.h"

enum shelf { WAITING, OPEN, CLOSED, SHELVES };

struct item {
    const struct judge_subject *subject;
    const struct check_finding *finding;
    enum shelf shelf;
};
struct findings_work {
    struct web *web;
    struct judge_subject *subjects;
    size_t subject_count;
    struct item *items;
    size_t count, capacity;
    int64_t counts[SHELVES];
};

static bool read_findings(struct db *db, void *arg, struct error *err)
{
    struct findings_work *work = arg;
    struct web *web = work->web;
    if (!judge_list_subjects(db, web, &work->subjects, &work->subject_count, err)) return false;
    for (size_t i = 0; i < work->subject_count; i++) {
        struct check_finding *list;
        size_t count;
        if (!check_list_findings(db, web->arena, &work->subjects[i].viewer, web->app->flows,
                                 work->subjects[i].org_id, false, &list, &count, err))
            return false;
        for (size_t k = 0; k < count; k++) {
            enum shelf shelf = list[k].closed                              ? CLOSED
                               : list[k].standing == CHECK_WAITS_JUDGEMENT ? WAITING
                                                                           : OPEN;
            work->counts[shelf]++;
            *ARENA_PUSH(web->arena, work->items, work->count, work->capacity) =
                (struct item){&work->subjects[i], &list[k], shelf};
        }
    }
    return true;
}

/* One look at each enterprise that the shelf shows. */
static bool note_looks(struct findings_work *work, enum shelf shelf, struct error *err)
{
    struct web_looked *looked =
        ARENA_NEW_ARRAY(work->web->arena, struct web_looked, work->subject_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < work->count; i++) { /* in the order of subjects */
        const struct judge_subject *subject = work->items[i].subject;
        if (work->items[i].shelf != shelf) continue;
        if (count != 0 && looked[count - 1].subject_org == subject->org_id) continue;
        looked[count++] =
            (struct web_looked){&subject->viewer, subject->org_id, REGISTRY_SCOPE_FILING};
    }
    return web_look_each(work->web, looked, count, err);
}

static bool get_findings(struct web *web, struct error *err)
{
    struct findings_work work = {.web = web};
    str show = web_query(web, "show");
    enum shelf shelf = str_is(show, "open") ? OPEN : str_is(show, "closed") ? CLOSED : WAITING;
    if (!store_read(web->store, read_findings, &work, err) || !note_looks(&work, shelf, err))
        return false;
    struct html_verifier_findings page = {
        .here = str_from(web->access == WEB_AUTHORITY ? "/expert/findings" : "/expert"),
        .waiting = shelf == WAITING,
        .open = shelf == OPEN,
        .closed = shelf == CLOSED,
        .waiting_count = work.counts[WAITING],
        .open_count = work.counts[OPEN],
        .closed_count = work.counts[CLOSED],
        .subjects = work.subject_count != 0,
        .verifier = web->access == WEB_VERIFIER,
        .icon = web_icon(web, "clipboard-check"),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_verifier_findings_rows, work.count + 1)};
    for (size_t i = 0; i < work.count; i++) {
        const struct check_finding *finding = work.items[i].finding;
        if (work.items[i].shelf != shelf) continue;
        page.rows[page.rows_count++] = (struct html_verifier_findings_rows){
            .url = str_from(judge_path(web, finding)),
            .name = str_from(work.items[i].subject->name),
            .marks =
                work.items[i].subject->invented ? web_marks(web, WEB_MARK_INVENTED) : HTML_EMPTY,
            .title = str_from(explain_text(web, finding->title)),
            .period = str_from(account_period_text(web->arena, finding->period)),
            .state = judge_state_chip(web, finding),
            .blocks = finding->blocks && !finding->closed
                          ? web_chip(web, WEB_BAD, tr(web->lang, "Blocks posting"))
                          : HTML_EMPTY};
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_verifier_findings, &page),
                    "findings");
}

const struct web_route web_routes_verifier_findings[] = {
    {"GET", "/expert", get_findings, WEB_VERIFIER, TR_KEY("Findings")},
    {"GET", "/expert/findings", get_findings, WEB_VERIFIER | WEB_AUTHORITY, TR_KEY("Findings")},
    {0},
};
