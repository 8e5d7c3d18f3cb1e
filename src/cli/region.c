#include "cli/region.h"

#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/num.h"

#define TABLE_BYTES_MAX ((size_t)4 << 20)
#define SENT_ON_DAY 8
#define MORNING_MS ((int64_t)2 * 3600 * 1000) /* ten in China; the hour matters to nobody */
#define WRONG_ONE_IN 50
#define WRONG_TIMES 1.5
#define NAME_PARTS 12

/* ---- chance ---- */

static uint64_t mix(uint64_t x) /* splitmix64, Steele, Lea, Flood 2014 */
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

static uint64_t mix_text(uint64_t key, const char *text)
{
    for (; *text != '\0'; text++) key = mix(key ^ (unsigned char)*text);
    return key;
}

/* In 0 .. 1, 1 excluded. */
static double chance(uint64_t key, const char *of, int at)
{
    uint64_t bits = mix(mix_text(key, of) + (uint64_t)(int64_t)at);
    return (double)(bits >> 11) * 0x1p-53;
}

/* Near 0, standard deviation 1, within 3.5: the sum of twelve halves. */
static double bell(uint64_t key, const char *of, int at)
{
    uint64_t bits = mix_text(key, of) + (uint64_t)(int64_t)at * 12;
    double sum = -6;
    for (uint64_t i = 0; i < 12; i++) sum += (double)(mix(bits + i) >> 11) * 0x1p-53;
    return fmax(-3.5, fmin(3.5, sum));
}

/* ---- the tables ---- */

static const char *cell(struct arena *arena, const struct csv_table *table, size_t row,
                        const char *column)
{
    int at = csv_column(table, column);
    return at < 0 ? "" : str_dup(arena, str_trim(table->rows[row][at]));
}

static bool read_table(struct arena *arena, const char *share, const char *name,
                       struct csv_table *table, struct error *err)
{
    str text;
    return file_read(arena, arena_printf(arena, "%s/examples/region/%s", share, name),
                     TABLE_BYTES_MAX, &text, err) &&
           csv_read_table(arena, text, table, err);
}

static bool read_industries(struct region *region, const char *share, struct error *err)
{
    struct csv_table t;
    struct arena *arena = region->arena;
    if (!read_table(arena, share, "industries.csv", &t, err)) return false;
    region->industries = ARENA_NEW_ARRAY(arena, struct region_industry, t.count + 1);
    for (size_t i = 0; i < t.count; i++) {
        struct region_industry *in = &region->industries[region->industry_count++];
        *in = (struct region_industry){.class_code = cell(arena, &t, i, "class"),
                                       .profile = cell(arena, &t, i, "profile"),
                                       .word = cell(arena, &t, i, "word"),
                                       .word_en = cell(arena, &t, i, "word_en"),
                                       .ets = strcmp(cell(arena, &t, i, "ets"), "yes") == 0};
        if (!num_parse(str_from(cell(arena, &t, i, "weight")), &in->weight) ||
            !num_parse(str_from(cell(arena, &t, i, "size_min")), &in->size_min) ||
            !num_parse(str_from(cell(arena, &t, i, "size_max")), &in->size_max) ||
            !account_tier_parse(str_from(cell(arena, &t, i, "tier")), &in->tier) ||
            in->weight <= 0 || in->size_min <= 0 || in->size_max < in->size_min)
            return error_set(err, ERROR_CLI_REGION_ROW, "si", "industries.csv", t.lines[i]);
        region->weight_sum += in->weight;
    }
    return region->industry_count > 0 ||
           error_set(err, ERROR_CLI_REGION_ROW, "si", "industries.csv", (int64_t)1);
}

static bool read_year(const char *text, int *year)
{
    int64_t value = 0;
    if (text[0] != '\0' && !num_parse_int(str_from(text), &value)) return false;
    *year = (int)value;
    return true;
}

static bool read_varies(const char *text, enum region_varies *varies)
{
    static const char *const words[] = {"fixed", "rate", "share", "size", "output", "energy"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(text, words[i]) == 0) {
            *varies = (enum region_varies)i;
            return true;
        }
    return false;
}

