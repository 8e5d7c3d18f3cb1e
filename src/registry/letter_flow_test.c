/* A letter of authorisation takes the steps that flows/authorisation.flow says, from the hands that
 * it says, and no other. */
#include "unit.h"

#include <string.h>

#include "flow/flow.h"
#include "mill.h"

/* A fresh letter in that state; the expired one was granted 2000 days ago, for 28. */
static bool make_letter(struct db *db, struct mill *m, enum registry_authorisation_state state,
                        id64 *letter, struct error *err)
{
    bool over = state == REGISTRY_EXPIRED;
    date first = {MILL_TODAY.day - (over ? 2000 : 0)}, last = {first.day + 28};
    int64_t then = MILL_NOW - (over ? 2000 * DAY_MS : 0);
    TRY(registry_request_authorisation(db, &m->officer, m->org_id, "before", REGISTRY_SCOPE_LABEL,
                                       first, last, "x", then, letter, err));
    if (state == REGISTRY_REQUESTED) return true;
    TRY(registry_answer_authorisation(
        db, &m->manager, *letter, state == REGISTRY_REFUSED ? REGISTRY_REFUSED : REGISTRY_GRANTED,
        "", then, err));
    return state != REGISTRY_WITHDRAWN ||
           registry_answer_authorisation(db, &m->manager, *letter, REGISTRY_WITHDRAWN, "x",
                                         MILL_NOW, err);
}

static const struct flow_transition *find_step(const struct flow *flow, const char *from,
                                               const char *to, const char *role)
{
    const struct flow_state *state = flow_find_state(flow, str_from(from));
    for (size_t i = 0; state != NULL && i < flow->transitions_count; i++) {
        const struct flow_transition *t = &flow->transitions[i];
        if (strcmp(t->to->name, to) == 0 && flow_leads_from(t, state) &&
            strcmp(t->roles[0], role) == 0)
            return t;
    }
    return NULL;
}

static bool as_the_file_says(struct db *db, void *arg, struct error *err)
{
    struct mill *m = arg;
    const struct viewer *people[] = {&m->manager, &m->approver, &m->officer};
    const struct flow *flow = flow_find(m->flows, STR("authorisation"));
    size_t taken = 0;
    WANT(flow != NULL && flow->states_count == REGISTRY_AUTHORISATION_STATES);
    for (int from = 0; from < REGISTRY_AUTHORISATION_STATES; from++)
        for (int to = 0; to < REGISTRY_AUTHORISATION_STATES; to++)
            for (size_t who = 0; who < ARRAY_LEN(people); who++) {
                struct registry_authorisation letter;
                struct error refused = {0};
                id64 id;
                const struct flow_transition *step = find_step(
                    flow, registry_authorisation_state_name(from),
                    registry_authorisation_state_name(to), registry_role_name(people[who]->role));
                TRY(make_letter(db, m, from, &id, err));
                TRY(registry_get_authorisation(db, m->arena, &m->manager, m->org_id, id, MILL_TODAY,
                                               &letter, err));
                WANT((int)letter.state == from);
                bool bare =
                    registry_answer_authorisation(db, people[who], id, to, "", MILL_NOW, &refused);
                WANT(bare == (step != NULL && !step->needs_note));
                if (step == NULL) continue;
                taken++;
                if (step->needs_note)
                    TRY(registry_answer_authorisation(db, people[who], id, to, "x", MILL_NOW, err));
            }
    WANT(taken == 3); /* grant, refuse, withdraw; the end of its term comes by itself */
    WANT(find_step(flow, "granted", "expired", "system") != NULL);
    WANT(flow->transitions_count == 4);
    return true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {MILL_CASE(as_the_file_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
