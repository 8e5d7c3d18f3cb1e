/* Merkle proofs against the vectors of transparency-dev/merkle (test/vectors/merkle-rfc6962) and
 * against the example tree of RFC 9162 section 2.1.5. */
#include "unit.h"

#include "base/file.h"
#include "trust/canonical.h"
#include "trust/merkle.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Upstream takes these although their roots are 12 bytes long, because it compares them as byte
 * strings or does not look at them at all. We refuse any hash that has not 32 bytes. */
static const char *const short_hashes[] = {
    "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json",
    "subtreeconsistency/additional/sizes-are-equal-one-and-proof-is-empty.json",
    "subtreeconsistency/additional/"
    "subtree-is-empty-sizes-are-equal-one-subtree-root-valid-tree-root-random-proof-is-empty.json",
    "subtreeconsistency/additional/"
    "subtree-is-empty-sizes-are-equal-zero-subtree-root-valid-tree-root-random-proof-is-empty.json",
};

static struct arena *arena;
static size_t cases, refusals_of_ours;

static bool read_hash(const json_t *value, digest *hash)
{
    unsigned char *bytes;
    size_t count;
    assert_true(json_is_string(value));
    assert_true(base64_decode(arena, str_from(json_string_value(value)), &bytes, &count));
    return merkle_hash_read((str){(const char *)bytes, count}, hash);
}

static uint64_t number(const json_t *object, const char *name, bool *fits)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_real(value)) { /* beyond 63 bits: no tree has that many leaves */
        *fits = false;
        return 0;
    }
    assert_true(json_is_integer(value));
    int64_t read = json_integer_value(value);
    if (read < 0) *fits = false;
    return (uint64_t)read;
}

static bool verdict(const char *family, const json_t *vector)
{
    digest proof[256], leaf, root, first;
    size_t count = 0, i;
    json_t *item;
    bool fits = true;
    json_array_foreach(json_object_get(vector, "proof"), i,
                       item) if (i >= 256 || !read_hash(item, &proof[count++])) return false;
    if (strstr(family, "inclusion") != NULL) {
        if (!read_hash(json_object_get(vector, "leafHash"), &leaf) ||
            !read_hash(json_object_get(vector, "root"), &root))
            return false;
        uint64_t index = number(vector, "leafIdx", &fits);
        if (strcmp(family, "inclusion") == 0) {
            uint64_t size = number(vector, "treeSize", &fits);
            return fits && merkle_verify_inclusion(leaf, index, size, proof, count, root);
        }
        uint64_t start = number(vector, "start", &fits), end = number(vector, "end", &fits);
        return fits && merkle_verify_subtree_inclusion(leaf, index, start, end, proof, count, root);
    }
    if (!read_hash(json_object_get(vector, "root1"), &first) ||
        !read_hash(json_object_get(vector, "root2"), &root))
        return false;
    if (strcmp(family, "consistency") == 0) {
        uint64_t old_size = number(vector, "size1", &fits), size = number(vector, "size2", &fits);
        return fits && merkle_verify_consistency(old_size, size, first, root, proof, count);
    }
    uint64_t start = number(vector, "start", &fits), end = number(vector, "end", &fits);
    uint64_t size = number(vector, "size", &fits);
    return fits && merkle_verify_subtree_consistency(start, end, size, first, root, proof, count);
}

static void run_file(const char *family, const char *path, const char *shown)
{
    str text;
    json_error_t problem;
    assert_true(file_read(arena, path, 1 << 20, &text, NULL));
    json_t *vector = json_loadb(text.ptr, text.len, 0, &problem);
    /* Sizes beyond 2^63 do not fit jansson's integers: nobody has such a tree, so they count as
     * refused. */
    bool wanted, found;
    if (vector == NULL) {
        assert_non_null(strstr(problem.text, "too big integer"));
        wanted = strstr(text.ptr, "\"wantErr\": true") == NULL;
        found = false;
    } else {
        wanted = !json_is_true(json_object_get(vector, "wantErr"));
        found = verdict(family, vector);
    }
    for (size_t i = 0; i < ARRAY_LEN(short_hashes); i++) {
        if (strcmp(short_hashes[i], shown) != 0) continue;
        assert_true(wanted);
        wanted = false;
        refusals_of_ours++;
    }
    if (wanted != found) fail_msg("%s: expected %d, found %d", shown, wanted, found);
    cases++;
    json_decref(vector);
}

