/* The parent's half: starts the jailed child, feeds it the file, checks what it says, and ends it
 * when it takes too long. Nothing of the stranger's file is interpreted in this process. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "intake/frame.h"

#define JAIL_VARIABLE "TANSHU_IN_JAIL"
#define BUFFER_BYTES ((size_t)256 << 10)

struct jail {
    pid_t child;
    int to_child, from_child;
    int64_t deadline_ms;
    struct frame_reader reader;
    struct arena *arena;
    char *buffer; /* frames that are not complete yet */
    size_t used, capacity;
    bool sigpipe_was_blocked, sigpipe_was_pending;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Writing to a child that has died must not end this process. The signal is held back in this
 * thread only, so that a program's own choice about SIGPIPE stays. */
static void hold_sigpipe(struct jail *jail)
{
    sigset_t set, old, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigpending(&pending);
    jail->sigpipe_was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &set, &old);
    jail->sigpipe_was_blocked = sigismember(&old, SIGPIPE) == 1;
}

static void release_sigpipe(const struct jail *jail)
{
    sigset_t set;
    struct timespec none = {0};
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    if (!jail->sigpipe_was_pending)
        while (sigtimedwait(&set, NULL, &none) == SIGPIPE) continue;
    if (!jail->sigpipe_was_blocked) pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static int spawn_child(pid_t *child, int in, int out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    char *arguments[] = {(char *)"tanshu", (char *)INTAKE_JAIL_FLAG, NULL};
    char *environment[] = {(char *)"LC_ALL=C", (char *)"TZ=UTC0", (char *)JAIL_VARIABLE "=1",
                           (char *)"ASAN_OPTIONS=detect_leaks=0:abort_on_error=1", NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    int failure =
        posix_spawn(child, "/proc/self/exe", &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

static bool open_jail(struct jail *jail, struct error *err)
{
    /* A program that starts as a jail but does not know it would start jails without end. */
    if (getenv(JAIL_VARIABLE) != NULL)
        return error_set(err, ERROR_INTAKE_JAIL, "s",
                         "this program does not answer " INTAKE_JAIL_FLAG);
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0)
        return error_set(err, ERROR_INTAKE_JAIL, "s", error_reason(errno));
    if (pipe2(out, O_CLOEXEC) != 0) {
        error_set(err, ERROR_INTAKE_JAIL, "s", error_reason(errno));
        close(in[0]);
        close(in[1]);
        return false;
    }
    int failure = spawn_child(&jail->child, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    jail->to_child = in[1];
    jail->from_child = out[0];
    if (failure != 0) {
        close(in[1]);
        close(out[0]);
        return error_set(err, ERROR_INTAKE_JAIL, "s", error_reason(failure));
    }
    fcntl(jail->to_child, F_SETFL, O_NONBLOCK);
    fcntl(jail->from_child, F_SETFL, O_NONBLOCK);
    jail->deadline_ms = now_ms() + INTAKE_MAX_wall_ms;
    return true;
}

/* Ends the child if it lives and says how it ended. */
static const char *close_jail(struct jail *jail, bool kill_first)
{
    int status = 0;
    if (jail->to_child >= 0) close(jail->to_child);
    close(jail->from_child);
    if (kill_first) kill(jail->child, SIGKILL);
    while (waitpid(jail->child, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status)) return WEXITSTATUS(status) == 0 ? NULL : "it gave up";
    switch (WTERMSIG(status)) {
    case SIGSYS: return "it asked for what the jail forbids";
    case SIGXCPU:
    case SIGKILL: return "it took too long";
    case SIGABRT: return "it needed too much memory";
    default: return "it crashed";
    }
}

static bool take_frames(struct jail *jail, struct error *err)
{
    size_t at = 0;
    while (jail->used - at >= 5) {
        const unsigned char *p = (const unsigned char *)jail->buffer + at;
        size_t length = (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
        if (length < 1 || length > FRAME_BYTES_MAX)
            return error_set(err, ERROR_INTAKE_JAIL_PROTOCOL, "s", "length");
        if (jail->used - at < 4 + length) {
            while (jail->capacity < 4 + length + BUFFER_BYTES) {
                char *bigger = arena_alloc(jail->arena, jail->capacity * 2);
                memcpy(bigger, jail->buffer, jail->used);
                jail->buffer = bigger;
                jail->capacity *= 2;
            }
            break;
        }
        str payload = {jail->buffer + at + 5, length - 1};
        if (!frame_take(&jail->reader, (unsigned char)jail->buffer[at + 4], payload, err))
            return false;
        at += 4 + length;
    }
    memmove(jail->buffer, jail->buffer + at, jail->used - at);
    jail->used -= at;
    return true;
}

/* Sends what the pipe takes of the 8 bytes of length and the file. */
static void send_some(struct jail *jail, str bytes, size_t *sent)
{
    unsigned char head[8];
    for (int i = 0; i < 8; i++) head[i] = (unsigned char)((uint64_t)bytes.len >> (8 * i));
    while (*sent < bytes.len + 8) {
        bool in_head = *sent < 8;
        const char *from = in_head ? (const char *)head + *sent : bytes.ptr + (*sent - 8);
        ssize_t wrote = write(jail->to_child, from, in_head ? 8 - *sent : bytes.len + 8 - *sent);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0 && errno == EAGAIN) return;
        if (wrote < 0) break; /* it stopped reading: its frames say why */
        *sent += (size_t)wrote;
    }
    close(jail->to_child);
    jail->to_child = -1;
}

static bool converse(struct jail *jail, str bytes, bool *late, struct error *err)
{
    size_t sent = 0;
    for (;;) {
        struct pollfd polls[2] = {{.fd = jail->from_child, .events = POLLIN},
                                  {.fd = jail->to_child, .events = POLLOUT}};
        int64_t left = jail->deadline_ms - now_ms();
        *late = left <= 0;
        if (*late) return false;
        if (poll(polls, 2, (int)left) < 0 && errno != EINTR)
            return error_set(err, ERROR_INTAKE_JAIL, "s", error_reason(errno));
        if (jail->to_child >= 0 && polls[1].revents != 0) send_some(jail, bytes, &sent);
        if (polls[0].revents == 0) continue;
        ssize_t got =
            read(jail->from_child, jail->buffer + jail->used, jail->capacity - jail->used);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got < 0) return error_set(err, ERROR_INTAKE_JAIL, "s", error_reason(errno));
        if (got == 0) return true;
        jail->used += (size_t)got;
        if (!take_frames(jail, err)) return false;
    }
}

/* So many jails at a time; others wait as long as a jail may last. */
static sem_t places;
static pthread_once_t places_once = PTHREAD_ONCE_INIT;

static void make_places(void)
{
    CHECK(sem_init(&places, 0, (unsigned)INTAKE_MAX_jails) == 0);
}

static bool take_place(struct error *err)
{
    struct timespec until;
    pthread_once(&places_once, make_places);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += INTAKE_MAX_wall_ms / 1000;
    int result;
    do result = sem_clockwait(&places, CLOCK_MONOTONIC, &until);
    while (result != 0 && errno == EINTR);
    return result == 0 || error_set(err, ERROR_INTAKE_JAIL, "s", "too many files at once");
}

static bool stream_in_jail(str bytes, const struct intake_sink *sink, struct error *err);

bool intake_stream(str bytes, const struct intake_sink *sink, struct error *err)
{
    if (!take_place(err)) return false;
    bool good = stream_in_jail(bytes, sink, err);
    sem_post(&places);
    return good;
}

static bool stream_in_jail(str bytes, const struct intake_sink *sink, struct error *err)
{
    if ((int64_t)bytes.len > INTAKE_MAX_file_bytes)
        return error_set(err, ERROR_FILE_LARGE, "si", "The file", INTAKE_MAX_file_bytes);
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(FRAME_BYTES_MAX * 8);
    struct jail jail = {.arena = arena, .capacity = BUFFER_BYTES * 2};
    struct error failure = {0};
    bool late = false;
    if (!open_jail(&jail, err)) return false;
    jail.buffer = arena_alloc(arena, jail.capacity);
    jail.reader.sink = sink;
    jail.reader.cells = ARENA_NEW_ARRAY(arena, struct intake_cell, INTAKE_MAX_columns);
    hold_sigpipe(&jail);
    bool good = converse(&jail, bytes, &late, &failure);
    release_sigpipe(&jail);
    const char *death = close_jail(&jail, !good);
    if (failure.code != ERROR_NONE) {
        *err = failure;
        return false;
    }
    if (good && jail.reader.ended && jail.used == 0 && death == NULL) return true;
    if (!jail.reader.greeted && !late)
        return error_set(err, ERROR_INTAKE_JAIL, "s", death != NULL ? death : "no answer");
    if (death == NULL) death = "it broke off";
    return error_set(err, ERROR_INTAKE_JAIL_DIED, "s", death);
}

static bool ignore_begin(void *arg, const struct intake_book *book, struct error *err)
{
    (void)arg, (void)book, (void)err;
    return true;
}

static bool ignore_sheet(void *arg, str name, bool hidden, struct error *err)
{
    (void)arg, (void)name, (void)hidden, (void)err;
    return true;
}

static bool ignore_row(void *arg, const struct intake_row *row, struct error *err)
{
    (void)arg, (void)row, (void)err;
    return true;
}

bool intake_jail_check(struct error *err)
{
    struct intake_sink sink = {NULL, ignore_begin, ignore_sheet, ignore_row, NULL};
    return intake_stream(STR("a\n"), &sink, err);
}
