/* The log on a real SQLite store: places, proofs, tiles, two sequencers, death after each step,
 * restored backups. */
#include "unit.h"

#include "base/file.h"
#include "trust/log.h"
#include "trust/tile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ORG 77

static struct arena *arena;
static struct trust_key key;

struct house { /* one data directory with its store */
    char *directory;
    struct store *store;
    id64 next;
};

static struct store *open_store(const char *directory, bool create)
{
    struct error err;
    char *where = arena_printf(arena, "sqlite:%s/tanshu.db", directory);
    struct store *store =
        store_open(&(struct store_options){.where = where, .create = create}, &err);
    if (store == NULL) fail_msg("%s", error_render(arena, &err, error_sentence(err.code)));
    return store;
}

static void house_open(struct house *house)
{
    char name[] = "/tmp/tanshu-log-XX"
                  "XX"
                  "XX";
    assert_non_null(mkdtemp(name));
    *house = (struct house){.directory = arena_strdup(arena, name), .next = 1};
    house->store = open_store(house->directory, true);
}

static void house_close(struct house *house)
{
    store_close(house->store);
    assert_true(file_remove_tree(house->directory));
}

static bool add_one(struct db *db, void *arg, struct error *err)
{
    struct house *house = arg;
    char text[32];
    snprintf(text, sizeof text, "content %lld", (long long)house->next);
    return log_add_pending(db, ORG, "submission", house->next++, digest_of(str_from(text)), NULL,
                           err);
}

struct many {
    struct house *house;
    int count;
};

static bool add_all(struct db *db, void *arg, struct error *err)
{
    struct many *many = arg;
    for (int i = 0; i < many->count; i++)
        if (!add_one(db, many->house, err)) return false;
    return true;
}

static void add_leaves(struct house *house, int count)
{
    struct many many = {house, count};
    struct error err;
    assert_true(store_write(house->store, add_all, &many, &err));
}

static struct log_config config_of(const struct house *house)
{
    return (struct log_config){.store = house->store, .data_dir = house->directory};
}

static struct log_progress sequence(struct house *house)
{
    struct log_config config = config_of(house);
    struct log_progress progress;
    struct error err;
    if (!log_sequence(&config, &key, &progress, &err))
        fail_msg("%s", error_render(arena, &err, error_sentence(err.code)));
    return progress;
}

static void assert_sound(struct house *house, uint64_t wanted)
{
    struct log_config config = config_of(house);
    struct trust_roots roots = {&key.verifier, 1};
    struct error err;
    char *problem;
    uint64_t size;
    assert_true(log_verify_all(&config, &roots, arena, &problem, &size, &err));
    if (problem != NULL) fail_msg("%s", problem);
    assert_int_equal(size, wanted);
}

struct asked {
    id64 object;
    struct log_receipt receipt;
};

static bool ask(struct db *db, void *arg, struct error *err)
{
    struct asked *asked = arg;
    return log_receipt_of(db, arena, ORG, "submission", asked->object, &asked->receipt, err);
}

static struct log_receipt receipt_of(struct house *house, id64 object)
{
    struct asked asked = {.object = object};
    struct error err;
    assert_true(store_read(house->store, ask, &asked, &err));
    return asked.receipt;
}

/* The proof by the published formula alone: note, commitment, RFC 9162. */
static void assert_proven(struct house *house, id64 object)
{
    struct log_receipt r = receipt_of(house, object);
    char text[32];
    snprintf(text, sizeof text, "content %lld", (long long)object);
    assert_int_equal(r.state, LOG_SIGNED);
    assert_true(digest_equal(r.content, digest_of(str_from(text))));
    digest entry = log_commitment(r.salt, STR("submission"), r.content);
    digest leaf = merkle_leaf((str){(const char *)entry.bytes, DIGEST_BYTES});
    struct note note;
    struct checkpoint checkpoint;
    assert_true(note_read(arena, r.checkpoint.note, &note, NULL));
    assert_int_equal(note_verify(&note, &key.verifier, NULL), NOTE_GOOD);
    assert_true(checkpoint_read(arena, note.text, &checkpoint, NULL));
    assert_true(merkle_verify_inclusion(leaf, r.index, checkpoint.size, r.proof, r.proof_count,
                                        checkpoint.root));
}

/* ---- the way of a leaf ------------------------------------------------------------------- */

