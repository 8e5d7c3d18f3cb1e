/* Letters of authorisation, and the one decision who may read what. */
#include <string.h>

#include "registry/internal.h"

#include "locale/locale.h"
#include "registry_sql.h"

#define TERM_YEARS_MAX 3
#define LETTER_BYTES_MAX 16384
#define NOTE_BYTES_MAX 1024

/* What an authority sees of the organisations it supervises: results, not the books. */
#define SUPERVISION_SCOPES (REGISTRY_SCOPE_ACCOUNT | REGISTRY_SCOPE_LABEL | REGISTRY_SCOPE_FILING)

static const char *const bank_purposes[] = {"before", "during", "after"},
                         *const verifier_purposes[] = {"verification"};

struct viewer registry_viewer_own(id64 org_id, id64 person_id)
{
    return (struct viewer){.person_id = person_id,
                           .org_id = org_id,
                           .org_kind = REGISTRY_ENTERPRISE,
                           .role = REGISTRY_ENTERPRISE_MANAGER,
                           .purpose = "own",
                           .request_id = id_new()};
}

static bool may_by_letter(struct db *db, const struct viewer *viewer, id64 subject_org, int scope,
                          date today, struct registry_access *access, struct error *err)
{
    struct sql_registry_select_granted_row *rows;
    size_t count;
    str purpose = registry_str(viewer->purpose);
    if (!sql_registry_select_granted(db, NULL, subject_org, viewer->org_id, today, &rows, &count,
                                     err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (viewer->authorisation_id != 0 && viewer->authorisation_id != rows[i].authorisation_id)
            continue;
        if (!str_equal(purpose, rows[i].purpose) || (rows[i].scopes & scope) != scope) continue;
        *access = (struct registry_access){REGISTRY_BASIS_AUTHORISATION, rows[i].authorisation_id};
        return true;
    }
    return true;
}

/* 330000 covers 33...., 330800 covers 3308..: the zeros at the end stand for everything below. */
bool registry_in_division(const struct registry_org *authority, const struct registry_org *subject)
{
    str prefix = str_from(authority->division);
    if (prefix.len == 0) return false;
    while (prefix.len >= 2 && str_ends(prefix, "00")) prefix.len -= 2;
    str division = str_from(subject->division);
    return division.len >= prefix.len && memcmp(division.ptr, prefix.ptr, prefix.len) == 0;
}

static bool may_supervise(struct db *db, const struct viewer *viewer, id64 subject_org, int scope,
                          struct registry_access *access, struct error *err)
{
    struct registry_org subject, authority;
    if ((scope & ~SUPERVISION_SCOPES) != 0) return true;
    if (!registry_get_org(db, db_arena(db), subject_org, &subject, err)) return false;
    if (!registry_get_org(db, db_arena(db), viewer->org_id, &authority, err)) return false;
    if (!registry_in_division(&authority, &subject)) return true;
    if (subject.kind == REGISTRY_ENTERPRISE && subject.on_register)
        access->basis = REGISTRY_BASIS_SUPERVISION;
    return true;
}

bool registry_may_read(struct db *db, const struct viewer *viewer, id64 subject_org, int scope,
                       date today, struct registry_access *access, struct error *err)
{
    *access = (struct registry_access){REGISTRY_BASIS_NONE, 0};
    if (scope == REGISTRY_SCOPE_PUBLIC) {
        access->basis = REGISTRY_BASIS_PUBLIC;
        return true;
    }
    if (viewer->role == REGISTRY_NOBODY) return true;
    if (viewer->org_id == subject_org) {
        access->basis = REGISTRY_BASIS_OWN;
        return true;
    }
    switch (viewer->org_kind) {
    case REGISTRY_BANK:
    case REGISTRY_VERIFIER:
        return may_by_letter(db, viewer, subject_org, scope, today, access, err);
    case REGISTRY_AUTHORITY: return may_supervise(db, viewer, subject_org, scope, access, err);
    case REGISTRY_ENTERPRISE:
    case REGISTRY_OPERATOR:
    case REGISTRY_ORG_KINDS: break;
    }
    return true;
}

bool registry_require_read(struct db *db, const struct viewer *viewer, id64 subject_org, int scope,
                           struct error *err)
{
    struct registry_access access;
    struct registry_org org;
    if (viewer->role != REGISTRY_NOBODY && viewer->org_id == subject_org) return true;
    if (!registry_get_org(db, db_arena(db), subject_org, &org, err)) return false;
    date today = instant_day(instant_now_ms(), org.utc_offset_minutes);
    if (!registry_may_read(db, viewer, subject_org, scope, today, &access, err)) return false;
    return access.basis != REGISTRY_BASIS_NONE ||
           error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "read the data of this organisation");
}

