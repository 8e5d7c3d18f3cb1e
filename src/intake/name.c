/* Names as people write them: headers in two languages, inputs and keys by name or label. */
#include "intake/read.h"

#include <string.h>

#include "base/buf.h"

str name_half_width(struct arena *arena, str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t at = 0, length = 0;
    while (at < text.len) {
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        if (c >= 0xFF01 && c <= 0xFF5E) {
            out[length++] = (char)(c - 0xFF01 + '!');
        } else {
            memcpy(out + length, text.ptr + start, at - start);
            length += at - start;
        }
    }
    return (str){out, length};
}

static str lower(struct arena *arena, str text)
{
    return str_trim(str_fold(arena, str_trim(text)));
}

bool name_equal(struct arena *arena, str a, const char *b)
{
    return str_equal(lower(arena, a), lower(arena, str_from(b)));
}

enum name name_of_header(struct arena *arena, str text)
{
    static const struct {
        const char *text;
        enum name name;
    } names[] = {
        {"项目", NAME_ITEM},     {"item", NAME_ITEM},     {"input", NAME_ITEM},
        {"指标", NAME_ITEM},     {"数据项", NAME_ITEM},   {"名称", NAME_ITEM},
        {"代码", NAME_CODE},     {"编码", NAME_CODE},     {"code", NAME_CODE},
        {"单位", NAME_UNIT},     {"计量单位", NAME_UNIT}, {"unit", NAME_UNIT},
        {"period", NAME_PERIOD}, {"month", NAME_PERIOD},  {"date", NAME_PERIOD},
        {"year", NAME_PERIOD},   {"月份", NAME_PERIOD},   {"月", NAME_PERIOD},
        {"期间", NAME_PERIOD},   {"日期", NAME_PERIOD},   {"时间", NAME_PERIOD},
        {"年月", NAME_PERIOD},   {"年度", NAME_PERIOD},   {"统计月份", NAME_PERIOD},
        {"key", NAME_KEY},       {"kind", NAME_KEY},      {"品种", NAME_KEY},
        {"类别", NAME_KEY},      {"种类", NAME_KEY},      {"燃料", NAME_KEY},
        {"产品", NAME_KEY},      {"fuel", NAME_KEY},      {"product", NAME_KEY},
        {"value", NAME_VALUE},   {"amount", NAME_VALUE},  {"quantity", NAME_VALUE},
        {"数值", NAME_VALUE},    {"值", NAME_VALUE},      {"数量", NAME_VALUE},
        {"用量", NAME_VALUE},    {"消耗量", NAME_VALUE},  {"note", NAME_NOTE},
        {"remark", NAME_NOTE},   {"备注", NAME_NOTE},     {"说明", NAME_NOTE},
    };
    str whole = lower(arena, text), rest = whole, word;
    if (whole.len == 0 || whole.len > 64) return NAME_NONE;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_is(whole, names[i].text)) return names[i].name;
    while (str_cut(&rest, ' ', &word))
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
            if (str_is(word, names[i].text)) return names[i].name;
    return NAME_NONE;
}

static bool is_label(struct arena *arena, str text, const struct model_text *label)
{
    return (label->zh != NULL && name_equal(arena, text, label->zh)) ||
           (label->en != NULL && name_equal(arena, text, label->en));
}

const struct model_input *name_find_input(struct arena *arena, const struct model_info *model,
                                          str text)
{
    for (size_t i = 0; i < model->input_count; i++)
        if (name_equal(arena, text, model->inputs[i].name)) return &model->inputs[i];
    for (size_t i = 0; i < model->input_count; i++)
        if (is_label(arena, text, &model->inputs[i].label)) return &model->inputs[i];
    return NULL;
}

const struct model_key *name_find_key(struct arena *arena, const struct model_key *keys,
                                      size_t count, str text)
{
    for (size_t i = 0; i < count; i++)
        if (name_equal(arena, text, keys[i].id)) return &keys[i];
    for (size_t i = 0; i < count; i++)
        if (is_label(arena, text, &keys[i].label)) return &keys[i];
    return NULL;
}

#define DISTANCE_MAX 48

/* Levenshtein over code points; long texts compare by their beginnings. */
static size_t distance(struct arena *arena, str a, str b)
{
    uint32_t x[DISTANCE_MAX], y[DISTANCE_MAX];
    size_t row[DISTANCE_MAX + 1], n = 0, m = 0, at = 0;
    a = lower(arena, a);
    b = lower(arena, b);
    while (at < a.len && n < DISTANCE_MAX) x[n++] = utf8_next(a, &at);
    for (at = 0; at < b.len && m < DISTANCE_MAX;) y[m++] = utf8_next(b, &at);
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t above = row[j];
            row[j] =
                size_min(size_min(row[j] + 1, row[j - 1] + 1), diagonal + (x[i - 1] != y[j - 1]));
            diagonal = above;
        }
    }
    return row[m];
}

struct nearest {
    struct arena *arena;
    str text;
    const char *best;
    size_t distance;
};

static void consider(struct nearest *nearest, const char *candidate, const char *answer)
{
    if (candidate == NULL) return;
    size_t d = distance(nearest->arena, nearest->text, str_from(candidate));
    if (nearest->best != NULL && d >= nearest->distance) return;
    nearest->best = answer;
    nearest->distance = d;
}

const char *name_nearest_input(struct arena *arena, const struct model_info *model, str text)
{
    struct nearest nearest = {.arena = arena, .text = text};
    for (size_t i = 0; i < model->input_count; i++) {
        const struct model_input *input = &model->inputs[i];
        if (!name_is_asked(input)) continue;
        consider(&nearest, input->name, input->name);
        consider(&nearest, input->label.zh, input->name);
        consider(&nearest, input->label.en, input->name);
    }
    return nearest.best != NULL ? nearest.best : "-";
}

const char *name_nearest_key(struct arena *arena, const struct model_input *input, str text)
{
    struct nearest nearest = {.arena = arena, .text = text};
    for (size_t i = 0; i < input->key_count; i++) {
        const struct model_key *key = &input->keys[i];
        if (!key->enabled) continue;
        consider(&nearest, key->id, key->id);
        consider(&nearest, key->label.zh, key->id);
        consider(&nearest, key->label.en, key->id);
    }
    return nearest.best != NULL ? nearest.best : "-";
}

char *name_item(struct arena *arena, const struct model_input *input, const struct model_key *key,
                bool zh)
{
    const char *label = zh ? input->label.zh : input->label.en;
    if (label == NULL) label = input->name;
    if (key == NULL) return arena_strdup(arena, label);
    const char *kind = zh ? key->label.zh : key->label.en;
    return arena_printf(arena, "%s · %s", label, kind != NULL ? kind : key->id);
}

bool name_is_asked(const struct model_input *input)
{
    return input->from == NULL;
}
