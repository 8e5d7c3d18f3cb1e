/* Commands about an account: import, check, approve, account, explain. */
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "cli/account.h"
#include "cli/subject.h"

#define IMPORT_BYTES_MAX ((size_t)64 << 20)

struct data_work {
    struct cli *cli;
    struct cli_subject *subject;
    int year;
    id64 submission_id;
    struct account_refusal *refusals;
    size_t refusal_count;
    struct registry_asset meter;
    struct meter_mapping meter_mapping;
    bool has_meter_mapping;
    struct check_summary summary;
    int64_t approved;
    struct account_statement statement;
    const struct model_node *tree;
    struct account_explanation explanation;
    id64 posting_id;
};

/* ---- import ---- */

static bool list_refusals(struct db *db, void *arg, struct error *err)
{
    struct data_work *work = arg;
    return account_list_refusals(db, work->cli->arena, &work->subject->viewer,
                                 work->subject->org.org_id, work->submission_id, &work->refusals,
                                 &work->refusal_count, err);
}

/* "file: B7: what is wrong", with the place once: most sentences begin with it. */
static void print_refusal(struct cli *cli, const struct account_refusal *refusal)
{
    const char *text = error_text(cli->arena, cli->lang, &refusal->error);
    bool placed = str_starts(str_from(text), refusal->row_ref);
    fprintf(cli->err, "%s: %s%s%s\n", cli->argv[0], placed ? "" : refusal->row_ref,
            placed ? "" : ": ", text);
}

static int import_table(struct cli *cli, struct data_work *work, str bytes)
{
    struct error err = {0};
    struct app_imported imported;
    const char *tier = cli_option(cli, "--tier"), *mapping_file = cli_option(cli, "--mapping");
    int this_year, month, day;
    date_split(work->subject->today, &this_year, &month, &day);
    struct app_file file = {.org_id = work->subject->org.org_id,
                            .name = cli->argv[0],
                            .bytes = bytes,
                            .year = work->subject->year != 0 ? work->subject->year : this_year,
                            .tier = ACCOUNT_TIER_DECLARED,
                            .replace = cli_option(cli, "--replace") != NULL,
                            .recompute = true};
    if (tier != NULL && !account_tier_parse(str_from(tier), &file.tier))
        return cli_usage(cli, tr_fill(cli->arena, cli->lang,
                                      "There is no tier {0}; 'tanshu help import' lists them.",
                                      tier, NULL));
    struct intake_mapping mapping;
    str json;
    if (mapping_file != NULL) {
        if (!file_read(cli->arena, mapping_file, (size_t)1 << 20, &json, &err) ||
            !intake_mapping_parse(cli->arena, json, &mapping, &err))
            return cli_fail(cli, &err);
        file.mapping = &mapping;
    }
    if (!app_import_file(cli->app, cli->arena, &work->subject->viewer, &file, &imported, &err))
        return cli_fail(cli, &err);
    work->submission_id = imported.submission.submission_id;
    int exit_code = cli_read(cli, list_refusals, work);
    for (size_t i = 0; exit_code == CLI_DONE && i < work->refusal_count; i++)
        print_refusal(cli, &work->refusals[i]);
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang, "{0}: {1} values accepted, {2} refused.", cli->argv[0],
                    arena_printf(cli->arena, "%lld", (long long)imported.submission.rows_accepted),
                    arena_printf(cli->arena, "%lld", (long long)imported.submission.rows_refused),
                    NULL));
    if (exit_code != CLI_DONE) return exit_code;
    if (!app_sequence(cli->app, &err)) return cli_fail(cli, &err);
    return imported.submission.rows_refused == 0 ? CLI_DONE : CLI_REFUSED;
}

static bool find_meter(struct db *db, void *arg, struct error *err)
{
    struct data_work *work = arg;
    bool found;
    const char *code = cli_option(work->cli, "--meter");
    if (!registry_find_asset(db, work->cli->arena, work->subject->org.org_id, str_from(code),
                             &work->meter, &found, err))
        return false;
    if (!found || work->meter.kind != REGISTRY_METER)
        return error_set(err, ERROR_CLI_NO_METER, "s", code);
    return meter_load_mapping(db, work->subject->org.org_id, work->meter.asset_id,
                              &work->meter_mapping, &work->has_meter_mapping, err);
}

