/* The load of a meter by year, month and day: charts with gaps, the same as tables, and the monthly
 * energy beside what stands in the account. */
#include "enterprise_meter_load_html.h"
#include "web/enterprise/data_kit.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

enum load_view { VIEW_YEAR, VIEW_MONTH, VIEW_DAY };

struct load_work {
    struct web *web;
    id64 meter_id;
    const char *path;
    struct registry_asset meter;
    bool found;
    struct meter_span span;
    enum load_view view;
    date at, first, last; /* the span shown; `at` is its first day */
    struct meter_day *days;
    size_t day_count;
    struct meter_month *months;
    size_t month_count;
    struct meter_heat heat;
    struct meter_day *versions;
    size_t version_count;
    struct account_datum *data; /* electricity of this meter */
    size_t data_count;
};

/* ---- reading ---- */

static void choose_span(struct load_work *work)
{
    struct web *web = work->web;
    str view = web_query(web, "view"), at = web_query(web, "at");
    struct account_period period;
    int year, month, day;
    work->view = str_is(view, "day") ? VIEW_DAY : str_is(view, "month") ? VIEW_MONTH : VIEW_YEAR;
    if (!date_parse_iso(at, &work->at))
        work->at = data_period_parse(web, at, &period) ? period.first : work->span.last;
    work->first = work->last = work->at;
    date_split(work->at, &year, &month, &day);
    if (work->view == VIEW_DAY) return;
    struct account_period shown =
        work->view == VIEW_YEAR ? account_year(year) : account_month(month_make(year, month));
    work->first = shown.first;
    work->last = shown.last;
}

static void *keep(struct arena *arena, const void *list, size_t bytes)
{
    return bytes == 0 ? NULL : arena_copy(arena, list, bytes);
}

/* What the transaction's arena holds ends with it. */
static void keep_days(struct load_work *work)
{
    struct arena *arena = work->web->arena;
    work->days = keep(arena, work->days, work->day_count * sizeof *work->days);
    for (size_t i = 0; i < work->day_count; i++)
        work->days[i].wh =
            arena_copy(arena, work->days[i].wh, (size_t)work->days[i].expected * sizeof(int64_t));
}

static bool read_account(struct db *db, struct load_work *work, struct error *err)
{
    struct web *web = work->web;
    struct account_data_filter filter = {
        .first = work->first, .last = work->last, .as_known = ACCOUNT_NOW};
    struct account_datum *list;
    size_t count;
    if (!account_list_data(db, web->arena, web->viewer, web->viewer->org_id, &filter, &list, &count,
                           err))
        return false;
    work->data = ARENA_NEW_ARRAY(web->arena, struct account_datum, count + 1);
    for (size_t i = 0; i < count; i++)
        if (list[i].asset_id == work->meter_id) work->data[work->data_count++] = list[i];
    return true;
}

static bool read_load(struct db *db, void *arg, struct error *err)
{
    struct load_work *work = arg;
    struct web *web = work->web;
    id64 org = web->viewer->org_id, meter = work->meter_id;
    if (!registry_get_asset(db, web->arena, org, meter, &work->meter, err) ||
        !meter_read_span(db, web->viewer, org, meter, &work->span, &work->found, err))
        return false;
    if (!work->found) return true;
    choose_span(work);
    if (!meter_read_days(db, web->viewer, org, meter, work->first, work->last, 0, &work->days,
                         &work->day_count, err) ||
        !meter_read_months(db, web->viewer, org, meter, work->first, work->last, 0, &work->months,
                           &work->month_count, err) ||
        !meter_read_heat(db, web->viewer, org, meter, work->first, work->last, 0, &work->heat,
                         err) ||
        !read_account(db, work, err))
        return false;
    if (work->view == VIEW_DAY && !meter_read_versions(db, web->viewer, org, meter, work->at,
                                                       &work->versions, &work->version_count, err))
        return false;
    keep_days(work);
    work->months = keep(web->arena, work->months, work->month_count * sizeof *work->months);
    work->versions = keep(web->arena, work->versions, work->version_count * sizeof *work->versions);
    return true;
}

/* ---- quantities ---- */

static double kw_of(int64_t wh, int interval_minutes)
{
    return (double)wh * 60.0 / interval_minutes / 1000.0;
}

