/* The carbon account: what was submitted, the data taken from it, model runs over the data,
 * immutable postings, statements, and the fact sheet that every later judgement reads.
 *
 * All functions run inside the caller's store_read or store_write; results live in the arena given.
 * Reads take a `struct viewer` and refuse what it may not see (REGISTRY_NOT_ALLOWED).
 *
 * Known time: every row carries known_seq, the size of the evidence log when it was accepted. "As
 * known at K" is what was accepted before the log reached K entries; ACCOUNT_NOW is everything. */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/id.h"
#include "base/str.h"
#include "factor/factor.h"
#include "locale/locale.h"
#include "model/tanshu_model.h"
#include "registry/registry.h"
#include "store/store.h"

#define ACCOUNT_NOW INT64_MAX

/* ---- evidence tiers ------------------------------------------------------------------------ */

/* How strong the source of a datum is, strongest first (the order is fixed by the design). */
enum account_tier {
    ACCOUNT_TIER_SETTLEMENT = 1, /* utility settlement meter or verified carbon-market figure */
    ACCOUNT_TIER_DEPARTMENT,     /* from a government department */
    ACCOUNT_TIER_METER,          /* calibrated own meter */
    ACCOUNT_TIER_INVOICE,        /* ledger or invoice */
    ACCOUNT_TIER_DECLARED,       /* self-declared */
    ACCOUNT_TIER_DEFAULT,        /* a default value */
    ACCOUNT_TIERS
};
const char *
account_tier_name(enum account_tier tier); /* "settlement", … (stored, accepted in files) */
const char *account_tier_label(enum account_tier tier); /* English sentence part for tr() */
bool account_tier_parse(str text, enum account_tier *tier) NODISCARD;

/* ---- periods ------------------------------------------------------------------------------- */

/* A period has an inclusive first and last day. A value that holds once for an organisation (per
 * once) has the open period below. */
struct account_period {
    date first, last;
};
struct account_period account_month(int32_t month);
struct account_period account_year(int year);
struct account_period account_once(void);
bool account_period_equal(struct account_period a, struct account_period b);
/* "2025-03", "2025", "once", else "2025-03-05..2025-04-04". */
char *account_period_text(struct arena *arena, struct account_period period);

/* ---- rules in force ------------------------------------------------------------------------ */

struct account_rules { /* shared, never changed; owned by app */
    const struct model_library *library;
    const struct registry_codes *codes;
    const struct factor_library *factors; /* for who asks how sure a factor is; may be NULL */
};

struct account_method {        /* which model computes an organisation's account, and why */
    const struct model *model; /* NULL: none applies */
    const char *prefix; /* the longest prefix of the industry class that the model names; "" =
                           applies to all */
    bool overridden;    /* a person chose another model … */
    const char *reason; /* … for this reason; else "" */
};
/* kind: "method", "energy", "label", "grade". The version valid on the year's last day, the longest
 * matching prefix; a model that names no industry applies to all and loses to any that does; ties
 * go to the higher version, then the name. The override (account_override_method) counts for kind
 * "method". */
bool account_choose_method(struct db *db, struct arena *arena, const struct account_rules *rules,
                           id64 org_id, int year, const char *kind, struct account_method *method,
                           struct error *err) NODISCARD;
/* All models of a kind that apply to the organisation (finance: "product"), in order of name. */
bool account_list_models(struct db *db, struct arena *arena, const struct account_rules *rules,
                         id64 org_id, int year, const char *kind, const struct model ***list,
                         size_t *count, struct error *err) NODISCARD;
/* Errors: ACCOUNT_METHOD_UNKNOWN, ACCOUNT_REASON_EMPTY, REGISTRY_NOT_ALLOWED. */
bool account_override_method(struct db *db, const struct viewer *viewer,
                             const struct account_rules *rules, id64 org_id, int year,
                             const char *model_name, const char *reason, int64_t now_ms,
                             struct error *err) NODISCARD;

/* What a user may be asked for: the inputs without `from` of the organisation's models for a year
 * (method and energy first, then all that judge: indicators, confidence, label, grade, checks; then
 * products and sizing), each name once. */
struct account_input {
    const struct model *model; /* the first that asks */
    const struct model_input *input;
    const char *kind; /* that model's kind */
};
bool account_list_inputs(struct db *db, struct arena *arena, const struct account_rules *rules,
                         id64 org_id, int year, const struct account_input **list, size_t *count,
                         struct error *err) NODISCARD;

