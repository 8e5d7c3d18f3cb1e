/* One submission: what was accepted and refused row by row, its proof, its bytes, its withdrawal.
 */
#include "enterprise_data_submission_html.h"
#include "web/enterprise/data_kit.h"

#include <string.h>

#include "base/num.h"

#define PAGE_ROWS 200

struct submission_work {
    struct web *web;
    id64 submission_id;
    struct account_submission one;
    struct account_refusal *refusals;
    size_t refusal_count;
    struct account_datum *data;
    size_t data_count;
    struct model_info form;
    struct log_receipt receipt;
    str bytes;
    int year; /* of its first datum, for links and names */
};

static bool read_submission(struct db *db, void *arg, struct error *err)
{
    struct submission_work *work = arg;
    struct web *web = work->web;
    id64 org_id = web->viewer->org_id;
    struct account_data_filter filter = {
        .as_known = ACCOUNT_NOW, .with_superseded = true, .submission_id = work->submission_id};
    int month, day;
    if (!account_get_submission(db, web->arena, web->viewer, org_id, work->submission_id,
                                &work->one, err) ||
        !account_list_refusals(db, web->arena, web->viewer, org_id, work->submission_id,
                               &work->refusals, &work->refusal_count, err) ||
        !account_list_data(db, web->arena, web->viewer, org_id, &filter, &work->data,
                           &work->data_count, err) ||
        !log_receipt_of(db, web->arena, org_id, "submission", work->submission_id, &work->receipt,
                        err))
        return false;
    work->year = data_year(web);
    for (size_t i = work->data_count; i-- > 0;)
        if (!account_period_equal(work->data[i].period, account_once()))
            date_split(work->data[i].period.first, &work->year, &month, &day);
    return app_form(web->app, db, web->arena, org_id, work->year, &work->form, err);
}

/* The error with the names of inputs as the form calls them: nobody knows "burnt". */
static const char *refusal_text(struct submission_work *work, const struct error *error)
{
    struct web *web = work->web;
    const char *texts[ERROR_ARGS_MAX] = {"", "", "", "", "", ""};
    static const char kinds[] = "ssssss";
    struct error named;
    for (size_t i = 0; i < error->count; i++) {
        str arg = error_arg(error, i);
        const struct model_input *input = data_find_input(&work->form, arg);
        texts[i] = str_dup(web->arena, arg);
        if (input != NULL)
            texts[i] = arena_printf(web->arena, web->lang == LANG_ZH ? "“%s”（%s）" : "\"%s\" (%s)",
                                    data_text(web, input->label), input->name);
    }
    error_set(&named, error->code, kinds + (ERROR_ARGS_MAX - error->count), texts[0], texts[1],
              texts[2], texts[3], texts[4], texts[5]);
    return error_text(web->arena, web->lang, &named);
}

static const char *submission_path(const struct submission_work *work)
{
    return arena_printf(work->web->arena, "/enterprise/data/submissions/%s",
                        data_id(work->web, work->submission_id));
}

/* The page's two lists turn their pages apart: each link keeps where the other stands. */
static const char *list_path(const struct submission_work *work, const char *other)
{
    int64_t at;
    const char *path = submission_path(work);
    if (!num_parse_int(web_query(work->web, other), &at)) return path;
    return arena_printf(work->web->arena, "%s?%s=%lld", path, other, (long long)at);
}

static void fill_refusals(struct submission_work *work,
                          struct html_enterprise_data_submission *page)
{
    struct web *web = work->web;
    struct web_paging paging =
        web_paging_by(web, "refused", (int64_t)work->refusal_count, PAGE_ROWS);
    page->refusals =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_submission_refusals, PAGE_ROWS);
    page->refusals_pages = web_pages(web, &paging, list_path(work, "page"));
    /* Of a file with very many, not all were kept. */
    page->refusals_more = work->one.rows_refused - (int64_t)work->refusal_count;
    for (size_t i = 0; i < work->refusal_count; i++) {
        const struct account_refusal *refusal = &work->refusals[i];
        page->duplicates += refusal->error.code == ERROR_ACCOUNT_DUPLICATE;
        if ((int64_t)i < paging.skip || page->refusals_count == PAGE_ROWS) continue;
        bool known = refusal->input != NULL && refusal->input[0] != '\0';
        page->refusals[page->refusals_count++] = (struct html_enterprise_data_submission_refusals){
            .where = str_from(refusal->row_ref),
            .item = known ? str_from(data_item(web, &work->form, refusal->input, refusal->key))
                          : STR("–"),
            .period = known ? str_from(data_period(web, refusal->period)) : STR("–"),
            .text = str_from(refusal_text(work, &refusal->error))};
    }
}

