/* The public part of the JSON API: verify, checkpoint, methods. */
#include "web/api/api.h"

#include <string.h>

#include "web/public/public.h"

bool api_reply(struct web *web, int status, const struct buf *json)
{
    http_reply_bytes(web->reply, status, "application/json", buf_str(json));
    return true;
}

void api_text(struct buf *out, const char *name, str value, bool first)
{
    if (!first) buf_putc(out, ',');
    buf_json_string(out, str_from(name));
    buf_putc(out, ':');
    buf_json_string(out, value);
}

void api_number(struct buf *out, const char *name, double value, bool first)
{
    if (!first) buf_putc(out, ',');
    buf_json_string(out, str_from(name));
    buf_putc(out, ':');
    buf_json_number(out, value);
}

bool api_error(struct web *web, const struct error *err)
{
    struct buf *out = buf_new(web->arena);
    buf_puts(out, "{\"error\":{");
    api_text(out, "code", str_from(error_name(err->code)), true);
    api_text(out, "message", str_from(error_text(web->arena, web->lang, err)), false);
    buf_puts(out, "}}");
    return api_reply(web, error_http_status(err->code), out);
}

bool api_nobody(struct web *web)
{
    if (web->viewer != NULL) return false;
    struct buf *out = buf_new(web->arena);
    buf_puts(out, "{\"error\":{\"code\":\"SIGN_IN\"");
    api_text(out, "message",
             str_from(tr(web->lang, "Sign in first: send the session cookie of the portal.")),
             false);
    buf_puts(out, "}}");
    return api_reply(web, 401, out);
}

static bool post_verify(struct web *web, struct error *err)
{
    struct trust_verdict verdict;
    if (!public_verify(web, web_query(web, "key"), &verdict, err)) return api_error(web, err);
    struct buf *out = buf_new(web->arena);
    buf_putc(out, '{');
    api_text(out, "answer", str_from(public_answer_name(verdict.answer)), true);
    api_text(out, "reason_code",
             str_from(verdict.reason.code == ERROR_NONE ? "" : error_name(verdict.reason.code)),
             false);
    api_text(out, "reason",
             str_from(verdict.reason.code == ERROR_NONE
                          ? ""
                          : error_text(web->arena, web->lang, &verdict.reason)),
             false);
    api_text(out, "origin", verdict.origin, false);
    api_text(out, "number", verdict.number, false);
    api_text(out, "key", verdict.key, false);
    api_text(out, "checkpoint_at",
             str_from(verdict.checkpoint_ms == 0
                          ? ""
                          : instant_format_utc(web->arena, verdict.checkpoint_ms)),
             false);
    api_number(out, "index", (double)verdict.index, false);
    api_number(out, "size", (double)verdict.size, false);
    buf_putc(out, '}');
    return api_reply(web, 200, out);
}

static bool get_checkpoint(struct web *web, struct error *err)
{
    struct public_log log = {.arena = web->arena};
    if (!store_read(web->store, public_read_log, &log, err)) return api_error(web, err);
    struct buf *out = buf_new(web->arena);
    buf_putc(out, '{');
    api_text(out, "origin", web->app->key.verifier.name, true);
    api_text(out, "key", str_from(note_verifier_write(web->arena, &web->app->key.verifier)), false);
    api_number(out, "size", log.found ? (double)log.checkpoint.size : 0, false);
    api_text(out, "root", str_from(log.found ? digest_hex(web->arena, log.checkpoint.root) : ""),
             false);
    api_text(out, "signed_at",
             str_from(log.found ? instant_format_utc(web->arena, log.checkpoint.signed_ms) : ""),
             false);
    api_text(out, "note", log.found ? log.checkpoint.note : STR(""), false);
    buf_putc(out, '}');
    return api_reply(web, 200, out);
}

static void put_method(struct buf *out, struct web *web, const struct model_info *info)
{
    buf_putc(out, '{');
    api_text(out, "name", str_from(info->name), true);
    api_text(out, "version", str_from(info->version), false);
    api_text(out, "kind", str_from(info->kind), false);
    api_text(out, "title_zh", str_from(info->title.zh), false);
    api_text(out, "title_en", str_from(info->title.en), false);
    api_text(out, "source", str_from(info->source), false);
    api_text(out, "model_digest", str_from(digest_hex(web->arena, info->model_digest)), false);
    api_text(out, "tables_digest", str_from(digest_hex(web->arena, info->tables_digest)), false);
    buf_puts(out, ",\"inputs\":[");
    for (size_t i = 0; i < info->input_count; i++) {
        const struct model_input *input = &info->inputs[i];
        if (i != 0) buf_putc(out, ',');
        buf_putc(out, '{');
        api_text(out, "name", str_from(input->name), true);
        api_text(out, "label_zh", str_from(input->label.zh), false);
        api_text(out, "label_en", str_from(input->label.en), false);
        api_text(out, "unit", str_from(input->unit), false);
        api_text(out, "from", str_from(input->from), false);
        buf_putc(out, '}');
    }
    buf_puts(out, "]}");
}

static bool get_methods(struct web *web, struct error *err)
{
    (void)err;
    struct buf *out = buf_new(web->arena);
    buf_puts(out, "{\"methods\":[");
    for (size_t i = 0; i < model_library_count(web->app->library); i++) {
        if (i != 0) buf_putc(out, ',');
        put_method(out, web, model_info(model_library_at(web->app->library, i)));
    }
    buf_puts(out, "]}");
    return api_reply(web, 200, out);
}

const struct web_route web_routes_api_api[] = {
    {"POST", "/api/v1/verify", post_verify, WEB_PUBLIC | WEB_STATELESS, TR_KEY("Verify a report"),
     .slow = true},
    {"GET", "/api/v1/log/checkpoint", get_checkpoint, WEB_PUBLIC, TR_KEY("Checkpoint")},
    {"GET", "/api/v1/methods", get_methods, WEB_PUBLIC, TR_KEY("Methods")},
    {0},
};
