/* tanshu account restate, --uncertainty, --trend, --method. */
#include "cli/account.h"

#include <string.h>

#include "base/num.h"
#include "cli/subject.h"

struct view_work {
    struct cli *cli;
    struct cli_subject *subject;
    int year;
    struct account_restatement restatement;
    struct account_certainty certainty;
    struct account_trend trend;
    struct account_choice choice;
    struct account_year_sums *sums; /* of each candidate of the choice */
    bool *computed;
    int64_t drafts;
    /* the table that is printed */
    const char **cells;
    size_t count, capacity;
};

static const struct account_rules *rules_of(const struct view_work *work)
{
    return &work->cli->app->rules;
}

static void put_row(struct view_work *work, const char *const *row, size_t columns)
{
    for (size_t i = 0; i < columns; i++)
        *ARENA_PUSH(work->cli->arena, work->cells, work->count, work->capacity) = row[i];
}

static const char *text_of(struct cli *cli, const struct model_text *text)
{
    (void)cli;
    return cli->lang == LANG_ZH ? text->zh : text->en;
}

static const char *tonnes(struct cli *cli, double value)
{
    return num_format_grouped(cli->arena, value, 2);
}

static const char *percent(struct cli *cli, double share)
{
    return arena_printf(cli->arena, "%.1f %%", share * 100);
}

static const char *signed_percent(struct cli *cli, double share)
{
    return arena_printf(cli->arena, "%+.1f %%", share * 100);
}

static bool is_text(const struct cli *cli)
{
    return strcmp(cli_format(cli), "text") == 0;
}

static int begin(struct cli *cli, struct cli_subject *subject, struct view_work *work)
{
    int exit_code = cli_read_subject(cli, subject);
    if (exit_code == CLI_DONE) exit_code = cli_read_year(cli, subject);
    *work = (struct view_work){.cli = cli, .subject = subject, .year = subject->year};
    return exit_code;
}

/* ---- restate ---- */

enum { RESTATE_COLUMNS = 12 };

/* "factors/fuels.csv coal ncv 20 -> 21; …", at most this many: a new edition changes every row. */
#define ROWS_TOLD_MAX 20

static const char *causes_of(struct cli *cli, const struct account_restated *r)
{
    const char *text = "";
    if (r->model_differs)
        text = arena_printf(cli->arena, "%s %s -> %s %s", r->run.model, r->run.version, r->model,
                            r->version);
    for (size_t i = 0; i < r->row_count && i < ROWS_TOLD_MAX; i++) {
        const struct factor_change *c = &r->rows[i];
        text = arena_printf(
            cli->arena, "%s%s%s %s%s%s%s%s %s -> %s", text, text[0] == '\0' ? "" : "; ", c->table,
            c->id, c->classes[0] == '\0' ? "" : " (", c->classes,
            c->classes[0] == '\0' ? " " : ") ", c->column, c->before[0] == '\0' ? "-" : c->before,
            c->after[0] == '\0' ? "-" : c->after);
    }
    if (r->row_count > ROWS_TOLD_MAX)
        text = arena_printf(cli->arena, "%s; +%zu", text, r->row_count - ROWS_TOLD_MAX);
    if (r->engine_differs) text = arena_printf(cli->arena, "%s; engine", text);
    if (r->data_differ)
        text = arena_printf(cli->arena, "%s%s%s", text, text[0] == '\0' ? "" : "; ",
                            tr(cli->lang, "newer data"));
    return text;
}

static void put_restated(struct view_work *work)
{
    static const char *const kinds[] = {"emission", "energy", "production"};
    struct cli *cli = work->cli;
    for (size_t i = 0; i < work->restatement.count; i++) {
        const struct account_restated *r = &work->restatement.list[i];
        const char *causes = causes_of(cli, r);
        for (size_t k = 0; k < r->count; k++) {
            const struct account_difference *d = &r->list[k];
            const char *row[RESTATE_COLUMNS] = {
                work->subject->org.identifier,
                work->subject->org.name,
                account_period_text(cli->arena, r->run.period),
                kinds[d->kind],
                d->scope == 0 ? "" : arena_printf(cli->arena, "%d", d->scope),
                d->source,
                d->basis,
                arena_printf(cli->arena, "%lld", (long long)d->before),
                arena_printf(cli->arena, "%lld", (long long)d->after),
                arena_printf(cli->arena, "%lld", (long long)(d->after - d->before)),
                d->unit,
                causes};
            put_row(work, row, RESTATE_COLUMNS);
        }
    }
}