static bool read_profiles(struct region *region, const char *share, struct error *err)
{
    struct csv_table t;
    struct arena *arena = region->arena;
    if (!read_table(arena, share, "profiles.csv", &t, err)) return false;
    region->values = ARENA_NEW_ARRAY(arena, struct region_value, t.count + 1);
    for (size_t i = 0; i < t.count; i++) {
        struct region_value *v = &region->values[region->value_count++];
        const char *text = cell(arena, &t, i, "value"), *group = cell(arena, &t, i, "group");
        double value = 0;
        bool number = num_parse(str_from(text), &value);
        *v = (struct region_value){.profile = cell(arena, &t, i, "profile"),
                                   .input = cell(arena, &t, i, "input"),
                                   .key = cell(arena, &t, i, "key"),
                                   .unit = cell(arena, &t, i, "unit"),
                                   .text = text,
                                   .yearly = strcmp(cell(arena, &t, i, "period"), "year") == 0,
                                   .has_number = number,
                                   .value = value};
        v->group = group[0] != '\0' ? group : arena_printf(arena, "%s %s", v->input, v->key);
        if (!read_varies(cell(arena, &t, i, "varies"), &v->varies) ||
            (!v->has_number && v->varies != REGION_FIXED) ||
            !read_year(cell(arena, &t, i, "first_year"), &v->first_year) ||
            !read_year(cell(arena, &t, i, "last_year"), &v->last_year))
            return error_set(err, ERROR_CLI_REGION_ROW, "si", "profiles.csv", t.lines[i]);
    }
    return true;
}

/* Counties of the code table (no rows that only stand for the city's districts together). */
static void list_places(struct region *region)
{
    const struct registry_code *all;
    size_t count = registry_list_divisions(region->codes, &all);
    date day = month_first_day(month_make(2025, 1));
    region->places = ARENA_NEW_ARRAY(region->arena, const struct registry_code *, count + 1);
    for (size_t i = 0; i < count; i++) {
        str code = str_from(all[i].code);
        bool county = code.len == 6 && !str_is(str_slice(code, 4, 6), "00") &&
                      strcmp(all[i].name_zh, "市辖区") != 0;
        if (county && registry_grid_region(region->codes, code, day)[0] != '\0')
            region->places[region->place_count++] = &all[i];
    }
}

bool region_open(struct arena *arena, const char *share, const struct registry_codes *codes,
                 uint64_t seed, struct region *region, struct error *err)
{
    *region = (struct region){.arena = arena, .codes = codes, .seed = seed};
    list_places(region);
    return read_industries(region, share, err) && read_profiles(region, share, err);
}

/* ---- an enterprise ---- */

static const struct region_industry *draw_industry(const struct region *region, uint64_t key)
{
    double at = chance(key, "industry", 0) * region->weight_sum;
    for (size_t i = 0; i + 1 < region->industry_count; i++) {
        at -= region->industries[i].weight;
        if (at < 0) return &region->industries[i];
    }
    return &region->industries[region->industry_count - 1];
}

static void name_enterprise(struct arena *arena, const struct registry_code *place,
                            struct region_enterprise *e)
{
    static const char *const words[NAME_PARTS][2] = {
        {"恒信", "Hengxin"},         {"瑞丰", "Ruifeng"},
        {"宏达", "Hongda"},          {"永盛", "Yongsheng"},
        {"华泰", "Huatai"},          {"鑫源", "Xinyuan"},
        {"金桥", "Jinqiao"},         {"安和", "Anhe"},
        {"东升", "Dongsheng"},       {"立新", "Lixin"},
        {"中兴隆", "Zhongxinglong"}, {"天成", "Tiancheng"}};
    size_t word = (size_t)(chance(e->key, "name", 0) * NAME_PARTS);
    e->org.name = arena_printf(arena, "示例%s%s%s有限公司%06zu", place->name_zh, words[word][0],
                               e->industry->word, e->number);
    e->org.name_en = arena_printf(arena, "%s %s %06zu (example)", words[word][1],
                                  e->industry->word_en, e->number);
}

void region_make_enterprise(const struct region *region, struct arena *arena, size_t number,
                            int months, struct region_enterprise *e)
{
    static const char *const scales[] = {"micro", "small", "medium", "large"};
    *e = (struct region_enterprise){
        .number = number, .key = mix(mix(region->seed) ^ (uint64_t)number), .wrong_month = -1};
    e->industry = draw_industry(region, e->key);
    const struct registry_code *place =
        region->places[(size_t)(chance(e->key, "place", 0) * (double)region->place_count)];
    double low = log(e->industry->size_min), high = log(e->industry->size_max);
    double part = chance(e->key, "size", 0);
    e->size = exp(low + (high - low) * part);
    e->trend = 0.98 + 0.03 * chance(e->key, "trend", 0); /* a year: 2 % down to 1 % up */
    e->phase = 12 * chance(e->key, "phase", 0);
    e->late_days = (int)(25 * chance(e->key, "late", 0) * chance(e->key, "late", 1));
    if (chance(e->key, "wrong", 0) * WRONG_ONE_IN < 1)
        e->wrong_month = (int)(chance(e->key, "wrong", 1) * months);
    e->org = (struct registry_org){
        .kind = REGISTRY_ENTERPRISE,
        .scheme = REGION_SCHEME,
        .identifier = arena_printf(arena, "%llu-%06zu", (unsigned long long)region->seed, number),
        .industry = e->industry->class_code,
        .division = place->code,
        .grid_region = "",
        .scale = scales[(size_t)(part * ARRAY_LEN(scales))],
        .has_founded = true,
        .founded = {month_first_day(month_make(1992, 1)).day +
                    (int32_t)(28 * 365 * chance(e->key, "founded", 0))},
        .on_register = true,
        .ets = e->industry->ets && part >= 0.5,
        .invented = true,
        .utc_offset_minutes = 480};
    name_enterprise(arena, place, e);
}

