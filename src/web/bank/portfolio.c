/* After the loan: all enterprises whose letter is in force, with label, grade, trend and last
 * report. */
#include <string.h>

#include "bank_portfolio_html.h"
#include "report/report.h"
#include "web/bank/bank.h"

#define PAGE_ROWS 50

struct member { /* an enterprise with a letter in force */
    struct bank_subject subject;
    struct credit_rating *ratings;
    size_t rating_count;
    struct report_document *documents;
    size_t document_count;
};

struct portfolio_work {
    struct web *web;
    struct web_paging paging;
    struct member *members; /* of the page */
    size_t count;
};

static bool listed(const id64 *list, size_t count, id64 org_id)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == org_id) return true;
    return false;
}

/* Public facts and letters of the page's enterprises; nothing that a letter opens. */
static bool read_members(struct db *db, void *arg, struct error *err)
{
    struct portfolio_work *work = arg;
    struct web *web = work->web;
    struct registry_authorisation *letters;
    size_t letter_count, all = 0;
    date today = bank_today(web);
    if (!registry_list_authorisations(db, web->arena, web->viewer, today, &letters, &letter_count,
                                      err))
        return false;
    id64 *orgs = ARENA_NEW_ARRAY(web->arena, id64, letter_count + 1);
    for (size_t i = 0; i < letter_count; i++)
        if (bank_in_force(&letters[i], today) && !listed(orgs, all, letters[i].org_id))
            orgs[all++] = letters[i].org_id;
    work->paging = web_paging(web, (int64_t)all, PAGE_ROWS);
    work->members = ARENA_NEW_ARRAY(web->arena, struct member, PAGE_ROWS);
    work->count = 0;
    for (size_t i = (size_t)work->paging.skip; i < all && work->count < PAGE_ROWS; i++)
        if (!bank_read_subject(db, web, orgs[i], letters, letter_count,
                               &work->members[work->count++].subject, err))
            return false;
    return true;
}

static bool note_looks(struct portfolio_work *work, struct error *err)
{
    struct web_looked looked[PAGE_ROWS];
    size_t count = 0;
    for (size_t i = 0; i < work->count; i++) {
        const struct bank_subject *subject = &work->members[i].subject;
        int scopes = subject->scopes & (REGISTRY_SCOPE_LABEL | REGISTRY_SCOPE_REPORT);
        if (scopes != 0)
            looked[count++] = (struct web_looked){subject->viewer, subject->org.org_id, scopes};
    }
    return web_look_each(work->web, looked, count, err);
}

static bool read_figures(struct db *db, void *arg, struct error *err)
{
    struct portfolio_work *work = arg;
    struct arena *arena = work->web->arena;
    for (size_t i = 0; i < work->count; i++) {
        struct member *m = &work->members[i];
        id64 org_id = m->subject.org.org_id;
        if (bank_may(&m->subject, REGISTRY_SCOPE_LABEL) &&
            !credit_list_ratings(db, arena, m->subject.viewer, org_id, &m->ratings,
                                 &m->rating_count, err))
            return false;
        if (bank_may(&m->subject, REGISTRY_SCOPE_REPORT) &&
            !report_list_documents(db, arena, m->subject.viewer, org_id, &m->documents,
                                   &m->document_count, err))
            return false;
    }
    return true;
}

/* The newest rating of a year; of the newest year when it is 0. */
static const struct credit_rating *rating_of(const struct member *m, int year)
{
    const struct credit_rating *best = NULL;
    for (size_t i = 0; i < m->rating_count; i++) {
        const struct credit_rating *r = &m->ratings[i];
        if (year != 0 && r->year != year) continue;
        if (best == NULL || r->year > best->year ||
            (r->year == best->year && r->rating_id > best->rating_id))
            best = r;
    }
    return best;
}

static int rank_of(const char *label)
{
    static const char *const labels[] = {"red", "yellow", "light_green", "deep_green"};
    for (int i = 0; i < (int)ARRAY_LEN(labels); i++)
        if (strcmp(label, labels[i]) == 0) return i;
    return -1;
}

