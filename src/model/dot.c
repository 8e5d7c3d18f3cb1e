/* The sum of an input times a weight of each key: the step that most enterprises' fuels go through.
 * Every sum is made in the order of the keys, several entities side by side. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "model/program.h"
#include "model/wide.h"

enum {
    TOGETHER = 8,      /* entities whose dense rows are summed side by side */
    BYTES_AHEAD = 8192 /* of dense rows that are fetched while these are summed */
};
typedef double two __attribute__((vector_size(16), aligned(8)));
typedef double four __attribute__((vector_size(32)));

/* A key and the next one of two entities, which lie `apart`. */
#define PAIRS(row, apart) \
    __builtin_shufflevector(*(const two *)(row), *(const two *)((row) + (apart)), 0, 1, 2, 3)
#define EVERY(number) ((four){(number), (number), (number), (number)})

/* Of four entities: adds two keys to their sums, one after the other. */
INLINE void add_two(four *sums, const double *row, size_t width, double first, double second)
{
    four a = PAIRS(row, 2 * width), b = PAIRS(row + width, 2 * width);
    *sums += __builtin_shufflevector(a, b, 0, 4, 2, 6) * EVERY(first);
    *sums += __builtin_shufflevector(a, b, 1, 5, 3, 7) * EVERY(second);
}

INLINE void add_one(four *sums, const double *row, size_t width, double weight)
{
    *sums += (four){row[0], row[width], row[2 * width], row[3 * width]} * EVERY(weight);
}

WIDE static void dot_together(const double *restrict x, const double *restrict w, size_t width,
                              double *restrict to, size_t count)
{
    for (size_t i = 0; i < count; i += TOGETHER, x += TOGETHER * width) {
        const double *other = x + 4 * width;
        four near = {0}, far = {0};
        size_t k = 0;
        for (; k + 2 <= width; k += 2) {
            add_two(&near, x + k, width, w[k], w[k + 1]);
            add_two(&far, other + k, width, w[k], w[k + 1]);
        }
        if (k < width) {
            add_one(&near, x + k, width, w[k]);
            add_one(&far, other + k, width, w[k]);
        }
        for (size_t p = 0; p < TOGETHER * width; p += 8)
            __builtin_prefetch((const char *)(x + p) + BYTES_AHEAD);
        memcpy(to + i, &near, sizeof near);
        memcpy(to + i + 4, &far, sizeof far);
    }
}

static void dot_dense(const double *restrict x, const double *restrict w, size_t width,
                      double *restrict to, size_t count)
{
    size_t together = count - count % TOGETHER;
    dot_together(x, w, width, to, together);
    for (size_t i = together; i < count; i++) {
        double sum = 0;
        for (size_t k = 0; k < width; k++) sum += x[i * width + k] * w[k];
        to[i] = sum;
    }
}

/* One entity, term by term: the first that is not known stands for the sum. */
static double dot_checked(const struct cell *cells, size_t count, const double *w,
                          const uint8_t *ws, uint8_t *status)
{
    double sum = 0;
    for (size_t c = 0; c < count; c++) {
        double term = cells[c].value * w[cells[c].key];
        uint8_t here = ws[cells[c].key] & STATUS_CODE;
        if (here == 0 && cells[c].state != CELL_SET) here = MODEL_MISSING;
        if (here == 0 && !(fabs(term) <= DBL_MAX)) here = MODEL_OVERFLOW;
        if (here != 0 && *status == 0) *status = here;
        sum += term;
    }
    return *status == 0 ? sum : 0;
}

/* `fine`: the weights are all known; then a sum that is a number had no wrong term. */
static void dot_cells(const struct cell_row *rows, size_t ahead, const double *w, const uint8_t *ws,
                      bool fine, double *restrict to, uint8_t *restrict ts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct cell *cells = rows[i].cells;
        size_t cell_count = rows[i].count;
        rows_fetch(&rows[i], i < ahead);
        double sum = 0;
        uint8_t other = 0;
        for (size_t c = 0; c < cell_count; c++) {
            sum += cells[c].value * w[cells[c].key];
            other |= cells[c].state ^ CELL_SET;
        }
        ts[i] = 0;
        if (!fine || other != 0 || !(fabs(sum) <= DBL_MAX))
            sum = dot_checked(cells, cell_count, w, ws, &ts[i]);
        to[i] = sum;
    }
}

static void dot_dense_checked(const double *x, size_t width, const double *w, const uint8_t *ws,
                              double *to, uint8_t *ts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ts[i] = 0;
        to[i] = 0;
        for (size_t k = 0; k < width; k++) {
            double term = x[i * width + k] * w[k];
            uint8_t here = ws[k] & STATUS_CODE;
            if (here == 0 && !(fabs(term) <= DBL_MAX)) here = MODEL_OVERFLOW;
            if (here != 0 && ts[i] == 0) ts[i] = here;
            to[i] += term;
        }
        if (ts[i] != 0) to[i] = 0;
    }
}

void step_dot(struct frame *f, const struct step *step)
{
    const struct definition *d = step->definition;
    const struct data_column *column = &f->data->columns[d->number];
    bool parted = frame_sparse(f, step->a) != NULL;
    const double *w = parted ? f->whole[step->a] : f->values[step->a];
    const uint8_t *ws = parted ? f->whole_status[step->a] : f->status[step->a];
    double *to = f->values[step->to];
    uint8_t *ts = f->status[step->to];
    size_t width = d->index->count, left = f->data->entity_count - f->first;
    bool fine = true;
    for (size_t k = 0; k < width; k++) fine = fine && ws[k] == MODEL_OK;
    if (column->dense != NULL && fine) {
        dot_dense(column->dense + f->first * width, w, width, to, f->count);
        memset(ts, 0, f->count);
    } else if (column->dense != NULL) {
        dot_dense_checked(column->dense + f->first * width, width, w, ws, to, ts, f->count);
    } else if (column->rows != NULL) {
        size_t ahead = left > CELLS_AHEAD ? left - CELLS_AHEAD : 0;
        dot_cells(column->rows + f->first, ahead, w, ws, fine, to, ts, f->count);
    } else {
        memset(to, 0, f->count * sizeof *to);
        memset(ts, 0, f->count);
    }
}
