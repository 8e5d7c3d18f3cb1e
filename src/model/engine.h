/* Inside the engine: what a model file becomes. The parser makes statements and expression trees,
 * the checker resolves names and units in place, the compiler makes a flat program of it.
 * Everything lives in the arena of the library and is not changed once a model is compiled. */
#ifndef MODEL_ENGINE_H
#define MODEL_ENGINE_H

#include "base/buf.h"
#include "model/op.h"
#include "model/table.h"
#include "model/tanshu_model.h"
#include "model/token.h"
#include "model/units.h"

/* What a stranger's file may ask for. */
#define MODEL_FILE_BYTES_MAX ((size_t)1 << 20)
#define EXPRESSION_DEPTH_MAX 100
#define EXPRESSION_HEIGHT_MAX 1000
#define TREE_HEIGHT_MAX 2000        /* of a formula with functions and conversions put in place */
#define DEPTH_MAX 5000              /* … and through names down to inputs: walks follow them */
#define EXPRESSION_NODES_MAX 100000 /* of one model, with functions put in place */
#define FACTORS_MAX 64              /* of a product; a longer one is computed as written */
#define LOOKUP_CONDITIONS_MAX 16
#define LOOKUP_ROWS_MAX 10000                       /* searched for one value */
#define LOOKUP_CELLS_MAX ((size_t)50 * 1000 * 1000) /* … times the keys it goes by */
#define ROWS_OF_KEY_MAX 1000                        /* that a column by key tells apart by day */
#define INDEXES_MAX 500                             /* tables and sets of one model */
#define DEFINITIONS_MAX 4000
#define DIAGNOSTICS_MAX 100
#define USES_MAX 20
#define MEASURES_MAX 200
#define PEERS_LEAST 8               /* fewer members say too much of each other */
#define CELLS_MAX ((size_t)1 << 22) /* registers times keys of one entity */

enum expr_kind {
    EXPR_NUMBER, /* number, unit */
    EXPR_TEXT,
    EXPR_FLAG,
    EXPR_DATE,
    EXPR_NAME,   /* definition, at the current key when that is indexed */
    EXPR_COLUMN, /* table.column at the current key */
    EXPR_KEYED,  /* name[key] or table[key].column */
    EXPR_NEGATE,
    EXPR_NOT,
    EXPR_BINARY,  /* op; args 2 */
    EXPR_IF,      /* condition, then, else */
    EXPR_CASE,    /* args: subject, (value, result)…, else */
    EXPR_CALL,    /* a built-in function of numbers */
    EXPR_SUM,     /* over an index: args: what [, where] ; op tells which aggregate */
    EXPR_POINTS,  /* args: x, (x, y)… */
    EXPR_BAND,    /* args: x, limits; labels */
    EXPR_LOOKUP,  /* table, column; conditions */
    EXPR_PEERS,   /* op; table, column; args: [x,] keys; labels: the keys' columns */
    EXPR_CONVERT, /* args 1, brought to `unit` */
};

struct definition;
struct expr {
    enum expr_kind kind;
    enum op op;
    const struct token *token;
    const char *text; /* the source it stands in */
    size_t from, to;  /* bytes in it */
    str name, field, key;
    str over_name; /* of EXPR_SUM: the index that is stated, or empty */
    double number; /* of a literal; day of a date; 0/1 of a flag; text number of a text; months */
    bool has_unit; /* a literal with a unit */
    str unit_text; /* that unit, as written */
    int height;
    struct expr **args;
    size_t count;
    str *labels;       /* of band; column names of lookup */
    enum op *compares; /* of band and lookup */
    size_t label_count;
    /* checked */
    bool checked;
    bool broken;  /* reported */
    bool visited; /* of a used model's copy: its definitions are in order */
    int depth;    /* the longest way through parts and names */
    int reg;      /* once compiled, -1 before */
    enum model_type type;
    struct unit unit;
    const struct index *index; /* what it goes by, or NULL */
    bool uniform;              /* the same for every entity */
    struct definition *definition;
    const struct table *table;
    int column;
    const struct index *over; /* of EXPR_KEYED on a column: the index that key is of */
    int key_number;           /* of EXPR_KEYED */
};

