/* Loan cases: applying, following the flow, looking. */
#include "finance/finance.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "finance_sql.h"

#define FLOW_NAME STR("loan_application")
#define CENTS_PER_CNY 100.0

/* A case is seen by its bank and by the enterprise it is about; nobody else learns that it exists.
 */
static bool may_see(const struct viewer *viewer, id64 bank_org_id, id64 enterprise_org_id)
{
    return viewer->org_id == bank_org_id || viewer->org_id == enterprise_org_id;
}

static const struct finance_filter *first_unmet(const struct finance_offer *offer)
{
    for (size_t i = 0; i < offer->filter_count; i++)
        if (!offer->filters[i].met) return &offer->filters[i];
    return NULL;
}

static bool find_offer(struct db *db, struct arena *arena, const struct viewer *viewer,
                       const struct credit_rules *rules, id64 enterprise_org_id, int year,
                       const char *product, date today, const struct finance_offer **offer,
                       struct error *err)
{
    struct finance_offer *offers;
    size_t count;
    if (!finance_match(db, arena, viewer, rules, enterprise_org_id, year, today, &offers, &count,
                       err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(offers[i].product.name, product) != 0) continue;
        const struct finance_filter *unmet = first_unmet(&offers[i]);
        if (!offers[i].eligible || !offers[i].has_amount || !offers[i].has_rate)
            return error_set(err, ERROR_FINANCE_NOT_ELIGIBLE, "ss", offers[i].product.title.en,
                             unmet != NULL ? unmet->label.en : "amount");
        *offer = &offers[i];
        return true;
    }
    return error_set(err, ERROR_FINANCE_NO_PRODUCT, "s", product);
}

static bool keep_offer(struct db *db, id64 bank_org_id, id64 case_id,
                       const struct finance_offer *offer, struct error *err)
{
    for (size_t i = 0; i < offer->part_count; i++) {
        const struct finance_part *part = &offer->parts[i];
        if (!sql_finance_insert_part(db, bank_org_id, case_id, (int64_t)i, str_from(part->output),
                                     str_from(part->label.en), str_from(part->label.zh),
                                     part->known, part->known ? part->value : 0,
                                     str_from(part->unit), NULL, err))
            return false;
    }
    return true;
}

bool finance_apply(struct db *db, struct arena *arena, const struct viewer *viewer,
                   const struct credit_rules *rules, id64 bank_org_id, id64 enterprise_org_id,
                   int year, const char *product, double amount_cny, const char *purpose,
                   date today, int64_t now_ms, id64 *case_id, struct error *err)
{
    struct registry_org bank;
    const struct finance_offer *offer = NULL;
    id64 flow_case;
    bool officer = viewer->role == REGISTRY_BANK_OFFICER && viewer->org_id == bank_org_id;
    bool manager =
        viewer->role == REGISTRY_ENTERPRISE_MANAGER && viewer->org_id == enterprise_org_id;
    if (!officer && !manager)
        return error_set(err, ERROR_REGISTRY_NOT_ALLOWED, "s", "open a loan case");
    if (!registry_get_org(db, arena, bank_org_id, &bank, err)) return false;
    if (bank.kind != REGISTRY_BANK) return error_set(err, ERROR_FINANCE_NO_BANK, "");
    if (!find_offer(db, arena, viewer, rules, enterprise_org_id, year, product, today, &offer, err))
        return false;
    if (!(amount_cny > 0) || amount_cny > offer->amount_cny)
        return error_set(err, ERROR_FINANCE_AMOUNT, "dd", isfinite(amount_cny) ? amount_cny : 0,
                         floor(offer->amount_cny));
    id64 fresh = id_new();
    int64_t asked, offered;
    if (!num_to_int(amount_cny * CENTS_PER_CNY, &asked) ||
        !num_to_int(offer->amount_cny * CENTS_PER_CNY, &offered))
        return error_set(err, ERROR_FINANCE_AMOUNT, "dd", amount_cny, offer->amount_cny);
    if (!flow_open_case(db, rules->flows, FLOW_NAME, bank_org_id, fresh, viewer->person_id,
                        &flow_case, err) ||
        !sql_finance_insert_case(db, bank_org_id, fresh, enterprise_org_id, flow_case, year,
                                 str_from(product), str_from(offer->product.version),
                                 (str){(const char *)offer->digest.bytes, DIGEST_BYTES}, asked,
                                 offered, offer->rate, str_from(purpose), viewer->person_id, now_ms,
                                 NULL, err) ||
        !sql_finance_insert_mirror(db, enterprise_org_id, fresh, bank_org_id, NULL, err) ||
        !keep_offer(db, bank_org_id, fresh, offer, err))
        return false;
    const char *args[] = {
        officer ? registry_notice_org(arena, &bank)
                : registry_notice_arg(arena, offer->product.title.en, offer->product.title.zh),
        NULL};
    id64 other = officer ? enterprise_org_id : bank_org_id;
    if (!registry_send_notice(db, other, "case",
                              officer ? "{0} has opened a loan case about you."
                                      : "A new loan application: {0}.",
                              args, officer ? "/enterprise/cases" : "/bank/cases", now_ms, err))
        return false;
    *case_id = fresh;
    return true;
}

