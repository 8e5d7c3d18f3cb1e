/* `tanshu model compare A B --input FILE`: champion and challenger side by side. */
#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/num.h"
#include "model/command_csv.h"
#include "model/command_session.h"
#include "model/compare.h"
#include "model/engine.h"

#define INPUT_BYTES_MAX ((size_t)512 << 20)
#define ENTITIES_SHOWN_MAX 50 /* with reasons, as text; CSV and JSON have all */
#define REASONS_SHOWN_MAX 5
#define MOVES_MAX 200 /* different changes of one text output */

struct printing {
    struct session *s;
    struct comparison c;
    const struct command_row *rows;
    size_t count;
};

/* What became of one output over all entities and keys. */
struct total {
    size_t compared, changed;
    size_t numbers;      /* pairs with a number on both sides */
    double change, most; /* sum of the changes; the largest by size */
    size_t most_entity;
    struct move {
        const char *from, *to;
        size_t count;
    } * moves; /* of texts, flags and statuses */
    size_t move_count, move_capacity;
};

static char *value_text(const struct printing *p, const struct model_value *value, bool present)
{
    struct arena *arena = p->s->arena;
    char text[NUM_TEXT_MAX];
    if (!present) return arena_strdup(arena, session_say(p->s, "absent", "未使用"));
    if (value->status != MODEL_OK)
        return arena_strdup(arena, status_text(value->status, session_is_zh(p->s)));
    if (value->text != NULL) return arena_strdup(arena, value->text);
    if (value->type == MODEL_FLAG)
        return arena_strdup(arena, value->number != 0 ? session_say(p->s, "true", "是")
                                                      : session_say(p->s, "false", "否"));
    if (value->type == MODEL_DATE)
        date_format((date){(int32_t)value->number}, text);
    else
        num_format(value->number, text);
    return arena_strdup(arena, text);
}

static bool both_numbers(const struct compared_output *o, const struct compared_value *v)
{
    return o->type == MODEL_NUMBER && v->present[0] && v->present[1] &&
           v->values[0].status == MODEL_OK && v->values[1].status == MODEL_OK;
}

static void add_move(struct printing *p, struct total *t, const struct compared_value *v)
{
    const char *from = value_text(p, &v->values[0], v->present[0]);
    const char *to = value_text(p, &v->values[1], v->present[1]);
    for (size_t i = 0; i < t->move_count; i++)
        if (strcmp(t->moves[i].from, from) == 0 && strcmp(t->moves[i].to, to) == 0) {
            t->moves[i].count++;
            return;
        }
    if (t->move_count < MOVES_MAX)
        *ARENA_PUSH(p->s->arena, t->moves, t->move_count, t->move_capacity) =
            (struct move){from, to, 1};
}

static struct total total_of(struct printing *p, const struct compared_output *o)
{
    struct total t = {0};
    for (size_t e = 0; e < p->count; e++)
        for (size_t k = 0; k < o->key_count; k++) {
            struct compared_value v = compare_value(p->s->arena, &p->c, o, e, k);
            if (!v.present[0] && !v.present[1]) continue;
            t.compared++;
            t.changed += v.changed;
            if (!both_numbers(o, &v)) {
                if (v.changed) add_move(p, &t, &v);
                continue;
            }
            double change = v.changed ? v.values[1].number - v.values[0].number : 0;
            t.numbers++;
            t.change += change;
            if (fabs(change) <= fabs(t.most)) continue;
            t.most = change;
            t.most_entity = e;
        }
    return t;
}

static const char *signed_text(const struct printing *p, double change)
{
    char *text = num_format_significant(p->s->arena, change, 6);
    return change > 0 ? arena_printf(p->s->arena, "+%s", text) : text;
}

static const char *output_name(const struct printing *p, const struct compared_output *o, size_t k)
{
    return o->index == NULL ? o->name : arena_printf(p->s->arena, "%s[%s]", o->name, o->keys[k].id);
}

static const char *label_of(const struct printing *p, const struct model_text *label)
{
    return session_is_zh(p->s) ? label->zh : label->en;
}

static const char *who(const struct printing *p, size_t entity)
{
    const struct command_row *row = &p->rows[entity];
    return arena_printf(p->s->arena, "%.*s%s%.*s", STR_ARG(row->entity),
                        row->period.len == 0 ? "" : " ", STR_ARG(row->period));
}

/* ---- text --------------------------------------------------------------------------------- */

