/* From a stranger's cells to proposed data: the template in edited states, the long form, a foreign
 * table by a mapping, and every refusal with its cell. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "intake/intake.h"
#include "shipped.h"
#include "workbook.h"

static const char model_text[] =
    "model test.mill 1\n"
    "  kind    method\n"
    "  title   \"Mill\" zh \"工厂\"\n"
    "  source  \"a test\"\n"
    "  entity  enterprise\n"
    "  valid   2013-01-01 ..\n"
    "  set fuel = coal \"Coal\" zh \"烟煤\", coke \"Coke\" zh \"焦炭\"\n"
    "  input burnt[fuel] : t \"Fuel burnt\" zh \"燃料消耗量\" >= 0 per month help \"From the "
    "weighbridge\" zh \"按地磅单\"\n"
    "  input power : MWh \"Purchased power\" zh \"外购电量\" >= 0 per month help \"From the bill\" "
    "zh \"按电费单\"\n"
    "  input gas : 1e4 Nm3 \"Natural gas\" zh \"天然气\" >= 0 per month\n"
    "  input revenue : CNY \"Revenue\" zh \"营业收入\" per year\n"
    "  input stage : choice early \"Early\" zh \"早期\", late \"Late\" zh \"后期\" \"Stage\" zh "
    "\"阶段\"\n"
    "  input year : year \"Year\" zh \"年度\" from \"period.year\"\n"
    "  out total : t = sum(burnt) \"Total\" zh \"合计\"\n";

static struct arena *arena;
static struct error err;
static struct model_library *library;
static struct intake_request request;
static struct intake_data data;
static const char *root;

static void show_error(void)
{
    fail_msg("%s", error_render(arena, &err, error_sentence(err.code)));
}

static int open_library(void **state)
{
    (void)state;
    arena = arena_open(INTAKE_ARENA_BYTES);
    const char *source = getenv("TANSHU_SOURCE");
    if (source == NULL) return -1;
    root = arena_printf(arena, "/tmp/tanshu-intake-test-%d", (int)getpid());
    const char *path = arena_printf(arena, "%s/models/mill.model", root);
    if (!file_make_directory(arena_printf(arena, "%s/models", root), &err) ||
        !file_write(path, str_from(model_text), &err))
        return -1;
    const char *tables = arena_printf(arena, "%s/tables", root);
    if (symlink(arena_printf(arena, "%s/tables", source), tables) != 0) return -1;
    struct model_diagnostics diagnostics = {.arena = arena};
    const char *roots[] = {root};
    library = model_library_open(roots, 1, &diagnostics, &err);
    for (size_t i = 0; i < diagnostics.count; i++)
        fprintf(stderr, "%d: %s\n", diagnostics.list[i].line, diagnostics.list[i].message);
    if (library == NULL) return -1;
    const struct model *model = model_library_find_version(library, "test.mill", "1");
    if (model == NULL) return -1;
    request = (struct intake_request){.library = library, .model = model_info(model)};
    return date_make(2025, 1, 1, &request.first) && date_make(2025, 12, 31, &request.last) &&
                   date_make(2025, 6, 15, &request.today)
               ? 0
               : -1;
}

static int close_library(void **state)
{
    (void)state;
    model_library_close(library);
    assert_true(file_remove_tree(root));
    arena_close(arena);
    return 0;
}

static void assert_refused(size_t refused)
{
    if (data.refused == refused) return;
    for (size_t i = 0; i < data.refusal_count; i++)
        fprintf(stderr, "%s %s\n", data.refusals[i].ref,
                error_render(arena, &data.refusals[i].error,
                             error_sentence(data.refusals[i].error.code)));
    fail_msg("%zu refused, expected %zu", data.refused, refused);
}

static void read_bytes(str bytes)
{
    struct intake_book book;
    if (!intake_open_book(arena, bytes, &book, &err) ||
        !intake_read_data(arena, &book, &request, &data, &err))
        show_error();
}

static const struct intake_datum *find(const char *input, const char *key, int32_t month)
{
    for (size_t i = 0; i < data.count; i++)
        if (strcmp(data.data[i].input->name, input) == 0 && str_is(data.data[i].key, key) &&
            (month < 0 || data.data[i].first.day == month_first_day(month).day))
            return &data.data[i];
    return NULL;
}

static void assert_datum(const char *input, const char *key, int month, double model_value,
                         const char *ref)
{
    const struct intake_datum *datum = find(input, key, month > 0 ? month_make(2025, month) : -1);
    if (datum == NULL) fail_msg("no %s[%s] of month %d", input, key, month);
    assert_true(datum->model_value > model_value * (1 - 1e-12) - 1e-12 &&
                datum->model_value < model_value * (1 + 1e-12) + 1e-12);
    assert_string_equal(datum->ref, ref);
}

static void assert_refusal(const char *ref, enum error_code code)
{
    for (size_t i = 0; i < data.refusal_count; i++)
        if (strcmp(data.refusals[i].ref, ref) == 0 && data.refusals[i].error.code == code) return;
    for (size_t i = 0; i < data.refusal_count; i++)
        fprintf(stderr, "%s %s\n", data.refusals[i].ref,
                error_render(arena, &data.refusals[i].error,
                             error_sentence(data.refusals[i].error.code)));
    fail_msg("no refusal %s at %s", error_name(code), ref);
}

/* ---- the long form ------------------------------------------------------------------------- */

