/* The bank's work list: cases that wait, letters that were answered or end, messages. */
#include "bank_home_html.h"
#include "web/bank/cases.h"
#include "web/shared/explain.h"
#include "web/shared/standing.h"

#define NOTICES_SHOWN 6
#define LETTERS_SHOWN 8
#define ANSWERED_DAYS 14 /* an answer is news for two weeks */

struct home_work {
    struct bank_cases cases; /* first: bank_read_cases fills it */
    struct finance_choice **choices;
    size_t *choice_counts;
    struct registry_authorisation *letters;
    size_t letter_count;
    struct registry_notice *notices;
    size_t notice_count;
    date today;
};

static bool read_home(struct db *db, void *arg, struct error *err)
{
    struct home_work *work = arg;
    struct web *web = work->cases.web;
    if (!bank_read_cases(db, &work->cases, err) ||
        !registry_list_authorisations(db, web->arena, web->viewer, work->today, &work->letters,
                                      &work->letter_count, err) ||
        !registry_list_notices(db, web->arena, web->viewer, 0, NOTICES_SHOWN, &work->notices,
                               &work->notice_count, err))
        return false;
    work->choices = ARENA_NEW_ARRAY(web->arena, struct finance_choice *, work->cases.count + 1);
    work->choice_counts = ARENA_NEW_ARRAY(web->arena, size_t, work->cases.count + 1);
    for (size_t i = 0; i < work->cases.count; i++)
        if (!finance_list_choices(db, web->arena, web->viewer, web->app->flows, web->viewer->org_id,
                                  work->cases.list[i].case_id, instant_now_ms(), &work->choices[i],
                                  &work->choice_counts[i], err))
            return false;
    return true;
}

/* The first step that the viewer may take; NULL when the case waits for others. */
static const struct finance_choice *own_step(const struct home_work *work, size_t at)
{
    for (size_t i = 0; i < work->choice_counts[at]; i++)
        if (!work->choices[at][i].same_person && !work->choices[at][i].no_letter)
            return &work->choices[at][i];
    return NULL;
}

static void fill_cases(struct home_work *work, struct html_bank_home *page)
{
    struct web *web = work->cases.web;
    page->cases = ARENA_NEW_ARRAY(web->arena, struct html_bank_home_cases, work->cases.count + 1);
    for (size_t i = 0; i < work->cases.count; i++) {
        const struct finance_case *c = &work->cases.list[i];
        page->pending += !c->closed;
        page->overdue += c->overdue;
        const struct finance_choice *step = own_step(work, i);
        if (c->closed || step == NULL) continue;
        page->cases[page->cases_count++] =
            (struct html_bank_home_cases){.url = str_from(bank_case_url(web, c->case_id, "")),
                                          .name = str_from(c->enterprise_name),
                                          .product = str_from(explain_text(web, c->product_title)),
                                          .state = bank_case_chip(web, c),
                                          .due = bank_due(web, c),
                                          .step = str_from(explain_text(web, step->title))};
    }
}

static void fill_states(struct home_work *work, struct html_bank_home *page)
{
    struct web *web = work->cases.web;
    const struct flow_state **states;
    size_t count;
    bank_case_states(&work->cases, &states, &count);
    page->states = ARENA_NEW_ARRAY(web->arena, struct html_bank_home_states, count + 1);
    for (size_t s = 0; s < count; s++) {
        const struct flow_state *state = states[s];
        int64_t cases = 0;
        for (size_t i = 0; i < work->cases.count; i++)
            cases += str_is(str_from(work->cases.list[i].state), state->name);
        if (cases == 0) continue;
        page->states[page->states_count++] = (struct html_bank_home_states){
            .url = str_from(arena_printf(web->arena, "/bank/cases?state=%s", state->name)),
            .word = str_from(standing_text(web, state->label)),
            .count = cases};
    }
}

static void fill_letters(struct home_work *work, struct html_bank_home *page)
{
    struct web *web = work->cases.web;
    page->letters = ARENA_NEW_ARRAY(web->arena, struct html_bank_home_letters, LETTERS_SHOWN);
    for (size_t i = 0; i < work->letter_count; i++) {
        const struct registry_authorisation *letter = &work->letters[i];
        date since = instant_day(letter->state_at, web->utc_offset_minutes);
        bool waits = letter->state == REGISTRY_REQUESTED;
        bool ends = bank_in_force(letter, work->today) &&
                    letter->last_day.day - work->today.day <= BANK_EXPIRING_DAYS;
        bool news = !waits && work->today.day - since.day <= ANSWERED_DAYS;
        page->waiting += waits;
        page->ending += ends;
        if ((!waits && !ends && !news) || page->letters_count == LETTERS_SHOWN) continue;
        page->letters[page->letters_count++] = (struct html_bank_home_letters){
            .url = str_from(bank_org_url(web, letter->org_id, "")),
            .name = str_from(letter->org_name),
            .purpose = str_from(letters_purpose(web, letter->purpose)),
            .state = bank_letter_chip(web, letter, work->today),
            .when = str_from(bank_day(web, since))};
    }
}

static void fill_notices(struct home_work *work, struct html_bank_home *page)
{
    struct web *web = work->cases.web;
    page->notices =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_home_notices, work->notice_count + 1);
    page->notices_count = work->notice_count;
    for (size_t i = 0; i < work->notice_count; i++) {
        const struct registry_notice *n = &work->notices[i];
        page->notices[i] = (struct html_bank_home_notices){
            .when = str_from(instant_format(web->arena, n->at, web->utc_offset_minutes)),
            .text = str_from(web_notice_text(web, n)),
            .url = str_from(n->link),
            .linked = n->link != NULL && n->link[0] != '\0',
            .unread = !n->is_read};
    }
}

static bool get_home(struct web *web, struct error *err)
{
    struct home_work work = {.cases = {.web = web}, .today = bank_today(web)};
    if (!store_read(web->store, read_home, &work, err)) return false;
    struct html_bank_home page = {.icon = web_icon(web, "building"),
                                  .begun = work.cases.count != 0 || work.letter_count != 0};
    fill_cases(&work, &page);
    fill_states(&work, &page);
    fill_letters(&work, &page);
    fill_notices(&work, &page);
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_bank_home, &page),
                    "overview");
}

const struct web_route web_routes_bank_home[] = {
    {"GET", "/bank", get_home, WEB_BANK, TR_KEY("Overview")},
    {0},
};
