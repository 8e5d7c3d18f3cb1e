/* What the QR code of a report leads to: whether such a report was issued. */
#include "public_verify_number_html.h"
#include "web/public/public.h"

struct card_work {
    struct arena *arena;
    str number;
    struct report_card card;
    bool found;
};

static bool read_card(struct db *db, void *arg, struct error *err)
{
    struct card_work *work = arg;
    return report_find_card(db, work->arena, work->number, &work->card, &work->found, err);
}

static html state_chip(struct web *web, const struct report_card *card, date today)
{
    if (!card->ready) return web_chip(web, WEB_NOTE, tr(web->lang, "Being entered into the log"));
    if (today.day > card->valid_to.day)
        return web_chip(web, WEB_WARN, tr(web->lang, "Issued, no longer valid"));
    if (card->newer)
        return web_chip(web, WEB_NOTE,
                        tr(web->lang, "Issued and valid, superseded by a newer one"));
    return web_chip(web, WEB_GOOD, tr(web->lang, "Issued and valid"));
}

static bool get_number(struct web *web, struct error *err)
{
    struct card_work work = {.arena = web->arena, .number = web_param(web, "number")};
    if (!store_read(web->store, read_card, &work, err)) return false;
    const struct report_card *card = &work.card;
    struct buf *check = buf_new(web->arena);
    buf_puts(check, "/verify?number=");
    html_put_url_part(check, work.number);
    struct html_public_verify_number page = {.number = work.number,
                                             .found = work.found,
                                             .state = HTML_EMPTY,
                                             .label = HTML_EMPTY,
                                             .icon = web_icon(web, "search"),
                                             .check_url = buf_str(check)};
    web_crumb(web, tr(web->lang, "Verify a report"), "/verify");
    if (work.found) {
        char issued[DATE_TEXT_MAX], valid[DATE_TEXT_MAX];
        date_format(instant_day(card->issued_at, web->utc_offset_minutes), issued);
        date_format(card->valid_to, valid);
        bool summary = str_is(STR("summary"), card->kind);
        page.state = state_chip(web, card, instant_day(instant_now_ms(), web->utc_offset_minutes));
        page.label = web_label(web, str_from(card->label), true);
        page.kind = str_from(tr(web->lang, summary ? TR_KEY("Two-page summary for a bank's file")
                                                   : TR_KEY("Carbon creditworthiness report")));
        page.year = str_from(arena_printf(web->arena, "%d", card->year));
        page.issued = str_from(arena_strdup(web->arena, issued));
        page.valid_to = str_from(arena_strdup(web->arena, valid));
        page.language = card->lang == LANG_ZH ? STR("中文") : STR("English");
        page.newer = card->newer;
        if (card->invented) web_invented(web);
    }
    html body = HTML_RENDER(web->arena, &web->html, html_public_verify_number, &page);
    return web_page_status(web, work.found ? 200 : 404, NULL, body, "verify");
}

const struct web_route web_routes_public_verify_number[] = {
    {"GET", "/verify/{number}", get_number, WEB_PUBLIC, TR_KEY("Was this report issued?")},
    {0},
};
