#include "credit/credit.h"

#include <math.h>
#include <string.h>

#include "base/map.h"
#include "credit/judge.h"
#include "trust/trust.h"
#include "credit_sql.h"

/* ---- keeping ---- */

struct line_writer {
    struct db *db;
    const struct credit_rating *rating;
    int64_t place;
};

static bool put_line(struct line_writer *writer, const char *part, const char *model,
                     const char *name, const struct model_text *label, bool known,
                     enum model_type type, const double *value, const char *unit, const char *text,
                     const struct model_text *affects, const double *change, const double *points,
                     struct error *err)
{
    static const struct model_text nothing = {"", ""};
    if (affects == NULL) affects = &nothing;
    return sql_credit_insert_line(writer->db, writer->rating->org_id, writer->rating->rating_id,
                                  writer->place++, str_from(part), str_from(model), str_from(name),
                                  str_from(label->en), str_from(label->zh), known, (int64_t)type,
                                  value, str_from(unit), str_from(text), str_from(affects->en),
                                  str_from(affects->zh), change, points, NULL, err);
}

static bool keep_lines(struct db *db, const struct credit_rating *rating, struct error *err)
{
    struct line_writer writer = {.db = db, .rating = rating};
    for (size_t i = 0; i < rating->reason_count; i++) {
        const struct credit_reason *r = &rating->reasons[i];
        bool number = r->known && r->type == MODEL_NUMBER && isfinite(r->value);
        if (!put_line(&writer, "reason", r->model, r->output, &r->label, r->known, r->type,
                      number ? &r->value : NULL, r->unit, r->text, NULL, NULL, NULL, err))
            return false;
    }
    for (size_t i = 0; i < rating->missing_count; i++) {
        const struct credit_missing *m = &rating->missing[i];
        if (!put_line(&writer, "missing", "", m->name, &m->label, m->from_user, MODEL_TEXT, NULL,
                      "", m->affects, &m->affects_label, NULL, NULL, err))
            return false;
    }
    for (size_t i = 0; i < rating->improvement_count; i++) {
        const struct credit_improvement *m = &rating->improvements[i];
        if (!put_line(&writer, "improvement", "", m->input, &m->label, true, MODEL_NUMBER,
                      &m->value, m->unit, "", NULL, &m->change, &m->points, err))
            return false;
    }
    return true;
}

static bool keep_inputs(struct db *db, const struct credit_rating *rating, int64_t step,
                        const struct account_bindings *given, struct error *err)
{
    for (size_t i = 0; i < given->count; i++) {
        const struct account_binding *b = &given->list[i];
        if (!sql_credit_insert_input(db, rating->org_id, rating->rating_id, step, (int64_t)i,
                                     str_from(b->input), str_from(b->key), b->datum_id,
                                     b->has_number ? &b->value : NULL, str_from(b->unit),
                                     str_from(b->text), NULL, err))
            return false;
    }
    return true;
}

