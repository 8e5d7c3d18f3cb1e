/* Columns, codes, units and remarks of the tables as people read them. The words are tables too
 * (tables/words/): who adds a table in a data directory adds its words beside it. */
#include <ctype.h>
#include <string.h>

#include "base/csv.h"
#include "base/num.h"
#include "factor/internal.h"

struct word {
    const char *text[2]; /* by enum lang */
};

/* Words of columns and texts share a map; a blank line cannot stand in a cell of either. */
static str key_of(struct arena *arena, const char *table, const char *column, const char *text)
{
    return str_from(arena_printf(arena, "\n%s\n%s\n%s", table, column, text));
}

static str cell_of(const struct csv_table *csv, size_t row, const char *name)
{
    int column = csv_column(csv, name);
    return column < 0 ? (str){"", 0} : str_trim(csv->rows[row][column]);
}

bool factor_read_words(struct factor_library *library, const char *name, str bytes,
                       struct error *err)
{
    struct arena *arena = library->arena;
    struct csv_table csv;
    if (!csv_read_table(arena, bytes, &csv, err)) return false;
    bool columns = strcmp(name, "columns.csv") == 0;
    for (size_t i = 0; i < csv.count; i++) {
        struct word *word = ARENA_NEW(arena, struct word);
        str en = cell_of(&csv, i, "en"), zh = cell_of(&csv, i, "zh");
        word->text[LANG_EN] = str_dup(arena, en);
        word->text[LANG_ZH] = str_dup(arena, zh.len != 0 ? zh : en);
        map_put(&library->words,
                columns ? key_of(arena, str_dup(arena, cell_of(&csv, i, "table")),
                                 str_dup(arena, cell_of(&csv, i, "column")),
                                 str_dup(arena, cell_of(&csv, i, "value")))
                        : str_from(str_dup(arena, en)),
                word);
    }
    return true;
}

/* ---- columns and codes ---- */

#define KEY_BYTES_MAX 400

static const struct word *find_word(const struct factor_library *library, const char *table,
                                    const char *column, const char *text)
{
    char key[KEY_BYTES_MAX];
    size_t sizes[] = {strlen(table), strlen(column), strlen(text)}, at = 0;
    const char *parts[] = {table, column, text};
    if (sizes[0] + sizes[1] + sizes[2] + 3 > sizeof key) return NULL;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        key[at++] = '\n';
        memcpy(key + at, parts[i], sizes[i]);
        at += sizes[i];
    }
    const struct word *word = map_get(&library->words, (str){key, at});
    return word == NULL && table[0] != '\0' ? find_word(library, "", column, text) : word;
}

const char *factor_column_word(const struct factor_library *library, const char *table,
                               const char *column, enum lang lang)
{
    const struct word *word = find_word(library, table, column, "");
    return word != NULL ? word->text[lang] : column;
}

const char *factor_cell_word(const struct factor_library *library, const char *table,
                             const char *column, const char *text, enum lang lang)
{
    const struct word *word = text[0] == '\0' ? NULL : find_word(library, table, column, text);
    return word != NULL ? word->text[lang] : text;
}

/* ---- remarks ---- */

static bool is_han(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        if (*p >= 0xe4 && *p <= 0xe9) return true; /* U+4000 to U+9FFF */
    return false;
}

/* A piece such as "100/125/175" or "GB 3" reads the same in both languages. */
static bool has_words(str text)
{
    for (size_t i = 0; i + 1 < text.len; i++)
        if (isalpha((unsigned char)text.ptr[i]) && isalpha((unsigned char)text.ptr[i + 1]) &&
            (islower((unsigned char)text.ptr[i]) || islower((unsigned char)text.ptr[i + 1])))
            return true;
    return false;
}

/* Where the piece that begins at `from` ends: before "; ", or ". " and a letter. */
static size_t end_of_piece(str text, size_t from)
{
    int depth = 0;
    for (size_t i = from; i + 2 < text.len; i++) {
        char here = text.ptr[i], after = text.ptr[i + 2];
        depth += (here == '(' || here == '[') - (here == ')' || here == ']');
        if (depth > 0 || text.ptr[i + 1] != ' ') continue;
        if (here == ';' || (here == '.' && isalpha((unsigned char)after))) return i;
    }
    return text.len;
}

