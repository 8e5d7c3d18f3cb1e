/* The explanation of a figure: collects what the rooms know of it and fills the page. The tree is
 * written by hand because templates do not nest without end. */
#include "web/shared/explain.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/map.h"
#include "base/num.h"
#include "shared_explain_file_html.h"
#include "shared_explain_html.h"
#include "store/store.h"
#include "trust/trust.h"
#include "app/app.h"

#define TREE_DEPTH_MAX 60
#define TREE_DEPTH_OPEN 2

const char *explain_text(const struct web *web, struct model_text text)
{
    const char *chosen = web->lang == LANG_ZH ? text.zh : text.en;
    return chosen != NULL ? chosen : "";
}

const char *explain_word(const struct web *web, const char *code)
{
    if (code == NULL) return "";
    const char *translated = tr(web->lang, code);
    if (translated != code) return translated;
    char *plain = arena_strdup(web->arena, code);
    for (char *p = plain; *p != '\0'; p++)
        if (*p == '_') *p = ' ';
    return plain;
}

const char *explain_period(const struct web *web, struct account_period period)
{
    int year, month, day;
    if (web->lang != LANG_ZH) return account_period_text(web->arena, period);
    date_split(period.first, &year, &month, &day);
    if (account_period_equal(period, account_year(year)))
        return arena_printf(web->arena, "%d年", year);
    if (account_period_equal(period, account_month(month_make(year, month))))
        return arena_printf(web->arena, "%d年%d月", year, month);
    return account_period_text(web->arena, period);
}

double explain_amount(const struct account_posting *posting, const char **unit)
{
    switch (posting->kind) {
    case ACCOUNT_EMISSION: *unit = "t CO2e"; return account_tonnes(posting->amount);
    case ACCOUNT_ENERGY: *unit = "tce"; return account_tce(posting->amount);
    case ACCOUNT_PRODUCTION:
    default: *unit = posting->unit; return (double)posting->amount / 1000;
    }
}

/* ---- one node ---- */

struct explaining {
    struct web *web;
    const struct account_explanation *explanation; /* or NULL */
    const struct explain_place *place;
    struct buf *out;
};

static void put(struct buf *out, const char *text)
{
    html_put_text(out, str_from(text != NULL ? text : ""));
}

/* A number without dimension has no unit to show. */
static const char *unit_of(const struct model_node *node)
{
    return node->unit == NULL || strcmp(node->unit, "1") == 0 ? "" : node->unit;
}

static const char *name_of(const struct web *web, const struct model_node *node)
{
    const char *label = explain_text(web, node->label);
    return label[0] != '\0' ? label : node->name;
}

static html value_of(struct web *web, const struct model_node *node)
{
    const struct model_value *value = &node->value;
    if (value->status == MODEL_MISSING) return web_figure_missing(web, tr(web->lang, "Not known"));
    if (value->status != MODEL_OK)
        return web_figure_missing(web, explain_word(web, model_status_name(value->status)));
    unsigned marks = node->kind == MODEL_NODE_DEFAULT ? WEB_MARK_DEFAULT : 0;
    if (value->type == MODEL_NUMBER)
        return web_figure(web, value->number, 8, unit_of(node), marks, NULL);
    const char *text = value->text;
    char day[DATE_TEXT_MAX];
    if (value->type == MODEL_FLAG) {
        text = value->number != 0 ? tr(web->lang, TR_KEY("yes")) : tr(web->lang, TR_KEY("no"));
    } else if (value->type == MODEL_DATE && text == NULL) {
        date_format((date){(int32_t)value->number}, day);
        text = day;
    } else {
        text = explain_word(web, text);
    }
    struct buf *out = buf_new(web->arena);
    buf_puts(out, "<span class=\"figure-number\">");
    put(out, text);
    buf_puts(out, "</span>");
    html_put_html(out, web_marks(web, marks));
    return html_from(out);
}