/* The highest load of days first..last, whose intervals need not be of one length; NAN when they
 * have no reading. */
static double peak_kw(const struct load_work *work, int32_t first, int32_t last)
{
    double peak = NAN;
    for (size_t d = 0; d < work->day_count; d++) {
        const struct meter_day *day = &work->days[d];
        if (day->day.day < first || day->day.day > last) continue;
        for (int i = 0; i < day->expected; i++)
            if (day->wh[i] != METER_GAP &&
                !(kw_of(day->wh[i], day->interval_minutes) <= peak)) /* also when it is NAN */
                peak = kw_of(day->wh[i], day->interval_minutes);
    }
    return peak;
}

static html peak_figure(struct web *web, double kw)
{
    return isnan(kw) ? web_figure_missing(web, tr(web->lang, TR_KEY("Not known")))
                     : web_figure(web, kw, 5, "kW", 0, NULL);
}

/* The longest step that every interval of the days in view is made of. */
static int step_minutes(const struct load_work *work)
{
    int step = 0;
    for (size_t d = 0; d < work->day_count; d++) {
        int other = work->days[d].interval_minutes;
        while (other != 0) {
            int rest = step % other;
            step = other;
            other = rest;
        }
    }
    return step > 0 ? step : work->span.interval_minutes;
}

static html energy(struct web *web, int64_t wh, const char *url)
{
    bool large = wh >= 10000000;
    return web_figure(web, (double)wh / (large ? 1e6 : 1e3), 6, large ? "MWh" : "kWh", 0, url);
}

static const char *share(struct web *web, int64_t count, int64_t expected)
{
    if (expected <= 0) return "–";
    /* 99.96 % is not 100 %: what is missing must stay visible. */
    double percent = floor(1000.0 * (double)count / (double)expected) / 10;
    return arena_printf(web->arena, "%s%%", num_format_significant(web->arena, percent, 4));
}

static const struct meter_day *find_day(const struct load_work *work, int32_t day)
{
    for (size_t i = 0; i < work->day_count; i++)
        if (work->days[i].day.day == day) return &work->days[i];
    return NULL;
}

static str day_text(struct web *web, date day)
{
    char text[DATE_TEXT_MAX];
    date_format(day, text);
    return str_from(arena_strdup(web->arena, text));
}

static str clock_text(struct web *web, int minutes)
{
    return str_from(arena_printf(web->arena, "%02d:%02d", minutes / 60, minutes % 60));
}

/* ---- charts ---- */

static html svg(struct web *web, const struct drawing *drawing)
{
    struct buf *out = buf_new(web->arena);
    drawing_svg(out, drawing);
    return html_from(out);
}

static html table(struct web *web, const struct drawing *drawing)
{
    struct buf *out = buf_new(web->arena);
    drawing_table_html(out, drawing, web->lang);
    return html_from(out);
}

static struct drawing *months_chart(struct load_work *work)
{
    struct web *web = work->web;
    str *labels = ARENA_NEW_ARRAY(web->arena, str, 12);
    double *values = ARENA_NEW_ARRAY(web->arena, double, 12);
    for (int m = 0; m < 12; m++) {
        int32_t month = month_of(work->first) + m;
        labels[m] = str_from(account_period_text(web->arena, account_month(month)));
        values[m] = NAN;
        for (size_t i = 0; i < work->month_count; i++)
            if (work->months[i].month == month) values[m] = (double)work->months[i].sum_wh / 1e6;
    }
    struct chart_series series = {.name = str_from(tr(web->lang, TR_KEY("Energy measured"))),
                                  .values = values};
    struct chart_stack chart = {.title =
                                    str_from(tr(web->lang, TR_KEY("Energy measured by month"))),
                                .unit = STR("MWh"),
                                .labels = labels,
                                .count = 12,
                                .series = &series,
                                .series_count = 1,
                                .decimals = 1};
    return chart_stack(web->arena, &chart, CHART_PAGE, web->lang);
}