/* ---- submissions and data ------------------------------------------------------------------- */

struct account_row { /* one proposed datum, as intake or a form gives it */
    struct account_period period;
    const char *input, *key; /* key "" for a scalar */
    bool has_number;
    double value;        /* in `unit` */
    const char *unit;    /* "" = the input's own unit, which is then kept with the datum */
    const char *text;    /* of text, choice, flag and date inputs; else "" */
    const char *raw;     /* as it was written */
    const char *row_ref; /* "B7", "row 12", a meter's code … */
    enum account_tier tier;
    id64 asset_id;               /* 0: none */
    const struct error *refused; /* not NULL: intake refused it already; kept with this error */
};

struct account_submission_new {
    id64 org_id;
    const char *kind;     /* "file", "form", "meter", "api" */
    const char *name;     /* file name or the form's title */
    str bytes;            /* as it came; of a form the canonical text of its fields */
    bool replace;         /* the user confirmed that these rows replace earlier ones */
    int64_t refused_more; /* rows that a reader refused beyond those among `rows`: counted only */
};

struct account_submission {
    id64 org_id, submission_id, person_id;
    const char *kind, *name, *person_name;
    int64_t size_bytes;
    digest bytes_digest;
    int64_t at, known_seq;
    int64_t rows_accepted, rows_refused, rows_replaced;
    bool withdrawn;
    id64 withdrawal_id; /* the submission that withdrew it; 0 */
    id64 withdraws;     /* of a withdrawing submission: the one it undoes */
};

/* Takes a submission: keeps its bytes and a pending leaf of the log, checks every row (input known
 * to one of the organisation's models, key, unit's dimension, type, range, period of the input's
 * kind, not in the future of `today`), keeps what is right as data and the rest as refused rows
 * with their error. A row for a place (period, input, key) that already has a datum is refused as
 * ACCOUNT_DUPLICATE unless it says the same (then it counts as accepted and adds nothing) or
 * `replace` is set; two different rows for one place in the same submission are both refused. A
 * submission of which no row is accepted is kept too. Fails as a whole (nothing kept) only on
 * REGISTRY_NOT_ALLOWED, LIMIT or the store's errors. */
bool account_submit(struct db *db, const struct viewer *viewer, const struct account_rules *rules,
                    const struct account_submission_new *new_submission,
                    const struct account_row *rows, size_t count, date today, int64_t now_ms,
                    struct account_submission *result, struct error *err) NODISCARD;
/* Undoes a submission by a withdrawing one: its data no longer count, what they replaced counts
 * again, drafts that were computed from them are dropped. Errors ACCOUNT_WITHDRAWN,
 * ACCOUNT_WITHDRAWAL, ACCOUNT_REASON_EMPTY. */
bool account_withdraw(struct db *db, const struct viewer *viewer, id64 submission_id,
                      const char *reason, int64_t now_ms, id64 *withdrawal_id,
                      struct error *err) NODISCARD;

bool account_list_submissions(struct db *db, struct arena *arena, const struct viewer *viewer,
                              id64 org_id, int64_t rows_max, struct account_submission **list,
                              size_t *count, struct error *err) NODISCARD;
bool account_get_submission(struct db *db, struct arena *arena, const struct viewer *viewer,
                            id64 org_id, id64 submission_id, struct account_submission *submission,
                            struct error *err) NODISCARD;
/* Bytes and refusals need the scopes activity and finance: a file may hold both. */
bool account_read_submission_bytes(struct db *db, struct arena *arena, const struct viewer *viewer,
                                   id64 org_id, id64 submission_id, str *bytes,
                                   struct error *err) NODISCARD;

struct account_refusal { /* a row that was not taken */
    struct account_period period;
    const char *input, *key, *raw, *unit, *row_ref;
    struct error error; /* render with error_text */
};
bool account_list_refusals(struct db *db, struct arena *arena, const struct viewer *viewer,
                           id64 org_id, id64 submission_id, struct account_refusal **list,
                           size_t *count, struct error *err) NODISCARD;

