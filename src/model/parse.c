/* Statements. An error ends its statement only; parsing goes on with the next. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "model/engine.h"

static const struct token *here(const struct parser *p)
{
    return &p->tokens[p->at];
}

static bool at_end(const struct parser *p)
{
    return here(p)->kind == TOKEN_END || here(p)->kind == TOKEN_EOF;
}

static bool take_text(struct parser *p, str *text)
{
    if (here(p)->kind != TOKEN_TEXT) {
        parser_fail(p, "syntax", "Expected a text in quotes");
        return false;
    }
    *text = here(p)->text;
    p->at++;
    return true;
}

/* "label" [zh "标签"] */
static bool take_label(struct parser *p, str *en, str *zh)
{
    return take_text(p, en) && (!parser_take(p, "zh") || take_text(p, zh));
}

static bool may_stand_in_word(const struct token *token)
{
    static const char *const marks[] = {".", "-", "/", "+", "%"};
    if (token->kind == TOKEN_NAME || token->kind == TOKEN_NUMBER || token->kind == TOKEN_DATE)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (token_is(token, marks[i])) return true;
    return false;
}

/* Adjacent tokens without blanks: 2013.1, ghg.cement, GB-2024. */
str parser_word(struct parser *p, const char *what)
{
    const struct token *first = here(p);
    if (!may_stand_in_word(first)) {
        parser_fail(p, "syntax", what);
        return (str){"", 0};
    }
    size_t to = first->to, start = p->at;
    p->at++;
    while (!here(p)->spaced && may_stand_in_word(here(p))) {
        to = here(p)->to;
        p->at++;
    }
    parser_mark(p, start, MARK_WORD_FIRST);
    return str_slice(p->model->text, first->from, to);
}

static bool is_reserved(str name, bool of_function)
{
    enum group { STATEMENT, PART, TYPE, PERIOD, VALUE, OPERATOR, FUNCTION };
    static const struct {
        const char *word;
        bool reserved, function;
    } words[] = {
#define KEYWORD(word, group, reserved) {#word, reserved, group == FUNCTION},
#include "model/keyword.def"
#undef KEYWORD
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_is(name, words[i].word))
            return words[i].reserved || (of_function && words[i].function);
    return false;
}

static bool claim_name(struct parser *p, const struct token *name, bool of_function)
{
    struct model *model = p->model;
    if (is_reserved(name->text, of_function)) {
        model_report(model, name, "reserved-name", NULL,
                     "\"%.*s\" is a word of the language; choose another name.",
                     STR_ARG(name->text));
    } else if (model_find(model, name->text) != NULL ||
               model_find_function(model, name->text) != NULL) {
        model_report(model, name, "duplicate-name", NULL, "The name %.*s is defined twice.",
                     STR_ARG(name->text));
    } else {
        return true;
    }
    p->failed = true;
    return false;
}

static struct definition *new_definition(struct parser *p, enum definition_kind kind)
{
    struct model *model = p->model;
    const struct token *name = parser_name(p, "Expected a name in lower-case letters");
    if (name == NULL || !claim_name(p, name, false)) return NULL;
    if (model->definition_count == DEFINITIONS_MAX)
        return parser_fail(p, "size", "Too many definitions");
    struct definition *d = ARENA_NEW(model->arena, struct definition);
    d->kind = kind;
    d->token = name;
    d->name = name->text;
    d->unit = unit_one();
    d->reg = -1;
    d->period = MODEL_PER_YEAR;
    *ARENA_PUSH(model->arena, model->definitions, model->definition_count,
                model->definition_capacity) = d;
    map_put(&model->names, d->name, d);
    if (parser_take(p, "[")) {
        const struct token *index = parser_name(p, "Expected the name of an index");
        if (index == NULL || !parser_want(p, "]")) return NULL;
        d->index_name = index->text;
    }
    return d;
}

