/* Inside intake: the parsers, which run in the jail. They take bytes and hand rows to a sink; they
 * open nothing, and every size they meet is checked against limits.def. */
#ifndef INTAKE_PARSE_H
#define INTAKE_PARSE_H

#include <iconv.h>

#include "intake/intake.h"
#include "intake/limits.h"
#include "base/buf.h"

struct parse {
    const struct intake_sink *sink;
    iconv_t gb18030;     /* to UTF-8; opened before the jail closes */
    struct arena *arena; /* for the whole file */
    int64_t cells, text_bytes;
};

/* Looks at the first bytes and runs one of the two below. */
bool parse_file(struct parse *parse, str bytes, struct error *err) NODISCARD;
bool parse_csv(struct parse *parse, str bytes, struct error *err) NODISCARD;
bool parse_xlsx(struct parse *parse, str bytes, struct error *err) NODISCARD;

/* A row being gathered. Texts live in `arena`, which is renewed between rows. */
struct parse_row {
    struct arena *arena;
    struct intake_row row;
    struct intake_cell *cells;
    size_t bytes;
};
void parse_row_init(struct parse_row *row);
void parse_row_clear(struct parse_row *row);
/* The next cell to fill; columns must rise. Counts against the limits. NULL with an error. */
struct intake_cell *parse_row_add(struct parse *parse, struct parse_row *row, uint32_t number,
                                  int64_t column, str text, struct error *err);
/* Hands the row to the sink unless it is empty, and makes room for the next. */
bool parse_row_send(struct parse *parse, struct parse_row *row, struct error *err) NODISCARD;

bool parse_over_limit(const char *where, const char *name, struct error *err);

#endif
