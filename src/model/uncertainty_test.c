/* Uncertainty against published vectors and closed forms. Monte Carlo results are compared within
 * five standard errors (a chance of 6e-7 each), with fixed seeds: they pass or fail for good. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "model/moments.h"
#include "model/random.h"
#include "model/spread.h"
#include "shipped.h"
#include "unit.h"

/* ---- random numbers ----------------------------------------------------------------------- */

/* Known answers of Random123 1.14, tests/kat_vectors, philox4x32 10. */
static void philox_gives_the_published_words(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], words[4];
    } known[] = {
        {{0}, {0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        uint32_t words[4];
        philox4x32(known[i].counter, known[i].key, words);
        assert_memory_equal(words, known[i].words, sizeof words);
    }
}

/* The wide loop and the plain function are one: also across the places where blocks meet. */
static void words_do_not_depend_on_how_many_are_asked_for(void **state)
{
    (void)state;
    static uint32_t whole[4096], part[4096];
    const uint64_t seed = UINT64_C(0x299f31d0a4093822), stream = UINT64_C(0x0370734413198a2e);
    random_words(seed, stream, 0, whole, 4096);
    for (uint32_t group = 0; group < 1024; group++) {
        const uint32_t counter[4] = {group, 0x13198a2e, 0x03707344, 0},
                       key[2] = {0xa4093822, 0x299f31d0};
        uint32_t words[4];
        philox4x32(counter, key, words);
        assert_memory_equal(words, whole + 4 * group, sizeof words);
    }
    for (size_t at = 0, step = 4; at < 4096; at += step, step = step % 700 + 12) {
        size_t count = size_min(step, 4096 - at);
        random_words(seed, stream, at, part + at, count);
    }
    assert_memory_equal(whole, part, sizeof whole);
}

static void quantiles_are_those_of_the_tables(void **state)
{
    (void)state;
    /* AS 241 gives its own check values; 1e-20 and 0.975 from tables of the normal. */
    assert_true(fabs(normal_quantile(0.25) - -0.6744897501960817) < 1e-15);
    assert_true(fabs(normal_quantile(0.001) - -3.090232306167814) < 4e-15);
    assert_true(fabs(normal_quantile(1e-20) - -9.262340089798408) < 2e-14);
    assert_true(fabs(normal_quantile(0.975) - 1.959963984540054) < 1e-15);
    static uint32_t words[65536];
    static double normals[65536];
    for (size_t i = 0; i < 65536; i++) words[i] = (uint32_t)(i * 65537 + (i >> 3));
    words[0] = 0;
    words[1] = UINT32_MAX;
    random_normals(words, 0, 1, normals, 65536);
    for (size_t i = 0; i < 65536; i++) {
        double exact = normal_quantile(random_uniform(words[i]));
        assert_true(fabs(normals[i] - exact) < 1e-6 * fabs(exact));
    }
    /* On both sides of where the middle's formula ends, and about the centre. */
    for (uint32_t i = 0; i < 65536; i++)
        words[i] = i % 3 == 0   ? 7246096 - 40 + i / 800
                   : i % 3 == 1 ? ~words[i - 1]
                                : 0x7FFF0000 + 2 * i;
    random_normals(words, 100, 5, normals, 65536);
    for (size_t i = 0; i < 65536; i++)
        assert_true(fabs(normals[i] - (100 + 5 * normal_quantile(random_uniform(words[i])))) <
                    2e-5);
    double exponents[400], powers[400];
    for (int i = 0; i < 400; i++) exponents[i] = (i - 200) / 3.0;
    random_exps(exponents, 1, powers, 400);
    for (int i = 0; i < 400; i++) assert_true(fabs(powers[i] / exp(exponents[i]) - 1) < 1e-14);
}

/* gcc and clang, with and without AVX2 and AVX-512: the digest is what all of them came to. */
static void draws_have_the_same_bits_in_every_build(void **state)
{
    (void)state;
    enum { COUNT = 4096 };
    static uint32_t words[COUNT];
    static double normals[COUNT], powers[COUNT];
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct moments moments = {0};
    struct digest_state *sum = digest_begin();
    for (uint64_t stream = 0; stream < 16; stream++) {
        random_words(20250331, stream, 0, words, COUNT);
        random_normals(words, 1000, 51.5, normals, COUNT);
        random_exps(normals, 0.001, powers, COUNT);
        moments_add(&moments, normals, 1000, powers, 2.7, COUNT);
        digest_add(sum, normals, sizeof normals);
        digest_add(sum, powers, sizeof powers);
    }
    digest_add(sum, &moments, sizeof moments);
    assert_string_equal(digest_hex(arena, digest_end(sum)),
                        "e62849d7a8ea0f873a2f346c80906ab594e5dbaa8e8bb1a0d2dd824f5c1c54fd");
}

/* ---- models ------------------------------------------------------------------------------- */

static const char program[] =
    "model test.forms 1\n"
    "  table factor from \"forms.csv\"\n"
    "  input x : t\n"
    "  input y : t\n"
    "  input q[factor] : t\n"
    "  input own : t uncertainty lognormal 40 %\n"
    "  out sum_xy : t = x + y\n"
    "  out product : t^2 = x * y\n"
    "  out ratio : 1 = x / y\n"
    "  out scaled : t = 3 * x\n"
    "  out top : t = max(x, y)\n"
    "  out emission : t CO2 = sum(q * factor.value)\n"
    "  out twice : t CO2 = sum(q * factor.value) + q[a] * factor[a].value\n"
    "  out stated : t = own\n";
/* b: 10 %; a: 20 %; c states nothing */
static const char table[] = "id,value : (t CO2)/t,uncertainty : 1\na,2,0.2\nb,5,0.1\nc,7,\n";

static char folder[] = "/tmp/tanshu-uncertainty-XXXXXX";
static struct model_library *library;
static const struct model *model;

static int open_model(void **state)
{
    (void)state;
    struct error err = {0};
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    if (mkdtemp(folder) == NULL) return 1;
    char *tables = arena_printf(arena, "%s/tables", folder),
         *models = arena_printf(arena, "%s/models", folder);
    bool written =
        file_make_directory(tables, &err) && file_make_directory(models, &err) &&
        file_write(arena_printf(arena, "%s/forms.csv", tables), str_from(table), &err) &&
        file_write(arena_printf(arena, "%s/forms.model", models), str_from(program), &err);
    if (!written) return 1;
    library = shipped_models(folder);
    model = model_library_find_version(library, "test.forms", "1");
    return model == NULL;
}

static int close_model(void **state)
{
    (void)state;
    model_library_close(library);
    return file_remove_tree(folder) ? 0 : -1;
}

struct given {
    const char *input, *key;
    double value;
    const char *spread;
};

static void set(struct model_data *data, size_t entity, const struct given *given, size_t count)
{
    struct error err = {0};
    for (size_t i = 0; i < count; i++) {
        struct model_spread spread;
        str input = str_from(given[i].input), key = str_from(given[i].key);
        assert_true(
            model_data_set(data, entity, input, key, given[i].value, (str){"", 0}, 0, &err));
        if (given[i].spread == NULL) continue;
        assert_true(model_spread_parse(library, str_from(given[i].spread), &spread, &err));
        assert_true(model_data_set_spread(data, entity, input, key, spread, &err));
    }
}

static struct model_uncertainty ask(struct arena *arena, const struct model_data *data,
                                    const char *output, size_t draws, uint64_t seed, int threads)
{
    struct error err = {0};
    struct model_uncertainty result;
    struct model_run *run = model_run(arena, model, data, NULL, &err);
    assert_non_null(run);
    struct model_uncertainty_options options = {.draws = draws, .seed = seed, .threads = threads};
    assert_true(model_uncertainty(arena, run, output, (str){"", 0}, &options, &result, &err));
    return result;
}

static struct model_uncertainty ask_xy(struct arena *arena, const char *x, const char *y,
                                       const char *output)
{
    struct model_data *data = model_data_new(arena, model, 1);
    const struct given given[] = {{"x", "", 100, x}, {"y", "", 50, y}};
    set(data, 0, given, 2);
    return ask(arena, data, output, 400000, 20260101, 2);
}

static void assert_near(const char *what, double found, double wanted, double tolerance)
{
    if (!(fabs(found - wanted) <= tolerance))
        fail_msg("%s is %.10g, wanted %.10g within %.3g", what, found, wanted, tolerance);
}

/* Mean and deviation within five standard errors; of a deviation s/sqrt(2n), wider with the excess
 * kurtosis (at most 2 in these cases): s * sqrt((2 + kurtosis) / 4n). */
static void assert_drawn(const struct model_uncertainty *u, double mean, double deviation)
{
    double n = (double)u->draws;
    assert_int_equal(u->failed, 0);
    assert_near("drawn mean", u->drawn_mean, mean, 5 * deviation / sqrt(n));
    assert_near("drawn deviation", u->drawn_deviation, deviation, 5 * deviation / sqrt(n));
}

static void sums_of_normals(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    /* x 100 +-19.6 % (sd 10), y 50 +-9.8 % (sd 2.5): sd sqrt(106.25); shares 100 and 6.25 of that.
     */
    double sx = 100 * 0.196 / NORMAL_95, sy = 50 * 0.098 / NORMAL_95;
    struct model_uncertainty u = ask_xy(arena, "19.6 %", "normal 0.098", "sum_xy");
    double sd = sqrt(sx * sx + sy * sy);
    assert_near("mean", u.mean, 150, 1e-12);
    assert_near("deviation", u.deviation, sd, 1e-12);
    assert_drawn(&u, 150, sd);
    /* The quantiles of a normal; their standard error is sqrt(p (1-p) / n) / density. */
    double tail = sqrt(0.025 * 0.975 / 400000) / 0.0584451 * sd,
           middle = sqrt(0.25 / 400000) / 0.3989423 * sd;
    assert_near("2.5 %", u.low, 150 - NORMAL_95 * sd, 5 * tail);
    assert_near("97.5 %", u.high, 150 + NORMAL_95 * sd, 5 * tail);
    assert_near("median", u.median, 150, 5 * middle);
    assert_int_equal(u.count, 2);
    assert_string_equal(u.contributions[0].of.name, "x");
    assert_near("share of x", u.contributions[0].share_first_order, sx * sx / (sd * sd), 1e-12);
    assert_near("drawn share of x", u.contributions[0].share, sx * sx / (sd * sd), 0.005);
    assert_near("drawn share of y", u.contributions[1].share, sy * sy / (sd * sd), 0.005);
    assert_int_equal(u.smoothness, MODEL_SMOOTH);
}

static void products_and_ratios_of_lognormals(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    /* Of lognormals with medians 100, 50 and logarithmic deviations a, b, product and quotient are
     * lognormal with medians 5000, 2 and deviation sqrt(a^2 + b^2): exact for any width. */
    double a = log(1.3) / NORMAL_95, b = log(1.2) / NORMAL_95, c2 = a * a + b * b;
    static const struct {
        const char *output;
        double median;
    } cases[] = {{"product", 5000}, {"ratio", 2}};
    for (size_t i = 0; i < 2; i++) {
        struct model_uncertainty u =
            ask_xy(arena, "lognormal 30 %", "lognormal 20 %", cases[i].output);
        double mean = cases[i].median * exp(c2 / 2), sd = mean * sqrt(exp(c2) - 1);
        assert_drawn(&u, mean, sd);
        double edge = sqrt(0.025 * 0.975 / 400000) / 0.0584451 * sqrt(c2);
        assert_near("2.5 %", log(u.low / cases[i].median), -NORMAL_95 * sqrt(c2), 5 * edge);
        assert_near("97.5 %", log(u.high / cases[i].median), NORMAL_95 * sqrt(c2), 5 * edge);
        /* First order leaves out terms of the second: of c2 = 0.027 about half of it. */
        assert_near("first order", u.deviation / sd, 1, c2);
        assert_near("first order mean", u.mean / mean, 1, c2);
    }
}

static void products_of_normals(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    /* Var(xy) = X^2 sy^2 + Y^2 sx^2 + sx^2 sy^2 (Goodman 1960); first order is without the last. */
    double sx = 100 * 0.2 / NORMAL_95, sy = 50 * 0.3 / NORMAL_95;
    double first = 100.0 * 100 * sy * sy + 50.0 * 50 * sx * sx;
    struct model_uncertainty u = ask_xy(arena, "20 %", "30 %", "product");
    assert_near("first order", u.deviation, sqrt(first), 1e-9);
    assert_drawn(&u, 5000, sqrt(first + sx * sx * sy * sy));
}

static void shapes_have_their_moments(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    double s = log(1.5) / NORMAL_95;
    const struct {
        const char *spread;
        double mean, deviation, low;
    } cases[] = {
        {"triangular 12 %", 300, 36 / sqrt(6), 264 + 36 * sqrt(0.05)},
        {"uniform 12 %", 300, 36 / sqrt(3), 264 + 72 * 0.025},
        {"lognormal 50 %", 300 * exp(s * s / 2), 300 * exp(s * s / 2) * sqrt(exp(s * s) - 1), 200},
        {"tier meter", 300, 300 * 0.02 / NORMAL_95, 294},
        {"tier 估算", 300, 300 * 0.30 / NORMAL_95, 210},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct model_uncertainty u = ask_xy(arena, cases[i].spread, NULL, "scaled");
        assert_near("mean", u.mean, cases[i].mean, 1e-9);
        assert_near("deviation", u.deviation, cases[i].deviation, 1e-9);
        assert_drawn(&u, cases[i].mean, cases[i].deviation);
        assert_near("2.5 %", u.low, cases[i].low, 0.01 * cases[i].deviation * 3);
    }
}

/* 1000 enterprises with one fuel each, all on the row of a: the rows' error does not average out.
 * Total 1000 * 10 * 2 = 20000. Row: 20 % half width on all; own: 10 % each, independent. */
static void one_row_is_one_variable_for_all(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_data *data = model_data_new(arena, model, 1001);
    const struct given one = {"q", "a", 10, "10 %"}, other = {"q", "c", 10, NULL};
    for (size_t e = 0; e < 1000; e++) set(data, e, &one, 1);
    set(data, 1000, &other, 1); /* exact: 70 */
    double row = 20000 * 0.2 / NORMAL_95, own = 20 * 0.1 / NORMAL_95 * sqrt(1000);
    double product = 20 * 0.2 / NORMAL_95 * 0.1 / NORMAL_95 * sqrt(1000);
    struct model_uncertainty u = ask(arena, data, "emission", 20000, 7, 2);
    assert_int_equal(u.entities, 1001);
    assert_near("value", u.value, 20070, 1e-9);
    assert_near("deviation", u.deviation, sqrt(row * row + own * own), 1e-6);
    assert_drawn(&u, 20070, sqrt(row * row + own * own + product * product));
    assert_int_equal(u.count, 2);
    assert_string_equal(u.contributions[0].of.name, "forms.csv value[a]");
    assert_near("share of the row", u.contributions[0].share, row * row / (row * row + own * own),
                0.005);
    assert_near("share of the quantities", u.contributions[1].share_first_order,
                own * own / (row * row + own * own), 1e-12);
    assert_near("drawn share of the quantities", u.contributions[1].share,
                own * own / (row * row + own * own), 0.001);
    /* Were they independent, the total would be sqrt(1000) times surer. */
    assert_true(u.deviation > 20 * (u.deviation / sqrt(1000)));
}

/* The same row in two places of one formula: 2 * q * value, not two independent halves. */
static void one_row_in_two_places_is_one_variable(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_data *data = model_data_new(arena, model, 1);
    const struct given given = {"q", "a", 10, NULL};
    set(data, 0, &given, 1);
    struct model_uncertainty u = ask(arena, data, "twice", 100000, 3, 1);
    assert_int_equal(u.count, 1);
    assert_near("deviation", u.deviation, 2 * 10 * 2 * 0.2 / NORMAL_95, 1e-12);
    assert_drawn(&u, 40, u.deviation);
    assert_near("share", u.contributions[0].share, 1, 1e-9);
}

static void the_model_may_state_it(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_data *data = model_data_new(arena, model, 1);
    struct given given = {"own", "", 10, NULL};
    double s = log(1.4) / NORMAL_95;
    set(data, 0, &given, 1);
    struct model_uncertainty u = ask(arena, data, "stated", 0, 1, 1);
    assert_near("deviation", u.deviation, 10 * exp(s * s / 2) * sqrt(exp(s * s) - 1), 1e-12);
    assert_int_equal(u.draws, 0);
    given.spread = "exact"; /* what the data say goes before it */
    set(data, 0, &given, 1);
    u = ask(arena, data, "stated", 1000, 1, 1);
    assert_near("deviation", u.deviation, 0, 0);
    assert_near("drawn deviation", u.drawn_deviation, 0, 0);
}

static void kinks_are_told(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_uncertainty u = ask_xy(arena, "10 %", "10 %", "top");
    assert_int_equal(u.smoothness, MODEL_PIECEWISE);
    struct model_data *data = model_data_new(arena, model, 1);
    const struct given equal[] = {{"x", "", 50, "10 %"}, {"y", "", 50, "10 %"}};
    set(data, 0, equal, 2);
    u = ask(arena, data, "top", 400000, 5, 1);
    assert_int_equal(u.smoothness, MODEL_AT_KINK);
    /* E max of two N(50, s) is 50 + s / sqrt(pi) (Clark 1961), its variance s^2 (1 - 1/pi): what
     * first order can't see. */
    double s = 5 / NORMAL_95, pi = 3.14159265358979324;
    assert_drawn(&u, 50 + s / sqrt(pi), s * sqrt(1 - 1 / pi));
}

static void draws_that_divide_by_zero_are_counted(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_data *data = model_data_new(arena, model, 2);
    const struct given fine[] = {{"x", "", 1, "10 %"}, {"y", "", 50, NULL}},
                       nothing[] = {{"x", "", 1, "10 %"}, {"y", "", 0, NULL}};
    set(data, 0, fine, 2);
    set(data, 1, nothing, 2);
    struct model_uncertainty u = ask(arena, data, "ratio", 1000, 5, 1);
    assert_int_equal(u.entities, 1); /* the other one has no ratio at all */
    assert_int_equal(u.left_out, 1);
    assert_int_equal(u.failed, 0);
    assert_near("value", u.value, 0.02, 1e-15);
}

/* ---- the same numbers ---------------------------------------------------------------------- */

static void threads_change_nothing(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    static const size_t sizes[] = {1, 5, 100};
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
        struct model_data *data = model_data_new(arena, model, sizes[s]);
        for (size_t e = 0; e < sizes[s]; e++) {
            const struct given given[] = {{"q", e % 2 == 0 ? "a" : "b", 1 + (double)e, "5 %"},
                                          {"q", "c", 3, "lognormal 60 %"}};
            set(data, e, given, 2);
        }
        struct model_uncertainty first = ask(arena, data, "emission", 10001, 42, 1);
        for (int threads = 2; threads <= 8; threads *= 2) {
            struct model_uncertainty u = ask(arena, data, "emission", 10001, 42, threads);
            assert_memory_equal(&u.drawn_mean, &first.drawn_mean, 5 * sizeof(double));
            assert_memory_equal(&u.value, &first.value, sizeof(double));
            assert_int_equal(u.count, first.count);
            for (size_t i = 0; i < u.count; i++) {
                assert_memory_equal(&u.contributions[i].share, &first.contributions[i].share,
                                    sizeof(double));
                assert_string_equal(u.contributions[i].of.name, first.contributions[i].of.name);
            }
        }
        struct model_uncertainty other = ask(arena, data, "emission", 10001, 43, 1);
        assert_true(other.drawn_mean != first.drawn_mean);
    }
}

