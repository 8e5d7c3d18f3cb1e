/* Inside cli: an invented region. Places are real counties and classes real classes of the code
 * tables; what stands in them is invented from the plants of examples/region, by a seed. Nothing
 * here reads the clock or the store: the same seed gives the same enterprises and values. */
#ifndef CLI_REGION_H
#define CLI_REGION_H

#include "account/account.h"
#include "base/buf.h"

#define REGION_SCHEME "simulated"

struct region_industry { /* a row of industries.csv */
    const char *class_code, *profile, *word, *word_en;
    double weight;
    double size_min, size_max; /* times the plant of the profile; logarithms are uniform between */
    enum account_tier tier;
    bool ets; /* the larger half are key emitters of the carbon market */
};

enum region_varies { /* how a value of a plant differs from that of the profile */
                     REGION_FIXED,
                     REGION_RATE,   /* a little, from month to month */
                     REGION_SHARE,  /* from enterprise to enterprise, within 0 and 1 */
                     REGION_SIZE,   /* with the enterprise's size */
                     REGION_OUTPUT, /* with size, season and month */
                     REGION_ENERGY  /* as output, and with the enterprise's own trend */
};
struct region_value { /* a row of profiles.csv */
    const char *profile, *input, *key, *text, *unit;
    const char *group; /* values of one group share their chance */
    bool yearly, has_number;
    double value;
    enum region_varies varies;
    int first_year, last_year; /* 0: open */
};

struct region {
    struct arena *arena;
    const struct registry_codes *codes;
    uint64_t seed;
    struct region_industry *industries;
    size_t industry_count;
    double weight_sum;
    struct region_value *values;
    size_t value_count;
    const struct registry_code **places; /* counties that belong to a regional grid */
    size_t place_count;
};

struct region_enterprise {
    size_t number; /* from 1 */
    struct registry_org org;
    const struct region_industry *industry;
    uint64_t key; /* of all its chances */
    double size, trend, phase;
    int late_days;   /* beyond the 8th of the month after */
    int wrong_month; /* counted from the first: its energy is told half as high again; -1: none */
};

/* Reads examples/region of `share`. Errors: FILE_OPEN, CLI_REGION_ROW. */
bool region_open(struct arena *arena, const char *share, const struct registry_codes *codes,
                 uint64_t seed, struct region *region, struct error *err) NODISCARD;
void region_make_enterprise(const struct region *region, struct arena *arena, size_t number,
                            int months, struct region_enterprise *enterprise);

/* What the enterprise sends of a month (`month`), or with yearly of the year that `month` lies in.
 * `at` is the month's place in the history. The bytes are the file that a person would send; rows
 * are those that a reader makes of it. */
struct region_part {
    const char *name;
    str bytes;
    struct account_row *rows;
    size_t count;
};
void region_make_part(const struct region *region, const struct region_enterprise *enterprise,
                      struct arena *arena, int32_t month, int at, bool yearly, bool corrected,
                      struct region_part *part);
/* When a part is sent: the 8th of the month after (a year's values: the 12th of January), or later.
 */
int64_t region_sent_ms(const struct region_enterprise *enterprise, int32_t month, bool yearly);

#endif
