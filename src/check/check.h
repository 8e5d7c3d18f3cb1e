/* Cross-validation: rules on what was measured and declared, findings, answers, and the gate that a
 * posting waits for. Rule numbers and thresholds are those of the reference (x01 …); thresholds,
 * weights and which rules block are rows of tables/check/thresholds.csv, the way of a finding is
 * flows/finding.flow. Only measured or declared values are tested, never defaults. Nothing is
 * changed or dropped by a rule. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "account/account.h"
#include "flow/flow.h"
#include "meter/meter.h"

enum check_result { CHECK_PASS, CHECK_WARN, CHECK_FAIL, CHECK_NOT_POSSIBLE };
const char *check_result_name(enum check_result result);

struct check_rule {                /* one rule as it is in force; from the table */
    const char *id;                /* "x01" */
    struct model_text title, what; /* name, and what is compared with what */
    bool blocks;                   /* an open failure blocks label and posting */
    double weight;                 /* share of accuracy that a failure costs */
    const char *confidence;        /* tag of the thresholds */
};
struct check_rules;
/* Reads tables/check/thresholds.csv and weights.csv below the roots; the last root that has a file
 * wins. A file of a later root that can't be used is left out and noted, so that it stops nobody.
 */
struct check_rules *check_rules_open(struct arena *arena, const char *const *roots,
                                     size_t root_count, struct error *err) NODISCARD;
struct check_problem {
    const char *file;
    struct error reason;
};
/* The files that were left out. */
size_t check_rules_problems(const struct check_rules *rules, const struct check_problem **list);
size_t check_rules_list(const struct check_rules *rules, const struct check_rule **list);

struct check_evidence { /* one value that was compared */
    struct model_text name;
    bool has_value;
    double value;
    const char *unit, *source; /* source: datum, posting, attachment or threshold, in words */
    id64 datum_id;             /* 0 when it is no datum */
};
/* What a state of the finding's flow means, by its word `means`. A state that says nothing waits
 * for an answer while it is open, and is settled when it is final. */
enum check_standing {
    CHECK_WAITS_ANSWER,
    CHECK_WAITS_JUDGEMENT, /* waits_judgement: a draft is no longer held back */
    CHECK_SETTLED,         /* judged: the same values raise no new finding */
    CHECK_STANDS,          /* stands: settled, and goes on counting while the rule fires */
    CHECK_CORRECTED,       /* corrected: newer data took its place */
    CHECK_LAPSED           /* lapsed: the rule no longer fires; the same values raise a new one */
};
struct check_finding {
    id64 org_id, finding_id;
    const char *rule;
    enum check_result result; /* WARN or FAIL */
    bool blocks;
    struct account_period period;
    const char *input, *key; /* what it is about, or "" */
    struct model_text title;
    const char *text; /* English sentence with {0}…, the key of its translation: what was expected,
                         found, what to do */
    const char *args[6];
    double delta; /* relative deviation, or NAN */
    const struct check_evidence *evidence;
    size_t evidence_count;
    const struct flow_state *state; /* of flows/finding.flow, or the flow in its place */
    enum check_standing standing;   /* what the flow says that this state means */
    id64 case_id;                   /* of the flow */
    bool closed;
    int64_t step; /* number of the flow's last step: what check_move_finding must have seen */
    int64_t at, known_seq;
};
/* Runs every rule that has its data for the organisation's year and months. New deviations open
 * findings, findings whose rule no longer fires lapse or are closed as corrected, gates of drafts
 * are set. Inside a write. */
struct check_summary {
    int64_t passed, warned, failed, not_possible, opened, closed;
};
bool check_run(struct db *db, struct arena *arena, const struct viewer *viewer,
               const struct account_rules *rules, const struct check_rules *checks,
               const struct flow_library *flows, id64 org_id, int year, date today, int64_t now_ms,
               struct check_summary *summary, struct error *err) NODISCARD;
/* The last outcome of every rule for a year, including passes and those not possible with the
 * reason. */
struct check_outcome {
    const char *rule;
    struct model_text title;
    enum check_result result;
    struct account_period period;
    double delta;
    const char *reason; /* English key: why it was not possible, or "" */
    id64 finding_id;    /* 0 */
};
bool check_list_outcomes(struct db *db, struct arena *arena, const struct viewer *viewer,
                         id64 org_id, int year, struct check_outcome **list, size_t *count,
                         struct error *err) NODISCARD;
bool check_list_findings(struct db *db, struct arena *arena, const struct viewer *viewer,
                         const struct flow_library *flows, id64 org_id, bool open_only,
                         struct check_finding **list, size_t *count, struct error *err) NODISCARD;
bool check_get_finding(struct db *db, struct arena *arena, const struct viewer *viewer,
                       const struct flow_library *flows, id64 org_id, id64 finding_id,
                       struct check_finding *finding, struct error *err) NODISCARD;
/* A finding's sentence in the reader's language, still with {0}…. A rule that is a model file
 * brings the Chinese of its sentence along. */
const char *check_sentence(enum lang lang, const struct model_library *library, const char *text);
/* The explanation of a finding about a condition that a method states of its run: the very run that
 * raised it, computed again. Error ACCOUNT_UNKNOWN for findings of other rules. */
bool check_explain_finding(struct db *db, struct arena *arena, const struct viewer *viewer,
                           const struct account_rules *rules, const struct check_finding *finding,
                           struct account_explanation *explanation, struct error *err) NODISCARD;
/* Whether the finding is about such a condition. */
bool check_is_condition(const struct check_finding *finding);
struct check_step { /* what was said and decided about a finding */
    struct model_text title, state;
    const char *note;
    id64 person_id; /* 0: the program */
    int64_t at;
};
bool check_list_steps(struct db *db, struct arena *arena, const struct viewer *viewer,
                      const struct flow_library *flows, const struct check_finding *finding,
                      struct check_step **list, size_t *count, struct error *err) NODISCARD;
/* What was attached to the answers. Without the scope activity only `all` is told. */
struct check_documents {
    struct registry_attachment *list;
    size_t count, all;
};
bool check_list_documents(struct db *db, struct arena *arena, const struct viewer *viewer,
                          const struct check_finding *finding, struct check_documents *documents,
                          struct error *err) NODISCARD;
/* The bytes of one of them; REGISTRY_ATTACHMENT_UNKNOWN for any other. */
bool check_read_document(struct db *db, struct arena *arena, const struct viewer *viewer,
                         const struct check_finding *finding, id64 attachment_id,
                         struct registry_attachment *attachment, str *bytes,
                         struct error *err) NODISCARD;
/* The transitions that the viewer may take from the finding's state. */
bool check_list_options(struct db *db, struct arena *arena, const struct viewer *viewer,
                        const struct flow_library *flows, const struct check_finding *finding,
                        struct flow_option **list, size_t *count, struct error *err) NODISCARD;
/* Takes a transition of the finding's flow (answer, accept_explanation, confirm …) with a note and,
 * for an answer, an attachment (0: none); sets the gates anew. An answer is told to the verifiers
 * that hold a letter. */
bool check_move_finding(struct db *db, const struct viewer *viewer,
                        const struct flow_library *flows, id64 org_id, id64 finding_id,
                        const char *transition, int64_t step_seen, const char *note,
                        id64 attachment_id, int64_t now_ms, struct error *err) NODISCARD;
/* Puts check.fail, check.warn, check.blocking, data.accuracy into a fact sheet. */
bool check_put_facts(struct db *db, const struct viewer *viewer, const struct check_rules *checks,
                     const struct flow_library *flows, struct account_facts *facts,
                     struct error *err) NODISCARD;

#endif
