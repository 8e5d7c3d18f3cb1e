/* The sequencer: gives pending leaves their places, writes tiles, then signs. Every step may be the
 * last one before a crash; the next call finds out from the database where to go on. */
#include "trust/log.h"

#include "base/file.h"
#include "trust/log_tree.h"
#include "trust/sequence.h"
#include "trust_sql.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* The wall clock itself: a clock fixed for tests would never let a lease run out. */
static int64_t lease_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct sequence {
    const struct log_config *config;
    const struct trust_key *key;
    struct arena *arena;
    id64 holder;
    int64_t epoch;
    bool taken;
    int64_t waiting;
    uint64_t size;  /* entries with a place */
    uint64_t batch; /* ordered by the last transaction */
    bool has_checkpoint;
    struct log_checkpoint latest;
    struct outside outside; /* DIR/log/checkpoint */
    bool killed;            /* by after_step */
};

static bool go_on(struct sequence *s, enum log_step step)
{
    if (s->config->after_step != NULL && !s->config->after_step(s->config->context, step))
        s->killed = true;
    return !s->killed;
}

static int64_t lease_until(const struct sequence *s)
{
    return lease_clock_ms() + (s->config->lease_ms > 0 ? s->config->lease_ms : LOG_LEASE_MS);
}

static bool take_lease(struct db *db, void *arg, struct error *err)
{
    struct sequence *s = arg;
    struct sql_trust_find_lease_row row = {0};
    int64_t changed;
    bool found;
    if (!sql_trust_insert_lease(db, NULL, err) ||
        !sql_trust_take_lease(db, s->holder, lease_clock_ms(), lease_until(s), &changed, err) ||
        !sql_trust_find_lease(db, s->arena, &row, &found, err))
        return false;
    s->taken = changed == 1 && found && row.holder == s->holder;
    s->epoch = row.epoch;
    return true;
}

/* The fence: false when another holder has a later epoch. Renews the lease. */
static bool hold_lease(struct db *db, struct sequence *s, struct error *err)
{
    int64_t changed;
    if (!sql_trust_hold_lease(db, s->holder, s->epoch, lease_until(s), &changed, err)) return false;
    return changed == 1 || error_set(err, ERROR_TRUST_LEASE_LOST, "");
}

static bool release_lease(struct db *db, void *arg, struct error *err)
{
    struct sequence *s = arg;
    return sql_trust_hold_lease(db, s->holder, s->epoch, 0, NULL, err);
}

/* ---- the restore rule -------------------------------------------------------------------- */

bool outside_read(struct arena *arena, const char *path, const struct note_verifier *verifier,
                  struct outside *outside, struct error *err)
{
    struct outside read = {.path = path};
    struct note note;
    if (!file_exists(path)) {
        *outside = read;
        return true;
    }
    if (!file_read(arena, path, NOTE_BYTES_MAX, &read.note, err) ||
        !note_read(arena, read.note, &note, err) ||
        !checkpoint_read(arena, note.text, &read.checkpoint, err))
        return false;
    switch (note_verify(&note, verifier, NULL)) {
    case NOTE_GOOD: break;
    case NOTE_BAD: return error_set(err, ERROR_TRUST_NOTE_BAD, "S", verifier->name);
    case NOTE_UNKNOWN:
        return error_set(err, ERROR_TRUST_NOTE_UNKNOWN, "S", note.signatures[0].name);
    }
    read.found = true;
    *outside = read;
    return true;
}

bool outside_consistent(struct db *db, const struct outside *outside, uint64_t size,
                        struct error *err)
{
    const char *why = "the checkpoint covers more leaves than the database has";
    if (outside->checkpoint.size <= size) {
        struct merkle_source source = log_source(db);
        digest root;
        if (!merkle_root(&source, outside->checkpoint.size, &root, err)) return false;
        if (digest_equal(root, outside->checkpoint.root)) return true;
        why = "the root over the same number of leaves is another";
    }
    return error_set(err, ERROR_TRUST_HISTORY, "isis", (int64_t)size, outside->path,
                     (int64_t)outside->checkpoint.size, why);
}

/* Reads where the log stands and holds the restore rule against every checkpoint outside the
 * database. */
