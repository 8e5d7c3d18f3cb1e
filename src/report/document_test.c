/* Documents as their readers see them: poppler's text and page count, a QR reader, a spreadsheet
 * opened as the zip of XML that it is. */
#include "unit.h"

#include <expat.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <zip.h>

#include "base/file.h"
#include "report/report_fixture.h"

extern char **environ;

static struct arena *arena;
static char folder[64];

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open(0);
    snprintf(folder, sizeof folder,
             "/tmp/tanshu-report-XX"
             "XX"
             "XX");
    return mkdtemp(folder) ? 0 : -1;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(arena);
    return file_remove_tree(folder) ? 0 : -1;
}

/* Runs a reader (declared as a test dependency in ./dev) and returns what it prints. */
static str run(char *const argv[])
{
    char *out = arena_printf(arena, "%s/out", folder);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t child;
    if (posix_spawnp(&child, argv[0], &actions, NULL, argv, environ))
        fail_msg("%s is not installed (./dev deps test)", argv[0]);
    posix_spawn_file_actions_destroy(&actions);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status)) fail_msg("%s failed: %d", argv[0], status);
    str text;
    assert_true(file_read(arena, out, 8 << 20, &text, NULL));
    return text;
}

static char *keep(const char *name, str bytes)
{
    char *path = arena_printf(arena, "%s/%s", folder, name);
    assert_true(file_write(path, bytes, NULL));
    return path;
}

static str text_of(str pdf)
{
    return run((char *[]){"pdftotext", "-layout", keep("a.pdf", pdf), "-", NULL});
}

static int pages_of(str pdf)
{
    str info = run((char *[]){"pdfinfo", keep("a.pdf", pdf), NULL});
    const char *at = strstr(info.ptr, "Pages:");
    assert_non_null(at);
    return (int)strtol(at + 6, NULL, 10);
}

static str report_pdf(enum lang lang, bool mill)
{
    struct creditworthiness_report report =
        mill ? fixture_mill(arena, lang) : fixture_meter_only(arena, lang);
    struct error err;
    str pdf;
    if (!report_creditworthiness_pdf(&report, lang, arena, &pdf, &err))
        fail_msg("%s", error_text(arena, LANG_EN, &err));
    return pdf;
}

static void has(str text, const char *part)
{
    if (!strstr(text.ptr, part)) fail_msg("not in the document: %s", part);
}

static size_t count_of(str text, const char *part)
{
    size_t count = 0;
    for (const char *at = text.ptr; (at = strstr(at, part)); at++) count++;
    return count;
}

static void chinese_report_says_it_all(void **state)
{
    (void)state;
    str pdf = report_pdf(LANG_ZH, true), text = text_of(pdf);
    static const char *const parts[] = {"碳征信报告",
                                        "临江示例钢铁有限公司",
                                        "TS-2026-0317-00042",
                                        "四色贴标",
                                        "浅绿",
                                        "碳信用等级",
                                        "74.6",
                                        "1,615,300",
                                        "538,420",
                                        "1.862",
                                        "标杆水平",
                                        "基准水平",
                                        "限定值",
                                        "等价值",
                                        "当量值",
                                        "全口径",
                                        "履约口径",
                                        "排放强度",
                                        "碳资产",
                                        "合规与履约",
                                        "交叉验证",
                                        "异议",
                                        "方法与因子",
                                        "证据日志",
                                        "88,400（估算）",
                                        "12,000 万元",
                                        "2026-03-17 08:00",
                                        "第 1 页，共"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) has(text, parts[i]);
    int pages = pages_of(pdf);
    assert_in_range(pages, 4, 8);
    /* invented data: the mark is on every page, across it and in its head */
    assert_true(count_of(text, "示例") >= 2 * (size_t)pages);
    str info = run((char *[]){"pdfinfo", keep("a.pdf", pdf), NULL});
    has(info, "TS-2026-0317-00042");
    has(info, "示例征信有限公司");
}

static void english_report_says_it_all(void **state)
{
    (void)state;
    str pdf = report_pdf(LANG_EN, true), text = text_of(pdf);
    static const char *const parts[] = {"Carbon creditworthiness report",
                                        "Linjiang Example Steel Co., Ltd.",
                                        "Light green",
                                        "Advanced level",
                                        "Baseline level",
                                        "Mandatory limit",
                                        "1,615,300",
                                        "Page 1 of",
                                        "Example",
                                        "Letter of authorisation",
                                        "CNY 120.0 m",
                                        "CO2e"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) has(text, parts[i]);
    assert_false(strstr(text.ptr, "carbon credits") != NULL);
    assert_in_range(pages_of(pdf), 4, 8);
}

