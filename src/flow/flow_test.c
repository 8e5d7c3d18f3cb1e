#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/flow.h"
#include "want.h"

#define TEXT(s) str_from(s)

static const char loan[] = "# a comment\n"
                           "flow loan 1\n"
                           "  title   \"Loan \\\"quick\\\"\" zh \"贷款\"\n"
                           "  source  \"a rule\"   # here too\n"
                           "  subject thing\n"
                           "state open   \"Open\"   zh \"已开\" start\n"
                           "transition submit \"Submit\" zh \"提交\"\n"
                           "  from open\n"
                           "  to   review\n"
                           "  role officer\n"
                           "  needs note\n"
                           "  deadline 5\n"
                           "state review \"Review\" zh \"审查\"\n"
                           "state done   \"Done\"   zh \"完成\" final\n"
                           "transition approve \"Approve\" zh \"同意\"\n"
                           "  from review\n"
                           "  to   done\n"
                           "  role officer, chief\n"
                           "  different_person_than submit\n"
                           "transition back \"Back\" zh \"退回\"\n"
                           "  from review\n"
                           "  to   open\n"
                           "  role chief\n"
                           "  needs document\n"
                           "transition remark \"Remark\" zh \"备注\"\n"
                           "  from open, review\n"
                           "  to   open\n"
                           "  role system\n";

/* --- reading --- */

static void test_parse(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error err;
    const struct flow *flow = flow_parse(arena, "loan.flow", TEXT(loan), &err);
    assert_non_null(flow);
    assert_string_equal(flow->name, "loan");
    assert_string_equal(flow->title.en, "Loan \"quick\"");
    assert_string_equal(flow->title.zh, "贷款");
    assert_int_equal(flow->states_count, 3);
    assert_int_equal(flow->transitions_count, 4);
    assert_string_equal(flow->start->name, "open");
    const struct flow_transition *approve = flow_find_transition(flow, STR("approve"));
    assert_string_equal(approve->to->name, "done");
    assert_true(approve->to->final);
    assert_int_equal(approve->roles_count, 2);
    assert_string_equal(approve->different[0]->name, "submit");
    assert_int_equal(flow_find_transition(flow, STR("submit"))->deadline_days, 5);
}

/* The flow with one piece replaced must be refused at that line. */
static void refuse_in(const char *flow, const char *what, const char *with, enum error_code code,
                      const char *line)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error err;
    const char *at = strstr(flow, what);
    assert_non_null(at);
    const char *text =
        arena_printf(arena, "%.*s%s%s", (int)(at - flow), flow, with, at + strlen(what));
    assert_null(flow_parse(arena, "loan.flow", TEXT(text), &err));
    assert_string_equal(error_name(err.code), error_name(code));
    assert_true(str_is(error_arg(&err, 1), line));
}

static void refuse(const char *what, const char *with, enum error_code code, const char *line)
{
    refuse_in(loan, what, with, code, line);
}

