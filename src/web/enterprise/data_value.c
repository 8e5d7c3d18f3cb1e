/* One value: what was written, by whom and where, its history and its proof. */
#include "enterprise_data_value_html.h"
#include "web/enterprise/data_kit.h"

#include <string.h>

struct value_work {
    struct web *web;
    id64 datum_id;
    struct account_datum datum;
    struct model_info form;
    struct account_datum *history;
    size_t history_count;
    struct account_submission *submissions; /* of the history, in its order */
    struct account_submission submission;
    struct registry_asset asset;
    struct registry_attachment *attachments;
    size_t attachment_count;
    struct log_receipt receipt;
};

static bool read_history(struct db *db, struct value_work *work, struct error *err)
{
    struct web *web = work->web;
    const struct account_datum *datum = &work->datum;
    struct account_data_filter filter = {
        .input = datum->input, .as_known = ACCOUNT_NOW, .with_superseded = true};
    struct account_datum *list;
    size_t count;
    if (!account_list_data(db, web->arena, web->viewer, web->viewer->org_id, &filter, &list, &count,
                           err))
        return false;
    work->history = ARENA_NEW_ARRAY(web->arena, struct account_datum, count + 1);
    work->submissions = ARENA_NEW_ARRAY(web->arena, struct account_submission, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].key, datum->key) != 0 ||
            !account_period_equal(list[i].period, datum->period))
            continue;
        if (!account_get_submission(db, web->arena, web->viewer, web->viewer->org_id,
                                    list[i].submission_id, &work->submissions[work->history_count],
                                    err))
            return false;
        work->history[work->history_count++] = list[i];
    }
    return true;
}

static bool read_value(struct db *db, void *arg, struct error *err)
{
    struct value_work *work = arg;
    struct web *web = work->web;
    id64 org_id = web->viewer->org_id;
    int year = data_year(web), month, day;
    if (!account_get_datum(db, web->arena, web->viewer, org_id, work->datum_id, &work->datum, err))
        return false;
    if (!account_period_equal(work->datum.period, account_once()))
        date_split(work->datum.period.first, &year, &month, &day);
    return app_form(web->app, db, web->arena, org_id, year, &work->form, err) &&
           read_history(db, work, err) &&
           account_get_submission(db, web->arena, web->viewer, org_id, work->datum.submission_id,
                                  &work->submission, err) &&
           (work->datum.asset_id == 0 ||
            registry_get_asset(db, web->arena, org_id, work->datum.asset_id, &work->asset, err)) &&
           registry_list_attachments(db, web->arena, web->viewer, org_id, &work->attachments,
                                     &work->attachment_count, err) &&
           log_receipt_of(db, web->arena, org_id, "submission", work->datum.submission_id,
                          &work->receipt, err);
}

static html value_of(struct value_work *work, const struct account_datum *datum, const char *url)
{
    struct web *web = work->web;
    if (datum->has_number)
        return web_figure(web, datum->value, 9, data_unit(web, datum->unit),
                          datum->tier == ACCOUNT_TIER_DEFAULT ? WEB_MARK_DEFAULT : 0, url);
    struct buf *out = buf_new(web->arena);
    const struct model_input *input = data_find_input(&work->form, str_from(datum->input));
    html_put_text(out, str_from(data_value_text(web, input, datum->text)));
    return html_from(out);
}

static html state_of(struct web *web, const struct account_datum *datum,
                     const struct account_submission *submission)
{
    if (submission->withdrawn)
        return web_chip(web, WEB_NEUTRAL, tr(web->lang, TR_KEY("Withdrawn")));
    if (datum->superseded)
        return web_chip(web, WEB_NEUTRAL, tr(web->lang, TR_KEY("Replaced later")));
    return web_chip(web, WEB_GOOD, tr(web->lang, TR_KEY("Counts")));
}

static void fill_history(struct value_work *work, struct html_enterprise_data_value *page)
{
    struct web *web = work->web;
    page->history_count = work->history_count;
    page->history = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_value_history,
                                    work->history_count + 1);
    for (size_t i = 0; i < work->history_count; i++) {
        size_t at = work->history_count - 1 - i; /* newest first */
        const struct account_datum *datum = &work->history[at];
        const struct account_submission *submission = &work->submissions[at];
        page->history[i] = (struct html_enterprise_data_value_history){
            .when = str_from(data_when(web, submission->at)),
            .value = value_of(work, datum,
                              arena_printf(web->arena, "/enterprise/data/values/%s",
                                           data_id(web, datum->datum_id))),
            .tier = data_tier_chip(web, datum->tier),
            .name = str_from(data_submission_name(web, submission)),
            .url = str_from(arena_printf(web->arena, "/enterprise/data/submissions/%s",
                                         data_id(web, submission->submission_id))),
            .state = state_of(web, datum, submission),
            .here = datum->datum_id == work->datum_id};
    }
}