static const char *fact_of(const struct web *web, const struct model_node *node, const char *key)
{
    for (size_t i = 0; i < node->row_fact_count; i++)
        if (strcmp(node->row_facts[i].key, key) == 0)
            return explain_text(web, node->row_facts[i].value);
    return "";
}

/* The same as people read it: a remark or a document in the reader's language where one is known.
 */
static struct factor_phrase said_of(const struct web *web, const struct model_node *node,
                                    const char *key)
{
    return factor_say(web->arena, &web->app->factors, fact_of(web, node, key), web->lang);
}

static const struct account_origin *origin_of(const struct explaining *e,
                                              const struct model_node *node)
{
    if (e->explanation == NULL || node->kind != MODEL_NODE_INPUT || node->origin == 0) return NULL;
    return account_find_origin(e->explanation, node->origin);
}

static void put_source(const struct explaining *e, const struct model_node *node)
{
    struct web *web = e->web;
    const struct account_origin *origin = origin_of(e, node);
    const char *text = NULL;
    if (origin != NULL)
        text = tr_fill(web->arena, web->lang, TR_KEY("{0}: {1}, {2}"),
                       tr(web->lang, account_tier_label(origin->datum.tier)),
                       origin->submission.name, origin->datum.row_ref, NULL);
    else if (node->kind == MODEL_NODE_FACTOR)
        text =
            arena_printf(web->arena, "%s %s · %s [%s]", said_of(web, node, "document").text,
                         said_of(web, node, "clause").text, node->table != NULL ? node->table : "",
                         node->row != NULL ? node->row : "");
    else if (node->kind == MODEL_NODE_CONSTANT && node->clause != NULL)
        text = factor_say(web->arena, &web->app->factors, node->clause, web->lang).text;
    else if (node->kind == MODEL_NODE_DEFAULT)
        text = tr(web->lang, TR_KEY("the model's default, because nothing was given"));
    if (text == NULL || text[0] == '\0') return;
    buf_puts(e->out, "<span class=\"source\">");
    put(e->out, text);
    buf_puts(e->out, "</span>");
}

static void put_head(const struct explaining *e, const struct model_node *node)
{
    buf_puts(e->out, "<span class=\"name\">");
    put(e->out, name_of(e->web, node));
    buf_puts(e->out, "</span>");
    html_put_html(e->out, value_of(e->web, node));
    if (node->expression != NULL && node->expression[0] != '\0') {
        buf_puts(e->out, "<span class=\"formula\">= ");
        put(e->out, node->expression);
        buf_puts(e->out, "</span>");
    }
    put_source(e, node);
}

static void put_node(const struct explaining *e, const struct model_node *node, int depth)
{
    if (node->child_count == 0 || depth >= TREE_DEPTH_MAX) {
        buf_puts(e->out, "<div class=\"leaf-row\">");
        put_head(e, node);
        buf_puts(e->out, "</div>");
        return;
    }
    buf_puts(e->out, depth < TREE_DEPTH_OPEN ? "<details open><summary>" : "<details><summary>");
    put_head(e, node);
    buf_puts(e->out, "</summary>");
    for (size_t i = 0; i < node->child_count; i++) put_node(e, node->children[i], depth + 1);
    buf_puts(e->out, "</details>");
}

html explain_tree(struct web *web, const struct model_node *tree,
                  const struct account_explanation *explanation, const struct explain_place *place)
{
    struct explaining e = {web, explanation, place, buf_new(web->arena)};
    put_node(&e, tree, 0);
    return html_from(e.out);
}

/* ---- formula in words: each name is replaced by its operand's label ---- */

static bool name_matches(const char *node_name, str name)
{
    size_t len = strlen(node_name);
    return len >= name.len && memcmp(node_name, name.ptr, name.len) == 0 &&
           (len == name.len || node_name[name.len] == '[');
}

