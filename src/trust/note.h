/* Signed notes (c2sp.org/signed-note), checkpoints (c2sp.org/tlog-checkpoint) and timestamped
 * cosignatures (c2sp.org/tlog-cosignature), with Ed25519. */
#ifndef TRUST_NOTE_H
#define TRUST_NOTE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/str.h"

#define NOTE_BYTES_MAX ((size_t)64 * 1024)
#define NOTE_SIGNATURES_MAX 16
#define NOTE_PUBLIC_BYTES 32
#define NOTE_TIME_MAX 253402300799u /* 9999-12-31T23:59:59Z, the last second that has a date */
#define NOTE_SECRET_BYTES 64        /* libsodium's form: seed and public key */

enum note_type { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

struct note_verifier { /* a vkey: <name>+<hex id>+base64(type || public key) */
    str name;
    uint32_t id;
    enum note_type type;
    unsigned char key[NOTE_PUBLIC_BYTES];
};

struct note_signature {
    str name;
    uint32_t id;
    str bytes; /* without the id */
};

struct note {
    str text; /* with its last newline */
    struct note_signature signatures[NOTE_SIGNATURES_MAX];
    size_t count;
};

/* SHA-256(name || 0x0A || type || public key)[:4], big endian. */
uint32_t note_key_id(str name, enum note_type type, const unsigned char key[NOTE_PUBLIC_BYTES]);
/* Errors: TRUST_VKEY. */
bool note_verifier_read(struct arena *arena, str vkey, struct note_verifier *verifier,
                        struct error *err) NODISCARD;
char *note_verifier_write(struct arena *arena, const struct note_verifier *verifier);
/* The same key for another type of signature (its id differs). */
struct note_verifier note_verifier_as(const struct note_verifier *verifier, enum note_type type);

/* Takes a note apart; nothing in it is trusted yet. Errors: TRUST_NOTE. */
bool note_read(struct arena *arena, str bytes, struct note *note, struct error *err) NODISCARD;

enum note_outcome { NOTE_GOOD, NOTE_UNKNOWN, NOTE_BAD };
/* NOTE_GOOD: a signature by this key stands and verifies. NOTE_UNKNOWN: there is none by this name
 * and id. NOTE_BAD: there is one and it does not verify, or states a time beyond NOTE_TIME_MAX.
 * `time_s` (may be NULL) receives the time of a cosignature, seconds since 1970, else 0. */
enum note_outcome note_verify(const struct note *note, const struct note_verifier *verifier,
                              int64_t *time_s);

/* Appends a signature line by a secret key for `text`. A cosignature states `time_s`. */
void note_sign(struct buf *out, str text, str name, enum note_type type,
               const unsigned char secret[NOTE_SECRET_BYTES], int64_t time_s);

struct checkpoint {
    str origin;
    uint64_t size;
    digest root;
};
/* The text of a checkpoint: origin, size, root. Reading refuses extension lines: they are not
 * auditable and our log never writes them. Errors: TRUST_CHECKPOINT. */
char *checkpoint_write(struct arena *arena, const struct checkpoint *checkpoint);
bool checkpoint_read(struct arena *arena, str text, struct checkpoint *checkpoint,
                     struct error *err) NODISCARD;

#endif
