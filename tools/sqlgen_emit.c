/* Writes the C: rows, functions, descriptions of statements; the migration; the index of rooms. */
#include "sqlgen.h"

#include <stdio.h>

#include "base/digest.h"

static const char *const kind_enums[KINDS] = {"SQL_ONE", "SQL_MANY", "SQL_EXEC"};

static void put_c_string(struct buf *out, str text)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\') buf_putc(out, '\\');
        if (c == '\n')
            buf_puts(out, "\\n");
        else
            buf_putc(out, c);
    }
    buf_putc(out, '"');
}

static void put_upper(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        buf_putc(out, *text >= 'a' && *text <= 'z' ? (char)(*text - 32) : *text);
}

static bool by_slice(enum type type)
{
    return type == TYPE_TEXT || type == TYPE_BYTES;
}

static void put_signature(struct buf *out, const struct statement *statement)
{
    buf_printf(out, "bool sql_%.*s(struct db *db", STR_ARG(statement->name));
    if (statement->kind != KIND_EXEC) buf_puts(out, ", struct arena *arena");
    for (size_t i = 0; i < statement->in.count; i++) {
        const struct field *field = &statement->in.items[i];
        bool pointer = field->nullable && !by_slice(field->type);
        buf_printf(out, ",\n    %s%s %s%.*s", pointer ? "const " : "", type_infos[field->type].c,
                   pointer ? "*" : "", STR_ARG(field->name));
    }
    if (statement->kind == KIND_ONE)
        buf_printf(out, ",\n    struct sql_%.*s_row *row, bool *found", STR_ARG(statement->name));
    else if (statement->kind == KIND_MANY)
        buf_printf(out, ",\n    struct sql_%.*s_row **rows, size_t *count",
                   STR_ARG(statement->name));
    else
        buf_puts(out, ",\n    int64_t *changed");
    buf_puts(out, ", struct error *err)");
}

static void put_declaration(struct buf *out, const struct statement *statement)
{
    if (statement->kind != KIND_EXEC) {
        buf_printf(out, "\nstruct sql_%.*s_row {\n", STR_ARG(statement->name));
        for (size_t i = 0; i < statement->out.count; i++) {
            const struct field *field = &statement->out.items[i];
            buf_printf(out, "    %s %.*s;\n", type_infos[field->type].c, STR_ARG(field->name));
            if (field->nullable) buf_printf(out, "    bool has_%.*s;\n", STR_ARG(field->name));
        }
        buf_puts(out, "};\n");
    } else {
        buf_putc(out, '\n');
    }
    str doc = statement->doc, line;
    bool first = true;
    while (str_cut(&doc, '\n', &line) && line.len > 0) {
        buf_printf(out, "%s%.*s", first ? "/* " : "\n * ", STR_ARG(line));
        first = false;
    }
    if (!first) buf_puts(out, " */\n");
    put_signature(out, statement);
    buf_puts(out, " NODISCARD;\n");
}

static void put_tables(struct buf *out, const struct statement *s)
{
    if (s->in.count > 0) {
        buf_printf(out, "\nstatic const enum sql_type %.*s_params[] = {", STR_ARG(s->name));
        for (size_t i = 0; i < s->in.count; i++)
            buf_printf(out, "%s%s", i == 0 ? "" : ", ", type_infos[s->in.items[i].type].sql_type);
        buf_puts(out, "};");
    }
    if (s->out.count > 0) {
        buf_printf(out, "\nstatic const struct sql_column %.*s_columns[] = {\n", STR_ARG(s->name));
        for (size_t i = 0; i < s->out.count; i++) {
            const struct field *f = &s->out.items[i];
            buf_printf(out, "    {\"%.*s\", %s, %s, offsetof(struct sql_%.*s_row, %.*s), ",
                       STR_ARG(f->name), type_infos[f->type].sql_type,
                       f->nullable ? "true" : "false", STR_ARG(s->name), STR_ARG(f->name));
            if (f->nullable)
                buf_printf(out, "offsetof(struct sql_%.*s_row, has_%.*s)},\n", STR_ARG(s->name),
                           STR_ARG(f->name));
            else
                buf_puts(out, "0},\n");
        }
        buf_puts(out, "};");
    }
}