static const char *label_in(const struct web *web, const struct model_node *node, str name)
{
    for (size_t i = 0; i < node->child_count; i++) {
        const struct model_node *child = node->children[i];
        if (!name_matches(child->name, name)) continue;
        const char *label = name_of(web, child);
        bool of_key = strlen(child->name) > name.len;
        size_t at;
        if (of_key && str_find(str_from(label), web->lang == LANG_ZH ? STR("：") : STR(": "), &at))
            return str_dup(web->arena, str_slice(str_from(label), 0, at));
        return label;
    }
    return NULL;
}

static bool in_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

static const char *in_words(struct web *web, const struct model_node *node)
{
    if (node->expression == NULL) return "";
    struct buf *out = buf_new(web->arena);
    buf_puts(out, name_of(web, node));
    buf_puts(out, " = ");
    for (const char *p = node->expression; *p != '\0';) {
        if (isalpha((unsigned char)*p)) {
            const char *start = p;
            while (in_name(*p)) p++;
            str name = {start, (size_t)(p - start)};
            const char *label = label_in(web, node, name);
            if (label != NULL)
                buf_puts(out, label);
            else
                buf_put_str(out,
                            str_is(name, "sum") ? str_from(tr(web->lang, TR_KEY("sum of"))) : name);
            continue;
        }
        if (*p == '*')
            buf_puts(out, "×");
        else if (*p == '-')
            buf_puts(out, "−");
        else
            buf_putc(out, *p);
        p++;
    }
    return str_dup(web->arena, buf_str(out));
}

/* ---- tables of inputs and factors ---- */

struct listing {
    struct explaining *e;
    struct map told;
    struct html_explain_inputs *inputs;
    size_t inputs_count, inputs_capacity;
    struct html_explain_factors *factors;
    size_t factors_count, factors_capacity;
};

static void list_input(struct listing *l, const struct model_node *node)
{
    struct web *web = l->e->web;
    const struct account_origin *o = origin_of(l->e, node);
    struct html_explain_inputs row = {.name = str_from(name_of(web, node)),
                                      .value = value_of(web, node)};
    if (o != NULL) {
        char id[ID_TEXT_MAX];
        id_format(o->submission.submission_id, id);
        row.tier = str_from(tr(web->lang, account_tier_label(o->datum.tier)));
        row.submission = str_from(o->submission.name);
        row.linked = l->e->place->submissions != NULL;
        if (row.linked)
            row.submission_url =
                str_from(arena_printf(web->arena, "%s/%s", l->e->place->submissions, id));
        row.row = str_from(o->datum.row_ref);
        row.raw = str_from(o->datum.raw);
        row.when = str_from(instant_format(web->arena, o->datum.at, web->utc_offset_minutes));
        row.log = o->has_leaf ? str_from(arena_printf(web->arena, "%lld", (long long)o->leaf_index))
                              : str_from(tr(web->lang, TR_KEY("pending")));
    } else {
        row.tier = str_from(tr(web->lang, TR_KEY("From the fact sheet: follows from other data")));
    }
    *ARENA_PUSH(web->arena, l->inputs, l->inputs_count, l->inputs_capacity) = row;
}

/* "烟煤 · ncv" for fuel.ncv[bituminous]: the row, and which of its columns. */
static const char *factor_name(struct web *web, const struct model_node *node)
{
    str rest = str_from(node->name), part;
    const char *row = name_of(web, node);
    if (!str_cut(&rest, '.', &part) || rest.len == 0) return row;
    size_t at = 0;
    while (at < rest.len && rest.ptr[at] != '[' && rest.ptr[at] != '(') at++;
    str column = str_slice(rest, 0, at);
    if (str_is(column, "value")) return row;
    return arena_printf(web->arena, "%s · %s", row, explain_word(web, str_dup(web->arena, column)));
}

