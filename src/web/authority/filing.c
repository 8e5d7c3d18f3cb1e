/* Who has filed a month and who has not; reminders after a look at what will happen and to whom. */
#include "authority_filing_html.h"
#include "authority_remind_html.h"
#include "base/num.h"
#include "web/authority/authority.h"

#define SENTENCE TR_KEY("{0} reminds you: the data of {1} were due on {2} and have not arrived.")
#define PAGE_ROWS 100
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

/* Those who are missing come first, each in order of name; these are the rows of this page, and a
 * look at each. */
static bool page_of(struct web *web, const struct authority_filings *work,
                    const struct web_paging *paging, const struct authority_filing **rows,
                    size_t *count, struct error *err)
{
    struct web_looked *looks = ARENA_NEW_ARRAY(web->arena, struct web_looked, PAGE_ROWS);
    int64_t place = 0;
    *count = 0;
    for (int filed = 0; filed < 2; filed++)
        for (size_t i = 0; i < work->count; i++) {
            const struct authority_filing *filing = &work->list[i];
            if (filing->filed != (filed == 1)) continue;
            if (place++ < paging->skip || *count == PAGE_ROWS) continue;
            looks[*count] =
                (struct web_looked){web->viewer, filing->org.org_id, REGISTRY_SCOPE_FILING};
            rows[(*count)++] = filing;
        }
    return web_look_each(web, looks, *count, err);
}

static bool get_filing(struct web *web, struct error *err)
{
    struct authority_filings work = filings_of(web, asked_month(web, web_query(web, "month")));
    const struct authority_filing *shown[PAGE_ROWS];
    size_t count;
    if (!store_read(web->store, authority_read_filings, &work, err)) return false;
    struct web_paging paging = web_paging(web, (int64_t)work.count, PAGE_ROWS);
    if (!page_of(web, &work, &paging, shown, &count, err)) return false;
    bool over = instant_now_ms() >= work.due_ms;
    struct html_authority_filing page = {
        .month = str_from(authority_month(web, work.month)),
        .due = str_from(bank_day(web, authority_due(web, work.month))),
        .over = over,
        .on_register = share(web, work.count, 0),
        .filed = share(web, work.filed, work.count),
        .on_time = share(web, work.on_time, work.count),
        .missing = share(web, work.count - work.filed, work.count),
        .icon = web_icon(web, "building"),
        .any = work.count != 0,
        .any_missing = work.filed < work.count,
        .remind_url = str_from(path_of(web, "/authority/filing/remind", work.month)),
        .pages = web_pages(web, &paging, path_of(web, "/authority/filing", work.month)),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_authority_filing_rows, count + 1)};
    for (size_t i = 0; i < count; i++) {
        const struct authority_filing *filing = shown[i];
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

struct remind_work {
    struct authority_filings filings;
    date today; /* in China */
    struct registry_org own;
    const char *month, *due;
    size_t sent;
    int64_t reminded_today;
};

/* Nobody is reminded of a month twice on one day, so that a form sent again sends nothing. */
static bool is_reminded(const struct remind_work *work, const struct authority_filing *filing)
{
    return !filing->filed && (filing->reminded_at == 0 ||
                              instant_day(filing->reminded_at, 480).day < work->today.day);
}

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
    const char *args[] = {registry_notice_org(db_arena(db), &work->own), work->month, work->due,
                          NULL};
    for (size_t i = 0; i < work->filings.count; i++) {
        const struct authority_filing *filing = &work->filings.list[i];
        if (!is_reminded(work, filing)) continue;
        if (!registry_send_notice(db, filing->org.org_id, "reminder", SENTENCE, args,
                                  "/enterprise/data", now, err) ||
            !registry_set_setting(db, filing->org.org_id,
                                  str_from(app_filing_reminder_name(arena, work->filings.month)),
                                  str_from(arena_printf(arena, "%lld", (long long)now)), err))
            return false;
        work->sent++;
    }
    return true;
}

/* A month that can be read and whose due day is over. */
static bool remind_of(const struct web *web, str text, struct remind_work *work, struct error *err)
{
    int32_t month;
    int64_t now = instant_now_ms();
    if (!month_parse_human(web->arena, text, &month))
        return error_set(err, ERROR_WEB_FORM_MONTH, "S", text);
    *work = (struct remind_work){.filings = filings_of(web, month),
                                 .today = instant_day(now, 480),
                                 .month = authority_month(web, month),
                                 .due = bank_day(web, authority_due(web, month))};
    return now >= work->filings.due_ms ||
           error_set(err, ERROR_WEB_NOT_DUE, "ss", work->month, work->due);
}

static bool get_remind(struct web *web, struct error *err)
{
    struct remind_work work;
    if (!remind_of(web, web_query(web, "month"), &work, err) ||
        !store_read(web->store, read_remind, &work, err))
        return false;
    struct web_looked *looks =
        ARENA_NEW_ARRAY(web->arena, struct web_looked, work.filings.count + 1);
    struct html_authority_remind page = {
        .month = str_from(work.month),
        .sentence = str_from(tr_fill(web->arena, web->lang, SENTENCE, bank_org_name(web, &work.own),
                                     work.month, work.due, NULL)),
        .icon = web_icon(web, "check-circle"),
        .back_url = str_from(path_of(web, "/authority/filing", work.filings.month)),
        .rows =
            ARENA_NEW_ARRAY(web->arena, struct html_authority_remind_rows, work.filings.count + 1)};
    for (size_t i = 0; i < work.filings.count; i++) {
        const struct authority_filing *filing = &work.filings.list[i];
        work.reminded_today += !filing->filed && !is_reminded(&work, filing);
        if (!is_reminded(&work, filing)) continue;
        looks[page.rows_count] =
            (struct web_looked){web->viewer, filing->org.org_id, REGISTRY_SCOPE_FILING};
        page.rows[page.rows_count++] = (struct html_authority_remind_rows){
            .name = str_from(bank_org_name(web, &filing->org)),
            .marks = filing->org.invented ? web_marks(web, WEB_MARK_INVENTED) : HTML_EMPTY,
            .reminded_at = str_from(day_of(web, filing->reminded_at))};
    }
    if (!web_look_each(web, looks, page.rows_count, err)) return false;
    page.count = (int64_t)page.rows_count;
    page.today = work.reminded_today;
    web_crumb(web, tr(web->lang, "Filing and reminders"),
              path_of(web, "/authority/filing", work.filings.month));
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_authority_remind, &page),
                    "filing");
}

static bool post_remind(struct web *web, struct error *err)
{
    struct remind_work work;
    if (!remind_of(web, web_form(web, "month"), &work, err) ||
        !store_write(web->store, send_reminders, &work, err))
        return false;
    return web_redirect(web, path_of(web, "/authority/filing", work.filings.month),
                        work.sent != 0
                            ? TR_KEY("The reminders are sent.")
                            : TR_KEY("Nobody is left to remind today: who has not filed was "
                                     "reminded already. Nothing was sent."));
}

const struct web_route web_routes_authority_filing[] = {
    {"GET", "/authority/filing", get_filing, WEB_AUTHORITY, TR_KEY("Filing and reminders")},
    {"GET", "/authority/filing/remind", get_remind, WEB_AUTHORITY, TR_KEY("Send reminders")},
    {"POST", "/authority/filing/remind", post_remind, WEB_AUTHORITY, TR_KEY("Send reminders")},
    {0},
};
