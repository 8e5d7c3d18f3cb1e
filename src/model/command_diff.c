/* `tanshu model diff A B`: what changed in meaning between two models. */
#include <string.h>

#include "model/command_session.h"
#include "model/diff.h"

#define ROWS_SHOWN_MAX 30 /* of one table, as text; JSON has all */

struct word {
    const char *en, *zh;
};

static const char *translate(const struct session *s, const char *word)
{
    static const struct word words[] = {{"input", "输入"},
                                        {"const", "常数"},
                                        {"let", "步骤"},
                                        {"out", "输出"},
                                        {"require", "条件"},
                                        {"function", "函数"},
                                        {"table", "表"},
                                        {"set", "集合"},
                                        {"model", "模型"},
                                        {"example", "算例"},
                                        {"measure", "措施"},
                                        {"index", "索引"},
                                        {"unit", "单位"},
                                        {"type", "类型"},
                                        {"choices", "选项"},
                                        {"labels of choices", "选项名称"},
                                        {"default", "缺省值"},
                                        {"minimum", "下限"},
                                        {"maximum", "上限"},
                                        {"period", "周期"},
                                        {"from", "取自"},
                                        {"formula", "公式"},
                                        {"uncertainty", "不确定度"},
                                        {"post", "入账"},
                                        {"clause", "条款"},
                                        {"source", "来源"},
                                        {"label", "名称（英文）"},
                                        {"label zh", "名称（中文）"},
                                        {"help", "说明（英文）"},
                                        {"help zh", "说明（中文）"},
                                        {"name", "名字"},
                                        {"members", "成员"},
                                        {"labels", "成员名称"},
                                        {"statement", "语句"},
                                        {"kind", "类别"},
                                        {"entity", "主体"},
                                        {"valid", "有效期"},
                                        {"applies to industry", "适用行业"},
                                        {"title", "题名（英文）"},
                                        {"title zh", "题名（中文）"},
                                        {"lines", "内容"}};
    for (size_t i = 0; session_is_zh(s) && i < ARRAY_LEN(words); i++)
        if (strcmp(words[i].en, word) == 0) return words[i].zh;
    return word;
}

/* "row coke, column ncv" → "行 coke，列 ncv" */
static const char *aspect_text(struct session *s, const char *aspect)
{
    str text = str_from(aspect);
    size_t at;
    if (!session_is_zh(s)) return aspect;
    if (str_starts(text, "column ")) return arena_printf(s->arena, "列 %s", aspect + 7);
    if (!str_starts(text, "row ")) return translate(s, aspect);
    if (!str_find(text, STR(", column "), &at)) return arena_printf(s->arena, "行 %s", aspect + 4);
    return arena_printf(s->arena, "行 %.*s，列 %s", (int)(at - 4), aspect + 4, aspect + at + 9);
}

static void print_change(struct session *s, const struct change *c)
{
    static const char marks[] = {'+', '-', '~', '~'};
    const char *nothing = session_say(s, "none", "无");
    fprintf(s->out, "%c %s%s%s", marks[c->kind], translate(s, c->what),
            c->name[0] == '\0' ? "" : " ", c->name);
    if (c->aspect[0] != '\0')
        fprintf(s->out, "%s%s", session_say(s, ", ", "，"), aspect_text(s, c->aspect));
    if (c->kind == CHANGE_ADDED || c->kind == CHANGE_REMOVED) {
        const char *text = c->kind == CHANGE_ADDED ? c->after : c->before;
        fprintf(s->out, "%s%s\n", text == NULL || text[0] == '\0' ? "" : "  ",
                text == NULL ? "" : text);
        return;
    }
    fprintf(s->out, "\n    - %s\n    + %s\n", c->before == NULL ? nothing : c->before,
            c->after == NULL ? nothing : c->after);
}

static void print_class(struct session *s, const struct changes *changes, enum change_class class,
                        const char *title)
{
    size_t shown = 0, rows = 0, hidden = 0;
    const char *table = "";
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *c = &changes->list[i];
        if (c->class != class) continue;
        if (shown++ == 0) fprintf(s->out, "%s\n", title);
        bool row = str_starts(str_from(c->aspect), "row ");
        if (row && strcmp(table, c->name) != 0) {
            table = c->name;
            rows = 0;
        }
        if (row && ++rows > ROWS_SHOWN_MAX)
            hidden++;
        else
            print_change(s, c);
    }
    if (hidden != 0)
        fprintf(s->out,
                session_say(s, "  … and %zu more cells and rows (--format json has all)\n",
                            "  … 另有 %zu 处（--format json 列出全部）\n"),
                hidden);
}

