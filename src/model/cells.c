/* Cells of indexed inputs: a sorted row for each entity. Rooms have 1, 2, 4, … places, and one that
 * a row has grown out of is the next row's: so rows that are set one after the other lie one after
 * the other, and a run reads little else than cells. */
#include <string.h>

#include "model/program.h"

enum { SLAB_FIRST = 16, SLAB_MOST = 1 << 16 }; /* cells */

static struct cell *take_room(struct model_data *data, uint32_t capacity)
{
    int size = __builtin_ctz(capacity);
    struct cell *room = data->spare[size];
    if (room != NULL) {
        memcpy(&data->spare[size], room, sizeof(void *)); /* the next one stands in it */
        return room;
    }
    if (data->slab_left < capacity) {
        size_t wanted = data->slab_size == 0 ? SLAB_FIRST : 2 * data->slab_size;
        data->slab_size = size_max(size_min(wanted, SLAB_MOST), capacity);
        data->slab = ARENA_NEW_ARRAY(data->arena, struct cell, data->slab_size);
        data->slab_left = data->slab_size;
    }
    room = data->slab;
    data->slab += capacity;
    data->slab_left -= capacity;
    return room;
}

static void grow(struct model_data *data, struct cell_row *row)
{
    uint32_t capacity = row->capacity == 0 ? 1 : row->capacity * 2; /* most have one */
    struct cell *cells = take_room(data, capacity);
    if (row->count != 0) {
        memcpy(cells, row->cells, row->count * sizeof *cells);
        void **spare = &data->spare[__builtin_ctz(row->capacity)];
        memcpy(row->cells, spare, sizeof *spare);
        *spare = row->cells;
    }
    row->cells = cells;
    row->capacity = capacity;
}

/* The origins of a row in step with its cells; `count` of them are there. */
static void put_origin(struct model_data *data, struct data_column *column, size_t entity,
                       uint32_t at, uint32_t count, bool added, int64_t origin)
{
    if (column->sources == NULL && origin == 0) return;
    if (column->sources == NULL)
        column->sources = ARENA_NEW_ARRAY(data->arena, struct origin_row, data->entity_count + 1);
    struct origin_row *row = &column->sources[entity];
    if (row->origins == NULL && origin == 0) return;
    uint32_t capacity = column->rows[entity].capacity;
    if (row->capacity < capacity) {
        int64_t *origins = ARENA_NEW_ARRAY(data->arena, int64_t, capacity);
        if (row->origins != NULL) memcpy(origins, row->origins, count * sizeof *origins);
        row->origins = origins;
        row->capacity = capacity;
    }
    if (added) memmove(row->origins + at + 1, row->origins + at, (count - at) * sizeof origin);
    row->origins[at] = origin;
}

void cell_put(struct model_data *data, struct data_column *column, size_t entity, struct cell cell,
              int64_t origin)
{
    if (column->rows == NULL)
        column->rows = ARENA_NEW_ARRAY(data->arena, struct cell_row, data->entity_count + 1);
    struct cell_row *row = &column->rows[entity];
    uint32_t at = row->count, count = row->count;
    while (at > 0 && row->cells[at - 1].key > cell.key) at--;
    bool known = at > 0 && row->cells[at - 1].key == cell.key;
    if (known) {
        at--;
    } else {
        if (count == row->capacity) grow(data, row);
        memmove(row->cells + at + 1, row->cells + at, (count - at) * sizeof cell);
        row->count++;
    }
    row->cells[at] = cell;
    put_origin(data, column, entity, at, count, !known, origin);
}

int64_t cell_origin(const struct data_column *column, size_t entity, size_t place)
{
    const struct origin_row *row = column->sources == NULL ? NULL : &column->sources[entity];
    return row == NULL || place >= row->capacity ? 0 : row->origins[place];
}
