/* One entity's results as a straight line of scalar operations over what may vary: its inputs and
 * the factor rows it uses. Keys that are absent, tables and branches that can't matter are gone, so
 * that a tape is short (tens of operations), can be run over many draws at once, and gives exact
 * derivatives by one walk back. At the values of the run it gives the bits of the machine.
 *
 * A tape belongs to the arena of its space's owner; a space is scratch memory of one thread. */
#ifndef MODEL_TAPE_H
#define MODEL_TAPE_H

#include "model/program.h"

/* A node's op is one of the machine's: OP_CONST (number, status), OP_INPUT (variable number a),
 * pairs, logic and singles with a and b, OP_MIN and OP_MAX of two, OP_COALESCE of two, OP_MISSING,
 * OP_SELECT (a ? b : c), OP_POINTS and OP_LOOKUP with a list, OP_CELL of row a. */
struct tape_node {
    uint8_t op, status; /* status: of a constant */
    bool may_miss;      /* a lane may come out missing */
    bool once;          /* a constant of which pairs alone read, and only the first lane */
    int a, b, c;
    double number;
    const int *list;
    size_t count;
    const struct step *step;
};

struct tape_variable {
    const struct definition *input; /* NULL: a cell of a table */
    size_t key;
    const struct table *table;
    size_t row;
    int column;
    double base;
    struct model_spread spread;
    uint64_t stream; /* which random numbers are its own */
    int node;
};

/* Where a variable stands: an input and key, or a line and column of a file. Bytes of it, without
 * gaps, are the key of a map. */
struct tape_place {
    const void *thing;
    uint64_t at;
    int64_t column; /* -1 of an input */
};
struct tape_place tape_place_of(const struct tape_variable *variable);
str tape_place_str(const struct tape_place *place);

struct tape {
    struct tape_node *nodes;
    size_t count;
    struct tape_variable *variables;
    size_t variable_count;
    int *roots; /* nodes, in the order asked for */
    size_t root_count;
    size_t list_max;           /* the longest list of a node */
    const struct frame *frame; /* for searches in tables */
};

/* A lane without a result holds one of these: it says what was missing or what went wrong. */
double tape_nan(uint8_t status);
uint8_t tape_status(double value); /* MODEL_OK of a finite number */

struct tape_root {
    const struct definition *definition;
    size_t key;
};
/* Whether a value varies; fills the variable's spread and stream. */
struct tape_chooser {
    bool (*input)(void *thing, struct tape_variable *variable);
    bool (*factor)(void *thing, struct tape_variable *variable);
    void *thing;
};
struct tape_space;
struct tape_space *tape_space_new(struct arena *arena, const struct model *model);
/* `frame` holds every register of a block; `lane` is the entity's place in it. */
struct tape *tape_make(struct arena *arena, struct tape_space *space, const struct frame *frame,
                       size_t lane, const struct tape_root *roots, size_t root_count,
                       const struct tape_chooser *chooser);

/* Whether a node of that op takes two values lane by lane. */
static inline bool tape_is_pair(enum op op)
{
    enum op_kind kind = op_info(op)->kind;
    return kind == OP_PAIR || kind == OP_LOGIC || kind == OP_FOLD || kind == OP_FALLBACK;
}

/* How many numbers `lanes` needs. lanes[node * stride + i], i < count: those of the variables are
 * given, the constants are filled once, the rest is computed. */
size_t tape_lanes(const struct tape *tape, size_t stride);
void tape_fill(const struct tape *tape, double *lanes, size_t stride);
void tape_run(const struct tape *tape, double *lanes, size_t stride, size_t count);

/* Where a derivative holds only on this side of a choice. */
enum tape_kink { TAPE_SMOOTH, TAPE_PIECEWISE, TAPE_AT_KINK };
/* Derivatives of one root with respect to every variable (by variable), at the base values.
 * False when the root has no number there. */
bool tape_gradient(struct arena *arena, const struct tape *tape, int root, double *value,
                   double *derivatives, enum tape_kink *kink);

/* gradient.c */
enum model_smoothness tape_smoothness(enum tape_kink kink);
extern const struct tape_chooser tape_everything; /* every input and every cell varies */
/* Names a variable for a reader; the derivative is left 0. */
struct model_partial tape_name(struct arena *arena, const struct model *model,
                               const struct tape_variable *variable);
bool tape_find_root(const struct model_run *run, const char *output, str key,
                    struct tape_root *root);

#endif
