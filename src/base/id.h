/* Identifiers: 63 bits, ordered by time: 41 bits milliseconds since 2024-01-01,
 * 10 bits that tell processes apart, 12 bits counter. Made by the program, so
 * that no server hands out numbers. As text: 13 characters of base 32. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/base.h"
#include "base/str.h"

typedef int64_t id64;

#define ID_TEXT_MAX 16

id64 id_new(void);
int64_t id_instant_ms(id64 id);
/* Crockford's base 32 in lower case, 13 digits; reading accepts either case. */
void id_format(id64 id, char out[ID_TEXT_MAX]);
bool id_parse(str text, id64 *id) NODISCARD;

#endif
