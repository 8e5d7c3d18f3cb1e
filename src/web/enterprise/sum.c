/* Explains a figure that is a sum of postings, or the quotient of two such sums (intensity), and
 * the statement as XLSX and CSV. */
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_sum_html.h"
#include "web/enterprise/kit.h"
#include "web/enterprise/known.h"

struct work {
    struct web *web;
    struct known known;
    struct kit_postings postings;
    struct kit_postings_query query;
    struct kit_years years;
    struct registry_org org;
};

static bool read_postings(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    if (!known_read(db, w->web, &w->known, err)) return false;
    w->query.as_known = w->known.seq;
    return kit_read_postings(db, w->web, &w->query, &w->postings, err);
}

static const char *basis_word(const struct web *web, const char *basis)
{
    if (strcmp(basis, "full") == 0) return tr(web->lang, TR_KEY("Full basis"));
    if (strcmp(basis, "compliance") == 0) return tr(web->lang, TR_KEY("Compliance basis"));
    if (strcmp(basis, "both") == 0) return tr(web->lang, TR_KEY("Both bases"));
    return "";
}

static const char *scope_word(struct web *web, int scope)
{
    return scope == 0 ? "" : arena_printf(web->arena, "%d", scope);
}

static void fill_parts(struct work *w, const struct kit_select *select,
                       struct html_enterprise_sum *page)
{
    struct web *web = w->web;
    for (size_t i = 0; i < w->postings.count; i++) {
        const struct kit_posting *p = &w->postings.list[i];
        const char *unit;
        if (!kit_selected(p, select)) continue;
        double amount = explain_amount(&p->posting, &unit);
        page->parts[page->parts_count++] = (struct html_enterprise_sum_parts){
            .period = str_from(explain_period(web, p->posting.period)),
            .name = str_from(kit_source(web, &w->postings, p->posting.kind, p->posting.source)),
            .scope = str_from(scope_word(web, p->posting.scope)),
            .basis = str_from(basis_word(web, p->posting.basis)),
            .value = web_figure(
                web, amount, 9, unit, p->is_default ? WEB_MARK_DEFAULT : 0,
                kit_join(web, "/enterprise/explain/", kit_id(web, p->posting.posting_id))),
            .state = kit_run_state(web, p->is_draft ? ACCOUNT_DRAFT : ACCOUNT_POSTED)};
    }
}

static const char *title_of(struct work *w, const struct kit_select *select, bool intensity)
{
    struct web *web = w->web;
    if (intensity)
        return tr_fill(web->arena, web->lang, TR_KEY("Intensity by {0}"),
                       kit_source(web, &w->postings, ACCOUNT_PRODUCTION, select->source), NULL);
    if (select->source[0] != '\0')
        return kit_source(web, &w->postings, select->kind, select->source);
    if (select->kind == ACCOUNT_EMISSION && strcmp(select->basis, "compliance") == 0)
        return tr(web->lang, TR_KEY("Emission, compliance basis"));
    if (select->kind == ACCOUNT_EMISSION) return tr(web->lang, TR_KEY("Emission, full basis"));
    return tr(web->lang, TR_KEY("Sum"));
}

static void fill_intensity(struct work *w, const struct kit_select *output,
                           struct html_enterprise_sum *page)
{
    struct web *web = w->web;
    struct kit_select emission = {ACCOUNT_EMISSION, 0, "", "full", output->first, output->last};
    double tonnes, amount;
    const char *unit;
    page->quotient = true;
    page->below_name = str_from(kit_source(web, &w->postings, ACCOUNT_PRODUCTION, output->source));
    page->above = kit_sum_figure(web, &w->postings, &emission, "");
    page->below = kit_sum_figure(web, &w->postings, output, "");
    page->words = str_from(
        tr(web->lang, TR_KEY("Emission on the full basis over the output of the same period.")));
    page->value = web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    if (kit_sum(&w->postings, &emission, &tonnes, &unit) &&
        kit_sum(&w->postings, output, &amount, &unit) && amount > 0)
        page->value = web_figure(web, tonnes / amount, 7, kit_join(web, "t CO2e/", unit), 0, NULL);
    fill_parts(w, &emission, page);
    fill_parts(w, output, page);
}

static void fill_sum(struct work *w, const struct kit_select *select,
                     struct html_enterprise_sum *page)
{
    struct web *web = w->web;
    double sum;
    const char *unit;
    page->words =
        str_from(tr_fill(web->arena, web->lang,
                         TR_KEY("The sum of the postings from {0} to {1}. Sums are of whole grams, "
                                "kilojoules and thousandths: nothing is lost by rounding."),
                         kit_day(web, select->first), kit_day(web, select->last), NULL));
    page->value = kit_sum(&w->postings, select, &sum, &unit)
                      ? web_figure(web, sum, 12, unit, 0, NULL)
                      : web_figure_missing(web, tr(web->lang, TR_KEY("no posting")));
    fill_parts(w, select, page);
}

