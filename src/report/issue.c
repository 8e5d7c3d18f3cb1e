#include "report/issue.h"

#include <string.h>
#include <time.h>

#include "report_sql.h"

#define SEQUENCE_TRIES 100
#define SEQUENCE_PAUSE_NS 100000000L

/* ---- keeping ---- */

struct issuing {
    struct arena *arena;
    const struct viewer *viewer;
    const struct credit_rules *rules;
    const struct report_settings *settings;
    const struct report_request *request;
    struct creditworthiness_report content;
    struct bank_summary summary;
    struct report_document document;
    id64 case_id;
    str pdf, figures;
    struct log_receipt receipt;
};

/* TR, the day of issue, the organisation's and the report's identifier: found again without a
 * directory. */
static const char *format_number(struct arena *arena, id64 org_id, id64 report_id, int64_t at)
{
    char org[ID_TEXT_MAX], report[ID_TEXT_MAX], day[DATE_TEXT_MAX];
    id_format(org_id, org);
    id_format(report_id, report);
    date_format(instant_day(at, 480), day);
    return arena_printf(arena, "TR-%.4s%.2s%.2s-%s-%s", day, day + 5, day + 8, org, report);
}

bool report_number_parse(str number, id64 *org_id, id64 *report_id)
{
    str part, rest = number;
    return str_cut(&rest, '-', &part) && str_is(part, "TR") && str_cut(&rest, '-', &part) &&
           part.len == 8 && str_cut(&rest, '-', &part) && id_parse(part, org_id) &&
           str_cut(&rest, '-', &part) && id_parse(part, report_id) && rest.ptr == NULL;
}

static bool keep_document(struct db *db, void *arg, struct error *err)
{
    struct issuing *issuing = arg;
    const struct report_document *d = &issuing->document;
    return sql_report_insert_document(db, d->org_id, d->report_id, str_from(d->number),
                                      str_from(d->kind), str_from(lang_code(d->lang)), d->year,
                                      d->rating_id, d->authorisation_id, d->recipient_org_id,
                                      issuing->case_id, str_from(d->purpose), str_from(d->label),
                                      str_from(d->grade), d->invented, d->issued_at, d->valid_to,
                                      (str){(const char *)d->content.bytes, DIGEST_BYTES},
                                      issuing->viewer->person_id, NULL, err) &&
           sql_report_insert_bytes(db, d->org_id, d->report_id, 0, issuing->pdf, NULL, err) &&
           sql_report_insert_figures(db, d->org_id, d->report_id, issuing->figures, NULL, err) &&
           log_add_pending(db, d->org_id, "report", d->report_id, d->content, NULL, err);
}

static bool read_receipt(struct db *db, void *arg, struct error *err)
{
    struct issuing *issuing = arg;
    return log_receipt_of(db, issuing->arena, issuing->document.org_id, "report",
                          issuing->document.report_id, &issuing->receipt, err);
}

static bool keep_final(struct db *db, void *arg, struct error *err)
{
    struct issuing *issuing = arg;
    return sql_report_insert_bytes(db, issuing->document.org_id, issuing->document.report_id, 1,
                                   issuing->pdf, NULL, err);
}

/* The leaf's place is given by whoever holds the sequencer's lease: this process or the server
 * beside it. */
static bool wait_for_receipt(struct issuing *issuing, struct store *store,
                             const struct log_config *log, const struct trust_key *key,
                             struct error *err)
{
    for (int i = 0; i < SEQUENCE_TRIES; i++) {
        struct log_progress progress;
        struct timespec pause = {0, SEQUENCE_PAUSE_NS};
        if (!log_sequence(log, key, &progress, err) ||
            !store_read(store, read_receipt, issuing, err))
            return false;
        if (issuing->receipt.state == LOG_SIGNED) return true;
        nanosleep(&pause, NULL);
    }
    return error_set(err, ERROR_REPORT_NOT_SIGNED, "s", issuing->document.number);
}

