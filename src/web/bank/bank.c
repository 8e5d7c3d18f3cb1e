/* The enterprise a page is about, and the letter that opens it; words and figures. */
#include "web/bank/bank.h"

#include <math.h>
#include <string.h>

#include "bank_refusal_html.h"
#include "bank_tabs_html.h"
#include "base/num.h"
#include "web/shared/explain.h"
#include "web/shared/standing.h"

#define MONEY_UNIT_CNY 10000.0

date bank_today(const struct web *web)
{
    return instant_day(instant_now_ms(), web->utc_offset_minutes);
}

/* ---- the subject and its letter ---- */

struct open_work {
    struct web *web;
    id64 org_id;
    struct bank_subject *subject;
};

static bool read_subject(struct db *db, void *arg, struct error *err)
{
    struct open_work *work = arg;
    struct web *web = work->web;
    struct registry_authorisation *all;
    size_t count;
    return registry_list_authorisations(db, web->arena, web->viewer, work->subject->today, &all,
                                        &count, err) &&
           bank_read_subject(db, web, work->org_id, all, count, work->subject, err);
}

bool bank_in_force(const struct registry_authorisation *letter, date today)
{
    return letter->state == REGISTRY_GRANTED && letter->first_day.day <= today.day &&
           letter->last_day.day >= today.day;
}

static int bits(int mask)
{
    return __builtin_popcount((unsigned)mask);
}

static void pick_letter(struct web *web, struct bank_subject *subject)
{
    id64 wanted = 0;
    if (!id_parse(web_query(web, "letter"), &wanted)) wanted = 0;
    for (size_t i = 0; i < subject->letter_count; i++) {
        const struct registry_authorisation *letter = &subject->letters[i];
        if (!bank_in_force(letter, subject->today)) continue;
        bool better = subject->letter == NULL || bits(letter->scopes) > bits(subject->scopes);
        if (letter->authorisation_id != wanted && !better) continue;
        subject->letter = letter;
        subject->scopes = letter->scopes;
        if (letter->authorisation_id == wanted) break;
    }
}

/* The bank's person relying on the subject's letter. */
static const struct viewer *under_letter(struct web *web, const struct bank_subject *subject)
{
    struct viewer *viewer = ARENA_NEW(web->arena, struct viewer);
    *viewer = *web->viewer;
    if (subject->letter == NULL) return viewer;
    viewer->purpose = subject->letter->purpose;
    viewer->authorisation_id = subject->letter->authorisation_id;
    return viewer;
}

bool bank_read_subject(struct db *db, struct web *web, id64 org_id,
                       const struct registry_authorisation *all, size_t count,
                       struct bank_subject *subject, struct error *err)
{
    *subject = (struct bank_subject){.today = bank_today(web)};
    if (!registry_get_org(db, web->arena, org_id, &subject->org, err)) return false;
    if (subject->org.kind != REGISTRY_ENTERPRISE) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    subject->letters = ARENA_NEW_ARRAY(web->arena, struct registry_authorisation, count + 1);
    for (size_t i = 0; i < count; i++)
        if (all[i].org_id == org_id) subject->letters[subject->letter_count++] = all[i];
    pick_letter(web, subject);
    subject->viewer = under_letter(web, subject);
    return true;
}

bool bank_open_org(struct web *web, id64 org_id, struct bank_subject *subject, struct error *err)
{
    *subject = (struct bank_subject){.today = bank_today(web)};
    struct open_work work = {web, org_id, subject};
    if (!store_read(web->store, read_subject, &work, err)) return false;
    web->viewer = subject->viewer;
    return true;
}

bool bank_open_subject(struct web *web, struct bank_subject *subject, struct error *err)
{
    id64 org_id;
    return web_param_id(web, "org", &org_id, err) && bank_open_org(web, org_id, subject, err);
}

bool bank_may(const struct bank_subject *subject, int scopes)
{
    return subject->letter != NULL && (subject->scopes & scopes) == scopes;
}

/* How the newest letter stands, when none is in force. */
static const char *refusal_reason(struct web *web, const struct bank_subject *subject)
{
    if (subject->letter != NULL)
        return tr(web->lang, "Your letter of authorisation is in force, but does not cover this.");
    if (subject->letter_count == 0)
        return tr(web->lang, "Your bank has no letter of authorisation from this enterprise.");
    const struct registry_authorisation *newest = &subject->letters[0];
    const char *day = bank_day(web, instant_day(newest->state_at, web->utc_offset_minutes));
    switch (newest->state) {
    case REGISTRY_REQUESTED:
        return tr_fill(web->arena, web->lang, "Asked on {0}; the enterprise has not answered yet.",
                       day, NULL);
    case REGISTRY_REFUSED:
        return tr_fill(web->arena, web->lang, "The enterprise refused your request on {0}.", day,
                       NULL);
    case REGISTRY_WITHDRAWN:
        return tr_fill(web->arena, web->lang,
                       "The enterprise withdrew its letter of authorisation on {0}. Nothing that "
                       "the letter opened can be read any more.",
                       day, NULL);
    case REGISTRY_EXPIRED:
        return tr_fill(web->arena, web->lang,
                       "The letter of authorisation ended on {0}. Nothing that the letter opened "
                       "can be read any more.",
                       bank_day(web, newest->last_day), NULL);
    case REGISTRY_GRANTED:
    case REGISTRY_AUTHORISATION_STATES: break;
    }
    return tr_fill(web->arena, web->lang, "The letter of authorisation begins on {0}.",
                   bank_day(web, newest->first_day), NULL);
}

