/* One enterprise as its letter of authorisation opens it. Without a letter in force: public facts,
 * and how to ask. */
#include "bank_enterprise_html.h"
#include "web/bank/enterprise.h"

static void fill_letter(struct web *web, const struct bank_subject *subject,
                        struct html_bank_enterprise *page)
{
    const struct registry_authorisation *letter = subject->letter;
    page->has_letter = letter != NULL;
    page->others =
        ARENA_NEW_ARRAY(web->arena, struct html_bank_enterprise_others, subject->letter_count + 1);
    for (size_t i = 0; i < subject->letter_count; i++) {
        const struct registry_authorisation *other = &subject->letters[i];
        if (other == letter) continue;
        page->others[page->others_count++] = (struct html_bank_enterprise_others){
            .purpose = str_from(letters_purpose(web, other->purpose)),
            .state = bank_letter_chip(web, other, subject->today),
            .when =
                str_from(bank_day(web, instant_day(other->requested_at, web->utc_offset_minutes)))};
    }
    if (letter == NULL) return;
    page->purpose = str_from(letters_purpose(web, letter->purpose));
    page->term =
        str_from(tr_fill(web->arena, web->lang, "{0} to {1}", bank_day(web, letter->first_day),
                         bank_day(web, letter->last_day), NULL));
    page->letter = str_from(letter->text);
    page->scopes = ARENA_NEW_ARRAY(web->arena, struct html_bank_enterprise_scopes, LETTERS_SCOPES);
    page->scopes_count = LETTERS_SCOPES;
    for (size_t i = 0; i < LETTERS_SCOPES; i++) {
        bool granted = bank_may(subject, (int)letters_scope(i));
        page->scopes[i] = (struct html_bank_enterprise_scopes){
            .word = str_from(letters_scope_word(web, letters_scope(i))),
            .help = str_from(bank_scope_help(web, letters_scope(i))),
            .state = web_chip(web, granted ? WEB_GOOD : WEB_NEUTRAL,
                              tr(web->lang, granted ? "Granted" : "Not granted"))};
    }
}

static bool get_enterprise(struct web *web, struct error *err)
{
    struct bank_subject subject;
    if (!bank_open_subject(web, &subject, err)) return false;
    int shown = subject.scopes & (REGISTRY_SCOPE_LABEL | REGISTRY_SCOPE_ACCOUNT);
    struct html_bank_enterprise page = {
        .tabs = HTML_EMPTY,
        .label_box = HTML_EMPTY,
        .account_box = HTML_EMPTY,
        .refusal = HTML_EMPTY,
        .code = str_from(subject.org.identifier),
        .industry = str_from(bank_industry(web, subject.org.industry)),
        .division = str_from(bank_division(web, subject.org.division)),
        .scale = str_from(bank_scale(web, subject.org.scale)),
        .founded = str_from(subject.org.has_founded ? bank_day(web, subject.org.founded) : ""),
        .ets = str_from(tr(web->lang, subject.org.ets ? "Key emitter of the national carbon market"
                                                      : "Not in the national carbon market")),
        .may_ask = subject.letter != NULL && web->viewer->role == REGISTRY_BANK_OFFICER,
        .ask_url = str_from(bank_org_url(web, subject.org.org_id, "/authorisation"))};
    if (shown != 0 && !web_look(web, subject.org.org_id, shown, err)) return false;
    if (bank_may(&subject, REGISTRY_SCOPE_LABEL) &&
        !bank_label_box(web, &subject, &page.label_box, err))
        return false;
    if (bank_may(&subject, REGISTRY_SCOPE_ACCOUNT) &&
        !bank_account_box(web, &subject, &page.account_box, err))
        return false;
    if (shown != (REGISTRY_SCOPE_LABEL | REGISTRY_SCOPE_ACCOUNT))
        page.refusal = bank_refusal(web, &subject, REGISTRY_SCOPE_LABEL | REGISTRY_SCOPE_ACCOUNT);
    if (subject.letter != NULL) page.tabs = bank_tabs(web, &subject, "overview");
    fill_letter(web, &subject, &page);
    bank_frame(web, &subject, false);
    return web_page(web, bank_org_name(web, &subject.org),
                    HTML_RENDER(web->arena, &web->html, html_bank_enterprise, &page),
                    "enterprises");
}

const struct web_route web_routes_bank_enterprise[] = {
    {"GET", "/bank/enterprises/{org}", get_enterprise, WEB_BANK, TR_KEY("Enterprise")},
    {0},
};
