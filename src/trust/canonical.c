#include "trust/canonical.h"

#include <math.h>
#include <stdlib.h>

#define SAFE_INTEGER ((int64_t)1 << 53)

void canonical_free_scoped(json_t **value)
{
    json_decref(*value);
}

/* RFC 8785 section 3.2.3 sorts names by UTF-16 code units; this differs from byte order only where
 * a surrogate pair (U+10000 and above) meets U+E000..U+FFFF. */
static int compare_utf16(str a, str b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        uint32_t x = utf8_next(a, &i), y = utf8_next(b, &j);
        if (x == y) continue;
        uint32_t x_unit = x >= 0x10000 ? 0xD800 : x, y_unit = y >= 0x10000 ? 0xD800 : y;
        if (x_unit != y_unit) return x_unit < y_unit ? -1 : 1;
        return x < y ? -1 : 1;
    }
    return i < a.len ? 1 : j < b.len ? -1 : 0;
}

struct member {
    str name;
    const json_t *value;
};

static int compare_members(const void *a, const void *b)
{
    return compare_utf16(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static bool write_value(struct buf *out, const json_t *value, int depth, struct error *err);

static bool write_object(struct buf *out, const json_t *value, int depth, struct error *err)
{
    size_t count = json_object_size(value), used = 0;
    struct member *members = calloc(count + 1, sizeof *members);
    CHECK(members != NULL);
    json_t *object = (json_t *)value; /* jansson's iterator takes it so; nothing is changed */
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at))
        members[used++] = (struct member){{json_object_iter_key(at), json_object_iter_key_len(at)},
                                          json_object_iter_value(at)};
    qsort(members, used, sizeof *members, compare_members);
    bool ok = true;
    buf_putc(out, '{');
    for (size_t i = 0; ok && i < used; i++) {
        if (i > 0) buf_putc(out, ',');
        buf_json_string(out, members[i].name);
        buf_putc(out, ':');
        ok = write_value(out, members[i].value, depth + 1, err);
    }
    buf_putc(out, '}');
    free(members);
    return ok;
}

static bool write_array(struct buf *out, const json_t *value, int depth, struct error *err)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (i > 0) buf_putc(out, ',');
        if (!write_value(out, json_array_get(value, i), depth + 1, err)) return false;
    }
    buf_putc(out, ']');
    return true;
}

static bool write_value(struct buf *out, const json_t *value, int depth, struct error *err)
{
    if (depth > CANONICAL_DEPTH_MAX)
        return error_set(err, ERROR_TRUST_JSON_DEPTH, "i", (int64_t)CANONICAL_DEPTH_MAX);
    switch (json_typeof(value)) {
    case JSON_OBJECT: return write_object(out, value, depth, err);
    case JSON_ARRAY: return write_array(out, value, depth, err);
    case JSON_STRING:
        buf_json_string(out, (str){json_string_value(value), json_string_length(value)});
        return true;
    case JSON_INTEGER: {
        int64_t number = json_integer_value(value);
        if (number > SAFE_INTEGER || number < -SAFE_INTEGER)
            return error_set(err, ERROR_TRUST_JSON_INTEGER, "i", number);
        buf_printf(out, "%lld", (long long)number);
        return true;
    }
    case JSON_REAL: buf_json_number(out, json_real_value(value)); return true;
    case JSON_TRUE: buf_puts(out, "true"); return true;
    case JSON_FALSE: buf_puts(out, "false"); return true;
    case JSON_NULL: buf_puts(out, "null"); return true;
    }
    return error_set(err, ERROR_INTERNAL, "s", "json type");
}

bool canonical_write(struct buf *out, const json_t *value, struct error *err)
{
    return write_value(out, value, 0, err);
}

#define TR_KEY(message) \
    message /* translated where the error is shown; trust may not include locale */

/* What jansson found, in a phrase that is translated with the error. */
static const char *json_reason(const json_error_t *problem)
{
    switch (json_error_code(problem)) {
    case json_error_premature_end_of_input: return TR_KEY("it ends too early");
    case json_error_end_of_input_expected: return TR_KEY("something follows the value");
    case json_error_invalid_utf8: return TR_KEY("a text is not UTF-8");
    case json_error_duplicate_key: return TR_KEY("a name stands twice in an object");
    case json_error_numeric_overflow: return TR_KEY("a number is too large");
    case json_error_stack_overflow: return TR_KEY("it is nested too deep");
    default: return TR_KEY("there is a character that does not belong there");
    }
}

bool canonical_read(str text, json_t **value, struct error *err)
{
    json_error_t problem;
    json_t *read = json_loadb(text.ptr, text.len,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &problem);
    if (read == NULL)
        return error_set(err, ERROR_TRUST_JSON, "iis", (int64_t)problem.line,
                         (int64_t)problem.column, json_reason(&problem));
    *value = read;
    return true;
}

bool canonical_read_exact(str text, json_t **value, struct error *err)
{
    SCOPED(canonical_free_scoped) json_t *read = NULL;
    if (!canonical_read(text, &read, err)) return false;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct buf *again = buf_new(arena);
    if (!canonical_write(again, read, err)) return false;
    str other = buf_str(again);
    if (!str_equal(other, text)) {
        size_t at = 0;
        while (at < other.len && at < text.len && other.ptr[at] == text.ptr[at]) at++;
        return error_set(err, ERROR_TRUST_JSON_CANONICAL, "i", (int64_t)at);
    }
    *value = json_incref(read);
    return true;
}
