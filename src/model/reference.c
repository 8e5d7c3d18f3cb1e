#include "model/reference.h"

#include <float.h>
#include <math.h>
#include <string.h>

struct reference {
    struct arena *arena;
    const struct model *model;
    const struct model_data *data;
    int32_t as_known;
    size_t entity;
    struct map known; /* expression and key → its quantity: shared parts are computed once */
};

static struct quantity evaluate(struct reference *r, const struct expr *expr, size_t key);

static struct quantity quantity(double value, uint8_t code, bool given_for)
{
    return (struct quantity){code == MODEL_OK ? value : 0, code, given_for};
}

/* A number beyond a double is an overflow. */
static struct quantity finite_value(double value, bool given_for)
{
    if (isnan(value) || isinf(value)) return quantity(0, MODEL_OVERFLOW, given_for);
    return quantity(value, MODEL_OK, given_for);
}

static bool is_unknown(const struct quantity *q)
{
    return q->code == MODEL_MISSING || q->code == STATUS_ABSENT;
}

/* What the status of an operation on both is, before its own errors. */
static struct quantity join(const struct quantity *a, const struct quantity *b)
{
    if (a->code == STATUS_ABSENT || b->code == STATUS_ABSENT) {
        const struct quantity *other = a->code == STATUS_ABSENT ? b : a;
        /* An input that was given for this key wants the other one too. */
        if (other->given_for) return quantity(0, MODEL_MISSING, true);
        return quantity(0, STATUS_ABSENT, false);
    }
    bool given_for = a->given_for || b->given_for;
    return quantity(0, a->code != MODEL_OK ? a->code : b->code, given_for);
}

/* ---- sources ------------------------------------------------------------------------------ */

static struct quantity input_value(const struct reference *r, const struct definition *d,
                                   size_t key)
{
    const struct data_column *column = &r->data->columns[d->number];
    size_t e = r->entity;
    if (d->index == NULL) {
        if (column->states != NULL && column->states[e] == CELL_SET)
            return quantity(column->values[e], MODEL_OK, false);
        return d->has_default ? quantity(d->default_value, MODEL_OK, false)
                              : quantity(0, MODEL_MISSING, false);
    }
    if (column->dense != NULL) return finite_value(column->dense[e * d->index->count + key], true);
    for (uint32_t i = 0; column->rows != NULL && i < column->rows[e].count; i++) {
        const struct cell *cell = &column->rows[e].cells[i];
        if (cell->key != key) continue;
        if (cell->state == CELL_SET) return quantity(cell->value, MODEL_OK, true);
        if (!d->has_default) return quantity(0, MODEL_MISSING, true);
    }
    return d->has_default ? quantity(d->default_value, MODEL_OK, false)
                          : quantity(0, STATUS_ABSENT, false);
}

static struct quantity cell_value(const struct table *table, int column, size_t row)
{
    const struct column *c = &table->columns[column];
    return c->empty[row] ? quantity(0, MODEL_MISSING, false)
                         : quantity(c->values[row], MODEL_OK, false);
}

/* The row of this id that was published last among those known. */
static struct quantity column_value(const struct reference *r, const struct expr *expr,
                                    const struct index *index, size_t key)
{
    const struct table *table = expr->table;
    const char *id = index->keys[key].id;
    if (table == NULL) return quantity(intern_find(r->model->texts, str_from(id)), MODEL_OK, false);
    long best = -1;
    for (size_t row = 0; row < table->row_count; row++) {
        if (!str_is(table->cells[row][table->id], id) ||
            !table_row_visible(table, row, r->as_known))
            continue;
        if (best < 0 || table->published[row] > table->published[best]) best = (long)row;
    }
    return best < 0 ? quantity(0, MODEL_NO_ROW, false)
                    : cell_value(table, expr->column, (size_t)best);
}

/* ---- products ----------------------------------------------------------------------------- */

struct product {
    double number; /* of the numbers and conversions */
    const struct expr *parts[FACTORS_MAX];
    bool below[FACTORS_MAX];
    size_t part_count, factor_count;
};

