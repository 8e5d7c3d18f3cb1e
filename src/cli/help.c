/* tanshu help, tanshu version, and the manual page of all commands. */
#include <string.h>

#include "cli/cli.h"
#include "version.h"

void cli_print_help(struct cli *cli, const struct cli_command *command, FILE *to)
{
    fprintf(to, "tanshu %s %s\n\n%s\n", command->name, command->usage,
            tr(cli->lang, command->summary));
    if (command->text != NULL) fprintf(to, "\n%s\n", tr(cli->lang, command->text));
    if (command->options != NULL && command->options->name != NULL) fputc('\n', to);
    for (const struct cli_option *o = command->options; o != NULL && o->name != NULL; o++) {
        const char *head =
            o->argument == NULL ? o->name : arena_printf(cli->arena, "%s %s", o->name, o->argument);
        fprintf(to, "  %-24s %s\n", head, tr(cli->lang, o->text));
    }
}

/* The manual page that doc/manual/commands.md must equal. */
static void print_manual(struct cli *cli)
{
    fprintf(cli->out,
            "# Commands\n\nMade by `tanshu help --manual`. Exit codes: 0 done, 1 refused or false, "
            "2 usage, 3 the machine failed.\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *c = cli_commands[i];
        fprintf(cli->out, "\n## tanshu %s\n\n    tanshu %s %s\n\n%s\n", c->name, c->name, c->usage,
                c->summary);
        if (c->text != NULL) fprintf(cli->out, "\n%s\n", c->text);
        if (c->options == NULL || c->options->name == NULL) continue;
        fprintf(cli->out, "\n| option | meaning |\n|---|---|\n");
        for (const struct cli_option *o = c->options; o->name != NULL; o++)
            fprintf(cli->out, "| `%s%s%s` | %s |\n", o->name, o->argument != NULL ? " " : "",
                    o->argument != NULL ? o->argument : "", o->text);
    }
}

static int run_help(struct cli *cli)
{
    if (cli_option(cli, "--manual") != NULL) {
        print_manual(cli);
        return CLI_DONE;
    }
    if (cli->argc > 0) {
        const struct cli_command *command = cli_find(cli->argv[0]);
        if (command == NULL)
            return cli_usage(
                cli, tr_fill(cli->arena, cli->lang, "Unknown command {0}.", cli->argv[0], NULL));
        cli_print_help(cli, command, cli->out);
        return CLI_DONE;
    }
    fprintf(cli->out, "%s\n\n",
            tr(cli->lang,
               "tanshu COMMAND … : carbon accounts, creditworthiness reports and green finance"));
    for (size_t i = 0; i < cli_command_count; i++)
        fprintf(cli->out, "  %-10s %s\n", cli_commands[i]->name,
                tr(cli->lang, cli_commands[i]->summary));
    fprintf(
        cli->out, "\n%s\n",
        tr(cli->lang,
           "tanshu help COMMAND explains one. --data DIR names the data directory everywhere."));
    return CLI_DONE;
}

static const struct cli_option help_options[] = {
    {"--manual", NULL, "Print the manual of all commands as Markdown."}, {NULL, NULL, NULL}};

const struct cli_command cli_help = {.name = "help",
                                     .usage = "[COMMAND]",
                                     .summary = "Explain a command.",
                                     .options = help_options,
                                     .run = run_help};

static int run_version(struct cli *cli)
{
    if (cli->argc != 0) return cli_usage(cli, tr(cli->lang, "version takes no argument."));
    fprintf(cli->out, "tanshu %s\n", TANSHU_VERSION);
    return CLI_DONE;
}

const struct cli_command cli_version = {
    .name = "version", .usage = "", .summary = "Print the version.", .run = run_version};