static void test_refusals(void **state)
{
    (void)state;
    refuse("flow loan 1", "flow loan 0", ERROR_FLOW_SYNTAX, "2");
    refuse("flow loan 1", "flow Loan 1", ERROR_FLOW_SYNTAX, "2");
    refuse("flow loan 1\n", "", ERROR_FLOW_SYNTAX, "2");
    refuse("zh \"贷款\"", "", ERROR_FLOW_SYNTAX, "3");
    refuse("\"a rule\"", "\"a rule", ERROR_FLOW_SYNTAX, "4");
    refuse("subject thing", "object thing", ERROR_FLOW_SYNTAX, "5");
    refuse("\"已开\" start", "\"已开\" begin", ERROR_FLOW_SYNTAX, "6");
    refuse("from open\n", "from opened\n", ERROR_FLOW_NAME, "8");
    refuse("to   review", "to   review, done", ERROR_FLOW_SYNTAX, "9");
    refuse("role officer\n", "role\n", ERROR_FLOW_SYNTAX, "10");
    refuse("needs note", "needs money", ERROR_FLOW_SYNTAX, "11");
    refuse("deadline 5", "deadline soon", ERROR_FLOW_SYNTAX, "12");
    refuse("state review", "state open", ERROR_FLOW_TWICE, "13");
    refuse("\"审查\"\n", "\"审查\" start\n", ERROR_FLOW_TWICE, "13");
    refuse("\"审查\"\n", "\"审查\" final\n", ERROR_FLOW_FINAL, "16");
    refuse("\"完成\" final", "\"完成\"", ERROR_FLOW_STUCK, "14");
    refuse("than submit", "than submits", ERROR_FLOW_NAME, "19");
    refuse("  to   done\n", "", ERROR_FLOW_SYNTAX, "15");
    refuse("to   done", "to   open", ERROR_FLOW_UNREACHED, "14");
    refuse("transition approve", "transition submit", ERROR_FLOW_TWICE, "15");
}

/* What a page and a room read of a flow: the way, the tones, the meanings. */
static const char marked[] = "flow marked 1\n"
                             "  title   \"Marked\" zh \"标记\"\n"
                             "  subject thing\n"
                             "state a \"A\" zh \"甲\" start path\n"
                             "state x \"X\" zh \"丙\" final tone bad\n"
                             "state b \"B\" zh \"乙\" tone warn means half\n"
                             "state c \"C\" zh \"丁\" final path tone good means whole\n"
                             "transition on \"On\" zh \"继续\"\n"
                             "  from  a\n"
                             "  to    b\n"
                             "  role  officer\n"
                             "  needs letter\n"
                             "transition done \"Done\" zh \"完成\"\n"
                             "  from  b\n"
                             "  to    c\n"
                             "  role  officer\n"
                             "  tone  forward\n"
                             "transition back \"Back\" zh \"退回\"\n"
                             "  from  b\n"
                             "  to    a\n"
                             "  role  officer\n"
                             "  tone  back\n"
                             "transition no \"No\" zh \"拒绝\"\n"
                             "  from  a, b\n"
                             "  to    x\n"
                             "  role  officer\n"
                             "  tone  refuse\n"
                             "  means over\n";

static void test_marks(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error err;
    const struct flow *flow = flow_parse(arena, "marked.flow", TEXT(marked), &err);
    if (flow == NULL) fail_msg("%s", error_render(arena, &err, error_sentence(err.code)));
    const struct flow_state *a = flow_find_state(flow, STR("a")),
                            *b = flow_find_state(flow, STR("b")),
                            *c = flow_find_state(flow, STR("c"));
    assert_int_equal(flow->path_count, 2);
    assert_ptr_equal(flow->path[0], a);
    assert_ptr_equal(flow->path[1], c);
    assert_int_equal(a->look, FLOW_PLAIN);
    assert_int_equal(flow_find_state(flow, STR("x"))->look, FLOW_BAD);
    assert_int_equal(b->look, FLOW_WARN);
    assert_int_equal(c->look, FLOW_GOOD);
    assert_true(c->final);
    assert_string_equal(a->means, "");
    assert_string_equal(b->means, "half");
    assert_string_equal(c->means, "whole");
    assert_true(flow->transitions[0].needs_letter);
    assert_false(flow->transitions[1].needs_letter);
    assert_int_equal(flow->transitions[0].tone, FLOW_FORWARD);
    assert_int_equal(flow->transitions[1].tone, FLOW_FORWARD);
    assert_int_equal(flow->transitions[2].tone, FLOW_BACK);
    assert_int_equal(flow->transitions[3].tone, FLOW_REFUSE);
    assert_ptr_equal(flow_find_meant(flow, b, "over"), &flow->transitions[3]);
    assert_null(flow_find_meant(flow, c, "over")); /* it does not start there */
    assert_null(flow_find_meant(flow, b, "half"));
    /* A flow that marks no way has one all the same: open, review, done; not the way back. */
    flow = flow_parse(arena, "loan.flow", TEXT(loan), &err);
    assert_int_equal(flow->path_count, 3);
    assert_string_equal(flow->path[1]->name, "review");
    assert_string_equal(flow->path[2]->name, "done");
}

