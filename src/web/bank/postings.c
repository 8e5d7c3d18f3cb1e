/* The postings behind an enterprise's key figures, each with its explanation, under a letter. */
#include <string.h>

#include "bank_postings_html.h"
#include "base/num.h"
#include "web/bank/bank.h"
#include "web/shared/explain.h"

#define YEARS 3
#define PAGE_ROWS 200

struct postings_work {
    struct web *web;
    const struct bank_subject *subject;
    int year;
    struct account_posting *list;
    size_t count, capacity;
};

static bool read_postings(struct db *db, void *arg, struct error *err)
{
    struct postings_work *work = arg;
    struct web *web = work->web;
    id64 org_id = work->subject->org.org_id;
    struct account_run_filter filter = {.first = account_year(work->year).first,
                                        .last = account_year(work->year).last,
                                        .has_state = true,
                                        .state = ACCOUNT_POSTED};
    struct account_run *runs;
    size_t count;
    if (!account_list_runs(db, web->arena, web->viewer, org_id, &filter, &runs, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct account_posting *postings;
        size_t used;
        if (!account_list_postings(db, web->arena, web->viewer, org_id, runs[i].run_id, &postings,
                                   &used, err))
            return false;
        for (size_t k = 0; k < used; k++)
            *ARENA_PUSH(web->arena, work->list, work->count, work->capacity) = postings[k];
    }
    return true;
}

static const char *kind_word(struct web *web, const struct account_posting *posting)
{
    switch (posting->kind) {
    case ACCOUNT_EMISSION:
        return tr_fill(web->arena, web->lang, "Emission of scope {0}",
                       arena_printf(web->arena, "%d", posting->scope), NULL);
    case ACCOUNT_ENERGY: return tr(web->lang, "Energy");
    case ACCOUNT_PRODUCTION:
    case ACCOUNT_POSTING_KINDS: break;
    }
    return tr(web->lang, "Output");
}

static const char *source_word(struct web *web, const struct account_posting *posting)
{
    const struct model_library *library = web->app->library;
    switch (posting->kind) {
    case ACCOUNT_EMISSION:
        return account_source_name(web->arena, library, web->lang, posting->source);
    case ACCOUNT_PRODUCTION:
        return account_product_name(web->arena, library, web->lang, posting->source);
    case ACCOUNT_ENERGY:
    case ACCOUNT_POSTING_KINDS: break;
    }
    return explain_word(web, posting->source);
}

static const char *basis_word(struct web *web, const char *basis)
{
    if (strcmp(basis, "both") == 0) return tr(web->lang, "Full and compliance basis");
    if (strcmp(basis, "full") == 0) return tr(web->lang, "Full basis (all of scope 1 and 2)");
    if (strcmp(basis, "compliance") == 0) return tr(web->lang, "Compliance basis (carbon market)");
    return "–";
}

static const char *year_url(struct postings_work *work, int year)
{
    struct web *web = work->web;
    return bank_org_url(web, work->subject->org.org_id,
                        arena_printf(web->arena, "/postings?year=%d&letter=%s", year,
                                     bank_id(web, work->subject->letter->authorisation_id)));
}

static const char *posting_url(struct postings_work *work, id64 posting_id)
{
    struct web *web = work->web;
    return bank_org_url(web, work->subject->org.org_id,
                        arena_printf(web->arena, "/postings/%s?letter=%s", bank_id(web, posting_id),
                                     bank_id(web, work->subject->letter->authorisation_id)));
}

static bool get_postings(struct web *web, struct error *err)
{
    struct bank_subject subject;
    int64_t year;
    if (!bank_open_subject(web, &subject, err)) return false;
    int last = month_year(month_of(subject.today));
    if (!num_parse_int(web_query(web, "year"), &year) || year < last - 50 || year > last)
        year = last - 1;
    bank_frame(web, &subject, true);
    if (!bank_may(&subject, BANK_SCOPES_MATCH))
        return bank_refuse(web, &subject, BANK_SCOPES_MATCH);
    struct postings_work work = {.web = web, .subject = &subject, .year = (int)year};
    if (!web_look(web, subject.org.org_id, REGISTRY_SCOPE_ACCOUNT, err) ||
        !store_read(web->store, read_postings, &work, err))
        return false;
    struct web_paging paging = web_paging(web, (int64_t)work.count, PAGE_ROWS);
    struct html_bank_postings page = {
        .pages = web_pages(web, &paging, year_url(&work, work.year)),
        .icon = web_icon(web, "journal-text"),
        .years = ARENA_NEW_ARRAY(web->arena, struct html_bank_postings_years, YEARS),
        .years_count = YEARS,
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_bank_postings_rows, PAGE_ROWS)};
    for (int i = 0; i < YEARS; i++)
        page.years[i] =
            (struct html_bank_postings_years){.url = str_from(year_url(&work, last - i)),
                                              .year = last - i,
                                              .current = last - i == year};
    for (size_t i = (size_t)paging.skip; i < work.count && page.rows_count < PAGE_ROWS; i++) {
        const struct account_posting *p = &work.list[i];
        const char *unit, *url = posting_url(&work, p->posting_id);
        double amount = explain_amount(p, &unit);
        page.rows[page.rows_count++] =
            (struct html_bank_postings_rows){.url = str_from(url),
                                             .period = str_from(explain_period(web, p->period)),
                                             .kind = str_from(kind_word(web, p)),
                                             .source = str_from(source_word(web, p)),
                                             .basis = str_from(basis_word(web, p->basis)),
                                             .amount = web_figure(web, amount, 6, unit, 0, url)};
    }
    const char *title = tr_fill(web->arena, web->lang, "Postings of {0}",
                                arena_printf(web->arena, "%d", (int)year), NULL);
    return web_page(web, title, HTML_RENDER(web->arena, &web->html, html_bank_postings, &page),
                    "enterprises");
}

