/* What the report says, gathered from account, checks, rating and log. Nothing is computed here but
 * sums of the statement's lines; nothing that is not known is filled in. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/num.h"
#include "report/collect.h"

static struct report_number fact_number(const struct collecting *c, const char *name, double factor,
                                        int decimals)
{
    const struct account_fact *fact = account_find_fact(&c->facts, name);
    if (fact == NULL || fact->type != MODEL_NUMBER || !isfinite(fact->value))
        return (struct report_number){0};
    return report_number(fact->value * factor, decimals);
}

static struct report_number fact_amount(const struct collecting *c, const char *name)
{
    struct report_number number = fact_number(c, name, 1, 0);
    return number.known ? collect_amount(number.value) : number;
}

/* ---- header and subject ---- */

static date months_after(date day, int64_t months)
{
    int year, month, of_month;
    date_split(day, &year, &month, &of_month);
    int32_t target = month_make(year, month) + (int32_t)months;
    date last = month_last_day(target), first = month_first_day(target), result;
    result.day = first.day + of_month - 1;
    return result.day > last.day ? last : result;
}

static str purpose_text(const struct collecting *c, const char *purpose)
{
    static const struct {
        const char *code, *text;
    } known[] = {{"own", TR_KEY("The enterprise's own use")},
                 {"before", TR_KEY("Before a loan")},
                 {"during", TR_KEY("During a loan")},
                 {"after", TR_KEY("After a loan")},
                 {"supervision", TR_KEY("Supervision")}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(known[i].code, purpose) == 0)
            return str_from(tr(c->request->lang, known[i].text));
    return collect_word(c, purpose);
}

static void collect_header(struct collecting *c, const struct report_settings *settings,
                           int64_t now_ms)
{
    struct creditworthiness_report *r = c->report;
    struct account_period year = account_year(c->request->year);
    bool zh = c->request->lang == LANG_ZH;
    r->issuer = str_from(zh ? settings->issuer_zh : settings->issuer_en);
    r->issuer_note = str_from(settings->issuer_filing);
    r->purpose = purpose_text(c, c->request->purpose);
    r->issued_ms = now_ms;
    r->offset_minutes = 480;
    r->period_from = year.first;
    r->period_to = year.last;
    r->valid_to = months_after(instant_day(now_ms, 480), settings->validity_months);
    r->digest_hex = str_from(digest_hex(c->arena, c->rating.digest));
    r->invented = c->org.invented;
    if (c->request->authorisation_id != 0) {
        char id[ID_TEXT_MAX];
        id_format(c->request->authorisation_id, id);
        r->authorisation = str_from(arena_strdup(c->arena, id));
    }
}

static bool collect_recipient(struct collecting *c, struct error *err)
{
    struct registry_org viewer_org;
    if (c->viewer->org_id == c->org.org_id) return true;
    if (!registry_get_org(c->db, c->arena, c->viewer->org_id, &viewer_org, err)) return false;
    c->report->recipient = str_from(viewer_org.name);
    return true;
}

static void collect_subject(struct collecting *c)
{
    struct report_subject *s = &c->report->subject;
    bool zh = c->request->lang == LANG_ZH;
    const struct registry_code *industry =
        registry_find_industry(c->rules->account->codes, str_from(c->org.industry));
    const struct registry_code *division =
        registry_find_division(c->rules->account->codes, str_from(c->org.division));
    struct report_identifier *identifier = ARENA_NEW(c->arena, struct report_identifier);
    bool has_english = c->org.name_en != NULL && c->org.name_en[0] != '\0';
    s->name = str_from(!zh && has_english ? c->org.name_en : c->org.name);
    s->name_other = str_from(!zh || !has_english ? (zh ? "" : c->org.name) : c->org.name_en);
    identifier->scheme = strcmp(c->org.scheme, REGISTRY_SCHEME_CREDIT_CODE) == 0
                             ? str_from(tr(c->request->lang, "Unified social credit code"))
                             : collect_word(c, c->org.scheme);
    identifier->value = str_from(c->org.identifier);
    s->identifiers = identifier;
    s->identifiers_count = 1;
    s->industry_code = str_from(c->org.industry);
    if (industry != NULL) s->industry_name = str_from(zh ? industry->name_zh : industry->name_en);
    if (division != NULL)
        s->region = str_from(registry_division_label(c->arena, c->rules->account->codes,
                                                     str_from(c->org.division), zh));
    s->scale = c->org.scale[0] != '\0' ? collect_word(c, c->org.scale) : STR("");
    s->ets_status =
        str_from(tr(c->request->lang, c->org.ets ? "Key emitter of the national carbon market"
                                                 : "Not in the national carbon market"));
}

