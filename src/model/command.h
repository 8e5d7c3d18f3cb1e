/* The command `tanshu model check|test|show|run`: arguments in, text out, exit code back
 * (0 done, 1 refused or false, 2 usage). `roots` are the folders with models/ and tables/. */
#ifndef MODEL_COMMAND_H
#define MODEL_COMMAND_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* How an error reaches the reader's language (cli gives locale's); NULL means English. */
struct model_speech {
    char *(*error_text)(void *context, struct arena *arena, const struct error *error);
    void *context;
};

/* argv[0] is the word after `tanshu model`. */
int model_command(int argc, char **argv, const char *const *roots, size_t root_count,
                  const struct model_speech *speech, FILE *out, FILE *err);

#endif
