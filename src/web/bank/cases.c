/* The bank's loan cases: list, filters, export. Only the case's own record is shown here, no figure
 * of the enterprise. */
#include "web/bank/cases.h"
#include "web/shared/explain.h"

#include <string.h>

#include "bank_cases_html.h"
#include "report/report.h"
#include "web/shared/standing.h"

#define FLOW_NAME STR("loan_application")
#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

bool bank_read_cases(struct db *db, void *arg, struct error *err)
{
    struct bank_cases *cases = arg;
    struct web *web = cases->web;
    return finance_list_cases(db, web->arena, web->viewer, &web->app->credit, instant_now_ms(),
                              &cases->list, &cases->count, err);
}

bool bank_case_due(const struct finance_case *the_case, date *due)
{
    const struct flow *flow = the_case->flow;
    int days = 0;
    for (size_t i = 0; i < flow->transitions_count; i++) {
        const struct flow_transition *t = &flow->transitions[i];
        if (t->deadline_days == 0 || !flow_leads_from(t, the_case->flow_state)) continue;
        if (days == 0 || t->deadline_days < days) days = t->deadline_days;
    }
    if (days == 0 || the_case->closed) return false;
    *due = flow_due(the_case->state_at, days);
    return true;
}

static const char *role_word(const struct web *web, const char *role)
{
    static const struct {
        const char *role, *word;
    } words[] = {{"bank_officer", TR_KEY("Loan officer")},
                 {"bank_reviewer", TR_KEY("Loan reviewer")},
                 {"bank_approver", TR_KEY("Loan approver")}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(role, words[i].role) == 0) return tr(web->lang, words[i].word);
    bool enterprise =
        str_starts(str_from(role), "enterprise_") || str_starts(str_from(role), "subject_");
    return enterprise ? tr(web->lang, "Enterprise") : NULL;
}

/* Whose turn it is: of those who can lead the case on. */
const char *bank_case_actors(const struct web *web, const struct finance_case *the_case)
{
    const struct flow *flow = the_case->flow;
    for (size_t i = 0; i < flow->transitions_count; i++) {
        const struct flow_transition *t = &flow->transitions[i];
        if (t->tone != FLOW_FORWARD || !flow_leads_from(t, the_case->flow_state)) continue;
        for (size_t r = 0; r < t->roles_count; r++) {
            const char *word = role_word(web, t->roles[r]);
            if (word != NULL) return word;
        }
    }
    return "–";
}

html bank_due(struct web *web, const struct finance_case *the_case)
{
    struct buf *out = buf_new(web->arena);
    date due;
    if (!bank_case_due(the_case, &due)) return html_from(out);
    html_put_text(out, str_from(bank_day(web, due)));
    if (the_case->overdue) {
        buf_puts(out, " ");
        html_put_html(out, web_chip(web, WEB_BAD, tr(web->lang, "Overdue")));
    }
    return html_from(out);
}

/* ---- filters ---- */

static bool in_state(const struct finance_case *the_case, str state)
{
    if (state.len == 0) return true;
    if (str_is(state, "pending")) return !the_case->closed;
    if (str_is(state, "overdue")) return the_case->overdue;
    return str_is(state, the_case->state);
}

static bool fits(struct web *web, const struct finance_case *the_case)
{
    str text = str_fold(web->arena, web_query(web, "q"));
    size_t at;
    if (!in_state(the_case, web_query(web, "state"))) return false;
    return text.len == 0 ||
           str_find(str_fold(web->arena, str_from(the_case->enterprise_name)), text, &at) ||
           str_find(str_fold(web->arena, str_from(explain_text(web, the_case->product_title))),
                    text, &at);
}

