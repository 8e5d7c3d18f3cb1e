/* The reference evaluator: the meaning of the language, one value at a time, straight from the
 * checked tree. It is slow and obvious, shares no step with the compiler, the optimiser or the
 * machine, and says what bits a run has: tests and fuzzers compare the two bit for bit.
 * doc/model-language.md, "What a run computes, to the last bit", is its description. */
#ifndef MODEL_REFERENCE_H
#define MODEL_REFERENCE_H

#include "model/program.h"

struct quantity {
    double value;   /* meaningful when code is MODEL_OK */
    uint8_t code;   /* enum model_status, or STATUS_ABSENT */
    bool given_for; /* an input was given for this key */
};

struct reference;
struct reference *reference_new(struct arena *arena, const struct model *model,
                                const struct model_data *data, int32_t as_known, size_t entity);
/* What a definition is for the entity; `key` is 0 when it goes by no index. */
struct quantity reference_definition(struct reference *reference, const struct definition *d,
                                     size_t key);

/* Compares a definition's value at a key with the bits of a frame or a run; true when they agree.
 */
bool reference_agrees(const struct quantity *quantity, double value, uint8_t status);
/* Runs the data on 1 and 3 threads and compares every output of every entity, and every definition
 * of every `each`-th entity, with the reference. NULL when all agree, else what does not. */
char *reference_compare(struct arena *arena, const struct model *model,
                        const struct model_data *data, int32_t as_known, size_t each);

#endif