static void test_from_pending_to_signed(UNUSED void **state)
{
    struct house house;
    house_open(&house);
    struct log_progress first = sequence(&house);
    assert_true(first.signed_new);
    assert_int_equal(
        first.size, 0); /* the empty tree is signed at once, so that the outside has a first word */
    add_leaves(&house, 3);
    assert_int_equal(receipt_of(&house, 1).state, LOG_PENDING);
    assert_int_equal(receipt_of(&house, 99).state, LOG_ABSENT);
    struct log_progress second = sequence(&house);
    assert_int_equal(second.ordered, 3);
    assert_int_equal(second.size, 3);
    for (id64 i = 1; i <= 3; i++) assert_proven(&house, i);
    struct log_progress third = sequence(&house);
    assert_false(third.signed_new);
    assert_int_equal(third.ordered, 0);
    assert_sound(&house, 3);
    house_close(&house);
}

static bool prove_all_sizes(struct db *db, UNUSED void *arg, struct error *err)
{
    static const uint64_t pairs[][2] = {{1, 600},   {255, 256}, {256, 600},
                                        {257, 599}, {512, 600}, {600, 600}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        struct log_proof p;
        if (!log_prove_consistency(db, pairs[i][0], pairs[i][1], &p, err)) return false;
        assert_true(
            merkle_verify_consistency(p.old_size, p.size, p.old_root, p.root, p.hashes, p.count));
    }
    struct log_proof p;
    assert_false(log_prove_consistency(db, 1, 601, &p, err));
    assert_false(log_prove_consistency(db, 0, 600, &p, err));
    return true;
}

static bool forget_first(struct db *db, UNUSED void *arg, struct error *err)
{
    return log_forget(db, ORG, "submission", 1, err);
}

static void test_tiles_and_proofs_beyond_one_tile(UNUSED void **state)
{
    struct house house;
    struct error err;
    house_open(&house);
    add_leaves(&house, 255);
    sequence(&house);
    add_leaves(&house, 1);
    sequence(&house);
    add_leaves(&house,
               344); /* 600 leaves: tiles 0 and 1 full, 88 in tile 2; level 1 has two hashes */
    sequence(&house);
    assert_sound(&house, 600);
    static const id64 objects[] = {1, 255, 256, 257, 512, 513, 600};
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) assert_proven(&house, objects[i]);
    static const struct {
        const char *path;
        size_t bytes;
    } tiles[] = {{"tile/0/000", 8192},           {"tile/0/001", 8192},
                 {"tile/0/002.p/88", 88 * 32},   {"tile/1/000.p/2", 64},
                 {"tile/entries/000", 256 * 34}, {"tile/entries/002.p/88", 88 * 34},
                 {"tile/0/000.p/255", 255 * 32}};
    for (size_t i = 0; i < ARRAY_LEN(tiles); i++) {
        str content;
        char *path = arena_printf(arena, "%s/log/%s", house.directory, tiles[i].path);
        assert_true(file_read(arena, path, 1 << 20, &content, &err));
        assert_int_equal(content.len, tiles[i].bytes);
    }
    /* Level 1 is the Merkle root of the full tile below. */
    str leaves, roots;
    assert_true(file_read(arena, arena_printf(arena, "%s/log/tile/0/001", house.directory), 8192,
                          &leaves, &err));
    assert_true(file_read(arena, arena_printf(arena, "%s/log/tile/1/000.p/2", house.directory), 64,
                          &roots, &err));
    digest hashes[256], root;
    memcpy(hashes, leaves.ptr, sizeof hashes);
    memcpy(root.bytes, roots.ptr + 32, 32);
    assert_true(digest_equal(merkle_root_of(hashes, 256), root));
    assert_true(store_read(house.store, prove_all_sizes, NULL, &err));
    /* Erasure takes the meaning of a leaf and leaves the tree. */
    assert_true(store_write(house.store, forget_first, NULL, &err));
    assert_int_equal(receipt_of(&house, 1).state, LOG_ABSENT);
    assert_sound(&house, 600);
    house_close(&house);
}

/* ---- two sequencers ---------------------------------------------------------------------- */

struct rival {
    struct house *house;
    struct log_progress progress;
    int64_t pause_us;
    enum log_step at;
    bool done;
};

static bool run_rival(void *context, enum log_step step)
{
    struct rival *rival = context;
    if (step != rival->at || rival->done) return true;
    rival->done = true;
    usleep((useconds_t)rival->pause_us);
    rival->progress = sequence(rival->house);
    return true;
}

