/* tanshu migrate: the schema of an older database brought up to date. */
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"

static const char *number(struct cli *cli, int64_t value)
{
    return arena_printf(cli->arena, "%lld", (long long)value);
}

/* What would be run, as SQL with comments, so that it can be read, kept and run by hand. */
static void show_dry(const struct store_migrating *at, void *arg)
{
    struct cli *cli = arg;
    const char *kind = at->kind == STORE_ON_SQLITE ? "SQLite" : "PostgreSQL";
    if (at->at == 1 && at->step > 0)
        fprintf(cli->out, "-- %s\n",
                tr_fill(cli->arena, cli->lang, "{0}, {1}: step {2} of {3} ({4}), {5} statements",
                        kind, at->place, number(cli, at->step), number(cli, at->step_newest),
                        at->name, number(cli, (int64_t)at->count), NULL));
    else if (at->at == 1)
        fprintf(cli->out, "-- %s\n",
                tr_fill(cli->arena, cli->lang, "{0}, {1}: rights of the everyday role", kind,
                        at->place, NULL));
    size_t length = strlen(at->statement);
    bool ended = length > 0 && at->statement[length - 1] == ';';
    fprintf(cli->out, "%s%s\n", at->statement, ended ? "" : ";");
}

static void show_progress(const struct store_migrating *at, void *arg)
{
    struct cli *cli = arg;
    if (at->step == 0) return;
    if (at->statement != NULL)
        fprintf(cli->err, "%s\n",
                tr_fill(cli->arena, cli->lang, "Step {0} of {1} ({2}): statement {3} of {4} …",
                        number(cli, at->step), number(cli, at->step_newest), at->name,
                        number(cli, (int64_t)at->at), number(cli, (int64_t)at->count), NULL));
    else
        fprintf(cli->err, "%s\n",
                tr_fill(cli->arena, cli->lang, "Step {0} is kept.", number(cli, at->step), NULL));
    fflush(cli->err);
}

static int run_migrate(struct cli *cli)
{
    struct error err = {0};
    struct store_migrated migrated;
    const char *data = cli_data(cli);
    bool dry = cli_option(cli, "--dry-run") != NULL;
    if (data == NULL || cli->argc != 0)
        return cli_usage(
            cli, tr(cli->lang, "Which data directory? Give --data DIR or set TANSHU_DATA."));
    if (!app_migrate(data, cli_option(cli, "--store"), dry, dry ? show_dry : show_progress, cli,
                     &migrated, &err))
        return cli_fail(cli, &err);
    const char *said =
        migrated.from == migrated.to
            ? tr_fill(cli->arena, cli->lang, "The schema is at step {0}, the newest.",
                      number(cli, migrated.to), NULL)
        : dry ? tr_fill(cli->arena, cli->lang,
                        "The schema is at step {0}; 'tanshu migrate' would bring it to step {1}. "
                        "Nothing was changed.",
                        number(cli, migrated.from), number(cli, migrated.to), NULL)
              : tr_fill(cli->arena, cli->lang, "The schema was at step {0} and is at step {1}.",
                        number(cli, migrated.from), number(cli, migrated.to), NULL);
    fprintf(cli->out, "%s%s\n", dry ? "-- " : "", said);
    return CLI_DONE;
}

static const struct cli_option migrate_options[] = {
    {"--dry-run", NULL, "Print every statement that would be run, and change nothing."},
    {"--store", "WHERE",
     "The database as the user who owns its tables, when the setting store names another user."},
    {NULL, NULL, NULL}};
const struct cli_command cli_migrate = {
    .name = "migrate",
    .usage = "--data DIR [--dry-run] [--store WHERE]",
    .summary = "Bring the database of an older version up to date.",
    .text =
        "Make a backup first. Each step is a transaction of its own: stopped or killed, the same "
        "command goes on. On SQLite, stop 'tanshu serve' before; on PostgreSQL servers of the "
        "version before may go on working. Two migrations at once wait for each other. On "
        "PostgreSQL it also gives the role DATABASE_writer, in which all other commands work, "
        "its rights: it may not change rows of tables that only grow.",
    .options = migrate_options,
    .run = run_migrate};
