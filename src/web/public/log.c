/* The public log: a page about it, and its files as tools read them (c2sp.org/tlog-tiles). */
#include "base/file.h"
#include "base/num.h"
#include "public_log_html.h"
#include "web/public/public.h"

#define FILE_BYTES_MAX ((size_t)32 << 20) /* a full bundle: 256 entries of at most 64 KiB */

static bool get_log(struct web *web, struct error *err)
{
    struct public_log log = {.arena = web->arena};
    if (!store_read(web->store, public_read_log, &log, err)) return false;
    uint64_t waiting = log.ordered - (log.found ? log.checkpoint.size : 0);
    struct html_public_log page = {
        .found = log.found,
        .icon = web_icon(web, "link-45deg"),
        .origin = web->app->key.verifier.name,
        .vkey = str_from(note_verifier_write(web->arena, &web->app->key.verifier)),
        .size = str_from(num_format_grouped(web->arena, (double)log.checkpoint.size, 0)),
        .waiting = str_from(num_format_grouped(web->arena, (double)waiting, 0))};
    if (log.found) {
        page.signed_at =
            str_from(instant_format(web->arena, log.checkpoint.signed_ms, web->utc_offset_minutes));
        page.root = str_from(digest_hex(web->arena, log.checkpoint.root));
        page.note = log.checkpoint.note;
    }
    return web_page(web, NULL, HTML_RENDER(web->arena, &web->html, html_public_log, &page), "log");
}

/* A file of the data directory's log folder, its very bytes. */
static bool reply_file(struct web *web, const char *path, const char *type, bool for_ever,
                       struct error *err)
{
    str content;
    if (!file_exists(path)) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    if (!file_read(web->arena, path, FILE_BYTES_MAX, &content, err)) return false;
    http_reply_bytes(web->reply, 200, type, content);
    http_reply_header(web->reply, "Access-Control-Allow-Origin",
                      "*"); /* public: browsers of others may verify */
    web->reply->cacheable = for_ever;
    return true;
}

static bool get_checkpoint(struct web *web, struct error *err)
{
    return reply_file(web, arena_printf(web->arena, "%s/log/checkpoint", web->app->data),
                      "text/plain; charset=utf-8", false, err);
}

static bool get_root(struct web *web, struct error *err)
{
    return reply_file(web, arena_printf(web->arena, "%s/keys/log.pub", web->app->data),
                      "text/plain; charset=utf-8", false, err);
}

static bool get_tile(struct web *web, struct error *err)
{
    static const char prefix[] = "/log/";
    str path = str_slice(web->request->path, sizeof prefix - 1, web->request->path.len);
    int level, width;
    uint64_t index;
    if (!tile_path_read(path, &level, &index, &width))
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    /* Written out anew from its numbers: nothing that a stranger typed reaches the file system. */
    return reply_file(web,
                      arena_printf(web->arena, "%s/log/%s", web->app->data,
                                   tile_path(web->arena, level, index, width)),
                      "application/octet-stream", true, err);
}

const struct web_route web_routes_public_log[] = {
    {"GET", "/log", get_log, WEB_PUBLIC, TR_KEY("Evidence log")},
    {"GET", "/log/checkpoint", get_checkpoint, WEB_PUBLIC, TR_KEY("Checkpoint")},
    {"GET", "/log/log.pub", get_root, WEB_PUBLIC, TR_KEY("Trust root")},
    {"GET", "/log/tile/{a}/{b}", get_tile, WEB_PUBLIC, TR_KEY("Tile")},
    {"GET", "/log/tile/{a}/{b}/{c}", get_tile, WEB_PUBLIC, TR_KEY("Tile")},
    {"GET", "/log/tile/{a}/{b}/{c}/{d}", get_tile, WEB_PUBLIC, TR_KEY("Tile")},
    {"GET", "/log/tile/{a}/{b}/{c}/{d}/{e}", get_tile, WEB_PUBLIC, TR_KEY("Tile")},
    {0},
};
