#include "check/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "check/rules.h"
#include "check_sql.h"
#include "locale/locale.h"
#include "trust/trust.h"

#define FLOW_NAME STR("finding")
#define EVIDENCE_SEPARATOR '\x1f'

/* ---- collecting outcomes ---- */

struct outcome *checking_add(struct checking *checking, const struct check_rule *rule,
                             enum check_result result, struct account_period period)
{
    struct outcome *outcome =
        ARENA_PUSH(checking->arena, checking->outcomes, checking->count, checking->capacity);
    *outcome = (struct outcome){.rule = rule,
                                .title = rule->title,
                                .result = result,
                                .period = period,
                                .input = "",
                                .key = "",
                                .message = "",
                                .reason = "",
                                .delta = NAN};
    return outcome;
}

void outcome_evidence(struct checking *checking, struct outcome *outcome, struct model_text name,
                      double value, const char *unit, const char *source, id64 datum_id)
{
    *ARENA_PUSH(checking->arena, outcome->evidence, outcome->evidence_count,
                outcome->evidence_capacity) = (struct check_evidence){.name = name,
                                                                      .has_value = isfinite(value),
                                                                      .value = value,
                                                                      .unit = unit,
                                                                      .source = source,
                                                                      .datum_id = datum_id};
}

const char *checking_number(struct checking *checking, double value)
{
    return num_format_significant(checking->arena, value, 4);
}

const char *checking_percent(struct checking *checking, double share)
{
    if (!isfinite(share)) return "–";
    return arena_printf(checking->arena, "%s %%",
                        num_format_significant(checking->arena, share * 100, 3));
}

static int by_first_day(const void *a, const void *b)
{
    const struct account_datum *left = a, *right = b;
    if (left->period.first.day != right->period.first.day)
        return left->period.first.day < right->period.first.day ? -1 : 1;
    return left->datum_id < right->datum_id ? -1 : left->datum_id > right->datum_id;
}

static bool read_data(struct checking *checking, struct error *err)
{
    struct account_data_filter filter = {.first = account_year(checking->year - 2).first,
                                         .last = account_year(checking->year).last,
                                         .as_known = ACCOUNT_NOW};
    struct account_datum *all;
    size_t count;
    if (!account_list_data(checking->db, checking->arena, checking->viewer, checking->org_id,
                           &filter, &all, &count, err))
        return false;
    checking->data = ARENA_NEW_ARRAY(checking->arena, struct account_datum, count + 1);
    for (size_t i = 0; i < count; i++) /* defaults are not evidence of anything */
        if (all[i].has_number && !all[i].superseded && all[i].tier != ACCOUNT_TIER_DEFAULT)
            checking->data[checking->data_count++] = all[i];
    if (checking->data_count > 1)
        qsort(checking->data, checking->data_count, sizeof *checking->data, by_first_day);
    return true;
}

/* ---- findings as they are kept ---- */

static struct check_finding finding_of_row(struct arena *arena, id64 org_id,
                                           const struct sql_check_list_findings_row *row)
{
    struct check_finding finding = {.org_id = org_id,
                                    .finding_id = row->finding_id,
                                    .rule = row->rule.ptr,
                                    .result = str_is(row->result, "fail") ? CHECK_FAIL : CHECK_WARN,
                                    .blocks = row->blocks,
                                    .period = {row->first_day, row->last_day},
                                    .input = row->input.ptr,
                                    .key = row->input_key.ptr,
                                    .title = {row->title_en.ptr, row->title_zh.ptr},
                                    .text = row->message.ptr,
                                    .delta = row->has_delta ? row->delta : NAN,
                                    .case_id = row->flow_case_id,
                                    .at = row->at,
                                    .known_seq = row->known_seq};
    size_t count = 0;
    for (str part, rest = row->args;
         count < ARRAY_LEN(finding.args) && str_cut(&rest, EVIDENCE_SEPARATOR, &part);)
        finding.args[count++] = str_dup(arena, part);
    return finding;
}

