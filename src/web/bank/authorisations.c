/* The bank's letters of authorisation and requests, by state. */
#include "bank_authorisations_html.h"
#include "web/bank/bank.h"

static bool is_all(const struct registry_authorisation *letter, date today)
{
    (void)letter;
    (void)today;
    return true;
}

static bool is_waiting(const struct registry_authorisation *letter, date today)
{
    (void)today;
    return letter->state == REGISTRY_REQUESTED;
}

static bool is_ending(const struct registry_authorisation *letter, date today)
{
    return bank_in_force(letter, today) && letter->last_day.day - today.day <= BANK_EXPIRING_DAYS;
}

static bool is_ended(const struct registry_authorisation *letter, date today)
{
    (void)today;
    return letter->state == REGISTRY_REFUSED || letter->state == REGISTRY_WITHDRAWN ||
           letter->state == REGISTRY_EXPIRED;
}

static const struct {
    const char *name, *word;
    bool (*holds)(const struct registry_authorisation *letter, date today);
} filters[] = {{"", TR_KEY("All"), is_all},
               {"waiting", TR_KEY("Waiting"), is_waiting},
               {"open", TR_KEY("In force"), bank_in_force},
               {"ending", TR_KEY("Ending within 30 days"), is_ending},
               {"ended", TR_KEY("Ended or refused"), is_ended}};

static struct html_bank_authorisations_rows row_of(struct letters *work,
                                                   const struct registry_authorisation *letter)
{
    struct web *web = work->web;
    const char *url =
        arena_printf(web->arena, "/bank/enterprises/%s?letter=%s", bank_id(web, letter->org_id),
                     bank_id(web, letter->authorisation_id));
    return (struct html_bank_authorisations_rows){
        .url = str_from(url),
        .name = str_from(letter->org_name),
        .purpose = str_from(letters_purpose(web, letter->purpose)),
        .scopes = str_from(letters_scopes(web, letter->scopes)),
        .term =
            str_from(tr_fill(web->arena, web->lang, "{0} to {1}", bank_day(web, letter->first_day),
                             bank_day(web, letter->last_day), NULL)),
        .asked =
            str_from(bank_day(web, instant_day(letter->requested_at, web->utc_offset_minutes))),
        .state = bank_letter_chip(web, letter, work->today),
        .letter = str_from(letter->text)};
}

static bool get_authorisations(struct web *web, struct error *err)
{
    struct letters work = {.web = web, .today = bank_today(web)};
    if (!store_read(web->store, letters_read, &work, err)) return false;
    size_t chosen = 0;
    for (size_t f = 0; f < ARRAY_LEN(filters); f++)
        if (str_is(web_query(web, "state"), filters[f].name)) chosen = f;
    struct html_bank_authorisations page = {
        .icon = web_icon(web, "shield-check"),
        .filters = ARENA_NEW_ARRAY(web->arena, struct html_bank_authorisations_filters,
                                   ARRAY_LEN(filters)),
        .filters_count = ARRAY_LEN(filters),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_bank_authorisations_rows, work.count + 1)};
    for (size_t f = 0; f < ARRAY_LEN(filters); f++) {
        const char *url =
            filters[f].name[0] == '\0'
                ? "/bank/authorisations"
                : arena_printf(web->arena, "/bank/authorisations?state=%s", filters[f].name);
        page.filters[f] = (struct html_bank_authorisations_filters){
            .url = str_from(url),
            .word = str_from(tr(web->lang, filters[f].word)),
            .current = f == chosen};
        for (size_t i = 0; i < work.count; i++)
            page.filters[f].count += filters[f].holds(&work.list[i], work.today);
    }
    for (size_t i = 0; i < work.count; i++)
        if (filters[chosen].holds(&work.list[i], work.today))
            page.rows[page.rows_count++] = row_of(&work, &work.list[i]);
    web_action(web, tr(web->lang, "Ask an enterprise"), "/bank/enterprises?state=none");
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_bank_authorisations, &page),
                    "authorisations");
}

const struct web_route web_routes_bank_authorisations[] = {
    {"GET", "/bank/authorisations", get_authorisations, WEB_BANK, TR_KEY("Authorisations")},
    {0},
};
