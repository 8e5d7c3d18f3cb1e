/* What everyone relies on from base/. Expected values: RFC 4648 and 4180 examples, FIPS 180-4,
 * RFC 8785 appendix B, the calendar. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/date.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/map.h"
#include "base/num.h"

static void numbers_read_exactly(void **state)
{
    (void)state;
    double v = -1;
    assert_true(num_parse(STR("0.1"), &v) && v == 0.1);
    assert_true(num_parse(STR("-1.7976931348623157e308"), &v) && v == -1.7976931348623157e308);
    assert_true(num_parse(STR("9007199254740993"), &v) && v == 9007199254740992.0);
    static const char *const bad[] = {"",    "-",  "1e",    "0x10",  "inf",
                                      "nan", "1 ", "1,000", "1e999", "."};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) assert_false(num_parse(str_from(bad[i]), &v));
    struct arena *arena = arena_open(0);
    assert_true(num_parse_human(arena, STR(" １，２３４．５ "), &v) && v == 1234.5);
    assert_true(num_parse_human(arena, STR("12.5%"), &v) && v == 0.125);
    assert_false(num_parse_human(arena, STR("1,23"), &v));
    assert_false(num_parse_human(arena, STR("1,2345"), &v));
    assert_false(num_parse_human(arena, STR("1e0,012"), &v));
    assert_true(num_parse_human(arena, STR("1,234e2"), &v) && v == 123400);
    assert_string_equal(num_format_grouped(arena, -1234567.891, 2), "-1,234,567.89");
    assert_string_equal(num_format_grouped(arena, -0.001, 2), "0.00");
    assert_string_equal(num_format_significant(arena, 12345.678, 6), "12,345.7");
    assert_string_equal(num_format_significant(arena, -1e-14, 3), "0");
    arena_close(arena);
}

static void numbers_print_as_rfc8785_appendix_b(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {9007199254740992.0, "9007199254740992"},
        {295147905179352830000.0, "295147905179352830000"},
        {9.999999999999997e22, "9.999999999999997e+22"},
        {1e23, "1e+23"},
        {999999999999999700000.0, "999999999999999700000"},
        {1e21, "1e+21"},
        {0.000001, "0.000001"},
        {9.999999999999997e-7, "9.999999999999997e-7"},
        {333333333.3333332, "333333333.3333332"},
        {-0.0000033333333333333333, "-0.0000033333333333333333"},
        {1424953923781206.2, "1424953923781206.2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[NUM_TEXT_MAX];
        num_format(cases[i].value, out);
        assert_string_equal(out, cases[i].text);
    }
}

static void days_follow_the_calendar(void **state)
{
    (void)state;
    struct arena *arena = arena_open(0);
    date d;
    assert_true(date_make(1970, 1, 1, &d) && d.day == 0);
    assert_true(date_make(2000, 2, 29, &d) && d.day == 11016);
    assert_false(date_make(1900, 2, 29, &d));
    assert_false(date_make(2026, 4, 31, &d));
    assert_true(date_parse_human(arena, STR("2026年3月1日"), &d));
    char text[DATE_TEXT_MAX];
    date_format(d, text);
    assert_string_equal(text, "2026-03-01");
    assert_int_equal(weekday(d), 7);
    assert_true(date_parse_human(arena, STR("20260301"), &d));
    assert_false(date_parse_human(arena, STR("2026-3"), &d));
    int32_t month;
    assert_true(month_parse_human(arena, STR("2026年3月"), &month) && month == month_make(2026, 3));
    assert_true(month_parse_human(arena, STR("2026/12"), &month));
    assert_false(month_parse_human(arena, STR("2026-13"), &month));
    date_format(month_last_day(month_make(2024, 2)), text);
    assert_string_equal(text, "2024-02-29");
    int64_t ms;
    assert_true(instant_parse_utc(STR("2026-03-01T16:30:00Z"), &ms));
    assert_string_equal(instant_format(arena, ms, 480), "2026-03-02 00:30");
    assert_string_equal(instant_format_utc(arena, ms), "2026-03-01T16:30:00Z");
    arena_close(arena);
}

static void text_tools(void **state)
{
    (void)state;
    struct arena *arena = arena_open(0);
    assert_true(str_is(str_trim(STR("\xEF\xBB\xBF　 a b\t\n")), "a b"));
    assert_string_equal(base64_encode(arena, "fooba", 5), "Zm9vYmE=");
    unsigned char *bytes;
    size_t count;
    assert_true(base64_decode(arena, STR("Zm9vYg=="), &bytes, &count) && count == 4);
    assert_false(base64_decode(arena, STR("Zm9vYh=="), &bytes, &count)); /* stray bits */
    assert_false(base64_decode(arena, STR("Zm9v!g=="), &bytes, &count));
    assert_false(utf8_valid(STR("\xC0\xAF")));
    assert_false(utf8_valid(STR("\xED\xA0\x80")));
    assert_true(utf8_valid(STR("碳枢\xEF\xBF\xBD")));
    assert_int_equal(utf8_count(STR("碳枢a")), 3);
    assert_string_equal(digest_hex(arena, digest_of(STR("abc"))),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct map map;
    map_init(&map, arena);
    for (int i = 0; i < 1000; i++)
        map_put(&map, str_from(arena_printf(arena, "k%d", i)), arena_printf(arena, "%d", i));
    assert_string_equal(map_get(&map, STR("k777")), "777");
    assert_null(map_get(&map, STR("k1000")));
    assert_string_equal(map.entries[5].value, "5");
    arena_close(arena);
}

