/* How a meter's files are read: kept as JSON. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "intake/intake.h"
#include "meter/chunk.h"
#include "meter/label.h"

#define MAPPING_BYTES_MAX 16384

static const char *const value_names[] = {"energy", "power", "register"};
static const char *const label_names[] = {"end", "start"};
static const char *const midnight_names[] = {"as_written", "same_day_label"};

static bool bad(const char *where, const char *what, struct error *err)
{
    return error_set(err, ERROR_METER_MAPPING, "ss", where, what);
}

static bool read_column(const json_t *root, const char *name, uint16_t *column, struct error *err)
{
    return intake_json_column(root, name, column) ||
           bad(name, "a column's letters such as \"A\" are expected", err);
}

static bool read_word(const json_t *root, const char *name, const char *const *words, size_t count,
                      int *index, struct error *err)
{
    const json_t *found = json_object_get(root, name);
    const char *text = json_string_value(found);
    *index = 0;
    if (found == NULL) return true;
    for (size_t i = 0; i < count && text != NULL; i++)
        if (strcmp(text, words[i]) == 0) {
            *index = (int)i;
            return true;
        }
    return bad(name, "an unknown word", err);
}

static bool read_number(const json_t *root, const char *name, double fallback, double *number,
                        struct error *err)
{
    const json_t *found = json_object_get(root, name);
    *number = found != NULL ? json_number_value(found) : fallback;
    if ((found != NULL && !json_is_number(found)) || !isfinite(*number) || *number < 0)
        return bad(name, "a number from 0 is expected", err);
    return true;
}

static bool read_mapping(struct arena *arena, const json_t *root, struct meter_mapping *mapping,
                         struct error *err)
{
    struct meter_mapping m = {.sheet = intake_json_text(arena, root, "sheet"),
                              .unit = intake_json_text(arena, root, "unit"),
                              .time_format = intake_json_text(arena, root, "time_format")};
    double header, interval, wh;
    int value, label, midnight;
    if (!json_is_object(root)) return bad("$", "not an object", err);
    if (!read_number(root, "header_row", 1, &header, err) ||
        !read_number(root, "interval_minutes", 15, &interval, err) ||
        !read_number(root, "multiplier", 1, &m.multiplier, err) ||
        !read_number(root, "register_max", 0, &m.register_max, err) ||
        !read_column(root, "time_column", &m.time_column, err) ||
        !read_column(root, "value_column", &m.value_column, err) ||
        !read_word(root, "value", value_names, ARRAY_LEN(value_names), &value, err) ||
        !read_word(root, "label", label_names, ARRAY_LEN(label_names), &label, err) ||
        !read_word(root, "midnight", midnight_names, ARRAY_LEN(midnight_names), &midnight, err))
        return false;
    m.has_clock_column = json_object_get(root, "clock_column") != NULL;
    if (m.has_clock_column && !read_column(root, "clock_column", &m.clock_column, err))
        return false;
    if (header > 1000 || header != floor(header))
        return bad("header_row", "a row from 0 to 1000 is expected", err);
    if (interval < 1 || interval > METER_DAY_MINUTES || interval != floor(interval) ||
        METER_DAY_MINUTES % (int)interval != 0)
        return bad("interval_minutes", "minutes that divide a day are expected", err);
    if (m.multiplier == 0) return bad("multiplier", "it must be above 0", err);
    m.header_row = (uint32_t)header;
    m.interval_minutes = (int)interval;
    m.value = (enum meter_value)value;
    m.label = (enum meter_label)label;
    m.midnight = (enum meter_midnight)midnight;
    if (!unit_wh(m.unit, m.value, m.interval_minutes, &wh))
        return bad("unit", "one of Wh kWh MWh 度 万kWh, or W kW MW for power, is expected", err);
    *mapping = m;
    return true;
}

bool meter_mapping_parse(struct arena *arena, str json, struct meter_mapping *mapping,
                         struct error *err)
{
    json_t *root;
    if (!intake_json_load(arena, json, MAPPING_BYTES_MAX, ERROR_METER_MAPPING, &root, err))
        return false;
    bool good = read_mapping(arena, root, mapping, err);
    json_decref(root);
    return good;
}

char *meter_mapping_format(struct arena *arena, const struct meter_mapping *mapping)
{
    struct buf *out = buf_new(arena);
    buf_printf(out, "{\"header_row\":%u", mapping->header_row);
    intake_json_put_text(out, "sheet", mapping->sheet);
    intake_json_put_column(out, "time_column", mapping->time_column);
    if (mapping->has_clock_column)
        intake_json_put_column(out, "clock_column", mapping->clock_column);
    intake_json_put_column(out, "value_column", mapping->value_column);
    intake_json_put_text(out, "time_format", mapping->time_format);
    intake_json_put_text(out, "unit", mapping->unit);
    intake_json_put_text(out, "value", str_from(value_names[mapping->value]));
    buf_printf(out, ",\"interval_minutes\":%d", mapping->interval_minutes);
    intake_json_put_text(out, "label", str_from(label_names[mapping->label]));
    intake_json_put_text(out, "midnight", str_from(midnight_names[mapping->midnight]));
    buf_puts(out, ",\"multiplier\":");
    buf_json_number(out, mapping->multiplier);
    buf_puts(out, ",\"register_max\":");
    buf_json_number(out, mapping->register_max);
    buf_putc(out, '}');
    return str_dup(arena, buf_str(out));
}
