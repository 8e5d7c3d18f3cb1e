/* Units: UCUM's published cases for the units that both know, conversions by hand, and the laws
 * that an algebra keeps. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "model/tanshu_model.h"
#include "model/units.h"
#include "shipped.h"

static struct arena *arena;
static struct model_library *library;
static struct unit_system units;

static int setup(void **state)
{
    struct error err = {0};
    (void)state;
    arena = arena_open(0);
    library = shipped_models(NULL);
    return unit_system_init(&units, arena, shipped_read(arena, "tables/units/atoms.csv"), &err) ? 0
                                                                                                : 1;
}

static int teardown(void **state)
{
    (void)state;
    model_library_close(library);
    arena_close(arena);
    return 0;
}

static str attribute(str line, const char *name)
{
    size_t from, to;
    char *key = arena_printf(arena, "%s=\"", name);
    if (!str_find(line, str_from(key), &from)) return (str){NULL, 0};
    str rest = str_slice(line, from + strlen(key), line.len);
    return str_find(rest, STR("\""), &to) ? str_slice(rest, 0, to) : (str){NULL, 0};
}

/* Equal as far as the published outcome states digits. */
static bool as_published(double found, str outcome)
{
    double wanted;
    int digits = 0;
    assert_true(num_parse(outcome, &wanted));
    for (size_t i = 0; i < outcome.len && outcome.ptr[i] != 'e'; i++)
        digits += outcome.ptr[i] >= '1' && outcome.ptr[i] <= '9'
                      ? 1
                      : outcome.ptr[i] == '0' && digits > 0;
    double room = fabs(wanted) * 0.5 * pow(10, 1 - (digits > 12 ? 12 : digits));
    return fabs(found - wanted) <= room + fabs(wanted) * 1e-12;
}

static void test_ucum_conversions(void **state)
{
    str rest = shipped_read(arena, "test/vectors/ucum/UcumFunctionalTests.xml"), line;
    int tried = 0;
    (void)state;
    while (str_cut(&rest, '\n', &line)) {
        str from = attribute(line, "srcUnit"), to = attribute(line, "dstUnit"),
            id = attribute(line, "id");
        size_t comment;
        double value, result;
        struct error err = {0};
        if (from.ptr == NULL || str_find(line, STR("<!--"), &comment)) continue;
        assert_true(num_parse(attribute(line, "value"), &value));
        if (!model_unit_convert(library, value, from, to, &result, &err)) {
            /* Only for a unit that we do not know, never for one that we think of another
             * dimension. */
            assert_int_equal(err.code, ERROR_MODEL_UNIT_UNKNOWN);
            continue;
        }
        tried++;
        if (!as_published(result, attribute(line, "outcome")))
            fail_msg("%.*s gives %.17g", STR_ARG(id), result);
    }
    assert_true(tried >= 18);
}

static double convert(double value, const char *from, const char *to)
{
    double result = NAN;
    struct error err = {0};
    if (!model_unit_convert(library, value, str_from(from), str_from(to), &result, &err))
        fail_msg("%s to %s: %s", from, to, error_render(arena, &err, error_sentence(err.code)));
    return result;
}

static enum error_code refused(const char *from, const char *to)
{
    double result = 0;
    struct error err = {0};
    assert_false(model_unit_convert(library, 1, str_from(from), str_from(to), &result, &err));
    return err.code;
}

