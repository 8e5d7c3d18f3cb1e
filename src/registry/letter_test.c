/* Who may read what: letters of authorisation, the audit of looks, notices, attachments. */
#include "unit.h"

#include "registry/registry_fixture.h"
#include "want.h"

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
    WANT(may(db, nobody, s->mill, REGISTRY_SCOPE_PUBLIC, 0) == REGISTRY_BASIS_PUBLIC);
    WANT(may(db, nobody, s->mill, REGISTRY_SCOPE_LABEL, 0) == REGISTRY_BASIS_NONE);
    WANT(may(db, mill, s->mill, REGISTRY_SCOPE_ALL, 0) == REGISTRY_BASIS_OWN);
    WANT(may(db, mill, s->other, REGISTRY_SCOPE_LABEL, 0) == REGISTRY_BASIS_NONE);
    WANT(may(db, platform, s->mill, REGISTRY_SCOPE_LABEL, 0) == REGISTRY_BASIS_NONE);
    /* The authority of the province, for what is on its register, and never the books. */
    WANT(may(db, near_office, s->mill, REGISTRY_SCOPE_ACCOUNT, 0) == REGISTRY_BASIS_SUPERVISION);
    WANT(may(db, near_office, s->mill, REGISTRY_SCOPE_FINANCE, 0) == REGISTRY_BASIS_NONE);
    WANT(may(db, near_office, s->mill, REGISTRY_SCOPE_ACTIVITY, 0) == REGISTRY_BASIS_NONE);
    WANT(may(db, near_office, s->other, REGISTRY_SCOPE_ACCOUNT, 0) == REGISTRY_BASIS_NONE);
    WANT(may(db, far_office, s->mill, REGISTRY_SCOPE_ACCOUNT, 0) == REGISTRY_BASIS_NONE);
    /* The bank: nothing before the letter is granted, nor after it ends, nor beyond it. */
    WANT(may(db, bank, s->mill, report, 0) == REGISTRY_BASIS_NONE);
    TRY(ask_letter(db, s, err));
    WANT(may(db, bank, s->mill, report, 0) == REGISTRY_BASIS_NONE);
    TRY(answer(db, s, REGISTRY_GRANTED, err));
    WANT(may(db, bank, s->mill, report, 0) == REGISTRY_BASIS_AUTHORISATION);
    WANT(may(db, bank, s->mill, report, 30) == REGISTRY_BASIS_AUTHORISATION);
    WANT(may(db, bank, s->mill, report, 31) == REGISTRY_BASIS_NONE);
    WANT(may(db, bank, s->mill, report, -1) == REGISTRY_BASIS_NONE);
    WANT(may(db, bank, s->mill, report | REGISTRY_SCOPE_FINANCE, 0) == REGISTRY_BASIS_NONE);
    WANT(may(db, after, s->mill, report, 0) == REGISTRY_BASIS_NONE);
    WANT(may(db, bank, s->other, report, 0) == REGISTRY_BASIS_NONE);
    bank.authorisation_id = s->letter + 1;
    WANT(may(db, bank, s->mill, report, 0) == REGISTRY_BASIS_NONE);
    bank.authorisation_id = s->letter;
    WANT(may(db, bank, s->mill, report, 0) == REGISTRY_BASIS_AUTHORISATION);
    TRY(answer(db, s, REGISTRY_WITHDRAWN, err));
    WANT(may(db, bank, s->mill, report, 0) == REGISTRY_BASIS_NONE);
    WANT_REFUSED(answer(db, s, REGISTRY_GRANTED, REFUSED), ERROR_REGISTRY_AUTHORISATION_STATE);
    return true;
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
    size_t count;
    id64 id;
    TRY(ask_letter(db, s, err));
    WANT_REFUSED(
        registry_answer_authorisation(db, &approver, s->letter, REGISTRY_GRANTED, "", NOW, REFUSED),
        ERROR_REGISTRY_NOT_ALLOWED);
    TRY(answer(db, s, REGISTRY_GRANTED, err));
    WANT_REFUSED(
        registry_answer_authorisation(db, &mill, s->letter, REGISTRY_WITHDRAWN, " ", NOW, REFUSED),
        ERROR_REGISTRY_NAME_EMPTY);
    TRY(answer(db, s, REGISTRY_WITHDRAWN, err));
    const struct viewer *sides[] = {&mill, &bank};
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        TRY(registry_list_authorisation_steps(db, arena, sides[i], s->mill, s->letter, &list,
                                              &count, err));
        WANT(count == 3);
        WANT(list[0].state == REGISTRY_REQUESTED);
        WANT_TEXT(list[0].by_org_name, "示例银行");
        WANT(list[1].state == REGISTRY_GRANTED);
        WANT(list[2].state == REGISTRY_WITHDRAWN);
        WANT(list[2].by_org_id == s->mill);
        WANT(list[2].at == NOW);
        WANT_TEXT(list[2].note, "换了银行");
    }
    WANT_REFUSED(registry_list_authorisation_steps(db, arena, &other, s->mill, s->letter, &list,
                                                   &count, REFUSED),
                 ERROR_REGISTRY_AUTHORISATION_UNKNOWN);
    /* 1 March 2026 to 1 March 2029, and not a day more; from 29 February to the 28th. */
    TRY(registry_request_authorisation(db, &bank, s->mill, "after", LETTER_SCOPES,
                                       day_of(2026, 3, 1), day_of(2029, 3, 1), "x", NOW, &id, err));
    WANT_REFUSED(registry_request_authorisation(db, &bank, s->mill, "after", LETTER_SCOPES,
                                                day_of(2026, 3, 1), day_of(2029, 3, 2), "x", NOW,
                                                &id, REFUSED),
                 ERROR_REGISTRY_TERM);
    WANT_REFUSED(registry_request_authorisation(db, &bank, s->mill, "after", LETTER_SCOPES,
                                                day_of(2024, 2, 29), day_of(2027, 3, 1), "x", NOW,
                                                &id, REFUSED),
                 ERROR_REGISTRY_TERM);
    /* A letter whose term is over grants nothing. */
    TRY(registry_request_authorisation(db, &bank, s->mill, "after", LETTER_SCOPES,
                                       day_of(2020, 1, 1), day_of(2020, 12, 31), "x", NOW, &id,
                                       err));
    WANT_REFUSED(registry_answer_authorisation(db, &mill, id, REGISTRY_GRANTED, "", NOW, REFUSED),
                 ERROR_REGISTRY_TERM);
    return true;
}

