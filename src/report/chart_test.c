/* Charts: ticks by hand, SVG that a parser accepts and that carries the values, tables, gaps. */
#include "unit.h"

#include <expat.h>
#include <math.h>
#include <string.h>

#include "report/chart.h"
#include "report/qr.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open(0);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

/* By hand: the smallest step of 1, 2, 2.5, 5 × 10^n that covers low..high in at most n intervals.
 */
static void scales_have_round_ticks(void **state)
{
    (void)state;
    static const struct {
        double low, high;
        int ticks;
        double from, to, step;
        int decimals;
    } cases[] = {
        {0, 97, 5, 0, 100, 20, 0},         /* step 10 needs 10 intervals, 20 needs 5 */
        {0, 100, 4, 0, 100, 25, 0},        /* 20 needs 5, 25 needs 4 */
        {0, 101, 5, 0, 125, 25, 0},        /* 20 needs 6 (to 120), 25 needs 5 (to 125) */
        {1.68, 2.31, 6, 1.6, 2.4, 0.2, 1}, /* 0.1: 1.6..2.4 needs 8; 0.2: 8, 12 → 4 */
        {-30, 70, 5, -50, 75, 25, 0},      /* 20 needs 6 (−40..80), 25 needs 5 */
        {0, 0.0042, 5, 0, 0.005, 0.001, 3}, {0, 0, 5, 0, 1, 0.2, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct chart_scale s = chart_scale_make(cases[i].low, cases[i].high, cases[i].ticks);
        assert_float_equal(s.from, cases[i].from, 1e-9);
        assert_float_equal(s.to, cases[i].to, 1e-9);
        assert_float_equal(s.step, cases[i].step, 1e-9);
        assert_int_equal(s.decimals, cases[i].decimals);
        assert_int_equal(s.ticks, (int)lround((cases[i].to - cases[i].from) / cases[i].step));
    }
    struct chart_scale s = chart_scale_make(0, 12000, 5);
    assert_float_equal(s.step, 2500, 1e-9); /* 2000 needs 6, 2500 needs 5 */
    assert_string_equal(chart_tick_label(arena, &s, 5), "12,500");
    s = chart_scale_make(0, 1, 4);
    assert_string_equal(chart_tick_label(arena, &s, 1), "0.25");
    s = chart_scale_make(-1, 1, 4);
    assert_string_equal(chart_tick_label(arena, &s, 2), "0.0");
}

struct seen {
    int elements, polylines, styles, scripts;
    struct buf *values, *text;
};

static void on_start(void *to, const XML_Char *name, const XML_Char **attributes)
{
    struct seen *seen = to;
    seen->elements++;
    if (strcmp(name, "polyline") == 0) seen->polylines++;
    if (strcmp(name, "script") == 0) seen->scripts++;
    for (; attributes[0]; attributes += 2) {
        if (strcmp(attributes[0], "style") == 0 || strncmp(attributes[0], "on", 2) == 0)
            seen->styles++;
        if (strcmp(attributes[0], "data-value") == 0)
            buf_printf(seen->values, "[%s]", attributes[1]);
    }
}

static void on_text(void *to, const XML_Char *text, int length)
{
    buf_put(((struct seen *)to)->text, text, (size_t)length);
    buf_putc(((struct seen *)to)->text, '|');
}

static struct seen parse(str xml)
{
    struct seen seen = {.values = buf_new(arena), .text = buf_new(arena)};
    XML_Parser parser = XML_ParserCreate("UTF-8");
    XML_SetUserData(parser, &seen);
    XML_SetStartElementHandler(parser, on_start);
    XML_SetCharacterDataHandler(parser, on_text);
    enum XML_Status status = XML_Parse(parser, xml.ptr, (int)xml.len, 1);
    if (status != XML_STATUS_OK)
        print_error("%s\n%.*s\n", XML_ErrorString(XML_GetErrorCode(parser)), STR_ARG(xml));
    assert_int_equal(status, XML_STATUS_OK);
    XML_ParserFree(parser);
    buf_putc(seen.values, ' ');
    buf_putc(seen.text, ' ');
    assert_int_equal(seen.styles, 0);
    assert_int_equal(seen.scripts, 0);
    return seen;
}

static struct seen paint(const struct drawing *d)
{
    struct buf *svg = buf_new(arena), *table = buf_new(arena);
    drawing_svg(svg, d);
    drawing_table_html(table, d, LANG_ZH);
    parse(buf_str(table));
    /* nothing leaves the drawing by more than a label's overhang */
    for (size_t i = 0; i < d->count; i++) {
        const struct draw_item *item = &d->items[i];
        if (item->shape == DRAW_LINE || item->shape == DRAW_AREA) {
            for (size_t k = 0; k + 1 < item->points_count; k += 2) {
                assert_in_range(item->points[k] + 5, 0, d->width + 10);
                assert_in_range(item->points[k + 1] + 5, 0, d->height + 10);
            }
        } else if (item->shape == DRAW_TEXT) {
            assert_in_range(item->y, 0, d->height + 5);
        }
    }
    return parse(buf_str(svg));
}

static const str months[] = {{"1月", 4}, {"2月", 4}, {"3月", 4}, {"4月", 4}, {"5月", 4}};

static void lines_break_at_missing_values(void **state)
{
    (void)state;
    static const double load[] = {3.5, 4.25, NAN, 5, 6.75};
    struct chart_series series[] = {{STR("负荷 <今年> & \"x\""), load, NULL, NULL, false}};
    struct chart_line chart = {.title = STR("负荷曲线 \x01<b>"),
                               .unit = STR("MW"),
                               .labels = months,
                               .count = 5,
                               .series = series,
                               .series_count = 1,
                               .from_zero = true,
                               .decimals = 2};
    const struct drawing *d = chart_line(arena, &chart, CHART_PAGE, LANG_ZH);
    struct seen seen = paint(d);
    int lines = 0; /* two runs of the series */
    for (size_t i = 0; i < d->count; i++)
        lines += d->items[i].shape == DRAW_LINE && d->items[i].ink == INK_SELF;
    assert_int_equal(lines, 2);
    assert_non_null(strstr(seen.values->ptr, "[4.25 MW]"));
    assert_non_null(strstr(seen.values->ptr, "[–]"));
    assert_non_null(strstr(seen.text->ptr, "3月"));
    assert_string_equal(d->table.rows[4][1].ptr, "6.75");
    assert_string_equal(d->table.rows[2][1].ptr, "–");
}

static void stacks_show_a_gap_not_a_zero(void **state)
{
    (void)state;
    static const double coke[] = {10, 20, NAN, 40, 50}, sold[] = {-5, -5, NAN, -5, -5};
    struct chart_series series[] = {{STR("焦炭"), coke, NULL, NULL, false},
                                    {STR("外售"), sold, NULL, NULL, false}};
    struct chart_stack chart = {.title = STR("排放"),
                                .unit = STR("t"),
                                .labels = months,
                                .count = 5,
                                .series = series,
                                .series_count = 2};
    const struct drawing *d = chart_stack(arena, &chart, CHART_PAPER, LANG_EN);
    struct seen seen = paint(d);
    double unit = 0;
    int gaps = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct draw_item *item = &d->items[i];
        gaps += item->hollow;
        if (item->shape != DRAW_RECT || item->ink != INK_SERIES_1 || !item->name.len) continue;
        /* heights are proportional to values: 10, 20, 40, 50 */
        double value = (double)strtol(item->value.ptr, NULL, 10);
        if (unit == 0) unit = item->height / value;
        assert_true(fabs(item->height - unit * value) < 1e-6);
    }
    assert_true(unit > 0);
    assert_int_equal(gaps, 1);
    assert_non_null(strstr(seen.values->ptr, "[50 t]"));
    assert_non_null(strstr(seen.values->ptr, "[-5 t]"));
    assert_non_null(strstr(seen.text->ptr, "焦炭"));
}

