/* Figures, marks, chips, labels, icons: small HTML that looks the same on every page. Written by
 * hand, escaping with html.h, because each is a line long and is called from everywhere. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "web/frame/frame.h"

static struct buf *begin(struct web *web)
{
    return buf_new(web->arena);
}

static void put(struct buf *out, const char *text)
{
    html_put_text(out, str_from(text));
}

html web_icon(struct web *web, const char *name)
{
    struct buf *out = begin(web);
    buf_printf(
        out, "<svg class=\"icon\" aria-hidden=\"true\" width=\"16\" height=\"16\"><use href=\"%s#",
        http_asset_url("icons.svg"));
    put(out, name);
    buf_puts(out, "\"/></svg>");
    return html_from(out);
}

html web_chip(struct web *web, enum web_tone tone, const char *text)
{
    static const char *const tones[] = {"neutral", "good", "note", "warn", "bad"};
    struct buf *out = begin(web);
    buf_printf(out, "<span class=\"chip chip-%s\">", tones[tone]);
    put(out, text);
    buf_puts(out, "</span>");
    return html_from(out);
}

static const struct {
    unsigned mark;
    const char *class, *word, *help;
} marks_known[] = {
    {WEB_MARK_INVENTED, "invented", TR_KEY("Example"), TR_KEY("Invented for demonstration")},
    {WEB_MARK_ESTIMATED, "estimated", TR_KEY("Estimated"),
     TR_KEY("Computed from other data, not measured")},
    {WEB_MARK_DEFAULT, "default", TR_KEY("Default value"),
     TR_KEY("A published default stands for a missing measurement")},
    {WEB_MARK_DISPUTED, "disputed", TR_KEY("Disputed"),
     TR_KEY("A finding or dispute about this figure is open")},
    {WEB_MARK_UNVERIFIED, "unverified", TR_KEY("Unverified"),
     TR_KEY("Nobody but the enterprise has confirmed it")},
};

static void put_marks(struct buf *out, struct web *web, unsigned marks)
{
    for (size_t i = 0; i < ARRAY_LEN(marks_known); i++) {
        if ((marks & marks_known[i].mark) == 0) continue;
        buf_printf(out, "<span class=\"mark mark-%s\" title=\"", marks_known[i].class);
        put(out, tr(web->lang, marks_known[i].help));
        buf_puts(out, "\">");
        put(out, tr(web->lang, marks_known[i].word));
        buf_puts(out, "</span>");
    }
}

html web_marks(struct web *web, unsigned marks)
{
    struct buf *out = begin(web);
    put_marks(out, web, marks);
    return html_from(out);
}

/* Units that a reader of Chinese knows by another sign than the models do. */
static const char *unit_text(const struct web *web, const char *unit)
{
    static const char *const signs[][2] = {
        {"CNY", "元"}, {"1e4 Nm3", "万Nm3"}, {"1e4 Nm3/t", "万Nm3/t"}, {"month", "个月"}};
    for (size_t i = 0; web->lang == LANG_ZH && i < ARRAY_LEN(signs); i++)
        if (strcmp(unit, signs[i][0]) == 0) return signs[i][1];
    return unit;
}

html web_figure(struct web *web, double value, int digits, const char *unit, unsigned marks,
                const char *url)
{
    if (!isfinite(value)) return web_figure_missing(web, tr(web->lang, TR_KEY("Not known")));
    struct buf *out = begin(web);
    char full[NUM_TEXT_MAX];
    unit = unit_text(web, unit);
    num_format(value, full);
    buf_puts(out, "<span class=\"figure\">");
    if (url != NULL) {
        buf_puts(out, "<a href=\"");
        html_put_url(out, str_from(url));
        buf_puts(out, "\" ");
    } else {
        buf_puts(out, "<span ");
    }
    buf_printf(out, "class=\"figure-number\" title=\"%s ", full);
    put(out, unit);
    buf_puts(out, "\">");
    put(out, digits < 0 ? num_format_grouped(web->arena, value, WEB_DECIMALS(digits))
                        : num_format_significant(web->arena, value, digits));
    buf_puts(out, url != NULL ? "</a>" : "</span>");
    if (unit[0] != '\0') {
        buf_puts(out, " <span class=\"figure-unit\">");
        put(out, unit);
        buf_puts(out, "</span>");
    }
    put_marks(out, web, marks);
    buf_puts(out, "</span>");
    return html_from(out);
}

html web_figure_missing(struct web *web, const char *why)
{
    struct buf *out = begin(web);
    buf_puts(out, "<span class=\"figure figure-missing\">–<span class=\"mark mark-missing\">");
    put(out, why);
    buf_puts(out, "</span></span>");
    return html_from(out);
}

