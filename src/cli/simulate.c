/* tanshu simulate: an invented region, loaded in bulk through the validation of a user's data. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/digest.h"
#include "base/num.h"
#include "cli/cli.h"
#include "cli/region.h"

#define ENTERPRISES_MAX 1000000
#define MONTHS_MAX 120
#define BATCH 8 /* enterprises in one transaction */
#define SEQUENCE_EVERY 400
#define PASSWORD_CHARS 12
#define BATCH_ARENA_BYTES ((size_t)256 << 20)
#define YEAR_ARENA_BYTES ((size_t)1 << 30)

struct simulation {
    struct cli *cli;
    struct app *app;
    struct region region;
    int64_t enterprises, months, correct, seed;
    int32_t first_month, last_month;
    bool accounts, beside_real;
    char password[PASSWORD_CHARS + 1], hash[REGISTRY_HASH_BYTES];
    struct digest_state *digest; /* of all that is sent */
    double begin_s;
    struct totals {
        int64_t enterprises, skipped, submissions, rows, runs, posted, ratings;
    } totals;
};

struct batch {
    struct simulation *sim;
    struct arena *arena;
    size_t first, count; /* numbers of enterprises */
    struct totals totals;
};

static double clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- one enterprise ---- */

struct staff {
    struct viewer manager, approver;
};

static bool add_person(struct db *db, struct batch *batch, const struct region_enterprise *e,
                       enum registry_role role, int64_t now_ms, struct viewer *viewer,
                       struct error *err)
{
    bool approver = role == REGISTRY_ENTERPRISE_APPROVER;
    const char *login = arena_printf(batch->arena, "sim%s.%s", e->org.identifier,
                                     approver ? "approver" : "manager");
    id64 person;
    if (!registry_add_person(db, e->org.org_id, str_from(login),
                             approver ? STR("示例审批人") : STR("示例碳管理员"), role,
                             batch->sim->hash, now_ms, &person, err))
        return false;
    *viewer = registry_viewer_own(e->org.org_id, person);
    viewer->org_kind = REGISTRY_ENTERPRISE;
    viewer->role = role;
    return true;
}

/* As in the demo: a refused row means that profile and models no longer fit. */
static bool tell_refusal(struct db *db, struct batch *batch, const struct viewer *viewer,
                         const struct account_submission *kept, struct error *err)
{
    struct account_refusal *list;
    size_t count;
    if (!account_list_refusals(db, batch->arena, viewer, kept->org_id, kept->submission_id, &list,
                               &count, err))
        return false;
    const char *first =
        count == 0 ? ""
                   : error_render(batch->arena, &list[0].error, error_sentence(list[0].error.code));
    return error_set(err, ERROR_CLI_REGION_REFUSED, "ss", kept->name, first);
}

static bool send_part(struct db *db, struct batch *batch, const struct region_enterprise *e,
                      const struct viewer *viewer, int32_t month, bool yearly, bool corrected,
                      struct error *err)
{
    struct simulation *sim = batch->sim;
    struct region_part part;
    struct account_submission kept;
    int64_t now = corrected ? instant_now_ms() : region_sent_ms(e, month, yearly);
    region_make_part(&sim->region, e, batch->arena, month, (int)(month - sim->first_month), yearly,
                     corrected, &part);
    if (part.count == 0) return true;
    struct account_submission_new submission = {.org_id = e->org.org_id,
                                                .kind = "file",
                                                .name = part.name,
                                                .bytes = part.bytes,
                                                .replace = corrected};
    if (!account_submit(db, viewer, &sim->app->rules, &submission, part.rows, part.count,
                        instant_day(now, 480), now, &kept, err))
        return false;
    batch->totals.submissions++;
    batch->totals.rows += kept.rows_accepted;
    return kept.rows_refused == 0 || tell_refusal(db, batch, viewer, &kept, err);
}

/* A year's values are sent when the year lies wholly within the history. */
static bool year_ends(const struct simulation *sim, int32_t month)
{
    return month % 12 == 11 && month - 11 >= sim->first_month;
}

