/* What a page reads of its request, and the CSRF token. */
#include <string.h>

#include "base/digest.h"
#include "web/frame/frame.h"

str web_param(const struct web *web, const char *name)
{
    return str_trim(http_param(web->request, name));
}

str web_query(const struct web *web, const char *name)
{
    return str_trim(http_query(web->request, name));
}

str web_form(const struct web *web, const char *name)
{
    return str_trim(http_form(web->request, name));
}

static bool read_id(str text, id64 *id, struct error *err)
{
    return id_parse(text, id) ? true : error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
}

bool web_param_id(const struct web *web, const char *name, id64 *id, struct error *err)
{
    return read_id(web_param(web, name), id, err);
}

bool web_form_id(const struct web *web, const char *name, id64 *id, struct error *err)
{
    return read_id(web_form(web, name), id, err);
}

bool web_upload(const struct web *web, const char *field, const struct http_upload **upload,
                struct error *err)
{
    const struct http_upload *found = http_upload(web->request, field);
    if (found == NULL) return error_set(err, ERROR_WEB_NO_FILE, "");
    *upload = found;
    return true;
}

const char *web_csrf_token(struct arena *arena, const char *secret)
{
    const str parts[] = {STR("tanshu csrf\n"), str_from(secret)};
    return arena_printf(arena, "%.32s", digest_hex(arena, digest_of_parts(parts, 2)));
}

bool web_csrf_good(const struct web *web)
{
    str given = http_form(web->request, "csrf"), wanted = str_from(web->html.csrf);
    if (given.len != wanted.len || wanted.len == 0) return false;
    unsigned char difference = 0; /* the time taken tells nothing of where they differ */
    for (size_t i = 0; i < given.len; i++)
        difference |= (unsigned char)(given.ptr[i] ^ wanted.ptr[i]);
    return difference == 0;
}
