/* Explanations: one entity is run with every register kept; the tree follows the formulas from a
 * result to inputs and factor rows. Of `if`, `case` and `coalesce` only what counted is shown. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "model/program.h"

struct walk {
    struct arena *arena;
    const struct model_run *run;
    const struct model *model;
    struct frame *frame;
    size_t entity;
    struct map known; /* name[key] → node */
};
struct children {
    const struct model_node **list;
    size_t count, capacity;
    struct map seen; /* parts walked already: a function's argument may stand in many places */
};

static const struct model_node *explain_definition(struct walk *w, const struct definition *d,
                                                   size_t key);
static void walk_expr(struct walk *w, const struct expr *expr, size_t key, struct children *out);

static void add(struct walk *w, struct children *out, const struct model_node *node)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->list[i] == node) return;
    *ARENA_PUSH(w->arena, out->list, out->count, out->capacity) = node;
}

static struct model_value value_at(const struct walk *w, int reg, enum model_type type, size_t key)
{
    size_t at = w->model->program->regs[reg].index == NULL ? 0 : key;
    struct model_value value =
        value_make(w->run->data, type, w->frame->values[reg][at], w->frame->status[reg][at]);
    if ((w->frame->status[reg][at] & STATUS_CODE) == STATUS_ABSENT)
        value.status = MODEL_MISSING; /* not given */
    return value;
}

static uint8_t status_at(const struct walk *w, int reg, size_t key)
{
    size_t at = w->model->program->regs[reg].index == NULL ? 0 : key;
    return w->frame->status[reg][at] & STATUS_CODE;
}

static double number_at(const struct walk *w, int reg, size_t key)
{
    return w->frame->values[reg][w->model->program->regs[reg].index == NULL ? 0 : key];
}

/* "GJ/unit" and "t" → "GJ/t". */
const char *row_unit_text(struct arena *arena, const struct table *table,
                          const struct column *column, long row)
{
    size_t at;
    if (column->type != MODEL_NUMBER) return NULL;
    if (row < 0 || table->unit < 0 || !str_find(column->unit_text, STR("unit"), &at))
        return str_dup(arena, column->unit_text);
    str unit = table->cells[row][table->unit];
    bool brackets = false;
    for (size_t i = 0; i < unit.len; i++) brackets = brackets || strchr(" */", unit.ptr[i]) != NULL;
    brackets = brackets && column->unit_text.len != 4;
    return arena_printf(arena, brackets ? "%.*s(%.*s)%.*s" : "%.*s%.*s%.*s", (int)at,
                        column->unit_text.ptr, STR_ARG(unit),
                        STR_ARG(str_slice(column->unit_text, at + 4, column->unit_text.len)));
}

static void add_fact(struct walk *w, struct model_node *node, struct model_meta *facts,
                     const char *key, const char *en, const char *zh)
{
    (void)w;
    facts[node->row_fact_count++] = (struct model_meta){.key = key, .value = {en, zh}};
}

static void fill_row(struct walk *w, struct model_node *node, const struct table *table, long row)
{
    static const char *const names[] = {"publisher",  "document",    "clause",     "published_on",
                                        "valid_from", "valid_to",    "scheme",     "report_year",
                                        "data_year",  "uncertainty", "confidence", "note"};
    struct model_meta *facts = ARENA_NEW_ARRAY(w->arena, struct model_meta, ARRAY_LEN(names) + 1);
    node->row_facts = facts;
    node->table = table->path;
    if (row < 0) return;
    node->row = table->id >= 0 ? str_dup(w->arena, table->cells[row][table->id])
                               : arena_printf(w->arena, "line %lld", (long long)table->lines[row]);
    if (table->name_en >= 0) node->label.en = str_dup(w->arena, table->cells[row][table->name_en]);
    if (table->name_zh >= 0) node->label.zh = str_dup(w->arena, table->cells[row][table->name_zh]);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        int column = table_column(table, str_from(names[i]));
        if (column < 0 || table->cells[row][column].len == 0) continue;
        const char *text = str_dup(w->arena, table->cells[row][column]);
        add_fact(w, node, facts, names[i], text, text);
        if (strcmp(names[i], "document") == 0) node->source = text;
        if (strcmp(names[i], "clause") == 0) node->clause = text;
    }
}

