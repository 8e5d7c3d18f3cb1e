/* Units: products of powers of base dimensions. A substance makes a base of its own, so that a
 * tonne of carbon and a tonne of CO2 do not add; so does `fuel.unit`, the unit that a row names.
 * A unit's size is num/den in base units; both are kept so that common conversions are exact.
 * A unit system belongs to a library and is not changed once that is open. */
#ifndef MODEL_UNIT_H
#define MODEL_UNIT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "base/str.h"
#include "model/token.h"

#define UNIT_TERMS_MAX 12
#define UNIT_POWER_MAX 30
#define UNIT_SIZE_MAX 1e150 /* and its inverse: so the ratio of any two is a double */
#define UNIT_NAME_MAX 100   /* bytes of an atom with multiples and substance */
#define UNIT_BASES_MAX 4096
#define UNIT_BASE_UNKNOWN 0xFFFF

struct unit_term {
    uint16_t base;
    int8_t power;
};
struct unit {
    double num, den;
    uint8_t count;
    struct unit_term terms[UNIT_TERMS_MAX]; /* by base, no power 0 */
};

struct unit_base {
    str name;      /* "mass", "mass CO2", "fuel.unit" */
    str dimension; /* "mass" */
    str substance; /* "CO2" or empty */
    str display;   /* the atom it is written with: "t" */
    bool row;      /* the unit of a table's row */
};
struct unit_atom {
    str symbol, ucum;
    bool substances; /* may be followed by a substance */
    struct unit unit;
};
struct unit_system {
    struct arena *arena;
    struct map atoms; /* symbol or alias → struct unit_atom */
    struct map base_numbers;
    struct unit_base *bases;
    size_t base_count, base_capacity;
};

/* Reads the table of atoms (tables/units/atoms.csv). */
bool unit_system_init(struct unit_system *system, struct arena *arena, str atoms_csv,
                      struct error *err) NODISCARD;

enum unit_problem { UNIT_FINE, UNIT_UNKNOWN, UNIT_SYNTAX, UNIT_LARGE };
struct unit_fault {
    enum unit_problem problem;
    struct token token; /* where */
};
enum unit_place {
    UNIT_DECLARED, /* blanks may stand around * and / */
    UNIT_LITERAL,  /* after a number in an expression: * and / continue only without blanks */
};
/* Parses a unit at tokens[*at] and moves *at behind it. `grow` allows new substances and row units
 * (while a library loads). `row` is the table whose header is read, so that `unit` means its row's
 * unit; else empty. */
bool unit_parse_tokens(struct unit_system *system, const struct token *tokens, size_t *at,
                       enum unit_place place, bool grow, str row, struct unit *unit,
                       struct unit_fault *fault) NODISCARD;
/* A whole text, as written in data: "万kWh", "tCO2", "1e4 Nm3". Never changes the system unless
 * grow. */
bool unit_parse_text(struct unit_system *system, struct arena *arena, str text, bool grow, str row,
                     struct unit *unit) NODISCARD;
/* Whether the token could begin a unit. */
bool unit_starts(const struct unit_system *system, const struct token *token);
/* An atom's name, or one with the substance written behind it (tCO2). */
bool unit_is_name(const struct unit_system *system, str name);

struct unit unit_one(void);
/* By the unit, or its inverse when sign is negative. False: too many terms or too high powers. */
bool unit_multiply(struct unit *unit, const struct unit *by, int sign);
bool unit_power(struct unit *unit, int power);
bool unit_same_dimension(const struct unit *a, const struct unit *b);
bool unit_is_one(const struct unit *unit); /* no dimension (the size may differ: %) */
/* What a value in `from` is multiplied by to be in `to`; the dimensions are the same. */
double unit_ratio(const struct unit *from, const struct unit *to);
/* Whether the unit of a table's row is left in it; *base tells which. */
bool unit_has_row(const struct unit_system *system, const struct unit *unit, uint16_t *base);
/* Puts `with` in the place of a row's unit. */
bool unit_replace_row(struct unit *unit, uint16_t base, const struct unit *with);
uint16_t unit_row_base(struct unit_system *system, str table);
/* Takes the substances away: t CO2 becomes t. */
struct unit unit_without_substances(struct unit_system *system, const struct unit *unit);

/* As text by dimension, "(t CO2)/(t C)"; sizes are not shown. */
char *unit_format(struct arena *arena, const struct unit_system *system, const struct unit *unit);
/* What it measures, "mass of CO2 per energy". */
char *unit_describe(struct arena *arena, const struct unit_system *system, const struct unit *unit);
/* A one-sentence fix that leads from `found` to `wanted`, or NULL. */
char *unit_hint(struct arena *arena, const struct unit_system *system, const struct unit *found,
                const struct unit *wanted);
/* The known name nearest to `name`, or an empty text. */
str unit_nearest(const struct unit_system *system, str name);

#endif
