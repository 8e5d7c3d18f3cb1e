/* The command line: one file per command. A command declares its name, usage, options and text
 * once; `tanshu help`, argument parsing and doc/manual/commands.md all come from that declaration.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

#include "app/app.h"
#include "base/arena.h"
#include "base/error.h"
#include "locale/locale.h"

enum cli_exit { CLI_DONE = 0, CLI_REFUSED = 1, CLI_USAGE = 2, CLI_MACHINE = 3 };

struct cli_option {
    const char *name;     /* "--data" */
    const char *argument; /* "DIR", or NULL for a switch */
    const char *text;     /* one English line, a key of the translation */
};

struct cli;

struct cli_command {
    const char *name;
    const char *usage;                /* what stands after the name: "--data DIR FILE..." */
    const char *summary;              /* one line */
    const char *text;                 /* paragraphs, or NULL */
    const struct cli_option *options; /* ends with a NULL name */
    bool raw;                         /* the command reads its arguments itself */
    bool needs_data;                  /* opens the data directory named by --data before it runs */
    enum app_mode mode;               /* how it is opened */
    int (*run)(struct cli *cli);
};

struct cli {
    const struct cli_command *command;
    struct arena *arena;
    enum lang lang;
    FILE *out, *err;
    int argc; /* positional arguments */
    char **argv;
    struct app *app;    /* when needs_data */
    const char **given; /* option name, value, … in order */
    size_t given_count;
};

/* The option's value (the last one given), "" for a switch that is on, NULL when absent. */
const char *cli_option(const struct cli *cli, const char *name);
/* The data directory that is named: --data, else $TANSHU_DATA, else NULL. */
const char *cli_data(const struct cli *cli);
/* "text" (default), "json" or "csv" as --format says. */
const char *cli_format(const struct cli *cli);
/* Prints the error in the reader's language on standard error; returns its exit code. */
int cli_fail(struct cli *cli, const struct error *err);
/* The same for a wrong use of the command. */
int cli_usage(struct cli *cli, const char *message);
/* Sets the language of messages as --lang says; CLI_USAGE, said, when it is none of ours. */
int cli_set_lang(struct cli *cli, const char *lang);

extern const struct cli_command *const cli_commands[];
extern const size_t cli_command_count;
const struct cli_command *cli_find(const char *name);
void cli_print_help(struct cli *cli, const struct cli_command *command, FILE *to);
int cli_main(int argc, char **argv);

#endif
