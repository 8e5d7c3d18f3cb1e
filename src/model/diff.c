#include "model/diff.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "model/tree.h"

struct side {
    const struct model *model; /* parsed again: formulas as written */
    char **formulas;           /* of each definition, as its author reads it */
};
struct diff {
    struct changes *changes;
    struct arena *arena;
    struct side a, b;
    struct map renamed; /* name in b → definition of a */
};

void diff_add(struct changes *changes, enum change_kind kind, enum change_class class,
              const char *what, str name, const char *aspect, const char *before, const char *after)
{
    *ARENA_PUSH(changes->arena, changes->list, changes->count, changes->capacity) =
        (struct change){kind, class, what, str_dup(changes->arena, name), aspect, before, after};
}

bool diff_same_meaning(const struct changes *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        if (changes->list[i].class == CHANGE_MEANING) return false;
    return true;
}

static const char *kind_name(const struct definition *d)
{
    static const char *const names[] = {"input", "const", "let", "out", "require", "parameter"};
    return names[d->kind];
}

static const char *text_of(struct arena *arena, str text)
{
    return text.len == 0 ? NULL : str_dup(arena, text);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* ---- one definition ------------------------------------------------------------------------ */

static void aspect(struct diff *f, enum change_class class, const struct definition *d,
                   const char *name, const char *before, const char *after)
{
    if (!same_text(before, after))
        diff_add(f->changes, CHANGE_CHANGED, class, kind_name(d), d->name, name, before, after);
}

static char *exact_unit(struct diff *f, const struct side *side, const struct definition *d)
{
    static const char *const types[] = {"number", "flag", "text", "date", "choice"};
    struct buf *out = buf_new(f->arena);
    if (!d->has_type) return "";
    buf_puts(out, types[d->type]);
    if (d->type == MODEL_NUMBER) tree_put_unit(out, side->model, &d->unit);
    return str_dup(f->arena, buf_str(out));
}

static char *shown_unit(struct diff *f, const struct definition *d)
{
    static const char *const types[] = {"", "flag", "text", "date", "choice"};
    if (!d->has_type) return NULL;
    if (d->type != MODEL_NUMBER) return arena_strdup(f->arena, types[d->type]);
    return str_dup(f->arena, d->unit_text);
}

static char *number_text(struct diff *f, const struct definition *d, double value)
{
    char text[NUM_TEXT_MAX];
    num_format(value, text);
    if (d->unit_text.len == 0 || str_is(d->unit_text, "1")) return arena_strdup(f->arena, text);
    return arena_printf(f->arena, "%s %.*s", text, STR_ARG(d->unit_text));
}

static char *default_text(struct diff *f, const struct definition *d)
{
    if (!d->has_default) return NULL;
    if (d->type == MODEL_NUMBER) return number_text(f, d, d->default_value);
    return str_dup(f->arena, d->default_text);
}

/* "> 5" is kept as the next number above 5; it is shown as written. */
static char *bound_text(struct diff *f, const struct definition *d, double value, bool least)
{
    char text[NUM_TEXT_MAX], open[NUM_TEXT_MAX];
    double beside = nextafter(value, least ? -INFINITY : INFINITY);
    num_format(value, text);
    num_format(beside, open);
    bool strict = strlen(open) + 4 < strlen(text) || (beside == 0 && value != 0);
    return arena_printf(f->arena, "%s%s %s", least ? ">" : "<", strict ? "" : "=",
                        number_text(f, d, strict ? beside : value));
}

static bool same_number(const struct definition *a, const struct definition *b, double x, double y)
{
    double before = x * (a->unit.num / a->unit.den), after = y * (b->unit.num / b->unit.den);
    return fabs(before - after) <= 1e-12 * fabs(before);
}

static void numbers(struct diff *f, const struct definition *a, const struct definition *b)
{
    bool numeric = a->type == MODEL_NUMBER && b->type == MODEL_NUMBER;
    bool same = numeric && a->has_default && b->has_default &&
                same_number(a, b, a->default_value, b->default_value);
    if (!same) aspect(f, CHANGE_MEANING, a, "default", default_text(f, a), default_text(f, b));
    if (!numeric) return;
    if (!(a->has_min && b->has_min && same_number(a, b, a->min, b->min)))
        aspect(f, CHANGE_MEANING, a, "minimum", a->has_min ? bound_text(f, a, a->min, true) : NULL,
               b->has_min ? bound_text(f, b, b->min, true) : NULL);
    if (!(a->has_max && b->has_max && same_number(a, b, a->max, b->max)))
        aspect(f, CHANGE_MEANING, a, "maximum", a->has_max ? bound_text(f, a, a->max, false) : NULL,
               b->has_max ? bound_text(f, b, b->max, false) : NULL);
}

static char *choices_text(struct diff *f, const struct definition *d, bool labels)
{
    struct buf *out = buf_new(f->arena);
    for (size_t i = 0; i < d->choice_count; i++) {
        buf_printf(out, "%s%s", i == 0 ? "" : ", ", d->choices[i].id);
        if (labels)
            buf_printf(out, " \"%s\" zh \"%s\"", d->choices[i].label.en, d->choices[i].label.zh);
    }
    return d->choice_count == 0 ? NULL : str_dup(f->arena, buf_str(out));
}

static char *post_text(struct diff *f, const struct definition *d)
{
    struct buf *out = buf_new(f->arena);
    if (d->post.len == 0) return NULL;
    buf_put_str(out, d->post);
    for (size_t i = 0; i < d->pair_count; i++)
        buf_printf(out, " %s %s", d->pairs[i].key, d->pairs[i].value.en);
    return str_dup(f->arena, buf_str(out));
}

static char *spread_text(struct diff *f, const struct side *side, const struct definition *d)
{
    static const char *const shapes[] = {"normal", "lognormal", "triangular", "uniform"};
    if (d->spread == NULL) return NULL;
    return arena_printf(f->arena, "%s %s", shapes[d->spread_shape],
                        tree_formula(f->arena, side->model, d->spread));
}

static size_t position(const struct side *side, const struct definition *d)
{
    size_t i = 0;
    while (side->model->definitions[i] != d) i++;
    return i;
}

static bool same_formula(struct diff *f, const struct definition *a, const struct definition *b)
{
    return strcmp(tree_exact(f->arena, f->a.model, a->expr),
                  tree_exact(f->arena, f->b.model, b->expr)) == 0;
}

static void compare_definitions(struct diff *f, const struct definition *a,
                                const struct definition *b)
{
    static const char *const periods[] = {"month", "year", "once"};
    if (a->kind != b->kind) aspect(f, CHANGE_MEANING, a, "statement", kind_name(a), kind_name(b));
    aspect(f, CHANGE_MEANING, a, "index", text_of(f->arena, a->index_name),
           text_of(f->arena, b->index_name));
    if (strcmp(exact_unit(f, &f->a, a), exact_unit(f, &f->b, b)) != 0)
        diff_add(f->changes, CHANGE_CHANGED, CHANGE_MEANING, kind_name(a), a->name,
                 a->type == MODEL_NUMBER && b->type == MODEL_NUMBER ? "unit" : "type",
                 shown_unit(f, a), shown_unit(f, b));
    aspect(f, CHANGE_MEANING, a, "choices", choices_text(f, a, false), choices_text(f, b, false));
    numbers(f, a, b);
    if (a->kind == DEFINE_INPUT && b->kind == DEFINE_INPUT)
        aspect(f, CHANGE_MEANING, a, "period", periods[a->period], periods[b->period]);
    aspect(f, CHANGE_MEANING, a, "from", text_of(f->arena, a->from), text_of(f->arena, b->from));
    if (!same_formula(f, a, b))
        diff_add(f->changes, CHANGE_CHANGED, CHANGE_MEANING, kind_name(a), a->name, "formula",
                 f->a.formulas[position(&f->a, a)], f->b.formulas[position(&f->b, b)]);
    aspect(f, CHANGE_MEANING, a, "uncertainty", spread_text(f, &f->a, a), spread_text(f, &f->b, b));
    aspect(f, CHANGE_MEANING, a, "post", post_text(f, a), post_text(f, b));
    aspect(f, CHANGE_DOCUMENTS, a, "clause", text_of(f->arena, a->clause),
           text_of(f->arena, b->clause));
    aspect(f, CHANGE_DOCUMENTS, a, "source", text_of(f->arena, a->source),
           text_of(f->arena, b->source));
    aspect(f, CHANGE_DOCUMENTS, a, "label", text_of(f->arena, a->label),
           text_of(f->arena, b->label));
    aspect(f, CHANGE_DOCUMENTS, a, "label zh", text_of(f->arena, a->label_zh),
           text_of(f->arena, b->label_zh));
    aspect(f, CHANGE_DOCUMENTS, a, "help", text_of(f->arena, a->help), text_of(f->arena, b->help));
    aspect(f, CHANGE_DOCUMENTS, a, "help zh", text_of(f->arena, a->help_zh),
           text_of(f->arena, b->help_zh));
    if (same_text(choices_text(f, a, false), choices_text(f, b, false)))
        aspect(f, CHANGE_DOCUMENTS, a, "labels of choices", choices_text(f, a, true),
               choices_text(f, b, true));
}

/* ---- names --------------------------------------------------------------------------------- */

static void rename_in(struct expr *expr, str from, str to)
{
    bool name = expr->kind == EXPR_NAME || (expr->kind == EXPR_KEYED && expr->field.len == 0);
    if (name && str_equal(expr->name, from)) expr->name = to;
    for (size_t i = 0; i < expr->count; i++) rename_in(expr->args[i], from, to);
}

static void rename_all(const struct model *model, str from, str to)
{
    for (size_t i = 0; i < model->definition_count; i++)
        if (model->definitions[i]->expr != NULL) rename_in(model->definitions[i]->expr, from, to);
}

static const struct definition *twin(const struct diff *f, const struct definition *a)
{
    const struct definition *b = model_find(f->b.model, a->name);
    if (b != NULL) return b;
    for (size_t i = 0; i < f->renamed.count; i++)
        if (f->renamed.entries[i].value == a)
            return model_find(f->b.model, f->renamed.entries[i].key);
    return NULL;
}

static bool looks_renamed(struct diff *f, const struct definition *a, const struct definition *b)
{
    if (a->kind != b->kind || !str_equal(a->index_name, b->index_name) ||
        strcmp(exact_unit(f, &f->a, a), exact_unit(f, &f->b, b)) != 0)
        return false;
    if (a->expr == NULL)
        return a->label.len != 0 && str_equal(a->label, b->label) && str_equal(a->from, b->from);
    return a->expr->count != 0 && same_formula(f, a, b);
}

/* A definition that left and one that came with the same formula are one that was renamed; then
 * formulas that name it may prove the same too. */
static void find_renamed(struct diff *f)
{
    const struct model *a = f->a.model, *b = f->b.model;
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < a->definition_count; i++) {
            const struct definition *gone = a->definitions[i], *found = NULL;
            size_t candidates = 0;
            if (twin(f, gone) != NULL) continue;
            for (size_t k = 0; k < b->definition_count; k++) {
                const struct definition *came = b->definitions[k];
                if (model_find(a, came->name) != NULL || map_has(&f->renamed, came->name) ||
                    !looks_renamed(f, gone, came))
                    continue;
                found = came;
                candidates++;
            }
            if (candidates != 1) continue;
            map_put(&f->renamed, found->name, (void *)(uintptr_t)gone);
            rename_all(b, found->name, gone->name);
            again = true;
        }
    }
}

