/* What the checker's files share: each finds types, units and indexes of one kind of expression and
 * changes the tree in place. All return false when something is wrong and reported. */
#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "model/engine.h"

#define SAY(...) arena_printf(model->arena, __VA_ARGS__)

/* Reports at the expression, marks it broken, returns false. */
bool check_wrong(struct model *model, struct expr *expr, const char *rule, const char *hint,
                 char *message);
/* A new node that stands where `like` stands. */
struct expr *check_make(struct model *model, enum expr_kind kind, const struct expr *like);
bool check_want_type(struct model *model, struct expr *expr, struct expr *part,
                     enum model_type type);
char *check_unit_text(struct model *model, const struct expr *expr);
bool expression_is_zero(const struct expr *expr); /* a bare 0, that fits every unit */
bool check_find_column(struct model *model, struct expr *expr);
bool check_use_definition(struct model *model, struct expr *expr, struct definition *d);

/* Height and depth of what is checked, by its parts and what it names. */
bool check_measure_depth(struct model *model, struct expr *expr);

/* check_call.c */
bool check_lookup(struct model *model, struct expr *expr);
bool check_peers(struct model *model, struct expr *expr);
bool check_gwp(struct model *model, struct expr *expr);
bool check_prev(struct model *model, struct expr *expr);
bool check_growth(struct model *model, struct expr *expr);
bool check_put_function(struct model *model, struct expr *expr);

#endif
