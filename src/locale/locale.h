/* Messages in the reader's language. The English sentence is the key; the .po files of locale/zh
 * hold the Chinese, compiled by tools/pogen into sorted tables. */
#ifndef LOCALE_LOCALE_H
#define LOCALE_LOCALE_H

#include "base/arena.h"
#include "base/error.h"

enum lang { LANG_ZH, LANG_EN };

/* Marks a message that is stored first and translated later (titles, table texts), so that the
 * check of translations finds it. */
#define TR_KEY(message) message

/* The translation, or the message itself when there is none. */
const char *tr(enum lang lang, const char *message);
/* With {0}, {1} … filled by the text arguments; the list ends with NULL. */
char *tr_fill(struct arena *arena, enum lang lang, const char *message, ...)
    __attribute__((sentinel));
/* An error as a finished sentence in the reader's language. */
char *error_text(struct arena *arena, enum lang lang, const struct error *err);
/* "zh", "zh-CN", "en-US" … ; fallback for anything else. */
enum lang lang_parse(str text, enum lang fallback);
const char *lang_code(enum lang lang); /* "zh-CN", "en" */

#endif
