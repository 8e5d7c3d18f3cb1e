#include "credit/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

/* An effect is looked at for a change of a tenth of the input, in both directions. */
#define EFFECT_STEP 0.1
#define IMPROVEMENTS_MAX 5

static void put_output(struct account_facts *facts, const struct model_info *info,
                       const struct model_output *output, const struct model_value *value)
{
    const char *name = arena_printf(facts->arena, "%s.%s", info->kind, output->name);
    const char *provenance =
        arena_printf(facts->arena, "%s %s, output %s", info->name, info->version, output->name);
    if (value->type == MODEL_NUMBER)
        account_put_number(facts, name, value->number, output->unit, provenance, 0);
    else if (value->type == MODEL_FLAG)
        account_put_text(facts, name, MODEL_FLAG, value->number != 0 ? "true" : "false", provenance,
                         0);
    else
        account_put_text(facts, name, value->type, value->text, provenance, 0);
}

static bool judge_with(struct db *db, struct arena *arena, const struct viewer *viewer,
                       const struct model *model, struct account_facts *facts, struct judge *judge,
                       struct error *err)
{
    static const struct model_run_options options = {.threads = 1};
    const struct model_info *info = model_info(model);
    struct model_data *data = model_data_new(arena, model, 1);
    struct account_bindings given;
    if (!account_bind_facts(db, viewer, model, facts, &given, err) ||
        !account_bind_apply(&given, model, data, 0, err))
        return false;
    struct model_run *run = model_run(arena, model, data, &options, err);
    if (run == NULL) return false;
    for (size_t i = 0; i < info->output_count; i++) {
        bool present = false;
        if (info->outputs[i].index != NULL) continue;
        struct model_value value =
            model_run_value(run, 0, info->outputs[i].name, STR(""), &present);
        if (value.status == MODEL_OK && present) put_output(facts, info, &info->outputs[i], &value);
    }
    *ARENA_PUSH(arena, judge->steps, judge->count, judge->capacity) =
        (struct judge_step){model, run, given};
    digest inputs = model_data_digest(data);
    const str parts[] = {{(const char *)judge->digest.bytes, DIGEST_BYTES},
                         {(const char *)info->model_digest.bytes, DIGEST_BYTES},
                         {(const char *)info->tables_digest.bytes, DIGEST_BYTES},
                         {(const char *)inputs.bytes, DIGEST_BYTES}};
    judge->digest = digest_of_parts(parts, ARRAY_LEN(parts));
    return true;
}

bool judge_facts(struct db *db, struct arena *arena, const struct viewer *viewer,
                 const struct credit_rules *rules, struct account_facts *facts, struct judge *judge,
                 struct error *err)
{
    static const char *const kinds[] = {"indicator", "confidence", "label", "grade"};
    struct account_method method;
    *judge = (struct judge){0};
    if (!account_choose_method(db, arena, rules->account, facts->org_id, facts->year, "method",
                               &method, err))
        return false;
    judge->method = method.model;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        const struct model **models;
        size_t count;
        if (!account_list_models(db, arena, rules->account, facts->org_id, facts->year, kinds[k],
                                 &models, &count, err))
            return false;
        for (size_t i = 0; i < count; i++)
            if (!judge_with(db, arena, viewer, models[i], facts, judge, err)) return false;
    }
    return true;
}

bool judge_read_facts(struct db *db, struct arena *arena, const struct viewer *viewer,
                      const struct credit_rules *rules, const struct account_facts_query *query,
                      struct account_facts *facts, struct error *err)
{
    return account_read_facts(db, arena, viewer, rules->account, query, facts, err) &&
           check_put_facts(db, viewer, rules->checks, rules->flows, facts, err);
}

/* ---- what a rating says ---- */

/* An output in "(t CO2e)/limit.unit" has the unit of each key's row. */
static const char *unit_of(struct arena *arena, const struct model_output *output, size_t key)
{
    const char *unit = output->unit != NULL ? output->unit : "";
    size_t at;
    if (output->index == NULL || output->keys[key].unit == NULL) return unit;
    str row = str_from(arena_printf(arena, "%s.unit", output->index)), whole = str_from(unit);
    if (!str_find(whole, row, &at)) return unit;
    return arena_printf(arena, "%.*s%s%.*s", (int)at, unit, output->keys[key].unit,
                        STR_ARG(str_slice(whole, at + row.len, whole.len)));
}

