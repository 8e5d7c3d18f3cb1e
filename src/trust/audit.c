/* log_verify_all: the whole log recomputed from its entries and held against everything that was
 * written down. */
#include "trust/log.h"

#include "base/file.h"
#include "trust/log_tree.h"
#include "trust/sequence.h"
#include "trust_sql.h"

#include <string.h>

#define CHECKPOINTS_MAX 1000000
#define AUDIT_BYTES_MAX ((size_t)16 << 30) /* some 200 bytes per leaf: 80 million leaves */

struct audit {
    const struct log_config *config;
    const struct trust_roots *roots;
    struct arena *arena;
    digest *leaves;
    str *entries;
    uint64_t size;
    char *problem;
};

/* Notes the first difference; always true, because the audit itself went well. */
static bool differs(struct audit *a, char *problem)
{
    if (a->problem == NULL) a->problem = problem;
    return true;
}

static bool read_entries(struct db *db, struct audit *a, struct error *err)
{
    if (!log_size(db, &a->size, err)) return false;
    a->leaves = ARENA_NEW_ARRAY(a->arena, digest, a->size + 1);
    a->entries = ARENA_NEW_ARRAY(a->arena, str, a->size + 1);
    for (uint64_t at = 0; at < a->size;) {
        struct sql_trust_list_entries_row *rows;
        size_t count;
        if (!sql_trust_list_entries(db, a->arena, (int64_t)at, (int64_t)at + LOG_BATCH_MAX, &rows,
                                    &count, err))
            return false;
        for (size_t i = 0; i < count; i++, at++) {
            if (rows[i].entry_index != (int64_t)at || at >= a->size)
                return differs(
                    a, arena_printf(a->arena, "entry %llu is missing", (unsigned long long)at));
            a->entries[at] = rows[i].commitment;
            a->leaves[at] = merkle_leaf(rows[i].commitment);
        }
        if (count == 0)
            return differs(a,
                           arena_printf(a->arena, "entry %llu is missing", (unsigned long long)at));
    }
    return true;
}

/* The hashes of a tile level, from the leaves alone. */
static digest level_hash(const struct audit *a, int level, uint64_t index)
{
    uint64_t width = (uint64_t)1 << (8 * level);
    return merkle_root_of(a->leaves + index * width, width);
}

static bool compare_nodes(struct db *db, struct audit *a, struct error *err)
{
    for (int level = 1; tile_full_count(level - 1, a->size) > 0; level++) {
        uint64_t wanted = tile_full_count(level - 1, a->size);
        struct sql_trust_list_nodes_row *rows;
        size_t count;
        if (!sql_trust_list_nodes(db, a->arena, level, 0, INT64_MAX, &rows, &count, err))
            return false;
        for (size_t i = 0; i < count || i < wanted; i++) {
            digest node, expected = i < wanted ? level_hash(a, level, i) : (digest){0};
            if (i >= count || i >= wanted || rows[i].node_index != (int64_t)i ||
                !merkle_hash_read(rows[i].hash, &node) || !digest_equal(node, expected))
                return differs(a, arena_printf(a->arena,
                                               "node %zu of level %d is not the hash of its leaves",
                                               i, level));
        }
    }
    return true;
}

static bool compare_checkpoints(struct db *db, struct audit *a, struct error *err)
{
    struct sql_trust_list_checkpoints_row *rows;
    size_t count;
    if (!sql_trust_list_checkpoints(db, a->arena, CHECKPOINTS_MAX, &rows, &count, err))
        return false;
    /* From the smallest on, so that one walk over the leaves gives every root. */
    struct merkle_frontier tree = {0};
    for (size_t i = count; i-- > 0;) {
        struct note note;
        struct checkpoint checkpoint;
        char *name =
            arena_printf(a->arena, "checkpoint of size %lld", (long long)rows[i].tree_size);
        if (!note_read(a->arena, rows[i].note, &note, NULL) ||
            !checkpoint_read(a->arena, note.text, &checkpoint, NULL) ||
            checkpoint.size != (uint64_t)rows[i].tree_size)
            return differs(a, arena_printf(a->arena, "%s is malformed", name));
        bool good = false;
        for (size_t k = 0; k < a->roots->count; k++)
            good = good || note_verify(&note, &a->roots->list[k], NULL) == NOTE_GOOD;
        if (!good)
            return differs(a, arena_printf(a->arena, "%s is not signed by a trusted key", name));
        if (checkpoint.size > a->size)
            return differs(a, arena_printf(a->arena, "%s covers entries that are gone", name));
        while (tree.count < checkpoint.size) merkle_frontier_add(&tree, a->leaves[tree.count]);
        if (!digest_equal(merkle_frontier_root(&tree), checkpoint.root))
            return differs(a, arena_printf(a->arena, "%s has another root than its entries", name));
    }
    return true;
}

