/* The accounts that a submission concerns, made anew in the transaction that changed the data: what
 * an account says and what it rests on never part, whatever fails. Files of the room app only. */
#ifndef APP_RECOMPUTE_H
#define APP_RECOMPUTE_H

#include "app/app.h"

#define APP_YEAR_FIRST 2000
#define APP_YEARS_MAX 200
struct app_years { /* due[i]: of APP_YEAR_FIRST + i */
    bool due[APP_YEARS_MAX];
};
void app_years_note(struct app_years *years, date day);
/* The years that the data of a submission serve, withdrawn or not: their own, and for what holds
 * once `year` and every year of which the organisation ever gave anything. */
bool app_years_of(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                  id64 submission_id, int year, struct app_years *years,
                  struct error *err) NODISCARD;
/* Account, checks and rating of the years that are due and have begun. */
bool app_recompute_years(struct app *app, struct db *db, const struct viewer *viewer, id64 org_id,
                         const struct app_years *years, date today, struct error *err) NODISCARD;

#endif