/* What is not known is said, not drawn. */
static void grey_report_names_what_is_missing(void **state)
{
    (void)state;
    str text = text_of(report_pdf(LANG_ZH, false));
    has(text, "灰（暂不可判定）");
    has(text, "没有产量，无法计算强度。");
    has(text, "未评级");
    has(text, "填写月度产量");
    has(text, "3,473");
    assert_null(strstr(text.ptr, "示例\n"));
    assert_null(strstr(text.ptr, "得分在等级中的位置"));
}

static void same_input_gives_same_bytes(void **state)
{
    (void)state;
    str a = report_pdf(LANG_ZH, true);
    report_pdf(LANG_EN, true); /* another document between must not change it */
    str b = report_pdf(LANG_ZH, true);
    assert_true(str_equal(a, b));
    /* the only clock is the caller's */
    str info = run((char *[]){"pdfinfo", "-isodates", keep("a.pdf", a), NULL});
    assert_int_equal(count_of(info, "2026-03-17T00:00:00Z"), 2);
}

static void *write_reports(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++) {
        struct arena *own = arena_open(0);
        struct creditworthiness_report report = fixture_mill(own, LANG_ZH);
        str pdf;
        struct error err;
        bool fine = report_creditworthiness_pdf(&report, LANG_ZH, own, &pdf, &err);
        size_t size = fine ? pdf.len : 0;
        arena_close(own);
        if (!size) return NULL;
        if (i == 2) return (void *)(uintptr_t)size;
    }
    return NULL;
}

static void threads_write_at_once(void **state)
{
    (void)state;
    size_t size = report_pdf(LANG_ZH, true).len;
    pthread_t threads[3];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_reports, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_int_equal((size_t)(uintptr_t)result, size);
    }
}

static void summary_has_two_pages(void **state)
{
    (void)state;
    for (int lang = LANG_ZH; lang <= LANG_EN; lang++) {
        struct creditworthiness_report report = fixture_mill(arena, (enum lang)lang);
        struct bank_summary summary = fixture_summary(&report, arena, (enum lang)lang);
        str pdf;
        struct error err;
        assert_true(report_bank_summary_pdf(&summary, (enum lang)lang, arena, &pdf, &err));
        assert_int_equal(pages_of(pdf), 2);
        str text = text_of(pdf);
        has(text, "L-2026-00118");
        has(text, lang == LANG_ZH ? "8,600 万元" : "CNY 86.0 m");
        has(text, "3.35%");
    }
}

static void qr_of_a_report_can_be_read(void **state)
{
    (void)state;
    char *path = keep("q.pdf", report_pdf(LANG_ZH, true));
    char *png = arena_printf(arena, "%s/q", folder);
    run((char *[]){"pdftoppm", "-r", "150", "-f", "1", "-l", "1", "-singlefile", "-png", path, png,
                   NULL});
    str read = run((char *[]){"zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable",
                              arena_printf(arena, "%s.png", png), NULL});
    assert_true(str_equal(str_trim((str){read.ptr, read.len - 1}),
                          STR("https://tanshu.example/verify/TS-2026-0317-00042")));
}

/* Characters outside the font (Arabic, a rare ideograph) and long words still come out. */
static void any_name_can_be_printed(void **state)
{
    (void)state;
    struct pdf_options options = {.lang = LANG_ZH,
                                  .title = STR("试"),
                                  .author = STR("x"),
                                  .header_left = STR("头"),
                                  .created_ms = 1};
    struct pdf *pdf = pdf_open(arena, &options);
    pdf_title(pdf, STR("مصنع"), STR("Škoda Plzeň a.s. – Ünïted"));
    char *word = arena_alloc(arena, 1001);
    memset(word, 'w', 1000);
    pdf_paragraph(pdf, PDF_BODY, (str){word, 1000});
    struct pdf_column columns[] = {{STR("甲"), 0.3, false}, {STR("乙"), 0.7, true}};
    str *cells = ARENA_NEW_ARRAY(arena, str, 400);
    for (int i = 0; i < 400; i++) cells[i] = str_from(arena_printf(arena, "单元%d", i));
    pdf_table(pdf, &(struct pdf_table){
                       .columns = columns, .columns_count = 2, .cells = cells, .rows_count = 200});
    str bytes;
    size_t pages;
    struct error err;
    assert_true(pdf_finish(pdf, &bytes, &pages, &err));
    assert_int_equal(pages_of(bytes), (int)pages);
    assert_true(pages > 3);
    str text = text_of(bytes);
    has(text, "Škoda Plzeň");
    has(text, "单元399");
    assert_int_equal(count_of(text, "甲"), pages); /* the header row repeats */
}

struct part {
    struct buf *text;
    int formulas, panes;
};

static void on_start(void *to, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    struct part *part = to;
    part->formulas += strcmp(name, "f") == 0 || strcmp(name, "hyperlink") == 0;
    part->panes += strcmp(name, "pane") == 0;
}

static void on_text(void *to, const XML_Char *text, int length)
{
    buf_put(((struct part *)to)->text, text, (size_t)length);
    buf_putc(((struct part *)to)->text, '|');
}

