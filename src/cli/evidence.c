/* Commands whose bodies live in their rooms: log, verify, model. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "model/command.h"

static const char *translate(void *context, const char *message)
{
    const struct cli *cli = context;
    return tr(cli->lang, message);
}

static char *say_error(void *context, struct arena *arena, const struct error *err)
{
    const struct cli *cli = context;
    return error_text(arena, cli->lang, err);
}

/* A raw command reads its arguments itself; the last `name VALUE` or `name=VALUE` is taken out for
 * it. NULL when it was not given. */
static const char *take_option(struct cli *cli, const char *name)
{
    const char *value = NULL;
    size_t length = strlen(name);
    int kept = 0;
    for (int i = 0; i < cli->argc; i++) {
        if (strcmp(cli->argv[i], name) == 0 && i + 1 < cli->argc)
            value = cli->argv[++i];
        else if (strncmp(cli->argv[i], name, length) == 0 && cli->argv[i][length] == '=')
            value = cli->argv[i] + length + 1;
        else
            cli->argv[kept++] = cli->argv[i];
    }
    cli->argc = kept;
    cli->argv[kept] = NULL;
    return value;
}

/* Takes --lang out; CLI_USAGE when it names no language of ours. */
static int take_lang(struct cli *cli)
{
    const char *lang = take_option(cli, "--lang");
    return lang == NULL ? CLI_DONE : cli_set_lang(cli, lang);
}

static const char *take_data(struct cli *cli)
{
    const char *data = take_option(cli, "--data");
    if (data == NULL) data = getenv("TANSHU_DATA");
    return data != NULL && data[0] != '\0' ? data : NULL;
}

static int run_log(struct cli *cli)
{
    const char *data = take_data(cli);
    struct error err = {0};
    struct trust_speech speech = {translate, say_error, cli};
    if (take_lang(cli) != CLI_DONE) return CLI_USAGE;
    if (data == NULL)
        return cli_usage(
            cli, tr(cli->lang, "Which data directory? Give --data DIR or set TANSHU_DATA."));
    if (!app_open(data, APP_WORK, &cli->app, &err)) return cli_fail(cli, &err);
    int exit_code =
        trust_command_log(cli->app->store, data, &speech, cli->argc, cli->argv, cli->out, cli->err);
    app_close(cli->app);
    return exit_code;
}

const struct cli_command cli_log = {
    .name = "log",
    .usage = "show | prove ORG KIND OBJECT | verify [--key KEY] | sequence, each with --data DIR",
    .summary = "Show, prove and verify the evidence log.",
    .text = "'prove' prints the receipt of an object's leaf (KIND: submission, run or report). "
            "'verify' recomputes the whole "
            "tree and compares it with tiles and checkpoints. 'sequence' gives pending leaves "
            "their places.",
    .raw = true,
    .run = run_log};

static int run_verify(struct cli *cli)
{
    struct trust_speech speech = {translate, say_error, cli};
    if (take_lang(cli) != CLI_DONE) return CLI_USAGE;
    return trust_command_verify(&speech, cli->argc, cli->argv, cli->out, cli->err);
}

const struct cli_command cli_verify = {
    .name = "verify",
    .usage = "FILE... --key VKEY-OR-FILE [--format text|json]",
    .summary = "Verify a report without any database: yes or no, why, and the checkpoint's date.",
    .text = "Exit 0 yes, 1 no. The key is the issuer's trust root (keys/log.pub); a key found only "
            "inside the PDF is an "
            "unknown signer.",
    .raw = true,
    .run = run_verify};

static int run_model(struct cli *cli)
{
    const char *data = take_data(cli);
    const char *roots[2] = {app_share(), data};
    struct model_speech speech = {say_error, cli};
    if (take_lang(cli) != CLI_DONE) return CLI_USAGE;
    char **argv = ARENA_NEW_ARRAY(cli->arena, char *, (size_t)cli->argc + 3);
    memcpy(argv, cli->argv, (size_t)cli->argc * sizeof *argv);
    int argc = cli->argc;
    if (argc > 0) { /* the room's own option for what it prints besides errors */
        argv[argc++] = arena_strdup(cli->arena, "--lang");
        argv[argc++] = arena_strdup(cli->arena, lang_code(cli->lang));
    }
    return model_command(argc, argv, roots, data != NULL ? 2 : 1, &speech, cli->out, cli->err);
}

const struct cli_command cli_model = {
    .name = "model",
    .usage = "check FILE... | fmt FILE... [--check] | test FILE... | show MODEL [--html] | "
             "graph MODEL [--output NAME] | diff MODEL MODEL [--before FOLDER] | "
             "compare MODEL MODEL --input FILE.csv | disasm MODEL [--all] | "
             "run MODEL --input FILE.csv [--explain ENTITY] [--output NAME] [--trace ENTITY] "
             "[--uncertainty DRAWS --seed S] [--gradient OUTPUT] [--what-if CHANGES] "
             "[--reach WANTED] [--as-known DATE] [--on DATE] [--version VERSION] [--threads N]",
    .summary = "Check, format, test, show, compare and run models.",
    .text = "Models of the shipped folder and, with --data DIR, of that directory. A MODEL is a "
            "file, a name (the version valid today, or on --on DATE) or name@version. 'fmt' writes "
            "the one layout of a file, with --check it only tells. 'diff' says what changed in "
            "meaning, 'compare' runs two models over the same data and says who changes and why, "
            "'graph' draws what is computed from what. doc/model-language.md is the manual.",
    .raw = true,
    .run = run_model};
