#include "base/str.h"

#include <string.h>
#include <strings.h>

str str_from(const char *text)
{
    return text == NULL ? (str){"", 0} : (str){text, strlen(text)};
}

char *str_dup(struct arena *arena, str s)
{
    return arena_copy(arena, s.ptr, s.len);
}

str str_copy(struct arena *arena, str s)
{
    return (str){arena_copy(arena, s.ptr, s.len), s.len};
}

bool str_equal(str a, str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_is(str s, const char *text)
{
    return str_equal(s, str_from(text));
}

int str_compare(str a, str b)
{
    size_t shared = size_min(a.len, b.len);
    int order = shared == 0 ? 0 : memcmp(a.ptr, b.ptr, shared);
    if (order != 0) return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(str s, const char *prefix)
{
    size_t length = strlen(prefix);
    return s.len >= length && (length == 0 || memcmp(s.ptr, prefix, length) == 0);
}

bool str_ends(str s, const char *suffix)
{
    size_t length = strlen(suffix);
    return s.len >= length && (length == 0 || memcmp(s.ptr + s.len - length, suffix, length) == 0);
}

/* The length of the blank at the start of s, 0 if none. */
static size_t blank_at_start(str s)
{
    if (s.len >= 1 && (s.ptr[0] == ' ' || (s.ptr[0] >= '\t' && s.ptr[0] <= '\r'))) return 1;
    if (str_starts(s, "\xC2\xA0")) return 2;
    if (str_starts(s, "\xE3\x80\x80") || str_starts(s, "\xEF\xBB\xBF")) return 3;
    return 0;
}

static size_t blank_at_end(str s)
{
    char last = s.len == 0 ? 'x' : s.ptr[s.len - 1];
    if (last == ' ' || (last >= '\t' && last <= '\r')) return 1;
    if (str_ends(s, "\xC2\xA0")) return 2;
    if (str_ends(s, "\xE3\x80\x80") || str_ends(s, "\xEF\xBB\xBF")) return 3;
    return 0;
}

str str_trim(str s)
{
    for (size_t n; (n = blank_at_start(s)) != 0;) s = str_slice(s, n, s.len);
    for (size_t n; (n = blank_at_end(s)) != 0;) s.len -= n;
    return s;
}

str str_slice(str s, size_t from, size_t to)
{
    to = size_min(to, s.len);
    from = size_min(from, to);
    return (str){s.ptr + from, to - from};
}

bool str_find(str s, str needle, size_t *at)
{
    if (needle.len == 0) {
        *at = 0;
        return true;
    }
    const char *found = s.len == 0 ? NULL : memmem(s.ptr, s.len, needle.ptr, needle.len);
    if (found == NULL) return false;
    *at = (size_t)(found - s.ptr);
    return true;
}

bool str_cut(str *rest, char separator, str *part)
{
    if (rest->ptr == NULL) return false;
    const char *found = rest->len == 0 ? NULL : memchr(rest->ptr, separator, rest->len);
    if (found == NULL) {
        *part = *rest;
        *rest = (str){NULL, 0};
    } else {
        *part = (str){rest->ptr, (size_t)(found - rest->ptr)};
        *rest = (str){found + 1, rest->len - part->len - 1};
    }
    return true;
}

str str_fold(struct arena *arena, str s)
{
    char *folded = arena_alloc(arena, s.len + 1);
    size_t length = 0;
    for (size_t at = 0; at < s.len;) {
        size_t start = at;
        uint32_t c = utf8_next(s, &at);
        if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
        if (c < 0x80) {
            folded[length++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        } else {
            memcpy(folded + length, s.ptr + start, at - start);
            length += at - start;
        }
    }
    return (str){folded, length};
}

bool str_equal_fold(str a, str b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

uint32_t utf8_next(str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.ptr + *at;
    size_t left = s.len - *at;
    uint32_t c = p[0], least;
    size_t more;
    if (c < 0x80) {
        *at += 1;
        return c;
    }
    if ((c & 0xE0) == 0xC0)
        more = 1, c &= 0x1F, least = 0x80;
    else if ((c & 0xF0) == 0xE0)
        more = 2, c &= 0x0F, least = 0x800;
    else if ((c & 0xF8) == 0xF0)
        more = 3, c &= 0x07, least = 0x10000;
    else
        more = 0, least = 0;
    if (more == 0 || left <= more) {
        *at += 1;
        return 0xFFFD;
    }
    for (size_t i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            *at += 1;
            return 0xFFFD;
        }
        c = c << 6 | (p[i] & 0x3F);
    }
    if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        *at += 1;
        return 0xFFFD;
    }
    *at += more + 1;
    return c;
}

bool utf8_valid(str s)
{
    for (size_t at = 0; at < s.len;) {
        size_t start = at;
        /* U+FFFD itself is three bytes; a malformed byte moves by one. */
        if (utf8_next(s, &at) == 0xFFFD && at - start != 3) return false;
    }
    return true;
}

size_t utf8_count(str s)
{
    size_t count = 0;
    for (size_t at = 0; at < s.len; count++) utf8_next(s, &at);
    return count;
}

size_t utf8_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

char *hex_encode(struct arena *arena, const void *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = bytes;
    char *text = arena_array(arena, count + 1, 2);
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[p[i] >> 4];
        text[2 * i + 1] = digits[p[i] & 15];
    }
    return text;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool hex_decode(str text, void *bytes, size_t count)
{
    unsigned char *out = bytes;
    if (text.len != count * 2) return false;
    for (size_t i = 0; i < count; i++) {
        int high = hex_digit(text.ptr[2 * i]), low = hex_digit(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(struct arena *arena, const void *bytes, size_t count)
{
    const unsigned char *p = bytes;
    char *text = arena_alloc(arena, (count + 2) / 3 * 4 + 1), *out = text;
    for (size_t i = 0; i < count; i += 3) {
        uint32_t group = (uint32_t)p[i] << 16;
        if (i + 1 < count) group |= (uint32_t)p[i + 1] << 8;
        if (i + 2 < count) group |= p[i + 2];
        *out++ = base64_digits[group >> 18];
        *out++ = base64_digits[group >> 12 & 63];
        *out++ = i + 1 < count ? base64_digits[group >> 6 & 63] : '=';
        *out++ = i + 2 < count ? base64_digits[group & 63] : '=';
    }
    return text;
}

bool base64_decode(struct arena *arena, str text, unsigned char **bytes, size_t *count)
{
    if (text.len % 4 != 0) return false;
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.ptr[text.len - 1 - padding] == '=') padding++;
    unsigned char *out = arena_alloc(arena, text.len / 4 * 3 + 1);
    size_t length = 0;
    uint32_t group = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *digit = text.ptr[i] == '\0' ? NULL : strchr(base64_digits, text.ptr[i]);
        uint32_t value = digit == NULL ? 0 : (uint32_t)(digit - base64_digits);
        if (digit == NULL && !(text.ptr[i] == '=' && i >= text.len - padding)) return false;
        group = group << 6 | value;
        if (i % 4 == 3) {
            out[length++] = (unsigned char)(group >> 16);
            out[length++] = (unsigned char)(group >> 8);
            out[length++] = (unsigned char)group;
            group = 0;
        }
    }
    /* The bits that padding drops must be zero: one text, one meaning. */
    for (size_t i = 0; i < padding; i++)
        if (out[length - 1 - i] != 0) return false;
    *bytes = out;
    *count = length - padding;
    return true;
}