static void test_long(void **state)
{
    (void)state;
    read_bytes(STR("月份,项目,品种,数值,单位,备注\n"
                   "2025-01,燃料消耗量,烟煤,\"1,234.5\",吨,地磅\n" /* 2 */
                   "2025年2月,burnt,coke,２００,kg,\n"             /* 3: full-width digits */
                   "202503,外购电量,,12.5,万kWh,\n"                /* 4 */
                   "2025/4,power,,3万度,,\n"                       /* 5: the unit in the cell */
                   "2025-01,天然气,,2,万Nm³,\n"                    /* 6 */
                   "2025,营业收入,,3000,万元,\n"                   /* 7 */
                   "2025年度,stage,,后期,,\n"));                   /* 8 */
    assert_int_equal(data.layout, INTAKE_LAYOUT_LONG);
    assert_refused(0);
    assert_int_equal(data.count, 7);
    assert_datum("burnt", "coal", 1, 1234.5, "D2");
    assert_datum("burnt", "coke", 2, 0.2, "D3");
    assert_datum("power", "", 3, 125, "D4"); /* 12.5 万kWh = 125 MWh */
    assert_datum("power", "", 4, 30, "D5");
    assert_datum("gas", "", 1, 2, "D6");
    assert_datum("revenue", "", 0, 3e7, "D7");
    assert_true(str_is(find("stage", "", -1)->text, "late"));
    assert_true(find("power", "", month_make(2025, 3))->value == 125000);
    assert_true(str_is(find("power", "", month_make(2025, 3))->unit, "kWh"));
}