static bool put_piece(struct buf *out, const struct factor_library *library, str piece)
{
    const struct word *word = map_get(&library->words, piece);
    if (word == NULL && has_words(piece)) return false;
    if (word != NULL)
        buf_puts(out, word->text[LANG_ZH]);
    else
        buf_put(out, piece.ptr, piece.len);
    return true;
}

struct factor_phrase factor_say(struct arena *arena, const struct factor_library *library,
                                const char *text, enum lang lang)
{
    str whole = str_from(text);
    struct factor_phrase same = {text, is_han(text) ? LANG_ZH : has_words(whole) ? LANG_EN : lang};
    if (lang == LANG_EN || whole.len == 0) return same;
    struct buf *out = buf_new(arena);
    if (map_has(&library->words, whole) && put_piece(out, library, whole))
        return (struct factor_phrase){str_dup(arena, buf_str(out)), LANG_ZH};
    for (size_t at = 0; at < whole.len;) {
        size_t end = end_of_piece(whole, at);
        if (!put_piece(out, library, str_trim(str_slice(whole, at, end)))) return same;
        if (end < whole.len) buf_puts(out, whole.ptr[end] == ';' ? "；" : "。");
        at = end + 2;
    }
    return (struct factor_phrase){str_dup(arena, buf_str(out)), LANG_ZH};
}

/* ---- values ---- */

const char *factor_unit_text(struct arena *arena, const struct factor_library *library,
                             const char *unit, enum lang lang)
{
    struct buf *out = buf_new(arena);
    if (strcmp(unit, "1") == 0) return "";
    for (const char *p = unit; *p != '\0';) {
        size_t n = 0;
        while (isalnum((unsigned char)p[n]) || p[n] == '_') n++;
        if (n == 0) {
            buf_puts(out, *p == '*' ? "·" : (const char[]){*p, '\0'});
            p++;
            continue;
        }
        const char *name = str_dup(arena, (str){p, n});
        const char *word = factor_cell_word(library, "", "unit", name, lang);
        buf_puts(out, word);
        p += n;
        if (strcmp(name, "1e4") == 0 && strcmp(word, name) != 0 && *p == ' ') p++; /* 万Nm3 */
    }
    /* "GJ/(万Nm3)": the brackets hold one word now. */
    str text = buf_str(out), head, tail = text;
    if (str_cut(&tail, '(', &head) && str_ends(tail, ")") &&
        strcspn(str_dup(arena, tail), " /(") == tail.len)
        return arena_printf(arena, "%.*s%.*s", STR_ARG(head),
                            STR_ARG(str_slice(tail, 0, tail.len - 1)));
    return str_dup(arena, text);
}

static void put_between(struct buf *out, enum lang lang)
{
    if (out->len != 0) buf_puts(out, lang == LANG_ZH ? "；" : "; ");
}

const char *factor_values_text(struct arena *arena, const struct factor_library *library,
                               const struct factor_row *row, enum lang lang)
{
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < row->value_count; i++) {
        const struct factor_value *value = &row->values[i];
        if (value->text[0] == '\0') continue;
        const char *unit = factor_unit_text(arena, library, value->unit, lang);
        put_between(out, lang);
        if (row->value_count > 1)
            buf_printf(out, "%s ", factor_column_word(library, row->table, value->name, lang));
        buf_printf(out, "%s%s%s", value->text, unit[0] == '\0' ? "" : " ", unit);
    }
    return str_dup(arena, buf_str(out));
}

const char *factor_classes_text(struct arena *arena, const struct factor_library *library,
                                const struct factor_row *row, enum lang lang)
{
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < row->class_count; i++) {
        const struct factor_cell *cell = &row->class_list[i];
        buf_printf(out, lang == LANG_ZH ? "%s%s：%s" : "%s%s: %s",
                   i == 0            ? ""
                   : lang == LANG_ZH ? "，"
                                     : ", ",
                   factor_column_word(library, row->table, cell->name, lang),
                   factor_cell_word(library, row->table, cell->name, cell->text, lang));
    }
    return str_dup(arena, buf_str(out));
}

