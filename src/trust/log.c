/* Adding leaves and asking about them; the sequencer is in sequence.c. */
#include "trust/log.h"

#include "trust/log_tree.h"
#include "trust_sql.h"

#include <sodium.h>
#include <string.h>

static str digest_str(const digest *d)
{
    return (str){(const char *)d->bytes, DIGEST_BYTES};
}

digest log_commitment(const unsigned char salt[LOG_SALT_BYTES], str kind, digest content)
{
    /* sizeof keeps the zero byte that ends the label: no other label can be its prefix. */
    static const char label[] = "tanshu leaf v1";
    const str parts[] = {{label, sizeof label},
                         {(const char *)salt, LOG_SALT_BYTES},
                         kind,
                         {"\0", 1},
                         digest_str(&content)};
    return digest_of_parts(parts, 5);
}

digest log_lines_root(struct arena *arena, const str *lines, size_t count)
{
    digest *leaves = ARENA_NEW_ARRAY(arena, digest, count + 1);
    for (size_t i = 0; i < count; i++) leaves[i] = merkle_leaf(lines[i]);
    return merkle_root_of(leaves, count);
}

digest log_submission_content(digest bytes, digest data_lines_root)
{
    static const char label[] = "tanshu submission v1";
    const str parts[] = {{label, sizeof label}, digest_str(&bytes), digest_str(&data_lines_root)};
    return digest_of_parts(parts, 3);
}

bool log_add_pending(struct db *db, id64 org_id, const char *kind, id64 object_id, digest content,
                     struct log_pending *out, struct error *err)
{
    CHECK(strlen(kind) > 0 && strlen(kind) <= LOG_KIND_BYTES_MAX);
    CHECK(sodium_init() >= 0);
    struct log_pending leaf = {.leaf_id = id_new()};
    randombytes_buf(leaf.salt, sizeof leaf.salt);
    leaf.commitment = log_commitment(leaf.salt, str_from(kind), content);
    str salt = {(const char *)leaf.salt, sizeof leaf.salt};
    if (!sql_trust_insert_leaf(db, org_id, leaf.leaf_id, str_from(kind), object_id,
                               digest_str(&content), salt, digest_str(&leaf.commitment),
                               instant_now_ms(), NULL, err) ||
        !sql_trust_insert_pending(db, org_id, leaf.leaf_id, digest_str(&leaf.commitment), NULL,
                                  err))
        return false;
    if (out != NULL) *out = leaf;
    return true;
}

bool log_forget(struct db *db, id64 org_id, const char *kind, id64 object_id, struct error *err)
{
    return sql_trust_forget_leaves(db, org_id, str_from(kind), object_id, NULL, err);
}

/* ---- the tree in the database ------------------------------------------------------------ */

static bool missing(struct error *err, const char *what, int level, uint64_t index)
{
    char text[96];
    snprintf(text, sizeof text, "%s %llu of level %d is missing or malformed", what,
             (unsigned long long)index, level);
    return error_set(err, ERROR_TRUST_LOG_DAMAGED, "s", text);
}

bool log_tile_hashes(struct db *db, struct arena *arena, int tile_level, uint64_t first,
                     size_t count, digest *hashes, struct error *err)
{
    int64_t from = (int64_t)first, to = (int64_t)(first + count);
    size_t found = 0;
    if (tile_level == 0) {
        struct sql_trust_list_entries_row *rows;
        if (!sql_trust_list_entries(db, arena, from, to, &rows, &found, err)) return false;
        for (size_t i = 0; i < found && i < count; i++) {
            if (rows[i].entry_index != from + (int64_t)i)
                return missing(err, "entry", 0, first + i);
            hashes[i] = merkle_leaf(rows[i].commitment);
        }
    } else {
        struct sql_trust_list_nodes_row *rows;
        if (!sql_trust_list_nodes(db, arena, tile_level, from, to, &rows, &found, err))
            return false;
        for (size_t i = 0; i < found && i < count; i++)
            if (rows[i].node_index != from + (int64_t)i ||
                !merkle_hash_read(rows[i].hash, &hashes[i]))
                return missing(err, "node", tile_level, first + i);
    }
    return found == count ||
           missing(err, tile_level == 0 ? "entry" : "node", tile_level, first + found);
}

