/* Strangers' files: tables (CSV, XLSX) read in a jailed process, and what a method's inputs find in
 * them. Two steps, each usable alone: intake_open_book turns bytes into sheets of cells;
 * intake_read_data turns sheets into proposed data and refusals, each with its cell. Nothing is
 * guessed silently, nothing is overwritten, and this room stores nothing. */
#ifndef INTAKE_INTAKE_H
#define INTAKE_INTAKE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/error.h"
#include "base/str.h"
#include "locale/locale.h"
#include "model/tanshu_model.h"

/* ---- limits -------------------------------------------------------------------------------- */

/* Every size that a stranger controls (limits.def). For the manual and for pages. */
struct intake_limit {
    const char *name, *unit, *reason;
    int64_t value;
};
size_t intake_limits(const struct intake_limit **limits);

/* ---- the jail ------------------------------------------------------------------------------ */

/* What the jailed child runs: `main` calls it first thing when argv[1] is INTAKE_JAIL_FLAG and
 * returns its result. A program that reads files must do so, tests included. */
#define INTAKE_JAIL_FLAG "--jail-intake"
int intake_jail_main(void);
/* True when a jail can be made here; otherwise the error says what is missing. No jail, no import.
 */
bool intake_jail_check(struct error *err) NODISCARD;

/* ---- sheets of cells ----------------------------------------------------------------------- */

enum intake_cell_kind {
    INTAKE_EMPTY,
    INTAKE_NUMBER,
    INTAKE_TEXT,
    INTAKE_DATE,    /* a day (and a time of day) by the cell's number format */
    INTAKE_FORMULA, /* refused wherever a value is wanted: its cached value is not trusted */
};

struct intake_cell {
    uint16_t column; /* from 0 */
    uint8_t kind;    /* enum intake_cell_kind */
    int32_t seconds; /* of INTAKE_DATE: seconds after midnight */
    str text;        /* as in the file (UTF-8); of a formula its text */
    union {
        double number; /* INTAKE_NUMBER; the raw serial number of INTAKE_DATE is in `text` */
        date day;      /* INTAKE_DATE */
    };
};

struct intake_row {
    uint32_t number; /* from 1, as the spreadsheet shows it; of a CSV the row, not the line */
    uint32_t count;
    struct intake_cell *cells; /* by column, without empty ones */
};

struct intake_range { /* merged cells; rows from 1, columns from 0, inclusive */
    uint32_t first_row, last_row;
    uint16_t first_column, last_column;
};

struct intake_sheet {
    str name; /* "" for CSV */
    bool hidden;
    struct intake_row *rows; /* by number, without empty ones */
    size_t row_count;
    struct intake_range *merged;
    size_t merged_count;
};

enum intake_format { INTAKE_CSV = 1, INTAKE_XLSX };
enum intake_encoding { INTAKE_UTF8 = 1, INTAKE_UTF8_BOM, INTAKE_GB18030 };

struct intake_book {
    enum intake_format format;
    enum intake_encoding encoding; /* of CSV */
    char separator;                /* of CSV */
    struct intake_sheet *sheets;
    size_t sheet_count;
};

/* Reads a file in the jail. The book belongs to the arena, which should be one of the caller's own
 * for this file with INTAKE_ARENA_BYTES. Errors INTAKE_*: what, which cell or line, what to do. */
#define INTAKE_ARENA_BYTES ((size_t)1 << 30)
bool intake_open_book(struct arena *arena, str bytes, struct intake_book *book,
                      struct error *err) NODISCARD;

/* The same as a stream for long files (meters): rows come in order and live only during the call.
 * A sink that returns false (with err set) ends the reading. */
struct intake_sink {
    void *arg;
    bool (*begin)(void *arg, const struct intake_book *book, struct error *err); /* no sheets yet */
    bool (*sheet)(void *arg, str name, bool hidden, struct error *err);
    bool (*row)(void *arg, const struct intake_row *row, struct error *err);
    bool (*merged)(void *arg, const struct intake_range *range, struct error *err);
};
bool intake_stream(str bytes, const struct intake_sink *sink, struct error *err) NODISCARD;

/* NULL for an empty cell. */
const struct intake_cell *intake_cell_at(const struct intake_row *row, uint16_t column);
const struct intake_row *intake_row_at(const struct intake_sheet *sheet, uint32_t number);
/* "B7" */
#define INTAKE_REF_MAX 24
void intake_ref(uint32_t row, uint16_t column, char out[INTAKE_REF_MAX]);

/* ---- mappings: how a stranger's table is to be read ---------------------------------------- */

struct intake_mapping_column {
    uint16_t column; /* from 0 */
    str input, key;  /* key empty for a scalar input */
    str unit;        /* empty: the input's own unit */
    double factor;   /* the cell's number × factor is in `unit` (a meter ratio 倍率, say); 1 */
};

