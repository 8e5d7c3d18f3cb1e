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
        if (step->op == OP_INPUT) s->inputs[s->input_count++] = step->definition;
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

/* Of one input alone: its cells are the pairs. */
static void list_cells(const struct frame *f, struct sparse *s, const struct cell_row *rows)
{
    size_t pairs = 0, last = f->data->entity_count;
    for (size_t e = 0; e < f->count; e++) {
        const struct cell_row *row = &rows[f->first + e];
        s->start[e] = pairs;
        rows_fetch(row, f->first + e + CELLS_AHEAD < last);
        for (uint32_t c = 0; c < row->count; c++) {
            s->key[pairs] = row->cells[c].key;
            s->entity[pairs++] = (uint32_t)e;
        }
    }
    s->start[f->count] = s->pairs = pairs;
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

static void list_pairs(const struct frame *f, struct sparse *s)
{
    const struct cell_row *given[INPUTS_MAX];
    size_t count = 0, pairs = 0, last = f->data->entity_count;
    uint32_t *restrict keys = s->key, *restrict entities = s->entity;
    for (size_t i = 0; i < s->input_count; i++) {
        const struct cell_row *rows = f->data->columns[s->inputs[i]->number].rows;
        if (rows != NULL) given[count++] = rows;
    }
    if (count == 1) {
        list_cells(f, s, given[0]);
        return;
    }
    for (size_t e = 0; e < f->count; e++) {
        size_t entity = f->first + e, found = 0;
        s->start[e] = pairs;
        if (count == 0) continue;
        const struct cell_row *lone = lone_row(given, count, entity);
        rows_fetch(&given[0][entity], entity + CELLS_AHEAD < last);
        if (lone == NULL)
            found = merge_keys(s, given, count, entity, keys + pairs);
        else
            for (; found < lone->count; found++) keys[pairs + found] = lone->cells[found].key;
        for (size_t k = 0; k < found; k++) entities[pairs + k] = (uint32_t)e;
        pairs += found;
    }
    s->start[f->count] = s->pairs = pairs;
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

/* The cells of an entity at its pairs; false when one of them is missing. */
static bool put_cells(const struct cell_row *row, const uint32_t *keys, bool has_default,
                      double *to, uint8_t *ts)
{
    bool all = true;
    size_t at = 0;
    for (uint32_t c = 0; c < row->count; c++) {
        const struct cell *cell = &row->cells[c];
        bool set = cell->state == CELL_SET;
        while (keys[at] != cell->key) at++; /* both in the order of the keys */
        all = all && set;
        if (!set && has_default) continue;
        to[at] = set ? cell->value : 0;
        ts[at] = set ? STATUS_DRIVEN : STATUS_DRIVEN | MODEL_MISSING;
    }
    return all;
}

void sparse_input(struct frame *f, const struct sparse *s, const struct step *step)
{
    const struct definition *d = step->definition;
    const struct cell_row *rows = f->data->columns[d->number].rows;
    double *to = f->values[step->to];
    uint8_t *ts = f->status[step->to];
    double other = d->has_default ? d->default_value : 0;
    uint8_t other_status = d->has_default ? MODEL_OK : STATUS_ABSENT;
    for (size_t k = 0; k < s->pairs; k++) to[k] = other;
    memset(ts, other_status, s->pairs);
    size_t cells = 0;
    bool all = true;
    for (size_t e = 0; rows != NULL && e < f->count; e++) {
        const struct cell_row *row = &rows[f->first + e];
        size_t at = s->start[e];
        rows_fetch(row, false);
        if (row->count == 0) continue;
        cells += row->count;
        all = put_cells(row, s->key + at, d->has_default, to + at, ts + at) && all;
    }
    if (cells == 0)
        f->same[step->to] = other_status;
    else if (cells == s->pairs && all)
        f->same[step->to] = STATUS_DRIVEN;
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