struct account_datum {
    id64 org_id, datum_id, submission_id, asset_id;
    struct account_period period;
    const char *input, *key;
    bool has_number;
    double value;
    const char *unit, *text, *raw, *row_ref;
    enum account_tier tier;
    int64_t known_seq;
    int64_t at;      /* when its submission was accepted */
    bool superseded; /* a later datum counts, or its submission was withdrawn */
};
struct account_data_filter {
    date first,
        last; /* data whose period lies inside; `once` data are included when both are day 0 */
    const char *input; /* NULL: all */
    int64_t as_known;  /* ACCOUNT_NOW */
    bool with_superseded;
    id64 submission_id; /* 0: all */
};
/* In order of first day, input, key, acceptance. */
bool account_list_data(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                       const struct account_data_filter *filter, struct account_datum **list,
                       size_t *count, struct error *err) NODISCARD;
/* From here to the end of the running read or write, or to the release, the organisation's data as
 * known now are read from the store once, however often they are asked for; what is returned lives
 * as long as this arena. True when it was not held already: the caller then releases. A submission
 * or withdrawal ends it. */
bool account_hold_data(struct db *db, struct arena *arena, id64 org_id);
void account_release_data(struct db *db);
bool account_get_datum(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                       id64 datum_id, struct account_datum *datum, struct error *err) NODISCARD;

/* Monthly electricity data of the organisation's main meters: the plant's own, or the settlement
 * meters when `meter` is one. One row per month that shares a day with first..last and has any
 * reading: the kWh of the whole month and of all these meters, whatever file the readings came in
 * (tier by `meter`'s kind; raw text says how many intervals of how many were present, and how many
 * meters of how many where one has no reading of the month). Ready for account_submit; none when
 * `meter` is not a main meter. `input` and `key` name the method's input for purchased electricity.
 */
bool account_meter_rows(struct db *db, struct arena *arena, const struct registry_asset *meter,
                        const char *input, const char *key, date first, date last,
                        struct account_row **rows, size_t *count, struct error *err) NODISCARD;
/* The method's input for purchased electricity: a number whose unit is an energy and whose name or
 * `meta electricity_input` says so. NULL when it has none. */
const struct model_input *account_electricity_input(const struct model *model);

/* ---- runs and postings ------------------------------------------------------------------------
 */

enum account_state {
    ACCOUNT_DRAFT,    /* computed, waits for the checks and a second person */
    ACCOUNT_POSTED,   /* counts */
    ACCOUNT_REVERSED, /* was posted, cancelled by reversal postings */
    ACCOUNT_DROPPED,  /* a draft replaced by a newer run before it was posted */
    ACCOUNT_STATES
};
const char *account_state_name(enum account_state state);

enum account_gate {                       /* set by the check room: a posting waits for a state */
                    ACCOUNT_GATE_WAITING, /* not checked yet */
                    ACCOUNT_GATE_OPEN,
                    ACCOUNT_GATE_BLOCKED, /* a blocking finding is open */
                    ACCOUNT_GATES
};

struct account_run {
    id64 org_id, run_id;
    struct account_period period;
    const char *model, *version, *kind;
    digest model_digest, tables_digest, inputs_digest; /* with semantics: the four names of a run */
    int64_t semantics;
    digest run_digest; /* of the four and the outputs' postings */
    digest root;       /* inner Merkle root over its postings: the content of the run's leaf */
    enum account_state state;
    enum account_gate gate;
    const char *gate_reason;
    int64_t known_seq, posted_seq, reversed_seq; /* the latter two -1 until it happens */
    int64_t at;
    id64 person_id, approver_id;
    id64 replaces; /* the run whose place it takes when it is posted; 0 */
    bool repeated; /* of account_run_model: an identical run existed, nothing was added */
};

enum account_posting_kind {
    ACCOUNT_EMISSION,
    ACCOUNT_ENERGY,
    ACCOUNT_PRODUCTION,
    ACCOUNT_POSTING_KINDS
};

struct account_posting {
    id64 org_id, posting_id, run_id;
    struct account_period period;
    enum account_posting_kind kind;
    int scope;          /* 1, 2; 0 when not emission */
    const char *source; /* emission: fuel, process, electricity …; energy: calorific | equivalent;
                           production: the product */
    const char *basis;  /* emission: both | full | compliance; else "" */
    const char *output, *key; /* the model's output that it is */
    int64_t amount;           /* grams CO2e; kilojoules; thousandths of `unit` */
    const char *unit;         /* "g CO2e", "kJ", or the product's unit */
    int64_t known_seq;
    id64 reverses;            /* the posting it cancels; 0 */
    enum account_state state; /* of its run */
};

