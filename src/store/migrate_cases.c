/* Migrations that are disturbed end as one that was not, on both databases. */
#include "unit.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/driver.h"
#include "store/store_cases.h"

#define SHOPS 40
#define SALES 400

/* Shop n of organisation 1 costs n cents; sale n, of n cents, is of shop n % SHOPS. */
static bool fill(struct db *db, void *arg, struct error *err)
{
    char text[160];
    (void)arg;
    for (int n = 0; n < SHOPS; n++) {
        snprintf(text, sizeof text, "insert into shop values (1, %d, '店 %d', %d)", n, n, n);
        if (!db->driver->run_text(db, text, err)) return false;
    }
    for (int n = 0; n < SALES; n++) {
        snprintf(text, sizeof text, "insert into sale values (1, %d, %d, %d)", n, n % SHOPS, n);
        if (!db->driver->run_text(db, text, err)) return false;
    }
    return true;
}

static struct store *open_steps(const char *where, const struct schema_history *history,
                                bool create)
{
    struct error err;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct store_options options = {.where = where, .create = create};
    struct store *store = store_open_history(&options, history, &err);
    if (store == NULL) print_error("%s\n", error_render(arena, &err, error_sentence(err.code)));
    assert_non_null(store);
    return store;
}

static enum error_code refusal(const char *where, const struct schema_history *history)
{
    struct error err;
    assert_null(store_open_history(&(struct store_options){.where = where}, history, &err));
    return err.code;
}

static void make_filled(const char *where)
{
    struct error err;
    struct store *store = open_steps(where, &store_steps_1, true);
    assert_true(store_write(store, fill, NULL, &err));
    store_close(store);
}

/* The digest of all rows, by copying them into a file. */
static void digest_rows(const char *where, const char *folder, char digest[65])
{
    char path[200], to[220];
    struct error err;
    struct store_copied copied;
    snprintf(path, sizeof path, "%s/rows-%d.db", folder, (int)getpid());
    snprintf(to, sizeof to, "sqlite:%s", path);
    struct store *store = open_steps(where, &store_steps_3, false);
    struct store *file = open_steps(to, &store_steps_3, true);
    assert_true(store_copy_between(store, file, NULL, NULL, &copied, &err));
    memcpy(digest, copied.digest, 65);
    store_close(file);
    store_close(store);
    unlink(path);
}

/* --- what an undisturbed migration leaves --- */

struct figures {
    int64_t closed, notes, sales, amount, shops;
};

static const struct sql_column figure_columns[] = {
    {"closed", SQL_INT, false, offsetof(struct figures, closed), 0},
    {"notes", SQL_INT, false, offsetof(struct figures, notes), 0},
    {"sales", SQL_INT, false, offsetof(struct figures, sales), 0},
    {"amount", SQL_INT, false, offsetof(struct figures, amount), 0},
    {"shops", SQL_INT, false, offsetof(struct figures, shops), 0},
};
#define FIGURES                                                                        \
    "select (select count(*) from shop where closed), (select count(note) from shop)," \
    " t.sales, t.amount, (select count(*) from shop_total) from shop_total t where t.shop_id = 3"
static const struct sql_statement figures_statement = {.name = "figures",
                                                       .kind = SQL_ONE,
                                                       .text = {FIGURES, FIGURES},
                                                       .columns = figure_columns,
                                                       .columns_count = ARRAY_LEN(figure_columns),
                                                       .row_bytes = sizeof(struct figures)};

static bool read_figures(struct db *db, void *arg, struct error *err)
{
    bool found;
    return sql_run_one(db, &figures_statement, NULL, NULL, arg, &found, err) &&
           (assert_true(found), true);
}

