/* `use`: another model's outputs in this one. The used model is loaded already; its checked
 * formulas are copied in under `alias.name`, so that a run computes both at once and an explanation
 * goes through. What it takes as input becomes an input here, or is bound to a formula. */
#include <string.h>

#include "model/check.h"

static const struct token *here(const struct parser *p)
{
    return &p->tokens[p->at];
}

/* with input = expression, … */
static bool parse_bindings(struct parser *p, struct use *use)
{
    size_t capacity = 0;
    do {
        const struct token *name = parser_name(p, "Expected the name of an input");
        if (name == NULL || !parser_want(p, "=")) return false;
        struct binding binding = {.token = name, .expr = expression_parse(p)};
        if (binding.expr == NULL) return false;
        *ARENA_PUSH(p->model->arena, use->bindings, use->binding_count, capacity) = binding;
    } while (parser_take(p, ","));
    return true;
}

void use_parse(struct parser *p)
{
    struct model *model = p->model;
    struct use *use = ARENA_NEW(model->arena, struct use);
    use->token = here(p);
    use->name = parser_word(p, "Expected the name of a model");
    if (parser_take(p, "on")) {
        if (here(p)->kind != TOKEN_DATE) {
            parser_fail(p, "syntax", "Expected a date, such as 2024-12-31");
            return;
        }
        use->on_day = true;
        use->day = here(p)->day;
        p->at++;
    } else if (!p->failed) {
        use->version = parser_word(p, "Expected the version of the model, or on and a date");
    }
    if (p->failed || !parser_want(p, "as")) return;
    const struct token *alias = parser_name(p, "Expected the name it has here");
    if (alias == NULL) return;
    use->alias = alias->text;
    if (model_find_use(model, alias->text) != NULL) {
        p->failed = true;
        model_report(model, alias, "duplicate-name", NULL, "Two models are used as %.*s.",
                     STR_ARG(alias->text));
        return;
    }
    if (model->use_count == USES_MAX) {
        parser_fail(p, "size", "Too many models are used");
        return;
    }
    if (parser_take(p, "with") && !parse_bindings(p, use)) return;
    *ARENA_PUSH(model->arena, model->uses, model->use_count, model->use_capacity) = use;
}

struct use *model_find_use(const struct model *model, str alias)
{
    for (size_t i = 0; i < model->use_count; i++)
        if (str_equal(model->uses[i]->alias, alias)) return model->uses[i];
    return NULL;
}

const struct model *model_of_name(const struct model *model, str *name)
{
    size_t dot;
    while (model != NULL && str_find(*name, STR("."), &dot)) {
        const struct use *use = model_find_use(model, str_slice(*name, 0, dot));
        if (use == NULL) return NULL;
        *name = str_slice(*name, dot + 1, name->len);
        model = use->model;
    }
    return model;
}

/* ---- copying ------------------------------------------------------------------------------ */

struct copying {
    struct model *model;
    struct use *use;
    struct map definitions, exprs; /* address of the original → copy */
};

static str address_of(struct arena *arena, const void *thing)
{
    return str_copy(arena, (str){(const char *)&thing, sizeof thing});
}

static void *copy_of(const struct map *map, const void *thing)
{
    return map_get(map, (str){(const char *)&thing, sizeof thing});
}

static struct expr *copy_expr(struct copying *c, const struct expr *from)
{
    struct expr *expr = copy_of(&c->exprs, from);
    if (from == NULL || expr != NULL) return expr;
    expr = ARENA_NEW(c->model->arena, struct expr);
    c->model->nodes++;
    *expr = *from;
    expr->reg = -1;
    expr->visited = false;
    map_put(&c->exprs, address_of(c->model->arena, from), expr);
    if (from->definition != NULL) expr->definition = copy_of(&c->definitions, from->definition);
    expr->args = ARENA_NEW_ARRAY(c->model->arena, struct expr *, from->count + 1);
    for (size_t i = 0; i < from->count; i++) expr->args[i] = copy_expr(c, from->args[i]);
    return expr;
}