/* Runs a model for one organisation and period over the data known at `as_known`, and keeps it as a
 * draft with its postings, the model's and tables' bytes and one pending leaf. A model with a `per
 * month` input runs by month and takes `per year` and `per once` inputs from the year's and the
 * organisation's datum; a model without one runs by year. An output that is missing, zero for want
 * of any data, or an error value is not posted; the run's notes say why. An identical run (same
 * four digests) that stands already is returned as `repeated`. Errors: ACCOUNT_PERIOD,
 * ACCOUNT_METHOD_NONE, ACCOUNT_AMOUNT_RANGE. */
bool account_run_model(struct db *db, const struct viewer *viewer,
                       const struct account_rules *rules, const struct model *model, id64 org_id,
                       struct account_period period, int64_t as_known, int64_t now_ms,
                       struct account_run *run, struct error *err) NODISCARD;
/* The method and, when one applies, the energy model, for a month (or for the year when they run by
 * year). A month without any datum gives no run, unless an
 * account of it is posted: then the empty draft takes its place once a second person agrees. */
bool account_run_month(struct db *db, struct arena *arena, const struct viewer *viewer,
                       const struct account_rules *rules, id64 org_id, int32_t month,
                       int64_t now_ms, struct account_run **runs, size_t *count,
                       struct error *err) NODISCARD;
bool account_model_by_month(const struct model *model);

/* The check room's door: gate and reason of a draft. Error ACCOUNT_STATE when it is not a draft. */
bool account_set_gate(struct db *db, id64 org_id, id64 run_id, enum account_gate gate,
                      const char *reason, struct error *err) NODISCARD;
/* A second person (not the one who ran it, and not one who submitted data it uses), role
 * enterprise_approver, posts a draft whose gate is open. If the period's account is posted already
 * by another run of the same kind, that one is reversed in the same write. Nor may one person be
 * able to sign in as both (registry_common_hand). Errors: ACCOUNT_FOUR_EYES, ACCOUNT_ONE_HAND,
 * ACCOUNT_GATE, ACCOUNT_STATE, REGISTRY_NOT_ALLOWED. */
bool account_approve(struct db *db, const struct viewer *viewer, id64 org_id, id64 run_id,
                     int64_t now_ms, struct error *err) NODISCARD;
/* Cancels a posted run by postings of the opposite sign. Same roles as account_approve. */
bool account_reverse(struct db *db, const struct viewer *viewer, id64 org_id, id64 run_id,
                     const char *reason, int64_t now_ms, struct error *err) NODISCARD;

struct account_run_filter {
    date first, last; /* runs whose period lies inside; both day 0: all */
    bool has_state;
    enum account_state state;
};
bool account_list_runs(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                       const struct account_run_filter *filter, struct account_run **list,
                       size_t *count, struct error *err) NODISCARD;
bool account_get_run(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                     id64 run_id, struct account_run *run, struct error *err) NODISCARD;
bool account_list_postings(struct db *db, struct arena *arena, const struct viewer *viewer,
                           id64 org_id, id64 run_id, struct account_posting **list, size_t *count,
                           struct error *err) NODISCARD;
/* A missing input, a default that was used, or (input = affects) a result that can't be computed
 * and so is not posted. */
struct account_note {
    bool is_default;
    const char *input, *key, *unit, *affects;
    double value;
};
bool account_list_notes(struct db *db, struct arena *arena, const struct viewer *viewer,
                        id64 org_id, id64 run_id, struct account_note **list, size_t *count,
                        struct error *err) NODISCARD;
struct account_step { /* a state that a run came to: who took it there, when and why */
    enum account_state state;
    id64 person_id;
    const char *reason;
    int64_t at;
};
bool account_list_steps(struct db *db, struct arena *arena, const struct viewer *viewer,
                        id64 org_id, id64 run_id, struct account_step **list, size_t *count,
                        struct error *err) NODISCARD;
/* The canonical bytes of a posting, hashed as the run's inner leaf; fixed by doc/formats.md. */
str account_posting_bytes(struct arena *arena, const struct account_posting *posting);

/* ---- statement ---------------------------------------------------------------------------------
 */

