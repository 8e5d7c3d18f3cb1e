/* Building a tape: what the results need is marked from the end, then nodes are made in order. */
#include "model/tape.h"

#include <math.h>
#include <string.h>

struct tape_space {
    const struct model *model;
    size_t *first; /* of each register's cells */
    size_t *first_word;
    size_t words;
    uint64_t *wanted;
    int *nodes;
    struct arena *arena;
    struct tape_node *made; /* before what no root needs is left out */
    size_t made_capacity;
    int *moved;
    bool *used;
    size_t used_capacity;
};

struct builder {
    struct arena *arena;
    struct tape_space *space;
    const struct program *program;
    const struct frame *frame;
    size_t lane;
    const struct tape_chooser *chooser;
    struct tape_node *nodes;
    size_t count;
    struct tape_variable *variables;
    size_t variable_count, variable_capacity;
    struct map places; /* of variables, to a pointer at their nodes; empty while they are few */
};
enum { FEW = 32 };

struct tape_space *tape_space_new(struct arena *arena, const struct model *model)
{
    const struct program *program = model->program;
    struct tape_space *space = ARENA_NEW(arena, struct tape_space);
    size_t cells = 0;
    space->model = model;
    space->arena = arena;
    space->first = ARENA_NEW_ARRAY(arena, size_t, program->reg_count + 1);
    space->first_word = ARENA_NEW_ARRAY(arena, size_t, program->reg_count + 1);
    for (size_t i = 0; i < program->reg_count; i++) {
        space->first[i] = cells;
        space->first_word[i] = space->words;
        cells += program->regs[i].width;
        space->words += program->regs[i].width / 64 + 1;
    }
    space->wanted = ARENA_NEW_ARRAY(arena, uint64_t, space->words + 1);
    space->nodes = ARENA_NEW_ARRAY(arena, int, cells + 1);
    return space;
}

/* ---- what is wanted ----------------------------------------------------------------------- */

static size_t key_in(const struct builder *b, int reg, size_t key)
{
    return b->program->regs[reg].index == NULL ? 0 : key;
}

static void want(struct builder *b, int reg, size_t key)
{
    if (reg < 0) return;
    key = key_in(b, reg, key);
    b->space->wanted[b->space->first_word[reg] + key / 64] |= (uint64_t)1 << (key % 64);
}

static uint8_t base_status(const struct builder *b, int reg, size_t key)
{
    return b->frame->status[reg][b->lane * b->program->regs[reg].width + key] & STATUS_CODE;
}

static double base_value(const struct builder *b, int reg, size_t key)
{
    return b->frame->values[reg][b->lane * b->program->regs[reg].width + key];
}

static size_t key_count(const struct builder *b, int reg)
{
    const struct index *index = b->program->regs[reg].index;
    return index == NULL ? 1 : index->count;
}

static void want_parts(struct builder *b, const struct step *step, size_t key)
{
    switch (step->op) {
    case OP_CONST:
    case OP_INPUT:
    case OP_COLUMN:
    case OP_KEY: return;
    case OP_PICK: want(b, step->a, (size_t)step->key); return;
    case OP_SUM:
    case OP_MEAN:
    case OP_COUNT:
    case OP_LEAST:
    case OP_MOST:
        for (size_t k = 0; k < key_count(b, step->a); k++) {
            if (base_status(b, step->a, k) == STATUS_ABSENT) continue;
            want(b, step->a, k);
            want(b, step->b, k);
        }
        return;
    case OP_DOT:
        for (size_t k = 0; k < step->definition->index->count; k++) {
            if (base_status(b, step->definition->reg, k) == STATUS_ABSENT) continue;
            want(b, step->definition->reg, k);
            want(b, step->a, k);
        }
        return;
    default: break;
    }
    want(b, step->a, key);
    want(b, step->b, key);
    want(b, step->c, key);
    for (size_t i = 0; i < step->count; i++) want(b, step->list[i], key);
}

