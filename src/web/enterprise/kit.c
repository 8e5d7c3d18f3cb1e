/* What the account's pages of the enterprise portal share. */
#include "web/enterprise/kit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/num.h"

date kit_today(const struct web *web)
{
    return instant_day(instant_now_ms(), web->utc_offset_minutes);
}

/* ---- years ---- */

static void add_year(struct kit_years *years, int year)
{
    size_t at = 0;
    while (at < years->count && years->list[at] > year) at++;
    if (at < years->count && years->list[at] == year) return;
    if (years->count == KIT_YEARS_MAX) return;
    memmove(&years->list[at + 1], &years->list[at], (years->count - at) * sizeof years->list[0]);
    years->list[at] = year;
    years->count++;
}

bool kit_read_years(struct db *db, struct web *web, struct kit_years *years, struct error *err)
{
    struct account_run_filter filter = {0};
    struct account_run *runs;
    size_t count;
    int64_t asked;
    int month, day;
    if (!account_list_runs(db, web->arena, web->viewer, web->viewer->org_id, &filter, &runs, &count,
                           err))
        return false;
    *years = (struct kit_years){0};
    for (size_t i = 0; i < count; i++) add_year(years, month_year(month_of(runs[i].period.last)));
    date_split(kit_today(web), &years->chosen, &month, &day);
    if (years->count != 0) years->chosen = years->list[0];
    str year = web_query(web, "year");
    if (year.len == 0) year = web_form(web, "year"); /* a form that is shown again */
    if (num_parse_int(year, &asked) && asked >= 1990 && asked <= 2100) years->chosen = (int)asked;
    return true;
}

const char *kit_asked(const struct web *web, const char *more)
{
    return arena_printf(web->arena, "%.*s %s", STR_ARG(web_query(web, "year")), more);
}

const char *kit_with_year(const struct web *web, const char *path)
{
    int64_t year;
    if (!num_parse_int(web_query(web, "year"), &year)) return path;
    return arena_printf(web->arena, "%s?year=%lld", path, (long long)year);
}

html kit_year_picker(struct web *web, const struct kit_years *years, const char *path,
                     const char *rest)
{
    struct buf *out = buf_new(web->arena);
    buf_puts(out, "<ul class=\"tabs years\">");
    for (size_t i = 0; i < years->count; i++) {
        buf_puts(out, "<li><a href=\"");
        html_put_url(
            out, str_from(arena_printf(web->arena, "%s?year=%d%s", path, years->list[i], rest)));
        buf_printf(out, "\"%s>%d</a></li>",
                   years->list[i] == years->chosen ? " aria-current=\"page\"" : "", years->list[i]);
    }
    buf_puts(out, "</ul>");
    return years->count == 0 ? HTML_EMPTY : html_from(out);
}

/* ---- names ---- */

const char *kit_unit(const char *unit)
{
    return unit == NULL || strcmp(unit, "1") == 0 ? "" : unit;
}

html kit_run_state(struct web *web, enum account_state state)
{
    static const enum web_tone tones[] = {WEB_NOTE, WEB_GOOD, WEB_NEUTRAL, WEB_NEUTRAL};
    static const char *const words[] = {TR_KEY("Draft"), TR_KEY("Posted"), TR_KEY("Reversed"),
                                        TR_KEY("Replaced before posting")};
    return web_chip(web, tones[state], tr(web->lang, words[state]));
}

html kit_gate(struct web *web, const struct account_run *run)
{
    static const enum web_tone tones[] = {WEB_NEUTRAL, WEB_GOOD, WEB_BAD};
    static const char *const words[] = {TR_KEY("Waits for the checks"), TR_KEY("Checks passed"),
                                        TR_KEY("Blocked by a finding")};
    return web_chip(web, tones[run->gate], tr(web->lang, words[run->gate]));
}

const char *kit_rule_title(const struct web *web, const char *rule)
{
    const struct check_rule *rules;
    size_t count = check_rules_list(web->app->checks, &rules);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rules[i].id, rule) == 0) return explain_text(web, rules[i].title);
    return "";
}

const char *kit_gate_reason(const struct web *web, const struct account_run *run)
{
    const char *title = kit_rule_title(web, run->gate_reason);
    return title[0] != '\0' ? arena_printf(web->arena, "%s %s", run->gate_reason, title)
                            : explain_word(web, run->gate_reason);
}

const char *kit_when(const struct web *web, int64_t instant_ms)
{
    return instant_format(web->arena, instant_ms, web->utc_offset_minutes);
}

const char *kit_day(const struct web *web, date day)
{
    char *text = arena_alloc(web->arena, DATE_TEXT_MAX);
    date_format(day, text);
    return text;
}

const char *kit_count(const struct web *web, int64_t number)
{
    return arena_printf(web->arena, "%lld", (long long)number);
}

const char *kit_id(const struct web *web, id64 id)
{
    char *text = arena_alloc(web->arena, ID_TEXT_MAX);
    id_format(id, text);
    return text;
}

const char *kit_join(const struct web *web, const char *a, const char *b)
{
    return arena_printf(web->arena, "%s%s", a, b);
}

/* ---- postings ---- */

