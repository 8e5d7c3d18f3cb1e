/* Who there is and who may see what: organisations with their identifiers and assets, people and
 * their roles, sessions, letters of authorisation, the audit of looks, notices and attachments.
 *
 * Functions that take `struct db` run inside the caller's store_read or store_write; the three that
 * take `struct store` hash passwords first and open their own transactions. Everything returned
 * lives in the arena given. Text arguments are UTF-8; days and instants are explicit: only
 * registry_require_read and registry_change_org ask the clock, for today. */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include "base/arena.h"
#include "base/date.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/id.h"
#include "base/str.h"
#include "store/store.h"

/* ---- code tables --------------------------------------------------------------------------- */

struct registry_code {
    const char *code, *name_zh, *name_en; /* name_en repeats zh when the table has none */
    const char *parent;                   /* "" at the top */
    const char *province; /* of a division: its province as an area of the factor tables, else "" */
};
struct registry_codes;
/* Reads gbt4754.csv, divisions.csv and grid-regions.csv of <tables>/codes, and
 * <tables>/credit/source-classes.csv. The result never changes
 * and lives in the arena. Errors: FILE_OPEN, REGISTRY_CODES_COLUMN. */
struct registry_codes *registry_codes_open(struct arena *arena, const char *tables_directory,
                                           struct error *err) NODISCARD;
/* NULL when there is no such class (section letter, 2–4 digits) or division (6 digits). */
const struct registry_code *registry_find_industry(const struct registry_codes *codes, str code);
const struct registry_code *registry_find_division(const struct registry_codes *codes, str code);
/* The regional grid (area of the factor tables: "north" …) of a division on a day; "" when none. */
const char *registry_grid_region(const struct registry_codes *codes, str division, date on);
/* How much an evidence tier counts, 0 to 1: "settlement", "department", "meter", "ledger" … */
bool registry_source_class(const struct registry_codes *codes, str tier, double *weight) NODISCARD;
/* A division as people read it: "山西省 长治市", "Shanxi, Changzhi"; the code itself when it is
 * unknown. */
const char *registry_division_label(struct arena *arena, const struct registry_codes *codes,
                                    str code, bool zh);
/* All rows in order of code, for choice lists. */
size_t registry_list_industries(const struct registry_codes *codes,
                                const struct registry_code **list);
size_t registry_list_divisions(const struct registry_codes *codes,
                               const struct registry_code **list);

/* ---- identifiers --------------------------------------------------------------------------- */

#define REGISTRY_SCHEME_CREDIT_CODE "uscc" /* unified social credit code 统一社会信用代码 */
#define REGISTRY_CREDIT_CODE_CHARS 18

/* GB 32100-2015: alphabet without I O S V Z, department and category, six division digits, the
 * organisation code's own check digit (GB 11714) at place 17, the check digit at place 18.
 * Errors name the place, what was expected and found. */
bool registry_check_credit_code(str code, struct error *err) NODISCARD;
/* Fills places 17 and 18 for the first sixteen characters. False when one is not allowed. */
bool registry_complete_credit_code(str first16, char out[REGISTRY_CREDIT_CODE_CHARS + 1]) NODISCARD;

/* ---- organisations ------------------------------------------------------------------------- */

enum registry_org_kind {
    REGISTRY_ENTERPRISE,
    REGISTRY_BANK, /* any financial institution: bank, insurer, fund, guarantor, lessor */
    REGISTRY_AUTHORITY,
    REGISTRY_VERIFIER,
    REGISTRY_OPERATOR,
    REGISTRY_ORG_KINDS
};
const char *registry_org_kind_name(enum registry_org_kind kind); /* "enterprise", … (stored) */
bool registry_org_kind_parse(str text, enum registry_org_kind *kind) NODISCARD;

