/* Adds up the register enterprise by enterprise, then plans what must not be shown. */
#include "web/authority/roll_up.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INDUSTRY_CHARS 2
#define DIVISION_CHARS 4

int64_t roll_label_shown(const struct roll_up *roll, int64_t count)
{
    int64_t base = roll->web->app->config.cell_enterprises_min;
    return (count + base / 2) / base * base;
}

const char *const roll_label_names[ROLL_LABELS] = {"deep_green", "light_green", "yellow", "red",
                                                   "grey"};

struct member { /* one enterprise */
    size_t industry, division;
    struct roll_sum sum;
};

struct members {
    struct roll_up *roll;
    struct member *list;
    size_t count;
};

static int by_code(const void *a, const void *b)
{
    return strcmp(((const struct roll_sum *)a)->code, ((const struct roll_sum *)b)->code);
}

static size_t place_of(const struct roll_sum *sums, size_t count, const char *code)
{
    size_t at = 0;
    while (at < count && strcmp(sums[at].code, code) != 0) at++;
    return at;
}

/* The distinct beginnings of the codes, in order. */
static struct roll_sum *make_groups(struct arena *arena, const struct registry_org *orgs,
                                    size_t count, bool industry, size_t *group_count)
{
    struct roll_sum *sums = ARENA_NEW_ARRAY(arena, struct roll_sum, count + 1);
    *group_count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *code = industry ? arena_printf(arena, "%.*s", INDUSTRY_CHARS, orgs[i].industry)
                                    : arena_printf(arena, "%.*s", DIVISION_CHARS, orgs[i].division);
        if (place_of(sums, *group_count, code) == *group_count) sums[(*group_count)++].code = code;
    }
    if (*group_count > 1) qsort(sums, *group_count, sizeof *sums, by_code);
    return sums;
}

static bool read_member(struct db *db, struct roll_up *roll, id64 org_id, struct roll_sum *sum,
                        struct error *err)
{
    struct arena *arena = roll->web->arena;
    struct account_period year = account_year(roll->year);
    struct account_statement_query query = {
        .org_id = org_id, .first = year.first, .last = year.last, .as_known = ACCOUNT_NOW};
    struct account_statement statement;
    struct credit_rating rating;
    bool rated;
    if (!account_read_statement(db, arena, roll->web->viewer, &query, &statement, err) ||
        !credit_read_rating(db, arena, roll->web->viewer, org_id, roll->year, &rating, &rated, err))
        return false;
    sum->listed = 1;
    sum->counts[ROLL_EMISSION] = statement.total.has_emission;
    sum->counts[ROLL_ENERGY] = statement.total.has_energy;
    sum->counts[ROLL_LABEL] = rated;
    sum->full = statement.total.full;
    sum->compliance = statement.total.compliance;
    sum->calorific = statement.total.energy_calorific;
    sum->equivalent = statement.total.energy_equivalent;
    if (!rated) return true;
    size_t label = 0;
    while (label < ROLL_GREY && strcmp(rating.label, roll_label_names[label]) != 0) label++;
    sum->labels[label] = 1;
    return true;
}

static void add(struct roll_sum *to, const struct roll_sum *sum)
{
    to->listed += sum->listed;
    for (size_t m = 0; m < ROLL_MEASURES; m++) to->counts[m] += sum->counts[m];
    to->full += sum->full;
    to->compliance += sum->compliance;
    to->calorific += sum->calorific;
    to->equivalent += sum->equivalent;
    for (size_t l = 0; l < ROLL_LABELS; l++) to->labels[l] += sum->labels[l];
}

/* Whether one enterprise makes up more of a sum than the setting allows (the (n,k) rule of
 * statistical disclosure control with n = 1), or nearly all have the same label: the sum then tells
 * that one's figure, or everybody's label. `in` says which members the sum is over. */
static bool is_dominated(const struct members *members, enum roll_measure measure,
                         const struct roll_sum *sum,
                         bool (*in)(const struct member *, size_t, size_t), size_t industry,
                         size_t division)
{
    double limit = (double)members->roll->web->app->config.dominance_percent / 100;
    double largest[2] = {0, 0}, whole[2] = {0, 0};
    if (measure == ROLL_LABEL) {
        for (size_t l = 0; l < ROLL_LABELS; l++)
            if ((double)sum->labels[l] > limit * (double)sum->counts[ROLL_LABEL]) return true;
        return false;
    }
    for (size_t i = 0; i < members->count; i++) {
        const struct member *member = &members->list[i];
        bool emission = measure == ROLL_EMISSION;
        double parts[2] = {(double)(emission ? member->sum.full : member->sum.calorific),
                           (double)(emission ? member->sum.compliance : member->sum.equivalent)};
        if (!in(member, industry, division)) continue;
        for (int k = 0; k < 2; k++) {
            whole[k] += fabs(parts[k]);
            largest[k] = fmax(largest[k], fabs(parts[k]));
        }
    }
    return largest[0] > limit * whole[0] || largest[1] > limit * whole[1];
}