/* Mean load by weekday and hour. */
static struct drawing *week_chart(struct load_work *work)
{
    struct web *web = work->web;
    static const char *const names[] = {TR_KEY("Monday"),   TR_KEY("Tuesday"), TR_KEY("Wednesday"),
                                        TR_KEY("Thursday"), TR_KEY("Friday"),  TR_KEY("Saturday"),
                                        TR_KEY("Sunday")};
    str *rows = ARENA_NEW_ARRAY(web->arena, str, 7),
        *columns = ARENA_NEW_ARRAY(web->arena, str, 24);
    double *values = ARENA_NEW_ARRAY(web->arena, double, (size_t)7 * 24);
    for (int d = 0; d < 7; d++) {
        rows[d] = str_from(tr(web->lang, names[d]));
        for (int h = 0; h < 24; h++)
            values[d * 24 + h] = work->heat.present[d][h] ? work->heat.kw[d][h] : NAN;
    }
    for (int h = 0; h < 24; h++) columns[h] = clock_text(web, h * 60);
    struct chart_heat chart = {.title =
                                   str_from(tr(web->lang, TR_KEY("Mean load by weekday and hour"))),
                               .unit = STR("kW"),
                               .rows = rows,
                               .columns = columns,
                               .rows_count = 7,
                               .columns_count = 24,
                               .values = values,
                               .column_every = 3,
                               .decimals = 1};
    return chart_heat(web->arena, &chart, CHART_PAGE, web->lang);
}

/* Every interval between first and last as a line; days without readings are gaps. */
static struct drawing *line_of_intervals(struct load_work *work)
{
    struct web *web = work->web;
    int step = step_minutes(work), per_day = 1440 / step;
    int days = work->last.day - work->first.day + 1;
    size_t count = (size_t)per_day * (size_t)days;
    str *labels = ARENA_NEW_ARRAY(web->arena, str, count);
    double *values = ARENA_NEW_ARRAY(web->arena, double, count);
    for (int d = 0; d < days; d++) {
        const struct meter_day *day = find_day(work, work->first.day + d);
        date here = {work->first.day + d};
        str text = day_text(web, here);
        for (int i = 0; i < per_day; i++) {
            size_t at = (size_t)d * (size_t)per_day + (size_t)i;
            int minutes = i * step;
            int64_t wh = day == NULL ? METER_GAP : day->wh[minutes / day->interval_minutes];
            values[at] = wh == METER_GAP ? NAN : kw_of(wh, day->interval_minutes);
            labels[at] = days == 1 ? clock_text(web, minutes)
                         : i == 0  ? str_slice(text, 5, 10)
                                   : str_from(arena_printf(web->arena, "%.*s %.*s",
                                                           STR_ARG(str_slice(text, 5, 10)),
                                                           STR_ARG(clock_text(web, minutes))));
        }
    }
    struct chart_series series = {.name = str_from(tr(web->lang, TR_KEY("Load"))),
                                  .values = values};
    struct chart_line chart = {
        .title = str_from(tr_fill(web->arena, web->lang, TR_KEY("Load, mean of {0} minutes"),
                                  arena_printf(web->arena, "%d", step), NULL)),
        .unit = STR("kW"),
        .labels = labels,
        .count = count,
        .label_every = days == 1 ? (size_t)(per_day / 8) : (size_t)per_day * 5,
        .series = &series,
        .series_count = 1,
        .from_zero = true,
        .decimals = 2};
    return chart_line(web->arena, &chart, CHART_PAGE, web->lang);
}

/* The mean load of an hour, from the intervals that lie in it or reach over it; NAN: none is there.
 */
static double hour_kw(const struct meter_day *day, int hour)
{
    double wh = 0, minutes = 0;
    for (int minute = hour * 60; minute < (hour + 1) * 60; minute++) {
        int64_t whole = day->wh[minute / day->interval_minutes];
        if (whole == METER_GAP) continue;
        wh += (double)whole / day->interval_minutes;
        minutes++;
    }
    return minutes == 0 ? NAN : wh * 60 / minutes / 1000;
}

