/* The model engine's one public header. A library of models and tables is loaded
 * from a folder, checked for dimensions and substances, and run over columns.
 *
 * Owners: a library owns its models and tables and may be shared between
 * threads once open (it is never changed). A run belongs to the arena given.
 * Text returned is valid as long as its library, or the arena it was made in. */
#ifndef TANSHU_MODEL_H
#define TANSHU_MODEL_H

#include "base/arena.h"
#include "base/date.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/str.h"

/* Changed whenever the same model, tables and inputs could give other bits. */
#define MODEL_SEMANTICS_VERSION 2

struct model_library;
struct model;

/* ---- diagnostics, for authors ---------------------------------------------------------- */

struct model_diagnostic {
    const char *file;
    int line, column;    /* from 1; a column counts bytes */
    int end_column;      /* behind the last byte of what is wrong, on the same line */
    const char *rule;    /* stable short name: unit-mismatch, unknown-name, … */
    const char *message; /* one English sentence with both units, names … */
    const char *hint;    /* the nearest fix, or NULL */
};

struct model_diagnostics {
    struct arena *arena;
    struct model_diagnostic *list;
    size_t count, capacity;
};

/* ---- loading ------------------------------------------------------------------------------ */

/* Loads every *.model file under each root's `models/` (in order of path) and the tables they name
 * under the same roots' `tables/`; later roots add to and may override earlier ones by
 * model name and version. Files outside the roots cannot be reached. Models with errors are left
 * out and reported; the library opens nevertheless, so that one bad file stops nobody else.
 * NULL only when no root can be read. */
struct model_library *model_library_open(const char *const *roots, size_t root_count,
                                         struct model_diagnostics *diagnostics, struct error *err);
void model_library_close(struct model_library *library);
/* Adds one file (for `tanshu model check FILE`); false with diagnostics when it has errors. */
bool model_library_add_file(struct model_library *library, const char *path,
                            const struct model **model, struct model_diagnostics *diagnostics);

size_t model_library_count(const struct model_library *library);
const struct model *model_library_at(const struct model_library *library, size_t index);
/* The version valid on `on` (the newest one whose `valid` range holds it). NULL when none. */
const struct model *model_library_find(const struct model_library *library, const char *name,
                                       date on);
const struct model *model_library_find_version(const struct model_library *library,
                                               const char *name, const char *version);

/* ---- what a model says of itself ----------------------------------------------------------- */

/* A text in both languages; zh is never NULL (it repeats en when a model has none). */
struct model_text {
    const char *en, *zh;
};

struct model_meta { /* meta use_of_funds "…" zh "…" */
    const char *key;
    struct model_text value;
};

enum model_type { MODEL_NUMBER, MODEL_FLAG, MODEL_TEXT, MODEL_DATE, MODEL_CHOICE };
enum model_period { MODEL_PER_MONTH, MODEL_PER_YEAR, MODEL_ONCE };

struct model_key { /* one member of an index set: a fuel, a product, a month */
    const char *id;
    struct model_text label;
    const char *unit; /* the unit of this row of an input whose unit goes by row, else NULL */
    bool enabled;     /* false: the row ships disabled ([?]) and can't be used */
};

/* How an input may be off: the shape, and half the width of the interval that holds the true value
 * in 95 of 100 cases, relative to the value (0.05: 5 %). Triangular and uniform: half of their
 * whole width. Lognormal: the upper end of the interval is (1 + half_width) times the value. */
enum model_spread_shape {
    MODEL_SPREAD_NONE,
    MODEL_SPREAD_NORMAL,
    MODEL_SPREAD_LOGNORMAL,
    MODEL_SPREAD_TRIANGULAR,
    MODEL_SPREAD_UNIFORM
};
struct model_spread {
    enum model_spread_shape shape;
    double half_width;
};

struct model_input {
    const char *name;
    struct model_text label;
    struct model_text help; /* what to collect, from which meter, bill or sheet */
    enum model_type type;
    enum model_period period;
    const char *unit; /* "MWh"; NULL when it goes by row of the index or type is not a number */
    const char
        *from; /* a fact of the platform that fills it ("org.division"), or NULL: the user does */
    const char *index;            /* name of the index set, or NULL for a scalar */
    const struct model_key *keys; /* the index set's members */
    size_t key_count;
    const struct model_key *choices; /* of MODEL_CHOICE */
    size_t choice_count;
    bool has_default;
    double default_value; /* in `unit` */
    const char *default_text;
    bool has_min, has_max;
    double min, max;         /* inclusive, in `unit` */
    const char *uncertainty; /* as the model states it, "lognormal 5 %", or NULL */
};

