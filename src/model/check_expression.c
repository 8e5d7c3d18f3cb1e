/* Types, units and indexes of expressions. A tree is changed in place: functions are put where they
 * are called, conversions where two sizes of one dimension meet. */
#include <string.h>

#include "model/check.h"

static const char *const type_names[] = {"a number", "true or false", "a text", "a date", "a text"};

bool check_wrong(struct model *model, struct expr *expr, const char *rule, const char *hint,
                 char *message)
{
    expr->broken = true;
    model_report(model, expr->token, rule, hint, "%s", message);
    return false;
}

char *check_unit_text(struct model *model, const struct expr *expr)
{
    return SAY("%s (%s)", unit_format(model->arena, model->units, &expr->unit),
               unit_describe(model->arena, model->units, &expr->unit));
}

bool expression_is_zero(const struct expr *expr)
{
    return expr->kind == EXPR_NUMBER && !expr->has_unit && expr->number == 0;
}

struct expr *check_make(struct model *model, enum expr_kind kind, const struct expr *like)
{
    model->nodes++;
    struct expr *expr = ARENA_NEW(model->arena, struct expr);
    *expr = (struct expr){.kind = kind,
                          .token = like->token,
                          .text = like->text,
                          .from = like->from,
                          .to = like->to,
                          .unit = unit_one(),
                          .column = -1,
                          .key_number = -1,
                          .reg = -1,
                          .height = like->height + 1,
                          .depth = like->depth + 1};
    return expr;
}

static bool too_deep(struct model *model, struct expr *expr)
{
    if (expr->height > TREE_HEIGHT_MAX)
        return check_wrong(
            model, expr, "depth", "give a part a name of its own, with let",
            SAY("With functions put in place this formula is more than %d deep.", TREE_HEIGHT_MAX));
    return check_wrong(model, expr, "depth", "take fewer steps from the inputs to the result",
                       SAY("This rests on more than %d steps, one behind the other.", DEPTH_MAX));
}

bool check_measure_depth(struct model *model, struct expr *expr)
{
    expr->height = 0;
    expr->depth = expr->definition == NULL ? 0 : expr->definition->depth + 1;
    for (size_t i = 0; i < expr->count; i++) {
        const struct expr *part = expr->args[i];
        if (part->height >= expr->height) expr->height = part->height + 1;
        if (part->depth >= expr->depth) expr->depth = part->depth + 1;
    }
    return (expr->height <= TREE_HEIGHT_MAX && expr->depth <= DEPTH_MAX) || too_deep(model, expr);
}

struct expr *expression_convert(struct model *model, struct expr *expr, const struct unit *unit)
{
    if (expression_is_zero(expr) || unit_ratio(&expr->unit, unit) == 1) return expr;
    struct expr *convert = check_make(model, EXPR_CONVERT, expr);
    convert->args = ARENA_NEW(model->arena, struct expr *);
    convert->args[0] = expr;
    convert->count = 1;
    convert->number = unit_ratio(&expr->unit, unit);
    convert->unit = *unit;
    convert->type = MODEL_NUMBER;
    convert->index = expr->index;
    convert->uniform = expr->uniform;
    convert->checked = true;
    return convert;
}

/* The index of the whole is that of its parts; two different ones can't meet. */
static bool join_index(struct model *model, struct expr *expr)
{
    expr->uniform = true;
    for (size_t i = 0; i < expr->count; i++) {
        const struct index *index = expr->args[i]->index;
        expr->uniform = expr->uniform && expr->args[i]->uniform;
        if (index == NULL) continue;
        if (expr->index != NULL && expr->index != index)
            return check_wrong(model, expr, "index", NULL,
                               SAY("One part goes by %.*s, another by %.*s; sum one of them first.",
                                   STR_ARG(expr->index->name), STR_ARG(index->name)));
        expr->index = index;
    }
    return true;
}

bool check_want_type(struct model *model, struct expr *expr, struct expr *part,
                     enum model_type type)
{
    if (part->type == type) return true;
    return check_wrong(model, expr, "type-mismatch", NULL,
                       SAY("%s is wanted here, found %s: %s.", type_names[type],
                           type_names[part->type], expression_text(model->arena, model, part)));
}