static int import_readings(struct cli *cli, struct data_work *work, str bytes)
{
    struct error err = {0};
    struct app_metered metered;
    const char *mapping_file = cli_option(cli, "--mapping");
    int exit_code = cli_read(cli, find_meter, work);
    if (exit_code != CLI_DONE) return exit_code;
    str json;
    if (mapping_file != NULL) {
        if (!file_read(cli->arena, mapping_file, (size_t)1 << 20, &json, &err) ||
            !meter_mapping_parse(cli->arena, json, &work->meter_mapping, &err))
            return cli_fail(cli, &err);
    } else if (!work->has_meter_mapping) {
        struct meter_evidence *evidence;
        size_t count;
        if (!meter_mapping_detect(cli->arena, bytes, &work->meter_mapping, &evidence, &count, &err))
            return cli_fail(cli, &err);
        fprintf(cli->err, "%s\n%s\n",
                tr(cli->lang,
                   "This mapping was detected; save it, check it, and give it with --mapping:"),
                meter_mapping_format(cli->arena, &work->meter_mapping));
        for (size_t i = 0; i < count; i++)
            fprintf(cli->err, "  %s: %s\n", evidence[i].field, tr(cli->lang, evidence[i].reason));
        return CLI_REFUSED;
    }
    struct app_readings readings = {.org_id = work->subject->org.org_id,
                                    .meter_id = work->meter.asset_id,
                                    .name = cli->argv[0],
                                    .bytes = bytes,
                                    .mapping = &work->meter_mapping,
                                    .recompute = true};
    if (!app_import_meter(cli->app, cli->arena, &work->subject->viewer, &readings, &metered, &err))
        return cli_fail(cli, &err);
    for (size_t i = 0; i < metered.refusal_count; i++)
        fprintf(cli->err, "%s: %u: %s\n", cli->argv[0], metered.refusals[i].row,
                error_text(cli->arena, cli->lang, &metered.refusals[i].error));
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang, "{0}: {1} readings accepted, {2} refused.", cli->argv[0],
                    arena_printf(cli->arena, "%lld", (long long)metered.accepted),
                    arena_printf(cli->arena, "%lld", (long long)metered.refused), NULL));
    if (!app_sequence(cli->app, &err)) return cli_fail(cli, &err);
    return metered.refused == 0 ? CLI_DONE : CLI_REFUSED;
}

static int run_import(struct cli *cli)
{
    struct cli_subject subject;
    struct error err = {0};
    str bytes;
    int exit_code = cli_read_subject(cli, &subject);
    if (exit_code != CLI_DONE) return exit_code;
    if (cli->argc != 1) return cli_usage(cli, tr(cli->lang, "Name one file to import."));
    if (!file_read(cli->arena, cli->argv[0], IMPORT_BYTES_MAX, &bytes, &err))
        return cli_fail(cli, &err);
    struct data_work work = {.cli = cli, .subject = &subject};
    return cli_option(cli, "--meter") != NULL ? import_readings(cli, &work, bytes)
                                              : import_table(cli, &work, bytes);
}

static const struct cli_option import_options[] = {
    CLI_ORG_OPTION,
    CLI_YEAR_OPTION,
    CLI_AS_OPTION,
    {"--mapping", "FILE", "How a table or a meter file of another layout is to be read (JSON)."},
    {"--meter", "CODE", "The file holds readings of this meter."},
    {"--tier", "TIER", "Evidence: settlement, department, meter, invoice or declared (default)."},
    {"--replace", NULL,
     "Values that are there already are replaced; the earlier ones stay readable."},
    {NULL, NULL, NULL}};
