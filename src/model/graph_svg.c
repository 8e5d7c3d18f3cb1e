/* The picture. Long edges pass through bends of their own in each layer between, so that they run
 * beside nodes and not across them. The order within a layer is found by the mean place of
 * neighbours, swept to and fro; the arrangement with the fewest crossings is kept. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "model/graph.h"

#define NODE_HEIGHT 38.0
#define BEND_HEIGHT 6.0
#define GAP 12.0
#define MARGIN 16.0
#define LEGEND_HEIGHT 48.0
#define LAYER_GAP 64.0
#define SWEEPS 12
#define LABEL_WIDTH_MAX 190.0

struct place {   /* a node, or a bend of a long edge */
    size_t node; /* SIZE_MAX: a bend */
    int layer;
    double rank;          /* while ordering */
    double y;             /* middle */
    size_t *left, *right; /* places that it is joined with in the layers beside */
    size_t left_count, right_count, left_capacity, right_capacity;
};
struct picture {
    struct arena *arena;
    const struct graph *graph;
    bool zh;
    struct place *places;
    size_t count, capacity;
    size_t **layers;
    size_t *sizes;
    size_t layer_count;
    size_t *place_of;   /* node → place */
    double *x, *widths; /* of each layer */
    double height;
    struct buf *out;
};

static double text_width(const char *text, double latin, double han)
{
    str s = str_from(text);
    double width = 0;
    for (size_t at = 0; at < s.len;) width += utf8_next(s, &at) < 0x2E80 ? latin : han;
    return width;
}

static const char *label_of(const struct picture *p, const struct graph_node *node)
{
    return p->zh ? node->label.zh : node->label.en;
}

static double node_width(const struct picture *p, const struct graph_node *node)
{
    double name = text_width(node->name, 7.4, 13), label = text_width(label_of(p, node), 6.0, 11.5);
    if (label > LABEL_WIDTH_MAX) label = LABEL_WIDTH_MAX;
    return (name > label ? name : label) + 20;
}

static size_t add_place(struct picture *p, size_t node, int layer)
{
    struct place *place = ARENA_PUSH(p->arena, p->places, p->count, p->capacity);
    *place = (struct place){.node = node, .layer = layer};
    return p->count - 1;
}

static void join(struct picture *p, size_t a, size_t b)
{
    struct place *x = &p->places[a], *y = &p->places[b];
    *ARENA_PUSH(p->arena, x->right, x->right_count, x->right_capacity) = b;
    *ARENA_PUSH(p->arena, y->left, y->left_count, y->left_capacity) = a;
}

static void make_places(struct picture *p)
{
    const struct graph *g = p->graph;
    p->place_of = ARENA_NEW_ARRAY(p->arena, size_t, g->count + 1);
    for (size_t i = 0; i < g->count; i++) {
        if (!g->nodes[i].kept) continue;
        p->place_of[i] = add_place(p, i, g->nodes[i].layer);
        if ((size_t)g->nodes[i].layer >= p->layer_count)
            p->layer_count = (size_t)g->nodes[i].layer + 1;
    }
    for (size_t i = 0; i < g->count; i++)
        for (size_t k = 0; g->nodes[i].kept && k < g->nodes[i].use_count; k++) {
            size_t used = g->nodes[i].uses[k], from = p->place_of[used];
            for (int layer = g->nodes[used].layer + 1; layer < g->nodes[i].layer; layer++) {
                size_t bend = add_place(p, SIZE_MAX, layer);
                join(p, from, bend);
                from = bend;
            }
            join(p, from, p->place_of[i]);
        }
    p->layers = ARENA_NEW_ARRAY(p->arena, size_t *, p->layer_count + 1);
    p->sizes = ARENA_NEW_ARRAY(p->arena, size_t, p->layer_count + 1);
    for (size_t l = 0; l < p->layer_count; l++)
        p->layers[l] = ARENA_NEW_ARRAY(p->arena, size_t, p->count + 1);
    for (size_t i = 0; i < p->count; i++) {
        size_t l = (size_t)p->places[i].layer;
        p->places[i].rank = (double)p->sizes[l];
        p->layers[l][p->sizes[l]++] = i;
    }
}

/* ---- order ------------------------------------------------------------------------------- */