struct model_output {
    const char *name;
    struct model_text label;
    enum model_type type;
    const char *unit;
    const char *index;
    const struct model_key *keys;
    size_t key_count;
    const char *clause;
    /* `post emission scope 1 source fuel basis both` → post = "emission" and pairs in order;
     * NULL when the output is not posted to the account. */
    const char *post;
    const struct model_meta *post_pairs; /* key and value.en */
    size_t post_pair_count;
};

struct model_requirement { /* require age = org_age_years >= 2 "At least two years old" zh "…" */
    const char *name;
    struct model_text label;
    struct model_text help; /* what it means that it is not met and what to do, or "" */
};

struct model_measure { /* what a user could change; see model_info.measures */
    const char *name;
    struct model_text label;
    const char *cost_unit; /* NULL: no cost stated */
};

struct model_info {
    const char *name, *version, *kind; /* kind: method, energy, label, grade, product, … */
    struct model_text title;
    const char *source, *entity, *path;
    date valid_from, valid_to;     /* day INT32_MIN / INT32_MAX when open */
    const char *const *industries; /* GB/T 4754 prefixes it applies to */
    size_t industry_count;
    const struct model_meta *metas;
    size_t meta_count;
    const struct model_input *inputs;
    size_t input_count;
    const struct model_output *outputs;
    size_t output_count;
    const struct model_requirement *requirements;
    size_t requirement_count;
    const struct model_measure *measures;
    size_t measure_count;
    size_t example_count;
    digest model_digest;  /* of the file's bytes */
    digest tables_digest; /* of the tables it uses, in order of name */
    const char *text;     /* the file as read */
};
const struct model_info *model_info(const struct model *model);
const char *model_meta(const struct model *model, const char *key, bool zh); /* NULL when absent */

/* Each formula of a model, in the order of the file: for a page that shows it to people. */
struct model_formula {
    const char *name;        /* with its index: combustion[fuel] */
    const char *kind;        /* const, let, out, require */
    struct model_text label; /* its name when it has none */
    const char *unit;        /* NULL of what is not a number */
    const char *clause;      /* NULL when it states none */
    const char *expression;  /* on one line, as the language writes it */
    const char *mathml;      /* a <math> element: safe to put into a page as it is */
};
/* `zh`: the few words within the mathematics (if, otherwise) are Chinese. The model is parsed
 * anew apart from its library, so that threads may call this together. 0 when the table of units
 * can't be read any more. */
size_t model_formulas(struct arena *arena, const struct model *model, bool zh,
                      const struct model_formula **formulas);

/* Names and exact bytes of the tables that a model uses, so that a caller can keep them by digest.
 */
struct model_table_file {
    const char *path;
    str bytes;
    digest digest;
};
size_t model_table_files(const struct model *model, const struct model_table_file **files);
/* A number of an enabled row of one of the model's tables ("finance/parameters.csv", its first row
 * of that id), in the column's unit; false when there is none. */
bool model_table_number(const struct model *model, const char *path, const char *row,
                        const char *column, double *value);

/* ---- units ----------------------------------------------------------------------------------- */

/* Converts `value` from one unit to another of the same dimension and substance.
 * Errors: MODEL_UNIT_UNKNOWN, MODEL_UNIT_DIMENSION (names both and what each measures). */
bool model_unit_convert(const struct model_library *library, double value, str from, str to,
                        double *result, struct error *err) NODISCARD;

/* ---- running --------------------------------------------------------------------------------- */

enum model_status {
    MODEL_OK,
    MODEL_MISSING, /* depends on a missing input */
    MODEL_DIVIDE_BY_ZERO,
    MODEL_OVERFLOW,
    MODEL_DOMAIN,      /* root or logarithm of a negative number, points out of order */
    MODEL_NO_ROW,      /* no row of a table fits */
    MODEL_SEVERAL_ROWS /* more than one fits */
};
const char *model_status_name(enum model_status status);

/* Input of one run: columns of `entity_count` entities, set value by value. A value that is never
 * set: an absent key of an indexed input means "not used", anything else is missing. */
struct model_data;
struct model_data *model_data_new(struct arena *arena, const struct model *model,
                                  size_t entity_count);
/* `key` is empty for a scalar; `unit` may be empty (the input's own unit). `origin` is the caller's
 * reference (a datum id), given back in explanations. Errors name input, key, unit, expected and
 * found. */
bool model_data_set(struct model_data *data, size_t entity, str input, str key, double value,
                    str unit, int64_t origin, struct error *err) NODISCARD;