struct account_statement_query {
    id64 org_id;
    date first, last;
    int64_t as_known; /* ACCOUNT_NOW, or a size of the log (log_checkpoint_at maps a date) */
    bool with_drafts; /* the organisation's own preview; refused to others */
};
struct account_line { /* sum of postings of one month, kind, scope, source and basis */
    struct account_period period;
    enum account_posting_kind kind;
    int scope;
    const char *source, *basis, *unit;
    int64_t amount;
};
struct account_sum { /* per period and for the whole; grams, kJ */
    struct account_period period;
    bool has_emission, has_energy;
    int64_t scope1_full, scope2_full, full;
    int64_t scope1_compliance, scope2_compliance, compliance;
    int64_t energy_calorific, energy_equivalent;
};
struct account_product { /* production, and intensity of the whole query */
    const char *product, *unit;
    int64_t amount; /* thousandths */
    bool has_intensity;
    double intensity_t_per_unit; /* full basis, t CO2e per unit of product */
};
struct account_statement {
    struct account_line *lines; /* by period, kind, scope, source, basis */
    size_t line_count;
    struct account_sum *periods; /* in order; yearly runs stand under their year */
    size_t period_count;
    struct account_sum total;
    struct account_product *products;
    size_t product_count;
    int64_t as_known;
    int64_t drafts; /* runs in the period that still wait */
};
bool account_read_statement(struct db *db, struct arena *arena, const struct viewer *viewer,
                            const struct account_statement_query *query,
                            struct account_statement *statement, struct error *err) NODISCARD;

#define ACCOUNT_KJ_PER_TCE 29307600 /* 29.3076 GJ per tonne of coal equivalent, GB/T 2589-2020 */
double account_tonnes(int64_t grams);
double account_tce(int64_t kilojoules);

/* ---- fact sheet ---------------------------------------------------------------------------------
 */

struct account_fact {
    const char *name;
    enum model_type type;
    double value;
    const char *unit;       /* "" for text, flag, date */
    const char *text;       /* of text, flag ("true"/"false"), date (ISO) and choice */
    const char *provenance; /* English: what it was computed from */
    int64_t origin;         /* a posting's, run's or datum's id, or 0 */
};
struct account_facts {
    struct arena *arena;
    id64 org_id;
    int year;
    int64_t as_known;
    const struct model_library *library; /* for units */
    /* In order of name after account_read_facts; later puts stand at the end. */
    struct account_fact *list;
    size_t count, capacity;
};
struct account_facts_query {
    id64 org_id;
    int year;
    int64_t as_known;
    bool with_drafts;
    date today; /* completeness counts the months that have ended by then */
};
/* The facts named in doc/ARCHITECTURE.md, with prev. and prev2.; a fact that is not known is
 * absent. check.*, label.* and grade.* are put by their rooms. Needs the scopes account and
 * activity. */
bool account_read_facts(struct db *db, struct arena *arena, const struct viewer *viewer,
                        const struct account_rules *rules, const struct account_facts_query *query,
                        struct account_facts *facts, struct error *err) NODISCARD;
const struct account_fact *account_find_fact(const struct account_facts *facts, const char *name);
/* Replaces a fact of the same name. Text is copied. */
void account_put_number(struct account_facts *facts, const char *name, double value,
                        const char *unit, const char *provenance, int64_t origin);
void account_put_text(struct account_facts *facts, const char *name, enum model_type type,
                      const char *text, const char *provenance, int64_t origin);

/* Binds every input of `model` as entity `entity` of `data`: with `from` from the fact sheet (units
 * are converted), without from the datum of the same name for the input's kind of period in the
 * facts' year (per month: the twelve months' sum, when all are there). What is not known stays
 * unset. */
bool account_fill_from_facts(struct db *db, const struct viewer *viewer, const struct model *model,
                             const struct account_facts *facts, struct model_data *data,
                             size_t entity, struct error *err) NODISCARD;

/* What a model was given: a datum (datum_id), or a fact or sum of the platform (datum_id 0). */
struct account_binding {
    const char *input, *key;
    id64 datum_id;
    bool has_number;
    double value;
    const char *unit, *text;
};
struct account_bindings {
    struct arena *arena;
    struct account_binding *list;
    size_t count, capacity;
    size_t data; /* of a run: how many of them are data of its very period */
};
/* The same in two steps, for who keeps what a judgement was given: binds in order of input and key;
 * sets what is bound as entity `entity`. */
