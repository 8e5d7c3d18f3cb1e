/* The canonical lines of data, runs and postings: what leaves of the log commit to and what an
 * export prints. doc/formats.md fixes every name; RFC 8785 fixes the bytes (names in order of
 * byte). */
#include "account/internal.h"

#include "trust/trust.h"

/* A member of the object being written; the first one opens it. */
static void member(struct buf *out, const char *name)
{
    bool first = out->len == 0 || out->ptr[out->len - 1] == '{';
    buf_printf(out, "%s\"%s\":", first ? "" : ",", name);
}

static void put_text(struct buf *out, const char *name, const char *text)
{
    member(out, name);
    buf_json_string(out, account_str(text));
}

static void put_integer(struct buf *out, const char *name, int64_t value)
{
    member(out, name);
    buf_printf(out, "%lld", (long long)value);
}

static void put_id(struct buf *out, const char *name, id64 id)
{
    char text[ID_TEXT_MAX] = "";
    if (id != 0) id_format(id, text);
    put_text(out, name, text);
}

static void put_number(struct buf *out, const char *name, bool has_number, double value)
{
    member(out, name);
    if (has_number)
        buf_json_number(out, value);
    else
        buf_puts(out, "null");
}

/* An open day is empty. */
static void put_day(struct buf *out, const char *name, date day)
{
    char text[DATE_TEXT_MAX] = "";
    if (day.day != INT32_MIN && day.day != INT32_MAX) date_format(day, text);
    put_text(out, name, text);
}

static void put_digest(struct buf *out, struct arena *arena, const char *name, digest d)
{
    put_text(out, name, digest_hex(arena, d));
}

str account_datum_line(struct arena *arena, const struct account_datum *d)
{
    struct buf *out = buf_new(arena);
    buf_putc(out, '{');
    put_id(out, "asset", d->asset_id);
    put_id(out, "datum", d->datum_id);
    put_day(out, "first_day", d->period.first);
    put_text(out, "input", d->input);
    put_text(out, "key", d->key);
    put_integer(out, "known_seq", d->known_seq);
    put_day(out, "last_day", d->period.last);
    put_id(out, "organisation", d->org_id);
    put_text(out, "raw", d->raw);
    put_text(out, "row", d->row_ref);
    put_id(out, "submission", d->submission_id);
    put_text(out, "text", d->text);
    put_text(out, "tier", account_tier_name(d->tier));
    put_text(out, "unit", d->unit);
    put_number(out, "value", d->has_number, d->value);
    buf_putc(out, '}');
    return buf_str(out);
}

static void put_inputs(struct buf *out, const struct account_bindings *inputs)
{
    member(out, "inputs");
    buf_putc(out, '[');
    for (size_t i = 0; i < inputs->count; i++) {
        const struct account_binding *b = &inputs->list[i];
        buf_puts(out, i == 0 ? "{" : ",{");
        put_id(out, "datum", b->datum_id);
        put_text(out, "input", b->input);
        put_text(out, "key", b->key);
        put_text(out, "text", b->has_number ? "" : b->text);
        put_text(out, "unit", b->unit);
        put_number(out, "value", b->has_number, b->value);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void put_model(struct buf *out, struct arena *arena, digest d, const char *name,
                      const char *version)
{
    member(out, "model");
    buf_putc(out, '{');
    put_digest(out, arena, "digest", d);
    put_text(out, "name", name);
    put_text(out, "version", version);
    buf_putc(out, '}');
}

static void put_tables(struct buf *out, struct arena *arena, const struct account_table *tables,
                       size_t count)
{
    member(out, "tables");
    buf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_puts(out, i == 0 ? "{" : ",{");
        put_digest(out, arena, "digest", tables[i].digest);
        put_text(out, "path", tables[i].path);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

str account_run_line(struct arena *arena, const struct account_run *run,
                     const struct account_bindings *inputs, const struct account_table *tables,
                     size_t table_count)
{
    struct buf *out = buf_new(arena);
    buf_putc(out, '{');
    put_day(out, "first_day", run->period.first);
    put_inputs(out, inputs);
    put_text(out, "kind", run->kind);
    put_integer(out, "known_seq", run->known_seq);
    put_day(out, "last_day", run->period.last);
    put_model(out, arena, run->model_digest, run->model, run->version);
    put_id(out, "organisation", run->org_id);
    put_id(out, "run", run->run_id);
    put_integer(out, "semantics", run->semantics);
    put_tables(out, arena, tables, table_count);
    buf_putc(out, '}');
    return buf_str(out);
}

static void put_outputs(struct buf *out, const struct account_judgement *j)
{
    member(out, "outputs");
    buf_putc(out, '[');
    for (size_t i = 0; i < j->output_count; i++) {
        const struct account_judged *o = &j->outputs[i];
        buf_puts(out, i == 0 ? "{" : ",{");
        put_text(out, "key", o->key);
        put_text(out, "output", o->output);
        put_text(out, "text", o->has_number ? "" : o->text);
        put_text(out, "unit", o->unit);
        put_number(out, "value", o->has_number, o->value);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

str account_judgement_line(struct arena *arena, const struct account_judgement *j)
{
    struct buf *out = buf_new(arena);
    buf_putc(out, '{');
    put_inputs(out, j->inputs);
    put_text(out, "judgement", j->judgement);
    put_model(out, arena, j->model_digest, j->model, j->version);
    put_id(out, "organisation", j->org_id);
    put_outputs(out, j);
    put_integer(out, "semantics", j->semantics);
    put_tables(out, arena, j->tables, j->table_count);
    put_integer(out, "year", j->year);
    buf_putc(out, '}');
    return buf_str(out);
}

str account_posting_bytes(struct arena *arena, const struct account_posting *p)
{
    struct buf *out = buf_new(arena);
    buf_putc(out, '{');
    put_text(out, "amount", arena_printf(arena, "%lld", (long long)p->amount));
    put_text(out, "basis", p->basis);
    put_day(out, "first_day", p->period.first);
    put_text(out, "key", p->key);
    put_text(out, "kind", account_kind_name(p->kind));
    put_day(out, "last_day", p->period.last);
    put_id(out, "organisation", p->org_id);
    put_text(out, "output", p->output);
    put_id(out, "posting", p->posting_id);
    put_id(out, "reverses", p->reverses);
    put_id(out, "run", p->run_id);
    put_integer(out, "scope", p->scope);
    put_text(out, "source", p->source);
    put_text(out, "unit", p->unit);
    buf_putc(out, '}');
    return buf_str(out);
}

digest account_lines_root(struct arena *arena, const str *lines, size_t count)
{
    digest *leaves = ARENA_NEW_ARRAY(arena, digest, count + 1);
    for (size_t i = 0; i < count; i++) leaves[i] = merkle_leaf(lines[i]);
    return merkle_root_of(leaves, count);
}

digest account_submission_content(struct arena *arena, digest bytes, const str *lines, size_t count)
{
    digest root = account_lines_root(arena, lines, count);
    const str parts[] = {{"tanshu submission v1", sizeof "tanshu submission v1"},
                         account_digest_str(&bytes),
                         account_digest_str(&root)};
    return digest_of_parts(parts, ARRAY_LEN(parts));
}
