#include "model/command.h"

#include <string.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/file.h"
#include "base/num.h"
#include "model/command_csv.h"
#include "model/command_session.h"

#define FOLDER_DEPTH_MAX 8
#define INPUT_BYTES_MAX ((size_t)512 << 20)

static const char usage[] = "Usage: model check FILE|FOLDER... [--format text|json]\n"
                            "       model fmt FILE|FOLDER... [--check]\n"
                            "       model compare MODEL MODEL --input FILE.csv "
                            "[--format text|json|csv]\n"
                            "       model diff MODEL MODEL [--before FOLDER] "
                            "[--format text|json]\n"
                            "       model graph MODEL [--output NAME] [--format svg|json]\n"
                            "       model test FILE|MODEL...\n"
                            "       model show MODEL [--format text|json] [--html]\n"
                            "       model disasm MODEL [--all]\n"
                            "       model run MODEL --input FILE.csv [--format text|json|csv] "
                            "[--explain ENTITY [--output NAME]]\n"
                            "                 [--as-known DATE] [--on DATE] [--version VERSION] "
                            "[--threads N] [--lang zh|en] [--trace ENTITY]\n"
                            "                 [--uncertainty DRAWS [--seed S] [--output NAME]] "
                            "[--gradient OUTPUT] [--what-if \"INPUT=VALUE; ...\"]\n"
                            "                 [--reach \"OUTPUT=WANTED\"]\n"
                            "A MODEL is a file, a name, or name@version.\n";

static bool read_options(int argc, char **argv, struct options *o)
{
    const struct {
        const char *name;
        const char **value;
    } known[] = {
        {"--as-known", &o->as_known}, {"--before", &o->before},
        {"--explain", &o->explain},   {"--gradient", &o->gradient},
        {"--format", &o->format},     {"--input", &o->input},
        {"--lang", &o->lang},         {"--on", &o->on},
        {"--output", &o->output},     {"--reach", &o->reach},
        {"--seed", &o->seed},         {"--threads", &o->threads},
        {"--trace", &o->trace},       {"--uncertainty", &o->uncertainty},
        {"--version", &o->version},   {"--what-if", &o->what_if},
    };
    const struct {
        const char *name;
        bool *value;
    } flags[] = {
        {"--all", &o->all},
        {"--check", &o->check},
        {"--html", &o->html},
    };
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (o->count == ARRAY_LEN(o->names)) return false;
            o->names[o->count++] = argv[i];
            continue;
        }
        size_t k = 0;
        while (k < ARRAY_LEN(flags) && strcmp(argv[i], flags[k].name) != 0) k++;
        if (k < ARRAY_LEN(flags)) {
            *flags[k].value = true;
            continue;
        }
        k = 0;
        while (k < ARRAY_LEN(known) && strcmp(argv[i], known[k].name) != 0) k++;
        if (k == ARRAY_LEN(known) || i + 1 == argc) return false;
        *known[k].value = argv[++i];
    }
    return o->format == NULL || strcmp(o->format, "text") == 0 || strcmp(o->format, "json") == 0 ||
           strcmp(o->format, "csv") == 0 || strcmp(o->format, "svg") == 0;
}

int session_report(struct session *s, const struct error *error)
{
    fprintf(s->err, "%s\n",
            s->speech != NULL ? s->speech->error_text(s->speech->context, s->arena, error)
                              : error_render(s->arena, error, error_sentence(error->code)));
    return error_exit_code(error->code) == 0 ? 1 : error_exit_code(error->code);
}

void session_print_diagnostics(const struct session *s)
{
    for (size_t i = 0; i < s->found.count; i++) {
        const struct model_diagnostic *d = &s->found.list[i];
        fprintf(s->err, "%s:%d:%d: %s: %s", d->file, d->line, d->column, d->rule, d->message);
        if (d->hint != NULL)
            fprintf(s->err, " Hint: %s%s", d->hint, str_ends(str_from(d->hint), "?") ? "" : ".");
        fputc('\n', s->err);
    }
}

