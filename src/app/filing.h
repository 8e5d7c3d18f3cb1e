/* Who has filed a month and when it was due: what the authority's pages and the reminders share. */
#ifndef APP_FILING_H
#define APP_FILING_H

#include "account/account.h"

struct app_config;

/* Of the filing due day of the settings: the day of the following month. */
date app_filing_due(const struct app_config *config, int32_t month);
/* The newest month whose due day is before today. */
int32_t app_filing_last_due(const struct app_config *config, date today);
/* The setting of an enterprise that remembers when it was last reminded of a month (an instant). */
const char *app_filing_reminder_name(struct arena *arena, int32_t month);

struct app_filing {
    bool filed;          /* there is an account of the month that stands, checked or not */
    bool posted;         /* and it counts */
    int64_t filed_at;    /* of the first */
    int64_t reminded_at; /* 0: never for this month */
};
/* Needs the scope filing or account of the enterprise. */
bool app_read_filing(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                     int32_t month, struct app_filing *filing, struct error *err) NODISCARD;

#endif