static void test_refusals(void **state)
{
    (void)state;
    read_bytes(STR("period,input,key,value,unit\n"
                   "2025-01,burnd,coal,1,t\n"   /* 2 unknown input */
                   "2025-01,burnt,coil,1,t\n"   /* 3 unknown key */
                   "2025-01,burnt,,1,t\n"       /* 4 no key */
                   "2025-01,burnt,coal,5,kWh\n" /* 5 wrong dimension */
                   "2025-01,power,,-1,kWh\n"    /* 6 negative */
                   "2024-12,power,,1,kWh\n"     /* 7 outside */
                   "2025-07,power,,1,kWh\n"     /* 8 future */
                   "2025-02,power,,abc,kWh\n"   /* 9 no number */
                   "2025-03,power,,=1+2,kWh\n"  /* 10 formula */
                   "2025-04,power,,7,kWh\n"     /* 11, 12 differ */
                   "2025-04,power,,8,kWh\n"
                   "2025-05,power,,9,kWh\n" /* 13, 14 the same */
                   "2025-05,power,,0.009,MWh\n"
                   "2025,power,,9,kWh\n"    /* 15 a year for a month */
                   "later,burnt,coke,1,t\n" /* 16 no period */
                   "2025,stage,,middle,\n"  /* 17 no such choice */
                   "2025-01,year,,2025,\n"
                   "2025-01,gas,,9,万m³\n"));
    /* 19 no state of the gas */ /* 18 the platform's own */
    assert_refused(16);
    assert_int_equal(data.count, 1);
    assert_int_equal(data.repeated, 1);
    assert_datum("power", "", 5, 0.009, "D13");
    assert_refusal("B2", ERROR_INTAKE_INPUT_UNKNOWN);
    assert_string_equal(error_arg(&data.refusals[0].error, 3).ptr, "burnt");
    assert_refusal("C3", ERROR_INTAKE_KEY_UNKNOWN);
    assert_string_equal(error_arg(&data.refusals[1].error, 3).ptr, "coal");
    assert_refusal("C4", ERROR_INTAKE_KEY_MISSING);
    assert_refusal("D5", ERROR_INTAKE_UNIT);
    assert_refusal("D6", ERROR_INTAKE_MIN);
    assert_refusal("D7", ERROR_INTAKE_PERIOD_OUTSIDE);
    assert_refusal("D8", ERROR_INTAKE_FUTURE);
    assert_refusal("D9", ERROR_INTAKE_NUMBER);
    assert_refusal("D10", ERROR_INTAKE_CELL_FORMULA);
    assert_refusal("D11", ERROR_INTAKE_DUPLICATE);
    assert_refusal("D12", ERROR_INTAKE_DUPLICATE);
    assert_refusal("D15", ERROR_INTAKE_PERIOD);
    assert_refusal("D16", ERROR_INTAKE_PERIOD);
    assert_refusal("D17", ERROR_INTAKE_CHOICE);
    assert_refusal("B18", ERROR_INTAKE_INPUT_UNKNOWN);
    assert_refusal("D19", ERROR_INTAKE_UNIT_GAS);
    assert_refused(16);
}

/* A row of text cells; a cell that starts with < is XML already. Ends with NULL. */
static const char *row(const char *cell, ...)
{
    struct buf *out = buf_new(arena);
    va_list list;
    va_start(list, cell);
    buf_puts(out, "<row>");
    for (; cell != NULL; cell = va_arg(list, const char *)) {
        if (cell[0] == '<')
            buf_puts(out, cell);
        else
            buf_printf(out, "<c t=\"inlineStr\"><is><t>%s</t></is></c>", cell);
    }
    va_end(list);
    buf_puts(out, "</row>");
    return str_dup(arena, buf_str(out));
}

static void test_merged_and_formula_cells(void **state)
{
    (void)state;
    const char *sheet =
        arena_printf(arena, "<sheetData>%s%s%s%s%s</sheetData><mergeCells>%s%s</mergeCells>",
                     row("年度用能表", NULL), row("月份", "项目", "数值", "单位", NULL),
                     row("2025-01", "power", "<c><f>1+2</f><v>3</v></c>", "MWh", NULL),
                     row("2025-02", "power", "<c><v>4</v></c>", "MWh", NULL),
                     row("2025-03", "power", "<c><v>5</v></c>", "MWh", NULL),
                     "<mergeCell ref=\"A1:D1\"/>", "<mergeCell ref=\"C4:D4\"/>");
    read_bytes(test_workbook(arena, &(struct test_workbook){.sheet = sheet}));
    assert_int_equal(data.count, 1);
    assert_datum("power", "", 3, 5, "C5");
    assert_refusal("C3", ERROR_INTAKE_CELL_FORMULA);
    assert_refusal("C4:D4", ERROR_INTAKE_CELL_MERGED);
    assert_refused(2);
}