/* What is drawn for an enterprise does not depend on who else is in the run, and more draws begin
 * with the fewer. */
static void draws_belong_to_their_entity(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
    struct error err = {0};
    const struct given given = {"q", "a", 10, "10 %"};
    struct model_uncertainty alone, among;
    struct model_data *few = model_data_new(arena, model, 3),
                      *many = model_data_new(arena, model, 90);
    for (size_t e = 0; e < 3; e++) set(few, e, &given, 1);
    for (size_t e = 0; e < 90; e++) set(many, e, &given, 1);
    struct model_uncertainty_options options = {.draws = 512, .seed = 9, .first = 2, .count = 1};
    assert_true(model_uncertainty(arena, model_run(arena, model, few, NULL, &err), "emission",
                                  (str){"", 0}, &options, &alone, &err));
    assert_true(model_uncertainty(arena, model_run(arena, model, many, NULL, &err), "emission",
                                  (str){"", 0}, &options, &among, &err));
    assert_memory_equal(&alone.drawn_mean, &among.drawn_mean, 5 * sizeof(double));
}

static void wrong_spreads_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"-5 %", "about 5 %", "tier gold", "lognormal", "1e9"};
    struct model_spread spread;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct error err = {0};
        assert_false(model_spread_parse(library, str_from(wrong[i]), &spread, &err));
        assert_int_equal(err.code, ERROR_MODEL_SPREAD);
    }
}