static bool compare_file(struct audit *a, const char *path, str wanted)
{
    str found;
    char *full = arena_printf(a->arena, "%s/log/%s", a->config->data_dir, path);
    if (!file_read(a->arena, full, wanted.len + 1, &found, NULL))
        return differs(a, arena_printf(a->arena, "log/%s can't be read", path));
    if (!str_equal(found, wanted))
        return differs(a, arena_printf(a->arena, "log/%s differs from the database", path));
    return true;
}

/* Tiles of the signed size, each file against the leaves. */
static void compare_tiles(struct audit *a, uint64_t size)
{
    for (int level = TILE_ENTRIES; level < 8 && a->problem == NULL; level++) {
        uint64_t full = tile_full_count(level, size);
        for (uint64_t tile = 0; tile <= full && a->problem == NULL; tile++) {
            int width = tile < full ? TILE_WIDTH : tile_partial_width(level, size);
            if (width == 0) continue;
            struct buf *content = buf_new(a->arena);
            for (uint64_t i = tile * TILE_WIDTH; i < tile * TILE_WIDTH + (uint64_t)width; i++) {
                if (level == TILE_ENTRIES) {
                    tile_entry_put(content, a->entries[i]);
                    continue;
                }
                digest hash = level_hash(a, level, i);
                buf_put(content, hash.bytes, DIGEST_BYTES);
            }
            compare_file(a, tile_path(a->arena, level, tile, width), buf_str(content));
        }
    }
}

static bool compare_outside(struct db *db, struct audit *a, const char *path, bool wanted,
                            struct error *err)
{
    for (size_t k = 0; k < a->roots->count; k++) {
        struct outside outside;
        struct error reason;
        if (!outside_read(a->arena, path, &a->roots->list[k], &outside, &reason)) {
            if (reason.code == ERROR_TRUST_NOTE_UNKNOWN && k + 1 < a->roots->count) continue;
            return differs(a, error_render(a->arena, &reason, error_sentence(reason.code)));
        }
        if (!outside.found)
            return !wanted || differs(a, arena_printf(a->arena, "%s is missing", path));
        if (outside_consistent(db, &outside, a->size, &reason)) return true;
        if (reason.code != ERROR_TRUST_HISTORY) return *err = reason, false;
        return differs(a, error_render(a->arena, &reason, error_sentence(reason.code)));
    }
    return true;
}

static bool audit_all(struct db *db, void *arg, struct error *err)
{
    struct audit *a = arg;
    struct log_checkpoint latest = {0};
    bool found;
    if (!read_entries(db, a, err)) return false;
    if (a->problem != NULL) return true;
    if (!compare_nodes(db, a, err) || !compare_checkpoints(db, a, err) ||
        !log_latest_checkpoint(db, a->arena, &latest, &found, err))
        return false;
    if (a->problem == NULL && found) compare_tiles(a, latest.size);
    if (a->problem == NULL &&
        !compare_outside(db, a, arena_printf(a->arena, "%s/log/checkpoint", a->config->data_dir),
                         found, err))
        return false;
    return a->problem != NULL || a->config->checkpoint_file == NULL ||
           compare_outside(db, a, a->config->checkpoint_file, true, err);
}

bool log_verify_all(const struct log_config *config, const struct trust_roots *roots,
                    struct arena *arena, char **problem, uint64_t *size, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *own = arena_open(AUDIT_BYTES_MAX);
    struct audit audit = {.config = config, .roots = roots, .arena = own};
    if (!store_read(config->store, audit_all, &audit, err)) return false;
    *problem = audit.problem == NULL ? NULL : arena_strdup(arena, audit.problem);
    *size = audit.size;
    return true;
}