static const char *summary(struct diff *f, const struct side *side, const struct definition *d)
{
    const char *unit = shown_unit(f, d);
    const char *formula = side->formulas[position(side, d)];
    struct buf *out = buf_new(f->arena);
    if (d->index_name.len != 0) buf_printf(out, "[%.*s] ", STR_ARG(d->index_name));
    if (unit != NULL) buf_printf(out, ": %s", unit);
    if (formula != NULL) buf_printf(out, "%s= %s", out->len == 0 ? "" : " ", formula);
    if (d->expr == NULL && d->has_default) buf_printf(out, " = %s", default_text(f, d));
    return str_dup(f->arena, buf_str(out));
}

static void definitions(struct diff *f)
{
    const struct model *a = f->a.model, *b = f->b.model;
    find_renamed(f);
    for (size_t i = 0; i < a->definition_count; i++) {
        const struct definition *before = a->definitions[i], *after = twin(f, before);
        bool seen = before->kind == DEFINE_INPUT || before->kind == DEFINE_OUT ||
                    before->kind == DEFINE_REQUIRE;
        if (after == NULL) {
            diff_add(f->changes, CHANGE_REMOVED, CHANGE_MEANING, kind_name(before), before->name,
                     "", summary(f, &f->a, before), NULL);
            continue;
        }
        if (!str_equal(before->name, after->name))
            diff_add(f->changes, CHANGE_RENAMED, seen ? CHANGE_MEANING : CHANGE_DOCUMENTS,
                     kind_name(before), before->name, "name", str_dup(f->arena, before->name),
                     str_dup(f->arena, after->name));
        compare_definitions(f, before, after);
    }
    for (size_t i = 0; i < b->definition_count; i++) {
        const struct definition *after = b->definitions[i];
        if (model_find(a, after->name) == NULL && !map_has(&f->renamed, after->name))
            diff_add(f->changes, CHANGE_ADDED, CHANGE_MEANING, kind_name(after), after->name, "",
                     NULL, summary(f, &f->b, after));
    }
}

