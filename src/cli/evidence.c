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

/* A raw command reads its arguments itself; --data is taken out for it. */
static const char *take_data(struct cli *cli)
{
    const char *data = NULL;
    int kept = 0;
    for (int i = 0; i < cli->argc; i++) {
        if (strcmp(cli->argv[i], "--data") == 0 && i + 1 < cli->argc)
            data = cli->argv[++i];
        else if (strncmp(cli->argv[i], "--data=", 7) == 0)
            data = cli->argv[i] + 7;
        else
            cli->argv[kept++] = cli->argv[i];
    }
    cli->argc = kept;
    cli->argv[kept] = NULL;
    if (data == NULL) data = getenv("TANSHU_DATA");
    return data != NULL && data[0] != '\0' ? data : NULL;
}

static int run_log(struct cli *cli)
{
    const char *data = take_data(cli);
    struct error err = {0};
    struct trust_speech speech = {translate, cli};
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
    struct trust_speech speech = {translate, cli};
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
    return model_command(cli->argc, cli->argv, roots, data != NULL ? 2 : 1, cli->out, cli->err);
}

const struct cli_command cli_model = {
    .name = "model",
    .usage =
        "check FILE... | test FILE... | show MODEL | run MODEL --input data.csv [--explain ENTITY]",
    .summary = "Check, test, show and run models.",
    .text = "Models of the shipped folder and, with --data DIR, of that directory. "
            "doc/model-language.md is the manual.",
    .raw = true,
    .run = run_model};