static bool keep_step(struct db *db, const struct credit_rating *rating, int64_t number,
                      const struct judge_step *step, struct error *err)
{
    const struct model_info *info = model_info(step->model);
    const struct model_table_file *files;
    size_t count = model_table_files(step->model, &files);
    str model_digest = {(const char *)info->model_digest.bytes, DIGEST_BYTES};
    if (!account_keep_model(db, step->model, err) ||
        !sql_credit_insert_model(db, rating->org_id, rating->rating_id, number,
                                 str_from(info->name), str_from(info->version), model_digest,
                                 MODEL_SEMANTICS_VERSION, NULL, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        str file_digest = {(const char *)files[i].digest.bytes, DIGEST_BYTES};
        if (!sql_credit_insert_table(db, rating->org_id, rating->rating_id, number, (int64_t)i,
                                     str_from(files[i].path), file_digest, NULL, err))
            return false;
    }
    return keep_inputs(db, rating, number, &step->given, err);
}

static bool keep_judge(struct db *db, const struct credit_rating *rating, const struct judge *judge,
                       struct error *err)
{
    for (size_t i = 0; i < judge->count; i++)
        if (!keep_step(db, rating, (int64_t)i + 1, &judge->steps[i], err)) return false;
    return true;
}

static bool keep_rating(struct db *db, const struct viewer *viewer,
                        const struct credit_rating *rating, const struct judge *judge,
                        struct error *err)
{
    str bytes = {(const char *)rating->digest.bytes, DIGEST_BYTES};
    return sql_credit_insert_rating(db, rating->org_id, rating->rating_id, rating->year,
                                    str_from(rating->label), str_from(rating->grade),
                                    rating->has_score ? &rating->score : NULL,
                                    str_from(rating->confidence), str_from(rating->stage), bytes,
                                    rating->at, rating->known_seq, viewer->person_id, NULL, err) &&
           keep_lines(db, rating, err) && keep_judge(db, rating, judge, err);
}

/* ---- reading ---- */

static struct credit_rating rating_of_row(id64 org_id, const struct sql_credit_get_rating_row *row)
{
    struct credit_rating rating = {.org_id = org_id,
                                   .rating_id = row->rating_id,
                                   .year = (int)row->year,
                                   .label = row->label.ptr,
                                   .grade = row->grade.ptr,
                                   .has_score = row->has_score,
                                   .score = row->score,
                                   .confidence = row->confidence.ptr,
                                   .stage = row->stage.ptr,
                                   .at = row->at,
                                   .known_seq = row->known_seq};
    if (row->rating_digest.len == DIGEST_BYTES)
        memcpy(rating.digest.bytes, row->rating_digest.ptr, DIGEST_BYTES);
    return rating;
}

static bool read_lines(struct db *db, struct arena *arena, struct credit_rating *rating,
                       struct error *err)
{
    struct sql_credit_list_lines_row *rows;
    size_t count;
    if (!sql_credit_list_lines(db, arena, rating->org_id, rating->rating_id, &rows, &count, err))
        return false;
    struct credit_reason *reasons = ARENA_NEW_ARRAY(arena, struct credit_reason, count + 1);
    struct credit_missing *missing = ARENA_NEW_ARRAY(arena, struct credit_missing, count + 1);
    struct credit_improvement *improvements =
        ARENA_NEW_ARRAY(arena, struct credit_improvement, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct sql_credit_list_lines_row *row = &rows[i];
        struct model_text label = {row->label_en.ptr, row->label_zh.ptr};
        if (str_is(row->part, "reason"))
            reasons[rating->reason_count++] =
                (struct credit_reason){.model = row->model.ptr,
                                       .output = row->name.ptr,
                                       .label = label,
                                       .known = row->known,
                                       .type = (enum model_type)row->type,
                                       .value = row->value,
                                       .unit = row->unit.ptr,
                                       .text = row->value_text.ptr};
        else if (str_is(row->part, "missing"))
            missing[rating->missing_count++] =
                (struct credit_missing){.name = row->name.ptr,
                                        .label = label,
                                        .affects = row->value_text.ptr,
                                        .affects_label = {row->affects_en.ptr, row->affects_zh.ptr},
                                        .from_user = row->known};
        else
            improvements[rating->improvement_count++] =
                (struct credit_improvement){.label = label,
                                            .input = row->name.ptr,
                                            .unit = row->unit.ptr,
                                            .value = row->value,
                                            .change = row->change,
                                            .points = row->points};
    }
    rating->reasons = reasons;
    rating->missing = missing;
    rating->improvements = improvements;
    return true;
}

static bool newest_of_year(struct db *db, struct arena *arena, id64 org_id, int year,
                           struct credit_rating *rating, bool *found, struct error *err)
{
    struct sql_credit_newest_rating_row newest;
    struct sql_credit_get_rating_row row;
    if (!sql_credit_newest_rating(db, arena, org_id, year, &newest, found, err)) return false;
    if (!*found) return true;
    if (!sql_credit_get_rating(db, arena, org_id, newest.rating_id, &row, found, err)) return false;
    *rating = rating_of_row(org_id, &row);
    return read_lines(db, arena, rating, err);
}

bool credit_read_rating(struct db *db, struct arena *arena, const struct viewer *viewer,
                        id64 org_id, int year, struct credit_rating *rating, bool *found,
                        struct error *err)
{
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_LABEL, err)) return false;
    if (year == 0) {
        struct sql_credit_newest_year_row row;
        bool any;
        if (!sql_credit_newest_year(db, arena, org_id, &row, &any, err)) return false;
        *found = any && row.has_year;
        if (!*found) return true;
        year = (int)row.year;
    }
    return newest_of_year(db, arena, org_id, year, rating, found, err);
}

