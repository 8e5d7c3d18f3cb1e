/* Every command once, in the order in which help shows them. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

#define CLI_COMMANDS                                                                           \
    X(init)                                                                                    \
    X(demo)                                                                                    \
    X(simulate)                                                                                \
    X(serve)                                                                                   \
    X(org)                                                                                     \
    X(user)                                                                                    \
    X(import)                                                                                  \
    X(withdraw)                                                                                \
    X(check)                                                                                   \
    X(approve)                                                                                 \
    X(account)                                                                                 \
    X(explain)                                                                                 \
    X(rate) X(report) X(verify) X(match) X(refresh) X(model) X(factor) X(job) X(log) X(export) \
        X(backup) X(restore) X(copy) X(migrate) X(fsck) X(set) X(version) X(help)

#define X(name) extern const struct cli_command cli_##name;
CLI_COMMANDS
#undef X

#endif