/* Brings args[from..] (every `step`-th) to one unit, that of the first that is not a bare 0. */
static bool unify(struct model *model, struct expr *expr, size_t from, size_t step,
                  struct unit *unit, enum model_type *type)
{
    size_t lead = from;
    while (lead + step < expr->count && expression_is_zero(expr->args[lead])) lead += step;
    struct expr *first = expr->args[lead];
    *unit = first->unit;
    *type = first->type;
    for (size_t i = from; i < expr->count; i += step) {
        struct expr *part = expr->args[i];
        if (part->type != first->type)
            return check_wrong(
                model, expr, "type-mismatch", NULL,
                SAY("%s is %s, %s is %s.", expression_text(model->arena, model, first),
                    type_names[first->type], expression_text(model->arena, model, part),
                    type_names[part->type]));
        if (part->type != MODEL_NUMBER || expression_is_zero(part)) continue;
        if (!unit_same_dimension(&part->unit, unit))
            return check_wrong(
                model, expr, "unit-mismatch",
                unit_hint(model->arena, model->units, &part->unit, unit),
                SAY("%s is in %s, %s is in %s.", expression_text(model->arena, model, first),
                    check_unit_text(model, first), expression_text(model->arena, model, part),
                    check_unit_text(model, part)));
        expr->args[i] = expression_convert(model, part, unit);
    }
    return true;
}

static bool want_plain(struct model *model, struct expr *expr, size_t at)
{
    struct expr *part = expr->args[at];
    struct unit one = unit_one();
    if (!check_want_type(model, expr, part, MODEL_NUMBER)) return false;
    if (!unit_is_one(&part->unit))
        return check_wrong(model, expr, "unit-mismatch", "divide by a quantity of the same unit",
                           SAY("A plain number is wanted here, %s is in %s.",
                               expression_text(model->arena, model, part),
                               check_unit_text(model, part)));
    expr->args[at] = expression_convert(model, part, &one);
    return true;
}

/* ---- names -------------------------------------------------------------------------------- */

static bool unknown(struct model *model, struct expr *expr)
{
    return check_wrong(model, expr, "unknown-name", model_nearest(model, expr->name),
                       SAY("Nothing is named %.*s.", STR_ARG(expr->name)));
}

bool check_use_definition(struct model *model, struct expr *expr, struct definition *d)
{
    if (!check_definition(model, d)) {
        expr->broken = true;
        return false;
    }
    expr->definition = d;
    expr->type = d->type == MODEL_CHOICE ? MODEL_TEXT : d->type;
    expr->unit = d->unit;
    expr->index = d->index;
    expr->uniform = d->expr != NULL && d->expr->uniform;
    return true;
}

static bool check_name(struct model *model, struct expr *expr)
{
    struct definition *d = model_find(model, expr->name);
    if (d != NULL) return check_use_definition(model, expr, d);
    struct index *index = model_find_index(model, expr->name);
    if (index == NULL) return unknown(model, expr);
    expr->kind = EXPR_COLUMN; /* the name of an index alone is the current key */
    expr->index = index;
    expr->type = MODEL_TEXT;
    expr->uniform = true;
    return true;
}

bool check_find_column(struct model *model, struct expr *expr)
{
    expr->table = model_find_table(model, expr->name);
    if (expr->table == NULL) {
        if (model_find(model, expr->name) != NULL || model_find_index(model, expr->name) != NULL)
            return check_wrong(model, expr, "unknown-column", NULL,
                               SAY("%.*s is not a table and has no column %.*s.",
                                   STR_ARG(expr->name), STR_ARG(expr->field)));
        return unknown(model, expr);
    }
    expr->column = table_column(expr->table, expr->field);
    if (expr->column < 0) {
        str best = {"", 0};
        size_t least = expr->field.len / 2 + 2;
        for (int i = 0; i < expr->table->column_count; i++) {
            size_t distance = text_distance(expr->field, expr->table->columns[i].name, least);
            if (distance >= least) continue;
            least = distance;
            best = expr->table->columns[i].name;
        }
        return check_wrong(model, expr, "unknown-column",
                           best.len == 0 ? NULL : SAY("did you mean %.*s?", STR_ARG(best)),
                           SAY("%s has no column %.*s.", expr->table->path, STR_ARG(expr->field)));
    }
    const struct column *column = &expr->table->columns[expr->column];
    expr->type = column->type;
    expr->unit = column->unit;
    return true;
}

