/* A model as a page to read: inputs, formulas with clauses, factors with sources. */
#ifndef MODEL_SHOW_H
#define MODEL_SHOW_H

#include "model/engine.h"

/* What the page and the text list of the tables: the columns that formulas read, and the columns
 * that say where a row comes from. Disabled rows are left out. */
struct show_table {
    const struct table *table;
    int *columns; /* read by formulas, in order; the id and the names are not among them */
    size_t column_count;
    int *sources; /* publisher, document, clause, … that the table has */
    size_t source_count;
};
/* One for each table of the model. */
size_t show_tables(struct arena *arena, const struct model *parsed, struct show_table **tables);
/* "28.435 GJ/t"; a unit that goes by the row is put in. */
const char *show_cell(struct arena *arena, const struct table *table, size_t row, int column);

/* The whole page, self-contained: no script, no font, no picture from elsewhere; formulas as
 * MathML. */
char *show_html(struct arena *arena, const struct model *model, bool zh);

#endif
