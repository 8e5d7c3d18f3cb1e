/* Which role words of flows/ a person's role stands for: the stored names of the roles. */
#include "registry/registry.h"

size_t registry_flow_roles(const struct viewer *viewer, id64 subject_org, const char *roles[4])
{
    bool enterprise =
        viewer->role == REGISTRY_ENTERPRISE_MANAGER || viewer->role == REGISTRY_ENTERPRISE_APPROVER;
    /* An enterprise's people act in their own enterprise's cases only. */
    if (viewer->role == REGISTRY_NOBODY || (enterprise && viewer->org_id != subject_org)) return 0;
    roles[0] = registry_role_name(viewer->role);
    return 1;
}
