/* `tanshu model show`: what a model asks for and gives. */
#include "base/buf.h"
#include "base/num.h"
#include "model/command_session.h"
#include "model/show.h"
#include "model/tree.h"

static const char *const type_names[] = {"number", "flag", "text", "date", "choice"};

static void pair(struct buf *out, bool first, const char *key, const char *value)
{
    if (value == NULL) return;
    if (!first) buf_putc(out, ',');
    buf_json_string(out, str_from(key));
    buf_putc(out, ':');
    buf_json_string(out, str_from(value));
}

static struct model *parse_again(const struct model *model)
{
    struct model *parsed =
        library_parse_text(model->library, model->path, model->text, false, NULL);
    CHECK(parsed != NULL);
    return parsed;
}

/* The cells that formulas read, with where their rows come from. */
static void put_factors(struct session *s, struct buf *out, const struct model *parsed)
{
    struct show_table *tables;
    size_t count = show_tables(s->arena, parsed, &tables), written = 0;
    for (size_t i = 0; i < count; i++) {
        const struct table *table = tables[i].table;
        for (size_t row = 0; row < table->row_count; row++) {
            if (!table->enabled[row]) continue;
            buf_printf(out, "%s\n{\"cells\":{", written++ == 0 ? "" : ",");
            for (size_t c = 0; c < tables[i].column_count; c++) {
                int column = tables[i].columns[c];
                pair(out, c == 0, str_dup(s->arena, table->columns[column].name),
                     show_cell(s->arena, table, row, column));
            }
            buf_puts(out, "},\"file\":");
            buf_json_string(out, str_from(table->path));
            buf_puts(out, ",\"row\":");
            buf_json_string(out, table->id < 0 ? (str){"", 0} : table->cells[row][table->id]);
            buf_puts(out, ",\"source\":{");
            for (size_t c = 0, any = 0; c < tables[i].source_count; c++) {
                int column = tables[i].sources[c];
                if (table->cells[row][column].len == 0) continue;
                pair(out, any++ == 0, str_dup(s->arena, table->columns[column].name),
                     str_dup(s->arena, table->cells[row][column]));
            }
            buf_puts(out, "},\"table\":");
            buf_json_string(out, table->name);
            buf_putc(out, '}');
        }
    }
}

static void put_formulas(struct session *s, struct buf *out, const struct model *model,
                         const struct model *parsed)
{
    static const char *const kinds[] = {"input", "const", "let", "out", "require", ""};
    for (size_t i = 0, written = 0; i < parsed->definition_count; i++) {
        const struct definition *d = parsed->definitions[i], *checked = model_find(model, d->name);
        if (d->expr == NULL) continue;
        buf_printf(out, "%s\n{", written++ == 0 ? "" : ",");
        if (d->clause.len != 0) pair(out, true, "clause", str_dup(s->arena, d->clause));
        pair(out, d->clause.len == 0, "expression", tree_formula(s->arena, parsed, d->expr));
        if (d->help.len != 0) pair(out, false, "help", str_dup(s->arena, d->help));
        if (d->help_zh.len != 0) pair(out, false, "help_zh", str_dup(s->arena, d->help_zh));
        if (d->index_name.len != 0) pair(out, false, "index", str_dup(s->arena, d->index_name));
        pair(out, false, "kind", kinds[d->kind]);
        if (d->label.len != 0) pair(out, false, "label", str_dup(s->arena, d->label));
        if (d->label_zh.len != 0) pair(out, false, "label_zh", str_dup(s->arena, d->label_zh));
        pair(out, false, "name", str_dup(s->arena, d->name));
        if (d->source.len != 0) pair(out, false, "source", str_dup(s->arena, d->source));
        pair(out, false, "type", type_names[checked->type]);
        if (checked->type == MODEL_NUMBER)
            pair(out, false, "unit", str_dup(s->arena, checked->unit_text));
        buf_putc(out, '}');
    }
}

