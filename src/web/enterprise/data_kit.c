/* See data_kit.h. */
#include "web/enterprise/data_kit.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "enterprise_data_tabs_html.h"
#include "enterprise_data_tiers_html.h"
#include "enterprise_data_years_html.h"

date data_today(const struct web *web)
{
    return instant_day(instant_now_ms(), web->utc_offset_minutes);
}

int data_year(const struct web *web)
{
    int year, month, day;
    date_split(data_today(web), &year, &month, &day);
    int64_t given;
    str text = web_form(web, "year");
    if (text.len == 0) text = web_query(web, "year");
    bool good = num_parse_int(text, &given) && given >= DATA_YEAR_FIRST && given <= year;
    return good ? (int)given : year;
}

html data_year_picker(struct web *web, const char *path, int year, const char *show)
{
    int now, month, day;
    date_split(data_today(web), &now, &month, &day);
    size_t count = (size_t)(now - DATA_YEAR_FIRST + 1);
    struct html_enterprise_data_years page = {
        .action = str_from(path),
        .show = str_from(show),
        .years_count = count,
        .years = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_years_years, count)};
    for (size_t i = 0; i < count; i++)
        page.years[i] = (struct html_enterprise_data_years_years){.year = now - (int)i,
                                                                  .picked = now - (int)i == year};
    return HTML_RENDER(web->arena, &web->html, html_enterprise_data_years, &page);
}

struct tab {
    const char *key, *word, *path;
};

static html tabs(struct web *web, const struct tab *list, size_t count, const char *here,
                 const char *query)
{
    struct html_enterprise_data_tabs page = {
        .tabs_count = count,
        .tabs = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_tabs_tabs, count)};
    for (size_t i = 0; i < count; i++)
        page.tabs[i] = (struct html_enterprise_data_tabs_tabs){
            .word = str_from(tr(web->lang, list[i].word)),
            .url = str_from(arena_printf(web->arena, "%s%s", list[i].path, query)),
            .here = strcmp(list[i].key, here) == 0};
    return HTML_RENDER(web->arena, &web->html, html_enterprise_data_tabs, &page);
}

html data_tabs(struct web *web, const char *here, int year)
{
    static const struct tab list[] = {
        {"submit", TR_KEY("Submit"), "/enterprise/data"},
        {"values", TR_KEY("Values"), "/enterprise/data/values"},
        {"submissions", TR_KEY("Submissions"), "/enterprise/data/submissions"},
        {"attachments", TR_KEY("Attachments"), "/enterprise/attachments"},
    };
    /* Only a year that was chosen goes along: without one each page knows best where to begin. */
    bool chosen = web_query(web, "year").len != 0;
    return tabs(web, list, ARRAY_LEN(list), here,
                chosen ? arena_printf(web->arena, "?year=%d", year) : "");
}

html meter_tabs(struct web *web, const char *here)
{
    static const struct tab list[] = {
        {"meters", TR_KEY("Meters"), "/enterprise/meters"},
        {"assets", TR_KEY("Sites and equipment"), "/enterprise/assets"},
    };
    return tabs(web, list, ARRAY_LEN(list), here, "");
}

/* ---- words ---- */

const char *data_text(const struct web *web, struct model_text text)
{
    const char *found = web->lang == LANG_ZH ? text.zh : text.en;
    return found != NULL ? found : text.en;
}

const struct model_input *data_find_input(const struct model_info *form, str name)
{
    for (size_t i = 0; i < form->input_count; i++)
        if (str_is(name, form->inputs[i].name)) return &form->inputs[i];
    return NULL;
}

const struct model_key *data_find_key(const struct model_input *input, str id)
{
    for (size_t i = 0; input != NULL && i < input->key_count; i++)
        if (str_is(id, input->keys[i].id)) return &input->keys[i];
    return NULL;
}

const char *data_item(const struct web *web, const struct model_info *form, const char *input,
                      const char *key)
{
    const struct model_input *found = data_find_input(form, str_from(input));
    const char *name = found != NULL ? data_text(web, found->label) : input;
    if (key == NULL || key[0] == '\0') return name;
    const struct model_key *part = data_find_key(found, str_from(key));
    return arena_printf(web->arena, "%s · %s", name,
                        part != NULL ? data_text(web, part->label) : key);
}