const struct cli_command cli_import = {
    .name = "import",
    .usage = "--data DIR --org CODE FILE",
    .summary = "Take in a table or a meter file (CSV, XLSX).",
    .text = "What is right is kept, what is not is refused cell by cell with the fix on standard "
            "error (exit 1). Accounts, "
            "checks and rating of the years concerned are made anew.",
    .options = import_options,
    .needs_data = true,
    .run = run_import};

/* ---- check ---- */

static bool run_checks(struct db *db, void *arg, struct error *err)
{
    struct data_work *work = arg;
    struct app *app = work->cli->app;
    return check_run(db, work->cli->arena, &work->subject->viewer, &app->rules, app->checks,
                     app->flows, work->subject->org.org_id, work->subject->year,
                     work->subject->today, instant_now_ms(), &work->summary, err);
}

struct outcome_work {
    struct data_work *data;
    struct check_outcome *list;
    size_t count;
    struct check_finding *findings;
    size_t finding_count;
};

static bool list_outcomes(struct db *db, void *arg, struct error *err)
{
    struct outcome_work *work = arg;
    const struct cli_subject *subject = work->data->subject;
    return check_list_outcomes(db, work->data->cli->arena, &subject->viewer, subject->org.org_id,
                               subject->year, &work->list, &work->count, err) &&
           check_list_findings(db, work->data->cli->arena, &subject->viewer,
                               work->data->cli->app->flows, subject->org.org_id, false,
                               &work->findings, &work->finding_count, err);
}

/* Why the rule could not be run, or what it found: a condition of a method in the method's words.
 */
static const char *reason_of(const struct outcome_work *work, const struct check_outcome *outcome)
{
    const struct cli *cli = work->data->cli;
    const char *a[ARRAY_LEN(work->findings->args)];
    for (size_t i = 0; outcome->finding_id != 0 && i < work->finding_count; i++) {
        const struct check_finding *f = &work->findings[i];
        if (f->finding_id != outcome->finding_id) continue;
        for (size_t k = 0; k < ARRAY_LEN(a); k++) a[k] = f->args[k] != NULL ? f->args[k] : "";
        const char *said =
            tr_fill(cli->arena, cli->lang, check_sentence(cli->lang, cli->app->library, f->text),
                    a[0], a[1], a[2], a[3], a[4], a[5], NULL);
        if (!check_is_condition(f)) return said;
        return arena_printf(cli->arena, cli->lang == LANG_ZH ? "%s：%s" : "%s: %s",
                            cli->lang == LANG_ZH ? f->title.zh : f->title.en, said);
    }
    return tr(cli->lang, outcome->reason);
}

static int run_check(struct cli *cli)
{
    struct cli_subject subject;
    int exit_code = cli_read_subject(cli, &subject);
    if (exit_code == CLI_DONE) exit_code = cli_read_year(cli, &subject);
    if (exit_code != CLI_DONE) return exit_code;
    struct data_work work = {.cli = cli, .subject = &subject};
    struct outcome_work outcomes = {.data = &work};
    exit_code = cli_write(cli, run_checks, &work);
    if (exit_code == CLI_DONE) exit_code = cli_read(cli, list_outcomes, &outcomes);
    if (exit_code != CLI_DONE) return exit_code;
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, outcomes.count * 5 + 1);
    for (size_t i = 0; i < outcomes.count; i++) {
        const struct check_outcome *o = &outcomes.list[i];
        const char *row[] = {
            o->rule, account_period_text(cli->arena, o->period), check_result_name(o->result),
            cli->lang == LANG_ZH ? o->title.zh : o->title.en, reason_of(&outcomes, o)};
        memcpy(cells + i * 5, row, sizeof row);
    }
    cli_print_table(cli,
                    (const char *const[]){TR_KEY("rule"), TR_KEY("period"), TR_KEY("result"),
                                          TR_KEY("title"), TR_KEY("reason")},
                    5, cells, outcomes.count);
    return work.summary.failed == 0 ? CLI_DONE : CLI_REFUSED;
}

static const struct cli_option subject_options[] = {
    CLI_ORG_OPTION, CLI_YEAR_OPTION, {NULL, NULL, NULL}};
