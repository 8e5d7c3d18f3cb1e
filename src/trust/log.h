/* The evidence log: one Merkle tree for the whole house. Whoever accepts data adds a pending leaf
 * in the same write transaction (log_add_pending); the sequencer (log_sequence) gives pending
 * leaves their places, commits, writes tiles and only then signs a checkpoint.
 *
 * A leaf is a salted commitment that names nobody: SHA-256("tanshu leaf v1" || salt || kind ||
 * content). Its salt, kind and object stand in the private table log_leaf; erasing that row erases
 * the meaning of the leaf, not the log. */
#ifndef TRUST_LOG_H
#define TRUST_LOG_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/id.h"
#include "store/store.h"
#include "trust/key.h"
#include "trust/merkle.h"

#define LOG_SALT_BYTES 32
#define LOG_KIND_BYTES_MAX 32
#define LOG_BATCH_MAX 4096 /* leaves ordered per transaction */
#define LOG_LEASE_MS 10000 /* a holder that is silent for longer has lost its lease */

/* ---- adding ---------------------------------------------------------------------------- */

struct log_pending {
    id64 leaf_id;
    unsigned char salt[LOG_SALT_BYTES];
    digest commitment; /* the entry of the log */
};
/* SHA-256("tanshu leaf v1" || 0x00 || salt || kind || 0x00 || content). */
digest log_commitment(const unsigned char salt[LOG_SALT_BYTES], str kind, digest content);
/* Inside the caller's write transaction: commits a leaf with its data. kind and content
 * (doc/formats.md, "Log"): "submission" log_submission_content; "run" log_lines_root of the run's
 * line and its postings' lines; "reversal" log_lines_root of the reversing postings' lines;
 * "report" trust_report_content. `out` may be NULL. */
bool log_add_pending(struct db *db, id64 org_id, const char *kind, id64 object_id, digest content,
                     struct log_pending *out, struct error *err) NODISCARD;
/* Lawful erasure: forgets salt, kind and content of an object's leaves. The tree is untouched. */
bool log_forget(struct db *db, id64 org_id, const char *kind, id64 object_id,
                struct error *err) NODISCARD;

/* The RFC 6962 root over lines (without line feeds), as exports print them. */
digest log_lines_root(struct arena *arena, const str *lines, size_t count);
/* What a submission's leaf commits to: its bytes as they came and the data taken from it, as lines.
 */
digest log_submission_content(digest bytes, digest data_lines_root);

/* ---- ordering and signing ---------------------------------------------------------------- */

/* The steps of log_sequence. Dying after any of them loses nothing: the next call goes on. */
enum log_step {
    LOG_STEP_LEASE,   /* the lease is taken */
    LOG_STEP_ORDER,   /* a batch of leaves has its places, committed */
    LOG_STEP_TILES,   /* tile files stand */
    LOG_STEP_PUBLISH, /* DIR/log/checkpoint is written, its row not yet committed */
    LOG_STEP_COMMIT,  /* the checkpoint's row is committed, the lease not yet given back */
};

struct log_config {
    struct store *store;
    const char *data_dir;
    /* A checkpoint kept elsewhere (NULL: none) that the tree must also be consistent with. */
    const char *checkpoint_file;
    int64_t lease_ms; /* 0: LOG_LEASE_MS */
    /* For tests: called after each step; false ends the call there, as kill -9 would. NULL: never.
     */
    bool (*after_step)(void *context, enum log_step step);
    void *context;
};
struct log_progress {
    uint64_t ordered; /* leaves given a place by this call */
    uint64_t size;    /* of the tree now signed */
    bool signed_new;  /* a new checkpoint was signed */
    bool busy;        /* another holder has the lease: nothing was done, try later */
};
/* Orders all pending leaves and signs, if there are any (or if an earlier run died before signing).
 * For the background thread of serve, and the command line. Any number of processes may call it:
 * one works, others see busy. Errors: TRUST_HISTORY (the tree contradicts, or is shorter than, the
 * checkpoint outside: a restored backup; nothing is signed), TRUST_CHECKPOINT_LOST (the database
 * has checkpoints, DIR/log/checkpoint is gone), TRUST_LEASE_LOST, and those of store and files. */
bool log_sequence(const struct log_config *config, const struct trust_key *key,
                  struct log_progress *progress, struct error *err) NODISCARD;

/* ---- asking ------------------------------------------------------------------------------ */

/* The newest checkpoint in the database. *found false before the first. */
struct log_checkpoint {
    uint64_t size;
    digest root;
    str note; /* as signed */
    int64_t signed_ms;
};
bool log_latest_checkpoint(struct db *db, struct arena *arena, struct log_checkpoint *checkpoint,
                           bool *found, struct error *err) NODISCARD;
/* The newest checkpoint signed at or before an instant: dates map to known_seq = size. */
bool log_checkpoint_at(struct db *db, struct arena *arena, int64_t instant_ms,
                       struct log_checkpoint *checkpoint, bool *found, struct error *err) NODISCARD;
/* Entries ordered so far (known_seq); pending ones are not counted. */
bool log_size(struct db *db, uint64_t *size, struct error *err) NODISCARD;

/* A store holds one log, of one key: the first to come notes its own (a verifier as
 * note_verifier_write prints it). Two directories with different keys never share a store:
 * TRUST_LOG_OTHER. */
bool log_claim(struct store *store, const char *verifier, struct error *err) NODISCARD;
/* Leaves that wait for their place. */
bool log_waiting(struct db *db, uint64_t *count, struct error *err) NODISCARD;

enum log_state { LOG_ABSENT, LOG_PENDING, LOG_ORDERED, LOG_SIGNED };
struct log_receipt { /* everything that proves one leaf, and what opens its commitment */
    enum log_state state;
    id64 leaf_id;
    str kind;
    digest content;
    unsigned char salt[LOG_SALT_BYTES];
    uint64_t index;                 /* from LOG_ORDERED on */
    digest proof[MERKLE_PROOF_MAX]; /* the rest only when LOG_SIGNED */
    size_t proof_count;
    struct log_checkpoint checkpoint;
};
/* The receipt of an object's newest leaf. */
bool log_receipt_of(struct db *db, struct arena *arena, id64 org_id, const char *kind,
                    id64 object_id, struct log_receipt *receipt, struct error *err) NODISCARD;
/* Every leaf of an organisation with its receipt, oldest first, for its export. */
struct log_leaf_receipt {
    id64 object_id;
    struct log_receipt receipt;
};
bool log_receipts_of_org(struct db *db, struct arena *arena, id64 org_id,
                         struct log_leaf_receipt **list, size_t *count,
                         struct error *err) NODISCARD;

struct log_proof { /* consistency of two sizes of the tree */
    uint64_t old_size, size;
    digest old_root, root;
    digest hashes[MERKLE_PROOF_MAX];
    size_t count;
};
bool log_prove_consistency(struct db *db, uint64_t old_size, uint64_t size, struct log_proof *proof,
                           struct error *err) NODISCARD;

/* Writes every tile file anew from the database (a lost log directory, a moved data directory). */
bool log_write_tiles(const struct log_config *config, struct error *err) NODISCARD;

/* Recomputes the whole tree from its entries and compares it with every node kept, every
 * checkpoint, every tile file and the checkpoint outside. True when it could be checked; *problem
 * is NULL or the first difference. */
bool log_verify_all(const struct log_config *config, const struct trust_roots *roots,
                    struct arena *arena, char **problem, uint64_t *size,
                    struct error *err) NODISCARD;

#endif