struct intake_mapping {
    str sheet;           /* empty: the first visible sheet */
    uint32_t header_row; /* from 1; data start below it */
    uint16_t month_column;
    bool sum_rows; /* rows of the same month are added up; otherwise they are duplicates */
    struct intake_mapping_column *columns;
    size_t column_count;
};

/* {"sheet":"…","header_row":1,"month_column":"A","same_month":"refuse","columns":[{"column":"B",
 *  "input":"burnt","key":"bituminous","unit":"t","factor":1}]} : as it is saved and shown.
 * "same_month" is "refuse" (when absent too) or "sum". */
bool intake_mapping_parse(struct arena *arena, str json, struct intake_mapping *mapping,
                          struct error *err) NODISCARD;
char *intake_mapping_format(struct arena *arena, const struct intake_mapping *mapping);
/* A proposal to be confirmed by a person: finds the header row, the month column and columns whose
 * header resembles an input or key (name or label) with a unit in brackets. False when no column
 * with months is found. */
bool intake_mapping_propose(struct arena *arena, const struct intake_book *book,
                            const struct model_info *model, struct intake_mapping *mapping,
                            struct error *err) NODISCARD;

/* Pieces of JSON that the mappings of meters share with these. */
struct json_t;
/* The root, to be released by json_decref. Errors `code` with a place and what is wrong there. */
bool intake_json_load(struct arena *arena, str json, size_t bytes_max, enum error_code code,
                      struct json_t **root, struct error *err) NODISCARD;
/* A text member; "" when there is none. */
str intake_json_text(struct arena *arena, const struct json_t *object, const char *name);
/* A column's letters: "B" → 1, "AB" → 27. */
bool intake_json_column(const struct json_t *object, const char *name, uint16_t *column) NODISCARD;
/* Members of the object being written; a comma stands before all but the first. */
void intake_json_put_column(struct buf *out, const char *name, uint16_t column);
void intake_json_put_text(struct buf *out, const char *name, str text);

/* ---- data and refusals ------------------------------------------------------------------------
 */

struct intake_datum {
    str sheet;
    char ref[INTAKE_REF_MAX]; /* the value's cell: "D7" */
    uint32_t row;
    uint16_t column;
    date first, last; /* the period, inclusive: a month, a year, or day INT32_MIN/MAX for once */
    const struct model_input *input;
    str key;            /* of an indexed input, else empty */
    double value;       /* in `unit`, factor and 万 applied: "12 万kWh" is 120000 kWh */
    str unit;           /* as the model's units know it; empty for text, choice, flag and date */
    double model_value; /* in the input's own unit */
    str text;           /* of text, choice ("id"), flag ("true"/"false") and date inputs */
    str raw;            /* as in the cell */
    str note;
};

struct intake_refusal {
    str sheet;
    char ref[INTAKE_REF_MAX]; /* a cell, a row's first cell, or a range "B3:C5" */
    uint32_t row;
    struct error error; /* names the cell, what was expected, what was found, how to mend it */
};

enum intake_layout { INTAKE_LAYOUT_TEMPLATE = 1, INTAKE_LAYOUT_LONG, INTAKE_LAYOUT_MAPPED };

struct intake_data {
    enum intake_layout layout;
    struct intake_datum *data;
    size_t count;
    struct intake_refusal *refusals; /* at most refusals_max are kept; refused counts all */
    size_t refusal_count;
    size_t refused;
    size_t repeated; /* identical repetitions that were passed over */
};

struct intake_request {
    const struct model_library *library;  /* for units */
    const struct model_info *model;       /* the method whose inputs are read */
    date first, last;                     /* only periods inside are accepted */
    date today;                           /* a period that starts later is refused */
    const struct intake_mapping *mapping; /* NULL: the template or the long form is recognised */
};

/* Rules: a cell without a value gives no datum; the same place (input, key, period) given twice
 * with the same value and unit counts once (`repeated`), with different values both are refused.
 * With a mapping's `sum_rows` numbers of one month are added up instead, equal ones too (two loads
 * of 20 t); `raw` says "20 + 20", and a month of which one row is refused is refused as a whole;
 * formula cells, and merged cells at or below the header, are refused; other cells of the file are
 * still read. False only when nothing can be read at all (INTAKE_LAYOUT_UNKNOWN …). */
bool intake_read_data(struct arena *arena, const struct intake_book *book,
                      const struct intake_request *request, struct intake_data *data,
                      struct error *err) NODISCARD;

/* ---- templates out ----------------------------------------------------------------------------
 */

struct intake_template_value { /* a value already known, to be shown filled in */
    const char *input, *key;
    int32_t month; /* month number, or -1 for a year's or once value */
    double value;
    const char *unit;
};

/* The XLSX template of a method for a year: a sheet by month (a row per input and key: item, code,
 * unit, twelve months), a sheet by year, a sheet that explains every item. `*bytes` is the file. */
bool intake_write_template(struct arena *arena, const struct model_info *model, int year,
                           enum lang lang, const struct intake_template_value *values,
                           size_t value_count, str *bytes, struct error *err) NODISCARD;

#endif