static enum check_standing standing_of(const struct flow_state *state)
{
    static const char *const words[] = {[CHECK_WAITS_JUDGEMENT] = "waits_judgement",
                                        [CHECK_STANDS] = "stands",
                                        [CHECK_CORRECTED] = "corrected",
                                        [CHECK_LAPSED] = "lapsed"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (words[i] != NULL && strcmp(state->means, words[i]) == 0) return (enum check_standing)i;
    return state->final ? CHECK_SETTLED : CHECK_WAITS_ANSWER;
}

static bool add_standing(struct db *db, struct arena *arena, const struct flow_library *flows,
                         struct check_finding *finding, struct error *err)
{
    struct flow_case the_case;
    if (!flow_read_case(db, arena, flows, finding->org_id, finding->case_id, &the_case, err))
        return false;
    finding->state = the_case.state;
    finding->standing = standing_of(the_case.state);
    finding->closed = the_case.state->final;
    finding->step = the_case.step;
    return true;
}

/* Whether the last run of a year's rules still raised the finding. */
static bool still_fires(const struct sql_check_list_outcomes_row *outcomes, size_t count,
                        id64 finding_id)
{
    for (size_t i = 0; i < count; i++)
        if (outcomes[i].finding_id == finding_id) return true;
    return false;
}

/* A finding counts until it is closed. "stands" is the one end at which the deviation goes on
 * counting, as long as the values that were judged are still those in force: corrected data lift
 * it. */
static bool stands(const struct check_finding *finding, bool fires)
{
    return !finding->closed || (fires && finding->standing == CHECK_STANDS);
}

struct kept { /* a finding with what identifies it */
    struct check_finding finding;
    str signature;
    int64_t year;
    bool fires; /* in this run */
};

static bool read_kept(struct db *db, struct arena *arena, const struct flow_library *flows,
                      id64 org_id, struct kept **list, size_t *count, struct error *err)
{
    struct sql_check_list_findings_row *rows;
    size_t used;
    if (!sql_check_list_findings(db, arena, org_id, &rows, &used, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct kept, used + 1);
    for (size_t i = 0; i < used; i++) {
        (*list)[i] = (struct kept){.finding = finding_of_row(arena, org_id, &rows[i]),
                                   .signature = rows[i].signature,
                                   .year = rows[i].year};
        if (!add_standing(db, arena, flows, &(*list)[i].finding, err)) return false;
    }
    *count = used;
    return true;
}

/* ---- opening and closing ---- */

static const char *join_args(struct arena *arena, const struct outcome *outcome)
{
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < outcome->arg_count; i++) {
        if (i > 0) buf_putc(out, EVIDENCE_SEPARATOR);
        buf_puts(out, outcome->args[i]);
    }
    return out->len == 0 ? "" : out->ptr;
}

/* The same rule, place and values: the same finding. The values are the evidence in full digits; a
 * mean of other months in the sentence changes with every new month and must not raise an explained
 * finding again. */
static digest signature_of(struct arena *arena, const struct outcome *outcome)
{
    struct buf *out = buf_new(arena);
    char number[NUM_TEXT_MAX];
    buf_printf(out, "%s|%s|%s|%s|%s", outcome->rule->id,
               account_period_text(arena, outcome->period), outcome->input, outcome->key,
               check_result_name(outcome->result));
    for (size_t i = 0; i < outcome->evidence_count; i++) {
        const struct check_evidence *e = &outcome->evidence[i];
        num_format(e->value, number);
        buf_printf(out, "|%s=%s %s", e->name.en, e->has_value ? number : "", e->unit);
    }
    if (outcome->evidence_count == 0) buf_printf(out, "|%s", join_args(arena, outcome));
    return digest_of(buf_str(out));
}

static bool open_finding(struct checking *checking, const struct flow_library *flows,
                         const struct outcome *outcome, digest signature, int64_t known_seq,
                         int64_t now_ms, id64 *finding_id, struct error *err)
{
    id64 id = id_new(), case_id;
    if (!flow_open_case(checking->db, flows, FLOW_NAME, checking->org_id, id, 0, &case_id, err) ||
        !sql_check_insert_finding(
            checking->db, checking->org_id, id, case_id, str_from(outcome->rule->id),
            str_from(check_result_name(outcome->result)),
            outcome->rule->blocks && outcome->result == CHECK_FAIL, checking->year,
            outcome->period.first, outcome->period.last, str_from(outcome->input),
            str_from(outcome->key), str_from(outcome->title.en), str_from(outcome->title.zh),
            str_from(outcome->message), str_from(join_args(checking->arena, outcome)),
            isfinite(outcome->delta) ? &outcome->delta : NULL,
            (str){(const char *)signature.bytes, DIGEST_BYTES}, now_ms, known_seq, NULL, err))
        return false;
    for (size_t i = 0; i < outcome->evidence_count; i++) {
        const struct check_evidence *e = &outcome->evidence[i];
        if (!sql_check_insert_evidence(checking->db, checking->org_id, id, (int64_t)i,
                                       str_from(e->name.en), str_from(e->name.zh),
                                       e->has_value ? &e->value : NULL, str_from(e->unit),
                                       str_from(e->source), e->datum_id, NULL, err))
            return false;
    }
    const char *args[] = {
        outcome->rule->id,
        registry_notice_arg(checking->arena, outcome->title.en, outcome->title.zh), NULL};
    *finding_id = id;
    return registry_send_notice(checking->db, checking->org_id, "finding",
                                "A finding waits for your answer: {0} {1}.", args,
                                "/enterprise/findings", now_ms, err);
}

/* A flow without such a step leaves the finding to people. */
static bool close_finding(struct checking *checking, const struct flow_library *flows,
                          const struct kept *kept, bool replaced, bool *closed, struct error *err)
{
    static const char *const roles[] = {"system"};
    struct flow_actor program = {.person_id = 0, .roles = roles, .roles_count = 1};
    struct flow_case the_case;
    if (!flow_read_case(checking->db, checking->arena, flows, checking->org_id,
                        kept->finding.case_id, &the_case, err))
        return false;
    const struct flow_transition *way =
        flow_find_meant(the_case.flow, the_case.state, replaced ? "corrected" : "lapsed");
    *closed = way != NULL;
    if (way == NULL) return true;
    struct flow_move move = {.org_id = checking->org_id,
                             .case_id = kept->finding.case_id,
                             .transition = str_from(way->name),
                             .step_seen = -1,
                             .note = replaced
                                         ? STR("The value was replaced and the rule was run again.")
                                         : STR("The rule no longer fires.")};
    return flow_take(checking->db, flows, &program, &move, NULL, err);
}

/* Whether a datum that the finding rests on was replaced since. */
static bool was_corrected(struct checking *checking, const struct kept *kept, bool *corrected,
                          struct error *err)
{
    struct sql_check_list_evidence_row *rows;
    size_t count;
    *corrected = false;
    if (!sql_check_list_evidence(checking->db, checking->arena, checking->org_id,
                                 kept->finding.finding_id, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        bool counts = rows[i].datum_id == 0;
        for (size_t d = 0; d < checking->data_count && !counts; d++)
            counts = checking->data[d].datum_id == rows[i].datum_id;
        *corrected = *corrected || !counts;
    }
    return true;
}

static bool settle(struct checking *checking, const struct flow_library *flows, struct kept *kept,
                   size_t kept_count, int64_t now_ms, id64 *finding_ids,
                   struct check_summary *summary, struct error *err)
{
    uint64_t size;
    if (!log_size(checking->db, &size, err)) return false;
    for (size_t i = 0; i < checking->count; i++) {
        const struct outcome *outcome = &checking->outcomes[i];
        if (outcome->result != CHECK_FAIL && outcome->result != CHECK_WARN) continue;
        digest signature = signature_of(checking->arena, outcome);
        str wanted = {(const char *)signature.bytes, DIGEST_BYTES};
        struct kept *same = NULL;
        for (size_t k = 0; k < kept_count && same == NULL; k++)
            if (str_equal(kept[k].signature, wanted)) same = &kept[k];
        /* One that was explained or confirmed is not raised again for the same values; one that
         * lapsed is. */
        bool lapsed = same != NULL && (same->finding.standing == CHECK_LAPSED ||
                                       same->finding.standing == CHECK_CORRECTED);
        if (same != NULL && !lapsed) {
            same->fires = true;
            finding_ids[i] = same->finding.finding_id;
            continue;
        }
        if (!open_finding(checking, flows, outcome, signature, (int64_t)size, now_ms,
                          &finding_ids[i], err))
            return false;
        summary->opened++;
    }
    for (size_t k = 0; k < kept_count; k++) {
        bool corrected, closed;
        if (kept[k].fires || kept[k].finding.closed || kept[k].year != checking->year) continue;
        if (!was_corrected(checking, &kept[k], &corrected, err) ||
            !close_finding(checking, flows, &kept[k], corrected, &closed, err))
            return false;
        summary->closed += closed;
    }
    return true;
}

static bool keep_outcomes(struct checking *checking, const id64 *finding_ids,
                          struct check_summary *summary, struct error *err)
{
    int64_t *counts[] = {&summary->passed, &summary->warned, &summary->failed,
                         &summary->not_possible};
    if (!sql_check_delete_outcomes(checking->db, checking->org_id, checking->year, NULL, err))
        return false;
    for (size_t i = 0; i < checking->count; i++) {
        const struct outcome *o = &checking->outcomes[i];
        ++*counts[o->result];
        if (!sql_check_insert_outcome(checking->db, checking->org_id, checking->year, (int64_t)i,
                                      str_from(o->rule->id), str_from(o->rule->title.en),
                                      str_from(o->rule->title.zh),
                                      str_from(check_result_name(o->result)), o->period.first,
                                      o->period.last, isfinite(o->delta) ? &o->delta : NULL,
                                      str_from(o->reason), finding_ids[i], NULL, err))
            return false;
    }
    return true;
}

/* ---- gates ---- */

/* A blocking failure holds a draft back while it waits for an answer, and for good once it was
 * confirmed and the values are still there. An answer that waits for its judge lets the account go
 * on; the label stays blocked. */
static bool holds_back(struct db *db, struct arena *arena, const struct kept *kept, bool *holds,
                       struct error *err)
{
    const struct check_finding *f = &kept->finding;
    struct sql_check_list_outcomes_row *outcomes;
    size_t count;
    *holds = f->blocks && f->standing == CHECK_WAITS_ANSWER;
    if (!f->blocks || f->standing != CHECK_STANDS) return true;
    if (!sql_check_list_outcomes(db, arena, f->org_id, kept->year, &outcomes, &count, err))
        return false;
    *holds = still_fires(outcomes, count, f->finding_id);
    return true;
}

static bool set_gates(struct db *db, struct arena *arena, const struct viewer *viewer,
                      const struct flow_library *flows, id64 org_id, struct error *err)
{
    struct account_run_filter filter = {.has_state = true, .state = ACCOUNT_DRAFT};
    struct account_run *runs;
    struct kept *kept;
    size_t run_count, kept_count;
    if (!account_list_runs(db, arena, viewer, org_id, &filter, &runs, &run_count, err) ||
        !read_kept(db, arena, flows, org_id, &kept, &kept_count, err))
        return false;
    bool *holds = ARENA_NEW_ARRAY(arena, bool, kept_count + 1);
    for (size_t k = 0; k < kept_count; k++)
        if (!holds_back(db, arena, &kept[k], &holds[k], err)) return false;
    for (size_t r = 0; r < run_count; r++) {
        const char *reason = "";
        for (size_t k = 0; k < kept_count; k++) {
            const struct check_finding *f = &kept[k].finding;
            bool overlaps = f->period.first.day <= runs[r].period.last.day &&
                            f->period.last.day >= runs[r].period.first.day;
            if (holds[k] && overlaps) reason = f->rule;
        }
        enum account_gate gate = reason[0] != '\0' ? ACCOUNT_GATE_BLOCKED : ACCOUNT_GATE_OPEN;
        bool stands = gate == runs[r].gate && strcmp(reason, runs[r].gate_reason) == 0;
        if (!stands && !account_set_gate(db, org_id, runs[r].run_id, gate, reason, err))
            return false;
    }
    return true;
}

/* A rule that this program can compute and that found nothing to compare is said too. */
static bool tell_silent_rules(struct checking *checking, struct error *err)
{
    const struct model **models;
    size_t count;
    if (!account_list_models(checking->db, checking->arena, checking->rules, checking->org_id,
                             checking->year, "check", &models, &count, err))
        return false;
    for (size_t r = 0; r < checking->checks->count; r++) {
        const struct check_rule *rule = &checking->checks->list[r];
        bool computed = false, told = false;
        for (size_t i = 0; i < count && !computed; i++) {
            const char *id = model_meta(models[i], "rule", false);
            computed = id != NULL && strcmp(id, rule->id) == 0;
        }
        for (size_t i = 0; i < checking->count && !told; i++)
            told = checking->outcomes[i].rule == rule;
        if (computed && !told)
            checking_add(checking, rule, CHECK_NOT_POSSIBLE, account_year(checking->year))->reason =
                "no data to compare";
    }
    return true;
}

/* ---- the face ---- */

bool check_run(struct db *db, struct arena *arena, const struct viewer *viewer,
               const struct account_rules *rules, const struct check_rules *checks,
               const struct flow_library *flows, id64 org_id, int year, date today, int64_t now_ms,
               struct check_summary *summary, struct error *err)
{
    struct checking checking = {.db = db,
                                .arena = arena,
                                .viewer = viewer,
                                .rules = rules,
                                .checks = checks,
                                .org_id = org_id,
                                .year = year,
                                .today = today};
    struct kept *kept;
    size_t kept_count;
    *summary = (struct check_summary){0};
    if (viewer->org_id != org_id)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "check another organisation");
    if (!read_data(&checking, err) || !checking_run_models(&checking, err) ||
        !checking_run_conditions(&checking, err) || !checking_run_series(&checking, err) ||
        !checking_run_readings(&checking, err) || !tell_silent_rules(&checking, err) ||
        !read_kept(db, arena, flows, org_id, &kept, &kept_count, err))
        return false;
    id64 *finding_ids = ARENA_NEW_ARRAY(arena, id64, checking.count + 1);
    return settle(&checking, flows, kept, kept_count, now_ms, finding_ids, summary, err) &&
           keep_outcomes(&checking, finding_ids, summary, err) &&
           set_gates(db, arena, viewer, flows, org_id, err);
}

bool check_list_outcomes(struct db *db, struct arena *arena, const struct viewer *viewer,
                         id64 org_id, int year, struct check_outcome **list, size_t *count,
                         struct error *err)
{
    static const char *const names[] = {"pass", "warn", "fail", "not_possible"};
    struct sql_check_list_outcomes_row *rows;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_LABEL, err) ||
        !sql_check_list_outcomes(db, arena, org_id, year, &rows, count, err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct check_outcome, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        enum check_result result = CHECK_NOT_POSSIBLE;
        for (size_t k = 0; k < ARRAY_LEN(names); k++)
            if (str_is(rows[i].result, names[k])) result = (enum check_result)k;
        (*list)[i] = (struct check_outcome){.rule = rows[i].rule.ptr,
                                            .title = {rows[i].title_en.ptr, rows[i].title_zh.ptr},
                                            .result = result,
                                            .period = {rows[i].first_day, rows[i].last_day},
                                            .delta = rows[i].has_delta ? rows[i].delta : NAN,
                                            .reason = rows[i].reason.ptr,
                                            .finding_id = rows[i].finding_id};
    }
    return true;
}