static void show_json(struct session *s, const struct model *model)
{
    const struct model_info *info = model_info(model);
    struct buf *out = buf_new(s->arena);
    struct model *parsed = parse_again(model);
    buf_puts(out, "{\"factors\":[");
    put_factors(s, out, parsed);
    buf_puts(out, "],\"formulas\":[");
    put_formulas(s, out, model, parsed);
    buf_puts(out, "],\"inputs\":[");
    for (size_t i = 0; i < info->input_count; i++) {
        const struct model_input *in = &info->inputs[i];
        buf_puts(out, i == 0 ? "{" : ",{");
        bool number = in->has_default && in->type == MODEL_NUMBER;
        if (number) {
            buf_puts(out, "\"default\":");
            buf_json_number(out, in->default_value);
        } else if (in->default_text != NULL)
            pair(out, true, "default", in->default_text);
        pair(out, !number && in->default_text == NULL, "from", in->from);
        pair(out, !number && in->default_text == NULL && in->from == NULL, "help", in->help.en);
        pair(out, false, "help_zh", in->help.zh);
        pair(out, false, "index", in->index);
        pair(out, false, "label", in->label.en);
        pair(out, false, "label_zh", in->label.zh);
        if (in->has_max) {
            buf_puts(out, ",\"max\":");
            buf_json_number(out, in->max);
        }
        if (in->has_min) {
            buf_puts(out, ",\"min\":");
            buf_json_number(out, in->min);
        }
        pair(out, false, "name", in->name);
        pair(out, false, "type", type_names[in->type]);
        pair(out, false, "unit", in->unit);
        buf_putc(out, '}');
    }
    buf_puts(out, "],");
    pair(out, true, "kind", info->kind);
    pair(out, false, "name", info->name);
    buf_puts(out, ",\"outputs\":[");
    for (size_t i = 0; i < info->output_count; i++) {
        const struct model_output *output = &info->outputs[i];
        buf_puts(out, i == 0 ? "{" : ",{");
        pair(out, true, "clause", output->clause);
        pair(out, output->clause == NULL, "label", output->label.en);
        pair(out, false, "label_zh", output->label.zh);
        pair(out, false, "name", output->name);
        pair(out, false, "type", type_names[output->type]);
        pair(out, false, "unit", output->unit);
        buf_putc(out, '}');
    }
    buf_puts(out, "],");
    pair(out, true, "source", info->source);
    pair(out, false, "title", info->title.en);
    pair(out, false, "title_zh", info->title.zh);
    pair(out, false, "version", info->version);
    buf_puts(out, "}\n");
    fputs(out->ptr, s->out);
}

/* What happens when it is left empty, and what 1 % of it is worth. */
static void show_worth(struct session *s, const struct model_worth *worth,
                       const struct model_asked *asked)
{
    static const char *const words[][2] = {
        [MODEL_ABSENCE_PLATFORM] = {"filled by the platform", "由平台填入"},
        [MODEL_ABSENCE_DEFAULT] = {"the default counts", "取缺省值"},
        [MODEL_ABSENCE_ZERO] = {"counted as 0", "按0计"},
        [MODEL_ABSENCE_OTHER] = {"a table's value or another rule takes its place",
                                 "改用表中数值或另一规则"},
        [MODEL_ABSENCE_UNKNOWN] = {"what rests on it stays unknown", "以它为依据的结果未知"},
        [MODEL_ABSENCE_UNUSED] = {"a row left out counts as not used", "未填的行视为未使用"}};
    const char *const *word = words[asked->absence];
    if (asked->absence == MODEL_ABSENCE_UNKNOWN && asked->unknown != NULL)
        fprintf(s->out, "      without it: %s stays unknown / 未填：%s未知",
                asked->unknown->label.en, asked->unknown->label.zh);
    else
        fprintf(s->out, "      without it: %s / 未填：%s", word[0], word[1]);
    if (asked->has_effect)
        fprintf(s->out, "; 1 %% more: %s %+.3g %%", worth->main->name, asked->effect);
    fputc('\n', s->out);
}

static void show_input(struct session *s, const struct model_worth *worth,
                       const struct model_asked *asked)
{
    const struct model_input *in = asked->input;
    fprintf(s->out, "  %s%s%s%s : %s  %s / %s", in->name, in->index == NULL ? "" : "[",
            in->index == NULL ? "" : in->index, in->index == NULL ? "" : "]",
            in->type != MODEL_NUMBER ? type_names[in->type]
            : in->unit == NULL       ? "unit by row"
                                     : in->unit,
            in->label.en, in->label.zh);
    char text[NUM_TEXT_MAX];
    if (in->has_default && in->type == MODEL_NUMBER) {
        num_format(in->default_value, text);
        fprintf(s->out, "  default %s", text);
    } else if (in->has_default) {
        fprintf(s->out, "  default %s", in->default_text);
    }
    if (in->has_min || in->has_max) {
        fputs("  range ", s->out);
        if (in->has_min) {
            num_format(in->min, text);
            fputs(in->min > 0 && in->min < 1e-300 ? "above 0" : text, s->out);
        }
        fputs(" .. ", s->out);
        if (in->has_max) {
            num_format(in->max, text);
            fputs(text, s->out);
        }
    }
    if (in->from != NULL) fprintf(s->out, "  from %s", in->from);
    fputc('\n', s->out);
    if (in->help.en[0] != '\0') fprintf(s->out, "      %s / %s\n", in->help.en, in->help.zh);
    show_worth(s, worth, asked);
    for (size_t i = 0; i < in->choice_count; i++)
        fprintf(s->out, "      %s  %s / %s\n", in->choices[i].id, in->choices[i].label.en,
                in->choices[i].label.zh);
}