/* ---- reading ---- */

static bool read_parts(struct db *db, struct arena *arena, struct finance_case *found,
                       struct error *err)
{
    struct sql_finance_list_parts_row *rows;
    size_t count;
    if (!sql_finance_list_parts(db, arena, found->bank_org_id, found->case_id, &rows, &count, err))
        return false;
    struct finance_part *parts = ARENA_NEW_ARRAY(arena, struct finance_part, count + 1);
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct finance_part){.output = rows[i].output.ptr,
                                         .label = {rows[i].label_en.ptr, rows[i].label_zh.ptr},
                                         .known = rows[i].known,
                                         .value = rows[i].value,
                                         .unit = rows[i].unit.ptr};
    found->offer = parts;
    found->offer_count = count;
    return true;
}

static bool is_overdue(struct db *db, struct arena *arena, const struct flow_case *the_case,
                       int64_t now_ms, bool *overdue, struct error *err)
{
    struct flow_option *options;
    size_t count;
    *overdue = false;
    if (the_case->state->final) return true;
    if (!flow_options(db, arena, the_case, NULL, now_ms, &options, &count, err)) return false;
    for (size_t i = 0; i < count; i++) *overdue = *overdue || options[i].overdue;
    return true;
}

static bool read_case(struct db *db, struct arena *arena, const struct viewer *viewer,
                      const struct flow_library *flows, const struct model_library *library,
                      id64 bank_org_id, id64 case_id, int64_t now_ms, struct finance_case *result,
                      struct flow_case *the_case, struct error *err)
{
    struct sql_finance_get_case_row row;
    struct registry_org bank, enterprise;
    bool found;
    if (!sql_finance_get_case(db, arena, bank_org_id, case_id, &row, &found, err)) return false;
    if (!found || !may_see(viewer, bank_org_id, row.enterprise_org_id))
        return error_set(err, ERROR_FINANCE_NO_CASE, "");
    if (!registry_get_org(db, arena, bank_org_id, &bank, err) ||
        !registry_get_org(db, arena, row.enterprise_org_id, &enterprise, err) ||
        !flow_read_case(db, arena, flows, bank_org_id, row.flow_case_id, the_case, err))
        return false;
    const struct model *model =
        library == NULL ? NULL
                        : model_library_find(library, row.product.ptr, instant_day(row.at, 480));
    struct model_text title = model != NULL ? model_info(model)->title
                                            : (struct model_text){row.product.ptr, row.product.ptr};
    *result =
        (struct finance_case){.bank_org_id = bank_org_id,
                              .case_id = case_id,
                              .enterprise_org_id = row.enterprise_org_id,
                              .enterprise_name = enterprise.name,
                              .bank_name = bank.name,
                              .product = row.product.ptr,
                              .product_title = title,
                              .year = (int)row.year,
                              .amount_asked_cny = (double)row.amount_asked / CENTS_PER_CNY,
                              .amount_offered_cny = (double)row.amount_offered / CENTS_PER_CNY,
                              .rate_offered = row.rate_offered,
                              .purpose = row.purpose.ptr,
                              .state = the_case->state->name,
                              .flow = the_case->flow,
                              .flow_state = the_case->state,
                              .state_title = {the_case->state->label.en, the_case->state->label.zh},
                              .closed = the_case->state->final,
                              .granted = strcmp(the_case->state->means, "granted") == 0,
                              .at = row.at,
                              .state_at = the_case->entered_ms,
                              .step = the_case->step};
    return is_overdue(db, arena, the_case, now_ms, &result->overdue, err) &&
           read_parts(db, arena, result, err);
}

bool finance_get_case(struct db *db, struct arena *arena, const struct viewer *viewer,
                      const struct credit_rules *rules, id64 bank_org_id, id64 case_id,
                      int64_t now_ms, struct finance_case *found, struct error *err)
{
    struct flow_case the_case;
    return read_case(db, arena, viewer, rules->flows, rules->account->library, bank_org_id, case_id,
                     now_ms, found, &the_case, err);
}