/* An organisation as it is stored, and as it is given to add or change. Empty text = not stated. */
struct registry_org {
    id64 org_id;
    enum registry_org_kind kind;
    const char *name, *name_en;
    const char *scheme, *identifier; /* the first identifier: "uscc" and the code */
    const char *industry;            /* GB/T 4754 class; required of enterprises */
    const char *division;            /* 6 digits; an authority's division bounds what it sees */
    /* Follow from the division (grid region: of the day it was added; ask registry_grid_region for
     * another). Without a division, which only foreign identifiers may do, they are as given. */
    const char *province, *grid_region;
    const char *scale; /* "large", "medium", "small", "micro" or "" (大中小微) */
    bool has_founded;
    date founded;
    bool on_register;       /* on the monitoring register 名录库: yearly filing is due */
    bool ets;               /* a key emitter of the carbon market */
    bool invented;          /* 示例: not a real enterprise, said wherever it is shown */
    int utc_offset_minutes; /* China 480 */
    int64_t created_at;
};

/* Adds an organisation after checking name, identifier (credit code rules when scheme is "uscc"),
 * class and division against the code tables. Errors: REGISTRY_NAME_EMPTY, REGISTRY_CREDIT_CODE_*,
 * REGISTRY_IDENTIFIER_TAKEN, REGISTRY_INDUSTRY_UNKNOWN, REGISTRY_DIVISION_UNKNOWN, REGISTRY_SCALE.
 */
bool registry_add_org(struct db *db, const struct registry_codes *codes,
                      const struct registry_org *org, int64_t now_ms, id64 *org_id,
                      struct error *err) NODISCARD;
/* Changes name, class, division, scale, founded day and flags; kind and identifier stay. */
bool registry_change_org(struct db *db, const struct registry_codes *codes,
                         const struct registry_org *org, struct error *err) NODISCARD;
bool registry_add_identifier(struct db *db, id64 org_id, str scheme, str value,
                             struct error *err) NODISCARD;
/* Error REGISTRY_ORG_UNKNOWN. These three are public facts: they need no viewer. */
bool registry_get_org(struct db *db, struct arena *arena, id64 org_id, struct registry_org *org,
                      struct error *err) NODISCARD;
bool registry_find_org(struct db *db, struct arena *arena, str scheme, str value,
                       struct registry_org *org, bool *found, struct error *err) NODISCARD;
/* "91…" (a credit code), "scheme:value", or the organisation's id as text: what --org accepts. */
bool registry_resolve_org(struct db *db, struct arena *arena, str text, struct registry_org *org,
                          struct error *err) NODISCARD;

/* Organisations of a kind, in order of name; `division_prefix` and `industry_prefix` may be empty.
 */
struct registry_org_filter {
    enum registry_org_kind kind;
    const char *division_prefix, *industry_prefix;
    bool on_register_only;
    int64_t skip;     /* rows of the pages before */
    int64_t rows_max; /* 0: 1000, which is the most */
};
bool registry_list_orgs(struct db *db, struct arena *arena,
                        const struct registry_org_filter *filter, struct registry_org **list,
                        size_t *count, struct error *err) NODISCARD;

/* Settings of an organisation, free text by name ("language", "method.2025" …). */
bool registry_set_setting(struct db *db, id64 org_id, str name, str value,
                          struct error *err) NODISCARD;
bool registry_get_setting(struct db *db, struct arena *arena, id64 org_id, str name, str *value,
                          bool *found, struct error *err) NODISCARD;

/* ---- assets -------------------------------------------------------------------------------- */

enum registry_asset_kind {
    REGISTRY_SITE,
    REGISTRY_WORKSHOP,
    REGISTRY_PROCESS,
    REGISTRY_EQUIPMENT,
    REGISTRY_METER,
    REGISTRY_ASSET_KINDS
};
const char *registry_asset_kind_name(enum registry_asset_kind kind);
bool registry_asset_kind_parse(str text, enum registry_asset_kind *kind) NODISCARD;

