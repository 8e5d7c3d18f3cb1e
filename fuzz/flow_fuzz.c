/* A flow is a file of whoever runs the server, and whatever was pasted into it: what is read as a
 * flow holds together, what is not says why. */
#include <string.h>

#include "flow/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool of_flow(const struct flow *flow, const struct flow_state *state)
{
    return state >= flow->states && state < flow->states + flow->states_count;
}

static void check_flow(const struct flow *flow)
{
    CHECK(flow->name[0] != '\0' && flow->version > 0 && flow->states_count > 0);
    CHECK(of_flow(flow, flow->start) && !flow->start->final);
    for (size_t i = 0; i < flow->states_count; i++)
        CHECK(flow_find_state(flow, str_from(flow->states[i].name)) == &flow->states[i]);
    for (size_t i = 0; i < flow->path_count; i++) CHECK(of_flow(flow, flow->path[i]));
    for (size_t i = 0; i < flow->transitions_count; i++) {
        const struct flow_transition *t = &flow->transitions[i];
        CHECK(flow_find_transition(flow, str_from(t->name)) == t);
        CHECK(of_flow(flow, t->to) && t->from_count > 0 && t->roles_count > 0);
        for (size_t k = 0; k < t->from_count; k++)
            CHECK(of_flow(flow, t->from[k]) && !t->from[k]->final);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct error err = {0};
    const struct flow *flow = flow_parse(arena, "fuzz.flow", (str){(const char *)data, size}, &err);
    if (flow != NULL)
        check_flow(flow);
    else
        CHECK(err.code != ERROR_NONE &&
              strlen(error_render(arena, &err, error_sentence(err.code))) > 0);
    return 0;
}
