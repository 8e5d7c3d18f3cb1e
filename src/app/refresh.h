/* Accounts, checks and ratings of all enterprises: what a night does, in one go. */
#ifndef APP_REFRESH_H
#define APP_REFRESH_H

#include "account/account.h"

struct app;

/* All years of an enterprise that have data, or a posted account whose data may be withdrawn:
 * accounts, checks, rating. In a write. */
bool app_refresh_org(struct db *db, const struct app *app, id64 org_id, int64_t now_ms,
                     struct error *err) NODISCARD;

struct app_refresh {
    bool all;    /* those too of which nothing changed since the last time */
    int threads; /* 0: one for each processor, at most 4 */
    int64_t now_ms;
    /* Told now and then, from any thread, one at a time; may be NULL. */
    void (*progress)(int64_t done, int64_t all, void *arg);
    void *arg;
};
struct app_refreshed {
    int64_t enterprises; /* that there are */
    int64_t changed;     /* that were looked at: their data or the rules differ, or all */
    int64_t written;     /* computed, checked and rated */
    int64_t failed;      /* left as they were; the first error */
    struct error error;
    id64 failed_org;
};
/* One that fails does not stop the others. False when the store itself can't be used. */
bool app_refresh(struct app *app, const struct app_refresh *how, struct app_refreshed *result,
                 struct error *err) NODISCARD;

#endif
