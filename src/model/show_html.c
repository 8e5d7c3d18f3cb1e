/* The page of `tanshu model show --html`. */
#include <string.h>

#include "base/num.h"
#include "model/mathml.h"
#include "model/show.h"
#include "model/tree.h"

#define ROWS_SHOWN_MAX 400 /* of one table */

struct page {
    struct arena *arena;
    const struct model *model; /* checked */
    const struct model *parsed;
    struct buf *out;
    bool zh;
};

static const char *say(const struct page *p, const char *en, const char *zh)
{
    return p->zh ? zh : en;
}

static void put(const struct page *p, const char *html)
{
    buf_puts(p->out, html);
}

static void text(const struct page *p, const char *words)
{
    if (words != NULL) buf_html(p->out, str_from(words));
}

static void strtext(const struct page *p, str words)
{
    buf_html(p->out, words);
}

static const char style[] =
    ":root{--ink:#1d2733;--quiet:#51606f;--line:#d9dfe5;--soft:#f5f7f9;--accent:#1f5f99;--out:#"
    "1f6b3a}"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:72rem;padding:24px;color:var(--ink);background:#fff;"
    "font:16px/1.6 \"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK SC\",sans-serif}"
    "h1{font-size:28px;line-height:1.25;margin:0 0 4px}h2{font-size:20px;margin:40px 0 12px;"
    "padding-bottom:4px;border-bottom:1px solid var(--line)}"
    "h3{font-size:16px;margin:0}p{margin:4px 0 12px}"
    ".quiet{color:var(--quiet);font-size:14px}code{font-family:ui-monospace,Consolas,monospace;"
    "font-size:.9em}"
    "dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:16px 0}"
    "dt{color:var(--quiet)}dd{margin:0}"
    "table{border-collapse:collapse;width:100%;font-size:14px;margin:8px 0 20px}"
    "th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-bottom:1px solid "
    "var(--line)}th{font-weight:600;color:var(--quiet)}td.n{text-align:right;white-space:nowrap;"
    "font-variant-numeric:tabular-nums}th.n{text-align:right}"
    ".scroll{overflow-x:auto}"
    ".formula{border:1px solid var(--line);border-radius:6px;padding:12px 16px;margin:12px 0;"
    "break-inside:avoid}.formula.out,.formula.require{border-left:4px solid var(--out)}"
    ".formula header{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline}"
    ".tag{font-size:12px;color:var(--quiet);border:1px solid var(--line);border-radius:6px;"
    "padding:0 6px}.out .tag,.require .tag{color:var(--out);border-color:currentColor}"
    ".math{overflow-x:auto;padding:8px 0}math{font-size:1.12em;font-family:\"Cambria Math\",\"STIX "
    "Two Math\",\"Latin Modern Math\",\"DejaVu Math TeX Gyre\",\"DejaVu Sans\",math}"
    "mtable.cases mtd{text-align:left;padding:.15em .8em .15em 0}"
    "mtable.chain mtd{text-align:left;padding:.1em 0}mtable.points mtd{padding:.1em "
    ".4em}mtext.u{color:var(--quiet)}"
    "details summary{cursor:pointer;color:var(--quiet);font-size:14px}"
    "pre{white-space:pre-wrap;margin:4px 0;background:var(--soft);padding:8px "
    "12px;border-radius:6px;"
    "font-size:13px}"
    "a{color:var(--accent)}nav a{margin-right:16px}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--quiet:#a9b5c1;--line:#39434d;"
    "--soft:#1c2329;--accent:#7db8ee;--out:#79c795}body{background:#14191f}}"
    "@media "
    "print{.math{overflow:visible}math{font-size:1em}body{max-width:none;padding:0;font-size:11pt}"
    "nav,details{display:none}"
    "h2{break-after:avoid}tr{break-inside:avoid}a{color:inherit;text-decoration:none}}";

/* ---- head --------------------------------------------------------------------------------- */

static void fact(const struct page *p, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0') return;
    put(p, "<dt>");
    text(p, name);
    put(p, "</dt><dd>");
    text(p, value);
    put(p, "</dd>\n");
}

static const char *validity(const struct page *p)
{
    const struct model_info *info = model_info(p->model);
    char from[DATE_TEXT_MAX] = "…", to[DATE_TEXT_MAX] = "…";
    if (info->valid_from.day == INT32_MIN && info->valid_to.day == INT32_MAX) return NULL;
    if (info->valid_from.day != INT32_MIN) date_format(info->valid_from, from);
    if (info->valid_to.day != INT32_MAX) date_format(info->valid_to, to);
    return arena_printf(p->arena, "%s – %s", from, to);
}

