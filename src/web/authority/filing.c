/* Who has filed a month and who has not; reminders after a look at what will happen and to whom. */
#include "authority_filing_html.h"
#include "authority_remind_html.h"
#include "base/num.h"
#include "web/authority/authority.h"

#define SENTENCE TR_KEY("{0} reminds you: the data of {1} were due on {2} and have not arrived.")
#define DAY_END_MS(due) (((int64_t)(due).day + 1) * DAY_MS - (int64_t)480 * 60 * 1000)

static int32_t asked_month(const struct web *web, str text)
{
    int32_t month;
    return month_parse_human(web->arena, text, &month) ? month : authority_last_due(web);
}

static struct authority_filings filings_of(const struct web *web, int32_t month)
{
    return (struct authority_filings){.arena = web->arena,
                                      .viewer = web->viewer,
                                      .month = month,
                                      .due_ms = DAY_END_MS(authority_due(web, month))};
}

static const char *day_of(const struct web *web, int64_t at)
{
    return at == 0 ? "" : bank_day(web, instant_day(at, web->utc_offset_minutes));
}

static const char *path_of(const struct web *web, const char *page, int32_t month)
{
    return arena_printf(web->arena, "%s?month=%s", page, authority_month(web, month));
}

static html state_of(struct web *web, const struct authority_filings *work,
                     const struct authority_filing *filing)
{
    if (!filing->filed) {
        bool over = instant_now_ms() >= work->due_ms;
        return over ? web_chip(web, WEB_BAD, tr(web->lang, "Overdue"))
                    : web_chip(web, WEB_NOTE, tr(web->lang, "Not filed yet"));
    }
    if (filing->filed_at >= work->due_ms)
        return web_chip(web, WEB_WARN, tr(web->lang, "Filed late"));
    return filing->posted ? web_chip(web, WEB_GOOD, tr(web->lang, "Filed and approved"))
                          : web_chip(web, WEB_GOOD, tr(web->lang, "Filed"));
}

static html share(struct web *web, size_t part, size_t whole)
{
    struct buf *out = buf_new(web->arena);
    buf_printf(out, "<span class=\"figure\"><span class=\"figure-number\">%zu</span>", part);
    if (whole != 0)
        buf_printf(out, " <span class=\"figure-unit\">%.0f%%</span>",
                   100.0 * (double)part / (double)whole);
    buf_puts(out, "</span>");
    return html_from(out);
}

static bool get_filing(struct web *web, struct error *err)
{
    struct authority_filings work = filings_of(web, asked_month(web, web_query(web, "month")));
    if (!store_read(web->store, authority_read_filings, &work, err)) return false;
    struct html_authority_filing page = {
        .month = str_from(authority_month(web, work.month)),
        .due = str_from(bank_day(web, authority_due(web, work.month))),
        .over = instant_now_ms() >= work.due_ms,
        .on_register = share(web, work.count, 0),
        .filed = share(web, work.filed, work.count),
        .on_time = share(web, work.on_time, work.count),
        .missing = share(web, work.count - work.filed, work.count),
        .icon = web_icon(web, "building"),
        .any = work.count != 0,
        .any_missing = work.filed < work.count,
        .remind_url = str_from(path_of(web, "/authority/filing/remind", work.month)),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_authority_filing_rows, work.count + 1)};
    for (int filed = 0; filed < 2; filed++) /* those who are missing come first */
        for (size_t i = 0; i < work.count; i++) {
            const struct authority_filing *filing = &work.list[i];
            if (filing->filed != (filed == 1)) continue;
            page.rows[page.rows_count++] = (struct html_authority_filing_rows){
                .url = str_from(arena_printf(web->arena, "/authority/enterprises/%s",
                                             bank_id(web, filing->org.org_id))),
                .name = str_from(bank_org_name(web, &filing->org)),
                .marks = filing->org.invented ? web_marks(web, WEB_MARK_INVENTED) : HTML_EMPTY,
                .code = str_from(filing->org.identifier),
                .industry = str_from(bank_industry(web, filing->org.industry)),
                .state = state_of(web, &work, filing),
                .filed_at = str_from(day_of(web, filing->filed_at)),
                .reminded_at = str_from(day_of(web, filing->reminded_at))};
        }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_authority_filing, &page),
                    "filing");
}

