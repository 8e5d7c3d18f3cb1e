/* Submissions: bytes kept and committed to the log first, then their rows judged one by one. */
#include "account/internal.h"

#include <math.h>
#include <string.h>

#include "account_sql.h"
#include "trust/trust.h"

#define ARG_SEPARATOR '\x1f'
/* A file and what was refused of it may hold money beside activity data. */
#define BYTES_SCOPES (REGISTRY_SCOPE_ACTIVITY | REGISTRY_SCOPE_FINANCE)

/* What is known while the rows of one submission are judged. */
struct intake_state {
    struct db *db;
    struct arena *arena;
    const struct account_rules *rules;
    id64 org_id;
    date today;
    bool replace;
    int year; /* of `inputs`; INT_MIN before the first row */
    const struct account_input *inputs;
    size_t input_count;
    struct map known; /* place → struct account_datum that counts now */
    struct map given; /* place → struct verdict of a row of this submission */
};

struct verdict {
    const struct account_row *row;
    bool accepted, repeats, replaces;
    const struct verdict *leader; /* the row of this submission that it repeats */
    struct error error;
};

static bool find_input(struct intake_state *state, const struct account_row *row,
                       const struct model_input **input, struct error *err)
{
    bool once = account_period_equal(row->period, account_once());
    int year = month_year(month_of(once ? state->today : row->period.first));
    if (year != state->year) {
        if (!account_list_inputs(state->db, state->arena, state->rules, state->org_id, year,
                                 &state->inputs, &state->input_count, err))
            return false;
        state->year = year;
    }
    for (size_t i = 0; i < state->input_count; i++)
        if (strcmp(state->inputs[i].input->name, account_text(row->input)) == 0) {
            *input = state->inputs[i].input;
            return true;
        }
    return error_set(err, ERROR_ACCOUNT_INPUT_UNKNOWN, "ss", row->row_ref, row->input);
}

static bool check_key(const struct account_row *row, const struct model_input *input,
                      const struct model_key **key, struct error *err)
{
    *key = NULL;
    if (input->index == NULL && account_text(row->key)[0] == '\0') return true;
    for (size_t i = 0; input->index != NULL && i < input->key_count; i++)
        if (strcmp(input->keys[i].id, account_text(row->key)) == 0 && input->keys[i].enabled) {
            *key = &input->keys[i];
            return true;
        }
    return error_set(err, ERROR_ACCOUNT_KEY_UNKNOWN, "sss", row->row_ref, input->name, row->key);
}

static bool check_period(const struct intake_state *state, const struct account_row *row,
                         const struct model_input *input, struct error *err)
{
    static const char *const words[] = {[MODEL_PER_MONTH] = "per calendar month",
                                        [MODEL_PER_YEAR] = "per calendar year",
                                        [MODEL_ONCE] = "once"};
    int32_t month = month_of(row->period.first);
    struct account_period expected = account_once();
    if (input->period == MODEL_PER_MONTH) expected = account_month(month);
    if (input->period == MODEL_PER_YEAR) expected = account_year(month_year(month));
    if (!account_period_equal(row->period, expected))
        return error_set(err, ERROR_ACCOUNT_PERIOD, "ssss", row->row_ref,
                         account_period_text(state->arena, row->period), input->name,
                         words[input->period]);
    if (input->period != MODEL_ONCE && row->period.first.day > state->today.day)
        return error_set(err, ERROR_ACCOUNT_FUTURE, "ssm", row->row_ref,
                         account_period_text(state->arena, row->period), state->today);
    return true;
}

/* Who may read it is told by the unit: money, however it is written (万元, yuan), is kept in CNY.
 */
static void keep_money(const struct intake_state *state, struct account_row *row, const char *own,
                       double in_own)
{
    const struct model_library *library = state->rules->library;
    struct error ignored;
    double yuan;
    if (account_is_money(row->unit)) return;
    if (model_unit_convert(library, row->value, str_from(row->unit), STR("CNY"), &yuan, &ignored)) {
        row->value = yuan;
        row->unit = "CNY";
    } else if (account_is_money(own)) { /* a price */
        row->value = in_own;
        row->unit = own;
    }
}