/* 100 rows of ±10 % in two tables over one file: each row is one variable of weight 2, so by hand
 * the deviation is √100 · 2 · 0.1/1.96 = 1.0204; 200 variables of weight 1 would give 0.7215. */
static void many_rows_in_two_tables_are_one_variable_each(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_diagnostics none = {.arena = arena};
    struct model_uncertainty_options options = {.draws = 0};
    struct model_uncertainty u;
    struct model_run_options run_options = {.threads = 1};
    struct error err = {0};
    const struct model *many;
    struct buf *rows = buf_new(arena);
    buf_puts(rows, "id,value : (t CO2)/t,uncertainty : 1\n");
    for (int i = 0; i < 100; i++) buf_printf(rows, "r%d,1,0.1\n", i);
    assert_true(file_write(arena_printf(arena, "%s/tables/many.csv", folder), buf_str(rows), &err));
    const char *path = arena_printf(arena, "%s/models/many.model", folder);
    assert_true(file_write(path,
                           STR("model test.many 1\n"
                               "  table one from \"many.csv\"\n"
                               "  table two from \"many.csv\"\n"
                               "  input q[one] : t\n"
                               "  input p[two] : t\n"
                               "  out total : t CO2 = sum(q * one.value) + sum(p * two.value)\n"),
                           &err));
    assert_true(model_library_add_file(library, path, &many, &none));
    struct model_data *data = model_data_new(arena, many, 1);
    for (int i = 0; i < 100; i++) {
        str key = str_from(arena_printf(arena, "r%d", i));
        assert_true(model_data_set(data, 0, STR("q"), key, 1, (str){"", 0}, 0, &err));
        assert_true(model_data_set(data, 0, STR("p"), key, 1, (str){"", 0}, 0, &err));
    }
    struct model_run *run = model_run(arena, many, data, &run_options, &err);
    assert_non_null(run);
    assert_true(model_uncertainty(arena, run, "total", (str){"", 0}, &options, &u, &err));
    assert_int_equal(u.count, 100);
    assert_true(fabs(u.deviation - 10 * 2 * 0.1 / 1.959963984540054) < 1e-12);
}