static struct model_node *factor_node(struct walk *w, const struct table *table, int column,
                                      long row, char *name)
{
    struct model_node *node = ARENA_NEW(w->arena, struct model_node);
    const struct column *c = &table->columns[column];
    *node = (struct model_node){
        .kind = MODEL_NODE_FACTOR, .name = name, .unit = row_unit_text(w->arena, table, c, row)};
    node->label = (struct model_text){name, name};
    fill_row(w, node, table, row);
    uint8_t status = row < 0 ? MODEL_NO_ROW : c->empty[row] ? MODEL_MISSING : MODEL_OK;
    node->value = value_make(w->run->data, c->type, status == 0 ? c->values[row] : 0, status);
    return node;
}

/* Why a search found nothing, for the person who reads the tree. */
static void add_problem(struct walk *w, struct model_node *node, const struct table *table,
                        const char *id)
{
    struct model_meta *facts = (struct model_meta *)node->row_facts;
    for (size_t row = 0; id != NULL && row < table->row_count; row++) {
        if (!str_is(table->cells[row][table->id], id) ||
            table_row_visible(table, row, w->frame->as_known))
            continue;
        bool disabled = !table->enabled[row];
        add_fact(w, node, facts, "problem",
                 arena_printf(w->arena,
                              disabled ? "The row on line %lld of %s is disabled."
                                       : "The row on line %lld of %s was published later.",
                              (long long)table->lines[row], table->path),
                 arena_printf(w->arena,
                              disabled ? "%2$s 第 %1$lld 行已停用。"
                                       : "%2$s 第 %1$lld 行在此日期之后才发布。",
                              (long long)table->lines[row], table->path));
        return;
    }
    add_fact(w, node, facts, "problem", "No single row of the table matches.",
             "表中没有唯一符合条件的行。");
}

static const struct model_node *explain_column(struct walk *w, const struct expr *expr, size_t key)
{
    const struct index *index = expr->kind == EXPR_KEYED ? expr->over : expr->index;
    const char *id = index->keys[key].id;
    char *name =
        arena_printf(w->arena, "%.*s.%.*s[%s]", STR_ARG(expr->name), STR_ARG(expr->field), id);
    const struct model_node *known = map_get(&w->known, str_from(name));
    if (known != NULL) return known;
    long row = table_key_row(expr->table, id, w->frame->as_known);
    struct model_node *node = factor_node(w, expr->table, expr->column, row, name);
    if (row < 0) add_problem(w, node, expr->table, id);
    map_put(&w->known, str_from(name), node);
    return node;
}

static const struct model_node *explain_lookup(struct walk *w, const struct expr *expr, size_t key)
{
    int row_reg = w->model->program->steps[expr->reg].a;
    long row = status_at(w, row_reg, key) == MODEL_OK ? (long)number_at(w, row_reg, key) : -1;
    struct buf *name = buf_new(w->arena);
    struct children children = {0};
    buf_printf(name, "%.*s.%.*s(", STR_ARG(expr->name), STR_ARG(expr->field));
    for (size_t i = 0; i < expr->count; i++) {
        struct model_value value = value_at(w, expr->args[i]->reg, expr->args[i]->type, key);
        char text[NUM_TEXT_MAX] = "?";
        if (value.type == MODEL_DATE && value.status == MODEL_OK)
            date_format((date){(int32_t)value.number}, text);
        else if (value.status == MODEL_OK)
            num_format(value.number, text);
        buf_printf(name, "%s%.*s = %s", i == 0 ? "" : ", ", STR_ARG(expr->labels[i]),
                   value.text != NULL ? value.text : text);
        walk_expr(w, expr->args[i], key, &children);
    }
    buf_puts(name, ")");
    struct model_node *node =
        factor_node(w, expr->table, expr->column, row, str_dup(w->arena, buf_str(name)));
    node->value = value_at(w, expr->reg, expr->type, key);
    if (row < 0) add_problem(w, node, expr->table, NULL);
    node->expression = expression_text(w->arena, w->model, expr);
    node->children = children.list;
    node->child_count = children.count;
    return node;
}