/* Which parameter names the organisation; -1: none. */
static int org_at(const struct statement *s)
{
    for (size_t i = 0; i < s->in.count; i++)
        if (str_is(s->in.items[i].name, "org_id")) return (int)i;
    return -1;
}

static void put_description(struct buf *out, const struct statement *s)
{
    put_tables(out, s);
    buf_printf(out,
               "\nstatic const struct sql_statement %.*s = {\n    \"%.*s\", \"%s:%d\", %s,\n    {",
               STR_ARG(s->name), STR_ARG(s->name), s->file, s->line, kind_enums[s->kind]);
    put_c_string(out, s->variants[SQLITE].text);
    buf_puts(out, ",\n     ");
    put_c_string(out, s->variants[POSTGRES].text);
    buf_puts(out, "},\n    ");
    if (s->in.count > 0)
        buf_printf(out, "%.*s_params, %zu, ", STR_ARG(s->name), s->in.count);
    else
        buf_puts(out, "NULL, 0, ");
    if (s->out.count > 0)
        buf_printf(out, "%.*s_columns, %zu, sizeof(struct sql_%.*s_row),", STR_ARG(s->name),
                   s->out.count, STR_ARG(s->name));
    else
        buf_puts(out, "NULL, 0, 0,");
    buf_printf(out, " %s, %s, %d};\n", s->counted ? "true" : "false", s->shared ? "true" : "false",
               org_at(s));
}

static void put_body(struct buf *out, const struct statement *s)
{
    put_signature(out, s);
    buf_puts(out, "\n{\n");
    if (s->in.count > 0) {
        buf_puts(out, "    const struct sql_value values[] = {\n");
        for (size_t i = 0; i < s->in.count; i++) {
            const struct field *f = &s->in.items[i];
            buf_printf(out, "        sql_value_%s%s(%.*s),\n", type_infos[f->type].value,
                       f->nullable ? "_or_null" : "", STR_ARG(f->name));
        }
        buf_puts(out, "    };\n");
    }
    const char *values = s->in.count > 0 ? "values" : "NULL";
    if (s->kind == KIND_ONE)
        buf_printf(out, "    return sql_run_one(db, &%.*s, %s, arena, row, found, err);\n",
                   STR_ARG(s->name), values);
    else if (s->kind == KIND_MANY)
        buf_printf(out,
                   "    void *all = NULL;\n"
                   "    if (!sql_run_many(db, &%.*s, %s, arena, &all, count, err)) return false;\n"
                   "    *rows = all;\n    return true;\n",
                   STR_ARG(s->name), values);
    else
        buf_printf(out, "    return sql_run_exec(db, &%.*s, %s, changed, err);\n", STR_ARG(s->name),
                   values);
    buf_puts(out, "}\n");
}

void emit_statements(struct buf *source, struct buf *header, const char *room,
                     const struct statements *statements)
{
    buf_printf(header, "/* Made by sqlgen from %s.sql. */\n#ifndef MADE_SQL_", room);
    put_upper(header, room);
    buf_puts(header, "_H\n#define MADE_SQL_");
    put_upper(header, room);
    buf_puts(header, "_H\n\n#include \"store/sql.h\"\n");
    buf_printf(source,
               "/* Made by sqlgen from %s.sql. */\n#include \"%s_sql.h\"\n\n#include <stddef.h>\n",
               room, room);
    for (size_t i = 0; i < statements->count; i++) {
        put_declaration(header, &statements->items[i]);
        put_description(source, &statements->items[i]);
        put_body(source, &statements->items[i]);
    }
    buf_printf(header, "\nextern const struct sql_room sql_room_%s;\n\n#endif\n", room);
    buf_puts(source, "\nstatic const struct sql_statement *const all[] = {\n");
    for (size_t i = 0; i < statements->count; i++)
        buf_printf(source, "    &%.*s,\n", STR_ARG(statements->items[i].name));
    buf_printf(source, "    NULL,\n};\nconst struct sql_room sql_room_%s = {\"%s\", all, %zu};\n",
               room, room, statements->count);
}

static void put_columns(struct buf *out, const struct table *table, const char *before)
{
    for (size_t i = 0; i < table->count; i++)
        buf_printf(out, "%s%s%.*s", i == 0 ? "" : ", ", before, STR_ARG(table->columns[i].name));
}

