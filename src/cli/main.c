#include "cli/cli.h"

#include "intake/intake.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    /* The jailed parser is this same binary: it must start before anything else is set up. */
    if (argc == 2 && strcmp(argv[1], "--jail-intake") == 0) return intake_jail_main();
    return cli_main(argc, argv);
}
