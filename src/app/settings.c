/* The table of settings and the file that holds them. */
#include <string.h>

#include "app/app.h"
#include "app/settings.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"

#define SETTINGS_BYTES_MAX ((size_t)64 * 1024)

enum { TEXT, FLAG, NUMBER };

static const struct row {
    struct app_setting about;
    int type;
    size_t offset;
} table[] = {
#define TEXT_ROW(field, name, value, reason)                                          \
    {                                                                                 \
        {name, "text", value, reason, 0, 0}, TEXT, offsetof(struct app_config, field) \
    }
#define FLAG_ROW(field, name, value, reason)                                            \
    {                                                                                   \
        {name, "yes/no", value, reason, 0, 0}, FLAG, offsetof(struct app_config, field) \
    }
#define NUMBER_ROW(field, name, unit, value, min, max, reason)                            \
    {                                                                                     \
        {name, unit, value, reason, min, max}, NUMBER, offsetof(struct app_config, field) \
    }
    TEXT_ROW(store, "store", "", "Where the database is; empty: tanshu.db in the data directory."),
    TEXT_ROW(public_url, "public_url", "http://127.0.0.1:8080",
             "How the world reaches this server; printed in QR codes."),
    TEXT_ROW(issuer_zh, "issuer_zh", "（未配置签发机构）",
             "The filed credit agency that issues reports, in Chinese."),
    TEXT_ROW(issuer_en, "issuer_en", "(issuer not configured)", "The same in English."),
    TEXT_ROW(issuer_filing, "issuer_filing", "", "The agency's filing number."),
    TEXT_ROW(checkpoint_file, "checkpoint_file", "",
             "A checkpoint kept elsewhere; a restored history that contradicts it is not signed."),
    TEXT_ROW(demo_password, "demo_password", "",
             "Of a demo only: the sign-in page lists its people, who all have this password."),
    TEXT_ROW(metrics_token, "metrics_token", "",
             "Who sends it as a bearer token may read /metrics; empty: nobody."),
    FLAG_ROW(https_in_front, "https_in_front", "no", "A proxy ends TLS in front of this server."),
    NUMBER_ROW(report_validity_months, "report_validity_months", "months", "12", 1, 24,
               "How long an issued report is valid; a proposal, until the supervisor sets one."),
    NUMBER_ROW(cell_enterprises_min, "cell_enterprises_min", "enterprises", "3", 2, 50,
               "Statistics over fewer enterprises are suppressed, so that none can be told."),
    NUMBER_ROW(
        dominance_percent, "dominance_percent", "percent", "80", 50, 100,
        "Sums of which one enterprise makes up more are suppressed, and labels that more of a "
        "group share; a proposal, until the supervisor sets one."),
    NUMBER_ROW(filing_due_day, "filing_due_day", "day of the month", "15", 1, 28,
               "The day by which the data of the month before are due."),
    NUMBER_ROW(
        database_seconds_max, "database_seconds_max", "seconds", "30", 1, 3600,
        "How long the database may work for one request; imports and reports ten times that."),
    NUMBER_ROW(slow_query_ms, "slow_query_ms", "milliseconds", "500", 0, 3600000,
               "Statements of 'tanshu serve' that take as long are named in its log; 0: none."),
};

size_t app_settings(const struct app_setting **list)
{
    static struct app_setting about[ARRAY_LEN(table)];
    for (size_t i = 0; i < ARRAY_LEN(table); i++) about[i] = table[i].about;
    *list = about;
    return ARRAY_LEN(table);
}

