/* Scopes and purposes of letters of authorisation in words. */
#include "web/shared/letters.h"

#include <string.h>

#include "web/shared/explain.h"

/* Results first, the books last. */
static const struct {
    enum registry_scope scope;
    const char *word;
} scopes_known[LETTERS_SCOPES] = {
    {REGISTRY_SCOPE_LABEL, TR_KEY("Label and grade")},
    {REGISTRY_SCOPE_REPORT, TR_KEY("Carbon creditworthiness report")},
    {REGISTRY_SCOPE_ACCOUNT, TR_KEY("Carbon account")},
    {REGISTRY_SCOPE_ACTIVITY, TR_KEY("Activity data")},
    {REGISTRY_SCOPE_FINANCE, TR_KEY("Finance")},
    {REGISTRY_SCOPE_FILING, TR_KEY("Filing record")},
};

enum registry_scope letters_scope(size_t index)
{
    CHECK(index < LETTERS_SCOPES);
    return scopes_known[index].scope;
}

const char *letters_scope_word(const struct web *web, enum registry_scope scope)
{
    for (size_t i = 0; i < LETTERS_SCOPES; i++)
        if (scopes_known[i].scope == scope) return tr(web->lang, scopes_known[i].word);
    return "";
}

const char *letters_scopes(const struct web *web, int scopes)
{
    struct buf *out = buf_new(web->arena);
    for (size_t i = 0; i < LETTERS_SCOPES; i++) {
        if ((scopes & (int)scopes_known[i].scope) == 0) continue;
        if (out->len != 0) buf_puts(out, web->lang == LANG_ZH ? "、" : ", ");
        buf_puts(out, tr(web->lang, scopes_known[i].word));
    }
    return str_dup(web->arena, buf_str(out));
}

const char *letters_purpose(const struct web *web, const char *purpose)
{
    static const char *const names[] = {"before", "during", "after", "verification"};
    static const char *const words[] = {TR_KEY("Before the loan"), TR_KEY("During the loan"),
                                        TR_KEY("After the loan"), TR_KEY("Verification")};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(purpose, names[i]) == 0) return tr(web->lang, words[i]);
    return explain_word(web, purpose);
}

bool letters_read(struct db *db, void *arg, struct error *err)
{
    struct letters *letters = arg;
    struct web *web = letters->web;
    return registry_list_authorisations(db, web->arena, web->viewer, letters->today, &letters->list,
                                        &letters->count, err);
}