bool session_is_format(const struct session *s, const char *format)
{
    return s->options.format != NULL && strcmp(s->options.format, format) == 0;
}

bool session_is_zh(const struct session *s)
{
    return s->options.lang != NULL && strncmp(s->options.lang, "zh", 2) == 0;
}

const char *session_say(const struct session *s, const char *en, const char *zh)
{
    return session_is_zh(s) ? zh : en;
}

/* A file by path, else a model by name (and version, or the newest on a day). */
const struct model *session_find_model(struct session *s, const char *name)
{
    const struct model *model = NULL;
    if (str_ends(str_from(name), ".model")) {
        if (!model_library_add_file(s->library, name, &model, &s->found))
            session_print_diagnostics(s);
        return model;
    }
    date on = instant_day(instant_now_ms(), 480);
    if (s->options.on != NULL && !date_parse_iso(str_from(s->options.on), &on)) {
        fprintf(s->err, "--on wants a date such as 2024-12-31, '%s' was given.\n", s->options.on);
        return NULL;
    }
    const char *at = strchr(name, '@');
    if (at != NULL)
        model = model_library_find_version(
            s->library, str_dup(s->arena, str_slice(str_from(name), 0, (size_t)(at - name))),
            at + 1);
    else if (s->options.version != NULL)
        model = model_library_find_version(s->library, name, s->options.version);
    else
        model = model_library_find(s->library, name, on);
    if (model != NULL) return model;
    const char *best = "";
    size_t most = 0;
    for (size_t i = 0; i < model_library_count(s->library); i++) {
        const char *other = model_info(model_library_at(s->library, i))->name;
        size_t same = 0;
        while (other[same] != '\0' && other[same] == name[same]) same++;
        if (same < most) continue;
        most = same;
        best = other;
    }
    struct error error = {0};
    error_set(&error, ERROR_MODEL_NOT_FOUND, "ss", name, best);
    session_report(s, &error);
    return NULL;
}

static void collect_models(struct session *s, const char *path, int depth, struct path_list *all)
{
    char **names;
    size_t count;
    struct error not_a_folder = {0};
    if (!file_list(s->arena, path, &names, &count, &not_a_folder) || depth > FOLDER_DEPTH_MAX) {
        *ARENA_PUSH(s->arena, all->paths, all->count, all->capacity) = path;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *below = arena_printf(s->arena, "%s/%s", path, names[i]);
        char **ignored;
        size_t members;
        if (str_ends(str_from(names[i]), ".model") ||
            file_list(s->arena, below, &ignored, &members, &not_a_folder))
            collect_models(s, below, depth + 1, all);
    }
}

struct path_list session_files(struct session *s)
{
    struct path_list all = {0};
    for (size_t i = 0; i < s->options.count; i++) {
        char *path = arena_strdup(s->arena, s->options.names[i]);
        size_t length = strlen(path);
        if (length > 1 && path[length - 1] == '/') path[length - 1] = '\0';
        collect_models(s, path, 0, &all);
    }
    return all;
}

static void print_diagnostics_json(const struct session *s)
{
    struct buf *out = buf_new(s->arena);
    buf_putc(out, '[');
    for (size_t i = 0; i < s->found.count; i++) {
        const struct model_diagnostic *d = &s->found.list[i];
        buf_printf(out, "%s\n{\"column\":%d,\"end_column\":%d,\"file\":", i == 0 ? "" : ",",
                   d->column, d->end_column);
        buf_json_string(out, str_from(d->file));
        buf_puts(out, ",\"hint\":");
        if (d->hint == NULL)
            buf_puts(out, "null");
        else
            buf_json_string(out, str_from(d->hint));
        buf_printf(out, ",\"line\":%d,\"message\":", d->line);
        buf_json_string(out, str_from(d->message));
        buf_puts(out, ",\"rule\":");
        buf_json_string(out, str_from(d->rule));
        buf_putc(out, '}');
    }
    buf_puts(out, s->found.count == 0 ? "]\n" : "\n]\n");
    fputs(out->ptr, s->out);
}