html bank_refusal(struct web *web, const struct bank_subject *subject, int scopes)
{
    int missing = scopes & ~subject->scopes;
    struct html_bank_refusal page = {
        .icon = web_icon(web, "lock"),
        .reason = str_from(refusal_reason(web, subject)),
        .missing = str_from(letters_scopes(web, missing)),
        .may_ask = web->viewer->role == REGISTRY_BANK_OFFICER,
        .ask_url = str_from(bank_org_url(web, subject->org.org_id, "/authorisation"))};
    return HTML_RENDER(web->arena, &web->html, html_bank_refusal, &page);
}

bool bank_refuse(struct web *web, const struct bank_subject *subject, int scopes)
{
    return web_page_status(web, error_http_status(ERROR_REGISTRY_NOT_ALLOWED), NULL,
                           bank_refusal(web, subject, scopes), "enterprises");
}

void bank_frame(struct web *web, const struct bank_subject *subject, bool below)
{
    web_crumb(web, tr(web->lang, "Enterprises"), "/bank/enterprises");
    if (below)
        web_crumb(web, bank_org_name(web, &subject->org),
                  bank_org_url(web, subject->org.org_id, ""));
    if (subject->org.invented) web_invented(web);
    const struct registry_authorisation *letter = subject->letter;
    if (letter == NULL && subject->letter_count != 0) letter = &subject->letters[0];
    if (letter != NULL) web_status(web, bank_letter_chip(web, letter, subject->today));
}

html bank_tabs(struct web *web, const struct bank_subject *subject, const char *active)
{
    static const struct {
        const char *key, *title, *rest;
    } tabs[] = {{"overview", TR_KEY("Carbon account and label"), ""},
                {"report", TR_KEY("Creditworthiness report"), "/report"},
                {"offers", TR_KEY("Matched products"), "/offers"}};
    struct html_bank_tabs page = {
        .tabs = ARENA_NEW_ARRAY(web->arena, struct html_bank_tabs_tabs, ARRAY_LEN(tabs)),
        .tabs_count = ARRAY_LEN(tabs)};
    for (size_t i = 0; i < ARRAY_LEN(tabs); i++)
        page.tabs[i] = (struct html_bank_tabs_tabs){
            .url = str_from(bank_org_url(web, subject->org.org_id, tabs[i].rest)),
            .title = str_from(tr(web->lang, tabs[i].title)),
            .current = strcmp(active, tabs[i].key) == 0};
    return HTML_RENDER(web->arena, &web->html, html_bank_tabs, &page);
}

/* ---- words ---- */

const char *bank_org_name(const struct web *web, const struct registry_org *org)
{
    bool english = web->lang == LANG_EN && org->name_en != NULL && org->name_en[0] != '\0';
    return english ? org->name_en : org->name;
}

const char *bank_industry(const struct web *web, const char *code)
{
    const struct registry_code *found = registry_find_industry(web->codes, str_from(code));
    if (found == NULL) return code;
    return arena_printf(web->arena, "%s %s", code,
                        web->lang == LANG_ZH ? found->name_zh : found->name_en);
}

const char *bank_division(const struct web *web, const char *code)
{
    return registry_division_label(web->arena, web->codes, str_from(code), web->lang == LANG_ZH);
}

const char *bank_scale(const struct web *web, const char *scale)
{
    static const char *const names[] = {"large", "medium", "small", "micro"};
    static const char *const words[] = {TR_KEY("Large"), TR_KEY("Medium"), TR_KEY("Small"),
                                        TR_KEY("Micro")};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(scale, names[i]) == 0) return tr(web->lang, words[i]);
    return tr(web->lang, "Not stated");
}

const char *bank_day(const struct web *web, date day)
{
    char text[DATE_TEXT_MAX];
    date_format(day, text);
    return arena_strdup(web->arena, text);
}

const char *bank_id(const struct web *web, id64 id)
{
    char text[ID_TEXT_MAX];
    id_format(id, text);
    return arena_strdup(web->arena, text);
}

/* What a bank gets by each scope. */
const char *bank_scope_help(const struct web *web, enum registry_scope scope)
{
    static const struct {
        enum registry_scope scope;
        const char *help;
    } known[LETTERS_SCOPES] = {
        {REGISTRY_SCOPE_LABEL,
         TR_KEY("Four-colour label, carbon grade, confidence, reasons and results of the checks")},
        {REGISTRY_SCOPE_REPORT, TR_KEY("Carbon creditworthiness reports as signed documents")},
        {REGISTRY_SCOPE_ACCOUNT,
         TR_KEY("Emission, energy and output by month, with their calculation")},
        {REGISTRY_SCOPE_ACTIVITY,
         TR_KEY("Fuels, electricity and meters behind the figures; needed to match products")},
        {REGISTRY_SCOPE_FINANCE, TR_KEY("Revenue, debts and loans; needed to size a loan")},
        {REGISTRY_SCOPE_FILING, TR_KEY("What was filed when, and how findings were answered")},
    };
    for (size_t i = 0; i < LETTERS_SCOPES; i++)
        if (known[i].scope == scope) return tr(web->lang, known[i].help);
    return "";
}