/* The states of the newest flow, and those of cases that keep an older one. */
void bank_case_states(const struct bank_cases *cases, const struct flow_state ***states,
                      size_t *count)
{
    const struct flow *flow = flow_find(cases->web->app->flows, FLOW_NAME);
    size_t newest = flow != NULL ? flow->states_count : 0;
    *states =
        ARENA_NEW_ARRAY(cases->web->arena, const struct flow_state *, newest + cases->count + 1);
    for (*count = 0; *count < newest; ++*count) (*states)[*count] = &flow->states[*count];
    for (size_t i = 0; i < cases->count; i++) {
        size_t at = 0;
        while (at < *count && strcmp((*states)[at]->name, cases->list[i].state) != 0) at++;
        if (at == *count) (*states)[(*count)++] = cases->list[i].flow_state;
    }
}

static void add_state(struct bank_cases *cases, struct html_bank_cases *page, const char *name,
                      const char *word)
{
    struct html_bank_cases_states *state = &page->states[page->states_count++];
    *state =
        (struct html_bank_cases_states){.value = str_from(name),
                                        .word = str_from(word),
                                        .picked = str_is(web_query(cases->web, "state"), name)};
    for (size_t i = 0; i < cases->count; i++)
        state->count += in_state(&cases->list[i], str_from(name));
}

static void fill_states(struct bank_cases *cases, struct html_bank_cases *page)
{
    struct web *web = cases->web;
    const struct flow_state **states;
    size_t count;
    bank_case_states(cases, &states, &count);
    page->states = ARENA_NEW_ARRAY(web->arena, struct html_bank_cases_states, count + 3);
    add_state(cases, page, "", tr(web->lang, "All"));
    add_state(cases, page, "pending", tr(web->lang, "Pending"));
    add_state(cases, page, "overdue", tr(web->lang, "Overdue"));
    for (size_t i = 0; i < count; i++)
        add_state(cases, page, states[i]->name, standing_text(web, states[i]->label));
}

static str export_url(struct web *web, const char *form)
{
    struct buf *out = buf_new(web->arena);
    buf_printf(out, "/bank/cases/export/%s?state=", form);
    html_put_url_part(out, web_query(web, "state"));
    buf_puts(out, "&q=");
    html_put_url_part(out, web_query(web, "q"));
    return buf_str(out);
}

static bool get_cases(struct web *web, struct error *err)
{
    struct bank_cases cases = {.web = web};
    if (!store_read(web->store, bank_read_cases, &cases, err)) return false;
    struct html_bank_cases page = {
        .text = web_query(web, "q"),
        .rows = ARENA_NEW_ARRAY(web->arena, struct html_bank_cases_rows, cases.count + 1),
        .xlsx_url = export_url(web, "xlsx"),
        .csv_url = export_url(web, "csv"),
        .icon = web_icon(web, "clipboard-data"),
        .any = cases.count != 0};
    fill_states(&cases, &page);
    for (size_t i = 0; i < cases.count; i++) {
        const struct finance_case *c = &cases.list[i];
        if (!fits(web, c)) continue;
        page.rows[page.rows_count++] = (struct html_bank_cases_rows){
            .url = str_from(bank_case_url(web, c->case_id, "")),
            .name = str_from(c->enterprise_name),
            .number = str_from(bank_id(web, c->case_id)),
            .product = str_from(explain_text(web, c->product_title)),
            .amount = bank_money(web, true, c->amount_asked_cny, NULL),
            .state = bank_case_chip(web, c),
            .since = str_from(bank_day(web, instant_day(c->state_at, web->utc_offset_minutes))),
            .due = bank_due(web, c),
            .actors = str_from(c->closed ? "–" : bank_case_actors(web, c))};
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_bank_cases, &page),
                    "cases");
}

/* ---- export: what the list shows ---- */

enum column {
    NUMBER,
    ENTERPRISE,
    PRODUCT,
    YEAR,
    AMOUNT,
    STATE,
    OPENED,
    SINCE,
    DUE,
    OVERDUE,
    COLUMNS
};