/* : unit | text | date | flag | choice … */
static bool take_type(struct parser *p, struct definition *d)
{
    d->has_type = true;
    d->type = MODEL_NUMBER;
    if (parser_take(p, "text"))
        d->type = MODEL_TEXT;
    else if (parser_take(p, "date"))
        d->type = MODEL_DATE;
    else if (parser_take(p, "flag"))
        d->type = MODEL_FLAG;
    else if (token_is(here(p), "choice") && d->kind == DEFINE_INPUT) {
        p->at++;
        d->type = MODEL_CHOICE;
        size_t capacity = 0;
        do {
            str id = parser_word(p, "Expected a choice"), en = {"", 0}, zh = {"", 0};
            if (p->failed || (here(p)->kind == TOKEN_TEXT && !take_label(p, &en, &zh)))
                return false;
            if (en.len == 0) en = id;
            for (size_t i = 0; i < d->choice_count; i++)
                if (str_is(id, d->choices[i].id))
                    return parser_fail(p, "duplicate-name", "A choice stands twice") != NULL;
            struct model_key *key =
                ARENA_PUSH(p->model->arena, d->choices, d->choice_count, capacity);
            *key = (struct model_key){.id = str_dup(p->model->arena, id), .enabled = true};
            key->label.en = str_dup(p->model->arena, en);
            key->label.zh = str_dup(p->model->arena, zh.len == 0 ? en : zh);
            intern_text(p->model->texts, id);
        } while (parser_take(p, ","));
    } else {
        return parser_unit(p, UNIT_DECLARED, &d->unit, &d->unit_text);
    }
    return true;
}

static bool take_number(struct parser *p, const struct definition *d, double *value)
{
    bool negative = parser_take(p, "-");
    if (here(p)->kind != TOKEN_NUMBER) {
        parser_fail(p, "syntax", "Expected a number");
        return false;
    }
    *value = negative ? -here(p)->number : here(p)->number;
    p->at++;
    struct unit unit;
    str written;
    if (!unit_starts(p->model->units, here(p))) return true;
    const struct token *at = here(p);
    if (!parser_unit(p, UNIT_LITERAL, &unit, &written)) return false;
    if (!unit_same_dimension(&unit, &d->unit)) {
        p->failed = true;
        model_report(p->model, at, "unit-mismatch",
                     unit_hint(p->model->arena, p->model->units, &unit, &d->unit),
                     "%.*s is in %.*s, this number is in %.*s.", STR_ARG(d->name),
                     STR_ARG(d->unit_text), STR_ARG(written));
        return false;
    }
    *value *= unit_ratio(&unit, &d->unit);
    if (isfinite(*value)) return true;
    p->failed = true;
    model_report(p->model, at, "token", NULL, "This number is too large in %.*s.",
                 STR_ARG(d->unit_text));
    return false;
}

static bool take_default(struct parser *p, struct definition *d)
{
    d->has_default = true;
    if (d->type == MODEL_NUMBER) return take_number(p, d, &d->default_value);
    if (d->type == MODEL_FLAG && (token_is(here(p), "true") || token_is(here(p), "false")))
        d->default_value = token_is(here(p), "true");
    else if (d->type == MODEL_DATE && here(p)->kind == TOKEN_DATE)
        d->default_value = here(p)->day;
    else if ((d->type == MODEL_TEXT || d->type == MODEL_CHOICE) &&
             (here(p)->kind == TOKEN_TEXT || here(p)->kind == TOKEN_NAME))
        d->default_value = intern_text(p->model->texts, here(p)->text);
    else
        return parser_fail(p, "type", "The default does not fit the type") != NULL;
    d->default_text = here(p)->text;
    if (d->type == MODEL_CHOICE) {
        bool known = false;
        for (size_t i = 0; i < d->choice_count; i++)
            known = known || str_is(d->default_text, d->choices[i].id);
        if (!known) return parser_fail(p, "type", "The default is none of the choices") != NULL;
    }
    p->at++;
    return true;
}