/* One row a day, one column an hour: the month as a carpet. */
static struct drawing *days_chart(struct load_work *work)
{
    struct web *web = work->web;
    size_t days = (size_t)(work->last.day - work->first.day + 1);
    str *rows = ARENA_NEW_ARRAY(web->arena, str, days),
        *columns = ARENA_NEW_ARRAY(web->arena, str, 24);
    double *values = ARENA_NEW_ARRAY(web->arena, double, days * 24);
    for (size_t d = 0; d < days; d++) {
        const struct meter_day *day = find_day(work, work->first.day + (int32_t)d);
        rows[d] = str_slice(day_text(web, (date){work->first.day + (int32_t)d}), 5, 10);
        for (int h = 0; h < 24; h++) {
            values[d * 24 + (size_t)h] = day == NULL ? NAN : hour_kw(day, h);
        }
    }
    for (int h = 0; h < 24; h++) columns[h] = clock_text(web, h * 60);
    struct chart_heat chart = {.title =
                                   str_from(tr(web->lang, TR_KEY("Mean load by day and hour"))),
                               .unit = STR("kW"),
                               .rows = rows,
                               .columns = columns,
                               .rows_count = days,
                               .columns_count = 24,
                               .values = values,
                               .column_every = 3,
                               .decimals = 1};
    struct chart_look look = CHART_PAGE;
    look.height = 480;
    return chart_heat(web->arena, &chart, look, web->lang);
}

/* ---- tables ---- */

static html day_marks(struct web *web, const struct meter_day *day)
{
    static const struct {
        unsigned flag;
        enum web_tone tone;
        const char *word;
    } known[] = {{METER_FLAG_GAP, WEB_WARN, TR_KEY("Gaps")},
                 {METER_FLAG_REFUSED, WEB_WARN, TR_KEY("Rows refused")},
                 {METER_FLAG_CORRECTED, WEB_NOTE, TR_KEY("Corrected")},
                 {METER_FLAG_WITHDRAWN, WEB_NOTE, TR_KEY("A file withdrawn")},
                 {METER_FLAG_CONSTANT, WEB_WARN, TR_KEY("Same value all day")}};
    struct buf *out = buf_new(web->arena);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if ((day->flags & known[i].flag) != 0)
            html_put_html(out, web_chip(web, known[i].tone, tr(web->lang, known[i].word)));
    return html_from(out);
}

static html account_value(struct load_work *work, int32_t month)
{
    struct web *web = work->web;
    for (size_t i = 0; i < work->data_count; i++)
        if (account_period_equal(work->data[i].period, account_month(month)))
            return web_figure(web, work->data[i].value, 7, data_unit(web, work->data[i].unit), 0,
                              arena_printf(web->arena, "/enterprise/data/values/%s",
                                           data_id(web, work->data[i].datum_id)));
    return web_figure_missing(web, tr(web->lang, TR_KEY("not in the account")));
}

static void fill_month_rows(struct load_work *work, struct html_enterprise_meter_load *page)
{
    struct web *web = work->web;
    page->row_name = str_from(tr(web->lang, TR_KEY("Month")));
    page->rows_title = str_from(tr(web->lang, TR_KEY("Months and their account")));
    page->linked_datum = true;
    for (size_t i = 0; i < work->month_count; i++) {
        const struct meter_month *month = &work->months[i];
        const char *text = account_period_text(web->arena, account_month(month->month));
        int days = month_last_day(month->month).day - month_first_day(month->month).day + 1;
        html marks = month->days < days
                         ? web_chip(web, WEB_WARN,
                                    tr_fill(web->arena, web->lang, TR_KEY("{0} of {1} days"),
                                            arena_printf(web->arena, "%d", (int)month->days),
                                            arena_printf(web->arena, "%d", days), NULL))
                         : HTML_EMPTY;
        page->rows[page->rows_count++] = (struct html_enterprise_meter_load_rows){
            .label = str_from(text),
            .url = str_from(arena_printf(web->arena, "%s?view=month&at=%s", work->path, text)),
            .energy = energy(web, month->sum_wh, NULL),
            .peak = peak_figure(web, peak_kw(work, month_first_day(month->month).day,
                                             month_last_day(month->month).day)),
            .complete = str_from(share(web, month->count, month->expected)),
            .marks = marks,
            .account = account_value(work, month->month)};
    }
}