bool account_bind_facts(struct db *db, const struct viewer *viewer, const struct model *model,
                        const struct account_facts *facts, struct account_bindings *bindings,
                        struct error *err) NODISCARD;
bool account_bind_apply(const struct account_bindings *bindings, const struct model *model,
                        struct model_data *data, size_t entity, struct error *err) NODISCARD;

/* ---- the choice of the method, told ------------------------------------------------------------
 */

enum account_verdict { /* of one model for one organisation and year */
                       ACCOUNT_CHOSEN,
                       ACCOUNT_CHOSEN_BY_PERSON,
                       ACCOUNT_WOULD_BE_CHOSEN, /* a person chose another */
                       ACCOUNT_NOT_VALID,       /* on the year's last day */
                       ACCOUNT_ETS_ONLY,        /* for key emitters of the carbon market */
                       ACCOUNT_SHORTER_PREFIX,  /* another names the class more closely */
                       ACCOUNT_OLDER_VERSION,   /* of equal prefixes the newer version goes first */
                       ACCOUNT_VERDICTS
};
const char *account_verdict_label(enum account_verdict verdict); /* English, a key for tr() */
struct account_candidate {
    const struct model *model;
    const char *prefix; /* of the industry class; "" = made for all */
    enum account_verdict verdict;
    const char *fuel_filter; /* "family = A": which rows of factors/fuels.csv it lets in; "" */
    struct model_text fuel_family; /* what its file says of that family, and why; en "" when none */
};
struct account_choice {
    const char *industry;
    bool ets;
    const char *reason;                   /* of a person's choice, else "" */
    const struct account_candidate *list; /* the one in force first */
    size_t count;
};
/* Every method whose industries hold the organisation's class, valid in the year or not, with what
 * speaks for or against it. */
bool account_tell_choice(struct db *db, struct arena *arena, const struct account_rules *rules,
                         id64 org_id, int year, struct account_choice *choice,
                         struct error *err) NODISCARD;

/* Sums of a year, grams; `periods` is how many of its months (or the year) gave any emission. */
struct account_year_sums {
    int64_t full, compliance, scope1, scope2;
    size_t periods;
};
/* What a method makes of a year's data as they are known now, with today's tables; nothing is
 * kept. `factor_year`: the year whose factors are taken (period.year and what hangs on it). Needs
 * the scopes account and activity. */
bool account_compute_year(struct db *db, struct arena *arena, const struct viewer *viewer,
                          const struct account_rules *rules, id64 org_id, const struct model *model,
                          int year, int factor_year, struct account_year_sums *sums,
                          struct error *err) NODISCARD;

/* ---- restatement -------------------------------------------------------------------------------
 */

struct account_difference { /* of one kind, scope, source and basis; in the postings' integer unit
                             */
    enum account_posting_kind kind;
    int scope;
    const char *source, *basis, *unit;
    int64_t before, after;
};
struct account_restated { /* a posted run that today's rules would make otherwise */
    struct account_run run;
    const char *model, *version; /* that would be used now */
    bool model_differs, tables_differ, engine_differs;
    bool data_differ; /* newer data too (told of the same model only) */
    const struct account_difference *list;
    size_t count;
    const struct factor_change
        *rows; /* rows of its tables that differ from those it was run with */
    size_t row_count;
};
struct account_restatement {
    const struct account_restated *list; /* in order of period and kind */
    size_t count;
    size_t periods;   /* different periods among them */
    size_t unchanged; /* posted runs with other rules or data, and the very same figures */
};
/* What posted runs of a year would become by the methods, tables and data of today. Nothing is
 * written: credit_refresh makes the drafts, and a second person posts them. */
bool account_restate(struct db *db, struct arena *arena, const struct viewer *viewer,
                     const struct account_rules *rules, id64 org_id, int year,
                     struct account_restatement *restatement, struct error *err) NODISCARD;

/* ---- how sure an account is --------------------------------------------------------------------
 */

