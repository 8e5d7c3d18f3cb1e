/* The steps of a store's schema: which it took, whether they are the program's, and the taking of
 * those that are missing. */
#include <string.h>

#include "base/buf.h"
#include "store/driver.h"
#include "store_sql.h"

struct migrator {
    struct db *db;
    struct arena *arena;
    bool dry;
    store_migrate_watch *watch;
    void *arg;
    struct store_migrating at;
    const struct migration *taken; /* by this transaction, the last one; NULL: only rights */
};

static bool read_steps(struct db *db, struct arena *arena, struct sql_store_steps_row **steps,
                       size_t *count, struct error *err)
{
    bool has;
    *count = 0;
    *steps = NULL;
    if (!db->driver->has_schema(db, &has, err)) return false;
    return !has || sql_store_steps(db, arena, steps, count, err);
}

static bool check_steps(const struct store *store, const struct sql_store_steps_row *steps,
                        size_t count, struct error *err)
{
    const struct schema_history *history = store_history_of(store);
    for (size_t i = 0; i < count; i++) {
        if (i >= history->count)
            return error_set(err, ERROR_STORE_NEWER, "sii", store_place(store),
                             steps[count - 1].version,
                             (int64_t)history->migrations[history->count - 1].version);
        const struct migration *known = &history->migrations[i];
        if (steps[i].version != known->version || !str_is(steps[i].digest, known->digest))
            return error_set(err, ERROR_STORE_CHANGED, "sisSs", store_place(store),
                             (int64_t)known->version, known->name, steps[i].digest, known->digest);
    }
    return true;
}

/* How many steps were taken; all of them are the program's. */
static bool count_steps(struct migrator *migrator, size_t *count, struct error *err)
{
    struct sql_store_steps_row *steps;
    return read_steps(migrator->db, migrator->arena, &steps, count, err) &&
           check_steps(migrator->db->store, steps, *count, err);
}

/* --- taking steps --- */

static bool run_texts(struct migrator *migrator, const char *const *texts, size_t count,
                      struct error *err)
{
    struct db *db = migrator->db;
    migrator->at.count = count;
    for (size_t i = 0; i < count; i++) {
        migrator->at.at = i + 1;
        migrator->at.statement = texts[i];
        if (migrator->watch != NULL) migrator->watch(&migrator->at, migrator->arg);
        if (!migrator->dry && !db->driver->run_text(db, texts[i], err)) return false;
    }
    return true;
}

static bool take_step(struct migrator *migrator, const struct migration *step, struct error *err)
{
    struct db *db = migrator->db;
    const char *const *texts = step->text[db->driver->dialect];
    size_t count = 0;
    while (texts[count] != NULL) count++;
    migrator->taken = step;
    migrator->at.step = step->version;
    migrator->at.name = step->name;
    return run_texts(migrator, texts, count, err) &&
           (migrator->dry || sql_store_add_step(db, step->version, str_from(step->digest),
                                                instant_now_ms(), NULL, err));
}

static bool give_rights(struct migrator *migrator, struct error *err)
{
    const char **texts;
    size_t count;
    struct db *db = migrator->db;
    if (!db->driver->rights(db, migrator->arena, &texts, &count, err)) return false;
    migrator->at.step = 0;
    migrator->at.name = "";
    return run_texts(migrator, texts, count, err);
}

/* One transaction, in which others wait: all missing steps of a new store, the next one of an
 * older; after the last one the rights. *done: nothing is left. */
static bool take_some(struct migrator *migrator, bool *done, struct error *err)
{
    const struct schema_history *history = store_history_of(migrator->db->store);
    size_t count;
    *done = false;
    if (!count_steps(migrator, &count, err)) return false;
    bool whole = count == 0;
    while (count < history->count && take_step(migrator, &history->migrations[count], err)) {
        count++;
        if (!whole && count < history->count) return true;
        if (count == history->count) break;
    }
    *done = count == history->count;
    return *done && give_rights(migrator, err);
}

static void tell_kept(struct migrator *migrator)
{
    migrator->at.step = migrator->taken == NULL ? 0 : migrator->taken->version;
    migrator->at.name = migrator->taken == NULL ? "" : migrator->taken->name;
    migrator->at.statement = NULL;
    if (migrator->watch != NULL) migrator->watch(&migrator->at, migrator->arg);
}