/* Text, one-of, flag ("true"/"false") and date inputs. */
bool model_data_set_text(struct model_data *data, size_t entity, str input, str key, str value,
                         int64_t origin, struct error *err) NODISCARD;
/* States that the value was asked for and is not known (an empty cell). */
bool model_data_set_missing(struct model_data *data, size_t entity, str input, str key,
                            int64_t origin, struct error *err) NODISCARD;
/* A whole indexed input at once: entity_count × key_count numbers, row-major, keys in the order of
 * model_input.keys, in the input's own units, every key given. Borrowed until the last use of the
 * data. */
bool model_data_set_dense(struct model_data *data, str input, const double *values,
                          struct error *err) NODISCARD;
/* Canonical, independent of the order of setting; of the values and of the spreads that were stated
 * of them (of a tier, the half width that its table gave). */
digest model_data_digest(const struct model_data *data);

struct model_run_options {
    int threads;   /* 0: one */
    date as_known; /* factor rows published later are not seen; day 0: no limit */
};
struct model_run;
struct model_run *model_run(struct arena *arena, const struct model *model,
                            const struct model_data *data, const struct model_run_options *options,
                            struct error *err);

/* Brings a run up to date when the inputs of some entities were changed in its data since: only
 * these are computed again, and the run is then what a new one would be, to the bit. For a single
 * entity of a million it takes microseconds. Errors: MODEL_ENTITY. */
bool model_rerun(struct model_run *run, const size_t *entities, size_t count,
                 struct error *err) NODISCARD;

struct model_value {
    enum model_status status;
    enum model_type type;
    double number;    /* in the output's unit; 0/1 for a flag */
    const char *text; /* MODEL_TEXT and MODEL_CHOICE */
};
/* `key` empty for a scalar output. Absent key of a sparse output: MODEL_OK with number 0 and
 * *present false. */
struct model_value model_run_value(const struct model_run *run, size_t entity, const char *output,
                                   str key, bool *present);

struct model_requirement_result {
    const struct model_requirement *requirement;
    enum model_status status;
    bool met;
    /* When the requirement is a comparison: both sides, so that a near miss can be told. */
    bool compared;
    const char *comparison; /* ">=", "<", … */
    struct model_value found, wanted;
    const char *unit;
};
size_t model_run_requirements(struct arena *arena, const struct model_run *run, size_t entity,
                              const struct model_requirement_result **results);

struct model_note { /* what a run must say openly */
    enum { MODEL_NOTE_MISSING, MODEL_NOTE_DEFAULT } kind;
    const char *input, *key;
    double value; /* of a default used */
    const char *unit;
    const char *reason;  /* NULL, or why it is missing: "5 members, at least 8 are wanted" */
    const char *affects; /* an output that depends on it */
};
size_t model_run_notes(struct arena *arena, const struct model_run *run, size_t entity,
                       const struct model_note **notes);

/* ---- explaining ------------------------------------------------------------------------------ */

enum model_node_kind {
    MODEL_NODE_FORMULA, /* an output, let or function: `expression` and children */
    MODEL_NODE_INPUT,   /* a value given; `origin` */
    MODEL_NODE_DEFAULT, /* an input that took its stated default */
    MODEL_NODE_FACTOR,  /* a cell of a table: row and column, with the row's source columns */
    MODEL_NODE_CONSTANT,
    MODEL_NODE_MISSING,
    MODEL_NODE_KEY, /* the term of one key of a sum */
};
struct model_node {
    enum model_node_kind kind;
    const char *name; /* combustion[bituminous], fuel.ncv[bituminous] */
    struct model_text label;
    const char *expression; /* as in the file: burnt * fuel.ncv * … */
    const char *clause, *source;
    struct model_value value;
    const char *unit;
    int64_t origin;          /* of an input: what model_data_set was given */
    const char *table, *row; /* of a factor */
    const struct model_meta
        *row_facts; /* publisher, document, clause, confidence, valid_from, note … */
    size_t row_fact_count;
    const struct model_node *const *children;
    size_t child_count;
};
const struct model_node *model_explain(struct arena *arena, const struct model_run *run,
                                       size_t entity, const char *output, str key);
/* The tree as canonical JSON and as indented text (zh: Chinese labels). */
char *model_explain_json(struct arena *arena, const struct model_node *node);
char *model_explain_text(struct arena *arena, const struct model_node *node, bool zh);

/* How much `output` (a scalar number) changes when a scalar or indexed input grows by `step` of
 * itself (0.01: one percent): for "what would improve it most". Central differences of the run. */
