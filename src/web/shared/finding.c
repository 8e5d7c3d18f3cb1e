#include "web/shared/finding.h"

#include "app/app.h"
#include "web/shared/explain.h"

bool finding_read_inputs(struct db *db, struct web *web, const struct check_finding *finding,
                         const struct account_input **inputs, size_t *count, struct error *err)
{
    return account_list_inputs(db, web->arena, &web->app->rules, finding->org_id,
                               month_year(month_of(finding->period.last)), inputs, count, err);
}

/* "burnt" or "burnt[coal]" as the form names it; other texts stay. */
static const char *input_words(struct web *web, const struct account_input *inputs, size_t count,
                               const char *text)
{
    str key = str_from(text), name;
    if (!str_cut(&key, '[', &name)) return text;
    if (key.len != 0) key = str_slice(key, 0, key.len - 1);
    for (size_t i = 0; i < count; i++) {
        const struct model_input *input = inputs[i].input;
        if (!str_is(name, input->name)) continue;
        for (size_t k = 0; key.len != 0 && k < input->key_count; k++)
            if (str_is(key, input->keys[k].id))
                return arena_printf(web->arena, "%s · %s", explain_text(web, input->label),
                                    explain_text(web, input->keys[k].label));
        return explain_text(web, input->label);
    }
    return text;
}

const char *finding_sentence(struct web *web, const struct check_finding *f,
                             const struct account_input *inputs, size_t count)
{
    const char *a[6];
    for (size_t i = 0; i < 6; i++)
        a[i] = f->args[i] != NULL ? input_words(web, inputs, count, f->args[i]) : "";
    return tr_fill(web->arena, web->lang, check_sentence(web->lang, web->app->library, f->text),
                   a[0], a[1], a[2], a[3], a[4], a[5], NULL);
}

const char *finding_item(struct web *web, const struct check_finding *f,
                         const struct account_input *inputs, size_t count)
{
    if (f->input[0] == '\0') return "";
    const char *name =
        f->key[0] == '\0' ? f->input : arena_printf(web->arena, "%s[%s]", f->input, f->key);
    return input_words(web, inputs, count, name);
}

/* "burnt[coal] 2025-06": the input in words, the rest as it is. */
const char *finding_evidence(struct web *web, const struct check_evidence *evidence,
                             const struct account_input *inputs, size_t count)
{
    const char *text = explain_text(web, evidence->name);
    str rest = str_from(text), name;
    if (!str_cut(&rest, ' ', &name)) return text;
    const char *first = str_dup(web->arena, name);
    const char *words = input_words(web, inputs, count, first);
    if (words == first) return text;
    return rest.len == 0 ? words : arena_printf(web->arena, "%s %.*s", words, STR_ARG(rest));
}
