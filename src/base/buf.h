/* A growing run of bytes for building text and documents. Its memory is on the
 * heap and belongs to the arena it was made with. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"
#include "base/str.h"

struct buf {
    char *ptr; /* always ends in a zero byte after the first write */
    size_t len;
    size_t capacity;
};

struct buf *buf_new(struct arena *arena);
void buf_put(struct buf *buf, const void *bytes, size_t count);
void buf_puts(struct buf *buf, const char *text);
void buf_put_str(struct buf *buf, str s);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
str buf_str(const struct buf *buf);

/* Text as a JSON string with quotes (RFC 8785 escapes), and a finite number in
 * the ECMAScript form that RFC 8785 asks for. */
void buf_json_string(struct buf *buf, str s);
void buf_json_number(struct buf *buf, double value);
/* Text with & < > " ' as entities: safe in HTML text and quoted attributes. */
void buf_html(struct buf *buf, str s);

#endif
