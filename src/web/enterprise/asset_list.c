/* The tree of sites, workshops, processes, equipment and meters; adding to it and changing it. */
#include "enterprise_asset_edit_html.h"
#include "enterprise_asset_list_html.h"
#include "web/enterprise/data_kit.h"

#include <string.h>

#include "base/num.h"

struct asset_work {
    struct web *web;
    struct registry_asset *list;
    size_t count;
    struct registry_asset one;
    id64 asset_id; /* 0: a new one */
};

static bool read_assets(struct db *db, void *arg, struct error *err)
{
    struct asset_work *work = arg;
    struct web *web = work->web;
    return registry_list_assets(db, web->arena, web->viewer->org_id, &work->list, &work->count,
                                err);
}

static const char *kind_word(struct web *web, enum registry_asset_kind kind)
{
    switch (kind) {
    case REGISTRY_SITE: return tr(web->lang, TR_KEY("Site"));
    case REGISTRY_WORKSHOP: return tr(web->lang, TR_KEY("Workshop"));
    case REGISTRY_PROCESS: return tr(web->lang, TR_KEY("Process"));
    case REGISTRY_EQUIPMENT: return tr(web->lang, TR_KEY("Equipment"));
    default: return tr(web->lang, TR_KEY("Meter"));
    }
}

const char *asset_medium_word(const struct web *web, const char *medium)
{
    if (strcmp(medium, "electricity") == 0) return tr(web->lang, TR_KEY("Electricity"));
    if (strcmp(medium, "gas") == 0) return tr(web->lang, TR_KEY("Natural gas"));
    if (strcmp(medium, "steam") == 0) return tr(web->lang, TR_KEY("Steam"));
    if (strcmp(medium, "water") == 0) return tr(web->lang, TR_KEY("Water"));
    return medium;
}

const char *asset_name(const struct web *web, const struct registry_asset *asset)
{
    bool english = web->lang == LANG_EN && asset->name_en != NULL && asset->name_en[0] != '\0';
    return english ? asset->name_en : asset->name;
}

html asset_meter_chips(struct web *web, const struct registry_asset *meter)
{
    struct buf *out = buf_new(web->arena);
    if (meter->settlement)
        html_put_html(out, web_chip(web, WEB_GOOD, tr(web->lang, TR_KEY("Settlement meter"))));
    if (meter->calibrated)
        html_put_html(out, web_chip(web, WEB_GOOD, tr(web->lang, TR_KEY("Calibrated"))));
    if (!meter->settlement && !meter->calibrated)
        html_put_html(out, web_chip(web, WEB_WARN, tr(web->lang, TR_KEY("Not calibrated"))));
    return html_from(out);
}

/* ---- the tree ---- */

static int depth_of(const struct asset_work *work, const struct registry_asset *asset)
{
    int depth = 0;
    for (id64 parent = asset->parent_id; parent != 0 && depth < REGISTRY_ASSET_KINDS; depth++) {
        id64 above = 0;
        for (size_t i = 0; i < work->count; i++)
            if (work->list[i].asset_id == parent) above = work->list[i].parent_id;
        parent = above;
    }
    return depth;
}

static const char *about_meter(struct web *web, const struct registry_asset *meter)
{
    char ratio[NUM_TEXT_MAX];
    num_format(meter->ratio, ratio);
    const char *text =
        tr_fill(web->arena, web->lang, TR_KEY("{0}, {1}, ratio {2}"),
                asset_medium_word(web, meter->medium), data_unit(web, meter->unit), ratio, NULL);
    if (meter->reading_day == 0) return text;
    return arena_printf(web->arena, "%s · %s", text,
                        tr_fill(web->arena, web->lang, TR_KEY("read on day {0}"),
                                arena_printf(web->arena, "%d", meter->reading_day), NULL));
}

/* Each asset stands right below its parent, in the order of the list. */
static void add_rows(struct asset_work *work, id64 parent, struct html_enterprise_asset_list *page)
{
    struct web *web = work->web;
    for (size_t i = 0; i < work->count; i++) {
        const struct registry_asset *asset = &work->list[i];
        if (asset->parent_id != parent || page->rows_count >= work->count) continue;
        struct buf *indent = buf_new(web->arena);
        int depth = depth_of(work, asset);
        for (int k = 0; k < depth; k++) buf_puts(indent, k + 1 < depth ? "\xe3\x80\x80" : "└ ");
        bool meter = asset->kind == REGISTRY_METER;
        const char *id = data_id(web, asset->asset_id);
        page->rows[page->rows_count++] = (struct html_enterprise_asset_list_rows){
            .indent = buf_str(indent),
            .name = str_from(asset_name(web, asset)),
            .url = str_from(arena_printf(web->arena, "/enterprise/assets/%s", id)),
            .kind = str_from(kind_word(web, asset->kind)),
            .code = str_from(asset->code),
            .about = str_from(meter ? about_meter(web, asset) : ""),
            .marks = meter ? asset_meter_chips(web, asset) : HTML_EMPTY,
            .is_meter = meter,
            .load_url = str_from(arena_printf(web->arena, "/enterprise/meters/%s", id)),
            .below = !meter,
            .below_url = str_from(
                arena_printf(web->arena, "/enterprise/assets/new?parent=%s&kind=%s", id,
                             registry_asset_kind_name(meter ? REGISTRY_METER : asset->kind + 1)))};
        add_rows(work, asset->asset_id, page);
    }
}

