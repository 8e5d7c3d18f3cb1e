#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static void buf_free(void *thing)
{
    struct buf *buf = thing;
    free(buf->ptr);
}

struct buf *buf_new(struct arena *arena)
{
    struct buf *buf = ARENA_NEW(arena, struct buf);
    arena_on_close(arena, buf_free, buf);
    return buf;
}

static void buf_reserve(struct buf *buf, size_t more)
{
    CHECK(more < SIZE_MAX / 4 && buf->len < SIZE_MAX / 4);
    size_t wanted = buf->len + more + 1;
    if (wanted <= buf->capacity) return;
    size_t capacity = size_max(buf->capacity * 2, size_max(wanted, 256));
    char *bigger = realloc(buf->ptr, capacity);
    CHECK(bigger != NULL);
    buf->ptr = bigger;
    buf->capacity = capacity;
}

void buf_put(struct buf *buf, const void *bytes, size_t count)
{
    buf_reserve(buf, count);
    if (count != 0) memcpy(buf->ptr + buf->len, bytes, count);
    buf->len += count;
    buf->ptr[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *text)
{
    buf_put(buf, text, strlen(text));
}

void buf_put_str(struct buf *buf, str s)
{
    buf_put(buf, s.ptr, s.len);
}

void buf_putc(struct buf *buf, char c)
{
    buf_put(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    CHECK(length >= 0);
    buf_reserve(buf, (size_t)length);
    vsnprintf(buf->ptr + buf->len, (size_t)length + 1, format, again);
    va_end(again);
    buf->len += (size_t)length;
}

str buf_str(const struct buf *buf)
{
    return (str){buf->ptr == NULL ? "" : buf->ptr, buf->len};
}

void buf_json_string(struct buf *buf, str s)
{
    buf_putc(buf, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        switch (c) {
        case '"': buf_puts(buf, "\\\""); break;
        case '\\': buf_puts(buf, "\\\\"); break;
        case '\b': buf_puts(buf, "\\b"); break;
        case '\f': buf_puts(buf, "\\f"); break;
        case '\n': buf_puts(buf, "\\n"); break;
        case '\r': buf_puts(buf, "\\r"); break;
        case '\t': buf_puts(buf, "\\t"); break;
        default:
            if (c < 0x20)
                buf_printf(buf, "\\u%04x", c);
            else
                buf_putc(buf, (char)c);
        }
    }
    buf_putc(buf, '"');
}

void buf_json_number(struct buf *buf, double value)
{
    char text[NUM_TEXT_MAX];
    num_format(value, text);
    buf_puts(buf, text);
}

void buf_html(struct buf *buf, str s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.ptr[i]) {
        case '&': buf_puts(buf, "&amp;"); break;
        case '<': buf_puts(buf, "&lt;"); break;
        case '>': buf_puts(buf, "&gt;"); break;
        case '"': buf_puts(buf, "&quot;"); break;
        case '\'': buf_puts(buf, "&#39;"); break;
        default: buf_putc(buf, s.ptr[i]);
        }
    }
}