/* Two rows that a run could not tell apart: one key, published on one day. Rows of a key stand
 * together in by_id, in file order. */
static bool find_twins(const struct table *table, size_t *one, size_t *other)
{
    for (size_t i = 0; i < table->row_count; i++) {
        size_t row = table->by_id[i].row;
        if (!table->enabled[row] || table->by_id[i].id.len == 0) continue;
        for (size_t k = i + 1; k < table->row_count && k - i < ROWS_OF_KEY_MAX; k++) {
            if (!str_equal(table->by_id[k].id, table->by_id[i].id)) break;
            *one = row;
            *other = table->by_id[k].row;
            bool same = table->published[*one] == table->published[*other];
            if (table->enabled[*other] && (same || k - i + 1 == ROWS_OF_KEY_MAX)) return true;
        }
    }
    return false;
}

static bool unique_rows(struct model *model, struct expr *expr, const struct index *index)
{
    struct table *table = (struct table *)expr->table; /* of this library, still loading */
    size_t one, other;
    if (!table->twins_sought && find_twins(table, &one, &other)) {
        return check_wrong(
            model, expr, "duplicate-key", "filter the table with where, or use lookup(…)",
            SAY("%s has two rows for %.*s \"%.*s\" (lines %lld and %lld), so %.*s.%.*s "
                "means neither.",
                table->path, STR_ARG(index->name), STR_ARG(table->cells[one][table->id]),
                (long long)table->lines[one], (long long)table->lines[other], STR_ARG(expr->name),
                STR_ARG(expr->field)));
    }
    table->twins_sought = true;
    return true;
}

/* alias.output of a used model. */
static bool check_used(struct model *model, struct expr *expr)
{
    str whole = str_from(SAY("%.*s.%.*s", STR_ARG(expr->name), STR_ARG(expr->field)));
    struct definition *d = model_find(model, whole);
    if (d == NULL || !d->exported)
        return check_wrong(
            model, expr, "unknown-name", NULL,
            SAY("%.*s has no output %.*s.", STR_ARG(expr->name), STR_ARG(expr->field)));
    expr->kind = EXPR_NAME;
    expr->name = whole;
    expr->field = (str){"", 0};
    return check_use_definition(model, expr, d);
}

static bool check_column(struct model *model, struct expr *expr)
{
    if (model_find_use(model, expr->name) != NULL) return check_used(model, expr);
    if (!check_find_column(model, expr)) return false;
    expr->index = model_find_index(model, expr->name);
    if (expr->table->id < 0)
        return check_wrong(model, expr, "unknown-column", "use lookup(…)",
                           SAY("%s has no column id, so its rows have no key.", expr->table->path));
    return unique_rows(model, expr, expr->index);
}

static bool find_key(struct model *model, struct expr *expr, const struct index *index)
{
    uintptr_t known = (uintptr_t)map_get(&index->numbers, expr->key);
    if (known == 0)
        return check_wrong(
            model, expr, "unknown-key", NULL,
            SAY("%.*s has no member \"%.*s\".", STR_ARG(index->name), STR_ARG(expr->key)));
    expr->key_number = (int)known - 1;
    return true;
}

static struct unit *key_unit(const struct index *index, int key)
{
    const struct table *table = index->table;
    long row = table == NULL ? -1 : table_id_row(table, str_from(index->keys[key].id));
    return row >= 0 && table->has_unit[row] ? &table->row_units[row] : NULL;
}

bool expression_key_unit(struct model *model, const struct index *index, int key, struct unit *unit)
{
    uint16_t base;
    const struct unit *row = key_unit(index, key);
    return row == NULL || !unit_has_row(model->units, unit, &base) ||
           base != index->table->row_base || unit_replace_row(unit, base, row);
}

