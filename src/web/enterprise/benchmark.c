#include "web/enterprise/benchmark.h"

#include <math.h>
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "report/report.h"
#include "web/enterprise/kit.h"
#include "web/shared/explain.h"

#define BENCHMARKS_MAX 12

/* The first number of a name (key cut off) anywhere in the tree. */
static const struct model_node *find_node(const struct model_node *node, const char *name,
                                          int depth)
{
    size_t len = strlen(name);
    if (strncmp(node->name, name, len) == 0 &&
        (node->name[len] == '\0' || node->name[len] == '[') && node->value.status == MODEL_OK &&
        node->value.type == MODEL_NUMBER)
        return node;
    for (size_t i = 0; depth < 40 && i < node->child_count; i++) {
        const struct model_node *found = find_node(node->children[i], name, depth + 1);
        if (found != NULL) return found;
    }
    return NULL;
}

static double number_in(const struct model_node *tree, const char *name)
{
    const struct model_node *node = find_node(tree, name, 0);
    return node != NULL ? node->value.number : NAN;
}

static const struct credit_reason *reason_of(const struct credit_rating *rating, const char *output)
{
    for (size_t i = 0; i < rating->reason_count; i++)
        if (strcmp(rating->reasons[i].output, output) == 0 && rating->reasons[i].known)
            return &rating->reasons[i];
    return NULL;
}

static const char *url_of(struct web *web, const struct credit_rating *rating,
                          const struct credit_reason *reason)
{
    struct buf *url = buf_new(web->arena);
    buf_printf(url, "/enterprise/report/explain/%s/%s/", kit_id(web, rating->rating_id),
               reason->model);
    html_put_url_part(url, str_from(reason->output));
    return str_dup(web->arena, buf_str(url));
}

/* energy_colour[key]: its tree holds the value and the levels it was compared with. */
static bool read_energy(struct db *db, struct web *web, const struct credit_rating *rating,
                        const struct credit_reason *reason, struct benchmark *b, struct error *err)
{
    static const char *const colours[] = {"", "red", "yellow", "light_green", "deep_green"};
    const struct model_node *tree;
    if (!credit_explain(db, web->arena, web->viewer, &web->app->credit, rating->org_id,
                        rating->rating_id, reason->model, reason->output, &tree, err))
        return false;
    const struct model_node *value = find_node(tree, "unit_energy", 0);
    if (value == NULL) return true;
    str name = str_from(explain_text(web, value->label));
    size_t at;
    if (str_find(name, web->lang == LANG_ZH ? STR("：") : STR(": "), &at))
        name = str_slice(name, at + (web->lang == LANG_ZH ? 3 : 2), name.len);
    const char *key = strchr(reason->output, '[');
    const struct credit_reason *over =
        reason_of(rating, kit_join(web, "energy_over", key != NULL ? key : ""));
    double grade1 = number_in(tree, "limit.grade1"),
           advanced = number_in(tree, "limit.level_advanced");
    int rank = (int)reason->value;
    *b = (struct benchmark){.name = str_dup(web->arena, name),
                            .unit = kit_unit(value->unit),
                            .value = value->value.number,
                            .advanced = isfinite(grade1) ? grade1 : advanced,
                            .baseline = number_in(tree, "limit.level_baseline"),
                            .limit = number_in(tree, "limit.limit"),
                            .colour = rank >= 1 && rank <= 4 ? colours[rank] : "",
                            .over = over != NULL && rank < 4 ? over->value : NAN,
                            .url = url_of(web, rating, reason)};
    return true;
}

/* power_intensity or clinker_carbon beside its benchmark. */
static void add_carbon(struct web *web, const struct credit_rating *rating, const char *value_name,
                       const char *benchmark_name, const char *over_name, const char *label_name,
                       struct benchmark *list, size_t *count)
{
    const struct credit_reason *value = reason_of(rating, value_name),
                               *base = reason_of(rating, benchmark_name),
                               *over = reason_of(rating, over_name),
                               *label = reason_of(rating, label_name);
    if (value == NULL || base == NULL || *count == BENCHMARKS_MAX) return;
    list[(*count)++] = (struct benchmark){.name = explain_text(web, value->label),
                                          .unit = kit_unit(value->unit),
                                          .value = value->value,
                                          .advanced = NAN,
                                          .baseline = base->value,
                                          .limit = NAN,
                                          .colour = label != NULL ? label->text : "",
                                          .over = over != NULL ? over->value : NAN,
                                          .url = url_of(web, rating, value)};
}

bool benchmark_read(struct db *db, struct web *web, id64 org_id, int year, struct benchmark **list,
                    size_t *count, struct error *err)
{
    struct credit_rating rating;
    bool found;
    *list = ARENA_NEW_ARRAY(web->arena, struct benchmark, BENCHMARKS_MAX);
    *count = 0;
    if (!credit_read_rating(db, web->arena, web->viewer, org_id, year, &rating, &found, err))
        return false;
    if (!found) return true;
    for (size_t i = 0; i < rating.reason_count && *count < BENCHMARKS_MAX; i++) {
        const struct credit_reason *reason = &rating.reasons[i];
        if (!reason->known || strncmp(reason->output, "energy_colour[", 14) != 0) continue;
        struct benchmark b = {0};
        if (!read_energy(db, web, &rating, reason, &b, err)) return false;
        if (b.name != NULL) (*list)[(*count)++] = b;
    }
    add_carbon(web, &rating, "power_intensity", "power_benchmark", "power_over", "power_label",
               *list, count);
    add_carbon(web, &rating, "clinker_carbon", "clinker_benchmark", "clinker_over", "clinker_label",
               *list, count);
    return true;
}

static void add_mark(struct chart_strip_row *row, const char *name, double value,
                     enum chart_mark_kind kind)
{
    if (!isfinite(value)) return;
    row->marks[row->marks_count++] = (struct chart_mark){str_from(name), value, kind};
}

html benchmark_charts(struct web *web, const struct benchmark *list, size_t count)
{
    struct buf *out = buf_new(web->arena);
    for (size_t i = 0; i < count; i++) {
        const struct benchmark *b = &list[i];
        struct chart_strip_row row = {.name = str_from(b->name), .self = b->value};
        add_mark(&row, tr(web->lang, TR_KEY("Advanced level")), b->advanced, MARK_ADVANCED);
        add_mark(&row, tr(web->lang, TR_KEY("Baseline level")), b->baseline, MARK_BASELINE);
        add_mark(&row, tr(web->lang, TR_KEY("Limit")), b->limit, MARK_LIMIT);
        struct chart_strip chart = {.title = str_from(b->name),
                                    .unit = str_from(b->unit),
                                    .self_name = str_from(tr(web->lang, TR_KEY("Own value"))),
                                    .rows = &row,
                                    .rows_count = 1,
                                    .decimals = 3};
        struct chart_look look = {760, 130, 12};
        html_put_html(out, kit_chart(web, chart_strip(web->arena, &chart, look, web->lang)));
    }
    return count == 0 ? HTML_EMPTY : html_from(out);
}