/* By definition: 1 kWh = 3.6 MJ; 万 is ten thousand; 1 t = 1000 kg; 1 L = 1 dm3. */
static void test_conversions(void **state)
{
    (void)state;
    assert_true(convert(1, "万kWh", "MWh") == 10);
    assert_true(convert(3.5, "万千瓦时", "kWh") == 35000);
    assert_true(convert(1, "1e4 kWh", "万千瓦时") == 1);
    assert_true(convert(1, "MWh", "GJ") == 3.6);
    assert_true(convert(2, "万吨", "t") == 20000);
    assert_true(convert(2, "吨", "kg") == 2000);
    assert_true(convert(7, "万立方米", "m3") == 70000);
    assert_true(convert(7, "万m³", "1e4 m3") == 7);
    assert_true(convert(7, "万Nm3", "Nm3") == 70000);
    assert_true(convert(1, "万元", "元") == 10000);
    assert_true(convert(1, "亿元", "CNY") == 1e8);
    assert_true(convert(1, "吨标准煤", "kgce") == 1000);
    assert_true(convert(1000, "L", "m3") == 1);
    assert_true(convert(45, "%", "1") == 0.45);
    assert_true(convert(2, "m^2", "m2") == 2 && convert(3, "m2*m", "m3") == 3 &&
                convert(1, "ha/m", "m") == 10000);
    assert_true(convert(5, "kW*h", "MJ") == 18);
    assert_true(convert(1, "tCO2/MWh", "(kg CO2)/kWh") == 1);
    assert_true(convert(1, "t CO2e", "kgCO2e") == 1000);
    assert_true(convert(1, "ｋｇ", "g") == 1000);
    assert_int_equal(refused("t CO2", "t C"), ERROR_MODEL_UNIT_DIMENSION);
    assert_int_equal(refused("t CO2", "t CO2e"), ERROR_MODEL_UNIT_DIMENSION);
    assert_int_equal(refused("t", "t CO2"), ERROR_MODEL_UNIT_DIMENSION);
    assert_int_equal(refused("tce", "GJ"), ERROR_MODEL_UNIT_DIMENSION);
    assert_int_equal(refused("tce", "t"), ERROR_MODEL_UNIT_DIMENSION);
    assert_int_equal(refused("Nm3", "Sm3"), ERROR_MODEL_UNIT_DIMENSION);
    assert_int_equal(refused("Nm3", "m3"), ERROR_MODEL_UNIT_DIMENSION);
    assert_int_equal(refused("year", "day"), ERROR_MODEL_UNIT_DIMENSION);
    assert_int_equal(refused("MWhh", "kWh"), ERROR_MODEL_UNIT_UNKNOWN);
    assert_int_equal(refused("", "kWh"), ERROR_MODEL_UNIT_UNKNOWN);
    assert_int_equal(refused("kWh kWh", "kWh"), ERROR_MODEL_UNIT_UNKNOWN);
    assert_int_equal(refused("((((((((((((((((((((((t))))))))))))))))))))))", "t"),
                     ERROR_MODEL_UNIT_UNKNOWN);
}

static struct unit random_unit(uint64_t *random)
{
    static const char *const atoms[] = {"t",   "kg CO2", "t C", "GJ",  "kWh", "m3",
                                        "Nm3", "h",      "CNY", "tce", "%"};
    struct unit unit = unit_one(), part;
    for (int i = 0; i < 3; i++) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        const char *atom = atoms[(*random >> 33) % ARRAY_LEN(atoms)];
        assert_true(unit_parse_text(&units, arena, str_from(atom), true, (str){"", 0}, &part));
        assert_true(unit_multiply(&unit, &part, (*random >> 60) & 1 ? 1 : -1));
    }
    return unit;
}

/* Multiplication commutes and associates, division undoes it, conversion there and back changes
 * nothing. */
static void test_laws(void **state)
{
    uint64_t random = 42;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct unit a = random_unit(&random), b = random_unit(&random), c = random_unit(&random);
        struct unit ab = a, ba = b, abc = a, bc = b, back = a;
        assert_true(unit_multiply(&ab, &b, 1) && unit_multiply(&ba, &a, 1));
        assert_true(unit_same_dimension(&ab, &ba) && fabs(unit_ratio(&ab, &ba) - 1) < 1e-15);
        assert_true(unit_multiply(&bc, &c, 1) && unit_multiply(&abc, &bc, 1) &&
                    unit_multiply(&ab, &c, 1));
        assert_true(unit_same_dimension(&abc, &ab) && fabs(unit_ratio(&abc, &ab) - 1) < 1e-14);
        assert_true(unit_multiply(&back, &b, 1) && unit_multiply(&back, &b, -1));
        assert_true(unit_same_dimension(&back, &a) && fabs(unit_ratio(&back, &a) - 1) < 1e-14);
        struct unit inverse = unit_one(), read;
        assert_true(unit_multiply(&inverse, &a, -1) && unit_multiply(&inverse, &a, 1) &&
                    unit_is_one(&inverse));
        /* What is printed is read as the same dimension. */
        char *text = unit_format(arena, &units, &a);
        if (!unit_parse_text(&units, arena, str_from(text), false, (str){"", 0}, &read))
            fail_msg("%s", text);
        assert_true(unit_same_dimension(&read, &a));
        if (unit_same_dimension(&a, &b))
            assert_true(fabs(unit_ratio(&a, &b) * unit_ratio(&b, &a) - 1) < 1e-15);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ucum_conversions),
                                       cmocka_unit_test(test_conversions),
                                       cmocka_unit_test(test_laws)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
