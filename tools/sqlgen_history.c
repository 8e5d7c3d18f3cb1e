/* The numbered migrations: read in order, held against the list of released digests, and compared
 * with the rooms' schemas, which say how the tables are now. */
#include "sqlgen.h"

#include <sqlite3.h>
#include <string.h>

#define NUMBER_DIGITS 4

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* "0002-notes.sql" of step 2 gives "0002-notes". */
static str step_name(const char *path, int step)
{
    str name = str_from(file_name(path));
    int number = 0;
    bool good = name.len > NUMBER_DIGITS + 1 + 4 && str_ends(name, ".sql") &&
                name.ptr[NUMBER_DIGITS] == '-';
    for (size_t i = 0; good && i < NUMBER_DIGITS; i++) {
        good = name.ptr[i] >= '0' && name.ptr[i] <= '9';
        number = number * 10 + (name.ptr[i] - '0');
    }
    if (!good || number != step)
        fail_at(path, 0,
                "expected a name like %04d-what-it-does.sql: steps are numbered from 1 "
                "without gaps",
                step);
    return str_slice(name, 0, name.len - 4);
}

/* The line of the list for a step: "NAME DIGEST". */
static void check_listed(const struct schema *steps, const char *list, int step, str name)
{
    str text = source_read(steps->arena, list), line, listed;
    const char *digest = step_digest(steps, step);
    for (int number = 1; str_cut(&text, '\n', &line); number++) {
        line = str_trim(line);
        if (line.len == 0 || line.ptr[0] == '#' || !str_cut(&line, ' ', &listed)) continue;
        if (!str_equal(listed, name)) continue;
        if (str_is(str_trim(line), digest)) return;
        fail_at(list, number,
                "%.*s was released with another text (now %s). Put its file back as it was and "
                "write the change as step %04d",
                STR_ARG(name), digest, step + 1);
    }
    fail_at(list, 0, "a new step needs its line here: %.*s %s", STR_ARG(name), digest);
}

void history_read(struct schema *steps, const char *list, char **files, int count, str *names)
{
    for (int i = 0; i < count; i++) {
        names[i] = step_name(files[i], i + 1);
        schema_read(steps, i + 1, files[i], source_read(steps->arena, files[i]));
        check_listed(steps, list, i + 1, names[i]);
    }
}

/* What a database holds, one line each: columns with type, NULL, default and key; indexes with
 * their columns; foreign keys. What SQLite names by itself is told by its columns. */
static const char columns_query[] =
    "select 'table ' || t.name || ': column ' || c.name || ' ' || c.type ||"
    " iif(c.\"notnull\", ' not null', '') || coalesce(' default ' || c.dflt_value, '') ||"
    " iif(c.pk, ', part ' || c.pk || ' of the key', '')"
    " from sqlite_schema t join pragma_table_xinfo(t.name) c"
    " where t.type = 'table' and t.name not like 'sqlite_%' order by 1";
static const char indexes_query[] =
    "select 'table ' || t.name || ': ' || iif(l.\"unique\", 'unique ', '') || 'index ' ||"
    " iif(l.origin = 'c', l.name, '') || ' on ' || (select group_concat(name || iif(\"desc\","
    " ' desc', ''), ', ') from (select * from pragma_index_xinfo(l.name) where key"
    " order by seqno)) || iif(l.partial, substr(s.sql, instr(s.sql, ' where ')), '')"
    " from sqlite_schema t join pragma_index_list(t.name) l left join sqlite_schema s"
    " on s.name = l.name where t.type = 'table' and t.name not like 'sqlite_%' order by 1";
static const char keys_query[] =
    "select 'table ' || t.name || ': foreign key to ' || k.\"table\" || ' (' || (select"
    " group_concat(\"from\" || ' = ' || coalesce(\"to\", '?'), ', ') from pragma_foreign_key_list"
    "(t.name) where id = k.id) || ')' from sqlite_schema t join pragma_foreign_key_list(t.name) k"
    " where t.type = 'table' and k.seq = 0 order by 1";

struct lines {
    str *items;
    size_t count, capacity;
};

static void list_lines(struct arena *arena, sqlite3 *db, struct lines *lines)
{
    static const char *const queries[] = {columns_query, indexes_query, keys_query};
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        sqlite3_stmt *prepared = NULL;
        if (sqlite3_prepare_v2(db, queries[i], -1, &prepared, NULL) != SQLITE_OK)
            fail_at("sqlite", 0, "%s", sqlite3_errmsg(db));
        while (sqlite3_step(prepared) == SQLITE_ROW)
            *ARENA_PUSH(arena, lines->items, lines->count, lines->capacity) =
                str_copy(arena, str_from((const char *)sqlite3_column_text(prepared, 0)));
        sqlite3_finalize(prepared);
    }
}

static const str *first_missing(const struct lines *lines, const struct lines *from)
{
    for (size_t i = 0; i < lines->count; i++) {
        size_t at = 0;
        while (at < from->count && !str_equal(from->items[at], lines->items[i])) at++;
        if (at == from->count) return &lines->items[i];
    }
    return NULL;
}

void history_check(const struct schema *steps, const struct schema *rooms, const char *list,
                   int count)
{
    struct lines made = {0}, wanted = {0};
    sqlite3 *by_steps = check_schema(steps), *by_rooms = check_schema(rooms);
    list_lines(steps->arena, by_steps, &made);
    list_lines(steps->arena, by_rooms, &wanted);
    sqlite3_close(by_steps);
    sqlite3_close(by_rooms);
    const str *missing = first_missing(&wanted, &made), *extra = first_missing(&made, &wanted);
    if (missing != NULL)
        fail_at(list, 0,
                "the rooms' schemas have what no migration makes: %.*s. Write it into "
                "src/store/migrations/%04d-what-it-does.sql",
                STR_ARG(*missing), count + 1);
    if (extra != NULL)
        fail_at(list, 0,
                "the migrations make what no room's schema has: %.*s. Write it into the schema "
                "file of its room",
                STR_ARG(*extra));
}