/* ---- nodes -------------------------------------------------------------------------------- */

static int add_node(struct builder *b, struct tape_node node)
{
    struct tape_space *space = b->space;
    *ARENA_PUSH(space->arena, space->made, b->count, space->made_capacity) = node;
    b->nodes = space->made;
    return (int)b->count - 1;
}

static int add_const(struct builder *b, double number, uint8_t status)
{
    return add_node(
        b, (struct tape_node){.op = OP_CONST,
                              .status = status,
                              .a = -1,
                              .b = -1,
                              .c = -1,
                              .number = number,
                              .may_miss = status == MODEL_MISSING || status == STATUS_ABSENT});
}

static bool is_const(const struct builder *b, int node)
{
    return node < 0 || b->nodes[node].op == OP_CONST;
}

static bool is_unknown(const struct builder *b, int node)
{
    return is_const(b, node) && node >= 0 && b->nodes[node].status != MODEL_OK;
}

static bool is_number(const struct builder *b, int node, double number)
{
    const struct tape_node *n = &b->nodes[node];
    return n->op == OP_CONST && n->status == MODEL_OK && n->number == number;
}

static bool may_miss(const struct builder *b, int node)
{
    return node >= 0 && b->nodes[node].may_miss;
}

static int add_op(struct builder *b, enum op op, int a, int c, int d)
{
    return add_node(
        b, (struct tape_node){.op = (uint8_t)op,
                              .a = a,
                              .b = c,
                              .c = d,
                              .may_miss = may_miss(b, a) || may_miss(b, c) || may_miss(b, d)});
}

static int node_at(const struct builder *b, int reg, size_t key)
{
    return reg < 0 ? -1 : b->space->nodes[b->space->first[reg] + key_in(b, reg, key)];
}

struct tape_place tape_place_of(const struct tape_variable *variable)
{
    if (variable->input != NULL) return (struct tape_place){variable->input, variable->key, -1};
    return (struct tape_place){variable->table->file,
                               (uint64_t)variable->table->lines[variable->row], variable->column};
}

str tape_place_str(const struct tape_place *place)
{
    _Static_assert(sizeof *place == sizeof place->thing + sizeof place->at + sizeof place->column,
                   "a gap would hold any bytes");
    return (str){(const char *)place, sizeof *place};
}

static void note_place(struct builder *b, size_t number)
{
    struct tape_place *place = ARENA_NEW(b->arena, struct tape_place);
    *place = tape_place_of(&b->variables[number]);
    int *node = ARENA_NEW(b->arena, int);
    *node = b->variables[number].node;
    map_put(&b->places, tape_place_str(place), node);
}

/* Its node; -1 of a variable not met before. Few are looked through, which is faster than a map. */
static int known_node(struct builder *b, const struct tape_variable *variable)
{
    struct tape_place place = tape_place_of(variable);
    if (b->places.count != 0) {
        const int *node = map_get(&b->places, tape_place_str(&place));
        return node == NULL ? -1 : *node;
    }
    for (size_t i = 0; i < b->variable_count; i++) {
        struct tape_place known = tape_place_of(&b->variables[i]);
        if (known.thing == place.thing && known.at == place.at && known.column == place.column)
            return b->variables[i].node;
    }
    return -1;
}

/* One variable for one place, however many registers read it. */
static int add_variable(struct builder *b, struct tape_variable variable)
{
    int known = known_node(b, &variable);
    if (known >= 0) return known;
    bool varies = variable.input != NULL ? b->chooser->input(b->chooser->thing, &variable)
                                         : b->chooser->factor(b->chooser->thing, &variable);
    if (!varies) return -1;
    variable.node = add_node(
        b, (struct tape_node){.op = OP_INPUT, .a = (int)b->variable_count, .b = -1, .c = -1});
    *ARENA_PUSH(b->arena, b->variables, b->variable_count, b->variable_capacity) = variable;
    if (b->variable_count == FEW)
        for (size_t i = 0; i < FEW; i++) note_place(b, i);
    else if (b->variable_count > FEW)
        note_place(b, b->variable_count - 1);
    return variable.node;
}