static struct binding *find_binding(const struct use *use, str name)
{
    for (size_t i = 0; i < use->binding_count; i++)
        if (str_equal(use->bindings[i].token->text, name)) return &use->bindings[i];
    return NULL;
}

static str aliased(const struct copying *c, str name)
{
    return str_from(
        arena_printf(c->model->arena, "%.*s.%.*s", STR_ARG(c->use->alias), STR_ARG(name)));
}

/* The name of an input: its own, so that one value serves both models; prev.x of what is computed
 * or bound there becomes prev.alias.x. */
static str input_name(const struct copying *c, str name)
{
    str rest = name, word;
    if (!str_cut(&rest, '.', &word) || rest.len == 0 || !str_starts(word, "prev")) return name;
    const struct definition *now = model_find(c->use->model, rest);
    if (now != NULL && now->kind == DEFINE_INPUT && find_binding(c->use, rest) == NULL) return name;
    return str_from(arena_printf(c->model->arena, "%.*s.%.*s.%.*s", STR_ARG(word),
                                 STR_ARG(c->use->alias), STR_ARG(rest)));
}

static bool same_choices(const struct definition *a, const struct definition *b)
{
    if (a->choice_count != b->choice_count) return false;
    for (size_t i = 0; i < a->choice_count; i++)
        if (strcmp(a->choices[i].id, b->choices[i].id) != 0) return false;
    return true;
}

static bool same_input(const struct definition *a, const struct definition *b)
{
    return a->kind == DEFINE_INPUT && a->type == b->type && a->index == b->index &&
           (a->type != MODEL_NUMBER ||
            (unit_same_dimension(&a->unit, &b->unit) && unit_ratio(&a->unit, &b->unit) == 1)) &&
           (a->type != MODEL_CHOICE || same_choices(a, b));
}

static struct definition *add_copy(struct copying *c, const struct definition *d, str name)
{
    struct model *model = c->model;
    struct definition *copy = ARENA_NEW(model->arena, struct definition);
    *copy = *d;
    copy->name = name;
    copy->reg = -1;
    copy->state = 0;
    copy->copied = true;
    copy->index_name = (str){"", 0};
    copy->post = (str){"", 0};
    copy->token = c->use->token;
    if (copy->source.len == 0 && d->expr != NULL) copy->source = c->use->model->source;
    *ARENA_PUSH(model->arena, model->definitions, model->definition_count,
                model->definition_capacity) = copy;
    map_put(&model->names, name, copy);
    return copy;
}

static struct definition *copy_input(struct copying *c, const struct definition *d)
{
    struct model *model = c->model;
    struct binding *binding = find_binding(c->use, d->name);
    struct definition *copy;
    if (binding != NULL) {
        binding->used = true;
        copy = add_copy(c, d, aliased(c, d->name));
        copy->kind = DEFINE_LET;
        copy->copied = false;
        copy->expr = binding->expr;
        copy->token = binding->token;
        copy->has_type = true;
        copy->has_default = false;
        copy->spread = NULL;
        if (copy->type == MODEL_CHOICE) copy->type = MODEL_TEXT;
        return copy;
    }
    str name = input_name(c, d->name);
    struct definition *mine = model_find(model, name);
    if (mine == NULL) {
        copy = add_copy(c, d, name);
        copy->spread = copy_expr(c, d->spread);
        return copy;
    }
    if (!same_input(mine, d))
        model_report(model, c->use->token, "used-input",
                     arena_printf(model->arena, "bind it: with %.*s = …", STR_ARG(name)),
                     "%.*s takes an input %.*s, which is something else here.",
                     STR_ARG(c->use->name), STR_ARG(name));
    return mine;
}