static void test_a_held_lease_keeps_others_out(UNUSED void **state)
{
    struct house house;
    struct error err;
    struct log_progress progress;
    house_open(&house);
    add_leaves(&house, 5);
    struct rival rival = {.house = &house, .at = LOG_STEP_ORDER};
    struct log_config config = config_of(&house);
    config.after_step = run_rival;
    config.context = &rival;
    assert_true(log_sequence(&config, &key, &progress, &err));
    assert_true(rival.done && rival.progress.busy);
    assert_false(rival.progress.signed_new);
    assert_true(progress.signed_new);
    assert_sound(&house, 5);
    house_close(&house);
}

static void test_a_lost_lease_never_signs(UNUSED void **state)
{
    static const enum log_step steps[] = {LOG_STEP_LEASE, LOG_STEP_ORDER, LOG_STEP_TILES};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct house house;
        struct error err = {0};
        struct log_progress progress;
        house_open(&house);
        add_leaves(&house, 5);
        struct rival rival = {.house = &house, .at = steps[i], .pause_us = 5000};
        struct log_config config = config_of(&house);
        config.lease_ms = 1; /* runs out while the rival works */
        config.after_step = run_rival;
        config.context = &rival;
        assert_false(log_sequence(&config, &key, &progress, &err));
        assert_int_equal(err.code, ERROR_TRUST_LEASE_LOST);
        assert_true(rival.progress.signed_new);
        assert_int_equal(rival.progress.size, 5);
        assert_sound(&house, 5);
        house_close(&house);
    }
}

/* ---- death ------------------------------------------------------------------------------- */

static bool die_at(void *context, enum log_step step)
{
    return step != *(const enum log_step *)context;
}

static void test_death_after_each_step(UNUSED void **state)
{
    static const enum log_step steps[] = {LOG_STEP_LEASE, LOG_STEP_ORDER, LOG_STEP_TILES,
                                          LOG_STEP_PUBLISH, LOG_STEP_COMMIT};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct house house;
        struct error err;
        struct log_progress progress;
        house_open(&house);
        add_leaves(&house, 250);
        sequence(&house);
        add_leaves(&house, 20);
        enum log_step step = steps[i];
        struct log_config config = config_of(&house);
        config.lease_ms = 1;
        config.after_step = die_at;
        config.context = &step;
        assert_true(log_sequence(&config, &key, &progress, &err));
        store_close(house.store);
        usleep(5000);
        house.store = open_store(house.directory, false);
        struct log_progress after = sequence(&house);
        assert_int_equal(after.size, 270);
        assert_sound(&house, 270);
        for (id64 object = 1; object <= 270; object += 19) assert_proven(&house, object);
        house_close(&house);
    }
}

/* ---- restored backups --------------------------------------------------------------------- */

static void refuse_to_sign(struct house *house, const char *checkpoint_file, enum error_code wanted)
{
    struct log_config config = config_of(house);
    config.checkpoint_file = checkpoint_file;
    struct log_progress progress;
    struct error err = {0};
    str before, after;
    char *path = arena_printf(arena, "%s/log/checkpoint", house->directory);
    bool there = file_exists(path);
    if (there) assert_true(file_read(arena, path, 1 << 20, &before, NULL));
    assert_false(log_sequence(&config, &key, &progress, &err));
    assert_int_equal(err.code, wanted);
    assert_int_equal(file_exists(path), there);
    if (there) {
        assert_true(file_read(arena, path, 1 << 20, &after, NULL));
        assert_true(str_equal(before, after));
    }
}

/* Puts an older copy of the database back. */
static void restore(struct house *house, const char *backup)
{
    store_close(house->store);
    char *path = arena_printf(arena, "%s/tanshu.db", house->directory);
    unlink(arena_printf(arena, "%s-wal", path));
    unlink(arena_printf(arena, "%s-shm", path));
    assert_int_equal(rename(backup, path), 0);
    house->store = open_store(house->directory, false);
}

static void test_a_restored_backup_does_not_sign(UNUSED void **state)
{
    struct house house;
    struct error err;
    house_open(&house);
    char *backup = arena_printf(arena, "%s/backup.db", house.directory);
    add_leaves(&house, 4);
    sequence(&house);
    assert_true(store_backup(house.store, backup, &err));
    add_leaves(&house, 3);
    sequence(&house);
    restore(&house, backup);
    refuse_to_sign(&house, NULL, ERROR_TRUST_HISTORY); /* 4 leaves against a checkpoint of 7 */
    add_leaves(&house, 5);
    refuse_to_sign(&house, NULL, ERROR_TRUST_HISTORY); /* waiting leaves are not ordered either */
    assert_int_equal(receipt_of(&house, 12).state, LOG_PENDING);
    house_close(&house);
}

