/* Rules that look at a series of months: x02 electricity per output, x23 unit slips, x24 digits and
 * repeats. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "check/rules.h"

#define MONTHS 36

/* Months of the checked year and the two before, by month; NAN where there is no value. */
struct series {
    const char *input, *key, *unit;
    double value[MONTHS];
    const struct account_datum *datum[MONTHS];
};

static int slot_of(const struct checking *checking, date first)
{
    int slot = month_of(first) - month_make(checking->year - 2, 1);
    return slot >= 0 && slot < MONTHS ? slot : -1;
}

static bool is_month(struct account_period period)
{
    return account_period_equal(period, account_month(month_of(period.first)));
}

static struct series *gather(struct checking *checking, size_t *count)
{
    struct series *list = NULL;
    size_t used = 0, capacity = 0;
    for (size_t d = 0; d < checking->data_count; d++) {
        const struct account_datum *datum = &checking->data[d];
        int slot = slot_of(checking, datum->period.first);
        if (slot < 0 || !is_month(datum->period)) continue;
        size_t at = 0;
        while (at < used &&
               (strcmp(list[at].input, datum->input) != 0 || strcmp(list[at].key, datum->key) != 0))
            at++;
        if (at == used) {
            struct series *fresh = ARENA_PUSH(checking->arena, list, used, capacity);
            *fresh = (struct series){.input = datum->input, .key = datum->key, .unit = datum->unit};
            for (int i = 0; i < MONTHS; i++) fresh->value[i] = NAN;
        }
        double value;
        struct error ignored;
        if (!model_unit_convert(checking->rules->library, datum->value, str_from(datum->unit),
                                str_from(list[at].unit), &value, &ignored))
            continue; /* another dimension: the submission's check refused or will refuse it */
        list[at].value[slot] = value;
        list[at].datum[slot] = datum;
    }
    *count = used;
    return list;
}

static const char *place_name(struct checking *checking, const struct series *series)
{
    return series->key[0] == '\0'
               ? series->input
               : arena_printf(checking->arena, "%s[%s]", series->input, series->key);
}

static struct model_text series_label(struct checking *checking, const struct series *series,
                                      int slot)
{
    char month[DATE_TEXT_MAX];
    month_format(month_make(checking->year - 2, 1) + slot, month);
    const char *text = arena_printf(checking->arena, "%s %s", place_name(checking, series), month);
    return (struct model_text){text, text};
}

/* ---- x23: a month that is fifty times the last one was entered in another unit ---- */

static void check_slips(struct checking *checking, const struct series *series,
                        const struct check_rule *rule, double high, double low)
{
    for (int slot = 24; slot < MONTHS; slot++) {
        double now = series->value[slot], before = series->value[slot - 1];
        struct account_period period = account_month(month_make(checking->year - 2, 1) + slot);
        if (!(now > 0) || !(before > 0)) continue;
        double ratio = now / before;
        bool slip = ratio > high || ratio < low;
        struct outcome *outcome =
            checking_add(checking, rule, slip ? CHECK_FAIL : CHECK_PASS, period);
        outcome->input = series->input;
        outcome->key = series->key;
        outcome->delta = ratio - 1;
        if (!slip) continue;
        outcome->message =
            "{0} is {1} {2}, but {3} {2} the month before ({4} times). Was it entered in another "
            "unit, such as "
            "kg for t or kWh for MWh? Correct it, or explain the jump and attach the bill.";
        outcome->args[0] = place_name(checking, series);
        outcome->args[1] = checking_number(checking, now);
        outcome->args[2] = series->unit;
        outcome->args[3] = checking_number(checking, before);
        outcome->args[4] = checking_number(checking, ratio);
        outcome->arg_count = 5;
        outcome_evidence(checking, outcome, series_label(checking, series, slot), now, series->unit,
                         "datum", series->datum[slot]->datum_id);
        outcome_evidence(checking, outcome, series_label(checking, series, slot - 1), before,
                         series->unit, "datum", series->datum[slot - 1]->datum_id);
    }
}