/* ---- grade ---- */

static int count_of(const struct collecting *c, const char *output)
{
    const struct credit_reason *reason = collect_find_reason(c, output);
    return reason != NULL ? (int)lround(reason->value) : 0;
}

static void collect_dimensions(struct collecting *c, struct report_grade *grade)
{
    struct report_dimension *list = ARENA_NEW_ARRAY(c->arena, struct report_dimension, 10);
    for (int d = 1; d <= 9; d++) {
        const struct credit_reason *score =
            collect_find_reason(c, arena_printf(c->arena, "d%d", d));
        const struct credit_reason *share =
            collect_find_reason(c, arena_printf(c->arena, "d%d_share", d));
        int all = count_of(c, arena_printf(c->arena, "d%d_indicators", d));
        int known = count_of(c, arena_printf(c->arena, "d%d_indicators_known", d));
        if (score == NULL || share == NULL) continue;
        /* A dimension of which nothing is known has no score, which is not a score of 0. */
        list[grade->dimensions_count++] = (struct report_dimension){
            .name = collect_text(c, &score->label),
            .weight = report_number(share->value * 100, 0),
            .indicators = all,
            .indicators_known = known,
            .score = known > 0 ? report_number(score->value, 1) : (struct report_number){0}};
    }
    grade->dimensions = list;
}

static void collect_indicators(struct collecting *c, struct report_grade *grade)
{
    struct report_indicator *list =
        ARENA_NEW_ARRAY(c->arena, struct report_indicator, c->rating.reason_count + 1);
    for (size_t i = 0; i < c->rating.reason_count; i++) {
        const struct credit_reason *r = &c->rating.reasons[i];
        str rest = str_from(r->output), id;
        if (!str_cut(&rest, '[', &id) || !str_is(id, "value") || rest.len < 2) continue;
        id = str_slice(rest, 0, rest.len - 1);
        const struct credit_reason *score =
            collect_find_reason(c, arena_printf(c->arena, "score_of[%.*s]", STR_ARG(id)));
        const struct credit_reason *weight =
            collect_find_reason(c, arena_printf(c->arena, "weight_of[%.*s]", STR_ARG(id)));
        list[grade->indicators_count++] = (struct report_indicator){
            .id = id,
            .name = collect_key_name(c, r),
            .value = r->known ? collect_figure(c, r->value, 3, "") : STR(""),
            .weight =
                weight != NULL ? report_number(weight->value * 100, 1) : (struct report_number){0},
            .score = score != NULL && isfinite(score->value) ? report_number(score->value, 0)
                                                             : (struct report_number){0}};
    }
    grade->indicators = list;
}

static void collect_grade(struct collecting *c)
{
    struct report_grade *grade = &c->report->grade;
    grade->has = c->rating.grade[0] != '\0' && strcmp(c->rating.grade, "none") != 0;
    grade->grade = grade->has ? str_from(c->rating.grade) : STR("");
    grade->stage = c->rating.stage[0] != '\0' ? collect_word(c, c->rating.stage) : STR("");
    if (c->rating.has_score) grade->score = report_number(c->rating.score, 1);
    collect_dimensions(c, grade);
    collect_indicators(c, grade);
    struct report_reason *list =
        ARENA_NEW_ARRAY(c->arena, struct report_reason, c->rating.improvement_count + 1);
    for (size_t i = 0; i < c->rating.improvement_count; i++) {
        const struct credit_improvement *m = &c->rating.improvements[i];
        const char *message = m->change > 0 ? "{0}: a tenth more" : "{0}: a tenth less";
        list[i] = (struct report_reason){
            .points = report_number(m->points, 1),
            .text = str_from(tr_fill(c->arena, c->request->lang, message,
                                     str_dup(c->arena, collect_text(c, &m->label)), NULL))};
    }
    grade->improvements = list;
    grade->improvements_count = c->rating.improvement_count;
}

