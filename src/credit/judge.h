/* Inside credit: running the judging models on a fact sheet. */
#ifndef CREDIT_JUDGE_H
#define CREDIT_JUDGE_H

#include "credit/credit.h"

struct judge_step { /* one model that judged */
    const struct model *model;
    const struct model_run *run;
    struct account_bindings given; /* what it judged, in order of input and key */
};
struct judge {
    struct judge_step *steps;
    size_t count, capacity;
    digest digest;              /* of models, tables and inputs in order */
    const struct model *method; /* of the organisation's account; NULL: none */
};
/* Runs the organisation's models of the kinds indicator, confidence, label and grade, in this
 * order, and puts each output into the fact sheet as <kind>.<output>, so that a later one can use
 * it. */
bool judge_facts(struct db *db, struct arena *arena, const struct viewer *viewer,
                 const struct credit_rules *rules, struct account_facts *facts, struct judge *judge,
                 struct error *err) NODISCARD;
/* Reads the year's facts and what the checks say of it. */
bool judge_read_facts(struct db *db, struct arena *arena, const struct viewer *viewer,
                      const struct credit_rules *rules, const struct account_facts_query *query,
                      struct account_facts *facts, struct error *err) NODISCARD;
/* Turns the run into reasons, missing values and improvements of a rating. */
void judge_describe(struct arena *arena, const struct judge *judge,
                    const struct account_facts *facts, struct credit_rating *rating);
/* What a model of a kept rating was given. */
bool judge_read_kept(struct db *db, struct arena *arena, id64 org_id, id64 rating_id,
                     const char *model, struct account_judgement *judgement, bool *found,
                     struct error *err) NODISCARD;

#endif
