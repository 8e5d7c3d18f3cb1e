/* The words that check and finance look for in the flows they open (doc/flow-language.md). A flow
 * of the installation may leave one out, but then its keeper is told what the program no longer
 * does. */
#include "app/flow_words.h"

#include <string.h>

static bool says(const struct flow *flow, const char *words, bool of_state)
{
    for (size_t i = 0; i < flow->states_count && of_state; i++)
        if (strcmp(flow->states[i].means, words) == 0) return true;
    for (size_t i = 0; i < flow->transitions_count && !of_state; i++)
        if (strcmp(flow->transitions[i].means, words) == 0) return true;
    return false;
}

static bool asks_letter(const struct flow *flow)
{
    for (size_t i = 0; i < flow->transitions_count; i++)
        if (flow->transitions[i].needs_letter) return true;
    return false;
}

void app_check_flows(struct app *app)
{
    static const struct {
        const char *flow, *words; /* words NULL: needs letter */
        bool of_state;
    } wanted[] = {
        {"loan_application", "granted", true}, {"loan_application", "consent_ended", false},
        {"loan_application", NULL, false},     {"finding", "waits_judgement", true},
        {"finding", "stands", true},           {"finding", "corrected", true},
        {"finding", "corrected", false},       {"finding", "lapsed", true},
        {"finding", "lapsed", false}};
    struct flow_problem *list = ARENA_NEW_ARRAY(app->arena, struct flow_problem, ARRAY_LEN(wanted));
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        const struct flow *flow = flow_find(app->flows, str_from(wanted[i].flow));
        const char *words = wanted[i].words;
        if (flow == NULL ||
            (words == NULL ? asks_letter(flow) : says(flow, words, wanted[i].of_state)))
            continue;
        list[count].file = wanted[i].flow;
        error_set(&list[count++].reason, ERROR_APP_FLOW_WORD, "siss", flow->name,
                  (int64_t)flow->version, wanted[i].of_state ? "state" : "transition",
                  words == NULL ? "needs letter" : arena_printf(app->arena, "means %s", words));
    }
    app->flow_warnings = list;
    app->flow_warning_count = count;
}
