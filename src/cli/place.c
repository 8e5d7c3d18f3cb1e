/* Commands about the data directory: init, set, backup, restore, fsck, export. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/subject.h"

static const char *option_or(const struct cli *cli, const char *name, const char *otherwise)
{
    const char *value = cli_option(cli, name);
    return value != NULL ? value : otherwise;
}

static const char *data_directory(struct cli *cli)
{
    return option_or(cli, "--data", "");
}

static int run_init(struct cli *cli)
{
    struct error err = {0};
    const char *name = option_or(cli, "--name", "tanshu.local/log");
    if (data_directory(cli)[0] == '\0')
        return cli_usage(cli, tr(cli->lang, "Which directory? Give --data DIR."));
    if (!app_init(data_directory(cli), name, cli_option(cli, "--store"), cli_option(cli, "--owner"),
                  &err))
        return cli_fail(cli, &err);
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang,
                    "{0} is ready. Keep a copy of {0}/keys/log.pub: it is what others verify with.",
                    data_directory(cli), NULL));
    return CLI_DONE;
}

static const struct cli_option init_options[] = {
    {"--data", "DIR", "The directory to make."},
    {"--name", "NAME",
     "Name of the evidence log, such as carbon.example.cn/log (default: tanshu.local/log)."},
    {"--store", "WHERE",
     "An empty PostgreSQL database, postgres:CONNINFO or postgres://…, instead of a SQLite file."},
    {"--owner", "WHERE",
     "The same database as the user who owns its tables, when --store names one who doesn't."},
    {NULL, NULL, NULL}};
const struct cli_command cli_init = {
    .name = "init",
    .usage = "--data DIR [--name NAME] [--store WHERE [--owner WHERE]]",
    .summary = "Make an empty data directory.",
    .text = "Writes settings, an empty database and a signing key (mode 0600). Nothing is "
            "invented: without the demo "
            "there are no organisations until somebody signs up or 'tanshu org add' adds one.",
    .options = init_options,
    .run = run_init};

static int run_set(struct cli *cli)
{
    struct error err = {0};
    if (cli->argc == 0) {
        const struct app_setting *list;
        size_t count = app_settings(&list);
        const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, count * 4);
        for (size_t i = 0; i < count; i++) {
            cells[4 * i] = list[i].name;
            cells[4 * i + 1] = list[i].unit;
            cells[4 * i + 2] = list[i].value_default;
            cells[4 * i + 3] = tr(cli->lang, list[i].reason);
        }
        cli_print_table(cli,
                        (const char *const[]){TR_KEY("setting"), TR_KEY("unit"), TR_KEY("default"),
                                              TR_KEY("meaning")},
                        4, cells, count);
        return CLI_DONE;
    }
    if (cli->argc != 2) return cli_usage(cli, tr(cli->lang, "Give a setting and its value."));
    if (!app_set(cli->app->data, str_from(cli->argv[0]), str_from(cli->argv[1]), &err))
        return cli_fail(cli, &err);
    return CLI_DONE;
}

const struct cli_command cli_set = {
    .name = "set",
    .usage = "--data DIR [SETTING VALUE]",
    .summary = "List the settings, or change one.",
    .text = "A running 'tanshu serve' takes a change up when it is started again.",
    .needs_data = true,
    .run = run_set};

/* An installation's own models, tables and flows: a folder and what is below it. */
static bool copy_folder(struct arena *arena, const char *from, const char *to, struct error *err)
{
    char **names;
    size_t count;
    if (!file_exists(from)) return true;
    if (!file_make_directory(to, err) || !file_list(arena, from, &names, &count, err)) return false;
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        const char *source = arena_printf(arena, "%s/%s", from, names[i]);
        const char *target = arena_printf(arena, "%s/%s", to, names[i]);
        if (stat(source, &status) != 0) continue;
        if (!(S_ISDIR(status.st_mode) ? copy_folder(arena, source, target, err)
                                      : file_copy(source, target, err)))
            return false;
    }
    return true;
}

static const char *const own_rules[] = {"models", "tables", "flows"};

static bool copy_rules(struct arena *arena, const char *from, const char *to, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(own_rules); i++)
        if (!copy_folder(arena, arena_printf(arena, "%s/%s", from, own_rules[i]),
                         arena_printf(arena, "%s/%s", to, own_rules[i]), err))
            return false;
    return true;
}

/* Nothing is overwritten. A directory with keys and without what is written after them is what a
 * command that was stopped has left. */
static bool is_free(struct cli *cli, const char *directory, const char *last, struct error *err)
{
    if (!file_exists(directory)) return true;
    bool stopped = file_exists(arena_printf(cli->arena, "%s/keys", directory)) &&
                   !file_exists(arena_printf(cli->arena, "%s/%s", directory, last));
    return error_set(err, stopped ? ERROR_CLI_COPY_STOPPED : ERROR_CLI_RESTORE_EXISTS, "s",
                     directory);
}

