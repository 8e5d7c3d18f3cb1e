/* Notes, keys and checkpoints against the examples printed in the C2SP specifications
 * (github.com/C2SP/C2SP, commit 5ba5ee83): signed-note.md, tlog-checkpoint.md and
 * tlog-cosignature.md. */
#include "unit.h"

#include "base/file.h"
#include "trust/key.h"
#include "trust/note.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* signed-note.md, "Verifier keys", example. */
static const char vkey[] = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char note_text[] =
    "This is an example message.\n"
    "\n"
    "\xe2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFX"
    "mRKuwHjG1Yu72IneyaQM=\n";
/* signed-note.md, introduction: a text with empty lines and an em dash of its own. */
static const char salvatore[] = "Ognuno sta solo sul cuor della terra\n"
                                "trafitto da un raggio di sole:\n"
                                "\n"
                                "ed è subito sera.\n"
                                "\n"
                                "\xe2\x80\x94 quasimodo.example/salvatore "
                                "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMou"
                                "FSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
/* tlog-cosignature.md, introduction; its first signature line is tlog-checkpoint.md's example. */
static const char sofa[] = "example.com/behind-the-sofa\n"
                           "20852163\n"
                           "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
                           "\n"
                           "\xe2\x80\x94 example.com/behind-the-sofa "
                           "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhc"
                           "yv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
                           "\xe2\x80\x94 witness.example.com/w1 "
                           "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3"
                           "b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

static struct arena *arena;

static void test_example_note(UNUSED void **state)
{
    struct note_verifier verifier;
    struct note note;
    struct error err;
    assert_true(note_verifier_read(arena, str_from(vkey), &verifier, &err));
    assert_int_equal(verifier.id, 0x530d903a);
    assert_string_equal(note_verifier_write(arena, &verifier), vkey);
    assert_true(note_read(arena, str_from(note_text), &note, &err));
    assert_true(str_is(note.text, "This is an example message.\n"));
    assert_int_equal(note.count, 1);
    assert_int_equal(note_verify(&note, &verifier, NULL), NOTE_GOOD);
    verifier.id++;
    assert_int_equal(note_verify(&note, &verifier, NULL), NOTE_UNKNOWN);
}

static void test_every_changed_byte(UNUSED void **state)
{
    struct note_verifier verifier;
    struct error err;
    assert_true(note_verifier_read(arena, str_from(vkey), &verifier, &err));
    for (size_t i = 0; i < sizeof note_text - 1; i++) {
        for (int bit = 0; bit < 8; bit++) {
            struct note note;
            str changed = str_copy(arena, str_from(note_text));
            ((char *)changed.ptr)[i] = (char)(changed.ptr[i] ^ 1 << bit);
            if (note_read(arena, changed, &note, &err))
                assert_int_not_equal(note_verify(&note, &verifier, NULL), NOTE_GOOD);
        }
    }
}

static void test_example_text_with_dashes(UNUSED void **state)
{
    struct note note;
    assert_true(note_read(arena, str_from(salvatore), &note, NULL));
    assert_true(str_ends(note.text, "sera.\n"));
    assert_int_equal(note.count, 1);
    assert_true(str_is(note.signatures[0].name, "quasimodo.example/salvatore"));
    assert_int_equal(note.signatures[0].id, 0x367ba04b); /* base64 "NnugSw" */
    assert_int_equal(note.signatures[0].bytes.len, 64);
}

