#include "unit.h"

#include <string.h>

#include "registry/registry.h"

/* 2026-03-01T00:00:00Z, counted by hand: 20513 days. */
#define NOW ((int64_t)20513 * 86400000)

static struct arena *arena;
static struct registry_codes *codes;

static void fail_with(const struct error *err)
{
    fail_msg("%s", error_render(arena, err, error_sentence(err->code)));
}

static struct store *open_store(void)
{
    struct error err = {0};
    struct store *store =
        store_open(&(struct store_options){.where = "sqlite::memory:", .create = true}, &err);
    if (store == NULL) fail_with(&err);
    return store;
}

static int set_up(void **state)
{
    struct error err = {0};
    (void)state;
    arena = arena_open(0);
    codes = registry_codes_open(arena, TABLES, &err);
    if (codes == NULL) fail_with(&err);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

/* ---- credit codes --------------------------------------------------------------------------- */

static enum error_code check(const char *code)
{
    struct error err = {0};
    return registry_check_credit_code(str_from(code), &err) ? ERROR_NONE : err.code;
}

static void test_credit_codes(void **state)
{
    (void)state;
    /* The example printed in descriptions of GB 32100 and two listed companies' published codes.
     * By hand for 91350100M000100Y43. GB 11714, places 9 to 17, weights 3 7 9 10 5 8 4 2 over
     * M=22 0 0 0 1 0 0 Y=34: 66 + 5 + 68 = 139, 139 mod 11 = 7, 11 - 7 = 4.
     * GB 32100, weights 1 3 9 27 19 26 16 17 20 29 25 13 8 24 10 30 28 over
     * 9 1 3 5 0 1 0 0 M=21 0 0 0 1 0 0 Y=30 4: 9+3+27+135+26+420+8+900+112 = 1640,
     * 1640 mod 31 = 28, 31 - 28 = 3. */
    assert_int_equal(check("91350100M000100Y43"), ERROR_NONE);
    assert_int_equal(check("9144030071526726XG"), ERROR_NONE);
    assert_int_equal(check("914403001922038216"), ERROR_NONE);
    assert_int_equal(check("91350100M000100Y44"), ERROR_REGISTRY_CREDIT_CODE_CHECK);
    assert_int_equal(check("91350100M000100Y53"), ERROR_REGISTRY_CREDIT_CODE_CHECK);
    assert_int_equal(check("91350100M000010Y43"), ERROR_REGISTRY_CREDIT_CODE_CHECK);
    assert_int_equal(check("91350100I000100Y43"), ERROR_REGISTRY_CREDIT_CODE_CHARACTER);
    assert_int_equal(check("9135010XM000100Y43"), ERROR_REGISTRY_CREDIT_CODE_CHARACTER);
    assert_int_equal(check("91350100m000100y43"), ERROR_REGISTRY_CREDIT_CODE_CHARACTER);
    assert_int_equal(check("B1350100M000100Y43"), ERROR_REGISTRY_CREDIT_CODE_CHARACTER);
    assert_int_equal(check("91350100M000100Y4"), ERROR_REGISTRY_CREDIT_CODE_LENGTH);
    assert_int_equal(check(""), ERROR_REGISTRY_CREDIT_CODE_LENGTH);
    char code[REGISTRY_CREDIT_CODE_CHARS + 1];
    assert_true(registry_complete_credit_code(STR("91350100M000100Y"), code));
    assert_string_equal(code, "91350100M000100Y43");
    assert_false(registry_complete_credit_code(STR("91350100O000100Y"), code));
}

static void test_codes(void **state)
{
    (void)state;
    const struct registry_code *jiangsu = registry_find_division(codes, STR("320500"));
    assert_non_null(registry_find_industry(codes, STR("3120")));
    assert_null(registry_find_industry(codes, STR("9999")));
    assert_non_null(jiangsu);
    assert_string_equal(jiangsu->province, "jiangsu");
    assert_null(registry_find_division(codes, STR("999999")));
    date day;
    assert_true(date_make(2024, 1, 1, &day));
    /* Jiangsu lies in the East China grid, Chifeng of Inner Mongolia in the North-east. */
    assert_string_equal(registry_grid_region(codes, STR("320500"), day), "east");
    assert_string_equal(registry_grid_region(codes, STR("150400"), day), "northeast");
    assert_string_equal(registry_grid_region(codes, STR("510100"), day), "southwest");
    assert_true(date_make(2015, 1, 1, &day));
    assert_string_equal(registry_grid_region(codes, STR("510100"), day), "central");
}

/* ---- organisations and people ---------------------------------------------------------------- */

struct scene {
    struct store *store;
    id64 mill, other, bank, authority, far_authority, platform;
    id64 mill_person, approver, officer, inspector;
    id64 letter;
    char hash[REGISTRY_HASH_BYTES];
};

static bool add_org(struct db *db, enum registry_org_kind kind, const char *name, const char *code,
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
           registry_add_person(db, s->mill, STR("Manager@mill"), STR("甲"),
                               REGISTRY_ENTERPRISE_MANAGER, s->hash, NOW, &s->mill_person, err) &&
           registry_add_person(db, s->mill, STR("approver"), STR("乙"),
                               REGISTRY_ENTERPRISE_APPROVER, s->hash, NOW, &s->approver, err) &&
           registry_add_person(db, s->bank, STR("officer"), STR("丙"), REGISTRY_BANK_OFFICER,
                               s->hash, NOW, &s->officer, err) &&
           registry_add_person(db, s->authority, STR("inspector"), STR("丁"),
                               REGISTRY_AUTHORITY_OFFICER, s->hash, NOW, &s->inspector, err);
}

static void make_scene(struct scene *s)
{
    struct error err = {0};
    *s = (struct scene){.store = open_store()};
    if (!registry_hash_password(STR("correct horse"), s->hash, &err)) fail_with(&err);
    if (!store_write(s->store, build, s, &err)) fail_with(&err);
}

static bool add_twice(struct db *db, void *arg, struct error *err)
{
    id64 id;
    (void)arg;
    return add_org(db, REGISTRY_ENTERPRISE, "冒名", "91350100M000100Y43", "320500", false, &id,
                   err);
}

static bool add_no_class(struct db *db, void *arg, struct error *err)
{
    id64 id;
    struct registry_org org = {
        .name = "x", .scheme = "test", .identifier = "y", .industry = "9999", .division = "320500"};
    (void)arg;
    return registry_add_org(db, codes, &org, NOW, &id, err);
}

static bool add_no_division(struct db *db, void *arg, struct error *err)
{
    id64 id;
    struct registry_org org = {.name = "x",
                               .scheme = REGISTRY_SCHEME_CREDIT_CODE,
                               .identifier = "9144030071526726XG",
                               .industry = "3120",
                               .division = "321599"};
    (void)arg;
    return registry_add_org(db, codes, &org, NOW, &id, err);
}

static bool add_wrong_role(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    id64 id;
    return registry_add_person(db, s->mill, STR("banker2"), STR("戊"), REGISTRY_BANK_OFFICER,
                               s->hash, NOW, &id, err);
}

static bool add_same_login(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    id64 id;
    return registry_add_person(db, s->bank, STR("APPROVER"), STR("戊"), REGISTRY_BANK_OFFICER,
                               s->hash, NOW, &id, err);
}

static bool find_mill(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct registry_org org;
    if (!registry_resolve_org(db, arena, STR("91350100M000100Y43"), &org, err)) return false;
    assert_int_equal(org.org_id, s->mill);
    assert_string_equal(org.province, "jiangsu");
    assert_string_equal(org.grid_region, "east");
    char id[ID_TEXT_MAX];
    id_format(s->mill, id);
    if (!registry_resolve_org(db, arena, str_from(id), &org, err)) return false;
    assert_string_equal(org.name, "示例钢厂");
    struct registry_org_filter filter = {
        .kind = REGISTRY_ENTERPRISE, .division_prefix = "3205", .on_register_only = true};
    struct registry_org *list;
    size_t count;
    if (!registry_list_orgs(db, arena, &filter, &list, &count, err)) return false;
    assert_int_equal(count, 1);
    assert_int_equal(list[0].org_id, s->mill);
    return registry_resolve_org(db, arena, STR("nobody"), &org, err);
}

static void refuse(struct scene *s, store_work *work, enum error_code code)
{
    struct error err = {0};
    assert_false(store_write(s->store, work, s, &err));
    assert_string_equal(error_name(err.code), error_name(code));
}

static void test_organisations(void **state)
{
    struct scene s;
    (void)state;
    make_scene(&s);
    refuse(&s, add_twice, ERROR_REGISTRY_IDENTIFIER_TAKEN);
    refuse(&s, add_no_class, ERROR_REGISTRY_INDUSTRY_UNKNOWN);
    refuse(&s, add_no_division, ERROR_REGISTRY_DIVISION_UNKNOWN);
    refuse(&s, add_wrong_role, ERROR_REGISTRY_ROLE_KIND);
    refuse(&s, add_same_login, ERROR_REGISTRY_LOGIN_TAKEN);
    refuse(&s, find_mill, ERROR_REGISTRY_ORG_UNKNOWN);
    store_close(s.store);
}

static bool build_assets(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    id64 site, shop, meter;
    struct registry_asset asset = {.org_id = s->mill, .kind = REGISTRY_SITE, .name = "厂区"};
    if (!registry_add_asset(db, &asset, NOW, &site, err)) return false;
    asset = (struct registry_asset){
        .org_id = s->mill, .kind = REGISTRY_WORKSHOP, .name = "炼钢", .parent_id = site};
    if (!registry_add_asset(db, &asset, NOW, &shop, err)) return false;
    asset = (struct registry_asset){.org_id = s->mill,
                                    .kind = REGISTRY_METER,
                                    .name = "总表",
                                    .code = "M1",
                                    .parent_id = shop,
                                    .medium = "electricity",
                                    .unit = "kWh",
                                    .ratio = 6000,
                                    .reading_day = 5};
    if (!registry_add_asset(db, &asset, NOW, &meter, err)) return false;
    struct error refused = {0};
    id64 id;
    assert_false(registry_add_asset(db, &asset, NOW, &id, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_ASSET_TAKEN);
    asset.code = "M2";
    asset.ratio = 0;
    assert_false(registry_add_asset(db, &asset, NOW, &id, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_ASSET_RATIO);
    asset.ratio = 1;
    asset.reading_day = 31;
    assert_false(registry_add_asset(db, &asset, NOW, &id, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_ASSET_READING_DAY);
    asset = (struct registry_asset){
        .org_id = s->mill, .kind = REGISTRY_SITE, .name = "倒置", .parent_id = meter};
    assert_false(registry_add_asset(db, &asset, NOW, &id, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_ASSET_PARENT);
    struct registry_asset *list;
    size_t count;
    if (!registry_list_assets(db, arena, s->mill, &list, &count, err)) return false;
    assert_int_equal(count, 3);
    assert_string_equal(list[0].name, "厂区");
    assert_true(list[2].ratio == 6000);
    return true;
}

static void test_assets(void **state)
{
    struct scene s;
    struct error err = {0};
    (void)state;
    make_scene(&s);
    if (!store_write(s.store, build_assets, &s, &err)) fail_with(&err);
    store_close(s.store);
}

/* ---- passwords ---- */

static id64 common_hand(struct db *db, const struct scene *s, struct error *err)
{
    id64 common = -1;
    return registry_common_hand(db, s->mill, s->mill_person, s->approver, &common, err) ? common
                                                                                        : -1;
}

static bool set_passwords(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    id64 manager = s->mill_person, helper;
    struct registry_password_step *steps;
    size_t count;
#define SETS(whose, by, at) \
    assert_true(registry_set_password(db, s->mill, whose, s->hash, by, NOW + (at), err))
    assert_int_equal(common_hand(db, s, err), 0);
    SETS(s->approver, manager, 0);
    assert_int_equal(common_hand(db, s, err), manager);
    /* He changes it himself: so could the manager, with the password he knows. */
    SETS(s->approver, s->approver, 1);
    assert_int_equal(common_hand(db, s, err), manager);
    /* A manager whom the manager has made sets it: no other hand either. */
    if (!registry_add_person(db, s->mill, STR("helper"), STR("丙"), REGISTRY_ENTERPRISE_MANAGER,
                             s->hash, NOW, &helper, err) ||
        !registry_note_password(db, s->mill, helper, manager, NOW + 1, err))
        return false;
    SETS(s->approver, helper, 2);
    assert_int_equal(common_hand(db, s, err), manager);
    /* Two who set each other's are one hand, and the search for it ends. */
    SETS(manager, helper, 3);
    assert_int_equal(common_hand(db, s, err), manager);
    SETS(s->approver, REGISTRY_BY_OPERATOR, 4);
    assert_int_equal(common_hand(db, s, err), 0);
#undef SETS
    if (!registry_list_password_steps(db, arena, s->mill, &steps, &count, err)) return false;
    assert_int_equal(count, 5); /* all but the one he changed himself */
    assert_string_equal(steps[0].name, "乙");
    assert_string_equal(steps[0].by_name, "");
    assert_string_equal(steps[1].name, "甲");
    assert_string_equal(steps[1].by_name, "丙");
    return true;
}

static void test_whose_hand(void **state)
{
    struct scene s;
    struct error err = {0};
    (void)state;
    make_scene(&s);
    if (!store_write(s.store, set_passwords, &s, &err)) fail_with(&err);
    store_close(s.store);
}

/* ---- signing in --------------------------------------------------------------------------------
 */

static enum error_code sign_in(struct scene *s, const char *login, const char *password,
                               int64_t now_ms, char token[REGISTRY_TOKEN_CHARS + 1])
{
    struct error err = {0};
    return registry_sign_in(s->store, str_from(login), str_from(password), now_ms, token, &err)
               ? ERROR_NONE
               : err.code;
}

struct session_check {
    str token;
    int64_t now_ms;
    bool found;
    struct registry_session session;
};

static bool find_session(struct db *db, void *arg, struct error *err)
{
    struct session_check *c = arg;
    return registry_find_session(db, arena, c->token, c->now_ms, &c->session, &c->found, err);
}

static bool end_session(struct db *db, void *arg, struct error *err)
{
    struct session_check *c = arg;
    return registry_end_session(db, c->token, err);
}

static bool session_stands(struct scene *s, const char *token, int64_t now_ms,
                           struct registry_session *session)
{
    struct session_check c = {.token = str_from(token), .now_ms = now_ms};
    struct error err = {0};
    if (!store_read(s->store, find_session, &c, &err)) fail_with(&err);
    if (c.found && session != NULL) *session = c.session;
    return c.found;
}

static void test_sessions(void **state)
{
    struct scene s;
    struct error err = {0};
    char token[REGISTRY_TOKEN_CHARS + 1], changed[REGISTRY_TOKEN_CHARS + 1];
    struct registry_session session = {0};
    (void)state;
    make_scene(&s);
    assert_memory_equal(s.hash, "$argon2id$v=19$m=65536,t=2,", 27);
    assert_int_equal(sign_in(&s, " manager@MILL ", "correct horse", NOW, token), ERROR_NONE);
    assert_true(session_stands(&s, token, NOW, &session));
    assert_int_equal(session.viewer.org_id, s.mill);
    assert_int_equal(session.viewer.role, REGISTRY_ENTERPRISE_MANAGER);
    assert_true(session.invented);
    /* Idle for 30 minutes at most; a token with one character changed is nobody's. */
    assert_true(session_stands(&s, token, NOW + (int64_t)30 * 60 * 1000, NULL));
    assert_false(session_stands(&s, token, NOW + (int64_t)30 * 60 * 1000 + 1, NULL));
    memcpy(changed, token, sizeof token);
    changed[40] = changed[40] == '0' ? '1' : '0';
    assert_false(session_stands(&s, changed, NOW, NULL));
    assert_false(session_stands(&s, "", NOW, NULL));
    struct session_check ended = {.token = str_from(token)};
    if (!store_write(s.store, end_session, &ended, &err)) fail_with(&err);
    assert_false(session_stands(&s, token, NOW, NULL));
    store_close(s.store);
}

static void test_lockout(void **state)
{
    struct scene s;
    char token[REGISTRY_TOKEN_CHARS + 1];
    (void)state;
    make_scene(&s);
    assert_int_equal(sign_in(&s, "nobody", "correct horse", NOW, token), ERROR_REGISTRY_SIGN_IN);
    for (int i = 0; i < REGISTRY_FAILURES_FREE; i++)
        assert_int_equal(sign_in(&s, "approver", "wrong horse!", NOW, token),
                         ERROR_REGISTRY_SIGN_IN);
    /* Five failures close the door for 30 seconds, even to the right password. */
    assert_int_equal(sign_in(&s, "approver", "correct horse", NOW + 29999, token),
                     ERROR_REGISTRY_LOCKED);
    assert_int_equal(sign_in(&s, "approver", "wrong horse!", NOW + 30000, token),
                     ERROR_REGISTRY_SIGN_IN);
    /* A sixth: twice as long. */
    assert_int_equal(sign_in(&s, "approver", "correct horse", NOW + 30000 + 59999, token),
                     ERROR_REGISTRY_LOCKED);
    assert_int_equal(sign_in(&s, "approver", "correct horse", NOW + 30000 + 60000, token),
                     ERROR_NONE);
    assert_int_equal(sign_in(&s, "officer", "correct horse", NOW, token), ERROR_NONE);
    store_close(s.store);
}

static void test_sign_up(void **state)
{
    struct store *store = open_store();
    struct error err = {0};
    id64 org_id, person_id;
    struct registry_sign_up form = {.org = {.name = "新企业",
                                            .scheme = REGISTRY_SCHEME_CREDIT_CODE,
                                            .identifier = "9144030071526726XG",
                                            .industry = "3120",
                                            .division = "440300",
                                            .on_register = true,
                                            .utc_offset_minutes = 480},
                                    .login = STR("first"),
                                    .person_name = STR("第一人"),
                                    .password = STR("too short")};
    (void)state;
    assert_false(registry_sign_up(store, codes, &form, NOW, &org_id, &person_id, &err));
    assert_int_equal(err.code, ERROR_REGISTRY_PASSWORD_LENGTH);
    form.password = STR("long enough now");
    if (!registry_sign_up(store, codes, &form, NOW, &org_id, &person_id, &err)) fail_with(&err);
    /* A second one with the same code leaves nothing behind, not even the person. */
    form.login = STR("second");
    assert_false(registry_sign_up(store, codes, &form, NOW, &org_id, &person_id, &err));
    assert_int_equal(err.code, ERROR_REGISTRY_IDENTIFIER_TAKEN);
    form.org.identifier = "914403001922038216";
    if (!registry_sign_up(store, codes, &form, NOW, &org_id, &person_id, &err)) fail_with(&err);
    store_close(store);
}

/* ---- who may read what
 * ---------------------------------------------------------------------------- */

#define LETTER_SCOPES (REGISTRY_SCOPE_REPORT | REGISTRY_SCOPE_LABEL | REGISTRY_SCOPE_ACCOUNT)

static struct viewer viewer_of(const struct scene *s, enum registry_role role, id64 org_id,
                               const char *purpose)
{
    (void)s;
    return (struct viewer){.org_id = org_id,
                           .person_id = 1,
                           .org_kind = registry_role_org_kind(role),
                           .role = role,
                           .purpose = purpose,
                           .request_id = id_new()};
}

static date day_at(int offset)
{
    return (date){20513 + offset};
}

static enum registry_basis may(struct db *db, struct viewer viewer, id64 subject, int scope,
                               int day_offset)
{
    struct registry_access access;
    struct error err = {0};
    if (!registry_may_read(db, &viewer, subject, scope, day_at(day_offset), &access, &err))
        fail_with(&err);
    return access.basis;
}

static bool ask_letter(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct viewer bank = viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, "");
    return registry_request_authorisation(db, &bank, s->mill, "before", LETTER_SCOPES, day_at(0),
                                          day_at(30), "授权书全文", NOW, &s->letter, err);
}

static bool answer(struct db *db, const struct scene *s, enum registry_authorisation_state to,
                   struct error *err)
{
    struct viewer mill = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->mill, "own");
    return registry_answer_authorisation(db, &mill, s->letter, to,
                                         to == REGISTRY_WITHDRAWN ? " 换了银行 " : "", NOW, err);
}

static bool check_matrix(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct viewer mill = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->mill, "own");
    struct viewer bank = viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, "before");
    struct viewer after = viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, "after");
    struct viewer near_office = viewer_of(s, REGISTRY_AUTHORITY_OFFICER, s->authority, "");
    struct viewer far_office = viewer_of(s, REGISTRY_AUTHORITY_OFFICER, s->far_authority, "");
    struct viewer platform = viewer_of(s, REGISTRY_PLATFORM_OPERATOR, s->platform, "");
    struct viewer nobody = {0};
    int report = REGISTRY_SCOPE_REPORT;
    assert_int_equal(may(db, nobody, s->mill, REGISTRY_SCOPE_PUBLIC, 0), REGISTRY_BASIS_PUBLIC);
    assert_int_equal(may(db, nobody, s->mill, REGISTRY_SCOPE_LABEL, 0), REGISTRY_BASIS_NONE);
    assert_int_equal(may(db, mill, s->mill, REGISTRY_SCOPE_ALL, 0), REGISTRY_BASIS_OWN);
    assert_int_equal(may(db, mill, s->other, REGISTRY_SCOPE_LABEL, 0), REGISTRY_BASIS_NONE);
    assert_int_equal(may(db, platform, s->mill, REGISTRY_SCOPE_LABEL, 0), REGISTRY_BASIS_NONE);
    /* The authority of the province, for what is on its register, and never the books. */
    assert_int_equal(may(db, near_office, s->mill, REGISTRY_SCOPE_ACCOUNT, 0),
                     REGISTRY_BASIS_SUPERVISION);
    assert_int_equal(may(db, near_office, s->mill, REGISTRY_SCOPE_FINANCE, 0), REGISTRY_BASIS_NONE);
    assert_int_equal(may(db, near_office, s->mill, REGISTRY_SCOPE_ACTIVITY, 0),
                     REGISTRY_BASIS_NONE);
    assert_int_equal(may(db, near_office, s->other, REGISTRY_SCOPE_ACCOUNT, 0),
                     REGISTRY_BASIS_NONE);
    assert_int_equal(may(db, far_office, s->mill, REGISTRY_SCOPE_ACCOUNT, 0), REGISTRY_BASIS_NONE);
    /* The bank: nothing before the letter is granted, nor after it ends, nor beyond it. */
    assert_int_equal(may(db, bank, s->mill, report, 0), REGISTRY_BASIS_NONE);
    if (!ask_letter(db, s, err)) return false;
    assert_int_equal(may(db, bank, s->mill, report, 0), REGISTRY_BASIS_NONE);
    if (!answer(db, s, REGISTRY_GRANTED, err)) return false;
    assert_int_equal(may(db, bank, s->mill, report, 0), REGISTRY_BASIS_AUTHORISATION);
    assert_int_equal(may(db, bank, s->mill, report, 30), REGISTRY_BASIS_AUTHORISATION);
    assert_int_equal(may(db, bank, s->mill, report, 31), REGISTRY_BASIS_NONE);
    assert_int_equal(may(db, bank, s->mill, report, -1), REGISTRY_BASIS_NONE);
    assert_int_equal(may(db, bank, s->mill, report | REGISTRY_SCOPE_FINANCE, 0),
                     REGISTRY_BASIS_NONE);
    assert_int_equal(may(db, after, s->mill, report, 0), REGISTRY_BASIS_NONE);
    assert_int_equal(may(db, bank, s->other, report, 0), REGISTRY_BASIS_NONE);
    bank.authorisation_id = s->letter + 1;
    assert_int_equal(may(db, bank, s->mill, report, 0), REGISTRY_BASIS_NONE);
    bank.authorisation_id = s->letter;
    assert_int_equal(may(db, bank, s->mill, report, 0), REGISTRY_BASIS_AUTHORISATION);
    if (!answer(db, s, REGISTRY_WITHDRAWN, err)) return false;
    assert_int_equal(may(db, bank, s->mill, report, 0), REGISTRY_BASIS_NONE);
    struct error refused = {0};
    assert_false(answer(db, s, REGISTRY_GRANTED, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_AUTHORISATION_STATE);
    return true;
}

static void test_matrix(void **state)
{
    struct scene s;
    struct error err = {0};
    (void)state;
    make_scene(&s);
    if (!store_write(s.store, check_matrix, &s, &err)) fail_with(&err);
    store_close(s.store);
}

static date day_of(int year, int month, int day)
{
    date d = {0};
    assert_true(date_make(year, month, day, &d));
    return d;
}

/* Who, when and why stays with each step; a term ends three years later to the day; and only the
 * manager signs, as flows/authorisation.flow and the page say. */
static bool check_steps(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct viewer mill = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->mill, "own");
    struct viewer approver = viewer_of(s, REGISTRY_ENTERPRISE_APPROVER, s->mill, "own");
    struct viewer bank = viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, "before");
    struct viewer other = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->other, "own");
    struct registry_authorisation_step *list;
    struct error refused = {0};
    size_t count;
    id64 id;
    if (!ask_letter(db, s, err)) return false;
    assert_false(registry_answer_authorisation(db, &approver, s->letter, REGISTRY_GRANTED, "", NOW,
                                               &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_NOT_ALLOWED);
    if (!answer(db, s, REGISTRY_GRANTED, err)) return false;
    assert_false(registry_answer_authorisation(db, &mill, s->letter, REGISTRY_WITHDRAWN, " ", NOW,
                                               &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_NAME_EMPTY);
    if (!answer(db, s, REGISTRY_WITHDRAWN, err)) return false;
    const struct viewer *sides[] = {&mill, &bank};
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        if (!registry_list_authorisation_steps(db, arena, sides[i], s->mill, s->letter, &list,
                                               &count, err))
            return false;
        assert_int_equal(count, 3);
        assert_int_equal(list[0].state, REGISTRY_REQUESTED);
        assert_string_equal(list[0].by_org_name, "示例银行");
        assert_int_equal(list[1].state, REGISTRY_GRANTED);
        assert_int_equal(list[2].state, REGISTRY_WITHDRAWN);
        assert_int_equal(list[2].by_org_id, s->mill);
        assert_int_equal(list[2].at, NOW);
        assert_string_equal(list[2].note, "换了银行");
    }
    assert_false(registry_list_authorisation_steps(db, arena, &other, s->mill, s->letter, &list,
                                                   &count, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_AUTHORISATION_UNKNOWN);
    /* 1 March 2026 to 1 March 2029, and not a day more; from 29 February to the 28th. */
    if (!registry_request_authorisation(db, &bank, s->mill, "after", LETTER_SCOPES,
                                        day_of(2026, 3, 1), day_of(2029, 3, 1), "x", NOW, &id, err))
        return false;
    assert_false(registry_request_authorisation(db, &bank, s->mill, "after", LETTER_SCOPES,
                                                day_of(2026, 3, 1), day_of(2029, 3, 2), "x", NOW,
                                                &id, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_TERM);
    assert_false(registry_request_authorisation(db, &bank, s->mill, "after", LETTER_SCOPES,
                                                day_of(2024, 2, 29), day_of(2027, 3, 1), "x", NOW,
                                                &id, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_TERM);
    /* A letter whose term is over grants nothing. */
    if (!registry_request_authorisation(db, &bank, s->mill, "after", LETTER_SCOPES,
                                        day_of(2020, 1, 1), day_of(2020, 12, 31), "x", NOW, &id,
                                        err))
        return false;
    assert_false(registry_answer_authorisation(db, &mill, id, REGISTRY_GRANTED, "", NOW, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_TERM);
    return true;
}

static void test_letter_steps(void **state)
{
    struct scene s;
    struct error err = {0};
    (void)state;
    make_scene(&s);
    if (!store_write(s.store, check_steps, &s, &err)) fail_with(&err);
    store_close(s.store);
}

static bool check_letters(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct viewer mill = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->mill, "own");
    struct viewer bank = viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, "before");
    struct viewer other = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->other, "own");
    struct registry_authorisation *list, letter;
    struct error refused = {0};
    size_t count;
    id64 id;
    if (!ask_letter(db, s, err)) return false;
    assert_false(registry_request_authorisation(db, &mill, s->other, "before", LETTER_SCOPES,
                                                day_at(0), day_at(9), "x", NOW, &id, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_NOT_ALLOWED);
    assert_false(registry_request_authorisation(db, &bank, s->mill, "someday", LETTER_SCOPES,
                                                day_at(0), day_at(9), "x", NOW, &id, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_PURPOSE);
    assert_false(registry_request_authorisation(db, &bank, s->mill, "before", LETTER_SCOPES,
                                                day_at(9), day_at(0), "x", NOW, &id, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_TERM);
    if (!registry_list_authorisations(db, arena, &mill, day_at(0), &list, &count, err))
        return false;
    assert_int_equal(count, 1);
    assert_string_equal(list[0].bank_name, "示例银行");
    if (!answer(db, s, REGISTRY_GRANTED, err)) return false;
    if (!registry_list_authorisations(db, arena, &bank, day_at(31), &list, &count, err))
        return false;
    assert_int_equal(count, 1);
    assert_int_equal(list[0].state, REGISTRY_EXPIRED);
    digest expected = digest_of(STR("授权书全文"));
    assert_true(digest_equal(list[0].text_digest, expected));
    assert_false(registry_get_authorisation(db, arena, &other, s->mill, s->letter, day_at(0),
                                            &letter, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_AUTHORISATION_UNKNOWN);
    return true;
}

static bool check_audit(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct viewer bank = viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, "before");
    struct viewer mill = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->mill, "own");
    struct viewer other = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->other, "own");
    struct registry_look *looks;
    size_t count;
    bank.person_id = s->officer;
    for (int i = 0; i < 3; i++) /* one request, three looks: one row */
        if (!registry_audit_look(db, &bank, s->mill, REGISTRY_SCOPE_REPORT, "/bank/report", NOW,
                                 err))
            return false;
    if (!registry_audit_look(db, &mill, s->mill, REGISTRY_SCOPE_REPORT, "/own", NOW, err))
        return false;
    if (!registry_list_looks(db, arena, &mill, 0, 0, &looks, &count, err)) return false;
    assert_int_equal(count, 1);
    assert_string_equal(looks[0].viewer_org_name, "示例银行");
    assert_string_equal(looks[0].person_name, "丙");
    assert_string_equal(looks[0].what, "/bank/report");
    assert_string_equal(looks[0].purpose, "before");
    if (!registry_list_looks(db, arena, &other, 0, 0, &looks, &count, err)) return false;
    assert_int_equal(count, 0);
    return true;
}

static bool check_inbox(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct viewer mill = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->mill, "own");
    struct viewer bank = viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, "before");
    struct registry_notice *notices;
    struct registry_attachment *list,
        bill = {.org_id = s->mill, .kind = "bill", .name = "三月电费单"};
    struct error refused = {0};
    size_t count;
    int64_t unread;
    id64 id;
    str bytes;
    const char *args[] = {"2026-02", NULL};
    if (!registry_send_notice(db, s->mill, "reminder", "The data of {0} are due.", args, "/data",
                              NOW, err))
        return false;
    if (!registry_count_unread(db, &mill, &unread, err)) return false;
    assert_int_equal(unread, 1);
    if (!registry_list_notices(db, arena, &mill, 0, 0, &notices, &count, err)) return false;
    assert_int_equal(count, 1);
    assert_string_equal(notices[0].args[0], "2026-02");
    if (!registry_mark_read(db, &bank, notices[0].notice_id, NOW, err)) return false;
    if (!registry_count_unread(db, &mill, &unread, err)) return false;
    assert_int_equal(unread, 1); /* not the bank's to read */
    if (!registry_list_notices(db, arena, &mill, 1, 0, &notices, &count, err)) return false;
    assert_int_equal(count, 0); /* the only one is skipped */
    if (!registry_mark_all_read(db, &bank, NOW, err)) return false;
    if (!registry_count_unread(db, &mill, &unread, err)) return false;
    assert_int_equal(unread, 1);
    if (!registry_mark_all_read(db, &mill, NOW, err)) return false;
    if (!registry_count_unread(db, &mill, &unread, err)) return false;
    assert_int_equal(unread, 0);
    if (!registry_add_attachment(db, &mill, &bill, STR("%PDF-1.4"), NOW, &id, err)) return false;
    if (!registry_read_attachment(db, arena, &mill, s->mill, id, &bill, &bytes, err)) return false;
    assert_true(str_is(bytes, "%PDF-1.4"));
    assert_false(registry_read_attachment(db, arena, &bank, s->mill, id, &bill, &bytes, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_NOT_ALLOWED);
    bill = (struct registry_attachment){.org_id = s->mill, .kind = "poem", .name = "x"};
    assert_false(registry_add_attachment(db, &mill, &bill, STR("x"), NOW, &id, &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_ATTACHMENT_KIND);
    if (!registry_list_attachments(db, arena, &mill, s->mill, &list, &count, err)) return false;
    assert_int_equal(count, 1);
    return true;
}

static void test_letters_audit_inbox(void **state)
{
    struct scene s;
    struct error err = {0};
    (void)state;
    make_scene(&s);
    if (!store_write(s.store, check_letters, &s, &err)) fail_with(&err);
    if (!store_write(s.store, check_audit, &s, &err)) fail_with(&err);
    if (!store_write(s.store, check_inbox, &s, &err)) fail_with(&err);
    store_close(s.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_credit_codes),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_organisations),
        cmocka_unit_test(test_assets),
        cmocka_unit_test(test_whose_hand),
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_lockout),
        cmocka_unit_test(test_sign_up),
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_letter_steps),
        cmocka_unit_test(test_letters_audit_inbox),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
