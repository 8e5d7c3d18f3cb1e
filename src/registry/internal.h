/* What the files of this room share; no other room includes it. */
#ifndef REGISTRY_INTERNAL_H
#define REGISTRY_INTERNAL_H

#include <assert.h>

#include "registry/registry.h"

#define REGISTRY_NAME_BYTES_MAX 256
#define REGISTRY_TEXT_BYTES_MAX 65536

static inline const char *registry_text(const char *text)
{
    return text == NULL ? "" : text;
}
static inline str registry_str(const char *text)
{
    return str_from(registry_text(text));
}
static inline str registry_digest_str(const digest *d)
{
    return (str){(const char *)d->bytes, DIGEST_BYTES};
}
digest registry_digest_from(str bytes); /* zero when the length is wrong */

/* Not empty and not longer than the limit. `what` names the field in errors. */
bool registry_check_name(const char *name, const char *what, struct error *err) NODISCARD;
/* The index of a name in a table of names, or -1. */
int registry_find_name(const char *const *names, size_t count, str text);

/* Checks an organisation against the code tables and fills province and grid region. */
bool registry_check_org(const struct registry_codes *codes, struct registry_org *org, date on,
                        struct error *err) NODISCARD;

/* Whether an authority's division covers the subject's. */
bool registry_in_division(const struct registry_org *authority, const struct registry_org *subject);

#endif
