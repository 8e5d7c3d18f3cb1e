/* What the model commands share: their options, the library they work on, and how they report. Each
 * command is a function that prints to `out` and `err` and returns its exit code: 0 done, 1 refused
 * or false, 2 wrong usage. Private to the room. */
#ifndef MODEL_COMMAND_SESSION_H
#define MODEL_COMMAND_SESSION_H

#include <stdio.h>

#include "model/command.h"
#include "model/tanshu_model.h"

struct options {
    const char *names[256]; /* positional */
    size_t count;
    const char *input, *format, *explain, *output, *as_known, *on, *version, *threads, *lang,
        *trace;
    const char *before; /* --before: the folder that the older model is read from */
    const char *uncertainty, *seed, *gradient, *what_if, *reach;
    bool check, html, all;
};
struct session {
    struct arena *arena;
    struct model_library *library;
    struct model_diagnostics found;
    struct options options;
    const struct model_speech *speech; /* NULL: English */
    FILE *out, *err;
};

/* Prints the error; returns its exit code. */
int session_report(struct session *s, const struct error *error);
/* Prints what was found as file:line:column: rule: message. */
void session_print_diagnostics(const struct session *s);
bool session_is_format(const struct session *s, const char *format);
bool session_is_zh(const struct session *s);
/* The one of two texts that the reader's language asks for. */
const char *session_say(const struct session *s, const char *en, const char *zh);
/* A file by path (it ends in .model), else a model by name, `name@version` or the newest that is
 * valid on --on (default today). NULL when reported. */
const struct model *session_find_model(struct session *s, const char *name);

struct path_list {
    const char **paths;
    size_t count, capacity;
};
/* The files named, with the *.model files below folders in their place, in order of path. */
struct path_list session_files(struct session *s);

int command_compare(struct session *s);
/* A run that is to be printed. */
struct command_row;
struct run_print {
    struct session *s;
    const struct model_info *info;
    const struct model_run *run;
    const struct command_row *rows;
    size_t count;
    int threads;
};
char *command_value_text(struct arena *arena, struct model_value value);
/* What a run is named by: "model=… tables=… inputs=… semantics=…", and as a JSON object.
 */
const char *command_digests(const struct run_print *p);
const char *command_digests_json(const struct run_print *p);
int command_uncertainty(const struct run_print *p);
int command_gradient(const struct run_print *p);
int command_what_if(const struct run_print *p);
int command_reach(const struct run_print *p);

int command_diff(struct session *s);
int command_fmt(struct session *s);
int command_graph(struct session *s);
int command_show(struct session *s);
int command_disasm(struct session *s);
struct command_row;
struct model_run;
int command_print_trace(struct session *s, const struct model_run *run,
                        const struct command_row *rows, size_t count);

#endif
