/* Postings: results of a run as integers, their canonical bytes, approval and reversal. */
#include "account/internal.h"

#include <string.h>

#include "account_sql.h"
#include "trust/trust.h"

/* ---- from outputs to integers ---------------------------------------------------------- */

static const char *pair(const struct model_output *output, const char *key, const char *fallback)
{
    for (size_t i = 0; i < output->post_pair_count; i++)
        if (strcmp(output->post_pairs[i].key, key) == 0) return output->post_pairs[i].value.en;
    return fallback;
}

/* The value in the posting's unit, as an integer. */
static bool to_amount(const struct model_library *library, const struct model_output *output,
                      double value, struct account_posting *posting, struct error *err)
{
    double scaled = 0;
    str unit = account_str(output->unit);
    struct error why;
    bool good = true;
    switch (posting->kind) {
    case ACCOUNT_EMISSION:
        good = model_unit_convert(library, value, unit, STR("t CO2e"), &scaled, err);
        scaled *= 1e6;
        break;
    case ACCOUNT_ENERGY: /* tce is a dimension of its own; heat and power are joules */
        if (model_unit_convert(library, value, unit, STR("tce"), &scaled, &why))
            scaled *= ACCOUNT_KJ_PER_TCE;
        else
            good = model_unit_convert(library, value, unit, STR("kJ"), &scaled, err);
        break;
    case ACCOUNT_PRODUCTION:
    case ACCOUNT_POSTING_KINDS: scaled = value * 1000; break;
    }
    if (!good) return false;
    return num_to_int(scaled, &posting->amount) ||
           error_set(err, ERROR_ACCOUNT_AMOUNT_RANGE, "ssds", output->name, posting->source, value,
                     account_text(output->unit));
}

static bool posting_kind(const char *name, enum account_posting_kind *kind)
{
    for (int i = 0; i < ACCOUNT_POSTING_KINDS; i++)
        if (strcmp(name, account_kind_name((enum account_posting_kind)i)) == 0) {
            *kind = (enum account_posting_kind)i;
            return true;
        }
    return false;
}

static void fill_class(const struct model_output *output, const char *key,
                       struct account_posting *posting)
{
    const char *scope = pair(output, "scope", "0");
    posting->source = "";
    posting->basis = "";
    switch (posting->kind) {
    case ACCOUNT_EMISSION:
        posting->scope = scope[0] - '0';
        posting->source = pair(output, "source", "other");
        posting->basis = pair(output, "basis", "both");
        posting->unit = "g CO2e";
        break;
    case ACCOUNT_ENERGY:
        posting->source = pair(output, "kind", "calorific");
        posting->unit = "kJ";
        break;
    case ACCOUNT_PRODUCTION:
    case ACCOUNT_POSTING_KINDS:
        posting->source = output->index != NULL ? key : pair(output, "product", "main");
        posting->unit = account_text(output->unit);
        break;
    }
}

bool account_make_postings(struct arena *arena, const struct model_library *library,
                           const struct model *model, const struct model_run *run,
                           struct account_period period, struct account_posting **list,
                           size_t *count, struct error *err)
{
    const struct model_info *info = model_info(model);
    struct account_posting *all = NULL;
    size_t n = 0, capacity = 0;
    for (size_t i = 0; i < info->output_count; i++) {
        const struct model_output *output = &info->outputs[i];
        enum account_posting_kind kind;
        if (output->post == NULL || output->type != MODEL_NUMBER) continue;
        if (!posting_kind(output->post, &kind)) continue;
        size_t keys = output->index == NULL ? 1 : output->key_count;
        for (size_t k = 0; k < keys; k++) {
            const char *key = output->index == NULL ? "" : output->keys[k].id;
            bool present = true;
            struct model_value value =
                model_run_value(run, 0, output->name, str_from(key), &present);
            if (!present || value.status != MODEL_OK || value.number == 0) continue;
            struct account_posting posting = {
                .period = period, .kind = kind, .output = output->name, .key = key};
            fill_class(output, key, &posting);
            if (!to_amount(library, output, value.number, &posting, err)) return false;
            if (posting.amount != 0) *ARENA_PUSH(arena, all, n, capacity) = posting;
        }
    }
    *list = all;
    *count = n;
    return true;
}

