/* Bodies of pages that are kept while nothing they rest on has changed. */
#include "app/app.h"
#include "base/date.h"
#include "web/frame/frame.h"

struct body_work {
    const struct web *web;
    const struct web_body *wanted;
    html made;
};

static bool read_body(struct db *db, void *arg, struct error *err)
{
    const struct body_work *work = arg;
    return work->wanted->read(db, work->wanted->arg, err);
}

/* No bytes: nothing to keep. */
static str make_body(void *arg)
{
    struct body_work *work = arg;
    size_t at;
    work->made = work->wanted->make(work->wanted->arg);
    str bytes = {work->made.ptr, work->made.len};
    return str_find(bytes, str_from(work->web->html.csrf), &at) ? (str){0} : bytes;
}

bool web_kept(struct web *web, const struct web_body *wanted, html *body, struct error *err)
{
    const struct viewer *viewer = web->viewer;
    struct body_work work = {.web = web, .wanted = wanted};
    date today = instant_day(instant_now_ms(), web->utc_offset_minutes);
    const char *name =
        arena_printf(web->arena, "%s\n%lld %lld %lld %d %d %d\n%s", web->frame->route->pattern,
                     (long long)viewer->org_id, (long long)viewer->person_id,
                     (long long)viewer->authorisation_id, (int)viewer->role, (int)web->lang,
                     (int)today.day, wanted->asked);
    struct kept_value value = {.org_id = wanted->org_id,
                               .scope = wanted->scope,
                               .name = str_from(name),
                               .read = read_body,
                               .make = make_body,
                               .arg = &work};
    str bytes = {0};
    if (!kept_get(web->app->kept, web->store, web->arena, viewer, &value, &bytes, err))
        return false;
    *body = bytes.ptr != NULL ? (html){bytes.ptr, bytes.len} : work.made;
    return true;
}
