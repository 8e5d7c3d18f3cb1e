/* tanshu refresh: accounts, checks and ratings of all enterprises, as in a night. */

#include <string.h>
#include <time.h>

#include "base/num.h"
#include "cli/cli.h"

static double clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void show_progress(int64_t done, int64_t all, void *arg)
{
    const struct cli *cli = arg;
    fprintf(cli->err, "\r%lld / %lld ", (long long)done, (long long)all);
    fflush(cli->err);
}

static const char *count_text(struct cli *cli, int64_t count)
{
    return arena_printf(cli->arena, "%lld", (long long)count);
}

static int run_refresh(struct cli *cli)
{
    struct error err = {0};
    struct app_refreshed r;
    int64_t threads = 0;
    const char *given = cli_option(cli, "--threads");
    double begin = clock_s();
    if (given != NULL && (!num_parse_int(str_from(given), &threads) || threads < 1 || threads > 16))
        return cli_usage(cli, tr(cli->lang, "--threads is a number from 1 to 16."));
    struct app_refresh how = {.all = cli_option(cli, "--all") != NULL,
                              .threads = (int)threads,
                              .now_ms = instant_now_ms(),
                              .progress = show_progress,
                              .arg = cli};
    bool done = app_refresh(cli->app, &how, &r, &err) && app_sequence(cli->app, &err);
    fputc('\n', cli->err);
    if (!done) return cli_fail(cli, &err);
    double seconds = clock_s() - begin;
    if (strcmp(cli_format(cli), "json") == 0)
        fprintf(cli->out,
                "{\"enterprises\": %lld, \"changed\": %lld, \"written\": %lld, \"failed\": %lld, "
                "\"seconds\": %.3f}\n",
                (long long)r.enterprises, (long long)r.changed, (long long)r.written,
                (long long)r.failed, seconds);
    else
        fprintf(cli->out, "%s\n",
                tr_fill(cli->arena, cli->lang,
                        "{0} enterprises, {1} looked at, {2} brought up to date, {3} failed.",
                        count_text(cli, r.enterprises), count_text(cli, r.changed),
                        count_text(cli, r.written), count_text(cli, r.failed), NULL));
    return r.failed == 0 ? CLI_DONE : cli_fail(cli, &r.error);
}

static const struct cli_option refresh_options[] = {
    {"--all", NULL, "Those too of which nothing changed since the last time."},
    {"--threads", "N", "How many threads (default: one a processor, at most 4)."},
    {NULL, NULL, NULL}};
const struct cli_command cli_refresh = {
    .name = "refresh",
    .usage = "--data DIR [--all] [--threads N]",
    .summary = "Bring accounts, checks and ratings of all enterprises up to date.",
    .text = "What the nightly job does, at once: enterprises whose data changed since their last "
            "time, or all when models, tables or the month are others, are computed, checked and "
            "rated. What comes out as it was kept before adds nothing.",
    .options = refresh_options,
    .needs_data = true,
    .run = run_refresh};