/* ---- functions, sets, tables, other statements ------------------------------------------------
 */

static char *function_text(struct diff *f, const struct side *side, const struct function *fn,
                           bool exact)
{
    struct buf *out = buf_new(f->arena);
    buf_putc(out, '(');
    for (size_t i = 0; i < fn->count; i++) {
        const struct definition *p = fn->parameters[i];
        buf_printf(out, "%s%.*s: %s", i == 0 ? "" : ", ", STR_ARG(p->name),
                   exact ? exact_unit(f, side, p) : shown_unit(f, p));
    }
    buf_puts(out, ")");
    if (fn->has_type && exact) tree_put_unit(out, side->model, &fn->unit);
    if (fn->has_type && !exact)
        buf_printf(out, " : %s", unit_format(f->arena, side->model->units, &fn->unit));
    buf_printf(out, " = %s",
               exact ? tree_exact(f->arena, side->model, fn->expr)
                     : tree_formula(f->arena, side->model, fn->expr));
    return str_dup(f->arena, buf_str(out));
}

static void functions(struct diff *f)
{
    const struct model *a = f->a.model, *b = f->b.model;
    for (size_t i = 0; i < a->function_count; i++) {
        const struct function *before = a->functions[i],
                              *after = model_find_function(b, before->name);
        char *shown = function_text(f, &f->a, before, false);
        if (after == NULL)
            diff_add(f->changes, CHANGE_REMOVED, CHANGE_MEANING, "function", before->name, "",
                     shown, NULL);
        else if (strcmp(function_text(f, &f->a, before, true),
                        function_text(f, &f->b, after, true)) != 0)
            diff_add(f->changes, CHANGE_CHANGED, CHANGE_MEANING, "function", before->name,
                     "formula", shown, function_text(f, &f->b, after, false));
    }
    for (size_t i = 0; i < b->function_count; i++)
        if (model_find_function(a, b->functions[i]->name) == NULL)
            diff_add(f->changes, CHANGE_ADDED, CHANGE_MEANING, "function", b->functions[i]->name,
                     "", NULL, function_text(f, &f->b, b->functions[i], false));
}