static bool take_period(struct parser *p, struct definition *d)
{
    if (parser_take(p, "month"))
        d->period = MODEL_PER_MONTH;
    else if (parser_take(p, "year"))
        d->period = MODEL_PER_YEAR;
    else if (parser_take(p, "once"))
        d->period = MODEL_ONCE;
    else
        return parser_fail(p, "syntax", "Expected month, year or once") != NULL;
    return true;
}

/* What may follow the type of an input, in any order. */
static bool take_input_part(struct parser *p, struct definition *d)
{
    if (here(p)->kind == TOKEN_TEXT) return take_label(p, &d->label, &d->label_zh);
    if (parser_take(p, "=")) return take_default(p, d);
    if (parser_take(p, "help")) return take_label(p, &d->help, &d->help_zh);
    if (parser_take(p, "from")) return take_text(p, &d->from);
    if (parser_take(p, "clause")) return take_text(p, &d->clause);
    if (parser_take(p, "source")) return take_text(p, &d->source);
    if (parser_take(p, "per")) return take_period(p, d);
    if (parser_take(p, "uncertainty")) return measure_parse_spread(p, d);
    bool number = d->type == MODEL_NUMBER;
    if (number && parser_take(p, ">=")) {
        d->has_min = true;
        return take_number(p, d, &d->min);
    }
    if (number && parser_take(p, "<=")) {
        d->has_max = true;
        return take_number(p, d, &d->max);
    }
    if (number && parser_take(p, ">")) {
        /* Open bounds become the next number that a double holds. */
        d->has_min = true;
        if (!take_number(p, d, &d->min)) return false;
        d->min = __builtin_nextafter(d->min, __builtin_inf());
        return true;
    }
    if (number && parser_take(p, "<")) {
        d->has_max = true;
        if (!take_number(p, d, &d->max)) return false;
        d->max = __builtin_nextafter(d->max, -__builtin_inf());
        return true;
    }
    if (number && parser_take(p, "in")) {
        d->has_min = d->has_max = true;
        return take_number(p, d, &d->min) && parser_want(p, "..") && take_number(p, d, &d->max);
    }
    return parser_fail(p, "syntax",
                       "Expected a label, =, a range, per, from, help, uncertainty or the end") !=
           NULL;
}

static void parse_input(struct parser *p)
{
    struct definition *d = new_definition(p, DEFINE_INPUT);
    if (d == NULL || !parser_want(p, ":") || !take_type(p, d)) {
        if (d != NULL) d->wrong = true;
        return;
    }
    while (!at_end(p) && take_input_part(p, d)) continue;
    if (p->failed) return;
    if (d->has_default && d->type == MODEL_NUMBER &&
        ((d->has_min && d->default_value < d->min) || (d->has_max && d->default_value > d->max)))
        model_report(p->model, d->token, "range", NULL, "The default of %.*s is outside its range.",
                     STR_ARG(d->name));
}

static bool take_post(struct parser *p, struct definition *d)
{
    const struct token *what = parser_name(p, "Expected emission, energy or production");
    if (what == NULL) return false;
    d->post = what->text;
    while (here(p)->kind == TOKEN_NAME &&
           (p->tokens[p->at + 1].kind == TOKEN_NAME || p->tokens[p->at + 1].kind == TOKEN_NUMBER)) {
        struct model_meta *pair =
            ARENA_PUSH(p->model->arena, d->pairs, d->pair_count, d->pair_capacity);
        pair->key = str_dup(p->model->arena, here(p)->text);
        p->at++;
        pair->value.en = pair->value.zh =
            str_dup(p->model->arena, parser_word(p, "Expected a value"));
    }
    return true;
}

static bool take_formula_part(struct parser *p, struct definition *d)
{
    if (here(p)->kind == TOKEN_TEXT) return take_label(p, &d->label, &d->label_zh);
    if (parser_take(p, "clause")) return take_text(p, &d->clause);
    if (parser_take(p, "source")) return take_text(p, &d->source);
    if (parser_take(p, "help")) return take_label(p, &d->help, &d->help_zh);
    if (d->kind == DEFINE_OUT && parser_take(p, "post")) return take_post(p, d);
    return parser_fail(p, "syntax", "Expected an operator, a label, clause or the end") != NULL;
}