static bool post_year(struct db *db, struct batch *batch, const struct region_enterprise *e,
                      const struct staff *staff, int32_t month, struct error *err)
{
    struct simulation *sim = batch->sim;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(YEAR_ARENA_BYTES);
    struct account_run_filter filter = {.has_state = true, .state = ACCOUNT_DRAFT};
    struct account_run *runs;
    struct credit_rating rating;
    size_t count;
    int year = month_year(month);
    int64_t now = region_sent_ms(e, month, true);
    date today = instant_day(now, 480);
    (void)account_hold_data(db, arena, e->org.org_id);
    if (!credit_refresh(db, arena, &staff->manager, &sim->app->credit, e->org.org_id, year, today,
                        now, err) ||
        !account_list_runs(db, arena, &staff->approver, e->org.org_id, &filter, &runs, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (runs[i].gate != ACCOUNT_GATE_OPEN) continue;
        if (!account_approve(db, &staff->approver, e->org.org_id, runs[i].run_id, now, err))
            return false;
        batch->totals.posted++;
    }
    batch->totals.runs += (int64_t)count;
    batch->totals.ratings++;
    bool rated = credit_rate(db, arena, &staff->manager, &sim->app->credit, e->org.org_id, year,
                             today, now, &rating, err);
    account_release_data(db);
    return rated;
}

static bool load_enterprise(struct db *db, struct batch *batch, struct region_enterprise *e,
                            struct error *err)
{
    struct simulation *sim = batch->sim;
    struct staff staff;
    struct registry_org known;
    bool found;
    int64_t begin = month_first_day(sim->first_month).day * DAY_MS;
    if (!registry_find_org(db, batch->arena, STR(REGION_SCHEME), str_from(e->org.identifier),
                           &known, &found, err))
        return false;
    if (found) { /* it was loaded as a whole before the last attempt was stopped */
        batch->totals.skipped++;
        return true;
    }
    if (!registry_add_org(db, sim->app->codes, &e->org, begin, &e->org.org_id, err) ||
        !add_person(db, batch, e, REGISTRY_ENTERPRISE_MANAGER, begin, &staff.manager, err) ||
        !add_person(db, batch, e, REGISTRY_ENTERPRISE_APPROVER, begin, &staff.approver, err))
        return false;
    batch->totals.enterprises++;
    for (int32_t month = sim->first_month; month <= sim->last_month; month++) {
        bool ends = year_ends(sim, month), last = ends || month == sim->last_month;
        if (!send_part(db, batch, e, &staff.manager, month, false, false, err) ||
            (ends && !send_part(db, batch, e, &staff.manager, month, true, false, err)) ||
            (last && sim->accounts && !post_year(db, batch, e, &staff, month, err)))
            return false;
    }
    return true;
}

/* Sends the newest month once more, with what a reader of the meters corrected. */
static bool correct_enterprise(struct db *db, struct batch *batch, struct region_enterprise *e,
                               struct error *err)
{
    struct registry_org org;
    struct registry_person *people;
    size_t count;
    bool found;
    if (!registry_find_org(db, batch->arena, STR(REGION_SCHEME), str_from(e->org.identifier), &org,
                           &found, err))
        return false;
    if (!found) return error_set(err, ERROR_CLI_REGION_LACKS, "s", e->org.identifier);
    e->org.org_id = org.org_id;
    if (!registry_list_people(db, batch->arena, org.org_id, &people, &count, err)) return false;
    for (size_t i = 0; i < count; i++) {
        if (people[i].role != REGISTRY_ENTERPRISE_MANAGER) continue;
        struct viewer viewer = registry_viewer_own(org.org_id, people[i].person_id);
        viewer.org_kind = REGISTRY_ENTERPRISE;
        viewer.role = people[i].role;
        batch->totals.enterprises++;
        return send_part(db, batch, e, &viewer, batch->sim->last_month, false, true, err);
    }
    return error_set(err, ERROR_CLI_REGION_LACKS, "s", e->org.identifier);
}

static bool load_batch(struct db *db, void *arg, struct error *err)
{
    struct batch *batch = arg;
    struct simulation *sim = batch->sim;
    batch->totals = (struct totals){0};
    for (size_t i = 0; i < batch->count; i++) {
        struct region_enterprise e;
        size_t number = batch->first + i;
        if (sim->correct > 0)
            number = (number - 1) * (size_t)sim->enterprises / (size_t)sim->correct + 1;
        region_make_enterprise(&sim->region, batch->arena, number, (int)sim->months, &e);
        if (!(sim->correct > 0 ? correct_enterprise(db, batch, &e, err)
                               : load_enterprise(db, batch, &e, err)))
            return false;
    }
    return true;
}

/* ---- the whole ---- */

static void add_totals(struct totals *to, const struct totals *more)
{
    to->enterprises += more->enterprises;
    to->skipped += more->skipped;
    to->submissions += more->submissions;
    to->rows += more->rows;
    to->runs += more->runs;
    to->posted += more->posted;
    to->ratings += more->ratings;
}

/* What the region is, whatever ids its rows got: every enterprise's master data and files. */
static void digest_enterprise(struct simulation *sim, struct arena *arena, size_t number)
{
    struct region_enterprise e;
    region_make_enterprise(&sim->region, arena, number, (int)sim->months, &e);
    const char *head = arena_printf(arena, "%s|%s|%s|%s|%s\n", e.org.identifier, e.org.name,
                                    e.org.industry, e.org.division, e.org.scale);
    digest_add(sim->digest, head, strlen(head));
    for (int32_t month = sim->first_month; month <= sim->last_month; month++)
        for (int yearly = 0; yearly <= (int)year_ends(sim, month); yearly++) {
            struct region_part part;
            region_make_part(&sim->region, &e, arena, month, (int)(month - sim->first_month),
                             yearly != 0, false, &part);
            digest_add(sim->digest, part.bytes.ptr, part.bytes.len);
        }
}

static void show_progress(const struct simulation *sim, int64_t done, int64_t all)
{
    double seconds = clock_s() - sim->begin_s;
    fprintf(sim->cli->err, "\r%lld / %lld  %.0f rows/s  %.0f s ", (long long)done, (long long)all,
            (double)sim->totals.rows / (seconds > 0 ? seconds : 1), seconds);
    fflush(sim->cli->err);
}

static bool run_batches(struct simulation *sim, struct error *err)
{
    int64_t all = sim->correct > 0 ? sim->correct : sim->enterprises;
    for (int64_t done = 0; done < all;) {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open(BATCH_ARENA_BYTES);
        size_t count = size_min(BATCH, (size_t)(all - done));
        struct batch batch = {
            .sim = sim, .arena = arena, .first = (size_t)done + 1, .count = count};
        if (!store_write(sim->app->store, load_batch, &batch, err)) return false;
        for (size_t i = 0; i < count && sim->correct == 0; i++)
            digest_enterprise(sim, arena, batch.first + i);
        add_totals(&sim->totals, &batch.totals);
        done += (int64_t)count;
        show_progress(sim, done, all);
        if (done % SEQUENCE_EVERY < BATCH && !app_sequence(sim->app, err)) return false;
    }
    return app_sequence(sim->app, err);
}

static bool find_real(struct db *db, void *arg, struct error *err)
{
    struct simulation *sim = arg;
    struct registry_org_filter filter = {
        .kind = REGISTRY_ENTERPRISE, .division_prefix = "", .industry_prefix = ""};
    struct registry_org *list;
    size_t count;
    do {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
        if (!registry_list_orgs(db, arena, &filter, &list, &count, err)) return false;
        for (size_t i = 0; i < count; i++)
            if (!list[i].invented)
                return error_set(err, ERROR_CLI_REGION_REAL, "ss", sim->app->data, list[i].name);
        filter.skip += (int64_t)count;
    } while (count != 0);
    return true;
}

static bool make_password(struct simulation *sim, struct error *err)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32: no bias */
    unsigned char random[PASSWORD_CHARS];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_set(err, ERROR_INTERNAL, "s", "getrandom");
    for (size_t i = 0; i < PASSWORD_CHARS; i++) sim->password[i] = letters[random[i] % 32];
    return registry_hash_password(str_from(sim->password), sim->hash, err);
}

