/* The monitoring register as a bank sees it: public facts, and how its own letters stand. */
#include <stdlib.h>
#include <string.h>

#include "bank_enterprises_html.h"
#include "web/bank/bank.h"

#define PAGE_ROWS 25
#define REGISTER_PAGE 1000
#define INDUSTRY_CHARS 2 /* of GB/T 4754: the division, such as 31 */
#define DIVISION_CHARS 4 /* the prefecture */

enum letter_state { NO_LETTER, WAITING, OPEN, ENDED, LETTER_STATES };
static const char *const state_names[LETTER_STATES] = {"none", "waiting", "open", "ended"};

struct entry {
    struct registry_org org;
    const struct registry_authorisation *letter; /* the one that tells its state; NULL */
    enum letter_state state;
};

struct list_work {
    struct web *web;
    struct registry_authorisation *letters;
    size_t letter_count;
    struct entry *entries;
    size_t count, capacity;
    date today;
};

static void judge_letters(const struct list_work *work, struct entry *entry)
{
    static const enum letter_state states[] = {[REGISTRY_REQUESTED] = WAITING,
                                               [REGISTRY_GRANTED] = OPEN,
                                               [REGISTRY_REFUSED] = ENDED,
                                               [REGISTRY_WITHDRAWN] = ENDED,
                                               [REGISTRY_EXPIRED] = ENDED};
    static const int ranks[] = {[NO_LETTER] = 0, [ENDED] = 1, [WAITING] = 2, [OPEN] = 3};
    for (size_t i = 0; i < work->letter_count; i++) {
        if (work->letters[i].org_id != entry->org.org_id) continue;
        enum letter_state state = states[work->letters[i].state];
        if (entry->letter != NULL && ranks[state] <= ranks[entry->state]) continue;
        entry->letter = &work->letters[i];
        entry->state = state;
    }
}

static bool read_register(struct db *db, void *arg, struct error *err)
{
    struct list_work *work = arg;
    struct arena *arena = work->web->arena;
    struct registry_org_filter filter = {.kind = REGISTRY_ENTERPRISE,
                                         .division_prefix = "",
                                         .industry_prefix = "",
                                         .on_register_only = true,
                                         .rows_max = REGISTER_PAGE};
    size_t count;
    if (!registry_list_authorisations(db, arena, work->web->viewer, work->today, &work->letters,
                                      &work->letter_count, err))
        return false;
    do {
        struct registry_org *orgs;
        if (!registry_list_orgs(db, arena, &filter, &orgs, &count, err)) return false;
        for (size_t i = 0; i < count; i++) {
            struct entry *entry = ARENA_PUSH(arena, work->entries, work->count, work->capacity);
            *entry = (struct entry){.org = orgs[i]};
            judge_letters(work, entry);
        }
        filter.skip += (int64_t)count;
    } while (count == REGISTER_PAGE);
    return true;
}

static bool holds(struct web *web, const char *text, str part)
{
    size_t at;
    return text != NULL && str_find(str_fold(web->arena, str_from(text)), part, &at);
}

static bool fits(struct web *web, const struct entry *entry)
{
    str text = str_fold(web->arena, web_query(web, "q")), industry = web_query(web, "industry"),
        division = web_query(web, "division"), state = web_query(web, "state");
    if (text.len != 0 && !holds(web, entry->org.name, text) &&
        !holds(web, entry->org.name_en, text) && !holds(web, entry->org.identifier, text))
        return false;
    if (!str_starts(str_from(entry->org.industry), str_dup(web->arena, industry))) return false;
    if (!str_starts(str_from(entry->org.division), str_dup(web->arena, division))) return false;
    return state.len == 0 || str_is(state, state_names[entry->state]);
}

static int by_industry(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = strcmp(left->org.industry, right->org.industry);
    return order != 0 ? order : strcmp(left->org.name, right->org.name);
}

static int by_division(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = strcmp(left->org.division, right->org.division);
    return order != 0 ? order : strcmp(left->org.name, right->org.name);
}

static int by_state(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    if (left->state != right->state) return (int)right->state - (int)left->state;
    return strcmp(left->org.name, right->org.name);
}

static const struct {
    const char *name, *word;
    int (*compare)(const void *, const void *);
} sorts[] = {{"", TR_KEY("Name"), NULL}, /* as the register gives them */
             {"industry", TR_KEY("Industry"), by_industry},
             {"division", TR_KEY("Division"), by_division},
             {"state", TR_KEY("Authorisation"), by_state}};

/* ---- choice lists ---- */

struct choice {
    char code[8];
};

static int compare_choices(const void *a, const void *b)
{
    return strcmp(((const struct choice *)a)->code, ((const struct choice *)b)->code);
}

/* The distinct beginnings of the entries' codes, in order. */
static size_t gather(struct list_work *work, bool industry, size_t chars, struct choice **list)
{
    struct choice *all = ARENA_NEW_ARRAY(work->web->arena, struct choice, work->count + 1);
    size_t used = 0, distinct = 0;
    for (size_t i = 0; i < work->count; i++) {
        const char *code = industry ? work->entries[i].org.industry : work->entries[i].org.division;
        if (strlen(code) < chars) continue;
        memcpy(all[used++].code, code, chars);
    }
    if (used > 1) qsort(all, used, sizeof *all, compare_choices);
    for (size_t i = 0; i < used; i++)
        if (distinct == 0 || strcmp(all[distinct - 1].code, all[i].code) != 0)
            all[distinct++] = all[i];
    *list = all;
    return distinct;
}