/* name[key] and table[key].column: the row's unit is known, so it is put in. */
static bool check_keyed(struct model *model, struct expr *expr)
{
    const struct index *index;
    struct definition *d = expr->field.len == 0 ? model_find(model, expr->name) : NULL;
    if (expr->field.len == 0) {
        if (d == NULL || (d->copied && d->expr != NULL && !d->exported))
            return unknown(model, expr);
        if (!check_use_definition(model, expr, d)) return false;
        if (d->index == NULL)
            return check_wrong(model, expr, "index", NULL,
                               SAY("%.*s does not go by an index.", STR_ARG(expr->name)));
        index = d->index;
    } else {
        if (!check_column(model, expr)) return false;
        index = expr->index;
    }
    if (!find_key(model, expr, index)) return false;
    expr->over = index;
    expr->index = NULL;
    return expression_key_unit(model, index, expr->key_number, &expr->unit) ||
           check_wrong(model, expr, "unit", NULL,
                       SAY("The unit of %.*s is too large.", STR_ARG(expr->name)));
}

/* ---- operators ---------------------------------------------------------------------------- */

static bool check_choice(struct model *model, struct expr *expr, const struct expr *name,
                         const struct expr *text)
{
    const struct definition *d = name->kind == EXPR_NAME ? name->definition : NULL;
    if (d == NULL || d->type != MODEL_CHOICE || text->kind != EXPR_TEXT) return true;
    str best = {"", 0};
    size_t least = 100;
    for (size_t i = 0; i < d->choice_count; i++) {
        if (str_is(text->token->text, d->choices[i].id)) return true;
        size_t distance = text_distance(text->token->text, str_from(d->choices[i].id), least);
        if (distance >= least) continue;
        least = distance;
        best = str_from(d->choices[i].id);
    }
    return check_wrong(
        model, expr, "unknown-choice",
        best.len == 0 ? NULL : SAY("did you mean \"%.*s\"?", STR_ARG(best)),
        SAY("%.*s has no choice \"%.*s\".", STR_ARG(d->name), STR_ARG(text->token->text)));
}

static bool check_compare(struct model *model, struct expr *expr)
{
    struct unit unit;
    enum model_type type;
    if (!unify(model, expr, 0, 1, &unit, &type)) return false;
    if (type != MODEL_NUMBER && type != MODEL_DATE && expr->op != OP_EQUAL &&
        expr->op != OP_NOT_EQUAL)
        return check_wrong(model, expr, "type-mismatch", NULL,
                           SAY("Texts and flags have no order; only = and != compare them."));
    expr->type = MODEL_FLAG;
    return check_choice(model, expr, expr->args[0], expr->args[1]) &&
           check_choice(model, expr, expr->args[1], expr->args[0]);
}

static bool check_power(struct model *model, struct expr *expr)
{
    struct expr *power = expr->args[1];
    bool negative = power->kind == EXPR_NEGATE;
    struct expr *literal = negative ? power->args[0] : power;
    if (literal->kind != EXPR_NUMBER || literal->has_unit || literal->number > UNIT_POWER_MAX ||
        literal->number != (double)(int)literal->number)
        return check_wrong(model, expr, "power", NULL,
                           SAY("A power is a whole number up to %d.", UNIT_POWER_MAX));
    expr->number = negative ? -literal->number : literal->number;
    expr->unit = expr->args[0]->unit;
    if (!check_want_type(model, expr, expr->args[0], MODEL_NUMBER)) return false;
    return unit_power(&expr->unit, (int)expr->number) ||
           check_wrong(model, expr, "unit", NULL, SAY("The unit of this power is too large."));
}

