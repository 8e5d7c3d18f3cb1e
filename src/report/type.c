#include "report/type.h"

#include <cairo-ft.h>
#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include <hb-ot.h>
#include <hb-subset.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <pthread.h>
#include <string.h>
#include FT_FREETYPE_H

#define FAMILY "Noto Sans CJK SC"
#define SUBSCRIPT_SCALE 0.62
#define SUBSCRIPT_DROP 0.16
#define RUN_MAX 2048 /* characters of one painted run */

#ifdef __SANITIZE_ADDRESS__
/* What the libraries keep: fontconfig's and Pango's caches live until the process ends, and cairo
 * 1.16 loses 108 bytes with each CFF subset that it writes. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig.so\nleak:libpango\nleak:libcairo.so\n";
}
#endif

/* The two weights as installed; never changed after faces_open, so threads share them. */
static struct weight {
    hb_face_t *face;
    hb_font_t *font;
    double units; /* per em */
} weights[2];
static bool weights_found;
static pthread_once_t weights_once = PTHREAD_ONCE_INIT;

static bool is_family(FcPattern *found)
{
    FcChar8 *family = NULL;
    for (int i = 0; FcPatternGetString(found, FC_FAMILY, i, &family) == FcResultMatch; i++)
        if (strcmp((const char *)family, FAMILY) == 0) return true;
    return false;
}

static bool weight_open(struct weight *weight, int fc_weight)
{
    FcPattern *wanted = FcPatternCreate();
    FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)FAMILY);
    FcPatternAddInteger(wanted, FC_WEIGHT, fc_weight);
    FcConfigSubstitute(NULL, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    FcResult result;
    FcPattern *found = FcFontMatch(NULL, wanted, &result);
    FcPatternDestroy(wanted);
    if (!found) return false;
    FcChar8 *file = NULL;
    int index = 0;
    hb_blob_t *blob = NULL;
    if (is_family(found) && FcPatternGetString(found, FC_FILE, 0, &file) == FcResultMatch &&
        FcPatternGetInteger(found, FC_INDEX, 0, &index) == FcResultMatch)
        blob = hb_blob_create_from_file_or_fail((const char *)file);
    FcPatternDestroy(found);
    if (!blob) return false;
    weight->face = hb_face_create(blob, (unsigned)index & 0xffff);
    hb_blob_destroy(blob);
    hb_face_make_immutable(weight->face);
    weight->font = hb_font_create(weight->face);
    hb_ot_font_set_funcs(weight->font);
    hb_font_make_immutable(weight->font);
    weight->units = hb_face_get_upem(weight->face);
    return hb_face_get_glyph_count(weight->face) > 0;
}

static void weights_open(void)
{
    weights_found =
        weight_open(&weights[0], FC_WEIGHT_REGULAR) && weight_open(&weights[1], FC_WEIGHT_BOLD);
}

bool type_ready(struct error *err)
{
    pthread_once(&weights_once, weights_open);
    return weights_found || error_set(err, ERROR_REPORT_FONT, "s", FAMILY);
}

static bool is_subscript(uint32_t c)
{
    return c >= 0x2080 && c <= 0x2089;
}

static bool is_ignored(uint32_t c)
{
    return c < 0x20 || c == 0x200B || c == 0xFEFF;
}

static bool needs_shaping(uint32_t c)
{
    return (c >= 0x300 && c < 0x370) || (c >= 0x590 && c < 0x1100) || (c >= 0x1780 && c < 0x1E00) ||
           (c >= 0xFB1D && c < 0xFE00) || (c >= 0xFE70 && c < 0xFF00) || c == 0x200D || c == 0x200F;
}

/* Advance of a character at size 1, or -1 when the font lacks it. */
static double advance_of(uint32_t c, bool bold)
{
    hb_codepoint_t glyph;
    if (needs_shaping(c) || !hb_font_get_nominal_glyph(weights[bold].font, c, &glyph)) return -1;
    return hb_font_get_glyph_h_advance(weights[bold].font, glyph) / weights[bold].units;
}

/* Width of the text set directly, or -1 when it has to go through Pango. */
static double direct_width(str text, double size, bool bold)
{
    double width = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t c = utf8_next(text, &at);
        if (is_ignored(c)) continue;
        bool subscript = is_subscript(c);
        double advance = advance_of(subscript ? c - 0x2080 + '0' : c, bold);
        if (advance < 0) return -1;
        width += advance * (subscript ? SUBSCRIPT_SCALE : 1);
    }
    return width * size;
}

struct type_set {
    hb_set_t *characters[2];
    FT_Face ft[2];
    cairo_font_face_t *cairo[2];
};