/* A spreadsheet keeps 85 % as 0.85 with a format: beside the unit % it must not become 0.85 %. */
static void test_percent_cells(void **state)
{
    (void)state;
    const char *sheet = arena_printf(
        arena, "<sheetData>%s%s%s</sheetData>", row("月份", "项目", "数值", "单位", NULL),
        row("2025-01", "power", "<c s=\"1\"><v>0.07</v></c>", "MWh", NULL),
        row("2025-02", "power", "<c><v>4</v></c>", "MWh", NULL));
    struct intake_book book;
    str bytes = test_workbook(
        arena, &(struct test_workbook){
                   .styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"10\"/></cellXfs>",
                   .sheet = sheet});
    if (!intake_open_book(arena, bytes, &book, &err)) show_error();
    const struct intake_cell *cell = intake_cell_at(intake_row_at(&book.sheets[0], 2), 2);
    assert_int_equal(cell->kind, INTAKE_TEXT);
    assert_string_equal(str_dup(arena, cell->text), "7%");
    read_bytes(bytes); /* seven per cent are no megawatt-hours */
    assert_datum("power", "", 2, 4, "C3");
    assert_refusal("C2", ERROR_INTAKE_UNIT);
    assert_refused(1);
}

/* ---- the template -------------------------------------------------------------------------- */

static void test_template_round_trip(void **state)
{
    (void)state;
    struct intake_template_value values[] = {
        {"burnt", "coke", month_make(2025, 2), 12.5, "t"},
        {"power", NULL, month_make(2025, 3), 7, "kWh"},
        {"gas", NULL, month_make(2025, 1), 3, "万Nm3"},
        {"revenue", NULL, -1, 100, "万元"},
    };
    enum lang langs[] = {LANG_ZH, LANG_EN};
    for (size_t l = 0; l < 2; l++) {
        str bytes, again;
        if (!intake_write_template(arena, request.model, 2025, langs[l], values, 4, &bytes, &err) ||
            !intake_write_template(arena, request.model, 2025, langs[l], values, 4, &again, &err))
            show_error();
        assert_int_equal(bytes.len, again.len);
        assert_memory_equal(bytes.ptr, again.ptr, bytes.len);
        read_bytes(bytes);
        assert_int_equal(data.layout, INTAKE_LAYOUT_TEMPLATE);
        assert_refused(0);
        assert_int_equal(data.count, 4);
        assert_datum("burnt", "coke", 2, 12.5, "E5");
        assert_datum("power", "", 3, 0.007, "F6");
        assert_datum("gas", "", 1, 3, "D7");
        assert_datum("revenue", "", 0, 1e6, "D4");
    }
}

/* Every method of the repository: its template reads back without a refusal, empty and with a value
 * typed into each monthly cell's row. */
static void test_templates_of_all_methods(void **state)
{
    (void)state;
    struct model_library *all = shipped_models(NULL);
    struct intake_request before = request;
    size_t methods = 0;
    for (size_t m = 0; m < model_library_count(all); m++) {
        const struct model_info *info = model_info(model_library_at(all, m));
        struct intake_template_value values[512];
        size_t count = 0;
        if (strcmp(info->kind, "method") != 0) continue;
        methods++;
        request.library = all;
        request.model = info;
        for (size_t i = 0; i < info->input_count; i++) {
            const struct model_input *input = &info->inputs[i];
            bool asked = input->from == NULL && input->type == MODEL_NUMBER;
            size_t keys = input->index != NULL ? input->key_count : 1;
            for (size_t k = 0; asked && k < keys && count < ARRAY_LEN(values); k++) {
                if (input->index != NULL && !input->keys[k].enabled) continue;
                double value = input->has_max ? input->max : input->has_min ? input->min + 1 : 1;
                values[count++] = (struct intake_template_value){
                    input->name, input->index != NULL ? input->keys[k].id : NULL,
                    input->period == MODEL_PER_MONTH ? month_make(2025, 5) : -1, value, NULL};
            }
        }
        for (int zh = 0; zh < 2; zh++) {
            str bytes;
            enum lang lang = zh ? LANG_ZH : LANG_EN;
            if (!intake_write_template(arena, info, 2025, lang, values, count, &bytes, &err))
                show_error();
            read_bytes(bytes);
            assert_int_equal(data.layout, INTAKE_LAYOUT_TEMPLATE);
            assert_refused(0);
            assert_int_equal(data.count, count);
        }
    }
    assert_true(methods >= 4);
    request = before;
    model_library_close(all);
}

