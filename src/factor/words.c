/* What tiers and rules are called, in English; the keys of their translations. */
#include "factor/factor.h"
#include "locale/locale.h"

const char *factor_tier_label(enum factor_tier tier)
{
    static const char *const labels[FACTOR_TIERS] = {
        TR_KEY("official statistic of its year"), TR_KEY("regional default"),
        TR_KEY("national default"), TR_KEY("international default"),
        TR_KEY("proposal of this project")};
    CHECK(tier >= 0 && tier < FACTOR_TIERS);
    return labels[tier];
}

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
    };
    CHECK(rule >= 0 && rule < FACTOR_RULES);
    return texts[rule];
}