static bool look(struct db *db, void *arg, struct error *err)
{
    struct sequence *s = arg;
    struct sql_trust_count_pending_row pending;
    struct outside other = {0};
    bool found;
    const char *path = arena_printf(s->arena, "%s/log/checkpoint", s->config->data_dir);
    if (!sql_trust_count_pending(db, s->arena, &pending, &found, err) ||
        !log_size(db, &s->size, err) ||
        !log_latest_checkpoint(db, s->arena, &s->latest, &s->has_checkpoint, err) ||
        !outside_read(s->arena, path, &s->key->verifier, &s->outside, err))
        return false;
    s->waiting = pending.waiting;
    if (s->config->checkpoint_file != NULL) {
        if (!outside_read(s->arena, s->config->checkpoint_file, &s->key->verifier, &other, err))
            return false;
        if (!other.found)
            return error_set(err, ERROR_FILE_OPEN, "ss", s->config->checkpoint_file,
                             "there is no such file");
        if (!outside_consistent(db, &other, s->size, err)) return false;
    }
    if (!s->outside.found && s->has_checkpoint && !other.found)
        return error_set(err, ERROR_TRUST_CHECKPOINT_LOST, "s", path);
    /* Our own last publication, byte for byte, needs no proof: its root was computed from these
     * rows. */
    bool same = s->has_checkpoint && s->outside.found &&
                str_equal(s->outside.note, s->latest.note) && s->latest.size <= s->size;
    return !s->outside.found || same || outside_consistent(db, &s->outside, s->size, err);
}

/* ---- ordering ---------------------------------------------------------------------------- */

/* Keeps the roots of tiles that this batch filled, level by level. */
static bool insert_nodes(struct db *db, struct arena *arena, uint64_t old_size, uint64_t size,
                         struct error *err)
{
    digest hashes[TILE_WIDTH];
    for (int level = 0; tile_full_count(level, size) > 0; level++) {
        for (uint64_t tile = tile_full_count(level, old_size); tile < tile_full_count(level, size);
             tile++) {
            if (!log_tile_hashes(db, arena, level, tile * TILE_WIDTH, TILE_WIDTH, hashes, err))
                return false;
            digest root = merkle_root_of(hashes, TILE_WIDTH);
            if (!sql_trust_insert_node(db, level + 1, (int64_t)tile,
                                       (str){(const char *)root.bytes, DIGEST_BYTES}, NULL, err))
                return false;
        }
    }
    return true;
}

