/* After the loan: all enterprises whose letter is in force, with label, grade, trend and last
 * report. */
#include <string.h>

#include "bank_portfolio_html.h"
#include "report/report.h"
#include "web/bank/bank.h"

#define ENTERPRISES_MAX 200

struct portfolio_work {
    struct web *web;
    struct registry_authorisation *letters;
    size_t letter_count;
    date today;
    /* of the enterprise that is read */
    struct bank_subject subject;
    struct credit_rating *ratings;
    size_t rating_count;
    struct report_document *documents;
    size_t document_count;
};

static bool read_letters(struct db *db, void *arg, struct error *err)
{
    struct portfolio_work *work = arg;
    return registry_list_authorisations(db, work->web->arena, work->web->viewer, work->today,
                                        &work->letters, &work->letter_count, err);
}

static bool read_enterprise(struct db *db, void *arg, struct error *err)
{
    struct portfolio_work *work = arg;
    struct web *web = work->web;
    id64 org_id = work->subject.org.org_id;
    work->rating_count = work->document_count = 0;
    if (bank_may(&work->subject, REGISTRY_SCOPE_LABEL) &&
        !credit_list_ratings(db, web->arena, web->viewer, org_id, &work->ratings,
                             &work->rating_count, err))
        return false;
    return !bank_may(&work->subject, REGISTRY_SCOPE_REPORT) ||
           report_list_documents(db, web->arena, web->viewer, org_id, &work->documents,
                                 &work->document_count, err);
}

/* The newest rating of a year; of the newest year when it is 0. */
static const struct credit_rating *rating_of(const struct portfolio_work *work, int year)
{
    const struct credit_rating *best = NULL;
    for (size_t i = 0; i < work->rating_count; i++) {
        const struct credit_rating *r = &work->ratings[i];
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

static void fill_row(struct portfolio_work *work, struct html_bank_portfolio_rows *row)
{
    struct web *web = work->web;
    const struct bank_subject *subject = &work->subject;
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
        .purpose = str_from(bank_purpose(web, subject->letter->purpose))};
    if (bank_may(subject, REGISTRY_SCOPE_LABEL)) row->label = web_label(web, STR(""), false);
    const struct credit_rating *now = rating_of(work, 0);
    if (now != NULL) {
        row->label = web_label(web, str_from(now->label), false);
        row->grade = str_from(now->grade);
        row->year = str_from(arena_printf(web->arena, "%d", now->year));
        if (now->has_score) row->score = web_figure(web, now->score, 3, "", 0, NULL);
        row->trend = trend_of(web, now, rating_of(work, now->year - 1));
    }
    if (!bank_may(subject, REGISTRY_SCOPE_REPORT)) return;
    row->report = str_from(tr(web->lang, "No report yet"));
    for (size_t i = 0; i < work->document_count; i++) {
        if (strcmp(work->documents[i].kind, "report") != 0) continue;
        date day = instant_day(work->documents[i].issued_at, web->utc_offset_minutes);
        row->report = str_from(bank_day(web, day));
        break;
    }
}

static bool seen(const struct html_bank_portfolio *page, const char *url)
{
    for (size_t i = 0; i < page->rows_count; i++)
        if (str_is(page->rows[i].url, url)) return true;
    return false;
}

/* Reads one enterprise under its own letter; web->viewer is given back afterwards. */
static bool add_enterprise(struct portfolio_work *work, id64 org_id,
                           struct html_bank_portfolio *page, struct error *err)
{
    struct web *web = work->web;
    const struct viewer *plain = web->viewer;
    bool good = bank_open_org(web, org_id, &work->subject, err);
    int scopes = work->subject.scopes & (REGISTRY_SCOPE_LABEL | REGISTRY_SCOPE_REPORT);
    if (good && work->subject.letter != NULL) {
        good = (scopes == 0 || web_look(web, org_id, scopes, err)) &&
               store_read(web->store, read_enterprise, work, err);
        if (good) fill_row(work, &page->rows[page->rows_count++]);
    }
    web->viewer = plain;
    return good;
}

static bool get_portfolio(struct web *web, struct error *err)
{
    struct portfolio_work work = {.web = web, .today = bank_today(web)};
    if (!store_read(web->store, read_letters, &work, err)) return false;
    struct html_bank_portfolio page = {
        .icon = web_icon(web, "shield-check"),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_bank_portfolio_rows, ENTERPRISES_MAX)};
    for (size_t i = 0; i < work.letter_count && page.rows_count < ENTERPRISES_MAX; i++) {
        const struct registry_authorisation *letter = &work.letters[i];
        if (!bank_in_force(letter, work.today)) continue;
        if (seen(&page, bank_org_url(web, letter->org_id, ""))) continue;
        if (!add_enterprise(&work, letter->org_id, &page, err)) return false;
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_bank_portfolio, &page),
                    "portfolio");
}

const struct web_route web_routes_bank_portfolio[] = {
    {"GET", "/bank/portfolio", get_portfolio, WEB_BANK, TR_KEY("Portfolio"), .slow = true},
    {0},
};
