/* `tanshu model show`: what a model asks for and gives. */
#include "base/buf.h"
#include "base/num.h"
#include "model/command_session.h"

static const char *const type_names[] = {"number", "flag", "text", "date", "choice"};

static void pair(struct buf *out, bool first, const char *key, const char *value)
{
    if (value == NULL) return;
    if (!first) buf_putc(out, ',');
    buf_json_string(out, str_from(key));
    buf_putc(out, ':');
    buf_json_string(out, str_from(value));
}

static void show_json(struct session *s, const struct model_info *info)
{
    struct buf *out = buf_new(s->arena);
    buf_puts(out, "{\"inputs\":[");
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

static void show_input(struct session *s, const struct model_input *in)
{
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
    for (size_t i = 0; i < in->choice_count; i++)
        fprintf(s->out, "      %s  %s / %s\n", in->choices[i].id, in->choices[i].label.en,
                in->choices[i].label.zh);
}

int command_show(struct session *s)
{
    if (s->options.count != 1) return 2;
    const struct model *model = session_find_model(s, s->options.names[0]);
    if (model == NULL) return 1;
    const struct model_info *info = model_info(model);
    if (session_is_format(s, "json")) {
        show_json(s, info);
        return 0;
    }
    fprintf(s->out, "%s %s (%s)\n%s / %s\n", info->name, info->version, info->kind, info->title.en,
            info->title.zh);
    if (info->source[0] != '\0') fprintf(s->out, "source: %s\n", info->source);
    fputs("inputs:\n", s->out);
    for (size_t i = 0; i < info->input_count; i++) show_input(s, &info->inputs[i]);
    fputs("outputs:\n", s->out);
    for (size_t i = 0; i < info->output_count; i++) {
        const struct model_output *o = &info->outputs[i];
        fprintf(s->out, "  %s%s%s%s : %s  %s / %s%s%s\n", o->name, o->index == NULL ? "" : "[",
                o->index == NULL ? "" : o->index, o->index == NULL ? "" : "]",
                o->unit == NULL ? type_names[o->type] : o->unit, o->label.en, o->label.zh,
                o->clause == NULL ? "" : "  ", o->clause == NULL ? "" : o->clause);
    }
    const struct model_table_file *files;
    size_t count = model_table_files(model, &files);
    if (count != 0) fputs("tables:\n", s->out);
    for (size_t i = 0; i < count; i++)
        fprintf(s->out, "  %s  sha256 %s\n", files[i].path, digest_hex(s->arena, files[i].digest));
    return 0;
}