struct registry_asset {
    id64 org_id, asset_id;
    id64 parent_id; /* 0 at the top; the parent's kind is above the child's */
    enum registry_asset_kind kind;
    const char *code, *name,
        *name_en; /* code: the plant's own number, unique in the organisation, or "" */
    /* meters only */
    const char *medium; /* "electricity", "gas", "steam", "water" */
    const char *unit;   /* of its readings: "kWh" */
    double ratio;       /* 倍率: reading difference x ratio = quantity; 1 when direct */
    int reading_day;    /* 抄表例日 1..28; 0: the calendar month */
    bool settlement;    /* the utility's settlement meter, not one of the plant's own */
    bool calibrated;    /* has a valid calibration */
};
/* Errors: REGISTRY_ASSET_PARENT, REGISTRY_ASSET_RATIO, REGISTRY_ASSET_READING_DAY,
 * REGISTRY_ASSET_TAKEN. */
bool registry_add_asset(struct db *db, const struct registry_asset *asset, int64_t now_ms,
                        id64 *asset_id, struct error *err) NODISCARD;
bool registry_change_asset(struct db *db, const struct registry_asset *asset,
                           struct error *err) NODISCARD;
/* The whole tree, parents before their children. */
bool registry_list_assets(struct db *db, struct arena *arena, id64 org_id,
                          struct registry_asset **list, size_t *count, struct error *err) NODISCARD;
bool registry_find_asset(struct db *db, struct arena *arena, id64 org_id, str code,
                         struct registry_asset *asset, bool *found, struct error *err) NODISCARD;
bool registry_get_asset(struct db *db, struct arena *arena, id64 org_id, id64 asset_id,
                        struct registry_asset *asset, struct error *err) NODISCARD;
/* Whether an electricity meter of a list as registry_list_assets gives it is a main meter: none of
 * its kind (settlement meters, the plant's own) stands at a place above it and counts the same
 * electricity. False for what is no electricity meter. */
bool registry_is_main_meter(const struct registry_asset *list, size_t count,
                            const struct registry_asset *meter);

/* ---- people and roles ---------------------------------------------------------------------- */

enum registry_role {
    REGISTRY_NOBODY, /* not signed in */
    REGISTRY_ENTERPRISE_MANAGER,
    REGISTRY_ENTERPRISE_APPROVER, /* the second pair of eyes */
    REGISTRY_BANK_OFFICER,
    REGISTRY_BANK_REVIEWER,
    REGISTRY_BANK_APPROVER,
    REGISTRY_AUTHORITY_OFFICER,
    REGISTRY_VERIFIER_EXPERT,
    REGISTRY_PLATFORM_OPERATOR,
    REGISTRY_ROLES
};
const char *registry_role_name(enum registry_role role); /* "enterprise_manager", … (stored) */
bool registry_role_parse(str text, enum registry_role *role) NODISCARD;
enum registry_org_kind registry_role_org_kind(enum registry_role role); /* CHECKs role != NOBODY */

#define REGISTRY_PASSWORD_BYTES_MIN 10
#define REGISTRY_PASSWORD_BYTES_MAX 256
#define REGISTRY_HASH_BYTES 128

/* argon2id by libsodium (interactive limits: 64 MiB, about 0.1 s). Call it outside a transaction.
 * Error REGISTRY_PASSWORD_LENGTH. */
bool registry_hash_password(str password, char hash[REGISTRY_HASH_BYTES],
                            struct error *err) NODISCARD;

struct registry_person {
    id64 org_id, person_id;
    const char *login; /* unique in the installation; folded to lower case */
    const char *name;
    enum registry_role role;
    bool active;
};
/* Adds a person with a membership. The role must fit the organisation's kind.
 * Errors: REGISTRY_LOGIN_FORM, REGISTRY_LOGIN_TAKEN, REGISTRY_ROLE_KIND. */
bool registry_add_person(struct db *db, id64 org_id, str login, str name, enum registry_role role,
                         const char *password_hash, int64_t now_ms, id64 *person_id,
                         struct error *err) NODISCARD;
bool registry_list_people(struct db *db, struct arena *arena, id64 org_id,
                          struct registry_person **list, size_t *count,
                          struct error *err) NODISCARD;