/* A value without a unit is kept in the input's own: what it is measured in, and whether it is
 * money, must not depend on a model that may change. */
static bool check_number(const struct intake_state *state, struct account_row *row,
                         const struct model_input *input, const struct model_key *key,
                         struct error *err)
{
    const char *own = input->unit != NULL ? input->unit : key != NULL ? key->unit : NULL;
    const char *wanted = own == NULL ? "a number" : own;
    if (!row->has_number || !isfinite(row->value))
        return error_set(err, ERROR_ACCOUNT_VALUE_MISSING, "sss", row->row_ref, input->name,
                         wanted);
    double value = row->value;
    if (own != NULL && account_text(row->unit)[0] == '\0') row->unit = own;
    if (own != NULL) {
        struct error why;
        if (!model_unit_convert(state->rules->library, row->value, str_from(row->unit),
                                str_from(own), &value, &why))
            return error_set(err, ERROR_ACCOUNT_UNIT, "ssss", row->row_ref, row->unit, input->name,
                             own);
        keep_money(state, row, own, value);
    }
    bool low = input->has_min && value < input->min, high = input->has_max && value > input->max;
    if (!low && !high) return true;
    char bound[NUM_TEXT_MAX];
    num_format(low ? input->min : input->max, bound);
    return error_set(err, ERROR_ACCOUNT_RANGE, "ssdsss", row->row_ref, input->name, value,
                     own == NULL ? "" : own, low ? "at least" : "at most", bound);
}

static bool check_text(struct arena *arena, const struct account_row *row,
                       const struct model_input *input, struct error *err)
{
    const char *text = account_text(row->text), *expected = "a text of 1 to 512 bytes";
    date day;
    bool good = text[0] != '\0' && strlen(text) <= ACCOUNT_TEXT_BYTES_MAX;
    if (input->type == MODEL_FLAG) {
        expected = "true or false";
        good = strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    } else if (input->type == MODEL_DATE) {
        expected = "a day such as 2026-03-01";
        good = date_parse_iso(str_from(text), &day);
    } else if (input->type == MODEL_CHOICE) {
        struct buf *names = buf_new(arena);
        good = false;
        for (size_t i = 0; i < input->choice_count; i++) {
            buf_printf(names, "%s%s", i == 0 ? "" : ", ", input->choices[i].id);
            good = good || strcmp(text, input->choices[i].id) == 0;
        }
        expected = str_dup(arena, buf_str(names));
    }
    return good ||
           error_set(err, ERROR_ACCOUNT_TEXT, "ssss", row->row_ref, input->name, text, expected);
}

static bool check_row(struct intake_state *state, struct account_row *row, struct error *err)
{
    const struct model_input *input = NULL;
    const struct model_key *key;
    if (!find_input(state, row, &input, err)) return false;
    if (!check_key(row, input, &key, err)) return false;
    if (!check_period(state, row, input, err)) return false;
    if (input->type == MODEL_NUMBER) return check_number(state, row, input, key, err);
    return check_text(state->arena, row, input, err);
}

static bool same_value(bool has_number, double a, const char *a_unit, const char *a_text,
                       const struct account_row *row)
{
    if (has_number != row->has_number) return false;
    if (has_number && (a != row->value || strcmp(a_unit, account_text(row->unit)) != 0))
        return false;
    return has_number || strcmp(a_text, account_text(row->text)) == 0;
}

