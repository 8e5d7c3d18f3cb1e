/* Tables of facts: CSV files whose header carries units. A table belongs to the model that names
 * it; the bytes of a file are read once for a library. */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include "base/csv.h"
#include "model/tanshu_model.h"
#include "model/units.h"

#define TABLE_BYTES_MAX ((size_t)8 << 20)
#define TABLE_ROWS_MAX 200000

/* Texts by number, so that a text is a double in the machine. */
struct intern {
    struct arena *arena;
    struct map numbers; /* text → number + 1 */
    const char **texts;
    size_t count, capacity;
    const struct intern *below; /* numbers under `first` are found there */
    size_t first;
};
void intern_init(struct intern *intern, struct arena *arena, const struct intern *below);
double intern_text(struct intern *intern, str text);
/* Without adding: -1 when it is not there. */
double intern_find(const struct intern *intern, str text);
const char *intern_at(const struct intern *intern, double number);

struct column {
    str name;
    enum model_type type;
    struct unit unit; /* of numbers; may hold the row's unit */
    str unit_text;    /* "GJ/unit", as in the header */
    double *values;
    bool *empty;
};
struct table_id { /* a row by its id */
    str id;
    uint32_t row;
};

/* The rows with a cell in a column, by its value, rows of one value in file order. */
struct column_order {
    struct {
        double value;
        uint32_t row;
    } * rows;
    size_t count;
    size_t largest; /* how many rows share a value at most */
};

struct table {
    str name;         /* as the model calls it */
    const char *path; /* under tables/ */
    struct model_table_file *file;
    struct column *columns;
    int column_count;
    size_t row_count;
    str **cells;
    int64_t *lines;
    bool *enabled;
    int32_t *published;                                         /* INT32_MIN when not stated */
    int id, unit, name_en, name_zh, valid_from, valid_to, note; /* columns, -1 absent */
    struct column_order **orders; /* by column, made while loading where lookups want one */
    struct table_id *by_id; /* in order of id, rows of one id in file order; NULL without ids */
    bool twins_sought;      /* no two rows of a key are alike */
    bool peers;             /* a snapshot of peers: each row says when it was published */
    uint16_t row_base;      /* of `name.unit` */
    struct unit *row_units;
    bool *has_unit;
};

struct table_filter { /* where column = literal */
    str column;
    bool equal;
    str text;
};

struct model;
struct token;
/* Finds the file under the roots' tables/, the last root first. Reports and returns NULL when it
 * can't be read, or a header or a cell is wrong. */
struct table *table_load(struct model *model, const struct token *at, str name, str path,
                         const struct table_filter *filters, size_t filter_count);
int table_column(const struct table *table, str name);
/* Made at the first call, while a library loads. */
const struct column_order *table_order(struct arena *arena, struct table *table, int column);
/* The first place in the order whose value is not less. */
size_t column_order_find(const struct column_order *order, double value);
/* The first row of this id in file order, -1 none. */
long table_id_row(const struct table *table, str id);
/* Whether a run that asks for what was known on `as_known` (day 0: now) may use the row. */
bool table_row_visible(const struct table *table, size_t row, int32_t as_known);

#endif