static void put_text(struct buf *out, const char *key, const char *value)
{
    buf_json_string(out, str_from(key));
    buf_putc(out, ':');
    if (value == NULL)
        buf_puts(out, "null");
    else
        buf_json_string(out, str_from(value));
}

static void put_model(struct buf *out, const struct model_info *info)
{
    buf_putc(out, '{');
    put_text(out, "name", info->name);
    buf_putc(out, ',');
    put_text(out, "path", info->path);
    buf_putc(out, ',');
    put_text(out, "version", info->version);
    buf_putc(out, '}');
}

static void print_json(struct session *s, const struct changes *changes, const struct model_info *a,
                       const struct model_info *b)
{
    static const char *const kinds[] = {"added", "removed", "renamed", "changed"};
    static const char *const classes[] = {"meaning", "documents", "examples"};
    struct buf *out = buf_new(s->arena);
    buf_puts(out, "{\"a\":");
    put_model(out, a);
    buf_puts(out, ",\"b\":");
    put_model(out, b);
    buf_puts(out, ",\"changes\":[");
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *c = &changes->list[i];
        buf_puts(out, i == 0 ? "\n{" : ",\n{");
        put_text(out, "after", c->after);
        buf_putc(out, ',');
        put_text(out, "aspect", c->aspect);
        buf_putc(out, ',');
        put_text(out, "before", c->before);
        buf_putc(out, ',');
        put_text(out, "change", kinds[c->kind]);
        buf_putc(out, ',');
        put_text(out, "class", classes[c->class]);
        buf_putc(out, ',');
        put_text(out, "name", c->name);
        buf_putc(out, ',');
        put_text(out, "what", c->what);
        buf_putc(out, '}');
    }
    buf_printf(out, "%s],\"same_meaning\":%s}\n", changes->count == 0 ? "" : "\n",
               diff_same_meaning(changes) ? "true" : "false");
    fputs(out->ptr, s->out);
}

/* With --before FOLDER the first model comes with that folder's tables. */
static const struct model *find_before(struct session *s, struct model_library **library)
{
    if (s->options.before == NULL) return session_find_model(s, s->options.names[0]);
    struct error error = {0};
    struct model_diagnostics others = {.arena = s->arena};
    *library = model_library_open(&s->options.before, 1, &others, &error);
    if (*library == NULL) {
        session_report(s, &error);
        return NULL;
    }
    struct session then = *s;
    then.library = *library;
    return session_find_model(&then, s->options.names[0]);
}

int command_diff(struct session *s)
{
    struct model_library *library = NULL;
    if (s->options.count == 1 && s->options.before != NULL)
        s->options.names[s->options.count++] = s->options.names[0];
    if (s->options.count != 2) return 2;
    const struct model *a = find_before(s, &library);
    const struct model *b = a == NULL ? NULL : session_find_model(s, s->options.names[1]);
    struct changes changes = {.arena = s->arena};
    if (a != NULL && b != NULL) {
        const struct model_info *x = model_info(a), *y = model_info(b);
        diff_models(&changes, a, b);
        if (session_is_format(s, "json")) {
            print_json(s, &changes, x, y);
        } else {
            fprintf(s->out, "%s %s -> %s %s\n", x->name, x->version, y->name, y->version);
            print_class(s, &changes, CHANGE_MEANING, session_say(s, "meaning:", "含义："));
            if (diff_same_meaning(&changes))
                fprintf(s->out, "%s\n", session_say(s, "no change in meaning", "含义没有变化"));
            print_class(s, &changes, CHANGE_DOCUMENTS,
                        session_say(s, "labels and sources:", "名称与来源："));
            print_class(s, &changes, CHANGE_EXAMPLES, session_say(s, "examples:", "算例："));
        }
    }
    model_library_close(library);
    return a == NULL || b == NULL ? 1 : 0;
}
