/* Reads a schema file: DDL in the abstract types, written out in both dialects. */
#include "sqlgen.h"

#include <stdio.h>

/* Words that PostgreSQL 15 does not take as a column's or table's name without quotes
 * (its manual, appendix C: reserved key words). */
static const char *const reserved[] = {
    "all",          "analyse",
    "analyze",      "and",
    "any",          "array",
    "as",           "asc",
    "asymmetric",   "both",
    "case",         "cast",
    "check",        "collate",
    "column",       "constraint",
    "create",       "current_catalog",
    "current_date", "current_role",
    "current_time", "current_timestamp",
    "current_user", "default",
    "deferrable",   "desc",
    "distinct",     "do",
    "else",         "end",
    "except",       "false",
    "fetch",        "for",
    "foreign",      "from",
    "grant",        "group",
    "having",       "in",
    "initially",    "intersect",
    "into",         "lateral",
    "leading",      "limit",
    "localtime",    "localtimestamp",
    "not",          "null",
    "offset",       "on",
    "only",         "or",
    "order",        "placing",
    "primary",      "references",
    "returning",    "select",
    "session_user", "some",
    "symmetric",    "table",
    "then",         "to",
    "trailing",     "true",
    "union",        "unique",
    "user",         "using",
    "variadic",     "when",
    "where",        "window",
    "with",
};

struct writer {
    struct buf *out[DIALECTS];
};

static void put(struct writer *writer, enum dialect dialect, bool spaced, str text)
{
    struct buf *out = writer->out[dialect];
    if (spaced && out->len > 0) buf_putc(out, ' ');
    buf_put_str(out, text);
}

static void put_token(struct writer *writer, struct token token)
{
    for (int d = 0; d < DIALECTS; d++) put(writer, (enum dialect)d, token.spaced, token.text);
}

static struct token expect_name(struct lexer *lexer, const char *what)
{
    struct token token = lexer_next(lexer);
    if (token.kind != TOKEN_WORD)
        fail_at(lexer->file, token.line, "expected the name of a %s, found '%.*s'", what,
                STR_ARG(token.text));
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (token_is(token, reserved[i]))
            fail_at(lexer->file, token.line,
                    "'%s' is a reserved word of PostgreSQL; choose another name", reserved[i]);
    for (size_t i = 0; i < token.text.len; i++)
        if (token.text.ptr[i] >= 'A' && token.text.ptr[i] <= 'Z')
            fail_at(lexer->file, token.line, "write names in lower case: '%.*s'",
                    STR_ARG(token.text));
    return token;
}

/* Copies tokens of an item until the comma or bracket that ends it (`added`: the semicolon);
 * returns that. */
static struct token copy_item(struct lexer *lexer, struct writer *writer, bool added,
                              struct column *column, bool *key)
{
    int depth = 0;
    struct token before = {0};
    for (;;) {
        struct token token = lexer_next(lexer);
        if (added && depth == 0 && token_is(token, ";")) return token;
        if (token.kind == TOKEN_END || token_is(token, ";"))
            fail_at(lexer->file, token.line, "the bracket of this create table is not closed");
        if (token.kind == TOKEN_PARAM)
            fail_at(lexer->file, token.line, "a schema has no parameters");
        if (depth == 0 && (token_is(token, ",") || token_is(token, ")"))) return token;
        if (token_is(token, "(")) depth++;
        if (token_is(token, ")")) depth--;
        if (column != NULL && token_is(before, "not") && token_is(token, "null"))
            column->nullable = false;
        if (column != NULL && token_is(token, "primary")) {
            column->nullable = false;
            *key = true;
        }
        put_token(writer, token);
        before = token;
    }
}