static void list_factor(struct listing *l, const struct model_node *node)
{
    struct web *web = l->e->web;
    struct factor_phrase document = said_of(web, node, "document"),
                         note = said_of(web, node, "note");
    *ARENA_PUSH(web->arena, l->factors, l->factors_count,
                l->factors_capacity) = (struct html_explain_factors){
        .name = str_from(factor_name(web, node)),
        .value = value_of(web, node),
        .publisher = str_from(said_of(web, node, "publisher").text),
        .document = str_from(document.text),
        .document_lang = str_from(lang_code(document.lang)),
        .clause = str_from(said_of(web, node, "clause").text),
        .confidence = str_from(factor_confidence_text(web->arena, &web->app->factors,
                                                      fact_of(web, node, "confidence"), web->lang)),
        .note = str_from(note.text),
        .note_lang = str_from(lang_code(note.lang)),
        .table =
            str_from(arena_printf(web->arena, "%s [%s] %s", node->table != NULL ? node->table : "",
                                  node->row != NULL ? node->row : "", node->name))};
}

static void list_nodes(struct listing *l, const struct model_node *node, int depth)
{
    bool input = node->kind == MODEL_NODE_INPUT, factor = node->kind == MODEL_NODE_FACTOR;
    if ((input || factor) && node->value.status == MODEL_OK &&
        !map_has(&l->told, str_from(node->name))) {
        map_put(&l->told, str_from(node->name), l);
        if (input) list_input(l, node);
        if (factor) list_factor(l, node);
    }
    for (size_t i = 0; depth < TREE_DEPTH_MAX && i < node->child_count; i++)
        list_nodes(l, node->children[i], depth + 1);
}

static void fill_tree(struct explaining *e, const struct model_node *tree,
                      struct html_explain *page)
{
    struct web *web = e->web;
    struct listing l = {.e = e};
    map_init(&l.told, web->arena);
    list_nodes(&l, tree, 0);
    page->inputs = l.inputs;
    page->inputs_count = l.inputs_count;
    page->factors = l.factors;
    page->factors_count = l.factors_count;
    page->tree = explain_tree(web, tree, e->explanation, e->place);
    page->words = str_from(in_words(web, tree));
    if (tree->expression != NULL)
        page->symbols = str_from(arena_printf(web->arena, "%s = %s", tree->name, tree->expression));
    page->clause =
        str_from(tree->clause == NULL
                     ? ""
                     : factor_say(web->arena, &web->app->factors, tree->clause, web->lang).text);
    page->source = str_from(tree->source != NULL ? tree->source : "");
    page->icon_download = web_icon(web, "download");
    page->icon_proof = web_icon(web, "shield-check");
    page->icon_pending = web_icon(web, "clock");
}

/* ---- a posting ---- */

struct posting_work {
    struct web *web;
    id64 org_id, posting_id;
    struct account_explanation explanation;
    struct log_receipt receipt;
};

static bool read_posting(struct db *db, void *arg, struct error *err)
{
    struct posting_work *work = arg;
    struct web *web = work->web;
    if (!account_explain(db, web->arena, web->viewer, &web->app->rules, work->org_id,
                         work->posting_id, &work->explanation, err))
        return false;
    return log_receipt_of(db, web->arena, work->org_id, "run", work->explanation.run.run_id,
                          &work->receipt, err);
}

static bool answer_json(struct web *web, const char *name, const char *text)
{
    http_reply_download(web->reply, "application/json; charset=utf-8", name, str_from(text));
    return true;
}

static bool answer_receipt(struct posting_work *work, const char *name, struct error *err)
{
    struct web *web = work->web;
    if (work->receipt.state != LOG_SIGNED) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    str json = trust_receipt_json(web->arena, &work->receipt, STR(""), NULL);
    return answer_json(web, arena_printf(web->arena, "%s-receipt.json", name),
                       str_dup(web->arena, json));
}

static html run_state(struct web *web, const struct account_run *run)
{
    static const enum web_tone tones[] = {WEB_NOTE, WEB_GOOD, WEB_NEUTRAL, WEB_NEUTRAL};
    return web_chip(web, tones[run->state], explain_word(web, account_state_name(run->state)));
}

