/* tanshu job: the queue of work beside the requests. */
#include <string.h>

#include "base/num.h"
#include "cli/commands.h"
#include "cli/subject.h"

#define ROWS_MAX 1000
#define COLUMNS 10

struct job_work {
    struct cli *cli;
    enum job_state first, last;
    const char *kind;
    struct job *list;
    size_t count;
    id64 job_id;
    const struct job_line *line;
};

static const char *instant_text(struct cli *cli, int64_t at_ms)
{
    return at_ms == 0 ? "" : instant_format_utc(cli->arena, at_ms);
}

static const char *id_text(struct cli *cli, id64 id)
{
    char text[ID_TEXT_MAX];
    if (id == 0) return "";
    id_format(id, text);
    return arena_strdup(cli->arena, text);
}

static const char *number(struct cli *cli, int64_t value)
{
    return arena_printf(cli->arena, "%lld", (long long)value);
}

static void fill_row(struct cli *cli, const struct job *job, const char **cells)
{
    const char *row[COLUMNS] = {id_text(cli, job->job_id),
                                id_text(cli, job->org_id),
                                job->kind,
                                job->key,
                                job_state_name(job->state),
                                number(cli, job->attempts),
                                job->state == JOB_WAITING || job->state == JOB_RUNNING
                                    ? instant_text(cli, job->due_ms)
                                    : "",
                                instant_text(cli, job->started_ms),
                                instant_text(cli, job->ended_ms),
                                job->failed ? error_text(cli->arena, cli->lang, &job->error) : ""};
    memcpy(cells, row, sizeof row);
}

static int print_jobs(struct cli *cli, const struct job *list, size_t count)
{
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, count *COLUMNS + 1);
    for (size_t i = 0; i < count; i++) fill_row(cli, &list[i], cells + i * COLUMNS);
    cli_print_table(cli,
                    (const char *const[]){TR_KEY("job"), TR_KEY("org"), TR_KEY("kind"),
                                          TR_KEY("key"), TR_KEY("state"), TR_KEY("attempts"),
                                          TR_KEY("due"), TR_KEY("started"), TR_KEY("ended"),
                                          TR_KEY("error")},
                    COLUMNS, cells, count);
    return CLI_DONE;
}

static bool read_list(struct db *db, void *arg, struct error *err)
{
    struct job_work *work = arg;
    struct job *all = ARENA_NEW_ARRAY(work->cli->arena, struct job, ROWS_MAX * JOB_STATES), *list;
    size_t count;
    work->count = 0;
    for (int state = (int)work->first; state <= (int)work->last; state++) {
        if (!job_list(db, work->cli->arena, (enum job_state)state, work->kind, 0, ROWS_MAX, &list,
                      &count, err))
            return false;
        memcpy(all + work->count, list, count * sizeof *list);
        work->count += count;
    }
    work->list = all;
    return true;
}

static int list_jobs(struct cli *cli)
{
    const char *state = cli_option(cli, "--state");
    struct job_work work = {
        .cli = cli, .last = (enum job_state)(JOB_STATES - 1), .kind = cli_option(cli, "--kind")};
    if (state != NULL) {
        if (!job_state_parse(str_from(state), &work.first))
            return cli_usage(cli, tr_fill(cli->arena, cli->lang,
                                          "--state is waiting, running, done or dead, not {0}.",
                                          state, NULL));
        work.last = work.first;
    }
    int exit_code = cli_read(cli, read_list, &work);
    return exit_code == CLI_DONE ? print_jobs(cli, work.list, work.count) : exit_code;
}

/* ---- one job ---- */

static int read_id(struct cli *cli, id64 *id)
{
    if (cli->argc == 2 && id_parse(str_from(cli->argv[1]), id)) return CLI_DONE;
    return cli_usage(cli,
                     tr(cli->lang, "Name the job by its number, as 'tanshu job list' shows it."));
}

static bool read_job(struct db *db, void *arg, struct error *err)
{
    struct job_work *work = arg;
    return job_get(db, work->cli->arena, work->job_id, work->list, err);
}

static int show_job(struct cli *cli)
{
    struct job job;
    struct job_work work = {.cli = cli, .list = &job};
    int exit_code = read_id(cli, &work.job_id);
    if (exit_code == CLI_DONE) exit_code = cli_read(cli, read_job, &work);
    return exit_code == CLI_DONE ? print_jobs(cli, &job, 1) : exit_code;
}

static bool retry_job(struct db *db, void *arg, struct error *err)
{
    struct job_work *work = arg;
    return job_retry(db, work->job_id, err);
}

static int retry(struct cli *cli)
{
    struct job_work work = {.cli = cli};
    int exit_code = read_id(cli, &work.job_id);
    if (exit_code == CLI_DONE) exit_code = cli_write(cli, retry_job, &work);
    if (exit_code == CLI_DONE)
        fprintf(cli->out, "%s\n",
                tr_fill(cli->arena, cli->lang, "Job {0} waits again.", cli->argv[1], NULL));
    return exit_code;
}

