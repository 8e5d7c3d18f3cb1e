/* Offers of finance: matched products with amount and price, near misses with their reasons, and
 * the application to a bank. */
#include <math.h>
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_apply_html.h"
#include "enterprise_finance_html.h"
#include "finance/finance.h"
#include "web/enterprise/kit.h"
#include "web/enterprise/tabs.h"

struct work {
    struct web *web;
    struct kit_years years;
    struct finance_offer *offers;
    size_t count;
    struct registry_org *banks;
    size_t bank_count;
    struct registry_authorisation *letters;
    size_t letter_count;
    /* application */
    id64 bank_id, case_id;
    const char *product, *purpose;
    double amount;
    int year;
};

static bool read_offers(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    return kit_read_years(db, web, &w->years, err) &&
           finance_match(db, web->arena, web->viewer, &web->app->credit, web->viewer->org_id,
                         w->years.chosen, kit_today(web), &w->offers, &w->count, err);
}

static const char *explain_url(struct web *web, const struct work *w, const char *product,
                               const char *output)
{
    return arena_printf(web->arena, "/enterprise/finance/explain/%s/%s?year=%d", product, output,
                        w->years.chosen);
}

/* A share of the price is shown in percent. */
static html part_figure(struct work *w, const struct finance_offer *offer,
                        const struct finance_part *part)
{
    struct web *web = w->web;
    const char *url = explain_url(web, w, offer->product.name, part->output);
    if (!part->known) return web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    if (strncmp(part->output, "rate", 4) == 0)
        return web_figure(web, part->value * 100, 4, "%", 0, url);
    return web_figure(web, part->value, 7, kit_unit(part->unit), 0, url);
}

static const char *value_text(struct web *web, const struct model_value *value, const char *unit)
{
    if (value->status != MODEL_OK) return tr(web->lang, TR_KEY("Not known"));
    if (value->type == MODEL_NUMBER)
        return arena_printf(web->arena, "%s %s",
                            num_format_significant(web->arena, value->number, 6), kit_unit(unit));
    if (value->type == MODEL_FLAG)
        return tr(web->lang, value->number != 0 ? TR_KEY("yes") : TR_KEY("no"));
    return explain_word(web, value->text);
}

static void fill_filters(struct work *w, const struct finance_offer *offer,
                         struct html_enterprise_finance_offers *row)
{
    struct web *web = w->web;
    row->filters = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_finance_offers_filters,
                                   offer->filter_count);
    row->filters_count = offer->filter_count;
    for (size_t i = 0; i < offer->filter_count; i++) {
        const struct finance_filter *f = &offer->filters[i];
        const char *word = !f->known      ? TR_KEY("Not known")
                           : f->met       ? TR_KEY("Met")
                           : f->near_miss ? TR_KEY("Just missed")
                                          : TR_KEY("Not met");
        enum web_tone tone = !f->known      ? WEB_NEUTRAL
                             : f->met       ? WEB_GOOD
                             : f->near_miss ? WEB_WARN
                                            : WEB_BAD;
        row->filters[i].label = str_from(explain_text(web, f->label));
        row->filters[i].state = web_chip(web, tone, tr(web->lang, word));
        if (f->compared && !(f->known && f->met))
            row->filters[i].found =
                str_from(tr_fill(web->arena, web->lang, TR_KEY("found {0}, wanted {1} {2}"),
                                 value_text(web, &f->found, f->unit), f->comparison,
                                 value_text(web, &f->wanted, f->unit), NULL));
    }
}

static void fill_lists(struct work *w, const struct finance_offer *offer,
                       struct html_enterprise_finance_offers *row)
{
    struct web *web = w->web;
    row->parts =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_finance_offers_parts, offer->part_count);
    row->parts_count = offer->part_count;
    for (size_t i = 0; i < offer->part_count; i++)
        row->parts[i] = (struct html_enterprise_finance_offers_parts){
            .label = str_from(explain_text(web, offer->parts[i].label)),
            .value = part_figure(w, offer, &offer->parts[i])};
    row->missing = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_finance_offers_missing,
                                   offer->missing_count);
    row->missing_count = offer->missing_count;
    for (size_t i = 0; i < offer->missing_count; i++)
        row->missing[i] = (struct html_enterprise_finance_offers_missing){
            .label = str_from(explain_text(web, offer->missing[i].label)),
            .from_user = offer->missing[i].from_user};
    fill_filters(w, offer, row);
}