static bool append_receipt(struct issuing *issuing, struct store *store,
                           const struct trust_key *key, struct error *err)
{
    str signed_pdf;
    if (!trust_pdf_append_receipt(issuing->arena, issuing->pdf, str_from(issuing->document.number),
                                  &issuing->receipt, &key->verifier, &signed_pdf, err))
        return false;
    issuing->pdf = signed_pdf;
    issuing->document.ready = true;
    return store_write(store, keep_final, issuing, err);
}

static bool finish(struct issuing *issuing, struct store *store, const struct log_config *log,
                   const struct trust_key *key, struct error *err)
{
    issuing->document.content =
        trust_report_content(issuing->pdf, str_from(issuing->document.number));
    return store_write(store, keep_document, issuing, err) &&
           wait_for_receipt(issuing, store, log, key, err) &&
           append_receipt(issuing, store, key, err);
}

/* ---- issuing ---- */

static void start_document(struct issuing *issuing, id64 org_id, const char *kind, int64_t now_ms)
{
    const struct report_request *request = issuing->request;
    id64 id = id_new();
    issuing->document = (struct report_document){
        .org_id = org_id,
        .report_id = id,
        .kind = kind,
        .lang = request->lang,
        .number = format_number(issuing->arena, org_id, id, now_ms),
        .year = request->year,
        .purpose = request->purpose,
        .authorisation_id = request->authorisation_id,
        .issued_at = now_ms,
        .recipient_org_id = issuing->viewer->org_id != org_id ? issuing->viewer->org_id : 0};
}

static bool read_rating(struct db *db, struct issuing *issuing, id64 org_id, struct error *err)
{
    struct credit_rating rating;
    bool found;
    if (!credit_read_rating(db, issuing->arena, issuing->viewer, org_id, issuing->request->year,
                            &rating, &found, err))
        return false;
    if (!found) return error_set(err, ERROR_REPORT_NO_RATING, "i", (int64_t)issuing->request->year);
    issuing->document.rating_id = rating.rating_id;
    issuing->document.label = rating.label;
    issuing->document.grade = rating.grade;
    return true;
}

/* What the document says of the letter is what the registry decided on, not what the caller
 * believes. */
static bool name_letter(struct db *db, struct issuing *issuing, date today, struct error *err)
{
    struct report_request request = *issuing->request;
    struct registry_access access;
    if (issuing->viewer->org_id == request.org_id) return true;
    if (!registry_may_read(db, issuing->viewer, request.org_id, REGISTRY_SCOPE_REPORT, today,
                           &access, err))
        return false;
    if (access.basis == REGISTRY_BASIS_NONE)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s",
                         "read the data of this organisation");
    request.authorisation_id = access.authorisation_id;
    if (access.basis == REGISTRY_BASIS_AUTHORISATION) request.purpose = issuing->viewer->purpose;
    issuing->request = arena_copy(issuing->arena, &request, sizeof request);
    issuing->document.authorisation_id = request.authorisation_id;
    issuing->document.purpose = request.purpose;
    return true;
}

static bool collect_figures(struct db *db, struct issuing *issuing, struct error *err)
{
    struct account_period year = account_year(issuing->request->year);
    if (!account_report_json(db, issuing->arena, issuing->viewer, issuing->request->org_id,
                             year.first, year.last, &issuing->figures, err))
        return false;
    issuing->content.figures_hex =
        str_from(digest_hex(issuing->arena, digest_of(issuing->figures)));
    return true;
}

static bool collect_report(struct db *db, void *arg, struct error *err)
{
    struct issuing *issuing = arg;
    date today = instant_day(issuing->document.issued_at, 480);
    if (!name_letter(db, issuing, today, err) ||
        !read_rating(db, issuing, issuing->request->org_id, err) ||
        !report_collect(db, issuing->arena, issuing->viewer, issuing->rules, issuing->settings,
                        issuing->request, today, issuing->document.issued_at, &issuing->content,
                        err) ||
        !collect_figures(db, issuing, err))
        return false;
    issuing->document.valid_to = issuing->content.valid_to;
    issuing->document.invented = issuing->content.invented;
    issuing->content.number = str_from(issuing->document.number);
    issuing->content.verify_url = str_from(arena_printf(
        issuing->arena, "%s/verify/%s", issuing->settings->public_url, issuing->document.number));
    return true;
}

