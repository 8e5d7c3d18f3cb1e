/* Signing in with lockout and backoff, and sessions. A token holds the organisation's id and 32
 * random bytes; only its digest is stored. */
#include "registry/internal.h"

#include <sodium.h>
#include <string.h>

#include "registry_sql.h"

#define TOUCH_MS ((int64_t)60 * 1000)
#define LOCK_MS ((int64_t)30 * 1000)
#define LOCK_MS_MAX ((int64_t)3600 * 1000)
#define ORG_CHARS 13
#define RANDOM_BYTES 32

/* A hash of random bytes nobody kept: verified for unknown names, so that time tells nothing. */
static const char dummy_hash[] = "$argon2id$v=19$m=65536,t=2,p=1$XZFDCO/I3EMG0DQAqBH8Pg$"
                                 "lKCfiymIYrynVUr8MQfx3fll+TIRd3lWDmI9NCuP3a0";

struct sign_in {
    str login, password;
    int64_t now_ms;
    digest login_digest;
    bool known;
    id64 org_id, person_id;
    char hash[REGISTRY_HASH_BYTES];
    bool right;
    bool refused; /* the write committed a failure */
    char token[REGISTRY_TOKEN_CHARS + 1];
};

static digest token_digest(str token)
{
    return digest_of(token);
}

/* Whether the door is closed: after REGISTRY_FAILURES_FREE failures for 30 s, doubling, at most 1
 * h. */
static bool check_lock(struct db *db, const struct sign_in *work, struct error *err)
{
    struct sql_registry_select_attempt_row row;
    bool found;
    if (!sql_registry_select_attempt(db, NULL, registry_digest_str(&work->login_digest), &row,
                                     &found, err))
        return false;
    if (!found || row.failures < REGISTRY_FAILURES_FREE) return true;
    int64_t doublings = row.failures - REGISTRY_FAILURES_FREE;
    int64_t wait_ms = doublings >= 7 ? LOCK_MS_MAX : LOCK_MS << doublings;
    if (wait_ms > LOCK_MS_MAX) wait_ms = LOCK_MS_MAX;
    int64_t left_ms = row.last_at + wait_ms - work->now_ms;
    if (left_ms <= 0) return true;
    return error_set(err, ERROR_REGISTRY_LOCKED, "i", (left_ms + 999) / 1000);
}

static bool sign_in_read(struct db *db, void *arg, struct error *err)
{
    struct sign_in *work = arg;
    struct sql_registry_find_login_row row;
    bool found;
    if (!check_lock(db, work, err)) return false;
    if (!sql_registry_find_login(db, NULL, work->login, &row, &found, err)) return false;
    work->known = found && row.active && row.password_hash.len < REGISTRY_HASH_BYTES;
    if (!work->known) return true;
    work->org_id = row.org_id;
    work->person_id = row.person_id;
    memcpy(work->hash, row.password_hash.ptr, row.password_hash.len);
    work->hash[row.password_hash.len] = '\0';
    return true;
}

static bool sign_in_write(struct db *db, void *arg, struct error *err)
{
    struct sign_in *work = arg;
    str name = registry_digest_str(&work->login_digest);
    if (!check_lock(db, work, err)) return false; /* others may have failed meanwhile */
    if (!work->right) {
        work->refused = true;
        return sql_registry_count_attempt(db, name, work->now_ms, work->now_ms - DAY_MS, NULL, err);
    }
    str token = str_from(work->token);
    digest d = token_digest(token);
    return sql_registry_clear_attempt(db, name, NULL, err) &&
           sql_registry_insert_session(db, work->org_id, registry_digest_str(&d), work->person_id,
                                       work->now_ms, NULL, err);
}

static void make_token(struct sign_in *work)
{
    unsigned char random[RANDOM_BYTES];
    char org[ID_TEXT_MAX];
    randombytes_buf(random, sizeof random);
    id_format(work->org_id, org);
    memcpy(work->token, org, ORG_CHARS);
    sodium_bin2hex(work->token + ORG_CHARS, sizeof work->token - ORG_CHARS, random, sizeof random);
    sodium_memzero(random, sizeof random);
}

