/* Which role words of flows/ a person's role stands for. */
#include "registry/registry.h"

size_t registry_flow_roles(const struct viewer *viewer, id64 subject_org, const char *roles[4])
{
    size_t count = 0;
    bool subject = viewer->org_id == subject_org;
    switch (viewer->role) {
    case REGISTRY_ENTERPRISE_MANAGER:
        if (!subject) break;
        roles[count++] = "subject_manager";
        roles[count++] = "subject_energy";
        roles[count++] = "subject_finance";
        break;
    case REGISTRY_ENTERPRISE_APPROVER:
        if (subject) roles[count++] = "subject_manager";
        break;
    case REGISTRY_BANK_OFFICER: roles[count++] = "bank_officer"; break;
    case REGISTRY_BANK_REVIEWER: roles[count++] = "bank_reviewer"; break;
    case REGISTRY_BANK_APPROVER: roles[count++] = "bank_approver"; break;
    case REGISTRY_AUTHORITY_OFFICER: roles[count++] = "authority_officer"; break;
    case REGISTRY_VERIFIER_EXPERT: roles[count++] = "verifier"; break;
    case REGISTRY_PLATFORM_OPERATOR:
    case REGISTRY_NOBODY:
    case REGISTRY_ROLES: break;
    }
    return count;
}
