/* Meter readings: files in by a saved mapping, one compressed chunk per meter and day, load curves
 * out. A meter is an asset of the registry (its id is the meter's); energy is stored as integer Wh
 * per interval. Chunks are append-only: a corrected day is a new version, the earlier stays
 * readable. A gap stays a gap: nothing is interpolated. Days are local days without daylight
 * saving. */
#ifndef METER_METER_H
#define METER_METER_H

#include "base/arena.h"
#include "base/date.h"
#include "base/error.h"
#include "base/id.h"
#include "base/str.h"

struct db;
struct viewer;

/* ---- how a file is to be read -----------------------------------------------------------------
 */

enum meter_label { METER_LABEL_END, METER_LABEL_START };
/* What the label 00:00 of day D means when labels stand at interval ends. */
enum meter_midnight {
    METER_MIDNIGHT_AS_WRITTEN,     /* the end of day D-1: the last interval before D begins */
    METER_MIDNIGHT_SAME_DAY_LABEL, /* the end of day D itself ("24:00" written as 00:00 of D) */
};
enum meter_value {
    METER_VALUE_ENERGY,   /* energy of the interval: Wh, kWh, MWh */
    METER_VALUE_POWER,    /* mean power of the interval: W, kW, MW */
    METER_VALUE_REGISTER, /* the register's count at the label; energy is the difference */
};

struct meter_mapping {
    str sheet;             /* empty: the first sheet, or CSV */
    uint32_t header_row;   /* from 1; 0: no header */
    uint16_t time_column;  /* from 0 */
    bool has_clock_column; /* the time of day stands in a column of its own */
    uint16_t clock_column;
    uint16_t value_column;
    str time_format; /* letters d m Y H M S, anything else stands for itself: "d/m/Y H:M" */
    str unit;        /* Wh kWh MWh, W kW MW, 度, 万kWh */
    enum meter_value value;
    int interval_minutes; /* 1..1440, divides a day */
    enum meter_label label;
    enum meter_midnight midnight;
    double multiplier; /* 倍率: current × voltage transformer ratio; 1 */
    double
        register_max; /* of METER_VALUE_REGISTER: the count at which it rolls over; 0 not stated */
};

/* {"sheet":"","header_row":1,"time_column":"A","clock_column":"B"?,"value_column":"C","time_format":
 *  "d/m/Y H:M","unit":"kWh","value":"energy","interval_minutes":15,"label":"end",
 *  "midnight":"same_day_label","multiplier":1,"register_max":0} */
bool meter_mapping_parse(struct arena *arena, str json, struct meter_mapping *mapping,
                         struct error *err) NODISCARD;
char *meter_mapping_format(struct arena *arena, const struct meter_mapping *mapping);

struct meter_evidence { /* why detection proposes something: shown to the person who confirms it */
    const char *field;  /* "midnight", "interval_minutes" … */
    const char *reason; /* English sentence */
};
/* Proposes a mapping from a file's first rows and the order of its labels; a person confirms it.
 * Errors: INTAKE_*, INTAKE_MAPPING_NONE when no column of times and values is found. */
bool meter_mapping_detect(struct arena *arena, str bytes, struct meter_mapping *mapping,
                          struct meter_evidence **evidence, size_t *evidence_count,
                          struct error *err) NODISCARD;

/* ---- reading a file ------------------------------------------------------------------------ */

enum meter_flag {                            /* of a day */
                  METER_FLAG_GAP = 1,        /* intervals are missing */
                  METER_FLAG_REFUSED = 2,    /* rows of this day were refused */
                  METER_FLAG_CORRECTED = 4,  /* an earlier version differs */
                  METER_FLAG_LABEL = 8,      /* labels were re-read by the midnight rule */
                  METER_FLAG_CONSTANT = 16,  /* one non-zero value all day: a stuck meter? */
                  METER_FLAG_WITHDRAWN = 32, /* a file that gave readings of it was withdrawn */
};

struct meter_day {
    date day;
    int interval_minutes;
    int expected; /* intervals of a day */
    int count;    /* intervals present */
    int64_t sum_wh;
    uint32_t flags;
    int32_t version; /* from 1; 0 before it is stored */
    int64_t *wh;     /* `expected` values by interval; METER_GAP where missing */
};
#define METER_GAP INT64_MIN

struct meter_refusal {
    uint32_t row;
    struct error error;
};

struct meter_file { /* a file as read; nothing stored yet */
    int interval_minutes;
    struct meter_day *days; /* by day */
    size_t day_count;
    int64_t rows, accepted, repeated, refused; /* repeated: identical duplicates passed over */
    struct meter_refusal *refusals;            /* the first 500 */
    size_t refusal_count;
    int64_t sum_wh;
};
/* Reads the bytes in intake's jail. Row by row: what is not a reading is refused with its row and
 * reason; two different values for one interval refuse both. `today`: later labels are refused.
 * False when nothing can be read (METER_NOTHING). */