static int input_node(struct builder *b, const struct step *step, size_t key)
{
    const struct definition *d = step->definition;
    uint8_t status = base_status(b, step->to, key);
    double base = base_value(b, step->to, key);
    int node = -1;
    if (status == MODEL_OK && d->type == MODEL_NUMBER)
        node = add_variable(b, (struct tape_variable){.input = d, .key = key, .base = base});
    return node >= 0 ? node : add_const(b, base, status);
}

static int factor_node(struct builder *b, const struct step *step, size_t key, long row)
{
    uint8_t status = base_status(b, step->to, key);
    double base = base_value(b, step->to, key);
    int node = -1;
    if (status == MODEL_OK && row >= 0 && step->table->columns[step->column].type == MODEL_NUMBER)
        node = add_variable(
            b, (struct tape_variable){
                   .table = step->table, .row = (size_t)row, .column = step->column, .base = base});
    return node >= 0 ? node : add_const(b, base, status);
}

static int coalesce_node(struct builder *b, const struct step *step, size_t key)
{
    int node = -1;
    for (size_t i = step->count; i-- > 0;) {
        int part = node_at(b, step->list[i], key);
        if (node < 0 || !may_miss(b, part)) {
            node = part;
        } else if (!is_const(b, part)) { /* what is a constant and missing is passed over */
            bool rest = may_miss(b, node);
            node = add_op(b, OP_COALESCE, part, node, -1);
            b->nodes[node].may_miss = rest;
        }
    }
    return node;
}

static int fold_node(struct builder *b, const struct step *step, size_t key)
{
    int node = node_at(b, step->list[0], key);
    for (size_t i = 1; i < step->count; i++) {
        bool larger = step->op == OP_MAX || (step->op == OP_CLAMP && i == 1);
        node = add_op(b, larger ? OP_MAX : OP_MIN, node, node_at(b, step->list[i], key), -1);
    }
    return node;
}

static int select_node(struct builder *b, int condition, int yes, int no)
{
    if (is_const(b, condition) && b->nodes[condition].status == MODEL_OK)
        return b->nodes[condition].number != 0 ? yes : no;
    return add_op(b, OP_SELECT, condition, yes, no);
}

/* Sum, mean, count, least, most: the terms in the order of the keys, as the machine takes them. */
static int aggregate_node(struct builder *b, const struct step *step)
{
    int total = -1, terms = -1;
    double fixed = 0;
    int one = -1;
    for (size_t k = 0; k < key_count(b, step->a); k++) {
        if (base_status(b, step->a, k) == STATUS_ABSENT) continue;
        int term = node_at(b, step->a, k), where = node_at(b, step->b, k);
        if (where >= 0 && is_const(b, where)) {
            const struct tape_node *w = &b->nodes[where];
            if (w->status == STATUS_ABSENT || (w->status == MODEL_OK && w->number == 0)) continue;
            if (w->status == MODEL_OK) where = -1;
        }
        if (where >= 0) {
            if (one < 0) one = add_const(b, 1, MODEL_OK);
            int zero = add_const(b, 0, MODEL_OK);
            bool extreme = step->op == OP_LEAST || step->op == OP_MOST;
            int other =
                extreme ? add_const(b, step->op == OP_LEAST ? INFINITY : -INFINITY, 0) : zero;
            int counts = select_node(b, where, one, zero);
            terms = terms < 0 ? counts : add_op(b, OP_ADD, terms, counts, -1);
            term = select_node(b, where, step->op == OP_COUNT ? one : term, other);
        } else {
            fixed++;
        }
        if (step->op == OP_COUNT || total < 0)
            total = step->op == OP_COUNT ? total : term;
        else
            total = add_op(b,
                           step->op == OP_LEAST  ? OP_MIN
                           : step->op == OP_MOST ? OP_MAX
                                                 : OP_ADD,
                           total, term, -1);
    }
    if (terms >= 0) terms = add_op(b, OP_ADD, terms, add_const(b, fixed, MODEL_OK), -1);
    if (step->op == OP_COUNT) return terms >= 0 ? terms : add_const(b, fixed, MODEL_OK);
    if (total < 0) return -1; /* nothing varies */
    if (step->op != OP_MEAN) return total;
    return add_op(b, OP_DIVIDE, total, terms >= 0 ? terms : add_const(b, fixed, MODEL_OK), -1);
}

