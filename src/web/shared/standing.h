/* How a case of a flow is shown, by what its file says and nothing else: the state it is in, and
 * the buttons that lead on. */
#ifndef WEB_SHARED_STANDING_H
#define WEB_SHARED_STANDING_H

#include "flow/flow.h"
#include "web/web.h"

/* A label of a flow in the reader's language. */
const char *standing_text(const struct web *web, struct flow_label label);
/* The state's word. An open case that waits for the reader stands out. */
html standing_chip(struct web *web, const struct flow_state *state, bool waits_for_reader);
/* Class of the button that takes a transition of this tone. */
str standing_button(enum flow_tone tone);

#endif
