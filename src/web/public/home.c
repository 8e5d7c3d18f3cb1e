/* The first page: what Tanshu is, the three entries, and the way to check a report. */
#include <string.h>

#include "app/app.h"
#include "base/num.h"
#include "public_home_html.h"
#include "web/frame/frame.h"
#include "web/public/public.h"

#define TABLES_MAX 512

size_t public_count_tables(const struct model_library *library)
{
    const char *seen[TABLES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < model_library_count(library); i++) {
        const struct model_table_file *files;
        size_t used = model_table_files(model_library_at(library, i), &files);
        for (size_t k = 0; k < used; k++) {
            size_t at = 0;
            if (!public_is_table(files[k].path)) continue;
            while (at < count && strcmp(seen[at], files[k].path) != 0) at++;
            if (at == count && count < TABLES_MAX) seen[count++] = files[k].path;
        }
    }
    return count;
}

bool public_read_log(struct db *db, void *arg, struct error *err)
{
    struct public_log *log = arg;
    return log_latest_checkpoint(db, log->arena, &log->checkpoint, &log->found, err) &&
           log_size(db, &log->ordered, err);
}

static bool get_home(struct web *web, struct error *err)
{
    if (web->access != 0) return web_redirect(web, web_home(web->access), NULL);
    struct public_log log = {.arena = web->arena};
    if (!store_read(web->store, public_read_log, &log, err)) return false;
    char day[DATE_TEXT_MAX];
    date_format(instant_day(log.checkpoint.signed_ms, web->utc_offset_minutes), day);
    struct html_public_home page = {
        .icon_enterprise = web_icon(web, "building"),
        .icon_bank = web_icon(web, "bank"),
        .icon_authority = web_icon(web, "clipboard-data"),
        .icon_verify = web_icon(web, "patch-check"),
        .models = (int64_t)model_library_count(web->app->library),
        .tables = (int64_t)public_count_tables(web->app->library),
        .has_log = log.found,
        .log_size = str_from(num_format_grouped(web->arena, (double)log.checkpoint.size, 0)),
        .log_date = str_from(arena_strdup(web->arena, day)),
        .demo = web->app->config.demo_password[0] != '\0'};
    return web_page(web, tr(web->lang, TR_KEY("From energy data to trusted green finance")),
                    HTML_RENDER(web->arena, &web->html, html_public_home, &page), NULL);
}

const struct web_route web_routes_public_home[] = {
    {"GET", "/", get_home, WEB_PUBLIC, TR_KEY("Tanshu")},
    {0},
};