static bool get_assets(struct web *web, struct error *err)
{
    struct asset_work work = {.web = web};
    if (!store_read(web->store, read_assets, &work, err)) return false;
    struct html_enterprise_asset_list page = {
        .tabs = meter_tabs(web, "assets"),
        .empty_icon = web_icon(web, "diagram-3"),
        .rows =
            ARENA_NEW_ARRAY(web->arena, struct html_enterprise_asset_list_rows, work.count + 1)};
    add_rows(&work, 0, &page);
    if (work.count > 0)
        web_action(web, tr(web->lang, TR_KEY("Add")), "/enterprise/assets/new?kind=meter");
    return web_page(web, NULL,
                    HTML_RENDER(web->arena, &web->html, html_enterprise_asset_list, &page),
                    "meters");
}

/* ---- add and change ---- */

static void fill_choices(struct asset_work *work, struct html_enterprise_asset_edit *page)
{
    struct web *web = work->web;
    static const char *const media[] = {"electricity", "gas", "steam", "water"};
    page->kinds =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_asset_edit_kinds, REGISTRY_ASSET_KINDS);
    for (int kind = 0; kind < REGISTRY_ASSET_KINDS; kind++)
        page->kinds[page->kinds_count++] = (struct html_enterprise_asset_edit_kinds){
            .value = str_from(registry_asset_kind_name((enum registry_asset_kind)kind)),
            .word = str_from(kind_word(web, (enum registry_asset_kind)kind)),
            .picked = kind == (int)work->one.kind};
    page->parents =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_asset_edit_parents, work->count + 1);
    for (size_t i = 0; i < work->count; i++)
        if (work->list[i].kind < work->one.kind)
            page->parents[page->parents_count++] = (struct html_enterprise_asset_edit_parents){
                .value = str_from(data_id(web, work->list[i].asset_id)),
                .word =
                    str_from(arena_printf(web->arena, "%s · %s", kind_word(web, work->list[i].kind),
                                          asset_name(web, &work->list[i]))),
                .picked = work->list[i].asset_id == work->one.parent_id};
    page->media = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_asset_edit_media, 4);
    for (size_t i = 0; i < ARRAY_LEN(media); i++)
        page->media[page->media_count++] = (struct html_enterprise_asset_edit_media){
            .value = str_from(media[i]),
            .word = str_from(asset_medium_word(web, media[i])),
            .picked = strcmp(media[i], work->one.medium) == 0};
}

static bool show_edit(struct asset_work *work, const struct error *problem, struct error *err)
{
    struct web *web = work->web;
    const struct registry_asset *one = &work->one;
    if (!store_read(web->store, read_assets, work, err)) return false;
    char ratio[NUM_TEXT_MAX];
    num_format(one->ratio, ratio);
    const char *id = data_id(web, work->asset_id);
    bool meter = one->kind == REGISTRY_METER, changes = work->asset_id != 0;
    struct html_enterprise_asset_edit page = {
        .error = web_error_box(web, problem),
        .action = str_from(changes ? arena_printf(web->arena, "/enterprise/assets/%s", id)
                                   : "/enterprise/assets/new"),
        .name = str_from(one->name),
        .name_en = str_from(one->name_en),
        .code = str_from(one->code),
        .kind = str_from(registry_asset_kind_name(one->kind)),
        .kind_word = str_from(kind_word(web, one->kind)),
        .is_meter = meter,
        .is_new = !changes,
        .unit = str_from(one->unit),
        .ratio = problem->code != ERROR_NONE && meter ? web_form(web, "ratio")
                                                      : str_from(arena_strdup(web->arena, ratio)),
        .reading_day = problem->code != ERROR_NONE && meter
                           ? web_form(web, "reading_day")
                           : str_from(arena_printf(web->arena, "%d", one->reading_day)),
        .settlement = one->settlement,
        .calibrated = one->calibrated,
        .back_url = str_from(meter ? "/enterprise/meters" : "/enterprise/assets"),
        .load_url = str_from(
            changes && meter ? arena_printf(web->arena, "/enterprise/meters/%s", id) : "")};
    fill_choices(work, &page);
    web_crumb(web, tr(web->lang, TR_KEY("Meters and load")), "/enterprise/meters");
    web_crumb(web, tr(web->lang, TR_KEY("Sites and equipment")), "/enterprise/assets");
    return web_page_status(
        web, problem->code != ERROR_NONE ? error_http_status(problem->code) : 200,
        changes
            ? asset_name(web, one)
            : tr_fill(web->arena, web->lang, TR_KEY("Add: {0}"), kind_word(web, one->kind), NULL),
        HTML_RENDER(web->arena, &web->html, html_enterprise_asset_edit, &page), "meters");
}

