/* tanshu factor: the rows of all tables, searched, shown, over time, checked. */
#include <string.h>

#include "base/num.h"
#include "cli/subject.h"
#include "factor/factor.h"

struct factor_work {
    struct cli *cli;
    struct factor_library library;
    const char *roots[2];
    size_t root_count;
};

static const char *name_of(const struct cli *cli, const struct factor_row *row)
{
    return cli->lang == LANG_ZH && row->name_zh[0] != '\0' ? row->name_zh : row->name_en;
}

static const char *place_of(struct cli *cli, const struct factor_row *row)
{
    return arena_printf(cli->arena, "%s:%lld", row->table, (long long)row->line);
}

/* "2021-01-01..2022-12-31", open ends left out, "" when neither is stated. */
static const char *valid_of(struct cli *cli, const struct factor_row *row)
{
    char from[DATE_TEXT_MAX] = "", to[DATE_TEXT_MAX] = "";
    if (row->has_from) date_format(row->valid_from, from);
    if (row->has_to) date_format(row->valid_to, to);
    return row->has_from || row->has_to ? arena_printf(cli->arena, "%s..%s", from, to) : "";
}

/* "20.304 GJ/t; 0.02749 (t C)/GJ": what has a value; a pure number has no unit behind it. */
static const char *values_of(struct cli *cli, const struct factor_row *row, bool with_names)
{
    const char *text = "";
    for (size_t i = 0; i < row->value_count; i++) {
        const struct factor_value *value = &row->values[i];
        if (value->text[0] == '\0') continue;
        bool pure = strcmp(value->unit, "1") == 0;
        text = arena_printf(cli->arena, "%s%s%s%s%s%s%s", text, text[0] == '\0' ? "" : "; ",
                            with_names ? value->name : "", with_names ? " " : "", value->text,
                            pure ? "" : " ", pure ? "" : value->unit);
    }
    return text;
}

/* For people the words of the tables in their language; scripts get what the files have. */
static bool for_people(const struct cli *cli)
{
    return strcmp(cli_format(cli), "text") == 0;
}

static const char *shown_values(struct factor_work *work, const struct factor_row *row,
                                bool with_names)
{
    struct cli *cli = work->cli;
    return for_people(cli) ? factor_values_text(cli->arena, &work->library, row, cli->lang)
                           : values_of(cli, row, with_names);
}

static const char *shown_classes(struct factor_work *work, const struct factor_row *row)
{
    struct cli *cli = work->cli;
    return for_people(cli) ? factor_classes_text(cli->arena, &work->library, row, cli->lang)
                           : row->classes;
}

static const char *shown_confidence(struct factor_work *work, const struct factor_row *row)
{
    struct cli *cli = work->cli;
    return for_people(cli)
               ? factor_confidence_text(cli->arena, &work->library, row->confidence, cli->lang)
               : row->confidence;
}

static const char *shown_flag(const struct cli *cli, bool flag)
{
    const char *word = flag ? "yes" : "no";
    return for_people(cli) ? tr(cli->lang, word) : word;
}

static const char *shown_cell(struct factor_work *work, const struct factor_row *row,
                              const char *column, const char *text)
{
    enum lang lang = work->cli->lang;
    return for_people(work->cli) ? factor_cell_word(&work->library, row->table, column, text, lang)
                                 : text;
}

static const char *shown_phrase(struct factor_work *work, const char *text)
{
    struct cli *cli = work->cli;
    return for_people(cli) ? factor_say(cli->arena, &work->library, text, cli->lang).text : text;
}

static int factor_open_all(struct factor_work *work)
{
    struct error err = {0};
    const char *data = cli_option(work->cli, "--data");
    work->roots[work->root_count++] = app_share();
    if (data != NULL) work->roots[work->root_count++] = data;
    return factor_open(work->cli->arena, work->roots, work->root_count, &work->library, &err)
               ? CLI_DONE
               : cli_fail(work->cli, &err);
}

