/* Reports and their receipts: a PDF made by cairo, a log of seven leaves in memory, and every byte
 * of the signed file changed in turn. */
#include "unit.h"

#include "base/file.h"
#include "trust/canonical.h"
#include "trust/receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define NUMBER "TS-2026-000042"

static struct arena *arena;
static struct trust_key key;
static str plain, signed_pdf;
static struct log_receipt receipt;

/* Made by cairo 1.16: a page that says "Carbon report 42". */
static str read_pdf(void)
{
    str pdf;
    const char *corpus = getenv("TANSHU_CORPUS");
    assert_non_null(corpus);
    assert_true(
        file_read(arena, arena_printf(arena, "%s/receipt/plain.pdf", corpus), 1 << 20, &pdf, NULL));
    return pdf;
}

static str sign_note(const struct trust_key *by, uint64_t size, digest root, int64_t time_s)
{
    struct checkpoint checkpoint = {by->verifier.name, size, root};
    str text = str_from(checkpoint_write(arena, &checkpoint));
    struct buf *out = buf_new(arena);
    buf_printf(out, "%.*s\n", STR_ARG(text));
    note_sign(out, text, by->verifier.name, NOTE_ED25519, by->secret, 0);
    note_sign(out, text, by->verifier.name, NOTE_COSIGNATURE, by->secret, time_s);
    return buf_str(out);
}

static struct log_receipt make_receipt(const struct trust_key *by, const char *kind, str pdf)
{
    struct log_receipt made = {.state = LOG_SIGNED, .kind = str_from(kind), .index = 4};
    made.content = trust_report_content(pdf, STR(NUMBER));
    for (size_t i = 0; i < LOG_SALT_BYTES; i++) made.salt[i] = (unsigned char)(i * 7);
    digest leaves[7], entry = log_commitment(made.salt, made.kind, made.content);
    for (size_t i = 0; i < 7; i++) leaves[i] = merkle_leaf((str){(const char *)&i, sizeof i});
    leaves[4] = merkle_leaf((str){(const char *)entry.bytes, DIGEST_BYTES});
    struct merkle_leaves all = {leaves, 7};
    struct merkle_source source = merkle_source_of(&all);
    assert_true(merkle_prove_inclusion(&source, 4, 7, made.proof, &made.proof_count, NULL));
    made.checkpoint.size = 7;
    made.checkpoint.root = merkle_root_of(leaves, 7);
    made.checkpoint.note =
        sign_note(by, 7, made.checkpoint.root, 1772352000); /* 2026-03-01T08:00:00Z */
    return made;
}

static struct trust_verdict judge_with(str pdf, const struct note_verifier *list, size_t count)
{
    struct note_verifier copy[4];
    for (size_t i = 0; i < count; i++) copy[i] = list[i];
    struct trust_roots roots = {copy, count};
    struct trust_verdict verdict;
    trust_verify_report(arena, pdf, &roots, &verdict);
    return verdict;
}

static struct trust_verdict judge(str pdf)
{
    return judge_with(pdf, &key.verifier, 1);
}

static int set_up(UNUSED void **state)
{
    unsigned char seed[32] = {1, 2, 3};
    arena = arena_open(0);
    trust_key_from_seed(&key, STR("carbon.example/log"), seed);
    plain = read_pdf();
    receipt = make_receipt(&key, "report", plain);
    struct error err;
    if (!trust_pdf_append_receipt(arena, plain, STR(NUMBER), &receipt, &key.verifier, &signed_pdf,
                                  &err)) {
        fprintf(stderr, "%s\n", error_render(arena, &err, error_sentence(err.code)));
        return -1;
    }
    return 0;
}

static int tear_down(UNUSED void **state)
{
    arena_close(arena);
    return 0;
}

static void test_issued_report_is_yes(UNUSED void **state)
{
    struct trust_verdict verdict = judge(signed_pdf);
    assert_int_equal(verdict.answer, TRUST_YES);
    assert_int_equal(verdict.reason.code, ERROR_NONE);
    assert_true(str_is(verdict.number, NUMBER));
    assert_true(str_is(verdict.origin, "carbon.example/log"));
    assert_string_equal(instant_format_utc(arena, verdict.checkpoint_ms), "2026-03-01T08:00:00Z");
    assert_int_equal(verdict.index, 4);
    assert_int_equal(verdict.size, 7);
    /* The update only appends. */
    assert_true(signed_pdf.len > plain.len && memcmp(signed_pdf.ptr, plain.ptr, plain.len) == 0);
}

