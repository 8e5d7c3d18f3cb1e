/* Tables as a spreadsheet (libxlsxwriter) or CSV. Text cells are written as shared strings, never
 * as formulas or links, whatever they start with; CSV goes through csv_put_safe. */
#ifndef REPORT_XLSX_H
#define REPORT_XLSX_H

#include "base/date.h"
#include "base/error.h"
#include "base/str.h"

#define XLSX_ROWS_MAX 1000000
#define XLSX_COLUMNS_MAX 256
#define XLSX_CELL_CHARS_MAX 32767

enum sheet_type { SHEET_TEXT, SHEET_NUMBER, SHEET_PERCENT, SHEET_DATE };

struct sheet_column {
    str name;
    str unit; /* shown after the name in brackets; may be empty */
    enum sheet_type type;
    int decimals;    /* of numbers and percents, 0..9 */
    int width_chars; /* 0: by the name */
};

/* A cell of a SHEET_TEXT column uses text, SHEET_DATE day, the others number; SHEET_PERCENT holds
 * a fraction (0.125 shows 12.5%). `empty` writes nothing. */
struct sheet_cell {
    bool empty;
    double number;
    date day;
    str text;
};

struct sheet {
    str name;  /* at most 31 characters; forbidden ones become spaces */
    str title; /* row above the header; may be empty */
    const struct sheet_column *columns;
    size_t columns_count;
    const struct sheet_cell *cells; /* row-major */
    size_t rows_count;
    str source_note; /* last row: where the figures come from */
};

/* Bytes repeat for the same input: `created_ms` is the document's date. Fails with REPORT_XLSX
 * (what the writer said) or LIMIT. */
bool xlsx_write(struct arena *arena, const struct sheet *sheets, size_t count, str title,
                int64_t created_ms, str *bytes, struct error *err) NODISCARD;
/* UTF-8 with byte order mark, so that spreadsheets in China open it rightly; header row first. */
void sheet_write_csv(struct arena *arena, const struct sheet *sheet, str *bytes);

#endif
