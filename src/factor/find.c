/* Searching rows, and which models use them. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "factor/internal.h"

static bool holds(struct arena *arena, const char *text, str word)
{
    size_t at;
    return str_find(str_fold(arena, str_from(text)), word, &at);
}

static bool has_word(struct arena *arena, const struct factor_row *row, str word)
{
    const char *const texts[] = {row->id,     row->name_en,   row->name_zh,  row->classes,
                                 row->area,   row->publisher, row->document, row->table,
                                 row->scheme, row->year};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (holds(arena, texts[i], word)) return true;
    return false;
}

static bool has_words(struct arena *arena, const struct factor_row *row, str words)
{
    for (str word, rest = words; str_cut(&rest, ' ', &word);)
        if (str_trim(word).len != 0 && !has_word(arena, row, str_trim(word))) return false;
    return true;
}

static str plain_unit(struct arena *arena, str unit)
{
    char *text = arena_alloc(arena, unit.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < unit.len; i++)
        if (strchr(" ()", unit.ptr[i]) == NULL) text[n++] = unit.ptr[i];
    return str_fold(arena, (str){text, n});
}

static bool has_unit(struct arena *arena, const struct factor_row *row, str unit)
{
    size_t at;
    for (size_t i = 0; i < row->value_count; i++)
        if (str_find(plain_unit(arena, str_from(row->values[i].unit)), unit, &at)) return true;
    return false;
}

static bool has_region(struct arena *arena, const struct factor_row *row, str region)
{
    const char *const texts[] = {row->area, row->level, row->id, row->name_en, row->name_zh};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (holds(arena, texts[i], region)) return true;
    return false;
}

static bool in_year(const struct factor_row *row, int year)
{
    date first, last;
    if (!date_make(year, 1, 1, &first) || !date_make(year, 12, 31, &last)) return false;
    return (!row->has_from || row->valid_from.day <= last.day) &&
           (!row->has_to || row->valid_to.day >= first.day);
}

static bool named_so(struct arena *arena, const struct factor_row *row, str words)
{
    return str_equal(str_fold(arena, str_from(row->id)), words) ||
           str_equal(str_fold(arena, str_from(row->name_en)), words) ||
           str_equal(str_fold(arena, str_from(row->name_zh)), words);
}

size_t factor_find(struct arena *arena, const struct factor_library *library,
                   const struct factor_query *query, const struct factor_row ***list)
{
    const struct factor_row **found =
        ARENA_NEW_ARRAY(arena, const struct factor_row *, library->count + 1);
    str words = str_fold(arena, str_trim(query->words)),
        region = str_fold(arena, str_trim(query->region)), unit = plain_unit(arena, query->unit);
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < library->count; i++) {
            const struct factor_row *row = &library->rows[i];
            if (row->value_count == 0 && !query->all) continue;
            if (query->year != 0 && !in_year(row, query->year)) continue;
            if (unit.len != 0 && !has_unit(arena, row, unit)) continue;
            if (region.len != 0 && !has_region(arena, row, region)) continue;
            if (!has_words(arena, row, words)) continue;
            if (named_so(arena, row, words) == (pass == 0)) found[n++] = row;
        }
    *list = found;
    return n;
}

/* "fuels" and "factors/fuels.csv" both name the table. */
static bool is_table(const struct factor_row *row, str name)
{
    str path = str_from(row->table);
    const char *slash = strrchr(row->table, '/');
    if (name.len == 0 || str_equal(path, name)) return true;
    str file = str_from(slash == NULL ? row->table : slash + 1);
    return str_equal(str_slice(file, 0, file.len - 4), name);
}

size_t factor_rows_of(struct arena *arena, const struct factor_library *library, str id,
                      const struct factor_row ***list)
{
    const struct factor_row **found =
        ARENA_NEW_ARRAY(arena, const struct factor_row *, library->count + 1);
    str table = {"", 0}, rest = id, part;
    size_t n = 0, at;
    if (str_find(id, STR(":"), &at) && str_cut(&rest, ':', &part)) table = part;
    for (size_t i = 0; i < library->count; i++)
        if (str_equal(rest, str_from(library->rows[i].id)) && is_table(&library->rows[i], table))
            found[n++] = &library->rows[i];
    *list = found;
    return n;
}

