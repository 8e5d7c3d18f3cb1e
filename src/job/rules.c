/* Kinds and schedule, from tables/jobs/. */
#include "job/job.h"

#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/num.h"

#define TABLE_BYTES_MAX ((size_t)1 << 18)
#define CHINA_MINUTES 480
#define MINUTE_MS ((int64_t)60000)

const struct job_limits *job_limits_of(const struct job_rules *rules, const char *kind)
{
    for (size_t i = 0; i < rules->kind_count; i++)
        if (strcmp(rules->kinds[i].kind, kind) == 0) return &rules->kinds[i];
    return NULL;
}

const struct job_line *job_line_of(const struct job_rules *rules, str name)
{
    for (size_t i = 0; i < rules->schedule_count; i++)
        if (str_is(name, rules->schedule[i].name)) return &rules->schedule[i];
    return NULL;
}

int64_t job_wait_ms(const struct job_limits *limits, int64_t attempts)
{
    int64_t wait_ms = limits->wait_ms;
    for (int64_t i = 1; i < attempts && wait_ms < limits->wait_ms_max; i++) wait_ms *= 2;
    return wait_ms < limits->wait_ms_max ? wait_ms : limits->wait_ms_max;
}

/* ---- times ---- */

static bool read_clock(str text, int hours_max, int *minute)
{
    str hour_text;
    int64_t hour = 0, minutes;
    if (!str_cut(&text, ':', &hour_text) || text.ptr == NULL || text.len != 2 ||
        !num_parse_int(text, &minutes) || minutes < 0 || minutes > 59)
        return false;
    if (hours_max == 0 && hour_text.len != 0) return false;
    if (hours_max != 0 && (!num_parse_int(hour_text, &hour) || hour < 0 || hour > hours_max))
        return false;
    *minute = (int)(hour * 60 + minutes);
    return true;
}

/* "off", ":10" (each hour), "02:30" (each day), "day 16 09:00" (each month). */
static bool read_at(str text, struct job_line *line)
{
    str word, rest = text;
    int64_t day;
    if (str_is(text, "off")) {
        line->rhythm = JOB_OFF;
        return true;
    }
    if (str_starts(text, ":")) {
        line->rhythm = JOB_HOURLY;
        return read_clock(text, 0, &line->minute);
    }
    if (!str_starts(text, "day ")) {
        line->rhythm = JOB_DAILY;
        return read_clock(text, 23, &line->minute);
    }
    line->rhythm = JOB_MONTHLY;
    (void)str_cut(&rest, ' ', &word);
    if (!str_cut(&rest, ' ', &word) || !num_parse_int(word, &day) || day < 1 || day > 28)
        return false;
    line->day = (int)day;
    return read_clock(rest, 23, &line->minute);
}

int64_t job_last_time(const struct job_line *line, int64_t now_ms)
{
    int64_t zone_ms = CHINA_MINUTES * MINUTE_MS, local_ms = now_ms + zone_ms;
    date today = instant_day(now_ms, CHINA_MINUTES);
    int64_t at_ms = today.day * DAY_MS + line->minute * MINUTE_MS;
    switch (line->rhythm) {
    case JOB_OFF: return 0;
    case JOB_HOURLY:
        at_ms = local_ms - local_ms % (60 * MINUTE_MS) + line->minute * MINUTE_MS;
        if (at_ms > local_ms) at_ms -= 60 * MINUTE_MS;
        break;
    case JOB_DAILY:
        if (at_ms > local_ms) at_ms -= DAY_MS;
        break;
    case JOB_MONTHLY: {
        int32_t month = month_of(today);
        at_ms += (month_first_day(month).day + line->day - 1 - today.day) * DAY_MS;
        if (at_ms > local_ms)
            at_ms -= (month_first_day(month).day - month_first_day(month - 1).day) * DAY_MS;
        break;
    }
    }
    return at_ms - zone_ms;
}

/* ---- files ---- */

struct reading {
    struct arena *arena;
    struct job_rules *rules;
    size_t kind_capacity, schedule_capacity;
    const char *file;
    const struct csv_table *table;
    size_t row;
};

static bool wrong(const struct reading *r, const char *column, const char *expected, str found,
                  struct error *err)
{
    return error_set(err, ERROR_JOB_TABLE, "sissS", r->file, r->table->lines[r->row], column,
                     expected, found);
}

static bool text_of(const struct reading *r, const char *column, const char **value,
                    struct error *err)
{
    int at = csv_column(r->table, column);
    if (at < 0) return wrong(r, column, "a column of this name", STR(""), err);
    str cell = str_trim(r->table->rows[r->row][at]);
    if (cell.len == 0 || cell.len > 200) return wrong(r, column, "1 to 200 bytes", cell, err);
    *value = str_dup(r->arena, cell);
    return true;
}

static bool number_of(const struct reading *r, const char *column, int64_t min, int64_t max,
                      int64_t *value, struct error *err)
{
    const char *text;
    if (!text_of(r, column, &text, err)) return false;
    if (num_parse_int(str_from(text), value) && *value >= min && *value <= max) return true;
    return wrong(r, column, arena_printf(r->arena, "%lld..%lld", (long long)min, (long long)max),
                 str_from(text), err);
}