static bool is_conversion(const struct expr *expr)
{
    return expr->kind == EXPR_CONVERT && expr->type == MODEL_NUMBER;
}

static bool is_quotient_or_product(const struct expr *expr)
{
    return expr->kind == EXPR_BINARY && (expr->op == OP_MULTIPLY || expr->op == OP_DIVIDE);
}

/* Factors from left to right; false when there are more than FACTORS_MAX. */
static bool collect_factors(struct product *product, const struct expr *expr, bool below)
{
    if (is_quotient_or_product(expr))
        return collect_factors(product, expr->args[0], below) &&
               collect_factors(product, expr->args[1], below != (expr->op == OP_DIVIDE));
    if (product->factor_count == FACTORS_MAX) return false;
    product->factor_count++;
    bool number = expr->kind == EXPR_NUMBER && expr->number != 0;
    if (number || is_conversion(expr)) {
        product->number = below ? product->number / expr->number : product->number * expr->number;
        return number || collect_factors(product, expr->args[0], below);
    }
    product->parts[product->part_count] = expr;
    product->below[product->part_count++] = below;
    return true;
}

static struct quantity multiply(const struct quantity *a, const struct quantity *b, bool divide)
{
    struct quantity result = join(a, b);
    if (result.code != MODEL_OK) return result;
    if (divide && b->value == 0) return quantity(0, MODEL_DIVIDE_BY_ZERO, result.given_for);
    return finite_value(divide ? a->value / b->value : a->value * b->value, result.given_for);
}

/* The number, then what is the same for every entity, then what varies. */
static struct quantity product_value(struct reference *r, const struct expr *expr, size_t key)
{
    struct product product = {.number = 1};
    bool taken_apart =
        collect_factors(&product, expr, false) && isfinite(product.number) && product.number != 0;
    if (!taken_apart) { /* as written */
        struct quantity left = evaluate(r, expr->args[0], key), right;
        if (is_conversion(expr)) {
            right = quantity(expr->number, MODEL_OK, false);
            return multiply(&left, &right, false);
        }
        right = evaluate(r, expr->args[1], key);
        return multiply(&left, &right, expr->op == OP_DIVIDE);
    }
    struct quantity result = quantity(product.number, MODEL_OK, false);
    bool begun = product.number != 1;
    for (int varies = 0; varies <= 1; varies++)
        for (size_t i = 0; i < product.part_count; i++) {
            if (product.parts[i]->uniform == (varies == 1)) continue;
            struct quantity part = evaluate(r, product.parts[i], key);
            if (!begun && !product.below[i])
                result = part;
            else
                result = multiply(&result, &part, product.below[i]);
            begun = true;
        }
    return result;
}

/* ---- operators ---------------------------------------------------------------------------- */

static bool holds(double a, enum op op, double b)
{
    switch (op) {
    case OP_EQUAL: return a == b;
    case OP_NOT_EQUAL: return a != b;
    case OP_LESS: return a < b;
    case OP_LESS_EQUAL: return a <= b;
    case OP_MORE: return a > b;
    default: return a >= b;
    }
}

static struct quantity logic_value(const struct quantity *a, const struct quantity *b, bool and)
{
    /* One known false side decides an `and`, one known true side an `or`. */
    bool a_decides = a->code == MODEL_OK && (a->value != 0) != and,
         b_decides = b->code == MODEL_OK && (b->value != 0) != and;
    if (a_decides || b_decides) return quantity(!and, MODEL_OK, a->given_for || b->given_for);
    struct quantity result = join(a, b);
    if (result.code == MODEL_OK) result.value = and;
    return result;
}

static struct quantity binary_value(struct reference *r, const struct expr *expr, size_t key)
{
    if (is_quotient_or_product(expr)) return product_value(r, expr, key);
    struct quantity a = evaluate(r, expr->args[0], key);
    if (expr->op == OP_POWER) {
        if (a.code != MODEL_OK) return a;
        if (a.value == 0 && expr->number < 0) return quantity(0, MODEL_DIVIDE_BY_ZERO, a.given_for);
        return finite_value(number_power(a.value, (int)expr->number), a.given_for);
    }
    struct quantity b = evaluate(r, expr->args[1], key), result;
    if (expr->op == OP_AND || expr->op == OP_OR) return logic_value(&a, &b, expr->op == OP_AND);
    result = join(&a, &b);
    if (result.code != MODEL_OK) return result;
    if (expr->op == OP_ADD) return finite_value(a.value + b.value, result.given_for);
    if (expr->op == OP_SUBTRACT) return finite_value(a.value - b.value, result.given_for);
    return quantity(holds(a.value, expr->op, b.value), MODEL_OK, result.given_for);
}

