/* `tanshu model disasm`: the program that a run executes. */
#include "base/buf.h"
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