static bool set_value(struct arena *arena, struct app_config *config, const struct row *row,
                      str value, struct error *err)
{
    char *place = (char *)config + row->offset;
    if (row->type == TEXT) {
        if (!utf8_valid(value))
            return error_set(err, ERROR_APP_SETTING_VALUE, "ssS", row->about.name, "UTF-8 text",
                             value);
        *(const char **)place = str_dup(arena, value);
    } else if (row->type == FLAG) {
        if (!str_is(value, "yes") && !str_is(value, "no"))
            return error_set(err, ERROR_APP_SETTING_VALUE, "ssS", row->about.name, "yes or no",
                             value);
        *(bool *)place = str_is(value, "yes");
    } else {
        int64_t number;
        if (!num_parse_int(value, &number) || number < row->about.min || number > row->about.max) {
            const char *range = arena_printf(arena, "%lld..%lld %s", (long long)row->about.min,
                                             (long long)row->about.max, row->about.unit);
            return error_set(err, ERROR_APP_SETTING_VALUE, "ssS", row->about.name, range, value);
        }
        *(int64_t *)place = number;
    }
    return true;
}

static const struct row *find_row(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (str_is(name, table[i].about.name)) return &table[i];
    return NULL;
}

/* Cuts `name = value`; false for a blank line or a comment. */
static bool cut_setting(str line, str *name, str *value)
{
    line = str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#') return false;
    str rest = line;
    (void)str_cut(&rest, '=', name);
    *name = str_trim(*name);
    *value = rest.ptr == NULL ? STR("") : str_trim(rest);
    return true;
}

bool app_settings_read(struct arena *arena, const char *path, struct app_config *config,
                       struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!set_value(arena, config, &table[i], str_from(table[i].about.value_default), err))
            return false;
    str text, line, name, value;
    if (!file_read(arena, path, SETTINGS_BYTES_MAX, &text, err)) return false;
    for (str rest = text; str_cut(&rest, '\n', &line);) {
        if (!cut_setting(line, &name, &value)) continue;
        const struct row *row = find_row(name);
        if (row == NULL) return error_set(err, ERROR_APP_SETTING_UNKNOWN, "Ss", name, path);
        size_t equals;
        if (!str_find(line, STR("="), &equals))
            return error_set(err, ERROR_APP_SETTING_VALUE, "ssS", row->about.name, "name = value",
                             str_trim(line));
        if (!set_value(arena, config, row, value, err)) return false;
    }
    return true;
}

bool app_settings_write_default(struct arena *arena, const char *path, const char *store,
                                struct error *err)
{
    struct buf *out = buf_new(arena);
    buf_puts(out, "# Settings of this Tanshu. A line that starts with # is a comment; what is not "
                  "set has its default.\n");
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        buf_printf(out, "\n# %s (%s)\n# %s = %s\n", table[i].about.reason, table[i].about.unit,
                   table[i].about.name, table[i].about.value_default);
    if (store[0] != '\0') buf_printf(out, "\nstore = %s\n", store);
    return file_write(path, buf_str(out), err);
}

bool app_set(const char *data, str name, str value, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct app_config scratch = {0};
    const struct row *row = find_row(name);
    const char *path = arena_printf(arena, "%s/tanshu.conf", data);
    if (row == NULL) return error_set(err, ERROR_APP_SETTING_UNKNOWN, "Ss", name, path);
    size_t at;
    if (str_find(value, STR("\n"), &at))
        return error_set(err, ERROR_APP_SETTING_VALUE, "ssS", row->about.name, "one line", value);
    if (!set_value(arena, &scratch, row, value, err)) return false;
    str text, line, other, ignored;
    if (!file_read(arena, path, SETTINGS_BYTES_MAX, &text, err)) return false;
    struct buf *out = buf_new(arena);
    bool written = false;
    for (str rest = text; str_cut(&rest, '\n', &line);) {
        if (rest.ptr == NULL && line.len == 0) break;
        if (cut_setting(line, &other, &ignored) && str_equal(other, name)) {
            if (!written) buf_printf(out, "%.*s = %.*s\n", STR_ARG(name), STR_ARG(value));
            written = true;
            continue;
        }
        buf_put_str(out, line);
        buf_putc(out, '\n');
    }
    if (!written) buf_printf(out, "%.*s = %.*s\n", STR_ARG(name), STR_ARG(value));
    return file_write(path, buf_str(out), err);
}