static void print_summary(struct printing *p)
{
    struct session *s = p->s;
    for (size_t i = 0; i < p->c.output_count; i++) {
        const struct compared_output *o = &p->c.outputs[i];
        struct total t = total_of(p, o);
        fprintf(s->out,
                session_say(s, "%s (%s): %zu compared, %zu changed",
                            "%s（%s）：比较 %zu 项，变化 %zu 项"),
                o->name, label_of(p, &o->label), t.compared, t.changed);
        if (t.numbers != 0 && t.change != 0)
            fprintf(s->out, session_say(s, "; mean change %s %s", "；平均变化 %s %s"),
                    signed_text(p, t.change / (double)t.numbers), o->unit);
        if (t.most != 0)
            fprintf(s->out, session_say(s, "; largest %s (%s)", "；最大 %s（%s）"),
                    signed_text(p, t.most), who(p, t.most_entity));
        fputc('\n', s->out);
        for (size_t m = 0; m < t.move_count; m++)
            fprintf(s->out, "    %s -> %s: %zu\n", t.moves[m].from, t.moves[m].to,
                    t.moves[m].count);
    }
    static const char *const en[] = {"only in the first: ", "only in the second: "};
    static const char *const zh[] = {"仅第一个有：", "仅第二个有："};
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < p->c.only_count[side]; i++)
            fprintf(s->out, "%s%s", i == 0 ? session_say(s, en[side], zh[side]) : ", ",
                    p->c.only[side][i]);
        if (p->c.only_count[side] != 0) fputc('\n', s->out);
    }
}

static const char *side_text(const struct printing *p, const struct reason *r, int side)
{
    const char *text = value_text(p, &r->values[side], true);
    bool unit = r->values[side].status == MODEL_OK && r->values[side].type == MODEL_NUMBER &&
                r->units[side] != NULL && strcmp(r->units[side], "1") != 0;
    return unit ? arena_printf(p->s->arena, "%s %s", text, r->units[side]) : text;
}

static void print_reasons(struct printing *p, const struct compared_output *o, size_t e, size_t k)
{
    struct session *s = p->s;
    const struct reason *reasons;
    if (o->requirement) return;
    size_t count = compare_reasons(s->arena, &p->c, o, e, k, &reasons);
    for (size_t i = 0; i < count && i < REASONS_SHOWN_MAX; i++) {
        const struct reason *r = &reasons[i];
        fprintf(s->out, "    %s %s: %s -> %s\n", reason_name(r->kind, session_is_zh(s)), r->step,
                side_text(p, r, 0), side_text(p, r, 1));
        bool words = r->expressions[0] != NULL && r->expressions[1] != NULL &&
                     strcmp(r->expressions[0], r->expressions[1]) != 0;
        if (words)
            fprintf(s->out, "      - %s\n      + %s\n", r->expressions[0], r->expressions[1]);
    }
    if (count > REASONS_SHOWN_MAX)
        fprintf(s->out, session_say(s, "    … and %zu more\n", "    … 另有 %zu 处\n"),
                count - REASONS_SHOWN_MAX);
}

static void print_text(struct printing *p)
{
    struct session *s = p->s;
    size_t shown = 0, hidden = 0;
    const struct model_info *a = model_info(p->c.models[0]), *b = model_info(p->c.models[1]);
    fprintf(s->out, "%s %s -> %s %s, ", a->name, a->version, b->name, b->version);
    fprintf(s->out, session_say(s, "%zu entities\n", "%zu 个主体\n"), p->count);
    print_summary(p);
    for (size_t e = 0; e < p->count; e++) {
        bool any = false;
        for (size_t i = 0; i < p->c.output_count; i++) {
            const struct compared_output *o = &p->c.outputs[i];
            for (size_t k = 0; k < o->key_count; k++) {
                struct compared_value v = compare_value(s->arena, &p->c, o, e, k);
                if (!v.changed) continue;
                if (!any && shown == ENTITIES_SHOWN_MAX) {
                    hidden++;
                    any = true;
                }
                if (shown == ENTITIES_SHOWN_MAX && hidden != 0) continue;
                if (!any) fprintf(s->out, "%s\n", who(p, e));
                any = true;
                fprintf(s->out, "  %s: %s -> %s", output_name(p, o, k),
                        value_text(p, &v.values[0], v.present[0]),
                        value_text(p, &v.values[1], v.present[1]));
                if (both_numbers(o, &v))
                    fprintf(s->out, " %s (%s)", o->unit,
                            signed_text(p, v.values[1].number - v.values[0].number));
                fputc('\n', s->out);
                print_reasons(p, o, e, k);
            }
        }
        shown += any && shown < ENTITIES_SHOWN_MAX;
    }
    if (hidden != 0)
        fprintf(s->out,
                session_say(s, "… and %zu more entities (--format csv or json has all)\n",
                            "… 另有 %zu 个主体（--format csv 或 json 列出全部）\n"),
                hidden);
}

