#include "web/enterprise/tabs.h"

#include <string.h>

#include "web/enterprise/kit.h"

struct tab {
    const char *key, *title, *url;
    int64_t count;
};

static html draw(struct web *web, const struct tab *tabs, size_t count, const char *here)
{
    struct buf *out = buf_new(web->arena);
    buf_puts(out, "<ul class=\"tabs\">");
    for (size_t i = 0; i < count; i++) {
        bool active = strcmp(tabs[i].key, here) == 0;
        buf_printf(out, "<li><a href=\"%s\"%s>", tabs[i].url,
                   active ? " aria-current=\"page\"" : "");
        html_put_text(out, str_from(tr(web->lang, tabs[i].title)));
        if (tabs[i].count != 0)
            buf_printf(out, " <span class=\"count\">%lld</span>", (long long)tabs[i].count);
        buf_puts(out, "</a></li>");
    }
    buf_puts(out, "</ul>");
    return html_from(out);
}

html tabs_account(struct web *web, const char *here, int64_t drafts)
{
    const struct tab tabs[] = {
        {"statement", TR_KEY("Statement"), "/enterprise/account", 0},
        {"drafts", TR_KEY("Drafts and approval"), "/enterprise/account/drafts", drafts},
        {"certainty", TR_KEY("Method and certainty"), "/enterprise/account/certainty", 0}};
    return draw(web, tabs, ARRAY_LEN(tabs), here);
}

html tabs_report(struct web *web, const char *here)
{
    const struct tab tabs[] = {{"rating", TR_KEY("Label and grade"), "/enterprise/report", 0},
                               {"documents", TR_KEY("Reports"), "/enterprise/report/documents", 0}};
    return draw(web, tabs, ARRAY_LEN(tabs), here);
}

html tabs_finance(struct web *web, const char *here)
{
    const struct tab tabs[] = {{"offers", TR_KEY("Offers"), "/enterprise/finance", 0},
                               {"cases", TR_KEY("My cases"), "/enterprise/cases", 0}};
    return draw(web, tabs, ARRAY_LEN(tabs), here);
}

html tabs_authorisations(struct web *web, const char *here)
{
    const struct tab tabs[] = {{"letters", TR_KEY("Letters"), "/enterprise/authorisations", 0},
                               {"looks", TR_KEY("Who looked"), "/enterprise/looks", 0}};
    return draw(web, tabs, ARRAY_LEN(tabs), here);
}