/* ---- emission, energy, intensity ---- */

static struct report_number tonnes(bool known, int64_t grams)
{
    return known ? collect_amount(account_tonnes(grams)) : (struct report_number){0};
}

/* Whether anything of a scope (0: of any) was posted on another basis than `but`: a sum of nothing
 * is not known. */
static bool has_posted(const struct account_statement *statement, int scope, const char *but)
{
    for (size_t i = 0; i < statement->line_count; i++) {
        const struct account_line *line = &statement->lines[i];
        if (line->kind == ACCOUNT_EMISSION && (scope == 0 || line->scope == scope) &&
            strcmp(line->basis, but) != 0)
            return true;
    }
    return false;
}

/* Energy of a kind, known when any was posted. */
static struct report_number tce(const struct account_statement *statement, const char *kind,
                                int64_t kilojoules)
{
    for (size_t i = 0; i < statement->line_count; i++)
        if (statement->lines[i].kind == ACCOUNT_ENERGY &&
            strcmp(statement->lines[i].source, kind) == 0)
            return collect_amount(account_tce(kilojoules));
    return (struct report_number){0};
}

static bool collect_years(struct collecting *c, struct error *err)
{
    static const char *const prefix[COLLECT_YEARS] = {"prev2.", "prev.", ""};
    struct report_emission_year *list =
        ARENA_NEW_ARRAY(c->arena, struct report_emission_year, COLLECT_YEARS);
    for (int i = 0; i < COLLECT_YEARS; i++) {
        int year = c->request->year - (COLLECT_YEARS - 1) + i;
        struct account_statement_query query = {.org_id = c->org.org_id,
                                                .as_known = ACCOUNT_NOW,
                                                .first = account_year(year).first,
                                                .last = account_year(year).last};
        if (!account_read_statement(c->db, c->arena, c->viewer, &query, &c->statements[i], err))
            return false;
        const struct account_sum *t = &c->statements[i].total;
        list[i] = (struct report_emission_year){
            .year = year,
            .scope1 = tonnes(has_posted(&c->statements[i], 1, "compliance"), t->scope1_full),
            .scope2_location =
                tonnes(has_posted(&c->statements[i], 2, "compliance"), t->scope2_full),
            .full = tonnes(t->has_emission, t->full),
            .compliance = tonnes(has_posted(&c->statements[i], 0, "full"), t->compliance),
            .calorific_tce = tce(&c->statements[i], "calorific", t->energy_calorific),
            .equivalent_tce = tce(&c->statements[i], "equivalent", t->energy_equivalent),
            .electricity_mwh = fact_amount(c, arena_printf(c->arena, "%selectricity", prefix[i]))};
    }
    c->report->years = list;
    c->report->years_count = COLLECT_YEARS;
    return true;
}

struct source_sum {
    const char *source;
    int scope;
    int64_t grams;
};

static size_t sum_sources(struct collecting *c, struct source_sum **list)
{
    const struct account_statement *s = &c->statements[COLLECT_YEARS - 1];
    struct source_sum *sums = ARENA_NEW_ARRAY(c->arena, struct source_sum, s->line_count + 1);
    size_t used = 0;
    for (size_t i = 0; i < s->line_count; i++) {
        const struct account_line *line = &s->lines[i];
        if (line->kind != ACCOUNT_EMISSION || strcmp(line->basis, "compliance") == 0) continue;
        size_t at = 0;
        while (at < used &&
               (strcmp(sums[at].source, line->source) != 0 || sums[at].scope != line->scope))
            at++;
        if (at == used) sums[used++] = (struct source_sum){line->source, line->scope, 0};
        sums[at].grams += line->amount;
    }
    *list = sums;
    return used;
}

/* Scope 1 before scope 2, the largest first, deductions last. */
static int by_amount(const void *a, const void *b)
{
    const struct source_sum *x = a, *y = b;
    if (x->scope != y->scope) return x->scope < y->scope ? -1 : 1;
    return x->grams > y->grams ? -1 : x->grams < y->grams;
}

