#include "app/recompute.h"

#include <string.h>

static int year_of(date day)
{
    return month_year(month_of(day));
}

static void note(struct app_years *years, int year)
{
    if (year >= APP_YEAR_FIRST && year - APP_YEAR_FIRST < APP_YEARS_MAX)
        years->due[year - APP_YEAR_FIRST] = true;
}

void app_years_note(struct app_years *years, date day)
{
    note(years, year_of(day));
}

/* All data, or those of a submission; *once is set when one of them holds until changed. */
static bool note_data(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                      id64 submission_id, struct app_years *years, bool *once, struct error *err)
{
    struct account_data_filter filter = {
        .as_known = ACCOUNT_NOW, .with_superseded = true, .submission_id = submission_id};
    struct account_datum *data;
    size_t count;
    if (!account_list_data(db, arena, viewer, org_id, &filter, &data, &count, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (account_period_equal(data[i].period, account_once()))
            *once = true;
        else
            app_years_note(years, data[i].period.first);
    return true;
}

bool app_years_of(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                  id64 submission_id, int year, struct app_years *years, struct error *err)
{
    bool once = false;
    if (!note_data(db, arena, viewer, org_id, submission_id, years, &once, err)) return false;
    if (!once) return true;
    note(years, year);
    return note_data(db, arena, viewer, org_id, 0, years, &once, err);
}

bool app_recompute_years(struct app *app, struct db *db, const struct viewer *viewer, id64 org_id,
                         const struct app_years *years, date today, struct error *err)
{
    for (int i = 0; i < APP_YEARS_MAX && APP_YEAR_FIRST + i <= year_of(today); i++) {
        if (!years->due[i]) continue;
        SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
        if (!credit_refresh(db, arena, viewer, &app->credit, org_id, APP_YEAR_FIRST + i, today,
                            instant_now_ms(), err))
            return false;
    }
    return true;
}

bool app_recompute(struct app *app, struct db *db, const struct viewer *viewer, id64 org_id,
                   id64 submission_id, int year, struct error *err)
{
    struct app_years years = {0};
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    return app_years_of(db, arena, viewer, org_id, submission_id, year, &years, err) &&
           app_recompute_years(app, db, viewer, org_id, &years, instant_day(instant_now_ms(), 480),
                               err);
}
