/* Stored names, periods, and small conversions. */
#include "account/internal.h"

#include <string.h>

#include "trust/trust.h"

static const char *const tiers[ACCOUNT_TIERS] = {"",        "settlement", "department", "meter",
                                                 "invoice", "declared",   "default"};
static const char *const tier_labels[ACCOUNT_TIERS] = {"",
                                                       "Settlement meter or verified figure",
                                                       "Government department",
                                                       "Own meter, calibrated",
                                                       "Ledger or invoice",
                                                       "Self-declared",
                                                       "Default value"};
static const char *const states[ACCOUNT_STATES] = {"draft", "posted", "reversed", "dropped"};
static const char *const kinds[ACCOUNT_POSTING_KINDS] = {"emission", "energy", "production"};

const char *account_tier_name(enum account_tier tier)
{
    CHECK(tier >= 0 && tier < ACCOUNT_TIERS);
    return tiers[tier];
}

const char *account_tier_label(enum account_tier tier)
{
    CHECK(tier >= 0 && tier < ACCOUNT_TIERS);
    return tier_labels[tier];
}

bool account_tier_parse(str text, enum account_tier *tier)
{
    if (str_is(text, "ledger")) text = str_from(tiers[ACCOUNT_TIER_INVOICE]);
    for (int i = 1; i < ACCOUNT_TIERS; i++)
        if (str_is(text, tiers[i])) {
            *tier = (enum account_tier)i;
            return true;
        }
    return false;
}

const char *account_state_name(enum account_state state)
{
    CHECK(state >= 0 && state < ACCOUNT_STATES);
    return states[state];
}

const char *account_kind_name(enum account_posting_kind kind)
{
    CHECK(kind >= 0 && kind < ACCOUNT_POSTING_KINDS);
    return kinds[kind];
}

struct account_period account_month(int32_t month)
{
    return (struct account_period){month_first_day(month), month_last_day(month)};
}

struct account_period account_year(int year)
{
    return (struct account_period){month_first_day(month_make(year, 1)), account_year_end(year)};
}

struct account_period account_once(void)
{
    return (struct account_period){{INT32_MIN}, {INT32_MAX}};
}

date account_year_end(int year)
{
    return month_last_day(month_make(year, 12));
}

bool account_period_equal(struct account_period a, struct account_period b)
{
    return a.first.day == b.first.day && a.last.day == b.last.day;
}

char *account_period_text(struct arena *arena, struct account_period period)
{
    char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
    if (account_period_equal(period, account_once())) return str_dup(arena, STR("once"));
    int32_t month = month_of(period.first);
    if (account_period_equal(period, account_month(month))) {
        month_format(month, first);
        return str_dup(arena, str_from(first));
    }
    if (account_period_equal(period, account_year(month_year(month))))
        return arena_printf(arena, "%d", month_year(month));
    date_format(period.first, first);
    date_format(period.last, last);
    return arena_printf(arena, "%s..%s", first, last);
}

double account_tonnes(int64_t grams)
{
    return (double)grams / 1e6;
}

double account_tce(int64_t kilojoules)
{
    return (double)kilojoules / ACCOUNT_KJ_PER_TCE;
}

digest account_digest_from(str bytes)
{
    digest d = {{0}};
    if (bytes.len == DIGEST_BYTES) memcpy(d.bytes, bytes.ptr, DIGEST_BYTES);
    return d;
}

bool account_known_seq(struct db *db, int64_t *known_seq, struct error *err)
{
    uint64_t size;
    if (!log_size(db, &size, err)) return false;
    *known_seq = (int64_t)size;
    return true;
}

char *account_id_text(struct arena *arena, id64 id)
{
    char text[ID_TEXT_MAX];
    id_format(id, text);
    return str_dup(arena, str_from(text));
}