static void parse_formula(struct parser *p, enum definition_kind kind)
{
    struct definition *d = new_definition(p, kind);
    if (d == NULL) return;
    d->wrong = true; /* until its formula is whole */
    if (parser_take(p, ":") && !take_type(p, d)) return;
    if (!parser_want(p, "=")) return;
    d->expr = expression_parse(p);
    if (d->expr == NULL) return;
    while (!at_end(p) && take_formula_part(p, d)) continue;
    d->wrong = p->failed;
}

/* A parameter's name is its own, and stands for one value. */
static bool claim_parameter(struct parser *p, const struct function *f, const struct token *name)
{
    bool twice = false;
    for (size_t i = 0; i < f->count; i++)
        twice = twice || str_equal(f->parameters[i]->name, name->text);
    if (!twice && !is_reserved(name->text, false)) return true;
    p->failed = true;
    if (twice)
        model_report(p->model, name, "duplicate-name", NULL, "The parameter %.*s stands twice.",
                     STR_ARG(name->text));
    else
        model_report(p->model, name, "reserved-name", NULL,
                     "\"%.*s\" is a word of the language; choose another name.",
                     STR_ARG(name->text));
    return false;
}

/* What in a body takes a parameter for something with keys or columns, or NULL. */
static const struct expr *find_keyed_parameter(const struct function *f, const struct expr *expr)
{
    bool keyed = expr->kind == EXPR_KEYED || expr->kind == EXPR_COLUMN;
    for (size_t i = 0; keyed && i < f->count; i++)
        if (str_equal(expr->name, f->parameters[i]->name)) return expr;
    for (size_t i = 0; i < expr->count; i++) {
        const struct expr *found = find_keyed_parameter(f, expr->args[i]);
        if (found != NULL) return found;
    }
    return NULL;
}

static void parse_function(struct parser *p)
{
    struct model *model = p->model;
    const struct token *name = parser_name(p, "Expected the name of a function");
    if (name == NULL || !claim_name(p, name, true) || !parser_want(p, "(")) return;
    struct function *f = ARENA_NEW(model->arena, struct function);
    f->token = name;
    f->name = name->text;
    f->unit = unit_one();
    size_t capacity = 0;
    while (!token_is(here(p), ")")) {
        struct definition *d = ARENA_NEW(model->arena, struct definition);
        d->kind = DEFINE_PARAMETER;
        d->token = parser_name(p, "Expected the name of a parameter");
        if (d->token == NULL || !claim_parameter(p, f, d->token) || !parser_want(p, ":")) return;
        d->name = d->token->text;
        d->unit = unit_one();
        d->reg = -1;
        if (!take_type(p, d)) return;
        *ARENA_PUSH(model->arena, f->parameters, f->count, capacity) = d;
        if (!parser_take(p, ",")) break;
    }
    struct definition result = {.kind = DEFINE_LET, .unit = unit_one()};
    if (!parser_want(p, ")") || (parser_take(p, ":") && !take_type(p, &result)) ||
        !parser_want(p, "="))
        return;
    f->has_type = result.has_type;
    f->type = result.type;
    f->unit = result.unit;
    f->expr = expression_parse(p);
    if (f->expr == NULL) return;
    const struct expr *keyed = find_keyed_parameter(f, f->expr);
    if (keyed != NULL) {
        p->failed = true;
        model_report(model, keyed->token, "index", "pass the value at the key",
                     "The parameter %.*s is one value; it has no keys.", STR_ARG(keyed->name));
        return;
    }
    str ignored, ignored_zh;
    while (!at_end(p)) {
        if (parser_take(p, "clause") || parser_take(p, "source") || parser_take(p, "help"))
            continue;
        if (here(p)->kind != TOKEN_TEXT) {
            parser_fail(p, "syntax", "Expected an operator, a label or the end");
            return;
        }
        if (!take_label(p, &ignored, &ignored_zh)) return;
    }
    *ARENA_PUSH(model->arena, model->functions, model->function_count, model->function_capacity) =
        f;
    map_put(&model->function_names, f->name, f);
}