bool registry_get_person(struct db *db, struct arena *arena, id64 org_id, id64 person_id,
                         struct registry_person *person, struct error *err) NODISCARD;
#define REGISTRY_BY_OPERATOR ((id64)0)
/* Gives a person a new password and ends all sessions; an inactive one can't sign in. Set by
 * another than himself (`by_person_id`, or REGISTRY_BY_OPERATOR) it is kept as a step and told to
 * the organisation by a notice. */
bool registry_set_password(struct db *db, id64 org_id, id64 person_id, const char *password_hash,
                           id64 by_person_id, int64_t now_ms, struct error *err) NODISCARD;
/* Keeps that a colleague chose the first password of a person he added. */
bool registry_note_password(struct db *db, id64 org_id, id64 person_id, id64 by_person_id,
                            int64_t now_ms, struct error *err) NODISCARD;

struct registry_password_step {
    id64 person_id, by_person_id;
    int64_t at;
    const char *name, *by_name; /* by_name is empty for the operator */
};
/* Who set whose password, the newest first. */
bool registry_list_password_steps(struct db *db, struct arena *arena, id64 org_id,
                                  struct registry_password_step **list, size_t *count,
                                  struct error *err) NODISCARD;
/* Whether one person can sign in as both: who sets a password knows it, until the operator or
 * another colleague sets a newer one (a change of his own proves nothing, because the one who knows
 * the password can make it too). Whoever set the setter's password counts as well. `common` is 0,
 * or that person. Four eyes ask this (doc/adr/0018). */
bool registry_common_hand(struct db *db, id64 org_id, id64 one, id64 other, id64 *common,
                          struct error *err) NODISCARD;
bool registry_set_active(struct db *db, id64 org_id, id64 person_id, bool active,
                         struct error *err) NODISCARD;

/* A new enterprise with its first person (role enterprise_manager), not on the register. */
struct registry_sign_up {
    struct registry_org org;
    str login, person_name, password;
};
bool registry_sign_up(struct store *store, const struct registry_codes *codes,
                      const struct registry_sign_up *sign_up, int64_t now_ms, id64 *org_id,
                      id64 *person_id, struct error *err) NODISCARD;

/* ---- viewer -------------------------------------------------------------------------------- */

/* Who looks, for whom and why: an argument of every domain read. */
struct viewer {
    id64 person_id, org_id;
    enum registry_org_kind org_kind;
    enum registry_role role;
    const char *purpose;   /* a letter's, "supervision", "own" or "" */
    id64 authorisation_id; /* the letter relied on; 0: the newest that fits */
    id64 request_id;       /* one per request: names the audit row */
};
/* Puts an enterprise on the monitoring register or takes it off; *changed is false when it was so
 * already. Only for the officer of an authority whose division covers the enterprise's. Errors:
 * REGISTRY_NOT_ALLOWED, REGISTRY_ORG_UNKNOWN. */
bool registry_set_on_register(struct db *db, const struct viewer *viewer,
                              const struct registry_codes *codes, id64 org_id, bool on,
                              bool *changed, struct error *err) NODISCARD;
/* The organisation itself, for jobs that work on its behalf (import, run, export, demo). */
struct viewer registry_viewer_own(id64 org_id, id64 person_id);

/* Scopes of a letter of authorisation; bits. */
enum registry_scope {
    REGISTRY_SCOPE_PUBLIC = 0,        /* name, identifier, class, division, register: anyone */
    REGISTRY_SCOPE_ACTIVITY = 1 << 0, /* activity data, meters, attachments 活动数据 */
    REGISTRY_SCOPE_ACCOUNT = 1 << 1,  /* emission and energy statements, explanations 碳账户 */
    REGISTRY_SCOPE_LABEL = 1 << 2,    /* label and grade 贴标与等级 */
    REGISTRY_SCOPE_REPORT = 1 << 3,   /* the carbon creditworthiness report 碳征信报告 */
    REGISTRY_SCOPE_FINANCE = 1 << 4,  /* revenue, debts, loans 财务与融资 */
    REGISTRY_SCOPE_FILING = 1 << 5,   /* what was filed when; findings' counts */
    REGISTRY_SCOPE_ALL = (1 << 6) - 1
};
const char *registry_scope_name(enum registry_scope scope); /* of one bit: "activity", … */
bool registry_scopes_parse(str comma_list, int *scopes) NODISCARD;