static int run_check(struct session *s)
{
    struct path_list files = session_files(s);
    for (size_t i = 0; i < files.count; i++) {
        const struct model *model;
        bool fine = model_library_add_file(s->library, files.paths[i], &model, &s->found);
        if (fine && !session_is_format(s, "json")) fprintf(s->out, "%s: ok\n", files.paths[i]);
    }
    if (session_is_format(s, "json"))
        print_diagnostics_json(s);
    else
        session_print_diagnostics(s);
    return s->found.count == 0 ? 0 : 1;
}

static int run_test(struct session *s)
{
    int failed = 0;
    for (size_t i = 0; i < s->options.count; i++) {
        const struct model *model = session_find_model(s, s->options.names[i]);
        const struct model_example_result *results;
        if (model == NULL) {
            failed = 1;
            continue;
        }
        size_t count = model_test(s->arena, model, &results);
        for (size_t k = 0; k < count; k++) {
            fprintf(s->out, "%s %s: %s", results[k].passed ? "ok  " : "FAIL",
                    model_info(model)->name, results[k].name);
            fprintf(s->out, results[k].passed ? "\n" : " (%s)\n", results[k].detail);
            if (!results[k].passed) failed = 1;
        }
        if (count == 0)
            fprintf(s->out, "none %s: the model has no example\n", model_info(model)->name);
    }
    return failed;
}

/* ---- run ---------------------------------------------------------------------------------- */

char *command_value_text(struct arena *arena, struct model_value value)
{
    char text[NUM_TEXT_MAX];
    if (value.status != MODEL_OK) return "";
    if (value.text != NULL) return arena_strdup(arena, value.text);
    if (value.type == MODEL_FLAG) return value.number != 0 ? "true" : "false";
    if (value.type == MODEL_DATE)
        date_format((date){(int32_t)value.number}, text);
    else
        num_format(value.number, text);
    return arena_strdup(arena, text);
}

static size_t key_count(const struct model_output *output)
{
    return output->index == NULL ? 1 : output->key_count;
}

static str key_at(const struct model_output *output, size_t k)
{
    return output->index == NULL ? (str){"", 0} : str_from(output->keys[k].id);
}

/* What is missing or failed, "scope1: missing burnt[coal]; …"; the defaults used too. */
static char *problems(const struct run_print *p, size_t entity)
{
    struct arena *arena = p->s->arena;
    struct buf *out = buf_new(arena);
    const struct model_note *notes;
    size_t count = model_run_notes(arena, p->run, entity, &notes);
    for (size_t i = 0; i < count; i++) {
        bool by_default = notes[i].kind == MODEL_NOTE_DEFAULT;
        buf_printf(out, "%s%s: %s %s", out->len == 0 ? "" : "; ", notes[i].affects,
                   by_default ? "default" : "missing", notes[i].input);
        if (notes[i].key != NULL) buf_printf(out, "[%s]", notes[i].key);
        if (notes[i].reason != NULL) buf_printf(out, " (%s)", notes[i].reason);
    }
    for (size_t i = 0; i < p->info->output_count; i++)
        for (size_t k = 0; k < key_count(&p->info->outputs[i]); k++) {
            const struct model_output *o = &p->info->outputs[i];
            struct model_value value = model_run_value(p->run, entity, o->name, key_at(o, k), NULL);
            if (value.status <= MODEL_MISSING) continue;
            buf_printf(out, "%s%s: %s", out->len == 0 ? "" : "; ", o->name,
                       model_status_name(value.status));
        }
    return str_dup(arena, buf_str(out));
}

/* true, false, or why it is not known. */
static const char *condition_text(const struct model_requirement_result *result)
{
    if (result->status != MODEL_OK) return model_status_name(result->status);
    return result->met ? "true" : "false";
}

