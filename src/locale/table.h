/* The table that tools/pogen makes from locale/zh: sorted by the English message, in byte order.
 * Own to the room. */
#ifndef LOCALE_TABLE_H
#define LOCALE_TABLE_H

#include <stddef.h>

struct locale_entry {
    const char *message;
    const char *translation;
};

extern const struct locale_entry locale_zh[];
extern const size_t locale_zh_count;

#endif
