/* The explanation of a figure, for every portal: formula in words and symbols, each operand with
 * value, unit and source, factor rows with document and clause, inputs with evidence tier and
 * submission, the proof in the log, and all of it as JSON. A portal adds its own routes, decides
 * who may look (web_look first, when it is another organisation's figure), and calls these. */
#ifndef WEB_SHARED_EXPLAIN_H
#define WEB_SHARED_EXPLAIN_H

#include "account/account.h"
#include "web/web.h"

/* Where the portal keeps what an explanation links to. Each is a path without a slash at its end.
 */
struct explain_place {
    const char *postings;    /* "/enterprise/explain": + "/{posting}", + "/json", "/receipt" */
    const char *models;      /* "/enterprise/model": + "/{digest}" of a model's or table's bytes */
    const char *submissions; /* "/enterprise/data/submissions": + "/{id}"; NULL: no link */
    const char *query;       /* what each link to a posting carries: "?letter=…", or NULL */
    const char *crumb_text, *crumb_url; /* the page that the reader comes from, translated */
    const char *nav;
};

/* Answers with the explanation of the route's {posting} of `org_id`: the page, or what the route's
 * {form} names, "json" or "receipt". Errors: those of account_explain; WEB_NO_SUCH_PAGE for another
 * form and for a receipt that is not signed yet. */
bool explain_posting(struct web *web, id64 org_id, const struct explain_place *place,
                     struct error *err) NODISCARD;

/* Answers with the explanation of an output of a judging or product model, a tree without origins
 * unless they are given: the page, or with ?form=json the tree as JSON. */
struct explain_judgement {
    const char *title; /* translated */
    const struct model_node *tree;
    const char *note; /* translated sentence on what it rests on, or "" */
    const struct account_explanation *explanation; /* origins of its inputs, or NULL */
};
bool explain_judgement(struct web *web, const struct explain_judgement *judgement,
                       const struct explain_place *place) NODISCARD;

/* Answers with the bytes of a model or table file as kept when a run used it. */
bool explain_file(struct web *web, str digest_text, const struct explain_place *place,
                  struct error *err) NODISCARD;

/* The tree alone, for a page of another shape. `explanation` may be NULL. */
html explain_tree(struct web *web, const struct model_node *tree,
                  const struct account_explanation *explanation, const struct explain_place *place);

/* A model's text in the reader's language; a code word ("energy_per_product") as people read it. */
const char *explain_text(const struct web *web, struct model_text text);
const char *explain_word(const struct web *web, const char *code);
/* "2025-03" or, in Chinese, 2025年3月; "2025" or 2025年. */
const char *explain_period(const struct web *web, struct account_period period);
/* A posting's amount as people read it: t CO2e, tce (energy), or the product's unit. */
double explain_amount(const struct account_posting *posting, const char **unit);

#endif