static bool nearly(const struct finance_offer *offer)
{
    for (size_t i = 0; i < offer->filter_count; i++)
        if (offer->filters[i].near_miss) return true;
    return false;
}

static void fill_offer(struct work *w, const struct finance_offer *offer,
                       struct html_enterprise_finance_offers *row)
{
    struct web *web = w->web;
    const struct finance_product *p = &offer->product;
    html unknown = web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    row->title = str_from(explain_text(web, p->title));
    row->lender = str_from(explain_text(web, p->lender));
    row->category = str_from(explain_text(web, p->category));
    row->eligible = offer->eligible;
    row->chip = offer->eligible ? web_chip(web, WEB_GOOD, tr(web->lang, TR_KEY("Matches")))
                : nearly(offer)
                    ? web_chip(web, WEB_WARN, tr(web->lang, TR_KEY("Near miss")))
                    : web_chip(web, WEB_NEUTRAL, tr(web->lang, TR_KEY("Does not match")));
    row->amount = offer->has_amount ? web_figure(web, offer->amount_cny, 9, "CNY", 0,
                                                 explain_url(web, w, p->name, "amount"))
                                    : unknown;
    row->rate = offer->has_rate ? web_figure(web, offer->rate * 100, 4, "%", 0,
                                             explain_url(web, w, p->name, "rate"))
                                : unknown;
    row->score = web_figure(web, offer->score, 3, tr(web->lang, TR_KEY("of 100")), 0,
                            explain_url(web, w, p->name, "score"));
    row->term = str_from(p->term_months != 0 ? tr_fill(web->arena, web->lang, TR_KEY("{0} months"),
                                                       kit_count(web, p->term_months), NULL)
                                             : "–");
    row->use_of_funds = str_from(explain_text(web, p->use_of_funds));
    row->green = str_from(p->green_item != NULL && p->green_item[0] != '\0'
                              ? arena_printf(web->arena, "%s %s", p->green_item,
                                             explain_text(web, p->green_item_name))
                              : "");
    row->apply_url = str_from(arena_printf(
        web->arena, "/enterprise/finance/apply?product=%s&year=%d", p->name, w->years.chosen));
    fill_lists(w, offer, row);
}

static html make_offers(void *arg)
{
    struct work *w = arg;
    struct web *web = w->web;
    struct html_enterprise_finance page = {
        .tabs = tabs_finance(web, "offers"),
        .years = kit_year_picker(web, &w->years, "/enterprise/finance", ""),
        .icon_empty = web_icon(web, "cash-coin"),
        .data_url = str_from(arena_printf(web->arena, "/enterprise/data?year=%d", w->years.chosen)),
        .offers = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_finance_offers, w->count),
        .offers_count = w->count};
    for (size_t i = 0; i < w->count; i++) fill_offer(w, &w->offers[i], &page.offers[i]);
    return HTML_RENDER(web->arena, &web->html, html_enterprise_finance, &page);
}

static bool get_finance(struct web *web, struct error *err)
{
    struct work w = {.web = web};
    struct web_body wanted = {web->viewer->org_id, REGISTRY_SCOPE_ALL, kit_asked(web, ""),
                              read_offers,         make_offers,        &w};
    html body;
    return web_kept(web, &wanted, &body, err) && web_page(web, NULL, body, "finance");
}

/* ---- application ---- */

static bool read_apply(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    struct registry_org_filter filter = {.kind = REGISTRY_BANK};
    return read_offers(db, w, err) &&
           registry_list_orgs(db, web->arena, &filter, &w->banks, &w->bank_count, err) &&
           registry_list_authorisations(db, web->arena, web->viewer, kit_today(web), &w->letters,
                                        &w->letter_count, err);
}

static const char *letter_words(struct work *w, id64 bank_id)
{
    const char *words = TR_KEY("no letter yet");
    for (size_t i = 0; i < w->letter_count; i++) {
        if (w->letters[i].bank_org_id != bank_id) continue;
        if (w->letters[i].state == REGISTRY_GRANTED)
            return tr(w->web->lang, TR_KEY("letter granted"));
        if (w->letters[i].state == REGISTRY_REQUESTED) words = TR_KEY("its request waits for you");
    }
    return tr(w->web->lang, words);
}

