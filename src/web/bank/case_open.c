/* Opening a loan case on an offer. */
#include <math.h>

#include "bank_case_open_html.h"
#include "base/num.h"
#include "web/bank/offers.h"
#include "web/shared/explain.h"

#define PURPOSE_BYTES_MAX 2000

struct apply_work {
    struct bank_match match;
    const struct finance_offer *offer;
    double amount;
    const char *purpose;
    id64 case_id;
};

static bool show(struct apply_work *work, const struct error *problem)
{
    struct web *web = work->match.web;
    const struct bank_subject *subject = work->match.subject;
    const struct finance_offer *offer = work->offer;
    struct html_bank_case_open page = {
        .error = web_error_box(web, problem),
        .action = str_from(bank_org_url(web, subject->org.org_id, "/case")),
        .back = str_from(bank_org_url(web, subject->org.org_id, "/offers")),
        .product_title = str_from(explain_text(web, offer->product.title)),
        .product = str_from(offer->product.name),
        .amount = bank_money(web, offer->has_amount, offer->amount_cny, NULL),
        .rate = bank_percent(web, offer->has_rate, offer->rate, NULL),
        .term = str_from(bank_term(web, offer->product.term_months)),
        .use_of_funds = str_from(explain_text(web, offer->product.use_of_funds)),
        .green = str_from(bank_green_item(web, &offer->product)),
        .amount_text = web_form(web, "amount"),
        .purpose = web_form(web, "purpose"),
        .max_text = str_from(num_format_grouped(web->arena, floor(offer->amount_cny), 0))};
    int status = problem->code != ERROR_NONE ? error_http_status(problem->code) : 200;
    const char *title =
        tr_fill(web->arena, web->lang, "Open a case: {0}", bank_org_name(web, &subject->org), NULL);
    return web_page_status(web, status, title,
                           HTML_RENDER(web->arena, &web->html, html_bank_case_open, &page),
                           "cases");
}

/* The offer that the case is about. False with *answered when the page has been answered. */
static bool find_offer(struct web *web, struct apply_work *work, struct bank_subject *subject,
                       str product, bool *answered, struct error *err)
{
    *answered = false;
    if (!bank_open_subject(web, subject, err)) return false;
    bank_frame(web, subject, true);
    if (!bank_may(subject, BANK_SCOPES_MATCH)) {
        *answered = bank_refuse(web, subject, BANK_SCOPES_MATCH);
        return false;
    }
    work->match = (struct bank_match){.web = web, .subject = subject};
    if (!web_look(web, subject->org.org_id, BANK_SCOPES_MATCH, err) ||
        !bank_match(&work->match, err))
        return false;
    work->offer = bank_find_offer(&work->match, product);
    if (work->offer != NULL) return true;
    return error_set(err, ERROR_FINANCE_NO_PRODUCT, "S", product);
}

static bool get_case(struct web *web, struct error *err)
{
    struct bank_subject subject;
    struct apply_work work = {.offer = NULL};
    bool answered;
    if (!find_offer(web, &work, &subject, web_query(web, "product"), &answered, err))
        return answered;
    return show(&work, &(struct error){0});
}

static bool read_form(struct web *web, struct apply_work *work, struct error *err)
{
    str amount = web_form(web, "amount"), purpose = web_form(web, "purpose");
    if (!num_parse_human(web->arena, amount, &work->amount))
        return error_set(err, ERROR_FINANCE_AMOUNT, "Sd", amount, floor(work->offer->amount_cny));
    if (purpose.len == 0)
        return error_set(err, ERROR_REGISTRY_NAME_EMPTY, "s",
                         tr(web->lang, "What the loan is for"));
    if (purpose.len > PURPOSE_BYTES_MAX)
        return error_set(err, ERROR_REGISTRY_NAME_LONG, "si", tr(web->lang, "What the loan is for"),
                         (int64_t)PURPOSE_BYTES_MAX);
    work->purpose = str_dup(web->arena, purpose);
    return true;
}

static bool apply(struct db *db, void *arg, struct error *err)
{
    struct apply_work *work = arg;
    struct web *web = work->match.web;
    return finance_apply(db, web->arena, web->viewer, &web->app->credit, web->viewer->org_id,
                         work->match.subject->org.org_id, work->match.year,
                         work->offer->product.name, work->amount, work->purpose,
                         work->match.subject->today, instant_now_ms(), &work->case_id, err);
}

static bool post_case(struct web *web, struct error *err)
{
    struct bank_subject subject;
    struct apply_work work = {.offer = NULL};
    struct error problem = {0};
    bool answered;
    if (!find_offer(web, &work, &subject, web_form(web, "product"), &answered, err))
        return answered;
    if (!read_form(web, &work, &problem) || !store_write(web->store, apply, &work, &problem))
        return show(&work, &problem);
    return web_redirect(web, bank_case_url(web, work.case_id, ""), TR_KEY("The case is open."));
}

const struct web_route web_routes_bank_case_open[] = {
    {"GET", "/bank/enterprises/{org}/case", get_case, WEB_BANK, TR_KEY("Open a case")},
    {"POST", "/bank/enterprises/{org}/case", post_case, WEB_BANK, TR_KEY("Open a case")},
    {0},
};
