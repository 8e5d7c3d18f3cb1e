/* Work beside the requests: a queue in the database that any number of processes share, and the
 * schedule that fills it. It knows no kind of work itself; the room above gives a table of kinds.
 *
 * A job is taken by a conditional update that raises its epoch and gives a lease; no row is locked
 * while it runs. What it changes and its end are one transaction, which fails when another has
 * taken the job since (JOB_LEASE_LOST): killed at any moment, a job has done everything or nothing,
 * and is taken up again when its lease ends. A job that fails waits, longer each time, and ends
 * dead, with its last error, after as many attempts as its kind has; a person may retry it. */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include "base/arena.h"
#include "base/date.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/id.h"
#include "base/str.h"
#include "store/store.h"

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_DEAD, JOB_STATES };
const char *job_state_name(enum job_state state); /* "waiting", … (stored) */
bool job_state_parse(str text, enum job_state *state) NODISCARD;

struct job {
    id64 org_id, job_id; /* org_id 0: for the house */
    const char *kind;
    const char *key; /* an organisation has one job of a kind and key */
    id64 parent_id;  /* the job that added it, or 0 */
    enum job_state state;
    int64_t attempts; /* begun so far; a retry by a person starts anew */
    int64_t epoch;
    int64_t due_ms; /* when it may be taken; of a running job the end of its lease */
    int64_t added_ms, started_ms, ended_ms; /* 0: not yet */
    bool failed;                            /* `error` says how the last attempt ended */
    struct error error;
};

/* ---- rules of the house: tables/jobs/ ------------------------------------------------------- */

struct job_limits { /* a row of kinds.csv */
    const char *kind;
    const char *title_en, *title_zh;
    int64_t lease_ms;
    int64_t attempts_max;
    int64_t wait_ms, wait_ms_max; /* after the first failure; each later wait is twice as long */
};
enum job_rhythm { JOB_OFF, JOB_HOURLY, JOB_DAILY, JOB_MONTHLY };
struct job_line { /* a row of schedule.csv */
    const char *name, *kind;
    const char *at; /* as it is written */
    const char *title_en, *title_zh;
    enum job_rhythm rhythm;
    int day, minute; /* of the month; of the day, or of the hour; China's clock */
};
struct job_problem {
    const char *file;
    struct error reason;
};
struct job_rules { /* never changed once open */
    struct job_limits *kinds;
    size_t kind_count;
    struct job_line *schedule;
    size_t schedule_count;
    struct job_problem *problems; /* files that were left out */
    size_t problem_count;
};
/* Reads tables/jobs/kinds.csv and schedule.csv below the roots. A row of a later root takes the
 * place of the one of the same kind or name. The first root's files must be good (JOB_TABLE); a
 * file of a later root that can't be used is left out and noted, so that it stops nobody. */
bool job_rules_open(struct arena *arena, const char *const *roots, size_t root_count,
                    struct job_rules *rules, struct error *err) NODISCARD;
const struct job_limits *job_limits_of(const struct job_rules *rules, const char *kind);
const struct job_line *job_line_of(const struct job_rules *rules, str name);
/* The last time at or before `now_ms` that a line names; of a line that is off 0. */
int64_t job_last_time(const struct job_line *line, int64_t now_ms);
/* How long to wait after that many failed attempts (from 1). */
int64_t job_wait_ms(const struct job_limits *limits, int64_t attempts);

/* ---- adding --------------------------------------------------------------------------------- */

struct job_new {
    id64 org_id;
    const char *kind, *key;
    id64 parent_id;
    int64_t due_ms; /* not before; 0: at once */
};
/* In a write. *added (may be NULL) is false when the organisation has such a job already. */
bool job_add(struct db *db, const struct job_new *new_job, int64_t now_ms, bool *added,
             struct error *err) NODISCARD;
/* 0..255: where a job of the organisation stands in the queue. */
int job_bucket(id64 org_id);

/* ---- working -------------------------------------------------------------------------------- */

struct job_run { /* what a kind's functions are given */
    const struct job *job;
    struct arena *arena; /* of this attempt */
    void *context;       /* the queue's */
    void *seen;          /* from `look` to `act` */
};
struct job_kind {
    const char *name;
    store_work *look; /* in a read, before; may be NULL */
    store_work *act;  /* in the write that also ends the job; both are given the struct job_run */
};

