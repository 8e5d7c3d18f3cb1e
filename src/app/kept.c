#include "app/kept.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

#define SLOTS 4096 /* a power of two */

/* What the store had counted when a value was read. */
struct stamp {
    int64_t own, shared;
};

struct entry {
    digest name;
    struct stamp stamp;
    char *bytes;
    size_t len;
    int holders; /* requests that use it, and 1 while it is in the table */
    struct kept *kept;
    struct entry *next;          /* of the slot */
    struct entry *newer, *older; /* by the last use */
};

struct kept {
    pthread_mutex_t mutex;
    size_t bytes_max;
    struct entry *slots[SLOTS];
    struct entry *newest, *oldest;
    struct kept_state state;
};

struct kept *kept_open(size_t bytes_max)
{
    struct kept *kept = calloc(1, sizeof *kept);
    CHECK(kept != NULL);
    kept->bytes_max = bytes_max;
    pthread_mutex_init(&kept->mutex, NULL);
    return kept;
}

/* ---- the table, under the mutex ---- */

static struct entry **place_of(struct kept *kept, const digest *name)
{
    size_t slot = (name->bytes[0] | (size_t)name->bytes[1] << 8) & (SLOTS - 1);
    struct entry **place = &kept->slots[slot];
    while (*place != NULL && !digest_equal((*place)->name, *name)) place = &(*place)->next;
    return place;
}

static void let_go(struct entry *entry)
{
    if (--entry->holders > 0) return;
    free(entry->bytes);
    free(entry);
}

static void unlink_use(struct kept *kept, struct entry *entry)
{
    *(entry->newer != NULL ? &entry->newer->older : &kept->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &kept->oldest) = entry->newer;
}

static void link_newest(struct kept *kept, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = kept->newest;
    *(kept->newest != NULL ? &kept->newest->newer : &kept->oldest) = entry;
    kept->newest = entry;
}

static void drop(struct kept *kept, struct entry **place)
{
    struct entry *entry = *place;
    *place = entry->next;
    unlink_use(kept, entry);
    kept->state.count--;
    kept->state.bytes -= entry->len;
    let_go(entry);
}

/* ---- ---- */

static void end_use(void *thing)
{
    struct entry *entry = thing;
    struct kept *kept = entry->kept;
    pthread_mutex_lock(&kept->mutex);
    let_go(entry);
    pthread_mutex_unlock(&kept->mutex);
}

static bool find(struct kept *kept, struct arena *arena, const digest *name,
                 const struct stamp *stamp, str *bytes)
{
    pthread_mutex_lock(&kept->mutex);
    struct entry *entry = *place_of(kept, name);
    bool good =
        entry != NULL && entry->stamp.own == stamp->own && entry->stamp.shared == stamp->shared;
    if (good) {
        entry->holders++;
        unlink_use(kept, entry);
        link_newest(kept, entry);
        kept->state.found++;
    }
    pthread_mutex_unlock(&kept->mutex);
    if (!good) return false;
    arena_on_close(arena, end_use, entry);
    *bytes = (str){entry->bytes, entry->len};
    return true;
}

static void keep(struct kept *kept, const digest *name, const struct stamp *stamp, str bytes)
{
    if (bytes.len > kept->bytes_max / 8) return;
    struct entry *entry = calloc(1, sizeof *entry);
    CHECK(entry != NULL);
    *entry = (struct entry){.name = *name,
                            .stamp = *stamp,
                            .bytes = calloc(1, bytes.len + 1),
                            .len = bytes.len,
                            .holders = 1,
                            .kept = kept};
    CHECK(entry->bytes != NULL);
    if (bytes.len != 0) memcpy(entry->bytes, bytes.ptr, bytes.len);
    pthread_mutex_lock(&kept->mutex);
    struct entry **place = place_of(kept, name);
    if (*place != NULL) drop(kept, place);
    entry->next = *place;
    *place = entry;
    link_newest(kept, entry);
    kept->state.count++;
    kept->state.bytes += entry->len;
    kept->state.made++;
    while (kept->state.bytes > kept->bytes_max) drop(kept, place_of(kept, &kept->oldest->name));
    pthread_mutex_unlock(&kept->mutex);
}

void kept_close(struct kept *kept)
{
    if (kept == NULL) return;
    while (kept->oldest != NULL) drop(kept, place_of(kept, &kept->oldest->name));
    pthread_mutex_destroy(&kept->mutex);
    free(kept);
}

struct kept_state kept_state(struct kept *kept)
{
    pthread_mutex_lock(&kept->mutex);
    struct kept_state state = kept->state;
    pthread_mutex_unlock(&kept->mutex);
    return state;
}

/* ---- a read ---- */

struct work {
    struct kept *kept;
    struct arena *arena;
    const struct viewer *viewer;
    const struct kept_value *value;
    digest name;
    struct stamp stamp;
    bool found;
    str bytes;
};

static bool read_stamp(struct db *db, id64 org_id, struct stamp *stamp, struct error *err)
{
    *stamp = (struct stamp){0};
    if (org_id == KEPT_OF_ALL) return store_all_changes(db, &stamp->own, err);
    return store_changes(db, org_id, &stamp->own, err) && store_changes(db, 0, &stamp->shared, err);
}

static bool look(struct db *db, void *arg, struct error *err)
{
    struct work *work = arg;
    const struct kept_value *value = work->value;
    if (value->org_id != KEPT_OF_ALL &&
        !registry_require_read(db, work->viewer, value->org_id, value->scope, err))
        return false;
    if (work->kept != NULL) {
        if (!read_stamp(db, value->org_id, &work->stamp, err)) return false;
        work->found = find(work->kept, work->arena, &work->name, &work->stamp, &work->bytes);
    }
    return work->found || value->read(db, value->arg, err);
}

bool kept_get(struct kept *kept, struct store *store, struct arena *arena,
              const struct viewer *viewer, const struct kept_value *value, str *bytes,
              struct error *err)
{
    const str parts[] = {{(const char *)&value->org_id, sizeof value->org_id}, value->name};
    struct work work = {.kept = kept,
                        .arena = arena,
                        .viewer = viewer,
                        .value = value,
                        .name = digest_of_parts(parts, ARRAY_LEN(parts))};
    if (!store_read(store, look, &work, err)) return false;
    if (!work.found) {
        work.bytes = value->make(value->arg);
        if (kept != NULL && work.bytes.ptr != NULL) keep(kept, &work.name, &work.stamp, work.bytes);
    }
    *bytes = work.bytes;
    return true;
}