enum registry_basis {
    REGISTRY_BASIS_NONE,
    REGISTRY_BASIS_PUBLIC,
    REGISTRY_BASIS_OWN,
    REGISTRY_BASIS_AUTHORISATION,
    REGISTRY_BASIS_SUPERVISION, /* authority: on its register, in its division; activity and finance
                                   excluded */
};
struct registry_access {
    enum registry_basis basis; /* NONE: not allowed */
    id64 authorisation_id;
};
/* Decides whether `viewer` may read `scope` (one bit, or several: all are needed) of `subject_org`
 * on `today`. False only when the store fails. A letter counts when it is granted, holds the day,
 * the purpose and every scope, and is the viewer's own organisation's. */
bool registry_may_read(struct db *db, const struct viewer *viewer, id64 subject_org, int scope,
                       date today, struct registry_access *access, struct error *err) NODISCARD;
/* The same as a guard at the head of a domain read, for today. Error REGISTRY_NOT_ALLOWED. */
bool registry_require_read(struct db *db, const struct viewer *viewer, id64 subject_org, int scope,
                           struct error *err) NODISCARD;
/* A write on an organisation's own data: own organisation and one of the roles in `role_mask`
 * (bits 1 << role). Error REGISTRY_NOT_ALLOWED. */
bool registry_require_own(const struct viewer *viewer, id64 org_id, unsigned role_mask,
                          struct error *err) NODISCARD;

/* The role words of flows/ that count for the viewer in a case about `subject_org`: the name of his
 * role; none for people of another enterprise. Returns how many were filled. */
size_t registry_flow_roles(const struct viewer *viewer, id64 subject_org, const char *roles[4]);

/* ---- sessions ------------------------------------------------------------------------------ */

#define REGISTRY_TOKEN_CHARS                                             \
    77 /* 13 of the organisation's id, 64 hexadecimal of 32 random bytes \
        */
#define REGISTRY_SESSION_IDLE_MS ((int64_t)30 * 60 * 1000)
#define REGISTRY_SESSION_MS_MAX ((int64_t)12 * 3600 * 1000)
#define REGISTRY_FAILURES_FREE \
    5 /* failures before the door closes: 30 s, then twice as long each, at most 1 h */

struct registry_session {
    struct viewer viewer; /* request_id and purpose are the caller's to fill */
    const char *person_name, *login;
    const char *org_name;
    int utc_offset_minutes;
    bool invented;
    bool touch_due; /* seen more than a minute ago: call registry_touch_session in a write */
};
/* Checks the password, opens a session. A wrong name and a wrong password give the same error,
 * REGISTRY_SIGN_IN; too many failures give REGISTRY_LOCKED with the seconds left. */
bool registry_sign_in(struct store *store, str login, str password, int64_t now_ms,
                      char token[REGISTRY_TOKEN_CHARS + 1], struct error *err) NODISCARD;
/* *found is false for an unknown, ended, idle or expired token and for an inactive person. */
bool registry_find_session(struct db *db, struct arena *arena, str token, int64_t now_ms,
                           struct registry_session *session, bool *found,
                           struct error *err) NODISCARD;
bool registry_touch_session(struct db *db, str token, int64_t now_ms, struct error *err) NODISCARD;
bool registry_end_session(struct db *db, str token, struct error *err) NODISCARD;
/* Removes rows of sessions that ended; for a daily job. */
bool registry_sweep_sessions(struct db *db, int64_t now_ms, struct error *err) NODISCARD;

