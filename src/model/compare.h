/* Two models over the same data, champion and challenger: which results differ, by how much, and
 * where the two ways of computing part. */
#ifndef MODEL_COMPARE_H
#define MODEL_COMPARE_H

#include "model/tanshu_model.h"

/* An output, or a requirement, that both models have under one name. */
struct compared_output {
    const char *name;
    struct model_text label;
    enum model_type type; /* of a requirement MODEL_FLAG */
    bool requirement;
    const char *unit; /* of a */
    double scale;     /* b's figures times scale are in a's unit */
    const char *index;
    const struct model_key *keys; /* of a */
    size_t key_count;             /* 1 of a scalar */
};
struct comparison {
    const struct model *models[2];
    const struct model_run *runs[2];
    const struct compared_output *outputs;
    size_t output_count;
    const char *
        *only[2]; /* outputs of one model alone; another type, unit or index counts so too */
    size_t only_count[2];
};
void compare_models(struct arena *arena, const struct model_run *a, const struct model_run *b,
                    const struct model *model_a, const struct model *model_b,
                    struct comparison *comparison);

/* One result on both sides; numbers of b are brought to a's unit. */
struct compared_value {
    bool present[2]; /* false: the key is absent */
    struct model_value values[2];
    bool changed; /* numbers that agree to 1e-9 of the larger count as equal */
};
struct compared_value compare_value(struct arena *arena, const struct comparison *comparison,
                                    const struct compared_output *output, size_t entity,
                                    size_t key);

enum reason_kind {
    REASON_FORMULA, /* the step is computed by another formula */
    REASON_FACTOR,  /* a table gives another value */
    REASON_DEFAULT, /* another default, or one side has none */
    REASON_CONST,   /* a constant of another value */
    REASON_INPUT    /* the value given is read differently, or is missing in one */
};
struct reason {
    enum reason_kind kind;
    const char *step;
    struct model_text label;
    struct model_value values[2];
    const char *units[2];
    const char *expressions[2]; /* of a formula; of a factor the table; else NULL */
};
/* Where the explanations of an output part, deepest first, each step once; at most 20. */
size_t compare_reasons(struct arena *arena, const struct comparison *comparison,
                       const struct compared_output *output, size_t entity, size_t key,
                       const struct reason **reasons);
const char *reason_name(enum reason_kind kind, bool zh);

#endif