static void print_csv(const struct run_print *p)
{
    const struct model_requirement_result *conditions;
    struct buf *out = buf_new(p->s->arena);
    csv_put(out, STR("entity"), true);
    csv_put(out, STR("period"), false);
    for (size_t i = 0; i < p->info->output_count; i++)
        for (size_t k = 0; k < key_count(&p->info->outputs[i]); k++) {
            const struct model_output *o = &p->info->outputs[i];
            csv_put(out,
                    o->index == NULL
                        ? str_from(o->name)
                        : str_from(arena_printf(p->s->arena, "%s[%s]", o->name, o->keys[k].id)),
                    false);
        }
    for (size_t i = 0; i < p->info->requirement_count; i++)
        csv_put(out, str_from(p->info->requirements[i].name), false);
    csv_put(out, STR("notes"), false);
    csv_put(out, STR("digests"), false);
    csv_end_row(out);
    str digests = str_from(command_digests(p));
    for (size_t e = 0; e < p->count; e++) {
        csv_put_safe(out, p->rows[e].entity, true);
        csv_put_safe(out, p->rows[e].period, false);
        for (size_t i = 0; i < p->info->output_count; i++)
            for (size_t k = 0; k < key_count(&p->info->outputs[i]); k++) {
                const struct model_output *o = &p->info->outputs[i];
                bool present;
                struct model_value value =
                    model_run_value(p->run, e, o->name, key_at(o, k), &present);
                csv_put(out, present ? str_from(command_value_text(p->s->arena, value)) : STR(""),
                        false);
            }
        size_t count = model_run_requirements(p->s->arena, p->run, e, &conditions);
        for (size_t i = 0; i < count; i++)
            csv_put(out,
                    conditions[i].status == MODEL_OK ? str_from(condition_text(&conditions[i]))
                                                     : STR(""),
                    false);
        csv_put_safe(out, str_from(problems(p, e)), false);
        csv_put(out, digests, false);
        csv_end_row(out);
    }
    fwrite(out->ptr, 1, out->len, p->s->out);
}

static void put_json_value(struct buf *out, struct model_value value)
{
    if (value.status != MODEL_OK) {
        buf_puts(out, "null");
    } else if (value.text != NULL) {
        buf_json_string(out, str_from(value.text));
    } else if (value.type == MODEL_FLAG) {
        buf_puts(out, value.number != 0 ? "true" : "false");
    } else if (value.type == MODEL_DATE) {
        char text[DATE_TEXT_MAX];
        date_format((date){(int32_t)value.number}, text);
        buf_json_string(out, str_from(text));
    } else {
        buf_json_number(out, value.number);
    }
}

static void put_json_conditions(const struct run_print *p, struct buf *out, size_t entity)
{
    const struct model_requirement_result *conditions;
    size_t count = model_run_requirements(p->s->arena, p->run, entity, &conditions);
    buf_puts(out, ",\"requirements\":{");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) buf_putc(out, ',');
        buf_json_string(out, str_from(conditions[i].requirement->name));
        buf_putc(out, ':');
        buf_puts(out, conditions[i].status == MODEL_OK ? condition_text(&conditions[i]) : "null");
    }
}

static void print_json(const struct run_print *p)
{
    struct buf *out = buf_new(p->s->arena);
    const char *digests = command_digests_json(p);
    buf_puts(out, "[");
    for (size_t e = 0; e < p->count; e++) {
        buf_puts(out, e == 0 ? "\n{\"digests\":" : ",\n{\"digests\":");
        buf_puts(out, digests);
        buf_puts(out, ",\"entity\":");
        buf_json_string(out, p->rows[e].entity);
        buf_puts(out, ",\"notes\":");
        buf_json_string(out, str_from(problems(p, e)));
        buf_puts(out, ",\"outputs\":{");
        for (size_t i = 0; i < p->info->output_count; i++) {
            const struct model_output *o = &p->info->outputs[i];
            if (i > 0) buf_putc(out, ',');
            buf_json_string(out, str_from(o->name));
            buf_putc(out, ':');
            if (o->index == NULL) {
                put_json_value(out, model_run_value(p->run, e, o->name, (str){"", 0}, NULL));
                continue;
            }
            buf_putc(out, '{');
            bool first = true;
            for (size_t k = 0; k < o->key_count; k++) {
                bool present;
                struct model_value value =
                    model_run_value(p->run, e, o->name, key_at(o, k), &present);
                if (!present) continue;
                if (!first) buf_putc(out, ',');
                first = false;
                buf_json_string(out, str_from(o->keys[k].id));
                buf_putc(out, ':');
                put_json_value(out, value);
            }
            buf_putc(out, '}');
        }
        buf_puts(out, "},\"period\":");
        buf_json_string(out, p->rows[e].period);
        if (p->info->requirement_count > 0) put_json_conditions(p, out, e);
        buf_puts(out, p->info->requirement_count > 0 ? "}}" : "}");
    }
    buf_puts(out, "\n]\n");
    fwrite(out->ptr, 1, out->len, p->s->out);
}