/* The place may be taken by another row of this submission or by a datum that counts. */
static void judge_place(struct intake_state *state, struct verdict *verdict)
{
    const struct account_row *row = verdict->row;
    str place = account_place(state->arena, row->period, row->input, row->key);
    const char *period = account_period_text(state->arena, row->period);
    struct verdict *other = map_get(&state->given, place);
    if (other != NULL) {
        const struct account_row *first = other->row;
        verdict->repeats = same_value(first->has_number, first->value, account_text(first->unit),
                                      account_text(first->text), row);
        verdict->leader = other;
        if (verdict->repeats) return;
        verdict->accepted = other->accepted = false;
        error_set(&verdict->error, ERROR_ACCOUNT_DUPLICATE_ROW, "ssss", row->row_ref, row->input,
                  row->key, period);
        error_set(&other->error, ERROR_ACCOUNT_DUPLICATE_ROW, "ssss", first->row_ref, row->input,
                  row->key, period);
        return;
    }
    map_put(&state->given, place, verdict);
    const struct account_datum *known = map_get(&state->known, place);
    if (known == NULL) return;
    verdict->repeats = same_value(known->has_number, known->value, known->unit, known->text, row);
    verdict->replaces = !verdict->repeats && state->replace;
    if (verdict->repeats || verdict->replaces) return;
    char number[NUM_TEXT_MAX] = "";
    if (known->has_number) num_format(known->value, number);
    verdict->accepted = false;
    error_set(&verdict->error, ERROR_ACCOUNT_DUPLICATE, "ssssss", row->row_ref, row->input,
              row->key, period, known->has_number ? number : known->text, known->unit);
}

static bool load_known(struct intake_state *state, const struct account_row *rows, size_t count,
                       struct error *err)
{
    date first = {INT32_MAX}, last = {INT32_MIN};
    struct account_datum *data;
    size_t n;
    struct account_period once = account_once();
    for (size_t i = 0; i < count; i++) {
        if (account_period_equal(rows[i].period, once)) continue;
        if (rows[i].period.first.day < first.day) first = rows[i].period.first;
        if (rows[i].period.last.day > last.day) last = rows[i].period.last;
    }
    map_init(&state->known, state->arena);
    map_init(&state->given, state->arena);
    if (!account_load_data(state->db, state->arena, state->org_id, first, last, true, ACCOUNT_NOW,
                           &data, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!data[i].superseded)
            map_put(&state->known,
                    account_place(state->arena, data[i].period, data[i].input, data[i].key),
                    &data[i]);
    return true;
}

static str join_args(struct arena *arena, const struct error *error)
{
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < error->count; i++) {
        if (i > 0) buf_putc(out, ARG_SEPARATOR);
        buf_put_str(out, error_arg(error, i));
    }
    return buf_str(out);
}

static bool keep_refused(struct db *db, id64 org_id, id64 submission_id, int64_t place,
                         const struct verdict *verdict, struct error *err)
{
    const struct account_row *row = verdict->row;
    return sql_account_insert_refused(db, org_id, submission_id, place, row->period.first,
                                      row->period.last, account_str(row->input),
                                      account_str(row->key), account_str(row->raw),
                                      account_str(row->unit), account_str(row->row_ref),
                                      str_from(error_name(verdict->error.code)),
                                      join_args(db_arena(db), &verdict->error), NULL, err);
}

static struct account_datum datum_of(const struct account_submission *submission,
                                     const struct account_row *row)
{
    return (struct account_datum){.org_id = submission->org_id,
                                  .datum_id = id_new(),
                                  .submission_id = submission->submission_id,
                                  .asset_id = row->asset_id,
                                  .period = row->period,
                                  .input = account_text(row->input),
                                  .key = account_text(row->key),
                                  .has_number = row->has_number,
                                  .value = row->value,
                                  .unit = account_text(row->unit),
                                  .text = account_text(row->text),
                                  .raw = account_text(row->raw),
                                  .row_ref = account_text(row->row_ref),
                                  .tier = row->tier,
                                  .known_seq = submission->known_seq};
}

static bool keep_datum(struct db *db, const struct account_datum *d, struct error *err)
{
    return sql_account_insert_datum(db, d->org_id, d->datum_id, d->period.first, d->period.last,
                                    str_from(d->input), str_from(d->key),
                                    d->has_number ? &d->value : NULL, str_from(d->unit),
                                    str_from(d->text), str_from(d->raw), d->tier, d->submission_id,
                                    str_from(d->row_ref), d->asset_id, d->known_seq, NULL, err);
}