static const char *join_words(const struct cli *cli)
{
    const char *words = "";
    for (int i = 1; i < cli->argc; i++)
        words = arena_printf(cli->arena, "%s%s%s", words, i > 1 ? " " : "", cli->argv[i]);
    return words;
}

/* ---- find ---- */

static int run_find(struct factor_work *work)
{
    struct cli *cli = work->cli;
    int64_t year = 0;
    const char *year_text = cli_option(cli, "--year");
    if (year_text != NULL &&
        (!num_parse_int(str_from(year_text), &year) || year < 1900 || year > 2200))
        return cli_usage(cli, tr_fill(cli->arena, cli->lang,
                                      "--year is a year such as 2025, not {0}.", year_text, NULL));
    struct factor_query query = {.words = str_from(join_words(cli)),
                                 .unit = str_from(cli_option(cli, "--unit")),
                                 .region = str_from(cli_option(cli, "--region")),
                                 .year = (int)year,
                                 .all = cli_option(cli, "--all") != NULL};
    if (query.words.len == 0 && query.unit.len == 0 && query.region.len == 0)
        return cli_usage(cli, tr(cli->lang, "Give words, --unit or --region to search for."));
    const struct factor_row **rows;
    size_t count = factor_find(cli->arena, &work->library, &query, &rows);
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, count * 8 + 1);
    for (size_t i = 0; i < count; i++) {
        const struct factor_row *row = rows[i];
        const char *line[] = {row->id,
                              name_of(cli, row),
                              shown_classes(work, row),
                              shown_values(work, row, row->value_count > 1),
                              valid_of(cli, row),
                              shown_confidence(work, row),
                              shown_flag(cli, row->enabled),
                              place_of(cli, row)};
        memcpy(cells + i * 8, line, sizeof line);
    }
    cli_print_table(cli,
                    (const char *const[]){TR_KEY("factor"), TR_KEY("name"), TR_KEY("class"),
                                          TR_KEY("values"), TR_KEY("valid"), TR_KEY("confidence"),
                                          TR_KEY("enabled"), TR_KEY("place")},
                    8, cells, count);
    return count == 0 ? CLI_REFUSED : CLI_DONE;
}

/* ---- show ---- */

static const char *models_of(struct cli *cli, const struct model_library *models,
                             const struct factor_row *row)
{
    const struct model **list;
    const char *text = "";
    size_t count = factor_models_of(cli->arena, models, row, &list);
    for (size_t i = 0; i < count; i++)
        text = arena_printf(cli->arena, "%s%s%s %s", text, i > 0 ? ", " : "",
                            model_info(list[i])->name, model_info(list[i])->version);
    return text;
}

static void show_row(struct factor_work *work, const struct model_library *models,
                     const struct factor_row *row)
{
    struct cli *cli = work->cli;
    const struct {
        const char *name, *value;
    } facts[] = {{TR_KEY("name"), name_of(cli, row)},
                 {TR_KEY("value"), shown_values(work, row, true)},
                 {TR_KEY("uncertainty"),
                  factor_uncertainty_text(cli->arena, &work->library, row, cli->lang)},
                 {TR_KEY("tier"), factor_tier_text(row, cli->lang)},
                 {TR_KEY("class"), shown_classes(work, row)},
                 {TR_KEY("scheme"), shown_cell(work, row, "scheme", row->scheme)},
                 {TR_KEY("year of the data"), row->year},
                 {TR_KEY("valid"), valid_of(cli, row)},
                 {TR_KEY("publisher"), shown_phrase(work, row->publisher)},
                 {TR_KEY("document"), shown_phrase(work, row->document)},
                 {TR_KEY("clause"), shown_phrase(work, row->clause)},
                 {TR_KEY("confidence"), shown_confidence(work, row)},
                 {TR_KEY("enabled"), shown_flag(cli, row->enabled)},
                 {TR_KEY("note"), shown_phrase(work, row->note)},
                 {TR_KEY("used by"), models_of(cli, models, row)}};
    fprintf(cli->out, "%s (%s)\n", row->id, place_of(cli, row));
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        if (facts[i].value[0] != '\0')
            fprintf(cli->out, "  %s: %s\n", tr(cli->lang, facts[i].name), facts[i].value);
}