static char *members(struct diff *f, const struct index *index, bool labels)
{
    struct buf *out = buf_new(f->arena);
    for (size_t i = 0; i < index->count; i++) {
        buf_printf(out, "%s%s", i == 0 ? "" : ", ", index->keys[i].id);
        if (labels)
            buf_printf(out, " \"%s\" zh \"%s\"", index->keys[i].label.en, index->keys[i].label.zh);
    }
    return str_dup(f->arena, buf_str(out));
}

static void sets(struct diff *f)
{
    const struct model *a = f->a.model, *b = f->b.model;
    for (size_t i = 0; i < a->index_count; i++) {
        const struct index *before = a->indexes[i], *after = model_find_index(b, before->name);
        if (before->table != NULL) continue;
        if (after == NULL || after->table != NULL) {
            diff_add(f->changes, CHANGE_REMOVED, CHANGE_MEANING, "set", before->name, "",
                     members(f, before, false), NULL);
            continue;
        }
        const char *x = members(f, before, false), *y = members(f, after, false);
        if (strcmp(x, y) != 0)
            diff_add(f->changes, CHANGE_CHANGED, CHANGE_MEANING, "set", before->name, "members", x,
                     y);
        else if (strcmp(members(f, before, true), members(f, after, true)) != 0)
            diff_add(f->changes, CHANGE_CHANGED, CHANGE_DOCUMENTS, "set", before->name, "labels",
                     members(f, before, true), members(f, after, true));
    }
    for (size_t i = 0; i < b->index_count; i++) {
        const struct index *after = b->indexes[i], *before = model_find_index(a, after->name);
        if (after->table == NULL && (before == NULL || before->table != NULL))
            diff_add(f->changes, CHANGE_ADDED, CHANGE_MEANING, "set", after->name, "", NULL,
                     members(f, after, false));
    }
}

