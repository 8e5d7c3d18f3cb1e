#include "base/num.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The C locale for strtod, made once; the program itself never calls setlocale. */
static locale_t c_locale(void)
{
    static locale_t made;
    locale_t known = __atomic_load_n(&made, __ATOMIC_ACQUIRE);
    if (known != (locale_t)0) return known;
    locale_t fresh = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    CHECK(fresh != (locale_t)0);
    if (!__atomic_compare_exchange_n(&made, &known, fresh, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE)) {
        freelocale(fresh);
        return known;
    }
    return fresh;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool num_parse(str text, double *value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t at = 0;
    bool negative = false;
    if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+'))
        negative = text.ptr[at++] == '-';
    uint64_t mantissa = 0;
    int digits = 0, significant = 0, scale = 0;
    bool point = false;
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '.' && !point) {
            point = true;
        } else if (is_digit(c)) {
            digits++;
            if (significant > 0 || c != '0') significant++;
            if (significant <= 19) mantissa = mantissa * 10 + (uint64_t)(c - '0');
            scale -= point;
        } else {
            break;
        }
    }
    if (digits == 0) return false;
    int exponent = 0;
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        bool down = false;
        if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+'))
            down = text.ptr[at++] == '-';
        if (at == text.len) return false;
        for (; at < text.len && is_digit(text.ptr[at]); at++)
            if (exponent < 100000) exponent = exponent * 10 + (text.ptr[at] - '0');
        if (down) exponent = -exponent;
    }
    if (at != text.len) return false;
    int total = scale + exponent;
    double result;
    if (significant <= 19 && mantissa < (uint64_t)1 << 53 && total >= -22 && total <= 22) {
        /* Clinger's fast path: both operands exact, one rounding. */
        result = total < 0 ? (double)mantissa / powers[-total] : (double)mantissa * powers[total];
        if (negative) result = -result;
    } else {
        char copy[512];
        if (text.len >= sizeof copy) return false;
        memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
        result = strtod_l(copy, NULL, c_locale());
    }
    if (!isfinite(result)) return false;
    *value = result;
    return true;
}

bool num_parse_human(struct arena *arena, str text, double *value)
{
    str folded = str_fold(arena, str_trim(text));
    double factor = 1;
    if (str_ends(folded, "%")) {
        folded = str_trim(str_slice(folded, 0, folded.len - 1));
        factor = 100;
    }
    char *plain = arena_alloc(arena, folded.len + 1);
    size_t length = 0, group = 0;
    bool grouped = false, point = false;
    for (size_t i = 0; i < folded.len; i++) {
        char c = folded.ptr[i];
        if (c == ',') {
            /* Commas stand before groups of exactly three digits, never after point or exponent. */
            if (point || (grouped ? group != 3 : group == 0 || group > 3)) return false;
            grouped = true;
            group = 0;
            continue;
        }
        if (is_digit(c))
            group++;
        else if (grouped && !point && group != 3)
            return false;
        if (c == '.' || c == 'e') point = true;
        plain[length++] = c;
    }
    if (grouped && !point && group != 3) return false;
    double number;
    if (!num_parse((str){plain, length}, &number)) return false;
    *value = number / factor;
    return true;
}

bool num_parse_int(str text, int64_t *value)
{
    size_t at = 0;
    bool negative = false;
    if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+'))
        negative = text.ptr[at++] == '-';
    if (at == text.len) return false;
    int64_t result = 0;
    for (; at < text.len; at++) {
        if (!is_digit(text.ptr[at])) return false;
        int digit = text.ptr[at] - '0';
        if (__builtin_mul_overflow(result, 10, &result)) return false;
        if (negative ? __builtin_sub_overflow(result, digit, &result)
                     : __builtin_add_overflow(result, digit, &result))
            return false;
    }
    *value = result;
    return true;
}