/* ---- x24: measured values that repeat, or whose first digits nobody measured ---- */

static bool measured(const struct account_datum *datum)
{
    return datum != NULL && datum->tier <= ACCOUNT_TIER_METER;
}

/* A share (the purity of a carbonate, CaO in clinker) is one analysis that holds for a whole lot
 * and lawfully repeats; it is no reading of a meter. Heat value and carbon content have units and
 * stay tested: that they never change is the known fraud. */
static bool is_share(const struct checking *checking, const char *unit)
{
    double one;
    struct error ignored;
    return model_unit_convert(checking->rules->library, 1, str_from(unit), STR("1"), &one,
                              &ignored);
}

/* First digits follow Benford's law only where values spread over decades: quantities, not contents
 * per something. */
static bool is_quantity(const struct checking *checking, const char *unit)
{
    return strchr(unit, '/') == NULL && !is_share(checking, unit);
}

static void check_repeats(struct checking *checking, const struct series *series,
                          const struct check_rule *rule, double repeats_max)
{
    int run = 0, any = 0;
    if (is_share(checking, series->unit)) return;
    for (int slot = 0; slot < MONTHS; slot++) {
        bool same = measured(series->datum[slot]) && slot > 0 &&
                    measured(series->datum[slot - 1]) &&
                    series->value[slot] == series->value[slot - 1] && series->value[slot] != 0;
        any += measured(series->datum[slot]);
        run = same ? run + 1 : 0;
        if (slot < 24 || run < (int)repeats_max) continue;
        struct outcome *outcome = checking_add(
            checking, rule, CHECK_WARN, account_month(month_make(checking->year - 2, 1) + slot));
        outcome->input = series->input;
        outcome->key = series->key;
        outcome->message = "{0}: the measured value {1} {2} stands unchanged for {3} months. A "
                           "meter rarely repeats itself; "
                           "check the reading, or say why it is constant.";
        outcome->args[0] = place_name(checking, series);
        outcome->args[1] = checking_number(checking, series->value[slot]);
        outcome->args[2] = series->unit;
        outcome->args[3] = checking_number(checking, run + 1);
        outcome->arg_count = 4;
        outcome_evidence(checking, outcome, series_label(checking, series, slot),
                         series->value[slot], series->unit, "datum", series->datum[slot]->datum_id);
        return; /* one finding says it */
    }
    if (any > 0)
        checking_add(checking, rule, CHECK_PASS, account_year(checking->year))->input =
            series->input;
}

/* P(chi-square with 8 degrees of freedom > x), by the closed form for even degrees: e^(-x/2) sum
 * (x/2)^k/k!. */
static double chi_square_8(double x)
{
    double term = 1, sum = 1;
    for (int k = 1; k < 4; k++) {
        term *= x / 2 / k;
        sum += term;
    }
    return exp(-x / 2) * sum;
}

static int first_digit(double value)
{
    value = fabs(value);
    if (value == 0 || !isfinite(value)) return 0;
    int digit = (int)(value / pow(10, floor(log10(value))));
    return digit < 1 ? 1 : digit > 9 ? 9 : digit;
}