bool registry_sign_in(struct store *store, str login, str password, int64_t now_ms,
                      char token[REGISTRY_TOKEN_CHARS + 1], struct error *err)
{
    static_assert(REGISTRY_TOKEN_CHARS == ORG_CHARS + 2 * RANDOM_BYTES, "the token's two parts");
    if (sodium_init() < 0) return error_set(err, ERROR_INTERNAL, "s", "libsodium");
    struct arena *arena SCOPED(arena_close_scoped) = arena_open(0);
    struct sign_in work = {.password = password, .now_ms = now_ms};
    work.login = str_fold(arena, str_trim(str_slice(login, 0, REGISTRY_PASSWORD_BYTES_MAX)));
    work.login_digest = digest_of(work.login);
    if (!store_read(store, sign_in_read, &work, err)) return false;
    const char *hash = work.known ? work.hash : dummy_hash;
    work.right = password.len <= REGISTRY_PASSWORD_BYTES_MAX &&
                 crypto_pwhash_str_verify(hash, password.ptr == NULL ? "" : password.ptr,
                                          password.len) == 0 &&
                 work.known;
    sodium_memzero(work.hash, sizeof work.hash);
    if (work.right) make_token(&work);
    if (!store_write(store, sign_in_write, &work, err)) return false;
    if (work.refused) return error_set(err, ERROR_REGISTRY_SIGN_IN, "");
    memcpy(token, work.token, sizeof work.token);
    return true;
}

static bool token_parts(str token, id64 *org_id, digest *d)
{
    if (token.len != REGISTRY_TOKEN_CHARS) return false;
    if (!id_parse(str_slice(token, 0, ORG_CHARS), org_id)) return false;
    *d = token_digest(token);
    return true;
}

bool registry_find_session(struct db *db, struct arena *arena, str token, int64_t now_ms,
                           struct registry_session *session, bool *found, struct error *err)
{
    struct sql_registry_select_session_row row;
    id64 org_id;
    digest d;
    *found = false;
    if (!token_parts(token, &org_id, &d)) return true;
    bool exists;
    if (!sql_registry_select_session(db, arena, org_id, registry_digest_str(&d), &row, &exists,
                                     err))
        return false;
    if (!exists || !row.active) return true;
    if (now_ms - row.seen_at > REGISTRY_SESSION_IDLE_MS) return true;
    if (now_ms - row.created_at > REGISTRY_SESSION_MS_MAX) return true;
    *session = (struct registry_session){
        .viewer = {.person_id = row.person_id, .org_id = org_id, .purpose = ""},
        .person_name = str_dup(arena, row.person_name),
        .login = str_dup(arena, row.login),
        .org_name = str_dup(arena, row.org_name),
        .utc_offset_minutes = (int)row.utc_offset_minutes,
        .invented = row.invented,
        .touch_due = now_ms - row.seen_at > TOUCH_MS,
    };
    CHECK(registry_role_parse(row.role, &session->viewer.role));
    CHECK(registry_org_kind_parse(row.org_kind, &session->viewer.org_kind));
    *found = true;
    return true;
}

bool registry_touch_session(struct db *db, str token, int64_t now_ms, struct error *err)
{
    id64 org_id;
    digest d;
    if (!token_parts(token, &org_id, &d)) return true;
    return sql_registry_update_session(db, org_id, registry_digest_str(&d), now_ms, NULL, err);
}

bool registry_end_session(struct db *db, str token, struct error *err)
{
    id64 org_id;
    digest d;
    if (!token_parts(token, &org_id, &d)) return true;
    return sql_registry_delete_session(db, org_id, registry_digest_str(&d), NULL, err);
}

bool registry_sweep_sessions(struct db *db, int64_t now_ms, struct error *err)
{
    return sql_registry_sweep_login_sessions(db, now_ms - REGISTRY_SESSION_IDLE_MS,
                                             now_ms - REGISTRY_SESSION_MS_MAX, NULL, err) &&
           sql_registry_sweep_attempts(db, now_ms - DAY_MS, NULL, err);
}
