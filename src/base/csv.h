/* CSV after RFC 4180: quoted fields, doubled quotes, line breaks inside quotes,
 * LF or CRLF or CR. The text must be UTF-8 already; a byte order mark is skipped. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#define CSV_FIELDS_MAX 512
#define CSV_FIELD_BYTES_MAX ((size_t)1 << 20)

struct csv {
    str text;
    size_t at;
    char separator;
    int64_t line; /* of the row just read, from 1 */
    int64_t next_line;
};

void csv_init(struct csv *csv, str text, char separator);
/* The separator among , ; TAB that the first line uses most. */
char csv_guess_separator(str text);

/* Reads the next row into an array in the arena. *fields is NULL at the end of
 * the text. An empty line gives one empty field. False on malformed text. */
bool csv_next(struct csv *csv, struct arena *arena, str **fields, size_t *count,
              struct error *err) NODISCARD;

/* Writes a field with quotes where they are needed; `first` omits the comma.
 * csv_put_safe also defuses cells that a spreadsheet would take for a formula. */
void csv_put(struct buf *buf, str field, bool first);
void csv_put_safe(struct buf *buf, str field, bool first);
void csv_end_row(struct buf *buf);

/* A whole file with a header row: columns by name. */
struct csv_table {
    str *names;
    size_t columns;
    str **rows; /* each `columns` long; short rows are filled with empty fields */
    int64_t *lines;
    size_t count;
};
bool csv_read_table(struct arena *arena, str text, struct csv_table *table,
                    struct error *err) NODISCARD;
/* The column's index, or -1. */
int csv_column(const struct csv_table *table, const char *name);

#endif