static void fill_day_rows(struct load_work *work, struct html_enterprise_meter_load *page)
{
    struct web *web = work->web;
    page->row_name = str_from(tr(web->lang, TR_KEY("Day")));
    page->rows_title = str_from(tr(web->lang, TR_KEY("Days of the month")));
    for (size_t i = 0; i < work->day_count; i++) {
        const struct meter_day *day = &work->days[i];
        str text = day_text(web, day->day);
        page->rows[page->rows_count++] = (struct html_enterprise_meter_load_rows){
            .label = text,
            .url = str_from(
                arena_printf(web->arena, "%s?view=day&at=%.*s", work->path, STR_ARG(text))),
            .energy = energy(web, day->sum_wh, NULL),
            .peak = peak_figure(web, peak_kw(work, day->day.day, day->day.day)),
            .complete = str_from(share(web, day->count, day->expected)),
            .marks = day_marks(web, day),
            .account = HTML_EMPTY};
    }
}

static void fill_versions(struct load_work *work, struct html_enterprise_meter_load *page)
{
    struct web *web = work->web;
    page->versions = work->version_count > 1;
    page->versions_of_day = ARENA_NEW_ARRAY(
        web->arena, struct html_enterprise_meter_load_versions_of_day, work->version_count + 1);
    for (size_t i = 0; i < work->version_count; i++)
        page->versions_of_day[page->versions_of_day_count++] =
            (struct html_enterprise_meter_load_versions_of_day){
                .version = str_from(arena_printf(web->arena, "%d", work->versions[i].version)),
                .energy = work->versions[i].count == 0
                              ? web_figure_missing(web, tr(web->lang, TR_KEY("withdrawn")))
                              : energy(web, work->versions[i].sum_wh, NULL),
                .count = str_from(arena_printf(web->arena, "%d / %d", work->versions[i].count,
                                               work->versions[i].expected))};
}

/* ---- the head of the page ---- */

static const char *span_text(struct load_work *work, date first)
{
    int year, month, day;
    date_split(first, &year, &month, &day);
    if (work->view == VIEW_DAY) return day_text(work->web, first).ptr;
    return account_period_text(work->web->arena, work->view == VIEW_YEAR
                                                     ? account_year(year)
                                                     : account_month(month_make(year, month)));
}

static const char *view_url(struct load_work *work, const char *view, const char *at)
{
    return arena_printf(work->web->arena, "%s?view=%s&at=%s", work->path, view, at);
}

static void fill_navigation(struct load_work *work, struct html_enterprise_meter_load *page)
{
    struct web *web = work->web;
    static const char *const views[] = {"year", "month", "day"};
    static const char *const words[] = {TR_KEY("By year"), TR_KEY("By month"), TR_KEY("By day")};
    const char *view = views[work->view];
    /* Another view opens at what is shown, or at the last day with readings inside it. */
    date inside = work->day_count > 0 ? work->days[work->day_count - 1].day : work->at;
    page->views = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_meter_load_views, 3);
    for (size_t i = 0; i < 3; i++)
        page->views[page->views_count++] = (struct html_enterprise_meter_load_views){
            .word = str_from(tr(web->lang, words[i])),
            .url = str_from(view_url(work, views[i], day_text(web, inside).ptr)),
            .here = i == (size_t)work->view};
    page->at = str_from(span_text(work, work->first));
    date before = {work->first.day - 1}, after = {work->last.day + 1};
    if (before.day >= work->span.first.day) {
        page->before = str_from(span_text(work, before));
        page->before_url = str_from(view_url(work, view, span_text(work, before)));
    }
    if (after.day <= work->span.last.day) {
        page->after = str_from(span_text(work, after));
        page->after_url = str_from(view_url(work, view, span_text(work, after)));
    }
    if (work->view == VIEW_YEAR) return;
    struct load_work above = *work;
    above.view = work->view == VIEW_DAY ? VIEW_MONTH : VIEW_YEAR;
    page->up = str_from(
        tr_fill(web->arena, web->lang, TR_KEY("All of {0}"), span_text(&above, work->first), NULL));
    page->up_url = str_from(view_url(work, views[above.view], span_text(&above, work->first)));
}

