/* Merkle trees after RFC 6962 section 2.1 and RFC 9162, with SHA-256. A leaf hash is
 * SHA-256(0x00 || entry), a node SHA-256(0x01 || left || right); the empty tree is SHA-256(""). */
#ifndef TRUST_MERKLE_H
#define TRUST_MERKLE_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/str.h"

/* A proof never has more hashes than this: 63 for inclusion, 64 for consistency. */
#define MERKLE_PROOF_MAX 64

digest merkle_leaf(str entry);
digest merkle_node(digest left, digest right);
digest merkle_empty(void);
/* A tree that grows leaf by leaf and can tell its root at any size. Zeroed at first. */
struct merkle_frontier {
    uint64_t count;
    digest subtrees[64]; /* the complete ones, one per bit of `count`, the largest first */
};
void merkle_frontier_add(struct merkle_frontier *frontier, digest leaf);
digest merkle_frontier_root(const struct merkle_frontier *frontier);
/* The root over `count` leaf hashes (made with merkle_leaf) in order; of none: merkle_empty(). */
digest merkle_root_of(const digest *leaves, size_t count);

/* A hash read from outside: false unless it has exactly 32 bytes. */
bool merkle_hash_read(str bytes, digest *hash) NODISCARD;

/* Where a tree's hashes come from: the hash of the complete subtree of `level` (0: leaves) and
 * index `index`, that is of the leaves index << level to (index + 1) << level. */
typedef bool merkle_read(void *context, int level, uint64_t index, digest *hash, struct error *err);
struct merkle_source {
    merkle_read *read;
    void *context;
};
/* Root of the first `size` leaves, and proofs into `proof` (room for MERKLE_PROOF_MAX).
 * merkle_prove_inclusion: index < size. merkle_prove_consistency: 0 < old_size <= size. */
bool merkle_root(const struct merkle_source *source, uint64_t size, digest *root,
                 struct error *err) NODISCARD;
bool merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                            digest *proof, size_t *count, struct error *err) NODISCARD;
bool merkle_prove_consistency(const struct merkle_source *source, uint64_t old_size, uint64_t size,
                              digest *proof, size_t *count, struct error *err) NODISCARD;
/* A source over an array of leaf hashes in memory. */
struct merkle_leaves {
    const digest *leaves;
    uint64_t count;
};
struct merkle_source merkle_source_of(struct merkle_leaves *leaves);

/* Verification (RFC 9162 sections 2.1.3.2 and 2.1.4.2). Sizes of zero prove nothing and are
 * refused. */
bool merkle_verify_inclusion(digest leaf, uint64_t index, uint64_t size, const digest *proof,
                             size_t count, digest root) NODISCARD;
bool merkle_verify_consistency(uint64_t old_size, uint64_t size, digest old_root, digest root,
                               const digest *proof, size_t count) NODISCARD;
/* Subtrees [start, end) (draft-ietf-plants-merkle-tree-certs section 4): `start` is a multiple of
 * the smallest power of two >= end - start. A leaf in a subtree, and a subtree in a tree of `size`.
 */
bool merkle_verify_subtree_inclusion(digest leaf, uint64_t index, uint64_t start, uint64_t end,
                                     const digest *proof, size_t count, digest root) NODISCARD;
bool merkle_verify_subtree_consistency(uint64_t start, uint64_t end, uint64_t size, digest subtree,
                                       digest root, const digest *proof, size_t count) NODISCARD;

#endif