/* The submission's row, bytes and pending leaf: in the same write as its data, before any run. */
static bool keep_submission(struct db *db, const struct account_submission *s, str bytes,
                            const struct account_datum *data, size_t count, struct error *err)
{
    struct arena *arena = db_arena(db);
    str *lines = ARENA_NEW_ARRAY(arena, str, count + 1);
    for (size_t i = 0; i < count; i++) lines[i] = account_datum_line(arena, &data[i]);
    digest content = account_submission_content(arena, s->bytes_digest, lines, count);
    if (!log_add_pending(db, s->org_id, "submission", s->submission_id, content, NULL, err))
        return false;
    if (!sql_account_insert_submission(
            db, s->org_id, s->submission_id, s->person_id, str_from(s->kind), str_from(s->name),
            s->size_bytes, account_digest_str(&s->bytes_digest), s->at, s->known_seq,
            s->rows_accepted, s->rows_refused, s->rows_replaced, NULL, err))
        return false;
    for (size_t at = 0, piece = 0; at < bytes.len; at += ACCOUNT_PIECE_BYTES, piece++)
        if (!sql_account_insert_piece(db, s->org_id, s->submission_id, (int64_t)piece,
                                      str_slice(bytes, at, at + ACCOUNT_PIECE_BYTES), NULL, err))
            return false;
    for (size_t i = 0; i < count; i++)
        if (!keep_datum(db, &data[i], err)) return false;
    return true;
}

static bool judge_rows(struct intake_state *state, const struct account_row *rows, size_t count,
                       struct verdict *verdicts, struct error *err)
{
    if (!load_known(state, rows, count, err)) return false;
    struct account_row *own = ARENA_NEW_ARRAY(state->arena, struct account_row, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct verdict *verdict = &verdicts[i];
        own[i] = rows[i];
        verdict->row = &own[i];
        if (rows[i].refused != NULL)
            verdict->error = *rows[i].refused;
        else
            verdict->accepted = check_row(state, &own[i], &verdict->error);
        if (verdict->accepted) judge_place(state, verdict);
    }
    for (size_t i = 0; i < count; i++) { /* a repetition shares the fate of what it repeats */
        const struct verdict *leader = verdicts[i].leader;
        if (!verdicts[i].accepted || leader == NULL || leader->accepted) continue;
        verdicts[i].accepted = false;
        verdicts[i].error = leader->error;
    }
    return true;
}