/* ---- working ---- */

static bool add_line(struct db *db, void *arg, struct error *err)
{
    struct job_work *work = arg;
    return job_add_line(db, work->line, instant_now_ms(), err);
}

static void say_failure(struct cli *cli, const struct job *job)
{
    fprintf(
        cli->err, "%s\n",
        tr_fill(cli->arena, cli->lang, "Job {0} ({1}), attempt {2}: {3}", id_text(cli, job->job_id),
                app_job_title(cli->app, cli->lang == LANG_ZH, job->kind),
                number(cli, job->attempts), error_text(cli->arena, cli->lang, &job->error), NULL));
}

static int work_off(struct cli *cli)
{
    struct error err = {0};
    struct app_jobs jobs;
    int64_t counts[JOB_LOST + 1] = {0};
    struct job_clock clock = {
        .seen_ms = ARENA_NEW_ARRAY(cli->arena, int64_t, cli->app->jobs.schedule_count + 1)};
    struct job_outcome outcome;
    if (!app_jobs_open(cli->app, &jobs, &err) ||
        !job_tick(&jobs.queue, cli->arena, &clock, instant_now_ms(), &err))
        return cli_fail(cli, &err);
    do {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
        if (!job_work(&jobs.queue, arena, &outcome, &err)) return cli_fail(cli, &err);
        if (outcome.end != JOB_IDLE && outcome.end != JOB_WENT_WELL) say_failure(cli, &outcome.job);
        counts[outcome.end]++;
    } while (outcome.end != JOB_IDLE);
    if (!app_sequence(cli->app, &err)) return cli_fail(cli, &err);
    int64_t failed = counts[JOB_FAILED] + counts[JOB_DIED] + counts[JOB_LOST];
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang, "{0} jobs done; {1} attempts failed, {2} for good.",
                    number(cli, counts[JOB_WENT_WELL]), number(cli, failed),
                    number(cli, counts[JOB_DIED]), NULL));
    return failed == 0 ? CLI_DONE : CLI_REFUSED;
}

static int run_jobs(struct cli *cli)
{
    struct job_work work = {.cli = cli};
    struct error err = {0};
    if (cli->argc > 2)
        return cli_usage(cli, tr(cli->lang, "Name one line of the schedule, or none."));
    if (cli->argc == 1) return work_off(cli);
    work.line = job_line_of(&cli->app->jobs, str_from(cli->argv[1]));
    if (work.line == NULL) {
        (void)error_set(&err, ERROR_JOB_SCHEDULE_UNKNOWN, "s", cli->argv[1]);
        return cli_fail(cli, &err);
    }
    int exit_code = cli_write(cli, add_line, &work);
    return exit_code == CLI_DONE ? work_off(cli) : exit_code;
}

static int list_schedule(struct cli *cli)
{
    const struct job_rules *rules = &cli->app->jobs;
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, rules->schedule_count * 4 + 1);
    for (size_t i = 0; i < rules->schedule_count; i++) {
        const struct job_line *line = &rules->schedule[i];
        const char *row[] = {line->name, line->at, line->kind,
                             cli->lang == LANG_ZH ? line->title_zh : line->title_en};
        memcpy(cells + i * 4, row, sizeof row);
    }
    cli_print_table(
        cli, (const char *const[]){TR_KEY("name"), TR_KEY("at"), TR_KEY("kind"), TR_KEY("title")},
        4, cells, rules->schedule_count);
    return CLI_DONE;
}

static int run_job(struct cli *cli)
{
    static const struct {
        const char *name;
        int (*run)(struct cli *cli);
    } verbs[] = {{"list", list_jobs},
                 {"show", show_job},
                 {"run", run_jobs},
                 {"retry", retry},
                 {"schedule", list_schedule}};
    (void)cli_print_rule_problems(cli);
    for (size_t i = 0; cli->argc > 0 && i < ARRAY_LEN(verbs); i++)
        if (strcmp(cli->argv[0], verbs[i].name) == 0) return verbs[i].run(cli);
    return cli_usage(cli, tr(cli->lang, "Say list, show, run, retry or schedule."));
}

static const struct cli_option job_options[] = {
    {"--state", "STATE", "Only jobs that are waiting, running, done or dead."},
    {"--kind", "KIND", "Only jobs of this kind."},
    {NULL, NULL, NULL}};
const struct cli_command cli_job = {
    .name = "job",
    .usage = "list | show JOB | run [LINE] | retry JOB | schedule, each with --data DIR",
    .summary = "Show and run the work beside the requests: nightly accounts, reminders.",
    .text =
        "'list' shows the newest 1000 jobs of each state, 'run' does what is due and ends, beside "
        "any number of servers, with LINE that line of the schedule now; exit 1 when an attempt "
        "failed. 'retry' lets a dead job wait again. 'schedule' shows tables/jobs/schedule.csv "
        "with the directory's own lines; times are China's.",
    .options = job_options,
    .needs_data = true,
    .run = run_job};