static void fill_proofs(struct value_work *work, struct html_enterprise_data_value *page)
{
    struct web *web = work->web;
    page->proofs = ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_value_proofs,
                                   work->attachment_count + 1);
    for (size_t i = 0; i < work->attachment_count; i++) {
        const struct registry_attachment *one = &work->attachments[i];
        bool period = one->has_period && one->first_day.day <= work->datum.period.last.day &&
                      one->last_day.day >= work->datum.period.first.day;
        bool item = one->input[0] == '\0' ||
                    (strcmp(one->input, work->datum.input) == 0 &&
                     (one->key[0] == '\0' || strcmp(one->key, work->datum.key) == 0));
        bool own = one->submission_id != 0 && one->submission_id == work->datum.submission_id;
        if (!own && !(period && item)) continue;
        page->proofs[page->proofs_count++] = (struct html_enterprise_data_value_proofs){
            .name = str_from(one->name),
            .kind = str_from(attachment_kind_word(web, one->kind)),
            .url = str_from(arena_printf(web->arena, "/enterprise/attachments/%s",
                                         data_id(web, one->attachment_id)))};
    }
}

static void fill_proof(struct value_work *work, struct html_enterprise_data_value *page)
{
    struct web *web = work->web;
    const struct log_receipt *receipt = &work->receipt;
    const char *path = arena_printf(web->arena, "/enterprise/data/submissions/%s",
                                    data_id(web, work->datum.submission_id));
    page->submission = str_from(data_submission_name(web, &work->submission));
    page->submission_url = str_from(path);
    page->when = str_from(data_when(web, work->submission.at));
    page->person = str_from(work->submission.person_name);
    page->log_chip = data_log_chip(web, receipt->state);
    page->signed_leaf = receipt->state == LOG_SIGNED;
    page->receipt_url = str_from(arena_printf(web->arena, "%s/receipt", path));
    page->digest = str_from(digest_hex(web->arena, work->submission.bytes_digest));
    if (receipt->state >= LOG_ORDERED)
        page->leaf = str_from(arena_printf(web->arena, "%llu", (unsigned long long)receipt->index));
    if (receipt->state == LOG_SIGNED)
        page->checkpoint = str_from(data_when(web, receipt->checkpoint.signed_ms));
}

static bool get_value(struct web *web, struct error *err)
{
    struct value_work work = {.web = web};
    if (!web_param_id(web, "datum", &work.datum_id, err) ||
        !store_read(web->store, read_value, &work, err))
        return false;
    const struct account_datum *datum = &work.datum;
    const struct model_input *input = data_find_input(&work.form, str_from(datum->input));
    const char *period = account_period_equal(datum->period, account_once())
                             ? arena_printf(web->arena, "%d", data_year(web))
                             : account_period_text(web->arena, datum->period);
    struct html_enterprise_data_value page = {
        .figure = value_of(&work, datum, NULL),
        .tier = data_tier_chip(web, datum->tier),
        .raw = str_from(datum->raw),
        .where = str_from(datum->row_ref),
        .period = str_from(data_period(web, datum->period)),
        .input = str_from(datum->key[0] == '\0'
                              ? datum->input
                              : arena_printf(web->arena, "%s[%s]", datum->input, datum->key)),
        .asset = str_from(work.asset.name),
        .asset_url = str_from(
            arena_printf(web->arena, "/enterprise/assets/%s", data_id(web, datum->asset_id))),
        .help = str_from(input != NULL ? data_text(web, input->help) : ""),
        .form_url = str_from(arena_printf(web->arena, "/enterprise/data/form?period=%s", period)),
        .attach_url = str_from(arena_printf(
            web->arena, "/enterprise/attachments?period=%s&input=%s", period, datum->input))};
    fill_proof(&work, &page);
    fill_history(&work, &page);
    fill_proofs(&work, &page);
    web_crumb(web, tr(web->lang, TR_KEY("Submit data")), "/enterprise/data");
    web_crumb(web, tr(web->lang, TR_KEY("Values")),
              arena_printf(web->arena, "/enterprise/data/values?year=%.4s", period));
    return web_page(web, data_item(web, &work.form, datum->input, datum->key),
                    HTML_RENDER(web->arena, &web->html, html_enterprise_data_value, &page), "data");
}

const struct web_route web_routes_enterprise_data_value[] = {
    {"GET", "/enterprise/data/values/{datum}", get_value, WEB_ENTERPRISE, TR_KEY("Value")},
    {0},
};