bool account_submit(struct db *db, const struct viewer *viewer, const struct account_rules *rules,
                    const struct account_submission_new *new_submission,
                    const struct account_row *rows, size_t count, date today, int64_t now_ms,
                    struct account_submission *result, struct error *err)
{
    struct arena *arena = db_arena(db);
    const struct account_submission_new *given = new_submission;
    if (!registry_require_own(viewer, given->org_id, ACCOUNT_ROLES_ENTERPRISE, err)) return false;
    if (count > ACCOUNT_ROWS_MAX)
        return error_set(err, ERROR_LIMIT, "iis", (int64_t)count, (int64_t)ACCOUNT_ROWS_MAX,
                         "rows of one submission");
    if (given->bytes.len > ACCOUNT_BYTES_MAX)
        return error_set(err, ERROR_FILE_LARGE, "si", given->name, (int64_t)ACCOUNT_BYTES_MAX);
    struct intake_state state = {.db = db,
                                 .arena = arena,
                                 .rules = rules,
                                 .org_id = given->org_id,
                                 .today = today,
                                 .replace = given->replace,
                                 .year = INT32_MIN};
    struct verdict *verdicts = ARENA_NEW_ARRAY(arena, struct verdict, count + 1);
    if (!judge_rows(&state, rows, count, verdicts, err)) return false;
    struct account_submission s = {.org_id = given->org_id,
                                   .submission_id = id_new(),
                                   .person_id = viewer->person_id,
                                   .kind = account_text(given->kind),
                                   .name = account_text(given->name),
                                   .person_name = "",
                                   .size_bytes = (int64_t)given->bytes.len,
                                   .bytes_digest = digest_of(given->bytes),
                                   .rows_refused = given->refused_more,
                                   .at = now_ms};
    for (size_t i = 0; i < count; i++) {
        if (verdicts[i].accepted) s.rows_accepted++;
        if (!verdicts[i].accepted) s.rows_refused++;
        if (verdicts[i].accepted && verdicts[i].replaces) s.rows_replaced++;
    }
    if (!account_known_seq(db, &s.known_seq, err)) return false;
    struct account_datum *data = ARENA_NEW_ARRAY(arena, struct account_datum, count + 1);
    size_t data_count = 0;
    for (size_t i = 0; i < count; i++)
        if (verdicts[i].accepted && !verdicts[i].repeats)
            data[data_count++] = datum_of(&s, verdicts[i].row);
    if (!keep_submission(db, &s, given->bytes, data, data_count, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (!verdicts[i].accepted &&
            !keep_refused(db, s.org_id, s.submission_id, (int64_t)i, &verdicts[i], err))
            return false;
    account_release_data(db);
    *result = s;
    return true;
}

/* What was computed from data that no longer count must not be posted. */
static bool drop_drafts_using(struct db *db, const struct viewer *viewer, id64 org_id,
                              id64 submission_id, int64_t known_seq, int64_t now_ms,
                              struct error *err)
{
    struct sql_account_select_drafts_using_row *rows;
    size_t count;
    if (!sql_account_select_drafts_using(db, NULL, org_id, submission_id, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!account_drop_draft(db, viewer, org_id, rows[i].run_id, "its data were withdrawn",
                                known_seq, now_ms, err))
            return false;
    return true;
}

bool account_withdraw(struct db *db, const struct viewer *viewer, id64 submission_id,
                      const char *reason, int64_t now_ms, id64 *withdrawal_id, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct account_submission before;
    int64_t changed = 0;
    id64 org_id = viewer->org_id;
    if (!registry_require_own(viewer, org_id, ACCOUNT_ROLES_ENTERPRISE, err)) return false;
    str why = str_trim(account_str(reason));
    if (why.len == 0) return error_set(err, ERROR_ACCOUNT_REASON_EMPTY, "");
    if (!account_get_submission(db, arena, viewer, org_id, submission_id, &before, err))
        return false;
    if (before.withdraws != 0) return error_set(err, ERROR_ACCOUNT_WITHDRAWAL, "");
    struct buf *bytes = buf_new(arena);
    buf_puts(bytes, "{\"reason\":");
    buf_json_string(bytes, why);
    buf_printf(bytes, ",\"withdraws\":\"%s\"}", account_id_text(arena, submission_id));
    struct account_submission s = {.org_id = org_id,
                                   .submission_id = id_new(),
                                   .person_id = viewer->person_id,
                                   .kind = "withdrawal",
                                   .name = before.name,
                                   .size_bytes = (int64_t)bytes->len,
                                   .bytes_digest = digest_of(buf_str(bytes)),
                                   .at = now_ms};
    if (!account_known_seq(db, &s.known_seq, err)) return false;
    if (!sql_account_insert_withdrawn(db, org_id, submission_id, s.submission_id, why, s.known_seq,
                                      &changed, err))
        return false;
    if (changed == 0) return error_set(err, ERROR_ACCOUNT_WITHDRAWN, "");
    account_release_data(db);
    if (!keep_submission(db, &s, buf_str(bytes), NULL, 0, err) ||
        !drop_drafts_using(db, viewer, org_id, submission_id, s.known_seq, now_ms, err))
        return false;
    *withdrawal_id = s.submission_id;
    return true;
}

bool account_load_submissions(struct db *db, struct arena *arena, id64 org_id, id64 one_id,
                              int64_t rows_max, struct account_submission **list, size_t *count,
                              struct error *err)
{
    struct sql_account_select_submissions_row *rows;
    size_t n;
    if (!sql_account_select_submissions(db, arena, org_id, one_id, rows_max, &rows, &n, err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct account_submission, n + 1);
    for (size_t i = 0; i < n; i++)
        (*list)[i] = (struct account_submission){
            .org_id = org_id,
            .submission_id = rows[i].submission_id,
            .person_id = rows[i].person_id,
            .kind = str_dup(arena, rows[i].kind),
            .name = str_dup(arena, rows[i].name),
            .person_name = rows[i].has_person_name ? str_dup(arena, rows[i].person_name) : "",
            .size_bytes = rows[i].size_bytes,
            .bytes_digest = account_digest_from(rows[i].bytes_digest),
            .at = rows[i].at,
            .known_seq = rows[i].known_seq,
            .rows_accepted = rows[i].rows_accepted,
            .rows_refused = rows[i].rows_refused,
            .rows_replaced = rows[i].rows_replaced,
            .withdrawn = rows[i].has_withdrawal_id,
            .withdrawal_id = rows[i].has_withdrawal_id ? rows[i].withdrawal_id : 0,
            .withdraws = rows[i].has_withdraws ? rows[i].withdraws : 0,
        };
    *count = n;
    return true;
}

bool account_list_submissions(struct db *db, struct arena *arena, const struct viewer *viewer,
                              id64 org_id, int64_t rows_max, struct account_submission **list,
                              size_t *count, struct error *err)
{
    if (rows_max <= 0) rows_max = INT64_MAX;
    return registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACTIVITY, err) &&
           account_load_submissions(db, arena, org_id, 0, rows_max, list, count, err);
}

bool account_get_submission(struct db *db, struct arena *arena, const struct viewer *viewer,
                            id64 org_id, id64 submission_id, struct account_submission *submission,
                            struct error *err)
{
    struct account_submission *list;
    size_t count = 0;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACTIVITY, err)) return false;
    if (submission_id != 0 &&
        !account_load_submissions(db, arena, org_id, submission_id, 1, &list, &count, err))
        return false;
    if (count == 0)
        return error_set(err, ERROR_ACCOUNT_UNKNOWN, "ss", "submission",
                         account_id_text(arena, submission_id));
    *submission = list[0];
    return true;
}

bool account_read_submission_bytes(struct db *db, struct arena *arena, const struct viewer *viewer,
                                   id64 org_id, id64 submission_id, str *bytes, struct error *err)
{
    struct sql_account_select_pieces_row *rows;
    size_t count;
    if (!registry_require_read(db, viewer, org_id, BYTES_SCOPES, err)) return false;
    if (!sql_account_select_pieces(db, arena, org_id, submission_id, &rows, &count, err))
        return false;
    struct buf *all = buf_new(arena);
    for (size_t i = 0; i < count; i++) buf_put_str(all, rows[i].content);
    *bytes = buf_str(all);
    return true;
}

/* An error as it was kept: its name and its arguments. */
static void read_error(str name, str joined, struct error *error)
{
    enum error_code code = ERROR_INTERNAL;
    for (int i = 0; i < ERROR_CODES; i++)
        if (str_is(name, error_name((enum error_code)i))) code = (enum error_code)i;
    str args[ERROR_ARGS_MAX] = {{0}};
    char kinds[ERROR_ARGS_MAX + 1] = {0};
    for (size_t i = 0; i < ERROR_ARGS_MAX && str_cut(&joined, ARG_SEPARATOR, &args[i]); i++)
        kinds[i] = 'S';
    error_set(error, code, kinds, args[0], args[1], args[2], args[3], args[4], args[5]);
}

bool account_list_refusals(struct db *db, struct arena *arena, const struct viewer *viewer,
                           id64 org_id, id64 submission_id, struct account_refusal **list,
                           size_t *count, struct error *err)
{
    struct sql_account_select_refused_row *rows;
    size_t n;
    if (!registry_require_read(db, viewer, org_id, BYTES_SCOPES, err)) return false;
    if (!sql_account_select_refused(db, arena, org_id, submission_id, &rows, &n, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct account_refusal, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct account_refusal *refusal = &(*list)[i];
        *refusal = (struct account_refusal){
            .period = {rows[i].first_day, rows[i].last_day},
            .input = str_dup(arena, rows[i].input),
            .key = str_dup(arena, rows[i].input_key),
            .raw = str_dup(arena, rows[i].raw),
            .unit = str_dup(arena, rows[i].unit),
            .row_ref = str_dup(arena, rows[i].row_ref),
        };
        read_error(rows[i].error_code, rows[i].error_args, &refusal->error);
    }
    *count = n;
    return true;
}
