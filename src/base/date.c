#include "base/date.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Days from civil and back: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static int32_t days_from_civil(int year, int month, int day)
{
    year -= month <= 2;
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void date_split(date d, int *year, int *month, int *day)
{
    int z = d.day + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int day_of_era = z - era * 146097;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

bool date_make(int year, int month, int day, date *out)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return false;
    date d = {days_from_civil(year, month, day)};
    int y, m, back;
    date_split(d, &y, &m, &back);
    if (m != month || back != day) return false;
    *out = d;
    return true;
}

static bool digits(str text, size_t from, size_t count, int *out)
{
    int64_t value;
    str part = str_slice(text, from, from + count);
    if (part.len != count || part.ptr[0] == '+' || part.ptr[0] == '-') return false;
    if (!num_parse_int(part, &value)) return false;
    *out = (int)value;
    return true;
}

bool date_parse_iso(str text, date *out)
{
    int year, month, day;
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-') return false;
    if (!digits(text, 0, 4, &year) || !digits(text, 5, 2, &month) || !digits(text, 8, 2, &day))
        return false;
    return date_make(year, month, day, out);
}

/* Splits 2026年3月1日, 2026-3-1 … into its numbers; returns how many, 0 if malformed. */
static int split_numbers(struct arena *arena, str text, int numbers[3])
{
    str folded = str_fold(arena, str_trim(text));
    int count = 0;
    size_t at = 0;
    while (at < folded.len) {
        size_t start = at;
        while (at < folded.len && folded.ptr[at] >= '0' && folded.ptr[at] <= '9') at++;
        if (at == start || at - start > 4 || count == 3 ||
            !digits(folded, start, at - start, &numbers[count]))
            return 0;
        if (count == 0 && at - start != 4) return 0;
        if (count > 0 && at - start > 2) return 0;
        count++;
        if (at == folded.len) break;
        static const char *const separators[] = {"-", "/", ".", "年", "月", "日"};
        size_t i = 0;
        for (; i < ARRAY_LEN(separators); i++)
            if (str_starts(str_slice(folded, at, folded.len), separators[i])) break;
        if (i == ARRAY_LEN(separators)) return 0;
        at += strlen(separators[i]);
        /* Only the Chinese marks may end the text. */
        if (at == folded.len && i < 3) return 0;
    }
    return count;
}

bool date_parse_human(struct arena *arena, str text, date *out)
{
    int n[3];
    str trimmed = str_trim(text);
    if (trimmed.len == 8 && digits(trimmed, 0, 4, &n[0]) && digits(trimmed, 4, 2, &n[1]) &&
        digits(trimmed, 6, 2, &n[2]))
        return date_make(n[0], n[1], n[2], out);
    return split_numbers(arena, text, n) == 3 && date_make(n[0], n[1], n[2], out);
}

bool month_parse_human(struct arena *arena, str text, int32_t *month)
{
    int n[3];
    str trimmed = str_trim(text);
    bool compact = trimmed.len == 6 && digits(trimmed, 0, 4, &n[0]) && digits(trimmed, 4, 2, &n[1]);
    if (!compact && split_numbers(arena, text, n) != 2) return false;
    if (n[0] < 1 || n[0] > 9999 || n[1] < 1 || n[1] > 12) return false;
    *month = month_make(n[0], n[1]);
    return true;
}

void date_format(date d, char out[DATE_TEXT_MAX])
{
    int year, month, day;
    date_split(d, &year, &month, &day);
    snprintf(out, DATE_TEXT_MAX, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
             (unsigned)day % 100);
}

void month_format(int32_t month, char out[DATE_TEXT_MAX])
{
    snprintf(out, DATE_TEXT_MAX, "%04u-%02u", (unsigned)month_year(month) % 10000,
             (unsigned)(month % 12) + 1);
}

int32_t month_make(int year, int month)
{
    return year * 12 + month - 1;
}

int month_year(int32_t month)
{
    return month / 12;
}

int32_t month_of(date d)
{
    int year, month, day;
    date_split(d, &year, &month, &day);
    return month_make(year, month);
}

date month_first_day(int32_t month)
{
    return (date){days_from_civil(month / 12, month % 12 + 1, 1)};
}

date month_last_day(int32_t month)
{
    return (date){month_first_day(month + 1).day - 1};
}

int weekday(date d)
{
    int shifted = (d.day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (shifted < 0 ? shifted + 7 : shifted) + 1;
}

static int64_t fixed_ms;

void instant_fix(int64_t now_ms)
{
    __atomic_store_n(&fixed_ms, now_ms, __ATOMIC_RELAXED);
}

int64_t instant_now_ms(void)
{
    int64_t set = __atomic_load_n(&fixed_ms, __ATOMIC_RELAXED);
    if (set != 0) return set;
    const char *fixed = getenv("TANSHU_NOW");
    int64_t value;
    if (fixed != NULL && num_parse_int(str_from(fixed), &value)) return value;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

date instant_day(int64_t instant_ms, int offset_minutes)
{
    int64_t local = instant_ms + (int64_t)offset_minutes * 60000;
    int64_t day = local / DAY_MS - (local % DAY_MS < 0);
    return (date){(int32_t)day};
}

static void clock_parts(int64_t local_ms, int *hour, int *minute, int *second)
{
    int64_t of_day = local_ms % DAY_MS;
    if (of_day < 0) of_day += DAY_MS;
    *hour = (int)(of_day / 3600000);
    *minute = (int)(of_day / 60000 % 60);
    *second = (int)(of_day / 1000 % 60);
}

char *instant_format(struct arena *arena, int64_t instant_ms, int offset_minutes)
{
    char day[DATE_TEXT_MAX];
    int hour, minute, second;
    date_format(instant_day(instant_ms, offset_minutes), day);
    clock_parts(instant_ms + (int64_t)offset_minutes * 60000, &hour, &minute, &second);
    return arena_printf(arena, "%s %02d:%02d", day, hour, minute);
}

char *instant_format_utc(struct arena *arena, int64_t instant_ms)
{
    char day[DATE_TEXT_MAX];
    int hour, minute, second;
    date_format(instant_day(instant_ms, 0), day);
    clock_parts(instant_ms, &hour, &minute, &second);
    return arena_printf(arena, "%sT%02d:%02d:%02dZ", day, hour, minute, second);
}

bool instant_parse_utc(str text, int64_t *instant_ms)
{
    date d;
    int hour, minute, second;
    if (text.len != 20 || text.ptr[10] != 'T' || text.ptr[19] != 'Z' || text.ptr[13] != ':' ||
        text.ptr[16] != ':' || !date_parse_iso(str_slice(text, 0, 10), &d) ||
        !digits(text, 11, 2, &hour) || !digits(text, 14, 2, &minute) ||
        !digits(text, 17, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    *instant_ms = d.day * DAY_MS + hour * 3600000LL + minute * 60000LL + second * 1000LL;
    return true;
}