static bool get_new(struct web *web, struct error *err)
{
    struct asset_work work = {.web = web};
    work.one = (struct registry_asset){.org_id = web->viewer->org_id,
                                       .kind = REGISTRY_SITE,
                                       .name = "",
                                       .name_en = "",
                                       .code = "",
                                       .medium = "electricity",
                                       .unit = "kWh",
                                       .ratio = 1};
    if (!registry_asset_kind_parse(web_query(web, "kind"), &work.one.kind))
        work.one.kind = REGISTRY_SITE;
    if (!id_parse(web_query(web, "parent"), &work.one.parent_id)) work.one.parent_id = 0;
    return show_edit(&work, &(struct error){0}, err);
}

static bool read_one(struct db *db, void *arg, struct error *err)
{
    struct asset_work *work = arg;
    struct web *web = work->web;
    return registry_get_asset(db, web->arena, web->viewer->org_id, work->asset_id, &work->one, err);
}

static bool get_asset(struct web *web, struct error *err)
{
    struct asset_work work = {.web = web};
    return web_param_id(web, "asset", &work.asset_id, err) &&
           store_read(web->store, read_one, &work, err) &&
           show_edit(&work, &(struct error){0}, err);
}

static bool take_asset(struct asset_work *work, struct error *err)
{
    struct web *web = work->web;
    int64_t day = 0;
    struct registry_asset *one = &work->one;
    *one = (struct registry_asset){.org_id = web->viewer->org_id,
                                   .asset_id = work->asset_id,
                                   .kind = one->kind,
                                   .name = str_dup(web->arena, web_form(web, "name")),
                                   .name_en = str_dup(web->arena, web_form(web, "name_en")),
                                   .code = str_dup(web->arena, web_form(web, "code")),
                                   .medium = "",
                                   .unit = "",
                                   .ratio = 1};
    if (!id_parse(web_form(web, "parent"), &one->parent_id)) one->parent_id = 0;
    if (one->kind != REGISTRY_METER) return true;
    str ratio = web_form(web, "ratio"), days = web_form(web, "reading_day"),
        unit = web_form(web, "unit");
    one->medium = str_dup(web->arena, web_form(web, "medium"));
    one->unit = str_dup(web->arena, unit);
    one->settlement = web_form(web, "settlement").len != 0;
    one->calibrated = web_form(web, "calibrated").len != 0;
    if (!num_parse_human(web->arena, ratio, &one->ratio))
        return error_set(err, ERROR_INTAKE_NUMBER, "sS", tr(web->lang, TR_KEY("Ratio")), ratio);
    if (!num_parse_int(days, &day) || day < 0 || day > 28)
        return error_set(err, ERROR_REGISTRY_ASSET_READING_DAY, "sS", one->name, days);
    one->reading_day = (int)day;
    return true;
}

static bool write_asset(struct db *db, void *arg, struct error *err)
{
    struct asset_work *work = arg;
    unsigned roles = 1u << REGISTRY_ENTERPRISE_MANAGER | 1u << REGISTRY_ENTERPRISE_APPROVER;
    if (!registry_require_own(work->web->viewer, work->one.org_id, roles, err)) return false;
    return work->asset_id != 0
               ? registry_change_asset(db, &work->one, err)
               : registry_add_asset(db, &work->one, instant_now_ms(), &work->one.asset_id, err);
}

static bool save_asset(struct asset_work *work, struct error *err)
{
    struct web *web = work->web;
    struct error problem = {0};
    if (!take_asset(work, &problem) || !store_write(web->store, write_asset, work, &problem))
        return show_edit(work, &problem, err);
    bool new_meter = work->asset_id == 0 && work->one.kind == REGISTRY_METER;
    return web_redirect(web,
                        new_meter ? arena_printf(web->arena, "/enterprise/meters/%s/upload",
                                                 data_id(web, work->one.asset_id))
                                  : "/enterprise/assets",
                        TR_KEY("Saved."));
}

static bool post_new(struct web *web, struct error *err)
{
    struct asset_work work = {.web = web};
    if (!registry_asset_kind_parse(web_form(web, "kind"), &work.one.kind))
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    return save_asset(&work, err);
}

static bool post_asset(struct web *web, struct error *err)
{
    struct asset_work work = {.web = web};
    return web_param_id(web, "asset", &work.asset_id, err) &&
           store_read(web->store, read_one, &work, err) && save_asset(&work, err);
}

const struct web_route web_routes_enterprise_asset_list[] = {
    {"GET", "/enterprise/assets", get_assets, WEB_ENTERPRISE, TR_KEY("Sites and equipment")},
    {"GET", "/enterprise/assets/new", get_new, WEB_ENTERPRISE, TR_KEY("Sites and equipment")},
    {"POST", "/enterprise/assets/new", post_new, WEB_ENTERPRISE, TR_KEY("Sites and equipment")},
    {"GET", "/enterprise/assets/{asset}", get_asset, WEB_ENTERPRISE, TR_KEY("Sites and equipment")},
    {"POST", "/enterprise/assets/{asset}", post_asset, WEB_ENTERPRISE,
     TR_KEY("Sites and equipment")},
    {0},
};