/* The clause of the method that posts the source. */
static str method_text(const struct collecting *c, const struct model *method, const char *source)
{
    const struct model_info *info = method != NULL ? model_info(method) : NULL;
    for (size_t i = 0; info != NULL && i < info->output_count; i++) {
        const struct model_output *o = &info->outputs[i];
        bool ours = false;
        for (size_t p = 0; o->post != NULL && p < o->post_pair_count; p++)
            ours = ours || (strcmp(o->post_pairs[p].key, "source") == 0 &&
                            strcmp(o->post_pairs[p].value.en, source) == 0);
        if (ours)
            return str_from(arena_printf(c->arena, "%.*s %s",
                                         STR_ARG(collect_text(c, &info->title)),
                                         o->clause != NULL ? o->clause : ""));
    }
    return STR("");
}

static bool collect_sources(struct collecting *c, struct error *err)
{
    struct account_method method;
    if (!account_choose_method(c->db, c->arena, c->rules->account, c->org.org_id, c->request->year,
                               "method", &method, err))
        return false;
    const struct account_statement *s = &c->statements[COLLECT_YEARS - 1];
    struct source_sum *sums;
    size_t count = sum_sources(c, &sums);
    if (count > 1) qsort(sums, count, sizeof *sums, by_amount);
    struct report_source *list = ARENA_NEW_ARRAY(c->arena, struct report_source, count + 1);
    struct report_monthly *monthly = &c->report->monthly;
    monthly->first_month = month_make(c->request->year, 1);
    monthly->months = 12;
    str *names = ARENA_NEW_ARRAY(c->arena, str, count + 1);
    const double **series = ARENA_NEW_ARRAY(c->arena, const double *, count + 1);
    for (size_t k = 0; k < count; k++) {
        list[k] = (struct report_source){
            .name = str_from(account_source_name(c->arena, c->rules->account->library,
                                                 c->request->lang, sums[k].source)),
            .scope = sums[k].scope,
            .method = method_text(c, method.model, sums[k].source),
            .amount = collect_amount(account_tonnes(sums[k].grams))};
        double *values = ARENA_NEW_ARRAY(c->arena, double, 12);
        for (int m = 0; m < 12; m++) values[m] = NAN;
        for (size_t i = 0; i < s->line_count; i++) {
            const struct account_line *line = &s->lines[i];
            int32_t month = month_of(line->period.first);
            bool monthly_line = account_period_equal(line->period, account_month(month));
            if (line->kind != ACCOUNT_EMISSION || !monthly_line || line->scope != sums[k].scope ||
                strcmp(line->basis, "compliance") == 0 || strcmp(line->source, sums[k].source) != 0)
                continue;
            double *value = &values[month % 12];
            *value = (isnan(*value) ? 0 : *value) + account_tonnes(line->amount);
        }
        names[k] = list[k].name;
        series[k] = values;
    }
    monthly->names = names;
    monthly->values = series;
    monthly->series_count = count;
    c->report->sources = list;
    c->report->sources_count = count;
    return true;
}

/* ---- quality, checks, missing ---- */

static enum report_check_result worse(enum report_check_result a, enum check_result b)
{
    enum report_check_result other = b == CHECK_FAIL   ? REPORT_CHECK_FAIL
                                     : b == CHECK_WARN ? REPORT_CHECK_WARN
                                     : b == CHECK_PASS ? REPORT_CHECK_PASS
                                                       : REPORT_CHECK_OPEN;
    static const int rank[] = {1, 2, 3, 0}; /* pass, warn, fail, open */
    return rank[other] > rank[a] ? other : a;
}

/* The label of an input wherever a model asks for it, else its name. */
static str input_text(const struct collecting *c, str name)
{
    const struct model_library *library = c->rules->account->library;
    for (size_t i = 0; i < model_library_count(library); i++) {
        const struct model_info *info = model_info(model_library_at(library, i));
        for (size_t k = 0; k < info->input_count; k++)
            if (str_is(name, info->inputs[k].name)) return collect_text(c, &info->inputs[k].label);
    }
    return name;
}