static void fill_data(struct submission_work *work, struct html_enterprise_data_submission *page)
{
    struct web *web = work->web;
    struct web_paging paging = web_paging(web, (int64_t)work->data_count, PAGE_ROWS);
    page->data_pages = web_pages(web, &paging, list_path(work, "refused"));
    page->data =
        ARENA_NEW_ARRAY(web->arena, struct html_enterprise_data_submission_data, PAGE_ROWS);
    for (size_t i = (size_t)paging.skip; i < work->data_count && page->data_count < PAGE_ROWS;
         i++) {
        const struct account_datum *datum = &work->data[i];
        const struct model_input *input = data_find_input(&work->form, str_from(datum->input));
        const char *url =
            arena_printf(web->arena, "/enterprise/data/values/%s", data_id(web, datum->datum_id));
        struct buf *text = buf_new(web->arena);
        buf_printf(text, "<a href=\"%s\">", url);
        html_put_text(text, str_from(data_value_text(web, input, datum->text)));
        buf_puts(text, "</a>");
        page->data[page->data_count++] = (struct html_enterprise_data_submission_data){
            .period = str_from(data_period(web, datum->period)),
            .item = str_from(data_item(web, &work->form, datum->input, datum->key)),
            .value = datum->has_number
                         ? web_figure(web, datum->value, 9, data_unit(web, datum->unit), 0, url)
                         : html_from(text),
            .tier = data_tier_chip(web, datum->tier),
            .where = str_from(datum->row_ref),
            .state = datum->superseded && !work->one.withdrawn
                         ? web_chip(web, WEB_NEUTRAL, tr(web->lang, TR_KEY("Replaced later")))
                         : HTML_EMPTY};
    }
}

static void fill_evidence(struct submission_work *work,
                          struct html_enterprise_data_submission *page)
{
    struct web *web = work->web;
    const struct log_receipt *receipt = &work->receipt;
    const char *path = submission_path(work);
    page->log_chip = data_log_chip(web, receipt->state);
    page->signed_leaf = receipt->state == LOG_SIGNED;
    if (receipt->state >= LOG_ORDERED)
        page->leaf = str_from(arena_printf(web->arena, "%llu", (unsigned long long)receipt->index));
    if (receipt->state == LOG_SIGNED)
        page->checkpoint = str_from(data_when(web, receipt->checkpoint.signed_ms));
    page->receipt_url = str_from(arena_printf(web->arena, "%s/receipt", path));
    page->bytes_url = str_from(arena_printf(web->arena, "%s/bytes", path));
    page->withdraw_url = str_from(arena_printf(web->arena, "%s/withdraw", path));
    page->again_url = str_from(arena_printf(web->arena, "%s/again", path));
    id64 other = work->one.withdrawal_id != 0 ? work->one.withdrawal_id : work->one.withdraws;
    page->other_url =
        str_from(arena_printf(web->arena, "/enterprise/data/submissions/%s", data_id(web, other)));
}

bool data_show_submission(struct web *web, id64 submission_id, const struct error *problem,
                          struct error *err)
{
    struct submission_work work = {.web = web, .submission_id = submission_id};
    if (!store_read(web->store, read_submission, &work, err)) return false;
    const struct account_submission *one = &work.one;
    bool readings = strcmp(one->kind, "meter") == 0 && one->rows_accepted == 0;
    struct html_enterprise_data_submission page = {
        .error = web_error_box(web, problem),
        .reason = web_form(web, "reason"),
        .when = str_from(data_when(web, one->at)),
        .person = str_from(one->person_name),
        .size = str_from(data_bytes(web, one->size_bytes)),
        .digest = str_from(digest_hex(web->arena, one->bytes_digest)),
        .accepted = one->rows_accepted,
        .refused = one->rows_refused,
        .replaced = one->rows_replaced,
        .plain = one->withdraws == 0 && !readings,
        .readings = readings,
        .is_open = !one->withdrawn && one->withdraws == 0,
        .values = !readings,
        .is_withdrawn = one->withdrawn && work.one.withdrawal_id != 0,
        .is_withdrawal = one->withdraws != 0,
        .tiers = data_tier_select(web, ACCOUNT_TIER_DECLARED),
        .table_url =
            str_from(arena_printf(web->arena, "/enterprise/data/values?year=%d", work.year))};
    fill_refusals(&work, &page);
    fill_data(&work, &page);
    fill_evidence(&work, &page);
    if (one->withdrawn || strcmp(one->kind, "file") != 0) page.duplicates = 0;
    bool bad = problem->code != ERROR_NONE;
    web_crumb(web, tr(web->lang, TR_KEY("Submit data")), "/enterprise/data");
    web_crumb(web, tr(web->lang, TR_KEY("Submissions")), "/enterprise/data/submissions");
    return web_page_status(
        web, bad ? error_http_status(problem->code) : 200, data_submission_name(web, one),
        HTML_RENDER(web->arena, &web->html, html_enterprise_data_submission, &page), "data");
}