const struct factor_row *factor_row_at(const struct factor_library *library, const char *table,
                                       const char *id)
{
    for (size_t i = 0; i < library->count; i++)
        if (strcmp(library->rows[i].id, id) == 0 && strcmp(library->rows[i].table, table) == 0)
            return &library->rows[i];
    return NULL;
}

/* ---- models ---- */

/* `table fuel from "factors/fuels.csv" where family = "A"  # …` */
static bool read_use(struct arena *arena, str line, struct factor_use *use)
{
    size_t at;
    if (!str_starts(line, "table ") && !str_starts(line, "peers ")) return false;
    if (!str_find(line, STR(" from \""), &at)) return false;
    str rest = str_slice(line, at + 7, line.len), path;
    if (!str_cut(&rest, '"', &path)) return false;
    if (str_find(rest, STR("#"), &at)) rest = str_slice(rest, 0, at);
    *use = (struct factor_use){str_dup(arena, path), ""};
    if (!str_find(rest, STR("where "), &at)) return true;
    str filter = str_trim(str_slice(rest, at + 6, rest.len));
    char *plain = arena_alloc(arena, filter.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < filter.len; i++)
        if (filter.ptr[i] != '"') plain[n++] = filter.ptr[i];
    plain[n] = '\0';
    use->filter = plain;
    return true;
}

size_t factor_uses_of(struct arena *arena, const struct model *model,
                      const struct factor_use **list)
{
    struct factor_use *uses = NULL, use;
    size_t count = 0, capacity = 0;
    for (str line, rest = str_from(model_info(model)->text); str_cut(&rest, '\n', &line);)
        if (read_use(arena, line, &use)) *ARENA_PUSH(arena, uses, count, capacity) = use;
    *list = uses;
    return count;
}

static str class_of(const struct factor_row *row, str column)
{
    const struct factor_cell remarks[] = {
        {"id", row->id},       {"scheme", row->scheme},       {"area", row->area},
        {"level", row->level}, {"publisher", row->publisher}, {"confidence", row->confidence}};
    for (size_t i = 0; i < row->class_count; i++)
        if (str_is(column, row->class_list[i].name)) return str_from(row->class_list[i].text);
    for (size_t i = 0; i < ARRAY_LEN(remarks); i++)
        if (str_is(column, remarks[i].name)) return str_from(remarks[i].text);
    return (str){"", 0};
}

static bool fits_filter(const struct factor_row *row, const char *filter)
{
    str rest = str_from(filter);
    while (rest.len != 0) {
        size_t end, at;
        bool more = str_find(rest, STR(" and "), &end);
        str part = more ? str_slice(rest, 0, end) : rest;
        rest = more ? str_slice(rest, end + 5, rest.len) : (str){"", 0};
        bool unequal = str_find(part, STR("!="), &at);
        if (!unequal && !str_find(part, STR("="), &at)) continue;
        str wanted = str_trim(str_slice(part, at + (unequal ? 2 : 1), part.len));
        bool same = str_equal(class_of(row, str_trim(str_slice(part, 0, at))), wanted);
        if (same == unequal) return false;
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct model_info *x = model_info(*(const struct model *const *)a);
    const struct model_info *y = model_info(*(const struct model *const *)b);
    int names = strcmp(x->name, y->name);
    return names != 0 ? names : strcmp(x->version, y->version);
}

bool factor_is_used_by(struct arena *arena, const struct model *model, const struct factor_row *row)
{
    const struct factor_use *uses;
    size_t count = factor_uses_of(arena, model, &uses);
    for (size_t k = 0; k < count; k++)
        if (strcmp(uses[k].table, row->table) == 0 && fits_filter(row, uses[k].filter)) return true;
    return false;
}

size_t factor_models_of(struct arena *arena, const struct model_library *models,
                        const struct factor_row *row, const struct model ***list)
{
    size_t n = 0, all = model_library_count(models);
    const struct model **found = ARENA_NEW_ARRAY(arena, const struct model *, all + 1);
    for (size_t i = 0; i < all && row->enabled; i++)
        if (factor_is_used_by(arena, model_library_at(models, i), row))
            found[n++] = model_library_at(models, i);
    if (n > 1) qsort(found, n, sizeof *found, by_name);
    *list = found;
    return n;
}