static int run_backup(struct cli *cli)
{
    struct error err = {0};
    if (cli->argc != 1)
        return cli_usage(cli, tr(cli->lang, "Name the directory that the backup is written to."));
    const char *to = cli->argv[0];
    /* The checkpoint first, the database after it: what is signed in between is then in the
     * database and only missing outside, which the restore rule allows; the other way round it
     * refuses. */
    static const char *const kept[] = {"log/checkpoint", "tanshu.conf", "keys/log.key",
                                       "keys/log.pub"};
    if (!is_free(cli, to, "tanshu.db", &err)) return cli_fail(cli, &err);
    if (!file_make_directory(arena_printf(cli->arena, "%s/keys", to), &err) ||
        !file_make_directory(arena_printf(cli->arena, "%s/log", to), &err))
        return cli_fail(cli, &err);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        const char *from = arena_printf(cli->arena, "%s/%s", cli->app->data, kept[i]);
        if (file_exists(from) &&
            !file_copy(from, arena_printf(cli->arena, "%s/%s", to, kept[i]), &err))
            return cli_fail(cli, &err);
    }
    if (!store_backup(cli->app->store, arena_printf(cli->arena, "%s/tanshu.db", to), &err) ||
        !copy_rules(cli->arena, cli->app->data, to, &err))
        return cli_fail(cli, &err);
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang,
                    "Backed up to {0}. It holds the signing key: keep it as safe as the original.",
                    to, NULL));
    return CLI_DONE;
}

const struct cli_command cli_backup = {
    .name = "backup",
    .usage = "--data DIR TO",
    .summary = "Write a consistent copy while others work.",
    .text = "Copies the database (as a SQLite file, also from PostgreSQL), settings, keys, "
            "own models, tables and flows, and the newest checkpoint into the new directory TO. "
            "Tiles are made again from the database. A SQLite file of an older version is copied "
            "as it is.",
    .needs_data = true,
    .mode = APP_BACKUP,
    .run = run_backup};

/* The database of the backup, which is a SQLite file and may be of an older version, to where it
 * is to be. */
static bool restore_store(struct cli *cli, const char *backup, const char *data, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 37);
    const char *file = arena_printf(arena, "%s/tanshu.db", data);
    const char *here = arena_printf(arena, "sqlite:%s", file);
    const char *where = cli_option(cli, "--store");
    struct store_migrated migrated;
    struct store_copied copied;
    if (!file_copy(arena_printf(arena, "%s/tanshu.db", backup), file, err) ||
        !store_migrate(here, false, NULL, NULL, &migrated, err))
        return false;
    if (where == NULL) return true;
    bool good = store_copy(here, where, NULL, NULL, &copied, err);
    unlink(file);
    return good;
}

static int run_restore(struct cli *cli)
{
    struct error err = {0};
    const char *data = data_directory(cli);
    if (cli->argc != 1 || data[0] == '\0')
        return cli_usage(cli,
                         tr(cli->lang, "Give the backup's directory and --data DIR, a new one."));
    /* The settings are what a restore writes last but for the rules. */
    if (!is_free(cli, data, "tanshu.conf", &err)) return cli_fail(cli, &err);
    static const char *const folders[] = {"keys", "log", "spool", "models", "tables", "flows"};
    static const char *const files[] = {"keys/log.key", "keys/log.pub", "log/checkpoint",
                                        "tanshu.conf"};
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        if (!file_make_directory(arena_printf(cli->arena, "%s/%s", data, folders[i]), &err))
            return cli_fail(cli, &err);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        const char *from = arena_printf(cli->arena, "%s/%s", cli->argv[0], files[i]);
        if (i == 2 && !file_exists(from)) continue;
        if (i == 3 && !restore_store(cli, cli->argv[0], data, &err)) return cli_fail(cli, &err);
        if (!file_copy(from, arena_printf(cli->arena, "%s/%s", data, files[i]), &err))
            return cli_fail(cli, &err);
    }
    /* The backup's settings name the store that it was made of, which may still be at work. */
    struct app *app;
    if (!app_set(data, STR("store"), str_from(option_or(cli, "--store", "")), &err) ||
        !copy_rules(cli->arena, cli->argv[0], data, &err) || !app_open(data, APP_WORK, &app, &err))
        return cli_fail(cli, &err);
    /* A restored history signs only when it agrees with the checkpoint kept outside. */
    bool whole = app_sequence(app, &err) && log_write_tiles(&app->log, &err);
    app_close(app);
    if (!whole) return cli_fail(cli, &err);
    fprintf(cli->out, "%s\n", tr_fill(cli->arena, cli->lang, "Restored into {0}.", data, NULL));
    return CLI_DONE;
}