static const char *count_text(struct simulation *sim, int64_t count)
{
    return arena_printf(sim->cli->arena, "%lld", (long long)count);
}

static void print_totals(struct simulation *sim)
{
    struct cli *cli = sim->cli;
    const struct totals *t = &sim->totals;
    double seconds = clock_s() - sim->begin_s;
    const char *hex = digest_hex(cli->arena, digest_end(sim->digest));
    if (strcmp(cli_format(cli), "json") == 0) {
        fprintf(cli->out,
                "{\"enterprises\": %lld, \"skipped\": %lld, \"submissions\": %lld, \"rows\": %lld, "
                "\"runs\": %lld, \"posted\": %lld, \"ratings\": %lld, \"seconds\": %.3f, "
                "\"digest\": \"%s\", \"password\": \"%s\"}\n",
                (long long)t->enterprises, (long long)t->skipped, (long long)t->submissions,
                (long long)t->rows, (long long)t->runs, (long long)t->posted, (long long)t->ratings,
                seconds, sim->correct > 0 ? "" : hex, sim->correct > 0 ? "" : sim->password);
        return;
    }
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang,
                    "{0} invented enterprises, {1} files, {2} values; {3} account runs, {4} of "
                    "them posted.",
                    count_text(sim, t->enterprises), count_text(sim, t->submissions),
                    count_text(sim, t->rows), count_text(sim, t->runs), count_text(sim, t->posted),
                    NULL));
    if (t->skipped > 0)
        fprintf(cli->out, "%s\n",
                tr_fill(cli->arena, cli->lang, "{0} were there already.",
                        count_text(sim, t->skipped), NULL));
    if (sim->correct > 0) return;
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang, "Digest of all that was sent: {0}", hex, NULL));
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang,
                    "Sign-in names are {0}, {1} and so on; everybody's password is {2}.",
                    arena_printf(cli->arena, "sim%lld-000001.manager", (long long)sim->seed),
                    arena_printf(cli->arena, "sim%lld-000001.approver", (long long)sim->seed),
                    sim->password, NULL));
}