static void put_head(const struct page *p)
{
    const struct model_info *info = model_info(p->model);
    const char *title = say(p, info->title.en, info->title.zh);
    struct buf *industries = buf_new(p->arena);
    buf_printf(p->out,
               "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
               say(p, "en", "zh-CN"));
    text(p, title);
    buf_printf(p->out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>", style);
    text(p, title);
    put(p, "</h1>\n<p class=\"quiet\"><code>");
    text(p, info->name);
    put(p, "</code> ");
    text(p, info->version);
    put(p, "</p>\n<dl class=\"facts\">\n");
    fact(p, say(p, "Source", "来源"), info->source);
    fact(p, say(p, "Kind", "类别"), info->kind);
    fact(p, say(p, "Computed for", "计算主体"), info->entity);
    fact(p, say(p, "Valid", "有效期"), validity(p));
    for (size_t i = 0; i < info->industry_count; i++)
        buf_printf(industries, "%s%s", i == 0 ? "" : ", ", info->industries[i]);
    if (info->industry_count != 0)
        fact(p, say(p, "Industries (GB/T 4754)", "适用行业（GB/T 4754）"), industries->ptr);
    for (size_t i = 0; i < info->meta_count; i++)
        fact(p, info->metas[i].key, say(p, info->metas[i].value.en, info->metas[i].value.zh));
    put(p, "</dl>\n<nav>");
    buf_printf(p->out,
               "<a href=\"#inputs\">%s</a><a href=\"#formulas\">%s</a><a href=\"#factors\">%s</a>"
               "<a href=\"#examples\">%s</a></nav>\n",
               say(p, "Inputs", "输入"), say(p, "Formulas", "公式"), say(p, "Factors", "因子"),
               say(p, "Examples", "算例"));
}

/* ---- inputs --------------------------------------------------------------------------------- */

static void put_range(const struct page *p, const struct model_input *in)
{
    char number[NUM_TEXT_MAX];
    if (in->has_min) {
        bool open = in->min > 0 && in->min < 1e-300;
        num_format(open ? 0 : in->min, number);
        buf_printf(p->out, "%s %s", open ? "&gt;" : "≥", number);
    }
    if (in->has_max) {
        num_format(in->max, number);
        buf_printf(p->out, "%s≤ %s", in->has_min ? ", " : "", number);
    }
}

static void put_default(const struct page *p, const struct model_input *in)
{
    char number[NUM_TEXT_MAX];
    if (!in->has_default) {
        put(p, "–");
        return;
    }
    if (in->type != MODEL_NUMBER) {
        text(p, in->default_text);
        return;
    }
    num_format(in->default_value, number);
    put(p, number);
}

static void put_input(const struct page *p, const struct model_input *in)
{
    static const char *const en[] = {"number", "yes or no", "text", "date", "choice"};
    static const char *const zh[] = {"数值", "是/否", "文本", "日期", "选项"};
    static const char *const per_en[] = {"per month", "per year", "once"};
    static const char *const per_zh[] = {"每月", "每年", "一次"};
    put(p, "<tr><td>");
    text(p, say(p, in->label.en, in->label.zh));
    const char *help = say(p, in->help.en, in->help.zh);
    if (help[0] != '\0') {
        put(p, "<br><span class=\"quiet\">");
        text(p, help);
        put(p, "</span>");
    }
    for (size_t i = 0; i < in->choice_count; i++) {
        put(p, "<br><code>");
        text(p, in->choices[i].id);
        put(p, "</code> ");
        text(p, say(p, in->choices[i].label.en, in->choices[i].label.zh));
    }
    put(p, "</td><td><code>");
    text(p, in->name);
    if (in->index != NULL) put(p, "[");
    text(p, in->index);
    if (in->index != NULL) put(p, "]");
    put(p, "</code></td><td>");
    if (in->type != MODEL_NUMBER)
        text(p, say(p, en[in->type], zh[in->type]));
    else if (in->unit == NULL)
        text(p, say(p, "by row", "随行而定"));
    else
        mathml_unit(p->out, str_from(in->unit));
    put(p, "</td><td class=\"n\">");
    put_default(p, in);
    put(p, "</td><td>");
    put_range(p, in);
    put(p, "</td><td>");
    if (in->from != NULL) {
        put(p, say(p, "platform: ", "平台："));
        put(p, "<code>");
        text(p, in->from);
        put(p, "</code>");
    } else {
        put(p, say(p, per_en[in->period], per_zh[in->period]));
    }
    put(p, "</td></tr>\n");
}

static void put_inputs(const struct page *p)
{
    const struct model_info *info = model_info(p->model);
    buf_printf(
        p->out,
        "<section aria-labelledby=\"inputs\"><h2 id=\"inputs\">%s</h2>\n<div class=\"scroll\">"
        "<table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
        "<th scope=\"col\">%s</th><th scope=\"col\" class=\"n\">%s</th>"
        "<th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead><tbody>\n",
        say(p, "Inputs", "输入"), say(p, "What", "名称"), say(p, "Symbol", "符号"),
        say(p, "Unit", "单位"), say(p, "Default", "缺省值"), say(p, "Range", "范围"),
        say(p, "Given", "来源与周期"));
    for (size_t i = 0; i < info->input_count; i++) put_input(p, &info->inputs[i]);
    put(p, "</tbody></table></div></section>\n");
}

/* ---- formulas ------------------------------------------------------------------------------- */

static void put_formula(const struct page *p, const struct definition *d)
{
    static const char *const classes[] = {"input", "const", "let", "out", "require", ""};
    static const char *const en[] = {"", "constant", "step", "result", "requirement", ""};
    static const char *const zh[] = {"", "常数", "步骤", "结果", "条件", ""};
    const struct definition *checked = model_find(p->model, d->name);
    str label = p->zh && d->label_zh.len != 0 ? d->label_zh : d->label;
    str help = p->zh && d->help_zh.len != 0 ? d->help_zh : d->help;
    buf_printf(p->out, "<article class=\"formula %s\" id=\"f-%.*s\"><header><h3>", classes[d->kind],
               STR_ARG(d->name));
    strtext(p, label.len != 0 ? label : d->name);
    buf_printf(p->out, "</h3><span class=\"tag\">%s</span>", say(p, en[d->kind], zh[d->kind]));
    if (checked->type == MODEL_NUMBER && checked->unit_text.len != 0 &&
        !str_is(checked->unit_text, "1")) {
        put(p, "<span class=\"quiet\">");
        mathml_unit(p->out, checked->unit_text);
        put(p, "</span>");
    }
    if (d->clause.len != 0) {
        buf_printf(p->out, "<span class=\"quiet\">%s ", say(p, "clause", "条款"));
        strtext(p, d->clause);
        put(p, "</span>");
    }
    put(p, "</header>\n<div class=\"math\" tabindex=\"0\">");
    mathml_definition(p->out, p->parsed, d, p->zh);
    put(p, "</div>\n");
    if (help.len != 0) {
        put(p, "<p class=\"quiet\">");
        strtext(p, help);
        put(p, "</p>");
    }
    if (d->source.len != 0) {
        buf_printf(p->out, "<p class=\"quiet\">%s ", say(p, "Source:", "来源："));
        strtext(p, d->source);
        put(p, "</p>");
    }
    buf_printf(p->out, "<details><summary>%s</summary><pre>", say(p, "As written", "原文"));
    strtext(p, d->name);
    put(p, " = ");
    text(p, tree_formula(p->arena, p->parsed, d->expr));
    put(p, "</pre></details></article>\n");
}

static void put_function(const struct page *p, const struct function *f)
{
    buf_printf(p->out,
               "<article class=\"formula\"><header><h3><code>%.*s</code></h3>"
               "<span class=\"tag\">%s</span></header>\n<div class=\"math\" "
               "tabindex=\"0\"><math display=\"block\"><mrow><mi>%.*s</mi><mo>(</mo>",
               STR_ARG(f->name), say(p, "function", "函数"), STR_ARG(f->name));
    for (size_t i = 0; i < f->count; i++)
        buf_printf(p->out, "%s<mi>%.*s</mi>", i == 0 ? "" : "<mo>,</mo>",
                   STR_ARG(f->parameters[i]->name));
    put(p, "<mo>)</mo><mo>=</mo>");
    mathml_expression(p->out, p->parsed, f->expr, p->zh);
    put(p, "</mrow></math></div></article>\n");
}

static void put_formulas(const struct page *p)
{
    buf_printf(p->out, "<section aria-labelledby=\"formulas\"><h2 id=\"formulas\">%s</h2>\n",
               say(p, "Formulas", "公式"));
    for (size_t i = 0; i < p->parsed->definition_count; i++)
        if (p->parsed->definitions[i]->expr != NULL) put_formula(p, p->parsed->definitions[i]);
    for (size_t i = 0; i < p->parsed->function_count; i++) put_function(p, p->parsed->functions[i]);
    put(p, "</section>\n");
}

/* ---- factors, examples ------------------------------------------------------------------------
 */

static void put_table(const struct page *p, const struct show_table *shown)
{
    const struct table *table = shown->table;
    int name = p->zh ? table->name_zh : table->name_en;
    size_t rows = 0, hidden = 0;
    put(p, "<h3><code>");
    strtext(p, table->name);
    put(p, "</code></h3>\n<p class=\"quiet\">");
    text(p, table->path);
    put(p, "</p>\n<div class=\"scroll\"><table><thead><tr>");
    if (table->id >= 0) buf_printf(p->out, "<th scope=\"col\">%s</th>", say(p, "Row", "行"));
    for (size_t c = 0; c < shown->column_count; c++) {
        const struct column *column = &table->columns[shown->columns[c]];
        buf_printf(p->out, "<th scope=\"col\"%s>",
                   column->type == MODEL_NUMBER ? " class=\"n\"" : "");
        strtext(p, column->name);
        put(p, "</th>");
    }
    if (shown->source_count != 0)
        buf_printf(p->out, "<th scope=\"col\">%s</th>", say(p, "Source", "来源"));
    put(p, "</tr></thead><tbody>\n");
    for (size_t row = 0; row < table->row_count; row++) {
        if (!table->enabled[row]) continue;
        if (++rows > ROWS_SHOWN_MAX) {
            hidden++;
            continue;
        }
        put(p, "<tr>");
        if (table->id >= 0) {
            put(p, "<td>");
            strtext(p, name >= 0 && table->cells[row][name].len != 0
                           ? table->cells[row][name]
                           : table->cells[row][table->id]);
            put(p, "<br><code class=\"quiet\">");
            strtext(p, table->cells[row][table->id]);
            put(p, "</code></td>");
        }
        for (size_t c = 0; c < shown->column_count; c++) {
            bool number = table->columns[shown->columns[c]].type == MODEL_NUMBER;
            put(p, number ? "<td class=\"n\">" : "<td>");
            mathml_unit(p->out, str_from(show_cell(p->arena, table, row, shown->columns[c])));
            put(p, "</td>");
        }
        if (shown->source_count != 0) put(p, "<td class=\"quiet\">");
        for (size_t c = 0, any = 0; c < shown->source_count; c++) {
            str cell = table->cells[row][shown->sources[c]];
            if (cell.len == 0) continue;
            put(p, any++ == 0 ? "" : " · ");
            strtext(p, cell);
        }
        put(p, shown->source_count != 0 ? "</td></tr>\n" : "</tr>\n");
    }
    put(p, "</tbody></table></div>\n");
    if (hidden != 0)
        buf_printf(p->out,
                   say(p, "<p class=\"quiet\">%zu more rows in the file.</p>\n",
                       "<p class=\"quiet\">文件中另有 %zu 行。</p>\n"),
                   hidden);
}

static void put_factors(const struct page *p)
{
    struct show_table *tables;
    size_t count = show_tables(p->arena, p->parsed, &tables);
    buf_printf(p->out, "<section aria-labelledby=\"factors\"><h2 id=\"factors\">%s</h2>\n",
               say(p, "Factors and other tables", "因子与其他表"));
    if (count == 0) buf_printf(p->out, "<p>%s</p>\n", say(p, "None.", "无。"));
    for (size_t i = 0; i < count; i++) put_table(p, &tables[i]);
    put(p, "</section>\n");
}

static void put_examples(const struct page *p)
{
    buf_printf(p->out, "<section aria-labelledby=\"examples\"><h2 id=\"examples\">%s</h2>\n",
               say(p, "Examples (the model's own tests)", "算例（模型自带的检验）"));
    if (p->parsed->example_count == 0) buf_printf(p->out, "<p>%s</p>\n", say(p, "None.", "无。"));
    for (size_t i = 0; i < p->parsed->example_count; i++) {
        const struct example *example = p->parsed->examples[i];
        put(p, "<h3>");
        strtext(p, example->name);
        put(p, "</h3>\n<pre>");
        for (size_t k = 0; k < example->count; k++) {
            const struct token *first = example->lines[k].token, *last = first;
            if (example->lines[k].expect) first--;
            while (last[1].kind != TOKEN_END && last[1].kind != TOKEN_EOF &&
                   !token_is(&last[1], ";"))
                last++;
            strtext(p, str_slice(p->parsed->text, first->from, last->to));
            put(p, "\n");
        }
        put(p, "</pre>\n");
    }
    put(p, "</section>\n");
}

static void put_foot(const struct page *p)
{
    const struct model_info *info = model_info(p->model);
    buf_printf(p->out,
               "</main>\n<footer class=\"quiet\"><p>%s <code>%s</code><br>%s <code>%s</code>"
               "</p></footer>\n</body>\n</html>\n",
               say(p, "Model, SHA-256", "模型 SHA-256"), digest_hex(p->arena, info->model_digest),
               say(p, "Tables, SHA-256", "因子表 SHA-256"),
               digest_hex(p->arena, info->tables_digest));
}

char *show_html(struct arena *arena, const struct model *model, bool zh)
{
    struct model *parsed =
        library_parse_text(model->library, model->path, model->text, false, NULL);
    CHECK(parsed != NULL);
    struct page p = {arena, model, parsed, buf_new(arena), zh};
    put_head(&p);
    put_inputs(&p);
    put_formulas(&p);
    put_factors(&p);
    put_examples(&p);
    put_foot(&p);
    return str_dup(arena, buf_str(p.out));
}