/* ---- letters of authorisation -------------------------------------------------------------- */

enum registry_authorisation_state {
    REGISTRY_REQUESTED,
    REGISTRY_GRANTED,
    REGISTRY_REFUSED,
    REGISTRY_WITHDRAWN,
    REGISTRY_EXPIRED, /* granted, and last_day is before today: told when listed, no step needed */
    REGISTRY_AUTHORISATION_STATES
};
const char *registry_authorisation_state_name(enum registry_authorisation_state state);

struct registry_authorisation {
    id64 org_id; /* the grantor: the data subject */
    id64 authorisation_id, bank_org_id;
    const char *org_name, *bank_name;
    const char *purpose; /* of a bank "before", "during", "after" the loan; "verification" */
    int scopes;
    date first_day, last_day; /* both inclusive */
    const char *text;         /* the letter as both sides read it */
    digest text_digest;
    enum registry_authorisation_state state;
    int64_t requested_at, state_at;
};
/* A bank officer asks for a purpose of the loan, a verifier for "verification"; the enterprise is
 * told by a notice. first_day <= last_day <= first_day + 3 years.
 * Errors: REGISTRY_NOT_ALLOWED, REGISTRY_PURPOSE, REGISTRY_TERM, REGISTRY_SCOPES. */
bool registry_request_authorisation(struct db *db, const struct viewer *bank, id64 enterprise_org,
                                    const char *purpose, int scopes, date first_day, date last_day,
                                    const char *text, int64_t now_ms, id64 *authorisation_id,
                                    struct error *err) NODISCARD;
/* The enterprise's manager answers (to GRANTED or REFUSED) or withdraws a granted one (to
 * WITHDRAWN); each is a step that stays with its author, time and `note`, which a withdrawal must
 * have, and who asked is told by a notice, while the notice of the request is read with the answer.
 * A letter whose term has ended can't be granted any more. Errors: REGISTRY_NOT_ALLOWED,
 * REGISTRY_AUTHORISATION_STATE, REGISTRY_TERM, REGISTRY_NAME_EMPTY, REGISTRY_NAME_LONG. */
bool registry_answer_authorisation(struct db *db, const struct viewer *enterprise,
                                   id64 authorisation_id, enum registry_authorisation_state to,
                                   const char *note, int64_t now_ms, struct error *err) NODISCARD;
struct registry_authorisation_step {
    enum registry_authorisation_state state; /* that the letter came into */
    id64 by_org_id;
    const char *by_org_name, *person_name;
    int64_t at;
    const char *note; /* "" when there is none */
};
/* What happened to a letter, the first step first; for both sides. Error
 * REGISTRY_AUTHORISATION_UNKNOWN. */
bool registry_list_authorisation_steps(struct db *db, struct arena *arena,
                                       const struct viewer *viewer, id64 org_id,
                                       id64 authorisation_id,
                                       struct registry_authorisation_step **list, size_t *count,
                                       struct error *err) NODISCARD;
/* The viewer's letters, newest first: those about it (enterprise) or asked by it (bank). */
bool registry_list_authorisations(struct db *db, struct arena *arena, const struct viewer *viewer,
                                  date today, struct registry_authorisation **list, size_t *count,
                                  struct error *err) NODISCARD;
bool registry_get_authorisation(struct db *db, struct arena *arena, const struct viewer *viewer,
                                id64 org_id, id64 authorisation_id, date today,
                                struct registry_authorisation *letter, struct error *err) NODISCARD;

/* ---- audit --------------------------------------------------------------------------------- */

struct registry_look {
    id64 request_id;
    int64_t at;
    id64 viewer_org_id;
    const char *viewer_org_name, *person_name;
    const char *purpose, *what; /* what: path or command and the object looked at */
    int scope;
    id64 authorisation_id;
};
/* One row per request on another organisation's data; a second call with the same request_id adds
 * nothing, and a look at one's own data is not written. Call it in the write that serves the page.
 */