static bool read_count(const struct cli *cli, const char *name, int64_t otherwise, int64_t max,
                       int64_t *value)
{
    const char *text = cli_option(cli, name);
    *value = otherwise;
    return text == NULL || (num_parse_int(str_from(text), value) &&
                            *value >= (max == INT64_MAX ? 0 : 1) && *value <= max);
}

static int read_options(struct cli *cli, struct simulation *sim)
{
    const char *last = cli_option(cli, "--last");
    const char *wrong = NULL;
    if (!read_count(cli, "--enterprises", 0, ENTERPRISES_MAX, &sim->enterprises) ||
        sim->enterprises == 0)
        wrong = "--enterprises";
    else if (!read_count(cli, "--months", 36, MONTHS_MAX, &sim->months))
        wrong = "--months";
    else if (!read_count(cli, "--seed", 1, INT64_MAX, &sim->seed))
        wrong = "--seed";
    else if (!read_count(cli, "--correct", 0, sim->enterprises, &sim->correct))
        wrong = "--correct";
    sim->last_month = month_of(instant_day(instant_now_ms(), 480)) - 1;
    if (wrong == NULL && last != NULL &&
        (!month_parse_human(cli->arena, str_from(last), &sim->last_month) ||
         month_last_day(sim->last_month).day >= instant_day(instant_now_ms(), 480).day))
        wrong = "--last";
    if (wrong != NULL)
        return cli_usage(cli, tr_fill(cli->arena, cli->lang,
                                      "{0} is missing, no number or month, or out of range.", wrong,
                                      NULL));
    sim->first_month = sim->last_month - (int32_t)sim->months + 1;
    sim->accounts = cli_option(cli, "--data-only") == NULL;
    sim->beside_real = cli_option(cli, "--beside-real") != NULL;
    return CLI_DONE;
}

static int run_simulate(struct cli *cli)
{
    struct error err = {0};
    struct simulation sim = {.cli = cli, .app = cli->app, .begin_s = clock_s()};
    int exit_code = read_options(cli, &sim);
    if (exit_code != CLI_DONE) return exit_code;
    if ((!sim.beside_real && !store_read(cli->app->store, find_real, &sim, &err)) ||
        !region_open(cli->arena, cli->app->share, cli->app->codes, (uint64_t)sim.seed, &sim.region,
                     &err) ||
        !make_password(&sim, &err))
        return cli_fail(cli, &err);
    sim.digest = digest_begin();
    bool done = run_batches(&sim, &err);
    fputc('\n', cli->err);
    if (!done) {
        (void)digest_end(sim.digest);
        return cli_fail(cli, &err);
    }
    print_totals(&sim);
    return CLI_DONE;
}

static const struct cli_option simulate_options[] = {
    {"--enterprises", "N", "How many (1 to 1,000,000)."},
    {"--months", "N", "Months of history (default 36, at most 120)."},
    {"--last", "YYYY-MM", "The last month (default: the one that ended last)."},
    {"--seed", "N", "The same seed and months give the same enterprises and values (default 1)."},
    {"--data-only", NULL, "Activity data alone: no accounts, no ratings."},
    {"--correct", "N", "Instead: N of these enterprises send their last month again, corrected."},
    {"--beside-real", NULL, "Also where real enterprises are."},
    {NULL, NULL, NULL}};
const struct cli_command cli_simulate = {
    .name = "simulate",
    .usage = "--data DIR --enterprises N [--months N] [--last YYYY-MM] [--seed N]",
    .summary = "Load an invented region, to measure and to try.",
    .text = "Enterprises marked 示例 in real counties and industry classes, each with the monthly "
            "data that the method of its industry asks for, go through the same validation as a "
            "user's data; accounts are computed, checked, posted by a second person, and rated by "
            "year. The plants are those of examples/region. A load that was stopped goes on when "
            "the command is given again. Refused in a directory that holds real enterprises.",
    .options = simulate_options,
    .needs_data = true,
    .run = run_simulate};
