/* Products matched for one enterprise: what is offered at which price, and what is lacking. */
#include <math.h>
#include <string.h>

#include "bank_offers_html.h"
#include "web/bank/offers.h"
#include "web/shared/explain.h"

#define MONTHS_PER_YEAR 12

static bool read_match(struct db *db, void *arg, struct error *err)
{
    struct bank_match *match = arg;
    struct web *web = match->web;
    struct credit_rating rating;
    id64 org_id = match->subject->org.org_id;
    bool found;
    if (!credit_read_rating(db, web->arena, web->viewer, org_id, 0, &rating, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_REPORT_NO_RATING, "i",
                         (int64_t)month_year(month_of(match->subject->today)) - 1);
    match->year = rating.year;
    return finance_match(db, web->arena, web->viewer, &web->app->credit, org_id, rating.year,
                         match->subject->today, &match->offers, &match->count, err);
}

bool bank_match(struct bank_match *match, struct error *err)
{
    return store_read(match->web->store, read_match, match, err);
}

const struct finance_offer *bank_find_offer(const struct bank_match *match, str product)
{
    for (size_t i = 0; i < match->count; i++)
        if (str_is(product, match->offers[i].product.name) && match->offers[i].eligible)
            return &match->offers[i];
    return NULL;
}

const char *bank_term(const struct web *web, int months)
{
    if (months <= 0) return tr(web->lang, "Not stated");
    bool years = months % MONTHS_PER_YEAR == 0;
    return tr_fill(web->arena, web->lang, years ? "{0} years" : "{0} months",
                   arena_printf(web->arena, "%d", years ? months / MONTHS_PER_YEAR : months), NULL);
}

const char *bank_green_item(const struct web *web, const struct finance_product *product)
{
    return arena_printf(web->arena, "%s%s%s", product->green_item,
                        product->green_item[0] != '\0' ? " " : "",
                        explain_text(web, product->green_item_name));
}

/* ---- one offer ---- */

static const char *explain_url(struct bank_match *match, const struct finance_offer *offer,
                               const char *output)
{
    struct web *web = match->web;
    return bank_org_url(web, match->subject->org.org_id,
                        arena_printf(web->arena, "/explain?product=%s&output=%s&year=%d&letter=%s",
                                     offer->product.name, output, match->year,
                                     bank_id(web, match->subject->letter->authorisation_id)));
}

static int group_of(const struct finance_offer *offer)
{
    if (offer->eligible) return 0;
    for (size_t i = 0; i < offer->filter_count; i++)
        if (offer->filters[i].near_miss) return 1;
    return 2;
}

static html state_of(struct web *web, int group)
{
    static const enum web_tone tones[] = {WEB_GOOD, WEB_WARN, WEB_NEUTRAL};
    static const char *const words[] = {TR_KEY("Eligible"), TR_KEY("Near miss"),
                                        TR_KEY("Not eligible")};
    return web_chip(web, tones[group], tr(web->lang, words[group]));
}

static const char *sign_of(const char *comparison)
{
    static const char *const signs[][2] = {{">=", "≥"}, {"<=", "≤"}, {"!=", "≠"}};
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (strcmp(comparison, signs[i][0]) == 0) return signs[i][1];
    return comparison;
}

static void fill_filters(struct web *web, const struct finance_offer *offer,
                         struct html_bank_offers_groups_offers *row)
{
    row->filters = ARENA_NEW_ARRAY(web->arena, struct html_bank_offers_groups_offers_filters,
                                   offer->filter_count + 1);
    row->filters_count = offer->filter_count;
    for (size_t i = 0; i < offer->filter_count; i++) {
        const struct finance_filter *f = &offer->filters[i];
        html state = web_chip(web, WEB_BAD, tr(web->lang, "Not met"));
        if (f->met)
            state = web_chip(web, WEB_GOOD, tr(web->lang, "Met"));
        else if (!f->known)
            state = web_chip(web, WEB_NEUTRAL, tr(web->lang, "Not known"));
        else if (f->near_miss)
            state = web_chip(web, WEB_WARN, tr(web->lang, "Just missed"));
        row->filters[i] = (struct html_bank_offers_groups_offers_filters){
            .name = str_from(explain_text(web, f->label)),
            .state = state,
            .found = HTML_EMPTY,
            .wanted = HTML_EMPTY,
            .compared = f->compared};
        if (!f->compared) continue;
        row->filters[i].found = bank_value(web, &f->found, f->unit);
        row->filters[i].comparison = str_from(sign_of(f->comparison));
        row->filters[i].wanted = bank_value(web, &f->wanted, f->unit);
    }
}

static void fill_parts(struct bank_match *match, const struct finance_offer *offer,
                       struct html_bank_offers_groups_offers *row)
{
    struct web *web = match->web;
    row->prices = ARENA_NEW_ARRAY(web->arena, struct html_bank_offers_groups_offers_prices,
                                  offer->part_count + 1);
    row->parts = ARENA_NEW_ARRAY(web->arena, struct html_bank_offers_groups_offers_parts,
                                 offer->part_count + 1);
    for (size_t i = 0; i < offer->part_count; i++) {
        const struct finance_part *part = &offer->parts[i];
        str name = str_from(explain_text(web, part->label));
        html value = bank_part(web, part, explain_url(match, offer, part->output));
        if (strncmp(part->output, "rate", 4) == 0)
            row->prices[row->prices_count++] =
                (struct html_bank_offers_groups_offers_prices){.name = name, .value = value};
        else
            row->parts[row->parts_count++] =
                (struct html_bank_offers_groups_offers_parts){.name = name, .value = value};
    }
}

static void fill_missing(struct web *web, const struct finance_offer *offer,
                         struct html_bank_offers_groups_offers *row)
{
    row->missing = ARENA_NEW_ARRAY(web->arena, struct html_bank_offers_groups_offers_missing,
                                   offer->missing_count + 1);
    row->missing_count = offer->missing_count;
    for (size_t i = 0; i < offer->missing_count; i++)
        row->missing[i] = (struct html_bank_offers_groups_offers_missing){
            .name = str_from(explain_text(web, offer->missing[i].label)),
            .remedy =
                str_from(tr(web->lang, offer->missing[i].from_user ? "The enterprise can state it"
                                                                   : "Follows from other data"))};
}

static void fill_offer(struct bank_match *match, const struct finance_offer *offer,
                       struct html_bank_offers_groups_offers *row)
{
    struct web *web = match->web;
    const struct finance_product *product = &offer->product;
    const char *amount_url = explain_url(match, offer, "amount");
    *row = (struct html_bank_offers_groups_offers){
        .id = str_from(product->name),
        .title = str_from(explain_text(web, product->title)),
        .lender = str_from(explain_text(web, product->lender)),
        .state = state_of(web, group_of(offer)),
        .amount = bank_money(web, offer->has_amount, offer->amount_cny, amount_url),
        .rate = bank_percent(web, offer->has_rate, offer->rate, explain_url(match, offer, "rate")),
        .score = web_figure(web, offer->score, 3, "", 0, explain_url(match, offer, "score")),
        .use_of_funds = str_from(explain_text(web, product->use_of_funds)),
        .green = str_from(bank_green_item(web, product)),
        .term = str_from(bank_term(web, product->term_months)),
        .category = str_from(explain_text(web, product->category)),
        .may_apply = offer->eligible && offer->has_amount && offer->has_rate &&
                     web->viewer->role == REGISTRY_BANK_OFFICER,
        .apply_url = str_from(
            bank_org_url(web, match->subject->org.org_id,
                         arena_printf(web->arena, "/case?product=%s&letter=%s", product->name,
                                      bank_id(web, match->subject->letter->authorisation_id))))};
    fill_parts(match, offer, row);
    fill_filters(web, offer, row);
    fill_missing(web, offer, row);
}

static void fill_groups(struct bank_match *match, struct html_bank_offers *page)
{
    static const char *const titles[] = {TR_KEY("Eligible, best first"),
                                         TR_KEY("Near misses: one step is lacking"),
                                         TR_KEY("Not eligible today")};
    struct web *web = match->web;
    page->groups = ARENA_NEW_ARRAY(web->arena, struct html_bank_offers_groups, ARRAY_LEN(titles));
    for (size_t g = 0; g < ARRAY_LEN(titles); g++) {
        struct html_bank_offers_groups *group = &page->groups[page->groups_count];
        group->title = str_from(tr(web->lang, titles[g]));
        group->offers =
            ARENA_NEW_ARRAY(web->arena, struct html_bank_offers_groups_offers, match->count + 1);
        for (size_t i = 0; i < match->count; i++)
            if (group_of(&match->offers[i]) == (int)g)
                fill_offer(match, &match->offers[i], &group->offers[group->offers_count++]);
        page->groups_count += group->offers_count != 0;
    }
}

/* Money that the letter does not open counts as unknown: say so before somebody wonders. */
static html notes_of(struct web *web, const struct bank_subject *subject)
{
    if (bank_may(subject, REGISTRY_SCOPE_FINANCE)) return HTML_EMPTY;
    return bank_refusal(web, subject, REGISTRY_SCOPE_FINANCE);
}

static bool get_offers(struct web *web, struct error *err)
{
    struct bank_subject subject;
    if (!bank_open_subject(web, &subject, err)) return false;
    bank_frame(web, &subject, true);
    if (!bank_may(&subject, BANK_SCOPES_MATCH))
        return bank_refuse(web, &subject, BANK_SCOPES_MATCH);
    struct bank_match match = {.web = web, .subject = &subject};
    if (!web_look(web, subject.org.org_id,
                  subject.scopes & (BANK_SCOPES_MATCH | REGISTRY_SCOPE_FINANCE), err) ||
        !bank_match(&match, err))
        return false;
    struct html_bank_offers page = {.tabs = bank_tabs(web, &subject, "offers"),
                                    .notes = notes_of(web, &subject),
                                    .icon = web_icon(web, "cash-coin")};
    fill_groups(&match, &page);
    const char *title = tr_fill(web->arena, web->lang, "Matched products, {0}",
                                arena_printf(web->arena, "%d", match.year), NULL);
    return web_page(web, title, HTML_RENDER(web->arena, &web->html, html_bank_offers, &page),
                    "enterprises");
}

const struct web_route web_routes_bank_offers[] = {
    {"GET", "/bank/enterprises/{org}/offers", get_offers, WEB_BANK, TR_KEY("Matched products")},
    {0},
};