static const struct model_node *explain_peers(struct walk *w, const struct expr *expr, size_t key)
{
    struct model_node *node = ARENA_NEW(w->arena, struct model_node);
    struct model_meta *facts = ARENA_NEW_ARRAY(w->arena, struct model_meta, 4);
    struct children children = {0};
    char day[DATE_TEXT_MAX] = "?";
    const char *text = expression_text(w->arena, w->model, expr);
    int32_t published = peers_day(expr->table, w->frame->as_known);
    if (published != INT32_MIN) date_format((date){published}, day);
    char *members = arena_printf(w->arena, "%zu", peers_count(w->frame, expr, key));
    const char *hex = digest_hex(w->arena, expr->table->file->digest);
    *node = (struct model_node){.kind = MODEL_NODE_FACTOR,
                                .name = text,
                                .label = {text, text},
                                .expression = text,
                                .value = value_at(w, expr->reg, expr->type, key),
                                .table = expr->table->path,
                                .row = arena_printf(w->arena, "%s members", members),
                                .row_facts = facts};
    if (!unit_is_one(&expr->unit)) node->unit = unit_format(w->arena, w->model->units, &expr->unit);
    char *on = arena_strdup(w->arena, day);
    add_fact(w, node, facts, "published_on", on, on);
    add_fact(w, node, facts, "members", members, members);
    add_fact(w, node, facts, "digest", hex, hex);
    for (size_t i = 0; i < expr->count; i++) walk_expr(w, expr->args[i], key, &children);
    node->children = children.list;
    node->child_count = children.count;
    return node;
}

static void walk_sum(struct walk *w, const struct expr *expr, struct children *out)
{
    const struct expr *what = expr->args[0];
    for (size_t k = 0; k < what->index->count; k++) {
        uint8_t status = status_at(w, what->reg, k);
        if (status == STATUS_ABSENT) continue;
        if (expr->count > 1 && (status_at(w, expr->args[1]->reg, k) != MODEL_OK ||
                                number_at(w, expr->args[1]->reg, k) == 0))
            continue;
        if (what->kind == EXPR_NAME) {
            add(w, out, explain_definition(w, what->definition, k));
            continue;
        }
        /* A sum within a sum has the same terms whatever the outer key: they are walked once. */
        char *place = arena_printf(w->arena, "%p %zu", (const void *)what, k);
        const struct model_node *known = map_get(&w->known, str_from(place));
        if (known != NULL) {
            add(w, out, known);
            continue;
        }
        struct model_node *node = ARENA_NEW(w->arena, struct model_node);
        map_put(&w->known, str_from(place), node);
        struct children terms = {0};
        walk_expr(w, what, k, &terms);
        const struct model_key *key = &what->index->keys[k];
        *node = (struct model_node){.kind = MODEL_NODE_KEY,
                                    .name = key->id,
                                    .label = key->label,
                                    .expression = expression_text(w->arena, w->model, what),
                                    .value = value_at(w, what->reg, what->type, k),
                                    .children = terms.list,
                                    .child_count = terms.count};
        if (what->type == MODEL_NUMBER)
            node->unit = unit_format(w->arena, w->model->units, &what->unit);
        add(w, out, node);
    }
}

static void walk_case(struct walk *w, const struct expr *expr, size_t key, struct children *out)
{
    const struct expr *subject = expr->args[0];
    walk_expr(w, subject, key, out);
    for (size_t i = 1; i + 2 < expr->count; i += 2)
        if (number_at(w, expr->args[i]->reg, key) == number_at(w, subject->reg, key)) {
            walk_expr(w, expr->args[i + 1], key, out);
            return;
        }
    walk_expr(w, expr->args[expr->count - 1], key, out);
}

static void walk_expr(struct walk *w, const struct expr *expr, size_t key, struct children *out)
{
    if (expr->count != 0) {
        char *name = arena_printf(w->arena, "%p %zu", (const void *)expr, key);
        if (out->seen.arena == NULL) map_init(&out->seen, w->arena);
        if (map_has(&out->seen, str_from(name))) return;
        map_put(&out->seen, str_from(name), w);
    }
    switch (expr->kind) {
    case EXPR_NAME: add(w, out, explain_definition(w, expr->definition, key)); return;
    case EXPR_COLUMN:
        if (expr->table != NULL) add(w, out, explain_column(w, expr, key));
        return;
    case EXPR_KEYED:
        add(w, out,
            expr->definition != NULL
                ? explain_definition(w, expr->definition, (size_t)expr->key_number)
                : explain_column(w, expr, (size_t)expr->key_number));
        return;
    case EXPR_LOOKUP: add(w, out, explain_lookup(w, expr, key)); return;
    case EXPR_PEERS: add(w, out, explain_peers(w, expr, key)); return;
    case EXPR_SUM: walk_sum(w, expr, out); return;
    case EXPR_CASE: walk_case(w, expr, key, out); return;
    case EXPR_IF:
        walk_expr(w, expr->args[0], key, out);
        if (status_at(w, expr->args[0]->reg, key) == MODEL_OK)
            walk_expr(w, expr->args[number_at(w, expr->args[0]->reg, key) != 0 ? 1 : 2], key, out);
        return;
    default: break;
    }
    for (size_t i = 0; i < expr->count; i++) {
        walk_expr(w, expr->args[i], key, out);
        uint8_t status = expr->op == OP_COALESCE && expr->kind == EXPR_CALL
                             ? status_at(w, expr->args[i]->reg, key)
                             : MODEL_MISSING;
        if (status != MODEL_MISSING && status != STATUS_ABSENT) return;
    }
}

