#include "meter/label.h"

#include <string.h>

#include "base/num.h"
#include "meter/chunk.h"

static bool take_number(str text, size_t *at, size_t digits_max, int *value)
{
    size_t start = *at;
    *value = 0;
    while (*at < text.len && *at - start < digits_max && text.ptr[*at] >= '0' &&
           text.ptr[*at] <= '9')
        *value = *value * 10 + (text.ptr[(*at)++] - '0');
    return *at > start;
}

static bool make_label(int parts[6], int64_t *minutes, bool *midnight)
{
    date day;
    bool end_of_day = parts[3] == 24 && parts[4] == 0 && parts[5] == 0;
    if (!date_make(parts[0], parts[1], parts[2], &day)) return false;
    if (!end_of_day && (parts[3] > 23 || parts[4] > 59)) return false;
    if (parts[5] != 0) return false; /* a label stands on a minute */
    *minutes = (int64_t)day.day * METER_DAY_MINUTES + parts[3] * 60 + parts[4];
    *midnight = parts[3] == 0 && parts[4] == 0;
    return true;
}

bool label_parse(str text, str format, int64_t *minutes, bool *midnight)
{
    static const char letters[] = "YmdHMS";
    int parts[6] = {0};
    bool seen[6] = {0};
    size_t at = 0;
    text = str_trim(text);
    for (size_t i = 0; i < format.len; i++) {
        const char *letter = format.ptr[i] != '\0' ? strchr(letters, format.ptr[i]) : NULL;
        if (letter != NULL) {
            size_t part = (size_t)(letter - letters);
            if (!take_number(text, &at, part == 0 ? 4 : 2, &parts[part])) return false;
            if (part == 0 && parts[0] < 1000) return false;
            seen[part] = true;
        } else {
            if (at == text.len || text.ptr[at] != format.ptr[i]) return false;
            at++;
        }
    }
    return at == text.len && seen[0] && seen[1] && seen[2] && make_label(parts, minutes, midnight);
}

static bool label_of_cells(const struct intake_cell *day, const struct intake_cell *clock,
                           int64_t *minutes, bool *midnight)
{
    int32_t seconds = clock != NULL ? clock->seconds : day->seconds;
    if (seconds % 60 != 0) return false;
    *minutes = (int64_t)day->day.day * METER_DAY_MINUTES + seconds / 60;
    *midnight = seconds == 0;
    return true;
}

bool label_of_row(const struct intake_row *row, const struct meter_mapping *mapping,
                  int64_t *minutes, bool *midnight)
{
    const struct intake_cell *day = intake_cell_at(row, mapping->time_column);
    const struct intake_cell *clock =
        mapping->has_clock_column ? intake_cell_at(row, mapping->clock_column) : NULL;
    if (day == NULL || (mapping->has_clock_column && clock == NULL)) return false;
    if (day->kind == INTAKE_DATE && (clock == NULL || clock->kind == INTAKE_DATE))
        return label_of_cells(day, clock, minutes, midnight);
    if (day->kind != INTAKE_TEXT && day->kind != INTAKE_NUMBER) return false;
    if (clock == NULL) return label_parse(day->text, mapping->time_format, minutes, midnight);
    char both[96];
    str a = str_trim(day->text), b = str_trim(clock->text);
    if (a.len + b.len + 1 >= sizeof both) return false;
    memcpy(both, a.ptr, a.len);
    both[a.len] = ' ';
    memcpy(both + a.len + 1, b.ptr, b.len);
    return label_parse((str){both, a.len + b.len + 1}, mapping->time_format, minutes, midnight);
}

str label_text(struct arena *arena, const struct intake_row *row,
               const struct meter_mapping *mapping)
{
    const struct intake_cell *day = intake_cell_at(row, mapping->time_column);
    const struct intake_cell *clock =
        mapping->has_clock_column ? intake_cell_at(row, mapping->clock_column) : NULL;
    str a = day != NULL ? str_slice(day->text, 0, 80) : STR("");
    if (clock == NULL) return a;
    return str_from(arena_printf(arena, "%.*s %.*s", STR_ARG(a), (int)size_min(clock->text.len, 80),
                                 clock->text.ptr));
}

char *label_format(struct arena *arena, int64_t minutes)
{
    return instant_format(arena, minutes * 60000, 0);
}

bool label_number(str text, double *value)
{
    if (num_parse(text, value)) return true;
    if (text.len > 64) return false;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    return num_parse_human(arena, text, value);
}

bool unit_wh(str unit, enum meter_value value, int interval_minutes, double *wh)
{
    static const struct {
        const char *unit;
        bool power;
        double wh;
    } units[] = {
        {"Wh", false, 1},       {"kWh", false, 1e3},  {"MWh", false, 1e6},
        {"GWh", false, 1e9},    {"度", false, 1e3},   {"千瓦时", false, 1e3},
        {"万kWh", false, 1e7},  {"万度", false, 1e7}, {"万千瓦时", false, 1e7},
        {"兆瓦时", false, 1e6}, {"W", true, 1},       {"kW", true, 1e3},
        {"MW", true, 1e6},      {"千瓦", true, 1e3},  {"兆瓦", true, 1e6},
    };
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!str_equal_fold(unit, str_from(units[i].unit))) continue;
        /* "mwh" is nobody's milliwatt-hour, but whether "mw" is a megawatt must not be guessed. */
        if (units[i].power && units[i].unit[0] == 'M' && unit.ptr[0] != 'M') return false;
        if (units[i].power != (value == METER_VALUE_POWER)) return false;
        *wh = units[i].power ? units[i].wh * interval_minutes / 60 : units[i].wh;
        return true;
    }
    return false;
}
