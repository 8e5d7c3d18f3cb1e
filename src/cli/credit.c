/* Commands about judgement and finance: rate, report, match. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "cli/subject.h"

struct credit_work {
    struct cli *cli;
    struct cli_subject *subject;
    struct credit_rating rating;
    struct finance_offer *offers;
    size_t offer_count;
};

static const char *label_of(struct cli *cli, const struct model_text *text)
{
    return cli->lang == LANG_ZH ? text->zh : text->en;
}

static bool rate(struct db *db, void *arg, struct error *err)
{
    struct credit_work *work = arg;
    return credit_rate(db, work->cli->arena, &work->subject->viewer, &work->cli->app->credit,
                       work->subject->org.org_id, work->subject->year, work->subject->today,
                       instant_now_ms(), &work->rating, err);
}

static int read_subject_and_year(struct cli *cli, struct cli_subject *subject)
{
    int exit_code = cli_read_subject(cli, subject);
    return exit_code == CLI_DONE ? cli_read_year(cli, subject) : exit_code;
}

static const char *value_text(struct cli *cli, bool known, enum model_type type, double value,
                              const char *text)
{
    char number[NUM_TEXT_MAX];
    if (!known) return tr(cli->lang, "missing");
    if (type != MODEL_NUMBER) return text != NULL ? text : "";
    if (!isfinite(value)) return "–";
    num_format(value, number);
    return arena_strdup(cli->arena, number);
}

static int run_rate(struct cli *cli)
{
    struct cli_subject subject;
    int exit_code = read_subject_and_year(cli, &subject);
    struct credit_work work = {.cli = cli, .subject = &subject};
    if (exit_code == CLI_DONE) exit_code = cli_write(cli, rate, &work);
    if (exit_code != CLI_DONE) return exit_code;
    const struct credit_rating *r = &work.rating;
    const char **cells =
        ARENA_NEW_ARRAY(cli->arena, const char *, (r->reason_count + r->missing_count + 1) * 5);
    size_t rows = 0;
    for (size_t i = 0; i < r->reason_count; i++, rows++) {
        const struct credit_reason *reason = &r->reasons[i];
        const char *row[] = {
            reason->model, reason->output, label_of(cli, &reason->label),
            value_text(cli, reason->known, reason->type, reason->value, reason->text),
            reason->unit != NULL ? reason->unit : ""};
        memcpy(cells + rows * 5, row, sizeof row);
    }
    for (size_t i = 0; i < r->missing_count; i++, rows++) {
        const char *row[] = {"missing", r->missing[i].name, label_of(cli, &r->missing[i].label),
                             label_of(cli, &r->missing[i].affects_label), ""};
        memcpy(cells + rows * 5, row, sizeof row);
    }
    cli_print_table(cli,
                    (const char *const[]){TR_KEY("model"), TR_KEY("output"), TR_KEY("title"),
                                          TR_KEY("value"), TR_KEY("unit")},
                    5, cells, rows);
    return CLI_DONE;
}

static const struct cli_option rate_options[] = {
    CLI_ORG_OPTION, CLI_YEAR_OPTION, {NULL, NULL, NULL}};
const struct cli_command cli_rate = {
    .name = "rate",
    .usage = "--data DIR --org CODE [--year YYYY]",
    .summary = "Judge: label, grade, confidence, with reasons and what is missing.",
    .options = rate_options,
    .needs_data = true,
    .run = run_rate};

static int run_report(struct cli *cli)
{
    struct cli_subject subject;
    struct error err = {0};
    int exit_code = read_subject_and_year(cli, &subject);
    if (exit_code != CLI_DONE) return exit_code;
    const char *output = cli_option(cli, "--output");
    if (output == NULL)
        return cli_usage(cli, tr(cli->lang, "Name the PDF to write with --output FILE."));
    struct report_settings settings = app_report_settings(cli->app);
    struct report_request request = {
        .org_id = subject.org.org_id, .year = subject.year, .lang = cli->lang, .purpose = "own"};
    const char *lang = cli_option(cli, "--lang");
    request.lang = lang == NULL ? LANG_ZH : lang_parse(str_from(lang), LANG_ZH);
    struct report_document document;
    if (!report_issue(cli->app->store, &cli->app->log, &cli->app->key, cli->arena, &subject.viewer,
                      &cli->app->credit, &settings, &request, &document, &err))
        return cli_fail(cli, &err);
    struct app_report_bytes bytes = {.viewer = &subject.viewer,
                                     .arena = cli->arena,
                                     .org_id = document.org_id,
                                     .report_id = document.report_id};
    exit_code = cli_read(cli, app_read_report, &bytes);
    if (exit_code != CLI_DONE) return exit_code;
    if (!file_write(output, bytes.pdf, &err)) return cli_fail(cli, &err);
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang, "Report {0} written to {1}.", document.number, output,
                    NULL));
    return CLI_DONE;
}

static const struct cli_option report_options[] = {
    CLI_ORG_OPTION, CLI_YEAR_OPTION, {"--output", "FILE", "The PDF to write."}, {NULL, NULL, NULL}};
const struct cli_command cli_report = {
    .name = "report",
    .usage = "--data DIR --org CODE [--year YYYY] --output FILE [--lang zh|en]",
    .summary = "Issue the carbon creditworthiness report as a signed PDF.",
    .options = report_options,
    .needs_data = true,
    .run = run_report};

/* ---- match ---- */