static bool read_restated(struct db *db, void *arg, struct error *err)
{
    struct view_work *work = arg;
    return account_restate(db, work->cli->arena, &work->subject->viewer, rules_of(work),
                           work->subject->org.org_id, work->year, &work->restatement, err);
}

/* The years of an organisation that have posted runs, or the one asked for. */
static bool read_years(struct db *db, void *arg, struct error *err)
{
    struct view_work *work = arg;
    struct account_run_filter filter = {.has_state = true, .state = ACCOUNT_POSTED};
    struct account_run *runs;
    size_t count;
    int last = 0;
    if (work->subject->year != 0) {
        work->year = work->subject->year;
        if (!read_restated(db, work, err)) return false;
        put_restated(work);
        return true;
    }
    if (!account_list_runs(db, work->cli->arena, &work->subject->viewer, work->subject->org.org_id,
                           &filter, &runs, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        work->year = month_year(month_of(runs[i].period.first));
        if (work->year == last) continue;
        last = work->year;
        if (!read_restated(db, work, err)) return false;
        put_restated(work);
    }
    return true;
}

static bool read_all_orgs(struct db *db, void *arg, struct error *err)
{
    struct view_work *work = arg;
    struct registry_org_filter filter = {
        .kind = REGISTRY_ENTERPRISE, .division_prefix = "", .industry_prefix = ""};
    struct registry_org *orgs;
    size_t count;
    do {
        if (!registry_list_orgs(db, work->cli->arena, &filter, &orgs, &count, err)) return false;
        for (size_t i = 0; i < count; i++) {
            work->subject->org = orgs[i];
            work->subject->viewer = registry_viewer_own(orgs[i].org_id, 0);
            work->subject->viewer.org_kind = orgs[i].kind;
            if (!read_years(db, work, err)) return false;
        }
        filter.skip += (int64_t)count;
    } while (count != 0);
    return true;
}

static bool post_drafts(struct db *db, void *arg, struct error *err)
{
    struct view_work *work = arg;
    struct account_statement statement;
    struct account_period year = account_year(work->year);
    struct account_statement_query query = {.org_id = work->subject->org.org_id,
                                            .first = year.first,
                                            .last = year.last,
                                            .as_known = ACCOUNT_NOW};
    if (!credit_refresh(db, work->cli->arena, &work->subject->viewer, &work->cli->app->credit,
                        query.org_id, work->year, work->subject->today, instant_now_ms(), err) ||
        !account_read_statement(db, work->cli->arena, &work->subject->viewer, &query, &statement,
                                err))
        return false;
    work->drafts = statement.drafts;
    return true;
}

static int post(struct view_work *work)
{
    struct cli *cli = work->cli;
    struct error err = {0};
    if (cli_option(cli, "--org") == NULL || cli_option(cli, "--as") == NULL ||
        work->subject->year == 0)
        return cli_usage(cli, tr(cli->lang, "--post needs --org, --year and --as LOGIN: somebody "
                                            "answers for the drafts."));
    work->year = work->subject->year;
    int exit_code = cli_write(cli, post_drafts, work);
    if (exit_code != CLI_DONE) return exit_code;
    if (!app_sequence(cli->app, &err)) return cli_fail(cli, &err);
    fprintf(cli->err, "%s\n",
            tr_fill(cli->arena, cli->lang,
                    "{0} drafts wait for a second person ('tanshu approve'); until then the "
                    "posted figures count.",
                    arena_printf(cli->arena, "%lld", (long long)work->drafts), NULL));
    return CLI_DONE;
}

int cli_account_restate(struct cli *cli)
{
    static const char *const names[RESTATE_COLUMNS] = {
        TR_KEY("organisation"), TR_KEY("name"),   TR_KEY("period"), TR_KEY("kind"),
        TR_KEY("scope"),        TR_KEY("source"), TR_KEY("basis"),  TR_KEY("posted"),
        TR_KEY("now"),          TR_KEY("change"), TR_KEY("unit"),   TR_KEY("because")};
    struct cli_subject subject = {.today = instant_day(instant_now_ms(), 480)};
    bool one = cli_option(cli, "--org") != NULL;
    struct view_work work = {.cli = cli, .subject = &subject};
    int64_t year = 0;
    const char *year_text = cli_option(cli, "--year");
    if (one) {
        int exit_code = cli_read_subject(cli, &subject);
        if (exit_code != CLI_DONE) return exit_code;
    } else if (year_text != NULL &&
               (!num_parse_int(str_from(year_text), &year) || year < 2000 || year > 2100)) {
        return cli_usage(cli, tr_fill(cli->arena, cli->lang,
                                      "--year is a year such as 2025, not {0}.", year_text, NULL));
    } else {
        subject.year = (int)year;
    }
    int exit_code = cli_read(cli, one ? read_years : read_all_orgs, &work);
    if (exit_code != CLI_DONE) return exit_code;
    size_t rows = work.count / RESTATE_COLUMNS;
    if (!is_text(cli) || rows > 0) cli_print_table(cli, names, RESTATE_COLUMNS, work.cells, rows);
    if (is_text(cli) && (rows == 0 || cli_option(cli, "--post") == NULL))
        fprintf(cli->out, "%s\n",
                rows == 0
                    ? tr(cli->lang, "Nothing posted would change by the rules and data of today.")
                    : tr_fill(cli->arena, cli->lang,
                              "{0} figures would change. Nothing was written.",
                              arena_printf(cli->arena, "%zu", rows), NULL));
    if (cli_option(cli, "--post") != NULL) return post(&work);
    return rows == 0 ? CLI_DONE : CLI_REFUSED;
}

/* ---- uncertainty ---- */

static bool read_certainty(struct db *db, void *arg, struct error *err)
{
    struct view_work *work = arg;
    return account_read_certainty(db, work->cli->arena, &work->subject->viewer, rules_of(work),
                                  work->subject->org.org_id, work->year, &work->certainty, err);
}

int cli_account_uncertainty(struct cli *cli)
{
    static const char *const names[] = {
        TR_KEY("of"),    TR_KEY("quality"),   TR_KEY("half_width"), TR_KEY("assumed"),
        TR_KEY("share"), TR_KEY("deviation"), TR_KEY("if_metered")};
    enum { COLUMNS = ARRAY_LEN(names) };
    struct cli_subject subject;
    struct view_work work;
    int exit_code = begin(cli, &subject, &work);
    if (exit_code == CLI_DONE) exit_code = cli_read(cli, read_certainty, &work);
    if (exit_code != CLI_DONE) return exit_code;
    const struct account_certainty *c = &work.certainty;
    for (size_t i = 0; i < c->count; i++) {
        const struct account_doubt *d = &c->list[i];
        const char *row[] = {d->name,
                             account_doubt_tier(d, cli->lang),
                             percent(cli, d->half_width),
                             d->assumed ? "yes" : "no",
                             percent(cli, d->share),
                             tonnes(cli, d->deviation_t),
                             percent(cli, d->total_if_metered)};
        put_row(&work, row, COLUMNS);
    }
    cli_print_table(cli, names, COLUMNS, work.cells, c->count);
    if (is_text(cli))
        fprintf(cli->out, "\n%s\n",
                tr_fill(cli->arena, cli->lang,
                        "{0} t CO2e, plus or minus {1} (95 %, first order); {2} further figures "
                        "state no uncertainty and count as exact.",
                        tonnes(cli, c->total_t), percent(cli, c->half_width),
                        arena_printf(cli->arena, "%zu", c->exact), NULL));
    return CLI_DONE;
}

/* ---- trend ---- */

static bool read_trend(struct db *db, void *arg, struct error *err)
{
    struct view_work *work = arg;
    return account_read_trend(db, work->cli->arena, &work->subject->viewer, rules_of(work),
                              work->subject->org.org_id, work->year, &work->trend, err);
}

static void put_trend(struct view_work *work, const char *what, double base, double year,
                      const char *unit, int decimals)
{
    struct cli *cli = work->cli;
    const char *row[] = {what, num_format_grouped(cli->arena, base, decimals),
                         num_format_grouped(cli->arena, year, decimals),
                         base != 0 ? signed_percent(cli, year / base - 1) : "", unit};
    put_row(work, row, ARRAY_LEN(row));
}

int cli_account_trend(struct cli *cli)
{
    static const char *const names[] = {TR_KEY("figure"), TR_KEY("before"), TR_KEY("year"),
                                        TR_KEY("change"), TR_KEY("unit")};
    struct cli_subject subject;
    struct view_work work;
    int exit_code = begin(cli, &subject, &work);
    if (exit_code == CLI_DONE) exit_code = cli_read(cli, read_trend, &work);
    if (exit_code != CLI_DONE) return exit_code;
    const struct account_trend *t = &work.trend;
    const char *intensity = arena_printf(cli->arena, "t CO2e/%s", t->unit);
    put_trend(&work, tr(cli->lang, "Emission as reported"), t->reported_base_t, t->reported_year_t,
              "t CO2e", 2);
    if (t->known)
        put_trend(&work, tr(cli->lang, "Emission on one set of factors"), t->base_t, t->year_t,
                  "t CO2e", 2);
    if (t->known && t->has_output) {
        put_trend(&work, arena_printf(cli->arena, "%s %s", tr(cli->lang, "Output"), t->product),
                  t->base_output, t->year_output, t->unit, 2);
        put_trend(&work, tr(cli->lang, "Intensity as reported"),
                  t->reported_base_t / t->base_output, t->reported_year_t / t->year_output,
                  intensity, 4);
        put_trend(&work, tr(cli->lang, "Intensity on one set of factors"),
                  t->base_t / t->base_output, t->year_t / t->year_output, intensity, 4);
    }
    cli_print_table(cli, names, 5, work.cells, work.count / 5);
    if (!is_text(cli)) return CLI_DONE;
    if (!t->known)
        fprintf(cli->out, "%s\n",
                tr(cli->lang, "One method can't compute both years: no comparison like for like."));
    else
        fprintf(cli->out, "%s\n",
                tr_fill(cli->arena, cli->lang,
                        "Of the change {0} t are other rules, {1} t more or less output, {2} t "
                        "the plant's own.",
                        tonnes(cli, t->rules_t), tonnes(cli, t->output_t), tonnes(cli, t->own_t),
                        NULL));
    return CLI_DONE;
}

/* ---- method ---- */

static bool tell_choice(struct db *db, void *arg, struct error *err)
{
    struct view_work *work = arg;
    struct account_choice *choice = &work->choice;
    if (!account_tell_choice(db, work->cli->arena, rules_of(work), work->subject->org.org_id,
                             work->year, choice, err))
        return false;
    work->sums = ARENA_NEW_ARRAY(work->cli->arena, struct account_year_sums, choice->count + 1);
    work->computed = ARENA_NEW_ARRAY(work->cli->arena, bool, choice->count + 1);
    for (size_t i = 0; i < choice->count; i++) {
        if (choice->list[i].verdict == ACCOUNT_NOT_VALID) continue;
        if (!account_compute_year(db, work->cli->arena, &work->subject->viewer, rules_of(work),
                                  work->subject->org.org_id, choice->list[i].model, work->year,
                                  work->year, &work->sums[i], err))
            return false;
        work->computed[i] = work->sums[i].periods > 0;
    }
    return true;
}

static const char *valid_of(struct cli *cli, const struct model_info *info)
{
    char from[DATE_TEXT_MAX] = "", to[DATE_TEXT_MAX] = "";
    if (info->valid_from.day != INT32_MIN) date_format(info->valid_from, from);
    if (info->valid_to.day != INT32_MAX) date_format(info->valid_to, to);
    return arena_printf(cli->arena, "%s..%s", from, to);
}

int cli_account_method(struct cli *cli)
{
    static const char *const names[] = {
        TR_KEY("model"), TR_KEY("version"),    TR_KEY("prefix"),
        TR_KEY("valid"), TR_KEY("fuels"),      TR_KEY("fuel_family"),
        TR_KEY("full"),  TR_KEY("compliance"), TR_KEY("verdict")};
    enum { COLUMNS = ARRAY_LEN(names) };
    struct cli_subject subject;
    struct view_work work;
    int exit_code = begin(cli, &subject, &work);
    if (exit_code == CLI_DONE) exit_code = cli_read(cli, tell_choice, &work);
    if (exit_code != CLI_DONE) return exit_code;
    for (size_t i = 0; i < work.choice.count; i++) {
        const struct account_candidate *c = &work.choice.list[i];
        const struct model_info *info = model_info(c->model);
        const char *row[] = {info->name,
                             info->version,
                             c->prefix,
                             valid_of(cli, info),
                             c->fuel_filter,
                             text_of(cli, &c->fuel_family),
                             work.computed[i] ? tonnes(cli, account_tonnes(work.sums[i].full)) : "",
                             work.computed[i] ? tonnes(cli, account_tonnes(work.sums[i].compliance))
                                              : "",
                             tr(cli->lang, account_verdict_label(c->verdict))};
        put_row(&work, row, COLUMNS);
    }
    cli_print_table(cli, names, COLUMNS, work.cells, work.choice.count);
    if (!is_text(cli)) return CLI_DONE;
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang,
                    work.choice.ets ? TR_KEY("Class {0}, key emitter of the carbon market.")
                                    : TR_KEY("Class {0}, no key emitter of the carbon market."),
                    work.choice.industry, NULL));
    if (work.choice.reason[0] != '\0')
        fprintf(
            cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang, "Chosen by a person: {0}", work.choice.reason, NULL));
    return CLI_DONE;
}