static void run_folder(const char *family, const char *path, size_t root_length)
{
    char **names;
    size_t count;
    assert_true(file_list(arena, path, &names, &count, NULL));
    for (size_t i = 0; i < count; i++) {
        char *inner = arena_printf(arena, "%s/%s", path, names[i]);
        struct stat status;
        assert_int_equal(stat(inner, &status), 0);
        if (S_ISDIR(status.st_mode))
            run_folder(family, inner, root_length);
        else
            run_file(family, inner, inner + root_length);
    }
}

static void test_vectors(UNUSED void **state)
{
    const char *vectors = getenv("TANSHU_VECTORS");
    assert_non_null(vectors);
    char *root = arena_printf(arena, "%s/merkle-rfc6962/testdata/", vectors);
    static const char *const families[] = {"inclusion", "consistency", "subtreeinclusion",
                                           "subtreeconsistency"};
    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        run_folder(families[i], arena_printf(arena, "%s%s", root, families[i]), strlen(root));
    assert_int_equal(cases, 518);
    assert_int_equal(refusals_of_ours, ARRAY_LEN(short_hashes));
}

/* The eight entries that Certificate Transparency's reference tests use; the roots of sizes 1 to 8
 * are those published with them (and appear as roots in the vectors above). */
static void test_roots(UNUSED void **state)
{
    static const char *const entries[] = {"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};
    static const char *const roots[] = {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    digest leaves[8], proof[MERKLE_PROOF_MAX];
    size_t count;
    struct error err;
    for (size_t i = 0; i < 8; i++) {
        unsigned char bytes[16];
        size_t length = strlen(entries[i]) / 2;
        assert_true(hex_decode(str_from(entries[i]), bytes, length));
        leaves[i] = merkle_leaf((str){(const char *)bytes, length});
        assert_string_equal(digest_hex(arena, merkle_root_of(leaves, i + 1)), roots[i]);
    }
    assert_string_equal(digest_hex(arena, merkle_root_of(leaves, 0)),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct merkle_leaves all = {leaves, 8};
    struct merkle_source source = merkle_source_of(&all);
    for (uint64_t size = 1; size <= 8; size++) {
        digest root, wanted = merkle_root_of(leaves, size);
        assert_true(merkle_root(&source, size, &root, &err));
        assert_true(digest_equal(root, wanted));
        for (uint64_t i = 0; i < size; i++) {
            assert_true(merkle_prove_inclusion(&source, i, size, proof, &count, &err));
            assert_true(merkle_verify_inclusion(leaves[i], i, size, proof, count, root));
            assert_false(merkle_verify_inclusion(leaves[(i + 1) % 8], i, size, proof, count, root));
        }
        for (uint64_t old = 1; old <= size; old++) {
            assert_true(merkle_prove_consistency(&source, old, size, proof, &count, &err));
            digest old_root = merkle_root_of(leaves, old);
            assert_true(merkle_verify_consistency(old, size, old_root, root, proof, count));
            if (old < size) {
                assert_false(merkle_verify_consistency(old, size, root, root, proof, count));
                assert_false(
                    merkle_verify_consistency(old, size, old_root, root, proof, count - 1));
            }
        }
    }
}

int main(void)
{
    arena = arena_open(0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors),
                                       cmocka_unit_test(test_roots)};
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    arena_close(arena);
    return failures;
}
