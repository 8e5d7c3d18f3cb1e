/* The rows of all tables as a person looks for them: a factor, weight or threshold with its value,
 * unit, uncertainty, validity and source. The engine reads tables for models; this room reads the
 * same files for people: it searches, shows how a row changed over time, and checks that every row
 * says where it comes from.
 *
 * The library and everything found in it live in the arena given to factor_open; a library is not
 * changed once open and may be shared between threads. */
#ifndef FACTOR_FACTOR_H
#define FACTOR_FACTOR_H

#include "base/arena.h"
#include "base/date.h"
#include "base/error.h"
#include "base/map.h"
#include "base/str.h"
#include "locale/locale.h"
#include "model/tanshu_model.h"

struct factor_value {
    const char *name; /* of the column: ncv */
    const char *unit; /* with the row's own unit put in: GJ/t */
    const char *text; /* as the file has it */
    bool has_number;  /* false: the cell is empty */
    double number;
};

struct factor_cell { /* a column that is no value and its text: family, A */
    const char *name, *text;
};

struct factor_row {
    const char *table; /* under tables/: "factors/grid.csv" */
    int64_t line;
    const char *id, *name_en, *name_zh;
    const char *series;  /* rows of one series follow one another in time: the id without a year,
                            or the area and the kind */
    const char *classes; /* "family=A, state=solid": what tells rows of one id apart */
    const char *scheme;  /* "ets", "account" … or "" */
    const char *area;    /* "national", a region or division, or "" */
    const char *level;   /* of the area */
    const char *year;    /* of the data or the report, or "" */
    const char *unit;    /* of its first value */
    const char *publisher, *document, *clause, *confidence, *note;
    const char *uncertainty;  /* of its first value, as the file has it: half the width of the
                                 interval that holds 95 of 100 cases, over the value */
    const char *distribution; /* normal when "" */
    const struct factor_cell *class_list, *uncertainty_list; /* the latter of other values: ch4 */
    size_t class_count, uncertainty_count;
    bool enabled, has_from, has_to;
    date valid_from, valid_to;
    int32_t published; /* day, INT32_MIN when not stated */
    const struct factor_value *values;
    size_t value_count;
    const char *tier_id; /* how good a default: "official", "national" …; "" when the row
                            does not say, NULL when its table has no such column */
    const struct factor_row *tier; /* its row of tables/credit/tiers.csv, or NULL; measured values
                                      are no rows: they are data (account_tier) */
};

struct factor_library {
    struct arena *arena;
    struct factor_row *rows; /* by table in order of path, then as the file has them */
    size_t count;
    size_t table_count;
    struct map words; /* of tables/words/: see factor_column_word and factor_say */
};
/* Reads every tables/FOLDER/FILE.csv under the roots that has an `id` column; a later root's file
 * takes the place of an earlier one's of the same path. tables/words/columns.csv and texts.csv of
 * every root say how columns, codes and remarks read in both languages. Errors: FACTOR_NONE,
 * FILE_*, CSV_*. */
bool factor_open(struct arena *arena, const char *const *roots, size_t root_count,
                 struct factor_library *library, struct error *err) NODISCARD;

/* ---- as people read it ---- */

/* What a column is called ("net calorific value"), or a code in it ("solid": solid); its own name
 * when tables/words/columns.csv has no word for it. `table` may be "". */
const char *factor_column_word(const struct factor_library *library, const char *table,
                               const char *column, enum lang lang);
const char *factor_cell_word(const struct factor_library *library, const char *table,
                             const char *column, const char *text, enum lang lang);

/* A remark, a document or a publisher in the reader's language, when tables/words/texts.csv knows
 * all its pieces (parted by "; " and ". " outside brackets); else as the file has it, with the
 * language that it is in. */
struct factor_phrase {
    const char *text;
    enum lang lang;
};
struct factor_phrase factor_say(struct arena *arena, const struct factor_library *library,
                                const char *text, enum lang lang);

/* "(1e4 Nm3)" as 万Nm3, "CNY" as 元; "" of a pure number. */
const char *factor_unit_text(struct arena *arena, const struct factor_library *library,
                             const char *unit, enum lang lang);
/* "net calorific value 20.304 GJ/t; …": what has a value, named when there are several columns. */
const char *factor_values_text(struct arena *arena, const struct factor_library *library,
                               const struct factor_row *row, enum lang lang);
/* "family: A, state: solid". */
const char *factor_classes_text(struct arena *arena, const struct factor_library *library,
                                const struct factor_row *row, enum lang lang);
/* "±10 % (net calorific value)", or "±5 % (usual for its tier)" when the row states none; "" when
 * neither is known: half the width of the interval that holds the true value in 95 of 100 cases,
 * over the value. */
