#include "locale/locale.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "locale/table.h"

const char *tr(enum lang lang, const char *message)
{
    if (lang != LANG_ZH) return message;
    size_t low = 0, high = locale_zh_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(locale_zh[middle].message, message);
        if (order == 0) return locale_zh[middle].translation;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return message;
}

#define FILL_ARGS_MAX 10

char *tr_fill(struct arena *arena, enum lang lang, const char *message, ...)
{
    const char *args[FILL_ARGS_MAX];
    size_t count = 0;
    va_list list;
    va_start(list, message);
    for (const char *arg; (arg = va_arg(list, const char *)) != NULL;) {
        CHECK(count < FILL_ARGS_MAX);
        args[count++] = arg;
    }
    va_end(list);

    struct buf *out = buf_new(arena);
    for (const char *p = tr(lang, message); *p != '\0'; p++) {
        if (p[0] == '{' && p[1] >= '0' && p[1] <= '9' && p[2] == '}') {
            size_t index = (size_t)(p[1] - '0');
            if (index < count) buf_puts(out, args[index]);
            p += 2;
        } else {
            buf_putc(out, *p);
        }
    }
    return str_dup(arena, buf_str(out));
}

/* An argument that is itself a phrase of ours ("name of the asset") speaks the reader's language
 * too; what people wrote is left alone: phrases are in small letters. */
static str translate_arg(struct arena *arena, enum lang lang, str arg)
{
    if (arg.len == 0 || arg.ptr[0] < 'a' || arg.ptr[0] > 'z') return arg;
    return str_from(tr(lang, str_dup(arena, arg)));
}

char *error_text(struct arena *arena, enum lang lang, const struct error *err)
{
    str args[ERROR_ARGS_MAX] = {{0}};
    char kinds[ERROR_ARGS_MAX + 1] = {0};
    struct error said;
    for (size_t i = 0; i < err->count; i++) {
        args[i] = translate_arg(arena, lang, error_arg(err, i));
        kinds[i] = 'S';
    }
    error_set(&said, err->code, kinds, args[0], args[1], args[2], args[3], args[4], args[5]);
    return error_render(arena, &said, tr(lang, error_sentence(err->code)));
}

enum lang lang_parse(str text, enum lang fallback)
{
    str language = str_slice(text, 0, 2);
    if (text.len > 2 && text.ptr[2] != '-' && text.ptr[2] != '_') return fallback;
    if (str_equal_fold(language, STR("zh"))) return LANG_ZH;
    if (str_equal_fold(language, STR("en"))) return LANG_EN;
    return fallback;
}

const char *lang_code(enum lang lang)
{
    return lang == LANG_EN ? "en" : "zh-CN";
}
