/* The library of flows, and cases in the store. */
#include "flow/flow.h"

#include <string.h>

#include "base/file.h"
#include "flow_sql.h"

#define CHINA_MINUTES 480

struct flow_library {
    struct arena *arena;
    const struct flow **flows;
    size_t count, capacity;
    struct flow_problem *problems;
    size_t problem_count, problem_capacity;
};

const struct flow_state *flow_find_state(const struct flow *flow, str name)
{
    for (size_t i = 0; i < flow->states_count; i++)
        if (str_is(name, flow->states[i].name)) return &flow->states[i];
    return NULL;
}

const struct flow_transition *flow_find_transition(const struct flow *flow, str name)
{
    for (size_t i = 0; i < flow->transitions_count; i++)
        if (str_is(name, flow->transitions[i].name)) return &flow->transitions[i];
    return NULL;
}

bool flow_leads_from(const struct flow_transition *transition, const struct flow_state *state)
{
    for (size_t i = 0; i < transition->from_count; i++)
        if (transition->from[i] == state) return true;
    return false;
}

const struct flow_transition *flow_find_meant(const struct flow *flow,
                                              const struct flow_state *from, const char *means)
{
    for (size_t i = 0; i < flow->transitions_count; i++)
        if (strcmp(flow->transitions[i].means, means) == 0 &&
            flow_leads_from(&flow->transitions[i], from))
            return &flow->transitions[i];
    return NULL;
}

/* --- the library --- */

struct flow_library *flow_library_new(struct arena *arena)
{
    struct flow_library *library = ARENA_NEW(arena, struct flow_library);
    library->arena = arena;
    return library;
}

static bool add_flow(struct flow_library *library, const char *file, const struct flow *flow,
                     struct error *err)
{
    if (flow_find_version(library, str_from(flow->name), flow->version) != NULL)
        return error_set(err, ERROR_FLOW_VERSION, "ssi", file, flow->name, (int64_t)flow->version);
    *ARENA_PUSH(library->arena, library->flows, library->count, library->capacity) = flow;
    return true;
}

bool flow_library_add(struct flow_library *library, const struct flow *flow, struct error *err)
{
    return add_flow(library, flow->name, flow, err);
}

static bool add_file(struct flow_library *library, const char *file, struct error *err)
{
    str text;
    if (!file_read(library->arena, file, FLOW_FILE_BYTES_MAX, &text, err)) return false;
    const struct flow *flow = flow_parse(library->arena, file, text, err);
    return flow != NULL && add_flow(library, file, flow, err);
}

bool flow_library_add_folder(struct flow_library *library, const char *path, struct error *err)
{
    char **names;
    size_t count;
    if (!file_list(library->arena, path, &names, &count, err)) return false;
    for (size_t i = 0; i < count; i++) {
        if (!str_ends(str_from(names[i]), ".flow")) continue;
        struct flow_problem problem = {.file =
                                           arena_printf(library->arena, "%s/%s", path, names[i])};
        if (!add_file(library, problem.file, &problem.reason))
            *ARENA_PUSH(library->arena, library->problems, library->problem_count,
                        library->problem_capacity) = problem;
    }
    return true;
}

size_t flow_library_problems(const struct flow_library *library, const struct flow_problem **list)
{
    *list = library->problems;
    return library->problem_count;
}

const struct flow *flow_find(const struct flow_library *library, str name)
{
    const struct flow *newest = NULL;
    for (size_t i = 0; i < library->count; i++)
        if (str_is(name, library->flows[i]->name) &&
            (newest == NULL || library->flows[i]->version > newest->version))
            newest = library->flows[i];
    return newest;
}

const struct flow *flow_find_version(const struct flow_library *library, str name, int version)
{
    for (size_t i = 0; i < library->count; i++)
        if (library->flows[i]->version == version && str_is(name, library->flows[i]->name))
            return library->flows[i];
    return NULL;
}

/* --- cases --- */