static void fill_proof(struct posting_work *work, const struct explain_place *place,
                       struct html_explain *page)
{
    struct web *web = work->web;
    const struct account_run *run = &work->explanation.run;
    const char *model = digest_hex(web->arena, run->model_digest);
    page->model = str_from(arena_printf(web->arena, "%s %s", run->model, run->version));
    page->model_digest = str_from(model);
    page->model_url = str_from(arena_printf(web->arena, "%s/%s", place->models, model));
    page->tables_digest = str_from(digest_hex(web->arena, run->tables_digest));
    page->inputs_digest = str_from(digest_hex(web->arena, run->inputs_digest));
    page->run_digest = str_from(digest_hex(web->arena, run->run_digest));
    page->run_root = str_from(digest_hex(web->arena, run->root));
    page->has_leaf = work->receipt.state >= LOG_ORDERED;
    page->leaf =
        str_from(arena_printf(web->arena, "%llu", (unsigned long long)work->receipt.index));
    page->has_receipt = work->receipt.state == LOG_SIGNED;
    if (!page->has_receipt) return;
    page->tree_size = str_from(
        arena_printf(web->arena, "%llu", (unsigned long long)work->receipt.checkpoint.size));
    page->tree_root = str_from(digest_hex(web->arena, work->receipt.checkpoint.root));
    page->signed_at = str_from(
        instant_format(web->arena, work->receipt.checkpoint.signed_ms, web->utc_offset_minutes));
}

static const char *kind_words(struct web *web, const struct account_posting *posting)
{
    if (posting->kind == ACCOUNT_EMISSION)
        return tr_fill(web->arena, web->lang, TR_KEY("Emission, scope {0}"),
                       posting->scope == 1 ? "1" : "2", NULL);
    if (posting->kind == ACCOUNT_ENERGY) return tr(web->lang, TR_KEY("Energy"));
    return tr(web->lang, TR_KEY("Production"));
}

static const char *basis_words(struct web *web, const struct account_posting *posting)
{
    if (posting->kind == ACCOUNT_ENERGY)
        return strcmp(posting->source, "calorific") == 0
                   ? tr(web->lang, TR_KEY("Calorific value"))
                   : tr(web->lang, TR_KEY("Primary-equivalent value"));
    if (strcmp(posting->basis, "both") == 0)
        return tr(web->lang, TR_KEY("Counts on the full basis and on the compliance basis"));
    if (strcmp(posting->basis, "full") == 0)
        return tr(web->lang, TR_KEY("Counts on the full basis only"));
    if (strcmp(posting->basis, "compliance") == 0)
        return tr(web->lang, TR_KEY("Counts on the compliance basis only"));
    return "";
}

