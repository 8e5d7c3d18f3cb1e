/* SQLite: the common cases, and what only a file has: append-only tables, a full disk, refusal of
 * other schemas, backup while others write, two programs at once. */
#include "unit.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "store/store_cases.h"
#include "store_test_sql.h"

static char directory[64];

static const char *path_of(const char *name)
{
    static char paths[4][128];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static struct store *open_history(const char *name, bool create, bool migrate,
                                  const struct schema_history *history, struct error *err)
{
    char where[160];
    snprintf(where, sizeof where, "sqlite:%s",
             strcmp(name, ":memory:") == 0 ? name : path_of(name));
    return store_open_history(
        &(struct store_options){.where = where, .create = create, .migrate = migrate}, history,
        err);
}

static struct store *open_new(const char *name)
{
    struct error err;
    struct store *store = open_history(name, true, false, &store_test_history, &err);
    assert_non_null(store);
    return store;
}

static void test_cases(void **state)
{
    static void (*const cases[])(struct store *) = {store_case_values,   store_case_nulls,
                                                    store_case_rollback, store_case_errors,
                                                    store_case_queue,    store_case_order};
    static const char *const names[] = {":memory:", "cases.db"};
    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(names); n++) {
        struct store *store = open_new(names[n]);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) cases[i](store);
        struct error err;
        struct store *other =
            n == 0 ? store : open_history(names[n], false, false, &store_test_history, &err);
        store_case_changes(store, other);
        if (other != store) store_close(other);
        store_close(store);
    }
    struct stat status;
    assert_int_equal(stat(path_of("cases.db"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* --- append-only --- */

static bool add_entry(struct db *db, void *arg, struct error *err)
{
    return sql_store_test_add_entry(db, 1, *(const id64 *)arg, 1, NULL, err);
}

static void test_append_only(void **state)
{
    (void)state;
    struct store *store = open_new("append.db");
    store_case_append_only(store);
    store_close(store);
}

/* --- a full disk: a layer between SQLite and the files refuses the n-th write and all after it ---
 */

static int writes_left = -1;    /* below zero: no limit */
static int wal_writes_unsynced; /* since the log of the store was last synced */

struct shim_file {
    sqlite3_file base;
    sqlite3_file *real;
    bool wal;
};

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct shim_file *)file)->real;
}

static int shim_close(sqlite3_file *f)
{
    return real_of(f)->pMethods->xClose(real_of(f));
}
static int shim_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}
static int shim_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    if (writes_left == 0) return SQLITE_FULL;
    if (writes_left > 0) writes_left--;
    wal_writes_unsynced += ((struct shim_file *)f)->wal;
    return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
}
static int shim_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    return real_of(f)->pMethods->xTruncate(real_of(f), n);
}
static int shim_sync(sqlite3_file *f, int flags)
{
    if (((struct shim_file *)f)->wal) wal_writes_unsynced = 0;
    return real_of(f)->pMethods->xSync(real_of(f), flags);
}
static int shim_size(sqlite3_file *f, sqlite3_int64 *n)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), n);
}
static int shim_lock(sqlite3_file *f, int kind)
{
    return real_of(f)->pMethods->xLock(real_of(f), kind);
}
static int shim_unlock(sqlite3_file *f, int kind)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), kind);
}
static int shim_reserved(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}
static int shim_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}
static int shim_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}
static int shim_traits(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}
static int shim_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}
static int shim_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}
static void shim_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}
static int shim_unmap(sqlite3_file *f, int gone)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), gone);
}

static const sqlite3_io_methods shim_methods = {
    2,           shim_close, shim_read,     shim_write,    shim_truncate, shim_sync,
    shim_size,   shim_lock,  shim_unlock,   shim_reserved, shim_control,  shim_sector,
    shim_traits, shim_map,   shim_shm_lock, shim_barrier,  shim_unmap,    NULL,
    NULL};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    sqlite3_vfs *real = vfs->pAppData;
    struct shim_file *shim = (struct shim_file *)file;
    shim->real = (sqlite3_file *)(shim + 1);
    shim->wal = (flags & SQLITE_OPEN_WAL) != 0;
    int code = real->xOpen(real, name, shim->real, flags, out);
    shim->base.pMethods = shim->real->pMethods != NULL ? &shim_methods : NULL;
    return code;
}

static sqlite3_vfs shim;