static void number_layer(struct picture *p, size_t l)
{
    for (size_t i = 0; i < p->sizes[l]; i++) p->places[p->layers[l][i]].rank = (double)i;
}

static double mean_rank(const struct picture *p, const size_t *others, size_t count, double own)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += p->places[others[i]].rank;
    return count == 0 ? own : sum / (double)count;
}

/* A stable insertion by the mean rank of the neighbours on one side. */
static void order_layer(struct picture *p, size_t l, bool by_left)
{
    size_t *layer = p->layers[l];
    double *keys = ARENA_NEW_ARRAY(p->arena, double, p->sizes[l] + 1);
    for (size_t i = 0; i < p->sizes[l]; i++) {
        const struct place *place = &p->places[layer[i]];
        keys[i] = by_left ? mean_rank(p, place->left, place->left_count, place->rank)
                          : mean_rank(p, place->right, place->right_count, place->rank);
    }
    for (size_t i = 1; i < p->sizes[l]; i++) {
        size_t at = i, moved = layer[i];
        double key = keys[i];
        for (; at > 0 && keys[at - 1] > key; at--) {
            keys[at] = keys[at - 1];
            layer[at] = layer[at - 1];
        }
        keys[at] = key;
        layer[at] = moved;
    }
    number_layer(p, l);
}

static size_t crossings(const struct picture *p)
{
    size_t found = 0;
    for (size_t l = 0; l + 1 < p->layer_count; l++)
        for (size_t i = 0; i < p->sizes[l]; i++)
            for (size_t k = i + 1; k < p->sizes[l]; k++) {
                const struct place *a = &p->places[p->layers[l][i]],
                                   *b = &p->places[p->layers[l][k]];
                for (size_t x = 0; x < a->right_count; x++)
                    for (size_t y = 0; y < b->right_count; y++)
                        found += p->places[a->right[x]].rank > p->places[b->right[y]].rank;
            }
    return found;
}

static void order(struct picture *p)
{
    size_t **best = ARENA_NEW_ARRAY(p->arena, size_t *, p->layer_count + 1);
    size_t fewest = SIZE_MAX;
    for (size_t l = 0; l < p->layer_count; l++)
        best[l] = ARENA_NEW_ARRAY(p->arena, size_t, p->sizes[l] + 1);
    for (int sweep = 0; sweep <= SWEEPS; sweep++) {
        size_t found = crossings(p);
        if (found < fewest) {
            fewest = found;
            for (size_t l = 0; l < p->layer_count; l++)
                memcpy(best[l], p->layers[l], p->sizes[l] * sizeof **best);
        }
        for (size_t l = 0; l < p->layer_count; l++)
            order_layer(p, sweep % 2 == 0 ? l : p->layer_count - 1 - l, sweep % 2 == 0);
    }
    for (size_t l = 0; l < p->layer_count; l++) {
        memcpy(p->layers[l], best[l], p->sizes[l] * sizeof **best);
        number_layer(p, l);
    }
}

/* ---- places --------------------------------------------------------------------------------- */

static double half_height(const struct place *place)
{
    return (place->node == SIZE_MAX ? BEND_HEIGHT : NODE_HEIGHT) / 2;
}

static double apart(const struct picture *p, size_t l, size_t i)
{
    return half_height(&p->places[p->layers[l][i - 1]]) + GAP +
           half_height(&p->places[p->layers[l][i]]);
}

/* Towards the mean of the neighbours, keeping order and distance: the mean of the lowest and the
 * highest arrangement that the wishes allow. */
static void settle_layer(struct picture *p, size_t l, bool by_left)
{
    size_t n = p->sizes[l];
    double *wish = ARENA_NEW_ARRAY(p->arena, double, n + 1),
           *down = ARENA_NEW_ARRAY(p->arena, double, n + 1),
           *up = ARENA_NEW_ARRAY(p->arena, double, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct place *place = &p->places[p->layers[l][i]];
        const size_t *others = by_left ? place->left : place->right;
        size_t count = by_left ? place->left_count : place->right_count;
        wish[i] = count == 0 ? place->y : 0;
        for (size_t k = 0; k < count; k++) wish[i] += p->places[others[k]].y / (double)count;
    }
    for (size_t i = 0; i < n; i++) {
        down[i] = wish[i];
        if (i > 0 && down[i] < down[i - 1] + apart(p, l, i)) down[i] = down[i - 1] + apart(p, l, i);
    }
    for (size_t i = n; i-- > 0;) {
        up[i] = wish[i];
        if (i + 1 < n && up[i] > up[i + 1] - apart(p, l, i + 1))
            up[i] = up[i + 1] - apart(p, l, i + 1);
    }
    for (size_t i = 0; i < n; i++) p->places[p->layers[l][i]].y = (down[i] + up[i]) / 2;
}

