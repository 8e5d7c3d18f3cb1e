/* The second level of the enterprise's places: tabs under the title. */
#ifndef WEB_ENTERPRISE_TABS_H
#define WEB_ENTERPRISE_TABS_H

#include "web/web.h"

/* `here` is the key of the active tab; see tabs.c. */
html tabs_account(struct web *web, const char *here, int64_t drafts);
html tabs_report(struct web *web, const char *here);
html tabs_finance(struct web *web, const char *here);
html tabs_authorisations(struct web *web, const char *here);

#endif