enum definition_kind {
    DEFINE_INPUT,
    DEFINE_CONST,
    DEFINE_LET,
    DEFINE_OUT,
    DEFINE_REQUIRE,
    DEFINE_PARAMETER
};
struct definition {
    enum definition_kind kind;
    const struct token *token;
    str name;
    str index_name;
    const struct index *index;
    bool has_type;
    enum model_type type;
    struct unit unit;
    str unit_text;
    struct expr *expr; /* NULL of an input and a parameter */
    str label, label_zh, help, help_zh, clause, source;
    /* of an input */
    enum model_period period;
    str from;
    struct model_key *choices;
    size_t choice_count;
    bool has_default, has_min, has_max;
    double default_value, min, max;
    str default_text;
    bool per_row;      /* its unit goes by the row */
    double *key_scale; /* unused slots stay 1 */
    size_t number;     /* among inputs, or among outputs */
    enum model_spread_shape spread_shape;
    struct expr *spread; /* half the width of its 95 % interval, relative to the value; NULL none.
                            By its index or one for all; its register is spread->reg */
    str spread_text;     /* as written: lognormal 5 % */
    /* of an output */
    str post;
    struct model_meta *pairs;
    size_t pair_count, pair_capacity;
    struct expr *argument; /* of a parameter: what it stands for while a call is put in place */
    int state;             /* 0 not checked, 1 being checked, 2 checked */
    int depth;             /* of its formula */
    bool wrong;            /* reported already; what uses it stays silent */
    int reg;               /* the register that holds it, -1 none */
    bool copied;           /* from a used model, checked there */
    bool exported;         /* an output there */
};

struct function {
    const struct token *token;
    str name;
    struct definition **parameters;
    size_t count;
    bool has_type;
    enum model_type type;
    struct unit unit;
    struct expr *expr;
};

struct index {
    str name;
    const struct table *table; /* NULL of a literal set */
    struct model_key *keys;
    size_t count;
    struct map numbers; /* key → number + 1 */
};

/* use NAME VERSION as ALIAS [with input = expression, …] */
struct binding {
    const struct token *token;
    struct expr *expr;
    bool used;
};
struct use {
    const struct token *token;
    str name, version, alias;
    bool on_day; /* the version valid on `day` */
    int32_t day;
    struct binding *bindings;
    size_t binding_count;
    const struct model *model;
};

/* measure: what would be, if inputs were other than given. */
struct measure_change {
    const struct token *token;
    str key;
    struct definition *definition;
    int key_number;    /* -1: the scalar, or every key */
    struct expr *expr; /* in the input's unit; its register is expr->reg */
};
struct measure {
    const struct token *token;
    str name, label, label_zh;
    struct expr *cost; /* NULL: not stated */
    struct measure_change *changes;
    size_t count, capacity;
};

struct example_line {
    const struct token *token;
    bool expect;
    str name, key;
    enum {
        EXAMPLE_NUMBER,
        EXAMPLE_TEXT,
        EXAMPLE_DATE,
        EXAMPLE_FLAG,
        EXAMPLE_MISSING,
        EXAMPLE_ERROR
    } kind;
    double number;
    bool has_unit;
    str unit_text;
    str text;
    bool has_within, within_percent, has_within_unit;
    double within;
    struct unit within_unit; /* else the unit of the value */
};
struct example {
    const struct token *token;
    str name;
    struct example_line *lines;
    size_t count, capacity;
};

/* What the parser took a token for, where blanks would change it. */
enum token_mark {
    MARK_NONE,
    MARK_UNIT_FIRST, /* begins a unit */
    MARK_UNIT,       /* goes on with it */
    MARK_WORD_FIRST, /* begins a word of several tokens: a version, a key */
    MARK_WORD,
};

struct program;
struct model {
    struct model_library *library;
    struct arena *arena;
    struct unit_system *units;
    struct intern *texts;
    str path, text;
    const struct token *tokens;
    size_t token_count;
    uint8_t *marks; /* an enum token_mark per token, for the formatter; NULL: nobody asks */
    struct model_diagnostics *diagnostics; /* while loading */
    size_t errors;
    size_t nodes;
    int calls;   /* functions being put in place, one inside the other */
    int nesting; /* expressions being checked, one inside the other or behind a name */
    struct model_info info;
    str name, version, kind, title, title_zh, source, entity;
    uint32_t heads; /* of kind, title, source, entity, valid: which stood, a bit each */
    struct model_meta *metas;
    size_t meta_count, meta_capacity;
    const char **industries;
    size_t industry_count, industry_capacity;
    struct definition **definitions;
    size_t definition_count, definition_capacity;
    struct map names;          /* name → definition */
    struct map function_names; /* name → function */
    struct function **functions;
    size_t function_count, function_capacity;
    struct table **tables;
    size_t table_count, table_capacity;
    struct index **indexes;
    size_t index_count, index_capacity;
    struct use **uses;
    size_t use_count, use_capacity;
    struct map rests; /* the names of all models it rests on */
    struct measure **measures;
    size_t measure_count, measure_capacity;
    struct example **examples;
    size_t example_count, example_capacity;
    struct definition **inputs, **outputs, **requirements, **order; /* order: by dependency */
    size_t input_count, output_count, requirement_count, order_count, order_capacity;
    struct model_table_file *files;
    size_t file_count;
    struct program *program; /* as written: explanations, effects */
    struct program *fast;    /* optimised: runs */
};