/* ---- functions ---------------------------------------------------------------------------- */

static double rounded(double x, double digits)
{
    int places = digits < -15 ? -15 : digits > 15 ? 15 : (int)digits;
    double scale = number_power(10, places);
    if (fabs(x * scale) >= 0x1p52) return x; /* no decimals left */
    return round(x * scale) / scale;
}

static struct quantity least_or_most(struct reference *r, const struct expr *expr, size_t key)
{
    struct quantity result = evaluate(r, expr->args[0], key);
    for (size_t i = 1; i < expr->count; i++) {
        struct quantity next = evaluate(r, expr->args[i], key), joined = join(&result, &next);
        bool larger = expr->op == OP_MAX || (expr->op == OP_CLAMP && i == 1);
        bool take = larger ? next.value > result.value : next.value < result.value;
        if (joined.code == MODEL_OK) joined.value = take ? next.value : result.value;
        result = joined;
    }
    return result;
}

static struct quantity call_value(struct reference *r, const struct expr *expr, size_t key)
{
    struct quantity a = evaluate(r, expr->args[0], key), digits;
    switch (expr->op) {
    case OP_MIN:
    case OP_MAX:
    case OP_CLAMP: return least_or_most(r, expr, key);
    case OP_COALESCE:
        for (size_t i = 1; i < expr->count; i++) {
            if (a.code == MODEL_OK) {
                /* With something to fall back on it is a property of the key, not a use of it. */
                a.given_for = false;
                return a;
            }
            if (is_unknown(&a)) a = evaluate(r, expr->args[i], key);
        }
        return a;
    case OP_MISSING:
        if (is_unknown(&a)) return quantity(1, MODEL_OK, false);
        return a.code == MODEL_OK ? quantity(0, MODEL_OK, a.given_for) : a;
    case OP_ROUND:
        digits = expr->count > 1 ? evaluate(r, expr->args[1], key) : quantity(0, MODEL_OK, false);
        digits = join(&a, &digits).code != MODEL_OK ? join(&a, &digits) : digits;
        if (digits.code != MODEL_OK) return digits;
        return finite_value(rounded(a.value, digits.value), a.given_for || digits.given_for);
    default: break;
    }
    if (a.code != MODEL_OK) return a;
    bool outside = (expr->op == OP_SQRT && a.value < 0) || (expr->op == OP_LN && a.value <= 0);
    if (outside) return quantity(0, MODEL_DOMAIN, a.given_for);
    double value = expr->op == OP_ABS    ? fabs(a.value)
                   : expr->op == OP_SQRT ? sqrt(a.value)
                   : expr->op == OP_EXP  ? number_exp(a.value)
                                         : number_ln(a.value);
    return finite_value(value, a.given_for);
}

/* Over the keys in their order. What is absent is passed over; the first term that is not known
 * stands for the whole. */