/* ---- reminders ---- */

static const char *own_name(struct web *web, struct registry_org *own)
{
    return own->name_en[0] != '\0' && web->lang == LANG_EN ? own->name_en : own->name;
}

struct remind_work {
    struct authority_filings filings;
    struct registry_org own;
    const char *month, *due;
    size_t sent;
};

static bool read_remind(struct db *db, void *arg, struct error *err)
{
    struct remind_work *work = arg;
    return authority_read_filings(db, &work->filings, err) &&
           registry_get_org(db, work->filings.arena, work->filings.viewer->org_id, &work->own, err);
}

static bool send_reminders(struct db *db, void *arg, struct error *err)
{
    struct remind_work *work = arg;
    struct arena *arena = work->filings.arena;
    int64_t now = instant_now_ms();
    work->sent = 0;
    if (!read_remind(db, work, err)) return false;
    const char *args[] = {work->own.name, work->month, work->due, NULL};
    for (size_t i = 0; i < work->filings.count; i++) {
        const struct authority_filing *filing = &work->filings.list[i];
        if (filing->filed) continue;
        if (!registry_send_notice(db, filing->org.org_id, "reminder", SENTENCE, args,
                                  "/enterprise/data", now, err) ||
            !registry_set_setting(db, filing->org.org_id,
                                  str_from(authority_reminder_name(arena, work->filings.month)),
                                  str_from(arena_printf(arena, "%lld", (long long)now)), err))
            return false;
        work->sent++;
    }
    return true;
}

static struct remind_work remind_of(const struct web *web, str month)
{
    struct remind_work work = {.filings = filings_of(web, asked_month(web, month))};
    work.month = authority_month(web, work.filings.month);
    work.due = bank_day(web, authority_due(web, work.filings.month));
    return work;
}

static bool get_remind(struct web *web, struct error *err)
{
    struct remind_work work = remind_of(web, web_query(web, "month"));
    if (!store_read(web->store, read_remind, &work, err)) return false;
    struct html_authority_remind page = {
        .month = str_from(work.month),
        .sentence = str_from(tr_fill(web->arena, web->lang, SENTENCE, own_name(web, &work.own),
                                     work.month, work.due, NULL)),
        .icon = web_icon(web, "check-circle"),
        .back_url = str_from(path_of(web, "/authority/filing", work.filings.month)),
        .rows =
            ARENA_NEW_ARRAY(web->arena, struct html_authority_remind_rows, work.filings.count + 1)};
    for (size_t i = 0; i < work.filings.count; i++) {
        const struct authority_filing *filing = &work.filings.list[i];
        if (filing->filed) continue;
        page.rows[page.rows_count++] = (struct html_authority_remind_rows){
            .name = str_from(bank_org_name(web, &filing->org)),
            .marks = filing->org.invented ? web_marks(web, WEB_MARK_INVENTED) : HTML_EMPTY,
            .reminded_at = str_from(day_of(web, filing->reminded_at))};
    }
    page.count = (int64_t)page.rows_count;
    web_crumb(web, tr(web->lang, "Filing and reminders"),
              path_of(web, "/authority/filing", work.filings.month));
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_authority_remind, &page),
                    "filing");
}

static bool post_remind(struct web *web, struct error *err)
{
    struct remind_work work = remind_of(web, web_form(web, "month"));
    if (!store_write(web->store, send_reminders, &work, err)) return false;
    return web_redirect(web, path_of(web, "/authority/filing", work.filings.month),
                        work.sent != 0 ? TR_KEY("The reminders are sent.")
                                       : TR_KEY("There was nobody to remind."));
}

const struct web_route web_routes_authority_filing[] = {
    {"GET", "/authority/filing", get_filing, WEB_AUTHORITY, TR_KEY("Filing and reminders")},
    {"GET", "/authority/filing/remind", get_remind, WEB_AUTHORITY, TR_KEY("Send reminders")},
    {"POST", "/authority/filing/remind", post_remind, WEB_AUTHORITY, TR_KEY("Send reminders")},
    {0},
};