const char *data_unit(const struct web *web, const char *unit)
{
    if (unit == NULL || strcmp(unit, "1") == 0) return "";
    if (web->lang == LANG_ZH && strncmp(unit, "1e4 ", 4) == 0)
        return arena_printf(web->arena, "万%s", unit + 4);
    return unit;
}

const char *data_own_unit(const struct model_input *input, const struct model_key *key)
{
    if (input->unit != NULL) return input->unit;
    return key != NULL && key->unit != NULL ? key->unit : "";
}

const char *data_period(const struct web *web, struct account_period period)
{
    if (account_period_equal(period, account_once()))
        return tr(web->lang, TR_KEY("holds until changed"));
    return account_period_text(web->arena, period);
}

bool data_period_parse(const struct web *web, str text, struct account_period *period)
{
    int64_t year;
    int32_t month;
    if (text.len == 4 && num_parse_int(text, &year) && year >= DATA_YEAR_FIRST && year <= 2100) {
        *period = account_year((int)year);
        return true;
    }
    if (!month_parse_human(web->arena, text, &month)) return false;
    if (month_year(month) < DATA_YEAR_FIRST || month_year(month) > 2100) return false;
    *period = account_month(month);
    return true;
}

const char *data_value_text(const struct web *web, const struct model_input *input,
                            const char *text)
{
    if (strcmp(text, "true") == 0) return tr(web->lang, TR_KEY("Yes"));
    if (strcmp(text, "false") == 0) return tr(web->lang, TR_KEY("No"));
    for (size_t i = 0; input != NULL && i < input->choice_count; i++)
        if (strcmp(text, input->choices[i].id) == 0) return data_text(web, input->choices[i].label);
    return text;
}

const char *data_bytes(const struct web *web, int64_t bytes)
{
    if (bytes < 1024) return arena_printf(web->arena, "%d B", (int)bytes);
    bool large = bytes >= 1024 * 1024;
    double value = (double)bytes / (large ? 1048576.0 : 1024.0);
    return arena_printf(web->arena, "%s %s", num_format_significant(web->arena, value, 3),
                        large ? "MiB" : "KiB");
}

const char *data_when(const struct web *web, int64_t at)
{
    return instant_format(web->arena, at, web->utc_offset_minutes);
}

const char *data_id(const struct web *web, id64 id)
{
    char text[ID_TEXT_MAX];
    id_format(id, text);
    return arena_strdup(web->arena, text);
}

const char *data_submission_name(const struct web *web, const struct account_submission *one)
{
    static const char *const by_month = ": electricity by month";
    str name = str_from(one->name);
    if (strcmp(one->kind, "form") == 0)
        return tr_fill(web->arena, web->lang, TR_KEY("Form of {0}"), one->name, NULL);
    if (strcmp(one->kind, "withdrawal") == 0) return tr(web->lang, TR_KEY("Withdrawal"));
    if (strcmp(one->kind, "meter") != 0 || !str_ends(name, by_month)) return one->name;
    name.len -= strlen(by_month);
    return tr_fill(web->arena, web->lang, TR_KEY("{0}: electricity by month"),
                   str_dup(web->arena, name), NULL);
}

/* ---- tiers ---- */

html data_tier_chip(struct web *web, enum account_tier tier)
{
    enum web_tone tone = tier <= ACCOUNT_TIER_METER     ? WEB_GOOD
                         : tier == ACCOUNT_TIER_INVOICE ? WEB_NOTE
                         : tier == ACCOUNT_TIER_DEFAULT ? WEB_WARN
                                                        : WEB_NEUTRAL;
    return web_chip(web, tone, tr(web->lang, account_tier_label(tier)));
}

html data_tier_select(struct web *web, enum account_tier picked)
{
    struct html_enterprise_data_tiers page = {
        .tiers =
            ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_tiers_tiers, ACCOUNT_TIERS)};
    for (int tier = ACCOUNT_TIER_SETTLEMENT; tier < ACCOUNT_TIERS; tier++)
        page.tiers[page.tiers_count++] = (struct html_enterprise_data_tiers_tiers){
            .value = str_from(account_tier_name((enum account_tier)tier)),
            .word = str_from(tr(web->lang, account_tier_label((enum account_tier)tier))),
            .picked = tier == (int)picked};
    return HTML_RENDER(web->arena, &web->html, html_enterprise_data_tiers, &page);
}

