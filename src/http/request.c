/* What comes in: target, query, forms, uploads, cookies. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/exchange.h"

#define POST_BUFFER_BYTES 65536

static const struct {
    const char *name;
    int64_t value;
} limits[] = {
#define X(name, value, unit, reason) {#name, value},
#include "http/limits.def"
#undef X
};

int64_t http_limit(enum http_limit limit)
{
    return limits[limit].value;
}

/* The first reason counts. */
static void refuse(struct http_exchange *x, enum error_code code, enum http_limit limit)
{
    if (x->refused.code == ERROR_NONE) error_set(&x->refused, code, "i", http_limit(limit));
}

static void refuse_malformed(struct http_exchange *x)
{
    if (x->refused.code == ERROR_NONE) error_set(&x->refused, ERROR_HTTP_MALFORMED, "");
}

static int hex_value(char ch)
{
    if (ch >= '0' && ch <= '9') return ch - '0';
    if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'F') return ch - 'A' + 10;
    return -1;
}

bool http_decode(struct arena *arena, str text, bool plus_is_space, str *out)
{
    char *bytes = arena_alloc(arena, text.len + 1);
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        char ch = text.ptr[i];
        if (ch == '%') {
            int high = i + 2 < text.len ? hex_value(text.ptr[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_value(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            ch = (char)(high * 16 + low);
            i += 2;
        } else if (ch == '+' && plus_is_space) {
            ch = ' ';
        }
        if (ch == '\0') return false;
        bytes[count++] = ch;
    }
    *out = (str){bytes, count};
    return utf8_valid(*out);
}

/* name=value&name=value…, percent-encoded; false when malformed. */
static bool read_pairs(struct arena *arena, str text, struct http_pair **pairs, size_t *count)
{
    str part;
    size_t capacity = 0;
    while (str_cut(&text, '&', &part)) {
        struct http_pair pair;
        str name = {0};
        if (part.len == 0) continue;
        if (*count >= (size_t)http_limit(HTTP_LIMIT_PAIRS)) return false;
        (void)str_cut(&part, '=', &name);
        if (!http_decode(arena, name, true, &pair.name)) return false;
        if (!http_decode(arena, part, true, &pair.value)) return false;
        *ARENA_PUSH(arena, *pairs, *count, capacity) = pair;
    }
    return true;
}

void http_read_target(struct http_exchange *x, const char *target)
{
    str all = str_from(arena_strdup(x->request.arena, target)), path = all, query = {0};
    size_t at;
    x->request.url = all;
    x->request.path = STR("/");
    if (all.len > (size_t)http_limit(HTTP_LIMIT_URL_BYTES)) {
        x->request.url = STR("/");
        refuse(x, ERROR_HTTP_URL_LONG, HTTP_LIMIT_URL_BYTES);
        return;
    }
    if (str_find(all, STR("?"), &at)) {
        path = str_slice(all, 0, at);
        query = str_slice(all, at + 1, all.len);
    }
    if (!str_starts(path, "/") || !http_decode(x->request.arena, path, false, &x->request.path) ||
        !read_pairs(x->request.arena, query, &x->request.query, &x->request.query_count)) {
        x->request.url = STR("/");
        refuse_malformed(x);
    }
}

/* ---- body ---- */

static void close_upload(struct http_exchange *x)
{
    if (x->upload_fd >= 0) close(x->upload_fd);
    x->upload_fd = -1;
}

static void remove_file(void *path)
{
    (void)unlink(path);
}

/* A name as a browser sends it may hold a path; only its last part is kept. */
static str plain_filename(struct arena *arena, const char *filename)
{
    str name = str_from(filename);
    for (size_t i = name.len; i-- > 0;)
        if (name.ptr[i] == '/' || name.ptr[i] == '\\') {
            name = str_slice(name, i + 1, name.len);
            break;
        }
    name = str_slice(name, 0, 255);
    return utf8_valid(name) ? str_copy(arena, name) : STR("file");
}

static void begin_upload(struct http_exchange *x, const char *field, const char *filename,
                         const char *type)
{
    struct http_request *r = &x->request;
    close_upload(x);
    if (r->upload_count >= (size_t)http_limit(HTTP_LIMIT_UPLOADS)) {
        refuse(x, ERROR_HTTP_UPLOADS, HTTP_LIMIT_UPLOADS);
        return;
    }
    char *path =
        arena_printf(r->arena, "%s/%s-%zu", http_spool_folder(x->server), r->id, r->upload_count);
    x->upload_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (x->upload_fd < 0) {
        if (x->refused.code == ERROR_NONE)
            error_set(&x->refused, ERROR_HTTP_SPOOL, "s", error_reason(errno));
        return;
    }
    arena_on_close(r->arena, remove_file, path);
    *ARENA_PUSH(r->arena, r->uploads, r->upload_count, x->upload_capacity) =
        (struct http_upload){.field = str_copy(r->arena, str_from(field)),
                             .filename = plain_filename(r->arena, filename),
                             .content_type = str_copy(r->arena, str_from(type)),
                             .path = path};
}

static void add_upload(struct http_exchange *x, const char *bytes, size_t count)
{
    if (count == 0 || x->upload_fd < 0 || x->refused.code != ERROR_NONE) return;
    struct http_upload *upload = &x->request.uploads[x->request.upload_count - 1];
    if (upload->bytes + (int64_t)count > http_limit(HTTP_LIMIT_UPLOAD_BYTES)) {
        if (x->refused.code == ERROR_NONE)
            error_set(&x->refused, ERROR_HTTP_UPLOAD_LARGE, "Si", upload->filename,
                      http_limit(HTTP_LIMIT_UPLOAD_BYTES) >> 20);
        return;
    }
    if (!http_spool_take(x->server, (int64_t)count)) {
        if (x->refused.code == ERROR_NONE) error_set(&x->refused, ERROR_HTTP_BUSY, "");
        return;
    }
    x->spooled_bytes += (int64_t)count;
    for (size_t done = 0; done < count;) {
        ssize_t n = write(x->upload_fd, bytes + done, count - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            if (x->refused.code == ERROR_NONE)
                error_set(&x->refused, ERROR_HTTP_SPOOL, "s", error_reason(errno));
            return;
        }
        done += (size_t)n;
    }
    upload->bytes += (int64_t)count;
}

static void end_field(struct http_exchange *x)
{
    if (x->field == NULL) return;
    str value = buf_str(x->field);
    if (!utf8_valid(value) || memchr(value.ptr != NULL ? value.ptr : "", '\0', value.len) != NULL) {
        refuse_malformed(x);
        value = STR("");
    }
    x->request.form[x->request.form_count - 1].value = value;
    x->field = NULL;
}

static void begin_field(struct http_exchange *x, const char *name)
{
    struct http_request *r = &x->request;
    end_field(x);
    if (r->form_count >= (size_t)http_limit(HTTP_LIMIT_PAIRS)) {
        refuse(x, ERROR_HTTP_FORM_LARGE, HTTP_LIMIT_FORM_BYTES);
        return;
    }
    if (strlen(name) > (size_t)http_limit(HTTP_LIMIT_FIELD_NAME_BYTES) ||
        !utf8_valid(str_from(name))) {
        refuse_malformed(x);
        return;
    }
    *ARENA_PUSH(r->arena, r->form, r->form_count, x->form_capacity) =
        (struct http_pair){.name = str_from(arena_strdup(r->arena, name))};
    x->field = buf_new(r->arena);
}

/* When the data of a part have yet to come, MHD calls once without any byte, and then again as if
 * from the beginning. (A part that is empty and followed by another of the same name looks the
 * same; the two become one.) */
static bool goes_on_upload(const struct http_exchange *x, const char *key, const char *filename)
{
    if (x->upload_fd < 0) return false;
    const struct http_upload *last = &x->request.uploads[x->request.upload_count - 1];
    return last->bytes == 0 && str_is(last->field, key) &&
           str_equal(last->filename, plain_filename(x->request.arena, filename));
}

static bool goes_on_field(const struct http_exchange *x, const char *key)
{
    return x->field != NULL && x->field->len == 0 &&
           str_is(x->request.form[x->request.form_count - 1].name, key);
}

/* Called by MHD for each piece of each part of a multipart form. */
static enum MHD_Result on_field(void *context, enum MHD_ValueKind kind, const char *key,
                                const char *filename, const char *type, const char *encoding,
                                const char *data, uint64_t offset, size_t size)
{
    struct http_exchange *x = context;
    (void)kind;
    (void)encoding;
    if (x->refused.code != ERROR_NONE) return MHD_YES; /* the rest is read and dropped */
    if (key == NULL) return MHD_YES;
    if (filename != NULL) {
        end_field(x);
        if (filename[0] == '\0') return MHD_YES;
        if (offset == 0 && !goes_on_upload(x, key, filename)) begin_upload(x, key, filename, type);
        add_upload(x, data, size);
        return MHD_YES;
    }
    if (offset == 0 && !goes_on_field(x, key)) begin_field(x, key);
    if (x->field == NULL) return MHD_YES;
    x->field_bytes_all += size;
    if (x->field->len + size > (size_t)http_limit(HTTP_LIMIT_FIELD_BYTES) ||
        x->field_bytes_all > (size_t)http_limit(HTTP_LIMIT_FORM_BYTES)) {
        refuse(x, ERROR_HTTP_FORM_LARGE, HTTP_LIMIT_FORM_BYTES);
        return MHD_YES;
    }
    if (size != 0) buf_put(x->field, data, size);
    return MHD_YES;
}

void http_begin_body(struct http_exchange *x)
{
    x->request.content_type = http_header(&x->request, "Content-Type");
    str type = x->request.content_type;
    if (str_equal_fold(str_slice(type, 0, 19), STR("multipart/form-data"))) {
        x->post = MHD_create_post_processor(x->connection, POST_BUFFER_BYTES, on_field, x);
        if (x->post == NULL) refuse_malformed(x);
        return;
    }
    x->body = buf_new(x->request.arena);
    x->body_is_form =
        str_equal_fold(str_slice(type, 0, 33), STR("application/x-www-form-urlencoded"));
}

void http_add_body(struct http_exchange *x, const char *bytes, size_t count)
{
    enum http_limit limit = x->body_is_form ? HTTP_LIMIT_FORM_BYTES : HTTP_LIMIT_BODY_BYTES;
    x->received_bytes += (int64_t)count;
    if (x->refused.code != ERROR_NONE) return;
    if (x->post != NULL) {
        if (MHD_post_process(x->post, bytes, count) != MHD_YES) refuse_malformed(x);
    } else if (x->body->len + count > (size_t)http_limit(limit)) {
        refuse(x, ERROR_HTTP_FORM_LARGE, limit);
    } else {
        buf_put(x->body, bytes, count);
    }
}

/* The whole body of a form without uploads; MHD's own reader would add an empty field wherever a
 * packet ends behind a "=". */
static void read_form(struct http_exchange *x)
{
    struct http_request *r = &x->request;
    bool good = read_pairs(r->arena, buf_str(x->body), &r->form, &r->form_count);
    if (!good && r->form_count >= (size_t)http_limit(HTTP_LIMIT_PAIRS))
        refuse(x, ERROR_HTTP_FORM_LARGE, HTTP_LIMIT_FORM_BYTES);
    else if (!good)
        refuse_malformed(x);
    for (size_t i = 0; i < r->form_count; i++) {
        if (r->form[i].name.len > (size_t)http_limit(HTTP_LIMIT_FIELD_NAME_BYTES))
            refuse_malformed(x);
        if (r->form[i].value.len > (size_t)http_limit(HTTP_LIMIT_FIELD_BYTES))
            refuse(x, ERROR_HTTP_FORM_LARGE, HTTP_LIMIT_FIELD_BYTES);
    }
}

void http_end_body(struct http_exchange *x)
{
    if (x->post != NULL) {
        if (MHD_destroy_post_processor(x->post) != MHD_YES) refuse_malformed(x);
        x->post = NULL;
    }
    end_field(x);
    close_upload(x);
    if (x->body_is_form)
        read_form(x);
    else if (x->body != NULL)
        x->request.body = buf_str(x->body);
}

/* ---- the face ---- */

static str pair_find(const struct http_pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(pairs[i].name, name)) return pairs[i].value;
    return STR("");
}

str http_param(const struct http_request *r, const char *name)
{
    return pair_find(r->params, r->param_count, name);
}

str http_query(const struct http_request *r, const char *name)
{
    return pair_find(r->query, r->query_count, name);
}

str http_form(const struct http_request *r, const char *name)
{
    return pair_find(r->form, r->form_count, name);
}

bool http_form_has(const struct http_request *r, const char *name)
{
    for (size_t i = 0; i < r->form_count; i++)
        if (str_is(r->form[i].name, name)) return true;
    return false;
}

const struct http_upload *http_upload(const struct http_request *r, const char *field)
{
    for (size_t i = 0; i < r->upload_count; i++)
        if (str_is(r->uploads[i].field, field)) return &r->uploads[i];
    return NULL;
}

static str looked_up(const struct http_request *r, enum MHD_ValueKind kind, const char *name)
{
    if (r->connection == NULL) return STR("");
    const char *value = MHD_lookup_connection_value(r->connection, kind, name);
    return value != NULL && utf8_valid(str_from(value)) ? str_from(value) : STR("");
}

str http_cookie(const struct http_request *r, const char *name)
{
    return looked_up(r, MHD_COOKIE_KIND, name);
}

str http_header(const struct http_request *r, const char *name)
{
    return looked_up(r, MHD_HEADER_KIND, name);
}