static void set_close(void *thing)
{
    struct type_set *set = thing;
    for (int i = 0; i < 2; i++) {
        hb_set_destroy(set->characters[i]);
        if (set->cairo[i]) cairo_font_face_destroy(set->cairo[i]);
    }
}

struct type_set *type_set_new(struct arena *arena)
{
    struct type_set *set = ARENA_NEW(arena, struct type_set);
    for (int i = 0; i < 2; i++) set->characters[i] = hb_set_create();
    arena_on_close(arena, set_close, set);
    return set;
}

void type_set_add(struct type_set *set, str text, bool bold)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t c = utf8_next(text, &at);
        if (!is_ignored(c))
            hb_set_add(set->characters[bold], is_subscript(c) ? c - 0x2080 + '0' : c);
    }
}

/* What a cairo face of a subset stands on. Cairo keeps faces in its caches beyond the document, so
 * this goes when cairo lets go, not with the arena. */
struct backing {
    FT_Library library;
    FT_Face face;
    hb_blob_t *blob;
};

static void backing_free(void *thing)
{
    struct backing *backing = thing;
    if (backing->face) FT_Done_Face(backing->face);
    if (backing->library) FT_Done_FreeType(backing->library);
    hb_blob_destroy(backing->blob);
    g_free(backing);
}

/* Subroutines are written out: cairo 1.16 keeps all subroutines of the 16 MB font (900 KB a weight
 * in the PDF) for many combinations of glyphs, and hinting is of no use on paper. */
static hb_blob_t *subset(hb_face_t *face, const hb_set_t *characters)
{
    static const char *const dropped[] = {"GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx"};
    hb_subset_input_t *input = hb_subset_input_create_or_fail();
    if (!input) return NULL;
    hb_set_union(hb_subset_input_unicode_set(input), characters);
    hb_set_t *drop = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG);
    for (size_t i = 0; i < ARRAY_LEN(dropped); i++)
        hb_set_add(drop, hb_tag_from_string(dropped[i], 4));
    hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_DESUBROUTINIZE | HB_SUBSET_FLAGS_NO_HINTING);
    hb_face_t *small = hb_subset_or_fail(face, input);
    hb_subset_input_destroy(input);
    if (!small) return NULL;
    hb_blob_t *blob = hb_face_reference_blob(small);
    hb_face_destroy(small);
    return blob;
}

static const cairo_user_data_key_t backing_key;

static bool set_open_weight(struct type_set *set, int i)
{
    struct backing *backing = g_new0(struct backing, 1);
    backing->blob = subset(weights[i].face, set->characters[i]);
    unsigned length = 0;
    const char *bytes = backing->blob ? hb_blob_get_data(backing->blob, &length) : NULL;
    if (!bytes || FT_Init_FreeType(&backing->library) ||
        FT_New_Memory_Face(backing->library, (const FT_Byte *)bytes, (FT_Long)length, 0,
                           &backing->face)) {
        backing_free(backing);
        return false;
    }
    set->ft[i] = backing->face;
    set->cairo[i] = cairo_ft_font_face_create_for_ft_face(backing->face, FT_LOAD_NO_HINTING);
    if (cairo_font_face_set_user_data(set->cairo[i], &backing_key, backing, backing_free)) {
        backing_free(backing);
        return false;
    }
    return true;
}

bool type_set_open(struct type_set *set, struct error *err)
{
    return (set_open_weight(set, 0) && set_open_weight(set, 1)) ||
           error_set(err, ERROR_REPORT_PDF, "s", "font subset");
}

/* One layout for a text beyond the font's reach; the caller frees it. */
static PangoLayout *layout_new(PangoContext *context, str text, double size, bool bold)
{
    PangoLayout *layout = pango_layout_new(context);
    PangoFontDescription *font = pango_font_description_from_string(FAMILY);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_text(layout, text.ptr, (int)text.len);
    pango_font_description_free(font);
    return layout;
}

double type_width(str text, double size, bool bold)
{
    double width = direct_width(text, size, bold);
    if (width >= 0) return width;
    PangoContext *context = pango_font_map_create_context(pango_cairo_font_map_get_default());
    PangoLayout *layout = layout_new(context, text, size, bold);
    PangoRectangle extents;
    pango_layout_get_extents(layout, NULL, &extents);
    g_object_unref(layout);
    g_object_unref(context);
    return (double)extents.width / PANGO_SCALE;
}

static void paint_layout(cairo_t *cairo, str text, double x, double y, double size, bool bold)
{
    PangoContext *context = pango_cairo_create_context(cairo);
    PangoLayout *layout = layout_new(context, text, size, bold);
    cairo_move_to(cairo, x, y);
    pango_cairo_show_layout_line(cairo, pango_layout_get_line_readonly(layout, 0));
    g_object_unref(layout);
    g_object_unref(context);
}

