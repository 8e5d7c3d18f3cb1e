/* `tanshu model run` with --uncertainty, --gradient, --what-if and --reach, and the digests that
 * name a run. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/num.h"
#include "model/command_csv.h"
#include "model/command_session.h"
#include "model/program.h"

/* ---- digests ------------------------------------------------------------------------------ */

const char *command_digests(const struct run_print *p)
{
    struct arena *arena = p->s->arena;
    return arena_printf(
        arena, "model=%s tables=%s inputs=%s semantics=%d",
        digest_hex(arena, p->info->model_digest), digest_hex(arena, p->info->tables_digest),
        digest_hex(arena, model_data_digest(p->run->data)), MODEL_SEMANTICS_VERSION);
}

const char *command_digests_json(const struct run_print *p)
{
    struct arena *arena = p->s->arena;
    return arena_printf(arena,
                        "{\"inputs\":\"%s\",\"model\":\"%s\",\"semantics\":%d,\"tables\":\"%s\"}",
                        digest_hex(arena, model_data_digest(p->run->data)),
                        digest_hex(arena, p->info->model_digest), MODEL_SEMANTICS_VERSION,
                        digest_hex(arena, p->info->tables_digest));
}

/* ---- shared ------------------------------------------------------------------------------- */

static const char *number_text(struct arena *arena, double value)
{
    char text[NUM_TEXT_MAX];
    if (!isfinite(value)) return "";
    num_format(value, text);
    return arena_strdup(arena, text);
}

/* For people: nine digits. */
static const char *short_text(struct arena *arena, double value)
{
    return isfinite(value) ? num_format_significant(arena, value, 9) : "";
}

static const char *percent_text(struct arena *arena, double share)
{
    return arena_printf(arena, "%.2f %%", 100 * share);
}

static void json_member(struct buf *out, bool first, const char *name, double value)
{
    if (!first) buf_putc(out, ',');
    buf_json_string(out, str_from(name));
    buf_putc(out, ':');
    if (isfinite(value))
        buf_json_number(out, value);
    else
        buf_puts(out, "null");
}

static void json_text(struct buf *out, bool first, const char *name, const char *text)
{
    if (!first) buf_putc(out, ',');
    buf_json_string(out, str_from(name));
    buf_putc(out, ':');
    if (text != NULL)
        buf_json_string(out, str_from(text));
    else
        buf_puts(out, "null");
}

static const char *smoothness_text(enum model_smoothness smoothness)
{
    static const char *const words[] = {
        [MODEL_SMOOTH] = "smooth", [MODEL_PIECEWISE] = "piecewise", [MODEL_AT_KINK] = "at_kink"};
    return words[smoothness];
}

static bool split_output(struct arena *arena, const char *text, const char **name, str *key)
{
    const char *open = strchr(text, '[');
    *name = text;
    *key = (str){"", 0};
    if (open == NULL) return true;
    str all = str_from(text);
    if (!str_ends(all, "]")) return false;
    *name = str_dup(arena, str_slice(all, 0, (size_t)(open - text)));
    *key = str_slice(all, (size_t)(open - text) + 1, all.len - 1);
    return true;
}

/* ---- uncertainty -------------------------------------------------------------------------- */

struct asked {
    struct model_uncertainty_options options;
    struct buf *out;
    size_t printed;
};

