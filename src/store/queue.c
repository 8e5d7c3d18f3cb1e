/* One thread writes. Works wait in a queue; those that are there together share one transaction,
 * each inside a savepoint of its own, and are answered after its commit. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "store/driver.h"

/* A batch ends after this many works or this time, so that the first of them does not wait long. */
#define BATCH_WORKS_MAX 512
#define BATCH_MS_MAX 50

enum task_kind { TASK_WRITE, TASK_READ, TASK_ALONE };

struct task {
    enum task_kind kind;
    store_work *work;
    void *arg;
    struct asker asker;
    struct error err;
    bool good;
    bool done;
    pthread_cond_t answered;
    struct task *next;
};

struct queue {
    struct db *writer;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct task *first, *last;
    bool closing;
};

static struct task *pop(struct queue *queue, bool alone)
{
    pthread_mutex_lock(&queue->mutex);
    struct task *task = queue->first;
    if (task != NULL && (task->kind == TASK_ALONE) != alone) task = NULL;
    if (task != NULL) {
        queue->first = task->next;
        if (queue->first == NULL) queue->last = NULL;
        task->next = NULL;
    }
    pthread_mutex_unlock(&queue->mutex);
    return task;
}

static void answer(struct queue *queue, struct task *tasks)
{
    pthread_mutex_lock(&queue->mutex);
    while (tasks != NULL) {
        struct task *next = tasks->next; /* the task is gone once its owner wakes */
        tasks->done = true;
        pthread_cond_signal(&tasks->answered);
        tasks = next;
    }
    pthread_mutex_unlock(&queue->mutex);
}

/* Tasks whose transaction was taken back by another of their batch come first again, in order. */
static void push_front(struct queue *queue, struct task *first)
{
    if (first == NULL) return;
    pthread_mutex_lock(&queue->mutex);
    struct task *last = first;
    last->err.code = ERROR_NONE;
    while (last->next != NULL) {
        last = last->next;
        last->err.code = ERROR_NONE;
    }
    last->next = queue->first;
    if (queue->first == NULL) queue->last = last;
    queue->first = first;
    pthread_mutex_unlock(&queue->mutex);
}

/* False when the whole transaction is lost; *lost says why. */
static bool run_task(struct db *db, struct task *task, struct error *lost)
{
    task->good = false;
    if (!db->driver->savepoint(db, lost)) return false;
    db->request = task->asker.request;
    db->deadline_ms = task->asker.deadline_ms;
    db->allowed_ms = task->asker.allowed_ms;
    task->good = db_run_work(db, task->kind == TASK_READ, task->work, task->arg, &task->err);
    db->request = NULL;
    db->deadline_ms = 0;
    if (!db->driver->in_transaction(db)) {
        *lost = task->err;
        return false;
    }
    return db->driver->release(db, task->good && task->kind == TASK_WRITE, lost);
}

static void run_batch(struct queue *queue)
{
    struct db *db = queue->writer;
    struct task *done = NULL, **tail = &done, **last = &done, *task;
    struct error lost = {.code = ERROR_NONE};
    int64_t until = clock_ms() + BATCH_MS_MAX;
    size_t count = 0;
    bool good = db->driver->begin(db, DB_WRITER, &lost);
    while (count < BATCH_WORKS_MAX && (count == 0 || clock_ms() < until) &&
           (task = pop(queue, false)) != NULL) {
        last = tail;
        *tail = task;
        tail = &task->next;
        count++;
        if (good && !(good = run_task(db, task, &lost))) break;
    }
    if (good) good = db->driver->commit(db, &lost);
    if (!good) {
        db->driver->rollback(db);
        if (lost.code == ERROR_STORE_TIMEOUT) { /* only the last one was late */
            struct task *late = *last;
            *last = NULL;
            push_front(queue, done);
            done = late;
        }
        for (task = done; task != NULL; task = task->next) {
            if (task->good || task->err.code == ERROR_NONE) task->err = lost;
            task->good = false;
        }
    }
    answer(queue, done);
}

static void *write_all(void *arg)
{
    struct queue *queue = arg;
    for (;;) {
        pthread_mutex_lock(&queue->mutex);
        while (queue->first == NULL && !queue->closing)
            pthread_cond_wait(&queue->filled, &queue->mutex);
        bool empty = queue->first == NULL;
        bool alone = !empty && queue->first->kind == TASK_ALONE;
        pthread_mutex_unlock(&queue->mutex);
        if (empty) return NULL;
        if (!alone) {
            run_batch(queue);
            continue;
        }
        struct task *task = pop(queue, true);
        task->good = db_run_work(queue->writer, false, task->work, task->arg, &task->err);
        answer(queue, task);
    }
}

struct queue *queue_open(struct db *writer)
{
    struct queue *queue = calloc(1, sizeof *queue);
    CHECK(queue != NULL);
    queue->writer = writer;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->filled, NULL);
    sigset_t every, before; /* signals are for the main thread */
    sigfillset(&every);
    pthread_sigmask(SIG_BLOCK, &every, &before);
    CHECK(pthread_create(&queue->thread, NULL, write_all, queue) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return queue;
}

struct db *queue_close(struct queue *queue)
{
    struct db *writer = queue->writer;
    pthread_mutex_lock(&queue->mutex);
    queue->closing = true;
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
    pthread_join(queue->thread, NULL);
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
    return writer;
}

/* Takes a task that waits out of the queue, too late as it is; false when it runs already. */
static bool leave(struct queue *queue, struct task *task)
{
    struct task *before = NULL;
    for (struct task *t = queue->first; t != NULL; before = t, t = t->next) {
        if (t != task) continue;
        if (before == NULL)
            queue->first = t->next;
        else
            before->next = t->next;
        if (queue->last == t) queue->last = before;
        db_timed_out(&(struct db){.allowed_ms = task->asker.allowed_ms}, "write", &task->err);
        return true;
    }
    return false;
}

static bool run(struct queue *queue, enum task_kind kind, store_work *work, void *arg,
                struct error *err)
{
    struct task task = {.kind = kind,
                        .work = work,
                        .arg = arg,
                        .asker = request_asker(),
                        .err = {.code = ERROR_NONE}};
    condition_init(&task.answered);
    pthread_mutex_lock(&queue->mutex);
    if (queue->last == NULL)
        queue->first = &task;
    else
        queue->last->next = &task;
    queue->last = &task;
    pthread_cond_signal(&queue->filled);
    int64_t deadline_ms = task.asker.deadline_ms;
    while (!task.done)
        if (!condition_wait(&task.answered, &queue->mutex, deadline_ms)) {
            if (leave(queue, &task)) break;
            deadline_ms = 0; /* it runs: the writer stops it */
        }
    pthread_mutex_unlock(&queue->mutex);
    pthread_cond_destroy(&task.answered);
    if (!task.good && err != NULL) *err = task.err;
    return task.good;
}

bool queue_run(struct queue *queue, bool read, store_work *work, void *arg, struct error *err)
{
    return run(queue, read ? TASK_READ : TASK_WRITE, work, arg, err);
}

bool queue_run_alone(struct queue *queue, store_work *work, void *arg, struct error *err)
{
    return run(queue, TASK_ALONE, work, arg, err);
}
