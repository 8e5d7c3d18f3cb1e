/* For tests: an invented cement works with its people, a bank, another bank and an authority in a
 * store of their own, and the models, tables and flows of the source. */
#ifndef TEST_MILL_H
#define TEST_MILL_H

#include "credit/credit.h"
#include "trust/trust.h"
#include "want.h"

/* 2026-01-20, counted by hand: 2026-03-01 is day 20513, less 28 of February and 12 of January. */
#define MILL_TODAY ((date){20473})
#define MILL_NOW ((int64_t)20473 * 86400000)

struct mill {
    struct arena *arena;
    struct store *store;
    char directory[64];
    const char *where; /* the store, in the directory */
    struct model_library *library;
    struct account_rules rules;
    struct check_rules *checks;
    struct flow_library *flows;
    struct credit_rules credit;
    struct trust_key key;
    struct log_config log;
    id64 org_id, other_org_id, bank_id, other_bank_id, authority_id;
    struct viewer manager, approver, neighbour; /* of the works; the manager of another one */
    struct viewer officer, reviewer, bank_approver, second_approver, other_officer, authority;
};
void mill_open(struct mill *mill);
void mill_close(struct mill *mill);
/* For cmocka: a mill that lives as long as one test case, which is a function of the test's or
 * works that are done one after the other, each in a write of its own. */
#define MILL_TEST(test) cmocka_unit_test_setup_teardown(test, mill_set_up, mill_tear_down)
/* clang-format off */
#define MILL_CASE(...) \
    {#__VA_ARGS__, mill_run_case, mill_set_up, mill_tear_down, (store_work *[]){__VA_ARGS__, NULL}}
/* clang-format on */
int mill_set_up(void **state);
int mill_tear_down(void **state);
void mill_run_case(void **state);
struct mill *mill_of_case(void);
/* An organisation of Changzhi (an enterprise makes cement), and a person who looks "before" a loan.
 */
bool mill_add_org(struct db *db, const struct registry_codes *codes, enum registry_org_kind kind,
                  const char *name, const char *code, id64 *org_id, struct error *err);
bool mill_add_person(struct db *db, id64 org_id, const char *login, enum registry_role role,
                     struct viewer *viewer, struct error *err);
/* Fails the test with the error's sentence. */
void mill_fail(const struct mill *mill, const struct error *err);
/* Runs work in a write; a false fails the test with its sentence. */
void mill_write(struct mill *mill, store_work *work);
/* Gives what was written its places in the log. */
void mill_sequence(struct mill *mill);
/* A store_work that makes the works one of steel. */
bool mill_turn_to_steel(struct db *db, void *mill, struct error *err);

/* Rows of a submission, collected. */
struct mill_rows {
    struct account_row list[512];
    size_t count;
};
struct account_row mill_row(struct account_period period, const char *input, const char *key,
                            double value, const char *unit, enum account_tier tier);
void mill_put(struct mill_rows *rows, struct account_period period, const char *input,
              const char *key, double value, const char *unit, enum account_tier tier);
void mill_put_text(struct mill_rows *rows, struct account_period period, const char *input,
                   const char *text);
/* Submits them as the manager at a time; every row must be taken. */
bool mill_submit(struct db *db, struct mill *mill, const struct mill_rows *rows, int64_t now_ms,
                 bool replace, struct error *err);
/* A month of the works: clinker, coal with its analysis, oxides, electricity; see the file for the
 * figures. */
void mill_put_month(struct mill_rows *rows, int32_t month);
/* Twelve such months, each sent fifteen days after its end, and the yearly values likewise. */
bool mill_submit_year(struct db *db, struct mill *mill, int year, struct error *err);
/* A calibrated electricity meter and a workshop, to be added; a parent of 0 is the works itself. */
struct registry_asset mill_meter(id64 org_id, const char *code, id64 parent_id);
struct registry_asset mill_workshop(id64 org_id, const char *code);
/* A calibrated meter of the works with equal quarter hours of `wh` on every day of first..last. */
bool mill_add_meter(struct db *db, struct mill *mill, const char *code, id64 parent_id,
                    int reading_day, date first, date last, int64_t wh, id64 *meter_id,
                    struct error *err);
bool mill_store_days(struct db *db, struct mill *mill, id64 meter_id, struct meter_day *days,
                     size_t count, struct error *err);
void mill_fill_day(struct mill *mill, struct meter_day *meter_day, date day, int64_t wh);
/* Runs the models of a month; what comes of it are drafts. */
bool mill_run_month(struct db *db, struct mill *mill, int year, int month, struct error *err);
/* Runs, checks, and posts every draft whose gate is open. */
bool mill_post_year(struct db *db, struct mill *mill, int year, struct error *err);
/* A letter of the works to the bank for a purpose, granted; in force on the day the test runs. And
 * one of any enterprise to any bank. */
bool mill_grant(struct db *db, struct mill *mill, int scopes, id64 *letter_id, struct error *err);
bool mill_grant_to(struct db *db, const struct viewer *bank, const struct viewer *enterprise,
                   int scopes, id64 *letter_id, struct error *err);
/* The last outcome of a rule for a period; NULL when there is none. */
const struct check_outcome *mill_outcome(const struct check_outcome *list, size_t count,
                                         const char *rule, struct account_period period);

#endif