struct model_effect {
    const char *input, *key;
    double input_value, effect; /* effect: change of the output, in its unit */
};
size_t model_effects(struct arena *arena, const struct model_run *run, size_t entity,
                     const char *output, double step, const struct model_effect **effects);

/* ---- derivatives ----------------------------------------------------------------------------- */

/* Whether a derivative holds on both sides. A model with `if`, `min`, `max`, `points`, `band`,
 * `round` or a search is made of pieces: the derivative is that of the piece the values lie in. */
enum model_smoothness {
    MODEL_SMOOTH,
    MODEL_PIECEWISE, /* a choice was made on the way, and is not near its edge */
    MODEL_AT_KINK    /* exactly on an edge: the derivative is that of the side the run takes */
};
struct model_partial {
    const char *name;                 /* burnt[coke], or fuels.csv ncv[coke] */
    const char *input, *key;          /* of an input, else NULL; key "" of a scalar */
    const char *table, *row, *column; /* of a factor, else NULL */
    const char *unit;                 /* of the value; NULL when a table states none */
    double value;
    double derivative; /* of the output, in its unit, by the value in its unit */
};
struct model_gradient {
    struct model_value value; /* no partials unless it is a number */
    const char *unit;
    enum model_smoothness smoothness;
    const struct model_partial *partials; /* of what the output depends on; in order of use */
    size_t count;
};
/* Exact derivatives of one number with respect to every input value and every cell of a table that
 * it depends on for this entity, by one walk back over its formula. */
struct model_gradient model_gradient(struct arena *arena, const struct model_run *run,
                                     size_t entity, const char *output, str key);

/* ---- what if --------------------------------------------------------------------------------- */

/* One entity computed again with other inputs: "power = 90000 MWh; burnt[coke] *= 0.9; clinker -=
 * 100 t; region = north; heat = missing". The run has that entity alone, as number 0; the given one
 * is not touched. NULL with an error that names the part that can't be read or set. */
struct model_run *model_what_if(struct arena *arena, const struct model_run *run, size_t entity,
                                str changes, struct error *err);
/* The same with a measure of the model (its number among model_info.measures); `cost` may be NULL,
 * and is missing when the measure states none or it can't be computed. */
struct model_run *model_what_if_measure(struct arena *arena, const struct model_run *run,
                                        size_t entity, size_t measure, struct model_value *cost,
                                        struct error *err);

/* A way to a wanted result, that works by itself. */
struct model_way {
    const struct model_measure *measure; /* a measure of the model, or NULL: one input is changed */
    const char *name;                    /* of the measure, or of the input, burnt[coke] */
    const char *unit;                    /* of from and to, or of the cost */
    double from, to;                     /* of an input */
    double change;                       /* (to - from) / from, between -1 and 1 */
    bool has_cost;
    double cost;
};
struct model_ways {
    bool already; /* it is so now; no ways then */
    const struct model_way *list;
    size_t count;
};
/* What would bring a scalar output to what is wanted ("light_green"; ">= 70" of a number): each
 * measure of the model that does, and each number that does when it alone is changed by at most
 * all of itself, by the least change (found to 1/262144 on a grid of 64: a stretch of values that
 * is narrower and lies between may be passed over). Cheapest first: measures by cost, then by how
 * little has to change. Errors: MODEL_OUTPUT, MODEL_ENTITY, MODEL_CHANGE. */
bool model_ways(struct arena *arena, const struct model_run *run, size_t entity, const char *output,
                str wanted, struct model_ways *ways, struct error *err) NODISCARD;

/* ---- uncertainty ------------------------------------------------------------------------------
 */

/* A spread as people state it: "5 %" (normal), "normal 5 %", "lognormal 40 %", "triangular 10 %",
 * "uniform 10 %", "exact", or "tier bill": a row of tables/credit/uncertainty.csv, which says how
 * far data of that quality may be off. Errors: MODEL_SPREAD names what was found and what is known.
 */
bool model_spread_parse(const struct model_library *library, str text, struct model_spread *spread,
                        struct error *err) NODISCARD;
/* What a row's column `distribution` says ("uniform", "均匀"); normal when it says nothing known.
 */
enum model_spread_shape model_spread_shape_of(str word);
/* The standard deviation of a value that may be off so far, over the value. */
double model_spread_deviation(const struct model_spread *spread);
/* States how far one value that was set may be off; it goes before what the model says of the
 * input. A value that neither states is exact. Errors: as model_data_set. */