/* The leaf-ring: an arc of one to four quarters around a leaf; grey has a broken ring. */
static const struct {
    const char *label, *class, *word, *arc;
} labels_known[] = {
    {"deep_green", "deep", TR_KEY("Deep green"), "M16 4a12 12 0 1 1-.01 0z"},
    {"light_green", "light", TR_KEY("Light green"), "M16 4a12 12 0 1 1-12 12"},
    {"yellow", "yellow", TR_KEY("Yellow"), "M16 4a12 12 0 0 1 0 24"},
    {"red", "red", TR_KEY("Red"), "M16 4a12 12 0 0 1 12 12"},
    {"", "grey", TR_KEY("Grey"), ""},
};

html web_label(struct web *web, str label, bool large)
{
    size_t found = 0;
    while (found + 1 < ARRAY_LEN(labels_known) && !str_is(label, labels_known[found].label))
        found++;
    bool grey = found + 1 == ARRAY_LEN(labels_known);
    struct buf *out = begin(web);
    buf_printf(out,
               "<span class=\"leaf leaf-%s%s\"><svg viewBox=\"0 0 32 32\" aria-hidden=\"true\">"
               "<circle class=\"leaf-track%s\" cx=\"16\" cy=\"16\" r=\"12\"/>",
               labels_known[found].class, large ? " leaf-large" : "", grey ? " leaf-broken" : "");
    if (!grey) buf_printf(out, "<path class=\"leaf-ring\" d=\"%s\"/>", labels_known[found].arc);
    buf_puts(out, "<path class=\"leaf-blade\" d=\"M11 20.5c-.6-6 3-9.6 10.5-9.5.2 7.5-3.6 11-9.300 "
                  "9.900l3.900-4.600\"/>"
                  "</svg><span class=\"leaf-word\">");
    put(out, tr(web->lang, labels_known[found].word));
    buf_puts(out, "</span></span>");
    return html_from(out);
}

/* ---- pages of a list ---- */

struct web_paging web_paging(const struct web *web, int64_t rows, int64_t page_rows)
{
    return web_paging_by(web, "page", rows, page_rows);
}

struct web_paging web_paging_by(const struct web *web, const char *name, int64_t rows,
                                int64_t page_rows)
{
    struct web_paging paging = {.name = name, .rows = rows, .number = 1, .page_rows = page_rows};
    paging.pages = (rows + page_rows - 1) / page_rows;
    if (!num_parse_int(web_query(web, name), &paging.number) || paging.number < 1)
        paging.number = 1;
    if (paging.number > paging.pages) paging.number = paging.pages > 0 ? paging.pages : 1;
    paging.skip = (paging.number - 1) * page_rows;
    return paging;
}

static void put_page_link(struct web *web, struct buf *out, const char *url, const char *name,
                          int64_t number, const char *word)
{
    buf_puts(out, "<a href=\"");
    html_put_url(
        out, str_from(arena_printf(web->arena, "%s%s%s=%lld", url,
                                   strchr(url, '?') != NULL ? "&" : "?", name, (long long)number)));
    buf_puts(out, "\">");
    html_put_text(out, str_from(tr(web->lang, word)));
    buf_puts(out, "</a>");
}

html web_pages(struct web *web, const struct web_paging *paging, const char *url)
{
    struct buf *out = buf_new(web->arena);
    int64_t last = paging->skip + paging->page_rows;
    char from[HTML_INT_BYTES], to[HTML_INT_BYTES], rows[HTML_INT_BYTES];
    if (paging->pages <= 1) return HTML_EMPTY;
    html_int(from, paging->skip + 1);
    html_int(to, last < paging->rows ? last : paging->rows);
    html_int(rows, paging->rows);
    buf_puts(out, "<nav class=\"pages\" aria-label=\"");
    html_put_text(out, str_from(tr(web->lang, TR_KEY("Pages"))));
    buf_puts(out, "\">");
    if (paging->number > 1)
        put_page_link(web, out, url, paging->name, paging->number - 1, TR_KEY("Previous"));
    buf_puts(out, "<span>");
    html_put_text(out, str_from(tr_fill(web->arena, web->lang, TR_KEY("{0} to {1} of {2}"), from,
                                        to, rows, NULL)));
    buf_puts(out, "</span>");
    if (paging->number < paging->pages)
        put_page_link(web, out, url, paging->name, paging->number + 1, TR_KEY("Next"));
    buf_puts(out, "</nav>");
    return html_from(out);
}
