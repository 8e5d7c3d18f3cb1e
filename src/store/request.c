/* For whom a thread works, and how long it may: kept beside the thread, taken along by its works.
 */
#include <time.h>

#include "store/driver.h"

static _Thread_local struct store_request current;
static _Thread_local int64_t spent_ms;

int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void store_set_request(const struct store_request *request)
{
    current = request != NULL ? *request : (struct store_request){0};
    spent_ms = 0;
}

struct asker request_asker(void)
{
    struct asker asker = {.request = current.id, .allowed_ms = current.timeout_ms};
    if (current.timeout_ms > 0) asker.deadline_ms = clock_ms() + current.timeout_ms - spent_ms;
    return asker;
}

void request_spend(int64_t ms)
{
    spent_ms += ms;
}

bool db_timed_out(const struct db *db, const char *what, struct error *err)
{
    return error_set(err, ERROR_STORE_TIMEOUT, "si", what, (db->allowed_ms + 999) / 1000);
}

bool db_in_time(const struct db *db, const char *what, struct error *err)
{
    return db->deadline_ms == 0 || clock_ms() < db->deadline_ms || db_timed_out(db, what, err);
}

void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline_ms)
{
    if (deadline_ms == 0) return pthread_cond_wait(condition, mutex) == 0;
    struct timespec until = {deadline_ms / 1000, deadline_ms % 1000 * 1000000};
    return pthread_cond_timedwait(condition, mutex, &until) == 0 || clock_ms() < deadline_ms;
}