/* name = formula, with its clause; then the factors with their sources. */
static void show_formulas(struct session *s, const struct model *model)
{
    static const char *const kinds[] = {"input", "const", "let", "out", "require", ""};
    struct model *parsed = parse_again(model);
    struct show_table *tables;
    fprintf(s->out, "%s\n", session_say(s, "formulas:", "公式："));
    for (size_t i = 0; i < parsed->definition_count; i++) {
        const struct definition *d = parsed->definitions[i];
        if (d->expr == NULL) continue;
        fprintf(s->out, "  %s %.*s%s%.*s%s = %s\n", kinds[d->kind], STR_ARG(d->name),
                d->index_name.len == 0 ? "" : "[", STR_ARG(d->index_name),
                d->index_name.len == 0 ? "" : "]", tree_formula(s->arena, parsed, d->expr));
        str label = session_is_zh(s) && d->label_zh.len != 0 ? d->label_zh : d->label;
        str help = session_is_zh(s) && d->help_zh.len != 0 ? d->help_zh : d->help;
        if (label.len + d->clause.len + d->source.len != 0)
            fprintf(s->out, "      %.*s%s%.*s%s%.*s\n", STR_ARG(label),
                    d->clause.len == 0 ? "" : session_say(s, "  clause ", "  条款 "),
                    STR_ARG(d->clause), d->source.len == 0 ? "" : "  ", STR_ARG(d->source));
        if (help.len != 0) fprintf(s->out, "      %.*s\n", STR_ARG(help));
    }
    size_t count = show_tables(s->arena, parsed, &tables);
    if (count != 0) fprintf(s->out, "%s\n", session_say(s, "factors:", "因子："));
    for (size_t i = 0; i < count; i++) {
        const struct table *table = tables[i].table;
        fprintf(s->out, "  %.*s  %s\n", STR_ARG(table->name), table->path);
        for (size_t row = 0; row < table->row_count; row++) {
            if (!table->enabled[row]) continue;
            fputs("   ", s->out);
            if (table->id >= 0) fprintf(s->out, " %.*s:", STR_ARG(table->cells[row][table->id]));
            for (size_t c = 0; c < tables[i].column_count; c++) {
                int column = tables[i].columns[c];
                if (table->cells[row][column].len == 0) continue;
                fprintf(s->out, " %.*s %s;", STR_ARG(table->columns[column].name),
                        show_cell(s->arena, table, row, column));
            }
            for (size_t c = 0; c < tables[i].source_count; c++)
                if (table->cells[row][tables[i].sources[c]].len != 0)
                    fprintf(s->out, " | %.*s", STR_ARG(table->cells[row][tables[i].sources[c]]));
            fputc('\n', s->out);
        }
    }
}

int command_show(struct session *s)
{
    if (s->options.count != 1) return 2;
    const struct model *model = session_find_model(s, s->options.names[0]);
    if (model == NULL) return 1;
    const struct model_info *info = model_info(model);
    if (s->options.html) {
        fputs(show_html(s->arena, model, session_is_zh(s)), s->out);
        return 0;
    }
    if (session_is_format(s, "json")) {
        show_json(s, model);
        return 0;
    }
    fprintf(s->out, "%s %s (%s)\n%s / %s\n", info->name, info->version, info->kind, info->title.en,
            info->title.zh);
    if (info->source[0] != '\0') fprintf(s->out, "source: %s\n", info->source);
    struct model_worth worth;
    model_worth(s->arena, model, &worth);
    if (worth.main != NULL)
        fprintf(s->out, "inputs, by what 1 %% of them is worth to %s in example %zu:\n",
                worth.main->name, worth.example + 1);
    else
        fputs("inputs:\n", s->out);
    for (size_t i = 0; i < worth.count; i++) show_input(s, &worth, &worth.list[i]);
    fputs("outputs:\n", s->out);
    for (size_t i = 0; i < info->output_count; i++) {
        const struct model_output *o = &info->outputs[i];
        fprintf(s->out, "  %s%s%s%s : %s  %s / %s%s%s\n", o->name, o->index == NULL ? "" : "[",
                o->index == NULL ? "" : o->index, o->index == NULL ? "" : "]",
                o->unit == NULL ? type_names[o->type] : o->unit, o->label.en, o->label.zh,
                o->clause == NULL ? "" : "  ", o->clause == NULL ? "" : o->clause);
    }
    show_formulas(s, model);
    const struct model_table_file *files;
    size_t count = model_table_files(model, &files);
    if (count != 0) fputs("tables:\n", s->out);
    for (size_t i = 0; i < count; i++)
        fprintf(s->out, "  %s  sha256 %s\n", files[i].path, digest_hex(s->arena, files[i].digest));
    return 0;
}