static void check_digits(struct checking *checking, const struct series *list, size_t count,
                         const struct check_rule *rule, double records_min, double p_warn)
{
    double seen[10] = {0}, total = 0, chi = 0;
    struct account_period year = account_year(checking->year);
    for (size_t i = 0; i < count; i++)
        for (int slot = 0; slot < MONTHS; slot++) {
            bool counts = is_quantity(checking, list[i].unit) && measured(list[i].datum[slot]);
            int digit = counts ? first_digit(list[i].value[slot]) : 0;
            seen[digit] += digit > 0;
            total += digit > 0;
        }
    if (total < records_min) {
        checking_add(checking, rule, CHECK_NOT_POSSIBLE, year)->reason =
            "fewer measured values than the digit test needs";
        return;
    }
    for (int digit = 1; digit <= 9; digit++) {
        double expected = total * log10(1 + 1.0 / digit);
        chi += (seen[digit] - expected) * (seen[digit] - expected) / expected;
    }
    double p = chi_square_8(chi);
    struct outcome *outcome =
        checking_add(checking, rule, p < p_warn ? CHECK_WARN : CHECK_PASS, year);
    outcome->message = "The first digits of {0} measured values are not those of measured values "
                       "(chi-square {1}, p {2}). "
                       "Check whether values were typed in or estimated.";
    outcome->args[0] = checking_number(checking, total);
    outcome->args[1] = checking_number(checking, chi);
    outcome->args[2] = checking_number(checking, p);
    outcome->arg_count = 3;
}

/* ---- x02: electricity per output against the plant's own months ---- */

static void check_intensity(struct checking *checking, const struct check_rule *rule,
                            const double *electricity, const id64 *datum_ids, const double *output,
                            const char *product, const char *unit, double z_fail, double months_min,
                            double difference_min)
{
    for (int slot = 24; slot < MONTHS; slot++) {
        if (!(electricity[slot] > 0) || !(output[slot] > 0)) continue;
        struct account_period period = account_month(month_make(checking->year - 2, 1) + slot);
        double own = electricity[slot] / output[slot], sum = 0, squares = 0, n = 0;
        /* The plant's other months, the 23 before first and later ones in their place where there
         * are fewer. A month may not vouch for itself: one large value among few would widen its
         * own limits. */
        for (int other = slot - 23; other < MONTHS && other <= slot + 11; other++) {
            if (other == slot || other < 0 || !(electricity[other] > 0) || !(output[other] > 0) ||
                n >= 23)
                continue;
            double e = electricity[other] / output[other];
            sum += e;
            squares += e * e;
            n++;
        }
        if (n < fmax(months_min, 2)) {
            checking_add(checking, rule, CHECK_NOT_POSSIBLE, period)->reason =
                "fewer months than the rule needs";
            continue;
        }
        double mean = sum / n, deviation = sqrt(fmax(0, squares / n - mean * mean) * n / (n - 1));
        double z = deviation > 0 ? (own - mean) / deviation : own == mean ? 0 : INFINITY;
        bool fails = fabs(z) > z_fail && fabs(own - mean) > difference_min * mean;
        struct outcome *outcome =
            checking_add(checking, rule, fails ? CHECK_FAIL : CHECK_PASS, period);
        outcome->delta = own / mean - 1;
        if (!fails) continue;
        outcome->message = "Electricity per {0} is {1} MWh/{2}; the other months average {3} "
                           "MWh/{2} ({4}). Check the month's "
                           "electricity and output, or explain what was different.";
        outcome->args[0] = product;
        outcome->args[1] = checking_number(checking, own);
        outcome->args[2] = unit;
        outcome->args[3] = checking_number(checking, mean);
        outcome->args[4] = checking_percent(checking, own / mean - 1);
        outcome->arg_count = 5;
        outcome_evidence(checking, outcome,
                         (struct model_text){"Electricity of the month", "当月电量"},
                         electricity[slot], "MWh", "datum", datum_ids[slot]);
        outcome_evidence(checking, outcome, (struct model_text){"Output of the month", "当月产量"},
                         output[slot], unit, "posting", 0);
    }
}

