#include "cli/subject.h"

#include <string.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/num.h"

int cli_read(struct cli *cli, store_work *work, void *arg)
{
    struct error err = {0};
    return store_read(cli->app->store, work, arg, &err) ? CLI_DONE : cli_fail(cli, &err);
}

int cli_write(struct cli *cli, store_work *work, void *arg)
{
    struct error err = {0};
    return store_write(cli->app->store, work, arg, &err) ? CLI_DONE : cli_fail(cli, &err);
}

size_t cli_print_rule_problems(struct cli *cli)
{
    const struct model_diagnostics *models = &cli->app->model_problems;
    const struct flow_problem *flows;
    const struct check_problem *checks;
    size_t check_count = check_rules_problems(cli->app->checks, &checks);
    size_t flow_count = flow_library_problems(cli->app->flows, &flows);
    for (size_t i = 0; i < models->count; i++)
        fprintf(cli->err, "%s:%d:%d: %s\n", models->list[i].file, models->list[i].line,
                models->list[i].column, models->list[i].message);
    for (size_t i = 0; i < flow_count; i++)
        fprintf(cli->err, "%s\n", error_text(cli->arena, cli->lang, &flows[i].reason));
    for (size_t i = 0; i < cli->app->flow_warning_count; i++) /* nothing was left out */
        fprintf(cli->err, "%s\n",
                error_text(cli->arena, cli->lang, &cli->app->flow_warnings[i].reason));
    for (size_t i = 0; i < check_count; i++)
        fprintf(cli->err, "%s: %s\n", checks[i].file,
                error_text(cli->arena, cli->lang, &checks[i].reason));
    const struct job_rules *jobs = &cli->app->jobs;
    for (size_t i = 0; i < jobs->problem_count; i++)
        fprintf(cli->err, "%s\n", error_text(cli->arena, cli->lang, &jobs->problems[i].reason));
    return models->count + flow_count + check_count + jobs->problem_count;
}

struct subject_work {
    struct cli *cli;
    struct cli_subject *subject;
    str org, login;
};

static bool find_subject(struct db *db, void *arg, struct error *err)
{
    struct subject_work *work = arg;
    struct cli_subject *subject = work->subject;
    if (!registry_resolve_org(db, work->cli->arena, work->org, &subject->org, err)) return false;
    subject->viewer = registry_viewer_own(subject->org.org_id, 0);
    subject->viewer.org_kind = subject->org.kind;
    if (work->login.len == 0) return true;
    struct registry_person *people;
    size_t count;
    if (!registry_list_people(db, work->cli->arena, subject->org.org_id, &people, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!str_equal_fold(str_from(people[i].login), work->login)) continue;
        subject->viewer.person_id = people[i].person_id;
        subject->viewer.role = people[i].role;
        return true;
    }
    return error_set(err, ERROR_CLI_NO_PERSON, "Ss", work->login, subject->org.name);
}

int cli_read_subject(struct cli *cli, struct cli_subject *subject)
{
    *subject = (struct cli_subject){.today = instant_day(instant_now_ms(), 480)};
    const char *org = cli_option(cli, "--org"), *year = cli_option(cli, "--year");
    if (org == NULL) return cli_usage(cli, tr(cli->lang, "Which organisation? Give --org CODE."));
    int64_t number = 0;
    if (year != NULL && (!num_parse_int(str_from(year), &number) || number < 2000 || number > 2100))
        return cli_usage(cli, tr_fill(cli->arena, cli->lang,
                                      "--year is a year such as 2025, not {0}.", year, NULL));
    subject->year = (int)number;
    struct subject_work work = {.cli = cli,
                                .subject = subject,
                                .org = str_from(org),
                                .login = str_from(cli_option(cli, "--as"))};
    return cli_read(cli, find_subject, &work);
}

struct year_work {
    struct cli *cli;
    struct cli_subject *subject;
};

