/* Answers of the JSON API (doc/openapi.yaml): UTF-8, one object, never cached. Integers above 2^53
 * travel as text. */
#ifndef WEB_API_API_H
#define WEB_API_API_H

#include "app/app.h"
#include "web/web.h"

bool api_reply(struct web *web, int status, const struct buf *json);
/* {"error":{"code":"WEB_NO_FILE","message":"…"}} with the code's status, in the reader's language.
 */
bool api_error(struct web *web, const struct error *err);
/* 401 when nobody is signed in: true when it was answered. */
bool api_nobody(struct web *web);
/* ,"name":"text" and ,"name":number; the first of an object omits the comma. */
void api_text(struct buf *out, const char *name, str value, bool first);
void api_number(struct buf *out, const char *name, double value, bool first);

#endif