bool flow_open_case(struct db *db, const struct flow_library *library, str flow_name, id64 org_id,
                    id64 subject_id, id64 person_id, id64 *case_id, struct error *err)
{
    const struct flow *flow = flow_find(library, flow_name);
    if (flow == NULL) return error_set(err, ERROR_FLOW_UNKNOWN, "Si", flow_name, (int64_t)1);
    id64 fresh = id_new();
    str bytes = {(const char *)flow->digest.bytes, sizeof flow->digest.bytes};
    if (!sql_flow_add_case(db, org_id, fresh, str_from(flow->name), flow->version, bytes,
                           subject_id, str_from(flow->start->name), person_id, instant_now_ms(),
                           NULL, err))
        return false;
    *case_id = fresh;
    return true;
}

/* The two statements that read cases have the same columns. */
static bool fill_case(const struct flow_library *library, id64 org_id,
                      const struct sql_flow_cases_by_subject_row *row, struct flow_case *out,
                      struct error *err)
{
    const struct flow *flow = flow_find_version(library, row->flow, (int)row->version);
    const struct flow_state *state = flow == NULL ? NULL : flow_find_state(flow, row->state);
    if (state == NULL) return error_set(err, ERROR_FLOW_UNKNOWN, "Si", row->flow, row->version);
    *out = (struct flow_case){.org_id = org_id,
                              .case_id = row->case_id,
                              .subject_id = row->subject_id,
                              .flow = flow,
                              .state = state,
                              .step = row->step_no,
                              .opened_ms = row->opened_ms,
                              .entered_ms = row->entered_ms,
                              .opened_by = row->opened_by};
    return true;
}

bool flow_read_case(struct db *db, struct arena *arena, const struct flow_library *library,
                    id64 org_id, id64 case_id, struct flow_case *out, struct error *err)
{
    struct sql_flow_case_by_id_row row;
    bool found;
    if (!sql_flow_case_by_id(db, arena, org_id, case_id, &row, &found, err)) return false;
    if (!found) return error_set(err, ERROR_FLOW_NO_CASE, "");
    struct sql_flow_cases_by_subject_row same = {.case_id = row.case_id,
                                                 .flow = row.flow,
                                                 .version = row.version,
                                                 .subject_id = row.subject_id,
                                                 .state = row.state,
                                                 .step_no = row.step_no,
                                                 .opened_by = row.opened_by,
                                                 .opened_ms = row.opened_ms,
                                                 .entered_ms = row.entered_ms};
    return fill_case(library, org_id, &same, out, err);
}

bool flow_cases_of(struct db *db, struct arena *arena, const struct flow_library *library,
                   id64 org_id, str flow_name, id64 subject_id, struct flow_case **cases,
                   size_t *count, struct error *err)
{
    struct sql_flow_cases_by_subject_row *rows;
    size_t rows_count;
    if (!sql_flow_cases_by_subject(db, arena, org_id, flow_name, subject_id, &rows, &rows_count,
                                   err))
        return false;
    struct flow_case *all = ARENA_NEW_ARRAY(arena, struct flow_case, rows_count + 1);
    for (size_t i = 0; i < rows_count; i++)
        if (!fill_case(library, org_id, &rows[i], &all[i], err)) return false;
    *cases = all;
    *count = rows_count;
    return true;
}

bool flow_busy_orgs(struct db *db, struct arena *arena, const struct flow_library *library,
                    id64 **orgs, size_t *count, struct error *err)
{
    struct sql_flow_standing_row *rows;
    size_t rows_count, used = 0;
    if (!sql_flow_standing(db, arena, &rows, &rows_count, err)) return false;
    id64 *list = ARENA_NEW_ARRAY(arena, id64, rows_count + 1);
    for (size_t i = 0; i < rows_count; i++) {
        const struct flow *flow = flow_find_version(library, rows[i].flow, (int)rows[i].version);
        const struct flow_state *state = flow == NULL ? NULL : flow_find_state(flow, rows[i].state);
        if (state == NULL || state->final) continue;
        if (used == 0 || list[used - 1] != rows[i].org_id) list[used++] = rows[i].org_id;
    }
    *orgs = list;
    *count = used;
    return true;
}