/* Columns moved, codes deleted, months as dates or without a year, a note column added. */
static void test_template_edited(void **state)
{
    (void)state;
    read_bytes(STR("工厂,,,,\n"
                   "单位,项目,备注,2025-02,1月\n"
                   "吨,燃料消耗量 · 焦炭,地磅,4,\n"
                   "万kWh,外购电量,,1,2\n"
                   ",合计,,,\n"
                   "t,没有这个,,5,\n"));
    assert_int_equal(data.layout, INTAKE_LAYOUT_TEMPLATE);
    assert_datum("burnt", "coke", 2, 4, "D3");
    assert_datum("power", "", 2, 10, "D4");
    assert_datum("power", "", 1, 20, "E4");
    assert_refusal("B6", ERROR_INTAKE_INPUT_UNKNOWN);
    assert_refused(1);
}

/* A head that was meant as a month is refused once, with its column's values; a head of words is
 * the author's own column. */
static void test_template_head_that_is_no_month(void **state)
{
    (void)state;
    read_bytes(STR("项目,单位,2025-01,2025-13,=C1+1,合计,2025-99\n"
                   "燃料消耗量 · 焦炭,吨,4,5,6,15,\n"));
    assert_datum("burnt", "coke", 1, 4, "C2");
    assert_int_equal(data.count, 1);
    assert_refusal("D1", ERROR_INTAKE_PERIOD);
    assert_refusal("E1", ERROR_INTAKE_PERIOD);
    assert_refused(2);
}

/* ---- a stranger's table -------------------------------------------------------------------- */