static struct quantity sum_value(struct reference *r, const struct expr *expr)
{
    const struct expr *what = expr->args[0];
    double total = 0;
    size_t terms = 0;
    uint8_t failure = MODEL_OK;
    for (size_t key = 0; key < what->index->count; key++) {
        struct quantity term = evaluate(r, what, key);
        if (term.code == STATUS_ABSENT) continue;
        if (expr->count > 1) {
            struct quantity where = evaluate(r, expr->args[1], key);
            if (where.code == STATUS_ABSENT) continue;
            if (where.code != MODEL_OK) {
                if (failure == MODEL_OK) failure = where.code;
                continue;
            }
            if (where.value == 0) continue;
        }
        if (expr->op != OP_COUNT && term.code != MODEL_OK) {
            if (failure == MODEL_OK) failure = term.code;
            continue;
        }
        bool first = terms++ == 0;
        if (expr->op == OP_SUM || expr->op == OP_MEAN)
            total += term.value;
        else if (expr->op == OP_LEAST && (first || term.value < total))
            total = term.value;
        else if (expr->op == OP_MOST && (first || term.value > total))
            total = term.value;
    }
    if (failure != MODEL_OK) return quantity(0, failure, false);
    if (expr->op == OP_COUNT) return quantity((double)terms, MODEL_OK, false);
    if (terms == 0 && expr->op != OP_SUM) return quantity(0, MODEL_MISSING, false);
    return finite_value(expr->op == OP_MEAN ? total / (double)terms : total, false);
}

/* ---- searches ----------------------------------------------------------------------------- */

static struct quantity join_arguments(struct reference *r, const struct expr *expr, size_t key)
{
    struct quantity all = evaluate(r, expr->args[0], key);
    for (size_t i = 1; i < expr->count; i++) {
        struct quantity next = evaluate(r, expr->args[i], key);
        all = join(&all, &next);
    }
    return all;
}

static double number_of(struct reference *r, const struct expr *expr, size_t key)
{
    return evaluate(r, expr, key).value;
}

static struct quantity points_value(struct reference *r, const struct expr *expr, size_t key)
{
    struct quantity all = join_arguments(r, expr, key);
    if (all.code != MODEL_OK) return all;
    double x = number_of(r, expr->args[0], key);
    size_t points = (expr->count - 1) / 2, passed = 0;
    while (passed < points && x >= number_of(r, expr->args[1 + 2 * passed], key)) passed++;
    if (passed == 0) return quantity(number_of(r, expr->args[2], key), MODEL_OK, all.given_for);
    if (passed == points)
        return quantity(number_of(r, expr->args[2 * points], key), MODEL_OK, all.given_for);
    double x0 = number_of(r, expr->args[2 * passed - 1], key),
           y0 = number_of(r, expr->args[2 * passed], key),
           x1 = number_of(r, expr->args[2 * passed + 1], key),
           y1 = number_of(r, expr->args[2 * passed + 2], key);
    if (!(x1 > x0)) return quantity(0, MODEL_DOMAIN, all.given_for);
    return finite_value(y0 + (y1 - y0) * ((x - x0) / (x1 - x0)), all.given_for);
}

static struct quantity band_value(struct reference *r, const struct expr *expr, size_t key)
{
    struct quantity x = evaluate(r, expr->args[0], key), all = x;
    size_t label = 0;
    for (; label + 1 < expr->label_count; label++) {
        if (all.code != MODEL_OK) return all;
        struct quantity limit = evaluate(r, expr->args[label + 1], key);
        all = join(&all, &limit);
        if (all.code != MODEL_OK) return all;
        if (holds(x.value, expr->compares[label], limit.value)) break;
    }
    if (all.code != MODEL_OK) return all;
    return quantity(intern_find(r->model->texts, expr->labels[label]), MODEL_OK, all.given_for);
}

static bool row_fits(struct reference *r, const struct expr *expr, size_t row, size_t key)
{
    const struct table *table = expr->table;
    if (!table_row_visible(table, row, r->as_known)) return false;
    for (size_t i = 0; i < expr->count; i++) {
        double wanted = number_of(r, expr->args[i], key);
        if (str_is(expr->labels[i], "on")) {
            if (table->valid_from >= 0 && !table->columns[table->valid_from].empty[row] &&
                wanted < table->columns[table->valid_from].values[row])
                return false;
            if (table->valid_to >= 0 && !table->columns[table->valid_to].empty[row] &&
                wanted > table->columns[table->valid_to].values[row])
                return false;
            continue;
        }
        const struct column *column = &table->columns[table_column(table, expr->labels[i])];
        if (column->empty[row]) { /* leaves a range open, equals nothing */
            if (expr->compares[i] == OP_EQUAL) return false;
        } else if (!holds(column->values[row], expr->compares[i], wanted)) {
            return false;
        }
    }
    return true;
}

