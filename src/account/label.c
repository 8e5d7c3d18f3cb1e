/* What people call the sources and products that models post. */
#include "account/internal.h"

#include <string.h>

static const struct model_output *find_posted(const struct model_info *info, const char *post,
                                              const char *pair_key, const char *word)
{
    for (size_t i = 0; i < info->output_count; i++) {
        const struct model_output *output = &info->outputs[i];
        if (output->post == NULL || strcmp(output->post, post) != 0) continue;
        for (size_t p = 0; p < output->post_pair_count; p++)
            if (strcmp(output->post_pairs[p].key, pair_key) == 0 &&
                strcmp(output->post_pairs[p].value.en, word) == 0)
                return output;
    }
    return NULL;
}

bool account_label_of(const struct model_library *library, const char *post, const char *pair_key,
                      const char *word, struct model_text *label)
{
    for (size_t i = 0; i < model_library_count(library); i++) {
        const struct model_info *info = model_info(model_library_at(library, i));
        const struct model_output *output = find_posted(info, post, pair_key, word);
        if (output == NULL || output->label.en[0] == '\0') continue;
        *label = output->label;
        return true;
    }
    return false;
}

bool account_model_posts(const struct model *model, const char *post, const char *pair_key,
                         const char *word)
{
    return find_posted(model_info(model), post, pair_key, word) != NULL;
}

/* A code word that nobody has named: its underscores are blanks. */
static const char *plain(struct arena *arena, const char *code)
{
    char *text = arena_strdup(arena, code);
    for (char *p = text; *p != '\0'; p++)
        if (*p == '_') *p = ' ';
    return text;
}

/* The translation of "product heat", "source heat": one word may name both. Else the model's label.
 */
static const char *posted_name(struct arena *arena, const struct model_library *library,
                               enum lang lang, const char *post, const char *pair_key,
                               const char *word)
{
    const char *key = arena_printf(arena, "%s %s", pair_key, word), *translated = tr(lang, key);
    struct model_text label;
    if (translated != key) return translated;
    if (!account_label_of(library, post, pair_key, word, &label)) return plain(arena, word);
    return lang == LANG_ZH ? label.zh : label.en;
}

const char *account_source_name(struct arena *arena, const struct model_library *library,
                                enum lang lang, const char *source)
{
    return posted_name(arena, library, lang, "emission", "source", source);
}

const char *account_product_name(struct arena *arena, const struct model_library *library,
                                 enum lang lang, const char *product)
{
    return posted_name(arena, library, lang, "production", "product", product);
}