static void put_shares(const struct run_print *p, struct buf *out,
                       const struct model_uncertainty *u)
{
    buf_puts(out, ",\"shares\":[");
    for (size_t i = 0; i < u->count; i++) {
        const struct model_contribution *c = &u->contributions[i];
        buf_puts(out, i == 0 ? "{" : ",{");
        json_member(out, true, "deviation", c->deviation);
        json_member(out, false, "first_order", c->share_first_order);
        if (u->draws != 0) json_member(out, false, "monte_carlo", c->share);
        json_text(out, false, "name", c->of.name);
        if (c->of.table != NULL) json_text(out, false, "table", c->of.table);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
    (void)p;
}

static void json_uncertainty(const struct run_print *p, struct asked *asked, const char *entity,
                             str period, const char *output, const struct model_uncertainty *u)
{
    struct buf *out = asked->out;
    buf_puts(out, asked->printed++ == 0 ? "\n{" : ",\n{");
    buf_printf(out, "\"digests\":%s", command_digests_json(p));
    json_member(out, false, "entities", (double)u->entities);
    json_text(out, false, "entity", entity);
    buf_puts(out, ",\"first_order\":{");
    json_member(out, true, "deviation", u->deviation);
    json_member(out, false, "mean", u->mean);
    json_text(out, false, "smoothness", smoothness_text(u->smoothness));
    buf_putc(out, '}');
    json_member(out, false, "left_out", (double)u->left_out);
    if (u->draws != 0) {
        buf_puts(out, ",\"monte_carlo\":{");
        json_member(out, true, "deviation", u->drawn_deviation);
        json_member(out, false, "draws", (double)u->draws);
        json_member(out, false, "failed", (double)u->failed);
        json_member(out, false, "high", u->high);
        json_member(out, false, "low", u->low);
        json_member(out, false, "mean", u->drawn_mean);
        json_member(out, false, "median", u->median);
        json_text(out, false, "seed",
                  arena_printf(p->s->arena, "%llu", (unsigned long long)asked->options.seed));
        buf_putc(out, '}');
    }
    json_text(out, false, "output", output);
    json_text(out, false, "period", str_dup(p->s->arena, period));
    put_shares(p, out, u);
    json_text(out, false, "unit", u->unit);
    json_member(out, false, "value", u->value);
    buf_putc(out, '}');
}

static void csv_uncertainty(const struct run_print *p, struct asked *asked, const char *entity,
                            str period, const char *output, const struct model_uncertainty *u)
{
    struct arena *arena = p->s->arena;
    struct buf *out = asked->out, *shares = buf_new(arena);
    if (asked->printed++ == 0)
        buf_puts(out, "entity,period,output,unit,value,first_order_mean,first_order_deviation,"
                      "smoothness,draws,failed,seed,mean,deviation,low,median,high,shares,digests"
                      "\r\n");
    for (size_t i = 0; i < u->count; i++)
        buf_printf(shares, "%s%s %s", i == 0 ? "" : "; ", u->contributions[i].of.name,
                   percent_text(arena, u->draws != 0 ? u->contributions[i].share
                                                     : u->contributions[i].share_first_order));
    csv_put_safe(out, str_from(entity), true);
    csv_put_safe(out, period, false);
    csv_put(out, str_from(output), false);
    csv_put(out, str_from(u->unit == NULL ? "" : u->unit), false);
    const double first[] = {u->value, u->mean, u->deviation};
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        csv_put(out, str_from(number_text(arena, first[i])), false);
    csv_put(out, str_from(smoothness_text(u->smoothness)), false);
    buf_printf(out, ",%zu,%zu,%llu", u->draws, u->failed, (unsigned long long)asked->options.seed);
    const double drawn[] = {u->drawn_mean, u->drawn_deviation, u->low, u->median, u->high};
    for (size_t i = 0; i < ARRAY_LEN(drawn); i++)
        csv_put(out, str_from(u->draws == 0 ? "" : number_text(arena, drawn[i])), false);
    csv_put_safe(out, buf_str(shares), false);
    csv_put(out, str_from(command_digests(p)), false);
    csv_end_row(out);
}

static void text_uncertainty(const struct run_print *p, struct asked *asked, const char *entity,
                             str period, const char *output, const struct model_uncertainty *u)
{
    struct session *s = p->s;
    struct arena *arena = s->arena;
    struct buf *out = asked->out;
    const char *unit = u->unit == NULL ? "" : u->unit;
    buf_printf(out, "%s %.*s  %s = %s %s\n", entity, STR_ARG(period), output,
               number_text(arena, u->value), unit);
    if (u->left_out != 0)
        buf_printf(out,
                   session_say(s, "  left out, without a number: %zu of %zu\n",
                               "  未计入（无数值）：%zu / %zu\n"),
                   u->left_out, u->left_out + u->entities);
    if (u->count == 0) {
        buf_puts(out, session_say(s, "  nothing it rests on states an uncertainty\n",
                                  "  所依据的数据均未注明不确定度\n"));
        return;
    }
    double relative = u->value == 0 ? 0 : u->deviation / fabs(u->value);
    buf_printf(out,
               session_say(s, "  first order: mean %s, standard deviation %s (%s), %s\n",
                           "  一阶传播：均值 %s，标准差 %s（%s），%s\n"),
               short_text(arena, u->mean), short_text(arena, u->deviation),
               percent_text(arena, relative), smoothness_text(u->smoothness));
    if (u->draws != 0)
        buf_printf(out,
                   session_say(s,
                               "  Monte Carlo, %zu draws, seed %llu: mean %s, standard deviation "
                               "%s, 95 %%: %s .. %s, median %s\n",
                               "  蒙特卡洛，%zu 次抽样，种子 %llu：均值 %s，标准差 %s，95%%：%s .. "
                               "%s，中位数 %s\n"),
                   u->draws, (unsigned long long)asked->options.seed,
                   short_text(arena, u->drawn_mean), short_text(arena, u->drawn_deviation),
                   short_text(arena, u->low), short_text(arena, u->high),
                   short_text(arena, u->median));
    if (u->failed != 0)
        buf_printf(out, session_say(s, "  draws without a number: %zu\n", "  无数值的抽样：%zu\n"),
                   u->failed);
    for (size_t i = 0; i < u->count; i++) {
        const struct model_contribution *c = &u->contributions[i];
        buf_printf(out, "    %9s", percent_text(arena, c->share_first_order));
        if (u->draws != 0) buf_printf(out, " %9s", percent_text(arena, c->share));
        buf_printf(out, "  %s\n", c->of.name);
    }
}

static bool print_uncertainty(const struct run_print *p, struct asked *asked, size_t first,
                              size_t count, const char *output, str key, struct error *err)
{
    struct model_uncertainty u;
    struct arena *arena = p->s->arena;
    asked->options.first = first;
    asked->options.count = count;
    if (!model_uncertainty(arena, p->run, output, key, &asked->options, &u, err)) return false;
    if (u.entities == 0) return true;
    const char *entity = count == 1 ? str_dup(arena, p->rows[first].entity) : "*";
    str period = count == 1 ? p->rows[first].period : (str){"", 0};
    const char *name =
        key.len == 0 ? output : arena_printf(arena, "%s[%.*s]", output, STR_ARG(key));
    if (session_is_format(p->s, "json"))
        json_uncertainty(p, asked, entity, period, name, &u);
    else if (session_is_format(p->s, "csv"))
        csv_uncertainty(p, asked, entity, period, name, &u);
    else
        text_uncertainty(p, asked, entity, period, name, &u);
    return true;
}

int command_uncertainty(const struct run_print *p)
{
    struct session *s = p->s;
    struct error err = {0};
    int64_t draws, seed = 1;
    if (!num_parse_int(str_from(s->options.uncertainty), &draws) || draws < 0 ||
        (s->options.seed != NULL && (!num_parse_int(str_from(s->options.seed), &seed) || seed < 0)))
        return 2;
    struct asked asked = {
        .options = {.draws = (size_t)draws, .seed = (uint64_t)seed, .threads = p->threads},
        .out = buf_new(s->arena)};
    bool json = session_is_format(s, "json");
    bool known = s->options.output == NULL;
    if (json) buf_puts(asked.out, "[");
    for (size_t i = 0; i < p->info->output_count; i++) {
        const struct model_output *o = &p->info->outputs[i];
        const char *name = o->name;
        str key = {"", 0};
        if (s->options.output != NULL) {
            if (!split_output(s->arena, s->options.output, &name, &key)) return 2;
            if (strcmp(name, o->name) != 0) continue;
            known = true;
        } else if (o->type != MODEL_NUMBER || o->index != NULL) {
            continue;
        }
        for (size_t e = 0; e < p->count; e++)
            if (!print_uncertainty(p, &asked, e, 1, name, key, &err))
                return session_report(s, &err);
        if (p->count > 1 && !print_uncertainty(p, &asked, 0, p->count, name, key, &err))
            return session_report(s, &err);
    }
    if (!known) {
        error_set(&err, ERROR_MODEL_OUTPUT, "ss", s->options.output, p->info->name);
        return session_report(s, &err);
    }
    if (json) buf_puts(asked.out, "\n]\n");
    fwrite(asked.out->ptr, 1, asked.out->len, s->out);
    if (!json && !session_is_format(s, "csv")) fprintf(s->out, "digests: %s\n", command_digests(p));
    return 0;
}

/* ---- gradient ----------------------------------------------------------------------------- */

static void put_partials(const struct run_print *p, struct buf *out, const struct model_gradient *g)
{
    struct arena *arena = p->s->arena;
    bool json = session_is_format(p->s, "json");
    for (size_t i = 0; i < g->count; i++) {
        const struct model_partial *d = &g->partials[i];
        if (!json) {
            buf_printf(out, "  %s  (%s per %s)  %s = %s\n", number_text(arena, d->derivative),
                       g->unit == NULL ? "1" : g->unit, d->unit == NULL ? "1" : d->unit, d->name,
                       number_text(arena, d->value));
            continue;
        }
        buf_puts(out, i == 0 ? "{" : ",{");
        json_member(out, true, "derivative", d->derivative);
        json_text(out, false, "name", d->name);
        if (d->table != NULL) json_text(out, false, "table", d->table);
        json_text(out, false, "unit", d->unit);
        json_member(out, false, "value", d->value);
        buf_putc(out, '}');
    }
}

int command_gradient(const struct run_print *p)
{
    struct session *s = p->s;
    struct buf *out = buf_new(s->arena);
    bool json = session_is_format(s, "json");
    const char *name;
    str key;
    struct error err = {0};
    if (!split_output(s->arena, s->options.gradient, &name, &key)) return 2;
    if (json) buf_puts(out, "[");
    for (size_t e = 0; e < p->count; e++) {
        struct model_gradient g = model_gradient(s->arena, p->run, e, name, key);
        if (g.value.status == MODEL_DOMAIN && g.unit == NULL) {
            error_set(&err, ERROR_MODEL_OUTPUT, "ss", name, p->info->name);
            return session_report(s, &err);
        }
        const char *value = command_value_text(s->arena, g.value);
        if (!json) {
            buf_printf(out, "%.*s %.*s  %s = %s %s  (%s)\n", STR_ARG(p->rows[e].entity),
                       STR_ARG(p->rows[e].period), s->options.gradient,
                       g.value.status == MODEL_OK ? value : model_status_name(g.value.status),
                       g.unit == NULL ? "" : g.unit, smoothness_text(g.smoothness));
            put_partials(p, out, &g);
            continue;
        }
        buf_puts(out, e == 0 ? "\n{\"entity\":" : ",\n{\"entity\":");
        buf_json_string(out, p->rows[e].entity);
        json_text(out, false, "output", s->options.gradient);
        buf_puts(out, ",\"partials\":[");
        put_partials(p, out, &g);
        buf_puts(out, "],\"period\":");
        buf_json_string(out, p->rows[e].period);
        json_text(out, false, "smoothness", smoothness_text(g.smoothness));
        json_text(out, false, "unit", g.unit);
        json_member(out, false, "value", g.value.status == MODEL_OK ? g.value.number : NAN);
        buf_putc(out, '}');
    }
    if (json) buf_puts(out, "\n]\n");
    fwrite(out->ptr, 1, out->len, s->out);
    if (!json) fprintf(s->out, "digests: %s\n", command_digests(p));
    return 0;
}

/* ---- what if ------------------------------------------------------------------------------ */

static const char *shown(struct arena *arena, struct model_value value, bool present)
{
    if (!present) return "-";
    return value.status != MODEL_OK ? model_status_name(value.status)
                                    : command_value_text(arena, value);
}

static void put_change(const struct run_print *p, struct buf *out, bool *first, const char *name,
                       const char *unit, struct model_value before, struct model_value after,
                       const char *before_text, const char *after_text)
{
    struct arena *arena = p->s->arena;
    bool numbers =
        before.status == MODEL_OK && after.status == MODEL_OK && before.type == MODEL_NUMBER;
    if (!session_is_format(p->s, "json")) {
        buf_printf(out, "  %s: %s -> %s %s", name, before_text, after_text,
                   unit == NULL ? "" : unit);
        if (numbers && before.number != after.number)
            buf_printf(out, "  (%+.4g%s)", after.number - before.number,
                       before.number == 0 ? ""
                                          : arena_printf(arena, ", %+.2f %%",
                                                         100 * (after.number / before.number - 1)));
        else if (strcmp(before_text, after_text) != 0)
            buf_puts(out, session_say(p->s, "  CHANGES", "  改变"));
        buf_putc(out, '\n');
        return;
    }
    buf_puts(out, *first ? "{" : ",{");
    *first = false;
    json_text(out, true, "after", after_text);
    json_text(out, false, "before", before_text);
    if (numbers) json_member(out, false, "change", after.number - before.number);
    json_text(out, false, "output", name);
    json_text(out, false, "unit", unit);
    buf_putc(out, '}');
}

static void put_outputs(const struct run_print *p, struct buf *out, size_t entity,
                        const struct model_run *after)
{
    struct arena *arena = p->s->arena;
    bool first = true;
    for (size_t i = 0; i < p->info->output_count; i++) {
        const struct model_output *o = &p->info->outputs[i];
        for (size_t k = 0; k < (o->index == NULL ? 1 : o->key_count); k++) {
            str key = o->index == NULL ? (str){"", 0} : str_from(o->keys[k].id);
            bool had, has;
            struct model_value old = model_run_value(p->run, entity, o->name, key, &had),
                               new = model_run_value(after, 0, o->name, key, &has);
            if (!had && !has) continue;
            put_change(p, out, &first,
                       o->index == NULL ? o->name
                                        : arena_printf(arena, "%s[%s]", o->name, o->keys[k].id),
                       o->unit, old, new, shown(arena, old, had), shown(arena, new, has));
        }
    }
}

/* A measure of the model by its name, else changes written out. */
static struct model_run *change(const struct run_print *p, size_t entity, struct error *err)
{
    for (size_t i = 0; i < p->info->measure_count; i++)
        if (strcmp(p->s->options.what_if, p->info->measures[i].name) == 0)
            return model_what_if_measure(p->s->arena, p->run, entity, i, NULL, err);
    return model_what_if(p->s->arena, p->run, entity, str_from(p->s->options.what_if), err);
}

int command_what_if(const struct run_print *p)
{
    struct session *s = p->s;
    struct buf *out = buf_new(s->arena);
    bool json = session_is_format(s, "json");
    struct error err = {0};
    if (json) buf_puts(out, "[");
    for (size_t e = 0; e < p->count; e++) {
        struct model_run *after = change(p, e, &err);
        if (after == NULL) return session_report(s, &err);
        if (json) {
            buf_puts(out, e == 0 ? "\n{\"entity\":" : ",\n{\"entity\":");
            buf_json_string(out, p->rows[e].entity);
            buf_puts(out, ",\"outputs\":[");
            put_outputs(p, out, e, after);
            buf_puts(out, "],\"period\":");
            buf_json_string(out, p->rows[e].period);
            buf_putc(out, '}');
            continue;
        }
        buf_printf(out, "%.*s %.*s\n", STR_ARG(p->rows[e].entity), STR_ARG(p->rows[e].period));
        put_outputs(p, out, e, after);
    }
    if (json) buf_puts(out, "\n]\n");
    fwrite(out->ptr, 1, out->len, s->out);
    if (!json) fprintf(s->out, "digests: %s\n", command_digests(p));
    return 0;
}

/* ---- reach -------------------------------------------------------------------------------- */

static void put_way(const struct run_print *p, struct buf *out, bool first,
                    const struct model_way *way)
{
    struct session *s = p->s;
    const char *unit = way->unit == NULL ? "" : way->unit;
    if (session_is_format(s, "json")) {
        buf_puts(out, first ? "{" : ",{");
        json_member(out, true, "change", way->measure == NULL ? way->change : NAN);
        json_member(out, false, "cost", way->has_cost ? way->cost : NAN);
        json_member(out, false, "from", way->measure == NULL ? way->from : NAN);
        json_text(out, false, "measure", way->measure == NULL ? NULL : way->name);
        json_text(out, false, "name", way->name);
        json_member(out, false, "to", way->measure == NULL ? way->to : NAN);
        json_text(out, false, "unit", way->unit);
        buf_putc(out, '}');
        return;
    }
    if (way->measure != NULL)
        buf_printf(out, "  %s: %s%s%s %s\n", way->name,
                   session_is_zh(s) ? way->measure->label.zh : way->measure->label.en,
                   session_say(s, "  cost ", "  成本 "),
                   way->has_cost ? short_text(s->arena, way->cost) : "?",
                   way->has_cost ? unit : "");
    else
        buf_printf(out, "  %s: %s -> %s %s  (%+.2f %%)\n", way->name,
                   short_text(s->arena, way->from), short_text(s->arena, way->to), unit,
                   100 * way->change);
}

int command_reach(const struct run_print *p)
{
    struct session *s = p->s;
    struct buf *out = buf_new(s->arena);
    bool json = session_is_format(s, "json");
    struct error err = {0};
    str all = str_from(s->options.reach);
    size_t end = 0;
    while (end < all.len && strchr("<>=", all.ptr[end]) == NULL) end++;
    const char *name = str_dup(s->arena, str_trim(str_slice(all, 0, end)));
    str wanted = str_slice(all, end < all.len && all.ptr[end] == '=' ? end + 1 : end, all.len);
    if (json) buf_puts(out, "[");
    for (size_t e = 0; e < p->count; e++) {
        struct model_ways ways;
        if (!model_ways(s->arena, p->run, e, name, wanted, &ways, &err))
            return session_report(s, &err);
        struct model_value now = model_run_value(p->run, e, name, (str){"", 0}, NULL);
        if (json) {
            buf_puts(out, e == 0 ? "\n{\"already\":" : ",\n{\"already\":");
            buf_puts(out, ways.already ? "true,\"entity\":" : "false,\"entity\":");
            buf_json_string(out, p->rows[e].entity);
            json_text(out, false, "now", shown(s->arena, now, true));
            buf_puts(out, ",\"period\":");
            buf_json_string(out, p->rows[e].period);
            buf_puts(out, ",\"ways\":[");
        } else {
            buf_printf(out, "%.*s %.*s  %s = %s\n", STR_ARG(p->rows[e].entity),
                       STR_ARG(p->rows[e].period), name, shown(s->arena, now, true));
            if (ways.already)
                buf_puts(out, session_say(s, "  it is so already\n", "  现已达到\n"));
            else if (ways.count == 0)
                buf_puts(out,
                         session_say(s, "  no single change of up to all of an input does it\n",
                                     "  单独改变任一输入（幅度不超过其自身）均无法达到\n"));
        }
        for (size_t i = 0; i < ways.count; i++) put_way(p, out, i == 0, &ways.list[i]);
        if (json) buf_puts(out, "]}");
    }
    if (json) buf_puts(out, "\n]\n");
    fwrite(out->ptr, 1, out->len, s->out);
    if (!json) fprintf(s->out, "digests: %s\n", command_digests(p));
    return 0;
}
