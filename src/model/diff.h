/* What changed in meaning between two models, whatever their layout. */
#ifndef MODEL_DIFF_H
#define MODEL_DIFF_H

#include "model/engine.h"

enum change_kind { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_RENAMED, CHANGE_CHANGED };
enum change_class {
    CHANGE_MEANING,   /* results, inputs or outputs may differ */
    CHANGE_DOCUMENTS, /* labels, help, clauses, sources: what people read */
    CHANGE_EXAMPLES   /* the model's own tests */
};
struct change {
    enum change_kind kind;
    enum change_class class;
    const char *what;   /* input, let, out, const, require, function, table, set, model … */
    const char *name;   /* of the thing; "" of the model itself */
    const char *aspect; /* unit, default, formula, row …; "" when the thing came or went */
    const char *before, *after; /* NULL when there is none */
};
struct changes {
    struct arena *arena;
    struct change *list;
    size_t count, capacity;
};

/* Both models are checked; each may belong to a library of its own, whose tables it is compared
 * with. Changes come in the order of a's statements, then of b's. */
void diff_models(struct changes *changes, const struct model *a, const struct model *b);
bool diff_same_meaning(const struct changes *changes);

/* diff_table.c: rows and cells of the tables that the two call by one name. */
void diff_tables(struct changes *changes, const struct model *a, const struct model *b,
                 const struct table *before, const struct table *after);
void diff_add(struct changes *changes, enum change_kind kind, enum change_class class,
              const char *what, str name, const char *aspect, const char *before,
              const char *after);

#endif
