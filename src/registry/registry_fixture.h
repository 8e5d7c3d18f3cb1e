/* A small world for the tests of this room: a mill with its people, another enterprise, a bank, two
 * authorities, a verifier and the platform, in memory. */
#ifndef REGISTRY_FIXTURE_H
#define REGISTRY_FIXTURE_H

#include "registry/registry.h"

/* 2026-03-01T00:00:00Z, counted by hand: 20513 days. */
#define NOW ((int64_t)20513 * 86400000)

extern struct arena *arena;
extern struct registry_codes *codes;

struct scene {
    struct store *store;
    id64 mill, other, bank, authority, far_authority, platform, judge;
    id64 mill_person, approver, officer, inspector;
    id64 letter;
    char hash[REGISTRY_HASH_BYTES];
};

int fixture_set_up(void **state);
int fixture_tear_down(void **state);
void fail_with(const struct error *err);
struct store *open_store(void);
bool add_org(struct db *db, enum registry_org_kind kind, const char *name, const char *code,
             const char *division, bool on_register, id64 *id, struct error *err);
void make_scene(struct scene *s);
/* A case of works that are done in a scene, one after the other, each in a write of its own. */
/* clang-format off */
#define SCENE_CASE(...) \
    {#__VA_ARGS__, run_in_scene, NULL, NULL, (store_work *[]){__VA_ARGS__, NULL}}
/* clang-format on */
void run_in_scene(void **state);

#endif