/* ---- digests ------------------------------------------------------------------------------ */

static digest digest_of_given(const struct given *given, size_t count)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct model_data *data = model_data_new(arena, model, 1);
    set(data, 0, given, count);
    return model_data_digest(data);
}

/* What a result depends on has another digest: a spread, its shape, its place; not the order of
 * setting, and a tier is the half width of its row (bill: 0.03). */
static void a_spread_is_in_the_digest(void **state)
{
    (void)state;
    static const struct given plain[] = {{"x", "", 2, NULL}, {"y", "", 3, NULL}};
    static const struct given five[] = {{"x", "", 2, "5 %"}, {"y", "", 3, NULL}};
    static const struct given six[] = {{"x", "", 2, "6 %"}, {"y", "", 3, NULL}};
    static const struct given other[] = {{"x", "", 2, NULL}, {"y", "", 3, "5 %"}};
    static const struct given shape[] = {{"x", "", 2, "uniform 5 %"}, {"y", "", 3, NULL}};
    static const struct given bill[] = {{"x", "", 2, "tier bill"}, {"y", "", 3, NULL}};
    static const struct given three[] = {{"x", "", 2, "3 %"}, {"y", "", 3, NULL}};
    static const struct given exact[] = {{"own", "", 2, "exact"}};
    static const struct given silent[] = {{"own", "", 2, NULL}}; /* the model says 40 % */
    const struct given *differing[] = {plain, five, six, other, shape, bill};
    for (size_t i = 0; i < ARRAY_LEN(differing); i++)
        for (size_t k = 0; k < i; k++)
            assert_false(
                digest_equal(digest_of_given(differing[i], 2), digest_of_given(differing[k], 2)));
    assert_true(digest_equal(digest_of_given(bill, 2), digest_of_given(three, 2)));
    assert_false(digest_equal(digest_of_given(exact, 1), digest_of_given(silent, 1)));
    static const struct given up[] = {{"q", "a", 1, "1 %"}, {"q", "b", 1, "2 %"}};
    static const struct given down[] = {{"q", "b", 1, "2 %"}, {"q", "a", 1, "1 %"}};
    assert_true(digest_equal(digest_of_given(up, 2), digest_of_given(down, 2)));
}