/* The newest notice of an organisation says this. */
static bool is_told(struct db *db, struct viewer reader, const char *text, const char *arg,
                    const char *link, struct error *err)
{
    struct registry_notice *list;
    size_t count;
    TRY(registry_list_notices(db, arena, &reader, 0, 1, &list, &count, err));
    WANT(count == 1);
    WANT_TEXT(list[0].kind, "authorisation");
    WANT_TEXT(list[0].text, text);
    WANT_TEXT(list[0].args[0], arg);
    WANT_TEXT(list[0].link, link);
    return true;
}

/* Both sides are told, whoever asks; a bank asks for its loan and a verifier for its verification,
 * and neither for the other's. */
static bool check_told(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct viewer mill = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->mill, "own");
    struct viewer bank = viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, "");
    struct viewer judge = viewer_of(s, REGISTRY_VERIFIER_EXPERT, s->judge, "");
    char id[ID_TEXT_MAX];
    int64_t unread;
    TRY(ask_letter(db, s, err));
    id_format(s->letter, id);
    TRY(is_told(db, mill, "{0} asks for a letter of authorisation.", "示例银行",
                arena_printf(arena, "/enterprise/authorisations/%s", id), err));
    id_format(s->mill, id);
    const char *at_bank = arena_printf(arena, "/bank/enterprises/%s", id);
    TRY(registry_count_unread(db, &mill, &unread, err));
    WANT(unread == 1);
    TRY(answer(db, s, REGISTRY_GRANTED, err));
    TRY(registry_count_unread(db, &mill, &unread, err));
    WANT(unread == 0); /* what was answered waits no more */
    TRY(is_told(db, bank, "{0} has granted the letter of authorisation.", "示例钢厂", at_bank,
                err));
    TRY(answer(db, s, REGISTRY_WITHDRAWN, err));
    TRY(is_told(db, bank, "{0} has withdrawn the letter of authorisation.", "示例钢厂", at_bank,
                err));
    WANT_REFUSED(registry_request_authorisation(db, &bank, s->mill, "verification", LETTER_SCOPES,
                                                day_at(0), day_at(9), "x", NOW, &s->letter,
                                                REFUSED),
                 ERROR_REGISTRY_PURPOSE);
    WANT_REFUSED(registry_request_authorisation(db, &judge, s->mill, "before", LETTER_SCOPES,
                                                day_at(0), day_at(9), "x", NOW, &s->letter,
                                                REFUSED),
                 ERROR_REGISTRY_PURPOSE);
    TRY(registry_request_authorisation(db, &judge, s->mill, "verification", LETTER_SCOPES,
                                       day_at(0), day_at(9), "x", NOW, &s->letter, err));
    id_format(s->letter, id);
    TRY(is_told(db, mill, "{0} asks for a letter of authorisation.", "核查所",
                arena_printf(arena, "/enterprise/authorisations/%s", id), err));
    TRY(answer(db, s, REGISTRY_REFUSED, err));
    TRY(is_told(db, judge, "{0} has refused the letter of authorisation.", "示例钢厂",
                "/expert/authorisations", err));
    return true;
}