static int compare_tops(const void *a, const void *b)
{
    const struct place *const *x = a, *const *y = b;
    double left = (*x)->y - half_height(*x), right = (*y)->y - half_height(*y);
    return (left > right) - (left < right);
}

/* Where no layer has anything for a while, what is below moves up. */
static void close_gaps(struct picture *p)
{
    struct place **by_top = ARENA_NEW_ARRAY(p->arena, struct place *, p->count + 1);
    for (size_t i = 0; i < p->count; i++) by_top[i] = &p->places[i];
    qsort(by_top, p->count, sizeof *by_top, compare_tops);
    double bottom = 0, moved = 0;
    for (size_t i = 0; i < p->count; i++) {
        double half = half_height(by_top[i]), free = by_top[i]->y - half - bottom;
        if (i > 0 && free > GAP) moved += free - GAP;
        if (i == 0 || by_top[i]->y + half > bottom) bottom = by_top[i]->y + half;
        by_top[i]->y -= moved;
    }
}

static void set_places(struct picture *p)
{
    p->x = ARENA_NEW_ARRAY(p->arena, double, p->layer_count + 1);
    p->widths = ARENA_NEW_ARRAY(p->arena, double, p->layer_count + 1);
    for (size_t l = 0; l < p->layer_count; l++) {
        double y = 0;
        for (size_t i = 0; i < p->sizes[l]; i++) {
            struct place *place = &p->places[p->layers[l][i]];
            y += i == 0 ? 0 : apart(p, l, i);
            place->y = y;
            if (place->node == SIZE_MAX) continue;
            double width = node_width(p, &p->graph->nodes[place->node]);
            if (width > p->widths[l]) p->widths[l] = width;
        }
        p->x[l] = l == 0 ? MARGIN : p->x[l - 1] + p->widths[l - 1] + LAYER_GAP;
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (size_t l = 0; l < p->layer_count; l++)
            settle_layer(p, sweep % 2 == 0 ? l : p->layer_count - 1 - l, sweep % 2 == 0);
    close_gaps(p);
    double top = 1e9, bottom = -1e9;
    for (size_t i = 0; i < p->count; i++) {
        double half = half_height(&p->places[i]);
        if (p->places[i].y - half < top) top = p->places[i].y - half;
        if (p->places[i].y + half > bottom) bottom = p->places[i].y + half;
    }
    for (size_t i = 0; i < p->count; i++) p->places[i].y += LEGEND_HEIGHT + MARGIN - top;
    p->height =
        p->count == 0 ? 2 * MARGIN + LEGEND_HEIGHT : bottom - top + LEGEND_HEIGHT + 2 * MARGIN;
}

/* ---- drawing ------------------------------------------------------------------------------- */

static void put_html(struct picture *p, const char *text)
{
    buf_html(p->out, str_from(text));
}

static void put_short(struct picture *p, const char *text, double width_max)
{
    str s = str_from(text);
    double width = 0;
    size_t at = 0, end = 0;
    if (text_width(text, 6.0, 11.5) <= width_max) {
        put_html(p, text);
        return;
    }
    while (at < s.len) {
        width += utf8_next(s, &at) < 0x2E80 ? 6.0 : 11.5;
        if (width > width_max - 10) break;
        end = at;
    }
    buf_html(p->out, str_slice(s, 0, end));
    buf_puts(p->out, "…");
}

static const char *const kind_words[] = {"input", "table", "model",  "const",
                                         "let",   "out",   "require"};

static void draw_node(struct picture *p, const struct place *place)
{
    const struct graph_node *node = &p->graph->nodes[place->node];
    double x = p->x[place->layer], width = p->widths[place->layer];
    const char *label = label_of(p, node);
    buf_printf(p->out, "<g class=\"%s\"><title>", kind_words[node->kind]);
    put_html(p, node->name);
    if (node->unit != NULL) buf_puts(p->out, " : ");
    if (node->unit != NULL) put_html(p, node->unit);
    if (node->formula != NULL) buf_puts(p->out, node->kind == GRAPH_TABLE ? "\n" : " = ");
    if (node->formula != NULL) put_html(p, node->formula);
    if (label[0] != '\0' && node->kind != GRAPH_TABLE) {
        buf_puts(p->out, "\n");
        put_html(p, label);
    }
    if (node->clause != NULL) {
        buf_puts(p->out, p->zh ? "\n条款 " : "\nclause ");
        put_html(p, node->clause);
    }
    buf_printf(p->out,
               "</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%d\"/>", x,
               place->y - NODE_HEIGHT / 2, width, NODE_HEIGHT,
               node->kind == GRAPH_OUT || node->kind == GRAPH_REQUIRE ? 14 : 4);
    buf_printf(p->out, "<text class=\"n\" x=\"%.1f\" y=\"%.1f\">", x + 10,
               place->y + (label[0] == '\0' ? 4 : -3));
    put_html(p, node->name);
    buf_puts(p->out, "</text>");
    if (label[0] != '\0') {
        buf_printf(p->out, "<text class=\"l\" x=\"%.1f\" y=\"%.1f\">", x + 10, place->y + 12);
        put_short(p, label, width - 18);
        buf_puts(p->out, "</text>");
    }
    buf_puts(p->out, "</g>\n");
}

/* From a node's right side through its bends to each node that uses it. */
static void draw_edge(struct picture *p, const struct place *from, size_t to)
{
    double x = p->x[from->layer] + p->widths[from->layer];
    buf_printf(p->out, "<path d=\"M%.1f %.1f", x, from->y);
    for (double y = from->y;;) {
        const struct place *next = &p->places[to];
        double end = p->x[next->layer], bow = (end - x) / 2;
        bool bend = next->node == SIZE_MAX;
        buf_printf(p->out, "C%.1f %.1f %.1f %.1f %.1f %.1f", x + bow, y, end - bow, next->y,
                   bend ? end : end - 5, next->y);
        if (!bend) break;
        x = end + p->widths[next->layer];
        y = next->y;
        buf_printf(p->out, "H%.1f", x);
        to = next->right[0];
    }
    buf_puts(p->out, "\" marker-end=\"url(#a)\"/>\n");
}

static void draw_legend(struct picture *p)
{
    static const char *const en[] = {"Input", "Table",  "Other model", "Constant",
                                     "Step",  "Output", "Requirement"};
    static const char *const zh[] = {"输入", "因子表", "其他模型", "常数", "步骤", "输出", "条件"};
    double x = MARGIN;
    for (int kind = 0; kind < 7; kind++) {
        bool any = false;
        for (size_t i = 0; i < p->graph->count; i++)
            any = any || (p->graph->nodes[i].kept && (int)p->graph->nodes[i].kind == kind);
        if (!any) continue;
        buf_printf(
            p->out,
            "<g class=\"%s\"><rect x=\"%.1f\" y=\"34\" width=\"14\" height=\"14\" rx=\"%d\"/>"
            "<text class=\"l\" x=\"%.1f\" y=\"45\">%s</text></g>\n",
            kind_words[kind], x, kind >= GRAPH_OUT ? 7 : 3, x + 20, p->zh ? zh[kind] : en[kind]);
        x += 40 + text_width(p->zh ? zh[kind] : en[kind], 6.0, 11.5);
    }
}

static const char style[] =
    "svg{background:#fff;color-scheme:light dark}"
    "text{font-family:\"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK "
    "SC\",sans-serif;fill:#1d2733}"
    ".h{font-size:15px;font-weight:600}"
    ".n{font:600 12px ui-monospace,Consolas,\"DejaVu Sans Mono\",monospace}"
    ".l{font-size:11px;fill:#51606f}"
    "rect{stroke-width:1.2}"
    ".input rect{fill:#e8f1fb;stroke:#2f6fb2}.table rect{fill:#f4ecdc;stroke:#a07a2c}.model "
    "rect{fill:#ece8f7;stroke:#6a55a8}"
    ".const rect{fill:#f2f3f5;stroke:#7b8794}.let rect{fill:#fff;stroke:#7b8794}"
    ".out rect{fill:#e3f3e8;stroke:#2a7d46}.require rect{fill:#f7e8ef;stroke:#a8416f}"
    "path{fill:none;stroke:#9aa7b4;stroke-width:1.1}marker path{fill:#9aa7b4;stroke:none}"
    "g:hover rect{stroke-width:2.4}"
    "@media(prefers-color-scheme:dark){svg{background:#14191f}text{fill:#e6ebf0}.l{fill:#a9b5c1}"
    ".input rect{fill:#16304b}.table rect{fill:#3b301a}.model rect{fill:#2b2344}.const "
    "rect{fill:#262c33}.let "
    "rect{fill:#1b2128}"
    ".out rect{fill:#17382444}.require rect{fill:#3d1f2d}path{stroke:#55626f}"
    "marker path{fill:#55626f}}"
    "@media print{svg{background:none}}";

char *graph_svg(struct arena *arena, const struct model *model, const struct graph *graph, bool zh)
{
    struct picture p = {.arena = arena, .graph = graph, .zh = zh, .out = buf_new(arena)};
    const struct model_info *info = model_info(model);
    const char *title = zh ? info->title.zh : info->title.en;
    make_places(&p);
    order(&p);
    set_places(&p);
    double width = p.layer_count == 0
                       ? 2 * MARGIN
                       : p.x[p.layer_count - 1] + p.widths[p.layer_count - 1] + MARGIN;
    if (width < 480) width = 480;
    buf_printf(
        p.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" lang=\"%s\" role=\"img\" "
        "aria-labelledby=\"t d\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\">\n",
        zh ? "zh-CN" : "en", width, p.height, width, p.height);
    buf_puts(p.out, "<title id=\"t\">");
    put_html(&p, title);
    buf_puts(p.out, zh ? " 计算关系图</title>\n<desc id=\"d\">"
                       : ": what is computed from what</title>\n<desc id=\"d\">");
    put_html(&p, info->name);
    buf_printf(p.out, " %s</desc>\n<style>%s</style>\n", info->version, style);
    buf_puts(p.out, "<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"3\" refY=\"4\" "
                    "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
                    "<path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n");
    buf_printf(p.out, "<text class=\"h\" x=\"%.0f\" y=\"22\">", MARGIN);
    put_html(&p, title);
    buf_puts(p.out, "</text>\n");
    draw_legend(&p);
    for (size_t i = 0; i < p.count; i++)
        for (size_t k = 0; p.places[i].node != SIZE_MAX && k < p.places[i].right_count; k++)
            draw_edge(&p, &p.places[i], p.places[i].right[k]);
    for (size_t i = 0; i < p.count; i++)
        if (p.places[i].node != SIZE_MAX) draw_node(&p, &p.places[i]);
    buf_puts(p.out, "</svg>\n");
    return str_dup(arena, buf_str(p.out));
}

static void put_pair(struct buf *out, const char *key, const char *text)
{
    buf_printf(out, ",\"%s\":", key);
    if (text == NULL || text[0] == '\0')
        buf_puts(out, "null");
    else
        buf_json_string(out, str_from(text));
}

char *graph_json(struct arena *arena, const struct graph *graph)
{
    struct buf *out = buf_new(arena);
    bool first = true;
    buf_puts(out, "[");
    for (size_t i = 0; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        if (!node->kept) continue;
        buf_printf(out, "%s\n{\"kind\":\"%s\"", first ? "" : ",", kind_words[node->kind]);
        first = false;
        put_pair(out, "label", node->label.en);
        put_pair(out, "label_zh", node->label.zh);
        buf_printf(out, ",\"layer\":%d", node->layer);
        put_pair(out, "name", node->name);
        put_pair(out, "unit", node->unit);
        buf_puts(out, ",\"uses\":[");
        for (size_t k = 0; k < node->use_count; k++) {
            if (k > 0) buf_putc(out, ',');
            buf_json_string(out, str_from(graph->nodes[node->uses[k]].name));
        }
        buf_puts(out, "]}");
    }
    buf_puts(out, "\n]\n");
    return str_dup(arena, buf_str(out));
}