static bool get_submission(struct web *web, struct error *err)
{
    id64 submission_id;
    return web_param_id(web, "submission", &submission_id, err) &&
           data_show_submission(web, submission_id, &(struct error){0}, err);
}

static bool read_bytes(struct db *db, void *arg, struct error *err)
{
    struct submission_work *work = arg;
    struct web *web = work->web;
    id64 org_id = web->viewer->org_id;
    return account_get_submission(db, web->arena, web->viewer, org_id, work->submission_id,
                                  &work->one, err) &&
           account_read_submission_bytes(db, web->arena, web->viewer, org_id, work->submission_id,
                                         &work->bytes, err) &&
           log_receipt_of(db, web->arena, org_id, "submission", work->submission_id, &work->receipt,
                          err);
}

static bool get_bytes(struct web *web, struct error *err)
{
    struct submission_work work = {.web = web};
    if (!web_param_id(web, "submission", &work.submission_id, err) ||
        !store_read(web->store, read_bytes, &work, err))
        return false;
    bool file = strcmp(work.one.kind, "file") == 0 || strcmp(work.one.kind, "meter") == 0;
    const char *name = file ? work.one.name : "submission.csv";
    http_reply_download(web->reply, "application/octet-stream", name, work.bytes);
    return true;
}

static bool get_receipt(struct web *web, struct error *err)
{
    struct submission_work work = {.web = web};
    if (!web_param_id(web, "submission", &work.submission_id, err) ||
        !store_read(web->store, read_bytes, &work, err))
        return false;
    if (work.receipt.state != LOG_SIGNED) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    str json = trust_receipt_json(web->arena, &work.receipt, STR(""), NULL);
    http_reply_download(
        web->reply, "application/json",
        arena_printf(web->arena, "receipt-%s.json", data_id(web, work.submission_id)), json);
    return true;
}

/* ---- withdrawal ---- */

static bool post_withdraw(struct web *web, struct error *err)
{
    id64 submission_id;
    struct app_withdrawn withdrawn;
    struct error problem = {0};
    const char *reason = str_dup(web->arena, web_form(web, "reason"));
    if (!web_param_id(web, "submission", &submission_id, err)) return false;
    if (!app_withdraw(web->app, web->arena, web->viewer, submission_id, reason, &withdrawn,
                      &problem))
        return data_show_submission(web, submission_id, &problem, err);
    return data_answer_submission(web, submission_id, TR_KEY("The submission is withdrawn."));
}

/* ---- the same bytes once more, replacing ---- */

static bool post_again(struct web *web, struct error *err)
{
    struct submission_work work = {.web = web};
    struct error problem = {0};
    struct app_imported imported;
    if (!web_param_id(web, "submission", &work.submission_id, err) ||
        !store_read(web->store, read_submission, &work, err) ||
        !store_read(web->store, read_bytes, &work, err))
        return false;
    struct app_file file = {.org_id = web->viewer->org_id,
                            .name = work.one.name,
                            .bytes = work.bytes,
                            .year = work.year,
                            .tier = data_tier_of_form(web),
                            .replace = true,
                            .recompute = true};
    struct intake_mapping mapping;
    bool done =
        app_import_file(web->app, data_book_arena(web), web->viewer, &file, &imported, &problem);
    if (!done && problem.code == ERROR_INTAKE_LAYOUT_UNKNOWN && data_saved_mapping(web, &mapping)) {
        file.mapping = &mapping;
        done = app_import_file(web->app, data_book_arena(web), web->viewer, &file, &imported,
                               &problem);
    }
    if (!done) return data_show_submission(web, work.submission_id, &problem, err);
    return data_answer_submission(web, imported.submission.submission_id,
                                  TR_KEY("The file was taken again."));
}

const struct web_route web_routes_enterprise_data_submission[] = {
    {"GET", "/enterprise/data/submissions/{submission}", get_submission, WEB_ENTERPRISE,
     TR_KEY("Submission")},
    {"GET", "/enterprise/data/submissions/{submission}/bytes", get_bytes, WEB_ENTERPRISE,
     TR_KEY("Submission")},
    {"GET", "/enterprise/data/submissions/{submission}/receipt", get_receipt, WEB_ENTERPRISE,
     TR_KEY("Receipt")},
    {"POST", "/enterprise/data/submissions/{submission}/withdraw", post_withdraw, WEB_ENTERPRISE,
     TR_KEY("Submission"), .slow = true},
    {"POST", "/enterprise/data/submissions/{submission}/again", post_again, WEB_ENTERPRISE,
     TR_KEY("Submission"), .slow = true},
    {0},
};
