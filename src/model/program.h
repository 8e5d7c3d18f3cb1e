/* The compiled form of a model: a flat list of steps over registers, and the data it runs on.
 * A register holds a block of entities; an indexed one entity × key, row-major. Every value has a
 * status byte. What is the same for every entity is computed once. */
#ifndef MODEL_PROGRAM_H
#define MODEL_PROGRAM_H

#include "model/engine.h"

struct step {
    enum op op;
    int to, a, b, c; /* registers; -1 none */
    const int *list; /* the operands of an operation that takes a list */
    size_t count;
    double number;                    /* of const; the power of power */
    int key;                          /* of pick; of lookup: the condition that `order` is of */
    const struct column_order *order; /* of lookup: rows by a key that must be equal, or NULL */
    const struct table *table;
    int column;
    const struct definition *definition; /* of input, dot */
    const struct expr *expr;             /* the part of the model that asked for it, or NULL */
    const double *labels;                /* of band: text numbers */
    bool uniform;
};
struct reg {
    const struct index *index;
    size_t width;
    bool uniform;
    uint64_t *inputs; /* which it depends on, a bit each */
};
struct program { /* step i fills register i */
    struct step *steps;
    size_t step_count, step_capacity;
    struct reg *regs;
    size_t reg_count, reg_capacity;
    int *outputs;               /* the register of each output */
    struct map broadcasts;      /* register → its broadcast */
    const struct expr *current; /* while compiling: what asks for the next step */
};
/* optimise.c: a shorter program for the outputs alone, to the same bits. The plain program stays
 * for explanations: only there have expressions and definitions their registers. */
struct program *program_optimise(struct model *model, const struct program *plain);
struct buf;
struct model_run;
/* The program as text, a line for each step. */
void program_print(struct buf *out, const struct model *model, const struct program *program);
/* Each step of one entity as text: what it is, on what, with which result, unit and source line.
 * Keys that are absent are left out. */
void program_print_trace(struct buf *out, const struct model_run *run, size_t entity);

/* Status bytes. ABSENT: a key that is not used. DRIVEN: a key that some input was given for. */
enum { STATUS_ABSENT = 15, STATUS_CODE = 0x0F, STATUS_DRIVEN = 0x10, STATUS_MIXED = 0xFF };
uint8_t status_join(uint8_t a, uint8_t b);

enum { CELL_UNSET, CELL_SET, CELL_MISSING };
struct cell { /* 16 bytes: a run reads all of it */
    double value;
    uint32_t key;
    uint8_t state;
};
struct cell_row {
    struct cell *cells; /* by key */
    uint32_t count, capacity;
};
/* Going through rows: those far ahead are fetched, and the cells of nearer ones. Reading beyond the
 * last row is no fault: a fetch may fail. */
enum { ROWS_AHEAD = 128, CELLS_AHEAD = 64 };
static inline void rows_fetch(const struct cell_row *row, bool cells)
{
    __builtin_prefetch((const void *)((uintptr_t)row + ROWS_AHEAD * sizeof *row));
    if (cells) __builtin_prefetch(row[CELLS_AHEAD].cells);
}
struct origin_row { /* of the cells of a row, in their order */
    int64_t *origins;
    uint32_t capacity;
};
struct spread_row { /* what an entity's values of one input may vary by, in order of key; 0 of a
                       scalar */
    struct spread_cell {
        uint32_t key;
        struct model_spread spread;
    } * cells;
    uint32_t count, capacity;
};
struct data_column {
    double *values; /* of a scalar, by entity; NULL when nothing was set */
    uint8_t *states;
    int64_t *origins;           /* NULL while none was stated */
    struct cell_row *rows;      /* of an indexed input */
    struct origin_row *sources; /* of its rows; NULL while no cell has an origin */
    const double *dense;        /* borrowed, entity × key */
    struct spread_row *spreads; /* by entity; NULL when none was stated */
};
struct model_data {
    struct arena *arena;
    const struct model *model;
    size_t entity_count;
    struct data_column *columns; /* by input */
    struct intern texts;
    struct cell *slab; /* room for cells, so that those of neighbours lie together */
    size_t slab_left, slab_size;
    void *spare[32]; /* by the logarithm of their capacity: rooms that rows have grown out of */
};
/* cells.c: the cell of an indexed input, made when there is none; and where its value is from. */
void cell_put(struct model_data *data, struct data_column *column, size_t entity, struct cell cell,
              int64_t origin);
int64_t cell_origin(const struct data_column *column, size_t entity, size_t place);

/* One entity's inputs in a data of its own, to be changed. */
struct model_data *model_data_copy(struct arena *arena, const struct model_data *data,
                                   size_t entity);
/* Sets a number in the input's own unit, without looking at its range. */
void data_put(struct model_data *data, const struct definition *d, size_t entity, size_t key,
              double value);