static bool match(struct db *db, void *arg, struct error *err)
{
    struct credit_work *work = arg;
    return finance_match(db, work->cli->arena, &work->subject->viewer, &work->cli->app->credit,
                         work->subject->org.org_id, work->subject->year, work->subject->today,
                         &work->offers, &work->offer_count, err);
}

static void print_unmet(struct cli *cli, const struct finance_offer *offer)
{
    for (size_t i = 0; i < offer->filter_count; i++) {
        const struct finance_filter *f = &offer->filters[i];
        if (f->known && f->met) continue;
        fprintf(cli->out, "  %s: %s\n",
                f->known ? tr(cli->lang, "not met") : tr(cli->lang, "not known"),
                label_of(cli, &f->label));
    }
}

static int run_match(struct cli *cli)
{
    struct cli_subject subject;
    int exit_code = read_subject_and_year(cli, &subject);
    struct credit_work work = {.cli = cli, .subject = &subject};
    if (exit_code == CLI_DONE) exit_code = cli_read(cli, match, &work);
    if (exit_code != CLI_DONE) return exit_code;
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, work.offer_count * 6 + 1);
    for (size_t i = 0; i < work.offer_count; i++) {
        const struct finance_offer *o = &work.offers[i];
        const char *row[] = {o->product.name,
                             label_of(cli, &o->product.title),
                             o->eligible ? "yes" : "no",
                             value_text(cli, o->has_amount, MODEL_NUMBER, o->amount_cny, NULL),
                             value_text(cli, o->has_rate, MODEL_NUMBER, o->rate, NULL),
                             value_text(cli, true, MODEL_NUMBER, o->score, NULL)};
        memcpy(cells + i * 6, row, sizeof row);
    }
    cli_print_table(cli,
                    (const char *const[]){TR_KEY("product"), TR_KEY("title"), TR_KEY("eligible"),
                                          TR_KEY("amount_cny"), TR_KEY("rate"), TR_KEY("score")},
                    6, cells, work.offer_count);
    for (size_t i = 0; strcmp(cli_format(cli), "text") == 0 && i < work.offer_count; i++) {
        if (work.offers[i].eligible) continue;
        fprintf(cli->out, "\n%s\n", label_of(cli, &work.offers[i].product.title));
        print_unmet(cli, &work.offers[i]);
    }
    return CLI_DONE;
}

static const struct cli_option match_options[] = {
    CLI_ORG_OPTION, CLI_YEAR_OPTION, {NULL, NULL, NULL}};
const struct cli_command cli_match = {.name = "match",
                                      .usage = "--data DIR --org CODE [--year YYYY]",
                                      .summary =
                                          "Match financial products: amount, price, and why not.",
                                      .options = match_options,
                                      .needs_data = true,
                                      .run = run_match};