bool registry_audit_look(struct db *db, const struct viewer *viewer, id64 subject_org, int scope,
                         const char *what, int64_t now_ms, struct error *err) NODISCARD;
/* What the data subject may read: newest first, without the first `skip`. */
bool registry_list_looks(struct db *db, struct arena *arena, const struct viewer *viewer,
                         int64_t skip, int64_t rows_max, struct registry_look **list, size_t *count,
                         struct error *err) NODISCARD;
/* How many there are: all, or under one letter when authorisation_id is not 0. */
bool registry_count_looks(struct db *db, const struct viewer *viewer, id64 authorisation_id,
                          int64_t *count, struct error *err) NODISCARD;

/* ---- notices ------------------------------------------------------------------------------- */

struct registry_notice {
    id64 notice_id;
    const char *kind; /* "reminder", "authorisation", "finding", "case", … */
    const char *text; /* an English sentence with {0}…: the key of its translation */
    const char *args[4];
    const char *link; /* a path of the portal or "" */
    int64_t at;
    bool is_read;
};
/* An argument that is read in the reader's language: a product's title, a state. */
#define REGISTRY_NOTICE_SEPARATOR '\x1f'
const char *registry_notice_arg(struct arena *arena, const char *en, const char *zh);
/* An organisation's name as such an argument; its only name when it has no English one. */
const char *registry_notice_org(struct arena *arena, const struct registry_org *org);
/* args: up to four texts, NULL ends them. */
bool registry_send_notice(struct db *db, id64 org_id, const char *kind, const char *text,
                          const char *const *args, const char *link, int64_t now_ms,
                          struct error *err) NODISCARD;
/* Newest first, without the first `skip`. */
bool registry_list_notices(struct db *db, struct arena *arena, const struct viewer *viewer,
                           int64_t skip, int64_t rows_max, struct registry_notice **list,
                           size_t *count, struct error *err) NODISCARD;
bool registry_count_unread(struct db *db, const struct viewer *viewer, int64_t *count,
                           struct error *err) NODISCARD;
bool registry_count_notices(struct db *db, const struct viewer *viewer, int64_t *count,
                            struct error *err) NODISCARD;
bool registry_mark_all_read(struct db *db, const struct viewer *viewer, int64_t now_ms,
                            struct error *err) NODISCARD;
bool registry_mark_read(struct db *db, const struct viewer *viewer, id64 notice_id, int64_t now_ms,
                        struct error *err) NODISCARD;

/* ---- attachments --------------------------------------------------------------------------- */

#define REGISTRY_ATTACHMENT_BYTES_MAX ((size_t)16 << 20)
#define REGISTRY_ATTACHMENTS_BYTES_MAX ((int64_t)1 << 30) /* of one organisation */

struct registry_attachment {
    id64 org_id, attachment_id;
    const char *kind; /* "bill", "weighbridge", "laboratory", "other" */
    const char *name, *media_type;
    int64_t size_bytes;
    digest bytes_digest;
    id64 submission_id; /* 0: none */
    bool has_period;
    date first_day, last_day; /* what it proves … */
    const char *input, *key;  /* … of which input; "" for the whole period */
    id64 person_id;
    int64_t at;
};
/* Errors: REGISTRY_ATTACHMENT_KIND, REGISTRY_ATTACHMENT_EMPTY, LIMIT, REGISTRY_QUOTA. */
bool registry_add_attachment(struct db *db, const struct viewer *viewer,
                             const struct registry_attachment *attachment, str bytes,
                             int64_t now_ms, id64 *attachment_id, struct error *err) NODISCARD;
bool registry_list_attachments(struct db *db, struct arena *arena, const struct viewer *viewer,
                               id64 org_id, struct registry_attachment **list, size_t *count,
                               struct error *err) NODISCARD;
bool registry_read_attachment(struct db *db, struct arena *arena, const struct viewer *viewer,
                              id64 org_id, id64 attachment_id,
                              struct registry_attachment *attachment, str *bytes,
                              struct error *err) NODISCARD;

#endif
