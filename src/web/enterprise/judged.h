/* A rating as the enterprise sees it: the label with its basis, benchmark, distance and confidence,
 * the grade, and what has not been given yet. Used by the overview and the page of label and grade.
 */
#ifndef WEB_ENTERPRISE_JUDGED_H
#define WEB_ENTERPRISE_JUDGED_H

#include "credit/credit.h"
#include "web/enterprise/benchmark.h"
#include "web/web.h"

/* The known reason of an output, or NULL. */
const struct credit_reason *judged_reason(const struct credit_rating *rating, const char *output);
/* Where the tree of an output is explained. */
const char *judged_url(struct web *web, const struct credit_rating *rating, const char *model,
                       const char *output);
/* The panel of the label and the panel of the grade. `rating` NULL: nothing was judged yet. */
html judged_label(struct web *web, const struct credit_rating *rating,
                  const struct benchmark *benchmarks, size_t count);
html judged_grade(struct web *web, const struct credit_rating *rating);
bool judged_has_grade(const struct credit_rating *rating);

/* An input that one of the year's models asks for and for which nothing was given. */
struct judged_gap {
    const char *kind; /* "method", "energy", "label", "grade", "product" … */
    const char *name, *label, *help, *period;
    bool optional; /* the year is computed and judged without it; it would be more exact with it */
};
bool judged_read_gaps(struct db *db, struct web *web, int year, struct judged_gap **list,
                      size_t *count, struct error *err) NODISCARD;
/* What is missing, grouped by what it serves, each with a link to enter it; `with_help` says where
 * to find it. What is needed comes first; optional inputs stand apart. HTML_EMPTY: nothing. */
html judged_gaps(struct web *web, int year, const struct judged_gap *list, size_t count,
                 size_t shown_max, bool with_help);

#endif