bool registry_require_own(const struct viewer *viewer, id64 org_id, unsigned role_mask,
                          struct error *err)
{
    if (viewer->org_id == org_id && (role_mask & 1U << viewer->role) != 0) return true;
    return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "change the data of this organisation");
}

static bool add_step(struct db *db, const struct viewer *viewer, id64 org_id, id64 authorisation_id,
                     enum registry_authorisation_state state, str note, int64_t now_ms,
                     struct error *err)
{
    return sql_registry_insert_authorisation_step(
        db, org_id, authorisation_id, id_new(), str_from(registry_authorisation_state_name(state)),
        viewer->org_id, viewer->person_id, now_ms, note, NULL, err);
}

/* The last day that a letter from `first` on may have: the same day three years later. */
static date term_end(date first)
{
    int year, month, day;
    date_split(first, &year, &month, &day);
    int32_t target = month_make(year + TERM_YEARS_MAX, month);
    date end = {month_first_day(target).day + day - 1}, last = month_last_day(target);
    return end.day > last.day ? last : end;
}

static bool check_request(bool by_bank, const char *purpose, int scopes, date first_day,
                          date last_day, str text, struct error *err)
{
    const char *const *purposes = by_bank ? bank_purposes : verifier_purposes;
    size_t count = by_bank ? ARRAY_LEN(bank_purposes) : ARRAY_LEN(verifier_purposes);
    if (registry_find_name(purposes, count, registry_str(purpose)) < 0)
        return error_set(err, ERROR_REGISTRY_PURPOSE, "s", purpose);
    if (scopes <= 0 || (scopes & ~REGISTRY_SCOPE_ALL) != 0)
        return error_set(err, ERROR_REGISTRY_SCOPES, "");
    if (first_day.day > last_day.day || last_day.day > term_end(first_day).day)
        return error_set(err, ERROR_REGISTRY_TERM, "mm", first_day, last_day);
    if (text.len == 0) return error_set(err, ERROR_REGISTRY_NAME_EMPTY, "s", "text of the letter");
    if (text.len > LETTER_BYTES_MAX)
        return error_set(err, ERROR_REGISTRY_NAME_LONG, "si", "text of the letter",
                         (int64_t)LETTER_BYTES_MAX);
    return true;
}

static const char *letter_link(struct arena *arena, id64 authorisation_id)
{
    char id[ID_TEXT_MAX];
    id_format(authorisation_id, id);
    return arena_printf(arena, "/enterprise/authorisations/%s", id);
}

static bool tell_enterprise(struct db *db, const struct viewer *bank, id64 enterprise_org,
                            id64 authorisation_id, int64_t now_ms, struct error *err)
{
    struct registry_org asks;
    if (!registry_get_org(db, db_arena(db), bank->org_id, &asks, err)) return false;
    const char *args[] = {registry_notice_org(db_arena(db), &asks), NULL};
    return registry_send_notice(db, enterprise_org, "authorisation",
                                TR_KEY("{0} asks for a letter of authorisation."), args,
                                letter_link(db_arena(db), authorisation_id), now_ms, err);
}

bool registry_request_authorisation(struct db *db, const struct viewer *bank, id64 enterprise_org,
                                    const char *purpose, int scopes, date first_day, date last_day,
                                    const char *text, int64_t now_ms, id64 *authorisation_id,
                                    struct error *err)
{
    struct registry_org org;
    bool asks = bank->role == REGISTRY_BANK_OFFICER || bank->role == REGISTRY_VERIFIER_EXPERT;
    if (!asks)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "ask for a letter of authorisation");
    if (!check_request(bank->role == REGISTRY_BANK_OFFICER, purpose, scopes, first_day, last_day,
                       registry_str(text), err))
        return false;
    if (!registry_get_org(db, db_arena(db), enterprise_org, &org, err)) return false;
    if (org.kind != REGISTRY_ENTERPRISE)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s",
                         "ask an organisation that is no enterprise");
    id64 id = id_new();
    digest d = digest_of(str_from(text));
    if (!sql_registry_insert_authorisation(
            db, enterprise_org, id, bank->org_id, str_from(purpose), scopes, first_day, last_day,
            str_from(text), registry_digest_str(&d),
            str_from(registry_authorisation_state_name(REGISTRY_REQUESTED)), now_ms, NULL, err))
        return false;
    if (!sql_registry_insert_portfolio(db, bank->org_id, id, enterprise_org, NULL, err))
        return false;
    if (!add_step(db, bank, enterprise_org, id, REGISTRY_REQUESTED, STR(""), now_ms, err) ||
        !tell_enterprise(db, bank, enterprise_org, id, now_ms, err))
        return false;
    *authorisation_id = id;
    return true;
}

