/* Inside cli: the further views of `tanshu account`. Each reads its options, prints, and returns
 * the exit code. */
#ifndef CLI_ACCOUNT_H
#define CLI_ACCOUNT_H

#include "cli/cli.h"

/* tanshu account restate: what would change, for one organisation or all; --post makes drafts. */
int cli_account_restate(struct cli *cli);
/* --uncertainty, --trend, --method. */
int cli_account_uncertainty(struct cli *cli);
int cli_account_trend(struct cli *cli);
int cli_account_method(struct cli *cli);

#endif