bool report_issue(struct store *store, const struct log_config *log, const struct trust_key *key,
                  struct arena *arena, const struct viewer *viewer,
                  const struct credit_rules *rules, const struct report_settings *settings,
                  const struct report_request *request, struct report_document *document,
                  struct error *err)
{
    struct issuing issuing = {
        .arena = arena, .viewer = viewer, .rules = rules, .settings = settings, .request = request};
    start_document(&issuing, request->org_id, "report", instant_now_ms());
    if (!store_read(store, collect_report, &issuing, err) ||
        !report_creditworthiness_pdf(&issuing.content, request->lang, arena, &issuing.pdf, err) ||
        !finish(&issuing, store, log, key, err))
        return false;
    *document = issuing.document;
    return true;
}

/* ---- the bank's summary ---- */

static str in_lang(enum lang lang, const struct model_text *text)
{
    return str_from(lang == LANG_ZH ? text->zh : text->en);
}

static struct report_number share_in_percent(const struct finance_offer *offer, const char *output)
{
    for (size_t i = 0; i < offer->part_count; i++)
        if (strcmp(offer->parts[i].output, output) == 0 && offer->parts[i].known)
            return report_number(offer->parts[i].value * 100, 2);
    return (struct report_number){0};
}

static bool collect_offers(struct db *db, struct issuing *issuing, id64 enterprise, date today,
                           struct error *err)
{
    struct finance_offer *offers;
    size_t count, used = 0;
    enum lang lang = issuing->request->lang;
    if (!finance_match(db, issuing->arena, issuing->viewer, issuing->rules, enterprise,
                       issuing->request->year, today, &offers, &count, err))
        return false;
    struct report_offer *list = ARENA_NEW_ARRAY(issuing->arena, struct report_offer, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct finance_offer *o = &offers[i];
        if (!o->eligible) continue;
        list[used++] =
            (struct report_offer){.lender = in_lang(lang, &o->product.lender),
                                  .product = in_lang(lang, &o->product.title),
                                  .use_of_funds = in_lang(lang, &o->product.use_of_funds),
                                  .green_item = str_from(o->product.green_item),
                                  .amount_cny = {o->has_amount, o->amount_cny, 0, REPORT_MARK_NONE},
                                  .rate_percent = {o->has_rate, o->rate * 100, 2, REPORT_MARK_NONE},
                                  .term_months = {o->product.term_months > 0,
                                                  o->product.term_months, 0, REPORT_MARK_NONE},
                                  .score = report_number(o->score, 0),
                                  .rate_lpr = share_in_percent(o, "rate_lpr"),
                                  .rate_risk = share_in_percent(o, "rate_risk"),
                                  .rate_green = share_in_percent(o, "rate_green"),
                                  .rate_grade = share_in_percent(o, "rate_grade")};
    }
    issuing->summary.offers = list;
    issuing->summary.offers_count = used;
    return true;
}

static bool collect_steps(struct db *db, struct issuing *issuing,
                          const struct finance_case *the_case, struct error *err)
{
    struct finance_step *steps;
    size_t count;
    if (!finance_list_steps(db, issuing->arena, issuing->viewer, issuing->rules->flows,
                            the_case->bank_org_id, the_case->case_id, &steps, &count, err))
        return false;
    struct report_record *list = ARENA_NEW_ARRAY(issuing->arena, struct report_record, count + 1);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct report_record){
            .date = str_from(instant_format(issuing->arena, steps[i].at, 480)),
            .kind = in_lang(issuing->request->lang, &steps[i].title),
            .text = str_from(steps[i].person_name),
            .state = str_from(steps[i].note)};
    issuing->summary.steps = list;
    issuing->summary.steps_count = count;
    return true;
}

