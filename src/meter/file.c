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
#define INTERVAL_WH_MAX 1e15
#define SLOT_REFUSED (INT64_MIN + 1)

struct register_reading {
    int64_t minutes;
    double count;
    uint32_t row;
    bool midnight;
};

struct filing {
    struct arena *arena;
    const struct meter_mapping *mapping;
    date today;
    double wh_per_number;
    struct meter_file *file;
    size_t day_capacity, refusal_capacity;
    size_t last_day; /* rows come by day: look there first */
    uint32_t **rows; /* per day, per interval: the row it came from */
    size_t rows_capacity, rows_count;
    struct register_reading *registers;
    size_t register_count, register_capacity;
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

/* The index of a day, made when it is new; SIZE_MAX when there are too many. */
static size_t find_day(struct filing *filing, int32_t day)
{
    struct meter_file *file = filing->file;
    if (filing->last_day < file->day_count && file->days[filing->last_day].day.day == day)
        return filing->last_day;
    size_t low = 0, high = file->day_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (file->days[middle].day.day < day)
            low = middle + 1;
        else
            high = middle;
    }
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

/* Puts the energy of the interval that begins at `start` (minutes) into its day. */
static bool keep(struct filing *filing, uint32_t row, int64_t start, int64_t wh, bool relabelled,
                 struct error *err)
{
    struct meter_file *file = filing->file;
    int64_t day = start / METER_DAY_MINUTES - (start % METER_DAY_MINUTES < 0);
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
    if (*number * fabs(filing->wh_per_number) > INTERVAL_WH_MAX)
        return error_set(err, ERROR_METER_RANGE, "sSd", ref, text, INTERVAL_WH_MAX / 1000);
    return true;
}

static void flag_day(struct filing *filing, int64_t minutes)
{
    /* Only a day that has readings can carry the flag; a row without a time belongs to none. */
    int64_t day = (minutes - 1) / METER_DAY_MINUTES;
    for (size_t i = filing->file->day_count; i-- > 0;)
        if (filing->file->days[i].day.day == day) {
            filing->file->days[i].flags |= METER_FLAG_REFUSED;
            return;
        }
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
        if (minutes != INT64_MIN) flag_day(filing, minutes);
        return refuse(filing, row->number, &why);
    }
    int64_t start = start_of(filing->mapping, minutes, midnight, &relabelled);
    if (filing->mapping->value == METER_VALUE_REGISTER) {
        *ARENA_PUSH(filing->arena, filing->registers, filing->register_count,
                    filing->register_capacity) = (struct register_reading){
            filing->mapping->label == METER_LABEL_END ? start + filing->file->interval_minutes
                                                      : start,
            number, row->number, relabelled};
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

/* Energy is the difference of two counts one interval apart; over a gap it is not known by
 * interval. */
static bool take_registers(struct filing *filing, struct error *err)
{
    const struct meter_mapping *mapping = filing->mapping;
    if (filing->register_count == 0) return true;
    qsort(filing->registers, filing->register_count, sizeof *filing->registers, compare_registers);
    filing->file->accepted++; /* the first count: the base of the differences */
    for (size_t i = 1; i < filing->register_count; i++) {
        const struct register_reading *before = &filing->registers[i - 1],
                                      *now = &filing->registers[i];
        double difference = now->count - before->count;
        char ref[INTAKE_REF_MAX];
        struct error why;
        int64_t wh;
        intake_ref(now->row, mapping->value_column, ref);
        if (now->minutes == before->minutes && difference == 0) {
            filing->file->repeated++;
            continue;
        }
        if (difference < 0 && mapping->register_max > 0) difference += mapping->register_max;
        if (now->minutes == before->minutes) {
            error_set(&why, ERROR_METER_DUPLICATE, "ssdd", ref,
                      label_format(filing->arena, now->minutes), before->count, now->count);
            refuse(filing, now->row, &why);
            continue;
        }
        if (difference < 0) {
            error_set(&why, ERROR_METER_REGISTER_BACK, "sdd", ref, before->count, now->count);
            refuse(filing, now->row, &why);
            continue;
        }
        if (now->minutes - before->minutes != filing->file->interval_minutes) {
            filing->file->accepted++;
            continue;
        }
        if (!num_to_int(difference * filing->wh_per_number, &wh)) continue;
        if (!keep(filing, now->row, before->minutes, wh, now->midnight, err)) return false;
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