static bool read_kind(struct reading *r, struct error *err)
{
    struct job_limits row = {0};
    struct job_rules *rules = r->rules;
    if (!text_of(r, "kind", &row.kind, err) || !text_of(r, "title_en", &row.title_en, err) ||
        !text_of(r, "title_zh", &row.title_zh, err) ||
        !number_of(r, "lease_s", 1, 86400, &row.lease_ms, err) ||
        !number_of(r, "attempts_max", 1, 100, &row.attempts_max, err) ||
        !number_of(r, "wait_s", 0, 86400, &row.wait_ms, err) ||
        !number_of(r, "wait_s_max", 0, 604800, &row.wait_ms_max, err))
        return false;
    row.lease_ms *= 1000;
    row.wait_ms *= 1000;
    row.wait_ms_max *= 1000;
    struct job_limits *place = NULL;
    for (size_t i = 0; i < rules->kind_count; i++)
        if (strcmp(rules->kinds[i].kind, row.kind) == 0) place = &rules->kinds[i];
    if (place == NULL)
        place = ARENA_PUSH(r->arena, rules->kinds, rules->kind_count, r->kind_capacity);
    *place = row;
    return true;
}

static bool read_line(struct reading *r, struct error *err)
{
    struct job_line row = {0};
    struct job_rules *rules = r->rules;
    if (!text_of(r, "name", &row.name, err) || !text_of(r, "kind", &row.kind, err) ||
        !text_of(r, "at", &row.at, err) || !text_of(r, "title_en", &row.title_en, err) ||
        !text_of(r, "title_zh", &row.title_zh, err))
        return false;
    if (!read_at(str_from(row.at), &row))
        return wrong(r, "at", "off, :MM (each hour), HH:MM (each day) or day D HH:MM (D 1..28)",
                     str_from(row.at), err);
    if (job_limits_of(rules, row.kind) == NULL)
        return wrong(r, "kind", "a kind of kinds.csv", str_from(row.kind), err);
    struct job_line *place = NULL;
    for (size_t i = 0; i < rules->schedule_count; i++)
        if (strcmp(rules->schedule[i].name, row.name) == 0) place = &rules->schedule[i];
    if (place == NULL)
        place = ARENA_PUSH(r->arena, rules->schedule, rules->schedule_count, r->schedule_capacity);
    *place = row;
    return true;
}

static bool read_file(struct reading *r, const char *path, bool kinds, struct error *err)
{
    struct csv_table table;
    str text;
    r->file = path;
    r->table = &table;
    if (!file_read(r->arena, path, TABLE_BYTES_MAX, &text, err) ||
        !csv_read_table(r->arena, text, &table, err))
        return false;
    for (r->row = 0; r->row < table.count; r->row++)
        if (!(kinds ? read_kind(r, err) : read_line(r, err))) return false;
    return true;
}

/* A later root's file is read into a copy, which is dropped when a row of it can't be used. */
static bool add_file(struct reading *r, const char *root, const char *name, bool first,
                     struct error *err)
{
    const char *path = arena_printf(r->arena, "%s/tables/jobs/%s", root, name);
    bool kinds = strcmp(name, "kinds.csv") == 0;
    if (first) return read_file(r, path, kinds, err);
    if (!file_exists(path)) return true;
    struct job_rules before = *r->rules;
    struct error reason = {0};
    size_t kind_bytes = before.kind_count * sizeof *before.kinds;
    size_t line_bytes = before.schedule_count * sizeof *before.schedule;
    struct job_limits *kept_kinds = arena_copy(r->arena, before.kinds, kind_bytes);
    struct job_line *kept_lines = arena_copy(r->arena, before.schedule, line_bytes);
    if (read_file(r, path, kinds, &reason)) return true;
    *r->rules = before;
    r->rules->kinds = kept_kinds;
    r->rules->schedule = kept_lines;
    r->kind_capacity = before.kind_count;
    r->schedule_capacity = before.schedule_count;
    struct job_problem *problems =
        ARENA_NEW_ARRAY(r->arena, struct job_problem, before.problem_count + 1);
    if (before.problem_count != 0)
        memcpy(problems, before.problems, before.problem_count * sizeof *problems);
    problems[before.problem_count] = (struct job_problem){.file = path, .reason = reason};
    r->rules->problems = problems;
    r->rules->problem_count = before.problem_count + 1;
    return true;
}

bool job_rules_open(struct arena *arena, const char *const *roots, size_t root_count,
                    struct job_rules *rules, struct error *err)
{
    struct job_rules read = {0};
    struct reading reading = {.arena = arena, .rules = &read};
    for (size_t i = 0; i < root_count; i++)
        if (!add_file(&reading, roots[i], "kinds.csv", i == 0, err)) return false;
    for (size_t i = 0; i < root_count; i++)
        if (!add_file(&reading, roots[i], "schedule.csv", i == 0, err)) return false;
    *rules = read;
    return true;
}
