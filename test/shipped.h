/* For tests of what the source tree ships: its files, and its models as a library. Each call fails
 * the test when the tree does not hold what is asked for. */
#ifndef TEST_SHIPPED_H
#define TEST_SHIPPED_H

#include "base/arena.h"
#include "base/str.h"
#include "model/tanshu_model.h"

/* A path within the source tree; "." is the tree. */
char *shipped_path(struct arena *arena, const char *path);
str shipped_read(struct arena *arena, const char *path);
/* The shipped models, and those of another root unless it is NULL; all load without a word. To be
 * closed by the caller. */
struct model_library *shipped_models(const char *also);
/* Runs each .txt of a folder of the tree as a file of cases, given by its path within the tree, and
 * fails the test when any of their cases did. */
void shipped_run_cases(const char *folder, int (*failures_of)(const char *path));

#endif
