/* Only the keys that are used: a block's registers over an index hold one value for each pair of
 * entity and key that some input was given for, instead of one for every key. That is exact where
 * at any other key all that is ever asked of the index is absent; see sparse_plan. */
#ifndef MODEL_SPARSE_H
#define MODEL_SPARSE_H

#include "model/program.h"

struct sparse {
    const struct index *index;
    const struct definition **inputs; /* whose keys count */
    int *registers;                   /* theirs */
    uint8_t *same;                    /* theirs, of the block */
    size_t input_count;
    int *gathered; /* registers that are the same for every entity, and read by key */
    size_t gathered_count;
    size_t pairs;     /* of the block */
    size_t *start;    /* by entity, and one behind */
    uint32_t *key;    /* of each pair, in the order of the index */
    uint32_t *entity; /* of each pair, from the block's first */
    uint32_t *place;  /* by key: its pair, of the entity at hand */
    uint64_t *used;
};

/* Finds the indexes of the frame's program and data that can be run so. */
void sparse_plan(struct frame *frame);
/* The pairs of a block, and the uniform registers at them. */
void sparse_start(struct frame *frame);
void sparse_input(struct frame *frame, const struct sparse *sparse, const struct step *step);
void sparse_broadcast(struct frame *frame, const struct sparse *sparse, const struct step *step);
void sparse_pick(struct frame *frame, const struct sparse *sparse, const struct step *step);
/* A register as entity × key, absent where there is no pair. */
void sparse_expand(const struct frame *frame, const struct sparse *sparse, int reg, double *values,
                   uint8_t *status);

#endif
