/* Canonical JSON after RFC 8785 (JCS): the same value gives the same bytes everywhere, so that
 * bytes can be hashed and signed. Integers beyond 2^53 are refused: they travel as strings. */
#ifndef TRUST_CANONICAL_H
#define TRUST_CANONICAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

#include <jansson.h>

#define CANONICAL_DEPTH_MAX 64

/* Appends the canonical bytes. Errors: TRUST_JSON_INTEGER, TRUST_JSON_DEPTH. */
bool canonical_write(struct buf *out, const json_t *value, struct error *err) NODISCARD;
/* Reads JSON strictly: UTF-8, no duplicate names, nothing after the value. The caller owns *value
 * (json_decref). Errors: TRUST_JSON. */
bool canonical_read(str text, json_t **value, struct error *err) NODISCARD;
/* Reads, and demands that `text` is already canonical to the byte. */
bool canonical_read_exact(str text, json_t **value, struct error *err) NODISCARD;
void canonical_free_scoped(json_t **value);

#endif
