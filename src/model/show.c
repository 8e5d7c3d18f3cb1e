#include "model/show.h"

#include <string.h>

#include "model/mathml.h"
#include "model/tree.h"

static bool is_any(str name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (str_is(name, *names)) return true;
    return false;
}

size_t show_tables(struct arena *arena, const struct model *parsed, struct show_table **tables)
{
    static const char *const sources[] = {"publisher",    "document",   "clause",
                                          "published_on", "valid_from", "valid_to",
                                          "confidence",   "note",       NULL};
    static const char *const own[] = {"id", "name_en", "name_zh", "enabled", NULL};
    struct show_table *all = ARENA_NEW_ARRAY(arena, struct show_table, parsed->table_count + 1);
    for (size_t i = 0; i < parsed->table_count; i++) {
        const struct table *table = parsed->tables[i];
        size_t columns = (size_t)table->column_count + 1;
        struct show_table *shown = &all[i];
        struct map used;
        *shown = (struct show_table){.table = table,
                                     .columns = ARENA_NEW_ARRAY(arena, int, columns),
                                     .sources = ARENA_NEW_ARRAY(arena, int, columns)};
        map_init(&used, arena);
        tree_used_columns(parsed, table->name, &used, NULL);
        for (int c = 0; c < table->column_count; c++) {
            str name = table->columns[c].name;
            if (is_any(name, own)) continue;
            if (is_any(name, sources))
                shown->sources[shown->source_count++] = c;
            else if (map_has(&used, name) || str_is(name, "unit"))
                shown->columns[shown->column_count++] = c;
        }
    }
    *tables = all;
    return parsed->table_count;
}

const char *show_cell(struct arena *arena, const struct table *table, size_t row, int column)
{
    const struct column *c = &table->columns[column];
    str text = table->cells[row][column], unit = c->unit_text;
    if (text.len == 0) return "";
    if (c->type != MODEL_NUMBER || unit.len == 0 || str_is(unit, "1")) return str_dup(arena, text);
    size_t at;
    if (table->unit >= 0 && str_find(unit, STR("unit"), &at)) {
        str by_row = table->cells[row][table->unit];
        bool brackets = at > 0 && (memchr(by_row.ptr, ' ', by_row.len) != NULL ||
                                   memchr(by_row.ptr, '/', by_row.len) != NULL);
        return arena_printf(arena, brackets ? "%.*s %.*s(%.*s)%.*s" : "%.*s %.*s%.*s%.*s",
                            STR_ARG(text), (int)at, unit.ptr, STR_ARG(by_row),
                            STR_ARG(str_slice(unit, at + 4, unit.len)));
    }
    return arena_printf(arena, "%.*s %.*s", STR_ARG(text), STR_ARG(unit));
}

static void fill_formula(struct arena *arena, const struct model *model, const struct model *parsed,
                         const struct definition *d, bool zh, struct model_formula *formula)
{
    static const char *const kinds[] = {"input", "const", "let", "out", "require", ""};
    const struct definition *checked = model_find(model, d->name);
    struct buf *math = buf_new(arena);
    mathml_definition(math, parsed, d, zh);
    *formula = (struct model_formula){
        .name = d->index_name.len == 0
                    ? str_dup(arena, d->name)
                    : arena_printf(arena, "%.*s[%.*s]", STR_ARG(d->name), STR_ARG(d->index_name)),
        .kind = kinds[d->kind],
        .label.en = str_dup(arena, d->label.len != 0 ? d->label : d->name),
        .unit = checked->type == MODEL_NUMBER ? str_dup(arena, checked->unit_text) : NULL,
        .clause = d->clause.len == 0 ? NULL : str_dup(arena, d->clause),
        .expression = tree_formula(arena, parsed, d->expr),
        .mathml = str_dup(arena, buf_str(math))};
    formula->label.zh = d->label_zh.len != 0 ? str_dup(arena, d->label_zh) : formula->label.en;
}

size_t model_formulas(struct arena *arena, const struct model *model, bool zh,
                      const struct model_formula **formulas)
{
    struct error unreadable = {0};
    size_t count = 0;
    struct model_library *library = library_open_bare((const char *const *)model->library->roots,
                                                      model->library->root_count, &unreadable);
    if (library == NULL) return 0;
    const struct model *parsed = library_parse_text(library, model->path, model->text, true, NULL);
    struct model_formula *all =
        ARENA_NEW_ARRAY(arena, struct model_formula, parsed->definition_count + 1);
    for (size_t i = 0; i < parsed->definition_count; i++)
        if (parsed->definitions[i]->expr != NULL)
            fill_formula(arena, model, parsed, parsed->definitions[i], zh, &all[count++]);
    model_library_close(library);
    *formulas = all;
    return count;
}