static void refuse_mark(const char *what, const char *with, enum error_code code, const char *line)
{
    refuse_in(marked, what, with, code, line);
}

static void test_mark_refusals(void **state)
{
    (void)state;
    refuse_mark("tone bad", "tone loud", ERROR_FLOW_SYNTAX, "5");
    refuse_mark("tone bad", "tone", ERROR_FLOW_SYNTAX, "5");
    refuse_mark("tone bad", "tone bad tone good", ERROR_FLOW_TWICE, "5");
    refuse_mark("means half", "means", ERROR_FLOW_SYNTAX, "6");
    refuse_mark("means half", "means half means more", ERROR_FLOW_TWICE, "6");
    refuse_mark("needs letter", "needs letters", ERROR_FLOW_SYNTAX, "12");
    refuse_mark("tone  back", "tone  good", ERROR_FLOW_SYNTAX, "22");
    refuse_mark("tone  back", "tone  back back", ERROR_FLOW_SYNTAX, "22");
    refuse_mark("tone  back\n", "tone  back\n  tone back\n", ERROR_FLOW_TWICE, "23");
    refuse_mark("means over\n", "means over\n  means over\n", ERROR_FLOW_TWICE, "29");
    /* The message says what is possible there. */
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error err;
    assert_null(flow_parse(arena, "x.flow",
                           STR("flow x 1\n  title \"X\" zh \"X\"\n  subject s\n"
                               "state a \"A\" zh \"A\" start tone loud\n"),
                           &err));
    assert_string_equal(error_render(arena, &err, error_sentence(err.code)),
                        "x.flow, line 4: expected good, warn or bad, found 'loud'.");
}

/* The shipped flows, and what their files say. */
static void test_shipped(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error err;
    struct flow_library *library = flow_library_new(arena);
    const char *root = getenv("TANSHU_SOURCE");
    assert_non_null(root);
    const char *folder = arena_printf(arena, "%s/flows", root);
    if (!flow_library_add_folder(library, folder, &err))
        fail_msg("%s", error_render(arena, &err, error_sentence(err.code)));
    const struct flow *flow = flow_find(library, STR("loan_application"));
    assert_non_null(flow);
    assert_non_null(flow_find(library, STR("finding")));
    assert_non_null(flow_find(library, STR("authorisation")));
    assert_null(flow_find(library, STR("nothing")));
    /* Approval by two people: the second approver took neither the first approval nor the review.
     */
    const struct flow_transition *second = flow_find_transition(flow, STR("approve_second"));
    assert_non_null(second);
    assert_int_equal(second->different_count, 3);
    /* Without a letter the bank may give back and decline, and nothing else. */
    for (size_t i = 0; i < flow->transitions_count; i++) {
        const struct flow_transition *t = &flow->transitions[i];
        bool of_bank = str_starts(str_from(t->roles[0]), "bank_");
        bool ends = strcmp(t->name, "decline") == 0 || strcmp(t->name, "return_to_applicant") == 0;
        assert_int_equal(t->needs_letter, of_bank && !ends);
    }
    static const char *const way[] = {"applied",        "investigation",   "review",
                                      "first_approval", "second_approval", "approved"};
    assert_int_equal(flow->path_count, ARRAY_LEN(way));
    for (size_t i = 0; i < ARRAY_LEN(way); i++) assert_string_equal(flow->path[i]->name, way[i]);
    const struct flow_problem *problems;
    assert_int_equal(flow_library_problems(library, &problems), 0);
    /* The same files once more: each is left out and named, and the flows stay as they were. */
    assert_true(flow_library_add_folder(library, folder, &err));
    assert_int_equal(flow_library_problems(library, &problems), 3);
    assert_int_equal(problems[0].reason.code, ERROR_FLOW_VERSION);
    assert_string_equal(problems[0].file, arena_printf(arena, "%s/authorisation.flow", folder));
    assert_ptr_equal(flow_find(library, STR("loan_application")), flow);
}

