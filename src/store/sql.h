/* What generated statements (<room>_sql.c, by tools/sqlgen) and the two drivers agree on. Rooms do
 * not use this directly: they call the typed functions of their own <room>_sql.h. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "store/store.h"

/* sqlgen refuses a statement with more. */
#define SQL_PARAMS_MAX 64

enum sql_type { SQL_INT, SQL_DAY, SQL_FLAG, SQL_REAL, SQL_TEXT, SQL_BYTES };
enum sql_kind { SQL_ONE, SQL_MANY, SQL_EXEC };
enum sql_dialect { SQL_SQLITE, SQL_POSTGRES, SQL_DIALECTS };

/* A parameter as it is bound. */
struct sql_value {
    bool null;
    union {
        int64_t integer; /* also days and flags */
        double real;
        str text; /* also bytes */
    };
};

/* Where a result column goes in the row's struct. */
struct sql_column {
    const char *name;
    enum sql_type type;
    bool nullable;
    size_t at;
    size_t has_at; /* of the bool has_<name>; only when nullable */
};

struct sql_statement {
    const char *name;
    const char *place; /* file:line */
    enum sql_kind kind;
    const char *text[SQL_DIALECTS];
    const enum sql_type *params;
    size_t params_count;
    const struct sql_column *columns;
    size_t columns_count;
    size_t row_bytes;
    bool counted; /* changes rows whose changes store_change counts */
    bool shared;  /* … and that pages of other organisations show */
    int org_at;   /* the parameter org_id; -1: none */
};

/* All statements of a room; sqlgen's index names all rooms for the tests. */
struct sql_room {
    const char *name;
    const struct sql_statement *const *statements;
    size_t count;
};

/* Run a statement. Text and bytes of rows are copied into the arena (NULL: the db's own). A second
 * row for SQL_ONE, or NULL in a column that is not declared so, is an error. */
bool sql_run_one(struct db *db, const struct sql_statement *statement,
                 const struct sql_value *values, struct arena *arena, void *row, bool *found,
                 struct error *err) NODISCARD;
bool sql_run_many(struct db *db, const struct sql_statement *statement,
                  const struct sql_value *values, struct arena *arena, void **rows, size_t *count,
                  struct error *err) NODISCARD;
bool sql_run_exec(struct db *db, const struct sql_statement *statement,
                  const struct sql_value *values, int64_t *changed, struct error *err) NODISCARD;

static inline struct sql_value sql_value_int(int64_t value)
{
    return (struct sql_value){.integer = value};
}
static inline struct sql_value sql_value_int_or_null(const int64_t *value)
{
    return value == NULL ? (struct sql_value){.null = true} : (struct sql_value){.integer = *value};
}
static inline struct sql_value sql_value_day(date value)
{
    return (struct sql_value){.integer = value.day};
}
static inline struct sql_value sql_value_day_or_null(const date *value)
{
    return value == NULL ? (struct sql_value){.null = true} : sql_value_day(*value);
}
static inline struct sql_value sql_value_flag(bool value)
{
    return (struct sql_value){.integer = value ? 1 : 0};
}
static inline struct sql_value sql_value_flag_or_null(const bool *value)
{
    return value == NULL ? (struct sql_value){.null = true} : sql_value_flag(*value);
}
static inline struct sql_value sql_value_real(double value)
{
    return (struct sql_value){.real = value};
}
static inline struct sql_value sql_value_real_or_null(const double *value)
{
    return value == NULL ? (struct sql_value){.null = true} : (struct sql_value){.real = *value};
}
/* Text or bytes; an empty slice without a pointer is empty, not NULL. */
static inline struct sql_value sql_value_text(str value)
{
    return (struct sql_value){.text = value.ptr == NULL ? STR("") : value};
}
static inline struct sql_value sql_value_text_or_null(str value)
{
    return value.ptr == NULL ? (struct sql_value){.null = true} : (struct sql_value){.text = value};
}

#endif
