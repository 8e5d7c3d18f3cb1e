#include <math.h>
#include <stdio.h>

#include "base/num.h"
#include "report/drawing.h"

/* Two decimals are a fiftieth of a pixel; -0 would make the bytes depend on the sign of nothing. */
static void put_number(struct buf *out, double value)
{
    double rounded = round(value * 100) / 100;
    char text[NUM_TEXT_MAX];
    num_format(rounded == 0 ? 0 : rounded, text);
    buf_puts(out, text);
}

static void put_attribute(struct buf *out, const char *name, double value)
{
    buf_printf(out, " %s=\"", name);
    put_number(out, value);
    buf_putc(out, '"');
}

/* XML 1.0 knows no control characters but tab and line ends, not even as entities. */
static void put_text(struct buf *out, str text)
{
    size_t from = 0;
    for (size_t i = 0; i <= text.len; i++) {
        bool bad = i < text.len && (unsigned char)text.ptr[i] < 0x20 && text.ptr[i] != '\t' &&
                   text.ptr[i] != '\n' && text.ptr[i] != '\r';
        if (i < text.len && !bad) continue;
        buf_html(out, (str){text.ptr + from, i - from});
        from = i + 1;
    }
}

static void put_class(struct buf *out, enum ink ink)
{
    buf_printf(out, " class=\"ink-%s\" color=\"#%06x\"", ink_css(ink), ink_rgb(ink));
}

static void put_paint(struct buf *out, const struct draw_item *item, bool stroked)
{
    put_class(out, item->ink);
    if (stroked) {
        buf_puts(out, " fill=\"none\" stroke=\"currentColor\"");
        put_attribute(out, "stroke-width", item->shape == DRAW_LINE ? item->width : item->size);
        if (item->dashed) buf_puts(out, " stroke-dasharray=\"4 3\"");
        if (item->shape == DRAW_LINE) buf_puts(out, " stroke-linejoin=\"round\"");
    } else {
        buf_puts(out, " fill=\"currentColor\"");
    }
    if (item->opacity > 0) put_attribute(out, "opacity", item->opacity);
    if (item->name.len) {
        buf_puts(out, " data-name=\"");
        put_text(out, item->name);
        buf_putc(out, '"');
    }
    if (item->value.len) {
        buf_puts(out, " data-value=\"");
        put_text(out, item->value);
        buf_putc(out, '"');
    }
}

static void put_points(struct buf *out, const struct draw_item *item)
{
    buf_puts(out, " points=\"");
    for (size_t i = 0; i + 1 < item->points_count; i += 2) {
        if (i) buf_putc(out, ' ');
        put_number(out, item->points[i]);
        buf_putc(out, ',');
        put_number(out, item->points[i + 1]);
    }
    buf_putc(out, '"');
}

static void put_cells(struct buf *out, const struct draw_item *item)
{
    buf_puts(out, "<path d=\"");
    for (size_t i = 0; i + 3 < item->points_count; i += 4) {
        buf_putc(out, 'M');
        put_number(out, item->points[i]);
        buf_putc(out, ' ');
        put_number(out, item->points[i + 1]);
        buf_putc(out, 'h');
        put_number(out, item->points[i + 2]);
        buf_putc(out, 'v');
        put_number(out, item->points[i + 3]);
        buf_putc(out, 'h');
        put_number(out, -item->points[i + 2]);
        buf_putc(out, 'z');
    }
    buf_putc(out, '"');
    put_paint(out, item, false);
    buf_puts(out, "/>");
}

static void put_svg_text(struct buf *out, const struct draw_item *item)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    buf_puts(out, "<text");
    put_attribute(out, "x", item->x);
    put_attribute(out, "y", item->y);
    put_attribute(out, "font-size", item->size);
    if (item->anchor != ANCHOR_START) buf_printf(out, " text-anchor=\"%s\"", anchors[item->anchor]);
    if (item->bold) buf_puts(out, " font-weight=\"600\"");
    if (item->rotate_deg != 0) {
        buf_puts(out, " transform=\"rotate(");
        put_number(out, item->rotate_deg);
        buf_putc(out, ' ');
        put_number(out, item->x);
        buf_putc(out, ' ');
        put_number(out, item->y);
        buf_puts(out, ")\"");
    }
    put_paint(out, item, false);
    buf_putc(out, '>');
    put_text(out, item->text);
    buf_puts(out, "</text>");
}

