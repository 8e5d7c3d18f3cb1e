/* People, their roles and passwords, and the sign-up of a new enterprise. */
#include "registry/internal.h"

#include <sodium.h>
#include <string.h>

#include "locale/locale.h"
#include "registry_sql.h"

#define LOGIN_BYTES_MIN 3
#define LOGIN_BYTES_MAX 64

bool registry_hash_password(str password, char hash[REGISTRY_HASH_BYTES], struct error *err)
{
    static_assert(REGISTRY_HASH_BYTES >= crypto_pwhash_STRBYTES, "libsodium's text must fit");
    if (password.len < REGISTRY_PASSWORD_BYTES_MIN || password.len > REGISTRY_PASSWORD_BYTES_MAX)
        return error_set(err, ERROR_REGISTRY_PASSWORD_LENGTH, "iii", (int64_t)password.len,
                         (int64_t)REGISTRY_PASSWORD_BYTES_MIN,
                         (int64_t)REGISTRY_PASSWORD_BYTES_MAX);
    if (sodium_init() < 0) return error_set(err, ERROR_INTERNAL, "s", "libsodium");
    if (crypto_pwhash_str_alg(hash, password.ptr, password.len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return error_set(err, ERROR_INTERNAL, "s", "memory for argon2id");
    return true;
}

static bool check_login(struct arena *arena, str login, str *folded, struct error *err)
{
    str text = str_trim(login);
    bool good = text.len >= LOGIN_BYTES_MIN && text.len <= LOGIN_BYTES_MAX;
    str small = str_fold(arena, text);
    for (size_t i = 0; good && i < small.len; i++) {
        char c = small.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-' || c == '@';
    }
    if (!good) return error_set(err, ERROR_REGISTRY_LOGIN_FORM, "S", str_slice(text, 0, 80));
    *folded = small;
    return true;
}

bool registry_add_person(struct db *db, id64 org_id, str login, str name, enum registry_role role,
                         const char *password_hash, int64_t now_ms, id64 *person_id,
                         struct error *err)
{
    struct arena *arena = db_arena(db);
    struct registry_org org;
    str folded;
    int64_t changed = 0;
    if (!registry_check_name(str_dup(arena, name), "name of the person", err)) return false;
    if (!check_login(arena, login, &folded, err)) return false;
    if (!registry_get_org(db, arena, org_id, &org, err)) return false;
    if (role == REGISTRY_NOBODY || registry_role_org_kind(role) != org.kind)
        return error_set(err, ERROR_REGISTRY_ROLE_KIND, "ss", registry_role_name(role),
                         registry_org_kind_name(org.kind));
    id64 id = id_new();
    if (!sql_registry_insert_login(db, folded, org_id, id, &changed, err)) return false;
    if (changed == 0) return error_set(err, ERROR_REGISTRY_LOGIN_TAKEN, "S", folded);
    if (!sql_registry_insert_person(db, org_id, id, folded, str_trim(name),
                                    registry_str(password_hash), now_ms, NULL, err))
        return false;
    if (!sql_registry_insert_membership(db, org_id, id, str_from(registry_role_name(role)), now_ms,
                                        NULL, err))
        return false;
    *person_id = id;
    return true;
}

bool registry_list_people(struct db *db, struct arena *arena, id64 org_id,
                          struct registry_person **list, size_t *count, struct error *err)
{
    struct sql_registry_select_people_row *rows;
    size_t n;
    if (!sql_registry_select_people(db, arena, org_id, &rows, &n, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct registry_person, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct registry_person *person = &(*list)[i];
        *person = (struct registry_person){.org_id = org_id,
                                           .person_id = rows[i].person_id,
                                           .login = str_dup(arena, rows[i].login),
                                           .name = str_dup(arena, rows[i].name),
                                           .active = rows[i].active};
        CHECK(registry_role_parse(rows[i].role, &person->role));
    }
    *count = n;
    return true;
}

bool registry_get_person(struct db *db, struct arena *arena, id64 org_id, id64 person_id,
                         struct registry_person *person, struct error *err)
{
    struct sql_registry_select_person_row row;
    bool found;
    if (!sql_registry_select_person(db, arena, org_id, person_id, &row, &found, err)) return false;
    if (!found) return error_set(err, ERROR_REGISTRY_PERSON_UNKNOWN, "");
    *person = (struct registry_person){.org_id = org_id,
                                       .person_id = person_id,
                                       .login = str_dup(arena, row.login),
                                       .name = str_dup(arena, row.name),
                                       .active = row.active};
    CHECK(registry_role_parse(row.role, &person->role));
    return true;
}

bool registry_note_password(struct db *db, id64 org_id, id64 person_id, id64 by_person_id,
                            int64_t now_ms, struct error *err)
{
    return sql_registry_insert_password_step(db, org_id, id_new(), person_id, by_person_id, now_ms,
                                             NULL, err);
}

static bool tell_password(struct db *db, id64 org_id, id64 person_id, id64 by_person_id,
                          int64_t now_ms, struct error *err)
{
    static const char *const by_operator =
        TR_KEY("The operator has set a new password for {0}. Was it not asked for? Then tell the "
               "operator at once.");
    static const char *const by_colleague =
        TR_KEY("{1} has set a new password for {0}. Until the operator gives {0} another one, {0} "
               "can't approve what {1} sent or computed.");
    struct arena *arena = db_arena(db);
    struct registry_person person, by = {.name = ""};
    bool colleague = by_person_id != REGISTRY_BY_OPERATOR;
    if (!registry_get_person(db, arena, org_id, person_id, &person, err) ||
        (colleague && !registry_get_person(db, arena, org_id, by_person_id, &by, err)))
        return false;
    const char *args[] = {person.name, by.name, NULL};
    return registry_send_notice(db, org_id, "password", colleague ? by_colleague : by_operator,
                                args, "", now_ms, err);
}

bool registry_set_password(struct db *db, id64 org_id, id64 person_id, const char *password_hash,
                           id64 by_person_id, int64_t now_ms, struct error *err)
{
    int64_t changed = 0;
    if (!sql_registry_update_password(db, org_id, person_id, str_from(password_hash), &changed,
                                      err))
        return false;
    if (changed == 0) return error_set(err, ERROR_REGISTRY_PERSON_UNKNOWN, "");
    if (by_person_id != person_id &&
        (!registry_note_password(db, org_id, person_id, by_person_id, now_ms, err) ||
         !tell_password(db, org_id, person_id, by_person_id, now_ms, err)))
        return false;
    return sql_registry_delete_sessions_of(db, org_id, person_id, NULL, err);
}

bool registry_list_password_steps(struct db *db, struct arena *arena, id64 org_id,
                                  struct registry_password_step **list, size_t *count,
                                  struct error *err)
{
    struct sql_registry_select_password_steps_row *rows;
    if (!sql_registry_select_password_steps(db, arena, org_id, &rows, count, err)) return false;
    *list = ARENA_NEW_ARRAY(arena, struct registry_password_step, *count + 1);
    for (size_t i = 0; i < *count; i++)
        (*list)[i] = (struct registry_password_step){
            .person_id = rows[i].person_id,
            .by_person_id = rows[i].by_person_id,
            .at = rows[i].at,
            .name = rows[i].has_name ? str_dup(arena, rows[i].name) : "",
            .by_name = rows[i].has_by_name ? str_dup(arena, rows[i].by_name) : ""};
    return true;
}

/* A person and, one after the other, who can sign in as him. */
static bool hands_of(struct db *db, id64 org_id, id64 person_id, id64 **list, size_t *count,
                     struct error *err)
{
    size_t room = 8, n = 0;
    id64 *hands = ARENA_NEW_ARRAY(db_arena(db), id64, room), next = person_id;
    bool known = false;
    while (next != REGISTRY_BY_OPERATOR && !known) {
        struct sql_registry_select_password_by_row row;
        bool found;
        if (n == room) {
            id64 *more = ARENA_NEW_ARRAY(db_arena(db), id64, room *= 2);
            memcpy(more, hands, n * sizeof *hands);
            hands = more;
        }
        hands[n++] = next;
        if (!sql_registry_select_password_by(db, NULL, org_id, next, &row, &found, err))
            return false;
        next = found ? row.by_person_id : REGISTRY_BY_OPERATOR;
        for (size_t i = 0; i < n && !known; i++) known = hands[i] == next;
    }
    *list = hands;
    *count = n;
    return true;
}

bool registry_common_hand(struct db *db, id64 org_id, id64 one, id64 other, id64 *common,
                          struct error *err)
{
    id64 *ones, *others;
    size_t one_count, other_count;
    if (!hands_of(db, org_id, one, &ones, &one_count, err) ||
        !hands_of(db, org_id, other, &others, &other_count, err))
        return false;
    *common = 0;
    for (size_t i = 0; i < one_count && *common == 0; i++)
        for (size_t k = 0; k < other_count && *common == 0; k++)
            if (ones[i] == others[k]) *common = ones[i];
    return true;
}

bool registry_set_active(struct db *db, id64 org_id, id64 person_id, bool active, struct error *err)
{
    int64_t changed = 0;
    if (!sql_registry_update_active(db, org_id, person_id, active, &changed, err)) return false;
    if (changed == 0) return error_set(err, ERROR_REGISTRY_PERSON_UNKNOWN, "");
    return active || sql_registry_delete_sessions_of(db, org_id, person_id, NULL, err);
}

struct sign_up_work {
    const struct registry_codes *codes;
    const struct registry_sign_up *sign_up;
    char hash[REGISTRY_HASH_BYTES];
    int64_t now_ms;
    id64 org_id, person_id;
};

static bool sign_up_write(struct db *db, void *arg, struct error *err)
{
    struct sign_up_work *work = arg;
    struct registry_org org = work->sign_up->org;
    org.kind = REGISTRY_ENTERPRISE;
    org.on_register = false;
    if (!registry_add_org(db, work->codes, &org, work->now_ms, &work->org_id, err)) return false;
    return registry_add_person(db, work->org_id, work->sign_up->login, work->sign_up->person_name,
                               REGISTRY_ENTERPRISE_MANAGER, work->hash, work->now_ms,
                               &work->person_id, err);
}

bool registry_sign_up(struct store *store, const struct registry_codes *codes,
                      const struct registry_sign_up *sign_up, int64_t now_ms, id64 *org_id,
                      id64 *person_id, struct error *err)
{
    struct sign_up_work work = {.codes = codes, .sign_up = sign_up, .now_ms = now_ms};
    if (!registry_hash_password(sign_up->password, work.hash, err)) return false;
    bool done = store_write(store, sign_up_write, &work, err);
    sodium_memzero(work.hash, sizeof work.hash);
    if (!done) return false;
    *org_id = work.org_id;
    *person_id = work.person_id;
    return true;
}
