/* Proves schema and statements on a real SQLite in memory: the migration runs, every statement
 * prepares, its columns are those that it declares, and append-only tables are left alone. */
#include "sqlgen.h"

#include <sqlite3.h>
#include <string.h>

#define COLUMNS_MAX 128

struct guard {
    const struct schema *schema;
    struct statement *statement; /* NULL while the schema is made */
};

static void note_change(const struct table *table, struct statement *statement)
{
    if (table == NULL || table->uncounted) return;
    statement->counted = true;
    statement->shared |= table->shared;
}

static int authorize(void *arg, int action, const char *first, const char *second,
                     const char *database, const char *trigger)
{
    const struct guard *guard = arg;
    struct statement *statement = guard->statement;
    (void)second;
    (void)database;
    (void)trigger;
    if (statement == NULL) return SQLITE_OK;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_INSERT:
        note_change(schema_table(guard->schema, str_from(first)), statement);
        return SQLITE_OK;
    case SQLITE_UPDATE:
    case SQLITE_DELETE: {
        const struct table *table = schema_table(guard->schema, str_from(first));
        note_change(table, statement);
        if (table != NULL && table->append_only)
            fail_at(
                statement->file, statement->variants[SQLITE].line,
                "%.*s changes rows of %s, which is append-only; add a row that supersedes instead",
                STR_ARG(statement->name), first);
        return SQLITE_OK;
    }
    default:
        fail_at(statement->file, statement->variants[SQLITE].line,
                "%.*s: a statement may only select, insert, update or delete",
                STR_ARG(statement->name));
    }
}

/* The line of a fault: where SQLite points, or else where the last word of its message stands. */
static int line_of(const struct variant *variant, int offset, const char *message)
{
    const char *word = strrchr(message, ' ');
    size_t at;
    if (offset < 0 && word != NULL && str_find(variant->text, str_from(word + 1), &at))
        offset = (int)at;
    int line = variant->line;
    for (size_t i = 0; i < variant->count && offset >= 0; i++)
        if (variant->marks[i].at <= (size_t)offset) line = variant->marks[i].line;
    return line;
}

static const struct column *find_origin(const struct schema *schema, sqlite3_stmt *prepared, int at)
{
    const char *table_name = sqlite3_column_table_name(prepared, at);
    const char *column_name = sqlite3_column_origin_name(prepared, at);
    if (table_name == NULL || column_name == NULL) return NULL;
    const struct table *table = schema_table(schema, str_from(table_name));
    for (size_t i = 0; table != NULL && i < table->count; i++)
        if (str_is(table->columns[i].name, column_name)) return &table->columns[i];
    return NULL;
}

static bool types_agree(enum type declared, enum type column)
{
    if (declared == column) return true;
    bool whole = column < TYPE_DAY;
    return (declared == TYPE_INT && whole) || (column == TYPE_INT && declared < TYPE_DAY);
}