static void copy_model(struct copying *c)
{
    const struct model *used = c->use->model;
    for (size_t i = 0; i < used->order_count; i++) {
        const struct definition *d = used->order[i];
        if (d->kind == DEFINE_REQUIRE) continue;
        struct definition *copy;
        if (d->expr == NULL) {
            copy = copy_input(c, d);
        } else {
            copy = add_copy(c, d, aliased(c, d->name));
            copy->exported = d->kind == DEFINE_OUT;
            if (d->kind == DEFINE_OUT) copy->kind = DEFINE_LET;
            copy->expr = copy_expr(c, d->expr);
        }
        map_put(&c->definitions, address_of(c->model->arena, d), copy);
    }
    for (size_t i = 0; i < c->use->binding_count; i++)
        if (!c->use->bindings[i].used)
            model_report(c->model, c->use->bindings[i].token, "unknown-name", NULL,
                         "%.*s has no input %.*s.", STR_ARG(c->use->name),
                         STR_ARG(c->use->bindings[i].token->text));
}

/* Adds the names that a sound model rests on, itself and by others. */
static void add_rests(struct model *model, const struct model *used)
{
    map_put(&model->rests, used->name, model);
    for (size_t i = 0; i < used->rests.count; i++)
        map_put(&model->rests, used->rests.entries[i].key, model);
}

/* Whether the model is, or rests on, one of this name in any version. */
static bool rests_on(const struct model *model, str name)
{
    return str_equal(model->name, name) || map_has(&model->rests, name);
}

static bool find_used(struct model *model, struct use *use)
{
    enum library_found found = library_find_used(model->library, use->name, use->version,
                                                 use->on_day, use->day, &use->model);
    if (found == LIBRARY_FOUND && rests_on(use->model, model->name)) found = LIBRARY_CYCLE;
    if (found == LIBRARY_FOUND) {
        add_rests(model, use->model);
        return true;
    }
    use->model = NULL;
    if (found == LIBRARY_CYCLE)
        model_report(model, use->token, "cycle", NULL, "%.*s and %.*s use each other.",
                     STR_ARG(model->name), STR_ARG(use->name));
    else
        model_report(model, use->token, "unknown-model",
                     "name a model of the library and its version",
                     "There is no sound model %.*s %s.", STR_ARG(use->name),
                     use->on_day ? "on that day" : str_dup(model->arena, use->version));
    return false;
}

void use_import(struct model *model)
{
    for (size_t i = 0; i < model->use_count; i++) {
        struct use *use = model->uses[i];
        bool taken = model_find(model, use->alias) != NULL ||
                     model_find_table(model, use->alias) != NULL ||
                     model_find_index(model, use->alias) != NULL;
        if (taken)
            model_report(model, use->token, "duplicate-name", NULL,
                         "The name %.*s is defined twice.", STR_ARG(use->alias));
        if (taken || !find_used(model, use)) continue;
        struct copying c = {.model = model, .use = use};
        size_t more = use->model->nodes, definitions = use->model->definition_count;
        if (model->nodes + more > EXPRESSION_NODES_MAX ||
            model->definition_count + definitions > DEFINITIONS_MAX) {
            model_report(model, use->token, "size", NULL, "With %.*s the model gets too large.",
                         STR_ARG(use->name));
            continue;
        }
        map_init(&c.definitions, model->arena);
        map_init(&c.exprs, model->arena);
        copy_model(&c);
    }
}

/* ---- checking ----------------------------------------------------------------------------- */

static bool visit(struct model *model, struct expr *expr)
{
    if (expr == NULL || expr->visited) return true;
    expr->visited = true;
    bool fine = expr->definition == NULL || check_definition(model, expr->definition);
    for (size_t i = 0; i < expr->count; i++) fine = visit(model, expr->args[i]) && fine;
    return fine && check_measure_depth(model, expr); /* what is bound may go deeper */
}

bool use_check_copy(struct model *model, struct definition *d)
{
    return visit(model, d->expr) && visit(model, d->spread);
}