struct account_doubt {                /* one input (over all months) or one cell of a table */
    const char *name;                 /* burnt[coke], fuels.csv ncv[coke] */
    const char *table, *row, *column; /* of a factor, else NULL */
    const struct factor_row *factor;  /* NULL: of an input, or the tables have it no more */
    const char *input, *key;          /* of an input, else NULL */
    const char *tier;                 /* of an input's evidence: English, a key for tr(); else "" */
    double half_width;                /* relative, 95 %; of several months the largest */
    enum model_spread_shape shape;    /* normal when not stated otherwise */
    bool assumed;            /* the row states none: usual for its tier (tables/credit/tiers.csv) */
    double deviation_t;      /* of the year's emission from this alone, t CO2e */
    double share;            /* of the variance; all shares add to 1 */
    double total_if_metered; /* relative half width of the year were this known as by a meter;
                                as it is for an official statistic, which nobody meters */
};
/* The quality of a figure as people read it: its evidence, or the tier of a default. */
const char *account_doubt_tier(const struct account_doubt *doubt, enum lang lang);
struct account_certainty {
    double total_t;                   /* full basis, t CO2e, of posted runs */
    double deviation_t;               /* standard deviation, first order */
    double half_width;                /* relative, 95 %: 1.96 deviations */
    const struct account_doubt *list; /* largest share first */
    size_t count;
    size_t exact; /* factors and inputs on which it depends and for which none is known */
};
/* First-order propagation (GUM, JCGM 100:2008, 5.1.2) through every posted run of the year: the
 * data of one month are independent of one another; a row of a table, a year's value and a default
 * are one variable however many months use them. Needs the scopes account and activity. */
bool account_read_certainty(struct db *db, struct arena *arena, const struct viewer *viewer,
                            const struct account_rules *rules, id64 org_id, int year,
                            struct account_certainty *certainty, struct error *err) NODISCARD;

/* ---- like for like -----------------------------------------------------------------------------
 */

struct account_trend {
    int year, base; /* base: the year before */
    bool known;     /* both years are posted, and one method can compute both */
    double reported_base_t, reported_year_t; /* full basis, t CO2e, as posted */
    double base_t, year_t; /* both by the method, tables and factor year of `year` */
    bool has_output;
    const char *product, *unit; /* posted in both years */
    double base_output, year_output;
    /* The reported change in parts that add up to it: other rules, more or less output, and what
     * the plant itself did. Without output the latter two stand together in `own_t`. */
    double rules_t, output_t, own_t;
};
bool account_read_trend(struct db *db, struct arena *arena, const struct viewer *viewer,
                        const struct account_rules *rules, id64 org_id, int year,
                        struct account_trend *trend, struct error *err) NODISCARD;

/* ---- names of what is posted ------------------------------------------------------------------
 */

/* The label of the first output in the library that is posted as `post` with this pair:
 * ("emission", "source", "fuel"), ("production", "product", "clinker"). False when no model posts
 * it. */
bool account_label_of(const struct model_library *library, const char *post, const char *pair_key,
                      const char *word, struct model_text *label) NODISCARD;
/* Whether an output of this model is posted so. */
bool account_model_posts(const struct model *model, const char *post, const char *pair_key,
                         const char *word);
/* A source of emission, a product: as people read it. A common word has its translation; any other
 * is called what the model that posts it calls it, so that a new method file brings its own names.
 */
const char *account_source_name(struct arena *arena, const struct model_library *library,
                                enum lang lang, const char *source);
const char *account_product_name(struct arena *arena, const struct model_library *library,
                                 enum lang lang, const char *product);

/* ---- explanation
 * --------------------------------------------------------------------------------- */

struct account_origin { /* where an input of the tree comes from */
    struct account_datum datum;
    struct account_submission submission;
    bool has_leaf; /* the submission's leaf has its place in the log */
    int64_t leaf_index;
};
struct account_explanation {
    struct account_run run;
    struct account_posting posting;
    const char *model_text;        /* the model's bytes as kept */
    const struct model_node *tree; /* origins are datum ids */
    struct account_origin *origins;
    size_t origin_count;
    bool same; /* the re-run gives the very amount that was posted */
    bool run_has_leaf;
    int64_t run_leaf_index;
};
/* Runs the model again from the bytes and data kept with the run and returns the tree of the
 * posting's output. When the program's own model has the same digests it is used; otherwise the
 * stored bytes are compiled. Error ACCOUNT_REPLAY when the engine's semantics version differs. */
bool account_explain(struct db *db, struct arena *arena, const struct viewer *viewer,
                     const struct account_rules *rules, id64 org_id, id64 posting_id,
                     struct account_explanation *explanation, struct error *err) NODISCARD;
