/* Who may read what: letters of authorisation, the audit of looks, notices, attachments. */
#include "unit.h"

#include "registry/registry_fixture.h"

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

/* The newest notice of an organisation says this. */
static void assert_told(struct db *db, struct viewer reader, const char *text, const char *arg,
                        const char *link)
{
    struct registry_notice *list;
    struct error err = {0};
    size_t count;
    if (!registry_list_notices(db, arena, &reader, 0, 1, &list, &count, &err)) fail_with(&err);
    assert_int_equal(count, 1);
    assert_string_equal(list[0].kind, "authorisation");
    assert_string_equal(list[0].text, text);
    assert_string_equal(list[0].args[0], arg);
    assert_string_equal(list[0].link, link);
}

/* Both sides are told, whoever asks; a bank asks for its loan and a verifier for its verification,
 * and neither for the other's. */
static bool check_told(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct viewer mill = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->mill, "own");
    struct viewer bank = viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, "");
    struct viewer judge = viewer_of(s, REGISTRY_VERIFIER_EXPERT, s->judge, "");
    struct error refused = {0};
    char id[ID_TEXT_MAX];
    int64_t unread;
    if (!ask_letter(db, s, err)) return false;
    id_format(s->letter, id);
    assert_told(db, mill, "{0} asks for a letter of authorisation.", "示例银行",
                arena_printf(arena, "/enterprise/authorisations/%s", id));
    id_format(s->mill, id);
    const char *at_bank = arena_printf(arena, "/bank/enterprises/%s", id);
    if (!registry_count_unread(db, &mill, &unread, err)) return false;
    assert_int_equal(unread, 1);
    if (!answer(db, s, REGISTRY_GRANTED, err)) return false;
    if (!registry_count_unread(db, &mill, &unread, err)) return false;
    assert_int_equal(unread, 0); /* what was answered waits no more */
    assert_told(db, bank, "{0} has granted the letter of authorisation.", "示例钢厂", at_bank);
    if (!answer(db, s, REGISTRY_WITHDRAWN, err)) return false;
    assert_told(db, bank, "{0} has withdrawn the letter of authorisation.", "示例钢厂", at_bank);
    assert_false(registry_request_authorisation(db, &bank, s->mill, "verification", LETTER_SCOPES,
                                                day_at(0), day_at(9), "x", NOW, &s->letter,
                                                &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_PURPOSE);
    assert_false(registry_request_authorisation(db, &judge, s->mill, "before", LETTER_SCOPES,
                                                day_at(0), day_at(9), "x", NOW, &s->letter,
                                                &refused));
    assert_int_equal(refused.code, ERROR_REGISTRY_PURPOSE);
    if (!registry_request_authorisation(db, &judge, s->mill, "verification", LETTER_SCOPES,
                                        day_at(0), day_at(9), "x", NOW, &s->letter, err))
        return false;
    id_format(s->letter, id);
    assert_told(db, mill, "{0} asks for a letter of authorisation.", "核查所",
                arena_printf(arena, "/enterprise/authorisations/%s", id));
    if (!answer(db, s, REGISTRY_REFUSED, err)) return false;
    assert_told(db, judge, "{0} has refused the letter of authorisation.", "示例钢厂",
                "/expert/authorisations");
    return true;
}

static void test_both_sides_are_told(void **state)
{
    struct scene s;
    struct error err = {0};
    (void)state;
    make_scene(&s);
    if (!store_write(s.store, check_told, &s, &err)) fail_with(&err);
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
    assert_int_equal(count, 2); /* behind the request of a letter */
    assert_string_equal(notices[0].args[0], "2026-02");
    if (!registry_mark_read(db, &bank, notices[0].notice_id, NOW, err)) return false;
    if (!registry_count_unread(db, &mill, &unread, err)) return false;
    assert_int_equal(unread, 1); /* not the bank's to read */
    if (!registry_list_notices(db, arena, &mill, 1, 0, &notices, &count, err)) return false;
    assert_int_equal(count, 1); /* one of the two is skipped */
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
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_letter_steps),
        cmocka_unit_test(test_both_sides_are_told),
        cmocka_unit_test(test_letters_audit_inbox),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