static bool add_many(struct db *db, void *arg, struct error *err)
{
    id64 from = *(const id64 *)arg;
    for (id64 i = 0; i < 2000; i++)
        if (!sql_store_test_add_entry(db, 1, from + i, i, NULL, err)) return false;
    return true;
}

static bool count_entries(struct db *db, void *arg, struct error *err)
{
    struct sql_store_test_total_row row;
    bool found;
    if (!sql_store_test_total(db, NULL, 1, &row, &found, err)) return false;
    *(int64_t *)arg = row.entries;
    return true;
}

static sqlite3_vfs *use_shim(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    shim = *real;
    shim.zName = "shim";
    shim.szOsFile = (int)sizeof(struct shim_file) + real->szOsFile;
    shim.pAppData = real;
    shim.xOpen = shim_open;
    sqlite3_vfs_register(&shim, 1);
    return real;
}

static void drop_shim(sqlite3_vfs *real)
{
    sqlite3_vfs_register(real, 1);
    sqlite3_vfs_unregister(&shim);
}

static void test_disk_full(void **state)
{
    (void)state;
    struct error err;
    sqlite3_vfs *real = use_shim();
    struct store *store = open_new("full.db");
    id64 first = 0, from = 100000;
    int64_t count = -1;
    assert_true(store_write(store, add_many, &first, &err));
    for (int left = 0; left < 12; left++, from += 100000) {
        writes_left = left;
        assert_false(store_write(store, add_many, &from, &err));
        assert_int_equal(err.code, ERROR_STORE_FULL);
        writes_left = -1;
        assert_true(store_read(store, count_entries, &count, &err));
        assert_int_equal(count, 2000); /* nothing half-written */
    }
    assert_true(store_write(store, add_many, &from, &err)); /* and it goes on once there is room */
    store_close(store);
    store = open_history("full.db", false, false, &store_test_history, &err);
    assert_non_null(store);
    assert_true(store_read(store, count_entries, &count, &err));
    assert_int_equal(count, 4000);
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    char *report;
    assert_true(store_check(store, arena, &report, &err));
    assert_string_equal(report, "");
    store_close(store);
    drop_shim(real);
}

/* Wherever in the commit or in the checkpoint after it the disk fills up: what was acknowledged is
 * there, and nothing else is. */
static void test_disk_full_anywhere(void **state)
{
    (void)state;
    struct error err;
    sqlite3_vfs *real = use_shim();
    int64_t kept = 0, count = -1;
    struct store *store = open_new("anywhere.db");
    for (int left = 0; left < 400; left += 7) {
        id64 from = 1000000 + (id64)left * 10000;
        writes_left = left;
        if (store_write(store, add_many, &from, &err))
            kept += 2000;
        else
            assert_int_equal(err.code, ERROR_STORE_FULL);
        writes_left = -1;
        assert_true(store_read(store, count_entries, &count, &err));
        assert_int_equal(count, kept);
    }
    assert_true(kept > 0 && kept < 400 / 7 * 2000); /* both ends were seen */
    store_close(store);
    drop_shim(real);
}

/* What store_write has acknowledged survives a power cut: nothing of the log is left unsynced. kill
 * -9 can't tell, because the kernel keeps what was written. */
static void test_acknowledged_is_synced(void **state)
{
    (void)state;
    struct error err;
    sqlite3_vfs *real = use_shim();
    struct store *store = open_new("synced.db");
    for (id64 from = 0; from < 40000; from += 2000) { /* past several checkpoints of the log */
        assert_true(store_write(store, add_many, &from, &err));
        assert_int_equal(wal_writes_unsynced, 0);
    }
    store_close(store);
    drop_shim(real);
}

/* --- kill -9: what was acknowledged is there, whole works only --- */

static void write_until_killed(int acknowledged)
{
    struct error err;
    struct store *store = open_history("killed.db", true, false, &store_test_history, &err);
    int64_t count = 0;
    if (store == NULL || !store_read(store, count_entries, &count, &err)) _exit(1);
    for (id64 from = count * 10;; from += 20000) {
        if (!store_write(store, add_many, &from, &err)) _exit(1);
        if (write(acknowledged, "x", 1) != 1) _exit(1);
    }
}

