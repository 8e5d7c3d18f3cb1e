#include "model/sparse.h"

#include <string.h>

#include "model/loops.h"

enum { INPUTS_MAX = 64 }; /* over one index that is run so */

/* ---- which indexes ------------------------------------------------------------------------ */

struct plan {
    struct frame *frame;
    const struct program *program;
    const struct index *index;
    bool *empty; /* registers over the index that are absent at a key no input is given for */
};

static bool over(const struct plan *p, int reg)
{
    return reg >= 0 && p->program->regs[reg].index == p->index;
}

static bool is_empty(const struct plan *p, int reg)
{
    return reg >= 0 && over(p, reg) && p->empty[reg];
}

static bool any_empty(const struct plan *p, const struct step *step)
{
    for (size_t i = 0; i < step->count; i++)
        if (is_empty(p, step->list[i])) return true;
    return false;
}

static bool all_empty(const struct plan *p, const struct step *step)
{
    for (size_t i = 0; i < step->count; i++)
        if (!is_empty(p, step->list[i])) return false;
    return true;
}

/* As the machine passes "absent" on; where it depends on values, no. */
static bool stays_empty(const struct plan *p, const struct step *step)
{
    switch (op_info(step->op)->kind) {
    case OP_SOURCE: return step->op == OP_INPUT && !step->definition->has_default;
    case OP_PAIR: return is_empty(p, step->a) || is_empty(p, step->b);
    case OP_LOGIC: return is_empty(p, step->a) && is_empty(p, step->b);
    case OP_SINGLE: return is_empty(p, step->a);
    case OP_FOLD: return any_empty(p, step);
    case OP_FALLBACK: return all_empty(p, step);
    case OP_CHOICE: return is_empty(p, step->a); /* else the condition may be an error */
    case OP_SEARCH:
        if (step->op == OP_CELL) return is_empty(p, step->a);
        if (step->op == OP_BAND) return is_empty(p, step->list[0]);
        return (step->op == OP_POINTS || step->op == OP_LOOKUP) && any_empty(p, step);
    default: return false;
    }
}

static bool reads(const struct plan *p, const struct step *step)
{
    bool found = over(p, step->a) || over(p, step->b) || over(p, step->c);
    for (size_t i = 0; i < step->count && !found; i++) found = over(p, step->list[i]);
    return found;
}

/* Whether everything that leaves the index passes over keys that no input is given for. */
static bool leaves_well(const struct plan *p)
{
    for (size_t i = 0; i < p->program->step_count; i++) {
        const struct step *step = &p->program->steps[i];
        if (step->uniform || step->op == OP_DOT || over(p, step->to) || !reads(p, step)) continue;
        bool sums = op_info(step->op)->kind == OP_OVER || step->op == OP_PICK;
        if (!sums || !(is_empty(p, step->a) || is_empty(p, step->b))) return false;
    }
    for (size_t i = 0; i < p->frame->model->output_count; i++) {
        int reg = p->program->outputs[i];
        if (over(p, reg) && !p->program->regs[reg].uniform && !p->empty[reg]) return false;
    }
    return true;
}

static bool has_dense(const struct plan *p)
{
    size_t any = 0;
    for (size_t i = 0; i < p->program->step_count; i++) {
        const struct step *step = &p->program->steps[i];
        if (step->op != OP_INPUT || !over(p, step->to)) continue;
        if (p->frame->data->columns[step->definition->number].dense != NULL) return true;
        any++;
    }
    return any == 0 || any > INPUTS_MAX; /* nothing is given by this index: nothing to be saved */
}

static void add_index(const struct plan *p)
{
    struct frame *f = p->frame;
    const struct program *program = p->program;
    size_t width = p->index->count, most = width * f->block;
    struct sparse *s = &f->sparse[f->sparse_count++];
    *s = (struct sparse){.index = p->index};
    s->inputs = ARENA_NEW_ARRAY(f->arena, const struct definition *, program->step_count);
    s->registers = ARENA_NEW_ARRAY(f->arena, int, program->step_count);
    s->same = ARENA_NEW_ARRAY(f->arena, uint8_t, program->step_count);
    s->gathered = ARENA_NEW_ARRAY(f->arena, int, program->reg_count);
    s->start = ARENA_NEW_ARRAY(f->arena, size_t, f->block + 1);
    s->key = ARENA_NEW_ARRAY(f->arena, uint32_t, most + 1);
    s->entity = ARENA_NEW_ARRAY(f->arena, uint32_t, most + 1);
    s->place = ARENA_NEW_ARRAY(f->arena, uint32_t, width + 1);
    s->used = ARENA_NEW_ARRAY(f->arena, uint64_t, width / 64 + 1);
    for (size_t i = 0; i < program->step_count; i++) {
        const struct step *step = &program->steps[i];
        if (!over(p, step->to)) continue;
        f->sparse_of[step->to] = s;
        if (step->op == OP_INPUT) {
            s->registers[s->input_count] = step->to;
            s->inputs[s->input_count++] = step->definition;
        }
        if (!program->regs[step->to].uniform) continue;
        /* The whole column stays where it is; steps by pair read a copy of the parts they need. */
        s->gathered[s->gathered_count++] = step->to;
        f->whole[step->to] = f->values[step->to];
        f->whole_status[step->to] = f->status[step->to];
    }
}

