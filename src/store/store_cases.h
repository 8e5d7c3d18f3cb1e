/* The tests that hold on both databases; store_test.c runs them on SQLite, postgres_test.c on
 * PostgreSQL. */
#ifndef STORE_STORE_CASES_H
#define STORE_STORE_CASES_H

#include "store/migration.h"

/* Tables of store_test.schema.sql. */
extern const struct schema_history store_test_history;

/* Each CHECKs what it claims; `store` is open with store_test_history and has no rows of these
 * tests. */
void store_case_values(struct store *store);
void store_case_nulls(struct store *store);
void store_case_rollback(struct store *store);
void store_case_errors(struct store *store);
void store_case_queue(struct store *store);
void store_case_order(struct store *store);
/* A statement of ours that update, delete or drop what only grows is refused by the database. */
void store_case_append_only(struct store *store);
/* `other` is the same store, opened by another program. */
void store_case_changes(struct store *store, struct store *other);

/* Between two places and back into a third; none exists, or all are empty databases. */
void store_case_copy(const char *from, const char *to, const char *back);
/* The source changes while a copy is stopped. */
void store_case_copy_changed(const char *from, const char *to);

/* A store without entries of organisations 30 and 31. */
void store_case_time(const char *where, const struct schema_history *history);
/* Steps of test_migrations/: until which each history goes. */
extern const struct schema_history store_steps_1, store_steps_3;
/* Fills a store at step 1 in each place and migrates: undisturbed, killed before each statement and
 * after each commit, and by several programs at once; all end alike. `folder` takes files. */
void store_case_migrate(const char *const places[3], const char *folder);

#endif