bool flow_steps(struct db *db, struct arena *arena, const struct flow_case *the_case,
                struct flow_step **steps, size_t *count, struct error *err)
{
    struct sql_flow_steps_of_row *rows;
    size_t rows_count;
    const struct flow *flow = the_case->flow;
    if (!sql_flow_steps_of(db, arena, the_case->org_id, the_case->case_id, &rows, &rows_count, err))
        return false;
    struct flow_step *all = ARENA_NEW_ARRAY(arena, struct flow_step, rows_count + 1);
    for (size_t i = 0; i < rows_count; i++) {
        all[i] = (struct flow_step){.number = rows[i].step_no,
                                    .transition = flow_find_transition(flow, rows[i].transition),
                                    .from = flow_find_state(flow, rows[i].from_state),
                                    .to = flow_find_state(flow, rows[i].to_state),
                                    .person_id = rows[i].person_id,
                                    .at_ms = rows[i].at_ms,
                                    .note = rows[i].note.ptr};
        if (all[i].transition == NULL || all[i].from == NULL || all[i].to == NULL)
            return error_set(err, ERROR_FLOW_UNKNOWN, "si", flow->name, (int64_t)flow->version);
    }
    *steps = all;
    *count = rows_count;
    return true;
}

bool flow_documents(struct db *db, struct arena *arena, id64 org_id, id64 case_id, id64 **documents,
                    size_t *count, struct error *err)
{
    struct sql_flow_documents_of_row *rows;
    if (!sql_flow_documents_of(db, arena, org_id, case_id, &rows, count, err)) return false;
    *documents = ARENA_NEW_ARRAY(arena, id64, *count + 1);
    for (size_t i = 0; i < *count; i++) (*documents)[i] = rows[i].document_id;
    return true;
}

/* --- who may do what --- */

date flow_due(int64_t from_ms, int working_days)
{
    date day = instant_day(from_ms, CHINA_MINUTES);
    while (working_days > 0) {
        day.day++;
        if (weekday(day) <= 5) working_days--;
    }
    return day;
}

static bool has_role(const struct flow_transition *transition, const struct flow_actor *actor)
{
    for (size_t i = 0; i < transition->roles_count; i++)
        for (size_t j = 0; j < actor->roles_count; j++)
            if (strcmp(transition->roles[i], actor->roles[j]) == 0) return true;
    return false;
}

/* Whether the person took one of the barred transitions the last time it was taken. */
static bool find_same_person(struct db *db, const struct flow_case *the_case,
                             const struct flow_transition *transition, id64 person_id,
                             const struct flow_transition **barred, struct error *err)
{
    *barred = NULL;
    for (size_t i = 0; i < transition->different_count; i++) {
        struct sql_flow_last_author_row row;
        bool found;
        if (!sql_flow_last_author(db, NULL, the_case->org_id, the_case->case_id,
                                  str_from(transition->different[i]->name), &row, &found, err))
            return false;
        if (found && row.person_id == person_id) *barred = transition->different[i];
    }
    return true;
}

bool flow_options(struct db *db, struct arena *arena, const struct flow_case *the_case,
                  const struct flow_actor *actor, int64_t now_ms, struct flow_option **options,
                  size_t *count, struct error *err)
{
    const struct flow *flow = the_case->flow;
    struct flow_option *all =
        ARENA_NEW_ARRAY(arena, struct flow_option, flow->transitions_count + 1);
    size_t used = 0;
    for (size_t i = 0; i < flow->transitions_count; i++) {
        const struct flow_transition *transition = &flow->transitions[i], *barred = NULL;
        if (!flow_leads_from(transition, the_case->state)) continue;
        if (actor != NULL && !has_role(transition, actor)) continue;
        if (actor != NULL &&
            !find_same_person(db, the_case, transition, actor->person_id, &barred, err))
            return false;
        struct flow_option *option = &all[used++];
        *option = (struct flow_option){.transition = transition,
                                       .same_person = barred != NULL,
                                       .no_letter = actor != NULL && transition->needs_letter &&
                                                    !actor->has_letter};
        if (transition->deadline_days == 0) continue;
        option->has_due = true;
        option->due = flow_due(the_case->entered_ms, transition->deadline_days);
        option->overdue = instant_day(now_ms, CHINA_MINUTES).day > option->due.day;
    }
    *options = all;
    *count = used;
    return true;
}

/* --- a step --- */

