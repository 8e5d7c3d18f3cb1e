/* Letters of authorisation in words, the same on both sides: the scopes, in the order in which a
 * bank asks for them, and the purposes. */
#ifndef WEB_SHARED_LETTERS_H
#define WEB_SHARED_LETTERS_H

#include "registry/registry.h"
#include "web/web.h"

#define LETTERS_SCOPES 6
enum registry_scope letters_scope(size_t index); /* 0 … LETTERS_SCOPES - 1 */
const char *letters_scope_word(const struct web *web, enum registry_scope scope);
/* "Label and grade, Carbon account": the words of a mask. */
const char *letters_scopes(const struct web *web, int scopes);
const char *letters_purpose(const struct web *web, const char *purpose);

/* The letters that the viewer's organisation asked for or was asked for. */
struct letters {
    struct web *web;
    struct registry_authorisation *list;
    size_t count;
    date today; /* set before: decides what is expired */
};
bool letters_read(struct db *db, void *letters, struct error *err) NODISCARD; /* for store_read */

#endif
