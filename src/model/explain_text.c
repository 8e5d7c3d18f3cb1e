/* Explanations as canonical JSON (keys sorted, no blanks, RFC 8785 numbers) and as indented text.
 * A part used twice is written twice, up to a limit of nodes in all; where it
 * is reached, how many parts are left out is said. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "model/program.h"

#define NODES_WRITTEN_MAX 20000

static const char *kind_name(enum model_node_kind kind)
{
    static const char *const names[] = {"formula",  "input",   "default", "factor",
                                        "constant", "missing", "key"};
    return names[kind];
}

static void put_pair(struct buf *out, const char *key, const char *value)
{
    if (value == NULL) return;
    buf_json_string(out, str_from(key));
    buf_putc(out, ':');
    buf_json_string(out, str_from(value));
    buf_putc(out, ',');
}

static void put_facts(struct buf *out, const struct model_node *node)
{
    if (node->row_fact_count == 0) return;
    const struct model_meta *sorted[32];
    size_t count = 0;
    for (size_t i = 0; i < node->row_fact_count && count < ARRAY_LEN(sorted); i++) {
        size_t at = count++;
        for (; at > 0 && strcmp(sorted[at - 1]->key, node->row_facts[i].key) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = &node->row_facts[i];
    }
    buf_puts(out, "\"row_facts\":{");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) buf_putc(out, ',');
        buf_json_string(out, str_from(sorted[i]->key));
        buf_putc(out, ':');
        buf_json_string(out, str_from(sorted[i]->value.en));
    }
    buf_puts(out, "},");
}

static void put_value(struct buf *out, const struct model_value *value)
{
    buf_puts(out, "\"value\":");
    if (value->status != MODEL_OK)
        buf_puts(out, "null");
    else if (value->text != NULL)
        buf_json_string(out, str_from(value->text));
    else if (value->type == MODEL_FLAG)
        buf_puts(out, value->number != 0 ? "true" : "false");
    else if (value->type == MODEL_DATE) {
        char text[DATE_TEXT_MAX];
        date_format((date){(int32_t)value->number}, text);
        buf_json_string(out, str_from(text));
    } else
        buf_json_number(out, value->number);
}

static void put_json(struct buf *out, const struct model_node *node, size_t *left)
{
    buf_puts(out, "{\"children\":[");
    size_t told = 0;
    for (; told<node->child_count && * left> 0; told++) {
        (*left)--;
        if (told > 0) buf_putc(out, ',');
        put_json(out, node->children[told], left);
    }
    buf_puts(out, "],");
    put_pair(out, "clause", node->clause);
    put_pair(out, "expression", node->expression);
    put_pair(out, "kind", kind_name(node->kind));
    put_pair(out, "label", node->label.en);
    put_pair(out, "label_zh", node->label.zh);
    if (told < node->child_count) buf_printf(out, "\"left_out\":%zu,", node->child_count - told);
    put_pair(out, "name", node->name);
    if (node->origin != 0) buf_printf(out, "\"origin\":\"%lld\",", (long long)node->origin);
    put_pair(out, "row", node->row);
    put_facts(out, node);
    put_pair(out, "source", node->source);
    put_pair(out, "status", model_status_name(node->value.status));
    put_pair(out, "table", node->table);
    put_pair(out, "unit", node->unit);
    put_value(out, &node->value);
    buf_putc(out, '}');
}

char *model_explain_json(struct arena *arena, const struct model_node *node)
{
    struct buf *out = buf_new(arena);
    size_t left = NODES_WRITTEN_MAX;
    put_json(out, node, &left);
    return str_dup(arena, buf_str(out));
}

const char *status_text(enum model_status status, bool zh)
{
    static const char *const names[] = {"正常",     "缺失",       "除数为零", "溢出",
                                        "无法取值", "表中无此行", "表中多行"};
    return zh && (size_t)status < ARRAY_LEN(names) ? names[status] : model_status_name(status);
}

static void put_text(struct buf *out, const struct model_node *node, bool zh, int depth,
                     size_t *left)
{
    const struct model_value *value = &node->value;
    char number[NUM_TEXT_MAX];
    const char *label = zh ? node->label.zh : node->label.en;
    buf_printf(out, "%*s%s", depth * 2, "", node->name);
    if (label != NULL && strcmp(label, node->name) != 0)
        buf_printf(out, zh ? "（%s）" : " (%s)", label);
    buf_puts(out, " = ");
    if (value->status != MODEL_OK) {
        buf_puts(out, status_text(value->status, zh));
    } else if (value->text != NULL) {
        buf_puts(out, value->text);
    } else if (value->type == MODEL_FLAG) {
        buf_puts(out, value->number != 0 ? (zh ? "是" : "true") : zh ? "否" : "false");
    } else {
        if (value->type == MODEL_DATE)
            date_format((date){(int32_t)value->number}, number);
        else
            num_format(value->number, number);
        buf_puts(out, number);
        if (node->unit != NULL && strcmp(node->unit, "1") != 0) buf_printf(out, " %s", node->unit);
    }
    if (node->kind == MODEL_NODE_DEFAULT) buf_puts(out, zh ? "  [缺省值]" : "  [default]");
    if (node->expression != NULL) buf_printf(out, "  <- %s", node->expression);
    if (node->clause != NULL) buf_printf(out, "  {%s}", node->clause);
    buf_putc(out, '\n');
    if (node->table != NULL) {
        buf_printf(out, "%*s| %s", depth * 2, "", node->table);
        if (node->row != NULL) buf_printf(out, " [%s]", node->row);
        for (size_t i = 0; i < node->row_fact_count; i++)
            buf_printf(out, "; %s: %s", node->row_facts[i].key,
                       zh ? node->row_facts[i].value.zh : node->row_facts[i].value.en);
        buf_putc(out, '\n');
    }
    size_t told = 0;
    for (; told<node->child_count && * left> 0; told++) {
        (*left)--;
        put_text(out, node->children[told], zh, depth + 1, left);
    }
    if (told < node->child_count)
        buf_printf(out,
                   zh ? "%*s… 另有%zu项未列出：说明以%d个节点为限\n"
                      : "%*s... %zu more parts left out: an explanation has at most %d nodes\n",
                   depth * 2 + 2, "", node->child_count - told, NODES_WRITTEN_MAX);
}

char *model_explain_text(struct arena *arena, const struct model_node *node, bool zh)
{
    struct buf *out = buf_new(arena);
    size_t left = NODES_WRITTEN_MAX;
    put_text(out, node, zh, 0, &left);
    return str_dup(arena, buf_str(out));
}
