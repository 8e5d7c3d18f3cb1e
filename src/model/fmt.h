/* `tanshu model fmt`: one layout for every model file. */
#ifndef MODEL_FMT_H
#define MODEL_FMT_H

#include "model/engine.h"
#include "model/tree.h"

/* The text in canonical layout: comments kept, meaning (the parsed tree's digest) unchanged, and
 * formatting it again changes nothing. False, with diagnostics, when the text does not parse. */
bool fmt_model(struct arena *arena, struct model_library *library, str path, str text,
               struct model_diagnostics *diagnostics, str *formatted) NODISCARD;

#endif