static bool counts(const struct account_run *run, const struct kit_postings_query *query)
{
    bool posted = run->posted_seq >= 0 && run->posted_seq < query->as_known;
    bool reversed = run->reversed_seq >= 0 && run->reversed_seq < query->as_known;
    return (posted && !reversed) || (query->with_drafts && run->state == ACCOUNT_DRAFT);
}

static bool replaced_by_draft(const struct account_run *runs, size_t count,
                              const struct account_run *run)
{
    for (size_t i = 0; i < count; i++)
        if (runs[i].state == ACCOUNT_DRAFT && strcmp(runs[i].kind, run->kind) == 0 &&
            runs[i].period.first.day <= run->period.last.day &&
            runs[i].period.last.day >= run->period.first.day)
            return true;
    return false;
}

static bool is_default(const struct account_note *notes, size_t count, const char *output)
{
    for (size_t i = 0; i < count; i++)
        /* A default of zero says that there was none of it (nothing sold): no value stands in. */
        if (notes[i].is_default && notes[i].value != 0 && strcmp(notes[i].affects, output) == 0)
            return true;
    return false;
}

static const char *output_name(struct web *web, const struct model_info *info,
                               const struct account_posting *posting)
{
    for (size_t i = 0; info != NULL && i < info->output_count; i++)
        if (strcmp(info->outputs[i].name, posting->output) == 0)
            return explain_text(web, info->outputs[i].label);
    return posting->source;
}

const char *kit_source(const struct web *web, const struct kit_postings *postings,
                       enum account_posting_kind kind, const char *word)
{
    for (size_t i = 0; i < postings->count; i++) {
        const struct kit_posting *p = &postings->list[i];
        if (p->posting.kind == kind && strcmp(p->posting.source, word) == 0) return p->name;
    }
    return account_source_name(web->arena, web->app->library, web->lang, word);
}

static bool add_run(struct db *db, struct web *web, const struct account_run *run,
                    struct kit_postings *postings, struct error *err)
{
    struct account_posting *list;
    struct account_note *notes;
    size_t count, note_count;
    id64 org = web->viewer->org_id;
    if (!account_list_postings(db, web->arena, web->viewer, org, run->run_id, &list, &count, err) ||
        !account_list_notes(db, web->arena, web->viewer, org, run->run_id, &notes, &note_count,
                            err))
        return false;
    const struct model *model =
        model_library_find_version(web->app->library, run->model, run->version);
    for (size_t i = 0; i < count; i++) {
        if (list[i].reverses != 0) continue;
        *ARENA_PUSH(web->arena, postings->list, postings->count, postings->capacity) =
            (struct kit_posting){
                .posting = list[i],
                .name = output_name(web, model != NULL ? model_info(model) : NULL, &list[i]),
                .is_draft = run->state == ACCOUNT_DRAFT,
                .is_default = is_default(notes, note_count, list[i].output)};
    }
    return true;
}

static int by_period(const void *a, const void *b)
{
    const struct account_posting *x = &((const struct kit_posting *)a)->posting,
                                 *y = &((const struct kit_posting *)b)->posting;
    if (x->period.first.day != y->period.first.day)
        return x->period.first.day < y->period.first.day ? -1 : 1;
    return x->posting_id < y->posting_id ? -1 : x->posting_id > y->posting_id;
}

bool kit_read_postings(struct db *db, struct web *web, const struct kit_postings_query *query,
                       struct kit_postings *postings, struct error *err)
{
    struct account_run_filter filter = {.first = query->first, .last = query->last};
    struct account_run *runs;
    size_t count;
    *postings = (struct kit_postings){0};
    if (!account_list_runs(db, web->arena, web->viewer, web->viewer->org_id, &filter, &runs, &count,
                           err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!counts(&runs[i], query)) continue;
        if (query->with_drafts && runs[i].state != ACCOUNT_DRAFT &&
            replaced_by_draft(runs, count, &runs[i]))
            continue;
        if (!add_run(db, web, &runs[i], postings, err)) return false;
    }
    if (postings->count != 0)
        qsort(postings->list, postings->count, sizeof postings->list[0], by_period);
    return true;
}

bool kit_selected(const struct kit_posting *posting, const struct kit_select *select)
{
    const struct account_posting *p = &posting->posting;
    if (p->kind != select->kind || p->period.first.day < select->first.day ||
        p->period.last.day > select->last.day)
        return false;
    if (select->scope != 0 && p->scope != select->scope) return false;
    if (select->source[0] != '\0' && strcmp(p->source, select->source) != 0) return false;
    return select->basis[0] == '\0' || p->kind != ACCOUNT_EMISSION ||
           strcmp(p->basis, "both") == 0 || strcmp(p->basis, select->basis) == 0;
}

bool kit_sum(const struct kit_postings *postings, const struct kit_select *select, double *sum,
             const char **unit)
{
    int64_t total = 0;
    struct account_posting whole = {0};
    bool any = false;
    for (size_t i = 0; i < postings->count; i++) {
        if (!kit_selected(&postings->list[i], select)) continue;
        whole = postings->list[i].posting;
        if (__builtin_add_overflow(total, whole.amount, &total)) return false;
        any = true;
    }
    if (!any) return false;
    whole.amount = total;
    *sum = explain_amount(&whole, unit);
    return true;
}