static bool check_letters(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct viewer mill = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->mill, "own");
    struct viewer bank = viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, "before");
    struct viewer other = viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->other, "own");
    struct registry_authorisation *list, letter;
    size_t count;
    id64 id;
    TRY(ask_letter(db, s, err));
    WANT_REFUSED(registry_request_authorisation(db, &mill, s->other, "before", LETTER_SCOPES,
                                                day_at(0), day_at(9), "x", NOW, &id, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    WANT_REFUSED(registry_request_authorisation(db, &bank, s->mill, "someday", LETTER_SCOPES,
                                                day_at(0), day_at(9), "x", NOW, &id, REFUSED),
                 ERROR_REGISTRY_PURPOSE);
    WANT_REFUSED(registry_request_authorisation(db, &bank, s->mill, "before", LETTER_SCOPES,
                                                day_at(9), day_at(0), "x", NOW, &id, REFUSED),
                 ERROR_REGISTRY_TERM);
    TRY(registry_list_authorisations(db, arena, &mill, day_at(0), &list, &count, err));
    WANT(count == 1);
    WANT_TEXT(list[0].bank_name, "示例银行");
    TRY(answer(db, s, REGISTRY_GRANTED, err));
    TRY(registry_list_authorisations(db, arena, &bank, day_at(31), &list, &count, err));
    WANT(count == 1);
    WANT(list[0].state == REGISTRY_EXPIRED);
    digest expected = digest_of(STR("授权书全文"));
    WANT(digest_equal(list[0].text_digest, expected));
    WANT_REFUSED(registry_get_authorisation(db, arena, &other, s->mill, s->letter, day_at(0),
                                            &letter, REFUSED),
                 ERROR_REGISTRY_AUTHORISATION_UNKNOWN);
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
        TRY(registry_audit_look(db, &bank, s->mill, REGISTRY_SCOPE_REPORT, "/bank/report", NOW,
                                err));
    TRY(registry_audit_look(db, &mill, s->mill, REGISTRY_SCOPE_REPORT, "/own", NOW, err));
    TRY(registry_list_looks(db, arena, &mill, 0, 0, &looks, &count, err));
    WANT(count == 1);
    WANT_TEXT(looks[0].viewer_org_name, "示例银行");
    WANT_TEXT(looks[0].person_name, "丙");
    WANT_TEXT(looks[0].what, "/bank/report");
    WANT_TEXT(looks[0].purpose, "before");
    TRY(registry_list_looks(db, arena, &other, 0, 0, &looks, &count, err));
    WANT(count == 0);
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
    size_t count;
    int64_t unread;
    id64 id;
    str bytes;
    const char *args[] = {"2026-02", NULL};
    TRY(registry_send_notice(db, s->mill, "reminder", "The data of {0} are due.", args, "/data",
                             NOW, err));
    TRY(registry_count_unread(db, &mill, &unread, err));
    WANT(unread == 1);
    TRY(registry_list_notices(db, arena, &mill, 0, 0, &notices, &count, err));
    WANT(count == 2); /* behind the request of a letter */
    WANT_TEXT(notices[0].args[0], "2026-02");
    TRY(registry_mark_read(db, &bank, notices[0].notice_id, NOW, err));
    TRY(registry_count_unread(db, &mill, &unread, err));
    WANT(unread == 1); /* not the bank's to read */
    TRY(registry_list_notices(db, arena, &mill, 1, 0, &notices, &count, err));
    WANT(count == 1); /* one of the two is skipped */
    TRY(registry_mark_all_read(db, &bank, NOW, err));
    TRY(registry_count_unread(db, &mill, &unread, err));
    WANT(unread == 1);
    TRY(registry_mark_all_read(db, &mill, NOW, err));
    TRY(registry_count_unread(db, &mill, &unread, err));
    WANT(unread == 0);
    TRY(registry_add_attachment(db, &mill, &bill, STR("%PDF-1.4"), NOW, &id, err));
    TRY(registry_read_attachment(db, arena, &mill, s->mill, id, &bill, &bytes, err));
    WANT(str_is(bytes, "%PDF-1.4"));
    WANT_REFUSED(registry_read_attachment(db, arena, &bank, s->mill, id, &bill, &bytes, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED);
    bill = (struct registry_attachment){.org_id = s->mill, .kind = "poem", .name = "x"};
    WANT_REFUSED(registry_add_attachment(db, &mill, &bill, STR("x"), NOW, &id, REFUSED),
                 ERROR_REGISTRY_ATTACHMENT_KIND);
    TRY(registry_list_attachments(db, arena, &mill, s->mill, &list, &count, err));
    WANT(count == 1);
    return true;
}

/* Who is on the register is decided by the authority of the enterprise's division alone. */
static bool check_register(struct db *db, void *arg, struct error *err)
{
    struct scene *s = arg;
    struct registry_org mill, bank;
    bool changed;
    const struct viewer refused[] = {viewer_of(s, REGISTRY_AUTHORITY_OFFICER, s->far_authority, ""),
                                     viewer_of(s, REGISTRY_ENTERPRISE_MANAGER, s->mill, "own"),
                                     viewer_of(s, REGISTRY_BANK_OFFICER, s->bank, ""),
                                     viewer_of(s, REGISTRY_PLATFORM_OPERATOR, s->platform, ""),
                                     {0}};
    struct viewer office = viewer_of(s, REGISTRY_AUTHORITY_OFFICER, s->authority, "");
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        WANT_REFUSED(
            registry_set_on_register(db, &refused[i], codes, s->mill, false, &changed, REFUSED),
            ERROR_REGISTRY_NOT_ALLOWED);
    TRY(registry_get_org(db, db_arena(db), s->mill, &mill, err));
    WANT(mill.on_register);
    TRY(registry_set_on_register(db, &office, codes, s->mill, true, &changed, err));
    WANT(!changed);
    TRY(registry_set_on_register(db, &office, codes, s->mill, false, &changed, err));
    WANT(changed);
    TRY(registry_get_org(db, db_arena(db), s->mill, &mill, err));
    WANT(!mill.on_register);
    WANT_REFUSED(registry_set_on_register(db, &office, codes, s->bank, true, &changed, REFUSED),
                 ERROR_REGISTRY_NOT_ALLOWED); /* a bank files nothing */
    TRY(registry_get_org(db, db_arena(db), s->bank, &bank, err));
    WANT(!bank.on_register);
    return true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_CASE(check_matrix),
        SCENE_CASE(check_steps),
        SCENE_CASE(check_register),
        SCENE_CASE(check_told),
        SCENE_CASE(check_letters, check_audit, check_inbox),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