bool credit_list_ratings(struct db *db, struct arena *arena, const struct viewer *viewer,
                         id64 org_id, struct credit_rating **list, size_t *count, struct error *err)
{
    struct sql_credit_list_ratings_row *rows;
    size_t used;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_LABEL, err) ||
        !sql_credit_list_ratings(db, arena, org_id, &rows, &used, err))
        return false;
    struct credit_rating *ratings = ARENA_NEW_ARRAY(arena, struct credit_rating, used + 1);
    for (size_t i = 0; i < used; i++) {
        struct sql_credit_get_rating_row row = {.rating_id = rows[i].rating_id,
                                                .year = rows[i].year,
                                                .label = rows[i].label,
                                                .grade = rows[i].grade,
                                                .has_score = rows[i].has_score,
                                                .score = rows[i].score,
                                                .confidence = rows[i].confidence,
                                                .stage = rows[i].stage,
                                                .rating_digest = rows[i].rating_digest,
                                                .at = rows[i].at,
                                                .known_seq = rows[i].known_seq};
        ratings[i] = rating_of_row(org_id, &row);
    }
    *list = ratings;
    *count = used;
    return true;
}

/* ---- judging ---- */

bool credit_read_facts(struct db *db, struct arena *arena, const struct viewer *viewer,
                       const struct credit_rules *rules, const struct account_facts_query *query,
                       struct account_facts *facts, struct error *err)
{
    struct judge judge;
    return judge_read_facts(db, arena, viewer, rules, query, facts, err) &&
           judge_facts(db, arena, viewer, rules, facts, &judge, err);
}

bool credit_rate(struct db *db, struct arena *arena, const struct viewer *viewer,
                 const struct credit_rules *rules, id64 org_id, int year, date today,
                 int64_t now_ms, struct credit_rating *rating, struct error *err)
{
    struct account_facts_query query = {
        .org_id = org_id, .year = year, .as_known = ACCOUNT_NOW, .today = today};
    struct account_facts facts;
    struct judge judge;
    struct credit_rating newest;
    bool found;
    uint64_t size;
    /* Only the enterprise itself, or a job on its behalf, has its judgement made. */
    if (viewer->org_id != org_id)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "rate another organisation");
    if (!judge_read_facts(db, arena, viewer, rules, &query, &facts, err)) return false;
    if (!judge_facts(db, arena, viewer, rules, &facts, &judge, err) ||
        !newest_of_year(db, arena, org_id, year, &newest, &found, err) || !log_size(db, &size, err))
        return false;
    if (found && digest_equal(newest.digest, judge.digest)) {
        *rating = newest;
        rating->repeated = true;
        return true;
    }
    struct credit_rating fresh = {.org_id = org_id,
                                  .rating_id = id_new(),
                                  .year = year,
                                  .digest = judge.digest,
                                  .at = now_ms,
                                  .known_seq = (int64_t)size};
    judge_describe(arena, &judge, &facts, &fresh);
    if (!keep_rating(db, viewer, &fresh, &judge, err)) return false;
    *rating = fresh;
    return true;
}

/* Revenue, debts and spending of the enterprise stand among the leaves; a model may name their unit
 * in Chinese. What several formulas use is looked at once. */
static bool tells_money(const struct model_node *node, struct map *seen)
{
    str name = {(const char *)&node, sizeof node};
    if (map_has(seen, name)) return false;
    map_put(seen, str_copy(seen->arena, name), seen);
    bool money = node->kind == MODEL_NODE_INPUT && node->unit != NULL &&
                 (strstr(node->unit, "CNY") != NULL || strstr(node->unit, "元") != NULL);
    for (size_t i = 0; i < node->child_count && !money; i++)
        money = tells_money(node->children[i], seen);
    return money;
}

