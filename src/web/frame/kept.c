/* Bodies of pages that are kept while nothing they rest on has changed. */
#include "app/app.h"
#include "base/date.h"
#include "web/frame/frame.h"

/* Days begin on a quarter of an hour in every zone: what is kept ends with it, and so no page shows
 * a letter as in force after its last day, wherever the organisation is. */
#define QUARTER_MS ((int64_t)15 * 60 * 1000)

struct body_work {
    const struct web_body *wanted;
    html made;
};

static bool read_body(struct db *db, void *arg, struct error *err)
{
    const struct body_work *work = arg;
    return work->wanted->read(db, work->wanted->arg, err);
}

static str make_body(void *arg)
{
    struct body_work *work = arg;
    work->made = work->wanted->make(work->wanted->arg);
    return (str){work->made.ptr, work->made.len};
}

bool web_kept(struct web *web, const struct web_body *wanted, html *body, struct error *err)
{
    const struct viewer *viewer = web->viewer;
    struct body_work work = {.wanted = wanted};
    /* The token of its forms makes a body that of one session. */
    const char *name = arena_printf(
        web->arena, "%s\n%s\n%lld %lld %lld %d %d %lld\n%s", web->frame->route->pattern,
        web->html.csrf, (long long)viewer->org_id, (long long)viewer->person_id,
        (long long)viewer->authorisation_id, (int)viewer->role, (int)web->lang,
        (long long)(instant_now_ms() / QUARTER_MS), wanted->asked != NULL ? wanted->asked : "");
    struct kept_value value = {.org_id = wanted->org_id,
                               .scope = wanted->scope,
                               .name = str_from(name),
                               .read = read_body,
                               .make = make_body,
                               .arg = &work};
    str bytes;
    if (!kept_get(wanted->asked != NULL ? web->app->kept : NULL, web->store, web->arena, viewer,
                  &value, &bytes, err))
        return false;
    *body = (html){bytes.ptr, bytes.len};
    return true;
}
