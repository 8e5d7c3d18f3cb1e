/* Label, grade and report. The models of kind `confidence`, `label` and `grade` judge; this room
 * gives them the fact sheet, keeps the rating with its digests, and issues the carbon
 * creditworthiness report. */
#ifndef CREDIT_CREDIT_H
#define CREDIT_CREDIT_H

#include "check/check.h"

struct credit_reason { /* one line of a judgement: an output of a judging model, explained */
    const char *model, *output;
    struct model_text label;
    bool known;
    enum model_type type;
    double value;
    const char *unit, *text;
};
struct credit_missing { /* what is missing for a better judged result */
    const char *name;   /* input or fact */
    struct model_text label;
    const char *affects;             /* output */
    struct model_text affects_label; /* what people call it */
    bool from_user;                  /* the user can give it (else it follows from other data) */
};
struct credit_improvement { /* what would help most */
    struct model_text label;
    const char *input, *unit;
    double value, change,
        points; /* today's value, the change looked at (share), points of the score gained */
};
struct credit_rating {
    id64 org_id, rating_id;
    int year;
    const char *label; /* deep_green, light_green, yellow, red, grey */
    const char *grade; /* AAA … C, or "" */
    bool has_score;
    double score;
    const char *confidence; /* A … D, or "" */
    const char *stage;      /* early, middle, mature, or "" */
    const struct credit_reason *reasons;
    size_t reason_count;
    const struct credit_missing *missing;
    size_t missing_count;
    const struct credit_improvement *improvements;
    size_t improvement_count;
    digest digest; /* of models, tables and facts used */
    int64_t at, known_seq;
    bool repeated; /* of credit_rate: the newest rating says the same, nothing was added */
};

struct credit_rules { /* what judging needs; owned by app */
    const struct account_rules *account;
    const struct check_rules *checks;
    const struct flow_library *flows;
};
/* Runs the judging models on the year's fact sheet and keeps the rating (append-only). Inside a
 * write. */
bool credit_rate(struct db *db, struct arena *arena, const struct viewer *viewer,
                 const struct credit_rules *rules, id64 org_id, int year, date today,
                 int64_t now_ms, struct credit_rating *rating, struct error *err) NODISCARD;
/* The newest rating of a year, or of the newest rated year when year is 0. Needs the scope label.
 */
bool credit_read_rating(struct db *db, struct arena *arena, const struct viewer *viewer,
                        id64 org_id, int year, struct credit_rating *rating, bool *found,
                        struct error *err) NODISCARD;
bool credit_list_ratings(struct db *db, struct arena *arena, const struct viewer *viewer,
                         id64 org_id, struct credit_rating **list, size_t *count,
                         struct error *err) NODISCARD;
/* The tree that explains one output of a judging model (label, score, …), run again on the inputs
 * that were judged. Needs the scopes label and activity, and finance when money is among them.
 * Errors: CREDIT_NO_RATING, CREDIT_NO_OUTPUT. */
bool credit_explain(struct db *db, struct arena *arena, const struct viewer *viewer,
                    const struct credit_rules *rules, id64 org_id, id64 rating_id,
                    const char *model, const char *output, const struct model_node **tree,
                    struct error *err) NODISCARD;
/* The facts of a year with check.*, label.* and grade.* put in: what product models read. */
bool credit_read_facts(struct db *db, struct arena *arena, const struct viewer *viewer,
                       const struct credit_rules *rules, const struct account_facts_query *query,
                       struct account_facts *facts, struct error *err) NODISCARD;

/* What an export holds of the ratings: judgements.jsonl (a line for each model of each rating,
 * doc/formats.md) and the models and tables it names. Only for the organisation itself. */
bool credit_export_files(struct db *db, struct arena *arena, const struct viewer *viewer,
                         id64 org_id, const struct account_file **files, size_t *count,
                         struct error *err) NODISCARD;

/* Yearly and monthly work for one enterprise in one write: account runs of the months given (0, 0:
 * all months with data of the year), checks, rating. What import, forms and the nightly job call.
 */
bool credit_refresh(struct db *db, struct arena *arena, const struct viewer *viewer,
                    const struct credit_rules *rules, id64 org_id, int year, date today,
                    int64_t now_ms, struct error *err) NODISCARD;

#endif