static void test_every_changed_byte_is_no(UNUSED void **state)
{
    for (size_t i = 0; i < signed_pdf.len; i++) {
        SCOPED(arena_close_scoped) struct arena *own = arena_open(0);
        str changed = str_copy(own, signed_pdf);
        ((char *)changed.ptr)[i] = (char)(changed.ptr[i] ^ 1 << (i % 8));
        struct trust_roots roots = {&key.verifier, 1};
        struct trust_verdict verdict;
        trust_verify_report(own, changed, &roots, &verdict);
        if (verdict.answer != TRUST_NO) fail_msg("byte %zu changed: answer %d", i, verdict.answer);
        assert_int_not_equal(verdict.reason.code, ERROR_NONE);
    }
}

static void test_added_and_missing_bytes_are_no(UNUSED void **state)
{
    static const char *const additions[] = {"\n", " ",       "x",
                                            "%",  "%%EOF\n", "\nstartxref\n0\n%%EOF\n"};
    for (size_t i = 0; i < ARRAY_LEN(additions); i++) {
        struct buf *longer = buf_new(arena);
        buf_put_str(longer, signed_pdf);
        buf_puts(longer, additions[i]);
        assert_int_equal(judge(buf_str(longer)).answer, TRUST_NO);
        struct buf *before = buf_new(arena);
        buf_puts(before, additions[i]);
        buf_put_str(before, signed_pdf);
        assert_int_equal(judge(buf_str(before)).answer, TRUST_NO);
    }
    for (size_t i = 0; i < signed_pdf.len; i += 1 + i / 400)
        assert_int_equal(judge(str_slice(signed_pdf, 0, i)).answer, TRUST_NO);
    assert_int_equal(judge(plain).reason.code, ERROR_TRUST_RECEIPT_ABSENT);
    /* The receipt of one report behind another, and the same receipt twice. */
    struct buf *other = buf_new(arena);
    buf_put_str(other, signed_pdf);
    buf_put_str(other, str_slice(signed_pdf, plain.len, signed_pdf.len));
    assert_int_equal(judge(buf_str(other)).answer, TRUST_NO);
}

static void test_keys(UNUSED void **state)
{
    struct trust_key other;
    unsigned char seed[32] = {9};
    trust_key_from_seed(&other, STR("carbon.example/log"), seed); /* the same name, another key */
    struct trust_verdict verdict = judge_with(signed_pdf, &other.verifier, 1);
    assert_int_equal(verdict.answer, TRUST_UNKNOWN_SIGNER);
    assert_int_equal(verdict.reason.code, ERROR_TRUST_RECEIPT_SIGNER);
    assert_true(str_is(verdict.key, note_verifier_write(arena, &key.verifier)));
    assert_int_equal(judge_with(signed_pdf, NULL, 0).answer, TRUST_UNKNOWN_SIGNER);
    struct note_verifier both[] = {other.verifier, key.verifier};
    assert_int_equal(judge_with(signed_pdf, both, 2).answer, TRUST_YES);
    /* A forger signs a report of his own with a key of his own: never yes. */
    struct log_receipt forged = make_receipt(&other, "report", plain);
    str forgery;
    assert_true(trust_pdf_append_receipt(arena, plain, STR(NUMBER), &forged, &other.verifier,
                                         &forgery, NULL));
    assert_int_equal(judge(forgery).answer, TRUST_UNKNOWN_SIGNER);
    /* He names our key, but signs with his. */
    assert_true(trust_pdf_append_receipt(arena, plain, STR(NUMBER), &forged, &key.verifier,
                                         &forgery, NULL));
    assert_int_equal(judge(forgery).answer, TRUST_NO);
    /* His key bears our id in the trust root: name and id say ours, the key does not. */
    struct note_verifier posing = other.verifier;
    posing.id = key.verifier.id;
    assert_int_equal(judge_with(signed_pdf, &posing, 1).answer, TRUST_UNKNOWN_SIGNER);
}

/* A forger's own cosignature may state any time; one beyond the calendar is no date to rest on. */
static void test_a_time_beyond_the_calendar(UNUSED void **state)
{
    struct trust_key other;
    unsigned char seed[32] = {9};
    trust_key_from_seed(&other, STR("carbon.example/other"), seed);
    struct log_receipt forged = make_receipt(&other, "report", plain);
    forged.checkpoint.note = sign_note(&other, 7, forged.checkpoint.root, INT64_MAX / 2);
    str file;
    assert_true(
        trust_pdf_append_receipt(arena, plain, STR(NUMBER), &forged, &other.verifier, &file, NULL));
    assert_int_equal(judge(file).answer, TRUST_NO);
    forged.checkpoint.note = sign_note(&other, 7, forged.checkpoint.root, 253402300799);
    assert_true(
        trust_pdf_append_receipt(arena, plain, STR(NUMBER), &forged, &other.verifier, &file, NULL));
    struct trust_verdict verdict = judge(file);
    assert_int_equal(verdict.answer, TRUST_UNKNOWN_SIGNER);
    assert_string_equal(instant_format_utc(arena, verdict.checkpoint_ms), "9999-12-31T23:59:59Z");
}