static void check_figures(const char *where)
{
    struct figures figures;
    struct error err;
    struct store *store = open_steps(where, &store_steps_3, false);
    assert_true(store_read(store, read_figures, &figures, &err));
    store_close(store);
    /* Shop 0 alone costs nothing. Shop 3 has the sales 3, 43, 83, … 363: ten, together
     * 10 × 3 + 40 × (0 + 1 + … + 9) = 1830. */
    assert_int_equal(figures.closed, 1);
    assert_int_equal(figures.notes, 0);
    assert_int_equal(figures.sales, 10);
    assert_int_equal(figures.amount, 1830);
    assert_int_equal(figures.shops, SHOPS);
}

struct calls {
    int count, kept, kill_at;
};

static void count_calls(const struct store_migrating *at, void *arg)
{
    struct calls *calls = arg;
    calls->kept += at->statement == NULL;
    if (++calls->count == calls->kill_at) raise(SIGKILL);
}

static void migrate_undisturbed(const char *where)
{
    struct error err;
    struct store_migrated migrated;
    struct calls dry = {0}, real = {0};
    assert_int_equal(refusal(where, &store_steps_3), ERROR_STORE_OLDER);
    assert_true(
        store_migrate_history(where, &store_steps_3, true, count_calls, &dry, &migrated, &err));
    store_close(open_steps(where, &store_steps_1, false)); /* nothing was changed */
    assert_true(
        store_migrate_history(where, &store_steps_3, false, count_calls, &real, &migrated, &err));
    assert_int_equal(migrated.from, 1);
    assert_int_equal(migrated.to, 3);
    assert_int_equal(real.kept, 2); /* one transaction each */
    assert_int_equal(real.count - real.kept, dry.count);
    assert_true(dry.count >= 6);
    check_figures(where);
    assert_int_equal(refusal(where, &store_steps_1), ERROR_STORE_NEWER);
    struct migration other[3];
    memcpy(other, store_steps_3.migrations, sizeof other);
    other[1].digest = other[2].digest;
    struct schema_history edited = store_steps_3;
    edited.migrations = other;
    assert_int_equal(refusal(where, &edited), ERROR_STORE_CHANGED);
}

/* --- disturbed ones --- */

static pid_t start_migrating(const char *where, int kill_at)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child != 0) return child;
    struct error err;
    struct store_migrated migrated;
    struct calls calls = {.kill_at = kill_at};
    bool good =
        store_migrate_history(where, &store_steps_3, false, count_calls, &calls, &migrated, &err);
    if (!good) fprintf(stderr, "%s\n", error_name(err.code));
    _exit(good ? 0 : 1);
}

/* How many steps the store has, by asking it in a dry run. */
static int64_t steps_of(const char *where)
{
    struct error err;
    struct store_migrated migrated;
    assert_true(store_migrate_history(where, &store_steps_3, true, NULL, NULL, &migrated, &err));
    return migrated.from;
}

/* Killed before each statement and after each commit, again and again until it gets through. */
static void migrate_killed(const char *where)
{
    int kills = 0, at = 1, status;
    for (int64_t steps = 1;; kills++) {
        assert_int_equal(waitpid(start_migrating(where, at), &status, 0) > 0, 1);
        if (WIFEXITED(status)) break;
        assert_int_equal(WTERMSIG(status), SIGKILL);
        int64_t now = steps_of(where);
        assert_true(now >= steps);
        at = now > steps ? 1 : at + 1;
        steps = now;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(kills >= 8); /* six statements, two commits */
}

static void migrate_together(const char *where)
{
    pid_t children[3];
    for (size_t i = 0; i < ARRAY_LEN(children); i++) children[i] = start_migrating(where, 0);
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        int status;
        assert_true(waitpid(children[i], &status, 0) > 0);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

void store_case_migrate(const char *const places[3], const char *folder)
{
    char digests[3][65];
    for (int i = 0; i < 3; i++) make_filled(places[i]);
    migrate_undisturbed(places[0]);
    migrate_killed(places[1]);
    migrate_together(places[2]);
    for (int i = 0; i < 3; i++) {
        check_figures(places[i]);
        digest_rows(places[i], folder, digests[i]);
    }
    assert_string_equal(digests[0], digests[1]);
    assert_string_equal(digests[0], digests[2]);
}
