/* A finding in words, the same for the enterprise and its judge: inputs as the form of the
 * enterprise's year calls them, never by their names in a model. */
#ifndef WEB_SHARED_FINDING_H
#define WEB_SHARED_FINDING_H

#include "check/check.h"
#include "web/web.h"

/* The inputs that the finding's year asks for, for the functions below. In a read. */
bool finding_read_inputs(struct db *db, struct web *web, const struct check_finding *finding,
                         const struct account_input **inputs, size_t *count,
                         struct error *err) NODISCARD;
/* What is wrong. */
const char *finding_sentence(struct web *web, const struct check_finding *finding,
                             const struct account_input *inputs, size_t count);
/* "Fuel burnt · Bituminous coal", what the finding is about; "" when it is about no single item. */
const char *finding_item(struct web *web, const struct check_finding *finding,
                         const struct account_input *inputs, size_t count);
const char *finding_evidence(struct web *web, const struct check_evidence *evidence,
                             const struct account_input *inputs, size_t count);

#endif