const struct account_origin *account_find_origin(const struct account_explanation *explanation,
                                                 id64 datum_id);

/* A condition that the model of a run states of it (`require`), in the model's own words. */
struct account_condition {
    const char *name;
    struct model_text label; /* what has to hold */
    struct model_text help;  /* what it means that it does not, and what to do; or "" */
    bool only_warns;         /* named by the model's `meta only_warns`: doubtful, not impossible */
    bool known, met;
    const struct model_node *tree; /* of one not met; origins are datum ids */
};
/* None for a run of an engine with other semantics: it can't be run again. Scopes account and
 * activity. */
bool account_list_conditions(struct db *db, struct arena *arena, const struct viewer *viewer,
                             const struct account_rules *rules, const struct account_run *run,
                             struct account_condition **list, size_t *count,
                             struct error *err) NODISCARD;
/* The tree of one of them, with its origins; the explanation has no posting. */
bool account_explain_condition(struct db *db, struct arena *arena, const struct viewer *viewer,
                               const struct account_rules *rules, id64 org_id, id64 run_id,
                               const char *name, struct account_explanation *explanation,
                               struct error *err) NODISCARD;

/* Exact bytes of a model or table file by digest, as kept when a run used it. */
bool account_read_model_file(struct db *db, struct arena *arena, digest file_digest, str *bytes,
                             bool *found, struct error *err) NODISCARD;

struct account_table { /* a table file that a run or judgement used */
    const char *path;
    digest digest;
};
/* Keeps the bytes of a model and its tables by digest. */
bool account_keep_model(struct db *db, const struct model *model, struct error *err) NODISCARD;
/* The model of these bytes: the library's own, or one compiled from what is kept (then *library is
 * its library; both live as long as the arena). Error ACCOUNT_REPLAY. */
bool account_find_kept(struct db *db, struct arena *arena, const struct model_library **library,
                       digest model_digest, const struct account_table *tables, size_t count,
                       int64_t semantics, const struct model **model, struct error *err) NODISCARD;

/* ---- export ------------------------------------------------------------------------- */

struct account_file { /* a file that a later room adds to an export */
    const char *path; /* inside the directory, "judgements.jsonl", "models/….model" */
    str bytes;
};
struct account_export_query {
    id64 org_id;
    date first, last; /* of the figures in report.json; the rest is everything */
    const struct account_file *extra;
    size_t extra_count;
};
/* Everything of one organisation that a stranger needs to recompute its account, in the format of
 * doc/formats.md ("Export"), under `directory` (made; must not exist). Needs a checkpoint that
 * covers all its leaves: sequence the log first. Only for the organisation itself. Errors:
 * ACCOUNT_EXPORT_EXISTS, ACCOUNT_EXPORT_UNSIGNED, REGISTRY_NOT_ALLOWED, FILE_WRITE. */
bool account_export_with(struct db *db, const struct viewer *viewer,
                         const struct account_export_query *query, const char *directory,
                         struct error *err) NODISCARD;
/* The same without extra files; the figures are those of the last year with a posted run. */
bool account_export(struct db *db, const struct viewer *viewer, const struct account_rules *rules,
                    id64 org_id, const char *directory, struct error *err) NODISCARD;
struct account_judged { /* an output of a judgement */
    const char *output, *key;
    bool has_number;
    double value;
    const char *unit, *text;
};
struct account_judgement {
    id64 org_id;
    const char *judgement; /* its id */
    int year;
    const char *model, *version;
    digest model_digest;
    int64_t semantics;
    const struct account_bindings *inputs; /* in order of input and key */
    const struct account_table *tables;    /* in order of path */
    size_t table_count;
    const struct account_judged *outputs; /* in order of output and key */
    size_t output_count;
};
/* A line of judgements.jsonl, without line feed. */
str account_judgement_line(struct arena *arena, const struct account_judgement *judgement);
/* The figures of a period as the file report.json has them. */
bool account_report_json(struct db *db, struct arena *arena, const struct viewer *viewer,
                         id64 org_id, date first, date last, str *json,
                         struct error *err) NODISCARD;
/* The figures of a statement as report.json has them: canonical, in order of name. */
str account_figures_json(struct arena *arena, const struct account_statement *statement);

#endif