static bool order_batch(struct db *db, void *arg, struct error *err)
{
    struct sequence *s = arg;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct sql_trust_list_pending_row *rows;
    size_t count;
    uint64_t size;
    if (!hold_lease(db, s, err) || !log_size(db, &size, err) ||
        !sql_trust_list_pending(db, arena, LOG_BATCH_MAX, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!sql_trust_insert_entry(db, (int64_t)(size + i), rows[i].leaf_id, rows[i].commitment,
                                    NULL, err) ||
            !sql_trust_delete_pending(db, rows[i].org_id, rows[i].leaf_id, NULL, err))
            return false;
    if (!insert_nodes(db, arena, size, size + count, err)) return false;
    s->batch = count;
    s->size = size + count;
    return true;
}

/* ---- tiles --------------------------------------------------------------------------------- */

struct tiles {
    struct arena *arena;
    const char *data_dir;
    uint64_t from, size; /* tiles that are complete at `from` stand already */
};

static bool write_hash_tile(struct db *db, const struct tiles *t, int level, uint64_t tile,
                            int width, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    digest hashes[TILE_WIDTH];
    if (!log_tile_hashes(db, arena, level, tile * TILE_WIDTH, (size_t)width, hashes, err))
        return false;
    str content = {(const char *)hashes, (size_t)width * sizeof *hashes};
    return tile_write(arena, t->data_dir, tile_path(arena, level, tile, width), content, err);
}

static bool write_bundle(struct db *db, const struct tiles *t, uint64_t tile, int width,
                         struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct sql_trust_list_entries_row *rows;
    size_t count;
    int64_t first = (int64_t)(tile * TILE_WIDTH);
    if (!sql_trust_list_entries(db, arena, first, first + width, &rows, &count, err)) return false;
    struct buf *bundle = buf_new(arena);
    for (size_t i = 0; i < count; i++) tile_entry_put(bundle, rows[i].commitment);
    return tile_write(arena, t->data_dir, tile_path(arena, TILE_ENTRIES, tile, width),
                      buf_str(bundle), err);
}

static bool write_tiles(struct db *db, void *arg, struct error *err)
{
    struct tiles *t = arg;
    for (int level = TILE_ENTRIES; level < 8; level++) {
        uint64_t full = tile_full_count(level, t->size);
        int width = tile_partial_width(level, t->size);
        if (full == 0 && width == 0) break;
        for (uint64_t tile = tile_full_count(level, t->from); tile <= full; tile++) {
            int wide = tile < full ? TILE_WIDTH : width;
            if (wide == 0) continue;
            bool ok = level == TILE_ENTRIES ? write_bundle(db, t, tile, wide, err)
                                            : write_hash_tile(db, t, level, tile, wide, err);
            if (!ok) return false;
        }
    }
    return true;
}

static bool write_all_tiles(struct db *db, void *arg, struct error *err)
{
    struct tiles *t = arg;
    return log_size(db, &t->size, err) && write_tiles(db, t, err);
}

bool log_write_tiles(const struct log_config *config, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct tiles tiles = {.arena = arena, .data_dir = config->data_dir};
    return store_read(config->store, write_all_tiles, &tiles, err);
}

/* ---- signing --------------------------------------------------------------------------------- */

/* The checkpoint twice signed: as the log (the text alone) and as its own cosigner, which states
 * the time. */
static str sign_checkpoint(struct sequence *s, digest root, int64_t time_s)
{
    str name = s->key->verifier.name;
    struct checkpoint checkpoint = {.origin = name, .size = s->size, .root = root};
    str text = str_from(checkpoint_write(s->arena, &checkpoint));
    struct buf *note = buf_new(s->arena);
    buf_put_str(note, text);
    buf_putc(note, '\n');
    note_sign(note, text, name, NOTE_ED25519, s->key->secret, 0);
    note_sign(note, text, name, NOTE_COSIGNATURE, s->key->secret, time_s);
    return buf_str(note);
}

static bool publish(struct db *db, void *arg, struct error *err)
{
    struct sequence *s = arg;
    struct merkle_source source = log_source(db);
    digest root;
    if (!hold_lease(db, s, err) || !merkle_root(&source, s->size, &root, err)) return false;
    /* What the database says now must continue what it signed before. */
    if (s->has_checkpoint) {
        digest old_root;
        if (!merkle_root(&source, s->latest.size, &old_root, err)) return false;
        if (!digest_equal(old_root, s->latest.root))
            return error_set(err, ERROR_TRUST_LOG_DAMAGED, "s",
                             "its entries do not give the root of its last checkpoint");
    }
    int64_t now_ms = instant_now_ms();
    if (s->has_checkpoint && now_ms < s->latest.signed_ms) now_ms = s->latest.signed_ms;
    str note = sign_checkpoint(s, root, now_ms / 1000);
    /* The file first: the outside world may know a checkpoint that the database has yet to commit,
     * because its entries are committed; a row without its file would look like a lost file. */
    char *path = arena_printf(s->arena, "%s/log/checkpoint", s->config->data_dir);
    if (!file_make_directory(arena_printf(s->arena, "%s/log", s->config->data_dir), err) ||
        !file_write(path, note, err))
        return false;
    if (!go_on(s, LOG_STEP_PUBLISH)) return false;
    return sql_trust_insert_checkpoint(db, id_new(), (int64_t)s->size,
                                       (str){(const char *)root.bytes, DIGEST_BYTES}, note,
                                       s->epoch, now_ms / 1000 * 1000, NULL, err);
}

static bool work(struct sequence *s, struct log_progress *progress, struct error *err)
{
    if (!store_read(s->config->store, look, s, err)) return false;
    if (!go_on(s, LOG_STEP_LEASE)) return true;
    do {
        if (!store_write(s->config->store, order_batch, s, err)) return false;
        progress->ordered += s->batch;
        if (!go_on(s, LOG_STEP_ORDER)) return true;
    } while (s->batch == LOG_BATCH_MAX);
    struct tiles tiles = {.arena = s->arena,
                          .data_dir = s->config->data_dir,
                          .size = s->size,
                          .from = s->has_checkpoint ? s->latest.size : 0};
    if (!store_read(s->config->store, write_tiles, &tiles, err)) return false;
    if (!go_on(s, LOG_STEP_TILES)) return true;
    if (!store_write(s->config->store, publish, s, err)) return s->killed;
    progress->signed_new = true;
    progress->size = s->size;
    return go_on(s, LOG_STEP_COMMIT) || s->killed;
}

bool log_sequence(const struct log_config *config, const struct trust_key *key,
                  struct log_progress *progress, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct sequence s = {.config = config, .key = key, .arena = arena, .holder = id_new()};
    struct log_progress made = {0};
    if (!store_read(config->store, look, &s, err)) return false;
    bool stands = s.has_checkpoint && s.latest.size == s.size && s.outside.found &&
                  str_equal(s.outside.note, s.latest.note);
    if (s.waiting == 0 && stands) {
        *progress = (struct log_progress){.size = s.size};
        return true;
    }
    if (!store_write(config->store, take_lease, &s, err)) return false;
    if (!s.taken) {
        *progress =
            (struct log_progress){.size = s.has_checkpoint ? s.latest.size : 0, .busy = true};
        return true;
    }
    bool ok = work(&s, &made, err);
    if (s.killed) {
        *progress = made;
        return true;
    }
    /* After a failure too: whoever comes next need not wait. The fence makes a release that is late
     * harmless. */
    struct error release_err;
    if (!store_write(config->store, release_lease, &s, &release_err) && ok)
        ok = false, *err = release_err;
    if (ok) *progress = made;
    return ok;
}
