#include "http/html.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

html html_from(const struct buf *buf)
{
    str s = buf_str(buf);
    return (html){s.ptr, s.len};
}

void html_put_text(struct buf *out, str text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *entity = NULL;
        unsigned char ch = (unsigned char)text.ptr[i];
        switch (ch) {
        case '&': entity = "&amp;"; break;
        case '<': entity = "&lt;"; break;
        case '>': entity = "&gt;"; break;
        case '"': entity = "&quot;"; break;
        case '\'': entity = "&#39;"; break;
        default:
            if ((ch < 0x20 && ch != '\n' && ch != '\t' && ch != '\r') || ch == 0x7f) entity = "";
        }
        if (entity == NULL) continue;
        buf_put(out, text.ptr + from, i - from);
        buf_puts(out, entity);
        from = i + 1;
    }
    if (text.len != 0) buf_put(out, text.ptr + from, text.len - from);
}

void html_put_int(struct buf *out, int64_t number)
{
    buf_printf(out, "%lld", (long long)number);
}

void html_put_html(struct buf *out, html h)
{
    if (h.len != 0) buf_put(out, h.ptr, h.len);
}

static bool starts_fold(str s, const char *prefix)
{
    size_t length = strlen(prefix);
    return s.len >= length && strncasecmp(s.ptr, prefix, length) == 0;
}

/* Browsers drop tabs, newlines and leading blanks inside URLs and take \ for /, so none of them may
 * pass (WHATWG URL, section 4.4). */
static bool url_is_safe(str url)
{
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.ptr[i] <= 0x20 || url.ptr[i] == '\\' || url.ptr[i] == 0x7f)
            return false;
    if (starts_fold(url, "http://") || starts_fold(url, "https://")) return true;
    if (str_starts(url, "//")) return false;
    for (size_t i = 0; i < url.len; i++) {
        char ch = url.ptr[i];
        if (ch == '/' || ch == '?' || ch == '#') return true;
        if (ch == ':') return false;
    }
    return true;
}

void html_put_url(struct buf *out, str url)
{
    if (url_is_safe(url))
        html_put_text(out, url);
    else
        buf_putc(out, '#');
}

void html_put_url_part(struct buf *out, str part)
{
    for (size_t i = 0; i < part.len; i++) {
        unsigned char ch = (unsigned char)part.ptr[i];
        bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                     (ch >= '0' && ch <= '9') || ch == '-' || ch == '.' || ch == '_' || ch == '~';
        if (plain)
            buf_putc(out, (char)ch);
        else
            buf_printf(out, "%%%02X", ch);
    }
}

void html_put_message(struct buf *out, const struct html_context *context, const char *message,
                      const str *args, size_t count)
{
    str text = str_from(tr(context->lang, message));
    size_t from = 0;
    for (size_t i = 0; i + 2 < text.len; i++) {
        if (text.ptr[i] != '{' || text.ptr[i + 2] != '}' || text.ptr[i + 1] < '0' ||
            text.ptr[i + 1] > '9')
            continue;
        size_t index = (size_t)(text.ptr[i + 1] - '0');
        html_put_text(out, str_slice(text, from, i));
        if (index < count) html_put_text(out, args[index]);
        from = i + 3;
        i += 2;
    }
    html_put_text(out, str_slice(text, from, text.len));
}

void html_put_csrf(struct buf *out, const struct html_context *context)
{
    CHECK(context->csrf != NULL);
    buf_puts(out, "<input type=\"hidden\" name=\"csrf\" value=\"");
    html_put_text(out, str_from(context->csrf));
    buf_puts(out, "\">");
}

str html_int(char text[HTML_INT_BYTES], int64_t number)
{
    int length = snprintf(text, HTML_INT_BYTES, "%lld", (long long)number);
    return (str){text, (size_t)length};
}
