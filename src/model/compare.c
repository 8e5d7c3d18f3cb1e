#include "model/compare.h"

#include <math.h>
#include <string.h>

#include "model/engine.h"

#define REASONS_MAX 20
#define SAME_WITHIN 1e-9

static const struct model_output *find_output(const struct model_info *info, const char *name)
{
    for (size_t i = 0; i < info->output_count; i++)
        if (strcmp(info->outputs[i].name, name) == 0) return &info->outputs[i];
    return NULL;
}

static bool same_index(const struct model_output *a, const struct model_output *b)
{
    return (a->index == NULL) == (b->index == NULL) &&
           (a->index == NULL || strcmp(a->index, b->index) == 0);
}

/* Whether the two give the same kind of figure; *scale brings b's to a's unit. */
static bool comparable(const struct model *a, const struct model *b, const struct model_output *x,
                       const struct model_output *y, double *scale)
{
    *scale = 1;
    if (y == NULL || x->type != y->type || !same_index(x, y)) return false;
    if (x->type != MODEL_NUMBER) return true;
    const struct unit *u = &model_find(a, str_from(x->name))->unit,
                      *v = &model_find(b, str_from(y->name))->unit;
    if (a->units != b->units || !unit_same_dimension(u, v)) return false;
    *scale = unit_ratio(v, u);
    return true;
}

static void add_only(struct arena *arena, struct comparison *c, int side, const char *name,
                     size_t *capacity)
{
    *ARENA_PUSH(arena, c->only[side], c->only_count[side], *capacity) = name;
}

void compare_models(struct arena *arena, const struct model_run *a, const struct model_run *b,
                    const struct model *model_a, const struct model *model_b,
                    struct comparison *comparison)
{
    const struct model_info *x = model_info(model_a), *y = model_info(model_b);
    struct compared_output *outputs =
        ARENA_NEW_ARRAY(arena, struct compared_output, x->output_count + x->requirement_count + 1);
    size_t capacity[2] = {0, 0};
    double scale;
    *comparison =
        (struct comparison){.models = {model_a, model_b}, .runs = {a, b}, .outputs = outputs};
    for (size_t i = 0; i < x->output_count; i++) {
        const struct model_output *o = &x->outputs[i];
        if (!comparable(model_a, model_b, o, find_output(y, o->name), &scale)) {
            add_only(arena, comparison, 0, o->name, &capacity[0]);
            continue;
        }
        outputs[comparison->output_count++] =
            (struct compared_output){.name = o->name,
                                     .label = o->label,
                                     .type = o->type,
                                     .unit = o->unit,
                                     .scale = scale,
                                     .index = o->index,
                                     .keys = o->keys,
                                     .key_count = o->index == NULL ? 1 : o->key_count};
    }
    for (size_t i = 0; i < y->output_count; i++) {
        const struct model_output *o = find_output(x, y->outputs[i].name);
        if (o == NULL || !comparable(model_a, model_b, o, &y->outputs[i], &scale))
            add_only(arena, comparison, 1, y->outputs[i].name, &capacity[1]);
    }
    for (size_t i = 0; i < x->requirement_count; i++)
        for (size_t k = 0; k < y->requirement_count; k++)
            if (strcmp(x->requirements[i].name, y->requirements[k].name) == 0)
                outputs[comparison->output_count++] =
                    (struct compared_output){.name = x->requirements[i].name,
                                             .label = x->requirements[i].label,
                                             .type = MODEL_FLAG,
                                             .requirement = true,
                                             .scale = 1,
                                             .key_count = 1};
}

static struct model_value requirement_value(struct arena *arena, const struct model_run *run,
                                            size_t entity, const char *name)
{
    const struct model_requirement_result *results;
    size_t count = model_run_requirements(arena, run, entity, &results);
    for (size_t i = 0; i < count; i++)
        if (strcmp(results[i].requirement->name, name) == 0)
            return (struct model_value){
                .status = results[i].status, .type = MODEL_FLAG, .number = results[i].met};
    return (struct model_value){.status = MODEL_MISSING, .type = MODEL_FLAG};
}

static bool same_value(const struct model_value *a, const struct model_value *b)
{
    if (a->status != b->status) return false;
    if (a->status != MODEL_OK) return true;
    if (a->text != NULL || b->text != NULL)
        return a->text != NULL && b->text != NULL && strcmp(a->text, b->text) == 0;
    return fabs(a->number - b->number) <= SAME_WITHIN * fmax(fabs(a->number), fabs(b->number));
}