void sparse_plan(struct frame *f)
{
    const struct program *program = f->program;
    f->sparse = ARENA_NEW_ARRAY(f->arena, struct sparse, f->model->index_count + 1);
    f->sparse_of = ARENA_NEW_ARRAY(f->arena, struct sparse *, program->reg_count + 1);
    f->whole = ARENA_NEW_ARRAY(f->arena, double *, program->reg_count + 1);
    f->whole_status = ARENA_NEW_ARRAY(f->arena, uint8_t *, program->reg_count + 1);
    struct plan p = {.frame = f, .program = program};
    p.empty = ARENA_NEW_ARRAY(f->arena, bool, program->reg_count + 1);
    for (size_t n = 0; n < f->model->index_count; n++) {
        p.index = f->model->indexes[n];
        if (p.index->count < 2 || has_dense(&p)) continue;
        for (size_t i = 0; i < program->step_count; i++) {
            const struct step *step = &program->steps[i];
            if (over(&p, step->to)) p.empty[step->to] = !step->uniform && stays_empty(&p, step);
        }
        if (leaves_well(&p)) add_index(&p);
    }
}

/* Once the whole columns are computed: room for their parts by pair. */
static void split_whole(struct frame *f, const struct sparse *s)
{
    for (size_t i = 0; i < s->gathered_count; i++) {
        int reg = s->gathered[i];
        if (f->values[reg] != f->whole[reg]) continue;
        f->values[reg] = ARENA_NEW_ARRAY(f->arena, double, s->index->count * f->block);
        f->status[reg] = ARENA_NEW_ARRAY(f->arena, uint8_t, s->index->count * f->block);
    }
}

/* ---- a block ------------------------------------------------------------------------------ */

static void mark_used(struct sparse *s, const struct cell_row *row)
{
    for (uint32_t c = 0; c < row->count; c++) {
        uint32_t key = row->cells[c].key;
        s->used[key / 64] |= (uint64_t)1 << (key % 64);
    }
}

/* The keys of an entity that only one input is given for, mostly; those cells come as they are. */
static const struct cell_row *lone_row(const struct cell_row *const *given, size_t count, size_t e)
{
    const struct cell_row *lone = &given[0][e];
    for (size_t i = 1; i < count; i++) {
        if (given[i][e].count == 0) continue;
        if (lone->count != 0) return NULL;
        lone = &given[i][e];
    }
    return lone;
}

/* Those of an entity that several inputs are given for, in the order of the index. */
static size_t merge_keys(struct sparse *s, const struct cell_row *const *given, size_t count,
                         size_t entity, uint32_t *keys)
{
    size_t words = s->index->count / 64 + 1, found = 0;
    for (size_t i = 0; i < count; i++) mark_used(s, &given[i][entity]);
    for (size_t w = 0; w < words; w++) {
        for (uint64_t bits = s->used[w]; bits != 0; bits &= bits - 1)
            keys[found++] = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(bits);
        s->used[w] = 0;
    }
    return found;
}

/* An input that some cells are given for, while a block's pairs are listed. */
struct given {
    const struct cell_row *rows;
    double *values, other; /* what stands where it is not given */
    uint8_t *status, other_status;
    bool has_default, all;
    size_t cells;
};

static void put_cell(struct given *g, const struct cell *cell, size_t at)
{
    bool set = cell->state == CELL_SET;
    g->all = g->all && set;
    if (!set && g->has_default) {
        g->values[at] = g->other;
        g->status[at] = g->other_status;
        return;
    }
    g->values[at] = set ? cell->value : 0;
    g->status[at] = set ? STATUS_DRIVEN : STATUS_DRIVEN | MODEL_MISSING;
}

/* The cells of an entity at its pairs, `found` from `first`. */
static void put_cells(struct given *g, size_t entity, const uint32_t *keys, size_t first,
                      size_t found)
{
    const struct cell_row *row = &g->rows[entity];
    size_t count = row->count, at = first;
    g->cells += count;
    if (count == found) { /* every pair is its own */
        for (size_t c = 0; c < count; c++) put_cell(g, &row->cells[c], first + c);
        return;
    }
    for (size_t k = first; k < first + found; k++) {
        g->values[k] = g->other;
        g->status[k] = g->other_status;
    }
    for (size_t c = 0; c < count; c++) {
        while (keys[at] != row->cells[c].key) at++; /* both in the order of the keys */
        put_cell(g, &row->cells[c], at);
    }
}

/* The inputs that are given; of the others a block is filled when its step comes. */
static size_t find_given(const struct frame *f, const struct sparse *s, struct given *given,
                         const struct cell_row **rows)
{
    size_t count = 0;
    for (size_t i = 0; i < s->input_count; i++) {
        const struct definition *d = s->inputs[i];
        const struct data_column *column = &f->data->columns[d->number];
        if (column->rows == NULL) continue;
        given[count] = (struct given){.rows = rows[count] = column->rows,
                                      .values = f->values[s->registers[i]],
                                      .status = f->status[s->registers[i]],
                                      .other = d->has_default ? d->default_value : 0,
                                      .other_status = d->has_default ? MODEL_OK : STATUS_ABSENT,
                                      .has_default = d->has_default,
                                      .all = true};
        count++;
    }
    return count;
}

