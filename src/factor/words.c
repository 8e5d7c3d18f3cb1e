/* What rules are called, in English; the keys of their translations. */
#include "factor/factor.h"
#include "locale/locale.h"

const char *factor_rule_text(enum factor_rule rule)
{
    static const char *const texts[FACTOR_RULES] = {
        TR_KEY("two rows hold on the same day"),
        TR_KEY("days that no row holds on"),
        TR_KEY("the row names no document or publisher"),
        TR_KEY("the row has no known tag of confidence"),
        TR_KEY(
            "the row is disabled and its note does not say what would confirm it (\"wanted: …\")"),
        TR_KEY("valid_to is before valid_from"),
        TR_KEY("the row names no tier of tables/credit/tiers.csv"),
    };
    CHECK(rule >= 0 && rule < FACTOR_RULES);
    return texts[rule];
}
