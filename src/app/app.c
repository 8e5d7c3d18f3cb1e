#include "app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/flow_words.h"
#include "app/settings.h"
#include "base/file.h"

const char *app_share(void)
{
    const char *given = getenv("TANSHU_SHARE");
    return given != NULL && given[0] != '\0' ? given : TANSHU_SHARE_DIR;
}

static const char *store_place(struct arena *arena, const char *data,
                               const struct app_config *config)
{
    return config->store[0] != '\0' ? config->store
                                    : arena_printf(arena, "sqlite:%s/tanshu.db", data);
}

static bool claim_store(struct store *store, const struct trust_key *key, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    return log_claim(store, note_verifier_write(arena, &key->verifier), err);
}

/* The tables are made as their owner; what follows is done as everyday work is. */
static bool make_store(const char *where, const char *owner, const struct trust_key *key,
                       struct error *err)
{
    if (owner != NULL) {
        struct store *made =
            store_open(&(struct store_options){.where = owner, .create = true}, err);
        if (made == NULL) return false;
        store_close(made);
    }
    struct store *store =
        store_open(&(struct store_options){.where = where, .create = owner == NULL}, err);
    bool good = store != NULL && claim_store(store, key, err);
    store_close(store);
    return good;
}

bool app_init(const char *data, const char *name, const char *where, const char *owner,
              struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *settings = arena_printf(arena, "%s/tanshu.conf", data);
    if (file_exists(settings)) return error_set(err, ERROR_APP_EXISTS, "s", data);
    static const char *const folders[] = {"",        "/keys",   "/log",  "/spool",
                                          "/models", "/tables", "/flows"};
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        if (!file_make_directory(arena_printf(arena, "%s%s", data, folders[i]), err)) return false;
    const char *key_file = arena_printf(arena, "%s/keys/log.key", data);
    struct trust_key key = {0};
    if ((!file_exists(key_file) && !trust_key_create(data, str_from(name), err)) ||
        !trust_key_load(arena, data, &key, err))
        return false;
    struct app_config config = {.store = where != NULL ? where : ""};
    bool good = make_store(store_place(arena, data, &config), owner, &key, err);
    trust_key_wipe(&key);
    if (!good) return false;
    /* The settings file is written last: a directory without it was not made ready. */
    return app_settings_write_default(arena, settings, config.store, err);
}

/* `serve` keeps the directory to itself; migrations keep `serve` out, and wait for each other in
 * the database. The lock ends when *lock is closed. */
static bool take_lock(const char *data, int kind, int *lock, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *path = arena_printf(arena, "%s/serve.lock", data);
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock < 0) return error_set(err, ERROR_FILE_WRITE, "ss", path, error_reason(errno));
    return flock(*lock, kind | LOCK_NB) == 0 || error_set(err, ERROR_APP_SERVED, "s", data);
}

bool app_migrate(const char *data, const char *owner, bool dry, store_migrate_watch *watch,
                 void *arg, struct store_migrated *migrated, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    SCOPED(file_close_scoped) int lock = -1;
    struct app_config config = {0};
    const char *settings = arena_printf(arena, "%s/tanshu.conf", data);
    if (!file_exists(settings)) return error_set(err, ERROR_APP_NOT_READY, "s", data);
    if (!app_settings_read(arena, settings, &config, err)) return false;
    const char *where = owner != NULL ? owner : store_place(arena, data, &config);
    /* Servers of the version before go on working beside a PostgreSQL that is migrated. */
    if (!dry && strncmp(where, "sqlite:", 7) == 0 && !take_lock(data, LOCK_SH, &lock, err))
        return false;
    return store_migrate(where, dry, watch, arg, migrated, err);
}

/* Some hundred pages of judged figures. */
#define KEPT_BYTES_MAX ((size_t)64 * 1024 * 1024)

static bool open_rules(struct app *app, struct error *err)
{
    const char *roots[] = {app->share, app->data};
    app->model_problems.arena = app->arena;
    app->library = model_library_open(roots, ARRAY_LEN(roots), &app->model_problems, err);
    if (app->library == NULL) return false;
    app->codes =
        registry_codes_open(app->arena, arena_printf(app->arena, "%s/tables", app->share), err);
    if (app->codes == NULL) return false;
    app->rules = (struct account_rules){
        .library = app->library, .codes = app->codes, .factors = &app->factors};
    if (!factor_open(app->arena, roots, ARRAY_LEN(roots), &app->factors, err)) return false;
    app->flows = flow_library_new(app->arena);
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        const char *folder = arena_printf(app->arena, "%s/flows", roots[i]);
        if (file_exists(folder) && !flow_library_add_folder(app->flows, folder, err)) return false;
    }
    app_check_flows(app);
    app->checks = check_rules_open(app->arena, roots, ARRAY_LEN(roots), err);
    if (app->checks == NULL) return false;
    if (!job_rules_open(app->arena, roots, ARRAY_LEN(roots), &app->jobs, err)) return false;
    app->credit =
        (struct credit_rules){.account = &app->rules, .checks = app->checks, .flows = app->flows};
    return true;
}