/* The values compared are activity data. Who has only the scope filing learns that there is a
 * finding and where it stands, not the figures. An authority judges findings and has to see them.
 */
static bool may_see_values(struct db *db, const struct viewer *viewer, id64 org_id)
{
    struct error ignored;
    return viewer->role == REGISTRY_AUTHORITY_OFFICER ||
           registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACTIVITY, &ignored);
}

static void withhold_values(struct check_finding *finding)
{
    finding->text = "The values compared are not within your letter of authorisation.";
    memset(finding->args, 0, sizeof finding->args);
    finding->delta = NAN;
    finding->evidence = NULL;
    finding->evidence_count = 0;
}

static bool read_evidence(struct db *db, struct arena *arena, struct check_finding *finding,
                          struct error *err)
{
    struct sql_check_list_evidence_row *rows;
    size_t count;
    if (!sql_check_list_evidence(db, arena, finding->org_id, finding->finding_id, &rows, &count,
                                 err))
        return false;
    struct check_evidence *list = ARENA_NEW_ARRAY(arena, struct check_evidence, count + 1);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct check_evidence){.name = {rows[i].name_en.ptr, rows[i].name_zh.ptr},
                                          .has_value = rows[i].has_value,
                                          .value = rows[i].value,
                                          .unit = rows[i].unit.ptr,
                                          .source = rows[i].source.ptr,
                                          .datum_id = rows[i].datum_id};
    finding->evidence = list;
    finding->evidence_count = count;
    return true;
}