/* The production postings of the product with the largest sum, by month, drafts included. */
static bool read_output(struct checking *checking, double output[MONTHS], const char **product,
                        const char **unit, struct error *err)
{
    struct account_statement statement;
    struct account_statement_query query = {.org_id = checking->org_id,
                                            .as_known = ACCOUNT_NOW,
                                            .with_drafts = true,
                                            .first = account_year(checking->year - 2).first,
                                            .last = account_year(checking->year).last};
    if (!account_read_statement(checking->db, checking->arena, checking->viewer, &query, &statement,
                                err))
        return false;
    int64_t largest = 0;
    *product = NULL;
    for (size_t i = 0; i < statement.product_count; i++) {
        if (statement.products[i].amount <= largest) continue;
        largest = statement.products[i].amount;
        *product = statement.products[i].product;
        *unit = statement.products[i].unit;
    }
    for (int i = 0; i < MONTHS; i++) output[i] = 0;
    for (size_t i = 0; i < statement.line_count && *product != NULL; i++) {
        const struct account_line *line = &statement.lines[i];
        int slot = slot_of(checking, line->period.first);
        if (line->kind == ACCOUNT_PRODUCTION && slot >= 0 && is_month(line->period) &&
            strcmp(line->source, *product) == 0)
            output[slot] += (double)line->amount / 1000;
    }
    return true;
}

static bool run_intensity(struct checking *checking, const struct series *list, size_t count,
                          struct error *err)
{
    const struct check_rule *rule = check_find_rule(checking->checks, "x02");
    double z_fail, months_min, difference_min, electricity[MONTHS] = {0}, output[MONTHS];
    id64 datum_ids[MONTHS] = {0};
    struct account_method method;
    const char *product, *unit = "";
    if (rule == NULL || !check_threshold(checking->checks, "x02", "z_fail", &z_fail) ||
        !check_threshold(checking->checks, "x02", "months_min", &months_min) ||
        !check_threshold(checking->checks, "x02", "difference_min", &difference_min))
        return true;
    if (!account_choose_method(checking->db, checking->arena, checking->rules, checking->org_id,
                               checking->year, "method", &method, err) ||
        !read_output(checking, output, &product, &unit, err))
        return false;
    const struct model_input *input =
        method.model == NULL ? NULL : account_electricity_input(method.model);
    if (input == NULL || product == NULL) {
        checking_add(checking, rule, CHECK_NOT_POSSIBLE, account_year(checking->year))->reason =
            input == NULL ? "no electricity input" : "no output is known";
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].input, input->name) != 0) continue;
        for (int slot = 0; slot < MONTHS; slot++) {
            double mwh;
            struct error ignored;
            if (isnan(list[i].value[slot]) ||
                !model_unit_convert(checking->rules->library, list[i].value[slot],
                                    str_from(list[i].unit), STR("MWh"), &mwh, &ignored))
                continue;
            electricity[slot] += mwh;
            datum_ids[slot] = list[i].datum[slot]->datum_id;
        }
    }
    check_intensity(checking, rule, electricity, datum_ids, output, product, unit, z_fail,
                    months_min, difference_min);
    return true;
}

bool checking_run_series(struct checking *checking, struct error *err)
{
    size_t count;
    struct series *list = gather(checking, &count);
    const struct check_rule *slips = check_find_rule(checking->checks, "x23");
    const struct check_rule *digits = check_find_rule(checking->checks, "x24");
    double high, low, repeats, records, p;
    bool has_slips = slips != NULL &&
                     check_threshold(checking->checks, "x23", "ratio_high", &high) &&
                     check_threshold(checking->checks, "x23", "ratio_low", &low);
    bool has_repeats =
        digits != NULL && check_threshold(checking->checks, "x24", "repeats_warn", &repeats);
    for (size_t i = 0; i < count; i++) {
        if (has_slips) check_slips(checking, &list[i], slips, high, low);
        if (has_repeats) check_repeats(checking, &list[i], digits, repeats);
    }
    if (digits != NULL && check_threshold(checking->checks, "x24", "records_min", &records) &&
        check_threshold(checking->checks, "x24", "p_warn", &p))
        check_digits(checking, list, count, digits, records, p);
    return run_intensity(checking, list, count, err);
}