static void identifiers_grow_and_read_back(void **state)
{
    (void)state;
    id64 last = 0;
    for (int i = 0; i < 20000; i++) {
        id64 id = id_new(), back;
        char text[ID_TEXT_MAX];
        assert_true(id > last);
        id_format(id, text);
        assert_true(id_parse(str_from(text), &back) && back == id);
        last = id;
    }
    id64 id;
    assert_false(id_parse(STR("zzzzzzzzzzzzz"), &id));
    assert_false(id_parse(STR("0"), &id));
}

static void csv_keeps_quotes_and_breaks(void **state)
{
    (void)state;
    struct arena *arena = arena_open(0);
    struct csv csv;
    struct error err = {0};
    str *fields;
    size_t count;
    csv_init(&csv,
             STR("\xEF\xBB\xBF"
                 "a,\"b \"\"q\"\"\r\nx\",c\r\n,,\n"),
             ',');
    assert_true(csv_next(&csv, arena, &fields, &count, &err) && count == 3);
    assert_true(str_is(fields[1], "b \"q\"\r\nx"));
    assert_true(csv_next(&csv, arena, &fields, &count, &err) && count == 3);
    assert_int_equal(csv.line, 3);
    assert_true(csv_next(&csv, arena, &fields, &count, &err) && fields == NULL);
    csv_init(&csv, STR("a,\"b"), ',');
    assert_false(csv_next(&csv, arena, &fields, &count, &err));
    assert_string_equal(error_render(arena, &err, error_sentence(err.code)),
                        "Line 1: a quoted field is not closed, or text follows its closing quote. "
                        "Check the quotes of this line.");
    struct buf *out = buf_new(arena);
    csv_put_safe(out, STR("=HYPERLINK(1)"), true);
    csv_put_safe(out, STR("-1.5"), false);
    csv_put_safe(out, STR("a,b"), false);
    assert_string_equal(out->ptr, "\"'=HYPERLINK(1)\",-1.5,\"a,b\"");
    out->len = 0;
    csv_put_safe(out, STR("=1"), true); /* a formula, though all digits */
    csv_put_safe(out, STR("+86"), false);
    char *bare = malloc(2); /* a slice ends where its length says */
    memcpy(bare, "-1", 2);
    csv_put_safe(out, (str){bare, 2}, false);
    free(bare);
    assert_string_equal(out->ptr, "\"'=1\",+86,-1");
    arena_close(arena);
}

static void integers_scale_without_overflow(void **state)
{
    (void)state;
    int64_t r;
    assert_true(int_mul_div(INT64_MAX, 3, 3, &r) && r == INT64_MAX);
    assert_true(int_mul_div(5, 1, 2, &r) && r == 3);
    assert_true(int_mul_div(-5, 1, 2, &r) && r == -3);
    assert_false(int_mul_div(INT64_MAX, 2, 1, &r));
    assert_false(num_to_int(9.3e18, &r));
    assert_false(num_to_int(NAN, &r));
    assert_true(num_to_int(-2.5, &r) && r == -3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_exactly),
        cmocka_unit_test(numbers_print_as_rfc8785_appendix_b),
        cmocka_unit_test(days_follow_the_calendar),
        cmocka_unit_test(text_tools),
        cmocka_unit_test(identifiers_grow_and_read_back),
        cmocka_unit_test(csv_keeps_quotes_and_breaks),
        cmocka_unit_test(integers_scale_without_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