/* --- cases --- */

struct play {
    struct arena *arena;
    struct flow_library *library;
    id64 case_id;
    struct flow_actor actor;
    struct flow_move move;
    struct flow_case now;
    bool has_letter;
};

static struct store *open_store(struct play *play)
{
    struct error err;
    struct store *store =
        store_open(&(struct store_options){.where = "sqlite::memory:", .create = true}, &err);
    assert_non_null(store);
    play->library = flow_library_new(play->arena);
    const struct flow *flow = flow_parse(play->arena, "loan.flow", TEXT(loan), &err);
    assert_true(flow_library_add(play->library, flow, &err));
    flow = flow_parse(play->arena, "marked.flow", TEXT(marked), &err);
    assert_true(flow_library_add(play->library, flow, &err));
    return store;
}

static bool open_case(struct db *db, void *arg, struct error *err)
{
    struct play *p = arg;
    return flow_open_case(db, p->library, STR("loan"), 5, 77, 1, &p->case_id, err) &&
           flow_read_case(db, p->arena, p->library, 5, p->case_id, &p->now, err);
}

static bool take(struct db *db, void *arg, struct error *err)
{
    struct play *p = arg;
    return flow_take(db, p->library, &p->actor, &p->move, &p->now, err);
}

static const char *const officer[] = {"officer"}, *const chief[] = {"chief"},
                         *const program[] = {"system"};

/* Takes the step; returns the error's name, or the state the case came to. */
static const char *act(struct store *store, struct play *p, id64 person, const char *const *role,
                       const char *transition, int64_t seen, const char *note)
{
    struct error err;
    p->actor = (struct flow_actor){person, role, 1, .has_letter = p->has_letter};
    p->move.org_id = 5;
    p->move.case_id = p->case_id;
    p->move.transition = TEXT(transition);
    p->move.step_seen = seen;
    p->move.note = TEXT(note);
    return store_write(store, take, p, &err) ? p->now.state->name : error_name(err.code);
}

static bool attach(struct db *db, void *arg, struct error *err)
{
    struct play *p = arg;
    return flow_attach(db, 5, p->case_id, 900, 2, err) &&
           flow_attach(db, 5, p->case_id, 900, 2, err);
}

/* A read that tells by its error what was not as wanted. */
static void must_read(struct store *store, store_work *work, struct play *p)
{
    struct error err = {0};
    if (!store_read(store, work, p, &err))
        fail_msg("%s", error_render(p->arena, &err, error_sentence(err.code)));
}

static bool look(struct db *db, void *arg, struct error *err)
{
    struct play *p = arg;
    struct flow_step *steps;
    struct flow_case *cases;
    size_t count;
    if (!flow_cases_of(db, p->arena, p->library, 5, STR("loan"), 77, &cases, &count, err))
        return false;
    WANT(count == 1);
    WANT_TEXT(cases[0].state->name, "done");
    if (!flow_steps(db, p->arena, &cases[0], &steps, &count, err)) return false;
    WANT(count == 5);
    WANT_TEXT(steps[0].transition->name, "submit");
    WANT_TEXT(steps[0].note, "all is well");
    WANT_TEXT(steps[1].from->name, "review");
    WANT(steps[4].person_id == 1);
    WANT(steps[4].number == 5);
    return true;
}