/* Why a rule could not judge: a sentence, or the names of the inputs that are missing. */
static str reason_text(const struct collecting *c, const char *reason)
{
    const char *translated = tr(c->request->lang, reason);
    for (const char *p = reason; *p != '\0'; p++)
        if (*p == ' ' && (p == reason || p[-1] != ',')) return str_from(translated);
    if (translated != reason || reason[0] == '\0') return str_from(translated);
    struct buf *out = buf_new(c->arena);
    str rest = str_from(reason), name;
    while (str_cut(&rest, ',', &name)) {
        if (out->len > 0) buf_puts(out, c->request->lang == LANG_ZH ? "、" : ", ");
        buf_put_str(out, input_text(c, str_trim(name)));
    }
    return str_from(
        tr_fill(c->arena, c->request->lang, "missing: {0}", str_dup(c->arena, buf_str(out)), NULL));
}

static bool collect_checks(struct collecting *c, struct error *err)
{
    struct check_outcome *outcomes;
    size_t count, used = 0;
    if (!check_list_outcomes(c->db, c->arena, c->viewer, c->org.org_id, c->request->year, &outcomes,
                             &count, err))
        return false;
    struct report_check *list = ARENA_NEW_ARRAY(c->arena, struct report_check, count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < used && !str_is(list[at].rule, outcomes[i].rule)) at++;
        if (at == used)
            list[used++] = (struct report_check){.rule = str_from(outcomes[i].rule),
                                                 .name = collect_text(c, &outcomes[i].title),
                                                 .result = REPORT_CHECK_OPEN,
                                                 .note = reason_text(c, outcomes[i].reason)};
        enum report_check_result before = list[at].result;
        list[at].result = worse(before, outcomes[i].result);
        if (list[at].result == before) continue;
        list[at].note = str_from(account_period_text(c->arena, outcomes[i].period));
        if (isfinite(outcomes[i].delta) && fabs(outcomes[i].delta) > 1e-9)
            list[at].deviation = collect_figure(c, outcomes[i].delta * 100, 3, "%");
    }
    c->report->quality.checks = list;
    c->report->quality.checks_count = used;
    return true;
}

/* A fact can't be entered: what it follows from can. */
static const char *remedy_of(const struct credit_missing *missing)
{
    str name = str_from(missing->name);
    if (missing->from_user) return TR_KEY("Enter it under Data.");
    if (str_starts(name, "prev.") || str_starts(name, "prev2."))
        return TR_KEY("Enter the data of that year.");
    if (str_starts(name, "production.")) return TR_KEY("Enter the output under Data.");
    if (str_starts(name, "emission.")) return TR_KEY("Enter fuels and materials under Data.");
    return TR_KEY("Follows from other data.");
}

static void collect_quality(struct collecting *c)
{
    struct report_quality *q = &c->report->quality;
    q->completeness = fact_number(c, "data.completeness", 1, 2);
    q->timeliness = fact_number(c, "data.timeliness", 1, 2);
    q->accuracy = fact_number(c, "data.accuracy", 1, 2);
    q->source_class = fact_number(c, "data.source_class", 1, 2);
    q->total = fact_number(c, "confidence.q", 1, 2);
    q->uncertainty_percent = fact_number(c, "confidence.uncertainty", 100, 1);
    struct report_missing *list =
        ARENA_NEW_ARRAY(c->arena, struct report_missing, c->rating.missing_count + 1);
    for (size_t i = 0; i < c->rating.missing_count; i++) {
        const struct credit_missing *m = &c->rating.missing[i];
        list[i] = (struct report_missing){.what = collect_text(c, &m->label),
                                          .effect = collect_text(c, &m->affects_label),
                                          .remedy = str_from(tr(c->request->lang, remedy_of(m)))};
    }
    c->report->missing = list;
    c->report->missing_count = c->rating.missing_count;
}

/* ---- methods and factors ---- */

/* The row's name and, of a row with several factors, which one: fuel.ncv[diesel] → "Diesel: ncv".
 */