/* The same leaves once more in the same number: only the root tells. */
static void test_another_history_of_the_same_length(UNUSED void **state)
{
    struct house house, other;
    struct error err;
    house_open(&house);
    house_open(&other);
    add_leaves(&house, 6);
    add_leaves(&other, 6);
    sequence(&house);
    sequence(&other);
    str checkpoint;
    char *kept = arena_printf(arena, "%s/log/checkpoint", house.directory);
    assert_true(file_read(arena, kept, 1 << 20, &checkpoint, &err));
    char *outside = arena_printf(arena, "%s/outside", other.directory);
    assert_true(file_write(outside, checkpoint, &err));
    refuse_to_sign(&other, outside, ERROR_TRUST_HISTORY);
    /* Also in the place of its own. */
    assert_true(
        file_write(arena_printf(arena, "%s/log/checkpoint", other.directory), checkpoint, &err));
    refuse_to_sign(&other, NULL, ERROR_TRUST_HISTORY);
    house_close(&house);
    house_close(&other);
}

static void test_a_lost_checkpoint(UNUSED void **state)
{
    struct house house;
    struct error err;
    house_open(&house);
    add_leaves(&house, 2);
    sequence(&house);
    char *path = arena_printf(arena, "%s/log/checkpoint", house.directory);
    char *copy = arena_printf(arena, "%s/copy", house.directory);
    assert_int_equal(rename(path, copy), 0);
    add_leaves(&house, 1);
    refuse_to_sign(&house, NULL, ERROR_TRUST_CHECKPOINT_LOST);
    struct log_config config = config_of(&house);
    config.checkpoint_file = copy;
    struct log_progress progress;
    assert_true(log_sequence(&config, &key, &progress, &err));
    assert_int_equal(progress.size, 3);
    assert_sound(&house, 3);
    /* A checkpoint that somebody edited is not one. */
    str text;
    assert_true(file_read(arena, path, 1 << 20, &text, &err));
    ((char *)text.ptr)[text.len / 2] ^= 1;
    assert_true(file_write(path, text, &err));
    struct trust_roots roots = {&key.verifier, 1};
    char *problem;
    uint64_t size;
    config.checkpoint_file = NULL;
    assert_false(log_sequence(&config, &key, &progress, &err));
    assert_true(log_verify_all(&config, &roots, arena, &problem, &size, &err));
    assert_non_null(problem);
    house_close(&house);
}

static void test_a_changed_tile_is_found(UNUSED void **state)
{
    struct house house;
    struct error err;
    house_open(&house);
    add_leaves(&house, 300);
    sequence(&house);
    static const char *const tiles[] = {"tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
                                        "tile/entries/000", "tile/entries/001.p/44"};
    for (size_t i = 0; i < ARRAY_LEN(tiles); i++) {
        str content;
        char *path = arena_printf(arena, "%s/log/%s", house.directory, tiles[i]);
        assert_true(file_read(arena, path, 1 << 20, &content, &err));
        ((char *)content.ptr)[content.len - 1] ^= 1;
        assert_true(file_write(path, content, &err));
        struct log_config config = config_of(&house);
        struct trust_roots roots = {&key.verifier, 1};
        char *problem;
        uint64_t size;
        assert_true(log_verify_all(&config, &roots, arena, &problem, &size, &err));
        assert_non_null(problem);
        assert_non_null(strstr(problem, tiles[i]));
        assert_true(log_write_tiles(&config, &err)); /* the database still knows better */
        assert_sound(&house, 300);
    }
    house_close(&house);
}

int main(void)
{
    arena = arena_open(0);
    unsigned char seed[32] = {5};
    trust_key_from_seed(&key, STR("carbon.example/log"), seed);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_from_pending_to_signed),
                                       cmocka_unit_test(test_tiles_and_proofs_beyond_one_tile),
                                       cmocka_unit_test(test_a_held_lease_keeps_others_out),
                                       cmocka_unit_test(test_a_lost_lease_never_signs),
                                       cmocka_unit_test(test_death_after_each_step),
                                       cmocka_unit_test(test_a_restored_backup_does_not_sign),
                                       cmocka_unit_test(test_another_history_of_the_same_length),
                                       cmocka_unit_test(test_a_lost_checkpoint),
                                       cmocka_unit_test(test_a_changed_tile_is_found)};
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    arena_close(arena);
    return failures;
}
