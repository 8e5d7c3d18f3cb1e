/* Whose findings a judge may see: a verifier's by letters of authorisation that cover filing, an
 * authority's by its register. */
#ifndef WEB_VERIFIER_VERIFIER_H
#define WEB_VERIFIER_VERIFIER_H

#include "web/authority/authority.h"

struct judge_subject {
    id64 org_id;
    const char *name;
    bool invented;
    struct viewer viewer; /* relies on the letter, when there is one */
};
bool judge_list_subjects(struct db *db, struct web *web, struct judge_subject **list, size_t *count,
                         struct error *err) NODISCARD;
/* One of them. Error WEB_NO_SUCH_PAGE for any other: a judge is not told whether it exists. */
bool judge_get_subject(struct db *db, struct web *web, id64 org_id, struct judge_subject *subject,
                       struct error *err) NODISCARD;
html judge_state_chip(struct web *web, const struct check_finding *finding);
const char *judge_path(const struct web *web, const struct check_finding *finding);

#endif
