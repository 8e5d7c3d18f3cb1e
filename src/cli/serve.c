/* tanshu serve: the pages, and beside them the sequencer of the evidence log and the jobs. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "cli/subject.h"
#include "web/web.h"

#define SEQUENCE_EVERY_MS 500
#define JOB_THREADS_MAX 64

struct sequencer {
    struct cli *cli;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
};

/* Waits for the next round; false when the server stops. */
static bool wait_round(struct sequencer *sequencer)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += SEQUENCE_EVERY_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&sequencer->lock);
    if (!sequencer->stop) pthread_cond_timedwait(&sequencer->wake, &sequencer->lock, &until);
    bool goes_on = !sequencer->stop;
    pthread_mutex_unlock(&sequencer->lock);
    return goes_on;
}

/* Gives pending leaves their places twice a second. A failure is said once until it changes; the
 * data stay accepted and are ordered when the cause is gone. */
static void *run_sequencer(void *arg)
{
    struct sequencer *sequencer = arg;
    struct app *app = sequencer->cli->app;
    enum error_code said = ERROR_NONE;
    while (wait_round(sequencer)) {
        struct error err = {0};
        bool done = app_sequence(app, &err);
        if (!done && err.code != said) {
            SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
            fprintf(stderr, "tanshu: %s\n", error_text(arena, sequencer->cli->lang, &err));
        }
        said = done ? ERROR_NONE : err.code;
    }
    return NULL;
}

static void say_job(const struct job *job, const struct error *err, void *arg)
{
    struct cli *cli = arg;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    const char *sentence = error_text(arena, cli->lang, err);
    char id[ID_TEXT_MAX];
    if (job != NULL) id_format(job->job_id, id);
    fprintf(stderr, "tanshu: %s\n",
            job == NULL
                ? sentence
                : tr_fill(arena, cli->lang, "Job {0} ({1}), attempt {2}: {3}", id,
                          app_job_title(cli->app, cli->lang == LANG_ZH, job->kind),
                          arena_printf(arena, "%lld", (long long)job->attempts), sentence, NULL));
}

static int serve(struct cli *cli, const struct web_options *options, int job_threads)
{
    struct app_workers *workers = NULL;
    struct error err = {0};
    struct sequencer sequencer = {
        .cli = cli, .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
    if (job_threads > 0) {
        workers = app_workers_start(cli->app, job_threads, say_job, cli, &err);
        if (workers == NULL) return cli_fail(cli, &err);
    }
    struct web_server *server = web_start(options, &err);
    if (server == NULL) {
        app_workers_stop(workers);
        return cli_fail(cli, &err);
    }
    if (pthread_create(&sequencer.thread, NULL, run_sequencer, &sequencer) != 0) {
        web_stop(server);
        app_workers_stop(workers);
        error_set(&err, ERROR_INTERNAL, "s", "no thread for the sequencer");
        return cli_fail(cli, &err);
    }
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang, "Tanshu serves on http://{0}:{1}", options->address,
                    arena_printf(cli->arena, "%u", web_port(server)), NULL));
    fflush(cli->out);
    http_signals_wait();
    web_stop(server);
    app_workers_stop(workers);
    pthread_mutex_lock(&sequencer.lock);
    sequencer.stop = true;
    pthread_cond_signal(&sequencer.wake);
    pthread_mutex_unlock(&sequencer.lock);
    pthread_join(sequencer.thread, NULL);
    /* What was accepted in the last moment gets its place before the directory is closed. */
    return app_sequence(cli->app, &err) ? CLI_DONE : cli_fail(cli, &err);
}

static int run_serve(struct cli *cli)
{
    const char *port = cli_option(cli, "--port"), *address = cli_option(cli, "--address");
    int64_t number = 8080;
    if (port != NULL && (!num_parse_int(str_from(port), &number) || number < 0 || number > 65535))
        return cli_usage(
            cli, tr_fill(cli->arena, cli->lang, "--port is 0 to 65535, not {0}.", port, NULL));
    const char *log = cli_option(cli, "--log");
    if (log != NULL && strcmp(log, "json") != 0 && strcmp(log, "text") != 0)
        return cli_usage(
            cli, tr_fill(cli->arena, cli->lang, "--log is text or json, not {0}.", log, NULL));
    const char *jobs = cli_option(cli, "--jobs");
    int64_t job_threads = 1;
    if (jobs != NULL && strcmp(jobs, "off") == 0)
        job_threads = 0;
    else if (jobs != NULL && (!num_parse_int(str_from(jobs), &job_threads) || job_threads < 1 ||
                              job_threads > JOB_THREADS_MAX))
        return cli_usage(
            cli, tr_fill(cli->arena, cli->lang, "--jobs is 1 to 64 or off, not {0}.", jobs, NULL));
    http_signals_block();
    (void)cli_print_rule_problems(cli);
    struct app *app = cli->app;
    struct web_options options = {
        .app = app,
        .store = app->store,
        .codes = app->codes,
        .address = address != NULL ? address : "127.0.0.1",
        .port = (uint16_t)number,
        .spool = arena_printf(cli->arena, "%s/spool", app->data),
        .demo_password = app->config.demo_password[0] != '\0' ? app->config.demo_password : NULL,
        .https_in_front = app->config.https_in_front,
        .quiet = cli_option(cli, "--quiet") != NULL,
        .log_json = log != NULL && strcmp(log, "json") == 0};
    app->log_json = options.log_json;
    return serve(cli, &options, (int)job_threads);
}

static const struct cli_option serve_options[] = {
    {"--port", "PORT", "The port (default: 8080; 0: the system chooses)."},
    {"--address", "ADDRESS",
     "The address to listen on (default: 127.0.0.1; put nginx or Caddy in front for the world)."},
    {"--jobs", "N|off",
     "How many threads do the work beside the requests (default: 1); off: other servers do."},
    {"--log", "FORMAT", "The line per request: text (default) or json."},
    {"--quiet", NULL, "No line per request on standard error."},
    {NULL, NULL, NULL}};
const struct cli_command cli_serve = {.name = "serve",
                                      .usage = "--data DIR [--port PORT] [--jobs N|off]",
                                      .summary = "Serve the portals.",
                                      .text = "Takes the directory's serve lock: a second one is "
                                              "refused. SIGTERM ends it after running requests.",
                                      .options = serve_options,
                                      .needs_data = true,
                                      .mode = APP_SERVE,
                                      .run = run_serve};