bool credit_explain(struct db *db, struct arena *arena, const struct viewer *viewer,
                    const struct credit_rules *rules, id64 org_id, id64 rating_id,
                    const char *model, const char *output, const struct model_node **tree,
                    struct error *err)
{
    static const struct model_run_options options = {.threads = 1};
    struct account_judgement judgement;
    const struct model_library *library = rules->account->library;
    const struct model *kept;
    bool found;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_LABEL | REGISTRY_SCOPE_ACTIVITY,
                               err) ||
        !judge_read_kept(db, arena, org_id, rating_id, model, &judgement, &found, err))
        return false;
    if (!found) return error_set(err, ERROR_CREDIT_NO_RATING, "");
    if (!account_find_kept(db, arena, &library, judgement.model_digest, judgement.tables,
                           judgement.table_count, judgement.semantics, &kept, err))
        return false;
    struct model_data *data = model_data_new(arena, kept, 1);
    if (!account_bind_apply(judgement.inputs, kept, data, 0, err)) return false;
    struct model_run *run = model_run(arena, kept, data, &options, err);
    if (run == NULL) return false;
    str rest = str_from(output), name, key = STR("");
    if (str_cut(&rest, '[', &name) && rest.ptr != NULL) (void)str_cut(&rest, ']', &key);
    const struct model_node *made = model_explain(arena, run, 0, str_dup(arena, name), key);
    if (made == NULL) return error_set(err, ERROR_CREDIT_NO_OUTPUT, "ss", model, output);
    struct map seen;
    map_init(&seen, arena);
    if (tells_money(made, &seen) &&
        !registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_FINANCE, err))
        return false;
    *tree = made;
    return true;
}

/* ---- the work after new data ---- */

static bool months_with_data(struct db *db, struct arena *arena, const struct viewer *viewer,
                             id64 org_id, int year, bool months[12], bool *any, struct error *err)
{
    struct account_data_filter filter = {.first = account_year(year).first,
                                         .last = account_year(year).last,
                                         .as_known = ACCOUNT_NOW};
    struct account_datum *data;
    size_t count;
    if (!account_list_data(db, arena, viewer, org_id, &filter, &data, &count, err)) return false;
    *any = count != 0;
    for (size_t i = 0; i < count; i++) {
        int32_t first = month_of(data[i].period.first), last = month_of(data[i].period.last);
        if (first == last && month_year(first) == year) months[first % 12] = true;
    }
    return true;
}

/* A posted month whose data were withdrawn is to be emptied. */
static bool months_posted(struct db *db, struct arena *arena, const struct viewer *viewer,
                          id64 org_id, int year, bool months[12], bool *any, struct error *err)
{
    struct account_run_filter filter = {.first = account_year(year).first,
                                        .last = account_year(year).last,
                                        .has_state = true,
                                        .state = ACCOUNT_POSTED};
    struct account_run *runs;
    size_t count;
    if (!account_list_runs(db, arena, viewer, org_id, &filter, &runs, &count, err)) return false;
    *any = *any || count != 0;
    for (size_t i = 0; i < count; i++) {
        int32_t first = month_of(runs[i].period.first);
        if (first == month_of(runs[i].period.last)) months[first % 12] = true;
    }
    return true;
}

static bool refresh(struct db *db, struct arena *arena, const struct viewer *viewer,
                    const struct credit_rules *rules, id64 org_id, int year, date today,
                    int64_t now_ms, struct error *err)
{
    bool months[12] = {false}, any = false;
    struct check_summary summary;
    struct credit_rating rating;
    struct account_method method;
    if (!months_with_data(db, arena, viewer, org_id, year, months, &any, err) ||
        !months_posted(db, arena, viewer, org_id, year, months, &any, err))
        return false;
    if (!account_choose_method(db, arena, rules->account, org_id, year, "method", &method, err))
        return false;
    /* A method that runs by year has no month of its own: any month makes its run. */
    if (any && method.model != NULL && !account_model_by_month(method.model)) months[11] = true;
    for (int m = 0; m < 12 && method.model != NULL; m++) {
        struct account_run *runs;
        size_t count;
        if (months[m] && !account_run_month(db, arena, viewer, rules->account, org_id,
                                            month_make(year, m + 1), now_ms, &runs, &count, err))
            return false;
    }
    return check_run(db, arena, viewer, rules->account, rules->checks, rules->flows, org_id, year,
                     today, now_ms, &summary, err) &&
           credit_rate(db, arena, viewer, rules, org_id, year, today, now_ms, &rating, err);
}

bool credit_refresh(struct db *db, struct arena *arena, const struct viewer *viewer,
                    const struct credit_rules *rules, id64 org_id, int year, date today,
                    int64_t now_ms, struct error *err)
{
    bool holds = account_hold_data(db, arena, org_id);
    bool good = refresh(db, arena, viewer, rules, org_id, year, today, now_ms, err);
    if (holds) account_release_data(db);
    return good;
}