const struct cli_command cli_check = {.name = "check",
                                      .usage = "--data DIR --org CODE [--year YYYY]",
                                      .summary = "Run the cross-validation rules.",
                                      .text = "Exit 1 when a rule fails.",
                                      .options = subject_options,
                                      .needs_data = true,
                                      .run = run_check};

/* ---- approve ---- */

static bool approve_drafts(struct db *db, void *arg, struct error *err)
{
    struct data_work *work = arg;
    struct account_run_filter filter = {.has_state = true, .state = ACCOUNT_DRAFT};
    struct account_run *runs;
    size_t count;
    id64 org_id = work->subject->org.org_id;
    if (!account_list_runs(db, work->cli->arena, &work->subject->viewer, org_id, &filter, &runs,
                           &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        int year, month, day;
        date_split(runs[i].period.last, &year, &month, &day);
        if (work->subject->year != 0 && year != work->subject->year) continue;
        if (runs[i].gate != ACCOUNT_GATE_OPEN) continue;
        if (!account_approve(db, &work->subject->viewer, org_id, runs[i].run_id, instant_now_ms(),
                             err))
            return false;
        work->approved++;
    }
    return true;
}

static int run_approve(struct cli *cli)
{
    struct cli_subject subject;
    struct error err = {0};
    int exit_code = cli_read_subject(cli, &subject);
    if (exit_code != CLI_DONE) return exit_code;
    struct data_work work = {.cli = cli, .subject = &subject};
    exit_code = cli_write(cli, approve_drafts, &work);
    if (exit_code != CLI_DONE) return exit_code;
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang, "{0} drafts posted.",
                    arena_printf(cli->arena, "%lld", (long long)work.approved), NULL));
    return app_sequence(cli->app, &err) ? CLI_DONE : cli_fail(cli, &err);
}

static const struct cli_option approve_options[] = {
    CLI_ORG_OPTION, CLI_YEAR_OPTION, CLI_AS_OPTION, {NULL, NULL, NULL}};
const struct cli_command cli_approve = {
    .name = "approve",
    .usage = "--data DIR --org CODE --as LOGIN [--year YYYY]",
    .summary = "Post the drafts that passed the checks, as the second person.",
    .text = "Four eyes: the person of --as must be an approver who neither ran the model nor "
            "submitted its data.",
    .options = approve_options,
    .needs_data = true,
    .run = run_approve};

/* ---- account ---- */

static bool read_statement(struct db *db, void *arg, struct error *err)
{
    struct data_work *work = arg;
    const char *as_known = cli_option(work->cli, "--as-known");
    struct account_statement_query query = {.org_id = work->subject->org.org_id,
                                            .as_known = ACCOUNT_NOW,
                                            .with_drafts =
                                                cli_option(work->cli, "--drafts") != NULL};
    query.first = account_year(work->subject->year).first;
    query.last = account_year(work->subject->year).last;
    date day;
    if (as_known != NULL && date_parse_iso(str_from(as_known), &day)) {
        struct log_checkpoint checkpoint;
        bool found;
        /* The day ends where the enterprises are, as on the page. */
        int64_t until = ((int64_t)day.day + 1) * DAY_MS - 1 - (int64_t)480 * 60000;
        if (!log_checkpoint_at(db, work->cli->arena, until, &checkpoint, &found, err)) return false;
        query.as_known = found ? (int64_t)checkpoint.size : 0;
    } else if (as_known != NULL && !num_parse_int(str_from(as_known), &query.as_known)) {
        return error_set(err, ERROR_USAGE, "ss",
                         "--as-known is a day such as 2026-03-01 or a size of the log.", "account");
    }
    return account_read_statement(db, work->cli->arena, &work->subject->viewer, &query,
                                  &work->statement, err);
}

