/* Derived values that are kept and used again while nothing they rest on has changed: a judged
 * page, a table of statistics. A value is bytes under a name. It is made inside one read of the
 * store, and with it are kept the store's counts of changes as that read saw them (store_changes);
 * it is given out again only inside a read that sees the same counts, so that what any program
 * wrote to the store shows at once. Models and tables don't change while the directory is open.
 * Memory is bounded: what was not asked for longest goes first. All functions may be called by
 * several threads at a time. */
#ifndef APP_KEPT_H
#define APP_KEPT_H

#include "registry/registry.h"
#include "store/store.h"

/* Whose rows a value is made of. */
#define KEPT_OF_ALL ((id64)0)

struct kept;
struct kept *kept_open(size_t bytes_max);
void kept_close(struct kept *kept);

struct kept_value {
    id64 org_id; /* whose rows it is made of, beside the names of others; or KEPT_OF_ALL */
    int scope;   /* what the viewer must be allowed to read of org_id, asked anew each time */
    str name;    /* all else it depends on: page, viewer's role, language, day, what was asked */
    /* Makes the value. `read` runs in the read, `make` after it, in the caller's thread. */
    store_work *read;
    str (*make)(void *arg);
    void *arg;
};
/* The value, kept or made. It lives until the arena closes, which must be before
 * kept_close. `kept` NULL: always made. Errors:
 * REGISTRY_NOT_ALLOWED, and those of `read`. */
bool kept_get(struct kept *kept, struct store *store, struct arena *arena,
              const struct viewer *viewer, const struct kept_value *value, str *bytes,
              struct error *err) NODISCARD;

struct kept_state {
    size_t count, bytes;
    int64_t found, made;
};
struct kept_state kept_state(struct kept *kept);

#endif
