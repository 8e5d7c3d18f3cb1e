/* Steps that search: a row of a table by keys and a day, a straight line between points, a band. */
#include <string.h>

#include "model/program.h"

long table_key_row(const struct table *table, const char *id, int32_t as_known)
{
    str wanted = str_from(id);
    size_t first = 0, end = table->by_id == NULL ? 0 : table->row_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (str_compare(table->by_id[middle].id, wanted) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    long best = -1;
    for (; table->by_id != NULL && first < table->row_count; first++) {
        if (!str_equal(table->by_id[first].id, wanted)) break;
        size_t row = table->by_id[first].row;
        if (!table_row_visible(table, row, as_known)) continue;
        /* What was published later corrects what was known before. */
        if (best < 0 || table->published[row] > table->published[best]) best = (long)row;
    }
    return best;
}

static bool compare(double cell, enum op op, double value)
{
    switch (op) {
    case OP_LESS: return cell < value;
    case OP_LESS_EQUAL: return cell <= value;
    case OP_MORE: return cell > value;
    case OP_MORE_EQUAL: return cell >= value;
    default: return cell == value;
    }
}

static bool row_matches(const struct table *table, const struct expr *expr, const int *columns,
                        const double *keys, size_t row)
{
    for (size_t i = 0; i < expr->count; i++) {
        if (columns[i] >= 0) {
            const struct column *column = &table->columns[columns[i]];
            bool open = column->empty[row];
            /* An empty cell leaves a range open; it never equals a key. */
            if (open ? expr->compares[i] == OP_EQUAL
                     : !compare(column->values[row], expr->compares[i], keys[i]))
                return false;
            continue;
        }
        int from = table->valid_from, to = table->valid_to; /* on = day */
        if (from >= 0 && !table->columns[from].empty[row] &&
            keys[i] < table->columns[from].values[row])
            return false;
        if (to >= 0 && !table->columns[to].empty[row] && keys[i] > table->columns[to].values[row])
            return false;
    }
    return true;
}

/* The row's number, -1 none, -2 several. Where a key must be equal only its rows are looked at. */
static double find_row(const struct frame *f, const struct step *step, const int *columns,
                       const double *keys)
{
    const struct column_order *order = step->order;
    double found = -1, wanted = order == NULL ? 0 : keys[step->key];
    size_t first = order == NULL ? 0 : column_order_find(order, wanted),
           end = order == NULL ? step->table->row_count : order->count;
    for (size_t at = first; at < end; at++) {
        if (order != NULL && order->rows[at].value != wanted) break;
        size_t row = order == NULL ? at : order->rows[at].row;
        if (!table_row_visible(step->table, row, f->as_known) ||
            !row_matches(step->table, step->expr, columns, keys, row))
            continue;
        if (found >= 0) return -2;
        found = (double)row;
    }
    return found;
}

static void find_columns(const struct step *step, int *columns)
{
    for (size_t k = 0; k < step->count; k++)
        columns[k] = str_is(step->expr->labels[k], "on")
                         ? -1
                         : table_column(step->table, step->expr->labels[k]);
}

double lookup_row(const struct frame *f, const struct step *step, const double *keys)
{
    int columns[LOOKUP_CONDITIONS_MAX];
    find_columns(step, columns);
    return find_row(f, step, columns, keys);
}

/* What was asked before in this frame: many enterprises ask for the same few rows. */
enum { MEMO_PLACES = 64 };
struct lookup_memo {
    int columns[LOOKUP_CONDITIONS_MAX];
    size_t varying[LOOKUP_CONDITIONS_MAX], varying_count; /* not the same for every entity */
    struct lookup_place {
        double keys[LOOKUP_CONDITIONS_MAX];
        double found;
        bool known;
    } * places; /* MEMO_PLACES; NULL while it is asked for one entity at a time */
};

static double remembered_row(struct frame *f, const struct step *step, struct lookup_memo *memo,
                             const double *keys)
{
    uint64_t hash = 0, other = 0, bits, known;
    if (memo->places == NULL) return find_row(f, step, memo->columns, keys);
    for (size_t k = 0; k < memo->varying_count; k++) {
        memcpy(&bits, &keys[memo->varying[k]], sizeof bits);
        hash = (hash ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    struct lookup_place *place = &memo->places[(size_t)(hash >> 20) % MEMO_PLACES];
    for (size_t k = 0; k < memo->varying_count; k++) { /* the others never change */
        memcpy(&bits, &keys[memo->varying[k]], sizeof bits);
        memcpy(&known, &place->keys[memo->varying[k]], sizeof known);
        other |= bits ^ known;
    }
    if (place->known && other == 0) return place->found;
    place->found = find_row(f, step, memo->columns, keys);
    place->known = true;
    memcpy(place->keys, keys, step->count * sizeof *keys);
    return place->found;
}

static struct lookup_memo *new_memo(struct frame *f, const struct step *step)
{
    struct lookup_memo *memo = ARENA_NEW(f->arena, struct lookup_memo);
    find_columns(step, memo->columns);
    for (size_t k = 0; k < step->count; k++)
        if (!f->program->regs[step->list[k]].uniform || f->program->regs[step->list[k]].width > 1)
            memo->varying[memo->varying_count++] = k;
    return memo;
}

void step_lookup(struct frame *f, const struct step *step, size_t count)
{
    CHECK(f->memos != NULL);
    struct lookup_memo *memo = f->memos[step->to];
    if (memo == NULL) memo = f->memos[step->to] = new_memo(f, step);
    if (count > 1 && memo->places == NULL)
        memo->places = ARENA_NEW_ARRAY(f->arena, struct lookup_place, MEMO_PLACES);
    double keys[LOOKUP_CONDITIONS_MAX] = {0};
    const double *from[LOOKUP_CONDITIONS_MAX];
    bool known = true;
    uint8_t all = 0;
    for (size_t k = 0; k < step->count; k++) {
        from[k] = f->values[step->list[k]];
        keys[k] = count == 0 ? 0 : from[k][0];
        known = known && f->same[step->list[k]] == MODEL_OK;
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t status = 0;
        double found = 0;
        for (size_t k = 0; !known && k < step->count; k++)
            status = status_join(status, f->status[step->list[k]][i]);
        for (size_t k = 0; k < memo->varying_count; k++)
            keys[memo->varying[k]] = from[memo->varying[k]][i];
        if ((status & STATUS_CODE) == 0) {
            found = remembered_row(f, step, memo, keys);
            if (found < 0) status |= found == -1 ? MODEL_NO_ROW : MODEL_SEVERAL_ROWS;
        }
        f->values[step->to][i] = (status & STATUS_CODE) == 0 ? found : 0;
        f->status[step->to][i] = status;
        all |= status;
    }
    if (all == 0) f->same[step->to] = MODEL_OK;
}

void step_points(struct frame *f, const struct step *step, size_t count)
{
    size_t points = (step->count - 1) / 2;
    for (size_t i = 0; i < count; i++) {
        uint8_t status = f->status[step->list[0]][i];
        for (size_t k = 1; k < step->count; k++)
            status = status_join(status, f->status[step->list[k]][i]);
        double x = f->values[step->list[0]][i], y = 0;
        if ((status & STATUS_CODE) == 0) {
            size_t after = 0;
            while (after < points && x >= f->values[step->list[1 + 2 * after]][i]) after++;
            if (after == 0) {
                y = f->values[step->list[2]][i];
            } else if (after == points) {
                y = f->values[step->list[2 * points]][i];
            } else {
                double x0 = f->values[step->list[2 * after - 1]][i],
                       x1 = f->values[step->list[2 * after + 1]][i];
                double y0 = f->values[step->list[2 * after]][i],
                       y1 = f->values[step->list[2 * after + 2]][i];
                if (x1 > x0)
                    y = y0 + (y1 - y0) * ((x - x0) / (x1 - x0));
                else
                    status |= MODEL_DOMAIN; /* points out of order */
            }
        }
        f->values[step->to][i] = y;
        f->status[step->to][i] = status;
    }
}

void step_band(struct frame *f, const struct step *step, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t status = f->status[step->list[0]][i];
        double x = f->values[step->list[0]][i];
        size_t label = 0;
        for (; label + 1 < step->expr->label_count; label++) {
            if ((status & STATUS_CODE) != 0) break;
            status = status_join(status, f->status[step->list[label + 1]][i]);
            if (compare(x, step->expr->compares[label], f->values[step->list[label + 1]][i])) break;
        }
        f->values[step->to][i] = step->labels[label];
        f->status[step->to][i] = status;
    }
}