/* ---- CSV and JSON ---------------------------------------------------------------------------- */

static char *number_text(const struct printing *p, double value)
{
    char text[NUM_TEXT_MAX];
    num_format(value, text);
    return arena_strdup(p->s->arena, text);
}

static void print_csv(struct printing *p)
{
    struct arena *arena = p->s->arena;
    struct buf *out = buf_new(arena);
    buf_puts(out, "entity,period,output,unit,a,b,change,changed,reasons");
    csv_end_row(out);
    for (size_t e = 0; e < p->count; e++)
        for (size_t i = 0; i < p->c.output_count; i++)
            for (size_t k = 0; k < p->c.outputs[i].key_count; k++) {
                const struct compared_output *o = &p->c.outputs[i];
                struct compared_value v = compare_value(arena, &p->c, o, e, k);
                if (!v.present[0] && !v.present[1]) continue;
                csv_put_safe(out, p->rows[e].entity, true);
                csv_put_safe(out, p->rows[e].period, false);
                csv_put(out, str_from(output_name(p, o, k)), false);
                csv_put(out, str_from(o->unit), false);
                for (int side = 0; side < 2; side++)
                    csv_put(out, str_from(value_text(p, &v.values[side], v.present[side])), false);
                csv_put(out,
                        both_numbers(o, &v)
                            ? str_from(number_text(
                                  p, v.changed ? v.values[1].number - v.values[0].number : 0))
                            : (str){"", 0},
                        false);
                csv_put(out, v.changed ? STR("yes") : STR("no"), false);
                const struct reason *reasons;
                size_t count = v.changed && !o->requirement
                                   ? compare_reasons(arena, &p->c, o, e, k, &reasons)
                                   : 0;
                struct buf *why = buf_new(arena);
                for (size_t r = 0; r < count; r++)
                    buf_printf(why, "%s%s %s: %s -> %s", r == 0 ? "" : "; ",
                               reason_name(reasons[r].kind, session_is_zh(p->s)), reasons[r].step,
                               side_text(p, &reasons[r], 0), side_text(p, &reasons[r], 1));
                csv_put_safe(out, count == 0 ? (str){"", 0} : buf_str(why), false);
                csv_end_row(out);
            }
    fwrite(out->ptr, 1, out->len, p->s->out);
}

static void put_value(struct buf *out, const struct model_value *value, bool present)
{
    if (!present || value->status != MODEL_OK) {
        buf_puts(out, "null");
    } else if (value->text != NULL) {
        buf_json_string(out, str_from(value->text));
    } else if (value->type == MODEL_FLAG) {
        buf_puts(out, value->number != 0 ? "true" : "false");
    } else if (value->type == MODEL_DATE) {
        char text[DATE_TEXT_MAX];
        date_format((date){(int32_t)value->number}, text);
        buf_json_string(out, str_from(text));
    } else {
        buf_json_number(out, value->number);
    }
}

static void put_text(struct buf *out, const char *key, const char *text)
{
    buf_printf(out, "\"%s\":", key);
    if (text == NULL)
        buf_puts(out, "null");
    else
        buf_json_string(out, str_from(text));
}

static void put_reasons(struct printing *p, struct buf *out, const struct compared_output *o,
                        size_t e, size_t k)
{
    const struct reason *reasons;
    size_t count = o->requirement ? 0 : compare_reasons(p->s->arena, &p->c, o, e, k, &reasons);
    for (size_t i = 0; i < count; i++) {
        const struct reason *r = &reasons[i];
        buf_puts(out, i == 0 ? "{\"a\":" : ",{\"a\":");
        put_value(out, &r->values[0], true);
        buf_putc(out, ',');
        put_text(out, "a_expression", r->expressions[0]);
        buf_puts(out, ",\"b\":");
        put_value(out, &r->values[1], true);
        buf_putc(out, ',');
        put_text(out, "b_expression", r->expressions[1]);
        buf_putc(out, ',');
        put_text(out, "kind", reason_name(r->kind, false));
        buf_putc(out, ',');
        put_text(out, "step", r->step);
        buf_putc(out, ',');
        put_text(out, "unit", r->units[0]);
        buf_putc(out, '}');
    }
}