bool finance_list_cases(struct db *db, struct arena *arena, const struct viewer *viewer,
                        const struct credit_rules *rules, int64_t now_ms,
                        struct finance_case **list, size_t *count, struct error *err)
{
    struct sql_finance_list_case_ids_row *own;
    struct sql_finance_list_mirrors_row *mirrors;
    size_t own_count, mirror_count;
    if (!sql_finance_list_case_ids(db, arena, viewer->org_id, &own, &own_count, err) ||
        !sql_finance_list_mirrors(db, arena, viewer->org_id, &mirrors, &mirror_count, err))
        return false;
    struct finance_case *cases =
        ARENA_NEW_ARRAY(arena, struct finance_case, own_count + mirror_count + 1);
    for (size_t i = 0; i < own_count + mirror_count; i++) {
        id64 bank = i < own_count ? viewer->org_id : mirrors[i - own_count].bank_org_id;
        id64 case_id = i < own_count ? own[i].case_id : mirrors[i - own_count].case_id;
        if (!finance_get_case(db, arena, viewer, rules, bank, case_id, now_ms, &cases[i], err))
            return false;
    }
    *list = cases;
    *count = own_count + mirror_count;
    return true;
}

/* ---- moving ---- */

/* Whether the enterprise's consent still stands: any letter for this bank that is granted today
 * and opens the label.
 * Today is that of the clock, as in every read that registry guards. */
static bool has_letter(struct db *db, id64 bank_org_id, id64 enterprise_org_id, bool *stands,
                       struct error *err)
{
    date today = instant_day(instant_now_ms(), 480);
    static const char *const purposes[] = {"before", "during", "after"};
    *stands = false;
    for (size_t i = 0; i < ARRAY_LEN(purposes) && !*stands; i++) {
        struct viewer bank = registry_viewer_own(bank_org_id, 0);
        struct registry_access access;
        bank.org_kind = REGISTRY_BANK;
        bank.role = REGISTRY_BANK_OFFICER;
        bank.purpose = purposes[i];
        if (!registry_may_read(db, &bank, enterprise_org_id, FINANCE_LETTER_SCOPE, today, &access,
                               err))
            return false;
        *stands = access.basis == REGISTRY_BASIS_AUTHORISATION;
    }
    return true;
}

/* Who acts, and whether the letter that the flow may ask for is in force: read in the transaction
 * in which the step is taken. */
static bool read_actor(struct db *db, const struct viewer *viewer, const struct finance_case *found,
                       const char *roles[4], struct flow_actor *actor, struct error *err)
{
    *actor = (struct flow_actor){.person_id = viewer->person_id,
                                 .roles = roles,
                                 .roles_count =
                                     registry_flow_roles(viewer, found->enterprise_org_id, roles)};
    return has_letter(db, found->bank_org_id, found->enterprise_org_id, &actor->has_letter, err);
}

bool finance_list_choices(struct db *db, struct arena *arena, const struct viewer *viewer,
                          const struct flow_library *flows, id64 bank_org_id, id64 case_id,
                          int64_t now_ms, struct finance_choice **list, size_t *count,
                          struct error *err)
{
    struct finance_case found = {0};
    struct flow_case the_case;
    struct flow_option *options;
    size_t used;
    const char *roles[4];
    if (!read_case(db, arena, viewer, flows, NULL, bank_org_id, case_id, now_ms, &found, &the_case,
                   err))
        return false;
    struct flow_actor actor;
    if (!read_actor(db, viewer, &found, roles, &actor, err) ||
        !flow_options(db, arena, &the_case, &actor, now_ms, &options, &used, err))
        return false;
    struct finance_choice *choices = ARENA_NEW_ARRAY(arena, struct finance_choice, used + 1);
    for (size_t i = 0; i < used; i++)
        choices[i] = (struct finance_choice){
            .transition = options[i].transition->name,
            .title = {options[i].transition->label.en, options[i].transition->label.zh},
            .needs_note = options[i].transition->needs_note,
            .tone = options[i].transition->tone,
            .same_person = options[i].same_person,
            .no_letter = options[i].no_letter,
            .has_due = options[i].has_due,
            .overdue = options[i].overdue,
            .due = options[i].due};
    *list = choices;
    *count = used;
    return true;
}

bool finance_end_cases(struct db *db, struct arena *arena, const struct credit_rules *rules,
                       id64 bank_org_id, id64 enterprise_org_id, int64_t now_ms, size_t *ended,
                       struct error *err)
{
    static const char *const roles[] = {"system"};
    struct flow_actor program = {.person_id = 0, .roles = roles, .roles_count = 1};
    struct viewer bank = registry_viewer_own(bank_org_id, 0);
    struct finance_case *cases;
    size_t count;
    bool stands;
    *ended = 0;
    if (!has_letter(db, bank_org_id, enterprise_org_id, &stands, err)) return false;
    if (stands) return true;
    if (!finance_list_cases(db, arena, &bank, rules, now_ms, &cases, &count, err)) return false;
    for (size_t i = 0; i < count; i++) {
        struct flow_case the_case;
        struct finance_case found = {0};
        if (cases[i].enterprise_org_id != enterprise_org_id || cases[i].closed) continue;
        if (!read_case(db, arena, &bank, rules->flows, NULL, bank_org_id, cases[i].case_id, now_ms,
                       &found, &the_case, err))
            return false;
        const struct flow_transition *end =
            flow_find_meant(the_case.flow, the_case.state, "consent_ended");
        if (end == NULL) continue;
        struct flow_move move = {.org_id = bank_org_id,
                                 .case_id = the_case.case_id,
                                 .transition = str_from(end->name),
                                 .step_seen = -1,
                                 .note = STR("The letter of authorisation was withdrawn.")};
        if (!flow_take(db, rules->flows, &program, &move, NULL, err)) return false;
        ++*ended;
    }
    return true;
}