/* Eight sources, six colours: the smallest three, 10 + 20 + 30 = 60, stand together, so that the
 * column is as high as the account says, 10 + … + 80 = 360; the table still names each. */
static void stacks_hold_every_source(void **state)
{
    (void)state;
    struct chart_series series[8];
    double values[8][1], height = 0, unit = 0;
    for (size_t s = 0; s < ARRAY_LEN(series); s++) {
        values[s][0] = (double)(s + 1) * 10;
        series[s] = (struct chart_series){.name = str_from(arena_printf(arena, "source %zu", s)),
                                          .values = values[s]};
    }
    struct chart_stack chart = {.title = STR("排放"),
                                .unit = STR("t"),
                                .labels = months,
                                .count = 1,
                                .series = series,
                                .series_count = ARRAY_LEN(series)};
    const struct drawing *d = chart_stack(arena, &chart, CHART_PAGE, LANG_EN);
    struct seen seen = paint(d);
    int parts = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct draw_item *item = &d->items[i];
        if (item->shape != DRAW_RECT || !item->name.len) continue;
        parts++;
        height += item->height;
        if (str_is(item->value, "80 t")) unit = item->height / 80;
    }
    assert_int_equal(parts, 6);
    assert_true(unit > 0 && fabs(height - 360 * unit) < 1e-6);
    assert_non_null(strstr(seen.values->ptr, "[60 t]"));
    assert_non_null(strstr(seen.text->ptr, "Others"));
    assert_int_equal(d->table.columns, 9);
    assert_string_equal(d->table.rows[0][1].ptr, "10");
    assert_string_equal(d->table.rows[0][8].ptr, "80");
}