static void put_key(struct buf *out, const struct table *table, const char *after)
{
    for (size_t i = 0; i < table->key_columns; i++)
        buf_printf(out, "%s%.*s%s", i == 0 ? "" : ", ", STR_ARG(table->columns[table->key[i]].name),
                   after);
}

static void put_places(struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) buf_printf(out, "%s$%zu", i == 0 ? "" : ", ", i + 1);
}

/* $1, $2 … are numbered parameters on both databases. */
static void put_table_statement(struct buf *out, const struct table *table, const char *name,
                                const char *kind, const char *params, size_t params_count,
                                bool rows, const struct buf *text)
{
    buf_printf(out, "    .%s = {.name = \"copy_%.*s_%s\", .place = \"schema\", .kind = SQL_%s,\n",
               name, STR_ARG(table->name), name, kind);
    buf_puts(out, "        .text = {");
    put_c_string(out, buf_str(text));
    buf_puts(out, ",\n                 ");
    put_c_string(out, buf_str(text));
    buf_printf(out, "},\n        .params = %s, .params_count = %zu", params, params_count);
    if (rows)
        buf_printf(out, ", .columns = columns_%.*s, .columns_count = %zu", STR_ARG(table->name),
                   table->count);
    buf_puts(out, "},\n");
}

static struct buf *select_text(const struct schema *schema, const struct table *table, bool next)
{
    struct buf *text = buf_new(schema->arena);
    buf_puts(text, "select ");
    put_columns(text, table, "");
    buf_printf(text, " from %.*s", STR_ARG(table->name));
    if (next) {
        buf_puts(text, " where (");
        put_key(text, table, "");
        buf_puts(text, ") > (");
        put_places(text, table->key_columns);
        buf_putc(text, ')');
    }
    buf_puts(text, " order by ");
    put_key(text, table, "");
    buf_printf(text, " limit $%zu", next ? table->key_columns + 1 : 1);
    return text;
}

/* What copies a table row by row, from a key on; see store/copy.c. */
static void emit_table(struct buf *out, const struct schema *schema, const struct table *table)
{
    buf_printf(out, "\nstatic const struct sql_column columns_%.*s[] = {\n", STR_ARG(table->name));
    for (size_t i = 0; i < table->count; i++)
        buf_printf(out, "    {.name = \"%.*s\", .type = %s, .nullable = %s},\n",
                   STR_ARG(table->columns[i].name), type_infos[table->columns[i].type].sql_type,
                   table->columns[i].nullable ? "true" : "false");
    buf_printf(out, "};\nstatic const enum sql_type types_%.*s[] = {", STR_ARG(table->name));
    for (size_t i = 0; i < table->count; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : ", ", type_infos[table->columns[i].type].sql_type);
    buf_printf(out, "};\nstatic const enum sql_type key_types_%.*s[] = {", STR_ARG(table->name));
    for (size_t i = 0; i < table->key_columns; i++)
        buf_printf(out, "%s, ", type_infos[table->columns[table->key[i]].type].sql_type);
    buf_printf(out, "SQL_INT};\nstatic const size_t key_%.*s[] = {", STR_ARG(table->name));
    for (size_t i = 0; i < table->key_columns; i++)
        buf_printf(out, "%s%zu", i == 0 ? "" : ", ", table->key[i]);
    buf_printf(out, "};\nstatic const struct schema_table table_%.*s = {\n    .name = \"%.*s\", ",
               STR_ARG(table->name), STR_ARG(table->name));
    buf_printf(out, ".columns_count = %zu, .key = key_%.*s, .key_count = %zu,\n", table->count,
               STR_ARG(table->name), table->key_columns);
    char types[160], key_types[160];
    snprintf(types, sizeof types, "types_%.*s", STR_ARG(table->name));
    snprintf(key_types, sizeof key_types, "key_types_%.*s", STR_ARG(table->name));
    put_table_statement(out, table, "first", "MANY", "limit_type", 1, true,
                        select_text(schema, table, false));
    put_table_statement(out, table, "next", "MANY", key_types, table->key_columns + 1, true,
                        select_text(schema, table, true));
    struct buf *text = buf_new(schema->arena);
    buf_printf(text, "select ");
    put_columns(text, table, "");
    buf_printf(text, " from %.*s order by ", STR_ARG(table->name));
    put_key(text, table, " desc");
    buf_puts(text, " limit 1");
    put_table_statement(out, table, "last", "ONE", "NULL", 0, true, text);
    text = buf_new(schema->arena);
    buf_printf(text, "insert into %.*s (", STR_ARG(table->name));
    put_columns(text, table, "");
    buf_puts(text, ") values (");
    put_places(text, table->count);
    buf_putc(text, ')');
    put_table_statement(out, table, "insert", "EXEC", types, table->count, false, text);
    buf_puts(out, "};\n");
}