static bool in_all(const struct member *member, size_t industry, size_t division)
{
    (void)member, (void)industry, (void)division;
    return true;
}

static bool in_industry(const struct member *member, size_t industry, size_t division)
{
    (void)division;
    return member->industry == industry;
}

static bool in_division(const struct member *member, size_t industry, size_t division)
{
    (void)industry;
    return member->division == division;
}

static bool in_cell(const struct member *member, size_t industry, size_t division)
{
    return member->industry == industry && member->division == division;
}

/* The cells that hold somebody with the measure. */
static size_t gather_cells(const struct members *members, enum roll_measure measure,
                           struct suppress_cell *cells)
{
    size_t count = 0;
    for (size_t i = 0; i < members->count; i++) {
        const struct member *member = &members->list[i];
        size_t at = 0;
        if (member->sum.counts[measure] == 0) continue;
        while (at < count &&
               (cells[at].industry != member->industry || cells[at].division != member->division))
            at++;
        if (at == count)
            cells[count++] = (struct suppress_cell){member->industry, member->division, 0, false};
        cells[at].count++;
    }
    for (size_t c = 0; c < count; c++) {
        struct roll_sum sum = {0};
        for (size_t i = 0; i < members->count; i++)
            if (in_cell(&members->list[i], cells[c].industry, cells[c].division))
                add(&sum, &members->list[i].sum);
        cells[c].guarded =
            is_dominated(members, measure, &sum, in_cell, cells[c].industry, cells[c].division);
    }
    return count;
}

static void plan(const struct members *members, enum roll_measure measure)
{
    struct roll_up *roll = members->roll;
    struct arena *arena = roll->web->arena;
    struct suppress_cell *cells = ARENA_NEW_ARRAY(arena, struct suppress_cell, members->count + 1);
    bool *industries = ARENA_NEW_ARRAY(arena, bool, roll->industry_count + 1);
    bool *divisions = ARENA_NEW_ARRAY(arena, bool, roll->division_count + 1);
    for (size_t g = 0; g < roll->industry_count; g++)
        industries[g] = is_dominated(members, measure, &roll->industries[g], in_industry, g, 0);
    for (size_t g = 0; g < roll->division_count; g++)
        divisions[g] = is_dominated(members, measure, &roll->divisions[g], in_division, 0, g);
    struct suppress_plan plan = {.industry_count = roll->industry_count,
                                 .division_count = roll->division_count,
                                 .guard_industry = industries,
                                 .guard_division = divisions,
                                 .guard_total =
                                     is_dominated(members, measure, &roll->total, in_all, 0, 0)};
    size_t count = gather_cells(members, measure, cells);
    suppress_make(arena, cells, count, roll->web->app->config.cell_enterprises_min, &plan);
    for (size_t g = 0; g < roll->industry_count; g++)
        roll->industries[g].hide[measure] = plan.hide_industry[g];
    for (size_t g = 0; g < roll->division_count; g++)
        roll->divisions[g].hide[measure] = plan.hide_division[g];
    roll->total.hide[measure] = plan.hide_total;
}

bool roll_up_read(struct db *db, void *roll_up, struct error *err)
{
    struct roll_up *roll = roll_up;
    struct arena *arena = roll->web->arena;
    struct members members = {.roll = roll};
    struct registry_org *orgs;
    size_t all, count = 0;
    if (!authority_list(db, arena, roll->web->viewer, true, &orgs, &all, err)) return false;
    for (size_t i = 0; i < all; i++)
        if (orgs[i].invented == roll->invented) orgs[count++] = orgs[i];
    roll->industries = make_groups(arena, orgs, count, true, &roll->industry_count);
    roll->divisions = make_groups(arena, orgs, count, false, &roll->division_count);
    roll->total = (struct roll_sum){.code = ""};
    members.list = ARENA_NEW_ARRAY(arena, struct member, count + 1);
    for (; members.count < count; members.count++) {
        const struct registry_org *org = &orgs[members.count];
        struct member *member = &members.list[members.count];
        member->industry = place_of(roll->industries, roll->industry_count,
                                    arena_printf(arena, "%.*s", INDUSTRY_CHARS, org->industry));
        member->division = place_of(roll->divisions, roll->division_count,
                                    arena_printf(arena, "%.*s", DIVISION_CHARS, org->division));
        if (!read_member(db, roll, org->org_id, &member->sum, err)) return false;
        add(&roll->industries[member->industry], &member->sum);
        add(&roll->divisions[member->division], &member->sum);
        add(&roll->total, &member->sum);
    }
    for (int m = 0; m < ROLL_MEASURES; m++) plan(&members, (enum roll_measure)m);
    return true;
}
