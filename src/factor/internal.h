/* What the files of this room share. */
#ifndef FACTOR_INTERNAL_H
#define FACTOR_INTERNAL_H

#include "factor/factor.h"

/* Rows of one series and class stand in one group, by table and in order of time. */
int factor_compare_time(const struct factor_row *a, const struct factor_row *b);

/* Adds the rows of one table to the library. */
bool factor_read_table(struct factor_library *library, size_t *capacity, const char *path,
                       str bytes, struct error *err) NODISCARD;

/* Adds what one file of tables/words/ says; `name` is columns.csv or texts.csv. */
bool factor_read_words(struct factor_library *library, const char *name, str bytes,
                       struct error *err) NODISCARD;

#endif