struct compared_value compare_value(struct arena *arena, const struct comparison *c,
                                    const struct compared_output *output, size_t entity, size_t key)
{
    struct compared_value found = {.present = {true, true}};
    str name = output->index == NULL ? (str){"", 0} : str_from(output->keys[key].id);
    for (int side = 0; side < 2; side++)
        found.values[side] =
            output->requirement
                ? requirement_value(arena, c->runs[side], entity, output->name)
                : model_run_value(c->runs[side], entity, output->name, name, &found.present[side]);
    if (output->type == MODEL_NUMBER) found.values[1].number *= output->scale;
    found.changed = found.present[0] != found.present[1] ||
                    (found.present[0] && !same_value(&found.values[0], &found.values[1]));
    return found;
}

/* ---- reasons ----------------------------------------------------------------------------- */

struct search {
    struct arena *arena;
    struct map seen; /* steps by name */
    struct reason *list;
    size_t count, capacity;
};

static bool same_words(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_node(const struct model_node *a, const struct model_node *b)
{
    if (a->value.type == MODEL_NUMBER && !same_words(a->unit, b->unit)) return false;
    return same_value(&a->value, &b->value);
}

static void add_reason(struct search *s, enum reason_kind kind, const struct model_node *a,
                       const struct model_node *b)
{
    const struct model_node *any = a != NULL ? a : b;
    if (s->count == REASONS_MAX) return;
    struct reason *reason = ARENA_PUSH(s->arena, s->list, s->count, s->capacity);
    *reason = (struct reason){.kind = kind, .step = any->name, .label = any->label};
    const struct model_node *nodes[] = {a, b};
    for (int side = 0; side < 2; side++) {
        if (nodes[side] == NULL) {
            reason->values[side].status = MODEL_MISSING;
            continue;
        }
        reason->values[side] = nodes[side]->value;
        reason->units[side] = nodes[side]->unit;
        if (kind == REASON_FORMULA) reason->expressions[side] = nodes[side]->expression;
        if (kind == REASON_FACTOR) reason->expressions[side] = nodes[side]->table;
    }
}

static enum reason_kind kind_of(const struct model_node *a, const struct model_node *b)
{
    if (a->kind == MODEL_NODE_FACTOR || b->kind == MODEL_NODE_FACTOR) return REASON_FACTOR;
    if (a->kind == MODEL_NODE_DEFAULT || b->kind == MODEL_NODE_DEFAULT) return REASON_DEFAULT;
    if (a->kind == MODEL_NODE_CONSTANT && b->kind == MODEL_NODE_CONSTANT) return REASON_CONST;
    if (a->kind == MODEL_NODE_INPUT || b->kind == MODEL_NODE_INPUT ||
        a->kind == MODEL_NODE_MISSING || b->kind == MODEL_NODE_MISSING)
        return REASON_INPUT;
    return REASON_FORMULA;
}

static const struct model_node *child_named(const struct model_node *node, const char *name)
{
    for (size_t i = 0; i < node->child_count; i++)
        if (strcmp(node->children[i]->name, name) == 0) return node->children[i];
    return NULL;
}

/* Goes down where the two differ; a step is a reason when its own formula differs, or when nothing
 * below it explains the difference. */
static void search_node(struct search *s, const struct model_node *a, const struct model_node *b)
{
    if (map_has(&s->seen, str_from(a->name)) || same_node(a, b)) return;
    map_put(&s->seen, str_from(a->name), s);
    bool below = false;
    for (size_t i = 0; i < a->child_count; i++) {
        const struct model_node *x = a->children[i], *y = child_named(b, x->name);
        if (y == NULL || same_node(x, y)) continue;
        below = true;
        search_node(s, x, y);
    }
    enum reason_kind kind = kind_of(a, b);
    if (!below || kind != REASON_FORMULA || !same_words(a->expression, b->expression))
        add_reason(s, kind, a, b);
}

size_t compare_reasons(struct arena *arena, const struct comparison *c,
                       const struct compared_output *output, size_t entity, size_t key,
                       const struct reason **reasons)
{
    struct search s = {.arena = arena};
    str name = output->index == NULL ? (str){"", 0} : str_from(output->keys[key].id);
    const struct model_node *a = model_explain(arena, c->runs[0], entity, output->name, name);
    const struct model_node *b = model_explain(arena, c->runs[1], entity, output->name, name);
    map_init(&s.seen, arena);
    if (a != NULL && b != NULL) search_node(&s, a, b);
    *reasons = s.list;
    return s.count;
}

const char *reason_name(enum reason_kind kind, bool zh)
{
    static const char *const en[] = {"formula", "factor", "default", "constant", "input"};
    static const char *const cn[] = {"公式", "因子", "缺省值", "常数", "输入"};
    return zh ? cn[kind] : en[kind];
}
