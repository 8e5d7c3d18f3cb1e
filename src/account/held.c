/* What is held of one organisation while a read or write computes from it again and again: its
 * data, the sums of its postings, and the results of runs that were just computed. */
#include "account/internal.h"

bool account_hold_data(struct db *db, struct arena *arena, id64 org_id)
{
    struct account_held **place = (struct account_held **)db_held(db);
    if (*place != NULL && (*place)->org_id == org_id) return false;
    *place = ARENA_NEW(arena, struct account_held);
    **place = (struct account_held){.arena = arena, .org_id = org_id};
    return true;
}

void account_release_data(struct db *db)
{
    *db_held(db) = NULL;
}

struct account_held *account_held(struct db *db, id64 org_id)
{
    struct account_held *held = *db_held(db);
    return held != NULL && held->org_id == org_id ? held : NULL;
}

void account_forget_sums(struct db *db, id64 org_id)
{
    struct account_held *held = account_held(db, org_id);
    if (held != NULL) held->summed = false;
}

void account_hold_result(struct db *db, id64 org_id, id64 run_id, const struct model_run *result)
{
    struct account_held *held = account_held(db, org_id);
    if (held == NULL) return;
    *ARENA_PUSH(held->arena, held->results, held->result_count, held->result_capacity) =
        (struct account_held_result){run_id, result};
}

const struct model_run *account_held_result(struct db *db, id64 org_id, id64 run_id)
{
    const struct account_held *held = account_held(db, org_id);
    for (size_t i = held == NULL ? 0 : held->result_count; i-- > 0;)
        if (held->results[i].run_id == run_id) return held->results[i].result;
    return NULL;
}