static struct quantity lookup_value(struct reference *r, const struct expr *expr, size_t key)
{
    struct quantity all = quantity(0, MODEL_OK, false);
    for (size_t i = 0; i < expr->count; i++) {
        struct quantity next = evaluate(r, expr->args[i], key);
        all = join(&all, &next);
    }
    if (all.code != MODEL_OK) return all;
    size_t found = 0, at = 0;
    for (size_t row = 0; row < expr->table->row_count; row++)
        if (row_fits(r, expr, row, key)) {
            found++;
            at = row;
        }
    if (found != 1)
        return quantity(0, found == 0 ? MODEL_NO_ROW : MODEL_SEVERAL_ROWS, all.given_for);
    struct quantity cell = cell_value(expr->table, expr->column, at);
    cell.given_for = all.given_for;
    return cell;
}

/* A member of the snapshot's group: known, of the latest day that is known, with equal keys. */
static bool is_peer(struct reference *r, const struct expr *expr, size_t row, size_t key)
{
    const struct table *table = expr->table;
    size_t first = expr->count - expr->label_count;
    for (size_t other = 0; other < table->row_count; other++)
        if (table_row_visible(table, other, r->as_known) &&
            table->published[other] > table->published[row])
            return false;
    for (size_t i = 0; i < expr->label_count; i++) {
        const struct column *column = &table->columns[table_column(table, expr->labels[i])];
        if (column->empty[row] || column->values[row] != number_of(r, expr->args[first + i], key))
            return false;
    }
    return table_row_visible(table, row, r->as_known) && !table->columns[expr->column].empty[row];
}

static struct quantity peers_value(struct reference *r, const struct expr *expr, size_t key)
{
    struct quantity all = join_arguments(r, expr, key);
    if (all.code != MODEL_OK) return all;
    const double *values = expr->table->columns[expr->column].values;
    bool placed = expr->op == OP_PERCENTILE || expr->op == OP_RANK;
    double x = placed ? number_of(r, expr->args[0], key) : 0, sum = 0, middle = 0;
    size_t rows = expr->table->row_count, count = 0, below = 0, equal = 0;
    bool *member = ARENA_NEW_ARRAY(r->arena, bool, rows + 1);
    for (size_t row = 0; row < rows; row++) {
        member[row] = is_peer(r, expr, row, key);
        if (!member[row]) continue;
        count++;
        sum += values[row];
        below += values[row] < x;
        equal += values[row] == x;
    }
    if (count < PEERS_LEAST) return quantity(0, MODEL_MISSING, all.given_for);
    if (expr->op == OP_PERCENTILE)
        return quantity(((double)below + 0.5 * (double)equal) / (double)count, MODEL_OK,
                        all.given_for);
    if (expr->op == OP_RANK) return quantity((double)below + 1, MODEL_OK, all.given_for);
    if (expr->op == OP_PEER_MEAN) return finite_value(sum / (double)count, all.given_for);
    /* The middle value: as many below it as above; of an even number the mean of the two. */
    size_t wanted[2] = {(count - 1) / 2, count / 2};
    for (int i = 0; i < 2; i++)
        for (size_t row = 0; row < rows; row++) {
            if (!member[row]) continue;
            size_t less = 0, same = 0;
            for (size_t other = 0; other < rows; other++) {
                less += member[other] && values[other] < values[row];
                same += member[other] && values[other] == values[row];
            }
            if (less > wanted[i] || less + same <= wanted[i]) continue;
            middle += values[row];
            break;
        }
    return finite_value(middle / 2, all.given_for);
}

/* ---- choices ------------------------------------------------------------------------------ */

static struct quantity choose(const struct quantity *condition, const struct quantity *chosen)
{
    struct quantity result = *chosen;
    if (chosen->code == STATUS_ABSENT && !chosen->given_for) return result;
    result.given_for = chosen->given_for || condition->given_for;
    return result;
}

static struct quantity if_value(struct reference *r, const struct expr *expr, size_t key)
{
    struct quantity condition = evaluate(r, expr->args[0], key);
    if (condition.code != MODEL_OK) return condition;
    struct quantity chosen = evaluate(r, expr->args[condition.value != 0 ? 1 : 2], key);
    return choose(&condition, &chosen);
}

