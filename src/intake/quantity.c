/* Numbers, units and periods as people write them in China and elsewhere. */
#include "intake/read.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

static const struct {
    const char *written, *unit;
} aliases[] = {
    {"度", "kWh"},
    {"千瓦时", "kWh"},
    {"千瓦·时", "kWh"},
    {"kwh", "kWh"},
    {"KWH", "kWh"},
    {"KWh", "kWh"},
    {"Kwh", "kWh"},
    {"兆瓦时", "MWh"},
    {"MWH", "MWh"},
    {"mwh", "MWh"},
    {"吨", "t"},
    {"T", "t"},
    {"千克", "kg"},
    {"公斤", "kg"},
    {"KG", "kg"},
    {"克", "g"},
    {"立方米", "m3"},
    {"m³", "m3"},
    {"M3", "m3"},
    {"m^3", "m3"},
    {"方", "m3"},
    {"标立方米", "Nm3"},
    {"标准立方米", "Nm3"},
    {"标方", "Nm3"},
    {"Nm³", "Nm3"},
    {"NM3", "Nm3"},
    {"Nm^3", "Nm3"},
    {"Sm³", "Sm3"},
    {"升", "L"},
    {"吉焦", "GJ"},
    {"兆焦", "MJ"},
    {"千焦", "kJ"},
    {"太焦", "TJ"},
    {"百万千焦", "GJ"},
    {"吨标准煤", "tce"},
    {"吨标煤", "tce"},
    {"TCE", "tce"},
    {"元", "CNY"},
    {"人民币元", "CNY"},
    {"RMB", "CNY"},
    {"千瓦", "kW"},
    {"KW", "kW"},
    {"兆瓦", "MW"},
    {"％", "%"},
    {"小时", "h"},
    {"年", "year"},
    {"无量纲", "1"},
    {"/", "1"},
    {"-", "1"},
    {"tCO2", "t CO2"},
    {"tCO₂", "t CO2"},
    {"tCO2e", "t CO2e"},
    {"吨二氧化碳", "t CO2"},
};

str quantity_unit(struct arena *arena, str written, double *factor)
{
    static const struct {
        const char *prefix;
        double factor;
    } prefixes[] = {{"万", 1e4},   {"亿", 1e8},  {"百万", 1e6},
                    {"10^4", 1e4}, {"1e4", 1e4}, {"千", 1e3}};
    str unit = str_trim(name_half_width(arena, str_trim(written)));
    *factor = 1;
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
        if (str_is(unit, aliases[i].written)) return str_from(aliases[i].unit);
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        if (!str_starts(unit, prefixes[i].prefix)) continue;
        str rest = str_trim(str_slice(unit, strlen(prefixes[i].prefix), unit.len));
        if (rest.len == 0) break;
        double inner;
        str found = quantity_unit(arena, rest, &inner);
        *factor = prefixes[i].factor * inner;
        return found;
    }
    return unit;
}

/* How many bytes of the folded text are a number: digits, sign, grouping, point, exponent. */
static size_t number_length(str text)
{
    size_t at = 0;
    while (at < text.len && strchr("+-0123456789.,", text.ptr[at]) != NULL) at++;
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E') && at > 0) {
        size_t more = at + 1;
        if (more < text.len && strchr("+-", text.ptr[more]) != NULL) more++;
        size_t digits = more;
        while (more < text.len && text.ptr[more] >= '0' && text.ptr[more] <= '9') more++;
        if (more > digits) at = more;
    }
    return at;
}

bool quantity_parse(struct arena *arena, const struct intake_cell *cell, double *number, str *unit)
{
    *unit = STR("");
    if (cell->kind == INTAKE_NUMBER) {
        *number = cell->number;
        return true;
    }
    if (cell->kind != INTAKE_TEXT || cell->text.len > 200) return false;
    str text = str_trim(name_half_width(arena, str_trim(cell->text)));
    if (text.len == 0 || memchr(text.ptr, '\0', text.len) != NULL) return false;
    size_t length = number_length(text);
    if (!num_parse_human(arena, str_slice(text, 0, length), number)) return false;
    *unit = str_trim(str_slice(text, length, text.len));
    return true;
}

/* The part of a unit that names a substance: "t CO2" → " CO2". */
static const char *substance(const char *unit)
{
    const char *space = strrchr(unit, ' ');
    return space != NULL && unit[0] >= 'A' && strchr(unit, '/') == NULL ? space : "";
}

bool quantity_convert(struct reader *reader, double number, str written, const char *wanted,
                      double *value, str *unit, double *model_value)
{
    const struct model_library *library = reader->request->library;
    struct arena *arena = reader->arena;
    double factor = 1;
    str goal = str_from(wanted),
        given = written.len == 0 ? goal : quantity_unit(arena, written, &factor);
    /* A unit that the model itself writes (1e4 Nm3) is taken as it is. */
    if (str_equal(str_trim(written), goal)) {
        given = goal;
        factor = 1;
    }
    *value = number * factor;
    *unit = given;
    struct error why;
    if (model_unit_convert(library, *value, given, goal, model_value, &why))
        return isfinite(*model_value);
    const char *of = substance(wanted);
    str longer = str_from(arena_printf(arena, "%.*s%s", STR_ARG(given), of));
    if (of[0] != '\0' && model_unit_convert(library, *value, longer, goal, model_value, &why)) {
        *unit = longer;
        return isfinite(*model_value);
    }
    return false;
}

static enum span month_span(int32_t month, date *first, date *last)
{
    *first = month_first_day(month);
    *last = month_last_day(month);
    return SPAN_MONTH;
}

static enum span year_span(int year, date *first, date *last)
{
    return date_make(year, 1, 1, first) && date_make(year, 12, 31, last) ? SPAN_YEAR : SPAN_NONE;
}

enum span period_parse(struct reader *reader, const struct intake_cell *cell, date *first,
                       date *last)
{
    struct arena *arena = reader->arena;
    int32_t month;
    int64_t whole;
    date day;
    if (cell == NULL) return SPAN_NONE;
    if (cell->kind == INTAKE_DATE) return month_span(month_of(cell->day), first, last);
    if (cell->kind != INTAKE_TEXT && cell->kind != INTAKE_NUMBER) return SPAN_NONE;
    str text = str_trim(name_half_width(arena, str_trim(cell->text)));
    if (text.len > 40) return SPAN_NONE;
    if (month_parse_human(arena, text, &month)) return month_span(month, first, last);
    if (date_parse_human(arena, text, &day)) return month_span(month_of(day), first, last);
    if (str_ends(text, "年度")) text = str_slice(text, 0, text.len - strlen("年度"));
    if (str_ends(text, "年")) text = str_slice(text, 0, text.len - strlen("年"));
    if (text.len == 4 && num_parse_int(text, &whole) && whole >= 1900 && whole <= 2200)
        return year_span((int)whole, first, last);
    /* "3月" means the only year that this submission may be of. */
    int year = month_year(month_of(reader->request->first));
    if (str_ends(text, "月") && year == month_year(month_of(reader->request->last)) &&
        num_parse_int(str_slice(text, 0, text.len - strlen("月")), &whole) && whole >= 1 &&
        whole <= 12)
        return month_span(month_make(year, (int)whole), first, last);
    return SPAN_NONE;
}