bool account_insert_posting(struct db *db, const struct account_posting *p, struct error *err)
{
    return sql_account_insert_posting(db, p->org_id, p->posting_id, p->run_id, p->period.first,
                                      p->period.last, str_from(account_kind_name(p->kind)),
                                      p->scope, str_from(p->source), str_from(p->basis),
                                      str_from(p->output), str_from(p->key), p->amount,
                                      str_from(p->unit), p->known_seq, p->reverses, NULL, err);
}

/* ---- states ------------------------------------------------------------------------------ */

bool account_add_step(struct db *db, const struct viewer *viewer, id64 org_id, id64 run_id,
                      const char *state, const char *reason, int64_t known_seq, int64_t now_ms,
                      struct error *err)
{
    account_forget_sums(db, org_id);
    return sql_account_insert_step(db, org_id, run_id, id_new(), str_from(state), viewer->person_id,
                                   account_str(reason), now_ms, known_seq, NULL, err);
}

bool account_drop_draft(struct db *db, const struct viewer *viewer, id64 org_id, id64 run_id,
                        const char *reason, int64_t known_seq, int64_t now_ms, struct error *err)
{
    return sql_account_update_dropped(db, org_id, run_id, NULL, err) &&
           account_add_step(db, viewer, org_id, run_id, account_state_name(ACCOUNT_DROPPED), reason,
                            known_seq, now_ms, err);
}

static bool wrong_state(const struct account_run *run, enum account_state expected,
                        struct error *err)
{
    return error_set(err, ERROR_ACCOUNT_STATE, "ss", account_state_name(run->state),
                     account_state_name(expected));
}

bool account_set_gate(struct db *db, id64 org_id, id64 run_id, enum account_gate gate,
                      const char *reason, struct error *err)
{
    static const char *const gates[ACCOUNT_GATES] = {"waiting", "open", "blocked"};
    struct account_run run;
    CHECK(gate >= 0 && gate < ACCOUNT_GATES);
    if (!account_load_run(db, db_arena(db), org_id, run_id, &run, err)) return false;
    if (run.state != ACCOUNT_DRAFT) return wrong_state(&run, ACCOUNT_DRAFT, err);
    return sql_account_update_gate(db, org_id, run_id, str_from(gates[gate]), account_str(reason),
                                   NULL, err);
}

/* Postings of the opposite sign, in the same account, with a leaf of their own. */
static bool reverse_run(struct db *db, const struct viewer *viewer, const struct account_run *run,
                        const char *reason, int64_t now_ms, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct account_posting *postings;
    size_t count;
    int64_t known_seq;
    if (!account_known_seq(db, &known_seq, err)) return false;
    if (!account_load_postings(db, arena, run->org_id, run->run_id, &postings, &count, err))
        return false;
    str *lines = ARENA_NEW_ARRAY(arena, str, count + 1);
    for (size_t i = 0; i < count; i++) {
        postings[i].reverses = postings[i].posting_id;
        postings[i].posting_id = id_new();
        postings[i].amount = -postings[i].amount;
        postings[i].known_seq = known_seq;
        lines[i] = account_posting_bytes(arena, &postings[i]);
        if (!account_insert_posting(db, &postings[i], err)) return false;
    }
    digest root = account_lines_root(arena, lines, count);
    return log_add_pending(db, run->org_id, "reversal", run->run_id, root, NULL, err) &&
           sql_account_update_reversed(db, run->org_id, run->run_id, known_seq, NULL, err) &&
           account_add_step(db, viewer, run->org_id, run->run_id,
                            account_state_name(ACCOUNT_REVERSED), reason, known_seq, now_ms, err);
}

/* Nobody who can sign in as the viewer can sign in as the other. */
static bool require_other_hand(struct db *db, const struct viewer *viewer, id64 other_id,
                               struct error *err)
{
    struct registry_person person;
    id64 common;
    if (!registry_common_hand(db, viewer->org_id, viewer->person_id, other_id, &common, err))
        return false;
    return common == 0 ||
           (registry_get_person(db, db_arena(db), viewer->org_id, common, &person, err) &&
            error_set(err, ERROR_ACCOUNT_ONE_HAND, "s", person.name));
}