static bool take_all(struct migrator *migrator, struct error *err)
{
    struct db *db = migrator->db;
    bool done = false;
    while (!done) {
        migrator->taken = NULL;
        bool good = db->driver->begin(db, DB_MIGRATION, err) && take_some(migrator, &done, err) &&
                    db->driver->commit(db, err);
        if (!good) {
            db->driver->rollback(db);
            return false;
        }
        tell_kept(migrator);
    }
    return true;
}

static bool tell_all(struct migrator *migrator, size_t count, struct error *err)
{
    const struct schema_history *history = store_history_of(migrator->db->store);
    for (; count < history->count; count++)
        if (!take_step(migrator, &history->migrations[count], err)) return false;
    return give_rights(migrator, err);
}

static int64_t newest(const struct store *store)
{
    const struct schema_history *history = store_history_of(store);
    return history->migrations[history->count - 1].version;
}

static bool migrate(struct migrator *migrator, struct store_migrated *migrated, struct error *err)
{
    size_t count;
    const struct store *store = migrator->db->store;
    if (!count_steps(migrator, &count, err)) return false;
    if (count == 0 && !migrator->dry)
        return error_set(err, ERROR_STORE_MISSING, "s", store_place(store));
    *migrated = (struct store_migrated){(int64_t)count, newest(store)};
    return migrator->dry ? tell_all(migrator, count, err) : take_all(migrator, err);
}

static struct migrator make_migrator(struct db *db, struct arena *arena)
{
    db->arena = arena;
    db->read_only = false;
    return (struct migrator){
        .db = db,
        .arena = arena,
        .at = {.kind = db->driver == &sqlite_driver ? STORE_ON_SQLITE : STORE_ON_POSTGRES,
               .place = db->driver->name(db),
               .step_newest = newest(db->store)}};
}

bool schema_migrate(struct db *db, bool dry, store_migrate_watch *watch, void *arg,
                    struct store_migrated *migrated, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct migrator migrator = make_migrator(db, arena);
    migrator.dry = dry;
    migrator.watch = watch;
    migrator.arg = arg;
    bool good = migrate(&migrator, migrated, err);
    db->arena = NULL;
    return good;
}

/* --- opening --- */

/* A copy that was not finished is not a store yet. */
static bool check_whole(struct db *db, struct error *err)
{
    struct sql_store_mark_row mark;
    bool found;
    if (!sql_store_mark(db, NULL, STR("copy"), &mark, &found, err)) return false;
    return !found ||
           error_set(err, ERROR_STORE_UNFINISHED, "sS", store_place(db->store), mark.value);
}

static bool open_schema(struct migrator *migrator, const struct store_options *options,
                        struct error *err)
{
    const struct store *store = migrator->db->store;
    size_t count;
    if (!count_steps(migrator, &count, err)) return false;
    if (count == store_history_of(store)->count) return true;
    if (count == 0 && !options->create)
        return error_set(err, ERROR_STORE_MISSING, "s", store_place(store));
    if (count > 0 && options->older && migrator->at.kind == STORE_ON_SQLITE) return true;
    if (count > 0 && !options->migrate)
        return error_set(err, ERROR_STORE_OLDER, "sii", store_place(store), (int64_t)count,
                         newest(store));
    return take_all(migrator, err);
}

bool schema_open(struct db *db, const struct store_options *options, bool unfinished,
                 struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct migrator migrator = make_migrator(db, arena);
    bool good = open_schema(&migrator, options, err) && (unfinished || check_whole(db, err));
    db->arena = NULL;
    return good;
}

bool schema_report(struct db *db, void *report, struct error *err)
{
    struct sql_store_steps_row *steps;
    size_t count;
    struct error found = {.code = ERROR_NONE};
    if (!sql_store_steps(db, NULL, &steps, &count, err)) return false;
    if (count != store_history_of(db->store)->count ||
        !check_steps(db->store, steps, count, &found))
        buf_printf(report, "schema: the steps noted in the store are not those of this program\n");
    return db->driver->check_rights == NULL || db->driver->check_rights(db, report, err);
}
