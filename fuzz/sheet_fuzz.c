/* XLSX bytes. So that a fuzzer need not learn to compress, input that is no ZIP is taken as the XML
 * of a worksheet and put into a workbook. */
#include "workbook.h"
#include "intake_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str bytes = {(const char *)data, size};
    if (str_starts(bytes, "PK")) return fuzz_parse(FUZZ_XLSX, bytes);
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    if (size == 0) return 0;
    const struct test_workbook workbook = {
        .sheet = arena_printf(arena, "<?xml version=\"1.0\"?>%s", str_dup(arena, bytes)),
        .strings = "<si><t>a</t></si><si><t>b</t></si>",
        .styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>"};
    return fuzz_parse(FUZZ_XLSX, test_workbook(arena, &workbook));
}
