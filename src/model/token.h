/* Text of a model cut into tokens. Lines are joined to statements here: a statement ends where a
 * line does not start deeper than it, and after the head lines of `model` and `example`. */
#ifndef MODEL_TOKEN_H
#define MODEL_TOKEN_H

#include "base/arena.h"
#include "base/str.h"

#define TOKENS_MAX 200000

enum token_kind {
    TOKEN_NUMBER,
    TOKEN_DATE,
    TOKEN_NAME, /* letters, digits, _ and any character beyond ASCII */
    TOKEN_TEXT, /* `text` is the content without quotes */
    TOKEN_MARK, /* + - * / ^ ( ) [ ] , : ; = != < <= > >= . .. % */
    TOKEN_END,  /* of a statement */
    TOKEN_EOF,
    TOKEN_WRONG, /* `text` says what is wrong */
};
struct token {
    enum token_kind kind;
    bool spaced; /* a blank or line end stands before it */
    str text;
    double number;
    int32_t day;
    int line, column;
    size_t from, to; /* bytes in the source */
};

/* The tokens, ended by TOKEN_EOF; NULL when there are more than TOKENS_MAX. */
struct token *token_read(struct arena *arena, str source, size_t *count);
bool token_is(const struct token *token, const char *mark_or_word);

/* How many letters differ (Levenshtein), at most `limit`. */
size_t text_distance(str a, str b, size_t limit);

#endif