static bool read_node(void *context, int level, uint64_t index, digest *hash, struct error *err)
{
    struct db *db = context;
    int inside = level % 8;
    size_t count = (size_t)1 << inside;
    digest hashes[TILE_WIDTH / 2];
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    if (!log_tile_hashes(db, arena, level / 8, index << inside, count, hashes, err)) return false;
    *hash = merkle_root_of(hashes, count);
    return true;
}

struct merkle_source log_source(struct db *db)
{
    return (struct merkle_source){read_node, db};
}

bool log_size(struct db *db, uint64_t *size, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct sql_trust_tree_size_row row;
    bool found;
    if (!sql_trust_tree_size(db, arena, &row, &found, err)) return false;
    *size = found ? (uint64_t)row.tree_size : 0;
    return true;
}

struct claim {
    const char *verifier;
    bool noted;
};

static bool check_owner(struct db *db, void *arg, struct error *err)
{
    struct claim *claim = arg;
    struct sql_trust_select_owner_row owner;
    if (!sql_trust_select_owner(db, NULL, &owner, &claim->noted, err)) return false;
    if (!claim->noted || str_is(owner.verifier, claim->verifier)) return true;
    return error_set(err, ERROR_TRUST_LOG_OTHER, "Ss", owner.verifier, claim->verifier);
}

static bool note_owner(struct db *db, void *arg, struct error *err)
{
    struct claim *claim = arg;
    return sql_trust_insert_owner(db, str_from(claim->verifier), NULL, err) &&
           check_owner(db, claim, err);
}

bool log_claim(struct store *store, const char *verifier, struct error *err)
{
    struct claim claim = {.verifier = verifier};
    return store_read(store, check_owner, &claim, err) &&
           (claim.noted || store_write(store, note_owner, &claim, err));
}

bool log_waiting(struct db *db, uint64_t *count, struct error *err)
{
    struct sql_trust_count_pending_row row = {0};
    bool found;
    if (!sql_trust_count_pending(db, NULL, &row, &found, err)) return false;
    *count = (uint64_t)row.waiting;
    return true;
}

/* ---- asking ------------------------------------------------------------------------------ */

static bool fill_checkpoint(struct log_checkpoint *checkpoint, int64_t size, str root, str note,
                            int64_t signed_ms, struct error *err)
{
    if (size < 0 || !merkle_hash_read(root, &checkpoint->root))
        return error_set(err, ERROR_TRUST_LOG_DAMAGED, "s", "a checkpoint's row is malformed");
    checkpoint->size = (uint64_t)size;
    checkpoint->note = note;
    checkpoint->signed_ms = signed_ms;
    return true;
}

bool log_latest_checkpoint(struct db *db, struct arena *arena, struct log_checkpoint *checkpoint,
                           bool *found, struct error *err)
{
    struct sql_trust_latest_checkpoint_row row;
    bool there;
    if (!sql_trust_latest_checkpoint(db, arena, &row, &there, err)) return false;
    if (there &&
        !fill_checkpoint(checkpoint, row.tree_size, row.root, row.note, row.signed_at, err))
        return false;
    *found = there;
    return true;
}

bool log_checkpoint_at(struct db *db, struct arena *arena, int64_t instant_ms,
                       struct log_checkpoint *checkpoint, bool *found, struct error *err)
{
    struct sql_trust_checkpoint_at_row row;
    bool there;
    if (!sql_trust_checkpoint_at(db, arena, instant_ms, &row, &there, err)) return false;
    if (there &&
        !fill_checkpoint(checkpoint, row.tree_size, row.root, row.note, row.signed_at, err))
        return false;
    *found = there;
    return true;
}

