/* What stands behind the account's figures: why this method, what would be restated, how sure the
 * year is, and growth on one set of factors. */
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "enterprise_certainty_html.h"
#include "web/enterprise/kit.h"
#include "web/enterprise/tabs.h"

#define DOUBTS_SHOWN 12
#define CHANGES_SHOWN 60
#define CAUSES_SHOWN 6

struct work {
    struct web *web;
    struct kit_years years;
    struct account_choice choice;
    struct account_year_sums *sums;
    struct account_restatement restatement;
    struct account_certainty certainty;
    struct account_trend trend;
    int64_t drafts;
};

static bool read_sums(struct db *db, struct work *w, struct error *err)
{
    struct web *web = w->web;
    w->sums = ARENA_NEW_ARRAY(web->arena, struct account_year_sums, w->choice.count + 1);
    for (size_t i = 0; i < w->choice.count; i++)
        if (w->choice.list[i].verdict != ACCOUNT_NOT_VALID &&
            !account_compute_year(db, web->arena, web->viewer, &web->app->rules,
                                  web->viewer->org_id, w->choice.list[i].model, w->years.chosen,
                                  w->years.chosen, &w->sums[i], err))
            return false;
    return true;
}

static bool read_all(struct db *db, void *arg, struct error *err)
{
    struct work *w = arg;
    struct web *web = w->web;
    const struct account_rules *rules = &web->app->rules;
    id64 org = web->viewer->org_id;
    if (!kit_read_years(db, web, &w->years, err)) return false;
    int year = w->years.chosen;
    struct account_statement statement;
    struct account_statement_query query = {.org_id = org,
                                            .first = account_year(year).first,
                                            .last = account_year(year).last,
                                            .as_known = ACCOUNT_NOW};
    if (!account_read_statement(db, web->arena, web->viewer, &query, &statement, err)) return false;
    w->drafts = statement.drafts;
    return account_tell_choice(db, web->arena, rules, org, year, &w->choice, err) &&
           read_sums(db, w, err) &&
           account_restate(db, web->arena, web->viewer, rules, org, year, &w->restatement, err) &&
           account_read_certainty(db, web->arena, web->viewer, rules, org, year, &w->certainty,
                                  err) &&
           account_read_trend(db, web->arena, web->viewer, rules, org, year, &w->trend, err);
}

static str grouped(struct web *web, double value, int decimals)
{
    return str_from(num_format_grouped(web->arena, value, decimals));
}

static str percent(struct web *web, double share)
{
    return str_from(arena_printf(web->arena, "%.1f %%", share * 100));
}

static str change_of(struct web *web, double before, double now)
{
    return before == 0 ? STR("–")
                       : str_from(arena_printf(web->arena, "%+.1f %%", (now / before - 1) * 100));
}

/* ---- method ---- */

static const char *valid_of(struct web *web, const struct model_info *info)
{
    const char *from = info->valid_from.day == INT32_MIN ? "" : kit_day(web, info->valid_from);
    const char *to = info->valid_to.day == INT32_MAX ? "" : kit_day(web, info->valid_to);
    return arena_printf(web->arena, "%s – %s", from, to);
}

static void fill_methods(struct work *w, struct html_enterprise_certainty *page)
{
    struct web *web = w->web;
    page->methods =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_certainty_methods, w->choice.count + 1);
    for (size_t i = 0; i < w->choice.count; i++) {
        const struct account_candidate *c = &w->choice.list[i];
        const struct model_info *info = model_info(c->model);
        bool computed = w->sums[i].periods > 0;
        page->methods[page->methods_count++] = (struct html_enterprise_certainty_methods){
            .title = str_from(
                arena_printf(web->arena, "%s %s", explain_text(web, info->title), info->version)),
            .prefix =
                c->prefix[0] == '\0' ? str_from(tr(web->lang, TR_KEY("all"))) : str_from(c->prefix),
            .valid = str_from(valid_of(web, info)),
            .family = str_from(explain_text(web, c->fuel_family)),
            .full = computed ? grouped(web, account_tonnes(w->sums[i].full), 1) : STR("–"),
            .compliance =
                computed ? grouped(web, account_tonnes(w->sums[i].compliance), 1) : STR("–"),
            .verdict = str_from(tr(web->lang, account_verdict_label(c->verdict))),
            .in_force = c->verdict <= ACCOUNT_CHOSEN_BY_PERSON};
    }
    page->class_words =
        str_from(tr_fill(web->arena, web->lang,
                         w->choice.ets ? TR_KEY("Class {0}, key emitter of the carbon market.")
                                       : TR_KEY("Class {0}, no key emitter of the carbon market."),
                         w->choice.industry, NULL));
    if (w->choice.reason[0] != '\0')
        page->reason = str_from(tr_fill(web->arena, web->lang, TR_KEY("Chosen by a person: {0}"),
                                        w->choice.reason, NULL));
}

