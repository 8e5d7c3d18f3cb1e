/* Canonical JSON against the vectors of cyberphone/json-canonicalization (test/vectors/jcs). */
#include "unit.h"

#include "base/file.h"
#include "trust/canonical.h"

#include <stdlib.h>

static struct arena *arena;

static void test_vectors(UNUSED void **state)
{
    const char *vectors = getenv("TANSHU_VECTORS");
    assert_non_null(vectors);
    char **names;
    size_t count;
    char *root = arena_printf(arena, "%s/jcs/testdata", vectors);
    assert_true(file_list(arena, arena_printf(arena, "%s/input", root), &names, &count, NULL));
    assert_int_equal(count, 6);
    for (size_t i = 0; i < count; i++) {
        str input, wanted;
        struct error err;
        assert_true(file_read(arena, arena_printf(arena, "%s/input/%s", root, names[i]), 1 << 20,
                              &input, &err));
        assert_true(file_read(arena, arena_printf(arena, "%s/output/%s", root, names[i]), 1 << 20,
                              &wanted, &err));
        SCOPED(canonical_free_scoped) json_t *value = NULL;
        SCOPED(canonical_free_scoped) json_t *again = NULL;
        assert_true(canonical_read(input, &value, &err));
        struct buf *out = buf_new(arena);
        assert_true(canonical_write(out, value, &err));
        assert_int_equal(out->len, wanted.len);
        assert_memory_equal(out->ptr, wanted.ptr, wanted.len);
        assert_true(canonical_read_exact(wanted, &again, &err));
        if (!str_equal(input, wanted)) {
            SCOPED(canonical_free_scoped) json_t *loose = NULL;
            assert_false(canonical_read_exact(input, &loose, &err));
        }
    }
}

static void test_refusals(UNUSED void **state)
{
    SCOPED(canonical_free_scoped) json_t *value = NULL;
    struct error err;
    assert_false(canonical_read(STR("{\"a\":1,\"a\":2}"), &value, &err));
    assert_int_equal(err.code, ERROR_TRUST_JSON);
    assert_false(canonical_read(STR("{\"a\":1} x"), &value, &err));
    assert_false(canonical_read(STR("\"\xff\""), &value, &err));
    assert_false(canonical_read(STR(""), &value, &err));
    assert_true(canonical_read(STR("[9007199254740992]"), &value, &err));
    struct buf *out = buf_new(arena);
    assert_true(canonical_write(out, value, &err));
    assert_string_equal(out->ptr, "[9007199254740992]");
    json_decref(value);
    assert_true(canonical_read(STR("[9007199254740993]"), &value, &err));
    assert_false(canonical_write(out, value, &err));
    assert_int_equal(err.code, ERROR_TRUST_JSON_INTEGER);
    json_decref(value);
    struct buf *deep = buf_new(arena);
    for (int i = 0; i < 66; i++) buf_putc(deep, '[');
    for (int i = 0; i < 66; i++) buf_putc(deep, ']');
    assert_true(canonical_read(buf_str(deep), &value, &err));
    assert_false(canonical_write(out, value, &err));
    assert_int_equal(err.code, ERROR_TRUST_JSON_DEPTH);
}

int main(void)
{
    arena = arena_open(0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors),
                                       cmocka_unit_test(test_refusals)};
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    arena_close(arena);
    return failures;
}
