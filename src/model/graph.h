/* What a model computes from what, as a picture: a layered graph, inputs at the left, drawn as SVG
 * by this room alone. The same model gives the same bytes. */
#ifndef MODEL_GRAPH_H
#define MODEL_GRAPH_H

#include "model/engine.h"

enum graph_kind {
    GRAPH_INPUT,
    GRAPH_TABLE,
    GRAPH_MODEL, /* a figure of another model */
    GRAPH_CONST,
    GRAPH_LET,
    GRAPH_OUT,
    GRAPH_REQUIRE
};
struct graph_node {
    enum graph_kind kind;
    const char *name; /* with its index: burnt[fuel] */
    struct model_text label;
    const char *unit;    /* or NULL */
    const char *formula; /* on one line; of a table its path; else NULL */
    const char *clause;  /* or NULL */
    size_t *uses;        /* nodes that it is computed from, ascending */
    size_t use_count, use_capacity;
    int layer; /* 0 at the left; greater than that of anything it uses */
    bool kept;
};
struct graph {
    struct graph_node *nodes;
    size_t count, capacity;
};

/* Of the whole model, or of what `output` (an output, step or requirement) rests on; false when
 * there is no such name. Nodes not wanted have `kept` false. */
bool graph_make(struct arena *arena, const struct model *model, const char *output,
                struct graph *graph) NODISCARD;
/* graph_svg.c */
char *graph_svg(struct arena *arena, const struct model *model, const struct graph *graph, bool zh);
char *graph_json(struct arena *arena, const struct graph *graph);

#endif
