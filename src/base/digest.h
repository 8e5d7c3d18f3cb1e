/* SHA-256 (FIPS 180-4) by OpenSSL's libcrypto. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"

#define DIGEST_BYTES 32

typedef struct digest {
    unsigned char bytes[DIGEST_BYTES];
} digest;

digest digest_of(str bytes);
/* The digest of the parts one after another. */
digest digest_of_parts(const str *parts, size_t count);
bool digest_equal(digest a, digest b);
char *digest_hex(struct arena *arena, digest d);
bool digest_parse_hex(str text, digest *d) NODISCARD;

/* For long input, piece by piece. digest_end frees the state. */
struct digest_state;
struct digest_state *digest_begin(void);
void digest_add(struct digest_state *state, const void *bytes, size_t count);
digest digest_end(struct digest_state *state);

#endif