static void show_table(struct cli *cli, const struct model_library *models,
                       const struct factor_row *const *rows, size_t count)
{
    static const char *const names[] = {
        TR_KEY("factor"),    TR_KEY("name_en"),     TR_KEY("name_zh"),   TR_KEY("class"),
        TR_KEY("values"),    TR_KEY("uncertainty"), TR_KEY("tier"),      TR_KEY("scheme"),
        TR_KEY("data_year"), TR_KEY("valid"),       TR_KEY("publisher"), TR_KEY("document"),
        TR_KEY("clause"),    TR_KEY("confidence"),  TR_KEY("enabled"),   TR_KEY("note"),
        TR_KEY("models"),    TR_KEY("place")};
    enum { COLUMNS = ARRAY_LEN(names) };
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, count *COLUMNS + 1);
    for (size_t i = 0; i < count; i++) {
        const struct factor_row *r = rows[i];
        const char *line[] = {r->id,
                              r->name_en,
                              r->name_zh,
                              r->classes,
                              values_of(cli, r, true),
                              r->uncertainty,
                              r->tier_id != NULL ? r->tier_id : "",
                              r->scheme,
                              r->year,
                              valid_of(cli, r),
                              r->publisher,
                              r->document,
                              r->clause,
                              r->confidence,
                              r->enabled ? "yes" : "no",
                              r->note,
                              models_of(cli, models, r),
                              place_of(cli, r)};
        memcpy(cells + i * COLUMNS, line, sizeof line);
    }
    cli_print_table(cli, names, COLUMNS, cells, count);
}

static int no_row(struct cli *cli, const char *id)
{
    struct error err = {0};
    error_set(&err, ERROR_FACTOR_UNKNOWN, "s", id);
    return cli_fail(cli, &err);
}

static int run_show(struct factor_work *work)
{
    struct cli *cli = work->cli;
    struct error err = {0};
    struct model_diagnostics diagnostics = {.arena = cli->arena};
    const struct factor_row **rows;
    size_t count = factor_rows_of(cli->arena, &work->library, str_from(cli->argv[1]), &rows);
    if (count == 0) return no_row(cli, cli->argv[1]);
    struct model_library *models =
        model_library_open(work->roots, work->root_count, &diagnostics, &err);
    if (models == NULL) return cli_fail(cli, &err);
    if (strcmp(cli_format(cli), "text") != 0)
        show_table(cli, models, rows, count);
    else
        for (size_t i = 0; i < count; i++) show_row(work, models, rows[i]);
    model_library_close(models);
    return CLI_DONE;
}

/* ---- history ---- */

static int run_history(struct factor_work *work)
{
    struct cli *cli = work->cli;
    const struct factor_step *steps;
    size_t count = factor_history(cli->arena, &work->library, str_from(cli->argv[1]), &steps);
    if (count == 0) return no_row(cli, cli->argv[1]);
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, count * 9 + 1);
    for (size_t i = 0; i < count; i++) {
        const struct factor_row *row = steps[i].row;
        const char *change =
            steps[i].has_change ? arena_printf(cli->arena, "%+.2f %%", steps[i].change * 100) : "";
        const char *line[] = {row->id,
                              shown_classes(work, row),
                              shown_cell(work, row, "scheme", row->scheme),
                              row->year,
                              valid_of(cli, row),
                              shown_values(work, row, row->value_count > 1),
                              change,
                              shown_flag(cli, row->enabled),
                              shown_phrase(work, row->document)};
        memcpy(cells + i * 9, line, sizeof line);
    }
    cli_print_table(cli,
                    (const char *const[]){TR_KEY("factor"), TR_KEY("class"), TR_KEY("scheme"),
                                          TR_KEY("data_year"), TR_KEY("valid"), TR_KEY("values"),
                                          TR_KEY("change"), TR_KEY("enabled"), TR_KEY("document")},
                    9, cells, count);
    return CLI_DONE;
}