struct run {
    cairo_glyph_t glyphs[RUN_MAX];
    cairo_text_cluster_t clusters[RUN_MAX];
    char text[RUN_MAX * 4];
    size_t text_len;
    int count;
};

static void run_show(cairo_t *cairo, struct run *run, double size)
{
    if (!run->count) return;
    cairo_set_font_size(cairo, size);
    cairo_show_text_glyphs(cairo, run->text, (int)run->text_len, run->glyphs, run->count,
                           run->clusters, run->count, 0);
    run->count = 0;
    run->text_len = 0;
}

void type_paint(const struct type_set *set, cairo_t *cairo, str text, double x, double y,
                double size, bool bold)
{
    if (!text.len) return;
    if (direct_width(text, size, bold) < 0) {
        paint_layout(cairo, text, x, y, size, bold);
        return;
    }
    struct run run;
    run.count = 0;
    run.text_len = 0;
    bool lowered = false;
    cairo_set_font_face(cairo, set->cairo[bold]);
    for (size_t at = 0; at < text.len;) {
        uint32_t c = utf8_next(text, &at);
        if (is_ignored(c)) continue;
        /* The font has no subscript digits: a small digit set lower, which copies as "CO2". */
        bool subscript = is_subscript(c);
        if (subscript != lowered || run.count == RUN_MAX) {
            run_show(cairo, &run, lowered ? size * SUBSCRIPT_SCALE : size);
            lowered = subscript;
        }
        if (subscript) c = '0' + (c - 0x2080);
        size_t bytes = utf8_encode(c, run.text + run.text_len);
        run.text_len += bytes;
        run.glyphs[run.count] = (cairo_glyph_t){FT_Get_Char_Index(set->ft[bold], c), x,
                                                subscript ? y + size * SUBSCRIPT_DROP : y};
        run.clusters[run.count++] = (cairo_text_cluster_t){(int)bytes, 1};
        x += advance_of(c, bold) * size * (subscript ? SUBSCRIPT_SCALE : 1);
    }
    run_show(cairo, &run, lowered ? size * SUBSCRIPT_SCALE : size);
}

static bool is_in(uint32_t c, const char *set)
{
    str all = str_from(set);
    for (size_t at = 0; at < all.len;)
        if (utf8_next(all, &at) == c) return true;
    return false;
}

static bool is_ideograph(uint32_t c)
{
    return c >= 0x2E80 || c == 0x2014 || c == 0x2026;
}

/* Whether a line may end between two neighbouring characters (rules of GB/T 15834 for which marks
 * may not begin or end a line). */
static bool may_break(uint32_t before, uint32_t after)
{
    if (is_in(after, "、。，．：；！？）」』】》〉”’％…—·),.;:!?%]}")) return false;
    if (is_in(before, "（「『【《〈“‘([{¥￥")) return false;
    if (after == ' ') return true;
    if (before == ' ') return true;
    if (is_ideograph(before) || is_ideograph(after)) return true;
    return false;
}

static bool may_break_in_word(uint32_t before)
{
    return before == '-' || before == '/' || before == '_' || before == '.' || before == '&' ||
           before == '=' || before == '?';
}

/* The end of the first line of `text`: bytes up to which it reaches. */
static size_t line_end(str text, double size, bool bold, double width)
{
    double used = 0;
    size_t good = 0, fair = 0, at = 0;
    uint32_t before = 0;
    while (at < text.len) {
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        if (start) {
            if (may_break(before, c))
                good = start;
            else if (may_break_in_word(before))
                fair = start;
        }
        double advance = direct_width((str){text.ptr + start, at - start}, size, bold);
        used += advance < 0 ? size : advance;
        /* a space may hang over the edge */
        if (used > width + 0.01 && c != ' ' && start) return good ? good : fair ? fair : start;
        before = c;
    }
    return text.len;
}

size_t type_break(struct arena *arena, str text, double size, bool bold, double width, str **lines)
{
    size_t count = 0, capacity = 0;
    *lines = NULL;
    str rest = text, paragraph;
    while (str_cut(&rest, '\n', &paragraph)) {
        do {
            size_t end = line_end(paragraph, size, bold, width);
            str line = str_slice(paragraph, 0, end);
            while (line.len && line.ptr[line.len - 1] == ' ') line.len--;
            *ARENA_PUSH(arena, *lines, count, capacity) = line;
            paragraph = str_slice(paragraph, end, paragraph.len);
            while (paragraph.len && paragraph.ptr[0] == ' ')
                paragraph = str_slice(paragraph, 1, paragraph.len);
        } while (paragraph.len);
    }
    return count;
}