static bool require_second_person(struct db *db, const struct viewer *viewer,
                                  const struct account_run *run, struct error *err)
{
    struct sql_account_select_senders_row *senders;
    size_t count;
    if (!registry_require_own(viewer, run->org_id, 1U << REGISTRY_ENTERPRISE_APPROVER, err))
        return false;
    if (viewer->person_id == run->person_id)
        return error_set(err, ERROR_ACCOUNT_FOUR_EYES, "s", "you computed this run");
    if (!sql_account_select_senders(db, db_arena(db), run->org_id, run->run_id, &senders, &count,
                                    err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (senders[i].person_id == viewer->person_id)
            return error_set(err, ERROR_ACCOUNT_FOUR_EYES, "s", "you submitted data that it uses");
    if (!require_other_hand(db, viewer, run->person_id, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (!require_other_hand(db, viewer, senders[i].person_id, err)) return false;
    return true;
}

bool account_approve(struct db *db, const struct viewer *viewer, id64 org_id, id64 run_id,
                     int64_t now_ms, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct account_run run, before;
    struct sql_account_select_overlapping_row *posted;
    size_t count;
    int64_t known_seq;
    if (!registry_require_own(viewer, org_id, 1U << REGISTRY_ENTERPRISE_APPROVER, err))
        return false;
    if (!account_load_run(db, arena, org_id, run_id, &run, err)) return false;
    if (run.state != ACCOUNT_DRAFT) return wrong_state(&run, ACCOUNT_DRAFT, err);
    if (!require_second_person(db, viewer, &run, err)) return false;
    if (run.gate != ACCOUNT_GATE_OPEN)
        return error_set(err, ERROR_ACCOUNT_GATE, "s",
                         run.gate_reason[0] != '\0' ? run.gate_reason
                                                    : "the checks have not been made yet.");
    if (!sql_account_select_overlapping(db, arena, org_id, str_from(run.kind), run.period.first,
                                        run.period.last, STR("posted"), &posted, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!account_load_run(db, arena, org_id, posted[i].run_id, &before, err) ||
            !reverse_run(db, viewer, &before, "replaced by a newer run", now_ms, err))
            return false;
    return account_known_seq(db, &known_seq, err) &&
           sql_account_update_posted(db, org_id, run_id, known_seq, viewer->person_id, NULL, err) &&
           account_add_step(db, viewer, org_id, run_id, account_state_name(ACCOUNT_POSTED), "",
                            known_seq, now_ms, err);
}

bool account_reverse(struct db *db, const struct viewer *viewer, id64 org_id, id64 run_id,
                     const char *reason, int64_t now_ms, struct error *err)
{
    struct account_run run;
    if (!registry_require_own(viewer, org_id, 1U << REGISTRY_ENTERPRISE_APPROVER, err))
        return false;
    if (str_trim(account_str(reason)).len == 0)
        return error_set(err, ERROR_ACCOUNT_REASON_EMPTY, "");
    if (!account_load_run(db, db_arena(db), org_id, run_id, &run, err)) return false;
    if (run.state != ACCOUNT_POSTED) return wrong_state(&run, ACCOUNT_POSTED, err);
    if (!require_second_person(db, viewer, &run, err)) return false;
    return reverse_run(db, viewer, &run, reason, now_ms, err);
}

/* ---- reading ----------------------------------------------------------------------------- */

bool account_load_postings(struct db *db, struct arena *arena, id64 org_id, id64 run_id,
                           struct account_posting **list, size_t *count, struct error *err)
{
    struct sql_account_select_postings_row *rows;
    size_t n;
    if (!sql_account_select_postings(db, arena, org_id, run_id, &rows, &n, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct account_posting, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct account_posting *p = &(*list)[i];
        *p = (struct account_posting){
            .org_id = org_id,
            .posting_id = rows[i].posting_id,
            .run_id = rows[i].run_id,
            .period = {rows[i].first_day, rows[i].last_day},
            .scope = (int)rows[i].scope,
            .source = str_dup(arena, rows[i].source),
            .basis = str_dup(arena, rows[i].basis),
            .output = str_dup(arena, rows[i].output),
            .key = str_dup(arena, rows[i].output_key),
            .amount = rows[i].amount,
            .unit = str_dup(arena, rows[i].unit),
            .known_seq = rows[i].known_seq,
            .reverses = rows[i].reverses,
        };
        CHECK(posting_kind(str_dup(arena, rows[i].kind), &p->kind));
        for (int s = 0; s < ACCOUNT_STATES; s++)
            if (str_is(rows[i].state, account_state_name((enum account_state)s)))
                p->state = (enum account_state)s;
    }
    *count = n;
    return true;
}

bool account_list_postings(struct db *db, struct arena *arena, const struct viewer *viewer,
                           id64 org_id, id64 run_id, struct account_posting **list, size_t *count,
                           struct error *err)
{
    return registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACCOUNT, err) &&
           account_load_postings(db, arena, org_id, run_id, list, count, err);
}