static bool check_binary(struct model *model, struct expr *expr)
{
    struct expr *left = expr->args[0], *right = expr->args[1];
    expr->type = MODEL_NUMBER;
    switch (expr->op) {
    case OP_AND:
    case OP_OR:
        expr->type = MODEL_FLAG;
        return check_want_type(model, expr, left, MODEL_FLAG) &&
               check_want_type(model, expr, right, MODEL_FLAG);
    case OP_ADD:
    case OP_SUBTRACT:
        if (expr->op == OP_SUBTRACT && left->type == MODEL_DATE && right->type == MODEL_DATE)
            return unit_parse_text(model->units, model->arena, STR("day"), false, (str){"", 0},
                                   &expr->unit);
        if (!check_want_type(model, expr, left, MODEL_NUMBER) ||
            !check_want_type(model, expr, right, MODEL_NUMBER))
            return false;
        return unify(model, expr, 0, 1, &expr->unit, &expr->type);
    case OP_MULTIPLY:
    case OP_DIVIDE:
        if (!check_want_type(model, expr, left, MODEL_NUMBER) ||
            !check_want_type(model, expr, right, MODEL_NUMBER))
            return false;
        expr->unit = left->unit;
        return unit_multiply(&expr->unit, &right->unit, expr->op == OP_MULTIPLY ? 1 : -1) ||
               check_wrong(model, expr, "unit", NULL,
                           SAY("The unit of this product is too large."));
    case OP_POWER: return check_power(model, expr);
    default: return check_compare(model, expr);
    }
}

static bool check_call_builtin(struct model *model, struct expr *expr)
{
    struct expr *first = expr->args[0];
    expr->type = MODEL_NUMBER;
    switch (expr->op) {
    case OP_MISSING: expr->type = MODEL_FLAG; return true;
    case OP_COALESCE: return unify(model, expr, 0, 1, &expr->unit, &expr->type);
    case OP_EXP:
    case OP_LN: return want_plain(model, expr, 0);
    case OP_ROUND:
        expr->unit = first->unit;
        return check_want_type(model, expr, first, MODEL_NUMBER) &&
               (expr->count < 2 || want_plain(model, expr, 1));
    case OP_ABS: expr->unit = first->unit; return check_want_type(model, expr, first, MODEL_NUMBER);
    case OP_SQRT:
        if (!check_want_type(model, expr, first, MODEL_NUMBER)) return false;
        for (size_t i = 0; i < first->unit.count; i++)
            if (first->unit.terms[i].power % 2 != 0)
                return check_wrong(model, expr, "unit-mismatch", NULL,
                                   SAY("%s has no root.", check_unit_text(model, first)));
        expr->unit = first->unit;
        expr->unit.num = expr->unit.den = 1;
        expr->args[0] =
            expression_convert(model, first, &expr->unit); /* to base units, then the root */
        for (size_t i = 0; i < expr->unit.count; i++) expr->unit.terms[i].power /= 2;
        return true;
    default:
        for (size_t i = 0; i < expr->count; i++)
            if (expr->args[i]->type != MODEL_NUMBER && expr->args[i]->type != MODEL_DATE)
                return check_want_type(model, expr, expr->args[i], MODEL_NUMBER);
        return unify(model, expr, 0, 1, &expr->unit, &expr->type);
    }
}

static bool check_sum(struct model *model, struct expr *expr)
{
    struct expr *what = expr->args[0];
    if (!join_index(model, expr)) return false;
    if (what->index == NULL)
        return check_wrong(model, expr, "index", NULL,
                           SAY("%s does not go by an index, so there is nothing to add up.",
                               expression_text(model->arena, model, what)));
    if (expr->over_name.len != 0 && !str_equal(expr->over_name, what->index->name))
        return check_wrong(model, expr, "index", NULL,
                           SAY("%s goes by %.*s, not by %.*s.",
                               expression_text(model->arena, model, what),
                               STR_ARG(what->index->name), STR_ARG(expr->over_name)));
    expr->index = NULL;
    if (expr->count > 1 && !check_want_type(model, expr, expr->args[1], MODEL_FLAG)) return false;
    expr->type = MODEL_NUMBER;
    if (expr->op == OP_COUNT) return true;
    if (!check_want_type(model, expr, what, MODEL_NUMBER)) return false;
    expr->unit = what->unit;
    if (!unit_has_row(model->units, &what->unit, NULL)) return true;
    return check_wrong(model, expr, "row-unit-left",
                       "multiply by a column that is per unit, such as the net calorific value",
                       SAY("The rows are in different units: %s still holds a row's unit.",
                           check_unit_text(model, what)));
}