static void test_guards(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct play p = {.arena = arena};
    struct store *store = open_store(&p);
    struct error err;
    assert_true(store_write(store, open_case, &p, &err));
    assert_string_equal(p.now.state->name, "open");
    assert_string_equal(act(store, &p, 1, officer, "fly", 0, ""), "FLOW_NO_TRANSITION");
    assert_string_equal(act(store, &p, 1, officer, "approve", 0, ""), "FLOW_STATE");
    assert_string_equal(act(store, &p, 1, chief, "submit", 0, "x"), "FLOW_ROLE");
    assert_string_equal(act(store, &p, 1, officer, "submit", 0, " \t　"), "FLOW_NOTE");
    assert_string_equal(act(store, &p, 1, officer, "submit", 0, " all is well "), "review");
    /* Four eyes: who submitted can't approve, whatever his role. */
    assert_string_equal(act(store, &p, 1, chief, "approve", 1, ""), "FLOW_SAME_PERSON");
    assert_string_equal(act(store, &p, 2, officer, "approve", 0, ""), "FLOW_STALE");
    assert_string_equal(act(store, &p, 2, officer, "approve", -1, ""),
                        "FLOW_STALE"); /* people say what they saw */
    assert_string_equal(act(store, &p, 2, chief, "back", 1, ""), "FLOW_DOCUMENT");
    assert_true(store_write(store, attach, &p, &err));
    assert_string_equal(act(store, &p, 3, chief, "back", 1, ""),
                        "FLOW_DOCUMENT"); /* another's document */
    assert_string_equal(act(store, &p, 2, chief, "back", 1, ""), "open");
    assert_string_equal(act(store, &p, 0, program, "remark", -1, ""), "open");
    /* Person 3 submits now: the last one to submit is barred, the earlier one no longer. */
    assert_string_equal(act(store, &p, 3, officer, "submit", 3, "again"), "review");
    assert_string_equal(act(store, &p, 3, officer, "approve", 4, ""), "FLOW_SAME_PERSON");
    assert_string_equal(act(store, &p, 1, officer, "approve", 4, ""), "done");
    assert_string_equal(act(store, &p, 2, chief, "back", 5, ""), "FLOW_STATE");
    must_read(store, look, &p);
    p.case_id++;
    assert_string_equal(act(store, &p, 2, chief, "back", 5, ""), "FLOW_NO_CASE");
    store_close(store);
}

static bool list_options(struct db *db, void *arg, struct error *err)
{
    struct play *p = arg;
    struct flow_option *options;
    size_t count;
    struct flow_actor actor = {1, officer, 1};
    int64_t now = p->now.entered_ms;
    if (!flow_options(db, p->arena, &p->now, &actor, now, &options, &count, err)) return false;
    WANT(count == 1);
    WANT_TEXT(options[0].transition->name, "approve");
    WANT(options[0].same_person);
    WANT(!options[0].has_due);
    if (!flow_options(db, p->arena, &p->now, NULL, now, &options, &count, err)) return false;
    WANT(count == 3); /* approve, back, remark: of all roles */
    return true;
}

static bool open_marked(struct db *db, void *arg, struct error *err)
{
    struct play *p = arg;
    return flow_open_case(db, p->library, STR("marked"), 5, 78, 1, &p->case_id, err) &&
           flow_read_case(db, p->arena, p->library, 5, p->case_id, &p->now, err);
}

static bool list_letter(struct db *db, void *arg, struct error *err)
{
    struct play *p = arg;
    struct flow_option *options;
    size_t count;
    struct flow_actor actor = {1, officer, 1, .has_letter = p->has_letter};
    if (!flow_options(db, p->arena, &p->now, &actor, p->now.entered_ms, &options, &count, err))
        return false;
    WANT(count == 2);
    WANT_TEXT(options[0].transition->name, "on");
    WANT(options[0].no_letter == !p->has_letter);
    WANT(!options[1].no_letter); /* "no" needs none */
    return true;
}

