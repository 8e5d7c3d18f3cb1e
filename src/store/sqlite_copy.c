/* Backup and check of a SQLite store. */
#include <sqlite3.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/sqlite.h"

static bool sync_path(const char *path, struct error *err)
{
    SCOPED(file_close_scoped) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fsync(fd) == 0) return true;
    return error_set(err, ERROR_STORE_IO, "ss", path, error_reason(errno));
}

static bool copy_into(sqlite3 *source, const char *path, struct error *err)
{
    sqlite3 *target = NULL;
    int code = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_backup *backup = NULL;
    if (code == SQLITE_OK) {
        sqlite3_exec(target, "pragma synchronous = off", NULL, NULL,
                     NULL); /* synced once at the end */
        backup = sqlite3_backup_init(target, "main", source, "main");
        code = backup == NULL ? sqlite3_errcode(target) : SQLITE_OK;
    }
    /* All pages in one step: one snapshot, and writers of a WAL store go on meanwhile. */
    if (backup != NULL) {
        code = sqlite3_backup_step(backup, -1);
        int finished = sqlite3_backup_finish(backup);
        code = code == SQLITE_DONE ? finished : code;
    }
    bool good = code == SQLITE_OK || sqlite_failed(NULL, code, "backup", path, err);
    sqlite3_close(target);
    return good;
}

bool sqlite_backup(struct db *source, const char *path, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    char *partial = arena_printf(arena, "%s.partial", path);
    if (file_exists(path)) return error_set(err, ERROR_STORE_EXISTS, "s", path);
    int fd = open(partial, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) return error_set(err, ERROR_STORE_PARTIAL, "s", partial);
    if (fd < 0) return error_set(err, ERROR_STORE_IO, "ss", partial, error_reason(errno));
    close(fd);
    bool good = copy_into(sqlite_handle(source), partial, err) && sync_path(partial, err);
    if (good && link(partial, path) != 0) /* unlike rename, link never replaces */
        good = errno == EEXIST ? error_set(err, ERROR_STORE_EXISTS, "s", path)
                               : error_set(err, ERROR_STORE_IO, "ss", path, error_reason(errno));
    unlink(partial);
    unlink(arena_printf(arena, "%s-wal", partial));
    unlink(arena_printf(arena, "%s-shm", partial));
    if (!good) return false;
    char *slash = strrchr(partial, '/');
    if (slash != NULL) *slash = '\0';
    return sync_path(slash == NULL ? "." : slash == partial ? "/" : partial, err);
}

/* Adds a line per row that the query gives, with the columns that are text or number. */
static bool report_rows(sqlite3 *handle, const char *query, const char *what, const char *fine,
                        struct buf *report, const char *place, struct error *err)
{
    sqlite3_stmt *prepared;
    int code = sqlite3_prepare_v2(handle, query, -1, &prepared, NULL);
    if (code != SQLITE_OK) return sqlite_failed(handle, code, what, place, err);
    while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(prepared, 0);
        if (fine != NULL && text != NULL && strcmp(text, fine) == 0) continue;
        buf_printf(report, "%s:", what);
        for (int i = 0; i < sqlite3_column_count(prepared); i++) {
            text = (const char *)sqlite3_column_text(prepared, i);
            buf_printf(report, " %s", text == NULL ? "-" : text);
        }
        buf_putc(report, '\n');
    }
    sqlite3_finalize(prepared);
    return code == SQLITE_DONE || sqlite_failed(handle, code, what, place, err);
}

/* One text for all tables and indexes, in the order of their names. */
static char *schema_text(sqlite3 *handle, struct arena *arena)
{
    struct buf *out = buf_new(arena);
    sqlite3_stmt *prepared;
    buf_puts(out, "");
    if (sqlite3_prepare_v2(handle,
                           "select sql from sqlite_schema where sql is not null order by name, sql",
                           -1, &prepared, NULL) != SQLITE_OK)
        return "";
    while (sqlite3_step(prepared) == SQLITE_ROW)
        buf_printf(out, "%s\n", (const char *)sqlite3_column_text(prepared, 0));
    sqlite3_finalize(prepared);
    return str_dup(arena, buf_str(out));
}

/* Makes the schema afresh in memory and compares. */
static bool same_schema(sqlite3 *handle, const struct schema_history *history, struct arena *arena)
{
    sqlite3 *fresh = NULL;
    bool good = sqlite3_open(":memory:", &fresh) == SQLITE_OK;
    for (size_t i = 0; good && i < history->count; i++)
        for (const char *const *text = history->migrations[i].text[SQL_SQLITE];
             good && *text != NULL; text++)
            good = sqlite3_exec(fresh, *text, NULL, NULL, NULL) == SQLITE_OK;
    good = good && strcmp(schema_text(fresh, arena), schema_text(handle, arena)) == 0;
    sqlite3_close(fresh);
    return good;
}

bool sqlite_check(struct db *db, const struct schema_history *history, struct buf *report,
                  struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    sqlite3 *handle = sqlite_handle(db);
    const char *place = store_place(db->store);
    if (!report_rows(handle, "pragma integrity_check", "integrity", "ok", report, place, err) ||
        !report_rows(handle, "pragma foreign_key_check", "foreign key", NULL, report, place, err))
        return false;
    if (!same_schema(handle, history, arena))
        buf_printf(report, "schema: the tables differ from those that this program makes\n");
    return true;
}
