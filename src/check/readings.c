/* Rules on meter readings: x26 gaps, and main meters that are absent from months that others count.
 * A gap is told, never filled here. */
#include <string.h>

#include "check/rules.h"

/* The longest run of missing intervals that ends in the day, in minutes. *carried: minutes missing
 * at the end of the day before; a gap over midnight is one gap. */
static int longest_gap_minutes(const struct meter_day *day, int *carried)
{
    int run = *carried, longest = 0;
    for (int i = 0; i < day->expected; i++) {
        run = day->wh[i] == METER_GAP ? run + day->interval_minutes : 0;
        if (run > longest) longest = run;
    }
    *carried = run;
    return longest;
}

/* Which main meters of one kind (settlement meters, the plant's own) have readings of which months:
 * a month is the sum of these, and half a month where one of two is absent. */
struct months {
    bool present[12];
};
struct presence {
    int meters; /* main meters */
    int of_month[12];
};

static bool add_presence(struct checking *checking, const struct registry_asset *meter,
                         bool present[12], struct error *err)
{
    struct account_period year = account_year(checking->year);
    struct meter_month *months;
    size_t count;
    if (!meter_read_months(checking->db, checking->viewer, checking->org_id, meter->asset_id,
                           year.first, year.last, 0, &months, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) present[months[i].month - month_of(year.first)] = true;
    return true;
}

/* A main meter without a reading in months that others have readings of. */
static void check_absence(struct checking *checking, const struct registry_asset *meter,
                          const struct check_rule *rule, const bool present[12],
                          const struct presence *all)
{
    struct account_period year = account_year(checking->year);
    int absent = 0, first = 0;
    for (int i = 0; i < 12; i++) {
        if (present[i] || all->of_month[i] == 0) continue;
        if (absent++ == 0) first = i;
    }
    if (absent == 0) return;
    struct account_period month = account_month(month_of(year.first) + first);
    struct outcome *outcome = checking_add(checking, rule, CHECK_WARN, month);
    outcome->input = meter->code[0] != '\0' ? meter->code : meter->name;
    outcome->message = "Meter {0} has no reading in {1} months in which other main meters have: "
                       "{2} is the sum of {3} of {4} meters. Send the missing readings, or say "
                       "since when or until when the meter counted.";
    outcome->args[0] = outcome->input;
    outcome->args[1] = checking_number(checking, absent);
    outcome->args[2] = account_period_text(checking->arena, month);
    outcome->args[3] = checking_number(checking, all->of_month[first]);
    outcome->args[4] = checking_number(checking, all->meters);
    outcome->arg_count = 5;
    outcome_evidence(checking, outcome,
                     (struct model_text){"Months without a reading", "无读数的月份"}, absent,
                     "month", "meter", 0);
}

static bool check_presence(struct checking *checking, const struct check_rule *rule,
                           const struct registry_asset *assets, size_t count, struct error *err)
{
    struct presence all[2] = {{0}}; /* by settlement */
    struct months *present = ARENA_NEW_ARRAY(checking->arena, struct months, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (!registry_is_main_meter(assets, count, &assets[i])) continue;
        if (!add_presence(checking, &assets[i], present[i].present, err)) return false;
        struct presence *kind = &all[assets[i].settlement];
        kind->meters++;
        for (int m = 0; m < 12; m++) kind->of_month[m] += present[i].present[m];
    }
    for (size_t i = 0; i < count; i++)
        if (registry_is_main_meter(assets, count, &assets[i]))
            check_absence(checking, &assets[i], rule, present[i].present,
                          &all[assets[i].settlement]);
    return true;
}

static bool check_meter(struct checking *checking, const struct registry_asset *meter,
                        const struct check_rule *rule, double gap_hours, struct error *err)
{
    struct account_period year = account_year(checking->year);
    struct meter_span span;
    struct meter_day *days;
    size_t count;
    bool found;
    if (!meter_read_span(checking->db, checking->viewer, checking->org_id, meter->asset_id, &span,
                         &found, err))
        return false;
    if (!found || span.last.day < year.first.day || span.first.day > year.last.day) return true;
    date first = span.first.day > year.first.day ? span.first : year.first;
    date last = span.last.day < year.last.day ? span.last : year.last;
    if (!meter_read_days(checking->db, checking->viewer, checking->org_id, meter->asset_id, first,
                         last, 0, &days, &count, err))
        return false;
    int64_t absent = last.day - first.day + 1 - (int64_t)count, gaps = 0, longest = 0;
    int carried = 0;
    date worst = first;
    for (size_t i = 0; i < count; i++) {
        /* A day without any reading is told as such; what misses beside it is looked at by itself.
         */
        if (i > 0 && days[i].day.day != days[i - 1].day.day + 1) carried = 0;
        int minutes = longest_gap_minutes(&days[i], &carried);
        gaps += minutes > gap_hours * 60;
        if (minutes > longest) longest = minutes, worst = days[i].day;
    }
    bool warns = gaps > 0 || absent > 0;
    struct outcome *outcome = checking_add(checking, rule, warns ? CHECK_WARN : CHECK_PASS, year);
    outcome->input = meter->code[0] != '\0' ? meter->code : meter->name;
    if (!warns) return true;
    char text[DATE_TEXT_MAX];
    date_format(worst, text);
    outcome->message = "Meter {0}: {1} days have gaps of more than {2} hours and {3} days have no "
                       "reading (the longest gap of a "
                       "day on {4}). Send the missing readings; nothing is filled in for you.";
    outcome->args[0] = outcome->input;
    outcome->args[1] = checking_number(checking, (double)gaps);
    outcome->args[2] = checking_number(checking, gap_hours);
    outcome->args[3] = checking_number(checking, (double)absent);
    outcome->args[4] = arena_strdup(checking->arena, text);
    outcome->arg_count = 5;
    outcome_evidence(checking, outcome, (struct model_text){"Days with readings", "有读数的天数"},
                     (double)count, "day", "meter", 0);
    outcome_evidence(checking, outcome, (struct model_text){"Days with gaps", "有缺口的天数"},
                     (double)gaps, "day", "meter", 0);
    outcome_evidence(checking, outcome,
                     (struct model_text){"Days without a reading", "无读数的天数"}, (double)absent,
                     "day", "meter", 0);
    return true;
}

bool checking_run_readings(struct checking *checking, struct error *err)
{
    const struct check_rule *rule = check_find_rule(checking->checks, "x26");
    struct registry_asset *assets;
    size_t count;
    double gap_hours;
    if (rule == NULL || !check_threshold(checking->checks, "x26", "gap_hours", &gap_hours))
        return true;
    if (!registry_list_assets(checking->db, checking->arena, checking->org_id, &assets, &count,
                              err))
        return false;
    size_t before = checking->count;
    for (size_t i = 0; i < count; i++)
        if (assets[i].kind == REGISTRY_METER &&
            !check_meter(checking, &assets[i], rule, gap_hours, err))
            return false;
    if (!check_presence(checking, rule, assets, count, err)) return false;
    if (checking->count == before)
        checking_add(checking, rule, CHECK_NOT_POSSIBLE, account_year(checking->year))->reason =
            "no meter readings of the year";
    return true;
}
