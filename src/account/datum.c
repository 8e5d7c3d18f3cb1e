/* Data read back: which one counts for a place, and what a viewer may see of them. */
#include "account/internal.h"

#include "account_sql.h"

#include <string.h>

str account_place(struct arena *arena, struct account_period period, const char *input,
                  const char *key)
{
    return str_from(arena_printf(arena, "%d %d %s[%s]", period.first.day, period.last.day,
                                 account_text(input), account_text(key)));
}

/* The rows of both selects have the same columns. */
#define DATUM_FROM_ROW(org, row, datum)                 \
    (*(datum) = (struct account_datum){                 \
         .org_id = (org),                               \
         .datum_id = (row)->datum_id,                   \
         .submission_id = (row)->submission_id,         \
         .asset_id = (row)->asset_id,                   \
         .period = {(row)->first_day, (row)->last_day}, \
         .input = (row)->input.ptr,                     \
         .key = (row)->input_key.ptr,                   \
         .has_number = (row)->has_value,                \
         .value = (row)->value,                         \
         .unit = (row)->unit.ptr,                       \
         .text = (row)->value_text.ptr,                 \
         .raw = (row)->raw.ptr,                         \
         .row_ref = (row)->row_ref.ptr,                 \
         .tier = (enum account_tier)(row)->tier,        \
         .known_seq = (row)->known_seq,                 \
         .at = (row)->at,                               \
         .superseded = (row)->withdrawn,                \
     })

static bool same_place(const struct account_datum *a, const struct account_datum *b)
{
    return account_period_equal(a->period, b->period) && strcmp(a->input, b->input) == 0 &&
           strcmp(a->key, b->key) == 0;
}

static bool select_data(struct db *db, struct arena *arena, id64 org_id, date first, date last,
                        bool with_once, int64_t as_known, struct account_datum **list,
                        size_t *count, struct error *err)
{
    struct sql_account_select_data_row *rows;
    size_t n;
    if (!sql_account_select_data(db, arena, org_id, first, last, with_once, account_once().first,
                                 as_known, &rows, &n, err))
        return false;
    struct account_datum *data = ARENA_NEW_ARRAY(arena, struct account_datum, n + 1);
    for (size_t i = 0; i < n; i++) DATUM_FROM_ROW(org_id, &rows[i], &data[i]);
    /* From the back: the last of a place whose submission stands counts. */
    bool taken = false;
    for (size_t i = n; i-- > 0;) {
        if (i + 1 == n || !same_place(&data[i], &data[i + 1])) taken = false;
        if (data[i].superseded) continue;
        data[i].superseded = taken;
        taken = true;
    }
    *list = data;
    *count = n;
    return true;
}

static bool load_held(struct db *db, struct account_held *held, struct error *err)
{
    if (held->loaded) return true;
    held->loaded =
        select_data(db, held->arena, held->org_id, (date){INT32_MIN + 1}, (date){INT32_MAX - 1},
                    true, ACCOUNT_NOW, &held->data, &held->count, err);
    return held->loaded;
}

bool account_load_data(struct db *db, struct arena *arena, id64 org_id, date first, date last,
                       bool with_once, int64_t as_known, struct account_datum **list, size_t *count,
                       struct error *err)
{
    struct account_held *held = account_held(db, org_id);
    if (held == NULL || as_known != ACCOUNT_NOW)
        return select_data(db, arena, org_id, first, last, with_once, as_known, list, count, err);
    if (!load_held(db, held, err)) return false;
    struct account_datum *data = ARENA_NEW_ARRAY(arena, struct account_datum, held->count + 1);
    date once = account_once().first;
    size_t n = 0;
    for (size_t i = 0; i < held->count; i++) {
        const struct account_datum *d = &held->data[i];
        bool inside = d->period.first.day >= first.day && d->period.last.day <= last.day;
        if (inside || (with_once && d->period.first.day == once.day)) data[n++] = *d;
    }
    *list = data;
    *count = n;
    return true;
}

/* Money needs the scope finance, everything else the scope activity. */
static bool filter_data(struct db *db, const struct viewer *viewer, id64 org_id, bool *see_money,
                        struct error *err)
{
    struct error ignored;
    if (!registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_ACTIVITY, err)) return false;
    *see_money = registry_require_read(db, viewer, org_id, REGISTRY_SCOPE_FINANCE, &ignored);
    return true;
}

bool account_is_money(const char *unit)
{
    return strstr(unit, "CNY") != NULL;
}

bool account_list_data(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                       const struct account_data_filter *filter, struct account_datum **list,
                       size_t *count, struct error *err)
{
    bool see_money;
    bool all = filter->first.day == 0 && filter->last.day == 0;
    date first = all ? (date){INT32_MIN + 1} : filter->first;
    date last = all ? (date){INT32_MAX - 1} : filter->last;
    struct account_datum *data;
    size_t n, kept = 0;
    if (!filter_data(db, viewer, org_id, &see_money, err)) return false;
    if (!account_load_data(db, arena, org_id, first, last, all, filter->as_known, &data, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (data[i].superseded && !filter->with_superseded) continue;
        if (filter->input != NULL && strcmp(filter->input, data[i].input) != 0) continue;
        if (filter->submission_id != 0 && filter->submission_id != data[i].submission_id) continue;
        if (!see_money && account_is_money(data[i].unit)) continue;
        data[kept++] = data[i];
    }
    *list = data;
    *count = kept;
    return true;
}

bool account_get_datum(struct db *db, struct arena *arena, const struct viewer *viewer, id64 org_id,
                       id64 datum_id, struct account_datum *datum, struct error *err)
{
    struct sql_account_select_datum_row row;
    bool found, see_money;
    if (!filter_data(db, viewer, org_id, &see_money, err)) return false;
    if (!sql_account_select_datum(db, arena, org_id, datum_id, &row, &found, err)) return false;
    if (!found || (!see_money && account_is_money(str_dup(arena, row.unit))))
        return error_set(err, ERROR_ACCOUNT_UNKNOWN, "ss", "datum",
                         account_id_text(arena, datum_id));
    DATUM_FROM_ROW(org_id, &row, datum);
    return true;
}
