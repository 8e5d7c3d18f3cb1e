/* Inside cli: the organisation, year and person that many commands name by options. */
#ifndef CLI_SUBJECT_H
#define CLI_SUBJECT_H

#include "cli/cli.h"

#define CLI_ORG_OPTION                                                         \
    {                                                                          \
        "--org", "CODE", "The organisation: credit code, scheme:value, or id." \
    }
#define CLI_YEAR_OPTION                                               \
    {                                                                 \
        "--year", "YYYY", "The year (default: the newest with data)." \
    }
#define CLI_AS_OPTION                                                              \
    {                                                                              \
        "--as", "LOGIN", "The person who acts (default: the organisation itself)." \
    }

struct cli_subject {
    struct registry_org org;
    struct viewer viewer; /* the organisation itself, or the person of --as */
    int year;             /* of --year; 0 when it was not given */
    date today;
};
/* Reads --org, --year and --as; prints what is wrong and returns its exit code, CLI_DONE when all
 * is well. */
int cli_read_subject(struct cli *cli, struct cli_subject *subject);
/* The year of --year, else the newest year with data; CLI_REFUSED with a message when there is
 * none. */
int cli_read_year(struct cli *cli, struct cli_subject *subject);

/* Runs a store_read or store_write with the error printed: the exit code. */
int cli_read(struct cli *cli, store_work *work, void *arg);
int cli_write(struct cli *cli, store_work *work, void *arg);
/* Says on standard error which files of models and flows were left out, and why; returns how many.
 */
size_t cli_print_rule_problems(struct cli *cli);
/* A table as text, CSV or JSON, as --format says. `names` are stable keys; rows hold `columns`
 * texts each. */
void cli_print_table(struct cli *cli, const char *const *names, size_t columns,
                     const char *const *cells, size_t rows);

#endif
