/* A file of readings, row by row: what is a reading is kept, what is not is refused with its row.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "meter/chunk.h"
#include "meter/label.h"

#define REFUSALS_MAX 500
#define DAYS_MAX 20000
#define WATTS_MAX 1e11 /* 100 GW, four times the largest power station; sums stay below 2^63 */
#define COUNT_WH_MAX 1e15
#define SLOT_REFUSED (INT64_MIN + 1)

struct register_reading {
    int64_t minutes;
    double count;
    uint32_t row;
    bool midnight;
    bool contradicted; /* another count of the same time differs */
    double other;      /* … and is this */
};

struct filing {
    struct arena *arena;
    const struct meter_mapping *mapping;
    date today;
    double wh_per_number, interval_wh_max;
    struct meter_file *file;
    size_t day_capacity, refusal_capacity;
    size_t last_day; /* rows come by day: look there first */
    uint32_t **rows; /* per day, per interval: the row it came from */
    size_t rows_capacity, rows_count;
    struct register_reading *registers;
    size_t register_count, register_capacity;
    int32_t *refused_days; /* of refused rows that have a time, in the order of the rows */
    size_t refused_count, refused_capacity;
};

static bool refuse(struct filing *filing, uint32_t row, const struct error *err)
{
    struct meter_file *file = filing->file;
    file->refused++;
    if (file->refusal_count < REFUSALS_MAX) {
        struct meter_refusal *refusal = ARENA_PUSH(filing->arena, file->refusals,
                                                   file->refusal_count, filing->refusal_capacity);
        *refusal = (struct meter_refusal){row, *err};
    }
    return true;
}

