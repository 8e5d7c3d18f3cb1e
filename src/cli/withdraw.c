/* tanshu withdraw: undoes a submission; without one, lists them. */
#include "cli/subject.h"

struct withdraw_work {
    struct cli *cli;
    struct cli_subject *subject;
    struct account_submission *list;
    size_t count;
};

static bool list_submissions(struct db *db, void *arg, struct error *err)
{
    struct withdraw_work *work = arg;
    return account_list_submissions(db, work->cli->arena, &work->subject->viewer,
                                    work->subject->org.org_id, 0, &work->list, &work->count, err);
}

static int print_submissions(struct withdraw_work *work)
{
    struct cli *cli = work->cli;
    int exit_code = cli_read(cli, list_submissions, work);
    if (exit_code != CLI_DONE) return exit_code;
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, work->count * 6 + 1),
               **at = cells;
    for (size_t i = 0; i < work->count; i++) {
        const struct account_submission *s = &work->list[i];
        char id[ID_TEXT_MAX];
        id_format(s->submission_id, id);
        *at++ = arena_strdup(cli->arena, id);
        *at++ = instant_format_utc(cli->arena, s->at);
        *at++ = s->kind;
        *at++ = s->name;
        *at++ = arena_printf(cli->arena, "%lld", (long long)s->rows_accepted);
        *at++ = s->withdrawn ? "withdrawn" : "";
    }
    cli_print_table(cli,
                    (const char *const[]){TR_KEY("submission"), TR_KEY("at"), TR_KEY("kind"),
                                          TR_KEY("name"), TR_KEY("accepted"), TR_KEY("state")},
                    6, cells, work->count);
    return CLI_DONE;
}

static int run_withdraw(struct cli *cli)
{
    struct cli_subject subject;
    struct error err = {0};
    struct app_withdrawn withdrawn;
    id64 submission_id;
    const char *reason = cli_option(cli, "--reason");
    int exit_code = cli_read_subject(cli, &subject);
    if (exit_code != CLI_DONE) return exit_code;
    struct withdraw_work work = {.cli = cli, .subject = &subject};
    if (cli->argc == 0) return print_submissions(&work);
    if (cli->argc != 1 || !id_parse(str_from(cli->argv[0]), &submission_id))
        return cli_usage(cli,
                         tr_fill(cli->arena, cli->lang,
                                 "{0} is no submission; 'tanshu withdraw' without one lists them.",
                                 cli->argv[0], NULL));
    if (reason == NULL) return cli_usage(cli, tr(cli->lang, "State the reason with --reason."));
    if (!app_withdraw(cli->app, cli->arena, &subject.viewer, submission_id, reason, &withdrawn,
                      &err))
        return cli_fail(cli, &err);
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang, "{0} is withdrawn; {1} days of readings changed.",
                    cli->argv[0],
                    arena_printf(cli->arena, "%lld", (long long)withdrawn.readings.days_changed),
                    NULL));
    return app_sequence(cli->app, &err) ? CLI_DONE : cli_fail(cli, &err);
}

static const struct cli_option withdraw_options[] = {
    CLI_ORG_OPTION,
    CLI_AS_OPTION,
    {"--reason", "TEXT", "Why; it is kept with the withdrawal."},
    {NULL, NULL, NULL}};
const struct cli_command cli_withdraw = {
    .name = "withdraw",
    .usage = "--data DIR --org CODE [SUBMISSION --reason TEXT]",
    .summary = "Withdraw a submission; without one, list them.",
    .text = "Its values no longer count and what they replaced counts again; of a meter file the "
            "readings are withdrawn and the months derived anew. Nothing is deleted. Accounts, "
            "checks and rating of the years concerned are made anew.",
    .options = withdraw_options,
    .needs_data = true,
    .run = run_withdraw};
