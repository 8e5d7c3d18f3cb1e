/* Signing keys and trust roots. The secret key of the log is DIR/keys/log.key (mode 0600), written
 * by `tanshu init`; its public half, the trust root that verifiers are given, is DIR/keys/log.pub.
 */
#ifndef TRUST_KEY_H
#define TRUST_KEY_H

#include "trust/note.h"

struct trust_key {
    struct note_verifier verifier; /* type NOTE_ED25519; its name is the log's origin */
    unsigned char secret[NOTE_SECRET_BYTES];
};

/* Makes a key named `name` (a URL without scheme, no blanks, no +; it becomes the log's origin) and
 * writes both files. Refuses to replace an existing key. Errors: TRUST_KEY_NAME, TRUST_KEY_EXISTS,
 * FILE_WRITE. */
bool trust_key_create(const char *data_dir, str name, struct error *err) NODISCARD;
/* From a 32-byte seed, for tests that must repeat. */
void trust_key_from_seed(struct trust_key *key, str name, const unsigned char seed[32]);
/* Errors: FILE_OPEN, TRUST_KEY_FILE, TRUST_KEY_MODE (others may read it). */
bool trust_key_load(struct arena *arena, const char *data_dir, struct trust_key *key,
                    struct error *err) NODISCARD;
void trust_key_wipe(struct trust_key *key);

/* Whom a verifier believes. */
struct trust_roots {
    struct note_verifier *list;
    size_t count;
};
/* Vkeys, one per line; # starts a comment, blank lines are skipped. `given` is either a vkey itself
 * or the path of such a file. Errors: TRUST_VKEY, FILE_OPEN. */
bool trust_roots_read(struct arena *arena, const char *given, struct trust_roots *roots,
                      struct error *err) NODISCARD;

#endif