static bool check_points(struct model *model, struct expr *expr)
{
    if (expr->count < 5)
        return check_wrong(model, expr, "arguments", NULL,
                           SAY("points needs a value and at least two points."));
    for (size_t i = 0; i < expr->count; i++)
        if (!check_want_type(model, expr, expr->args[i], MODEL_NUMBER)) return false;
    struct unit unit;
    enum model_type type;
    /* The value and the x of each point: args 0, 1, 3, 5 …; the y: 2, 4, 6 … */
    struct expr *x = expr->args[0];
    for (size_t i = 1; i < expr->count; i += 2) {
        struct expr *part = expr->args[i];
        if (expression_is_zero(part)) continue;
        if (!unit_same_dimension(&part->unit, &x->unit))
            return check_wrong(model, expr, "unit-mismatch",
                               unit_hint(model->arena, model->units, &part->unit, &x->unit),
                               SAY("The value is in %s, point %zu in %s.",
                                   check_unit_text(model, x), i / 2 + 1,
                                   check_unit_text(model, part)));
        expr->args[i] = expression_convert(model, part, &x->unit);
    }
    if (!unify(model, expr, 2, 2, &unit, &type)) return false;
    for (size_t i = 3; i < expr->count; i += 2) {
        const struct expr *a = expr->args[i - 2], *b = expr->args[i];
        if (a->kind == EXPR_NUMBER && b->kind == EXPR_NUMBER && a->number >= b->number)
            return check_wrong(model, expr, "points", NULL,
                               SAY("Points go from small to large x."));
    }
    expr->unit = unit;
    expr->type = MODEL_NUMBER;
    return true;
}

static bool check_band(struct model *model, struct expr *expr)
{
    struct unit unit;
    enum model_type type;
    if (!unify(model, expr, 0, 1, &unit, &type)) return false;
    if (type != MODEL_NUMBER && type != MODEL_DATE)
        return check_want_type(model, expr, expr->args[0], MODEL_NUMBER);
    for (size_t i = 0; i < expr->label_count; i++) intern_text(model->texts, expr->labels[i]);
    expr->type = MODEL_TEXT;
    return true;
}

static bool check_case(struct model *model, struct expr *expr)
{
    struct expr *subject = expr->args[0];
    enum model_type type;
    /* Values stand at 1, 3, 5 …; results at 2, 4 … and the last one. */
    size_t last = expr->count - 1, pairs = (expr->count - 2) / 2;
    struct expr *results = check_make(model, EXPR_CASE, expr);
    results->args = ARENA_NEW_ARRAY(model->arena, struct expr *, pairs + 1);
    results->count = pairs + 1;
    for (size_t i = 0; i < pairs; i++) results->args[i] = expr->args[2 + 2 * i];
    results->args[pairs] = expr->args[last];
    for (size_t i = 0; i < pairs; i++) {
        struct expr *value = expr->args[1 + 2 * i];
        if (value->type != subject->type) return check_want_type(model, expr, value, subject->type);
        if (!check_choice(model, value, subject, value)) return false;
        if (subject->type != MODEL_NUMBER || expression_is_zero(value)) continue;
        if (!unit_same_dimension(&value->unit, &subject->unit))
            return check_wrong(model, value, "unit-mismatch", NULL,
                               SAY("%s is in %s, the case is on %s.",
                                   expression_text(model->arena, model, value),
                                   check_unit_text(model, value), check_unit_text(model, subject)));
        expr->args[1 + 2 * i] = expression_convert(model, value, &subject->unit);
    }
    if (!unify(model, results, 0, 1, &expr->unit, &type)) {
        expr->broken = true;
        return false;
    }
    for (size_t i = 0; i < pairs; i++) expr->args[2 + 2 * i] = results->args[i];
    expr->args[last] = results->args[pairs];
    expr->type = type;
    return true;
}

static bool check_if(struct model *model, struct expr *expr)
{
    return check_want_type(model, expr, expr->args[0], MODEL_FLAG) &&
           unify(model, expr, 1, 1, &expr->unit, &expr->type);
}

struct expr *expression_fit(struct model *model, struct expr *call, struct expr *value,
                            enum model_type type, const struct unit *unit, str what)
{
    if (!check_want_type(model, call, value, type)) return NULL;
    if (type != MODEL_NUMBER || expression_is_zero(value)) return value;
    if (!unit_same_dimension(&value->unit, unit)) {
        check_wrong(
            model, call, "unit-mismatch", unit_hint(model->arena, model->units, &value->unit, unit),
            SAY("%.*s is declared in %s, found %s.", STR_ARG(what),
                unit_format(model->arena, model->units, unit), check_unit_text(model, value)));
        return NULL;
    }
    return expression_convert(model, value, unit);
}