static void test_killed(void **state)
{
    (void)state;
    struct error err;
    int64_t promised = 0, count = 0;
    for (int round = 0; round < 10; round++) {
        int ends[2], status;
        char byte;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) write_until_killed(ends[1]);
        close(ends[1]);
        assert_int_equal(read(ends[0], &byte, 1), 1); /* it got going */
        promised += 2000;
        usleep((useconds_t)(1000 + round * 1777));
        kill(child, SIGKILL);
        while (read(ends[0], &byte, 1) == 1) promised += 2000;
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        struct store *store = open_history("killed.db", false, false, &store_test_history, &err);
        assert_non_null(store);
        assert_true(store_read(store, count_entries, &count, &err));
        assert_int_equal(count % 2000, 0);
        /* One more may have been stored than it had the time to say. */
        assert_true(count == promised || count == promised + 2000);
        promised = count;
        store_close(store);
    }
}

/* --- schemas --- */

static void refused(const char *name, bool migrate, const struct schema_history *history,
                    enum error_code code)
{
    struct error err;
    assert_null(open_history(name, false, migrate, history, &err));
    assert_string_equal(error_name(err.code), error_name(code));
}

static void test_schema(void **state)
{
    (void)state;
    struct error err;
    const char *steps[] = {"create table later (id INTEGER PRIMARY KEY) STRICT", NULL};
    const struct migration *first = &store_test_history.migrations[0];
    struct migration two[] = {*first, {2, "second", {steps, steps}}};
    struct migration other[] = {{1, "another digest", {first->text[0], first->text[1]}}};
    struct schema_history newer = {two, 2, store_test_history.append_only,
                                   store_test_history.tables};
    struct schema_history changed = {other, 1, store_test_history.append_only,
                                     store_test_history.tables};
    refused("none.db", true, &store_test_history, ERROR_STORE_MISSING);
    store_close(open_new("schema.db"));
    refused("schema.db", true, &changed, ERROR_STORE_CHANGED);
    refused("schema.db", false, &newer, ERROR_STORE_OLDER);
    struct store *store = open_history("schema.db", false, true, &newer, &err);
    assert_non_null(store);
    store_close(store);
    refused("schema.db", true, &store_test_history, ERROR_STORE_NEWER);

    sqlite3 *foreign;
    assert_int_equal(sqlite3_open(path_of("foreign.db"), &foreign), SQLITE_OK);
    assert_int_equal(sqlite3_exec(foreign, "create table t (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(foreign);
    refused("foreign.db", true, &store_test_history, ERROR_STORE_FOREIGN);
    assert_true(file_write(path_of("text.db"),
                           STR("this is not a database, but a long enough text …"), &err));
    refused("text.db", true, &store_test_history, ERROR_STORE_CORRUPT);
    assert_null(store_open(&(struct store_options){.where = "mysql:x"}, &err));
    assert_int_equal(err.code, ERROR_STORE_WHERE);
}

/* A step that fails half-way leaves the older schema as it was. */
static void test_failing_step(void **state)
{
    (void)state;
    struct error err;
    const char *steps[] = {"create table later (id INTEGER PRIMARY KEY) STRICT",
                           "create table broken (", NULL};
    struct migration two[] = {store_test_history.migrations[0], {2, "second", {steps, steps}}};
    struct schema_history newer = {two, 2, store_test_history.append_only,
                                   store_test_history.tables};
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    char *report;
    store_close(open_new("step.db"));
    refused("step.db", true, &newer, ERROR_STORE_STATEMENT);
    struct store *store = open_history("step.db", false, false, &store_test_history, &err);
    assert_non_null(store);
    assert_true(store_check(store, arena, &report, &err));
    assert_string_equal(report, "");
    store_close(store);
}

static void test_migrations(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *places[3];
    for (int i = 0; i < 3; i++)
        places[i] = arena_printf(arena, "sqlite:%s/step-%d.db", directory, i);
    store_case_migrate(places, directory);
}

static void test_time(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    store_case_time(arena_printf(arena, "sqlite:%s", path_of("time.db")), &store_test_history);
}

static void test_check_sees(void **state)
{
    (void)state;
    struct error err;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    char *report;
    struct store *store = open_new("check.db");
    sqlite3 *other; /* a stranger's hand */
    assert_int_equal(sqlite3_open(path_of("check.db"), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "insert into part values (1, 2, 3); create table more (x)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(other);
    assert_true(store_check(store, arena, &report, &err));
    assert_non_null(strstr(report, "foreign key: part"));
    assert_non_null(strstr(report, "schema: the tables differ"));
    store_close(store);
}

/* --- backup, and another program on the same file --- */

struct copier {
    struct store *store;
    int failed;
};

static void *copy_thrice(void *arg)
{
    struct copier *copier = arg;
    struct error err;
    static const char *const names[] = {"copy0.db", "copy1.db", "copy2.db"};
    for (int i = 0; i < 3; i++)
        if (!store_backup(copier->store, path_of(names[i]), &err)) copier->failed++;
    return NULL;
}

static void test_backup(void **state)
{
    (void)state;
    struct error err;
    struct store *store = open_new("live.db");
    struct copier copier = {store, 0};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, copy_thrice, &copier), 0);
    for (id64 from = 0; from < 20; from++) {
        id64 id = from * 2000;
        assert_true(store_write(store, add_many, &id, &err));
    }
    pthread_join(thread, NULL);
    assert_int_equal(copier.failed, 0);
    assert_true(store_backup(store, path_of("copy3.db"), &err));
    assert_false(store_backup(store, path_of("copy3.db"), &err));
    assert_int_equal(err.code, ERROR_STORE_EXISTS);
    assert_false(store_backup(store, path_of("no/such/place.db"), &err));
    assert_int_equal(err.code, ERROR_STORE_IO);
    assert_false(file_exists(path_of("copy3.db.partial")));
    store_close(store);
    int64_t count = 0;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    char *report, name[] = "copy0.db";
    for (; name[4] < '4'; name[4]++) {
        store = open_history(name, false, false, &store_test_history, &err);
        assert_non_null(store);
        assert_true(store_check(store, arena, &report, &err));
        assert_string_equal(report, "");
        assert_true(store_read(store, count_entries, &count, &err));
        assert_int_equal(count % 2000, 0); /* whole works only */
        store_close(store);
    }
    assert_int_equal(count, 40000);
}

static void *write_apart(void *arg)
{
    struct copier *copier = arg;
    struct error err;
    for (id64 i = 0; i < 50; i++) {
        id64 id = 1000 + i;
        if (!store_write(copier->store, add_entry, &id, &err)) copier->failed++;
    }
    return NULL;
}

/* Two stores on one file stand for two programs: the locks are the file's. */
static void test_two_programs(void **state)
{
    (void)state;
    struct error err;
    struct store *one = open_new("two.db"), *two = open_new("two.db");
    struct copier copier = {two, 0};
    pthread_t thread;
    int64_t count;
    assert_int_equal(pthread_create(&thread, NULL, write_apart, &copier), 0);
    for (id64 id = 0; id < 50; id++) assert_true(store_write(one, add_entry, &id, &err));
    pthread_join(thread, NULL);
    assert_int_equal(copier.failed, 0);
    assert_true(store_read(one, count_entries, &count, &err));
    assert_int_equal(count, 100);
    store_close(one);
    store_close(two);
}

static bool prepare_all(struct db *db, void *arg, struct error *err)
{
    size_t count = 0;
    (void)arg;
    for (const struct sql_room *const *room = sql_rooms; *room != NULL; room++)
        for (size_t i = 0; i < (*room)->count; i++, count++)
            if (!sql_prepare(db, (*room)->statements[i], err)) return false;
    assert_true(count >= 2);
    return true;
}

static void test_rooms(void **state)
{
    (void)state;
    struct error err;
    char where[160];
    snprintf(where, sizeof where, "sqlite:%s", path_of("rooms.db"));
    struct store *store = store_open(&(struct store_options){.where = where, .create = true}, &err);
    assert_non_null(store);
    assert_int_equal(store_schema_version(), 3);
    assert_true(store_read(store, prepare_all, NULL, &err));
    store_close(store);
}

static void test_copy(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *names[] = {"from", "to", "back", "changing", "stopped"}, *places[ARRAY_LEN(names)];
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        places[i] = arena_printf(arena, "sqlite:%s", path_of(names[i]));
    store_case_copy(places[0], places[1], places[2]);
    store_case_copy_changed(places[3], places[4]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_append_only),
        cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_disk_full_anywhere),
        cmocka_unit_test(test_acknowledged_is_synced),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_failing_step),
        cmocka_unit_test(test_migrations),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_check_sees),
        cmocka_unit_test(test_backup),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_two_programs),
        cmocka_unit_test(test_rooms),
    };
    snprintf(directory, sizeof directory, "/tmp/tanshu-store-%s",
             "XX"
             "XXXX");
    if (mkdtemp(directory) == NULL) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return !file_remove_tree(directory) || failed != 0;
}
