/* How a figure of a rating or of an offer came about, for the bank that may read it. */
#include "base/num.h"
#include "web/bank/bank.h"
#include "web/shared/explain.h"

struct explain_work {
    struct web *web;
    const struct bank_subject *subject;
    const char *product, *model, *output;
    int year;
    id64 rating_id;
    const struct model_node *tree;
};

static bool read_tree(struct db *db, void *arg, struct error *err)
{
    struct explain_work *work = arg;
    struct web *web = work->web;
    id64 org_id = work->subject->org.org_id;
    if (work->product[0] != '\0')
        return finance_explain(db, web->arena, web->viewer, &web->app->credit, org_id, work->year,
                               work->subject->today, work->product, work->output, &work->tree, err);
    return credit_explain(db, web->arena, web->viewer, &web->app->credit, org_id, work->rating_id,
                          work->model, work->output, &work->tree, err);
}

static bool read_query(struct web *web, struct explain_work *work, struct error *err)
{
    int64_t year = 0;
    work->product = str_dup(web->arena, web_query(web, "product"));
    work->model = str_dup(web->arena, web_query(web, "model"));
    work->output = str_dup(web->arena, web_query(web, "output"));
    bool good = work->product[0] != '\0'
                    ? num_parse_int(web_query(web, "year"), &year) && year > 1900 && year < 3000
                    : id_parse(web_query(web, "rating"), &work->rating_id);
    work->year = (int)year;
    return good || error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
}

static bool get_explain(struct web *web, struct error *err)
{
    struct bank_subject subject;
    if (!bank_open_subject(web, &subject, err)) return false;
    struct explain_work work = {.web = web, .subject = &subject};
    if (!read_query(web, &work, err)) return false;
    bank_frame(web, &subject, true);
    /* A tree goes down to single data, so it needs what a match needs. */
    if (!bank_may(&subject, BANK_SCOPES_MATCH))
        return bank_refuse(web, &subject, BANK_SCOPES_MATCH);
    if (!web_look(web, subject.org.org_id, BANK_SCOPES_MATCH, err) ||
        !store_read(web->store, read_tree, &work, err))
        return false;
    bool offer = work.product[0] != '\0';
    const char *letter =
        arena_printf(web->arena, "?letter=%s", bank_id(web, subject.letter->authorisation_id));
    const char *back = bank_org_url(
        web, subject.org.org_id, arena_printf(web->arena, "%s%s", offer ? "/offers" : "", letter));
    struct explain_judgement judgement = {
        .title = explain_text(web, work.tree->label),
        .tree = work.tree,
        .note = tr(web->lang, offer ? "Computed now from the facts that the letter of "
                                      "authorisation opens."
                                    : "Computed again from the facts kept with the rating.")};
    struct explain_place place = {
        .postings = arena_printf(web->arena, "/bank/enterprises/%s/postings",
                                 bank_id(web, subject.org.org_id)),
        .query = letter,
        .models = "/bank/model",
        .crumb_text = tr(web->lang, offer ? "Matched products" : "Carbon account and label"),
        .crumb_url = back,
        .nav = "enterprises"};
    return explain_judgement(web, &judgement, &place);
}

const struct web_route web_routes_bank_explain[] = {
    {"GET", "/bank/enterprises/{org}/explain", get_explain, WEB_BANK, TR_KEY("Explanation")},
    {0},
};