static struct index *new_index(struct parser *p, const struct token *name)
{
    struct model *model = p->model;
    if (model_find_index(model, name->text) != NULL) {
        model_report(model, name, "duplicate-name", NULL, "The index %.*s is defined twice.",
                     STR_ARG(name->text));
        p->failed = true;
        return NULL;
    }
    if (model->index_count == INDEXES_MAX)
        return parser_fail(p, "size", "Too many tables and sets");
    struct index *index = ARENA_NEW(model->arena, struct index);
    index->name = name->text;
    map_init(&index->numbers, model->arena);
    *ARENA_PUSH(model->arena, model->indexes, model->index_count, model->index_capacity) = index;
    return index;
}

static struct model_key *add_key(struct model *model, struct index *index, str id, size_t *capacity)
{
    struct model_key *key = ARENA_PUSH(model->arena, index->keys, index->count, *capacity);
    *key = (struct model_key){.id = str_dup(model->arena, id), .enabled = true};
    map_put(&index->numbers, str_from(key->id), (void *)(uintptr_t)index->count);
    intern_text(model->texts, id);
    return key;
}

static void index_table(struct parser *p, const struct token *name, struct table *table)
{
    struct index *index = new_index(p, name);
    if (index == NULL) return;
    index->table = table;
    size_t capacity = 0;
    for (size_t row = 0; table->id >= 0 && row < table->row_count; row++) {
        str id = table->cells[row][table->id];
        uintptr_t known = (uintptr_t)map_get(&index->numbers, id);
        if (id.len == 0) continue;
        if (known != 0) {
            struct model_key *key = &index->keys[known - 1];
            key->enabled = key->enabled || table->enabled[row];
            continue;
        }
        struct model_key *key = add_key(p->model, index, id, &capacity);
        str en = table->name_en < 0 ? id : table->cells[row][table->name_en];
        str zh = table->name_zh < 0 ? en : table->cells[row][table->name_zh];
        key->label.en = str_dup(p->model->arena, en.len == 0 ? id : en);
        key->label.zh = zh.len == 0 ? key->label.en : str_dup(p->model->arena, zh);
        key->unit =
            table->unit < 0 ? NULL : str_dup(p->model->arena, table->cells[row][table->unit]);
        key->enabled = table->enabled[row];
    }
}

/* A snapshot of peers is dated: without the day nobody knows what it was compared with. */
static void check_peers(struct parser *p, const struct token *at, const struct table *table)
{
    for (size_t row = 0; row < table->row_count; row++) {
        if (table->published[row] != INT32_MIN) continue;
        p->failed = true;
        model_report(p->model, at, "peers-date", "fill the column published_on : date",
                     "%s line %lld does not say when it was published.", table->path,
                     (long long)table->lines[row]);
        return;
    }
}

/* table fuel from "factors/fuels.csv" [where family = "B" [and …]], and likewise peers NAME from …
 */
static void parse_table(struct parser *p, bool peers)
{
    enum { FILTERS_MAX = 8 };
    struct table_filter filters[FILTERS_MAX];
    size_t count = 0;
    str path;
    const struct token *name = parser_name(p, "Expected the name of a table");
    if (name == NULL || !parser_want(p, "from")) return;
    const struct token *at = here(p);
    if (!take_text(p, &path)) return;
    if (parser_take(p, "where")) {
        do {
            const struct token *column = parser_name(p, "Expected the name of a column");
            if (column == NULL || count == FILTERS_MAX) return;
            filters[count].equal = !token_is(here(p), "!=");
            if (!parser_take(p, "!=") && !parser_want(p, "=")) return;
            filters[count].column = column->text;
            if (at_end(p)) {
                parser_fail(p, "syntax", "Expected a value");
                return;
            }
            filters[count++].text = here(p)->text;
            p->at++;
        } while (parser_take(p, "and"));
    }
    if (!at_end(p)) {
        parser_fail(p, "syntax", "Expected where or the end");
        return;
    }
    struct model *model = p->model;
    if (model->marks != NULL) return; /* layout needs no table */
    struct table *table = model_find_table(model, name->text) == NULL
                              ? table_load(model, at, name->text, path, filters, count)
                              : NULL;
    if (table == NULL) {
        p->failed = true;
        if (model_find_table(model, name->text) != NULL)
            model_report(model, name, "duplicate-name", NULL, "The table %.*s is named twice.",
                         STR_ARG(name->text));
        return;
    }
    *ARENA_PUSH(model->arena, model->tables, model->table_count, model->table_capacity) = table;
    table->peers = peers;
    if (peers)
        check_peers(p, at, table);
    else
        index_table(p, name, table);
}