/* Runs are kept by their digests: of data that state no spread the digest is what it was. Its bytes
 * by hand: the head, the input's name, 1 for a value that is set, 2 as IEEE 754, high byte first.
 */
static void data_without_spreads_keep_their_digest(void **state)
{
    (void)state;
    static const struct given one[] = {{"x", "", 2, NULL}};
    static const char bytes[] = "tanshu inputs 1 1\nx\n\1\x40\0\0\0\0\0\0\0";
    assert_true(digest_equal(digest_of_given(one, 1), digest_of((str){bytes, sizeof bytes - 1})));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_words),
        cmocka_unit_test(words_do_not_depend_on_how_many_are_asked_for),
        cmocka_unit_test(quantiles_are_those_of_the_tables),
        cmocka_unit_test(draws_have_the_same_bits_in_every_build),
        cmocka_unit_test(sums_of_normals),
        cmocka_unit_test(products_and_ratios_of_lognormals),
        cmocka_unit_test(products_of_normals),
        cmocka_unit_test(shapes_have_their_moments),
        cmocka_unit_test(one_row_is_one_variable_for_all),
        cmocka_unit_test(one_row_in_two_places_is_one_variable),
        cmocka_unit_test(the_model_may_state_it),
        cmocka_unit_test(kinks_are_told),
        cmocka_unit_test(draws_that_divide_by_zero_are_counted),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(draws_belong_to_their_entity),
        cmocka_unit_test(wrong_spreads_are_refused),
        cmocka_unit_test(many_rows_in_two_tables_are_one_variable_each),
        cmocka_unit_test(a_spread_is_in_the_digest),
        cmocka_unit_test(data_without_spreads_keep_their_digest),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