/* ---- what it sends ---- */

static double season(const struct region_enterprise *e, int32_t month)
{
    double wave = 1 + 0.06 * sin((month % 12 + e->phase) * 3.14159265358979 / 6);
    return month % 12 == 1 ? wave * 0.88 : wave; /* the spring festival */
}

static double draw_value(const struct region_enterprise *e, const struct region_value *v,
                         int32_t month, int at, bool corrected)
{
    double noise = bell(e->key, v->group, at), value = v->value;
    if (corrected) noise += 0.2;
    switch (v->varies) {
    case REGION_FIXED: return value;
    case REGION_RATE: return value * (1 + 0.004 * noise);
    case REGION_SHARE: {
        double drawn = value + (chance(e->key, v->group, -1) - 0.6) * 0.7;
        return fmax(0, fmin(1, drawn + 0.02 * noise));
    }
    case REGION_SIZE: /* what is in stock at a month's end is there at the next one's start */
        return value * e->size;
    case REGION_OUTPUT: return value * e->size * season(e, month) * (1 + 0.02 * noise);
    case REGION_ENERGY: {
        double wrong = at == e->wrong_month && !corrected && str_starts(str_from(v->input), "burnt")
                           ? WRONG_TIMES
                           : 1;
        return value * e->size * season(e, month) * pow(e->trend, at / 12.0) * (1 + 0.02 * noise) *
               wrong;
    }
    }
    return value;
}

/* Five digits, as meters and bills have them; the number is what the text says. */
static double round_value(double value)
{
    if (value == 0 || !isfinite(value)) return 0;
    double scale = pow(10, 4 - floor(log10(fabs(value))));
    return round(value * scale) / scale;
}

static void put_row(struct arena *arena, struct region_part *part, struct buf *csv,
                    const struct account_row *row, const char *period)
{
    csv_put(csv, str_from(period), true);
    csv_put(csv, str_from(row->input), false);
    csv_put(csv, str_from(row->key), false);
    csv_put(csv, str_from(row->raw), false);
    csv_put(csv, str_from(row->unit), false);
    csv_end_row(csv);
    part->rows[part->count] = *row;
    part->rows[part->count].row_ref = arena_printf(arena, "%zu", part->count + 2);
    part->count++;
}

void region_make_part(const struct region *region, const struct region_enterprise *e,
                      struct arena *arena, int32_t month, int at, bool yearly, bool corrected,
                      struct region_part *part)
{
    struct buf *csv = buf_new(arena);
    char label[DATE_TEXT_MAX];
    int year = month_year(month);
    struct account_period period = yearly ? account_year(year) : account_month(month);
    *part = (struct region_part){
        .rows = ARENA_NEW_ARRAY(arena, struct account_row, region->value_count + 1)};
    month_format(month, label);
    const char *when = yearly ? arena_printf(arena, "%d", year) : arena_strdup(arena, label);
    buf_puts(csv, "period,input,key,value,unit\r\n");
    for (size_t i = 0; i < region->value_count; i++) {
        const struct region_value *v = &region->values[i];
        if (v->yearly != yearly || strcmp(v->profile, e->industry->profile) != 0 ||
            (v->first_year != 0 && year < v->first_year) ||
            (v->last_year != 0 && year > v->last_year))
            continue;
        struct account_row row = {.period = period,
                                  .input = v->input,
                                  .key = v->key,
                                  .unit = v->unit,
                                  .text = v->has_number ? "" : v->text,
                                  .raw = v->text,
                                  .has_number = v->has_number,
                                  .tier = e->industry->tier};
        if (v->has_number) {
            char text[NUM_TEXT_MAX];
            num_format(round_value(draw_value(e, v, month, at, corrected)), text);
            row.raw = arena_strdup(arena, text);
            CHECK(num_parse(str_from(row.raw), &row.value));
        }
        put_row(arena, part, csv, &row, when);
    }
    part->bytes = buf_str(csv);
    part->name = arena_printf(arena, "%s %s.csv", e->org.name, when);
}

int64_t region_sent_ms(const struct region_enterprise *e, int32_t month, bool yearly)
{
    date sent = month_first_day(yearly ? month_make(month_year(month) + 1, 1) : month + 1);
    sent.day += SENT_ON_DAY - 1 + (yearly ? 4 : 0) + e->late_days;
    return sent.day * DAY_MS + MORNING_MS;
}