enum account_tier data_tier_of_form(const struct web *web)
{
    enum account_tier tier;
    return account_tier_parse(web_form(web, "tier"), &tier) ? tier : ACCOUNT_TIER_DECLARED;
}

html data_log_chip(struct web *web, enum log_state state)
{
    switch (state) {
    case LOG_SIGNED: return web_chip(web, WEB_GOOD, tr(web->lang, TR_KEY("In the signed log")));
    case LOG_ORDERED: return web_chip(web, WEB_NOTE, tr(web->lang, TR_KEY("In the log")));
    case LOG_PENDING: return web_chip(web, WEB_NOTE, tr(web->lang, TR_KEY("Waits for its place")));
    default: return web_chip(web, WEB_WARN, tr(web->lang, TR_KEY("Not in the log")));
    }
}

const char *attachment_kind_word(const struct web *web, const char *kind)
{
    if (strcmp(kind, "bill") == 0) return tr(web->lang, TR_KEY("Bill or invoice"));
    if (strcmp(kind, "weighbridge") == 0) return tr(web->lang, TR_KEY("Weighbridge slip"));
    if (strcmp(kind, "laboratory") == 0) return tr(web->lang, TR_KEY("Laboratory sheet"));
    return tr(web->lang, TR_KEY("Other proof"));
}

/* ---- the form of a year ---- */

struct form_work {
    struct web *web;
    int year;
    struct model_info *form;
};

static bool read_form(struct db *db, void *arg, struct error *err)
{
    struct form_work *work = arg;
    return app_form(work->web->app, db, work->web->arena, work->web->viewer->org_id, work->year,
                    work->form, err);
}

bool data_read_form(struct web *web, int year, struct model_info *form, struct error *err)
{
    struct form_work work = {web, year, form};
    return store_read(web->store, read_form, &work, err);
}

/* ---- files ---- */

static void close_arena(void *arena)
{
    arena_close(arena);
}

struct arena *data_book_arena(struct web *web)
{
    struct arena *arena = arena_open(INTAKE_ARENA_BYTES);
    arena_on_close(web->arena, close_arena, arena);
    return arena;
}

bool data_read_upload(struct web *web, const char *field, const struct http_upload **upload,
                      str *bytes, struct error *err)
{
    return web_upload(web, field, upload, err) &&
           file_read(web->arena, (*upload)->path, (size_t)http_limit(HTTP_LIMIT_UPLOAD_BYTES),
                     bytes, err);
}

static const char *draft_path(struct web *web, const char *purpose)
{
    return arena_printf(web->arena, "%s/spool/draft-%s-%s", web->app->data, purpose,
                        data_id(web, web->viewer->person_id));
}

static const char *draft_name(struct web *web, str bytes)
{
    return arena_printf(web->arena, "%.32s", digest_hex(web->arena, digest_of(bytes)));
}

bool data_keep_draft(struct web *web, const char *purpose, str bytes, const char **name,
                     struct error *err)
{
    *name = draft_name(web, bytes);
    return file_write(draft_path(web, purpose), bytes, err);
}

bool data_read_draft(struct web *web, const char *purpose, str name, str *bytes, struct error *err)
{
    struct error why;
    size_t limit = (size_t)http_limit(HTTP_LIMIT_UPLOAD_BYTES);
    if (file_read(web->arena, draft_path(web, purpose), limit, bytes, &why) &&
        str_is(name, draft_name(web, *bytes)))
        return true;
    return error_set(err, ERROR_WEB_DRAFT_GONE, "");
}

void data_drop_draft(struct web *web, const char *purpose)
{
    (void)unlink(draft_path(web, purpose));
}

bool data_answer_submission(struct web *web, id64 submission_id, const char *notice)
{
    return web_redirect(
        web,
        arena_printf(web->arena, "/enterprise/data/submissions/%s", data_id(web, submission_id)),
        notice);
}