/* Like `if` in `if`: the first value equal to the subject decides; a value that is not known,
 * standing before one that is, makes the whole not known. */
static struct quantity case_value(struct reference *r, const struct expr *expr, size_t key,
                                  size_t at)
{
    if (at + 1 >= expr->count) return evaluate(r, expr->args[expr->count - 1], key);
    struct quantity subject = evaluate(r, expr->args[0], key),
                    value = evaluate(r, expr->args[at], key), condition = join(&subject, &value);
    if (condition.code != MODEL_OK) return condition;
    struct quantity chosen = subject.value == value.value ? evaluate(r, expr->args[at + 1], key)
                                                          : case_value(r, expr, key, at + 2);
    return choose(&condition, &chosen);
}

static struct quantity keyed_value(struct reference *r, const struct expr *expr)
{
    size_t key = (size_t)expr->key_number;
    struct quantity q = expr->definition != NULL ? reference_definition(r, expr->definition, key)
                                                 : column_value(r, expr, expr->over, key);
    return quantity(q.value, q.code == STATUS_ABSENT ? MODEL_MISSING : q.code, false);
}

static struct quantity evaluate_new(struct reference *r, const struct expr *expr, size_t key)
{
    struct quantity a;
    switch (expr->kind) {
    case EXPR_NUMBER:
    case EXPR_TEXT:
    case EXPR_FLAG:
    case EXPR_DATE: return quantity(expr->number, MODEL_OK, false);
    case EXPR_NAME: return reference_definition(r, expr->definition, key);
    case EXPR_COLUMN: return column_value(r, expr, expr->index, key);
    case EXPR_KEYED: return keyed_value(r, expr);
    case EXPR_NEGATE:
        a = evaluate(r, expr->args[0], key);
        return a.code != MODEL_OK ? a : quantity(-a.value, MODEL_OK, a.given_for);
    case EXPR_NOT:
        a = evaluate(r, expr->args[0], key);
        return a.code != MODEL_OK ? a : quantity(a.value == 0, MODEL_OK, a.given_for);
    case EXPR_BINARY: return binary_value(r, expr, key);
    case EXPR_CONVERT:
        return is_conversion(expr) ? product_value(r, expr, key) : evaluate(r, expr->args[0], key);
    case EXPR_IF: return if_value(r, expr, key);
    case EXPR_CASE: return case_value(r, expr, key, 1);
    case EXPR_CALL: return call_value(r, expr, key);
    case EXPR_SUM: return sum_value(r, expr);
    case EXPR_POINTS: return points_value(r, expr, key);
    case EXPR_BAND: return band_value(r, expr, key);
    case EXPR_LOOKUP: return lookup_value(r, expr, key);
    case EXPR_PEERS: return peers_value(r, expr, key);
    }
    return quantity(0, MODEL_DOMAIN, false);
}

static struct quantity evaluate(struct reference *r, const struct expr *expr, size_t key)
{
    struct {
        const struct expr *expr;
        size_t key;
    } name = {expr, expr->index == NULL ? 0 : key};
    str place = {(const char *)&name, sizeof name};
    struct quantity *known = map_get(&r->known, place);
    if (known != NULL) return *known;
    known = ARENA_NEW(r->arena, struct quantity);
    *known = evaluate_new(r, expr, name.key);
    map_put(&r->known, str_copy(r->arena, place), known);
    return *known;
}

struct reference *reference_new(struct arena *arena, const struct model *model,
                                const struct model_data *data, int32_t as_known, size_t entity)
{
    struct reference *r = ARENA_NEW(arena, struct reference);
    *r = (struct reference){
        .arena = arena, .model = model, .data = data, .as_known = as_known, .entity = entity};
    map_init(&r->known, arena);
    return r;
}

struct quantity reference_definition(struct reference *r, const struct definition *d, size_t key)
{
    if (d->index == NULL) key = 0;
    return d->expr == NULL ? input_value(r, d, key) : evaluate(r, d->expr, key);
}