static const char *sum_url(struct web *web, const struct kit_select *select, const char *rest)
{
    static const char *const kinds[] = {"emission", "energy", "production"};
    struct buf *url = buf_new(web->arena);
    buf_printf(url, "/enterprise/account/sum?kind=%s&first=%s&last=%s", kinds[select->kind],
               kit_day(web, select->first), kit_day(web, select->last));
    if (select->scope != 0) buf_printf(url, "&scope=%d", select->scope);
    if (select->source[0] != '\0') {
        buf_puts(url, "&source=");
        html_put_url_part(url, str_from(select->source));
    }
    if (select->basis[0] != '\0') buf_printf(url, "&basis=%s", select->basis);
    buf_puts(url, rest);
    return str_dup(web->arena, buf_str(url));
}

static html sum_figure(struct web *web, const struct kit_postings *postings,
                       const struct kit_select *select, const char *rest, bool with_unit,
                       int digits)
{
    double sum;
    const char *unit;
    unsigned marks = 0;
    size_t found = 0;
    id64 only = 0;
    if (!kit_sum(postings, select, &sum, &unit))
        return web_figure_missing(web, tr(web->lang, TR_KEY("no posting")));
    for (size_t i = 0; i < postings->count; i++) {
        if (!kit_selected(&postings->list[i], select)) continue;
        if (postings->list[i].is_default) marks |= WEB_MARK_DEFAULT;
        only = postings->list[i].posting.posting_id;
        found++;
    }
    const char *url = found == 1 ? kit_join(web, "/enterprise/explain/", kit_id(web, only))
                                 : sum_url(web, select, rest);
    return web_figure(web, sum, digits, with_unit ? unit : "", marks, url);
}

html kit_sum_figure(struct web *web, const struct kit_postings *postings,
                    const struct kit_select *select, const char *rest)
{
    return sum_figure(web, postings, select, rest, true, 7);
}

html kit_sum_cell(struct web *web, const struct kit_postings *postings,
                  const struct kit_select *select, const char *rest, int decimals)
{
    return sum_figure(web, postings, select, rest, false, WEB_DECIMALS(decimals));
}

/* ---- charts ---- */

html kit_chart(struct web *web, const struct drawing *drawing)
{
    struct buf *out = buf_new(web->arena);
    buf_puts(out, "<figure class=\"chart\">");
    drawing_svg(out, drawing);
    buf_puts(out, "<figcaption>");
    drawing_table_html(out, drawing, web->lang);
    buf_puts(out, "</figcaption></figure>");
    return html_from(out);
}

static size_t find_sources(struct arena *arena, const struct kit_postings *postings,
                           const char ***list)
{
    const char **sources = ARENA_NEW_ARRAY(arena, const char *, postings->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < postings->count; i++) {
        const struct account_posting *p = &postings->list[i].posting;
        size_t at = 0;
        if (p->kind != ACCOUNT_EMISSION || strcmp(p->basis, "compliance") == 0) continue;
        while (at < count && strcmp(sources[at], p->source) != 0) at++;
        if (at == count) sources[count++] = p->source;
    }
    *list = sources;
    return count;
}

html kit_emission_chart(struct web *web, const struct kit_postings *postings, int year)
{
    const char **sources;
    size_t count = find_sources(web->arena, postings, &sources);
    struct chart_series *series = ARENA_NEW_ARRAY(web->arena, struct chart_series, count + 1);
    str labels[12];
    if (count == 0) return HTML_EMPTY;
    for (int m = 0; m < 12; m++) labels[m] = str_from(arena_printf(web->arena, "%d", m + 1));
    for (size_t k = 0; k < count; k++) {
        double *values = ARENA_NEW_ARRAY(web->arena, double, 12);
        for (int m = 0; m < 12; m++) {
            struct account_period month = account_month(month_make(year, m + 1));
            struct kit_select select = {ACCOUNT_EMISSION, 0,           sources[k],
                                        "full",           month.first, month.last};
            const char *unit;
            if (!kit_sum(postings, &select, &values[m], &unit)) values[m] = NAN;
        }
        series[k] = (struct chart_series){
            .name = str_from(kit_source(web, postings, ACCOUNT_EMISSION, sources[k])),
            .values = values};
    }
    struct chart_stack chart = {
        .title = str_from(tr(web->lang, TR_KEY("Emission by month and source, full basis"))),
        .unit = STR("t CO2e"),
        .labels = labels,
        .count = 12,
        .series = series,
        .series_count = count,
        .decimals = 1};
    return kit_chart(web, chart_stack(web->arena, &chart, CHART_PAGE, web->lang));
}

struct explain_place kit_place(struct web *web)
{
    return (struct explain_place){.postings = "/enterprise/explain",
                                  .models = "/enterprise/model",
                                  .submissions = "/enterprise/data/submissions",
                                  .crumb_text = tr(web->lang, TR_KEY("Carbon account")),
                                  .crumb_url = "/enterprise/account",
                                  .nav = "account"};
}
