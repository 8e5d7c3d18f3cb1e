/* Who has filed a month. */
#include "app/filing.h"

#include "app/app.h"
#include "base/num.h"

date app_filing_due(const struct app_config *config, int32_t month)
{
    date first = month_first_day(month + 1), last = month_last_day(month + 1);
    date due = {first.day + (int32_t)config->filing_due_day - 1};
    return due.day > last.day ? last : due;
}

int32_t app_filing_last_due(const struct app_config *config, date today)
{
    int32_t month = month_of(today) - 1;
    return app_filing_due(config, month).day < today.day ? month : month - 1;
}

const char *app_filing_reminder_name(struct arena *arena, int32_t month)
{
    char text[DATE_TEXT_MAX];
    month_format(month, text);
    return arena_printf(arena, "reminded.%s", text);
}

bool app_read_filing(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                     int32_t month, struct app_filing *filing, struct error *err)
{
    struct account_period whole = account_month(month), year = account_year(month_year(month));
    struct account_run_filter filter = {.first = year.first, .last = year.last};
    struct account_run *runs;
    struct app_filing read = {0};
    size_t count;
    str reminded;
    bool found;
    if (!account_list_runs(db, arena, viewer, org_id, &filter, &runs, &count, err) ||
        !registry_get_setting(db, arena, org_id, str_from(app_filing_reminder_name(arena, month)),
                              &reminded, &found, err))
        return false;
    if (found && !num_parse_int(reminded, &read.reminded_at)) read.reminded_at = 0;
    for (size_t i = 0; i < count;
         i++) { /* a method that runs by year files all its months at once */
        if (runs[i].period.first.day > whole.first.day || runs[i].period.last.day < whole.last.day)
            continue;
        if (read.filed_at == 0 || runs[i].at < read.filed_at) read.filed_at = runs[i].at;
        /* A draft is dropped for a newer one, which then stands, or because its data were
         * withdrawn. */
        read.filed = read.filed || runs[i].state != ACCOUNT_DROPPED;
        read.posted = read.posted || runs[i].state == ACCOUNT_POSTED;
    }
    if (!read.filed) read.filed_at = 0;
    *filing = read;
    return true;
}