static int dot_node(struct builder *b, const struct step *step)
{
    int total = -1;
    for (size_t k = 0; k < step->definition->index->count; k++) {
        if (base_status(b, step->definition->reg, k) == STATUS_ABSENT) continue;
        int term = add_op(b, OP_MULTIPLY, node_at(b, step->definition->reg, k),
                          node_at(b, step->a, k), -1);
        total = total < 0 ? term : add_op(b, OP_ADD, total, term, -1);
    }
    return total;
}

static const int *list_nodes(struct builder *b, const struct step *step, size_t key)
{
    int *list = ARENA_NEW_ARRAY(b->arena, int, step->count + 1);
    for (size_t i = 0; i < step->count; i++) list[i] = node_at(b, step->list[i], key);
    return list;
}

static int band_node(struct builder *b, const struct step *step, size_t key)
{
    size_t labels = step->expr->label_count;
    int x = node_at(b, step->list[0], key), node = add_const(b, step->labels[labels - 1], MODEL_OK);
    for (size_t i = labels - 1; i-- > 0;) {
        int holds = add_op(b, step->expr->compares[i], x, node_at(b, step->list[i + 1], key), -1);
        node = add_op(b, OP_SELECT, holds, add_const(b, step->labels[i], MODEL_OK), node);
    }
    return node;
}

static int listed_node(struct builder *b, const struct step *step, size_t key)
{
    int node = add_op(b, step->op, -1, -1, -1);
    const int *list = list_nodes(b, step, key);
    b->nodes[node].list = list;
    b->nodes[node].count = step->count;
    b->nodes[node].step = step;
    for (size_t i = 0; i < step->count; i++)
        if (may_miss(b, list[i])) b->nodes[node].may_miss = true;
    return node;
}

static int cell_node(struct builder *b, const struct step *step, size_t key)
{
    int row = node_at(b, step->a, key);
    if (is_const(b, row))
        return factor_node(b, step, key, (long)base_value(b, step->a, key_in(b, step->a, key)));
    int node = add_op(b, OP_CELL, row, -1, -1);
    b->nodes[node].step = step;
    b->nodes[node].may_miss = true;
    return node;
}

/* Whether nothing that goes into the step varies: then it is what the machine computed. */
static bool parts_fixed(const struct builder *b, const struct step *step, size_t key)
{
    if (op_info(step->op)->kind == OP_OVER) {
        int reg = step->op == OP_DOT ? step->definition->reg : step->a,
            other = step->op == OP_DOT ? step->a : step->b;
        for (size_t k = 0; k < key_count(b, reg); k++) {
            if (base_status(b, reg, k) == STATUS_ABSENT) continue;
            if (!is_const(b, node_at(b, reg, k)) || !is_const(b, node_at(b, other, k)))
                return false;
        }
        return true;
    }
    if (step->op == OP_PICK) return is_const(b, node_at(b, step->a, (size_t)step->key));
    for (size_t i = 0; i < step->count; i++)
        if (!is_const(b, node_at(b, step->list[i], key))) return false;
    return is_const(b, node_at(b, step->a, key)) && is_const(b, node_at(b, step->b, key)) &&
           is_const(b, node_at(b, step->c, key));
}

