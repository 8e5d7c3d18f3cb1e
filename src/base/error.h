/* An error is a code and its arguments, kept on the caller's stack; no finished
 * sentence. The table of codes (error.def) gives the HTTP status, the exit code
 * and the English sentence, which is also the key of its translation. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"

enum error_code {
#define X(name, http, exit, sentence) ERROR_##name,
#include "base/error.def"
#undef X
    ERROR_CODES
};

#define ERROR_ARGS_MAX 6
#define ERROR_TEXT_BYTES 768

struct error {
    enum error_code code;
    uint8_t count;
    uint16_t text_used;
    uint16_t args[ERROR_ARGS_MAX]; /* offsets into text; each argument as text */
    char text[ERROR_TEXT_BYTES];
};

/* Records the error and returns false, so that `return error_set(...)` reads
 * well. `kinds` has a letter per argument: s const char *, S str, i int64_t
 * (cast to int64_t!), d double, m date as `date` . `err` may be NULL. */
bool error_set(struct error *err, enum error_code code, const char *kinds, ...);

/* The sentence in English with {0}, {1} … */
const char *error_sentence(enum error_code code);
const char *error_name(enum error_code code);
int error_http_status(enum error_code code);
int error_exit_code(enum error_code code);
str error_arg(const struct error *err, size_t index);

/* What a system's error number (errno) means, as a phrase for an argument: the common ones in words of
 * ours, which are translated with the error; the rest as the C library says them. */
const char *error_reason(int number);

/* Fills a sentence (the English one or its translation) with the arguments. */
char *error_render(struct arena *arena, const struct error *err, const char *sentence);

#endif
