/* `tanshu model fmt`: files rewritten in their canonical layout, or only compared with it. */
#include <string.h>

#include "base/file.h"
#include "model/command_session.h"
#include "model/fmt.h"

enum outcome { OUTCOME_SAME, OUTCOME_CHANGED, OUTCOME_REFUSED };

static enum outcome format_file(struct session *s, const char *path)
{
    str text, formatted;
    struct error error = {0};
    size_t before = s->found.count;
    if (!file_read(s->arena, path, MODEL_FILE_BYTES_MAX, &text, &error)) {
        session_report(s, &error);
        return OUTCOME_REFUSED;
    }
    if (!fmt_model(s->arena, s->library, str_from(path), text, &s->found, &formatted))
        return OUTCOME_REFUSED;
    CHECK(s->found.count == before);
    if (str_equal(text, formatted)) return OUTCOME_SAME;
    if (s->options.check || file_write(path, formatted, &error)) return OUTCOME_CHANGED;
    session_report(s, &error);
    return OUTCOME_REFUSED;
}

int command_fmt(struct session *s)
{
    struct path_list files = session_files(s);
    size_t changed = 0, refused = 0;
    struct buf *json = buf_new(s->arena);
    bool as_json = session_is_format(s, "json");
    for (size_t i = 0; i < files.count; i++) {
        static const char *const names[] = {"same", "changed", "refused"};
        enum outcome outcome = format_file(s, files.paths[i]);
        changed += outcome == OUTCOME_CHANGED;
        refused += outcome == OUTCOME_REFUSED;
        buf_puts(json, i == 0 ? "\n{\"file\":" : ",\n{\"file\":");
        buf_json_string(json, str_from(files.paths[i]));
        buf_printf(json, ",\"outcome\":\"%s\"}", names[outcome]);
        if (outcome != OUTCOME_CHANGED || as_json) continue;
        fprintf(s->out, "%s: %s\n", files.paths[i],
                s->options.check ? session_say(s, "not formatted", "未按规范排版")
                                 : session_say(s, "formatted", "已排版"));
    }
    if (as_json) fprintf(s->out, "[%s\n]\n", json->len == 0 ? "" : json->ptr);
    session_print_diagnostics(s);
    return refused != 0 || (s->options.check && changed != 0) ? 1 : 0;
}