/* ---- restatement ---- */

static const char *source_word(struct web *web, enum account_posting_kind kind, const char *word)
{
    const struct kit_postings none = {0}; /* then the library names it */
    return kind == ACCOUNT_PRODUCTION
               ? account_product_name(web->arena, web->app->library, web->lang, word)
               : kit_source(web, &none, kind, word);
}

static const char *causes_of(struct web *web, const struct account_restated *r)
{
    const char *text = "";
    if (r->model_differs)
        text = arena_printf(web->arena, "%s %s → %s %s", r->run.model, r->run.version, r->model,
                            r->version);
    for (size_t i = 0; i < r->row_count && i < CAUSES_SHOWN; i++)
        text = arena_printf(web->arena, "%s%s%s %s %s %s → %s", text, text[0] == '\0' ? "" : "; ",
                            r->rows[i].table, r->rows[i].id, r->rows[i].column,
                            r->rows[i].before[0] == '\0' ? "–" : r->rows[i].before,
                            r->rows[i].after[0] == '\0' ? "–" : r->rows[i].after);
    if (r->row_count > CAUSES_SHOWN)
        text = arena_printf(web->arena, "%s; +%zu", text, r->row_count - CAUSES_SHOWN);
    if (r->data_differ)
        text = arena_printf(web->arena, "%s%s%s", text, text[0] == '\0' ? "" : "; ",
                            tr(web->lang, TR_KEY("newer data")));
    return text;
}

static double readable(const struct account_difference *d, int64_t amount)
{
    if (d->kind == ACCOUNT_EMISSION) return account_tonnes(amount);
    return d->kind == ACCOUNT_ENERGY ? account_tce(amount) : (double)amount / 1000;
}

static void fill_changes(struct work *w, struct html_enterprise_certainty *page)
{
    struct web *web = w->web;
    page->restated = (int64_t)w->restatement.periods;
    page->changes =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_certainty_changes, CHANGES_SHOWN);
    for (size_t i = 0; i < w->restatement.count; i++) {
        const struct account_restated *r = &w->restatement.list[i];
        for (size_t k = 0; k < r->count && page->changes_count < CHANGES_SHOWN; k++) {
            const struct account_difference *d = &r->list[k];
            double before = readable(d, d->before), now = readable(d, d->after);
            page->changes[page->changes_count++] = (struct html_enterprise_certainty_changes){
                .period = str_from(explain_period(web, r->run.period)),
                .source = str_from(source_word(web, d->kind, d->source)),
                .before = grouped(web, before, 2),
                .now = grouped(web, now, 2),
                .change = change_of(web, before, now),
                .unit = str_from(d->kind == ACCOUNT_EMISSION ? "t CO2e"
                                 : d->kind == ACCOUNT_ENERGY ? "tce"
                                                             : d->unit),
                .because = str_from(causes_of(web, r))};
        }
    }
}

/* ---- certainty ---- */

static const char *label_in(struct web *web, const struct model_key *keys, size_t count,
                            const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].id, key) == 0) return explain_text(web, keys[i].label);
    return key;
}

/* An input as its method calls it; a cell of a table as its row is called. */
static const char *doubt_name(struct work *w, const struct account_doubt *d)
{
    struct web *web = w->web;
    if (d->input == NULL) {
        const struct factor_row *row = d->factor;
        if (row == NULL) return d->name;
        return arena_printf(web->arena, "%s (%s, %s)",
                            web->lang == LANG_ZH && row->name_zh[0] != '\0' ? row->name_zh
                                                                            : row->name_en,
                            d->column, d->table);
    }
    for (size_t m = 0; m < w->choice.count; m++) {
        const struct model_info *info = model_info(w->choice.list[m].model);
        for (size_t i = 0; i < info->input_count; i++) {
            const struct model_input *input = &info->inputs[i];
            if (strcmp(input->name, d->input) != 0) continue;
            const char *label = explain_text(web, input->label);
            if (d->key == NULL || d->key[0] == '\0') return label;
            return arena_printf(web->arena, "%s: %s", label,
                                label_in(web, input->keys, input->key_count, d->key));
        }
    }
    return d->name;
}