static void tables(struct diff *f)
{
    const struct model *a = f->a.model, *b = f->b.model;
    for (size_t i = 0; i < a->table_count; i++) {
        const struct table *before = a->tables[i], *after = model_find_table(b, before->name);
        const char *x = tree_statement(f->arena, a, "table", before->name);
        if (after == NULL) {
            diff_add(f->changes, CHANGE_REMOVED, CHANGE_MEANING, "table", before->name, "", x,
                     NULL);
            continue;
        }
        diff_tables(f->changes, a, b, before, after);
    }
    for (size_t i = 0; i < b->table_count; i++)
        if (model_find_table(a, b->tables[i]->name) == NULL)
            diff_add(f->changes, CHANGE_ADDED, CHANGE_MEANING, "table", b->tables[i]->name, "",
                     NULL, tree_statement(f->arena, b, "table", b->tables[i]->name));
}

/* Whether the token begins a statement that has no comparison of its own (measure and the like). */
static bool is_other(const struct token *token, bool first)
{
    static const char *const own[] = {
        "model", "kind",  "title", "source", "entity", "valid",   "applies",  "meta",    "table",
        "set",   "input", "const", "let",    "out",    "require", "function", "example", "expect"};
    static const struct {
        const char *word;
        const char *group;
    } words[] = {
#define KEYWORD(word, group, reserved) {#word, #group},
#include "model/keyword.def"
#undef KEYWORD
    };
    if (token->kind != TOKEN_NAME || (!first && token[-1].kind != TOKEN_END)) return false;
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (token_is(token, own[i])) return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (token_is(token, words[i].word)) return strcmp(words[i].group, "STATEMENT") == 0;
    return false;
}

/* They are compared word by word. */
static void others(struct diff *f)
{
    const struct model *models[] = {f->a.model, f->b.model};
    for (int side = 0; side < 2; side++) {
        const struct model *here = models[side], *there = models[1 - side];
        for (size_t i = 0; i + 1 < here->token_count; i++) {
            const struct token *token = &here->tokens[i];
            if (!is_other(token, i == 0)) continue;
            const char *word = str_dup(f->arena, token->text);
            str name = tree_statement_name(token);
            const char *x = tree_statement(f->arena, here, word, name);
            const char *y = tree_statement(f->arena, there, word, name);
            bool both = y[0] != '\0';
            if (strcmp(x, y) == 0 || (side == 1 && both)) continue;
            diff_add(f->changes,
                     both        ? CHANGE_CHANGED
                     : side == 0 ? CHANGE_REMOVED
                                 : CHANGE_ADDED,
                     CHANGE_MEANING, word, name, both ? "statement" : "", side == 0 ? x : NULL,
                     side == 1 ? x
                     : both    ? y
                               : NULL);
        }
    }
}

/* ---- the model itself, examples -----------------------------------------------------------------
 */

static void property(struct diff *f, enum change_class class, const char *name, str before,
                     str after)
{
    if (!str_equal(before, after))
        diff_add(f->changes, CHANGE_CHANGED, class, "model", (str){"", 0}, name,
                 text_of(f->arena, before), text_of(f->arena, after));
}

static str validity(struct diff *f, const struct model *model)
{
    char from[DATE_TEXT_MAX] = "", to[DATE_TEXT_MAX] = "";
    if (model->info.valid_from.day != INT32_MIN) date_format(model->info.valid_from, from);
    if (model->info.valid_to.day != INT32_MAX) date_format(model->info.valid_to, to);
    return str_trim(str_from(arena_printf(f->arena, "%s .. %s", from, to)));
}

static str industries(struct diff *f, const struct model *model)
{
    struct buf *out = buf_new(f->arena);
    for (size_t i = 0; i < model->industry_count; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : ", ", model->industries[i]);
    return out->len == 0 ? (str){"", 0} : buf_str(out);
}

static const struct model_meta *meta_of(const struct model *model, const char *key)
{
    for (size_t i = 0; i < model->meta_count; i++)
        if (strcmp(model->metas[i].key, key) == 0) return &model->metas[i];
    return NULL;
}

