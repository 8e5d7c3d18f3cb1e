/* Tile names and counts as c2sp.org/tlog-tiles gives them in its examples. */
#include "unit.h"

#include "trust/tile.h"

static struct arena *arena;

static void test_paths(UNUSED void **state)
{
    /* "index 1234067 will be encoded as x001/x234/067" */
    assert_string_equal(tile_path(arena, 0, 1234067, 256), "tile/0/x001/x234/067");
    assert_string_equal(tile_path(arena, 2, 0, 17), "tile/2/000.p/17");
    assert_string_equal(tile_path(arena, TILE_ENTRIES, 273, 112), "tile/entries/273.p/112");
    assert_string_equal(tile_path(arena, 63, 999, 256), "tile/63/999");
    assert_string_equal(tile_path(arena, 1, 1000, 1), "tile/1/x001/000.p/1");
    static const uint64_t indexes[] = {0, 1, 999, 1000, 1234067, 999999999, 1000000000};
    for (size_t i = 0; i < ARRAY_LEN(indexes); i++) {
        int level, width;
        uint64_t index;
        assert_true(
            tile_path_read(str_from(tile_path(arena, 3, indexes[i], 7)), &level, &index, &width));
        assert_true(level == 3 && index == indexes[i] && width == 7);
    }
}

static void test_other_spellings(UNUSED void **state)
{
    static const char *const wrong[] = {"",
                                        "tile",
                                        "tile/",
                                        "tile/0",
                                        "tile/0/",
                                        "tile/00/000",
                                        "tile/64/000",
                                        "tile/0/00",
                                        "tile/0/0000",
                                        "tile/0/x000/000",
                                        "tile/0/000.p/0",
                                        "tile/0/000.p/256",
                                        "tile/0/000.p/01",
                                        "tile/0/000.p",
                                        "tile/0/000/",
                                        "tile/0/x001",
                                        "/tile/0/000",
                                        "tile/0/../000",
                                        "tile/-1/000",
                                        "tile/entries/x1/000"};
    int level, width;
    uint64_t index;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(tile_path_read(str_from(wrong[i]), &level, &index, &width));
}

static void test_counts(UNUSED void **state)
{
    /* "a tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0
     * tile of width 112, one full level 1 tile, one partial level 1 tile of width 17, and one
     * partial level 2 tile of width
     * 1. Note that a tree of size 256 will be represented by a full level 0 tile and a partial
     * level 1 tile of width 1." */
    assert_int_equal(tile_full_count(0, 70000), 273);
    assert_int_equal(tile_partial_width(0, 70000), 112);
    assert_int_equal(tile_full_count(1, 70000), 1);
    assert_int_equal(tile_partial_width(1, 70000), 17);
    assert_int_equal(tile_full_count(2, 70000), 0);
    assert_int_equal(tile_partial_width(2, 70000), 1);
    assert_int_equal(tile_partial_width(3, 70000), 0);
    assert_int_equal(tile_full_count(0, 256), 1);
    assert_int_equal(tile_partial_width(0, 256), 0);
    assert_int_equal(tile_partial_width(1, 256), 1);
    assert_int_equal(tile_partial_width(63, UINT64_MAX), 0);
}

static void test_bundles(UNUSED void **state)
{
    struct buf *bundle = buf_new(arena);
    tile_entry_put(bundle, STR("abc"));
    tile_entry_put(bundle, STR(""));
    assert_int_equal(bundle->len, 7);
    assert_memory_equal(bundle->ptr, "\0\3abc\0\0", 7);
    str rest = buf_str(bundle), entry;
    bool broken;
    assert_true(tile_entry_cut(&rest, &entry, &broken) && str_is(entry, "abc"));
    assert_true(tile_entry_cut(&rest, &entry, &broken) && entry.len == 0);
    assert_false(tile_entry_cut(&rest, &entry, &broken) || broken);
    rest = (str){"\0\4abc", 5};
    assert_false(tile_entry_cut(&rest, &entry, &broken));
    assert_true(broken);
    rest = (str){"\0", 1};
    assert_false(tile_entry_cut(&rest, &entry, &broken));
    assert_true(broken);
}

int main(void)
{
    arena = arena_open(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths), cmocka_unit_test(test_other_spellings),
        cmocka_unit_test(test_counts), cmocka_unit_test(test_bundles)};
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    arena_close(arena);
    return failures;
}
