/* The unified social credit code after GB 32100-2015 and the organisation code inside it after
 * GB 11714-1997. */
#include "registry/internal.h"

#include <string.h>

#define CODE_CHARS REGISTRY_CREDIT_CODE_CHARS

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY"; /* GB 32100 table: no I O S V Z */

/* GB 32100-2015, 5.6: weight of place i is 3^(i-1) mod 31. */
static const int weights[CODE_CHARS - 1] = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                            29, 25, 13, 8,  24, 10, 30, 28};
/* GB 11714: weights of the eight places of the organisation code. */
static const int inner_weights[8] = {3, 7, 9, 10, 5, 8, 4, 2};

static int value_of(char c)
{
    const char *at = c == '\0' ? NULL : strchr(alphabet, c);
    return at == NULL ? -1 : (int)(at - alphabet);
}

/* GB 11714 counts 0-9 as 0-9 and A-Z as 10-35, without gaps. */
static int inner_value_of(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

static char inner_check(const char *code)
{
    int sum = 0;
    for (int i = 0; i < 8; i++) sum += inner_weights[i] * inner_value_of(code[8 + i]);
    int check = 11 - sum % 11;
    return check == 10 ? 'X' : check == 11 ? '0' : (char)('0' + check);
}

static char outer_check(const char *code)
{
    int sum = 0;
    for (int i = 0; i < CODE_CHARS - 1; i++) sum += weights[i] * value_of(code[i]);
    return alphabet[(31 - sum % 31) % 31];
}

/* Registration departments of GB 32100 and its amendment (A N for military and rural bodies). */
static bool place_allowed(int place, char c, const char **expected)
{
    *expected = "a digit or a capital letter other than I, O, S, V, Z";
    if (value_of(c) < 0) return false;
    if (place == 0) {
        *expected = "a registration department: 1 to 9, A, N or Y";
        return strchr("123456789ANY", c) != NULL;
    }
    if (place >= 2 && place < 8) {
        *expected = "a digit of the division code";
        return c >= '0' && c <= '9';
    }
    if (place == 16) {
        *expected = "a digit or X";
        return c == 'X' || (c >= '0' && c <= '9');
    }
    return true;
}

static bool check_digit(str code, int place, char expected, struct error *err)
{
    if (code.ptr[place] == expected) return true;
    return error_set(err, ERROR_REGISTRY_CREDIT_CODE_CHECK, "SiSS", code, (int64_t)place + 1,
                     str_slice(code, (size_t)place, (size_t)place + 1), (str){&expected, 1});
}

bool registry_check_credit_code(str code, struct error *err)
{
    if (code.len != CODE_CHARS)
        return error_set(err, ERROR_REGISTRY_CREDIT_CODE_LENGTH, "Si", code,
                         (int64_t)utf8_count(code));
    for (int i = 0; i < CODE_CHARS; i++) {
        const char *expected;
        if (!place_allowed(i, code.ptr[i], &expected))
            return error_set(err, ERROR_REGISTRY_CREDIT_CODE_CHARACTER, "SiSs", code,
                             (int64_t)i + 1, str_slice(code, (size_t)i, (size_t)i + 1), expected);
    }
    return check_digit(code, 16, inner_check(code.ptr), err) &&
           check_digit(code, 17, outer_check(code.ptr), err);
}

bool registry_complete_credit_code(str first16, char out[CODE_CHARS + 1])
{
    if (first16.len != 16) return false;
    char code[CODE_CHARS + 1] = {0};
    for (int i = 0; i < 16; i++) {
        const char *expected;
        code[i] = first16.ptr[i];
        if (!place_allowed(i, code[i], &expected)) return false;
    }
    code[16] = inner_check(code);
    code[17] = outer_check(code);
    memcpy(out, code, sizeof code);
    return true;
}
