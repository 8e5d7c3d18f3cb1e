/* One enterprise under supervision: public facts, its place on the register, account, label and
 * findings. */
#include <math.h>

#include "authority_enterprise_html.h"
#include "base/num.h"
#include "web/verifier/verifier.h"
#include "web/shared/explain.h"

struct supervision_work {
    struct web *web;
    id64 org_id;
    int year;
    bool any_year; /* nobody asked for one: the newest with an account */
    struct registry_org org;
    struct account_statement statement;
    struct credit_rating rating;
    bool rated;
    struct check_finding *findings;
    size_t finding_count;
};

static bool read_supervision(struct db *db, void *arg, struct error *err)
{
    struct supervision_work *work = arg;
    struct web *web = work->web;
    if (!authority_get(db, web->arena, web->viewer, work->org_id, &work->org, err)) return false;
    if (!work->org.on_register) return true;
    struct account_period year = account_year(work->year);
    struct account_statement_query query = {
        .org_id = work->org_id, .first = year.first, .last = year.last, .as_known = ACCOUNT_NOW};
    if (!account_read_statement(db, web->arena, web->viewer, &query, &work->statement, err))
        return false;
    if (work->any_year && work->statement.period_count == 0) {
        work->any_year = false;
        work->year--;
        return read_supervision(db, arg, err);
    }
    return credit_read_rating(db, web->arena, web->viewer, work->org_id, work->year, &work->rating,
                              &work->rated, err) &&
           check_list_findings(db, web->arena, web->viewer, web->app->flows, work->org_id, false,
                               &work->findings, &work->finding_count, err);
}

static html tonnes(struct web *web, bool known, int64_t grams, int digits)
{
    return known ? web_figure(web, account_tonnes(grams), digits, "tCO2e", 0, NULL)
                 : web_figure_missing(web, tr(web->lang, "No figure"));
}

static html tce(struct web *web, bool known, int64_t kilojoules, int digits)
{
    return known ? web_figure(web, account_tce(kilojoules), digits, "tce", 0, NULL)
                 : web_figure_missing(web, tr(web->lang, "No figure"));
}

static void fill_account(struct supervision_work *work, struct html_authority_enterprise *page)
{
    struct web *web = work->web;
    const struct account_statement *s = &work->statement;
    page->full = tonnes(web, s->total.has_emission, s->total.full, 7);
    page->compliance = tonnes(web, s->total.has_emission, s->total.compliance, 7);
    page->energy = tce(web, s->total.has_energy, s->total.energy_calorific, 7);
    page->label = web_label(web, str_from(work->rated ? work->rating.label : ""), false);
    page->grade = str_from(work->rated ? work->rating.grade : "");
    page->months =
        ARENA_NEW_ARRAY(web->arena, struct html_authority_enterprise_months, s->period_count + 1);
    for (size_t i = 0; i < s->period_count; i++)
        page->months[page->months_count++] = (struct html_authority_enterprise_months){
            .month = str_from(account_period_text(web->arena, s->periods[i].period)),
            .full = tonnes(web, s->periods[i].has_emission, s->periods[i].full, WEB_DECIMALS(1)),
            .compliance =
                tonnes(web, s->periods[i].has_emission, s->periods[i].compliance, WEB_DECIMALS(1)),
            .energy = tce(web, s->periods[i].has_energy, s->periods[i].energy_calorific,
                          WEB_DECIMALS(1))};
    page->findings = ARENA_NEW_ARRAY(web->arena, struct html_authority_enterprise_findings,
                                     work->finding_count + 1);
    for (size_t i = 0; i < work->finding_count; i++) {
        const struct check_finding *f = &work->findings[i];
        if (f->standing == CHECK_LAPSED) continue; /* newer data took its ground away */
        page->findings[page->findings_count++] = (struct html_authority_enterprise_findings){
            .url = str_from(arena_printf(web->arena, "/expert/findings/%s/%s",
                                         bank_id(web, f->org_id), bank_id(web, f->finding_id))),
            .title = str_from(explain_text(web, f->title)),
            .period = str_from(account_period_text(web->arena, f->period)),
            .state = judge_state_chip(web, f)};
    }
}

