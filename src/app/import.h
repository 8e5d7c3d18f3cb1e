/* The one way in for files and meters, for the pages, the command line and the demo alike: parse in
 * the jail, check against the organisation's models, keep as a submission with its leaf. */
#ifndef APP_IMPORT_H
#define APP_IMPORT_H

#include "account/account.h"
#include "intake/intake.h"
#include "meter/meter.h"

struct app;

/* What an organisation may be asked for in a year, as one form: the union of its models' inputs
 * without `from`. `form->title` is the method's. Lives in the arena. */
bool app_form(struct app *app, struct db *db, struct arena *arena, id64 org_id, int year,
              struct model_info *form, struct error *err) NODISCARD;

struct app_file {
    id64 org_id;
    const char *name; /* as the sender calls it */
    str bytes;
    int year; /* whose models say what may be asked; data of other years are read too */
    enum account_tier tier;
    const struct intake_mapping *mapping; /* NULL: the template or the long form */
    bool replace;                         /* rows may replace earlier data */
    bool recompute; /* accounts, checks and ratings of all years concerned, in the same write */
};
struct app_imported {
    struct account_submission submission;
    enum intake_layout layout;
    int32_t first_month, last_month; /* of accepted rows by month; 0 when there are none */
};
/* Reads a table of activity data and submits it. What a row lacks is told in its refusal; false
 * only when nothing can be read (the file is then not kept) or nothing may be written. */
bool app_import_file(struct app *app, struct arena *arena, const struct viewer *viewer,
                     const struct app_file *file, struct app_imported *imported,
                     struct error *err) NODISCARD;

struct app_readings {
    id64 org_id, meter_id;
    const char *name;
    str bytes;
    const struct meter_mapping *mapping;
    bool recompute; /* as of a file */
};
struct app_metered {
    struct account_submission submission; /* the file */
    struct account_submission months;     /* the monthly electricity derived from it */
    bool has_months;                      /* false: no method asks for it, or a sub-meter */
    struct meter_import_result days;
    int64_t rows, accepted, refused, repeated;
    const struct meter_refusal *refusals;
    size_t refusal_count;
    date first, last;
};
/* Reads a file of meter readings by its mapping, stores the days, saves the mapping with the meter,
 * and submits the months' electricity as activity data. */
bool app_import_meter(struct app *app, struct arena *arena, const struct viewer *viewer,
                      const struct app_readings *readings, struct app_metered *metered,
                      struct error *err) NODISCARD;

struct app_withdrawn {
    id64 withdrawal_id;
    int year_first, year_last;        /* whose accounts were made anew; 0 when nothing counted */
    struct meter_withdrawal readings; /* of a meter file */
};
/* Makes anew, inside a write, the accounts of the years that a submission says something about; a
 * fact that holds once serves all years of which there are data, and `year`. */
bool app_recompute(struct app *app, struct db *db, const struct viewer *viewer, id64 org_id,
                   id64 submission_id, int year, struct error *err) NODISCARD;

/* Withdraws a submission with a reason: its data no longer count, what they replaced counts again.
 * Of a meter file the readings are withdrawn, the months derived from it too, and derived anew from
 * the readings that stand. Nothing is deleted; each withdrawal is a submission with a leaf of its
 * own. Accounts, checks and ratings of the years concerned are made anew in the same write: when
 * that fails nothing is withdrawn. Errors ACCOUNT_WITHDRAWN, ACCOUNT_REASON_EMPTY, ACCOUNT_UNKNOWN,
 * REGISTRY_NOT_ALLOWED. */
bool app_withdraw(struct app *app, struct arena *arena, const struct viewer *viewer,
                  id64 submission_id, const char *reason, struct app_withdrawn *withdrawn,
                  struct error *err) NODISCARD;

#endif