static void print_conditions(const struct run_print *p, size_t entity)
{
    const struct model_requirement_result *conditions;
    size_t count = model_run_requirements(p->s->arena, p->run, entity, &conditions);
    for (size_t i = 0; i < count; i++) {
        const struct model_requirement *stated = conditions[i].requirement;
        bool zh = session_is_zh(p->s), fails = conditions[i].status == MODEL_OK;
        fails = fails && !conditions[i].met;
        fprintf(p->s->out, "  require %s = %s  %s\n", stated->name, condition_text(&conditions[i]),
                zh ? stated->label.zh : stated->label.en);
        if (fails && stated->help.en[0] != '\0')
            fprintf(p->s->out, "      %s\n", zh ? stated->help.zh : stated->help.en);
    }
}

static void print_text(const struct run_print *p)
{
    for (size_t e = 0; e < p->count; e++) {
        fprintf(p->s->out, "%.*s %.*s\n", STR_ARG(p->rows[e].entity), STR_ARG(p->rows[e].period));
        for (size_t i = 0; i < p->info->output_count; i++)
            for (size_t k = 0; k < key_count(&p->info->outputs[i]); k++) {
                const struct model_output *o = &p->info->outputs[i];
                bool present;
                struct model_value value =
                    model_run_value(p->run, e, o->name, key_at(o, k), &present);
                if (!present) continue;
                fprintf(p->s->out, "  %s%s%s%s = %s%s%s\n", o->name, o->index == NULL ? "" : "[",
                        o->index == NULL ? "" : o->keys[k].id, o->index == NULL ? "" : "]",
                        value.status != MODEL_OK ? model_status_name(value.status)
                                                 : command_value_text(p->s->arena, value),
                        o->unit == NULL || value.status != MODEL_OK ? "" : " ",
                        o->unit == NULL || value.status != MODEL_OK ? "" : o->unit);
            }
        print_conditions(p, e);
        const char *notes = problems(p, e);
        if (notes[0] != '\0') fprintf(p->s->out, "  notes: %s\n", notes);
    }
    fprintf(p->s->out, "digests: %s\n", command_digests(p));
}

static int print_explanation(const struct run_print *p)
{
    struct session *s = p->s;
    bool found = false, known = false; /* the output, the entity */
    for (size_t e = 0; e < p->count; e++) {
        if (!str_is(p->rows[e].entity, s->options.explain)) continue;
        for (size_t i = 0; i < p->info->output_count; i++) {
            const struct model_output *o = &p->info->outputs[i];
            known = true;
            if (s->options.output != NULL ? strcmp(o->name, s->options.output) != 0
                                          : o->index != NULL)
                continue;
            for (size_t k = 0; k < key_count(o); k++) {
                const struct model_node *node =
                    model_explain(s->arena, p->run, e, o->name, key_at(o, k));
                found = true;
                fputs(session_is_format(s, "json")
                          ? model_explain_json(s->arena, node)
                          : model_explain_text(s->arena, node, session_is_zh(s)),
                      s->out);
                if (session_is_format(s, "json")) fputc('\n', s->out);
            }
        }
    }
    if (found) return 0;
    struct error error = {0};
    if (known && s->options.output != NULL)
        error_set(&error, ERROR_MODEL_OUTPUT, "ss", s->options.output, p->info->name);
    else
        error_set(&error, ERROR_MODEL_ENTITY, "s", s->options.explain);
    return session_report(s, &error);
}