/* Where a day stands or would stand. */
static size_t seek_day(const struct meter_file *file, int32_t day)
{
    size_t low = 0, high = file->day_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (file->days[middle].day.day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The index of a day, made when it is new; SIZE_MAX when there are too many. */
static size_t find_day(struct filing *filing, int32_t day)
{
    struct meter_file *file = filing->file;
    if (filing->last_day < file->day_count && file->days[filing->last_day].day.day == day)
        return filing->last_day;
    size_t low = seek_day(file, day);
    filing->last_day = low;
    if (low < file->day_count && file->days[low].day.day == day) return low;
    if (file->day_count == DAYS_MAX) return SIZE_MAX;
    (void)ARENA_PUSH(filing->arena, file->days, file->day_count, filing->day_capacity);
    *ARENA_PUSH(filing->arena, filing->rows, filing->rows_count, filing->rows_capacity) = NULL;
    memmove(&file->days[low + 1], &file->days[low],
            (file->day_count - 1 - low) * sizeof *file->days);
    memmove(&filing->rows[low + 1], &filing->rows[low],
            (filing->rows_count - 1 - low) * sizeof *filing->rows);
    int expected = METER_DAY_MINUTES / file->interval_minutes;
    int64_t *wh = ARENA_NEW_ARRAY(filing->arena, int64_t, (size_t)expected);
    for (int i = 0; i < expected; i++) wh[i] = METER_GAP;
    file->days[low] = (struct meter_day){
        .day = {day}, .interval_minutes = file->interval_minutes, .expected = expected, .wh = wh};
    filing->rows[low] = ARENA_NEW_ARRAY(filing->arena, uint32_t, (size_t)expected);
    return low;
}

static void refuse_twice(struct filing *filing, struct meter_day *day, size_t slot,
                         uint32_t first_row, uint32_t row, int64_t end, int64_t before, int64_t now)
{
    struct error err;
    char ref[INTAKE_REF_MAX];
    const char *name = label_format(filing->arena, end);
    double first = before == SLOT_REFUSED ? NAN : (double)before / 1000,
           second = (double)now / 1000;
    if (before != SLOT_REFUSED) {
        intake_ref(first_row, filing->mapping->value_column, ref);
        error_set(&err, ERROR_METER_DUPLICATE, "ssdd", ref, name, first, second);
        refuse(filing, first_row, &err);
        filing->file->accepted--;
    }
    intake_ref(row, filing->mapping->value_column, ref);
    error_set(&err, ERROR_METER_DUPLICATE, "ssdd", ref, name, second,
              isnan(first) ? second : first);
    refuse(filing, row, &err);
    day->wh[slot] = SLOT_REFUSED;
    day->flags |= METER_FLAG_REFUSED;
}

static int64_t day_of(int64_t minutes)
{
    return minutes / METER_DAY_MINUTES - (minutes % METER_DAY_MINUTES < 0);
}

/* Puts the energy of the interval that begins at `start` (minutes) into its day. */
static bool keep(struct filing *filing, uint32_t row, int64_t start, int64_t wh, bool relabelled,
                 struct error *err)
{
    struct meter_file *file = filing->file;
    int64_t day = day_of(start);
    int64_t minute = start - day * METER_DAY_MINUTES;
    size_t at = find_day(filing, (int32_t)day);
    if (at == SIZE_MAX)
        return error_set(err, ERROR_LIMIT, "sis", "days", (int64_t)DAYS_MAX, "days of one file");
    struct meter_day *to = &file->days[at];
    size_t slot = (size_t)(minute / file->interval_minutes);
    if (relabelled) to->flags |= METER_FLAG_LABEL;
    if (to->wh[slot] == METER_GAP) {
        to->wh[slot] = wh;
        filing->rows[at][slot] = row;
        file->accepted++;
    } else if (to->wh[slot] == wh) {
        file->repeated++;
    } else {
        refuse_twice(filing, to, slot, filing->rows[at][slot], row, start + file->interval_minutes,
                     to->wh[slot], wh);
    }
    return true;
}

/* The start of the interval that a label names. */
static int64_t start_of(const struct meter_mapping *mapping, int64_t minutes, bool midnight,
                        bool *relabelled)
{
    *relabelled = mapping->label == METER_LABEL_END && midnight &&
                  mapping->midnight == METER_MIDNIGHT_SAME_DAY_LABEL;
    if (*relabelled) minutes += METER_DAY_MINUTES;
    return mapping->label == METER_LABEL_END ? minutes - mapping->interval_minutes : minutes;
}

static bool rule_row(struct filing *filing, const struct intake_row *row, int64_t *minutes,
                     bool *midnight, double *number, struct error *err)
{
    const struct meter_mapping *mapping = filing->mapping;
    char time_ref[INTAKE_REF_MAX], ref[INTAKE_REF_MAX];
    intake_ref(row->number, mapping->time_column, time_ref);
    intake_ref(row->number, mapping->value_column, ref);
    if (!label_of_row(row, mapping, minutes, midnight))
        return error_set(err, ERROR_METER_TIME, "sSS", time_ref, mapping->time_format,
                         label_text(filing->arena, row, mapping));
    if (*minutes > ((int64_t)filing->today.day + 1) * METER_DAY_MINUTES)
        return error_set(err, ERROR_METER_FUTURE, "sSmS", time_ref,
                         label_text(filing->arena, row, mapping), filing->today,
                         mapping->time_format);
    if (*minutes % mapping->interval_minutes != 0)
        return error_set(err, ERROR_METER_GRID, "sSi", time_ref,
                         label_text(filing->arena, row, mapping),
                         (int64_t)mapping->interval_minutes);
    const struct intake_cell *cell = intake_cell_at(row, mapping->value_column);
    str text = cell != NULL ? cell->text : STR("");
    bool good = cell != NULL && (cell->kind == INTAKE_NUMBER || cell->kind == INTAKE_TEXT);
    if (good && cell->kind == INTAKE_NUMBER)
        *number = cell->number;
    else
        good = good && label_number(text, number);
    if (!good) return error_set(err, ERROR_METER_NUMBER, "sS", ref, str_slice(text, 0, 100));
    if (*number < 0) return error_set(err, ERROR_METER_NEGATIVE, "sS", ref, text);
    double wh_max = mapping->value == METER_VALUE_REGISTER ? COUNT_WH_MAX : filing->interval_wh_max;
    if (*number * filing->wh_per_number > wh_max)
        return error_set(err, ERROR_METER_RANGE, "sSd", ref, text, wh_max / 1000);
    return true;
}

/* Notes the day of a refused interval; its other rows may be still to come. */
static void note_refused_day(struct filing *filing, int64_t start)
{
    int32_t day = (int32_t)day_of(start);
    if (filing->refused_count > 0 && filing->refused_days[filing->refused_count - 1] == day) return;
    *ARENA_PUSH(filing->arena, filing->refused_days, filing->refused_count,
                filing->refused_capacity) = day;
}

static bool take_row(void *arg, const struct intake_row *row, struct error *err)
{
    struct filing *filing = arg;
    int64_t minutes = INT64_MIN, wh;
    bool midnight = false, relabelled;
    double number = 0;
    struct error why;
    if (row->number <= filing->mapping->header_row) return true;
    filing->file->rows++;
    if (!rule_row(filing, row, &minutes, &midnight, &number, &why)) {
        if (minutes != INT64_MIN) /* a row without a time belongs to no day */
            note_refused_day(filing, start_of(filing->mapping, minutes, midnight, &relabelled));
        return refuse(filing, row->number, &why);
    }
    int64_t start = start_of(filing->mapping, minutes, midnight, &relabelled);
    if (filing->mapping->value == METER_VALUE_REGISTER) {
        *ARENA_PUSH(filing->arena, filing->registers, filing->register_count,
                    filing->register_capacity) =
            (struct register_reading){.minutes = filing->mapping->label == METER_LABEL_END
                                                     ? start + filing->file->interval_minutes
                                                     : start,
                                      .count = number,
                                      .row = row->number,
                                      .midnight = relabelled};
        return true;
    }
    CHECK(num_to_int(number * filing->wh_per_number, &wh)); /* rule_row bounds it */
    return keep(filing, row->number, start, wh, relabelled, err);
}

static int compare_registers(const void *a, const void *b)
{
    const struct register_reading *x = a, *y = b;
    if (x->minutes != y->minutes) return x->minutes < y->minutes ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Different counts of one time contradict each other: none of them bounds an interval. */
static void find_contradictions(struct filing *filing)
{
    struct register_reading *list = filing->registers;
    for (size_t from = 0, to; from < filing->register_count; from = to) {
        double other = list[from].count;
        for (to = from; to < filing->register_count && list[to].minutes == list[from].minutes; to++)
            if (list[to].count != list[from].count) other = list[to].count;
        for (size_t i = from; i < to && other != list[from].count; i++) {
            list[i].contradicted = true;
            list[i].other = list[i].count == other ? list[from].count : other;
        }
    }
}

static void refuse_count(struct filing *filing, const struct register_reading *now,
                         const struct error *why)
{
    refuse(filing, now->row, why);
    note_refused_day(filing, now->minutes - filing->file->interval_minutes);
}

/* The energy between two counts in Wh; refuses the second when there can be none. */
static bool count_energy(struct filing *filing, const struct register_reading *before,
                         const struct register_reading *now, int64_t *wh)
{
    double difference = now->count - before->count;
    double wh_max = WATTS_MAX * (double)(now->minutes - before->minutes) / 60;
    char ref[INTAKE_REF_MAX], number[NUM_TEXT_MAX];
    struct error why;
    intake_ref(now->row, filing->mapping->value_column, ref);
    if (difference < 0 && filing->mapping->register_max > 0)
        difference += filing->mapping->register_max;
    if (difference < 0) {
        error_set(&why, ERROR_METER_REGISTER_BACK, "sdd", ref, before->count, now->count);
    } else if (difference * filing->wh_per_number > wh_max) {
        num_format(difference, number);
        error_set(&why, ERROR_METER_RANGE, "ssd", ref, number, wh_max / 1000);
    } else {
        CHECK(num_to_int(difference * filing->wh_per_number, wh));
        return true;
    }
    refuse_count(filing, now, &why);
    return false;
}

/* Energy is the difference of two counts one interval apart; over a gap it is not known by
 * interval. */
static bool take_registers(struct filing *filing, struct error *err)
{
    const struct register_reading *before = NULL;
    if (filing->register_count == 0) return true;
    qsort(filing->registers, filing->register_count, sizeof *filing->registers, compare_registers);
    find_contradictions(filing);
    for (size_t i = 0; i < filing->register_count; i++) {
        const struct register_reading *now = &filing->registers[i];
        char ref[INTAKE_REF_MAX];
        struct error why;
        int64_t wh;
        if (now->contradicted) {
            intake_ref(now->row, filing->mapping->value_column, ref);
            error_set(&why, ERROR_METER_DUPLICATE, "ssdd", ref,
                      label_format(filing->arena, now->minutes), now->count, now->other);
            refuse_count(filing, now, &why);
            continue;
        }
        if (before != NULL && now->minutes == before->minutes) {
            filing->file->repeated++;
            continue;
        }
        const struct register_reading *base = before;
        before = now;
        if (base != NULL && !count_energy(filing, base, now, &wh)) continue;
        /* The first count, and one after a gap, is only the base of the next difference. */
        if (base == NULL || now->minutes - base->minutes != filing->file->interval_minutes)
            filing->file->accepted++;
        else if (!keep(filing, now->row, base->minutes, wh, now->midnight, err))
            return false;
    }
    return true;
}

static bool take_begin(void *arg, const struct intake_book *book, struct error *err)
{
    (void)arg, (void)book, (void)err;
    return true;
}

struct sheet_choice {
    struct filing *filing;
    bool chosen, reading;
};

static bool take_sheet(void *arg, str name, bool hidden, struct error *err)
{
    struct sheet_choice *choice = arg;
    str wanted = choice->filing->mapping->sheet;
    (void)err;
    choice->reading = !choice->chosen && (wanted.len == 0 ? !hidden : str_equal(name, wanted));
    choice->chosen |= choice->reading;
    return true;
}

static bool take_sheet_row(void *arg, const struct intake_row *row, struct error *err)
{
    struct sheet_choice *choice = arg;
    return !choice->reading || take_row(choice->filing, row, err);
}

static bool take_merged(void *arg, const struct intake_range *range, struct error *err)
{
    (void)arg, (void)range, (void)err;
    return true;
}

static void finish(struct filing *filing)
{
    struct meter_file *file = filing->file;
    size_t kept = 0;
    for (size_t i = 0; i < filing->refused_count; i++) {
        size_t at = seek_day(file, filing->refused_days[i]);
        if (at < file->day_count && file->days[at].day.day == filing->refused_days[i])
            file->days[at].flags |= METER_FLAG_REFUSED;
    }
    for (size_t i = 0; i < file->day_count; i++) {
        struct meter_day *day = &file->days[i];
        for (int s = 0; s < day->expected; s++)
            if (day->wh[s] == SLOT_REFUSED) day->wh[s] = METER_GAP;
        day_summarise(day);
        file->sum_wh += day->sum_wh;
        if (day->count > 0) file->days[kept++] = *day;
    }
    file->day_count = kept;
}

bool meter_read_file(struct arena *arena, str bytes, const struct meter_mapping *mapping,
                     date today, struct meter_file *file, struct error *err)
{
    struct meter_file read = {.interval_minutes = mapping->interval_minutes};
    struct filing filing = {.arena = arena, .mapping = mapping, .today = today, .file = &read};
    if (mapping->interval_minutes < 1 || METER_DAY_MINUTES % mapping->interval_minutes != 0)
        return error_set(err, ERROR_METER_MAPPING, "ss", "interval_minutes",
                         "it must divide a day");
    if (!unit_wh(mapping->unit, mapping->value, mapping->interval_minutes, &filing.wh_per_number))
        return error_set(err, ERROR_METER_MAPPING, "sS", "unit", mapping->unit);
    if (!(isfinite(mapping->multiplier) && mapping->multiplier > 0))
        return error_set(err, ERROR_METER_MAPPING, "ss", "multiplier", "it must be above 0");
    filing.wh_per_number *= mapping->multiplier;
    filing.interval_wh_max = WATTS_MAX * mapping->interval_minutes / 60;
    struct sheet_choice choice = {.filing = &filing};
    struct intake_sink sink = {&choice, take_begin, take_sheet, take_sheet_row, take_merged};
    if (!intake_stream(bytes, &sink, err) || !take_registers(&filing, err)) return false;
    if (!choice.chosen)
        return error_set(err, ERROR_INTAKE_SHEET_UNKNOWN, "Ss", mapping->sheet, "-");
    finish(&filing);
    if (read.day_count == 0) {
        char time_ref[INTAKE_REF_MAX], value_ref[INTAKE_REF_MAX];
        intake_ref(mapping->header_row + 1, mapping->time_column, time_ref);
        intake_ref(mapping->header_row + 1, mapping->value_column, value_ref);
        return error_set(err, ERROR_METER_NOTHING, "isSs", read.rows, time_ref,
                         mapping->time_format, value_ref);
    }
    *file = read;
    return true;
}
