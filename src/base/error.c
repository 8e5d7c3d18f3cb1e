#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/num.h"

#define TR_KEY(message) \
    message /* translated where the error is shown; base may not include locale */

static const struct {
    const char *name;
    const char *sentence;
    int http;
    int exit;
} codes[] = {
#define X(name, http, exit, sentence) {#name, sentence, http, exit},
#include "base/error.def"
#undef X
};

static void add_arg(struct error *err, str text)
{
    size_t room = sizeof err->text - err->text_used;
    if (err->count == ERROR_ARGS_MAX || room < 2) return;
    size_t length = size_min(text.len, room - 1);
    if (length < text.len) /* never cut inside a character */
        while (length > 0 && ((unsigned char)text.ptr[length] & 0xC0) == 0x80) length--;
    err->args[err->count++] = err->text_used;
    if (length != 0) memcpy(err->text + err->text_used, text.ptr, length);
    err->text[err->text_used + length] = '\0';
    err->text_used = (uint16_t)(err->text_used + length + 1);
}

bool error_set(struct error *err, enum error_code code, const char *kinds, ...)
{
    if (err == NULL) return false;
    struct error fresh = {.code = code};
    va_list list;
    va_start(list, kinds);
    for (const char *kind = kinds; *kind != '\0'; kind++) {
        char text[64];
        switch (*kind) {
        case 's': add_arg(&fresh, str_from(va_arg(list, const char *))); continue;
        case 'S': add_arg(&fresh, va_arg(list, str)); continue;
        case 'i': snprintf(text, sizeof text, "%lld", (long long)va_arg(list, int64_t)); break;
        case 'd': num_format(va_arg(list, double), text); break;
        case 'm': date_format(va_arg(list, date), text); break;
        default: CHECK(*kind == 's'); /* no other kind of argument */
        }
        add_arg(&fresh, str_from(text));
    }
    va_end(list);
    *err = fresh;
    return false;
}

const char *error_sentence(enum error_code code)
{
    return codes[code].sentence;
}

const char *error_name(enum error_code code)
{
    return codes[code].name;
}

int error_http_status(enum error_code code)
{
    return codes[code].http;
}

int error_exit_code(enum error_code code)
{
    return codes[code].exit;
}

str error_arg(const struct error *err, size_t index)
{
    return index < err->count ? str_from(err->text + err->args[index]) : STR("");
}

const char *error_reason(int number)
{
    switch (number) {
    case ENOENT: return TR_KEY("there is no such file or directory");
    case EACCES:
    case EPERM: return TR_KEY("permission is denied");
    case ENOSPC: return TR_KEY("the disk is full");
    case EDQUOT: return TR_KEY("the disk quota is used up");
    case EROFS: return TR_KEY("the file system is read-only");
    case EISDIR: return TR_KEY("it is a directory");
    case ENOTDIR: return TR_KEY("a part of its path is no directory");
    case EEXIST: return TR_KEY("it exists already");
    case ENAMETOOLONG: return TR_KEY("the name is too long");
    case EIO: return TR_KEY("the device failed");
    case EMFILE:
    case ENFILE: return TR_KEY("too many files are open");
    case EADDRINUSE: return TR_KEY("another program uses it");
    case EADDRNOTAVAIL: return TR_KEY("this machine has no such address");
    default: return strerror(number);
    }
}

char *error_render(struct arena *arena, const struct error *err, const char *sentence)
{
    struct buf *out = buf_new(arena);
    for (const char *p = sentence; *p != '\0'; p++) {
        if (p[0] == '{' && p[1] >= '0' && p[1] <= '9' && p[2] == '}') {
            buf_put_str(out, error_arg(err, (size_t)(p[1] - '0')));
            p += 2;
        } else {
            buf_putc(out, *p);
        }
    }
    return str_dup(arena, buf_str(out));
}