static bool check_node(struct model *model, struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_NUMBER: expr->type = MODEL_NUMBER; break;
    case EXPR_TEXT: expr->type = MODEL_TEXT; break;
    case EXPR_FLAG: expr->type = MODEL_FLAG; break;
    case EXPR_DATE: expr->type = MODEL_DATE; break;
    case EXPR_NAME: return check_name(model, expr);
    case EXPR_COLUMN: return check_column(model, expr);
    case EXPR_KEYED: return check_keyed(model, expr);
    case EXPR_NEGATE:
        expr->type = MODEL_NUMBER;
        expr->unit = expr->args[0]->unit;
        return check_want_type(model, expr, expr->args[0], MODEL_NUMBER);
    case EXPR_NOT:
        expr->type = MODEL_FLAG;
        return check_want_type(model, expr, expr->args[0], MODEL_FLAG);
    case EXPR_BINARY: return check_binary(model, expr);
    case EXPR_IF: return check_if(model, expr);
    case EXPR_CASE: return check_case(model, expr);
    case EXPR_CALL: return check_call_builtin(model, expr);
    case EXPR_SUM: return check_sum(model, expr);
    case EXPR_POINTS: return check_points(model, expr);
    case EXPR_BAND: return check_band(model, expr);
    case EXPR_LOOKUP: return check_lookup(model, expr);
    case EXPR_PEERS: return check_peers(model, expr);
    case EXPR_CONVERT: break;
    }
    return true;
}

static bool check_whole(struct model *model, struct expr *expr)
{
    bool fine = true;
    for (size_t i = 0; i < expr->count; i++) fine = check_expression(model, expr->args[i]) && fine;
    if (!fine) {
        expr->broken = true;
        return false;
    }
    if (expr->kind == EXPR_CALL && expr->op == OP_NONE) {
        if (str_is(expr->name, "prev")) return check_prev(model, expr);
        if (str_is(expr->name, "growth")) return check_growth(model, expr);
        if (str_is(expr->name, "gwp") && model_find_function(model, expr->name) == NULL &&
            check_gwp(model, expr))
            return expr->uniform = true;
        if (str_is(expr->name, "gwp")) return false;
        return check_put_function(model, expr);
    }
    if (expr->kind == EXPR_SUM) return check_sum(model, expr);
    if (expr->count != 0 && !join_index(model, expr)) return false;
    if (expr->count == 0) expr->uniform = true;
    return check_node(model, expr) || !(expr->broken = true);
}

bool check_expression(struct model *model, struct expr *expr)
{
    if (expr->checked) return !expr->broken;
    expr->checked = true;
    if (model->nesting >= DEPTH_MAX) return too_deep(model, expr);
    model->nesting++;
    bool fine = check_whole(model, expr) && check_measure_depth(model, expr);
    model->nesting--;
    return fine;
}

const char *expression_text(struct arena *arena, const struct model *model, const struct expr *expr)
{
    (void)model;
    str text = {expr->text + expr->from, expr->to - expr->from};
    char *out = arena_alloc(arena, text.len + 1);
    size_t length = 0;
    bool blank = false, quoted = false;
    for (size_t i = 0; i < text.len; i++) { /* a formula on several lines is shown on one */
        char c = text.ptr[i];
        if (quoted && c == '\\' && i + 1 < text.len) {
            out[length++] = c;
            c = text.ptr[++i];
        } else if (c == '"') {
            quoted = !quoted;
        }
        if (quoted) {
            if (blank) out[length++] = ' ';
            blank = false;
            out[length++] = c;
            continue;
        }
        if (c == '#') {
            while (i < text.len && text.ptr[i] != '\n') i++;
            c = ' ';
        }
        if (c == '\n' || c == '\r' || c == '\t' || c == ' ') {
            blank = length != 0;
            continue;
        }
        if (blank) out[length++] = ' ';
        blank = false;
        out[length++] = c;
    }
    return out;
}
