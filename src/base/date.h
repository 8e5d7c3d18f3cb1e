/* Days and instants. A `day` counts days since 1970-01-01 in the proleptic
 * Gregorian calendar and has no zone; an instant is milliseconds since
 * 1970-01-01T00:00:00Z. Months are counted as year * 12 + month - 1. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"

typedef struct date {
    int32_t day;
} date;

#define DAY_MS ((int64_t)86400000)
#define DATE_TEXT_MAX 16

/* False when year is outside 1..9999 or the day does not exist. */
bool date_make(int year, int month, int day, date *out) NODISCARD;
void date_split(date d, int *year, int *month, int *day);
/* 2026-03-01 only. */
bool date_parse_iso(str text, date *out) NODISCARD;
/* 2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日, 20260301. */
bool date_parse_human(struct arena *arena, str text, date *out) NODISCARD;
/* 2026-03, 2026/3, 2026年3月, 202603 as a month number. */
bool month_parse_human(struct arena *arena, str text, int32_t *month) NODISCARD;
void date_format(date d, char out[DATE_TEXT_MAX]);         /* 2026-03-01 */
void month_format(int32_t month, char out[DATE_TEXT_MAX]); /* 2026-03 */

int32_t month_of(date d);
date month_first_day(int32_t month);
date month_last_day(int32_t month);
int32_t month_make(int year, int month);
int month_year(int32_t month);
int weekday(date d); /* 1 Monday … 7 Sunday */

/* The wall clock. TANSHU_NOW (an instant in ms) fixes it for tests. */
int64_t instant_now_ms(void);
/* Sets the program's clock to a fixed instant, for the demo's history; 0 gives the wall clock back.
 */
void instant_fix(int64_t now_ms);
/* Day and text of an instant at a fixed offset from UTC in minutes (China: 480). */
date instant_day(int64_t instant_ms, int offset_minutes);
char *instant_format(struct arena *arena, int64_t instant_ms,
                     int offset_minutes); /* 2026-03-01 08:15 */
char *instant_format_utc(struct arena *arena,
                         int64_t instant_ms); /* RFC 3339: 2026-03-01T00:15:00Z */
bool instant_parse_utc(str text, int64_t *instant_ms) NODISCARD;

#endif
