#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

const char *cli_option(const struct cli *cli, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < cli->given_count; i++)
        if (strcmp(cli->given[2 * i], name) == 0) value = cli->given[2 * i + 1];
    return value;
}

const char *cli_format(const struct cli *cli)
{
    const char *format = cli_option(cli, "--format");
    return format == NULL ? "text" : format;
}

int cli_fail(struct cli *cli, const struct error *err)
{
    fprintf(cli->err, "tanshu: %s\n", error_text(cli->arena, cli->lang, err));
    return error_exit_code(err->code);
}

int cli_usage(struct cli *cli, const char *message)
{
    const char *name = cli->command != NULL ? cli->command->name : "";
    fprintf(cli->err, "tanshu: %s\n", message);
    fprintf(cli->err, "%s\n", tr_fill(cli->arena, cli->lang, "See 'tanshu help {0}'.", name, NULL));
    return CLI_USAGE;
}

int cli_set_lang(struct cli *cli, const char *lang)
{
    enum lang read = lang_parse(str_from(lang), LANG_ZH);
    if (read != lang_parse(str_from(lang), LANG_EN))
        return cli_usage(
            cli, tr_fill(cli->arena, cli->lang, "--lang is zh or en, not {0}.", lang, NULL));
    cli->lang = read;
    return CLI_DONE;
}

const struct cli_command *cli_find(const char *name)
{
    for (size_t i = 0; i < cli_command_count; i++)
        if (strcmp(cli_commands[i]->name, name) == 0) return cli_commands[i];
    return NULL;
}

static enum lang lang_of_environment(void)
{
    static const char *const names[] = {"TANSHU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') return lang_parse(str_from(value), LANG_EN);
    }
    return LANG_EN;
}

static const struct cli_option common_options[] = {
    {"--data", "DIR", "The data directory (default: $TANSHU_DATA)."},
    {"--format", "text|json|csv", "How data are printed."},
    {"--lang", "zh|en", "Language of messages."},
};

static const struct cli_option *find_option(const struct cli_command *command, const char *name,
                                            size_t length)
{
    for (const struct cli_option *o = command->options; o != NULL && o->name != NULL; o++)
        if (strlen(o->name) == length && strncmp(o->name, name, length) == 0) return o;
    for (size_t i = 0; i < ARRAY_LEN(common_options); i++)
        if (strlen(common_options[i].name) == length &&
            strncmp(common_options[i].name, name, length) == 0)
            return &common_options[i];
    return NULL;
}

/* Sorts the arguments into options and positional ones; --name value and --name=value both work. */
static int read_arguments(struct cli *cli, int argc, char **argv)
{
    cli->argv = ARENA_NEW_ARRAY(cli->arena, char *, (size_t)argc + 1);
    cli->given = ARENA_NEW_ARRAY(cli->arena, const char *, 2 * ((size_t)argc + 1));
    bool only_positional = cli->command->raw;
    for (int i = 0; i < argc; i++) {
        char *word = argv[i];
        if (!only_positional && strcmp(word, "--") == 0) {
            only_positional = true;
            continue;
        }
        if (only_positional || strncmp(word, "--", 2) != 0) {
            cli->argv[cli->argc++] = word;
            continue;
        }
        const char *equals = strchr(word, '=');
        size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
        const struct cli_option *option = find_option(cli->command, word, length);
        if (option == NULL)
            return cli_usage(cli,
                             tr_fill(cli->arena, cli->lang, "Unknown option {0}.", word, NULL));
        const char *value = "";
        if (option->argument != NULL && equals != NULL)
            value = equals + 1;
        else if (option->argument != NULL && i + 1 < argc)
            value = argv[++i];
        else if (option->argument != NULL || equals != NULL)
            return cli_usage(cli,
                             tr_fill(cli->arena, cli->lang,
                                     option->argument != NULL ? "Option {0} needs a value ({1})."
                                                              : "Option {0} takes no value.",
                                     option->name, option->argument, NULL));
        cli->given[2 * cli->given_count] = option->name;
        cli->given[2 * cli->given_count++ + 1] = value;
    }
    const char *lang = cli_option(cli, "--lang");
    if (lang != NULL && cli_set_lang(cli, lang) != CLI_DONE) return CLI_USAGE;
    const char *format = cli_format(cli);
    if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0 && strcmp(format, "csv") != 0)
        return cli_usage(cli, tr_fill(cli->arena, cli->lang,
                                      "--format is text, json or csv, not {0}.", format, NULL));
    return CLI_DONE;
}

/* `tanshu COMMAND --help` is what people try first. */
static bool asks_for_help(const struct cli_command *command, int argc, char **argv)
{
    for (int i = 0; i < argc && !command->raw && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0) return true;
    return false;
}

/* Everything but --help, so that the other arguments (--lang) are read before it is answered. */
static int without_help(int argc, char **argv)
{
    int kept = 0;
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--help") != 0) argv[kept++] = argv[i];
    return kept;
}

/* `tanshu --lang zh COMMAND`: the language may stand before the command too. */
static int read_lang_before(struct cli *cli, int *argc, char ***argv)
{
    int exit_code = CLI_DONE;
    while (*argc > 0 && exit_code == CLI_DONE) {
        bool apart = strcmp((*argv)[0], "--lang") == 0 && *argc > 1;
        if (!apart && strncmp((*argv)[0], "--lang=", 7) != 0) break;
        exit_code = cli_set_lang(cli, apart ? (*argv)[1] : (*argv)[0] + 7);
        *argc -= apart ? 2 : 1;
        *argv += apart ? 2 : 1;
    }
    return exit_code;
}

const char *cli_data(const struct cli *cli)
{
    const char *data = cli_option(cli, "--data");
    if (data == NULL) data = getenv("TANSHU_DATA");
    return data == NULL || data[0] == '\0' ? NULL : data;
}

static int run_with_data(struct cli *cli)
{
    struct error err = {0};
    const char *data = cli_data(cli);
    if (data == NULL)
        return cli_usage(
            cli, tr(cli->lang, "Which data directory? Give --data DIR or set TANSHU_DATA."));
    if (!app_open(data, cli->command->mode, &cli->app, &err)) return cli_fail(cli, &err);
    int exit_code = cli->command->run(cli);
    app_close(cli->app);
    return exit_code;
}

int cli_main(int argc, char **argv)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)4 << 30);
    struct cli cli = {.arena = arena, .lang = lang_of_environment(), .out = stdout, .err = stderr};
    argc--, argv++;
    if (read_lang_before(&cli, &argc, &argv) != CLI_DONE) return CLI_USAGE;
    const char *name = argc > 0 ? argv[0] : "help";
    if (argc > 0) argc--, argv++;
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0) name = "version";
    cli.command = cli_find(name);
    if (cli.command == NULL)
        return cli_usage(&cli, tr_fill(arena, cli.lang, "Unknown command {0}.", name, NULL));
    bool help = asks_for_help(cli.command, argc, argv);
    if (help) argc = without_help(argc, argv);
    /* Which language and format is asked for is known after the arguments are read. */
    int wrong = read_arguments(&cli, argc, argv);
    if (wrong != CLI_DONE) return wrong;
    if (help) {
        cli_print_help(&cli, cli.command, stdout);
        return CLI_DONE;
    }
    int exit_code = cli.command->needs_data ? run_with_data(&cli) : cli.command->run(&cli);
    if (fflush(stdout) != 0 && exit_code == CLI_DONE) {
        fprintf(stderr, "tanshu: %s\n",
                tr(cli.lang, "The output could not be written completely."));
        exit_code = CLI_MACHINE;
    }
    return exit_code;
}