/* The rows of the two selects have the same columns. */
#define LETTER_FROM_ROW(arena, row, today, out)                        \
    do {                                                               \
        *(out) = (struct registry_authorisation){                      \
            .org_id = (row)->org_id,                                   \
            .authorisation_id = (row)->authorisation_id,               \
            .bank_org_id = (row)->bank_org_id,                         \
            .org_name = str_dup(arena, (row)->org_name),               \
            .bank_name = str_dup(arena, (row)->bank_name),             \
            .purpose = str_dup(arena, (row)->purpose),                 \
            .scopes = (int)(row)->scopes,                              \
            .first_day = (row)->first_day,                             \
            .last_day = (row)->last_day,                               \
            .text = str_dup(arena, (row)->letter),                     \
            .text_digest = registry_digest_from((row)->letter_digest), \
            .state = state_of((row)->state, (row)->last_day, today),   \
            .requested_at = (row)->requested_at,                       \
            .state_at = (row)->state_at,                               \
        };                                                             \
    } while (0)

static enum registry_authorisation_state state_of(str text, date last_day, date today)
{
    for (int i = 0; i < REGISTRY_AUTHORISATION_STATES; i++) {
        enum registry_authorisation_state state = (enum registry_authorisation_state)i;
        if (!str_is(text, registry_authorisation_state_name(state))) continue;
        bool over = state == REGISTRY_GRANTED && last_day.day < today.day;
        return over ? REGISTRY_EXPIRED : state;
    }
    return REGISTRY_EXPIRED;
}

bool registry_get_authorisation(struct db *db, struct arena *arena, const struct viewer *viewer,
                                id64 org_id, id64 authorisation_id, date today,
                                struct registry_authorisation *letter, struct error *err)
{
    struct sql_registry_select_authorisation_row row;
    bool found;
    if (!sql_registry_select_authorisation(db, arena, org_id, authorisation_id, &row, &found, err))
        return false;
    bool party = found && viewer->role != REGISTRY_NOBODY &&
                 (viewer->org_id == org_id || viewer->org_id == row.bank_org_id);
    if (!party) return error_set(err, ERROR_REGISTRY_AUTHORISATION_UNKNOWN, "");
    LETTER_FROM_ROW(arena, &row, today, letter);
    return true;
}

/* Who asked is told what became of it. */
static bool tell_asker(struct db *db, const struct registry_authorisation *letter,
                       enum registry_authorisation_state to, int64_t now_ms, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct registry_org asker, own;
    char id[ID_TEXT_MAX];
    id_format(letter->org_id, id);
    if (!registry_get_org(db, arena, letter->bank_org_id, &asker, err) ||
        !registry_get_org(db, arena, letter->org_id, &own, err))
        return false;
    const char *args[] = {registry_notice_org(arena, &own), NULL};
    return registry_send_notice(
        db, letter->bank_org_id, "authorisation",
        to == REGISTRY_GRANTED   ? TR_KEY("{0} has granted the letter of authorisation.")
        : to == REGISTRY_REFUSED ? TR_KEY("{0} has refused the letter of authorisation.")
                                 : TR_KEY("{0} has withdrawn the letter of authorisation."),
        args,
        asker.kind == REGISTRY_BANK ? arena_printf(arena, "/bank/enterprises/%s", id)
                                    : "/expert/authorisations",
        now_ms, err);
}

