#include "unit.h"

#include "registry/registry_fixture.h"

struct arena *arena;
struct registry_codes *codes;

void fail_with(const struct error *err)
{
    fail_msg("%s", error_render(arena, err, error_sentence(err->code)));
}

struct store *open_store(void)
{
    struct error err = {0};
    struct store *store =
        store_open(&(struct store_options){.where = "sqlite::memory:", .create = true}, &err);
    if (store == NULL) fail_with(&err);
    return store;
}

int fixture_set_up(void **state)
{
    struct error err = {0};
    (void)state;
    arena = arena_open(0);
    codes = registry_codes_open(arena, TABLES, &err);
    if (codes == NULL) fail_with(&err);
    return 0;
}

int fixture_tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

bool add_org(struct db *db, enum registry_org_kind kind, const char *name, const char *code,
             const char *division, bool on_register, id64 *id, struct error *err)
{
    struct registry_org org = {.kind = kind,
                               .name = name,
                               .scheme = code[0] == '9' ? REGISTRY_SCHEME_CREDIT_CODE : "test",
                               .identifier = code,
                               .industry = kind == REGISTRY_ENTERPRISE ? "3120" : "",
                               .division = division,
                               .on_register = on_register,
                               .invented = true,
                               .utc_offset_minutes = 480};
    return registry_add_org(db, codes, &org, NOW, id, err);
}

static bool build(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    return add_org(db, REGISTRY_ENTERPRISE, "示例钢厂", "91350100M000100Y43", "320500", true,
                   &s->mill, err) &&
           add_org(db, REGISTRY_ENTERPRISE, "另一家", "other", "320500", false, &s->other, err) &&
           add_org(db, REGISTRY_BANK, "示例银行", "bank", "", false, &s->bank, err) &&
           add_org(db, REGISTRY_AUTHORITY, "江苏", "js", "320000", false, &s->authority, err) &&
           add_org(db, REGISTRY_AUTHORITY, "浙江", "zj", "330000", false, &s->far_authority, err) &&
           add_org(db, REGISTRY_OPERATOR, "平台", "op", "", false, &s->platform, err) &&
           add_org(db, REGISTRY_VERIFIER, "核查所", "v", "", false, &s->judge, err) &&
           registry_add_person(db, s->mill, STR("Manager@mill"), STR("甲"),
                               REGISTRY_ENTERPRISE_MANAGER, s->hash, NOW, &s->mill_person, err) &&
           registry_add_person(db, s->mill, STR("approver"), STR("乙"),
                               REGISTRY_ENTERPRISE_APPROVER, s->hash, NOW, &s->approver, err) &&
           registry_add_person(db, s->bank, STR("officer"), STR("丙"), REGISTRY_BANK_OFFICER,
                               s->hash, NOW, &s->officer, err) &&
           registry_add_person(db, s->authority, STR("inspector"), STR("丁"),
                               REGISTRY_AUTHORITY_OFFICER, s->hash, NOW, &s->inspector, err);
}

void make_scene(struct scene *s)
{
    struct error err = {0};
    *s = (struct scene){.store = open_store()};
    if (!registry_hash_password(STR("correct horse"), s->hash, &err)) fail_with(&err);
    if (!store_write(s->store, build, s, &err)) fail_with(&err);
}

void run_in_scene(void **state)
{
    struct scene s;
    struct error err = {0};
    make_scene(&s);
    for (store_work **works = *state; *works != NULL; works++)
        if (!store_write(s.store, *works, &s, &err)) fail_with(&err);
    store_close(s.store);
}