/* A step that needs a letter of authorisation is taken under one only. */
static void test_letter(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct play p = {.arena = arena};
    struct store *store = open_store(&p);
    struct error err;
    assert_true(store_write(store, open_marked, &p, &err));
    must_read(store, list_letter, &p);
    assert_string_equal(act(store, &p, 1, officer, "on", 0, ""), "FLOW_LETTER");
    p.has_letter = true;
    must_read(store, list_letter, &p);
    assert_string_equal(act(store, &p, 1, officer, "on", 0, ""), "b");
    p.has_letter = false;
    assert_string_equal(act(store, &p, 1, officer, "no", 1, ""), "x");
    store_close(store);
}

static bool list_due(struct db *db, void *arg, struct error *err)
{
    struct play *p = arg;
    struct flow_option *options;
    size_t count;
    struct flow_actor actor = {1, officer, 1};
    int64_t entered = p->now.entered_ms;
    for (int days = 0; days < 15; days++) {
        if (!flow_options(db, p->arena, &p->now, &actor, entered + days * DAY_MS, &options, &count,
                          err))
            return false;
        WANT(count == 1);
        WANT(options[0].has_due);
        WANT(options[0].overdue == (days > options[0].due.day - instant_day(entered, 480).day));
    }
    return true;
}

static void test_options(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct play p = {.arena = arena};
    struct store *store = open_store(&p);
    struct error err;
    assert_true(store_write(store, open_case, &p, &err));
    must_read(store, list_due, &p);
    assert_string_equal(act(store, &p, 1, officer, "submit", 0, "x"), "review");
    must_read(store, list_options, &p);
    store_close(store);
}

/* 2026-11-20 is a Friday. 2026-11-20T17:00Z is Saturday 01:00 in China. */
static void test_due(void **state)
{
    (void)state;
    int64_t friday;
    date day;
    assert_true(instant_parse_utc(STR("2026-11-20T08:00:00Z"), &friday));
    assert_true(date_make(2026, 11, 23, &day));
    assert_int_equal(flow_due(friday, 1).day, day.day);
    assert_int_equal(flow_due(friday, 5).day, day.day + 4);
    assert_int_equal(flow_due(friday, 6).day, day.day + 7);
    assert_true(instant_parse_utc(STR("2026-11-20T17:00:00Z"), &friday));
    assert_int_equal(flow_due(friday, 1).day, day.day);
}

/* Two people press the button on the same page: exactly one succeeds. */
struct rival {
    struct store *store;
    struct play play;
    const char *result;
    id64 person;
};

static void *press(void *arg)
{
    struct rival *rival = arg;
    rival->result = act(rival->store, &rival->play, rival->person, officer, "approve", 1, "");
    return NULL;
}

static void test_rivals(void **state)
{
    (void)state;
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct play p = {.arena = arena};
    struct store *store = open_store(&p);
    struct error err;
    for (int round = 0; round < 20; round++) {
        struct rival rivals[2];
        pthread_t threads[2];
        int won = 0;
        assert_true(store_write(store, open_case, &p, &err));
        assert_string_equal(act(store, &p, 1, officer, "submit", 0, "x"), "review");
        for (int i = 0; i < 2; i++) {
            rivals[i] = (struct rival){.store = store, .play = p, .person = 2 + i};
            assert_int_equal(pthread_create(&threads[i], NULL, press, &rivals[i]), 0);
        }
        for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
        for (int i = 0; i < 2; i++) {
            if (strcmp(rivals[i].result, "done") == 0)
                won++;
            else
                assert_string_equal(rivals[i].result, "FLOW_STALE");
        }
        assert_int_equal(won, 1);
    }
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),   cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_shipped), cmocka_unit_test(test_guards),
        cmocka_unit_test(test_options), cmocka_unit_test(test_due),
        cmocka_unit_test(test_rivals),  cmocka_unit_test(test_marks),
        cmocka_unit_test(test_letter),  cmocka_unit_test(test_mark_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