struct model_library {
    struct arena *arena;
    struct unit_system units;
    struct intern texts;
    struct map file_cache; /* path → struct table_file of table.c */
    char **roots;
    size_t root_count;
    struct model **models;
    size_t count, capacity;
    struct pending *pending; /* while folders are loaded: files still to come */
    size_t pending_count, pending_capacity;
    struct model_diagnostics *diagnostics;
    struct model_table_file units_file; /* units/atoms.csv: every model rests on it */
};

/* Diagnostics. `hint` may be NULL. */
void model_report(struct model *model, const struct token *at, const char *rule, const char *hint,
                  const char *format, ...) PRINTF_LIKE(5, 6);

/* parse.c: tokens to statements. Errors are reported and parsing goes on at the next statement. */
void model_parse(struct model *model);
/* expression.c */
struct parser {
    struct model *model;
    const struct token *tokens;
    size_t at;
    int depth;
    bool failed; /* of the statement: reported already */
};
struct expr *expression_parse(struct parser *parser); /* NULL when reported */
/* Without comparisons, `and`, `or` on the outside. */
struct expr *expression_parse_value(struct parser *parser);
bool parser_take(struct parser *parser, const char *mark);
bool parser_want(struct parser *parser, const char *mark);
const struct token *parser_name(struct parser *parser, const char *what);
str parser_word(struct parser *parser, const char *what); /* adjacent tokens: ghg.cement, 2013.1 */
bool parser_key(struct parser *parser,
                str *key); /* after [ : a word, a text or a number, up to ] */
bool parser_unit(struct parser *parser, enum unit_place place, struct unit *unit, str *text);
/* The tokens from `first` up to the next one are one unit or word. */
void parser_mark(const struct parser *parser, size_t first, enum token_mark mark);
void *parser_fail(struct parser *parser, const char *rule, const char *message);

/* use.c */
void use_parse(struct parser *parser);
void use_import(struct model *model); /* copies what is used; before names are checked */
bool use_check_copy(struct model *model, struct definition *definition);
struct use *model_find_use(const struct model *model, str alias);
/* The model that a dotted name belongs to; *name becomes what follows the aliases. NULL: none. */
const struct model *model_of_name(const struct model *model, str *name);

/* measure.c */
bool measure_parse_spread(struct parser *parser, struct definition *definition);
bool measure_check_spread(struct model *model, struct definition *definition);
void measure_parse(struct parser *parser);
void measure_check(struct model *model);

/* example.c */
void example_parse(struct parser *parser);
void example_parse_line(struct parser *parser, bool expect);
void example_check(struct model *model);

/* check.c, check_expression.c */
void model_check_names(struct model *model);
bool check_expression(struct model *model, struct expr *expr);
void check_function(struct model *model, struct function *f);
bool check_definition(struct model *model, struct definition *definition);
struct definition *model_find(const struct model *model, str name);
struct function *model_find_function(const struct model *model, str name);
struct table *model_find_table(const struct model *model, str name);
struct index *model_find_index(const struct model *model, str name);
const char *model_nearest(const struct model *model, str name); /* hint, or NULL */
struct expr *expression_convert(struct model *model, struct expr *expr, const struct unit *unit);
/* A value brought to a declared type and unit: an argument, a result. NULL when reported at `at`.
 */
struct expr *expression_fit(struct model *model, struct expr *at, struct expr *value,
                            enum model_type type, const struct unit *unit, str what);
/* Puts the unit of a key's row in the place of the row's unit; false when the unit gets too large.
 */
bool expression_key_unit(struct model *model, const struct index *index, int key,
                         struct unit *unit);

/* compile.c */
void model_compile(struct model *model);
/* info.c */
void model_fill_info(struct model *model);
/* library.c */
struct model *library_load_text(struct model_library *library, str path, str text,
                                struct model_diagnostics *diagnostics);
/* The statements and trees only, nothing resolved; what is wrong with them is counted in
 * `errors`. `marked`: for layout, with marks and without reading any table. NULL when the text
 * can't be cut into tokens. */
struct model *library_parse_text(struct model_library *library, str path, str text, bool marked,
                                 struct model_diagnostics *diagnostics);
struct model_library *library_open_bare(const char *const *roots, size_t root_count,
                                        struct error *err);
enum library_found { LIBRARY_FOUND, LIBRARY_ABSENT, LIBRARY_CYCLE };
/* The model that another one uses, loaded first when its turn has not come. */
enum library_found library_find_used(struct model_library *library, str name, str version,
                                     bool on_day, int32_t day, const struct model **model);
/* explain_text.c: why there is no value, in a word or two. */
const char *status_text(enum model_status status, bool zh);
const char *expression_text(struct arena *arena, const struct model *model,
                            const struct expr *expr);
#endif
