#include "unit.h"

#include <string.h>

#include "registry/registry_fixture.h"
#include "want.h"

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
    TRY(registry_resolve_org(db, arena, STR("91350100M000100Y43"), &org, err));
    WANT(org.org_id == s->mill);
    WANT_TEXT(org.province, "jiangsu");
    WANT_TEXT(org.grid_region, "east");
    char id[ID_TEXT_MAX];
    id_format(s->mill, id);
    TRY(registry_resolve_org(db, arena, str_from(id), &org, err));
    WANT_TEXT(org.name, "示例钢厂");
    struct registry_org_filter filter = {
        .kind = REGISTRY_ENTERPRISE, .division_prefix = "3205", .on_register_only = true};
    struct registry_org *list;
    size_t count;
    TRY(registry_list_orgs(db, arena, &filter, &list, &count, err));
    WANT(count == 1);
    WANT(list[0].org_id == s->mill);
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
    TRY(registry_add_asset(db, &asset, NOW, &site, err));
    asset = (struct registry_asset){
        .org_id = s->mill, .kind = REGISTRY_WORKSHOP, .name = "炼钢", .parent_id = site};
    TRY(registry_add_asset(db, &asset, NOW, &shop, err));
    asset = (struct registry_asset){.org_id = s->mill,
                                    .kind = REGISTRY_METER,
                                    .name = "总表",
                                    .code = "M1",
                                    .parent_id = shop,
                                    .medium = "electricity",
                                    .unit = "kWh",
                                    .ratio = 6000,
                                    .reading_day = 5};
    TRY(registry_add_asset(db, &asset, NOW, &meter, err));
    id64 id;
    WANT_REFUSED(registry_add_asset(db, &asset, NOW, &id, REFUSED), ERROR_REGISTRY_ASSET_TAKEN);
    asset.code = "M2";
    asset.ratio = 0;
    WANT_REFUSED(registry_add_asset(db, &asset, NOW, &id, REFUSED), ERROR_REGISTRY_ASSET_RATIO);
    asset.ratio = 1;
    asset.reading_day = 31;
    WANT_REFUSED(registry_add_asset(db, &asset, NOW, &id, REFUSED),
                 ERROR_REGISTRY_ASSET_READING_DAY);
    asset = (struct registry_asset){
        .org_id = s->mill, .kind = REGISTRY_SITE, .name = "倒置", .parent_id = meter};
    WANT_REFUSED(registry_add_asset(db, &asset, NOW, &id, REFUSED), ERROR_REGISTRY_ASSET_PARENT);
    struct registry_asset *list;
    size_t count;
    TRY(registry_list_assets(db, arena, s->mill, &list, &count, err));
    WANT(count == 3);
    WANT_TEXT(list[0].name, "厂区");
    WANT(list[2].ratio == 6000);
    return true;
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
    WANT(registry_set_password(db, s->mill, whose, s->hash, by, NOW + (at), err))
    WANT(common_hand(db, s, err) == 0);
    SETS(s->approver, manager, 0);
    WANT(common_hand(db, s, err) == manager);
    /* He changes it himself: so could the manager, with the password he knows. */
    SETS(s->approver, s->approver, 1);
    WANT(common_hand(db, s, err) == manager);
    /* A manager whom the manager has made sets it: no other hand either. */
    TRY(registry_add_person(db, s->mill, STR("helper"), STR("丙"), REGISTRY_ENTERPRISE_MANAGER,
                            s->hash, NOW, &helper, err));
    TRY(registry_note_password(db, s->mill, helper, manager, NOW + 1, err));
    SETS(s->approver, helper, 2);
    WANT(common_hand(db, s, err) == manager);
    /* Two who set each other's are one hand, and the search for it ends. */
    SETS(manager, helper, 3);
    WANT(common_hand(db, s, err) == manager);
    SETS(s->approver, REGISTRY_BY_OPERATOR, 4);
    WANT(common_hand(db, s, err) == 0);
#undef SETS
    TRY(registry_list_password_steps(db, arena, s->mill, &steps, &count, err));
    WANT(count == 5); /* all but the one he changed himself */
    WANT_TEXT(steps[0].name, "乙");
    WANT_TEXT(steps[0].by_name, "");
    WANT_TEXT(steps[1].name, "甲");
    WANT_TEXT(steps[1].by_name, "丙");
    return true;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_credit_codes),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_organisations),
        SCENE_CASE(build_assets),
        SCENE_CASE(set_passwords),
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_lockout),
        cmocka_unit_test(test_sign_up),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
