/* What goes out. */
#include <string.h>

#include "http/assets.h"

void http_reply_bytes(struct http_reply *reply, int status, const char *content_type, str body)
{
    reply->status = status;
    reply->content_type = content_type;
    reply->body = body;
}

void http_reply_header(struct http_reply *reply, const char *name, const char *value)
{
    for (const char *p = value; *p != '\0'; p++) CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
    *ARENA_PUSH(reply->arena, reply->headers, reply->header_count, reply->header_capacity) =
        (struct http_header){.name = name, .value = arena_strdup(reply->arena, value)};
}

void http_reply_redirect(struct http_reply *reply, const char *path)
{
    bool good = path[0] == '/' && path[1] != '/' && path[1] != '\\';
    for (const char *p = path; *p != '\0'; p++)
        good = good && (unsigned char)*p > 0x20 && *p != 0x7f;
    http_reply_bytes(reply, 303, "text/plain; charset=utf-8", STR(""));
    http_reply_header(reply, "Location", good ? path : "/");
}

void http_reply_cookie(struct http_reply *reply, const char *name, const char *value,
                       int64_t seconds)
{
    char *text =
        seconds == 0
            ? arena_printf(reply->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax", name, value)
            : arena_printf(reply->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld",
                           name, seconds < 0 ? "" : value, seconds < 0 ? 0LL : (long long)seconds);
    if (reply->secure_cookies) text = arena_printf(reply->arena, "%s; Secure", text);
    http_reply_header(reply, "Set-Cookie", text);
}

void http_reply_download(struct http_reply *reply, const char *content_type, const char *filename,
                         str body)
{
    struct buf *value = buf_new(reply->arena);
    buf_puts(value, "attachment; filename=\"");
    for (const char *p = filename; *p != '\0'; p++) {
        unsigned char ch = (unsigned char)*p;
        if ((ch & 0xC0) == 0x80) continue;
        buf_putc(value, ch < 0x20 || ch >= 0x7f || ch == '"' || ch == '\\' || ch == '/' || ch == '%'
                            ? '_'
                            : (char)ch);
    }
    buf_puts(value, "\"; filename*=UTF-8''");
    for (const char *p = filename; *p != '\0'; p++) {
        unsigned char ch = (unsigned char)*p;
        bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                     (ch >= '0' && ch <= '9') || ch == '-' || ch == '.' || ch == '_';
        if (plain)
            buf_putc(value, (char)ch);
        else
            buf_printf(value, "%%%02X", ch);
    }
    http_reply_bytes(reply, 200, content_type, body);
    http_reply_header(reply, "Content-Disposition", str_dup(reply->arena, buf_str(value)));
}

/* ---- assets ---- */

const char *http_asset_url(const char *name)
{
    const struct http_asset *found = NULL;
    for (size_t i = 0; i < http_asset_count; i++)
        if (strcmp(http_assets[i].name, name) == 0) found = &http_assets[i];
    CHECK(found != NULL);
    return found->url;
}

bool http_reply_asset(const struct http_request *request, struct http_reply *reply, str file)
{
    static const size_t folder = sizeof "/assets/" - 1;
    for (size_t i = 0; i < http_asset_count; i++) {
        const struct http_asset *asset = &http_assets[i];
        bool hashed = str_is(file, asset->url + folder);
        if (!hashed && !str_is(file, asset->name)) continue;
        reply->cacheable = true;
        http_reply_header(reply, "ETag", asset->etag);
        http_reply_header(reply, "Cache-Control",
                          hashed ? "public, max-age=31536000, immutable" : "no-cache");
        if (str_is(http_header(request, "If-None-Match"), asset->etag))
            http_reply_bytes(reply, 304, NULL, STR(""));
        else
            http_reply_bytes(reply, 200, asset->content_type,
                             (str){(const char *)asset->bytes, asset->count});
        return true;
    }
    return false;
}