static void put_uncertainty(struct buf *out, struct arena *arena,
                            const struct factor_library *library, const struct factor_row *row,
                            const char *column, const char *text, enum lang lang)
{
    double half;
    if (text[0] == '\0') return;
    put_between(out, lang);
    if (row->distribution[0] != '\0' && strcmp(row->distribution, "normal") != 0)
        buf_printf(out, "%s ",
                   factor_cell_word(library, row->table, "distribution", row->distribution, lang));
    if (num_parse(str_from(text), &half))
        buf_printf(out, lang == LANG_ZH ? "±%s%%" : "±%s %%",
                   num_format_significant(arena, 100 * half, 4));
    else
        buf_puts(out, text);
    if (column[0] != '\0')
        buf_printf(out, lang == LANG_ZH ? "（%s）" : " (%s)",
                   factor_column_word(library, row->table, column, lang));
}

const char *factor_tier_text(const struct factor_row *row, enum lang lang)
{
    if (row->tier == NULL) return "";
    return lang == LANG_ZH && row->tier->name_zh[0] != '\0' ? row->tier->name_zh
                                                            : row->tier->name_en;
}

static const char *stated_of(const struct factor_row *row, const char *column)
{
    if (row->value_count > 0 && strcmp(row->values[0].name, column) == 0) return row->uncertainty;
    for (size_t i = 0; i < row->uncertainty_count; i++)
        if (strcmp(row->uncertainty_list[i].name, column) == 0)
            return row->uncertainty_list[i].text;
    return "";
}

static bool is_later_share(const struct factor_row *row, const char *column)
{
    for (size_t i = 1; i < row->value_count; i++)
        if (strcmp(row->values[i].name, column) == 0) return strcmp(row->values[i].unit, "1") == 0;
    return false;
}

double factor_half_width(const struct factor_row *row, const char *column, bool *assumed)
{
    double half, first;
    *assumed = false;
    if (num_parse(str_from(stated_of(row, column)), &half)) return half;
    if (row->tier == NULL || row->tier->value_count == 0 || is_later_share(row, column)) return 0;
    half = row->tier->values[0].number;
    if (num_parse(str_from(row->uncertainty), &first) && first > half) half = first;
    *assumed = half > 0;
    return half;
}

const char *factor_uncertainty_text(struct arena *arena, const struct factor_library *library,
                                    const struct factor_row *row, enum lang lang)
{
    struct buf *out = buf_new(arena);
    size_t given = 0;
    for (size_t i = 0; i < row->value_count; i++) given += row->values[i].text[0] != '\0';
    put_uncertainty(out, arena, library, row, given > 1 ? row->values[0].name : "",
                    row->uncertainty, lang);
    for (size_t i = 0; i < row->uncertainty_count; i++)
        put_uncertainty(out, arena, library, row, row->uncertainty_list[i].name,
                        row->uncertainty_list[i].text, lang);
    bool assumed = false;
    double usual = row->value_count > 0 && row->values[0].number != 0 && out->len == 0
                       ? factor_half_width(row, row->values[0].name, &assumed)
                       : 0;
    if (assumed)
        buf_puts(out, tr_fill(arena, lang, "±{0} % (usual for its tier)",
                              num_format_significant(arena, 100 * usual, 4), NULL));
    return str_dup(arena, buf_str(out));
}

const char *factor_confidence_text(struct arena *arena, const struct factor_library *library,
                                   const char *confidence, enum lang lang)
{
    double share;
    const char *word = factor_cell_word(library, "", "confidence", confidence, lang);
    if (num_parse(str_from(confidence), &share))
        return arena_printf(arena, lang == LANG_ZH ? "%s%%" : "%s %%",
                            num_format_significant(arena, 100 * share, 4));
    if (word == confidence) return word;
    return arena_printf(arena, lang == LANG_ZH ? "%s（%s）" : "%s (%s)", word, confidence);
}