/* x * 1, 1 * x, x / 1, x - 0: the same number, and the same reason when there is none. */
static int pair_node(struct builder *b, enum op op, int x, int y)
{
    bool product = op == OP_MULTIPLY;
    if ((product || op == OP_DIVIDE) && is_number(b, y, 1)) return x;
    if (op == OP_SUBTRACT && is_number(b, y, 0) && !signbit(b->nodes[y].number)) return x;
    return product && is_number(b, x, 1) ? y : add_op(b, op, x, y, -1);
}

static int step_node(struct builder *b, const struct step *step, size_t key)
{
    if (step->op == OP_INPUT) return input_node(b, step, key);
    if (step->op == OP_COLUMN)
        return factor_node(b, step, key,
                           table_key_row(step->table,
                                         b->program->regs[step->to].index->keys[key].id,
                                         b->frame->as_known));
    if (step->op == OP_CELL) return cell_node(b, step, key);
    if (parts_fixed(b, step, key))
        return add_const(b, base_value(b, step->to, key), base_status(b, step->to, key));
    int y = node_at(b, step->b, key);
    int x = step->op == OP_PICK ? node_at(b, step->a, (size_t)step->key) : node_at(b, step->a, key);
    switch (op_info(step->op)->kind) {
    case OP_SHAPE: return x;
    case OP_PAIR: /* one side that is never known decides, with the machine's status */
        if (is_unknown(b, x) || (is_unknown(b, y) && b->nodes[y].status == STATUS_ABSENT))
            return add_const(b, 0, base_status(b, step->to, key));
        return pair_node(b, step->op, x, y);
    case OP_LOGIC: return add_op(b, step->op, x, y, -1);
    case OP_SINGLE:
        x = add_op(b, step->op, x, -1, -1);
        b->nodes[x].number = step->number;
        return x;
    case OP_FOLD: return fold_node(b, step, key);
    case OP_FALLBACK: return coalesce_node(b, step, key);
    case OP_QUESTION:
        if (!may_miss(b, x)) return add_const(b, 0, MODEL_OK);
        x = add_op(b, OP_MISSING, x, -1, -1);
        b->nodes[x].may_miss = false;
        return x;
    case OP_CHOICE: return select_node(b, x, y, node_at(b, step->c, key));
    case OP_OVER: return step->op == OP_DOT ? dot_node(b, step) : aggregate_node(b, step);
    default: break;
    }
    if (step->op == OP_BAND) return band_node(b, step, key);
    return listed_node(b, step, key); /* points, lookup */
}

/* ---- putting it together ------------------------------------------------------------------ */

static void mark(bool *used, int node)
{
    if (node >= 0) used[node] = true;
}

/* Leaves out what no root needs, and the variables that go with it. */
static void prune(struct builder *b, struct tape *tape)
{
    struct tape_space *space = b->space;
    if (space->used_capacity < b->count) {
        space->used_capacity = 2 * b->count;
        space->used = ARENA_NEW_ARRAY(space->arena, bool, space->used_capacity);
        space->moved = ARENA_NEW_ARRAY(space->arena, int, space->used_capacity);
    }
    bool *used = space->used;
    int *moved = space->moved;
    if (b->count != 0) memset(used, 0, b->count * sizeof *used);
    for (size_t i = 0; i < tape->root_count; i++) mark(used, tape->roots[i]);
    for (size_t i = b->count; i-- > 0;) {
        const struct tape_node *node = &b->nodes[i];
        if (!used[i] || node->op == OP_INPUT) continue;
        mark(used, node->a);
        mark(used, node->b);
        mark(used, node->c);
        for (size_t k = 0; k < node->count; k++) mark(used, node->list[k]);
    }
    size_t kept = 0, variables = 0;
    for (size_t i = 0; i < b->count; i++) {
        if (!used[i]) continue;
        struct tape_node node = b->nodes[i];
        moved[i] = (int)kept;
        if (node.op == OP_INPUT) {
            b->variables[variables] = b->variables[node.a];
            b->variables[variables].node = (int)kept;
            node.a = (int)variables++;
        } else {
            node.a = node.a < 0 ? -1 : moved[node.a];
            node.b = node.b < 0 ? -1 : moved[node.b];
            node.c = node.c < 0 ? -1 : moved[node.c];
            int *list = (int *)node.list; /* this tape's own */
            for (size_t k = 0; k < node.count; k++) list[k] = moved[list[k]];
            tape->list_max = size_max(tape->list_max, node.count);
        }
        b->nodes[kept++] = node;
    }
    for (size_t i = 0; i < tape->root_count; i++) tape->roots[i] = moved[tape->roots[i]];
    tape->nodes = ARENA_NEW_ARRAY(b->arena, struct tape_node, kept + 1);
    if (kept != 0) memcpy(tape->nodes, b->nodes, kept * sizeof *tape->nodes);
    tape->count = kept;
    tape->variables = b->variables;
    tape->variable_count = variables;
}