static struct token read_column(struct schema *schema, struct lexer *lexer, struct writer *writer,
                                struct table *table, bool added, struct token name)
{
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (token_is(name, reserved[i]))
            fail_at(lexer->file, name.line,
                    "'%s' is a reserved word of PostgreSQL; choose another name", reserved[i]);
    struct token word = lexer_next(lexer);
    enum type type;
    if (word.kind != TOKEN_WORD || !type_find(word.text, &type))
        fail_at(lexer->file, word.line,
                "'%.*s' is not a type; expected id, int, grams, cents, day, "
                "instant, flag, real64, text or bytes",
                STR_ARG(word.text));
    put_token(writer, name);
    put(writer, SQLITE, true, str_from(type_infos[type].sqlite));
    put(writer, POSTGRES, true, str_from(type_infos[type].postgres));
    struct column column = {.name = name.text, .type = type, .nullable = true};
    bool key = false;
    struct token end = copy_item(lexer, writer, added, &column, &key);
    if (type == TYPE_FLAG) {
        char check[160];
        snprintf(check, sizeof check, "check (%.*s in (0, 1))", STR_ARG(name.text));
        put(writer, SQLITE, true, str_from(check));
    }
    if (key && added) fail_at(lexer->file, name.line, "an added column can't be the key");
    if (key) {
        table->key_columns = 1;
        table->key[0] = table->count;
    }
    if (type == TYPE_BYTES) table->has_bytes = true;
    for (size_t i = 0; i < table->count; i++)
        if (str_equal(table->columns[i].name, column.name))
            fail_at(lexer->file, name.line, "column %.*s is declared twice", STR_ARG(column.name));
    *ARENA_PUSH(schema->arena, table->columns, table->count, table->capacity) = column;
    return end;
}

/* `primary key (a, b)`: its columns are never NULL. The words are read again from the text. */
static void note_key(const char *file, int line, struct table *table, str item)
{
    struct lexer lexer = {.file = "", .text = item, .line = 1};
    if (!token_is(lexer_next(&lexer), "primary")) return;
    for (struct token t = lexer_next(&lexer); t.kind != TOKEN_END; t = lexer_next(&lexer))
        for (size_t i = 0; i < table->count; i++)
            if (t.kind == TOKEN_WORD && str_equal(table->columns[i].name, t.text)) {
                if (table->key_columns == KEY_COLUMNS_MAX)
                    fail_at(file, line, "a primary key has at most %d columns", KEY_COLUMNS_MAX);
                table->columns[i].nullable = false;
                table->key[table->key_columns++] = i;
            }
}

static void read_table(struct schema *schema, struct lexer *lexer, struct writer *writer)
{
    struct table table = {.append_only = lexer->saw_append_only,
                          .uncounted = lexer->saw_uncounted,
                          .shared = lexer->saw_shared};
    struct token name = expect_name(lexer, "table");
    table.name = name.text;
    if (schema_table(schema, name.text) != NULL)
        fail_at(lexer->file, name.line, "table %.*s exists already", STR_ARG(name.text));
    put_token(writer, name);
    struct token bracket = lexer_next(lexer);
    if (!token_is(bracket, "("))
        fail_at(lexer->file, bracket.line, "expected ( after the table's name");
    put_token(writer, bracket);
    for (;;) {
        struct token first = lexer_next(lexer);
        struct token end;
        first.spaced = true;
        if (token_is(first, "primary") || token_is(first, "unique") || token_is(first, "check") ||
            token_is(first, "foreign") || token_is(first, "constraint")) {
            size_t from = writer->out[SQLITE]->len;
            put_token(writer, first);
            end = copy_item(lexer, writer, false, NULL, NULL);
            note_key(lexer->file, first.line, &table,
                     str_slice(buf_str(writer->out[SQLITE]), from, writer->out[SQLITE]->len));
        } else if (first.kind == TOKEN_WORD) {
            end = read_column(schema, lexer, writer, &table, false, first);
        } else {
            fail_at(lexer->file, first.line, "expected a column, found '%.*s'",
                    STR_ARG(first.text));
        }
        put_token(writer, end);
        if (token_is(end, ")")) break;
    }
    struct token semicolon = lexer_next(lexer);
    if (!token_is(semicolon, ";"))
        fail_at(lexer->file, semicolon.line,
                "expected ; after create table (options are made here)");
    if (table.key_columns == 0)
        fail_at(lexer->file, name.line,
                "table %.*s has no primary key; rows are copied and told apart by it",
                STR_ARG(name.text));
    /* Rows under a composite key live in the key's own tree, unless they carry bulky bytes. */
    bool in_key = table.key_columns > 1 && !table.has_bytes;
    put(writer, SQLITE, true, in_key ? STR("STRICT, WITHOUT ROWID;") : STR("STRICT;"));
    put(writer, POSTGRES, false, STR(";"));
    *ARENA_PUSH(schema->arena, schema->tables, schema->count, schema->capacity) = table;
}