bool explain_posting(struct web *web, id64 org_id, const struct explain_place *place,
                     struct error *err)
{
    struct posting_work work = {.web = web, .org_id = org_id};
    char id[ID_TEXT_MAX];
    str form = web_param(web, "form");
    bool receipt = str_is(form, "receipt"), json = str_is(form, "json");
    if (form.len != 0 && !receipt && !json) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    if (!web_param_id(web, "posting", &work.posting_id, err)) return false;
    if (!store_read(web->store, read_posting, &work, err)) return false;
    id_format(work.posting_id, id);
    const struct account_explanation *x = &work.explanation;
    if (receipt) return answer_receipt(&work, id, err);
    if (json)
        return answer_json(web, arena_printf(web->arena, "%s.json", id),
                           model_explain_json(web->arena, x->tree));
    const char *unit, *url = arena_printf(web->arena, "%s/%s", place->postings, id);
    const char *query = place->query != NULL ? place->query : "";
    double amount = explain_amount(&x->posting, &unit);
    struct explaining e = {web, x, place, NULL};
    struct html_explain page = {
        .is_posting = true,
        .same = x->same,
        .value = web_figure(web, amount, 9, unit, 0, NULL),
        .amount_exact = str_from(arena_printf(web->arena, "%lld %s%s", (long long)x->posting.amount,
                                              x->posting.kind == ACCOUNT_PRODUCTION ? "/1000 " : "",
                                              x->posting.unit)),
        .period = str_from(explain_period(web, x->posting.period)),
        .kind = str_from(kind_words(web, &x->posting)),
        .basis = str_from(basis_words(web, &x->posting)),
        .state = run_state(web, &x->run),
        .json_url = str_from(arena_printf(web->arena, "%s/json%s", url, query)),
        .receipt_url = str_from(arena_printf(web->arena, "%s/receipt%s", url, query))};
    fill_tree(&e, x->tree, &page);
    fill_proof(&work, place, &page);
    const char *title = arena_printf(web->arena, "%s · %s", name_of(web, x->tree),
                                     explain_period(web, x->posting.period));
    web_crumb(web, place->crumb_text, place->crumb_url);
    web_crumb(web, tr(web->lang, TR_KEY("Explanation")), NULL);
    return web_page(web, title, HTML_RENDER(web->arena, &web->html, html_explain, &page),
                    place->nav);
}

bool explain_judgement(struct web *web, const struct explain_judgement *judgement,
                       const struct explain_place *place)
{
    if (str_is(web_query(web, "form"), "json"))
        return answer_json(web, "explanation.json",
                           model_explain_json(web->arena, judgement->tree));
    struct explaining e = {web, judgement->explanation, place, NULL};
    str here = web->request->url;
    size_t query;
    struct html_explain page = {
        .value = value_of(web, judgement->tree),
        .note = str_from(judgement->note),
        .json_url = str_from(arena_printf(web->arena, "%.*s%cform=json", STR_ARG(here),
                                          str_find(here, STR("?"), &query) ? '&' : '?'))};
    fill_tree(&e, judgement->tree, &page);
    web_crumb(web, place->crumb_text, place->crumb_url);
    web_crumb(web, tr(web->lang, TR_KEY("Explanation")), NULL);
    return web_page(web, judgement->title, HTML_RENDER(web->arena, &web->html, html_explain, &page),
                    place->nav);
}

/* ---- a model's file ---- */

struct file_work {
    struct web *web;
    digest digest;
    str bytes;
    bool found;
};

static bool read_file(struct db *db, void *arg, struct error *err)
{
    struct file_work *work = arg;
    return account_read_model_file(db, work->web->arena, work->digest, &work->bytes, &work->found,
                                   err);
}

bool explain_file(struct web *web, str digest_text, const struct explain_place *place,
                  struct error *err)
{
    struct file_work work = {.web = web};
    if (!digest_parse_hex(digest_text, &work.digest))
        return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    if (!store_read(web->store, read_file, &work, err)) return false;
    if (!work.found) return error_set(err, ERROR_WEB_NO_SUCH_PAGE, "");
    const char *hex = digest_hex(web->arena, work.digest);
    if (str_is(web_query(web, "download"), "1")) {
        http_reply_download(web->reply, "text/plain; charset=utf-8",
                            arena_printf(web->arena, "%.16s.txt", hex), work.bytes);
        return true;
    }
    struct html_explain_file page = {
        .digest = str_from(hex),
        .text = work.bytes,
        .icon_download = web_icon(web, "download"),
        .download_url = str_from(arena_printf(web->arena, "%s/%s?download=1", place->models, hex))};
    for (size_t i = 0; i < work.bytes.len; i++) page.lines += work.bytes.ptr[i] == '\n';
    web_crumb(web, place->crumb_text, place->crumb_url);
    web_crumb(web, tr(web->lang, TR_KEY("Model")), NULL);
    return web_page(web, tr(web->lang, TR_KEY("Text of the model or table")),
                    HTML_RENDER(web->arena, &web->html, html_explain_file, &page), place->nav);
}