static bool get_sum(struct web *web, struct error *err)
{
    struct work w = {.web = web};
    str kind = web_query(web, "kind"), first = web_query(web, "first"),
        last = web_query(web, "last");
    bool intensity = str_is(kind, "intensity");
    struct kit_select select = {.kind = intensity || str_is(kind, "production") ? ACCOUNT_PRODUCTION
                                        : str_is(kind, "energy")                ? ACCOUNT_ENERGY
                                                                                : ACCOUNT_EMISSION,
                                .scope = str_is(web_query(web, "scope"), "1")   ? 1
                                         : str_is(web_query(web, "scope"), "2") ? 2
                                                                                : 0,
                                .source = str_dup(web->arena, web_query(web, "source")),
                                .basis = str_dup(web->arena, web_query(web, "basis"))};
    if (!date_parse_iso(first, &select.first))
        return error_set(err, ERROR_WEB_DATE, "s", str_dup(web->arena, first));
    if (!date_parse_iso(last, &select.last))
        return error_set(err, ERROR_WEB_DATE, "s", str_dup(web->arena, last));
    w.query = (struct kit_postings_query){select.first, select.last, ACCOUNT_NOW,
                                          str_is(web_query(web, "drafts"), "1")};
    if (!store_read(web->store, read_postings, &w, err)) return false;
    struct html_enterprise_sum page = {.known_words = str_from(w.known.words),
                                       .parts = ARENA_NEW_ARRAY(web->arena,
                                                                struct html_enterprise_sum_parts,
                                                                2 * w.postings.count + 1)};
    if (intensity)
        fill_intensity(&w, &select, &page);
    else
        fill_sum(&w, &select, &page);
    web_crumb(web, tr(web->lang, TR_KEY("Carbon account")), "/enterprise/account");
    web_crumb(web, tr(web->lang, TR_KEY("Explanation")), NULL);
    const char *title =
        arena_printf(web->arena, "%s · %s", title_of(&w, &select, intensity),
                     explain_period(web, (struct account_period){select.first, select.last}));
    return web_page(web, title, HTML_RENDER(web->arena, &web->html, html_enterprise_sum, &page),
                    "account");
}

/* ---- export ---- */

static bool read_export(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    if (!kit_read_years(db, w->web, &w->years, err) ||
        !registry_get_org(db, w->web->arena, w->web->viewer->org_id, &w->org, err))
        return false;
    struct account_period whole = account_year(w->years.chosen);
    w->query = (struct kit_postings_query){.first = whole.first, .last = whole.last};
    return read_postings(db, w, err);
}

#define COLUMNS 8

static void fill_cells(struct work *w, struct sheet_cell *cells)
{
    static const char *const kinds[] = {TR_KEY("Emission"), TR_KEY("Energy"), TR_KEY("Production")};
    struct web *web = w->web;
    for (size_t i = 0; i < w->postings.count; i++) {
        const struct account_posting *p = &w->postings.list[i].posting;
        struct sheet_cell *row = &cells[i * COLUMNS];
        const char *unit;
        double amount = explain_amount(p, &unit);
        row[0].text = str_from(account_period_text(web->arena, p->period));
        row[1].text = str_from(tr(web->lang, kinds[p->kind]));
        row[2].text = str_from(scope_word(web, p->scope));
        row[3].text = str_from(kit_source(web, &w->postings, p->kind, p->source));
        row[4].text = str_from(basis_word(web, p->basis));
        row[5].number = amount;
        row[6].text = str_from(unit);
        row[7].text = str_from(kit_id(web, p->posting_id));
    }
}

static bool get_download(struct web *web, struct error *err)
{
    struct work w = {.web = web};
    if (!store_read(web->store, read_export, &w, err)) return false;
    struct sheet_column columns[COLUMNS] = {
        {.name = str_from(tr(web->lang, TR_KEY("Period covered")))},
        {.name = str_from(tr(web->lang, TR_KEY("Kind")))},
        {.name = str_from(tr(web->lang, TR_KEY("Scope")))},
        {.name = str_from(tr(web->lang, TR_KEY("Source"))), .width_chars = 28},
        {.name = str_from(tr(web->lang, TR_KEY("Accounting basis"))), .width_chars = 16},
        {.name = str_from(tr(web->lang, TR_KEY("Quantity posted"))),
         .type = SHEET_NUMBER,
         .decimals = 6,
         .width_chars = 20},
        {.name = str_from(tr(web->lang, TR_KEY("Unit")))},
        {.name = str_from(tr(web->lang, TR_KEY("Posting"))), .width_chars = 16}};
    struct sheet_cell *cells =
        ARENA_NEW_ARRAY(web->arena, struct sheet_cell, w.postings.count * COLUMNS + 1);
    fill_cells(&w, cells);
    const char *title = tr_fill(web->arena, web->lang, TR_KEY("Carbon account {1} of {0}"),
                                w.org.name, kit_count(web, w.years.chosen), NULL);
    const char *note =
        w.org.invented
            ? tr(web->lang, TR_KEY("Example: the organisation and its figures are invented."))
            : tr(web->lang,
                 TR_KEY(
                     "Posted figures; each posting is explained in Tanshu under its identifier."));
    struct sheet sheet = {.name = str_from(kit_count(web, w.years.chosen)),
                          .title = str_from(title),
                          .columns = columns,
                          .columns_count = COLUMNS,
                          .cells = cells,
                          .rows_count = w.postings.count,
                          .source_note = str_from(note)};
    bool csv = str_is(web_query(web, "format"), "csv");
    str bytes;
    if (csv)
        sheet_write_csv(web->arena, &sheet, &bytes);
    else if (!xlsx_write(web->arena, &sheet, 1, str_from(title), instant_now_ms(), &bytes, err))
        return false;
    http_reply_download(web->reply,
                        csv ? "text/csv; charset=utf-8"
                            : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                        kit_join(web, title, csv ? ".csv" : ".xlsx"), bytes);
    return true;
}

const struct web_route web_routes_enterprise_sum[] = {
    {"GET", "/enterprise/account/sum", get_sum, WEB_ENTERPRISE, TR_KEY("Explanation")},
    {"GET", "/enterprise/account/download", get_download, WEB_ENTERPRISE, TR_KEY("Carbon account"),
     .slow = true},
    {0},
};
