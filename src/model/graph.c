#include "model/graph.h"

#include <string.h>

#include "model/tree.h"

struct making {
    struct arena *arena;
    const struct model *model; /* parsed again: names as written */
    struct graph *graph;
    struct map numbers; /* name → node + 1 */
    int depth;          /* functions within functions */
};

static size_t add_node(struct making *m, enum graph_kind kind, const char *key, const char *name)
{
    struct graph *graph = m->graph;
    struct graph_node *node = ARENA_PUSH(m->arena, graph->nodes, graph->count, graph->capacity);
    *node = (struct graph_node){.kind = kind, .name = name, .kept = true};
    node->label.en = node->label.zh = "";
    map_put(&m->numbers, str_from(key), (void *)(uintptr_t)graph->count);
    return graph->count - 1;
}

static const char *indexed(struct making *m, const struct definition *d)
{
    if (d->index_name.len == 0) return str_dup(m->arena, d->name);
    return arena_printf(m->arena, "%.*s[%.*s]", STR_ARG(d->name), STR_ARG(d->index_name));
}

static void add_definition(struct making *m, const struct definition *d)
{
    static const enum graph_kind kinds[] = {[DEFINE_INPUT] = GRAPH_INPUT,
                                            [DEFINE_CONST] = GRAPH_CONST,
                                            [DEFINE_LET] = GRAPH_LET,
                                            [DEFINE_OUT] = GRAPH_OUT,
                                            [DEFINE_REQUIRE] = GRAPH_REQUIRE};
    size_t at = add_node(m, kinds[d->kind], str_dup(m->arena, d->name), indexed(m, d));
    struct graph_node *node = &m->graph->nodes[at];
    node->label.en = str_dup(m->arena, d->label);
    node->label.zh = d->label_zh.len == 0 ? node->label.en : str_dup(m->arena, d->label_zh);
    if (d->unit_text.len != 0) node->unit = str_dup(m->arena, d->unit_text);
    if (d->expr != NULL) node->formula = tree_formula(m->arena, m->model, d->expr);
    if (d->clause.len != 0) node->clause = str_dup(m->arena, d->clause);
}

static void use_expression(struct making *m, size_t user, const struct expr *expr);

static size_t table_node(struct making *m, const struct table *table)
{
    char *key = arena_printf(m->arena, "table %.*s", STR_ARG(table->name));
    uintptr_t known = (uintptr_t)map_get(&m->numbers, str_from(key));
    if (known != 0) return known - 1;
    size_t at = add_node(m, GRAPH_TABLE, key, str_dup(m->arena, table->name));
    m->graph->nodes[at].formula = table->path;
    m->graph->nodes[at].label.en = m->graph->nodes[at].label.zh = table->path;
    return at;
}

static void use(struct making *m, size_t user, size_t used)
{
    struct graph_node *node = &m->graph->nodes[user];
    size_t at = 0;
    while (at < node->use_count && node->uses[at] < used) at++;
    if (user == used || (at < node->use_count && node->uses[at] == used)) return;
    (void)ARENA_PUSH(m->arena, node->uses, node->use_count, node->use_capacity);
    memmove(node->uses + at + 1, node->uses + at, (node->use_count - 1 - at) * sizeof *node->uses);
    node->uses[at] = used;
}

/* prev(x) is an input of its own. */
static size_t prev_node(struct making *m, str name)
{
    char *key = arena_printf(m->arena, "prev.%.*s", STR_ARG(name));
    uintptr_t known = (uintptr_t)map_get(&m->numbers, str_from(key));
    if (known != 0) return known - 1;
    size_t at = add_node(m, GRAPH_INPUT, key, key);
    const struct definition *d = model_find(m->model, name);
    if (d != NULL) {
        str en = d->label.len != 0 ? d->label : d->name,
            zh = d->label_zh.len != 0 ? d->label_zh : en;
        m->graph->nodes[at].label.en = arena_printf(m->arena, "%.*s, one year before", STR_ARG(en));
        m->graph->nodes[at].label.zh = arena_printf(m->arena, "上年%.*s", STR_ARG(zh));
        if (d->unit_text.len != 0) m->graph->nodes[at].unit = str_dup(m->arena, d->unit_text);
    }
    return at;
}

