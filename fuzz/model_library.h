/* For the targets of the model language: a library that knows the tables of $TANSHU_SOURCE, or of
 * the folder it runs in, and holds no model. */
#ifndef FUZZ_MODEL_LIBRARY_H
#define FUZZ_MODEL_LIBRARY_H

#include <stdlib.h>

#include "model/engine.h"

static inline struct model_library *fuzz_open_library(void)
{
    const char *source = getenv("TANSHU_SOURCE");
    const char *roots[] = {source == NULL ? "." : source};
    struct error err = {0};
    struct model_library *library = library_open_bare(roots, 1, &err);
    CHECK(library != NULL); /* without the units every input would be refused unread */
    return library;
}

#endif