static int run_run(struct session *s)
{
    if (s->options.count != 1 || s->options.input == NULL) return 2;
    const struct options *o = &s->options;
    bool no_table =
        o->explain != NULL || o->trace != NULL ||
        (o->uncertainty == NULL && (o->gradient != NULL || o->what_if != NULL || o->reach != NULL));
    if (no_table && session_is_format(s, "csv")) return 2;
    const struct model *model = session_find_model(s, o->names[0]);
    if (model == NULL) return 1;
    struct model_run_options options = {0};
    struct error error = {0};
    int64_t threads = 1;
    if (s->options.as_known != NULL &&
        !date_parse_iso(str_from(s->options.as_known), &options.as_known))
        return 2;
    if (s->options.threads != NULL &&
        (!num_parse_int(str_from(s->options.threads), &threads) || threads < 1 || threads > 64))
        return 2;
    options.threads = (int)threads;
    str text;
    struct model_data *data;
    struct command_row *rows;
    struct run_print p = {.s = s, .info = model_info(model)};
    if (!file_read(s->arena, s->options.input, INPUT_BYTES_MAX, &text, &error) ||
        !command_read_csv(s->arena, model, text, &data, &rows, &p.count, &error))
        return session_report(s, &error);
    p.rows = rows;
    p.run = model_run(s->arena, model, data, &options, &error);
    if (p.run == NULL) return session_report(s, &error);
    if (s->options.trace != NULL) return command_print_trace(s, p.run, rows, p.count);
    if (s->options.explain != NULL) return print_explanation(&p);
    p.threads = options.threads;
    if (s->options.uncertainty != NULL) return command_uncertainty(&p);
    if (s->options.gradient != NULL) return command_gradient(&p);
    if (s->options.what_if != NULL) return command_what_if(&p);
    if (s->options.reach != NULL) return command_reach(&p);
    if (session_is_format(s, "json"))
        print_json(&p);
    else if (session_is_format(s, "csv"))
        print_csv(&p);
    else
        print_text(&p);
    return 0;
}

/* Of a list with blanks between. */
static bool has_format(const char *formats, const char *asked)
{
    str rest = str_from(formats), one;
    while (asked != NULL && str_cut(&rest, ' ', &one))
        if (str_is(one, asked)) return true;
    return asked == NULL;
}

int model_command(int argc, char **argv, const char *const *roots, size_t root_count,
                  const struct model_speech *speech, FILE *out, FILE *err)
{
    static const struct {
        const char *word;
        int (*run)(struct session *session);
        const char *formats;
    } commands[] = {
        /* clang-format off */
        {"check", run_check, "text json"},
        {"compare", command_compare, "text json csv"},
        {"diff", command_diff, "text json"},
        {"disasm", command_disasm, "text"},
        {"fmt", command_fmt, "text json"},
        {"graph", command_graph, "svg json"},
        {"run", run_run, "text json csv"},
        {"show", command_show, "text json"},
        {"test", run_test, "text"},
        /* clang-format on */
    };
    SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)4 << 30);
    struct session s = {
        .arena = arena, .found = {.arena = arena}, .speech = speech, .out = out, .err = err};
    struct model_diagnostics others = {.arena = arena}; /* of files nobody asked about */
    struct error error = {0};
    for (size_t i = 0; argc > 1 && i < ARRAY_LEN(commands); i++) {
        if (strcmp(argv[0], commands[i].word) != 0 || !read_options(argc, argv, &s.options) ||
            s.options.count == 0 || !has_format(commands[i].formats, s.options.format))
            continue;
        s.library = model_library_open(roots, root_count, &others, &error);
        if (s.library == NULL) return session_report(&s, &error);
        int code = commands[i].run(&s);
        model_library_close(s.library);
        if (code == 2) fputs(usage, err);
        return code;
    }
    fputs(usage, err);
    return 2;
}