static bool find_year(struct db *db, void *arg, struct error *err)
{
    struct year_work *work = arg;
    struct account_data_filter filter = {.as_known = ACCOUNT_NOW};
    struct account_datum *data;
    size_t count;
    if (!date_make(1990, 1, 1, &filter.first)) return false;
    filter.last = work->subject->today;
    if (!account_list_data(db, work->cli->arena, &work->subject->viewer, work->subject->org.org_id,
                           &filter, &data, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        int year, month, day;
        date_split(data[i].period.last, &year, &month, &day);
        if (year > work->subject->year) work->subject->year = year;
    }
    if (work->subject->year == 0)
        return error_set(err, ERROR_CLI_NO_DATA, "s", work->subject->org.name);
    return true;
}

int cli_read_year(struct cli *cli, struct cli_subject *subject)
{
    if (subject->year != 0) return CLI_DONE;
    struct year_work work = {cli, subject};
    return cli_read(cli, find_year, &work);
}

/* ---- tables ---- */

/* Codes, names and identifiers may be all digits too, and would lose their leading zeros. */
static bool holds_numbers(const char *column)
{
    static const char *const names[] = {"amount", "amount_cny", "change", "default", "now",
                                        "posted", "rate",       "scope",  "score",   "value"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(column, names[i]) == 0) return true;
    return false;
}

static void print_json(struct cli *cli, const char *const *names, size_t columns,
                       const char *const *cells, size_t rows)
{
    struct buf *out = buf_new(cli->arena);
    buf_puts(out, "[");
    for (size_t r = 0; r < rows; r++) {
        buf_puts(out, r == 0 ? "\n  {" : ",\n  {");
        for (size_t c = 0; c < columns; c++) {
            str cell = str_from(cells[r * columns + c]);
            double number;
            if (c != 0) buf_puts(out, ", ");
            buf_json_string(out, str_from(names[c]));
            buf_puts(out, ": ");
            /* A number that has more digits than a double keeps stays text. */
            if (holds_numbers(names[c]) && cell.len < 16 && num_parse(cell, &number))
                buf_json_number(out, number);
            else
                buf_json_string(out, cell);
        }
        buf_puts(out, "}");
    }
    buf_puts(out, rows == 0 ? "]\n" : "\n]\n");
    fputs(out->ptr, cli->out);
}

static size_t width_of(str text)
{
    size_t width = 0;
    for (size_t at = 0; at < text.len;) width += utf8_next(text, &at) >= 0x1100 ? 2 : 1;
    return width;
}

static bool is_number(const char *text)
{
    double number;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    return num_parse_human(arena, str_from(text), &number);
}

static void print_text(struct cli *cli, const char *const *names, size_t columns,
                       const char *const *cells, size_t rows)
{
    size_t *widths = ARENA_NEW_ARRAY(cli->arena, size_t, columns);
    for (size_t c = 0; c < columns; c++) {
        widths[c] = width_of(str_from(tr(cli->lang, names[c])));
        for (size_t r = 0; r < rows; r++)
            widths[c] = size_max(widths[c], width_of(str_from(cells[r * columns + c])));
    }
    for (size_t r = 0; r <= rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            const char *cell = r == 0 ? tr(cli->lang, names[c]) : cells[(r - 1) * columns + c];
            int blank = (int)(widths[c] - width_of(str_from(cell)));
            bool right = r > 0 && is_number(cell);
            fprintf(cli->out, "%s%*s%s%*s", c == 0 ? "" : "  ", right ? blank : 0, "", cell,
                    right || c + 1 == columns ? 0 : blank, "");
        }
        fputc('\n', cli->out);
    }
}

void cli_print_table(struct cli *cli, const char *const *names, size_t columns,
                     const char *const *cells, size_t rows)
{
    const char *format = cli_format(cli);
    if (strcmp(format, "json") == 0) {
        print_json(cli, names, columns, cells, rows);
    } else if (strcmp(format, "csv") == 0) {
        struct buf *out = buf_new(cli->arena);
        for (size_t c = 0; c < columns; c++) csv_put(out, str_from(names[c]), c == 0);
        csv_end_row(out);
        for (size_t r = 0; r < rows; r++) {
            for (size_t c = 0; c < columns; c++)
                csv_put_safe(out, str_from(cells[r * columns + c]), c == 0);
            csv_end_row(out);
        }
        fputs(out->ptr, cli->out);
    } else {
        print_text(cli, names, columns, cells, rows);
    }
}