/* The same figure as a native tooltip: it works without JavaScript. */
static void put_close(struct buf *out, const struct draw_item *item, const char *element)
{
    if (!item->name.len && !item->value.len) {
        buf_puts(out, "/>");
        return;
    }
    buf_puts(out, "><title>");
    put_text(out, item->name);
    if (item->name.len && item->value.len) buf_puts(out, ": ");
    put_text(out, item->value);
    buf_printf(out, "</title></%s>", element);
}

static void put_items(struct buf *out, const struct drawing *d);

static void put_item(struct buf *out, const struct draw_item *item)
{
    switch (item->shape) {
    case DRAW_RECT:
        buf_puts(out, "<rect");
        put_attribute(out, "x", item->x);
        put_attribute(out, "y", item->y);
        put_attribute(out, "width", item->width);
        put_attribute(out, "height", item->height);
        put_paint(out, item, item->hollow);
        put_close(out, item, "rect");
        break;
    case DRAW_LINE:
        buf_puts(out, "<polyline");
        put_points(out, item);
        put_paint(out, item, true);
        put_close(out, item, "polyline");
        break;
    case DRAW_AREA:
        buf_puts(out, "<polygon");
        put_points(out, item);
        put_paint(out, item, item->hollow);
        put_close(out, item, "polygon");
        break;
    case DRAW_CIRCLE:
        buf_puts(out, "<circle");
        put_attribute(out, "cx", item->x);
        put_attribute(out, "cy", item->y);
        put_attribute(out, "r", item->width);
        put_paint(out, item, item->hollow);
        put_close(out, item, "circle");
        break;
    case DRAW_CELLS: put_cells(out, item); break;
    case DRAW_TEXT: put_svg_text(out, item); break;
    case DRAW_GROUP:
        buf_puts(out, "<g transform=\"translate(");
        put_number(out, item->x);
        buf_putc(out, ' ');
        put_number(out, item->y);
        buf_puts(out, ")\">");
        put_items(out, item->group);
        buf_puts(out, "</g>");
        break;
    }
}

static void put_items(struct buf *out, const struct drawing *d)
{
    for (size_t i = 0; i < d->count; i++) put_item(out, &d->items[i]);
}

void drawing_svg(struct buf *out, const struct drawing *d)
{
    buf_puts(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\"");
    put_attribute(out, "width", d->width);
    put_attribute(out, "height", d->height);
    buf_puts(out, " viewBox=\"0 0 ");
    put_number(out, d->width);
    buf_putc(out, ' ');
    put_number(out, d->height);
    buf_puts(out, "\"><title>");
    put_text(out, d->title);
    buf_puts(out, "</title>");
    put_items(out, d);
    buf_puts(out, "</svg>");
}

void drawing_table_html(struct buf *out, const struct drawing *d, enum lang lang)
{
    const struct drawing_table *table = &d->table;
    buf_puts(out, "<details class=\"chart-data\"><summary>");
    put_text(out, str_from(tr(lang, "Show the data as a table")));
    buf_puts(out, "</summary><table class=\"table table-sm\"><caption>");
    put_text(out, d->title);
    buf_puts(out, "</caption><thead><tr>");
    for (size_t c = 0; c < table->columns; c++) {
        buf_puts(out, c ? "<th scope=\"col\" class=\"text-end\">" : "<th scope=\"col\">");
        put_text(out, table->header[c]);
        buf_puts(out, "</th>");
    }
    buf_puts(out, "</tr></thead><tbody>");
    for (size_t r = 0; r < table->rows_count; r++) {
        buf_puts(out, "<tr>");
        for (size_t c = 0; c < table->columns; c++) {
            buf_puts(out, c ? "<td class=\"text-end\">" : "<th scope=\"row\">");
            put_text(out, table->rows[r][c]);
            buf_puts(out, c ? "</td>" : "</th>");
        }
        buf_puts(out, "</tr>");
    }
    buf_puts(out, "</tbody></table></details>");
}

void drawing_css(struct buf *out)
{
    for (int i = 0; i < INK_COUNT; i++)
        buf_printf(out, ".ink-%s{color:var(--ink-%s,#%06x)}\n", ink_css((enum ink)i),
                   ink_css((enum ink)i), ink_rgb((enum ink)i));
}
