/* The table of commands, in the order in which help shows them. */
#include "cli/cli.h"
#include "cli/commands.h"

#define X(name) &cli_##name,
const struct cli_command *const cli_commands[] = {CLI_COMMANDS};
#undef X
const size_t cli_command_count = ARRAY_LEN(cli_commands);