/* set month: the months of a year, 1 to 12. */
static void set_months(struct parser *p, const struct token *name)
{
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    struct index *index = new_index(p, name);
    size_t capacity = 0;
    for (size_t i = 0; index != NULL && i < ARRAY_LEN(names); i++) {
        struct arena *arena = p->model->arena;
        const char *id = arena_printf(arena, "%zu", i + 1);
        struct model_key *key = add_key(p->model, index, str_from(id), &capacity);
        key->label.en = names[i];
        key->label.zh = arena_printf(arena, "%zu月", i + 1);
    }
}

/* set product = clinker "Clinker" zh "熟料", cement "Cement" zh "水泥" */
static void parse_set(struct parser *p)
{
    const struct token *name = parser_name(p, "Expected the name of a set");
    if (name == NULL) return;
    if (token_is(name, "month") && at_end(p)) {
        set_months(p, name);
        return;
    }
    if (!parser_want(p, "=")) return;
    struct index *index = new_index(p, name);
    size_t capacity = 0;
    if (index == NULL) return;
    do {
        str id = parser_word(p, "Expected a member"), en = {"", 0}, zh = {"", 0};
        if (p->failed || (here(p)->kind == TOKEN_TEXT && !take_label(p, &en, &zh))) return;
        if (map_has(&index->numbers, id)) {
            parser_fail(p, "duplicate-name", "A member stands twice");
            return;
        }
        struct model_key *key = add_key(p->model, index, id, &capacity);
        key->label.en = str_dup(p->model->arena, en.len == 0 ? id : en);
        key->label.zh = zh.len == 0 ? key->label.en : str_dup(p->model->arena, zh);
    } while (parser_take(p, ","));
    if (!at_end(p)) parser_fail(p, "syntax", "Expected , or the end");
}

static void parse_valid(struct parser *p)
{
    struct model_info *info = &p->model->info;
    if (here(p)->kind == TOKEN_DATE) {
        info->valid_from.day = here(p)->day;
        p->at++;
    }
    if (!parser_want(p, "..")) return;
    if (here(p)->kind == TOKEN_DATE) {
        info->valid_to.day = here(p)->day;
        p->at++;
    }
    if (info->valid_from.day > info->valid_to.day)
        parser_fail(p, "range", "The model's validity ends before it begins");
}

static void parse_applies(struct parser *p)
{
    struct model *model = p->model;
    if (!parser_want(p, "industry")) return;
    do {
        str prefix;
        if (!take_text(p, &prefix)) return;
        *ARENA_PUSH(model->arena, model->industries, model->industry_count,
                    model->industry_capacity) = str_dup(model->arena, prefix);
    } while (parser_take(p, ","));
}

static void parse_meta(struct parser *p)
{
    struct model *model = p->model;
    const struct token *key = parser_name(p, "Expected the name of a property");
    if (key == NULL) return;
    str en, zh = {NULL, 0};
    if (here(p)->kind == TOKEN_TEXT) {
        if (!take_label(p, &en, &zh)) return;
    } else {
        en = parser_word(p, "Expected a value");
    }
    struct model_meta *meta =
        ARENA_PUSH(model->arena, model->metas, model->meta_count, model->meta_capacity);
    meta->key = str_dup(model->arena, key->text);
    meta->value.en = str_dup(model->arena, en);
    meta->value.zh = zh.ptr == NULL ? meta->value.en : str_dup(model->arena, zh);
}