static void add_reasons(struct arena *arena, const struct judge_step *step,
                        struct credit_rating *rating, size_t *capacity)
{
    const struct model_info *info = model_info(step->model);
    struct credit_reason *list = (struct credit_reason *)rating->reasons;
    for (size_t i = 0; i < info->output_count; i++) {
        const struct model_output *output = &info->outputs[i];
        size_t keys = output->index != NULL ? output->key_count : 1;
        for (size_t k = 0; k < keys; k++) {
            bool present = false;
            str key = output->index != NULL ? str_from(output->keys[k].id) : STR("");
            struct model_value value = model_run_value(step->run, 0, output->name, key, &present);
            if (output->index != NULL && !present) continue;
            struct model_text label = output->label;
            if (output->index != NULL) {
                label.en =
                    arena_printf(arena, "%s: %s", output->label.en, output->keys[k].label.en);
                label.zh =
                    arena_printf(arena, "%s：%s", output->label.zh, output->keys[k].label.zh);
            }
            bool known = value.status == MODEL_OK && present;
            if (output->index != NULL && !known)
                continue; /* a key that the enterprise doesn't have */
            const char *text =
                value.type == MODEL_FLAG ? (value.number != 0 ? "true" : "false") : value.text;
            *ARENA_PUSH(arena, list, rating->reason_count, *capacity) = (struct credit_reason){
                .model = info->name,
                .output = key.len == 0
                              ? output->name
                              : arena_printf(arena, "%s[%.*s]", output->name, STR_ARG(key)),
                .label = label,
                .known = known,
                .type = output->type,
                .value = value.number,
                .unit = unit_of(arena, output, k),
                .text = known && value.type != MODEL_NUMBER ? text : NULL};
        }
    }
    rating->reasons = list;
}

static const struct model_input *find_input(const struct model_info *info, const char *name)
{
    for (size_t i = 0; i < info->input_count; i++)
        if (strcmp(info->inputs[i].name, name) == 0) return &info->inputs[i];
    return NULL;
}

/* The lists that models write in a meta: blanks between. */
static bool in_list(const char *list, const char *name)
{
    str rest = str_from(list), word;
    while (str_cut(&rest, ' ', &word))
        if (str_is(word, name)) return true;
    return false;
}

/* Whether the enterprise's kind of work has the fact at all: a mill posts no clinker, who is
 * outside the carbon market surrenders nothing. */
static bool has_fact(const struct judge *judge, const struct account_facts *facts, const char *fact)
{
    if (strcmp(fact, "production.main") != 0 && str_starts(str_from(fact), "production."))
        return judge->method != NULL && account_model_posts(judge->method, "production", "product",
                                                            fact + strlen("production."));
    const struct account_fact *known = account_find_fact(facts, fact);
    return known == NULL || known->type != MODEL_FLAG || strcmp(known->text, "true") == 0;
}

/* `meta only_with_<input> "fact"`: the input is asked of those only who have the fact. */
static bool is_asked(const struct judge *judge, const struct account_facts *facts,
                     const struct model *model, const struct model_input *input)
{
    const char *fact =
        model_meta(model, arena_printf(facts->arena, "only_with_%s", input->name), false);
    if (fact == NULL) fact = input->from;
    return fact == NULL || has_fact(judge, facts, fact);
}

/* What other judgements give is not told twice: their own missing inputs are; peers are the
 * platform's. */
static bool is_told_elsewhere(const char *fact)
{
    static const char *const prefixes[] = {"indicator.", "confidence.", "label.",
                                           "grade.",     "check.",      "peer."};
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (str_starts(str_from(fact), prefixes[i])) return true;
    return false;
}

struct telling {
    struct arena *arena;
    const struct judge *judge;
    const struct account_facts *facts;
    struct map told;
    struct credit_rating *rating;
    size_t capacity;
};

static const struct model_output *find_output(const struct model_info *info, const char *name)
{
    for (size_t i = 0; i < info->output_count && name != NULL; i++)
        if (strcmp(info->outputs[i].name, name) == 0) return &info->outputs[i];
    return NULL;
}

static void tell_missing(struct telling *telling, const struct model *model,
                         const struct model_input *input, const char *affects)
{
    const char *name = input->from != NULL ? input->from : input->name;
    struct credit_missing *list = (struct credit_missing *)telling->rating->missing;
    const struct model_output *output = find_output(model_info(model), affects);
    if (map_has(&telling->told, str_from(name)) ||
        !is_asked(telling->judge, telling->facts, model, input))
        return;
    if (input->from != NULL && is_told_elsewhere(input->from)) return;
    map_put(&telling->told, str_from(name), telling);
    struct model_text label = {affects != NULL ? affects : "", affects != NULL ? affects : ""};
    /* An indicator's value is nothing that people know by this name: the judgement as a whole is.
     */
    if (output != NULL) label = output->index != NULL ? model_info(model)->title : output->label;
    *ARENA_PUSH(telling->arena, list, telling->rating->missing_count, telling->capacity) =
        (struct credit_missing){.name = name,
                                .label = input->label,
                                .affects = affects != NULL ? affects : "",
                                .affects_label = label,
                                .from_user = input->from == NULL};
    telling->rating->missing = list;
}

static bool is_given(const struct judge_step *step, const char *input)
{
    for (size_t i = 0; i < step->given.count; i++)
        if (strcmp(step->given.list[i].input, input) == 0) return true;
    return false;
}

/* `meta needed_for_<output> "input input"`: an absent key means "not used", but an input without
 * any key leaves the output unjudged. */