static void metas(struct diff *f)
{
    const struct model *a = f->a.model, *b = f->b.model;
    for (size_t i = 0; i < a->meta_count; i++) {
        const struct model_meta *before = &a->metas[i], *after = meta_of(b, before->key);
        const char *name = arena_printf(f->arena, "meta %s", before->key);
        property(f, CHANGE_MEANING, name, str_from(before->value.en),
                 after == NULL ? (str){"", 0} : str_from(after->value.en));
        if (after != NULL && strcmp(before->value.en, after->value.en) == 0)
            property(f, CHANGE_DOCUMENTS, name, str_from(before->value.zh),
                     str_from(after->value.zh));
    }
    for (size_t i = 0; i < b->meta_count; i++)
        if (meta_of(a, b->metas[i].key) == NULL)
            property(f, CHANGE_MEANING, arena_printf(f->arena, "meta %s", b->metas[i].key),
                     (str){"", 0}, str_from(b->metas[i].value.en));
}

static char *example_text(struct diff *f, const struct model *model, const struct example *example)
{
    size_t i = 0;
    while (&model->tokens[i] != example->token) i++;
    struct buf *out = buf_new(f->arena);
    for (i++; model->tokens[i].kind != TOKEN_EOF && !token_is(&model->tokens[i], "example"); i++) {
        const struct token *token = &model->tokens[i];
        bool end = token->kind == TOKEN_END || token_is(token, ";");
        if (end && (out->len == 0 || str_ends(buf_str(out), "; "))) continue;
        if (token->spaced && !end && out->len != 0 && !str_ends(buf_str(out), " "))
            buf_putc(out, ' ');
        buf_put_str(out, end ? STR("; ") : str_slice(model->text, token->from, token->to));
    }
    str text = str_trim(buf_str(out));
    return str_dup(f->arena, str_slice(text, 0, text.len - (str_ends(text, ";") ? 1 : 0)));
}

static const struct example *example_of(const struct model *model, str name)
{
    for (size_t i = 0; i < model->example_count; i++)
        if (str_equal(model->examples[i]->name, name)) return model->examples[i];
    return NULL;
}

static void examples(struct diff *f)
{
    const struct model *a = f->a.model, *b = f->b.model;
    for (size_t i = 0; i < a->example_count; i++) {
        const struct example *before = a->examples[i], *after = example_of(b, before->name);
        char *x = example_text(f, a, before);
        char *y = after == NULL ? NULL : example_text(f, b, after);
        if (!same_text(x, y))
            diff_add(f->changes, after == NULL ? CHANGE_REMOVED : CHANGE_CHANGED, CHANGE_EXAMPLES,
                     "example", before->name, after == NULL ? "" : "lines", x, y);
    }
    for (size_t i = 0; i < b->example_count; i++)
        if (example_of(a, b->examples[i]->name) == NULL)
            diff_add(f->changes, CHANGE_ADDED, CHANGE_EXAMPLES, "example", b->examples[i]->name, "",
                     NULL, example_text(f, b, b->examples[i]));
}

static struct side read_side(struct arena *arena, const struct model *model)
{
    struct model *parsed =
        library_parse_text(model->library, model->path, model->text, false, NULL);
    CHECK(parsed != NULL);
    struct side side = {parsed, ARENA_NEW_ARRAY(arena, char *, parsed->definition_count + 1)};
    for (size_t i = 0; i < parsed->definition_count; i++)
        if (parsed->definitions[i]->expr != NULL)
            side.formulas[i] = tree_formula(arena, parsed, parsed->definitions[i]->expr);
    return side;
}

void diff_models(struct changes *changes, const struct model *a, const struct model *b)
{
    struct diff f = {.changes = changes, .arena = changes->arena};
    f.a = read_side(f.arena, a);
    f.b = read_side(f.arena, b);
    map_init(&f.renamed, f.arena);
    property(&f, CHANGE_MEANING, "kind", a->kind, b->kind);
    property(&f, CHANGE_MEANING, "entity", a->entity, b->entity);
    property(&f, CHANGE_MEANING, "valid", validity(&f, a), validity(&f, b));
    property(&f, CHANGE_MEANING, "applies to industry", industries(&f, a), industries(&f, b));
    metas(&f);
    property(&f, CHANGE_DOCUMENTS, "title", a->title, b->title);
    property(&f, CHANGE_DOCUMENTS, "title zh", a->title_zh, b->title_zh);
    property(&f, CHANGE_DOCUMENTS, "source", a->source, b->source);
    tables(&f);
    sets(&f);
    definitions(&f);
    functions(&f);
    others(&f);
    examples(&f);
}
