#include "base/digest.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

/* Fetched once: fetching it for each digest costs half the speed. */
static EVP_MD *sha256;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    CHECK(sha256 != NULL);
}

struct digest_state *digest_begin(void)
{
    pthread_once(&fetched, fetch);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    CHECK(context != NULL && EVP_DigestInit_ex2(context, sha256, NULL) == 1);
    return (struct digest_state *)context;
}

void digest_add(struct digest_state *state, const void *bytes, size_t count)
{
    CHECK(EVP_DigestUpdate((EVP_MD_CTX *)state, bytes, count) == 1);
}

digest digest_end(struct digest_state *state)
{
    digest d;
    CHECK(EVP_DigestFinal_ex((EVP_MD_CTX *)state, d.bytes, NULL) == 1);
    EVP_MD_CTX_free((EVP_MD_CTX *)state);
    return d;
}

digest digest_of_parts(const str *parts, size_t count)
{
    struct digest_state *state = digest_begin();
    for (size_t i = 0; i < count; i++) digest_add(state, parts[i].ptr, parts[i].len);
    return digest_end(state);
}

digest digest_of(str bytes)
{
    return digest_of_parts(&bytes, 1);
}

bool digest_equal(digest a, digest b)
{
    return memcmp(a.bytes, b.bytes, DIGEST_BYTES) == 0;
}

char *digest_hex(struct arena *arena, digest d)
{
    return hex_encode(arena, d.bytes, DIGEST_BYTES);
}

bool digest_parse_hex(str text, digest *d)
{
    return hex_decode(text, d->bytes, DIGEST_BYTES);
}