static bool collect_summary(struct db *db, void *arg, struct error *err)
{
    struct issuing *issuing = arg;
    struct finance_case found;
    struct report_request request = *issuing->request;
    int64_t now = instant_now_ms();
    if (!finance_get_case(db, issuing->arena, issuing->viewer, issuing->rules,
                          issuing->viewer->org_id, issuing->case_id, now, &found, err))
        return false;
    request.org_id = found.enterprise_org_id;
    request.year = found.year;
    issuing->request = arena_copy(issuing->arena, &request, sizeof request);
    start_document(issuing, found.enterprise_org_id, "summary", now);
    if (!collect_report(db, issuing, err) ||
        !collect_offers(db, issuing, found.enterprise_org_id, instant_day(now, 480), err) ||
        !collect_steps(db, issuing, &found, err))
        return false;
    char number[ID_TEXT_MAX];
    id_format(found.case_id, number);
    issuing->summary.report = &issuing->content;
    issuing->summary.case_number = str_from(arena_strdup(issuing->arena, number));
    issuing->summary.bank = str_from(found.bank_name);
    issuing->summary.need = str_from(found.purpose);
    return true;
}

bool report_issue_summary(struct store *store, const struct log_config *log,
                          const struct trust_key *key, struct arena *arena,
                          const struct viewer *viewer, const struct credit_rules *rules,
                          const struct report_settings *settings, id64 bank_org_id, id64 case_id,
                          enum lang lang, struct report_document *document, str *pdf,
                          struct error *err)
{
    struct report_request request = {
        .lang = lang, .purpose = viewer->purpose != NULL ? viewer->purpose : "before"};
    struct issuing issuing = {.arena = arena,
                              .viewer = viewer,
                              .rules = rules,
                              .settings = settings,
                              .request = &request,
                              .case_id = case_id};
    if (viewer->org_id != bank_org_id)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "issue the bank's summary");
    if (!store_read(store, collect_summary, &issuing, err) ||
        !report_bank_summary_pdf(&issuing.summary, lang, arena, &issuing.pdf, err) ||
        !finish(&issuing, store, log, key, err))
        return false;
    *document = issuing.document;
    *pdf = issuing.pdf;
    return true;
}

/* ---- reading ---- */

static struct report_document document_of_row(id64 org_id,
                                              const struct sql_report_list_documents_row *row)
{
    struct report_document d = {.org_id = org_id,
                                .report_id = row->report_id,
                                .number = row->number.ptr,
                                .kind = row->kind.ptr,
                                .lang = lang_parse(row->lang, LANG_ZH),
                                .year = (int)row->year,
                                .rating_id = row->rating_id,
                                .authorisation_id = row->authorisation_id,
                                .recipient_org_id = row->recipient_org_id,
                                .purpose = row->purpose.ptr,
                                .label = row->label.ptr,
                                .grade = row->grade.ptr,
                                .issued_at = row->issued_at,
                                .valid_to = row->valid_to,
                                .ready = row->ready,
                                .invented = row->invented};
    if (row->content.len == DIGEST_BYTES) memcpy(d.content.bytes, row->content.ptr, DIGEST_BYTES);
    return d;
}

bool report_list_documents(struct db *db, struct arena *arena, const struct viewer *viewer,
                           id64 org_id, struct report_document **list, size_t *count,
                           struct error *err)
{
    struct sql_report_list_documents_row *rows;
    size_t used;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_REPORT, err) ||
        !sql_report_list_documents(db, arena, org_id, &rows, &used, err))
        return false;
    *list = ARENA_NEW_ARRAY(arena, struct report_document, used + 1);
    *count = 0;
    for (size_t i = 0; i < used; i++) {
        /* A report that was issued for one bank is not another bank's. */
        bool own = viewer->org_id == org_id &&
                   !str_is(rows[i].kind, "summary"); /* the bank's working paper */
        if (own || rows[i].recipient_org_id == 0 || rows[i].recipient_org_id == viewer->org_id)
            (*list)[(*count)++] = document_of_row(org_id, &rows[i]);
    }
    return true;
}

/* ---- completing ---- */

struct completing {
    struct arena *arena;
    const struct viewer *viewer;
    id64 org_id;
    struct issuing *list; /* documents whose receipt is there and not yet appended */
    size_t count;
};