static void strips_show_self_peers_and_benchmarks(void **state)
{
    (void)state;
    static const double peers[] = {1.7, 1.9, 2.3};
    struct chart_strip_row row = {.name = STR("粗钢"),
                                  .peers = peers,
                                  .peers_count = 3,
                                  .self = 1.862,
                                  .marks_count = 3,
                                  .marks = {{STR("标杆水平"), 1.7, MARK_ADVANCED},
                                            {STR("基准水平"), 1.71, MARK_BASELINE},
                                            {STR("限定值"), 1.72, MARK_LIMIT}}};
    struct chart_strip chart = {.title = STR("粗钢"),
                                .unit = STR("t/t"),
                                .self_name = STR("本企业"),
                                .rows = &row,
                                .rows_count = 1,
                                .decimals = 3};
    const struct drawing *d = chart_strip(arena, &chart, CHART_PAPER, LANG_ZH);
    struct seen seen = paint(d);
    assert_non_null(strstr(seen.text->ptr, "本企业 1.862"));
    assert_non_null(strstr(seen.values->ptr, "[1.862 t/t]"));
    assert_int_equal(d->table.rows_count, 7);
    /* three marks a hair apart: their labels must not overlap */
    double last = -1e9;
    for (size_t i = 0; i < d->count; i++) {
        const struct draw_item *item = &d->items[i];
        if (item->shape != DRAW_TEXT || !str_find(item->text, STR("1.7"), &(size_t){0}) ||
            item->anchor != ANCHOR_MIDDLE || item->ink == INK_MUTED)
            continue;
        double half = draw_text_width(item->text, item->size, false) / 2;
        assert_true(item->x - half >= last);
        last = item->x + half;
    }
}

