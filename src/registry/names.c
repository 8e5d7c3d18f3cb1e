/* The stored names of the registry's enumerations. */
#include "registry/internal.h"

#include <string.h>

static const char *const org_kinds[REGISTRY_ORG_KINDS] = {"enterprise", "bank", "authority",
                                                          "verifier", "operator"};
static const char *const asset_kinds[REGISTRY_ASSET_KINDS] = {"site", "workshop", "process",
                                                              "equipment", "meter"};
static const char *const roles[REGISTRY_ROLES] = {
    "nobody",           "enterprise_manager", "enterprise_approver", "bank_officer",
    "bank_reviewer",    "bank_approver",      "authority_officer",   "verifier_expert",
    "platform_operator"};
static const char *const states[REGISTRY_AUTHORISATION_STATES] = {"requested", "granted", "refused",
                                                                  "withdrawn", "expired"};
static const char *const scopes[] = {"activity", "account", "label", "report", "finance", "filing"};

int registry_find_name(const char *const *names, size_t count, str text)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(text, names[i])) return (int)i;
    return -1;
}

const char *registry_org_kind_name(enum registry_org_kind kind)
{
    CHECK(kind >= 0 && kind < REGISTRY_ORG_KINDS);
    return org_kinds[kind];
}

bool registry_org_kind_parse(str text, enum registry_org_kind *kind)
{
    int found = registry_find_name(org_kinds, REGISTRY_ORG_KINDS, text);
    if (found >= 0) *kind = (enum registry_org_kind)found;
    return found >= 0;
}

const char *registry_asset_kind_name(enum registry_asset_kind kind)
{
    CHECK(kind >= 0 && kind < REGISTRY_ASSET_KINDS);
    return asset_kinds[kind];
}

bool registry_asset_kind_parse(str text, enum registry_asset_kind *kind)
{
    int found = registry_find_name(asset_kinds, REGISTRY_ASSET_KINDS, text);
    if (found >= 0) *kind = (enum registry_asset_kind)found;
    return found >= 0;
}

const char *registry_role_name(enum registry_role role)
{
    CHECK(role >= 0 && role < REGISTRY_ROLES);
    return roles[role];
}

bool registry_role_parse(str text, enum registry_role *role)
{
    int found = registry_find_name(roles, REGISTRY_ROLES, text);
    if (found >= 0) *role = (enum registry_role)found;
    return found >= 0;
}

enum registry_org_kind registry_role_org_kind(enum registry_role role)
{
    switch (role) {
    case REGISTRY_ENTERPRISE_MANAGER:
    case REGISTRY_ENTERPRISE_APPROVER: return REGISTRY_ENTERPRISE;
    case REGISTRY_BANK_OFFICER:
    case REGISTRY_BANK_REVIEWER:
    case REGISTRY_BANK_APPROVER: return REGISTRY_BANK;
    case REGISTRY_AUTHORITY_OFFICER: return REGISTRY_AUTHORITY;
    case REGISTRY_VERIFIER_EXPERT: return REGISTRY_VERIFIER;
    case REGISTRY_PLATFORM_OPERATOR: return REGISTRY_OPERATOR;
    case REGISTRY_NOBODY:
    case REGISTRY_ROLES: break;
    }
    CHECK(role == REGISTRY_PLATFORM_OPERATOR);
    return REGISTRY_OPERATOR;
}

const char *registry_authorisation_state_name(enum registry_authorisation_state state)
{
    CHECK(state >= 0 && state < REGISTRY_AUTHORISATION_STATES);
    return states[state];
}

const char *registry_scope_name(enum registry_scope scope)
{
    for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
        if ((int)scope == 1 << i) return scopes[i];
    return "public";
}

bool registry_scopes_parse(str comma_list, int *bits)
{
    int all = 0;
    str part;
    while (str_cut(&comma_list, ',', &part)) {
        int found = registry_find_name(scopes, ARRAY_LEN(scopes), str_trim(part));
        if (found < 0) return false;
        all |= 1 << found;
    }
    *bits = all;
    return true;
}

digest registry_digest_from(str bytes)
{
    digest d = {{0}};
    if (bytes.len == DIGEST_BYTES) memcpy(d.bytes, bytes.ptr, DIGEST_BYTES);
    return d;
}

bool registry_check_name(const char *name, const char *what, struct error *err)
{
    str text = str_trim(registry_str(name));
    if (text.len == 0) return error_set(err, ERROR_REGISTRY_NAME_EMPTY, "s", what);
    if (text.len > REGISTRY_NAME_BYTES_MAX)
        return error_set(err, ERROR_REGISTRY_NAME_LONG, "si", what,
                         (int64_t)REGISTRY_NAME_BYTES_MAX);
    return true;
}
