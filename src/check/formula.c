/* Rules written as models of kind `check`: run for each month of the year over the month's data and
 * a few facts of the month. A model's output `result` is pass, warn or fail, its output `deviation`
 * the relative difference. Its metas: `rule` (id in the thresholds' table) and `finding` (sentence
 * with {0} the deviation, zh beside it). */
#include <math.h>
#include <string.h>

#include "base/map.h"
#include "check/rules.h"

/* The days that the bill of a month covers: from the reading day of the month before to the day
 * before this month's (抄表例日). A meter read at the first hour of a month's first day, or without
 * a reading day, is billed by calendar month: its bill carries the name of the month that it
 * measures. */
static struct account_period billed_days(int32_t month, int reading_day)
{
    struct account_period days = account_month(month);
    if (reading_day <= 1) return days;
    days.first.day = month_first_day(month - 1).day + reading_day - 1;
    days.last.day = month_first_day(month).day + reading_day - 2;
    return days;
}

/* What the plant's main meters say of the month's bill. Not known unless every one of them has all
 * its readings: a gap, or a meter left out, would look like fraud. */
static bool metered_of_month(struct checking *checking, int32_t month, double *mwh, bool *known,
                             struct error *err)
{
    struct registry_asset *assets;
    size_t count;
    *known = false;
    *mwh = 0;
    if (!registry_list_assets(checking->db, checking->arena, checking->org_id, &assets, &count,
                              err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (assets[i].settlement || !registry_is_main_meter(assets, count, &assets[i])) continue;
        struct account_period period = billed_days(month, assets[i].reading_day);
        struct meter_day *days;
        size_t used;
        if (!meter_read_days(checking->db, checking->viewer, checking->org_id, assets[i].asset_id,
                             period.first, period.last, 0, &days, &used, err))
            return false;
        *known = used == (size_t)(period.last.day - period.first.day + 1);
        for (size_t d = 0; d < used && *known; d++) {
            *known = days[d].count == days[d].expected;
            *mwh += (double)days[d].sum_wh / 1e6;
        }
        if (!*known) return true;
    }
    return true;
}

static bool has_key(const struct model_input *input, const char *key)
{
    if (input->index == NULL) return key[0] == '\0';
    for (size_t i = 0; i < input->key_count; i++)
        if (strcmp(input->keys[i].id, key) == 0) return true;
    return false;
}

/* The data of an input of one month, under the name that the rule has for it. */
static bool set_data(struct checking *checking, struct model_data *data,
                     const struct model_input *input, const char *name,
                     struct account_period period, bool *any, struct error *err)
{
    for (size_t d = 0; d < checking->data_count; d++) {
        const struct account_datum *datum = &checking->data[d];
        if (!account_period_equal(datum->period, period) || strcmp(datum->input, name) != 0)
            continue;
        if (!has_key(input, datum->key)) continue; /* a fuel that the rule does not look at */
        if (!model_data_set(data, 0, str_from(input->name), str_from(datum->key), datum->value,
                            str_from(datum->unit), datum->datum_id, err))
            return false;
        *any = true;
    }
    return true;
}

static bool set_fact(struct checking *checking, struct model_data *data,
                     const struct model_input *input, struct account_period period,
                     struct error *err)
{
    static const char before[] = "month_before.";
    double mwh;
    bool known;
    char text[DATE_TEXT_MAX];
    if (strcmp(input->from, "meter.electricity") == 0) {
        if (!metered_of_month(checking, month_of(period.first), &mwh, &known, err)) return false;
        return !known ||
               model_data_set(data, 0, str_from(input->name), STR(""), mwh, STR("MWh"), 0, err);
    }
    if (strcmp(input->from, "period.end") == 0) {
        date_format(period.last, text);
        return model_data_set_text(data, 0, str_from(input->name), STR(""), str_from(text), 0, err);
    }
    bool ignored;
    if (str_starts(str_from(input->from), before))
        return set_data(checking, data, input, input->from + strlen(before),
                        account_month(month_of(period.first) - 1), &ignored, err);
    return true; /* a fact that months don't have stays missing */
}

static bool fill_month(struct checking *checking, const struct model_info *info,
                       struct model_data *data, struct account_period period, bool *any,
                       struct error *err)
{
    for (size_t i = 0; i < info->input_count; i++) {
        const struct model_input *input = &info->inputs[i];
        if (input->from != NULL) {
            if (!set_fact(checking, data, input, period, err)) return false;
            continue;
        }
        if (!set_data(checking, data, input, input->name, period, any, err)) return false;
    }
    return true;
}

/* A value that is already told is not told twice; a step that is a datum itself becomes it. */
static bool is_told(struct outcome *outcome, const struct model_node *node, const char *source)
{
    for (size_t i = 0; i < outcome->evidence_count; i++) {
        struct check_evidence *told = &outcome->evidence[i];
        if (strcmp(told->name.en, node->label.en) != 0 || told->value != node->value.number)
            continue;
        if (told->datum_id != 0 || node->origin == 0) return true;
        told->datum_id = node->origin;
        told->source = source;
        return true;
    }
    return false;
}

static void add_leaves(struct checking *checking, struct outcome *outcome,
                       const struct model_node *node, const char *factor, int depth,
                       struct map *seen)
{
    if (depth > 40 || outcome->evidence_count >= 24) return;
    /* A part that several use is one node: its leaves are told by its first user. */
    const struct model_node **place = arena_copy(checking->arena, &node, sizeof node);
    str key = {(const char *)place, sizeof *place};
    if (map_has(seen, key)) return;
    map_put(seen, key, (void *)place);
    if (node->kind == MODEL_NODE_INPUT || node->kind == MODEL_NODE_FACTOR) {
        const char *source = node->kind == MODEL_NODE_FACTOR ? factor : "datum";
        if (is_told(outcome, node, source)) return;
        if (node->value.status == MODEL_OK && node->value.type == MODEL_NUMBER)
            outcome_evidence(checking, outcome, node->label, node->value.number,
                             node->unit != NULL ? node->unit : "", source, node->origin);
    }
    for (size_t i = 0; i < node->child_count; i++)
        add_leaves(checking, outcome, node->children[i], factor, depth + 1, seen);
}

/* The values that a rule compared: what the explanation's leaves are. */
void outcome_leaves(struct checking *checking, struct outcome *outcome,
                    const struct model_node *node, const char *factor)
{
    struct map seen;
    map_init(&seen, checking->arena);
    add_leaves(checking, outcome, node, factor, 0, &seen);
}

static const char *missing_inputs(struct checking *checking, const struct model_run *run)
{
    const struct model_note *notes;
    size_t count = model_run_notes(checking->arena, run, 0, &notes);
    struct buf *out = buf_new(checking->arena);
    for (size_t i = 0; i < count; i++)
        if (notes[i].kind == MODEL_NOTE_MISSING)
            buf_printf(out, "%s%s", out->len == 0 ? "" : ", ", notes[i].input);
    return out->len == 0 ? "no data to compare" : out->ptr;
}

static bool judge_month(struct checking *checking, const struct model *model,
                        const struct check_rule *rule, struct account_period period,
                        struct error *err)
{
    static const struct model_run_options options = {.threads = 1};
    struct model_data *data = model_data_new(checking->arena, model, 1);
    bool any = false, present = false;
    if (!fill_month(checking, model_info(model), data, period, &any, err)) return false;
    if (!any) return true; /* nothing of this month concerns the rule */
    struct model_run *run = model_run(checking->arena, model, data, &options, err);
    if (run == NULL) return false;
    struct model_value result = model_run_value(run, 0, "result", STR(""), &present);
    if (result.status != MODEL_OK || result.text == NULL) {
        checking_add(checking, rule, CHECK_NOT_POSSIBLE, period)->reason =
            missing_inputs(checking, run);
        return true;
    }
    enum check_result verdict = strcmp(result.text, "fail") == 0   ? CHECK_FAIL
                                : strcmp(result.text, "warn") == 0 ? CHECK_WARN
                                                                   : CHECK_PASS;
    struct outcome *outcome = checking_add(checking, rule, verdict, period);
    struct model_value deviation = model_run_value(run, 0, "deviation", STR(""), &present);
    if (deviation.status == MODEL_OK && present) outcome->delta = deviation.number;
    const char *finding = model_meta(model, "finding", false);
    outcome->message = finding != NULL ? finding : "The values disagree by {0}.";
    outcome->args[outcome->arg_count++] = checking_percent(checking, outcome->delta);
    if (verdict == CHECK_PASS) return true;
    const struct model_node *tree = model_explain(checking->arena, run, 0, "deviation", STR(""));
    if (tree != NULL) outcome_leaves(checking, outcome, tree, "threshold");
    return true;
}

bool checking_run_models(struct checking *checking, struct error *err)
{
    const struct model **models;
    size_t count;
    if (!account_list_models(checking->db, checking->arena, checking->rules, checking->org_id,
                             checking->year, "check", &models, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *id = model_meta(models[i], "rule", false);
        const struct check_rule *rule = id == NULL ? NULL : check_find_rule(checking->checks, id);
        if (rule == NULL) continue;
        for (int month = 1; month <= 12; month++) {
            struct account_period period = account_month(month_make(checking->year, month));
            if (period.first.day > checking->today.day) break;
            if (!judge_month(checking, models[i], rule, period, err)) return false;
        }
    }
    return true;
}

/* The Chinese of a sentence of this model, NULL when it is not one of its own. */
static const char *own_chinese(const struct model *model, const char *text)
{
    const char *english = model_meta(model, "finding", false);
    const struct model_info *info = model_info(model);
    if (english != NULL && strcmp(english, text) == 0) return model_meta(model, "finding", true);
    for (size_t i = 0; i < info->requirement_count; i++)
        if (strcmp(info->requirements[i].help.en, text) == 0) return info->requirements[i].help.zh;
    return NULL;
}

const char *check_sentence(enum lang lang, const struct model_library *library, const char *text)
{
    for (size_t i = 0; lang == LANG_ZH && i < model_library_count(library); i++) {
        const char *chinese = own_chinese(model_library_at(library, i), text);
        if (chinese != NULL) return chinese;
    }
    return tr(lang, text);
}
