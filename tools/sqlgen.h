/* sqlgen turns the rooms' statements and schemas into typed C functions and a migration, and proves
 * on a real SQLite that they fit each other. Parts: lexer, schema, statements, check, history of
 * migrations, emitter. */
#ifndef TOOLS_SQLGEN_H
#define TOOLS_SQLGEN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#define PARAMS_MAX 64 /* SQL_PARAMS_MAX of store/sql.h */
#define KEY_COLUMNS_MAX 8

enum type {
    TYPE_ID,
    TYPE_INT,
    TYPE_GRAMS,
    TYPE_CENTS,
    TYPE_DAY,
    TYPE_INSTANT,
    TYPE_FLAG,
    TYPE_REAL64,
    TYPE_TEXT,
    TYPE_BYTES,
    TYPES
};
enum kind { KIND_ONE, KIND_MANY, KIND_EXEC, KINDS };
enum dialect { SQLITE, POSTGRES, DIALECTS };

struct type_info {
    const char *name;
    const char *sqlite; /* column type */
    const char *postgres;
    const char *c;        /* C type of a value */
    const char *value;    /* constructor sql_value_<value> */
    const char *sql_type; /* enumerator of store/sql.h */
};
extern const struct type_info type_infos[TYPES];
bool type_find(str name, enum type *type);

/* Prints "file:line: error: …" and ends the program with status 1. */
_Noreturn void fail_at(const char *file, int line, const char *format, ...) PRINTF_LIKE(3, 4);

/* A file of UTF-8; ends the program when it can't be read. */
str source_read(struct arena *arena, const char *path);

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_QUOTED,
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_PARAM,
    TOKEN_MARK
};
struct token {
    enum token_kind kind;
    str text; /* of a TOKEN_PARAM without the colon */
    int line;
    bool spaced; /* blank or comment before it */
};
struct lexer {
    const char *file;
    str text;
    size_t at;
    int line;
    bool saw_append_only; /* a comment "-- append-only" was passed; the reader clears it */
    bool saw_uncounted, saw_shared; /* the same of "-- uncounted" and "-- shared" */
};
struct token lexer_next(struct lexer *lexer);
bool token_is(struct token token, const char *word); /* words in either case */

struct column {
    str name;
    enum type type;
    bool nullable;
};
struct table {
    str name;
    struct column *columns;
    size_t count, capacity;
    bool append_only;
    bool uncounted; /* its changes are not counted in store_change */
    bool shared;    /* pages of other organisations show its rows */
    bool has_bytes;
    size_t key_columns;          /* of the primary key */
    size_t key[KEY_COLUMNS_MAX]; /* their places among the columns, in the key's order */
};
struct ddl {
    const char *file;
    int line;
    int step; /* of the migration that it belongs to; from 1 */
    str text[DIALECTS];
};
struct schema {
    struct arena *arena;
    struct table *tables;
    size_t count, capacity;
    struct ddl *ddls;
    size_t ddls_count, ddls_capacity;
};
/* Reads `create table` and `create index`; with step > 1 also `alter table … add column`, `insert`,
 * `update` and `delete`, which change what earlier steps left. */
void schema_read(struct schema *schema, int step, const char *file, str text);
const struct table *schema_table(const struct schema *schema, str name);

struct field {
    str name;
    enum type type;
    bool nullable;
    int line;
};
struct fields {
    struct field *items;
    size_t count, capacity;
};
/* Where a piece of the written text came from, to name the line of a fault. */
struct text_mark {
    size_t at;
    int line;
};
struct variant {
    str text;   /* empty: not given */
    str source; /* as written, with :names */
    int line;
    struct text_mark *marks;
    size_t count, capacity;
};
struct statement {
    const char *file;
    int line;
    str name;
    enum kind kind;
    str doc; /* lines separated by \n */
    struct fields in, out;
    struct variant variants[DIALECTS];
    bool counted, shared; /* by the tables whose rows it changes; check_all says */
};
struct statements {
    struct arena *arena;
    struct statement *items;
    size_t count, capacity;
};
void statements_read(struct statements *statements, const char *room, const char *file, str text);

/* Makes the schema in a new SQLite in memory; ends the program at the first fault. */
struct sqlite3;
struct sqlite3 *check_schema(const struct schema *schema);
/* The same, and prepares every statement. */
void check_all(const struct schema *schema, struct statements *statements);

void emit_statements(struct buf *source, struct buf *header, const char *room,
                     const struct statements *statements);
/* SHA-256 over the texts of a step in both dialects, in hexadecimal. */
const char *step_digest(const struct schema *steps, int step);
/* The steps of `steps`, named by names[step - 1]; tables as `schema` has them. */
void emit_migration(struct buf *out, const struct schema *steps, const str *names, int count,
                    const struct schema *schema, const char *symbol);

/* Reads the numbered files (0001-word.sql …) in order, holds each against its line in `list`, and
 * says their names and number. */
void history_read(struct schema *steps, const char *list, char **files, int count, str *names);
/* Ends the program unless the steps make the same tables as the rooms' schemas. */
void history_check(const struct schema *steps, const struct schema *rooms, const char *list,
                   int count);
void emit_index(struct buf *out, const char *const *rooms, size_t count);

#endif
