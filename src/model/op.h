/* The operations of expressions and of the machine: one table, op.def. */
#ifndef MODEL_OP_H
#define MODEL_OP_H

#include "base/base.h"

enum op {
    OP_NONE,
#define OP(name, text, operands, kind, note) OP_##name,
#include "model/op.def"
#undef OP
    OP_END
};

enum op_kind {
    OP_SOURCE,   /* takes nothing but the run's data and tables */
    OP_SHAPE,    /* moves a value between keys */
    OP_PAIR,     /* of two values; the first that is not known stands for the result */
    OP_LOGIC,    /* of two flags; one may decide for both */
    OP_SINGLE,   /* of one value */
    OP_FOLD,     /* of a list from left to right; the first that is not known stands for it */
    OP_FALLBACK, /* of a list; passes over what is missing */
    OP_QUESTION, /* about the status of a value */
    OP_CHOICE,   /* of two values by a flag */
    OP_OVER,     /* over the keys of an index, in their order; b = -1: all of them */
    OP_SEARCH,   /* for a place among limits or rows */
};

struct op_info {
    const char *text; /* as the disassembler shows it */
    int operands;     /* -1: a list */
    enum op_kind kind;
    const char *note;
};
const struct op_info *op_info(enum op op); /* of any but OP_NONE and OP_END */

#endif