static bool show_apply(struct web *web, str product, const struct error *problem, struct error *err)
{
    struct work w = {.web = web};
    const struct finance_offer *offer = NULL;
    if (!store_read(web->store, read_apply, &w, err)) return false;
    for (size_t i = 0; i < w.count; i++)
        if (str_is(product, w.offers[i].product.name)) offer = &w.offers[i];
    if (offer == NULL) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    html unknown = web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    struct html_enterprise_apply page = {
        .problem = problem != NULL ? web_error_box(web, problem) : HTML_EMPTY,
        .product = product,
        .year = str_from(kit_count(web, w.years.chosen)),
        .amount_limit = offer->has_amount
                            ? web_figure(web, offer->amount_cny, 9, "CNY", 0,
                                         explain_url(web, &w, offer->product.name, "amount"))
                            : unknown,
        .rate = offer->has_rate ? web_figure(web, offer->rate * 100, 4, "%", 0,
                                             explain_url(web, &w, offer->product.name, "rate"))
                                : unknown,
        .amount = web_form(web, "amount"),
        .purpose = web_form(web, "purpose"),
        .banks = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_apply_banks, w.bank_count),
        .banks_count = w.bank_count};
    for (size_t i = 0; i < w.bank_count; i++) {
        const char *id = kit_id(web, w.banks[i].org_id);
        bool english =
            web->lang == LANG_EN && w.banks[i].name_en != NULL && w.banks[i].name_en[0] != '\0';
        page.banks[i] = (struct html_enterprise_apply_banks){
            .id = str_from(id),
            .name = str_from(english ? w.banks[i].name_en : w.banks[i].name),
            .letter = str_from(letter_words(&w, w.banks[i].org_id)),
            .picked = str_is(web_form(web, "bank"), id)};
    }
    web_crumb(web, tr(web->lang, TR_KEY("Finance")), "/enterprise/finance");
    web_crumb(web, tr(web->lang, TR_KEY("Apply to a bank")), NULL);
    return web_page_status(web, problem != NULL ? error_http_status(problem->code) : 200,
                           explain_text(web, offer->product.title),
                           HTML_RENDER(web->arena, &web->html, html_enterprise_apply, &page),
                           "finance");
}

static bool get_apply(struct web *web, struct error *err)
{
    return show_apply(web, web_query(web, "product"), NULL, err);
}

static bool apply(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    return finance_apply(db, web->arena, web->viewer, &web->app->credit, w->bank_id,
                         web->viewer->org_id, w->year, w->product, w->amount, w->purpose,
                         kit_today(web), instant_now_ms(), &w->case_id, err);
}

static bool post_apply(struct web *web, struct error *err)
{
    struct work w = {.web = web,
                     .product = str_dup(web->arena, web_form(web, "product")),
                     .purpose = str_dup(web->arena, web_form(web, "purpose"))};
    struct error refused = {0};
    int64_t year;
    str amount = web_form(web, "amount");
    if (!web_form_id(web, "bank", &w.bank_id, err)) return false;
    if (!num_parse_int(web_form(web, "year"), &year) || year < 1990 || year > 2100)
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    w.year = (int)year;
    bool good = num_parse_human(web->arena, amount, &w.amount) && w.amount > 0
                    ? store_write(web->store, apply, &w, &refused)
                    : error_set(&refused, ERROR_WEB_AMOUNT, "s", str_dup(web->arena, amount));
    if (!good) return show_apply(web, web_form(web, "product"), &refused, err);
    return web_redirect(web,
                        arena_printf(web->arena, "/enterprise/cases/%s/%s", kit_id(web, w.bank_id),
                                     kit_id(web, w.case_id)),
                        TR_KEY("The application is sent to the bank."));
}

const struct web_route web_routes_enterprise_finance[] = {
    {"GET", "/enterprise/finance", get_finance, WEB_ENTERPRISE, TR_KEY("Finance")},
    {"GET", "/enterprise/finance/apply", get_apply, WEB_ENTERPRISE, TR_KEY("Apply to a bank")},
    {"POST", "/enterprise/finance/apply", post_apply, WEB_ENTERPRISE, TR_KEY("Apply to a bank"),
     .slow = true},
    {0},
};