static void emit_tables(struct buf *out, const struct schema *schema)
{
    buf_puts(out, "\nstatic const enum sql_type limit_type[] = {SQL_INT};\n");
    for (size_t i = 0; i < schema->count; i++) emit_table(out, schema, &schema->tables[i]);
    buf_puts(out, "\nstatic const struct schema_table *const tables[] = {\n");
    for (size_t i = 0; i < schema->count; i++)
        buf_printf(out, "    &table_%.*s,\n", STR_ARG(schema->tables[i].name));
    buf_puts(out, "    NULL,\n};\n");
}

static void put_step(struct buf *out, const struct schema *steps, int step, enum dialect dialect)
{
    for (size_t i = 0; i < steps->ddls_count; i++)
        if (steps->ddls[i].step == step) {
            buf_put_str(out, steps->ddls[i].text[dialect]);
            buf_putc(out, '\n');
        }
}

const char *step_digest(const struct schema *steps, int step)
{
    str parts[DIALECTS];
    for (int d = 0; d < DIALECTS; d++) {
        struct buf *text = buf_new(steps->arena);
        put_step(text, steps, step, (enum dialect)d);
        parts[d] = buf_str(text);
    }
    return digest_hex(steps->arena, digest_of_parts(parts, DIALECTS));
}

static void emit_texts(struct buf *out, const struct schema *steps, int step, enum dialect dialect)
{
    buf_printf(out, "\nstatic const char *const %s_%d[] = {\n",
               dialect == SQLITE ? "sqlite" : "postgres", step);
    for (size_t i = 0; i < steps->ddls_count; i++) {
        if (steps->ddls[i].step != step) continue;
        buf_puts(out, "    ");
        put_c_string(out, steps->ddls[i].text[dialect]);
        buf_puts(out, ",\n");
    }
    buf_puts(out, "    NULL,\n};\n");
}

void emit_migration(struct buf *out, const struct schema *steps, const str *names, int count,
                    const struct schema *schema, const char *symbol)
{
    buf_puts(out, "/* Made by sqlgen from schemas. */\n#include \"store/migration.h\"\n");
    for (int step = 1; step <= count; step++)
        for (int d = 0; d < DIALECTS; d++) emit_texts(out, steps, step, (enum dialect)d);
    buf_puts(out, "\nstatic const char *const append_only[] = {\n");
    for (size_t i = 0; i < schema->count; i++)
        if (schema->tables[i].append_only)
            buf_printf(out, "    \"%.*s\",\n", STR_ARG(schema->tables[i].name));
    buf_puts(out, "    NULL,\n};\n\nstatic const struct migration migrations[] = {\n");
    for (int step = 1; step <= count; step++)
        buf_printf(out, "    {%d, \"%s\", {sqlite_%d, postgres_%d}, \"%.*s\"},\n", step,
                   step_digest(steps, step), step, step, STR_ARG(names[step - 1]));
    buf_puts(out, "};\n");
    emit_tables(out, schema);
    buf_printf(out, "\nconst struct schema_history %s = {migrations, %d, append_only, tables};\n",
               symbol, count);
}

void emit_index(struct buf *out, const char *const *rooms, size_t count)
{
    buf_puts(
        out,
        "/* Made by sqlgen: the statements of all rooms. */\n#include \"store/migration.h\"\n");
    for (size_t i = 0; i < count; i++) buf_printf(out, "#include \"%s_sql.h\"\n", rooms[i]);
    buf_puts(out, "\nconst struct sql_room *const sql_rooms[] = {\n");
    for (size_t i = 0; i < count; i++) buf_printf(out, "    &sql_room_%s,\n", rooms[i]);
    buf_puts(out, "    NULL,\n};\n");
}