static void other_charts_carry_their_values(void **state)
{
    (void)state;
    double cells[31 * 24];
    str rows[31], columns[24];
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) cells[i] = (double)(i % 97);
    cells[5] = NAN;
    for (int i = 0; i < 31; i++) rows[i] = str_from(arena_printf(arena, "%d日", i + 1));
    for (int i = 0; i < 24; i++) columns[i] = str_from(arena_printf(arena, "%02d:00", i));
    struct chart_heat heat = {.title = STR("热力图"),
                              .unit = STR("kW"),
                              .rows = rows,
                              .columns = columns,
                              .rows_count = 31,
                              .columns_count = 24,
                              .values = cells};
    struct seen seen = paint(chart_heat(arena, &heat, CHART_PAGE, LANG_ZH));
    assert_non_null(strstr(seen.values->ptr, "[96 kW]"));
    assert_non_null(strstr(seen.values->ptr, "[–]"));

    struct chart_bar bars[] = {{STR("榆次区"), 91.5, STR("10/11"), true},
                               {STR("太谷区"), NAN, {0}, false}};
    struct chart_bars bar_chart = {.title = STR("覆盖率"),
                                   .unit = STR("%"),
                                   .bars = bars,
                                   .count = 2,
                                   .value_max = 100,
                                   .decimals = 1};
    seen = paint(chart_bars(arena, &bar_chart, CHART_PAGE, LANG_ZH));
    assert_non_null(strstr(seen.values->ptr, "[91.5 %]"));

    struct chart_step steps[] = {{STR("2024"), 1000, true},
                                 {STR("产量"), 80, false},
                                 {STR("能效"), -30, false},
                                 {STR("2025"), 1050, true}};
    struct chart_waterfall fall = {
        .title = STR("变化"), .unit = STR("t"), .steps = steps, .count = 4};
    const struct drawing *d = chart_waterfall(arena, &fall, CHART_PAPER, LANG_ZH);
    seen = paint(d);
    assert_non_null(strstr(seen.text->ptr, "−30"));
    assert_non_null(strstr(seen.text->ptr, "+80"));

    struct chart_score_band bands[] = {{STR("B"), 50}, {STR("A"), 100}};
    struct chart_score score = {.title = STR("得分"),
                                .bands = bands,
                                .bands_count = 2,
                                .value = 74.6,
                                .value_name = STR("A"),
                                .decimals = 1};
    seen = paint(chart_score(arena, &score, CHART_PAPER, LANG_ZH));
    assert_non_null(strstr(seen.text->ptr, "A 74.6"));
}

static void empty_charts_do_not_fail(void **state)
{
    (void)state;
    struct chart_line line = {.title = STR("空")};
    struct seen seen = paint(chart_line(arena, &line, CHART_PAGE, LANG_EN));
    assert_non_null(strstr(seen.text->ptr, "No data"));
    paint(chart_stack(arena, &(struct chart_stack){.unit = STR("t")}, CHART_PAGE, LANG_ZH));
    paint(chart_heat(arena, &(struct chart_heat){.unit = STR("t")}, CHART_PAGE, LANG_ZH));
    paint(chart_bars(arena, &(struct chart_bars){.unit = STR("t")}, CHART_PAGE, LANG_ZH));
    paint(chart_strip(arena, &(struct chart_strip){.unit = STR("t")}, CHART_PAGE, LANG_ZH));
    paint(chart_waterfall(arena, &(struct chart_waterfall){.unit = STR("t")}, CHART_PAGE, LANG_ZH));
    paint(chart_score(arena, &(struct chart_score){.unit = STR("t"), .value = NAN}, CHART_PAGE,
                      LANG_ZH));
}

