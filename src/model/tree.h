/* Parsed trees as text: for comparing what two files mean and for showing a formula in one form,
 * however it is laid out. They read a model as library_parse_text leaves it, before functions are
 * put in place and units are brought together. */
#ifndef MODEL_TREE_H
#define MODEL_TREE_H

#include "model/engine.h"

/* The formula on one line, with one blank around operators and no bracket that is not needed. */
char *tree_formula(struct arena *arena, const struct model *model, const struct expr *expr);
/* Everything the formula means, exact: equal texts if and only if equal trees. */
char *tree_exact(struct arena *arena, const struct model *model, const struct expr *expr);
/* How tight the operator of an expression binds: 1 or … 8 ^, 9 what needs no brackets. */
int tree_level(const struct expr *expr);
const char *tree_operator(enum op op); /* "+", "and", … */
/* A unit with its size, exact. */
void tree_put_unit(struct buf *out, const struct model *model, const struct unit *unit);
/* What a statement names: the word behind the keyword, of `use` the name that the model has here.
 */
str tree_statement_name(const struct token *begin);
/* The statement that begins with `keyword` and names `name`, its words with one blank between;
 * empty when there is none. */
char *tree_statement(struct arena *arena, const struct model *model, const char *keyword, str name);
/* Adds the names of the columns of `table` that formulas read to `used`, those that a row is found
 * by to `keys` (which may be NULL). */
void tree_used_columns(const struct model *model, str table, struct map *used, struct map *keys);
/* Of everything parsed: statements, formulas, labels, examples; not of blanks and comments. */
digest tree_digest(struct arena *arena, const struct model *model);

#endif