static struct part xlsx_part(str xlsx, const char *name)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(xlsx.ptr, xlsx.len, 0, &error);
    zip_t *zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    assert_non_null(zip);
    zip_stat_t stat;
    assert_int_equal(zip_stat(zip, name, 0, &stat), 0);
    char *bytes = arena_alloc(arena, stat.size + 1);
    zip_file_t *file = zip_fopen(zip, name, 0);
    assert_non_null(file);
    assert_int_equal(zip_fread(file, bytes, stat.size), (int)stat.size);
    zip_fclose(file);
    zip_close(zip);
    struct part part = {.text = buf_new(arena)};
    XML_Parser parser = XML_ParserCreate(NULL);
    XML_SetUserData(parser, &part);
    XML_SetStartElementHandler(parser, on_start);
    XML_SetCharacterDataHandler(parser, on_text);
    assert_int_equal(XML_Parse(parser, bytes, (int)stat.size, 1), XML_STATUS_OK);
    XML_ParserFree(parser);
    return part;
}

static struct sheet example_sheet(struct sheet_cell cells[8])
{
    static const struct sheet_column columns[] = {
        {STR("企业"), {0}, SHEET_TEXT, 0, 0},
        {STR("排放量"), STR("t CO2e"), SHEET_NUMBER, 1, 0},
        {STR("占比"), {0}, SHEET_PERCENT, 1, 0},
        {STR("日期"), {0}, SHEET_DATE, 0, 0}};
    date day = {0};
    assert_true(date_make(2025, 12, 31, &day));
    cells[0] = (struct sheet_cell){.text = STR("=HYPERLINK(\"http://x\")")};
    cells[1] = (struct sheet_cell){.number = 1615300.5};
    cells[2] = (struct sheet_cell){.number = 0.125};
    cells[3] = (struct sheet_cell){.day = day};
    cells[4] = (struct sheet_cell){.text = STR("+1 <钢> & \x02厂")};
    cells[5] = (struct sheet_cell){.number = -42};
    cells[6] = (struct sheet_cell){.empty = true};
    cells[7] = (struct sheet_cell){.empty = true};
    return (struct sheet){STR("排放/2025"), STR("年度排放"), columns, ARRAY_LEN(columns), cells, 2,
                          STR("来源：示例")};
}

static void spreadsheets_hold_values_not_formulas(void **state)
{
    (void)state;
    struct sheet_cell cells[8];
    struct sheet sheet = example_sheet(cells);
    str a, b;
    struct error err;
    assert_true(xlsx_write(arena, &sheet, 1, STR("示例"), 1773705600000, &a, &err));
    assert_true(xlsx_write(arena, &sheet, 1, STR("示例"), 1773705600000, &b, &err));
    assert_true(str_equal(a, b));
    struct part part = xlsx_part(a, "xl/worksheets/sheet1.xml");
    assert_int_equal(part.formulas, 0);
    assert_int_equal(part.panes, 1);
    assert_non_null(strstr(part.text->ptr, "1615300.5|"));
    assert_non_null(strstr(part.text->ptr, "0.125|"));
    assert_non_null(strstr(part.text->ptr, "46022|")); /* 2025-12-31 in the 1900 date system */
    struct part strings = xlsx_part(a, "xl/sharedStrings.xml");
    assert_non_null(strstr(strings.text->ptr, "=HYPERLINK("));
    assert_non_null(strstr(strings.text->ptr, "来源：示例"));
    sheet.rows_count = XLSX_ROWS_MAX + 1;
    assert_false(xlsx_write(arena, &sheet, 1, STR("x"), 0, &a, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
}

static void csv_defuses_texts_and_keeps_numbers(void **state)
{
    (void)state;
    struct sheet_cell cells[8];
    struct sheet sheet = example_sheet(cells);
    str csv;
    sheet_write_csv(arena, &sheet, &csv);
    assert_true(str_starts(csv, "\xEF\xBB\xBF"
                                "企业,排放量 (t CO2e),占比,日期"));
    has(csv, ",1615300.5,0.125,2025-12-31");
    has(csv, ",-42,,");
    assert_null(strstr(csv.ptr, "\n=HYPERLINK"));
    assert_null(strstr(csv.ptr, "\n\"=HYPERLINK"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
    const struct CMUnitTest tests[] = {
        CASE(chinese_report_says_it_all),
        CASE(english_report_says_it_all),
        CASE(grey_report_names_what_is_missing),
        CASE(same_input_gives_same_bytes),
        CASE(threads_write_at_once),
        CASE(summary_has_two_pages),
        CASE(qr_of_a_report_can_be_read),
        CASE(any_name_can_be_printed),
        CASE(spreadsheets_hold_values_not_formulas),
        CASE(csv_defuses_texts_and_keeps_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