/* Which constants need but one lane. */
static void mark_once(struct tape *tape)
{
    struct tape_node *nodes = tape->nodes;
    for (size_t i = 0; i < tape->count; i++) nodes[i].once = nodes[i].op == OP_CONST;
    for (size_t i = 0; i < tape->root_count; i++) nodes[tape->roots[i]].once = false;
    for (size_t i = 0; i < tape->count; i++) {
        const struct tape_node *node = &nodes[i];
        if (node->op == OP_INPUT || node->op == OP_CONST) continue;
        bool both = node->a >= 0 && node->b >= 0 && nodes[node->a].op == OP_CONST &&
                    nodes[node->b].op == OP_CONST;
        if (tape_is_pair((enum op)node->op) && !both) continue;
        if (node->a >= 0) nodes[node->a].once = false;
        if (node->b >= 0) nodes[node->b].once = false;
        if (node->c >= 0) nodes[node->c].once = false;
        for (size_t k = 0; k < node->count; k++) nodes[node->list[k]].once = false;
    }
}

struct tape *tape_make(struct arena *arena, struct tape_space *space, const struct frame *frame,
                       size_t lane, const struct tape_root *roots, size_t root_count,
                       const struct tape_chooser *chooser)
{
    const struct program *program = space->model->program;
    struct builder b = {.arena = arena,
                        .space = space,
                        .program = program,
                        .frame = frame,
                        .lane = lane,
                        .chooser = chooser};
    map_init(&b.places, arena);
    memset(space->wanted, 0, space->words * sizeof *space->wanted);
    for (size_t i = 0; i < root_count; i++) want(&b, roots[i].definition->reg, roots[i].key);
    for (int pass = 0; pass < 2; pass++) /* what is wanted, from the end; nodes, from the start */
        for (size_t n = 0; n < program->step_count; n++) {
            const struct step *step = &program->steps[pass == 0 ? program->step_count - 1 - n : n];
            size_t first = space->first_word[step->to], width = program->regs[step->to].width;
            for (size_t w = 0; w <= width / 64; w++)
                for (uint64_t bits = space->wanted[first + w]; bits != 0; bits &= bits - 1) {
                    size_t key = w * 64 + (size_t)__builtin_ctzll(bits);
                    if (pass == 0) {
                        want_parts(&b, step, key);
                        continue;
                    }
                    int node = step_node(&b, step, key);
                    if (node < 0)
                        node = add_const(&b, base_value(&b, step->to, key),
                                         base_status(&b, step->to, key));
                    space->nodes[space->first[step->to] + key] = node;
                }
        }
    struct tape *tape = ARENA_NEW(arena, struct tape);
    tape->frame = frame;
    tape->roots = ARENA_NEW_ARRAY(arena, int, root_count + 1);
    tape->root_count = root_count;
    for (size_t i = 0; i < root_count; i++)
        tape->roots[i] = node_at(&b, roots[i].definition->reg, roots[i].key);
    prune(&b, tape);
    mark_once(tape);
    return tape;
}