bool finance_move_case(struct db *db, const struct viewer *viewer, const struct flow_library *flows,
                       id64 bank_org_id, id64 case_id, const char *transition, int64_t step_seen,
                       const char *note, int64_t now_ms, struct error *err)
{
    struct arena *arena = db_arena(db);
    struct finance_case found = {0};
    struct flow_case the_case, after;
    const char *roles[4];
    if (!read_case(db, arena, viewer, flows, NULL, bank_org_id, case_id, now_ms, &found, &the_case,
                   err))
        return false;
    bool by_bank = viewer->org_id == bank_org_id;
    struct flow_actor actor;
    if (!read_actor(db, viewer, &found, roles, &actor, err)) return false;
    struct flow_move move = {.org_id = bank_org_id,
                             .case_id = the_case.case_id,
                             .transition = str_from(transition),
                             .step_seen = step_seen,
                             .note = str_from(note)};
    if (!flow_take(db, flows, &actor, &move, &after, err)) return false;
    struct registry_org self;
    if (!registry_get_org(db, arena, by_bank ? bank_org_id : found.enterprise_org_id, &self, err))
        return false;
    const char *args[] = {registry_notice_org(arena, &self),
                          registry_notice_arg(arena, after.state->label.en, after.state->label.zh),
                          NULL};
    return registry_send_notice(db, by_bank ? found.enterprise_org_id : bank_org_id, "case",
                                "Loan case with {0}: it is now at '{1}'.", args,
                                by_bank ? "/enterprise/cases" : "/bank/cases", now_ms, err);
}

static bool is_enterprise_duty(const struct flow_transition *transition)
{
    for (size_t i = 0; i < transition->roles_count; i++)
        if (str_starts(str_from(transition->roles[i]), "enterprise_")) return true;
    return false;
}

/* What the bank's people write to each other is the bank's; the enterprise reads what is meant for
 * it: its own words, how the case ended, and why it is its turn to go on. */
static bool hides_note(const struct viewer *viewer, const struct flow_case *the_case,
                       const struct flow_step *step)
{
    if (viewer->org_id == the_case->org_id || step->to->final ||
        is_enterprise_duty(step->transition))
        return false;
    for (size_t t = 0; t < the_case->flow->transitions_count; t++) {
        const struct flow_transition *next = &the_case->flow->transitions[t];
        if (next->to->final || !is_enterprise_duty(next)) continue;
        for (size_t k = 0; k < next->from_count; k++)
            if (next->from[k] == step->to) return false;
    }
    return true;
}

bool finance_list_steps(struct db *db, struct arena *arena, const struct viewer *viewer,
                        const struct flow_library *flows, id64 bank_org_id, id64 case_id,
                        struct finance_step **list, size_t *count, struct error *err)
{
    struct finance_case found = {0};
    struct flow_case the_case;
    struct flow_step *steps;
    size_t used;
    if (!read_case(db, arena, viewer, flows, NULL, bank_org_id, case_id, instant_now_ms(), &found,
                   &the_case, err) ||
        !flow_steps(db, arena, &the_case, &steps, &used, err))
        return false;
    struct finance_step *result = ARENA_NEW_ARRAY(arena, struct finance_step, used + 1);
    for (size_t i = 0; i < used; i++) {
        struct registry_person person = {.name = ""};
        struct error unknown;
        /* The step was taken by somebody of the bank or of the enterprise, or by the program (0).
         */
        if (steps[i].person_id != 0 &&
            !registry_get_person(db, arena, bank_org_id, steps[i].person_id, &person, &unknown) &&
            !registry_get_person(db, arena, found.enterprise_org_id, steps[i].person_id, &person,
                                 &unknown))
            person.name = "";
        result[i] = (struct finance_step){
            .transition = steps[i].transition->name,
            .from = steps[i].from->name,
            .to = steps[i].to->name,
            .person_name = person.name,
            .note = hides_note(viewer, &the_case, &steps[i]) ? "" : steps[i].note,
            .title = {steps[i].transition->label.en, steps[i].transition->label.zh},
            .at = steps[i].at_ms};
    }
    *list = result;
    *count = used;
    return true;
}