bool check_list_findings(struct db *db, struct arena *arena, const struct viewer *viewer,
                         const struct flow_library *flows, id64 org_id, bool open_only,
                         struct check_finding **list, size_t *count, struct error *err)
{
    struct kept *kept;
    size_t kept_count;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_FILING, err) ||
        !read_kept(db, arena, flows, org_id, &kept, &kept_count, err))
        return false;
    bool values = may_see_values(db, viewer, org_id);
    *list = ARENA_NEW_ARRAY(arena, struct check_finding, kept_count + 1);
    *count = 0;
    for (size_t i = 0; i < kept_count; i++) {
        if (open_only && kept[i].finding.closed) continue;
        if (!values) withhold_values(&kept[i].finding);
        if (values && !read_evidence(db, arena, &kept[i].finding, err)) return false;
        (*list)[(*count)++] = kept[i].finding;
    }
    return true;
}

bool check_get_finding(struct db *db, struct arena *arena, const struct viewer *viewer,
                       const struct flow_library *flows, id64 org_id, id64 finding_id,
                       struct check_finding *finding, struct error *err)
{
    struct check_finding *list;
    size_t count;
    if (!check_list_findings(db, arena, viewer, flows, org_id, false, &list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (list[i].finding_id != finding_id) continue;
        *finding = list[i];
        return true;
    }
    return error_set(err, ERROR_CHECK_NO_FINDING, "");
}

/* What is attached must be a document of the enterprise that the finding is about. */
static bool own_attachment(struct db *db, struct arena *arena, id64 org_id, id64 attachment_id,
                           struct error *err)
{
    struct viewer own = registry_viewer_own(org_id, 0);
    struct registry_attachment attachment;
    str bytes;
    return attachment_id == 0 || registry_read_attachment(db, arena, &own, org_id, attachment_id,
                                                          &attachment, &bytes, err);
}

static struct flow_actor actor_of(const struct viewer *viewer, id64 org_id, const char *roles[4])
{
    return (struct flow_actor){.person_id = viewer->person_id,
                               .roles = roles,
                               .roles_count = registry_flow_roles(viewer, org_id, roles)};
}

bool check_list_options(struct db *db, struct arena *arena, const struct viewer *viewer,
                        const struct flow_library *flows, const struct check_finding *finding,
                        struct flow_option **list, size_t *count, struct error *err)
{
    struct flow_case the_case;
    const char *roles[4];
    struct flow_actor actor = actor_of(viewer, finding->org_id, roles);
    return registry_require_read(db, viewer, finding->org_id, REGISTRY_SCOPE_FILING, err) &&
           flow_read_case(db, arena, flows, finding->org_id, finding->case_id, &the_case, err) &&
           flow_options(db, arena, &the_case, &actor, instant_now_ms(), list, count, err);
}

static bool lets_judge(const struct registry_authorisation *letter, date today)
{
    return letter->state == REGISTRY_GRANTED && letter->first_day.day <= today.day &&
           (letter->scopes & REGISTRY_SCOPE_FILING) != 0;
}

/* An answer is told to the verifiers whose letter in force lets them judge it, once to each; an
 * authority finds it in its list. */
static bool tell_judges(struct db *db, const struct viewer *own,
                        const struct check_finding *finding, int64_t now_ms, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct registry_org org, judge;
    struct registry_authorisation *letters;
    size_t count;
    char org_id[ID_TEXT_MAX], finding_id[ID_TEXT_MAX];
    if (!registry_get_org(db, arena, own->org_id, &org, err)) return false;
    date today = instant_day(now_ms, org.utc_offset_minutes);
    if (!registry_list_authorisations(db, arena, own, today, &letters, &count, err)) return false;
    id_format(own->org_id, org_id);
    id_format(finding->finding_id, finding_id);
    const char *link = arena_printf(arena, "/expert/findings/%s/%s", org_id, finding_id);
    const char *args[] = {registry_notice_org(arena, &org),
                          registry_notice_arg(arena, finding->title.en, finding->title.zh), NULL};
    for (size_t i = 0; i < count; i++) {
        bool told = !lets_judge(&letters[i], today);
        for (size_t k = 0; k < i && !told; k++)
            told =
                letters[k].bank_org_id == letters[i].bank_org_id && lets_judge(&letters[k], today);
        if (told) continue;
        if (!registry_get_org(db, arena, letters[i].bank_org_id, &judge, err)) return false;
        if (judge.kind == REGISTRY_VERIFIER &&
            !registry_send_notice(db, judge.org_id, "finding",
                                  TR_KEY("{0} has answered a finding: {1}."), args, link, now_ms,
                                  err))
            return false;
    }
    return true;
}

bool check_move_finding(struct db *db, const struct viewer *viewer,
                        const struct flow_library *flows, id64 org_id, id64 finding_id,
                        const char *transition, int64_t step_seen, const char *note,
                        id64 attachment_id, int64_t now_ms, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct check_finding finding;
    const char *roles[4];
    if (!check_get_finding(db, arena, viewer, flows, org_id, finding_id, &finding, err) ||
        !own_attachment(db, arena, org_id, attachment_id, err))
        return false;
    struct flow_actor actor = actor_of(viewer, org_id, roles);
    struct flow_move move = {.org_id = org_id,
                             .case_id = finding.case_id,
                             .transition = str_from(transition),
                             .step_seen = step_seen,
                             .note = str_from(note),
                             .documents = &attachment_id,
                             .documents_count = attachment_id != 0};
    /* The gates are the enterprise's own affair, also when a verifier moves the finding. */
    struct viewer own = registry_viewer_own(org_id, viewer->person_id);
    struct flow_case after;
    if (!flow_take(db, flows, &actor, &move, &after, err) ||
        !set_gates(db, arena, &own, flows, org_id, err))
        return false;
    return standing_of(after.state) != CHECK_WAITS_JUDGEMENT ||
           tell_judges(db, &own, &finding, now_ms, err);
}

bool check_list_steps(struct db *db, struct arena *arena, const struct viewer *viewer,
                      const struct flow_library *flows, const struct check_finding *finding,
                      struct check_step **list, size_t *count, struct error *err)
{
    struct flow_case the_case;
    struct flow_step *steps;
    if (!registry_require_read(db, viewer, finding->org_id, REGISTRY_SCOPE_FILING, err) ||
        !flow_read_case(db, arena, flows, finding->org_id, finding->case_id, &the_case, err) ||
        !flow_steps(db, arena, &the_case, &steps, count, err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct check_step, *count + 1);
    for (size_t i = 0; i < *count; i++)
        (*list)[i] = (struct check_step){
            .title = {steps[i].transition->label.en, steps[i].transition->label.zh},
            .state = {steps[i].to->label.en, steps[i].to->label.zh},
            .note = steps[i].note,
            .person_id = steps[i].person_id,
            .at = steps[i].at_ms};
    return true;
}

/* ---- documents ---- */

static bool may_read_activity(struct db *db, const struct viewer *viewer, id64 org_id, bool *may,
                              struct error *err)
{
    struct error refused = {0};
    *may = registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACTIVITY, &refused);
    if (*may || refused.code == ERROR_REGISTRY_NOT_ALLOWED) return true;
    *err = refused;
    return false;
}

bool check_list_documents(struct db *db, struct arena *arena, const struct viewer *viewer,
                          const struct check_finding *finding, struct check_documents *documents,
                          struct error *err)
{
    struct registry_attachment *kept;
    size_t kept_count;
    id64 *ids;
    bool may;
    *documents = (struct check_documents){0};
    if (!registry_require_read(db, viewer, finding->org_id, REGISTRY_SCOPE_FILING, err) ||
        !flow_documents(db, arena, finding->org_id, finding->case_id, &ids, &documents->all, err) ||
        !may_read_activity(db, viewer, finding->org_id, &may, err))
        return false;
    if (!may || documents->all == 0) return true;
    if (!registry_list_attachments(db, arena, viewer, finding->org_id, &kept, &kept_count, err))
        return false;
    documents->list = ARENA_NEW_ARRAY(arena, struct registry_attachment, documents->all);
    for (size_t i = 0; i < documents->all; i++)
        for (size_t k = 0; k < kept_count; k++)
            if (kept[k].attachment_id == ids[i]) documents->list[documents->count++] = kept[k];
    return true;
}

bool check_read_document(struct db *db, struct arena *arena, const struct viewer *viewer,
                         const struct check_finding *finding, id64 attachment_id,
                         struct registry_attachment *attachment, str *bytes, struct error *err)
{
    struct check_documents documents;
    char id[ID_TEXT_MAX];
    id_format(attachment_id, id);
    if (!registry_require_read(db, viewer, finding->org_id, REGISTRY_SCOPE_ACTIVITY, err) ||
        !check_list_documents(db, arena, viewer, finding, &documents, err))
        return false;
    for (size_t i = 0; i < documents.count; i++)
        if (documents.list[i].attachment_id == attachment_id)
            return registry_read_attachment(db, arena, viewer, finding->org_id, attachment_id,
                                            attachment, bytes, err);
    return error_set(err, ERROR_REGISTRY_ATTACHMENT_UNKNOWN, "s", id);
}

bool check_put_facts(struct db *db, const struct viewer *viewer, const struct check_rules *checks,
                     const struct flow_library *flows, struct account_facts *facts,
                     struct error *err)
{
    struct kept *kept;
    size_t kept_count;
    double lost = 0;
    int64_t fails = 0, warns = 0, blocking = 0;
    struct sql_check_list_outcomes_row *outcomes;
    size_t outcome_count;
    if (!registry_require_read(db, viewer, facts->org_id, REGISTRY_SCOPE_LABEL, err) ||
        !read_kept(db, facts->arena, flows, facts->org_id, &kept, &kept_count, err) ||
        !sql_check_list_outcomes(db, facts->arena, facts->org_id, facts->year, &outcomes,
                                 &outcome_count, err))
        return false;
    if (outcome_count == 0) return true; /* never checked: nothing is known */
    for (size_t i = 0; i < kept_count; i++) {
        if (kept[i].year != facts->year) continue;
        if (!stands(&kept[i].finding,
                    still_fires(outcomes, outcome_count, kept[i].finding.finding_id)))
            continue;
        bool fail = kept[i].finding.result == CHECK_FAIL;
        fails += fail;
        warns += !fail;
        blocking += kept[i].finding.blocks;
        lost += fail ? checks->weight_fail : checks->weight_warn;
    }
    account_put_number(facts, "check.fail", (double)fails, "1", "findings that stand", 0);
    account_put_number(facts, "check.warn", (double)warns, "1", "findings that stand", 0);
    account_put_number(facts, "check.blocking", (double)blocking, "1",
                       "findings that block the label", 0);
    account_put_number(facts, "data.accuracy", fmax(0, 1 - lost), "1",
                       "1 less the weights of findings that stand", 0);
    return true;
}