static void test_mapping(void **state)
{
    (void)state;
    struct intake_book book;
    struct intake_mapping mapping, again;
    str bytes = STR("2025年能源台账,,,\n"
                    "日期,外购电量（万kWh）,焦炭(吨),车间\n"
                    "2025-01-31,1.5,20,甲\n"
                    "2025-02-28,x,30,乙\n");
    if (!intake_open_book(arena, bytes, &book, &err) ||
        !intake_mapping_propose(arena, &book, request.model, &mapping, &err))
        show_error();
    const char *json = intake_mapping_format(arena, &mapping);
    assert_string_equal(
        json,
        "{\"header_row\":2,\"sheet\":\"\",\"month_column\":\"A\",\"same_month\":\"refuse\","
        "\"columns\":["
        "{\"column\":\"B\",\"input\":\"power\",\"key\":\"\",\"unit\":\"万kWh\",\"factor\":1},"
        "{\"column\":\"C\",\"input\":\"burnt\",\"key\":\"coke\",\"unit\":\"吨\",\"factor\":1}]}");
    assert_true(intake_mapping_parse(arena, str_from(json), &again, &err));
    again.columns[1].factor = 10; /* a ratio */
    request.mapping = &again;
    read_bytes(bytes);
    request.mapping = NULL;
    assert_int_equal(data.layout, INTAKE_LAYOUT_MAPPED);
    assert_datum("power", "", 1, 15, "B3");
    assert_datum("burnt", "coke", 1, 200, "C3");
    assert_datum("burnt", "coke", 2, 300, "C4");
    assert_refusal("B4", ERROR_INTAKE_NUMBER);
    static const char *const bad[] = {
        "",
        "[]",
        "{\"header_row\":1}",
        "{\"header_row\":1,\"month_column\":\"a\",\"columns\":[]}",
        ("{\"header_row\":1,\"month_column\":\"A\",\"same_month\":\"last\","
         "\"columns\":[{\"column\":\"B\",\"input\":\"x\"}]}"),
        "{\"header_row\":1,\"month_column\":\"A\",\"columns\":[{\"column\":\"B\"}]}",
        ("{\"header_row\":1,\"month_column\":\"A\",\"columns\":[{\"column\":\"B\",\"input\":\"x\","
         "\"factor\":0}]}")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(intake_mapping_parse(arena, str_from(bad[i]), &again, &err));
}

/* A ledger with a row per delivery: by choice the rows of a month are added up, equal ones too; a
 * month with a row that can't be taken is not taken at all. 10 + 20 + 20 = 50 t; 1500 kg + 2 t
 * = 3.5 t. */
static void test_rows_of_one_month(void **state)
{
    (void)state;
    static const char *const forms[] = {"refuse", "sum"};
    str bytes = STR("日期,焦炭,外购电量\n2025-01-05,10,1\n2025-01-15,20,\n2025-01-25,20,2\n"
                    "2025-02-05,1500 kg,4\n2025-02-15,2 t,\n"
                    "2025-03-05,5,\n2025-03-15,x,\n2025-03-25,6,\n"
                    "2025-04-05,y,\n2025-04-15,7,\n");
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct intake_mapping mapping;
        const char *json = arena_printf(
            arena,
            "{\"header_row\":1,\"month_column\":\"A\",\"same_month\":\"%s\",\"columns\":["
            "{\"column\":\"B\",\"input\":\"burnt\",\"key\":\"coke\",\"unit\":\"t\"},"
            "{\"column\":\"C\",\"input\":\"power\",\"unit\":\"MWh\"}]}",
            forms[i]);
        if (!intake_mapping_parse(arena, str_from(json), &mapping, &err)) show_error();
        assert_int_equal(mapping.sum_rows, i == 1);
        assert_non_null(strstr(intake_mapping_format(arena, &mapping),
                               arena_printf(arena, "\"same_month\":\"%s\"", forms[i])));
        request.mapping = &mapping;
        read_bytes(bytes);
        request.mapping = NULL;
        if (i == 0) {
            assert_refusal("B2", ERROR_INTAKE_DUPLICATE);
            assert_refusal("C2", ERROR_INTAKE_DUPLICATE);
            continue;
        }
        assert_datum("burnt", "coke", 1, 50, "B2");
        assert_datum("burnt", "coke", 2, 3.5, "B5");
        assert_datum("power", "", 1, 3, "C2");
        assert_datum("power", "", 2, 4, "C5");
        assert_int_equal(data.count, 4);
        for (size_t d = 0; d < data.count; d++)
            if (strcmp(data.data[d].ref, "B2") == 0)
                assert_string_equal(str_dup(arena, data.data[d].raw), "10 + 20 + 20");
        assert_refusal("B8", ERROR_INTAKE_NUMBER);
        assert_refusal("B7", ERROR_INTAKE_SUM_PART);
        assert_refusal("B10", ERROR_INTAKE_NUMBER);
        assert_refusal("B11", ERROR_INTAKE_SUM_PART);
        assert_refused(4);
    }
}

static void test_unknown_layout(void **state)
{
    (void)state;
    struct intake_book book;
    assert_true(intake_open_book(arena, STR("甲,乙\n1,2\n"), &book, &err));
    assert_false(intake_read_data(arena, &book, &request, &data, &err));
    assert_int_equal(err.code, ERROR_INTAKE_LAYOUT_UNKNOWN);
    struct intake_mapping mapping;
    assert_false(intake_mapping_propose(arena, &book, request.model, &mapping, &err));
    assert_int_equal(err.code, ERROR_INTAKE_MAPPING_NONE);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], INTAKE_JAIL_FLAG) == 0) return intake_jail_main();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_merged_and_formula_cells),
        cmocka_unit_test(test_template_round_trip),
        cmocka_unit_test(test_templates_of_all_methods),
        cmocka_unit_test(test_template_edited),
        cmocka_unit_test(test_template_head_that_is_no_month),
        cmocka_unit_test(test_percent_cells),
        cmocka_unit_test(test_mapping),
        cmocka_unit_test(test_rows_of_one_month),
        cmocka_unit_test(test_unknown_layout),
    };
    return cmocka_run_group_tests(tests, open_library, close_library);
}