bool model_data_set_spread(struct model_data *data, size_t entity, str input, str key,
                           struct model_spread spread, struct error *err) NODISCARD;

struct model_uncertainty_options {
    size_t draws;  /* of the Monte Carlo run; 0: first order only; at most MODEL_DRAWS_MAX */
    uint64_t seed; /* the same seed gives the same numbers on any machine and number of threads */
    int threads;   /* 0: one */
    size_t first, count; /* the entities summed; count 0: all from `first` */
};
#define MODEL_DRAWS_MAX ((size_t)4000000)

/* What part of the variance rests on one input value or one row of a table. Over several entities
 * the values of one input and key count together; a row is one variable, however many use it. */
struct model_contribution {
    struct model_partial of;  /* name and place; value and derivative only of a single entity */
    double deviation;         /* standard deviation of the result from this alone, first order */
    double share_first_order; /* of the first-order variance; the shares add to 1 */
    double share; /* of the Monte Carlo variance: squared correlation with its first-order part */
};
struct model_uncertainty {
    size_t entities, left_out; /* summed; without a number, so not in the sum */
    double value;              /* as the run has it, in `unit` */
    const char *unit;
    double mean, deviation; /* first order: the derivatives times the covariances of what varies */
    enum model_smoothness smoothness; /* of the derivatives, the worst of the entities */
    size_t draws, failed; /* failed: draws in which some entity has no number (a division by 0 …) */
    double drawn_mean, drawn_deviation, low, median, high; /* low, high: 2.5 and 97.5 % */
    const struct model_contribution *contributions;        /* the largest first */
    size_t count;
};
/* How far one number may be off: of one entity, or of the sum over several. An input or factor that
 * states no uncertainty counts as exact. Errors: MODEL_LARGE; MODEL_NOT_FOUND names the output. */
bool model_uncertainty(struct arena *arena, const struct model_run *run, const char *output,
                       str key, const struct model_uncertainty_options *options,
                       struct model_uncertainty *result, struct error *err) NODISCARD;

/* ---- examples -------------------------------------------------------------------------------- */

struct model_example_result {
    const char *name;
    bool passed;
    const char *detail; /* expected, found, tolerance of the first failure */
};
size_t model_test(struct arena *arena, const struct model *model,
                  const struct model_example_result **results);

/* A value that an example gives. */
struct model_given {
    const char *input, *key; /* key "" of a scalar */
    enum model_type type;
    bool missing;     /* stated as not known */
    double value;     /* of a number, in `unit` */
    const char *unit; /* as written, "" when the input's own */
    const char *text; /* of what is no number: "true", "2025-12-31", "north" */
};
struct model_example {
    const char *name;
    const struct model_given *given;
    size_t given_count;
};
/* The examples of a model in the order of its file. */
size_t model_examples(struct arena *arena, const struct model *model,
                      const struct model_example **list);

/* ---- what is asked for, and how much it matters ----------------------------------------------
 */

/* What counts when a person leaves an input empty. */
enum model_absence {
    MODEL_ABSENCE_PLATFORM, /* nobody types it: a fact of the platform fills it */
    MODEL_ABSENCE_DEFAULT,  /* its stated default */
    MODEL_ABSENCE_ZERO,     /* nothing: the formula takes 0 */
    MODEL_ABSENCE_OTHER,    /* a table's value or another rule takes its place */
    MODEL_ABSENCE_UNKNOWN,  /* `unknown` can't be computed */
    MODEL_ABSENCE_UNUSED    /* of an indexed input: a key without a value counts as not used */
};
struct model_asked {
    const struct model_input *input;
    enum model_absence absence;
    /* What stays unknown: NULL is all that rests on it, of MODEL_ABSENCE_UNKNOWN; beside another
     * absence it is what is lost when no key has a value, NULL nothing. */
    const struct model_output *unknown;
    bool has_effect;
    double effect;  /* relative change of the main output per relative change of the input, all its
                       keys together: 0.5 says that 1 % more makes 0.5 % more */
    size_t example; /* the one that the effect was computed in */
};
struct model_worth {
    const struct model_output *main; /* NULL: the model gives no single number */
    size_t example;                  /* the first one in which it is a number other than 0 */
    double value;                    /* there, in its unit */
    const struct model_asked *list;  /* the largest effect first, then as the file has them */
    size_t count;
};
/* What each input of a model is worth to its main output (`total`, `total_full` … or the first
 * number that is posted), by exact derivatives in its own examples, and what happens without it, by
 * its formulas and by running the example again without the input. */
void model_worth(struct arena *arena, const struct model *model, struct model_worth *worth);

#endif