html bank_letter_chip(struct web *web, const struct registry_authorisation *letter, date today)
{
    bool soon =
        letter->state == REGISTRY_GRANTED && letter->last_day.day - today.day <= BANK_EXPIRING_DAYS;
    switch (letter->state) {
    case REGISTRY_REQUESTED: return web_chip(web, WEB_NOTE, tr(web->lang, "Waits for an answer"));
    case REGISTRY_GRANTED:
        return web_chip(web, soon ? WEB_WARN : WEB_GOOD,
                        tr_fill(web->arena, web->lang, "Granted until {0}",
                                bank_day(web, letter->last_day), NULL));
    case REGISTRY_REFUSED: return web_chip(web, WEB_BAD, tr(web->lang, "Refused"));
    case REGISTRY_WITHDRAWN: return web_chip(web, WEB_BAD, tr(web->lang, "Withdrawn"));
    case REGISTRY_EXPIRED:
    case REGISTRY_AUTHORISATION_STATES: break;
    }
    return web_chip(web, WEB_NEUTRAL, tr(web->lang, "Expired"));
}

html bank_case_chip(struct web *web, const struct finance_case *the_case)
{
    return standing_chip(web, the_case->flow_state, false);
}

/* ---- addresses ---- */

const char *bank_org_url(const struct web *web, id64 org_id, const char *rest)
{
    id64 letter;
    bool picked = id_parse(web_query(web, "letter"), &letter) && strstr(rest, "letter=") == NULL;
    const char *joint = strchr(rest, '?') != NULL ? "&letter=" : "?letter=";
    return arena_printf(web->arena, "/bank/enterprises/%s%s%s%s", bank_id(web, org_id), rest,
                        picked ? joint : "", picked ? bank_id(web, letter) : "");
}

const char *bank_case_url(const struct web *web, id64 case_id, const char *rest)
{
    return arena_printf(web->arena, "/bank/cases/%s%s", bank_id(web, case_id), rest);
}

/* ---- figures ---- */

html bank_money(struct web *web, bool known, double cny, const char *url)
{
    if (!known || !isfinite(cny)) return web_figure_missing(web, tr(web->lang, "Not known"));
    bool zh = web->lang == LANG_ZH;
    return web_figure(web, zh ? cny / MONEY_UNIT_CNY : cny, 7, zh ? "万元" : "CNY", 0, url);
}

html bank_percent(struct web *web, bool known, double share, const char *url)
{
    if (!known || !isfinite(share)) return web_figure_missing(web, tr(web->lang, "Not known"));
    /* Prices of different products are compared digit by digit: always two decimals. */
    struct buf *out = buf_new(web->arena);
    char full[NUM_TEXT_MAX];
    num_format(share * 100, full);
    buf_puts(out, "<span class=\"figure\">");
    if (url != NULL) {
        buf_puts(out, "<a href=\"");
        html_put_url(out, str_from(url));
        buf_puts(out, "\"");
    } else {
        buf_puts(out, "<span");
    }
    buf_printf(out,
               " class=\"figure-number\" title=\"%s %%\">%s%s <span class=\"figure-unit\">%%"
               "</span></span>",
               full, num_format_grouped(web->arena, share * 100, 2),
               url != NULL ? "</a>" : "</span>");
    return html_from(out);
}

html bank_part(struct web *web, const struct finance_part *part, const char *url)
{
    if (strncmp(part->output, "rate", 4) == 0)
        return bank_percent(web, part->known, part->value, url);
    if (part->unit != NULL && strcmp(part->unit, "CNY") == 0)
        return bank_money(web, part->known, part->value, url);
    if (!part->known) return web_figure_missing(web, tr(web->lang, "Not known"));
    bool bare = part->unit == NULL || strcmp(part->unit, "1") == 0;
    return web_figure(web, part->value, 4, bare ? "" : part->unit, 0, url);
}

html bank_value(struct web *web, const struct model_value *value, const char *unit)
{
    struct buf *out = buf_new(web->arena);
    if (value->status != MODEL_OK) return web_figure_missing(web, tr(web->lang, "Not known"));
    if (value->type == MODEL_NUMBER) {
        if (strcmp(unit, "CNY") == 0) return bank_money(web, true, value->number, NULL);
        if (strcmp(unit, "year") == 0) unit = tr(web->lang, "years");
        return web_figure(web, value->number, 4, strcmp(unit, "1") == 0 ? "" : unit, 0, NULL);
    }
    if (value->type == MODEL_FLAG)
        html_put_text(out, str_from(tr(web->lang, value->number != 0 ? "Yes" : "No")));
    else
        html_put_text(out, str_from(explain_word(web, value->text)));
    return html_from(out);
}