static bool read_incomplete(struct db *db, void *arg, struct error *err)
{
    struct completing *work = arg;
    struct report_document *documents;
    size_t count;
    if (!report_list_documents(db, work->arena, work->viewer, work->org_id, &documents, &count,
                               err))
        return false;
    work->list = ARENA_NEW_ARRAY(work->arena, struct issuing, count + 1);
    work->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct issuing one = {.arena = work->arena, .document = documents[i]};
        struct sql_report_read_bytes_row row;
        bool found;
        if (documents[i].ready) continue;
        if (!read_receipt(db, &one, err) ||
            !sql_report_read_bytes(db, work->arena, work->org_id, documents[i].report_id, 0, &row,
                                   &found, err))
            return false;
        if (!found || one.receipt.state != LOG_SIGNED) continue;
        one.pdf = row.pdf;
        work->list[work->count++] = one;
    }
    return true;
}

bool report_complete(struct store *store, const struct trust_key *key, struct arena *arena,
                     const struct viewer *viewer, id64 org_id, struct error *err)
{
    struct completing work = {.arena = arena, .viewer = viewer, .org_id = org_id};
    if (!store_read(store, read_incomplete, &work, err)) return false;
    for (size_t i = 0; i < work.count; i++)
        if (!append_receipt(&work.list[i], store, key, err)) return false;
    return true;
}

bool report_read_document(struct db *db, struct arena *arena, const struct viewer *viewer,
                          id64 org_id, id64 report_id, struct report_document *document, str *pdf,
                          struct error *err)
{
    struct report_document *list;
    struct sql_report_read_bytes_row row;
    size_t count;
    bool found = false;
    if (!report_list_documents(db, arena, viewer, org_id, &list, &count, err)) return false;
    for (size_t i = 0; i < count && !found; i++) {
        if (list[i].report_id != report_id) continue;
        *document = list[i];
        if (!sql_report_read_bytes(db, arena, org_id, report_id, list[i].ready ? 1 : 0, &row,
                                   &found, err))
            return false;
    }
    if (!found) return error_set(err, ERROR_REPORT_NO_DOCUMENT, "");
    *pdf = row.pdf;
    return true;
}

bool report_export_files(struct db *db, struct arena *arena, const struct viewer *viewer,
                         id64 org_id, const struct account_file **files, size_t *count,
                         struct error *err)
{
    struct sql_report_list_figures_row *rows;
    size_t used;
    if (viewer->org_id != org_id)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "export another organisation");
    if (!sql_report_list_figures(db, arena, org_id, &rows, &used, err)) return false;
    struct account_file *list = ARENA_NEW_ARRAY(arena, struct account_file, used + 1);
    for (size_t i = 0; i < used; i++)
        list[i] = (struct account_file){
            arena_printf(arena, "reports/%.*s.json", STR_ARG(rows[i].number)), rows[i].json};
    *files = list;
    *count = used;
    return true;
}

bool report_find_card(struct db *db, struct arena *arena, str number, struct report_card *card,
                      bool *found, struct error *err)
{
    struct sql_report_list_documents_row *rows; /* newest first */
    size_t count;
    id64 org_id, report_id;
    *found = false;
    if (!report_number_parse(number, &org_id, &report_id)) return true;
    if (!sql_report_list_documents(db, arena, org_id, &rows, &count, err)) return false;
    for (size_t i = 0; i < count && !*found; i++) {
        struct report_document d = document_of_row(org_id, &rows[i]);
        if (d.report_id != report_id || !str_is(number, d.number)) continue;
        bool newer = false; /* a later one of an earlier year takes nothing's place */
        for (size_t k = 0; k < i; k++)
            newer = newer || (str_is(rows[k].kind, d.kind) && rows[k].year >= d.year);
        *found = true;
        *card = (struct report_card){.kind = d.kind,
                                     .label = d.label,
                                     .lang = d.lang,
                                     .year = d.year,
                                     .issued_at = d.issued_at,
                                     .valid_to = d.valid_to,
                                     .ready = d.ready,
                                     .invented = d.invented,
                                     .newer = newer};
    }
    return true;
}
