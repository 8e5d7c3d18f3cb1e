/* For work in a store, which may run where cmocka can't fail (SQLite's writer has its own thread,
 * and an assertion there ends the program without a word): it says by its error what was not as
 * wanted. TRY passes an error on, WANT… makes one; both return false and use `err`. */
#ifndef TEST_WANT_H
#define TEST_WANT_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define TRY(call)                  \
    do {                           \
        if (!(call)) return false; \
    } while (0)
#define WANT_AS_TEXT_(x) #x
#define WANT_AS_TEXT(x) WANT_AS_TEXT_(x)
#define WANT(condition)                                                            \
    do {                                                                           \
        if (!(condition))                                                          \
            return error_set(err, ERROR_INTERNAL, "s",                             \
                             __FILE__ ":" WANT_AS_TEXT(__LINE__) ": " #condition); \
    } while (0)
#define WANT_TEXT(found, wanted)                                        \
    do {                                                                \
        const char *found_ = (found);                                   \
        if (found_ == NULL || strcmp(found_, (wanted)) != 0)            \
            return want_differs(err, __LINE__, #found, found_, wanted); \
    } while (0)
#define WANT_NEAR(found, wanted, tolerance)                          \
    do {                                                             \
        double found_ = (found), wanted_ = (wanted);                 \
        if (!(fabs(found_ - wanted_) <= (tolerance)))                \
            return want_far(err, __LINE__, #found, found_, wanted_); \
    } while (0)
/* The call must be refused with this code. */
#define WANT_REFUSED(call, wanted_code)                               \
    do {                                                              \
        struct error refused_ = {0};                                  \
        bool went_ = (call);                                          \
        if (went_ || refused_.code != (wanted_code))                  \
            return want_not_refused(err, __LINE__, #call, &refused_); \
    } while (0)
#define REFUSED (&refused_)

/* The sentence stands until the next one; a test fails at the first. */
#define WANT_SAY(err, ...)                                 \
    do {                                                   \
        static char said_[512];                            \
        snprintf(said_, sizeof said_, __VA_ARGS__);        \
        return error_set(err, ERROR_INTERNAL, "s", said_); \
    } while (0)

static inline bool want_differs(struct error *err, int line, const char *what, const char *found,
                                const char *wanted)
{
    WANT_SAY(err, "line %d: %s is '%s', not '%s'", line, what, found != NULL ? found : "(null)",
             wanted);
}

static inline bool want_far(struct error *err, int line, const char *what, double found,
                            double wanted)
{
    WANT_SAY(err, "line %d: %s is %.15g, not %.15g", line, what, found, wanted);
}

static inline bool want_not_refused(struct error *err, int line, const char *what,
                                    const struct error *found)
{
    WANT_SAY(err, "line %d: %s gave '%s'", line, what,
             found->code == 0 ? "success" : error_sentence(found->code));
}

#endif