static bool get_enterprise(struct web *web, struct error *err)
{
    struct supervision_work work = {.web = web};
    int64_t year;
    if (!web_param_id(web, "org", &work.org_id, err)) return false;
    work.any_year = !num_parse_int(web_query(web, "year"), &year) || year < 2000 || year > 2200;
    work.year = work.any_year ? month_year(authority_last_due(web)) : (int)year;
    if (!store_read(web->store, read_supervision, &work, err)) return false;
    year = work.year;
    const struct registry_org *org = &work.org;
    const char *path =
        arena_printf(web->arena, "/authority/enterprises/%s", bank_id(web, org->org_id));
    struct html_authority_enterprise page = {
        .code = str_from(org->identifier),
        .industry = str_from(bank_industry(web, org->industry)),
        .division = str_from(bank_division(web, org->division)),
        .scale = str_from(bank_scale(web, org->scale)),
        .on_register = org->on_register,
        .ets = org->ets,
        .year = year,
        .previous = year - 1,
        .next = year + 1,
        .previous_url =
            str_from(arena_printf(web->arena, "%s?year=%lld", path, (long long)year - 1)),
        .next_url = str_from(arena_printf(web->arena, "%s?year=%lld", path, (long long)year + 1)),
        .change_url = str_from(path),
        .icon = web_icon(web, "journal-text"),
        .label = HTML_EMPTY,
        .full = HTML_EMPTY,
        .compliance = HTML_EMPTY,
        .energy = HTML_EMPTY};
    if (org->on_register) {
        if (!web_look(web, org->org_id,
                      REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_LABEL | REGISTRY_SCOPE_FILING, err))
            return false;
        fill_account(&work, &page);
    }
    if (org->invented) web_invented(web);
    web_crumb(web, tr(web->lang, "Monitoring register"), "/authority/register");
    web_status(web, org->on_register
                        ? web_chip(web, WEB_GOOD, tr(web->lang, "On the register"))
                        : web_chip(web, WEB_NEUTRAL, tr(web->lang, "Not on the register")));
    return web_page(web, bank_org_name(web, org),
                    HTML_RENDER(web->arena, &web->html, html_authority_enterprise, &page),
                    "register");
}

struct change_work {
    struct web *web;
    id64 org_id;
    bool on;
};

static bool change_register(struct db *db, void *arg, struct error *err)
{
    const struct change_work *work = arg;
    struct web *web = work->web;
    struct registry_org own;
    bool changed;
    if (!registry_set_on_register(db, web->viewer, web->codes, work->org_id, work->on, &changed,
                                  err) ||
        !registry_get_org(db, web->arena, web->viewer->org_id, &own, err))
        return false;
    const char *args[] = {registry_notice_org(web->arena, &own), NULL};
    return !changed ||
           registry_send_notice(
               db, work->org_id, "register",
               work->on
                   ? TR_KEY("{0} put you on the monitoring register: monthly filing is due, and "
                            "it reads your account, label and filing.")
                   : TR_KEY("{0} took you off the monitoring register: filing is no longer due, "
                            "and it no longer reads your account."),
               args, "/enterprise/authorisations", instant_now_ms(), err);
}

static bool post_enterprise(struct web *web, struct error *err)
{
    struct change_work work = {.web = web, .on = str_is(web_form(web, "to"), "on")};
    if (!web_param_id(web, "org", &work.org_id, err) ||
        !store_write(web->store, change_register, &work, err))
        return false;
    return web_redirect(
        web, arena_printf(web->arena, "/authority/enterprises/%s", bank_id(web, work.org_id)),
        work.on ? TR_KEY("The enterprise is on the register and was told.")
                : TR_KEY("The enterprise is off the register and was told."));
}

const struct web_route web_routes_authority_enterprise[] = {
    {"GET", "/authority/enterprises/{org}", get_enterprise, WEB_AUTHORITY, TR_KEY("Enterprise")},
    {"POST", "/authority/enterprises/{org}", post_enterprise, WEB_AUTHORITY, TR_KEY("Enterprise")},
    {0},
};
