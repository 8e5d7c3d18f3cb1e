/* Writes the seeds of the sheet and CSV targets, hostile ones among them: sheet_seeds FOLDER.
 * The corpus in the repository was made by it; a found crash is added beside as it is. */
#include <string.h>

#include "base/file.h"
#include "workbook.h"

static bool put(struct arena *arena, const char *folder, const char *name, str bytes)
{
    struct error err;
    return file_write(arena_printf(arena, "%s/%s", folder, name), bytes, &err);
}

static const struct {
    const char *name, *xml;
} sheets[] = {
    {"plain.xml",
     "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\"><v>1.5</v></c>"
     "</row><row><c s=\"1\"><v>43101</v></c></row></sheetData></worksheet>"},
    {"formula.xml",
     "<worksheet><sheetData><row><c><f>SUM(A1)</f><v>1</v></c><c t=\"str\"><f/><v>x</v></c></row>"
     "</sheetData></worksheet>"},
    {"merged.xml",
     "<worksheet><sheetData/><mergeCells><mergeCell ref=\"A1:B2\"/><mergeCell ref=\"B2:A1\"/>"
     "</mergeCells></worksheet>"},
    {"doctype.xml",
     "<!DOCTYPE worksheet [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><worksheet>&b;</worksheet>"},
    {"rows.xml", "<worksheet><dimension ref=\"A1:A10000000\"/><sheetData><row "
                 "r=\"10000000\"/></sheetData></worksheet>"},
    {"order.xml",
     "<worksheet><sheetData><row r=\"5\"><c r=\"C5\"><v>1</v></c><c r=\"A5\"><v>1</v></c></row>"
     "<row r=\"4\"/></sheetData></worksheet>"},
    {"outside.xml", "<worksheet><c r=\"A1\"><v>1</v></c><row r=\"1\"><row "
                    "r=\"2\"><c><v>1</v></c></row></row></worksheet>"},
    {"inline.xml",
     "<worksheet><sheetData><row><c t=\"inlineStr\"><is><r><t>x</t></r><rPh><t>y</t></rPh></is></c>"
     "<c t=\"b\"><v>1</v></c><c t=\"e\"><v>#DIV/0!</v></c><c "
     "t=\"d\"><v>2026-01-01T00:00:00</v></c></row>"
     "</sheetData></worksheet>"},
    {"number.xml", "<worksheet><sheetData><row><c><v>1e999</v></c><c s=\"1\"><v>-5</v></c><c "
                   "s=\"99\"><v>0x1</v></c>"
                   "<c s=\"1\"><v>60</v></c><c t=\"s\"><v>9</v></c></row></sheetData></worksheet>"},
};

static const struct {
    const char *name, *text;
} tables[] = {
    {"quotes.csv", "a,\"b \"\"c\"\"\nd\",e\r\n=1+2,\"\",\"open\n"},
    {"semicolon.csv", "\xEF\xBB\xBF"
                      "a;b\n1,5;2\n"},
    {"gb18030.csv", "\xCC\xBC\xCA\xE0,\xA2\xE3\n\x95\x32\x82\x36,1\n"},
    {"broken.csv", "a,b\n\xFF\xFE,\x80\n"},
    {"tab.csv", "a\tb\r1\t2\r"},
};

int main(int argc, char **argv)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    if (argc != 2) return 2;
    const char *sheet = arena_printf(arena, "%s/sheet", argv[1]),
               *csv = arena_printf(arena, "%s/csv", argv[1]);
    bool good = true;
    for (size_t i = 0; i < ARRAY_LEN(sheets); i++)
        good = good && put(arena, sheet, sheets[i].name, str_from(sheets[i].xml));
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        good = good && put(arena, csv, tables[i].name, str_from(tables[i].text));
    str book = test_workbook(
        arena, &(struct test_workbook){
                   .sheet = "<sheetData><row><c t=\"s\"><v>0</v></c></row></sheetData>",
                   .strings = "<si><t>a</t></si>"});
    size_t bomb_bytes = (size_t)2 << 20;
    char *bomb = arena_alloc(arena, bomb_bytes + 1);
    memset(bomb, ' ', bomb_bytes);
    memcpy(bomb, "<?xml version=\"1.0\"?><worksheet>", 32);
    str hostile =
        test_workbook(arena, &(struct test_workbook){.sheet = bomb, .sheet_length = bomb_bytes});
    good = good && put(arena, sheet, "book.xlsx", book) &&
           put(arena, sheet, "truncated.xlsx", str_slice(book, 0, book.len - 30)) &&
           put(arena, sheet, "bomb.xlsx", hostile) &&
           put(arena, sheet, "no-workbook.xlsx",
               test_zip(arena, (struct test_part[]){{"a", "b", 0}}, 1));
    return good ? 0 : 1;
}