static void test_other_leaves_are_no_reports(UNUSED void **state)
{
    struct log_receipt submission = make_receipt(&key, "submission", plain);
    str file;
    assert_true(trust_pdf_append_receipt(arena, plain, STR(NUMBER), &submission, &key.verifier,
                                         &file, NULL));
    struct trust_verdict verdict = judge(file);
    assert_int_equal(verdict.answer, TRUST_NO);
    assert_int_equal(verdict.reason.code, ERROR_TRUST_RECEIPT_KIND);
}

static void test_append_refuses(UNUSED void **state)
{
    struct error err;
    str file;
    struct log_receipt waiting = receipt;
    waiting.state = LOG_ORDERED;
    assert_false(
        trust_pdf_append_receipt(arena, plain, STR(NUMBER), &waiting, &key.verifier, &file, &err));
    assert_int_equal(err.code, ERROR_TRUST_RECEIPT_UNSIGNED);
    assert_false(trust_pdf_append_receipt(arena, plain, STR("another"), &receipt, &key.verifier,
                                          &file, &err));
    assert_false(trust_pdf_append_receipt(arena, plain, STR("two words"), &receipt, &key.verifier,
                                          &file, &err));
    assert_false(trust_pdf_append_receipt(arena, STR("%PDF-1.4\n"), STR(NUMBER), &receipt,
                                          &key.verifier, &file, &err));
    assert_int_equal(err.code, ERROR_TRUST_PDF);
}

static void test_json_is_canonical(UNUSED void **state)
{
    str json = trust_receipt_json(arena, &receipt, STR(NUMBER), &key.verifier), number, vkey;
    SCOPED(canonical_free_scoped) json_t *value = NULL;
    struct log_receipt again;
    assert_true(canonical_read_exact(json, &value, NULL));
    assert_int_equal(json_object_size(value), 10);
    assert_true(trust_receipt_read(arena, json, &again, &number, &vkey, NULL));
    assert_true(str_is(number, NUMBER));
    assert_true(again.index == 4 && again.proof_count == receipt.proof_count &&
                again.checkpoint.size == 7);
    json = trust_receipt_json(arena, &receipt, (str){0}, NULL);
    assert_true(trust_receipt_read(arena, json, &again, &number, &vkey, NULL));
    assert_true(number.len == 0 && vkey.len == 0);
}

/* Poppler still reads the page, finds nothing to complain about, and sees one page. */
static void test_poppler_reads_it(UNUSED void **state)
{
    char pdf[] = "/tmp/tanshu-receipt-XX"
                 "XX"
                 "XX",
         text[] = "/tmp/tanshu-receipt-XX"
                  "XX"
                  "XX";
    char *argv[] = {"pdftotext", pdf, text, NULL};
    int fd = mkstemp(pdf), text_fd = mkstemp(text), status = -1;
    pid_t child;
    posix_spawn_file_actions_t actions;
    str read;
    assert_true(fd >= 0 && text_fd >= 0);
    assert_int_equal(write(fd, signed_pdf.ptr, signed_pdf.len), (ssize_t)signed_pdf.len);
    close(fd);
    /* Complaints go where the text goes. */
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, text_fd, 2), 0);
    argv[2] = "/dev/stderr";
    assert_int_equal(posix_spawnp(&child, "pdftotext", &actions, NULL, argv, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    posix_spawn_file_actions_destroy(&actions);
    close(text_fd);
    assert_int_equal(status, 0);
    assert_true(file_read(arena, text, 4096, &read, NULL));
    unlink(pdf);
    unlink(text);
    assert_true(str_is(read, "Carbon report 42\n\n\f"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_issued_report_is_yes),
                                       cmocka_unit_test(test_every_changed_byte_is_no),
                                       cmocka_unit_test(test_added_and_missing_bytes_are_no),
                                       cmocka_unit_test(test_keys),
                                       cmocka_unit_test(test_a_time_beyond_the_calendar),
                                       cmocka_unit_test(test_other_leaves_are_no_reports),
                                       cmocka_unit_test(test_append_refuses),
                                       cmocka_unit_test(test_json_is_canonical),
                                       cmocka_unit_test(test_poppler_reads_it)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