static const struct cli_option restore_options[] = {
    {"--data", "DIR", "The new data directory."},
    {"--store", "WHERE",
     "An empty PostgreSQL database, postgres:CONNINFO or postgres://…, instead of a SQLite file."},
    {NULL, NULL, NULL}};
const struct cli_command cli_restore = {
    .name = "restore",
    .usage = "BACKUP --data DIR [--store WHERE]",
    .summary = "Make a new data directory from a backup.",
    .text =
        "The tree of a restored log must agree with its last checkpoint before anything is signed.",
    .options = restore_options,
    .run = run_restore};

static int run_fsck(struct cli *cli)
{
    struct error err = {0};
    char *report = NULL, *problem = NULL;
    uint64_t size = 0;
    if (!store_check(cli->app->store, cli->arena, &report, &err) ||
        !log_verify_all(&cli->app->log, &cli->app->roots, cli->arena, &problem, &size, &err))
        return cli_fail(cli, &err);
    size_t left_out = cli_print_rule_problems(cli);
    bool sound = (report == NULL || report[0] == '\0') && problem == NULL && left_out == 0;
    if (sound) {
        fprintf(cli->out, "%s\n",
                tr_fill(cli->arena, cli->lang,
                        "Sound: database, tree of {0} entries, tiles, checkpoints.",
                        arena_printf(cli->arena, "%llu", (unsigned long long)size), NULL));
        return CLI_DONE;
    }
    if (problem == NULL && report != NULL && report[0] != '\0') problem = report;
    if (problem == NULL) problem = TR_KEY("files of rules are left out; each is named above.");
    error_set(&err, ERROR_CLI_FSCK, "s", problem);
    return cli_fail(cli, &err);
}

const struct cli_command cli_fsck = {.name = "fsck",
                                     .usage = "--data DIR",
                                     .summary = "Check database and evidence log from end to end.",
                                     .text =
                                         "Files of models, flows and checks that can't be used are "
                                         "named too: they are left out, and what is shipped "
                                         "under the same name stands in.",
                                     .needs_data = true,
                                     .run = run_fsck};

struct export_work {
    struct cli *cli;
    struct cli_subject *subject;
    const char *to;
};

/* What the later rooms have to say of the account: judgements, and the figures of issued reports.
 */
static bool extra_files(struct db *db, struct export_work *work, struct account_export_query *query,
                        struct error *err)
{
    const struct account_file *judgements, *reports;
    size_t judgement_count, report_count;
    struct arena *arena = work->cli->arena;
    if (!credit_export_files(db, arena, &work->subject->viewer, query->org_id, &judgements,
                             &judgement_count, err) ||
        !report_export_files(db, arena, &work->subject->viewer, query->org_id, &reports,
                             &report_count, err))
        return false;
    struct account_file *all =
        ARENA_NEW_ARRAY(arena, struct account_file, judgement_count + report_count + 1);
    memcpy(all, judgements, judgement_count * sizeof *all);
    if (report_count > 0) memcpy(all + judgement_count, reports, report_count * sizeof *all);
    query->extra = all;
    query->extra_count = judgement_count + report_count;
    return true;
}

static bool export_org(struct db *db, void *arg, struct error *err)
{
    struct export_work *work = arg;
    struct account_period year = account_year(work->subject->year);
    struct account_export_query query = {
        .org_id = work->subject->org.org_id, .first = year.first, .last = year.last};
    return extra_files(db, work, &query, err) &&
           account_export_with(db, &work->subject->viewer, &query, work->to, err);
}

static int run_export(struct cli *cli)
{
    struct cli_subject subject;
    struct error err = {0};
    int exit_code = cli_read_subject(cli, &subject);
    if (exit_code == CLI_DONE) exit_code = cli_read_year(cli, &subject);
    if (exit_code != CLI_DONE) return exit_code;
    if (cli->argc != 1) return cli_usage(cli, tr(cli->lang, "Name the directory that is written."));
    if (!app_sequence(cli->app, &err)) return cli_fail(cli, &err);
    struct export_work work = {cli, &subject, cli->argv[0]};
    exit_code = cli_read(cli, export_org, &work);
    if (exit_code == CLI_DONE)
        fprintf(cli->out, "%s\n",
                tr_fill(cli->arena, cli->lang, "Written to {0}.", cli->argv[0], NULL));
    return exit_code;
}

static const struct cli_option export_options[] = {
    CLI_ORG_OPTION, CLI_YEAR_OPTION, {NULL, NULL, NULL}};
const struct cli_command cli_export = {
    .name = "export",
    .usage = "--data DIR --org CODE [--year YYYY] TO",
    .summary = "Write all data of one organisation in open formats.",
    .text =
        "The directory TO holds data, submissions as they came, models and tables by digest, "
        "postings, leaves and "
        "proofs (doc/formats.md); tools/verify/tanshu_verify.py recomputes every figure from it.",
    .options = export_options,
    .needs_data = true,
    .run = run_export};