static bool open_leaf(struct log_receipt *receipt, id64 leaf_id, str kind, str content, str salt,
                      struct error *err)
{
    if (!merkle_hash_read(content, &receipt->content) || salt.len != LOG_SALT_BYTES)
        return error_set(err, ERROR_TRUST_LOG_DAMAGED, "s", "a leaf's row is malformed");
    memcpy(receipt->salt, salt.ptr, LOG_SALT_BYTES);
    receipt->leaf_id = leaf_id;
    receipt->kind = kind;
    receipt->state = LOG_PENDING;
    return true;
}

/* Fills the place of the leaf and its proof, as far as they exist. */
static bool place_leaf(struct db *db, struct arena *arena, struct log_receipt *receipt,
                       const struct log_checkpoint *checkpoint, struct error *err)
{
    struct sql_trust_find_entry_row entry;
    bool found;
    if (!sql_trust_find_entry(db, arena, receipt->leaf_id, &entry, &found, err)) return false;
    if (!found) return true;
    receipt->state = LOG_ORDERED;
    receipt->index = (uint64_t)entry.entry_index;
    if (checkpoint == NULL || receipt->index >= checkpoint->size) return true;
    struct merkle_source source = log_source(db);
    if (!merkle_prove_inclusion(&source, receipt->index, checkpoint->size, receipt->proof,
                                &receipt->proof_count, err))
        return false;
    receipt->checkpoint = *checkpoint;
    receipt->state = LOG_SIGNED;
    return true;
}

bool log_receipt_of(struct db *db, struct arena *arena, id64 org_id, const char *kind,
                    id64 object_id, struct log_receipt *receipt, struct error *err)
{
    struct log_receipt read = {.state = LOG_ABSENT};
    struct sql_trust_latest_leaf_row leaf;
    struct log_checkpoint checkpoint;
    bool found, has_checkpoint;
    if (!sql_trust_latest_leaf(db, arena, org_id, str_from(kind), object_id, &leaf, &found, err))
        return false;
    if (found && (!open_leaf(&read, leaf.leaf_id, str_from(arena_strdup(arena, kind)), leaf.content,
                             leaf.salt, err) ||
                  !log_latest_checkpoint(db, arena, &checkpoint, &has_checkpoint, err) ||
                  !place_leaf(db, arena, &read, has_checkpoint ? &checkpoint : NULL, err)))
        return false;
    *receipt = read;
    return true;
}

bool log_receipts_of_org(struct db *db, struct arena *arena, id64 org_id,
                         struct log_leaf_receipt **list, size_t *count, struct error *err)
{
    struct sql_trust_list_leaves_row *rows;
    struct log_checkpoint checkpoint;
    size_t row_count;
    bool has_checkpoint;
    if (!sql_trust_list_leaves(db, arena, org_id, &rows, &row_count, err) ||
        !log_latest_checkpoint(db, arena, &checkpoint, &has_checkpoint, err))
        return false;
    struct log_leaf_receipt *read = ARENA_NEW_ARRAY(arena, struct log_leaf_receipt, row_count + 1);
    for (size_t i = 0; i < row_count; i++) {
        read[i].object_id = rows[i].object_id;
        if (!open_leaf(&read[i].receipt, rows[i].leaf_id, rows[i].kind, rows[i].content,
                       rows[i].salt, err) ||
            !place_leaf(db, arena, &read[i].receipt, has_checkpoint ? &checkpoint : NULL, err))
            return false;
    }
    *list = read;
    *count = row_count;
    return true;
}

bool log_prove_consistency(struct db *db, uint64_t old_size, uint64_t size, struct log_proof *proof,
                           struct error *err)
{
    struct log_proof made = {.old_size = old_size, .size = size};
    struct merkle_source source = log_source(db);
    uint64_t tree_size;
    if (!log_size(db, &tree_size, err)) return false;
    if (old_size == 0 || old_size > size || size > tree_size)
        return error_set(err, ERROR_LIMIT, "sis", "tree size", (int64_t)tree_size,
                         "sizes of a consistency proof");
    if (!merkle_root(&source, old_size, &made.old_root, err) ||
        !merkle_root(&source, size, &made.root, err) ||
        !merkle_prove_consistency(&source, old_size, size, made.hashes, &made.count, err))
        return false;
    *proof = made;
    return true;
}