static void put_changes(struct printing *p, struct buf *out)
{
    bool first = true;
    for (size_t e = 0; e < p->count; e++)
        for (size_t i = 0; i < p->c.output_count; i++)
            for (size_t k = 0; k < p->c.outputs[i].key_count; k++) {
                const struct compared_output *o = &p->c.outputs[i];
                struct compared_value v = compare_value(p->s->arena, &p->c, o, e, k);
                if (!v.changed) continue;
                buf_puts(out, first ? "\n{\"a\":" : ",\n{\"a\":");
                first = false;
                put_value(out, &v.values[0], v.present[0]);
                buf_puts(out, ",\"b\":");
                put_value(out, &v.values[1], v.present[1]);
                buf_puts(out, ",\"entity\":");
                buf_json_string(out, p->rows[e].entity);
                buf_putc(out, ',');
                put_text(out, "output", output_name(p, o, k));
                buf_puts(out, ",\"period\":");
                buf_json_string(out, p->rows[e].period);
                buf_puts(out, ",\"reasons\":[");
                put_reasons(p, out, o, e, k);
                buf_puts(out, "],");
                put_text(out, "unit", o->unit);
                buf_putc(out, '}');
            }
}

static void print_json(struct printing *p)
{
    struct buf *out = buf_new(p->s->arena);
    const struct model_info *a = model_info(p->c.models[0]), *b = model_info(p->c.models[1]);
    buf_puts(out, "{");
    put_text(out, "a", arena_printf(p->s->arena, "%s %s", a->name, a->version));
    buf_putc(out, ',');
    put_text(out, "b", arena_printf(p->s->arena, "%s %s", b->name, b->version));
    buf_puts(out, ",\"changes\":[");
    put_changes(p, out);
    buf_printf(out, "\n],\"entities\":%zu,\"outputs\":[", p->count);
    for (size_t i = 0; i < p->c.output_count; i++) {
        const struct compared_output *o = &p->c.outputs[i];
        struct total t = total_of(p, o);
        buf_printf(out, "%s\n{\"changed\":%zu,\"compared\":%zu,\"mean_change\":", i == 0 ? "" : ",",
                   t.changed, t.compared);
        if (t.numbers == 0)
            buf_puts(out, "null");
        else
            buf_json_number(out, t.change / (double)t.numbers);
        buf_puts(out, ",\"moves\":[");
        for (size_t m = 0; m < t.move_count; m++) {
            buf_printf(out, "%s{\"count\":%zu,", m == 0 ? "" : ",", t.moves[m].count);
            put_text(out, "from", t.moves[m].from);
            buf_putc(out, ',');
            put_text(out, "to", t.moves[m].to);
            buf_putc(out, '}');
        }
        buf_puts(out, "],");
        put_text(out, "output", o->name);
        buf_putc(out, ',');
        put_text(out, "unit", o->unit);
        buf_putc(out, '}');
    }
    buf_puts(out, "\n]}\n");
    fwrite(out->ptr, 1, out->len, p->s->out);
}

int command_compare(struct session *s)
{
    if (s->options.count != 2 || s->options.input == NULL) return 2;
    struct model_run_options options = {.threads = 1};
    if (s->options.as_known != NULL &&
        !date_parse_iso(str_from(s->options.as_known), &options.as_known))
        return 2;
    const struct model *models[2];
    const struct model_run *runs[2];
    struct printing p = {.s = s};
    struct error error = {0};
    str text;
    for (int side = 0; side < 2; side++) {
        models[side] = session_find_model(s, s->options.names[side]);
        if (models[side] == NULL) return 1;
    }
    if (!file_read(s->arena, s->options.input, INPUT_BYTES_MAX, &text, &error))
        return session_report(s, &error);
    for (int side = 0; side < 2; side++) {
        struct model_data *data;
        struct command_row *rows;
        if (!command_read_csv_of_two(s->arena, models[side], models[1 - side], text, &data, &rows,
                                     &p.count, &error))
            return session_report(s, &error);
        p.rows = rows;
        runs[side] = model_run(s->arena, models[side], data, &options, &error);
        if (runs[side] == NULL) return session_report(s, &error);
    }
    compare_models(s->arena, runs[0], runs[1], models[0], models[1], &p.c);
    if (session_is_format(s, "json"))
        print_json(&p);
    else if (session_is_format(s, "csv"))
        print_csv(&p);
    else
        print_text(&p);
    return 0;
}