/* `alter table T add column NAME TYPE …;` behind the word `alter`. */
static void read_alter(struct schema *schema, struct lexer *lexer, struct writer *writer)
{
    struct token name = expect_name(lexer, "table"), add = lexer_next(lexer);
    struct token word = lexer_next(lexer), column = lexer_next(lexer);
    struct table *table = (struct table *)schema_table(schema, name.text);
    if (table == NULL)
        fail_at(lexer->file, name.line, "there is no table %.*s", STR_ARG(name.text));
    if (!token_is(add, "add") || !token_is(word, "column") || column.kind != TOKEN_WORD)
        fail_at(lexer->file, add.line, "expected alter table %.*s add column …",
                STR_ARG(name.text));
    put_token(writer, name);
    put_token(writer, add);
    put_token(writer, word);
    column.spaced = true;
    struct token end = read_column(schema, lexer, writer, table, true, column);
    if (!token_is(end, ";")) fail_at(lexer->file, end.line, "expected ; after the column");
    put_token(writer, end);
}

/* As it is written, up to the semicolon. */
static void read_plain(struct lexer *lexer, struct writer *writer, const char *what)
{
    for (;;) {
        struct token token = lexer_next(lexer);
        if (token.kind == TOKEN_END) fail_at(lexer->file, token.line, "expected ; after %s", what);
        if (token.kind == TOKEN_PARAM)
            fail_at(lexer->file, token.line, "a schema has no parameters");
        put_token(writer, token);
        if (token_is(token, ";")) return;
    }
}

static bool is_change(struct token token)
{
    return token_is(token, "insert") || token_is(token, "update") || token_is(token, "delete");
}

void schema_read(struct schema *schema, int step, const char *file, str text)
{
    struct lexer lexer = {.file = file, .text = text, .line = 1};
    for (;;) {
        struct writer writer = {{buf_new(schema->arena), buf_new(schema->arena)}};
        lexer.saw_append_only = lexer.saw_uncounted = lexer.saw_shared = false;
        struct token create = lexer_next(&lexer);
        if (create.kind == TOKEN_END) return;
        struct token what = lexer_next(&lexer);
        put_token(&writer, create);
        put_token(&writer, what);
        if (token_is(create, "create") && token_is(what, "unique")) {
            what = lexer_next(&lexer);
            put_token(&writer, what);
            if (!token_is(what, "index")) fail_at(file, what.line, "expected create unique index");
        }
        if (token_is(create, "create") && token_is(what, "table"))
            read_table(schema, &lexer, &writer);
        else if (token_is(create, "create") && token_is(what, "index"))
            read_plain(&lexer, &writer, "create index");
        else if (step > 1 && token_is(create, "alter") && token_is(what, "table"))
            read_alter(schema, &lexer, &writer);
        else if (step > 1 && is_change(create))
            read_plain(&lexer, &writer, "the statement");
        else
            fail_at(file, create.line,
                    "expected create table or create [unique] index%s, found '%.*s %.*s'",
                    step > 1 ? ", alter table … add column, insert, update or delete" : "",
                    STR_ARG(create.text), STR_ARG(what.text));
        *ARENA_PUSH(schema->arena, schema->ddls, schema->ddls_count, schema->ddls_capacity) =
            (struct ddl){.file = file,
                         .line = create.line,
                         .step = step,
                         .text = {buf_str(writer.out[SQLITE]), buf_str(writer.out[POSTGRES])}};
    }
}

const struct table *schema_table(const struct schema *schema, str name)
{
    for (size_t i = 0; i < schema->count; i++)
        if (str_equal(schema->tables[i].name, name)) return &schema->tables[i];
    return NULL;
}