static str factor_name(struct collecting *c, const struct model_node *node)
{
    str rest = str_from(node->name), table, column;
    if (node->label.en[0] == '\0') return rest;
    str name = collect_text(c, &node->label);
    if (!str_cut(&rest, '.', &table) || rest.ptr == NULL || !str_cut(&rest, '[', &column))
        return name;
    str lookup = column; /* lookup(grid.factor, …) names its keys in brackets of the other kind */
    (void)str_cut(&lookup, '(', &column);
    const char *key = arena_printf(c->arena, "column %.*s", STR_ARG(column)),
               *translated = tr(c->request->lang, key);
    str what =
        translated != key ? str_from(translated) : collect_word(c, str_dup(c->arena, column));
    return str_from(arena_printf(c->arena,
                                 c->request->lang == LANG_ZH ? "%.*s：%.*s" : "%.*s: %.*s",
                                 STR_ARG(name), STR_ARG(what)));
}

struct factor_list {
    struct report_factor *list;
    size_t count, capacity;
    struct map told; /* names of factors; nodes, which several formulas may share */
};

static void collect_factor(struct collecting *c, const struct model_node *node,
                           struct factor_list *all)
{
    str place = {(const char *)&node, sizeof node};
    if (map_has(&all->told, place)) return;
    map_put(&all->told, str_copy(c->arena, place), all);
    if (node->kind == MODEL_NODE_FACTOR && node->value.status == MODEL_OK &&
        node->value.type == MODEL_NUMBER && !map_has(&all->told, str_from(node->name))) {
        const char *document = "", *clause = "";
        for (size_t i = 0; i < node->row_fact_count; i++) {
            if (strcmp(node->row_facts[i].key, "document") == 0)
                document = node->row_facts[i].value.en;
            if (strcmp(node->row_facts[i].key, "clause") == 0) clause = node->row_facts[i].value.en;
        }
        map_put(&all->told, str_from(node->name), all);
        *ARENA_PUSH(c->arena, all->list, all->count, all->capacity) = (struct report_factor){
            .name = factor_name(c, node),
            .value = str_from(num_format_significant(c->arena, node->value.number, 6)),
            .unit = collect_unit(c, node->unit),
            .source = str_from(arena_printf(c->arena, "%s %s", tr(c->request->lang, document),
                                            tr(c->request->lang, clause)))};
    }
    for (size_t i = 0; i < node->child_count; i++) collect_factor(c, node->children[i], all);
}

