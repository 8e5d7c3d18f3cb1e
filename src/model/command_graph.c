/* `tanshu model graph MODEL`: what is computed from what, as SVG (or JSON). */
#include "model/command_session.h"
#include "model/graph.h"

int command_graph(struct session *s)
{
    struct graph graph;
    if (s->options.count != 1) return 2;
    const struct model *model = session_find_model(s, s->options.names[0]);
    if (model == NULL) return 1;
    if (!graph_make(s->arena, model, s->options.output, &graph)) {
        const char *near = model_nearest(model, str_from(s->options.output));
        fprintf(s->err, session_say(s, "%s has nothing named %s.", "%s 没有名为 %s 的项。"),
                model_info(model)->name, s->options.output);
        if (near != NULL) fprintf(s->err, session_say(s, " Hint: %s", "提示：%s"), near);
        fputc('\n', s->err);
        return 1;
    }
    fputs(session_is_format(s, "json") ? graph_json(s->arena, &graph)
                                       : graph_svg(s->arena, model, &graph, session_is_zh(s)),
          s->out);
    return 0;
}
