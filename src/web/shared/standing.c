/* Where a case stands in its flow, as pages show it. */
#include "web/shared/standing.h"

const char *standing_text(const struct web *web, struct flow_label label)
{
    return web->lang == LANG_ZH ? label.zh : label.en;
}

html standing_chip(struct web *web, const struct flow_state *state, bool waits_for_reader)
{
    static const enum web_tone tones[] = {
        [FLOW_GOOD] = WEB_GOOD, [FLOW_WARN] = WEB_WARN, [FLOW_BAD] = WEB_BAD};
    enum web_tone tone = state->final ? WEB_NEUTRAL : WEB_NOTE;
    if (state->look != FLOW_PLAIN) tone = tones[state->look];
    if (waits_for_reader && !state->final) tone = WEB_WARN;
    return web_chip(web, tone, standing_text(web, state->label));
}

str standing_button(enum flow_tone tone)
{
    static const str classes[] = {[FLOW_FORWARD] = STR("btn btn-primary"),
                                  [FLOW_BACK] = STR("btn btn-outline-secondary"),
                                  [FLOW_REFUSE] = STR("btn btn-danger")};
    return classes[tone];
}
