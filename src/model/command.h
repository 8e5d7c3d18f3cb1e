/* The command `tanshu model check|test|show|run`: arguments in, text out, exit code back
 * (0 done, 1 refused or false, 2 usage). `roots` are the folders with models/ and tables/. */
#ifndef MODEL_COMMAND_H
#define MODEL_COMMAND_H

#include <stddef.h>
#include <stdio.h>

/* argv[0] is the word after `tanshu model`. */
int model_command(int argc, char **argv, const char *const *roots, size_t root_count, FILE *out,
                  FILE *err);

#endif