bool meter_read_file(struct arena *arena, str bytes, const struct meter_mapping *mapping,
                     date today, struct meter_file *file, struct error *err) NODISCARD;

/* ---- storing ------------------------------------------------------------------------------- */

struct meter_import_result {
    id64 batch_id;
    int64_t days_new, days_corrected, days_same;
};
/* Inside a store_write: keeps the days of a file as new versions. A day that is stored already is
 * merged: given intervals replace, others stay; nothing changes when all are equal (days_same). */
bool meter_import(struct db *db, id64 org_id, id64 meter_id, id64 submission_id, id64 person_id,
                  const struct meter_mapping *mapping, const struct meter_file *file,
                  struct meter_import_result *result, struct error *err) NODISCARD;

/* The file that came with a submission. */
struct meter_batch {
    id64 batch_id, meter_id;
    id64 derived_id; /* the submission of monthly data made when it came; 0: none */
    bool withdrawn;
};
bool meter_find_batch(struct db *db, id64 org_id, id64 submission_id, struct meter_batch *batch,
                      bool *found, struct error *err) NODISCARD;
/* Notes which submission of monthly data was derived from a file. Once for each file. */
bool meter_note_derived(struct db *db, id64 org_id, id64 batch_id, id64 submission_id,
                        struct error *err) NODISCARD;

struct meter_withdrawal {
    date first, last; /* days that the file had given readings of */
    int64_t days, days_changed, days_emptied;
};
/* Inside a store_write: the readings of a file no longer count. Each of its days becomes a new
 * version made from the files that stand, in the order in which they came; the versions before stay
 * readable, and a day of which nothing stands is not listed any more. `withdrawal_id` is the
 * submission that says why. Error METER_WITHDRAWN when it was withdrawn before. */
bool meter_withdraw(struct db *db, id64 org_id, const struct meter_batch *batch, id64 withdrawal_id,
                    id64 person_id, struct meter_withdrawal *result, struct error *err) NODISCARD;

/* The mapping last used or saved for a meter. */
bool meter_save_mapping(struct db *db, id64 org_id, id64 meter_id,
                        const struct meter_mapping *mapping, struct error *err) NODISCARD;
bool meter_load_mapping(struct db *db, id64 org_id, id64 meter_id, struct meter_mapping *mapping,
                        bool *found, struct error *err) NODISCARD;

/* ---- reading out --------------------------------------------------------------------------- */
/* All inside a store_read or store_write; results live in the db's arena. The viewer needs
 * REGISTRY_SCOPE_ACTIVITY of org_id (jobs: registry_viewer_own), otherwise REGISTRY_NOT_ALLOWED.
 * `as_of_ms`: only what was stored by then; 0 means all. */

struct meter_span {
    date first, last;
    int64_t days, sum_wh;
    int interval_minutes;
};
bool meter_read_span(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                     struct meter_span *span, bool *found, struct error *err) NODISCARD;
/* Days first..last in order with their intervals; days without readings are not listed. */
bool meter_read_days(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                     date first, date last, int64_t as_of_ms, struct meter_day **days,
                     size_t *count, struct error *err) NODISCARD;
/* Every version of one day, oldest first. */
bool meter_read_versions(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                         date day, struct meter_day **versions, size_t *count,
                         struct error *err) NODISCARD;

struct meter_month {
    int32_t month; /* month number; of a year's row year * 12 */
    int64_t sum_wh;
    int64_t count, expected; /* intervals present, and all intervals of the month */
    int64_t days;            /* days with any reading */
    int64_t peak_wh;         /* largest interval */
    double completeness;     /* count / expected */
};
/* Months (or years) that have any reading, in order. */
bool meter_read_months(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                       date first, date last, int64_t as_of_ms, struct meter_month **months,
                       size_t *count, struct error *err) NODISCARD;
bool meter_read_years(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                      int64_t as_of_ms, struct meter_month **years, size_t *count,
                      struct error *err) NODISCARD;

/* Mean kW by weekday and hour over first..last: cell[weekday 0 Monday..6][hour]; `present` false
 * where there is no reading. `scale_max_kw` is the largest cell. */
struct meter_heat {
    double kw[7][24];
    bool present[7][24];
    double scale_max_kw;
};
bool meter_read_heat(struct db *db, const struct viewer *viewer, id64 org_id, id64 meter_id,
                     date first, date last, int64_t as_of_ms, struct meter_heat *heat,
                     struct error *err) NODISCARD;

#endif