bool registry_answer_authorisation(struct db *db, const struct viewer *enterprise,
                                   id64 authorisation_id, enum registry_authorisation_state to,
                                   const char *note, int64_t now_ms, struct error *err)
{
    struct registry_authorisation letter;
    struct registry_org org;
    struct arena *arena = db_arena(db);
    str why = str_trim(registry_str(note));
    if (!registry_require_own(enterprise, enterprise->org_id, 1U << REGISTRY_ENTERPRISE_MANAGER,
                              err))
        return false;
    if (!registry_get_org(db, arena, enterprise->org_id, &org, err)) return false;
    date today = instant_day(now_ms, org.utc_offset_minutes);
    if (!registry_get_authorisation(db, arena, enterprise, enterprise->org_id, authorisation_id,
                                    today, &letter, err))
        return false;
    bool answers =
        letter.state == REGISTRY_REQUESTED && (to == REGISTRY_GRANTED || to == REGISTRY_REFUSED);
    bool withdraws = letter.state == REGISTRY_GRANTED && to == REGISTRY_WITHDRAWN;
    if (!answers && !withdraws)
        return error_set(err, ERROR_REGISTRY_AUTHORISATION_STATE, "ss",
                         registry_authorisation_state_name(letter.state),
                         registry_authorisation_state_name(to));
    if (to == REGISTRY_GRANTED && letter.last_day.day < today.day)
        return error_set(err, ERROR_REGISTRY_TERM, "mm", letter.first_day, letter.last_day);
    if (withdraws && why.len == 0)
        return error_set(err, ERROR_REGISTRY_NAME_EMPTY, "s", "reason of the withdrawal");
    if (why.len > NOTE_BYTES_MAX)
        return error_set(err, ERROR_REGISTRY_NAME_LONG, "si", "reason", (int64_t)NOTE_BYTES_MAX);
    return sql_registry_update_authorisation(db, enterprise->org_id, authorisation_id,
                                             str_from(registry_authorisation_state_name(to)),
                                             now_ms, NULL, err) &&
           add_step(db, enterprise, enterprise->org_id, authorisation_id, to, why, now_ms, err) &&
           sql_registry_read_notices_of(db, enterprise->org_id,
                                        str_from(letter_link(arena, authorisation_id)), now_ms,
                                        NULL, err) &&
           tell_asker(db, &letter, to, now_ms, err);
}

bool registry_list_authorisation_steps(struct db *db, struct arena *arena,
                                       const struct viewer *viewer, id64 org_id,
                                       id64 authorisation_id,
                                       struct registry_authorisation_step **list, size_t *count,
                                       struct error *err)
{
    struct sql_registry_select_authorisation_steps_row *rows;
    struct registry_authorisation letter;
    size_t n;
    date never = {INT32_MIN}; /* no letter is over yet: the steps say what was */
    if (!registry_get_authorisation(db, arena, viewer, org_id, authorisation_id, never, &letter,
                                    err) ||
        !sql_registry_select_authorisation_steps(db, arena, org_id, authorisation_id, &rows, &n,
                                                 err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct registry_authorisation_step, n + 1);
    for (size_t i = 0; i < n; i++)
        (*list)[i] = (struct registry_authorisation_step){
            .state = state_of(rows[i].state, never, never),
            .by_org_id = rows[i].by_org_id,
            .by_org_name = rows[i].has_by_org_name ? str_dup(arena, rows[i].by_org_name) : "",
            .person_name = rows[i].has_person_name ? str_dup(arena, rows[i].person_name) : "",
            .at = rows[i].at,
            .note = str_dup(arena, rows[i].note),
        };
    *count = n;
    return true;
}

static bool list_portfolio(struct db *db, struct arena *arena, const struct viewer *viewer,
                           date today, struct registry_authorisation **list, size_t *count,
                           struct error *err)
{
    struct sql_registry_select_portfolio_row *rows;
    size_t n;
    if (!sql_registry_select_portfolio(db, arena, viewer->org_id, &rows, &n, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct registry_authorisation, n + 1);
    for (size_t i = 0; i < n; i++)
        if (!registry_get_authorisation(db, arena, viewer, rows[i].org_id, rows[i].authorisation_id,
                                        today, &(*list)[i], err))
            return false;
    *count = n;
    return true;
}

bool registry_list_authorisations(struct db *db, struct arena *arena, const struct viewer *viewer,
                                  date today, struct registry_authorisation **list, size_t *count,
                                  struct error *err)
{
    if (viewer->role == REGISTRY_NOBODY)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "list letters of authorisation");
    if (viewer->org_kind != REGISTRY_ENTERPRISE)
        return list_portfolio(db, arena, viewer, today, list, count, err);
    struct sql_registry_select_authorisations_of_org_row *rows;
    size_t n;
    if (!sql_registry_select_authorisations_of_org(db, arena, viewer->org_id, &rows, &n, err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct registry_authorisation, n + 1);
    for (size_t i = 0; i < n; i++) LETTER_FROM_ROW(arena, &rows[i], today, &(*list)[i]);
    *count = n;
    return true;
}
