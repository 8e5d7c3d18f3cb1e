#include "trust/merkle.h"

#include <string.h>

digest merkle_leaf(str entry)
{
    const str parts[] = {{"\0", 1}, entry};
    return digest_of_parts(parts, 2);
}

digest merkle_node(digest left, digest right)
{
    unsigned char bytes[1 + 2 * DIGEST_BYTES] = {1};
    memcpy(bytes + 1, left.bytes, DIGEST_BYTES);
    memcpy(bytes + 1 + DIGEST_BYTES, right.bytes, DIGEST_BYTES);
    return digest_of((str){(const char *)bytes, sizeof bytes});
}

digest merkle_empty(void)
{
    return digest_of((str){"", 0});
}

bool merkle_hash_read(str bytes, digest *hash)
{
    if (bytes.len != DIGEST_BYTES) return false;
    memcpy(hash->bytes, bytes.ptr, DIGEST_BYTES);
    return true;
}

/* The largest power of two that is smaller than n; n > 1. */
static int split_level(uint64_t n)
{
    return 63 - __builtin_clzll(n - 1);
}

void merkle_frontier_add(struct merkle_frontier *frontier, digest leaf)
{
    size_t depth = (size_t)__builtin_popcountll(frontier->count++);
    for (uint64_t n = frontier->count; (n & 1) == 0; n >>= 1)
        leaf = merkle_node(frontier->subtrees[--depth], leaf);
    frontier->subtrees[depth] = leaf;
}

digest merkle_frontier_root(const struct merkle_frontier *frontier)
{
    size_t depth = (size_t)__builtin_popcountll(frontier->count);
    if (depth == 0) return merkle_empty();
    digest root = frontier->subtrees[--depth];
    while (depth > 0) root = merkle_node(frontier->subtrees[--depth], root);
    return root;
}

digest merkle_root_of(const digest *leaves, size_t count)
{
    struct merkle_frontier frontier;
    frontier.count = 0;
    for (size_t i = 0; i < count; i++) merkle_frontier_add(&frontier, leaves[i]);
    return merkle_frontier_root(&frontier);
}

/* The hash of leaves [start, end), start a multiple of the power of two that covers them. */
static bool range_root(const struct merkle_source *source, uint64_t start, uint64_t end,
                       digest *root, struct error *err)
{
    digest part[64];
    size_t parts = 0;
    for (uint64_t rest = end - start, at = start; rest > 0;) {
        int level = 63 - __builtin_clzll(rest);
        if (!source->read(source->context, level, at >> level, &part[parts++], err)) return false;
        at += (uint64_t)1 << level;
        rest -= (uint64_t)1 << level;
    }
    CHECK(parts > 0);
    *root = part[--parts];
    while (parts > 0) *root = merkle_node(part[--parts], *root);
    return true;
}

bool merkle_root(const struct merkle_source *source, uint64_t size, digest *root, struct error *err)
{
    if (size == 0) {
        *root = merkle_empty();
        return true;
    }
    return range_root(source, 0, size, root, err);
}

static void reverse(digest *list, size_t count)
{
    for (size_t i = 0; i + 1 < count - i; i++) {
        digest kept = list[i];
        list[i] = list[count - 1 - i];
        list[count - 1 - i] = kept;
    }
}

bool merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                            digest *proof, size_t *count, struct error *err)
{
    CHECK(index < size);
    size_t used = 0;
    /* From the root down; siblings are gathered top first and turned round at the end. */
    for (uint64_t start = 0, end = size; end - start > 1;) {
        uint64_t middle = start + ((uint64_t)1 << split_level(end - start));
        bool left = index < middle;
        if (!range_root(source, left ? middle : start, left ? end : middle, &proof[used++], err))
            return false;
        if (left)
            end = middle;
        else
            start = middle;
    }
    reverse(proof, used);
    *count = used;
    return true;
}

