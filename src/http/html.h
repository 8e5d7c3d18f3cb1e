/* What the template compiler's functions stand on: HTML that is known to be safe, and the escapes
 * for each place. Templates (`*.html`) are compiled by tools/htmlgen; doc/ARCHITECTURE.md describes
 * their form. */
#ifndef HTTP_HTML_H
#define HTTP_HTML_H

#include "base/buf.h"
#include "locale/locale.h"

/* Finished HTML. Only template functions and the few painters (charts, badges) make it; a template
 * passes it raw. A type of its own, so that text can't slip in unescaped. Lives as long as the
 * buffer it came from. */
typedef struct html {
    const char *ptr;
    size_t len;
} html;

/* What every template function needs. */
struct html_context {
    enum lang lang;
    const char *csrf; /* token that the compiler puts as a hidden field into each form that posts */
};

#define HTML_EMPTY ((html){"", 0})

/* The content of a buffer as finished HTML: the caller promises that it was escaped. */
html html_from(const struct buf *buf);

/* A page function rendered into its own buffer:
 *     html body = HTML_RENDER(arena, context, html_account_month, &page); */
#define HTML_RENDER(arena, context, function, page) \
    ({                                              \
        struct buf *html_out_ = buf_new(arena);     \
        (function)(html_out_, (context), (page));   \
        html_from(html_out_);                       \
    })

/* Text between tags and inside quoted attributes: & < > " ' become entities; control characters
 * that HTML forbids are left out. */
void html_put_text(struct buf *out, str text);
void html_put_int(struct buf *out, int64_t number);
void html_put_html(struct buf *out, html h);
/* A whole URL in a URL attribute: relative (a path, ?query or #fragment), http: or https:; anything
 * else, such as javascript:, data: or //host, is replaced by "#". */
void html_put_url(struct buf *out, str url);
/* A part of a URL behind a fixed beginning: percent-encoded but for RFC 3986's unreserved
 * characters. */
void html_put_url_part(struct buf *out, str part);
/* A message in the context's language, escaped as text, {0} … filled with the (escaped) arguments.
 */
void html_put_message(struct buf *out, const struct html_context *context, const char *message,
                      const str *args, size_t count);
/* The hidden field with the CSRF token. */
void html_put_csrf(struct buf *out, const struct html_context *context);
/* An integer as text in an arena-free buffer, for message arguments. */
#define HTML_INT_BYTES 24
str html_int(char text[HTML_INT_BYTES], int64_t number);

#endif
