/* Formulas as MathML Core, for browsers and their readers. */
#ifndef MODEL_MATHML_H
#define MODEL_MATHML_H

#include "model/engine.h"

/* `name = formula` as one <math display="block">; expr as parsed. Keys in words of a language are
 * those of the formula; the few words (if, otherwise) are in the reader's. */
void mathml_definition(struct buf *out, const struct model *model, const struct definition *d,
                       bool zh);
void mathml_expression(struct buf *out, const struct model *model, const struct expr *expr,
                       bool zh);
/* A unit as people set it: t CO2 with a lowered 2, Nm3 with a raised 3; HTML-safe text. */
void mathml_unit(struct buf *out, str unit);

#endif
