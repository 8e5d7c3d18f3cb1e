#include "workbook.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

str test_zip(struct arena *arena, const struct test_part *parts, size_t count)
{
    zip_error_t failure;
    zip_error_init(&failure);
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &failure);
    CHECK(target != NULL);
    zip_source_keep(target);
    zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, &failure);
    CHECK(zip != NULL);
    for (size_t i = 0; i < count; i++) {
        size_t length = parts[i].length != 0 ? parts[i].length : strlen(parts[i].text);
        zip_source_t *source = zip_source_buffer(zip, parts[i].text, length, 0);
        CHECK(source != NULL && zip_file_add(zip, parts[i].name, source, ZIP_FL_ENC_UTF_8) >= 0);
    }
    CHECK(zip_close(zip) == 0);
    zip_stat_t stat;
    CHECK(zip_source_stat(target, &stat) == 0 && zip_source_open(target) == 0);
    char *bytes = arena_alloc(arena, stat.size + 1);
    CHECK(zip_source_read(target, bytes, stat.size) == (zip_int64_t)stat.size);
    zip_source_close(target);
    zip_source_free(target);
    zip_error_fini(&failure);
    return (str){bytes, stat.size};
}

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\""

str test_workbook(struct arena *arena, const struct test_workbook *workbook)
{
    struct test_part parts[8];
    size_t count = 0;
    parts[count++] =
        (struct test_part){"_rels/.rels",
                           XML "<Relationships " PACKAGE "><Relationship Id=\"a\" Type=\"" OFFICE
                               "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
                           0};
    parts[count++] = (struct test_part){
        "xl/workbook.xml",
        arena_printf(arena,
                     XML "<workbook " MAIN " xmlns:r=\"" OFFICE
                         "\">%s<sheets><sheet name=\"数据\" sheetId=\"1\" r:id=\"rId1\"/>"
                         "</sheets></workbook>",
                     workbook->workbook_properties != NULL ? workbook->workbook_properties : ""),
        0};
    parts[count++] = (struct test_part){"xl/_rels/workbook.xml.rels",
                                        XML "<Relationships " PACKAGE ">"
                                            "<Relationship Id=\"rId1\" Type=\"" OFFICE
                                            "/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
                                            "<Relationship Id=\"rId2\" Type=\"" OFFICE
                                            "/sharedStrings\" Target=\"sharedStrings.xml\"/>"
                                            "<Relationship Id=\"rId3\" Type=\"" OFFICE
                                            "/styles\" Target=\"/xl/styles.xml\"/></Relationships>",
                                        0};
    if (strncmp(workbook->sheet, "<?", 2) == 0)
        parts[count++] =
            (struct test_part){"xl/worksheets/sheet1.xml", workbook->sheet, workbook->sheet_length};
    else
        parts[count++] = (struct test_part){
            "xl/worksheets/sheet1.xml",
            arena_printf(arena, XML "<worksheet " MAIN ">%s</worksheet>", workbook->sheet), 0};
    if (workbook->strings != NULL)
        parts[count++] = (struct test_part){
            "xl/sharedStrings.xml",
            arena_printf(arena, XML "<sst " MAIN ">%s</sst>", workbook->strings), 0};
    if (workbook->styles != NULL)
        parts[count++] = (struct test_part){
            "xl/styles.xml",
            arena_printf(arena, XML "<styleSheet " MAIN ">%s</styleSheet>", workbook->styles), 0};
    return test_zip(arena, parts, count);
}