static bool collect_run(struct collecting *c, const struct account_run *run,
                        struct factor_list *factors, struct error *err)
{
    struct account_posting *postings;
    size_t count;
    if (!account_list_postings(c->db, c->arena, c->viewer, c->org.org_id, run->run_id, &postings,
                               &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct account_explanation explanation;
        if (postings[i].reverses != 0) continue;
        if (!account_explain(c->db, c->arena, c->viewer, c->rules->account, c->org.org_id,
                             postings[i].posting_id, &explanation, err))
            return false;
        collect_factor(c, explanation.tree, factors);
    }
    return true;
}

/* Each model of the year once, and the factors of its newest posted run. */
static bool collect_methods(struct collecting *c, struct error *err)
{
    struct account_run_filter filter = {.first = account_year(c->request->year).first,
                                        .last = account_year(c->request->year).last,
                                        .has_state = true,
                                        .state = ACCOUNT_POSTED};
    struct account_run *runs;
    struct map models;
    struct factor_list factors = {0};
    size_t count;
    map_init(&factors.told, c->arena);
    map_init(&models, c->arena);
    if (!account_list_runs(c->db, c->arena, c->viewer, c->org.org_id, &filter, &runs, &count, err))
        return false;
    struct report_method *list = ARENA_NEW_ARRAY(c->arena, struct report_method, count + 1);
    for (size_t i = count; i-- > 0;) {
        const struct model *model =
            model_library_find_version(c->rules->account->library, runs[i].model, runs[i].version);
        if (map_has(&models, str_from(runs[i].model))) continue;
        map_put(&models, str_from(runs[i].model), list);
        list[c->report->methods_count++] = (struct report_method){
            .name = model != NULL ? collect_text(c, &model_info(model)->title)
                                  : str_from(runs[i].model),
            .version = str_from(runs[i].version),
            .source =
                str_from(model != NULL ? tr(c->request->lang, model_info(model)->source) : ""),
            .digest = str_from(digest_hex(c->arena, runs[i].model_digest))};
        if (!collect_run(c, &runs[i], &factors, err)) return false;
    }
    c->report->methods = list;
    c->report->factors = factors.list;
    c->report->factors_count = factors.count;
    return true;
}

static bool collect_proof(struct collecting *c, struct error *err)
{
    struct log_checkpoint checkpoint;
    bool found;
    if (!log_latest_checkpoint(c->db, c->arena, &checkpoint, &found, err)) return false;
    if (!found) return true;
    str origin, rest = checkpoint.note;
    (void)str_cut(&rest, '\n', &origin);
    c->report->proof = (struct report_proof){
        .has = true,
        .log_name = origin,
        .tree_size = str_from(arena_printf(c->arena, "%llu", (unsigned long long)checkpoint.size)),
        .root_hash = str_from(digest_hex(c->arena, checkpoint.root)),
        .checkpoint_time = str_from(instant_format_utc(c->arena, checkpoint.signed_ms)),
        .key_name = origin};
    return true;
}

/* Loans rest on the scope finance; what the viewer has no consent for is said, not left out. */
static bool collect_finance(struct collecting *c, int64_t now_ms, struct error *err)
{
    struct registry_access access;
    struct finance_case *cases;
    size_t count, used = 0;
    if (!registry_may_read(c->db, c->viewer, c->org.org_id, REGISTRY_SCOPE_FINANCE, c->today,
                           &access, err))
        return false;
    if (access.basis == REGISTRY_BASIS_NONE) return true;
    if (!finance_list_cases(c->db, c->arena, c->viewer, c->rules, now_ms, &cases, &count, err))
        return false;
    struct report_loan *list = ARENA_NEW_ARRAY(c->arena, struct report_loan, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct finance_case *one = &cases[i];
        if (one->enterprise_org_id != c->org.org_id || !one->granted) continue;
        list[used++] =
            (struct report_loan){.lender = str_from(one->bank_name),
                                 .product = collect_text(c, &one->product_title),
                                 .purpose = str_from(one->purpose),
                                 .state = collect_text(c, &one->state_title),
                                 .amount_cny = report_number(one->amount_offered_cny, 0),
                                 .rate_percent = report_number(one->rate_offered * 100, 2)};
    }
    c->report->finance_consented = true;
    c->report->loans = list;
    c->report->loans_count = used;
    return true;
}

bool report_collect(struct db *db, struct arena *arena, const struct viewer *viewer,
                    const struct credit_rules *rules, const struct report_settings *settings,
                    const struct report_request *request, date today, int64_t now_ms,
                    struct creditworthiness_report *report, struct error *err)
{
    struct collecting c = {.db = db,
                           .arena = arena,
                           .viewer = viewer,
                           .rules = rules,
                           .request = request,
                           .today = today,
                           .report = report};
    struct account_facts_query query = {
        .org_id = request->org_id, .year = request->year, .as_known = ACCOUNT_NOW, .today = today};
    bool found;
    *report = (struct creditworthiness_report){0};
    if (!registry_require_read(db, viewer, request->org_id, REGISTRY_SCOPE_REPORT, err) ||
        !registry_get_org(db, arena, request->org_id, &c.org, err) ||
        !credit_read_rating(db, arena, viewer, request->org_id, request->year, &c.rating, &found,
                            err))
        return false;
    if (!found) return error_set(err, ERROR_REPORT_NO_RATING, "i", (int64_t)request->year);
    if (!credit_read_facts(db, arena, viewer, rules, &query, &c.facts, err)) return false;
    collect_header(&c, settings, now_ms);
    collect_subject(&c);
    collect_label(&c);
    collect_grade(&c);
    if (!collect_recipient(&c, err) || !collect_years(&c, err) || !collect_checks(&c, err) ||
        !collect_methods(&c, err) || !collect_proof(&c, err) || !collect_finance(&c, now_ms, err))
        return false;
    collect_quality(&c);
    return collect_sources(&c, err) && collect_intensities(&c, err);
}
