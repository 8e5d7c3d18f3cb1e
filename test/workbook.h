/* For tests and fuzz seeds only: workbooks put together part by part, so that hostile ones can be
 * made that no spreadsheet program would write. */
#ifndef TEST_WORKBOOK_H
#define TEST_WORKBOOK_H

#include "base/arena.h"
#include "base/str.h"

struct test_part {
    const char *name, *text;
    size_t length; /* 0: strlen(text) */
};
/* A ZIP of the parts. */
str test_zip(struct arena *arena, const struct test_part *parts, size_t count);

struct test_workbook {
    const char *sheet;   /* the content of <worksheet>, or a whole part when it starts with <? */
    const char *strings; /* the content of <sst>, or NULL */
    const char *styles;  /* the content of <styleSheet>, or NULL */
    const char *workbook_properties; /* before <sheets>, or NULL */
    size_t sheet_length;             /* 0: strlen */
};
/* A workbook of one sheet named 数据. */
str test_workbook(struct arena *arena, const struct test_workbook *workbook);

#endif