const char *factor_uncertainty_text(struct arena *arena, const struct factor_library *library,
                                    const struct factor_row *row, enum lang lang);
/* "national default"; "" when the row states no tier that is known. */
const char *factor_tier_text(const struct factor_row *row, enum lang lang);
/* "read in a secondary source (S)", "95 %" of a number, "" of none. */
const char *factor_confidence_text(struct arena *arena, const struct factor_library *library,
                                   const char *confidence, enum lang lang);

struct factor_query {
    str words;  /* all of them must occur, in Chinese or English, in names, id, class or source */
    str unit;   /* "tCO2/MWh" finds (t CO2)/MWh: blanks and brackets do not count */
    str region; /* occurs in area, level, id or name */
    int year;   /* the row is valid on a day of it; 0: any */
    bool all;   /* with codes and other rows without a value */
};
/* Rows that fit, those named exactly so first, otherwise in the library's order. */
size_t factor_find(struct arena *arena, const struct factor_library *library,
                   const struct factor_query *query, const struct factor_row ***list);
/* Rows of this id, or of "TABLE:ID" ("fuels:bituminous" or "factors/fuels.csv:bituminous"). */
size_t factor_rows_of(struct arena *arena, const struct factor_library *library, str id,
                      const struct factor_row ***list);
/* The row of a table with this id; the first of several. NULL when there is none. */
const struct factor_row *factor_row_at(const struct factor_library *library, const char *table,
                                       const char *id);

/* How far a value of the row may be off, as above: as the row states, of its first value in
 * `uncertainty` and of another in `uncertainty_<name>`; else what its tier is usually off by, and
 * *assumed is set. A later value that states none is no surer than the first; a later pure number,
 * as a share, counts as exact, and so does a value of a row without a tier. */
double factor_half_width(const struct factor_row *row, const char *column, bool *assumed);

/* Models whose table lines let this row in (`where` is kept); by name and version. */
size_t factor_models_of(struct arena *arena, const struct model_library *models,
                        const struct factor_row *row, const struct model ***list);
/* The tables of a model with the filter of each, as its file says: "factors/fuels.csv",
 * "family = A". */
struct factor_use {
    const char *table, *filter; /* filter "" when all rows are used */
};
size_t factor_uses_of(struct arena *arena, const struct model *model,
                      const struct factor_use **list);

/* One row of a series and how far it is from the last one before of its class and scheme (when
 * there is none, from the row before, as of another family). */
struct factor_step {
    const struct factor_row *row;
    bool has_change;
    double change; /* of the first value, relative: -0.05 is five percent less */
};
/* The series that rows of `id` belong to, in order of time; per table. */
size_t factor_history(struct arena *arena, const struct factor_library *library, str id,
                      const struct factor_step **list);

/* Whether one of the model's table lines lets the row in. */
bool factor_is_used_by(struct arena *arena, const struct model *model,
                       const struct factor_row *row);

struct factor_change { /* a cell that differs between two versions of a table, or a whole row */
    const struct factor_row *row; /* as it is now; one that is gone, as it was */
    const char *table, *id, *classes;
    const char *column;         /* "" of a row that is new, gone, or switched on or off */
    const char *before, *after; /* texts of the cell; "" is nothing; of a row "on", "off" or "" */
};
/* Between the bytes of a table then and now: values, how far they may be off (columns uncertainty,
 * uncertainty_NAME, distribution) and whether a row counts. */
bool factor_diff(struct arena *arena, const char *table, str before, str after,
                 const struct factor_change **list, size_t *count, struct error *err) NODISCARD;

enum factor_rule {
    FACTOR_RULE_OVERLAP,  /* two enabled rows of one series and class hold on the same day */
    FACTOR_RULE_GAP,      /* days between two rows of one series and class that none holds on */
    FACTOR_RULE_SOURCE,   /* an enabled row with a value names no document, or no publisher while
                             it is no proposal and not derived */
    FACTOR_RULE_TAG,      /* no tag of confidence, or none that is known */
    FACTOR_RULE_DISABLED, /* a disabled row whose note does not say what would confirm it */
    FACTOR_RULE_VALID,    /* valid_to before valid_from */
    FACTOR_RULE_TIER,     /* a row with a value of a table with a column `tier` names none, or one
                             that tables/credit/tiers.csv does not know */
    FACTOR_RULES
};
const char *factor_rule_name(enum factor_rule rule); /* "overlap", … : stable */
const char *factor_rule_text(enum factor_rule rule); /* English sentence, a key for tr() */
struct factor_breach {
    enum factor_rule rule;
    const struct factor_row *row, *other; /* other: of overlap and gap, else NULL */
};
size_t factor_check(struct arena *arena, const struct factor_library *library,
                    const struct factor_breach **list);

#endif