static html trend_of(struct web *web, const struct credit_rating *now,
                     const struct credit_rating *before)
{
    if (before == NULL) return web_chip(web, WEB_NEUTRAL, tr(web->lang, "No year before"));
    int from = rank_of(before->label), to = rank_of(now->label);
    enum web_tone tone = WEB_NEUTRAL;
    const char *word = tr(web->lang, "Same label");
    if (from >= 0 && to > from) {
        tone = WEB_GOOD;
        word = tr(web->lang, "Better label");
    }
    if (to >= 0 && to < from) {
        tone = WEB_BAD;
        word = tr(web->lang, "Worse label");
    }
    struct buf *out = buf_new(web->arena);
    html_put_html(out, web_chip(web, tone, word));
    if (now->has_score && before->has_score) {
        buf_puts(out, " <span class=\"quiet small\">");
        html_put_text(
            out,
            str_from(tr_fill(web->arena, web->lang, "score {0}",
                             arena_printf(web->arena, "%+.1f", now->score - before->score), NULL)));
        buf_puts(out, "</span>");
    }
    return html_from(out);
}

static void fill_row(struct web *web, const struct member *m, struct html_bank_portfolio_rows *row)
{
    const struct bank_subject *subject = &m->subject;
    html closed = web_chip(web, WEB_NEUTRAL, tr(web->lang, "Not granted"));
    *row = (struct html_bank_portfolio_rows){
        .url = str_from(bank_org_url(web, subject->org.org_id, "")),
        .name = str_from(bank_org_name(web, &subject->org)),
        .marks = subject->org.invented ? web_marks(web, WEB_MARK_INVENTED) : HTML_EMPTY,
        .label = closed,
        .score = HTML_EMPTY,
        .trend = HTML_EMPTY,
        .report = str_from(tr(web->lang, "Not granted")),
        .letter = bank_letter_chip(web, subject->letter, subject->today),
        .purpose = str_from(letters_purpose(web, subject->letter->purpose))};
    if (bank_may(subject, REGISTRY_SCOPE_LABEL)) row->label = web_label(web, STR(""), false);
    const struct credit_rating *now = rating_of(m, 0);
    if (now != NULL) {
        row->label = web_label(web, str_from(now->label), false);
        row->grade = str_from(now->grade);
        row->year = str_from(arena_printf(web->arena, "%d", now->year));
        if (now->has_score) row->score = web_figure(web, now->score, 3, "", 0, NULL);
        row->trend = trend_of(web, now, rating_of(m, now->year - 1));
    }
    if (!bank_may(subject, REGISTRY_SCOPE_REPORT)) return;
    row->report = str_from(tr(web->lang, "No report yet"));
    for (size_t i = 0; i < m->document_count; i++) {
        if (strcmp(m->documents[i].kind, "report") != 0) continue;
        date day = instant_day(m->documents[i].issued_at, web->utc_offset_minutes);
        row->report = str_from(bank_day(web, day));
        break;
    }
}

static bool get_portfolio(struct web *web, struct error *err)
{
    struct portfolio_work work = {.web = web};
    if (!store_read(web->store, read_members, &work, err) || !note_looks(&work, err) ||
        !store_read(web->store, read_figures, &work, err))
        return false;
    struct html_bank_portfolio page = {
        .icon = web_icon(web, "shield-check"),
        .pages = web_pages(web, &work.paging, "/bank/portfolio"),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_bank_portfolio_rows, PAGE_ROWS),
        .rows_count = work.count};
    for (size_t i = 0; i < work.count; i++) fill_row(web, &work.members[i], &page.rows[i]);
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_bank_portfolio, &page),
                    "portfolio");
}

const struct web_route web_routes_bank_portfolio[] = {
    {"GET", "/bank/portfolio", get_portfolio, WEB_BANK, TR_KEY("Portfolio"), .slow = true},
    {0},
};