/* A line of the log of `serve` for a statement that took long, beside those of the requests. */
static void log_slow(const struct store_slow *slow, void *arg)
{
    const struct app *app = arg;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *at = instant_format_utc(arena, instant_now_ms());
    const char *request = slow->request == NULL ? "-" : slow->request;
    if (!app->log_json) {
        fprintf(stderr, "%s %s slow statement %s %lldms%s\n", at, request, slow->statement,
                (long long)slow->ms, slow->failed ? " failed" : "");
        return;
    }
    fprintf(stderr,
            "{\"time\":\"%s\",\"request_id\":\"%s\",\"slow_statement\":\"%s\",\"ms\":%lld,"
            "\"failed\":%s}\n",
            at, request, slow->statement, (long long)slow->ms, slow->failed ? "true" : "false");
}

static bool open_all(struct app *app, enum app_mode mode, struct error *err)
{
    const char *settings = arena_printf(app->arena, "%s/tanshu.conf", app->data);
    if (!file_exists(settings)) return error_set(err, ERROR_APP_NOT_READY, "s", app->data);
    if (!app_settings_read(app->arena, settings, &app->config, err)) return false;
    if (mode == APP_SERVE && !take_lock(app->data, LOCK_EX, &app->lock, err)) return false;
    if (!open_rules(app, err)) return false;
    const char *roots_file = arena_printf(app->arena, "%s/keys/log.pub", app->data);
    if (!trust_key_load(app->arena, app->data, &app->key, err) ||
        !trust_roots_read(app->arena, roots_file, &app->roots, err))
        return false;
    struct store_options options = {.where = store_place(app->arena, app->data, &app->config),
                                    .older = mode == APP_BACKUP,
                                    .slow_ms = app->config.slow_query_ms,
                                    .slow = mode == APP_SERVE ? log_slow : NULL,
                                    .slow_arg = app};
    app->store = store_open(&options, err);
    if (app->store == NULL || !claim_store(app->store, &app->key, err)) return false;
    app->kept = kept_open(KEPT_BYTES_MAX);
    app->log = (struct log_config){.store = app->store,
                                   .data_dir = app->data,
                                   .checkpoint_file = app->config.checkpoint_file[0] != '\0'
                                                          ? app->config.checkpoint_file
                                                          : NULL};
    return true;
}

bool app_open(const char *data, enum app_mode mode, struct app **opened, struct error *err)
{
    struct arena *arena = arena_open((size_t)1 << 30);
    struct app *app = ARENA_NEW(arena, struct app);
    app->arena = arena;
    app->lock = -1;
    app->data = arena_strdup(arena, data);
    app->share = app_share();
    if (!open_all(app, mode, err)) {
        app_close(app);
        return false;
    }
    *opened = app;
    return true;
}

void app_close(struct app *app)
{
    if (app == NULL) return;
    kept_close(app->kept);
    if (app->store != NULL) store_close(app->store);
    if (app->library != NULL) model_library_close(app->library);
    trust_key_wipe(&app->key);
    if (app->lock >= 0) close(app->lock);
    arena_close(app->arena);
}

bool app_sequence(struct app *app, struct error *err)
{
    struct log_progress progress;
    return log_sequence(&app->log, &app->key, &progress, err);
}

struct report_settings app_report_settings(const struct app *app)
{
    return (struct report_settings){.issuer_zh = app->config.issuer_zh,
                                    .issuer_en = app->config.issuer_en,
                                    .issuer_filing = app->config.issuer_filing,
                                    .public_url = app->config.public_url,
                                    .validity_months = app->config.report_validity_months};
}

bool app_read_report(struct db *db, void *arg, struct error *err)
{
    struct app_report_bytes *work = arg;
    return report_read_document(db, work->arena, work->viewer, work->org_id, work->report_id,
                                &work->document, &work->pdf, err);
}