/* ---- check ---- */

static int run_rows_check(struct factor_work *work)
{
    struct cli *cli = work->cli;
    const struct factor_breach *breaches;
    size_t count = factor_check(cli->arena, &work->library, &breaches);
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, count * 5 + 1);
    for (size_t i = 0; i < count; i++) {
        const struct factor_breach *b = &breaches[i];
        const char *line[] = {place_of(cli, b->row), b->row->id, factor_rule_name(b->rule),
                              tr(cli->lang, factor_rule_text(b->rule)),
                              b->other != NULL ? place_of(cli, b->other) : ""};
        memcpy(cells + i * 5, line, sizeof line);
    }
    bool text = strcmp(cli_format(cli), "text") == 0;
    if (!text || count > 0)
        cli_print_table(cli,
                        (const char *const[]){TR_KEY("place"), TR_KEY("factor"), TR_KEY("rule"),
                                              TR_KEY("breach"), TR_KEY("other")},
                        5, cells, count);
    if (text)
        fprintf(cli->out, "%s\n",
                tr_fill(cli->arena, cli->lang, "{0} rows of {1} tables checked, {2} breaches.",
                        arena_printf(cli->arena, "%zu", work->library.count),
                        arena_printf(cli->arena, "%zu", work->library.table_count),
                        arena_printf(cli->arena, "%zu", count), NULL));
    return count == 0 ? CLI_DONE : CLI_REFUSED;
}

static int run_factor(struct cli *cli)
{
    static const struct {
        const char *verb;
        bool one; /* takes one id */
        int (*run)(struct factor_work *work);
    } verbs[] = {{"find", false, run_find},
                 {"show", true, run_show},
                 {"history", true, run_history},
                 {"check", false, run_rows_check}};
    struct factor_work work = {.cli = cli};
    for (size_t i = 0; i < ARRAY_LEN(verbs) && cli->argc > 0; i++) {
        if (strcmp(verbs[i].verb, cli->argv[0]) != 0) continue;
        if (verbs[i].one && cli->argc != 2)
            return cli_usage(cli, tr(cli->lang, "Name one row; 'tanshu factor find' lists them."));
        int exit_code = factor_open_all(&work);
        return exit_code == CLI_DONE ? verbs[i].run(&work) : exit_code;
    }
    return cli_usage(cli, tr(cli->lang, "Say find WORDS, show ID, history ID or check."));
}

static const struct cli_option factor_options[] = {
    {"--unit", "UNIT", "find: a value in this unit; tCO2/MWh finds (t CO2)/MWh."},
    {"--year", "YYYY", "find: rows that hold on a day of this year."},
    {"--region", "NAME", "find: rows of this area: national, a region, a province."},
    {"--all", NULL, "find: codes and catalogues too, which have no value."},
    {NULL, NULL, NULL}};
const struct cli_command cli_factor = {
    .name = "factor",
    .usage = "find WORDS... | show ID | history ID | check",
    .summary = "Search the factors of all tables, and check that each names its source.",
    .text = "find: all words must occur, in Chinese or English, in name, id, class, area or source "
            "(exit 1: none does). show: value, unit, uncertainty, validity, publisher, document, "
            "clause, tag of confidence, note and the models that use the row. history: the rows of "
            "the same series over years, families and versions, each with its change from the one "
            "before. check: overlaps and gaps of validity, missing sources and tags, disabled rows "
            "that do not say what would confirm them (exit 1: breaches). ID is that of a row, or "
            "TABLE:ID as in fuels:bituminous. With --data the directory's own tables count too.",
    .options = factor_options,
    .run = run_factor};