static void fill_input(struct walk *w, struct model_node *node, const struct definition *d,
                       size_t key)
{
    const struct data_column *column = &w->run->data->columns[d->number];
    bool set = false;
    if (d->index == NULL) {
        set = column->states != NULL && column->states[w->entity] == CELL_SET;
        if (column->origins != NULL) node->origin = column->origins[w->entity];
    } else {
        set = column->dense != NULL;
        for (uint32_t c = 0; column->rows != NULL && c < column->rows[w->entity].count; c++) {
            const struct cell *cell = &column->rows[w->entity].cells[c];
            if (cell->key != key) continue;
            set = cell->state == CELL_SET;
            node->origin = cell_origin(column, w->entity, c);
        }
        const struct model_input *input = &w->model->info.inputs[d->number];
        if (node->unit == NULL || d->per_row) node->unit = input->keys[key].unit;
    }
    node->kind = set ? MODEL_NODE_INPUT : d->has_default ? MODEL_NODE_DEFAULT : MODEL_NODE_MISSING;
}

static const struct model_node *explain_definition(struct walk *w, const struct definition *d,
                                                   size_t key)
{
    char *name = d->index == NULL
                     ? str_dup(w->arena, d->name)
                     : arena_printf(w->arena, "%.*s[%s]", STR_ARG(d->name), d->index->keys[key].id);
    const struct model_node *known = map_get(&w->known, str_from(name));
    if (known != NULL) return known;
    struct model_node *node = ARENA_NEW(w->arena, struct model_node);
    map_put(&w->known, str_from(name), node);
    node->kind = d->kind == DEFINE_CONST ? MODEL_NODE_CONSTANT : MODEL_NODE_FORMULA;
    node->name = name;
    str label = d->label.len != 0 ? d->label : d->name,
        zh = d->label_zh.len != 0 ? d->label_zh : label;
    node->label.en = str_dup(w->arena, label);
    node->label.zh = str_dup(w->arena, zh);
    if (d->index != NULL) {
        node->label.en =
            arena_printf(w->arena, "%s: %s", node->label.en, d->index->keys[key].label.en);
        node->label.zh =
            arena_printf(w->arena, "%s：%s", node->label.zh, d->index->keys[key].label.zh);
    }
    if (d->type == MODEL_NUMBER) node->unit = str_dup(w->arena, d->unit_text);
    if (d->clause.len != 0) node->clause = str_dup(w->arena, d->clause);
    str source = d->source.len != 0 ? d->source : d->expr != NULL ? w->model->source : (str){"", 0};
    if (source.len != 0) node->source = str_dup(w->arena, source);
    node->value = value_at(w, d->reg, d->type, key);
    if (d->expr == NULL) {
        fill_input(w, node, d, key);
        return node;
    }
    node->expression = expression_text(w->arena, w->model, d->expr);
    struct children children = {0};
    walk_expr(w, d->expr, key, &children);
    node->children = children.list;
    node->child_count = children.count;
    return node;
}

const struct model_node *model_explain(struct arena *arena, const struct model_run *run,
                                       size_t entity, const char *output, str key)
{
    const struct definition *d = run_find(run, output);
    size_t at = 0;
    if (d == NULL || entity >= run->data->entity_count || (d->index == NULL) != (key.len == 0))
        return NULL;
    if (d->index != NULL) {
        uintptr_t known = (uintptr_t)map_get(&d->index->numbers, key);
        if (known == 0) return NULL;
        at = known - 1;
    }
    struct walk w = {.arena = arena, .run = run, .model = run->model, .entity = entity};
    map_init(&w.known, arena);
    w.frame = run_one(arena, run, entity);
    return explain_definition(&w, d, at);
}