void num_format(double value, char out[NUM_TEXT_MAX])
{
    CHECK(isfinite(value));
    if (value == 0) {
        memcpy(out, "0", 2);
        return;
    }
    char raw[48];
    int precision = 0;
    for (; precision < 17; precision++) {
        snprintf(raw, sizeof raw, "%.*e", precision, value);
        if (strtod_l(raw, NULL, c_locale()) == value) break;
    }
    char digits[24];
    int count = 0;
    const char *p = raw;
    bool negative = *p == '-';
    if (negative) p++;
    for (; *p != 'e'; p++)
        if (is_digit(*p)) digits[count++] = *p;
    int exponent = (int)strtol(p + 1, NULL, 10) + 1; /* value = 0.digits * 10^exponent */
    while (count > 1 && digits[count - 1] == '0') count--;
    char *o = out;
    if (negative) *o++ = '-';
    if (exponent > 0 && exponent <= 21) {
        int places = count > exponent ? count : exponent;
        for (int i = 0; i < places; i++) {
            if (i == exponent) *o++ = '.';
            *o++ = i < count ? digits[i] : '0';
        }
    } else if (exponent > -6 && exponent <= 0) {
        *o++ = '0';
        *o++ = '.';
        for (int i = exponent; i < 0; i++) *o++ = '0';
        memcpy(o, digits, (size_t)count);
        o += count;
    } else {
        *o++ = digits[0];
        if (count > 1) {
            *o++ = '.';
            memcpy(o, digits + 1, (size_t)count - 1);
            o += count - 1;
        }
        o += snprintf(o, 8, "e%+d", exponent - 1);
    }
    *o = '\0';
}

static char *group_digits(struct arena *arena, const char *plain)
{
    size_t length = strlen(plain), at = plain[0] == '-' ? 1 : 0;
    size_t whole = at;
    while (is_digit(plain[whole])) whole++;
    char *out = arena_alloc(arena, length * 2 + 1), *o = out;
    if (at == 1) *o++ = '-';
    for (size_t i = at; i < length; i++) {
        if (i > at && i < whole && (whole - i) % 3 == 0) *o++ = ',';
        *o++ = plain[i];
    }
    return out;
}

/* What was rounded to zero has no sign. */
static void drop_sign_of_zero(char *plain)
{
    if (strspn(plain, "-0.") == strlen(plain) && plain[0] == '-')
        memmove(plain, plain + 1, strlen(plain));
}

char *num_format_grouped(struct arena *arena, double value, int decimals)
{
    char plain[400];
    snprintf(plain, sizeof plain, "%.*f", decimals, value);
    drop_sign_of_zero(plain);
    return group_digits(arena, plain);
}

char *num_format_significant(struct arena *arena, double value, int digits)
{
    if (value == 0 || !isfinite(value)) return arena_strdup(arena, value == 0 ? "0" : "–");
    int magnitude = (int)floor(log10(fabs(value)));
    int decimals = digits - 1 - magnitude;
    if (decimals < 0) decimals = 0;
    if (decimals > 12) decimals = 12;
    char plain[400];
    snprintf(plain, sizeof plain, "%.*f", decimals, value);
    if (strchr(plain, '.') != NULL) {
        size_t end = strlen(plain);
        while (plain[end - 1] == '0') plain[--end] = '\0';
        if (plain[end - 1] == '.') plain[end - 1] = '\0';
    }
    drop_sign_of_zero(plain);
    return group_digits(arena, plain);
}

bool int_mul_div(int64_t a, int64_t b, int64_t c, int64_t *result)
{
    if (c == 0) return false;
    __int128 product = (__int128)a * b, divisor = c;
    __int128 quotient = product / divisor, rest = product % divisor;
    if (rest < 0) rest = -rest;
    __int128 size = divisor < 0 ? -divisor : divisor;
    if (rest * 2 >= size) quotient += (product < 0) == (divisor < 0) ? 1 : -1;
    if (quotient > INT64_MAX || quotient < INT64_MIN) return false;
    *result = (int64_t)quotient;
    return true;
}

bool num_to_int(double value, int64_t *result)
{
    double rounded = round(value);
    if (!(rounded >= -9223372036854775808.0 && rounded < 9223372036854775808.0)) return false;
    *result = (int64_t)rounded;
    return true;
}