static bool get_posting(struct web *web, struct error *err)
{
    struct bank_subject subject;
    if (!bank_open_subject(web, &subject, err)) return false;
    bank_frame(web, &subject, true);
    int scopes = REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_ACTIVITY;
    if (!bank_may(&subject, scopes)) return bank_refuse(web, &subject, scopes);
    if (!web_look(web, subject.org.org_id, scopes, err)) return false;
    const char *base =
        arena_printf(web->arena, "/bank/enterprises/%s", bank_id(web, subject.org.org_id));
    const char *letter =
        arena_printf(web->arena, "?letter=%s", bank_id(web, subject.letter->authorisation_id));
    struct explain_place place = {.postings = arena_printf(web->arena, "%s/postings", base),
                                  .models = "/bank/model",
                                  .query = letter,
                                  .crumb_text = tr(web->lang, "Postings"),
                                  .crumb_url =
                                      arena_printf(web->arena, "%s/postings%s", base, letter),
                                  .nav = "enterprises"};
    return explain_posting(web, subject.org.org_id, &place, err);
}

/* Rules are no enterprise's data: the bytes that a run used, by their digest. */
static bool get_model(struct web *web, struct error *err)
{
    struct explain_place place = {.postings = "/bank/enterprises",
                                  .models = "/bank/model",
                                  .crumb_text = tr(web->lang, "Enterprises"),
                                  .crumb_url = "/bank/enterprises",
                                  .nav = "enterprises"};
    return explain_file(web, web_param(web, "digest"), &place, err);
}

const struct web_route web_routes_bank_postings[] = {
    {"GET", "/bank/enterprises/{org}/postings", get_postings, WEB_BANK, TR_KEY("Postings")},
    {"GET", "/bank/enterprises/{org}/postings/{posting}", get_posting, WEB_BANK,
     TR_KEY("Explanation")},
    {"GET", "/bank/enterprises/{org}/postings/{posting}/{form}", get_posting, WEB_BANK,
     TR_KEY("Explanation")},
    {"GET", "/bank/model/{digest}", get_model, WEB_BANK, TR_KEY("Explanation")},
    {0},
};