/* An output of another model, scope.total: a node of its own. */
static size_t foreign_node(struct making *m, const struct use *use, str field)
{
    char *key = arena_printf(m->arena, "%.*s.%.*s", STR_ARG(use->alias), STR_ARG(field));
    uintptr_t known = (uintptr_t)map_get(&m->numbers, str_from(key));
    if (known != 0) return known - 1;
    size_t at = add_node(m, GRAPH_MODEL, key, key);
    m->graph->nodes[at].label.en = m->graph->nodes[at].label.zh = str_dup(m->arena, use->name);
    for (size_t i = 0; i < use->binding_count; i++) use_expression(m, at, use->bindings[i].expr);
    return at;
}

static void use_expression(struct making *m, size_t user, const struct expr *expr)
{
    const struct table *table = model_find_table(m->model, expr->name);
    const struct use *other = model_find_use(m->model, expr->name);
    bool column = expr->field.len != 0 && table != NULL;
    if (expr->field.len != 0 && other != NULL) use(m, user, foreign_node(m, other, expr->field));
    bool growth = str_is(expr->name, "growth"); /* growth(x) is x / prev(x) - 1 */
    if (expr->kind == EXPR_CALL && (growth || str_is(expr->name, "prev")) && expr->count == 1) {
        use(m, user, prev_node(m, expr->args[0]->name));
        if (!growth) return;
    }
    if (column || (expr->kind == EXPR_CALL && str_is(expr->name, "gwp") && table != NULL))
        use(m, user, table_node(m, table));
    else if (expr->kind == EXPR_NAME || expr->kind == EXPR_KEYED) {
        uintptr_t known = (uintptr_t)map_get(&m->numbers, expr->name);
        if (known != 0) use(m, user, known - 1);
    } else if (expr->kind == EXPR_CALL && expr->op == OP_NONE && m->depth < 30) {
        const struct function *f = model_find_function(m->model, expr->name);
        m->depth++;
        if (f != NULL) use_expression(m, user, f->expr);
        m->depth--;
    }
    for (size_t i = 0; i < expr->count; i++) use_expression(m, user, expr->args[i]);
}

static int layer_of(struct graph *graph, size_t at)
{
    struct graph_node *node = &graph->nodes[at];
    if (node->layer >= 0) return node->layer;
    node->layer = 0;
    for (size_t i = 0; i < node->use_count; i++) {
        int below = layer_of(graph, node->uses[i]);
        if (below >= node->layer) node->layer = below + 1;
    }
    return node->layer;
}

static void keep(struct graph *graph, size_t at)
{
    if (graph->nodes[at].kept) return;
    graph->nodes[at].kept = true;
    for (size_t i = 0; i < graph->nodes[at].use_count; i++) keep(graph, graph->nodes[at].uses[i]);
}

/* Layers by the longest way from the left; what uses nothing moves next to its first user. */
static void find_layers(struct arena *arena, struct graph *graph)
{
    int *first = ARENA_NEW_ARRAY(arena, int, graph->count + 1);
    for (size_t i = 0; i < graph->count; i++) graph->nodes[i].layer = -1;
    for (size_t i = 0; i < graph->count; i++) layer_of(graph, i);
    for (size_t i = 0; i < graph->count; i++) first[i] = -1;
    for (size_t i = 0; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        for (size_t k = 0; node->kept && k < node->use_count; k++) {
            int *of = &first[node->uses[k]];
            if (*of < 0 || node->layer < *of) *of = node->layer;
        }
    }
    for (size_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].use_count == 0 && first[i] > 0) graph->nodes[i].layer = first[i] - 1;
}

bool graph_make(struct arena *arena, const struct model *model, const char *output,
                struct graph *graph)
{
    struct model *parsed =
        library_parse_text(model->library, model->path, model->text, false, NULL);
    CHECK(parsed != NULL);
    struct making m = {.arena = arena, .model = parsed, .graph = graph};
    *graph = (struct graph){0};
    map_init(&m.numbers, arena);
    for (size_t i = 0; i < parsed->definition_count; i++)
        add_definition(&m, parsed->definitions[i]);
    for (size_t i = 0; i < parsed->definition_count; i++) {
        const struct definition *d = parsed->definitions[i];
        const struct table *rows = model_find_table(parsed, d->index_name);
        if (d->expr != NULL) use_expression(&m, i, d->expr);
        if (d->spread != NULL) use_expression(&m, i, d->spread);
        if (d->expr != NULL && rows != NULL) use(&m, i, table_node(&m, rows));
    }
    if (output != NULL) {
        uintptr_t known = (uintptr_t)map_get(&m.numbers, str_from(output));
        if (known == 0) return false;
        for (size_t i = 0; i < graph->count; i++) graph->nodes[i].kept = false;
        keep(graph, known - 1);
    }
    find_layers(arena, graph);
    return true;
}
