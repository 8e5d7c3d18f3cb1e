/* Bodies of `tanshu log show|prove|verify` and `tanshu verify`, for cli to call. Text or JSON on
 * `out`, errors on `err`. Exit code: 0 yes or done, 1 no or refused, 2 usage, 3 the machine failed.
 */
#ifndef TRUST_COMMAND_H
#define TRUST_COMMAND_H

#include "store/store.h"

#include <stdio.h>

/* How messages and errors reach the reader's language (cli gives locale's); no speech means
 * English.
 */
struct trust_speech {
    const char *(*translate)(void *context, const char *message);
    char *(*error_text)(void *context, struct arena *arena, const struct error *err);
    void *context;
};

/* argv[0] is the subcommand: show | prove ORG KIND OBJECT | verify [--checkpoint FILE] [--key KEY]
 * | sequence [--checkpoint FILE] | tiles (writes every tile file anew); each takes --format
 * text|json. */
int trust_command_log(struct store *store, const char *data_dir, const struct trust_speech *speech,
                      int argc, char **argv, FILE *out, FILE *err);
/* FILE... --key VKEY-OR-FILE [--format text|json]; needs neither store nor data directory. */
int trust_command_verify(const struct trust_speech *speech, int argc, char **argv, FILE *out,
                         FILE *err);

#endif