static int run_account(struct cli *cli)
{
    struct cli_subject subject;
    static const char *const kinds[] = {"emission", "energy", "production"};
    if (cli->argc == 1 && strcmp(cli->argv[0], "restate") == 0) return cli_account_restate(cli);
    if (cli->argc > 0)
        return cli_usage(cli, tr_fill(cli->arena, cli->lang,
                                      "An account has no {0}; 'restate' is the only word here.",
                                      cli->argv[0], NULL));
    if (cli_option(cli, "--uncertainty") != NULL) return cli_account_uncertainty(cli);
    if (cli_option(cli, "--trend") != NULL) return cli_account_trend(cli);
    if (cli_option(cli, "--method") != NULL) return cli_account_method(cli);
    int exit_code = cli_read_subject(cli, &subject);
    if (exit_code == CLI_DONE) exit_code = cli_read_year(cli, &subject);
    if (exit_code != CLI_DONE) return exit_code;
    struct data_work work = {.cli = cli, .subject = &subject};
    exit_code = cli_read(cli, read_statement, &work);
    if (exit_code != CLI_DONE) return exit_code;
    const struct account_statement *s = &work.statement;
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, s->line_count * 7 + 1);
    for (size_t i = 0; i < s->line_count; i++) {
        const struct account_line *line = &s->lines[i];
        const char *row[] = {account_period_text(cli->arena, line->period),
                             kinds[line->kind],
                             line->scope == 0 ? "" : arena_printf(cli->arena, "%d", line->scope),
                             line->source,
                             line->basis,
                             arena_printf(cli->arena, "%lld", (long long)line->amount),
                             line->unit};
        memcpy(cells + i * 7, row, sizeof row);
    }
    cli_print_table(cli,
                    (const char *const[]){TR_KEY("period"), TR_KEY("kind"), TR_KEY("scope"),
                                          TR_KEY("source"), TR_KEY("basis"), TR_KEY("amount"),
                                          TR_KEY("unit")},
                    7, cells, s->line_count);
    if (strcmp(cli_format(cli), "text") == 0 && s->total.has_emission)
        fprintf(cli->out, "\n%s\n",
                tr_fill(cli->arena, cli->lang,
                        "Full basis {0} t CO2e, compliance basis {1} t CO2e, {2} drafts wait.",
                        num_format_grouped(cli->arena, account_tonnes(s->total.full), 2),
                        num_format_grouped(cli->arena, account_tonnes(s->total.compliance), 2),
                        arena_printf(cli->arena, "%lld", (long long)s->drafts), NULL));
    return CLI_DONE;
}

static const struct cli_option account_options[] = {
    CLI_ORG_OPTION,
    CLI_YEAR_OPTION,
    {"--as-known", "DAY|SIZE", "The statement as it was known on a day, or at a size of the log."},
    {"--drafts", NULL, "With drafts that nobody has approved yet."},
    {"--uncertainty", NULL, "How sure the year is, and which meter would help most."},
    {"--trend", NULL, "Against the year before: as reported, and both on one set of factors."},
    {"--method", NULL, "Which methods fit the class, why one is in force, and what each gives."},
    {"--post", NULL, "restate: make the drafts; a second person approves them."},
    CLI_AS_OPTION,
    {NULL, NULL, NULL}};
const struct cli_command cli_account = {
    .name = "account",
    .usage = "[restate] --data DIR --org CODE [--year YYYY]",
    .summary = "Print the carbon account by month, scope, source and basis.",
    .text = "Amounts are integers: grams CO2e, kilojoules, thousandths of the product's unit. "
            "restate: what is posted against what the methods, tables and data of today make of "
            "it, by scope and source, and the rows that differ; without --org for all enterprises "
            "(exit 1: something would change). Nothing is written but by --post.",
    .options = account_options,
    .needs_data = true,
    .run = run_account};

/* ---- explain ---- */

static bool explain_posting(struct db *db, void *arg, struct error *err)
{
    struct data_work *work = arg;
    return account_explain(db, work->cli->arena, &work->subject->viewer, &work->cli->app->rules,
                           work->subject->org.org_id, work->posting_id, &work->explanation, err);
}

struct postings_work {
    struct data_work *data;
    const char **cells;
    size_t count, capacity;
};