static void note_same(const struct frame *f, struct sparse *s, const struct given *given)
{
    for (size_t i = 0, n = 0; i < s->input_count; i++) {
        if (f->data->columns[s->inputs[i]->number].rows == NULL) continue;
        const struct given *g = &given[n++];
        s->same[i] = g->cells == 0                    ? g->other_status
                     : g->cells == s->pairs && g->all ? STATUS_DRIVEN
                                                      : STATUS_MIXED;
    }
}

static void list_pairs(const struct frame *f, struct sparse *s)
{
    struct given given[INPUTS_MAX];
    const struct cell_row *rows[INPUTS_MAX];
    size_t count = find_given(f, s, given, rows), pairs = 0, last = f->data->entity_count;
    uint32_t *restrict keys = s->key, *restrict entities = s->entity;
    for (size_t e = 0; e < f->count; e++) {
        size_t entity = f->first + e, found = 0;
        s->start[e] = pairs;
        if (count == 0) continue;
        const struct cell_row *lone = lone_row(rows, count, entity);
        for (size_t i = 0; i < count; i++)
            rows_fetch(&rows[i][entity], i == 0 && entity + CELLS_AHEAD < last);
        if (lone == NULL)
            found = merge_keys(s, rows, count, entity, keys + pairs);
        else
            for (; found < lone->count; found++) keys[pairs + found] = lone->cells[found].key;
        for (size_t i = 0; i < count; i++) put_cells(&given[i], entity, keys, pairs, found);
        for (size_t k = 0; k < found; k++) entities[pairs + k] = (uint32_t)e;
        pairs += found;
    }
    s->start[f->count] = s->pairs = pairs;
    note_same(f, s, given);
}

void sparse_start(struct frame *f)
{
    for (size_t n = 0; n < f->sparse_count; n++) {
        struct sparse *s = &f->sparse[n];
        list_pairs(f, s);
        split_whole(f, s);
        for (size_t i = 0; i < s->gathered_count; i++) {
            int reg = s->gathered[i];
            double *restrict to = f->values[reg];
            uint8_t *restrict ts = f->status[reg];
            const double *from = f->whole[reg];
            const uint8_t *fs = f->whole_status[reg];
            loop_gather(to, from, s->key, s->pairs);
            if (f->same[reg] != STATUS_MIXED)
                memset(ts, f->same[reg], s->pairs);
            else
                for (size_t k = 0; k < s->pairs; k++) ts[k] = fs[s->key[k]];
        }
    }
}

void sparse_input(struct frame *f, const struct sparse *s, const struct step *step)
{
    const struct definition *d = step->definition;
    size_t i = 0;
    while (s->inputs[i] != d || s->registers[i] != step->to) i++;
    f->same[step->to] = s->same[i];
    if (f->data->columns[d->number].rows != NULL) return; /* list_pairs has put its cells */
    double *to = f->values[step->to];
    for (size_t k = 0; k < s->pairs; k++) to[k] = d->has_default ? d->default_value : 0;
    f->same[step->to] = d->has_default ? MODEL_OK : STATUS_ABSENT;
    memset(f->status[step->to], f->same[step->to], s->pairs);
}

void sparse_broadcast(struct frame *f, const struct sparse *s, const struct step *step)
{
    const double *from = f->values[step->a];
    const uint8_t *fs = f->status[step->a];
    double *restrict to = f->values[step->to];
    uint8_t *restrict ts = f->status[step->to];
    for (size_t k = 0; k < s->pairs; k++) {
        to[k] = from[s->entity[k]];
        ts[k] = fs[s->entity[k]];
    }
}

void sparse_pick(struct frame *f, const struct sparse *s, const struct step *step)
{
    for (size_t e = 0; e < f->count; e++) {
        size_t at = s->start[e];
        while (at < s->start[e + 1] && s->key[at] != (uint32_t)step->key) at++;
        bool found = at < s->start[e + 1];
        uint8_t status = found ? f->status[step->a][at] & STATUS_CODE : STATUS_ABSENT;
        f->values[step->to][e] = found ? f->values[step->a][at] : 0;
        f->status[step->to][e] = status == STATUS_ABSENT ? MODEL_MISSING : status;
    }
}

void sparse_expand(const struct frame *f, const struct sparse *s, int reg, double *values,
                   uint8_t *status)
{
    size_t width = s->index->count;
    memset(values, 0, width * f->count * sizeof *values);
    memset(status, STATUS_ABSENT, width * f->count);
    for (size_t k = 0; k < s->pairs; k++) {
        values[s->entity[k] * width + s->key[k]] = f->values[reg][k];
        status[s->entity[k] * width + s->key[k]] = f->status[reg][k];
    }
}