static bool check_guards(struct db *db, const struct flow_case *the_case,
                         const struct flow_transition *transition, const struct flow_actor *actor,
                         const struct flow_move *move, struct error *err)
{
    const struct flow_transition *barred;
    struct sql_flow_documents_by_row documents;
    bool found;
    if (!has_role(transition, actor)) return error_set(err, ERROR_FLOW_ROLE, "s", transition->name);
    if (!find_same_person(db, the_case, transition, actor->person_id, &barred, err)) return false;
    if (barred != NULL)
        return error_set(err, ERROR_FLOW_SAME_PERSON, "ss", transition->name, barred->name);
    if (transition->needs_letter && !actor->has_letter)
        return error_set(err, ERROR_FLOW_LETTER, "s", transition->name);
    if (transition->needs_note && str_trim(move->note).len == 0)
        return error_set(err, ERROR_FLOW_NOTE, "s", transition->name);
    if (!transition->needs_document || move->documents_count > 0) return true;
    if (!sql_flow_documents_by(db, NULL, the_case->org_id, the_case->case_id, actor->person_id,
                               &documents, &found, err))
        return false;
    return documents.documents > 0 || error_set(err, ERROR_FLOW_DOCUMENT, "s", transition->name);
}

static bool note_step(struct db *db, const struct flow_case *before,
                      const struct flow_transition *transition, const struct flow_actor *actor,
                      const struct flow_move *move, struct flow_case *after, struct error *err)
{
    int64_t now = instant_now_ms(), changed;
    id64 org = before->org_id, id = before->case_id;
    *after = *before;
    after->step++;
    /* A remark that leaves the state alone does not give its deadline more time. */
    if (transition->to != before->state) after->entered_ms = now;
    after->state = transition->to;
    if (!sql_flow_move_case(db, org, id, before->step, str_from(transition->to->name),
                            after->entered_ms, &changed, err))
        return false;
    if (changed != 1) return error_set(err, ERROR_FLOW_STALE, "");
    if (!sql_flow_add_step(db, org, id, after->step, str_from(transition->name),
                           str_from(before->state->name), str_from(transition->to->name),
                           actor->person_id, now, str_trim(move->note), NULL, err))
        return false;
    for (size_t i = 0; i < move->documents_count; i++)
        if (!sql_flow_add_document(db, org, id, move->documents[i], actor->person_id, after->step,
                                   now, NULL, err))
            return false;
    return true;
}

bool flow_take(struct db *db, const struct flow_library *library, const struct flow_actor *actor,
               const struct flow_move *move, struct flow_case *after, struct error *err)
{
    struct flow_case before, moved;
    if (move->note.len > FLOW_NOTE_BYTES_MAX)
        return error_set(err, ERROR_LIMIT, "iis", (int64_t)move->note.len,
                         (int64_t)FLOW_NOTE_BYTES_MAX, "bytes of a note");
    if (!flow_read_case(db, db_arena(db), library, move->org_id, move->case_id, &before, err))
        return false;
    const struct flow_transition *transition = flow_find_transition(before.flow, move->transition);
    if (transition == NULL)
        return error_set(err, ERROR_FLOW_NO_TRANSITION, "sS", before.flow->name, move->transition);
    bool any_step = move->step_seen < 0 && actor->person_id == 0;
    if (!any_step && move->step_seen != before.step) return error_set(err, ERROR_FLOW_STALE, "");
    if (!flow_leads_from(transition, before.state))
        return error_set(err, ERROR_FLOW_STATE, "ss", transition->name, before.state->name);
    if (!check_guards(db, &before, transition, actor, move, err) ||
        !note_step(db, &before, transition, actor, move, &moved, err))
        return false;
    if (after != NULL) *after = moved;
    return true;
}

bool flow_attach(struct db *db, id64 org_id, id64 case_id, id64 document_id, id64 person_id,
                 struct error *err)
{
    struct sql_flow_case_by_id_row row;
    bool found;
    if (!sql_flow_case_by_id(db, NULL, org_id, case_id, &row, &found, err)) return false;
    if (!found) return error_set(err, ERROR_FLOW_NO_CASE, "");
    return sql_flow_add_document(db, org_id, case_id, document_id, person_id, row.step_no,
                                 instant_now_ms(), NULL, err);
}