void data_put_missing(struct model_data *data, const struct definition *d, size_t entity,
                      size_t key);
/* A number that was set there; 0 when none was. */
double data_number(const struct model_data *data, const struct definition *d, size_t entity,
                   size_t key);
/* Resolves the name of an input and a key as model_data_set does. */
bool data_find(const struct model_data *data, str input, str key, const struct definition **d,
               size_t *number, struct error *err);
/* Brings a value in the unit `text` to the unit that values of this key are kept in. */
bool data_convert(const struct model_data *data, const struct definition *d, size_t key, str text,
                  double *value, struct error *err);
/* Whether a value was given there (not a default). */
bool data_is_set(const struct model_data *data, const struct definition *d, size_t entity,
                 size_t key);

struct frame {
    struct arena *arena;
    const struct model *model;
    const struct program *program;
    const struct model_data *data;
    int32_t as_known;
    size_t first, count; /* entities of the block */
    size_t block;
    double **values;
    double **own; /* a register's own room; `values` may be that of what it is equal to */
    bool *placed; /* its room is in the result */
    uint8_t **status;
    uint8_t *same;         /* by register: the status of every value, or STATUS_MIXED */
    struct sparse *sparse; /* indexes of which only the used keys are computed; see sparse.h */
    size_t sparse_count;
    struct sparse **sparse_of; /* by register; NULL: every key */
    double **whole;            /* of a uniform register over such an index: every key */
    uint8_t **whole_status;
    struct lookup_memo **memos; /* by register */
    struct map peers;           /* step → its groups, once they are asked for */
};
/* How a register over an index is kept, when only by its used keys. */
static inline struct sparse *frame_sparse(const struct frame *frame, int reg)
{
    return frame->sparse_of == NULL ? NULL : frame->sparse_of[reg];
}
/* One register of the block as entity × key. */
void frame_output(const struct frame *frame, int reg, double *values, uint8_t *status);
/* A frame in the arena for blocks of `block` entities: model->program, every register kept, or
 * model->fast, the outputs alone. */
struct frame *frame_new(struct arena *arena, const struct model *model,
                        const struct program *program, const struct model_data *data,
                        int32_t as_known, size_t block);
/* The register's values are those there, for this block: no copy is made. */
void frame_borrow(struct frame *frame, int reg, const double *values, size_t count);
/* Computes the uniform registers, then one block. */
void frame_start(struct frame *frame);
void frame_run(struct frame *frame, size_t first, size_t count);
void frame_step(struct frame *frame, const struct step *step);
/* A number beyond a double becomes an overflow. */
void check_finite(double *values, uint8_t *status, size_t count);
/* lookup.c */
void step_lookup(struct frame *frame, const struct step *step, size_t count);
/* The one row that fits the conditions' values; -1 none, -2 several. */
double lookup_row(const struct frame *frame, const struct step *step, const double *keys);
void step_points(struct frame *frame, const struct step *step, size_t count);
void step_band(struct frame *frame, const struct step *step, size_t count);
/* peers.c */
void step_peers(struct frame *frame, const struct step *step, size_t count);
/* The day of the snapshot that is known on `as_known` (day 0: the latest); INT32_MIN: none. */
int32_t peers_day(const struct table *table, int32_t as_known);
/* How many members the group has that an expression asks for at a key. */
size_t peers_count(struct frame *frame, const struct expr *expr, size_t key);
/* The row that stands for a key now, -1 none. */
long table_key_row(const struct table *table, const char *id, int32_t as_known);
/* data.c */
void step_input(struct frame *frame, const struct step *step);
/* dot.c */
void step_dot(struct frame *frame, const struct step *step);

struct run_output {
    double *values;
    uint8_t *status;
    size_t width;
};
struct model_run {
    struct arena *arena;
    const struct model *model;
    const struct model_data *data;
    int32_t as_known;
    struct run_output *outputs;
};
/* One entity with every register kept. */
struct frame *run_one(struct arena *arena, const struct model_run *run, size_t entity);
struct model_value value_make(const struct model_data *data, enum model_type type, double number,
                              uint8_t status);
const struct definition *run_find(const struct model_run *run, const char *name);
/* explain.c: the unit of a row's cell, "GJ/unit" and "t" → "GJ/t"; NULL of what is no number. */
const char *row_unit_text(struct arena *arena, const struct table *table,
                          const struct column *column, long row);
/* Whether what `user` computes depends on `used`. */
bool definition_depends(const struct model *model, const struct definition *user,
                        const struct definition *used);

/* example.c: the inputs of an example; NULL with the reason when they can't be set. */
struct model_data *example_data(struct arena *arena, const struct model *model,
                                const struct example *example, const char **failure);

/* Own exp and ln, so that every machine gives the same bits. */
double number_exp(double x);
double number_ln(double x);
double number_power(double x, int power);
double number_round(double x, double digits); /* half away from zero at so many decimals */

#endif
