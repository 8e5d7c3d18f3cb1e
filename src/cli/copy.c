/* tanshu copy: all rows of one database into another. */
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "store/store.h"

/* "sqlite:DIR" with a data directory means the file in it. */
static const char *place_of(struct cli *cli, const char *where)
{
    struct stat status;
    if (strncmp(where, "sqlite:", 7) == 0 && stat(where + 7, &status) == 0 &&
        S_ISDIR(status.st_mode))
        return arena_printf(cli->arena, "%s/tanshu.db", where);
    return where;
}

static bool show(const struct store_copying *at, void *arg)
{
    struct cli *cli = arg;
    fprintf(cli->err, "\r%s %zu/%zu %-28s %12lld",
            at->comparing ? tr(cli->lang, "comparing") : tr(cli->lang, "copying"), at->table_place,
            at->table_count, at->table, (long long)at->rows);
    fflush(cli->err);
    return true;
}

static int run_copy(struct cli *cli)
{
    struct error err = {0};
    const char *from = cli_option(cli, "--from"), *to = cli_option(cli, "--to");
    struct store_copied copied;
    if (from == NULL || to == NULL || cli->argc != 0)
        return cli_usage(cli,
                         tr(cli->lang, "Say where from and where to: --from WHERE --to WHERE."));
    bool good = store_copy(place_of(cli, from), place_of(cli, to), show, cli, &copied, &err);
    fputc('\n', cli->err);
    if (!good) return cli_fail(cli, &err);
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang,
                    "Copied and compared: {0} tables, {1} rows, digest {2} on both sides.",
                    arena_printf(cli->arena, "%zu", copied.tables),
                    arena_printf(cli->arena, "%lld", (long long)copied.rows), copied.digest, NULL));
    return CLI_DONE;
}

static const struct cli_option copy_options[] = {
    {"--from", "WHERE", "sqlite:DIR (a data directory), sqlite:FILE or postgres:CONNINFO."},
    {"--to", "WHERE", "An empty database, named the same way; a SQLite file is made."},
    {NULL, NULL, NULL}};
const struct cli_command cli_copy = {
    .name = "copy",
    .usage = "--from WHERE --to WHERE",
    .summary = "Copy a database between SQLite and PostgreSQL, and compare both.",
    .text = "Copies all rows as of one moment, then reads both sides again and compares the number "
            "and digest of every table's rows. Stopped half-way, the same command goes on where it "
            "was. Stop 'tanshu serve' first, so that nothing is written to the old database any "
            "more; afterwards 'tanshu set --data DIR store WHERE' uses the new one.",
    .options = copy_options,
    .run = run_copy};