/* Deep green is a full ring, red a quarter, grey none: the shape alone tells them apart. */
static void label_rings_differ_without_colour(void **state)
{
    (void)state;
    static const int quarters[] = {[COLOUR_GREY] = 0,
                                   [COLOUR_RED] = 1,
                                   [COLOUR_YELLOW] = 2,
                                   [COLOUR_LIGHT_GREEN] = 3,
                                   [COLOUR_DEEP_GREEN] = 4};
    static const char *const words[] = {"grey", "red", "yellow", "light_green", "deep_green"};
    for (int colour = COLOUR_GREY; colour <= COLOUR_DEEP_GREEN; colour++) {
        assert_int_equal(colour_parse(str_from(words[colour])), colour);
        const struct drawing *d =
            drawing_label(arena, (enum report_colour)colour, LANG_ZH, 24, true);
        int count = 0;
        for (size_t i = 0; i < d->count; i++)
            count += d->items[i].shape == DRAW_AREA && d->items[i].points_count == 100 &&
                     d->items[i].ink == colour_ink((enum report_colour)colour);
        assert_int_equal(count, colour == COLOUR_GREY ? 12 : quarters[colour]);
        struct seen seen = paint(d);
        assert_non_null(strstr(seen.text->ptr, colour_word((enum report_colour)colour, LANG_ZH)));
    }
}

static void qr_refuses_what_it_cannot_hold(void **state)
{
    (void)state;
    struct qr qr;
    struct error err;
    assert_false(qr_make(arena, STR(""), &qr, &err));
    assert_int_equal(err.code, ERROR_REPORT_QR);
    char *text = arena_alloc(arena, QR_TEXT_BYTES_MAX + 1);
    memset(text, 'a', QR_TEXT_BYTES_MAX + 1);
    assert_false(qr_make(arena, (str){text, QR_TEXT_BYTES_MAX + 1}, &qr, &err));
    assert_true(qr_make(arena, (str){text, QR_TEXT_BYTES_MAX}, &qr, &err));
    struct buf *svg = buf_new(arena);
    qr_svg(svg, &qr, STR("核验 <报告>"));
    parse(buf_str(svg));
}

/* A method file may name a source as it likes: the plot keeps its room and nothing is drawn beyond
 * the drawing. */
static void long_names_leave_room(void **state)
{
    (void)state;
    char *name = arena_alloc(arena, 401);
    memset(name, 'W', 400);
    const double values[] = {1, 2, 3};
    const str labels[] = {STR("a"), STR("b"), STR("c")};
    const struct chart_series series[] = {{.name = {name, 400}, .values = values},
                                          {.name = STR("x"), .values = values}};
    struct chart_stack stack = {.labels = labels, .count = 3, .series = series, .series_count = 2};
    struct chart_line line = {.labels = labels, .count = 3, .series = series, .series_count = 2};
    str rows[] = {{name, 400}, STR("b"), STR("c")};
    struct chart_heat heat = {
        .rows = rows, .columns = labels, .rows_count = 1, .columns_count = 3, .values = values};
    const struct drawing *drawn[] = {chart_stack(arena, &stack, CHART_PAPER, LANG_EN),
                                     chart_line(arena, &line, CHART_PAPER, LANG_EN),
                                     chart_heat(arena, &heat, CHART_PAPER, LANG_EN)};
    for (size_t k = 0; k < ARRAY_LEN(drawn); k++)
        for (size_t i = 0; i < drawn[k]->count; i++) {
            const struct draw_item *item = &drawn[k]->items[i];
            assert_true(item->width >= 0);
            assert_true(item->x >= 0 && item->x <= drawn[k]->width);
            if (item->shape == DRAW_TEXT && item->anchor == ANCHOR_START)
                assert_true(item->x + draw_text_width(item->text, item->size, item->bold) <=
                            drawn[k]->width + 1);
        }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
    const struct CMUnitTest tests[] = {
        CASE(scales_have_round_ticks),
        CASE(lines_break_at_missing_values),
        CASE(stacks_show_a_gap_not_a_zero),
        CASE(stacks_hold_every_source),
        CASE(strips_show_self_peers_and_benchmarks),
        CASE(other_charts_carry_their_values),
        CASE(empty_charts_do_not_fail),
        CASE(label_rings_differ_without_colour),
        CASE(qr_refuses_what_it_cannot_hold),
        CASE(long_names_leave_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
