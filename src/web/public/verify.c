/* Is this PDF a report as it was issued? Works without JavaScript, without an account, and keeps
 * nothing. */
#include "base/file.h"
#include "base/num.h"
#include "public_verify_html.h"
#include "web/public/public.h"

const char *public_answer_name(enum trust_answer answer)
{
    static const char *const names[] = {
        [TRUST_NO] = "no", [TRUST_YES] = "yes", [TRUST_UNKNOWN_SIGNER] = "unknown_signer"};
    return names[answer];
}

/* This server's root and the one given. */
static bool gather_roots(struct web *web, str key, struct trust_roots *roots, struct error *err)
{
    const struct trust_roots *own = &web->app->roots;
    roots->list = ARENA_NEW_ARRAY(web->arena, struct note_verifier, own->count + 1);
    for (; roots->count < own->count; roots->count++)
        roots->list[roots->count] = own->list[roots->count];
    if (key.len == 0) return true;
    return note_verifier_read(web->arena, key, &roots->list[roots->count++], err);
}

bool public_verify(struct web *web, str key, struct trust_verdict *verdict, struct error *err)
{
    const struct http_upload *upload;
    struct trust_roots roots = {0};
    str pdf = web->request->body;
    if (!gather_roots(web, key, &roots, err)) return false;
    if (pdf.len == 0) {
        if (!web_upload(web, "report", &upload, err) ||
            !file_read(web->arena, upload->path, TRUST_REPORT_BYTES_MAX, &pdf, err))
            return false;
    }
    trust_verify_report(web->arena, pdf, &roots, verdict);
    return true;
}

static void fill_verdict(struct web *web, const struct trust_verdict *verdict,
                         struct html_public_verify *page)
{
    page->judged = true;
    page->yes = verdict->answer == TRUST_YES;
    page->no = verdict->answer == TRUST_NO;
    page->unknown = verdict->answer == TRUST_UNKNOWN_SIGNER;
    page->icon_answer = web_icon(web, page->yes  ? "check-circle"
                                      : page->no ? "x-circle"
                                                 : "question-circle");
    page->reason =
        page->yes ? str_from(tr(
                        web->lang,
                        "Every byte is covered by an entry of the log, the entry is proven by the "
                        "checkpoint, and the checkpoint is signed by a key that is trusted here."))
                  : str_from(error_text(web->arena, web->lang, &verdict->reason));
    page->origin = verdict->origin;
    page->number = verdict->number;
    page->number_url = str_from(arena_printf(web->arena, "/verify/%.*s", STR_ARG(verdict->number)));
    page->key = verdict->key;
    if (verdict->checkpoint_ms == 0) return;
    char size[HTML_INT_BYTES], index[HTML_INT_BYTES];
    page->checkpoint =
        str_from(instant_format(web->arena, verdict->checkpoint_ms, web->utc_offset_minutes));
    html_int(size, (int64_t)verdict->size);
    html_int(index, (int64_t)verdict->index);
    page->place =
        str_from(tr_fill(web->arena, web->lang, "entry {0} of {1}", arena_strdup(web->arena, index),
                         arena_strdup(web->arena, size), NULL));
}

static bool show(struct web *web, int status, struct html_public_verify *page)
{
    page->icon_upload = web_icon(web, "upload");
    page->own_key = str_from(note_verifier_write(web->arena, &web->app->key.verifier));
    return web_page_status(web, status, NULL,
                           HTML_RENDER(web->arena, &web->html, html_public_verify, page), "verify");
}

static bool get_verify(struct web *web, struct error *err)
{
    (void)err;
    struct html_public_verify page = {
        .error = HTML_EMPTY, .icon_answer = HTML_EMPTY, .asked = web_query(web, "number")};
    return show(web, 200, &page);
}

static bool post_verify(struct web *web, struct error *err)
{
    struct html_public_verify page = {
        .error = HTML_EMPTY, .icon_answer = HTML_EMPTY, .given_key = web_form(web, "key")};
    const struct http_upload *upload = http_upload(web->request, "report");
    struct trust_verdict verdict;
    if (!public_verify(web, page.given_key, &verdict, err)) {
        page.error = web_error_box(web, err);
        return show(web, error_http_status(err->code), &page);
    }
    page.filename = upload != NULL ? upload->filename : STR("");
    fill_verdict(web, &verdict, &page);
    return show(web, 200, &page);
}

const struct web_route web_routes_public_verify[] = {
    {"GET", "/verify", get_verify, WEB_PUBLIC, TR_KEY("Verify a report")},
    {"POST", "/verify", post_verify, WEB_PUBLIC, TR_KEY("Verify a report"), .slow = true},
    {0},
};