static bool list_postings(struct db *db, void *arg, struct error *err)
{
    struct postings_work *work = arg;
    struct cli *cli = work->data->cli;
    const struct cli_subject *subject = work->data->subject;
    struct account_run_filter filter = {.first = account_year(subject->year).first,
                                        .last = account_year(subject->year).last};
    struct account_run *runs;
    size_t run_count;
    if (!account_list_runs(db, cli->arena, &subject->viewer, subject->org.org_id, &filter, &runs,
                           &run_count, err))
        return false;
    for (size_t r = 0; r < run_count; r++) {
        struct account_posting *postings;
        size_t count;
        if (!account_list_postings(db, cli->arena, &subject->viewer, subject->org.org_id,
                                   runs[r].run_id, &postings, &count, err))
            return false;
        for (size_t i = 0; i < count; i++) {
            char id[ID_TEXT_MAX];
            id_format(postings[i].posting_id, id);
            const char *row[] = {arena_strdup(cli->arena, id),
                                 account_period_text(cli->arena, postings[i].period),
                                 postings[i].output,
                                 postings[i].key,
                                 arena_printf(cli->arena, "%lld", (long long)postings[i].amount),
                                 postings[i].unit,
                                 account_state_name(runs[r].state)};
            for (size_t c = 0; c < ARRAY_LEN(row); c++)
                *ARENA_PUSH(cli->arena, work->cells, work->count, work->capacity) = row[c];
        }
    }
    return true;
}

static int run_explain(struct cli *cli)
{
    struct cli_subject subject;
    int exit_code = cli_read_subject(cli, &subject);
    if (exit_code != CLI_DONE) return exit_code;
    struct data_work work = {.cli = cli, .subject = &subject};
    if (cli->argc == 0) {
        struct postings_work postings = {.data = &work};
        exit_code = cli_read_year(cli, &subject);
        if (exit_code == CLI_DONE) exit_code = cli_read(cli, list_postings, &postings);
        if (exit_code == CLI_DONE)
            cli_print_table(cli,
                            (const char *const[]){TR_KEY("posting"), TR_KEY("period"),
                                                  TR_KEY("output"), TR_KEY("key"), TR_KEY("amount"),
                                                  TR_KEY("unit"), TR_KEY("state")},
                            7, postings.cells, postings.count / 7);
        return exit_code;
    }
    if (!id_parse(str_from(cli->argv[0]), &work.posting_id))
        return cli_usage(cli, tr_fill(cli->arena, cli->lang,
                                      "{0} is no posting; 'tanshu explain' without one lists them.",
                                      cli->argv[0], NULL));
    exit_code = cli_read(cli, explain_posting, &work);
    if (exit_code != CLI_DONE) return exit_code;
    bool json = strcmp(cli_format(cli), "json") == 0;
    fputs(json ? model_explain_json(cli->arena, work.explanation.tree)
               : model_explain_text(cli->arena, work.explanation.tree, cli->lang == LANG_ZH),
          cli->out);
    if (json) fputc('\n', cli->out);
    for (size_t i = 0; !json && i < work.explanation.origin_count; i++) {
        const struct account_origin *o = &work.explanation.origins[i];
        fprintf(cli->out, "%s[%s] %s: %s, %s, %s %s\n", o->datum.input, o->datum.key, o->datum.raw,
                o->submission.name, o->datum.row_ref, tr(cli->lang, "log entry"),
                o->has_leaf ? arena_printf(cli->arena, "%lld", (long long)o->leaf_index) : "–");
    }
    return work.explanation.same ? CLI_DONE : CLI_REFUSED;
}

static const struct cli_option explain_options[] = {
    CLI_ORG_OPTION, CLI_YEAR_OPTION, {NULL, NULL, NULL}};
const struct cli_command cli_explain = {
    .name = "explain",
    .usage = "--data DIR --org CODE [POSTING]",
    .summary =
        "Explain a posting down to reading, factor row and clause; without one, list the postings.",
    .text = "The model is run again from the bytes kept with the run. Exit 1 when the amount is "
            "not the one posted.",
    .options = explain_options,
    .needs_data = true,
    .run = run_explain};