static void fill_doubts(struct work *w, struct html_enterprise_certainty *page)
{
    struct web *web = w->web;
    const struct account_certainty *c = &w->certainty;
    page->certain = c->total_t != 0;
    page->certain_words = str_from(tr_fill(
        web->arena, web->lang,
        TR_KEY("{0} t CO2e, plus or minus {1} (95 %, first order); {2} further figures state no "
               "uncertainty and count as exact."),
        num_format_grouped(web->arena, c->total_t, 1), percent(web, c->half_width).ptr,
        kit_count(web, (int64_t)c->exact), NULL));
    page->doubts =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_certainty_doubts, DOUBTS_SHOWN);
    for (size_t i = 0; i < c->count && i < DOUBTS_SHOWN; i++)
        page->doubts[page->doubts_count++] = (struct html_enterprise_certainty_doubts){
            .name = str_from(doubt_name(w, &c->list[i])),
            .tier = str_from(account_doubt_tier(&c->list[i], web->lang)),
            .half_width = percent(web, c->list[i].half_width),
            .assumed = c->list[i].assumed,
            .share = percent(web, c->list[i].share),
            .metered = percent(web, c->list[i].total_if_metered)};
}

/* ---- trend ---- */

static void put_trend(struct work *w, struct html_enterprise_certainty *page, const char *name,
                      double before, double now, int decimals, const char *unit)
{
    struct web *web = w->web;
    page->trend[page->trend_count++] =
        (struct html_enterprise_certainty_trend){.name = str_from(name),
                                                 .before = grouped(web, before, decimals),
                                                 .now = grouped(web, now, decimals),
                                                 .change = change_of(web, before, now),
                                                 .unit = str_from(unit)};
}

static void fill_trend(struct work *w, struct html_enterprise_certainty *page)
{
    struct web *web = w->web;
    const struct account_trend *t = &w->trend;
    page->trend = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_certainty_trend, 5);
    page->trend_words =
        str_from(tr(web->lang, TR_KEY("One method can't compute both years: no comparison like "
                                      "for like.")));
    if (!t->known) return;
    put_trend(w, page, tr(web->lang, TR_KEY("Emission as reported")), t->reported_base_t,
              t->reported_year_t, 1, "t CO2e");
    put_trend(w, page, tr(web->lang, TR_KEY("Emission on one set of factors")), t->base_t,
              t->year_t, 1, "t CO2e");
    if (t->has_output) {
        const char *unit = kit_join(web, "t CO2e/", t->unit);
        put_trend(w, page, source_word(web, ACCOUNT_PRODUCTION, t->product), t->base_output,
                  t->year_output, 1, t->unit);
        put_trend(w, page, tr(web->lang, TR_KEY("Intensity as reported")),
                  t->reported_base_t / t->base_output, t->reported_year_t / t->year_output, 4,
                  unit);
        put_trend(w, page, tr(web->lang, TR_KEY("Intensity on one set of factors")),
                  t->base_t / t->base_output, t->year_t / t->year_output, 4, unit);
    }
    page->trend_words = str_from(tr_fill(
        web->arena, web->lang,
        TR_KEY("Of the change {0} t are other rules, {1} t more or less output, {2} t the plant's "
               "own."),
        num_format_grouped(web->arena, t->rules_t, 1),
        num_format_grouped(web->arena, t->output_t, 1), num_format_grouped(web->arena, t->own_t, 1),
        NULL));
}

static html make_body(void *arg)
{
    struct work *w = arg;
    struct web *web = w->web;
    struct html_enterprise_certainty page = {
        .tabs = tabs_account(web, "certainty", w->drafts),
        .years = kit_year_picker(web, &w->years, "/enterprise/account/certainty", ""),
        .year = str_from(kit_count(web, w->years.chosen)),
        .base = str_from(kit_count(web, w->trend.base))};
    fill_methods(w, &page);
    fill_changes(w, &page);
    fill_doubts(w, &page);
    fill_trend(w, &page);
    return HTML_RENDER(web->arena, &web->html, html_enterprise_certainty, &page);
}

static bool get_certainty(struct web *web, struct error *err)
{
    struct work *w = ARENA_NEW(web->arena, struct work);
    html body;
    w->web = web;
    struct web_body wanted = {web->viewer->org_id,
                              REGISTRY_SCOPE_ALL,
                              kit_asked(web, "certainty"),
                              read_all,
                              make_body,
                              w};
    return web_kept(web, &wanted, &body, err) && web_page(web, NULL, body, "account");
}

const struct web_route web_routes_enterprise_certainty[] = {
    {"GET", "/enterprise/account/certainty", get_certainty, WEB_ENTERPRISE,
     TR_KEY("Method and certainty"), .slow = true},
    {0},
};