bool merkle_prove_consistency(const struct merkle_source *source, uint64_t old_size, uint64_t size,
                              digest *proof, size_t *count, struct error *err)
{
    CHECK(old_size > 0 && old_size <= size);
    size_t used = 0;
    uint64_t start = 0, end = size;
    while (end > old_size) {
        uint64_t middle = start + ((uint64_t)1 << split_level(end - start));
        bool left = old_size <= middle;
        if (!range_root(source, left ? middle : start, left ? end : middle, &proof[used++], err))
            return false;
        if (left)
            end = middle;
        else
            start = middle;
    }
    /* The old tree itself is known to the asker; any other complete subtree at its edge is told. */
    if (start > 0 && !range_root(source, start, end, &proof[used++], err)) return false;
    reverse(proof, used);
    *count = used;
    return true;
}

static bool read_from_leaves(void *context, int level, uint64_t index, digest *hash,
                             UNUSED struct error *err)
{
    const struct merkle_leaves *leaves = context;
    uint64_t width = (uint64_t)1 << level, start = index << level;
    CHECK(start + width <= leaves->count);
    *hash = merkle_root_of(leaves->leaves + start, width);
    return true;
}

struct merkle_source merkle_source_of(struct merkle_leaves *leaves)
{
    return (struct merkle_source){read_from_leaves, leaves};
}

/* ---- verification ---------------------------------------------------------------------- */

bool merkle_verify_inclusion(digest leaf, uint64_t index, uint64_t size, const digest *proof,
                             size_t count, digest root)
{
    if (index >= size) return false;
    uint64_t node = index, last = size - 1;
    digest hash = leaf;
    for (size_t i = 0; i < count; i++) {
        if (last == 0) return false;
        if ((node & 1) != 0 || node == last) {
            hash = merkle_node(proof[i], hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = merkle_node(hash, proof[i]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && digest_equal(hash, root);
}

/* The smallest power of two that is not smaller than n; 0 when it does not fit. */
static uint64_t power_above(uint64_t n)
{
    if (n <= 1) return 1;
    int level = split_level(n) + 1;
    return level > 63 ? 0 : (uint64_t)1 << level;
}

static bool is_subtree(uint64_t start, uint64_t end)
{
    if (start >= end) return false;
    uint64_t width = power_above(end - start);
    return width == 0 ? start == 0 : start % width == 0;
}

bool merkle_verify_subtree_inclusion(digest leaf, uint64_t index, uint64_t start, uint64_t end,
                                     const digest *proof, size_t count, digest root)
{
    if (!is_subtree(start, end) || index < start || index >= end) return false;
    return merkle_verify_inclusion(leaf, index - start, end - start, proof, count, root);
}

bool merkle_verify_subtree_consistency(uint64_t start, uint64_t end, uint64_t size, digest subtree,
                                       digest root, const digest *proof, size_t count)
{
    if (start > end || end > size) return false;
    if (start == end) return count == 0 && digest_equal(subtree, merkle_empty());
    if (!is_subtree(start, end)) return false;
    uint64_t first = start, last = end - 1, tree_last = size - 1;
    while (first != last && (last == tree_last || (last & 1) != 0)) {
        first >>= 1;
        last >>= 1;
        tree_last >>= 1;
    }
    size_t at = 0;
    digest old_hash = subtree, new_hash = subtree;
    if (first != last) {
        if (count == 0) return false;
        old_hash = new_hash = proof[at++];
    }
    for (; at < count; at++) {
        if (tree_last == 0) return false;
        if ((last & 1) != 0 || last == tree_last) {
            if (first < last) old_hash = merkle_node(proof[at], old_hash);
            new_hash = merkle_node(proof[at], new_hash);
            while ((last & 1) == 0) {
                first >>= 1;
                last >>= 1;
                tree_last >>= 1;
            }
        } else {
            new_hash = merkle_node(new_hash, proof[at]);
        }
        first >>= 1;
        last >>= 1;
        tree_last >>= 1;
    }
    return tree_last == 0 && digest_equal(old_hash, subtree) && digest_equal(new_hash, root);
}

bool merkle_verify_consistency(uint64_t old_size, uint64_t size, digest old_root, digest root,
                               const digest *proof, size_t count)
{
    if (old_size == 0) return false;
    return merkle_verify_subtree_consistency(0, old_size, size, old_root, root, proof, count);
}
