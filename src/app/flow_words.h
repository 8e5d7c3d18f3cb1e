/* Inside app: what the flows in force leave unsaid. */
#ifndef APP_FLOW_WORDS_H
#define APP_FLOW_WORDS_H

#include "app/app.h"

/* Fills app->flow_warnings. */
void app_check_flows(struct app *app);

#endif