/* What a model says of itself as a whole it says once. */
static bool is_first(struct parser *p, const struct token *word)
{
    static const char *const heads[] = {"kind", "title", "source", "entity", "valid"};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        if (!token_is(word, heads[i])) continue;
        bool met = (p->model->heads >> i & 1) != 0;
        p->model->heads |= 1U << i;
        if (!met) return true;
        p->failed = true;
        model_report(p->model, word, "duplicate-name", NULL, "%s is stated twice.", heads[i]);
        return false;
    }
    return true;
}

static void parse_statement(struct parser *p)
{
    struct model *model = p->model;
    const struct token *word = here(p);
    if (word->kind != TOKEN_NAME) {
        parser_fail(p, "syntax", "Expected a statement");
        return;
    }
    if (model->example_count == 0 && !is_first(p, word)) return;
    p->at++;
    if (token_is(word, "kind"))
        model->kind = parser_word(p, "Expected the kind of model");
    else if (token_is(word, "title"))
        take_label(p, &model->title, &model->title_zh);
    else if (token_is(word, "source"))
        take_text(p, &model->source);
    else if (token_is(word, "entity"))
        model->entity = parser_word(p, "Expected the kind of entity");
    else if (token_is(word, "valid"))
        parse_valid(p);
    else if (token_is(word, "applies"))
        parse_applies(p);
    else if (token_is(word, "meta"))
        parse_meta(p);
    else if (token_is(word, "table"))
        parse_table(p, false);
    else if (token_is(word, "peers"))
        parse_table(p, true);
    else if (token_is(word, "set"))
        parse_set(p);
    else if (token_is(word, "input"))
        parse_input(p);
    else if (token_is(word, "const"))
        parse_formula(p, DEFINE_CONST);
    else if (token_is(word, "let"))
        parse_formula(p, DEFINE_LET);
    else if (token_is(word, "out"))
        parse_formula(p, DEFINE_OUT);
    else if (token_is(word, "require"))
        parse_formula(p, DEFINE_REQUIRE);
    else if (token_is(word, "function"))
        parse_function(p);
    else if (token_is(word, "use"))
        use_parse(p);
    else if (token_is(word, "measure"))
        measure_parse(p);
    else if (token_is(word, "example"))
        example_parse(p);
    else if (model->example_count > 0) {
        p->at--;
        example_parse_line(p, parser_take(p, "expect"));
    } else {
        p->at--;
        parser_fail(p, "syntax", "Expected a statement (input, let, out, …)");
    }
    if (!p->failed && !at_end(p) && !token_is(here(p), ";"))
        parser_fail(p, "syntax", "Expected the end of the statement");
}

static void skip_statement(struct parser *p)
{
    while (!at_end(p)) p->at++;
    if (here(p)->kind == TOKEN_END) p->at++;
}

void model_parse(struct model *model)
{
    struct parser p = {.model = model, .tokens = model->tokens};
    if (!parser_take(&p, "model")) {
        parser_fail(&p, "syntax", "A model file begins with: model NAME VERSION");
    } else {
        model->name = parser_word(&p, "Expected the name of the model");
        model->version = parser_word(&p, "Expected the version of the model");
        if (here(&p)->kind == TOKEN_TEXT && !p.failed)
            take_label(&p, &model->title, &model->title_zh);
        if (!at_end(&p)) parser_fail(&p, "syntax", "Expected the end of the line");
    }
    if (model->name.len > 100 || model->version.len > 40)
        parser_fail(&p, "size", "The name or version of the model is too long");
    skip_statement(&p);
    while (here(&p)->kind != TOKEN_EOF) {
        p.failed = false;
        p.depth = 0;
        parse_statement(&p);
        while (!p.failed && token_is(here(&p), ";")) {
            p.at++;
            parse_statement(&p);
        }
        skip_statement(&p);
    }
}