static bool is_identifier(const char *name)
{
    for (; *name != '\0'; name++)
        if (!((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') || *name == '_'))
            return false;
    return true;
}

static void check_columns(const struct schema *schema, const struct statement *statement,
                          sqlite3_stmt *prepared)
{
    int count = sqlite3_column_count(prepared);
    if ((size_t)count != statement->out.count)
        fail_at(statement->file, statement->variants[SQLITE].line,
                "%.*s gives %d columns, but -- out names %zu", STR_ARG(statement->name), count,
                statement->out.count);
    for (int i = 0; i < count; i++) {
        const struct field *field = &statement->out.items[i];
        const char *name = sqlite3_column_name(prepared, i);
        if (is_identifier(name) && !str_is(field->name, name))
            fail_at(statement->file, field->line,
                    "column %d of %.*s is %s, but -- out calls it %.*s", i + 1,
                    STR_ARG(statement->name), name, STR_ARG(field->name));
        const struct column *column = find_origin(schema, prepared, i);
        if (column == NULL) continue;
        if (!types_agree(field->type, column->type))
            fail_at(statement->file, field->line, "%.*s is %s in the schema, but -- out says %s",
                    STR_ARG(field->name), type_infos[column->type].name,
                    type_infos[field->type].name);
        if (column->nullable && !field->nullable)
            fail_at(statement->file, field->line, "%.*s may be NULL in the schema; write %.*s %s?",
                    STR_ARG(field->name), STR_ARG(field->name), type_infos[field->type].name);
    }
}

static const struct column *find_column(const struct table *table, str name)
{
    for (size_t i = 0; i < table->count; i++)
        if (str_equal(table->columns[i].name, name)) return &table->columns[i];
    return NULL;
}

static void check_value(const struct statement *statement, const struct column *column, str name)
{
    const struct field *field = statement->in.items;
    while (!str_equal(field->name, name)) field++;
    if (!types_agree(field->type, column->type))
        fail_at(statement->file, field->line,
                "%.*s is %s in the schema, but %.*s puts the %s %.*s there", STR_ARG(column->name),
                type_infos[column->type].name, STR_ARG(statement->name),
                type_infos[field->type].name, STR_ARG(name));
    if (field->nullable && !column->nullable)
        fail_at(statement->file, field->line, "%.*s is never NULL in the schema, but %.*s may be",
                STR_ARG(column->name), STR_ARG(name));
}

/* insert into T (a, b) values (:x, :y): SQLite takes grams for cents without a word, so each lone
 * parameter is held against its column. */
static void check_insert(const struct schema *schema, const struct statement *statement)
{
    const struct column *columns[COLUMNS_MAX];
    size_t count = 0, at = 0;
    struct lexer lexer = {.file = statement->file, .text = statement->variants[SQLITE].source};
    if (!token_is(lexer_next(&lexer), "insert") || !token_is(lexer_next(&lexer), "into")) return;
    const struct table *table = schema_table(schema, lexer_next(&lexer).text);
    if (table == NULL || !token_is(lexer_next(&lexer), "(")) return;
    struct token token = lexer_next(&lexer);
    for (; token.kind == TOKEN_WORD && count < COLUMNS_MAX; token = lexer_next(&lexer)) {
        columns[count++] = find_column(table, token.text);
        if (!token_is(token = lexer_next(&lexer), ",")) break;
    }
    if (!token_is(lexer_next(&lexer), "values") || !token_is(lexer_next(&lexer), "(")) return;
    bool first = true; /* at the start of a value */
    for (int depth = 1; depth > 0 && at < count;) {
        token = lexer_next(&lexer);
        struct lexer ahead = lexer;
        struct token after = lexer_next(&ahead);
        if (token.kind == TOKEN_END) return;
        if (first && token.kind == TOKEN_PARAM && columns[at] != NULL &&
            (token_is(after, ",") || token_is(after, ")")))
            check_value(statement, columns[at], token.text);
        depth += token_is(token, "(") ? 1 : token_is(token, ")") ? -1 : 0;
        first = depth == 1 && token_is(token, ",");
        at += first;
    }
}

static bool starts_replace(str text)
{
    char folded[32] = "";
    for (size_t i = 0; i < text.len && i < sizeof folded - 1; i++)
        folded[i] = (char)(text.ptr[i] | 0x20);
    return str_starts(str_from(folded), "insert or ") || str_starts(str_from(folded), "replace ");
}

static void check_statement(sqlite3 *db, const struct schema *schema,
                            const struct statement *statement)
{
    const struct variant *variant = &statement->variants[SQLITE];
    if (starts_replace(variant->text))
        fail_at(statement->file, variant->line,
                "insert or … and replace are SQLite's own; "
                "write insert … on conflict …");
    sqlite3_stmt *prepared = NULL;
    const char *tail = NULL;
    if (sqlite3_prepare_v2(db, variant->text.ptr, (int)variant->text.len, &prepared, &tail) !=
        SQLITE_OK)
        fail_at(statement->file, line_of(variant, sqlite3_error_offset(db), sqlite3_errmsg(db)),
                "%.*s: %s", STR_ARG(statement->name), sqlite3_errmsg(db));
    if (prepared == NULL)
        fail_at(statement->file, statement->line, "%.*s has no text", STR_ARG(statement->name));
    if (sqlite3_bind_parameter_count(prepared) != (int)statement->in.count)
        fail_at(statement->file, variant->line, "%.*s has %d parameters, but -- in names %zu",
                STR_ARG(statement->name), sqlite3_bind_parameter_count(prepared),
                statement->in.count);
    check_columns(schema, statement, prepared);
    check_insert(schema, statement);
    sqlite3_finalize(prepared);
}

sqlite3 *check_schema(const struct schema *schema)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) fail_at("sqlite", 0, "%s", sqlite3_errmsg(db));
    sqlite3_exec(db, "pragma foreign_keys=on", NULL, NULL, NULL);
    for (size_t i = 0; i < schema->ddls_count; i++) {
        const struct ddl *ddl = &schema->ddls[i];
        char *text = str_dup(schema->arena, ddl->text[SQLITE]);
        if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
            fail_at(ddl->file, ddl->line, "%s", sqlite3_errmsg(db));
    }
    return db;
}

void check_all(const struct schema *schema, struct statements *statements)
{
    struct guard guard = {schema, NULL};
    sqlite3 *db = check_schema(schema);
    sqlite3_set_authorizer(db, authorize, &guard);
    for (size_t i = 0; i < statements->count; i++) {
        guard.statement = &statements->items[i];
        check_statement(db, schema, &statements->items[i]);
    }
    sqlite3_close(db);
}
