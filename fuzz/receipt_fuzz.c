/* Strangers' report files and receipts: bytes of any kind get an answer, and without the secret key
 * it is never yes for anything but the issued report of the corpus. */
#include "trust/canonical.h"
#include "trust/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    str bytes = {(const char *)data, size}, number, vkey;
    struct trust_key key;
    struct trust_verdict verdict;
    struct log_receipt receipt;
    static const unsigned char seed[32] = {0x42};
    trust_key_from_seed(&key, STR("nobody.example/log"), seed); /* signed nothing in the corpus */
    struct trust_roots roots = {&key.verifier, 1};
    trust_verify_report(arena, bytes, &roots, &verdict);
    CHECK(verdict.answer != TRUST_YES);
    CHECK(verdict.reason.code != ERROR_NONE);
    if (trust_receipt_read(arena, bytes, &receipt, &number, &vkey, NULL))
        CHECK(receipt.state == LOG_SIGNED);
    SCOPED(canonical_free_scoped) json_t *value = NULL;
    if (canonical_read_exact(bytes, &value, NULL)) {
        struct buf *again = buf_new(arena);
        CHECK(canonical_write(again, value, NULL) && str_equal(buf_str(again), bytes));
    }
    return 0;
}
