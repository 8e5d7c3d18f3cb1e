/* Whose findings a judge may see, and how a finding is told. */
#include "web/shared/standing.h"
#include "web/verifier/verifier.h"

static bool of_register(struct db *db, struct web *web, struct judge_subject **list, size_t *count,
                        struct error *err)
{
    struct registry_org *orgs;
    size_t used;
    if (!authority_list(db, web->arena, web->viewer, true, &orgs, &used, err)) return false;
    *list = ARENA_NEW_ARRAY(web->arena, struct judge_subject, used + 1);
    for (*count = 0; *count < used; ++*count)
        (*list)[*count] = (struct judge_subject){.org_id = orgs[*count].org_id,
                                                 .name = bank_org_name(web, &orgs[*count]),
                                                 .invented = orgs[*count].invented,
                                                 .viewer = *web->viewer};
    return true;
}

static bool of_letters(struct db *db, struct web *web, struct judge_subject **list, size_t *count,
                       struct error *err)
{
    struct registry_authorisation *letters;
    size_t used;
    date today = bank_today(web);
    if (!registry_list_authorisations(db, web->arena, web->viewer, today, &letters, &used, err))
        return false;
    *list = ARENA_NEW_ARRAY(web->arena, struct judge_subject, used + 1);
    *count = 0;
    for (size_t i = 0; i < used; i++) {
        struct registry_org org;
        size_t at = 0;
        if (!bank_in_force(&letters[i], today) || (letters[i].scopes & REGISTRY_SCOPE_FILING) == 0)
            continue;
        while (at < *count && (*list)[at].org_id != letters[i].org_id) at++;
        if (at < *count) continue;
        if (!registry_get_org(db, web->arena, letters[i].org_id, &org, err)) return false;
        (*list)[*count] = (struct judge_subject){.org_id = org.org_id,
                                                 .name = bank_org_name(web, &org),
                                                 .invented = org.invented,
                                                 .viewer = *web->viewer};
        (*list)[*count].viewer.purpose = letters[i].purpose;
        (*list)[(*count)++].viewer.authorisation_id = letters[i].authorisation_id;
    }
    return true;
}

bool judge_list_subjects(struct db *db, struct web *web, struct judge_subject **list, size_t *count,
                         struct error *err)
{
    return web->access == WEB_AUTHORITY ? of_register(db, web, list, count, err)
                                        : of_letters(db, web, list, count, err);
}

bool judge_get_subject(struct db *db, struct web *web, id64 org_id, struct judge_subject *subject,
                       struct error *err)
{
    struct judge_subject *list;
    size_t count;
    if (!judge_list_subjects(db, web, &list, &count, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (list[i].org_id == org_id) {
            *subject = list[i];
            return true;
        }
    return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
}

html judge_state_chip(struct web *web, const struct check_finding *finding)
{
    return standing_chip(web, finding->state, finding->standing == CHECK_WAITS_JUDGEMENT);
}

const char *judge_path(const struct web *web, const struct check_finding *finding)
{
    return arena_printf(web->arena, "/expert/findings/%s/%s", bank_id(web, finding->org_id),
                        bank_id(web, finding->finding_id));
}
