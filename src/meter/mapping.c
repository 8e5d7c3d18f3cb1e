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
    const char *text = json_string_value(json_object_get(root, name));
    uint32_t value = 0;
    for (const char *c = text; c != NULL && *c >= 'A' && *c <= 'Z' && value < 10000; c++)
        value = value * 26 + (uint32_t)(*c - 'A' + 1);
    if (value == 0 || value > 512 || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(text))
        return bad(name, "a column's letters such as \"A\" are expected", err);
    *column = (uint16_t)(value - 1);
    return true;
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

static str text_of(struct arena *arena, const json_t *root, const char *name)
{
    const char *text = json_string_value(json_object_get(root, name));
    return str_from(arena_strdup(arena, text != NULL ? text : ""));
}

static bool read_mapping(struct arena *arena, const json_t *root, struct meter_mapping *mapping,
                         struct error *err)
{
    struct meter_mapping m = {.sheet = text_of(arena, root, "sheet"),
                              .unit = text_of(arena, root, "unit"),
                              .time_format = text_of(arena, root, "time_format")};
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
    json_error_t where;
    if (json.len > MAPPING_BYTES_MAX) return bad("$", "longer than 16 KiB", err);
    json_t *root = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL) return bad(arena_printf(arena, "line %d", where.line), where.text, err);
    bool good = read_mapping(arena, root, mapping, err);
    json_decref(root);
    return good;
}

static void put_column(struct buf *out, const char *name, uint16_t column)
{
    char ref[INTAKE_REF_MAX];
    intake_ref(1, column, ref);
    ref[strlen(ref) - 1] = '\0'; /* the row's 1 */
    buf_printf(out, ",\"%s\":\"%s\"", name, ref);
}

static void put_text(struct buf *out, const char *name, str text)
{
    buf_printf(out, ",\"%s\":", name);
    buf_json_string(out, text);
}

char *meter_mapping_format(struct arena *arena, const struct meter_mapping *mapping)
{
    struct buf *out = buf_new(arena);
    buf_printf(out, "{\"header_row\":%u", mapping->header_row);
    put_text(out, "sheet", mapping->sheet);
    put_column(out, "time_column", mapping->time_column);
    if (mapping->has_clock_column) put_column(out, "clock_column", mapping->clock_column);
    put_column(out, "value_column", mapping->value_column);
    put_text(out, "time_format", mapping->time_format);
    put_text(out, "unit", mapping->unit);
    put_text(out, "value", str_from(value_names[mapping->value]));
    buf_printf(out, ",\"interval_minutes\":%d", mapping->interval_minutes);
    put_text(out, "label", str_from(label_names[mapping->label]));
    put_text(out, "midnight", str_from(midnight_names[mapping->midnight]));
    buf_puts(out, ",\"multiplier\":");
    buf_json_number(out, mapping->multiplier);
    buf_puts(out, ",\"register_max\":");
    buf_json_number(out, mapping->register_max);
    buf_putc(out, '}');
    return str_dup(arena, buf_str(out));
}