static void fill_cells(struct web *web, const struct finance_case *c, struct sheet_cell *cells)
{
    date due = {0};
    bool has_due = bank_case_due(c, &due);
    int offset = web->utc_offset_minutes;
    cells[NUMBER].text = str_from(bank_id(web, c->case_id));
    cells[ENTERPRISE].text = str_from(c->enterprise_name);
    cells[PRODUCT].text = str_from(explain_text(web, c->product_title));
    cells[YEAR].number = c->year;
    cells[AMOUNT].number = c->amount_asked_cny;
    cells[STATE].text = str_from(explain_text(web, c->state_title));
    cells[OPENED].day = instant_day(c->at, offset);
    cells[SINCE].day = instant_day(c->state_at, offset);
    cells[DUE] = (struct sheet_cell){.empty = !has_due, .day = due};
    cells[OVERDUE].text = str_from(c->overdue ? tr(web->lang, "Yes") : tr(web->lang, "No"));
}

static bool get_export(struct web *web, struct error *err)
{
    static const struct sheet_column columns_en[COLUMNS] = {
        [NUMBER] = {.name = STR(TR_KEY("Loan case")), .width_chars = 16},
        [ENTERPRISE] = {.name = STR(TR_KEY("Enterprise")), .width_chars = 28},
        [PRODUCT] = {.name = STR(TR_KEY("Product")), .width_chars = 24},
        [YEAR] = {.name = STR(TR_KEY("Year")), .type = SHEET_NUMBER},
        [AMOUNT] = {.name = STR(TR_KEY("Amount applied for")),
                    .unit = STR("CNY"),
                    .type = SHEET_NUMBER,
                    .decimals = 2,
                    .width_chars = 20},
        [STATE] = {.name = STR(TR_KEY("State")), .width_chars = 16},
        [OPENED] = {.name = STR(TR_KEY("Opened")), .type = SHEET_DATE, .width_chars = 12},
        [SINCE] = {.name = STR(TR_KEY("In this state since")),
                   .type = SHEET_DATE,
                   .width_chars = 12},
        [DUE] = {.name = STR(TR_KEY("Due")), .type = SHEET_DATE, .width_chars = 12},
        [OVERDUE] = {.name = STR(TR_KEY("Overdue"))}};
    struct bank_cases cases = {.web = web};
    if (!store_read(web->store, bank_read_cases, &cases, err)) return false;
    struct sheet_column columns[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = columns_en[i];
        columns[i].name = str_from(tr(web->lang, columns_en[i].name.ptr));
    }
    struct sheet_cell *cells =
        ARENA_NEW_ARRAY(web->arena, struct sheet_cell, cases.count * COLUMNS + 1);
    size_t rows = 0;
    for (size_t i = 0; i < cases.count; i++)
        if (fits(web, &cases.list[i])) fill_cells(web, &cases.list[i], cells + COLUMNS * rows++);
    str title = str_from(tr(web->lang, "Loan cases"));
    struct sheet sheet = {.name = title,
                          .title = title,
                          .columns = columns,
                          .columns_count = COLUMNS,
                          .cells = cells,
                          .rows_count = rows};
    str bytes;
    if (str_is(web_param(web, "form"), "csv")) {
        sheet_write_csv(web->arena, &sheet, &bytes);
        http_reply_download(web->reply, "text/csv; charset=utf-8", "loan-cases.csv", bytes);
        return true;
    }
    if (!xlsx_write(web->arena, &sheet, 1, title, instant_now_ms(), &bytes, err)) return false;
    http_reply_download(web->reply, XLSX_TYPE, "loan-cases.xlsx", bytes);
    return true;
}

const struct web_route web_routes_bank_cases[] = {
    {"GET", "/bank/cases", get_cases, WEB_BANK, TR_KEY("Loan cases")},
    {"GET", "/bank/cases/export/{form}", get_export, WEB_BANK, TR_KEY("Loan cases"), .slow = true},
    {0},
};