static void fill_codes(struct list_work *work, struct html_bank_enterprises *page)
{
    struct web *web = work->web;
    struct choice *list;
    size_t count = gather(work, true, INDUSTRY_CHARS, &list);
    page->industries =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_enterprises_industries, count + 1);
    for (size_t i = 0; i < count; i++)
        page->industries[page->industries_count++] = (struct html_bank_enterprises_industries){
            .value = str_from(list[i].code),
            .word = str_from(bank_industry(web, list[i].code)),
            .picked = str_is(web_query(web, "industry"), list[i].code)};
    count = gather(work, false, DIVISION_CHARS, &list);
    page->divisions =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_enterprises_divisions, count + 1);
    for (size_t i = 0; i < count; i++)
        page->divisions[page->divisions_count++] = (struct html_bank_enterprises_divisions){
            .value = str_from(list[i].code),
            .word = str_from(bank_division(web, arena_printf(web->arena, "%s00", list[i].code))),
            .picked = str_is(web_query(web, "division"), list[i].code)};
}

static void fill_choices(struct list_work *work, struct html_bank_enterprises *page)
{
    static const char *const words[LETTER_STATES] = {
        TR_KEY("Never asked"), TR_KEY("Asked"), TR_KEY("In force"), TR_KEY("Ended or refused")};
    struct web *web = work->web;
    fill_codes(work, page);
    page->states =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_enterprises_states, LETTER_STATES + 1);
    page->states_count = LETTER_STATES + 1;
    page->states[0].word = str_from(tr(web->lang, "All"));
    for (size_t i = 0; i < LETTER_STATES; i++)
        page->states[i + 1] = (struct html_bank_enterprises_states){
            .value = str_from(state_names[i]),
            .word = str_from(tr(web->lang, words[i])),
            .picked = str_is(web_query(web, "state"), state_names[i])};
    page->sorts = ARENA_NEW_ARRAY(web->arena, struct html_bank_enterprises_sorts, ARRAY_LEN(sorts));
    page->sorts_count = ARRAY_LEN(sorts);
    for (size_t i = 0; i < ARRAY_LEN(sorts); i++)
        page->sorts[i] = (struct html_bank_enterprises_sorts){
            .value = str_from(sorts[i].name),
            .word = str_from(tr(web->lang, sorts[i].word)),
            .picked = str_is(web_query(web, "sort"), sorts[i].name)};
}

/* ---- the page ---- */

static const char *list_url(struct web *web)
{
    static const char *const names[] = {"q", "industry", "division", "state", "sort"};
    struct buf *out = buf_new(web->arena);
    const char *before = "?";
    buf_puts(out, "/bank/enterprises");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        str value = web_query(web, names[i]);
        if (value.len == 0) continue;
        buf_printf(out, "%s%s=", before, names[i]);
        html_put_url_part(out, value);
        before = "&";
    }
    return str_dup(web->arena, buf_str(out));
}

static struct html_bank_enterprises_rows row_of(struct list_work *work, const struct entry *entry)
{
    struct web *web = work->web;
    id64 id = entry->org.org_id;
    struct html_bank_enterprises_rows row = {
        .url = str_from(bank_org_url(web, id, "")),
        .name = str_from(bank_org_name(web, &entry->org)),
        .code = str_from(entry->org.identifier),
        .industry = str_from(bank_industry(web, entry->org.industry)),
        .division = str_from(bank_division(web, entry->org.division)),
        .scale = str_from(bank_scale(web, entry->org.scale)),
        .marks = entry->org.invented ? web_marks(web, WEB_MARK_INVENTED) : HTML_EMPTY,
        .state = web_chip(web, WEB_NEUTRAL, tr(web->lang, "Never asked"))};
    if (entry->letter != NULL) row.state = bank_letter_chip(web, entry->letter, work->today);
    bool officer = web->viewer->role == REGISTRY_BANK_OFFICER;
    if (entry->state == OPEN) {
        row.step = str_from(tr(web->lang, "View"));
        row.step_url = row.url;
    } else if (entry->state != WAITING && officer) {
        row.step = str_from(tr(web->lang, "Ask for authorisation"));
        row.step_url = str_from(bank_org_url(web, id, "/authorisation"));
    }
    return row;
}

static bool get_enterprises(struct web *web, struct error *err)
{
    struct list_work work = {.web = web, .today = bank_today(web)};
    if (!store_read(web->store, read_register, &work, err)) return false;
    struct html_bank_enterprises page = {.text = web_query(web, "q"),
                                         .icon = web_icon(web, "building"),
                                         .filtered = work.count != 0};
    fill_choices(&work, &page);
    size_t kept = 0;
    for (size_t i = 0; i < work.count; i++)
        if (fits(web, &work.entries[i])) work.entries[kept++] = work.entries[i];
    for (size_t i = 0; i < ARRAY_LEN(sorts); i++)
        if (sorts[i].compare != NULL && kept > 1 && str_is(web_query(web, "sort"), sorts[i].name))
            qsort(work.entries, kept, sizeof *work.entries, sorts[i].compare);
    struct web_paging paging = web_paging(web, (int64_t)kept, PAGE_ROWS);
    page.rows = ARENA_NEW_ARRAY(web->arena, struct html_bank_enterprises_rows, PAGE_ROWS);
    for (size_t i = (size_t)paging.skip; i < kept && page.rows_count < PAGE_ROWS; i++)
        page.rows[page.rows_count++] = row_of(&work, &work.entries[i]);
    page.pages = web_pages(web, &paging, list_url(web));
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_bank_enterprises, &page),
                    "enterprises");
}

const struct web_route web_routes_bank_enterprises[] = {
    {"GET", "/bank/enterprises", get_enterprises, WEB_BANK, TR_KEY("Enterprises")},
    {0},
};