enum job_moment { JOB_TAKEN, JOB_ACTED, JOB_ENDED }; /* ACTED: inside the write, before its end */
struct job_queue {                                   /* shared by the workers of a process */
    struct store *store;
    const struct job_rules *rules;
    const struct job_kind *kinds;
    size_t kind_count;
    void *context;
    int64_t (*clock_ms)(void); /* NULL: the wall clock, even when the program's clock is fixed */
    void (*watch)(enum job_moment moment, void *context); /* for tests; may be NULL */
};

enum job_end { JOB_IDLE, JOB_WENT_WELL, JOB_FAILED, JOB_DIED, JOB_LOST };
struct job_outcome {
    enum job_end end; /* IDLE: nothing was due; LOST: another has taken the job since */
    struct job job;   /* unless IDLE; its error unless it went well */
};
/* Takes one job whose time has come and runs it. Jobs of kinds that the queue has no functions for
 * are left to newer programs. False only when the queue itself can't be read or written. */
bool job_work(const struct job_queue *queue, struct arena *arena, struct job_outcome *outcome,
              struct error *err) NODISCARD;

/* ---- the schedule --------------------------------------------------------------------------- */

struct job_clock { /* what one process has seen of the schedule; begin with zeroes */
    int64_t *seen_ms;
};
/* Adds a job of the house for each line whose time came since it was last looked at, once among all
 * processes: what was missed while none ran is done once. A line that was never seen before begins
 * with its next time. `now_ms` is the program's clock. */
bool job_tick(const struct job_queue *queue, struct arena *arena, struct job_clock *clock,
              int64_t now_ms, struct error *err) NODISCARD;
/* Adds a line's job now, whatever its time. */
bool job_add_line(struct db *db, const struct job_line *line, int64_t now_ms,
                  struct error *err) NODISCARD;

/* ---- once ----------------------------------------------------------------------------------- */

/* *first is true the first time that this is done for the organisation. In a write. */
bool job_once(struct db *db, id64 org_id, const char *name, int64_t now_ms, bool *first,
              struct error *err) NODISCARD;

/* What the last job of a kind started from, for who does only what changed since. In `look`,
 * *changed is whether rows of the organisation or the rules are others than then; `act` sets the
 * mark with the number that `look` read: the job's own change counts as one, what came between is
 * not hidden by it. */
bool job_changed(struct db *db, id64 org_id, const char *kind, digest rules, bool *changed,
                 int64_t *changes, struct error *err) NODISCARD;
bool job_set_mark(struct db *db, id64 org_id, const char *kind, int64_t changes, digest rules,
                  int64_t now_ms, struct error *err) NODISCARD;

/* ---- reading and care ----------------------------------------------------------------------- */

/* The newest first; kind NULL: all. */
bool job_list(struct db *db, struct arena *arena, enum job_state state, const char *kind,
              int64_t skip, int64_t rows_max, struct job **list, size_t *count,
              struct error *err) NODISCARD;
/* Error JOB_UNKNOWN. */
bool job_get(struct db *db, struct arena *arena, id64 job_id, struct job *job,
             struct error *err) NODISCARD;
struct job_count {
    const char *kind;
    enum job_state state;
    int64_t jobs;
    int64_t added_ms; /* the first */
};
bool job_count_all(struct db *db, struct arena *arena, struct job_count **list, size_t *count,
                   struct error *err) NODISCARD;
struct job_batch { /* a job of the house, and how far those that it added are */
    struct job job;
    int64_t jobs[JOB_STATES];
};
bool job_list_batches(struct db *db, struct arena *arena, int64_t rows_max, struct job_batch **list,
                      size_t *count, struct error *err) NODISCARD;
/* A dead job waits again, with all its attempts. Errors JOB_UNKNOWN, JOB_NOT_DEAD. */
bool job_retry(struct db *db, id64 job_id, struct error *err) NODISCARD;
/* Forgets jobs that were done before `before_ms`. */
bool job_sweep(struct db *db, int64_t before_ms, int64_t *removed, struct error *err) NODISCARD;

#endif
