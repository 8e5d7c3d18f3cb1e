/* What the mappings of tables and of meters share as JSON. */
#include <jansson.h>
#include <string.h>

#include "intake/intake.h"
#include "intake/limits.h"

bool intake_json_load(struct arena *arena, str json, size_t bytes_max, enum error_code code,
                      struct json_t **root, struct error *err)
{
    json_error_t where;
    if (json.len > bytes_max)
        return error_set(err, code, "ss", "$",
                         arena_printf(arena, "longer than %zu KiB", bytes_max / 1024));
    *root = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, &where);
    return *root != NULL ||
           error_set(err, code, "ss", arena_printf(arena, "line %d", where.line), where.text);
}

str intake_json_text(struct arena *arena, const struct json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return str_from(arena_strdup(arena, text != NULL ? text : ""));
}

bool intake_json_column(const struct json_t *object, const char *name, uint16_t *column)
{
    const char *text = json_string_value(json_object_get(object, name));
    uint32_t value = 0;
    if (text == NULL || text[0] == '\0' || strlen(text) > 3) return false;
    for (; *text != '\0'; text++) {
        if (*text < 'A' || *text > 'Z') return false;
        value = value * 26 + (uint32_t)(*text - 'A' + 1);
    }
    if (value > INTAKE_MAX_columns) return false;
    *column = (uint16_t)(value - 1);
    return true;
}

static void put_name(struct buf *out, const char *name)
{
    bool first = out->len == 0 || out->ptr[out->len - 1] == '{';
    buf_printf(out, "%s\"%s\":", first ? "" : ",", name);
}

void intake_json_put_column(struct buf *out, const char *name, uint16_t column)
{
    char ref[INTAKE_REF_MAX];
    intake_ref(1, column, ref);
    ref[strlen(ref) - 1] = '\0'; /* the row's 1 */
    put_name(out, name);
    buf_printf(out, "\"%s\"", ref);
}

void intake_json_put_text(struct buf *out, const char *name, str text)
{
    put_name(out, name);
    buf_json_string(out, text);
}