static void tell_needed(struct telling *telling, const struct judge_step *step)
{
    const struct model_info *info = model_info(step->model);
    for (size_t o = 0; o < info->output_count; o++) {
        const char *needed =
            model_meta(step->model,
                       arena_printf(telling->arena, "needed_for_%s", info->outputs[o].name), false);
        for (size_t i = 0; needed != NULL && i < info->input_count; i++)
            if (in_list(needed, info->inputs[i].name) && !is_given(step, info->inputs[i].name))
                tell_missing(telling, step->model, &info->inputs[i], info->outputs[o].name);
    }
}

static void add_missing(struct telling *telling, const struct judge_step *step)
{
    const struct model_info *info = model_info(step->model);
    const struct model_note *notes;
    size_t count = model_run_notes(telling->arena, step->run, 0, &notes);
    tell_needed(telling, step);
    for (size_t i = 0; i < count; i++) {
        const struct model_input *input = find_input(info, notes[i].input);
        if (notes[i].kind == MODEL_NOTE_MISSING && input != NULL)
            tell_missing(telling, step->model, input, notes[i].affects);
    }
}

/* What a person can do something about: not the past, the calendar, the register or another
 * judgement. */
static bool is_in_reach(const struct model_input *input)
{
    static const char *const prefixes[] = {"prev.",       "prev2.", "period.",   "org.",
                                           "production.", "check.", "label.",    "peer.",
                                           "confidence.", "grade.", "indicator."};
    for (size_t i = 0; i < ARRAY_LEN(prefixes) && input->from != NULL; i++)
        if (str_starts(str_from(input->from), prefixes[i])) return false;
    return true;
}

static int by_points(const void *a, const void *b)
{
    double left = ((const struct credit_improvement *)a)->points,
           right = ((const struct credit_improvement *)b)->points;
    return left < right ? 1 : left > right ? -1 : 0;
}

static bool is_burden(const char *fact)
{
    return str_starts(str_from(fact), "emission.") || str_starts(str_from(fact), "energy.") ||
           strcmp(fact, "electricity") == 0;
}

/* What moves the score most: the grade model's effects, each in its helpful direction. */
static void add_improvements(struct arena *arena, const struct judge_step *step,
                             struct credit_rating *rating)
{
    const struct model_info *info = model_info(step->model);
    const char *no_advice = model_meta(step->model, "no_advice", false);
    const struct model_effect *effects;
    size_t count = model_effects(arena, step->run, 0, "score", EFFECT_STEP, &effects);
    struct credit_improvement *list = ARENA_NEW_ARRAY(arena, struct credit_improvement, count + 1);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct model_input *input = find_input(info, effects[i].input);
        if (input == NULL || !isfinite(effects[i].effect) || fabs(effects[i].effect) < 0.05)
            continue;
        if (!is_in_reach(input) || (no_advice != NULL && in_list(no_advice, input->name))) continue;
        /* One effect alone may look so, but nobody is advised to emit or burn more. */
        if (input->from != NULL && effects[i].effect > 0 && is_burden(input->from)) continue;
        list[used++] = (struct credit_improvement){.label = input->label,
                                                   .input = input->name,
                                                   .unit = input->unit,
                                                   .value = effects[i].input_value,
                                                   .change = effects[i].effect > 0 ? EFFECT_STEP
                                                                                   : -EFFECT_STEP,
                                                   .points = fabs(effects[i].effect)};
    }
    if (used > 1) qsort(list, used, sizeof *list, by_points);
    rating->improvements = list;
    rating->improvement_count = size_min(used, IMPROVEMENTS_MAX);
}

static const char *text_fact(const struct account_facts *facts, const char *name,
                             const char *otherwise)
{
    const struct account_fact *fact = account_find_fact(facts, name);
    return fact != NULL && fact->type != MODEL_NUMBER && fact->text != NULL ? fact->text
                                                                            : otherwise;
}

void judge_describe(struct arena *arena, const struct judge *judge,
                    const struct account_facts *facts, struct credit_rating *rating)
{
    static const char *const telling_order[] = {"label", "grade", "indicator", "confidence"};
    size_t reason_capacity = 0;
    struct telling telling = {.arena = arena, .judge = judge, .facts = facts, .rating = rating};
    map_init(&telling.told, arena);
    /* What the label lacks comes first, what only the confidence lacks last. */
    for (size_t k = 0; k < ARRAY_LEN(telling_order); k++)
        for (size_t i = 0; i < judge->count; i++)
            if (strcmp(model_info(judge->steps[i].model)->kind, telling_order[k]) == 0)
                add_missing(&telling, &judge->steps[i]);
    for (size_t i = 0; i < judge->count; i++) {
        add_reasons(arena, &judge->steps[i], rating, &reason_capacity);
        if (strcmp(model_info(judge->steps[i].model)->kind, "grade") == 0)
            add_improvements(arena, &judge->steps[i], rating);
    }
    const struct account_fact *score = account_find_fact(facts, "grade.score");
    rating->label = text_fact(facts, "label.label", "grey");
    rating->grade = text_fact(facts, "grade.grade", "");
    rating->stage = text_fact(facts, "grade.stage", "");
    rating->confidence = text_fact(facts, "confidence.grade", "");
    rating->has_score = score != NULL && score->type == MODEL_NUMBER;
    rating->score = rating->has_score ? score->value : 0;
}