static void fill_totals(struct load_work *work, struct html_enterprise_meter_load *page)
{
    struct web *web = work->web;
    int64_t sum = 0, count = 0, expected = 0, minutes = 0;
    int from = work->first.day > work->span.first.day ? work->first.day : work->span.first.day;
    int to = work->last.day < work->span.last.day ? work->last.day : work->span.last.day;
    for (size_t i = 0; i < work->day_count; i++) {
        sum += work->days[i].sum_wh;
        count += work->days[i].count;
        expected += work->days[i].expected;
        minutes += (int64_t)work->days[i].count * work->days[i].interval_minutes;
    }
    /* A day without any reading lacks as many as the meter gives now. */
    int64_t empty = (int64_t)(to - from + 1) - (int64_t)work->day_count;
    if (empty > 0) expected += empty * (1440 / work->span.interval_minutes);
    page->total = energy(web, sum, NULL);
    page->peak = peak_figure(web, peak_kw(work, from, to));
    page->mean = minutes == 0
                     ? web_figure_missing(web, tr(web->lang, TR_KEY("Not known")))
                     : web_figure(web, (double)sum * 60 / (double)minutes / 1000, 5, "kW", 0, NULL);
    page->complete = str_from(share(web, count, expected));
    page->complete_note = str_from(tr_fill(
        web->arena, web->lang, TR_KEY("{0} of {1} intervals between first and last reading"),
        num_format_grouped(web->arena, (double)count, 0),
        num_format_grouped(web->arena, (double)expected, 0), NULL));
}

static void fill_charts(struct load_work *work, struct html_enterprise_meter_load *page)
{
    struct web *web = work->web;
    struct drawing *first = work->view == VIEW_YEAR ? months_chart(work) : line_of_intervals(work);
    page->chart = svg(web, first);
    /* Thousands of intervals as a table are no help: the days stand below. */
    page->chart_table = work->view == VIEW_MONTH ? HTML_EMPTY : table(web, first);
    if (work->view == VIEW_DAY) return;
    struct drawing *second = work->view == VIEW_YEAR ? week_chart(work) : days_chart(work);
    page->has_second = true;
    page->second = svg(web, second);
    page->second_table = table(web, second);
}

static bool get_load(struct web *web, struct error *err)
{
    struct load_work work = {.web = web};
    if (!web_param_id(web, "meter", &work.meter_id, err) ||
        !store_read(web->store, read_load, &work, err))
        return false;
    if (work.meter.kind != REGISTRY_METER) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    const char *id = data_id(web, work.meter_id);
    char ratio[NUM_TEXT_MAX];
    num_format(work.meter.ratio, ratio);
    work.path = arena_printf(web->arena, "/enterprise/meters/%s", id);
    struct html_enterprise_meter_load page = {
        .empty_icon = web_icon(web, "lightning-charge"),
        .about = str_from(tr_fill(web->arena, web->lang, TR_KEY("{0}, {1}, ratio {2}"),
                                  asset_medium_word(web, work.meter.medium),
                                  data_unit(web, work.meter.unit), ratio, NULL)),
        .chips = asset_meter_chips(web, &work.meter),
        .edit_url = str_from(arena_printf(web->arena, "/enterprise/assets/%s", id)),
        .upload_url = str_from(arena_printf(web->arena, "%s/upload", work.path)),
        .any = work.found,
        .in_view = work.day_count > 0,
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_meter_load_rows,
                                work.day_count + work.month_count + 1)};
    if (work.found) fill_navigation(&work, &page);
    fill_versions(&work, &page); /* also of a day that has no readings any more */
    if (page.in_view) {
        fill_totals(&work, &page);
        fill_charts(&work, &page);
        if (work.view == VIEW_YEAR) fill_month_rows(&work, &page);
        if (work.view == VIEW_MONTH) fill_day_rows(&work, &page);
    }
    web_crumb(web, tr(web->lang, TR_KEY("Meters and load")), "/enterprise/meters");
    web_action(web, tr(web->lang, TR_KEY("Upload readings")), page.upload_url.ptr);
    return web_page(web, asset_name(web, &work.meter),
                    HTML_RENDER(web->arena, &web->html, html_enterprise_meter_load, &page),
                    "meters");
}

const struct web_route web_routes_enterprise_meter_load[] = {
    {"GET", "/enterprise/meters/{meter}", get_load, WEB_ENTERPRISE, TR_KEY("Load curve")},
    {0},
};
