#include "unit.h"

#include <string.h>

#include "locale/locale.h"
#include "locale/table.h"

static void test_table_is_sorted(void **state)
{
    (void)state;
    assert_true(locale_zh_count > 0);
    for (size_t i = 1; i < locale_zh_count; i++)
        assert_true(strcmp(locale_zh[i - 1].message, locale_zh[i].message) < 0);
}

static void test_each_message_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < locale_zh_count; i++)
        assert_string_equal(tr(LANG_ZH, locale_zh[i].message), locale_zh[i].translation);
    assert_string_equal(tr(LANG_ZH, "no such message at all"), "no such message at all");
    assert_string_equal(tr(LANG_EN, "No error."), "No error.");
    assert_string_equal(tr(LANG_ZH, "No error."), "没有错误。");
}

static void test_fill(void **state)
{
    (void)state;
    struct arena *arena = arena_open(0);
    assert_string_equal(tr_fill(arena, LANG_EN, "{1} of {0}{2}", "a", "b", NULL), "b of a");
    struct error err;
    error_set(&err, ERROR_FILE_LARGE, "si", "月报.csv", (int64_t)99);
    assert_string_equal(error_text(arena, LANG_EN, &err),
                        "月报.csv is larger than the limit of 99 bytes.");
    assert_string_equal(error_text(arena, LANG_ZH, &err), "月报.csv 超过了 99 字节的上限。");
    arena_close(arena);
}

static void test_lang_parse(void **state)
{
    (void)state;
    assert_int_equal(lang_parse(STR("zh-CN"), LANG_EN), LANG_ZH);
    assert_int_equal(lang_parse(STR("EN"), LANG_ZH), LANG_EN);
    assert_int_equal(lang_parse(STR("en_GB"), LANG_ZH), LANG_EN);
    assert_int_equal(lang_parse(STR("fr"), LANG_ZH), LANG_ZH);
    assert_int_equal(lang_parse(STR("enough"), LANG_ZH), LANG_ZH);
    assert_int_equal(lang_parse(STR(""), LANG_EN), LANG_EN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_sorted),
        cmocka_unit_test(test_each_message_is_found),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_lang_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