static void test_example_checkpoint(UNUSED void **state)
{
    struct note note;
    struct checkpoint checkpoint;
    struct error err;
    assert_true(note_read(arena, str_from(sofa), &note, &err));
    assert_int_equal(note.count, 2);
    assert_true(str_is(note.signatures[1].name, "witness.example.com/w1"));
    /* A cosignature is 8 bytes of time and 64 of signature; the text gives the time: 1679315147. */
    assert_int_equal(note.signatures[1].bytes.len, 72);
    static const unsigned char time[8] = {0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb};
    assert_int_equal(0x641850cb, 1679315147);
    assert_memory_equal(note.signatures[1].bytes.ptr, time, 8);
    assert_true(checkpoint_read(arena, note.text, &checkpoint, &err));
    assert_true(str_is(checkpoint.origin, "example.com/behind-the-sofa"));
    assert_int_equal(checkpoint.size, 20852163);
    assert_string_equal(base64_encode(arena, checkpoint.root.bytes, 32),
                        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
    assert_true(str_is(note.text, checkpoint_write(arena, &checkpoint)));
}

static void test_malformed(UNUSED void **state)
{
    static const char *const notes[] = {"",
                                        "\n",
                                        "text\n",
                                        "text\n\n",
                                        "text\n\n\xe2\x80\x94 a\n",
                                        "text\n\n\xe2\x80\x94 a AAAA\n",
                                        "text\n\n\xe2\x80\x94 a AAAAAAA\n",
                                        "text\n\n\xe2\x80\x94 a AAAAAAAA",
                                        "text\n\n- a AAAAAAAA\n",
                                        "te\txt\n\n\xe2\x80\x94 a AAAAAAAA\n",
                                        "te\xfft\n\n\xe2\x80\x94 a AAAAAAAA\n",
                                        "text\n\n\xe2\x80\x94 a+b AAAAAAAA\n",
                                        "text\n\n\xe2\x80\x94 a\302\240b AAAAAAAA\n",
                                        "text\n\n\xe2\x80\x94  AAAAAAAA\n",
                                        "text\n\n\xe2\x80\x94 a AAAAAAAA\njunk\n"};
    static const char *const checkpoints[] = {
        "",
        "a\n",
        "a\n1\n",
        "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n",  /* 31 bytes */
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n"}; /* stray bits in the padding */
    static const char *const vkeys[] = {
        "",
        "a",
        "a+b",
        "a+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", /* upper case */
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
        "example.com/foo+30d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"};
    struct note note;
    struct checkpoint checkpoint;
    struct note_verifier verifier;
    struct error err;
    for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
        assert_false(note_read(arena, str_from(notes[i]), &note, &err));
        assert_int_equal(err.code, ERROR_TRUST_NOTE);
    }
    for (size_t i = 0; i < ARRAY_LEN(checkpoints); i++) {
        assert_false(checkpoint_read(arena, str_from(checkpoints[i]), &checkpoint, &err));
        assert_int_equal(err.code, ERROR_TRUST_CHECKPOINT);
    }
    for (size_t i = 0; i < ARRAY_LEN(vkeys); i++) {
        assert_false(note_verifier_read(arena, str_from(vkeys[i]), &verifier, &err));
        assert_int_equal(err.code, ERROR_TRUST_VKEY);
    }
}

/* RFC 8032 section 7.1, test 1: seed and public key. */
static void test_sign_and_cosign(UNUSED void **state)
{
    struct trust_key key;
    unsigned char seed[32], wanted[32];
    assert_true(hex_decode(STR("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
                           seed, 32));
    assert_true(hex_decode(STR("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
                           wanted, 32));
    trust_key_from_seed(&key, STR("carbon.example/log"), seed);
    assert_memory_equal(key.verifier.key, wanted, 32);
    struct buf *out = buf_new(arena);
    str text = STR("carbon.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    buf_put_str(out, text);
    buf_putc(out, '\n');
    note_sign(out, text, key.verifier.name, NOTE_ED25519, key.secret, 0);
    note_sign(out, text, key.verifier.name, NOTE_COSIGNATURE, key.secret, 1679315147);
    struct note note;
    int64_t time_s = -1;
    assert_true(note_read(arena, buf_str(out), &note, NULL));
    assert_int_equal(note_verify(&note, &key.verifier, &time_s), NOTE_GOOD);
    assert_int_equal(time_s, 0);
    struct note_verifier cosigner = note_verifier_as(&key.verifier, NOTE_COSIGNATURE);
    assert_int_not_equal(cosigner.id, key.verifier.id);
    assert_int_equal(note_verify(&note, &cosigner, &time_s), NOTE_GOOD);
    assert_int_equal(time_s, 1679315147);
    ((char *)note.signatures[1].bytes.ptr)[7] ^= 1; /* a second later */
    assert_int_equal(note_verify(&note, &cosigner, &time_s), NOTE_BAD);
}

static void test_key_files(UNUSED void **state)
{
    char directory[] = "/tmp/tanshu-key-XX"
                       "XX"
                       "XX";
    struct trust_key made, wrong;
    struct trust_roots roots;
    struct stat status;
    struct error err;
    assert_non_null(mkdtemp(directory));
    assert_false(trust_key_create(directory, STR("two words"), &err));
    assert_int_equal(err.code, ERROR_TRUST_KEY_NAME);
    assert_true(trust_key_create(directory, STR("carbon.example/log"), &err));
    assert_false(trust_key_create(directory, STR("carbon.example/log"), &err));
    assert_int_equal(err.code, ERROR_TRUST_KEY_EXISTS);
    char *path = arena_printf(arena, "%s/keys/log.key", directory);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(trust_key_load(arena, directory, &made, &err));
    assert_true(
        trust_roots_read(arena, arena_printf(arena, "%s/keys/log.pub", directory), &roots, &err));
    assert_int_equal(roots.count, 1);
    assert_int_equal(roots.list[0].id, made.verifier.id);
    assert_memory_equal(roots.list[0].key, made.verifier.key, 32);
    assert_int_equal(chmod(path, 0640), 0);
    assert_false(trust_key_load(arena, directory, &wrong, &err));
    assert_int_equal(err.code, ERROR_TRUST_KEY_MODE);
    assert_true(file_write(path, STR("PRIVATE+KEY+a+00000000+AAAA\n"), &err));
    assert_false(trust_key_load(arena, directory, &wrong, &err));
    assert_int_equal(err.code, ERROR_TRUST_KEY_FILE);
    assert_true(file_remove_tree(directory));
}

int main(void)
{
    arena = arena_open(0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_example_note),
                                       cmocka_unit_test(test_every_changed_byte),
                                       cmocka_unit_test(test_example_text_with_dashes),
                                       cmocka_unit_test(test_example_checkpoint),
                                       cmocka_unit_test(test_malformed),
                                       cmocka_unit_test(test_sign_and_cosign),
                                       cmocka_unit_test(test_key_files)};
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    arena_close(arena);
    return failures;
}
