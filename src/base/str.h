/* Text as a slice: a pointer and a length, not owned, not always ending in a
 * zero byte. Bytes are UTF-8 unless a function says otherwise. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/arena.h"
#include "base/base.h"

typedef struct str {
    const char *ptr;
    size_t len;
} str;

/* A literal as a slice: STR("abc"). */
#define STR(literal) ((str){"" literal, sizeof(literal) - 1})
/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).len, (s).ptr

str str_from(const char *text);            /* NULL gives the empty slice */
char *str_dup(struct arena *arena, str s); /* ends in a zero byte */
str str_copy(struct arena *arena, str s);
bool str_is(str s, const char *text);
bool str_equal(str a, str b);
int str_compare(str a, str b); /* byte order, as COLLATE "C" */
bool str_starts(str s, const char *prefix);
bool str_ends(str s, const char *suffix);
str str_trim(str s);                          /* ASCII space, U+3000, U+00A0 and BOM at both ends */
str str_slice(str s, size_t from, size_t to); /* clipped to the slice */
bool str_find(str s, str needle, size_t *at);
/* Cuts *rest at the first `separator`; false when *rest was used up. */
bool str_cut(str *rest, char separator, str *part);
/* ASCII letters folded, full-width forms (U+FF01..U+FF5E) made half-width. */
str str_fold(struct arena *arena, str s);
bool str_equal_fold(str a, str b); /* ASCII case only */

bool utf8_valid(str s);
/* Decodes one code point at *at and moves it; U+FFFD for a malformed byte. */
uint32_t utf8_next(str s, size_t *at);
size_t utf8_count(str s); /* code points */
size_t utf8_encode(uint32_t code_point, char out[4]);

/* Lower-case hexadecimal and RFC 4648 base64 with padding. Decoders return
 * false on any character that does not belong. */
char *hex_encode(struct arena *arena, const void *bytes, size_t count);
bool hex_decode(str text, void *bytes, size_t count) NODISCARD;
char *base64_encode(struct arena *arena, const void *bytes, size_t count);
bool base64_decode(struct arena *arena, str text, unsigned char **bytes, size_t *count) NODISCARD;

#endif
