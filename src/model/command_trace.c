/* `tanshu model disasm`: the program that a run executes. `model run --trace ENTITY`: each of its
 * steps for one entity. */
#include "base/buf.h"
#include "model/command_csv.h"
#include "model/command_session.h"
#include "model/program.h"

int command_disasm(struct session *s)
{
    if (s->options.count != 1) return 2;
    const struct model *model = session_find_model(s, s->options.names[0]);
    if (model == NULL) return 1;
    struct buf *out = buf_new(s->arena);
    program_print(out, model, s->options.all ? model->program : model->fast);
    fwrite(out->ptr, 1, out->len, s->out);
    return 0;
}

int command_print_trace(struct session *s, const struct model_run *run,
                        const struct command_row *rows, size_t count)
{
    struct buf *out = buf_new(s->arena);
    for (size_t e = 0; e < count; e++) {
        if (!str_is(rows[e].entity, s->options.trace)) continue;
        buf_printf(out, "%.*s %.*s\n", STR_ARG(rows[e].entity), STR_ARG(rows[e].period));
        program_print_trace(out, run, e);
    }
    if (out->len != 0) {
        fwrite(out->ptr, 1, out->len, s->out);
        return 0;
    }
    struct error error = {0};
    error_set(&error, ERROR_MODEL_ENTITY, "s", s->options.trace);
    return session_report(s, &error);
}
